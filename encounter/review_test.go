package encounter_test

import (
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
)

func november() encounter.SamplePlan {
	return encounter.SamplePlan{Percent: 10, Minimum: 2, Seed: "2026-11", From: on("2026-11-01"), To: on("2026-11-30"), Reviewers: []glabella.StaffID{doctor, otherStaff}}
}

// closed are charts of a provider that were closed in November.
func closed(first, count int, provider glabella.StaffID) []encounter.Chart {
	var out []encounter.Chart
	for i := range count {
		out = append(out, encounter.Chart{Note: id[glabella.NoteID](first + i), Provider: provider, Closed: on("2026-11-01").AddDays(i % 30)})
	}
	return out
}

func TestSampleCharts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		charts []encounter.Chart
		change func(*encounter.SamplePlan)
		want   map[glabella.StaffID]int
	}{
		{name: "no charts", want: map[glabella.StaffID]int{}},
		{name: "a tenth, rounded up", charts: closed(1000, 41, nurse), want: map[glabella.StaffID]int{nurse: 5}},
		{name: "the minimum, where a tenth is less", charts: closed(1000, 9, nurse), want: map[glabella.StaffID]int{nurse: 2}},
		{name: "no more than there are", charts: closed(1000, 1, nurse), want: map[glabella.StaffID]int{nurse: 1}},
		{name: "each provider has a share", charts: slices.Concat(closed(1000, 30, nurse), closed(2000, 100, doctor)), want: map[glabella.StaffID]int{nurse: 3, doctor: 10}},
		{name: "all", charts: closed(1000, 30, nurse), change: func(p *encounter.SamplePlan) { p.Percent = 100 }, want: map[glabella.StaffID]int{nurse: 30}},
		{name: "none", charts: closed(1000, 30, nurse), change: func(p *encounter.SamplePlan) { p.Percent, p.Minimum = 0, 0 }, want: map[glabella.StaffID]int{}},
		{name: "first and last day count, those beside them do not", change: func(p *encounter.SamplePlan) { p.Percent = 100 }, want: map[glabella.StaffID]int{nurse: 2}, charts: []encounter.Chart{
			{Note: id[glabella.NoteID](1), Provider: nurse, Closed: on("2026-10-31")}, {Note: id[glabella.NoteID](2), Provider: nurse, Closed: on("2026-11-01")},
			{Note: id[glabella.NoteID](3), Provider: nurse, Closed: on("2026-11-30")}, {Note: id[glabella.NoteID](4), Provider: nurse, Closed: on("2026-12-01")},
			{Note: id[glabella.NoteID](5), Provider: nurse},
		}},
		{name: "a chart that is given twice counts once", charts: slices.Concat(closed(1000, 3, nurse), closed(1000, 3, nurse)), change: func(p *encounter.SamplePlan) { p.Percent = 100 }, want: map[glabella.StaffID]int{nurse: 3}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := november()
			if tt.change != nil {
				tt.change(&p)
			}
			got := map[glabella.StaffID]int{}
			for _, r := range encounter.SampleCharts(tt.charts, p) {
				got[r.Provider]++
				if err := r.Validate(); err != nil || r.Reviewer.IsZero() {
					t.Errorf("review %+v is not valid, or nobody's: %v", r, err)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("SampleCharts (-want +got):\n%s", diff)
			}
		})
	}
}

func drawn(reviews []encounter.Review) map[glabella.NoteID]bool {
	out := map[glabella.NoteID]bool{}
	for _, r := range reviews {
		out[r.Note] = true
	}
	return out
}

func TestASampleIsReproducible(t *testing.T) {
	t.Parallel()
	charts := slices.Concat(closed(1000, 60, nurse), closed(2000, 37, otherStaff), closed(3000, 5, doctor))
	want := encounter.SampleCharts(charts, november())
	r := rand.New(rand.NewSource(22))
	for range 50 {
		r.Shuffle(len(charts), func(i, j int) { charts[i], charts[j] = charts[j], charts[i] })
		if diff := cmp.Diff(want, encounter.SampleCharts(charts, november())); diff != "" {
			t.Fatalf("the same charts in another order (-want +got):\n%s", diff)
		}
	}
	other := november()
	other.Seed = "2026-12"
	if cmp.Equal(drawn(want), drawn(encounter.SampleCharts(charts, other))) {
		t.Error("another seed draws the same charts")
	}
	last := map[glabella.NoteID]bool{}
	for percent := 0; percent <= 100; percent += 5 {
		p := november()
		p.Percent, p.Minimum = percent, 0
		now := drawn(encounter.SampleCharts(charts, p))
		for note := range last {
			if !now[note] {
				t.Fatalf("at %d percent, a chart is not drawn that was drawn at less", percent)
			}
		}
		last = now
	}
}

func TestEveryChartIsAsLikelyAsAnother(t *testing.T) {
	t.Parallel()
	charts, times := closed(1000, 20, nurse), map[glabella.NoteID]int{}
	for seed := range 1000 {
		p := november()
		p.Seed = fmt.Sprint(seed)
		for note := range drawn(encounter.SampleCharts(charts, p)) {
			times[note]++
		}
	}
	for _, c := range charts {
		if n := times[c.Note]; n < 60 || n > 140 { // a tenth of 1000, within four standard deviations
			t.Errorf("a chart was drawn %d times of 1000, want about 100", n)
		}
	}
}

func TestReviewsAreSpread(t *testing.T) {
	t.Parallel()
	p := november()
	p.Percent = 100
	given := map[glabella.StaffID]int{}
	for _, r := range encounter.SampleCharts(slices.Concat(closed(1000, 10, nurse), closed(2000, 4, doctor)), p) {
		given[r.Reviewer]++
	}
	if diff := cmp.Diff(map[glabella.StaffID]int{doctor: 5, otherStaff: 9}, given); diff != "" {
		t.Errorf("reviews by reviewer (-want +got):\n%s", diff)
	}
	p.Reviewers = []glabella.StaffID{nurse}
	for _, r := range encounter.SampleCharts(closed(1000, 3, nurse), p) {
		if !r.Reviewer.IsZero() {
			t.Error("a provider is to review their own chart")
		}
	}
}

func TestFinishReview(t *testing.T) {
	t.Parallel()
	r := encounter.Review{Note: noteID, Provider: nurse, Reviewer: doctor}
	done, err := r.Finish(otherStaff, encounter.ReviewConcern, morning)
	if err != nil || done.Reviewer != otherStaff || done.Outcome != encounter.ReviewConcern || !done.DoneAt.Equal(morning) || done.Validate() != nil {
		t.Errorf("Finish = %+v, %v", done, err)
	}
	var transition *glabella.TransitionError
	if again, err := done.Finish(doctor, encounter.ReviewMeets, morning); !errors.As(err, &transition) || again != done {
		t.Errorf("Finish again = %+v, %v, want a transition error", again, err)
	}
	if same, err := r.Finish(nurse, encounter.ReviewMeets, morning); !cmp.Equal(codesOf(t, err), []glabella.Code{encounter.CodeReviewOwn}) || same != r {
		t.Errorf("Finish by the provider = %+v, %v", same, err)
	}
	if same, err := r.Finish(doctor, "fine", morning); !cmp.Equal(placesOf(t, err), []place{{"/outcome", glabella.CodeUnknownValue}}) || same != r {
		t.Errorf("Finish with an unknown outcome = %+v, %v", same, err)
	}
	roundTrip(t, done)
}

func TestValidateReview(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		review encounter.Review
		want   []place
	}{
		{"open, of nobody yet", encounter.Review{Note: noteID, Provider: nurse}, nil},
		{"nothing", encounter.Review{}, []place{{"/note", glabella.CodeRequired}, {"/provider", glabella.CodeRequired}}},
		{"done by nobody, without an outcome", encounter.Review{Note: noteID, Provider: nurse, DoneAt: morning}, []place{{"/outcome", glabella.CodeUnknownValue}, {"/reviewer", glabella.CodeRequired}}},
		{"an outcome of what is not done, on one's own", encounter.Review{Note: noteID, Provider: nurse, Reviewer: nurse, Outcome: encounter.ReviewMeets}, []place{{"/doneAt", glabella.CodeRequired}, {"/reviewer", encounter.CodeReviewOwn}}},
	} {
		if diff := cmp.Diff(tt.want, placesOf(t, tt.review.Validate())); diff != "" {
			t.Errorf("%s: Validate (-want +got):\n%s", tt.name, diff)
		}
	}
	if err := november().Validate(); err != nil {
		t.Errorf("Validate of a plan = %v", err)
	}
	bad := encounter.SamplePlan{Percent: 101, Minimum: -1, From: on("2026-11-02"), To: on("2026-11-01"), Reviewers: []glabella.StaffID{{}, doctor, doctor}}
	want := []place{
		{"/minimum", glabella.CodeOutOfRange}, {"/percent", glabella.CodeOutOfRange}, {"/reviewers/0", glabella.CodeRequired},
		{"/reviewers/2", glabella.CodeDuplicate}, {"/seed", glabella.CodeRequired}, {"/to", glabella.CodeOutOfRange},
	}
	if diff := cmp.Diff(want, placesOf(t, bad.Validate())); diff != "" {
		t.Errorf("Validate of a plan (-want +got):\n%s", diff)
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	reviews := encounter.SampleCharts(slices.Concat(closed(1000, 30, nurse), closed(2000, 5, otherStaff)), november())
	for i, r := range reviews {
		if r.Provider == nurse {
			continue
		}
		done, err := r.Finish(doctor, encounter.ReviewOutcomes()[i%2], morning)
		if err != nil {
			t.Fatal(err)
		}
		reviews[i] = done
	}
	want := []encounter.ReviewProgress{
		{Provider: nurse, Drawn: 3, Outcomes: map[encounter.ReviewOutcome]int{}},
		{Provider: otherStaff, Drawn: 2, Done: 2, Outcomes: map[encounter.ReviewOutcome]int{encounter.ReviewMeets: 1, encounter.ReviewImprove: 1}},
	}
	got := encounter.Progress(reviews)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Progress (-want +got):\n%s", diff)
	}
	if got[0].Complete() || !got[1].Complete() {
		t.Error("Complete does not tell who is done")
	}
}

// The same seed draws the same charts again, whoever asks.
func ExampleSampleCharts() {
	plan := encounter.SamplePlan{Percent: 10, Minimum: 1, Seed: "2026-11", From: on("2026-11-01"), To: on("2026-11-30"), Reviewers: []glabella.StaffID{doctor}}
	reviews := encounter.SampleCharts(closed(1000, 40, nurse), plan)
	reviews[0], _ = reviews[0].Finish(doctor, encounter.ReviewMeets, morning)
	for _, p := range encounter.Progress(reviews) {
		fmt.Println(p.Done, "of", p.Drawn)
	}
	// Output: 1 of 4
}
