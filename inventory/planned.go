package inventory

import (
	"fmt"
	"slices"

	"github.com/glabella-ehr/glabella"
)

// PlannedChange is a change of the unopened containers of a lot at a site that was
// decided on and is yet to be booked, see [BookChanges].
type PlannedChange struct {
	Lot     glabella.LotID
	Site    glabella.SiteID
	Product glabella.ProductID
	Change  StockChange
}

// BookChanges makes the changes one after the other, each with [Balance.Change], and
// returns the balances that changed and the movements. Products are those of the
// changes; a balance that is not among the balances is one without stock. One change
// that is refused refuses them all.
func BookChanges(products []Product, balances []Balance, changes []PlannedChange) ([]Balance, []Movement, error) {
	now := make(map[glabella.BalanceID]Balance, len(balances))
	for _, b := range balances {
		now[b.ID] = b
	}
	var order []glabella.BalanceID
	var movements []Movement
	for i, c := range changes {
		j := slices.IndexFunc(products, func(p Product) bool { return p.ID == c.Product })
		if j < 0 {
			return nil, nil, glabella.Invalid("changes", glabella.Issue{Path: fmt.Sprintf("/%d/product", i), Code: glabella.CodeRequired, Text: "the product is not given"})
		}
		id := BalanceIDOf(c.Lot, c.Site)
		b, ok := now[id]
		if !ok {
			b = Balance{ID: id, Lot: c.Lot, Site: c.Site, Product: c.Product}
		}
		b, m, err := b.Change(products[j], c.Change)
		if err != nil {
			return nil, nil, fmt.Errorf("change %d, %s: %w", i, id.Ref(), err)
		}
		now[id], movements = b, append(movements, m)
		if !slices.Contains(order, id) {
			order = append(order, id)
		}
	}
	changed := make([]Balance, len(order))
	for i, id := range order {
		changed[i] = now[id]
	}
	return changed, movements, nil
}
