package audit_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
)

var officer = glabella.MustParseID[glabella.StaffID]("01890000-0000-7000-8000-0000000000a2")

// finding returns what a watch finds in a nurse's access to a namesake's record.
func finding(t testing.TB) audit.Finding {
	t.Helper()
	w, err := audit.NewWatch(told{onDuty: true, surname: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.See(opens(noon, 0, 0, 1)[0])
	got := w.Finish()
	if len(got) != 1 {
		t.Fatalf("found %+v", got)
	}
	return got[0]
}

func TestAFindingIsDecidedOnAndReopened(t *testing.T) {
	t.Parallel()
	f := finding(t)
	later := noon.Add(time.Hour)
	dismissed, err := f.Dismiss(officer, later, " covered for a colleague ")
	if err != nil {
		t.Fatal(err)
	}
	reopened, err := dismissed.Reopen(officer, later.Add(time.Hour), "there was nobody to cover for")
	if err != nil {
		t.Fatal(err)
	}
	confirmed, err := reopened.Confirm(officer, later.Add(2*time.Hour), "said so")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		f       audit.Finding
		state   audit.FindingState
		reviews int
	}{{f, audit.FindingOpen, 0}, {dismissed, audit.FindingDismissed, 1}, {reopened, audit.FindingOpen, 2}, {confirmed, audit.FindingConfirmed, 3}} {
		if tt.f.State != tt.state || len(tt.f.Reviews) != tt.reviews {
			t.Errorf("state %s after %d reviews, want %s after %d", tt.f.State, len(tt.f.Reviews), tt.state, tt.reviews)
		}
		if err := tt.f.Validate(); err != nil {
			t.Errorf("Validate(%s) = %v", tt.state, err)
		}
		b, err := json.Marshal(tt.f)
		if err != nil {
			t.Fatal(err)
		}
		var again audit.Finding
		if err := json.Unmarshal(b, &again); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.f, again); diff != "" {
			t.Errorf("stored and read (-want +got):\n%s", diff)
		}
	}
	if by, at := confirmed.ReviewedBy(); by != officer || !at.Equal(later.Add(2*time.Hour)) {
		t.Errorf("ReviewedBy = %s, %s", by, at)
	}
	if dismissed.Reviews[0].Reason != "covered for a colleague" {
		t.Errorf("the reason is %q", dismissed.Reviews[0].Reason)
	}
}

func TestReviewsThatCannotBe(t *testing.T) {
	t.Parallel()
	f := finding(t)
	later := noon.Add(time.Hour)
	dismissed, err := f.Dismiss(officer, later, "a mistake")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		review func() (audit.Finding, error)
		code   glabella.Code // "" for a transition
	}{
		{"by the one whom it is about", func() (audit.Finding, error) { return f.Dismiss(nurse, later, "fine") }, audit.CodeReviewOwn},
		{"by nobody", func() (audit.Finding, error) { return f.Confirm(glabella.StaffID{}, later, "fine") }, audit.CodeReviewOwn},
		{"without a reason", func() (audit.Finding, error) { return f.Confirm(officer, later, " ") }, audit.CodeReviewReason},
		{"before the access", func() (audit.Finding, error) { return f.Dismiss(officer, noon.Add(-time.Second), "fine") }, audit.CodeReviewEarly},
		{"before the last review", func() (audit.Finding, error) { return dismissed.Reopen(officer, noon, "hm") }, audit.CodeReviewEarly},
		{"of what is dismissed", func() (audit.Finding, error) { return dismissed.Confirm(officer, later, "hm") }, ""},
		{"of what is open, to open it", func() (audit.Finding, error) { return f.Reopen(officer, later, "hm") }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.review()
			var refused *glabella.RefusedError
			var invalid *glabella.ValidationError
			var transition *glabella.TransitionError
			switch {
			case tt.code == "" && errors.As(err, &transition):
			case errors.As(err, &refused) && refused.Decision.Has(tt.code):
			case errors.As(err, &invalid) && invalid.Issues[0].Code == tt.code:
			default:
				t.Errorf("error %v, want %q", err, tt.code)
			}
			if len(got.Reviews) > 1 || got.State == audit.FindingConfirmed {
				t.Errorf("the finding was changed: %+v", got)
			}
		})
	}
}

func TestAFindingThatContradictsItselfIsInvalid(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(f *audit.Finding)
		path   string
	}{
		{"a state without a review", func(f *audit.Finding) { f.State = audit.FindingDismissed }, "/state"},
		{"no state", func(f *audit.Finding) { f.State = "" }, "/state"},
		{"a rule that is not the first signal's", func(f *audit.Finding) { f.Rule = audit.CodeVolume }, "/rule"},
		{"a rule that there is not", func(f *audit.Finding) { f.Signals[1].Rule = "tea" }, "/signals/1/rule"},
		{"another score", func(f *audit.Finding) { f.Score = 1 }, "/score"},
		{"evidence that goes back", func(f *audit.Finding) { f.Evidence, f.Entries = []uint64{5, 5}, 2 }, "/evidence/1"},
		{"no evidence", func(f *audit.Finding) { f.Evidence = nil }, "/evidence"},
		{"fewer entries than are named", func(f *audit.Finding) { f.Entries = 0 }, "/entries"},
		{"a review by the user", func(f *audit.Finding) {
			f.Reviews = []audit.Review{{Action: "dismiss", By: nurse, At: noon, Reason: "fine"}}
			f.State = audit.FindingDismissed
		}, "/reviews/0/by"},
		{"a review that does nothing", func(f *audit.Finding) {
			f.Reviews = []audit.Review{{Action: "look", By: officer, At: noon, Reason: "fine"}}
		}, "/reviews/0/action"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := finding(t)
			tt.change(&f)
			var invalid *glabella.ValidationError
			if err := f.Validate(); !errors.As(err, &invalid) || invalid.Issues[0].Path != tt.path {
				t.Errorf("Validate() = %v, want an issue at %s", err, tt.path)
			}
		})
	}
}

func TestAFindingExplainsItself(t *testing.T) {
	t.Parallel()
	d := finding(t).Decision()
	if d.Outcome != glabella.Warn || len(d.Reasons) != 2 {
		t.Fatalf("Decision = %v", d)
	}
	for _, r := range d.Reasons {
		if r.Text == "" || r.Fix == "" || r.Source == "" || len(r.Refs) != 2 {
			t.Errorf("reason %+v lacks a text, a fix, a source or its references", r)
		}
	}
}

func TestRulesAreComplete(t *testing.T) {
	t.Parallel()
	seen := map[glabella.Code]bool{}
	for _, r := range audit.AnomalyRules() {
		if seen[r.Code] || r.Weight <= 0 || r.Weight > 100 || r.Text == "" || r.Fix == "" || r.Source == "" {
			t.Errorf("rule %+v", r)
		}
		seen[r.Code] = true
	}
	if len(seen) != 20 {
		t.Errorf("%d rules, want 20", len(seen))
	}
}
