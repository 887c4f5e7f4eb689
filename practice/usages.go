package practice

import (
	"context"
	"fmt"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
)

// UsageEvent is the event that something was charted that no stock accounts for,
// or that it was settled.
type UsageEvent struct {
	Usage    glabella.UsageID      `json:"usage"`
	Patient  glabella.PatientID    `json:"patient"`
	Site     glabella.SiteID       `json:"site"`
	State    inventory.UsageState  `json:"state"`
	Cause    inventory.UsageCause  `json:"cause"`
	Quantity quantity.Quantity     `json:"quantity"` // what is still open
	Reason   string                `json:"reason,omitempty"`
	Moved    []glabella.MovementID `json:"moved"`
}

func usageEvent(u inventory.Usage) UsageEvent {
	return UsageEvent{Usage: u.ID, Patient: u.Patient, Site: u.Site, State: u.State, Cause: u.Cause, Quantity: u.Outstanding(), Reason: u.Closing.Reason}
}

// OpenUsage is something that no stock accounts for yet, with the stock that may.
type OpenUsage struct {
	inventory.UsageTask
	Candidates []inventory.UsageCandidate
}

// OpenUsages returns what was charted at the actor's site and no stock accounts
// for, the oldest first, each with the stock that may account for it, the
// likeliest first.
func (p *Practice) OpenUsages(ctx context.Context, actor glabella.Actor) ([]OpenUsage, error) {
	return query(ctx, p, actor, access.StockRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]OpenUsage, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return nil, err
		}
		usages, err := r.Usages().All(ctx, storage.UsageQuery{Site: site.ID})
		if err != nil {
			return nil, err
		}
		products, err := r.Products().All(ctx, storage.ProductQuery{})
		if err != nil {
			return nil, err
		}
		var out []OpenUsage
		for _, task := range inventory.UsageWorklist(usages, r.Now()) {
			open := OpenUsage{UsageTask: task}
			for _, product := range products {
				u := task.Usage
				if !u.Product.IsZero() && u.Product != product.ID || product.Substance != u.Substance && product.Code != u.Substance {
					continue
				}
				lots, err := r.Lots().All(ctx, storage.LotQuery{Product: product.ID})
				if err != nil {
					return nil, err
				}
				balances, err := r.Balances().All(ctx, storage.BalanceQuery{Product: product.ID, Site: site.ID})
				if err != nil {
					return nil, err
				}
				var vials []inventory.Vial
				for _, lot := range lots {
					of, err := r.Vials().All(ctx, storage.VialQuery{Lot: lot.ID})
					if err != nil {
						return nil, err
					}
					vials = append(vials, of...)
				}
				open.Candidates = append(open.Candidates, inventory.UsageCandidates(u, product, lots, balances, vials, site.zone)...)
			}
			out = append(out, open)
		}
		return out, nil
	})
}

// MatchUsage is the input of [Practice.MatchUsage].
type MatchUsage struct {
	Command
	Usage    glabella.UsageID  `json:"usage"`
	Lot      glabella.LotID    `json:"lot"`
	Vial     glabella.VialID   `json:"vial,omitzero"`     // the opened container; zero opens another one of the lot
	Quantity quantity.Quantity `json:"quantity,omitzero"` // zero is all that is open
}

// UsageSettled is the receipt of the commands on usages.
type UsageSettled struct {
	Usage       glabella.UsageID      `json:"usage"`
	State       inventory.UsageState  `json:"state"`
	Outstanding quantity.Quantity     `json:"outstanding"`
	Movements   []glabella.MovementID `json:"movements"`
	Version     uint64                `json:"version"`
}

// MatchUsage finds stock for what was charted without: it leaves the lot and the
// container that are named. What spoke against the stock when it was given, such as
// that it had expired, warns; stock that is not there is refused.
func (p *Practice) MatchUsage(ctx context.Context, actor glabella.Actor, in MatchUsage) (UsageSettled, error) {
	return run(ctx, p, actor, access.StockAdjust, glabella.PatientID{}, in, func(ctx context.Context, w *work, in MatchUsage, out *UsageSettled) (storage.Outcome, error) {
		u, by, err := w.usage(ctx, in.Usage)
		if err != nil {
			return failed(err)
		}
		site, err := w.Sites().Get(ctx, u.Site)
		if err != nil {
			return failed(err)
		}
		zone, err := site.Location()
		if err != nil {
			return failed(err)
		}
		m := inventory.Matching{
			ID: glabella.MovementID(w.NewUUID()), NewVial: glabella.VialID(w.NewUUID()), Opening: glabella.MovementID(w.NewUUID()), Quantity: in.Quantity, By: by, At: w.Now(), Zone: zone,
		}
		if m.Lot, err = w.Lots().Get(ctx, in.Lot); err != nil {
			return failed(err)
		}
		if m.Product, err = w.Products().Get(ctx, m.Lot.Product); err != nil {
			return failed(err)
		}
		if m.Balance, err = w.balance(ctx, m.Lot.ID, u.Site); err != nil {
			return failed(err)
		}
		if !in.Vial.IsZero() {
			if m.Vial, err = w.Vials().Get(ctx, in.Vial); err != nil {
				return failed(err)
			}
		}
		var matched inventory.Matched
		if err := w.acknowledged(func(settled []glabella.Code) (err error) {
			m.Acknowledged = settled
			matched, err = u.Match(m)
			return err
		}); err != nil {
			return failed(err)
		}
		if !matched.Vial.ID.IsZero() {
			if _, err := w.Vials().Put(ctx, matched.Vial); err != nil {
				return failed(err)
			}
		}
		if _, err := w.Balances().Put(ctx, matched.Balance); err != nil {
			return failed(err)
		}
		for _, movement := range matched.Movements {
			if err := w.moved(ctx, movement); err != nil {
				return failed(err)
			}
			out.Movements = append(out.Movements, movement.ID)
		}
		return w.settled(ctx, matched.Usage, out)
	})
}

// WriteOffUsage is the input of [Practice.WriteOffUsage].
type WriteOffUsage struct {
	Command
	Usage   glabella.UsageID `json:"usage"`
	Reason  string           `json:"reason"` // a code, see [inventory.Reasons]
	Witness glabella.StaffID `json:"witness,omitzero"`
}

// WriteOffUsage ends a usage for which no stock will be found, such as a sample or
// what the patient brought. Nothing leaves the stock; a recall still finds it among
// what may have been the lot.
func (p *Practice) WriteOffUsage(ctx context.Context, actor glabella.Actor, in WriteOffUsage) (UsageSettled, error) {
	return run(ctx, p, actor, access.StockAdjust, glabella.PatientID{}, in, func(ctx context.Context, w *work, in WriteOffUsage, out *UsageSettled) (storage.Outcome, error) {
		u, by, err := w.usage(ctx, in.Usage)
		if err != nil {
			return failed(err)
		}
		if u, err = u.WriteOff(inventory.UsageClosing{Reason: in.Reason, By: by, Witness: in.Witness, At: w.Now()}); err != nil {
			return failed(err)
		}
		return w.settled(ctx, u, out)
	})
}

// ReopenUsage is the input of [Practice.ReopenUsage].
type ReopenUsage struct {
	Command
	Usage glabella.UsageID `json:"usage"`
}

// ReopenUsage puts a usage that was written off back on the list.
func (p *Practice) ReopenUsage(ctx context.Context, actor glabella.Actor, in ReopenUsage) (UsageSettled, error) {
	return run(ctx, p, actor, access.StockAdjust, glabella.PatientID{}, in, func(ctx context.Context, w *work, in ReopenUsage, out *UsageSettled) (storage.Outcome, error) {
		u, _, err := w.usage(ctx, in.Usage)
		if err != nil {
			return failed(err)
		}
		if u, err = u.Reopen(); err != nil {
			return failed(err)
		}
		return w.settled(ctx, u, out)
	})
}

// usage returns a usage at the version that the caller has seen, and who settles
// it.
func (w *work) usage(ctx context.Context, id glabella.UsageID) (inventory.Usage, glabella.StaffID, error) {
	by, err := w.staff()
	if err != nil {
		return inventory.Usage{}, by, err
	}
	u, err := w.Usages().Get(ctx, id)
	if err != nil {
		return u, by, err
	}
	w.Concerns(u.Patient)
	return u, by, w.expect(u.Ref(), u.Version)
}

// settled stores a step of a usage.
func (w *work) settled(ctx context.Context, u inventory.Usage, out *UsageSettled) (storage.Outcome, error) {
	u, err := w.Usages().Put(ctx, u)
	if err != nil {
		return failed(err)
	}
	out.Usage, out.State, out.Outstanding, out.Version = u.ID, u.State, u.Outstanding(), u.Version
	e := usageEvent(u)
	e.Moved = out.Movements
	return recorded(fmt.Sprintf("inventory.usage-%s", u.State), e)
}
