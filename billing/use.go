package billing

import (
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// Use is what a line takes from a lot of credit, and its value.
type Use struct {
	Lot   glabella.CreditLotID `json:"lot"`
	Units quantity.Quantity    `json:"units"` // of the lot: units of a product, or a count of services
	Value money.Amount         `json:"value"`
}

// uses returns what a line that is paid by the redemption takes.
func (r *Redemption) uses() []Use {
	out := make([]Use, len(r.Takes))
	for i, t := range r.Takes {
		out[i] = Use{Lot: t.Lot, Units: t.Units, Value: t.Value}
	}
	return out
}

// covered returns how much the lots pay for.
func (r *Redemption) covered() (quantity.Quantity, error) {
	sum := r.Takes[0].Covers
	var err error
	for _, t := range r.Takes[1:] {
		if sum, err = sum.Add(t.Covers); err != nil {
			return quantity.Quantity{}, err
		}
	}
	return sum, nil
}

// After returns the lots as they are once a redemption has been carried out: those
// that it changed in place of what they were.
func After(lots, changed []CreditLot) []CreditLot {
	out := slices.Clone(lots)
	for _, c := range changed {
		for i := range out {
			if out[i].ID == c.ID {
				out[i] = c
			}
		}
	}
	return out
}
