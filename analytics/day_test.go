package analytics_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/analytics"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/scheduling"
)

// The clinic's clock is seven hours behind UTC: its evening is already the next
// day there.
var (
	zone    = time.FixedZone("UTC-7", -7*60*60)
	monday  = glabella.MustParseDate("2026-11-23")
	tuesday = monday.AddDays(1)
	noon    = monday.Start(zone).Add(12 * time.Hour)
	evening = monday.Start(zone).Add(23 * time.Hour)
	harbour = id[glabella.SiteID]("Harbour")
	hill    = id[glabella.SiteID]("Hill")
)

func id[I glabella.Identity](name string) I { return glabella.DeriveID[I]("analytics/" + name) }

func usd(s string) money.Amount { return money.MustParse("USD " + s) }

func units(n string) quantity.Quantity {
	return quantity.MustParse(n + " [arb'U]{onabotulinumtoxinA}")
}

// record returns a record of the journal with events of the given types and
// payloads.
func record(t testing.TB, site glabella.SiteID, at time.Time, o audit.Outcome, events ...any) audit.Record {
	t.Helper()
	rec := audit.Record{At: at.UTC(), Action: "test", Outcome: o, Site: site}
	for i := 0; i < len(events); i += 2 {
		data, err := json.Marshal(events[i+1])
		if err != nil {
			t.Fatal(err)
		}
		rec.Events = append(rec.Events, audit.Event{Type: events[i].(string), Data: data})
	}
	return rec
}

func apply(t testing.TB, d *analytics.Day, records ...audit.Record) {
	t.Helper()
	for _, rec := range records {
		if err := d.Apply(rec); err != nil {
			t.Fatalf("Apply: %v", err)
		}
	}
}

func today() *analytics.Day { return &analytics.Day{On: monday, Site: harbour, Zone: zone} }

// equal lets cmp compare money and leaves the zone out.
var equal = cmp.Options{cmpopts.EquateComparable(money.Amount{}), cmpopts.IgnoreFields(analytics.Day{}, "Zone")}

// visits are what happens in a clinic besides money.
func visits(t testing.TB, site glabella.SiteID, at time.Time) []audit.Record {
	t.Helper()
	lot := id[glabella.LotID]("FICTION-1")
	done := encounter.Completed{Encounter: id[glabella.EncounterID]("visit"), Site: site, Procedures: []encounter.CompletedProcedure{
		{Template: "forehead", Administrations: []encounter.Administration{{Product: "onabotulinumtoxinA", Lot: lot, Quantity: units("12.5")}, {Product: "onabotulinumtoxinA", Quantity: units("7.5")}}},
		{Template: "lips", Administrations: []encounter.Administration{{Product: "gel", Quantity: quantity.MustParse("0.6 mL{gel}")}}},
	}}
	return []audit.Record{
		record(t, site, at, audit.Done, "patient.registered", patient.Registered{Patient: id[glabella.PatientID]("Zoë Example")}),
		record(t, site, at, audit.Done, "appointment.booked", scheduling.BookedEvent{Site: site}),
		record(t, site, at, audit.Done, "appointment.booked", scheduling.BookedEvent{Site: site}),
		record(t, site, at, audit.Done, "encounter.arrived", encounter.Arrived{Site: site}),
		record(t, site, at, audit.Done, "encounter.charted", encounter.Charted{Template: "forehead"}),
		record(t, site, at, audit.Done, "encounter.completed", done),
		record(t, site, at, audit.Done, "encounter.note-signed", encounter.NoteSigned{Role: encounter.AsAuthor}, "encounter.note-signed", encounter.NoteSigned{Role: encounter.AsCosigner}),
		record(t, site, at, audit.Done, "inventory.received", inventory.ReceivedEvent{Site: site, Lines: []inventory.ReceivedLine{{Lot: lot, Containers: 10}, {Lot: id[glabella.LotID]("FICTION-2"), Containers: 2}}}),
		record(t, site, at, audit.Done, "inventory.received", inventory.ReceivedEvent{Site: site, Lines: []inventory.ReceivedLine{{Lot: lot, Containers: 5}}}),
		record(t, site, at, audit.Done, "inventory.discarded", inventory.DiscardedEvent{Site: site, Wasted: units("30")}),
		record(t, site, at, audit.Done, "inventory.discarded", inventory.DiscardedEvent{Site: site, Wasted: units("0.5")}),
		record(t, site, at, audit.Refused), record(t, site, at, audit.Refused), record(t, site, at, audit.Denied),
		record(t, site, at, audit.Read), record(t, site, at, audit.Read), record(t, site, at, audit.Read),
		record(t, site, at, audit.Failed), record(t, site, at, audit.DryRun),
	}
}

func TestDayCountsWhatHappened(t *testing.T) {
	t.Parallel()
	want := &analytics.Day{
		On: monday, Site: harbour, Registered: 1, Booked: 2, Arrived: 1, Completed: 1, Notes: 2, Refused: 2, Denied: 1, Accesses: 3,
		Received: map[string]int{id[glabella.LotID]("FICTION-1").String(): 15, id[glabella.LotID]("FICTION-2").String(): 2},
		Used:     map[string]quantity.Quantity{"onabotulinumtoxinA": units("20"), "gel": quantity.MustParse("0.6 mL{gel}")},
		Wasted:   map[string]quantity.Quantity{"onabotulinumtoxinA": units("30.5")},
	}
	for _, tt := range []struct {
		name string
		at   time.Time
	}{{"at noon", noon}, {"in the evening, when it is the next day in UTC", evening}, {"in the first moment of the day", monday.Start(zone)}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := today()
			apply(t, got, visits(t, harbour, tt.at)...)
			if diff := cmp.Diff(want, got, equal); diff != "" {
				t.Errorf("Day (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDayLeavesOtherSitesAndDaysOut(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		site glabella.SiteID
		at   time.Time
	}{
		{"another site", hill, noon},
		{"the moment before the day", harbour, monday.Start(zone).Add(-time.Microsecond)},
		{"the first moment of the next day", harbour, tuesday.Start(zone)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := today()
			apply(t, got, visits(t, tt.site, tt.at)...)
			if diff := cmp.Diff(today(), got, equal); diff != "" {
				t.Errorf("Day (-want +got):\n%s", diff)
			}
			apply(t, got, visits(t, harbour, noon)...)
			if got.Completed != 1 {
				t.Errorf("Completed = %d after a visit that counts, want 1", got.Completed)
			}
		})
	}
}

func TestADayWithoutAZoneIsInUTC(t *testing.T) {
	t.Parallel()
	d := &analytics.Day{On: tuesday, Site: harbour}
	apply(t, d, visits(t, harbour, evening)...)
	if d.Completed != 1 {
		t.Errorf("Completed = %d, want the evening of Monday to be Tuesday in UTC", d.Completed)
	}
}

func TestApplySaysWhichRecordIsBroken(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"billing.issued", "billing.paid", "billing.corrected", "encounter.completed", "inventory.received", "inventory.discarded"} {
		rec := audit.Record{Seq: 42, At: noon, Outcome: audit.Done, Site: harbour, Events: []audit.Event{{Type: kind, Data: json.RawMessage(`[]`)}}}
		if err := today().Apply(rec); err == nil || !strings.Contains(err.Error(), "42") || !strings.Contains(err.Error(), kind) {
			t.Errorf("Apply of a broken %s = %v, want the record and the event", kind, err)
		}
	}
	rec := audit.Record{At: noon, Outcome: audit.Done, Site: harbour, Events: []audit.Event{{Type: "acme.own", Data: json.RawMessage(`[]`)}}}
	if err := today().Apply(rec); err != nil {
		t.Errorf("Apply of an event of the host's own = %v, want it ignored", err)
	}
}

// business is a story of money, as the journal and the ledger tell it.
type business struct {
	records []audit.Record
	entries []billing.Entry
	n       int
}

func (b *business) writing(on glabella.Date) billing.Writing {
	return billing.Writing{On: on, At: noon, NewID: func() glabella.EntryID {
		b.n++
		return id[glabella.EntryID](string(rune('a' + b.n)))
	}}
}

// issue calculates and issues an invoice.
func (b *business) issue(t testing.TB, site glabella.SiteID, name string, tip string, charges ...billing.Charge) billing.Invoice {
	t.Helper()
	n := 0
	inv, err := billing.Calculate(billing.Draft{
		ID: id[glabella.InvoiceID](name), Number: name, Patient: id[glabella.PatientID]("Zoë Example"), Site: site, Currency: money.USD, On: monday, Charges: charges,
		Services: []billing.Service{
			{Code: "toxin", Name: "Toxin", Kind: billing.ServiceItem, Product: "onabotulinumtoxinA", Basis: billing.PerUnit, Price: usd("12.50")},
			{Code: "cream", Name: "Cream", Kind: billing.ProductItem, Basis: billing.Flat, Price: usd("40.00"), TaxClass: "goods"},
			{Code: "bank", Name: "Bank", Kind: billing.UnitBank, Basis: billing.Flat, Price: usd("440.00"), Bank: &billing.BankTerms{Units: units("44")}},
		},
		Discounts: []billing.Discount{{Code: "friends", Percent: quantity.MustParseNumber("10")}},
		Taxes:     []config.TaxRule{{Class: "goods", Rate: quantity.MustParseNumber("0.0825")}},
		Tips:      []billing.Tip{{Provider: id[glabella.StaffID]("nurse"), Amount: usd(tip)}},
		NewLine: func() glabella.LineID {
			n++
			return id[glabella.LineID](name + string(rune('0'+n)))
		},
	})
	if err == nil {
		inv, err = inv.Issue(noon)
	}
	if err != nil {
		t.Fatal(err)
	}
	issued, err := inv.Event()
	if err != nil {
		t.Fatal(err)
	}
	b.entries = append(b.entries, billing.IssueEntries(inv, b.writing(monday))...)
	b.records = append(b.records, record(t, site, noon, audit.Done, "billing.issued", issued))
	return inv
}

// pay pays or refunds on a day. The command is recorded at the hill.
func (b *business) pay(t testing.TB, inv billing.Invoice, on glabella.Date, tenders ...billing.Tender) billing.Invoice {
	t.Helper()
	next, err := inv, error(nil)
	if tenders[0].Refunds.IsZero() {
		next, err = inv.Pay(tenders...)
	} else {
		next, err = inv.Refund(tenders[0])
	}
	if err != nil {
		t.Fatal(err)
	}
	b.entries = append(b.entries, billing.TenderEntries(next, b.writing(on), tenders...)...)
	paid, err := next.PaidEvent(on, tenders...)
	if err != nil {
		t.Fatal(err)
	}
	b.records = append(b.records, record(t, hill, noon, audit.Done, "billing.paid", paid))
	return next
}

func (b *business) correct(t testing.TB, inv billing.Invoice, n int, on glabella.Date) billing.Invoice {
	t.Helper()
	next, err := inv.Correct(billing.Correction{ID: id[glabella.LineID](fmt.Sprintf("%s/correction/%d", inv.Number, len(inv.Lines))), Line: inv.Lines[n].ID, Reason: "returned", At: noon})
	if err != nil {
		t.Fatal(err)
	}
	l := next.Lines[len(next.Lines)-1]
	b.entries = append(b.entries, billing.CorrectionEntries(next, b.writing(on), l)...)
	b.records = append(b.records, record(t, hill, noon, audit.Done, "billing.corrected", billing.Corrected{Invoice: inv.ID, Line: l.ID, Adjusts: l.Adjusts, Site: inv.Site, On: on, Net: l.Net, Tax: l.Tax, Kind: l.Kind}))
	return next
}

func tender(name string, kind billing.TenderKind, amount string) billing.Tender {
	return billing.Tender{ID: id[glabella.TenderID](name), Kind: kind, Amount: usd(amount), At: noon}
}

// trade is a day of business at the harbour, with a correction on the next day,
// and an invoice at the hill.
func trade(t testing.TB) *business {
	t.Helper()
	b := &business{}
	sale := b.issue(t, harbour, "sale", "0.00", billing.Charge{Service: "bank"})
	b.pay(t, sale, monday, tender("sale", billing.Card, "396.00"))
	credit, _, err := sale.Grant(sale.Lines[0], billing.BankTerms{Units: units("44")}, id[glabella.CreditLotID]("bank"), billing.Moved{})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := billing.Preview(billing.RedeemFacts{Patient: sale.Patient, On: monday, Lots: []billing.CreditLot{credit}, Policy: billing.RedeemPolicy{Order: billing.OrderExpiry},
		Want: billing.Want{Kind: billing.UnitsLot, Purpose: billing.ForService, Product: "onabotulinumtoxinA", Quantity: units("50")}})
	if err != nil {
		t.Fatal(err)
	}
	visit := b.issue(t, harbour, "visit", "20.00", billing.Charge{Product: "onabotulinumtoxinA", Quantity: units("50"), Plan: &plan}, billing.Charge{Service: "cream"}, billing.Charge{Service: "cream"})
	visit = b.pay(t, visit, monday, tender("cash", billing.Cash, "100.00"), tender("check", billing.Check, "65.44"))
	visit = b.correct(t, visit, 3, monday)
	back := tender("back", billing.Cash, "-38.97")
	back.Refunds = id[glabella.TenderID]("cash")
	visit = b.pay(t, visit, monday, back)
	b.correct(t, visit, 1, tuesday)
	other := b.issue(t, hill, "other", "1.00", billing.Charge{Service: "cream"})
	b.pay(t, other, monday, tender("other", billing.Card, "5.00"))
	return b
}

func TestDayAndLedgerTellTheSameStory(t *testing.T) {
	t.Parallel()
	b := trade(t)
	for _, tt := range []struct {
		name string
		on   glabella.Date
		site glabella.SiteID
		want analytics.Day // the figures of money
	}{
		{"Monday at the harbour, wherever the commands were given", monday, harbour, analytics.Day{
			Sold: usd("499.50"), Granted: usd("396.00"), Redeemed: usd("396.00"), Tax: usd("2.97"), Tips: usd("20.00"), Collections: usd("522.47"),
			ByTender: map[billing.TenderKind]money.Amount{billing.Card: usd("396.00"), billing.Cash: usd("61.03"), billing.Check: usd("65.44")},
		}},
		{"Tuesday at the harbour", tuesday, harbour, analytics.Day{Sold: usd("-67.50"), Tax: usd("0.00")}},
		{"Monday on the hill", monday, hill, analytics.Day{
			Sold: usd("36.00"), Granted: usd("0.00"), Redeemed: usd("0.00"), Tax: usd("2.97"), Tips: usd("1.00"), Collections: usd("5.00"),
			ByTender: map[billing.TenderKind]money.Amount{billing.Card: usd("5.00")},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := &analytics.Day{On: tt.on, Site: tt.site, Zone: zone}
			apply(t, d, b.records...)
			tt.want.On, tt.want.Site = tt.on, tt.site
			if diff := cmp.Diff(&tt.want, d, equal); diff != "" {
				t.Errorf("Day (-want +got):\n%s", diff)
			}
			r, err := billing.Reconcile(b.entries, billing.Period{From: tt.on, To: tt.on, Site: tt.site})
			if err != nil {
				t.Fatal(err)
			}
			if issues := d.Compare(r); len(issues) > 0 {
				t.Errorf("Compare = %v, want no difference", issues)
			}
		})
	}
}

func TestACorrectionOfPrepaidUnitsLowersWhatWasGranted(t *testing.T) {
	t.Parallel()
	d := today()
	apply(t, d, record(t, harbour, noon, audit.Done, "billing.corrected", billing.Corrected{Site: harbour, On: monday, Net: usd("-10.00"), Tax: usd("-0.83"), Kind: billing.UnitBank}))
	if d.Granted != usd("-10.00") || !d.Sold.IsZero() || d.Tax != usd("-0.83") {
		t.Errorf("Day = granted %s, sold %s, tax %s, want USD -10.00, none and USD -0.83", d.Granted, d.Sold, d.Tax)
	}
}

func TestCompareFindsEveryDifference(t *testing.T) {
	t.Parallel()
	b := trade(t)
	cent := usd("0.01")
	raise := func(a *money.Amount) {
		var err error
		if *a, err = a.Add(cent); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name  string
		plant func(*analytics.Day)
		want  []string
	}{
		{"what was sold", func(d *analytics.Day) { raise(&d.Sold) }, []string{"/sold"}},
		{"what was granted", func(d *analytics.Day) { raise(&d.Granted) }, []string{"/granted"}},
		{"what was redeemed", func(d *analytics.Day) { raise(&d.Redeemed) }, []string{"/redeemed"}},
		{"tax and tips", func(d *analytics.Day) { raise(&d.Tax); raise(&d.Tips) }, []string{"/tax", "/tips"}},
		{"what was collected", func(d *analytics.Day) { raise(&d.Collections) }, []string{"/collections"}},
		{"a payment by other means", func(d *analytics.Day) {
			d.ByTender[billing.Cash], d.ByTender[billing.Check] = d.ByTender[billing.Check], d.ByTender[billing.Cash]
		}, []string{"/byTender/cash", "/byTender/check"}},
		{"an event that the projection missed", func(d *analytics.Day) {
			*d = *today()
			apply(t, d, slices.Delete(slices.Clone(b.records), 3, 4)...)
		}, []string{"/collections", "/byTender/cash", "/byTender/check"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := today()
			apply(t, d, b.records...)
			tt.plant(d)
			r, err := billing.Reconcile(b.entries, billing.Period{From: monday, To: monday, Site: harbour})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, i := range d.Compare(r) {
				if i.Code != analytics.CodeProjection {
					t.Errorf("Compare = %v, want %s", i, analytics.CodeProjection)
				}
				got = append(got, i.Path)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Compare (-want +got):\n%s", diff)
			}
		})
	}
}
