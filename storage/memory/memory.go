// Package memory keeps records in the memory of the process. It is the
// reference backend: for tests, for trials, and as the plainest reading of the
// storage contract.
//
//	backend := memory.New()
//
// It is serializable because one Update runs at a time; Views run beside each
// other and wait for an Update to end. Nothing outlives the process.
package memory

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/internal/ordered"
	"github.com/glabella-ehr/glabella/storage/docstore"
)

// New returns an empty backend.
func New() *docstore.Backend { return docstore.New(NewDriver()) }

// Driver is the document driver behind [New].
type Driver struct {
	mu      sync.RWMutex
	docs    map[docID][]docstore.Document // versions, oldest first
	indexes map[indexID]*ordered.Set[entry]
	head    audit.Head
	journal []audit.Entry
}

type docID struct{ kind, id string }

type indexID struct{ kind, index string }

type entry struct{ value, id string }

func compareEntries(a, b entry) int {
	return cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(a.id, b.id))
}

// NewDriver returns an empty driver.
func NewDriver() *Driver {
	return &Driver{docs: map[docID][]docstore.Document{}, indexes: map[indexID]*ordered.Set[entry]{}}
}

// Update implements [docstore.Driver]. The changes of a closure that fails or
// panics are taken back.
func (d *Driver) Update(ctx context.Context, fn func(ctx context.Context, tx docstore.DriverTx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	tx := &tx{driver: d, writable: true}
	done := false
	defer func() {
		if !done {
			tx.rollback()
		}
	}()
	if err := fn(ctx, tx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	done = true
	return nil
}

// View implements [docstore.Driver].
func (d *Driver) View(ctx context.Context, fn func(ctx context.Context, tx docstore.DriverTx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	return fn(ctx, &tx{driver: d})
}

type tx struct {
	driver   *Driver
	writable bool
	undo     []func()
}

func (t *tx) rollback() {
	for _, undo := range slices.Backward(t.undo) {
		undo()
	}
}

func (t *tx) Get(_ context.Context, kind, id string, version uint64) (docstore.Document, error) {
	versions := t.driver.docs[docID{kind, id}]
	if version == 0 {
		version = uint64(len(versions))
	}
	if version == 0 || version > uint64(len(versions)) {
		return docstore.Document{}, glabella.ErrNotFound
	}
	return versions[version-1], nil
}

func (t *tx) Put(_ context.Context, doc docstore.Document) error {
	if !t.writable {
		return errReadOnly
	}
	d, id := t.driver, docID{doc.Kind, doc.ID}
	versions := d.docs[id]
	if doc.Version != uint64(len(versions))+1 {
		return fmt.Errorf("version %d after %d: %w", doc.Version, len(versions), glabella.ErrConflict)
	}
	doc.Body = slices.Clone(doc.Body)
	doc.Keys = slices.Clone(doc.Keys)
	var before []docstore.Key
	if len(versions) > 0 {
		before = versions[len(versions)-1].Keys
	}
	t.reindex(doc, before, doc.Keys)
	d.docs[id] = append(versions, doc)
	t.undo = append(t.undo, func() {
		t.reindex(doc, doc.Keys, before)
		if len(versions) == 0 {
			delete(d.docs, id)
		} else {
			d.docs[id] = versions
		}
	})
	return nil
}

func (t *tx) reindex(doc docstore.Document, before, after []docstore.Key) {
	for _, k := range before {
		if !slices.Contains(after, k) {
			t.index(doc.Kind, k.Index).Delete(entry{k.Value, doc.ID})
		}
	}
	for _, k := range after {
		if !slices.Contains(before, k) {
			t.index(doc.Kind, k.Index).Insert(entry{k.Value, doc.ID})
		}
	}
}

func (t *tx) index(kind, name string) *ordered.Set[entry] {
	id := indexID{kind, name}
	set, ok := t.driver.indexes[id]
	if !ok {
		set = ordered.New(compareEntries)
		t.driver.indexes[id] = set
	}
	return set
}

func (t *tx) Range(_ context.Context, r docstore.Range) iter.Seq2[docstore.Document, error] {
	return func(yield func(docstore.Document, error) bool) {
		set, ok := t.driver.indexes[indexID{r.Kind, r.Index}]
		if !ok {
			return
		}
		n := 0
		for e := range set.From(entry{value: r.From}) {
			if r.To != "" && e.value >= r.To {
				return
			}
			versions := t.driver.docs[docID{r.Kind, e.id}]
			if n++; !yield(versions[len(versions)-1], nil) || n == r.Limit {
				return
			}
		}
	}
}

func (t *tx) Head(context.Context) (audit.Head, error) {
	return audit.Head{Size: t.driver.head.Size, Frontier: slices.Clone(t.driver.head.Frontier)}, nil
}

func (t *tx) Append(_ context.Context, e audit.Entry, head audit.Head) error {
	if !t.writable {
		return errReadOnly
	}
	d := t.driver
	if e.Seq != d.head.Size || head.Size != e.Seq+1 {
		return fmt.Errorf("journal entry %d after %d: %w", e.Seq, d.head.Size, glabella.ErrConflict)
	}
	before := d.head
	d.journal = append(d.journal, audit.Entry{Seq: e.Seq, Bytes: slices.Clone(e.Bytes), Hashes: slices.Clone(e.Hashes)})
	d.head = audit.Head{Size: head.Size, Frontier: slices.Clone(head.Frontier)}
	t.undo = append(t.undo, func() {
		d.journal = d.journal[:len(d.journal)-1]
		d.head = before
	})
	return nil
}

func (t *tx) Records(_ context.Context, from uint64, limit int) iter.Seq2[audit.Entry, error] {
	return func(yield func(audit.Entry, error) bool) {
		n := 0
		for i := from; i < uint64(len(t.driver.journal)); i++ {
			e := t.driver.journal[i]
			e.Bytes, e.Hashes = slices.Clone(e.Bytes), slices.Clone(e.Hashes)
			if n++; !yield(e, nil) || n == limit {
				return
			}
		}
	}
}

var errReadOnly = fmt.Errorf("write in a read-only transaction: %w", glabella.ErrInvalid)
