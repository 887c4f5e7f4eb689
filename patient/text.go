package patient

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/glabella-ehr/glabella/internal/check"
)

// NormalizeText returns the text in the composed form of Unicode (NFC), without
// blanks at its ends and with one space for each run of blanks within. Bytes that
// are not UTF-8 and control characters are dropped.
func NormalizeText(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "")
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(norm.NFC.String(s)), " ")
}

// NormalizeName returns the name with each of its parts normalised as
// [NormalizeText] does, and without given names that are empty. It changes
// neither case nor accents: a name is written as its owner writes it.
func NormalizeName(n Name) Name {
	n.Family, n.Prefix, n.Suffix = NormalizeText(n.Family), NormalizeText(n.Prefix), NormalizeText(n.Suffix)
	given := slices.Clone(n.Given)
	for i, g := range given {
		given[i] = NormalizeText(g)
	}
	n.Given = slices.DeleteFunc(given, func(s string) bool { return s == "" })
	return n
}

// NormalizeEmail returns the address with its domain in lower case. The part
// before the @ is kept, because the receiving server alone knows whether its case
// matters. Domains in other scripts are not turned into their ASCII form.
func NormalizeEmail(raw string) (string, error) {
	malformed := &NormalizeError{What: "email", Code: CodeEmail}
	s := NormalizeText(raw)
	at := strings.LastIndexByte(s, '@')
	if at <= 0 {
		return "", malformed
	}
	s = s[:at+1] + norm.NFC.String(strings.ToLower(s[at+1:]))
	if len(check.Struct(email{s})) > 0 {
		return "", malformed
	}
	return s, nil
}

// NormalizeContact returns the contact in its standard form, and a telephone
// number with its extension apart. A nil parser is [BuiltinPhones]; region is the
// country in which a number without country code is dialled.
func NormalizeContact(c Contact, region string, phones PhoneParser) (Contact, error) {
	if phones == nil {
		phones = BuiltinPhones{}
	}
	switch c.System {
	case Phone, SMS:
		n, err := phones.ParsePhone(c.Value, region)
		if err != nil {
			return c, err
		}
		c.Value = n.E164
		if n.Extension != "" && c.System == Phone {
			c.Extension = n.Extension
		}
	case Email:
		value, err := NormalizeEmail(c.Value)
		if err != nil {
			return c, err
		}
		c.Value = value
	}
	return c, nil
}
