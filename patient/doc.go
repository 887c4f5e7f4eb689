// Package patient models the people whom a practice treats: who they are, and
// the allergies and medications that bear on their treatment. Every fact says
// where it comes from.
//
// A [Patient] holds identity, contacts and conditions; each [Allergy] and
// [Medication] is a record of its own, so that it keeps its own history and
// provenance. What is reported is unconfirmed, and counts until it is refuted.
// An [Intake] is what a form or another system hands over, and [Intake.Build]
// turns it into these records:
//
//	built, err := intake.Build(ids, glabella.Provenance{Source: glabella.SourcePatient, Author: nurse, RecordedAt: now})
//
// What it does not do: it does not search, does not find duplicates, and draws no
// conclusion from free text. Rules see the classes of a substance or condition,
// which are codes.
package patient
