package practice

import (
	"context"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/storage"
)

// storePolicyOf returns what a practice has decided on the store room of a site.
func storePolicyOf(ctx context.Context, policies interface {
	Get(context.Context, glabella.StorePolicyID) (inventory.StorePolicy, error)
}, site glabella.SiteID) (inventory.StorePolicy, error) {
	id := inventory.StorePolicyOf(site)
	p, err := policies.Get(ctx, id)
	if ok, err := found(err); !ok || err != nil {
		return inventory.StorePolicy{ID: id, Site: site}, err
	}
	return p, nil
}

// StockReview is the answer of [Practice.ReviewStock].
type StockReview struct {
	Reorder  []inventory.ReorderSuggestion
	Expiring []inventory.ExpiryAlert
}

// ReviewStock answers what to order for the actor's site by its levels, and what of
// its stock has expired or soon will, with what the use of the days before leaves of
// it. It is asked daily.
func (p *Practice) ReviewStock(ctx context.Context, actor glabella.Actor) (StockReview, error) {
	return query(ctx, p, actor, access.StockRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (StockReview, error) {
		var out StockReview
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return out, err
		}
		policy, err := storePolicyOf(ctx, r.StorePolicies(), site.ID)
		if err != nil {
			return out, err
		}
		products, err := r.Products().All(ctx, storage.ProductQuery{})
		if err != nil {
			return out, err
		}
		f := inventory.StockFacts{Items: policy.Catalogue(products), On: site.today}
		for _, read := range []func() error{
			func() (err error) { f.Lots, err = r.Lots().All(ctx, storage.LotQuery{}); return },
			func() (err error) {
				f.Balances, err = r.Balances().All(ctx, storage.BalanceQuery{Site: site.ID})
				return
			},
			func() (err error) {
				f.Orders, err = r.PurchaseOrders().All(ctx, storage.PurchaseOrderQuery{Site: site.ID, Open: true})
				return
			},
			func() (err error) {
				f.Transfers, err = r.Transfers().All(ctx, storage.TransferQuery{Site: site.ID})
				return
			},
		} {
			if err := read(); err != nil {
				return out, err
			}
		}
		if policy.UseDays > 0 {
			movements, err := r.Movements().All(ctx, storage.MovementQuery{})
			if err != nil {
				return out, err
			}
			from, to := site.today.AddDays(-policy.UseDays).Start(site.zone), site.today.Start(site.zone)
			if f.Usage, err = inventory.UseOf(site.ID, products, movements, from, to); err != nil {
				return out, err
			}
		}
		out.Expiring = inventory.ExpiryAlerts(f, policy.Horizons...)
		out.Reorder, err = inventory.Reorder(policy.Levels, f)
		return out, err
	})
}

// book makes changes that were decided on, all or none.
func (w *work) book(ctx context.Context, changes []inventory.PlannedChange) ([]glabella.MovementID, error) {
	var products []inventory.Product
	var balances []inventory.Balance
	for _, c := range changes {
		product, err := w.Products().Get(ctx, c.Product)
		if err != nil {
			return nil, err
		}
		products = append(products, product)
		balance, err := w.balance(ctx, c.Lot, c.Site)
		if err != nil {
			return nil, err
		}
		if !balance.ID.IsZero() {
			balances = append(balances, balance)
		}
	}
	after, movements, err := inventory.BookChanges(products, balances, changes)
	if err != nil {
		return nil, err
	}
	for _, b := range after {
		if _, err := w.Balances().Put(ctx, b); err != nil {
			return nil, err
		}
	}
	out := []glabella.MovementID{}
	for _, m := range movements {
		if err := w.moved(ctx, m); err != nil {
			return nil, err
		}
		out = append(out, m.ID)
	}
	return out, nil
}

func (w *work) newMovement() glabella.MovementID { return glabella.MovementID(w.NewUUID()) }

// shelf returns what the record has of a lot at a site, with all its movements.
func (w *work) shelf(ctx context.Context, lot glabella.LotID, site glabella.SiteID) (inventory.Shelf, error) {
	balance, err := w.balance(ctx, lot, site)
	if err != nil || balance.ID.IsZero() {
		return inventory.Shelf{}, err
	}
	movements, err := w.Movements().All(ctx, storage.MovementQuery{Lot: lot})
	movements = slices.DeleteFunc(movements, func(m inventory.Movement) bool { return m.Site != site })
	return inventory.Shelf{Balance: balance, Movements: movements}, err
}
