package quantity

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
)

// The bounds of a quantity's number. They are beyond any amount of a clinic, and
// keep hostile numbers from costing time or memory.
const (
	maxDigits = 18 // digits in plain notation
	maxScale  = 9  // of them after the point
	maxLength = 64 // digits and exponent of a number that is computed with at all
)

var errRange = fmt.Errorf("quantity: %w: more than %d digits, or than %d after the point", glabella.ErrInvalid, maxDigits, maxScale)

// clamp returns v, or in place of a number whose length makes arithmetic costly
// one of the same sign that is short and beyond the bounds.
func clamp(v decimal.Decimal) decimal.Decimal {
	exp := v.Exponent()
	switch {
	case v.Sign() == 0:
		return decimal.Decimal{}
	case exp >= -maxLength && exp <= maxLength && v.NumDigits() <= maxLength:
		return v
	}
	return decimal.New(int64(v.Sign()), maxDigits+1)
}

// fits reports whether v is within the bounds, which is whether [parseNumber]
// reads what [plain] writes.
func fits(v decimal.Decimal) bool {
	exp, digits := v.Exponent(), v.NumDigits()
	if exp <= 0 && exp >= -maxScale && digits < maxDigits || v.Sign() == 0 {
		return true
	}
	if exp > maxDigits || exp < -maxLength || digits > maxLength {
		return false
	}
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(plain(v), "-"), ".")
	return len(whole)+len(fraction) <= maxDigits && len(fraction) <= maxScale
}

// plain returns a number in plain notation without trailing zeros. The decimal
// library's own text depends on its package variables.
func plain(v decimal.Decimal) string {
	coefficient := v.Coefficient()
	if coefficient.Sign() == 0 {
		return "0"
	}
	sign := ""
	if coefficient.Sign() < 0 {
		sign = "-"
	}
	digits := coefficient.Abs(coefficient).String()
	exp := int(v.Exponent())
	if exp >= 0 {
		return sign + digits + strings.Repeat("0", exp)
	}
	if missing := 1 - exp - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	whole, fraction := digits[:len(digits)+exp], strings.TrimRight(digits[len(digits)+exp:], "0")
	if fraction == "" {
		return sign + whole
	}
	return sign + whole + "." + fraction
}

// parseNumber reads plain decimal notation within the bounds. Exponents are not
// read: no instrument of a clinic writes them, and their cost is unbounded.
func parseNumber(s string) (decimal.Decimal, error) {
	digits, scale, point := 0, 0, false
	for i := range len(s) {
		switch c := s[i]; {
		case c == '-' && i == 0:
		case c == '.' && !point && digits > 0:
			point = true
		case c >= '0' && c <= '9':
			digits++
			if point {
				scale++
			}
		default:
			return decimal.Decimal{}, fmt.Errorf("quantity: %w: not a decimal number", glabella.ErrInvalid)
		}
	}
	if digits == 0 || point && scale == 0 {
		return decimal.Decimal{}, fmt.Errorf("quantity: %w: not a decimal number", glabella.ErrInvalid)
	}
	if digits > maxDigits || scale > maxScale {
		return decimal.Decimal{}, errRange
	}
	return decimal.NewFromString(s)
}
