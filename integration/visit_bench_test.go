package integration

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/storage/sqlstore"
)

// BenchmarkCompleteVisit completes visits that were prepared before, with one
// and with eight writers at once: stock, charges, event and journal record of
// each in one durable transaction. SQLite waits for the disk at each commit;
// whether PostgreSQL does is what pgtest has started it with.
func BenchmarkCompleteVisit(b *testing.B) {
	for _, db := range []struct {
		name  string
		fresh func(testing.TB) database
	}{{"sqlite", newSQLite}, {"postgres", newPostgreSQL}} {
		for _, writers := range []int{1, 8} {
			b.Run(fmt.Sprintf("%s/%d", db.name, writers), func(b *testing.B) { completeVisits(b, db.fresh(b), writers) })
		}
	}
}

func completeVisits(b *testing.B, d database, writers int) {
	ctx := b.Context()
	backend, err := sqlstore.New(ctx, d.open(b), d.dialect, nil)
	if err != nil {
		b.Fatal(err)
	}
	clinic, err := practicetest.Open(ctx, backend, nil)
	if err != nil {
		b.Fatal(err)
	}
	visits := make([]practicetest.Visit, b.N)
	for n := range visits {
		if visits[n], err = clinic.Prepare(ctx, n+1); err != nil {
			b.Fatal(err)
		}
	}
	var next atomic.Int64
	var group sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	for range writers {
		group.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= b.N {
					return
				}
				if _, err := clinic.CompleteVisit(ctx, clinic.Nurse, practice.CompleteVisit{Encounter: visits[n].Encounter}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "visits/s")
}
