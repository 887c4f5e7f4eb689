package fhirconv_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/fhirconv"
	"github.com/glabella-ehr/glabella/patient"
)

// TestNewerPartsOfThePatientAreWrittenOrLost changes one value at a time and
// wants to see it in the bundle or among the losses.
func TestNewerPartsOfThePatientAreWrittenOrLost(t *testing.T) {
	t.Parallel()
	day := glabella.MustParseDate("2024-01-01")
	for _, tt := range []struct {
		name   string
		change func(*patient.Patient)
		text   string // what the bundle then holds
		loss   string // the path of the loss
	}{
		{name: "legal sex", text: `"valueCode":"other"`, change: func(p *patient.Patient) { p.LegalSex = patient.Other }},
		{name: "gender identity", text: "446141000124107", change: func(p *patient.Patient) {
			p.GenderIdentity = []patient.GenderIdentity{{Concept: glabella.Coding{Code: "446141000124107"}}}
		}},
		{name: "the source of a gender identity", text: "Other Clinic", change: func(p *patient.Patient) {
			p.GenderIdentity = []patient.GenderIdentity{{Concept: glabella.Coding{Code: "x"}, Provenance: glabella.Provenance{Source: glabella.SourceImported, System: "Other Clinic"}}}
		}},
		{name: "extension of a phone", text: `"valueString":"4242"`, change: func(p *patient.Patient) { p.Contacts[0].Extension = "4242" }},
		{name: "period of a contact", loss: "/patient/contacts/0/to", change: func(p *patient.Patient) { p.Contacts[0].To = day }},
		{name: "use of an address", text: `"use":"billing"`, change: func(p *patient.Patient) { p.Addresses[0].Use = "billing" }},
		{name: "period of an address", loss: "/patient/addresses/0/from", change: func(p *patient.Patient) { p.Addresses[0].From = day }},
		{name: "use of an identifier", text: `"use":"secondary"`, change: func(p *patient.Patient) { p.Identifiers[0].Use = "secondary" }},
		{name: "period of an identifier", loss: "/patient/identifiers/0/from", change: func(p *patient.Patient) { p.Identifiers[0].From = day }},
		{name: "a record that is not in use", text: `"active":false`, loss: "/patient/standing", change: func(p *patient.Patient) { p.Standing.State = patient.StandingDeceased }},
		{name: "alerts", loss: "/patient/alerts/0", change: func(p *patient.Patient) { p.Alerts = []patient.Alert{{Code: "x"}} }},
		{name: "related persons", loss: "/patient/related/0", change: func(p *patient.Patient) { p.Related = []patient.Related{{Authority: "x"}} }},
		{name: "communication", loss: "/patient/communication", change: func(p *patient.Patient) { p.Communication.Quiet = []patient.QuietHours{{From: "21:00"}} }},
		{name: "legal holds", loss: "/patient/holds", change: func(p *patient.Patient) { p.Holds = []patient.Hold{{Reason: "x"}} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			before, known := export(t, sample())
			r := sample()
			tt.change(&r.Patient)
			after, losses := export(t, r)
			if tt.text != "" && bytes.Count(oneLine(t, after), []byte(tt.text)) <= bytes.Count(oneLine(t, before), []byte(tt.text)) {
				t.Errorf("the bundle does not hold %s", tt.text)
			}
			lost := func(list []fhirconv.Loss) bool {
				return slices.ContainsFunc(list, func(l fhirconv.Loss) bool { return l.Path == tt.loss })
			}
			if tt.loss != "" && (!lost(losses) || lost(known)) {
				t.Errorf("%s is not a loss", tt.loss)
			}
		})
	}
}

func oneLine(t *testing.T, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
