package inventory_test

import (
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
)

// held returns facts with a lot of the toxin for every number of containers, which
// expires so many days after today.
func held(t testing.TB, lots ...[2]int) inventory.StockFacts {
	t.Helper()
	f := inventory.StockFacts{On: today, Items: []inventory.CatalogueItem{{Product: toxin().ID, Packs: []inventory.Pack{
		{Unit: "box", Contains: inventory.Whole(10), Of: "vial"}, {Unit: "tray", Contains: ratioOf(5, 2), Of: "vial"},
	}}}}
	for i, l := range lots {
		r := stock(t, toxin(), fmt.Sprint("L", i), l[0])
		r.Lot.Expires = today.AddDays(l[1])
		f.Lots, f.Balances = append(f.Lots, r.Lot), append(f.Balances, r.Balance)
	}
	return f
}

func ratioOf(n, d int64) inventory.Ratio {
	r, _ := inventory.NewRatio(n, d)
	return r
}

func uses(containers string, days int) []inventory.ExpectedUse {
	return []inventory.ExpectedUse{{Product: toxin().ID, Site: site, Containers: quantity.MustParseNumber(containers), Days: days}}
}

func level(least, par, lead int) inventory.ParLevel {
	return inventory.ParLevel{Product: toxin().ID, Site: site, Min: least, Par: par, LeadDays: lead}
}

func TestReorder(t *testing.T) {
	t.Parallel()
	sent := ordered(t)
	inBoxes := level(6, 20, 3)
	inBoxes.Unit, inBoxes.Pack = "vial", "box"
	elsewhere := level(1, 5, 0)
	elsewhere.Site = branch
	r := stock(t, toxin(), "T", 5)
	way, err := plan(r, 4).Ship(shipment(r))
	if err != nil {
		t.Fatal(err)
	}
	held90 := func(lots ...[2]int) inventory.StockFacts { return held(t, lots...) }
	change := func(f inventory.StockFacts, do func(*inventory.StockFacts)) inventory.StockFacts { do(&f); return f }
	for _, tt := range []struct {
		name  string
		level inventory.ParLevel
		facts inventory.StockFacts
		want  []inventory.ReorderSuggestion // what is asked for, without product and site
	}{
		{name: "as much as is wanted at least", level: level(5, 10, 0), facts: held90([2]int{5, 90})},
		{name: "one less", level: level(5, 10, 0), facts: held90([2]int{4, 90}), want: []inventory.ReorderSuggestion{{OnHand: 4, Projected: 4, Packs: 6, PackSize: 1, Containers: 6}}},
		{name: "nothing at all", level: level(1, 3, 2), facts: held90(), want: []inventory.ReorderSuggestion{{Packs: 3, PackSize: 1, Containers: 3}}},
		{name: "boxes are rounded up", level: inBoxes, facts: held90([2]int{5, 90}), want: []inventory.ReorderSuggestion{{OnHand: 5, Projected: 5, Packs: 2, Pack: "box", PackSize: 10, Containers: 20}}},
		{name: "what is used until it arrives counts", level: level(5, 10, 4), facts: change(held90([2]int{8, 90}), func(f *inventory.StockFacts) { f.Usage = uses("7", 7) }),
			want: []inventory.ReorderSuggestion{{OnHand: 8, Used: 4, Projected: 4, Packs: 6, PackSize: 1, Containers: 6}}},
		{name: "a begun container counts as used", level: level(5, 10, 1), facts: change(held90([2]int{5, 90}), func(f *inventory.StockFacts) { f.Usage = uses("0.1", 30) }),
			want: []inventory.ReorderSuggestion{{OnHand: 5, Used: 1, Projected: 4, Packs: 6, PackSize: 1, Containers: 6}}},
		{name: "no more is used than there is", level: level(1, 4, 10), facts: change(held90([2]int{2, 90}), func(f *inventory.StockFacts) { f.Usage = uses("5", 1) }),
			want: []inventory.ReorderSuggestion{{OnHand: 2, Used: 50, Packs: 4, PackSize: 1, Containers: 4}}},
		{name: "what expires first is left over", level: level(5, 10, 5), facts: held90([2]int{3, 4}, [2]int{4, 90}), want: []inventory.ReorderSuggestion{{OnHand: 7, Expiring: 3, Projected: 4, Packs: 6, PackSize: 1, Containers: 6}}},
		{name: "what may be used on the day of arrival counts", level: level(5, 10, 4), facts: held90([2]int{3, 4}, [2]int{4, 90})},
		{name: "use takes from what never expires last", level: level(6, 10, 4), facts: change(held90([2]int{3, 90}, [2]int{4, 3}, [2]int{2, 90}), func(f *inventory.StockFacts) {
			f.Lots[0].Expires, f.Lots[2].Expires, f.Usage = glabella.Date{}, glabella.Date{}, uses("4", 4)
		}), want: []inventory.ReorderSuggestion{{OnHand: 9, Used: 4, Projected: 5, Packs: 5, PackSize: 1, Containers: 5}}},
		{name: "an expired lot does not count", level: level(1, 2, 0), facts: held90([2]int{9, -1}), want: []inventory.ReorderSuggestion{{Packs: 2, PackSize: 1, Containers: 2}}},
		{name: "a recalled lot does not count", level: level(1, 2, 0), facts: change(held90([2]int{9, 90}), func(f *inventory.StockFacts) { f.Lots[0] = recalled(f.Lots[0]) }), want: []inventory.ReorderSuggestion{{Packs: 2, PackSize: 1, Containers: 2}}},
		{name: "what is on order counts", level: level(5, 10, 0), facts: change(held90([2]int{4, 90}), func(f *inventory.StockFacts) { f.Orders = []inventory.PurchaseOrder{sent} })},
		{name: "a draft does not count", level: level(5, 10, 0), facts: change(held90([2]int{4, 90}), func(f *inventory.StockFacts) { f.Orders = []inventory.PurchaseOrder{drafted()} }),
			want: []inventory.ReorderSuggestion{{OnHand: 4, Projected: 4, Packs: 6, PackSize: 1, Containers: 6}}},
		{name: "what is on its way from another site counts", level: elsewhere, facts: inventory.StockFacts{On: today, Transfers: []inventory.Transfer{way.Transfer}}},
		{name: "a transfer that was never shipped does not count", level: elsewhere, facts: inventory.StockFacts{On: today, Transfers: []inventory.Transfer{plan(r, 4)}}, want: []inventory.ReorderSuggestion{{Packs: 5, PackSize: 1, Containers: 5}}},
		{name: "stock of another site does not count", level: elsewhere, facts: held90([2]int{9, 90}), want: []inventory.ReorderSuggestion{{Packs: 5, PackSize: 1, Containers: 5}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := inventory.Reorder([]inventory.ParLevel{tt.level}, tt.facts)
			for i := range tt.want {
				tt.want[i].Product, tt.want[i].Site = tt.level.Product, tt.level.Site
			}
			if d := diff(tt.want, got); d != "" || err != nil {
				t.Errorf("Reorder() = %v (-want +got):\n%s", err, d)
			}
		})
	}
}

func TestReorderWantsPacksThatHoldContainers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*inventory.ParLevel)
		want   string
	}{
		{"an unknown pack", func(l *inventory.ParLevel) { l.Pack, l.Unit = "crate", "vial" }, `convert "crate" to "vial": no pack has the unit`},
		{"a pack of two and a half", func(l *inventory.ParLevel) { l.Pack, l.Unit = "tray", "vial" }, "invalid pack: /pack: out-of-range: the pack holds no whole number of containers, from one to a million"},
		{"a product that is not in the catalogue", func(l *inventory.ParLevel) { l.Product, l.Pack, l.Unit = gloves().ID, "box", "glove" }, `convert "box" to "glove": the product is not in the catalogue`},
		{"a level that is invalid", func(l *inventory.ParLevel) { l.Min = 9 }, "invalid par level: /par: inventory.par.level: it is ordered up to at least the least that is kept"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := level(1, 5, 0)
			tt.change(&l)
			_, err := inventory.Reorder([]inventory.ParLevel{l}, held(t))
			if err == nil || err.Error() != "level 0: "+tt.want || !errors.Is(err, glabella.ErrInvalid) {
				t.Errorf("Reorder() = %v, want %s", err, tt.want)
			}
		})
	}
}

func TestParLevelValidate(t *testing.T) {
	t.Parallel()
	l := inventory.ParLevel{Min: -1, Par: -2, LeadDays: -1, Pack: "box"}
	want := []string{"/leadDays out-of-range", "/min out-of-range", "/par inventory.par.level", "/par out-of-range", "/product required", "/site required", "/unit required"}
	if d := diff(want, places(l.Validate())); d != "" {
		t.Errorf("Validate() (-want +got):\n%s", d)
	}
	if err := level(0, 1, 0).Validate(); err != nil {
		t.Errorf("Validate() = %v, want no error", err)
	}
}

// TestReorderReachesThePar checks that what is suggested brings the stock to the
// level, that one pack less would not, and that once it is ordered nothing more is
// suggested.
func TestReorderReachesThePar(t *testing.T) {
	t.Parallel()
	suggested := 0
	for seed := range int64(500) {
		rng := rand.New(rand.NewSource(seed))
		f := held(t, [2]int{1 + rng.Intn(9), rng.Intn(9) - 1}, [2]int{1 + rng.Intn(9), rng.Intn(30)})
		f.Usage = uses(fmt.Sprint(rng.Intn(20)), 1+rng.Intn(14))
		l := level(rng.Intn(12), 0, rng.Intn(10))
		l.Par = l.Min + 1 + rng.Intn(20)
		if rng.Intn(2) == 0 {
			l.Unit, l.Pack = "vial", "box"
		}
		got, err := inventory.Reorder([]inventory.ParLevel{l}, f)
		if err != nil {
			t.Fatalf("seed %d: Reorder() = %v", seed, err)
		}
		if len(got) == 0 {
			continue
		}
		suggested++
		s := got[0]
		if after := s.Projected + s.Containers; after < l.Par || after-s.PackSize >= l.Par {
			t.Fatalf("seed %d: %d containers in packs of %d bring it from %d to %d, want just %d", seed, s.Containers, s.PackSize, s.Projected, after, l.Par)
		}
		o := drafted()
		o.Lines = []inventory.OrderLine{s.Line()}
		if o, err = o.Send(owner, morning); err != nil {
			t.Fatalf("seed %d: Send() = %v", seed, err)
		}
		f.Orders = []inventory.PurchaseOrder{o}
		if again, err := inventory.Reorder([]inventory.ParLevel{l}, f); len(again) != 0 || err != nil {
			t.Fatalf("seed %d: Reorder(once it is ordered) = %v, %v, want nothing", seed, again, err)
		}
	}
	if suggested < 100 {
		t.Errorf("%d suggestions, want more", suggested)
	}
}

func TestExpiryAlerts(t *testing.T) {
	t.Parallel()
	f := held(t, [2]int{2, -1}, [2]int{3, 0}, [2]int{4, 30}, [2]int{5, 31}, [2]int{6, 91})
	f.Usage = uses("1", 10)
	got := inventory.ExpiryAlerts(f, 90, 30, 0)
	type alert struct{ days, horizon, containers, left int }
	var brief []alert
	for _, a := range got {
		brief = append(brief, alert{a.Days, a.Horizon, a.Containers, a.Left})
		if a.Expired != (a.Days < 0) || a.Site != site || a.Product != toxin().ID {
			t.Errorf("alert = %+v", a)
		}
	}
	// One container in ten days: none of the lot of today, three until the end of the
	// thirtieth day, and none in the one day after that.
	want := []alert{{-1, 0, 2, 2}, {0, 0, 3, 3}, {30, 30, 4, 1}, {31, 90, 5, 5}}
	if !slices.Equal(brief, want) {
		t.Errorf("ExpiryAlerts() = %v, want %v", brief, want)
	}
	f.Lots[2] = quarantined(f.Lots[2])
	if a := inventory.ExpiryAlerts(f, 30)[2]; a.Left != 4 {
		t.Errorf("of a held lot %d are left, want all 4", a.Left)
	}
	if got := inventory.ExpiryAlerts(f); len(got) != 1 || !got[0].Expired {
		t.Errorf("ExpiryAlerts(no horizon) = %v, want what is expired", got)
	}
	f.Balances[0].OnHand = units("0")
	if got := inventory.ExpiryAlerts(f); len(got) != 0 {
		t.Errorf("ExpiryAlerts(of nothing on hand) = %v, want none", got)
	}
}

// TestExpectedUseLeavesWhatADiaryLeaves compares with taking the containers day by
// day, each from the lot that expires first.
func TestExpectedUseLeavesWhatADiaryLeaves(t *testing.T) {
	t.Parallel()
	some := 0
	for seed := range int64(300) {
		rng := rand.New(rand.NewSource(seed))
		var lots [][2]int
		day := 0
		for range 1 + rng.Intn(4) {
			day += 1 + rng.Intn(10)
			lots = append(lots, [2]int{1 + rng.Intn(12), day})
		}
		f := held(t, lots...)
		each, every := 1+rng.Intn(3), 1+rng.Intn(4) // containers on every so many-th day
		f.Usage = uses(fmt.Sprint(each), every)
		left := make([]int, len(lots))
		for i, l := range lots {
			left[i] = l[0]
		}
		owed := 0
		for d := 0; d <= day; d++ {
			owed += each
			for i := range lots {
				for lots[i][1] >= d && left[i] > 0 && owed >= every {
					left[i]--
					owed -= every
				}
			}
			owed %= every // nobody waits for what is not there
		}
		for i, a := range inventory.ExpiryAlerts(f, 1000) {
			if a.Left != left[i] {
				t.Fatalf("seed %d: of lot %d %d are left, want %d", seed, i, a.Left, left[i])
			}
			some += a.Left
		}
	}
	if some < 100 {
		t.Errorf("%d containers are left in all, want more", some)
	}
}
