package encounter_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

func draw(t testing.TB, o *encounter.MapOptions, records ...treatment.Record) string {
	t.Helper()
	svg, err := encounter.InjectionMap(face(t), records, o)
	if err != nil {
		t.Fatal(err)
	}
	return string(svg)
}

// element is one element of a picture with its text.
type element struct {
	name       string
	attributes map[string]string
	text       string
}

// elements reads a picture, and fails if it is not well-formed.
func elements(t testing.TB, svg string) []element {
	t.Helper()
	var out []element
	var open []int
	dec := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("the picture is not well-formed: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := element{name: token.Name.Local, attributes: map[string]string{}}
			for _, a := range token.Attr {
				e.attributes[a.Name.Local] = a.Value
			}
			open = append(open, len(out))
			out = append(out, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				out[open[len(open)-1]].text += string(token)
			}
		case xml.ProcInst, xml.Directive, xml.Comment:
			t.Fatalf("the picture has a %T", token)
		}
	}
}

func textsOf(es []element, class string) []string {
	var out []string
	for _, e := range es {
		if slices.Contains(strings.Fields(e.attributes["class"]), class) {
			out = append(out, e.text)
		}
	}
	return out
}

func TestInjectionMap(t *testing.T) {
	t.Parallel()
	svg := draw(t, &mapOptions, upperFace(t), cheeks(t))
	golden(t, "injection-map.svg", svg)
	for range 5 {
		if again := draw(t, &mapOptions, upperFace(t), cheeks(t)); again != svg {
			t.Fatal("the same records gave another picture")
		}
	}
	es := elements(t, svg)
	if got, want := textsOf(es, "gim-amount"), append(slices.Repeat([]string{"4 U"}, 16), "1 mL", "1 mL"); !cmp.Equal(got, want) {
		t.Errorf("the amounts are %q, want %q", got, want)
	}
	var numbers []string
	for n := range 16 {
		numbers = append(numbers, strconv.Itoa(n+1))
	}
	if diff := cmp.Diff(numbers, textsOf(es, "gim-n0")); diff != "" {
		t.Errorf("numbers of the first product (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"1", "2"}, textsOf(es, "gim-n1")); diff != "" {
		t.Errorf("numbers of the second product (-want +got):\n%s", diff)
	}
	for _, want := range []string{
		"<title>Robin Example, 3 November 2026</title>",
		"<desc>Botox Cosmetic: 16 points, 64 U. Glabella 20 U (right 8 U, midline 4 U, left 8 U). Forehead 20 U (right 8 U, midline 4 U, left 8 U). Lateral canthal area 24 U (right 12 U, left 12 U). Lot C1234, expires 2027-03-31: 64 U, points 1–16. Juvéderm Voluma XC: ",
		"<title>2: Glabella, right, 4 U</title>",
		">Lot V001, expires 2027-05-31</text>", ">1 mL, point 2</text>", ">Lateral canthal area</text>", ">12</text>", ">24 U</text>",
	} {
		if !strings.Contains(svg, want) {
			t.Errorf("the picture lacks %q", want)
		}
	}
}

// The sides are the patient's own. From the front the patient's right is on the
// left of the picture, from the back the left is, and a mirror turns both. A view
// of one side has the name of that side and no other.
func TestInjectionMapSides(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		view     treatment.View
		mirrored bool
		want     []string // from the left of the picture
	}{
		{treatment.ViewFront, false, []string{"R Patient’s right", "L Patient’s left"}},
		{treatment.ViewFront, true, []string{"L Patient’s left", "R Patient’s right"}},
		{treatment.ViewBack, false, []string{"L Patient’s left", "R Patient’s right"}},
		{treatment.ViewBack, true, []string{"R Patient’s right", "L Patient’s left"}},
		{treatment.ViewLeft, false, []string{"L Patient’s left side"}},
		{treatment.ViewLeft, true, []string{"L Patient’s left side"}},
		{treatment.ViewRight, false, []string{"R Patient’s right side"}},
		{treatment.ViewObliqueLeft, false, []string{"L Patient’s left side"}},
		{treatment.ViewObliqueRight, false, []string{"R Patient’s right side"}},
		{"from-above", false, nil},
	} {
		t.Run(fmt.Sprintf("%s, mirrored %v", tt.view, tt.mirrored), func(t *testing.T) {
			t.Parallel()
			d := face(t)
			d.View, d.Mirrored = tt.view, tt.mirrored
			svg, err := encounter.InjectionMap(d, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			at := map[float64]string{}
			for _, e := range elements(t, string(svg)) {
				if x := e.attributes["x"]; strings.Contains(e.attributes["class"], "gim-side") {
					at[number(t, x)] = e.text
				} else if strings.HasPrefix(e.text, "Patient’s") {
					at[number(t, x)] += " " + e.text
				}
			}
			var got []string
			for _, x := range slices.Sorted(maps.Keys(at)) {
				got = append(got, at[x])
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("the sides (-want +got):\n%s", diff)
			}
		})
	}
}

// On every built-in diagram, points stand on the side of the picture that is
// marked as theirs.
func TestInjectionMapSidesAgreeWithDiagrams(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"face-front", "neck", "hands", "body-front", "body-back"} {
		d, ok := treatment.BuiltIn().Diagram(code, 1)
		if !ok {
			t.Fatalf("no diagram %s", code)
		}
		svg, err := encounter.InjectionMap(d, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		at := map[string]float64{}
		for _, e := range elements(t, string(svg)) {
			if strings.Contains(e.attributes["class"], "gim-side") {
				at[e.text] = number(t, e.attributes["x"])
			}
		}
		for _, x := range []float64{0.3, 0.7} {
			for y := 0.0; y < 1; y += 0.01 {
				_, side, ok := d.RegionAt(x, y)
				if want := map[bool]glabella.Side{true: right, false: left}[(at["R"] < at["L"]) == (x < 0.5)]; ok && side != want {
					t.Fatalf("%s: (%v, %v) is on the %s, and is marked %s", code, x, y, side, want)
				}
			}
		}
	}
}

// A point that nobody has confirmed is drawn, counted and said to be so.
func TestInjectionMapOfUnconfirmedPoints(t *testing.T) {
	t.Parallel()
	r, err := encounter.Confirm(encounter.CopyForward(upperFace(t)), 1, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	svg := draw(t, &mapOptions, r, cheeks(t))
	if n := strings.Count(svg, `gim-open"><title>`); n != 13 {
		t.Errorf("%d points are drawn as not confirmed, want 13", n)
	}
	for _, want := range []string{
		">Not confirmed: 52 U, points 4–16</text>", ">Taken over from an earlier visit, not confirmed</text>",
		" Not confirmed: 52 U, points 4–16. Juvéderm", "<title>4: Glabella, left, 4 U, not confirmed</title>", "<title>1: Glabella, midline, 4 U</title>", ">64 U</text>",
	} {
		if !strings.Contains(svg, want) {
			t.Errorf("the picture lacks %q", want)
		}
	}
	if svg := draw(t, &mapOptions, upperFace(t)); strings.Contains(svg, "confirmed") {
		t.Error("a picture of confirmed points speaks of others")
	}
}

func TestInjectionMapTitlesSayHow(t *testing.T) {
	t.Parallel()
	r := upperFace(t)
	p := r.Maps[0].Points
	p[0].Depth, p[0].Technique, p[0].Device = "intramuscular", "serial-puncture", "needle"
	p[1].Device = "<b>"
	svg := draw(t, nil, r)
	for _, want := range []string{"<title>1: Glabella, midline, 4 U; intramuscular, serial puncture, needle</title>", "<title>2: Glabella, right, 4 U; &lt;b&gt;</title>"} {
		if !strings.Contains(svg, want) {
			t.Errorf("the picture lacks %q", want)
		}
	}
}

// rect is a rectangle by its corners.
type rect struct{ left, top, right, bottom float64 }

func (r rect) overlaps(s rect) bool {
	return r.left < s.right && s.left < r.right && r.top < s.bottom && s.top < r.bottom
}

func number(t testing.TB, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

var symbolNumber = regexp.MustCompile(`^gim-n\d$`)

// fillers is a record of both nasolabial folds and one of both cheeks, three
// points on each side.
func fillers() []treatment.Record {
	on := func(product, amount, region string, lot glabella.LotID, places ...[2]float64) treatment.Record {
		var spots []spot
		for _, p := range places {
			spots = append(spots, spot{region: region, side: right, x: p[0], y: p[1]}, spot{region: region, side: left, x: 1 - p[0], y: p[1]})
		}
		return treatment.Record{Product: product, Maps: []treatment.Map{onFace(amount+"{"+product+"}", lot, vialB, spots)}}
	}
	return []treatment.Record{
		on("juvederm-vollure-xc", "0.2 mL", "nasolabial-fold", lotB, [2]float64{0.4, 0.575}, [2]float64{0.39, 0.6}, [2]float64{0.38, 0.625}),
		on("juvederm-voluma-xc", "0.25 mL", "cheek", lotC, [2]float64{0.31, 0.5}, [2]float64{0.34, 0.53}, [2]float64{0.29, 0.53}),
	}
}

// No amount covers another amount or a symbol, at the label's patterns for the
// upper face together and next to other amounts, long ones and those of fillers
// among them.
func TestInjectionMapLabelsDoNotOverlap(t *testing.T) {
	t.Parallel()
	toxin := func(amount string, spots ...[]spot) treatment.Record {
		r := upperFace(t)
		r.Maps = []treatment.Map{onFace(amount+" [arb'U]{onabotulinumtoxinA}", lotA, vialA, spots...)}
		return r
	}
	for _, tt := range []struct {
		name    string
		records []treatment.Record
	}{
		{"glabellar lines", []treatment.Record{toxin("4", glabellarLines)}},
		{"forehead lines", []treatment.Record{toxin("4", foreheadLines)}},
		{"lateral canthal lines", []treatment.Record{toxin("4", canthalLines)}},
		{"the upper face", []treatment.Record{upperFace(t)}},
		{"the upper face with long amounts", []treatment.Record{toxin("12.25", glabellarLines, foreheadLines, canthalLines)}},
		{"fillers", fillers()},
		{"the upper face and fillers", append([]treatment.Record{upperFace(t)}, fillers()...)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			points := 0
			for _, r := range tt.records {
				points += len(r.Points())
			}
			var labels, symbols []rect
			for _, e := range elements(t, draw(t, nil, tt.records...)) {
				class := e.attributes["class"]
				switch {
				case strings.Contains(class, "gim-amount"):
					x, y := number(t, e.attributes["x"]), number(t, e.attributes["y"])
					w := float64(len(e.text)) * 8.2 / 2 // of 12.5 px bold in DejaVu Sans, the widest face that is common
					labels = append(labels, rect{x - w, y - 9.5, x + w, y + 1})
				case symbolNumber.MatchString(class):
					x, y := number(t, e.attributes["x"]), number(t, e.attributes["y"])-3.4
					symbols = append(symbols, rect{x - 8, y - 8, x + 8, y + 8})
				}
			}
			if len(labels) != points || len(symbols) != points {
				t.Fatalf("%d labels and %d symbols for %d points", len(labels), len(symbols), points)
			}
			for i, l := range labels {
				for j, s := range symbols {
					if l.overlaps(s) {
						t.Errorf("the amount of point %d covers the symbol of point %d", i+1, j+1)
					}
				}
				for j := range i {
					if l.overlaps(labels[j]) {
						t.Errorf("the amounts of points %d and %d cover each other", j+1, i+1)
					}
				}
				// The whole of a line leads to a label that is not next to its point.
				if d := math.Hypot((l.left+l.right)/2-(symbols[i].left+8), (l.top+l.bottom)/2-(symbols[i].top+8)); d > 60 {
					t.Errorf("the amount of point %d is %.0f away", i+1, d)
				}
			}
		})
	}
}

// crowd is sixty points of three products, ten of which crowd the glabella.
func crowd(t testing.TB) []treatment.Record {
	t.Helper()
	rnd := rand.New(rand.NewSource(60))
	d := face(t)
	codes := []string{"onabotulinumtoxinA", "incobotulinumtoxinA", "juvederm-voluma-xc"}
	out := make([]treatment.Record, len(codes))
	for i, code := range codes {
		amount := "2.5 [arb'U]{" + code + "}"
		if i == 2 {
			amount = "0.05 mL{" + code + "}"
		}
		m := treatment.Map{Diagram: d.Code, DiagramVersion: d.Version}
		for len(m.Points) < 20 {
			x, y := rnd.Float64(), rnd.Float64()
			if region, side, ok := d.RegionAt(x, y); ok {
				m.Points = append(m.Points, treatment.Point{Seq: len(m.Points) + 1, X: x, Y: y, Region: region.Code, Side: side, Amount: quantity.MustParse(amount), Lot: lotA, Vial: vialA})
			}
		}
		out[i] = treatment.Record{Product: code, Maps: []treatment.Map{m}}
	}
	return out
}

func TestInjectionMapOfSixtyPointsIsSmall(t *testing.T) {
	t.Parallel()
	if n := len(draw(t, &mapOptions, crowd(t)...)); n > 40_000 {
		t.Errorf("the picture has %d bytes, want at most 40000", n)
	}
}

// Products differ in colour, in shape where that is enough, and always in the
// pair of both.
func TestInjectionMapSymbols(t *testing.T) {
	t.Parallel()
	var records []treatment.Record
	for n := range 30 {
		r := upperFace(t)
		r.Product = fmt.Sprintf("product-%02d", n)
		r.Maps = []treatment.Map{onFace("1 mL", lotA, vialA, glabellarLines[:1])}
		records = append(records, r)
	}
	symbol := regexp.MustCompile(`<g class="gim-symbol gim-f(\d)"><(circle|path)[^/]*?(?: r="8"|[\d.]+ [\d.]+([hl][^"]*)")`)
	found := map[[2]string]bool{}
	for i, m := range symbol.FindAllStringSubmatch(draw(t, nil, records...), -1) {
		if i >= 30 {
			break
		}
		found[[2]string{m[1], m[2] + m[3]}] = true
	}
	// The points' symbols have a title before the shape, so that these are the
	// legend's.
	if len(found) != 30 {
		t.Errorf("30 products have %d symbols: %v", len(found), found)
	}
}

// Hostile text stays text: the picture keeps its elements, and runs and loads
// nothing.
func TestInjectionMapEscapesText(t *testing.T) {
	t.Parallel()
	for _, hostile := range []string{
		`</title><script>alert(1)</script>`, `"><image href="http://example.invalid/x.png"/>`, `]]><a xlink:href="javascript:alert(1)">`,
		"&lt;&amp;&#0;\x00\x1b\xff\ufffe", "</text></svg><svg onload=alert(1)>", "}</style><style>*{display:none}", strings.Repeat("W", 5000), "a\u202eb\u2066c",
	} {
		r := upperFace(t)
		r.Product = "x" + hostile
		r.Maps[0].Points[0].Region = hostile
		r.Maps[0].Points[0].Side = glabella.Side(hostile)
		plain := upperFace(t)
		plain.Maps[0].Points[0].Region = "unknown"
		o := &encounter.MapOptions{Title: hostile, Products: map[string]string{r.Product: hostile}, Labels: map[glabella.Ref]string{lotA.Ref(): hostile}}
		svg := draw(t, o, r)
		var got, want []string
		for _, e := range elements(t, svg) {
			got = append(got, e.name)
			for name, value := range e.attributes {
				if strings.HasPrefix(name, "on") || strings.Contains(name, "href") || strings.ContainsAny(value, "<>\"") {
					t.Errorf("%q made an attribute %s", hostile, name)
				}
			}
		}
		for _, e := range elements(t, draw(t, &mapOptions, plain)) {
			want = append(want, e.name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q changes the elements (-want +got):\n%s", hostile, diff)
		}
		if strings.ContainsAny(svg, "\u202e\u2066\x00\x1b") {
			t.Errorf("%q leaves a control in the picture", hostile)
		}
	}
}

func TestInjectionMapOfOtherDiagrams(t *testing.T) {
	t.Parallel()
	r := upperFace(t)
	r.Maps[0].DiagramVersion = 2
	svg := draw(t, nil, r)
	if len(textsOf(elements(t, svg), "gim-amount")) != 0 || !strings.Contains(svg, "<desc>No points.</desc>") || !strings.Contains(svg, "<title>"+face(t).Name+"</title>") {
		t.Error("a picture without points on this diagram shows some, or does not say so")
	}
}

func TestInjectionMapDefaults(t *testing.T) {
	t.Parallel()
	r := upperFace(t)
	r.Maps[0].Points[0].Lot = glabella.LotID{}
	r.Maps[0].Points[6].Side = ""
	svg := draw(t, nil, r)
	for _, want := range []string{">onabotulinumtoxinA</text>", ">Lot not charted</text>", ">4 U, point 1</text>", ">60 U, points 2–16</text>", ">Lot " + lotA.String() + "</text>"} {
		if !strings.Contains(svg, want) {
			t.Errorf("the picture lacks %q", want)
		}
	}
	r.Product = ""
	if svg := draw(t, nil, r); !strings.Contains(svg, ">No product</text>") {
		t.Error("points without a product have no name in the legend")
	}
}

func TestInjectionMapRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*treatment.Diagram, *treatment.Record)
		want   []place
	}{
		{name: "a point beside the diagram", change: func(_ *treatment.Diagram, r *treatment.Record) {
			r.Maps[0].Points[1].X, r.Maps[0].Points[2].Y, r.Maps[0].Points[3].X = 1.01, -0.01, math.NaN()
		}, want: []place{{"/0/maps/0/points/1", glabella.CodeOutOfRange}, {"/0/maps/0/points/2", glabella.CodeOutOfRange}, {"/0/maps/0/points/3", glabella.CodeOutOfRange}}},
		{name: "two units", change: func(_ *treatment.Diagram, r *treatment.Record) {
			r.Maps[0].Points[1].Amount = quantity.MustParse("1 mL")
		}, want: []place{{"/0/maps/0/points/1/amount", glabella.CodeMismatch}}},
		{name: "a diagram without extent", change: func(d *treatment.Diagram, _ *treatment.Record) { d.Height = 0 }, want: []place{{"/width", glabella.CodeOutOfRange}}},
		{name: "amounts that do not add up", change: func(_ *treatment.Diagram, r *treatment.Record) {
			for i := range 2 {
				r.Maps[0].Points[1+i].Amount = quantity.MustParse("999999999999.999999 [arb'U]{onabotulinumtoxinA}")
			}
		}, want: []place{{"/0/maps/0/points/1/amount", glabella.CodeOutOfRange}, {"/0/maps/0/points/2/amount", glabella.CodeOutOfRange}}},
		{name: "sides that do not add up", change: func(_ *treatment.Diagram, r *treatment.Record) {
			p := r.Maps[0].Points[1:5:5]
			p[0].Lot, p[2].Lot = lotB, lotC
			p[0].Amount, p[2].Amount = quantity.MustParse("999999999990.000001 [arb'U]{onabotulinumtoxinA}"), quantity.MustParse("999999999990.000001 [arb'U]{onabotulinumtoxinA}")
		}, want: []place{{"", glabella.CodeOutOfRange}}},
		{name: "a drawing with a script", change: func(d *treatment.Diagram, _ *treatment.Record) { d.Art += "<script>alert(1)</script>" }, want: []place{{"/art", glabella.CodeFormat}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, r := face(t), upperFace(t)
			tt.change(&d, &r)
			svg, err := encounter.InjectionMap(d, []treatment.Record{r}, nil)
			if diff := cmp.Diff(tt.want, placesOf(t, err)); diff != "" || svg != nil {
				t.Errorf("InjectionMap, issues (-want +got):\n%s", diff)
			}
		})
	}
}

// BenchmarkMapSVG60 draws a map of sixty points.
func BenchmarkMapSVG60(b *testing.B) {
	d, records := face(b), crowd(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := encounter.InjectionMap(d, records, &mapOptions); err != nil {
			b.Fatal(err)
		}
	}
}
