package money

import (
	"fmt"
	"strings"

	"github.com/glabella-ehr/glabella"
)

// Currency is a currency by its ISO 4217 code. The zero Currency means none.
type Currency string

// The currencies of the practices that this library is made for first. Others
// come from [ParseCurrency].
const (
	USD Currency = "USD"
	EUR Currency = "EUR"
	GBP Currency = "GBP"
	CAD Currency = "CAD"
)

// The active currencies of ISO 4217 by the number of their minor digits.
const (
	digits0 = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF "
	digits3 = "BHD IQD JOD KWD LYD OMR TND "
	digits4 = "CLF UYW "
	digits2 = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG "
)

// ParseCurrency reads an active ISO 4217 code in capitals.
func ParseCurrency(s string) (Currency, error) {
	c := Currency(s)
	if !c.Valid() {
		return "", fmt.Errorf("currency: %w: not an active ISO 4217 code", glabella.ErrInvalid)
	}
	return c, nil
}

func digitsOf(code string) int {
	switch code += " "; {
	case aligned(digits2, code):
		return 2
	case aligned(digits0, code):
		return 0
	case aligned(digits3, code):
		return 3
	case aligned(digits4, code):
		return 4
	}
	return -1
}

// aligned reports whether code stands in list as one of its words.
func aligned(list, code string) bool {
	i := strings.Index(list, code)
	return i >= 0 && i%4 == 0
}

// Digits returns how many decimal digits the minor unit has: 2 for USD, 0 for
// JPY. The zero Currency has none.
func (c Currency) Digits() int {
	if c == USD {
		return 2
	}
	return max(digitsOf(string(c)), 0)
}

// Valid reports whether c is an active ISO 4217 code.
func (c Currency) Valid() bool { return len(c) == 3 && digitsOf(string(c)) >= 0 }

// UnmarshalText reads an ISO 4217 code; empty is the zero Currency.
func (c *Currency) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*c = ""
		return nil
	}
	v, err := ParseCurrency(string(b))
	if err != nil {
		return err
	}
	*c = v
	return nil
}

// code is a currency as an [Amount] holds it: its three letters in a word. It
// makes an Amount two words without a pointer. Zero is no currency.
type code uint32

// unknown stands for text that cannot be a currency: XXX is ISO 4217's code for
// "no currency".
const unknown = code('X')<<16 | code('X')<<8 | code('X')

func pack(c Currency) code {
	if c == "" {
		return 0
	}
	if len(c) != 3 || c[0] == 0 {
		return unknown
	}
	return code(c[0])<<16 | code(c[1])<<8 | code(c[2])
}

// currency is the reverse of pack. That of a code on the lists is a part of them,
// so that nothing is allocated.
func (k code) currency() Currency {
	if k == 0 {
		return ""
	}
	word := [...]byte{byte(k >> 16), byte(k >> 8), byte(k), ' '}
	for _, list := range [...]string{digits2, digits0, digits3, digits4} {
		if i := strings.Index(list, string(word[:])); i >= 0 && i%4 == 0 {
			return Currency(list[i : i+3])
		}
	}
	return Currency(word[:3])
}

// CurrencyError says that amounts of two currencies were put together. It
// unwraps to [glabella.ErrInvalid].
type CurrencyError struct{ Have, Want Currency }

// Error names both currencies.
func (e *CurrencyError) Error() string {
	return fmt.Sprintf("currency %s where %s is due", e.Have, e.Want)
}

// Unwrap returns [glabella.ErrInvalid].
func (e *CurrencyError) Unwrap() error { return glabella.ErrInvalid }

// OverflowError says that a result is larger than an [Amount] can hold. It
// unwraps to [glabella.ErrInvalid].
type OverflowError struct{ Operation string }

// Error names the operation.
func (e *OverflowError) Error() string { return e.Operation + " of money overflows" }

// Unwrap returns [glabella.ErrInvalid].
func (e *OverflowError) Unwrap() error { return glabella.ErrInvalid }
