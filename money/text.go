package money

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/glabella-ehr/glabella"
)

// Parse reads a currency code, a space and a plain decimal number: USD 12.34. A
// number with more decimals than the currency has is refused, not rounded.
func Parse(s string) (Amount, error) {
	code, number, ok := strings.Cut(s, " ")
	if !ok {
		return Amount{}, fmt.Errorf("amount: %w: want a currency, a space and a number", glabella.ErrInvalid)
	}
	c, err := ParseCurrency(code)
	if err != nil {
		return Amount{}, err
	}
	whole, fraction, point := strings.Cut(number, ".")
	negative := strings.HasPrefix(whole, "-")
	whole = strings.TrimPrefix(whole, "-")
	if !digitsOnly(whole) || point && !digitsOnly(fraction) {
		return Amount{}, fmt.Errorf("amount: %w: not a plain decimal number", glabella.ErrInvalid)
	}
	if len(fraction) > c.Digits() {
		return Amount{}, fmt.Errorf("amount: %w: more decimals than %s has", glabella.ErrInvalid, c)
	}
	fraction += strings.Repeat("0", c.Digits()-len(fraction))
	v, err := strconv.ParseUint(whole+fraction, 10, 64)
	minor, fits := signed(v, negative)
	if err != nil || !fits {
		return Amount{}, &OverflowError{Operation: "reading"}
	}
	return New(minor, c), nil
}

func digitsOnly(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// MustParse is like [Parse] and panics on malformed text. It is for constants
// and tests.
func MustParse(s string) Amount {
	a, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return a
}

// String returns the form that [Parse] reads, and "" for the zero Amount.
func (a Amount) String() string {
	if a == (Amount{}) {
		return ""
	}
	b, err := a.AppendText(nil)
	if err != nil {
		return strconv.FormatInt(a.minor, 10) + " of no currency"
	}
	return string(b)
}

// AppendText appends the form that [Parse] reads. An amount of no currency, other
// than the zero Amount, has none.
func (a Amount) AppendText(b []byte) ([]byte, error) {
	if a == (Amount{}) {
		return b, nil
	}
	c := a.Currency()
	if !c.Valid() {
		return nil, fmt.Errorf("amount: %w: of no currency", glabella.ErrInvalid)
	}
	b = append(b, c...)
	b = append(b, ' ')
	if a.minor < 0 {
		b = append(b, '-')
	}
	unit := pow10[c.Digits()]
	v := abs(a.minor)
	b = strconv.AppendUint(b, v/unit, 10)
	if unit == 1 {
		return b, nil
	}
	b = append(b, '.')
	for rest := v % unit; unit > 1; {
		unit /= 10
		b = append(b, byte('0'+rest/unit))
		rest %= unit
	}
	return b, nil
}

// MarshalText returns the form that [Parse] reads; the zero Amount is empty. An
// amount of no currency is an error.
func (a Amount) MarshalText() ([]byte, error) { return a.AppendText(nil) }

// UnmarshalText reads the form that [Parse] reads; empty is the zero Amount.
func (a *Amount) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*a = Amount{}
		return nil
	}
	v, err := Parse(string(b))
	if err != nil {
		return err
	}
	*a = v
	return nil
}

// MarshalJSON returns the form that [Parse] reads as JSON text. An amount of no
// currency is an error.
func (a Amount) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, 32), '"')
	b, err := a.AppendText(b)
	if err != nil {
		return nil, err
	}
	return append(b, '"'), nil
}

// UnmarshalJSON reads the form that [Parse] reads from JSON text; null changes
// nothing. Numbers are refused, for they name no currency and pass through floating
// point elsewhere.
func (a *Amount) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("amount: %w: want text such as \"USD 12.34\"", glabella.ErrInvalid)
	}
	return a.UnmarshalText([]byte(s))
}

// Value returns the form that [Parse] reads, for a database column of text.
func (a Amount) Value() (driver.Value, error) {
	b, err := a.AppendText(nil)
	if err != nil {
		return nil, err
	}
	return string(b), nil
}

// Scan reads what [Amount.Value] writes.
func (a *Amount) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return a.UnmarshalText([]byte(v))
	case []byte:
		return a.UnmarshalText(v)
	case nil:
		*a = Amount{}
		return nil
	}
	return fmt.Errorf("amount: %w: cannot read a %T", glabella.ErrInvalid, src)
}
