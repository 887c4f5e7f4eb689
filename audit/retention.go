package audit

import (
	"slices"

	"github.com/glabella-ehr/glabella"
)

// Retained says what somebody would like to erase.
type Retained string

// What is kept.
const (
	RetainedEntry    Retained = "entry"    // an entry of the journal
	RetainedVersion  Retained = "version"  // a stored version that an entry refers to
	RetainedDocument Retained = "document" // a finding, a review, a disclosure, a policy
)

// Retaineds returns everything that is kept.
func Retaineds() []Retained { return []Retained{RetainedEntry, RetainedVersion, RetainedDocument} }

// Valid reports whether r is one of [Retaineds].
func (r Retained) Valid() bool { return slices.Contains(Retaineds(), r) }

// Codes of reasons against erasing.
const (
	// CodeEntryKept says that entries of the journal are never erased.
	CodeEntryKept glabella.Code = "audit.retention.entry"
	// CodeHeld says that a legal hold keeps what it is about from being erased.
	CodeHeld glabella.Code = "audit.retention.hold"
	// CodeRetained says that the time for which something must be kept has not passed.
	CodeRetained glabella.Code = "audit.retention.period"
	// CodeRetentionUnknown says that it is not known since when, or whether, something must be kept.
	CodeRetentionUnknown glabella.Code = "audit.retention.unknown"
)

// RetentionYears is for how long a covered entity keeps its documentation, from
// its creation or from when it was last in effect, whichever is later: 45 CFR
// 164.316(b)(2)(i).
const RetentionYears = 6

const retentionRule = "45 CFR 164.316(b)(2)(i)"

// RetentionFacts are what the decision on erasing rests on.
type RetentionFacts struct {
	What      Retained
	Ref       glabella.Ref  // of what is to be erased
	CreatedOn glabella.Date // the day of its creation
	EffectOn  glabella.Date // the last day on which it was in effect, if it was for longer
	Hold      bool          // a legal hold is on it, or on the patient or the matter that it is about
	KeepUntil glabella.Date // the last day of a longer period, of state law on medical records or the practice's own
	KeepKnown bool          // KeepUntil has been determined; versions of medical records need that
	On        glabella.Date // the day of the decision
}

// MayErase decides whether something may be erased. An entry of the journal never
// may: it holds no content, and every later proof rests on it. Versions that
// entries refer to, and documents, may after their time if no legal hold is on
// them; the digests that stay in the journal then prove nothing about anybody, and
// every proof stays valid.
//
// For how long a medical record is kept is a matter of state law, which this
// package does not know: the host gives the day.
func MayErase(f RetentionFacts) glabella.Decision {
	var reasons []glabella.Reason
	add := func(r glabella.Reason) { reasons = append(reasons, r.For(f.Ref)) }
	if f.What == RetainedEntry || !f.What.Valid() {
		add(glabella.Denied(CodeEntryKept, "entries of the journal are never erased").
			WithFix("erase the versions that the entry refers to, once they may be").CitedFrom(retentionRule))
	}
	if f.Hold {
		add(glabella.Denied(CodeHeld, "a legal hold is on it").WithFix("wait until the hold has been released"))
	}
	if !f.CreatedOn.Valid() || !f.On.Valid() || f.What == RetainedVersion && !f.KeepKnown {
		add(glabella.Denied(CodeRetentionUnknown, "it is not known until when it must be kept").
			WithFix("determine the day until which the law of the state has it kept"))
	}
	var until glabella.Date
	source := "the retention period that was given"
	if f.CreatedOn.Valid() && f.What != RetainedVersion {
		since := f.CreatedOn
		if f.EffectOn.After(since) {
			since = f.EffectOn
		}
		until, source = since.Add(glabella.Period{Years: RetentionYears}), retentionRule
	}
	if f.KeepUntil.After(until) {
		until, source = f.KeepUntil, "the retention period that was given"
	}
	if !until.IsZero() && f.On.Valid() && !f.On.After(until) {
		add(glabella.Denied(CodeRetained, "it must be kept for longer").With("until", until.String()).WithFix("wait until that day has passed").CitedFrom(source))
	}
	return glabella.Decide(reasons...)
}
