package audit_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
)

// roots returns the root of every size of the journal.
func roots(t testing.TB, n int) (*memJournal, []audit.Hash) {
	t.Helper()
	j := &memJournal{}
	out := []audit.Hash{checkpointOf(t, j.head).Root}
	for i := range n {
		if _, err := audit.Add(t.Context(), j, signature(i)); err != nil {
			t.Fatal(err)
		}
		out = append(out, checkpointOf(t, j.head).Root)
	}
	return j, out
}

func TestInclusionIsProvenForEveryEntryAndSize(t *testing.T) {
	t.Parallel()
	j, root := roots(t, 40)
	for size := uint64(1); size <= 40; size++ {
		for seq := range size {
			p, err := audit.ProveInclusion(t.Context(), j, seq, size)
			if err != nil {
				t.Fatalf("ProveInclusion(%d, %d) = %v", seq, size, err)
			}
			if err := p.Verify(j.entries[seq].Bytes, root[size]); err != nil {
				t.Fatalf("Verify of entry %d in %d = %v", seq, size, err)
			}
			again, err := audit.ParseInclusion(p.String())
			if err != nil || !cmp.Equal(again, p) {
				t.Fatalf("ParseInclusion(%q) = %v, %v, want %v", p, again, err, p)
			}
			var decoded audit.Inclusion
			if b, err := json.Marshal(p); err != nil || json.Unmarshal(b, &decoded) != nil || !cmp.Equal(decoded, p) {
				t.Fatalf("JSON of %v gave %v, %v", p, decoded, err)
			}
		}
	}
}

func TestConsistencyIsProvenForEveryPairOfSizes(t *testing.T) {
	t.Parallel()
	j, root := roots(t, 40)
	for newSize := range uint64(41) {
		for oldSize := range newSize + 1 {
			p, err := audit.ProveConsistency(t.Context(), j, oldSize, newSize)
			if err != nil {
				t.Fatalf("ProveConsistency(%d, %d) = %v", oldSize, newSize, err)
			}
			if err := p.Verify(root[oldSize], root[newSize]); err != nil {
				t.Fatalf("Verify from %d to %d = %v", oldSize, newSize, err)
			}
			if oldSize != newSize && oldSize > 0 && p.Verify(root[newSize], root[newSize]) == nil {
				t.Fatalf("Verify from %d to %d accepts another old root", oldSize, newSize)
			}
			again, err := audit.ParseConsistency(p.String())
			if err != nil || !cmp.Equal(again, p) {
				t.Fatalf("ParseConsistency(%q) = %v, %v, want %v", p, again, err, p)
			}
			var decoded audit.Consistency
			if b, err := json.Marshal(p); err != nil || json.Unmarshal(b, &decoded) != nil || !cmp.Equal(decoded, p) {
				t.Fatalf("JSON of %v gave %v, %v", p, decoded, err)
			}
		}
	}
}

func TestAProofOfSomethingElseIsRefused(t *testing.T) {
	t.Parallel()
	j, root := roots(t, 21)
	entry := j.entries[5].Bytes
	in, err := audit.ProveInclusion(t.Context(), j, 5, 21)
	if err != nil {
		t.Fatal(err)
	}
	con, err := audit.ProveConsistency(t.Context(), j, 13, 21)
	if err != nil {
		t.Fatal(err)
	}
	flipped := slices.Clone(in.Path)
	flipped[1][3] ^= 1
	for name, got := range map[string]error{
		"another entry":             in.Verify(j.entries[6].Bytes, root[21]),
		"another root":              in.Verify(entry, root[20]),
		"another number":            audit.Inclusion{Seq: 6, Size: 21, Path: in.Path}.Verify(entry, root[21]),
		"a number beyond":           audit.Inclusion{Seq: 21, Size: 21, Path: in.Path}.Verify(entry, root[21]),
		"an altered path":           audit.Inclusion{Seq: 5, Size: 21, Path: flipped}.Verify(entry, root[21]),
		"a short path":              audit.Inclusion{Seq: 5, Size: 21, Path: in.Path[1:]}.Verify(entry, root[21]),
		"the empty tree":            audit.Inclusion{}.Verify(entry, root[0]),
		"a size beyond any tree":    audit.Inclusion{Seq: 5, Size: math.MaxUint64, Path: in.Path}.Verify(entry, root[21]),
		"a size that tlog cannot":   audit.Inclusion{Seq: 5, Size: 1 << 62, Path: in.Path}.Verify(entry, root[21]),
		"the largest size":          audit.Inclusion{Seq: 5, Size: 1<<62 - 1, Path: in.Path}.Verify(entry, root[21]),
		"another old root":          con.Verify(root[12], root[21]),
		"another new root":          con.Verify(root[13], root[20]),
		"sizes the wrong way round": audit.Consistency{Old: 21, New: 13, Path: con.Path}.Verify(root[21], root[13]),
		"a new size beyond":         audit.Consistency{Old: 1, New: 1 << 63, Path: con.Path}.Verify(root[13], root[21]),
		"nothing from something":    audit.Consistency{Old: 0, New: 21}.Verify(root[1], root[21]),
		"a path from nothing":       audit.Consistency{Old: 0, New: 21, Path: con.Path}.Verify(root[0], root[21]),
		"an empty tree that is not": audit.Consistency{}.Verify(root[0], root[21]),
	} {
		var tampered *audit.TamperError
		if !errors.As(got, &tampered) || tampered.Kind != audit.Unproven {
			t.Errorf("proof with %s: %v, want unproven", name, got)
		}
	}
}

func TestProofsOfWhatTheJournalDoesNotHaveAreRefused(t *testing.T) {
	t.Parallel()
	j := journalOf(t, 8)
	for _, tt := range []struct {
		name string
		err  func() error
		want error
	}{
		{"inclusion in a larger journal", func() error { _, err := audit.ProveInclusion(t.Context(), j, 1, 9); return err }, glabella.ErrInvalid},
		{"inclusion of a later entry", func() error { _, err := audit.ProveInclusion(t.Context(), j, 5, 5); return err }, glabella.ErrInvalid},
		{"consistency with a larger journal", func() error { _, err := audit.ProveConsistency(t.Context(), j, 1, 9); return err }, glabella.ErrInvalid},
		{"consistency backwards", func() error { _, err := audit.ProveConsistency(t.Context(), j, 5, 4); return err }, glabella.ErrInvalid},
		{"a dropped entry", func() error {
			k := j.clone()
			k.entries = slices.Delete(k.entries, 3, 4)
			_, err := audit.ProveInclusion(t.Context(), k, 5, 8)
			return err
		}, audit.ErrTampered},
		{"an entry without its subtree hashes", func() error {
			k := j.clone()
			k.entries[3].Hashes = k.entries[3].Hashes[:32]
			_, err := audit.ProveInclusion(t.Context(), k, 5, 8)
			return err
		}, audit.ErrTampered},
	} {
		if err := tt.err(); !errors.Is(err, tt.want) {
			t.Errorf("proof of %s = %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestParseProofRefusesMalformedText(t *testing.T) {
	t.Parallel()
	h := tlog.Hash{1}.String() + "\n"
	for _, in := range []string{
		"", "\n", "glabella journal inclusion", "glabella journal inclusion\n1\n2",
		"glabella journal consistency\n1\n2\n",
		"glabella journal inclusion\n01\n2\n",
		"glabella journal inclusion\n-1\n2\n",
		"glabella journal inclusion\n2\n2\n",
		"glabella journal inclusion\n1\n4611686018427387904\n",
		"glabella journal inclusion\n1\n2\n" + h[:10] + "\n",
		"glabella journal inclusion\n1\n2\n" + h + "\n",
		"glabella journal inclusion\n1\n2\n" + strings.Repeat(h, 65),
		"glabella journal inclusion\n1\n2\n" + strings.Replace(h, "A=", "B=", 1),
	} {
		if p, err := audit.ParseInclusion(in); !errors.Is(err, glabella.ErrInvalid) {
			t.Errorf("ParseInclusion(%q) = %v, %v, want invalid", in, p, err)
		}
	}
	if p, err := audit.ParseConsistency("glabella journal consistency\n3\n2\n"); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("ParseConsistency with sizes the wrong way round = %v, %v, want invalid", p, err)
	}
}

func FuzzParseProofs(f *testing.F) {
	j := journalOf(f, 21)
	rng := rand.New(rand.NewSource(5))
	for range 5 {
		p, err := audit.ProveInclusion(f.Context(), j, uint64(rng.Intn(21)), 21)
		if err != nil {
			f.Fatal(err)
		}
		c, err := audit.ProveConsistency(f.Context(), j, uint64(rng.Intn(21)), 21)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(p.String())
		f.Add(c.String())
	}
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := audit.ParseInclusion(s); err == nil {
			if p.String() != s {
				t.Errorf("String = %q, want %q", p, s)
			}
			if p.Verify([]byte("another entry"), audit.Hash{}) == nil {
				t.Errorf("Verify(%q) accepts any entry", s)
			}
		}
		if c, err := audit.ParseConsistency(s); err == nil {
			if c.String() != s {
				t.Errorf("String = %q, want %q", c, s)
			}
			if c.Verify(audit.Hash{1}, audit.Hash{2}) == nil {
				t.Errorf("Verify(%q) accepts any roots", s)
			}
		}
	})
}
