package r4

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Decimal is a FHIR decimal as literal text: 0.10 stays 0.10.
type Decimal string

// MarshalJSON writes the text as a JSON number.
func (d Decimal) MarshalJSON() ([]byte, error) {
	if !json.Valid([]byte(d)) || len(d) == 0 || (d[0] != '-' && (d[0] < '0' || d[0] > '9')) {
		return nil, fmt.Errorf("decimal: not a JSON number")
	}
	return []byte(d), nil
}

// Meta is FHIR's Resource.meta.
type Meta struct {
	VersionID   string   `json:"versionId,omitempty"`
	LastUpdated string   `json:"lastUpdated,omitempty"`
	Source      string   `json:"source,omitempty"`
	Profile     []string `json:"profile,omitempty"`
	Security    []Coding `json:"security,omitempty"`
	Tag         []Coding `json:"tag,omitempty"`
}

// Extension is an element that a profile adds.
type Extension struct {
	URL            string      `json:"url"`
	ValueString    string      `json:"valueString,omitempty"`
	ValueCode      string      `json:"valueCode,omitempty"`
	ValueDecimal   *Decimal    `json:"valueDecimal,omitempty"`
	ValueInteger   *int        `json:"valueInteger,omitempty"`
	ValueQuantity  *Quantity   `json:"valueQuantity,omitempty"`
	ValueReference *Reference  `json:"valueReference,omitempty"`
	ValueDateTime  string      `json:"valueDateTime,omitempty"`
	Extension      []Extension `json:"extension,omitempty"`
}

// Identifier is FHIR's Identifier.
type Identifier struct {
	Use    string           `json:"use,omitempty"`
	Type   *CodeableConcept `json:"type,omitempty"`
	System string           `json:"system,omitempty"`
	Value  string           `json:"value,omitempty"`
}

// HumanName is FHIR's HumanName.
type HumanName struct {
	Extension []Extension `json:"extension,omitempty"`
	Use       string      `json:"use,omitempty"`
	Text      string      `json:"text,omitempty"`
	Family    string      `json:"family,omitempty"`
	Given     []string    `json:"given,omitempty"`
	Prefix    []string    `json:"prefix,omitempty"`
	Suffix    []string    `json:"suffix,omitempty"`
	Period    *Period     `json:"period,omitempty"`
}

// ContactPoint is FHIR's ContactPoint.
type ContactPoint struct {
	Extension []Extension `json:"extension,omitempty"`
	System    string      `json:"system,omitempty"`
	Value     string      `json:"value,omitempty"`
	Use       string      `json:"use,omitempty"`
	Rank      int         `json:"rank,omitempty"`
}

// Address is FHIR's Address.
type Address struct {
	Extension  []Extension `json:"extension,omitempty"`
	Use        string      `json:"use,omitempty"`
	Line       []string    `json:"line,omitempty"`
	City       string      `json:"city,omitempty"`
	State      string      `json:"state,omitempty"`
	PostalCode string      `json:"postalCode,omitempty"`
	Country    string      `json:"country,omitempty"`
}

// Period is FHIR's Period.
type Period struct {
	Start string `json:"start,omitempty"`
	End   string `json:"end,omitempty"`
}

// Coding is FHIR's Coding.
type Coding struct {
	System  string `json:"system,omitempty"`
	Version string `json:"version,omitempty"`
	Code    string `json:"code,omitempty"`
	Display string `json:"display,omitempty"`
}

// CodeableConcept is FHIR's CodeableConcept.
type CodeableConcept struct {
	Coding []Coding `json:"coding,omitempty"`
	Text   string   `json:"text,omitempty"`
}

// Concept returns the concept with one coding.
func Concept(system, code, display string) CodeableConcept {
	return CodeableConcept{Coding: []Coding{{System: system, Code: code, Display: display}}}
}

// Reference is FHIR's Reference.
type Reference struct {
	Reference string `json:"reference,omitempty"`
	Display   string `json:"display,omitempty"`
}

// Quantity is FHIR's Quantity; Code is a UCUM code where System is UCUM's.
type Quantity struct {
	Value  *Decimal `json:"value,omitempty"`
	Unit   string   `json:"unit,omitempty"`
	System string   `json:"system,omitempty"`
	Code   string   `json:"code,omitempty"`
}

// Money is FHIR's Money.
type Money struct {
	Value    *Decimal `json:"value,omitempty"`
	Currency string   `json:"currency,omitempty"`
}

// Annotation is FHIR's Annotation.
type Annotation struct {
	Time string `json:"time,omitempty"`
	Text string `json:"text"`
}

// Attachment is FHIR's Attachment; Data is base64.
type Attachment struct {
	ContentType string `json:"contentType,omitempty"`
	Language    string `json:"language,omitempty"`
	Data        string `json:"data,omitempty"`
	Title       string `json:"title,omitempty"`
	Creation    string `json:"creation,omitempty"`
}

// marshalResource writes v with its resource type first.
func marshalResource(name string, v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	body := bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	out := append(make([]byte, 0, len(body)+len(name)+20), `{"resourceType":"`...)
	out = append(out, name...)
	out = append(out, '"')
	if len(body) > 2 {
		out = append(out, ',')
	}
	return append(out, body[1:]...), nil
}
