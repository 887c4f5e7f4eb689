package storage

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
)

// Derived is something that is made out of all records of some kinds and kept in
// memory, such as an index. The records stay the truth: it is made out of them
// when it is first needed, and from then on follows the journal, so that it also
// takes up what other processes write.
//
// It is for what tells nobody anything by itself: the access is journaled when a
// record is read that was found by it. A Derived is safe for concurrent use, as
// far as what its sources put into is.
type Derived struct {
	sources map[string]Source // by kind

	mu     sync.Mutex
	loaded bool
	next   uint64 // the first journal entry that has not been looked at
}

// Source is the records of one kind that a [Derived] is made of.
type Source struct {
	kind string
	load func(ctx context.Context, tx Tx) error
	take func(ctx context.Context, tx Tx, ref glabella.Ref) error
}

// From returns the records of repo as a source: put takes up the newest version of
// a record, and may be given one that it has.
func From[ID glabella.Identity, T, Q any](repo func(Tx) Repo[ID, T, Q], put func(T)) Source {
	var zero ID
	return Source{
		kind: zero.Kind(),
		load: func(ctx context.Context, tx Tx) error {
			var all Q
			for v, err := range repo(tx).List(ctx, all) {
				if err != nil {
					return err
				}
				put(v)
			}
			return nil
		},
		take: func(ctx context.Context, tx Tx, ref glabella.Ref) error {
			id, err := idOf[ID](ref)
			if err != nil {
				return err
			}
			v, err := repo(tx).Get(ctx, id)
			if errors.Is(err, glabella.ErrNotFound) {
				return nil
			}
			if err == nil {
				put(v)
			}
			return err
		},
	}
}

// NewDerived returns what is derived from the sources, each of another kind.
func NewDerived(sources ...Source) *Derived {
	d := &Derived{sources: make(map[string]Source, len(sources))}
	for _, s := range sources {
		d.sources[s.kind] = s
	}
	return d
}

// CatchUp takes up what was written since the last call. It is not to be called
// within a transaction of the store.
func (d *Derived) CatchUp(ctx context.Context, s *Store) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return s.backend.View(ctx, func(ctx context.Context, tx Tx) error {
		if d.loaded {
			return d.follow(ctx, tx)
		}
		return d.load(ctx, tx)
	})
}

func (d *Derived) load(ctx context.Context, tx Tx) error {
	head, err := tx.Journal().Head(ctx)
	if err != nil {
		return err
	}
	for _, s := range d.sources {
		if err := s.load(ctx, tx); err != nil {
			return err
		}
	}
	d.loaded, d.next = true, head.Size
	return nil
}

func (d *Derived) follow(ctx context.Context, tx Tx) error {
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
				if s, ok := d.sources[c.Ref.Kind]; ok {
					if err := s.take(ctx, tx, c.Ref); err != nil {
						return err
					}
				}
			}
			d.next = e.Seq + 1
		}
		if len(batch) < tailBatch {
			return nil
		}
	}
}
