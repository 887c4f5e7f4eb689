package fhirconv

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/glabella-ehr/glabella"
)

// DeidentifyOptions are what a de-identified copy needs beyond the record.
type DeidentifyOptions struct {
	// On is the day of the export. Ages are counted to the end of its year.
	On glabella.Date
	// Zip3 are the first three digits of the ZIP areas that hold more than 20,000
	// people by the current data of the Census Bureau. All others become 000.
	Zip3 []string
	// Known reports whether a code of a code system is one that many share. Codes
	// that it does not know are left out, apart from the few of HL7 that this
	// package writes. Nil knows none.
	Known func(system, code string) bool
	// Random is where re-identification codes come from; nil is crypto/rand.
	Random io.Reader
}

// Deidentified is a copy of a record without what identifies the patient.
type Deidentified struct {
	Bundle []byte // a collection Bundle, JSON
	Proof  Proof
	// Codes gives the re-identification code of each resource, by the type and ID
	// that it has in the record. The codes are chance and say nothing about the
	// patient (45 CFR 164.514(c)); whoever gets the Bundle must not get them.
	Codes map[string]string `json:"-"`
}

// Proof says what a de-identified copy left out, and by which rule. It holds no
// value of the record, and no name of an element that this package does not know.
type Proof struct {
	Removed []Removal      `json:"removed"`
	Kept    map[string]int `json:"kept"` // how often each element was kept or generalised, by path
	// Actual says what this proof cannot: see [ActualKnowledge].
	Actual string `json:"actual"`
}

// Removal is an element that was left out or made less exact.
type Removal struct {
	Path       string `json:"path"`       // such as Patient.telecom; * is an element that is not known
	Identifier string `json:"identifier"` // the letter in 45 CFR 164.514(b)(2)(i)
	Rule       string `json:"rule"`
	Count      int    `json:"count"`
}

// ActualKnowledge is what every [Proof] says about the other half of the rule.
const ActualKnowledge = "45 CFR 164.514(b)(2)(ii) is not shown here: whoever discloses the copy must not know that what is left could identify the individual"

// Rules by which an element is left out or made less exact.
const (
	ruleRemove  = "removed"
	ruleUnknown = "removed: not on the list of elements that may stay"
	ruleCode    = "removed: not a code that is known to be shared"
	ruleYear    = "only the year is kept"
	ruleAge     = "removed: a year that shows an age of 90 or more"
	ruleZIP     = "three digits are kept where more than 20,000 people live, else 000"
	ruleRandom  = "replaced by a random code"
)

// ErrNotBundle says that the input is not a FHIR Bundle in JSON.
var ErrNotBundle = errors.New("not a FHIR bundle")

// Deidentify returns a copy of a Bundle, as [Encode] writes it, by the Safe Harbor
// rule of 45 CFR 164.514(b)(2). It keeps only elements and values from a list of
// what may stay; anything else is left out, known or not: text, names, contacts,
// identifiers, pictures, attachments, extensions, lots and serial numbers, staff
// and places. Dates keep their year, a birth date that makes the patient 90 or
// more becomes one category, and a ZIP code three digits or 000.
//
// What it returns is a copy for one export: references hold within it, and a second
// export of the same record has other codes.
func Deidentify(bundle []byte, o DeidentifyOptions) (Deidentified, error) {
	if !o.On.Valid() {
		return Deidentified{}, glabella.Invalid("de-identification", glabella.Issue{Path: "/on", Code: glabella.CodeRequired, Text: "ages need the day of the export"})
	}
	for i, z := range o.Zip3 {
		if len(z) != 3 || !digits(z) {
			return Deidentified{}, glabella.Invalid("de-identification", glabella.Issue{Path: fmt.Sprintf("/zip3/%d", i), Code: glabella.CodeFormat, Text: "not three digits"})
		}
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	dec := json.NewDecoder(bytes.NewReader(bundle))
	dec.UseNumber()
	var in map[string]any
	if err := dec.Decode(&in); err != nil || in["resourceType"] != "Bundle" {
		return Deidentified{}, fmt.Errorf("de-identification: %w: %w", glabella.ErrInvalid, ErrNotBundle)
	}
	d := &deidentifier{o: o, codes: map[string]string{}, alias: map[string]string{}, removed: map[Removal]int{}, kept: map[string]int{}}
	entries, _ := in["entry"].([]any)
	for _, e := range entries {
		if err := d.name(e); err != nil {
			return Deidentified{}, err
		}
	}
	out := []any{}
	for _, e := range entries {
		entry, _ := e.(map[string]any)
		r, _ := entry["resource"].(map[string]any)
		kind, _ := r["resourceType"].(string)
		rules, ok := deidentified[kind]
		if !ok {
			if !removedKinds[kind] {
				kind = "*"
			}
			d.drop(kind, "R", ruleUnknown)
			continue
		}
		d.within = keyOf(entry)
		if c := d.resource(kind, r, rules, d.codes[d.within]); c != nil {
			out = append(out, map[string]any{"resource": c})
		}
	}
	text, err := json.Marshal(map[string]any{"resourceType": "Bundle", "type": "collection", "entry": out})
	if err != nil {
		return Deidentified{}, fmt.Errorf("de-identification: %w", err)
	}
	return Deidentified{Bundle: text, Proof: d.proof(), Codes: d.codes}, nil
}

type deidentifier struct {
	o       DeidentifyOptions
	codes   map[string]string // by type and ID
	alias   map[string]string // fullUrl to type and ID
	within  string            // the resource that contains the current one
	removed map[Removal]int
	kept    map[string]int
}

// name gives codes to the resource of an entry and to those within it.
func (d *deidentifier) name(e any) error {
	entry, _ := e.(map[string]any)
	r, _ := entry["resource"].(map[string]any)
	kind, _ := r["resourceType"].(string)
	if _, ok := deidentified[kind]; !ok {
		return nil
	}
	key := keyOf(entry)
	if key == "" {
		return nil
	}
	if url, ok := entry["fullUrl"].(string); ok {
		d.alias[url] = key
	}
	if err := d.random(key); err != nil {
		return err
	}
	contained, _ := r["contained"].([]any)
	for _, c := range contained {
		inner, _ := c.(map[string]any)
		if id, ok := inner["id"].(string); ok {
			if err := d.random(key + "#" + id); err != nil {
				return err
			}
		}
	}
	return nil
}

// keyOf returns the type and ID of an entry's resource, or the type and URL, and
// "" if it has neither.
func keyOf(entry map[string]any) string {
	r, _ := entry["resource"].(map[string]any)
	kind, _ := r["resourceType"].(string)
	id, _ := r["id"].(string)
	url, _ := entry["fullUrl"].(string)
	if id = cmp.Or(id, url); id == "" {
		return ""
	}
	return kind + "/" + id
}

func (d *deidentifier) random(key string) error {
	if d.codes[key] != "" {
		return nil
	}
	var b [16]byte
	if _, err := io.ReadFull(d.o.Random, b[:]); err != nil {
		return fmt.Errorf("de-identification: random code: %w", err)
	}
	d.codes[key] = hex.EncodeToString(b[:])
	return nil
}

func (d *deidentifier) drop(path, letter, rule string) {
	d.removed[Removal{Path: path, Identifier: letter, Rule: rule}]++
}

func (d *deidentifier) proof() Proof {
	p := Proof{Removed: []Removal{}, Kept: d.kept, Actual: ActualKnowledge}
	for r, n := range d.removed {
		r.Count = n
		p.Removed = append(p.Removed, r)
	}
	slices.SortFunc(p.Removed, func(a, b Removal) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Identifier, b.Identifier), strings.Compare(a.Rule, b.Rule))
	})
	return p
}

// resource returns what may stay of a resource.
func (d *deidentifier) resource(kind string, r map[string]any, rules elements, code string) map[string]any {
	out := map[string]any{"resourceType": kind}
	if code != "" {
		out["id"] = code
		d.drop(kind+".id", "R", ruleRandom)
	}
	rest := maps.Clone(r)
	delete(rest, "resourceType")
	delete(rest, "id")
	if kind == "Patient" {
		d.oldest(rest, out)
	}
	maps.Copy(out, d.object(kind, rest, rules))
	return out
}

// object returns what may stay of an element's members.
func (d *deidentifier) object(path string, in map[string]any, rules elements) map[string]any {
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		keep, ok := rules[name]
		if !ok {
			d.unlisted(path, name, in[name])
			continue
		}
		if v := d.value(path+"."+name, in[name], keep); v != nil {
			out[name] = v
		}
	}
	return out
}

// value returns what may stay of a value, and nil if nothing may.
func (d *deidentifier) value(path string, v any, keep keeper) any {
	list, ok := v.([]any)
	if !ok {
		got := keep(d, path, v)
		if got != nil {
			d.kept[path]++
		}
		return got
	}
	var out []any
	for _, item := range list {
		if _, nested := item.([]any); nested {
			d.drop(path, "R", ruleUnknown)
			continue
		}
		if got := d.value(path, item, keep); got != nil {
			out = append(out, got)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// unlisted counts an element that is left out under the identifier that it is.
func (d *deidentifier) unlisted(path, name string, v any) {
	if name == "telecom" {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, item := range list {
			m, _ := item.(map[string]any)
			system, _ := m["system"].(string)
			d.drop(path+".telecom", cmp.Or(map[string]string{"fax": "E", "email": "F", "url": "N"}[system], "D"), ruleRemove)
		}
		return
	}
	if letter, ok := letters[name]; ok {
		if name == "identifier" && path != "Patient" {
			letter = "R"
		}
		d.drop(path+"."+name, letter, ruleRemove)
		return
	}
	d.drop(path+".*", "R", ruleUnknown)
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
