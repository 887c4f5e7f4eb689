package audit_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
)

// memJournal is a journal in memory whose every part a test may change.
type memJournal struct {
	head    audit.Head
	entries []audit.Entry
}

func (j *memJournal) Head(context.Context) (audit.Head, error) { return j.head, nil }

func (j *memJournal) Append(_ context.Context, e audit.Entry, h audit.Head) error {
	if e.Seq != j.head.Size || h.Size != e.Seq+1 {
		return fmt.Errorf("entry %d after %d: %w", e.Seq, j.head.Size, glabella.ErrConflict)
	}
	j.entries, j.head = append(j.entries, e), h
	return nil
}

func (j *memJournal) Entries(_ context.Context, from uint64, limit int) iter.Seq2[audit.Entry, error] {
	return func(yield func(audit.Entry, error) bool) {
		n := 0
		for _, e := range j.entries {
			if e.Seq < from {
				continue
			}
			if n++; !yield(e, nil) || n == limit {
				return
			}
		}
	}
}

// clone returns a copy that shares no memory with j.
func (j *memJournal) clone() *memJournal {
	out := &memJournal{head: audit.Head{Size: j.head.Size, Frontier: slices.Clone(j.head.Frontier)}}
	for _, e := range j.entries {
		out.entries = append(out.entries, audit.Entry{Seq: e.Seq, Bytes: slices.Clone(e.Bytes), Hashes: slices.Clone(e.Hashes)})
	}
	return out
}

var (
	noon    = time.Date(2026, time.March, 2, 12, 0, 0, 123456000, time.UTC)
	staff   = glabella.MustParseID[glabella.StaffID]("01890000-0000-7000-8000-000000000001")
	site    = glabella.MustParseID[glabella.SiteID]("01890000-0000-7000-8000-000000000002")
	patient = glabella.MustParseID[glabella.PatientID]("01890000-0000-7000-8000-000000000003")
	noteID  = glabella.MustParseID[glabella.NoteID]("01890000-0000-7000-8000-000000000004")
)

func signature(i int) audit.Record {
	return audit.Record{
		At: noon.Add(time.Duration(i) * time.Second), Action: "note.sign", Outcome: audit.Done,
		Actor: glabella.StaffActor(staff, site), Site: site, Subject: patient.Ref(),
		Changes: []audit.Change{{Ref: noteID.Ref(), Before: uint64(i), After: uint64(i) + 1, Digest: audit.Digest([]byte{byte(i)}), Fields: []string{"state"}}},
	}
}

func journalOf(t testing.TB, n int) *memJournal {
	t.Helper()
	j := &memJournal{}
	for i := range n {
		if _, err := audit.Add(t.Context(), j, signature(i)); err != nil {
			t.Fatalf("Add(record %d) = %v", i, err)
		}
	}
	return j
}

// referenceHashes is the hash storage of package tlog, filled by package tlog.
type referenceHashes []tlog.Hash

func (r referenceHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		out[i] = r[index]
	}
	return out, nil
}

func TestAddNumbersAndStoresCanonicalBytes(t *testing.T) {
	t.Parallel()
	j := &memJournal{}
	for i := range 3 {
		in := signature(i)
		in.Seq = 77
		in.At = in.At.Add(987 * time.Nanosecond).In(time.FixedZone("", 3600))
		got, err := audit.Add(t.Context(), j, in)
		if err != nil {
			t.Fatalf("Add = %v", err)
		}
		stored, err := audit.ParseRecord(j.entries[i].Bytes)
		if err != nil {
			t.Fatalf("ParseRecord(stored bytes) = %v", err)
		}
		if diff := cmp.Diff(got, stored); diff != "" {
			t.Errorf("record as returned and as stored differ (-returned +stored):\n%s", diff)
		}
		if got.Seq != uint64(i) {
			t.Errorf("Add gave number %d, want %d", got.Seq, i)
		}
	}
}

func TestAddAgreesWithTlog(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(1))
	for range 20 {
		size := 1 + rng.Intn(300)
		j := &memJournal{}
		var ref referenceHashes
		for i := range size {
			if _, err := audit.Add(t.Context(), j, signature(rng.Intn(1000))); err != nil {
				t.Fatalf("Add = %v", err)
			}
			e := j.entries[i]
			hashes, err := tlog.StoredHashes(int64(i), e.Bytes, ref)
			if err != nil {
				t.Fatalf("tlog.StoredHashes = %v", err)
			}
			var want []byte
			for _, h := range hashes {
				want = append(want, h[:]...)
			}
			if diff := cmp.Diff(want, e.Hashes); diff != "" {
				t.Fatalf("hashes of entry %d (-tlog +got):\n%s", i, diff)
			}
			ref = append(ref, hashes...)
			want2, err := tlog.TreeHash(int64(i)+1, ref)
			if err != nil {
				t.Fatalf("tlog.TreeHash = %v", err)
			}
			if got, err := j.head.Root(); got != want2 || err != nil {
				t.Fatalf("Root of %d entries = %v, %v, want %v", i+1, got, err, want2)
			}
		}
	}
}

func TestRootOfTheEmptyJournalIsThatOfRFC6962(t *testing.T) {
	t.Parallel()
	want, err := tlog.TreeHash(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := (audit.Head{}).Root(); got != want || err != nil {
		t.Errorf("Head{}.Root() = %v, %v, want %v", got, err, want)
	}
}

func TestHeadWhoseFrontierDoesNotFitIsRefused(t *testing.T) {
	t.Parallel()
	j := journalOf(t, 3)
	j.head.Frontier = j.head.Frontier[:32]
	want := &audit.TamperError{Kind: audit.Rewritten, Seq: 3}
	for name, got := range map[string]error{
		"Root": func() error { _, err := j.head.Root(); return err }(),
		"Add":  func() error { _, err := audit.Add(t.Context(), j, signature(3)); return err }(),
	} {
		var tampered *audit.TamperError
		if !errors.As(got, &tampered) || *tampered != *want || !errors.Is(got, audit.ErrTampered) {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
}

// movingJournal moves on between Head and Append.
type movingJournal struct{ *memJournal }

func (j movingJournal) Head(ctx context.Context) (audit.Head, error) {
	h, err := j.memJournal.Head(ctx)
	if err == nil {
		_, err = audit.Add(ctx, j.memJournal, signature(0))
	}
	return h, err
}

func TestAddReportsAJournalThatHasMovedOn(t *testing.T) {
	t.Parallel()
	_, err := audit.Add(t.Context(), movingJournal{&memJournal{}}, signature(1))
	if !errors.Is(err, glabella.ErrConflict) {
		t.Errorf("Add = %v, want a conflict", err)
	}
}

func TestAddRefusesAnInvalidRecord(t *testing.T) {
	t.Parallel()
	j := &memJournal{}
	r := signature(0)
	r.Outcome = "fine"
	_, err := audit.Add(t.Context(), j, r)
	var invalid *glabella.ValidationError
	if !errors.As(err, &invalid) || len(j.entries) != 0 {
		t.Errorf("Add = %v with %d entries, want a validation error and none", err, len(j.entries))
	}
}
