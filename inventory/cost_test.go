package inventory_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
)

// ledger builds movements of the toxin, each an hour after the one before.
type ledger []inventory.Movement

func (l *ledger) add(name string, k inventory.MovementKind, lot string, n int, qty string) *inventory.Movement {
	*l = append(*l, inventory.Movement{
		ID: movementID(name), Kind: k, Lot: glabella.DeriveID[glabella.LotID](lot), Site: site, Product: toxin().ID, Quantity: units(qty), Containers: n,
		By: nurse, At: morning.Add(time.Duration(len(*l)) * time.Hour),
	})
	return &(*l)[len(*l)-1]
}

func (l *ledger) back(name, of string) *inventory.Movement {
	i := slices.IndexFunc(*l, func(m inventory.Movement) bool { return m.ID == movementID(of) })
	m := (*l)[i]
	r := l.add(name, m.Kind, "", -m.Containers, "0")
	r.Lot, r.Quantity, r.Reverses, r.Origin = m.Lot, m.Quantity.Neg(), m.ID, m.Origin
	return r
}

// lotsAt are the lots A at 100.00, B at 130.00 a container, and C of unknown cost.
func lotsAt() []inventory.Lot {
	at := func(name, cost string) inventory.Lot {
		l := inventory.Lot{ID: glabella.DeriveID[glabella.LotID](name), Product: toxin().ID, Number: name, State: inventory.LotAvailable}
		if cost != "" {
			l.UnitCost = money.MustParse(cost)
		}
		return l
	}
	return []inventory.Lot{at("A", "USD 100.00"), at("B", "USD 130.00"), at("C", "")}
}

func TestCostOf(t *testing.T) {
	t.Parallel()
	two := func(l *ledger) { // of A and B, one container each of which 30 units of B are given
		l.add("a", "receive", "A", 1, "100")
		l.add("b", "receive", "B", 1, "100")
		l.add("give", "administer", "B", 0, "-30")
	}
	for _, tt := range []struct {
		name   string
		method inventory.CostMethod
		build  func(*ledger)
		of     string // a movement
		cost   string // of it
		total  string
	}{
		{"the lot's own cost", inventory.CostSpecific, two, "give", "USD -39.00", "USD 191.00"},
		{"first in, first out", inventory.CostFIFO, two, "give", "USD -30.00", "USD 200.00"},
		{"the average", inventory.CostAverage, two, "give", "USD -34.50", "USD 195.50"},
		{"first in, first out over two deliveries", inventory.CostFIFO, func(l *ledger) {
			two(l)
			l.add("more", "waste", "A", 0, "-90")
		}, "more", "USD -96.00", "USD 104.00"},
		{"a delivery with its own cost", inventory.CostSpecific, func(l *ledger) {
			a := money.MustParse("USD 90.00")
			l.add("a", "receive", "A", 1, "100").Cost = &a
			l.add("give", "administer", "A", 0, "-10")
		}, "give", "USD -9.00", "USD 81.00"},
		{"what is taken back returns at its cost", inventory.CostFIFO, func(l *ledger) {
			two(l)
			l.back("back", "give")
		}, "back", "USD 30.00", "USD 230.00"},
		{"a delivery that is taken back takes its cost along", inventory.CostFIFO, func(l *ledger) {
			l.add("a", "receive", "A", 1, "100")
			l.add("b", "receive", "B", 1, "100")
			l.back("back", "b")
		}, "back", "USD -130.00", "USD 100.00"},
		{"opening, moving and setting aside cost nothing", inventory.CostSpecific, func(l *ledger) {
			l.add("a", "receive", "A", 2, "200")
			l.add("open", "open", "A", -1, "0")
			l.add("ship", "transfer-out", "A", -1, "-100")
			l.add("hold", "hold", "A", -1, "-100")
		}, "hold", "", "USD 200.00"},
		{"an unknown cost counts as nothing", inventory.CostSpecific, func(l *ledger) {
			l.add("a", "receive", "A", 1, "100")
			l.add("c", "receive", "C", 1, "100")
			l.add("give", "administer", "C", 0, "-10")
		}, "give", "", "USD 100.00"},
		{"a customer's return brings its share back", inventory.CostSpecific, func(l *ledger) {
			l.add("a", "receive", "A", 3, "300")
			l.add("sell", "sell", "A", -3, "-300")
			l.add("back", "restock", "A", 1, "100").Origin = movementID("sell")
		}, "back", "USD 100.00", "USD 100.00"},
		{"a return that is taken back makes the sale whole", inventory.CostFIFO, func(l *ledger) {
			l.add("a", "receive", "A", 1, "100")
			l.add("b", "receive", "B", 1, "100")
			l.add("sell", "sell", "A", -2, "-200")
			l.add("r", "restock", "A", 1, "100").Origin = movementID("sell")
			l.back("undo", "r")
			l.add("r2", "restock", "A", 2, "200").Origin = movementID("sell")
		}, "r2", "USD 230.00", "USD 230.00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var l ledger
			tt.build(&l)
			got, err := inventory.CostOf(tt.method, l, lotsAt(), time.Time{})
			if err != nil {
				t.Fatalf("CostOf() = %v, want no error", err)
			}
			if cost, ok := got.Of(movementID(tt.of)); !ok || cost.String() != tt.cost && !(tt.cost == "" && cost.IsZero()) {
				t.Errorf("Of(%s) = %s, %t, want %s", tt.of, cost, ok, tt.cost)
			}
			if got.Total().String() != tt.total {
				t.Errorf("Total() = %s, want %s", got.Total(), tt.total)
			}
		})
	}
}

func TestThePartsOfACostSumToTheWhole(t *testing.T) {
	t.Parallel()
	for _, method := range inventory.CostMethods() {
		t.Run(string(method), func(t *testing.T) {
			t.Parallel()
			var l ledger
			a := money.MustParse("USD 0.10")
			l.add("a", "receive", "A", 1, "100").Cost = &a
			for _, name := range []string{"1", "2", "3"} {
				l.add(name, "administer", "A", 0, "-33.3")
			}
			l.add("rest", "waste", "A", 0, "-0.1")
			got, err := inventory.CostOf(method, l, nil, time.Time{})
			if err != nil || !got.Total().IsZero() || got.Layers() != nil {
				t.Fatalf("CostOf() leaves %s in %v, %v, want nothing", got.Total(), got.Layers(), err)
			}
			var parts []string
			for _, m := range l[1:] {
				cost, _ := got.Of(m.ID)
				parts = append(parts, cost.String())
			}
			// 3.33 is 3; of 7 are left 66.7: 3.49 is 3; of 4 are left 33.4: 3.99 is 4; nothing is left
			if d := cmp.Diff([]string{"USD -0.03", "USD -0.03", "USD -0.04", "USD 0.00"}, parts); d != "" {
				t.Errorf("the parts (-want +got):\n%s", d)
			}
		})
	}
}

func TestCostAtATime(t *testing.T) {
	t.Parallel()
	var l ledger
	l.add("a", "receive", "A", 1, "100")
	l.add("b", "receive", "B", 1, "100")
	l.add("c", "receive", "C", 1, "100")
	got, err := inventory.CostOf(inventory.CostSpecific, l, lotsAt(), l[1].At)
	if err != nil || got.Total() != money.MustParse("USD 230.00") || len(got.Layers()) != 2 {
		t.Errorf("CostOf(at the second) = %s in %d layers, %v, want USD 230.00 in 2", got.Total(), len(got.Layers()), err)
	}
	all, err := inventory.CostOf(inventory.CostSpecific, l, lotsAt(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	products, err := all.Products()
	if err != nil || len(products) != 1 || products[0].Value != all.Total() || !products[0].Quantity.Equal(units("300")) || !products[0].Unpriced {
		t.Errorf("Products() = %+v, %v, want 300 units at %s, some without a cost", products, err, all.Total())
	}
}

func TestCostOfIsRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		method inventory.CostMethod
		build  func(*ledger)
		want   []glabella.Code
	}{
		{"an unknown method", "lifo", func(*ledger) {}, []glabella.Code{glabella.CodeUnknownValue}},
		{"more leaves than came", inventory.CostFIFO, func(l *ledger) { l.add("give", "administer", "A", 0, "-1") }, []glabella.Code{inventory.CodeCostShort}},
		{"more comes back than left", inventory.CostFIFO, func(l *ledger) {
			l.add("a", "receive", "A", 1, "100")
			l.add("give", "administer", "A", 0, "-1")
			l.back("back", "give")
			l.back("twice", "give")
		}, []glabella.Code{glabella.CodeMismatch}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var l ledger
			tt.build(&l)
			if _, err := inventory.CostOf(tt.method, l, lotsAt(), time.Time{}); !slices.Equal(codesOf(err), tt.want) {
				t.Errorf("CostOf() = %v, want %v", err, tt.want)
			}
		})
	}
	var l ledger
	eur := money.MustParse("EUR 5.00")
	l.add("a", "receive", "A", 1, "100")
	l.add("b", "receive", "A", 1, "100").Cost = &eur
	if _, err := inventory.CostOf(inventory.CostAverage, l, lotsAt(), time.Time{}); !errors.As(err, new(*money.CurrencyError)) {
		t.Errorf("CostOf(two currencies) = %v, want a CurrencyError", err)
	}
}
