package consent_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

func discussion(change ...func(*consent.Discussion)) consent.Discussion {
	at := day("2026-03-01")
	d := consent.Discussion{
		ID: talkID, Meta: glabella.Meta{Version: 3}, Patient: pat, Treatment: "botulinum-toxin", Encounter: visit, By: nurse, At: at, Minutes: 12,
		Risks: []string{"bruising", "ptosis"}, Alternatives: []string{"no-treatment"}, Questions: true, Language: "en", Interpreter: "interpreter 7",
		Provenance: glabella.Provenance{Source: glabella.SourceEntered, RecordedAt: at},
	}
	for _, c := range change {
		c(&d)
	}
	return d
}

func TestDiscussionValidate(t *testing.T) {
	t.Parallel()
	at := day("2026-03-01")
	for _, tt := range []struct {
		name   string
		change func(*consent.Discussion)
		want   []string
	}{
		{name: "a discussion is valid", change: func(*consent.Discussion) {}},
		{name: "an empty one lacks everything", change: func(d *consent.Discussion) { *d = consent.Discussion{} }, want: []string{
			"/at required", "/by required", "/id required", "/language required", "/patient required", "/provenance/recordedAt required",
			"/provenance/source unknown-value", "/treatment required",
		}},
		{name: "no minutes are fine and negative ones are not", change: func(d *consent.Discussion) { d.Minutes = -1 }, want: []string{"/minutes out-of-range"}},
		{name: "codes that are none, empty or given twice", change: func(d *consent.Discussion) {
			d.Risks, d.Alternatives = []string{"a", "a", "Some risk"}, []string{""}
		}, want: []string{"/alternatives/0 required", "/risks/1 duplicate", "/risks/2 format"}},
		{name: "a language that is none", change: func(d *consent.Discussion) { d.Language = "english!" }, want: []string{"/language format"}},
		{name: "amendments that are wrong", change: func(d *consent.Discussion) {
			d.Amendments = []consent.Amendment{
				{Version: 1, By: nurse, At: at.Add(time.Hour), Reason: "a typing error"},
				{Version: 1, At: at, Reason: " "},
			}
		}, want: []string{"/amendments/1/at consent.order", "/amendments/1/by required", "/amendments/1/reason required", "/amendments/1/version out-of-range"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, issuesOf(t, discussion(tt.change).Validate())); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAmendKeepsWhatItWas(t *testing.T) {
	t.Parallel()
	d := discussion()
	corrected := discussion(func(d *consent.Discussion) {
		d.Risks, d.Meta, d.Amendments = append(d.Risks, "headache"), glabella.Meta{Version: 99}, []consent.Amendment{{Version: 7}}
	})
	at := day("2026-03-02")
	got, err := d.Amend(corrected, nurse, at, "one risk was left out")
	if err != nil {
		t.Fatal(err)
	}
	want := discussion(func(d *consent.Discussion) {
		d.Risks = []string{"bruising", "ptosis", "headache"}
		d.Amendments = []consent.Amendment{{Version: 3, By: nurse, At: at, Reason: "one risk was left out"}}
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Amend (-want +got):\n%s", diff)
	}
	if len(d.Amendments) != 0 || len(d.Risks) != 2 {
		t.Errorf("Amend changed its argument: %+v", d)
	}
	corrected.Risks[0] = "changed"
	if got.Risks[0] == "changed" {
		t.Error("the result shares its risks with the argument")
	}
	for name, change := range map[string]func(*consent.Discussion){
		"another patient": func(d *consent.Discussion) { d.Patient = other },
		"another person":  func(d *consent.Discussion) { d.By = glabella.StaffID{9} },
		"another time":    func(d *consent.Discussion) { d.At = d.At.Add(1) },
		"another record":  func(d *consent.Discussion) { d.ID = glabella.DiscussionID{9} },
		"no treatment":    func(d *consent.Discussion) { d.Treatment = "" },
	} {
		if again, err := d.Amend(discussion(change), nurse, at, "x"); !errors.Is(err, glabella.ErrInvalid) || !cmp.Equal(again, d) {
			t.Errorf("Amend with %s = %v, want an invalid amendment", name, err)
		}
	}
	if _, err := d.Amend(d, nurse, at, ""); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Amend without a reason = %v", err)
	}
}

func TestLacksNamesTheRisksThatWereNotExplained(t *testing.T) {
	t.Parallel()
	if got := discussion().Lacks("ptosis", "blindness", "bruising", "headache"); !cmp.Equal(got, []string{"blindness", "headache"}) {
		t.Errorf("Lacks = %v", got)
	}
	if got := discussion().Lacks("ptosis"); got != nil {
		t.Errorf("Lacks = %v, want none", got)
	}
}

func TestStoredDiscussionRoundTrips(t *testing.T) {
	t.Parallel()
	for _, d := range []consent.Discussion{
		discussion(func(d *consent.Discussion) {
			d.Note, d.Alternatives = glabella.NoteID{4}, []string{}
			d.Amendments = []consent.Amendment{{Version: 1, By: nurse, At: d.At, Reason: "x"}}
		}),
		{},
	} {
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var got consent.Discussion
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(d, got); diff != "" {
			t.Errorf("discussion after JSON (-want +got):\n%s", diff)
		}
	}
	if got := discussion().Ref(); got != (glabella.Ref{Kind: "discussion", ID: talkID.String()}) {
		t.Errorf("Ref = %v", got)
	}
}
