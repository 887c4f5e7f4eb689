package consent_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

func day(s string) time.Time { return glabella.MustParseDate(s).Start(time.UTC).Add(12 * time.Hour) }

func formID(n byte) glabella.FormID { return glabella.FormID{0: 1, 15: n} }

// toxinForm returns a published version of a fictional form.
func toxinForm(version int, change ...func(*consent.Form)) consent.Form {
	f := consent.Form{
		ID: formID(byte(version)), Code: "toxin-consent", Version: version,
		Treatments: []string{"botulinum-toxin"}, Strength: consent.MustAccept, Recurrence: consent.Once,
		Contents: []consent.Content{
			consent.NewContent("en", "Consent", strings.Repeat("I have read this. ", version)),
			consent.NewContent("es", "Consentimiento", strings.Repeat("He leído esto. ", version)),
		},
		PublishedAt: day("2026-01-01").AddDate(0, version-1, 0),
	}
	for _, c := range change {
		c(&f)
	}
	return f
}

// issuesOf returns "path code" for each issue of a validation error.
func issuesOf(t testing.TB, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var invalid *glabella.ValidationError
	if !errors.As(err, &invalid) {
		t.Fatalf("error %v is not a validation error", err)
	}
	var out []string
	for _, i := range invalid.Issues {
		out = append(out, i.Path+" "+string(i.Code))
	}
	return out
}

func TestFormValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*consent.Form)
		want   []string
	}{
		{name: "a published form is valid", change: func(*consent.Form) {}},
		{name: "a draft is valid", change: func(f *consent.Form) { f.PublishedAt = time.Time{} }},
		{
			name: "an empty form lacks everything", change: func(f *consent.Form) { *f = consent.Form{} },
			want: []string{"/code required", "/contents out-of-range", "/formVersion out-of-range", "/id required", "/recurrence unknown-value", "/strength unknown-value"},
		},
		{name: "a text that was changed without its hash", change: func(f *consent.Form) { f.Contents[1].Body += "!" }, want: []string{"/contents/1/sha256 consent.form.hash"}},
		{name: "a title that was changed without its hash", change: func(f *consent.Form) { f.Contents[0].Title = "C" }, want: []string{"/contents/0/sha256 consent.form.hash"}},
		{name: "a code with capitals", change: func(f *consent.Form) { f.Code = "Toxin Consent" }, want: []string{"/code format"}},
		{name: "an interval without a period", change: func(f *consent.Form) { f.Recurrence = consent.Interval }, want: []string{"/validFor consent.form.interval"}},
		{name: "a period without an interval", change: func(f *consent.Form) { f.ValidFor.Months = 1 }, want: []string{"/validFor consent.form.interval"}},
		{
			name:   "a negative period",
			change: func(f *consent.Form) { f.Recurrence, f.ValidFor = consent.Interval, glabella.Period{Days: -1} },
			want:   []string{"/validFor out-of-range"},
		},
		{name: "a negative time to reflect", change: func(f *consent.Form) { f.CoolingOffDays = -1 }, want: []string{"/coolingOffDays out-of-range"}},
		{name: "retired before it was published", change: func(f *consent.Form) { f.RetiredAt = f.PublishedAt.Add(-1) }, want: []string{"/retiredAt consent.form.retired"}},
		{
			name:   "retired without having been published",
			change: func(f *consent.Form) { f.RetiredAt, f.PublishedAt = f.PublishedAt, time.Time{} },
			want:   []string{"/retiredAt consent.form.retired"},
		},
		{
			name:   "two texts in one language",
			change: func(f *consent.Form) { f.Contents[1].Language = "EN" },
			want:   []string{"/contents/1/language duplicate"},
		},
		{name: "a language that is none", change: func(f *consent.Form) { f.Contents[0].Language = "english!" }, want: []string{"/contents/0/language format"}},
		{name: "no language", change: func(f *consent.Form) { f.Contents[0].Language = "" }, want: []string{"/contents/0/language format"}},
		{
			name:   "an empty text",
			change: func(f *consent.Form) { f.Contents[0] = consent.NewContent("en", " ", "") },
			want:   []string{"/contents/0/body required", "/contents/0/title required"},
		},
		{
			name:   "a text that is not UTF-8",
			change: func(f *consent.Form) { f.Contents[0] = consent.NewContent("en", "a\x00", "\xff") },
			want:   []string{"/contents/0/body text", "/contents/0/title text"},
		},
		{
			name:   "treatments and jurisdictions that are empty or repeated",
			change: func(f *consent.Form) { f.Treatments, f.Jurisdictions = []string{"", "a", "a"}, []string{"US", "US"} },
			want:   []string{"/jurisdictions/1 duplicate", "/treatments/0 required", "/treatments/2 duplicate"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, issuesOf(t, toxinForm(1, tt.change).Validate())); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHashBindsTitleAndBody(t *testing.T) {
	t.Parallel()
	texts := []consent.Content{
		consent.NewContent("en", "A", "B"), consent.NewContent("en", "A", "C"), consent.NewContent("en", "B", "A"), consent.NewContent("en", "AB", ""),
	}
	seen := map[string]bool{}
	for _, c := range texts {
		seen[c.SHA256] = true
	}
	if len(seen) != len(texts) {
		t.Errorf("%d texts have %d hashes", len(texts), len(seen))
	}
	// printf 'A\n\nB' | sha256sum
	const want = "13c8c841fb53ad9953fbadbc2bcf1608d590d32828d3e5bc117b0f39f6c33679"
	if got := texts[0].Hash(); got != want {
		t.Errorf("Hash = %s, want %s", got, want)
	}
}

func TestContentFindsTheNearestLanguage(t *testing.T) {
	t.Parallel()
	f := toxinForm(1, func(f *consent.Form) {
		f.Contents = append(f.Contents, consent.NewContent("es-MX", "Consentimiento", "Lo leí."))
	})
	for _, tt := range []struct{ lang, want string }{
		{"en", "en"}, {"en-US", "en"}, {"EN", "en"}, {"es", "es"}, {"es-MX", "es-MX"}, {"es-AR", "es"}, {"fr", ""}, {"", ""}, {"und", ""}, {"not a tag", ""},
	} {
		c, ok := f.Content(tt.lang)
		if c.Language != tt.want || ok != (tt.want != "") {
			t.Errorf("Content(%q) = %q, %t, want %q", tt.lang, c.Language, ok, tt.want)
		}
	}
}

func TestInForceIsBetweenPublicationAndRetirement(t *testing.T) {
	t.Parallel()
	f := toxinForm(1, func(f *consent.Form) { f.RetiredAt = day("2026-02-01") })
	for _, tt := range []struct {
		name string
		at   time.Time
		want bool
	}{
		{"before publication", f.PublishedAt.Add(-1), false},
		{"at publication", f.PublishedAt, true},
		{"before retirement", f.RetiredAt.Add(-1), true},
		{"at retirement", f.RetiredAt, false},
	} {
		if got := f.InForce(tt.at); got != tt.want {
			t.Errorf("InForce %s = %t, want %t", tt.name, got, tt.want)
		}
	}
	if toxinForm(1, func(f *consent.Form) { f.PublishedAt = time.Time{} }).InForce(day("2026-02-01")) {
		t.Error("a draft is in force")
	}
}

func TestStoredFormRoundTrips(t *testing.T) {
	t.Parallel()
	for _, f := range []consent.Form{
		toxinForm(2, func(f *consent.Form) {
			f.Meta = glabella.Meta{Version: 7, CreatedAt: day("2026-01-01"), UpdatedAt: day("2026-01-02"), Nonce: "n"}
			f.Jurisdictions, f.Recurrence, f.ValidFor = []string{}, consent.Interval, glabella.Period{Years: 1}
			f.Material, f.CoolingOffDays, f.RetiredAt = true, 2, day("2026-09-01")
		}),
		{},
	} {
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
}

func TestParseForms(t *testing.T) {
	t.Parallel()
	const form = `{"id":"01890000-0000-7000-8000-000000000001","version":0,"code":"toxin-consent","formVersion":1,
		"treatments":["botulinum-toxin"],"jurisdictions":null,"strength":"must-accept","recurrence":"once",
		"contents":[{"language":"en","title":"Consent","body":"Text."}]}`
	got, err := consent.ParseForms("forms.json", []byte("["+form+"]"))
	if err != nil || len(got) != 1 {
		t.Fatalf("ParseForms = %v, %v, want one form", got, err)
	}
	if want := consent.NewContent("en", "Consent", "Text."); !cmp.Equal(got[0].Contents[0], want) {
		t.Errorf("content = %+v, want %+v", got[0].Contents[0], want)
	}
	for _, tt := range []struct {
		name string
		in   string
		want []string
	}{
		{name: "a version that is given twice", in: form + "," + form, want: []string{"/1/formVersion duplicate"}},
		{name: "a wrong hash", in: strings.Replace(form, `"Text."`, `"Text.","sha256":"00"`, 1), want: []string{"/0/contents/0/sha256 consent.form.hash"}},
		{name: "every issue of every form", in: strings.Replace(form, "once", "twice", 1) + "," + strings.Replace(form, `"formVersion":1`, `"formVersion":0`, 1), want: []string{"/0/recurrence unknown-value", "/1/formVersion out-of-range"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := consent.ParseForms("forms.json", []byte("["+tt.in+"]"))
			if diff := cmp.Diff(tt.want, issuesOf(t, err)); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
	_, err = consent.ParseForms("forms.json", []byte("["+strings.Replace(form, "strength", "strenght", 1)+"]"))
	var invalid *glabella.ValidationError
	if !errors.As(err, &invalid) || invalid.Subject != "forms.json" || !slices.ContainsFunc(invalid.Issues, func(i glabella.Issue) bool { return i.Code == glabella.CodeUnknownField }) {
		t.Errorf("ParseForms with an unknown field = %v, want unknown-field in forms.json", err)
	}
}

func FuzzParseForms(f *testing.F) {
	b, err := json.Marshal([]consent.Form{toxinForm(1), toxinForm(2)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		forms, err := consent.ParseForms("forms.json", b)
		if err != nil {
			if !errors.Is(err, glabella.ErrInvalid) {
				t.Errorf("ParseForms = %v, which is not invalid input", err)
			}
			return
		}
		for _, form := range forms {
			if err := form.Validate(); err != nil {
				t.Errorf("ParseForms let a form through: %v", err)
			}
		}
	})
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, body, want string }{
		{"a paragraph", "One.", "One."},
		{"lines of a paragraph are joined", "One\ntwo  \n three.", "One two three."},
		{"paragraphs", "One.\n\n\nTwo.", "One.\n\nTwo."},
		{"headings", "# Risks\nBruising.\n## Rare ##\nBlindness.", "Risks\n\nBruising.\n\nRare\n\nBlindness."},
		{"a hash without a space is text", "#1 risk", "#1 risk"},
		{"lists", "Risks:\n- one\n* two\n  more\n\n1. first\n2. second\n\nEnd", "Risks:\n\n- one\n- two more\n1. first\n2. second\n\nEnd"},
		{"bold and italic", "**Bold** and *italic* and ***both***.", "Bold and italic and both."},
		{"italic within bold", "**a *b* c**", "a b c"},
		{"bold within italic", "*a **b** c*", "a b c"},
		{"spans that end together", "**a *b*** and *a **b***", "a b and a b"},
		{"emphasis over lines", "**a\nb**", "a b"},
		{"an asterisk without its counterpart", "2 * 3, a*, *b", "2 * 3, a*, *b"},
		{"marks that cross", "**a *b** c*", "a b c"},
		{"a list within a list", "- one\n  - two\n    1. three\n- four", "- one\n  - two\n    1. three\n- four"},
		{"lists deeper than six are text", "- - - - - - - seven", "- - - - - - - seven"},
		{"a paragraph within an item", "1. one\n\n   more\n2. two", "1. one\n\n   more\n2. two"},
		{"numbers count up from the first", "3. three\n3. four", "3. three\n4. four"},
		{"a number within a paragraph is no list", "Call us at\n2. floor", "Call us at 2. floor"},
		{"other marks of lists", "+ one\n\n1) two", "- one\n1) two"},
		{"an indented line is text", "    # not code", "# not code"},
		{"a heading that says nothing", "#\n\nText", "Text"},
		{"a blank to fill in", "Name: __________", "Name: __________"},
		{"an entity is text", "a &amp; b &#60;", "a &amp; b &#60;"},
		{"a definition of a link is text", "[a]: https://example.com", "[a]: https://example.com"},
		{"an escaped mark", `\*not italic\* \# \\`, `*not italic* # \`},
		{"markup of other kinds is text", "<b>x</b> [a](b) _c_", "<b>x</b> [a](b) _c_"},
		{"line ends of another system", "One\r\n\r\nTwo", "One\n\nTwo"},
		{"nothing", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := consent.NewContent("en", " Title ", tt.body).Text(); got != "Title\n\n"+tt.want {
				t.Errorf("Text of %q = %q, want %q", tt.body, got, "Title\n\n"+tt.want)
			}
		})
	}
	if got, ok := toxinForm(1).Text("es-AR"); !ok || got != "Consentimiento\n\nHe leído esto." {
		t.Errorf("Text(es-AR) = %q, %t", got, ok)
	}
	if got, ok := toxinForm(1).Text("fr"); ok {
		t.Errorf("Text(fr) = %q, want none", got)
	}
}

// FuzzText checks that only marks, numbers of items and white space are lost.
func FuzzText(f *testing.F) {
	for _, s := range []string{"# a\n- **b** *c*", "***a**b*", `\*`, "**" + strings.Repeat("*", 50)} {
		f.Add(s)
	}
	keep := func(s string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune("*+#\\-0123456789 \t\r\n\v\f\x00\ufffd\u0085\u00a0", r) {
				return -1
			}
			return r
		}, s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got := strings.TrimPrefix(consent.NewContent("en", "", body).Text(), "\n\n")
		if !strings.ContainsFunc(body, func(r rune) bool { return r > 0x7f }) && keep(got) != keep(body) {
			t.Errorf("Text of %q = %q, which loses text", body, got)
		}
	})
}
