package treatment

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
)

// Basis says what stands behind a number or a rule. Only a rule whose basis is a
// label, a regulation, a standard or a guideline speaks with an authority other
// than the clinic's own.
type Basis string

// The bases.
const (
	BasisLabel          Basis = "label"           // a drug label, or a device's directions for use
	BasisRegulation     Basis = "regulation"      // a statute or a regulation
	BasisStandard       Basis = "standard"        // a published standard
	BasisGuideline      Basis = "guideline"       // a professional society or a regulator's guidance
	BasisLiterature     Basis = "literature"      // a peer-reviewed paper
	BasisCommonPractice Basis = "common-practice" // what clinics usually do; a default to edit
)

// Bases returns every basis.
func Bases() []Basis {
	return []Basis{BasisLabel, BasisRegulation, BasisStandard, BasisGuideline, BasisLiterature, BasisCommonPractice}
}

// Valid reports whether b is one of [Bases].
func (b Basis) Valid() bool { return slices.Contains(Bases(), b) }

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
)

// FieldKinds returns every kind of field.
func FieldKinds() []FieldKind {
	return []FieldKind{FieldText, FieldChoice, FieldMulti, FieldNumber, FieldDate, FieldDatetime, FieldBoolean}
}

// Valid reports whether k is one of [FieldKinds].
func (k FieldKind) Valid() bool { return slices.Contains(FieldKinds(), k) }

// The keys of the fields from which [Compute] takes a dilution. A template that
// charts one uses these keys.
const (
	FieldVialUnits     = "vial-units"     // what the vial held when it was full, in the product's unit
	FieldDiluentVolume = "diluent-volume" // what was added to it, in mL
)

// Template is one version of the definition of a treatment: what is charted,
// with which products, and what is checked before and after. A version does not
// change once it is published; a change is a new version.
type Template struct {
	Code              string             `json:"code"`    // stable across versions: "botulinum-toxin"
	Version           int                `json:"version"` // from 1
	Name              string             `json:"name"`
	Phases            []Phase            `json:"phases"` // the sections of the chart, in order
	Fields            []Field            `json:"fields"`
	Products          []string           `json:"products"`  // codes of the products it may be done with; empty is a treatment without product
	Consents          []string           `json:"consents"`  // codes of the consent forms it requires
	Clearance         bool               `json:"clearance"` // whether it requires a good-faith exam
	Map               *MapSpec           `json:"map"`       // nil is a treatment without injection map
	Contraindications []Contraindication `json:"contraindications"`
	AdverseEvents     []string           `json:"adverseEvents"` // codes of what to watch for and record
	PreCare           []Advice           `json:"preCare"`
	PostCare          []Advice           `json:"postCare"`
	RedFlags          []Advice           `json:"redFlags"`          // signs that need care at once
	FollowUp          Interval           `json:"followUp,omitzero"` // when the result is looked at
	Retreat           Interval           `json:"retreat,omitzero"`  // the least time to the next treatment, where a product sets none
	set               *Set               // resolves products and diagrams; nil outside a Set
}

// Phase is a section of the chart.
type Phase struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

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
}

// Condition makes a field apply only when a choice or boolean field that stands
// before it has one of the values.
type Condition struct {
	Field string   `json:"field"`
	In    []string `json:"in"`
}

// MapSpec says how the treatment's injection map is charted.
type MapSpec struct {
	Diagrams     []string `json:"diagrams"`  // codes of the diagrams that may be used
	Unit         string   `json:"unit"`      // UCUM code of the points' amounts: "[arb'U]" or "mL"
	Tolerance    Number   `json:"tolerance"` // how far the sum of the points may be from the charted total
	SideRequired bool     `json:"sideRequired"`
	LotRequired  bool     `json:"lotRequired"`
	Depths       []string `json:"depths"`     // allowed values; empty is any
	Techniques   []string `json:"techniques"` // allowed values; empty is any
	Devices      []string `json:"devices"`    // allowed values; empty is any
}

// Interval is a number of days, with what stands behind it. The zero Interval
// says nothing.
type Interval struct {
	Days   int    `json:"days"`
	Basis  Basis  `json:"basis"`
	Source string `json:"source,omitempty"`
}

// IsZero reports whether the interval says nothing.
func (i Interval) IsZero() bool { return i == Interval{} }

// Advice is a sentence for the patient, with what stands behind it.
type Advice struct {
	Text   string `json:"text"`
	Basis  Basis  `json:"basis"`
	Source string `json:"source,omitempty"`
}

// Hash returns the SHA-256 of the template's canonical JSON, in hexadecimal.
// Canonical JSON has its members sorted by name, no white space, and no members
// that are null, so that a field which a later version of this library adds does
// not change the hash of a template that does not use it.
func (t Template) Hash() string {
	sum := sha256.Sum256(t.canonical())
	return hex.EncodeToString(sum[:])
}

// Ref returns the reference that pins this exact template.
func (t Template) Ref() Ref { return Ref{Code: t.Code, Version: t.Version, Hash: t.Hash()} }

// Field returns the field with the key, and false if there is none.
func (t Template) Field(key string) (Field, bool) {
	i := slices.IndexFunc(t.Fields, func(f Field) bool { return f.Key == key })
	if i < 0 {
		return Field{}, false
	}
	return t.Fields[i], true
}

func (t Template) canonical() []byte {
	plain, err := json.Marshal(t)
	if err != nil {
		panic(err) // no value of a Template has a form that JSON lacks
	}
	dec := json.NewDecoder(bytes.NewReader(plain))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		panic(err) // it was encoded above
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(withoutNulls(v)); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

func withoutNulls(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if e == nil {
				delete(v, k)
			} else {
				v[k] = withoutNulls(e)
			}
		}
	case []any:
		for i, e := range v {
			v[i] = withoutNulls(e)
		}
	}
	return v
}

// clone returns a copy that shares nothing that can be changed.
func (t Template) clone() Template {
	t.Phases = slices.Clone(t.Phases)
	t.Fields = slices.Clone(t.Fields)
	for i, f := range t.Fields {
		t.Fields[i] = f.clone()
	}
	t.Products = slices.Clone(t.Products)
	t.Consents = slices.Clone(t.Consents)
	if t.Map != nil {
		m := *t.Map
		m.Diagrams = slices.Clone(m.Diagrams)
		m.Depths = slices.Clone(m.Depths)
		m.Techniques = slices.Clone(m.Techniques)
		m.Devices = slices.Clone(m.Devices)
		t.Map = &m
	}
	t.Contraindications = slices.Clone(t.Contraindications)
	for i, c := range t.Contraindications {
		t.Contraindications[i] = c.clone()
	}
	t.AdverseEvents = slices.Clone(t.AdverseEvents)
	t.PreCare = slices.Clone(t.PreCare)
	t.PostCare = slices.Clone(t.PostCare)
	t.RedFlags = slices.Clone(t.RedFlags)
	return t
}

func (f Field) clone() Field {
	if f.Min != nil {
		n := *f.Min
		f.Min = &n
	}
	if f.Max != nil {
		n := *f.Max
		f.Max = &n
	}
	f.Choices = slices.Clone(f.Choices)
	f.Products = slices.Clone(f.Products)
	if f.When != nil {
		w := *f.When
		w.In = slices.Clone(w.In)
		f.When = &w
	}
	return f
}

// product returns what the template's set knows of a product.
func (t Template) product(code string) (Product, bool) {
	if t.set == nil {
		return Product{}, false
	}
	return t.set.Product(code)
}

func (t Template) diagram(code string, version int) (Diagram, bool) {
	if t.set == nil {
		return Diagram{}, false
	}
	return t.set.Diagram(code, version)
}
