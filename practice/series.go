package practice

import (
	"context"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/storage"
)

// CodeStepVisit says that a visit did not do what a step of the plan of treatments says.
const CodeStepVisit glabella.Code = "practice.series.visit"

// PlanSeries is the input of [Practice.PlanSeries].
type PlanSeries struct {
	Command
	Patient glabella.PatientID       `json:"patient"`
	Name    string                   `json:"name"`
	Steps   []encounter.SeriesStep   `json:"steps"`
	Limits  []encounter.SessionLimit `json:"limits"`
	Goals   []encounter.Goal         `json:"goals"`
}

// SeriesPlanned is the receipt of the commands on plans of treatments.
type SeriesPlanned struct {
	Series  glabella.SeriesID     `json:"series"`
	State   encounter.SeriesState `json:"state"`
	Version uint64                `json:"version"`
}

// PlanSeries starts a plan of treatments for a patient. The treatments are those
// of published templates.
func (p *Practice) PlanSeries(ctx context.Context, actor glabella.Actor, in PlanSeries) (SeriesPlanned, error) {
	return run(ctx, p, actor, access.SeriesManage, in.Patient, in, func(ctx context.Context, w *work, in PlanSeries, out *SeriesPlanned) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		if _, err := w.Patients().Get(ctx, in.Patient); err != nil {
			return failed(err)
		}
		s := encounter.Series{ID: glabella.SeriesID(w.NewUUID()), Patient: in.Patient, Author: by, Name: in.Name, State: encounter.SeriesDraft,
			Limits: in.Limits, Goals: in.Goals, Provenance: w.entered()}
		if s, err = p.known(s.Revise(in.Steps)); err != nil {
			return failed(err)
		}
		if s, err = s.Start(site.today); err != nil {
			return failed(err)
		}
		if s, err = w.Series().Put(ctx, s); err != nil {
			return failed(err)
		}
		*out = SeriesPlanned{Series: s.ID, State: s.State, Version: s.Version}
		return recorded("encounter.series-started", s.Event())
	})
}

// known sees that the treatments of a plan's open steps exist.
func (p *Practice) known(s encounter.Series, err error) (encounter.Series, error) {
	if err != nil {
		return s, err
	}
	var issues []glabella.Issue
	for i, step := range s.Steps {
		if _, ok := p.treatments.Latest(step.Treatment); !ok && step.State == encounter.StepPending {
			issues = append(issues, glabella.Issue{Path: stepPath(i) + "/treatment", Code: CodeTreatmentUnknown, Text: "no published template has this code"})
		}
	}
	return s, glabella.Invalid("series", issues...)
}

// SettleStep is the input of [Practice.SettleStep].
type SettleStep struct {
	Command
	Series    glabella.SeriesID    `json:"series"`
	Step      int                  `json:"step"`               // its index
	Encounter glabella.EncounterID `json:"encounter,omitzero"` // the visit in which it was done; zero leaves the step out
	Reason    string               `json:"reason"`             // why it is left out, a code of the practice's own
}

// SettleStep records that a step of a plan was done in a visit, or leaves it out
// with a reason. The last step completes the plan.
func (p *Practice) SettleStep(ctx context.Context, actor glabella.Actor, in SettleStep) (SeriesPlanned, error) {
	return changeSeries(ctx, p, actor, in, in.Series, func(ctx context.Context, w *work, site place, s encounter.Series) (encounter.Series, storage.Outcome, error) {
		if in.Step < 0 || in.Step >= len(s.Steps) {
			return s, storage.Outcome{}, glabella.Invalid("series", glabella.Issue{Path: "/step", Code: glabella.CodeOutOfRange, Text: "the plan has no such step"})
		}
		step := s.Steps[in.Step]
		state := encounter.StepDone
		var err error
		if in.Encounter.IsZero() {
			state = encounter.StepSkipped
			if err = reasonCode("/reason", in.Reason); err == nil {
				s, err = s.Skip(in.Step, site.today, in.Reason)
			}
		} else {
			var on glabella.Date
			if on, err = w.did(ctx, s, step, in.Encounter, site); err == nil {
				s, err = s.RecordStep(in.Step, in.Encounter, on)
			}
		}
		if err != nil {
			return s, storage.Outcome{}, err
		}
		outcome, err := recorded("encounter.series-step", encounter.SeriesStepDone{Series: s.ID, Patient: s.Patient, Step: in.Step, Treatment: step.Treatment, State: state, Encounter: in.Encounter})
		return s, outcome, err
	})
}

// did returns the day on which a visit did what a step says.
func (w *work) did(ctx context.Context, s encounter.Series, step encounter.SeriesStep, id glabella.EncounterID, site place) (glabella.Date, error) {
	visit, err := w.Encounters().Get(ctx, id)
	if err != nil {
		return glabella.Date{}, err
	}
	for _, proc := range visit.Procedures {
		if visit.Patient == s.Patient && visit.State == encounter.Finished && proc.Record.Template.Code == step.Treatment && (step.Product == "" || step.Product == proc.Record.Product) {
			return glabella.DateOf(proc.PerformedAt.In(site.zone)), nil
		}
	}
	return glabella.Date{}, glabella.Refuse(glabella.Decide(glabella.Denied(CodeStepVisit, "the visit was not completed with the treatment and product of the step").
		For(visit.Ref(), s.Ref()).With("treatment", step.Treatment).WithFix("name the visit in which the step was done")))
}

// PlanStep is the input of [Practice.PlanStep].
type PlanStep struct {
	Command
	Series glabella.SeriesID `json:"series"`
	Step   int               `json:"step"` // its index
	On     glabella.Date     `json:"on,omitzero"`
}

// PlanStep sets the day that a step of a plan is planned for, or takes it back.
// The delays between the steps and the number of sessions are looked at:
// [encounter.MayBookStep].
func (p *Practice) PlanStep(ctx context.Context, actor glabella.Actor, in PlanStep) (SeriesPlanned, error) {
	return changeSeries(ctx, p, actor, in, in.Series, func(_ context.Context, w *work, _ place, s encounter.Series) (encounter.Series, storage.Outcome, error) {
		if !in.On.IsZero() {
			if err := w.Require(encounter.MayBookStep(s, in.Step, in.On)); err != nil {
				return s, storage.Outcome{}, err
			}
		}
		s, err := s.PlanStep(in.Step, in.On)
		return changedSeries(s, "", err)
	})
}

// ReviseSeries is the input of [Practice.ReviseSeries].
type ReviseSeries struct {
	Command
	Series glabella.SeriesID      `json:"series"`
	Steps  []encounter.SeriesStep `json:"steps"` // what is to be done from now on
}

// ReviseSeries puts other steps in the place of those that are still to be done.
func (p *Practice) ReviseSeries(ctx context.Context, actor glabella.Actor, in ReviseSeries) (SeriesPlanned, error) {
	return changeSeries(ctx, p, actor, in, in.Series, func(_ context.Context, _ *work, _ place, s encounter.Series) (encounter.Series, storage.Outcome, error) {
		s, err := p.known(s.Revise(in.Steps))
		return changedSeries(s, "", err)
	})
}

// HoldSeries is the input of [Practice.HoldSeries].
type HoldSeries struct {
	Command
	Series glabella.SeriesID `json:"series"`
	Reason string            `json:"reason"` // a code of the practice's own
}

// HoldSeries stops a plan for the time being.
func (p *Practice) HoldSeries(ctx context.Context, actor glabella.Actor, in HoldSeries) (SeriesPlanned, error) {
	return changeSeries(ctx, p, actor, in, in.Series, func(_ context.Context, _ *work, _ place, s encounter.Series) (encounter.Series, storage.Outcome, error) {
		if err := reasonCode("/reason", in.Reason); err != nil {
			return s, storage.Outcome{}, err
		}
		s, err := s.Hold(in.Reason)
		return changedSeries(s, in.Reason, err)
	})
}

// ResumeSeries is the input of [Practice.ResumeSeries].
type ResumeSeries struct {
	Command
	Series glabella.SeriesID `json:"series"`
}

// ResumeSeries takes a plan up again.
func (p *Practice) ResumeSeries(ctx context.Context, actor glabella.Actor, in ResumeSeries) (SeriesPlanned, error) {
	return changeSeries(ctx, p, actor, in, in.Series, func(_ context.Context, _ *work, _ place, s encounter.Series) (encounter.Series, storage.Outcome, error) {
		s, err := s.Resume()
		return changedSeries(s, "", err)
	})
}

// CancelSeries is the input of [Practice.CancelSeries].
type CancelSeries struct {
	Command
	Series glabella.SeriesID `json:"series"`
	Reason string            `json:"reason"` // a code of the practice's own
}

// CancelSeries ends a plan before it is completed.
func (p *Practice) CancelSeries(ctx context.Context, actor glabella.Actor, in CancelSeries) (SeriesPlanned, error) {
	return changeSeries(ctx, p, actor, in, in.Series, func(_ context.Context, _ *work, site place, s encounter.Series) (encounter.Series, storage.Outcome, error) {
		if err := reasonCode("/reason", in.Reason); err != nil {
			return s, storage.Outcome{}, err
		}
		s, err := s.Cancel(site.today, in.Reason)
		return changedSeries(s, in.Reason, err)
	})
}

func changedSeries(s encounter.Series, reason string, err error) (encounter.Series, storage.Outcome, error) {
	if err != nil {
		return s, storage.Outcome{}, err
	}
	outcome, err := recorded("encounter.series-changed", encounter.SeriesChanged{Series: s.ID, Patient: s.Patient, State: s.State, Reason: reason})
	return s, outcome, err
}

// changeSeries carries out a command that changes one plan of treatments.
func changeSeries[In input](ctx context.Context, p *Practice, actor glabella.Actor, in In, id glabella.SeriesID,
	change func(ctx context.Context, w *work, site place, s encounter.Series) (encounter.Series, storage.Outcome, error),
) (SeriesPlanned, error) {
	return run(ctx, p, actor, access.SeriesManage, glabella.PatientID{}, in, func(ctx context.Context, w *work, _ In, out *SeriesPlanned) (storage.Outcome, error) {
		site, _, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		s, err := w.Series().Get(ctx, id)
		if err != nil {
			return failed(err)
		}
		w.Concerns(s.Patient)
		if err := w.expect(s.Ref(), s.Version); err != nil {
			return failed(err)
		}
		s, outcome, err := change(ctx, w, site, s)
		if err != nil {
			return failed(err)
		}
		if s, err = w.Series().Put(ctx, s); err != nil {
			return failed(err)
		}
		*out = SeriesPlanned{Series: s.ID, State: s.State, Version: s.Version}
		return outcome, nil
	})
}
