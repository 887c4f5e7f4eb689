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

func TestLifeOfAVial(t *testing.T) {
	t.Parallel()
	r := stock(t, toxin(), "T100", 3)
	v, b, opened := open(t, toxin(), r)
	if b.Sealed != 2 || !b.OnHand.Equal(units("300")) || !opened.Quantity.Equal(units("0")) || opened.Containers != -1 {
		t.Errorf("after Open: %d sealed, %s on hand, movement %s and %d, want 2, 300 units, 0 units and -1", b.Sealed, b.OnHand, opened.Quantity, opened.Containers)
	}
	if !v.BeyondUse.IsZero() {
		t.Errorf("after Open: beyond use at %s, want no limit before reconstitution", v.BeyondUse)
	}

	rec := reconstitution(toxin(), r.Lot, "2.5 mL")
	rec.At = morning.Add(10 * time.Minute)
	v, err := v.Reconstitute(rec)
	if err != nil {
		t.Fatalf("Reconstitute() = %v, want no error", err)
	}
	if want := quantity.MustParse("40 [arb'U]{onabotulinumtoxinA}/mL"); !v.Concentration.Equal(want) {
		t.Errorf("Concentration = %s, want %s", v.Concentration, want)
	}
	if want := morning.Add(24*time.Hour + 10*time.Minute); !v.BeyondUse.Equal(want) {
		t.Errorf("BeyondUse = %s, want %s", v.BeyondUse, want)
	}

	v, b, given, err := v.Draw(draw("first", use(r.Lot, "20", ann, morning.Add(time.Hour)), b))
	if err != nil {
		t.Fatalf("Draw(20) = %v, want no error", err)
	}
	if v.Patient != ann || v.State != inventory.VialReconstituted || !v.Remaining.Equal(units("80")) || !b.OnHand.Equal(units("280")) || b.Sealed != 2 {
		t.Errorf("after Draw(20): patient %s, %s, %s left, %s on hand, %d sealed", v.Patient, v.State, v.Remaining, b.OnHand, b.Sealed)
	}
	if given.Kind != inventory.MovementAdminister || !given.Quantity.Equal(units("-20")) || given.Patient != ann || given.Vial != v.ID {
		t.Errorf("Draw(20) moved %+v", given)
	}

	if _, _, _, err := v.Draw(draw("other", use(r.Lot, "20", ben, morning.Add(time.Hour)), b)); !slices.Equal(codesOf(err), []glabella.Code{inventory.CodeVialOtherPatient}) {
		t.Errorf("Draw(for another patient) = %v, want %s", err, inventory.CodeVialOtherPatient)
	}

	v, b, wasted, err := v.Discard(inventory.Discard{ID: movementID("waste"), Balance: b, Reason: inventory.ReasonUnused, By: nurse, Witness: other, At: morning.Add(8 * time.Hour)})
	if err != nil {
		t.Fatalf("Discard() = %v, want no error", err)
	}
	if v.State != inventory.VialDiscarded || !v.Remaining.Equal(units("0")) || !b.OnHand.Equal(units("200")) || !wasted.Quantity.Equal(units("-80")) || wasted.Witness != other {
		t.Errorf("after Discard: %s, %s left, %s on hand, movement %s", v.State, v.Remaining, b.OnHand, wasted.Quantity)
	}
	if issues := inventory.Verify([]inventory.Movement{r.Movement, opened, given, wasted}, []inventory.Balance{b}, []inventory.Vial{v}); issues != nil {
		t.Errorf("Verify() = %v, want nothing", issues)
	}
}

func TestTheLastDrawEmptiesTheVial(t *testing.T) {
	t.Parallel()
	r, v, b, _ := ready(t)
	v, _, _, err := v.Draw(draw("all", use(r.Lot, "100", ann, morning), b))
	if err != nil || v.State != inventory.VialEmpty || !v.Remaining.Equal(units("0")) {
		t.Errorf("Draw(100) = %s with %s left, %v, want empty", v.State, v.Remaining, err)
	}
	if _, _, _, err := v.Discard(inventory.Discard{ID: movementID("w"), Reason: inventory.ReasonUnused, By: nurse, At: morning}); !errors.As(err, new(*glabella.TransitionError)) {
		t.Errorf("Discard(empty) = %v, want a TransitionError", err)
	}
}

func TestASyringeNeedsNoDiluent(t *testing.T) {
	t.Parallel()
	r := stock(t, filler(), "F1", 1)
	v, b, _ := open(t, filler(), r)
	if _, err := v.Reconstitute(reconstitution(filler(), r.Lot, "1 mL")); !slices.Contains(codesOf(err), inventory.CodeNoDiluent) {
		t.Errorf("Reconstitute(filler) = %v, want %s", err, inventory.CodeNoDiluent)
	}
	u := inventory.Use{Lot: r.Lot, Product: filler(), Patient: ann, Quantity: quantity.MustParse("0.6 mL{example-gel}"), At: morning}
	v, _, _, err := v.Draw(draw("gel", u, b))
	if want := quantity.MustParse("0.4 mL{example-gel}"); err != nil || !v.Remaining.Equal(want) || v.State != inventory.VialOpen || v.Patient != ann {
		t.Errorf("Draw(0.6 mL) = %s left, %s, %v, want %s, open", v.Remaining, v.State, err, want)
	}
}

func TestWhatIsNotReconstitutedIsLimitedFromOpening(t *testing.T) {
	t.Parallel()
	p := saline()
	p.InUse = inventory.InUse{Hours: 672, Source: "practice policy for multi-dose vials"}
	v, _, _ := open(t, p, stock(t, p, "S1", 1))
	if want := morning.Add(28 * 24 * time.Hour); !v.BeyondUse.Equal(want) || v.BeyondUseSource != p.InUse.Source {
		t.Errorf("BeyondUse = %s by %q, want %s by %q", v.BeyondUse, v.BeyondUseSource, want, p.InUse.Source)
	}
}

func TestAMultiPatientVialBindsNobody(t *testing.T) {
	t.Parallel()
	p := saline()
	r := stock(t, p, "S1", 1)
	v, b, _ := open(t, p, r)
	for i, who := range []glabella.PatientID{ann, ben} {
		u := inventory.Use{Lot: r.Lot, Product: p, Patient: who, Quantity: quantity.MustParse("1 mL"), At: morning}
		var err error
		if v, b, _, err = v.Draw(draw("draw", u, b)); err != nil || !v.Patient.IsZero() {
			t.Fatalf("Draw(%d) = bound to %q, %v, want nobody", i, v.Patient, err)
		}
	}
}

func TestOpenIsRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		product inventory.Product
		change  func(*inventory.Lot, *inventory.Balance, *inventory.Opening)
		want    []glabella.Code
	}{
		{name: "when none is unopened", product: toxin(), change: func(_ *inventory.Lot, b *inventory.Balance, _ *inventory.Opening) { b.Sealed = 0 }, want: []glabella.Code{inventory.CodeNoSealed}},
		{name: "when the lot is held and none is unopened, with both reasons", product: toxin(), change: func(l *inventory.Lot, b *inventory.Balance, _ *inventory.Opening) {
			*l = quarantined(*l)
			b.Sealed = 0
		}, want: []glabella.Code{inventory.CodeLotQuarantined, inventory.CodeNoSealed}},
		{name: "when the lot is expired", product: toxin(), change: func(l *inventory.Lot, _ *inventory.Balance, _ *inventory.Opening) { l.Expires = today.AddDays(-1) }, want: []glabella.Code{inventory.CodeLotExpired}},
		{name: "when the site never had the lot", product: toxin(), change: func(_ *inventory.Lot, b *inventory.Balance, _ *inventory.Opening) { *b = inventory.Balance{} }, want: []glabella.Code{inventory.CodeLotUnknown}},
		{name: "when the lot is not on record", product: toxin(), change: func(l *inventory.Lot, b *inventory.Balance, _ *inventory.Opening) {
			*l, *b = inventory.Lot{}, inventory.Balance{}
		}, want: []glabella.Code{inventory.CodeLotUnknown, inventory.CodeNoSealed}},
		{name: "when the lot is of another product", product: toxin(), change: func(l *inventory.Lot, _ *inventory.Balance, _ *inventory.Opening) { l.Product = filler().ID }, want: []glabella.Code{inventory.CodeLotMismatch}},
		{name: "when the balance is of another lot", product: toxin(), change: func(_ *inventory.Lot, b *inventory.Balance, _ *inventory.Opening) {
			b.Lot = glabella.DeriveID[glabella.LotID]("another")
		}, want: []glabella.Code{inventory.CodeLotMismatch}},
		{name: "when there is nothing to open", product: gloves(), want: []glabella.Code{inventory.CodeNoContainer}},
		{name: "when a warning is not settled", product: toxin(), change: func(l *inventory.Lot, _ *inventory.Balance, _ *inventory.Opening) { l.Expires = glabella.Date{} }, want: []glabella.Code{inventory.CodeLotNoExpiry}},
		{name: "when the identities are missing", product: toxin(), change: func(_ *inventory.Lot, _ *inventory.Balance, o *inventory.Opening) {
			*o = inventory.Opening{At: morning}
		},
			want: []glabella.Code{glabella.CodeRequired, glabella.CodeRequired, inventory.CodeMovementVial}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := stock(t, tt.product, "L1", 1)
			l, b, o := r.Lot, r.Balance, opening()
			if tt.change != nil {
				tt.change(&l, &b, &o)
			}
			v, after, m, err := inventory.Open(tt.product, l, b, o)
			if !slices.Equal(codesOf(err), tt.want) {
				t.Errorf("Open() = %v, want %v", err, tt.want)
			}
			if d := cmp.Diff(b, after) + cmp.Diff(inventory.Vial{}, v) + cmp.Diff(inventory.Movement{}, m); d != "" {
				t.Errorf("Open() changed something:\n%s", d)
			}
		})
	}
}

func TestASettledWarningLetsOpen(t *testing.T) {
	t.Parallel()
	r := stock(t, toxin(), "T1", 1)
	r.Lot.Expires = glabella.Date{}
	o := opening()
	o.Acknowledged = []glabella.Code{inventory.CodeLotNoExpiry}
	if _, _, _, err := inventory.Open(toxin(), r.Lot, r.Balance, o); err != nil {
		t.Errorf("Open(acknowledged) = %v, want no error", err)
	}
}

func TestReconstituteIsRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*inventory.Reconstitution)
		want   []glabella.Code
	}{
		{name: "when the diluent's lot is expired", change: func(r *inventory.Reconstitution) { r.DiluentLot.Expires = today.AddDays(-1) }, want: []glabella.Code{inventory.CodeLotExpired}},
		{name: "when the diluent's lot is recalled", change: func(r *inventory.Reconstitution) { r.DiluentLot = recalled(r.DiluentLot) }, want: []glabella.Code{inventory.CodeLotRecalled}},
		{name: "when the diluent is none", change: func(r *inventory.Reconstitution) {
			r.Diluent = filler()
			r.DiluentLot.Product = r.Diluent.ID
		}, want: []glabella.Code{inventory.CodeDiluentClass}},
		{name: "when the diluent's lot is of another product", change: func(r *inventory.Reconstitution) { r.DiluentLot.Product = filler().ID }, want: []glabella.Code{inventory.CodeLotMismatch}},
		{name: "when the diluent is not on record and that is not settled", change: func(r *inventory.Reconstitution) {
			r.Diluent, r.DiluentLot = inventory.Product{}, inventory.Lot{}
		}, want: []glabella.Code{inventory.CodeDiluentUnknown}},
		{name: "when there is no volume", change: func(r *inventory.Reconstitution) { r.Volume = quantity.MustParse("0 mL") }, want: []glabella.Code{inventory.CodeDiluentVolume}},
		{name: "when the volume is in another unit", change: func(r *inventory.Reconstitution) { r.Volume = quantity.MustParse("2.5 L") }, want: []glabella.Code{inventory.CodeDiluentVolume}},
		{name: "when it was before the opening", change: func(r *inventory.Reconstitution) { r.At = morning.Add(-time.Second) }, want: []glabella.Code{inventory.CodeVialTime}},
		{name: "when the vial is of another lot", change: func(r *inventory.Reconstitution) { r.Lot.ID = glabella.DeriveID[glabella.LotID]("another") }, want: []glabella.Code{inventory.CodeLotMismatch}},
		{name: "when the toxin's lot was recalled meanwhile, beside all else", change: func(r *inventory.Reconstitution) {
			r.Lot, r.Volume = recalled(r.Lot), quantity.MustParse("-1 mL")
		}, want: []glabella.Code{inventory.CodeLotRecalled, inventory.CodeDiluentVolume}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := stock(t, toxin(), "T1", 1)
			v, _, _ := open(t, toxin(), r)
			rec := reconstitution(toxin(), r.Lot, "2.5 mL")
			tt.change(&rec)
			got, err := v.Reconstitute(rec)
			if !slices.Equal(codesOf(err), tt.want) {
				t.Errorf("Reconstitute() = %v, want %v", err, tt.want)
			}
			if d := cmp.Diff(v, got); d != "" {
				t.Errorf("Reconstitute() changed the vial (-want +got):\n%s", d)
			}
		})
	}
}

func TestReconstituteOnce(t *testing.T) {
	t.Parallel()
	r, v, _, _ := ready(t)
	if _, err := v.Reconstitute(reconstitution(toxin(), r.Lot, "2.5 mL")); !errors.As(err, new(*glabella.TransitionError)) {
		t.Errorf("Reconstitute(again) = %v, want a TransitionError", err)
	}
}

func TestAnUnknownDiluentCanBeAcknowledged(t *testing.T) {
	t.Parallel()
	r := stock(t, toxin(), "T1", 1)
	v, _, _ := open(t, toxin(), r)
	v, err := v.Reconstitute(inventory.Reconstitution{Product: toxin(), Lot: r.Lot, Volume: quantity.MustParse("1.2 mL"), At: morning,
		Acknowledged: []glabella.Code{inventory.CodeDiluentUnknown}})
	if want := quantity.MustParse("83.333333333 [arb'U]{onabotulinumtoxinA}/mL"); err != nil || !v.Concentration.Equal(want) {
		t.Errorf("Reconstitute(1.2 mL) = %s, %v, want %s", v.Concentration, err, want)
	}
	if err := v.Validate(); err != nil {
		t.Errorf("Validate() = %v, want no error", err)
	}
}

func TestDrawIsRefusedWithAllReasons(t *testing.T) {
	t.Parallel()
	r, v, b, _ := ready(t)
	b.OnHand = units("5") // somebody else counted less
	d := draw("d", use(recalled(r.Lot), "20", ann, morning.Add(25*time.Hour)), b)
	got, after, m, err := v.Draw(d)
	want := []glabella.Code{inventory.CodeLotRecalled, inventory.CodeVialBeyondUse, inventory.CodeShort}
	if !slices.Equal(codesOf(err), want) {
		t.Errorf("Draw() = %v, want %v", err, want)
	}
	if diff := cmp.Diff(v, got) + cmp.Diff(b, after) + cmp.Diff(inventory.Movement{}, m); diff != "" {
		t.Errorf("Draw() changed something:\n%s", diff)
	}
	d = draw("d", use(r.Lot, "20", ann, morning), b)
	d.Balance.Lot = glabella.DeriveID[glabella.LotID]("another")
	if _, _, _, err := v.Draw(d); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Draw(from another balance) = %v, want invalid", err)
	}
}

func TestDiscardIsRefused(t *testing.T) {
	t.Parallel()
	_, v, b, _ := ready(t)
	good := inventory.Discard{ID: movementID("w"), Balance: b, Reason: inventory.ReasonBeyondUse, By: nurse, Witness: other, At: morning.Add(time.Hour)}
	for _, tt := range []struct {
		name   string
		change func(*inventory.Discard)
		want   []glabella.Code
	}{
		{"without a reason", func(d *inventory.Discard) { d.Reason = "" }, []glabella.Code{glabella.CodeRequired}},
		{"with a reason that is no code", func(d *inventory.Discard) { d.Reason = "Fell down" }, []glabella.Code{glabella.CodeFormat}},
		{"witnessed by the same person", func(d *inventory.Discard) { d.Witness = d.By }, []glabella.Code{inventory.CodeWitness}},
		{"before it was opened", func(d *inventory.Discard) { d.At = morning.Add(-time.Hour) }, []glabella.Code{inventory.CodeVialTime}},
		{"beyond the balance", func(d *inventory.Discard) { d.Balance.OnHand = units("1") }, []glabella.Code{inventory.CodeShort}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := good
			tt.change(&d)
			if _, _, _, err := v.Discard(d); !slices.Equal(codesOf(err), tt.want) {
				t.Errorf("Discard() = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestVialMachineTable(t *testing.T) {
	t.Parallel()
	m := inventory.VialMachine()
	if got := m.States(); len(got) != len(inventory.VialStates()) {
		t.Errorf("VialMachine().States() = %v, want all of %v", got, inventory.VialStates())
	}
	for _, a := range m.Arrows {
		if a.From == inventory.VialVoided {
			t.Errorf("%s leads out of %s, want no way out", a.Action, a.From)
		}
	}
}

func TestVialValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*inventory.Vial)
		want   []string
	}{
		{name: "a reconstituted vial is in order"},
		{name: "everything that is missing is reported at once", change: func(v *inventory.Vial) { *v = inventory.Vial{} },
			want: []string{"/id required", "/lot required", "/nominal out-of-range", "/openedAt required", "/openedBy required", "/product required", "/remaining inventory.vial.content", "/site required", "/state unknown-value"}},
		{name: "more left than it held", change: func(v *inventory.Vial) { v.Remaining = units("101") }, want: []string{"/remaining inventory.vial.content"}},
		{name: "less than nothing left", change: func(v *inventory.Vial) { v.Remaining = units("-1") }, want: []string{"/remaining inventory.vial.content"}},
		{name: "left in another unit", change: func(v *inventory.Vial) { v.Remaining = quantity.MustParse("1 mL") }, want: []string{"/remaining/unit mismatch"}},
		{name: "in use with nothing left", change: func(v *inventory.Vial) { v.Remaining = units("0") }, want: []string{"/remaining inventory.vial.content"}},
		{name: "discarded with something left", change: func(v *inventory.Vial) { v.State = inventory.VialDiscarded }, want: []string{"/remaining inventory.vial.content"}},
		{name: "voided and not full", change: func(v *inventory.Vial) { v.State, v.Remaining = inventory.VialVoided, units("99") }, want: []string{"/remaining inventory.vial.content"}},
		{name: "reconstituted with nothing", change: func(v *inventory.Vial) { v.Diluent = nil }, want: []string{"/diluent required"}},
		{name: "dry with a diluent", change: func(v *inventory.Vial) { v.State = inventory.VialOpen }, want: []string{"/diluent mismatch"}},
		{name: "a diluent without volume, time and concentration", change: func(v *inventory.Vial) {
			v.Diluent, v.ReconstitutedAt, v.Concentration = &inventory.Diluent{}, time.Time{}, quantity.Quantity{}
		}, want: []string{"/concentration required", "/diluent/volume inventory.diluent.volume", "/reconstitutedAt required"}},
		{name: "a limit without source", change: func(v *inventory.Vial) { v.BeyondUseSource = "" }, want: []string{"/beyondUseSource required"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, v, _, _ := ready(t)
			if tt.change != nil {
				tt.change(&v)
			}
			if d := diff(tt.want, places(v.Validate())); d != "" {
				t.Errorf("Validate() (-want +got):\n%s", d)
			}
		})
	}
}
