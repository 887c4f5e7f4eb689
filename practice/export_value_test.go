package practice_test

import (
	"slices"
	"testing"

	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/fhirconv"
	"github.com/glabella-ehr/glabella/fhirconv/r4"
	"github.com/glabella-ehr/glabella/practice"
)

func TestAnExportNamesWhatItDoesNotWrite(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.sellsCredit()
	ctx := t.Context()
	id := c.register()
	c.sell(id, practice.SellCredit{Service: "gift", Amount: usd("30.00")})
	must[practice.DisclosureRecorded](t)(c.RecordDisclosure(ctx, c.Nurse, practice.RecordDisclosure{Patient: id, Recipient: audit.Recipient{Name: "A clinic"}, Description: "chart", Basis: audit.DisclosedForTreatment, Purpose: "referral"}))
	must[practice.PatientChanged](t)(c.RestrictPatient(ctx, c.Director, practice.RestrictPatient{Patient: id, Restricted: true, Reason: "vip"}))
	if _, err := c.ExportPatient(ctx, c.Director, id); !refusedFor(err, access.CodeRule) {
		t.Errorf("the export of a restricted record by who takes no part in the care: %v", err)
	}
	must[practice.Booked](t)(c.BookAppointment(ctx, c.Desk, practice.BookAppointment{Patient: id, Provider: staffID(c.Director), Room: "1", Service: "neurotoxin", Start: c.clock.Now().Add(3600e9), End: c.clock.Now().Add(7200e9)}))
	export := must[practice.Export](t)(c.ExportPatient(ctx, c.Director, id))
	for _, path := range []string{"/credits/0", "/giftCards/0", "/disclosures/0"} {
		if !slices.ContainsFunc(export.Losses, func(l fhirconv.Loss) bool { return l.Path == path && l.Kind == fhirconv.LossNoElement }) {
			t.Errorf("losses = %v, want one at %s", export.Losses, path)
		}
	}
	p, ok := export.Bundle.Entry[0].Resource.(*r4.Patient)
	if !ok || p.Meta == nil || len(p.Meta.Security) != 1 || p.Meta.Security[0].Code != "R" {
		t.Errorf("the exported patient of a restricted record has no label R: %+v", export.Bundle.Entry[0].Resource)
	}
}
