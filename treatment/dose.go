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

// Codes of the reasons that doses give beyond the points of a map.
const (
	// CodeWindowOthers says that other products of the same family were given within the label's period; their units are not added up.
	CodeWindowOthers glabella.Code = "treatment.label.other-products"
	// CodePerWeight says that more was given within the label's period than it names for the body weight.
	CodePerWeight glabella.Code = "treatment.label.per-weight"
	// CodeWeightUnknown says that a limit depends on the body weight and it is not known.
	CodeWeightUnknown glabella.Code = "treatment.weight.unknown"
	// CodeDoseStep says that a dose is not one of the label's titration, or skips one.
	CodeDoseStep glabella.Code = "treatment.label.dose-step"
	// CodeDoseEarly says that a dose is raised before the label's time at the dose before.
	CodeDoseEarly glabella.Code = "treatment.label.dose-early"
	// CodeDoseMax says that a dose is above the greatest one that the label names.
	CodeDoseMax glabella.Code = "treatment.label.dose-max"
	// CodeLidocaine says that the lidocaine of all routes is above the label's maximum with epinephrine.
	CodeLidocaine glabella.Code = "treatment.lidocaine.total"
	// CodeLidocaineTumescent says that tumescent lidocaine is above the published limit without liposuction.
	CodeLidocaineTumescent glabella.Code = "treatment.lidocaine.tumescent"
)

// Keys of the fields from which doses are taken. Amounts of lidocaine are in mg;
// a solution of a given percentage has ten times as many mg in each mL.
const (
	FieldWeight               = "weight" // kg
	FieldDose                 = "dose"   // of a product that is titrated, in its unit
	FieldLidocaineInfiltrated = "lidocaine-infiltration-mg"
	FieldLidocaineBlock       = "lidocaine-block-mg"
	FieldLidocaineTumescent   = "lidocaine-tumescent-mg"
)

// The limits of lidocaine that this package compares with. Topical lidocaine is
// not counted: how much of it is taken up depends on the area.
var (
	lidocaineWithEpinephrine = quantity.MustParseNumber("7")   // mg/kg
	lidocaineMost            = quantity.MustParseNumber("500") // mg
	lidocaineTumescent       = quantity.MustParseNumber("28")  // mg/kg
)

const (
	lidocaineSource  = "US labels of lidocaine hydrochloride with epinephrine: no more than 7 mg/kg and 500 mg in all"
	tumescentSource  = "Klein and Jeske, Anesth Analg 2016: tumescent lidocaine without liposuction up to 28 mg/kg"
	continueTreating = "correct the chart, or confirm that more was intended and why"
)

// GivenDose is an earlier dose of a product that is titrated.
type GivenDose struct {
	On   glabella.Date
	Dose Number // in the product's unit
}

// lidocaine returns how many mg of lidocaine were injected by all routes, with
// what other procedures of the day have given, and how many of them are
// tumescent.
func (a *adviser) lidocaine(f *Facts) (total, tumescent decimal.Decimal) {
	total, tumescent = f.Lidocaine.Decimal, f.LidocaineTumescent.Decimal
	for _, key := range []string{FieldLidocaineInfiltrated, FieldLidocaineBlock, FieldLidocaineTumescent} {
		n, ok := numberIn(a.record, key)
		if !ok {
			continue
		}
		total = total.Add(n)
		if key == FieldLidocaineTumescent {
			tumescent = tumescent.Add(n)
		}
	}
	return total, tumescent
}

// Lidocaine returns how many mg of injected lidocaine a record charts by all
// routes, and how many of them are tumescent.
func (r Record) Lidocaine() (total, tumescent Number) {
	a := adviser{record: r}
	t, u := a.lidocaine(&Facts{})
	return Number{Decimal: t}, Number{Decimal: u}
}

// weight returns the body weight that was charted, or else the patient's, in kg.
func (a *adviser) weight(f *Facts) decimal.Decimal {
	if n, ok := numberIn(a.record, FieldWeight); ok {
		return n
	}
	return f.Weight.Decimal
}

// anaesthesia warns of lidocaine above what is published.
func (a *adviser) anaesthesia(f *Facts) {
	total, tumescent := a.lidocaine(f)
	if !total.IsPositive() {
		return
	}
	kg := a.weight(f)
	if !kg.IsPositive() {
		a.reasons = append(a.reasons, a.weightUnknown(lidocaineSource))
		return
	}
	warn := func(code glabella.Code, given decimal.Decimal, most decimal.Decimal, source string) {
		a.reasons = append(a.reasons, glabella.Warned(code, fmt.Sprintf("%s mg of lidocaine are %s mg/kg, above the %s mg that the source names for %s kg", given, given.DivRound(kg, 1), most, kg)).
			With("given", given.String()).With("perKg", given.DivRound(kg, 1).String()).With("most", most.String()).With("weight", kg.String()).
			WithFix(continueTreating).CitedFrom(source))
	}
	if most := lidocaineTumescent.Mul(kg); tumescent.GreaterThan(most) {
		warn(CodeLidocaineTumescent, tumescent, most, tumescentSource)
	}
	other := total.Sub(tumescent)
	if most := decimal.Min(lidocaineWithEpinephrine.Mul(kg), lidocaineMost.Decimal); other.GreaterThan(most) {
		warn(CodeLidocaine, other, most, lidocaineSource)
	}
}

func (a *adviser) weightUnknown(source string) glabella.Reason {
	return glabella.Warned(CodeWeightUnknown, "a limit depends on the body weight, and it is not known").
		WithFix("weigh the patient, and record it").CitedFrom(source)
}

// perWeight warns of more than the label names for the body weight.
func (a *adviser) perWeight(f *Facts) {
	l := a.product.PerWeight
	given := a.given().Add(f.FamilyVolume.Decimal)
	if l.IsZero() || !given.IsPositive() {
		return
	}
	kg := a.weight(f)
	if !kg.IsPositive() {
		// Without the weight, the label's own example weight decides whether to ask.
		if given.GreaterThan(l.Units.Decimal) {
			a.reasons = append(a.reasons, a.weightUnknown(l.Source))
		}
		return
	}
	most := Number{Decimal: l.Units.Mul(kg).DivRound(l.PerKg.Decimal, 2)}
	if given.GreaterThan(most.Decimal) {
		r := a.above(CodePerWeight, fmt.Sprintf("and others of its family within %s at %s kg", l.Period, kg), given, most, l.Source)
		a.reasons = append(a.reasons, r.With("period", l.Period.String()).With("weight", kg.String()))
	}
}

// others warns of other products of the family within the label's period. Their
// units are different units, so there is no sum.
func (a *adviser) others(f *Facts) {
	if len(f.OtherUnits) == 0 {
		return
	}
	var parts []string
	for _, q := range f.OtherUnits {
		parts = append(parts, q.String())
	}
	a.reasons = append(a.reasons, glabella.Warned(CodeWindowOthers, fmt.Sprintf("within the period of the label of %s, %s of the same family were given; their units cannot be added up", a.product.Code, strings.Join(parts, ", "))).
		With("product", a.product.Code).With("others", strings.Join(parts, ", ")).
		WithFix("consider all of them together, and record the assessment").CitedFrom(a.product.citation()))
}

// steps warns of a dose that does not follow the label's titration.
func (a *adviser) steps(f *Facts) {
	steps := a.product.Steps
	dose, ok := numberIn(a.record, FieldDose)
	if !ok {
		return
	}
	if l := a.product.MaxDose; !l.IsZero() && dose.GreaterThan(l.Units.Decimal) {
		a.reasons = append(a.reasons, a.above(CodeDoseMax, "in one dose", dose, l.Units, l.Source))
	}
	if len(steps) == 0 {
		return
	}
	warn := func(code glabella.Code, source, fix, format string, args ...any) {
		a.reasons = append(a.reasons, glabella.Warned(code, fmt.Sprintf(format, args...)).
			With("product", a.product.Code).With("dose", dose.String()).WithFix(fix).CitedFrom(source))
	}
	at := slices.IndexFunc(steps, func(s Step) bool { return s.Dose.Equal(dose) })
	if at < 0 {
		warn(CodeDoseStep, steps[0].Source, continueTreating, "%s is not a dose of the titration of %s", dose, a.product.Code)
		return
	}
	last, first, given := lastStep(steps, f.Doses)
	switch {
	case !given && at > 0:
		warn(CodeDoseStep, steps[at].Source, "begin with the first step, or record why not", "the titration of %s begins with %s", a.product.Code, steps[0].Dose)
	case given && at > last+1:
		warn(CodeDoseStep, steps[at].Source, "take the next step, or record why one is left out", "a step of the titration of %s between %s and %s is left out", a.product.Code, steps[last].Dose, dose)
	case given && at == last+1 && f.On.DaysSince(first) < 7*steps[last].Weeks:
		earliest := first.AddDays(7 * steps[last].Weeks)
		warn(CodeDoseEarly, steps[last].Source, "stay at the dose until "+earliest.String()+", or record why it is raised earlier",
			"%s of %s is given for %s weeks before the next step", steps[last].Dose, a.product.Code, strconv.Itoa(steps[last].Weeks))
	}
}

// lastStep returns the step of the latest dose, the day on which doses of that
// step began, and false if no dose of the titration was given.
func lastStep(steps []Step, doses []GivenDose) (step int, first glabella.Date, ok bool) {
	doses = slices.Clone(doses)
	slices.SortStableFunc(doses, func(a, b GivenDose) int { return a.On.Compare(b.On) })
	for _, d := range doses {
		at := slices.IndexFunc(steps, func(s Step) bool { return s.Dose.Equal(d.Dose.Decimal) })
		switch {
		case at < 0:
		case !ok || at != step:
			step, first, ok = at, d.On, true
		}
	}
	return step, first, ok
}
