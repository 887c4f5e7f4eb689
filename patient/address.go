package patient

import (
	"regexp"
	"slices"
	"strings"

	"github.com/glabella-ehr/glabella"
)

// CodePostal says that a postal code does not have the form of its country.
const CodePostal glabella.Code = "patient.postal-code"

var (
	zip      = regexp.MustCompile(`^([0-9]{5})(?:[ -]?([0-9]{4}))?$`)
	canadian = regexp.MustCompile(`^([ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z])[ -]?([0-9][ABCEGHJ-NPRSTV-Z][0-9])$`)
	british  = regexp.MustCompile(`^([A-Z]{1,2}[0-9][A-Z0-9]?) ?([0-9][A-Z]{2})$`)
)

// NormalizePostal returns a postal code in upper case with the spaces of its
// country: 78701-1234 in the United States, K1A 0B1 in Canada, SW1A 1AA in the
// United Kingdom. Of other countries, only case and blanks are changed.
func NormalizePostal(raw, country string) (string, error) {
	s := NormalizeText(strings.ToUpper(NormalizeText(raw)))
	if s == "" {
		return "", nil
	}
	form, separator := (*regexp.Regexp)(nil), " "
	switch strings.ToUpper(country) {
	case "US", "PR":
		form, separator = zip, "-"
	case "CA":
		form = canadian
	case "GB":
		form = british
	default:
		return s, nil
	}
	m := form.FindStringSubmatch(s)
	if m == nil {
		return "", &NormalizeError{What: "postal code", Code: CodePostal}
	}
	if m[2] == "" {
		return m[1], nil
	}
	return m[1] + separator + m[2], nil
}

// NormalizeAddress returns the address with its parts normalised as
// [NormalizeText] and [NormalizePostal] do, its country in upper case, and
// without lines that are empty.
func NormalizeAddress(a Address) (Address, error) {
	a.City, a.State, a.Country = NormalizeText(a.City), NormalizeText(a.State), strings.ToUpper(NormalizeText(a.Country))
	if a.Country == "US" || a.Country == "CA" {
		a.State = strings.ToUpper(a.State)
	}
	lines := slices.Clone(a.Lines)
	for i, l := range lines {
		lines[i] = NormalizeText(l)
	}
	a.Lines = slices.DeleteFunc(lines, func(s string) bool { return s == "" })
	code, err := NormalizePostal(a.PostalCode, a.Country)
	if err != nil {
		return a, err
	}
	a.PostalCode = code
	return a, nil
}
