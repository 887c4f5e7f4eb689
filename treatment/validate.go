package treatment

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// Codes of the issues of [Template.Validate].
const (
	// CodeTemplateReference says that a template refers to a product, a diagram, a field or a phase that does not exist.
	CodeTemplateReference glabella.Code = "treatment.template.reference"
	// CodeTemplateSource says that a rule claims an authority and does not cite it.
	CodeTemplateSource glabella.Code = "treatment.template.source"
)

var codePattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Validate reports everything that is wrong with a template: what it lacks, what
// it repeats, what it refers to that is not there, and what it claims without a
// source. For a template that comes from a [Set] that includes the products and
// diagrams it names.
func (t Template) Validate() error {
	v := &validator{template: t, set: t.set}
	v.all()
	return glabella.Invalid("treatment template", v.issues...)
}

type validator struct {
	template Template
	set      *Set // nil: products and diagrams cannot be looked up
	issues   []glabella.Issue
}

func (v *validator) add(path string, code glabella.Code, format string, args ...any) {
	v.issues = append(v.issues, glabella.Issue{Path: path, Code: code, Text: fmt.Sprintf(format, args...)})
}

func (v *validator) all() {
	t := v.template
	v.code("/code", t.Code)
	if t.Version < 1 {
		v.add("/version", glabella.CodeOutOfRange, "versions count from 1")
	}
	v.required("/name", t.Name)
	for i, p := range t.Phases {
		v.code(fmt.Sprintf("/phases/%d/code", i), p.Code)
		v.required(fmt.Sprintf("/phases/%d/name", i), p.Name)
	}
	v.unique("/phases/%d/code", phaseCodes(t.Phases))
	for i := range t.Fields {
		v.field(i)
	}
	v.unique("/fields/%d/key", fieldKeys(t.Fields))
	v.products()
	v.codes("/consents", t.Consents)
	v.mapSpec()
	var codes []string
	for i, c := range t.Contraindications {
		v.contraindication(fmt.Sprintf("/contraindications/%d", i), c)
		codes = append(codes, c.Code)
	}
	v.unique("/contraindications/%d/code", codes)
	v.codes("/adverseEvents", t.AdverseEvents)
	v.advice("/preCare", t.PreCare)
	v.advice("/postCare", t.PostCare)
	v.advice("/redFlags", t.RedFlags)
	v.interval("/followUp", t.FollowUp)
	v.interval("/retreat", t.Retreat)
}

func phaseCodes(phases []Phase) []string {
	var out []string
	for _, p := range phases {
		out = append(out, p.Code)
	}
	return out
}

func fieldKeys(fields []Field) []string {
	var out []string
	for _, f := range fields {
		out = append(out, f.Key)
	}
	return out
}

func (v *validator) required(path, s string) {
	if s == "" {
		v.add(path, glabella.CodeRequired, "must be given")
	}
}

func (v *validator) code(path, s string) {
	switch {
	case s == "":
		v.required(path, s)
	case !codePattern.MatchString(s):
		v.add(path, glabella.CodeFormat, "a code is lower-case words joined by hyphens")
	}
}

func (v *validator) codes(path string, list []string) {
	for i, s := range list {
		v.code(fmt.Sprintf("%s/%d", path, i), s)
	}
	v.unique(path+"/%d", list)
}

func (v *validator) unique(path string, list []string) {
	for i, s := range list {
		if s != "" && slices.Contains(list[:i], s) {
			v.add(fmt.Sprintf(path, i), glabella.CodeDuplicate, "given twice")
		}
	}
}

// basis checks that what stands behind a rule is said, and cited where it is
// more than common practice.
func (v *validator) basis(path string, b Basis, source string) {
	switch {
	case !b.Valid():
		v.add(path+"/basis", glabella.CodeUnknownValue, "not a basis")
	case b != BasisCommonPractice && source == "":
		v.add(path+"/source", CodeTemplateSource, "a rule of basis %s cites its source", b)
	}
}

func (v *validator) field(i int) {
	f, path := v.template.Fields[i], fmt.Sprintf("/fields/%d", i)
	v.code(path+"/key", f.Key)
	v.required(path+"/label", f.Label)
	if !slices.Contains(phaseCodes(v.template.Phases), f.Phase) {
		v.add(path+"/phase", CodeTemplateReference, "not a phase of the template")
	}
	if !f.Kind.Valid() {
		v.add(path+"/kind", glabella.CodeUnknownValue, "not a kind of field")
	}
	v.basis(path, f.Basis, f.Source)
	v.numberField(path, f)
	switch chosen := f.Kind == FieldChoice || f.Kind == FieldMulti; {
	case chosen && len(f.Choices) == 0:
		v.add(path+"/choices", glabella.CodeRequired, "the field has nothing to choose from")
	case !chosen && len(f.Choices) > 0:
		v.add(path+"/choices", glabella.CodeMismatch, "only a field of kind choice or multi has choices")
	}
	v.codes(path+"/choices", f.Choices)
	for j, p := range f.Products {
		if !slices.Contains(v.template.Products, p) {
			v.add(fmt.Sprintf("%s/products/%d", path, j), CodeTemplateReference, "not a product of the template")
		}
	}
	if f.When != nil {
		v.condition(path+"/when", i, *f.When)
	}
}

func (v *validator) numberField(path string, f Field) {
	if f.Kind != FieldNumber {
		if f.Unit != "" || f.Min != nil || f.Max != nil || f.Decimals != 0 {
			v.add(path+"/kind", glabella.CodeMismatch, "only a field of kind number has a unit, bounds and decimals")
		}
		return
	}
	if f.Unit != "" {
		if _, err := quantity.ParseUnit(f.Unit); err != nil {
			v.add(path+"/unit", glabella.CodeFormat, "not a UCUM unit that is known")
		}
	}
	if f.Decimals < 0 || f.Decimals > 6 {
		v.add(path+"/decimals", glabella.CodeOutOfRange, "want 0 to 6 digits after the decimal point")
	}
	if f.Min != nil && f.Max != nil && f.Min.GreaterThan(f.Max.Decimal) {
		v.add(path+"/min", glabella.CodeOutOfRange, "the least value is above the greatest")
	}
}

func (v *validator) condition(path string, i int, w Condition) {
	before := v.template.Fields[:i]
	j := slices.IndexFunc(before, func(f Field) bool { return f.Key == w.Field })
	if j < 0 {
		v.add(path+"/field", CodeTemplateReference, "not a field that stands before this one")
		return
	}
	values := before[j].Choices
	if before[j].Kind == FieldBoolean {
		values = []string{"true", "false"}
	}
	if len(w.In) == 0 {
		v.add(path+"/in", glabella.CodeRequired, "a condition names the values that fulfil it")
	}
	for k, s := range w.In {
		if !slices.Contains(values, s) {
			v.add(fmt.Sprintf("%s/in/%d", path, k), CodeTemplateReference, "not a value of that field")
		}
	}
}

func (v *validator) products() {
	v.unique("/products/%d", v.template.Products)
	if v.set == nil {
		return
	}
	for i, code := range v.template.Products {
		p, ok := v.set.Product(code)
		path := fmt.Sprintf("/products/%d", i)
		switch {
		case !ok:
			v.add(path, CodeTemplateReference, "not a product that is known")
		case v.template.Map != nil && p.Unit.Code() != v.template.Map.Unit:
			v.add(path, CodeUnit, "the product is measured in %s, and the map in %s", p.Unit.Code(), v.template.Map.Unit)
		}
	}
}

func (v *validator) mapSpec() {
	m := v.template.Map
	if m == nil {
		return
	}
	if len(m.Diagrams) == 0 {
		v.add("/map/diagrams", glabella.CodeRequired, "a map has a diagram")
	}
	v.codes("/map/diagrams", m.Diagrams)
	for i, code := range m.Diagrams {
		if v.set != nil && len(v.set.diagrams[code]) == 0 {
			v.add(fmt.Sprintf("/map/diagrams/%d", i), CodeTemplateReference, "not a diagram that is known")
		}
	}
	if u, err := quantity.ParseUnit(m.Unit); err != nil || u.Product() != "" {
		v.add("/map/unit", glabella.CodeFormat, "want a UCUM unit that is known, without a product")
	}
	if m.Tolerance.IsNegative() {
		v.add("/map/tolerance", glabella.CodeOutOfRange, "a tolerance is not negative")
	}
	if len(v.template.Products) == 0 {
		v.add("/products", glabella.CodeRequired, "what is placed on a map is a product")
	}
	v.codes("/map/depths", m.Depths)
	v.codes("/map/techniques", m.Techniques)
	v.codes("/map/devices", m.Devices)
}

func (v *validator) contraindication(path string, c Contraindication) {
	v.code(path+"/code", c.Code)
	if c.Match.isEmpty() {
		v.add(path+"/match", glabella.CodeRequired, "a contraindication says what it is about")
	}
	v.codes(path+"/match/allergyClasses", c.Match.AllergyClasses)
	v.codes(path+"/match/medicationClasses", c.Match.MedicationClasses)
	v.codes(path+"/match/conditions", c.Match.Conditions)
	if c.Match.AgeUnder < 0 || c.Match.AgeUnder > 150 {
		v.add(path+"/match/ageUnder", glabella.CodeOutOfRange, "want an age in years")
	}
	for i, p := range c.Match.Products {
		if !slices.Contains(v.template.Products, p) {
			v.add(fmt.Sprintf("%s/match/products/%d", path, i), CodeTemplateReference, "not a product of the template")
		}
	}
	if !c.Level.Valid() {
		v.add(path+"/level", glabella.CodeUnknownValue, "not a level")
	}
	v.basis(path, c.Basis, c.Source)
	v.required(path+"/text", c.Text)
	v.required(path+"/fix", c.Fix)
}

func (v *validator) advice(path string, list []Advice) {
	for i, a := range list {
		at := fmt.Sprintf("%s/%d", path, i)
		v.required(at+"/text", a.Text)
		v.basis(at, a.Basis, a.Source)
	}
}

func (v *validator) interval(path string, i Interval) {
	if i.IsZero() {
		return
	}
	if i.Days < 1 {
		v.add(path+"/days", glabella.CodeOutOfRange, "want at least one day")
	}
	v.basis(path, i.Basis, i.Source)
}
