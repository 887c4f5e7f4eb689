package integration

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/glabella-ehr/glabella/integration/pgtest"
	"github.com/glabella-ehr/glabella/storage/docstore"
	"github.com/glabella-ehr/glabella/storage/sqlstore"
)

func TestMain(m *testing.M) {
	if os.Getenv(childName) != "" {
		playUntilKilled()
	}
	os.Exit(pgtest.Main(m))
}

// database is a database that can be opened several times.
type database struct {
	dialect      sqlstore.Dialect
	name, source string // of the driver, and what it opens
}

// open opens the database once more, as another process would.
func (d database) open(t testing.TB) *sql.DB { return openSQL(t, d.name, d.source) }

// driver opens the database once more, as another process would.
func (d database) driver(t testing.TB, o *sqlstore.Options) *sqlstore.Driver {
	t.Helper()
	driver, err := sqlstore.NewDriver(t.Context(), d.open(t), d.dialect, o)
	if err != nil {
		t.Fatal(err)
	}
	return driver
}

func openSQL(t testing.TB, driver, name string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func newSQLite(t testing.TB) database {
	file := "file:" + filepath.Join(t.TempDir(), "practice.db")
	return database{sqlstore.SQLite, "sqlite", file}
}

func newPostgreSQL(t testing.TB) database {
	name := pgtest.Database(t)
	return database{sqlstore.PostgreSQL, "pgx", name}
}

// onEach runs the test on a fresh database of each kind.
func onEach(t *testing.T, run func(t *testing.T, d database)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		run(t, newSQLite(t))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		run(t, newPostgreSQL(t))
	})
}

// document returns a version of a document under the given codes.
func document(id string, version uint64, codes ...string) docstore.Document {
	d := docstore.Document{Kind: "widget", ID: id, Version: version, Keys: []docstore.Key{{}}, Body: []byte(`{"id":"` + id + `"}`)}
	for _, code := range codes {
		d.Keys = append(d.Keys, docstore.Key{Index: "code", Value: code})
	}
	return d
}

func put(ctx context.Context, d docstore.Driver, docs ...docstore.Document) error {
	return d.Update(ctx, func(ctx context.Context, tx docstore.DriverTx) error {
		for _, doc := range docs {
			if err := tx.Put(ctx, doc); err != nil {
				return err
			}
		}
		return nil
	})
}

// idsOf returns the IDs that a range selects.
func idsOf(t testing.TB, d docstore.Driver, r docstore.Range) []string {
	t.Helper()
	var out []string
	err := d.View(context.WithoutCancel(t.Context()), func(ctx context.Context, tx docstore.DriverTx) error {
		for doc, err := range tx.Range(ctx, r) {
			if err != nil {
				return err
			}
			out = append(out, doc.ID)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
