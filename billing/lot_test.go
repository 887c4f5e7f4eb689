package billing_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

func on(d glabella.Date) billing.Moved { return billing.Moved{On: d, At: noon} }

func grant(t testing.TB, l billing.CreditLot, expires glabella.Date) billing.CreditLot {
	t.Helper()
	l, err := l.Grant(expires, on(monday))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// toxinLot is a lot of units of a patient who does not exist.
func toxinLot(t testing.TB, name, n, price string, expires glabella.Date) billing.CreditLot {
	t.Helper()
	return grant(t, billing.CreditLot{ID: id[glabella.CreditLotID](name), Patient: id[glabella.PatientID]("P-0001"), Origin: billing.LotPaid, Kind: billing.UnitsLot,
		Granted: units(n), Price: usd(price), Limits: billing.LotLimits{Products: []string{"onabotulinumtoxinA"}}}, expires)
}

func sessions(t testing.TB, name, service string, n int64, price string) billing.CreditLot {
	t.Helper()
	return grant(t, billing.CreditLot{ID: id[glabella.CreditLotID](name), Patient: id[glabella.PatientID]("P-0001"), Origin: billing.LotPaid, Kind: billing.ServiceLot,
		Granted: billing.Times(n), Price: usd(price), Transferable: true, Limits: billing.LotLimits{Services: []string{service}}}, glabella.Date{})
}

func balance(t testing.TB, l billing.CreditLot) billing.LotBalance {
	t.Helper()
	b, err := l.Balance()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func wantBalance(t testing.TB, l billing.CreditLot, remaining, value string) {
	t.Helper()
	if b := balance(t, l); b.Remaining.Value().String() != remaining || b.Value != usd(value) {
		t.Errorf("Balance() = %s worth %s, want %s worth %s", b.Remaining.Value(), b.Value, remaining, value)
	}
}

func hasCode(err error, code glabella.Code) bool {
	var v *glabella.ValidationError
	var r *glabella.RefusedError
	switch {
	case errors.As(err, &v):
		return slices.ContainsFunc(v.Issues, func(i glabella.Issue) bool { return i.Code == code })
	case errors.As(err, &r):
		return r.Decision.Has(code)
	}
	return false
}

func TestLotIsWorthItsPriceInAnyOrderOfUse(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(1))
	for n := range 2000 {
		count := 1 + r.Int63n(60)
		price := money.New(r.Int63n(100_000), "USD")
		l := toxinLot(t, "lot", fmt.Sprint(count), price.String()[4:], glabella.Date{})
		sum := usd("0.00")
		uses := 0
		for left := count; left > 0; {
			take := 1 + r.Int63n(left)
			next, value, err := l.Redeem(units(fmt.Sprint(take)), on(monday))
			if err != nil {
				t.Fatal(err)
			}
			share := float64(price.Minor()) * float64(take) / float64(count)
			if off := float64(value.Minor()) - share; off > 1 || off < -1 {
				t.Fatalf("run %d: %d of %d units of %s are %s, want within a cent of %.2f", n, take, count, price, value, share/100)
			}
			if sum, err = sum.Add(value); err != nil {
				t.Fatal(err)
			}
			l, left = next, left-take
			uses++
		}
		if sum != price {
			t.Fatalf("run %d: %d uses sum to %s, want the price %s", n, uses, sum, price)
		}
		if _, _, err := l.Redeem(units("1"), on(monday)); !hasCode(err, billing.CodeRedeemEmpty) {
			t.Fatalf("Redeem of an empty lot = %v, want %s", err, billing.CodeRedeemEmpty)
		}
	}
}

func TestReinstatementReturnsToTheSameLotAndKeepsItsExpiry(t *testing.T) {
	t.Parallel()
	last := monday.AddDays(30)
	l := toxinLot(t, "lot", "3", "100.00", last)
	var err error
	var first money.Amount
	if l, first, err = l.Redeem(units("1"), on(monday)); err != nil {
		t.Fatal(err)
	}
	if l, _, err = l.Redeem(units("1"), on(tuesday)); err != nil {
		t.Fatal(err)
	}
	wantBalance(t, l, "1", "33.33")
	back, err := l.Reinstate(2, on(tuesday))
	if err != nil {
		t.Fatal(err)
	}
	if b := balance(t, back); b.ExpiresOn != last {
		t.Errorf("expires on %s after reinstatement, want %s", b.ExpiresOn, last)
	}
	if want, _ := usd("33.33").Add(first); balance(t, back).Value != want {
		t.Errorf("value after reinstatement = %s, want exactly what was used, %s", balance(t, back).Value, want)
	}
	if _, err := back.Reinstate(2, on(tuesday)); !hasCode(err, billing.CodeLotJournal) {
		t.Errorf("Reinstate twice = %v, want %s", err, billing.CodeLotJournal)
	}
	if _, err := back.Reinstate(1, on(tuesday)); !hasCode(err, billing.CodeLotJournal) {
		t.Errorf("Reinstate of the grant = %v, want %s", err, billing.CodeLotJournal)
	}
	if _, err := back.Reinstate(9, on(tuesday)); !hasCode(err, billing.CodeLotJournal) {
		t.Errorf("Reinstate of no movement = %v, want %s", err, billing.CodeLotJournal)
	}
}

func TestFreezeStopsTheTimeOfALot(t *testing.T) {
	t.Parallel()
	l := toxinLot(t, "lot", "10", "100.00", monday.AddDays(10))
	frozen, err := l.Freeze(on(monday.AddDays(4)))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := frozen.Redeem(units("1"), on(monday.AddDays(5))); !hasCode(err, billing.CodeRedeemFrozen) {
		t.Errorf("Redeem of a frozen lot = %v, want %s", err, billing.CodeRedeemFrozen)
	}
	if _, _, err := frozen.Expire(on(monday.AddDays(40))); err == nil {
		t.Error("Expire of a frozen lot succeeded")
	}
	if _, err := frozen.Freeze(on(monday.AddDays(5))); err == nil {
		t.Error("Freeze of a frozen lot succeeded")
	}
	if _, err := frozen.Unfreeze(on(monday)); err == nil {
		t.Error("Unfreeze before the freeze succeeded")
	}
	l, err = frozen.Unfreeze(on(monday.AddDays(24)))
	if err != nil {
		t.Fatal(err)
	}
	if b := balance(t, l); b.ExpiresOn != monday.AddDays(30) || !b.FrozenSince.IsZero() {
		t.Errorf("after 20 frozen days the lot expires on %s, want %s", b.ExpiresOn, monday.AddDays(30))
	}
	if _, _, err := l.Redeem(units("1"), on(monday.AddDays(30))); err != nil {
		t.Errorf("Redeem on the last day = %v, want no error", err)
	}
}

func TestExpireAndExtend(t *testing.T) {
	t.Parallel()
	l := toxinLot(t, "lot", "10", "100.00", monday)
	if _, _, err := l.Expire(on(monday)); err == nil {
		t.Error("Expire on the last day succeeded")
	}
	if _, _, err := l.Redeem(units("1"), on(tuesday)); !hasCode(err, billing.CodeRedeemExpired) {
		t.Errorf("Redeem of an expired lot = %v, want %s", err, billing.CodeRedeemExpired)
	}
	longer, err := l.Extend(tuesday, on(tuesday))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := longer.Redeem(units("1"), on(tuesday)); err != nil {
		t.Errorf("Redeem of an extended lot = %v, want no error", err)
	}
	if _, err := longer.Extend(monday, on(tuesday)); !hasCode(err, billing.CodeLotJournal) {
		t.Errorf("Extend to an earlier day = %v, want %s", err, billing.CodeLotJournal)
	}
	gone, value, err := l.Expire(on(tuesday))
	if err != nil || value != usd("100.00") {
		t.Fatalf("Expire = %s, %v, want USD 100.00", value, err)
	}
	wantBalance(t, gone, "0", "0.00")
}

func TestTransferMovesUnitsAndTheirValue(t *testing.T) {
	t.Parallel()
	l := sessions(t, "lot", "hydro", 3, "100.00")
	to := billing.LotTarget{ID: id[glabella.CreditLotID]("friend"), Patient: id[glabella.PatientID]("P-0002"), ExpiresOn: tuesday}
	from, given, err := l.Transfer(billing.Times(1), to, on(monday))
	if err != nil {
		t.Fatal(err)
	}
	wantBalance(t, from, "2", "66.67")
	wantBalance(t, given, "1", "33.33")
	if given.Patient != to.Patient || given.Source.Lot != l.ID || balance(t, given).ExpiresOn != tuesday {
		t.Errorf("transferred lot = %+v, want the friend's, from the lot, with its own expiry", given)
	}
	back := billing.LotTarget{ID: id[glabella.CreditLotID]("back"), Patient: l.Patient}
	if _, _, err := given.Transfer(billing.Times(1), back, on(monday)); !hasCode(err, billing.CodeLotTransfer) {
		t.Errorf("Transfer back = %v, want %s", err, billing.CodeLotTransfer)
	}
	if _, _, err := l.Transfer(billing.Times(4), to, on(monday)); !hasCode(err, billing.CodeLotRange) {
		t.Errorf("Transfer of more than is left = %v, want %s", err, billing.CodeLotRange)
	}
	wantBalance(t, l, "3", "100.00")
}

func TestConvertKeepsTheValueAndWhatWasFree(t *testing.T) {
	t.Parallel()
	l := sessions(t, "lot", "hydro", 3, "100.00")
	to := billing.LotTarget{ID: id[glabella.CreditLotID]("money"), Kind: billing.MoneyLot, Granted: billing.CreditOf(usd("66.67"))}
	from, made, err := l.Convert(billing.Times(2), to, on(monday))
	if err != nil {
		t.Fatal(err)
	}
	wantBalance(t, from, "1", "33.33")
	wantBalance(t, made, "66.67", "66.67")
	if made.Origin != billing.LotConversion {
		t.Errorf("origin = %s, want %s", made.Origin, billing.LotConversion)
	}
	promo := grant(t, billing.CreditLot{ID: id[glabella.CreditLotID]("promo"), Patient: l.Patient, Origin: billing.LotPromo, Kind: billing.MoneyLot, Granted: billing.CreditOf(usd("20.00")), Price: usd("0.00")}, glabella.Date{})
	if _, made, err = promo.Convert(promo.Granted, to, on(monday)); err != nil || made.Origin != billing.LotPromo {
		t.Errorf("Convert of a promotion = %s, %v, want that it stays one", made.Origin, err)
	}
}

func TestLotValidate(t *testing.T) {
	t.Parallel()
	ok := toxinLot(t, "lot", "10", "100.00", glabella.Date{})
	for _, tt := range []struct {
		name   string
		change func(*billing.CreditLot)
		code   glabella.Code
	}{
		{"a promotion has no price", func(l *billing.CreditLot) { l.Origin = billing.LotPromo }, billing.CodeLotPrice},
		{"a lot has a currency", func(l *billing.CreditLot) { l.Price = money.Amount{} }, billing.CodeLotPrice},
		{"a lot grants something", func(l *billing.CreditLot) { l.Granted = units("0") }, glabella.CodeOutOfRange},
		{"money is counted in the unit 1", func(l *billing.CreditLot) { l.Kind = billing.MoneyLot }, glabella.CodeOutOfRange},
		{"a lot of services says which", func(l *billing.CreditLot) { l.Kind = billing.ServiceLot }, glabella.CodeRequired},
		{"an unknown origin", func(l *billing.CreditLot) { l.Origin = "found" }, glabella.CodeUnknownValue},
		{"revenue at the sale is no more than the price", func(l *billing.CreditLot) { l.Upfront = usd("100.01") }, glabella.CodeOutOfRange},
		{"a second grant", func(l *billing.CreditLot) { l.Movements = append(l.Movements, l.Movements[0]) }, billing.CodeLotJournal},
		{"a journal that takes too much", func(l *billing.CreditLot) {
			l.Movements = append(l.Movements, billing.CreditMovement{Kind: billing.MoveRedeem, Units: units("11").Neg(), Value: usd("0.00")})
		}, billing.CodeLotRange},
		{"a journal that leaves value on nothing", func(l *billing.CreditLot) {
			l.Movements = append(l.Movements, billing.CreditMovement{Kind: billing.MoveRedeem, Units: units("10").Neg(), Value: usd("-99.00")})
		}, billing.CodeLotRange},
		{"a redemption that adds", func(l *billing.CreditLot) {
			l.Movements = append(l.Movements, billing.CreditMovement{Kind: billing.MoveRedeem, Units: units("1"), Value: usd("0.00")})
		}, billing.CodeLotJournal},
		{"a movement of no kind", func(l *billing.CreditLot) {
			l.Movements = append(l.Movements, billing.CreditMovement{Units: units("0"), Value: usd("0.00")})
		}, billing.CodeLotJournal},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := ok
			l.Movements = slices.Clone(ok.Movements)
			tt.change(&l)
			if err := l.Validate(); !hasCode(err, tt.code) {
				t.Errorf("Validate() = %v, want %s", err, tt.code)
			}
		})
	}
	if err := ok.Validate(); err != nil {
		t.Errorf("Validate() = %v, want no error", err)
	}
}

func TestLotRoundTrips(t *testing.T) {
	t.Parallel()
	l := sessions(t, "lot", "hydro", 3, "100.00")
	l, _, err := l.Redeem(billing.Times(1), on(tuesday))
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	var got billing.CreditLot
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	equal := cmp.Comparer(func(a, b quantity.Quantity) bool { return a.Equal(b) })
	if diff := cmp.Diff(l, got, amounts, equal); diff != "" {
		t.Errorf("round trip (-want +got):\n%s", diff)
	}
}

func TestVerbsLeaveTheLotAlone(t *testing.T) {
	t.Parallel()
	l := toxinLot(t, "lot", "10", "100.00", glabella.Date{})
	a, _, err := l.Redeem(units("1"), on(monday))
	if err != nil {
		t.Fatal(err)
	}
	b, _, err := l.Redeem(units("2"), on(monday))
	if err != nil {
		t.Fatal(err)
	}
	wantBalance(t, l, "10", "100.00")
	wantBalance(t, a, "9", "90.00")
	wantBalance(t, b, "8", "80.00")
}

func TestAUseIsNeverWorthLessThanNothing(t *testing.T) {
	t.Parallel()
	l := toxinLot(t, "lot", "3", "0.01", glabella.Date{})
	var err error
	for range 2 { // the first is worth nothing, the second the cent
		if l, _, err = l.Redeem(units("1"), on(monday)); err != nil {
			t.Fatal(err)
		}
	}
	if l, err = l.Reinstate(2, on(monday)); err != nil {
		t.Fatal(err)
	}
	wantBalance(t, l, "2", "0.00")
	l, value, err := l.Redeem(units("0.1"), on(monday))
	if err != nil || !value.IsZero() {
		t.Errorf("Redeem of what carries nothing = %s, %v, want nothing", value, err)
	}
	wantBalance(t, l, "1.9", "0.00")
}
