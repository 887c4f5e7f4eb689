package patient

import (
	"fmt"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/quantity"
)

// SocialKind is a habit or circumstance that bears on treatment.
type SocialKind string

// The kinds of social facts.
const (
	SocialTobacco     SocialKind = "tobacco"
	SocialAlcohol     SocialKind = "alcohol"
	SocialDrugs       SocialKind = "drugs"
	SocialOccupation  SocialKind = "occupation"
	SocialSunExposure SocialKind = "sun-exposure"
	SocialTanning     SocialKind = "tanning"
	SocialExercise    SocialKind = "exercise"
)

// SocialKinds returns every kind of social fact.
func SocialKinds() []SocialKind {
	return []SocialKind{SocialTobacco, SocialAlcohol, SocialDrugs, SocialOccupation, SocialSunExposure, SocialTanning, SocialExercise}
}

// Valid reports whether k is one of [SocialKinds].
func (k SocialKind) Valid() bool { return slices.Contains(SocialKinds(), k) }

// FamilyFact is a condition of a relative, as FHIR's FamilyMemberHistory. The
// relative is not named.
type FamilyFact struct {
	Relationship Relationship        `json:"relationship"`
	Condition    glabella.Coding     `json:"condition"`
	Classes      []string            `json:"classes"`              // as on [Condition]
	AgeAtOnset   int                 `json:"ageAtOnset,omitempty"` // years; zero is unknown
	Provenance   glabella.Provenance `json:"provenance"`
}

// SocialFact is a habit or circumstance of the patient.
type SocialFact struct {
	Kind       SocialKind          `json:"kind"`
	Value      string              `json:"value"`               // a code, such as current, former, never
	Amount     quantity.Quantity   `json:"amount,omitzero"`     // as the patient states it
	AmountPer  string              `json:"amountPer,omitempty"` // day, week, month
	From       PartialDate         `json:"from,omitzero"`
	To         PartialDate         `json:"to,omitzero"`
	Provenance glabella.Provenance `json:"provenance"`
}

// PriorTreatment is a treatment that the patient had elsewhere or before the
// record began.
type PriorTreatment struct {
	Treatment  string              `json:"treatment"`        // a code of a treatment or class, such as dermal-filler
	Product    glabella.Coding     `json:"product,omitzero"` // the display alone, if there is no code
	Regions    []string            `json:"regions"`          // codes of sites
	At         PartialDate         `json:"at,omitzero"`      // as precise as the patient remembers
	Where      string              `json:"where,omitempty"`
	Provenance glabella.Provenance `json:"provenance"`
}

// History is what is known of a patient's past beyond allergies, medications and
// conditions: one record for each patient.
type History struct {
	ID glabella.HistoryID `json:"id" validate:"required"`
	glabella.Meta
	Patient    glabella.PatientID `json:"patient" validate:"required"`
	Family     []FamilyFact       `json:"family"`
	Social     []SocialFact       `json:"social"`
	Treatments []PriorTreatment   `json:"treatments"`
	Pregnancy  []PregnancyStatus  `json:"pregnancy"`
	Skin       []SkinAssessment   `json:"skin"`
}

// HistoryIDOf returns the identity of a patient's one history.
func HistoryIDOf(patient glabella.PatientID) glabella.HistoryID {
	return glabella.DeriveID[glabella.HistoryID](patient.String())
}

// NewHistory returns the empty history of a patient.
func NewHistory(patient glabella.PatientID) History {
	return History{ID: HistoryIDOf(patient), Patient: patient}
}

// Ref returns the reference to the history.
func (h History) Ref() glabella.Ref { return h.ID.Ref() }

// Validate reports everything that is wrong with the history.
func (h History) Validate() error {
	issues := check.Struct(h)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if !h.Patient.IsZero() && !h.ID.IsZero() && h.ID != HistoryIDOf(h.Patient) {
		add("/id", glabella.CodeMismatch, "is not the history of this patient")
	}
	for i, f := range h.Family {
		path := fmt.Sprintf("/family/%d", i)
		if !f.Relationship.Valid() {
			add(path+"/relationship", glabella.CodeUnknownValue, "not a relationship")
		}
		if f.Condition.IsZero() && len(f.Classes) == 0 {
			add(path+"/condition", glabella.CodeRequired, "a condition has a concept or a class")
		}
		if f.AgeAtOnset < 0 || f.AgeAtOnset > 130 {
			add(path+"/ageAtOnset", glabella.CodeOutOfRange, "not an age in years")
		}
		issues = append(issues, classIssues(path+"/classes", f.Classes)...)
		issues = append(issues, f.Provenance.Validate(path+"/provenance")...)
	}
	for i, s := range h.Social {
		path := fmt.Sprintf("/social/%d", i)
		if !s.Kind.Valid() {
			add(path+"/kind", glabella.CodeUnknownValue, "not a kind of social fact")
		}
		if s.Value == "" {
			add(path+"/value", glabella.CodeRequired, "must be given")
		}
		for member, d := range map[string]PartialDate{"/from": s.From, "/to": s.To} {
			if !d.IsZero() && !d.Valid() {
				add(path+member, glabella.CodeFormat, "not a date that exists")
			}
		}
		if !s.To.IsZero() && s.To.Latest().Before(s.From.Earliest()) {
			add(path+"/to", CodePeriod, "ends before it begins")
		}
		issues = append(issues, s.Provenance.Validate(path+"/provenance")...)
	}
	for i, t := range h.Treatments {
		path := fmt.Sprintf("/treatments/%d", i)
		if t.Treatment == "" {
			add(path+"/treatment", glabella.CodeRequired, "must be given")
		}
		if !t.At.IsZero() && !t.At.Valid() {
			add(path+"/at", glabella.CodeFormat, "not a date that exists")
		}
		issues = append(issues, classIssues(path+"/regions", t.Regions)...)
		issues = append(issues, t.Provenance.Validate(path+"/provenance")...)
	}
	for i, p := range h.Pregnancy {
		issues = append(issues, p.issues(fmt.Sprintf("/pregnancy/%d", i))...)
	}
	for i, s := range h.Skin {
		issues = append(issues, s.issues(fmt.Sprintf("/skin/%d", i))...)
	}
	return glabella.Invalid("history", issues...)
}

// SocialOn returns the facts of a kind that may hold on a day; a start or end that
// is known to the month or year counts as the whole of it.
func (h History) SocialOn(kind SocialKind, on glabella.Date) []SocialFact {
	var out []SocialFact
	for _, s := range h.Social {
		if s.Kind == kind && holds(s.From.Earliest(), s.To.Latest(), on) {
			out = append(out, s)
		}
	}
	return out
}

// ConditionsOf returns the conditions that follow from the history on a day, for
// the rules that ask for their classes: pregnant, possibly-pregnant,
// breastfeeding. Their provenance is derived, from the history. The last answer
// counts whatever its age; [History.PregnancyOn] says whether it is stale.
func ConditionsOf(h History, on glabella.Date) []Condition {
	answer := h.PregnancyOn(on, PregnancyPolicy{})
	class, ok := map[Pregnancy]string{Pregnant: "pregnant", PossiblyPregnant: "possibly-pregnant", Breastfeeding: "breastfeeding"}[answer.Status.Status]
	if !ok {
		return nil
	}
	from := answer.Status.Provenance
	return []Condition{{Classes: []string{class}, From: answer.Status.On, Provenance: glabella.Provenance{
		Source: glabella.SourceDerived, Author: h.Ref(), RecordedAt: from.RecordedAt, EffectiveAt: from.EffectiveAt,
	}}}
}
