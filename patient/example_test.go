package patient_test

import (
	"fmt"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
)

func ExampleIntake_Build() {
	in, err := patient.ParseIntake("intake.json", []byte(`{
		"names": [{"use": "official", "family": "Example", "given": ["Zoë"]}],
		"birthDate": "1992-02-29",
		"allergies": [{"substance": {"display": "lidocaine"}, "classes": ["amide-local-anaesthetic"], "kind": "allergy", "criticality": "high"}]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	built, err := in.Build(
		patient.IntakeIDs{Patient: glabella.DeriveID[glabella.PatientID]("1"), Allergies: []glabella.AllergyID{glabella.DeriveID[glabella.AllergyID]("1")}},
		glabella.Provenance{Source: glabella.SourcePatient, RecordedAt: time.Date(2026, time.November, 23, 16, 0, 0, 0, time.UTC)},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(built.Patient.DisplayName())
	fmt.Println(built.Allergies[0].Classes, built.Allergies[0].Verification, built.Allergies[0].Active())
	// Output:
	// Zoë Example
	// [amide-local-anaesthetic] unconfirmed true
}

func ExampleIntake_Build_problems() {
	in := patient.Intake{
		Names:    []patient.Name{{Use: patient.NameUsual, Given: []string{"Zo"}}},
		Contacts: []patient.Contact{{System: patient.Phone, Value: "555-0100"}},
	}
	_, err := in.Build(patient.IntakeIDs{Patient: glabella.DeriveID[glabella.PatientID]("1")},
		glabella.Provenance{Source: glabella.SourceEntered, RecordedAt: time.Date(2026, time.November, 23, 16, 0, 0, 0, time.UTC)})
	fmt.Println(err)
	// Output: invalid intake: /contacts/0/value: patient.phone: not an international phone number (E.164)
}

func ExampleMedication_ActiveOn() {
	m := patient.Medication{Status: patient.MedicationStopped, From: glabella.MustParseDate("2026-11-01"), To: glabella.MustParseDate("2026-11-10")}
	fmt.Println(m.ActiveOn(glabella.MustParseDate("2026-11-10")), m.ActiveOn(glabella.MustParseDate("2026-11-11")))
	// Output: true false
}
