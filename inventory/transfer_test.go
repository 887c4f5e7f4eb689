package inventory_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
)

var branch = glabella.DeriveID[glabella.SiteID]("test branch")

// plan is a transfer of n containers of the receipt's lot to the branch.
func plan(r inventory.Receipt, n int) inventory.Transfer {
	return inventory.Transfer{
		ID: glabella.DeriveID[glabella.TransferID]("transfer"), From: site, To: branch, State: inventory.TransferPlanned,
		Lines: []inventory.TransferLine{{Product: r.Lot.Product, Lot: r.Lot.ID, Content: units("100"), Sent: n}},
	}
}

func shipment(r inventory.Receipt) inventory.Shipment {
	return inventory.Shipment{Movements: []glabella.MovementID{movementID("ship")}, Lots: []inventory.Lot{r.Lot}, Balances: []inventory.Balance{r.Balance}, By: nurse, At: morning}
}

// counted returns identities in order.
func counted(prefix string) func() glabella.MovementID {
	n := 0
	return func() glabella.MovementID {
		n++
		return movementID(fmt.Sprint(prefix, n))
	}
}

func shipped(t testing.TB, n int) (inventory.Receipt, inventory.Moved) {
	t.Helper()
	r := stock(t, toxin(), "T1", 5)
	got, err := plan(r, n).Ship(shipment(r))
	if err != nil {
		t.Fatalf("Ship() = %v, want no error", err)
	}
	return r, got
}

func TestTransferEnums(t *testing.T) {
	t.Parallel()
	checkEnum(t, inventory.TransferStates())
	checkEnum(t, inventory.ReturnConditions())
	checkEnum(t, inventory.CostMethods())
	checkEnum(t, inventory.Needs())
}

func TestShipTakesOffTheBooksOfTheSender(t *testing.T) {
	t.Parallel()
	r, got := shipped(t, 3)
	if b := got.Balances[0]; b.Sealed != 2 || !b.OnHand.Equal(units("200")) || got.Transfer.State != inventory.TransferInTransit {
		t.Errorf("Ship() = %s, %d sealed, want in transit, 2", got.Transfer.State, b.Sealed)
	}
	way, err := inventory.InTransit(append([]inventory.Movement{r.Movement}, got.Movements...))
	want := []inventory.Transit{{Transfer: got.Transfer.ID, Lot: r.Lot.ID, Product: toxin().ID, Quantity: units("300"), Containers: 3}}
	if d := cmp.Diff(want, way); d != "" || err != nil {
		t.Errorf("InTransit() = %v (-want +got):\n%s", err, d)
	}
	if _, err := inventory.Reverse(got.Movements[0], reversal("back")); !slices.Equal(codesOf(err), []glabella.Code{inventory.CodeReversalTransfer}) {
		t.Errorf("Reverse(of a transfer) = %v, want %s", err, inventory.CodeReversalTransfer)
	}
}

func TestShipIsRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		n      int
		change func(*inventory.Shipment)
		want   []glabella.Code
		warns  bool
	}{
		{name: "more than there is", n: 6, want: []glabella.Code{inventory.CodeShort, inventory.CodeNoSealed}},
		{name: "a lot that is not on record", n: 1, change: func(s *inventory.Shipment) { s.Lots = nil }, want: []glabella.Code{inventory.CodeLotUnknown}},
		{name: "a recalled lot, unless that is settled", n: 1, change: func(s *inventory.Shipment) { s.Lots[0] = recalled(s.Lots[0]) }, want: []glabella.Code{inventory.CodeLotRecalled}, warns: true},
		{name: "fewer identities than lines", n: 1, change: func(s *inventory.Shipment) { s.Movements = nil }, want: []glabella.Code{glabella.CodeMismatch}},
		{name: "nobody", n: 1, change: func(s *inventory.Shipment) { s.By = glabella.StaffID{} }, want: []glabella.Code{glabella.CodeRequired}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := stock(t, toxin(), "T1", 5)
			s := shipment(r)
			if tt.change != nil {
				tt.change(&s)
			}
			if got, err := plan(r, tt.n).Ship(s); !slices.Equal(codesOf(err), tt.want) || got.Movements != nil {
				t.Errorf("Ship() = %v, want %v", err, tt.want)
			}
			s.Acknowledged = tt.want
			if _, err := plan(r, tt.n).Ship(s); (err == nil) != tt.warns {
				t.Errorf("Ship(acknowledged) = %v", err)
			}
		})
	}
}

func TestSettle(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		arrivals []inventory.Arrival
		state    inventory.TransferState
		sender   string // on hand, of 500 before 300 were sent
		receiver string
		way      int
		kinds    []inventory.MovementKind
		want     []string
	}{
		{name: "all arrives", arrivals: []inventory.Arrival{{Received: 3}}, state: inventory.TransferSettled, sender: "200", receiver: "300", kinds: []inventory.MovementKind{"transfer-in"}},
		{name: "one is missing", arrivals: []inventory.Arrival{{Received: 2}}, state: inventory.TransferShort, sender: "200", receiver: "200", way: 1, kinds: []inventory.MovementKind{"transfer-in"}},
		{name: "one is lost, and the sender bears it", arrivals: []inventory.Arrival{{Received: 2, Lost: 1, Reason: inventory.ReasonTransitLoss}}, state: inventory.TransferSettled, sender: "200", receiver: "200",
			kinds: []inventory.MovementKind{"transfer-in", "transfer-in", "waste"}},
		{name: "all comes back", arrivals: []inventory.Arrival{{Back: 3, Reason: inventory.ReasonExcursion}}, state: inventory.TransferSettled, sender: "500", kinds: []inventory.MovementKind{"transfer-in"}},
		{name: "one too many arrives", arrivals: []inventory.Arrival{{Received: 4, Reason: inventory.ReasonOverDelivered}}, state: inventory.TransferSettled, sender: "200", receiver: "400",
			kinds: []inventory.MovementKind{"transfer-in", "adjust"}},
		{name: "in two parts", arrivals: []inventory.Arrival{{Received: 1}, {Received: 2}}, state: inventory.TransferSettled, sender: "200", receiver: "300", kinds: []inventory.MovementKind{"transfer-in", "transfer-in"}},
		{name: "a loss without reason is refused", arrivals: []inventory.Arrival{{Lost: 1}}, want: []string{"/reason required"}},
		{name: "more than was sent cannot be lost", arrivals: []inventory.Arrival{{Lost: 4, Reason: "x"}}, want: []string{"/arrivals/0 inventory.transfer.count"}},
		{name: "an arrival of nothing is refused", arrivals: []inventory.Arrival{{}}, want: []string{"/arrivals/0 inventory.transfer.count"}},
		{name: "no arrival is refused", want: []string{"/arrivals required"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, sent := shipped(t, 3)
			s := inventory.Settlement{NewID: counted("s"), Balances: sent.Balances, By: other, At: morning.Add(time.Hour)}
			for _, a := range tt.arrivals {
				a.Lot = r.Lot.ID
				s.Arrivals = append(s.Arrivals, a)
			}
			got, err := sent.Transfer.Settle(s)
			if d := diff(tt.want, places(err)); d != "" {
				t.Fatalf("Settle() = %v (-want +got):\n%s", err, d)
			}
			if tt.want != nil {
				return
			}
			if got.Transfer.State != tt.state || got.Transfer.Lines[0].InTransit() != tt.way {
				t.Errorf("Settle() = %s with %d on the way, want %s with %d", got.Transfer.State, got.Transfer.Lines[0].InTransit(), tt.state, tt.way)
			}
			ledger := slices.Concat([]inventory.Movement{r.Movement}, sent.Movements, got.Movements)
			folded, err := inventory.Fold(ledger)
			if err != nil {
				t.Fatal(err)
			}
			for at, want := range map[glabella.SiteID]string{site: tt.sender, branch: tt.receiver} {
				if have := folded[inventory.BalanceIDOf(r.Lot.ID, at)].OnHand; want != "" && !have.Equal(units(want)) {
					t.Errorf("on hand at %s = %s, want %s", at, have, want)
				}
			}
			for _, b := range got.Balances {
				if d := cmp.Diff(folded[b.ID], b); d != "" {
					t.Errorf("Settle() balance (-folded +got):\n%s", d)
				}
			}
			var kinds []inventory.MovementKind
			for _, m := range got.Movements {
				kinds = append(kinds, m.Kind)
			}
			if !slices.Equal(kinds, tt.kinds) {
				t.Errorf("Settle() moved %v, want %v", kinds, tt.kinds)
			}
			way, err := inventory.InTransit(ledger)
			if err != nil || (len(way) > 0) != (tt.way > 0) || tt.way > 0 && way[0].Containers != tt.way {
				t.Errorf("InTransit() = %v, %v, want %d", way, err, tt.way)
			}
			if sent.Transfer.Lines[0].Received != 0 {
				t.Error("Settle() changed the transfer that it was given")
			}
		})
	}
}

func TestTransferSteps(t *testing.T) {
	t.Parallel()
	r, sent := shipped(t, 1)
	if _, err := sent.Transfer.Cancel(); !errors.As(err, new(*glabella.TransitionError)) {
		t.Errorf("Cancel(in transit) = %v, want a TransitionError", err)
	}
	if _, err := sent.Transfer.Ship(shipment(r)); !errors.As(err, new(*glabella.TransitionError)) {
		t.Errorf("Ship(in transit) = %v, want a TransitionError", err)
	}
	canceled, err := plan(r, 1).Cancel()
	if err != nil || canceled.State != inventory.TransferCanceled {
		t.Errorf("Cancel() = %s, %v, want canceled", canceled.State, err)
	}
	if _, err := canceled.Settle(inventory.Settlement{}); !errors.As(err, new(*glabella.TransitionError)) {
		t.Errorf("Settle(canceled) = %v, want a TransitionError", err)
	}
}

func TestTransferValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*inventory.Transfer)
		want   []string
	}{
		{name: "a planned transfer", change: func(*inventory.Transfer) {}},
		{name: "everything that is missing is reported at once", change: func(t *inventory.Transfer) { *t = inventory.Transfer{} },
			want: []string{"/from required", "/id required", "/lines out-of-range", "/state unknown-value", "/to required"}},
		{name: "to the same site", change: func(t *inventory.Transfer) { t.To = t.From }, want: []string{"/to inventory.transfer.site"}},
		{name: "a line of nothing", change: func(t *inventory.Transfer) { t.Lines = []inventory.TransferLine{{}} },
			want: []string{"/lines inventory.transfer.count", "/lines/0 required", "/lines/0/content out-of-range", "/lines/0/sent out-of-range"}},
		{name: "more arrived than was sent", change: func(t *inventory.Transfer) { t.Lines[0].Received = 4 }, want: []string{"/lines inventory.transfer.count", "/lines/0 inventory.transfer.count"}},
		{name: "lost without reason, before it was sent", change: func(t *inventory.Transfer) { t.Lines[0].Lost = 1 }, want: []string{"/lines inventory.transfer.count", "/lines/0/reason required"}},
		{name: "the same lot twice", change: func(t *inventory.Transfer) { t.Lines = append(t.Lines, t.Lines[0]) }, want: []string{"/lines/1/lot duplicate"}},
		{name: "in transit and never shipped", change: func(t *inventory.Transfer) { t.State = inventory.TransferInTransit }, want: []string{"/shippedAt mismatch"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tr := plan(stock(t, toxin(), "T1", 5), 3)
			tt.change(&tr)
			if d := diff(tt.want, places(tr.Validate())); d != "" {
				t.Errorf("Validate() (-want +got):\n%s", d)
			}
		})
	}
}

func TestTransferStoredFormIsExact(t *testing.T) {
	t.Parallel()
	_, sent := shipped(t, 2)
	text, err := json.Marshal(sent.Transfer)
	if err != nil {
		t.Fatal(err)
	}
	var got inventory.Transfer
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(sent.Transfer, got); d != "" {
		t.Errorf("read(write(transfer)) (-want +got):\n%s", d)
	}
}

// sale sells n tubes of a retail product.
func sale(t testing.TB, kind inventory.MovementKind, n int) (inventory.Product, inventory.Receipt, inventory.Balance, inventory.Movement) {
	t.Helper()
	p := inventory.Product{ID: productID("cream"), Code: "cream", Name: "Cream", Class: inventory.Retail, Container: inventory.NoContainer, Nominal: quantity.MustParse("1 1")}
	r := stock(t, p, "C1", 10)
	b, m, err := r.Balance.Change(p, inventory.StockChange{ID: movementID("sale"), Kind: kind, Containers: -n, By: nurse, At: morning, Patient: ann, Document: "INV-1"})
	if err != nil {
		t.Fatalf("Change(%s) = %v, want no error", kind, err)
	}
	return p, r, b, m
}

func TestTakeBack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		kind   inventory.MovementKind
		change func(*inventory.CustomerReturn)
		sealed int // of 10, 4 of which were sold and 2 come back
		held   int
		want   []glabella.Code
	}{
		{name: "intact goods are on the shelf again", kind: inventory.MovementSell, sealed: 8},
		{name: "doubted goods are set aside", kind: inventory.MovementSell, change: func(r *inventory.CustomerReturn) { r.Condition = inventory.ReturnDoubted }, sealed: 6, held: 2},
		{name: "what was dispensed is set aside", kind: inventory.MovementDispense, sealed: 6, held: 2},
		{name: "goods of a recalled lot are set aside", kind: inventory.MovementSell, change: func(r *inventory.CustomerReturn) { r.Lot = recalled(r.Lot) }, sealed: 6, held: 2},
		{name: "no more than was sold", kind: inventory.MovementSell, change: func(r *inventory.CustomerReturn) { r.Containers = 5 }, sealed: 6, want: []glabella.Code{inventory.CodeReturnOver}},
		{name: "no more than is left of the sale", kind: inventory.MovementSell, change: func(r *inventory.CustomerReturn) {
			r.Later = []inventory.Movement{{Origin: r.Sale.ID, Containers: 3}}
		}, sealed: 6, want: []glabella.Code{inventory.CodeReturnOver}},
		{name: "not of a sale that was taken back", kind: inventory.MovementSell, change: func(r *inventory.CustomerReturn) {
			r.Later = []inventory.Movement{{Reverses: r.Sale.ID}}
		}, sealed: 6, want: []glabella.Code{inventory.CodeReturnSale}},
		{name: "not of something else", kind: inventory.MovementConsume, sealed: 6, want: []glabella.Code{inventory.CodeReturnSale}},
		{name: "not to another lot", kind: inventory.MovementSell, change: func(r *inventory.CustomerReturn) { r.Lot.ID = glabella.DeriveID[glabella.LotID]("x") }, sealed: 6, want: []glabella.Code{inventory.CodeLotMismatch}},
		{name: "nothing in no condition", kind: inventory.MovementSell, change: func(r *inventory.CustomerReturn) { r.Containers, r.Condition = 0, "" }, sealed: 6, want: []glabella.Code{glabella.CodeUnknownValue, glabella.CodeOutOfRange}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, r, b, sold := sale(t, tt.kind, 4)
			in := inventory.CustomerReturn{ID: movementID("back"), HoldID: movementID("hold"), Sale: sold, Product: p, Lot: r.Lot, Balance: b, Site: site,
				Containers: 2, Condition: inventory.ReturnIntact, By: other, At: morning.Add(time.Hour), Document: "CN-1"}
			if tt.change != nil {
				tt.change(&in)
			}
			got, moved, err := inventory.TakeBack(in)
			if d := diff(tt.want, codesOf(err)); d != "" {
				t.Fatalf("TakeBack() = %v (-want +got):\n%s", err, d)
			}
			if got.Sealed != tt.sealed || got.Held != tt.held || !got.OnHand.Equal(quantity.Of(int64(tt.sealed), got.OnHand.Unit())) {
				t.Errorf("TakeBack() = %d sealed, %d set aside, %s on hand, want %d, %d", got.Sealed, got.Held, got.OnHand, tt.sealed, tt.held)
			}
			folded, err := inventory.Fold(slices.Concat([]inventory.Movement{r.Movement, sold}, moved))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(folded[got.ID], got); d != "" {
				t.Errorf("TakeBack() (-folded +got):\n%s", d)
			}
		})
	}
}

func TestWhatIsSetAsideIsReleasedOnce(t *testing.T) {
	t.Parallel()
	p, _, b, _ := sale(t, inventory.MovementSell, 4)
	change := func(b inventory.Balance, k inventory.MovementKind, n int) (inventory.Balance, error) {
		out, _, err := b.Change(p, inventory.StockChange{ID: movementID("h"), Kind: k, Containers: n, Reason: inventory.ReasonComplaint, By: nurse, At: morning})
		return out, err
	}
	held, err := change(b, inventory.MovementHold, -2)
	if err != nil || held.Held != 2 || held.Sealed != 4 {
		t.Fatalf("Change(hold) = %d held, %d sealed, %v, want 2, 4", held.Held, held.Sealed, err)
	}
	if _, err := change(held, inventory.MovementRelease, 3); !slices.Equal(codesOf(err), []glabella.Code{inventory.CodeHeldShort}) {
		t.Errorf("Change(release more) = %v, want %s", err, inventory.CodeHeldShort)
	}
	free, err := change(held, inventory.MovementRelease, 2)
	if d := cmp.Diff(b, free); d != "" || err != nil {
		t.Errorf("Change(release) = %v (-want +got):\n%s", err, d)
	}
}
