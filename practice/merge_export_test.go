package practice_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/glabella-ehr/glabella/fhirconv"
	"github.com/glabella-ehr/glabella/practice"
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
