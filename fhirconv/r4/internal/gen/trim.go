package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// resources are the resource types that package r4 has.
var resources = strings.Fields(`
	Patient RelatedPerson Practitioner PractitionerRole Organization Location Encounter Procedure Observation Condition
	AllergyIntolerance AdverseEvent DetectedIssue Medication MedicationStatement MedicationRequest MedicationAdministration
	MedicationDispense Immunization Consent Questionnaire QuestionnaireResponse DocumentReference Media Binary Composition
	ServiceRequest Specimen DiagnosticReport Task CarePlan Communication CommunicationRequest Appointment AppointmentResponse
	Schedule Slot Account ChargeItem ChargeItemDefinition Invoice Coverage Device DeviceUseStatement SupplyDelivery Substance
	BodyStructure AuditEvent Provenance Flag Group Basic Bundle OperationOutcome Parameters CapabilityStatement Subscription
	Endpoint ValueSet CodeSystem StructureDefinition`)

// definitions is what of HL7's definitions the generator and the validation of
// package r4 need.
type definitions struct {
	Types       []definition                   `json:"types"`
	Constraints map[string]constraint          `json:"constraints"` // by key
	ValueSets   map[string]map[string][]string `json:"valueSets"`   // codes by value set and code system
}

type definition struct {
	Name     string    `json:"name"`
	Resource bool      `json:"resource,omitempty"`
	Elements []element `json:"elements"`
}

type element struct {
	Path        string   `json:"path"`
	Short       string   `json:"short,omitempty"`
	Min         int      `json:"min,omitempty"`
	Max         string   `json:"max,omitempty"` // 1 if empty
	Types       []typ    `json:"types,omitempty"`
	Like        string   `json:"like,omitempty"`    // the path of the element whose content it has
	Binding     string   `json:"binding,omitempty"` // the value set of a required binding
	Constraints []string `json:"constraints,omitempty"`
}

type typ struct {
	Code    string   `json:"code"`
	Targets []string `json:"targets,omitempty"` // resource types; none is any
}

type constraint struct {
	Severity   string `json:"severity"`
	Human      string `json:"human"`
	Expression string `json:"expression"`
}

// fhirElement is what is read of an ElementDefinition.
type fhirElement struct {
	Path             string `json:"path"`
	Short            string `json:"short"`
	Min              int    `json:"min"`
	Max              string `json:"max"`
	ContentReference string `json:"contentReference"`
	Type             []struct {
		Code          string   `json:"code"`
		TargetProfile []string `json:"targetProfile"`
	} `json:"type"`
	Constraint []struct {
		Key        string `json:"key"`
		Severity   string `json:"severity"`
		Human      string `json:"human"`
		Expression string `json:"expression"`
	} `json:"constraint"`
	Binding *struct {
		Strength string `json:"strength"`
		ValueSet string `json:"valueSet"`
	} `json:"binding"`
}

func read(dir, kind, name string, v any) error {
	text, err := os.ReadFile(filepath.Join(dir, kind+"-"+name+".json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("%s %s: %w", kind, name, err)
	}
	return nil
}

// trim reads the package hl7.fhir.r4.examples from dir.
func trim(dir string) (definitions, error) {
	out := definitions{Constraints: map[string]constraint{}, ValueSets: map[string]map[string][]string{}}
	todo, seen := slices.Clone(resources), map[string]bool{}
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		if seen[name] || primitives[name] != nil || name == "Resource" || name == "Element" || name == "BackboneElement" {
			continue
		}
		seen[name] = true
		var sd struct {
			Snapshot struct {
				Element []fhirElement `json:"element"`
			} `json:"snapshot"`
		}
		if err := read(dir, "StructureDefinition", name, &sd); err != nil {
			return out, err
		}
		d := definition{Name: name, Resource: slices.Contains(resources, name)}
		for _, e := range sd.Snapshot.Element {
			n := element{Path: e.Path, Short: e.Short, Min: e.Min, Max: e.Max, Like: strings.TrimPrefix(e.ContentReference, "#")}
			if n.Max == "1" {
				n.Max = ""
			}
			for _, t := range e.Type {
				code := t.Code
				if strings.HasPrefix(code, "http://hl7.org/fhirpath/") {
					code = "string"
					if d.Resource && e.Path == name+".id" {
						code = "id"
					}
				}
				todo = append(todo, code)
				one := typ{Code: code}
				for _, p := range t.TargetProfile {
					if target := p[strings.LastIndexByte(p, '/')+1:]; target != "Resource" {
						one.Targets = append(one.Targets, target)
					}
				}
				n.Types = append(n.Types, one)
			}
			for _, c := range e.Constraint {
				if c.Expression == "" || c.Key == "ele-1" {
					continue
				}
				key, one := c.Key, constraint{Severity: c.Severity, Human: c.Human, Expression: c.Expression}
				if other, ok := out.Constraints[key]; ok && other.Expression != c.Expression {
					key += "@" + name // another invariant of the same name
				}
				out.Constraints[key] = one
				n.Constraints = append(n.Constraints, key)
			}
			if e.Binding != nil && e.Binding.Strength == "required" {
				url, _, _ := strings.Cut(e.Binding.ValueSet, "|")
				codes, err := expand(dir, url)
				if err != nil {
					return out, fmt.Errorf("%s: %w", url, err)
				}
				if codes != nil {
					n.Binding, out.ValueSets[url] = url, codes
				}
			}
			d.Elements = append(d.Elements, n)
		}
		out.Types = append(out.Types, d)
	}
	slices.SortFunc(out.Types, func(a, b definition) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// concept is a code of a CodeSystem with those below it.
type concept struct {
	Code    string    `json:"code"`
	Concept []concept `json:"concept"`
}

func all(list []concept) []string {
	var out []string
	for _, c := range list {
		out = append(append(out, c.Code), all(c.Concept)...)
	}
	return out
}

// expand returns the codes of a value set by code system, or nil if it has codes
// that its definition does not list.
func expand(dir, url string) (map[string][]string, error) {
	var vs struct {
		Compose struct {
			Include, Exclude []struct {
				System   string           `json:"system"`
				Concept  []concept        `json:"concept"`
				Filter   []map[string]any `json:"filter"`
				ValueSet []string         `json:"valueSet"`
			}
		} `json:"compose"`
	}
	name := url[strings.LastIndexByte(url, '/')+1:]
	if err := read(dir, "ValueSet", name, &vs); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if len(vs.Compose.Include) == 0 || len(vs.Compose.Exclude) > 0 {
		return nil, nil
	}
	out := map[string][]string{}
	for _, in := range vs.Compose.Include {
		switch {
		case len(in.Filter) > 0:
			return nil, nil
		case len(in.ValueSet) > 0:
			for _, other := range in.ValueSet {
				more, err := expand(dir, other)
				if more == nil {
					return nil, err
				}
				for system, codes := range more {
					out[system] = append(out[system], codes...)
				}
			}
		case len(in.Concept) > 0:
			out[in.System] = append(out[in.System], all(in.Concept)...)
		default:
			codes, err := codeSystem(dir, in.System)
			if codes == nil {
				return nil, err
			}
			out[in.System] = append(out[in.System], codes...)
		}
	}
	for system := range out {
		slices.Sort(out[system])
		out[system] = slices.Compact(out[system])
	}
	return out, nil
}

// codeSystem returns the codes of a complete code system.
func codeSystem(dir, url string) ([]string, error) {
	name := url[strings.LastIndexByte(url, '/')+1:]
	for _, file := range []string{name, "v3-" + name, "v2-" + name} {
		var cs struct {
			URL     string    `json:"url"`
			Content string    `json:"content"`
			Concept []concept `json:"concept"`
		}
		err := read(dir, "CodeSystem", file, &cs)
		if errors.Is(err, fs.ErrNotExist) || err == nil && cs.URL != url {
			continue
		}
		if err != nil || cs.Content != "complete" {
			return nil, err
		}
		return all(cs.Concept), nil
	}
	return nil, nil
}

// pack writes definitions in the form in which they are committed.
func pack(d definitions) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	enc := json.NewEncoder(z)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(d); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func unpack(text []byte) (definitions, error) {
	var d definitions
	z, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return d, err
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		return d, err
	}
	return d, json.Unmarshal(raw, &d)
}
