package billing_test

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

func TestAllocateVouchers(t *testing.T) {
	t.Parallel()
	g := func(n int, list, explicit string) billing.VoucherGroup {
		return billing.VoucherGroup{Count: n, StandAlone: usd(list), Explicit: usd(explicit)}
	}
	for _, tt := range []struct {
		name   string
		price  string
		groups []billing.VoucherGroup
		policy billing.VoucherPolicy
		want   []money.Amount
		code   glabella.Code
	}{
		{"equal groups of four and two", "100.00", []billing.VoucherGroup{g(4, "0.00", "0.00"), g(2, "0.00", "0.00")}, billing.EqualGroups, []money.Amount{usd("50.00"), usd("50.00")}, ""},
		{"a cent that does not divide", "100.00", []billing.VoucherGroup{g(1, "1.00", "0.00"), g(1, "1.00", "0.00"), g(1, "1.00", "0.00")}, billing.StandAlone, []money.Amount{usd("33.34"), usd("33.33"), usd("33.33")}, ""},
		{"in proportion to the list prices", "300.00", []billing.VoucherGroup{g(3, "300.00", "0.00"), g(1, "100.00", "0.00")}, billing.StandAlone, []money.Amount{usd("225.00"), usd("75.00")}, ""},
		{"stated shares", "100.00", []billing.VoucherGroup{g(1, "1.00", "99.00"), g(1, "1.00", "1.00")}, billing.Explicit, []money.Amount{usd("99.00"), usd("1.00")}, ""},
		{"stated shares that do not sum", "100.00", []billing.VoucherGroup{g(1, "1.00", "99.00"), g(1, "1.00", "1.01")}, billing.Explicit, nil, billing.CodeVoucherShares},
		{"no list price at all", "100.00", []billing.VoucherGroup{g(1, "0.00", "0.00")}, billing.StandAlone, nil, billing.CodeVoucherShares},
		{"no groups", "100.00", nil, billing.EqualGroups, nil, billing.CodeVoucherShares},
		{"an empty group", "100.00", []billing.VoucherGroup{g(0, "1.00", "0.00")}, billing.EqualGroups, nil, billing.CodeVoucherShares},
		{"no policy", "100.00", []billing.VoucherGroup{g(1, "1.00", "0.00")}, "", nil, billing.CodeVoucherShares},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := billing.AllocateVouchers(usd(tt.price), tt.groups, tt.policy)
			if diff := cmp.Diff(tt.want, got, amounts); diff != "" || tt.code != "" && !hasCode(err, tt.code) || tt.code == "" && err != nil {
				t.Errorf("AllocateVouchers = %v, want %q (-want +got):\n%s", err, tt.code, diff)
			}
		})
	}
}

func ids[I glabella.Identity](prefix string) func() I {
	n := 0
	return func() I {
		n++
		return id[I](fmt.Sprintf("%s-%d", prefix, n))
	}
}

func glow() billing.Package {
	service := func(code string, n int64, list string) billing.PackageItem {
		return billing.PackageItem{Service: code, Quantity: billing.Times(n), StandAlone: usd(list)}
	}
	return billing.Package{ID: id[glabella.PackageID]("glow"), Code: "glow", Name: "Glow", Price: usd("900.00"), Allocation: billing.StandAlone, ValidFor: glabella.Period{Years: 1}, Transferable: true,
		Groups: []billing.PackageGroup{
			{Name: "all", Items: []billing.PackageItem{service("hydro", 3, "450.00"), {Product: "onabotulinumtoxinA", Quantity: units("20"), StandAlone: usd("250.00")}}},
			{Name: "one of two", Choose: 1, Items: []billing.PackageItem{service("peel", 1, "150.00"), service("led", 2, "100.00")}},
		}, Credit: usd("50.00")}
}

func sale(paid string, choices ...[]int) billing.PackageSale {
	return billing.PackageSale{Patient: id[glabella.PatientID]("P-0001"), Price: usd(paid), Choices: choices, Moved: on(monday), NewID: ids[glabella.CreditLotID]("sold")}
}

func TestPackageSell(t *testing.T) {
	t.Parallel()
	lots, err := glow().Sell(sale("900.00", nil, []int{0}))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range lots {
		got = append(got, fmt.Sprintf("%s %s %v%v %s until %s", l.Kind, l.Granted.Value(), l.Limits.Services, l.Limits.Products, l.Price, balance(t, l).ExpiresOn))
	}
	want := []string{
		"service 3 [hydro][] USD 450.00 until 2027-11-23",
		"units 20 [][onabotulinumtoxinA] USD 250.00 until 2027-11-23",
		"service 1 [peel][] USD 150.00 until 2027-11-23",
		"money 50 [][] USD 50.00 until 2027-11-23",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Sell (-want +got):\n%s", diff)
	}
}

func TestPackageVouchersOfEqualGroups(t *testing.T) {
	t.Parallel()
	p := billing.Package{ID: id[glabella.PackageID]("duo"), Code: "duo", Name: "Duo", Price: usd("100.00"), Allocation: billing.EqualGroups, Groups: []billing.PackageGroup{
		{Items: []billing.PackageItem{{Service: "a", Quantity: billing.Times(4), StandAlone: usd("10.00")}}},
		{Items: []billing.PackageItem{{Service: "b", Quantity: billing.Times(2), StandAlone: usd("500.00")}}},
	}}
	lots, err := p.Sell(sale("100.00"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"12.50", "25.00"} {
		if _, value, err := lots[i].Redeem(billing.Times(1), on(monday)); err != nil || value != usd(want) {
			t.Errorf("one voucher of group %d = %s, %v, want %s", i, value, err, want)
		}
	}
}

func TestPackageAnyOfAGroup(t *testing.T) {
	t.Parallel()
	abo := quantity.MustParse("100 [arb'U]{abobotulinumtoxinA}")
	p := billing.Package{ID: id[glabella.PackageID]("any"), Code: "any", Name: "Any toxin", Price: usd("1000.00"), Allocation: billing.StandAlone, Groups: []billing.PackageGroup{
		{AtUse: true, AnyUnits: quantity.MustParse("100 [arb'U]"), Items: []billing.PackageItem{
			{Product: "onabotulinumtoxinA", Quantity: units("100"), StandAlone: usd("1200.00")}, {Product: "abobotulinumtoxinA", Quantity: abo, StandAlone: usd("500.00")}}},
	}}
	lots, err := p.Sell(sale("1000.00"))
	if err != nil || len(lots) != 1 {
		t.Fatalf("Sell = %d lots, %v, want one", len(lots), err)
	}
	f := wantToxin("30", lots...)
	if r := preview(t, f); len(r.Takes) != 1 || r.Takes[0].Value != usd("300.00") || !r.Excess.IsZero() {
		t.Errorf("Preview of a product of the group = %+v, want 30 units worth 300.00", r)
	}
	f.Want.Product, f.Want.Quantity = "incobotulinumtoxinA", quantity.MustParse("30 [arb'U]{incobotulinumtoxinA}")
	if r := preview(t, f); len(r.Takes) != 0 || len(r.Unusable) != 1 {
		t.Errorf("Preview of a product outside the group = %+v, want nothing taken", r)
	}
}

func TestPackageIssues(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*billing.Package)
		sale   billing.PackageSale
		code   glabella.Code
	}{
		{"no choice", func(*billing.Package) {}, sale("900.00"), billing.CodePackageChoice},
		{"too many choices", func(*billing.Package) {}, sale("900.00", nil, []int{0, 1}), billing.CodePackageChoice},
		{"a choice that is not offered", func(*billing.Package) {}, sale("900.00", nil, []int{2}), billing.CodePackageChoice},
		{"a choice twice", func(p *billing.Package) { p.Groups[1].Choose = 2 }, sale("900.00", nil, []int{1, 1}), billing.CodePackageChoice},
		{"more to choose than there is", func(p *billing.Package) { p.Groups[1].Choose = 3 }, sale("900.00"), billing.CodePackageChoice},
		{"after its last day", func(p *billing.Package) { p.To = monday.AddDays(-1) }, sale("900.00", nil, []int{0}), billing.CodePackageSold},
		{"an item of nothing", func(p *billing.Package) { p.Groups[0].Items[0].Quantity = billing.Times(0) }, sale("900.00", nil, []int{0}), billing.CodePackageItem},
		{"units of another product", func(p *billing.Package) { p.Groups[0].Items[1].Product = "other" }, sale("900.00", nil, []int{0}), billing.CodePackageItem},
		{"nothing at all", func(p *billing.Package) { p.Groups, p.Credit = nil, money.Amount{} }, sale("900.00"), glabella.CodeRequired},
		{"another currency", func(p *billing.Package) { p.Credit = money.MustParse("EUR 5.00") }, sale("900.00"), glabella.CodeOutOfRange},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := glow()
			tt.change(&p)
			if lots, err := p.Sell(tt.sale); !hasCode(err, tt.code) || lots != nil {
				t.Errorf("Sell = %d lots, %v, want %s", len(lots), err, tt.code)
			}
		})
	}
}

func TestPackagePricesSumToWhatIsPaid(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(3))
	for n := range 1000 {
		p := glow()
		p.Allocation = billing.VoucherPolicies()[r.Intn(3)]
		p.Groups[0].Share, p.Groups[1].Share, p.CreditShare = usd("600.00"), usd("299.99"), usd("0.01")
		s := sale("0.00", nil, []int{r.Intn(2)})
		s.Price = money.New(r.Int63n(90_001), "USD")
		lots, err := p.Sell(s)
		if err != nil {
			t.Fatal(err)
		}
		sum := usd("0.00")
		for _, l := range lots {
			if sum, err = sum.Add(l.Price); err != nil {
				t.Fatal(err)
			}
		}
		if sum != s.Price {
			t.Fatalf("run %d, %s: lots are %s, want what was paid, %s", n, p.Allocation, sum, s.Price)
		}
	}
}

func TestCreditRefund(t *testing.T) {
	t.Parallel()
	l := sessions(t, "lot", "hydro", 5, "500.00")
	for range 2 {
		var err error
		if l, _, err = l.Redeem(billing.Times(1), on(monday)); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name             string
		basis            billing.CreditRefundBasis
		list, fee        string
		refund, suspense string
		steps            []glabella.Code
	}{
		{"what was paid for what is left", billing.RefundPaidValue, "150.00", "0.00", "300.00", "0.00", []glabella.Code{billing.CodeCreditRefundPaid, billing.CodeCreditRefundUsed}},
		{"less the list price of what was used", billing.RefundListOfUsed, "150.00", "0.00", "200.00", "100.00", []glabella.Code{billing.CodeCreditRefundPaid, billing.CodeCreditRefundUsed}},
		{"a list price below what was paid costs the practice", billing.RefundListOfUsed, "80.00", "0.00", "340.00", "-40.00", []glabella.Code{billing.CodeCreditRefundPaid, billing.CodeCreditRefundUsed}},
		{"less a fee", billing.RefundPaidValue, "150.00", "25.00", "275.00", "25.00", []glabella.Code{billing.CodeCreditRefundPaid, billing.CodeCreditRefundUsed, billing.CodeCreditRefundFee}},
		{"never below nothing", billing.RefundListOfUsed, "300.00", "0.00", "0.00", "300.00", []glabella.Code{billing.CodeCreditRefundPaid, billing.CodeCreditRefundUsed, billing.CodeCreditRefundFloor}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			q, err := billing.QuoteCreditRefund(billing.CreditRefundFacts{Lots: []billing.CreditLot{l}, Basis: tt.basis, ListPrices: map[glabella.CreditLotID]money.Amount{l.ID: usd(tt.list)}, Fee: usd(tt.fee)})
			if err != nil {
				t.Fatal(err)
			}
			var codes []glabella.Code
			sum := usd("0.00")
			for _, s := range q.Steps {
				codes = append(codes, s.Code)
				if sum, err = sum.Add(s.Amount); err != nil {
					t.Fatal(err)
				}
			}
			if q.Refund != usd(tt.refund) || q.Suspense != usd(tt.suspense) || sum != q.Refund {
				t.Errorf("refund %s, suspense %s, steps sum to %s, want %s and %s", q.Refund, q.Suspense, sum, tt.refund, tt.suspense)
			}
			if diff := cmp.Diff(tt.steps, codes); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
			changed, err := l.Reinstate(2, on(tuesday))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := billing.PayCreditRefund(q, []billing.CreditLot{changed}, on(tuesday)); !hasCode(err, billing.CodeLotJournal) {
				t.Errorf("PayCreditRefund of a lot that changed = %v, want %s", err, billing.CodeLotJournal)
			}
			lots, err := billing.PayCreditRefund(q, []billing.CreditLot{l}, on(tuesday))
			if err != nil {
				t.Fatal(err)
			}
			wantBalance(t, lots[0], "0", "0.00")
			if got := lots[0].Movements[3]; got.Kind != billing.MoveRefund || got.Cash != q.Refund {
				t.Errorf("movement = %+v, want a refund of %s", got, q.Refund)
			}
			if _, err := billing.PayCreditRefund(q, lots, on(tuesday)); err == nil {
				t.Error("a refund was paid twice")
			}
			if _, err := billing.QuoteCreditRefund(billing.CreditRefundFacts{Lots: lots, Basis: billing.RefundPaidValue}); !hasCode(err, billing.CodeCreditRefundNothing) {
				t.Errorf("Quote of nothing = %v, want %s", err, billing.CodeCreditRefundNothing)
			}
		})
	}
}
