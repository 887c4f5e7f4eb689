package money_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
)

func TestAmountsOfNoCurrencyAreNotStored(t *testing.T) {
	t.Parallel()
	for _, c := range []money.Currency{"", "usd", "USX", "dollars", "XXX", "\x00\x00\x00"} {
		a := money.New(5, c)
		if b, err := json.Marshal(a); !errors.Is(err, glabella.ErrInvalid) {
			t.Errorf("Marshal(New(5, %q)) = %s, %v, want an error", c, b, err)
		}
		if v, err := a.Value(); !errors.Is(err, glabella.ErrInvalid) {
			t.Errorf("New(5, %q).Value() = %v, %v, want an error", c, v, err)
		}
		if a.Currency().Valid() || a == money.New(5, money.USD) {
			t.Errorf("New(5, %q) is of currency %q", c, a.Currency())
		}
	}
}

func TestAnAmountKeepsItsCurrency(t *testing.T) {
	t.Parallel()
	for _, c := range []money.Currency{"", money.USD, money.EUR, "AED", "ZWG", "JPY", "XPF", "TND", "UYW", "abc"} {
		if got := money.New(1, c).Currency(); got != c {
			t.Errorf("New(1, %q).Currency() = %q", c, got)
		}
	}
}

func TestArithmeticDoesNotAllocate(t *testing.T) {
	a, rate := money.New(1395, "ZWG"), dec("2.5")
	for name, f := range map[string]func(){
		"Currency": func() { _ = a.Currency() },
		"Add":      func() { _, _ = a.Add(a) },
		"Mul":      func() { _, _ = a.Mul(rate, money.HalfEven) },
		"MulDiv":   func() { _, _ = a.MulDiv(rate, rate, money.HalfEven) },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

func TestAnUnknownRoundingIsRefused(t *testing.T) {
	t.Parallel()
	for _, r := range []money.Rounding{"", "bankers"} {
		a := money.New(100, money.USD)
		_, mul := a.Mul(dec("1.5"), r)
		_, div := a.MulDiv(dec("1"), dec("2"), r)
		_, cash := a.RoundTo(5, r)
		for name, err := range map[string]error{"Mul": mul, "MulDiv": div, "RoundTo": cash} {
			if !errors.Is(err, glabella.ErrInvalid) {
				t.Errorf("%s with rounding %q = %v, want an error", name, r, err)
			}
		}
		if r.Valid() {
			t.Errorf("rounding %q is valid", r)
		}
	}
}

func TestMulAtTheEdgesOfAWord(t *testing.T) {
	t.Parallel()
	values := []int64{math.MinInt64, math.MinInt64 + 1, -3, -1, 0, 1, 2, math.MaxInt64 - 1, math.MaxInt64}
	rates := []decimal.Decimal{dec("1"), dec("-1"), dec("0.5"), dec("1.0000000000000000001"), dec("0.9999999999999999999"), dec("2"), dec("1.999999999999999999"), dec("2.00000000000000000")}
	for _, v := range values {
		for _, rate := range rates {
			for _, den := range []decimal.Decimal{dec("1"), dec("2"), dec("0.5"), dec("-3"), decimal.New(math.MaxInt64, 0)} {
				for _, r := range money.Roundings() {
					exact := new(big.Rat).Mul(new(big.Rat).SetInt64(v), new(big.Rat).Quo(rate.Rat(), den.Rat()))
					want := reference(exact, r)
					got, err := money.New(v, money.USD).MulDiv(rate, den, r)
					if want.IsInt64() != (err == nil) || err == nil && got.Minor() != want.Int64() {
						t.Errorf("%d × %v ÷ %v, %s = %v, %v, want %v", v, rate, den, r, got, err, want)
					}
					if !den.Equal(dec("1")) {
						continue
					}
					if mul, err := money.New(v, money.USD).Mul(rate, r); want.IsInt64() != (err == nil) || err == nil && mul.Minor() != want.Int64() {
						t.Errorf("%d × %v, %s = %v, %v, want %v", v, rate, r, mul, err, want)
					}
				}
			}
		}
	}
}

// The quotient is 2⁶⁴ − 1 and a remainder: rounding it up must not wrap to zero.
func TestRoundingUpDoesNotWrap(t *testing.T) {
	t.Parallel()
	num, den := decimal.New(999999999999999999, 0), decimal.New(500000000000000000, 0)
	for v := int64(math.MaxInt64); v > math.MaxInt64-1000; v-- {
		if got, err := money.New(v, money.USD).MulDiv(num, den, money.Up); err == nil {
			t.Fatalf("%d × 2 = %v, want an error", v, got)
		}
	}
}

func TestRoundToAgreesWithRationalNumbers(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 10))
	for range 20000 {
		a := money.New(int64(r.Uint64())>>r.IntN(63), money.CAD)
		increment := 1 + r.Int64N(1<<(1+r.IntN(40)))
		rounding := money.Roundings()[r.IntN(4)]
		steps := reference(big.NewRat(a.Minor(), increment), rounding)
		want := steps.Mul(steps, big.NewInt(increment))
		got, err := a.RoundTo(increment, rounding)
		if want.IsInt64() != (err == nil) || err == nil && got.Minor() != want.Int64() {
			t.Fatalf("%v to %d, %s = %v, %v, want %v", a, increment, rounding, got, err, want)
		}
	}
	if _, err := money.New(1, money.CAD).RoundTo(0, money.HalfUp); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("RoundTo(0) = %v, want an error", err)
	}
}

func TestSplitIntoManyParts(t *testing.T) {
	t.Parallel()
	const n = 200_000
	a := money.New(-(3*n - 1), money.USD)
	parts, err := a.Split(n)
	if err != nil {
		t.Fatal(err)
	}
	if parts[0].Minor() != -3 || parts[n-2].Minor() != -3 || parts[n-1].Minor() != -2 {
		t.Errorf("parts are %v … %v, %v", parts[0], parts[n-2], parts[n-1])
	}
	if sum, err := money.Sum(parts...); sum != a || err != nil {
		t.Errorf("sum = %v, %v, want %v", sum, err, a)
	}
	if _, err := a.Split(0); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Split(0) = %v, want an error", err)
	}
}

func TestManyAndFewPartsFollowTheSameRule(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 12))
	for range 2000 {
		weights := make([]int64, 1+r.IntN(16))
		weights[0] = 1
		for i := range weights {
			weights[i] += r.Int64N(1000)
		}
		a := money.New(r.Int64N(1e6), money.USD)
		few, err := a.Allocate(weights...)
		if err != nil {
			t.Fatal(err)
		}
		many, err := a.Allocate(append(weights, make([]int64, 20)...)...) // parts of no weight
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range many {
			want := money.New(0, money.USD)
			if i < len(few) {
				want = few[i]
			}
			if p != want {
				t.Fatalf("%v by %v: part %d is %v among many and %v among few", a, weights, i, p, want)
			}
		}
	}
}

func TestAddAndSubUndoEachOther(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(13, 14))
	for range 20000 {
		a, b := money.New(int64(r.Uint64()), money.USD), money.New(int64(r.Uint64())>>r.IntN(40), money.USD)
		exact := new(big.Int).Add(big.NewInt(a.Minor()), big.NewInt(b.Minor()))
		sum, err := a.Add(b)
		if exact.IsInt64() != (err == nil) {
			t.Fatalf("%v + %v = %v, %v", a, b, sum, err)
		}
		if err != nil {
			continue
		}
		if back, err := sum.Sub(b); back != a || err != nil || sum.Minor() != exact.Int64() {
			t.Fatalf("%v + %v = %v, − %v = %v, %v", a, b, sum, b, back, err)
		}
	}
}

func TestNegOfTheLeastAmountIsTheGreatest(t *testing.T) {
	t.Parallel()
	if got := money.New(math.MinInt64, money.USD).Neg(); got != money.New(math.MaxInt64, money.USD) {
		t.Errorf("Neg = %v", got)
	}
}

func TestCmpOrdersAmountsOfOneCurrency(t *testing.T) {
	t.Parallel()
	one, two := money.New(1, money.USD), money.New(2, money.USD)
	for _, tt := range []struct {
		a, b money.Amount
		want int
	}{{one, two, -1}, {two, one, 1}, {one, one, 0}, {money.Amount{}, one, -1}, {one, money.Amount{}, 1}} {
		if got, err := tt.a.Cmp(tt.b); got != tt.want || err != nil {
			t.Errorf("Cmp(%v, %v) = %d, %v, want %d", tt.a, tt.b, got, err, tt.want)
		}
	}
	if _, err := one.Cmp(money.New(1, money.EUR)); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Cmp of two currencies = %v, want an error", err)
	}
}

func TestScan(t *testing.T) {
	t.Parallel()
	var a money.Amount
	if err := a.Scan([]byte("USD 1.50")); err != nil || a != money.New(150, money.USD) {
		t.Errorf("Scan(bytes) = %v, %v", a, err)
	}
	if err := a.Scan(nil); err != nil || a != (money.Amount{}) {
		t.Errorf("Scan(NULL) = %v, %v, want the zero Amount", a, err)
	}
	for _, bad := range []any{1.5, int64(3), "1.50", []byte("x")} {
		if err := a.Scan(bad); !errors.Is(err, glabella.ErrInvalid) {
			t.Errorf("Scan(%v) = %v, want an error", bad, err)
		}
	}
}

func TestCurrencyText(t *testing.T) {
	t.Parallel()
	var c money.Currency
	if err := c.UnmarshalText([]byte("EUR")); err != nil || c != money.EUR {
		t.Errorf("UnmarshalText(EUR) = %q, %v", c, err)
	}
	if err := c.UnmarshalText(nil); err != nil || c != "" {
		t.Errorf("UnmarshalText() = %q, %v, want no currency", c, err)
	}
	for _, bad := range []string{"EURO", "SDC", "D D", "eur", " "} { // "D D" stands in the lists across two codes
		if err := c.UnmarshalText([]byte(bad)); !errors.Is(err, glabella.ErrInvalid) {
			t.Errorf("UnmarshalText(%q) = %q, %v, want an error", bad, c, err)
		}
	}
}
