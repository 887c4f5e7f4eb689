package inventory_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
)

// valued is a ledger of two vials of A, of which half a vial was given and one is set
// aside, and of two of B, of which one arrived at the branch and one is on its way.
func valued() ledger {
	var l ledger
	l.add("a", "receive", "A", 2, "200")
	l.add("b", "receive", "B", 2, "200")
	l.add("give", "administer", "A", 0, "-50")
	l.add("out", "transfer-out", "B", -2, "-200")
	l.add("in", "transfer-in", "B", 1, "100").Site = branch
	l.add("hold", "hold", "A", -1, "-100")
	return l
}

func valuesOf(v inventory.Valuation) []string {
	names := map[glabella.SiteID]string{site: "site", branch: "branch", {}: "on its way"}
	lots := map[glabella.LotID]string{lotID("A"): " A", lotID("B"): " B", lotID("C"): " C"}
	var out []string
	for _, l := range v.Lines {
		s := fmt.Sprintf("%s%s: %s at %s", names[l.Site], lots[l.Lot], l.Quantity.Value(), l.Value)
		if l.Unpriced {
			s += ", some without a cost"
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

func TestValuationBySite(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		method inventory.CostMethod
		lines  []string
		sites  []string
		total  string
	}{
		{inventory.CostSpecific, []string{"branch B: 100 at USD 130.00", "on its way B: 100 at USD 130.00", "site A: 150 at USD 150.00"}, []string{"USD 130.00", "USD 130.00", "USD 150.00"}, "USD 410.00"},
		// 350 of what cost 410.00: by what each has
		{inventory.CostFIFO, []string{"branch: 100 at USD 117.14", "on its way: 100 at USD 117.14", "site: 150 at USD 175.72"}, []string{"USD 117.14", "USD 117.14", "USD 175.72"}, "USD 410.00"},
		// 50 of 400 that cost 460.00 left
		{inventory.CostAverage, []string{"branch: 100 at USD 115.00", "on its way: 100 at USD 115.00", "site: 150 at USD 172.50"}, []string{"USD 115.00", "USD 115.00", "USD 172.50"}, "USD 402.50"},
	} {
		t.Run(string(tt.method), func(t *testing.T) {
			t.Parallel()
			got, err := inventory.ValuationOf(tt.method, valued(), lotsAt(), today, nil)
			if err != nil {
				t.Fatal(err)
			}
			var sites []string
			for _, s := range got.Sites {
				sites = append(sites, s.Value.String())
			}
			slices.Sort(sites)
			if d := cmp.Diff(tt.lines, valuesOf(got)) + cmp.Diff(tt.sites, sites); d != "" || got.Total != money.MustParse(tt.total) || got.On != today || got.Method != tt.method {
				t.Errorf("ValuationOf() = %s as at %s (-want +got):\n%s", got.Total, got.On, d)
			}
		})
	}
}

func TestValuationAsAtTheEndOfADay(t *testing.T) {
	t.Parallel()
	var l ledger
	l.add("a", "receive", "A", 1, "100").At = time.Date(2026, 11, 23, 23, 59, 59, 999999000, time.UTC)
	l.add("b", "receive", "B", 1, "100").At = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	l.add("c", "receive", "C", 1, "100").At = time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name string
		on   glabella.Date
		zone *time.Location
		want []string
	}{
		{"the day before", today.AddDays(-1), nil, nil},
		{"to the last microsecond", today, nil, []string{"site A: 100 at USD 100.00"}},
		{"in a zone in which the day ends later", today, time.FixedZone("west", -5*3600), []string{"site A: 100 at USD 100.00", "site B: 100 at USD 130.00"}},
		{"a lot of unknown cost", today.AddDays(2), nil, []string{"site A: 100 at USD 100.00", "site B: 100 at USD 130.00", "site C: 100 at , some without a cost"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := inventory.ValuationOf(inventory.CostSpecific, l, lotsAt(), tt.on, tt.zone)
			if d := diff(tt.want, valuesOf(got)); d != "" || err != nil {
				t.Errorf("ValuationOf() = %v (-want +got):\n%s", err, d)
			}
			if n := len(got.Sites); n > 0 && got.Sites[0].Unpriced != (tt.name == "a lot of unknown cost") {
				t.Errorf("ValuationOf() = %+v", got.Sites)
			}
		})
	}
	if _, err := inventory.ValuationOf("lifo", l, lotsAt(), today, nil); !slices.Equal(codesOf(err), []glabella.Code{glabella.CodeUnknownValue}) {
		t.Errorf("ValuationOf(lifo) = %v, want an unknown method", err)
	}
}

// checkValuation compares the valuation with what every site has and with what it
// all cost.
func (m *model) checkValuation(method inventory.CostMethod, c inventory.Costing, lots []inventory.Lot, fail func(string, ...any)) {
	v, err := inventory.ValuationOf(method, m.movements, lots, glabella.DateOf(m.now).AddDays(1), nil)
	if err != nil {
		fail("ValuationOf(%s) = %v", method, err)
		return
	}
	var lines, sites money.Amount
	type at struct {
		site    glabella.SiteID
		product glabella.ProductID
	}
	have, want := map[at]decimal.Decimal{}, map[at]decimal.Decimal{}
	add := func(to map[at]decimal.Decimal, s glabella.SiteID, p glabella.ProductID, d decimal.Decimal) {
		if to[at{s, p}] = to[at{s, p}].Add(d); to[at{s, p}].IsZero() {
			delete(to, at{s, p})
		}
	}
	for _, l := range v.Lines {
		if lines, err = lines.Add(l.Value); err != nil || l.Quantity.Sign() <= 0 || l.Value.Sign() < 0 {
			fail("ValuationOf(%s) has the line %+v, %v", method, l, err)
		}
		add(have, l.Site, l.Product, l.Quantity.Value())
	}
	for _, s := range v.Sites {
		if sites, err = sites.Add(s.Value); err != nil {
			fail("ValuationOf(%s): %v", method, err)
		}
	}
	if lines != sites || lines.Minor() != v.Total.Minor() || v.Total.Minor() != c.Total().Minor() {
		fail("ValuationOf(%s): the lines are worth %s, the sites %s, all %s; CostOf has %s", method, lines, sites, v.Total, c.Total())
	}
	whole := func(p glabella.ProductID, n int) decimal.Decimal {
		return modelProducts[p].Nominal.Value().Mul(decimal.NewFromInt(int64(n)))
	}
	for _, b := range m.balances {
		add(want, b.Site, b.Product, b.OnHand.Value().Add(whole(b.Product, b.Held)))
	}
	for _, t := range m.transfers {
		for _, l := range t.Lines {
			add(want, glabella.SiteID{}, l.Product, whole(l.Product, l.InTransit()))
		}
	}
	if d := cmp.Diff(want, have); d != "" {
		fail("ValuationOf(%s) (-stock +valuation):\n%s", method, d)
	}
}
