package consent_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella/consent"
)

// sectioned returns a form with the sections of [fullText] in two languages.
func sectioned(change ...func(*consent.Form)) consent.Form {
	return toxinForm(1, func(f *consent.Form) {
		en := fullText()
		es := consent.NewContent("es", "Tratamiento de arrugas", "Una inyección.",
			consent.Section{Key: "common-risks", Title: "Riesgos frecuentes", Body: "Hematomas.", Acknowledge: true, Required: true},
			consent.Section{Key: "rare-risks", Title: "Riesgos raros", Body: "Párpado caído.", Initials: true, Required: true},
			consent.Section{Key: "photos", Title: "Fotografías", Body: "Solo para la historia.", Acknowledge: true},
		)
		f.Contents = []consent.Content{en, es}
		for _, c := range change {
			c(f)
		}
		for i, c := range f.Contents {
			f.Contents[i].SHA256 = c.Hash()
		}
	})
}

func TestHashBindsSections(t *testing.T) {
	t.Parallel()
	// printf 'A\n\nB\0k\0T\0X\0iar' | sha256sum
	const want = "6f28276a8c75b3b08d72751f145eaef6099f866d4995fde59e04d9b28fc34dc9"
	if got := consent.NewContent("en", "A", "B", consent.Section{Key: "k", Title: "T", Body: "X", Initials: true, Acknowledge: true, Required: true}).SHA256; got != want {
		t.Errorf("Hash = %s, want %s", got, want)
	}
	if got, want := consent.NewContent("en", "A", "B", []consent.Section{}...).SHA256, consent.NewContent("en", "A", "B").SHA256; got != want {
		t.Errorf("no sections hash to %s, want %s as before there were sections", got, want)
	}
	seen := map[string]string{}
	for name, sections := range map[string][]consent.Section{
		"none":        nil,
		"one":         {{Key: "k", Title: "T", Body: "X"}},
		"initials":    {{Key: "k", Title: "T", Body: "X", Initials: true}},
		"tick":        {{Key: "k", Title: "T", Body: "X", Acknowledge: true}},
		"required":    {{Key: "k", Title: "T", Body: "X", Required: true}},
		"other key":   {{Key: "l", Title: "T", Body: "X"}},
		"shifted":     {{Key: "k", Title: "TX", Body: ""}},
		"two":         {{Key: "k", Title: "T", Body: "X"}, {Key: "l", Title: "T", Body: "X"}},
		"other order": {{Key: "l", Title: "T", Body: "X"}, {Key: "k", Title: "T", Body: "X"}},
	} {
		hash := consent.NewContent("en", "A", "B", sections...).SHA256
		if other, ok := seen[hash]; ok {
			t.Errorf("%s and %s have the same hash", name, other)
		}
		seen[hash] = name
	}
}

func TestSectionsAreValidated(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*consent.Form)
		want   []string
	}{
		{name: "sections in two languages are valid", change: func(*consent.Form) {}},
		{name: "a key that is none", change: func(f *consent.Form) {
			f.PublishedAt = time.Time{}
			f.Contents[0].Sections[0].Key = "Common Risks"
		}, want: []string{"/contents/0/sections/0/key format"}},
		{name: "no key", change: func(f *consent.Form) {
			f.PublishedAt = time.Time{}
			f.Contents[0].Sections[0].Key = ""
		}, want: []string{"/contents/0/sections/0/key required"}},
		{name: "a key that is given twice", change: func(f *consent.Form) {
			f.PublishedAt = time.Time{}
			f.Contents[0].Sections[2].Key = "rare-risks"
		}, want: []string{"/contents/0/sections/2/key duplicate"}},
		{name: "empty and malformed texts", change: func(f *consent.Form) {
			f.Contents[0].Sections[0].Title, f.Contents[0].Sections[1].Body = " ", "\xff"
		}, want: []string{"/contents/0/sections/0/title required", "/contents/0/sections/1/body text"}},
		{name: "texts that are too long", change: func(f *consent.Form) {
			f.Contents[0].Title, f.Contents[0].Sections[0].Body = strings.Repeat("x", consent.MaxTitle+1), strings.Repeat("x", consent.MaxBody+1)
			f.Contents[1].Body = strings.Repeat("x", consent.MaxBody)
		}, want: []string{"/contents/0/sections/0/body out-of-range", "/contents/0/title out-of-range"}},
		{name: "required without a mark", change: func(f *consent.Form) {
			f.Contents[0].Sections[1].Initials, f.Contents[1].Sections[1].Initials = false, false
		}, want: []string{"/contents/0/sections/1/required consent.section.mark", "/contents/1/sections/1/required consent.section.mark"}},
		{name: "too many sections", change: func(f *consent.Form) {
			f.Contents = f.Contents[:1]
			f.Contents[0].Sections = nil
			for i := range consent.MaxSections + 1 {
				f.Contents[0].Sections = append(f.Contents[0].Sections, consent.Section{Key: "k" + strings.Repeat("x", i), Title: "T", Body: "B"})
			}
		}, want: []string{"/contents/0/sections out-of-range"}},
		{name: "a published form lacks a section in a language", change: func(f *consent.Form) {
			f.Contents[1].Sections = f.Contents[1].Sections[:2]
		}, want: []string{"/contents/1/sections consent.section.keys"}},
		{name: "a draft may lack it", change: func(f *consent.Form) {
			f.PublishedAt, f.Contents[1].Sections = time.Time{}, nil
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, issuesOf(t, sectioned(tt.change).Validate())); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUntranslatedNamesWhatIsLeft(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*consent.Form)
		want   []consent.Untranslated
	}{
		{name: "nothing", change: func(*consent.Form) {}},
		{name: "a form without texts", change: func(f *consent.Form) { f.Contents = nil }},
		{name: "everything", change: func(f *consent.Form) { f.Contents[1].Sections = nil }, want: []consent.Untranslated{{"es", "common-risks"}, {"es", "rare-risks"}, {"es", "photos"}}},
		{name: "another order", change: func(f *consent.Form) {
			s := f.Contents[1].Sections
			s[1], s[2] = s[2], s[1]
		}, want: []consent.Untranslated{{"es", "rare-risks"}, {"es", "photos"}}},
		{name: "another mark", change: func(f *consent.Form) { f.Contents[1].Sections[2].Initials = true }, want: []consent.Untranslated{{"es", "photos"}}},
		{name: "more than the first", change: func(f *consent.Form) {
			f.Contents[1].Sections = append(f.Contents[1].Sections, consent.Section{Key: "more"})
		}, want: []consent.Untranslated{{"en", "more"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, sectioned(tt.change).Untranslated()); diff != "" {
				t.Errorf("Untranslated (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSectionIsFoundByItsKey(t *testing.T) {
	t.Parallel()
	if s, ok := fullText().Section("rare-risks"); !ok || s.Title != "Rare risks" {
		t.Errorf("Section(rare-risks) = %+v, %t", s, ok)
	}
	if s, ok := fullText().Section("rare"); ok {
		t.Errorf("Section(rare) = %+v, want none", s)
	}
}

func TestContentIsACopy(t *testing.T) {
	t.Parallel()
	f := sectioned()
	c, _ := f.Content("en")
	c.Sections[0].Body = "changed"
	if f.Contents[0].Sections[0].Body == "changed" {
		t.Error("Content shares its sections with the form")
	}
	given := []consent.Section{{Key: "k", Title: "T", Body: "B"}}
	made := consent.NewContent("en", "A", "B", given...)
	given[0].Body = "changed"
	if made.Sections[0].Body == "changed" {
		t.Error("NewContent shares its sections with the caller")
	}
}

func TestStoredSectionsRoundTrip(t *testing.T) {
	t.Parallel()
	f := sectioned(func(f *consent.Form) {
		f.Classes, f.Products, f.Services = []string{"botulinum-toxin"}, []string{}, []string{"TOX-20"}
		f.SignGapHours, f.BeforeTreatmentHours, f.DiscussionRequired, f.WitnessRequired = 2, 24, true, true
		f.Interpreter, f.RequiresInitials = consent.InterpreterUnspoken, true
		f.Contents[1].Sections = []consent.Section{}
		f.PublishedAt = time.Time{}
	})
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var got consent.Form
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(f, got); diff != "" {
		t.Errorf("form after JSON (-want +got):\n%s", diff)
	}
}
