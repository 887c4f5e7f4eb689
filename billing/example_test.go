package billing_test

import (
	"fmt"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// A patient has prepaid 44 units and is given 50: 6 are charged. A cream is sold
// with them, at ten percent off.
func ExampleCalculate() {
	today := glabella.MustParseDate("2026-11-23")
	used := quantity.MustParse("50 [arb'U]{onabotulinumtoxinA}")
	banked := quantity.MustParse("44 [arb'U]{onabotulinumtoxinA}")
	who, on := glabella.DeriveID[glabella.PatientID]("patient"), billing.Moved{On: today}
	bank, err := billing.CreditLot{
		ID: glabella.DeriveID[glabella.CreditLotID]("bank"), Patient: who, Origin: billing.LotPaid, Kind: billing.UnitsLot, Granted: banked, Price: money.MustParse("USD 440.00"),
	}.Grant(glabella.Date{}, on)
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := billing.Preview(billing.RedeemFacts{
		Patient: who, On: today, Lots: []billing.CreditLot{bank}, Policy: billing.RedeemPolicy{Order: billing.OrderExpiry},
		Want: billing.Want{Kind: billing.UnitsLot, Purpose: billing.ForService, Product: "onabotulinumtoxinA", Quantity: used},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	lines := 0
	inv, err := billing.Calculate(billing.Draft{
		ID: glabella.DeriveID[glabella.InvoiceID]("invoice"), Number: "F-1", Patient: who,
		Site: glabella.DeriveID[glabella.SiteID]("site"), Currency: money.USD, On: today,
		Charges: []billing.Charge{{Product: "onabotulinumtoxinA", Quantity: used, Plan: &plan}, {Service: "cream"}},
		Services: []billing.Service{
			{Code: "toxin", Name: "Toxin, per unit", Kind: billing.ServiceItem, Product: "onabotulinumtoxinA", Basis: billing.PerUnit, Price: money.MustParse("USD 12.50")},
			{Code: "cream", Name: "Cream", Kind: billing.ProductItem, Basis: billing.Flat, Price: money.MustParse("USD 40.00"), TaxClass: "goods"},
		},
		Discounts: []billing.Discount{{Code: "friends", Percent: quantity.MustParseNumber("10")}},
		Taxes:     []config.TaxRule{{Class: "goods", Rate: quantity.MustParseNumber("0.0825")}},
		NewLine: func() glabella.LineID {
			lines++
			return glabella.DeriveID[glabella.LineID](fmt.Sprint(lines))
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range inv.Lines {
		fmt.Printf("%s × %s: net %s, tax %s\n", l.Name, l.Quantity, l.Net, l.Tax)
	}
	totals, err := inv.Totals()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s, of which %s is prepaid: %s due\n", totals.Gross, totals.Redeemed, totals.Due)
	// Output:
	// Toxin, per unit × 44: net USD 440.00, tax USD 0.00
	// Toxin, per unit × 6: net USD 67.50, tax USD 0.00
	// Cream × 1: net USD 36.00, tax USD 2.97
	// USD 546.47, of which USD 440.00 is prepaid: USD 106.47 due
}
