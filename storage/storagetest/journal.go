package storagetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/storage"
)

// journalChecks are the promises about the journal.
func journalChecks() []Check {
	return []Check{
		check("an empty journal has the zero head",
			"Before the first Append, Head is zero and Entries yields nothing.", journalEmpty),
		check("the journal is numbered without gaps",
			"Append takes the entry whose number is the size of the stored head, with a head that is one larger. Anything else is an error that wraps glabella.ErrConflict, and nothing is stored.", journalNumbers),
		check("entries are kept byte by byte",
			"Bytes and hashes of an entry are any bytes at all and are yielded as they were given.", journalBytes),
		check("the head is kept as it was given",
			"Head returns the size and the frontier of the last Append, as a copy that is the caller's own.", journalHead),
		check("entries are read from a number on, so many of them",
			"Entries yields the entries from a number on, ascending, all of them or as many as the limit, also where they do not fit a page of the database.", journalRange),
		check("what is appended is the backend's own",
			"Changing the slices that were given to Append, or those of a yielded entry, changes nothing stored.", journalCopies),
		check("a reader that follows the journal misses nothing",
			"While eight writers append, a reader that asks again and again for the entries after the last one it has seen gets every entry once, in order.", journalFollow),
	}
}

func journalEmpty(ctx context.Context, b storage.Backend) error {
	return b.View(ctx, func(ctx context.Context, tx storage.Tx) error {
		h, err := tx.Journal().Head(ctx)
		if err != nil {
			return err
		}
		entries, err := all(tx.Journal().Entries(ctx, 0, 0))
		if err != nil {
			return err
		}
		if h.Size != 0 || len(h.Frontier) != 0 || len(entries) != 0 {
			return fmt.Errorf("empty journal: got head %v and %d entries, want none", h, len(entries))
		}
		return nil
	})
}

func journalNumbers(ctx context.Context, b storage.Backend) error {
	for _, step := range []struct {
		seq, size uint64
		ok        bool
	}{
		{1, 2, false}, {0, 0, false}, {0, 2, false}, {0, 1, true},
		{0, 1, false}, {2, 3, false}, {1, 1, false}, {1, 3, false}, {1, 2, true},
	} {
		err := b.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
			e, h := entry(step.seq, "entry")
			h.Size = step.size
			return tx.Journal().Append(ctx, e, h)
		})
		if step.ok && err != nil {
			return fmt.Errorf("append of entry %d: %w", step.seq, err)
		}
		if !step.ok && !errors.Is(err, glabella.ErrConflict) {
			return fmt.Errorf("append of entry %d with a head of size %d: got error %v, want one that wraps glabella.ErrConflict", step.seq, step.size, err)
		}
	}
	return b.View(ctx, func(ctx context.Context, tx storage.Tx) error {
		h, err := tx.Journal().Head(ctx)
		if err != nil {
			return err
		}
		entries, err := all(tx.Journal().Entries(ctx, 0, 0))
		if err != nil {
			return err
		}
		if h.Size != 2 || len(entries) != 2 {
			return fmt.Errorf("journal after refused appends: got %d entries and a head of size %d, want 2", len(entries), h.Size)
		}
		return nil
	})
}

func journalBytes(ctx context.Context, b storage.Backend) error {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	texts := [][]byte{every, []byte("\xff\xfe\x00"), bytes.Repeat([]byte("large "), 20000), []byte(`{"v":1}`)}
	if err := b.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		for i, text := range texts {
			e, h := entry(uint64(i), string(text))
			e.Hashes = every[i*32:]
			if err := tx.Journal().Append(ctx, e, h); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return b.View(ctx, func(ctx context.Context, tx storage.Tx) error {
		entries, err := all(tx.Journal().Entries(ctx, 0, 0))
		if err != nil {
			return err
		}
		if len(entries) != len(texts) {
			return fmt.Errorf("journal: got %d entries, want %d", len(entries), len(texts))
		}
		for i, e := range entries {
			if !bytes.Equal(e.Bytes, texts[i]) {
				return fmt.Errorf("entry %d: its %d bytes are not the %d that were appended", i, len(e.Bytes), len(texts[i]))
			}
			if !bytes.Equal(e.Hashes, every[i*32:]) {
				return fmt.Errorf("entry %d: its hashes are not those that were appended", i)
			}
		}
		return nil
	})
}

func journalHead(ctx context.Context, b storage.Backend) error {
	for seq := range uint64(3) {
		var want audit.Head
		if err := b.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
			e, h := entry(seq, "entry")
			want = audit.Head{Size: h.Size, Frontier: slices.Clone(h.Frontier)}
			return tx.Journal().Append(ctx, e, h)
		}); err != nil {
			return err
		}
		for range 2 {
			if err := b.View(ctx, func(ctx context.Context, tx storage.Tx) error {
				h, err := tx.Journal().Head(ctx)
				if err != nil {
					return err
				}
				if err := same("head", h, want); err != nil {
					return err
				}
				clear(h.Frontier)
				return nil
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

func journalRange(ctx context.Context, b storage.Backend) error {
	const size = 600
	if err := b.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		for range size {
			if err := appendEntry(ctx, tx, "entry"); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return b.View(ctx, func(ctx context.Context, tx storage.Tx) error {
		for _, tt := range []struct {
			from       uint64
			limit      int
			first, end uint64
		}{
			{0, 0, 0, size}, {0, 1, 0, 1}, {5, 10, 5, 15}, {250, 300, 250, 550}, {0, 256, 0, 256}, {0, 512, 0, 512},
			{599, 0, 599, size}, {599, 5, 599, size}, {600, 0, 0, 0}, {1 << 63, 3, 0, 0},
		} {
			entries, err := all(tx.Journal().Entries(ctx, tt.from, tt.limit))
			if err != nil {
				return err
			}
			if uint64(len(entries)) != tt.end-tt.first {
				return fmt.Errorf("entries from %d, at most %d: got %d, want %d", tt.from, tt.limit, len(entries), tt.end-tt.first)
			}
			for i, e := range entries {
				if want := tt.first + uint64(i); e.Seq != want {
					return fmt.Errorf("entries from %d, at most %d: got number %d, want %d", tt.from, tt.limit, e.Seq, want)
				}
			}
		}
		return nil
	})
}

func journalCopies(ctx context.Context, b storage.Backend) error {
	e, h := entry(0, "entry")
	want, _ := entry(0, "entry")
	if err := b.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		err := tx.Journal().Append(ctx, e, h)
		clear(e.Bytes)
		clear(e.Hashes)
		return err
	}); err != nil {
		return err
	}
	for range 2 {
		if err := b.View(ctx, func(ctx context.Context, tx storage.Tx) error {
			entries, err := all(tx.Journal().Entries(ctx, 0, 0))
			if err != nil {
				return err
			}
			if err := same("entries", entries, []audit.Entry{want}); err != nil {
				return err
			}
			clear(entries[0].Bytes)
			clear(entries[0].Hashes)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func journalFollow(ctx context.Context, b storage.Backend) error {
	// The writers go on until the reader has met them often enough, or else one
	// that is given no processor time would read nothing but the finished journal.
	const writers, least, most, meetings = 8, 10, 500, 20
	var written, met, finished atomic.Int64
	var failed atomic.Bool
	return together(writers+1, func(i int) error {
		if i < writers {
			defer finished.Add(1)
			for n := 0; (n < least || met.Load() < meetings && n < most) && !failed.Load(); n++ {
				err := b.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
					err := appendEntry(ctx, tx, fmt.Sprintf("writer %d, entry %d", i, n))
					linger()
					return err
				})
				if err != nil {
					return err
				}
				written.Add(1)
			}
			return nil
		}
		seen := map[string]bool{}
		for next := uint64(0); ; time.Sleep(time.Millisecond) {
			last := finished.Load() == writers
			from := next
			err := b.View(ctx, func(ctx context.Context, tx storage.Tx) error {
				for e, err := range tx.Journal().Entries(ctx, next, 0) {
					if err != nil {
						return err
					}
					if e.Seq != next || seen[string(e.Bytes)] {
						return fmt.Errorf("a reader that follows the journal got number %d (%s), want number %d", e.Seq, e.Bytes, next)
					}
					seen[string(e.Bytes)] = true
					next++
				}
				return nil
			})
			if err != nil {
				failed.Store(true)
				return err
			}
			if next > from+1 {
				met.Add(1)
			}
			if last {
				if want := uint64(written.Load()); next != want {
					return fmt.Errorf("a reader that follows the journal got %d entries, want %d", next, want)
				}
				return nil
			}
		}
	})
}
