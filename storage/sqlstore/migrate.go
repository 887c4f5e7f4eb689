package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/glabella-ehr/glabella"
)

// CodeNewerVersion says that the database was written by a newer version of this library.
const CodeNewerVersion glabella.Code = "sqlstore.version.newer"

// VersionError says that a database has a schema that this version of the
// library does not know. It unwraps to a [*glabella.ValidationError] with
// [CodeNewerVersion].
type VersionError struct {
	Have int // the version of the database
	Want int // the newest version that the library knows
}

// Error names both versions.
func (e *VersionError) Error() string {
	return fmt.Sprintf("database has schema version %d, the newest known is %d", e.Have, e.Want)
}

// Unwrap returns the issue.
func (e *VersionError) Unwrap() error {
	return glabella.Invalid("database", glabella.Issue{
		Code: CodeNewerVersion, Text: e.Error(),
		Args: map[string]string{"have": strconv.Itoa(e.Have), "want": strconv.Itoa(e.Want)},
	})
}

//go:embed migrations
var migrationFiles embed.FS

type migration struct {
	version int
	name    string
	text    string
}

// migrations returns the numbered scripts of the dialect, ascending.
func (d Dialect) migrations() ([]migration, error) {
	names, err := fs.Glob(migrationFiles, path.Join("migrations", string(d), "*.sql"))
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var out []migration
	for _, name := range names {
		text, err := migrationFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		number, title, _ := strings.Cut(strings.TrimSuffix(path.Base(name), ".sql"), "_")
		version, err := strconv.Atoi(number)
		if err != nil || version != len(out)+1 {
			return nil, fmt.Errorf("migration %s: %w: want number %d", name, glabella.ErrInvalid, len(out)+1)
		}
		out = append(out, migration{version, title, string(text)})
	}
	return out, nil
}

// migrate brings the database to the newest schema. Each migration is recorded
// first and in the same transaction, so that of two processes one waits for the
// other and then finds it done.
func (d *Driver) migrate(ctx context.Context) error {
	all, err := d.dialect.migrations()
	if err != nil {
		return err
	}
	have, err := d.schemaVersion(ctx)
	if err != nil {
		return err
	}
	if have > len(all) {
		return &VersionError{Have: have, Want: len(all)}
	}
	if d.dialect == SQLite {
		if err := d.useWAL(ctx); err != nil {
			return err
		}
	}
	for _, m := range all[min(max(have, 0), len(all)):] {
		if err := d.apply(ctx, m); err != nil {
			return fmt.Errorf("migration %d (%s): %w", m.version, m.name, err)
		}
	}
	return nil
}

const (
	createSchema = `CREATE TABLE IF NOT EXISTS glabella_schema (version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL)`
	recordSchema = `INSERT INTO glabella_schema (version, name) VALUES ($1, $2) ON CONFLICT (version) DO NOTHING`
)

// schemaVersion returns the version of the newest migration that was applied, 0
// for a database without our tables.
func (d *Driver) schemaVersion(ctx context.Context) (int, error) {
	var tables, version int
	err := d.db.QueryRowContext(ctx, d.sql.hasSchema).Scan(&tables)
	if err == nil && tables > 0 {
		err = d.db.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM glabella_schema`).Scan(&version)
	}
	if err != nil {
		return 0, fmt.Errorf("schema version: %w", err)
	}
	return version, nil
}

func (d *Driver) apply(ctx context.Context, m migration) error {
	return d.transact(ctx, (*tx).createSchema, func(t *tx) error {
		n, err := t.exec(ctx, d.dialect.rebind(recordSchema), m.version, m.name)
		if err == nil && n == 1 {
			_, err = t.exec(ctx, m.text)
		}
		return err
	})
}

// createSchema creates the table of versions. Two processes that do so at the
// same time may collide on the names of its parts.
func (t *tx) createSchema(ctx context.Context) error {
	_, err := t.exec(ctx, createSchema)
	if slices.Contains([]string{"23505", "42710", "42P07"}, sqlState(err)) {
		t.collided = true
	}
	return err
}

// useWAL switches the file to write-ahead logging, where readers and the writer
// do not wait for each other. The mode is a property of the file.
func (d *Driver) useWAL(ctx context.Context) error {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := d.configure(ctx, conn); err != nil {
		return err
	}
	return conn.QueryRowContext(ctx, `PRAGMA journal_mode = WAL`).Scan(new(string))
}

// addTenant stores the tenant's head row, if it is new.
func (d *Driver) addTenant(ctx context.Context) error {
	err := d.db.QueryRowContext(ctx, d.sql.head, d.tenant).Scan(new(int64), new([]byte))
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return d.transact(ctx, func(t *tx, ctx context.Context) error {
		_, err := t.exec(ctx, d.sql.addTenant, d.tenant, []byte{})
		return err
	}, func(*tx) error { return nil })
}
