package access_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
)

func TestSimulate(t *testing.T) {
	t.Parallel()
	old := access.DefaultPolicy()
	proposed := access.DefaultPolicy()
	proposed.Grants[access.NurseInjector] = append(proposed.Grants[access.NurseInjector], access.ReportRead)
	proposed.Rules[0].ID = "closed-record"
	proposed.Actions[access.NoteSign] = access.Requirement{MinLevel: 2}

	var cases []access.Facts
	for _, a := range []access.Action{access.PatientRead, access.ReportRead, access.NoteSign, access.AuditRead} {
		f := reading()
		f.Rules, f.Action = access.Rules{}, a
		cases = append(cases, f)
	}
	restricted := cases[0]
	restricted.Restricted = true
	cases = append(cases, restricted)

	type change struct {
		Index    int
		Old, New string
	}
	var got []change
	for _, d := range access.Simulate(old.MustCompile(), proposed.MustCompile(), cases) {
		got = append(got, change{d.Index, d.Old.String(), d.New.String()})
	}
	want := []change{
		{1, "deny: access.role.forbidden", "allow"},
		{2, "allow", "deny: access.auth.level"},
		{4, "deny: access.rule.denied", "deny: access.rule.denied"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
	if diff := access.Simulate(old.MustCompile(), access.DefaultPolicy().MustCompile(), cases); len(diff) > 0 {
		t.Errorf("a policy differs from itself: %v", diff)
	}
	if cases[0].Rules.May(access.Roles(), access.PatientRead) {
		t.Error("Simulate changes the cases")
	}
}

// A simulation says what the decisions will be.
func TestSimulateDecidesAsAuthorize(t *testing.T) {
	t.Parallel()
	f := reading()
	f.Restricted = true
	strict := access.StrictPolicy()
	strict.Rules = nil
	old, proposed := f.Rules, strict.MustCompile()
	diffs := access.Simulate(old, proposed, []access.Facts{f})
	if len(diffs) != 1 {
		t.Fatalf("%d differences, want 1", len(diffs))
	}
	want := []glabella.Decision{access.Authorize(f), {Outcome: glabella.Allow}}
	if diff := cmp.Diff(want, []glabella.Decision{diffs[0].Old, diffs[0].New}); diff != "" {
		t.Errorf("decisions (-want +got):\n%s", diff)
	}
}
