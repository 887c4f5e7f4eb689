package scheduling

import (
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
)

// State is where an appointment stands.
type State string

// The states of an appointment.
const (
	Pending   State = "pending"   // asked for and not confirmed; it holds its time
	Booked    State = "booked"    // confirmed
	Arrived   State = "arrived"   // the patient has checked in
	Completed State = "completed" // the visit is over
	Cancelled State = "cancelled" // called off
	NoShow    State = "no-show"   // the patient did not come
)

// States returns every state of an appointment.
func States() []State { return []State{Pending, Booked, Arrived, Completed, Cancelled, NoShow} }

// Valid reports whether s is one of [States].
func (s State) Valid() bool { return slices.Contains(States(), s) }

// Machine returns the state machine of an appointment. One that needs no
// confirmation is made in the state booked.
func Machine() state.Machine[State] {
	return state.Machine[State]{Name: "appointment", Arrows: []state.Arrow[State]{
		{From: Pending, Action: "confirm", To: Booked},
		{From: Pending, Action: "cancel", To: Cancelled},
		{From: Booked, Action: "arrive", To: Arrived},
		{From: Booked, Action: "cancel", To: Cancelled},
		{From: Booked, Action: "miss", To: NoShow},
		{From: Arrived, Action: "complete", To: Completed},
		{From: Arrived, Action: "cancel", To: Cancelled},
	}}
}

// MaxLength is the longest that an appointment may be. Whatever overlaps a span
// of time starts before its end and less than MaxLength before its start.
const MaxLength = 24 * time.Hour

// Appointment is a booked time of a patient with a provider, in a room if one is
// named. It lasts from Start until just before End.
type Appointment struct {
	ID glabella.AppointmentID `json:"id" validate:"required"`
	glabella.Meta
	Patient   glabella.PatientID   `json:"patient" validate:"required"`
	Provider  glabella.StaffID     `json:"provider" validate:"required"`
	Site      glabella.SiteID      `json:"site" validate:"required"`
	Room      string               `json:"room,omitempty"`
	Service   string               `json:"service" validate:"required"` // code of the price list
	Start     time.Time            `json:"start" validate:"required"`
	End       time.Time            `json:"end" validate:"required"`
	State     State                `json:"state"`
	Reason    string               `json:"reason,omitempty"`   // why it was cancelled, a code of the practice's own
	Encounter glabella.EncounterID `json:"encounter,omitzero"` // the visit that came of it
}

// Ref returns the reference to the appointment.
func (a Appointment) Ref() glabella.Ref { return a.ID.Ref() }

// Validate reports everything that is wrong with the appointment by itself.
func (a Appointment) Validate() error {
	issues := check.Struct(a)
	if !a.State.Valid() {
		issues = append(issues, glabella.Issue{Path: "/state", Code: glabella.CodeUnknownValue, Text: "not a state of an appointment"})
	}
	if !a.Start.IsZero() && !a.End.IsZero() && !a.spans() {
		issues = append(issues, glabella.Issue{Path: "/end", Code: CodeSpan, Text: "an appointment ends after it starts, within a day"})
	}
	return glabella.Invalid("appointment", issues...)
}

func (a Appointment) spans() bool {
	length := a.End.Sub(a.Start)
	return length > 0 && length <= MaxLength
}

// Holds reports whether the appointment holds its provider, room and patient. A
// pending one does, so that two requests for one time are not both confirmed.
func (a Appointment) Holds() bool { return a.State != Cancelled && a.State != NoShow }

// Overlaps reports whether the two appointments share an instant.
func (a Appointment) Overlaps(b Appointment) bool {
	return a.Start.Before(b.End) && b.Start.Before(a.End)
}

// Confirm books the appointment that was asked for. This verb and the others
// return a [*glabella.TransitionError] and the appointment as it was if its state
// does not allow them; see [Machine].
func (a Appointment) Confirm() (Appointment, error) { return a.step("confirm") }

// Arrive marks the patient as arrived, with the visit that is opened for it.
func (a Appointment) Arrive(visit glabella.EncounterID) (Appointment, error) {
	next, err := a.step("arrive")
	if err == nil {
		next.Encounter = visit
	}
	return next, err
}

// Complete marks the appointment as over.
func (a Appointment) Complete() (Appointment, error) { return a.step("complete") }

// Cancel gives the time back. The reason is a code of the practice's own.
func (a Appointment) Cancel(reason string) (Appointment, error) {
	next, err := a.step("cancel")
	if err == nil {
		next.Reason = reason
	}
	return next, err
}

// Miss marks that the patient did not come.
func (a Appointment) Miss() (Appointment, error) { return a.step("miss") }

func (a Appointment) step(action string) (Appointment, error) {
	next, err := Machine().Next(a.State, action)
	if err != nil {
		return a, err
	}
	a.State = next
	return a, nil
}

// BookedEvent is the payload of the business event of a booking.
type BookedEvent struct {
	Appointment glabella.AppointmentID `json:"appointment"`
	Patient     glabella.PatientID     `json:"patient"`
	Provider    glabella.StaffID       `json:"provider"`
	Site        glabella.SiteID        `json:"site"`
	Service     string                 `json:"service"`
	Start       time.Time              `json:"start"`
	End         time.Time              `json:"end"`
}
