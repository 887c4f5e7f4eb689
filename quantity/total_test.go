package quantity_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/glabella-ehr/glabella/quantity"
)

// A total is what adding one after the other gives, or the same error.
func TestTotalIsTheSum(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(7, 20261123))
	amounts := []string{"4", "0", "2.5", "0.000000001", "-1.25", "999999999999.999999999", "-999999999999999999", "12345678901234567", "0.1"}
	units := []string{" mL", " mL", " mL", " mL", " mL", " [arb'U]{a}", ""}
	for range 20_000 {
		var total quantity.Total
		var want quantity.Quantity
		for range chance.IntN(8) {
			text := amounts[chance.IntN(len(amounts))] + units[chance.IntN(len(units))]
			q, err := quantity.Parse(text)
			if err != nil {
				q = quantity.Quantity{}
			}
			sum, wrong := want.Add(q)
			got := total.Add(q)
			if (got == nil) != (wrong == nil) || errors.As(got, new(*quantity.UnitError)) != errors.As(wrong, new(*quantity.UnitError)) {
				t.Fatalf("adding %s to %s: %v, want %v", q, want, got, wrong)
			}
			if wrong == nil {
				want = sum
			}
			if s := total.Sum(); !s.Equal(want) || s.String() != want.String() {
				t.Fatalf("after %s: %s, want %s", q, s, want)
			}
		}
	}
}

func TestTotalOfSmallAmountsAllocatesNothing(t *testing.T) {
	q := quantity.MustParse("2.5 mL")
	var total quantity.Total
	if n := testing.AllocsPerRun(100, func() {
		if err := total.Add(q); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
