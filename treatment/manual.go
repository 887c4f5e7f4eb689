package treatment

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// Codes of the reasons that a device's manual gives.
const (
	// CodeDeviceRange says that a setting is outside of the range that the device's manual gives.
	CodeDeviceRange glabella.Code = "treatment.device.range"
	// CodeDeviceNoRow says that the device's manual gives no range for these settings and this skin type.
	CodeDeviceNoRow glabella.Code = "treatment.device.no-row"
)

// Keys of the fields from which a record's settings are compared with a manual.
const (
	FieldDevice   = "device"    // the code of a [Manual]
	FieldSkinType = "skin-type" // Fitzpatrick, 1 to 6
	FieldSettings = "settings"  // the group whose rows are the settings that were used
)

// Manual holds the ranges of settings that a device's manual gives. The library
// ships none: fluence and pulse width depend on the device, and there is no table
// of them that holds for all. The clinic loads what its own manuals say.
type Manual struct {
	Device   string      `json:"device"` // code, as charted in the field "device"
	Name     string      `json:"name"`
	Document string      `json:"document"` // the manual and its revision
	Rows     []ManualRow `json:"rows"`
}

// ManualRow is a row of a manual's table.
type ManualRow struct {
	Treatments []string   `json:"treatments"` // codes of templates; empty is all
	SkinTypes  []int      `json:"skinTypes"`  // Fitzpatrick; empty is all
	When       *Condition `json:"when"`       // of the fields of a row of settings; nil is always
	Ranges     []Range    `json:"ranges"`
	Source     string     `json:"source"` // where in the document: "table 5, page 34"
}

// Range is what a manual allows of one setting, both ends included.
type Range struct {
	Field string  `json:"field"` // key of a field of the settings
	Unit  string  `json:"unit"`  // in UCUM; that of the template's field
	Min   *Number `json:"min,omitempty"`
	Max   *Number `json:"max,omitempty"`
}

// LoadManuals returns a set with the manuals of s and those of the files that
// match the pattern, one manual in each. A wrong file gives every problem with
// its place.
func (s *Set) LoadManuals(files fs.FS, pattern string) (*Set, error) {
	out := s.copy()
	err := eachFile(files, pattern, "device manuals", func(name string, text []byte) error {
		var m Manual
		return readFile(name, text, &m, func(add func(path string, code glabella.Code, format string, args ...any)) {
			v := &validator{set: s}
			v.manual(m)
			if slices.ContainsFunc(out.manuals, func(o Manual) bool { return o.Device == m.Device }) {
				v.add("/device", glabella.CodeDuplicate, "a manual of this device is loaded already")
			}
			for _, issue := range v.issues {
				add(issue.Path, issue.Code, "%s", issue.Text)
			}
			out.manuals = append(out.manuals, m)
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (v *validator) manual(m Manual) {
	v.code("/device", m.Device)
	v.required("/name", m.Name)
	v.required("/document", m.Document)
	if len(m.Rows) == 0 {
		v.add("/rows", glabella.CodeRequired, "a manual has rows")
	}
	for i, row := range m.Rows {
		path := fmt.Sprintf("/rows/%d", i)
		v.codes(path+"/treatments", row.Treatments)
		var fields []Field
		for code, versions := range v.set.templates {
			if len(row.Treatments) > 0 && !slices.Contains(row.Treatments, code) {
				continue
			}
			if settings, ok := versions[len(versions)-1].Field(FieldSettings); ok {
				fields = append(fields, settings.Fields...)
			}
		}
		for j, code := range row.Treatments {
			if len(v.set.templates[code]) == 0 {
				v.add(fmt.Sprintf("%s/treatments/%d", path, j), CodeTemplateReference, "not a template that is known")
			}
		}
		for j, n := range row.SkinTypes {
			if n < 1 || n > 6 {
				v.add(fmt.Sprintf("%s/skinTypes/%d", path, j), glabella.CodeOutOfRange, "want a Fitzpatrick skin type from 1 to 6")
			}
		}
		if row.When != nil {
			v.condition(path+"/when", *row.When, fields)
		}
		v.required(path+"/source", row.Source)
		if len(row.Ranges) == 0 {
			v.add(path+"/ranges", glabella.CodeRequired, "a row has ranges")
		}
		for j, r := range row.Ranges {
			v.manualRange(fmt.Sprintf("%s/ranges/%d", path, j), r, fields)
		}
	}
}

func (v *validator) manualRange(path string, r Range, fields []Field) {
	at := slices.IndexFunc(fields, func(f Field) bool { return f.Key == r.Field && (f.Kind == FieldNumber || f.Kind == FieldComputed) })
	switch {
	case at < 0:
		v.add(path+"/field", CodeTemplateReference, "not a number of the settings")
	case fields[at].Unit != r.Unit:
		v.add(path+"/unit", CodeUnit, "the setting is charted in %s", fields[at].Unit)
	}
	switch {
	case r.Min == nil && r.Max == nil:
		v.add(path, glabella.CodeRequired, "a range has a least or a greatest value")
	case r.Min != nil && r.Max != nil && r.Min.GreaterThan(r.Max.Decimal):
		v.add(path+"/min", glabella.CodeOutOfRange, "the least value is above the greatest")
	}
}

// Manual returns the manual of a device, and false if none is loaded.
func (s *Set) Manual(device string) (Manual, bool) {
	i := slices.IndexFunc(s.manuals, func(m Manual) bool { return m.Device == device })
	if i < 0 {
		return Manual{}, false
	}
	return s.manuals[i].clone(), true
}

func (m Manual) clone() Manual {
	m.Rows = slices.Clone(m.Rows)
	for i, r := range m.Rows {
		r.Treatments, r.SkinTypes, r.When, r.Ranges = slices.Clone(r.Treatments), slices.Clone(r.SkinTypes), r.When.clone(), slices.Clone(r.Ranges)
		for j, g := range r.Ranges {
			r.Ranges[j].Min, r.Ranges[j].Max = cloneNumber(g.Min), cloneNumber(g.Max)
		}
		m.Rows[i] = r
	}
	return m
}

// settings warns of settings that are outside of the ranges of the device's
// manual, where it is loaded.
func (a *adviser) settings(manuals []Manual, f *Facts) {
	device := a.record.Values[FieldDevice]
	i := slices.IndexFunc(manuals, func(m Manual) bool { return m.Device == device })
	if device == "" || i < 0 {
		return
	}
	m := &manuals[i]
	for row := range min(a.record.Rows(FieldSettings), MaxRows) {
		prefix := RowKey(FieldSettings, row, "")
		found := false
		for j := range m.Rows {
			r := &m.Rows[j]
			if len(r.Treatments) > 0 && !slices.Contains(r.Treatments, a.template.Code) || len(r.SkinTypes) > 0 && !slices.Contains(r.SkinTypes, a.skinType(f)) ||
				r.When != nil && !r.When.holds(a.record, prefix) {
				continue
			}
			found = true
			for _, g := range r.Ranges {
				a.outside(m, r, g, row, prefix)
			}
		}
		if !found {
			a.reasons = append(a.reasons, glabella.Warned(CodeDeviceNoRow, fmt.Sprintf("the manual of device %s has no row for settings %d", device, row+1)).
				With("device", device).With("row", fmt.Sprint(row+1)).
				WithFix("compare the settings with the manual by hand, and record the reason for them").CitedFrom(m.Document))
		}
	}
}

func (a *adviser) outside(m *Manual, r *ManualRow, g Range, row int, prefix string) {
	n, err := quantity.ParseNumber(a.record.Values[prefix+g.Field])
	if err != nil || (g.Min == nil || !n.LessThan(g.Min.Decimal)) && (g.Max == nil || !n.GreaterThan(g.Max.Decimal)) {
		return
	}
	bounds := strings.TrimSpace(Field{Min: g.Min, Max: g.Max}.boundsText())
	a.reasons = append(a.reasons, glabella.Warned(CodeDeviceRange, fmt.Sprintf("settings %d of device %s: %s is %s %s, and the manual gives %s", row+1, m.Device, g.Field, n, g.Unit, bounds)).
		With("device", m.Device).With("row", fmt.Sprint(row+1)).With("field", g.Field).With("value", n.String()).With("unit", g.Unit).With("range", bounds).
		WithFix("correct the chart, or record the reason for the setting").CitedFrom(m.Document+", "+r.Source))
}

// skinType returns the skin type that was charted, or else the patient's.
func (a *adviser) skinType(f *Facts) int {
	if n, err := quantity.ParseNumber(a.record.Values[FieldSkinType]); err == nil && n.IsInteger() {
		return int(n.IntPart())
	}
	return f.SkinType
}
