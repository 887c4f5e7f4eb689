package patient

import (
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/state"
)

// StandingState is what has become of a patient's record.
type StandingState string

// The states of a record.
const (
	StandingActive    StandingState = "active"
	StandingInactive  StandingState = "inactive"  // has not come for long
	StandingDeceased  StandingState = "deceased"  // has died
	StandingDismissed StandingState = "dismissed" // the practice has ended the relationship
	StandingRetracted StandingState = "retracted" // was opened in error; the record stays
)

// StandingStates returns every state of a record.
func StandingStates() []StandingState {
	return []StandingState{StandingActive, StandingInactive, StandingDeceased, StandingDismissed, StandingRetracted}
}

// Valid reports whether s is one of [StandingStates].
func (s StandingState) Valid() bool { return slices.Contains(StandingStates(), s) }

// StandingMachine returns the state machine of a patient's record.
func StandingMachine() state.Machine[StandingState] {
	return state.Machine[StandingState]{Name: "standing", Arrows: []state.Arrow[StandingState]{
		{From: StandingActive, Action: "deactivate", To: StandingInactive},
		{From: StandingInactive, Action: "reactivate", To: StandingActive},
		{From: StandingActive, Action: "dismiss", To: StandingDismissed},
		{From: StandingInactive, Action: "dismiss", To: StandingDismissed},
		{From: StandingDismissed, Action: "readmit", To: StandingActive},
		{From: StandingActive, Action: "decease", To: StandingDeceased},
		{From: StandingInactive, Action: "decease", To: StandingDeceased},
		{From: StandingDismissed, Action: "decease", To: StandingDeceased},
		{From: StandingDeceased, Action: "correct", To: StandingActive},
		{From: StandingActive, Action: "retract", To: StandingRetracted},
		{From: StandingInactive, Action: "retract", To: StandingRetracted},
		{From: StandingDeceased, Action: "retract", To: StandingRetracted},
		{From: StandingDismissed, Action: "retract", To: StandingRetracted},
	}}
}

// Standing is the state of a patient's record, and why. The zero Standing is
// active.
type Standing struct {
	State          StandingState       `json:"state,omitempty"`
	Reason         string              `json:"reason,omitempty"`        // a code of the practice, such as repeated-no-show
	On             glabella.Date       `json:"on,omitzero"`             // since when; for the deceased the day of death, if known
	NoticeOn       glabella.Date       `json:"noticeOn,omitzero"`       // when the patient was told of a dismissal
	EmergencyUntil glabella.Date       `json:"emergencyUntil,omitzero"` // the last day on which a dismissed patient is treated in an emergency
	Provenance     glabella.Provenance `json:"provenance,omitzero"`
}

// Current returns the state; that of the zero Standing is active.
func (s Standing) Current() StandingState {
	if s.State == "" {
		return StandingActive
	}
	return s.State
}

// CodeStandingNotice says that a dismissal takes effect before the patient was told of it.
const CodeStandingNotice glabella.Code = "patient.standing.notice"

func (s Standing) issues(at string) []glabella.Issue {
	if s == (Standing{}) {
		return nil
	}
	var issues []glabella.Issue
	add := func(member string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: at + member, Code: code, Text: text})
	}
	if s.State != "" && !s.State.Valid() {
		add("/state", glabella.CodeUnknownValue, "not a state of a record")
	}
	switch s.State {
	case StandingDismissed:
		if s.Reason == "" {
			add("/reason", glabella.CodeRequired, "a dismissal has a reason")
		}
		if s.On.IsZero() {
			add("/on", glabella.CodeRequired, "a dismissal has a day on which it takes effect")
		}
		if s.NoticeOn.IsZero() {
			add("/noticeOn", glabella.CodeRequired, "a dismissal has a day of notice")
		} else if s.On.Before(s.NoticeOn) {
			add("/on", CodeStandingNotice, "takes effect before the notice")
		}
		if !s.EmergencyUntil.IsZero() && s.EmergencyUntil.Before(s.On) {
			add("/emergencyUntil", CodePeriod, "ends before the dismissal takes effect")
		}
	case StandingRetracted:
		if s.Reason == "" {
			add("/reason", glabella.CodeRequired, "a retraction has a reason")
		}
	}
	return append(issues, s.Provenance.Validate(at+"/provenance")...)
}

func (p Patient) stand(action string, to Standing) (Patient, error) {
	next, err := StandingMachine().Next(p.Standing.Current(), action)
	if err != nil {
		return p, err
	}
	to.State = next
	if err := glabella.Invalid("patient", to.issues("/standing")...); err != nil {
		return p, err
	}
	p.Standing = to
	return p, nil
}

// Deactivate marks the record of a patient who has not come for long.
func (p Patient) Deactivate(reason string, from glabella.Provenance) (Patient, error) {
	return p.stand("deactivate", Standing{Reason: reason, Provenance: from})
}

// Reactivate returns an inactive patient to active.
func (p Patient) Reactivate(from glabella.Provenance) (Patient, error) {
	return p.stand("reactivate", Standing{Provenance: from})
}

// Decease records that the patient has died; the day may be unknown.
func (p Patient) Decease(on glabella.Date, from glabella.Provenance) (Patient, error) {
	return p.stand("decease", Standing{On: on, Provenance: from})
}

// CorrectDeath takes back that the patient has died.
func (p Patient) CorrectDeath(reason string, from glabella.Provenance) (Patient, error) {
	return p.stand("correct", Standing{Reason: reason, Provenance: from})
}

// Dismissal is how a practice ends the relationship with a patient.
type Dismissal struct {
	Reason         string
	NoticeOn       glabella.Date // when the patient was told
	On             glabella.Date // when it takes effect
	EmergencyUntil glabella.Date // the last day of emergency care; zero is that there is none
}

// Dismiss ends the relationship with the patient.
func (p Patient) Dismiss(d Dismissal, from glabella.Provenance) (Patient, error) {
	return p.stand("dismiss", Standing{Reason: d.Reason, NoticeOn: d.NoticeOn, On: d.On, EmergencyUntil: d.EmergencyUntil, Provenance: from})
}

// Readmit takes a dismissed patient on again.
func (p Patient) Readmit(reason string, from glabella.Provenance) (Patient, error) {
	return p.stand("readmit", Standing{Reason: reason, Provenance: from})
}

// Retract marks a record that was opened in error. It stays, with all that hangs
// on it, and takes nothing more.
func (p Patient) Retract(reason string, from glabella.Provenance) (Patient, error) {
	return p.stand("retract", Standing{Reason: reason, Provenance: from})
}

// Hold is a legal hold: nothing of the record may be destroyed until it is
// released.
type Hold struct {
	Reason     string        `json:"reason"` // a code, such as litigation
	By         glabella.Ref  `json:"by"`
	From       glabella.Date `json:"from"`
	ReleasedAt time.Time     `json:"releasedAt,omitzero"` // UTC, microseconds
	ReleasedBy glabella.Ref  `json:"releasedBy,omitzero"`
}

// Hold returns the patient with one more legal hold.
func (p Patient) Hold(h Hold) (Patient, error) {
	holds := append(slices.Clone(p.Holds), h)
	if err := glabella.Invalid("patient", holdIssues("/holds", holds)...); err != nil {
		return p, err
	}
	p.Holds = holds
	return p, nil
}

// ReleaseHold returns the patient with the hold at index released. A hold that
// does not exist is [glabella.ErrNotFound], one that is released already
// a [*glabella.TransitionError].
func (p Patient) ReleaseHold(index int, by glabella.Ref, at time.Time) (Patient, error) {
	if index < 0 || index >= len(p.Holds) {
		return p, fmt.Errorf("release hold: %w", glabella.ErrNotFound)
	}
	if !p.Holds[index].ReleasedAt.IsZero() {
		return p, &glabella.TransitionError{Machine: "hold", From: "released", Action: "release"}
	}
	released := slices.Clone(p.Holds)
	released[index].ReleasedAt, released[index].ReleasedBy = at.UTC().Truncate(time.Microsecond), by
	if err := glabella.Invalid("patient", holdIssues("/holds", released)...); err != nil {
		return p, err
	}
	p.Holds = released
	return p, nil
}

// Held reports whether a legal hold is on the record.
func (p Patient) Held() bool {
	return slices.ContainsFunc(p.Holds, func(h Hold) bool { return h.ReleasedAt.IsZero() })
}

func holdIssues(at string, holds []Hold) []glabella.Issue {
	var issues []glabella.Issue
	for i, h := range holds {
		path := fmt.Sprintf("%s/%d", at, i)
		add := func(member string) {
			issues = append(issues, glabella.Issue{Path: path + member, Code: glabella.CodeRequired, Text: "must be given"})
		}
		if h.Reason == "" {
			add("/reason")
		}
		if h.By.IsZero() {
			add("/by")
		}
		if h.From.IsZero() {
			add("/from")
		}
		if h.ReleasedAt.IsZero() != h.ReleasedBy.IsZero() {
			add("/releasedBy")
		}
	}
	return issues
}
