package practice

import (
	"context"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/storage"
)

// stockRecords are the records by which a lot is traced, as a command or a query
// reads them.
type stockRecords struct {
	products  storage.SeenProducts
	lots      storage.SeenLots
	balances  storage.SeenBalances
	vials     storage.SeenVials
	movements storage.SeenMovements
	usages    storage.SeenUsages
	transfers storage.SeenTransfers
}

func (w *work) stock() stockRecords {
	return stockRecords{w.Products().Seen, w.Lots().Seen, w.Balances().Seen, w.Vials().Seen, w.Movements().Seen, w.Usages().Seen, w.Transfers().Seen}
}

func seenStock(r *storage.Reading) stockRecords {
	return stockRecords{r.Products(), r.Lots(), r.Balances(), r.Vials(), r.Movements(), r.Usages(), r.Transfers()}
}

// traces returns where lots went, in their order, out of the records that have to
// do with them: of the lots themselves, of containers that were reconstituted with
// them, and of what was charted without a lot where they were.
func (s stockRecords) traces(ctx context.Context, lots []glabella.LotID) ([]inventory.LotTrace, error) {
	x := inventory.NewIndex()
	var sites []glabella.SiteID
	for _, id := range lots {
		at, err := s.put(ctx, x, id)
		if err != nil {
			return nil, err
		}
		for _, site := range at {
			if !slices.Contains(sites, site) {
				sites = append(sites, site)
			}
		}
	}
	for _, site := range sites {
		if err := put(x.PutUsage)(s.usages.All(ctx, storage.UsageQuery{Site: site})); err != nil {
			return nil, err
		}
		if err := put(x.PutTransfer)(s.transfers.All(ctx, storage.TransferQuery{Site: site})); err != nil {
			return nil, err
		}
	}
	out := make([]inventory.LotTrace, len(lots))
	for i, id := range lots {
		out[i] = x.Trace(id)
	}
	return out, nil
}

// put puts into x what belongs to a lot, and returns the sites where it, or a
// container that was reconstituted with it, has been.
func (s stockRecords) put(ctx context.Context, x *inventory.Index, id glabella.LotID) ([]glabella.SiteID, error) {
	lot, err := s.lots.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	x.PutLot(lot)
	product, err := s.products.Get(ctx, lot.Product)
	if err != nil {
		return nil, err
	}
	x.PutProduct(product)
	var sites []glabella.SiteID
	balances, err := s.balances.All(ctx, storage.BalanceQuery{Lot: id})
	if err != nil {
		return nil, err
	}
	for _, b := range balances {
		x.PutBalance(b)
		sites = append(sites, b.Site)
	}
	if err := put(x.PutVial)(s.vials.All(ctx, storage.VialQuery{Lot: id})); err != nil {
		return nil, err
	}
	if err := put(x.PutMovement)(s.movements.All(ctx, storage.MovementQuery{Lot: id})); err != nil {
		return nil, err
	}
	if err := put(x.PutUsage)(s.usages.All(ctx, storage.UsageQuery{Lot: id})); err != nil {
		return nil, err
	}
	diluted, err := s.vials.All(ctx, storage.VialQuery{Diluent: id})
	if err != nil {
		return nil, err
	}
	for _, v := range diluted {
		x.PutVial(v)
		sites = append(sites, v.Site)
		if err := put(x.PutMovement)(s.movements.All(ctx, storage.MovementQuery{Vial: v.ID})); err != nil {
			return nil, err
		}
	}
	return sites, nil
}

// put hands over the records that were read.
func put[T any](take func(T)) func([]T, error) error {
	return func(all []T, err error) error {
		for _, v := range all {
			take(v)
		}
		return err
	}
}
