package patient

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/glabella-ehr/glabella"
)

// NormalizeError says why a text could not be brought into its standard form. It
// unwraps to [glabella.ErrInvalid] and never holds the text.
type NormalizeError struct {
	What string // phone, email or postal code
	Code glabella.Code
}

// Error names what was normalised and the code.
func (e *NormalizeError) Error() string { return "normalize " + e.What + ": " + string(e.Code) }

// Unwrap returns [glabella.ErrInvalid].
func (e *NormalizeError) Unwrap() error { return glabella.ErrInvalid }

// CodePhoneRegion says that the rules for telephone numbers of a region are not known.
const CodePhoneRegion glabella.Code = "patient.phone.region"

// PhoneNumber is a telephone number in the international form and the extension
// behind it.
type PhoneNumber struct {
	E164      string // such as +15125550100
	Extension string // digits; empty if there is none
}

// PhoneParser reads telephone numbers as people write them. A host may put a full
// numbering plan in the place of [BuiltinPhones]. An implementation is safe for
// concurrent use, returns its own result unchanged when it is given that again,
// and fails with a [*NormalizeError].
type PhoneParser interface {
	// ParsePhone reads a number; region is the ISO 3166 country in which a number
	// without country code is dialled, and may be empty.
	ParsePhone(raw, region string) (PhoneNumber, error)
}

// BuiltinPhones is the [PhoneParser] of this package. It knows how numbers are
// dialled in a few dozen countries, and the form of North American numbers; it
// does not know which numbers are assigned.
type BuiltinPhones struct{}

// plan is how a country's numbers are dialled.
type plan struct {
	code  string // country calling code
	trunk string // dialled before a national number within the country only
	idd   string // dialled before a country calling code; empty is 00
}

var plans = map[string]plan{
	"US": {"1", "1", "011"}, "CA": {"1", "1", "011"}, "PR": {"1", "1", "011"},
	"AE": {"971", "0", ""}, "AT": {"43", "0", ""}, "AU": {"61", "0", "0011"}, "BE": {"32", "0", ""}, "CH": {"41", "0", ""},
	"CZ": {"420", "", ""}, "DE": {"49", "0", ""}, "DK": {"45", "", ""}, "ES": {"34", "", ""}, "FI": {"358", "0", ""},
	"FR": {"33", "0", ""}, "GB": {"44", "0", ""}, "GR": {"30", "", ""}, "IE": {"353", "0", ""}, "IN": {"91", "0", ""},
	"IT": {"39", "", ""}, "JP": {"81", "0", "010"}, "MX": {"52", "", ""}, "NL": {"31", "0", ""}, "NO": {"47", "", ""},
	"NZ": {"64", "0", ""}, "PL": {"48", "", ""}, "PT": {"351", "", ""}, "SE": {"46", "0", ""}, "TR": {"90", "0", ""},
	"ZA": {"27", "0", ""},
}

// trunkCodes are the calling codes of the countries whose trunk prefix is 0 and
// is never part of the international form.
var trunkCodes = func() []string {
	var out []string
	for _, p := range plans {
		if p.trunk == "0" {
			out = append(out, p.code)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}()

var (
	phoneExtension = regexp.MustCompile(`(?i)\s*(?:;\s*ext=|,?\s*(?:ext(?:ension)?\.?|x|#)\s*:?)\s*([0-9]{1,11})$`)
	phoneMarks     = strings.NewReplacer(" ", "", "-", "", ".", "", "/", "", "(", "", ")", "", "\u2010", "", "\u2011", "", "\u2012", "", "\u2013", "", "\u2212", "")
	phoneDigits    = regexp.MustCompile(`^\+?[0-9]+$`)
	northAmerican  = regexp.MustCompile(`^[2-9][0-9]{2}[2-9][0-9]{6}$`)
)

// ParsePhone reads a number with +, with the prefix for calls abroad (00, 011), or
// as it is dialled within the region.
func (BuiltinPhones) ParsePhone(raw, region string) (PhoneNumber, error) {
	malformed := &NormalizeError{What: "phone", Code: CodePhone}
	s := NormalizeText(norm.NFKC.String(raw))
	if len(s) > 4 && strings.EqualFold(s[:4], "tel:") {
		s = s[4:]
	}
	var out PhoneNumber
	if m := phoneExtension.FindStringSubmatchIndex(s); m != nil {
		out.Extension, s = s[m[2]:m[3]], s[:m[0]]
	}
	if strings.HasPrefix(s, "+") {
		s = strings.Replace(s, "(0)", "", 1)
	}
	s = phoneMarks.Replace(s)
	if !phoneDigits.MatchString(s) {
		return PhoneNumber{}, malformed
	}
	home, known := plans[strings.ToUpper(region)]
	if home.idd == "" {
		home.idd = "00"
	}
	abroad, international := strings.CutPrefix(s, "+")
	if !international && known {
		abroad, international = strings.CutPrefix(s, home.idd)
	}
	if !international && !known {
		if abroad, international = strings.CutPrefix(s, "00"); !international {
			abroad, international = strings.CutPrefix(s, "011")
		}
	}
	switch {
	case international:
		for _, code := range trunkCodes {
			if rest, ok := strings.CutPrefix(abroad, code+"0"); ok {
				abroad = code + rest
				if strings.HasPrefix(rest, "0") {
					return PhoneNumber{}, malformed
				}
				break
			}
		}
	case !known:
		return PhoneNumber{}, &NormalizeError{What: "phone", Code: CodePhoneRegion}
	default:
		national := s
		if home.trunk != "" && !(home.code == "1" && len(s) == 10) {
			national = strings.TrimPrefix(s, home.trunk)
		}
		if home.trunk == "0" && strings.HasPrefix(national, "0") {
			return PhoneNumber{}, malformed
		}
		abroad = home.code + national
	}
	if national, ok := strings.CutPrefix(abroad, "1"); ok && !northAmerican.MatchString(national) {
		return PhoneNumber{}, malformed
	}
	if out.E164 = "+" + abroad; !e164.MatchString(out.E164) {
		return PhoneNumber{}, malformed
	}
	return out, nil
}

// NormalizePhone returns the international form (E.164) of a number that is
// dialled in the region, an ISO 3166 country code. An extension is not part of
// that form: [BuiltinPhones.ParsePhone] returns it.
func NormalizePhone(raw, region string) (string, error) {
	n, err := BuiltinPhones{}.ParsePhone(raw, region)
	return n.E164, err
}
