package storagetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
)

// valueChecks are the promises about what is inside a record.
func valueChecks() []Check {
	return []Check{
		check("an instant keeps its microseconds and a date its day",
			"Instants are read back in UTC to the microsecond, from the year 1 to the year 9999, and civil dates as the same day in every time zone of the database.", valueTimes),
		check("amounts and quantities keep every digit",
			"Money up to the largest number of minor units and quantities of eighteen digits are read back exactly: nothing goes through floating point.", valueNumbers),
		check("text is kept as it is",
			"Case, accents, composed and decomposed characters, spaces at the ends, quotes, line separators and U+FFFD are read back as they were put.", valueText),
		check("text that is not UTF-8 is refused",
			"Put gives an error that wraps glabella.ErrInvalid, and nothing is stored, rather than something else.", valueInvalidText),
		check("an empty list is not an absent one",
			"In every kind of record and at every depth, nil slices and maps are read back as nil and empty ones as empty.", valueEmpty),
		check("a value is the caller's own",
			"Changing a value after it was put, or one that was got, changes nothing stored and nothing that is got later.", valueCopies),
	}
}

func valueTimes(ctx context.Context, b storage.Backend) error {
	f := Fixtures()
	instants := []time.Time{
		time.Date(2026, 3, 2, 20, 0, 0, 123456000, time.UTC), time.Date(2026, 3, 2, 20, 0, 0, 1000, time.UTC),
		time.Date(2026, 10, 25, 1, 30, 0, 999999000, time.UTC), time.Date(1, 1, 2, 0, 0, 0, 1000, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC),
	}
	for n, at := range instants {
		want := Stamped(nth(f.Appointment, n), 1)
		want.Start, want.UpdatedAt = at, at
		if err := put(ctx, b, storage.Tx.Appointments, want); err != nil {
			return err
		}
		got, err := get(ctx, b, storage.Tx.Appointments, want.ID)
		if err != nil {
			return err
		}
		if !got.Start.Equal(at) || got.Start.Location() != time.UTC || !got.UpdatedAt.Equal(at) {
			return fmt.Errorf("instant: got %v and %v, want %v", got.Start, got.UpdatedAt, at)
		}
	}
	for n, date := range []string{"0001-01-01", "1900-02-28", "2024-02-29", "2026-03-29", "9999-12-31"} {
		want := Stamped(nth(f.Lot, n), 1)
		want.Expires = day(date)
		if err := put(ctx, b, storage.Tx.Lots, want); err != nil {
			return err
		}
		got, err := get(ctx, b, storage.Tx.Lots, want.ID)
		if err != nil {
			return err
		}
		if got.Expires != want.Expires {
			return fmt.Errorf("date: got %v, want %v", got.Expires, want.Expires)
		}
	}
	return nil
}

func valueNumbers(ctx context.Context, b storage.Backend) error {
	f := Fixtures()
	for n, tt := range []struct {
		minor    int64
		quantity string
	}{
		{math.MaxInt64, "999999999999999999 mL"}, {-math.MaxInt64, "-123456789.123456789 mL"},
		{1<<53 + 1, "0.000000001 mL"}, {-1, "9007199254740993 mL"}, {0, "0 mL"},
	} {
		lot, balance := Stamped(nth(f.Lot, n), 1), Stamped(nth(f.Balance, n), 1)
		lot.UnitCost, balance.OnHand = money.New(tt.minor, money.USD), quantity.MustParse(tt.quantity)
		if err := errors.Join(put(ctx, b, storage.Tx.Lots, lot), put(ctx, b, storage.Tx.Balances, balance)); err != nil {
			return err
		}
		gotLot, err := get(ctx, b, storage.Tx.Lots, lot.ID)
		if err != nil {
			return err
		}
		gotBalance, err := get(ctx, b, storage.Tx.Balances, balance.ID)
		if err != nil {
			return err
		}
		if gotLot.UnitCost != lot.UnitCost {
			return fmt.Errorf("amount: got %v, want %v", gotLot.UnitCost, lot.UnitCost)
		}
		if !gotBalance.OnHand.Equal(balance.OnHand) {
			return fmt.Errorf("quantity: got %v, want %v", gotBalance.OnHand, balance.OnHand)
		}
	}
	return nil
}

func valueText(ctx context.Context, b storage.Backend) error {
	site := Fixtures().Site
	for n, text := range []string{
		"", " ", "Straße", "STRASSE", "caf\u00e9", "cafe\u0301", " spaces \t", "line\r\nline\u2028line", `quote " backslash \ \ufffd`,
		"replacement \ufffd character", "<b>&amp;</b>", "'; DROP TABLE sites; --", "日本語 العربية", "👩🏽‍⚕️", "$1 ?1 %s {}",
	} {
		want := Stamped(nth(site, n), 1)
		want.Name = text
		if err := put(ctx, b, storage.Tx.Sites, want); err != nil {
			return fmt.Errorf("text %+q: %w", text, err)
		}
		got, err := get(ctx, b, storage.Tx.Sites, want.ID)
		if err != nil {
			return err
		}
		if got.Name != text {
			return fmt.Errorf("text: got %+q, want %+q", got.Name, text)
		}
	}
	return nil
}

func valueInvalidText(ctx context.Context, b storage.Backend) error {
	person := Fixtures().Patient
	for n, text := range []string{"a\xffb", "\xc3", "\xed\xa0\x80", "\xc0\x80"} {
		bad := Stamped(nth(person, n), 1)
		bad.Tags = []string{"good", text}
		if err := put(ctx, b, storage.Tx.Patients, bad); !errors.Is(err, glabella.ErrInvalid) {
			return fmt.Errorf("put of text that is not UTF-8: got error %v, want one that wraps glabella.ErrInvalid", err)
		}
	}
	left, err := list(ctx, b, storage.Tx.Patients, storage.PatientQuery{})
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return fmt.Errorf("%d records are stored although their text was refused", len(left))
	}
	return nil
}

func valueEmpty(ctx context.Context, b storage.Backend) error {
	const depths = 3
	each := func(do func(c collection, n, depth int, empty bool) error) error {
		for i, c := range collections() {
			for variation := range 2 * depths {
				if err := do(c, 10*i+variation, variation/2, variation%2 == 0); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if err := b.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		return each(func(c collection, n, depth int, empty bool) error { return c.putHollow(ctx, tx, n, depth, empty) })
	}); err != nil {
		return err
	}
	return b.View(ctx, func(ctx context.Context, tx storage.Tx) error {
		return each(func(c collection, n, depth int, empty bool) error { return c.getHollow(ctx, tx, n, depth, empty) })
	})
}

func valueCopies(ctx context.Context, b storage.Backend) error {
	want := Stamped(Fixtures().Patient, 1)
	spoil := func(tags []string) {
		for i := range tags {
			tags[i] = "spoiled"
		}
	}
	given := want
	given.Tags = slices.Clone(want.Tags)
	if err := b.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		err := tx.Patients().Put(ctx, given)
		spoil(given.Tags)
		return err
	}); err != nil {
		return err
	}
	return b.View(ctx, func(ctx context.Context, tx storage.Tx) error {
		for range 3 {
			got, err := tx.Patients().Get(ctx, want.ID)
			if err != nil {
				return err
			}
			if !slices.Equal(got.Tags, want.Tags) {
				return fmt.Errorf("a value that the caller has changed is stored: got tags %q, want %q", got.Tags, want.Tags)
			}
			spoil(got.Tags)
			listed, err := all(tx.Patients().List(ctx, storage.PatientQuery{}))
			if err != nil {
				return err
			}
			if !slices.Equal(listed[0].Tags, want.Tags) {
				return fmt.Errorf("a value that the caller has changed is listed: got tags %q, want %q", listed[0].Tags, want.Tags)
			}
			spoil(listed[0].Tags)
		}
		return nil
	})
}
