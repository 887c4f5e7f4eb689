package billing_test

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
)

var recognition = billing.RecognitionPolicy{InitialShare: number("0.15"), Breakage: map[string]billing.BreakagePolicy{"US-TX": billing.BreakageRevenue}}

func lotPostings(e billing.LotEntry) map[billing.Account]string {
	out := map[billing.Account]string{}
	for _, p := range e.Postings {
		out[p.Account] = p.Amount.String()
	}
	return out
}

func TestRecognise(t *testing.T) {
	t.Parallel()
	sell := func(t *testing.T) billing.CreditLot {
		l := billing.CreditLot{ID: id[glabella.CreditLotID]("lot"), Patient: id[glabella.PatientID]("P-0001"), Origin: billing.LotPaid, Kind: billing.ServiceLot,
			Granted: billing.Times(4), Price: usd("400.00"), Limits: billing.LotLimits{Services: []string{"hydro"}}}
		var err error
		if l.Upfront, err = recognition.Upfront(l.Price); err != nil {
			t.Fatal(err)
		}
		return grant(t, l, monday)
	}
	for _, tt := range []struct {
		name, jurisdiction string
		do                 func(billing.CreditLot) (billing.CreditLot, error)
		want               map[billing.Account]string
	}{
		{"a use releases its share, and takes back what was revenue at the sale", "US-TX", func(l billing.CreditLot) (billing.CreditLot, error) {
			l, _, err := l.Redeem(billing.Times(1), on(monday))
			return l, err
		}, map[billing.Account]string{billing.DeferredRevenue: "USD 85.00", billing.UpfrontRevenue: "USD 15.00", billing.PrepaidClearing: "USD -100.00"}},
		{"expiry is revenue where the policy says so", "US-TX", func(l billing.CreditLot) (billing.CreditLot, error) {
			l, _, err := l.Expire(on(tuesday))
			return l, err
		}, map[billing.Account]string{billing.DeferredRevenue: "USD 340.00", billing.BreakageIncome: "USD -340.00"}},
		{"expiry stays a liability where it does not", "US-DE", func(l billing.CreditLot) (billing.CreditLot, error) {
			l, _, err := l.Expire(on(tuesday))
			return l, err
		}, map[billing.Account]string{billing.DeferredRevenue: "USD 340.00", billing.UnclaimedProperty: "USD -340.00"}},
		{"a refund below the value leaves suspense that is revenue", "US-TX", func(l billing.CreditLot) (billing.CreditLot, error) {
			q, err := billing.QuoteCreditRefund(billing.CreditRefundFacts{Lots: []billing.CreditLot{l}, Basis: billing.RefundPaidValue, Fee: usd("30.00")})
			if err != nil {
				return l, err
			}
			lots, err := billing.PayCreditRefund(q, []billing.CreditLot{l}, on(tuesday))
			if err != nil {
				return l, err
			}
			return lots[0], nil
		}, map[billing.Account]string{billing.DeferredRevenue: "USD 340.00", billing.UpfrontRevenue: "USD 60.00", billing.PrepaidClearing: "USD -370.00", billing.SuspenseIncome: "USD -30.00"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l, err := tt.do(sell(t))
			if err != nil {
				t.Fatal(err)
			}
			entries, err := billing.Recognise([]billing.CreditLot{l}, recognition, tt.jurisdiction)
			if err != nil || len(entries) != 2 {
				t.Fatalf("Recognise = %d entries, %v, want 2", len(entries), err)
			}
			if diff := cmp.Diff(map[billing.Account]string{billing.DeferredRevenue: "USD -340.00", billing.UpfrontRevenue: "USD -60.00", billing.PrepaidClearing: "USD 400.00"}, lotPostings(entries[0])); diff != "" {
				t.Errorf("sale (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, lotPostings(entries[1])); diff != "" {
				t.Errorf("postings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReinstatementsGoBackWhereTheyCameFrom(t *testing.T) {
	t.Parallel()
	used, _, err := sessions(t, "used", "hydro", 4, "400.00").Redeem(billing.Times(1), on(monday))
	if err != nil {
		t.Fatal(err)
	}
	if used, err = used.Reinstate(2, on(tuesday)); err != nil {
		t.Fatal(err)
	}
	late, _, err := toxinLot(t, "late", "10", "100.00", monday).Expire(on(tuesday))
	if err != nil {
		t.Fatal(err)
	}
	if late, err = late.Reinstate(2, on(tuesday)); err != nil {
		t.Fatal(err)
	}
	lots := []billing.CreditLot{used, late}
	entries, err := billing.Recognise(lots, recognition, "US-TX")
	if err != nil {
		t.Fatal(err)
	}
	roll, err := billing.Roll(lots, entries, glabella.Date{}, tuesday, "USD")
	if err != nil {
		t.Fatal(err)
	}
	if roll.Granted != usd("500.00") || !roll.Redeemed.IsZero() || !roll.Breakage.IsZero() || roll.End != usd("500.00") {
		t.Errorf("granted %s, redeemed %s, breakage %s, end %s, want 500.00, nothing, nothing, 500.00", roll.Granted, roll.Redeemed, roll.Breakage, roll.End)
	}
	if roll, err = billing.Roll(lots, entries, tuesday, tuesday, "USD"); err != nil || roll.Redeemed != usd("-100.00") {
		t.Errorf("redeemed on the second day = %s, %v, want less 100.00", roll.Redeemed, err)
	}
}

func TestPromotionsAreNoLiability(t *testing.T) {
	t.Parallel()
	promo := grant(t, billing.CreditLot{ID: id[glabella.CreditLotID]("promo"), Patient: id[glabella.PatientID]("P-0001"), Origin: billing.LotPromo, Kind: billing.MoneyLot, Granted: billing.CreditOf(usd("20.00")), Price: usd("0.00")}, glabella.Date{})
	promo, _, err := promo.Redeem(billing.CreditOf(usd("5.00")), on(monday))
	if err != nil {
		t.Fatal(err)
	}
	if entries, err := billing.Recognise([]billing.CreditLot{promo}, recognition, "US-TX"); err != nil || len(entries) != 0 {
		t.Errorf("Recognise of a promotion = %v, %v, want no entries", entries, err)
	}
}

// lotHistory makes up lots and what happened to them. Steps that the library refuses
// are part of it: they must change nothing.
func lotHistory(t testing.TB, r *rand.Rand) []billing.CreditLot {
	t.Helper()
	newID := ids[glabella.CreditLotID](fmt.Sprint("history-", r.Int63()))
	var lots []billing.CreditLot
	for range 1 + r.Intn(3) {
		n := 1 + r.Int63n(20)
		l := billing.CreditLot{ID: newID(), Patient: id[glabella.PatientID]("P-0001"), Origin: billing.LotOrigins()[r.Intn(5)], Kind: billing.ServiceLot, Granted: billing.Times(n),
			Price: money.New(r.Int63n(50_000), "USD"), Transferable: true, Limits: billing.LotLimits{Services: []string{"hydro"}}}
		if l.Origin.Free() {
			l.Price = usd("0.00")
		}
		policy := recognition
		policy.InitialShare = number([]string{"0", "0.15", "0.333", "1"}[r.Intn(4)])
		var err error
		if l.Upfront, err = policy.Upfront(l.Price); err != nil {
			t.Fatal(err)
		}
		lots = append(lots, grant(t, l, monday.AddDays(10+r.Intn(60))))
	}
	for day := range 25 {
		w := on(monday.AddDays(4 * day))
		i := r.Intn(len(lots))
		l := lots[i]
		count := billing.Times(1 + r.Int63n(6))
		target := billing.LotTarget{ID: newID(), Patient: id[glabella.PatientID]("P-0002"), Kind: billing.ServiceLot, Granted: billing.Times(1 + r.Int63n(7)), Limits: billing.LotLimits{Services: []string{"peel"}}}
		switch r.Intn(9) {
		case 0, 1:
			lots[i], _, _ = l.Redeem(count, w)
		case 2:
			lots[i], _ = l.Reinstate(1+r.Intn(len(l.Movements)), w)
		case 3:
			lots[i], _, _ = l.Expire(w)
		case 4:
			if from, to, err := l.Transfer(count, target, w); err == nil {
				lots[i] = from
				lots = append(lots, to)
			}
		case 5:
			if from, to, err := l.Convert(count, target, w); err == nil {
				lots[i] = from
				lots = append(lots, to)
			}
		case 6:
			if r.Intn(3) == 0 {
				q, err := billing.QuoteCreditRefund(billing.CreditRefundFacts{Lots: []billing.CreditLot{l}, Basis: billing.RefundListOfUsed, ListPrices: map[glabella.CreditLotID]money.Amount{l.ID: money.New(r.Int63n(5000), "USD")}})
				if err == nil {
					paid, err := billing.PayCreditRefund(q, []billing.CreditLot{l}, w)
					if err != nil {
						t.Fatal(err)
					}
					lots[i] = paid[0]
				}
			}
		case 7:
			lots[i], _, _ = l.Forfeit(count, w)
		case 8:
			if b := balance(t, l); b.FrozenSince.IsZero() {
				lots[i], _ = l.Freeze(w)
			} else {
				lots[i], _ = l.Unfreeze(w)
			}
		}
		if err := lots[i].Validate(); err != nil {
			t.Fatalf("day %d: %v", day, err)
		}
	}
	return lots
}

func unbalanced(entries []billing.LotEntry) bool {
	return slices.ContainsFunc(entries, func(e billing.LotEntry) bool {
		sum := usd("0.00")
		for _, p := range e.Postings {
			sum, _ = sum.Add(p.Amount)
		}
		return !sum.IsZero()
	})
}

func TestDeferredRevenueRollsForward(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(4))
	seen := map[billing.CreditMovementKind]int{}
	broken := 0
	for n := range 2000 {
		lots := lotHistory(t, r)
		for _, l := range lots {
			for _, m := range l.Movements {
				seen[m.Kind]++
			}
		}
		entries, err := billing.Recognise(lots, recognition, []string{"US-TX", "US-DE"}[n%2])
		if err != nil {
			t.Fatal(err)
		}
		if unbalanced(entries) {
			t.Fatalf("history %d: an entry does not balance", n)
		}
		middle, last := monday.AddDays(r.Intn(100)), monday.AddDays(200)
		first, err := billing.Roll(lots, entries, glabella.Date{}, middle, "USD")
		if err != nil {
			t.Fatal(err)
		}
		second, err := billing.Roll(lots, entries, middle.AddDays(1), last, "USD")
		if err != nil {
			t.Fatal(err)
		}
		if !first.Residual.IsZero() || !second.Residual.IsZero() {
			t.Fatalf("history %d: residuals are %s and %s, want nothing", n, first.Residual, second.Residual)
		}
		if first.End != second.Begin || !first.Begin.IsZero() {
			t.Fatalf("history %d: the first period ends at %s, the second begins at %s", n, first.End, second.Begin)
		}
		if !first.Moved.IsZero() || !second.Moved.IsZero() {
			t.Fatalf("history %d: moves between lots leave %s and %s", n, first.Moved, second.Moved)
		}
		// The control: a rule that forgets one entry must be found out.
		i := slices.IndexFunc(entries, func(e billing.LotEntry) bool {
			return slices.ContainsFunc(e.Postings, func(p billing.LotPosting) bool { return p.Account == billing.DeferredRevenue })
		})
		if i >= 0 {
			broken++
			whole, err := billing.Roll(lots, slices.Delete(slices.Clone(entries), i, i+1), glabella.Date{}, last, "USD")
			if err != nil {
				t.Fatal(err)
			}
			if whole.Residual.IsZero() {
				t.Fatalf("history %d: an entry is missing and the residual is nothing", n)
			}
		}
	}
	for _, k := range billing.CreditMovementKinds() {
		if seen[k] == 0 && k != billing.MoveExtend {
			t.Errorf("no history has a movement %s", k)
		}
	}
	if broken < 1000 {
		t.Errorf("the control ran on %d histories, want most", broken)
	}
}

func TestUpfrontShareIsFrozenAtTheSale(t *testing.T) {
	t.Parallel()
	l := billing.CreditLot{ID: id[glabella.CreditLotID]("lot"), Patient: id[glabella.PatientID]("P-0001"), Origin: billing.LotPaid, Kind: billing.MoneyLot, Granted: billing.CreditOf(usd("100.00")), Price: usd("100.00")}
	var err error
	if l.Upfront, err = recognition.Upfront(l.Price); err != nil {
		t.Fatal(err)
	}
	l = grant(t, l, glabella.Date{})
	later := billing.RecognitionPolicy{InitialShare: number("0.9")}
	before, err := billing.Recognise([]billing.CreditLot{l}, recognition, "US-TX")
	if err != nil {
		t.Fatal(err)
	}
	after, err := billing.Recognise([]billing.CreditLot{l}, later, "US-TX")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after, amounts); diff != "" || len(before) != 1 {
		t.Errorf("a later policy changes an earlier sale (-before +after):\n%s", diff)
	}
	if _, err := (billing.RecognitionPolicy{InitialShare: number("1.1")}).Upfront(l.Price); err == nil {
		t.Error("a share above 1 is accepted")
	}
}
