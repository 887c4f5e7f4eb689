package inventory_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
)

// A vial's life: received by scan, opened, reconstituted, drawn from twice, and
// the rest discarded.
func Example() {
	product := toxin()
	carton, err := inventory.ParseGS1("]d20109506000134352172703311"+"0T100", 2026)
	if err != nil {
		fmt.Println(err)
		return
	}
	receipt, err := inventory.Receive(inventory.Delivery{
		ID: movementID("receive"), Product: product, Site: site, NewLot: glabella.DeriveID[glabella.LotID]("T100"), Containers: 2, By: nurse, At: morning,
	}.Scanned(carton))
	if err != nil {
		fmt.Println(err)
		return
	}
	lot, balance := receipt.Lot, receipt.Balance
	fmt.Println("received:", balance.OnHand, "in", balance.Sealed)

	vial, balance, _, err := inventory.Open(product, lot, balance, inventory.Opening{
		Vial: glabella.DeriveID[glabella.VialID]("vial"), Movement: movementID("open"), By: nurse, At: morning,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	vial, err = vial.Reconstitute(reconstitution(product, lot, "2.5 mL"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("reconstituted:", vial.Concentration, "until", vial.BeyondUse.Format(time.DateTime))

	for i, n := range []string{"20", "24"} {
		vial, balance, _, err = vial.Draw(inventory.Draw{
			Use: inventory.Use{Lot: lot, Product: product, Patient: ann, Quantity: units(n), At: morning.Add(time.Hour)},
			ID:  movementID(fmt.Sprint("draw ", i)), Balance: balance, By: nurse,
		})
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Println("left:", vial.Remaining)

	vial, balance, wasted, err := vial.Discard(inventory.Discard{
		ID: movementID("discard"), Balance: balance, Reason: inventory.ReasonUnused, By: nurse, Witness: other, At: morning.Add(8 * time.Hour),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("wasted:", wasted.Quantity)
	fmt.Println("on hand:", balance.OnHand, "in", balance.Sealed)
	fmt.Println("vial:", vial.State)
	// Output:
	// received: 200 [arb'U]{onabotulinumtoxinA} in 2
	// reconstituted: 40 [arb'U]{onabotulinumtoxinA}/mL until 2026-11-24 09:00:00
	// left: 56 [arb'U]{onabotulinumtoxinA}
	// wasted: -56 [arb'U]{onabotulinumtoxinA}
	// on hand: 100 [arb'U]{onabotulinumtoxinA} in 1
	// vial: discarded
}

func ExampleUsable() {
	lot := inventory.Lot{ID: glabella.DeriveID[glabella.LotID]("T100"), Number: "T100", Expires: glabella.MustParseDate("2026-11-22"), State: inventory.LotRecalled, Hold: "Z-0001-2027"}
	balance := inventory.Balance{ID: inventory.BalanceIDOf(lot.ID, site), Lot: lot.ID, Site: site, OnHand: units("15"), Sealed: 0}

	d := inventory.Usable(lot, balance, units("20"), glabella.MustParseDate("2026-11-23"))
	fmt.Println(d.Outcome)
	for _, r := range d.Reasons {
		fmt.Println(r.Code, "-", r.Fix)
	}
	// Output:
	// deny
	// inventory.lot.recalled - use another lot
	// inventory.lot.expired - use another lot
	// inventory.short - take the rest from another lot
}

func ExampleFEFO() {
	near, far := delivery(toxin(), "near", 1), delivery(toxin(), "far", 1)
	near.Expires, far.Expires = glabella.MustParseDate("2027-01-31"), glabella.MustParseDate("2028-01-31")
	var lots []inventory.Lot
	var balances []inventory.Balance
	for _, d := range []inventory.Delivery{far, near} {
		r, err := inventory.Receive(d)
		if err != nil {
			fmt.Println(err)
			return
		}
		lots, balances = append(lots, r.Lot), append(balances, r.Balance)
	}
	for _, s := range inventory.FEFO(lots, balances, toxin().ID, units("120"), glabella.MustParseDate("2026-11-23")) {
		fmt.Println(s.Expires, s.Quantity)
	}
	// Output:
	// 2027-01-31 100 [arb'U]{onabotulinumtoxinA}
	// 2028-01-31 20 [arb'U]{onabotulinumtoxinA}
}

func ExampleParseGS1() {
	e, err := inventory.ParseGS1("]d2010950600013435217270200"+"10AB-123\x1d21SN7", 2026)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e)
	fmt.Println(e.GTIN(), e.Lot(), e.Serial(), e.Expiry())

	_, err = inventory.ParseGS1("(01)09506000134353", 2026)
	var fault *inventory.ScanError
	if errors.As(err, &fault) {
		fmt.Println(fault.Code, "at byte", fault.Position)
	}
	// Output:
	// (01)09506000134352(17)270200(10)AB-123(21)SN7
	// 09506000134352 AB-123 SN7 2027-02-28
	// inventory.scan.check-digit at byte 17
}

func ExampleParseGTIN() {
	gtin, err := inventory.ParseGTIN("4006381333931")
	fmt.Println(gtin, err)
	// Output: 04006381333931 <nil>
}

func ExampleReverse() {
	receipt, err := inventory.Receive(delivery(toxin(), "T100", 2))
	if err != nil {
		fmt.Println(err)
		return
	}
	balance, lost, err := receipt.Balance.Change(toxin(), inventory.StockChange{
		ID: movementID("lost"), Kind: inventory.MovementWaste, Containers: -1, Reason: inventory.ReasonLost, By: nurse, At: morning,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("lost one:", balance.OnHand)

	found, err := inventory.Reverse(lost, inventory.Reversal{ID: movementID("found"), By: nurse, At: morning.Add(time.Hour), Reason: inventory.ReasonEnteredInError})
	if err != nil {
		fmt.Println(err)
		return
	}
	balance, err = balance.Apply(found)
	fmt.Println("found it:", balance.OnHand, err)
	// Output:
	// lost one: 100 [arb'U]{onabotulinumtoxinA}
	// found it: 200 [arb'U]{onabotulinumtoxinA} <nil>
}

func ExampleVerify() {
	receipt, err := inventory.Receive(delivery(toxin(), "T100", 2))
	if err != nil {
		fmt.Println(err)
		return
	}
	edited := receipt.Balance
	edited.OnHand = quantity.MustParse("250 [arb'U]{onabotulinumtoxinA}")
	for _, issue := range inventory.Verify([]inventory.Movement{receipt.Movement}, []inventory.Balance{edited}, nil) {
		fmt.Println(issue.Code, "have", issue.Args["have"], "want", issue.Args["want"])
	}
	// Output: inventory.verify.balance have 250 [arb'U]{onabotulinumtoxinA} want 200 [arb'U]{onabotulinumtoxinA}
}
