package treatment_test

import (
	"encoding/json"
	"math"
	"math/rand"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

func TestCheckToxin(t *testing.T) {
	t.Parallel()
	type rec = treatment.Record
	points := func(r *rec) []treatment.Point { return r.Maps[0].Points }
	for _, tt := range []struct {
		name   string
		change func(*rec)
		want   []place
	}{
		{"the label's pattern has no issues", func(r *rec) {}, nil},
		{"a pin of other content is an issue", func(r *rec) { r.Template.Hash = "0" }, []place{{"/template", treatment.CodeTemplatePin}}},
		{"a required field that is empty", func(r *rec) { r.Values["diluent"] = "" }, []place{{"/values/diluent", glabella.CodeRequired}}},
		{"a required field that is missing", func(r *rec) { delete(r.Values, "reconstituted-at") }, []place{{"/values/reconstituted-at", glabella.CodeRequired}}},
		{"a field that the template lacks, with its key escaped", func(r *rec) { r.Values["a/b~c"] = "1" }, []place{{"/values/a~1b~0c", glabella.CodeUnknownField}}},
		{"a choice that is not offered", func(r *rec) { r.Values["diluent"] = "water" }, []place{{"/values/diluent", glabella.CodeUnknownValue}}},
		{"a number with its unit", func(r *rec) { r.Values["diluent-volume"] = "2.5 mL" }, []place{{"/values/diluent-volume", glabella.CodeFormat}}},
		{"a number in exponent notation", func(r *rec) { r.Values["vial-units"] = "1e2" }, []place{{"/values/vial-units", glabella.CodeFormat}}},
		{"a number with too many decimals", func(r *rec) { r.Values["diluent-volume"] = "2.505" }, []place{{"/values/diluent-volume", glabella.CodeFormat}}},
		{"trailing zeros are not decimals", func(r *rec) { r.Values["diluent-volume"] = "2.500" }, nil},
		{"a number at its bound", func(r *rec) { r.Values["vial-units"] = "500" }, nil},
		{"a number above its bound", func(r *rec) { r.Values["vial-units"] = "501" }, []place{{"/values/vial-units", glabella.CodeOutOfRange}}},
		{"a number below its bound", func(r *rec) { r.Values["diluent-volume"] = "0.09" }, []place{{"/values/diluent-volume", glabella.CodeOutOfRange}}},
		{"an instant without zone", func(r *rec) { r.Values["reconstituted-at"] = "2026-11-03T09:30:00" }, []place{{"/values/reconstituted-at", glabella.CodeFormat}}},
		{"a boolean in other words", func(r *rec) { r.Values["aftercare-given"] = "yes" }, []place{{"/values/aftercare-given", glabella.CodeFormat}}},
		{"a field whose condition does not hold", func(r *rec) { r.Values["anaesthetic"] = "cream" }, []place{{"/values/anaesthetic", treatment.CodeFieldNotApplicable}}},
		{"a field whose condition holds", func(r *rec) { r.Values["anaesthesia"], r.Values["anaesthetic"] = "topical", "cream" }, nil},
		{"text with a NUL", func(r *rec) { r.Values["anaesthesia"], r.Values["anaesthetic"] = "topical", "a\x00" }, []place{{"/values/anaesthetic", glabella.CodeText}}},
		{"no points", func(r *rec) { r.Maps = nil; r.Total = quantity.Quantity{} }, []place{{"/maps", glabella.CodeRequired}}},
		{"a diagram of another template", func(r *rec) { r.Maps[0].Diagram = "hand" }, []place{{"/maps/0/diagram", glabella.CodeUnknownValue}}},
		{"a version that the diagram does not have", func(r *rec) { r.Maps[0].DiagramVersion = 9 }, []place{{"/maps/0/diagramVersion", glabella.CodeUnknownValue}}},
		{"a region that the diagram does not have", func(r *rec) { points(r)[3].Region = "elbow" }, []place{{"/maps/0/points/3/region", glabella.CodeUnknownValue}}},
		{"no region", func(r *rec) { points(r)[3].Region = "" }, []place{{"/maps/0/points/3/region", glabella.CodeRequired}}},
		{"a muscle of another region", func(r *rec) { points(r)[0].Muscle = "frontalis" }, []place{{"/maps/0/points/0/muscle", glabella.CodeUnknownValue}}},
		{"no side", func(r *rec) { points(r)[3].Side = "" }, []place{{"/maps/0/points/3/side", glabella.CodeRequired}}},
		{"no such side", func(r *rec) { points(r)[3].Side = "centre" }, []place{{"/maps/0/points/3/side", glabella.CodeUnknownValue}}},
		{"the patient's right charted on the right of the picture", func(r *rec) { points(r)[3].Side = glabella.SideRight }, []place{{"/maps/0/points/3/side", treatment.CodePointSide}}},
		{"the patient's left charted on the left of the picture", func(r *rec) { points(r)[1].Side = glabella.SideLeft }, []place{{"/maps/0/points/1/side", treatment.CodePointSide}}},
		{"midline away from the middle", func(r *rec) { points(r)[0].X = 0.53 }, []place{{"/maps/0/points/0/side", treatment.CodePointSide}}},
		{"midline within the band", func(r *rec) { points(r)[0].X = 0.515 }, nil},
		{"a side exactly on the middle", func(r *rec) { points(r)[1].X = 0.5 }, []place{{"/maps/0/points/1/side", treatment.CodePointSide}}},
		{"midline in a region that has two sides", func(r *rec) { points(r)[0].Region, points(r)[0].Muscle = "lateral-canthal", "" }, []place{{"/maps/0/points/0/side", treatment.CodePointSide}}},
		{"coordinates outside of the diagram", func(r *rec) { points(r)[4].X, points(r)[4].Y = 1.01, -0.1 }, []place{{"/maps/0/points/4/x", glabella.CodeOutOfRange}, {"/maps/0/points/4/y", glabella.CodeOutOfRange}}},
		{"a coordinate that is not a number", func(r *rec) { points(r)[4].Y = math.NaN() }, []place{{"/maps/0/points/4/y", glabella.CodeOutOfRange}}},
		{"a number given twice", func(r *rec) { points(r)[4].Seq = 1 }, []place{{"/maps/0/points/4/seq", glabella.CodeDuplicate}}},
		{"a number below 1", func(r *rec) { points(r)[4].Seq = 0 }, []place{{"/maps/0/points/4/seq", glabella.CodeOutOfRange}}},
		{"no lot", func(r *rec) { points(r)[2].Lot = glabella.LotID{} }, []place{{"/maps/0/points/2/lot", treatment.CodeLotMissing}}},
		{"units of another toxin", func(r *rec) { points(r)[2].Amount = quantity.MustParse("4 [arb'U]{abobotulinumtoxinA}") }, []place{{"/maps/0/points/2/amount", treatment.CodeUnit}}},
		{"a total in units of another toxin", func(r *rec) { r.Total = quantity.MustParse("20 [arb'U]{abobotulinumtoxinA}") }, []place{{"/total", treatment.CodeUnit}}},
		{"an amount of zero", func(r *rec) {
			points(r)[2].Amount = quantity.MustParse("0 [arb'U]{onabotulinumtoxinA}")
			r.Total = quantity.MustParse("16 [arb'U]{onabotulinumtoxinA}")
		}, []place{{"/maps/0/points/2/amount", glabella.CodeOutOfRange}}},
		{"a total that the points do not reach", func(r *rec) { r.Total = quantity.MustParse("20.01 [arb'U]{onabotulinumtoxinA}") }, []place{{"/total", treatment.CodePointsSum}}},
		{"no total", func(r *rec) { r.Total = quantity.Quantity{} }, []place{{"/total", glabella.CodeRequired}}},
		{"everything is reported at once", func(r *rec) {
			r.Values["vial-units"] = "x"
			points(r)[0].Side = ""
			points(r)[1].Seq = 5
			points(r)[2].Amount = quantity.MustParse("5 [arb'U]{onabotulinumtoxinA}")
		}, []place{{"/values/vial-units", glabella.CodeFormat}, {"/maps/0/points/0/side", glabella.CodeRequired}, {"/maps/0/points/4/seq", glabella.CodeDuplicate}, {"/total", treatment.CodePointsSum}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := glabellarLines(t)
			tt.change(&r)
			got := placesOf(latest(t, "botulinum-toxin").Check(r, product(t, "onabotulinumtoxinA")))
			if diff := cmp.Diff(tt.want, got, sortPlaces()); diff != "" {
				t.Errorf("Check() issues (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckFiller(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		change  func(*treatment.Record)
		product string
		want    []place
	}{
		{"two cheeks have no issues", func(*treatment.Record) {}, "juvederm-voluma-xc", nil},
		{"another product than the one it is compared with", func(*treatment.Record) {}, "restylane-lyft", []place{
			{"/product", treatment.CodeProductMismatch}, {"/total", treatment.CodeUnit},
			{"/maps/0/points/0/amount", treatment.CodeUnit}, {"/maps/0/points/1/amount", treatment.CodeUnit},
		}},
		{"a product of another template", func(r *treatment.Record) {
			r.Product, r.Maps, r.Total = "onabotulinumtoxinA", nil, quantity.Quantity{}
			delete(r.Values, "hyaluronidase-available")
		}, "onabotulinumtoxinA", []place{{"/product", treatment.CodeProductUnlisted}, {"/maps", glabella.CodeRequired}}},
		{"a field that does not apply to the product", func(r *treatment.Record) { r.Product, r.Maps, r.Total = "sculptra", nil, quantity.Quantity{} },
			"sculptra", []place{{"/values/hyaluronidase-available", treatment.CodeFieldNotApplicable}, {"/maps", glabella.CodeRequired}}},
		{"depth, technique and device that the template does not list", func(r *treatment.Record) {
			p := &r.Maps[0].Points[1]
			p.Depth, p.Technique, p.Device = "bone", "magic", "pen"
		}, "juvederm-voluma-xc", []place{
			{"/maps/0/points/1/depth", glabella.CodeUnknownValue}, {"/maps/0/points/1/technique", glabella.CodeUnknownValue}, {"/maps/0/points/1/device", glabella.CodeUnknownValue},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := cheeks(t)
			tt.change(&r)
			got := placesOf(latest(t, "dermal-filler").Check(r, product(t, tt.product)))
			if diff := cmp.Diff(tt.want, got, sortPlaces()); diff != "" {
				t.Errorf("Check() issues (-want +got):\n%s", diff)
			}
		})
	}
}

// hostTemplate is a template of a clinic's own, without product or map.
func hostTemplate() treatment.Template {
	return treatment.Template{
		Code: "chemical-peel", Version: 1, Name: "Chemical peel",
		Phases: []treatment.Phase{{Code: "treatment", Name: "Treatment"}},
		Fields: []treatment.Field{
			{Key: "layers", Label: "Layers", Phase: "treatment", Kind: treatment.FieldMulti, Choices: []string{"one", "two", "three"}, Basis: treatment.BasisCommonPractice},
			{Key: "neutralised-on", Label: "Neutralised on", Phase: "treatment", Kind: treatment.FieldDate, Basis: treatment.BasisCommonPractice},
		},
	}
}

func TestCheckTemplateWithoutProduct(t *testing.T) {
	t.Parallel()
	template := hostTemplate()
	for _, tt := range []struct {
		name   string
		values map[string]string
		maps   []treatment.Map
		want   []place
	}{
		{"several choices and a day", map[string]string{"layers": "one three", "neutralised-on": "2026-11-03"}, nil, nil},
		{"a choice given twice and one that is not offered", map[string]string{"layers": "one one four"}, nil,
			[]place{{"/values/layers", glabella.CodeDuplicate}, {"/values/layers", glabella.CodeUnknownValue}}},
		{"a day that does not exist", map[string]string{"neutralised-on": "2026-02-30"}, nil, []place{{"/values/neutralised-on", glabella.CodeFormat}}},
		{"a map where there is none", nil, []treatment.Map{{Diagram: "face-front", DiagramVersion: 1}}, []place{{"/maps", treatment.CodeFieldNotApplicable}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := placesOf(template.Check(treatment.Record{Template: template.Ref(), Values: tt.values, Maps: tt.maps}, treatment.Product{}))
			if diff := cmp.Diff(tt.want, got, sortPlaces()); diff != "" {
				t.Errorf("Check() issues (-want +got):\n%s", diff)
			}
		})
	}
}

// However a total is spread over points, the chart agrees with itself; and any
// other total is an issue, whatever the tolerance that is not reached.
func TestCheckSumProperty(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewSource(1))
	p := product(t, "onabotulinumtoxinA")
	template := latest(t, "botulinum-toxin")
	for range 200 {
		r := glabellarLines(t)
		r.Maps[0].Points = nil
		sum := decimal.Zero
		for seq := 1; seq <= 1+rnd.Intn(30); seq++ {
			v := decimal.New(1+rnd.Int63n(1000), -2)
			sum = sum.Add(v)
			pt := point(seq, "forehead", "frontalis", glabella.SideRight, 0.4, 0.28, "1 mL")
			pt.Amount = quantity.New(v, p.Unit)
			r.Maps[0].Points = append(r.Maps[0].Points, pt)
		}
		r.Total = quantity.New(sum, p.Unit)
		if issues := template.Check(r, p); len(issues) > 0 {
			t.Fatalf("Check(points of %s) = %v, want no issues", r.Total, issues)
		}
		off := decimal.New(1+rnd.Int63n(100), -2)
		r.Total = quantity.New(sum.Add(off), p.Unit)
		if diff := cmp.Diff([]place{{"/total", treatment.CodePointsSum}}, placesOf(template.Check(r, p))); diff != "" {
			t.Fatalf("Check(total off by %s) (-want +got):\n%s", off, diff)
		}
		template := template
		spec := *template.Map
		spec.Tolerance = treatment.Number{Decimal: off}
		template.Map = &spec
		r.Template = template.Ref()
		if issues := template.Check(r, p); len(issues) > 0 {
			t.Fatalf("Check(total off by the tolerance %s) = %v, want no issues", off, issues)
		}
	}
}

func TestRecordRoundTrip(t *testing.T) {
	t.Parallel()
	empty := treatment.Record{Values: map[string]string{}, Maps: []treatment.Map{{Points: []treatment.Point{}}}, Total: quantity.MustParse("0 mL{sculptra}")}
	for name, want := range map[string]treatment.Record{"toxin": glabellarLines(t), "filler": cheeks(t), "nil": {}, "empty": empty} {
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got treatment.Record
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: record after JSON (-want +got):\n%s", name, diff)
		}
	}
}
