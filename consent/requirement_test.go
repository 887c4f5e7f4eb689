package consent_test

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

func TestRequirements(t *testing.T) {
	t.Parallel()
	at := day("2026-06-15")
	form := func(id byte, code string, change func(*consent.Form)) consent.Form {
		return toxinForm(1, func(f *consent.Form) {
			f.ID, f.Code, f.Treatments = formID(id), code, nil
			change(f)
		})
	}
	forms := []consent.Form{
		toxinForm(1), toxinForm(2), toxinForm(9, func(f *consent.Form) { f.PublishedAt = at.Add(time.Hour) }),
		form(50, "z-class", func(f *consent.Form) { f.Classes = []string{"neurotoxin", "botulinum-toxin-class"} }),
		form(51, "a-product", func(f *consent.Form) { f.Products, f.Strength = []string{"toxin-b"}, consent.MustShow }),
		form(52, "service", func(f *consent.Form) { f.Services, f.Strength = []string{"TOX-20"}, consent.Optional }),
		form(53, "state", func(f *consent.Form) {
			f.Treatments, f.Jurisdictions = []string{"botulinum-toxin"}, []string{"US-CA"}
		}),
		form(54, "named", func(*consent.Form) {}),
		form(55, "retired", func(f *consent.Form) { f.Treatments, f.RetiredAt = []string{"botulinum-toxin"}, at }),
	}
	all := consent.Act{Treatment: "botulinum-toxin", Classes: []string{"botulinum-toxin-class"}, Products: []string{"toxin-a", "toxin-b"}, Services: []string{"TOX-20"}, Jurisdiction: "US-CA"}
	for _, tt := range []struct {
		name     string
		act      consent.Act
		required []string
		want     []string
	}{
		{name: "everything, in order of strength and code", act: all, required: []string{"named"}, want: []string{"named 1", "state 1", "toxin-consent 2", "z-class 1", "a-product 1", "service 1"}},
		{name: "a treatment", act: consent.Act{Treatment: "botulinum-toxin", Jurisdiction: "US-TX"}, want: []string{"toxin-consent 2"}},
		{name: "a product", act: consent.Act{Products: []string{"toxin-b"}}, want: []string{"a-product 1"}},
		{name: "a class", act: consent.Act{Classes: []string{"neurotoxin"}}, want: []string{"z-class 1"}},
		{name: "a service", act: consent.Act{Services: []string{"TOX-20"}}, want: []string{"service 1"}},
		{name: "a form that is only named", required: []string{"named"}, want: []string{"named 1"}},
		{name: "nothing", act: consent.Act{Treatment: "laser", Classes: []string{""}, Jurisdiction: "US-CA"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range consent.Requirements(forms, tt.act, at, tt.required...) {
				got = append(got, fmt.Sprintf("%s %d", f.Code, f.Version))
				if !slices.Contains(tt.required, f.Code) && !f.Requires(tt.act) {
					t.Errorf("%s is listed but does not require the act", f.Code)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Requirements (-want +got):\n%s", diff)
			}
		})
	}
	if f := forms[6]; !f.RequiredFor("botulinum-toxin", "US-CA") || f.RequiredFor("botulinum-toxin", "US-NY") || f.RequiredFor("laser", "US-CA") {
		t.Error("RequiredFor does not look at the treatment and the place alone")
	}
	got := consent.Requirements(forms, all, at)
	got[0].Treatments[0], got[0].Contents[0].Title = "changed", "changed"
	if slices.ContainsFunc(forms, func(f consent.Form) bool {
		return slices.Contains(f.Treatments, "changed") || f.Contents[0].Title == "changed"
	}) {
		t.Error("Requirements shares memory with its argument")
	}
}

// TestEvaluateAsksForWhatRequirementsLists signs what is listed and draws random
// acts.
func TestEvaluateAsksForWhatRequirementsLists(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(11))
	at := day("2026-06-15")
	pick := func(of ...string) []string {
		return slices.DeleteFunc(slices.Clone(of), func(string) bool { return rng.Intn(3) > 0 })
	}
	listed := map[int]int{}
	for range 500 {
		var forms []consent.Form
		for i := range 24 {
			forms = append(forms, toxinForm(1+i%2, func(f *consent.Form) {
				f.ID, f.Code = formID(byte(i)), strings.Repeat("ab", i/2%2)+string(rune('a'+i/2))
				f.Treatments, f.Classes, f.Products, f.Services = pick("t", "u"), pick("c", "d"), pick("p", "q"), pick("s")
				f.Jurisdictions, f.Strength = pick("US", "US-CA", "GB"), consent.Strengths()[rng.Intn(3)]
			}))
		}
		act := consent.Act{Treatment: "t", Classes: pick("c"), Products: pick("p"), Services: pick("s"), Jurisdiction: "US-CA"}
		facts := consent.Facts{
			Patient: pat, Treatment: act.Treatment, Classes: act.Classes, Products: act.Products, Services: act.Services, Jurisdiction: act.Jurisdiction,
			Forms: forms, At: at,
		}
		need := consent.Requirements(forms, act, at)
		listed[len(need)]++
		asked := consent.Evaluate(facts)
		binding := slices.DeleteFunc(slices.Clone(need), func(f consent.Form) bool { return f.Strength == consent.Optional })
		if len(asked.Reasons) != len(binding) {
			t.Fatalf("Evaluate gives %d reasons, Requirements lists %d forms that bind", len(asked.Reasons), len(binding))
		}
		for i, f := range need {
			facts.Consents = append(facts.Consents, accepted(byte(i), f, at))
		}
		if d := consent.Evaluate(facts); !d.Allowed() {
			t.Fatalf("all that is listed is signed, but Evaluate = %v", d)
		}
	}
	if len(listed) < 6 {
		t.Errorf("the acts needed only %v forms", listed)
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*consent.Form)
		want   []consent.Change
	}{
		{name: "none", change: func(f *consent.Form) {
			f.ID, f.Version, f.PublishedAt, f.Material = formID(99), 2, day("2026-09-01"), true
			f.Contents[0].Language = "en"
		}},
		{name: "a word of the body", change: func(f *consent.Form) { f.Contents[1].Body = "Una inyección pequeña." }, want: []consent.Change{
			{Path: "/contents/es/body", Kind: consent.Altered, Old: []string{"Una inyección."}, New: []string{"Una inyección pequeña."}},
		}},
		{name: "a paragraph that is gone", change: func(f *consent.Form) {
			f.Contents[0].Sections[1].Body = "A **drooping** lid."
		}, want: []consent.Change{{Path: "/contents/en/sections/rare-risks/body", Kind: consent.Altered, Old: []string{"## Eyes"}}}},
		{name: "white space alone", change: func(f *consent.Form) {
			f.Contents[0].Sections[1].Body = "## Eyes  \r\n\r\n\r\nA **drooping** lid.\n"
		}},
		{name: "emphasis", change: func(f *consent.Form) { f.Contents[0].Sections[1].Body = "## Eyes\n\nA drooping lid." }, want: []consent.Change{
			{Path: "/contents/en/sections/rare-risks/body", Kind: consent.Altered, Old: []string{"A **drooping** lid."}, New: []string{"A drooping lid."}},
		}},
		{name: "a section that is gone", change: func(f *consent.Form) { f.Contents[1].Sections = f.Contents[1].Sections[:2] }, want: []consent.Change{
			{Path: "/contents/es/sections", Kind: consent.Altered, Old: []string{"photos"}},
			{Path: "/contents/es/sections/photos/acknowledge", Kind: consent.Removed, Old: []string{"true"}},
			{Path: "/contents/es/sections/photos/body", Kind: consent.Removed, Old: []string{"Solo para la historia."}},
			{Path: "/contents/es/sections/photos/title", Kind: consent.Removed, Old: []string{"Fotografías"}},
		}},
		{name: "sections in another order", change: func(f *consent.Form) { slices.Reverse(f.Contents[0].Sections) }, want: []consent.Change{
			{Path: "/contents/en/sections", Kind: consent.Altered, Old: []string{"common-risks", "rare-risks"}, New: []string{"rare-risks", "common-risks"}},
		}},
		{name: "a language that is added", change: func(f *consent.Form) {
			f.Contents = append(f.Contents, consent.NewContent("fr", "Titre", "Un.\n\nDeux."))
		}, want: []consent.Change{
			{Path: "/contents/fr/body", Kind: consent.Added, New: []string{"Un.", "Deux."}},
			{Path: "/contents/fr/title", Kind: consent.Added, New: []string{"Titre"}},
		}},
		{name: "settings", change: func(f *consent.Form) {
			f.Treatments, f.Strength, f.WitnessRequired, f.CoolingOffDays = []string{"laser", "botulinum-toxin"}, consent.MustShow, true, 3
			f.Recurrence, f.ValidFor = consent.Interval, glabella.Period{Years: 1}
		}, want: []consent.Change{
			{Path: "/coolingOffDays", Kind: consent.Added, New: []string{"3"}},
			{Path: "/recurrence", Kind: consent.Altered, Old: []string{"once"}, New: []string{"interval"}},
			{Path: "/strength", Kind: consent.Altered, Old: []string{"must-accept"}, New: []string{"must-show"}},
			{Path: "/treatments", Kind: consent.Altered, New: []string{"laser"}},
			{Path: "/validFor", Kind: consent.Added, New: []string{"P1Y"}},
			{Path: "/witnessRequired", Kind: consent.Added, New: []string{"true"}},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := consent.Changes(sectioned(), sectioned(tt.change))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Changes (-want +got):\n%s", diff)
			}
			for _, c := range got {
				if !c.Kind.Valid() {
					t.Errorf("%s is %q", c.Path, c.Kind)
				}
			}
			back := consent.Changes(sectioned(tt.change), sectioned())
			if len(back) != len(got) {
				t.Errorf("there are %d changes forth and %d back", len(got), len(back))
			}
		})
	}
}

// TestChangesAreWhatTurnsOneTextIntoTheOther checks, for random texts, that what
// is left once the changes are taken away is the same.
func TestChangesAreWhatTurnsOneTextIntoTheOther(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(5))
	text := func() (string, []string) {
		var lines []string
		for range 1 + rng.Intn(8) {
			lines = append(lines, string(rune('a'+rng.Intn(4))))
		}
		body := ""
		for _, l := range lines {
			body += l + "\n\n"
		}
		return body, lines
	}
	without := func(lines, gone []string) []string {
		out := slices.Clone(lines)
		for _, g := range gone {
			i := slices.Index(out, g)
			if i < 0 {
				t.Fatalf("%q is not in %q", g, lines)
			}
			out = slices.Delete(out, i, i+1)
		}
		slices.Sort(out)
		return out
	}
	for range 2000 {
		a, linesA := text()
		b, linesB := text()
		before, after := toxinForm(1), toxinForm(1)
		before.Contents = []consent.Content{consent.NewContent("en", "T", a)}
		after.Contents = []consent.Content{consent.NewContent("en", "T", b)}
		changes := consent.Changes(before, after)
		if slices.Equal(linesA, linesB) != (len(changes) == 0) {
			t.Fatalf("%q to %q: %+v", linesA, linesB, changes)
		}
		if len(changes) == 0 {
			continue
		}
		if rest, want := without(linesA, changes[0].Old), without(linesB, changes[0].New); !slices.Equal(rest, want) {
			t.Fatalf("%q to %q: %+v leaves %q and %q", linesA, linesB, changes, rest, want)
		}
	}
}
