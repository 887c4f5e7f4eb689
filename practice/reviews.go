package practice

import (
	"context"
	"encoding/json"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/storage"
)

// DrawSample is the input of [Practice.DrawSample].
type DrawSample struct {
	Command
	Plan encounter.SamplePlan `json:"plan"`
}

// SampleDrawn is the receipt of [Practice.DrawSample].
type SampleDrawn struct {
	Sample  string              `json:"sample"` // names the sample: the hash of its plan
	Reviews []glabella.ReviewID `json:"reviews"`
}

// DrawSample draws signed charts for review and assigns them to reviewers. The
// same plan draws the same charts. A chart belongs to the day, at the site, on
// which its author signed its note.
func (p *Practice) DrawSample(ctx context.Context, actor glabella.Actor, in DrawSample) (SampleDrawn, error) {
	return run(ctx, p, actor, access.NoteReview, glabella.PatientID{}, in, func(ctx context.Context, w *work, in DrawSample, out *SampleDrawn) (storage.Outcome, error) {
		site, err := w.place(ctx)
		if err != nil {
			return failed(err)
		}
		if err := in.Plan.Validate(); err != nil {
			return failed(err)
		}
		plan, err := json.Marshal(in.Plan)
		if err != nil {
			return failed(err)
		}
		out.Sample = digestOf(plan)
		patients := map[glabella.NoteID]glabella.PatientID{}
		var charts []encounter.Chart
		for _, state := range []encounter.NoteState{encounter.NoteSignedState, encounter.NoteCosignPending, encounter.NoteCosigned, encounter.NoteLocked} {
			notes, err := w.Notes().All(ctx, storage.NoteQuery{State: state})
			if err != nil {
				return failed(err)
			}
			for _, n := range notes {
				if n.Retracted() {
					continue
				}
				patients[n.ID] = n.Patient
				charts = append(charts, encounter.Chart{Note: n.ID, Provider: n.Author, Closed: glabella.DateOf(n.Signatures[0].At.In(site.zone))})
			}
		}
		for _, review := range encounter.SampleCharts(charts, in.Plan) {
			r := encounter.ChartReview{ID: glabella.ReviewID(w.NewUUID()), Patient: patients[review.Note], Sample: out.Sample, Review: review}
			if r, err = w.Reviews().Put(ctx, r); err != nil {
				return failed(err)
			}
			out.Reviews = append(out.Reviews, r.ID)
		}
		return recorded("encounter.sample-drawn", encounter.Drawn{Sample: out.Sample, Charts: len(out.Reviews)})
	})
}

// ReviewChart is the input of [Practice.ReviewChart].
type ReviewChart struct {
	Command
	Review  glabella.ReviewID       `json:"review"`
	Outcome encounter.ReviewOutcome `json:"outcome"`
}

// ChartReviewed is the receipt of [Practice.ReviewChart].
type ChartReviewed struct {
	Review  glabella.ReviewID `json:"review"`
	Version uint64            `json:"version"`
}

// ReviewChart records what the actor found in a chart that was drawn for review.
// Nobody reviews their own.
func (p *Practice) ReviewChart(ctx context.Context, actor glabella.Actor, in ReviewChart) (ChartReviewed, error) {
	return run(ctx, p, actor, access.NoteReview, glabella.PatientID{}, in, func(ctx context.Context, w *work, in ReviewChart, out *ChartReviewed) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		r, err := w.Reviews().Get(ctx, in.Review)
		if err != nil {
			return failed(err)
		}
		w.Concerns(r.Patient)
		if err := w.expect(r.Ref(), r.Version); err != nil {
			return failed(err)
		}
		w.DoneBy(r.Provider)
		if r.Review, err = r.Finish(by, in.Outcome, w.Now()); err != nil {
			return failed(err)
		}
		if r, err = w.Reviews().Put(ctx, r); err != nil {
			return failed(err)
		}
		*out = ChartReviewed{Review: r.ID, Version: r.Version}
		return recorded("encounter.chart-reviewed", encounter.Reviewed{Review: r.ID, Note: r.Note, Reviewer: by, Outcome: in.Outcome})
	})
}

// SampleProgress is how far the reviews of a sample are.
type SampleProgress struct {
	Reviews   []encounter.ChartReview
	Providers []encounter.ReviewProgress
}

// SampleProgress returns the reviews of a sample, and how far they are.
func (p *Practice) SampleProgress(ctx context.Context, actor glabella.Actor, sample string) (SampleProgress, error) {
	return query(ctx, p, actor, access.NoteReview, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (SampleProgress, error) {
		all, err := r.Reviews().All(ctx, storage.ReviewQuery{Sample: sample})
		if err != nil {
			return SampleProgress{}, err
		}
		reviews := make([]encounter.Review, len(all))
		for i, review := range all {
			reviews[i] = review.Review
		}
		return SampleProgress{Reviews: all, Providers: encounter.Progress(reviews)}, nil
	})
}
