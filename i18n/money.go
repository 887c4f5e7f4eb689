package i18n

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"github.com/glabella-ehr/glabella/money"
)

// Amount returns what users read for an amount of money: $1,234.50 in American
// English, 1.234,50 € in Spain. Digits, separators and symbols are those of the
// Unicode CLDR. Every digit of the amount is shown, however large it is.
func Amount(lang language.Tag, a money.Amount) string {
	p := message.NewPrinter(lang)
	minus, v := "", uint64(a.Minor())
	if a.Sign() < 0 {
		minus = strings.TrimSuffix(p.Sprint(number.Decimal(-1)), p.Sprint(number.Decimal(1)))
		v = -v
	}
	text := digits(p, v, a.Currency().Digits())
	c := a.Currency()
	if c == "" {
		return minus + text
	}
	symbol := string(c)
	if unit, err := currency.ParseISO(symbol); err == nil {
		symbol = p.Sprint(currency.Symbol(unit))
	}
	switch place := placeOf(lang); {
	case place == after:
		return minus + text + nbsp + symbol
	case place == apart || lettered(symbol):
		return minus + symbol + nbsp + text
	default:
		return minus + symbol + text
	}
}

// nbsp keeps a symbol and its number on one line.
const nbsp = "\u00a0"

// digits returns v ÷ 10^decimals. Both parts are formatted as whole numbers, for
// floating point would lose digits.
func digits(p *message.Printer, v uint64, decimals int) string {
	unit := uint64(1)
	for range decimals {
		unit *= 10
	}
	text := p.Sprint(number.Decimal(v / unit))
	if decimals == 0 {
		return text
	}
	return text + point(p) + p.Sprint(number.Decimal(v%unit, number.MinIntegerDigits(decimals), number.NoSeparator()))
}

// point returns the decimal separator: what stands between the digits of 1.1.
func point(p *message.Printer) string {
	one := p.Sprint(number.Decimal(1))
	text := p.Sprint(number.Decimal(1.1, number.Scale(1)))
	return strings.TrimSuffix(strings.TrimPrefix(text, one), one)
}

// place is where the symbol of a currency stands.
type place uint8

const (
	apart  place = iota // before the number, with a space
	before              // before the number
	after               // after the number, with a space
)

// places are the standard currency patterns of the CLDR, of languages that differ
// from its root. A variety of a language has its parent's.
var places = map[string]place{
	"en": before, "es": after, "es-419": before, "de": after, "fr": after, "it": after, "pt-PT": after,
}

func placeOf(lang language.Tag) place {
	for tag := lang; tag != language.Und; tag = tag.Parent() {
		if where, ok := places[tag.String()]; ok {
			return where
		}
	}
	return apart
}

// lettered reports whether a symbol ends with a letter, as CHF does, and would run
// into the number.
func lettered(symbol string) bool {
	r, _ := utf8.DecodeLastRuneInString(symbol)
	return unicode.IsLetter(r)
}
