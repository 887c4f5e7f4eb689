package billing_test

import (
	"fmt"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// A patient has 44 prepaid units left, and 50 are used.
func ExamplePreview() {
	patient := glabella.MustParseID[glabella.PatientID]("01900000-0000-7000-8000-000000000001")
	today := glabella.MustParseDate("2026-11-23")
	lot, err := billing.CreditLot{
		ID:      glabella.MustParseID[glabella.CreditLotID]("01900000-0000-7000-8000-000000000002"),
		Patient: patient, Origin: billing.LotPaid, Kind: billing.UnitsLot,
		Granted: quantity.MustParse("44 [arb'U]{onabotulinumtoxinA}"), Price: money.MustParse("USD 440.00"),
	}.Grant(today.Add(glabella.Period{Years: 1}), billing.Moved{On: today})
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := billing.Preview(billing.RedeemFacts{
		Patient: patient, On: today, Lots: []billing.CreditLot{lot},
		Want: billing.Want{Kind: billing.UnitsLot, Purpose: billing.ForService, Product: "onabotulinumtoxinA",
			Quantity: quantity.MustParse("50 [arb'U]{onabotulinumtoxinA}")},
		Policy: billing.RedeemPolicy{Order: billing.OrderExpiry},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range plan.Takes {
		fmt.Println("from the lot:", t.Units, "worth", t.Value)
	}
	fmt.Println("to charge:", plan.Excess)
	// Output:
	// from the lot: 44 [arb'U]{onabotulinumtoxinA} worth USD 440.00
	// to charge: 6 [arb'U]{onabotulinumtoxinA}
}

// A package of 100.00 for two groups, of four vouchers and of two.
func ExampleAllocateVouchers() {
	shares, err := billing.AllocateVouchers(money.MustParse("USD 100.00"), []billing.VoucherGroup{{Count: 4}, {Count: 2}}, billing.EqualGroups)
	fmt.Println(shares, err)
	// Output: [USD 50.00 USD 50.00] <nil>
}
