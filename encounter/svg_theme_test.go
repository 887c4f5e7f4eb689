package encounter_test

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/treatment"
)

// Each theme is coloured for its ground, and printing is in black and white only,
// where fifteen products still have a symbol each.
func TestInjectionMapThemes(t *testing.T) {
	t.Parallel()
	var records []treatment.Record
	for n := range 15 {
		r := upperFace(t)
		r.Product = fmt.Sprintf("product-%02d", n)
		r.Maps = []treatment.Map{onFace("1 mL", lotA, vialA, glabellarLines[:1])}
		records = append(records, r)
	}
	sheet := func(o *encounter.MapOptions) (string, string) {
		svg := draw(t, o, records...)
		return svg, regexp.MustCompile(`<style>(.*)</style>`).FindStringSubmatch(svg)[1]
	}
	for _, tt := range []struct {
		theme      encounter.Theme
		ground     string
		onScreen   bool // whether the reader's preference counts
		lightPaper bool
	}{
		{encounter.ThemeAuto, "#fff", true, false},
		{encounter.ThemeLight, "#fff", false, false},
		{encounter.ThemeDark, "#14181d", false, true},
		{encounter.ThemePrint, "#fff", false, false},
	} {
		t.Run(string(tt.theme), func(t *testing.T) {
			t.Parallel()
			_, css := sheet(&encounter.MapOptions{Theme: tt.theme})
			if !strings.Contains(css, "."+"gim-"+string(tt.theme)+" .gim-ground{fill:"+tt.ground+"}") {
				t.Errorf("the ground is not %s: %s", tt.ground, css)
			}
			if got := strings.Contains(css, "prefers-color-scheme"); got != tt.onScreen {
				t.Errorf("the reader's preference counts: %v, want %v", got, tt.onScreen)
			}
			if got := strings.Contains(css, "@media print{.gim-dark .gim-ground{fill:#fff}"); got != tt.lightPaper {
				t.Errorf("paper differs from the screen: %v, want %v", got, tt.lightPaper)
			}
			for _, c := range regexp.MustCompile(`#[0-9a-f]{3,6}`).FindAllString(css, -1) {
				if tt.theme == encounter.ThemePrint && c != "#000" && c != "#fff" {
					t.Errorf("printing has the colour %s", c)
				}
			}
		})
	}
	if svg, _ := sheet(nil); svg != draw(t, &encounter.MapOptions{Theme: encounter.ThemeAuto}, records...) {
		t.Error("the default theme is not auto")
	}
	svg, _ := sheet(&encounter.MapOptions{Theme: encounter.ThemePrint})
	symbol := regexp.MustCompile(`<g class="gim-symbol gim-f(\d)"><title>.*?</title><(circle|path)[^/]*?(?: r="8"|[\d.]+ [\d.]+([hl][^"]*)")`)
	found := map[string]bool{}
	for _, m := range symbol.FindAllStringSubmatch(svg, -1) {
		found[m[1]+m[2]+m[3]] = true
	}
	if len(found) != 15 {
		t.Errorf("15 products have %d symbols in print", len(found))
	}
	for _, theme := range encounter.Themes() {
		if !theme.Valid() {
			t.Errorf("%s is not valid", theme)
		}
	}
}

func luminance(t testing.TB, hex string) float64 {
	t.Helper()
	if len(hex) == 4 {
		hex = "#" + strings.Repeat(hex[1:2], 2) + strings.Repeat(hex[2:3], 2) + strings.Repeat(hex[3:4], 2)
	}
	var rgb [3]uint8
	if _, err := fmt.Sscanf(hex, "#%02x%02x%02x", &rgb[0], &rgb[1], &rgb[2]); err != nil {
		t.Fatalf("colour %q: %v", hex, err)
	}
	var linear [3]float64
	for i, c := range rgb {
		v := float64(c) / 255
		if linear[i] = v / 12.92; v > 0.04045 {
			linear[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*linear[0] + 0.7152*linear[1] + 0.0722*linear[2]
}

// contrast is the contrast ratio of WCAG 2.
func contrast(t testing.TB, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// Text has the contrast that WCAG 2 asks for at level AA, 4.5 to 1, on light and
// on dark ground, and so have the numbers on the symbols.
func TestInjectionMapContrast(t *testing.T) {
	t.Parallel()
	var records []treatment.Record
	for n := range 6 {
		r := upperFace(t)
		r.Product = fmt.Sprint(n)
		records = append(records, r)
	}
	svg := draw(t, nil, records...)
	sheet := regexp.MustCompile(`<style>(.*)</style>`).FindStringSubmatch(svg)[1]
	light, dark, found := strings.Cut(sheet, "@media screen and (prefers-color-scheme:dark){")
	if !found || !strings.Contains(dark, "@media print{") {
		t.Fatalf("the style sheet has no part for the dark or for print: %s", sheet)
	}
	colour := func(sheet, selector string) string {
		m := regexp.MustCompile(regexp.QuoteMeta(selector) + `\{fill:(#[0-9a-f]+)`).FindStringSubmatch(sheet)
		if m == nil {
			t.Fatalf("no colour of %s in %s", selector, sheet)
		}
		return m[1]
	}
	for name, sheet := range map[string]string{"light": light, "dark": dark} {
		for _, selector := range []string{".gim-auto text", ".gim-auto .gim-quiet"} {
			if got := contrast(t, colour(sheet, selector), colour(sheet, ".gim-auto .gim-ground")); got < 4.5 {
				t.Errorf("%s: %s has a contrast of %.1f", name, selector, got)
			}
		}
	}
	still := compared(t, records, records, nil)
	for n := range 6 {
		for i, m := range regexp.MustCompile(fmt.Sprintf(`\.gim-still\.gim-f%d\{fill:(#[0-9a-f]+)`, n)).FindAllStringSubmatch(still, -1) {
			ink := colour([]string{light, dark}[i], ".gim-auto text")
			if got := contrast(t, ink, m[1]); got < 4.5 {
				t.Errorf("the numbers of the pale symbol %d have a contrast of %.1f", n, got)
			}
		}
		if got := contrast(t, colour(light, fmt.Sprintf(".gim-auto .gim-f%d", n)), colour(light, fmt.Sprintf(".gim-auto .gim-n%d", n))); got < 4.5 {
			t.Errorf("the numbers of symbol %d have a contrast of %.1f", n, got)
		}
	}
}
