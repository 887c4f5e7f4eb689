package billing_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
)

func TestPay(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		tenders []billing.Tender
		want    billing.InvoiceState
		due     string
		codes   []glabella.Code
	}{
		{name: "all of it at once", tenders: []billing.Tender{tender("a", billing.Card, "250.00")}, want: billing.InvoicePaid, due: "0.00"},
		{name: "split over three means", tenders: []billing.Tender{tender("a", billing.Cash, "50.00"), tender("b", billing.Check, "0.01"), tender("c", billing.Card, "199.99")}, want: billing.InvoicePaid, due: "0.00"},
		{name: "a part of it", tenders: []billing.Tender{tender("a", billing.Cash, "249.99")}, want: billing.InvoicePartPaid, due: "0.01"},
		{name: "a cent too much is refused", tenders: []billing.Tender{tender("a", billing.Card, "250.01")}, want: billing.InvoiceIssued, due: "250.00", codes: []glabella.Code{billing.CodeOverpaid}},
		{name: "too much together is refused", tenders: []billing.Tender{tender("a", billing.Card, "250.00"), tender("b", billing.Cash, "0.01")}, want: billing.InvoiceIssued, due: "250.00", codes: []glabella.Code{billing.CodeOverpaid}},
		{name: "no payment is no payment", want: billing.InvoiceIssued, due: "250.00", codes: []glabella.Code{glabella.CodeRequired}},
		{name: "a payment of nothing is refused", tenders: []billing.Tender{tender("a", billing.Card, "0.00")}, want: billing.InvoiceIssued, due: "250.00", codes: []glabella.Code{glabella.CodeOutOfRange}},
		{name: "a refund is not a payment", tenders: []billing.Tender{tender("a", billing.Cash, "50.00"), refund("b", "a", "10.00")}, want: billing.InvoiceIssued, due: "250.00", codes: []glabella.Code{glabella.CodeOutOfRange}},
		{name: "the same payment twice is refused", tenders: []billing.Tender{tender("a", billing.Cash, "50.00"), tender("a", billing.Cash, "50.00")}, want: billing.InvoiceIssued, due: "250.00", codes: []glabella.Code{glabella.CodeDuplicate}},
		{name: "shells are refused", tenders: []billing.Tender{tender("a", "shells", "50.00")}, want: billing.InvoiceIssued, due: "250.00", codes: []glabella.Code{glabella.CodeUnknownValue}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			before := issue(t, draft("pay", toxin("20")))
			inv, err := before.Pay(tt.tenders...)
			if !cmp.Equal(codes(err), tt.codes) {
				t.Errorf("Pay = %v, want %v", err, tt.codes)
			}
			if sums := totals(t, inv); inv.State != tt.want || sums.Due != usd(tt.due) {
				t.Errorf("Pay = %s with %s due, want %s with %s", inv.State, sums.Due, tt.want, tt.due)
			}
			if len(before.Tenders) != 0 || before.State != billing.InvoiceIssued {
				t.Error("Pay changed the invoice before")
			}
		})
	}
	inv := issue(t, draft("over", toxin("20")))
	var refused *glabella.RefusedError
	_, err := inv.Pay(tender("a", billing.Card, "260.00"))
	if !errors.As(err, &refused) || refused.Decision.Reasons[0].Args["over"] != "USD 10.00" || refused.Decision.Reasons[0].Refs[0] != inv.Ref() {
		t.Errorf("Pay = %v, want the invoice and what is over", err)
	}
	euro := tender("e", billing.Card, "1.00")
	euro.Amount = money.New(100, money.EUR)
	if _, err := inv.Pay(euro); err == nil {
		t.Error("Pay in another currency = nil, want an error")
	}
}

func TestTheOrderOfPaymentsIsIrrelevant(t *testing.T) {
	t.Parallel()
	tenders := []billing.Tender{tender("a", billing.Cash, "50.00"), tender("b", billing.Check, "0.01"), tender("c", billing.Card, "100.00"), tender("d", billing.Cash, "80.00")}
	before := issue(t, draft("order", toxin("20")))
	once := pay(t, before, tenders...)
	permute(tenders, func(order []billing.Tender) {
		together := pay(t, before, order...)
		one := before
		for _, x := range order {
			one = pay(t, one, x)
		}
		for _, inv := range []billing.Invoice{together, one} {
			if got, want := totals(t, inv), totals(t, once); got != want || inv.State != once.State {
				t.Errorf("Pay in another order = %s, %+v, want %s, %+v", inv.State, got, once.State, want)
			}
		}
	})
}

// permute calls f with every order of the list.
func permute[T any](list []T, f func([]T)) {
	var step func([]T, int)
	step = func(l []T, k int) {
		if k == len(l) {
			f(slices.Clone(l))
			return
		}
		for i := k; i < len(l); i++ {
			l[k], l[i] = l[i], l[k]
			step(l, k+1)
			l[k], l[i] = l[i], l[k]
		}
	}
	step(slices.Clone(list), 0)
}

func TestCorrect(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		to   string
		want priced // the correcting line
	}{
		{"to less", "15", priced{"neurotoxin-ona", "-5", "-62.50", "-56.25", "0.00", "-56.25"}},
		{"to more", "21", priced{"neurotoxin-ona", "1", "12.50", "11.25", "0.00", "11.25"}},
		{"to nothing", "0", priced{"neurotoxin-ona", "-20", "-250.00", "-225.00", "0.00", "-225.00"}},
		{"to a fraction, half a cent up", "0.01", priced{"neurotoxin-ona", "-19.99", "-249.87", "-224.89", "0.00", "-224.89"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := draft("correct", toxin("20"), flat("serum"))
			d.Discounts = []billing.Discount{{Code: "friends", Percent: number("10")}}
			before := issue(t, d)
			inv := correct(t, before, line("correct", 1), tt.to)
			if diff := cmp.Diff(pricedLines(before), pricedLines(inv)[:2]); diff != "" || len(before.Lines) != 2 {
				t.Errorf("lines that were issued (-before +after):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, pricedLines(inv)[2]); diff != "" {
				t.Errorf("correcting line (-want +got):\n%s", diff)
			}
			added := inv.Lines[2]
			if added.Adjusts != line("correct", 1) || added.Reason != "miscounted" || !added.At.Equal(noon) || added.ID == added.Adjusts {
				t.Errorf("correcting line = %+v, want what it adjusts, why and when", added)
			}
		})
	}
}

func TestCorrectingTakesTaxBackInProportion(t *testing.T) {
	t.Parallel()
	inv := issue(t, draft("tax", flat("serum")))
	inv = correct(t, inv, line("tax", 1), "0.5")
	want := []priced{{"serum", "1", "40.00", "40.00", "3.30", "43.30"}, {"serum", "-0.5", "-20.00", "-20.00", "-1.65", "-21.65"}}
	if diff := cmp.Diff(want, pricedLines(inv)); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	inv = correct(t, inv, line("tax", 1), "0")
	if got := totals(t, inv); !got.Net.IsZero() || !got.Tax.IsZero() || !got.List.IsZero() || !got.Due.IsZero() {
		t.Errorf("Totals of what was taken back = %+v, want nothing", got)
	}
	if inv = correct(t, inv, line("tax", 1), "1"); totals(t, inv).Due != usd("43.30") {
		t.Errorf("Due after correcting back = %s, want USD 43.30", totals(t, inv).Due)
	}
}

func TestCorrectionsAddUpToOne(t *testing.T) {
	t.Parallel()
	for _, service := range []billing.Charge{toxin("7"), {Service: "enzyme", Quantity: enzymeUnits("7")}, flat("balm"), flat("serum")} {
		for _, by := range []string{"", "10", "33.3", "100"} {
			d := draft("twice", service, flat("balm"))
			if by != "" {
				d.Discounts = []billing.Discount{{Code: "friends", Percent: number(by)}, {Code: "voucher", Amount: usd("0.11")}}
			}
			before := issue(t, d)
			for _, path := range [][]string{{"0.3"}, {"0.2", "0.3"}, {"5", "0.5", "0.3"}, {"0", "0.3"}} {
				inv := before
				for _, to := range path {
					inv = correct(t, inv, line("twice", 1), to)
				}
				once := correct(t, before, line("twice", 1), "0.3")
				if got, want := totals(t, inv), totals(t, once); got != want {
					t.Errorf("%s less %s%%: correcting by way of %v = %+v, want %+v", before.Lines[0].Service, by, path, got, want)
				}
			}
		}
	}
}

func TestCorrectRefuses(t *testing.T) {
	t.Parallel()
	d := draft("no", redeeming(t, "50", credit("bank", "44", "44", "440.00", glabella.Date{})), flat("bank-44"), flat("consult"))
	inv := correct(t, issue(t, d), line("no", 4), "0.5")
	for _, tt := range []struct {
		name   string
		change func(*billing.Correction)
		want   []glabella.Code
	}{
		{"a line that the invoice does not have", func(c *billing.Correction) { c.Line = line("other", 1) }, []glabella.Code{billing.CodeLineUnknown}},
		{"a line that is a correction", func(c *billing.Correction) { c.Line = inv.Lines[4].ID }, []glabella.Code{billing.CodeLineUnknown}},
		{"a line that credits paid for", func(c *billing.Correction) { c.Line = line("no", 1) }, []glabella.Code{billing.CodeLineRedeemed}},
		{"a line that sold prepaid units", func(c *billing.Correction) { c.Line = line("no", 3) }, []glabella.Code{billing.CodeLineBank}},
		{"less than nothing", func(c *billing.Correction) { c.Quantity = number("-1") }, []glabella.Code{glabella.CodeOutOfRange}},
		{"what the line says already", func(c *billing.Correction) { c.Quantity = number("0.5") }, []glabella.Code{billing.CodeNoChange}},
		{"no reason", func(c *billing.Correction) { c.Reason = "" }, []glabella.Code{glabella.CodeRequired}},
		{"an identity that is taken", func(c *billing.Correction) { c.ID = line("no", 1) }, []glabella.Code{glabella.CodeDuplicate}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := correction(inv, line("no", 4), "0")
			tt.change(&c)
			got, err := inv.Correct(c)
			if !cmp.Equal(codes(err), tt.want) || len(got.Lines) != len(inv.Lines) {
				t.Errorf("Correct = %v, want %v and the invoice unchanged", err, tt.want)
			}
		})
	}
}

func TestRefund(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		refunds []billing.Tender // of 100.00 in cash and 150.00 by card, 125.00 of which are owed
		want    billing.InvoiceState
		due     string
		codes   []glabella.Code // of the last
	}{
		{name: "what is owed, out of a payment that was larger", refunds: []billing.Tender{refund("r", "card", "125.00")}, want: billing.InvoicePaid, due: "0.00"},
		{name: "a part of what is owed", refunds: []billing.Tender{refund("r", "cash", "100.00")}, want: billing.InvoiceRefunds, due: "-25.00"},
		{name: "what is owed, in two parts of one payment", refunds: []billing.Tender{refund("r", "card", "100.00"), refund("s", "card", "25.00")}, want: billing.InvoicePaid, due: "0.00"},
		{name: "more than was paid this way", refunds: []billing.Tender{refund("r", "cash", "100.01")}, want: billing.InvoiceRefunds, due: "-125.00", codes: []glabella.Code{billing.CodeRefundDue}},
		{name: "more than is left of the payment", refunds: []billing.Tender{refund("r", "cash", "90.00"), refund("s", "cash", "10.01")}, want: billing.InvoiceRefunds, due: "-35.00", codes: []glabella.Code{billing.CodeRefundDue}},
		{name: "more than is owed", refunds: []billing.Tender{refund("r", "card", "125.01")}, want: billing.InvoiceRefunds, due: "-125.00", codes: []glabella.Code{billing.CodeRefundDue}},
		{name: "a payment that was not made", refunds: []billing.Tender{refund("r", "shells", "1.00")}, want: billing.InvoiceRefunds, due: "-125.00", codes: []glabella.Code{billing.CodeRefundDue}},
		{name: "a refund of a refund", refunds: []billing.Tender{refund("r", "card", "10.00"), refund("s", "r", "1.00")}, want: billing.InvoiceRefunds, due: "-115.00", codes: []glabella.Code{billing.CodeRefundDue}},
		{name: "a positive amount", refunds: []billing.Tender{refund("r", "card", "-1.00")}, want: billing.InvoiceRefunds, due: "-125.00", codes: []glabella.Code{billing.CodeRefundDue}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inv := pay(t, issue(t, draft("refund", toxin("20"))), tender("cash", billing.Cash, "100.00"), tender("card", billing.Card, "150.00"))
			inv = correct(t, inv, line("refund", 1), "10")
			var err error
			for _, r := range tt.refunds {
				if err != nil {
					t.Fatalf("Refund: %v", err)
				}
				inv, err = inv.Refund(r)
			}
			if !cmp.Equal(codes(err), tt.codes) {
				t.Errorf("Refund = %v, want %v", err, tt.codes)
			}
			if sums := totals(t, inv); inv.State != tt.want || sums.Due != usd(tt.due) {
				t.Errorf("Refund = %s with %s due, want %s with %s", inv.State, sums.Due, tt.want, tt.due)
			}
		})
	}
	inv := correct(t, pay(t, issue(t, draft("way", toxin("20"))), tender("card", billing.Card, "250.00")), line("way", 1), "10")
	inv, err := inv.Refund(refund("r", "card", "25.00"))
	if err != nil || inv.Tenders[1].Kind != billing.Card {
		t.Errorf("Refund = %v by %s, want it by card as the payment was", err, inv.Tenders[1].Kind)
	}
	if left, err := inv.RefundableTo(id[glabella.TenderID]("card")); err != nil || left != usd("225.00") {
		t.Errorf("RefundableTo = %s, %v, want USD 225.00", left, err)
	}
}

func TestInvoiceStates(t *testing.T) {
	t.Parallel()
	free := draft("walk", toxin("20"))
	free.Discounts = []billing.Discount{{Code: "staff", Percent: number("100")}}
	drafted, gratis := calculate(t, draft("walk", toxin("20"))), calculate(t, free)
	type step struct {
		name string
		do   func(billing.Invoice) (billing.Invoice, error)
	}
	issues := step{"issue", func(i billing.Invoice) (billing.Invoice, error) { return i.Issue(noon) }}
	pays := func(name, amount string) step {
		return step{"pay " + amount, func(i billing.Invoice) (billing.Invoice, error) { return i.Pay(tender(name, billing.Cash, amount)) }}
	}
	corrects := func(to string) step {
		return step{"correct to " + to, func(i billing.Invoice) (billing.Invoice, error) {
			return i.Correct(correction(i, line("walk", 1), to))
		}}
	}
	refunds := func(name, of, amount string) step {
		return step{"refund " + amount, func(i billing.Invoice) (billing.Invoice, error) { return i.Refund(refund(name, of, amount)) }}
	}
	issued, part := []step{issues}, []step{issues, pays("a", "100.00")}
	paid := []step{issues, pays("a", "250.00")}
	owed := append(slices.Clone(paid), corrects("10"))
	type arrow struct{ from, to billing.InvoiceState }
	walked := map[arrow]bool{}
	for _, tt := range []struct {
		name  string
		start billing.Invoice
		path  []step
		last  step
		want  billing.InvoiceState
		legal bool
	}{
		{"a draft is issued", drafted, nil, issues, billing.InvoiceIssued, true},
		{"a draft of nothing is settled when it is issued", gratis, nil, issues, billing.InvoicePaid, true},
		{"a draft is not paid", drafted, nil, pays("a", "1.00"), billing.InvoiceDraft, false},
		{"a draft is not corrected", drafted, nil, corrects("1"), billing.InvoiceDraft, false},
		{"a draft is not refunded", drafted, nil, refunds("r", "a", "1.00"), billing.InvoiceDraft, false},
		{"an issued invoice is not issued again", drafted, issued, issues, billing.InvoiceIssued, false},
		{"an issued invoice is paid", drafted, issued, pays("a", "250.00"), billing.InvoicePaid, true},
		{"an issued invoice is paid in part", drafted, issued, pays("a", "249.00"), billing.InvoicePartPaid, true},
		{"an issued invoice is corrected and stays issued", drafted, issued, corrects("10"), billing.InvoiceIssued, true},
		{"an issued invoice is taken back", drafted, issued, corrects("0"), billing.InvoicePaid, true},
		{"what was taken back is charged again", drafted, append(slices.Clone(issued), corrects("0")), corrects("5"), billing.InvoiceIssued, true},
		{"an issued invoice is not refunded", drafted, issued, refunds("r", "a", "1.00"), billing.InvoiceIssued, false},
		{"a part-paid invoice is not issued again", drafted, part, issues, billing.InvoicePartPaid, false},
		{"a part-paid invoice is paid in part again", drafted, part, pays("b", "100.00"), billing.InvoicePartPaid, true},
		{"a part-paid invoice is paid", drafted, part, pays("b", "150.00"), billing.InvoicePaid, true},
		{"a part-paid invoice is corrected to more", drafted, part, corrects("9"), billing.InvoicePartPaid, true},
		{"a part-paid invoice is corrected to what was paid", drafted, part, corrects("8"), billing.InvoicePaid, true},
		{"a part-paid invoice is corrected to less", drafted, part, corrects("7"), billing.InvoiceRefunds, true},
		{"a part-paid invoice is not refunded", drafted, part, refunds("r", "a", "1.00"), billing.InvoicePartPaid, false},
		{"a paid invoice is not issued again", drafted, paid, issues, billing.InvoicePaid, false},
		{"a paid invoice is not paid again", drafted, paid, pays("b", "0.01"), billing.InvoicePaid, false},
		{"a paid invoice is corrected to more", drafted, paid, corrects("21"), billing.InvoicePartPaid, true},
		{"a paid invoice is corrected to less", drafted, paid, corrects("19"), billing.InvoiceRefunds, true},
		{"a paid invoice is corrected where nothing was charged", gratis, issued, corrects("10"), billing.InvoicePaid, true},
		{"a paid invoice is not refunded", drafted, paid, refunds("r", "a", "1.00"), billing.InvoicePaid, false},
		{"a refund is due and nothing is issued", drafted, owed, issues, billing.InvoiceRefunds, false},
		{"a refund is due and nothing is paid", drafted, owed, pays("b", "0.01"), billing.InvoiceRefunds, false},
		{"a refund is given in part", drafted, owed, refunds("r", "a", "1.00"), billing.InvoiceRefunds, true},
		{"a refund is given", drafted, owed, refunds("r", "a", "125.00"), billing.InvoicePaid, true},
		{"a refund is due and the invoice is corrected to more", drafted, owed, corrects("30"), billing.InvoicePartPaid, true},
		{"a refund is due and the invoice is corrected back", drafted, owed, corrects("20"), billing.InvoicePaid, true},
		{"a refund is due and the invoice is corrected to even less", drafted, owed, corrects("5"), billing.InvoiceRefunds, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inv := tt.start
			for _, s := range tt.path {
				from := inv.State
				var err error
				if inv, err = s.do(inv); err != nil {
					t.Fatalf("%s: %v", s.name, err)
				}
				walked[arrow{from, inv.State}] = true
			}
			got, err := tt.last.do(inv)
			if got.State != tt.want || (err == nil) != tt.legal {
				t.Errorf("%s when %s = %s, %v, want %s, legal %t", tt.last.name, inv.State, got.State, err, tt.want, tt.legal)
			}
			if !tt.legal && !errors.Is(err, glabella.ErrRefused) {
				t.Errorf("%s = %v, want it refused", tt.last.name, err)
			}
			if tt.legal {
				walked[arrow{inv.State, got.State}] = true
			}
		})
	}
	drawn := map[arrow]bool{}
	for _, a := range billing.InvoiceMachine().Arrows {
		drawn[arrow{a.From, a.To}] = true
	}
	for a := range walked {
		if !drawn[a] {
			t.Errorf("an invoice went from %s to %s, which the machine does not draw", a.from, a.to)
		}
	}
	for a := range drawn {
		if !walked[a] {
			t.Errorf("the machine draws an arrow from %s to %s that no invoice took", a.from, a.to)
		}
	}
}

func TestInvoiceValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*billing.Invoice)
		want   []glabella.Code
	}{
		{"a paid invoice is in order", func(*billing.Invoice) {}, nil},
		{"a total that is not net and tax", func(i *billing.Invoice) { i.Lines[0].Total = usd("1.00") }, []glabella.Code{billing.CodeTotals}},
		{"a net that is not the list price less discounts", func(i *billing.Invoice) { i.Lines[0].Discounts = nil }, []glabella.Code{billing.CodeTotals}},
		{"a redeemed line that is not worth its units", func(i *billing.Invoice) { i.Lines[0].Redeemed = []billing.Use{{Value: usd("1.00")}} }, []glabella.Code{billing.CodeTotals, glabella.CodeMismatch}},
		{"a line without an identity", func(i *billing.Invoice) { i.Lines[0].ID = glabella.LineID{} }, []glabella.Code{glabella.CodeRequired}},
		{"two lines of one identity", func(i *billing.Invoice) { i.Lines[1].ID = i.Lines[0].ID }, []glabella.Code{glabella.CodeDuplicate}},
		{"an unknown state", func(i *billing.Invoice) { i.State = "lost" }, []glabella.Code{glabella.CodeUnknownValue}},
		{"a state that does not fit to what is due", func(i *billing.Invoice) { i.State = billing.InvoicePartPaid }, []glabella.Code{glabella.CodeMismatch}},
		{"a correction of nothing", func(i *billing.Invoice) { i.Lines[1].Adjusts = line("other", 1) }, []glabella.Code{billing.CodeLineUnknown}},
		{"a refund of nothing", func(i *billing.Invoice) {
			i.Tenders = append(i.Tenders, tender("more", billing.Cash, "1.00"), refund("r", "none", "1.00"))
		}, []glabella.Code{glabella.CodeMismatch}},
		{"no site and no number", func(i *billing.Invoice) { i.Site, i.Number = glabella.SiteID{}, "" }, []glabella.Code{glabella.CodeRequired, glabella.CodeRequired}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := draft("valid", toxin("20"), flat("consult"))
			d.Discounts = []billing.Discount{{Code: "friends", Percent: number("10")}}
			inv := pay(t, issue(t, d), tender("a", billing.Card, "301.50"))
			inv.Lines = slices.Clone(inv.Lines)
			tt.change(&inv)
			if got := sortedCodes(inv.Validate()); !cmp.Equal(got, tt.want) {
				t.Errorf("Validate = %v, want %v", got, tt.want)
			}
		})
	}
}
