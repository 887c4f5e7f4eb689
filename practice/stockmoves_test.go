package practice_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/storage"
)

// second opens another site and returns who works there.
func (c *clinic) second() glabella.Actor {
	c.t.Helper()
	site := stored(c, func(ctx context.Context, tx storage.Tx) (config.Site, error) { return tx.Sites().Get(ctx, c.Site.ID) })
	site.ID, site.Meta, site.Name = glabella.DeriveID[glabella.SiteID]("second"), glabella.Meta{}, "Second Clinic"
	setup := glabella.SystemActor("test")
	setup.Site = c.Site.ID
	must[practice.SetUpDone](c.t)(c.SetUp(c.t.Context(), setup, practice.SetUp{Sites: []config.Site{site}}))
	there := c.Store
	there.Site = site.ID
	return there
}

// shelf returns what is on the books of a site.
func (c *clinic) shelf(lot glabella.LotID, site glabella.SiteID) (sealed, held int) {
	c.t.Helper()
	b := stored(c, func(ctx context.Context, tx storage.Tx) (inventory.Balance, error) {
		b, err := tx.Balances().Get(ctx, inventory.BalanceIDOf(lot, site))
		if errors.Is(err, glabella.ErrNotFound) {
			err = nil
		}
		return b, err
	})
	return b.Sealed, b.Held
}

func TestStockGoesFromSiteToSite(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	there := c.second()
	lot := must[practice.Received](t)(c.ReceiveStock(ctx, c.Store, practice.ReceiveStock{Document: "note-1", Supplier: "supplier", Lines: slices.Repeat(delivery("T1").Lines, 5)})).Lines[0].Lot
	ship := practice.ShipStock{To: there.Site, Document: "van-1", Lines: []practice.ShipLine{{Lot: "T1", Containers: 4}}}
	sent := must[practice.StockTransferred](t)(c.ShipStock(ctx, c.Store, ship))
	if sealed, _ := c.shelf(lot, c.Site.ID); sealed != 1 || sent.State != inventory.TransferInTransit {
		t.Errorf("after shipping: %d left, %s", sealed, sent.State)
	}
	if _, err := c.ShipStock(ctx, c.Store, ship); !slices.Contains(codesOf(err), inventory.CodeNoSealed) {
		t.Errorf("what is not there is shipped: %v", err)
	}
	if _, err := c.ShipStock(ctx, c.Store, practice.ShipStock{To: c.Site.ID, Lines: ship.Lines}); !slices.Contains(codesOf(err), inventory.CodeTransferSite) {
		t.Errorf("shipped to where it is: %v", err)
	}
	part := must[practice.StockTransferred](t)(c.SettleTransfer(ctx, there, practice.SettleTransfer{Transfer: sent.Transfer, Arrivals: []inventory.Arrival{{Lot: lot, Received: 2}}}))
	if sealed, _ := c.shelf(lot, there.Site); sealed != 2 || part.State != inventory.TransferShort {
		t.Errorf("after a part has arrived: %d there, %s", sealed, part.State)
	}
	rest := practice.SettleTransfer{Command: practice.Command{IfVersion: part.Version}, Transfer: sent.Transfer, Arrivals: []inventory.Arrival{{Lot: lot, Received: 1, Lost: 1, Reason: inventory.ReasonTransitBroken}}}
	settled := must[practice.StockTransferred](t)(c.SettleTransfer(ctx, there, rest))
	here, _ := c.shelf(lot, c.Site.ID)
	arrived, _ := c.shelf(lot, there.Site)
	if here != 1 || arrived != 3 || settled.State != inventory.TransferSettled {
		t.Errorf("after all is settled: %d here, %d there, %s; want 1 and 3, one lost", here, arrived, settled.State)
	}
	if _, err := c.SettleTransfer(ctx, there, rest); !errors.Is(err, glabella.ErrConflict) && err == nil {
		t.Error("a transfer is settled twice")
	}
	for _, actor := range []glabella.Actor{c.Store, there} {
		if list := must[[]inventory.Transfer](t)(c.Transfers(ctx, actor)); len(list) != 1 || list[0].ID != sent.Transfer {
			t.Errorf("transfers: %+v", list)
		}
	}
	if _, err := c.ShipStock(ctx, c.Desk, ship); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("the front desk ships: %v", err)
	}
	c.verified()
}

func TestUnopenedContainersAreMovedWithReasons(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	who := c.register()
	lot := must[practice.Received](t)(c.ReceiveStock(ctx, c.Store, practice.ReceiveStock{Document: "note-1", Supplier: "supplier", Lines: slices.Repeat(delivery("M1").Lines, 9)})).Lines[0].Lot
	change := func(kind inventory.MovementKind, n int, edit func(*practice.ChangeStock)) (practice.StockChanged, error) {
		in := practice.ChangeStock{Lot: "M1", Kind: kind, Containers: n}
		if edit != nil {
			edit(&in)
		}
		return c.ChangeStock(ctx, c.Store, in)
	}
	reason := func(r string) func(*practice.ChangeStock) {
		return func(in *practice.ChangeStock) { in.Reason = r }
	}
	broke := must[practice.StockChanged](t)(change(inventory.MovementWaste, -2, reason(inventory.ReasonBroken)))
	if broke.Sealed != 7 {
		t.Errorf("after two broke: %+v", broke)
	}
	held := must[practice.StockChanged](t)(change(inventory.MovementHold, -3, reason(inventory.ReasonComplaint)))
	if held.Sealed != 4 || held.Held != 3 {
		t.Errorf("after three are set aside: %+v", held)
	}
	must[practice.StockChanged](t)(change(inventory.MovementRelease, 1, reason(inventory.ReasonComplaint)))
	must[practice.StockChanged](t)(change(inventory.MovementDispense, -1, func(in *practice.ChangeStock) { in.Patient = who }))
	must[practice.StockChanged](t)(change(inventory.MovementAdjust, 2, reason(inventory.ReasonRecount)))
	if sealed, set := c.shelf(lot, c.Site.ID); sealed != 6 || set != 2 {
		t.Errorf("on the books: %d and %d set aside, want 6 and 2", sealed, set)
	}
	for _, tt := range []struct {
		name string
		kind inventory.MovementKind
		n    int
		edit func(*practice.ChangeStock)
		want glabella.Code
	}{
		{"more than there is", inventory.MovementWaste, -7, reason(inventory.ReasonLost), inventory.CodeNoSealed},
		{"more than is set aside", inventory.MovementRelease, 3, reason(inventory.ReasonComplaint), inventory.CodeHeldShort},
		{"no reason", inventory.MovementWaste, -1, nil, glabella.CodeRequired},
		{"the wrong sign", inventory.MovementWaste, 1, reason(inventory.ReasonBroken), inventory.CodeMovementSign},
		{"a delivery", inventory.MovementReceive, 1, nil, glabella.CodeUnknownValue},
		{"dispensed to nobody", inventory.MovementDispense, -1, nil, glabella.CodeRequired},
		{"a lot that was never received", inventory.MovementWaste, -1, func(in *practice.ChangeStock) { in.Lot, in.Reason = "none", inventory.ReasonLost }, practice.CodeLotUnknown},
	} {
		if _, err := change(tt.kind, tt.n, tt.edit); !slices.Contains(codesOf(err), tt.want) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
	back := must[practice.StockChanged](t)(c.ReverseMovement(ctx, c.Store, practice.ReverseMovement{Movement: broke.Movement, Reason: inventory.ReasonEnteredInError}))
	if back.Sealed != 8 {
		t.Errorf("after the waste was taken back: %+v", back)
	}
	if _, err := c.ReverseMovement(ctx, c.Store, practice.ReverseMovement{Movement: broke.Movement, Reason: inventory.ReasonEnteredInError}); !errors.Is(err, glabella.ErrConflict) {
		t.Errorf("taken back twice: %v", err)
	}
	movements := stored(c, func(ctx context.Context, tx storage.Tx) ([]inventory.Movement, error) {
		var out []inventory.Movement
		for m, err := range tx.Movements().List(ctx, storage.MovementQuery{Lot: lot}) {
			if err != nil {
				return nil, err
			}
			out = append(out, m)
		}
		return out, nil
	})
	folded := must[map[glabella.BalanceID]inventory.Balance](t)(inventory.Fold(movements))
	kept := stored(c, func(ctx context.Context, tx storage.Tx) (inventory.Balance, error) {
		return tx.Balances().Get(ctx, inventory.BalanceIDOf(lot, c.Site.ID))
	})
	got := folded[kept.ID]
	got.Meta = kept.Meta
	if diff := cmp.Diff(kept, got, cmp.Comparer(func(a, b inventory.Balance) bool {
		return a.OnHand.Equal(b.OnHand) && a.Sealed == b.Sealed && a.Held == b.Held
	})); diff != "" {
		t.Errorf("the balance is not the sum of its movements:\n%s", diff)
	}
	if !access.DefaultPolicy().MustCompile().May([]access.Role{access.InventoryManager}, access.StockAdjust) {
		t.Error("who keeps the stock may not correct it")
	}
}

func TestWhatLeftAContainerIsTakenBack(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v := c.arrive(arrival{})
	must[practice.Charted](t)(c.ChartTreatment(ctx, c.Nurse, practicetest.Chart(v)))
	done := must[practice.VisitCompleted](t)(c.CompleteVisit(ctx, c.Nurse, practice.CompleteVisit{Encounter: v.Encounter}))
	remaining := func() string {
		return stored(c, func(ctx context.Context, tx storage.Tx) (inventory.Vial, error) { return tx.Vials().Get(ctx, v.Vial) }).Remaining.Value().String()
	}
	takeBack := func(m glabella.MovementID) practice.StockChanged {
		t.Helper()
		return must[practice.StockChanged](t)(c.ReverseMovement(ctx, c.Store, practice.ReverseMovement{Movement: m, Reason: inventory.ReasonEnteredInError}))
	}
	back := takeBack(done.Movements[0])
	if back.Usage.IsZero() || remaining() != "100" {
		t.Fatalf("taken back: %+v with %s in the container, want a usage and all 100", back, remaining())
	}
	list := must[[]practice.OpenUsage](t)(c.OpenUsages(ctx, c.Store))
	if len(list) != 1 || list[0].Usage.ID != back.Usage || list[0].Usage.Cause != inventory.UsageTakenBack || list[0].Usage.Patient != v.Patient {
		t.Fatalf("the list of what has no stock: %+v", list)
	}
	matched := must[practice.UsageSettled](t)(c.MatchUsage(ctx, c.Store, practice.MatchUsage{Usage: back.Usage, Lot: v.Lot, Vial: v.Vial}))
	if remaining() != "36" {
		t.Errorf("after matching %s are left, want 36", remaining())
	}
	if again := takeBack(matched.Movements[0]); again.Usage != back.Usage || remaining() != "100" {
		t.Errorf("the match taken back: %+v with %s in the container, want the same usage and all 100", again, remaining())
	}
	must[practice.UsageSettled](t)(c.MatchUsage(ctx, c.Store, practice.MatchUsage{Usage: back.Usage, Lot: v.Lot, Vial: v.Vial}))
	wasted := must[practice.Discarded](t)(c.DiscardVial(ctx, c.Store, practice.DiscardVial{Vial: v.Vial, Reason: inventory.ReasonUnused}))
	if remaining() != "0" {
		t.Errorf("after discarding %s are left", remaining())
	}
	if found := takeBack(wasted.Movement); !found.Usage.IsZero() || remaining() != "36" {
		t.Errorf("the waste taken back: %+v with %s in the container, want 36 and no usage", found, remaining())
	}
	if books := must[practice.Agreement](t)(c.CheckBooks(ctx, c.Director)); len(books.Differences) > 0 {
		t.Errorf("the books: %+v", books.Differences)
	}
	c.verified()
}
