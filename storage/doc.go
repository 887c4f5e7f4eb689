// Package storage is the port between this library and the place where a host
// keeps its records, and the store that use cases work through.
//
// The port is what a host implements: a [Backend] runs closures in a
// transaction, and the [Tx] that they get has one [Repo] for each kind of record
// and the journal. Most hosts do not implement it from scratch: package docstore
// implements all of it over six methods of a document driver, and packages
// memory and sqlstore are such drivers. Package storagetest holds every promise
// below as a check.
//
// The store, [Store], wraps whatever the host implemented. It asks for an access
// decision, validates and stamps what is written, notes what was read and
// changed, and appends one journal record in the same transaction, so that
// nothing is read or written without them. Use cases are handed a [Work] or a
// [Reading], never the backend.
//
//	rec, err := store.Update(ctx, session, func(ctx context.Context, w *storage.Work) (storage.Outcome, error) {
//		p, err := w.Patients().Get(ctx, id)
//		…
//		p, err = w.Patients().Put(ctx, p)
//		return storage.Recorded(), err
//	})
//
// What it does not do: it holds no clinical or financial rule, and it does not
// delete. Every version of every record is kept.
package storage
