package inventory_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

func TestReceiveAScannedCarton(t *testing.T) {
	t.Parallel()
	e, err := inventory.ParseGS1("]d2010950600013435217270331"+"10T100\x1d21SN1", 2026)
	if err != nil {
		t.Fatalf("ParseGS1() = %v, want no error", err)
	}
	d := delivery(toxin(), "", 3)
	d.NewLot, d.Expires = glabella.DeriveID[glabella.LotID]("new"), glabella.Date{}
	got, err := inventory.Receive(d.Scanned(e))
	if err != nil {
		t.Fatalf("Receive() = %v, want no error", err)
	}
	wantLot := inventory.Lot{ID: d.NewLot, Product: toxin().ID, Number: "T100", GTIN: "09506000134352", Expires: glabella.MustParseDate("2027-03-31"),
		Supplier: "Example Supply", State: inventory.LotAvailable, UnitCost: money.MustParse("USD 450.00")}
	if !got.New || got.Lot != wantLot {
		t.Errorf("Receive() lot = %+v, new %t, want %+v, true", got.Lot, got.New, wantLot)
	}
	wantBalance := inventory.Balance{ID: inventory.BalanceIDOf(d.NewLot, site), Lot: d.NewLot, Site: site, Product: toxin().ID, OnHand: units("300"), Sealed: 3, ReceivedAt: d.At}
	if df := cmp.Diff(wantBalance, got.Balance); df != "" {
		t.Errorf("Receive() balance (-want +got):\n%s", df)
	}
	if !got.Movement.Quantity.Equal(units("300")) || got.Movement.Containers != 3 || got.Movement.Kind != inventory.MovementReceive {
		t.Errorf("Receive() movement = %+v", got.Movement)
	}
}

func TestScannedCountsOnlyWhatWasNotCounted(t *testing.T) {
	t.Parallel()
	e, err := inventory.ParseGS1("(01)09506000134352(17)270331(10)T100(30)5", 2026)
	if err != nil {
		t.Fatal(err)
	}
	if got := (inventory.Delivery{}).Scanned(e).Containers; got != 5 {
		t.Errorf("Scanned().Containers = %d, want 5", got)
	}
	if got := (inventory.Delivery{Containers: 2}).Scanned(e).Containers; got != 2 {
		t.Errorf("Scanned().Containers = %d, want 2", got)
	}
}

func TestReceiveMoreOfALot(t *testing.T) {
	t.Parallel()
	first := stock(t, toxin(), "T1", 2)
	d := delivery(toxin(), "T1", 1)
	d.ID, d.Lot, d.Balance, d.At = movementID("second"), first.Lot, first.Balance, morning
	got, err := inventory.Receive(d)
	if err != nil || got.New || got.Lot != first.Lot || got.Balance.Sealed != 3 || !got.Balance.ReceivedAt.Equal(first.Movement.At) {
		t.Errorf("Receive(more) = %+v, %v, want three of the same lot, received first on %s", got, err, first.Movement.At)
	}
	elsewhere := d
	elsewhere.Site, elsewhere.Balance = glabella.DeriveID[glabella.SiteID]("second site"), inventory.Balance{}
	got, err = inventory.Receive(elsewhere)
	if err != nil || got.Lot.ID != first.Lot.ID || got.Balance.ID == first.Balance.ID || got.Balance.Sealed != 1 {
		t.Errorf("Receive(at another site) = %+v, %v, want the same lot and a balance of its own", got, err)
	}
	held := d
	held.Lot = quarantined(first.Lot)
	if got, err := inventory.Receive(held); err != nil || got.Lot.State != inventory.LotQuarantined {
		t.Errorf("Receive(of a held lot) = %s, %v, want it to stay quarantined", got.Lot.State, err)
	}
}

func TestReceiveIsRefused(t *testing.T) {
	t.Parallel()
	known := stock(t, toxin(), "T1", 2)
	for _, tt := range []struct {
		name   string
		change func(*inventory.Delivery)
		want   []glabella.Code
	}{
		{name: "without number, expiry and containers", change: func(d *inventory.Delivery) {
			d.Number, d.Expires, d.Containers = "", glabella.Date{}, 0
		}, want: []glabella.Code{glabella.CodeOutOfRange, glabella.CodeRequired, glabella.CodeRequired}},
		{name: "without identities", change: func(d *inventory.Delivery) { d.ID, d.NewLot = glabella.MovementID{}, glabella.LotID{} }, want: []glabella.Code{glabella.CodeRequired}},
		{name: "of an expired lot", change: func(d *inventory.Delivery) { d.Expires = glabella.DateOf(d.At).AddDays(-1) }, want: []glabella.Code{inventory.CodeLotExpired}},
		{name: "of another trade item", change: func(d *inventory.Delivery) { d.GTIN = "04006381333931" }, want: []glabella.Code{inventory.CodeReceiveGTIN}},
		{name: "of a recalled lot", change: func(d *inventory.Delivery) { d.Lot = recalled(known.Lot) }, want: []glabella.Code{inventory.CodeLotRecalled}},
		{name: "of a lot with another expiry", change: func(d *inventory.Delivery) { d.Lot, d.Expires = known.Lot, known.Lot.Expires.AddDays(1) }, want: []glabella.Code{inventory.CodeReceiveLot}},
		{name: "of a lot with another number", change: func(d *inventory.Delivery) { d.Lot, d.Number = known.Lot, "T2" }, want: []glabella.Code{inventory.CodeReceiveLot}},
		{name: "of a lot with another trade item", change: func(d *inventory.Delivery) {
			d.Lot, d.GTIN = known.Lot, "09506000134352"
			d.Lot.GTIN = "04006381333931"
		}, want: []glabella.Code{inventory.CodeReceiveLot}},
		{name: "with every reason", change: func(d *inventory.Delivery) {
			d.Lot, d.GTIN, d.Expires = recalled(known.Lot), "04006381333931", glabella.DateOf(d.At).AddDays(-1)
		}, want: []glabella.Code{inventory.CodeReceiveGTIN, inventory.CodeLotExpired, inventory.CodeLotRecalled, inventory.CodeReceiveLot}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := delivery(toxin(), "T1", 1)
			tt.change(&d)
			if _, err := inventory.Receive(d); !slices.Equal(codesOf(err), tt.want) {
				t.Errorf("Receive() = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestASupplyNeedsNoExpiry(t *testing.T) {
	t.Parallel()
	d := delivery(gloves(), "G1", 10)
	d.Expires = glabella.Date{}
	got, err := inventory.Receive(d)
	if want := quantity.MustParse("10 1"); err != nil || !got.Balance.OnHand.Equal(want) {
		t.Errorf("Receive(gloves) = %s, %v, want %s", got.Balance.OnHand, err, want)
	}
}

func TestReceiveRefusesTheBalanceOfAnotherLot(t *testing.T) {
	t.Parallel()
	d := delivery(toxin(), "T2", 1)
	d.Balance = stock(t, toxin(), "T1", 1).Balance
	if _, err := inventory.Receive(d); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Receive(into another balance) = %v, want invalid", err)
	}
}
