package integration

import (
	"context"
	"fmt"
	"testing"

	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/storage/docstore"
)

// benchmarked is a database with 10 000 documents, a hundred under each code.
func benchmarked(b *testing.B, d database) docstore.Driver {
	b.Helper()
	driver := d.driver(b, nil)
	var docs []docstore.Document
	for n := range 10000 {
		docs = append(docs, document(fmt.Sprintf("%05d", n), 1, fmt.Sprintf("%02d", n%100)))
	}
	if err := put(b.Context(), driver, docs...); err != nil {
		b.Fatal(err)
	}
	return driver
}

func benchmarkEach(b *testing.B, run func(b *testing.B, driver docstore.Driver)) {
	b.Run("SQLite", func(b *testing.B) { run(b, benchmarked(b, newSQLite(b))) })
	b.Run("PostgreSQL", func(b *testing.B) { run(b, benchmarked(b, newPostgreSQL(b))) })
}

// BenchmarkUpdate is a transaction with one new document and its journal entry.
func BenchmarkUpdate(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, driver docstore.Driver) {
		entry := make([]byte, 500)
		for n := 0; b.Loop(); n++ {
			if err := driver.Update(b.Context(), func(ctx context.Context, tx docstore.DriverTx) error {
				if err := tx.Put(ctx, document(fmt.Sprintf("new-%d", n), 1, "new")); err != nil {
					return err
				}
				h, err := tx.Head(ctx)
				if err != nil {
					return err
				}
				return tx.Append(ctx, audit.Entry{Seq: h.Size, Bytes: entry}, audit.Head{Size: h.Size + 1})
			}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkGet is a transaction with one read.
func BenchmarkGet(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, driver docstore.Driver) {
		for n := 0; b.Loop(); n++ {
			if err := driver.View(b.Context(), func(ctx context.Context, tx docstore.DriverTx) error {
				_, err := tx.Get(ctx, "widget", fmt.Sprintf("%05d", n%10000), 0)
				return err
			}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkRange100 is a transaction that reads the hundred documents of a code.
func BenchmarkRange100(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, driver docstore.Driver) {
		for b.Loop() {
			if err := driver.View(b.Context(), func(ctx context.Context, tx docstore.DriverTx) error {
				n := 0
				for _, err := range tx.Range(ctx, docstore.Range{Kind: "widget", Index: "code", From: "42", To: "42\x00"}) {
					if err != nil {
						return err
					}
					n++
				}
				if n != 100 {
					return fmt.Errorf("got %d documents, want 100", n)
				}
				return nil
			}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
