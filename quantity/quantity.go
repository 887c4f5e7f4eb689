package quantity

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
)

// Quantity is an exact amount of a unit. The zero Quantity is nothing of no
// unit: added to a quantity it takes that one's unit. Compare with [Quantity.Equal].
//
// A quantity has at most 18 digits, 9 of them after the point. A result beyond
// that is an error where the function returns one; otherwise it is kept as a
// quantity that [Quantity.Add], [Quantity.Cmp] and the stored form refuse.
type Quantity struct {
	value decimal.Decimal
	unit  Unit
}

// New returns v of the unit u.
func New(v decimal.Decimal, u Unit) Quantity { return Quantity{value: clamp(v), unit: u} }

// Of returns n of the unit u.
func Of(n int64, u Unit) Quantity { return New(decimal.NewFromInt(n), u) }

// Parse reads a number, a space and a unit: 0.6 mL.
func Parse(s string) (Quantity, error) {
	number, unit, ok := strings.Cut(s, " ")
	if !ok {
		return Quantity{}, fmt.Errorf("quantity: %w: want a number, a space and a unit", glabella.ErrInvalid)
	}
	v, err := parseNumber(number)
	if err != nil {
		return Quantity{}, err
	}
	u, err := ParseUnit(unit)
	if err != nil {
		return Quantity{}, err
	}
	return New(v, u), nil
}

// MustParse is like [Parse] and panics on malformed text. It is for constants
// and tests.
func MustParse(s string) Quantity {
	q, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return q
}

// Value returns the number.
func (q Quantity) Value() decimal.Decimal { return q.value }

// Unit returns the unit.
func (q Quantity) Unit() Unit { return q.unit }

// Sign returns −1, 0 or +1 as the number is negative, zero or positive.
func (q Quantity) Sign() int { return q.value.Sign() }

// IsZero reports whether the number is zero, whatever the unit.
func (q Quantity) IsZero() bool { return q.value.IsZero() }

// Equal reports whether both are the same number of the same unit. Zero of one
// unit is not zero of another.
func (q Quantity) Equal(r Quantity) bool { return q.unit == r.unit && q.value.Equal(r.value) }

// same returns the unit in which q and r can be put together.
func (q Quantity) same(r Quantity) (Unit, error) {
	switch {
	case !fits(q.value) || !fits(r.value):
		return Unit{}, errRange
	case q.unit == r.unit:
		return q.unit, nil
	case q.unit.IsZero() && q.IsZero():
		return r.unit, nil
	case r.unit.IsZero() && r.IsZero():
		return q.unit, nil
	}
	return Unit{}, &UnitError{Have: r.unit, Want: q.unit}
}

// Add returns q + r, or a [*UnitError] if they are of different units.
func (q Quantity) Add(r Quantity) (Quantity, error) {
	u, err := q.same(r)
	if err != nil {
		return Quantity{}, err
	}
	if r.value.IsZero() && r.value.Exponent() == q.value.Exponent() { // nothing is added, and no digit
		return Quantity{value: q.value, unit: u}, nil
	}
	return within(q.value.Add(r.value), u)
}

func within(v decimal.Decimal, u Unit) (Quantity, error) {
	if !fits(v) {
		return Quantity{}, errRange
	}
	return Quantity{value: v, unit: u}, nil
}

// Sub returns q − r, or a [*UnitError] if they are of different units.
func (q Quantity) Sub(r Quantity) (Quantity, error) { return q.Add(r.Neg()) }

// Neg returns −q.
func (q Quantity) Neg() Quantity { return Quantity{value: q.value.Neg(), unit: q.unit} }

// Scale returns q taken n times.
func (q Quantity) Scale(n decimal.Decimal) Quantity { return New(q.value.Mul(clamp(n)), q.unit) }

// Cmp returns −1, 0 or +1 as q is less than, equal to or more than r, or a
// [*UnitError] if they are of different units.
func (q Quantity) Cmp(r Quantity) (int, error) {
	if _, err := q.same(r); err != nil {
		return 0, err
	}
	return q.value.Cmp(r.value), nil
}

// Div returns a per b, such as the concentration of a vial: 100 [arb'U]{x} in
// 2.5 mL are 40 [arb'U]{x}/mL. The number is rounded half away from zero to scale
// digits after the point. A b that is not positive is refused.
func Div(a, b Quantity, scale int32) (Quantity, error) {
	if b.Sign() <= 0 {
		return Quantity{}, fmt.Errorf("quantity: %w: divided by nothing", glabella.ErrInvalid)
	}
	if scale < 0 || scale > maxScale {
		return Quantity{}, fmt.Errorf("quantity: %w: scale must be 0 to %d", glabella.ErrInvalid, maxScale)
	}
	u, err := a.unit.Per(b.unit)
	if err != nil {
		return Quantity{}, err
	}
	if !fits(a.value) || !fits(b.value) {
		return Quantity{}, errRange
	}
	return within(a.value.DivRound(b.value, scale), u)
}

// Sum returns the sum of all, or a [*UnitError] if they are of different units.
// The sum of none is the zero Quantity.
func Sum(qs ...Quantity) (Quantity, error) {
	var sum Quantity
	for _, q := range qs {
		var err error
		if sum, err = sum.Add(q); err != nil {
			return Quantity{}, err
		}
	}
	return sum, nil
}

// String returns the form that [Parse] reads.
func (q Quantity) String() string {
	if q.unit.IsZero() {
		return plain(q.value)
	}
	return plain(q.value) + " " + q.unit.String()
}

type stored struct {
	Value string `json:"value"`
	Unit  Unit   `json:"unit"`
}

// MarshalJSON writes the number as text, so that no reader rounds it, and the
// unit: {"value":"0.6","unit":"mL"}.
func (q Quantity) MarshalJSON() ([]byte, error) {
	if !fits(q.value) {
		return nil, errRange
	}
	return json.Marshal(stored{Value: plain(q.value), Unit: q.unit})
}

// UnmarshalJSON reads what [Quantity.MarshalJSON] writes, and nothing beside it.
func (q *Quantity) UnmarshalJSON(b []byte) error {
	var s stored
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return fmt.Errorf("quantity: %w: want a value and a unit", glabella.ErrInvalid)
	}
	v, err := parseNumber(s.Value)
	if err != nil {
		return err
	}
	*q = New(v, s.Unit)
	return nil
}
