// Package docstore implements the whole storage port over six methods of a
// document driver: get, put and range over versioned documents, and head, append
// and records of the journal.
//
// A host with a document or key-value database writes a [Driver] and has a
// [storage.Backend]:
//
//	backend := docstore.New(driver)
//
// A host whose tables are relational can embed the transaction that docstore
// gives and override single repositories. Packages memory and sqlstore are
// drivers of this package.
//
// What it does not do: it does not cache, and it knows nothing of access or
// audit beyond storing the journal; that is the work of [storage.Store].
package docstore

import (
	"context"
	"iter"

	"github.com/glabella-ehr/glabella/audit"
)

// Driver is a place for documents and one journal. It is safe for concurrent
// use. The promises of [storage.Backend] about Update and View hold for it: an
// Update is all or nothing, may run its closure again, and is serializable; a
// View sees one consistent state.
type Driver interface {
	Update(ctx context.Context, fn func(ctx context.Context, tx DriverTx) error) error
	View(ctx context.Context, fn func(ctx context.Context, tx DriverTx) error) error
}

// DriverTx is one transaction of a [Driver]: the six methods.
type DriverTx interface {
	// Get returns a version of a document; version 0 is the newest. The error wraps
	// [glabella.ErrNotFound] if there is none. Keys need not be returned. The body
	// is not changed by the caller, and must not change after it was returned.
	Get(ctx context.Context, kind, id string, version uint64) (Document, error)
	// Put stores a further version of a document and keeps the earlier ones. The
	// version must be one above the newest stored one, 1 for a new document,
	// otherwise the error wraps [glabella.ErrConflict]. The document is from then on
	// found under the given keys and no longer under those of its earlier versions.
	// The body must be copied or kept as it is: the caller does not change it.
	Put(ctx context.Context, d Document) error
	// Range yields the newest version of the documents that r selects, ordered by
	// the key's value and then by ID, both as bytes. It yields at most one error,
	// last. A document with several keys in the range is yielded once for each.
	Range(ctx context.Context, r Range) iter.Seq2[Document, error]
	// Head returns the head of the journal, zero if it is empty.
	Head(ctx context.Context) (audit.Head, error)
	// Append stores the next entry of the journal and the new head. The entry's
	// number must be the size of the stored head, otherwise the error wraps
	// [glabella.ErrConflict].
	Append(ctx context.Context, e audit.Entry, head audit.Head) error
	// Records yields the entries of the journal from a number on, ascending, at most
	// limit of them (0 is all). It yields at most one error, last.
	Records(ctx context.Context, from uint64, limit int) iter.Seq2[audit.Entry, error]
}

// Document is one version of a record in its stored form.
type Document struct {
	Kind    string
	ID      string
	Version uint64
	Keys    []Key
	Body    []byte
}

// Key is an entry under which a document is found: a value in a named index.
type Key struct {
	Index string
	Value string
}

// Range selects the documents of one kind by their keys in one index. The index
// "" holds every document once, under the empty value, so that it orders by ID.
type Range struct {
	Kind  string
	Index string
	From  string // values from this one on
	To    string // values before this one; "" is no bound
	Limit int    // at most so many documents; 0 is all
}
