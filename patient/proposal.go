package patient

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
)

// ProposalState is how far a proposal is.
type ProposalState string

// The states of a proposal.
const (
	ProposalPending ProposalState = "pending"
	ProposalSettled ProposalState = "settled" // every change was accepted or declined
)

// ProposalStates returns every state of a proposal.
func ProposalStates() []ProposalState { return []ProposalState{ProposalPending, ProposalSettled} }

// Valid reports whether s is one of [ProposalStates].
func (s ProposalState) Valid() bool { return slices.Contains(ProposalStates(), s) }

// ProposalMachine returns the state machine of a proposal.
func ProposalMachine() state.Machine[ProposalState] {
	return state.Machine[ProposalState]{Name: "proposal", Arrows: []state.Arrow[ProposalState]{
		{From: ProposalPending, Action: "decide", To: ProposalPending},
		{From: ProposalPending, Action: "decide the last", To: ProposalSettled},
	}}
}

// ChangePart is the part of a record that a change is about.
type ChangePart string

// The parts. Of the first group a change adds to a list, of the second it replaces
// a value.
const (
	ChangeName       ChangePart = "name"
	ChangeContact    ChangePart = "contact"
	ChangeAddress    ChangePart = "address"
	ChangeLanguage   ChangePart = "language"
	ChangeIdentifier ChangePart = "identifier"
	ChangeCondition  ChangePart = "condition"
	ChangeAllergy    ChangePart = "allergy"
	ChangeMedication ChangePart = "medication"

	ChangePronouns   ChangePart = "pronouns"
	ChangeBirthDate  ChangePart = "birth-date"
	ChangeSexAtBirth ChangePart = "sex-at-birth"
	ChangeGender     ChangePart = "gender"
)

// ChangeParts returns every part that a change can be about.
func ChangeParts() []ChangePart {
	return []ChangePart{ChangeName, ChangeContact, ChangeAddress, ChangeLanguage, ChangeIdentifier, ChangeCondition, ChangeAllergy, ChangeMedication,
		ChangePronouns, ChangeBirthDate, ChangeSexAtBirth, ChangeGender}
}

// Valid reports whether p is one of [ChangeParts].
func (p ChangePart) Valid() bool { return slices.Contains(ChangeParts(), p) }

// ChangeVerdict is what was decided on a change.
type ChangeVerdict string

// The verdicts. The empty verdict is that nothing was decided.
const (
	ChangeAccepted ChangeVerdict = "accepted"
	ChangeDeclined ChangeVerdict = "declined"
)

// ChangeVerdicts returns every verdict.
func ChangeVerdicts() []ChangeVerdict { return []ChangeVerdict{ChangeAccepted, ChangeDeclined} }

// Valid reports whether v is one of [ChangeVerdicts].
func (v ChangeVerdict) Valid() bool { return slices.Contains(ChangeVerdicts(), v) }

// Change is one way in which what was reported differs from the record.
type Change struct {
	Part    ChangePart    `json:"part"`
	Index   int           `json:"index"`            // in the list of the intake; 0 for a single value
	Before  string        `json:"before,omitempty"` // SHA-256 of the value that it replaces
	Verdict ChangeVerdict `json:"verdict,omitempty"`
	By      glabella.Ref  `json:"by,omitzero"` // who decided
	At      time.Time     `json:"at,omitzero"`
	Rule    string        `json:"rule,omitempty"`   // the practice's rule, if nobody looked at it
	Reason  string        `json:"reason,omitempty"` // why it was declined, a code
}

// Proposal is what a patient or another system has reported and nobody has taken
// over yet: nothing of the record is changed by it. Allergies, medications and
// conditions that it adds count for screening at once; see [Proposal.Reported].
type Proposal struct {
	ID glabella.ProposalID `json:"id" validate:"required"`
	glabella.Meta
	Patient    glabella.PatientID  `json:"patient" validate:"required"`
	State      ProposalState       `json:"state"`
	Intake     Intake              `json:"intake"`
	Changes    []Change            `json:"changes" validate:"min=1"`
	Provenance glabella.Provenance `json:"provenance"` // of everything that is accepted
}

// Codes of issues with proposals.
const (
	// CodeProposalConflict says that the value that a change replaces has changed since it was proposed.
	CodeProposalConflict glabella.Code = "patient.proposal.conflict"
	// CodeProposalDecided says that a change was decided before.
	CodeProposalDecided glabella.Code = "patient.proposal.decided"
)

// Ref returns the reference to the proposal.
func (p Proposal) Ref() glabella.Ref { return p.ID.Ref() }

// Validate reports everything that is wrong with the proposal.
func (p Proposal) Validate() error {
	issues := append(check.Struct(p), p.Provenance.Validate("/provenance")...)
	add := func(code glabella.Code, text, format string, args ...any) {
		issues = append(issues, glabella.Issue{Path: fmt.Sprintf(format, args...), Code: code, Text: text})
	}
	if !p.State.Valid() {
		add(glabella.CodeUnknownValue, "not a state of a proposal", "/state")
	}
	open := false
	for i, c := range p.Changes {
		switch {
		case !c.Part.Valid():
			add(glabella.CodeUnknownValue, "not a part of a record", "/changes/%d/part", i)
		case c.Index < 0 || c.Index >= p.Intake.count(c.Part):
			add(glabella.CodeOutOfRange, "the intake has no such value", "/changes/%d/index", i)
		}
		if c.Verdict != "" && !c.Verdict.Valid() {
			add(glabella.CodeUnknownValue, "not a verdict", "/changes/%d/verdict", i)
		}
		if decided := c.Verdict != ""; decided == c.At.IsZero() || decided == c.By.IsZero() {
			add(glabella.CodeMismatch, "what is decided says by whom and when", "/changes/%d/verdict", i)
		}
		open = open || c.Verdict == ""
	}
	if p.State.Valid() && open != (p.State == ProposalPending) {
		add(glabella.CodeMismatch, "a proposal is settled when everything is decided", "/state")
	}
	return glabella.Invalid("proposal", issues...)
}

// count returns how many values of a part the intake has.
func (in Intake) count(part ChangePart) int {
	switch part {
	case ChangeName:
		return len(in.Names)
	case ChangeContact:
		return len(in.Contacts)
	case ChangeAddress:
		return len(in.Addresses)
	case ChangeLanguage:
		return len(in.Languages)
	case ChangeIdentifier:
		return len(in.Identifiers)
	case ChangeCondition:
		return len(in.Conditions)
	case ChangeAllergy:
		return len(in.Allergies)
	case ChangeMedication:
		return len(in.Medications)
	}
	return 1
}

// single returns the values of a part that a record has one of: the record's and
// the intake's.
func single(p *Patient, in *Intake, part ChangePart) (have, want string) {
	switch part {
	case ChangePronouns:
		return p.Pronouns, in.Pronouns
	case ChangeBirthDate:
		return p.BirthDate.String(), in.BirthDate.String()
	case ChangeSexAtBirth:
		return string(p.SexAtBirth), string(in.SexAtBirth)
	case ChangeGender:
		return string(p.Gender), string(in.Gender)
	}
	return "", ""
}

func digestOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// Compare returns what of an intake the record does not have, however it is
// written. Nothing is ever taken away: what the intake does not mention stays.
func Compare(p Patient, allergies []Allergy, medications []Medication, in Intake) []Change {
	var out []Change
	add := func(part ChangePart, index int, known bool) {
		if !known {
			out = append(out, Change{Part: part, Index: index})
		}
	}
	for i, n := range in.Names {
		add(ChangeName, i, slices.ContainsFunc(p.Names, func(have Name) bool { return have.Use == n.Use && FoldName(have.String()) == FoldName(n.String()) }))
	}
	for i, c := range in.Contacts {
		add(ChangeContact, i, slices.ContainsFunc(p.Contacts, func(have Contact) bool { return have.System == c.System && contactKey(have) == contactKey(c) }))
	}
	for i, a := range in.Addresses {
		add(ChangeAddress, i, slices.ContainsFunc(p.Addresses, func(have Address) bool {
			return FoldName(strings.Join(append(slices.Clone(have.Lines), have.City, have.PostalCode), " ")) == FoldName(strings.Join(append(slices.Clone(a.Lines), a.City, a.PostalCode), " "))
		}))
	}
	for i, l := range in.Languages {
		add(ChangeLanguage, i, slices.Contains(p.Languages, l))
	}
	for i, id := range in.Identifiers {
		add(ChangeIdentifier, i, slices.ContainsFunc(p.Identifiers, func(have Identifier) bool { return have.System == id.System && have.Value == id.Value }))
	}
	for i, c := range in.Conditions {
		add(ChangeCondition, i, slices.ContainsFunc(p.Conditions, func(have Condition) bool {
			return sameConcept(have.Concept, c.Concept) && slices.Equal(have.Classes, c.Classes)
		}))
	}
	for i, a := range in.Allergies {
		add(ChangeAllergy, i, slices.ContainsFunc(allergies, func(have Allergy) bool {
			return have.Active() && sameConcept(have.Substance, a.Substance) && contains(have.Classes, a.Classes)
		}))
	}
	for i, m := range in.Medications {
		add(ChangeMedication, i, slices.ContainsFunc(medications, func(have Medication) bool {
			return have.Status == MedicationActive && sameConcept(have.Substance, m.Substance) && contains(have.Classes, m.Classes) && (m.Dose == "" || FoldName(have.Dose) == FoldName(m.Dose))
		}))
	}
	for _, part := range []ChangePart{ChangePronouns, ChangeBirthDate, ChangeSexAtBirth, ChangeGender} {
		if have, want := single(&p, &in, part); want != "" && want != have {
			out = append(out, Change{Part: part, Before: digestOf(have)})
		}
	}
	return out
}

// sameConcept reports whether two codings mean the same: by their codes, or else
// by what people read.
func sameConcept(a, b glabella.Coding) bool {
	if a.Code != "" && b.Code != "" && a.System == b.System {
		return a.Code == b.Code
	}
	return a.Display != "" && FoldName(a.Display) == FoldName(b.Display)
}

// contains reports whether have has all of the classes.
func contains(have, classes []string) bool {
	return !slices.ContainsFunc(classes, func(c string) bool { return !slices.Contains(have, c) })
}

// Decide returns the proposal with verdicts on changes, by their place; a change
// that was decided before is an issue.
func (p Proposal) Decide(verdicts map[int]ChangeVerdict, by glabella.Ref, rule, reason string, at time.Time) (Proposal, error) {
	var issues []glabella.Issue
	p.Changes = slices.Clone(p.Changes)
	for i, v := range verdicts {
		path := fmt.Sprintf("/changes/%d", i)
		switch {
		case i < 0 || i >= len(p.Changes):
			issues = append(issues, glabella.Issue{Path: path, Code: glabella.CodeOutOfRange, Text: "no such change"})
			continue
		case p.Changes[i].Verdict != "":
			issues = append(issues, glabella.Issue{Path: path, Code: CodeProposalDecided, Text: "was decided before"})
			continue
		}
		c := &p.Changes[i]
		c.Verdict, c.By, c.At, c.Rule = v, by, at.UTC().Truncate(time.Microsecond), rule
		if v == ChangeDeclined {
			c.Reason = reason
		}
	}
	if err := glabella.Invalid("proposal", issues...); err != nil {
		return Proposal{}, err
	}
	action := "decide the last"
	if slices.ContainsFunc(p.Changes, func(c Change) bool { return c.Verdict == "" }) {
		action = "decide"
	}
	next, err := ProposalMachine().Next(p.State, action)
	if err != nil {
		return Proposal{}, err
	}
	p.State = next
	return p, nil
}

// Reported returns the allergies, medications and conditions that the proposal
// adds and nobody has decided on: they count for screening until somebody does.
func (p Proposal) Reported() (allergies []IntakeAllergy, medications []IntakeMedication, conditions []IntakeCondition) {
	for _, c := range p.Changes {
		switch {
		case c.Verdict != "":
		case c.Part == ChangeAllergy:
			allergies = append(allergies, p.Intake.Allergies[c.Index])
		case c.Part == ChangeMedication:
			medications = append(medications, p.Intake.Medications[c.Index])
		case c.Part == ChangeCondition:
			conditions = append(conditions, p.Intake.Conditions[c.Index])
		}
	}
	return allergies, medications, conditions
}

// Adoption is what accepting changes leaves to be stored.
type Adoption struct {
	Patient     Patient
	Changed     bool // whether the patient's record differs
	Allergies   []Allergy
	Medications []Medication
}

// Adopt returns the record with the changes of a proposal at the given places, each
// with the proposal's provenance. A value that has changed since it was proposed is
// a conflict, for somebody to look at. NewAllergy and newMedication give fresh
// identities.
func (p Proposal) Adopt(into Patient, places []int, newAllergy func() glabella.AllergyID, newMedication func() glabella.MedicationID) (Adoption, error) {
	out := Adoption{Patient: clone(into)}
	in, from := p.Intake, p.Provenance
	var issues []glabella.Issue
	for _, i := range places {
		if i < 0 || i >= len(p.Changes) {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/changes/%d", i), Code: glabella.CodeOutOfRange, Text: "no such change"})
			continue
		}
		c, to := p.Changes[i], &out.Patient
		switch c.Part {
		case ChangeAllergy:
			a := in.Allergies[c.Index]
			out.Allergies = append(out.Allergies, Allergy{ID: newAllergy(), Patient: p.Patient, Substance: a.Substance, Classes: slices.Clone(a.Classes), Kind: a.Kind, Criticality: a.Criticality,
				Verification: Unconfirmed, Reactions: slices.Clone(a.Reactions), Provenance: from})
			continue
		case ChangeMedication:
			m := in.Medications[c.Index]
			out.Medications = append(out.Medications, Medication{ID: newMedication(), Patient: p.Patient, Substance: m.Substance, Classes: slices.Clone(m.Classes), Status: MedicationActive, From: m.From, Dose: m.Dose, Provenance: from})
			continue
		case ChangeName:
			n := in.Names[c.Index]
			n.Provenance = from
			to.Names = append(to.Names, n)
		case ChangeContact:
			v := in.Contacts[c.Index]
			v.Provenance = from
			to.Contacts = append(to.Contacts, v)
		case ChangeAddress:
			a := in.Addresses[c.Index]
			a.Provenance = from
			to.Addresses = append(to.Addresses, a)
		case ChangeLanguage:
			to.Languages = append(to.Languages, in.Languages[c.Index])
		case ChangeIdentifier:
			to.Identifiers = append(to.Identifiers, in.Identifiers[c.Index])
		case ChangeCondition:
			v := in.Conditions[c.Index]
			to.Conditions = append(to.Conditions, Condition{Concept: v.Concept, Classes: slices.Clone(v.Classes), From: v.From, To: v.To, Provenance: from})
		default:
			if have, _ := single(&into, &in, c.Part); digestOf(have) != c.Before {
				issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/changes/%d", i), Code: CodeProposalConflict, Text: "the value has changed since"})
				continue
			}
			switch c.Part {
			case ChangePronouns:
				to.Pronouns = in.Pronouns
			case ChangeBirthDate:
				to.BirthDate = in.BirthDate
			case ChangeSexAtBirth:
				to.SexAtBirth = in.SexAtBirth
			case ChangeGender:
				to.Gender = in.Gender
			}
		}
		out.Changed = true
	}
	return out, glabella.Invalid("proposal", issues...)
}

// Proposed is the payload of the business events of a proposal: made, or decided
// on.
type Proposed struct {
	Proposal glabella.ProposalID `json:"proposal"`
	Patient  glabella.PatientID  `json:"patient"`
	State    ProposalState       `json:"state"`
	Changes  int                 `json:"changes"` // so many were made or decided
}
