package practice_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/fhirconv"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
)

// An export of a person has what was recorded under either record, and says what
// was under another than the one that the person goes by.
func TestAMergedPatientIsExportedWhole(t *testing.T) {
	t.Parallel()
	c := open(t)
	p := c.twice()
	must[practice.PatientsLinked](t)(c.merge(p.visit.Patient, p.other))
	export := must[practice.Export](t)(c.ExportPatient(t.Context(), c.Director, p.other))
	text := string(must[[]byte](t)(export.Bundle.MarshalJSON()))
	for _, want := range []string{`"AllergyIntolerance"`, `"Encounter"`, p.visit.Patient.String()} {
		if !strings.Contains(text, want) {
			t.Errorf("the export has no %s", want)
		}
	}
	if strings.Contains(text, p.other.String()) {
		t.Error("the export refers to a patient that it does not have")
	}
	if !slices.Contains(export.Losses, fhirconv.Loss{Path: "/allergies/0/patient", Kind: fhirconv.LossBroader, Text: "was recorded of another record of the patient"}) {
		t.Errorf("losses: %v", export.Losses)
	}
}

func TestADeidentifiedCopyNamesNobody(t *testing.T) {
	t.Parallel()
	c := open(t)
	v := must[practicetest.Visit](t)(c.Visit(t.Context(), 1))
	copied := must[fhirconv.Deidentified](t)(c.ExportDeidentified(t.Context(), c.Director, practice.ExportDeidentified{Patient: v.Patient}))
	text := string(copied.Bundle)
	who := practicetest.Somebody(1)
	for _, secret := range []string{who.Names[0].Family, who.Names[0].Given[0], who.BirthDate.String(), v.Patient.String(), v.Encounter.String(), v.LotNumber, "Test nurse", "2026-11-23"} {
		if strings.Contains(text, secret) {
			t.Errorf("the copy says %q", secret)
		}
	}
	if !strings.Contains(text, `"Patient"`) || !strings.Contains(text, `"Encounter"`) || !strings.Contains(text, strconv.Itoa(who.BirthDate.Year)) || len(copied.Proof.Removed) == 0 {
		t.Errorf("the copy says nothing, or not what was left out: %v\n%s", copied.Proof, text)
	}
	if _, err := c.ExportDeidentified(t.Context(), c.Desk, practice.ExportDeidentified{Patient: v.Patient}); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("the desk takes a de-identified copy: %v", err)
	}
	if last := c.last(); last.Action != string(access.PatientDeidentify) {
		t.Errorf("journaled as %s", last.Action)
	}
}
