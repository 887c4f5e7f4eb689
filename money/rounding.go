package money

import (
	"math"
	"math/big"
	"math/bits"
	"slices"

	"github.com/shopspring/decimal"
)

// Rounding names how a result between two minor units becomes one of them.
type Rounding string

// The roundings.
const (
	HalfEven Rounding = "half-even" // to the nearest; halves to the even neighbour (ISO 80000-1 rule A, "banker's")
	HalfUp   Rounding = "half-up"   // to the nearest; halves away from zero, as tax laws usually say
	Down     Rounding = "down"      // towards zero
	Up       Rounding = "up"        // away from zero
)

// Roundings returns every rounding.
func Roundings() []Rounding { return []Rounding{HalfEven, HalfUp, Down, Up} }

// Valid reports whether r is one of [Roundings].
func (r Rounding) Valid() bool { return slices.Contains(Roundings(), r) }

// up reports whether a quotient is rounded away from zero, given whether it is
// odd, how its remainder compares with half of the divisor, and whether there is
// a remainder.
func (r Rounding) up(odd bool, half int, rest bool) bool {
	switch r {
	case HalfUp:
		return half >= 0 && rest
	case Down:
		return false
	case Up:
		return rest
	default:
		return half > 0 || half == 0 && odd
	}
}

// maxExponent bounds the powers of ten that are computed with. Amounts have at
// most 19 digits and rates are bounded alike, so that a larger exponent can only
// overflow or vanish.
const maxExponent = 64

var pow10 = [...]uint64{1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19}

// mulDiv returns minor × num ÷ den, exactly and rounded once.
func mulDiv(minor int64, num, den decimal.Decimal, r Rounding) (int64, bool) {
	if den.Sign() == 0 {
		return 0, false
	}
	if minor == 0 || num.Sign() == 0 {
		return 0, true
	}
	exp := int64(num.Exponent()) - int64(den.Exponent())
	if exp > maxExponent || exp < -maxExponent {
		return 0, false
	}
	if v, ok := mulDivSmall(minor, num, den, int(exp), r); ok {
		return v, true
	}
	return mulDivBig(minor, num, den, exp, r)
}

// mulDivSmall is mulDiv for coefficients of a machine word, with a product of
// two. It reports false when that is not enough.
func mulDivSmall(minor int64, num, den decimal.Decimal, exp int, r Rounding) (int64, bool) {
	if num.NumDigits() > 18 || den.NumDigits() > 18 {
		return 0, false
	}
	n, d := num.CoefficientInt64(), den.CoefficientInt64()
	negative := (minor < 0) != (n < 0) != (d < 0)
	a, b, c := abs(minor), abs(n), abs(d)
	switch {
	case exp >= len(pow10) || -exp >= len(pow10):
		return 0, false
	case exp > 0:
		hi, lo := bits.Mul64(b, pow10[exp])
		if hi != 0 {
			return 0, false
		}
		b = lo
	case exp < 0:
		hi, lo := bits.Mul64(c, pow10[-exp])
		if hi != 0 {
			return 0, false
		}
		c = lo
	}
	hi, lo := bits.Mul64(a, b)
	if hi >= c {
		return 0, false
	}
	q, rest := bits.Div64(hi, lo, c)
	if r.up(q&1 == 1, compareHalf(rest, c), rest != 0) {
		q++
	}
	return signed(q, negative)
}

func compareHalf(rest, den uint64) int {
	switch other := den - rest; {
	case rest > other:
		return 1
	case rest == other:
		return 0
	default:
		return -1
	}
}

func abs(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

func signed(v uint64, negative bool) (int64, bool) {
	switch {
	case negative && v <= 1<<63:
		return -int64(v), true
	case !negative && v <= math.MaxInt64:
		return int64(v), true
	}
	return 0, false
}

func mulDivBig(minor int64, num, den decimal.Decimal, exp int64, r Rounding) (int64, bool) {
	a := new(big.Int).Mul(big.NewInt(minor), num.Coefficient())
	b := den.Coefficient()
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(max(exp, -exp)), nil)
	if exp > 0 {
		a.Mul(a, scale)
	} else {
		b.Mul(b, scale)
	}
	negative := a.Sign() != b.Sign()
	a.Abs(a)
	b.Abs(b)
	q, rest := new(big.Int).QuoRem(a, b, new(big.Int))
	half := new(big.Int).Lsh(rest, 1).Cmp(b)
	if r.up(q.Bit(0) == 1, half, rest.Sign() != 0) {
		q.Add(q, big.NewInt(1))
	}
	if !q.IsUint64() {
		return 0, false
	}
	return signed(q.Uint64(), negative)
}
