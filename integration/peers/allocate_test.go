package peers

import (
	"slices"
	"testing"

	gomoney "github.com/Rhymond/go-money"
	bojanz "github.com/bojanz/currency"
	"github.com/cockroachdb/apd/v3"
	govalues "github.com/govalues/decimal"
	shopspring "github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella/money"
)

// splitter prepares an amount of dollars and returns what splits it into n parts
// that differ by a cent at most, the larger first, and what reads the parts in
// cents. Of the peers, go-money does so by itself; with the others the caller
// divides, and hands out the cents that remain.
type splitter func(dollars string, n int) (split func() error, parts func() []int64)

var splitters = []struct {
	name    string
	prepare splitter
}{
	{"glabella", glabellaSplit},
	{"govalues", govaluesSplit},
	{"go-money", goMoneySplit},
	{"apd", apdSplit},
	{"shopspring", shopspringSplit},
	{"bojanz", bojanzSplit},
}

func glabellaSplit(dollars string, n int) (func() error, func() []int64) {
	whole := money.MustParse("USD " + dollars)
	weights := slices.Repeat([]int64{1}, n)
	var parts []money.Amount
	split := func() (err error) {
		parts, err = whole.Allocate(weights...)
		return err
	}
	return split, func() []int64 { return each(parts, money.Amount.Minor) }
}

func govaluesSplit(dollars string, n int) (func() error, func() []int64) {
	whole, count := govalues.MustParse(dollars), govalues.MustNew(int64(n), 0)
	cent := govalues.MustNew(1, 2)
	var parts []govalues.Decimal
	split := func() error {
		part, err := whole.Quo(count)
		if err != nil {
			return err
		}
		part = part.Trunc(2)
		given, err := part.Mul(count)
		if err != nil {
			return err
		}
		left, err := whole.Sub(given)
		if err != nil {
			return err
		}
		more, err := part.Add(cent)
		if err != nil {
			return err
		}
		parts = make([]govalues.Decimal, n)
		for i := range parts {
			if parts[i] = part; !left.IsPos() {
				continue
			}
			parts[i] = more
			if left, err = left.Sub(cent); err != nil {
				return err
			}
		}
		return nil
	}
	return split, func() []int64 {
		return each(parts, func(d govalues.Decimal) int64 { return centsOf(d.String()) })
	}
}

func goMoneySplit(dollars string, n int) (func() error, func() []int64) {
	whole := gomoney.New(centsOf(dollars), gomoney.USD)
	var parts []*gomoney.Money
	split := func() (err error) {
		parts, err = whole.Split(n)
		return err
	}
	return split, func() []int64 { return each(parts, (*gomoney.Money).Amount) }
}

func apdSplit(dollars string, n int) (func() error, func() []int64) {
	whole, _, err := apd.NewFromString(dollars)
	if err != nil {
		panic(err)
	}
	count, cent := apd.New(int64(n), 0), apd.New(1, -2)
	ctx := apd.BaseContext.WithPrecision(34)
	ctx.Rounding = apd.RoundDown
	var parts []apd.Decimal
	split := func() error {
		ed := apd.MakeErrDecimal(ctx)
		var part, given, left, more apd.Decimal
		ed.Quo(&part, whole, count)
		ed.Quantize(&part, &part, -2)
		ed.Mul(&given, &part, count)
		ed.Sub(&left, whole, &given)
		ed.Add(&more, &part, cent)
		parts = make([]apd.Decimal, n)
		for i := range parts {
			if left.Sign() > 0 {
				parts[i].Set(&more)
				ed.Sub(&left, &left, cent)
			} else {
				parts[i].Set(&part)
			}
		}
		return ed.Err()
	}
	return split, func() []int64 {
		return each(parts, func(d apd.Decimal) int64 { return centsOf(d.Text('f')) })
	}
}

func shopspringSplit(dollars string, n int) (func() error, func() []int64) {
	whole, count := shopspring.RequireFromString(dollars), shopspring.New(int64(n), 0)
	cent := shopspring.New(1, -2)
	var parts []shopspring.Decimal
	split := func() error {
		part, left := whole.QuoRem(count, 2)
		more := part.Add(cent)
		parts = make([]shopspring.Decimal, n)
		for i := range parts {
			if parts[i] = part; left.IsPositive() {
				parts[i] = more
				left = left.Sub(cent)
			}
		}
		return nil
	}
	return split, func() []int64 {
		return each(parts, func(d shopspring.Decimal) int64 { return centsOf(d.String()) })
	}
}

func bojanzSplit(dollars string, n int) (func() error, func() []int64) {
	whole, err := bojanz.NewAmount(dollars, "USD")
	if err != nil {
		panic(err)
	}
	cent, err := bojanz.NewAmount("0.01", "USD")
	if err != nil {
		panic(err)
	}
	count := shopspring.New(int64(n), 0).String()
	var parts []bojanz.Amount
	split := func() error {
		part, err := whole.Div(count)
		if err != nil {
			return err
		}
		part = part.RoundTo(2, bojanz.RoundDown)
		given, err := part.Mul(count)
		if err != nil {
			return err
		}
		left, err := whole.Sub(given)
		if err != nil {
			return err
		}
		more, err := part.Add(cent)
		if err != nil {
			return err
		}
		parts = make([]bojanz.Amount, n)
		for i := range parts {
			if parts[i] = part; !left.IsPositive() {
				continue
			}
			parts[i] = more
			if left, err = left.Sub(cent); err != nil {
				return err
			}
		}
		return nil
	}
	return split, func() []int64 {
		return each(parts, func(a bojanz.Amount) int64 { return centsOf(a.Number()) })
	}
}

func each[T any](parts []T, f func(T) int64) []int64 {
	out := make([]int64, len(parts))
	for i, p := range parts {
		out[i] = f(p)
	}
	return out
}

// centsOf reads dollars of at most two decimals, and returns −1 of others.
func centsOf(dollars string) int64 {
	d, err := shopspring.NewFromString(dollars)
	if err != nil || !d.Shift(2).IsInteger() {
		return -1
	}
	return d.Shift(2).IntPart()
}

func TestPeersAgreeOnSplits(t *testing.T) {
	t.Parallel()
	for _, dollars := range []string{"100.00", "0.05", "0.00", "99999.99", "7.00"} {
		for n := 1; n <= 13; n++ {
			var want []int64
			for i, v := range splitters {
				split, parts := v.prepare(dollars, n)
				if err := split(); err != nil {
					t.Fatalf("%s: %v", v.name, err)
				}
				got := parts()
				if i == 0 {
					want = got
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s by %d: %s has %v, %s %v", dollars, n, v.name, got, splitters[0].name, want)
				}
			}
			var sum int64
			for _, part := range want {
				sum += part
			}
			if sum != centsOf(dollars) {
				t.Errorf("%s by %d: %v sum to %d", dollars, n, want, sum)
			}
		}
	}
}

func BenchmarkAllocate7(b *testing.B) {
	for _, v := range splitters {
		b.Run(v.name, func(b *testing.B) {
			split, _ := v.prepare("100.00", 7)
			b.ReportAllocs()
			for b.Loop() {
				if err := split(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
