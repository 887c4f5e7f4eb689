package encounter

import (
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
)

// AdverseEventState is where the care for an adverse event stands.
type AdverseEventState string

// The states of an adverse event.
const (
	EventOpen     AdverseEventState = "open"
	EventManaged  AdverseEventState = "managed"  // something was done about it
	EventResolved AdverseEventState = "resolved" // it is over
	EventClosed   AdverseEventState = "closed"   // it is not followed up any more, and may not be over
)

// AdverseEventStates returns every state of an adverse event.
func AdverseEventStates() []AdverseEventState {
	return []AdverseEventState{EventOpen, EventManaged, EventResolved, EventClosed}
}

// Valid reports whether s is one of [AdverseEventStates].
func (s AdverseEventState) Valid() bool { return slices.Contains(AdverseEventStates(), s) }

// AdverseEventMachine returns the state machine of an adverse event. Reports and
// amendments are possible in every state.
func AdverseEventMachine() state.Machine[AdverseEventState] {
	return state.Machine[AdverseEventState]{Name: "adverse event", Arrows: []state.Arrow[AdverseEventState]{
		{From: EventOpen, Action: "manage", To: EventManaged},
		{From: EventOpen, Action: "resolve", To: EventResolved},
		{From: EventOpen, Action: "close", To: EventClosed},
		{From: EventManaged, Action: "manage", To: EventManaged},
		{From: EventManaged, Action: "resolve", To: EventResolved},
		{From: EventManaged, Action: "close", To: EventClosed},
		{From: EventResolved, Action: "reopen", To: EventManaged},
		{From: EventClosed, Action: "reopen", To: EventManaged},
	}}
}

// NoticedBy is who noticed an adverse event first.
type NoticedBy string

// Who notices adverse events.
const (
	NoticedByStaff   NoticedBy = "staff"
	NoticedByPatient NoticedBy = "patient"
	NoticedByOther   NoticedBy = "other" // another clinician, or someone near to the patient
)

// NoticedBys returns everyone who notices adverse events.
func NoticedBys() []NoticedBy {
	return []NoticedBy{NoticedByStaff, NoticedByPatient, NoticedByOther}
}

// Valid reports whether n is one of [NoticedBys].
func (n NoticedBy) Valid() bool { return slices.Contains(NoticedBys(), n) }

// Relation is how likely it is that the treatment caused the event.
type Relation string

// The relations, from the least likely. Their names are those of the attribution
// scale that is used along with CTCAE.
const (
	Unrelated Relation = "unrelated"
	Unlikely  Relation = "unlikely"
	Possible  Relation = "possible"
	Probable  Relation = "probable"
	Definite  Relation = "definite"
)

// Relations returns every relation, from the least likely.
func Relations() []Relation { return []Relation{Unrelated, Unlikely, Possible, Probable, Definite} }

// Valid reports whether r is one of [Relations].
func (r Relation) Valid() bool { return slices.Contains(Relations(), r) }

// EventOutcome is how an adverse event went, in the terms of FHIR's
// adverse-event-outcome.
type EventOutcome string

// The outcomes of an adverse event.
const (
	OutcomeUnknown    EventOutcome = "unknown"
	OutcomeOngoing    EventOutcome = "ongoing"
	OutcomeRecovering EventOutcome = "recovering"
	OutcomeResolved   EventOutcome = "resolved"
	OutcomeSequelae   EventOutcome = "resolved-with-sequelae"
	OutcomeFatal      EventOutcome = "fatal"
)

// EventOutcomes returns every outcome of an adverse event.
func EventOutcomes() []EventOutcome {
	return []EventOutcome{OutcomeUnknown, OutcomeOngoing, OutcomeRecovering, OutcomeResolved, OutcomeSequelae, OutcomeFatal}
}

// Valid reports whether o is one of [EventOutcomes].
func (o EventOutcome) Valid() bool { return slices.Contains(EventOutcomes(), o) }

// over reports whether the event has come to an end with this outcome.
func (o EventOutcome) over() bool {
	return o == OutcomeResolved || o == OutcomeSequelae || o == OutcomeFatal
}

// CodeSeriousGrade says that an adverse event of grade 4 or 5 is not marked as serious.
const CodeSeriousGrade glabella.Code = "encounter.adverse-event.serious"

// AdverseEvent is harm that came after a treatment, whether or not the treatment
// caused it. It names the lots, so that everyone who received of a lot can be
// found.
type AdverseEvent struct {
	ID glabella.AdverseEventID `json:"id" validate:"required"`
	glabella.Meta
	Patient   glabella.PatientID   `json:"patient" validate:"required"`
	Encounter glabella.EncounterID `json:"encounter,omitzero"` // the visit of the treatment
	Procedure glabella.ProcedureID `json:"procedure,omitzero"` // the treatment
	EventDetails
	State      AdverseEventState   `json:"state"`
	Actions    []EventAction       `json:"actions"`
	Checklist  ChecklistRef        `json:"checklist,omitzero"`
	Steps      []StepTaken         `json:"steps"` // of the checklist
	Outcome    EventOutcome        `json:"outcome" validate:"oneof=unknown ongoing recovering resolved resolved-with-sequelae fatal"`
	EndedAt    time.Time           `json:"endedAt,omitzero"` // when it was resolved or closed
	Reason     string              `json:"reason,omitempty"` // code: why an event that is not over was closed
	Reports    []SafetyReport      `json:"reports"`
	Amendments []RecordAmendment   `json:"amendments"`
	Provenance glabella.Provenance `json:"provenance"`
}

// EventDetails is what was observed: the part of an adverse event that is
// amended.
type EventDetails struct {
	Kind      string           `json:"kind" validate:"required"`      // a code of the template's adverse events, or the clinic's own
	Treatment string           `json:"treatment,omitempty"`           // code of the template
	Region    string           `json:"region,omitempty"`              // where it shows
	Side      glabella.Side    `json:"side,omitempty"`                // of the patient
	Lots      []glabella.LotID `json:"lots"`                          // what was given of
	Products  []string         `json:"products"`                      // substances
	OnsetAt   time.Time        `json:"onsetAt,omitzero"`              // zero is not known
	NoticedAt time.Time        `json:"noticedAt" validate:"required"` // when the clinic learned of it
	NoticedBy NoticedBy        `json:"noticedBy" validate:"oneof=staff patient other"`
	Grade     int              `json:"grade" validate:"min=1,max=5"` // CTCAE; see [ScaleCTCAE]
	Relation  Relation         `json:"relation" validate:"oneof=unrelated unlikely possible probable definite"`
	Serious   bool             `json:"serious,omitempty"` // death, a threat to life, admission, lasting harm, or what it took to prevent these
}

func (d EventDetails) clone() EventDetails {
	d.Lots = slices.Clone(d.Lots)
	d.Products = slices.Clone(d.Products)
	return d
}

// EventAction is something that was done about an adverse event.
type EventAction struct {
	Code    string           `json:"code"` // the clinic's own, such as "warm-compress"
	Text    string           `json:"text,omitempty"`
	Product string           `json:"product,omitempty"` // substance that was given
	Lot     glabella.LotID   `json:"lot,omitzero"`
	By      glabella.StaffID `json:"by"`
	At      time.Time        `json:"at"`
}

// Ref returns the reference to the event.
func (e AdverseEvent) Ref() glabella.Ref { return e.ID.Ref() }

// Validate reports everything that is wrong with the event.
func (e AdverseEvent) Validate() error {
	issues := append(check.Struct(e), e.Provenance.Validate("/provenance")...)
	issues = append(issues, validateAmendments(e.Amendments)...)
	issues = append(issues, validSide("", e.Side)...)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if !e.State.Valid() {
		add("/state", glabella.CodeUnknownValue, "not a state of an adverse event")
	}
	if e.Grade >= 4 && !e.Serious {
		add("/serious", CodeSeriousGrade, "an event that threatens life is serious")
	}
	if (e.Grade == 5) != (e.Outcome == OutcomeFatal) {
		add("/outcome", glabella.CodeMismatch, "grade 5 and a fatal outcome go together")
	}
	if e.NoticedAt.Before(e.OnsetAt) {
		add("/noticedAt", glabella.CodeOutOfRange, "the event was noticed before it began")
	}
	if !e.Procedure.IsZero() && e.Encounter.IsZero() {
		add("/encounter", glabella.CodeRequired, "a treatment belongs to a visit")
	}
	for i, l := range e.Lots {
		if l.IsZero() || slices.Contains(e.Lots[:i], l) {
			add(fmt.Sprintf("/lots/%d", i), glabella.CodeDuplicate, "names a lot, and each once")
		}
	}
	ended := e.State == EventResolved || e.State == EventClosed
	if ended == e.EndedAt.IsZero() {
		add("/endedAt", glabella.CodeMismatch, "an event that is resolved or closed has a time for it, and no other has one")
	}
	if e.State == EventResolved && !e.Outcome.over() {
		add("/outcome", glabella.CodeMismatch, "an event that is resolved has come to an end")
	}
	if (e.State == EventClosed) != (e.Reason != "") {
		add("/reason", glabella.CodeMismatch, "an event that is closed has a reason, and no other has one")
	}
	for i, a := range e.Actions {
		if a.Code == "" || a.By.IsZero() || a.At.IsZero() {
			add(fmt.Sprintf("/actions/%d", i), glabella.CodeRequired, "an action has a code, a time and someone who took it")
		}
	}
	if e.Checklist.IsZero() && len(e.Steps) > 0 {
		add("/checklist", glabella.CodeRequired, "steps belong to a checklist")
	}
	for i, s := range e.Steps {
		if s.Code == "" || s.By.IsZero() || s.At.IsZero() {
			add(fmt.Sprintf("/steps/%d", i), glabella.CodeRequired, "a step has a code, a time and someone who took it")
		}
	}
	for i, r := range e.Reports {
		if r.To == "" || r.By.IsZero() || r.At.IsZero() {
			add(fmt.Sprintf("/reports/%d", i), glabella.CodeRequired, "a report has a recipient, a time and someone who filed it")
		}
	}
	return glabella.Invalid("adverse-event", issues...)
}

// Take records something that was done about the event.
func (e AdverseEvent) Take(a EventAction) (AdverseEvent, error) {
	return e.step("manage", func(e *AdverseEvent) { e.Actions = append(slices.Clone(e.Actions), a) })
}

// Tick records a step of a checklist. The first one ties the event to the
// checklist; a step that the checklist does not have, or of another checklist, is
// refused.
func (e AdverseEvent) Tick(c Checklist, s StepTaken) (AdverseEvent, error) {
	if _, ok := c.Step(s.Code); !ok || !e.Checklist.IsZero() && e.Checklist != c.Ref() {
		return e, glabella.Refuse(glabella.Decide(glabella.Denied(CodeChecklistStep, "not a step of the event's checklist").
			With("step", s.Code).For(e.Ref()).WithFix("take a step of the event's checklist")))
	}
	return e.step("manage", func(e *AdverseEvent) {
		e.Checklist = c.Ref()
		e.Steps = append(slices.Clone(e.Steps), s)
	})
}

// Resolve ends an event that is over. The outcome is one that an event ends with.
func (e AdverseEvent) Resolve(at time.Time, o EventOutcome) (AdverseEvent, error) {
	if !o.over() {
		return e, glabella.Invalid("adverse-event", glabella.Issue{Path: "/outcome", Code: glabella.CodeMismatch, Text: "not an outcome that an event ends with"})
	}
	return e.step("resolve", func(e *AdverseEvent) { e.EndedAt, e.Outcome = at, o })
}

// Close ends the care for an event that may not be over, such as when the patient
// does not come back.
func (e AdverseEvent) Close(at time.Time, o EventOutcome, reason string) (AdverseEvent, error) {
	if !o.Valid() || reason == "" {
		return e, glabella.Invalid("adverse-event", glabella.Issue{Path: "/reason", Code: glabella.CodeRequired, Text: "an event is closed with an outcome and a reason"})
	}
	return e.step("close", func(e *AdverseEvent) { e.EndedAt, e.Outcome, e.Reason = at, o, reason })
}

// Reopen takes the care for an event up again: it came back, or was not over.
func (e AdverseEvent) Reopen(a RecordAmendment) (AdverseEvent, error) {
	if err := glabella.Invalid("amendment", a.validate("")...); err != nil {
		return e, err
	}
	return e.step("reopen", func(e *AdverseEvent) {
		e.EndedAt, e.Outcome, e.Reason = time.Time{}, OutcomeOngoing, ""
		e.Amendments = append(slices.Clone(e.Amendments), a)
	})
}

// Amend replaces what was observed. What the record said before is its earlier
// version.
func (e AdverseEvent) Amend(a RecordAmendment, d EventDetails) (AdverseEvent, error) {
	if err := glabella.Invalid("amendment", a.validate("")...); err != nil {
		return e, err
	}
	e.Amendments = append(slices.Clone(e.Amendments), a)
	e.EventDetails = d.clone()
	return e, nil
}

// File records that the event was reported. It is possible in every state.
func (e AdverseEvent) File(r SafetyReport) AdverseEvent {
	e.Reports = append(slices.Clone(e.Reports), r)
	return e
}

func (e AdverseEvent) step(action string, change func(*AdverseEvent)) (AdverseEvent, error) {
	next, err := AdverseEventMachine().Next(e.State, action)
	if err != nil {
		return e, err
	}
	e.State = next
	change(&e)
	return e, nil
}
