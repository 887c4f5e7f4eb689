package inventory_test

import (
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
)

// shelf receives one lot per line: number, expiry, containers and the hour of
// receipt.
func shelf(t testing.TB) ([]inventory.Lot, []inventory.Balance, map[string]inventory.Receipt) {
	t.Helper()
	by := map[string]inventory.Receipt{}
	var lots []inventory.Lot
	var balances []inventory.Balance
	for _, line := range []struct {
		number, expires string
		hour            int
	}{
		{"late", "2028-01-31", 1},
		{"soon, received second", "2026-12-31", 9},
		{"soon, received first", "2026-12-31", 8},
		{"today", "2026-11-23", 3},
		{"yesterday", "2026-11-22", 2},
		{"recalled", "2026-12-01", 2},
		{"unknown expiry", "2027-01-31", 2},
	} {
		d := delivery(toxin(), line.number, 1)
		d.Expires, d.At = glabella.MustParseDate(line.expires), morning.AddDate(0, 0, -7).Add(time.Duration(line.hour)*time.Hour)
		r, err := inventory.Receive(d)
		if err != nil {
			t.Fatal(err)
		}
		switch line.number {
		case "recalled":
			r.Lot = recalled(r.Lot)
		case "unknown expiry":
			r.Lot.Expires = glabella.Date{}
		}
		by[line.number] = r
		lots, balances = append(lots, r.Lot), append(balances, r.Balance)
	}
	small := toxin()
	small.ID, small.Nominal = glabella.DeriveID[glabella.ProductID]("toxin 50"), units("50")
	for _, p := range []inventory.Product{filler(), small} { // what is not asked for
		r := stock(t, p, p.Nominal.String(), 1)
		lots, balances = append(lots, r.Lot), append(balances, r.Balance)
	}
	gone := stock(t, toxin(), "a lot that is not listed", 1)
	return lots, append(balances, gone.Balance), by
}

func TestFEFO(t *testing.T) {
	t.Parallel()
	lots, balances, by := shelf(t)
	type pick struct{ Number, Quantity string }
	for _, tt := range []struct {
		name string
		qty  string
		want []pick
	}{
		{name: "the earliest expiry first", qty: "20", want: []pick{{"today", "20"}}},
		{name: "then the one received first", qty: "250", want: []pick{{"today", "100"}, {"soon, received first", "100"}, {"soon, received second", "50"}}},
		{name: "an unknown expiry last, and less than asked for if there is no more", qty: "1000", want: []pick{{"today", "100"}, {"soon, received first", "100"}, {"soon, received second", "100"}, {"late", "100"}, {"unknown expiry", "100"}}},
		{name: "nothing for nothing", qty: "0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var want []inventory.Suggestion
			for _, p := range tt.want {
				r := by[p.Number]
				want = append(want, inventory.Suggestion{Lot: r.Lot.ID, Balance: r.Balance.ID, Expires: r.Lot.Expires, Quantity: units(p.Quantity)})
			}
			rng := rand.New(rand.NewSource(1))
			lots, balances := slices.Clone(lots), slices.Clone(balances)
			for range 20 { // the order in which stock is listed does not matter
				rng.Shuffle(len(lots), func(i, j int) { lots[i], lots[j] = lots[j], lots[i] })
				rng.Shuffle(len(balances), func(i, j int) { balances[i], balances[j] = balances[j], balances[i] })
				got := inventory.FEFO(lots, balances, toxin().ID, units(tt.qty), today)
				if d := cmp.Diff(want, got); d != "" {
					t.Fatalf("FEFO(%s) (-want +got):\n%s", tt.qty, d)
				}
			}
		})
	}
	if got := inventory.FEFO(lots, balances, toxin().ID, quantity.MustParse("1 mL"), today); got != nil {
		t.Errorf("FEFO(in another unit) = %v, want nothing", got)
	}
}
