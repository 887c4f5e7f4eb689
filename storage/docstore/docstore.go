package docstore

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/storage"
)

// Backend is a [storage.Backend] over a document driver.
type Backend struct{ driver Driver }

// New returns the backend over a driver.
func New(d Driver) *Backend { return &Backend{driver: d} }

// Update implements [storage.Backend].
func (b *Backend) Update(ctx context.Context, fn func(ctx context.Context, tx storage.Tx) error) error {
	return b.driver.Update(ctx, func(ctx context.Context, tx DriverTx) error { return fn(ctx, Tx{tx}) })
}

// View implements [storage.Backend].
func (b *Backend) View(ctx context.Context, fn func(ctx context.Context, tx storage.Tx) error) error {
	return b.driver.View(ctx, func(ctx context.Context, tx DriverTx) error { return fn(ctx, Tx{tx}) })
}

// Tx is the [storage.Tx] over a driver's transaction. A host that keeps single
// kinds of record elsewhere embeds it and overrides their accessors.
type Tx struct{ Driver DriverTx }

// Journal returns the driver's journal.
func (t Tx) Journal() audit.Journal { return journal{t.Driver} }

type journal struct{ tx DriverTx }

func (j journal) Head(ctx context.Context) (audit.Head, error) { return j.tx.Head(ctx) }

func (j journal) Append(ctx context.Context, e audit.Entry, h audit.Head) error {
	return j.tx.Append(ctx, e, h)
}

func (j journal) Entries(ctx context.Context, from uint64, limit int) iter.Seq2[audit.Entry, error] {
	return j.tx.Records(ctx, from, limit)
}

// entity is what docstore needs of a stored record: where it keeps its version,
// and its reference.
type entity[T any] interface {
	*T
	Stamp() *glabella.Meta
	Ref() glabella.Ref
}

// repo stores records of type T as JSON documents.
type repo[ID fmt.Stringer, T any, P entity[T], Q any] struct {
	tx   DriverTx
	kind string
	keys func(T) []Key
	plan func(Q) plan[T]
}

// plan is how a query is answered: a range of one index, a filter for the
// query's other fields, and a limit on what remains.
type plan[T any] struct {
	index    string
	from, to string
	match    func(T) bool
	limit    int
	several  bool // a document may have several keys in the range; limit bounds the keys
}

func (r repo[ID, T, P, Q]) Get(ctx context.Context, id ID) (T, error) {
	d, err := r.tx.Get(ctx, r.kind, id.String(), 0)
	if err != nil {
		var zero T
		return zero, fmt.Errorf("%s %s: %w", r.kind, id, err)
	}
	return decode[T](d)
}

func (r repo[ID, T, P, Q]) Put(ctx context.Context, v T) error {
	body, err := encode(v)
	if err != nil {
		return err
	}
	p := P(&v)
	ref := p.Ref()
	keys := append([]Key{{}}, r.keys(v)...)
	if err := r.tx.Put(ctx, Document{Kind: r.kind, ID: ref.ID, Version: p.Stamp().Version, Keys: keys, Body: body}); err != nil {
		return fmt.Errorf("%s: %w", ref, err)
	}
	return nil
}

func (r repo[ID, T, P, Q]) List(ctx context.Context, q Q) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		p := r.plan(q)
		scan := Range{Kind: r.kind, Index: p.index, From: p.from, To: p.to}
		if p.match == nil {
			scan.Limit = p.limit
		}
		n := 0
		documents := r.tx.Range(ctx, scan)
		if p.several {
			documents, p.limit = once(documents), 0
		}
		for d, err := range documents {
			var v T
			if err == nil {
				v, err = decode[T](d)
			}
			if err != nil {
				yield(v, fmt.Errorf("list %s: %w", r.kind, err))
				return
			}
			if p.match != nil && !p.match(v) {
				continue
			}
			if n++; !yield(v, nil) || n == p.limit {
				return
			}
		}
	}
}

// once yields each document once, ordered by ID.
func once(documents iter.Seq2[Document, error]) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		found := map[string]Document{}
		for d, err := range documents {
			if err != nil {
				yield(d, err)
				return
			}
			found[d.ID] = d
		}
		for _, id := range slices.Sorted(maps.Keys(found)) {
			if !yield(found[id], nil) {
				return
			}
		}
	}
}

func (r repo[ID, T, P, Q]) History(ctx context.Context, id ID) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		newest, err := r.tx.Get(ctx, r.kind, id.String(), 0)
		if err != nil {
			if !isNotFound(err) {
				var zero T
				yield(zero, fmt.Errorf("history of %s %s: %w", r.kind, id, err))
			}
			return
		}
		for version := uint64(1); version <= newest.Version; version++ {
			d := newest
			if version < newest.Version {
				d, err = r.tx.Get(ctx, r.kind, id.String(), version)
			}
			var v T
			if err == nil {
				v, err = decode[T](d)
			}
			if err != nil {
				yield(v, fmt.Errorf("history of %s %s, version %d: %w", r.kind, id, version, err))
				return
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}

// escapedInvalid is how encoding/json writes a byte that is not UTF-8. A genuine
// U+FFFD is written as itself.
var escapedInvalid = []byte(`\ufffd`)

func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode: %w: %w", glabella.ErrInvalid, err)
	}
	body := bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	for rest := body; ; {
		i := bytes.Index(rest, escapedInvalid)
		if i < 0 {
			return body, nil
		}
		if slashesBefore(rest, i)%2 == 0 {
			return nil, glabella.Invalid("record", glabella.Issue{Code: glabella.CodeText, Text: "text is not valid UTF-8"})
		}
		rest = rest[i+1:]
	}
}

func slashesBefore(b []byte, i int) int {
	n := 0
	for i > n && b[i-n-1] == '\\' {
		n++
	}
	return n
}

func decode[T any](d Document) (T, error) {
	var v T
	if json.Unmarshal(d.Body, &v) != nil {
		// The cause may quote the record, which is nobody's to read in an error.
		return v, fmt.Errorf("%s/%s, version %d: %w", d.Kind, d.ID, d.Version,
			glabella.Invalid("record", glabella.Issue{Code: glabella.CodeFormat, Text: "the stored form cannot be read"}))
	}
	return v, nil
}
