package billing_test

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/quantity"
)

func wantToxin(n string, lots ...billing.CreditLot) billing.RedeemFacts {
	return billing.RedeemFacts{Patient: id[glabella.PatientID]("P-0001"), Site: id[glabella.SiteID]("clinic"), On: monday, Lots: lots,
		Want:   billing.Want{Kind: billing.UnitsLot, Purpose: billing.ForService, Service: "neurotoxin-ona", Product: "onabotulinumtoxinA", Quantity: units(n)},
		Policy: billing.RedeemPolicy{Order: billing.OrderExpiry}}
}

func preview(t testing.TB, f billing.RedeemFacts) billing.Redemption {
	t.Helper()
	r, err := billing.Preview(f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestPreviewSplitsTheExcess(t *testing.T) {
	t.Parallel()
	l := toxinLot(t, "bank", "100", "1000.00", glabella.Date{})
	l, _, err := l.Redeem(units("56"), on(monday))
	if err != nil {
		t.Fatal(err)
	}
	f := wantToxin("50", l)
	r := preview(t, f)
	if !r.Excess.Equal(units("6")) || len(r.Takes) != 1 || !r.Takes[0].Units.Equal(units("44")) || r.Takes[0].Value != usd("440.00") {
		t.Errorf("Preview of 50 with 44 left = %+v, want 44 from the lot and 6 to charge", r)
	}
	lots, err := billing.Redeem(r, f.Lots, on(monday))
	if err != nil {
		t.Fatal(err)
	}
	wantBalance(t, lots[0], "0", "0.00")
	wantBalance(t, l, "44", "440.00")
	used, _, err := l.Redeem(units("1"), on(monday))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := billing.Redeem(r, []billing.CreditLot{used}, on(monday)); err == nil {
		t.Error("Redeem of a lot that was used since the preview succeeded")
	}
	if _, err := billing.Redeem(r, nil, on(monday)); !hasCode(err, billing.CodeRedeemOwner) {
		t.Errorf("Redeem without the lot = %v, want %s", err, billing.CodeRedeemOwner)
	}
}

func TestPreviewSaysEverythingThatKeepsALotFromPaying(t *testing.T) {
	t.Parallel()
	invoice := id[glabella.InvoiceID]("open")
	member := billing.Membership{ID: id[glabella.MembershipID]("m"), State: billing.MembershipEnded}
	for _, tt := range []struct {
		name   string
		change func(*billing.CreditLot, *billing.RedeemFacts)
		want   []glabella.Code
	}{
		{"another patient's", func(_ *billing.CreditLot, f *billing.RedeemFacts) { f.Patient = id[glabella.PatientID]("P-0002") }, []glabella.Code{billing.CodeRedeemOwner}},
		{"another product", func(_ *billing.CreditLot, f *billing.RedeemFacts) { f.Want.Product = "other" }, []glabella.Code{billing.CodeRedeemCovered}},
		{"another brand", func(l *billing.CreditLot, _ *billing.RedeemFacts) { l.Limits.Brands = []string{"x"} }, []glabella.Code{billing.CodeRedeemCovered}},
		{"another kind", func(_ *billing.CreditLot, f *billing.RedeemFacts) { f.Want.Kind = billing.ServiceLot }, []glabella.Code{billing.CodeRedeemCovered}},
		{"another site", func(l *billing.CreditLot, _ *billing.RedeemFacts) {
			l.Limits.Sites = []glabella.SiteID{id[glabella.SiteID]("elsewhere")}
		}, []glabella.Code{billing.CodeRedeemSite}},
		{"not for tips", func(l *billing.CreditLot, f *billing.RedeemFacts) {
			l.Limits.Excludes, f.Want.Purpose = []billing.Purpose{billing.ForTip}, billing.ForTip
		}, []glabella.Code{billing.CodeRedeemPurpose}},
		{"not paid", func(l *billing.CreditLot, f *billing.RedeemFacts) {
			l.Source.Invoice, f.Unpaid = invoice, []glabella.InvoiceID{invoice}
		}, []glabella.Code{billing.CodeRedeemUnpaid}},
		{"not paid, where the practice lets open lots be used", func(l *billing.CreditLot, f *billing.RedeemFacts) {
			l.Source.Invoice, f.Unpaid, f.Policy.OpenLots = invoice, []glabella.InvoiceID{invoice}, true
		}, nil},
		{"of a membership that is over", func(l *billing.CreditLot, f *billing.RedeemFacts) {
			l.Source.Membership, f.Memberships = member.ID, []billing.Membership{member}
		}, []glabella.Code{billing.CodeRedeemMembership}},
		{"granted later", func(_ *billing.CreditLot, f *billing.RedeemFacts) { f.On = monday.AddDays(-1) }, []glabella.Code{billing.CodeRedeemEarly}},
		{"expired", func(_ *billing.CreditLot, f *billing.RedeemFacts) { f.On = monday.AddDays(11) }, []glabella.Code{billing.CodeRedeemExpired}},
		{"several at once", func(l *billing.CreditLot, f *billing.RedeemFacts) {
			f.On, f.Patient, l.Limits.Brands = monday.AddDays(11), id[glabella.PatientID]("P-0002"), []string{"x"}
		}, []glabella.Code{billing.CodeRedeemOwner, billing.CodeRedeemCovered, billing.CodeRedeemExpired}},
		{"nothing", func(*billing.CreditLot, *billing.RedeemFacts) {}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := toxinLot(t, "bank", "10", "100.00", monday.AddDays(10))
			f := wantToxin("4")
			tt.change(&l, &f)
			f.Lots = []billing.CreditLot{l}
			r := preview(t, f)
			var got []glabella.Code
			for _, u := range r.Unusable {
				got = append(got, u.Decision.Codes()...)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("reasons (-want +got):\n%s", diff)
			}
			if len(tt.want) > 0 == (len(r.Takes) > 0) {
				t.Errorf("takes = %+v with reasons %v", r.Takes, got)
			}
		})
	}
}

func TestPreviewOrders(t *testing.T) {
	t.Parallel()
	cheap := toxinLot(t, "cheap", "10", "80.00", glabella.Date{})
	soon := toxinLot(t, "soon", "10", "120.00", tuesday)
	promo, err := billing.CreditLot{ID: id[glabella.CreditLotID]("promo"), Patient: cheap.Patient, Origin: billing.LotPromo, Kind: billing.UnitsLot, Granted: units("10"), Price: usd("0.00")}.
		Grant(monday.AddDays(90), on(monday.AddDays(-9)))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		policy billing.RedeemPolicy
		want   []string
	}{
		{"what expires first", billing.RedeemPolicy{Order: billing.OrderExpiry}, []string{"soon", "promo", "cheap"}},
		{"what is worth least", billing.RedeemPolicy{Order: billing.OrderValue}, []string{"promo", "cheap", "soon"}},
		{"what was granted first", billing.RedeemPolicy{Order: billing.OrderFIFO}, []string{"promo", "soon", "cheap"}},
		{"paid before promotional", billing.RedeemPolicy{Order: billing.OrderOrigin, Origins: []billing.LotOrigin{billing.LotPaid}}, []string{"soon", "cheap", "promo"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, lots := range [][]billing.CreditLot{{cheap, soon, promo}, {promo, soon, cheap}, {soon, promo, cheap}} {
				f := wantToxin("30", lots...)
				f.Policy = tt.policy
				var got []glabella.CreditLotID
				for _, take := range preview(t, f).Takes {
					got = append(got, take.Lot)
				}
				var want []glabella.CreditLotID
				for _, name := range tt.want {
					want = append(want, id[glabella.CreditLotID](name))
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("order (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestServicesStandForOneAnotherExactly(t *testing.T) {
	t.Parallel()
	hour := billing.Equality{Service: "massage-60", Has: number("1"), Pays: "massage-30", Wants: number("2")}
	third := billing.Equality{Service: "massage-60", Has: number("1"), Pays: "massage-20", Wants: number("3")}
	double := billing.Equality{Service: "massage-30", Has: number("2"), Pays: "massage-60", Wants: number("1")}
	for _, tt := range []struct {
		name, lot, service    string
		left, want            int64
		units, covers, excess string
	}{
		{"one of 60 minutes pays for two of 30", "massage-60", "massage-30", 3, 2, "1", "2", "0"},
		{"half of one of 60 pays for one of 30", "massage-60", "massage-30", 3, 1, "0.5", "1", "0"},
		{"what the lot does not cover is charged", "massage-60", "massage-30", 1, 3, "1", "2", "1"},
		{"two of 30 pay for one of 60", "massage-30", "massage-60", 3, 2, "2", "1", "1"},
		{"a third that does not come out is not taken", "massage-60", "massage-20", 3, 4, "1", "3", "1"},
		{"three thirds come out", "massage-60", "massage-20", 3, 6, "2", "6", "0"},
		{"three for two, as far as the lot goes", "facial", "led", 3, 10, "2", "3", "7"},
		{"the same service is one for one", "massage-20", "massage-20", 3, 2, "2", "2", "0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := wantToxin("1", sessions(t, "lot", tt.lot, tt.left, "300.00"))
			f.Want = billing.Want{Kind: billing.ServiceLot, Purpose: billing.ForService, Service: tt.service, Quantity: billing.Times(tt.want)}
			f.Policy.Equalities = []billing.Equality{hour, third, double, {Service: "facial", Has: number("2"), Pays: "led", Wants: number("3")}}
			r := preview(t, f)
			if len(r.Takes) != 1 {
				t.Fatalf("takes = %+v, want one", r.Takes)
			}
			got := []string{r.Takes[0].Units.Value().String(), r.Takes[0].Covers.Value().String(), r.Excess.Value().String()}
			if diff := cmp.Diff([]string{tt.units, tt.covers, tt.excess}, got); diff != "" {
				t.Errorf("units, covers, excess (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPreviewRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	l := toxinLot(t, "bank", "10", "100.00", glabella.Date{})
	for _, tt := range []struct {
		name   string
		change func(*billing.RedeemFacts)
	}{
		{"a negative want", func(f *billing.RedeemFacts) { f.Want.Quantity = units("1").Neg() }},
		{"no order", func(f *billing.RedeemFacts) { f.Policy.Order = "" }},
		{"no purpose", func(f *billing.RedeemFacts) { f.Want.Purpose = "" }},
		{"an equality of nothing", func(f *billing.RedeemFacts) { f.Policy.Equalities = []billing.Equality{{}} }},
		{"a lot twice", func(f *billing.RedeemFacts) { f.Lots = append(f.Lots, l) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := wantToxin("1", l)
			tt.change(&f)
			if _, err := billing.Preview(f); err == nil {
				t.Error("Preview succeeded, want an error")
			}
		})
	}
}

func TestTakesAndExcessAreWhatIsWanted(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(2))
	for n := range 500 {
		var lots []billing.CreditLot
		for i := range r.Intn(6) {
			lots = append(lots, toxinLot(t, fmt.Sprintf("lot-%d", i), fmt.Sprint(1+r.Intn(30)), fmt.Sprintf("%d.%02d", r.Intn(500), r.Intn(100)), monday.AddDays(r.Intn(9)-3)))
		}
		f := wantToxin(fmt.Sprint(r.Intn(90)), lots...)
		f.Policy.Order = billing.RedeemOrders()[r.Intn(3)]
		plan := preview(t, f)
		covered := quantity.Of(0, f.Want.Quantity.Unit())
		for _, take := range plan.Takes {
			var err error
			if covered, err = covered.Add(take.Covers); err != nil {
				t.Fatal(err)
			}
		}
		if sum, err := covered.Add(plan.Excess); err != nil || !sum.Equal(f.Want.Quantity) {
			t.Fatalf("run %d: takes and excess = %s, %v, want %s", n, sum, err, f.Want.Quantity)
		}
		r.Shuffle(len(lots), func(i, j int) { lots[i], lots[j] = lots[j], lots[i] })
		if diff := cmp.Diff(plan, preview(t, f), amounts, cmp.Comparer(quantity.Quantity.Equal)); diff != "" {
			t.Fatalf("run %d: the order of the lots matters:\n%s", n, diff)
		}
		if _, err := billing.Redeem(plan, lots, on(monday)); err != nil {
			t.Fatalf("run %d: Redeem of the preview = %v", n, err)
		}
	}
}

func TestWallet(t *testing.T) {
	t.Parallel()
	frozen, err := toxinLot(t, "frozen", "5", "50.00", tuesday).Freeze(on(monday))
	if err != nil {
		t.Fatal(err)
	}
	lots := []billing.CreditLot{
		sessions(t, "hydro", "hydro", 2, "100.00"), toxinLot(t, "a", "10", "100.00", tuesday), frozen,
		toxinLot(t, "b", "10", "90.00", monday.AddDays(-1)), toxinLot(t, "c", "7", "70.00", glabella.Date{}),
	}
	got, err := billing.Wallet(lots, monday)
	if err != nil {
		t.Fatal(err)
	}
	want := []billing.WalletBalance{
		{Kind: billing.UnitsLot, Origin: billing.LotPaid, Covers: "onabotulinumtoxinA", Remaining: units("22"), Unavailable: units("5"), Value: usd("220.00"), NextExpiry: tuesday,
			Lots: []glabella.CreditLotID{lots[1].ID, frozen.ID, lots[4].ID}},
		{Kind: billing.ServiceLot, Origin: billing.LotPaid, Covers: "hydro", Remaining: billing.Times(2), Unavailable: billing.Times(0), Value: usd("100.00"), Lots: []glabella.CreditLotID{lots[0].ID}},
	}
	if diff := cmp.Diff(want, got, amounts, cmp.Comparer(quantity.Quantity.Equal)); diff != "" {
		t.Errorf("Wallet (-want +got):\n%s", diff)
	}
}
