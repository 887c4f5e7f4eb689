package practice

import (
	"context"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/storage"
)

// OpenCount is the input of [Practice.OpenCount].
type OpenCount struct {
	Command
	Kind  inventory.CountKind `json:"kind"`
	Blind bool                `json:"blind"` // who counts does not see what is expected
	Lots  []glabella.LotID    `json:"lots"`  // of a full count none: it is of everything that the site has
}

// CountStepped is the receipt of the commands on a count, and the event that it went
// a step further.
type CountStepped struct {
	Count     glabella.CountID      `json:"count"`
	Site      glabella.SiteID       `json:"site"`
	State     inventory.CountState  `json:"state"`
	Movements []glabella.MovementID `json:"movements"` // by which what was found was booked
	Version   uint64                `json:"version"`
}

// OpenCount opens a count of the unopened containers at the actor's site. Stock is
// used while it goes on: each line is compared with the record as of the moment in
// which it was counted.
func (p *Practice) OpenCount(ctx context.Context, actor glabella.Actor, in OpenCount) (CountStepped, error) {
	return run(ctx, p, actor, access.StockCount, glabella.PatientID{}, in, func(ctx context.Context, w *work, in OpenCount, out *CountStepped) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		o := inventory.CountOpening{ID: glabella.CountID(w.NewUUID()), Site: site.ID, Kind: in.Kind, Blind: in.Blind, By: by, At: w.Now()}
		lots := in.Lots
		if in.Kind == inventory.CountFull {
			balances, err := w.Balances().All(ctx, storage.BalanceQuery{Site: site.ID})
			if err != nil {
				return failed(err)
			}
			for _, b := range balances {
				if b.Sealed > 0 {
					lots = append(lots, b.Lot)
				}
			}
		}
		for _, id := range lots {
			lot, err := w.Lots().Get(ctx, id)
			if err != nil {
				return failed(err)
			}
			o.Lots = append(o.Lots, lot)
		}
		if o.Others, err = w.Counts().All(ctx, storage.CountQuery{Site: site.ID, Open: true}); err != nil {
			return failed(err)
		}
		c, err := inventory.OpenCount(o)
		if err != nil {
			return failed(err)
		}
		return w.keepCount(ctx, c, nil, out)
	})
}

func (w *work) keepCount(ctx context.Context, c inventory.Count, movements []glabella.MovementID, out *CountStepped) (storage.Outcome, error) {
	c, err := w.Counts().Put(ctx, c)
	if err != nil {
		return failed(err)
	}
	*out = CountStepped{Count: c.ID, Site: c.Site, State: c.State, Movements: append([]glabella.MovementID{}, movements...), Version: c.Version}
	return recorded("inventory.count-stepped", *out)
}

// stepCount carries out a command that brings a count a step further.
func stepCount[In input](ctx context.Context, p *Practice, actor glabella.Actor, action access.Action, in In, id glabella.CountID,
	step func(ctx context.Context, w *work, c inventory.Count, by glabella.StaffID) (inventory.Count, []inventory.PlannedChange, error),
) (CountStepped, error) {
	return run(ctx, p, actor, action, glabella.PatientID{}, in, func(ctx context.Context, w *work, _ In, out *CountStepped) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		c, err := w.Counts().Get(ctx, id)
		if err != nil {
			return failed(err)
		}
		if err := w.expect(c.Ref(), c.Version); err != nil {
			return failed(err)
		}
		c, changes, err := step(ctx, w, c, by)
		if err != nil {
			return failed(err)
		}
		movements, err := w.book(ctx, changes)
		if err != nil {
			return failed(err)
		}
		return w.keepCount(ctx, c, movements, out)
	})
}

// shelves returns what the record has of the lots of a count.
func (w *work) shelves(ctx context.Context, c inventory.Count) ([]inventory.Shelf, error) {
	var out []inventory.Shelf
	for _, l := range c.Lines {
		s, err := w.shelf(ctx, l.Lot, c.Site)
		if err != nil {
			return nil, err
		}
		if !s.Balance.ID.IsZero() {
			out = append(out, s)
		}
	}
	return out, nil
}

// TallyCount is the input of [Practice.TallyCount].
type TallyCount struct {
	Command
	Count glabella.CountID `json:"count"`
	Lot   glabella.LotID   `json:"lot"`
	Found int              `json:"found"`       // unopened containers
	At    time.Time        `json:"at,omitzero"` // when they were counted; zero is now
	Again bool             `json:"again"`       // a recount, which replaces what was found before
}

// TallyCount enters what was found of one lot.
func (p *Practice) TallyCount(ctx context.Context, actor glabella.Actor, in TallyCount) (CountStepped, error) {
	return stepCount(ctx, p, actor, access.StockCount, in, in.Count, func(ctx context.Context, w *work, c inventory.Count, by glabella.StaffID) (inventory.Count, []inventory.PlannedChange, error) {
		t := inventory.Tally{Found: in.Found, By: by, At: in.At, Now: w.Now()}
		if t.At.IsZero() {
			t.At = t.Now
		}
		var err error
		if t.Lot, err = w.Lots().Get(ctx, in.Lot); err != nil {
			return c, nil, err
		}
		if t.Shelf, err = w.shelf(ctx, in.Lot, c.Site); err != nil {
			return c, nil, err
		}
		if t.Others, err = w.Counts().All(ctx, storage.CountQuery{Site: c.Site, Open: true}); err != nil {
			return c, nil, err
		}
		if in.Again {
			c, err = c.Recount(t)
		} else {
			c, err = c.Tally(t)
		}
		return c, nil, err
	})
}

// SubmitCount is the input of [Practice.SubmitCount].
type SubmitCount struct {
	Command
	Count glabella.CountID `json:"count"`
}

// SubmitCount ends the counting, when everything has its figure.
func (p *Practice) SubmitCount(ctx context.Context, actor glabella.Actor, in SubmitCount) (CountStepped, error) {
	return stepCount(ctx, p, actor, access.StockCount, in, in.Count, func(ctx context.Context, w *work, c inventory.Count, by glabella.StaffID) (inventory.Count, []inventory.PlannedChange, error) {
		balances, err := w.Balances().All(ctx, storage.BalanceQuery{Site: c.Site})
		if err != nil {
			return c, nil, err
		}
		c, err = c.Submit(inventory.CountSubmission{Balances: balances, By: by, At: w.Now()})
		return c, nil, err
	})
}

// ReconcileCount is the input of [Practice.ReconcileCount].
type ReconcileCount struct {
	Command
	Count   glabella.CountID          `json:"count"`
	Reasons map[glabella.LotID]string `json:"reasons"` // of differences: codes; without one what is missing is unaccounted
}

// ReconcileCount gives every difference its reason. What happened before a line was
// counted and was recorded afterwards is none. Who reconciles has counted nothing.
func (p *Practice) ReconcileCount(ctx context.Context, actor glabella.Actor, in ReconcileCount) (CountStepped, error) {
	return stepCount(ctx, p, actor, access.StockAdjust, in, in.Count, func(ctx context.Context, w *work, c inventory.Count, by glabella.StaffID) (inventory.Count, []inventory.PlannedChange, error) {
		shelves, err := w.shelves(ctx, c)
		if err != nil {
			return c, nil, err
		}
		c, err = c.Reconcile(inventory.Reconciliation{Shelves: shelves, Reasons: in.Reasons, By: by, At: w.Now()})
		return c, nil, err
	})
}

// ApproveCount is the input of [Practice.ApproveCount].
type ApproveCount struct {
	Command
	Count glabella.CountID `json:"count"`
}

// ApproveCount books the differences of a count. Who approves has neither counted
// nor reconciled; who counted is the witness.
func (p *Practice) ApproveCount(ctx context.Context, actor glabella.Actor, in ApproveCount) (CountStepped, error) {
	return stepCount(ctx, p, actor, access.StockApprove, in, in.Count, func(ctx context.Context, w *work, c inventory.Count, by glabella.StaffID) (inventory.Count, []inventory.PlannedChange, error) {
		w.DoneBy(c.Reconciled.By)
		for _, l := range c.Lines {
			w.DoneBy(l.First.By, l.Second.By)
		}
		shelves, err := w.shelves(ctx, c)
		if err != nil {
			return c, nil, err
		}
		return c.Approve(inventory.CountApproval{NewID: w.newMovement, Shelves: shelves, By: by, At: w.Now()})
	})
}

// CancelCount is the input of [Practice.CancelCount].
type CancelCount struct {
	Command
	Count  glabella.CountID `json:"count"`
	Reason string           `json:"reason"` // a code
}

// CancelCount drops a count; nothing of it is booked.
func (p *Practice) CancelCount(ctx context.Context, actor glabella.Actor, in CancelCount) (CountStepped, error) {
	return stepCount(ctx, p, actor, access.StockAdjust, in, in.Count, func(_ context.Context, w *work, c inventory.Count, by glabella.StaffID) (inventory.Count, []inventory.PlannedChange, error) {
		c, err := c.Cancel(by, w.Now(), in.Reason)
		return c, nil, err
	})
}

// CountSheet returns the lines of a count as who counts may see them: of a blind one
// neither what is expected nor what anybody found.
func (p *Practice) CountSheet(ctx context.Context, actor glabella.Actor, id glabella.CountID) ([]inventory.CountSheetLine, error) {
	return query(ctx, p, actor, access.StockCount, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]inventory.CountSheetLine, error) {
		c, err := r.Counts().Get(ctx, id)
		if err != nil {
			return nil, err
		}
		return c.Sheet(), nil
	})
}

// CountReview is the answer of [Practice.ReviewCount].
type CountReview struct {
	Count     inventory.Count
	Variances []inventory.CountVariance
	Value     money.Amount // of all differences
}

// ReviewCount returns a count with its differences and what they are worth, for who
// reconciles and approves.
func (p *Practice) ReviewCount(ctx context.Context, actor glabella.Actor, id glabella.CountID) (CountReview, error) {
	return query(ctx, p, actor, access.StockTrace, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (CountReview, error) {
		var out CountReview
		var err error
		if out.Count, err = r.Counts().Get(ctx, id); err != nil {
			return out, err
		}
		var lots []inventory.Lot
		for _, l := range out.Count.Lines {
			lot, err := r.Lots().Get(ctx, l.Lot)
			if err != nil {
				return out, err
			}
			lots = append(lots, lot)
		}
		out.Variances, out.Value, err = out.Count.Variances(lots)
		return out, err
	})
}

// OpenCounts returns the counts of the actor's site that are neither approved nor
// canceled.
func (p *Practice) OpenCounts(ctx context.Context, actor glabella.Actor) ([]inventory.Count, error) {
	return query(ctx, p, actor, access.StockTrace, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]inventory.Count, error) {
		return r.Counts().All(ctx, storage.CountQuery{Site: actor.Site, Open: true})
	})
}
