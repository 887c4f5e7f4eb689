package inventory

import (
	"math"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella/quantity"
)

// amount is a quantity without pointers: n·10^-scale of a unit of the index. A
// quantity has at most 18 digits, so that n always fits.
type amount struct {
	n     int64
	unit  uint16
	scale uint8
}

const amountScale = 9 // a quantity has no more digits after the point

var tens = [19]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// amountOf returns the quantity as the index holds it. One that is out of bounds,
// which no record may have, is nothing.
func (x *Index) amountOf(q quantity.Quantity) amount {
	n, scale, ok := digitsOf(q.Value())
	if !ok {
		n, scale = 0, 0
	}
	return amount{n: n, scale: scale, unit: x.unitSlot(q.Unit())}
}

// digitsOf returns n and scale of v = n·10^-scale.
func digitsOf(v decimal.Decimal) (n int64, scale uint8, ok bool) {
	exp, digits := v.Exponent(), v.NumDigits()
	switch {
	case exp >= -amountScale && exp <= 0 && digits <= 18:
		return v.CoefficientInt64(), uint8(-exp), true
	case exp < -amountScale:
		short := v.Truncate(amountScale)
		if !short.Equal(v) || short.NumDigits() > 18 {
			return 0, 0, false
		}
		return short.CoefficientInt64(), amountScale, true
	case exp > 0 && digits+int(exp) <= 18:
		return v.CoefficientInt64() * tens[exp], 0, true
	default:
		return 0, 0, v.IsZero()
	}
}

func (x *Index) unitSlot(u quantity.Unit) uint16 {
	slot, ok := x.unitSlots[u]
	if !ok {
		slot = uint16(len(x.units))
		x.unitSlots[u] = slot
		x.units = append(x.units, u)
	}
	return slot
}

// quantityOf returns the amount as a quantity.
func (x *Index) quantityOf(a amount) quantity.Quantity {
	return quantity.New(decimal.New(a.n, -int32(a.scale)), x.units[a.unit])
}

// align returns two numbers in the finer of their scales, and false if that does
// not fit.
func align(a int64, as uint8, b int64, bs uint8) (int64, int64, uint8, bool) {
	if as == bs {
		return a, b, as, true
	}
	up := func(n int64, by uint8) (int64, bool) {
		f := tens[by]
		return n * f, n <= math.MaxInt64/f && n >= math.MinInt64/f
	}
	if as < bs {
		n, ok := up(a, bs-as)
		return n, b, bs, ok
	}
	n, ok := up(b, as-bs)
	return a, n, as, ok
}
