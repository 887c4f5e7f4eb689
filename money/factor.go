package money

import (
	"fmt"
	"math/bits"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
)

// Factor is what amounts are multiplied by, such as a quantity, a rate of tax or a
// share: a decimal number of up to 18 digits, 17 of them before the point. It is
// made once from a [decimal.Decimal], which arithmetic has to look into anew each
// time, and then used for many amounts. Factors are compared with ==. The zero
// Factor is 0. It has no stored form: records keep the decimal number.
type Factor struct {
	// n × 10^−scale, in the shortest form that has a decimal, so that every product
	// is divided by at least 10 and is small when one word holds it. Zero is {0, 0}.
	n     int64
	scale uint8
}

// maxDigits is how many digits a Factor has at most. A coefficient of so many
// digits is a machine word.
const maxDigits = 18

// FactorOf returns a decimal number as a Factor, or an [*OverflowError] if it has
// too many digits or decimals.
func FactorOf(d decimal.Decimal) (Factor, error) {
	if d.IsZero() {
		return Factor{}, nil
	}
	n, exp := d.CoefficientInt64(), d.Exponent()
	if d.NumDigits() > maxDigits {
		return Factor{}, errFactor()
	}
	for ; exp < -1 && n%10 == 0; exp++ {
		n /= 10
	}
	for ; exp > -1 && abs(n) < pow10[maxDigits-1]; exp-- {
		n *= 10
	}
	if exp < -maxDigits || exp > -1 {
		return Factor{}, errFactor()
	}
	return Factor{n, uint8(-exp)}, nil
}

func errFactor() error { return &OverflowError{Operation: "a factor"} }

// MustFactor reads a decimal number such as 0.0825 and panics on text that is not
// one or that no Factor holds. It is for constants and tests.
func MustFactor(s string) Factor {
	d, err := decimal.NewFromString(s)
	if err != nil {
		panic(fmt.Errorf("factor: %w: not a decimal number", glabella.ErrInvalid))
	}
	f, err := FactorOf(d)
	if err != nil {
		panic(err)
	}
	return f
}

// Decimal returns the factor as a decimal number.
func (f Factor) Decimal() decimal.Decimal { return decimal.New(f.n, -int32(f.scale)) }

// String returns the factor in plain notation: 0.0825.
func (f Factor) String() string { return f.Decimal().String() }

// Times returns a × f, computed exactly and rounded once to the minor unit. It is
// [Amount.Mul] for a factor that is used more than once.
func (a Amount) Times(f Factor, r Rounding) (Amount, error) {
	m := r.mode()
	hi, lo := bits.Mul64(abs(a.minor), abs(f.n))
	if hi != 0 || m == 0 {
		return a.wide(r, f.n, f.scale, 1)
	}
	t := &tens[f.scale&31]
	q := t.quo(lo)
	return Amount{negate(m.round(q, lo-q*t.power, t.power), a.minor^f.n), a.code}, nil
}

// Extend returns the extended price of a line of an invoice, a × quantity ×
// (1 − discount), computed exactly and rounded once to the minor unit. A discount
// of 0.15 takes off 15 %.
func (a Amount) Extend(quantity, discount Factor, r Rounding) (Amount, error) {
	m := r.mode()
	keep := int64(pow10[discount.scale]) - discount.n // neither has more than 19 digits
	scale := quantity.scale + discount.scale
	over, part := bits.Mul64(abs(a.minor), abs(quantity.n))
	hi, lo := bits.Mul64(part, abs(keep))
	if over|hi != 0 || m == 0 || int(scale) >= len(pow10) {
		return a.wide(r, quantity.n, scale, keep)
	}
	t := &tens[scale&31]
	q := t.quo(lo)
	return Amount{negate(m.round(q, lo-q*t.power, t.power), a.minor^quantity.n^keep), a.code}, nil
}

// wide is a × n × k ÷ 10^scale where a word does not hold the product.
func (a Amount) wide(r Rounding, n int64, scale uint8, k int64) (Amount, error) {
	return a.Mul(decimal.New(n, -int32(scale)).Mul(decimal.New(k, 0)), r)
}

// negate returns v with the sign of sign.
func negate(v uint64, sign int64) int64 {
	mask := sign >> 63
	return int64(v) ^ mask - mask
}

// ten is a power of ten, 10ᵏ, and what divides a word by it in one
// multiplication: x ÷ 10ᵏ is x ÷ 2ᵏ ÷ 5ᵏ, and for 5ᵏ the inverse is
// ⌈2⁶⁴⁺ˢ ÷ 5ᵏ⌉ with 2ˢ ≤ 5ᵏ < 2ˢ⁺¹. The error of the inverse is less than 5ᵏ, and
// too small to change the quotient of a number below 2⁶⁴⁻ᵏ because 5ᵏ ≤ 2ˢ⁺ᵏ.
type ten struct {
	power, inverse uint64
	first, last    uint8 // k and s
}

// quo returns x ÷ 10ᵏ, rounded down.
func (t *ten) quo(x uint64) uint64 {
	q, _ := bits.Mul64(x>>(t.first&63), t.inverse)
	return q >> (t.last & 63)
}

// tens holds no inverse for 10⁰, by which only 0 is divided.
var tens = func() (out [32]ten) {
	out[0].power = 1
	five := uint64(1)
	for k := 1; k < len(pow10); k++ {
		five *= 5
		s := bits.Len64(five) - 1
		inverse, rest := bits.Div64(1<<s, 0, five)
		out[k] = ten{pow10[k], inverse + min(rest, 1), uint8(k), uint8(s)}
	}
	return out
}()
