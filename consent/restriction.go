package consent

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
)

// RestrictionKind is what a patient asks for under 45 CFR 164.522.
type RestrictionKind string

// The kinds of restriction.
const (
	RestrictDisclosure    RestrictionKind = "disclosure"    // of use and disclosure, 45 CFR 164.522(a)
	RestrictCommunication RestrictionKind = "communication" // to be reached in another way or place, 45 CFR 164.522(b)
)

// RestrictionKinds returns every kind of restriction.
func RestrictionKinds() []RestrictionKind {
	return []RestrictionKind{RestrictDisclosure, RestrictCommunication}
}

// Valid reports whether k is one of [RestrictionKinds].
func (k RestrictionKind) Valid() bool { return slices.Contains(RestrictionKinds(), k) }

// RestrictionState is where a restriction stands.
type RestrictionState string

// The states of a restriction.
const (
	RestrictionRequested RestrictionState = "requested"
	RestrictionAccepted  RestrictionState = "accepted"
	RestrictionRefused   RestrictionState = "refused"
	RestrictionWithdrawn RestrictionState = "withdrawn" // by the patient, before it was answered
	RestrictionEnded     RestrictionState = "ended"
)

// RestrictionMachine returns the state machine of a restriction.
func RestrictionMachine() state.Machine[RestrictionState] {
	return state.Machine[RestrictionState]{Name: "restriction", Arrows: []state.Arrow[RestrictionState]{
		{From: RestrictionRequested, Action: "accept", To: RestrictionAccepted},
		{From: RestrictionRequested, Action: "refuse", To: RestrictionRefused},
		{From: RestrictionRequested, Action: "withdraw", To: RestrictionWithdrawn},
		{From: RestrictionAccepted, Action: "end", To: RestrictionEnded},
	}}
}

// RestrictionStates returns every state of a restriction.
func RestrictionStates() []RestrictionState { return RestrictionMachine().States() }

// Valid reports whether s is one of [RestrictionStates].
func (s RestrictionState) Valid() bool { return slices.Contains(RestrictionStates(), s) }

// Termination is how a restriction of disclosure ends, by 45 CFR 164.522(a)(2).
type Termination string

// The terminations.
const (
	TerminationWritten  Termination = "patient-written"   // (i): the patient agrees to it or asks for it in writing
	TerminationOral     Termination = "patient-oral"      // (ii): the patient agrees orally, and that is documented
	TerminationPractice Termination = "practice-informed" // (iii): the practice informs the patient; for later information only
)

// Terminations returns every way to end a restriction.
func Terminations() []Termination {
	return []Termination{TerminationWritten, TerminationOral, TerminationPractice}
}

// Valid reports whether t is one of [Terminations].
func (t Termination) Valid() bool { return slices.Contains(Terminations(), t) }

// AlternativeChannel is a way to reach a patient.
type AlternativeChannel string

// The ways to reach a patient.
const (
	AlternativeEmail  AlternativeChannel = "email"
	AlternativeSMS    AlternativeChannel = "sms"
	AlternativePhone  AlternativeChannel = "phone"
	AlternativeMail   AlternativeChannel = "mail"
	AlternativePortal AlternativeChannel = "portal"
)

// AlternativeChannels returns every way to reach a patient.
func AlternativeChannels() []AlternativeChannel {
	return []AlternativeChannel{AlternativeEmail, AlternativeSMS, AlternativePhone, AlternativeMail, AlternativePortal}
}

// Valid reports whether c is one of [AlternativeChannels].
func (c AlternativeChannel) Valid() bool { return slices.Contains(AlternativeChannels(), c) }

// AlternativeContact is where and how a patient wants to be reached. The address
// is a telephone number, an e-mail or a postal address, empty for the portal.
type AlternativeContact struct {
	Channel AlternativeChannel `json:"channel" validate:"oneof=email sms phone mail portal"`
	Address string             `json:"address,omitempty"`
}

// OutOfPocket is the evidence that something was paid in full by the patient, or
// by someone other than the health plan for them.
type OutOfPocket struct {
	Invoice glabella.InvoiceID `json:"invoice" validate:"required"`
	PaidAt  time.Time          `json:"paidAt" validate:"required"` // when the last of it was paid
}

// Restriction is a patient's request that the practice keep some information from
// someone, or reach them in a certain way, and what the practice answered. It is
// kept with its evidence for as long as it matters (45 CFR 164.522(a)(3),
// 164.530(j)).
type Restriction struct {
	ID glabella.RestrictionID `json:"id" validate:"required"`
	glabella.Meta
	Patient glabella.PatientID `json:"patient" validate:"required"`
	Kind    RestrictionKind    `json:"kind" validate:"oneof=disclosure communication"`

	Items       []glabella.Ref      `json:"items"`                // procedures, visits, lines of invoices; none are everything
	Recipients  []Party             `json:"recipients"`           // from whom it is kept; none are everyone
	HealthPlan  bool                `json:"healthPlan,omitempty"` // it is kept from health plans, for payment and operations
	Purposes    []glabella.Purpose  `json:"purposes"`             // for which it is kept; none are treatment, payment and operations
	OutOfPocket *OutOfPocket        `json:"outOfPocket,omitempty"`
	Contact     *AlternativeContact `json:"contact,omitempty"` // for a restriction of communication

	State       RestrictionState    `json:"state" validate:"oneof=requested accepted refused withdrawn ended"`
	RequestedAt time.Time           `json:"requestedAt" validate:"required"`
	AnsweredAt  time.Time           `json:"answeredAt,omitzero"` // when it was accepted or refused
	AnsweredBy  glabella.StaffID    `json:"answeredBy,omitzero"`
	Reason      string              `json:"reason,omitempty"` // code of why it was refused; a patient gives none
	EndedAt     time.Time           `json:"endedAt,omitzero"` // when it was withdrawn, or ended and the patient informed
	Termination Termination         `json:"termination,omitempty" validate:"omitempty,oneof=patient-written patient-oral practice-informed"`
	Document    string              `json:"document,omitempty"` // the host's number of what documents the end
	Provenance  glabella.Provenance `json:"provenance"`
}

// Ref returns the reference to the restriction.
func (r Restriction) Ref() glabella.Ref { return r.ID.Ref() }

// Validate reports everything that is wrong with the restriction by itself.
func (r Restriction) Validate() error {
	issues := check.Struct(r)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	for i, item := range r.Items {
		switch at := fmt.Sprintf("/items/%d", i); {
		case item.Kind == "" || item.ID == "":
			add(at, glabella.CodeRequired, "must be given")
		case slices.Contains(r.Items[:i], item):
			add(at, glabella.CodeDuplicate, "given twice")
		}
	}
	for i, p := range r.Recipients {
		if p.IsZero() {
			add(fmt.Sprintf("/recipients/%d", i), glabella.CodeRequired, "a party is identified")
		}
		if p.Role != "" && !codePattern.MatchString(p.Role) {
			add(fmt.Sprintf("/recipients/%d/role", i), glabella.CodeFormat, "not a code")
		}
	}
	for i, p := range r.Purposes {
		if !p.Valid() {
			add(fmt.Sprintf("/purposes/%d", i), glabella.CodeUnknownValue, "not a purpose of use")
		}
	}
	if (r.Kind == RestrictCommunication) != (r.Contact != nil) {
		add("/contact", glabella.CodeMismatch, "a restriction has a contact exactly when it is of communication")
	}
	if c := r.Contact; c != nil && c.Channel.Valid() && (c.Channel == AlternativePortal) != (strings.TrimSpace(c.Address) == "") {
		add("/contact/address", glabella.CodeMismatch, "a contact has an address unless it is the portal")
	}
	if r.OutOfPocket != nil && len(r.Items) == 0 {
		add("/items", glabella.CodeRequired, "what was paid is named")
	}
	if r.Reason != "" && !codePattern.MatchString(r.Reason) {
		add("/reason", glabella.CodeFormat, "not a code")
	}
	if r.State.Valid() {
		answered := r.State == RestrictionAccepted || r.State == RestrictionRefused || r.State == RestrictionEnded
		if answered == r.AnsweredAt.IsZero() {
			add("/answeredAt", glabella.CodeMismatch, "a restriction has the time of its answer exactly when it was answered")
		}
		if answered && r.AnsweredBy.IsZero() {
			add("/answeredBy", glabella.CodeRequired, "an answer names who gave it")
		}
		if (r.State == RestrictionRefused) != (r.Reason != "") {
			add("/reason", glabella.CodeMismatch, "a restriction has a reason exactly when it is refused")
		}
		if over := r.State == RestrictionEnded || r.State == RestrictionWithdrawn; over == r.EndedAt.IsZero() {
			add("/endedAt", glabella.CodeMismatch, "a restriction has an end exactly when it is withdrawn or ended")
		}
		if (r.State == RestrictionEnded) != (r.Termination != "") {
			add("/termination", glabella.CodeMismatch, "a restriction says how it ended exactly when it has ended")
		}
		if r.State == RestrictionEnded && r.Document == "" {
			add("/document", glabella.CodeRequired, "an end is documented")
		}
	}
	if !r.AnsweredAt.IsZero() && r.AnsweredAt.Before(r.RequestedAt) {
		add("/answeredAt", CodeOrder, "answered before it was requested")
	}
	if !r.EndedAt.IsZero() && (r.EndedAt.Before(r.RequestedAt) || r.EndedAt.Before(r.AnsweredAt)) {
		add("/endedAt", CodeOrder, "ended before it was requested or answered")
	}
	issues = append(issues, r.Provenance.Validate("/provenance")...)
	return glabella.Invalid("restriction", issues...)
}

// Accept returns the restriction accepted; one that was answered gives a
// [*glabella.TransitionError].
func (r Restriction) Accept(by glabella.StaffID, now time.Time) (Restriction, error) {
	next, err := RestrictionMachine().Next(r.State, "accept")
	if err != nil {
		return r, err
	}
	r.State, r.AnsweredBy, r.AnsweredAt = next, by, instant(now)
	return r, nil
}

// Refusal is what [Restriction.Refuse] is told.
type Refusal struct {
	By            glabella.StaffID
	Reason        string // a code
	RequiredByLaw bool   // the law requires the disclosure that the patient wants to be restricted
	Acknowledged  []glabella.Code
	At            time.Time
}

// Refuse returns the restriction refused. Where [EvaluateRefusal] does not permit
// it, it gives a [*glabella.RefusedError]; one that was answered a
// [*glabella.TransitionError].
func (r Restriction) Refuse(f Refusal) (Restriction, error) {
	next, err := RestrictionMachine().Next(r.State, "refuse")
	if err != nil {
		return r, err
	}
	if err := glabella.Refuse(EvaluateRefusal(r, f.RequiredByLaw), f.Acknowledged...); err != nil {
		return r, err
	}
	if !codePattern.MatchString(f.Reason) {
		return r, glabella.Invalid("restriction", glabella.Issue{Path: "/reason", Code: glabella.CodeRequired, Text: "a refusal has a reason, as a code"})
	}
	r.State, r.AnsweredBy, r.AnsweredAt, r.Reason = next, f.By, instant(f.At), f.Reason
	return r, nil
}

// Withdraw returns the restriction withdrawn by the patient before it was
// answered; one that was gives a [*glabella.TransitionError].
func (r Restriction) Withdraw(now time.Time) (Restriction, error) {
	next, err := RestrictionMachine().Next(r.State, "withdraw")
	if err != nil {
		return r, err
	}
	r.State, r.EndedAt = next, instant(now)
	return r, nil
}

// End returns the restriction ended in one of the ways of 45 CFR 164.522(a)(2),
// with the host's number of what documents it. The practice cannot end one that
// it must accept, nor one of communication: that gives a
// [*glabella.RefusedError]. Without a document it gives a
// [*glabella.ValidationError], in another state a [*glabella.TransitionError].
func (r Restriction) End(how Termination, document string, now time.Time) (Restriction, error) {
	next, err := RestrictionMachine().Next(r.State, "end")
	if err != nil {
		return r, err
	}
	if how == TerminationPractice && (r.Kind == RestrictCommunication || r.mandatory()) {
		source := "45 CFR 164.522(a)(2)(iii)(A)"
		if r.Kind == RestrictCommunication {
			source = "45 CFR 164.522(b)(1)(i)"
		}
		return r, glabella.Refuse(glabella.Decide(glabella.Denied(CodeRestrictionBinding, "the practice cannot end this restriction by itself").
			For(r.Ref()).WithFix("have the patient agree to its end").CitedFrom(source)))
	}
	var issues []glabella.Issue
	if !how.Valid() {
		issues = append(issues, glabella.Issue{Path: "/termination", Code: glabella.CodeUnknownValue, Text: "not a way to end a restriction"})
	}
	if document == "" {
		issues = append(issues, glabella.Issue{Path: "/document", Code: glabella.CodeRequired, Text: "an end is documented"})
	}
	if err := glabella.Invalid("restriction", issues...); err != nil {
		return r, err
	}
	r.State, r.Termination, r.Document, r.EndedAt = next, how, document, instant(now)
	return r, nil
}
