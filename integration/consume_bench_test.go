package integration

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
)

// BenchmarkConsume uses up what is on hand of one lot, with eight callers at once,
// durably: "practice" by the command with access, journal and events, "bare" by a
// transaction of the driver that reads the balance, writes it and adds a row.
func BenchmarkConsume(b *testing.B) {
	const callers = 8
	b.Run("practice", func(b *testing.B) {
		ctx := b.Context()
		c, err := practicetest.Open(ctx, sqlBackend(b, newSQLite(b)), nil)
		if err != nil {
			b.Fatal(err)
		}
		for n := 0; n < b.N; n += 9999 {
			if _, err := c.ReceiveStock(ctx, c.Store, practice.ReceiveStock{Document: fmt.Sprint("D-", n), Supplier: "Test Supplier", Lines: []practice.ReceiveLine{
				{Scan: "]d201" + practicetest.ToxinGTIN + "1731123110LOT\x1d309999", UnitCost: money.MustParse("USD 420.00")},
			}}); err != nil {
				b.Fatal(err)
			}
		}
		atOnce(b, callers, func(int) error {
			_, err := c.ChangeStock(ctx, c.Store, practice.ChangeStock{Lot: "LOT", Kind: inventory.MovementConsume, Containers: -1})
			return err
		})
	})
	b.Run("bare", func(b *testing.B) {
		ctx := b.Context()
		d := newSQLite(b)
		d.source += "?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=busy_timeout(60000)&_txlock=immediate"
		db := d.open(b)
		for _, q := range []string{"CREATE TABLE balance (id TEXT PRIMARY KEY, body TEXT)", "CREATE TABLE movement (id TEXT PRIMARY KEY, lot TEXT, body TEXT)"} {
			if _, err := db.ExecContext(ctx, q); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := db.ExecContext(ctx, "INSERT INTO balance VALUES ('lot', ?)", fmt.Sprint(b.N)); err != nil {
			b.Fatal(err)
		}
		row := make([]byte, 600)
		atOnce(b, callers, func(int) error {
			tx, err := db.BeginTx(ctx, nil)
			if err != nil {
				return err
			}
			defer func() { _ = tx.Rollback() }()
			var left int
			if err := tx.QueryRowContext(ctx, "SELECT body FROM balance WHERE id = 'lot'").Scan(&left); err != nil {
				return err
			}
			if left < 1 {
				return fmt.Errorf("nothing is left")
			}
			if _, err := tx.ExecContext(ctx, "UPDATE balance SET body = ? WHERE id = 'lot'", fmt.Sprint(left-1)); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, "INSERT INTO movement VALUES (?, 'lot', ?)", uuid.NewString(), row); err != nil {
				return err
			}
			return tx.Commit()
		})
	})
}

// atOnce calls f b.N times from several callers.
func atOnce(b *testing.B, callers int, f func(n int) error) {
	b.Helper()
	var next atomic.Int64
	var group sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	for range callers {
		group.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= b.N {
					return
				}
				if err := f(n); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	b.StopTimer()
}
