package inventory_test

import (
	"fmt"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
)

// A vial breaks while the count goes on, and one of five is nowhere. What broke
// after the shelf was counted is no difference; the approval gives the change to book.
func ExampleCount() {
	received, err := inventory.Receive(delivery(toxin(), "T100", 5))
	if err != nil {
		panic(err)
	}
	count, err := inventory.OpenCount(inventory.CountOpening{
		ID: glabella.DeriveID[glabella.CountID]("november"), Site: site, Kind: inventory.CountCycle, Blind: true, Lots: []inventory.Lot{received.Lot}, By: owner, At: morning,
	})
	if err != nil {
		panic(err)
	}
	at := func(minutes int) time.Time { return morning.Add(time.Duration(minutes) * time.Minute) }
	count, err = count.Tally(inventory.Tally{Lot: received.Lot, Shelf: inventory.Shelf{Balance: received.Balance}, Found: 4, By: nurse, At: at(1), Now: at(2)})
	if err != nil {
		panic(err)
	}
	sheet := count.Sheet()[0]
	fmt.Println("the counter sees:", sheet.Counted, sheet.Expected == nil)

	balance, broken, err := received.Balance.Change(toxin(), inventory.StockChange{ID: movementID("broken"), Kind: inventory.MovementWaste, Containers: -1, Reason: inventory.ReasonBroken, By: nurse, At: at(3)})
	if err != nil {
		panic(err)
	}
	shelves := []inventory.Shelf{{Balance: balance, Movements: []inventory.Movement{broken}}}
	if count, err = count.Submit(inventory.CountSubmission{By: nurse, At: at(4)}); err != nil {
		panic(err)
	}
	if count, err = count.Reconcile(inventory.Reconciliation{Shelves: shelves, By: other, At: at(5)}); err != nil {
		panic(err)
	}
	count, changes, err := count.Approve(inventory.CountApproval{Shelves: shelves, NewID: counted("adjust"), By: owner, At: at(6)})
	if err != nil {
		panic(err)
	}
	balances, movements, err := inventory.BookChanges([]inventory.Product{toxin()}, []inventory.Balance{balance}, changes)
	if err != nil {
		panic(err)
	}
	fmt.Println(count.State, movements[0].Kind, movements[0].Reason, movements[0].Containers)
	fmt.Println("on the shelf:", balances[0].Sealed)
	// Output:
	// the counter sees: true true
	// approved adjust unaccounted -1
	// on the shelf: 3
}

func ExampleReorder() {
	received, err := inventory.Receive(delivery(toxin(), "T100", 9))
	if err != nil {
		panic(err)
	}
	suggestions, err := inventory.Reorder(
		[]inventory.ParLevel{{Product: toxin().ID, Site: site, Min: 6, Par: 15, LeadDays: 4, Unit: "vial", Pack: "box"}},
		inventory.StockFacts{
			Lots: []inventory.Lot{received.Lot}, Balances: []inventory.Balance{received.Balance}, On: today,
			Usage: uses("30", 30),
			Items: []inventory.CatalogueItem{{Product: toxin().ID, Packs: []inventory.Pack{{Unit: "box", Contains: inventory.Whole(5), Of: "vial"}}}},
		})
	if err != nil {
		panic(err)
	}
	for _, s := range suggestions {
		fmt.Printf("%d on hand, %d used until it arrives: order %d × %s, %d containers\n", s.OnHand, s.Used, s.Packs, s.Pack, s.Containers)
	}
	// Output: 9 on hand, 4 used until it arrives: order 2 × box, 10 containers
}

// A fridge was at 14 °C in the night. What it held is set aside until the
// manufacturer answers.
func ExampleExcursion() {
	received, err := inventory.Receive(delivery(toxin(), "T100", 2))
	if err != nil {
		panic(err)
	}
	excursion := warm()
	lots := excursion.Affected(inventory.StorageFacts{
		Places:    []inventory.StoragePlace{{Lot: received.Lot.ID, Site: site, Storage: "fridge-1", From: received.Movement.At}},
		Movements: []inventory.Movement{received.Movement},
	})
	excursion, changes, err := excursion.Hold(inventory.ExcursionHold{Lots: lots, Balances: []inventory.Balance{received.Balance}, NewID: counted("hold"), By: nurse, At: morning})
	if err != nil {
		panic(err)
	}
	balances, _, err := inventory.BookChanges([]inventory.Product{toxin()}, []inventory.Balance{received.Balance}, changes)
	if err != nil {
		panic(err)
	}
	fmt.Println(excursion.State, "on the shelf:", balances[0].Sealed, "set aside:", balances[0].Held)

	excursion, changes, err = excursion.Decide(inventory.ExcursionDecision{
		Lot: received.Lot.ID, Disposition: inventory.DispositionWaste, Basis: inventory.BasisManufacturer, Document: "answer 118", NewID: counted("decide"), By: owner, At: morning.Add(24 * time.Hour),
	})
	if err != nil {
		panic(err)
	}
	balances, _, err = inventory.BookChanges([]inventory.Product{toxin()}, balances, changes)
	if err != nil {
		panic(err)
	}
	excursion, err = excursion.Close(inventory.ExcursionClosing{By: owner, At: morning.Add(24 * time.Hour)})
	fmt.Println(excursion.State, "on the shelf:", balances[0].Sealed, "set aside:", balances[0].Held, err)
	// Output:
	// held on the shelf: 0 set aside: 2
	// closed on the shelf: 0 set aside: 0 <nil>
}

func ExampleUsageReportOf() {
	v := inventory.Vial{ID: vialID("V1"), Lot: lotID("T1"), Site: site, Product: toxin().ID, Nominal: units("100"), Remaining: units("0"), OpenedAt: morning, OpenedBy: nurse, State: inventory.VialDiscarded}
	wasted := given("rest", "", "65")
	wasted.Kind, wasted.Reason = inventory.MovementWaste, inventory.ReasonUnused
	report, err := inventory.UsageReportOf(inventory.UsageFacts{
		Charted:   []inventory.ChartedAmount{charting("frown-lines", "p1", "20")},
		Movements: []inventory.Movement{given("draw", "p1", "25"), wasted},
		Vials:     []inventory.Vial{v},
	})
	if err != nil {
		panic(err)
	}
	r := report.Rows[0]
	fmt.Println(r.Treatment, "charted", r.Charted.Value(), "drawn", r.Drawn.Value(), "difference", r.Difference.Value())
	fmt.Println("wasted", r.Wasted.Value(), "missing", r.Unaccounted.Value())
	fmt.Println("yield of the vial", report.Vials[0].Yield)
	// Output:
	// frown-lines charted 20 drawn 25 difference -5
	// wasted 65 missing 10
	// yield of the vial 0.25
}
