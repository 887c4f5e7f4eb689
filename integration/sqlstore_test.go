package integration

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/storage/docstore"
	"github.com/glabella-ehr/glabella/storage/sqlstore"
)

var widgets = docstore.Range{Kind: "widget"}

func TestRecordsOutliveTheHandle(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d database) {
		db := d.open(t)
		first, err := sqlstore.NewDriver(t.Context(), db, d.dialect, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := first.Update(t.Context(), func(ctx context.Context, tx docstore.DriverTx) error {
			return errors.Join(
				tx.Put(ctx, document("a", 1, "old")),
				tx.Put(ctx, document("a", 2, "new")),
				tx.Append(ctx, audit.Entry{Seq: 0, Bytes: []byte("entry")}, audit.Head{Size: 1, Frontier: []byte("frontier")}),
			)
		}); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		again := d.driver(t, nil)
		if got, want := idsOf(t, again, docstore.Range{Kind: "widget", Index: "code", From: "new"}), []string{"a"}; !slices.Equal(got, want) {
			t.Errorf("documents with the new code after reopening = %v, want %v", got, want)
		}
		if err := put(t.Context(), again, document("a", 3)); err != nil {
			t.Errorf("put of the next version after reopening: %v", err)
		}
		if got := idsOf(t, again, docstore.Range{Kind: "widget", Index: "code"}); len(got) > 0 {
			t.Errorf("documents with a code after it was dropped = %v, want none", got)
		}
		if err := again.View(t.Context(), func(ctx context.Context, tx docstore.DriverTx) error {
			h, err := tx.Head(ctx)
			if want := (audit.Head{Size: 1, Frontier: []byte("frontier")}); !cmp.Equal(h, want) {
				t.Errorf("head after reopening = %v, want %v", h, want)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestTenantsDoNotMix(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d database) {
		north, south := d.driver(t, &sqlstore.Options{Tenant: "north"}), d.driver(t, &sqlstore.Options{Tenant: "nort"})
		for _, tenant := range []struct {
			driver *sqlstore.Driver
			docs   []docstore.Document
		}{
			{north, []docstore.Document{document("a", 1, "x"), document("b", 1, "x"), document("a", 2, "y")}},
			{south, []docstore.Document{document("a", 1, "x"), document("c", 1, "y")}},
		} {
			if err := tenant.driver.Update(t.Context(), func(ctx context.Context, tx docstore.DriverTx) error {
				for n, doc := range tenant.docs {
					entry := audit.Entry{Seq: uint64(n), Bytes: []byte(doc.ID)}
					if err := errors.Join(tx.Put(ctx, doc), tx.Append(ctx, entry, audit.Head{Size: uint64(n) + 1})); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		for _, tt := range []struct {
			name    string
			driver  *sqlstore.Driver
			all     []string
			byCode  []string
			entries int
		}{
			{"north", north, []string{"a", "b"}, []string{"b"}, 3},
			{"south", south, []string{"a", "c"}, []string{"a"}, 2},
		} {
			if got := idsOf(t, tt.driver, widgets); !slices.Equal(got, tt.all) {
				t.Errorf("%s: documents = %v, want %v", tt.name, got, tt.all)
			}
			if got := idsOf(t, tt.driver, docstore.Range{Kind: "widget", Index: "code", From: "x", To: "x\x00"}); !slices.Equal(got, tt.byCode) {
				t.Errorf("%s: documents with code x = %v, want %v", tt.name, got, tt.byCode)
			}
			if err := tt.driver.View(t.Context(), func(ctx context.Context, tx docstore.DriverTx) error {
				n := 0
				for _, err := range tx.Records(ctx, 0, 0) {
					if err != nil {
						return err
					}
					n++
				}
				if n != tt.entries {
					t.Errorf("%s: %d journal entries, want %d", tt.name, n, tt.entries)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// tables returns everything that is stored, as text.
func tables(t *testing.T, db *sql.DB) string {
	t.Helper()
	var out strings.Builder
	for _, table := range []string{"glabella_schema", "glabella_document", "glabella_key", "glabella_journal", "glabella_head"} {
		rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+table+" ORDER BY 1, 2")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			fmt.Fprint(&out, table)
			for _, v := range values {
				fmt.Fprintf(&out, " %v", *v.(*any))
			}
			fmt.Fprintln(&out)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

func TestDatabaseOfANewerVersionIsLeftAlone(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d database) {
		db := d.open(t)
		if _, err := sqlstore.New(t.Context(), db, d.dialect, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), "INSERT INTO glabella_schema (version, name) VALUES (99, 'future')"); err != nil {
			t.Fatal(err)
		}
		before := tables(t, db)
		_, err := sqlstore.New(t.Context(), db, d.dialect, &sqlstore.Options{Tenant: "another"})
		var newer *sqlstore.VersionError
		if !errors.As(err, &newer) || newer.Have != 99 || newer.Want >= 99 || newer.Want < 1 {
			t.Errorf("New on a newer database = %v, want a version error with 99", err)
		}
		if diff := cmp.Diff(before, tables(t, db)); diff != "" {
			t.Errorf("tables after a refused New (-before +after):\n%s", diff)
		}
	})
}

func TestSeveralHandlesOpenANewDatabaseAtOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d database) {
		var wg sync.WaitGroup
		for n := range 6 {
			db := d.open(t)
			wg.Go(func() {
				driver, err := sqlstore.NewDriver(t.Context(), db, d.dialect, nil)
				if err == nil {
					err = put(t.Context(), driver, document(fmt.Sprint(n), 1))
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got, want := idsOf(t, d.driver(t, nil), widgets), []string{"0", "1", "2", "3", "4", "5"}; !slices.Equal(got, want) {
			t.Errorf("documents = %v, want %v", got, want)
		}
	})
}

func TestHandlesOnOneDatabaseShareTheJournal(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d database) {
		const handles, times = 4, 25
		var wg sync.WaitGroup
		for range handles {
			driver := d.driver(t, nil)
			wg.Go(func() {
				for range times {
					err := driver.Update(t.Context(), func(ctx context.Context, tx docstore.DriverTx) error {
						h, err := tx.Head(ctx)
						if err != nil {
							return err
						}
						doc, err := tx.Get(ctx, "widget", "counter", 0)
						if err != nil && !errors.Is(err, glabella.ErrNotFound) {
							return err
						}
						return errors.Join(
							tx.Put(ctx, document("counter", doc.Version+1, fmt.Sprint(doc.Version))),
							tx.Append(ctx, audit.Entry{Seq: h.Size}, audit.Head{Size: h.Size + 1}),
						)
					})
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		driver := d.driver(t, nil)
		if err := driver.View(t.Context(), func(ctx context.Context, tx docstore.DriverTx) error {
			h, err := tx.Head(ctx)
			if err != nil {
				return err
			}
			doc, err := tx.Get(ctx, "widget", "counter", 0)
			if err != nil {
				return err
			}
			if h.Size != handles*times || doc.Version != handles*times {
				t.Errorf("after %d updates: %d journal entries and version %d, want as many", handles*times, h.Size, doc.Version)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if got := idsOf(t, driver, docstore.Range{Kind: "widget", Index: "code"}); len(got) != 1 {
			t.Errorf("keys of one document = %v, want the newest only", got)
		}
	})
}

// TestStatementThatFailedEndsTheTransaction is about a closure that goes on
// although one of its statements was interrupted. SQLite has rolled the
// transaction back by then.
func TestStatementThatFailedEndsTheTransaction(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d database) {
		driver := d.driver(t, nil)
		err := driver.Update(t.Context(), func(ctx context.Context, tx docstore.DriverTx) error {
			if err := tx.Put(ctx, document("a", 1)); err != nil {
				return err
			}
			short, cancel := context.WithCancel(ctx)
			cancel()
			if err := tx.Put(short, document("b", 1)); !errors.Is(err, context.Canceled) {
				t.Errorf("put with a cancelled context = %v, want context.Canceled", err)
			}
			if err := tx.Put(ctx, document("c", 1)); err == nil {
				t.Error("put after a statement that failed = nil, want an error")
			}
			return nil
		})
		if err == nil {
			t.Error("update that went on after a statement failed = nil, want an error")
		}
		if got := idsOf(t, driver, widgets); len(got) > 0 {
			t.Errorf("documents after the update = %v, want none", got)
		}
		if err := put(t.Context(), driver, document("a", 1)); err != nil {
			t.Errorf("the next update = %v", err)
		}
	})
}

func TestWaitingUpdateCanBeCancelled(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d database) {
		first := d.driver(t, nil)
		for _, tt := range []struct {
			name   string
			second *sqlstore.Driver
		}{
			{name: "of the same handle", second: first},
			{name: "of another handle", second: d.driver(t, nil)},
		} {
			t.Run(tt.name, func(t *testing.T) {
				err := first.Update(t.Context(), func(ctx context.Context, tx docstore.DriverTx) error {
					waiting, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
					defer cancel()
					done := make(chan error)
					go func() { done <- put(waiting, tt.second, document("late", 1)) }()
					select {
					case err := <-done:
						if !errors.Is(err, context.DeadlineExceeded) {
							t.Errorf("update that waited too long = %v, want context.DeadlineExceeded", err)
						}
					case <-time.After(5 * time.Second):
						t.Error("update still waits long after its deadline")
						go func() { <-done }()
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				if got := idsOf(t, first, widgets); len(got) > 0 {
					t.Errorf("documents = %v, want none", got)
				}
			})
		}
	})
}

// TestManyKeys is about documents with more keys than a statement takes.
func TestManyKeys(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d database) {
		driver := d.driver(t, nil)
		var codes []string
		for n := range 2500 {
			codes = append(codes, fmt.Sprintf("%04d", n))
		}
		if err := put(t.Context(), driver, document("a", 1, codes...)); err != nil {
			t.Fatal(err)
		}
		if err := put(t.Context(), driver, document("a", 2, codes[2000:]...)); err != nil {
			t.Fatal(err)
		}
		if got := len(idsOf(t, driver, docstore.Range{Kind: "widget", Index: "code"})); got != 500 {
			t.Errorf("keys of the second version = %d, want 500", got)
		}
	})
}

func TestDatabaseInMemoryOnOneConnection(t *testing.T) {
	t.Parallel()
	db := openSQL(t, "sqlite", ":memory:")
	db.SetMaxOpenConns(1)
	driver, err := sqlstore.NewDriver(t.Context(), db, sqlstore.SQLite, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), driver, document("a", 1)); err != nil {
		t.Fatal(err)
	}
	if got, want := idsOf(t, driver, widgets), []string{"a"}; !slices.Equal(got, want) {
		t.Errorf("documents = %v, want %v", got, want)
	}
}

func TestSQLiteConnectionsAreDurable(t *testing.T) {
	t.Parallel()
	file := "file:" + filepath.Join(t.TempDir(), "practice.db") + "?_pragma=synchronous(off)"
	db := openSQL(t, "sqlite", file)
	db.SetMaxOpenConns(1)
	driver, err := sqlstore.NewDriver(t.Context(), db, sqlstore.SQLite, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), driver, document("a", 1)); err != nil {
		t.Fatal(err)
	}
	var synchronous int
	var journal string
	if err := db.QueryRowContext(t.Context(), "PRAGMA synchronous").Scan(&synchronous); err != nil {
		t.Fatal(err)
	}
	if err := db.QueryRowContext(t.Context(), "PRAGMA journal_mode").Scan(&journal); err != nil {
		t.Fatal(err)
	}
	if synchronous != 2 || journal != "wal" {
		t.Errorf("connection runs with synchronous = %d and journal mode %q, want 2 (full) and wal", synchronous, journal)
	}
}

func TestOpeningAgainChangesNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d database) {
		d.driver(t, nil)
		db := d.open(t)
		var version int
		if err := db.QueryRowContext(t.Context(), "SELECT max(version) FROM glabella_schema").Scan(&version); err != nil {
			t.Fatal(err)
		}
		before := tables(t, db)
		d.driver(t, nil)
		if diff := cmp.Diff(before, tables(t, db)); diff != "" || version < 1 {
			t.Errorf("opening a database of version %d again changes it (-before +after):\n%s", version, diff)
		}
	})
}

// TestCollisionIsRunAgain has PostgreSQL report serialization failures, as
// engines do that let updates run side by side.
func TestCollisionIsRunAgain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		failures int
		state    string
		ok       bool
	}{
		{name: "serialization failure", failures: 3, state: "40001", ok: true},
		{name: "deadlock", failures: 1, state: "40P01", ok: true},
		{name: "collision that does not end", failures: 1 << 20, state: "40001"},
		{name: "error of another kind", failures: 1, state: "53100"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newPostgreSQL(t)
			driver := d.driver(t, nil)
			// A sequence counts on although the transaction is rolled back.
			if _, err := d.open(t).ExecContext(t.Context(), fmt.Sprintf(`
				CREATE SEQUENCE attempts;
				CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
					IF nextval('attempts') <= %d THEN RAISE EXCEPTION USING ERRCODE = '%s'; END IF;
					RETURN NEW;
				END $$;
				CREATE TRIGGER fail BEFORE INSERT ON glabella_document FOR EACH ROW EXECUTE FUNCTION fail();`, tt.failures, tt.state)); err != nil {
				t.Fatal(err)
			}
			runs := 0
			err := driver.Update(t.Context(), func(ctx context.Context, tx docstore.DriverTx) error {
				runs++
				return tx.Put(ctx, document("a", 1))
			})
			var state interface{ SQLState() string }
			switch {
			case tt.ok && (err != nil || runs != tt.failures+1):
				t.Errorf("update = %v after %d runs, want success after %d", err, runs, tt.failures+1)
			case !tt.ok && (!errors.As(err, &state) || state.SQLState() != tt.state):
				t.Errorf("update = %v, want the database's error %s", err, tt.state)
			case tt.state == "53100" && runs != 1:
				t.Errorf("an error that is no collision was tried %d times, want once", runs)
			}
			want := 0
			if tt.ok {
				want = 1
			}
			if got := idsOf(t, driver, widgets); len(got) != want {
				t.Errorf("documents = %v, want %d", got, want)
			}
		})
	}
}
