package practice_test

import (
	"context"
	"fmt"
	"time"

	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/memory"
)

// A manufacturer recalls a lot: it is held everywhere, whoever received it is on a
// list with a letter, and the case stays open while anything is left to do.
func ExamplePractice_OpenRecall() {
	ctx := context.Background()
	clinic, err := practicetest.Open(ctx, memory.New(), &practice.Options{Now: func() time.Time { return time.Date(2026, time.November, 23, 15, 0, 0, 0, time.UTC) }})
	if err != nil {
		fmt.Println(err)
		return
	}
	visit, err := clinic.Visit(ctx, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	opened, err := clinic.OpenRecall(ctx, clinic.Director, practice.OpenRecall{Reference: "Z-0042-2026", Class: inventory.RecallClassII, Lots: []string{visit.LotNumber}})
	fmt.Println(opened.State, opened.Progress.Exposed, "exposed", err)

	letters, _ := clinic.RecallLetter(ctx, clinic.Director, practice.RecallLetter{Recall: opened.Recall, Patient: visit.Patient, Contact: "+1 512 555 0100"})
	fmt.Println(letters.Letters[0].Subject)
	told := practice.StepRecallTask{Recall: opened.Recall, Patient: visit.Patient, Step: practice.RecallContact, Channel: inventory.RecallByPhone, Outcome: inventory.ContactInformed}
	if _, err := clinic.StepRecallTask(ctx, clinic.Director, told); err != nil {
		fmt.Println(err)
	}
	status, _ := clinic.Recall(ctx, clinic.Director, opened.Recall)
	for _, r := range status.Closable.Reasons {
		fmt.Println(r.Code, r.Text)
	}
	// Output:
	// open 1 exposed <nil>
	// Recall of Botox Cosmetic 100 U, lot T00001
	// inventory.recall.stock something of the lot is still at the site
	// inventory.recall.vial a container with something of the lot is still in use
	// inventory.recall.unacknowledged patients were told and have not confirmed it
}

// A host that traces lots all day keeps the whole index in memory; it follows the
// journal and takes up what other processes write.
func Example_liveTrace() {
	ctx := context.Background()
	backend := memory.New()
	clinic, err := practicetest.Open(ctx, backend, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	x := inventory.NewIndex()
	live := storage.NewDerived(
		storage.From(storage.Tx.Products, x.PutProduct), storage.From(storage.Tx.Lots, x.PutLot), storage.From(storage.Tx.Balances, x.PutBalance),
		storage.From(storage.Tx.Movements, x.PutMovement), storage.From(storage.Tx.Vials, x.PutVial), storage.From(storage.Tx.Usages, x.PutUsage),
		storage.From(storage.Tx.Transfers, x.PutTransfer),
	)
	store := storage.NewStore(backend, nil)
	for n := range 2 {
		visit, err := clinic.Visit(ctx, n)
		if err != nil {
			fmt.Println(err)
			return
		}
		if err := live.CatchUp(ctx, store); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(len(x.Recall(visit.Lot)), len(x.Lots(visit.Patient))) // the lots are that of the toxin and that of the saline
	}
	// Output:
	// 1 2
	// 1 2
}
