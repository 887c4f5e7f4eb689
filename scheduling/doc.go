// Package scheduling models appointments and the rule that keeps a provider, a
// room and a patient from being in two places at once.
//
// [MayBook] evaluates an appointment against those that are booked around it.
// Whoever stores appointments asks it in the same transaction that books:
//
//	d := scheduling.MayBook(scheduling.Facts{Appointment: a, Existing: around, Now: now})
//
// What it does not do: it does not search for free times, and it does not look at
// who the patient is.
package scheduling
