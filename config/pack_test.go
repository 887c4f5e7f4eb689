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
		{"US-PR", "US-PR"},
		{"PR", "US-PR"},
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
	if got, want := config.Jurisdictions(), []string{"US-TX", "US-CA", "US-FL", "US-NY", "US-AL", "US-NE", "US-MS", "US-PR", "GB-ENG"}; !cmp.Equal(got, want) {
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
		for _, a := range p.Minors.Ages {
			if !a.Kind.Valid() || a.Years < 1 {
				t.Errorf("%s: the age %+v says nothing", j, a)
			}
			statements = append(statements, statement{string(a.Kind), a.Source, a.Confidence})
		}
		for _, b := range p.Minors.Bans {
			if len(b.Classes) == 0 || b.Under < 1 || !b.From.Valid() {
				t.Errorf("%s: the ban %+v says nothing", j, b)
			}
			statements = append(statements, statement{"ban", b.Source, b.Confidence})
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

func TestAgesHoldInTheirTime(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, jurisdiction string
		kind               config.AgeKind
		on                 string
		want               int // 0 is none
	}{
		{"Alabama's majority", "US-AL", config.AgeMajority, "2026-11-23", 19},
		{"Alabama's medical age of consent before it was raised", "US-AL", config.AgeHealthCare, "2025-09-30", 14},
		{"Alabama's medical age of consent since it was raised", "US-AL", config.AgeHealthCare, "2025-10-01", 16},
		{"Nebraska's majority", "US-NE", config.AgeMajority, "2026-11-23", 19},
		{"Nebraska has no general medical age of consent that was read", "US-NE", config.AgeHealthCare, "2026-11-23", 0},
		{"Mississippi's majority", "US-MS", config.AgeMajority, "2026-11-23", 21},
		{"Mississippi's adults in health care", "US-MS", config.AgeHealthCare, "2026-11-23", 18},
		{"Puerto Rico under its country code", "PR", config.AgeMajority, "2026-11-23", 21},
		{"England", "GB-ENG", config.AgeMajority, "2026-11-23", 18},
		{"Texas, where nothing was read", "US-TX", config.AgeMajority, "2026-11-23", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, _ := config.PackFor(tt.jurisdiction)
			got, ok := p.Minors.Age(tt.kind, glabella.MustParseDate(tt.on))
			if got.Years != tt.want || ok != (tt.want != 0) {
				t.Errorf("Age(%s, %s) = %d, %t, want %d", tt.kind, tt.on, got.Years, ok, tt.want)
			}
		})
	}
}

func TestBansHoldFromTheirDay(t *testing.T) {
	t.Parallel()
	p, _ := config.PackFor("GB-ENG")
	if len(p.Minors.Bans) != 2 {
		t.Fatalf("GB-ENG has %d bans, want 2", len(p.Minors.Bans))
	}
	for _, b := range p.Minors.Bans {
		if b.Holds(glabella.MustParseDate("2021-09-30")) || !b.Holds(glabella.MustParseDate("2021-10-01")) {
			t.Errorf("the ban on %v does not begin on 1 October 2021", b.Classes)
		}
		if cosmetic := b.Classes[0] != "botulinum-toxin"; b.CosmeticOnly != cosmetic {
			t.Errorf("the ban on %v is for cosmetic purposes only: %t, want %t", b.Classes, b.CosmeticOnly, cosmetic)
		}
	}
	p.Minors.Bans[0].Classes[0], p.Minors.Ages[0].Years = "changed", 99
	if again, _ := config.PackFor("GB-ENG"); again.Minors.Bans[0].Classes[0] == "changed" || again.Minors.Ages[0].Years == 99 {
		t.Error("a pack shares its rules on minors")
	}
}

func TestConfidencesAndAgeKindsAreListed(t *testing.T) {
	t.Parallel()
	for _, c := range config.Confidences() {
		if !c.Valid() {
			t.Errorf("%q is not valid", c)
		}
	}
	for _, k := range config.AgeKinds() {
		if !k.Valid() {
			t.Errorf("%q is not valid", k)
		}
	}
	if config.Confidence("").Valid() || config.AgeKind("").Valid() || config.Confidence("unverified").Valid() {
		t.Error("what is no confidence or kind of age is valid")
	}
}
