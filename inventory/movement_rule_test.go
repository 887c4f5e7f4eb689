package inventory_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
)

func TestEveryKindHasOneRule(t *testing.T) {
	t.Parallel()
	checkEnum(t, inventory.MovementKinds())
	seen := map[inventory.MovementKind]int{}
	for _, r := range inventory.MovementRules() {
		seen[r.Kind]++
		if len(r.Shapes) == 0 {
			t.Errorf("the rule of %s permits nothing", r.Kind)
		}
		for _, n := range []inventory.Need{r.Reason, r.Patient, r.Transfer, r.Origin, r.Cost} {
			if !n.Valid() {
				t.Errorf("the rule of %s has the need %q", r.Kind, n)
			}
		}
	}
	for _, k := range inventory.MovementKinds() {
		if seen[k] != 1 {
			t.Errorf("%d rules of %s, want one", seen[k], k)
		}
	}
}

func TestMovementsKeepToTheirRules(t *testing.T) {
	t.Parallel()
	base := stock(t, toxin(), "T1", 2).Movement
	amount := func(s string) *money.Amount { a := money.MustParse(s); return &a }
	transfer := glabella.DeriveID[glabella.TransferID]("t")
	for _, tt := range []struct {
		name string
		m    inventory.Movement
		want []string
	}{
		{"what is sold", inventory.Movement{Kind: "sell", Quantity: units("-100"), Containers: -1}, nil},
		{"a sale that adds", inventory.Movement{Kind: "sell", Quantity: units("100"), Containers: 1}, []string{"/quantity inventory.movement.sign"}},
		{"a sale out of an opened container", inventory.Movement{Kind: "sell", Quantity: units("-100"), Containers: -1, Vial: glabella.DeriveID[glabella.VialID]("v")}, []string{"/vial inventory.movement.vial"}},
		{"what is dispensed to nobody", inventory.Movement{Kind: "dispense", Quantity: units("-100"), Containers: -1}, []string{"/patient required"}},
		{"a transfer without its transfer", inventory.Movement{Kind: "transfer-out", Quantity: units("-100"), Containers: -1}, []string{"/transfer required"}},
		{"a sale of a transfer", inventory.Movement{Kind: "sell", Quantity: units("-100"), Containers: -1, Transfer: transfer}, []string{"/transfer inventory.movement.field"}},
		{"an arrival", inventory.Movement{Kind: "transfer-in", Quantity: units("100"), Containers: 1, Transfer: transfer}, nil},
		{"what comes back from no sale", inventory.Movement{Kind: "restock", Quantity: units("100"), Containers: 1, Reason: "returned"}, []string{"/origin required"}},
		{"what is set aside for no reason", inventory.Movement{Kind: "hold", Quantity: units("-100"), Containers: -1}, []string{"/reason required"}},
		{"a count of an opened container that found less", inventory.Movement{Kind: "adjust", Quantity: units("-3"), Vial: glabella.DeriveID[glabella.VialID]("v"), Reason: "unaccounted"}, nil},
		{"a count of an opened container that found more", inventory.Movement{Kind: "adjust", Quantity: units("3"), Vial: glabella.DeriveID[glabella.VialID]("v"), Reason: "recount"}, []string{"/quantity inventory.movement.sign"}},
		{"a delivery with its cost", inventory.Movement{Kind: "receive", Quantity: units("100"), Containers: 1, Cost: amount("USD 0.00")}, nil},
		{"a delivery of negative cost", inventory.Movement{Kind: "receive", Quantity: units("100"), Containers: 1, Cost: amount("USD -1.00")}, []string{"/cost out-of-range"}},
		{"a cost without a currency", inventory.Movement{Kind: "receive", Quantity: units("100"), Containers: 1, Cost: &money.Amount{}}, []string{"/cost required"}},
		{"a sale with a cost", inventory.Movement{Kind: "sell", Quantity: units("-100"), Containers: -1, Cost: amount("USD 1.00")}, []string{"/cost inventory.movement.field"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := tt.m
			m.ID, m.Lot, m.Site, m.Product, m.By, m.At = base.ID, base.Lot, base.Site, base.Product, base.By, base.At
			if d := diff(tt.want, places(m.Validate())); d != "" {
				t.Errorf("Validate() (-want +got):\n%s", d)
			}
		})
	}
}

func TestStoredFormOfEveryDetailIsExact(t *testing.T) {
	t.Parallel()
	free := money.MustParse("USD 0.00")
	m := stock(t, toxin(), "T1", 2).Movement
	m.Transfer, m.Usage, m.Origin, m.Cost = glabella.DeriveID[glabella.TransferID]("t"), usageID, movementID("o"), &free
	b := stock(t, toxin(), "T1", 2).Balance
	b.Held = 3
	for _, tt := range []struct {
		name string
		want any
		read func([]byte) (any, error)
	}{
		{"movement", m, readAs[inventory.Movement]},
		{"balance", b, readAs[inventory.Balance]},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text, err := json.Marshal(tt.want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := tt.read(text)
			if d := cmp.Diff(tt.want, got, cmp.Comparer(func(a, b money.Amount) bool { return a == b })); d != "" || err != nil {
				t.Errorf("read(write(v)) = %v (-want +got):\n%s", err, d)
			}
		})
	}
}
