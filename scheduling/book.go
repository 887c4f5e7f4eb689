package scheduling

import (
	"time"

	"github.com/glabella-ehr/glabella"
)

// Codes of reasons against a booking.
const (
	// CodeSpan says that the appointment does not end after it starts, or is longer than a day.
	CodeSpan glabella.Code = "scheduling.span"
	// CodePast says that the appointment would start in the past.
	CodePast glabella.Code = "scheduling.past"
	// CodeOverlapProvider says that the provider is booked at that time.
	CodeOverlapProvider glabella.Code = "scheduling.overlap.provider"
	// CodeOverlapRoom says that the room is taken at that time.
	CodeOverlapRoom glabella.Code = "scheduling.overlap.room"
	// CodeOverlapPatient says that the patient has another appointment at that time.
	CodeOverlapPatient glabella.Code = "scheduling.overlap.patient"
)

// Facts are what the decision on a booking is made on.
type Facts struct {
	Appointment Appointment
	// Existing are the appointments around it: those of the same provider, room or
	// patient at least, as far back as [MaxLength]. Others do no harm, and neither
	// does the appointment itself as it stands now.
	Existing []Appointment
	Now      time.Time
}

// MayBook decides whether an appointment may be booked, or moved to where it now
// is. It gives every reason against it, for each other appointment those that it
// shares a provider, a room or the patient with. A patient who has walked in may
// be booked for the running minute.
func MayBook(f Facts) glabella.Decision {
	a := f.Appointment
	var reasons []glabella.Reason
	if !a.spans() {
		reasons = append(reasons, glabella.Denied(CodeSpan, "the appointment does not end after it starts, or is longer than a day").For(a.Ref()).WithFix("correct the end"))
	}
	if a.Start.Before(f.Now.Truncate(time.Minute)) {
		reasons = append(reasons, glabella.Denied(CodePast, "the appointment starts in the past").For(a.Ref()).WithFix("choose a later time"))
	}
	for _, b := range f.Existing {
		if b.ID == a.ID || !b.Holds() || !a.Overlaps(b) {
			continue
		}
		if b.Provider == a.Provider {
			reasons = append(reasons, glabella.Denied(CodeOverlapProvider, "the provider is booked at this time").For(b.Ref(), b.Provider.Ref()).WithFix("choose another time or provider"))
		}
		if b.Room == a.Room && a.Room != "" && b.Site == a.Site {
			reasons = append(reasons, glabella.Denied(CodeOverlapRoom, "the room is taken at this time").For(b.Ref()).With("room", a.Room).WithFix("choose another time or room"))
		}
		if b.Patient == a.Patient {
			reasons = append(reasons, glabella.Denied(CodeOverlapPatient, "the patient has another appointment at this time").For(b.Ref()).WithFix("choose another time"))
		}
	}
	return glabella.Decide(reasons...)
}
