package money_test

import (
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
)

func TestFactorOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		in   decimal.Decimal
		want string
		bad  bool
	}{
		{name: "a rate", in: dec("0.0825"), want: "0.0825"},
		{name: "zeros after the point count when there are too many", in: dec("2.5000000000000000000000000000"), bad: true},
		{name: "a few zeros after the point", in: dec("2.50"), want: "2.5"},
		{name: "a whole number", in: dec("42"), want: "42"},
		{name: "a power of ten", in: decimal.New(3, 4), want: "30000"},
		{name: "nothing", in: dec("0"), want: "0"},
		{name: "nothing of an extreme scale", in: decimal.New(0, math.MaxInt32), want: "0"},
		{name: "negative", in: dec("-1.5"), want: "-1.5"},
		{name: "18 digits", in: dec("0.999999999999999999"), want: "0.999999999999999999"},
		{name: "17 digits before the point", in: dec("99999999999999999"), want: "99999999999999999"},
		{name: "18 digits before the point", in: dec("100000000000000000"), bad: true},
		{name: "19 decimals", in: dec("0.0000000000000000001"), bad: true},
		{name: "a coefficient beyond a word", in: decimal.RequireFromString("18446744073709551617"), bad: true},
		{name: "an exponent of a million", in: decimal.New(1, 1_000_000), bad: true},
		{name: "an exponent of minus a million", in: decimal.New(10, -1_000_000), bad: true},
		{name: "the greatest exponent", in: decimal.New(1, math.MaxInt32), bad: true},
		{name: "the least exponent", in: decimal.New(1, math.MinInt32), bad: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := money.FactorOf(tt.in)
			var oe *money.OverflowError
			if tt.bad {
				if !errors.As(err, &oe) || !errors.Is(err, glabella.ErrInvalid) || got != (money.Factor{}) {
					t.Errorf("FactorOf = %v, %v, want an OverflowError", got, err)
				}
				return
			}
			if err != nil || got.String() != tt.want || !got.Decimal().Equal(tt.in) || got != money.MustFactor(tt.want) {
				t.Errorf("FactorOf = %v, %v, want %s", got, err, tt.want)
			}
		})
	}
}

func TestMustFactorPanicsOnText(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "ten", "1e1000000", "1e-1000000"} {
		func() {
			defer func() {
				if err, ok := recover().(error); !ok || !errors.Is(err, glabella.ErrInvalid) {
					t.Errorf("MustFactor(%q) panicked with %v, want an error", s, err)
				}
			}()
			money.MustFactor(s)
		}()
	}
}

// randomFactor returns a factor of any size; its digits are as likely few as many.
func randomFactor(r *rand.Rand) money.Factor {
	n := r.Int64N(1_000_000_000_000_000_000) >> r.IntN(60)
	if r.IntN(2) == 0 {
		n = -n
	}
	f, err := money.FactorOf(decimal.New(n, -int32(1+r.IntN(18))))
	if err != nil {
		panic(err)
	}
	return f
}

func checkMinor(t *testing.T, what string, exact *big.Rat, r money.Rounding, got money.Amount, err error) {
	t.Helper()
	want := reference(exact, r)
	if !want.IsInt64() {
		var oe *money.OverflowError
		if !errors.As(err, &oe) {
			t.Fatalf("%s, %s = %v, %v, want an OverflowError", what, r, got, err)
		}
		return
	}
	if err != nil || got != money.New(want.Int64(), money.USD) {
		t.Fatalf("%s, %s = %v, %v, want %v", what, r, got, err, want)
	}
}

func TestTimesAndExtendAgreeWithRationalNumbers(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(15, 16))
	one := big.NewRat(1, 1)
	for range 60000 {
		a := money.New(int64(r.Uint64())>>r.IntN(64), money.USD)
		f, off := randomFactor(r), randomFactor(r)
		rounding := money.Roundings()[r.IntN(4)]
		exact := new(big.Rat).Mul(new(big.Rat).SetInt64(a.Minor()), f.Decimal().Rat())
		got, err := a.Times(f, rounding)
		checkMinor(t, a.String()+" × "+f.String(), exact, rounding, got, err)

		mul, also := a.Mul(f.Decimal(), rounding)
		if mul != got || (also == nil) != (err == nil) {
			t.Fatalf("%v × %v, %s = %v by Times and %v by Mul", a, f, rounding, got, mul)
		}
		got, err = a.Extend(f, off, rounding)
		exact.Mul(exact, new(big.Rat).Sub(one, off.Decimal().Rat()))
		checkMinor(t, a.String()+" × "+f.String()+" less "+off.String(), exact, rounding, got, err)
	}
}

// Amounts on both sides of every multiple and every half of a divisor, where an
// inexact division would show.
func TestTimesAtTheEdgesOfEveryScale(t *testing.T) {
	t.Parallel()
	for scale := int32(1); scale <= 18; scale++ {
		f, err := money.FactorOf(decimal.New(1, -scale))
		if err != nil {
			t.Fatal(err)
		}
		unit := decimal.New(1, scale).IntPart()
		for _, q := range []int64{0, 1, 2, 3, math.MaxInt64/unit - 1, math.MaxInt64 / unit} {
			for _, rest := range []int64{-1, 0, 1, unit/2 - 1, unit / 2, unit/2 + 1} {
				for _, sign := range []int64{1, -1} {
					minor := sign * (q*unit + rest) // may wrap, to another edge
					for _, r := range money.Roundings() {
						got, err := money.New(minor, money.USD).Times(f, r)
						checkMinor(t, money.New(minor, money.USD).String()+" × "+f.String(), big.NewRat(minor, unit), r, got, err)
					}
				}
			}
		}
	}
}

func TestProductsAtTheEdgesOfAnAmount(t *testing.T) {
	t.Parallel()
	for _, minor := range []int64{math.MinInt64, math.MinInt64 + 1, -5764607523034234880, -1, 0, 1, 5764607523034234880, math.MaxInt64} {
		for _, s := range []string{"0", "1", "-1", "0.1", "1.6", "-1.6", "0.5", "2", "99999999999999999", "0.999999999999999999", "0.000000000000000001"} {
			f := money.MustFactor(s)
			a := money.New(minor, money.USD)
			exact := new(big.Rat).Mul(new(big.Rat).SetInt64(minor), f.Decimal().Rat())
			for _, r := range money.Roundings() {
				got, err := a.Times(f, r)
				checkMinor(t, a.String()+" × "+s, exact, r, got, err)
				got, err = a.Extend(f, money.Factor{}, r)
				checkMinor(t, a.String()+" × "+s+" without discount", exact, r, got, err)
				got, err = a.Extend(f, money.MustFactor("1"), r)
				if err != nil || got != money.New(0, money.USD) {
					t.Fatalf("%v × %s given away, %s = %v, %v, want nothing", a, s, r, got, err)
				}
			}
		}
	}
}

func TestProductsOfFactorsDoNotAllocate(t *testing.T) {
	a, f := money.New(1395, "ZWG"), money.MustFactor("2.5")
	rate := dec("2.5")
	for name, do := range map[string]func(){
		"FactorOf": func() { _, _ = money.FactorOf(rate) },
		"Times":    func() { _, _ = a.Times(f, money.HalfEven) },
		"Extend":   func() { _, _ = a.Extend(f, f, money.HalfEven) },
	} {
		if n := testing.AllocsPerRun(100, do); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

func TestFactorsNeedARounding(t *testing.T) {
	t.Parallel()
	a, f := money.New(100, money.USD), money.MustFactor("1.5")
	_, times := a.Times(f, "bankers")
	_, extend := a.Extend(f, money.Factor{}, "")
	for name, err := range map[string]error{"Times": times, "Extend": extend} {
		var oe *money.OverflowError
		if !errors.Is(err, glabella.ErrInvalid) || errors.As(err, &oe) {
			t.Errorf("%s without a rounding = %v, want an error that is no overflow", name, err)
		}
	}
}

func FuzzFactorOf(f *testing.F) {
	for _, s := range []string{"0.0825", "-2.50", "1e1000000", "1e-1000000", "99999999999999999999", "0e5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := decimal.NewFromString(s)
		if err != nil {
			return
		}
		got, err := money.FactorOf(d)
		var oe *money.OverflowError
		if err != nil {
			if !errors.As(err, &oe) {
				t.Errorf("FactorOf(%q) = %v, want an OverflowError", s, err)
			}
			return
		}
		if !got.Decimal().Equal(d) {
			t.Errorf("FactorOf(%q) = %v", s, got)
		}
	})
}

// invoiceLine is a line as a caller holds it: a price, a quantity and a share of
// discount.
type invoiceLine struct {
	price         money.Amount
	qty, off      decimal.Decimal
	quantity, cut money.Factor
}

func invoice20(tb testing.TB) []invoiceLine {
	tb.Helper()
	quantities := []string{"1", "2.5", "20", "12.75", "3", "0.5", "42", "1", "6.25", "2"}
	discounts := []string{"0", "0.10", "0.15", "0", "0.125", "0.333"}
	lines := make([]invoiceLine, 20)
	for i := range lines {
		l := invoiceLine{price: money.New(int64(1395+i*731), money.USD), qty: dec(quantities[i%len(quantities)]), off: dec(discounts[i%len(discounts)])}
		var err error
		if l.quantity, err = money.FactorOf(l.qty); err != nil {
			tb.Fatal(err)
		}
		if l.cut, err = money.FactorOf(l.off); err != nil {
			tb.Fatal(err)
		}
		lines[i] = l
	}
	return lines
}

// invoice returns the sums of the net amounts and of the taxes of lines, each of
// which is rounded to cents by itself.
func invoice(lines []invoiceLine, rate money.Factor) (net, tax money.Amount, err error) {
	for i := range lines {
		l := &lines[i]
		line, err := l.price.Extend(l.quantity, l.cut, money.HalfEven)
		if err != nil {
			return net, tax, err
		}
		due, err := line.Times(rate, money.HalfEven)
		if err != nil {
			return net, tax, err
		}
		if net, err = net.Add(line); err != nil {
			return net, tax, err
		}
		if tax, err = tax.Add(due); err != nil {
			return net, tax, err
		}
	}
	return net, tax, nil
}

func BenchmarkInvoice20(b *testing.B) {
	lines, rate := invoice20(b), money.MustFactor("0.0825")
	b.ReportAllocs()
	for b.Loop() {
		net, tax, err := invoice(lines, rate)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := net.Add(tax); err != nil {
			b.Fatal(err)
		}
	}
}

// As above, from quantities and discounts that have not been made factors before.
func BenchmarkInvoice20FromDecimals(b *testing.B) {
	lines, rate := invoice20(b), money.MustFactor("0.0825")
	b.ReportAllocs()
	for b.Loop() {
		for i := range lines {
			l := &lines[i]
			var err error
			if l.quantity, err = money.FactorOf(l.qty); err != nil {
				b.Fatal(err)
			}
			if l.cut, err = money.FactorOf(l.off); err != nil {
				b.Fatal(err)
			}
		}
		if _, _, err := invoice(lines, rate); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMul(b *testing.B) {
	a, rate := money.MustParse("USD 13.95"), dec("2.5")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.Mul(rate, money.HalfEven); err != nil {
			b.Fatal(err)
		}
	}
}
