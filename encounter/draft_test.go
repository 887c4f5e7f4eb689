package encounter_test

import (
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
)

func revision(base int, text string) encounter.Revision {
	return encounter.Revision{Base: base, Text: text, By: nurse, At: morning.Add(time.Duration(base) * time.Minute)}
}

func saved(t testing.TB, n encounter.Note, texts ...string) encounter.Note {
	t.Helper()
	for _, text := range texts {
		var err error
		if n, err = n.Save(revision(n.Revision(), text)); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func TestSave(t *testing.T) {
	t.Parallel()
	first := saved(t, draft(), "Twenty units.")
	second := saved(t, first, "Twenty units, no bruise.")
	if second.Revision() != 2 || second.Text != "Twenty units, no bruise." || second.Validate() != nil {
		t.Errorf("after two saves the draft is at %d, %q, valid: %v", second.Revision(), second.Text, second.Validate())
	}
	var numbers []int
	var texts []string
	for _, r := range second.Revisions {
		numbers, texts = append(numbers, r.Number), append(texts, r.Text)
	}
	if diff := cmp.Diff([]int{0, 1, 2}, numbers); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{draft().Text, "Twenty units.", "Twenty units, no bruise."}, texts); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
	other := saved(t, first, "Another.")
	if second.Revisions[2].Text != "Twenty units, no bruise." || other.Revisions[2].Text != "Another." {
		t.Error("saving one value of the draft changed another")
	}
	empty := draft()
	empty.Text = ""
	if got := saved(t, empty, "Begun."); len(got.Revisions) != 1 || got.Revisions[0].Number != 1 || got.Validate() != nil {
		t.Errorf("a draft that began empty has %v, valid: %v", got.Revisions, got.Validate())
	}
	roundTrip(t, second)
}

func TestSaveNeverOverwrites(t *testing.T) {
	t.Parallel()
	base := saved(t, draft(), "A\nB")
	n := saved(t, base, "A\nB\ntheirs")
	got, err := n.Save(revision(1, "mine\nA\nB"))
	var conflict *encounter.DraftConflictError
	if !errors.As(err, &conflict) || !errors.Is(err, glabella.ErrConflict) || !cmp.Equal(got, n) {
		t.Fatalf("Save on an old revision = %v, want a conflict and the draft as it was", err)
	}
	if conflict.Base != 1 || conflict.Latest != 2 || conflict.Note != n.Ref() {
		t.Errorf("conflict = %+v, want revision 1 against 2", conflict)
	}
	b, mine, theirs := conflict.Texts()
	if b != "A\nB" || mine != "mine\nA\nB" || theirs != "A\nB\ntheirs" {
		t.Errorf("Texts = %q, %q, %q", b, mine, theirs)
	}
	if strings.Contains(fmt.Sprintf("%v %+v", err, err), "mine\nA") {
		t.Error("the text of the error has the text of the note")
	}
	merged, conflicts := encounter.Merge3(b, mine, theirs)
	if n = saved(t, n, merged); n.Text != "mine\nA\nB\ntheirs" || conflicts != nil {
		t.Errorf("the merged draft is %q with %v", n.Text, conflicts)
	}
	for _, other := range []int{0, 4, -1} {
		if _, err := n.Save(revision(other, "x")); !errors.As(err, &conflict) {
			t.Errorf("Save on revision %d of 3 = %v, want a conflict", other, err)
		}
	}
	if got, err := n.Edit("at one go"); !errors.As(err, &conflict) || got.Text != n.Text {
		t.Errorf("Edit of a draft with revisions = %v, want a conflict", err)
	}
}

func TestSaveRefusesWhatIsNotWhole(t *testing.T) {
	t.Parallel()
	got, err := draft().Save(encounter.Revision{})
	if diff := cmp.Diff([]place{{"/at", glabella.CodeRequired}, {"/by", glabella.CodeRequired}, {"/text", glabella.CodeRequired}}, placesOf(t, err)); diff != "" || !cmp.Equal(got, draft()) {
		t.Errorf("Save of nothing (-want +got):\n%s", diff)
	}
	var transition *glabella.TransitionError
	if _, err := signed(t).Save(revision(0, "x")); !errors.As(err, &transition) {
		t.Errorf("Save of a signed note = %v, want a transition error", err)
	}
}

func TestSigningEndsTheRevisions(t *testing.T) {
	t.Parallel()
	d := saved(t, draft(), "Twenty units.", "Twenty units, no bruise.")
	n, err := d.Sign(signature(nurse), glabella.StaffID{})
	if err != nil || len(n.Revisions) != 0 || n.Text != d.Text || n.Validate() != nil {
		t.Errorf("Sign = %d revisions, %v, valid: %v", len(n.Revisions), err, n.Validate())
	}
	n.Revisions = d.Revisions
	if diff := cmp.Diff([]place{{"/revisions", glabella.CodeMismatch}}, placesOf(t, n.Validate())); diff != "" {
		t.Errorf("Validate of a signed note with revisions (-want +got):\n%s", diff)
	}
}

func TestRevisionsAreBounded(t *testing.T) {
	t.Parallel()
	n := draft()
	for i := range 500 {
		n = saved(t, n, fmt.Sprintf("text %d", i+1))
		if len(n.Revisions) > encounter.MaxRevisions {
			t.Fatalf("%d revisions after %d saves", len(n.Revisions), i+1)
		}
		if n.Revisions[0].Number != 0 || n.Revision() != i+1 {
			t.Fatalf("the first revision is %d and the latest %d after %d saves", n.Revisions[0].Number, n.Revision(), i+1)
		}
		// The latest ones are all there.
		for k := range min(i+1, encounter.MaxRevisions/2) {
			if r := n.Revisions[len(n.Revisions)-1-k]; r.Number != i+1-k || r.Text != fmt.Sprintf("text %d", i+1-k) {
				t.Fatalf("revision %d is gone after %d saves", i+1-k, i+1)
			}
		}
	}
	if err := n.Validate(); err != nil {
		t.Errorf("Validate after 500 saves = %v", err)
	}
	// A base that was thinned out gives the nearest earlier text.
	_, err := n.Save(revision(3, "mine"))
	var conflict *encounter.DraftConflictError
	if !errors.As(err, &conflict) {
		t.Fatalf("Save = %v, want a conflict", err)
	}
	if base, _, _ := conflict.Texts(); base != draft().Text {
		t.Errorf("base = %q, want the text that the draft began with", base)
	}
}

func TestValidateRevisions(t *testing.T) {
	t.Parallel()
	n := saved(t, draft(), "A", "B")
	n.Revisions = slices.Clone(n.Revisions)
	n.Text = "C"
	n.Revisions[1].Number, n.Revisions[2].Number = 2, 2
	n.Revisions[2].Base = 2
	want := []place{{"/revisions/2/base", glabella.CodeOutOfRange}, {"/revisions/2/number", glabella.CodeOutOfRange}, {"/text", glabella.CodeMismatch}}
	if diff := cmp.Diff(want, placesOf(t, n.Validate())); diff != "" {
		t.Errorf("Validate (-want +got):\n%s", diff)
	}
	many := draft()
	for i := range encounter.MaxRevisions + 1 {
		many.Revisions = append(many.Revisions, encounter.Revision{Number: i + 1, Text: many.Text, By: nurse, At: morning, Base: i})
	}
	if diff := cmp.Diff([]place{{"/revisions", glabella.CodeOutOfRange}}, placesOf(t, many.Validate())); diff != "" {
		t.Errorf("Validate of too many (-want +got):\n%s", diff)
	}
}

func TestMerge3(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name               string
		base, mine, theirs string
		want               string
		conflicts          []encounter.Conflict
	}{
		{name: "nothing"},
		{name: "only mine changed", base: "a\nb\n", mine: "a\nx\nb\n", theirs: "a\nb\n", want: "a\nx\nb\n"},
		{name: "only theirs changed", base: "a\nb\n", mine: "a\nb\n", theirs: "a\n", want: "a\n"},
		{name: "both made the same change", base: "a\nb", mine: "a\nx", theirs: "a\nx", want: "a\nx"},
		{name: "changes at different places", base: "a\nb\nc\nd", mine: "a2\nb\nc\nd", theirs: "a\nb\nc\nd\ne", want: "a2\nb\nc\nd\ne"},
		{name: "both changed the same line", base: "a\nb\nc", mine: "a\nm\nc", theirs: "a\nt\nc", want: "a\nm\nt\nc", conflicts: []encounter.Conflict{
			{First: 1, Base: []string{"b"}, Mine: []string{"m"}, Theirs: []string{"t"}},
		}},
		{name: "both added at the same place", base: "a\nz", mine: "a\nm\nz", theirs: "a\nt\nz", want: "a\nm\nt\nz", conflicts: []encounter.Conflict{
			{First: 1, Mine: []string{"m"}, Theirs: []string{"t"}},
		}},
		{name: "one deleted what the other changed", base: "a\nb\nc", mine: "a\nc", theirs: "a\nt\nc", want: "a\nt\nc", conflicts: []encounter.Conflict{
			{First: 1, Base: []string{"b"}, Theirs: []string{"t"}},
		}},
		{name: "both began an empty draft", base: "", mine: "m", theirs: "t", want: "m\nt", conflicts: []encounter.Conflict{
			{Base: []string{""}, Mine: []string{"m"}, Theirs: []string{"t"}},
		}},
		{name: "two conflicts", base: "a\nb\nc", mine: "m1\nb\nm2", theirs: "t1\nb\nt2", want: "m1\nt1\nb\nm2\nt2", conflicts: []encounter.Conflict{
			{First: 0, Base: []string{"a"}, Mine: []string{"m1"}, Theirs: []string{"t1"}},
			{First: 3, Base: []string{"c"}, Mine: []string{"m2"}, Theirs: []string{"t2"}},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, conflicts := encounter.Merge3(tt.base, tt.mine, tt.theirs)
			if got != tt.want {
				t.Errorf("Merge3 = %q, want %q", got, tt.want)
			}
			equal := cmp.FilterValues(func(a, b []string) bool { return len(a) == 0 && len(b) == 0 }, cmp.Comparer(func(a, b []string) bool { return true }))
			if diff := cmp.Diff(tt.conflicts, conflicts, equal); diff != "" {
				t.Errorf("conflicts (-want +got):\n%s", diff)
			}
		})
	}
}

// lost returns a line of one side that the merged text should have and has not:
// one that was typed since the base, or any at all if nothing was deleted.
func lost(base, mine, theirs, merged string) (string, bool) {
	count := func(text string) map[string]int {
		out := map[string]int{}
		for line := range strings.SplitSeq(text, "\n") {
			out[line]++
		}
		return out
	}
	b, m, t, got := count(base), count(mine), count(theirs), count(merged)
	for _, side := range []map[string]int{m, t} {
		for line, n := range side {
			if got[line] < n-b[line] || b[line] == 0 && got[line] < n || b[line] == 1 && m[line] > 0 && t[line] > 0 && got[line] == 0 {
				return line, true
			}
		}
	}
	return "", false
}

func TestMerge3DropsNoLine(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(40))
	edit := func(text string) string {
		lines := strings.Split(text, "\n")
		for range r.Intn(6) {
			at := r.Intn(len(lines) + 1)
			switch r.Intn(3) {
			case 0:
				lines = slices.Insert(lines, at, fmt.Sprint("typed ", r.Intn(20)))
			case 1:
				if at < len(lines) && len(lines) > 1 {
					lines = slices.Delete(lines, at, at+1)
				}
			default:
				if at < len(lines) {
					lines[at] = fmt.Sprint("typed ", r.Intn(20))
				}
			}
		}
		return strings.Join(lines, "\n")
	}
	for range 5000 {
		var lines []string
		for range r.Intn(8) {
			lines = append(lines, fmt.Sprint("line ", r.Intn(6)))
		}
		base := strings.Join(lines, "\n")
		mine, theirs := edit(base), edit(base)
		merged, conflicts := encounter.Merge3(base, mine, theirs)
		if line, ok := lost(base, mine, theirs, merged); ok {
			t.Fatalf("Merge3(%q, %q, %q) = %q without %q", base, mine, theirs, merged, line)
		}
		at := strings.Split(merged, "\n")
		for _, c := range conflicts {
			both := append(slices.Clone(c.Mine), c.Theirs...)
			if !slices.Equal(at[c.First:c.First+len(both)], both) {
				t.Fatalf("Merge3(%q, %q, %q) = %q, but the conflict is %+v", base, mine, theirs, merged, c)
			}
		}
		for name, got := range map[string]struct{ a, b, c, want string }{
			"mine alone":   {base, mine, base, mine},
			"theirs alone": {base, base, theirs, theirs},
			"the same":     {base, mine, mine, mine},
		} {
			if text, conflicts := encounter.Merge3(got.a, got.b, got.c); text != got.want || conflicts != nil {
				t.Fatalf("%s: Merge3(%q, %q, %q) = %q, %v", name, got.a, got.b, got.c, text, conflicts)
			}
		}
		_, swapped := encounter.Merge3(base, theirs, mine)
		if len(swapped) != len(conflicts) {
			t.Fatalf("Merge3(%q, %q, %q) has %d conflicts, and %d with the sides swapped", base, mine, theirs, len(conflicts), len(swapped))
		}
	}
}

func TestMerge3OfVeryLongTextsIsBounded(t *testing.T) {
	t.Parallel()
	long := func(word string) string {
		var b strings.Builder
		for i := range 4000 {
			fmt.Fprintf(&b, "%s %d\n", word, i)
		}
		return b.String()
	}
	base, mine, theirs := long("a"), long("m"), long("t")
	merged, conflicts := encounter.Merge3(base, mine, theirs)
	if line, ok := lost(base, mine, theirs, merged); ok || len(conflicts) != 1 {
		t.Errorf("Merge3 of long texts has %d conflicts and lost %q", len(conflicts), line)
	}
}

// Two windows write on the same draft: the one that saves last is told, and
// nothing is lost.
func ExampleNote_Save() {
	note := encounter.Note{ID: noteID, Encounter: visitID, Patient: patientID, Author: nurse, State: encounter.NoteDraft}
	note, _ = note.Save(encounter.Revision{Text: "Forehead.", By: nurse, At: morning})
	note, _ = note.Save(encounter.Revision{Base: 1, Text: "Forehead.\nNo bruise.", By: nurse, At: morning.Add(time.Minute)})

	_, err := note.Save(encounter.Revision{Base: 1, Text: "Robin is left-handed.\nForehead.", By: nurse, At: morning.Add(2 * time.Minute)})
	var conflict *encounter.DraftConflictError
	if errors.As(err, &conflict) {
		merged, conflicts := encounter.Merge3(conflict.Texts())
		fmt.Println(merged)
		fmt.Println(len(conflicts), "conflicts")
	}
	// Output:
	// Robin is left-handed.
	// Forehead.
	// No bruise.
	// 0 conflicts
}

func FuzzMerge3(f *testing.F) {
	f.Add("", "", "")
	f.Add("a\nb\nc", "a\nm\nc", "a\nt\nc")
	f.Add("a\na\nb", "b\na", "a\nb\nb\n")
	f.Add("a\r\nb", "a\nb", "\n\n")
	f.Fuzz(func(t *testing.T, base, mine, theirs string) {
		merged, conflicts := encounter.Merge3(base, mine, theirs)
		if line, ok := lost(base, mine, theirs, merged); ok {
			t.Errorf("Merge3(%q, %q, %q) = %q without %q", base, mine, theirs, merged, line)
		}
		if mine == theirs && (merged != mine || conflicts != nil) {
			t.Errorf("Merge3(%q, %q, %q) = %q, %v, want what both wrote", base, mine, theirs, merged, conflicts)
		}
	})
}
