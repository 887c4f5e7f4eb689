package glabella_test

import (
	"testing"

	"github.com/glabella-ehr/glabella"
)

func TestPurposesAreValid(t *testing.T) {
	t.Parallel()
	for _, p := range glabella.Purposes() {
		if !p.Valid() {
			t.Errorf("the purpose %s is listed and not valid", p)
		}
	}
	for _, p := range []glabella.Purpose{"", "treat", "TREAT "} {
		if p.Valid() {
			t.Errorf("the purpose %q is valid", p)
		}
	}
}
