package patient_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
)

func allergy() patient.Allergy {
	return patient.Allergy{
		ID: id[glabella.AllergyID]("lidocaine"), Patient: id[glabella.PatientID]("zoe"),
		Substance: glabella.Coding{System: "http://www.nlm.nih.gov/research/umls/rxnorm", Code: "6387", Display: "lidocaine"},
		Classes:   []string{"amide-local-anaesthetic"}, Kind: "allergy", Criticality: "high", Verification: patient.Unconfirmed,
		Reactions: []patient.Reaction{{Manifestation: "hives", Severity: "moderate", Onset: day("2021-06-01")}}, Provenance: source,
	}
}

func medication(status patient.MedicationStatus, from, to string) patient.Medication {
	m := patient.Medication{ID: id[glabella.MedicationID]("gentamicin"), Patient: id[glabella.PatientID]("zoe"),
		Substance: glabella.Coding{Display: "gentamicin"}, Classes: []string{"aminoglycoside"}, Status: status, Dose: "as prescribed", Provenance: source}
	if from != "" {
		m.From = day(from)
	}
	if to != "" {
		m.To = day(to)
	}
	return m
}

func TestAllergyActive(t *testing.T) {
	t.Parallel()
	want := map[patient.Verification]bool{patient.Unconfirmed: true, patient.Confirmed: true, patient.Refuted: false, patient.EnteredInError: false}
	for _, v := range patient.Verifications() {
		if got := (patient.Allergy{Verification: v}).Active(); got != want[v] {
			t.Errorf("%s: Active() = %t, want %t", v, got, want[v])
		}
	}
}

func TestAllergyValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*patient.Allergy)
		want   map[string]glabella.Code
	}{
		{"a complete record is valid", func(*patient.Allergy) {}, nil},
		{"a substance in words, of no class, is valid", func(a *patient.Allergy) {
			a.Substance, a.Classes, a.Reactions = glabella.Coding{Display: "some cream"}, nil, nil
		}, nil},
		{"an empty record", func(a *patient.Allergy) { *a = patient.Allergy{} }, map[string]glabella.Code{
			"/id": glabella.CodeRequired, "/patient": glabella.CodeRequired, "/substance": glabella.CodeRequired, "/kind": glabella.CodeUnknownValue, "/criticality": glabella.CodeUnknownValue,
			"/verification": glabella.CodeUnknownValue, "/provenance/source": glabella.CodeUnknownValue, "/provenance/recordedAt": glabella.CodeRequired}},
		{"classes", func(a *patient.Allergy) { a.Classes = []string{"latex", "", "latex"} }, map[string]glabella.Code{"/classes/1": glabella.CodeRequired, "/classes/2": glabella.CodeDuplicate}},
		{"reactions", func(a *patient.Allergy) {
			a.Reactions = []patient.Reaction{{Severity: "fatal", Onset: glabella.Date{Year: 2021, Month: 2, Day: 29}}, {Manifestation: "hives"}}
		}, map[string]glabella.Code{"/reactions/0/manifestation": glabella.CodeRequired, "/reactions/0/severity": glabella.CodeUnknownValue, "/reactions/0/onset": glabella.CodeFormat}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := allergy()
			tt.change(&a)
			if diff := cmp.Diff(tt.want, codesOf(t, a.Validate())); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMedicationActiveOn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		status   patient.MedicationStatus
		from, to string
		on       string
		want     bool
	}{
		{"taken, since nobody knows when", patient.MedicationActive, "", "", "2026-11-23", true},
		{"on the first day", patient.MedicationActive, "2026-11-23", "", "2026-11-23", true},
		{"before the first day", patient.MedicationActive, "2026-11-24", "", "2026-11-23", false},
		{"on the last day", patient.MedicationActive, "2026-11-01", "2026-11-23", "2026-11-23", true},
		{"after the last day, though nobody has said that it is over", patient.MedicationActive, "2026-11-01", "2026-11-22", "2026-11-23", false},
		{"stopped at some time", patient.MedicationStopped, "2026-11-01", "", "2026-11-23", false},
		{"stopped later than the day", patient.MedicationStopped, "2026-11-01", "2026-11-30", "2026-11-23", true},
		{"stopped before the day", patient.MedicationStopped, "2026-11-01", "2026-11-22", "2026-11-23", false},
		{"completed, and begun after the day", patient.MedicationCompleted, "2026-11-24", "2026-11-30", "2026-11-23", false},
		{"a mistake", patient.MedicationEnteredInError, "2026-11-01", "2026-11-30", "2026-11-23", false},
		{"no status", "", "", "", "2026-11-23", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := medication(tt.status, tt.from, tt.to).ActiveOn(day(tt.on)); got != tt.want {
				t.Errorf("ActiveOn(%s) = %t, want %t", tt.on, got, tt.want)
			}
		})
	}
}

func TestMedicationValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		m    patient.Medication
		want map[string]glabella.Code
	}{
		{"a complete record is valid", medication(patient.MedicationActive, "2026-01-01", "2026-01-01"), nil},
		{"an end without a beginning is valid", medication(patient.MedicationStopped, "", "2026-01-01"), nil},
		{"one that ends first", medication(patient.MedicationActive, "2026-01-02", "2026-01-01"), map[string]glabella.Code{"/to": patient.CodeMedicationPeriod}},
		{"an empty record", patient.Medication{}, map[string]glabella.Code{
			"/id": glabella.CodeRequired, "/patient": glabella.CodeRequired, "/substance": glabella.CodeRequired, "/status": glabella.CodeUnknownValue,
			"/provenance/source": glabella.CodeUnknownValue, "/provenance/recordedAt": glabella.CodeRequired}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, codesOf(t, tt.m.Validate())); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConditionActiveOn(t *testing.T) {
	t.Parallel()
	c := patient.Condition{From: day("2026-01-01"), To: day("2026-06-30")}
	for on, want := range map[string]bool{"2025-12-31": false, "2026-01-01": true, "2026-06-30": true, "2026-07-01": false} {
		if got := c.ActiveOn(day(on)); got != want {
			t.Errorf("ActiveOn(%s) = %t, want %t", on, got, want)
		}
	}
	if !(patient.Condition{}).ActiveOn(day("2026-11-23")) {
		t.Error("a condition without dates is not active")
	}
}
