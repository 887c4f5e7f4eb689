package integration

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/sqlstore"
)

// BenchmarkRecall asks the store who received a lot: 100 patients among a million
// administrations. It reports the median. Writing the administrations takes minutes.
func BenchmarkRecall(b *testing.B) {
	for _, db := range []struct {
		name  string
		fresh func(testing.TB) database
	}{{"sqlite", newSQLite}, {"postgres", newPostgreSQL}} {
		b.Run(db.name, func(b *testing.B) { recallStored(b, db.fresh(b)) })
	}
}

func recallStored(b *testing.B, d database) {
	const administrations, perLot, batch = 1_000_000, 100, 2000
	ctx := b.Context()
	backend, err := sqlstore.New(ctx, d.open(b), d.dialect, nil)
	if err != nil {
		b.Fatal(err)
	}
	given := quantity.MustParse("-20 [arb'U]{onabotulinumtoxinA}")
	lot := func(n int) glabella.LotID { return glabella.DeriveID[glabella.LotID](fmt.Sprint(n)) }
	site, nurse, product := glabella.DeriveID[glabella.SiteID]("site"), glabella.DeriveID[glabella.StaffID]("nurse"), glabella.DeriveID[glabella.ProductID]("toxin")
	day := time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	for from := 0; from < administrations; from += batch {
		if err := backend.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
			for n := from; n < from+batch; n++ {
				if err := tx.Movements().Put(ctx, inventory.Movement{
					ID: glabella.DeriveID[glabella.MovementID](fmt.Sprint(n)), Meta: glabella.Meta{Version: 1}, Kind: inventory.MovementAdminister, Lot: lot(n % (administrations / perLot)),
					Site: site, Product: product, Vial: glabella.DeriveID[glabella.VialID](fmt.Sprint(n / 5)), Quantity: given, By: nurse, At: day.Add(time.Duration(n) * time.Minute),
					Encounter: glabella.DeriveID[glabella.EncounterID](fmt.Sprint(n)), Patient: glabella.DeriveID[glabella.PatientID](fmt.Sprint(n)),
				}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
	var took []time.Duration
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; b.Loop(); n++ {
		start := time.Now()
		var who []glabella.PatientID
		if err := backend.View(ctx, func(ctx context.Context, tx storage.Tx) error {
			for m, err := range tx.Movements().List(ctx, storage.MovementQuery{Lot: lot(n * 7919 % (administrations / perLot))}) {
				if err != nil {
					return err
				}
				who = append(who, m.Patient)
			}
			return nil
		}); err != nil || len(who) != perLot {
			b.Fatalf("%d patients: %v", len(who), err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "p50-ns")
}
