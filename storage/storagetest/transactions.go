package storagetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/storage"
)

// transactionChecks are the promises about Update and View.
func transactionChecks() []Check {
	return []Check{
		check("an update that fails leaves nothing",
			"If the closure of Update returns an error, no record, no key and no journal entry of it remains.", updateFails),
		check("an update that panics leaves nothing",
			"If the closure panics, the panic goes on to the caller, nothing of the update remains, and the backend still works.", updatePanics),
		check("an error of the closure comes back as it is",
			"Update and View return the closure's own error value.", closureErrors),
		check("a cancelled context writes nothing",
			"An Update whose context is cancelled, before it or while its closure runs, writes nothing and gives the context's error, even if the closure returns nil.", updateCancelled),
		check("an update becomes visible all at once",
			"Records of different kinds and the journal entry of one Update are seen together or not at all.", updateAtOnce),
		check("an update sees what it has written",
			"Get, List, History and the journal show, inside the transaction, what it has put and appended so far.", updateSeesItself),
		check("a view sees one state throughout",
			"However long a View takes and whatever is committed meanwhile, all of its reads are of the same state.", viewIsStable),
		check("a view writes nothing",
			"Put and Append fail inside View.", viewWritesNothing),
		check("updates are serializable",
			"The effects of concurrent Updates are those of running them one after the other: no increment is lost, and two updates that each read both of two records and write one of them do not both act on the old state.", updateSerializable),
		check("other reads work while a list is read",
			"Inside one transaction, a list may be left early, and Get and other lists may be called before it has ended.", readsNest),
	}
}

// nothingOf reports an error unless the store holds nothing of the record and
// the entry that the transaction checks write.
func nothingOf(ctx context.Context, b storage.Backend, what string) error {
	f := Fixtures()
	return b.View(ctx, func(ctx context.Context, tx storage.Tx) error {
		everything, err := all(tx.Services().List(ctx, storage.ServiceQuery{}))
		if err != nil {
			return err
		}
		if got, want := ids(everything), []string{nthID[glabella.ServiceID](0).String()}; stored(got) != stored(want) {
			return fmt.Errorf("services after %s: got %v, want %v", what, got, want)
		}
		found, err := all(tx.Services().List(ctx, storage.ServiceQuery{Code: f.Service.Code}))
		if err != nil {
			return err
		}
		if got, want := ids(found), []string{nthID[glabella.ServiceID](0).String()}; stored(got) != stored(want) {
			return fmt.Errorf("services found by code after %s: got %v, want %v", what, got, want)
		}
		if everything[0].Version != 1 {
			return fmt.Errorf("service after %s: got version %d, want 1", what, everything[0].Version)
		}
		h, err := tx.Journal().Head(ctx)
		if err != nil {
			return err
		}
		if h.Size != 1 {
			return fmt.Errorf("journal after %s: got %d entries, want 1", what, h.Size)
		}
		return nil
	})
}

// prepared stores the one service and the one entry that [nothingOf] expects.
func prepared(ctx context.Context, b storage.Backend) error {
	return b.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		if err := tx.Services().Put(ctx, Stamped(nth(Fixtures().Service, 0), 1)); err != nil {
			return err
		}
		return appendEntry(ctx, tx, "before")
	})
}

// written changes the service, adds another one, and appends an entry.
func written(ctx context.Context, tx storage.Tx) error {
	service := Fixtures().Service
	changed := Stamped(nth(service, 0), 2)
	changed.Code = "changed"
	return errors.Join(
		tx.Services().Put(ctx, changed),
		tx.Services().Put(ctx, Stamped(nth(service, 1), 1)),
		appendEntry(ctx, tx, "after"),
	)
}

func updateFails(ctx context.Context, b storage.Backend) error {
	if err := prepared(ctx, b); err != nil {
		return err
	}
	err := b.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		if err := written(ctx, tx); err != nil {
			return err
		}
		return errors.New("changed my mind")
	})
	if err == nil {
		return errors.New("update whose closure failed: got no error")
	}
	return nothingOf(ctx, b, "an update that failed")
}

func updatePanics(ctx context.Context, b storage.Backend) error {
	if err := prepared(ctx, b); err != nil {
		return err
	}
	type surprise struct{ n int }
	recovered, err := func() (r any, err error) {
		defer func() { r = recover() }()
		return nil, b.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
			if err := written(ctx, tx); err != nil {
				return err
			}
			panic(surprise{7})
		})
	}()
	if err != nil {
		return err
	}
	if recovered != (surprise{7}) {
		return fmt.Errorf("panic in an update: recovered %v, want the value that it panicked with", recovered)
	}
	if err := nothingOf(ctx, b, "an update that panicked"); err != nil {
		return err
	}
	if err := b.Update(ctx, written); err != nil {
		return fmt.Errorf("update after one that panicked: %w", err)
	}
	return nil
}

type closureError struct{ n int }

func (*closureError) Error() string { return "error of a closure" }

func closureErrors(ctx context.Context, b storage.Backend) error {
	want := &closureError{7}
	fn := func(context.Context, storage.Tx) error { return want }
	if got := b.Update(ctx, fn); got != error(want) {
		return fmt.Errorf("update: got error %#v, want the closure's own %#v", got, want)
	}
	if got := b.View(ctx, fn); got != error(want) {
		return fmt.Errorf("view: got error %#v, want the closure's own %#v", got, want)
	}
	return nil
}

func updateCancelled(ctx context.Context, b storage.Backend) error {
	if err := prepared(ctx, b); err != nil {
		return err
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if err := b.Update(done, written); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("update with a cancelled context: got error %v, want context.Canceled", err)
	}
	if err := nothingOf(ctx, b, "an update with a cancelled context"); err != nil {
		return err
	}
	during, cancel := context.WithCancel(ctx)
	defer cancel()
	err := b.Update(during, func(ctx context.Context, tx storage.Tx) error {
		err := written(ctx, tx)
		cancel()
		return err
	})
	if !errors.Is(err, context.Canceled) {
		return fmt.Errorf("update that was cancelled while it ran: got error %v, want context.Canceled", err)
	}
	return nothingOf(ctx, b, "an update that was cancelled while it ran")
}

// updateAtOnce reads in an order in which even separate reads would agree, so
// that it is about the update alone.
func updateAtOnce(ctx context.Context, b storage.Backend) error {
	f := Fixtures()
	const updates = 20
	var finished atomic.Bool
	return together(2, func(i int) error {
		if i == 0 {
			defer finished.Store(true)
			for n := range updates {
				err := b.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
					return errors.Join(
						tx.Sites().Put(ctx, Stamped(f.Site, uint64(n)+1)),
						tx.Movements().Put(ctx, Stamped(nth(f.Movement, n), 1)),
						appendEntry(ctx, tx, "update"),
					)
				})
				if err != nil {
					return err
				}
			}
			return nil
		}
		for more := true; more; {
			more = !finished.Load()
			err := b.View(ctx, func(ctx context.Context, tx storage.Tx) error {
				before, err := tx.Journal().Head(ctx)
				if err != nil {
					return err
				}
				movements, err := all(tx.Movements().List(ctx, storage.MovementQuery{Lot: f.Movement.Lot}))
				if err != nil {
					return err
				}
				sites, err := all(tx.Sites().List(ctx, storage.SiteQuery{}))
				if err != nil {
					return err
				}
				var version uint64
				if len(sites) > 0 {
					version = sites[0].Version
				}
				after, err := tx.Journal().Head(ctx)
				if err != nil {
					return err
				}
				if n := uint64(len(movements)); before.Size > n || n > version || version > after.Size {
					return fmt.Errorf("half an update is visible: between %d and %d journal entries, %d movements and version %d of the site, all of which were written together",
						before.Size, after.Size, n, version)
				}
				return nil
			})
			if err != nil {
				return err
			}
			linger()
		}
		return nil
	})
}

func updateSeesItself(ctx context.Context, b storage.Backend) error {
	service := Fixtures().Service
	other := Stamped(nth(service, 5), 1)
	other.Code = "other"
	if err := put(ctx, b, storage.Tx.Services, other); err != nil {
		return err
	}
	return b.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		if err := tx.Services().Put(ctx, Stamped(nth(service, 1), 1)); err != nil {
			return err
		}
		got, err := tx.Services().Get(ctx, nthID[glabella.ServiceID](1))
		if err != nil {
			return fmt.Errorf("get of a record that this update has put: %w", err)
		}
		if err := same("get", got.ID, nthID[glabella.ServiceID](1)); err != nil {
			return err
		}
		other.Version = 2
		other.Code = service.Code
		if err := tx.Services().Put(ctx, other); err != nil {
			return err
		}
		found, err := all(tx.Services().List(ctx, storage.ServiceQuery{Code: service.Code}))
		if err != nil {
			return err
		}
		if got, want := ids(found), []string{nthID[glabella.ServiceID](1).String(), nthID[glabella.ServiceID](5).String()}; stored(got) != stored(want) {
			return fmt.Errorf("list inside an update: got %v, want what was put so far: %v", got, want)
		}
		versions, err := all(tx.Services().History(ctx, other.ID))
		if err != nil {
			return err
		}
		if len(versions) != 2 {
			return fmt.Errorf("history inside an update: got %d versions, want 2", len(versions))
		}
		for n := range uint64(2) {
			if err := appendEntry(ctx, tx, "entry"); err != nil {
				return err
			}
			h, err := tx.Journal().Head(ctx)
			if err != nil {
				return err
			}
			entries, err := all(tx.Journal().Entries(ctx, 0, 0))
			if err != nil {
				return err
			}
			if h.Size != n+1 || uint64(len(entries)) != n+1 {
				return fmt.Errorf("journal inside an update that appended %d entries: got a head of size %d and %d entries", n+1, h.Size, len(entries))
			}
		}
		return nil
	})
}

func viewIsStable(ctx context.Context, b storage.Backend) error {
	f := Fixtures()
	write := func(version uint64) error {
		return b.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
			return errors.Join(
				tx.Sites().Put(ctx, Stamped(f.Site, version)),
				tx.Staff().Put(ctx, Stamped(f.Staff, version)),
			)
		})
	}
	if err := write(1); err != nil {
		return err
	}
	var finished atomic.Bool
	return together(2, func(i int) error {
		if i == 0 {
			defer finished.Store(true)
			for version := range uint64(30) {
				if err := write(version + 2); err != nil {
					return err
				}
				linger()
			}
			return nil
		}
		for more := true; more; {
			more = !finished.Load()
			err := b.View(ctx, func(ctx context.Context, tx storage.Tx) error {
				site, err := tx.Sites().Get(ctx, f.Site.ID)
				if err != nil {
					return err
				}
				linger()
				staff, err := tx.Staff().Get(ctx, f.Staff.ID)
				if err != nil {
					return err
				}
				if site.Version != staff.Version {
					return fmt.Errorf("one view saw version %d of the site and version %d of the staff record, which are always written together", site.Version, staff.Version)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func viewWritesNothing(ctx context.Context, b storage.Backend) error {
	if err := prepared(ctx, b); err != nil {
		return err
	}
	var putErr, appendErr error
	for _, attempt := range []func(context.Context, storage.Tx){
		func(ctx context.Context, tx storage.Tx) {
			putErr = tx.Services().Put(ctx, Stamped(nth(Fixtures().Service, 1), 1))
		},
		func(ctx context.Context, tx storage.Tx) { appendErr = appendEntry(ctx, tx, "in a view") },
	} {
		if err := b.View(ctx, func(ctx context.Context, tx storage.Tx) error {
			attempt(ctx, tx)
			return nil
		}); err != nil {
			return err
		}
	}
	if putErr == nil || appendErr == nil {
		return fmt.Errorf("writing in a view: got error %v from Put and %v from Append, want two errors", putErr, appendErr)
	}
	return nothingOf(ctx, b, "writing in a view")
}

func updateSerializable(ctx context.Context, b storage.Backend) error {
	vial := Fixtures().Vial
	const writers, times = 8, 5
	if err := put(ctx, b, storage.Tx.Vials, Stamped(nth(vial, 0), 1)); err != nil {
		return err
	}
	err := together(writers, func(int) error {
		for range times {
			err := b.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
				v, err := tx.Vials().Get(ctx, nthID[glabella.VialID](0))
				if err != nil {
					return err
				}
				return tx.Vials().Put(ctx, Stamped(nth(vial, 0), v.Version+1))
			})
			if err != nil {
				return fmt.Errorf("increment in an update: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	v, err := get(ctx, b, storage.Tx.Vials, nthID[glabella.VialID](0))
	if err != nil {
		return err
	}
	if want := uint64(1 + writers*times); v.Version != want {
		return fmt.Errorf("%d updates incremented a version: got %d, want %d", writers*times, v.Version, want)
	}
	for round := range 10 {
		pair := [2]int{1 + 2*round, 2 + 2*round}
		if err := put(ctx, b, storage.Tx.Vials, Stamped(nth(vial, pair[0]), 1), Stamped(nth(vial, pair[1]), 1)); err != nil {
			return err
		}
		var changed [2]bool
		err := together(2, func(i int) error {
			return b.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
				changed[i] = false
				for _, n := range pair {
					v, err := tx.Vials().Get(ctx, nthID[glabella.VialID](n))
					if err != nil {
						return err
					}
					if v.Version > 1 {
						return nil
					}
				}
				linger()
				changed[i] = true
				return tx.Vials().Put(ctx, Stamped(nth(vial, pair[i]), 2))
			})
		})
		if err != nil {
			return err
		}
		if changed == [2]bool{true, true} {
			return errors.New("two updates each changed one of two vials because the other was unchanged: one of them did not see the other")
		}
	}
	return nil
}

func readsNest(ctx context.Context, b storage.Backend) error {
	site := Fixtures().Site
	if err := b.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		for n := range 4 {
			if err := tx.Sites().Put(ctx, Stamped(nth(site, n), 1)); err != nil {
				return err
			}
			if err := appendEntry(ctx, tx, "entry"); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	read := func(ctx context.Context, tx storage.Tx) error {
		pairs := 0
		for v, err := range tx.Sites().List(ctx, storage.SiteQuery{}) {
			if err != nil {
				return err
			}
			if _, err := tx.Sites().Get(ctx, v.ID); err != nil {
				return fmt.Errorf("get while a list is read: %w", err)
			}
			for _, err := range tx.Sites().List(ctx, storage.SiteQuery{}) {
				if err != nil {
					return fmt.Errorf("list while a list is read: %w", err)
				}
				pairs++
				if pairs%4 == 2 {
					break
				}
			}
			for _, err := range tx.Journal().Entries(ctx, 0, 0) {
				if err != nil {
					return fmt.Errorf("journal while a list is read: %w", err)
				}
				break
			}
			if pairs == 6 {
				break
			}
		}
		if pairs != 6 {
			return fmt.Errorf("lists that were left early: saw %d records, want 6", pairs)
		}
		sites, err := all(tx.Sites().List(ctx, storage.SiteQuery{}))
		if err != nil {
			return err
		}
		return same("number of sites", len(sites), 4)
	}
	if err := b.View(ctx, read); err != nil {
		return err
	}
	return b.Update(ctx, read)
}
