package storagetest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/storage"
)

// recordChecks are the promises about single records and their versions.
func recordChecks() []Check {
	return []Check{
		check("a record reads as it was put",
			"For every kind of record, Get returns after the commit what Put was given, every field of it.", recordReads),
		check("a record that was never put is not found",
			"Get gives an error that wraps glabella.ErrNotFound, and History yields nothing.", recordUnknown),
		check("only the next version can be put",
			"Put is a compare-and-set on the version: one above the newest, 1 for a new record. Every other version is an error that wraps glabella.ErrConflict, and nothing is written.", recordCompareAndSet),
		check("of several writers that saw the same version one wins",
			"Updates that put the same next version at the same time: one succeeds, the others get an error that wraps glabella.ErrConflict.", recordRace),
		check("a record can change twice in one update",
			"Put of version 1 and then of version 2 in the same transaction stores both.", recordTwice),
		check("every version is kept, oldest first",
			"History yields each version as it was put. Nothing is overwritten.", recordHistory),
		check("kinds do not mix",
			"Records of different kinds with the same ID are different records.", recordKinds),
		check("IDs and values that begin alike do not mix",
			"IDs that differ in one digit are different records, and a query for a code does not find the codes that it is the beginning of.", recordPrefixes),
	}
}

// putEach puts a version of one record of every kind in one update. Each has an
// ID of its own.
func putEach(ctx context.Context, b storage.Backend, kinds []collection, version uint64) error {
	return b.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		for i, c := range kinds {
			if err := c.put(ctx, tx, i, version); err != nil {
				return err
			}
		}
		return nil
	})
}

func recordReads(ctx context.Context, b storage.Backend) error {
	kinds := collections()
	if err := putEach(ctx, b, kinds, 1); err != nil {
		return err
	}
	return b.View(ctx, func(ctx context.Context, tx storage.Tx) error {
		for i, c := range kinds {
			if err := c.get(ctx, tx, i, 1); err != nil {
				return err
			}
		}
		return nil
	})
}

func recordUnknown(ctx context.Context, b storage.Backend) error {
	return b.View(ctx, func(ctx context.Context, tx storage.Tx) error {
		for _, c := range collections() {
			if err := c.unknown(ctx, tx, 1); err != nil {
				return err
			}
		}
		return nil
	})
}

func recordCompareAndSet(ctx context.Context, b storage.Backend) error {
	for i, c := range collections() {
		for _, step := range []struct {
			version uint64
			ok      bool
		}{{0, false}, {2, false}, {1, true}, {1, false}, {3, false}, {0, false}, {2, true}, {1, false}, {2, false}, {4, false}} {
			err := b.Update(ctx, func(ctx context.Context, tx storage.Tx) error { return c.put(ctx, tx, i, step.version) })
			if step.ok && err != nil {
				return fmt.Errorf("%s: put of version %d: %w", c.kind(), step.version, err)
			}
			if !step.ok && !errors.Is(err, glabella.ErrConflict) {
				return fmt.Errorf("%s: put of version %d, which is not the next: got error %v, want one that wraps glabella.ErrConflict", c.kind(), step.version, err)
			}
		}
		if err := b.View(ctx, func(ctx context.Context, tx storage.Tx) error { return c.versions(ctx, tx, i, 2) }); err != nil {
			return fmt.Errorf("after refused puts: %w", err)
		}
	}
	return nil
}

func recordRace(ctx context.Context, b storage.Backend) error {
	site := Fixtures().Site
	if err := put(ctx, b, storage.Tx.Sites, Stamped(site, 1)); err != nil {
		return err
	}
	for round := range uint64(8) {
		won := make(chan bool, 8)
		err := together(cap(won), func(n int) error {
			next := Stamped(site, round+2)
			next.Name = fmt.Sprintf("Writer %d", n)
			err := b.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
				err := tx.Sites().Put(ctx, next)
				linger()
				return err
			})
			if err != nil && !errors.Is(err, glabella.ErrConflict) {
				return err
			}
			won <- err == nil
			return nil
		})
		if err != nil {
			return err
		}
		winners := 0
		for range cap(won) {
			if <-won {
				winners++
			}
		}
		if winners != 1 {
			return fmt.Errorf("%d of %d writers of version %d were told that they succeeded, want 1", winners, cap(won), round+2)
		}
	}
	return nil
}

func recordTwice(ctx context.Context, b storage.Backend) error {
	site := Fixtures().Site
	if err := put(ctx, b, storage.Tx.Sites, Stamped(site, 1), Stamped(site, 2)); err != nil {
		return err
	}
	got, err := get(ctx, b, storage.Tx.Sites, site.ID)
	if err != nil {
		return err
	}
	return same("site", got.Version, 2)
}

func recordHistory(ctx context.Context, b storage.Backend) error {
	const number = 5
	kinds := collections()
	for version := range uint64(number) {
		if err := putEach(ctx, b, kinds, version+1); err != nil {
			return err
		}
	}
	return b.View(ctx, func(ctx context.Context, tx storage.Tx) error {
		for i, c := range kinds {
			if err := c.versions(ctx, tx, i, number); err != nil {
				return err
			}
		}
		return nil
	})
}

func recordKinds(ctx context.Context, b storage.Backend) error {
	kinds := collections()
	for i, c := range kinds {
		// Every other kind gets a second version, so that the records cannot be taken
		// for each other.
		for version := range uint64(i%2) + 1 {
			if err := b.Update(ctx, func(ctx context.Context, tx storage.Tx) error { return c.put(ctx, tx, 1, version+1) }); err != nil {
				return fmt.Errorf("%s beside other kinds with the same ID: %w", c.kind(), err)
			}
		}
	}
	return b.View(ctx, func(ctx context.Context, tx storage.Tx) error {
		for i, c := range kinds {
			if err := c.versions(ctx, tx, 1, uint64(i%2)+1); err != nil {
				return err
			}
			got, err := c.list(ctx, tx)
			if err != nil {
				return err
			}
			if err := same(c.kind()+": list", got, []string{c.id(1)}); err != nil {
				return err
			}
		}
		return nil
	})
}

func recordPrefixes(ctx context.Context, b storage.Backend) error {
	service := Fixtures().Service
	codes := []string{"peel", "peel-2", "peel-2 ", "pee", "peel-20"}
	for _, n := range shuffled(len(codes)) {
		v := Stamped(nth(service, n), 1)
		v.Code = codes[n]
		if err := put(ctx, b, storage.Tx.Services, v); err != nil {
			return err
		}
	}
	for n, code := range codes {
		v, err := get(ctx, b, storage.Tx.Services, nthID[glabella.ServiceID](n))
		if err != nil {
			return err
		}
		if err := same("code", v.Code, code); err != nil {
			return err
		}
		found, err := list(ctx, b, storage.Tx.Services, storage.ServiceQuery{Code: code})
		if err != nil {
			return err
		}
		if got, want := ids(found), []string{nthID[glabella.ServiceID](n).String()}; !slices.Equal(got, want) {
			return fmt.Errorf("services with code %q: got %v, want %v", code, got, want)
		}
	}
	return nil
}
