package inventory_test

import (
	"slices"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
)

func TestUsable(t *testing.T) {
	t.Parallel()
	lastDay := glabella.MustParseDate("2027-03-31")
	for _, tt := range []struct {
		name    string
		lot     func(inventory.Lot) inventory.Lot
		balance func(inventory.Balance) inventory.Balance
		qty     string
		on      glabella.Date
		want    glabella.Outcome
		codes   []glabella.Code
	}{
		{name: "enough on hand", want: glabella.Allow},
		{name: "all that is on hand", qty: "200 " + toxinUnit, want: glabella.Allow},
		{name: "more than on hand is refused", qty: "200.5 " + toxinUnit, want: glabella.Deny, codes: []glabella.Code{inventory.CodeShort}},
		{name: "the expiry day itself is usable", on: lastDay, want: glabella.Allow},
		{name: "the day after expiry is refused", on: lastDay.AddDays(1), want: glabella.Deny, codes: []glabella.Code{inventory.CodeLotExpired}},
		{name: "an unknown expiry is a warning", lot: func(l inventory.Lot) inventory.Lot { l.Expires = glabella.Date{}; return l },
			want: glabella.Warn, codes: []glabella.Code{inventory.CodeLotNoExpiry}},
		{name: "a lot in quarantine is refused", lot: quarantined, want: glabella.Deny, codes: []glabella.Code{inventory.CodeLotQuarantined}},
		{name: "a recalled lot is refused", lot: recalled, want: glabella.Deny, codes: []glabella.Code{inventory.CodeLotRecalled}},
		{name: "a lot in a state that is not known is refused", lot: func(l inventory.Lot) inventory.Lot { l.State = "embargo"; return l },
			want: glabella.Deny, codes: []glabella.Code{inventory.CodeLotQuarantined}},
		{name: "every reason is given at once", lot: recalled, qty: "500 " + toxinUnit, on: lastDay.AddDays(1), want: glabella.Deny,
			codes: []glabella.Code{inventory.CodeLotRecalled, inventory.CodeLotExpired, inventory.CodeShort}},
		{name: "a lot that is not on record is refused", lot: func(inventory.Lot) inventory.Lot { return inventory.Lot{} },
			balance: func(inventory.Balance) inventory.Balance { return inventory.Balance{} },
			want:    glabella.Deny, codes: []glabella.Code{inventory.CodeLotUnknown}},
		{name: "a lot that the site never had is refused", balance: func(inventory.Balance) inventory.Balance { return inventory.Balance{} },
			want: glabella.Deny, codes: []glabella.Code{inventory.CodeLotUnknown}},
		{name: "the balance of another lot is refused", balance: func(b inventory.Balance) inventory.Balance {
			b.Lot = glabella.DeriveID[glabella.LotID]("another")
			return b
		}, want: glabella.Deny, codes: []glabella.Code{inventory.CodeLotMismatch}},
		{name: "units of another toxin are refused", qty: "20 [arb'U]{abobotulinumtoxinA}", want: glabella.Deny, codes: []glabella.Code{inventory.CodeUnit}},
		{name: "millilitres of a toxin are refused", qty: "0.5 mL", want: glabella.Deny, codes: []glabella.Code{inventory.CodeUnit}},
		{name: "nothing is refused", qty: "0 " + toxinUnit, want: glabella.Deny, codes: []glabella.Code{inventory.CodeNotPositive}},
		{name: "less than nothing is refused", qty: "-5 " + toxinUnit, want: glabella.Deny, codes: []glabella.Code{inventory.CodeNotPositive}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := stock(t, toxin(), "T1", 2)
			l, b, q, on := r.Lot, r.Balance, units("20"), today
			if tt.lot != nil {
				l = tt.lot(l)
			}
			if tt.balance != nil {
				b = tt.balance(b)
			}
			if tt.qty != "" {
				q = quantity.MustParse(tt.qty)
			}
			if !tt.on.IsZero() {
				on = tt.on
			}
			d := inventory.Usable(l, b, q, on)
			if d.Outcome != tt.want || !slices.Equal(d.Codes(), tt.codes) {
				t.Errorf("Usable(%s, %s) = %v, want %v %v", q, on, d, tt.want, tt.codes)
			}
			everyReasonIsComplete(t, d)
		})
	}
}

func quarantined(l inventory.Lot) inventory.Lot {
	l.State, l.Hold = inventory.LotQuarantined, "complaint"
	return l
}

func recalled(l inventory.Lot) inventory.Lot {
	l.State, l.Hold = inventory.LotRecalled, "Z-0001-2027"
	return l
}

// everyReasonIsComplete checks that a reason says what it is about and what to
// do.
func everyReasonIsComplete(t *testing.T, d glabella.Decision) {
	t.Helper()
	for _, r := range d.Reasons {
		if r.Fix == "" || r.Text == "" {
			t.Errorf("reason %s has text %q and fix %q, want both", r.Code, r.Text, r.Fix)
		}
		if len(r.Refs) == 0 && r.Code != inventory.CodeLotUnknown && r.Code != inventory.CodeDiluentUnknown {
			t.Errorf("reason %s refers to nothing", r.Code)
		}
	}
}

func TestVialUsable(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for _, tt := range []struct {
		name  string
		vial  func(inventory.Vial) inventory.Vial
		use   func(*inventory.Use)
		codes []glabella.Code
	}{
		{name: "a reconstituted vial is usable"},
		{name: "the last moment of its time is usable", use: func(u *inventory.Use) { u.At = morning.Add(day) }},
		{name: "a moment later is beyond use", use: func(u *inventory.Use) { u.At = morning.Add(day + time.Microsecond) }, codes: []glabella.Code{inventory.CodeVialBeyondUse}},
		{name: "a moment before the reconstitution is refused", use: func(u *inventory.Use) { u.At = morning.Add(-time.Microsecond) }, codes: []glabella.Code{inventory.CodeVialTime}},
		{name: "another patient is refused", vial: func(v inventory.Vial) inventory.Vial { v.Patient = ben; return v }, codes: []glabella.Code{inventory.CodeVialOtherPatient}},
		{name: "the same patient again is usable", vial: func(v inventory.Vial) inventory.Vial { v.Patient = ann; return v }},
		{name: "no patient is refused", use: func(u *inventory.Use) { u.Patient = glabella.PatientID{} }, codes: []glabella.Code{inventory.CodeVialNoPatient}},
		{name: "a dry vial is refused", vial: func(v inventory.Vial) inventory.Vial { v.State, v.Diluent = inventory.VialOpen, nil; return v }, codes: []glabella.Code{inventory.CodeVialNotReconstituted}},
		{name: "an empty vial is refused", vial: func(v inventory.Vial) inventory.Vial {
			v.State, v.Remaining = inventory.VialEmpty, units("0")
			return v
		}, codes: []glabella.Code{inventory.CodeVialClosed, inventory.CodeShort}},
		{name: "a voided vial is refused", vial: func(v inventory.Vial) inventory.Vial { v.State = inventory.VialVoided; return v }, codes: []glabella.Code{inventory.CodeVialClosed}},
		{name: "more than is left is refused", use: func(u *inventory.Use) { u.Quantity = units("100.1") }, codes: []glabella.Code{inventory.CodeShort}},
		{name: "another unit is refused", use: func(u *inventory.Use) { u.Quantity = quantity.MustParse("1 mL") }, codes: []glabella.Code{inventory.CodeUnit}},
		{name: "a lot recalled after opening is refused", use: func(u *inventory.Use) { u.Lot = recalled(u.Lot) }, codes: []glabella.Code{inventory.CodeLotRecalled}},
		{name: "a lot expired after opening is refused", use: func(u *inventory.Use) { u.Lot.Expires = today.AddDays(-1) }, codes: []glabella.Code{inventory.CodeLotExpired}},
		{name: "the expiry day is the site's own", use: func(u *inventory.Use) {
			u.Lot.Expires = today.AddDays(-1)
			u.Zone = time.FixedZone("far west", -10*60*60) // still the day before at nine in the morning UTC
		}},
		{name: "another lot is refused", use: func(u *inventory.Use) { u.Lot.ID = glabella.DeriveID[glabella.LotID]("another") }, codes: []glabella.Code{inventory.CodeLotMismatch}},
		{name: "another product is refused", use: func(u *inventory.Use) { u.Product = filler() }, codes: []glabella.Code{inventory.CodeLotMismatch}},
		{name: "a lot that is not on record is refused", use: func(u *inventory.Use) { u.Lot = inventory.Lot{} }, codes: []glabella.Code{inventory.CodeLotUnknown}},
		{name: "every reason is given at once", vial: func(v inventory.Vial) inventory.Vial { v.Patient = ben; return v },
			use: func(u *inventory.Use) {
				u.Lot, u.At, u.Quantity = recalled(u.Lot), morning.Add(2*day), units("101")
			},
			codes: []glabella.Code{inventory.CodeLotRecalled, inventory.CodeVialBeyondUse, inventory.CodeVialOtherPatient, inventory.CodeShort}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, v, _, _ := ready(t)
			u := use(r.Lot, "20", ann, morning)
			if tt.vial != nil {
				v = tt.vial(v)
			}
			if tt.use != nil {
				tt.use(&u)
			}
			want := glabella.Allow
			if len(tt.codes) > 0 {
				want = glabella.Deny
			}
			d := inventory.VialUsable(v, u)
			if d.Outcome != want || !slices.Equal(d.Codes(), tt.codes) {
				t.Errorf("VialUsable() = %v, want %v %v", d, want, tt.codes)
			}
			everyReasonIsComplete(t, d)
		})
	}
}

func TestBeyondUseCitesItsBasis(t *testing.T) {
	t.Parallel()
	r, v, _, _ := ready(t)
	d := inventory.VialUsable(v, use(r.Lot, "20", ann, morning.Add(25*time.Hour)))
	if len(d.Reasons) != 1 || d.Reasons[0].Source != toxin().InUse.Source {
		t.Errorf("VialUsable() = %+v, want one reason from %q", d.Reasons, toxin().InUse.Source)
	}
}
