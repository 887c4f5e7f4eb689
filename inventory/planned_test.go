package inventory_test

import (
	"slices"
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
)

func TestBookChangesOneAfterTheOther(t *testing.T) {
	t.Parallel()
	r := stock(t, toxin(), "T1", 3)
	newID := counted("p")
	change := func(kind inventory.MovementKind, n int) inventory.PlannedChange {
		return inventory.PlannedChange{Lot: r.Lot.ID, Site: site, Product: toxin().ID, Change: inventory.StockChange{ID: newID(), Kind: kind, Containers: n, Reason: inventory.ReasonExcursion, By: nurse, At: morning}}
	}
	products, balances := []inventory.Product{filler(), toxin()}, []inventory.Balance{r.Balance}
	got, movements, err := inventory.BookChanges(products, balances, []inventory.PlannedChange{change("hold", -3), change("release", 2), change("waste", -2)})
	if err != nil || len(got) != 1 || got[0].Sealed != 0 || got[0].Held != 1 || len(movements) != 3 {
		t.Errorf("BookChanges() = %+v, %d movements, %v, want one set aside and two wasted", got, len(movements), err)
	}
	for _, tt := range []struct {
		name    string
		changes []inventory.PlannedChange
		want    []glabella.Code
	}{
		{"more than there is", []inventory.PlannedChange{change("waste", -2), change("waste", -2)}, []glabella.Code{inventory.CodeShort, inventory.CodeNoSealed}},
		{"a product that is not given", []inventory.PlannedChange{{Lot: r.Lot.ID, Site: site, Product: gloves().ID}}, []glabella.Code{glabella.CodeRequired}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, movements, err := inventory.BookChanges(products, balances, tt.changes)
			if !slices.Equal(codesOf(err), tt.want) || got != nil || movements != nil {
				t.Errorf("BookChanges() = %v, %v, %v, want %v and nothing", got, movements, err, tt.want)
			}
		})
	}
}
