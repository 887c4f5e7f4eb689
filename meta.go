package glabella

import (
	"slices"
	"time"
)

// Meta is the part of a stored record that the store keeps. Entities embed it;
// only package storage writes it.
type Meta struct {
	// Version counts the writes of the record, from 1; 0 is a record that has not
	// been stored.
	Version   uint64    `json:"version"`
	CreatedAt time.Time `json:"createdAt,omitzero"` // UTC, microseconds
	UpdatedAt time.Time `json:"updatedAt,omitzero"` // UTC, microseconds
	// Nonce is fresh chance for each version. It keeps the digests in the journal
	// from being guessed back to their content once the content is erased.
	Nonce string `json:"nonce,omitempty"`
}

// Stamp returns the record's own Meta, for the store to write.
func (m *Meta) Stamp() *Meta { return m }

// SourceKind says how a fact came to be known.
type SourceKind string

// The kinds of source.
const (
	SourceEntered  SourceKind = "entered"          // by a member of staff
	SourcePatient  SourceKind = "patient-reported" // by the patient, not yet confirmed
	SourceImported SourceKind = "imported"         // from another system
	SourceDerived  SourceKind = "derived"          // computed from other facts
)

// SourceKinds returns every kind of source.
func SourceKinds() []SourceKind {
	return []SourceKind{SourceEntered, SourcePatient, SourceImported, SourceDerived}
}

// Valid reports whether k is one of [SourceKinds].
func (k SourceKind) Valid() bool { return slices.Contains(SourceKinds(), k) }

// Provenance says where a fact comes from: how, from whom, out of what, and
// when it was written down and took effect.
type Provenance struct {
	Source      SourceKind `json:"source"`
	Author      Ref        `json:"author,omitzero"`      // who wrote it down
	System      string     `json:"system,omitempty"`     // the system it was imported from
	Document    string     `json:"document,omitempty"`   // the document or message it was taken from
	RecordedAt  time.Time  `json:"recordedAt,omitzero"`  // when it was written down
	EffectiveAt time.Time  `json:"effectiveAt,omitzero"` // since when it holds, where that differs
}

// Validate reports a provenance that does not say how or when a fact became
// known; path is where the provenance stands.
func (p Provenance) Validate(path string) []Issue {
	var issues []Issue
	if !p.Source.Valid() {
		issues = append(issues, Issue{Path: path + "/source", Code: CodeUnknownValue, Text: "not a kind of source"})
	}
	if p.RecordedAt.IsZero() {
		issues = append(issues, Issue{Path: path + "/recordedAt", Code: CodeRequired, Text: "a fact has a time of recording"})
	}
	if p.Source == SourceImported && p.System == "" {
		issues = append(issues, Issue{Path: path + "/system", Code: CodeRequired, Text: "an imported fact names its system"})
	}
	return issues
}

// Coding is a concept in a code system.
type Coding struct {
	System  string `json:"system,omitempty"`  // the code system's URI, such as http://www.nlm.nih.gov/research/umls/rxnorm
	Code    string `json:"code,omitempty"`    // the code in that system
	Display string `json:"display,omitempty"` // what people read
}

// IsZero reports whether the coding says nothing.
func (c Coding) IsZero() bool { return c == Coding{} }

// Side is a side of the body. Right and left are always the patient's own.
type Side string

// The sides of the body.
const (
	SideLeft    Side = "left"
	SideRight   Side = "right"
	SideMidline Side = "midline"
)

// Sides returns every side of the body.
func Sides() []Side { return []Side{SideLeft, SideRight, SideMidline} }

// Valid reports whether s is one of [Sides].
func (s Side) Valid() bool { return slices.Contains(Sides(), s) }
