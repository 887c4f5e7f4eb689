package inventory_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
)

func control() inventory.ControlPolicy {
	return inventory.ControlPolicy{
		Products: []glabella.ProductID{toxin().ID}, Witnessed: []inventory.MovementKind{inventory.MovementWaste, inventory.MovementAdjust},
		CountEvery: 24 * time.Hour, Source: "policy of the test clinic",
	}
}

func TestWitness(t *testing.T) {
	t.Parallel()
	_, v, b, opened := ready(t)
	_, _, wasted, err := v.Discard(inventory.Discard{ID: movementID("w"), Balance: b, Reason: inventory.ReasonUnused, By: nurse, Witness: other, At: morning})
	if err != nil {
		t.Fatal(err)
	}
	alone := wasted
	alone.Witness = glabella.StaffID{}
	self := wasted
	self.Witness = self.By
	elsewhere := alone
	elsewhere.Product = filler().ID
	back, err := inventory.Reverse(wasted, inventory.Reversal{ID: movementID("back"), By: nurse, Witness: other, At: morning, Reason: inventory.ReasonEnteredInError})
	if err != nil {
		t.Fatal(err)
	}
	lonely := back
	lonely.Witness = glabella.StaffID{}
	for _, tt := range []struct {
		name string
		m    inventory.Movement
		want []glabella.Code
	}{
		{"waste before a witness", wasted, nil},
		{"waste without a witness", alone, []glabella.Code{inventory.CodeWitnessMissing}},
		{"waste before oneself", self, []glabella.Code{inventory.CodeWitness}},
		{"waste of something else", elsewhere, nil},
		{"an opening", opened, nil},
		{"waste taken back before a witness", back, nil},
		{"waste taken back without a witness", lonely, []glabella.Code{inventory.CodeWitnessMissing}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := control().MayMove(tt.m)
			if diff(tt.want, d.Codes()) != "" || d.Allowed() != (tt.want == nil) {
				t.Errorf("MayMove() = %v, want %v", d, tt.want)
			}
			everyReasonIsComplete(t, d)
		})
	}
}

func TestControlPolicyValidate(t *testing.T) {
	t.Parallel()
	if err := control().Validate(); err != nil {
		t.Errorf("Validate() = %v, want no error", err)
	}
	p := control()
	p.Witnessed, p.CountEvery, p.Source = []inventory.MovementKind{"burn"}, -1, ""
	if d := diff([]string{"/countEvery out-of-range", "/source required", "/witnessed/0 unknown-value"}, places(p.Validate())); d != "" {
		t.Errorf("Validate() (-want +got):\n%s", d)
	}
}

func TestCountDue(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		product glabella.ProductID
		last    time.Time
		want    bool
	}{
		{"never counted", toxin().ID, time.Time{}, true},
		{"counted a day ago", toxin().ID, morning.Add(-24 * time.Hour), false},
		{"counted more than a day ago", toxin().ID, morning.Add(-24*time.Hour - 1), true},
		{"not under control", filler().ID, time.Time{}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := control().CountDue(tt.product, tt.last, morning)
			if d.Has(inventory.CodeCountDue) != tt.want || d.Outcome == glabella.Deny {
				t.Errorf("CountDue() = %v, want due %t", d, tt.want)
			}
			everyReasonIsComplete(t, d)
		})
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	_, v0, _, _ := ready(t)
	vial := func(q string) []inventory.VialCount {
		return []inventory.VialCount{{Vial: v0.ID, Remaining: units(q)}}
	}
	for _, tt := range []struct {
		name   string
		sealed int
		vials  []inventory.VialCount
		onHand string
		left   string // in the opened container, of 100
		moved  int
		want   []string
	}{
		{name: "all is there", sealed: 2, vials: vial("100"), onHand: "300", left: "100"},
		{name: "an unopened container is missing", sealed: 1, vials: vial("100"), onHand: "200", left: "100", moved: 1},
		{name: "an unopened container too many", sealed: 3, vials: vial("100"), onHand: "400", left: "100", moved: 1},
		{name: "some is missing in the opened container", sealed: 2, vials: vial("97.5"), onHand: "297.5", left: "97.5", moved: 1},
		{name: "the opened container is not found", sealed: 2, onHand: "200", left: "0", moved: 1},
		{name: "both differ", sealed: 0, vials: vial("10"), onHand: "10", left: "10", moved: 2},
		{name: "more in the opened container is refused", sealed: 2, vials: vial("101"), want: []string{"/vials/0/remaining inventory.control.more"}},
		{name: "less than nothing, and twice", sealed: -1, vials: slices.Concat(vial("-1"), vial("5")), want: []string{"/sealed out-of-range", "/vials/0/remaining out-of-range", "/vials/1 inventory.control.unknown"}},
		{name: "an unknown container", sealed: 2, vials: []inventory.VialCount{{Vial: glabella.DeriveID[glabella.VialID]("no"), Remaining: units("1")}}, want: []string{"/vials/0 inventory.control.unknown"}},
		{name: "another unit", sealed: 2, vials: []inventory.VialCount{{Vial: v0.ID, Remaining: quantity.MustParse("1 mL")}}, want: []string{"/vials/0/remaining out-of-range"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, v, b, opened := ready(t)
			got, err := b.Count(toxin(), inventory.StockCount{Sealed: tt.sealed, Vials: tt.vials, Reason: inventory.ReasonUnaccounted, By: nurse, Witness: other, At: morning.Add(time.Hour)},
				[]inventory.Vial{v}, counted("c"))
			if d := diff(tt.want, places(err)); d != "" {
				t.Fatalf("Count() = %v (-want +got):\n%s", err, d)
			}
			if tt.want != nil {
				return
			}
			after := v
			if len(got.Vials) > 0 {
				after = got.Vials[0]
			}
			if !got.Balance.OnHand.Equal(units(tt.onHand)) || got.Balance.Sealed != tt.sealed || !after.Remaining.Equal(units(tt.left)) || len(got.Movements) != tt.moved || len(got.Differences) != tt.moved {
				t.Errorf("Count() = %s on hand, %d sealed, %s left, %d movements, %+v", got.Balance.OnHand, got.Balance.Sealed, after.Remaining, len(got.Movements), got.Differences)
			}
			if err := after.Validate(); err != nil {
				t.Errorf("Validate() = %v, want no error", err)
			}
			ledger := slices.Concat([]inventory.Movement{r.Movement, opened}, got.Movements)
			if issues := inventory.Verify(ledger, []inventory.Balance{got.Balance}, []inventory.Vial{after}); issues != nil {
				t.Errorf("Verify() = %v, want nothing", issues)
			}
			for _, m := range got.Movements {
				if d := control().MayMove(m); !d.Allowed() {
					t.Errorf("MayMove(of the count) = %v, want allowed", d)
				}
			}
		})
	}
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	r, v, b, opened := ready(t)
	ledger := []inventory.Movement{r.Movement, opened}
	give := func(name, qty string, by glabella.StaffID) {
		t.Helper()
		d := draw(name, use(r.Lot, qty, ann, morning), b)
		d.By = by
		var m inventory.Movement
		var err error
		if v, b, m, err = v.Draw(d); err != nil {
			t.Fatal(err)
		}
		ledger = append(ledger, m)
	}
	give("1", "20", nurse)
	give("wrong", "5", other)
	back, err := inventory.Reverse(ledger[len(ledger)-1], reversal("back"))
	if err != nil {
		t.Fatal(err)
	}
	if b, err = b.Apply(back); err != nil {
		t.Fatal(err)
	}
	if v, err = v.Restore(back); err != nil {
		t.Fatal(err)
	}
	ledger = append(ledger, back)
	count, err := b.Count(toxin(), inventory.StockCount{Sealed: 2, Vials: []inventory.VialCount{{Vial: v.ID, Remaining: units("76")}}, Reason: inventory.ReasonUnaccounted, By: other, At: morning}, []inventory.Vial{v}, counted("c"))
	if err != nil {
		t.Fatal(err)
	}
	v, b, ledger = count.Vials[0], count.Balance, append(ledger, count.Movements...)
	v, b, wasted, err := v.Discard(inventory.Discard{ID: movementID("w"), Balance: b, Reason: inventory.ReasonDrawnUnused, By: other, At: morning})
	if err != nil {
		t.Fatal(err)
	}
	ledger = append(ledger, wasted)

	vials, people, err := inventory.Accounts(ledger, []inventory.Vial{v})
	if err != nil {
		t.Fatal(err)
	}
	wantVials := []inventory.VialAccount{{Vial: v.ID, Lot: v.Lot, Product: v.Product, Given: units("20"), Wasted: units("76"), Unaccounted: units("4"), Left: units("0"), Injectors: []glabella.StaffID{nurse}}}
	if d := cmp.Diff(wantVials, vials); d != "" {
		t.Errorf("Accounts() by container (-want +got):\n%s", d)
	}
	wantPeople := []inventory.InjectorAccount{
		{Injector: nurse, Product: v.Product, Containers: 1, Given: units("20"), Wasted: units("0"), Unaccounted: units("4"), Shared: units("0")},
		{Injector: other, Product: v.Product, Given: units("0"), Wasted: units("76"), Unaccounted: units("0"), Shared: units("0")},
	}
	slices.SortFunc(wantPeople, func(a, b inventory.InjectorAccount) int { return slices.Compare(a.Injector[:], b.Injector[:]) })
	if d := cmp.Diff(wantPeople, people); d != "" {
		t.Errorf("Accounts() by injector (-want +got):\n%s", d)
	}
}

func TestAccountsOfASharedContainer(t *testing.T) {
	t.Parallel()
	r, v, b, opened := ready(t)
	ledger := []inventory.Movement{r.Movement, opened}
	for _, who := range []glabella.StaffID{nurse, other} {
		d := draw(who.String(), use(r.Lot, "20", ann, morning), b)
		d.By = who
		var m inventory.Movement
		var err error
		if v, b, m, err = v.Draw(d); err != nil {
			t.Fatal(err)
		}
		ledger = append(ledger, m)
	}
	got, err := b.Count(toxin(), inventory.StockCount{Sealed: 2, Reason: inventory.ReasonTheft, By: nurse, At: morning}, []inventory.Vial{v}, counted("c"))
	if err != nil {
		t.Fatal(err)
	}
	_, people, err := inventory.Accounts(append(ledger, got.Movements...), got.Vials)
	if err != nil || len(people) != 2 {
		t.Fatalf("Accounts() = %+v, %v, want two people", people, err)
	}
	for _, p := range people {
		if !p.Shared.Equal(units("60")) || !p.Unaccounted.IsZero() || p.Containers != 1 {
			t.Errorf("Accounts() = %+v, want 60 shared", p)
		}
	}
}
