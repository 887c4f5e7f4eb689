package practice

import (
	"context"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/storage"
)

// Assess is the input of [Practice.Assess].
type Assess struct {
	Command
	Encounter  glabella.EncounterID `json:"encounter"`
	Assessment encounter.Assessment `json:"assessment"`
	Plan       *encounter.VisitPlan `json:"plan"`
}

// Assessed is the receipt of [Practice.Assess].
type Assessed struct {
	Version uint64 `json:"version"` // of the visit
}

// Assess records what was found in a visit and what is planned. It may be done
// again until the visit is completed; earlier versions of the visit keep what
// stood before. A visit may consist of an assessment alone: a consultation.
func (p *Practice) Assess(ctx context.Context, actor glabella.Actor, in Assess) (Assessed, error) {
	return run(ctx, p, actor, access.EncounterChart, glabella.PatientID{}, in, func(ctx context.Context, w *work, in Assess, out *Assessed) (storage.Outcome, error) {
		if _, err := w.staff(); err != nil {
			return failed(err)
		}
		visit, err := w.visit(ctx, in.Encounter)
		if err != nil {
			return failed(err)
		}
		planned := 0
		if in.Plan != nil {
			planned = len(in.Plan.Items)
			if !in.Plan.Series.IsZero() {
				s, err := w.Series().Get(ctx, in.Plan.Series)
				if err != nil {
					return failed(err)
				}
				if s.Patient != visit.Patient {
					return failed(glabella.Invalid("plan", glabella.Issue{Path: "/plan/series", Code: CodeOtherPatient, Text: "the plan of treatments is another patient's"}))
				}
			}
		}
		if visit, err = visit.Assess(in.Assessment, in.Plan, w.Now()); err != nil {
			return failed(err)
		}
		if visit, err = w.Encounters().Put(ctx, visit); err != nil {
			return failed(err)
		}
		out.Version = visit.Version
		return recorded("encounter.assessed", encounter.Assessed{Encounter: visit.ID, Patient: visit.Patient, Problems: len(in.Assessment.Problems), Planned: planned})
	})
}
