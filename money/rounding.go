package money

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
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

// mode is a [Rounding] as the arithmetic knows it. Zero is none.
type mode uint8

const (
	halfEven mode = iota + 1
	halfUp
	down
	up
)

func (r Rounding) mode() mode {
	switch r {
	case HalfEven:
		return halfEven
	case HalfUp:
		return halfUp
	case Down:
		return down
	case Up:
		return up
	}
	return 0
}

var errRounding = fmt.Errorf("rounding: %w: not a rounding", glabella.ErrInvalid)

// round returns the quotient q, at most 2⁶³, rounded by the remainder rest of a
// division by den. It does not branch on the remainder, which cannot be foreseen:
// the borrow of a subtraction says whether to round up.
func (m mode) round(q, rest, den uint64) uint64 {
	var more uint64
	switch m {
	case halfEven:
		_, more = bits.Sub64(den-rest, rest+q&1, 0) // 2 × rest + q mod 2 > den
	case halfUp:
		_, more = bits.Sub64(den-rest, rest+1, 0) // 2 × rest + 1 > den
	case up:
		_, more = bits.Sub64(0, rest, 0) // rest > 0
	}
	return q + more
}

// maxExponent bounds the powers of ten that are computed with. Amounts have at
// most 19 digits and rates are bounded alike, so that a larger exponent can only
// overflow or vanish.
const maxExponent = 64

var pow10 = [...]uint64{1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19}

// mulDiv returns minor × num ÷ den, exactly and rounded once.
func mulDiv(minor int64, num, den decimal.Decimal, m mode) (int64, bool) {
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
	if v, ok := mulDivSmall(minor, num, den, int(exp), m); ok {
		return v, true
	}
	return mulDivBig(minor, num, den, exp, m)
}

// mulSmall is minor × rate for a rate such as 2.5: a coefficient of a machine word
// and decimals. It reports false for others, and when the product needs more than
// two words.
func mulSmall(minor int64, rate decimal.Decimal, m mode) (int64, bool) {
	scale := -int64(rate.Exponent())
	if scale < 0 || scale >= int64(len(pow10)) || rate.NumDigits() > maxDigits {
		return 0, false
	}
	n := rate.CoefficientInt64()
	if hi, lo := bits.Mul64(abs(minor), abs(n)); hi == 0 && scale > 0 {
		t := &tens[scale&31]
		q := t.quo(lo)
		return negate(m.round(q, lo-q*t.power, t.power), minor^n), true
	}
	return divide(abs(minor), abs(n), pow10[scale], (minor < 0) != (n < 0), m)
}

// mulDivSmall is mulDiv for coefficients of a machine word, with a product of
// two. It reports false when that is not enough.
func mulDivSmall(minor int64, num, den decimal.Decimal, exp int, m mode) (int64, bool) {
	if exp >= len(pow10) || -exp >= len(pow10) || num.NumDigits() > maxDigits || den.NumDigits() > maxDigits {
		return 0, false
	}
	n, d := num.CoefficientInt64(), den.CoefficientInt64()
	negative := (minor < 0) != (n < 0) != (d < 0)
	b, c, carry := abs(n), abs(d), uint64(0)
	if exp > 0 {
		carry, b = bits.Mul64(b, pow10[exp])
	} else {
		carry, c = bits.Mul64(c, pow10[-exp])
	}
	if carry != 0 {
		return 0, false
	}
	return divide(abs(minor), b, c, negative, m)
}

// divide returns a × b ÷ c, rounded once, if the quotient fits.
func divide(a, b, c uint64, negative bool, m mode) (int64, bool) {
	hi, lo := bits.Mul64(a, b)
	if hi >= c {
		return 0, false
	}
	q, rest := quoRem(hi, lo, c)
	if q > 1<<63 {
		return 0, false
	}
	return signed(m.round(q, rest, c), negative)
}

// quoRem divides two words by one. It is [bits.Div64] with the common case, in
// which one word is enough, made fast.
func quoRem(hi, lo, c uint64) (q, rest uint64) {
	if hi == 0 {
		return lo / c, lo % c
	}
	return bits.Div64(hi, lo, c)
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

func mulDivBig(minor int64, num, den decimal.Decimal, exp int64, m mode) (int64, bool) {
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
	if rest.Sign() != 0 && m.away(q.Bit(0) == 1, rest.Lsh(rest, 1).Cmp(b)) {
		q.Add(q, big.NewInt(1))
	}
	if !q.IsUint64() {
		return 0, false
	}
	return signed(q.Uint64(), negative)
}

// away reports whether a quotient with a remainder is rounded away from zero,
// given whether it is odd and how twice its remainder compares with the divisor.
func (m mode) away(odd bool, half int) bool {
	switch m {
	case halfEven:
		return half > 0 || half == 0 && odd
	case halfUp:
		return half >= 0
	default:
		return m == up
	}
}
