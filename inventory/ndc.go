package inventory

import (
	"slices"
	"strings"

	"github.com/glabella-ehr/glabella"
)

// Codes of faults in a National Drug Code. Their source is 21 CFR 207.33 and, for
// twelve digits, 91 FR 10749.
const (
	// CodeNDCFormat says that a text is not a National Drug Code.
	CodeNDCFormat glabella.Code = "inventory.ndc.format"
	// CodeNDCAmbiguous says that the digits of a National Drug Code can be read as more than one.
	CodeNDCAmbiguous glabella.Code = "inventory.ndc.ambiguous"
	// CodeNDCConversion says that a National Drug Code has no form of the kind that is asked for.
	CodeNDCConversion glabella.Code = "inventory.ndc.conversion"
)

// NDCFormat says how many digits the labeler, product and package segments of a
// National Drug Code have.
type NDCFormat string

// The formats of a National Drug Code.
const (
	NDC442   NDCFormat = "4-4-2"
	NDC532   NDCFormat = "5-3-2"
	NDC541   NDCFormat = "5-4-1"
	NDC632   NDCFormat = "6-3-2" // of a six-digit labeler code
	NDC641   NDCFormat = "6-4-1"
	Claim542 NDCFormat = "5-4-2" // of claims: ten digits and one filling zero
	NDC642   NDCFormat = "6-4-2" // of every code that the FDA assigns from 2033-03-07 on
)

// NDCFormats returns every format.
func NDCFormats() []NDCFormat {
	return []NDCFormat{NDC442, NDC532, NDC541, NDC632, NDC641, Claim542, NDC642}
}

// Valid reports whether f is one of [NDCFormats].
func (f NDCFormat) Valid() bool { return slices.Contains(NDCFormats(), f) }

// segments returns the lengths of the three segments.
func (f NDCFormat) segments() (labeler, product, pack int) {
	return int(f[0] - '0'), int(f[2] - '0'), int(f[4] - '0')
}

// digits returns how many digits the format has.
func (f NDCFormat) digits() int {
	a, b, c := f.segments()
	return a + b + c
}

// NDC is a National Drug Code of the United States whose segments are known. It is
// made by [ParseNDC] or [NDCOf]; the zero NDC is none.
type NDC struct {
	text string // with hyphens
}

// NDCError says why a text is not one National Drug Code. It unwraps to
// [glabella.ErrInvalid].
type NDCError struct {
	Code       glabella.Code
	Text       string
	Candidates []NDC // what the digits can be read as, if more than one
}

// Error says what is wrong, and how the digits can be read.
func (e *NDCError) Error() string {
	s := "ndc: " + e.Text
	if len(e.Candidates) == 0 {
		return s
	}
	var names []string
	for _, c := range e.Candidates {
		names = append(names, c.String())
	}
	return s + ": " + strings.Join(names, ", ")
}

// Unwrap returns [glabella.ErrInvalid].
func (e *NDCError) Unwrap() error { return glabella.ErrInvalid }

// ParseNDC reads a National Drug Code with its hyphens, as on the label, or of
// twelve digits without them, which are 6-4-2. Ten or eleven digits without hyphens
// can be read in several ways: that is an [*NDCError] with the candidates, of which
// the host's catalogue or the user chooses one; [NDCOf] takes the digits with the
// format.
func ParseNDC(s string) (NDC, error) {
	s = strings.TrimSpace(s)
	if strings.Contains(s, "-") {
		for _, f := range NDCFormats() {
			if n := (NDC{s}); n.fits(f) {
				return n, nil
			}
		}
		return NDC{}, &NDCError{Code: CodeNDCFormat, Text: "the segments are not those of a national drug code"}
	}
	switch found := NDCsOf(s); len(found) {
	case 0:
		return NDC{}, &NDCError{Code: CodeNDCFormat, Text: "a national drug code has 10 to 12 digits"}
	case 1:
		return found[0], nil
	default:
		return NDC{}, &NDCError{Code: CodeNDCAmbiguous, Text: "the segments are not known", Candidates: found}
	}
}

// NDCOf makes a National Drug Code of digits without hyphens whose format is
// known.
func NDCOf(digits string, f NDCFormat) (NDC, error) {
	if !f.Valid() {
		return NDC{}, &NDCError{Code: CodeNDCFormat, Text: "not a format of the national drug code"}
	}
	if len(digits) != f.digits() || !allDigits(digits) {
		return NDC{}, &NDCError{Code: CodeNDCFormat, Text: "not the digits of the format " + string(f)}
	}
	a, b, _ := f.segments()
	return NDC{digits[:a] + "-" + digits[a:a+b] + "-" + digits[a+b:]}, nil
}

// NDCsOf returns everything that digits without hyphens can be read as, in the
// order of [NDCFormats]: three codes for ten and for eleven digits, one for twelve,
// none for other text. Which of them it is, only a catalogue knows.
func NDCsOf(digits string) []NDC {
	var out []NDC
	for _, f := range NDCFormats() {
		if n, err := NDCOf(digits, f); err == nil {
			out = append(out, n)
		}
	}
	return out
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// fits reports whether the text has the segments of the format.
func (n NDC) fits(f NDCFormat) bool {
	a, b, c := f.segments()
	s := n.text
	return len(s) == a+b+c+2 && s[a] == '-' && s[a+1+b] == '-' && allDigits(s[:a]+s[a+1:a+1+b]+s[a+b+2:])
}

// IsZero reports whether there is no code.
func (n NDC) IsZero() bool { return n.text == "" }

// String returns the code with hyphens, which [ParseNDC] reads.
func (n NDC) String() string { return n.text }

// Digits returns the code without hyphens.
func (n NDC) Digits() string { return strings.ReplaceAll(n.text, "-", "") }

// Format returns the format, "" for the zero NDC.
func (n NDC) Format() NDCFormat {
	for _, f := range NDCFormats() {
		if n.fits(f) {
			return f
		}
	}
	return ""
}

// Claim returns the eleven digits of claims, 5-4-2: a code of ten digits gets the
// one zero at the beginning of the segment that is short. Codes of six-digit labelers and of
// twelve digits have no such form unless the labeler code begins with 0, which is then
// left out; the others are an [*NDCError].
func (n NDC) Claim() (NDC, error) {
	labeler, product, pack := n.parts()
	if len(labeler) == 6 && labeler[0] == '0' && n.Format() == NDC642 {
		labeler = labeler[1:]
	}
	if n.IsZero() || len(labeler) > 5 {
		return NDC{}, &NDCError{Code: CodeNDCConversion, Text: "a six-digit labeler code has no eleven-digit form"}
	}
	return NDC{zeros(labeler, 5) + "-" + zeros(product, 4) + "-" + zeros(pack, 2)}, nil
}

// Twelve returns the twelve digits of the format that is uniform from 2033-03-07
// on, 6-4-2: every segment that is short is filled with zeros on its left (91 FR
// 10749). The zero NDC stays zero.
func (n NDC) Twelve() NDC {
	if n.IsZero() {
		return n
	}
	labeler, product, pack := n.parts()
	return NDC{zeros(labeler, 6) + "-" + zeros(product, 4) + "-" + zeros(pack, 2)}
}

// Ten returns the code of ten digits that one of claims or of twelve digits was
// made from. It is found by leaving out one filling zero, and is an [*NDCError] with
// the candidates where more than one segment begins with 0, and one without
// candidates where there is none. A code that has ten digits is returned as it is.
func (n NDC) Ten() (NDC, error) {
	if n.Format().isTen() {
		return n, nil
	}
	claim, err := n.Claim()
	if err != nil || n.Format() != Claim542 && n.Format() != NDC642 {
		return NDC{}, &NDCError{Code: CodeNDCConversion, Text: "there is no form of ten digits"}
	}
	labeler, product, pack := claim.parts()
	var found []NDC
	if labeler[0] == '0' {
		found = append(found, NDC{labeler[1:] + "-" + product + "-" + pack})
	}
	if product[0] == '0' {
		found = append(found, NDC{labeler + "-" + product[1:] + "-" + pack})
	}
	if pack[0] == '0' {
		found = append(found, NDC{labeler + "-" + product + "-" + pack[1:]})
	}
	switch len(found) {
	case 0:
		return NDC{}, &NDCError{Code: CodeNDCConversion, Text: "there is no form of ten digits"}
	case 1:
		return found[0], nil
	default:
		return NDC{}, &NDCError{Code: CodeNDCAmbiguous, Text: "more than one segment begins with 0", Candidates: found}
	}
}

// isTen reports whether the format has ten digits.
func (f NDCFormat) isTen() bool { return f == NDC442 || f == NDC532 || f == NDC541 }

// parts returns the three segments.
func (n NDC) parts() (labeler, product, pack string) {
	labeler, rest, _ := strings.Cut(n.text, "-")
	product, pack, _ = strings.Cut(rest, "-")
	return labeler, product, pack
}

func zeros(s string, length int) string { return strings.Repeat("0", max(0, length-len(s))) + s }

// GTIN returns the trade item number of 14 digits that carries a code of ten
// digits: indicator 0, prefix 03, the ten digits and a check digit. Codes of other
// lengths have none and are an [*NDCError].
func (n NDC) GTIN() (string, error) {
	if !n.Format().isTen() {
		return "", &NDCError{Code: CodeNDCConversion, Text: "only a code of ten digits fits a trade item number"}
	}
	body := "003" + n.Digits()
	return body + string(checkDigit(body)), nil
}

// NDCDigits returns the ten digits of the National Drug Code that a trade item
// number of 14 digits with the prefix 03 carries, at any packaging level, or false.
// [NDCsOf] gives what they can be read as.
func NDCDigits(gtin string) (string, bool) {
	if len(gtin) != 14 || gtin[1:3] != "03" || !allDigits(gtin) {
		return "", false
	}
	return gtin[3:13], true
}

// MarshalText returns the code with hyphens; the zero NDC is empty.
func (n NDC) MarshalText() ([]byte, error) { return []byte(n.text), nil }

// UnmarshalText reads a code as [ParseNDC] does; empty is the zero NDC.
func (n *NDC) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*n = NDC{}
		return nil
	}
	parsed, err := ParseNDC(string(b))
	if err != nil {
		return err
	}
	*n = parsed
	return nil
}
