package treatment

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// CodeClinicLimit says that more was charted than the clinic's own limit allows.
const CodeClinicLimit glabella.Code = "treatment.limit.clinic"

// Measure says what a clinic's limit is about.
type Measure string

// The measures. An amount is in the product's unit.
const (
	MeasurePoint      Measure = "point"      // the amount at one point
	MeasureRegion     Measure = "region"     // the amount in a region; HardLimit.Of names it, empty is each
	MeasureSession    Measure = "session"    // the amount of the whole treatment
	MeasureCumulative Measure = "cumulative" // with what was given of the product before, within its label's period
	MeasureField      Measure = "field"      // the value of a number field; HardLimit.Of names it
	MeasureLidocaine  Measure = "lidocaine"  // mg per kg body weight, over all routes
)

// Measures returns every measure.
func Measures() []Measure {
	return []Measure{MeasurePoint, MeasureRegion, MeasureSession, MeasureCumulative, MeasureField, MeasureLidocaine}
}

// Valid reports whether m is one of [Measures].
func (m Measure) Valid() bool { return slices.Contains(Measures(), m) }

// HardLimit is a limit of the clinic's own. What is above it is refused, whatever
// a label says; a warning that can be acknowledged is not enough there.
type HardLimit struct {
	Treatment string  `json:"treatment,omitempty"` // code of the template; empty is every one
	Product   string  `json:"product,omitempty"`   // code of the product; empty is every one
	Measure   Measure `json:"measure"`
	Of        string  `json:"of,omitempty"` // the region or field
	Most      Number  `json:"most"`
	Source    string  `json:"source"` // the clinic's policy
}

// LoadLimits returns a set with the limits of s and those of the files that match
// the pattern; each file holds a list of [HardLimit]. A wrong file gives every
// problem with its place.
func (s *Set) LoadLimits(files fs.FS, pattern string) (*Set, error) {
	out := s.copy()
	err := eachFile(files, pattern, "clinic limits", func(name string, text []byte) error {
		var list []HardLimit
		return readFile(name, text, &list, func(add func(path string, code glabella.Code, format string, args ...any)) {
			for i, l := range list {
				path := fmt.Sprintf("/%d", i)
				if l.Treatment != "" && len(s.templates[l.Treatment]) == 0 {
					add(path+"/treatment", CodeTemplateReference, "not a template that is known")
				}
				if _, ok := s.products[l.Product]; l.Product != "" && !ok {
					add(path+"/product", CodeTemplateReference, "not a product that is known")
				}
				switch {
				case !l.Measure.Valid():
					add(path+"/measure", glabella.CodeUnknownValue, "not a measure")
				case l.Measure == MeasureField && l.Of == "":
					add(path+"/of", glabella.CodeRequired, "the limit names its field")
				case l.Product == "" && slices.Contains([]Measure{MeasurePoint, MeasureRegion, MeasureSession, MeasureCumulative}, l.Measure):
					add(path+"/product", glabella.CodeRequired, "an amount is in the unit of a product; the limit names it")
				}
				if l.Most.Sign() < 0 {
					add(path+"/most", glabella.CodeOutOfRange, "a limit is not negative")
				}
				if l.Source == "" {
					add(path+"/source", CodeTemplateSource, "a limit names the clinic's policy that it comes from")
				}
			}
			out.limits = append(out.limits, list...)
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// limits denies what is above the clinic's own limits.
func (a *adviser) limits(limits []HardLimit, f *Facts) {
	for i := range limits {
		l := &limits[i]
		if l.Treatment != "" && l.Treatment != a.template.Code || l.Product != "" && l.Product != a.product.Code {
			continue
		}
		for _, m := range a.measured(l, f) {
			if m.value.GreaterThan(l.Most.Decimal) {
				a.reasons = append(a.reasons, glabella.Denied(CodeClinicLimit, fmt.Sprintf("%s %s, above the clinic's limit of %s", m.value, m.what, l.Most)).
					With("given", m.value.String()).With("limit", l.Most.String()).With("what", m.what).
					WithFix("give or chart no more than the clinic allows").CitedFrom(l.Source))
			}
		}
	}
}

// measurement is a number that a limit is compared with.
type measurement struct {
	what  string
	value decimal.Decimal
}

func (a *adviser) measured(l *HardLimit, f *Facts) []measurement {
	unit := a.product.unitWord()
	switch l.Measure {
	case MeasurePoint:
		most := decimal.Zero
		for _, pt := range a.points {
			most = decimal.Max(most, pt.Amount.Value())
		}
		return []measurement{{unit + " at one point", most}}
	case MeasureRegion:
		var out []measurement
		for _, region := range a.record.Regions() {
			if l.Of == "" || l.Of == region {
				out = append(out, measurement{unit + " in region " + region, a.in(region)})
			}
		}
		return out
	case MeasureSession:
		return []measurement{{unit + " in one treatment", a.given()}}
	case MeasureCumulative:
		return []measurement{{unit + " within the label's period", a.given().Add(f.WindowUnits.Value())}}
	case MeasureField:
		var out []measurement
		for key, text := range a.record.Values {
			plain := key
			if group, _, field, ok := rowOf(key); ok {
				plain = group + "/" + field
			}
			if n, err := quantity.ParseNumber(text); plain == l.Of && err == nil {
				out = append(out, measurement{"in field " + strings.ReplaceAll(key, "/", " "), n.Decimal})
			}
		}
		slices.SortFunc(out, func(a, b measurement) int { return strings.Compare(a.what, b.what) })
		return out
	case MeasureLidocaine:
		if total, _ := a.lidocaine(f); total.IsPositive() && a.weight(f).IsPositive() {
			return []measurement{{"mg/kg of lidocaine", total.DivRound(a.weight(f), 2)}}
		}
	}
	return nil
}
