package practice

import (
	"context"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
)

// ReportExcursion is the input of [Practice.ReportExcursion].
type ReportExcursion struct {
	Command
	Storage string            `json:"storage"` // of the site's policy
	From    time.Time         `json:"from"`
	To      time.Time         `json:"to,omitzero"` // zero while it goes on
	Lowest  quantity.Quantity `json:"lowest"`      // in Cel
	Highest quantity.Quantity `json:"highest"`     // in Cel
}

// ExcursionStepped is the receipt of the commands on excursions, and the event that
// one went a step further.
type ExcursionStepped struct {
	Excursion glabella.ExcursionID     `json:"excursion"`
	Site      glabella.SiteID          `json:"site"`
	Storage   string                   `json:"storage"`
	State     inventory.ExcursionState `json:"state"`
	Lots      []inventory.ExcursionLot `json:"lots"`      // what was in the storage
	Movements []glabella.MovementID    `json:"movements"` // by which stock was set aside, released, wasted or sent back
	Version   uint64                   `json:"version"`
}

// ReportExcursion records that a storage of the actor's site was warmer or colder
// than it must be. The receipt says which lots were in it, and what was given of them
// since.
func (p *Practice) ReportExcursion(ctx context.Context, actor glabella.Actor, in ReportExcursion) (ExcursionStepped, error) {
	return run(ctx, p, actor, access.StorageReport, glabella.PatientID{}, in, func(ctx context.Context, w *work, in ReportExcursion, out *ExcursionStepped) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		if in.To.After(w.Now()) || in.From.After(w.Now()) {
			return failed(glabella.Invalid("excursion", glabella.Issue{Path: "/from", Code: inventory.CodeExcursionTime, Text: "is not in the future"}))
		}
		e := inventory.Excursion{
			ID: glabella.ExcursionID(w.NewUUID()), Site: site.ID, Storage: in.Storage, From: in.From.UTC(), To: in.To.UTC(), Lowest: in.Lowest, Highest: in.Highest,
			Lots: []inventory.ExcursionLot{}, ReportedBy: by, ReportedAt: w.Now(), State: inventory.ExcursionOpen,
		}
		affected, err := w.affected(ctx, e)
		if err != nil {
			return failed(err)
		}
		outcome, err := w.keepExcursion(ctx, e, nil, out)
		out.Lots = affected
		return outcome, err
	})
}

// affected returns the lots that were in the storage of an excursion.
func (w *work) affected(ctx context.Context, e inventory.Excursion) ([]inventory.ExcursionLot, error) {
	policy, err := storePolicyOf(ctx, w.StorePolicies(), e.Site)
	if err != nil {
		return nil, err
	}
	s, ok := policy.Storage(e.Storage)
	if !ok {
		return nil, glabella.Invalid("excursion", glabella.Issue{Path: "/storage", Code: inventory.CodeStorage, Text: "the policy of the site has no such storage"})
	}
	var f inventory.StorageFacts
	for _, product := range s.Products {
		lots, err := w.Lots().All(ctx, storage.LotQuery{Product: product})
		if err != nil {
			return nil, err
		}
		f.Places = append(f.Places, policy.Places(lots)...)
		for _, lot := range lots {
			movements, err := w.Movements().All(ctx, storage.MovementQuery{Lot: lot.ID})
			if err != nil {
				return nil, err
			}
			vials, err := w.Vials().All(ctx, storage.VialQuery{Lot: lot.ID})
			if err != nil {
				return nil, err
			}
			f.Movements, f.Vials = append(f.Movements, movements...), append(f.Vials, vials...)
		}
	}
	return e.Affected(f), nil
}

func (w *work) keepExcursion(ctx context.Context, e inventory.Excursion, movements []glabella.MovementID, out *ExcursionStepped) (storage.Outcome, error) {
	e, err := w.Excursions().Put(ctx, e)
	if err != nil {
		return failed(err)
	}
	*out = ExcursionStepped{Excursion: e.ID, Site: e.Site, Storage: e.Storage, State: e.State, Lots: e.Lots, Movements: append([]glabella.MovementID{}, movements...), Version: e.Version}
	return recorded("inventory.excursion-stepped", *out)
}

// stepExcursion carries out a command that brings an excursion a step further.
func stepExcursion[In input](ctx context.Context, p *Practice, actor glabella.Actor, in In, id glabella.ExcursionID,
	step func(ctx context.Context, w *work, e inventory.Excursion, by glabella.StaffID) (inventory.Excursion, []inventory.PlannedChange, error),
) (ExcursionStepped, error) {
	return run(ctx, p, actor, access.StockAdjust, glabella.PatientID{}, in, func(ctx context.Context, w *work, _ In, out *ExcursionStepped) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		e, err := w.Excursions().Get(ctx, id)
		if err != nil {
			return failed(err)
		}
		if err := w.expect(e.Ref(), e.Version); err != nil {
			return failed(err)
		}
		e, changes, err := step(ctx, w, e, by)
		if err != nil {
			return failed(err)
		}
		movements, err := w.book(ctx, changes)
		if err != nil {
			return failed(err)
		}
		return w.keepExcursion(ctx, e, movements, out)
	})
}

// HoldExcursion is the input of [Practice.HoldExcursion].
type HoldExcursion struct {
	Command
	Excursion glabella.ExcursionID `json:"excursion"`
	Also      []glabella.LotID     `json:"also"` // that stood in the storage without being on record there
}

// HoldExcursion sets aside what was in the storage, and what else is named.
func (p *Practice) HoldExcursion(ctx context.Context, actor glabella.Actor, in HoldExcursion) (ExcursionStepped, error) {
	return stepExcursion(ctx, p, actor, in, in.Excursion, func(ctx context.Context, w *work, e inventory.Excursion, by glabella.StaffID) (inventory.Excursion, []inventory.PlannedChange, error) {
		h := inventory.ExcursionHold{NewID: w.newMovement, By: by, At: w.Now()}
		affected, err := w.affected(ctx, e)
		if err != nil {
			return e, nil, err
		}
		known := func(id glabella.LotID) bool {
			is := func(l inventory.ExcursionLot) bool { return l.Lot == id }
			return slices.ContainsFunc(e.Lots, is) || slices.ContainsFunc(h.Lots, is)
		}
		for _, l := range affected {
			if !known(l.Lot) {
				h.Lots = append(h.Lots, l)
			}
		}
		for _, id := range in.Also {
			lot, err := w.Lots().Get(ctx, id)
			if err != nil {
				return e, nil, err
			}
			if !known(id) {
				h.Lots = append(h.Lots, inventory.ExcursionLot{Lot: id, Product: lot.Product})
			}
		}
		for _, l := range h.Lots {
			b, err := w.balance(ctx, l.Lot, e.Site)
			if err != nil {
				return e, nil, err
			}
			if !b.ID.IsZero() {
				h.Balances = append(h.Balances, b)
			}
		}
		return e.Hold(h)
	})
}

// DecideExcursion is the input of [Practice.DecideExcursion].
type DecideExcursion struct {
	Command
	Excursion   glabella.ExcursionID       `json:"excursion"`
	Lot         glabella.LotID             `json:"lot"`
	Disposition inventory.Disposition      `json:"disposition"`
	Basis       inventory.DispositionBasis `json:"basis"`
	Document    string                     `json:"document"` // the number of the answer, the section of the label or of the policy
	Witness     glabella.StaffID           `json:"witness,omitzero"`
}

// DecideExcursion releases, wastes or sends back one lot that was set aside, on a
// stated basis. That a lot is released is the decision of who does it.
func (p *Practice) DecideExcursion(ctx context.Context, actor glabella.Actor, in DecideExcursion) (ExcursionStepped, error) {
	return stepExcursion(ctx, p, actor, in, in.Excursion, func(_ context.Context, w *work, e inventory.Excursion, by glabella.StaffID) (inventory.Excursion, []inventory.PlannedChange, error) {
		return e.Decide(inventory.ExcursionDecision{Lot: in.Lot, Disposition: in.Disposition, Basis: in.Basis, Document: in.Document, NewID: w.newMovement, By: by, Witness: in.Witness, At: w.Now()})
	})
}

// EndExcursion is the input of [Practice.EndExcursion].
type EndExcursion struct {
	Command
	Excursion glabella.ExcursionID `json:"excursion"`
	To        time.Time            `json:"to,omitzero"`      // when it ended, if that is not on record yet
	Cancel    string               `json:"cancel,omitempty"` // why there was none: a code, such as "sensor-fault"
}

// EndExcursion closes an excursion of which every lot is decided on, or cancels one
// that was none.
func (p *Practice) EndExcursion(ctx context.Context, actor glabella.Actor, in EndExcursion) (ExcursionStepped, error) {
	return stepExcursion(ctx, p, actor, in, in.Excursion, func(ctx context.Context, w *work, e inventory.Excursion, by glabella.StaffID) (inventory.Excursion, []inventory.PlannedChange, error) {
		if in.Cancel != "" {
			e, err := e.Cancel(by, w.Now(), in.Cancel)
			return e, nil, err
		}
		c := inventory.ExcursionClosing{To: in.To, By: by, At: w.Now()}
		for _, l := range e.Lots {
			for _, id := range l.Vials {
				v, err := w.Vials().Get(ctx, id)
				if err != nil {
					return e, nil, err
				}
				c.Vials = append(c.Vials, v)
			}
		}
		e, err := e.Close(c)
		return e, nil, err
	})
}

// OpenExcursions returns the excursions at the actor's site that are neither closed
// nor canceled.
func (p *Practice) OpenExcursions(ctx context.Context, actor glabella.Actor) ([]inventory.Excursion, error) {
	return query(ctx, p, actor, access.StockRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]inventory.Excursion, error) {
		return r.Excursions().All(ctx, storage.ExcursionQuery{Site: actor.Site, Open: true})
	})
}

// CheckStorage is the question of [Practice.CheckStorage].
type CheckStorage struct {
	Storage  string
	Readings []inventory.StorageReading
}

// CheckStorage finds the times in which the log of a storage was outside the limits
// of the site's policy. For each an excursion is reported.
func (p *Practice) CheckStorage(ctx context.Context, actor glabella.Actor, q CheckStorage) ([]inventory.OutsideLimits, error) {
	return query(ctx, p, actor, access.StockRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]inventory.OutsideLimits, error) {
		policy, err := storePolicyOf(ctx, r.StorePolicies(), actor.Site)
		if err != nil {
			return nil, err
		}
		s, ok := policy.Storage(q.Storage)
		if !ok {
			return nil, glabella.Invalid("storage", glabella.Issue{Path: "/storage", Code: inventory.CodeStorage, Text: "the policy of the site has no such storage"})
		}
		return s.Limits.Outside(q.Readings)
	})
}
