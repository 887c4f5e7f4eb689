package fhirconv_test

import (
	"testing"

	"github.com/glabella-ehr/glabella/fhirconv"
	"github.com/glabella-ehr/glabella/patient"
)

// BenchmarkPatient is the way from a patient's record to the bytes of FHIR: first of
// a patient as a front desk enters one, then of one who has something in each field.
func BenchmarkPatient(b *testing.B) {
	full := fhirconv.Record{Patient: sample().Patient}
	usual := full
	usual.Patient = patient.Patient{
		ID: full.Patient.ID, Meta: full.Patient.Meta, BirthDate: full.Patient.BirthDate, SexAtBirth: patient.Female, Gender: patient.Female,
		Names:     []patient.Name{{Use: patient.NameOfficial, Family: "Testcase", Given: []string{"Annabel"}}},
		Contacts:  []patient.Contact{{System: patient.SMS, Value: "+15125550100", Use: "mobile"}, {System: patient.Email, Value: "annabel@example.org", Use: "home"}},
		Addresses: []patient.Address{{Lines: []string{"1 Sample Way"}, City: "Exampleton", State: "TX", PostalCode: "00000", Country: "US"}},
		Languages: []string{"en-US"},
	}
	for _, c := range []struct {
		name   string
		record fhirconv.Record
	}{{"usual", usual}, {"full", full}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			var buf []byte
			for b.Loop() {
				bundle, _, err := fhirconv.PatientBundle(c.record, noon)
				if err == nil {
					buf, err = bundle.AppendJSON(buf[:0])
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(len(buf)))
		})
	}
}
