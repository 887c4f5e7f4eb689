package audit

import (
	"time"

	"github.com/glabella-ehr/glabella"
)

// Facts are what the anomaly rules need to know of users and patients and what
// the journal does not hold. A host or package practice implements it over a
// snapshot of its records; the methods are asked often and must be quick, must
// answer the same to the same question, and have no side effects. A watch calls
// them from the goroutine that it is used by.
//
// What is not known is answered with the zero value, and with false where there
// is a second result; the rule that asked then finds nothing. Embed [NoFacts] to
// implement a part.
type Facts interface {
	// Relationship returns what links the user to the patient in the time from
	// from to to: appointments, visits, orders, messages, invoices, referrals, cover
	// for somebody. It returns false if that is not known at all.
	Relationship(user glabella.StaffID, patient glabella.PatientID, from, to time.Time) ([]glabella.Ref, bool)
	// SameSurname reports whether the two have the same surname once case and
	// accents are folded. For surnames that many people have it answers false.
	SameSurname(user glabella.StaffID, patient glabella.PatientID) bool
	// SameHousehold reports whether the two live at the same address.
	SameHousehold(user glabella.StaffID, patient glabella.PatientID) bool
	// SamePerson reports whether the patient's record is that of the user.
	SamePerson(user glabella.StaffID, patient glabella.PatientID) bool
	// Coworker reports whether the patient works at the practice, or did.
	Coworker(patient glabella.PatientID) bool
	// Prominent reports whether the patient is marked as somebody whom others may
	// be curious about.
	Prominent(patient glabella.PatientID) bool
	// OnDuty reports whether the user is on duty at the instant.
	OnDuty(user glabella.StaffID, at time.Time) (on, known bool)
	// LastEvent returns when anything last happened in the patient's care before
	// the instant: a visit, an order, a payment, a message.
	LastEvent(patient glabella.PatientID, before time.Time) (time.Time, bool)
	// Terminated reports whether the user had left the practice at the instant.
	Terminated(user glabella.StaffID, at time.Time) bool
	// Department returns the user's department or discipline, as a code, and ""
	// for users of all.
	Department(user glabella.StaffID) string
	// Services returns codes of what the patient is treated for, such as the
	// disciplines of their visits.
	Services(patient glabella.PatientID) []string
	// Follows reports whether b comes soon after a in a list of patients that a
	// user could go through: by name or by number.
	Follows(a, b glabella.PatientID) bool
	// Reviewed reports whether the emergency access with the number seq in the
	// journal has been reviewed.
	Reviewed(seq uint64) bool
}

// NoFacts knows nothing: with it, only the rules find something that need the
// journal alone.
type NoFacts struct{}

var _ Facts = NoFacts{}

// Relationship returns false.
func (NoFacts) Relationship(glabella.StaffID, glabella.PatientID, time.Time, time.Time) ([]glabella.Ref, bool) {
	return nil, false
}

// SameSurname returns false.
func (NoFacts) SameSurname(glabella.StaffID, glabella.PatientID) bool { return false }

// SameHousehold returns false.
func (NoFacts) SameHousehold(glabella.StaffID, glabella.PatientID) bool { return false }

// SamePerson returns false.
func (NoFacts) SamePerson(glabella.StaffID, glabella.PatientID) bool { return false }

// Coworker returns false.
func (NoFacts) Coworker(glabella.PatientID) bool { return false }

// Prominent returns false.
func (NoFacts) Prominent(glabella.PatientID) bool { return false }

// OnDuty returns that it is not known.
func (NoFacts) OnDuty(glabella.StaffID, time.Time) (on, known bool) { return false, false }

// LastEvent returns that it is not known.
func (NoFacts) LastEvent(glabella.PatientID, time.Time) (time.Time, bool) { return time.Time{}, false }

// Terminated returns false.
func (NoFacts) Terminated(glabella.StaffID, time.Time) bool { return false }

// Department returns "".
func (NoFacts) Department(glabella.StaffID) string { return "" }

// Services returns none.
func (NoFacts) Services(glabella.PatientID) []string { return nil }

// Follows returns false.
func (NoFacts) Follows(a, b glabella.PatientID) bool { return false }

// Reviewed returns false.
func (NoFacts) Reviewed(uint64) bool { return false }
