// Package scheduling models appointments and the rule that keeps a provider, a
// room and a patient from being in two places at once.
//
// [MayBook] evaluates an appointment against those that are booked around it.
// Whoever stores appointments asks it in the same transaction that books:
//
//	d := scheduling.MayBook(scheduling.Facts{Appointment: a, Existing: around, Now: now, Age: age, AdultAge: 18})
//
// What it does not do: it does not search for free times.
package scheduling
