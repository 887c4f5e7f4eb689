package treatment_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

var ignoreSet = cmpopts.IgnoreUnexported(treatment.Template{})

var (
	fictionalVial = glabella.MustParseID[glabella.VialID]("01900000-0000-7000-8000-0000000000a1")
	fictionalLot  = glabella.MustParseID[glabella.LotID]("01900000-0000-7000-8000-0000000000b1")
)

func latest(t testing.TB, code string) treatment.Template {
	t.Helper()
	out, ok := treatment.BuiltIn().Latest(code)
	if !ok {
		t.Fatalf("no template %s", code)
	}
	return out
}

func product(t testing.TB, code string) treatment.Product {
	t.Helper()
	out, ok := treatment.BuiltIn().Product(code)
	if !ok {
		t.Fatalf("no product %s", code)
	}
	return out
}

func point(seq int, region, muscle string, side glabella.Side, x, y float64, amount string) treatment.Point {
	return treatment.Point{
		Seq: seq, X: x, Y: y, Region: region, Muscle: muscle, Side: side,
		Amount: quantity.MustParse(amount), Vial: fictionalVial, Lot: fictionalLot,
	}
}

// glabellarLines is a record of the label's own pattern: five points of 4 U.
func glabellarLines(t testing.TB) treatment.Record {
	const dose = "4 [arb'U]{onabotulinumtoxinA}"
	return treatment.Record{
		Template: latest(t, "botulinum-toxin").Ref(),
		Product:  "onabotulinumtoxinA",
		Values: map[string]string{
			"allergies-reviewed": "true", "medications-reviewed": "true", "pregnancy-status": "no",
			"vial-units": "100", "diluent": "preservative-free-saline", "diluent-volume": "2.5",
			"reconstituted-at": "2026-11-03T09:30:00Z", "aftercare-given": "true",
		},
		Maps: []treatment.Map{{Diagram: "face-front", DiagramVersion: 1, Points: []treatment.Point{
			point(1, "glabella", "procerus", glabella.SideMidline, 0.5, 0.375, dose),
			point(2, "glabella", "corrugator-supercilii", glabella.SideRight, 0.44, 0.37, dose),
			point(3, "glabella", "corrugator-supercilii", glabella.SideRight, 0.4, 0.36, dose),
			point(4, "glabella", "corrugator-supercilii", glabella.SideLeft, 0.56, 0.37, dose),
			point(5, "glabella", "corrugator-supercilii", glabella.SideLeft, 0.6, 0.36, dose),
		}}},
		Total: quantity.MustParse("20 [arb'U]{onabotulinumtoxinA}"),
	}
}

// cheeks is a record of 1 mL in each cheek.
func cheeks(t testing.TB) treatment.Record {
	const dose = "1 mL{juvederm-voluma-xc}"
	return treatment.Record{
		Template: latest(t, "dermal-filler").Ref(),
		Product:  "juvederm-voluma-xc",
		Values: map[string]string{
			"allergies-reviewed": "true", "medications-reviewed": "true", "vision-before": "normal", "hyaluronidase-available": "true",
			"syringes-used": "2", "plane": "supraperiosteal", "device": "cannula", "gauge": "25",
			"capillary-refill": "normal", "vision-after": "normal", "aftercare-given": "true",
		},
		Maps: []treatment.Map{{Diagram: "face-front", DiagramVersion: 1, Points: []treatment.Point{
			point(1, "cheek", "", glabella.SideRight, 0.32, 0.52, dose),
			point(2, "cheek", "", glabella.SideLeft, 0.68, 0.52, dose),
		}}},
		Total: quantity.MustParse("2 mL{juvederm-voluma-xc}"),
	}
}

// healthy is the facts of an adult about whom nothing is recorded.
func healthy(product string) treatment.Facts {
	return treatment.Facts{On: glabella.MustParseDate("2026-11-03"), Age: 40, Product: product, Pregnant: treatment.PregnantNo}
}

// place is the part of an issue that callers rely on.
type place struct {
	Path string
	Code glabella.Code
}

func placesOf(issues []glabella.Issue) []place {
	var out []place
	for _, i := range issues {
		out = append(out, place{i.Path, i.Code})
	}
	return out
}

func sortPlaces() cmp.Option {
	return cmpopts.SortSlices(func(a, b place) bool { return a.Path+string(a.Code) < b.Path+string(b.Code) })
}
