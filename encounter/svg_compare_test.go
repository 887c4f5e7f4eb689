package encounter_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

func compared(t testing.TB, before, after []treatment.Record, o *encounter.MapOptions) string {
	t.Helper()
	svg, err := encounter.CompareMaps(face(t), before, after, o)
	if err != nil {
		t.Fatal(err)
	}
	return string(svg)
}

func TestCompareMaps(t *testing.T) {
	t.Parallel()
	o := mapOptions
	o.Before, o.After = "3 August 2026", "3 November 2026"
	before, after := []treatment.Record{upperFace(t), cheeks(t)}, append([]treatment.Record{nextVisit(t)}, fillers()...)
	svg := compared(t, before, after, &o)
	golden(t, "compare-maps.svg", svg)
	for range 5 {
		if compared(t, before, after, &o) != svg {
			t.Fatal("the same records gave another picture")
		}
	}
	for _, want := range []string{
		` role="img"`, "<title>Robin Example, 3 November 2026</title>",
		"<desc>3 August 2026: 18 points. 3 November 2026: 28 points. 11 as before. 11 new. 1 left out. 5 changed. 4 moved. Botox Cosmetic: 64 U before, 64.5 U now, difference +0.5 U. Glabella 20 U before, ",
		">3 August 2026</text>", ">3 November 2026</text>",
		">11 points as before</text>", ">11 points new</text>", ">1 point left out</text>", ">5 points with another amount</text>", ">4 points moved, with a line from where they were</text>",
		"<title>15: Lateral canthal area, left, 4 U, not at the later visit</title>", "<title>1: Glabella, midline, 6 U, before 4 U</title>",
		"<title>6: Forehead, midline, 4 U, moved</title>", "<title>17: Chin, right, 3 U, new</title>",
	} {
		if !strings.Contains(svg, want) {
			t.Errorf("the picture lacks %q", want)
		}
	}
	labels := textsOf(elements(t, svg), "gim-amount")
	for text, n := range map[string]int{"4 U": 26, "− 4 U": 1, "4 → 6 U": 1, "4 → 2.5 U": 1, "moved 4 U": 1, "moved 4 → 5 U": 1, "+ 3 U": 1, "moved 1 → 0.25 mL": 2, "+ 0.25 mL": 4, "+ 0.2 mL": 6} {
		got := 0
		for _, l := range labels {
			if l == text {
				got++
			}
		}
		if got != n {
			t.Errorf("%d labels say %q, want %d", got, text, n)
		}
	}
}

// A row of the table stands for each region of each product, with what was given
// before and now, and the difference.
func TestCompareMapsTable(t *testing.T) {
	t.Parallel()
	other := upperFace(t)
	other.Product = "abobotulinumtoxinA"
	for i := range other.Maps[0].Points {
		other.Maps[0].Points[i].Amount = quantity.MustParse("10 [arb'U]{abobotulinumtoxinA}")
	}
	var texts []string
	for _, e := range elements(t, compared(t, []treatment.Record{upperFace(t)}, []treatment.Record{other}, nil)) {
		if e.name == "text" {
			texts = append(texts, e.text)
		}
	}
	start := slices.Index(texts, "Difference")
	if start < 0 {
		t.Fatalf("no table in %q", texts)
	}
	want := []string{"Difference", "Region",
		"onabotulinumtoxinA", "64 U", "0 U", "−64 U", "Glabella", "20 U", "0 U", "−20 U", "Forehead", "20 U", "0 U", "−20 U", "Lateral canthal area", "24 U", "0 U", "−24 U",
		"abobotulinumtoxinA", "0 U", "160 U", "+160 U", "Glabella", "0 U", "50 U", "+50 U", "Forehead", "0 U", "50 U", "+50 U", "Lateral canthal area", "0 U", "60 U", "+60 U",
		"Amounts of different products are not comparable, and are not added up.",
	}
	if diff := cmp.Diff(want, texts[start:start+len(want)]); diff != "" {
		t.Errorf("the table (-want +got):\n%s", diff)
	}
	if !slices.Contains(texts, "16 points with another product, whose amounts are not comparable") || !slices.Contains(texts, "≠ 10 U") {
		t.Error("the picture does not say that the product is another one")
	}
}

// What is not as before differs from what is in shape and in text: without any
// colour, the marks are still there.
func TestCompareMapsMarks(t *testing.T) {
	t.Parallel()
	all := upperFace(t).Maps[0].Points
	on := func(points ...treatment.Point) []treatment.Record {
		return []treatment.Record{{Product: "onabotulinumtoxinA", Maps: []treatment.Map{{Diagram: "face-front", DiagramVersion: 1, Points: points}}}}
	}
	more, elsewhere := all[0], all[0]
	more.Amount = botox("6")
	elsewhere.Y += 0.03
	mark := regexp.MustCompile(`<path class="gim-mark" d="[^"]*h4\.5|<path class="gim-mark" d="[^"]*l6 6|<circle class="gim-mark"[^>]* r="12\.5"|<circle class="gim-mark"[^>]* r="3"`)
	names := func(svg string) []string {
		var out []string
		for _, m := range mark.FindAllString(strings.SplitAfterN(svg, "What changed", 2)[0], -1) {
			for end, name := range map[string]string{"h4.5": "plus", "l6 6": "cross", `r="12.5"`: "ring", `r="3"`: "trail"} {
				if strings.HasSuffix(m, end) {
					out = append(out, name)
				}
			}
		}
		return out
	}
	for _, tt := range []struct {
		name          string
		before, after []treatment.Record
		marks         []string
		labels        []string
	}{
		{"as before", on(all[0]), on(all[0]), nil, []string{"4 U", "4 U"}},
		{"new", nil, on(all[0]), []string{"plus"}, []string{"+ 4 U"}},
		{"left out", on(all[0]), nil, []string{"cross"}, []string{"− 4 U"}},
		{"another amount", on(all[0]), on(more), []string{"ring"}, []string{"4 U", "4 → 6 U"}},
		{"moved", on(all[0]), on(elsewhere), []string{"trail"}, []string{"4 U", "moved 4 U"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			svg := compared(t, tt.before, tt.after, &encounter.MapOptions{Theme: encounter.ThemePrint})
			if diff := cmp.Diff(tt.marks, names(svg)); diff != "" {
				t.Errorf("marks (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.labels, textsOf(elements(t, svg), "gim-amount")); diff != "" {
				t.Errorf("labels (-want +got):\n%s", diff)
			}
		})
	}
}

// No amount covers another amount or a symbol with its mark, in either drawing.
func TestCompareMapsLabelsDoNotOverlap(t *testing.T) {
	t.Parallel()
	label := regexp.MustCompile(`<text class="gim-amount[^"]*" x="([\d.]+)" y="([\d.]+)">([^<]+)</text>`)
	symbol := regexp.MustCompile(`<text class="gim-n\d" x="([\d.]+)" y="([\d.]+)">\d+</text></g>(<(?:path|circle) class="gim-mark")?`)
	svg := compared(t, []treatment.Record{upperFace(t)}, append([]treatment.Record{nextVisit(t)}, fillers()...), nil)
	drawings := strings.Split(svg, `<g transform="translate(`)
	for i, want := range map[int]int{1: 16, 2: 28} {
		var boxes []rect
		for _, m := range symbol.FindAllStringSubmatch(drawings[i], -1) {
			x, y, r := number(t, m[1]), number(t, m[2])-4, 8.0
			if m[3] != "" {
				r = 12.5
			}
			boxes = append(boxes, rect{x - r, y - r, x + r, y + r})
		}
		labels := label.FindAllStringSubmatch(drawings[i], -1)
		if len(boxes) != want || len(labels) != want {
			t.Fatalf("drawing %d has %d symbols and %d labels, want %d", i, len(boxes), len(labels), want)
		}
		for _, m := range labels {
			x, y, w := number(t, m[1]), number(t, m[2]), float64(len([]rune(m[3])))*8.2/2
			b := rect{x - w, y - 9.5, x + w, y + 1}
			for _, other := range boxes {
				if b.overlaps(other) {
					t.Errorf("drawing %d: the label %q at %v, %v covers something", i, m[3], x, y)
				}
			}
			boxes = append(boxes, b)
		}
	}
}

func TestCompareMapsOfNothing(t *testing.T) {
	t.Parallel()
	other := upperFace(t)
	other.Maps[0].DiagramVersion = 2
	svg := compared(t, []treatment.Record{other}, nil, nil)
	for _, want := range []string{"<desc>No points.</desc>", ">No points.</text>", ">Before</text>", ">Now</text>"} {
		if !strings.Contains(svg, want) {
			t.Errorf("the picture lacks %q", want)
		}
	}
}

func TestCompareMapsSaysWhatIsNotConfirmed(t *testing.T) {
	t.Parallel()
	svg := compared(t, []treatment.Record{upperFace(t)}, []treatment.Record{encounter.CopyForward(upperFace(t))}, nil)
	if n := strings.Count(svg, `gim-still gim-open">`); n != 16 {
		t.Errorf("%d points are drawn as not confirmed, want 16", n)
	}
	if !strings.Contains(svg, ">16 points taken over from an earlier visit, not confirmed</text>") {
		t.Error("the key does not say what dashed symbols mean")
	}
}

func TestCompareMapsRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(d *treatment.Diagram, before, after *treatment.Record, o *encounter.MapOptions)
		want   place
	}{
		{"a point beside the diagram, before", func(_ *treatment.Diagram, before, _ *treatment.Record, _ *encounter.MapOptions) {
			before.Maps[0].Points[1].X = 2
		}, place{"/0/maps/0/points/1", glabella.CodeOutOfRange}},
		{"a point beside the diagram, after", func(_ *treatment.Diagram, _, after *treatment.Record, _ *encounter.MapOptions) {
			after.Maps[0].Points[2].Y = -1
		}, place{"/0/maps/0/points/2", glabella.CodeOutOfRange}},
		{"a drawing with a script", func(d *treatment.Diagram, _, _ *treatment.Record, _ *encounter.MapOptions) {
			d.Art = "<script/>"
		}, place{"/art", glabella.CodeFormat}},
		{"an unknown theme", func(_ *treatment.Diagram, _, _ *treatment.Record, o *encounter.MapOptions) { o.Theme = "neon" },
			place{"/theme", glabella.CodeUnknownValue}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, before, after, o := face(t), upperFace(t), nextVisit(t), mapOptions
			tt.change(&d, &before, &after, &o)
			svg, err := encounter.CompareMaps(d, []treatment.Record{before}, []treatment.Record{after}, &o)
			if svg != nil || !errors.Is(err, glabella.ErrInvalid) {
				t.Fatalf("CompareMaps: %v", err)
			}
			if diff := cmp.Diff([]place{tt.want}, placesOf(t, err)); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
}

// Hostile names stay text.
func TestCompareMapsEscapesText(t *testing.T) {
	t.Parallel()
	count := func(o *encounter.MapOptions) int {
		return len(elements(t, compared(t, []treatment.Record{upperFace(t)}, []treatment.Record{nextVisit(t)}, o)))
	}
	want := count(nil)
	for _, hostile := range []string{`</title><script>alert(1)</script>`, "&\x00\xff<", strings.Repeat("W", 4000)} {
		o := &encounter.MapOptions{Title: hostile, Before: hostile, After: hostile, Products: map[string]string{"onabotulinumtoxinA": hostile}}
		if got := count(o); got != want {
			t.Errorf("%.20q makes %d elements of %d", hostile, got, want)
		}
	}
}

// Two visits of sixty points each are still a picture to send.
func TestCompareMapsOfSixtyPointsIsSmall(t *testing.T) {
	t.Parallel()
	if n := len(compared(t, crowd(t), crowd(t), &mapOptions)); n > 80_000 {
		t.Errorf("the picture has %d bytes, want at most 80000", n)
	}
}

func BenchmarkCompareMaps60(b *testing.B) {
	d, records := face(b), crowd(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := encounter.CompareMaps(d, records, records, &mapOptions); err != nil {
			b.Fatal(err)
		}
	}
}

// Last visit and this one side by side, for the chart and for the patient.
func ExampleCompareMaps() {
	face, _ := treatment.BuiltIn().Diagram("face-front", 1)
	visit := func(units string) []treatment.Record {
		return []treatment.Record{{Product: "onabotulinumtoxinA", Maps: []treatment.Map{{
			Diagram: "face-front", DiagramVersion: 1, Points: []treatment.Point{
				{Seq: 1, X: 0.5, Y: 0.375, Region: "glabella", Side: glabella.SideMidline, Amount: quantity.MustParse(units + " [arb'U]{onabotulinumtoxinA}")},
			},
		}}}}
	}
	before, after := visit("4"), visit("6")
	svg, err := encounter.CompareMaps(face, before, after, &encounter.MapOptions{Before: "3 August 2026", After: "3 November 2026"})
	fmt.Println(len(svg) > 0, err)
	for _, row := range encounter.Delta(before, after).Regions {
		fmt.Println(row.Region, row.Before, "then", row.After, "difference", row.Difference)
	}
	// Output:
	// true <nil>
	// glabella 4 [arb'U]{onabotulinumtoxinA} then 6 [arb'U]{onabotulinumtoxinA} difference 2 [arb'U]{onabotulinumtoxinA}
}
