package inventory_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
)

func TestMovementValidate(t *testing.T) {
	t.Parallel()
	r := stock(t, toxin(), "T1", 2)
	base := r.Movement
	if base.Cost == nil || base.Cost.String() != "USD 900.00" {
		t.Errorf("what was received cost %v, want that of two containers", base.Cost)
	}
	vial := glabella.DeriveID[glabella.VialID]("vial")
	kind := func(k inventory.MovementKind, q string, n int, v glabella.VialID, reason string) func(*inventory.Movement) {
		return func(m *inventory.Movement) {
			m.Kind, m.Quantity, m.Containers, m.Vial, m.Reason, m.Patient = k, units(q), n, v, reason, ann
			if k != inventory.MovementReceive {
				m.Cost = nil
			}
		}
	}
	none := glabella.VialID{}
	for _, tt := range []struct {
		name   string
		change func(*inventory.Movement)
		want   []string
	}{
		{name: "everything that is missing is reported at once", change: func(m *inventory.Movement) { *m = inventory.Movement{} },
			want: []string{"/at required", "/by required", "/id required", "/kind unknown-value", "/lot required", "/product required", "/quantity/unit required", "/site required"}},
		{name: "a receipt", change: kind("receive", "200", 2, none, "")},
		{name: "a receipt of nothing", change: kind("receive", "0", 0, none, ""), want: []string{"/quantity inventory.movement.sign"}},
		{name: "a receipt of no containers", change: kind("receive", "200", 0, none, ""), want: []string{"/quantity inventory.movement.sign"}},
		{name: "a receipt about a vial", change: kind("receive", "200", 2, vial, ""), want: []string{"/vial inventory.movement.vial"}},
		{name: "an opening", change: kind("open", "0", -1, vial, "")},
		{name: "an opening that takes something", change: kind("open", "-1", -1, vial, ""), want: []string{"/quantity inventory.movement.sign"}},
		{name: "an opening of no vial", change: kind("open", "0", -1, none, ""), want: []string{"/vial inventory.movement.vial"}},
		{name: "a dose", change: kind("administer", "-20", 0, vial, "")},
		{name: "a dose that adds", change: kind("administer", "20", 0, vial, ""), want: []string{"/quantity inventory.movement.sign"}},
		{name: "a dose for nobody", change: func(m *inventory.Movement) {
			kind("administer", "-20", 0, vial, "")(m)
			m.Patient = glabella.PatientID{}
		}, want: []string{"/patient required"}},
		{name: "waste of an opened vial", change: kind("waste", "-80", 0, vial, "beyond-use")},
		{name: "waste of unopened vials", change: kind("waste", "-100", -1, none, "broken")},
		{name: "waste of an opened vial that counts as unopened", change: kind("waste", "-80", -1, vial, "broken"), want: []string{"/quantity inventory.movement.sign"}},
		{name: "waste without reason", change: kind("waste", "-80", 0, vial, ""), want: []string{"/reason required"}},
		{name: "a count that found more", change: kind("adjust", "100", 1, none, "recount")},
		{name: "a count that found less", change: kind("adjust", "-100", -1, none, "recount")},
		{name: "a count with contrary signs", change: kind("adjust", "-100", 1, none, "recount"), want: []string{"/quantity inventory.movement.sign"}},
		{name: "a return", change: kind("return", "-100", -1, none, "expired")},
		{name: "a return that adds", change: kind("return", "100", 1, none, "expired"), want: []string{"/quantity inventory.movement.sign"}},
		{name: "a reversal has the opposite sign", change: func(m *inventory.Movement) {
			kind("receive", "-200", -2, none, "entered-in-error")(m)
			m.Reverses = movementID("first")
		}},
		{name: "a reversal with the sign of its kind", change: func(m *inventory.Movement) {
			kind("receive", "200", 2, none, "entered-in-error")(m)
			m.Reverses = movementID("first")
		}, want: []string{"/quantity inventory.movement.sign"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := base
			tt.change(&m)
			if d := diff(tt.want, places(m.Validate())); d != "" {
				t.Errorf("Validate() (-want +got):\n%s", d)
			}
		})
	}
}

func TestKnownReasonsAreCodes(t *testing.T) {
	t.Parallel()
	m := stock(t, toxin(), "T1", 2).Movement
	for _, reason := range inventory.Reasons() {
		m.Reason = reason
		if err := m.Validate(); err != nil {
			t.Errorf("Validate(reason %q) = %v, want no error", reason, err)
		}
	}
}

func reversal(name string) inventory.Reversal {
	return inventory.Reversal{ID: movementID(name), By: other, At: morning.Add(2 * time.Hour), Reason: inventory.ReasonEnteredInError}
}

func TestReverseRestoresTheVialAndTheBalance(t *testing.T) {
	t.Parallel()
	r, v0, b0, opened := ready(t)
	for _, tt := range []struct {
		name string
		act  func(inventory.Vial, inventory.Balance) (inventory.Vial, inventory.Balance, inventory.Movement, error)
	}{
		{"a draw", func(v inventory.Vial, b inventory.Balance) (inventory.Vial, inventory.Balance, inventory.Movement, error) {
			return v.Draw(draw("d", use(r.Lot, "20", ann, morning), b))
		}},
		{"the last draw", func(v inventory.Vial, b inventory.Balance) (inventory.Vial, inventory.Balance, inventory.Movement, error) {
			return v.Draw(draw("d", use(r.Lot, "100", ann, morning), b))
		}},
		{"a discard", func(v inventory.Vial, b inventory.Balance) (inventory.Vial, inventory.Balance, inventory.Movement, error) {
			return v.Discard(inventory.Discard{ID: movementID("d"), Balance: b, Reason: inventory.ReasonUnused, By: nurse, At: morning})
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v, b, m, err := tt.act(v0, b0)
			if err != nil {
				t.Fatal(err)
			}
			back, err := inventory.Reverse(m, reversal("back"))
			if err != nil {
				t.Fatalf("Reverse() = %v, want no error", err)
			}
			if back.Vial != m.Vial || back.Lot != m.Lot || back.Patient != m.Patient || back.Reverses != m.ID || back.By != other || !back.Quantity.Equal(m.Quantity.Neg()) {
				t.Errorf("Reverse(%+v) = %+v, want its opposite", m, back)
			}
			b, err = b.Apply(back)
			if err != nil {
				t.Fatalf("Apply() = %v, want no error", err)
			}
			v, err = v.Restore(back)
			if err != nil {
				t.Fatalf("Restore() = %v, want no error", err)
			}
			if d := cmp.Diff(v0, v) + cmp.Diff(b0, b); d != "" {
				t.Errorf("after the reversal (-want +got):\n%s", d)
			}
			if issues := inventory.Verify([]inventory.Movement{r.Movement, opened, m, back}, []inventory.Balance{b}, []inventory.Vial{v}); issues != nil {
				t.Errorf("Verify() = %v, want nothing", issues)
			}
			if _, err := v.Restore(back); !slices.Equal(codesOf(err), []glabella.Code{inventory.CodeVialContent}) {
				t.Errorf("Restore(again) = %v, want %s", err, inventory.CodeVialContent)
			}
		})
	}
}

func TestAWrongPatientIsReleasedByReversal(t *testing.T) {
	t.Parallel()
	r, v, b, _ := ready(t)
	v, b, wrong, err := v.Draw(draw("wrong", use(r.Lot, "20", ben, morning), b))
	if err != nil {
		t.Fatal(err)
	}
	back, err := inventory.Reverse(wrong, reversal("back"))
	if err != nil {
		t.Fatal(err)
	}
	if b, err = b.Apply(back); err != nil {
		t.Fatal(err)
	}
	if v, err = v.Restore(back); err != nil {
		t.Fatal(err)
	}
	if v, _, _, err = v.Draw(draw("right", use(r.Lot, "20", ann, morning), b)); err != nil || v.Patient != ann {
		t.Errorf("Draw(for the right patient) = bound to %s, %v, want %s", v.Patient, err, ann)
	}
}

func TestTheVialStaysBoundWhileADrawStands(t *testing.T) {
	t.Parallel()
	r, v, b, _ := ready(t)
	v, b, first, err := v.Draw(draw("first", use(r.Lot, "20", ann, morning), b))
	if err != nil {
		t.Fatal(err)
	}
	if v, _, _, err = v.Draw(draw("second", use(r.Lot, "10", ann, morning), b)); err != nil {
		t.Fatal(err)
	}
	back, err := inventory.Reverse(first, reversal("back"))
	if err != nil {
		t.Fatal(err)
	}
	if v, err = v.Restore(back); err != nil || v.Patient != ann || !v.Remaining.Equal(units("90")) {
		t.Errorf("Restore(one of two draws) = bound to %q, %s left, %v, want %s and 90 units", v.Patient, v.Remaining, err, ann)
	}
}

func TestAReversalHasItsOwnHands(t *testing.T) {
	t.Parallel()
	_, v, b, _ := ready(t)
	_, _, wasted, err := v.Discard(inventory.Discard{ID: movementID("w"), Balance: b, Reason: inventory.ReasonUnused, By: nurse, Witness: other, At: morning})
	if err != nil {
		t.Fatal(err)
	}
	back, err := inventory.Reverse(wasted, reversal("back")) // by the one who was the witness
	if err != nil || back.By != other || !back.Witness.IsZero() || back.Reason != inventory.ReasonEnteredInError {
		t.Errorf("Reverse() = by %s, witness %q, reason %q, %v, want by %s without witness", back.By, back.Witness, back.Reason, err, other)
	}
}

func TestReversingAnOpeningVoidsTheVial(t *testing.T) {
	t.Parallel()
	r, v, b, opened := ready(t)
	back, err := inventory.Reverse(opened, reversal("back"))
	if err != nil {
		t.Fatal(err)
	}

	drawn, _, given, err := v.Draw(draw("d", use(r.Lot, "20", ann, morning), b))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := drawn.Restore(back); !slices.Equal(codesOf(err), []glabella.Code{inventory.CodeVialInUse}) {
		t.Errorf("Restore(opening of a vial in use) = %v, want %s", err, inventory.CodeVialInUse)
	}

	voided, err := v.Restore(back)
	if err != nil || voided.State != inventory.VialVoided {
		t.Fatalf("Restore(opening) = %s, %v, want voided", voided.State, err)
	}
	b, err = b.Apply(back)
	if err != nil || b.Sealed != 3 {
		t.Errorf("Apply(opening taken back) = %d sealed, %v, want 3", b.Sealed, err)
	}
	if issues := inventory.Verify([]inventory.Movement{r.Movement, opened, back}, []inventory.Balance{b}, []inventory.Vial{voided}); issues != nil {
		t.Errorf("Verify() = %v, want nothing", issues)
	}
	again, err := inventory.Reverse(given, reversal("again"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := voided.Restore(again); !errors.As(err, new(*glabella.TransitionError)) {
		t.Errorf("Restore(a voided vial) = %v, want a TransitionError", err)
	}
}

func TestReverseIsRefused(t *testing.T) {
	t.Parallel()
	m := stock(t, toxin(), "T1", 2).Movement
	back, err := inventory.Reverse(m, reversal("back"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := inventory.Reverse(back, reversal("twice")); !slices.Equal(codesOf(err), []glabella.Code{inventory.CodeReversalOfReversal}) {
		t.Errorf("Reverse(a reversal) = %v, want %s", err, inventory.CodeReversalOfReversal)
	}
	if _, err := inventory.Reverse(m, inventory.Reversal{ID: movementID("x"), By: other, At: morning}); !slices.Equal(codesOf(err), []glabella.Code{glabella.CodeRequired}) {
		t.Errorf("Reverse(without reason) = %v, want %s", err, glabella.CodeRequired)
	}
	if !inventory.Reversed([]inventory.Movement{m, back}, m.ID) || inventory.Reversed([]inventory.Movement{m, back}, back.ID) {
		t.Error("Reversed() does not tell the movement that was taken back from the one that did it")
	}
}

func TestRestoreWantsAReversalOfTheVial(t *testing.T) {
	t.Parallel()
	r, v, b, _ := ready(t)
	drawn, _, m, err := v.Draw(draw("d", use(r.Lot, "20", ann, morning), b))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := drawn.Restore(m); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Restore(not a reversal) = %v, want invalid", err)
	}
	back, err := inventory.Reverse(m, reversal("back"))
	if err != nil {
		t.Fatal(err)
	}
	back.Vial = glabella.DeriveID[glabella.VialID]("another")
	if _, err := drawn.Restore(back); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Restore(of another vial) = %v, want invalid", err)
	}
}

func TestChange(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change inventory.StockChange
		sealed int
		onHand string
		want   []glabella.Code
	}{
		{name: "two break", change: inventory.StockChange{Kind: inventory.MovementWaste, Containers: -2, Reason: inventory.ReasonBroken}, sealed: 1, onHand: "100"},
		{name: "one goes back", change: inventory.StockChange{Kind: inventory.MovementReturn, Containers: -1, Reason: inventory.ReasonRecalled}, sealed: 2, onHand: "200"},
		{name: "a count finds one more", change: inventory.StockChange{Kind: inventory.MovementAdjust, Containers: 1, Reason: inventory.ReasonRecount}, sealed: 4, onHand: "400"},
		{name: "more than there are is refused, in both measures", change: inventory.StockChange{Kind: inventory.MovementWaste, Containers: -4, Reason: inventory.ReasonLost},
			sealed: 3, onHand: "300", want: []glabella.Code{inventory.CodeShort, inventory.CodeNoSealed}},
		{name: "waste that adds is refused", change: inventory.StockChange{Kind: inventory.MovementWaste, Containers: 1, Reason: inventory.ReasonLost}, sealed: 3, onHand: "300", want: []glabella.Code{inventory.CodeMovementSign}},
		{name: "a delivery is none", change: inventory.StockChange{Kind: inventory.MovementReceive, Containers: 1}, sealed: 3, onHand: "300", want: []glabella.Code{glabella.CodeUnknownValue}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := stock(t, toxin(), "T1", 3)
			tt.change.ID, tt.change.By, tt.change.At = movementID("change"), nurse, morning
			b, m, err := r.Balance.Change(toxin(), tt.change)
			if !slices.Equal(codesOf(err), tt.want) {
				t.Errorf("Change() = %v, want %v", err, tt.want)
			}
			if b.Sealed != tt.sealed || !b.OnHand.Equal(units(tt.onHand)) {
				t.Errorf("Change() = %d sealed, %s, want %d, %s", b.Sealed, b.OnHand, tt.sealed, units(tt.onHand))
			}
			if err == nil && (m.Containers != tt.change.Containers || m.Lot != r.Lot.ID) {
				t.Errorf("Change() moved %+v", m)
			}
		})
	}
}

func TestApplyKeepsToItsLotAndUnit(t *testing.T) {
	t.Parallel()
	r := stock(t, toxin(), "T1", 3)
	m := r.Movement
	m.Site = glabella.DeriveID[glabella.SiteID]("another")
	if _, err := r.Balance.Apply(m); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Apply(at another site) = %v, want invalid", err)
	}
	m = r.Movement
	m.Product = filler().ID
	if _, err := r.Balance.Apply(m); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Apply(of another product) = %v, want invalid", err)
	}
	m = r.Movement
	m.Quantity = quantity.MustParse("100 [arb'U]{abobotulinumtoxinA}")
	if got, err := r.Balance.Apply(m); !errors.As(err, new(*quantity.UnitError)) || !cmp.Equal(got, r.Balance) {
		t.Errorf("Apply(of another toxin) = %v, %v, want the balance and a UnitError", got, err)
	}
}

func TestBalanceValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*inventory.Balance)
		want   []string
	}{
		{name: "a received balance is in order"},
		{name: "everything that is missing is reported at once", change: func(b *inventory.Balance) { *b = inventory.Balance{} },
			want: []string{"/id required", "/lot required", "/onHand/unit required", "/product required", "/site required"}},
		{name: "less than nothing", change: func(b *inventory.Balance) { b.OnHand, b.Sealed = units("-1"), -1 }, want: []string{"/onHand out-of-range", "/sealed out-of-range"}},
		{name: "the identity of another site", change: func(b *inventory.Balance) { b.Site = glabella.DeriveID[glabella.SiteID]("another") }, want: []string{"/id mismatch"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := stock(t, toxin(), "T1", 1).Balance
			if tt.change != nil {
				tt.change(&b)
			}
			if d := diff(tt.want, places(b.Validate())); d != "" {
				t.Errorf("Validate() (-want +got):\n%s", d)
			}
		})
	}
}
