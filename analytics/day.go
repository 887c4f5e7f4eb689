package analytics

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// Day is what happened at a site on one day. Events of money count at the site
// and on the day that they name, as they do in the ledger; all others where and
// when they were recorded, in the site's zone.
type Day struct {
	On   glabella.Date   `json:"on"`
	Site glabella.SiteID `json:"site"`
	Zone *time.Location  `json:"-"` // of the site; nil is UTC

	Registered int `json:"registered"` // patients
	Booked     int `json:"booked"`     // appointments
	Arrived    int `json:"arrived"`    // patients who came
	Completed  int `json:"completed"`  // visits
	Notes      int `json:"notes"`      // signatures under notes
	Refused    int `json:"refused"`    // commands that a rule forbade
	Denied     int `json:"denied"`     // commands and queries that the actor may not
	Accesses   int `json:"accesses"`   // queries that were answered

	Received map[string]int               `json:"received"` // containers, by lot
	Used     map[string]quantity.Quantity `json:"used"`     // by product
	Wasted   map[string]quantity.Quantity `json:"wasted"`   // by product

	Sold        money.Amount                        `json:"sold"`     // services and products, net
	Granted     money.Amount                        `json:"granted"`  // prepaid units, net
	Redeemed    money.Amount                        `json:"redeemed"` // the value of prepaid units that were used
	Tax         money.Amount                        `json:"tax"`
	Tips        money.Amount                        `json:"tips"`
	Collections money.Amount                        `json:"collections"`
	ByTender    map[billing.TenderKind]money.Amount `json:"byTender"`
}

// Apply adds a journal record. What belongs to other sites and days, and events
// that the projection does not count, change nothing.
func (d *Day) Apply(rec audit.Record) error {
	zone := d.Zone
	if zone == nil {
		zone = time.UTC
	}
	today := rec.Site == d.Site && glabella.DateOf(rec.At.In(zone)) == d.On
	if today {
		switch rec.Outcome {
		case audit.Refused:
			d.Refused++
		case audit.Denied:
			d.Denied++
		case audit.Read:
			d.Accesses++
		}
	}
	for _, e := range rec.Events {
		if err := d.event(e, today); err != nil {
			return fmt.Errorf("journal record %d: event %s: %w", rec.Seq, e.Type, err)
		}
	}
	return nil
}

func (d *Day) event(e audit.Event, today bool) error {
	switch e.Type {
	case "billing.issued":
		var v billing.Issued
		return decode(e, &v, func() error {
			return d.money(v.Site, v.On, []addend{{&d.Sold, v.Sold}, {&d.Granted, v.Granted}, {&d.Redeemed, v.Redeemed}, {&d.Tax, v.Tax}, {&d.Tips, v.Tips}})
		})
	case "billing.corrected":
		var v billing.Corrected
		return decode(e, &v, func() error {
			net := &d.Sold
			if v.Kind.Prepaid() {
				net = &d.Granted
			}
			return d.money(v.Site, v.On, []addend{{net, v.Net}, {&d.Tax, v.Tax}})
		})
	case "billing.paid":
		var v billing.Paid
		return decode(e, &v, func() error {
			if v.Site != d.Site || v.On != d.On {
				return nil
			}
			if d.ByTender == nil {
				d.ByTender = map[billing.TenderKind]money.Amount{}
			}
			if err := d.money(v.Site, v.On, []addend{{&d.Redeemed, v.Redeemed}, {&d.Sold, v.Adjusted.Neg()}}); err != nil {
				return err
			}
			for _, t := range v.Tenders {
				sum := d.ByTender[t.Kind]
				if err := d.money(v.Site, v.On, []addend{{&d.Collections, t.Amount}, {&sum, t.Amount}}); err != nil {
					return err
				}
				d.ByTender[t.Kind] = sum
			}
			return nil
		})
	}
	if !today {
		return nil
	}
	switch e.Type {
	case "patient.registered":
		d.Registered++
	case "appointment.booked":
		d.Booked++
	case "encounter.arrived":
		d.Arrived++
	case "encounter.note-signed":
		d.Notes++
	case "encounter.completed":
		var v encounter.Completed
		return decode(e, &v, func() error {
			d.Completed++
			for _, p := range v.Procedures {
				for _, a := range p.Administrations {
					if err := addTo(&d.Used, a.Quantity); err != nil {
						return err
					}
				}
			}
			return nil
		})
	case "inventory.received":
		var v inventory.ReceivedEvent
		return decode(e, &v, func() error {
			if d.Received == nil {
				d.Received = map[string]int{}
			}
			for _, l := range v.Lines {
				d.Received[l.Lot.String()] += l.Containers
			}
			return nil
		})
	case "inventory.discarded":
		var v inventory.DiscardedEvent
		return decode(e, &v, func() error { return addTo(&d.Wasted, v.Wasted) })
	}
	return nil
}

func decode(e audit.Event, v any, then func() error) error {
	if err := json.Unmarshal(e.Data, v); err != nil {
		return err
	}
	return then()
}

func addTo(sums *map[string]quantity.Quantity, q quantity.Quantity) error {
	if *sums == nil {
		*sums = map[string]quantity.Quantity{}
	}
	sum, err := (*sums)[q.Unit().Product()].Add(q)
	(*sums)[q.Unit().Product()] = sum
	return err
}

type addend struct {
	sum *money.Amount
	a   money.Amount
}

// money adds amounts that count at a site on a day.
func (d *Day) money(site glabella.SiteID, on glabella.Date, addends []addend) error {
	if site != d.Site || on != d.On {
		return nil
	}
	for _, x := range addends {
		var err error
		if *x.sum, err = x.sum.Add(x.a); err != nil {
			return err
		}
	}
	return nil
}

// CodeProjection says that the projection of the journal and the ledger do not say the same.
const CodeProjection glabella.Code = "analytics.projection"

// Compare returns every figure of money in which the day and the ledger's
// reconciliation of the same day and site differ.
func (d *Day) Compare(r billing.Reconciliation) []glabella.Issue {
	var issues []glabella.Issue
	check := func(path string, have, want money.Amount) {
		if have.Minor() != want.Minor() {
			issues = append(issues, glabella.Issue{Path: path, Code: CodeProjection, Text: "the journal and the ledger differ", Args: map[string]string{"journal": have.String(), "ledger": want.String()}})
		}
	}
	check("/sold", d.Sold, r.NetSales)
	check("/granted", d.Granted, r.CreditGranted)
	check("/redeemed", d.Redeemed, r.CreditRedeemed)
	check("/tax", d.Tax, r.Tax)
	check("/tips", d.Tips, r.Tips)
	check("/collections", d.Collections, r.Collections)
	for _, k := range billing.TenderKinds() {
		check("/byTender/"+string(k), d.ByTender[k], r.ByTender[k])
	}
	return issues
}
