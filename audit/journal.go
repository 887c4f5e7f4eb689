package audit

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"math/bits"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a SHA-256 hash of the Merkle tree, a leaf's or a node's, as RFC 6962
// defines them.
type Hash = tlog.Hash

// emptyRoot is the root of the tree without leaves: the hash of no bytes.
var emptyRoot = Hash(sha256.Sum256(nil))

// LeafHash returns the leaf hash of an entry's bytes: SHA-256 of a zero byte and
// the bytes.
func LeafHash(b []byte) Hash { return tlog.RecordHash(b) }

// Entry is a record as it is stored. Backends keep it as it is and need not
// understand it.
type Entry struct {
	// Seq is the number of the entry, from 0.
	Seq uint64
	// Bytes are the canonical bytes of the record.
	Bytes []byte
	// Hashes are the hashes that the entry completes, 32 bytes each: its leaf hash
	// and then the roots of the subtrees that end with it, the smallest first.
	Hashes []byte
}

// Head is the state of the journal that an append needs. The zero Head is that
// of the empty journal.
type Head struct {
	// Size is the number of entries.
	Size uint64
	// Frontier is the right edge of the tree: the roots of the perfect subtrees
	// that the entries divide into, 32 bytes each, the largest first. There are as
	// many as Size has bits set.
	Frontier []byte
}

// Root returns the root hash of the tree. A head whose frontier does not fit its
// size gives a [*TamperError].
func (h Head) Root() (Hash, error) {
	if !h.wellFormed() {
		return Hash{}, &TamperError{Kind: Rewritten, Seq: h.Size}
	}
	if h.Size == 0 {
		return emptyRoot, nil
	}
	rest := h.Frontier[:len(h.Frontier)-tlog.HashSize]
	root := Hash(h.Frontier[len(rest):])
	for ; len(rest) > 0; rest = rest[:len(rest)-tlog.HashSize] {
		root = tlog.NodeHash(Hash(rest[len(rest)-tlog.HashSize:]), root)
	}
	return root, nil
}

func (h Head) wellFormed() bool {
	return len(h.Frontier) == bits.OnesCount64(h.Size)*tlog.HashSize
}

// add returns the hashes that the leaf completes and the head after it. The two
// share one allocation.
func (h Head) add(leaf Hash) ([]byte, Head) {
	completed := bits.TrailingZeros64(h.Size + 1)
	kept := len(h.Frontier) - completed*tlog.HashSize
	split := (1 + completed) * tlog.HashSize
	out := make([]byte, split+kept+tlog.HashSize)

	copy(out, leaf[:])
	for i := range completed {
		at := len(h.Frontier) - (i+1)*tlog.HashSize
		leaf = tlog.NodeHash(Hash(h.Frontier[at:at+tlog.HashSize]), leaf)
		copy(out[(i+1)*tlog.HashSize:], leaf[:])
	}
	copy(out[split:], h.Frontier[:kept])
	copy(out[split+kept:], leaf[:])
	return out[:split:split], Head{Size: h.Size + 1, Frontier: out[split:]}
}

// Journal is the append-only log of one practice. Storage backends implement it,
// as a part of the transaction that the command's other writes belong to. It
// must not be used by several goroutines at once.
type Journal interface {
	// Head returns the head, zero for the empty journal. Its frontier is the
	// caller's own.
	Head(ctx context.Context) (Head, error)
	// Append stores the next entry together with the new head. The entry's number
	// must be the size of the stored head, and the new head's size one above it,
	// otherwise the error wraps [glabella.ErrConflict] and nothing is stored.
	Append(ctx context.Context, e Entry, h Head) error
	// Entries yields the entries from number from on, ascending, at most limit of
	// them; limit 0 is all. It yields at most one error, last. The slices of a
	// yielded entry do not change afterwards.
	Entries(ctx context.Context, from uint64, limit int) iter.Seq2[Entry, error]
}

// Add appends a record to the journal and returns it with its number. Apart from
// the head it reads nothing. A record that is not valid is refused with a
// [*glabella.ValidationError]; a journal that has moved on since its head was
// read, with an error that wraps [glabella.ErrConflict].
func Add(ctx context.Context, j Journal, r Record) (Record, error) {
	head, err := j.Head(ctx)
	if err != nil {
		return r, fmt.Errorf("journal head: %w", err)
	}
	if !head.wellFormed() {
		return r, fmt.Errorf("append to the journal: %w", &TamperError{Kind: Rewritten, Seq: head.Size})
	}
	r.Seq = head.Size
	r.At = toMicrosecond(r.At)
	r.Actor.Auth.At = toMicrosecond(r.Actor.Auth.At)
	e, next, err := r.seal(head, make([]byte, 0, 1024))
	if err != nil {
		return r, err
	}
	if err := j.Append(ctx, e, next); err != nil {
		return r, fmt.Errorf("append to the journal: %w", err)
	}
	return r, nil
}

// seal encodes the record into buf and hashes it into the tree with the head h.
func (r *Record) seal(h Head, buf []byte) (Entry, Head, error) {
	// The leaf's prefix goes in front of the bytes, so that they are hashed in one
	// piece and without a copy.
	b, ok := r.encode(append(buf[:0], 0))
	if !ok {
		return Entry{}, h, r.Validate()
	}
	hashes, next := h.add(sha256.Sum256(b))
	return Entry{Seq: r.Seq, Bytes: b[1:], Hashes: hashes}, next, nil
}

func toMicrosecond(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Microsecond)
}
