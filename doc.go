// Package glabella is the vocabulary of an electronic health record for
// aesthetic medicine: the words that every other package of this module shares.
//
// It models identity ([ID], [Ref]), who acts ([Actor]), where a fact comes from
// ([Provenance]), civil time ([Date], [Period]), what a rule answers
// ([Decision], [Reason]) and what goes wrong ([Issue] and the errors). It has no
// behaviour of its own and does no I/O.
//
// A rule of this library is a plain function that takes facts and returns a
// [Decision]. It evaluates everything, so that a refusal carries all of its
// reasons, each with a stable [Code], what it is about, and what would make it
// pass:
//
//	d := glabella.Decide(
//		glabella.Denied("consent.missing", "a consent has not been given").For(ref).WithFix("sign it"),
//		glabella.Warned("encounter.interval.short", "the last treatment was 60 days ago"),
//	)
//	d.Outcome   // deny
//	d.Codes()   // [consent.missing encounter.interval.short]
//
// What it does not do: it holds no clinical, financial or legal rule. Those live
// in the packages named after their subject (patient, encounter, consent,
// billing, inventory, …).
package glabella
