// Package encounter models a visit: what was done in it, where and with what,
// the good-faith exam that cleared the patient for it, and the note that says so.
//
// An [Encounter] holds its [Procedure]s; each is charted as a treatment.Record,
// from whose map points the [Administration]s follow that stock and billing go
// by. A [Note] is rendered from what was charted ([RenderNote]), is signed,
// cosigned and amended, and never edited after. An [InjectionMap] is the picture
// of it, [CompareMaps] sets two visits side by side, and [CopyForward] proposes the
// last one for the next. A [Clearance] is a good-faith exam, and
// [EvaluateClearance] says whether one covers a treatment; a [StandingOrder] is
// what others treat under.
//
// Around a visit there are [Vitals], an [Assessment] and a [VisitPlan], a
// [Series] of treatments, [Photo]s, and [AdverseEvent]s with the [Checklist] that
// fits them. A [ChartPolicy] says what a site demands of charts and signatures.
//
//	administrations, err := encounter.AdministrationsOf(record)
//	visit, err = visit.Chart(encounter.Procedure{ID: id, Record: record, Performer: nurse, PerformedAt: now, Administrations: administrations})
//	visit, err = visit.Complete(now)
//	text, err := encounter.RenderNote(visit, templates, names, remarks)
//
// What it does not do: it does not check a record against its template (package
// treatment does), and it does not know stock or prices; those take what was
// administered from [Completed]. Who may examine, and how long an exam holds, is
// the site's policy.
package encounter
