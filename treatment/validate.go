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

var diagnosisPattern = regexp.MustCompile(`^[A-TV-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$`)

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
	for i, f := range t.Fields {
		path := fmt.Sprintf("/fields/%d", i)
		if !slices.Contains(phaseCodes(t.Phases), f.Phase) {
			v.add(path+"/phase", CodeTemplateReference, "not a phase of the template")
		}
		v.field(path, f, t.Fields[:i], nil)
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
	v.photos()
	v.durations()
	v.charges()
	v.prerequisites()
	v.unique("/diagnoses/%d", t.Diagnoses)
	for i, d := range t.Diagnoses {
		if !diagnosisPattern.MatchString(d) {
			v.add(fmt.Sprintf("/diagnoses/%d", i), glabella.CodeFormat, "want an ICD-10-CM code such as L98.8")
		}
	}
	v.migrations()
	v.translations()
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
	for name, age := range map[string]int{"ageUnder": c.Match.AgeUnder, "ageOver": c.Match.AgeOver} {
		if age < 0 || age > 150 {
			v.add(path+"/match/"+name, glabella.CodeOutOfRange, "want an age in years")
		}
	}
	for i, n := range c.Match.SkinTypes {
		if n < 1 || n > 6 {
			v.add(fmt.Sprintf("%s/match/skinTypes/%d", path, i), glabella.CodeOutOfRange, "want a Fitzpatrick skin type from 1 to 6")
		}
	}
	switch days := c.Match.WithinDays; {
	case days < 0:
		v.add(path+"/match/withinDays", glabella.CodeOutOfRange, "want a number of days")
	case days > 0 && len(c.Match.MedicationClasses) == 0 && len(c.Match.Conditions) == 0:
		v.add(path+"/match/withinDays", glabella.CodeMismatch, "only medications and conditions are looked back for")
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
