package quantity

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
)

// Number is a decimal number without a unit, as records and templates hold it: a
// rate, a bound, a count. Its JSON form is text, such as "0.05", in plain notation,
// whatever the decimal library is told to do. The zero Number is 0.
type Number struct{ decimal.Decimal }

// plainNumber bounds what is read, so that no input can ask for arithmetic on
// numbers of unbounded length.
var plainNumber = regexp.MustCompile(`^-?[0-9]{1,12}(\.[0-9]{1,9})?$`)

var errNumber = errors.New("want a decimal number of at most 12 digits before the point and 9 after it")

// ParseNumber reads a number in plain notation, with at most 12 digits before
// the decimal point and 9 after it.
func ParseNumber(s string) (Number, error) {
	if !plainNumber.MatchString(s) {
		return Number{}, fmt.Errorf("number: %w: %w", glabella.ErrInvalid, errNumber)
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return Number{}, fmt.Errorf("number: %w: %w", glabella.ErrInvalid, errNumber)
	}
	return Number{d}, nil
}

// MustParseNumber is like [ParseNumber] and panics on malformed text. It is for
// constants and tests.
func MustParseNumber(s string) Number {
	n, err := ParseNumber(s)
	if err != nil {
		panic(err)
	}
	return n
}

// String returns the number in the plain notation that [ParseNumber] reads.
func (n Number) String() string { return plain(clamp(n.Decimal)) }

// MarshalJSON returns the number as JSON text. A number that [ParseNumber] would
// not read, such as an unrounded quotient, is an error.
func (n Number) MarshalJSON() ([]byte, error) {
	s := n.String()
	if !plainNumber.MatchString(s) {
		return nil, fmt.Errorf("number: %w: %w", glabella.ErrInvalid, errNumber)
	}
	return json.Marshal(s)
}

// UnmarshalJSON reads the number from JSON text.
func (n *Number) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("number: %w: want text such as \"2.5\"", glabella.ErrInvalid)
	}
	v, err := ParseNumber(s)
	if err != nil {
		return err
	}
	*n = v
	return nil
}
