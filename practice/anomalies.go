package practice

import (
	"context"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/storage"
)

// CodeFindingAction says that nothing of this name can be done to a finding.
const CodeFindingAction glabella.Code = "practice.finding.action"

// WatchJournal looks for what is odd in the journal from its beginning, and then in
// what is written, every interval, until ctx ends or fn returns an error. Each finding
// is stored, once, and handed to fn. The facts about patients and staff are read
// again before every look; an access is judged when [audit.Thresholds.Settle] is over.
func (p *Practice) WatchJournal(ctx context.Context, actor glabella.Actor, interval time.Duration, fn func(audit.Finding) error) error {
	for {
		found, err := p.SearchJournal(ctx, actor, SearchJournal{})
		if err != nil {
			return err
		}
		for _, f := range found.New {
			if err := fn(f); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(interval):
		}
	}
}

// SearchJournal is the input of [Practice.SearchJournal].
type SearchJournal struct {
	Command
}

// JournalSearched is the receipt of [Practice.SearchJournal].
type JournalSearched struct {
	New   []audit.Finding `json:"new"`
	Known int             `json:"known"` // that were found before
}

// SearchJournal looks for what is odd in the whole journal, by the practice's
// thresholds, and stores what was not found before. What somebody has decided on
// stays as it is.
func (p *Practice) SearchJournal(ctx context.Context, actor glabella.Actor, in SearchJournal) (JournalSearched, error) {
	findings, err := query(ctx, p, actor, access.AnomalyReview, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]audit.Finding, error) {
		facts, err := careFactsOf(ctx, r)
		if err != nil {
			return nil, err
		}
		o := &audit.WatchOptions{Thresholds: p.thresholds}
		if !actor.Site.IsZero() {
			site, err := at(ctx, r.Sites(), actor, r.Now())
			if err != nil {
				return nil, err
			}
			o.Zone = site.zone
		}
		watch, err := audit.NewWatch(facts, o)
		if err != nil {
			return nil, err
		}
		var out []audit.Finding
		for e, err := range r.Journal().Entries(ctx, 0, 0) {
			if err != nil {
				return nil, err
			}
			rec, err := audit.ParseRecord(e.Bytes)
			if err != nil {
				return nil, err
			}
			out = append(out, watch.See(rec)...)
		}
		return append(out, watch.Tick(r.Now())...), nil
	})
	if err != nil {
		return JournalSearched{}, err
	}
	return run(ctx, p, actor, access.AnomalyReview, glabella.PatientID{}, in, func(ctx context.Context, w *work, _ SearchJournal, out *JournalSearched) (storage.Outcome, error) {
		out.New = []audit.Finding{}
		for _, f := range findings {
			_, err := w.Findings().Get(ctx, f.ID)
			switch known, err := found(err); {
			case err != nil:
				return failed(err)
			case known:
				out.Known++
				continue
			}
			if f, err = w.Findings().Put(ctx, f); err != nil {
				return failed(err)
			}
			out.New = append(out.New, f)
		}
		ids := []glabella.FindingID{}
		for _, f := range out.New {
			ids = append(ids, f.ID)
		}
		return recorded("audit.journal-searched", journalSearched{ids, out.Known})
	})
}

// journalSearched is the event of a search.
type journalSearched struct {
	New   []glabella.FindingID `json:"new"`
	Known int                  `json:"known"`
}

// Findings returns what was found in the journal and is in a state; the zero state is
// any. What is about the actor is for others and left out.
func (p *Practice) Findings(ctx context.Context, actor glabella.Actor, state audit.FindingState) ([]audit.Finding, error) {
	return query(ctx, p, actor, access.AnomalyReview, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]audit.Finding, error) {
		all, err := r.Findings().All(ctx, storage.FindingQuery{State: state})
		if err != nil {
			return nil, err
		}
		by, _ := actor.Staff()
		out := []audit.Finding{}
		for _, f := range all {
			if f.Staff != by {
				out = append(out, f)
			}
		}
		return out, nil
	})
}

// DecideFinding is the input of [Practice.DecideFinding].
type DecideFinding struct {
	Command
	Finding glabella.FindingID `json:"finding"`
	Action  string             `json:"action"` // dismiss, confirm or reopen
	Reason  string             `json:"reason"` // in the reviewer's words; it never gets into the journal
}

// FindingDecided is the receipt of [Practice.DecideFinding], and the event that a
// finding was decided on.
type FindingDecided struct {
	Finding glabella.FindingID `json:"finding"`
	Action  string             `json:"action"`
	State   audit.FindingState `json:"state"`
	Version uint64             `json:"version"`
}

// DecideFinding signs off a finding. Nobody decides on what is about themselves.
func (p *Practice) DecideFinding(ctx context.Context, actor glabella.Actor, in DecideFinding) (FindingDecided, error) {
	return run(ctx, p, actor, access.AnomalyReview, glabella.PatientID{}, in, func(ctx context.Context, w *work, in DecideFinding, out *FindingDecided) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		f, err := w.Findings().Get(ctx, in.Finding)
		if err != nil {
			return failed(err)
		}
		if err := w.expect(f.Ref(), f.Version); err != nil {
			return failed(err)
		}
		switch in.Action {
		case "dismiss":
			f, err = f.Dismiss(by, w.Now(), in.Reason)
		case "confirm":
			f, err = f.Confirm(by, w.Now(), in.Reason)
		case "reopen":
			f, err = f.Reopen(by, w.Now(), in.Reason)
		default:
			err = glabella.Invalid("finding", glabella.Issue{Path: "/action", Code: CodeFindingAction, Text: "is one of dismiss, confirm and reopen"})
		}
		if err != nil {
			return failed(err)
		}
		if f, err = w.Findings().Put(ctx, f); err != nil {
			return failed(err)
		}
		*out = FindingDecided{Finding: f.ID, Action: in.Action, State: f.State, Version: f.Version}
		return recorded("audit.finding-decided", *out)
	})
}

// DrawActivityReview is the input of [Practice.DrawActivityReview].
type DrawActivityReview struct {
	Command
	Reviewer glabella.StaffID `json:"reviewer"`
	From     time.Time        `json:"from"`
	To       time.Time        `json:"to"`   // the instant after the last
	Size     int              `json:"size"` // of the sample
}

// ActivityReviewed is the receipt of the commands on regular reviews of the journal,
// and the event of them.
type ActivityReviewed struct {
	Review   glabella.ActivityReviewID `json:"review"`
	Reviewer glabella.StaffID          `json:"reviewer"`
	State    audit.ReviewState         `json:"state"`
	Sample   []uint64                  `json:"sample"` // numbers of entries of the journal
	Findings []glabella.FindingID      `json:"findings"`
	Version  uint64                    `json:"version"`
}

func activityReviewed(r audit.ActivityReview) ActivityReviewed {
	return ActivityReviewed{Review: r.ID, Reviewer: r.Reviewer, State: r.State, Sample: r.Sample, Findings: r.Findings, Version: r.Version}
}

// DrawActivityReview draws the regular review of what users did (45 CFR
// 164.308(a)(1)(ii)(D)): a sample of a time that follows from the journal itself, so
// that nobody chooses it, with what was found in that time.
func (p *Practice) DrawActivityReview(ctx context.Context, actor glabella.Actor, in DrawActivityReview) (ActivityReviewed, error) {
	return run(ctx, p, actor, access.AnomalyReview, glabella.PatientID{}, in, func(ctx context.Context, w *work, in DrawActivityReview, out *ActivityReviewed) (storage.Outcome, error) {
		if _, err := w.Staff().Get(ctx, in.Reviewer); err != nil {
			return failed(err)
		}
		r, err := audit.DrawReview(ctx, w.Journal(), glabella.ActivityReviewID(w.NewUUID()), in.Reviewer, in.From, in.To, in.Size)
		if err != nil {
			return failed(err)
		}
		findings, err := w.Findings().All(ctx, storage.FindingQuery{})
		if err != nil {
			return failed(err)
		}
		for _, f := range findings {
			if !f.At.Before(r.From) && f.At.Before(r.To) {
				r.Findings = append(r.Findings, f.ID)
			}
		}
		if r, err = w.ActivityReviews().Put(ctx, r); err != nil {
			return failed(err)
		}
		*out = activityReviewed(r)
		return recorded("audit.review-drawn", *out)
	})
}

// SignActivityReview is the input of [Practice.SignActivityReview].
type SignActivityReview struct {
	Command
	Review glabella.ActivityReviewID `json:"review"`
	Remark string                    `json:"remark,omitempty"`
}

// SignActivityReview signs a regular review, once every finding in it is decided on.
func (p *Practice) SignActivityReview(ctx context.Context, actor glabella.Actor, in SignActivityReview) (ActivityReviewed, error) {
	return run(ctx, p, actor, access.AnomalyReview, glabella.PatientID{}, in, func(ctx context.Context, w *work, in SignActivityReview, out *ActivityReviewed) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		r, err := w.ActivityReviews().Get(ctx, in.Review)
		if err != nil {
			return failed(err)
		}
		if err := w.expect(r.Ref(), r.Version); err != nil {
			return failed(err)
		}
		var findings []audit.Finding
		for _, id := range r.Findings {
			f, err := w.Findings().Get(ctx, id)
			if err != nil {
				return failed(err)
			}
			findings = append(findings, f)
		}
		if err := w.Require(r.MaySign(by, findings)); err != nil {
			return failed(err)
		}
		if r, err = r.Sign(by, w.Now(), in.Remark, findings, in.Acknowledge...); err != nil {
			return failed(err)
		}
		if r, err = w.ActivityReviews().Put(ctx, r); err != nil {
			return failed(err)
		}
		*out = activityReviewed(r)
		return recorded("audit.review-signed", *out)
	})
}

// ActivityReviews returns the regular reviews of the journal that are due, or all.
func (p *Practice) ActivityReviews(ctx context.Context, actor glabella.Actor, state audit.ReviewState) ([]audit.ActivityReview, error) {
	return query(ctx, p, actor, access.AnomalyReview, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]audit.ActivityReview, error) {
		return r.ActivityReviews().All(ctx, storage.ActivityReviewQuery{State: state})
	})
}
