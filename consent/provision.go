package consent

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
)

// Effect is what a provision does with the data that it reaches, in the terms of
// FHIR's consent-provision-type.
type Effect string

// The effects.
const (
	EffectPermit Effect = "permit"
	EffectDeny   Effect = "deny"
)

// Effects returns every effect.
func Effects() []Effect { return []Effect{EffectPermit, EffectDeny} }

// Valid reports whether e is one of [Effects].
func (e Effect) Valid() bool { return slices.Contains(Effects(), e) }

// Sensitivity marks data that some law or the patient sets apart.
type Sensitivity string

// The sensitivities.
const (
	SensitivityPart2           Sensitivity = "part2"                // records of a substance use disorder program, 42 CFR Part 2
	SensitivityCounselingNotes Sensitivity = "sud-counseling-notes" // SUD counseling notes, 42 CFR 2.11
	SensitivityPsychotherapy   Sensitivity = "psychotherapy"        // psychotherapy notes, 45 CFR 164.501
	SensitivityHIV             Sensitivity = "hiv"
	SensitivityReproductive    Sensitivity = "reproductive"
	SensitivityMinor           Sensitivity = "minor" // care that a minor agreed to alone
)

// Sensitivities returns every sensitivity.
func Sensitivities() []Sensitivity {
	return []Sensitivity{SensitivityPart2, SensitivityCounselingNotes, SensitivityPsychotherapy, SensitivityHIV, SensitivityReproductive, SensitivityMinor}
}

// Valid reports whether s is one of [Sensitivities].
func (s Sensitivity) Valid() bool { return slices.Contains(Sensitivities(), s) }

// Party is who discloses or receives data: one that is on record, a class of
// them, or one that is only named. At least one of the three is given.
type Party struct {
	Ref  glabella.Ref `json:"ref,omitzero"`   // a member of staff, a site or a record of the host
	Role string       `json:"role,omitempty"` // code of a class of parties, such as health-plan or research-registry
	Name string       `json:"name,omitempty"` // as the document has it; for people, not for rules
}

// IsZero reports whether the party is not identified.
func (p Party) IsZero() bool { return p == Party{} }

// is reports whether the party is, or is a class of, the one that is known by the
// reference and the role. A party that is only named is nobody to a rule.
func (p Party) is(ref glabella.Ref, role string) bool {
	if p.Ref.IsZero() && p.Role == "" {
		return false
	}
	return (p.Ref.IsZero() || p.Ref == ref) && (p.Role == "" || p.Role == role)
}

// Provision is one rule of a [Directive] and the exceptions to it, as FHIR R4's
// Consent.provision. Each list that is empty, and each time that is zero, sets no
// bounds; of a list, one entry is enough. A provision reaches what all of them
// reach.
type Provision struct {
	Effect    Effect             `json:"type,omitempty"` // none on the root, whose effect is [Directive].Base
	From      time.Time          `json:"from,omitzero"`  // holds from this instant
	Until     time.Time          `json:"until,omitzero"` // and before this one
	Actors    []Party            `json:"actor"`          // who would receive or use the data
	Labels    []string           `json:"securityLabel"`  // codes of HL7's v3 security labels, such as R
	Tags      []Sensitivity      `json:"sensitivity"`
	Purposes  []glabella.Purpose `json:"purpose"`            // TREAT has ETREAT and BTG in it, ETREAT has BTG
	Classes   []string           `json:"class"`              // types of FHIR resources, such as Media
	Codes     []glabella.Coding  `json:"code"`               // what the data is about; displays do not matter
	DataFrom  time.Time          `json:"dataFrom,omitzero"`  // data from this instant
	DataUntil time.Time          `json:"dataUntil,omitzero"` // and before this one
	Nested    []Provision        `json:"provision"`          // exceptions, each of the other effect
}

// CodeProvisionEffect says that the exceptions of a directive do not alternate between permit and deny.
const CodeProvisionEffect glabella.Code = "consent.provision.effect"

// maxProvisionDepth bounds the nesting of provisions.
const maxProvisionDepth = 16

var (
	classPattern = regexp.MustCompile(`^[A-Z][A-Za-z]{1,63}$`)
	labelPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)
)

// issues returns what is wrong with the provision and those under it. The effect
// is the one that it must have, empty for the root.
func (p *Provision) issues(at string, effect, base Effect, depth int) []glabella.Issue {
	var issues []glabella.Issue
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: at + path, Code: code, Text: text})
	}
	if depth > maxProvisionDepth {
		add("", glabella.CodeOutOfRange, fmt.Sprintf("nested deeper than %d", maxProvisionDepth))
		return issues
	}
	if p.Effect != effect {
		if effect == "" {
			add("/type", CodeProvisionEffect, "the root has the effect of the directive and none of its own")
		} else {
			add("/type", CodeProvisionEffect, "an exception has the other effect than what it is an exception to")
		}
	}
	if !p.From.IsZero() && !p.Until.IsZero() && !p.Until.After(p.From) {
		add("/until", CodeOrder, "ends before it begins")
	}
	if !p.DataFrom.IsZero() && !p.DataUntil.IsZero() && !p.DataUntil.After(p.DataFrom) {
		add("/dataUntil", CodeOrder, "ends before it begins")
	}
	for i, a := range p.Actors {
		if a.Ref.IsZero() && a.Role == "" {
			add(fmt.Sprintf("/actor/%d", i), glabella.CodeRequired, "an actor has a reference or a role")
		}
		if a.Role != "" && !codePattern.MatchString(a.Role) {
			add(fmt.Sprintf("/actor/%d/role", i), glabella.CodeFormat, "not a code")
		}
	}
	for i, l := range p.Labels {
		if !labelPattern.MatchString(l) {
			add(fmt.Sprintf("/securityLabel/%d", i), glabella.CodeFormat, "not a code")
		}
	}
	for i, t := range p.Tags {
		if !t.Valid() {
			add(fmt.Sprintf("/sensitivity/%d", i), glabella.CodeUnknownValue, "not a sensitivity")
		}
	}
	for i, u := range p.Purposes {
		if !u.Valid() {
			add(fmt.Sprintf("/purpose/%d", i), glabella.CodeUnknownValue, "not a purpose of use")
		}
	}
	for i, c := range p.Classes {
		if !classPattern.MatchString(c) {
			add(fmt.Sprintf("/class/%d", i), glabella.CodeFormat, "not the name of a type of resource")
		}
	}
	for i, c := range p.Codes {
		if c.Code == "" {
			add(fmt.Sprintf("/code/%d/code", i), glabella.CodeRequired, "must be given")
		}
	}
	for i := range p.Nested {
		issues = append(issues, p.Nested[i].issues(fmt.Sprintf("%s/provision/%d", at, i), base.other(), base.other(), depth+1)...)
	}
	return issues
}

func (e Effect) other() Effect {
	if e == EffectPermit {
		return EffectDeny
	}
	return EffectPermit
}

// rule returns what the provision and its exceptions make of the data, and the
// number of the exception taken at each level, innermost first. It reports false
// if the provision does not reach the data.
func (p *Provision) rule(f *ShareFacts, effect Effect) (Effect, []int, bool) {
	if !p.reaches(f, effect) {
		return "", nil, false
	}
	decided, path := Effect(""), []int(nil)
	for i := range p.Nested {
		e, sub, ok := p.Nested[i].rule(f, p.Nested[i].Effect)
		if !ok || decided != "" && e != EffectDeny {
			continue
		}
		decided, path = e, append(sub, i)
		if e == EffectDeny {
			break
		}
	}
	if decided == "" {
		return effect, nil, true
	}
	return decided, path, true
}

// reaches reports whether the provision is about the data of the facts. Where the
// class or the time of the data is not known, what denies reaches it and what
// permits does not.
func (p *Provision) reaches(f *ShareFacts, effect Effect) bool {
	if !p.From.IsZero() && f.At.Before(p.From) || !p.Until.IsZero() && !f.At.Before(p.Until) {
		return false
	}
	if !p.DataFrom.IsZero() || !p.DataUntil.IsZero() {
		switch {
		case f.DataAt.IsZero():
			if effect != EffectDeny {
				return false
			}
		case !p.DataFrom.IsZero() && f.DataAt.Before(p.DataFrom), !p.DataUntil.IsZero() && !f.DataAt.Before(p.DataUntil):
			return false
		}
	}
	if len(p.Classes) > 0 && !slices.Contains(p.Classes, f.Class) && (f.Class != "" || effect != EffectDeny) {
		return false
	}
	if len(p.Purposes) > 0 && !slices.ContainsFunc(p.Purposes, func(u glabella.Purpose) bool { return within(f.Purpose, u) }) {
		return false
	}
	if len(p.Actors) > 0 && !slices.ContainsFunc(p.Actors, func(a Party) bool { return a.is(f.Recipient, f.Role) }) {
		return false
	}
	if len(p.Codes) > 0 && !slices.ContainsFunc(p.Codes, func(c glabella.Coding) bool {
		return slices.ContainsFunc(f.Codes, func(d glabella.Coding) bool { return c.System == d.System && c.Code == d.Code })
	}) {
		return false
	}
	return meets(p.Tags, f.Tags) && meets(p.Labels, f.Labels)
}

// meets reports whether the bounds are none or have one of the values.
func meets[T comparable](bounds, values []T) bool {
	return len(bounds) == 0 || slices.ContainsFunc(bounds, func(b T) bool { return slices.Contains(values, b) })
}

// within reports whether the purpose is the outer one or a kind of it, in HL7's
// v3 hierarchy of purposes of use: breaking the glass is a kind of emergency
// treatment, and that a kind of treatment.
func within(purpose, outer glabella.Purpose) bool {
	if purpose == outer {
		return true
	}
	switch purpose {
	case glabella.PurposeEmergency:
		return outer == glabella.PurposeTreatment
	case glabella.PurposeBreakGlass:
		return outer == glabella.PurposeTreatment || outer == glabella.PurposeEmergency
	}
	return false
}
