package inventory_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
)

// correction takes back a movement of the toxin.
func correction(m inventory.Movement, b inventory.Balance, v inventory.Vial, u inventory.Usage) inventory.MovementCorrection {
	return inventory.MovementCorrection{Reversal: reversal("back"), Movement: m, Product: toxin(), Balance: b, Vial: v, Usage: u, Unreconciled: usageID}
}

func TestTakingBackWhatWasChartedLeavesAnUnreconciledUsage(t *testing.T) {
	t.Parallel()
	r, v, b, _ := ready(t)
	in := charted("30", r, v, b)
	in.Procedure = glabella.DeriveID[glabella.ProcedureID]("procedure")
	given, err := inventory.Book(in)
	if err != nil {
		t.Fatal(err)
	}
	got, err := inventory.TakeBackMovement(correction(given.Movement, given.Balance, given.Vial, inventory.Usage{}))
	if err != nil {
		t.Fatal(err)
	}
	if !got.Vial.Remaining.Equal(v.Remaining) || got.Vial.State != v.State || !got.Balance.OnHand.Equal(b.OnHand) {
		t.Errorf("the container has %s, the site %s; want %s and %s as before", got.Vial.Remaining, got.Balance.OnHand, v.Remaining, b.OnHand)
	}
	if got.Movement.Reverses != given.Movement.ID || !got.Movement.Quantity.Equal(units("30")) {
		t.Errorf("the reversal: %+v", got.Movement)
	}
	u := got.Usage
	if u.Cause != inventory.UsageTakenBack || !u.Outstanding().Equal(units("30")) || u.Patient != ann || u.Procedure != in.Procedure || u.Lot != r.Lot.ID || u.Vial != v.ID {
		t.Errorf("the usage: %+v, want 30 units of ann without stock", u)
	}
	again, err := u.Match(matching(r, got.Vial, got.Balance))
	if err != nil || again.Usage.State != inventory.UsageMatched {
		t.Errorf("Match() of what was taken back = %s, %v, want matched", again.Usage.State, err)
	}
}

func TestTakingBackAMatchOpensItsUsage(t *testing.T) {
	t.Parallel()
	r, v, b, _ := ready(t)
	got, err := unreconciled(t, "30").Match(matching(r, v, b))
	if err != nil {
		t.Fatal(err)
	}
	m := got.Movements[len(got.Movements)-1]
	back, err := inventory.TakeBackMovement(correction(m, got.Balance, got.Vial, got.Usage))
	if err != nil {
		t.Fatal(err)
	}
	if back.Usage.ID != got.Usage.ID || back.Usage.State != inventory.UsageOpen || !back.Usage.Outstanding().Equal(units("30")) || !back.Vial.Remaining.Equal(v.Remaining) {
		t.Errorf("the usage %+v and the container %+v, want both as before", back.Usage, back.Vial)
	}
}

func TestTakingBackAnOpeningVoidsTheContainer(t *testing.T) {
	t.Parallel()
	r, v, b, opened := ready(t)
	given, err := inventory.Book(charted("30", r, v, b))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := inventory.TakeBackMovement(correction(opened, given.Balance, given.Vial, inventory.Usage{})); !slices.Equal(codesOf(err), []glabella.Code{inventory.CodeVialInUse}) {
		t.Errorf("the opening of a container that was drawn from is taken back: %v", err)
	}
	got, err := inventory.TakeBackMovement(correction(opened, b, v, inventory.Usage{}))
	if err != nil || got.Vial.State != inventory.VialVoided || got.Balance.Sealed != b.Sealed+1 || !got.Usage.ID.IsZero() {
		t.Errorf("TakeBackMovement(opening) = %+v, %v, want a container that never was opened", got, err)
	}
}

func TestTakingBackNeedsWhatTheMovementChanged(t *testing.T) {
	t.Parallel()
	r, v, b, _ := ready(t)
	given, err := inventory.Book(charted("30", r, v, b))
	if err != nil {
		t.Fatal(err)
	}
	other := given.Vial
	other.ID = glabella.DeriveID[glabella.VialID]("another")
	for name, c := range map[string]inventory.MovementCorrection{
		"another container":              correction(given.Movement, given.Balance, other, inventory.Usage{}),
		"a usage that it did not settle": correction(given.Movement, given.Balance, given.Vial, unreconciled(t, "30")),
		"no product":                     {Reversal: reversal("back"), Movement: given.Movement, Balance: given.Balance, Vial: given.Vial},
	} {
		if _, err := inventory.TakeBackMovement(c); !errors.Is(err, glabella.ErrInvalid) {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
}
