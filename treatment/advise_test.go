package treatment_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

// charted is a record with nothing but points: "region side amount".
func charted(product string, unit string, points ...string) treatment.Record {
	r := treatment.Record{Product: product, Maps: []treatment.Map{{Diagram: "face-front", DiagramVersion: 1}}}
	for i, s := range points {
		f := strings.Fields(s)
		r.Maps[0].Points = append(r.Maps[0].Points, treatment.Point{Seq: i + 1, Region: f[0], Side: glabella.Side(f[1]), Amount: quantity.MustParse(f[2] + " " + unit)})
	}
	return r
}

func TestAdvise(t *testing.T) {
	t.Parallel()
	const botox, dysport = "onabotulinumtoxinA", "abobotulinumtoxinA"
	fourEach := func(region string, n int) []string {
		var out []string
		for range n {
			out = append(out, region+" right 4")
		}
		return out
	}
	for _, tt := range []struct {
		name    string
		product string
		points  []string
		before  string // given in the window
		want    glabella.Outcome
		codes   []glabella.Code
	}{
		{"the label's pattern", botox, fourEach("glabella", 5), "", glabella.Allow, nil},
		{"one point above the label's total", botox, fourEach("glabella", 6), "", glabella.Warn, []glabella.Code{treatment.CodeRegionTotal}},
		{"one point above the label's amount for a point", botox, []string{"glabella midline 4.01"}, "", glabella.Warn, []glabella.Code{treatment.CodePointAmount}},
		{"the forehead without the glabella", botox, fourEach("forehead", 5), "", glabella.Warn, []glabella.Code{treatment.CodeRegionAlone}},
		{"the forehead with the glabella", botox, append(fourEach("forehead", 5), fourEach("glabella", 5)...), "", glabella.Allow, nil},
		{"more on one side than the label names", botox, fourEach("lateral-canthal", 4), "", glabella.Warn, []glabella.Code{treatment.CodeSideTotal}},
		{"a region off the label", botox, []string{"masseter left 20"}, "", glabella.Warn, []glabella.Code{treatment.CodeOffLabelRegion}},
		{"the forehead is off Dysport's label", dysport, []string{"glabella midline 10", "forehead right 4"}, "", glabella.Warn, []glabella.Code{treatment.CodeOffLabelRegion}},
		{"units are the product's own", dysport, []string{"glabella midline 10"}, "", glabella.Allow, nil},
		{"at the cumulative dose", botox, fourEach("glabella", 5), "380", glabella.Allow, nil},
		{"above the cumulative dose", botox, fourEach("glabella", 5), "380.5", glabella.Warn, []glabella.Code{treatment.CodeCumulative}},
		{"no cumulative dose on the label", dysport, []string{"glabella midline 10"}, "1000", glabella.Allow, nil},
		{"everything is evaluated", botox, []string{"glabella midline 9", "glabella left 9", "glabella right 9", "chin midline 2"}, "400", glabella.Warn,
			[]glabella.Code{treatment.CodePointAmount, treatment.CodeRegionTotal, treatment.CodeOffLabelRegion, treatment.CodeCumulative}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := product(t, tt.product)
			f := healthy(tt.product)
			if tt.before != "" {
				f.WindowUnits = quantity.MustParse(tt.before + " " + p.Unit.String())
			}
			got := latest(t, "botulinum-toxin").Advise(charted(tt.product, p.Unit.String(), tt.points...), p, f)
			if diff := cmp.Diff(tt.codes, got.Codes(), cmpopts.EquateEmpty()); diff != "" || got.Outcome != tt.want {
				t.Errorf("Advise(%v) = %v, want %v; codes (-want +got):\n%s", tt.points, got, tt.want, diff)
			}
			for _, r := range got.Reasons {
				if r.Source == "" || r.Fix == "" {
					t.Errorf("reason %s has source %q and fix %q, want both", r.Code, r.Source, r.Fix)
				}
				if text := strings.ToLower(r.Text + r.Fix); strings.Contains(text, "safe") {
					t.Errorf("reason %s judges safety: %q", r.Code, text)
				}
			}
		})
	}
}

func TestAdviseFiller(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		product string
		points  []string
		codes   []glabella.Code
	}{
		{"a lip above the label's volume", "restylane-l", []string{"lip-upper midline 1", "lip-upper left 0.6", "lip-lower midline 1.5"}, []glabella.Code{treatment.CodeRegionTotal}},
		{"a treatment above the label's volume", "restylane-l", []string{"nasolabial-fold left 3.1", "nasolabial-fold right 3"}, []glabella.Code{treatment.CodeSessionTotal}},
		{"a treatment at the label's volume", "juvederm-volux-xc", []string{"jawline left 4.5", "jawline right 4.5"}, nil},
		{"a fold above the label's volume", "juvederm-ultra-plus-xc", []string{"nasolabial-fold left 1.7", "nasolabial-fold right 1.6"}, []glabella.Code{treatment.CodeSideTotal}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := product(t, tt.product)
			got := latest(t, "dermal-filler").Advise(charted(tt.product, p.Unit.String(), tt.points...), p, healthy(tt.product))
			if diff := cmp.Diff(tt.codes, got.Codes(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("Advise(%v) codes (-want +got):\n%s", tt.points, diff)
			}
		})
	}
}

func TestAdviseSaysWhichPointsAndHowMuch(t *testing.T) {
	t.Parallel()
	p := product(t, "onabotulinumtoxinA")
	r := charted(p.Code, p.Unit.String(), "glabella midline 5", "glabella left 4", "glabella right 6.5")
	got := latest(t, "botulinum-toxin").Advise(r, p, healthy(p.Code))
	want := []glabella.Reason{{
		Outcome: glabella.Warn, Code: treatment.CodePointAmount,
		Text:   "6.5 U of onabotulinumtoxinA at one point of region glabella, above the 4 U that the label names",
		Args:   map[string]string{"product": "onabotulinumtoxinA", "region": "glabella", "points": "1, 3", "given": "6.5", "label": "4", "unit": "U"},
		Fix:    "correct the chart, or confirm that more than the label names was intended",
		Source: "Botox Cosmetic US prescribing information (text of October 2024), glabellar lines: 20 U as 5 points of 4 U",
	}}
	if diff := cmp.Diff(want, got.Reasons); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}

func TestAdviseDeniesWhatCannotBeCompared(t *testing.T) {
	t.Parallel()
	botox, dysport := product(t, "onabotulinumtoxinA"), product(t, "abobotulinumtoxinA")
	template := latest(t, "botulinum-toxin")
	window := healthy(botox.Code)
	window.WindowUnits = quantity.MustParse("10 [arb'U]{abobotulinumtoxinA}")
	for _, tt := range []struct {
		name   string
		record treatment.Record
		facts  treatment.Facts
		want   glabella.Code
	}{
		{"a record of another product", charted(dysport.Code, dysport.Unit.String(), "glabella midline 10"), healthy(dysport.Code), treatment.CodeProductMismatch},
		{"points in units of another product", charted(botox.Code, dysport.Unit.String(), "glabella midline 10"), healthy(botox.Code), treatment.CodeUnit},
		{"a window in units of another product", charted(botox.Code, botox.Unit.String(), "glabella midline 4"), window, treatment.CodeUnit},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := template.Advise(tt.record, botox, tt.facts)
			if got.Outcome != glabella.Deny || !got.Has(tt.want) {
				t.Errorf("Advise() = %v, want deny: %s", got, tt.want)
			}
		})
	}
}
