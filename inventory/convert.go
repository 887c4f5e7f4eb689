package inventory

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// Codes of faults in packs and conversions.
const (
	// CodePackUnknownUnit says that the packs of an item do not lead from one unit to the other.
	CodePackUnknownUnit glabella.Code = "inventory.pack.unknown-unit"
	// CodePackContradiction says that the packs of an item give two different contents for one unit.
	CodePackContradiction glabella.Code = "inventory.pack.contradiction"
	// CodePackOverflow says that a converted amount is too large, or its fraction too fine, to be exact.
	CodePackOverflow glabella.Code = "inventory.pack.overflow"
)

// ConversionError says why an amount was not converted. It unwraps to
// [glabella.ErrInvalid].
type ConversionError struct {
	Code     glabella.Code
	From, To string // units
	Text     string
}

// Error names the units and the fault.
func (e *ConversionError) Error() string {
	return fmt.Sprintf("convert %q to %q: %s", e.From, e.To, e.Text)
}

// Unwrap returns [glabella.ErrInvalid].
func (e *ConversionError) Unwrap() error { return glabella.ErrInvalid }

// Ratio is an exact fraction in lowest terms, such as 1/3 of a box. Conversions
// there and back give the first number again. The zero Ratio is 0.
type Ratio struct {
	num, less int64 // less is the denominator less one, so that the zero value is 0/1
}

// NewRatio returns num/den. It is false if den is 0 or a number does not fit.
func NewRatio(num, den int64) (Ratio, bool) {
	if den == 0 || num == math.MinInt64 || den == math.MinInt64 {
		return Ratio{}, false
	}
	if den < 0 {
		num, den = -num, -den
	}
	g := gcd(num, den)
	return Ratio{num / g, den/g - 1}, true
}

// RatioOf returns a number as a fraction, or false if it does not fit.
func RatioOf(n quantity.Number) (Ratio, bool) {
	coefficient, exp := n.Coefficient(), n.Exponent()
	if coefficient.Sign() == 0 {
		return Ratio{}, true
	}
	if !coefficient.IsInt64() || exp < -18 || exp > 18 {
		return Ratio{}, false
	}
	power := int64(1)
	for range max(exp, -exp) {
		power *= 10
	}
	whole, ok := NewRatio(coefficient.Int64(), 1)
	if !ok {
		return Ratio{}, false
	}
	if exp < 0 {
		return whole.Div(Ratio{power, 0})
	}
	return whole.Mul(Ratio{power, 0})
}

// Whole returns n/1.
func Whole(n int64) Ratio {
	r, _ := NewRatio(n, 1)
	return r
}

// ParseRatio reads 12, -3/4 or 0.55.
func ParseRatio(s string) (Ratio, error) {
	bad := fmt.Errorf("ratio: %w: want a number such as 12, 3/4 or 0.55", glabella.ErrInvalid)
	if num, den, ok := strings.Cut(s, "/"); ok {
		n, err := strconv.ParseInt(num, 10, 64)
		d, also := strconv.ParseInt(den, 10, 64)
		r, fits := NewRatio(n, d)
		if err != nil || also != nil || d < 0 || !fits {
			return Ratio{}, bad
		}
		return r, nil
	}
	n, err := quantity.ParseNumber(s)
	if err != nil {
		return Ratio{}, bad
	}
	r, ok := RatioOf(n)
	if !ok {
		return Ratio{}, bad
	}
	return r, nil
}

func gcd(a, b int64) int64 {
	if a < 0 {
		a = -a
	}
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, 1)
}

// Num returns the numerator.
func (r Ratio) Num() int64 { return r.num }

// Den returns the denominator, which is positive.
func (r Ratio) Den() int64 { return r.less + 1 }

// Sign returns -1, 0 or 1.
func (r Ratio) Sign() int {
	switch {
	case r.num < 0:
		return -1
	case r.num > 0:
		return 1
	default:
		return 0
	}
}

// Mul returns r times s, or false if it does not fit.
func (r Ratio) Mul(s Ratio) (Ratio, bool) {
	// Cancelling crosswise first keeps the products as small as the result.
	g, h := gcd(r.num, s.Den()), gcd(s.num, r.Den())
	num, ok := product(r.num/g, s.num/h)
	den, also := product(r.Den()/h, s.Den()/g)
	if !ok || !also {
		return Ratio{}, false
	}
	return NewRatio(num, den)
}

// Div returns r divided by s, or false if s is 0 or it does not fit.
func (r Ratio) Div(s Ratio) (Ratio, bool) {
	inverse, ok := NewRatio(s.Den(), s.num)
	if !ok {
		return Ratio{}, false
	}
	return r.Mul(inverse)
}

// Add returns r plus s, or false if it does not fit.
func (r Ratio) Add(s Ratio) (Ratio, bool) {
	g := gcd(r.Den(), s.Den())
	a, ok := product(r.num, s.Den()/g)
	b, also := product(s.num, r.Den()/g)
	den, fits := product(r.Den(), s.Den()/g)
	if !ok || !also || !fits || b > 0 && a > math.MaxInt64-b || b < 0 && a < -math.MaxInt64-b {
		return Ratio{}, false
	}
	return NewRatio(a+b, den)
}

// product returns a times b, or false if it does not fit.
func product(a, b int64) (int64, bool) {
	abs := func(n int64) uint64 {
		if n < 0 {
			return uint64(-n)
		}
		return uint64(n)
	}
	high, low := bits.Mul64(abs(a), abs(b))
	if high != 0 || low > math.MaxInt64 {
		return 0, false
	}
	if a < 0 != (b < 0) {
		return -int64(low), true
	}
	return int64(low), true
}

// Number returns the fraction as a decimal number, or false if it has none within
// the 9 digits after the point of a stored number, such as 1/3.
func (r Ratio) Number() (quantity.Number, bool) {
	den, scale := r.Den(), int32(0)
	power := int64(1)
	for ; power%den != 0; scale++ {
		if scale == 9 {
			return quantity.Number{}, false
		}
		power *= 10
	}
	coefficient, ok := product(r.num, power/den)
	if !ok {
		return quantity.Number{}, false
	}
	return quantity.Number{Decimal: decimal.New(coefficient, -scale)}, true
}

// String returns the form that [ParseRatio] reads: 12 or 3/4.
func (r Ratio) String() string {
	if r.less == 0 {
		return strconv.FormatInt(r.num, 10)
	}
	return strconv.FormatInt(r.num, 10) + "/" + strconv.FormatInt(r.Den(), 10)
}

// MarshalText returns the form that [ParseRatio] reads.
func (r Ratio) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads a fraction as [ParseRatio] does.
func (r *Ratio) UnmarshalText(b []byte) error {
	parsed, err := ParseRatio(string(b))
	if err != nil {
		return err
	}
	*r = parsed
	return nil
}

// Pack says what one unit in which an item is bought, counted or used contains:
// one box contains 10 vials, one vial 100 units, one syringe 0.55 mL. Units are the
// catalogue's own words.
type Pack struct {
	Unit     string `json:"unit"`     // "box"
	Contains Ratio  `json:"contains"` // 10
	Of       string `json:"of"`       // "vial"
}

// packIssues reports everything that is wrong with the packs of one item. Every
// unit may be defined once, and not by way of itself: then there is one way at
// most from a unit to another, and no two contents.
func packIssues(packs []Pack) []glabella.Issue {
	var issues []glabella.Issue
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	for i, p := range packs {
		path := fmt.Sprintf("/packs/%d", i)
		if p.Unit == "" {
			add(path+"/unit", glabella.CodeRequired, "a pack has a unit")
		}
		if p.Of == "" {
			add(path+"/of", glabella.CodeRequired, "a pack contains a number of a unit")
		}
		if p.Contains.Sign() <= 0 {
			add(path+"/contains", glabella.CodeOutOfRange, "a pack contains more than nothing")
		}
		if p.Unit != "" && p.Unit == p.Of {
			add(path+"/of", CodePackContradiction, "the unit contains itself")
			continue
		}
		var fault *ConversionError
		_, err := factor(packs[:i], p.Unit, p.Of)
		if leads := err == nil || errors.As(err, &fault) && fault.Code == CodePackOverflow; leads && p.Unit != "" && p.Of != "" {
			add(path, CodePackContradiction, "the packs before give the content of the unit already")
		}
	}
	return issues
}

// factor returns how many of to one of from is.
func factor(packs []Pack, from, to string) (Ratio, error) {
	known := false
	type found struct {
		unit string
		is   Ratio // of it are one from
		fits bool
	}
	queue := []found{{from, Ratio{1, 0}, true}}
	seen := []string{from}
	for i := 0; i < len(queue); i++ {
		at := queue[i]
		if at.unit == to && (from != to || used(packs, from)) {
			if !at.fits {
				return Ratio{}, &ConversionError{Code: CodePackOverflow, From: from, To: to, Text: "too large or too fine to be exact"}
			}
			return at.is, nil
		}
		for _, p := range packs {
			next, ok := found{}, at.fits
			switch {
			case p.Unit == at.unit:
				next.unit = p.Of
				next.is, next.fits = at.is.Mul(p.Contains)
			case p.Of == at.unit:
				next.unit = p.Unit
				next.is, next.fits = at.is.Div(p.Contains)
			default:
				continue
			}
			known = true
			next.fits = next.fits && ok
			if !slices.Contains(seen, next.unit) {
				seen, queue = append(seen, next.unit), append(queue, next)
			}
		}
	}
	text := "the packs do not lead there"
	if !known {
		text = "no pack has the unit"
	}
	return Ratio{}, &ConversionError{Code: CodePackUnknownUnit, From: from, To: to, Text: text}
}

// used reports whether a pack has the unit.
func used(packs []Pack, unit string) bool {
	return slices.ContainsFunc(packs, func(p Pack) bool { return p.Unit == unit || p.Of == unit })
}

// Convert returns how many of the unit to an amount of the unit from is, exactly,
// by the packs of one item in any direction: with one box of 10 vials, 3 vials are
// 3/10 of a box. It is a [*ConversionError] if the packs do not lead from one unit
// to the other, or the result does not fit. The packs must be valid, see
// [CatalogueItem.Validate].
func Convert(packs []Pack, amount Ratio, from, to string) (Ratio, error) {
	f, err := factor(packs, from, to)
	if err != nil {
		return Ratio{}, err
	}
	out, ok := amount.Mul(f)
	if !ok {
		return Ratio{}, &ConversionError{Code: CodePackOverflow, From: from, To: to, Text: "too large or too fine to be exact"}
	}
	return out, nil
}
