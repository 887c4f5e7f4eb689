package inventory_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"math/rand"
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
)

func ratio(t *testing.T, s string) inventory.Ratio {
	t.Helper()
	r, err := inventory.ParseRatio(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// packs are those of a filler: a carton of 6 boxes, a box of 2 syringes, a syringe
// of 0.55 mL, a third of which is one syringe's portion.
func packs(t *testing.T) []inventory.Pack {
	return []inventory.Pack{
		{Unit: "box", Contains: inventory.Whole(2), Of: "syringe"},
		{Unit: "carton", Contains: inventory.Whole(6), Of: "box"},
		{Unit: "syringe", Contains: ratio(t, "0.55"), Of: "mL"},
		{Unit: "syringe", Contains: inventory.Whole(3), Of: "portion"},
	}
}

func TestConvert(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, amount, from, to, want string
		code                         glabella.Code
	}{
		{name: "a pack to its content", amount: "3", from: "box", to: "syringe", want: "6"},
		{name: "a content to its pack is a fraction", amount: "3", from: "syringe", to: "box", want: "3/2"},
		{name: "over two packs", amount: "1", from: "carton", to: "syringe", want: "12"},
		{name: "down to a measure", amount: "1", from: "carton", to: "mL", want: "33/5"},
		{name: "by way of a common unit", amount: "1", from: "portion", to: "mL", want: "11/60"},
		{name: "and back", amount: "11/60", from: "mL", to: "portion", want: "1"},
		{name: "the same unit", amount: "7/3", from: "mL", to: "mL", want: "7/3"},
		{name: "less than nothing", amount: "-3", from: "box", to: "syringe", want: "-6"},
		{name: "a unit that there is not", amount: "1", from: "pallet", to: "box", code: inventory.CodePackUnknownUnit},
		{name: "the same unit that there is not", amount: "1", from: "pallet", to: "pallet", code: inventory.CodePackUnknownUnit},
		{name: "to a unit that there is not", amount: "1", from: "box", to: "pallet", code: inventory.CodePackUnknownUnit},
		{name: "more than fits", amount: "9223372036854775807", from: "box", to: "syringe", code: inventory.CodePackOverflow},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			amount := inventory.Whole(math.MaxInt64)
			if tt.amount != "9223372036854775807" {
				amount = ratio(t, tt.amount)
			}
			got, err := inventory.Convert(packs(t), amount, tt.from, tt.to)
			var fault *inventory.ConversionError
			if errors.As(err, &fault) != (tt.code != "") || fault != nil && (fault.Code != tt.code || !errors.Is(err, glabella.ErrInvalid)) {
				t.Fatalf("Convert(%s %s, %s) = %s, %v, want %s %s", tt.amount, tt.from, tt.to, got, err, tt.want, tt.code)
			}
			if fault == nil && got.String() != tt.want {
				t.Errorf("Convert(%s %s, %s) = %s, want %s", tt.amount, tt.from, tt.to, got, tt.want)
			}
		})
	}
}

// Fractions behave as those of math/big wherever they fit.
func TestRatioArithmetic(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewSource(1))
	number := func() int64 { return (random.Int63() >> random.Intn(63)) * int64(1-2*random.Intn(2)) }
	for range 5000 {
		a, b, c, d := number(), number(), number(), number()
		r, ok := inventory.NewRatio(a, b)
		s, also := inventory.NewRatio(c, d)
		if ok != (b != 0) || also != (d != 0) {
			t.Fatalf("NewRatio(%d, %d), NewRatio(%d, %d) = %t, %t", a, b, c, d, ok, also)
		}
		if !ok || !also {
			continue
		}
		x, y := big.NewRat(a, b), big.NewRat(c, d)
		check := func(name string, got inventory.Ratio, ok bool, want *big.Rat) {
			t.Helper()
			fits := want != nil && want.Num().IsInt64() && want.Denom().IsInt64()
			if ok && (!fits || big.NewRat(got.Num(), got.Den()).Cmp(want) != 0) {
				t.Fatalf("%s %s %s = %s, want %v", r, name, s, got, want)
			}
			if !ok && fits && name != "+" {
				t.Fatalf("%s %s %s does not fit, want %v", r, name, s, want)
			}
		}
		product, ok := r.Mul(s)
		check("*", product, ok, new(big.Rat).Mul(x, y))
		sum, ok := r.Add(s)
		check("+", sum, ok, new(big.Rat).Add(x, y))
		if s.Sign() == 0 {
			if got, ok := r.Div(s); ok {
				t.Fatalf("%s / 0 = %s, want none", r, got)
			}
			continue
		}
		quotient, ok := r.Div(s)
		check("/", quotient, ok, new(big.Rat).Quo(x, y))
		if product, ok := r.Mul(s); ok {
			if back, ok := product.Div(s); !ok || back != r {
				t.Fatalf("%s * %s / %s = %s, want the first", r, s, s, back)
			}
		}
	}
}

func TestRatioText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"12": "12", "0.55": "11/20", "6/4": "3/2", "-3/6": "-1/2", "0": "0", "0/5": "0", "100": "100", "0.000000001": "1/1000000000", "999999999999": "999999999999"} {
		r := ratio(t, in)
		var back inventory.Ratio
		text, err := json.Marshal(r)
		if err := errors.Join(err, json.Unmarshal(text, &back)); err != nil || r.String() != want || back != r {
			t.Errorf("ParseRatio(%s) = %s, JSON %s, %v, want %s", in, r, text, err, want)
		}
	}
	for _, in := range []string{"", "x", "1/0", "1/-2", "1/2/3", "/", "1e3", "9223372036854775808/1", "-9223372036854775808/1"} {
		if r, err := inventory.ParseRatio(in); !errors.Is(err, glabella.ErrInvalid) {
			t.Errorf("ParseRatio(%s) = %s, %v, want invalid", in, r, err)
		}
	}
	if r := (inventory.Ratio{}); r.Den() != 1 || r != inventory.Whole(0) {
		t.Errorf("the zero Ratio = %s, want 0", r)
	}
}

func TestRatioNumber(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"11/20": "0.55", "3": "3", "-1/8": "-0.125", "1/3": "", "1/1000000000": "0.000000001", "1/1024": "", "0": "0"} {
		n, ok := ratio(t, in).Number()
		if ok != (want != "") || ok && n.String() != want {
			t.Errorf("%s: Number() = %s, %t, want %q", in, n, ok, want)
		}
		if !ok {
			continue
		}
		if back, ok := inventory.RatioOf(quantity.MustParseNumber(n.String())); !ok || back != ratio(t, in) {
			t.Errorf("RatioOf(%s) = %s, want %s", n, back, in)
		}
	}
}
