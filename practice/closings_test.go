package practice_test

import (
	"context"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/storage"
)

func TestWhatComesAfterTheBooksAreClosedCountsOnTheNextDay(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	first, err := c.Visit(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	today := glabella.DateOf(c.clock.Now().In(mustZone(t, c.Site.Zone)))
	shut := func(day glabella.Date) (practice.BooksChanged, error) {
		return c.CloseBooks(ctx, c.Biller, practice.CloseBooks{Through: day})
	}
	if _, err := shut(today.AddDays(1)); !refusedFor(err, billing.CodeClosingDay) {
		t.Errorf("a day that is to come: %v", err)
	}
	if _, err := c.CloseBooks(ctx, c.Desk, practice.CloseBooks{Through: today}); !denied(err) {
		t.Errorf("the front desk closes the books: %v", err)
	}
	_, err = shut(glabella.Date{})
	invalidAt(t, err, "/through", glabella.CodeRequired)
	closed := must[practice.BooksChanged](t)(shut(today))
	if _, err := shut(today); !refusedFor(err, billing.CodeClosingDay) {
		t.Errorf("closed twice: %v", err)
	}
	second, err := c.Visit(ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	days := func(id glabella.InvoiceID) map[glabella.Date]int {
		out := map[glabella.Date]int{}
		for _, e := range stored(c, func(ctx context.Context, tx storage.Tx) ([]billing.Entry, error) {
			var all []billing.Entry
			for e, err := range tx.Ledger().List(ctx, storage.EntryQuery{}) {
				if err != nil {
					return nil, err
				}
				all = append(all, e)
			}
			return all, nil
		}) {
			if e.Invoice == id {
				out[e.EffectiveOn]++
				if glabella.DateOf(e.RecordedAt.In(mustZone(t, c.Site.Zone))) != today {
					t.Errorf("an entry of today was written down at %s", e.RecordedAt)
				}
			}
		}
		return out
	}
	if got := days(first.Invoice); len(got) != 1 || got[today] == 0 {
		t.Errorf("what came before the closing counts on %v", got)
	}
	if got := days(second.Invoice); len(got) != 1 || got[today.AddDays(1)] == 0 {
		t.Errorf("what came after the closing counts on %v, want tomorrow", got)
	}
	if books := must[practice.Agreement](t)(c.CheckBooks(ctx, c.Director)); len(books.Differences) > 0 {
		t.Errorf("the books: %+v", books.Differences)
	}

	if _, err := c.ReopenBooks(ctx, c.Biller, practice.ReopenBooks{Closing: closed.Closing, Reason: "late-invoice"}); !denied(err) {
		t.Errorf("who keeps the books reopens them: %v", err)
	}
	c.clock.advance(time.Minute)
	again := must[practice.BooksChanged](t)(c.ReopenBooks(ctx, c.Owner, practice.ReopenBooks{Command: practice.Command{IfVersion: closed.Version}, Closing: closed.Closing, Reason: "late-invoice"}))
	if again.State != billing.ClosingReopened {
		t.Errorf("reopened: %+v", again)
	}
	third, err := c.Visit(ctx, 3)
	if err != nil {
		t.Fatal(err)
	}
	if got := days(third.Invoice); got[today] == 0 {
		t.Errorf("after reopening it counts on %v, want today", got)
	}
	if all := must[[]billing.Closing](t)(c.Closings(ctx, c.Biller)); len(all) != 1 || all[0].Reason != "late-invoice" {
		t.Errorf("the closings: %+v", all)
	}
	if r := access.StrictPolicy().Actions[access.BooksReopen]; r.MinLevel < 2 || !r.Distinct {
		t.Errorf("the strict policy asks for %+v to reopen", r)
	}
	c.verified()
}

func mustZone(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
