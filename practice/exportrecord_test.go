package practice_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/fhirconv"
	"github.com/glabella-ehr/glabella/fhirconv/r4"
	"github.com/glabella-ehr/glabella/practice"
)

func TestAnExportedRecordIsReadBackWhole(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v, err := c.Visit(ctx, 41)
	if err != nil {
		t.Fatal(err)
	}
	export := must[practice.Export](t)(c.ExportRecord(ctx, c.Director, v.Patient))
	if last := c.last(); last.Action != string(access.PatientExport) || last.Subject != v.Patient.Ref() {
		t.Errorf("the export is journaled as %+v", last)
	}
	text, err := fhirconv.Encode(export.Bundle)
	if err != nil {
		t.Fatal(err)
	}
	var received r4.Bundle
	if err := json.Unmarshal(text, &received); err != nil {
		t.Fatal(err)
	}
	got := must[fhirconv.Read](t)(fhirconv.FromFHIR(received))
	chart := must[practice.Chart](t)(c.Chart(ctx, c.Director, v.Patient))
	for _, part := range []struct {
		name      string
		got, want any
	}{
		{"the patient", got.Record.Patient, chart.Patient}, {"the visits", got.Record.Encounters, chart.Encounters}, {"the notes", got.Record.Notes, chart.Notes},
		{"the consents", got.Record.Consents, chart.Consents}, {"the clearances", got.Record.Clearances, chart.Clearances}, {"the invoices", got.Record.Invoices, chart.Invoices},
		{"the credits", got.Record.Credits, chart.Credits}, {"the appointments", got.Record.Appointments, chart.Appointments},
	} {
		want, err := json.Marshal(part.want)
		if err != nil {
			t.Fatal(err)
		}
		is, err := json.Marshal(part.got)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(is), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-stored +read):\n%s", part.name, diff)
		}
	}
	if len(got.Changed) > 0 || len(got.Record.Encounters) != 1 || len(got.Record.Credits) == 0 || len(got.Record.Lots) == 0 {
		t.Errorf("read: %d visits, %d credits, %d lots, changes %v", len(got.Record.Encounters), len(got.Record.Credits), len(got.Record.Lots), got.Changed)
	}
	for _, s := range got.Record.Staff {
		if slices.Contains([]glabella.StaffID{staffID(c.Owner), staffID(c.Store)}, s.ID) || len(s.Roles) > 0 || len(s.Trainings) > 0 {
			t.Errorf("the export says more of staff than who treated the patient: %+v", s)
		}
	}
	if _, err := c.ExportRecord(ctx, c.Desk, v.Patient); !denied(err) {
		t.Errorf("the front desk exports: %v", err)
	}
}
