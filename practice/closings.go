package practice

import (
	"context"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/storage"
)

// CloseBooks is the input of [Practice.CloseBooks].
type CloseBooks struct {
	Command
	Through glabella.Date `json:"through"` // the last day that is closed
}

// BooksChanged is the receipt of [Practice.CloseBooks] and [Practice.ReopenBooks].
type BooksChanged struct {
	Closing glabella.ClosingID   `json:"closing"`
	Site    glabella.SiteID      `json:"site"`
	Through glabella.Date        `json:"through"`
	State   billing.ClosingState `json:"state"`
	Version uint64               `json:"version"`
}

// CloseBooks closes the books of the actor's site up to a day, if they agree. Nothing
// counts on a closed day any more: what is written later counts on the first open one,
// and keeps when it was written.
func (p *Practice) CloseBooks(ctx context.Context, actor glabella.Actor, in CloseBooks) (BooksChanged, error) {
	return run(ctx, p, actor, access.BooksClose, glabella.PatientID{}, in, func(ctx context.Context, w *work, in CloseBooks, out *BooksChanged) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		f := billing.ClosingFacts{Site: site.ID, Through: in.Through, Today: site.today}
		if f.Closings, err = w.Closings().All(ctx, storage.ClosingQuery{Site: site.ID}); err != nil {
			return failed(err)
		}
		c := billing.Closing{ID: glabella.ClosingID(w.NewUUID()), Site: site.ID, Through: in.Through, By: by, At: w.Now(), State: billing.ClosingStands}
		if err := c.Validate(); err != nil {
			return failed(err)
		}
		entries, err := w.Ledger().All(ctx, storage.EntryQuery{To: in.Through})
		if err != nil {
			return failed(err)
		}
		if f.Books, err = billing.Reconcile(entries, billing.Period{To: in.Through, Site: site.ID}); err != nil {
			return failed(err)
		}
		if err := w.Require(billing.MayClose(f)); err != nil {
			return failed(err)
		}
		return w.closing(ctx, c, "billing.books-closed", out)
	})
}

// ReopenBooks is the input of [Practice.ReopenBooks].
type ReopenBooks struct {
	Command
	Closing glabella.ClosingID `json:"closing"`
	Reason  string             `json:"reason"` // a code of the practice's own
}

// ReopenBooks opens the days of the last closing again. What was written while they
// were closed stays where it counts.
func (p *Practice) ReopenBooks(ctx context.Context, actor glabella.Actor, in ReopenBooks) (BooksChanged, error) {
	return run(ctx, p, actor, access.BooksReopen, glabella.PatientID{}, in, func(ctx context.Context, w *work, in ReopenBooks, out *BooksChanged) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		c, err := w.Closings().Get(ctx, in.Closing)
		if err != nil {
			return failed(err)
		}
		if err := w.expect(c.Ref(), c.Version); err != nil {
			return failed(err)
		}
		w.DoneBy(c.By)
		all, err := w.Closings().All(ctx, storage.ClosingQuery{Site: c.Site})
		if err != nil {
			return failed(err)
		}
		if c, err = c.Reopen(all, by, w.Now(), in.Reason); err != nil {
			return failed(err)
		}
		return w.closing(ctx, c, "billing.books-reopened", out)
	})
}

// closing stores a step of a closing.
func (w *work) closing(ctx context.Context, c billing.Closing, event string, out *BooksChanged) (storage.Outcome, error) {
	c, err := w.Closings().Put(ctx, c)
	if err != nil {
		return failed(err)
	}
	*out = BooksChanged{Closing: c.ID, Site: c.Site, Through: c.Through, State: c.State, Version: c.Version}
	return recorded(event, *out)
}

// Closings returns the closings of the books of the actor's site, also those that were
// reopened.
func (p *Practice) Closings(ctx context.Context, actor glabella.Actor) ([]billing.Closing, error) {
	return query(ctx, p, actor, access.ReportRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]billing.Closing, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return nil, err
		}
		return r.Closings().All(ctx, storage.ClosingQuery{Site: site.ID})
	})
}
