package practice_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage/memory"
)

// Change comes out of the cash, and is no revenue.
func TestCashBeyondWhatIsDueIsGivenBackAsChange(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c, err := practicetest.Open(ctx, memory.New(), nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := c.Prepare(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CompleteVisit(ctx, c.Nurse, practice.CompleteVisit{Encounter: v.Encounter}); err != nil {
		t.Fatal(err)
	}
	pay := func(card, cash string) (practice.CheckedOut, error) {
		return c.CheckOut(ctx, c.Desk, practice.CheckOut{Encounter: v.Encounter, Payments: []practice.Payment{
			{Kind: billing.Card, Amount: money.MustParse(card)}, {Kind: billing.Cash, Amount: money.MustParse(cash)}}})
	}
	var refused *glabella.RefusedError
	if _, err := pay("USD 300.00", "USD 1.00"); !errors.As(err, &refused) || !refused.Decision.Has(billing.CodeOverpaid) {
		t.Errorf("a card that pays more than is due = %v, want %s", err, billing.CodeOverpaid)
	}
	out, err := pay("USD 200.00", "USD 20.00") // 14 units are USD 196.00 and USD 16.17 tax
	if err != nil || out.Change != money.MustParse("USD 7.83") || !out.Totals.Due.IsZero() {
		t.Fatalf("CheckOut = %+v, %v; want USD 7.83 back", out, err)
	}
	books, err := c.CheckBooks(ctx, c.Director)
	if err != nil || len(books.Differences) > 0 || books.Ledger.ByTender[billing.Cash] != money.MustParse("USD 12.17") {
		t.Errorf("CheckBooks = %+v, %v; want USD 12.17 in cash", books, err)
	}
}

func TestTheLotThatExpiresFirstIsSuggested(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]*practice.Options{"from the index": nil, "from the store": {NoIndex: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			c, err := practicetest.Open(ctx, memory.New(), o)
			if err != nil {
				t.Fatal(err)
			}
			ask := practice.SuggestLots{Product: "onabotulinumtoxinA-100", Quantity: quantity.MustParse("120 [arb'U]{onabotulinumtoxinA}")}
			if got := must[[]inventory.Suggestion](t)(c.SuggestLots(ctx, c.Nurse, ask)); len(got) != 0 {
				t.Errorf("before a delivery: %+v", got)
			}
			var lots []glabella.LotID
			for _, scan := range []string{"1730063010LATE\x1d3001", "1729063010SOON\x1d3001"} {
				r := must[practice.Received](t)(c.ReceiveStock(ctx, c.Store, practice.ReceiveStock{Document: "DN", Lines: []practice.ReceiveLine{{Scan: "]d201" + practicetest.ToxinGTIN + scan, UnitCost: money.MustParse("USD 1.00")}}}))
				lots = append(lots, r.Lines[0].Lot)
			}
			suggested := func() []glabella.LotID {
				t.Helper()
				var order []glabella.LotID
				for _, s := range must[[]inventory.Suggestion](t)(c.SuggestLots(ctx, c.Nurse, ask)) {
					order = append(order, s.Lot)
				}
				return order
			}
			if diff := cmp.Diff([]glabella.LotID{lots[1], lots[0]}, suggested()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			must[practice.RecallChanged](t)(c.OpenRecall(ctx, c.Store, practice.OpenRecall{Reference: "Z-1", Lots: []string{"SOON"}}))
			if diff := cmp.Diff([]glabella.LotID{lots[0]}, suggested()); diff != "" {
				t.Errorf("after a recall (-want +got):\n%s", diff)
			}
			var invalid *glabella.ValidationError
			if _, err := c.SuggestLots(ctx, c.Nurse, practice.SuggestLots{Product: "none"}); !errors.As(err, &invalid) || invalid.Issues[0].Code != practice.CodeProductUnknown {
				t.Errorf("SuggestLots of an unknown product = %v, want %s", err, practice.CodeProductUnknown)
			}
		})
	}
}
