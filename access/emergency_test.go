package access_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
)

var colleague = id[glabella.StaffID]("colleague")

// opened is the record of Jo, opened at noon by the nurse.
func opened() access.BreakGlass {
	return access.DefaultPolicy().Emergency.Open(access.BreakGlass{
		ID: id[glabella.BreakGlassID]("grant"), Patient: jo, By: nurse, Site: main, Reason: "anaphylaxis",
	}, noon)
}

func TestOpenGivesTheTimesOfTheTerms(t *testing.T) {
	t.Parallel()
	local := noon.Add(999).In(time.FixedZone("somewhere", 3600))
	got := access.EmergencyTerms{Length: 20 * time.Minute, ReviewWithin: 24 * time.Hour}.Open(access.BreakGlass{Reason: "reaction"}, local)
	want := access.BreakGlass{Reason: "reaction", State: access.BreakGlassOpen, From: noon, Until: noon.Add(20 * time.Minute), ReviewDue: noon.Add(24 * time.Hour)}
	if diff := cmp.Diff(want, got); diff != "" || got.From.Location() != time.UTC {
		t.Errorf("Open in %v (-want +got):\n%s", got.From.Location(), diff)
	}
	if err := opened().Validate(); err != nil {
		t.Errorf("what was opened is not valid: %v", err)
	}
	if err := (access.EmergencyTerms{}).Open(opened(), noon).Validate(); err == nil {
		t.Error("terms that open nothing give an access that is valid")
	}
}

func TestBreakGlassReview(t *testing.T) {
	t.Parallel()
	ended, err := opened().End(noon.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	over := noon.Add(time.Hour)
	for _, tt := range []struct {
		name    string
		access  access.BreakGlass
		by      glabella.StaffID
		finding access.Finding
		at      time.Time
		want    []glabella.Code
	}{
		{"someone else reviews what is over", opened(), colleague, access.FindingAppropriate, over, nil},
		{"who ended it early may be reviewed early", ended, colleague, access.FindingInappropriate, noon.Add(time.Minute), nil},
		{"nobody reviews their own", opened(), nurse, access.FindingAppropriate, over, []glabella.Code{access.CodeReviewOwn}},
		{"not while the record is open", opened(), colleague, access.FindingAppropriate, over.Add(-1), []glabella.Code{access.CodeReviewEarly}},
		{"both at once", opened(), nurse, access.FindingAppropriate, noon, []glabella.Code{access.CodeReviewOwn, access.CodeReviewEarly}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.access.Review(tt.by, tt.finding, tt.at)
			if len(tt.want) > 0 {
				var refused *glabella.RefusedError
				if !errors.As(err, &refused) {
					t.Fatalf("Review = %v, want a refusal", err)
				}
				if diff := cmp.Diff(tt.want, refused.Decision.Codes()); diff != "" {
					t.Errorf("codes (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(tt.access, got); diff != "" {
					t.Errorf("what was refused changed (-want +got):\n%s", diff)
				}
				return
			}
			want := tt.access
			want.State, want.ReviewedBy, want.ReviewedAt, want.Finding = access.BreakGlassReviewed, tt.by, tt.at, tt.finding
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("Review = %v (-want +got):\n%s", err, diff)
			}
			if err := got.Validate(); err != nil {
				t.Errorf("what was reviewed is not valid: %v", err)
			}
			var illegal *glabella.TransitionError
			if _, err := got.Review(colleague, access.FindingInappropriate, tt.at); !errors.As(err, &illegal) {
				t.Errorf("a second review = %v, want a transition error", err)
			}
			if _, err := got.End(tt.at); !errors.As(err, &illegal) {
				t.Errorf("the end of what was reviewed = %v, want a transition error", err)
			}
		})
	}
	for name, review := range map[string]func() (access.BreakGlass, error){
		"nobody": func() (access.BreakGlass, error) {
			return opened().Review(glabella.StaffID{}, access.FindingAppropriate, over)
		},
		"no finding": func() (access.BreakGlass, error) { return opened().Review(colleague, "fine", over) },
	} {
		if got, err := review(); !errors.Is(err, glabella.ErrInvalid) || got.State != access.BreakGlassOpen {
			t.Errorf("%s reviews = %v, %v, want it invalid", name, got.State, err)
		}
	}
}

func TestBreakGlassEnds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		at, until time.Time
	}{
		{"before its time", noon.Add(10 * time.Minute), noon.Add(10 * time.Minute)},
		{"after its time, which stays what it was", noon.Add(2 * time.Hour), noon.Add(time.Hour)},
		{"by a clock that is behind", noon.Add(-time.Second), noon.Add(time.Hour)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := opened().End(tt.at)
			if err != nil || got.State != access.BreakGlassEnded || !got.Until.Equal(tt.until) {
				t.Errorf("End = %s until %v, %v, want until %v", got.State, got.Until, err, tt.until)
			}
			if err := got.Validate(); err != nil || got.InForce(noon.Add(time.Second)) {
				t.Errorf("after its end: %v, in force %t", err, got.InForce(noon.Add(time.Second)))
			}
		})
	}
}

func TestBreakGlassTimes(t *testing.T) {
	t.Parallel()
	b := opened()
	for at, want := range map[time.Duration]bool{-1: false, 0: true, time.Hour - 1: true, time.Hour: false} {
		if got := b.InForce(noon.Add(at)); got != want {
			t.Errorf("InForce %v after it was opened = %t, want %t", at, got, want)
		}
	}
	if b.Overdue(noon.Add(72*time.Hour)) || !b.Overdue(noon.Add(72*time.Hour+1)) {
		t.Error("the review is due after 72 hours")
	}
	b, err := b.Review(colleague, access.FindingAppropriate, noon.Add(100*time.Hour))
	if err != nil || b.Overdue(noon.Add(200*time.Hour)) {
		t.Errorf("what was reviewed is overdue (%v)", err)
	}
}

func TestBreakGlassValidate(t *testing.T) {
	t.Parallel()
	type breakGlass = access.BreakGlass
	for _, tt := range []struct {
		name   string
		change func(b *breakGlass)
		want   map[string]glabella.Code
	}{
		{"nothing is wrong", func(*breakGlass) {}, map[string]glabella.Code{}},
		{"nothing is given", func(b *breakGlass) { *b = breakGlass{} }, map[string]glabella.Code{
			"/id": glabella.CodeRequired, "/patient": glabella.CodeRequired, "/by": glabella.CodeRequired, "/reason": glabella.CodeRequired,
			"/state": glabella.CodeUnknownValue, "/from": glabella.CodeRequired, "/until": glabella.CodeOutOfRange,
		}},
		{"reviewed by oneself, without a finding, too early", func(b *breakGlass) {
			b.State, b.ReviewedBy, b.ReviewedAt = access.BreakGlassReviewed, nurse, noon.Add(-1)
		}, map[string]glabella.Code{"/reviewedBy": glabella.CodeMismatch, "/reviewedAt": glabella.CodeOutOfRange, "/finding": glabella.CodeMismatch}},
		{"a review of what was not reviewed", func(b *breakGlass) {
			b.ReviewedBy, b.ReviewedAt, b.Finding = colleague, noon, access.FindingAppropriate
		}, map[string]glabella.Code{"/reviewedBy": glabella.CodeMismatch, "/reviewedAt": glabella.CodeMismatch, "/finding": glabella.CodeMismatch}},
		{"a finding that does not exist", func(b *breakGlass) {
			b.State, b.ReviewedBy, b.ReviewedAt, b.Finding = access.BreakGlassReviewed, colleague, noon, "fine"
		}, map[string]glabella.Code{"/finding": glabella.CodeUnknownValue}},
		{"times in the wrong order", func(b *breakGlass) { b.Until, b.ReviewDue = b.From, b.From.Add(-1) }, map[string]glabella.Code{"/until": glabella.CodeOutOfRange, "/reviewDue": glabella.CodeOutOfRange}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := opened()
			tt.change(&b)
			got := map[string]glabella.Code{}
			var invalid *glabella.ValidationError
			if err := b.Validate(); errors.As(err, &invalid) {
				for _, i := range invalid.Issues {
					got[i.Path] = i.Code
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBreakGlassRoundTrip(t *testing.T) {
	t.Parallel()
	b := opened()
	b.Text = "swelling of the lips"
	b, err := b.Review(colleague, access.FindingAppropriate, noon.Add(2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	var back access.BreakGlass
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b, back); diff != "" {
		t.Errorf("round trip (-want +got):\n%s", diff)
	}
}

func TestBreakGlassStates(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(access.BreakGlassStates(), access.BreakGlassMachine().States()); diff != "" {
		t.Errorf("states of the machine (-enumeration +machine):\n%s", diff)
	}
}

func TestAnEmergencyOpensARecord(t *testing.T) {
	t.Parallel()
	type facts = access.Facts
	for _, tt := range []struct {
		name   string
		change func(f *facts)
		want   string
	}{
		{"for reading", func(*facts) {}, "warn: access.break-glass.in-use"},
		{"until its time is over", func(f *facts) { f.Now = noon.Add(time.Hour) }, "deny: access.rule.denied, access.break-glass.void"},
		{"not before", func(f *facts) { f.Now = noon.Add(-1) }, "deny: access.rule.denied, access.break-glass.void"},
		{"no longer than the policy of today lets it", func(f *facts) { f.Emergency.Until = noon.Add(time.Hour + 1) }, "deny: access.rule.denied, access.break-glass.void"},
		{"not without a reason", func(f *facts) { f.Emergency.Reason = "" }, "deny: access.rule.denied, access.break-glass.void"},
		{"not to a colleague", func(f *facts) { f.Emergency.By = colleague }, "deny: access.rule.denied, access.break-glass.void"},
		{"not of another patient", func(f *facts) { f.Patient = id[glabella.PatientID]("other") }, "deny: access.rule.denied, access.break-glass.void"},
		{"not the original of a photograph", func(f *facts) {
			f.Action, f.Staff.Roles = access.PhotoOriginal, []access.Role{access.NP, access.Physician}
		}, "deny: access.rule.denied, access.break-glass.void"},
		{"not to a role that reads no records", func(f *facts) { f.Staff.Roles = []access.Role{access.Auditor} }, "deny: access.rule.denied, access.role.forbidden"},
		{"not at another site", func(f *facts) { f.Site = id[glabella.SiteID]("elsewhere") }, "deny: access.site.forbidden, access.break-glass.in-use"},
		{"and nothing is said where no rule denies it", func(f *facts) { f.Restricted = false }, "allow"},
		{"nor to those who take part in the care", func(f *facts) { f.Relationship = true }, "allow"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := reading()
			f.Restricted, f.Emergency = true, opened().Emergency()
			tt.change(&f)
			if got := access.Authorize(f).String(); got != tt.want {
				t.Errorf("Authorize = %s, want %s", got, tt.want)
			}
		})
	}
}

// An emergency lifts only rules on the care relationship and on restricted records.
func TestAnEmergencyLiftsNoOtherRule(t *testing.T) {
	t.Parallel()
	f := reading(access.Rule{ID: "treatment-only", Effect: access.EffectDeny, When: []access.Condition{{Kind: access.ConditionPurpose, Not: true, Purposes: []glabella.Purpose{glabella.PurposeTreatment}}}})
	f.Restricted, f.Emergency = true, opened().Emergency()
	f.Actor.Purpose = glabella.PurposeMarketing
	compare(t, access.Authorize(f), []glabella.Code{access.CodeRule, access.CodeRule})
}

// The warning says which rule was lifted, why, and by which access, and holds
// none of the text that was written.
func TestReasonOfAnEmergency(t *testing.T) {
	t.Parallel()
	f := reading(access.Rule{ID: "carers", Effect: access.EffectPermit, Actions: []access.Action{access.InvoiceRead}, When: []access.Condition{{Kind: access.ConditionRelationship}}})
	b := opened()
	b.Text = "swelling of the lips"
	f.Emergency = b.Emergency()
	for action, rule := range map[access.Action]string{access.PatientRead: "restricted-record", access.InvoiceRead: "carers"} {
		f.Action, f.Restricted = action, action == access.PatientRead
		d, named := access.Explain(f)
		if d.Outcome != glabella.Warn || named != rule || !d.Permits(access.CodeBreakGlass) || d.Permits() {
			t.Fatalf("Explain = %v by the rule %q, want a warning of %q", d, named, rule)
		}
		r := d.Reasons[0]
		if diff := cmp.Diff(map[string]string{"reason": "anaphylaxis", "rule": rule}, r.Args); diff != "" {
			t.Errorf("arguments (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]glabella.Ref{nurse.Ref(), b.Ref(), jo.Ref()}, r.Refs); diff != "" {
			t.Errorf("references (-want +got):\n%s", diff)
		}
		if !strings.Contains(r.Source, "164.312(a)(2)(ii)") {
			t.Errorf("source = %q", r.Source)
		}
		if data, err := json.Marshal(d); err != nil || strings.Contains(string(data), "lips") {
			t.Errorf("the decision holds the text of the access: %s (%v)", data, err)
		}
	}
}

// What a reviewer, who may not read the chart, sees of an access in an emergency.
func TestViewOfBreakGlass(t *testing.T) {
	t.Parallel()
	b, err := opened().Review(colleague, access.FindingInappropriate, noon.Add(2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	b.Text = "swelling of the lips"
	b.Meta.Version = 3
	rules := access.DefaultPolicy().MustCompile()
	read, _ := rules.Sight([]access.Role{access.Owner})
	got, removed := access.View(b, "break-glass", read)
	want := b
	want.Text = ""
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("view (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]access.Removed{{Path: "/text", Class: access.ClassSensitive}}, removed); diff != "" {
		t.Errorf("removed (-want +got):\n%s", diff)
	}
	if _, removed := access.View(b, "break-glass", access.ClassSet(access.AllClasses()...)); len(removed) > 0 {
		t.Errorf("fields without a class: %v", removed)
	}
}
