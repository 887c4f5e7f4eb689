package inventory

import (
	"cmp"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// Suggestion is an amount to take from a lot.
type Suggestion struct {
	Lot      glabella.LotID     `json:"lot"`
	Balance  glabella.BalanceID `json:"balance"`
	Expires  glabella.Date      `json:"expires,omitzero"`
	Quantity quantity.Quantity  `json:"quantity"`
}

// FEFO suggests which lots of a product to take an amount from: first expired,
// first out, and among those that expire together the one received first. Lots that
// may not be used on the day are left out; one whose expiry is not on record comes
// last. The suggestions sum to the amount, or to less if less is on hand. A lot that
// somebody scanned goes before any suggestion.
//
// The balances are those of the site; the lots may be of any product.
func FEFO(lots []Lot, balances []Balance, product glabella.ProductID, qty quantity.Quantity, on glabella.Date) []Suggestion {
	byID := make(map[glabella.LotID]Lot, len(lots))
	for _, l := range lots {
		byID[l.ID] = l
	}
	candidates := slices.DeleteFunc(slices.Clone(balances), func(b Balance) bool {
		l := byID[b.Lot]
		return l.Product != product || b.OnHand.Sign() <= 0 || b.OnHand.Unit() != qty.Unit() ||
			glabella.Decide(lotReasons(l, on)...).Outcome == glabella.Deny
	})
	slices.SortFunc(candidates, func(a, b Balance) int {
		x, y := byID[a.Lot].Expires, byID[b.Lot].Expires
		if x.IsZero() != y.IsZero() {
			if x.IsZero() {
				return 1
			}
			return -1
		}
		return cmp.Or(x.Compare(y), a.ReceivedAt.Compare(b.ReceivedAt), cmp.Compare(a.ID.String(), b.ID.String()))
	})
	var out []Suggestion
	for _, b := range candidates {
		if qty.Sign() <= 0 {
			break
		}
		take := b.OnHand
		if take.Value().GreaterThan(qty.Value()) {
			take = qty
		}
		out = append(out, Suggestion{Lot: b.Lot, Balance: b.ID, Expires: byID[b.Lot].Expires, Quantity: take})
		qty = quantity.New(qty.Value().Sub(take.Value()), qty.Unit())
	}
	return out
}
