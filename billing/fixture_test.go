package billing_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// The days and moments of the tests, at a clinic in UTC.
var (
	monday  = glabella.MustParseDate("2026-11-23")
	tuesday = glabella.MustParseDate("2026-11-24")
	noon    = monday.Start(time.UTC).Add(12 * time.Hour)
)

// amounts lets cmp compare money.
var amounts = cmpopts.EquateComparable(money.Amount{})

func id[I glabella.Identity](name string) I { return glabella.DeriveID[I]("billing/" + name) }

func usd(s string) money.Amount { return money.MustParse("USD " + s) }

func number(s string) quantity.Number { return quantity.MustParseNumber(s) }

func units(n string) quantity.Quantity {
	return quantity.MustParse(n + " [arb'U]{onabotulinumtoxinA}")
}

func item(code, name string, kind billing.ServiceKind, basis billing.Basis, price string) billing.Service {
	return billing.Service{ID: id[glabella.ServiceID](code), Code: code, Name: name, Kind: kind, Basis: basis, Price: usd(price)}
}

// priceList is that of a clinic that does not exist. Goods are taxed.
func priceList() []billing.Service {
	toxin := item("neurotoxin-ona", "Toxin, per unit", billing.ServiceItem, billing.PerUnit, "12.50")
	toxin.Product, toxin.From = "onabotulinumtoxinA", monday
	last := toxin
	last.Price, last.From, last.To = usd("11.00"), glabella.Date{}, monday.AddDays(-1)
	enzyme := item("enzyme", "Enzyme, per unit", billing.ServiceItem, billing.PerUnit, "0.33")
	enzyme.Product = "hyaluronidase"
	filler := item("filler", "Filler, per syringe", billing.ServiceItem, billing.PerContainer, "650.00")
	filler.Product = "hyaluronic acid"
	goods := func(code, name, price string) billing.Service {
		s := item(code, name, billing.ProductItem, billing.Flat, price)
		s.TaxClass = "goods"
		return s
	}
	bank := item("bank-44", "44 prepaid units", billing.UnitBank, billing.Flat, "440.00")
	bank.Product, bank.Bank = "onabotulinumtoxinA", &billing.BankTerms{Units: units("44"), ValidFor: glabella.Period{Years: 1}}
	odd := item("bank-7", "7 prepaid units", billing.UnitBank, billing.Flat, "33.34")
	odd.Product, odd.Bank, odd.TaxClass = "onabotulinumtoxinA", &billing.BankTerms{Units: units("7")}, "goods"
	return []billing.Service{
		last, toxin, enzyme, filler, item("consult", "Consultation", billing.ServiceItem, billing.Flat, "85.00"),
		goods("serum", "Serum", "40.00"), goods("balm", "Balm", "0.99"), goods("ten", "Sample of ten", "10.00"), goods("twenty", "Sample of twenty", "20.00"), bank, odd,
	}
}

func serviceOf(t testing.TB, code string) billing.Service {
	t.Helper()
	s, ok := billing.PriceOf(priceList(), code, monday)
	if !ok {
		t.Fatalf("the price list has no %s", code)
	}
	return s
}

// goodsTax is made up.
func goodsTax() config.TaxRule {
	return config.TaxRule{Class: "goods", Rate: number("0.0825"), Source: "a law that does not exist"}
}

func toxin(n string) billing.Charge {
	return billing.Charge{Product: "onabotulinumtoxinA", Quantity: units(n), Provider: id[glabella.StaffID]("nurse")}
}

func flat(code string) billing.Charge { return billing.Charge{Service: code} }

func draft(name string, charges ...billing.Charge) billing.Draft {
	n := 0
	return billing.Draft{
		ID: id[glabella.InvoiceID](name), Number: "F-" + name, Patient: id[glabella.PatientID]("Fictional Patient"), Encounter: id[glabella.EncounterID](name),
		Site: id[glabella.SiteID]("Harbour"), Currency: money.USD, On: monday, Charges: charges, Services: priceList(), Taxes: []config.TaxRule{goodsTax()},
		NewLine: func() glabella.LineID { n++; return line(name, n) },
	}
}

// line returns the identity of the nth line of the invoice of that name, from 1.
func line(name string, n int) glabella.LineID {
	return id[glabella.LineID](fmt.Sprintf("%s/%d", name, n))
}

func calculate(t testing.TB, d billing.Draft) billing.Invoice {
	t.Helper()
	inv, err := billing.Calculate(d)
	if err != nil {
		t.Fatalf("Calculate: %v", err)
	}
	return inv
}

func issue(t testing.TB, d billing.Draft) billing.Invoice {
	t.Helper()
	inv, err := calculate(t, d).Issue(noon)
	if err != nil {
		t.Fatalf("Issue: %v", err)
	}
	return inv
}

func pay(t testing.TB, inv billing.Invoice, tenders ...billing.Tender) billing.Invoice {
	t.Helper()
	next, err := inv.Pay(tenders...)
	if err != nil {
		t.Fatalf("Pay: %v", err)
	}
	return next
}

func correct(t testing.TB, inv billing.Invoice, of glabella.LineID, to string) billing.Invoice {
	t.Helper()
	next, err := inv.Correct(correction(inv, of, to))
	if err != nil {
		t.Fatalf("Correct: %v", err)
	}
	return next
}

func correction(inv billing.Invoice, of glabella.LineID, to string) billing.Correction {
	return billing.Correction{ID: id[glabella.LineID](fmt.Sprintf("%s/correction/%d", inv.Number, len(inv.Lines))), Line: of, Quantity: number(to), Reason: "miscounted", At: noon}
}

func totals(t testing.TB, inv billing.Invoice) billing.Totals {
	t.Helper()
	sums, err := inv.Totals()
	if err != nil {
		t.Fatalf("Totals: %v", err)
	}
	return sums
}

func tender(name string, kind billing.TenderKind, amount string) billing.Tender {
	return billing.Tender{ID: id[glabella.TenderID](name), Kind: kind, Amount: usd(amount), At: noon}
}

func refund(name, of, amount string) billing.Tender {
	return billing.Tender{ID: id[glabella.TenderID](name), Kind: billing.Cash, Amount: usd(amount).Neg(), Refunds: id[glabella.TenderID](of), At: noon}
}

// credit returns a lot of prepaid units of which some are left.
func credit(name, granted, remaining, price string, expires glabella.Date) billing.CreditLot {
	return creditOf(billing.LotPaid, name, granted, remaining, price, expires)
}

func creditOf(origin billing.LotOrigin, name, granted, remaining, price string, expires glabella.Date) billing.CreditLot {
	on := monday.AddDays(-400)
	lot, err := billing.CreditLot{
		ID: id[glabella.CreditLotID](name), Patient: id[glabella.PatientID]("Fictional Patient"), Origin: origin, Kind: billing.UnitsLot, Granted: units(granted), Price: usd(price),
		Limits: billing.LotLimits{Products: []string{"onabotulinumtoxinA"}},
	}.Grant(expires, billing.Moved{On: on})
	if err != nil {
		panic(err)
	}
	used, err := units(granted).Sub(units(remaining))
	if err == nil && used.Sign() > 0 {
		lot, _, err = lot.Redeem(used, billing.Moved{On: on})
	}
	if err != nil {
		panic(err)
	}
	return lot
}

// planned plans how credits pay for a charge.
func planned(credits []billing.CreditLot, c billing.Charge, on glabella.Date) (billing.Redemption, error) {
	d := draft("planned", c)
	d.On = on
	want, ok := d.Want(c)
	if !ok {
		return billing.Redemption{}, errors.New("nothing is wanted of credits")
	}
	return billing.Preview(billing.RedeemFacts{Patient: d.Patient, Site: d.Site, On: on, Want: want, Lots: credits, Policy: billing.RedeemPolicy{Order: billing.OrderExpiry}})
}

// redeeming returns a charge for n units that the credits pay for.
func redeeming(t testing.TB, n string, credits ...billing.CreditLot) billing.Charge {
	t.Helper()
	c := toxin(n)
	plan, err := planned(credits, c, monday)
	if err != nil {
		t.Fatalf("Preview: %v", err)
	}
	c.Plan = &plan
	return c
}

// redeemed returns the credits as they are after a plan.
func redeemed(t testing.TB, plan *billing.Redemption, credits ...billing.CreditLot) []billing.CreditLot {
	t.Helper()
	changed, err := billing.Redeem(*plan, credits, billing.Moved{On: plan.On})
	if err != nil {
		t.Fatalf("Redeem: %v", err)
	}
	return billing.After(credits, changed)
}

// writing returns fresh identities of entries that count on a day.
func writing(prefix string, on glabella.Date) billing.Writing {
	n := 0
	return billing.Writing{On: on, At: on.Start(time.UTC).Add(12 * time.Hour), NewID: func() glabella.EntryID {
		n++
		return id[glabella.EntryID](fmt.Sprintf("%s/%s/%d", prefix, on, n))
	}}
}

// codes returns the codes of the issues or reasons of an error.
func codes(err error) []glabella.Code {
	var out []glabella.Code
	var invalid *glabella.ValidationError
	var refused *glabella.RefusedError
	switch {
	case errors.As(err, &invalid):
		for _, i := range invalid.Issues {
			out = append(out, i.Code)
		}
	case errors.As(err, &refused):
		out = refused.Decision.Codes()
	}
	return out
}

// sortedCodes returns the codes of an error in alphabetical order.
func sortedCodes(err error) []glabella.Code {
	out := codes(err)
	slices.Sort(out)
	return out
}

func enzymeUnits(n string) quantity.Quantity {
	return quantity.MustParse(n + " [arb'U]{hyaluronidase}")
}
