package audit

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/glabella-ehr/glabella"
)

// Inclusion proves that a journal of a given size holds an entry at a given
// number, to someone who knows that journal's root but not the journal.
type Inclusion struct {
	Seq  uint64 `json:"seq"`
	Size uint64 `json:"size"`
	Path []Hash `json:"path"` // RFC 6962, section 2.1.1, from the leaf to the root
}

// ProveInclusion returns the proof that the first size entries of the journal
// hold the entry seq where it is. A size that the journal does not have, or a seq
// that is not below it, is an error that wraps [glabella.ErrInvalid].
func ProveInclusion(ctx context.Context, j Journal, seq, size uint64) (Inclusion, error) {
	if err := checkSize(ctx, j, size); err != nil {
		return Inclusion{}, fmt.Errorf("prove inclusion: %w", err)
	}
	if seq >= size {
		return Inclusion{}, fmt.Errorf("prove inclusion: %w: entry %d of %d", glabella.ErrInvalid, seq, size)
	}
	path, err := tlog.ProveRecord(int64(size), int64(seq), hashReader(ctx, j))
	if err != nil {
		return Inclusion{}, fmt.Errorf("prove inclusion: %w", err)
	}
	return Inclusion{Seq: seq, Size: size, Path: path}, nil
}

// Verify reports whether the proof leads from the entry's bytes to the root. The
// error is a [*TamperError].
func (p Inclusion) Verify(entry []byte, root Hash) error {
	if p.Size > maxSize || p.Seq >= p.Size ||
		tlog.CheckRecord(p.Path, int64(p.Size), root, int64(p.Seq), LeafHash(entry)) != nil {
		return &TamperError{Kind: Unproven, Seq: p.Size}
	}
	return nil
}

const (
	inclusionLine   = "glabella journal inclusion"
	consistencyLine = "glabella journal consistency"
)

// String returns the text form: a line that names the proof, a line with the
// number of the entry, one with the size, and one in base64 for each hash.
func (p Inclusion) String() string { return formatProof(inclusionLine, p.Seq, p.Size, p.Path) }

// ParseInclusion reads the text form of [Inclusion.String].
func ParseInclusion(s string) (Inclusion, error) {
	seq, size, path, err := parseProof(inclusionLine, s)
	if err != nil || seq >= size {
		return Inclusion{}, fmt.Errorf("inclusion proof: %w", glabella.ErrInvalid)
	}
	return Inclusion{Seq: seq, Size: size, Path: path}, nil
}

// Consistency proves that a journal begins with everything that it held at an
// earlier size: that it was only appended to.
type Consistency struct {
	Old  uint64 `json:"old"`
	New  uint64 `json:"new"`
	Path []Hash `json:"path"` // RFC 6962, section 2.1.2
}

// ProveConsistency returns the proof that the first newSize entries of the
// journal begin with the first oldSize entries. Sizes that the journal does not
// have, or an old one above the new one, are an error that wraps
// [glabella.ErrInvalid].
func ProveConsistency(ctx context.Context, j Journal, oldSize, newSize uint64) (Consistency, error) {
	if err := checkSize(ctx, j, newSize); err != nil {
		return Consistency{}, fmt.Errorf("prove consistency: %w", err)
	}
	if oldSize > newSize {
		return Consistency{}, fmt.Errorf("prove consistency: %w: from %d to %d entries", glabella.ErrInvalid, oldSize, newSize)
	}
	if oldSize == 0 {
		return Consistency{New: newSize, Path: []Hash{}}, nil
	}
	path, err := tlog.ProveTree(int64(newSize), int64(oldSize), hashReader(ctx, j))
	if err != nil {
		return Consistency{}, fmt.Errorf("prove consistency: %w", err)
	}
	return Consistency{Old: oldSize, New: newSize, Path: path}, nil
}

// Verify reports whether the proof leads from the old root to the new one. The
// error is a [*TamperError].
func (p Consistency) Verify(oldRoot, newRoot Hash) error {
	var ok bool
	switch {
	case p.New > maxSize || p.Old > p.New:
	case p.New == 0:
		ok = len(p.Path) == 0 && oldRoot == emptyRoot && newRoot == emptyRoot
	case p.Old == 0:
		ok = len(p.Path) == 0 && oldRoot == emptyRoot
	default:
		ok = tlog.CheckTree(p.Path, int64(p.New), newRoot, int64(p.Old), oldRoot) == nil
	}
	if !ok {
		return &TamperError{Kind: Unproven, Seq: p.New}
	}
	return nil
}

// String returns the text form: a line that names the proof, a line with the old
// size, one with the new size, and one in base64 for each hash.
func (p Consistency) String() string { return formatProof(consistencyLine, p.Old, p.New, p.Path) }

// ParseConsistency reads the text form of [Consistency.String].
func ParseConsistency(s string) (Consistency, error) {
	oldSize, newSize, path, err := parseProof(consistencyLine, s)
	if err != nil || oldSize > newSize {
		return Consistency{}, fmt.Errorf("consistency proof: %w", glabella.ErrInvalid)
	}
	return Consistency{Old: oldSize, New: newSize, Path: path}, nil
}

func formatProof(title string, a, b uint64, path []Hash) string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s\n%d\n%d\n", title, a, b)
	for _, h := range path {
		s.WriteString(h.String())
		s.WriteByte('\n')
	}
	return s.String()
}

// maxSize is the largest tree whose subtrees package tlog can index, and maxPath
// is longer than any path in it: one hash for each level, and one more.
const (
	maxSize = 1<<62 - 1
	maxPath = 64
)

var errMalformed = errors.New("malformed text")

func parseProof(title, s string) (a, b uint64, path []Hash, err error) {
	lines := strings.Split(s, "\n")
	n := len(lines) - 1
	if n < 3 || n > 3+maxPath || lines[0] != title || lines[n] != "" {
		return 0, 0, nil, errMalformed
	}
	if a, err = parseSize(lines[1]); err != nil {
		return 0, 0, nil, err
	}
	if b, err = parseSize(lines[2]); err != nil {
		return 0, 0, nil, err
	}
	path = []Hash{}
	for _, line := range lines[3:n] {
		h, err := parseHash(line)
		if err != nil {
			return 0, 0, nil, err
		}
		path = append(path, h)
	}
	return a, b, path, nil
}

// parseSize reads a decimal number in its only form, up to maxSize.
func parseSize(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n > maxSize || strconv.FormatUint(n, 10) != s {
		return 0, errMalformed
	}
	return n, nil
}

// parseHash reads a hash in the only form that [Hash.String] writes.
func parseHash(s string) (Hash, error) {
	h, err := tlog.ParseHash(s)
	if err != nil || h.String() != s {
		return Hash{}, errMalformed
	}
	return h, nil
}

func checkSize(ctx context.Context, j Journal, size uint64) error {
	head, err := j.Head(ctx)
	if err != nil {
		return fmt.Errorf("journal head: %w", err)
	}
	if size > head.Size || size > maxSize {
		return fmt.Errorf("%w: size %d of a journal of %d", glabella.ErrInvalid, size, head.Size)
	}
	return nil
}

// hashReader reads the tree's hashes from the entries that completed them.
func hashReader(ctx context.Context, j Journal) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]Hash, error) {
		out := make([]Hash, len(indexes))
		for i, index := range indexes {
			level, n := tlog.SplitStoredHashIndex(index)
			seq := uint64(n+1)<<level - 1
			hashes, err := storedHashes(ctx, j, seq)
			if err != nil {
				return nil, err
			}
			at := level * tlog.HashSize
			if len(hashes) < at+tlog.HashSize {
				return nil, &TamperError{Kind: Hashes, Seq: seq}
			}
			out[i] = Hash(hashes[at:])
		}
		return out, nil
	})
}

func storedHashes(ctx context.Context, j Journal, seq uint64) ([]byte, error) {
	for e, err := range j.Entries(ctx, seq, 1) {
		if err != nil {
			return nil, fmt.Errorf("journal entry %d: %w", seq, err)
		}
		if e.Seq == seq {
			return e.Hashes, nil
		}
	}
	return nil, &TamperError{Kind: Missing, Seq: seq}
}
