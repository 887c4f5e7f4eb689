package practice

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/treatment"
)

// ChartTreatment is the input of [Practice.ChartTreatment]: one treatment by the
// actor, as it was given.
type ChartTreatment struct {
	Command
	Encounter  glabella.EncounterID `json:"encounter"`
	Treatment  string               `json:"treatment"` // code of the template; its newest version is pinned
	Product    string               `json:"product"`   // substance
	Values     map[string]string    `json:"values"`    // the template's fields, see [treatment.Record]
	Maps       []treatment.Map      `json:"maps"`
	Given      []treatment.Portion  `json:"given"` // what was given of each container, without a map
	Total      quantity.Quantity    `json:"total"`
	Pregnant   string               `json:"pregnant"`
	Conditions []string             `json:"conditions"`
	// Supervision is how near the prescriber is whose order the actor treats under.
	Supervision encounter.Supervision `json:"supervision,omitempty"`
}

// Charted is the receipt of [Practice.ChartTreatment].
type Charted struct {
	Procedure       glabella.ProcedureID       `json:"procedure"`
	Administrations []encounter.Administration `json:"administrations"`
	Version         uint64                     `json:"version"` // of the visit
}

// ChartTreatment charts a treatment within a visit. It asks again whether the
// patient may be treated, checks the record against its template, compares the
// doses with the product's label, and sees that every container that was drawn
// from may be used. Stock moves when the visit is completed. Missing stock does not
// block charting: what names no lot or container, or is more than is on record,
// takes an acknowledgement of [inventory.CodeUsageOpened], and stock is found for
// it later; see [Practice.MatchUsage].
func (p *Practice) ChartTreatment(ctx context.Context, actor glabella.Actor, in ChartTreatment) (Charted, error) {
	return run(ctx, p, actor, access.EncounterChart, glabella.PatientID{}, in, func(ctx context.Context, w *work, in ChartTreatment, out *Charted) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		visit, err := w.visit(ctx, in.Encounter)
		if err != nil {
			return failed(err)
		}
		template := p.template(in.Treatment)
		if template == nil {
			return failed(glabella.Invalid("treatment", glabella.Issue{Path: "/treatment", Code: CodeTreatmentUnknown, Text: "no published template has this code"}))
		}
		var product treatment.Product
		if in.Product != "" {
			known := p.product(in.Product)
			if known == nil {
				return failed(glabella.Invalid("treatment", glabella.Issue{Path: "/product", Code: glabella.CodeUnknownValue, Text: "not a known product"}))
			}
			product = *known
		}
		record := template.Fill(treatment.Record{Template: template.Ref(), Product: in.Product, Values: in.Values, Maps: in.Maps, Given: in.Given, Total: in.Total})
		issues := slices.DeleteFunc(template.Check(record, product), func(i glabella.Issue) bool { return i.Code == treatment.CodeLotMissing })
		if err := glabella.Invalid("record", issues...); err != nil {
			return failed(err)
		}
		administrations, err := encounter.AdministrationsOf(record)
		if err != nil {
			return failed(err)
		}
		question := MayTreat{
			Patient: visit.Patient, Encounter: visit.ID, Treatment: in.Treatment, Product: in.Product, Performer: by, Pregnant: in.Pregnant, Conditions: in.Conditions,
			SkinType: skinTypeOf(&record), Supervision: in.Supervision,
		}
		known, err := p.load(ctx, readerIn(w), question)
		if err != nil {
			return failed(err)
		}
		known.given = &record
		decision, facts, err := p.mayTreat(known, site, question, w.Now())
		if err != nil {
			return failed(err)
		}
		decisions := []glabella.Decision{decision, template.Advise(record, product, facts)}
		for _, a := range administrations {
			use, err := w.usable(ctx, visit, site, a)
			if err != nil {
				return failed(err)
			}
			decisions = append(decisions, use)
		}
		if err := w.Require(glabella.Join(decisions...)); err != nil {
			return failed(err)
		}
		procedure := encounter.Procedure{ID: glabella.ProcedureID(w.NewUUID()), Record: record, Performer: by, PerformedAt: w.Now(), Acknowledged: w.Settled(), Administrations: administrations}
		if visit, err = visit.Chart(procedure); err != nil {
			return failed(err)
		}
		if visit, err = w.Encounters().Put(ctx, visit); err != nil {
			return failed(err)
		}
		if err := w.bindPhotos(ctx, visit); err != nil {
			return failed(err)
		}
		*out = Charted{Procedure: procedure.ID, Administrations: administrations, Version: visit.Version}
		return recorded("encounter.charted", encounter.Charted{Encounter: visit.ID, Procedure: procedure.ID, Template: template.Code, Product: in.Product})
	})
}

// container is an opened container with what it belongs to. What was charted
// without one has a lot and a product only, or nothing.
type container struct {
	vial    inventory.Vial
	lot     inventory.Lot
	product inventory.Product
}

func (w *work) container(ctx context.Context, a encounter.Administration) (container, error) {
	var c container
	var err error
	if a.Vial.IsZero() {
		if a.Lot.IsZero() {
			return c, nil
		}
		if c.lot, err = w.Lots().Get(ctx, a.Lot); err != nil {
			return c, err
		}
		c.product, err = w.Products().Get(ctx, c.lot.Product)
		return c, err
	}
	if c.vial, err = w.Vials().Get(ctx, a.Vial); err != nil {
		return c, err
	}
	if c.lot, err = w.Lots().Get(ctx, c.vial.Lot); err != nil {
		return c, err
	}
	c.product, err = w.Products().Get(ctx, c.vial.Product)
	return c, err
}

func (c container) use(visit encounter.Encounter, site place, a encounter.Administration, w *work) inventory.Use {
	return inventory.Use{Lot: c.lot, Product: c.product, Patient: visit.Patient, Quantity: a.Quantity, At: w.Now(), Zone: site.zone}
}

// usable decides whether what was administered can have come from its container.
// Stock that is missing warns.
func (w *work) usable(ctx context.Context, visit encounter.Encounter, site place, a encounter.Administration) (glabella.Decision, error) {
	c, err := w.container(ctx, a)
	if err != nil {
		return glabella.Decision{}, err
	}
	if a.Vial.IsZero() {
		_, err := inventory.Book(w.booking(visit, site, c, a))
		var refused *glabella.RefusedError
		if errors.As(err, &refused) {
			return glabella.Join(glabella.Decide(unaccounted(a)), refused.Decision), nil
		}
		return glabella.Decide(unaccounted(a)), err
	}
	use := c.use(visit, site, a, w)
	for _, earlier := range visit.Procedures { // what was charted before leaves the container at the end of the visit
		for _, e := range earlier.Administrations {
			if e.Vial != a.Vial {
				continue
			}
			if use.Quantity, err = use.Quantity.Add(e.Quantity); err != nil {
				return glabella.Decision{}, err
			}
		}
	}
	d := inventory.VialUsable(c.vial, use)
	if d.Has(inventory.CodeShort) {
		reasons := slices.DeleteFunc(slices.Clone(d.Reasons), func(r glabella.Reason) bool { return r.Code == inventory.CodeShort })
		d = glabella.Decide(append(reasons, unaccounted(a))...)
	}
	if c.lot.ID != a.Lot {
		d = glabella.Join(d, glabella.Decide(glabella.Denied(inventory.CodeLotMismatch, "the container is of another lot than was charted").For(a.Lot.Ref(), c.vial.Ref()).WithFix("chart the lot of the container")))
	}
	return d, nil
}

// unaccounted warns that no stock on record accounts for what was administered.
func unaccounted(a encounter.Administration) glabella.Reason {
	r := glabella.Warned(inventory.CodeUsageOpened, "stock on record does not account for what was charted").With("quantity", a.Quantity.String()).
		WithFix("name the lot and the container, or acknowledge it and match it to stock later").CitedFrom("practice policy: what was given is accounted for by lot")
	if !a.Lot.IsZero() {
		r = r.For(a.Lot.Ref())
	}
	if !a.Vial.IsZero() {
		r = r.For(a.Vial.Ref())
	}
	return r
}

// booking is an administration as stock takes it.
func (w *work) booking(visit encounter.Encounter, site place, c container, a encounter.Administration) inventory.Charted {
	return inventory.Charted{
		Draw: inventory.Draw{Use: c.use(visit, site, a, w), ID: glabella.MovementID(w.NewUUID()), Encounter: visit.ID, By: visit.Provider},
		Site: visit.Site, Vial: c.vial, Unreconciled: glabella.UsageID(w.NewUUID()),
	}
}

// CompleteVisit is the input of [Practice.CompleteVisit].
type CompleteVisit struct {
	Command
	Encounter glabella.EncounterID `json:"encounter"`
}

// VisitCompleted is the receipt of [Practice.CompleteVisit].
type VisitCompleted struct {
	Movements []glabella.MovementID `json:"movements"`        // what the visit took out of stock
	Usages    []glabella.UsageID    `json:"usages"`           // what no stock on record accounts for
	Invoice   glabella.InvoiceID    `json:"invoice,omitzero"` // the draft of what it costs; none of a visit without treatment
	Version   uint64                `json:"version"`
}

// CompleteVisit ends a visit: what was administered is drawn from its containers
// and leaves the stock, as far as the stock on record goes; for the rest an
// unreconciled usage is opened. A draft invoice holds the charges, and events tell
// of it, in one transaction.
func (p *Practice) CompleteVisit(ctx context.Context, actor glabella.Actor, in CompleteVisit) (VisitCompleted, error) {
	return run(ctx, p, actor, access.EncounterComplete, glabella.PatientID{}, in, func(ctx context.Context, w *work, in CompleteVisit, out *VisitCompleted) (storage.Outcome, error) {
		site, err := w.place(ctx)
		if err != nil {
			return failed(err)
		}
		visit, err := w.visit(ctx, in.Encounter)
		if err != nil {
			return failed(err)
		}
		if visit, err = visit.Complete(w.Now()); err != nil {
			return failed(err)
		}
		var events []audit.Event
		for _, proc := range visit.Procedures {
			for _, a := range proc.Administrations {
				booked, err := w.draw(ctx, visit, site, proc, a, in.Acknowledge)
				if err != nil {
					return failed(fmt.Errorf("%s: %w", proc.ID.Ref(), err))
				}
				if !booked.Movement.ID.IsZero() {
					out.Movements = append(out.Movements, booked.Movement.ID)
				}
				if u := booked.Usage; !u.ID.IsZero() {
					out.Usages = append(out.Usages, u.ID)
					opened, err := event("inventory.usage-opened", usageEvent(u))
					if err != nil {
						return failed(err)
					}
					events = append(events, opened)
				}
			}
		}
		if visit, err = w.Encounters().Put(ctx, visit); err != nil {
			return failed(err)
		}
		out.Version = visit.Version
		if len(visit.Procedures) > 0 {
			draft, err := w.draft(ctx, visit, site, glabella.InvoiceID(w.NewUUID()))
			if err != nil {
				return failed(err)
			}
			inv, err := billing.Calculate(draft)
			if err != nil {
				return failed(err)
			}
			if inv, err = w.Invoices().Put(ctx, inv); err != nil {
				return failed(err)
			}
			out.Invoice = inv.ID
		}
		completed, err := event("encounter.completed", visit.Event())
		if err != nil {
			return failed(err)
		}
		return storage.Recorded(append([]audit.Event{completed}, events...)...), nil
	})
}

// draw takes what was administered out of its container and out of stock, and
// opens a usage for what is not there.
func (w *work) draw(ctx context.Context, visit encounter.Encounter, site place, proc encounter.Procedure, a encounter.Administration, acknowledged []glabella.Code) (inventory.Booked, error) {
	c, err := w.container(ctx, a)
	if err != nil {
		return inventory.Booked{}, err
	}
	charted := w.booking(visit, site, c, a)
	charted.Procedure, charted.By, charted.Acknowledged = proc.ID, proc.Performer, slices.Concat(proc.Acknowledged, acknowledged)
	if !c.lot.ID.IsZero() {
		at := visit.Site
		if !c.vial.ID.IsZero() {
			at = c.vial.Site
		}
		if charted.Balance, err = w.balance(ctx, c.lot.ID, at); err != nil {
			return inventory.Booked{}, err
		}
	}
	booked, err := inventory.Book(charted)
	if err != nil {
		return inventory.Booked{}, err
	}
	if !booked.Movement.ID.IsZero() {
		if !booked.Vial.ID.IsZero() {
			if _, err := w.Vials().Put(ctx, booked.Vial); err != nil {
				return inventory.Booked{}, err
			}
		}
		if err := w.move(ctx, booked.Balance, booked.Movement); err != nil {
			return inventory.Booked{}, err
		}
	}
	if !booked.Usage.ID.IsZero() {
		booked.Usage.At = proc.PerformedAt
		if _, err := w.Usages().Put(ctx, booked.Usage); err != nil {
			return inventory.Booked{}, err
		}
	}
	return booked, nil
}

// draft gathers what a visit's invoice is calculated from, without redemption,
// discounts and tips.
func (w *work) draft(ctx context.Context, visit encounter.Encounter, site place, id glabella.InvoiceID) (billing.Draft, error) {
	services, err := w.Services().All(ctx, storage.ServiceQuery{})
	if err != nil {
		return billing.Draft{}, err
	}
	d := billing.Draft{
		ID: id, Number: invoiceNumber(site.today, id), Patient: visit.Patient, Encounter: visit.ID, Site: site.ID, Currency: site.Currency, On: site.today,
		Services: services, Taxes: site.Policy.Taxes, NewLine: func() glabella.LineID { return glabella.LineID(w.NewUUID()) },
	}
	for _, proc := range visit.Procedures {
		c := billing.Charge{Procedure: proc.ID, Treatment: proc.Record.Template.Code, Product: proc.Record.Product, Provider: proc.Performer}
		if template, ok := w.p.treatments.Template(proc.Record.Template.Code, proc.Record.Template.Version); ok {
			c.Areas, _ = template.Count(proc.Record, treatment.ByArea)
			c.Pulses, _ = template.Count(proc.Record, treatment.ByPulse)
		}
		for _, a := range proc.Administrations {
			if c.Quantity, err = c.Quantity.Add(a.Quantity); err != nil {
				return billing.Draft{}, err
			}
			c.Containers++ // an administration is what one container gave
			if !a.Lot.IsZero() && !slices.Contains(c.Lots, a.Lot) {
				c.Lots = append(c.Lots, a.Lot)
			}
		}
		d.Charges = append(d.Charges, c)
	}
	return d, nil
}

// invoiceNumber returns the number that people call an invoice by: its day and
// the end of its identity.
func invoiceNumber(on glabella.Date, id glabella.InvoiceID) string {
	s := id.String()
	return on.String() + "-" + s[len(s)-6:]
}
