package treatment

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// FieldKind says what a field holds.
type FieldKind string

// The kinds of field, with the text that [Record.Values] holds for each.
const (
	FieldText     FieldKind = "text"     // any text
	FieldChoice   FieldKind = "choice"   // one of the field's choices
	FieldMulti    FieldKind = "multi"    // some of the field's choices, separated by single spaces
	FieldNumber   FieldKind = "number"   // a decimal number in the field's unit: "2.5"
	FieldDate     FieldKind = "date"     // a day: "2026-11-03"
	FieldDatetime FieldKind = "datetime" // an instant, RFC 3339: "2026-11-03T09:30:00Z"
	FieldBoolean  FieldKind = "boolean"  // "true" or "false"

	FieldPoints    FieldKind = "points"    // places on the field's diagram, separated by spaces: "0.31,0.52 0.69,0.52"
	FieldPhoto     FieldKind = "photo"     // IDs of photographs, separated by spaces
	FieldSignature FieldKind = "signature" // the digest of what was signed or drawn: "sha256:" and 64 hexadecimal digits
	FieldGroup     FieldKind = "group"     // rows of fields, each under its own path: "settings/0/fluence"
	FieldComputed  FieldKind = "computed"  // a number that follows from other fields; see [Template.Fill]
)

// FieldKinds returns every kind of field.
func FieldKinds() []FieldKind {
	return []FieldKind{
		FieldText, FieldChoice, FieldMulti, FieldNumber, FieldDate, FieldDatetime, FieldBoolean,
		FieldPoints, FieldPhoto, FieldSignature, FieldGroup, FieldComputed,
	}
}

// Valid reports whether k is one of [FieldKinds].
func (k FieldKind) Valid() bool { return slices.Contains(FieldKinds(), k) }

// The keys of the fields from which [Compute] takes a dilution. A template that
// charts one uses these keys.
const (
	FieldVialUnits     = "vial-units"     // what the vial held when it was full, in the product's unit
	FieldDiluentVolume = "diluent-volume" // what was added to it, in mL
)

// Field is one typed value of the chart.
type Field struct {
	Key      string     `json:"key"`
	Label    string     `json:"label"`
	Phase    string     `json:"phase"` // the section that it stands in
	Kind     FieldKind  `json:"kind"`
	Unit     string     `json:"unit,omitempty"`     // of a number, in UCUM
	Decimals int        `json:"decimals,omitempty"` // of a number: how many digits after the point
	Min      *Number    `json:"min,omitempty"`      // of a number: the least value
	Max      *Number    `json:"max,omitempty"`      // of a number: the greatest value
	Required bool       `json:"required"`
	Choices  []string   `json:"choices"`
	Products []string   `json:"products"`         // the products that it applies to; empty is all
	When     *Condition `json:"when"`             // when it applies; nil is always
	Basis    Basis      `json:"basis"`            // what stands behind its bounds and choices
	Source   string     `json:"source,omitempty"` // the citation, unless the basis is common practice

	Labels  map[string]string `json:"labels"`            // what choices are called, by code; the default is the code in words
	Fields  []Field           `json:"fields"`            // of a group: the fields of a row
	MinRows int               `json:"minRows,omitempty"` // of a group
	MaxRows int               `json:"maxRows,omitempty"` // of a group; zero is [MaxRows]
	Formula *Formula          `json:"formula"`           // of a computed field
	Diagram string            `json:"diagram,omitempty"` // of points: the diagram that they stand on
	// DiagramVersion is the version of the diagram; zero is 1.
	DiagramVersion int         `json:"diagramVersion,omitempty"`
	Views          []PhotoView `json:"views"` // of photographs: the standard views to take
}

// On returns the version of the diagram that the points of a field stand on, and
// false if the set does not have it.
func (s *Set) On(f Field) (Diagram, bool) { return s.Diagram(f.Diagram, max(1, f.DiagramVersion)) }

// MaxRows is how many rows a group may have unless it says fewer.
const MaxRows = 100

// Condition says when a field applies. It is one comparison, or several that are
// joined by All or Any.
type Condition struct {
	Field string      `json:"field,omitempty"` // a field that stands before
	In    []string    `json:"in"`              // a choice or boolean field has one of these values
	Above *Number     `json:"above,omitempty"` // a number field is greater
	Below *Number     `json:"below,omitempty"` // a number field is less
	All   []Condition `json:"all"`             // each of these holds
	Any   []Condition `json:"any"`             // one of these holds
}

// Operation is the arithmetic of a [Formula].
type Operation string

// The operations. A difference and a quotient have two operands.
const (
	OpSum        Operation = "sum"
	OpDifference Operation = "difference"
	OpProduct    Operation = "product"
	OpQuotient   Operation = "quotient"
)

// Operations returns every operation.
func Operations() []Operation { return []Operation{OpSum, OpDifference, OpProduct, OpQuotient} }

// Valid reports whether o is one of [Operations].
func (o Operation) Valid() bool { return slices.Contains(Operations(), o) }

// Formula says how a computed field follows from others. The result is rounded
// once, half away from zero, to the field's decimals.
type Formula struct {
	Op Operation `json:"op"`
	Of []Operand `json:"of"`
}

// Operand is a field or a number. Within a group, a field's plain key is the
// field of the same row; from outside, "settings/energy" is the sum of that field
// over all rows.
type Operand struct {
	Field  string  `json:"field,omitempty"`
	Number *Number `json:"number,omitempty"`
}

// RowKey returns the key under which a record holds a field of a group's row,
// counted from 0.
func RowKey(group string, row int, field string) string {
	return group + "/" + strconv.Itoa(row) + "/" + field
}

// rowOf takes a key of a group's row apart.
func rowOf(key string) (group string, row int, field string, ok bool) {
	group, rest, found := strings.Cut(key, "/")
	digits, field, more := strings.Cut(rest, "/")
	row, err := strconv.Atoi(digits)
	if !found || !more || err != nil || row < 0 || strconv.Itoa(row) != digits {
		return "", 0, "", false
	}
	return group, row, field, true
}

// Rows returns how many rows a record has of a group: one more than the number
// of the last one that has a value.
func (r Record) Rows(group string) int {
	n := 0
	for key := range r.Values {
		if g, row, _, ok := rowOf(key); ok && g == group {
			n = max(n, row+1)
		}
	}
	return n
}

// Field returns the field of a group's row with the key, and false if there is
// none.
func (f Field) Field(key string) (Field, bool) {
	i := slices.IndexFunc(f.Fields, func(g Field) bool { return g.Key == key })
	if i < 0 {
		return Field{}, false
	}
	return f.Fields[i], true
}

// ChoiceLabel returns what a choice is called: its label, or else its code in
// words.
func (f Field) ChoiceLabel(code string) string {
	if label := f.Labels[code]; label != "" {
		return label
	}
	return strings.ReplaceAll(code, "-", " ")
}

func (f Field) clone() Field {
	f.Min, f.Max = cloneNumber(f.Min), cloneNumber(f.Max)
	f.Choices = slices.Clone(f.Choices)
	f.Products = slices.Clone(f.Products)
	f.When = f.When.clone()
	f.Labels = maps.Clone(f.Labels)
	f.Fields = slices.Clone(f.Fields)
	for i, g := range f.Fields {
		f.Fields[i] = g.clone()
	}
	if f.Formula != nil {
		formula := *f.Formula
		formula.Of = slices.Clone(formula.Of)
		for i, o := range formula.Of {
			formula.Of[i].Number = cloneNumber(o.Number)
		}
		f.Formula = &formula
	}
	f.Views = slices.Clone(f.Views)
	return f
}

func cloneNumber(n *Number) *Number {
	if n == nil {
		return nil
	}
	m := *n
	return &m
}

func (c *Condition) clone() *Condition {
	if c == nil {
		return nil
	}
	d := *c
	d.In = slices.Clone(c.In)
	d.Above, d.Below = cloneNumber(c.Above), cloneNumber(c.Below)
	d.All, d.Any = cloneConditions(c.All), cloneConditions(c.Any)
	return &d
}

func cloneConditions(list []Condition) []Condition {
	out := slices.Clone(list)
	for i := range out {
		out[i] = *out[i].clone()
	}
	return out
}
