package inventory_test

import (
	"encoding/binary"
	"fmt"
	"math/rand"
	"runtime"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
)

// numbered returns the ID of a number, which looks like chance.
func numbered[I ~[16]byte](n int) I {
	var id I
	x := uint64(n)*0x9e3779b97f4a7c15 + 0x1234567
	binary.BigEndian.PutUint64(id[:], x^x>>29)
	binary.BigEndian.PutUint64(id[8:], uint64(n))
	return id
}

// warehouse is an index of many lots: of products × sites, which each have as
// many lots, with expiries over three years.
type warehouse struct {
	*inventory.Index
	products, sites, lots int
	unit                  quantity.Unit
}

func newWarehouse(products, sites, lots int) warehouse {
	w := warehouse{inventory.NewIndex(), products, sites, lots, quantity.MustUnit(toxinUnit)}
	rng := rand.New(rand.NewSource(1))
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := range lots {
		lot := inventory.Lot{
			ID: numbered[glabella.LotID](n), Product: numbered[glabella.ProductID](n % products), Number: fmt.Sprintf("L%07d", n), State: inventory.LotAvailable,
			Expires: glabella.DateOf(base.AddDate(0, 0, rng.Intn(1000))),
		}
		w.PutLot(lot)
		at := numbered[glabella.SiteID](n / products % sites)
		w.PutBalance(inventory.Balance{
			ID: numbered[glabella.BalanceID](n), Lot: lot.ID, Site: at, Product: lot.Product, Sealed: 1,
			OnHand: quantity.New(decimal.New(int64(1+rng.Intn(100)), 0), w.unit), ReceivedAt: base.Add(-time.Duration(rng.Intn(1e6)) * time.Second),
		})
	}
	return w
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func benchmarkTake(b *testing.B, products, sites, asked int, qty int64, take func(warehouse, glabella.ProductID, glabella.SiteID, quantity.Quantity, glabella.Date) int) {
	const lots = 1_000_000
	before := heap()
	w := newWarehouse(products, sites, lots)
	perLot := float64(heap()-before) / lots
	on := glabella.MustParseDate("2026-11-23")
	amount := quantity.Of(qty, w.unit)
	rng := rand.New(rand.NewSource(2))
	taken := 0
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		taken += take(w, numbered[glabella.ProductID](rng.Intn(products)), numbered[glabella.SiteID](rng.Intn(asked)), amount, on)
	}
	b.ReportMetric(float64(taken)/float64(b.N), "lots/op")
	b.ReportMetric(perLot, "B/lot")
	if taken < b.N {
		b.Fatalf("took from %d lots in %d questions, want at least one each", taken, b.N)
	}
}

func BenchmarkFEFO(b *testing.B) {
	fefo := func(w warehouse, p glabella.ProductID, s glabella.SiteID, q quantity.Quantity, on glabella.Date) int {
		return len(w.FEFO(p, s, q, on))
	}
	b.Run("any of 500 products at any of 20 sites", func(b *testing.B) { benchmarkTake(b, 500, 20, 20, 1, fefo) })
	b.Run("any of 500 products at one of 20 sites", func(b *testing.B) { benchmarkTake(b, 500, 20, 1, 1, fefo) })
	b.Run("one product at one site", func(b *testing.B) { benchmarkTake(b, 1, 1, 1, 1, fefo) })
}

func BenchmarkDrawMultiLot(b *testing.B) {
	draw := func(w warehouse, p glabella.ProductID, s glabella.SiteID, q quantity.Quantity, on glabella.Date) int {
		lots, d := w.Draw(p, s, q, on)
		if !d.Allowed() {
			b.Fatalf("Draw() = %v, want allow", d)
		}
		return len(lots)
	}
	b.Run("any of 500 products at any of 20 sites", func(b *testing.B) { benchmarkTake(b, 500, 20, 20, 200, draw) })
	b.Run("any of 500 products at one of 20 sites", func(b *testing.B) { benchmarkTake(b, 500, 20, 1, 200, draw) })
}

// clinicOf returns an index of a million administrations, of which each lot has a
// hundred, of a hundred patients.
func clinicOf(administrations, perLot int) *inventory.Index {
	x := inventory.NewIndex()
	unit := quantity.MustUnit(toxinUnit)
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	const patients = 200_000
	for n := range administrations {
		lot := n / perLot
		x.PutMovement(inventory.Movement{
			ID: numbered[glabella.MovementID](n), Kind: inventory.MovementAdminister, Lot: numbered[glabella.LotID](lot), Site: numbered[glabella.SiteID](lot % 20),
			Product: numbered[glabella.ProductID](lot % 500), Vial: numbered[glabella.VialID](n / 2), Quantity: quantity.Of(-20, unit),
			Patient: numbered[glabella.PatientID](n * 7 % patients), By: nurse, At: base.Add(time.Duration(n) * time.Minute),
		})
	}
	return x
}

func benchmarkRecall(b *testing.B, ask func(*inventory.Index, glabella.LotID) int) {
	const administrations, perLot = 1_000_000, 100
	before := heap()
	x := clinicOf(administrations, perLot)
	each := float64(heap()-before) / administrations
	rng := rand.New(rand.NewSource(3))
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		if n := ask(x, numbered[glabella.LotID](rng.Intn(administrations/perLot))); n != perLot {
			b.Fatalf("found %d patients, want %d", n, perLot)
		}
	}
	b.ReportMetric(each, "B/administration")
}

func BenchmarkRecall(b *testing.B) {
	benchmarkRecall(b, func(x *inventory.Index, lot glabella.LotID) int { return len(x.Recall(lot)) })
}

func BenchmarkTrace(b *testing.B) {
	benchmarkRecall(b, func(x *inventory.Index, lot glabella.LotID) int { return len(x.Trace(lot).Exposures) })
}
