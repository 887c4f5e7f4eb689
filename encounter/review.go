package encounter

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
)

// Chart is a closed chart that may be drawn for review.
type Chart struct {
	Note     glabella.NoteID  `json:"note"`
	Provider glabella.StaffID `json:"provider"`
	Closed   glabella.Date    `json:"closed"`
}

// SamplePlan says how many of each provider's charts are reviewed, and out of
// which days.
type SamplePlan struct {
	Percent   int                `json:"percent"`   // of each provider's charts, rounded up
	Minimum   int                `json:"minimum"`   // for each provider, as far as there are as many
	Seed      string             `json:"seed"`      // another seed draws other charts
	From      glabella.Date      `json:"from"`      // first day on which a chart was closed
	To        glabella.Date      `json:"to"`        // last day
	Reviewers []glabella.StaffID `json:"reviewers"` // among whom the charts are spread; nobody gets their own
}

// Validate reports shares and days that are not possible, and a seed that is
// missing: a sample without one could be foretold.
func (p SamplePlan) Validate() error {
	var issues []glabella.Issue
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if p.Percent < 0 || p.Percent > 100 {
		add("/percent", glabella.CodeOutOfRange, "must be between 0 and 100")
	}
	if p.Minimum < 0 {
		add("/minimum", glabella.CodeOutOfRange, "must not be negative")
	}
	if p.Seed == "" {
		add("/seed", glabella.CodeRequired, "must be given")
	}
	if !p.From.Valid() || !p.To.Valid() || p.To.Before(p.From) {
		add("/to", glabella.CodeOutOfRange, "a plan has a first day, and a last one that is not before it")
	}
	for i, r := range p.Reviewers {
		path := fmt.Sprintf("/reviewers/%d", i)
		switch {
		case r.IsZero():
			add(path, glabella.CodeRequired, "must be given")
		case slices.Contains(p.Reviewers[:i], r):
			add(path, glabella.CodeDuplicate, "given twice")
		}
	}
	return glabella.Invalid("sample plan", issues...)
}

// ReviewOutcome is what a reviewer found.
type ReviewOutcome string

// The outcomes of a review.
const (
	ReviewMeets   ReviewOutcome = "meets-standard"
	ReviewImprove ReviewOutcome = "needs-improvement"
	ReviewConcern ReviewOutcome = "concern" // to be followed up
)

// ReviewOutcomes returns every outcome of a review.
func ReviewOutcomes() []ReviewOutcome {
	return []ReviewOutcome{ReviewMeets, ReviewImprove, ReviewConcern}
}

// Valid reports whether o is one of [ReviewOutcomes].
func (o ReviewOutcome) Valid() bool { return slices.Contains(ReviewOutcomes(), o) }

// CodeReviewOwn says that a provider reviews their own chart.
const CodeReviewOwn glabella.Code = "encounter.review.own"

// Review is a chart that was drawn for review.
type Review struct {
	Note     glabella.NoteID  `json:"note"`
	Provider glabella.StaffID `json:"provider"`
	Reviewer glabella.StaffID `json:"reviewer,omitzero"` // whom it is given to; who did it, once it is done
	DoneAt   time.Time        `json:"doneAt,omitzero"`
	Outcome  ReviewOutcome    `json:"outcome,omitempty"` // empty until it is done
}

// Validate reports a review of one's own chart, and one that is half done.
func (r Review) Validate() error {
	var issues []glabella.Issue
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if r.Note.IsZero() {
		add("/note", glabella.CodeRequired, "must be given")
	}
	if r.Provider.IsZero() {
		add("/provider", glabella.CodeRequired, "must be given")
	} else if r.Reviewer == r.Provider {
		add("/reviewer", CodeReviewOwn, "nobody reviews their own chart")
	}
	done := !r.DoneAt.IsZero()
	if done && r.Reviewer.IsZero() {
		add("/reviewer", glabella.CodeRequired, "a review that is done is somebody's")
	}
	switch {
	case done && !r.Outcome.Valid():
		add("/outcome", glabella.CodeUnknownValue, "not an outcome of a review")
	case !done && r.Outcome != "":
		add("/doneAt", glabella.CodeRequired, "a review with an outcome has the time at which it was done")
	}
	return glabella.Invalid("review", issues...)
}

// Finish records what the reviewer found. A review that is done stays as it is.
func (r Review) Finish(by glabella.StaffID, outcome ReviewOutcome, now time.Time) (Review, error) {
	if !r.DoneAt.IsZero() {
		return r, &glabella.TransitionError{Machine: "review", From: "done", Action: "finish"}
	}
	if by == r.Provider {
		return r, glabella.Refuse(glabella.Decide(glabella.Denied(CodeReviewOwn, "nobody reviews their own chart").For(r.Note.Ref(), by.Ref()).WithFix("have somebody else review it")))
	}
	done := r
	done.Reviewer, done.Outcome, done.DoneAt = by, outcome, now
	if err := done.Validate(); err != nil {
		return r, err
	}
	return done, nil
}

// SampleCharts draws the charts to be reviewed: of each provider's charts that
// were closed in the plan's days, its share, and at least its minimum. Which ones
// follows from the seed and the notes' identities alone, so that the same plan
// always draws the same charts, in whatever order they come, and a larger share
// draws those of a smaller one and more. Reviews are in the order of providers.
func SampleCharts(charts []Chart, plan SamplePlan) []Review {
	type ticket struct {
		chart Chart
		draw  string
	}
	seen := map[glabella.NoteID]bool{}
	hat := map[glabella.StaffID][]ticket{}
	var providers []glabella.StaffID
	for _, c := range charts {
		if c.Closed.IsZero() || c.Closed.Before(plan.From) || c.Closed.After(plan.To) || seen[c.Note] {
			continue
		}
		seen[c.Note] = true
		if hat[c.Provider] == nil {
			providers = append(providers, c.Provider)
		}
		hat[c.Provider] = append(hat[c.Provider], ticket{c, HashText(plan.Seed + "\x00" + c.Note.String())})
	}
	slices.SortFunc(providers, func(a, b glabella.StaffID) int { return cmp.Compare(a.String(), b.String()) })
	given := map[glabella.StaffID]int{}
	var out []Review
	for _, provider := range providers {
		tickets := hat[provider]
		slices.SortFunc(tickets, func(a, b ticket) int { return cmp.Compare(a.draw, b.draw) })
		share := (len(tickets)*min(max(plan.Percent, 0), 100) + 99) / 100
		for _, t := range tickets[:min(max(share, plan.Minimum), len(tickets))] {
			r := Review{Note: t.chart.Note, Provider: provider}
			for _, who := range plan.Reviewers { // whoever has the fewest so far
				if who != provider && !who.IsZero() && (r.Reviewer.IsZero() || given[who] < given[r.Reviewer]) {
					r.Reviewer = who
				}
			}
			given[r.Reviewer]++
			out = append(out, r)
		}
	}
	return out
}

// ReviewProgress is how far the reviews of one provider's charts are.
type ReviewProgress struct {
	Provider glabella.StaffID      `json:"provider"`
	Drawn    int                   `json:"drawn"`
	Done     int                   `json:"done"`
	Outcomes map[ReviewOutcome]int `json:"outcomes"` // of those that are done
}

// Complete reports whether all reviews are done.
func (p ReviewProgress) Complete() bool { return p.Done == p.Drawn }

// Progress returns how far the reviews are, provider by provider.
func Progress(reviews []Review) []ReviewProgress {
	var out []ReviewProgress
	for _, r := range reviews {
		i := slices.IndexFunc(out, func(p ReviewProgress) bool { return p.Provider == r.Provider })
		if i < 0 {
			i = len(out)
			out = append(out, ReviewProgress{Provider: r.Provider, Outcomes: map[ReviewOutcome]int{}})
		}
		out[i].Drawn++
		if !r.DoneAt.IsZero() {
			out[i].Done++
			out[i].Outcomes[r.Outcome]++
		}
	}
	slices.SortFunc(out, func(a, b ReviewProgress) int { return cmp.Compare(a.Provider.String(), b.Provider.String()) })
	return out
}
