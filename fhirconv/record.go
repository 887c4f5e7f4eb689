package fhirconv

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"crypto/sha256"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/fhirconv/r4"
	"github.com/glabella-ehr/glabella/internal/strict"
)

// Where the parts of a record are in a Bundle of [ToFHIR].
const (
	// SystemRecord has a code for each part of a [Record], such as allergies, and
	// manifest for the list of the other resources.
	SystemRecord = Base + "/CodeSystem/record"
	// ExtensionRecord holds one record of the part as JSON, as it is stored.
	ExtensionRecord = Base + "/StructureDefinition/record"
	// ExtensionWritten holds the type and ID of a resource as it was written, and its
	// digest.
	ExtensionWritten = Base + "/StructureDefinition/written"

	codeManifest = "manifest"
)

// Codes of issues with Bundles that are read.
const (
	// CodeReadManifest says that a Bundle is not one that holds a whole record, or has lost the list of what was written.
	CodeReadManifest glabella.Code = "fhirconv.read.manifest"
	// CodeReadRecord says that a part of a record cannot be read, or is not known.
	CodeReadRecord glabella.Code = "fhirconv.read.record"
)

// Foreign is a resource that this library did not write and has no place for. It is
// kept, and comes out again with the record.
type Foreign struct {
	FullURL  string
	Resource r4.Resource
}

// foreignJSON is the stored form of a [Foreign].
type foreignJSON struct {
	FullURL  string          `json:"fullUrl,omitempty"`
	Resource json.RawMessage `json:"resource"`
}

// MarshalJSON implements [json.Marshaler].
func (f Foreign) MarshalJSON() ([]byte, error) {
	if f.Resource == nil {
		return nil, fmt.Errorf("a foreign resource is missing: %w", glabella.ErrInvalid)
	}
	text, err := f.Resource.AppendJSON(nil)
	if err != nil {
		return nil, err
	}
	return json.Marshal(foreignJSON{f.FullURL, text})
}

// UnmarshalJSON implements [json.Unmarshaler].
func (f *Foreign) UnmarshalJSON(text []byte) error {
	var in foreignJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	r, err := r4.Unmarshal(in.Resource)
	if err != nil {
		return err
	}
	*f = Foreign{in.FullURL, r}
	return nil
}

// foreign writes what others wrote.
func (b *builder) foreign() {
	for i, f := range b.r.Foreign {
		path := fmt.Sprintf("/foreign/%d", i)
		if f.Resource == nil {
			b.issue(path+"/resource", glabella.CodeRequired, "must be given")
			continue
		}
		e := r4.BundleEntry{FullURL: f.FullURL, Resource: f.Resource, Request: &r4.BundleEntryRequest{Method: "POST", URL: f.Resource.ResourceType()}}
		if id := f.Resource.ResourceID(); id != "" {
			if b.taken[id] {
				b.issue(path+"/resource/id", glabella.CodeDuplicate, "given twice")
			}
			b.taken[id] = true
			e.Request = &r4.BundleEntryRequest{Method: "PUT", URL: f.Resource.ResourceType() + "/" + id}
		}
		b.entries = append(b.entries, e)
	}
}

// ToFHIR returns the Bundle of [PatientBundle] with the whole record beside it, so
// that [FromFHIR] gives it back exactly: for each record a Basic resource with the
// record as it is stored, and one that lists what else was written. A receiver that
// does not know this library leaves them alone. The losses are those of the other
// resources: they say what only who reads with this library learns.
//
// The records that a patient's refer to, such as staff, products and lots, are in it.
// Do not hand it to whom they are not for.
func ToFHIR(r Record, at time.Time) (r4.Bundle, []Loss, error) {
	b, losses, err := PatientBundle(r, at)
	if err != nil {
		return r4.Bundle{}, nil, err
	}
	manifest := r4.Basic{ID: derived("manifest", b.ID), Code: concept(SystemRecord, codeManifest, ""), Subject: &r4.Reference{Reference: urn(r.Patient.ID.String())}}
	for _, e := range b.Entry {
		if slices.ContainsFunc(r.Foreign, func(f Foreign) bool { return f.Resource == e.Resource }) {
			continue
		}
		sum, err := digestOf(e.Resource)
		if err != nil {
			return r4.Bundle{}, nil, err
		}
		manifest.Extension = append(manifest.Extension, r4.Extension{URL: ExtensionWritten, Extension: []r4.Extension{
			textPart("resource", name(e.Resource)), textPart("sha256", sum),
		}})
	}
	add := func(v r4.Basic) {
		b.Entry = append(b.Entry, r4.BundleEntry{FullURL: urn(v.ID), Resource: &v, Request: &r4.BundleEntryRequest{Method: "PUT", URL: "Basic/" + v.ID}})
	}
	add(manifest)
	for _, p := range parts(reflect.ValueOf(&r).Elem(), "") {
		for i := range p.length() {
			v := p.at(i)
			text, err := json.Marshal(v.Interface())
			if err != nil {
				return r4.Bundle{}, nil, fmt.Errorf("write %s %d: %w", p.name, i, err)
			}
			of := v.Interface().(interface{ Ref() glabella.Ref }).Ref()
			add(r4.Basic{
				ID: derived("record", of.Kind, of.ID), Code: concept(SystemRecord, p.name, ""), Subject: &r4.Reference{Reference: urn(r.Patient.ID.String())},
				Extension: []r4.Extension{{URL: ExtensionRecord, Value: r4.String(text)}},
			})
		}
	}
	return b, losses, nil
}

// Changed is a resource of a record that is not as it was written.
type Changed struct {
	Resource string      `json:"resource"` // its type and ID
	Now      r4.Resource `json:"-"`        // as it is now; nil if it is gone
}

// Read is what [FromFHIR] has read.
type Read struct {
	Record Record
	// Changed are the resources that somebody has changed since they were written, or
	// that are gone. The record does not follow them: it is as it was written.
	Changed []Changed
}

// FromFHIR returns the record that [ToFHIR] wrote, exactly, whatever has happened to
// the other resources of the Bundle since: those that were changed are named, and
// those that others have added are in [Record.Foreign] and come out again. That a
// server has given resources other meta elements, or written references in another
// way, is no change.
//
// A Bundle without such a record is a [*glabella.ValidationError], as is one whose
// parts cannot be read, with all issues. Patients of other systems are read with
// [ReadPatients].
func FromFHIR(b r4.Bundle) (Read, error) {
	var out Read
	var issues []glabella.Issue
	list := parts(reflect.ValueOf(&out.Record).Elem(), "")
	written, found := map[string]string{}, false
	rest := []r4.BundleEntry{}
	for i, e := range b.Entry {
		basic, ok := e.Resource.(*r4.Basic)
		code := ""
		if ok {
			code = recordCode(basic)
		}
		path := fmt.Sprintf("/entry/%d/resource", i)
		switch {
		case code == "":
			rest = append(rest, e)
		case code == codeManifest:
			found = true
			for _, x := range basic.Extension {
				written[partOf(x, "resource")] = partOf(x, "sha256")
			}
		default:
			k := slices.IndexFunc(list, func(p part) bool { return p.name == code })
			if k < 0 {
				issues = append(issues, glabella.Issue{Path: path + "/code", Code: CodeReadRecord, Text: "not a part of a record that is known"})
				continue
			}
			if err := list[k].read(basic); err != nil {
				issues = append(issues, glabella.Issue{Path: path + "/extension", Code: CodeReadRecord, Text: "not a record of this part: " + err.Error()})
			}
		}
	}
	if !found || out.Record.Patient.ID.IsZero() && len(issues) == 0 {
		issues = append(issues, glabella.Issue{Path: "/entry", Code: CodeReadManifest, Text: "the Bundle does not hold a whole record"})
	}
	if err := glabella.Invalid("fhir bundle", issues...); err != nil {
		return Read{}, err
	}
	for _, e := range rest {
		if e.Resource == nil {
			continue
		}
		want, ours := written[name(e.Resource)]
		if !ours {
			out.Record.Foreign = append(out.Record.Foreign, Foreign{e.FullURL, e.Resource})
			continue
		}
		delete(written, name(e.Resource))
		got, err := digestOf(e.Resource)
		if err != nil {
			return Read{}, err
		}
		if got != want {
			out.Changed = append(out.Changed, Changed{name(e.Resource), e.Resource})
		}
	}
	for gone := range written {
		out.Changed = append(out.Changed, Changed{Resource: gone})
	}
	slices.SortFunc(out.Changed, func(a, b Changed) int { return strings.Compare(a.Resource, b.Resource) })
	return out, nil
}

func name(r r4.Resource) string { return r.ResourceType() + "/" + r.ResourceID() }

// recordCode returns which part of a record a resource holds, or "".
func recordCode(b *r4.Basic) string {
	if b.Code == nil {
		return ""
	}
	for _, c := range b.Code.Coding {
		if c.System == SystemRecord {
			return c.Code
		}
	}
	return ""
}

func partOf(x r4.Extension, url string) string {
	for _, p := range x.Extension {
		if s, ok := p.Value.(r4.String); ok && p.URL == url {
			return string(s)
		}
	}
	return ""
}

// part is a field of a [Record] that has records: one, or a list.
type part struct {
	name  string // its path, such as preferences/permissions
	value reflect.Value
}

// parts returns the parts of a record, in the order of their declaration.
func parts(v reflect.Value, prefix string) []part {
	var out []part
	for i := range v.NumField() {
		tag, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		f := v.Field(i)
		switch {
		case f.Type() == reflect.TypeFor[[]Foreign](): // they are resources
		case f.Kind() == reflect.Slice || f.Type().Implements(reflect.TypeFor[interface{ Ref() glabella.Ref }]()):
			out = append(out, part{prefix + tag, f})
		default:
			out = append(out, parts(f, prefix+tag+"/")...)
		}
	}
	return out
}

func (p part) length() int {
	if p.value.Kind() == reflect.Slice {
		return p.value.Len()
	}
	return 1
}

func (p part) at(i int) reflect.Value {
	if p.value.Kind() == reflect.Slice {
		return p.value.Index(i)
	}
	return p.value
}

// read adds the record that a resource holds.
func (p part) read(b *r4.Basic) error {
	i := slices.IndexFunc(b.Extension, func(x r4.Extension) bool { return x.URL == ExtensionRecord })
	if i < 0 {
		return fmt.Errorf("no record: %w", glabella.ErrInvalid)
	}
	text, ok := b.Extension[i].Value.(r4.String)
	if !ok {
		return fmt.Errorf("no text: %w", glabella.ErrInvalid)
	}
	t := p.value.Type()
	if p.value.Kind() == reflect.Slice {
		t = t.Elem()
	}
	v := reflect.New(t)
	if err := strict.Decode(p.name, []byte(text), v.Interface()); err != nil {
		return err
	}
	if p.value.Kind() == reflect.Slice {
		p.value.Set(reflect.Append(p.value, v.Elem()))
	} else {
		p.value.Set(v.Elem())
	}
	return nil
}

// digestOf returns the SHA-256 of what a resource says, without its meta element and
// without regard to how references are written and members ordered.
func digestOf(r r4.Resource) (string, error) {
	text, err := r.AppendJSON(nil)
	if err != nil {
		return "", err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		return "", err
	}
	delete(v, "meta")
	plainReferences(v)
	if text, err = json.Marshal(v); err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// plainReferences cuts references down to the ID.
func plainReferences(v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if s, ok := x.(string); ok && k == "reference" {
				v[k] = s[strings.LastIndexAny(s, "/:")+1:]
			} else {
				plainReferences(x)
			}
		}
	case []any:
		for _, x := range v {
			plainReferences(x)
		}
	}
}
