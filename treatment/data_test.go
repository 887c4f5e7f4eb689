package treatment_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/shopspring/decimal"

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
			if diff := cmp.Diff(want, got, cmpopts.SortSlices(strings.Compare)); diff != "" {
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
	offDiagram := []string{"hand-dorsum"}
	families := map[treatment.Family]int{}
	for _, p := range treatment.BuiltIn().Products() {
		families[p.Family]++
		if !p.Family.Valid() || p.Brand == "" || len(p.Sources) == 0 || len(p.Label) == 0 || !month.MatchString(p.CheckedOn) {
			t.Errorf("%s lacks a family, brand, source, label area or month of comparison", p.Code)
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
			_, onFace := face(t).Region(a.Region)
			for _, with := range []string{a.With, a.Region} {
				if _, ok := p.Area(with); with != "" && !ok {
					t.Errorf("%s: its label names region %s and does not cover it", p.Code, with)
				}
			}
			if a.Source == "" || !onFace && !slices.Contains(offDiagram, a.Region) {
				t.Errorf("%s: label area %s has no source, or no region on the diagram", p.Code, a.Region)
			}
		}
		if !p.Retreat.IsZero() && (p.Retreat.Basis != treatment.BasisLabel || p.Retreat.Source == "") ||
			!p.Session.IsZero() && (p.Session.Basis != treatment.BasisLabel || p.Session.Source == "") ||
			!p.Cumulative.IsZero() && (p.Cumulative.Basis != treatment.BasisLabel || p.Cumulative.Source == "") ||
			!p.InUse.IsZero() && (p.InUse.Basis != treatment.BasisLabel || p.InUse.Source == "") {
			t.Errorf("%s: a limit is not of the label, or does not cite it", p.Code)
		}
	}
	want := map[treatment.Family]int{treatment.FamilyBotulinumToxin: 6, treatment.FamilyHyaluronicAcid: 5, treatment.FamilyCalciumHydroxylapatite: 2, treatment.FamilyPolyLLacticAcid: 1}
	if diff := cmp.Diff(want, families); diff != "" {
		t.Errorf("products by family (-want +got):\n%s", diff)
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
