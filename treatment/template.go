package treatment

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
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

// Template is one version of the definition of a treatment: what is charted,
// with which products, and what is checked before and after. A version does not
// change once it is published; a change is a new version.
type Template struct {
	Code              string             `json:"code"`    // stable across versions: "botulinum-toxin"
	Version           int                `json:"version"` // from 1
	Name              string             `json:"name"`
	Extends           *Base              `json:"extends"` // the template that this one was made from
	Phases            []Phase            `json:"phases"`  // the sections of the chart, in order
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

	Photos        *PhotoSpec             `json:"photos"`        // the photographs that belong to it; nil demands none
	Durations     []Duration             `json:"durations"`     // the parts of the appointment, in order
	Charges       []ChargeRule           `json:"charges"`       // how it may be priced; empty is any way
	Prerequisites []Prerequisite         `json:"prerequisites"` // treatments that come before it
	Diagnoses     []string               `json:"diagnoses"`     // ICD-10-CM codes that it is often documented with
	Migrations    []Migration            `json:"migrations"`    // how records of earlier versions are carried over
	Translations  map[string]Translation `json:"translations"`  // by BCP 47 language: "es"

	set  *Set   // resolves products and diagrams; nil outside a Set
	hash string // as published; empty outside a Set
}

// PhotoSpec says which photographs a treatment is documented with.
type PhotoSpec struct {
	Before []PhotoView `json:"before"`
	After  []PhotoView `json:"after"`
	Level  Demand      `json:"level"`
}

// PhotoView is the standard view of a photograph.
type PhotoView string

// The standard views of photographs. Left and right are the side of the patient
// that is shown.
const (
	PhotoFront        PhotoView = "front"
	PhotoLeft         PhotoView = "left"
	PhotoRight        PhotoView = "right"
	PhotoObliqueLeft  PhotoView = "oblique-left"
	PhotoObliqueRight PhotoView = "oblique-right"
	PhotoBase         PhotoView = "base"   // from below: nose, submental area
	PhotoVertex       PhotoView = "vertex" // from above
	PhotoNeck         PhotoView = "neck"
	PhotoHands        PhotoView = "hands"
	PhotoBodyFront    PhotoView = "body-front"
	PhotoBodyBack     PhotoView = "body-back"
	PhotoCloseUp      PhotoView = "close-up"
)

// PhotoViews returns every standard view.
func PhotoViews() []PhotoView {
	return []PhotoView{PhotoFront, PhotoLeft, PhotoRight, PhotoObliqueLeft, PhotoObliqueRight, PhotoBase, PhotoVertex, PhotoNeck, PhotoHands, PhotoBodyFront, PhotoBodyBack, PhotoCloseUp}
}

// Valid reports whether v is one of [PhotoViews].
func (v PhotoView) Valid() bool { return slices.Contains(PhotoViews(), v) }

// Demand says how firmly something is asked for.
type Demand string

// The demands.
const (
	DemandRequire Demand = "require" // refused without it
	DemandWarn    Demand = "warn"    // warned of without it
)

// Demands returns every demand.
func Demands() []Demand { return []Demand{DemandRequire, DemandWarn} }

// Valid reports whether d is one of [Demands].
func (d Demand) Valid() bool { return slices.Contains(Demands(), d) }

// Duration is a part of the appointment and what it takes up: numbing needs a
// room, the treatment also its provider.
type Duration struct {
	Code    string   `json:"code"`
	Name    string   `json:"name"`
	Minutes int      `json:"minutes"`
	Needs   []string `json:"needs"` // "provider", "room", "device"
	Basis   Basis    `json:"basis"`
}

// ChargeBy says what a treatment is priced by.
type ChargeBy string

// What a treatment is priced by.
const (
	ByUnit      ChargeBy = "unit"      // of the product
	ByContainer ChargeBy = "container" // syringe or vial
	ByArea      ChargeBy = "area"
	BySession   ChargeBy = "session"
	ByPulse     ChargeBy = "pulse"
)

// ChargesBy returns everything that a treatment may be priced by.
func ChargesBy() []ChargeBy { return []ChargeBy{ByUnit, ByContainer, ByArea, BySession, ByPulse} }

// Valid reports whether b is one of [ChargesBy].
func (b ChargeBy) Valid() bool { return slices.Contains(ChargesBy(), b) }

// ChargeRule is one way in which a treatment may be priced.
type ChargeRule struct {
	By ChargeBy `json:"by"`
	// Field is the field that counts: a number, or the choices of a multi field.
	// Units, containers and sessions are counted without one.
	Field string `json:"field,omitempty"`
}

// Prerequisite is a treatment that has been completed before, such as a test
// spot.
type Prerequisite struct {
	Treatments []string `json:"treatments"`
	WithinDays int      `json:"withinDays"`
	All        bool     `json:"all"` // every one of them, rather than any
	Basis      Basis    `json:"basis"`
	Source     string   `json:"source,omitempty"`
}

// Phase is a section of the chart.
type Phase struct {
	Code string `json:"code"`
	Name string `json:"name"`
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
//
// A template that comes from a [Set] has the hash that it was published with.
func (t Template) Hash() string {
	if t.hash != "" {
		return t.hash
	}
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
	t.Extends = t.Extends.clone()
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
	if t.Photos != nil {
		p := *t.Photos
		p.Before, p.After = slices.Clone(p.Before), slices.Clone(p.After)
		t.Photos = &p
	}
	t.Durations = slices.Clone(t.Durations)
	for i := range t.Durations {
		t.Durations[i].Needs = slices.Clone(t.Durations[i].Needs)
	}
	t.Charges = slices.Clone(t.Charges)
	t.Prerequisites = slices.Clone(t.Prerequisites)
	for i := range t.Prerequisites {
		t.Prerequisites[i].Treatments = slices.Clone(t.Prerequisites[i].Treatments)
	}
	t.Diagnoses = slices.Clone(t.Diagnoses)
	t.Migrations = slices.Clone(t.Migrations)
	for i, m := range t.Migrations {
		t.Migrations[i] = m.clone()
	}
	t.Translations = maps.Clone(t.Translations)
	for lang, tr := range t.Translations {
		t.Translations[lang] = tr.clone()
	}
	return t
}

// product returns what the template's set knows of a product; its slices are the
// set's own.
func (t *Template) product(code string) (Product, bool) {
	if t.set == nil {
		return Product{}, false
	}
	p, ok := t.set.products[code]
	return p, ok
}

// diagram returns the set's own copy of a diagram, which must not be changed, and
// nil if there is none.
func (t *Template) diagram(code string, version int) *Diagram {
	if t.set == nil {
		return nil
	}
	return t.set.diagram(code, version)
}
