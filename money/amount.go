package money

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"

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

// Parse reads a currency code, a space and a plain decimal number: USD 12.34. A
// number with more decimals than the currency has is refused, not rounded.
func Parse(s string) (Amount, error) {
	code, number, ok := strings.Cut(s, " ")
	if !ok {
		return Amount{}, fmt.Errorf("amount: %w: want a currency, a space and a number", glabella.ErrInvalid)
	}
	c, err := ParseCurrency(code)
	if err != nil {
		return Amount{}, err
	}
	whole, fraction, point := strings.Cut(number, ".")
	negative := strings.HasPrefix(whole, "-")
	whole = strings.TrimPrefix(whole, "-")
	if !digitsOnly(whole) || point && !digitsOnly(fraction) {
		return Amount{}, fmt.Errorf("amount: %w: not a plain decimal number", glabella.ErrInvalid)
	}
	if len(fraction) > c.Digits() {
		return Amount{}, fmt.Errorf("amount: %w: more decimals than %s has", glabella.ErrInvalid, c)
	}
	fraction += strings.Repeat("0", c.Digits()-len(fraction))
	v, err := strconv.ParseUint(whole+fraction, 10, 64)
	minor, fits := signed(v, negative)
	if err != nil || !fits {
		return Amount{}, &OverflowError{Operation: "reading"}
	}
	return New(minor, c), nil
}

func digitsOnly(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// MustParse is like [Parse] and panics on malformed text. It is for constants
// and tests.
func MustParse(s string) Amount {
	a, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return a
}

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
	c, err := a.same(b)
	if err != nil {
		return Amount{}, err
	}
	sum := a.minor + b.minor
	if (sum > a.minor) != (b.minor > 0) && b.minor != 0 {
		return Amount{}, &OverflowError{Operation: "addition"}
	}
	return Amount{sum, c}, nil
}

// Sub returns a − b.
func (a Amount) Sub(b Amount) (Amount, error) {
	c, err := a.same(b)
	if err != nil {
		return Amount{}, err
	}
	diff := a.minor - b.minor
	if (diff < a.minor) != (b.minor > 0) && b.minor != 0 {
		return Amount{}, &OverflowError{Operation: "subtraction"}
	}
	return Amount{diff, c}, nil
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

// Allocate splits a in proportion to the weights, so that the parts sum to a
// exactly. Each part is at first rounded towards zero; the minor units that
// remain go one each to the parts that lost the most (largest remainder), earlier
// ones first. Weights are not negative and not all zero.
func (a Amount) Allocate(weights ...int64) ([]Amount, error) {
	var total uint64
	for _, w := range weights {
		if w < 0 {
			return nil, fmt.Errorf("allocate: %w: a weight is negative", glabella.ErrInvalid)
		}
		if total += uint64(w); total > math.MaxInt64 {
			return nil, &OverflowError{Operation: "allocation"}
		}
	}
	if total == 0 {
		return nil, fmt.Errorf("allocate: %w: nothing to allocate to", glabella.ErrInvalid)
	}
	whole, negative := abs(a.minor), a.minor < 0
	parts := make([]Amount, len(weights))
	var small [16]uint64
	rests := small[:0]
	left := whole
	for i, w := range weights {
		hi, lo := bits.Mul64(whole, uint64(w))
		q, rest := quoRem(hi, lo, total) // the quotient fits: w ≤ total
		parts[i] = portion(q, negative, a.code)
		rests = append(rests, rest)
		left -= q
	}
	extra := int64(1)
	if negative {
		extra = -1
	}
	if len(rests) > len(small) {
		for _, i := range largest(rests)[:left] {
			parts[i].minor += extra
		}
		return parts, nil
	}
	for ; left > 0; left-- {
		most := 0
		for i, rest := range rests {
			if rest > rests[most] {
				most = i
			}
		}
		rests[most] = 0
		parts[most].minor += extra
	}
	return parts, nil
}

// largest returns the places of v from the largest, among equals the earlier one
// first.
func largest(v []uint64) []int {
	places := make([]int, len(v))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(i, j int) int { return cmp.Compare(v[j], v[i]) })
	return places
}

func portion(v uint64, negative bool, c code) Amount {
	if negative {
		return Amount{-int64(v), c}
	}
	return Amount{int64(v), c}
}

// Split divides a into n parts that differ by at most one minor unit and sum to
// a exactly; the larger parts come first.
func (a Amount) Split(n int) ([]Amount, error) {
	if n < 1 {
		return nil, fmt.Errorf("split: %w: into less than one part", glabella.ErrInvalid)
	}
	return a.Allocate(slices.Repeat([]int64{1}, n)...)
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

// String returns the form that [Parse] reads, and "" for the zero Amount.
func (a Amount) String() string {
	if a == (Amount{}) {
		return ""
	}
	b, err := a.AppendText(nil)
	if err != nil {
		return strconv.FormatInt(a.minor, 10) + " of no currency"
	}
	return string(b)
}

// AppendText appends the form that [Parse] reads. An amount of no currency, other
// than the zero Amount, has none.
func (a Amount) AppendText(b []byte) ([]byte, error) {
	if a == (Amount{}) {
		return b, nil
	}
	c := a.Currency()
	if !c.Valid() {
		return nil, fmt.Errorf("amount: %w: of no currency", glabella.ErrInvalid)
	}
	b = append(b, c...)
	b = append(b, ' ')
	if a.minor < 0 {
		b = append(b, '-')
	}
	unit := pow10[c.Digits()]
	v := abs(a.minor)
	b = strconv.AppendUint(b, v/unit, 10)
	if unit == 1 {
		return b, nil
	}
	b = append(b, '.')
	for rest := v % unit; unit > 1; {
		unit /= 10
		b = append(b, byte('0'+rest/unit))
		rest %= unit
	}
	return b, nil
}

// MarshalText returns the form that [Parse] reads; the zero Amount is empty. An
// amount of no currency is an error.
func (a Amount) MarshalText() ([]byte, error) { return a.AppendText(nil) }

// UnmarshalText reads the form that [Parse] reads; empty is the zero Amount.
func (a *Amount) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*a = Amount{}
		return nil
	}
	v, err := Parse(string(b))
	if err != nil {
		return err
	}
	*a = v
	return nil
}

// Value returns the form that [Parse] reads, for a database column of text.
func (a Amount) Value() (driver.Value, error) {
	b, err := a.AppendText(nil)
	if err != nil {
		return nil, err
	}
	return string(b), nil
}

// Scan reads what [Amount.Value] writes.
func (a *Amount) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return a.UnmarshalText([]byte(v))
	case []byte:
		return a.UnmarshalText(v)
	case nil:
		*a = Amount{}
		return nil
	}
	return fmt.Errorf("amount: %w: cannot read a %T", glabella.ErrInvalid, src)
}
