package storage

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
)

// Derived is something that is made out of all records of a kind and kept in
// memory, such as an index. The records stay the truth: it is made out of them
// when it is first needed, and from then on follows the journal, so that it also
// takes up what other processes write.
//
// It is for what tells nobody anything by itself: the access is journaled when a
// record is read that was found by it. A Derived is safe for concurrent use, as
// far as what put does is.
type Derived[ID glabella.Identity, T, Q any] struct {
	repo func(Tx) Repo[ID, T, Q]
	put  func(T)

	mu     sync.Mutex
	loaded bool
	next   uint64 // the first journal entry that has not been looked at
}

// NewDerived returns what is derived from the records of repo: put takes up the
// newest version of a record, and may be given one that it has.
func NewDerived[ID glabella.Identity, T, Q any](repo func(Tx) Repo[ID, T, Q], put func(T)) *Derived[ID, T, Q] {
	return &Derived[ID, T, Q]{repo: repo, put: put}
}

// CatchUp takes up what was written since the last call. It is not to be called
// within a transaction of the store.
func (d *Derived[ID, T, Q]) CatchUp(ctx context.Context, s *Store) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return s.backend.View(ctx, func(ctx context.Context, tx Tx) error {
		if d.loaded {
			return d.follow(ctx, tx)
		}
		return d.load(ctx, tx)
	})
}

func (d *Derived[ID, T, Q]) load(ctx context.Context, tx Tx) error {
	head, err := tx.Journal().Head(ctx)
	if err != nil {
		return err
	}
	var all Q
	for v, err := range d.repo(tx).List(ctx, all) {
		if err != nil {
			return err
		}
		d.put(v)
	}
	d.loaded, d.next = true, head.Size
	return nil
}

func (d *Derived[ID, T, Q]) follow(ctx context.Context, tx Tx) error {
	var id ID
	kind := id.Kind()
	for {
		var batch []audit.Entry // read whole before a record is read, as a connection answers one question at a time
		for e, err := range tx.Journal().Entries(ctx, d.next, tailBatch) {
			if err != nil {
				return err
			}
			batch = append(batch, e)
		}
		for _, e := range batch {
			rec, err := audit.ParseRecord(e.Bytes)
			if err != nil {
				return fmt.Errorf("journal entry %d: %w", e.Seq, err)
			}
			for _, c := range rec.Changes {
				if c.Ref.Kind != kind {
					continue
				}
				id, err := idOf[ID](c.Ref)
				if err != nil {
					return err
				}
				v, err := d.repo(tx).Get(ctx, id)
				if errors.Is(err, glabella.ErrNotFound) {
					continue
				}
				if err != nil {
					return err
				}
				d.put(v)
			}
			d.next = e.Seq + 1
		}
		if len(batch) < tailBatch {
			return nil
		}
	}
}
