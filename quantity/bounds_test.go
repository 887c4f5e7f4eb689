package quantity_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

func TestWhatIsStoredCanBeRead(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 8))
	unit := quantity.MustUnit("mL")
	stored, refused := 0, 0
	for range 20000 {
		v := decimal.New(r.Int64()>>r.IntN(63), int32(r.IntN(36)-18))
		q := quantity.New(v, unit)
		if q.Value().Cmp(v) != 0 {
			t.Fatalf("New(%s).Value() = %s", v, q.Value())
		}
		b, err := json.Marshal(q)
		if err != nil {
			refused++
			if _, err := q.Add(quantity.Of(1, unit)); err == nil {
				t.Fatalf("%s is not stored and is added to", q)
			}
			continue
		}
		stored++
		var back quantity.Quantity
		if err := json.Unmarshal(b, &back); err != nil || !back.Equal(q) {
			t.Fatalf("%s reads as %s, %v", b, back, err)
		}
		if parsed, err := quantity.Parse(q.String()); err != nil || !parsed.Equal(q) {
			t.Fatalf("Parse(%q) = %s, %v", q, parsed, err)
		}
	}
	if stored < 2000 || refused < 2000 {
		t.Errorf("%d stored and %d refused: the test covers one side only", stored, refused)
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	unit := quantity.MustUnit("mL")
	for _, tt := range []struct {
		name string
		v    decimal.Decimal
		text string // "" is refused
	}{
		{"eighteen digits", decimal.New(999999999999999999, 0), "999999999999999999"},
		{"eighteen digits, nine of them after the point", decimal.New(999999999999999999, -9), "999999999.999999999"},
		{"zeros at the end of a fraction do not count", decimal.New(25_000_000_000_000, -13), "2.5"},
		{"zeros at the end of a whole number count", decimal.New(1, 18), ""},
		{"ten decimals", decimal.New(1, -10), ""},
		{"nineteen digits", decimal.New(1_000_000_000_000_000_001, 0), ""},
		{"zero of any exponent", decimal.New(0, 1_000_000), "0"},
		{"an extreme exponent", decimal.New(1, math.MaxInt32), ""},
		{"an extreme negative exponent", decimal.New(-1, math.MinInt32), ""},
		{"a number of a million digits", decimal.NewFromBigInt(new(big.Int).Lsh(big.NewInt(1), 3_000_000), 0), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			q := quantity.New(tt.v, unit)
			b, err := json.Marshal(q)
			if tt.text != "" {
				if want := `{"value":"` + tt.text + `","unit":"mL"}`; err != nil || string(b) != want {
					t.Errorf("stored as %s, %v, want %s", b, err, want)
				}
				return
			}
			one := quantity.Of(1, unit)
			_, add := one.Add(q)
			_, sub := q.Sub(one)
			_, cmp := q.Cmp(one)
			_, div := quantity.Div(quantity.Of(1, quantity.MustUnit("mg")), quantity.New(tt.v.Abs(), unit), 2)
			for name, err := range map[string]error{"MarshalJSON": err, "Add": add, "Sub": sub, "Cmp": cmp, "Div": div} {
				if !errors.Is(err, glabella.ErrInvalid) {
					t.Errorf("%s = %v, want an error", name, err)
				}
			}
			if q.Sign() != tt.v.Sign() {
				t.Errorf("Sign = %d, want %d", q.Sign(), tt.v.Sign())
			}
		})
	}
}

func TestScaleByAnExtremeNumberIsRefusedLater(t *testing.T) {
	t.Parallel()
	q := quantity.MustParse("1.5 mL").Scale(decimal.New(1, math.MaxInt32))
	if _, err := json.Marshal(q); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Marshal = %v, want an error", err)
	}
}

// It changes the decimal library's package variables, so it runs alone.
func TestTheDecimalLibrarysVariablesDoNotMatter(t *testing.T) {
	trim, scientific, quotes := decimal.TrimTrailingZeros, decimal.UseScientificNotation, decimal.MarshalJSONWithoutQuotes
	defer func() {
		decimal.TrimTrailingZeros, decimal.UseScientificNotation, decimal.MarshalJSONWithoutQuotes = trim, scientific, quotes
	}()
	decimal.TrimTrailingZeros, decimal.UseScientificNotation, decimal.MarshalJSONWithoutQuotes = false, true, true
	q := quantity.MustParse("1200.500 mL")
	n := quantity.MustParseNumber("0.0500")
	for _, tt := range []struct {
		v    any
		want string
	}{
		{q, `{"value":"1200.5","unit":"mL"}`},
		{quantity.New(decimal.New(12, 2), quantity.MustUnit("mL")), `{"value":"1200","unit":"mL"}`},
		{n, `"0.05"`},
	} {
		if b, err := json.Marshal(tt.v); err != nil || string(b) != tt.want {
			t.Errorf("Marshal = %s, %v, want %s", b, err, tt.want)
		}
	}
	if q.String() != "1200.5 mL" || n.String() != "0.05" {
		t.Errorf("String = %q and %q", q, n)
	}
}

func TestANumberThatCouldNotBeReadIsNotWritten(t *testing.T) {
	t.Parallel()
	for _, d := range []decimal.Decimal{decimal.New(1, -10), decimal.New(1, 12), decimal.New(1, math.MaxInt32)} {
		if b, err := json.Marshal(quantity.Number{Decimal: d}); !errors.Is(err, glabella.ErrInvalid) {
			t.Errorf("Marshal(1e%d) = %s, %v, want an error", d.Exponent(), b, err)
		}
	}
}

func TestStoredFormHasNothingBesideValueAndUnit(t *testing.T) {
	t.Parallel()
	var q quantity.Quantity
	err := json.Unmarshal([]byte(`{"value":"1","unit":"mL","SECRET":2}`), &q)
	if !errors.Is(err, glabella.ErrInvalid) || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("Unmarshal = %v, want an error without the member's text", err)
	}
}

func TestEveryUnitHasATextThatReadsBack(t *testing.T) {
	t.Parallel()
	units := []quantity.Unit{}
	for _, s := range []string{"mL", "[arb'U]", "{score}", "{syringe}", "%", "/min", "1", "mg/kg", "J/cm2", "[arb'U]{x}"} {
		u := quantity.MustUnit(s)
		units = append(units, u, u.Of("product-A"), u.Of(""), u.Of("a{b"))
		for _, den := range []string{"mL", "cm2", "/min", "{vial}"} {
			if per, err := u.Per(quantity.MustUnit(den)); err == nil {
				units = append(units, per)
			}
		}
	}
	units = append(units, quantity.Unit{}.Of("x"))
	for _, u := range units {
		var back quantity.Unit
		if err := back.UnmarshalText([]byte(u.String())); err != nil || back != u {
			t.Errorf("unit %q reads as %q, %v", u, back, err)
		}
	}
}
