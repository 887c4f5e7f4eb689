package treatment

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// field checks a field. Before are the fields that stand before it, of its row if
// it stands in one; outside are those before its group.
func (v *validator) field(path string, f Field, before, outside []Field) {
	v.code(path+"/key", f.Key)
	v.required(path+"/label", f.Label)
	if !f.Kind.Valid() {
		v.add(path+"/kind", glabella.CodeUnknownValue, "not a kind of field")
	}
	v.basis(path, f.Basis, f.Source)
	v.number(path, f)
	v.only(path+"/choices", f, len(f.Choices) > 0, FieldChoice, FieldMulti)
	v.only(path+"/labels", f, len(f.Labels) > 0, FieldChoice, FieldMulti)
	v.only(path+"/fields", f, len(f.Fields) > 0 || f.MinRows != 0 || f.MaxRows != 0, FieldGroup)
	v.only(path+"/formula", f, f.Formula != nil, FieldComputed)
	v.only(path+"/diagram", f, f.Diagram != "" || f.DiagramVersion != 0, FieldPoints)
	v.only(path+"/views", f, len(f.Views) > 0, FieldPhoto)
	v.codes(path+"/choices", f.Choices)
	for _, code := range slices.Sorted(maps.Keys(f.Labels)) {
		if !slices.Contains(f.Choices, code) {
			v.add(path+"/labels/"+pointer(code), CodeTemplateReference, "not one of the field's choices")
		}
	}
	for j, p := range f.Products {
		if !slices.Contains(v.template.Products, p) {
			v.add(fmt.Sprintf("%s/products/%d", path, j), CodeTemplateReference, "not a product of the template")
		}
	}
	switch f.Kind {
	case FieldChoice, FieldMulti:
		if len(f.Choices) == 0 {
			v.add(path+"/choices", glabella.CodeRequired, "the field has nothing to choose from")
		}
	case FieldPoints:
		if v.set != nil && v.set.diagram(f.Diagram, max(1, f.DiagramVersion)) == nil {
			v.add(path+"/diagram", CodeTemplateReference, "not a diagram that is known")
		}
	case FieldPhoto:
		v.views(path+"/views", f.Views)
	case FieldGroup:
		v.group(path, f, before, outside != nil)
	case FieldComputed:
		v.formula(path+"/formula", f, before)
	}
	if f.When != nil {
		v.condition(path+"/when", *f.When, append(slices.Clone(outside), before...))
	}
}

// only checks that what a kind of field does not have is not given.
func (v *validator) only(path string, f Field, given bool, kinds ...FieldKind) {
	if given && f.Kind.Valid() && !slices.Contains(kinds, f.Kind) {
		v.add(path, glabella.CodeMismatch, "a field of kind %s does not have this", f.Kind)
	}
}

func (v *validator) group(path string, f Field, before []Field, nested bool) {
	if nested {
		v.add(path+"/kind", glabella.CodeMismatch, "a row has no groups of its own")
		return
	}
	if len(f.Fields) == 0 {
		v.add(path+"/fields", glabella.CodeRequired, "a group has fields")
	}
	if f.MinRows < 0 || f.MaxRows < 0 || f.MaxRows > MaxRows || f.MinRows > f.maxRows() {
		v.add(path+"/maxRows", glabella.CodeOutOfRange, "want a number of rows up to %d, and the least no more than the most", MaxRows)
	}
	outside := before
	if outside == nil {
		outside = []Field{}
	}
	for i, g := range f.Fields {
		if g.Phase != "" {
			v.add(fmt.Sprintf("%s/fields/%d/phase", path, i), glabella.CodeMismatch, "a row stands in the phase of its group")
		}
		v.field(fmt.Sprintf("%s/fields/%d", path, i), g, f.Fields[:i], outside)
	}
	v.unique(path+"/fields/%d/key", fieldKeys(f.Fields))
}

func (v *validator) number(path string, f Field) {
	if f.Kind != FieldNumber && f.Kind != FieldComputed {
		if f.Unit != "" || f.Min != nil || f.Max != nil || f.Decimals != 0 {
			v.add(path+"/kind", glabella.CodeMismatch, "only a number has a unit, bounds and decimals")
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

func (v *validator) formula(path string, f Field, before []Field) {
	if f.Formula == nil {
		v.add(path, glabella.CodeRequired, "a computed field has a formula")
		return
	}
	if f.Required {
		v.add(strings.TrimSuffix(path, "/formula")+"/required", glabella.CodeMismatch, "a computed field is never filled in by hand")
	}
	op, of := f.Formula.Op, f.Formula.Of
	switch {
	case !op.Valid():
		v.add(path+"/op", glabella.CodeUnknownValue, "not an operation")
	case (op == OpDifference || op == OpQuotient) && len(of) != 2:
		v.add(path+"/of", glabella.CodeOutOfRange, "a %s has two operands", op)
	case len(of) == 0:
		v.add(path+"/of", glabella.CodeRequired, "a formula has operands")
	}
	for i, o := range of {
		at := fmt.Sprintf("%s/of/%d", path, i)
		switch {
		case (o.Field == "") == (o.Number == nil):
			v.add(at, glabella.CodeMismatch, "an operand is a field or a number")
		case o.Field != "" && !isNumber(before, o.Field):
			v.add(at+"/field", CodeTemplateReference, "not a number that stands before this field")
		}
	}
}

// isNumber reports whether a path names a number among fields, or a number of a
// group's rows.
func isNumber(fields []Field, path string) bool {
	group, key, inRow := strings.Cut(path, "/")
	for _, f := range fields {
		switch {
		case f.Key == path:
			return f.Kind == FieldNumber || f.Kind == FieldComputed
		case inRow && f.Key == group:
			return isNumber(f.Fields, key)
		}
	}
	return false
}

func (v *validator) condition(path string, c Condition, before []Field) {
	for i, part := range c.All {
		v.condition(fmt.Sprintf("%s/all/%d", path, i), part, before)
	}
	for i, part := range c.Any {
		v.condition(fmt.Sprintf("%s/any/%d", path, i), part, before)
	}
	if c.Field == "" {
		if len(c.In) > 0 || c.Above != nil || c.Below != nil || len(c.All)+len(c.Any) == 0 {
			v.add(path+"/field", glabella.CodeRequired, "a comparison names the field that it is about")
		}
		return
	}
	at := slices.IndexFunc(before, func(f Field) bool { return f.Key == c.Field })
	if at < 0 {
		v.add(path+"/field", CodeTemplateReference, "not a field that stands before this one")
		return
	}
	f := before[at]
	if c.Above != nil || c.Below != nil {
		if f.Kind != FieldNumber && f.Kind != FieldComputed {
			v.add(path+"/field", glabella.CodeMismatch, "only a number is above or below another")
		}
	} else if len(c.In) == 0 {
		v.add(path+"/in", glabella.CodeRequired, "a condition names the values that fulfil it")
	}
	values := f.Choices
	if f.Kind == FieldBoolean {
		values = []string{"true", "false"}
	}
	for k, s := range c.In {
		if !slices.Contains(values, s) {
			v.add(fmt.Sprintf("%s/in/%d", path, k), CodeTemplateReference, "not a value of that field")
		}
	}
}

func (v *validator) views(path string, views []PhotoView) {
	for i, view := range views {
		switch {
		case !view.Valid():
			v.add(fmt.Sprintf("%s/%d", path, i), glabella.CodeUnknownValue, "not a standard view")
		case slices.Contains(views[:i], view):
			v.add(fmt.Sprintf("%s/%d", path, i), glabella.CodeDuplicate, "given twice")
		}
	}
}

func (v *validator) photos() {
	p := v.template.Photos
	if p == nil {
		return
	}
	v.views("/photos/before", p.Before)
	v.views("/photos/after", p.After)
	if len(p.Before)+len(p.After) == 0 {
		v.add("/photos/before", glabella.CodeRequired, "photographs have views")
	}
	if !p.Level.Valid() {
		v.add("/photos/level", glabella.CodeUnknownValue, "not a demand")
	}
}

func (v *validator) durations() {
	var codes []string
	for i, d := range v.template.Durations {
		path := fmt.Sprintf("/durations/%d", i)
		v.code(path+"/code", d.Code)
		v.required(path+"/name", d.Name)
		if d.Minutes < 1 || d.Minutes > 24*60 {
			v.add(path+"/minutes", glabella.CodeOutOfRange, "want minutes within a day")
		}
		if !d.Basis.Valid() {
			v.add(path+"/basis", glabella.CodeUnknownValue, "not a basis")
		}
		v.codes(path+"/needs", d.Needs)
		codes = append(codes, d.Code)
	}
	v.unique("/durations/%d/code", codes)
}

func (v *validator) charges() {
	for i, c := range v.template.Charges {
		path := fmt.Sprintf("/charges/%d", i)
		if !c.By.Valid() {
			v.add(path+"/by", glabella.CodeUnknownValue, "not what a treatment is priced by")
		}
		if c.Field == "" {
			if c.By == ByArea && v.template.Map == nil || c.By == ByPulse {
				v.add(path+"/field", glabella.CodeRequired, "what is counted is a field")
			}
			continue
		}
		f, ok := v.template.fieldAt(c.Field)
		if !ok || f.Kind != FieldNumber && f.Kind != FieldComputed && f.Kind != FieldMulti {
			v.add(path+"/field", CodeTemplateReference, "not a field that counts: a number or a choice of several")
		}
	}
}

func (v *validator) prerequisites() {
	for i, p := range v.template.Prerequisites {
		path := fmt.Sprintf("/prerequisites/%d", i)
		if len(p.Treatments) == 0 {
			v.add(path+"/treatments", glabella.CodeRequired, "a prerequisite names treatments")
		}
		v.codes(path+"/treatments", p.Treatments)
		if p.WithinDays < 1 {
			v.add(path+"/withinDays", glabella.CodeOutOfRange, "want at least one day")
		}
		v.basis(path, p.Basis, p.Source)
	}
}

func (v *validator) migrations() {
	for i, m := range v.template.Migrations {
		path := fmt.Sprintf("/migrations/%d", i)
		if m.From < 1 || m.From >= v.template.Version {
			v.add(path+"/from", glabella.CodeOutOfRange, "want an earlier version")
		}
		for _, old := range slices.Sorted(maps.Keys(m.Rename)) {
			if _, ok := v.template.fieldAt(m.Rename[old]); !ok {
				v.add(path+"/rename/"+pointer(old), CodeTemplateReference, "not a field of the template")
			}
		}
		for _, key := range slices.Sorted(maps.Keys(m.Values)) {
			f, ok := v.template.fieldAt(key)
			for _, old := range slices.Sorted(maps.Keys(m.Values[key])) {
				if !ok || !slices.Contains(f.Choices, m.Values[key][old]) {
					v.add(path+"/values/"+pointer(key)+"/"+pointer(old), CodeTemplateReference, "not a choice of the field")
				}
			}
		}
	}
}

func (v *validator) translations() {
	t := v.template
	advice := map[string]bool{}
	for _, list := range [][]Advice{t.PreCare, t.PostCare, t.RedFlags} {
		for _, a := range list {
			advice[a.Text] = true
		}
	}
	for _, lang := range slices.Sorted(maps.Keys(t.Translations)) {
		path, tr := "/translations/"+pointer(lang), t.Translations[lang]
		if tag, err := language.Parse(lang); err != nil || tag.String() != lang {
			v.add(path, glabella.CodeFormat, "want a BCP 47 language in its canonical form, such as es")
		}
		for _, code := range slices.Sorted(maps.Keys(tr.Phases)) {
			if !slices.Contains(phaseCodes(t.Phases), code) {
				v.add(path+"/phases/"+pointer(code), CodeTemplateReference, "not a phase of the template")
			}
		}
		for _, key := range slices.Sorted(maps.Keys(tr.Fields)) {
			f, ok := t.fieldAt(key)
			if !ok {
				v.add(path+"/fields/"+pointer(key), CodeTemplateReference, "not a field of the template")
			}
			for _, code := range slices.Sorted(maps.Keys(tr.Fields[key].Choices)) {
				if ok && !slices.Contains(f.Choices, code) {
					v.add(path+"/fields/"+pointer(key)+"/choices/"+pointer(code), CodeTemplateReference, "not one of the field's choices")
				}
			}
		}
		for _, text := range slices.Sorted(maps.Keys(tr.Advice)) {
			if !advice[text] {
				v.add(path+"/advice/"+pointer(text), CodeTemplateReference, "not a sentence of the template")
			}
		}
	}
}
