package inventory_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
)

// shelved returns an index with lots of the toxin at the site: name, days until
// expiry, amount on hand.
func shelved(t testing.TB, change func(name string, l *inventory.Lot, b *inventory.Balance)) *inventory.Index {
	t.Helper()
	x := inventory.NewIndex()
	for i, in := range []struct {
		name string
		days int
		qty  string
	}{{"late", 300, "100"}, {"soon", 10, "30"}, {"unknown", 0, "50"}, {"sooner", 3, "0.5"}} {
		l := inventory.Lot{ID: lotID(in.name), Product: toxin().ID, Number: in.name, State: inventory.LotAvailable}
		if in.days > 0 {
			l.Expires = today.AddDays(in.days)
		}
		b := inventory.Balance{ID: inventory.BalanceIDOf(l.ID, site), Lot: l.ID, Site: site, Product: l.Product, OnHand: units(in.qty), ReceivedAt: morning.Add(time.Duration(i) * time.Hour)}
		if change != nil {
			change(in.name, &l, &b)
		}
		x.PutLot(l)
		x.PutBalance(b)
	}
	return x
}

func lotID(name string) glabella.LotID { return glabella.DeriveID[glabella.LotID](name) }

func TestIndexDraw(t *testing.T) {
	t.Parallel()
	type take struct{ Lot, Quantity string }
	names := map[glabella.LotID]string{lotID("late"): "late", lotID("soon"): "soon", lotID("unknown"): "unknown", lotID("sooner"): "sooner"}
	for _, tt := range []struct {
		name    string
		qty     string
		scanned []string
		change  func(name string, l *inventory.Lot, b *inventory.Balance)
		want    []take
		outcome glabella.Outcome
		codes   []glabella.Code
	}{
		{name: "what expires first is taken first", qty: "20", want: []take{{"sooner", "0.5"}, {"soon", "19.5"}}, outcome: glabella.Allow},
		{name: "a lot without expiry comes last and warns", qty: "150.25", want: []take{{"sooner", "0.5"}, {"soon", "30"}, {"late", "100"}, {"unknown", "19.75"}},
			outcome: glabella.Warn, codes: []glabella.Code{inventory.CodeLotNoExpiry}},
		{name: "more than is there is denied", qty: "181", want: []take{{"sooner", "0.5"}, {"soon", "30"}, {"late", "100"}, {"unknown", "50"}},
			outcome: glabella.Deny, codes: []glabella.Code{inventory.CodeShort, inventory.CodeLotNoExpiry}},
		{name: "a scanned lot wins", qty: "110", scanned: []string{"late"}, want: []take{{"late", "100"}, {"sooner", "0.5"}, {"soon", "9.5"}}, outcome: glabella.Allow},
		{name: "scanned lots are taken in the order of the scans", qty: "31", scanned: []string{"soon", "late", "soon"}, want: []take{{"soon", "30"}, {"late", "1"}}, outcome: glabella.Allow},
		{name: "a scanned lot that is not needed is not taken", qty: "20", scanned: []string{"late", "soon"}, want: []take{{"late", "20"}}, outcome: glabella.Allow},
		{name: "a scanned lot that is recalled is denied, and not taken", qty: "10", scanned: []string{"late"},
			change: func(name string, l *inventory.Lot, _ *inventory.Balance) {
				if name == "late" {
					l.State, l.Hold = inventory.LotRecalled, "Z-1"
				}
			}, want: []take{{"sooner", "0.5"}, {"soon", "9.5"}}, outcome: glabella.Deny, codes: []glabella.Code{inventory.CodeLotRecalled}},
		{name: "every scanned lot has its reasons", qty: "10", scanned: []string{"late", "soon", "nobody's", "sooner", "unknown"},
			change: func(name string, l *inventory.Lot, b *inventory.Balance) {
				switch name {
				case "late":
					l.State, l.Hold = inventory.LotQuarantined, "complaint"
				case "soon":
					l.Expires = today.AddDays(-1)
				case "sooner":
					l.Product = filler().ID
				case "unknown":
					b.Site, b.ID = there, inventory.BalanceIDOf(l.ID, there)
				}
			}, outcome: glabella.Deny,
			codes: []glabella.Code{inventory.CodeLotQuarantined, inventory.CodeLotExpired, inventory.CodeLotUnknown, inventory.CodeLotMismatch, inventory.CodeLotUnknown, inventory.CodeShort, inventory.CodeLotNoExpiry}},
		{name: "a scanned lot in another unit is denied", qty: "10", scanned: []string{"late"},
			change: func(name string, _ *inventory.Lot, b *inventory.Balance) {
				if name == "late" {
					b.OnHand = quantity.MustParse("100 mL")
				}
			}, want: []take{{"sooner", "0.5"}, {"soon", "9.5"}}, outcome: glabella.Deny, codes: []glabella.Code{inventory.CodeUnit}},
		{name: "nothing is not drawn", qty: "0", outcome: glabella.Deny, codes: []glabella.Code{inventory.CodeNotPositive}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var scanned []glabella.LotID
			for _, name := range tt.scanned {
				scanned = append(scanned, lotID(name))
			}
			got, d := shelved(t, tt.change).Draw(toxin().ID, site, units(tt.qty), today, scanned...)
			if d.Outcome != tt.outcome {
				t.Errorf("Draw() = %v, want %v", d, tt.outcome)
			}
			if d := diff(tt.codes, d.Codes()); d != "" {
				t.Errorf("codes (-want +got):\n%s", d)
			}
			var takes []take
			for _, s := range got {
				takes = append(takes, take{names[s.Lot], s.Quantity.Value().String()})
			}
			if d := diff(tt.want, takes); d != "" {
				t.Errorf("lots (-want +got):\n%s", d)
			}
		})
	}
}

func TestIndexDrawOfAmountsOfManyDigits(t *testing.T) {
	t.Parallel()
	x := shelved(t, func(name string, _ *inventory.Lot, b *inventory.Balance) {
		switch name {
		case "late":
			b.OnHand = units("100000000000000000")
		case "soon":
			b.OnHand = units("0.000000001")
		}
	})
	for _, qty := range []string{"0.000000001", "0.500000001", "99999999999999999", "100000000000000000"} {
		var lots []inventory.Lot
		var balances []inventory.Balance
		shelved(t, func(name string, l *inventory.Lot, b *inventory.Balance) {
			switch name {
			case "late":
				b.OnHand = units("100000000000000000")
			case "soon":
				b.OnHand = units("0.000000001")
			}
			lots, balances = append(lots, *l), append(balances, *b)
		})
		want := inventory.FEFO(lots, balances, toxin().ID, units(qty), today)
		if d := cmp.Diff(want, x.FEFO(toxin().ID, site, units(qty), today)); d != "" {
			t.Errorf("FEFO(%s) (-scan +index):\n%s", qty, d)
		}
	}
}

func TestIndexIgnoresOlderVersionsAndOtherRecords(t *testing.T) {
	t.Parallel()
	x := shelved(t, func(name string, l *inventory.Lot, b *inventory.Balance) { l.Version, b.Version = 3, 3 })
	before := x.FEFO(toxin().ID, site, units("500"), today)
	l := inventory.Lot{ID: lotID("soon"), Product: toxin().ID, Number: "soon", State: inventory.LotRecalled, Hold: "Z-1"}
	l.Version = 2
	b := inventory.Balance{ID: inventory.BalanceIDOf(l.ID, site), Lot: l.ID, Site: site, Product: l.Product, OnHand: units("0")}
	b.Version = 2
	x.PutLot(l)
	x.PutBalance(b)
	if x.Apply("no record") {
		t.Error("Apply of text = true, want false")
	}
	if d := diff(before, x.FEFO(toxin().ID, site, units("500"), today)); d != "" {
		t.Errorf("FEFO after older versions (-before +after):\n%s", d)
	}
	l.Version = 4
	x.PutLot(l)
	if got := x.FEFO(toxin().ID, site, units("500"), today); len(got) != len(before)-1 {
		t.Errorf("FEFO has %d lots after one is recalled, want %d", len(got), len(before)-1)
	}
}

func TestIndexIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	w := newPracticed(1)
	for range 200 {
		if err := w.step(); err != nil {
			t.Fatal(err)
		}
	}
	x := inventory.NewIndex()
	var wg sync.WaitGroup
	for part := range 2 {
		wg.Go(func() {
			for i := part; i < len(w.written); i += 2 {
				x.Apply(w.written[i])
			}
		})
		wg.Go(func() {
			for range 20 {
				w.ask(x)
				x.Draw(toxin().ID, site, units("250"), today, lotID("onabotulinumtoxinA-1000"))
			}
		})
	}
	wg.Wait()
	if want := w.scan(); !want.equal(w.ask(x)) {
		t.Errorf("the index differs from a scan (-scan +index):\n%s", diff(want, w.ask(x)))
	}
}
