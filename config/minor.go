package config

import (
	"slices"

	"github.com/glabella-ehr/glabella"
)

// Minors is what a jurisdiction says about patients who are not of age.
type Minors struct {
	Ages []AgeRule `json:"ages"`
	Bans []Ban     `json:"bans"`
}

// AgeKind says what an age is for.
type AgeKind string

// The kinds of age.
const (
	AgeMajority   AgeKind = "majority"    // the age at which a person is no longer a minor
	AgeHealthCare AgeKind = "health-care" // the age at which a person agrees to health care alone, where that is a lower one
)

// AgeKinds returns every kind of age.
func AgeKinds() []AgeKind { return []AgeKind{AgeMajority, AgeHealthCare} }

// Valid reports whether k is one of [AgeKinds].
func (k AgeKind) Valid() bool { return slices.Contains(AgeKinds(), k) }

// AgeRule is an age with its source and the days on which it holds.
type AgeRule struct {
	Kind       AgeKind       `json:"kind"`
	Years      int           `json:"years"`
	From       glabella.Date `json:"from,omitzero"`
	To         glabella.Date `json:"to,omitzero"` // the last day
	Source     string        `json:"source"`
	Confidence Confidence    `json:"confidence"`
}

// Ban is a rule that keeps patients below an age from a treatment, whatever
// their guardians say.
type Ban struct {
	Classes      []string      `json:"classes"` // of product, such as botulinum-toxin
	Under        int           `json:"under"`
	CosmeticOnly bool          `json:"cosmeticOnly,omitempty"` // whether it is for treatments with a cosmetic purpose only
	Doctors      []string      `json:"doctors"`                // kinds of credential that it does not bind
	Directed     []string      `json:"directed"`               // kinds of credential that it does not bind while they act on a doctor's directions
	From         glabella.Date `json:"from,omitzero"`
	To           glabella.Date `json:"to,omitzero"` // the last day
	Source       string        `json:"source"`
	Confidence   Confidence    `json:"confidence"`
}

// Holds reports whether the rule holds on a day.
func (r AgeRule) Holds(on glabella.Date) bool { return holds(r.From, r.To, on) }

// Holds reports whether the ban holds on a day.
func (b Ban) Holds(on glabella.Date) bool { return holds(b.From, b.To, on) }

func holds(from, to, on glabella.Date) bool {
	return !on.Before(from) && (to.IsZero() || !on.After(to))
}

// Age returns the rule on a kind of age that holds on a day, and false if none
// is known.
func (m Minors) Age(kind AgeKind, on glabella.Date) (AgeRule, bool) {
	for _, r := range m.Ages {
		if r.Kind == kind && r.Holds(on) {
			return r, true
		}
	}
	return AgeRule{}, false
}

func (m Minors) clone() Minors {
	m.Ages, m.Bans = slices.Clone(m.Ages), slices.Clone(m.Bans)
	for i := range m.Bans {
		b := &m.Bans[i]
		b.Classes, b.Doctors, b.Directed = slices.Clone(b.Classes), slices.Clone(b.Doctors), slices.Clone(b.Directed)
	}
	return m
}
