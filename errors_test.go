package glabella_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
)

func TestInvalidSortsByPlaceThenCode(t *testing.T) {
	t.Parallel()
	in := []glabella.Issue{
		{Path: "/b", Code: "x", Text: "1"},
		{Path: "/a", Code: "y", Text: "2"},
		{Path: "/a", Code: "x", Text: "3"},
		{Line: 2, Column: 1, Code: "a", Text: "4"},
		{Line: 1, Column: 9, Code: "b", Text: "5"},
		{Line: 1, Column: 2, Code: "c", Text: "6"},
		{Path: "/a", Code: "x", Text: "7"},
	}
	given := append([]glabella.Issue(nil), in...)
	var invalid *glabella.ValidationError
	if err := glabella.Invalid("sample", in...); !errors.As(err, &invalid) {
		t.Fatalf("Invalid = %v", err)
	}
	var order []string
	for _, i := range invalid.Issues {
		order = append(order, i.Text)
	}
	if diff := cmp.Diff([]string{"3", "7", "2", "1", "6", "5", "4"}, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(given, in); diff != "" {
		t.Errorf("Invalid changed its arguments (-before +after):\n%s", diff)
	}
	if err := glabella.Invalid("sample"); err != nil {
		t.Errorf("Invalid without issues = %v, want nil", err)
	}
}

func TestErrorsSayWhatIsWrongAndUnwrap(t *testing.T) {
	t.Parallel()
	d := glabella.Decide(glabella.Denied("consent.missing", "a text that is not for errors"))
	for _, tt := range []struct {
		name string
		err  error
		text string
		is   error
	}{
		{
			"a validation error lists its issues",
			glabella.Invalid("patient", glabella.Issue{Path: "/names", Code: "required", Text: "must be given"}, glabella.Issue{Code: "syntax", Text: "not JSON", Line: 3, Column: 7}),
			"invalid patient: /names: required: must be given; 3:7: syntax: not JSON", glabella.ErrInvalid,
		},
		{"a refusal has the codes and no texts", &glabella.RefusedError{Decision: d}, "refused: deny: consent.missing", glabella.ErrRefused},
		{"a denial has the codes and no texts", &glabella.DeniedError{Decision: d}, "denied: deny: consent.missing", glabella.ErrDenied},
		{"a transition names machine, state and action", &glabella.TransitionError{Machine: "note", From: "signed", Action: "sign"}, "note: cannot sign when signed", glabella.ErrRefused},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.err.Error(); got != tt.text {
				t.Errorf("Error() = %q, want %q", got, tt.text)
			}
			for _, sentinel := range []error{glabella.ErrNotFound, glabella.ErrConflict, glabella.ErrInvalid, glabella.ErrRefused, glabella.ErrDenied, glabella.ErrUnimplemented} {
				if got, want := errors.Is(fmt.Errorf("wrapped: %w", tt.err), sentinel), sentinel == tt.is; got != want {
					t.Errorf("errors.Is(err, %v) = %t, want %t", sentinel, got, want)
				}
			}
		})
	}
}

func issuesOf(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var invalid *glabella.ValidationError
	if !errors.As(err, &invalid) {
		t.Fatalf("%v is no ValidationError", err)
	}
	return pathsAndCodes(invalid.Issues)
}

func pathsAndCodes(issues []glabella.Issue) []string {
	var out []string
	for _, i := range issues {
		out = append(out, i.Path+" "+string(i.Code))
	}
	return out
}

func TestActorValidate(t *testing.T) {
	t.Parallel()
	nurse := glabella.StaffActor(glabella.DeriveID[glabella.StaffID]("nurse"), glabella.SiteID{})
	with := func(change func(a *glabella.Actor)) glabella.Actor {
		a := nurse
		change(&a)
		return a
	}
	for _, tt := range []struct {
		name  string
		actor glabella.Actor
		want  []string
	}{
		{"a member of staff may act", nurse, nil},
		{"a program may act", glabella.SystemActor("import"), nil},
		{"a patient may act", glabella.Actor{Kind: glabella.ActorPatient, ID: sample, Purpose: glabella.PurposePatient}, nil},
		{"the zero actor has nothing", glabella.Actor{}, []string{"/id required", "/kind unknown-value", "/purpose unknown-value"}},
		{"staff are known by a staff ID", with(func(a *glabella.Actor) { a.ID = "Test Nurse" }), []string{"/id format"}},
		{"staff without an ID", with(func(a *glabella.Actor) { a.ID = "" }), []string{"/id required"}},
		{"an unknown purpose", with(func(a *glabella.Actor) { a.Purpose = "FUN" }), []string{"/purpose unknown-value"}},
		{"an unknown kind", with(func(a *glabella.Actor) { a.Kind = "robot" }), []string{"/kind unknown-value"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, issuesOf(t, tt.actor.Validate())); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}

func TestActorIsKnownByItsReference(t *testing.T) {
	t.Parallel()
	id := glabella.DeriveID[glabella.StaffID]("nurse")
	nurse := glabella.StaffActor(id, glabella.DeriveID[glabella.SiteID]("site"))
	if got, ok := nurse.Staff(); !ok || got != id || nurse.Ref() != id.Ref() {
		t.Errorf("Staff() = %v, %t and Ref() = %v, want %v", got, ok, nurse.Ref(), id)
	}
	patient := glabella.Actor{Kind: glabella.ActorPatient, ID: id.String(), Purpose: glabella.PurposePatient}
	if got, ok := patient.Staff(); ok || !got.IsZero() {
		t.Errorf("Staff() of a patient = %v, %t, want none", got, ok)
	}
	if want := (glabella.Ref{Kind: "system", ID: "import"}); glabella.SystemActor("import").Ref() != want || !(glabella.Actor{}).Ref().IsZero() {
		t.Error("Ref() of a program or of nobody is not what it should be")
	}
}

func TestProvenanceValidate(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name string
		p    glabella.Provenance
		want []string
	}{
		{"entered at a time", glabella.Provenance{Source: glabella.SourceEntered, RecordedAt: at}, nil},
		{"imported from a system", glabella.Provenance{Source: glabella.SourceImported, System: "legacy", RecordedAt: at}, nil},
		{"imported from nowhere", glabella.Provenance{Source: glabella.SourceImported, RecordedAt: at}, []string{"/p/system required"}},
		{"nothing", glabella.Provenance{}, []string{"/p/source unknown-value", "/p/recordedAt required"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, pathsAndCodes(tt.p.Validate("/p"))); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}

func TestVocabulariesKnowTheirOwnWordsOnly(t *testing.T) {
	t.Parallel()
	check := func(name string, n int, valid func(i int) bool, other bool) {
		for i := range n {
			if !valid(i) {
				t.Errorf("%s: value %d is not valid", name, i)
			}
		}
		if n == 0 || other {
			t.Errorf("%s: has %d values, and an unknown one or none is valid: %t", name, n, other)
		}
	}
	check("outcomes", len(glabella.Outcomes()), func(i int) bool { return glabella.Outcomes()[i].Valid() }, glabella.Outcome("").Valid() || glabella.Outcome("maybe").Valid())
	check("kinds of actor", len(glabella.ActorKinds()), func(i int) bool { return glabella.ActorKinds()[i].Valid() }, glabella.ActorKind("").Valid())
	check("purposes", len(glabella.Purposes()), func(i int) bool { return glabella.Purposes()[i].Valid() }, glabella.Purpose("").Valid())
	check("sources", len(glabella.SourceKinds()), func(i int) bool { return glabella.SourceKinds()[i].Valid() }, glabella.SourceKind("").Valid())
	check("sides", len(glabella.Sides()), func(i int) bool { return glabella.Sides()[i].Valid() }, glabella.Side("").Valid())
}
