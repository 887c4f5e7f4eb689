package practice_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
)

func toxin(n string) quantity.Quantity {
	return quantity.MustParse(n + " [arb'U]{onabotulinumtoxinA}")
}

func TestACountBooksWhatIsMissing(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v := c.arrive(arrival{}) // one container, opened
	count := practice.CountStock{Lot: v.LotNumber, Sealed: 0, Vials: []inventory.VialCount{{Vial: v.Vial, Remaining: toxin("90")}}, Reason: inventory.ReasonUnaccounted}
	if _, err := c.CountStock(ctx, c.Desk, count); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("the front desk counts: %v", err)
	}
	counted := must[practice.StockCounted](t)(c.CountStock(ctx, c.Store, count))
	if len(counted.Differences) != 1 || counted.Differences[0].Vial != v.Vial || len(counted.Movements) != 1 {
		t.Errorf("counted: %+v", counted)
	}
	if again := must[practice.StockCounted](t)(c.CountStock(ctx, c.Store, count)); len(again.Differences) != 0 || len(again.Movements) != 0 {
		t.Errorf("counted again: %+v, want no difference", again)
	}
	more := count
	more.Vials = []inventory.VialCount{{Vial: v.Vial, Remaining: toxin("95")}}
	if _, err := c.CountStock(ctx, c.Store, more); !slices.Contains(codesOf(err), inventory.CodeCountMore) {
		t.Errorf("more than is on record: %v", err)
	}
	report := must[practice.VialReport](t)(c.AccountForVials(ctx, c.Store))
	if i := slices.IndexFunc(report.Vials, func(a inventory.VialAccount) bool { return a.Vial == v.Vial }); i < 0 || report.Vials[i].Unaccounted.String() != toxin("10").String() {
		t.Errorf("the account of the container: %+v", report.Vials)
	}
	if books := must[practice.Agreement](t)(c.CheckBooks(ctx, c.Director)); len(books.Differences) > 0 {
		t.Errorf("the books: %+v", books.Differences)
	}
}

func TestWhatIsUnderControlNeedsAWitnessInEveryCommand(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v := c.arrive(arrival{})
	lot := stored(c, func(ctx context.Context, tx storage.Tx) (inventory.Lot, error) { return tx.Lots().Get(ctx, v.Lot) })
	control := &inventory.ControlPolicy{Products: []glabella.ProductID{lot.Product}, Witnessed: []inventory.MovementKind{inventory.MovementWaste}, Source: "practice policy"}
	if _, err := practice.New(c.backend, &practice.Options{Control: &inventory.ControlPolicy{Products: control.Products}}); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("a policy without a source: %v", err)
	}
	strict, err := practice.New(c.backend, &practice.Options{Now: c.clock.Now, Control: control})
	if err != nil {
		t.Fatal(err)
	}
	discard := practice.DiscardVial{Vial: v.Vial, Reason: inventory.ReasonUnused}
	if _, err := strict.DiscardVial(ctx, c.Nurse, discard); !slices.Contains(codesOf(err), inventory.CodeWitnessMissing) || !errors.Is(err, glabella.ErrRefused) {
		t.Errorf("without a witness: %v", err)
	}
	discard.Witness = staffID(c.Director)
	must[practice.Discarded](t)(strict.DiscardVial(ctx, c.Nurse, discard))
}

func TestWhatComesBackGoesToItsLotAtItsCost(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	usd := money.MustParse
	receive := func(lot, cost string) {
		t.Helper()
		must[practice.Received](t)(c.ReceiveStock(ctx, c.Store, practice.ReceiveStock{Document: "DN", Lines: []practice.ReceiveLine{
			{Scan: "]d201" + practicetest.ToxinGTIN + "1731123110" + lot + "\x1d3002", UnitCost: usd(cost)}}}))
		c.clock.advance(time.Hour)
	}
	value := func(m inventory.CostMethod, at time.Time) string {
		t.Helper()
		return must[practice.StockValue](t)(c.ValueStock(ctx, c.Director, practice.ValueStock{Method: m, At: at})).Costing.Total().String()
	}
	receive("OLD", "USD 400.00")
	early := c.clock.Now().Add(-time.Minute)
	receive("NEW", "USD 500.00")
	sold := must[practice.StockChanged](t)(c.ChangeStock(ctx, c.Store, practice.ChangeStock{Lot: "NEW", Kind: inventory.MovementSell, Containers: -1}))
	for method, want := range map[inventory.CostMethod]string{inventory.CostSpecific: "USD 1300.00", inventory.CostFIFO: "USD 1400.00", inventory.CostAverage: "USD 1350.00"} {
		if got := value(method, time.Time{}); got != want {
			t.Errorf("%s: the stock cost %s, want %s", method, got, want)
		}
	}
	if got := value(inventory.CostFIFO, early); got != "USD 800.00" {
		t.Errorf("before the second delivery the stock cost %s", got)
	}
	back := practice.TakeBackStock{Sale: sold.Movement, Containers: 1, Condition: inventory.ReturnIntact, Document: "CN-1"}
	returned := must[practice.StockChanged](t)(c.TakeBackStock(ctx, c.Store, back))
	if returned.Lot != sold.Lot || returned.Sealed != 2 || returned.Held != 0 {
		t.Errorf("taken back: %+v", returned)
	}
	if got := value(inventory.CostSpecific, time.Time{}); got != "USD 1800.00" {
		t.Errorf("after the return the stock cost %s", got)
	}
	if _, err := c.TakeBackStock(ctx, c.Store, back); !slices.Contains(codesOf(err), inventory.CodeReturnOver) {
		t.Errorf("taken back twice: %v", err)
	}
	again := must[practice.StockChanged](t)(c.ChangeStock(ctx, c.Store, practice.ChangeStock{Lot: "NEW", Kind: inventory.MovementSell, Containers: -1}))
	doubted := must[practice.StockChanged](t)(c.TakeBackStock(ctx, c.Store, practice.TakeBackStock{Sale: again.Movement, Containers: 1, Condition: inventory.ReturnDoubted}))
	if doubted.Held != 1 || doubted.Sealed != 1 {
		t.Errorf("what is in doubt: %+v, want it set aside", doubted)
	}
	if books := must[practice.Agreement](t)(c.CheckBooks(ctx, c.Director)); len(books.Differences) > 0 {
		t.Errorf("the books: %+v", books.Differences)
	}
}
