package access

import (
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
)

// Codes of refusals to review an access in an emergency.
const (
	// CodeReviewOwn says that someone would review their own access in an emergency.
	CodeReviewOwn glabella.Code = "access.break-glass.own-review"
	// CodeReviewEarly says that the access in an emergency is not over yet.
	CodeReviewEarly glabella.Code = "access.break-glass.in-force"
)

// EmergencyTerms are how a practice lets records be opened in an emergency. The
// zero EmergencyTerms do not.
type EmergencyTerms struct {
	Length       time.Duration `json:"length"`       // how long a record stays open; nanoseconds in JSON
	ReviewWithin time.Duration `json:"reviewWithin"` // by when it is reviewed why it was opened
	Source       string        `json:"source,omitempty"`
}

// Open returns the access with its times: from now on, for the length that the
// terms give.
func (t EmergencyTerms) Open(b BreakGlass, now time.Time) BreakGlass {
	now = instant(now)
	b.State, b.From, b.Until, b.ReviewDue = BreakGlassOpen, now, now.Add(t.Length), now.Add(t.ReviewWithin)
	return b
}

// BreakGlassState is how far an access in an emergency is.
type BreakGlassState string

// The states of an access in an emergency. One whose time is over may still be
// called open; see [BreakGlass.InForce].
const (
	BreakGlassOpen     BreakGlassState = "open"
	BreakGlassEnded    BreakGlassState = "ended" // by who opened it, before its time
	BreakGlassReviewed BreakGlassState = "reviewed"
)

// BreakGlassStates returns every state of an access in an emergency.
func BreakGlassStates() []BreakGlassState {
	return []BreakGlassState{BreakGlassOpen, BreakGlassEnded, BreakGlassReviewed}
}

// Valid reports whether s is one of [BreakGlassStates].
func (s BreakGlassState) Valid() bool { return slices.Contains(BreakGlassStates(), s) }

// BreakGlassMachine returns the state machine of an access in an emergency.
func BreakGlassMachine() state.Machine[BreakGlassState] {
	return state.Machine[BreakGlassState]{Name: "break-glass", Arrows: []state.Arrow[BreakGlassState]{
		{From: BreakGlassOpen, Action: "end", To: BreakGlassEnded},
		{From: BreakGlassOpen, Action: "review", To: BreakGlassReviewed},
		{From: BreakGlassEnded, Action: "review", To: BreakGlassReviewed},
	}}
}

// Finding is what the review of an access in an emergency came to.
type Finding string

// The findings. Until it is known which, the access is not reviewed.
const (
	FindingAppropriate   Finding = "appropriate"
	FindingInappropriate Finding = "inappropriate"
)

// Findings returns every finding.
func Findings() []Finding {
	return []Finding{FindingAppropriate, FindingInappropriate}
}

// Valid reports whether f is one of [Findings].
func (f Finding) Valid() bool { return slices.Contains(Findings(), f) }

// BreakGlass is one access to one patient's record in an emergency, by one member
// of staff whom a rule would keep from it: the emergency access procedure of 45
// CFR 164.312(a)(2)(ii). It lifts rules on the care relationship and on
// restricted records, for reading only, and is reviewed afterwards.
type BreakGlass struct {
	ID glabella.BreakGlassID `json:"id" validate:"required"`
	glabella.Meta
	Patient    glabella.PatientID `json:"patient" validate:"required"`
	By         glabella.StaffID   `json:"by" validate:"required"`
	Site       glabella.SiteID    `json:"site,omitzero"`
	Reason     string             `json:"reason" validate:"required"` // a code of the practice's own
	Text       string             `json:"text,omitempty"`             // what the code does not say
	State      BreakGlassState    `json:"state"`
	From       time.Time          `json:"from"`
	Until      time.Time          `json:"until"`               // from this instant on the record is closed again
	ReviewDue  time.Time          `json:"reviewDue,omitzero"`  // by when it is to be reviewed
	ReviewedBy glabella.StaffID   `json:"reviewedBy,omitzero"` // never who opened it
	ReviewedAt time.Time          `json:"reviewedAt,omitzero"`
	Finding    Finding            `json:"finding,omitempty"`
}

// Ref returns the reference to the access.
func (b BreakGlass) Ref() glabella.Ref { return b.ID.Ref() }

// Validate reports everything that is wrong with the record of the access.
func (b BreakGlass) Validate() error {
	issues := check.Struct(b)
	add := func(wrong bool, code glabella.Code, path, text string) {
		if wrong {
			issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
		}
	}
	add(!b.State.Valid(), glabella.CodeUnknownValue, "/state", "not a state of an access in an emergency")
	add(b.From.IsZero(), glabella.CodeRequired, "/from", "an access has a beginning")
	add(!b.Until.After(b.From), glabella.CodeOutOfRange, "/until", "an access ends after it begins")
	add(!b.ReviewDue.IsZero() && b.ReviewDue.Before(b.From), glabella.CodeOutOfRange, "/reviewDue", "due before the access begins")
	reviewed := b.State == BreakGlassReviewed
	add(reviewed == b.ReviewedBy.IsZero(), glabella.CodeMismatch, "/reviewedBy", "what was reviewed, and nothing else, has a reviewer")
	add(reviewed == b.ReviewedAt.IsZero(), glabella.CodeMismatch, "/reviewedAt", "what was reviewed, and nothing else, has a time of review")
	add(reviewed == (b.Finding == ""), glabella.CodeMismatch, "/finding", "what was reviewed, and nothing else, has a finding")
	add(b.Finding != "" && !b.Finding.Valid(), glabella.CodeUnknownValue, "/finding", "not a finding")
	add(!b.ReviewedAt.IsZero() && b.ReviewedAt.Before(b.From), glabella.CodeOutOfRange, "/reviewedAt", "reviewed before the access begins")
	add(reviewed && b.ReviewedBy == b.By, glabella.CodeMismatch, "/reviewedBy", "nobody reviews their own access")
	return glabella.Invalid("break-glass", issues...)
}

// InForce reports whether the record is open at the instant.
func (b BreakGlass) InForce(now time.Time) bool {
	return b.State == BreakGlassOpen && !now.Before(b.From) && now.Before(b.Until)
}

// Overdue reports whether the access should have been reviewed by the instant.
func (b BreakGlass) Overdue(now time.Time) bool {
	return b.State != BreakGlassReviewed && !b.ReviewDue.IsZero() && now.After(b.ReviewDue)
}

// End closes the record before its time. Of one whose time was over it says so.
func (b BreakGlass) End(now time.Time) (BreakGlass, error) {
	next, err := BreakGlassMachine().Next(b.State, "end")
	if err != nil {
		return b, err
	}
	b.State = next
	if now = instant(now); now.After(b.From) && now.Before(b.Until) {
		b.Until = now
	}
	return b, nil
}

// Review records what a review came to. It is refused to who opened the record,
// and while it is open; both are a [*glabella.RefusedError].
func (b BreakGlass) Review(by glabella.StaffID, finding Finding, now time.Time) (BreakGlass, error) {
	next, err := BreakGlassMachine().Next(b.State, "review")
	if err != nil {
		return b, err
	}
	if by.IsZero() || !finding.Valid() {
		return b, fmt.Errorf("review of %s: a reviewer and a finding are required: %w", b.Ref(), glabella.ErrInvalid)
	}
	var reasons []glabella.Reason
	if by == b.By {
		reasons = append(reasons, glabella.Denied(CodeReviewOwn, "nobody reviews their own access in an emergency").For(b.Ref()).WithFix("have someone else review it"))
	}
	if b.InForce(now) {
		reasons = append(reasons, glabella.Denied(CodeReviewEarly, "the access in an emergency is not over yet").For(b.Ref()).
			With("until", b.Until.UTC().Format(time.RFC3339)).WithFix("end it, or wait until it is over"))
	}
	if err := glabella.Refuse(glabella.Decide(reasons...)); err != nil {
		return b, err
	}
	b.State, b.ReviewedBy, b.ReviewedAt, b.Finding = next, by, instant(now), finding
	return b, nil
}

// Emergency returns the access as a fact of a decision.
func (b BreakGlass) Emergency() *Emergency {
	return &Emergency{Grant: b.ID, Patient: b.Patient, By: b.By, Reason: b.Reason, At: b.From, Until: b.Until}
}

// Emergency is a record opened in an emergency, as a decision asks for it.
type Emergency struct {
	Grant   glabella.BreakGlassID
	Patient glabella.PatientID
	By      glabella.StaffID
	Reason  string    // a code
	At      time.Time // since when
	Until   time.Time // from this instant on no more
}

// instant returns the time as it is stored.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// lifts reports whether the emergency is in force for who acts, on whose record
// and what they do.
func (f *Facts) lifts() bool {
	e := f.Emergency
	return f.Action.InEmergency() && e.Reason != "" && f.Actor.Kind == glabella.ActorStaff && f.Staff != nil && e.By == f.Staff.ID && !e.Patient.IsZero() && e.Patient == f.Patient &&
		!f.Now.Before(e.At) && f.Now.Before(e.Until) && f.Rules.c != nil && e.Until.Sub(e.At) <= f.Rules.c.policy.Emergency.Length
}
