package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/config"
)

func TestPackFor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		jurisdiction string
		want         string // "" is none
	}{
		{"US-TX", "US-TX"},
		{"GB-ENG", "GB-ENG"},
		{"GB-SCT", ""},
		{"US", ""},
		{"", ""},
	} {
		t.Run(tt.jurisdiction, func(t *testing.T) {
			t.Parallel()
			got, ok := config.PackFor(tt.jurisdiction)
			if got.Jurisdiction != tt.want || ok != (tt.want != "") {
				t.Errorf("PackFor(%q) = %q, %t, want %q", tt.jurisdiction, got.Jurisdiction, ok, tt.want)
			}
		})
	}
}

func TestEveryStatementOfAPackIsFounded(t *testing.T) {
	t.Parallel()
	if got, want := config.Jurisdictions(), []string{"US-TX", "US-CA", "US-FL", "US-NY", "GB-ENG"}; !cmp.Equal(got, want) {
		t.Fatalf("Jurisdictions() = %v, want %v", got, want)
	}
	for _, j := range config.Jurisdictions() {
		p, _ := config.PackFor(j)
		if !p.CheckedOn.Valid() {
			t.Errorf("%s: the sources have no day on which they were read", j)
		}
		type statement struct {
			what, source string
			confidence   config.Confidence
		}
		statements := []statement{
			{"adultAge", p.AdultAge.Source, p.AdultAge.Confidence},
			{"clearanceValid", p.ClearanceValid.Source, p.ClearanceValid.Confidence},
		}
		if len(p.Examiners.Kinds) > 0 {
			statements = append(statements, statement{"examiners", p.Examiners.Source, p.Examiners.Confidence})
		}
		for _, n := range p.Notes {
			if n.Text == "" {
				t.Errorf("%s: a note says nothing", j)
			}
			statements = append(statements, statement{n.Text, n.Source, n.Confidence})
		}
		for _, s := range statements {
			if s.source == "" || !s.confidence.Valid() {
				t.Errorf("%s: %s has the source %q and the confidence %q", j, s.what, s.source, s.confidence)
			}
		}
	}
}

func TestPackPolicyIsAStartingPoint(t *testing.T) {
	t.Parallel()
	texas, _ := config.PackFor("US-TX")
	s := site()
	s.Policy = texas.Policy()
	if err := s.Validate(); err != nil {
		t.Errorf("the policy of US-TX is not valid: %v", err)
	}
	if want := []string{"MD", "DO", "NP", "PA"}; !cmp.Equal(s.Policy.Examiners, want) || s.Policy.AdultAge != 18 || s.Policy.ClearanceValid != (glabella.Period{Years: 1}) {
		t.Errorf("Policy() = %+v, want the pack's values", s.Policy)
	}
	s.Policy.Examiners[0] = "changed"
	if again, _ := config.PackFor("US-TX"); again.Examiners.Kinds[0] != "MD" {
		t.Error("a policy shares its list with the pack")
	}

	england, _ := config.PackFor("GB-ENG")
	s.Policy = england.Policy()
	want := map[string]glabella.Code{"/policy/examiners": glabella.CodeOutOfRange, "/policy/examinersSource": glabella.CodeRequired}
	if diff := cmp.Diff(want, codesOf(t, s.Validate())); diff != "" {
		t.Errorf("what the pack of GB-ENG leaves to the practice (-want +got):\n%s", diff)
	}
	england.Notes[0].Text = "changed"
	if again, _ := config.PackFor("GB-ENG"); again.Notes[0].Text == "changed" {
		t.Error("a pack shares its notes")
	}
}
