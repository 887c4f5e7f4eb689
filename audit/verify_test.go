package audit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/glabella-ehr/glabella/audit"
)

func checkpointOf(t testing.TB, h audit.Head) audit.Checkpoint {
	t.Helper()
	root, err := h.Root()
	if err != nil {
		t.Fatal(err)
	}
	return audit.Checkpoint{Origin: "clinic.example/journal", Size: h.Size, Root: root}
}

func TestVerifyAcceptsWhatWasWritten(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(3))
	sizes := []int{0, 1, 2, 3, 1023, 1024, 1025, 2048, 4096, 5000}
	for range 10 {
		sizes = append(sizes, rng.Intn(6000))
	}
	for _, size := range sizes {
		j := &memJournal{}
		checkpoints := []audit.Checkpoint{checkpointOf(t, j.head)}
		for i := range size {
			if _, err := audit.Add(t.Context(), j, signature(i)); err != nil {
				t.Fatal(err)
			}
			if rng.Intn(200) == 0 || i+1 == 1024 || i+1 == size {
				checkpoints = append(checkpoints, checkpointOf(t, j.head))
			}
		}
		rng.Shuffle(len(checkpoints), func(a, b int) { checkpoints[a], checkpoints[b] = checkpoints[b], checkpoints[a] })
		checkpoints = append(checkpoints, checkpoints[0])
		root, err := j.head.Root()
		if err != nil {
			t.Fatal(err)
		}
		want := audit.Report{Size: uint64(size), Root: root, Checkpoints: len(checkpoints)}
		for _, workers := range []int{0, 1, 2, 5} {
			got, err := audit.Verify(t.Context(), j, &audit.VerifyOptions{Checkpoints: checkpoints, Workers: workers})
			if err != nil || got != want {
				t.Errorf("Verify of %d entries with %d workers = %+v, %v, want %+v", size, workers, got, err, want)
			}
		}
	}
}

// rebuild makes the tree of j anew from its entries' bytes, as someone would who
// can write to the whole store.
func rebuild(t testing.TB, j *memJournal) {
	t.Helper()
	var ref referenceHashes
	var want audit.Head
	for i := range j.entries {
		hashes, err := tlog.StoredHashes(int64(i), j.entries[i].Bytes, ref)
		if err != nil {
			t.Fatal(err)
		}
		ref = append(ref, hashes...)
		j.entries[i].Seq, j.entries[i].Hashes = uint64(i), nil
		for _, h := range hashes {
			j.entries[i].Hashes = append(j.entries[i].Hashes, h[:]...)
		}
		kept := len(want.Frontier) - 32*(len(hashes)-1)
		want.Frontier = append(slices.Clone(want.Frontier[:kept]), hashes[len(hashes)-1][:]...)
		want.Size++
	}
	j.head = want
}

func TestVerifyDetectsTampering(t *testing.T) {
	t.Parallel()
	const size = 2600 // two whole chunks and a part
	original := journalOf(t, size)
	early := checkpointOf(t, journalOf(t, 1500).head)
	late := checkpointOf(t, original.head)
	leaf := func(b []byte) []byte { h := tlog.RecordHash(b); return h[:] }

	for _, tt := range []struct {
		name        string
		change      func(j *memJournal)
		checkpoints []audit.Checkpoint
		want        audit.TamperError
	}{
		{
			name:   "an altered record",
			change: func(j *memJournal) { j.entries[1100].Bytes[40] ^= 1 },
			want:   audit.TamperError{Kind: audit.Altered, Seq: 1100},
		},
		{
			name:   "an altered leaf hash",
			change: func(j *memJournal) { j.entries[1100].Hashes[0] ^= 1 },
			want:   audit.TamperError{Kind: audit.Altered, Seq: 1100},
		},
		{
			name: "an altered record with its leaf hash rewritten",
			change: func(j *memJournal) {
				e := &j.entries[1100]
				e.Bytes[40] ^= 1
				copy(e.Hashes, leaf(e.Bytes))
			},
			want: audit.TamperError{Kind: audit.Hashes, Seq: 1101},
		},
		{
			name: "the last record altered with its leaf hash rewritten",
			change: func(j *memJournal) {
				j.entries = j.entries[:2599]
				rebuild(t, j)
				e := &j.entries[2598]
				e.Bytes[40] ^= 1
				copy(e.Hashes, leaf(e.Bytes))
			},
			want: audit.TamperError{Kind: audit.Rewritten, Seq: 2599},
		},
		{
			name:   "a subtree hash within a chunk",
			change: func(j *memJournal) { j.entries[1031].Hashes[3*32] ^= 1 },
			want:   audit.TamperError{Kind: audit.Hashes, Seq: 1031},
		},
		{
			name:   "a subtree hash above the chunks",
			change: func(j *memJournal) { j.entries[2047].Hashes[11*32] ^= 1 },
			want:   audit.TamperError{Kind: audit.Hashes, Seq: 2047},
		},
		{
			name:   "a missing subtree hash",
			change: func(j *memJournal) { j.entries[2047].Hashes = j.entries[2047].Hashes[:11*32] },
			want:   audit.TamperError{Kind: audit.Hashes, Seq: 2047},
		},
		{
			name:   "a dropped record",
			change: func(j *memJournal) { j.entries = slices.Delete(j.entries, 1200, 1201) },
			want:   audit.TamperError{Kind: audit.Missing, Seq: 1200},
		},
		{
			name: "a dropped record with the later ones renumbered",
			change: func(j *memJournal) {
				j.entries = slices.Delete(j.entries, 1200, 1201)
				for i := range j.entries {
					j.entries[i].Seq = uint64(i)
				}
			},
			want: audit.TamperError{Kind: audit.Hashes, Seq: 1200},
		},
		{
			name:   "the first record dropped",
			change: func(j *memJournal) { j.entries = j.entries[1:] },
			want:   audit.TamperError{Kind: audit.Missing, Seq: 0},
		},
		{
			name:   "two records that changed places",
			change: func(j *memJournal) { j.entries[1200], j.entries[1300] = j.entries[1300], j.entries[1200] },
			want:   audit.TamperError{Kind: audit.Missing, Seq: 1200},
		},
		{
			name: "two records that changed places and numbers",
			change: func(j *memJournal) {
				a, b := &j.entries[1200], &j.entries[1300]
				a.Bytes, b.Bytes, a.Hashes, b.Hashes = b.Bytes, a.Bytes, b.Hashes, a.Hashes
			},
			want: audit.TamperError{Kind: audit.Hashes, Seq: 1201},
		},
		{
			name:   "a record that comes twice",
			change: func(j *memJournal) { j.entries = slices.Insert(j.entries, 1200, j.entries[1199]) },
			want:   audit.TamperError{Kind: audit.Disordered, Seq: 1199},
		},
		{
			name: "an inserted record with the later ones renumbered",
			change: func(j *memJournal) {
				b := []byte(`{"v":1}`)
				j.entries = slices.Insert(j.entries, 1200, audit.Entry{Bytes: b, Hashes: leaf(b)})
				for i := range j.entries {
					j.entries[i].Seq = uint64(i)
				}
			},
			want: audit.TamperError{Kind: audit.Hashes, Seq: 1201},
		},
		{
			name:   "records cut off",
			change: func(j *memJournal) { j.entries = j.entries[:2000] },
			want:   audit.TamperError{Kind: audit.Truncated, Seq: 2000},
		},
		{
			name:   "records that the head does not know",
			change: func(j *memJournal) { j.head = journalOf(t, 2000).head },
			want:   audit.TamperError{Kind: audit.Surplus, Seq: 2000},
		},
		{
			name:   "a head with another frontier",
			change: func(j *memJournal) { j.head.Frontier[0] ^= 1 },
			want:   audit.TamperError{Kind: audit.Rewritten, Seq: size},
		},
		{
			name: "records cut off with the head rewritten, against a later checkpoint",
			change: func(j *memJournal) {
				j.entries = j.entries[:2000]
				rebuild(t, j)
			},
			checkpoints: []audit.Checkpoint{late, early},
			want:        audit.TamperError{Kind: audit.Truncated, Seq: 2000},
		},
		{
			name: "everything cut off, against a checkpoint",
			change: func(j *memJournal) {
				*j = memJournal{}
			},
			checkpoints: []audit.Checkpoint{early},
			want:        audit.TamperError{Kind: audit.Truncated, Seq: 0},
		},
		{
			name: "a record altered with the whole tree rewritten, against an earlier checkpoint",
			change: func(j *memJournal) {
				j.entries[700].Bytes[40] ^= 1
				rebuild(t, j)
			},
			checkpoints: []audit.Checkpoint{early},
			want:        audit.TamperError{Kind: audit.Diverged, Seq: 1500},
		},
		{
			name:        "a checkpoint of the empty journal with another root",
			change:      func(*memJournal) {},
			checkpoints: []audit.Checkpoint{{Size: 0, Root: late.Root}},
			want:        audit.TamperError{Kind: audit.Diverged, Seq: 0},
		},
		{
			name: "the first of several differences is reported",
			change: func(j *memJournal) {
				j.entries[2500].Bytes[40] ^= 1
				j.entries[900].Bytes[40] ^= 1
				j.entries = slices.Delete(j.entries, 950, 951)
			},
			want: audit.TamperError{Kind: audit.Altered, Seq: 900},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			j := original.clone()
			tt.change(j)
			for _, workers := range []int{1, 2, 4} {
				_, err := audit.Verify(t.Context(), j, &audit.VerifyOptions{Checkpoints: tt.checkpoints, Workers: workers})
				var got *audit.TamperError
				if !errors.As(err, &got) || *got != tt.want || !errors.Is(err, audit.ErrTampered) {
					t.Errorf("Verify with %d workers = %v, want %v", workers, err, &tt.want)
				}
			}
		})
	}
}

func TestAWholeRewriteShowsOnlyAgainstACheckpoint(t *testing.T) {
	t.Parallel()
	j := journalOf(t, 100)
	before := checkpointOf(t, j.head)
	j.entries = j.entries[:90]
	rebuild(t, j)
	if _, err := audit.Verify(t.Context(), j, nil); err != nil {
		t.Errorf("Verify without checkpoints = %v, want nothing", err)
	}
	if _, err := audit.Verify(t.Context(), j, &audit.VerifyOptions{Checkpoints: []audit.Checkpoint{before}}); !errors.Is(err, audit.ErrTampered) {
		t.Errorf("Verify with a checkpoint = %v, want tampering", err)
	}
}

// TestVerifyDetectsEverySingleChange flips one bit anywhere in the stored
// journal.
func TestVerifyDetectsEverySingleChange(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(4))
	original := journalOf(t, 200)
	for range 500 {
		j := original.clone()
		e := &j.entries[rng.Intn(len(j.entries))]
		part := [][]byte{e.Bytes, e.Hashes, j.head.Frontier}[rng.Intn(3)]
		part[rng.Intn(len(part))] ^= 1 << rng.Intn(8)
		if _, err := audit.Verify(t.Context(), j, nil); !errors.Is(err, audit.ErrTampered) {
			t.Fatalf("Verify = %v, want tampering", err)
		}
	}
}

func TestVerifyDoesNotDecode(t *testing.T) {
	t.Parallel()
	j := &memJournal{}
	for _, b := range []string{"", "not JSON", "\x00\xff"} {
		j.entries = append(j.entries, audit.Entry{Bytes: []byte(b)})
	}
	rebuild(t, j)
	if _, err := audit.Verify(t.Context(), j, nil); err != nil {
		t.Errorf("Verify = %v", err)
	}
}

// brokenJournal fails while it is read.
type brokenJournal struct {
	*memJournal
	after int
	err   error
}

func (j brokenJournal) Entries(ctx context.Context, from uint64, limit int) iter.Seq2[audit.Entry, error] {
	return func(yield func(audit.Entry, error) bool) {
		n := 0
		for e := range j.memJournal.Entries(ctx, from, limit) {
			if n == j.after {
				yield(audit.Entry{}, j.err)
				return
			}
			n++
			if !yield(e, nil) {
				return
			}
		}
	}
}

func TestVerifyReturnsTheErrorsOfTheJournalAndTheContext(t *testing.T) {
	t.Parallel()
	j := journalOf(t, 3000)
	broken := errors.New("disk gone")
	for _, workers := range []int{1, 2} {
		for _, after := range []int{0, 10, 1024, 2500} {
			_, err := audit.Verify(t.Context(), brokenJournal{j, after, broken}, &audit.VerifyOptions{Workers: workers})
			if !errors.Is(err, broken) || errors.Is(err, audit.ErrTampered) {
				t.Errorf("Verify of a journal that fails after %d = %v, want %v", after, err, broken)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := audit.Verify(ctx, j, &audit.VerifyOptions{Workers: workers}); !errors.Is(err, context.Canceled) {
			t.Errorf("Verify after cancel = %v, want %v", err, context.Canceled)
		}
	}
}

// entries390 returns a journal of n entries of about 390 bytes.
func entries390(b *testing.B, n int) *memJournal {
	b.Helper()
	j := &memJournal{}
	for i := range n {
		if _, err := audit.Add(b.Context(), j, record390(i)); err != nil {
			b.Fatal(err)
		}
	}
	size := 0
	for i, e := range j.entries {
		j.entries[i].Bytes = bytes.Clone(e.Bytes)
		size += len(e.Bytes)
	}
	b.Logf("%d bytes an entry", size/n)
	return j
}

func BenchmarkVerify(b *testing.B) {
	const n = 1 << 17
	j := entries390(b, n)
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := audit.Verify(b.Context(), j, &audit.VerifyOptions{Workers: workers}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds()/1e6, "Mrecords/s")
		})
	}
}

func record390(i int) audit.Record {
	r := signature(i)
	r.Site, r.Changes[0].Digest = audit.Record{}.Site, ""
	return r
}
