package patient

import (
	"slices"

	"github.com/glabella-ehr/glabella"
)

// Pregnancy is what is known of a pregnancy.
type Pregnancy string

// The answers on pregnancy.
const (
	Pregnant          Pregnancy = "pregnant"
	NotPregnant       Pregnancy = "not-pregnant"
	PossiblyPregnant  Pregnancy = "possibly"
	Breastfeeding     Pregnancy = "breastfeeding"
	PregnancyUnknown  Pregnancy = "unknown"
	PregnancyDeclined Pregnancy = "declined" // the patient does not want to say
)

// Pregnancies returns every answer on pregnancy.
func Pregnancies() []Pregnancy {
	return []Pregnancy{Pregnant, NotPregnant, PossiblyPregnant, Breastfeeding, PregnancyUnknown, PregnancyDeclined}
}

// Valid reports whether p is one of [Pregnancies].
func (p Pregnancy) Valid() bool { return slices.Contains(Pregnancies(), p) }

// PregnancyStatus is an answer on pregnancy, true for the day on which it was
// given.
type PregnancyStatus struct {
	Status     Pregnancy           `json:"status"`
	On         glabella.Date       `json:"on"`
	DueDate    glabella.Date       `json:"dueDate,omitzero"`
	Provenance glabella.Provenance `json:"provenance"`
}

func (s PregnancyStatus) issues(path string) []glabella.Issue {
	var issues []glabella.Issue
	if !s.Status.Valid() {
		issues = append(issues, glabella.Issue{Path: path + "/status", Code: glabella.CodeUnknownValue, Text: "not an answer on pregnancy"})
	}
	if s.On.IsZero() {
		issues = append(issues, glabella.Issue{Path: path + "/on", Code: glabella.CodeRequired, Text: "must be given"})
	}
	if !s.DueDate.IsZero() && s.Status != Pregnant {
		issues = append(issues, glabella.Issue{Path: path + "/dueDate", Code: glabella.CodeMismatch, Text: "a due date belongs to a pregnancy"})
	}
	return append(issues, s.Provenance.Validate(path+"/provenance")...)
}

// PregnancyPolicy says for how long an answer counts. The zero policy asks again
// on each day: no source gives a longer time that would hold for every treatment.
type PregnancyPolicy struct {
	FreshDays int `json:"freshDays,omitempty"`
}

// PregnancyAnswer is the last answer as of a day. The zero answer is that nobody
// has asked.
type PregnancyAnswer struct {
	Status  PregnancyStatus
	AgeDays int  // days since the answer
	Stale   bool // older than the policy allows, or never asked
}

// PregnancyOn returns the last answer that was given up to a day, and whether it
// still counts. Of two answers of one day, the one recorded later counts.
func (h History) PregnancyOn(on glabella.Date, policy PregnancyPolicy) PregnancyAnswer {
	answer := PregnancyAnswer{Stale: true}
	found := false
	for _, s := range h.Pregnancy {
		if s.On.After(on) {
			continue
		}
		last := answer.Status
		if !found || s.On.After(last.On) || s.On == last.On && !s.Provenance.RecordedAt.Before(last.Provenance.RecordedAt) {
			answer.Status, found = s, true
		}
	}
	if found {
		answer.AgeDays = on.DaysSince(answer.Status.On)
		answer.Stale = answer.AgeDays > policy.FreshDays
	}
	return answer
}
