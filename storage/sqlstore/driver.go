package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/storage/docstore"
)

// DefaultTenant is the tenant of a nil [Options].
const DefaultTenant = "default"

// Options are the choices of a backend. The zero value of each field is the
// default.
type Options struct {
	// Tenant names the practice whose records the backend keeps. Backends with
	// different tenants share the tables and see nothing of each other. The default
	// is [DefaultTenant].
	Tenant string
}

// New returns the backend for one tenant of a database, after creating or
// migrating the tables. A database that a newer version of the library has
// migrated is left alone and gives a [*VersionError]. The caller keeps db and
// closes it.
func New(ctx context.Context, db *sql.DB, dialect Dialect, o *Options) (*docstore.Backend, error) {
	d, err := NewDriver(ctx, db, dialect, o)
	if err != nil {
		return nil, err
	}
	return docstore.New(d), nil
}

// Driver is the document driver behind [New].
type Driver struct {
	db      *sql.DB
	dialect Dialect
	sql     statements
	tenant  string
	writer  chan struct{} // holds a token while an Update of this process runs; nil where the database queues them

	stmts map[string]*sql.Stmt // by text; the others are not prepared here

	mu         sync.Mutex
	configured map[any]bool // the driver's connections that have their settings
}

// NewDriver is like [New], for hosts that override single repositories.
func NewDriver(ctx context.Context, db *sql.DB, dialect Dialect, o *Options) (*Driver, error) {
	tenant := DefaultTenant
	if o != nil && o.Tenant != "" {
		tenant = o.Tenant
	}
	var issues []glabella.Issue
	if !dialect.Valid() {
		issues = append(issues, glabella.Issue{Path: "/dialect", Code: glabella.CodeUnknownValue, Text: "not a dialect"})
	}
	if !utf8.ValidString(tenant) || strings.Contains(tenant, "\x00") {
		issues = append(issues, glabella.Issue{Path: "/tenant", Code: glabella.CodeText, Text: "a tenant's name is UTF-8 without NUL"})
	}
	if err := glabella.Invalid("sqlstore options", issues...); err != nil {
		return nil, err
	}
	d := &Driver{db: db, dialect: dialect, sql: dialect.statements(), tenant: tenant}
	if dialect == SQLite {
		d.writer = make(chan struct{}, 1)
		d.configured = map[any]bool{}
	}
	for _, step := range []func(context.Context) error{d.migrate, d.addTenant, d.prepare} {
		if err := d.retry(ctx, func() (bool, error) {
			err := step(ctx)
			return dialect.collision(err), err
		}); err != nil {
			return nil, fmt.Errorf("open the store: %w", err)
		}
	}
	return d, nil
}

// Update implements [docstore.Driver].
func (d *Driver) Update(ctx context.Context, fn func(ctx context.Context, tx docstore.DriverTx) error) error {
	return d.transact(ctx, (*tx).lock, func(t *tx) error { return fn(ctx, t) })
}

// View implements [docstore.Driver].
func (d *Driver) View(ctx context.Context, fn func(ctx context.Context, tx docstore.DriverTx) error) error {
	var c *connection
	var t *tx
	err := d.retry(ctx, func() (again bool, err error) {
		if c, again, err = d.begin(ctx, false); err != nil {
			return again, err
		}
		t = &tx{driver: d, sql: c.tx}
		if err = t.open(ctx); err != nil {
			c.rollback()
		}
		return t.collided, err
	})
	if err != nil {
		return err
	}
	defer c.rollback()
	return fn(ctx, t)
}

// transact runs fn in a transaction that may write, and again after a collision.
// The transaction begins with prepare.
func (d *Driver) transact(ctx context.Context, prepare func(*tx, context.Context) error, fn func(*tx) error) error {
	if d.writer != nil {
		select {
		case d.writer <- struct{}{}:
			defer func() { <-d.writer }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return d.retry(ctx, func() (bool, error) {
		c, again, err := d.begin(ctx, true)
		if err != nil {
			return again, err
		}
		defer c.rollback()
		t := &tx{driver: d, sql: c.tx, writable: true, known: map[docID]known{}}
		if err = prepare(t, ctx); err == nil {
			err = fn(t)
		}
		switch {
		case t.collided:
			return true, t.err
		case err != nil:
			return false, err
		case t.err != nil:
			return false, fmt.Errorf("commit after a statement that failed: %w", t.err)
		case ctx.Err() != nil:
			return false, ctx.Err()
		}
		if err := c.commit(); err != nil {
			return d.dialect.collision(err), fmt.Errorf("commit: %w", err)
		}
		return false, nil
	})
}

const maxAttempts = 50

// retry runs attempt until it does not ask for another one, with growing pauses.
func (d *Driver) retry(ctx context.Context, attempt func() (again bool, err error)) error {
	for n := 1; ; n++ {
		again, err := attempt()
		if err == nil || !again {
			return err
		}
		if n == maxAttempts {
			return fmt.Errorf("gave up after %d attempts: %w", n, err)
		}
		pause := time.Millisecond << min(n, 6)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause/2 + rand.N(pause)):
		}
	}
}
