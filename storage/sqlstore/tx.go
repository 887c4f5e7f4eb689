package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/storage/docstore"
)

// pageSize is how many rows are read before they are yielded. Rows are never
// open while the caller's code runs, which may issue statements of its own.
const pageSize = 256

var errReadOnly = fmt.Errorf("write in a read-only transaction: %w", glabella.ErrInvalid)

// tx is one transaction on one connection.
type tx struct {
	driver   *Driver
	sql      *sql.Tx
	writable bool
	head     *audit.Head     // the head, once it is known: in an Update it is locked
	known    map[docID]known // the newest versions that an Update has seen: nobody else can change them
	err      error           // the first statement that failed: the transaction cannot be committed
	collided bool            // it failed because of another transaction
}

type docID struct{ kind, id string }

type known struct {
	version uint64
	keys    []docstore.Key
}

// failed notes that a statement failed. Some databases end the transaction then
// and would run the next statement outside of it.
func (t *tx) failed(err error) error {
	if t.err == nil {
		t.err = err
		t.collided = t.driver.dialect.collision(err)
	}
	return err
}

// exec runs a statement and returns the number of rows that it changed.
func (t *tx) exec(ctx context.Context, text string, args ...any) (int64, error) {
	if t.err != nil {
		return 0, t.err
	}
	var r sql.Result
	var err error
	if stmt, ok := t.driver.stmts[text]; ok {
		r, err = t.sql.StmtContext(ctx, stmt).ExecContext(ctx, args...)
	} else {
		r, err = t.sql.ExecContext(ctx, text, args...)
	}
	if err != nil {
		return 0, t.failed(err)
	}
	n, err := r.RowsAffected()
	if err != nil {
		return 0, t.failed(err)
	}
	return n, nil
}

// query calls scan for every row that the statement yields.
func (t *tx) query(ctx context.Context, text string, args []any, scan func(*sql.Rows) error) error {
	if t.err != nil {
		return t.err
	}
	var rows *sql.Rows
	var err error
	if stmt, ok := t.driver.stmts[text]; ok {
		rows, err = t.sql.StmtContext(ctx, stmt).QueryContext(ctx, args...)
	} else {
		rows, err = t.sql.QueryContext(ctx, text, args...)
	}
	if err != nil {
		return t.failed(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return t.failed(err)
		}
	}
	if err := rows.Err(); err != nil {
		return t.failed(err)
	}
	return nil
}

// Get implements [docstore.DriverTx].
func (t *tx) Get(ctx context.Context, kind, id string, version uint64) (docstore.Document, error) {
	statement, args := t.driver.sql.newest, []any{t.driver.tenant, kind, id}
	if version > math.MaxInt64 {
		return docstore.Document{}, glabella.ErrNotFound
	}
	if version > 0 {
		statement, args = t.driver.sql.version, append(args, int64(version))
	}
	doc := docstore.Document{Kind: kind, ID: id}
	var keys []byte
	err := t.query(ctx, statement, args, func(rows *sql.Rows) error {
		return rows.Scan(&doc.Version, &keys, &doc.Body)
	})
	if err != nil {
		return docstore.Document{}, err
	}
	if doc.Version == 0 {
		return docstore.Document{}, glabella.ErrNotFound
	}
	if doc.Keys, err = decodeKeys(keys); err != nil {
		return docstore.Document{}, fmt.Errorf("%s/%s, version %d: %w", kind, id, doc.Version, err)
	}
	if t.writable && version == 0 {
		t.known[docID{kind, id}] = known{doc.Version, doc.Keys}
	}
	return doc, nil
}

// Put implements [docstore.DriverTx]. That the version is new is what the
// primary key says; that the one before exists is what its keys are read for.
func (t *tx) Put(ctx context.Context, d docstore.Document) error {
	if !t.writable {
		return errReadOnly
	}
	if d.Version == 0 || d.Version > math.MaxInt64 {
		return fmt.Errorf("version %d: %w", d.Version, glabella.ErrConflict)
	}
	before, err := t.keysBefore(ctx, d)
	if err != nil {
		return err
	}
	keys := unique(d.Keys)
	added, dropped := without(keys, before), without(before, keys)
	n, err := t.write(ctx, d, encodeKeys(keys), added, dropped)
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("version %d is stored already: %w", d.Version, glabella.ErrConflict)
	}
	t.known[docID{d.Kind, d.ID}] = known{d.Version, keys}
	return nil
}

// keysBefore returns the keys of the version before d.
func (t *tx) keysBefore(ctx context.Context, d docstore.Document) ([]docstore.Key, error) {
	if d.Version == 1 {
		return nil, nil
	}
	if k, ok := t.known[docID{d.Kind, d.ID}]; ok {
		if k.version != d.Version-1 {
			return nil, fmt.Errorf("version %d after %d: %w", d.Version, k.version, glabella.ErrConflict)
		}
		return k.keys, nil
	}
	var stored []byte
	found := false
	err := t.query(ctx, t.driver.sql.keysOf, []any{t.driver.tenant, d.Kind, d.ID, int64(d.Version - 1)}, func(rows *sql.Rows) error {
		found = true
		return rows.Scan(&stored)
	})
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("version %d without the one before: %w", d.Version, glabella.ErrConflict)
	}
	return decodeKeys(stored)
}

// Range implements [docstore.DriverTx].
func (t *tx) Range(ctx context.Context, r docstore.Range) iter.Seq2[docstore.Document, error] {
	return func(yield func(docstore.Document, error) bool) {
		statement := t.driver.sql.rangeOn
		if r.To != "" {
			statement = t.driver.sql.rangeTo
		}
		value, id := []byte(r.From), "" // no ID is empty: the cursor is just before From
		for left := r.Limit; ; {
			size := pageSize
			if r.Limit > 0 {
				size = min(size, left)
			}
			args := []any{t.driver.tenant, r.Kind, r.Index, notNil(value), id, size}
			if r.To != "" {
				args = append(args, []byte(r.To))
			}
			var page []docstore.Document
			err := t.query(ctx, statement, args, func(rows *sql.Rows) error {
				d := docstore.Document{Kind: r.Kind}
				err := rows.Scan(&value, &d.ID, &d.Version, &d.Body)
				id, page = d.ID, append(page, d)
				return err
			})
			if err != nil {
				yield(docstore.Document{}, err)
				return
			}
			for _, d := range page {
				if !yield(d, nil) {
					return
				}
			}
			if left -= len(page); len(page) < size || left == 0 {
				return
			}
		}
	}
}

// lock takes the tenant's head row, so that Updates of one tenant follow each
// other.
func (t *tx) lock(ctx context.Context) error {
	return t.readHead(ctx, t.driver.sql.lockHead)
}

// open reads the head, with which the snapshot of a View begins.
func (t *tx) open(ctx context.Context) error {
	return t.readHead(ctx, t.driver.sql.head)
}

func (t *tx) readHead(ctx context.Context, text string) error {
	var h audit.Head
	err := t.query(ctx, text, []any{t.driver.tenant}, func(rows *sql.Rows) error {
		t.head = &h
		return rows.Scan(&h.Size, &h.Frontier)
	})
	if err == nil && t.head == nil {
		err = t.failed(errors.New("the tenant's head row is gone"))
	}
	if len(h.Frontier) == 0 {
		h.Frontier = nil
	}
	return err
}

// Head implements [docstore.DriverTx].
func (t *tx) Head(context.Context) (audit.Head, error) {
	return audit.Head{Size: t.head.Size, Frontier: slices.Clone(t.head.Frontier)}, nil
}

// Append implements [docstore.DriverTx].
func (t *tx) Append(ctx context.Context, e audit.Entry, head audit.Head) error {
	if !t.writable {
		return errReadOnly
	}
	if e.Seq != t.head.Size || head.Size != e.Seq+1 || head.Size > math.MaxInt64 {
		return fmt.Errorf("journal entry %d after %d: %w", e.Seq, t.head.Size, glabella.ErrConflict)
	}
	n, err := t.append(ctx, e, head)
	if err != nil {
		return err
	}
	if n != 1 {
		return t.failed(errors.New("the tenant's head row changed while it was locked"))
	}
	t.head = &audit.Head{Size: head.Size, Frontier: slices.Clone(head.Frontier)}
	return nil
}

// append writes the entry and the head and returns the number of heads written.
func (t *tx) append(ctx context.Context, e audit.Entry, head audit.Head) (int64, error) {
	text := &t.driver.sql
	entry := []any{t.driver.tenant, int64(e.Seq), notNil(e.Bytes), notNil(e.Hashes)}
	size, frontier := int64(head.Size), notNil(head.Frontier)
	if text.addBoth != "" {
		return t.exec(ctx, text.addBoth, append(entry, size, frontier)...)
	}
	if _, err := t.exec(ctx, text.addEntry, entry...); err != nil {
		return 0, err
	}
	return t.exec(ctx, text.setHead, t.driver.tenant, int64(e.Seq), size, frontier)
}

// Records implements [docstore.DriverTx].
func (t *tx) Records(ctx context.Context, from uint64, limit int) iter.Seq2[audit.Entry, error] {
	return func(yield func(audit.Entry, error) bool) {
		for left := limit; from <= math.MaxInt64; {
			size := pageSize
			if limit > 0 {
				size = min(size, left)
			}
			var page []audit.Entry
			err := t.query(ctx, t.driver.sql.entries, []any{t.driver.tenant, int64(from), size}, func(rows *sql.Rows) error {
				var e audit.Entry
				err := rows.Scan(&e.Seq, &e.Bytes, &e.Hashes)
				page = append(page, e)
				return err
			})
			if err != nil {
				yield(audit.Entry{}, err)
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
				from = e.Seq + 1
			}
			if left -= len(page); len(page) < size || left == 0 {
				return
			}
		}
	}
}
