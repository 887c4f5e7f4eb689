package inventory_test

import (
	"fmt"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
)

// An index answers who received a lot, and who may have because nobody charted
// one.
func ExampleIndex_Trace() {
	x := inventory.NewIndex()
	p := toxin()
	r, err := inventory.Receive(delivery(p, "T100", 1))
	if err != nil {
		fmt.Println(err)
		return
	}
	x.Apply(p)
	x.Apply(r.Lot)
	x.Apply(r.Balance)
	x.Apply(r.Movement)

	given, err := inventory.Book(inventory.Charted{
		Draw: inventory.Draw{Use: inventory.Use{Product: p, Patient: ann, Quantity: units("20"), At: morning}, By: nurse},
		Site: site, Unreconciled: glabella.DeriveID[glabella.UsageID]("charted without a lot"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	x.Apply(given.Usage)

	t := x.Trace(r.Lot.ID)
	fmt.Println("known to have received it:", len(t.Patients()))
	for _, s := range t.Suspects {
		fmt.Println("may have received it:", s.Quantity, "on", s.At.Format(time.DateOnly))
	}
	fmt.Println("left:", t.Stock[0].OnHand)
	// Output:
	// known to have received it: 0
	// may have received it: 20 [arb'U]{onabotulinumtoxinA} on 2026-11-23
	// left: 100 [arb'U]{onabotulinumtoxinA}
}

// A recall case has a task for everybody whom the traces name.
func ExampleOpenRecall() {
	trace := inventory.LotTrace{Lot: glabella.DeriveID[glabella.LotID]("T100"), Exposures: []inventory.Exposure{{Patient: ann, Basis: inventory.ExposureMoved}}}
	c, err := inventory.OpenRecall(inventory.RecallOpening{
		ID: glabella.DeriveID[glabella.RecallCaseID]("example"), Reference: "Z-1234-2026", Class: inventory.RecallClassII,
		Lots: []glabella.LotID{trace.Lot}, By: nurse, At: morning,
	}, trace)
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err = c.Contact(ann, inventory.ContactAttempt{Channel: inventory.RecallByPhone, Outcome: inventory.ContactInformed, By: nurse, At: morning})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%+v\n", c.Progress())
	// Output:
	// {Pending:0 Informed:1 Acknowledged:0 Unreachable:0 Excused:0 Cleared:0 Exposed:1 Suspected:0}
}
