package storagetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/storage/docstore"
)

// snapshotIsolation runs an update as databases do under snapshot isolation: it
// reads a snapshot, holds its writes back, and applies them unless one of the
// same records was written meanwhile. What it has only read may have changed: two
// updates can each write what the other has read (write skew).
func snapshotIsolation(ctx context.Context, inner docstore.Driver, fn closure) error {
	for {
		s := &snapshot{}
		if err := inner.View(ctx, func(ctx context.Context, tx docstore.DriverTx) error {
			s.DriverTx = tx
			return fn(ctx, s)
		}); err != nil {
			return err
		}
		err := inner.Update(ctx, func(ctx context.Context, tx docstore.DriverTx) error {
			for _, d := range s.docs {
				if err := tx.Put(ctx, d); err != nil {
					return err
				}
			}
			for i, e := range s.entries {
				if err := tx.Append(ctx, e, s.heads[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if !errors.Is(err, glabella.ErrConflict) {
			return err
		}
	}
}

// snapshot is a view with the writes of an update on top.
type snapshot struct {
	docstore.DriverTx
	docs    []docstore.Document
	entries []audit.Entry
	heads   []audit.Head
}

func (s *snapshot) Get(ctx context.Context, kind, id string, version uint64) (docstore.Document, error) {
	for _, d := range slices.Backward(s.docs) {
		if d.Kind == kind && d.ID == id && (version == 0 || version == d.Version) {
			return d, nil
		}
	}
	return s.DriverTx.Get(ctx, kind, id, version)
}

func (s *snapshot) Put(ctx context.Context, d docstore.Document) error {
	newest, err := s.Get(ctx, d.Kind, d.ID, 0)
	if err != nil && !errors.Is(err, glabella.ErrNotFound) {
		return err
	}
	if d.Version != newest.Version+1 {
		return fmt.Errorf("version %d after %d: %w", d.Version, newest.Version, glabella.ErrConflict)
	}
	d.Body, d.Keys = slices.Clone(d.Body), slices.Clone(d.Keys)
	s.docs = append(s.docs, d)
	return nil
}

func (s *snapshot) Range(ctx context.Context, r docstore.Range) iter.Seq2[docstore.Document, error] {
	type hit struct {
		value string
		doc   docstore.Document
	}
	var hits []hit
	limit := r.Limit
	r.Limit = 0
	add := func(d docstore.Document) {
		for _, k := range d.Keys {
			if k.Index == r.Index && k.Value >= r.From && (r.To == "" || k.Value < r.To) && !slices.ContainsFunc(hits, func(h hit) bool { return h.value == k.Value && h.doc.ID == d.ID }) {
				hits = append(hits, hit{k.Value, d})
			}
		}
	}
	for d, err := range s.DriverTx.Range(ctx, r) {
		if err != nil {
			return sequence[docstore.Document](nil, err)
		}
		if !slices.ContainsFunc(s.docs, func(o docstore.Document) bool { return o.Kind == d.Kind && o.ID == d.ID }) {
			add(d)
		}
	}
	for i, d := range s.docs {
		later := func(o docstore.Document) bool { return o.Kind == d.Kind && o.ID == d.ID }
		if d.Kind == r.Kind && !slices.ContainsFunc(s.docs[i+1:], later) {
			add(d)
		}
	}
	slices.SortFunc(hits, func(a, b hit) int { return cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(a.doc.ID, b.doc.ID)) })
	var docs []docstore.Document
	for _, h := range hits {
		if docs = append(docs, h.doc); len(docs) == limit {
			break
		}
	}
	return sequence(docs, nil)
}

func (s *snapshot) Head(ctx context.Context) (audit.Head, error) {
	if len(s.heads) > 0 {
		return s.heads[len(s.heads)-1], nil
	}
	return s.DriverTx.Head(ctx)
}

func (s *snapshot) Append(ctx context.Context, e audit.Entry, h audit.Head) error {
	head, err := s.Head(ctx)
	if err != nil {
		return err
	}
	if e.Seq != head.Size || h.Size != e.Seq+1 {
		return fmt.Errorf("entry %d after %d: %w", e.Seq, head.Size, glabella.ErrConflict)
	}
	s.entries = append(s.entries, audit.Entry{Seq: e.Seq, Bytes: slices.Clone(e.Bytes), Hashes: slices.Clone(e.Hashes)})
	s.heads = append(s.heads, audit.Head{Size: h.Size, Frontier: slices.Clone(h.Frontier)})
	return nil
}

func (s *snapshot) Records(ctx context.Context, from uint64, limit int) iter.Seq2[audit.Entry, error] {
	entries, err := all(s.DriverTx.Records(ctx, from, 0))
	for _, e := range s.entries {
		if e.Seq >= from {
			entries = append(entries, e)
		}
	}
	if limit > 0 {
		entries = entries[:min(limit, len(entries))]
	}
	return sequence(entries, err)
}
