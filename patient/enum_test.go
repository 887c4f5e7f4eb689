package patient_test

import (
	"testing"

	"github.com/glabella-ehr/glabella/patient"
)

func TestEnumsHoldTheirValuesAndNoOthers(t *testing.T) {
	t.Parallel()
	check(t, patient.NameUses())
	check(t, patient.Genders())
	check(t, patient.Systems())
	check(t, patient.Verifications())
	check(t, patient.MedicationStatuses())
}

func check[E interface {
	~string
	Valid() bool
}](t *testing.T, all []E) {
	t.Helper()
	if len(all) == 0 {
		t.Errorf("%T has no values", all)
	}
	for _, v := range all {
		if !v.Valid() {
			t.Errorf("%T: %q is listed and not valid", all, v)
		}
	}
	for _, v := range []E{"", "something else"} {
		if v.Valid() {
			t.Errorf("%T: %q is valid", all, v)
		}
	}
}
