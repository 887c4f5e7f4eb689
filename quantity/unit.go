package quantity

import (
	"fmt"
	"slices"
	"strings"

	"github.com/glabella-ehr/glabella"
)

// Unit is a unit of measure: a UCUM code, and the product that it belongs to if
// it is product-typed. It is comparable; the zero Unit means none.
type Unit struct {
	code    string
	product string
}

// codes are the UCUM codes that this library measures in, beside those that are
// one of them per another.
var codes = []string{
	"1", "%", "[arb'U]", "U", "[iU]", "{score}", "{syringe}", "{vial}",
	"L", "mL", "uL", "kg", "g", "mg", "ug", "ng", "mmol", "meq",
	"m", "cm", "mm", "um", "nm", "cm2", "mm2",
	"s", "ms", "us", "ns", "ps", "min", "h", "d", "wk", "mo", "a",
	"J", "mJ", "W", "mW", "Hz", "kHz", "Cel", "mm[Hg]", "/min", "kPa", "bar",
}

// ParseUnit reads a UCUM code, which may be a quotient, followed by an optional
// product in braces: mL, mg/kg, [arb'U]{onabotulinumtoxinA}/mL. Codes are
// case-sensitive, and those that this library does not measure in are refused.
func ParseUnit(s string) (Unit, error) {
	num, den, quotient := strings.Cut(s, "/")
	if num == "" && quotient { // UCUM writes "per minute" as /min
		num, den, quotient = s, "", false
	}
	product := ""
	if i := strings.IndexByte(num, '{'); i > 0 {
		if !strings.HasSuffix(num, "}") {
			return Unit{}, badUnit("the product's brace is not closed")
		}
		product, num = num[i+1:len(num)-1], num[:i]
		if !validProduct(product) {
			return Unit{}, badUnit("a product is letters, digits, hyphens, dots and underscores")
		}
	}
	if !slices.Contains(codes, num) || quotient && !slices.Contains(codes, den) {
		return Unit{}, badUnit("not a unit that is measured in")
	}
	code := num
	if quotient {
		code += "/" + den
	}
	return Unit{code: code, product: product}, nil
}

func badUnit(text string) error {
	return fmt.Errorf("unit: %w: %s", glabella.ErrInvalid, text)
}

func validProduct(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.') {
			return false
		}
	}
	return true
}

// MustUnit is like [ParseUnit] and panics on a malformed unit. It is for
// constants and tests.
func MustUnit(s string) Unit {
	u, err := ParseUnit(s)
	if err != nil {
		panic(err)
	}
	return u
}

// Code returns the UCUM code without the product.
func (u Unit) Code() string { return u.code }

// Product returns the product that the unit belongs to, "" if it is the same for
// all.
func (u Unit) Product() string { return u.product }

// Of returns the unit of the same code that belongs to the product. A product
// that could not be written in braces gives the zero Unit, and so does one of a
// unit that is braces already, such as {score}.
func (u Unit) Of(product string) Unit {
	if product != "" && (!validProduct(product) || u.IsZero() || u.code[0] == '{') {
		return Unit{}
	}
	u.product = product
	return u
}

// Per returns the unit of an amount of u in one den: [arb'U]{x} per mL is
// [arb'U]{x}/mL. Only units that are not quotients themselves can be divided.
func (u Unit) Per(den Unit) (Unit, error) {
	if u.IsZero() || den.IsZero() || den.product != "" || strings.Contains(u.code, "/") || strings.Contains(den.code, "/") {
		return Unit{}, badUnit("not a quotient of two plain units")
	}
	return Unit{code: u.code + "/" + den.code, product: u.product}, nil
}

// IsZero reports whether there is no unit.
func (u Unit) IsZero() bool { return u == Unit{} }

// String returns the form that [ParseUnit] reads.
func (u Unit) String() string {
	if u.product == "" {
		return u.code
	}
	num, den, quotient := strings.Cut(u.code, "/")
	if !quotient || num == "" {
		return u.code + "{" + u.product + "}"
	}
	return num + "{" + u.product + "}/" + den
}

// MarshalText returns the form that [ParseUnit] reads; the zero Unit is empty.
func (u Unit) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText reads the form that [ParseUnit] reads; empty is the zero Unit.
func (u *Unit) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*u = Unit{}
		return nil
	}
	v, err := ParseUnit(string(b))
	if err != nil {
		return err
	}
	*u = v
	return nil
}

// UnitError says that two quantities of different units, or of different
// products, were put together. It unwraps to [glabella.ErrInvalid].
type UnitError struct{ Have, Want Unit }

// Error names both units.
func (e *UnitError) Error() string { return fmt.Sprintf("unit %s where %s is due", e.Have, e.Want) }

// Unwrap returns [glabella.ErrInvalid].
func (e *UnitError) Unwrap() error { return glabella.ErrInvalid }
