package practice

import (
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

// history gathers what earlier visits say about a treatment that is planned.
type history struct {
	p       *Practice
	code    string             // of the treatment
	product *treatment.Product // nil for a treatment without product
	facts   *treatment.Facts
	visit   glabella.EncounterID // the visit that the question is about
	zone    *time.Location
	skin    glabella.Date // when the skin type was charted that the facts have
	// The days after which a treatment is within the label's periods.
	cumulative, perWeight glabella.Date
}

// newHistory returns the history of treatments with a product, for facts whose
// day is set.
func (p *Practice) newHistory(f *treatment.Facts, q MayTreat, zone *time.Location) *history {
	h := &history{p: p, code: q.Treatment, product: p.product(q.Product), facts: f, visit: q.Encounter, zone: zone}
	if h.product == nil {
		return h
	}
	h.cumulative, h.perWeight = f.On.Add(back(h.product.Cumulative.Period)), f.On.Add(back(h.product.PerWeight.Period))
	// Labels of toxins ask to consider every other toxin of the time between
	// treatments, also where they name no sum.
	if h.product.Cumulative.IsZero() {
		h.cumulative = f.On
		if h.product.Unit.Code() == "[arb'U]" {
			h.cumulative = f.On.AddDays(-h.product.Retreat.Days)
		}
	}
	return h
}

// add adds a visit. Treatments of the same visit count towards doses and not
// towards intervals.
func (h *history) add(v *encounter.Encounter) error {
	if v.ID == h.visit && v.State == encounter.Finished {
		return nil
	}
	for i := range v.Procedures {
		if err := h.procedure(v, &v.Procedures[i]); err != nil {
			return err
		}
	}
	return nil
}

func (h *history) procedure(v *encounter.Encounter, proc *encounter.Procedure) error {
	f := h.facts
	r := &proc.Record
	day := glabella.DateOf(proc.PerformedAt.In(h.zone))
	if n := skinTypeOf(r); n > 0 && !day.Before(h.skin) && (f.SkinType == 0 || !h.skin.IsZero()) {
		f.SkinType, h.skin = n, day
	}
	if v.State == encounter.Finished {
		f.Done = append(f.Done, treatment.Done{Treatment: r.Template.Code, On: day})
	}
	if v.ID == h.visit {
		total, tumescent := r.Lidocaine()
		f.Lidocaine = quantity.Number{Decimal: f.Lidocaine.Add(total.Decimal)}
		f.LidocaineTumescent = quantity.Number{Decimal: f.LidocaineTumescent.Add(tumescent.Decimal)}
	}
	if h.product == nil {
		if r.Template.Code == h.code && v.ID != h.visit && day.After(f.LastTreated) {
			f.LastTreated = day
		}
		return nil
	}
	other := h.p.product(r.Product)
	if other == nil || other.Family != h.product.Family {
		return nil
	}
	if v.ID != h.visit && day.After(f.LastTreated) {
		f.LastTreated = day
	}
	if len(h.product.Steps) > 0 && r.Product == h.product.Code {
		if n, err := quantity.ParseNumber(r.Values[treatment.FieldDose]); err == nil {
			f.Doses = append(f.Doses, treatment.GivenDose{On: day, Dose: n})
		}
	}
	if day.After(h.cumulative) {
		for i := range proc.Administrations {
			if err := h.amount(proc.Administrations[i].Quantity, r.Product == h.product.Code); err != nil {
				return err
			}
		}
	}
	if l := h.product.PerWeight; !l.IsZero() && day.After(h.perWeight) {
		for i := range proc.Administrations {
			f.FamilyVolume = quantity.Number{Decimal: f.FamilyVolume.Add(proc.Administrations[i].Quantity.Value())}
		}
	}
	return nil
}

// elsewhere adds a treatment that another practice gave, on the last day that the
// patient's memory of it allows. It counts towards intervals, and not as something
// that was done before: nobody here has seen it.
func (h *history) elsewhere(prior patient.PriorTreatment) {
	same := prior.Treatment == h.code
	if h.product != nil {
		family := func(product string) bool {
			known := h.p.product(product)
			return known != nil && known.Family == h.product.Family
		}
		same = prior.Treatment == string(h.product.Family) || family(prior.Product.Code)
		if t := h.p.template(prior.Treatment); t != nil && prior.Product.Code == "" {
			same = same || slices.ContainsFunc(t.Products, family)
		}
	}
	day := prior.At.Latest()
	if day.After(h.facts.On) {
		day = h.facts.On
	}
	if same && !day.IsZero() && day.After(h.facts.LastTreated) && !prior.At.Earliest().After(h.facts.On) {
		h.facts.LastTreated = day
	}
}

// amount adds what was given within the period of the product's label: of the
// product itself, or of another product of its family, whose units stay apart.
func (h *history) amount(q quantity.Quantity, same bool) error {
	f := h.facts
	var err error
	if same {
		f.WindowUnits, err = f.WindowUnits.Add(q)
		return err
	}
	i := slices.IndexFunc(f.OtherUnits, func(o quantity.Quantity) bool { return o.Unit() == q.Unit() })
	if i < 0 {
		f.OtherUnits = append(f.OtherUnits, q)
		return nil
	}
	f.OtherUnits[i], err = f.OtherUnits[i].Add(q)
	return err
}

func back(p glabella.Period) glabella.Period {
	return glabella.Period{Years: -p.Years, Months: -p.Months, Days: -p.Days}
}

// skinTypeOf returns the Fitzpatrick skin type that a record charts, or 0.
func skinTypeOf(r *treatment.Record) int {
	if s := r.Values[treatment.FieldSkinType]; len(s) == 1 && s[0] >= '1' && s[0] <= '6' {
		return int(s[0] - '0')
	}
	return 0
}
