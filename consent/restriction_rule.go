package consent

import (
	"cmp"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
)

// Codes of what a practice may do with a restriction.
const (
	// CodeRestrictionMustAccept says that a restriction may not be refused, since the item was paid in full out of pocket.
	CodeRestrictionMustAccept glabella.Code = "consent.restriction.must-accept"
	// CodeRestrictionReasonable says that a request to be reached in another way may be refused only if it is not reasonable.
	CodeRestrictionReasonable glabella.Code = "consent.restriction.reasonable"
	// CodeRestrictionBinding says that the practice cannot end a restriction without the patient.
	CodeRestrictionBinding glabella.Code = "consent.restriction.binding"
)

// EvaluateRefusal decides whether a practice may refuse a restriction. It must
// accept one that keeps from a health plan what was paid in full out of pocket,
// unless the law requires the disclosure; and it must accommodate requests to be
// reached in another way as far as they are reasonable, which is for people to
// judge.
func EvaluateRefusal(r Restriction, requiredByLaw bool) glabella.Decision {
	var reasons []glabella.Reason
	if r.mandatory() && !requiredByLaw {
		reasons = append(reasons, glabella.Denied(CodeRestrictionMustAccept, "the item was paid in full out of pocket").
			For(r.Ref(), r.OutOfPocket.Invoice.Ref()).WithFix("accept the restriction").CitedFrom("45 CFR 164.522(a)(1)(vi)"))
	}
	if r.Kind == RestrictCommunication {
		reasons = append(reasons, glabella.Warned(CodeRestrictionReasonable, "reasonable requests are accommodated").
			For(r.Ref()).WithFix("accept it, or establish that it is not reasonable").CitedFrom("45 CFR 164.522(b)(1)(i)"))
	}
	return glabella.Decide(reasons...)
}

// mandatory reports whether a practice must accept the restriction, unless the
// law requires the disclosure.
func (r *Restriction) mandatory() bool {
	return r.Kind == RestrictDisclosure && r.HealthPlan && r.OutOfPocket != nil && len(r.Items) > 0
}

// Binds reports whether the practice had to keep the restriction at the instant t
// for information of the instant dataAt, as far as is known now. One that must be
// accepted binds from when it was requested, or paid if that was later. When the
// practice ends one by itself, it goes on for the information from before; zero
// for dataAt counts as before.
func (r Restriction) Binds(t, dataAt time.Time) bool { return r.binds(t, dataAt, false) }

// binds is [Restriction.Binds]; paid says that the host knows the items to be
// paid in full out of pocket.
func (r *Restriction) binds(t, dataAt time.Time, paid bool) bool {
	from := r.AnsweredAt
	switch r.State {
	case RestrictionRefused:
		return false
	case RestrictionRequested, RestrictionWithdrawn:
		from = time.Time{}
	}
	switch {
	case r.mandatory():
		from = r.RequestedAt
		if r.OutOfPocket.PaidAt.After(from) {
			from = r.OutOfPocket.PaidAt
		}
		if !r.AnsweredAt.IsZero() && r.AnsweredAt.Before(from) {
			from = r.AnsweredAt
		}
	case paid && r.Kind == RestrictDisclosure && r.HealthPlan && len(r.Items) > 0:
		from = r.RequestedAt
	}
	if from.IsZero() || t.Before(from) {
		return false
	}
	if r.EndedAt.IsZero() || t.Before(r.EndedAt) {
		return true
	}
	return r.Termination == TerminationPractice && dataAt.Before(r.EndedAt)
}

// covers reports whether the restriction is about a disclosure: its items, the
// recipient and the purpose.
func (r *Restriction) covers(f *ShareFacts) bool {
	if r.Kind != RestrictDisclosure || r.Patient != f.Patient {
		return false
	}
	if len(r.Items) > 0 && !slices.ContainsFunc(f.Items, func(i glabella.Ref) bool { return slices.Contains(r.Items, i) }) {
		return false
	}
	if r.HealthPlan && f.HealthPlan && (f.Purpose == glabella.PurposePayment || f.Purpose == glabella.PurposeOperations) {
		return true
	}
	if r.HealthPlan && len(r.Recipients) == 0 {
		return false
	}
	if len(r.Recipients) > 0 && !slices.ContainsFunc(r.Recipients, func(p Party) bool { return p.is(f.Recipient, f.Role) }) {
		return false
	}
	if len(r.Purposes) > 0 {
		return slices.ContainsFunc(r.Purposes, func(p glabella.Purpose) bool { return within(f.Purpose, p) })
	}
	return care(f.Purpose)
}

// AlternativeContacts returns the restrictions of communication that the
// practice has accepted from the patient and that hold at the instant t, newest
// first.
func AlternativeContacts(restrictions []Restriction, patient glabella.PatientID, t time.Time) []Restriction {
	var out []Restriction
	for i := range restrictions {
		if r := &restrictions[i]; r.Patient == patient && r.Kind == RestrictCommunication && r.binds(t, time.Time{}, false) {
			out = append(out, *r)
		}
	}
	slices.SortStableFunc(out, func(a, b Restriction) int {
		return cmp.Or(b.AnsweredAt.Compare(a.AnsweredAt), cmp.Compare(a.ID.String(), b.ID.String()))
	})
	return out
}
