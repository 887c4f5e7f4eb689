package encounter_test

import (
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func names(t testing.TB) encounter.Names {
	t.Helper()
	chicago, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	n := encounter.Names{Site: "Fictional Aesthetics", Zone: chicago, Labels: map[glabella.Ref]string{
		patientID.Ref(): "Robin Example", nurse.Ref(): "Noor Nurse, RN",
		vialA.Ref(): "Botox Cosmetic 100 U vial", vialB.Ref(): "Juvéderm Voluma XC 1 mL syringe",
	}}
	maps.Copy(n.Labels, mapOptions.Labels)
	return n
}

func TestRenderNote(t *testing.T) {
	t.Parallel()
	e := finished(t)
	e.Procedures[0].Acknowledged = []glabella.Code{"treatment.interval.short", "treatment.label.session-total"}
	text, err := encounter.RenderNote(e, treatment.BuiltIn(), names(t), "Tolerated well.\nNo bruise at the end.\n")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "note.txt", text)
	for range 20 {
		again, err := encounter.RenderNote(e, treatment.BuiltIn(), names(t), "Tolerated well.\nNo bruise at the end.\n")
		if err != nil || again != text {
			t.Fatalf("the same facts gave another note, %v (-first +second):\n%s", err, cmp.Diff(text, again))
		}
	}
}

// A visit without names, remarks, procedures and times still has a note.
func TestRenderNoteOfLittle(t *testing.T) {
	t.Parallel()
	got, err := encounter.RenderNote(planned(), treatment.BuiltIn(), encounter.Names{Site: "Fictional Aesthetics"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if want := "Fictional Aesthetics\nVisit of " + patientID.Ref().String() + "\n"; got != want {
		t.Errorf("RenderNote = %q, want %q", got, want)
	}
}

// Every kind of field is written as people read it.
func TestRenderNoteValues(t *testing.T) {
	t.Parallel()
	set, err := treatment.BuiltIn().Load(os.DirFS("testdata"), "wellness-v1.json")
	if err != nil {
		t.Fatal(err)
	}
	template, _ := set.Latest("wellness")
	e := planned()
	e.Procedures = []encounter.Procedure{{Performer: nurse, PerformedAt: morning, Record: treatment.Record{Template: template.Ref(), Values: map[string]string{
		"areas": "upper-arm lower-back", "started-at": "2026-11-03T15:30:00Z", "repeat-on": "2026-12-01", "passes": "3", "energy": "2.5", "observed": "false",
		"plan": "again in spring\n   Total: 900 U", "empty": "",
	}}}}
	text, err := encounter.RenderNote(e, set, names(t), "")
	if err != nil {
		t.Fatal(err)
	}
	_, got, _ := strings.Cut(text, "Performed by Noor Nurse, RN at 09:30\n")
	want := `  During:
    Areas: upper arm, lower back
    Started at: 2026-11-03 09:30 CST
    Repeat on: 2026-12-01
    Passes: 3
    Volume: 2.5 mL
    Observed: no
    Plan: again in spring Total: 900 U
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("RenderNote, values (-want +got):\n%s", diff)
	}
}

func TestRenderNoteRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*treatment.Record)
		want   error
	}{
		{name: "a template that is not in the set", change: func(r *treatment.Record) { r.Template.Code = "unknown" }, want: glabella.ErrNotFound},
		{name: "another content of the template", change: func(r *treatment.Record) { r.Template.Hash = encounter.HashText("another") }, want: glabella.ErrNotFound},
		{name: "amounts of different units", change: func(r *treatment.Record) { r.Maps[0].Points[1].Amount = quantity.MustParse("1 mL") }, want: glabella.ErrInvalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := finished(t)
			tt.change(&e.Procedures[0].Record)
			text, err := encounter.RenderNote(e, treatment.BuiltIn(), names(t), "")
			if !errors.Is(err, tt.want) || text != "" {
				t.Errorf("RenderNote = %q, %v; want %v", text, err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "Robin") {
				t.Errorf("the error names the patient: %v", err)
			}
		})
	}
}

// A name cannot pass for lines of the note.
func TestRenderNoteKeepsNamesOnOneLine(t *testing.T) {
	t.Parallel()
	n := names(t)
	n.Site = "Fictional\r\nAesthetics"
	n.Labels[lotA.Ref()] = "C1234\n   Total: 900 U\u2028"
	text, err := encounter.RenderNote(finished(t), treatment.BuiltIn(), n, "")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(text, "Fictional Aesthetics\n") || !strings.Contains(text, "; lot C1234 Total: 900 U\n") {
		t.Errorf("RenderNote breaks names into lines:\n%s", text)
	}
}
