package glabella_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/glabella-ehr/glabella"
)

func codes(cs ...glabella.Code) []glabella.Code { return cs }

func TestDecide(t *testing.T) {
	t.Parallel()
	deny, warn := func(c glabella.Code) glabella.Reason { return glabella.Denied(c, "x") }, func(c glabella.Code) glabella.Reason { return glabella.Warned(c, "x") }
	for _, tt := range []struct {
		name    string
		reasons []glabella.Reason
		want    glabella.Outcome
		codes   []glabella.Code
	}{
		{"no reason allows", nil, glabella.Allow, nil},
		{"a warning warns", []glabella.Reason{warn("w")}, glabella.Warn, codes("w")},
		{"deny beats warn, and stands before it", []glabella.Reason{warn("w"), deny("d")}, glabella.Deny, codes("d", "w")},
		{"the order within an outcome stays", []glabella.Reason{warn("w2"), deny("d2"), warn("w1"), deny("d1"), warn("w3")}, glabella.Deny, codes("d2", "d1", "w2", "w1", "w3")},
		{"a reason without an outcome denies", []glabella.Reason{warn("w"), {Code: "z"}}, glabella.Deny, codes("z", "w")},
		{"the same code twice is kept twice", []glabella.Reason{warn("w"), warn("w")}, glabella.Warn, codes("w", "w")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			given := append([]glabella.Reason(nil), tt.reasons...)
			d := glabella.Decide(tt.reasons...)
			if got := glabella.Join(d).Outcome; got != tt.want {
				t.Errorf("Decide = %v, want %v", got, tt.want)
			}
			if diff := cmp.Diff(tt.codes, d.Codes(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("codes (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(given, tt.reasons); diff != "" {
				t.Errorf("Decide changed its arguments (-before +after):\n%s", diff)
			}
		})
	}
}

func TestJoin(t *testing.T) {
	t.Parallel()
	allow := glabella.Decide()
	warn := glabella.Decide(glabella.Warned("w", "x"))
	deny := glabella.Decide(glabella.Denied("d", "x"))
	for _, tt := range []struct {
		name  string
		in    []glabella.Decision
		want  glabella.Outcome
		codes []glabella.Code
	}{
		{"nothing denies", nil, glabella.Deny, nil},
		{"one zero decision denies", []glabella.Decision{{}}, glabella.Deny, nil},
		{"a zero decision among allowing ones denies", []glabella.Decision{allow, {}, allow}, glabella.Deny, nil},
		{"a zero decision keeps the warnings of others", []glabella.Decision{warn, {}}, glabella.Deny, codes("w")},
		{"allow and allow", []glabella.Decision{allow, allow}, glabella.Allow, nil},
		{"warn beats allow", []glabella.Decision{allow, warn}, glabella.Warn, codes("w")},
		{"deny beats warn, and every reason is kept", []glabella.Decision{warn, allow, deny, warn}, glabella.Deny, codes("d", "w", "w")},
		{"a denial without a reason denies", []glabella.Decision{{Outcome: glabella.Deny}, warn}, glabella.Deny, codes("w")},
		{"a warning without a reason warns", []glabella.Decision{{Outcome: glabella.Warn}, allow}, glabella.Warn, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := glabella.Join(tt.in...)
			if d.Outcome != tt.want {
				t.Errorf("Join = %q, want %q", d.Outcome, tt.want)
			}
			if diff := cmp.Diff(tt.codes, d.Codes(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("codes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPermits(t *testing.T) {
	t.Parallel()
	warnings := glabella.Decide(glabella.Warned("a", "x"), glabella.Warned("b", "x"), glabella.Warned("a", "x"))
	for _, tt := range []struct {
		name         string
		d            glabella.Decision
		acknowledged []glabella.Code
		want         bool
		open         []glabella.Code
	}{
		{"the zero decision permits nothing", glabella.Decision{}, nil, false, nil},
		{"allow permits", glabella.Decide(), nil, true, nil},
		{"a warning waits", warnings, nil, false, codes("a", "b")},
		{"one of two warnings is not enough", warnings, codes("b"), false, codes("a")},
		{"all warnings acknowledged permit", warnings, codes("b", "a"), true, nil},
		{"an acknowledgement of something else changes nothing", warnings, codes("c"), false, codes("a", "b")},
		{"a denial cannot be acknowledged", glabella.Decide(glabella.Denied("d", "x")), codes("d"), false, nil},
		{"a denial beside an acknowledged warning still denies", glabella.Decide(glabella.Denied("d", "x"), glabella.Warned("w", "x")), codes("d", "w"), false, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.d.Permits(tt.acknowledged...); got != tt.want {
				t.Errorf("Permits(%v) = %t, want %t", tt.acknowledged, got, tt.want)
			}
			if diff := cmp.Diff(tt.open, tt.d.Unacknowledged(tt.acknowledged...), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("Unacknowledged (-want +got):\n%s", diff)
			}
			err := glabella.Refuse(tt.d, tt.acknowledged...)
			if (err == nil) != tt.want {
				t.Errorf("Refuse = %v, want an error exactly if the decision does not permit", err)
			}
			var refused *glabella.RefusedError
			if err != nil && (!errors.As(err, &refused) || !cmp.Equal(refused.Decision, tt.d)) {
				t.Errorf("Refuse = %v, want it to carry the decision", err)
			}
		})
	}
}

func TestReasonsAreBuiltWithoutSharing(t *testing.T) {
	t.Parallel()
	lot := glabella.DeriveID[glabella.LotID]("a").Ref()
	vial := glabella.DeriveID[glabella.VialID]("a").Ref()
	base := glabella.Denied("inventory.short", "not enough").For(lot).With("have", "1")
	got := base.For(glabella.Ref{}, vial).With("want", "2").WithFix("order more").CitedFrom("policy")
	want := glabella.Reason{
		Outcome: glabella.Deny, Code: "inventory.short", Text: "not enough", Refs: []glabella.Ref{lot, vial},
		Args: map[string]string{"have": "1", "want": "2"}, Fix: "order more", Source: "policy",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reason (-want +got):\n%s", diff)
	}
	unchanged := glabella.Reason{Outcome: glabella.Deny, Code: "inventory.short", Text: "not enough", Refs: []glabella.Ref{lot}, Args: map[string]string{"have": "1"}}
	if diff := cmp.Diff(unchanged, base); diff != "" {
		t.Errorf("the reason that it was made from has changed (-want +got):\n%s", diff)
	}
}

func TestDecisionString(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		d    glabella.Decision
		want string
	}{
		{glabella.Decision{}, "deny"},
		{glabella.Decide(), "allow"},
		{glabella.Decide(glabella.Warned("b", "x"), glabella.Denied("a", "x")), "deny: a, b"},
		{glabella.Decision{Reasons: []glabella.Reason{glabella.Warned("b", "x")}}, "deny: b"},
	} {
		if got := tt.d.String(); got != tt.want {
			t.Errorf("String() = %q, want %q", got, tt.want)
		}
	}
	d := glabella.Decide(glabella.Warned("b", "x"))
	if !d.Has("b") || d.Has("a") || d.Allowed() || !glabella.Decide().Allowed() || (glabella.Decision{}).Allowed() {
		t.Errorf("Has and Allowed of %v do not say what it says", d)
	}
}
