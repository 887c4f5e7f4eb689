package treatment

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// Codes of the reasons of [Template.Advise].
const (
	// CodeOffLabelRegion says that the product's label does not cover the region.
	CodeOffLabelRegion glabella.Code = "treatment.label.off-label-region"
	// CodePointAmount says that more was given at a point than the label names for one.
	CodePointAmount glabella.Code = "treatment.label.point-amount"
	// CodeSideTotal says that more was given on one side of a region than the label names.
	CodeSideTotal glabella.Code = "treatment.label.side-total"
	// CodeRegionTotal says that more was given in a region than the label names.
	CodeRegionTotal glabella.Code = "treatment.label.region-total"
	// CodeRegionAlone says that a region was treated without the one that the label names together with it.
	CodeRegionAlone glabella.Code = "treatment.label.region-alone"
	// CodeSessionTotal says that more was given in one treatment than the label names.
	CodeSessionTotal glabella.Code = "treatment.label.session-total"
	// CodeCumulative says that more was given within the label's period, over all treatments, than the label names.
	CodeCumulative glabella.Code = "treatment.label.cumulative"
)

// Advise compares a record with its product's label, with the manual of the
// device that was used, and with what is published on lidocaine, and warns of
// each number that is above theirs and each region that the label does not cover.
// Every reason cites the row that it stands on. Off-label use is the clinician's
// decision, so a label never denies a dose; a limit of the clinic's own does
// ([HardLimit]), and so does what cannot be compared. Advise does not say that a
// dose is safe.
func (t Template) Advise(r Record, p Product, f Facts) glabella.Decision {
	if r.Product != p.Code {
		return glabella.Decide(glabella.Denied(CodeProductMismatch, fmt.Sprintf("the record names product %q, and is compared with %q", r.Product, p.Code)).
			With("product", r.Product).WithFix("compare the record with the label of its own product").CitedFrom(t.citation()))
	}
	amounts := []quantity.Quantity{f.WindowUnits}
	for _, pt := range r.Points() {
		amounts = append(amounts, pt.Amount)
	}
	for _, portion := range r.Given {
		amounts = append(amounts, portion.Amount)
	}
	for _, q := range amounts {
		if q.Unit() != p.Unit && !(q.Unit().IsZero() && q.IsZero()) {
			return glabella.Decide(glabella.Denied(CodeUnit, fmt.Sprintf("an amount in %s cannot be compared with a label in %s", q.Unit(), p.Unit)).
				With("unit", q.Unit().String()).With("want", p.Unit.String()).
				WithFix("chart the amount in the product's own unit; there is no conversion between products").CitedFrom(p.citation()))
		}
	}
	a := adviser{template: t, product: p, record: r, points: r.Points()}
	if p.Code != "" {
		for _, region := range r.Regions() {
			a.region(region)
		}
		a.whole(f)
		a.others(&f)
		a.perWeight(&f)
		a.steps(&f)
	}
	a.anaesthesia(&f)
	if t.set != nil {
		a.settings(t.set.manuals, &f)
		a.limits(t.set.limits, &f)
	}
	return glabella.Decide(a.reasons...)
}

func (p Product) citation() string { return strings.Join(p.Sources, "; ") }

type adviser struct {
	template Template
	product  Product
	record   Record
	points   []Point
	reasons  []glabella.Reason
}

// given returns the sum of the points, or of the containers.
func (a *adviser) given() decimal.Decimal {
	sum := decimal.Zero
	for _, portion := range a.record.Given {
		sum = sum.Add(portion.Amount.Value())
	}
	for i := range a.points {
		sum = sum.Add(a.points[i].Amount.Value())
	}
	return sum
}

// in returns the sum of the points of a region.
func (a *adviser) in(region string) decimal.Decimal {
	sum := decimal.Zero
	for i := range a.points {
		if a.points[i].Region == region {
			sum = sum.Add(a.points[i].Amount.Value())
		}
	}
	return sum
}

func (a *adviser) region(region string) {
	area, ok := a.product.Area(region)
	if !ok {
		a.reasons = append(a.reasons, glabella.Warned(CodeOffLabelRegion, fmt.Sprintf("the label of %s does not cover region %s", a.product.Code, region)).
			With("product", a.product.Code).With("region", region).
			WithFix("confirm the off-label use, and that the patient's consent covers it").CitedFrom(a.product.citation()))
		return
	}
	sides := map[glabella.Side]decimal.Decimal{}
	total := decimal.Zero
	above, most := []string{}, decimal.Zero
	for _, pt := range a.points {
		if pt.Region != region {
			continue
		}
		v := pt.Amount.Value()
		total = total.Add(v)
		sides[pt.Side] = sides[pt.Side].Add(v)
		if !area.PointUnits.IsZero() && v.GreaterThan(area.PointUnits.Decimal) {
			above = append(above, strconv.Itoa(pt.Seq))
			most = decimal.Max(most, v)
		}
	}
	if len(above) > 0 {
		r := a.above(CodePointAmount, "at one point of region "+region, most, area.PointUnits, area.Source)
		a.reasons = append(a.reasons, r.With("region", region).With("points", strings.Join(above, ", ")))
	}
	for _, side := range glabella.Sides() {
		if !area.SideUnits.IsZero() && sides[side].GreaterThan(area.SideUnits.Decimal) {
			r := a.above(CodeSideTotal, fmt.Sprintf("on the %s side of region %s", side, region), sides[side], area.SideUnits, area.Source)
			a.reasons = append(a.reasons, r.With("region", region).With("side", string(side)))
		}
	}
	if !area.TotalUnits.IsZero() && total.GreaterThan(area.TotalUnits.Decimal) {
		a.reasons = append(a.reasons, a.above(CodeRegionTotal, "in region "+region, total, area.TotalUnits, area.Source).With("region", region))
	}
	if area.With != "" && !slices.Contains(a.record.Regions(), area.With) {
		a.reasons = append(a.reasons, glabella.Warned(CodeRegionAlone, fmt.Sprintf("the label of %s treats region %s together with region %s", a.product.Code, region, area.With)).
			With("product", a.product.Code).With("region", region).With("with", area.With).
			WithFix("treat both regions, or confirm the off-label use").CitedFrom(area.Source))
	}
}

// whole warns of the treatment as a whole, and of all treatments of the period.
func (a *adviser) whole(f Facts) {
	given := a.given()
	if limit := a.product.Session; !limit.IsZero() && given.GreaterThan(limit.Units.Decimal) {
		a.reasons = append(a.reasons, a.above(CodeSessionTotal, "in one treatment", given, limit.Units, limit.Source))
	}
	if c := a.product.Cumulative; !c.IsZero() && given.Add(f.WindowUnits.Value()).GreaterThan(c.Units.Decimal) {
		r := a.above(CodeCumulative, "within "+c.Period.String(), given.Add(f.WindowUnits.Value()), c.Units, c.Source)
		a.reasons = append(a.reasons, r.With("period", c.Period.String()))
	}
}

// above returns the warning that more was given than the label names.
func (a *adviser) above(code glabella.Code, where string, given decimal.Decimal, label Number, source string) glabella.Reason {
	unit := a.product.unitWord()
	return glabella.Warned(code, fmt.Sprintf("%s %s of %s %s, above the %s %s that the label names", given, unit, a.product.Code, where, label, unit)).
		With("product", a.product.Code).With("given", given.String()).With("label", label.String()).With("unit", unit).
		WithFix("correct the chart, or confirm that more than the label names was intended").CitedFrom(source)
}

// unitWord returns the product's unit as clinicians write it.
func (p Product) unitWord() string {
	if p.Unit.Code() == "[arb'U]" {
		return "U"
	}
	return p.Unit.Code()
}
