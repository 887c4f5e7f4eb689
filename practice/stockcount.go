package practice

import (
	"context"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/storage"
)

// CountStock is the input of [Practice.CountStock]: what was found of one lot at
// the actor's site.
type CountStock struct {
	Command
	Lot     string                `json:"lot"`               // the number printed on the containers
	Product string                `json:"product,omitempty"` // code of the catalogue, where lots of several products have the number
	Sealed  int                   `json:"sealed"`            // unopened containers
	Vials   []inventory.VialCount `json:"vials"`             // opened containers; one that is not mentioned was not found
	Reason  string                `json:"reason"`            // of the differences: a code, such as [inventory.ReasonUnaccounted]
	Witness glabella.StaffID      `json:"witness,omitzero"`
}

// StockCounted is the receipt of [Practice.CountStock].
type StockCounted struct {
	Lot         glabella.LotID              `json:"lot"`
	Differences []inventory.CountDifference `json:"differences"`
	Movements   []glabella.MovementID       `json:"movements"`
}

// CountEvent is the event that a lot was counted.
type CountEvent struct {
	Lot         glabella.LotID              `json:"lot"`
	Site        glabella.SiteID             `json:"site"`
	Differences []inventory.CountDifference `json:"differences"`
	Reason      string                      `json:"reason,omitempty"`
}

// CountStock compares a count of one lot with the record and books the differences,
// of unopened containers either way and of opened ones downwards. More in an opened
// container than is on record is refused: a draw or a waste is wrong, and that is
// what has to be taken back.
func (p *Practice) CountStock(ctx context.Context, actor glabella.Actor, in CountStock) (StockCounted, error) {
	return run(ctx, p, actor, access.StockAdjust, glabella.PatientID{}, in, func(ctx context.Context, w *work, in CountStock, out *StockCounted) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		lot, product, err := w.lotNumbered(ctx, "/lot", in.Lot, func(p inventory.Product) bool { return in.Product == "" || p.Code == in.Product })
		if err != nil {
			return failed(err)
		}
		balance, err := w.balanceOf(ctx, lot, product, site)
		if err != nil {
			return failed(err)
		}
		vials, err := w.Vials().All(ctx, storage.VialQuery{Lot: lot.ID})
		if err != nil {
			return failed(err)
		}
		count := inventory.StockCount{Sealed: in.Sealed, Vials: in.Vials, Reason: in.Reason, By: by, Witness: in.Witness, At: w.Now()}
		counted, err := balance.Count(product, count, vials, func() glabella.MovementID { return glabella.MovementID(w.NewUUID()) })
		if err != nil {
			return failed(err)
		}
		if len(counted.Movements) > 0 {
			if _, err := w.Balances().Put(ctx, counted.Balance); err != nil {
				return failed(err)
			}
		}
		for _, v := range counted.Vials {
			if _, err := w.Vials().Put(ctx, v); err != nil {
				return failed(err)
			}
		}
		out.Lot, out.Differences = lot.ID, counted.Differences
		for _, m := range counted.Movements {
			if err := w.moved(ctx, m); err != nil {
				return failed(err)
			}
			out.Movements = append(out.Movements, m.ID)
		}
		return recorded("inventory.counted", CountEvent{Lot: lot.ID, Site: site.ID, Differences: counted.Differences, Reason: in.Reason})
	})
}

// TakeBackStock is the input of [Practice.TakeBackStock].
type TakeBackStock struct {
	Command
	Sale       glabella.MovementID       `json:"sale"` // the movement by which it was sold or dispensed
	Containers int                       `json:"containers"`
	Condition  inventory.ReturnCondition `json:"condition"`
	Document   string                    `json:"document,omitempty"` // number of the credit note
}

// TakeBackStock puts what a customer brings back on the books of the lot that it
// came from, with its cost and expiry. What was dispensed, what is not intact, and
// what is of a lot that may not be used any more is set aside at once.
func (p *Practice) TakeBackStock(ctx context.Context, actor glabella.Actor, in TakeBackStock) (StockChanged, error) {
	return run(ctx, p, actor, access.StockAdjust, glabella.PatientID{}, in, func(ctx context.Context, w *work, in TakeBackStock, out *StockChanged) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		r := inventory.CustomerReturn{
			ID: glabella.MovementID(w.NewUUID()), HoldID: glabella.MovementID(w.NewUUID()), Site: site.ID, Zone: site.zone,
			Containers: in.Containers, Condition: in.Condition, By: by, At: w.Now(), Document: in.Document,
		}
		if r.Sale, err = w.Movements().Get(ctx, in.Sale); err != nil {
			return failed(err)
		}
		w.Concerns(r.Sale.Patient)
		if r.Lot, err = w.Lots().Get(ctx, r.Sale.Lot); err != nil {
			return failed(err)
		}
		if r.Product, err = w.Products().Get(ctx, r.Lot.Product); err != nil {
			return failed(err)
		}
		if r.Balance, err = w.balance(ctx, r.Lot.ID, site.ID); err != nil {
			return failed(err)
		}
		of, err := w.Movements().All(ctx, storage.MovementQuery{Lot: r.Lot.ID})
		if err != nil {
			return failed(err)
		}
		r.Later = slices.DeleteFunc(of, func(m inventory.Movement) bool { return m.Origin != in.Sale && m.Reverses != in.Sale })
		balance, movements, err := inventory.TakeBack(r)
		if err != nil {
			return failed(err)
		}
		if balance, err = w.Balances().Put(ctx, balance); err != nil {
			return failed(err)
		}
		for _, m := range movements {
			if err := w.moved(ctx, m); err != nil {
				return failed(err)
			}
		}
		*out = StockChanged{Movement: r.ID, Lot: r.Lot.ID, Sealed: balance.Sealed, Held: balance.Held}
		return recorded("inventory.taken-back", StockEvent{Movement: r.ID, Lot: r.Lot.ID, Site: site.ID, Kind: movements[0].Kind, Containers: in.Containers, Reason: movements[0].Reason})
	})
}

// ValueStock is the question of [Practice.ValueStock].
type ValueStock struct {
	Method inventory.CostMethod
	At     time.Time // the zero time is now
}

// StockValue is the answer of [Practice.ValueStock].
type StockValue struct {
	Products []inventory.ProductCost
	Costing  inventory.Costing
}

// ValueStock answers what the stock of all sites cost, by a method and as at a time.
func (p *Practice) ValueStock(ctx context.Context, actor glabella.Actor, q ValueStock) (StockValue, error) {
	return query(ctx, p, actor, access.ReportRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (StockValue, error) {
		movements, err := r.Movements().All(ctx, storage.MovementQuery{})
		if err != nil {
			return StockValue{}, err
		}
		slices.SortStableFunc(movements, func(a, b inventory.Movement) int { return a.At.Compare(b.At) })
		lots, err := r.Lots().All(ctx, storage.LotQuery{})
		if err != nil {
			return StockValue{}, err
		}
		var out StockValue
		if out.Costing, err = inventory.CostOf(q.Method, movements, lots, q.At); err != nil {
			return StockValue{}, err
		}
		out.Products, err = out.Costing.Products()
		return out, err
	})
}

// VialReport is the answer of [Practice.AccountForVials].
type VialReport struct {
	Vials     []inventory.VialAccount
	Injectors []inventory.InjectorAccount
}

// AccountForVials answers where the content of the opened containers of every site
// went, by container and by injector.
func (p *Practice) AccountForVials(ctx context.Context, actor glabella.Actor) (VialReport, error) {
	return query(ctx, p, actor, access.StockTrace, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (VialReport, error) {
		movements, err := r.Movements().All(ctx, storage.MovementQuery{})
		if err != nil {
			return VialReport{}, err
		}
		vials, err := r.Vials().All(ctx, storage.VialQuery{})
		if err != nil {
			return VialReport{}, err
		}
		var out VialReport
		out.Vials, out.Injectors, err = inventory.Accounts(movements, vials)
		return out, err
	})
}
