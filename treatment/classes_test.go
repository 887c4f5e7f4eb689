package treatment_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/treatment"
)

func TestClassesOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		coding glabella.Coding
		want   []string
	}{
		{"lidocaine is an amide", glabella.Coding{System: treatment.RxNorm, Code: "6387"}, []string{"amide-local-anaesthetic"}},
		{"articaine is an amide", glabella.Coding{System: treatment.RxNorm, Code: "592464"}, []string{"amide-local-anaesthetic"}},
		{"tetracaine is an ester", glabella.Coding{System: treatment.RxNorm, Code: "10391"}, []string{"ester-local-anaesthetic"}},
		{"gentamicin is an aminoglycoside", glabella.Coding{System: treatment.RxNorm, Code: "1596450"}, []string{"aminoglycoside"}},
		{"aspirin is of three classes", glabella.Coding{System: treatment.RxNorm, Code: "1191"}, []string{"antiplatelet", "nsaid", "salicylate"}},
		{"erythromycin is no aminoglycoside", glabella.Coding{System: treatment.RxNorm, Code: "4053"}, nil},
		{"the code of another system is not read", glabella.Coding{System: "http://example.org", Code: "6387"}, nil},
		{"names are not read", glabella.Coding{System: treatment.RxNorm, Display: "lidocaine"}, nil},
		{"nothing", glabella.Coding{}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, treatment.ClassesOf(tt.coding)); diff != "" {
				t.Errorf("ClassesOf(%v) (-want +got):\n%s", tt.coding, diff)
			}
		})
	}
}

func TestClassesOfReturnsACopy(t *testing.T) {
	t.Parallel()
	lidocaine := glabella.Coding{System: treatment.RxNorm, Code: "6387"}
	treatment.ClassesOf(lidocaine)[0] = "changed"
	if got := treatment.ClassesOf(lidocaine)[0]; got != "amide-local-anaesthetic" {
		t.Errorf("ClassesOf() after a caller changed its result = %q", got)
	}
}
