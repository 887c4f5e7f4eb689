package inventory_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
)

// ordered returns an order of two boxes of ten vials of toxin and three syringes
// of filler that was sent.
func ordered(t testing.TB) inventory.PurchaseOrder {
	t.Helper()
	o, err := drafted().Send(owner, morning)
	if err != nil {
		t.Fatalf("Send() = %v, want no error", err)
	}
	return o
}

func drafted() inventory.PurchaseOrder {
	return inventory.PurchaseOrder{
		ID: glabella.DeriveID[glabella.PurchaseOrderID]("order"), Site: site, Supplier: "Example Supply", DraftedBy: nurse, State: inventory.OrderDraft,
		Lines: []inventory.OrderLine{
			{Product: toxin().ID, Pack: "box", PackSize: 10, Ordered: 2, UnitCost: money.MustParse("USD 4500.00")},
			{Product: filler().ID, PackSize: 1, Ordered: 3, UnitCost: money.MustParse("USD 310.00")},
		},
		Receipts: []inventory.OrderReceipt{},
	}
}

// came is a delivery of n containers that was taken in.
func came(t testing.TB, p inventory.Product, number string, n int) inventory.Movement {
	t.Helper()
	return stock(t, p, number, n).Movement
}

func arrival(over string, movements ...inventory.Movement) inventory.OrderArrival {
	return inventory.OrderArrival{Movements: movements, Over: over, By: nurse, At: morning}
}

func TestOrderEnums(t *testing.T) {
	t.Parallel()
	checkEnum(t, inventory.OrderStates())
	for _, s := range inventory.PurchaseOrderMachine().States() {
		if !s.Valid() {
			t.Errorf("PurchaseOrderMachine() has the state %q, want a known one", s)
		}
	}
}

func TestReceiveAnOrder(t *testing.T) {
	t.Parallel()
	a, b, c := came(t, toxin(), "A", 12), came(t, toxin(), "B", 8), came(t, filler(), "C", 3)
	many := came(t, toxin(), "D", 21)
	for _, tt := range []struct {
		name     string
		arrivals []inventory.OrderArrival
		state    inventory.OrderState
		left     int // vials of toxin to come
		over     int
		want     []glabella.Code
	}{
		{name: "a part of a box", arrivals: []inventory.OrderArrival{arrival("", a)}, state: inventory.OrderPartial, left: 8},
		{name: "all in one delivery", arrivals: []inventory.OrderArrival{arrival("", a, b, c)}, state: inventory.OrderReceived},
		{name: "all in two deliveries", arrivals: []inventory.OrderArrival{arrival("", a), arrival("", c, b)}, state: inventory.OrderReceived},
		{name: "one vial too many with a reason", arrivals: []inventory.OrderArrival{arrival(inventory.ReasonOverDelivered, many, c)}, state: inventory.OrderReceived, over: 1},
		{name: "one vial too many without a reason", arrivals: []inventory.OrderArrival{arrival("", many)}, want: []glabella.Code{inventory.CodeOrderOver}},
		{name: "more after everything arrived", arrivals: []inventory.OrderArrival{arrival("", a, b, c), arrival("free-goods", came(t, toxin(), "E", 1))}, state: inventory.OrderReceived, over: 1},
		{name: "the same delivery twice", arrivals: []inventory.OrderArrival{arrival("", a), arrival("", a)}, want: []glabella.Code{inventory.CodeOrderMovement}},
		{name: "what was not ordered", arrivals: []inventory.OrderArrival{arrival("", came(t, saline(), "S", 1))}, want: []glabella.Code{inventory.CodeOrderProduct}},
		{name: "nothing", arrivals: []inventory.OrderArrival{arrival("")}, want: []glabella.Code{inventory.CodeOrderMovement}},
		{name: "a delivery to another site", arrivals: []inventory.OrderArrival{arrival("", func() inventory.Movement { m := a; m.Site = branch; return m }())}, want: []glabella.Code{inventory.CodeOrderMovement}},
		{name: "a sale", arrivals: []inventory.OrderArrival{arrival("", func() inventory.Movement { m := a; m.Kind = inventory.MovementSell; return m }())}, want: []glabella.Code{inventory.CodeOrderMovement}},
		{name: "everything that is wrong at once", arrivals: []inventory.OrderArrival{arrival("", came(t, saline(), "S", 1), a, a, many)},
			want: []glabella.Code{inventory.CodeOrderProduct, inventory.CodeOrderMovement, inventory.CodeOrderOver}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := ordered(t)
			var err error
			for _, a := range tt.arrivals {
				o, err = o.Receive(a)
			}
			if d := diff(tt.want, codesOf(err)); d != "" {
				t.Fatalf("Receive() = %v (-want +got):\n%s", err, d)
			}
			if tt.want != nil {
				var refused *glabella.RefusedError
				if errors.As(err, &refused) {
					everyReasonIsComplete(t, refused.Decision)
				}
				return
			}
			if o.State != tt.state || o.Outstanding(toxin().ID) != tt.left || o.Lines[0].Over != tt.over {
				t.Errorf("Receive() = %s, %d to come, %d over, want %s, %d, %d", o.State, o.Outstanding(toxin().ID), o.Lines[0].Over, tt.state, tt.left, tt.over)
			}
			for _, r := range o.Receipts {
				if r.Movement.IsZero() {
					t.Errorf("receipt %+v names no movement", r)
				}
			}
		})
	}
}

func TestEndAnOrder(t *testing.T) {
	t.Parallel()
	sent := ordered(t)
	partial, err := sent.Receive(arrival("", came(t, toxin(), "A", 12)))
	if err != nil {
		t.Fatal(err)
	}
	closed, err := partial.Close(owner, morning, "out-of-stock")
	if err != nil || closed.State != inventory.OrderClosed || closed.Lines[0].Canceled != 8 || closed.Lines[1].Canceled != 3 || closed.Outstanding(toxin().ID) != 0 {
		t.Errorf("Close() = %+v, %v, want eight vials and three syringes canceled", closed, err)
	}
	if partial.Lines[0].Canceled != 0 {
		t.Error("Close() changed the order that it was called on")
	}
	canceled, err := sent.Cancel(owner, morning, "ordered-twice")
	if err != nil || canceled.State != inventory.OrderCanceled || canceled.Lines[0].Canceled != 20 {
		t.Errorf("Cancel() = %+v, %v, want all canceled", canceled, err)
	}
	if _, err := partial.Close(owner, morning, ""); !slices.Equal(places(err), []string{"/ended/reason required"}) {
		t.Errorf("Close(without reason) = %v", err)
	}
	for _, tt := range []struct {
		name string
		do   func() error
	}{
		{"an order of which something arrived is not canceled", func() error { _, err := partial.Cancel(owner, morning, "x"); return err }},
		{"an order of which nothing arrived is not closed", func() error { _, err := sent.Close(owner, morning, "x"); return err }},
		{"a draft receives nothing", func() error { _, err := drafted().Receive(arrival("")); return err }},
		{"an order is sent once", func() error { _, err := sent.Send(owner, morning); return err }},
		{"a closed order gives nothing back", func() error { _, err := closed.Withdraw(inventory.Movement{}); return err }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var transition *glabella.TransitionError
			if err := tt.do(); !errors.As(err, &transition) || transition.Machine != "purchase order" {
				t.Errorf("got %v, want a transition error", err)
			}
		})
	}
}

// TestWithdrawUndoesReceive receives and withdraws at random: the parts of every
// line sum to what was ordered, and withdrawing everything gives the sent order
// again.
func TestWithdrawUndoesReceive(t *testing.T) {
	t.Parallel()
	for seed := range int64(100) {
		rng := rand.New(rand.NewSource(seed))
		sent := ordered(t)
		o := sent
		var in []inventory.Movement
		step := func(name string, err error) {
			t.Helper()
			if err != nil {
				t.Fatalf("seed %d: %s() = %v", seed, name, err)
			}
		}
		back := func(i int) {
			m, err := inventory.Reverse(in[i], reversal("back"))
			step("Reverse", err)
			o, err = o.Withdraw(m)
			step("Withdraw", err)
			in = slices.Delete(in, i, i+1)
		}
		for n := range 12 {
			if len(in) > 0 && rng.Intn(3) == 0 {
				back(rng.Intn(len(in)))
			} else {
				m := came(t, []inventory.Product{toxin(), filler()}[rng.Intn(2)], fmt.Sprint("R", n), 1+rng.Intn(9))
				var err error
				o, err = o.Receive(arrival(inventory.ReasonOverDelivered, m))
				step("Receive", err)
				in = append(in, m)
			}
			sum := 0
			for _, l := range o.Lines {
				sum += l.Received + l.Over
				if l.Received+l.Canceled+l.Outstanding() != l.Containers() {
					t.Fatalf("seed %d: line %+v does not sum", seed, l)
				}
			}
			for _, m := range in {
				sum -= m.Containers
			}
			if sum != 0 {
				t.Fatalf("seed %d: the lines have %d containers more than arrived", seed, sum)
			}
		}
		for len(in) > 0 {
			back(rng.Intn(len(in)))
		}
		if d := diff(sent, o); d != "" {
			t.Fatalf("seed %d: after all is withdrawn (-want +got):\n%s", seed, d)
		}
	}
}

func TestWithdrawWantsAReceiptOfTheOrder(t *testing.T) {
	t.Parallel()
	o, err := ordered(t).Receive(arrival("", came(t, toxin(), "A", 1)))
	if err != nil {
		t.Fatal(err)
	}
	m, err := inventory.Reverse(came(t, toxin(), "B", 1), reversal("back"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Withdraw(m); !slices.Equal(codesOf(err), []glabella.Code{inventory.CodeOrderMovement}) {
		t.Errorf("Withdraw() = %v, want %s", err, inventory.CodeOrderMovement)
	}
}

func TestPurchaseOrderValidate(t *testing.T) {
	t.Parallel()
	o, err := ordered(t).Receive(arrival("", came(t, toxin(), "A", 12)))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		change func(*inventory.PurchaseOrder)
		want   []string
	}{
		{"as it is", func(*inventory.PurchaseOrder) {}, nil},
		{"no lines", func(o *inventory.PurchaseOrder) { o.Lines, o.Receipts = nil, nil }, []string{"/last mismatch", "/lines out-of-range", "/state inventory.order.count"}},
		{"a product twice", func(o *inventory.PurchaseOrder) { o.Lines[1].Product = o.Lines[0].Product }, []string{"/lines/1/product inventory.order.product", "/lines/1/received inventory.order.count"}},
		{"nothing ordered", func(o *inventory.PurchaseOrder) { o.Lines[1].Ordered = 0 }, []string{"/lines/1/ordered out-of-range"}},
		{"more received than the receipts say", func(o *inventory.PurchaseOrder) { o.Lines[0].Received++ }, []string{"/lines/0/received inventory.order.count"}},
		{"a receipt of something else", func(o *inventory.PurchaseOrder) { o.Receipts[0].Product = gloves().ID }, []string{"/lines/0/received inventory.order.count", "/receipts/0/product inventory.order.product"}},
		{"two currencies", func(o *inventory.PurchaseOrder) { o.Lines[1].UnitCost = money.MustParse("EUR 1.00") }, []string{"/lines/1/unitCost mismatch"}},
		{"a negative cost", func(o *inventory.PurchaseOrder) { o.Lines[0].UnitCost = money.MustParse("USD -1.00") }, []string{"/lines/0/unitCost out-of-range"}},
		{"a state that does not fit", func(o *inventory.PurchaseOrder) { o.State = inventory.OrderReceived }, []string{"/state inventory.order.count"}},
		{"an end that was none", func(o *inventory.PurchaseOrder) { o.Ended = inventory.OrderStep{By: owner, At: morning, Reason: "x"} }, []string{"/ended mismatch"}},
		{"no such day", func(o *inventory.PurchaseOrder) { o.Expected = glabella.Date{Year: 2026, Month: 2, Day: 30} }, []string{"/expected out-of-range"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := o
			o.Lines, o.Receipts = slices.Clone(o.Lines), slices.Clone(o.Receipts)
			tt.change(&o)
			if d := diff(tt.want, places(o.Validate())); d != "" {
				t.Errorf("Validate() (-want +got):\n%s", d)
			}
		})
	}
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := readAs[inventory.PurchaseOrder](text); err != nil || cmp.Diff(any(o), got, cmpopts.EquateComparable(money.Amount{})) != "" {
		t.Errorf("read(write(order)) = %v, %v", got, err)
	}
}

func TestCompareAnOrderWithItsInvoices(t *testing.T) {
	t.Parallel()
	o, err := ordered(t).Receive(arrival("", came(t, toxin(), "A", 12), came(t, filler(), "C", 3)))
	if err != nil {
		t.Fatal(err)
	}
	free := o
	free.Lines = slices.Clone(o.Lines)
	free.Lines[1].UnitCost = money.Amount{}
	line := func(p inventory.Product, n int, amount string) inventory.SupplierInvoiceLine {
		return inventory.SupplierInvoiceLine{Product: p.ID, Containers: n, Amount: money.MustParse(amount)}
	}
	invoice := func(number string, lines ...inventory.SupplierInvoiceLine) inventory.SupplierInvoice {
		return inventory.SupplierInvoice{Supplier: "Example Supply", Number: number, Lines: lines}
	}
	right, syringes := line(toxin(), 12, "USD 5400.00"), line(filler(), 3, "USD 930.00")
	for _, tt := range []struct {
		name      string
		order     inventory.PurchaseOrder
		invoices  []inventory.SupplierInvoice
		tolerance string
		want      []glabella.Code
		outcome   glabella.Outcome
	}{
		{name: "what arrived is charged as agreed", invoices: []inventory.SupplierInvoice{invoice("1", right, syringes)}, outcome: glabella.Allow},
		{name: "in two invoices and a credit note", invoices: []inventory.SupplierInvoice{invoice("1", line(toxin(), 14, "USD 6300.00")), invoice("2", syringes), invoice("3", line(toxin(), -2, "USD -900.00"))}, outcome: glabella.Allow},
		{name: "nothing is charged yet", want: []glabella.Code{inventory.CodeOrderUninvoiced, inventory.CodeOrderUninvoiced}, outcome: glabella.Warn},
		{name: "all that was ordered is charged", invoices: []inventory.SupplierInvoice{invoice("1", line(toxin(), 20, "USD 9000.00"), syringes)}, want: []glabella.Code{inventory.CodeOrderInvoicedMore}, outcome: glabella.Deny},
		{name: "a cent too much", invoices: []inventory.SupplierInvoice{invoice("1", line(toxin(), 12, "USD 5400.01"), syringes)}, want: []glabella.Code{inventory.CodeOrderPrice}, outcome: glabella.Deny},
		{name: "a cent too much is tolerated", tolerance: "USD 0.01", invoices: []inventory.SupplierInvoice{invoice("1", line(toxin(), 12, "USD 5400.01"), syringes)}, outcome: glabella.Allow},
		{name: "too little charged is told too", tolerance: "USD 0.01", invoices: []inventory.SupplierInvoice{invoice("1", line(toxin(), 12, "USD 5399.98"), syringes)}, want: []glabella.Code{inventory.CodeOrderPrice}, outcome: glabella.Deny},
		{name: "another currency", invoices: []inventory.SupplierInvoice{invoice("1", line(toxin(), 12, "EUR 5400.00"), syringes)}, want: []glabella.Code{inventory.CodeOrderCurrency}, outcome: glabella.Deny},
		{name: "two currencies for one product", invoices: []inventory.SupplierInvoice{invoice("1", right, syringes), invoice("2", line(toxin(), 0, "EUR 1.00"))}, want: []glabella.Code{inventory.CodeOrderCurrency}, outcome: glabella.Deny},
		{name: "something that was not ordered", invoices: []inventory.SupplierInvoice{invoice("1", right, syringes, line(gloves(), 1, "USD 9.00"))}, want: []glabella.Code{inventory.CodeOrderProduct, inventory.CodeOrderInvoicedMore}, outcome: glabella.Deny},
		{name: "the invoice twice", invoices: []inventory.SupplierInvoice{invoice("1", syringes, right), invoice("1")}, want: []glabella.Code{inventory.CodeOrderInvoiceTwice}, outcome: glabella.Deny},
		{name: "the invoice of somebody else", invoices: []inventory.SupplierInvoice{{Supplier: "Another Supply", Number: "1", Lines: []inventory.SupplierInvoiceLine{right, syringes}}}, want: []glabella.Code{inventory.CodeOrderSupplier}, outcome: glabella.Deny},
		{name: "no price was agreed", order: free, invoices: []inventory.SupplierInvoice{invoice("1", right, syringes)}, want: []glabella.Code{inventory.CodeOrderUnpriced}, outcome: glabella.Warn},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.order.ID.IsZero() {
				tt.order = o
			}
			var tolerance money.Amount
			if tt.tolerance != "" {
				tolerance = money.MustParse(tt.tolerance)
			}
			_, d, err := tt.order.Compare(tt.invoices, tolerance)
			if err != nil || diff(tt.want, d.Codes()) != "" || d.Outcome != tt.outcome {
				t.Errorf("Compare() = %v, %v, want %s %v", d, err, tt.outcome, tt.want)
			}
			everyReasonIsComplete(t, d)
		})
	}
	got, _, err := o.Compare([]inventory.SupplierInvoice{invoice("1", right)}, money.Amount{})
	want := []inventory.OrderComparison{
		{Product: toxin().ID, Ordered: 20, Received: 12, Invoiced: 12, Agreed: money.MustParse("USD 9000.00"), Due: money.MustParse("USD 5400.00"), Charged: money.MustParse("USD 5400.00")},
		{Product: filler().ID, Ordered: 3, Received: 3, Agreed: money.MustParse("USD 930.00"), Due: money.MustParse("USD 930.00")},
	}
	if d := cmp.Diff(want, got, cmpopts.EquateComparable(money.Amount{})); d != "" || err != nil {
		t.Errorf("Compare() = %v (-want +got):\n%s", err, d)
	}
}
