package consent_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/consent"
)

func TestEvaluateMinor(t *testing.T) {
	t.Parallel()
	toxin, filler, laser := []string{"botulinum-toxin"}, []string{"dermal-filler", "hyaluronic-acid"}, []string{"laser-hair-removal"}
	const deny, warn, allow = glabella.Deny, glabella.Warn, glabella.Allow
	type facts = consent.MinorFacts
	for _, tt := range []struct {
		name    string
		place   string
		born    string
		on      string // "" is 2026-06-15
		facts   facts  // Stage is treatment unless given
		outcome glabella.Outcome
		want    []glabella.Code
	}{
		{name: "an adult in England", place: "GB-ENG", born: "2008-06-15", facts: facts{Classes: toxin, Cosmetic: true}, outcome: allow},
		{name: "the day before the birthday", place: "GB-ENG", born: "2008-06-16", facts: facts{Classes: toxin, Cosmetic: true, Guardian: true}, outcome: deny, want: []glabella.Code{consent.CodeMinorBan}},
		{name: "the ban holds at booking too", place: "GB-ENG", born: "2008-06-16", facts: facts{Stage: consent.StageBooking, Classes: toxin, Cosmetic: true, Guardian: true}, outcome: deny, want: []glabella.Code{consent.CodeMinorBan}},
		{name: "toxin is banned whatever it is for", place: "GB-ENG", born: "2010-01-01", facts: facts{Classes: toxin, Guardian: true}, outcome: deny, want: []glabella.Code{consent.CodeMinorBan}},
		{name: "a filler is banned for a cosmetic purpose", place: "GB-ENG", born: "2010-01-01", facts: facts{Classes: filler, Cosmetic: true, Guardian: true}, outcome: deny, want: []glabella.Code{consent.CodeMinorBan}},
		{name: "a filler for another purpose is not", place: "GB-ENG", born: "2010-01-01", facts: facts{Classes: filler, Guardian: true}, outcome: allow},
		{name: "a laser is not banned", place: "GB-ENG", born: "2010-01-01", facts: facts{Classes: laser, Cosmetic: true, Guardian: true}, outcome: allow},
		{name: "a doctor is excepted", place: "GB-ENG", born: "2010-01-01", facts: facts{Classes: toxin, Cosmetic: true, Guardian: true, Performer: []string{"GMC"}}, outcome: warn, want: []glabella.Code{consent.CodeMinorException}},
		{name: "a nurse on a doctor's directions is excepted", place: "GB-ENG", born: "2010-01-01", facts: facts{Classes: filler, Cosmetic: true, Guardian: true, Performer: []string{"NMC"}, Directed: true}, outcome: warn, want: []glabella.Code{consent.CodeMinorException}},
		{name: "a nurse without directions is not", place: "GB-ENG", born: "2010-01-01", facts: facts{Classes: filler, Cosmetic: true, Guardian: true, Performer: []string{"NMC"}}, outcome: deny, want: []glabella.Code{consent.CodeMinorBan}},
		{name: "directions do not help anyone else", place: "GB-ENG", born: "2010-01-01", facts: facts{Classes: filler, Cosmetic: true, Guardian: true, Performer: []string{"aesthetician"}, Directed: true}, outcome: deny, want: []glabella.Code{consent.CodeMinorBan}},
		{name: "the exception does not replace the guardian", place: "GB-ENG", born: "2010-01-01", facts: facts{Classes: toxin, Cosmetic: true, Performer: []string{"GMC"}}, outcome: deny, want: []glabella.Code{consent.CodeMinorGuardian, consent.CodeMinorException}},
		{name: "before the Act there was no ban", place: "GB-ENG", born: "2008-06-16", on: "2021-09-30", facts: facts{Classes: toxin, Cosmetic: true, Guardian: true}, outcome: allow},
		{name: "a treatment in the future, at which the patient is of age", place: "GB-ENG", born: "2010-01-01", on: "2028-01-01", facts: facts{Stage: consent.StageBooking, Classes: toxin, Cosmetic: true}, outcome: allow},
		{name: "a leap day's child on 28 February", place: "GB-ENG", born: "2008-02-29", on: "2026-02-28", facts: facts{Classes: toxin, Cosmetic: true, Guardian: true}, outcome: deny, want: []glabella.Code{consent.CodeMinorBan}},
		{name: "a leap day's child on 1 March", place: "GB-ENG", born: "2008-02-29", on: "2026-03-01", facts: facts{Classes: toxin, Cosmetic: true}, outcome: allow},

		{name: "no date of birth at treatment", place: "GB-ENG", facts: facts{Classes: toxin, Cosmetic: true}, outcome: deny, want: []glabella.Code{consent.CodeMinorBirthDate}},
		{name: "no date of birth at booking", place: "GB-ENG", facts: facts{Stage: consent.StageBooking, Classes: toxin, Cosmetic: true}, outcome: warn, want: []glabella.Code{consent.CodeMinorBirthDate}},
		{name: "a date of birth that is still to come", place: "GB-ENG", born: "2030-01-01", facts: facts{Classes: laser}, outcome: deny, want: []glabella.Code{consent.CodeMinorBirthDate}},
		{name: "a date of birth that does not exist", place: "GB-ENG", born: "bad", facts: facts{Classes: laser}, outcome: deny, want: []glabella.Code{consent.CodeMinorBirthDate}},
		{name: "no day", place: "GB-ENG", born: "2000-01-01", on: "none", outcome: deny, want: []glabella.Code{consent.CodeMinorDay}},
		{name: "a stage that is none counts as treatment", place: "GB-ENG", facts: facts{Stage: "later"}, outcome: deny, want: []glabella.Code{consent.CodeMinorBirthDate}},

		{name: "Alabama at 15 today", place: "US-AL", born: "2010-12-31", facts: facts{Classes: toxin}, outcome: deny, want: []glabella.Code{consent.CodeMinorGuardian}},
		{name: "Alabama at 15 before the age was raised", place: "US-AL", born: "2010-01-01", on: "2025-09-30", facts: facts{Classes: toxin}, outcome: warn, want: []glabella.Code{consent.CodeMinorAlone}},
		{name: "Alabama at 16", place: "US-AL", born: "2010-06-15", facts: facts{Classes: toxin}, outcome: warn, want: []glabella.Code{consent.CodeMinorAlone}},
		{name: "Alabama at 16 in a practice that waits until 18", place: "US-AL", born: "2010-06-15", facts: facts{Classes: toxin, AdultAge: 18, AgeSource: "practice policy"}, outcome: deny, want: []glabella.Code{consent.CodeMinorPolicy, consent.CodeMinorAlone}},
		{name: "Alabama at 19", place: "US-AL", born: "2007-06-15", facts: facts{Classes: toxin}, outcome: allow},
		{name: "Nebraska at 18", place: "US-NE", born: "2008-06-15", facts: facts{Classes: toxin}, outcome: deny, want: []glabella.Code{consent.CodeMinorGuardian}},
		{name: "Nebraska at 18 with a guardian", place: "US-NE", born: "2008-06-15", facts: facts{Classes: toxin, Guardian: true}, outcome: allow},
		{name: "Mississippi at 18", place: "US-MS", born: "2008-06-15", facts: facts{Classes: toxin}, outcome: warn, want: []glabella.Code{consent.CodeMinorAlone}},
		{name: "Mississippi at 17 at booking", place: "US-MS", born: "2008-06-16", facts: facts{Stage: consent.StageBooking, Classes: toxin}, outcome: warn, want: []glabella.Code{consent.CodeMinorGuardian}},
		{name: "Puerto Rico at 20, whose source was not read, only warns", place: "PR", born: "2006-01-01", facts: facts{Classes: toxin}, outcome: warn, want: []glabella.Code{consent.CodeMinorGuardian}},
		{name: "Texas, where the practice has decided", place: "US-TX", born: "2008-06-16", facts: facts{Classes: toxin, AdultAge: 18, AgeSource: "practice policy; general age of majority"}, outcome: deny, want: []glabella.Code{consent.CodeMinorPolicy}},
		{name: "a place of which nothing is known", place: "GB-SCT", born: "1980-01-01", outcome: warn, want: []glabella.Code{consent.CodeMinorRules}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pack, _ := config.PackFor(tt.place)
			f := tt.facts
			f.Patient, f.Jurisdiction, f.Rules, f.On = pat, tt.place, pack.Minors, glabella.MustParseDate("2026-06-15")
			if f.Stage == "" {
				f.Stage = consent.StageTreatment
			}
			switch tt.on {
			case "":
			case "none":
				f.On = glabella.Date{}
			default:
				f.On = glabella.MustParseDate(tt.on)
			}
			switch tt.born {
			case "":
			case "bad":
				f.BirthDate = glabella.Date{Year: 2001, Month: 2, Day: 30}
			default:
				f.BirthDate = glabella.MustParseDate(tt.born)
			}
			got := consent.EvaluateMinor(f)
			if diff := cmp.Diff(append([]glabella.Code{}, tt.want...), got.Codes()); diff != "" || got.Outcome != tt.outcome {
				t.Errorf("EvaluateMinor = %v, want %s (-want +got):\n%s", got, tt.outcome, diff)
			}
			for _, r := range got.Reasons {
				if r.Fix == "" || r.Source == "" || len(r.Refs) != 1 || r.Args["jurisdiction"] != tt.place || r.Args["stage"] == "" {
					t.Errorf("the reason %+v does not say all", r)
				}
				for _, arg := range r.Args {
					if arg == tt.born {
						t.Errorf("the reason %s holds the date of birth", r.Code)
					}
				}
			}
		})
	}
}

func TestMinorBanSaysWhatItRestsOn(t *testing.T) {
	t.Parallel()
	pack, _ := config.PackFor("GB-ENG")
	d := consent.EvaluateMinor(consent.MinorFacts{
		Patient: pat, BirthDate: glabella.MustParseDate("2010-01-01"), On: glabella.MustParseDate("2026-06-15"), Stage: consent.StageBooking,
		Jurisdiction: "GB-ENG", Rules: pack.Minors, Classes: []string{"lip-augmentation", "hyaluronic-acid"}, Cosmetic: true, Guardian: true, Performer: []string{"GDC"},
	})
	want := []glabella.Reason{{
		Outcome: glabella.Deny, Code: consent.CodeMinorBan, Text: "the law keeps patients of this age from the treatment",
		Args: map[string]string{
			"jurisdiction": "GB-ENG", "stage": "booking", "class": "hyaluronic-acid", "under": "18", "performer": "undirected", "confidence": "read",
		},
		Refs:   []glabella.Ref{pat.Ref()},
		Fix:    "wait until the patient is 18; a guardian's consent does not lift the ban, a doctor's treatment or directions do",
		Source: "Botulinum Toxin and Cosmetic Fillers (Children) Act 2021, ss. 1-2",
	}}
	if diff := cmp.Diff(want, d.Reasons); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}

// TestAgeNeverHurts checks for every place and stage that a day later is never
// refused more than a day before, as long as the rules stay the same.
func TestAgeNeverHurts(t *testing.T) {
	t.Parallel()
	rank := map[glabella.Outcome]int{glabella.Allow: 0, glabella.Warn: 1, glabella.Deny: 2}
	for _, place := range config.Jurisdictions() {
		pack, _ := config.PackFor(place)
		for _, stage := range consent.Stages() {
			for _, guardian := range []bool{false, true} {
				f := consent.MinorFacts{
					Patient: pat, On: glabella.MustParseDate("2026-06-15"), Stage: stage, Jurisdiction: place, Rules: pack.Minors,
					AdultAge: 18, AgeSource: "practice policy", Classes: []string{"botulinum-toxin"}, Cosmetic: true, Guardian: guardian,
				}
				before, turns := 2, 0
				for days := 0; days < 23*366; days++ {
					f.BirthDate = f.On.AddDays(-days)
					d := consent.EvaluateMinor(f)
					now := rank[d.Outcome]
					if now > before {
						t.Fatalf("%s, %s: %v at %d days", place, stage, d, days)
					}
					if now < before {
						turns++
					}
					before = now
					if minor := f.IsMinor(); !minor && d.Has(consent.CodeMinorGuardian) {
						t.Fatalf("%s: no minor at %d days, but %v", place, days, d)
					}
				}
				if before != 0 || turns == 0 {
					t.Errorf("%s, %s: at the end the outcome is of rank %d, after %d turns", place, stage, before, turns)
				}
			}
		}
	}
}

func TestIsMinor(t *testing.T) {
	t.Parallel()
	on := glabella.MustParseDate("2026-06-15")
	for _, tt := range []struct {
		name, place, born string
		adult             int
		want              bool
	}{
		{"of age by the law", "US-NE", "2007-06-15", 0, false},
		{"not of age by the law", "US-NE", "2007-06-16", 0, true},
		{"of age in health care", "US-MS", "2008-06-15", 0, false},
		{"not of age by the practice", "US-AL", "2010-06-15", 18, true},
		{"of age by both", "US-AL", "2008-06-15", 18, false},
		{"born later", "US-AL", "2030-01-01", 18, true},
	} {
		pack, _ := config.PackFor(tt.place)
		if got := (consent.MinorFacts{BirthDate: glabella.MustParseDate(tt.born), On: on, Rules: pack.Minors, AdultAge: tt.adult}).IsMinor(); got != tt.want {
			t.Errorf("IsMinor when %s = %t", tt.name, got)
		}
	}
	if !(consent.MinorFacts{On: on, AdultAge: 18}).IsMinor() {
		t.Error("a patient without a date of birth may sign alone")
	}
}
