package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
)

// connection is a connection of the pool with a transaction on it.
type connection struct {
	conn *sql.Conn
	tx   *sql.Tx
	over bool
}

// begin takes a connection and begins a transaction on it. It reports whether
// trying again may help.
//
// The transaction outlives ctx: that is how its end is always a commit or a
// rollback that was carried out and answered.
func (d *Driver) begin(ctx context.Context, writable bool) (_ *connection, again bool, err error) {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("connect: %w", err)
	}
	c := &connection{conn: conn}
	if err = d.configure(ctx, conn); err == nil {
		own, cancel := context.WithCancel(context.WithoutCancel(ctx))
		release := context.AfterFunc(ctx, cancel)
		c.tx, err = conn.BeginTx(own, d.dialect.options(writable))
		if !release() {
			err = errors.Join(ctx.Err(), err)
		}
	}
	if err != nil {
		c.rollback()
		return nil, d.dialect.collision(err) || errors.Is(err, driver.ErrBadConn), fmt.Errorf("begin: %w", err)
	}
	return c, false, nil
}

// commit commits the transaction and gives the connection back.
func (c *connection) commit() error {
	if err := c.tx.Commit(); err != nil {
		return err
	}
	c.over = true
	return c.conn.Close()
}

// rollback ends a transaction that was not committed, and gives the connection
// back. A connection whose state is in doubt is not used again.
func (c *connection) rollback() {
	if c.over {
		return
	}
	c.over = true
	if c.tx != nil && c.tx.Rollback() != nil {
		c.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	c.conn.Close()
}

const maxConfigured = 64

// configure gives a connection to SQLite its settings, once: how long a
// statement waits for a lock before the transaction is run again, and that a
// commit waits for the disk.
func (d *Driver) configure(ctx context.Context, conn *sql.Conn) error {
	if d.dialect != SQLite {
		return nil
	}
	var id any
	if err := conn.Raw(func(c any) error {
		if reflect.TypeOf(c).Comparable() {
			id = c
		}
		return nil
	}); err != nil {
		return err
	}
	d.mu.Lock()
	done := id != nil && d.configured[id]
	d.mu.Unlock()
	if done {
		return nil
	}
	if _, err := conn.ExecContext(ctx, `PRAGMA busy_timeout = 250; PRAGMA synchronous = FULL`); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.configured) >= maxConfigured {
		clear(d.configured) // most of them are closed by now
	}
	if id != nil {
		d.configured[id] = true
	}
	return nil
}

// prepare prepares the statements of a transaction, which the pool then prepares
// once more on each connection that needs them. Compiling a statement costs
// SQLite more than running it. Elsewhere drivers keep prepared statements
// themselves, and hosts behind a connection pooler switch that off.
func (d *Driver) prepare(ctx context.Context) error {
	if d.dialect != SQLite {
		return nil
	}
	d.stmts = map[string]*sql.Stmt{}
	for _, text := range []string{
		d.sql.head, d.sql.lockHead, d.sql.addEntry, d.sql.setHead, d.sql.entries, d.sql.newest, d.sql.version,
		d.sql.keysOf, d.sql.insert, d.sql.addKey, d.sql.dropKey, d.sql.rangeTo, d.sql.rangeOn,
	} {
		stmt, err := d.db.PrepareContext(ctx, text)
		if err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
		d.stmts[text] = stmt
	}
	return nil
}
