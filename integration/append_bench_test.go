package integration

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/storage"
)

// BenchmarkAppend adds a record to the journal, durably, with one caller and with
// 64: "bare" is an insert and a commit of the driver of the same bytes, "journal" is
// [audit.Add] in an update of the store.
func BenchmarkAppend(b *testing.B) {
	nurse := glabella.DeriveID[glabella.StaffID]("nurse")
	record := audit.Record{
		At: time.Date(2026, time.November, 23, 15, 4, 5, 0, time.UTC), Action: "encounter.chart", Outcome: audit.Done,
		Actor: glabella.StaffActor(nurse, glabella.DeriveID[glabella.SiteID]("site")), Subject: glabella.DeriveID[glabella.PatientID]("patient").Ref(),
		Changes: []audit.Change{{Ref: glabella.DeriveID[glabella.EncounterID]("visit").Ref(), Before: 3, After: 4, Digest: audit.Digest([]byte("x")), Fields: []string{"procedures"}}},
	}
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("bare/%d", callers), func(b *testing.B) {
			ctx := b.Context()
			d := newSQLite(b)
			d.source += "?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=busy_timeout(60000)&_txlock=immediate"
			db := d.open(b)
			if _, err := db.ExecContext(ctx, "CREATE TABLE journal (id TEXT PRIMARY KEY, bytes BLOB)"); err != nil {
				b.Fatal(err)
			}
			row := make([]byte, 480)
			atOnce(b, callers, func(int) error {
				tx, err := db.BeginTx(ctx, nil)
				if err != nil {
					return err
				}
				defer func() { _ = tx.Rollback() }()
				if _, err := tx.ExecContext(ctx, "INSERT INTO journal VALUES (?, ?)", uuid.NewString(), row); err != nil {
					return err
				}
				return tx.Commit()
			})
		})
		b.Run(fmt.Sprintf("journal/%d", callers), func(b *testing.B) {
			ctx := b.Context()
			backend := sqlBackend(b, newSQLite(b))
			atOnce(b, callers, func(int) error {
				return backend.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
					_, err := audit.Add(ctx, tx.Journal(), record)
					return err
				})
			})
		})
	}
}
