package quantity_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in string
		code, of string
		bad      bool
	}{
		{name: "a plain unit", in: "0.6 mL", code: "mL"},
		{name: "a product-typed unit", in: "20 [arb'U]{onabotulinumtoxinA}", code: "[arb'U]", of: "onabotulinumtoxinA"},
		{name: "a quotient of a product-typed unit", in: "40 [arb'U]{onabotulinumtoxinA}/mL", code: "[arb'U]/mL", of: "onabotulinumtoxinA"},
		{name: "an annotation alone is a unit", in: "3 {score}", code: "{score}"},
		{name: "per minute", in: "72 /min", code: "/min"},
		{name: "negative", in: "-1.5 mg/kg", code: "mg/kg"},
		{name: "another case is another unit", in: "1 ml", bad: true},
		{name: "no unit", in: "1", bad: true},
		{name: "no such unit", in: "1 furlong", bad: true},
		{name: "an empty product", in: "1 mL{}", bad: true},
		{name: "an open brace", in: "1 mL{x", bad: true},
		{name: "a product with a brace", in: "1 mL{x}y}", bad: true},
		{name: "two quotients", in: "1 mg/kg/d", bad: true},
		{name: "an exponent", in: "1e9 mL", bad: true},
		{name: "nineteen digits", in: "1234567890123456789 mL", bad: true},
		{name: "ten decimals", in: "0.1234567890 mL", bad: true},
		{name: "a point without digits", in: "1. mL", bad: true},
		{name: "not a number", in: "NaN mL", bad: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := quantity.Parse(tt.in)
			if tt.bad {
				if !errors.Is(err, glabella.ErrInvalid) {
					t.Errorf("Parse(%q) = %v, %v, want an error", tt.in, got, err)
				}
				return
			}
			if err != nil || got.Unit().Code() != tt.code || got.Unit().Product() != tt.of || got.String() != tt.in {
				t.Errorf("Parse(%q) = %v, %v", tt.in, got, err)
			}
		})
	}
}

func TestUnitsOfTwoProductsAreNotAdded(t *testing.T) {
	t.Parallel()
	a := quantity.MustParse("20 [arb'U]{onabotulinumtoxinA}")
	b := quantity.MustParse("50 [arb'U]{abobotulinumtoxinA}")
	for name, f := range map[string]func() error{
		"Add": func() error { _, err := a.Add(b); return err },
		"Sub": func() error { _, err := a.Sub(b); return err },
		"Cmp": func() error { _, err := a.Cmp(b); return err },
		"Sum": func() error { _, err := quantity.Sum(a, b); return err },
	} {
		var ue *quantity.UnitError
		if err := f(); !errors.As(err, &ue) || ue.Have.Product() == ue.Want.Product() {
			t.Errorf("%s of two toxins = %v, want a UnitError", name, err)
		}
	}
	if zero := quantity.MustParse("0 [arb'U]{abobotulinumtoxinA}"); a.Equal(b) || zero.Equal(quantity.MustParse("0 [arb'U]{onabotulinumtoxinA}")) {
		t.Error("quantities of two products are equal")
	}
}

func TestAddAndSubUndoEachOther(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	unit := quantity.MustUnit("mL")
	for range 2000 {
		a := quantity.New(decimal.New(r.Int64N(1e9), -int32(r.IntN(6))), unit)
		b := quantity.New(decimal.New(r.Int64N(1e9), -int32(r.IntN(6))), unit)
		sum, err := a.Add(b)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := sum.Sub(b); err != nil || !back.Equal(a) {
			t.Fatalf("%v + %v − %v = %v, %v", a, b, b, back, err)
		}
	}
}

func TestTheZeroQuantityIsAnAccumulator(t *testing.T) {
	t.Parallel()
	got, err := quantity.Sum(quantity.MustParse("0.4 mL"), quantity.MustParse("0.6 mL"))
	if err != nil || !got.Equal(quantity.MustParse("1 mL")) {
		t.Errorf("Sum = %v, %v, want 1 mL", got, err)
	}
	if got, err := quantity.Sum(); err != nil || !got.Equal(quantity.Quantity{}) {
		t.Errorf("Sum of none = %v, %v", got, err)
	}
}

func TestDivIsAConcentration(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ a, b, want string }{
		{"100 [arb'U]{onabotulinumtoxinA}", "2.5 mL", "40 [arb'U]{onabotulinumtoxinA}/mL"},
		{"300 [arb'U]{abobotulinumtoxinA}", "1.5 mL", "200 [arb'U]{abobotulinumtoxinA}/mL"},
		{"100 [arb'U]{daxibotulinumtoxinA}", "1.2 mL", "83.3333 [arb'U]{daxibotulinumtoxinA}/mL"},
	} {
		got, err := quantity.Div(quantity.MustParse(tt.a), quantity.MustParse(tt.b), 4)
		if err != nil || got.String() != tt.want {
			t.Errorf("Div(%s, %s) = %v, %v, want %s", tt.a, tt.b, got, err, tt.want)
		}
	}
	for _, b := range []string{"0 mL", "-1 mL", "1 mg/mL"} {
		if got, err := quantity.Div(quantity.MustParse("1 mg"), quantity.MustParse(b), 2); !errors.Is(err, glabella.ErrInvalid) {
			t.Errorf("Div by %s = %v, %v, want an error", b, got, err)
		}
	}
}

func TestStoredFormRoundTrips(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"0.6 mL", "-12.000000001 mg/kg", "20 [arb'U]{onabotulinumtoxinA}", "0 %"} {
		want := quantity.MustParse(s)
		b, err := json.Marshal(want)
		var got quantity.Quantity
		if err == nil {
			err = json.Unmarshal(b, &got)
		}
		if err != nil || !got.Equal(want) {
			t.Errorf("%s gives %v, %v", b, got, err)
		}
	}
	var q quantity.Quantity
	for _, bad := range []string{`{"value":"1e999999999","unit":"mL"}`, `{"value":1,"unit":"mL"}`, `{"value":"1","unit":"cc"}`} {
		if err := json.Unmarshal([]byte(bad), &q); err == nil {
			t.Errorf("Unmarshal(%s) = %v, want an error", bad, q)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1 mL", "20 [arb'U]{x}", "1.5 mg/kg", "1e9 mL", "1 {", "-0 %"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := quantity.Parse(s)
		if err != nil {
			return
		}
		if again, err := quantity.Parse(q.String()); err != nil || !again.Equal(q) {
			t.Errorf("Parse(%q) = %v, which reads as %v, %v", s, q, again, err)
		}
	})
}
