package consent_test

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella/consent"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// fullText is a fictional text with everything that the subset has.
func fullText() consent.Content {
	return consent.NewContent("en", "Wrinkle treatment",
		"# What it is\n\nAn injection of **botulinum toxin** into *small* muscles.\n\nAlternatives:\n\n- none\n  - wait\n- a cream\n\n3. first\n3. then",
		consent.Section{Key: "common-risks", Title: "Common risks", Body: "Bruising & swelling.", Acknowledge: true, Required: true},
		consent.Section{Key: "rare-risks", Title: "Rare risks", Body: "## Eyes\n\nA **drooping** lid.", Initials: true, Required: true},
		consent.Section{Key: "photos", Title: "Photographs", Body: "For the record only.", Acknowledge: true},
	)
}

func TestRenderingsAreGolden(t *testing.T) {
	t.Parallel()
	for _, format := range consent.Formats() {
		got, hash, ok := fullText().Shown(format)
		if !ok {
			t.Fatalf("Shown(%s) is not known", format)
		}
		path := filepath.Join("testdata", "shown."+string(format))
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("Shown(%s) (-want +got):\n%s", format, diff)
		}
		if back, ok := fullText().RenderedAs(hash); !ok || back != format {
			t.Errorf("RenderedAs(hash of %s) = %q, %t", format, back, ok)
		}
	}
	if _, _, ok := fullText().Shown("pdf"); ok || consent.Format("pdf").Valid() {
		t.Error("a format that is none is shown")
	}
	if f, ok := fullText().RenderedAs(strings.Repeat("0", 64)); ok {
		t.Errorf("RenderedAs(another hash) = %q", f)
	}
	form := toxinForm(1)
	if got, ok := form.HTML("es-AR"); !ok || !strings.HasPrefix(got, `<article lang="es">`) {
		t.Errorf("HTML(es-AR) = %q, %t", got, ok)
	}
	if got, ok := form.HTML("fr"); ok || got != "" {
		t.Errorf("HTML(fr) = %q, want none", got)
	}
}

// attacks are ways to get a script, a link or an image past a renderer.
var attacks = []string{
	`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `<svg/onload=alert(1)>`, `<iframe src="javascript:alert(1)">`,
	`[a](javascript:alert(1))`, `[a](https://example.com "onclick=alert(1)")`, `![a](x" onerror="alert(1))`, `<https://example.com>`, `<a@example.com>`,
	"[a]: javascript:alert(1)\n\n[a]", "`<script>`", "```html\n<script>alert(1)</script>\n```", "    <script>alert(1)</script>", "~~~\n<b>\n~~~",
	`&lt;script&gt;`, `&#60;script&#62;`, `&#x3c;script`, `\<script\>`, `*<script>*`, `**<b onmouseover=alert(1)>**`, `<!-- --><script>`, `<![CDATA[<script>]]>`, `<?php ?>`,
	"- <script>\n- \"'><script>", "1. <b>", "# <script>alert(1)</script>", "<scr\x00ipt>", "<scr\nipt>", "\" onload=\"alert(1)", "'><script>", "<%00script>", "\xff<script>", "\u2028<script>",
	"a\n===\n<script>", "> <script>", "| a |\n|---|\n| <script> |", "<details open ontoggle=alert(1)>", "<math><mtext></p><script>", "{{constructor.constructor('alert(1)')()}}",
	"*a <b *c</b>* d*", "***<i>***", "\x1b[31m", "\x7f", "<\u0000/p>", "</p></article><script>alert(1)</script>", "\ufffe\uffff", "&", "&amp", "]]>",
}

var htmlAttrs = map[string]map[string]*regexp.Regexp{
	"article": {"lang": regexp.MustCompile(``)}, "section": {"data-key": regexp.MustCompile(``)}, "ol": {"start": regexp.MustCompile(`^[0-9]{1,9}$`)},
	"h1": {}, "h2": {}, "h3": {}, "h4": {}, "h5": {}, "h6": {}, "p": {}, "ul": {}, "li": {}, "strong": {}, "em": {},
}

// safe returns what is wrong with HTML: it has to be well-formed, with elements
// and attributes of the allow-list only.
func safe(s string) error {
	d := xml.NewDecoder(strings.NewReader(s))
	var open []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			allowed, ok := htmlAttrs[token.Name.Local]
			if !ok || token.Name.Space != "" {
				return fmt.Errorf("element %v", token.Name)
			}
			for _, a := range token.Attr {
				if pattern, ok := allowed[a.Name.Local]; !ok || a.Name.Space != "" || !pattern.MatchString(a.Value) {
					return fmt.Errorf("attribute %v=%q of %s", a.Name, a.Value, token.Name.Local)
				}
			}
			open = append(open, token.Name.Local)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if strings.TrimSpace(string(token)) != "" && len(open) == 0 {
				return fmt.Errorf("text %q outside of the article", token)
			}
		default:
			return fmt.Errorf("a %T", token)
		}
	}
	// Browsers know fewer references and more exceptions than XML: only these five
	// are written, and every other < and > belongs to a tag.
	rest := regexp.MustCompile(`&(lt|gt|amp|#34|#39);`).ReplaceAllString(s, "")
	rest = regexp.MustCompile(`<(/?[a-z0-9]+|article lang="[^"<>]*"|section data-key="[^"<>]*"|ol start="[0-9]+")>`).ReplaceAllString(rest, "")
	if i := strings.IndexAny(rest, "<>&"); i >= 0 {
		return fmt.Errorf("a stray %q", rest[i])
	}
	return nil
}

func TestHTMLIsSafe(t *testing.T) {
	t.Parallel()
	for _, attack := range attacks {
		c := consent.Content{Language: attack, Title: attack, Body: attack, Sections: []consent.Section{{Key: attack, Title: attack, Body: "x\n\n" + attack}}}
		if err := safe(c.HTML()); err != nil {
			t.Errorf("HTML of %q has %v:\n%s", attack, err, c.HTML())
		}
	}
}

func TestSafeFindsWhatIsNot(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"<article><script>x</script></article>", `<article><p onclick="x">y</p></article>`, "<article><p>y</article>", `<article><a href="x">y</a></article>`,
		"<article>&nbsp;</article>", "<!-- x -->", "x", "<article>a > b</article>", `<article><ol start="x"></ol></article>`,
	} {
		if safe(s) == nil {
			t.Errorf("safe(%q) = nil", s)
		}
	}
}

func TestHTMLSaysWhatTheTextSays(t *testing.T) {
	t.Parallel()
	for _, c := range append(slices.Clone(toxinForm(2).Contents), fullText(), consent.NewContent("en", "T", "a \\* *b* __c__\n1) d")) {
		if got, want := words(c.HTML()), words(c.Text()); !slices.Equal(got, want) {
			t.Errorf("HTML says %q, the text says %q", got, want)
		}
	}
}

// words returns the words of a text or of HTML, without numbers and bullets,
// which in HTML are the browser's.
func words(s string) []string {
	s = regexp.MustCompile(`</?(article|section|h[1-6]|p|ol|ul|li|strong|em)[^>]*>`).ReplaceAllStringFunc(s, func(tag string) string {
		if strings.Contains(tag, "strong") || strings.Contains(tag, "em>") {
			return ""
		}
		return " "
	})
	for old, r := range map[string]string{"&lt;": "<", "&gt;": ">", "&#34;": `"`, "&#39;": "'"} {
		s = strings.ReplaceAll(s, old, r)
	}
	s = strings.ReplaceAll(s, "&amp;", "&")
	return slices.DeleteFunc(strings.Fields(s), func(w string) bool { return regexp.MustCompile(`^(-|[0-9]+[.)])$`).MatchString(w) })
}

func TestLongTextsAreParsedInTime(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"- ", "1) ", "*a ", "**a *b ", "*", "- a\n", "#", "\\"} {
		start := time.Now()
		c := consent.NewContent("en", "T", strings.Repeat(s, consent.MaxBody/len(s)))
		if len(c.Text()) < 3 || len(c.HTML()) < 40 {
			t.Errorf("a text of %q is empty", s)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("a text of %q takes %v", s, took)
		}
	}
}

func FuzzRenderHTML(f *testing.F) {
	for _, s := range attacks {
		f.Add(s, s, "- a\n  1. b")
	}
	full := fullText()
	f.Add(full.Title, full.Body, full.Sections[1].Body)
	f.Fuzz(func(t *testing.T, title, body, section string) {
		c := consent.Content{Language: "en", Title: title, Body: body, Sections: []consent.Section{{Key: "k", Title: title, Body: section}}}
		got := c.HTML()
		if err := safe(got); err != nil {
			t.Errorf("HTML has %v:\n%s", err, got)
		}
		if again := c.HTML(); again != got {
			t.Error("HTML differs from call to call")
		}
	})
}

func BenchmarkHTML(b *testing.B) {
	c := fullText()
	b.ReportAllocs()
	for b.Loop() {
		c.HTML()
	}
}
