package audit_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
)

// shift is a journal in which a nurse and the officer take turns, an hour each,
// with a program between.
func shift(t testing.TB, n int) *memJournal {
	t.Helper()
	j := &memJournal{}
	for i := range n {
		actor := []glabella.Actor{by(nurse, glabella.PurposeTreatment), by(officer, glabella.PurposeOperations), glabella.SystemActor("import")}[i%3]
		if _, err := audit.Add(t.Context(), j, audit.Record{At: noon.Add(time.Duration(i) * time.Minute), Action: "patient.read", Outcome: audit.Read, Actor: actor, Subject: ada.Ref()}); err != nil {
			t.Fatal(err)
		}
	}
	return j
}

func draw(t testing.TB, j *memJournal, wanted int) audit.ActivityReview {
	t.Helper()
	r, err := audit.DrawReview(t.Context(), j, number[glabella.ActivityReviewID](5, 0), officer, noon.Add(30*time.Minute), noon.Add(330*time.Minute), wanted)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestASampleIsDrawnByTheJournalItself(t *testing.T) {
	t.Parallel()
	j := shift(t, 400)
	r := draw(t, j, 12)
	if len(r.Sample) != 12 || !slices.IsSorted(r.Sample) {
		t.Fatalf("the sample is %v", r.Sample)
	}
	for _, seq := range r.Sample {
		if seq%3 != 0 || seq < 30 || seq >= 330 {
			t.Errorf("entry %d is not of the nurse or not of the time", seq)
		}
	}
	if diff := cmp.Diff(r, draw(t, j, 12)); diff != "" {
		t.Errorf("drawn again (-want +got):\n%s", diff)
	}
	if grown := draw(t, shift(t, 401), 12); slices.Equal(grown.Sample, r.Sample) {
		t.Error("another journal gives the same sample")
	}
	// A smaller sample is a part of a larger one: the lots decide, not the order.
	for _, seq := range draw(t, j, 4).Sample {
		if !slices.Contains(r.Sample, seq) {
			t.Errorf("entry %d is in the smaller sample only", seq)
		}
	}
	if all := draw(t, j, 1000); len(all.Sample) != 100 {
		t.Errorf("%d entries can be drawn, want 100", len(all.Sample))
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var again audit.ActivityReview
	if err := json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, again); diff != "" {
		t.Errorf("stored and read (-want +got):\n%s", diff)
	}
}

func TestAReviewIsSignedOnceItsFindingsAreDecidedOn(t *testing.T) {
	t.Parallel()
	later := noon.AddDate(0, 0, 2)
	r := draw(t, shift(t, 400), 5)
	f := finding(t)
	r.Findings = []glabella.FindingID{f.ID}
	dismissed, err := f.Dismiss(officer, later, "covered for a colleague")
	if err != nil {
		t.Fatal(err)
	}
	own := f
	own.Staff = officer
	empty := r
	empty.Sample, empty.Findings = nil, nil
	for _, tt := range []struct {
		name     string
		r        audit.ActivityReview
		by       glabella.StaffID
		findings []audit.Finding
		want     []glabella.Code
	}{
		{"with every finding decided on", r, officer, []audit.Finding{dismissed}, []glabella.Code{}},
		{"with a finding that is open", r, officer, []audit.Finding{f}, []glabella.Code{audit.CodeFindingsOpen}},
		{"with a finding that was not found", r, officer, nil, []glabella.Code{audit.CodeFindingsOpen}},
		{"with a finding about the reviewer", r, officer, []audit.Finding{own}, []glabella.Code{}},
		{"by somebody else", r, nurse, []audit.Finding{dismissed}, []glabella.Code{audit.CodeReviewer}},
		{"of nothing", empty, officer, nil, []glabella.Code{audit.CodeNoSample}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, tt.r.MaySign(tt.by, tt.findings).Codes()); diff != "" {
				t.Errorf("MaySign (-want +got):\n%s", diff)
			}
			got, err := tt.r.Sign(tt.by, later, " nothing unusual ", tt.findings)
			if (err == nil) != (len(tt.want) == 0) {
				t.Fatalf("Sign = %v", err)
			}
			if err == nil && (got.State != audit.ReviewSigned || !got.SignedAt.Equal(later) || got.Remark != "nothing unusual") {
				t.Errorf("Sign = %+v", got)
			}
			if err != nil && got.State != audit.ReviewDue {
				t.Errorf("the review was changed: %+v", got)
			}
		})
	}
	signed, err := empty.Sign(officer, later, "", nil, audit.CodeNoSample)
	if err != nil {
		t.Fatalf("Sign with the warning acknowledged = %v", err)
	}
	var transition *glabella.TransitionError
	if _, err := signed.Sign(officer, later, "", nil, audit.CodeNoSample); !errors.As(err, &transition) {
		t.Errorf("Sign again = %v", err)
	}
	if _, err := r.Sign(officer, noon, "", []audit.Finding{dismissed}); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Sign before the end of the time = %v", err)
	}
}

func TestReviewsThatAreNotValid(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*audit.ActivityReview)
		path   string
	}{
		{"a time that ends before it begins", func(r *audit.ActivityReview) { r.To = r.From }, "/to"},
		{"a root that is none", func(r *audit.ActivityReview) { r.Root = "abc" }, "/root"},
		{"an entry that the journal does not have", func(r *audit.ActivityReview) { r.Sample = []uint64{r.Size} }, "/sample/0"},
		{"an entry twice", func(r *audit.ActivityReview) { r.Sample = []uint64{1, 1} }, "/sample/1"},
		{"no state", func(r *audit.ActivityReview) { r.State = "" }, "/state"},
		{"signed without a time", func(r *audit.ActivityReview) { r.State = audit.ReviewSigned }, "/signedAt"},
		{"a time of signing without a signature", func(r *audit.ActivityReview) { r.SignedAt = r.To }, "/signedAt"},
		{"no reviewer", func(r *audit.ActivityReview) { r.Reviewer = glabella.StaffID{} }, "/reviewer"},
		{"a sample of nothing", func(r *audit.ActivityReview) { r.Wanted = 0 }, "/wanted"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := draw(t, shift(t, 60), 3)
			tt.change(&r)
			var invalid *glabella.ValidationError
			if err := r.Validate(); !errors.As(err, &invalid) || len(invalid.Issues) != 1 || invalid.Issues[0].Path != tt.path {
				t.Errorf("Validate() = %v, want an issue at %s only", err, tt.path)
			}
		})
	}
	if _, err := audit.DrawReview(t.Context(), shift(t, 3), number[glabella.ActivityReviewID](5, 0), officer, noon, noon, 3); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("DrawReview of no time = %v", err)
	}
}
