package integration

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/docstore"
	"github.com/glabella-ehr/glabella/storage/sqlstore"
)

// behind opens the clinic on the database.
func behind(t *testing.T, db *sql.DB) (*practicetest.Clinic, *docstore.Backend) {
	t.Helper()
	backend, err := sqlstore.New(t.Context(), db, sqlstore.SQLite, nil)
	if err != nil {
		t.Fatal(err)
	}
	clinic, err := practicetest.Open(t.Context(), backend, nil)
	if err != nil {
		t.Fatal(err)
	}
	return clinic, backend
}

// checkpointOf signs and opens a checkpoint of the clinic's log.
func checkpointOf(t *testing.T, clinic *practicetest.Clinic) audit.Checkpoint {
	t.Helper()
	secret, public, err := note.GenerateKey(rand.Reader, "test.example/audit")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	msg, err := clinic.Checkpoint(t.Context(), clinic.Director, "test.example/audit", signer)
	if err != nil {
		t.Fatal(err)
	}
	c, err := audit.OpenCheckpoint(msg, note.VerifierList(verifier))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Whoever edits the database's file is found out.
func TestTamperingBehindTheLibrarysBackIsFound(t *testing.T) {
	t.Parallel()
	execute := func(statement string, args ...any) func(t *testing.T, db *sql.DB) {
		return func(t *testing.T, db *sql.DB) {
			t.Helper()
			r, err := db.ExecContext(t.Context(), statement, args...)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := r.RowsAffected(); n == 0 || err != nil {
				t.Fatalf("%s changed %d rows, %v", statement, n, err)
			}
		}
	}
	for _, tt := range []struct {
		name       string
		edit       func(t *testing.T, db *sql.DB)
		tampered   bool // the journal is not what it was
		code       glabella.Code
		checkpoint bool // only the checkpoint that was kept elsewhere shows it in the journal
	}{
		{name: "an untouched file verifies"},
		{name: "a journal record that was altered", tampered: true,
			edit: execute(`UPDATE glabella_journal SET bytes = CAST(replace(CAST(bytes AS TEXT), '"outcome":"done"', '"outcome":"read"') AS BLOB) WHERE seq = 12`)},
		{name: "a journal record that was dropped", tampered: true, edit: execute(`DELETE FROM glabella_journal WHERE seq = 7`)},
		{name: "two journal records that changed places", tampered: true, edit: func(t *testing.T, db *sql.DB) {
			execute(`UPDATE glabella_journal SET seq = 100000 WHERE seq = 5`)(t, db)
			execute(`UPDATE glabella_journal SET seq = 5 WHERE seq = 6`)(t, db)
			execute(`UPDATE glabella_journal SET seq = 6 WHERE seq = 100000`)(t, db)
		}},
		{name: "two journal records whose contents changed places", tampered: true, edit: func(t *testing.T, db *sql.DB) {
			execute(`UPDATE glabella_journal SET bytes = (SELECT o.bytes FROM glabella_journal o WHERE o.seq = 17 - glabella_journal.seq) WHERE seq IN (8, 9)`)(t, db)
		}},
		{name: "a journal whose last records were cut off", tampered: true, edit: execute(`DELETE FROM glabella_journal WHERE seq >= (SELECT max(seq) FROM glabella_journal) - 2`)},
		{name: "a hash that was altered", tampered: true, edit: execute(`UPDATE glabella_journal SET hashes = zeroblob(length(hashes)) WHERE seq = 10`)},
		{name: "a head that was altered", tampered: true, edit: execute(`UPDATE glabella_head SET frontier = zeroblob(length(frontier))`)},
		{name: "a journal that was cut off together with its head", tampered: true, checkpoint: true, code: storage.CodeUnjournaled, edit: cutOff},
		{name: "a record that was appended with a consistent head", tampered: true, checkpoint: true, edit: rewriteLast},
		{name: "a clinical record that was altered", code: storage.CodeTampered,
			edit: execute(`UPDATE glabella_document SET body = CAST(replace(CAST(body AS TEXT), 'Test Clinic', 'Best Clinic') AS BLOB) WHERE kind = 'note' AND version = 1`)},
		{name: "an amount that was altered", code: storage.CodeTampered,
			edit: execute(`UPDATE glabella_document SET body = CAST(replace(CAST(body AS TEXT), 'USD 200.00', 'USD 100.00') AS BLOB) WHERE kind = 'invoice' AND CAST(body AS TEXT) LIKE '%USD 200.00%'`)},
		{name: "a version that was removed", code: storage.CodeMissing, edit: func(t *testing.T, db *sql.DB) {
			execute(`DELETE FROM glabella_document WHERE kind = 'movement'`)(t, db)
			execute(`DELETE FROM glabella_key WHERE kind = 'movement'`)(t, db)
		}},
		{name: "a record that was put there", code: storage.CodeUnjournaled, edit: func(t *testing.T, db *sql.DB) {
			const other = "0190a000-0000-7000-8000-00000000abcd"
			execute(`INSERT INTO glabella_document (tenant, kind, id, version, keys, body) SELECT tenant, kind, ?, version, keys, CAST(replace(CAST(body AS TEXT), id, ?) AS BLOB) FROM glabella_document WHERE kind = 'allergy' OR kind = 'movement' LIMIT 1`, other, other)(t, db)
			execute(`INSERT INTO glabella_key (tenant, kind, name, value, id) SELECT tenant, kind, '', x'', ? FROM glabella_document WHERE id = ?`, other, other)(t, db)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newSQLite(t)
			clinic, _ := behind(t, d.open(t))
			for n := 1; n <= 2; n++ {
				if _, err := clinic.Visit(t.Context(), n); err != nil {
					t.Fatal(err)
				}
			}
			kept := checkpointOf(t, clinic)
			if tt.edit != nil {
				tt.edit(t, d.open(t))
			}
			again, err := openAgain(t, d)
			if err != nil { // the library does not even append to such a journal
				if !tt.tampered || !errors.Is(err, audit.ErrTampered) {
					t.Fatalf("open = %v", err)
				}
				return
			}
			_, err = again.VerifyAudit(t.Context(), again.Director, &audit.VerifyOptions{Checkpoints: []audit.Checkpoint{kept}})
			var tampered *audit.TamperError
			if got := errors.As(err, &tampered); got != tt.tampered {
				t.Errorf("VerifyAudit with the checkpoint = %v, want a tamper error: %v", err, tt.tampered)
			}
			if tt.tampered && !tt.checkpoint {
				if _, err := again.VerifyAudit(t.Context(), again.Director, nil); !errors.As(err, &tampered) {
					t.Errorf("VerifyAudit without a checkpoint = %v, want a tamper error", err)
				}
			}
			if tt.code != "" {
				_, err := again.VerifyAudit(t.Context(), again.Director, nil)
				var invalid *glabella.ValidationError
				if !errors.As(err, &invalid) || invalid.Issues[0].Code != tt.code {
					t.Errorf("VerifyAudit = %v, want %s", err, tt.code)
				}
			}
			if tt.edit == nil && err != nil {
				t.Errorf("VerifyAudit = %v", err)
			}
		})
	}
}

// openAgain opens the clinic once more. Setting it up has been done, so that it
// appends nothing but what the journal's readers leave.
func openAgain(t *testing.T, d database) (*practicetest.Clinic, error) {
	t.Helper()
	backend, err := sqlstore.New(t.Context(), d.open(t), d.dialect, nil)
	if err != nil {
		return nil, err
	}
	return practicetest.Open(t.Context(), backend, nil)
}

// journal is the driver's journal within a transaction.
func inJournal(t *testing.T, db *sql.DB, fn func(ctx context.Context, j audit.Journal) error) {
	t.Helper()
	backend, err := sqlstore.New(t.Context(), db, sqlstore.SQLite, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := backend.Update(t.Context(), func(ctx context.Context, tx storage.Tx) error { return fn(ctx, tx.Journal()) }); err != nil {
		t.Fatal(err)
	}
}

// rebuild empties the journal and appends the records again, so that hashes and
// head are consistent: what someone does who knows the library.
func rebuild(t *testing.T, db *sql.DB, change func([]audit.Record) []audit.Record) {
	t.Helper()
	var records []audit.Record
	inJournal(t, db, func(ctx context.Context, j audit.Journal) error {
		for e, err := range j.Entries(ctx, 0, 0) {
			if err != nil {
				return err
			}
			rec, err := audit.ParseRecord(e.Bytes)
			if err != nil {
				return err
			}
			records = append(records, rec)
		}
		return nil
	})
	for _, statement := range []string{`DELETE FROM glabella_journal`, `UPDATE glabella_head SET size = 0, frontier = x''`} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	inJournal(t, db, func(ctx context.Context, j audit.Journal) error {
		for _, rec := range change(records) {
			if _, err := audit.Add(ctx, j, rec); err != nil {
				return err
			}
		}
		return nil
	})
}

func cutOff(t *testing.T, db *sql.DB) {
	rebuild(t, db, func(records []audit.Record) []audit.Record { return records[:len(records)-6] })
}

func rewriteLast(t *testing.T, db *sql.DB) {
	rebuild(t, db, func(records []audit.Record) []audit.Record {
		last := &records[len(records)-2]
		last.Action = "patient.read"
		return records
	})
}

// Proofs of a log that was reopened hold, and say nothing of another log.
func TestProofsHoldAfterReopening(t *testing.T) {
	t.Parallel()
	d := newSQLite(t)
	clinic, _ := behind(t, d.open(t))
	if _, err := clinic.Visit(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	older := checkpointOf(t, clinic)
	if _, err := clinic.Visit(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	again, _ := behind(t, d.open(t))
	newer := checkpointOf(t, again)
	consistency, err := again.ProveConsistency(t.Context(), again.Director, older.Size, newer.Size)
	if err != nil {
		t.Fatal(err)
	}
	if err := consistency.Verify(older.Root, newer.Root); err != nil {
		t.Errorf("consistency = %v", err)
	}
	if err := consistency.Verify(newer.Root, older.Root); err == nil {
		t.Error("consistency holds with the roots exchanged")
	}
	records, err := again.Journal(t.Context(), again.Director, 0, int(newer.Size))
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range records {
		inclusion, err := again.ProveInclusion(t.Context(), again.Director, rec.Seq, newer.Size)
		if err != nil {
			t.Fatal(err)
		}
		if err := inclusion.Verify(rec.Bytes(), newer.Root); err != nil {
			t.Errorf("inclusion of record %d = %v", rec.Seq, err)
		}
		forged := bytes.Replace(rec.Bytes(), []byte(`"action":"`), []byte(`"action":"x`), 1)
		if err := inclusion.Verify(forged, newer.Root); err == nil || strings.Contains(err.Error(), string(forged)) {
			t.Errorf("inclusion of a forged record = %v", err)
		}
	}
}
