package treatment_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/treatment"
)

func finding(classes ...string) []treatment.Finding {
	return []treatment.Finding{{Classes: classes, Ref: glabella.Ref{Kind: "allergy", ID: "fictional"}}}
}

func TestScreen(t *testing.T) {
	t.Parallel()
	type facts = treatment.Facts
	for _, tt := range []struct {
		name     string
		template string
		product  string
		change   func(*facts)
		want     glabella.Outcome
		codes    []glabella.Code
	}{
		{"nothing recorded is allowed", "botulinum-toxin", "onabotulinumtoxinA", func(*facts) {}, glabella.Allow, nil},
		{"a product of another template is denied", "botulinum-toxin", "restylane-l", func(*facts) {}, glabella.Deny, []glabella.Code{treatment.CodeProductUnlisted}},
		{"no product is denied", "botulinum-toxin", "", func(*facts) {}, glabella.Deny, []glabella.Code{treatment.CodeProductUnlisted}},
		{"milk protein denies Dysport", "botulinum-toxin", "abobotulinumtoxinA", func(f *facts) { f.Allergies = finding("milk-protein") }, glabella.Deny, []glabella.Code{treatment.CodeMilkProteinAllergy}},
		{"milk protein allows Botox", "botulinum-toxin", "onabotulinumtoxinA", func(f *facts) { f.Allergies = finding("milk-protein") }, glabella.Allow, nil},
		{"human albumin denies Botox", "botulinum-toxin", "onabotulinumtoxinA", func(f *facts) { f.Allergies = finding("human-albumin") }, glabella.Deny, []glabella.Code{treatment.CodeHumanAlbuminAllergy}},
		{"human albumin allows Daxxify, which has none", "botulinum-toxin", "daxibotulinumtoxinA", func(f *facts) { f.Allergies = finding("human-albumin") }, glabella.Allow, nil},
		{"botulinum toxin denies every toxin", "botulinum-toxin", "daxibotulinumtoxinA", func(f *facts) { f.Allergies = finding("botulinum-toxin") }, glabella.Deny, []glabella.Code{treatment.CodeBotulinumToxinAllergy}},
		{"an aminoglycoside warns", "botulinum-toxin", "onabotulinumtoxinA", func(f *facts) { f.Medications = finding("aminoglycoside") }, glabella.Warn, []glabella.Code{treatment.CodeAminoglycoside}},
		{"an allergy to an aminoglycoside is no medication", "botulinum-toxin", "onabotulinumtoxinA", func(f *facts) { f.Allergies = finding("aminoglycoside") }, glabella.Allow, nil},
		{"a neuromuscular disorder warns", "botulinum-toxin", "onabotulinumtoxinA", func(f *facts) { f.Conditions = finding("neuromuscular-disorder") }, glabella.Warn, []glabella.Code{treatment.CodeNeuromuscularDisorder}},
		{"17 is denied", "botulinum-toxin", "onabotulinumtoxinA", func(f *facts) { f.Age = 17 }, glabella.Deny, []glabella.Code{treatment.CodeUnderAge}},
		{"18 is allowed", "botulinum-toxin", "onabotulinumtoxinA", func(f *facts) { f.Age = 18 }, glabella.Allow, nil},
		{"an unknown age warns", "botulinum-toxin", "onabotulinumtoxinA", func(f *facts) { f.Age = treatment.AgeUnknown }, glabella.Warn, []glabella.Code{treatment.CodeAgeUnknown}},
		{"pregnancy warns", "botulinum-toxin", "onabotulinumtoxinA", func(f *facts) { f.Pregnant = treatment.PregnantYes }, glabella.Warn, []glabella.Code{treatment.CodePregnancy}},
		{"pregnancy not asked about warns", "botulinum-toxin", "onabotulinumtoxinA", func(f *facts) { f.Pregnant = "" }, glabella.Warn, []glabella.Code{treatment.CodePregnancyUnknown}},
		{"pregnancy in words that are not known warns", "botulinum-toxin", "onabotulinumtoxinA", func(f *facts) { f.Pregnant = "Yes" }, glabella.Warn, []glabella.Code{treatment.CodePregnancyUnknown}},
		{"pregnancy not applicable is allowed", "botulinum-toxin", "onabotulinumtoxinA", func(f *facts) { f.Pregnant = treatment.PregnantNotApplicable }, glabella.Allow, nil},
		{"89 days after the last treatment warns", "botulinum-toxin", "onabotulinumtoxinA", func(f *facts) { f.LastTreated = f.On.AddDays(-89) }, glabella.Warn, []glabella.Code{treatment.CodeIntervalShort}},
		{"90 days after the last treatment is allowed", "botulinum-toxin", "onabotulinumtoxinA", func(f *facts) { f.LastTreated = f.On.AddDays(-90) }, glabella.Allow, nil},
		{"fillers have no interval of their label", "dermal-filler", "restylane-l", func(f *facts) { f.LastTreated = f.On.AddDays(-1) }, glabella.Allow, nil},
		{"lidocaine denies a filler that contains it", "dermal-filler", "restylane-l", func(f *facts) { f.Allergies = finding("amide-local-anaesthetic") }, glabella.Deny, []glabella.Code{treatment.CodeAmideAnaestheticAllergy}},
		{"lidocaine warns of a filler that may be prepared with it", "dermal-filler", "sculptra", func(f *facts) { f.Allergies = finding("amide-local-anaesthetic") }, glabella.Warn, []glabella.Code{treatment.CodeAddedAnaesthetic}},
		{"lidocaine allows a filler without it", "dermal-filler", "radiesse", func(f *facts) { f.Allergies = finding("amide-local-anaesthetic") }, glabella.Allow, nil},
		{"ester anaesthetics are another class", "dermal-filler", "restylane-l", func(f *facts) { f.Allergies = finding("ester-local-anaesthetic") }, glabella.Allow, nil},
		{"keloids deny Sculptra", "dermal-filler", "sculptra", func(f *facts) { f.Conditions = finding("keloid-history") }, glabella.Deny, []glabella.Code{treatment.CodeKeloidHistory}},
		{"keloids warn of the others", "dermal-filler", "restylane-l", func(f *facts) { f.Conditions = finding("keloid-history") }, glabella.Warn, []glabella.Code{treatment.CodeKeloidNotStudied}},
		{"an anticoagulant warns once", "dermal-filler", "restylane-l", func(f *facts) {
			f.Medications = append(finding("anticoagulant"), finding("antiplatelet", "nsaid")...)
		}, glabella.Warn, []glabella.Code{treatment.CodeBleedingRisk}},
		{"21 warns of a filler labelled for patients over 21", "dermal-filler", "juvederm-voluma-xc", func(f *facts) { f.Age = 21 }, glabella.Warn, []glabella.Code{treatment.CodeUnderLabelledAge}},
		{"everything is evaluated, and what denies comes first", "botulinum-toxin", "abobotulinumtoxinA", func(f *facts) {
			f.Age, f.Pregnant, f.LastTreated = 16, treatment.PregnantYes, f.On.AddDays(-10)
			f.Allergies = finding("milk-protein", "human-albumin")
			f.Medications = finding("neuromuscular-blocker")
		}, glabella.Deny, []glabella.Code{
			treatment.CodeMilkProteinAllergy, treatment.CodeHumanAlbuminAllergy, treatment.CodeUnderAge,
			treatment.CodeNeuromuscularBlocker, treatment.CodePregnancy, treatment.CodeIntervalShort,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := healthy(tt.product)
			tt.change(&f)
			got := latest(t, tt.template).Screen(f)
			if diff := cmp.Diff(tt.codes, got.Codes(), cmpopts.EquateEmpty()); diff != "" || got.Outcome != tt.want {
				t.Errorf("Screen(%+v) = %v, want %v; codes (-want +got):\n%s", f, got, tt.want, diff)
			}
			for _, r := range got.Reasons {
				if r.Source == "" || r.Fix == "" || r.Text == "" {
					t.Errorf("reason %s has source %q, fix %q, text %q; want all three", r.Code, r.Source, r.Fix, r.Text)
				}
			}
		})
	}
}

func TestScreenNamesTheRecordsThatMatched(t *testing.T) {
	t.Parallel()
	f := healthy("restylane-l")
	warfarin, ibuprofen, vitamin := glabella.Ref{Kind: "medication", ID: "1"}, glabella.Ref{Kind: "medication", ID: "2"}, glabella.Ref{Kind: "medication", ID: "3"}
	f.Medications = []treatment.Finding{{Classes: []string{"anticoagulant"}, Ref: warfarin}, {Ref: vitamin}, {Classes: []string{"nsaid"}, Ref: ibuprofen}}
	got := latest(t, "dermal-filler").Screen(f)
	if len(got.Reasons) != 1 {
		t.Fatalf("Screen() = %v, want one reason", got)
	}
	if diff := cmp.Diff([]glabella.Ref{warfarin, ibuprofen}, got.Reasons[0].Refs); diff != "" {
		t.Errorf("refs (-want +got):\n%s", diff)
	}
}

func TestScreenIntervalSaysWhen(t *testing.T) {
	t.Parallel()
	f := healthy("onabotulinumtoxinA")
	f.LastTreated = glabella.MustParseDate("2026-10-01")
	got := latest(t, "botulinum-toxin").Screen(f)
	want := []glabella.Reason{{
		Outcome: glabella.Warn, Code: treatment.CodeIntervalShort, Text: "the last treatment is less than 90 days ago",
		Args:   map[string]string{"product": "onabotulinumtoxinA", "days": "90", "earliest": "2026-12-30"},
		Fix:    "wait until 2026-12-30, or record why it is given earlier",
		Source: "Botox Cosmetic US prescribing information (text of October 2024): not evaluated more often than every 3 months",
	}}
	if diff := cmp.Diff(want, got.Reasons); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}

// A template by itself, outside of a set, falls back on its own interval.
func TestScreenWithoutSet(t *testing.T) {
	t.Parallel()
	template := hostTemplate()
	template.Retreat = treatment.Interval{Days: 14, Basis: treatment.BasisCommonPractice}
	f := treatment.Facts{On: glabella.MustParseDate("2026-11-03"), LastTreated: glabella.MustParseDate("2026-10-21")}
	got := template.Screen(f)
	if diff := cmp.Diff([]glabella.Code{treatment.CodeIntervalShort}, got.Codes()); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
	if want := "common practice; edit to the clinic's own policy"; got.Reasons[0].Source != want {
		t.Errorf("source = %q, want %q", got.Reasons[0].Source, want)
	}
}
