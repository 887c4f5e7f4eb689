package treatment_test

import (
	"fmt"
	"testing/fstest"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

func ExampleTemplate_Screen() {
	template, _ := treatment.BuiltIn().Latest("botulinum-toxin")
	decision := template.Screen(treatment.Facts{
		On:      glabella.MustParseDate("2026-11-03"),
		Age:     41,
		Product: "abobotulinumtoxinA",
		Allergies: []treatment.Finding{
			{Classes: []string{"milk-protein"}},
		},
		Pregnant:    treatment.PregnantNo,
		LastTreated: glabella.MustParseDate("2026-09-14"),
	})
	fmt.Println(decision.Outcome)
	for _, r := range decision.Reasons {
		fmt.Printf("%s: %s\n  fix: %s\n  source: %s\n", r.Outcome, r.Code, r.Fix, r.Source)
	}
	// Output:
	// deny
	// deny: treatment.contraindicated.milk-protein-allergy
	//   fix: choose a product without milk protein, or have the allergy entry reviewed and refuted
	//   source: Dysport US prescribing information, contraindications: allergy to cow's milk protein
	// warn: treatment.interval.short
	//   fix: wait until 2026-12-13, or record why it is given earlier
	//   source: Dysport US prescribing information: no more often than every 3 months
}

func ExampleTemplate_Check() {
	set := treatment.BuiltIn()
	template, _ := set.Latest("botulinum-toxin")
	product, _ := set.Product("onabotulinumtoxinA")
	dose := quantity.MustParse("4 [arb'U]{onabotulinumtoxinA}")
	lot := glabella.MustParseID[glabella.LotID]("01900000-0000-7000-8000-0000000000b1")
	record := treatment.Record{
		Template: template.Ref(),
		Product:  product.Code,
		Values: map[string]string{
			"allergies-reviewed": "true", "medications-reviewed": "true", "vial-units": "100", "diluent": "preservative-free-saline",
			"diluent-volume": "2.5", "reconstituted-at": "2026-11-03T09:30:00Z", "aftercare-given": "true",
		},
		Maps: []treatment.Map{{Diagram: "face-front", DiagramVersion: 1, Points: []treatment.Point{
			{Seq: 1, X: 0.30, Y: 0.42, Region: "lateral-canthal", Side: glabella.SideRight, Amount: dose, Lot: lot},
			{Seq: 2, X: 0.70, Y: 0.42, Region: "lateral-canthal", Side: glabella.SideRight, Amount: dose, Lot: lot},
		}}},
		Total: quantity.MustParse("12 [arb'U]{onabotulinumtoxinA}"),
	}
	for _, issue := range template.Check(record, product) {
		fmt.Println(issue)
	}
	// Output:
	// /maps/0/points/1/side: treatment.point.side: the point stands on the other side of the diagram; right and left are the patient's own
	// /total: treatment.points.sum: the points add up to 8 [arb'U]{onabotulinumtoxinA}, not to the charted 12 [arb'U]{onabotulinumtoxinA}
}

func ExampleTemplate_Advise() {
	set := treatment.BuiltIn()
	template, _ := set.Latest("botulinum-toxin")
	product, _ := set.Product("onabotulinumtoxinA")
	record := treatment.Record{Product: product.Code, Maps: []treatment.Map{{Points: []treatment.Point{
		{Seq: 1, Region: "masseter", Side: glabella.SideLeft, Amount: quantity.MustParse("20 [arb'U]{onabotulinumtoxinA}")},
		{Seq: 2, Region: "glabella", Side: glabella.SideMidline, Amount: quantity.MustParse("5 [arb'U]{onabotulinumtoxinA}")},
	}}}}
	before := quantity.MustParse("390 [arb'U]{onabotulinumtoxinA}")
	for _, r := range template.Advise(record, product, treatment.Facts{WindowUnits: before}).Reasons {
		fmt.Println(r.Text)
	}
	// Output:
	// the label of onabotulinumtoxinA does not cover region masseter
	// 5 U of onabotulinumtoxinA at one point of region glabella, above the 4 U that the label names
	// 415 U of onabotulinumtoxinA within P3M, above the 400 U that the label names
}

func ExampleCompute() {
	product, _ := treatment.BuiltIn().Product("onabotulinumtoxinA")
	computed, err := treatment.Compute(treatment.Record{
		Product: product.Code,
		Values:  map[string]string{treatment.FieldVialUnits: "100", treatment.FieldDiluentVolume: "2.5"},
		Maps: []treatment.Map{{Points: []treatment.Point{
			{Seq: 1, Region: "forehead", Side: glabella.SideRight, Amount: quantity.MustParse("2.5 [arb'U]{onabotulinumtoxinA}")},
			{Seq: 2, Region: "forehead", Side: glabella.SideLeft, Amount: quantity.MustParse("3 [arb'U]{onabotulinumtoxinA}")},
		}}},
	}, product)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(computed.Concentration)
	fmt.Println(computed.PerTenth, "in 0.1 mL")
	for _, region := range computed.Regions {
		fmt.Println(region.Region, region.Total, region.Volume)
	}
	// Output:
	// 40 [arb'U]{onabotulinumtoxinA}/mL
	// 4 [arb'U]{onabotulinumtoxinA} in 0.1 mL
	// forehead 5.5 [arb'U]{onabotulinumtoxinA} 0.1375 mL
}

func ExampleSet_Load() {
	files := fstest.MapFS{"peel.json": {Data: []byte(`{
  "code": "bespoke-peel",
  "version": 1,
  "name": "Chemical peel",
  "phases": [{"code": "treatment", "name": "Treatment"}],
  "fields": [
    {"key": "layers", "label": "Layers", "phase": "peel", "kind": "number", "basis": "guideline"}
  ]
}`)}}
	_, err := treatment.BuiltIn().Load(files, "*.json")
	fmt.Println(err)
	// Output:
	// invalid peel.json: 7:5: /fields/0/source: treatment.template.source: a rule of basis guideline cites its source; 7:51: /fields/0/phase: treatment.template.reference: not a phase of the template
}

func ExampleDiagram_RegionAt() {
	face, _ := treatment.BuiltIn().Diagram("face-front", 1)
	region, side, _ := face.RegionAt(0.29, 0.425)
	fmt.Println(region.Name, side)
	// Output: Lateral canthal area right
}

func ExampleClassesOf() {
	fmt.Println(treatment.ClassesOf(glabella.Coding{System: treatment.RxNorm, Code: "1596450", Display: "gentamicin"}))
	// Output: [aminoglycoside]
}
