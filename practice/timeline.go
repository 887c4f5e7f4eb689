package practice

import (
	"cmp"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
)

// Moment is one thing that happened with a patient.
type Moment struct {
	At     time.Time           `json:"at"`
	Event  string              `json:"event"`           // what happened: treated, paid, photographed
	Of     glabella.Ref        `json:"of"`              // the record that says so
	Within glabella.Ref        `json:"within,omitzero"` // the visit that it belongs to
	Code   string              `json:"code,omitempty"`  // of the treatment, form, service or means of payment
	Lots   []glabella.LotID    `json:"lots"`            // what was given
	Amount money.Amount        `json:"amount,omitzero"` // what was paid, or charged
	Source glabella.SourceKind `json:"source,omitempty"`
}

// Timeline returns everything that happened with the patient in one order, the
// latest first: appointments, visits, treatments with their lots, notes,
// photographs, forms, discussions, exams, vital signs, adverse events, charges and payments,
// and the allergies and medications by when they came to be known. Days without a
// time are those of the zone; nil is UTC.
func (c Chart) Timeline(zone *time.Location) []Moment {
	if zone == nil {
		zone = time.UTC
	}
	var out []Moment
	add := func(m Moment) {
		if !m.At.IsZero() {
			out = append(out, m)
		}
	}
	visit := func(id glabella.EncounterID) glabella.Ref { return id.Ref() }
	for _, a := range c.Allergies {
		add(Moment{At: a.Provenance.RecordedAt, Event: "allergy", Of: a.Ref(), Code: a.Substance.Code, Source: a.Provenance.Source})
	}
	for _, m := range c.Medications {
		add(Moment{At: m.Provenance.RecordedAt, Event: "medication", Of: m.Ref(), Code: m.Substance.Code, Source: m.Provenance.Source})
	}
	for _, f := range c.Consents {
		at := f.Informed
		if f.Signature != nil {
			at = f.Signature.At
		}
		add(Moment{At: at, Event: string(f.Decision), Of: f.Ref(), Within: visit(f.Encounter), Code: f.Code, Source: f.Provenance.Source})
		add(Moment{At: f.WithdrawnAt, Event: "withdrawn", Of: f.Ref(), Code: f.Code, Source: glabella.SourceEntered})
	}
	for _, d := range c.Discussions {
		add(Moment{At: d.At, Event: "discussed", Of: d.Ref(), Within: visit(d.Encounter), Code: d.Treatment, Source: d.Provenance.Source})
	}
	for _, d := range c.Deliveries {
		add(Moment{At: d.SentAt, Event: "forms-sent", Of: d.Ref(), Within: visit(d.Encounter), Source: d.Provenance.Source})
	}
	for _, p := range c.Preferences.Permissions {
		add(Moment{At: p.GivenAt, Event: "photos-" + string(p.Answer), Of: p.Ref(), Source: p.Provenance.Source})
		add(Moment{At: p.RevokedAt, Event: "photos-revoked", Of: p.Ref(), Source: glabella.SourceEntered})
	}
	for _, p := range c.Preferences.Publications {
		add(Moment{At: p.PublishedAt, Event: "published", Of: p.Ref(), Within: p.Photo.Ref(), Source: p.Provenance.Source})
		add(Moment{At: p.Takedown.ConfirmedAt, Event: "taken-down", Of: p.Ref(), Within: p.Photo.Ref(), Source: glabella.SourceEntered})
	}
	for _, k := range c.Preferences.ContactConsents {
		add(Moment{At: k.Evidence.At, Event: "contact-answered", Of: k.Ref(), Code: string(k.Channel), Source: k.Provenance.Source})
		if k.OptOut != nil && k.Granted {
			add(Moment{At: k.OptOut.At, Event: "opted-out", Of: k.Ref(), Code: string(k.Channel), Source: glabella.SourceEntered})
		}
	}
	for _, d := range c.Preferences.Directives {
		add(Moment{At: d.SignedAt, Event: "directive", Of: d.Ref(), Code: string(d.Base), Source: d.Provenance.Source})
		add(Moment{At: d.EndedAt, Event: "directive-ended", Of: d.Ref(), Source: glabella.SourceEntered})
	}
	for _, r := range c.Preferences.Restrictions {
		add(Moment{At: r.RequestedAt, Event: "restriction", Of: r.Ref(), Code: string(r.Kind), Source: r.Provenance.Source})
	}
	for _, a := range c.Preferences.Authorizations {
		if a.Signature != nil {
			add(Moment{At: a.Signature.At, Event: "authorized", Of: a.Ref(), Source: a.Provenance.Source})
		}
		add(Moment{At: a.RevokedAt, Event: "authorization-revoked", Of: a.Ref(), Source: glabella.SourceEntered})
	}
	for _, r := range c.Preferences.Requests {
		add(Moment{At: r.ReceivedOn.Start(zone), Event: "request", Of: r.Ref(), Code: string(r.Kind), Source: r.Provenance.Source})
	}
	for _, e := range c.Clearances {
		add(Moment{At: e.ExaminedAt, Event: string(e.Decision), Of: e.Ref(), Source: e.Provenance.Source})
		add(Moment{At: e.RevokedAt, Event: "revoked", Of: e.Ref(), Source: glabella.SourceEntered})
	}
	for _, a := range c.Appointments {
		add(Moment{At: a.Start, Event: "appointment-" + string(a.State), Of: a.Ref(), Within: visit(a.Encounter), Code: a.Service})
	}
	for _, v := range c.Encounters {
		add(Moment{At: v.ArrivedAt, Event: "arrived", Of: v.Ref(), Within: v.Ref()})
		add(Moment{At: v.CompletedAt, Event: "completed", Of: v.Ref(), Within: v.Ref()})
		for _, p := range v.Procedures {
			m := Moment{At: p.PerformedAt, Event: "treated", Of: p.ID.Ref(), Within: v.Ref(), Code: p.Record.Template.Code}
			for _, a := range p.Administrations {
				if !a.Lot.IsZero() && !slices.Contains(m.Lots, a.Lot) {
					m.Lots = append(m.Lots, a.Lot)
				}
			}
			add(m)
		}
	}
	for _, n := range c.Notes {
		add(Moment{At: n.CreatedAt, Event: string(n.State), Of: n.Ref(), Within: visit(n.Encounter)})
	}
	for _, v := range c.Vitals {
		add(Moment{At: v.At, Event: "measured", Of: v.Ref(), Within: visit(v.Encounter), Source: v.Provenance.Source})
	}
	for _, e := range c.Events {
		at := e.OnsetAt
		if at.IsZero() {
			at = e.NoticedAt
		}
		add(Moment{At: at, Event: "adverse-event", Of: e.Ref(), Within: visit(e.Encounter), Code: e.Kind, Lots: slices.Clone(e.Lots)})
	}
	for _, p := range c.Photos {
		if p.Retracted == "" {
			add(Moment{At: p.TakenAt, Event: "photographed", Of: p.Ref(), Within: visit(p.Encounter), Code: string(p.View), Source: p.Provenance.Source})
		}
	}
	for _, i := range c.Invoices {
		sums, _ := i.Totals() // a stored invoice adds up
		add(Moment{At: i.IssuedAt, Event: "charged", Of: i.Ref(), Within: visit(i.Encounter), Code: i.Number, Amount: sums.Gross})
		for _, t := range i.Tenders {
			event := "paid"
			if !t.Refunds.IsZero() {
				event = "refunded"
			}
			add(Moment{At: t.At, Event: event, Of: i.Ref(), Within: visit(i.Encounter), Code: string(t.Kind), Amount: t.Amount})
		}
	}
	for _, l := range c.Credits {
		for _, m := range l.Movements {
			if !m.Invoice.IsZero() { // what was sold or used stands on its invoice
				continue
			}
			at := m.At
			if at.IsZero() {
				at = m.On.Start(zone)
			}
			add(Moment{At: at, Event: "credit-" + string(m.Kind), Of: l.Ref(), Code: string(l.Kind), Amount: m.Cash})
		}
	}
	slices.SortStableFunc(out, func(a, b Moment) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Of.Kind, b.Of.Kind), cmp.Compare(a.Of.ID, b.Of.ID), cmp.Compare(a.Event, b.Event))
	})
	return out
}
