package practice_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/quantity"
)

func usd(s string) money.Amount { return money.MustParse("USD " + s) }

func refusedFor(err error, code glabella.Code) bool { return slices.Contains(codesOf(err), code) }

func denied(err error) bool {
	var d *glabella.DeniedError
	return errors.As(err, &d)
}

// invalidAt fails unless an error has an issue of a code at a path.
func invalidAt(t testing.TB, err error, path string, code glabella.Code) {
	t.Helper()
	var v *glabella.ValidationError
	if !errors.As(err, &v) || !slices.ContainsFunc(v.Issues, func(i glabella.Issue) bool { return i.Path == path && i.Code == code }) {
		t.Errorf("err = %v, want %s at %s", err, code, path)
	}
}

func pays(kind billing.TenderKind, amount string) []practice.Payment {
	return []practice.Payment{{Kind: kind, Amount: usd(amount)}}
}

// sellsCredit adds a package and gift cards to what the clinic sells.
func (c *clinic) sellsCredit() {
	c.t.Helper()
	item := func(code string, kind billing.ServiceKind, price money.Amount) billing.Service {
		return billing.Service{ID: glabella.DeriveID[glabella.ServiceID]("test/" + code), Code: code, Name: code, Kind: kind, Basis: billing.Flat, Price: price}
	}
	must[practice.SetUpDone](c.t)(c.SetUp(c.t.Context(), c.Owner, practice.SetUp{
		Services: []billing.Service{item("peel", billing.ServiceItem, usd("150.00")), item("glow", billing.BundleItem, usd("400.00")), item("gift", billing.GiftItem, usd("0.00"))},
		Packages: []billing.Package{{
			ID: glabella.DeriveID[glabella.PackageID]("test/glow"), Code: "glow", Name: "Three peels and something to spend", Price: usd("400.00"), Credit: usd("50.00"), Allocation: billing.StandAlone,
			ValidFor: glabella.Period{Months: 6}, Transferable: true,
			Groups: []billing.PackageGroup{{Name: "peels", Items: []billing.PackageItem{{Service: "peel", Quantity: billing.Times(3), StandAlone: usd("450.00")}}}},
		}},
	}))
}

func (c *clinic) sell(id glabella.PatientID, in practice.SellCredit) practice.CreditSold {
	c.t.Helper()
	in.Patient = id
	return must[practice.CreditSold](c.t)(c.SellCredit(c.t.Context(), c.Desk, in))
}

// agree fails unless the books of the clinic agree, of all time and of today.
func (c *clinic) agree() billing.Reconciliation {
	c.t.Helper()
	all := must[practice.Agreement](c.t)(c.CheckBooks(c.t.Context(), c.Biller))
	day := must[practice.DayReport](c.t)(c.ReportDay(c.t.Context(), c.Biller, glabella.DateOf(c.clock.Now())))
	if len(all.Differences)+len(day.Differences) > 0 || !all.Ledger.Residual.IsZero() || !all.Ledger.CreditResidual.IsZero() {
		c.t.Errorf("the books differ: %v and %v, residuals %s and %s", all.Differences, day.Differences, all.Ledger.Residual, all.Ledger.CreditResidual)
	}
	return all.Ledger
}

func (c *clinic) wallet(id glabella.PatientID) []string {
	c.t.Helper()
	out := []string{}
	for _, w := range must[[]billing.WalletBalance](c.t)(c.Wallet(c.t.Context(), c.Desk, id)) {
		out = append(out, strings.TrimSpace(string(w.Kind)+" "+string(w.Origin)+" "+w.Remaining.Value().String()+" worth "+w.Value.String()+" "+w.NextExpiry.String()))
	}
	return out
}

func (c *clinic) has(id glabella.PatientID, want ...string) {
	c.t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), c.wallet(id)); diff != "" {
		c.t.Errorf("wallet (-want +got):\n%s", diff)
	}
}

func TestAPackageIsSoldAsLotsThatSumToItsPrice(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.sellsCredit()
	ada := c.register()
	sold := c.sell(ada, practice.SellCredit{Service: "glow", Discounts: []billing.Discount{{Code: "spring", Percent: quantity.MustParseNumber("10")}}, Payments: pays(billing.Card, "360.00")})
	if len(sold.Lots) != 2 || !sold.Due.IsZero() {
		t.Fatalf("SellCredit = %+v, want two lots that are paid", sold)
	}
	sum, err := sold.Lots[0].Price.Add(sold.Lots[1].Price)
	if err != nil || sum != usd("360.00") {
		t.Errorf("the lots cost %s, %v, want what was paid, USD 360.00", sum, err)
	}
	last := glabella.DateOf(c.clock.Now()).Add(glabella.Period{Months: 6}).String()
	c.has(ada, "money paid 50 worth USD 36.00 "+last, "service paid 3 worth USD 324.00 "+last)
	if got := c.agree().DeferredChange; got != usd("360.00") {
		t.Errorf("deferred = %s, want all that was paid", got)
	}
}

func TestAGiftCardIsBoughtForAnotherAndSpentAtCheckout(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.sellsCredit()
	ctx := t.Context()
	v := must[practicetest.Visit](t)(c.Prepare(ctx, 1))
	must[practice.VisitCompleted](t)(c.CompleteVisit(ctx, c.Nurse, practice.CompleteVisit{Encounter: v.Encounter}))
	giver := c.register()
	sold := c.sell(giver, practice.SellCredit{Service: "gift", Holder: v.Patient, Amount: usd("100.00"), Bonus: usd("20.00"), Payments: pays(billing.Cash, "100.00")})
	if sold.GiftCard.IsZero() || len(sold.Lots) != 2 {
		t.Fatalf("SellCredit = %+v, want a gift card with a lot for what was paid and one for the bonus", sold)
	}
	c.has(giver)
	// 64 units at USD 14.00 are USD 896.00 and USD 73.92 tax.
	out := must[practice.CheckedOut](t)(c.CheckOut(ctx, c.Desk, practice.CheckOut{Encounter: v.Encounter, KeepCredits: true,
		Payments: append(pays(billing.StoreCredit, "110.00"), pays(billing.Card, "859.92")...)}))
	if out.State != billing.InvoicePaid || !out.Totals.Due.IsZero() {
		t.Fatalf("CheckOut = %s with %s due, want paid", out.State, out.Totals.Due)
	}
	if got := strings.Join(c.wallet(v.Patient), "; "); !strings.Contains(got, "money ") || !strings.Contains(got, " 10 worth") {
		t.Errorf("wallet = %s, want 10 left of the card", got)
	}
	c.agree()
	// What was too much goes back to the lots that it came from.
	must[practice.CheckedOut](t)(c.CorrectInvoice(ctx, c.Biller, practice.CorrectInvoice{Invoice: out.Invoice, Line: out.Lines[0], Quantity: quantity.MustParseNumber("0"), Reason: "charged-in-error", Refund: true}))
	if got := strings.Join(c.wallet(v.Patient), "; "); !strings.Contains(got, "money paid 100 worth USD 100.00") || !strings.Contains(got, "money promo 20 worth USD 0.00") {
		t.Errorf("wallet after the refund = %s, want the card as it was sold", got)
	}
	c.agree()
}

func TestStoreCreditPaysNoMoreThanThereIs(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.sellsCredit()
	ada := c.register()
	c.sell(ada, practice.SellCredit{Service: "gift", Amount: usd("30.00"), Payments: pays(billing.Cash, "30.00")})
	_, err := c.SellCredit(t.Context(), c.Desk, practice.SellCredit{Patient: ada, Service: "glow", Payments: pays(billing.StoreCredit, "31.00")})
	if !refusedFor(err, billing.CodeRedeemShort) {
		t.Errorf("SellCredit for more store credit than there is = %v, want %s", err, billing.CodeRedeemShort)
	}
	sold := c.sell(ada, practice.SellCredit{Service: "glow", Payments: pays(billing.StoreCredit, "30.00")})
	if sold.Due != usd("370.00") {
		t.Errorf("due = %s, want USD 370.00", sold.Due)
	}
	paid := must[practice.CheckedOut](t)(c.PayInvoice(t.Context(), c.Desk, practice.PayInvoice{Invoice: sold.Invoice, Payments: append(pays(billing.Card, "300.00"), pays(billing.Cash, "100.00")...)}))
	if paid.State != billing.InvoicePaid || paid.Change != usd("30.00") {
		t.Errorf("PayInvoice = %s with %s change, want paid with USD 30.00", paid.State, paid.Change)
	}
	if _, err := c.PayInvoice(t.Context(), c.Desk, practice.PayInvoice{Invoice: sold.Invoice, Payments: pays(billing.Card, "1.00")}); err == nil {
		t.Error("PayInvoice of a paid invoice succeeded")
	}
	c.agree()
}

func TestCreditIsGivenOnlyByThoseWhoMay(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	ada := c.register()
	give := practice.GiveCredit{Patient: ada, Origin: billing.LotGoodwill, Kind: billing.MoneyLot, Granted: billing.CreditOf(usd("25.00")), Reason: "long-wait"}
	if _, err := c.GiveCredit(ctx, c.Desk, give); !denied(err) {
		t.Errorf("GiveCredit by the front desk = %v, want denied", err)
	}
	must[practice.CreditChanged](t)(c.GiveCredit(ctx, c.Owner, give))
	c.has(ada, "money goodwill 25 worth USD 0.00")
	if got := c.agree().DeferredChange; !got.IsZero() {
		t.Errorf("deferred = %s, want no liability", got)
	}
	bad := give
	bad.Origin, bad.Reason = billing.LotPaid, ""
	_, err := c.GiveCredit(ctx, c.Owner, bad)
	invalidAt(t, err, "/origin", practice.CodeCreditFree)
	invalidAt(t, err, "/reason", glabella.CodeRequired)
}

func TestCreditIsChanged(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.sellsCredit()
	ctx := t.Context()
	ada, ben := c.register(), c.register()
	sold := c.sell(ada, practice.SellCredit{Service: "glow", Payments: pays(billing.Card, "400.00")})
	peels := sold.Lots[0]
	if peels.Kind != billing.ServiceLot {
		t.Fatalf("the first lot is of %s", peels.Kind)
	}
	change := func(in practice.ChangeCredit) (practice.CreditChanged, error) {
		in.Reason = "asked-for"
		if in.Lot.IsZero() {
			in.Lot = peels.Lot
		}
		return c.ChangeCredit(ctx, c.Biller, in)
	}
	longer := peels.ExpiresOn.AddDays(30)
	if got := must[practice.CreditChanged](t)(change(practice.ChangeCredit{Action: practice.CreditExtend, ExpiresOn: longer})); got.ExpiresOn != longer {
		t.Errorf("extended to %s, want %s", got.ExpiresOn, longer)
	}
	must[practice.CreditChanged](t)(change(practice.ChangeCredit{Action: practice.CreditFreeze}))
	if _, err := change(practice.ChangeCredit{Action: practice.CreditTransfer, To: ben}); !refusedFor(err, billing.CodeRedeemFrozen) {
		t.Errorf("transfer of frozen credit = %v, want %s", err, billing.CodeRedeemFrozen)
	}
	c.clock.advance(240 * time.Hour)
	if got := must[practice.CreditChanged](t)(change(practice.ChangeCredit{Action: practice.CreditUnfreeze})); got.ExpiresOn != longer.AddDays(10) {
		t.Errorf("after ten frozen days expires on %s, want %s", got.ExpiresOn, longer.AddDays(10))
	}
	given := must[practice.CreditChanged](t)(change(practice.ChangeCredit{Action: practice.CreditTransfer, To: ben, Units: billing.Times(1)}))
	c.has(ben, "service paid 1 worth USD 120.00")
	if _, err := change(practice.ChangeCredit{Lot: given.Made, Action: practice.CreditTransfer, To: ada}); !refusedFor(err, billing.CodeLotTransfer) {
		t.Errorf("transfer on = %v, want %s", err, billing.CodeLotTransfer)
	}
	if _, err := change(practice.ChangeCredit{Action: practice.CreditTransfer, To: ada}); !refusedFor(err, billing.CodeLotTransfer) {
		t.Errorf("transfer to oneself = %v, want %s", err, billing.CodeLotTransfer)
	}
	must[practice.CreditChanged](t)(change(practice.ChangeCredit{Action: practice.CreditConvert, Units: billing.Times(1), Kind: billing.MoneyLot, Granted: billing.CreditOf(usd("120.00"))}))
	lost := must[practice.CreditChanged](t)(change(practice.ChangeCredit{Action: practice.CreditForfeit}))
	if !lost.Remaining.IsZero() || !lost.Value.IsZero() {
		t.Errorf("after a forfeit %s worth %s are left, want nothing", lost.Remaining.Value(), lost.Value)
	}
	c.agree()
	back := must[practice.CreditChanged](t)(change(practice.ChangeCredit{Action: practice.CreditReinstate, Movement: 7}))
	if back.Remaining.Value().String() != "1" || back.Value != usd("120.00") {
		t.Errorf("after the forfeit was taken back %s worth %s are left, want 1 worth USD 120.00", back.Remaining.Value(), back.Value)
	}
	if _, err := change(practice.ChangeCredit{Action: "burn"}); err == nil {
		t.Error("an unknown action succeeded")
	} else {
		invalidAt(t, err, "/action", practice.CodeCreditAction)
	}
	stale := practice.ChangeCredit{Action: practice.CreditFreeze}
	stale.IfVersion = 1
	if _, err := change(stale); err == nil {
		t.Error("a change of an earlier version succeeded")
	}
	c.agree()
}

func TestCreditThatEndedIsTakenOffTheBooksOnce(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.sellsCredit()
	ctx := t.Context()
	ada := c.register()
	sold := c.sell(ada, practice.SellCredit{Service: "glow", Payments: pays(billing.Card, "400.00")})
	if got := must[practice.CreditsExpired](t)(c.ExpireCredits(ctx, c.Biller, practice.ExpireCredits{})); len(got.Lots) != 0 {
		t.Fatalf("ExpireCredits before the last day = %+v, want none", got)
	}
	c.clock.advance(time.Duration(sold.Lots[0].ExpiresOn.DaysSince(glabella.DateOf(c.clock.Now()))+1) * 24 * time.Hour)
	first := must[practice.CreditsExpired](t)(c.ExpireCredits(ctx, c.Biller, practice.ExpireCredits{Limit: 1}))
	if len(first.Lots) != 1 || !first.More {
		t.Fatalf("ExpireCredits of one = %+v, want one and more", first)
	}
	second := must[practice.CreditsExpired](t)(c.ExpireCredits(ctx, c.Biller, practice.ExpireCredits{}))
	if len(second.Lots) != 1 || second.More {
		t.Fatalf("ExpireCredits of the rest = %+v, want one", second)
	}
	if again := must[practice.CreditsExpired](t)(c.ExpireCredits(ctx, c.Biller, practice.ExpireCredits{})); len(again.Lots) != 0 {
		t.Errorf("ExpireCredits again = %+v, want none", again)
	}
	c.has(ada)
	// The practice has not decided that it may keep what was not used.
	if got := c.agree(); got.Unclaimed != usd("400.00") || got.DeferredChange.Sign() != 0 || got.Breakage.Sign() != 0 {
		t.Errorf("deferred %s, unclaimed %s, breakage %s; want all of it unclaimed", got.DeferredChange, got.Unclaimed, got.Breakage)
	}
}

func TestPartUsedCreditIsRefundedToItsPayment(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.sellsCredit()
	ctx := t.Context()
	ada := c.register()
	sold := c.sell(ada, practice.SellCredit{Service: "glow", Payments: append(pays(billing.Card, "300.00"), pays(billing.Cash, "100.00")...)})
	tenders := must[billing.Invoice](t)(c.ReadInvoice(ctx, c.Biller, sold.Invoice)).Tenders
	card, cash := tenders[0].ID, tenders[1].ID
	lots := []glabella.CreditLotID{sold.Lots[0].Lot, sold.Lots[1].Lot}
	must[practice.CreditChanged](t)(c.ChangeCredit(ctx, c.Biller, practice.ChangeCredit{Lot: lots[0], Action: practice.CreditForfeit, Units: billing.Times(1), Reason: "no-show"}))
	terms := practice.CreditRefundTerms{Lots: lots, Basis: billing.RefundPaidValue, Fee: usd("20.00")}
	quote := must[billing.CreditRefund](t)(c.QuoteCreditRefund(ctx, c.Desk, terms))
	if quote.Refund != usd("260.00") || quote.Suspense != usd("20.00") {
		t.Fatalf("QuoteCreditRefund = %s with %s suspense, want USD 260.00 and the fee", quote.Refund, quote.Suspense)
	}
	refund := practice.RefundCredit{CreditRefundTerms: terms, Payment: card, Quoted: usd("261.00"), Reason: "moves-away"}
	_, err := c.RefundCredit(ctx, c.Biller, refund)
	invalidAt(t, err, "/quoted", practice.CodeCreditRefundQuote)
	refund.Quoted, refund.Payment = quote.Refund, cash
	if _, err := c.RefundCredit(ctx, c.Biller, refund); !refusedFor(err, billing.CodeRefundDue) {
		t.Errorf("refund of more than was paid in cash = %v, want %s", err, billing.CodeRefundDue)
	}
	refund.Payment = card
	paid := must[practice.CreditRefundPaid](t)(c.RefundCredit(ctx, c.Biller, refund))
	if paid.Kind != billing.Card || len(paid.Lots) != 2 {
		t.Errorf("RefundCredit = %+v, want two lots refunded to the card", paid)
	}
	c.has(ada)
	c.agree()
	if _, err := c.RefundCredit(ctx, c.Biller, refund); !refusedFor(err, billing.CodeCreditRefundNothing) {
		t.Errorf("refund again = %v, want %s", err, billing.CodeCreditRefundNothing)
	}
	other := c.sell(ada, practice.SellCredit{Service: "bank-50", Payments: pays(billing.Card, "600.00")})
	terms = practice.CreditRefundTerms{Lots: []glabella.CreditLotID{other.Lots[0].Lot}, Basis: billing.RefundPaidValue}
	if _, err := c.RefundCredit(ctx, c.Biller, practice.RefundCredit{CreditRefundTerms: terms, Payment: card, Quoted: usd("600.00"), Reason: "x"}); !refusedFor(err, practice.CodeCreditRefundPayment) {
		t.Errorf("refund to a payment of another sale = %v, want %s", err, practice.CodeCreditRefundPayment)
	}
}
