package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"reflect"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
)

// Entity is what the store needs of a record: its reference, its own check, and
// the place of its stamp. Every stored type satisfies it through a pointer.
type Entity[T any] interface {
	*T
	Ref() glabella.Ref
	Validate() error
	Stamp() *glabella.Meta
}

// Seen reads the records of one kind and notes every reference that it hands
// out, for the journal.
type Seen[ID, T, Q any, P Entity[T]] struct {
	reader Reader[ID, T, Q]
	trail  *trail
}

// Get returns the newest version of a record.
func (s Seen[ID, T, Q, P]) Get(ctx context.Context, id ID) (T, error) {
	v, err := s.reader.Get(ctx, id)
	if err == nil {
		s.trail.read(P(&v).Ref(), v)
	}
	return v, err
}

// List yields the records that q selects.
func (s Seen[ID, T, Q, P]) List(ctx context.Context, q Q) iter.Seq2[T, error] {
	return s.watch(s.reader.List(ctx, q), true)
}

// All returns the records that q selects as a slice.
func (s Seen[ID, T, Q, P]) All(ctx context.Context, q Q) ([]T, error) {
	var out []T
	for v, err := range s.List(ctx, q) {
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// Select reads the records that q selects and returns those that choose takes of
// them. Only these are noted as read, as nobody is shown the others.
func (s Seen[ID, T, Q, P]) Select(ctx context.Context, q Q, choose func([]T) []T) ([]T, error) {
	var all []T
	for v, err := range s.reader.List(ctx, q) {
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	chosen := choose(all)
	for _, v := range chosen {
		s.trail.read(P(&v).Ref(), v)
	}
	return chosen, nil
}

// History yields every version of a record, oldest first.
func (s Seen[ID, T, Q, P]) History(ctx context.Context, id ID) iter.Seq2[T, error] {
	return s.watch(s.reader.History(ctx, id), false)
}

func (s Seen[ID, T, Q, P]) watch(seq iter.Seq2[T, error], newest bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for v, err := range seq {
			if err == nil {
				if newest {
					s.trail.read(P(&v).Ref(), v)
				} else {
					s.trail.note(P(&v).Ref())
				}
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

// Tracked reads and writes the records of one kind. What it reads and changes is
// noted for the journal.
type Tracked[ID, T, Q any, P Entity[T]] struct {
	Seen[ID, T, Q, P]
	repo Repo[ID, T, Q]
}

func track[ID, T, Q any, P Entity[T]](r Repo[ID, T, Q], t *trail) Tracked[ID, T, Q, P] {
	return Tracked[ID, T, Q, P]{Seen: Seen[ID, T, Q, P]{reader: r, trail: t}, repo: r}
}

// Put checks, stamps and stores v as the next version of its record, and returns
// it as stored. The version in v is that which was read, 0 for a new record; if
// the record has changed since, the error wraps [glabella.ErrConflict].
func (r Tracked[ID, T, Q, P]) Put(ctx context.Context, v T) (T, error) {
	p := P(&v)
	if err := p.Validate(); err != nil {
		return v, err
	}
	ref, meta := p.Ref(), p.Stamp()
	before := meta.Version
	meta.Version++
	meta.UpdatedAt = r.trail.now
	meta.Nonce = r.trail.nonce()
	if before == 0 {
		meta.CreatedAt = r.trail.now
	}
	change := audit.Change{Ref: ref, Before: before, After: meta.Version}
	if before > 0 {
		old, err := r.previous(ctx, ref, before)
		if err != nil {
			return v, err
		}
		change.Fields = changedFields(old, v)
	}
	if err := r.repo.Put(ctx, v); err != nil {
		return v, err
	}
	digest, err := Digest(v)
	if err != nil {
		return v, err
	}
	change.Digest = digest
	r.trail.changed(change, v)
	return v, nil
}

// previous returns the version of the record that the change is based on: the
// one this transaction has read, or the newest one.
func (r Tracked[ID, T, Q, P]) previous(ctx context.Context, ref glabella.Ref, version uint64) (T, error) {
	if old, ok := r.trail.current[ref].(T); ok {
		return old, nil
	}
	id, err := idOf[ID](ref)
	if err != nil {
		return *new(T), err
	}
	old, err := r.reader.Get(ctx, id)
	if err == nil && P(&old).Stamp().Version != version {
		err = fmt.Errorf("%s: version %d was read, version %d is stored: %w", ref, version, P(&old).Stamp().Version, glabella.ErrConflict)
	}
	return old, err
}

func idOf[ID any](ref glabella.Ref) (ID, error) {
	var id ID
	u, ok := any(&id).(interface{ UnmarshalText([]byte) error })
	if !ok {
		return id, fmt.Errorf("%s: %T is not an identity: %w", ref, id, glabella.ErrInvalid)
	}
	return id, u.UnmarshalText([]byte(ref.ID))
}

// Digest returns the hex SHA-256 of a record's canonical bytes: its JSON form,
// with fields in the order of their declaration. It is what the journal holds of
// a version.
func Digest(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("digest: %w: %w", glabella.ErrInvalid, err)
	}
	return audit.Digest(b), nil
}

// changedFields names the top-level fields, by their stored names, in which two
// versions of a record differ. The stamp does not count.
func changedFields[T any](before, after T) []string {
	var out []string
	a, b := reflect.ValueOf(before), reflect.ValueOf(after)
	for i := range a.NumField() {
		f := a.Type().Field(i)
		if f.Type == reflect.TypeFor[glabella.Meta]() {
			continue
		}
		if !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			out = append(out, name)
		}
	}
	return out
}

// trail is what a transaction leaves for the journal.
type trail struct {
	now     time.Time
	nonce   func() string
	reads   []glabella.Ref
	seen    map[glabella.Ref]bool
	changes []audit.Change
	current map[glabella.Ref]any
}

func (t *trail) note(ref glabella.Ref) {
	if !t.seen[ref] {
		t.seen[ref] = true
		t.reads = append(t.reads, ref)
	}
}

func (t *trail) read(ref glabella.Ref, v any) {
	t.note(ref)
	t.current[ref] = v
}

func (t *trail) changed(c audit.Change, v any) {
	t.current[c.Ref] = v
	t.changes = append(t.changes, c)
}
