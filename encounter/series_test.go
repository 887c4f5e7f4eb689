package encounter_test

import (
	"errors"
	"math/rand"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/treatment"
)

const sculptraLabel = "Sculptra patient guide: up to 4 sessions about 3 weeks apart"

// course is a draft of three sessions, three to six weeks apart, of which the plan
// may hold four.
func course(changes ...func(*encounter.Series)) encounter.Series {
	session := encounter.SeriesStep{Treatment: "plla", Product: "sculptra", Regions: []string{"cheek"}, MinDays: 21, MaxDays: 42, Basis: treatment.BasisLabel, Source: sculptraLabel, State: encounter.StepPending}
	s := encounter.Series{
		ID: id[glabella.SeriesID](400), Patient: patientID, Author: doctor, Name: "Volume, three sessions", State: encounter.SeriesDraft,
		Steps:      []encounter.SeriesStep{session, session, session},
		Limits:     []encounter.SessionLimit{{Treatment: "plla", Sessions: 4, Basis: treatment.BasisLabel, Source: sculptraLabel}},
		Goals:      []encounter.Goal{{Text: "fuller cheeks"}},
		Provenance: glabella.Provenance{Source: glabella.SourceEntered, Author: doctor.Ref(), RecordedAt: morning},
	}
	for _, change := range changes {
		change(&s)
	}
	return s
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// begun is the course after its first session on 3 November.
func begun(t testing.TB) encounter.Series {
	t.Helper()
	ok := must[encounter.Series](t)
	return ok(ok(course().Start(day("2026-11-01"))).RecordStep(0, visitID, day("2026-11-03")))
}

func TestSeriesRunsToItsEnd(t *testing.T) {
	t.Parallel()
	ok := must[encounter.Series](t)
	s := begun(t)
	before := s
	s = ok(s.Hold("patient-away"))
	if _, found := s.Next(day("2026-12-01")); found {
		t.Error("Next of a plan on hold found a step")
	}
	if s.Validate() != nil {
		t.Errorf("on hold: %v", s.Validate())
	}
	s = ok(s.Resume())
	s = ok(s.PlanStep(1, day("2026-11-24")))
	if before.Steps[1].PlannedOn != (glabella.Date{}) {
		t.Error("PlanStep changed the plan that it was called on")
	}
	s = ok(s.Skip(1, day("2026-11-24"), "patient-declined"))
	if s.State != encounter.SeriesActive {
		t.Errorf("with a step to be done: state %s", s.State)
	}
	s = ok(s.RecordStep(2, id[glabella.EncounterID](77), day("2026-12-01")))
	if s.State != encounter.SeriesCompleted || s.EndedOn != day("2026-12-01") {
		t.Errorf("after the last step: state %s, ended on %s", s.State, s.EndedOn)
	}
	if err := s.Validate(); err != nil {
		t.Error(err)
	}
	roundTrip(t, s)
	var transition *glabella.TransitionError
	if _, err := s.Cancel(day("2026-12-02"), "patient-declined"); !errors.As(err, &transition) {
		t.Errorf("Cancel of a completed plan: error %v, want a TransitionError", err)
	}
}

func TestSeriesRefusesStepsThatAreSettled(t *testing.T) {
	t.Parallel()
	s := begun(t)
	for _, step := range []int{-1, 0, 3} {
		got, err := s.RecordStep(step, visitID, day("2026-12-01"))
		if diff := cmp.Diff([]glabella.Code{encounter.CodeSeriesStep}, codesOf(t, err)); diff != "" {
			t.Errorf("RecordStep(%d) (-want +got):\n%s", step, diff)
		}
		if diff := cmp.Diff(s, got); diff != "" {
			t.Errorf("RecordStep(%d) was refused and changed the plan:\n%s", step, diff)
		}
	}
}

func TestSeriesRevise(t *testing.T) {
	t.Parallel()
	review := encounter.SeriesStep{Treatment: "review", Basis: treatment.BasisCommonPractice, MinDays: 14, State: encounter.StepDone, DoneOn: day("2026-01-01"), Encounter: visitID}
	s := must[encounter.Series](t)(begun(t).Revise([]encounter.SeriesStep{review}))
	if len(s.Steps) != 2 || s.Steps[0].State != encounter.StepDone || s.Steps[1].State != encounter.StepPending || s.Steps[1].Treatment != "review" {
		t.Errorf("Revise = %+v, want the settled step and the new one, still to be done", s.Steps)
	}
	if err := s.Validate(); err != nil {
		t.Error(err)
	}
	if _, err := s.Revise(nil); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Revise to nothing: error %v, want ErrInvalid", err)
	}
}

func TestSeriesValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*encounter.Series)
		want   []string
	}{
		{name: "a draft", change: func(*encounter.Series) {}},
		{name: "no steps", change: func(s *encounter.Series) { s.Steps = nil }, want: []string{"/steps out-of-range"}},
		{name: "active without a first day", change: func(s *encounter.Series) { s.State = encounter.SeriesActive }, want: []string{"/startedOn required"}},
		{name: "a draft with a last day", change: func(s *encounter.Series) { s.EndedOn = day("2026-11-03") }, want: []string{"/endedOn mismatch"}},
		{name: "cancelled without a reason", change: func(s *encounter.Series) { s.State, s.EndedOn = encounter.SeriesCancelled, day("2026-11-03") }, want: []string{"/reason mismatch"}},
		{name: "no such state", change: func(s *encounter.Series) { s.State = "done" }, want: []string{"/state unknown-value"}},
		{name: "the greatest delay below the least", change: func(s *encounter.Series) { s.Steps[1].MaxDays = 20 }, want: []string{"/steps/1/maxDays out-of-range"}},
		{name: "a label without a citation", change: func(s *encounter.Series) { s.Steps[1].Source = "" }, want: []string{"/steps/1/source required"}},
		{name: "a delay that rests on nothing", change: func(s *encounter.Series) { s.Steps[1].Basis = "" }, want: []string{"/steps/1/basis unknown-value"}},
		{name: "a step done in a draft", change: func(s *encounter.Series) {
			s.Steps[0].State, s.Steps[0].DoneOn, s.Steps[0].Encounter = encounter.StepDone, day("2026-11-03"), visitID
		}, want: []string{"/steps/0/state mismatch"}},
		{name: "a pending step with a visit", change: func(s *encounter.Series) { s.Steps[0].Encounter = visitID }, want: []string{"/steps/0/encounter mismatch"}},
		{name: "a limit of nothing", change: func(s *encounter.Series) { s.Limits[0].Sessions = 0 }, want: []string{"/limits/0/sessions out-of-range"}},
		{name: "two limits of one treatment", change: func(s *encounter.Series) { s.Limits = append(s.Limits, s.Limits[0]) }, want: []string{"/limits/1/treatment duplicate"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := course(tt.change)
			if diff := cmp.Diff(tt.want, issuePlaces(t, s.Validate())); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSeriesNext(t *testing.T) {
	t.Parallel()
	s := begun(t)
	for _, tt := range []struct {
		today, earliest, latest string
		overdue                 bool
	}{
		{"2026-11-04", "2026-11-24", "2026-12-15", false},
		{"2026-11-24", "2026-11-24", "2026-12-15", false},
		{"2026-12-15", "2026-12-15", "2026-12-15", false},
		{"2026-12-16", "2026-12-16", "2026-12-15", true},
	} {
		due, ok := s.Next(day(tt.today))
		if !ok || due.Index != 1 || due.Earliest != day(tt.earliest) || due.Latest != day(tt.latest) || due.Overdue != tt.overdue {
			t.Errorf("Next(%s) = %d from %s to %s, overdue %v, %v, want 1 from %s to %s, overdue %v", tt.today, due.Index, due.Earliest, due.Latest, due.Overdue, ok, tt.earliest, tt.latest, tt.overdue)
		}
	}
	if due, ok := course().Next(day("2026-11-04")); ok {
		t.Errorf("Next of a draft = %v", due)
	}
	first, ok := must[encounter.Series](t)(course().Start(day("2026-11-01"))).Next(day("2026-11-02"))
	if !ok || first.Index != 0 || first.Earliest != day("2026-11-02") || !first.Latest.IsZero() {
		t.Errorf("Next of a plan just started = %+v, %v, want the first step, today, with no latest day", first, ok)
	}
}

func TestMayBookStep(t *testing.T) {
	t.Parallel()
	law := func(s *encounter.Series) {
		s.Steps[1].Basis, s.Steps[1].Source = treatment.BasisRegulation, "Example Act, section 1"
	}
	limitOf := func(n int, b treatment.Basis) func(*encounter.Series) {
		return func(s *encounter.Series) { s.Limits[0].Sessions, s.Limits[0].Basis = n, b }
	}
	for _, tt := range []struct {
		name    string
		change  func(*encounter.Series)
		step    int
		on      string
		outcome glabella.Outcome
		want    []glabella.Code
	}{
		{name: "the earliest day", step: 1, on: "2026-11-24", outcome: glabella.Allow, want: []glabella.Code{}},
		{name: "the day before it", step: 1, on: "2026-11-23", outcome: glabella.Warn, want: []glabella.Code{encounter.CodeSeriesEarly}},
		{name: "a delay that a law demands", change: law, step: 1, on: "2026-11-23", outcome: glabella.Deny, want: []glabella.Code{encounter.CodeSeriesEarly}},
		{name: "the latest day", step: 1, on: "2026-12-15", outcome: glabella.Allow, want: []glabella.Code{}},
		{name: "the day after it", step: 1, on: "2026-12-16", outcome: glabella.Warn, want: []glabella.Code{encounter.CodeSeriesLate}},
		{name: "a step before the one that comes first", step: 2, on: "2026-12-20", outcome: glabella.Warn, want: []glabella.Code{encounter.CodeSeriesOrder, encounter.CodeSeriesLate}},
		{name: "after a step that is booked", change: func(s *encounter.Series) { s.Steps[1].PlannedOn = day("2026-11-24") }, step: 2, on: "2026-12-15", outcome: glabella.Allow, want: []glabella.Code{}},
		{name: "too soon after a step that is booked", change: func(s *encounter.Series) { s.Steps[1].PlannedOn = day("2026-11-24") }, step: 2, on: "2026-12-14", outcome: glabella.Warn, want: []glabella.Code{encounter.CodeSeriesEarly}},
		{name: "too close before the step that is booked next", change: func(s *encounter.Series) { s.Steps[2].PlannedOn = day("2026-12-15") }, step: 1, on: "2026-11-25", outcome: glabella.Warn, want: []glabella.Code{encounter.CodeSeriesEarly}},
		{name: "just far enough before it", change: func(s *encounter.Series) { s.Steps[2].PlannedOn = day("2026-12-15") }, step: 1, on: "2026-11-24", outcome: glabella.Allow, want: []glabella.Code{}},
		{name: "after a step that was skipped", change: func(s *encounter.Series) { s.Steps[1].State, s.Steps[1].Reason = encounter.StepSkipped, "illness" }, step: 2, on: "2026-11-24", outcome: glabella.Allow, want: []glabella.Code{}},
		{name: "as many sessions as the plan may hold", change: limitOf(1, treatment.BasisCommonPractice), step: 1, on: "2026-11-24", outcome: glabella.Warn, want: []glabella.Code{encounter.CodeSeriesSessions}},
		{name: "as many sessions as a law allows", change: limitOf(1, treatment.BasisRegulation), step: 1, on: "2026-11-24", outcome: glabella.Deny, want: []glabella.Code{encounter.CodeSeriesSessions}},
		{name: "one session fewer", change: limitOf(2, treatment.BasisRegulation), step: 1, on: "2026-11-24", outcome: glabella.Allow, want: []glabella.Code{}},
		{name: "a limit of another treatment", change: func(s *encounter.Series) { s.Limits[0].Treatment, s.Limits[0].Sessions = "review", 1 }, step: 1, on: "2026-11-24", outcome: glabella.Allow, want: []glabella.Code{}},
		{name: "a step that was done", step: 0, on: "2026-11-24", outcome: glabella.Deny, want: []glabella.Code{encounter.CodeSeriesStep}},
		{name: "a plan on hold says everything", change: func(s *encounter.Series) { s.State = encounter.SeriesOnHold }, step: 1, on: "2026-11-23", outcome: glabella.Deny, want: []glabella.Code{encounter.CodeSeriesInactive, encounter.CodeSeriesEarly}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := begun(t)
			if tt.change != nil {
				tt.change(&s)
			}
			d := encounter.MayBookStep(s, tt.step, day(tt.on))
			if diff := cmp.Diff(tt.want, d.Codes()); diff != "" || d.Outcome != tt.outcome {
				t.Errorf("MayBookStep(%d, %s) = %v, want %s (-want +got):\n%s", tt.step, tt.on, d, tt.outcome, diff)
			}
			for _, r := range d.Reasons {
				if r.Fix == "" || len(r.Refs) == 0 {
					t.Errorf("reason %s has no fix or is about nothing", r.Code)
				}
				if (r.Code == encounter.CodeSeriesEarly || r.Code == encounter.CodeSeriesSessions) && r.Source == "" {
					t.Errorf("reason %s has no source", r.Code)
				}
			}
		})
	}
}

// Whatever the delays, the day that Next names is one that MayBookStep does not
// find too early, and the day before it, unless it is past, is.
func TestNextAndMayBookStepAgree(t *testing.T) {
	t.Parallel()
	ok := must[encounter.Series](t)
	rnd := rand.New(rand.NewSource(42))
	for range 500 {
		today := day("2026-11-01")
		s := course(func(s *encounter.Series) {
			s.Limits = nil
			for i := range s.Steps {
				s.Steps[i].MinDays = rnd.Intn(60)
				s.Steps[i].MaxDays = s.Steps[i].MinDays + rnd.Intn(30)
			}
		})
		s = ok(s.Start(today))
		for {
			due, found := s.Next(today)
			if !found {
				break
			}
			if d := encounter.MayBookStep(s, due.Index, due.Earliest); d.Has(encounter.CodeSeriesEarly) {
				t.Fatalf("MayBookStep(%s) = %v for the earliest day of %+v", due.Earliest, d, due)
			}
			if due.Earliest.After(today) && !encounter.MayBookStep(s, due.Index, due.Earliest.AddDays(-1)).Has(encounter.CodeSeriesEarly) {
				t.Fatalf("the day before %s is not too early for %+v", due.Earliest, due)
			}
			today = due.Earliest.AddDays(rnd.Intn(10))
			s = ok(s.RecordStep(due.Index, visitID, today))
		}
		if s.State != encounter.SeriesCompleted || s.Validate() != nil {
			t.Fatalf("the plan ended as %s: %v", s.State, s.Validate())
		}
	}
}

func TestSeriesCancel(t *testing.T) {
	t.Parallel()
	s := begun(t)
	cancelled := must[encounter.Series](t)(s.Cancel(day("2026-11-20"), "patient-moved"))
	if cancelled.State != encounter.SeriesCancelled || cancelled.EndedOn != day("2026-11-20") || cancelled.Validate() != nil {
		t.Errorf("Cancel = %+v, %v", cancelled, cancelled.Validate())
	}
	if due, ok := cancelled.Next(day("2026-11-24")); ok {
		t.Errorf("Next of a cancelled plan = %+v", due)
	}
	want := encounter.SeriesStarted{Series: s.ID, Patient: patientID, Treatments: []string{"plla", "plla", "plla"}}
	if diff := cmp.Diff(want, s.Event()); diff != "" {
		t.Errorf("Event (-want +got):\n%s", diff)
	}
}

func TestSeriesCitesCommonPracticeAsSuch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, source, want string
	}{
		{"without a source", "", "common practice; edit to the clinic's own policy"},
		{"with a source", "clinic protocol 7", "common practice: clinic protocol 7"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := begun(t)
			s.Steps[1].Basis, s.Steps[1].Source = treatment.BasisCommonPractice, tt.source
			d := encounter.MayBookStep(s, 1, day("2026-11-10"))
			if len(d.Reasons) != 1 || d.Outcome != glabella.Warn || d.Reasons[0].Source != tt.want {
				t.Errorf("MayBookStep = %+v, want a warning by %q", d, tt.want)
			}
		})
	}
}
