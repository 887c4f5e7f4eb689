package patient_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
)

func readIntake(t *testing.T) patient.Intake {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "intake.json"))
	if err != nil {
		t.Fatal(err)
	}
	in, err := patient.ParseIntake("intake.json", data)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func intakeIDs() patient.IntakeIDs {
	return patient.IntakeIDs{Patient: id[glabella.PatientID]("zoe"), Allergies: []glabella.AllergyID{id[glabella.AllergyID]("1"), id[glabella.AllergyID]("2")},
		Medications: []glabella.MedicationID{id[glabella.MedicationID]("1")}}
}

func TestIntakeBecomesRecords(t *testing.T) {
	t.Parallel()
	in := readIntake(t)
	in.Names[0].Provenance = glabella.Provenance{Source: glabella.SourceEntered, RecordedAt: noon.AddDate(-1, 0, 0)}
	got, err := in.Build(intakeIDs(), source)
	if err != nil {
		t.Fatal(err)
	}
	ids := intakeIDs()
	want := patient.Built{
		Patient: patient.Patient{
			ID: ids.Patient,
			Names: []patient.Name{
				{Use: patient.NameOfficial, Family: "Example", Given: []string{"Zoë"}, Provenance: source},
				{Use: patient.NameUsual, Given: []string{"Zo"}, Provenance: source},
			},
			Pronouns: "she/her", BirthDate: day("1992-02-29"), SexAtBirth: patient.Female, Gender: patient.Female,
			Contacts:    []patient.Contact{{System: patient.Phone, Value: "+15125550100", Use: "mobile", Preferred: true, Provenance: source}},
			Addresses:   []patient.Address{{Lines: []string{"1 Example Street"}, City: "Austin", State: "TX", PostalCode: "00000", Country: "US", Provenance: source}},
			Languages:   []string{"es"},
			Identifiers: []patient.Identifier{{System: "https://example.com/mrn", Value: "42"}},
			Conditions:  []patient.Condition{{Concept: glabella.Coding{Display: "myasthenia gravis"}, Classes: []string{"neuromuscular-disorder"}, From: day("2019-01-01"), Provenance: source}},
			Provenance:  source,
		},
		Allergies: []patient.Allergy{
			{ID: ids.Allergies[0], Patient: ids.Patient, Substance: glabella.Coding{System: "http://www.nlm.nih.gov/research/umls/rxnorm", Code: "6387", Display: "lidocaine"},
				Kind: "allergy", Criticality: "high", Verification: patient.Unconfirmed, Reactions: []patient.Reaction{{Manifestation: "hives", Severity: "moderate"}}, Provenance: source},
			{ID: ids.Allergies[1], Patient: ids.Patient, Substance: glabella.Coding{Display: "latex"}, Classes: []string{"latex"},
				Kind: "intolerance", Criticality: "unable-to-assess", Verification: patient.Unconfirmed, Provenance: source},
		},
		Medications: []patient.Medication{
			{ID: ids.Medications[0], Patient: ids.Patient, Substance: glabella.Coding{Display: "aspirin"}, Classes: []string{"antiplatelet"},
				Status: patient.MedicationActive, From: day("2025-01-01"), Dose: "81 mg a day", Provenance: source},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Build (-want +got):\n%s", diff)
	}
	for _, a := range got.Allergies {
		if !a.Active() {
			t.Error("what a patient reports does not count in screening")
		}
	}
}

func TestBuiltRecordsShareNothingWithTheIntake(t *testing.T) {
	t.Parallel()
	in := readIntake(t)
	got, err := in.Build(intakeIDs(), source)
	if err != nil {
		t.Fatal(err)
	}
	again, err := readIntake(t).Build(intakeIDs(), source)
	if err != nil {
		t.Fatal(err)
	}
	in.Names[0].Given[0], in.Contacts[0].Value, in.Addresses[0].Lines[0], in.Languages[0], in.Identifiers[0].Value = "x", "x", "x", "x", "x"
	in.Allergies[0].Reactions[0].Severity, in.Allergies[1].Classes[0], in.Medications[0].Classes[0], in.Conditions[0].Classes[0] = "x", "x", "x", "x"
	if diff := cmp.Diff(again, got); diff != "" {
		t.Errorf("a change of the intake shows in the records:\n%s", diff)
	}
}

func TestIntakeProblemsAreGivenByTheirPlaceInTheIntake(t *testing.T) {
	t.Parallel()
	in := readIntake(t)
	in.BirthDate, in.Names[1].Use, in.Contacts[0].Value = day("2026-12-01"), "", "0100"
	in.Allergies[1] = patient.IntakeAllergy{Kind: "allergy", Criticality: "high"}
	in.Medications[0].Classes = []string{"a", "a"}
	in.Conditions = append(in.Conditions, patient.IntakeCondition{}, patient.IntakeCondition{Classes: []string{"keloid-history"}, From: day("2020-01-02"), To: day("2020-01-01")})
	got, err := in.Build(intakeIDs(), source)
	want := map[string]glabella.Code{
		"/birthDate": patient.CodeUnborn, "/names/1/use": glabella.CodeUnknownValue, "/contacts/0/value": patient.CodePhone,
		"/allergies/1/substance": glabella.CodeRequired, "/medications/0/classes/1": glabella.CodeDuplicate,
		"/conditions/1/concept": glabella.CodeRequired, "/conditions/2/to": patient.CodePeriod,
	}
	if diff := cmp.Diff(want, codesOf(t, err)); diff != "" {
		t.Errorf("issues (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(patient.Built{}, got); diff != "" {
		t.Errorf("Build returns records with an error:\n%s", diff)
	}
}

func TestBuildNeedsAnIdentityForEachRecord(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*patient.IntakeIDs){
		"an allergy without one":    func(ids *patient.IntakeIDs) { ids.Allergies = ids.Allergies[1:] },
		"a medication without one":  func(ids *patient.IntakeIDs) { ids.Medications = nil },
		"the patient without one":   func(ids *patient.IntakeIDs) { ids.Patient = glabella.PatientID{} },
		"more of them than records": func(ids *patient.IntakeIDs) { ids.Allergies = append(ids.Allergies, ids.Allergies...) },
	} {
		ids := intakeIDs()
		change(&ids)
		if _, err := readIntake(t).Build(ids, source); !errors.Is(err, glabella.ErrInvalid) {
			t.Errorf("%s: Build = %v, want invalid", name, err)
		}
	}
}

func TestParseIntakeSaysWhereItIsWrong(t *testing.T) {
	t.Parallel()
	_, err := patient.ParseIntake("intake.json", []byte("{\n  \"names\": [{\"use\": \"usual\", \"nick\": \"SECRET\"}],\n  \"birthDate\": \"29.02.1992\"\n}"))
	var invalid *glabella.ValidationError
	if !errors.As(err, &invalid) {
		t.Fatalf("ParseIntake = %v, want a validation error", err)
	}
	type place struct {
		Path string
		Code glabella.Code
		Line int
	}
	var got []place
	for _, i := range invalid.Issues {
		got = append(got, place{i.Path, i.Code, i.Line})
	}
	if diff := cmp.Diff([]place{{"/names/0/nick", glabella.CodeUnknownField, 2}, {"/birthDate", glabella.CodeFormat, 3}}, got); diff != "" {
		t.Errorf("issues (-want +got):\n%s", diff)
	}
	if strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "1992") {
		t.Errorf("the error tells what was written: %v", err)
	}
}

func FuzzParseIntake(f *testing.F) {
	if data, err := os.ReadFile(filepath.Join("testdata", "intake.json")); err == nil {
		f.Add(data)
	}
	f.Add([]byte(`{"names":[{"use":"usual","given":["Zo"]}],"contacts":[{"system":"email","value":"zo@example.com"}]}`))
	f.Add([]byte(`{"allergies":[{}],"medications":[{}],"conditions":[{}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		in, err := patient.ParseIntake("f", data)
		if err != nil {
			return
		}
		ids := patient.IntakeIDs{Patient: id[glabella.PatientID]("zoe"), Allergies: make([]glabella.AllergyID, len(in.Allergies)), Medications: make([]glabella.MedicationID, len(in.Medications))}
		for i := range ids.Allergies {
			ids.Allergies[i] = id[glabella.AllergyID](string(rune(i)))
		}
		for i := range ids.Medications {
			ids.Medications[i] = id[glabella.MedicationID](string(rune(i)))
		}
		built, err := in.Build(ids, source)
		if err != nil {
			if !errors.Is(err, glabella.ErrInvalid) {
				t.Errorf("Build = %v, want invalid", err)
			}
			return
		}
		if err := built.Patient.Validate(); err != nil {
			t.Errorf("Build returns a patient that is not valid: %v", err)
		}
		if built.Patient.DisplayName() == "" {
			t.Error("Build returns a patient without a name")
		}
	})
}
