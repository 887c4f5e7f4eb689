package quantity

import (
	"math"

	"github.com/shopspring/decimal"
)

// Total adds up quantities. It gives what [Quantity.Add] gives one after the
// other, and is much faster where there are many. The zero Total is nothing.
type Total struct {
	unit  Unit
	sum   int64 // in units of 10^-9, unless slow
	scale int32 // the digits after the point of the longest one
	exact Quantity
	slow  bool // whether the sum is in exact
}

var powers = [maxScale + 1]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}

// small returns q in units of 10^-9, and false if that does not fit.
func small(q Quantity) (n int64, scale int32, ok bool) {
	exp := q.value.Exponent()
	if exp > 0 || exp < -maxScale || q.value.NumDigits() >= maxDigits {
		return 0, 0, false
	}
	n, by := q.value.CoefficientInt64(), powers[maxScale+exp]
	if n > math.MaxInt64/by || n < math.MinInt64/by {
		return 0, 0, false
	}
	return n * by, -exp, true
}

// Add adds q, or returns a [*UnitError] if it is of another unit, or an error if
// the sum is beyond the bounds of a quantity. After an error the total is as it
// was.
func (t *Total) Add(q Quantity) error {
	if !t.slow {
		n, scale, ok := small(q)
		switch sum := t.sum + n; {
		case !ok, n > 0 && sum < t.sum, n < 0 && sum > t.sum, sum >= 1e18, sum <= -1e18:
			t.exact, t.slow = t.Sum(), true
		case q.unit == t.unit || t.unit.IsZero() && t.sum == 0:
			t.unit, t.sum, t.scale = q.unit, sum, max(t.scale, scale)
			return nil
		case q.unit.IsZero() && n == 0:
			t.scale = max(t.scale, scale)
			return nil
		default:
			return &UnitError{Have: q.unit, Want: t.unit}
		}
	}
	sum, err := t.exact.Add(q)
	if err == nil {
		t.exact = sum
	}
	return err
}

// Sum returns the sum of what was added.
func (t *Total) Sum() Quantity {
	if t.slow {
		return t.exact
	}
	return Quantity{value: decimal.New(t.sum/powers[maxScale-t.scale], -t.scale), unit: t.unit}
}
