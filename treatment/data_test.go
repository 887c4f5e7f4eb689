package treatment_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

// A contraindication for an allergy that only some products set off names
// exactly the products of the template that contain the allergen.
func TestAllergyRulesAgreeWithWhatProductsContain(t *testing.T) {
	t.Parallel()
	for _, code := range treatment.BuiltIn().Codes() {
		template := latest(t, code)
		for _, c := range template.Contraindications {
			if len(c.Match.AllergyClasses) == 0 || c.Level == treatment.LevelRelative {
				continue
			}
			var want []string
			for _, p := range template.Products {
				if slices.ContainsFunc(c.Match.AllergyClasses, func(class string) bool { return slices.Contains(product(t, p).Classes, class) }) {
					want = append(want, p)
				}
			}
			got := c.Match.Products
			if len(got) == 0 {
				got = template.Products
			}
			if diff := cmp.Diff(want, got, cmpopts.SortSlices(strings.Compare), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s: products of %s (-containing the allergen +listed):\n%s", code, c.Code, diff)
			}
		}
	}
}

// No product's allergen goes unasked: each class of each product is a
// contraindication of the template that offers the product.
func TestEveryAllergenOfAProductIsScreened(t *testing.T) {
	t.Parallel()
	for _, code := range treatment.BuiltIn().Codes() {
		template := latest(t, code)
		for _, p := range template.Products {
			for _, class := range product(t, p).Classes {
				f := healthy(p)
				f.Allergies = finding(class)
				if got := template.Screen(f); got.Allowed() {
					t.Errorf("Screen(%s with an allergy to %s) = %v, want a reason", p, class, got)
				}
			}
		}
	}
}

// The numbers of a label area hang together: points by amount, and sides, make
// the total.
func TestLabelAreasAddUp(t *testing.T) {
	t.Parallel()
	for _, p := range treatment.BuiltIn().Products() {
		for _, a := range p.Label {
			points := decimal.NewFromInt(int64(a.Points))
			if a.Points > 0 && !a.TotalUnits.IsZero() && !a.PointUnits.Mul(points).Equal(a.TotalUnits.Decimal) {
				t.Errorf("%s, %s: %d points of %s are not %s", p.Code, a.Region, a.Points, a.PointUnits, a.TotalUnits)
			}
			if !a.SideUnits.IsZero() && !a.TotalUnits.IsZero() && !a.SideUnits.Mul(decimal.NewFromInt(2)).Equal(a.TotalUnits.Decimal) {
				t.Errorf("%s, %s: two sides of %s are not %s", p.Code, a.Region, a.SideUnits, a.TotalUnits)
			}
		}
	}
}

func TestProductsAreComplete(t *testing.T) {
	t.Parallel()
	month := regexp.MustCompile(`^20\d\d-(0[1-9]|1[0-2])$`)
	// Products that no US label gives a region for what clinics do with them.
	withoutArea := []treatment.Family{"hyaluronidase", "chemical-peel", "incretin"}
	families := map[treatment.Family]int{}
	for _, p := range treatment.BuiltIn().Products() {
		families[p.Family]++
		if !p.Family.Valid() || p.Brand == "" || len(p.Sources) == 0 || !month.MatchString(p.CheckedOn) {
			t.Errorf("%s lacks a family, brand, source or month of comparison", p.Code)
		}
		if (len(p.Label) == 0) != slices.Contains(withoutArea, p.Family) {
			t.Errorf("%s: %d label areas in a product of family %s", p.Code, len(p.Label), p.Family)
		}
		if p.Unit.Product() != p.Code {
			t.Errorf("%s is measured in %s, want a unit of its own", p.Code, p.Unit)
		}
		for _, v := range p.Vials {
			if v.Unit() != p.Unit || v.Sign() <= 0 {
				t.Errorf("%s comes in %s, want an amount in %s", p.Code, v, p.Unit)
			}
		}
		for _, c := range p.Codings {
			for _, class := range treatment.ClassesOf(c) {
				if !slices.Contains(p.Classes, class) {
					t.Errorf("%s: its RxNorm concept is of class %s, and the product is not", p.Code, class)
				}
			}
			if len(treatment.ClassesOf(c)) == 0 {
				t.Errorf("%s: its RxNorm concept has no classes", p.Code)
			}
		}
		for _, a := range p.Label {
			for _, with := range []string{a.With, a.Region} {
				if _, ok := p.Area(with); with != "" && !ok {
					t.Errorf("%s: its label names region %s and does not cover it", p.Code, with)
				}
			}
			if a.Source == "" {
				t.Errorf("%s: label area %s has no source", p.Code, a.Region)
			}
		}
		limits := map[string]struct {
			zero   bool
			basis  treatment.Basis
			source string
		}{
			"retreat":    {p.Retreat.IsZero(), p.Retreat.Basis, p.Retreat.Source},
			"session":    {p.Session.IsZero(), p.Session.Basis, p.Session.Source},
			"cumulative": {p.Cumulative.IsZero(), p.Cumulative.Basis, p.Cumulative.Source},
			"in use":     {p.InUse.IsZero(), p.InUse.Basis, p.InUse.Source},
			"per weight": {p.PerWeight.IsZero(), p.PerWeight.Basis, p.PerWeight.Source},
			"max dose":   {p.MaxDose.IsZero(), p.MaxDose.Basis, p.MaxDose.Source},
		}
		for name, l := range limits {
			if !l.zero && (l.basis != treatment.BasisLabel || l.source == "") {
				t.Errorf("%s: %s is not of the label, or does not cite it", p.Code, name)
			}
		}
		checkSteps(t, p)
	}
	want := map[treatment.Family]int{
		"botulinum-toxin": 6, "hyaluronic-acid": 11, "calcium-hydroxylapatite": 2, "poly-l-lactic-acid": 1, "polymethyl-methacrylate": 1,
		"hyaluronidase": 4, "deoxycholic-acid": 1, "polidocanol": 2, "incretin": 2, "chemical-peel": 10,
	}
	if diff := cmp.Diff(want, families); diff != "" {
		t.Errorf("products by family (-want +got):\n%s", diff)
	}
}

// The doses of a titration rise, each is given for a time but the last, and the
// last is the greatest dose.
func checkSteps(t *testing.T, p treatment.Product) {
	t.Helper()
	for i, s := range p.Steps {
		last := i == len(p.Steps)-1
		if s.Basis != treatment.BasisLabel || s.Source == "" || (s.Weeks == 0) != last || i > 0 && !s.Dose.GreaterThan(p.Steps[i-1].Dose.Decimal) {
			t.Errorf("%s: step %d of the titration is %+v", p.Code, i, s)
		}
		if last && !s.Dose.Equal(p.MaxDose.Units.Decimal) {
			t.Errorf("%s: the last step is %s, the greatest dose %s", p.Code, s.Dose, p.MaxDose.Units)
		}
	}
}

// Where the label of a product names a region, a template that offers the
// product has a diagram to chart it on.
func TestLabelAreasCanBeCharted(t *testing.T) {
	t.Parallel()
	set := treatment.BuiltIn()
	for _, code := range set.Codes() {
		template := latest(t, code)
		if template.Map == nil {
			continue
		}
		for _, p := range template.Products {
			for _, a := range product(t, p).Label {
				if !slices.ContainsFunc(template.Map.Diagrams, func(name string) bool {
					d, _ := set.Diagram(name, 1)
					_, ok := d.Region(a.Region)
					return ok
				}) {
					t.Errorf("%s: no diagram shows region %s of %s", code, a.Region, p)
				}
			}
		}
	}
}

// Hours of use after reconstitution are stored only where they were read in the
// label.
func TestInUseHours(t *testing.T) {
	t.Parallel()
	got := map[string]int{}
	for _, p := range treatment.BuiltIn().Products() {
		if !p.InUse.IsZero() {
			got[p.Code] = p.InUse.Hours
		}
	}
	want := map[string]int{"onabotulinumtoxinA": 24, "prabotulinumtoxinA": 24, "letibotulinumtoxinA": 24}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("hours of use (-want +got):\n%s", diff)
	}
}

func TestProductAreaOffLabel(t *testing.T) {
	t.Parallel()
	if _, ok := product(t, "abobotulinumtoxinA").Area("forehead"); ok {
		t.Error("Area(forehead) of Dysport = true, want false")
	}
}

func TestTheTwentyTreatments(t *testing.T) {
	t.Parallel()
	want := []string{
		"botulinum-toxin", "chemical-peel", "cryolipolysis", "deoxycholic-acid", "dermal-filler", "dermaplaning", "fractional-resurfacing",
		"hyaluronidase", "hydrafacial", "ipl-photorejuvenation", "iv-therapy", "laser-hair-removal", "microneedling", "prp", "rf-microneedling",
		"sclerotherapy", "tattoo-removal", "threads", "vascular-laser", "weight-loss-glp1",
	}
	if diff := cmp.Diff(want, treatment.BuiltIn().Codes()); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
	for _, code := range want {
		template := latest(t, code)
		for part, missing := range map[string]bool{
			"adverse events":    len(template.AdverseEvents) == 0,
			"advice before":     len(template.PreCare) == 0,
			"advice after":      len(template.PostCare) == 0,
			"red flags":         len(template.RedFlags) == 0,
			"follow-up":         template.FollowUp.IsZero(),
			"consent":           len(template.Consents) == 0,
			"durations":         len(template.Durations) == 0,
			"charges":           len(template.Charges) == 0,
			"diagnoses":         len(template.Diagnoses) == 0,
			"contraindications": len(template.Contraindications) == 0,
		} {
			if missing {
				t.Errorf("%s has no %s", code, part)
			}
		}
		for _, key := range []string{"allergies-reviewed", "medications-reviewed", "aftercare-given"} {
			if f, ok := template.Field(key); !ok || !f.Required {
				t.Errorf("%s does not demand %s", code, key)
			}
		}
	}
}

// everyField calls a function with each field and each field of a row, under the
// path by which translations name it.
func everyField(template treatment.Template, visit func(path string, f treatment.Field)) {
	for _, f := range template.Fields {
		visit(f.Key, f)
		for _, g := range f.Fields {
			visit(f.Key+"/"+g.Key, g)
		}
	}
}

// A number that nobody vouches for is common practice and claims no more; one
// that claims more cites its source.
func TestEveryRuleSaysWhatStandsBehindIt(t *testing.T) {
	t.Parallel()
	for _, code := range treatment.BuiltIn().Codes() {
		template := latest(t, code)
		rule := func(what string, basis treatment.Basis, source string) {
			if !basis.Valid() || basis != treatment.BasisCommonPractice && source == "" {
				t.Errorf("%s: %s has basis %q and source %q", code, what, basis, source)
			}
		}
		everyField(template, func(path string, f treatment.Field) { rule("field "+path, f.Basis, f.Source) })
		for _, c := range template.Contraindications {
			rule("contraindication "+c.Code, c.Basis, c.Source)
		}
		for _, list := range [][]treatment.Advice{template.PreCare, template.PostCare, template.RedFlags} {
			for _, a := range list {
				rule("advice "+a.Text, a.Basis, a.Source)
			}
		}
		rule("follow-up", template.FollowUp.Basis, template.FollowUp.Source)
		if !template.Retreat.IsZero() {
			rule("retreat", template.Retreat.Basis, template.Retreat.Source)
		}
		for _, p := range template.Prerequisites {
			rule("prerequisite", p.Basis, p.Source)
		}
		for _, d := range template.Durations {
			rule("duration "+d.Code, d.Basis, "")
		}
	}
}

// Settings of energy devices come from the manual that a clinic loads: the
// templates bound them by what is physically possible and no more.
func TestEnergyHasNoUpperBound(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, code := range treatment.BuiltIn().Codes() {
		settings, ok := latest(t, code).Field(treatment.FieldSettings)
		if !ok {
			continue
		}
		for _, key := range []string{"fluence", "pulse-energy", "pulse-width", "spot-size", "spot-area"} {
			f, ok := settings.Field(key)
			if !ok {
				continue
			}
			seen++
			if f.Max != nil || f.Min == nil || !f.Min.IsPositive() || f.Unit == "" {
				t.Errorf("%s: %s is bounded from %v to %v in %q, want above zero in a unit", code, key, f.Min, f.Max, f.Unit)
			}
		}
	}
	if seen < 15 {
		t.Errorf("%d settings of energy found, want those of five templates", seen)
	}
}

func TestSpanishIsComplete(t *testing.T) {
	t.Parallel()
	for _, code := range treatment.BuiltIn().Codes() {
		template := latest(t, code)
		es := template.Translations["es"]
		if es.Name == "" {
			t.Errorf("%s has no Spanish name", code)
		}
		for _, p := range template.Phases {
			if es.Phases[p.Code] == "" {
				t.Errorf("%s: phase %s has no Spanish name", code, p.Code)
			}
		}
		everyField(template, func(path string, f treatment.Field) {
			if es.Fields[path].Label == "" {
				t.Errorf("%s: field %s has no Spanish label", code, path)
			}
			for _, choice := range f.Choices {
				if es.Fields[path].Choices[choice] == "" {
					t.Errorf("%s: choice %s of field %s has no Spanish label", code, choice, path)
				}
			}
		})
		for _, list := range [][]treatment.Advice{template.PreCare, template.PostCare, template.RedFlags} {
			for _, a := range list {
				if got := es.Advice[a.Text]; got == "" || got == a.Text {
					t.Errorf("%s: no Spanish for %q", code, a.Text)
				}
			}
		}
	}
}

// What no source was found for does not ship.
func TestNothingUnverifiedShips(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("data/templates/*.json")
	if err != nil || len(files) != 20 {
		t.Fatalf("Glob() = %d files, %v; want 20", len(files), err)
	}
	for _, name := range append(files, "data/products.json", "data/classes.json") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"unverified", "recalled", "not found", "to do"} {
			if strings.Contains(strings.ToLower(string(text)), word) {
				t.Errorf("%s says %q", name, word)
			}
		}
	}
}

// Totals of lidocaine are summed over procedures, so every template that numbs
// has the same fields for it.
func TestLidocaineIsChartedAlikeEverywhere(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"lidocaine-topical-mg": "mg", treatment.FieldLidocaineInfiltrated: "mg", treatment.FieldLidocaineBlock: "mg",
		treatment.FieldLidocaineTumescent: "mg", treatment.FieldWeight: "kg",
	}
	seen := 0
	for _, code := range treatment.BuiltIn().Codes() {
		template := latest(t, code)
		if _, ok := template.Field("anaesthesia"); !ok {
			continue
		}
		seen++
		got := map[string]string{}
		for key := range want {
			if f, ok := template.Field(key); ok && f.Kind == treatment.FieldNumber && f.When != nil {
				got[key] = f.Unit
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: units of the lidocaine fields (-want +got):\n%s", code, diff)
		}
	}
	if seen < 12 {
		t.Errorf("%d templates with anaesthesia, want at least 12", seen)
	}
}

// Every class of medications that a rule looks for has a substance that leads to
// it, but for gold, of which the sources name no RxNorm concept.
func TestMedicationClassesAreKnown(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("data/classes.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct{ Classes []string }
	if err := json.Unmarshal(text, &rows); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"gold-salt": true}
	for _, r := range rows {
		for _, c := range r.Classes {
			known[c] = true
		}
	}
	for _, code := range treatment.BuiltIn().Codes() {
		for _, c := range latest(t, code).Contraindications {
			for _, class := range c.Match.MedicationClasses {
				if !known[class] {
					t.Errorf("%s: %s looks for medications of class %s, and no substance has it", code, c.Code, class)
				}
			}
		}
	}
}

func TestScreenOfTheTemplates(t *testing.T) {
	t.Parallel()
	rx := func(code string) []string {
		return treatment.ClassesOf(glabella.Coding{System: treatment.RxNorm, Code: code})
	}
	const isotretinoin, aspirin, semaglutide, tirzepatide, glipizide, doxycycline = "6064", "1191", "1991302", "2601723", "4821", "3640"
	taken := func(code string) []treatment.Finding { return finding(rx(code)...) }
	stopped := func(code, on string) []treatment.Finding {
		out := taken(code)
		out[0].Until = glabella.MustParseDate(on)
		return out
	}
	for _, tt := range []struct {
		name      string
		treatment string
		product   string
		change    func(*treatment.Facts)
		want      glabella.Outcome
		codes     []glabella.Code
	}{
		{"isotretinoin within six months denies a medium peel", "chemical-peel", "tca-peel", func(f *treatment.Facts) { f.Medications = stopped(isotretinoin, "2026-06-01") }, glabella.Deny, []glabella.Code{treatment.CodeIsotretinoin}},
		{"isotretinoin before six months is past", "chemical-peel", "tca-peel", func(f *treatment.Facts) { f.Medications = stopped(isotretinoin, "2026-05-03") }, glabella.Allow, nil},
		{"isotretinoin warns of a superficial peel", "chemical-peel", "glycolic-acid-peel", func(f *treatment.Facts) { f.Medications = taken(isotretinoin) }, glabella.Warn, []glabella.Code{treatment.CodeIsotretinoinSuperficial}},
		{"isotretinoin warns of laser hair removal", "laser-hair-removal", "", func(f *treatment.Facts) { f.Medications = taken(isotretinoin) }, glabella.Warn, []glabella.Code{treatment.CodeIsotretinoin}},
		{"an allergy to aspirin denies a salicylic peel", "chemical-peel", "salicylic-acid-peel", func(f *treatment.Facts) { f.Allergies = finding(rx(aspirin)...) }, glabella.Deny, []glabella.Code{treatment.CodeSalicylateAllergy}},
		{"an allergy to aspirin leaves a glycolic peel", "chemical-peel", "glycolic-acid-peel", func(f *treatment.Facts) { f.Allergies = finding(rx(aspirin)...) }, glabella.Allow, nil},
		{"a deep peel on darker skin warns", "chemical-peel", "phenol-peel", func(f *treatment.Facts) { f.SkinType = 5 }, glabella.Warn, []glabella.Code{treatment.CodeDeepPeelSkinType}},
		{"a heart that is not healthy denies phenol", "chemical-peel", "phenol-peel", func(f *treatment.Facts) { f.Conditions = finding("arrhythmia") }, glabella.Deny, []glabella.Code{treatment.CodeHeartDisease}},
		{"pulsed light is denied on skin type VI", "ipl-photorejuvenation", "", func(f *treatment.Facts) { f.SkinType = 6 }, glabella.Deny, []glabella.Code{treatment.CodeSkinTypeExcluded}},
		{"pulsed light warns on skin type IV", "ipl-photorejuvenation", "", func(f *treatment.Facts) { f.SkinType = 4 }, glabella.Warn, []glabella.Code{treatment.CodeDarkerSkin}},
		{"a laser asks for the skin type", "vascular-laser", "", func(f *treatment.Facts) { f.SkinType = 0 }, glabella.Warn, []glabella.Code{treatment.CodeSkinTypeUnknown}},
		{"doxycycline warns of light", "laser-hair-removal", "", func(f *treatment.Facts) { f.Medications = taken(doxycycline) }, glabella.Warn, []glabella.Code{treatment.CodePhotosensitiser}},
		{"gold of long ago denies tattoo removal", "tattoo-removal", "", func(f *treatment.Facts) {
			f.Conditions = []treatment.Finding{{Classes: []string{"gold-therapy"}, Until: glabella.MustParseDate("1998-01-01")}}
		}, glabella.Deny, []glabella.Code{treatment.CodeGoldTherapy}},
		{"the product's own substance does not stand in its way", "weight-loss-glp1", "wegovy-injection", func(f *treatment.Facts) { f.Medications = taken(semaglutide) }, glabella.Allow, nil},
		{"another drug of the class does", "weight-loss-glp1", "wegovy-injection", func(f *treatment.Facts) { f.Medications = taken(tirzepatide) }, glabella.Deny, []glabella.Code{treatment.CodeOtherIncretinWithSemaglutide}},
		{"and the other way round", "weight-loss-glp1", "zepbound", func(f *treatment.Facts) { f.Medications = taken(semaglutide) }, glabella.Deny, []glabella.Code{treatment.CodeOtherIncretinWithTirzepatide}},
		{"a sulfonylurea warns of low blood sugar", "weight-loss-glp1", "zepbound", func(f *treatment.Facts) { f.Medications = taken(glipizide) }, glabella.Warn, []glabella.Code{treatment.CodeHypoglycaemiaRisk}},
		{"thyroid cancer in the family denies", "weight-loss-glp1", "zepbound", func(f *treatment.Facts) { f.Conditions = finding("family-medullary-thyroid-carcinoma") }, glabella.Deny, []glabella.Code{treatment.CodeMedullaryThyroidCancer}},
		{"a positive collagen test denies the filler that contains it", "dermal-filler", "bellafill", func(f *treatment.Facts) { f.Conditions = finding("positive-collagen-test") }, glabella.Deny, []glabella.Code{treatment.CodePositiveCollagenTest}},
		{"and no other", "dermal-filler", "restylane-refyne", func(f *treatment.Facts) { f.Conditions = finding("positive-collagen-test") }, glabella.Allow, nil},
		{"a label over 21 warns at 21", "dermal-filler", "juvederm-volbella-xc", func(f *treatment.Facts) { f.Age = 21 }, glabella.Warn, []glabella.Code{treatment.CodeUnderLabelledAge}},
		{"venom warns of the enzyme", "hyaluronidase", "vitrase", func(f *treatment.Facts) { f.Allergies = finding("wasp-venom") }, glabella.Warn, []glabella.Code{treatment.CodeVenomAllergy}},
		{"albumin is in one of the enzymes", "hyaluronidase", "hylenex", func(f *treatment.Facts) { f.Allergies = finding("human-albumin") }, glabella.Deny, []glabella.Code{treatment.CodeHumanAlbuminAllergy}},
		{"a pacemaker denies radiofrequency", "rf-microneedling", "", func(f *treatment.Facts) { f.Conditions = finding("pacemaker") }, glabella.Deny, []glabella.Code{treatment.CodeImplantedDevice}},
		{"the needling device was studied from 22", "microneedling", "", func(f *treatment.Facts) { f.Age = 21 }, glabella.Warn, []glabella.Code{treatment.CodeNotStudiedUnderAge}},
		{"sclerotherapy is too early within a week", "sclerotherapy", "polidocanol-1", func(f *treatment.Facts) { f.LastTreated = glabella.MustParseDate("2026-10-28") }, glabella.Warn, []glabella.Code{treatment.CodeIntervalShort}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := healthy(tt.product)
			f.SkinType = 2
			tt.change(&f)
			got := latest(t, tt.treatment).Screen(f)
			if diff := cmp.Diff(tt.codes, got.Codes(), cmpopts.EquateEmpty()); diff != "" || got.Outcome != tt.want {
				t.Errorf("Screen(%s %s) = %v, want %v; codes (-want +got):\n%s", tt.treatment, tt.product, got.Outcome, tt.want, diff)
			}
		})
	}
}

// A healthy adult is allowed every treatment with every product: no rule speaks
// without a finding.
func TestScreenOfAHealthyAdult(t *testing.T) {
	t.Parallel()
	for _, code := range treatment.BuiltIn().Codes() {
		template := latest(t, code)
		products := template.Products
		if len(products) == 0 {
			products = []string{""}
		}
		for _, p := range products {
			f := healthy(p)
			f.SkinType = 2
			if got := template.Screen(f); !got.Allowed() || len(got.Reasons) > 0 {
				t.Errorf("Screen(%s %s) = %v, want no reasons", code, p, got)
			}
		}
	}
}

func TestChartOfAVascularLaser(t *testing.T) {
	t.Parallel()
	template := latest(t, "vascular-laser")
	r := template.Fill(treatment.Record{Template: template.Ref(), Values: map[string]string{
		"allergies-reviewed": "true", "medications-reviewed": "true", "skin-type": "2", "tan-status": "none", "photosensitisers-reviewed": "true",
		"test-spot": "done-before", "test-spot-on": "2026-10-20", "test-spot-reaction": "erythema", "room-safety": "true", "eye-protection": "true",
		"areas": "nose cheeks", "device": "fictional-laser", "device-serial": "F-1", "device-type": "pdl",
		"settings/0/wavelength": "595", "settings/0/fluence": "7.5", "settings/0/pulse-width": "0.45", "settings/0/spot-size": "10", "settings/0/passes": "1",
		"settings/0/pulses": "80", "settings/0/cooling": "cryogen-spray", "settings/0/endpoint": "purpura",
		"settings/1/wavelength": "595", "settings/1/fluence": "8", "settings/1/pulse-width": "6", "settings/1/spot-size": "7", "settings/1/passes": "2",
		"settings/1/pulses": "25", "settings/1/cooling": "cryogen-spray", "settings/1/endpoint": "erythema oedema",
		"aftercare-given": "true",
	}})
	if issues := template.Check(r, treatment.Product{}); len(issues) > 0 {
		t.Errorf("Check() = %v, want no issues", issues)
	}
	got := map[string]string{}
	for _, key := range []string{"pulses-total", "settings/0/spot-energy", "settings/1/spot-energy"} {
		got[key] = r.Values[key]
	}
	want := map[string]string{"pulses-total": "105", "settings/0/spot-energy": "5.89", "settings/1/spot-energy": "3.08"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("computed values (-want +got):\n%s", diff)
	}
	if n, ok := template.Count(r, treatment.ByPulse); n != 105 || !ok {
		t.Errorf("Count(pulse) = %d, %v; want 105", n, ok)
	}
	if n, ok := template.Count(r, treatment.ByArea); n != 2 || !ok {
		t.Errorf("Count(area) = %d, %v; want 2", n, ok)
	}
}

func TestChartOfATitration(t *testing.T) {
	t.Parallel()
	template, p := latest(t, "weight-loss-glp1"), product(t, "wegovy-injection")
	chart := func(dose string) treatment.Record {
		return template.Fill(treatment.Record{Template: template.Ref(), Product: p.Code, Values: map[string]string{
			"allergies-reviewed": "true", "medications-reviewed": "true", "weight": "95.5", "height": "170", "pancreas-gallbladder-reviewed": "true",
			"thyroid-counselled": "true", "dose-form": "subcutaneous-injection", "dose": dose, "frequency": "weekly", "titration-step": "1",
			"started-on": "2026-11-03", "site": "abdomen", "aftercare-given": "true",
		}})
	}
	r := chart("0.25")
	if issues := template.Check(r, p); len(issues) > 0 {
		t.Errorf("Check() = %v, want no issues", issues)
	}
	if got := r.Values["bmi"]; got != "33" && got != "33.0" {
		t.Errorf("bmi = %s, want 33.0", got)
	}
	for dose, want := range map[string][]glabella.Code{
		"0.25": nil,
		"0.5":  {treatment.CodeDoseStep},
		"3":    {treatment.CodeDoseMax, treatment.CodeDoseStep},
	} {
		got := template.Advise(chart(dose), p, healthy(p.Code))
		if diff := cmp.Diff(want, got.Codes(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("Advise(%s mg as the first dose): codes (-want +got):\n%s", dose, diff)
		}
	}
}

// The limits of the labels that came with the products reach the advice.
func TestLabelLimitsOfNewProducts(t *testing.T) {
	t.Parallel()
	record := func(template, p, region string, amounts ...string) treatment.Record {
		var points []treatment.Point
		for i, amount := range amounts {
			points = append(points, treatment.Point{Seq: i + 1, Region: region, Amount: quantity.New(decimal.RequireFromString(amount), product(t, p).Unit)})
		}
		return treatment.Record{Template: latest(t, template).Ref(), Product: p, Maps: []treatment.Map{{Points: points}}}
	}
	many := func(n int, amount string) []string { return slices.Repeat([]string{amount}, n) }
	for _, tt := range []struct {
		name              string
		treatment, region string
		product           string
		amounts           []string
		want              []glabella.Code
	}{
		{"fifty points of deoxycholic acid are within the label", "deoxycholic-acid", "submental", "kybella", many(50, "0.2"), nil},
		{"one more is above the region's and the session's", "deoxycholic-acid", "submental", "kybella", many(51, "0.2"), []glabella.Code{treatment.CodeRegionTotal, treatment.CodeSessionTotal}},
		{"deoxycholic acid is labelled below the chin", "deoxycholic-acid", "jawline", "kybella", many(1, "0.2"), []glabella.Code{treatment.CodeOffLabelRegion}},
		{"0.4 mL of polidocanol at a point is above the label", "sclerotherapy", "calf", "polidocanol-0.5", []string{"0.3", "0.4"}, []glabella.Code{treatment.CodePointAmount}},
		{"more than 10 mL of polidocanol in a session is above the label", "sclerotherapy", "calf", "polidocanol-1", many(34, "0.3"), []glabella.Code{treatment.CodeSessionTotal}},
		{"hyaluronidase to dissolve a filler is off the label", "hyaluronidase", "lip-upper", "hylenex", many(1, "30"), []glabella.Code{treatment.CodeOffLabelRegion}},
		{"21 mL of a filler need the weight", "dermal-filler", "nasolabial-fold", "juvederm-vollure-xc", many(21, "1"), []glabella.Code{treatment.CodeWeightUnknown}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := latest(t, tt.treatment).Advise(record(tt.treatment, tt.product, tt.region, tt.amounts...), product(t, tt.product), healthy(tt.product))
			if diff := cmp.Diff(tt.want, got.Codes(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("Advise(): codes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEnumsKnowTheirValues(t *testing.T) {
	t.Parallel()
	checkEnum(t, treatment.Bases())
	checkEnum(t, treatment.FieldKinds())
	checkEnum(t, treatment.Families())
	checkEnum(t, treatment.Levels())
	checkEnum(t, treatment.Views())
}

func checkEnum[E interface {
	~string
	Valid() bool
}](t *testing.T, values []E) {
	t.Helper()
	kebab := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	for _, v := range values {
		if !v.Valid() || !kebab.MatchString(string(v)) {
			t.Errorf("%T %q is not valid, or not in kebab-case", v, v)
		}
	}
	if zero := E(""); zero.Valid() {
		t.Errorf("the zero %T is valid", zero)
	}
}
