package money_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func TestParse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in string
		want     money.Amount
		bad      bool
	}{
		{name: "cents", in: "USD 12.34", want: money.New(1234, money.USD)},
		{name: "whole units", in: "USD 12", want: money.New(1200, money.USD)},
		{name: "one decimal", in: "USD 12.3", want: money.New(1230, money.USD)},
		{name: "negative", in: "USD -0.05", want: money.New(-5, money.USD)},
		{name: "a currency without minor digits", in: "JPY 500", want: money.New(500, "JPY")},
		{name: "a currency with three", in: "KWD 1.005", want: money.New(1005, "KWD")},
		{name: "the least amount", in: "USD -92233720368547758.08", want: money.New(math.MinInt64, money.USD)},
		{name: "more decimals than the currency has", in: "USD 1.005", bad: true},
		{name: "beyond the range", in: "USD 92233720368547758.08", bad: true},
		{name: "no such currency", in: "USX 1.00", bad: true},
		{name: "an exponent", in: "USD 1e3", bad: true},
		{name: "no number", in: "USD ", bad: true},
		{name: "no digits before the point", in: "USD .50", bad: true},
		{name: "no digits after the point", in: "USD 5.", bad: true},
		{name: "no currency", in: "12.34", bad: true},
		{name: "two signs", in: "USD --1", bad: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := money.Parse(tt.in)
			if got != tt.want || (err != nil) != tt.bad || err != nil && !errors.Is(err, glabella.ErrInvalid) {
				t.Errorf("Parse(%q) = %v, %v, want %v, error %v", tt.in, got, err, tt.want, tt.bad)
			}
		})
	}
}

func TestTextFormsRoundTrip(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		want := money.New(int64(r.Uint64()), []money.Currency{money.USD, "JPY", "KWD", "CLF"}[r.IntN(4)])
		if got, err := money.Parse(want.String()); got != want || err != nil {
			t.Fatalf("Parse(%q) = %v, %v", want.String(), got, err)
		}
		b, err := json.Marshal(want)
		var got money.Amount
		if err == nil {
			err = json.Unmarshal(b, &got)
		}
		if got != want || err != nil {
			t.Fatalf("JSON %s gives %v, %v", b, got, err)
		}
		v, err := want.Value()
		if err == nil {
			err = got.Scan(v)
		}
		if got != want || err != nil {
			t.Fatalf("Scan(%v) gives %v, %v", v, got, err)
		}
	}
}

func TestCurrenciesDoNotMix(t *testing.T) {
	t.Parallel()
	_, err := money.New(1, money.USD).Add(money.New(1, money.EUR))
	var ce *money.CurrencyError
	if !errors.As(err, &ce) || ce.Have != money.EUR || ce.Want != money.USD {
		t.Errorf("USD + EUR = %v, want a CurrencyError", err)
	}
	if _, err := money.New(0, money.USD).Sub(money.New(0, money.EUR)); !errors.As(err, &ce) {
		t.Errorf("nothing of USD − nothing of EUR = %v, want a CurrencyError", err)
	}
	if got, err := (money.Amount{}).Add(money.New(5, money.EUR)); got != money.New(5, money.EUR) || err != nil {
		t.Errorf("the zero Amount + EUR = %v, %v", got, err)
	}
}

func TestNothingOverflowsSilently(t *testing.T) {
	t.Parallel()
	most, least := money.New(math.MaxInt64, money.USD), money.New(math.MinInt64, money.USD)
	cent := money.New(1, money.USD)
	for name, f := range map[string]func() (money.Amount, error){
		"most + 1":     func() (money.Amount, error) { return most.Add(cent) },
		"least − 1":    func() (money.Amount, error) { return least.Sub(cent) },
		"0 − least":    func() (money.Amount, error) { return money.New(0, money.USD).Sub(least) },
		"most × 1.01":  func() (money.Amount, error) { return most.Mul(dec("1.01"), money.HalfUp) },
		"1 × 10^40":    func() (money.Amount, error) { return cent.Mul(decimal.New(1, 40), money.HalfUp) },
		"1 × 10^10^6":  func() (money.Amount, error) { return cent.Mul(decimal.New(1, 1_000_000), money.HalfUp) },
		"1 × 10^−10^6": func() (money.Amount, error) { return cent.Mul(decimal.New(1, -1_000_000), money.HalfUp) },
		"1 ÷ 0":        func() (money.Amount, error) { return cent.MulDiv(dec("1"), dec("0"), money.HalfUp) },
		"round most":   func() (money.Amount, error) { return most.RoundTo(1000, money.Up) },
	} {
		var oe *money.OverflowError
		if got, err := f(); !errors.As(err, &oe) {
			t.Errorf("%s = %v, %v, want an OverflowError", name, got, err)
		}
	}
}

// reference rounds a rational number by the words of the rounding's definition.
func reference(v *big.Rat, r money.Rounding) *big.Int {
	q, rest := new(big.Int).QuoRem(new(big.Int).Abs(v.Num()), v.Denom(), new(big.Int))
	half := new(big.Int).Lsh(rest, 1).Cmp(v.Denom())
	away := false
	switch r {
	case money.HalfEven:
		away = half > 0 || half == 0 && q.Bit(0) == 1
	case money.HalfUp:
		away = half >= 0
	case money.Up:
		away = rest.Sign() > 0
	}
	if away {
		q.Add(q, big.NewInt(1))
	}
	if v.Sign() < 0 {
		q.Neg(q)
	}
	return q
}

func TestMulDivAgreesWithRationalNumbers(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	number := func() decimal.Decimal {
		d := decimal.New(r.Int64N(2_000_000)-1_000_000, -int32(r.IntN(8)))
		if r.IntN(8) == 0 { // beyond a machine word
			d = d.Mul(decimal.RequireFromString("1.000000000000000000001"))
		}
		return d
	}
	for range 20000 {
		a := money.New(r.Int64N(1e9)-5e8, money.USD)
		num, den := number(), number()
		if den.IsZero() {
			continue
		}
		rounding := money.Roundings()[r.IntN(4)]
		exact := new(big.Rat).Mul(new(big.Rat).SetInt64(a.Minor()), new(big.Rat).Quo(num.Rat(), den.Rat()))
		want := reference(exact, rounding)
		got, err := a.MulDiv(num, den, rounding)
		if !want.IsInt64() {
			if err == nil {
				t.Fatalf("%v × %v ÷ %v = %v, want an error", a, num, den, got)
			}
			continue
		}
		if err != nil || got.Minor() != want.Int64() {
			t.Fatalf("%v × %v ÷ %v, %s = %v, %v, want %v", a, num, den, rounding, got, err, want)
		}
	}
}

func TestAllocateSumsToTheWhole(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for range 20000 {
		a := money.New(int64(r.Uint64())>>r.IntN(60), money.USD)
		weights := make([]int64, 1+r.IntN(9))
		var total int64
		for i := range weights {
			weights[i] = r.Int64N(1 << (1 + r.IntN(40)))
			total += weights[i]
		}
		if total == 0 {
			weights[0], total = 1, 1
		}
		parts, err := a.Allocate(weights...)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := money.Sum(parts...)
		if err != nil || sum != a {
			t.Fatalf("%v by %v = %v, sums to %v, %v", a, weights, parts, sum, err)
		}
		for i, p := range parts {
			exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(a.Minor()), big.NewInt(weights[i])), big.NewInt(total))
			off := new(big.Rat).Sub(exact, new(big.Rat).SetInt64(p.Minor()))
			if off.Abs(off).Cmp(big.NewRat(1, 1)) >= 0 {
				t.Fatalf("%v by %v: part %d is %v, a minor unit or more from %v", a, weights, i, p, exact)
			}
		}
	}
}

func TestAllocateGivesTheRestToTheLargestRemainders(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		amount  int64
		weights []int64
		want    []int64
	}{
		{"equal parts, earlier first", 10000, []int64{1, 1, 1}, []int64{3334, 3333, 3333}},
		{"the largest remainder first", 100, []int64{1, 2, 3}, []int64{17, 33, 50}},
		{"negative amounts alike", -10000, []int64{1, 1, 1}, []int64{-3334, -3333, -3333}},
		{"a weight of nothing gets nothing", 5, []int64{0, 1}, []int64{0, 5}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			parts, err := money.New(tt.amount, money.USD).Allocate(tt.weights...)
			var got []int64
			for _, p := range parts {
				got = append(got, p.Minor())
			}
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("Allocate = %v, %v, want %v", got, err, tt.want)
			}
		})
	}
	for _, weights := range [][]int64{nil, {0, 0}, {1, -1}, {math.MaxInt64, math.MaxInt64}} {
		if parts, err := money.New(1, money.USD).Allocate(weights...); !errors.Is(err, glabella.ErrInvalid) {
			t.Errorf("Allocate(%v) = %v, %v, want an error", weights, parts, err)
		}
	}
}

func TestRoundToRoundsCash(t *testing.T) {
	t.Parallel()
	for in, want := range map[int64]int64{1002: 1000, 1003: 1005, 1007: 1005, 1008: 1010, -1003: -1005} {
		if got, err := money.New(in, money.CAD).RoundTo(5, money.HalfUp); got.Minor() != want || err != nil {
			t.Errorf("RoundTo(%d, 5) = %v, %v, want %d", in, got, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"USD 1.00", "JPY -7", "KWD 0.001", "USD 1e9", " ", "USD 99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := money.Parse(s)
		if err != nil {
			return
		}
		if again, err := money.Parse(a.String()); again != a || err != nil {
			t.Errorf("Parse(%q) = %v, which reads as %v, %v", s, a, again, err)
		}
	})
}

func BenchmarkAllocate7(b *testing.B) {
	a := money.MustParse("USD 100.00")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.Allocate(1, 1, 1, 1, 1, 1, 1); err != nil {
			b.Fatal(err)
		}
	}
}
