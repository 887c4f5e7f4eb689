package money

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
)

// Amount is an exact amount of money: a whole number of a currency's minor unit,
// up to ±9.2 × 10¹⁸ of them. Amounts are compared with ==. The zero Amount is
// nothing of no currency; it can be added to any amount.
type Amount struct {
	minor int64
	code  code
}

// New returns minor units of a currency: New(1234, USD) is USD 12.34. Of text that
// is no currency's code the amount has no stored form, see [Amount.MarshalText].
func New(minor int64, c Currency) Amount { return Amount{minor: minor, code: pack(c)} }

// Minor returns the number of minor units.
func (a Amount) Minor() int64 { return a.minor }

// Currency returns the currency.
func (a Amount) Currency() Currency { return a.code.currency() }

// Sign returns −1, 0 or +1 as a is negative, zero or positive.
func (a Amount) Sign() int { return cmp.Compare(a.minor, 0) }

// IsZero reports whether a is nothing, of whatever currency.
func (a Amount) IsZero() bool { return a.minor == 0 }

// Decimal returns the amount as a number of major units.
func (a Amount) Decimal() decimal.Decimal {
	return decimal.New(a.minor, -int32(a.Currency().Digits()))
}

// same returns the currency in which a and b can be put together.
func (a Amount) same(b Amount) (code, error) {
	switch {
	case a.code == b.code, b == Amount{}:
		return a.code, nil
	case a == Amount{}:
		return b.code, nil
	}
	return 0, &CurrencyError{Have: b.Currency(), Want: a.Currency()}
}

// Add returns a + b.
func (a Amount) Add(b Amount) (Amount, error) {
	// A sum that overflows has the sign of neither.
	if sum := a.minor + b.minor; a.code == b.code && (a.minor^sum)&(b.minor^sum) >= 0 {
		return Amount{sum, a.code}, nil
	}
	return a.join(b, false)
}

// Sub returns a − b.
func (a Amount) Sub(b Amount) (Amount, error) {
	if diff := a.minor - b.minor; a.code == b.code && (a.minor^b.minor)&(a.minor^diff) >= 0 {
		return Amount{diff, a.code}, nil
	}
	return a.join(b, true)
}

// join is the sum or the difference where one of them is of no currency, and says
// why there is none otherwise.
func (a Amount) join(b Amount, negative bool) (Amount, error) {
	c, err := a.same(b)
	switch {
	case err != nil:
		return Amount{}, err
	case b == Amount{}:
		return a, nil
	case a == Amount{} && !negative:
		return b, nil
	case a == Amount{} && b.minor != math.MinInt64:
		return Amount{-b.minor, c}, nil
	case negative:
		return Amount{}, &OverflowError{Operation: "subtraction"}
	}
	return Amount{}, &OverflowError{Operation: "addition"}
}

// Neg returns −a. The least amount has no negative and is returned as the
// greatest.
func (a Amount) Neg() Amount {
	if a.minor == math.MinInt64 {
		return Amount{math.MaxInt64, a.code}
	}
	return Amount{-a.minor, a.code}
}

// Cmp returns −1, 0 or +1 as a is less than, equal to or more than b.
func (a Amount) Cmp(b Amount) (int, error) {
	if _, err := a.same(b); err != nil {
		return 0, err
	}
	return cmp.Compare(a.minor, b.minor), nil
}

// Mul returns a × rate, computed exactly and rounded once to the minor unit. Rates
// of extreme scale are an [*OverflowError].
func (a Amount) Mul(rate decimal.Decimal, r Rounding) (Amount, error) {
	m := r.mode()
	if v, ok := mulSmall(a.minor, rate, m); ok && m != 0 {
		return Amount{v, a.code}, nil
	}
	return a.MulDiv(rate, one, r)
}

var one = decimal.New(1, 0)

// MulDiv returns a × num ÷ den, computed exactly and rounded once to the minor
// unit. Dividing by zero, and numbers of extreme scale, are an [*OverflowError].
func (a Amount) MulDiv(num, den decimal.Decimal, r Rounding) (Amount, error) {
	m := r.mode()
	if m == 0 {
		return Amount{}, errRounding
	}
	v, ok := mulDiv(a.minor, num, den, m)
	if !ok {
		return Amount{}, &OverflowError{Operation: "multiplication"}
	}
	return Amount{v, a.code}, nil
}

// RoundTo returns a rounded to a multiple of increment minor units, as cash is:
// to 5 where the smallest coin is 0.05. An increment below 1 is refused.
func (a Amount) RoundTo(increment int64, r Rounding) (Amount, error) {
	m := r.mode()
	switch {
	case m == 0:
		return Amount{}, errRounding
	case increment < 1:
		return Amount{}, fmt.Errorf("cash rounding: %w: the increment must be positive", glabella.ErrInvalid)
	}
	steps, rest := abs(a.minor)/uint64(increment), abs(a.minor)%uint64(increment)
	hi, lo := bits.Mul64(m.round(steps, rest, uint64(increment)), uint64(increment))
	v, fits := signed(lo, a.minor < 0)
	if hi != 0 || !fits {
		return Amount{}, &OverflowError{Operation: "rounding"}
	}
	return Amount{v, a.code}, nil
}

// Sum returns the sum of all. The sum of none is the zero Amount.
func Sum(as ...Amount) (Amount, error) {
	var sum Amount
	for _, a := range as {
		var err error
		if sum, err = sum.Add(a); err != nil {
			return Amount{}, err
		}
	}
	return sum, nil
}
