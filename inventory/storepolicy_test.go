package inventory_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
)

func storePolicy() inventory.StorePolicy {
	return inventory.StorePolicy{
		ID: inventory.StorePolicyOf(site), Site: site,
		Levels:   []inventory.ParLevel{{Product: toxin().ID, Site: site, Min: 2, Par: 6}},
		Storages: []inventory.Storage{{Code: "fridge-1", Limits: inventory.StorageLimits{Lowest: quantity.MustParse("2 Cel"), Highest: quantity.MustParse("8 Cel"), Source: "the label"}, Products: []glabella.ProductID{toxin().ID}}},
	}
}

func TestStorePolicyIsChecked(t *testing.T) {
	t.Parallel()
	if err := storePolicy().Validate(); err != nil {
		t.Fatalf("Validate() = %v", err)
	}
	for name, tt := range map[string]struct {
		change func(*inventory.StorePolicy)
		path   string
		code   glabella.Code
	}{
		"the policy of another site": {func(p *inventory.StorePolicy) { p.ID = inventory.StorePolicyOf(glabella.SiteID{}) }, "/id", glabella.CodeMismatch},
		"a level of another site":    {func(p *inventory.StorePolicy) { p.Levels[0].Site = glabella.DeriveID[glabella.SiteID]("other") }, "/levels/0/site", glabella.CodeMismatch},
		"a level twice":              {func(p *inventory.StorePolicy) { p.Levels = append(p.Levels, p.Levels[0]) }, "/levels/1/product", inventory.CodeParLevel},
		"a level that is not valid":  {func(p *inventory.StorePolicy) { p.Levels[0].Par = 1 }, "/levels/0/par", inventory.CodeParLevel},
		"a storage twice":            {func(p *inventory.StorePolicy) { p.Storages = append(p.Storages, p.Storages[0]) }, "/storages/1/code", inventory.CodeStorage},
		"limits without a source":    {func(p *inventory.StorePolicy) { p.Storages[0].Limits.Source = "" }, "/storages/0/limits/source", glabella.CodeRequired},
		"an item that is not valid":  {func(p *inventory.StorePolicy) { p.Items = []inventory.CatalogueItem{{}} }, "/items/0/name", glabella.CodeRequired},
		"a horizon that is negative": {func(p *inventory.StorePolicy) { p.Horizons = []int{30, -1} }, "/horizons/1", glabella.CodeOutOfRange},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := storePolicy()
			tt.change(&p)
			var invalid *glabella.ValidationError
			if err := p.Validate(); !errors.As(err, &invalid) || !slices.ContainsFunc(invalid.Issues, func(i glabella.Issue) bool { return i.Path == tt.path && i.Code == tt.code }) {
				t.Errorf("Validate() = %v, want %s at %s", err, tt.code, tt.path)
			}
		})
	}
}

func TestUseIsWhatWasGivenAndStands(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return morning.AddDate(0, 0, n) }
	given := func(name string, n int, units string) inventory.Movement {
		return inventory.Movement{ID: movementID(name), Kind: inventory.MovementAdminister, Site: site, Product: toxin().ID, Quantity: quantity.MustParse(units + " " + toxin().Nominal.Unit().String()), At: day(n)}
	}
	wasted := given("wasted", 3, "-50")
	wasted.Kind = inventory.MovementWaste
	back := given("back", 4, "20")
	back.Reverses = movementID("second")
	movements := []inventory.Movement{given("first", 1, "-30"), given("second", 2, "-20"), back, wasted, given("third", 5, "-45"), given("later", 40, "-99"), given("earlier", -1, "-99")}
	got, err := inventory.UseOf(site, []inventory.Product{toxin()}, movements, day(0), day(30))
	if err != nil || len(got) != 1 || got[0].Days != 30 || got[0].Containers.String() != "0.75" {
		t.Errorf("UseOf() = %+v, %v; want 75 of 100 units, 0.75 containers in 30 days", got, err)
	}
	if got, err := inventory.UseOf(site, []inventory.Product{toxin()}, movements, day(0), day(0)); err != nil || got != nil {
		t.Errorf("UseOf of no time = %+v, %v; want none", got, err)
	}
}
