package practice

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/storage"
)

func stepPath(i int) string { return fmt.Sprintf("/steps/%d", i) }

// CodeProcedureUnknown says that the visit has no such procedure.
const CodeProcedureUnknown glabella.Code = "practice.procedure.unknown"

// ReportAdverseEvent is the input of [Practice.ReportAdverseEvent].
type ReportAdverseEvent struct {
	Command
	Patient   glabella.PatientID     `json:"patient"`
	Encounter glabella.EncounterID   `json:"encounter,omitzero"` // the visit of the treatment
	Procedure glabella.ProcedureID   `json:"procedure,omitzero"` // the treatment; its lots and products are taken over
	Details   encounter.EventDetails `json:"details"`
}

// AdverseEventReported is the receipt of the commands on adverse events: what is
// to be done now.
type AdverseEventReported struct {
	Event     glabella.AdverseEventID     `json:"event"`
	State     encounter.AdverseEventState `json:"state"`
	Checklist string                      `json:"checklist,omitempty"` // code of the checklist that fits the event
	Missing   []encounter.ChecklistStep   `json:"missing"`             // steps of it that are not taken
	Overdue   []encounter.ChecklistStep   `json:"overdue"`             // those of them whose time has passed
	Duties    []encounter.ReportDuty      `json:"duties"`              // reports that are to be filed
	Version   uint64                      `json:"version"`
}

// ReportAdverseEvent records an adverse event and ties it to the treatment, its
// lots and its site. The receipt has the checklist that fits, and to whom the
// event is reported.
func (p *Practice) ReportAdverseEvent(ctx context.Context, actor glabella.Actor, in ReportAdverseEvent) (AdverseEventReported, error) {
	return run(ctx, p, actor, access.EventReport, in.Patient, in, func(ctx context.Context, w *work, in ReportAdverseEvent, out *AdverseEventReported) (storage.Outcome, error) {
		site, err := w.place(ctx)
		if err != nil {
			return failed(err)
		}
		if _, err := w.Patients().Get(ctx, in.Patient); err != nil {
			return failed(err)
		}
		e := encounter.AdverseEvent{ID: glabella.AdverseEventID(w.NewUUID()), Patient: in.Patient, Encounter: in.Encounter, Procedure: in.Procedure, EventDetails: in.Details,
			State: encounter.EventOpen, Outcome: encounter.OutcomeOngoing, Provenance: w.entered()}
		if e.NoticedAt.IsZero() {
			e.NoticedAt = w.Now()
		}
		e.NoticedAt, e.OnsetAt = instant(e.NoticedAt), instantOrZero(e.OnsetAt)
		if err := w.tie(ctx, &e); err != nil {
			return failed(err)
		}
		if e, err = w.AdverseEvents().Put(ctx, e); err != nil {
			return failed(err)
		}
		*out = answer(e, site, w.Now())
		return recorded("encounter.adverse-event-reported", e.Event())
	})
}

// instantOr returns a time, or another if it is not given.
func instantOr(t, other time.Time) time.Time {
	if t.IsZero() {
		return other
	}
	return instant(t)
}

func instantOrZero(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return instant(t)
}

// tie adds to an event what the procedure used that it is about.
func (w *work) tie(ctx context.Context, e *encounter.AdverseEvent) error {
	if err := w.visitOf(ctx, e.Encounter, e.Patient); err != nil || e.Procedure.IsZero() {
		return err
	}
	unknown := glabella.Invalid("adverse-event", glabella.Issue{Path: "/procedure", Code: CodeProcedureUnknown, Text: "the visit has no such procedure"})
	if e.Encounter.IsZero() {
		return unknown
	}
	visit, err := w.Encounters().Get(ctx, e.Encounter)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(visit.Procedures, func(p encounter.Procedure) bool { return p.ID == e.Procedure })
	if i < 0 {
		return unknown
	}
	proc := visit.Procedures[i]
	e.Lots, e.Products = slices.Clone(e.Lots), slices.Clone(e.Products)
	if e.Treatment == "" {
		e.Treatment = proc.Record.Template.Code
	}
	for _, a := range proc.Administrations {
		if !a.Lot.IsZero() && !slices.Contains(e.Lots, a.Lot) {
			e.Lots = append(e.Lots, a.Lot)
		}
		if !slices.Contains(e.Products, a.Product) {
			e.Products = append(e.Products, a.Product)
		}
	}
	return nil
}

// answer returns what is to be done about an event.
func answer(e encounter.AdverseEvent, site place, now time.Time) AdverseEventReported {
	out := AdverseEventReported{Event: e.ID, State: e.State, Version: e.Version, Duties: encounter.ReportDue(e, encounter.ReportRules(site.Jurisdiction))}
	if c, ok := encounter.ChecklistFor(encounter.Checklists(), e.Kind); ok {
		out.Checklist = c.Code
		out.Missing, out.Overdue = c.Progress(e.NoticedAt, e.Steps, now)
	}
	return out
}

// ManageAdverseEvent is the input of [Practice.ManageAdverseEvent]: what was done
// about an event, and how it ended if it did.
type ManageAdverseEvent struct {
	Command
	Event   glabella.AdverseEventID `json:"event"`
	Steps   []TakenStep             `json:"steps"`   // of the checklist that fits the event
	Actions []TakenAction           `json:"actions"` // what else was done
	Reports []FiledReport           `json:"reports"` // to whom the event was reported
	Outcome encounter.EventOutcome  `json:"outcome"` // how it ended; empty goes on
	Close   string                  `json:"close"`   // why care ends although the event may not be over; empty resolves
}

// TakenStep is a step of a checklist that was taken.
type TakenStep struct {
	Code string    `json:"code"`
	At   time.Time `json:"at,omitzero"` // zero is now
	Note string    `json:"note"`
}

// TakenAction is something that was done about an event.
type TakenAction struct {
	Code    string         `json:"code"`
	Text    string         `json:"text"`
	Product string         `json:"product"`
	Lot     glabella.LotID `json:"lot,omitzero"`
	At      time.Time      `json:"at,omitzero"` // zero is now
}

// FiledReport is a report of an event that was sent.
type FiledReport struct {
	To        string    `json:"to"`
	Reference string    `json:"reference"`
	At        time.Time `json:"at,omitzero"` // zero is now
}

// ManageAdverseEvent records what was done about an event: steps of its
// checklist, other actions, reports, and its end.
func (p *Practice) ManageAdverseEvent(ctx context.Context, actor glabella.Actor, in ManageAdverseEvent) (AdverseEventReported, error) {
	return run(ctx, p, actor, access.EventManage, glabella.PatientID{}, in, func(ctx context.Context, w *work, in ManageAdverseEvent, out *AdverseEventReported) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		e, err := w.AdverseEvents().Get(ctx, in.Event)
		if err != nil {
			return failed(err)
		}
		w.Concerns(e.Patient)
		if err := w.expect(e.Ref(), e.Version); err != nil {
			return failed(err)
		}
		at := func(t time.Time) time.Time {
			if t.IsZero() {
				return w.Now()
			}
			return instant(t)
		}
		checklist, _ := encounter.ChecklistFor(encounter.Checklists(), e.Kind)
		for _, s := range in.Steps {
			if e, err = e.Tick(checklist, encounter.StepTaken{Code: s.Code, At: at(s.At), By: by, Note: s.Note}); err != nil {
				return failed(err)
			}
		}
		for _, a := range in.Actions {
			if e, err = e.Take(encounter.EventAction{Code: a.Code, Text: a.Text, Product: a.Product, Lot: a.Lot, By: by, At: at(a.At)}); err != nil {
				return failed(err)
			}
		}
		for _, r := range in.Reports {
			e = e.File(encounter.SafetyReport{To: r.To, At: at(r.At), By: by, Reference: r.Reference})
		}
		switch {
		case in.Close != "":
			if err := reasonCode("/close", in.Close); err != nil {
				return failed(err)
			}
			e, err = e.Close(w.Now(), in.Outcome, in.Close)
		case in.Outcome != "":
			e, err = e.Resolve(w.Now(), in.Outcome)
		}
		if err != nil {
			return failed(err)
		}
		if e, err = w.AdverseEvents().Put(ctx, e); err != nil {
			return failed(err)
		}
		*out = answer(e, site, w.Now())
		return recorded("encounter.adverse-event-changed", encounter.AdverseEventChanged{Event: e.ID, Patient: e.Patient, State: e.State, Outcome: e.Outcome})
	})
}

// AmendAdverseEvent is the input of [Practice.AmendAdverseEvent].
type AmendAdverseEvent struct {
	Command
	Event   glabella.AdverseEventID `json:"event"`
	Details encounter.EventDetails  `json:"details"` // what is right
	Reopen  bool                    `json:"reopen"`  // whether care for it is taken up again
	Reason  string                  `json:"reason"`  // a code of the practice's own
}

// AmendAdverseEvent corrects what was observed, or takes the care for an event up
// again. What stood before is kept as an earlier version.
func (p *Practice) AmendAdverseEvent(ctx context.Context, actor glabella.Actor, in AmendAdverseEvent) (AdverseEventReported, error) {
	return run(ctx, p, actor, access.EventManage, glabella.PatientID{}, in, func(ctx context.Context, w *work, in AmendAdverseEvent, out *AdverseEventReported) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		e, err := w.AdverseEvents().Get(ctx, in.Event)
		if err != nil {
			return failed(err)
		}
		w.Concerns(e.Patient)
		if err := w.expect(e.Ref(), e.Version); err != nil {
			return failed(err)
		}
		if err := reasonCode("/reason", in.Reason); err != nil {
			return failed(err)
		}
		amendment := encounter.RecordAmendment{By: by, At: w.Now(), Reason: in.Reason}
		if in.Reopen {
			if e, err = e.Reopen(amendment); err != nil {
				return failed(err)
			}
		}
		if e, err = e.Amend(amendment, in.Details); err != nil {
			return failed(err)
		}
		if err := w.tie(ctx, &e); err != nil {
			return failed(err)
		}
		if e, err = w.AdverseEvents().Put(ctx, e); err != nil {
			return failed(err)
		}
		*out = answer(e, site, w.Now())
		return recorded("encounter.adverse-event-changed", encounter.AdverseEventChanged{Event: e.ID, Patient: e.Patient, State: e.State, Outcome: e.Outcome})
	})
}

// TraceAdverseEvents returns the adverse events after treatments with a lot, of
// all patients, by when they were noticed.
func (p *Practice) TraceAdverseEvents(ctx context.Context, actor glabella.Actor, lot glabella.LotID) ([]encounter.AdverseEvent, error) {
	return query(ctx, p, actor, access.EventTrace, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]encounter.AdverseEvent, error) {
		if _, err := r.Lots().Get(ctx, lot); err != nil {
			return nil, err
		}
		events, err := r.AdverseEvents().All(ctx, storage.AdverseEventQuery{Lot: lot})
		if err != nil {
			return nil, err
		}
		slices.SortStableFunc(events, func(a, b encounter.AdverseEvent) int { return a.NoticedAt.Compare(b.NoticedAt) })
		return events, nil
	})
}
