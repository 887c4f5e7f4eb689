package billing

import (
	"cmp"
	"slices"
	"strings"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// WalletBalance is what a patient has of one kind of credit.
type WalletBalance struct {
	Kind        LotKind                `json:"kind"`
	Origin      LotOrigin              `json:"origin"`
	Covers      string                 `json:"covers,omitempty"` // services, products and brands that it is limited to
	Remaining   quantity.Quantity      `json:"remaining"`
	Value       money.Amount           `json:"value"`                // what was paid for it
	NextExpiry  glabella.Date          `json:"nextExpiry,omitzero"`  // the first day on which some of it ends
	Unavailable quantity.Quantity      `json:"unavailable,omitzero"` // the part that is frozen
	Lots        []glabella.CreditLotID `json:"lots"`
}

// Wallet returns what a patient's lots amount to on a day, by kind, origin, unit,
// currency and what they cover, in that order. Lots that are empty or have
// expired are left out.
func Wallet(lots []CreditLot, on glabella.Date) ([]WalletBalance, error) {
	out := []WalletBalance{}
	for _, l := range lots {
		b, err := l.Balance()
		if err != nil {
			return nil, err
		}
		if b.Remaining.Sign() <= 0 || b.expired(on) || on.Before(l.GrantedOn()) {
			continue
		}
		covers := strings.Join(slices.Sorted(slices.Values(slices.Concat(l.Limits.Services, l.Limits.Products, l.Limits.Brands))), ", ")
		i := slices.IndexFunc(out, func(w WalletBalance) bool {
			return w.Kind == l.Kind && w.Origin == l.Origin && w.Covers == covers && w.Remaining.Unit() == l.Granted.Unit() && w.Value.Currency() == l.Price.Currency()
		})
		if i < 0 {
			i = len(out)
			nothing := quantity.Of(0, l.Granted.Unit())
			out = append(out, WalletBalance{Kind: l.Kind, Origin: l.Origin, Covers: covers, Remaining: nothing, Unavailable: nothing, Value: money.New(0, l.Price.Currency())})
		}
		w := &out[i]
		if w.Remaining, err = w.Remaining.Add(b.Remaining); err != nil {
			return nil, err
		}
		if w.Value, err = w.Value.Add(b.Value); err != nil {
			return nil, err
		}
		if !b.FrozenSince.IsZero() {
			if w.Unavailable, err = w.Unavailable.Add(b.Remaining); err != nil {
				return nil, err
			}
		} else if compareExpiry(b.ExpiresOn, w.NextExpiry) < 0 {
			w.NextExpiry = b.ExpiresOn
		}
		w.Lots = append(w.Lots, l.ID)
	}
	slices.SortStableFunc(out, func(a, b WalletBalance) int {
		return cmp.Or(cmp.Compare(slices.Index(LotKinds(), a.Kind), slices.Index(LotKinds(), b.Kind)),
			cmp.Compare(slices.Index(LotOrigins(), a.Origin), slices.Index(LotOrigins(), b.Origin)),
			cmp.Compare(a.Remaining.Unit().String(), b.Remaining.Unit().String()),
			cmp.Compare(string(a.Value.Currency()), string(b.Value.Currency())), cmp.Compare(a.Covers, b.Covers))
	})
	return out, nil
}
