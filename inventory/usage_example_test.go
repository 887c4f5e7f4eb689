package inventory_test

import (
	"fmt"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
)

// A treatment is charted without a lot. Charting goes on, and the work-list keeps
// what is unreconciled until stock is found for it.
func ExampleBook() {
	booked, err := inventory.Book(inventory.Charted{
		Draw: inventory.Draw{
			ID: movementID("dose"), By: nurse,
			Use: inventory.Use{Product: toxin(), Patient: ann, Quantity: units("20"), At: morning},
		},
		Site:         site,
		Unreconciled: glabella.DeriveID[glabella.UsageID]("dose"),
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(booked.Notice)
	for _, task := range inventory.UsageWorklist([]inventory.Usage{booked.Usage}, morning.Add(48*time.Hour)) {
		fmt.Println(task.Usage.Cause, task.Outstanding, task.Age)
	}

	received, err := inventory.Receive(delivery(toxin(), "T100", 1))
	if err != nil {
		panic(err)
	}
	matched, err := booked.Usage.Match(inventory.Matching{
		ID: movementID("match"), Product: toxin(), Lot: received.Lot, Balance: received.Balance,
		NewVial: glabella.DeriveID[glabella.VialID]("found"), Opening: movementID("opening"), By: other, At: morning.Add(48 * time.Hour),
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(matched.Usage.State, matched.Balance.OnHand)
	// Output:
	// warn: inventory.usage.opened
	// no-lot 20 [arb'U]{onabotulinumtoxinA} 48h0m0s
	// matched 80 [arb'U]{onabotulinumtoxinA}
}

// Two vials go to another site and one of them gets lost.
func ExampleTransfer_Settle() {
	received, err := inventory.Receive(delivery(toxin(), "T100", 3))
	if err != nil {
		panic(err)
	}
	sent, err := plan(received, 2).Ship(shipment(received))
	if err != nil {
		panic(err)
	}
	settled, err := sent.Transfer.Settle(inventory.Settlement{
		Arrivals: []inventory.Arrival{{Lot: received.Lot.ID, Received: 1, Lost: 1, Reason: inventory.ReasonTransitLoss}},
		NewID:    counted("arrival"), Balances: sent.Balances, By: other, At: morning.Add(24 * time.Hour),
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(settled.Transfer.State)
	for _, m := range settled.Movements {
		fmt.Println(m.Kind, m.Quantity, m.Site == branch)
	}
	// Output:
	// settled
	// transfer-in 100 [arb'U]{onabotulinumtoxinA} true
	// transfer-in 100 [arb'U]{onabotulinumtoxinA} false
	// waste -100 [arb'U]{onabotulinumtoxinA} false
}
