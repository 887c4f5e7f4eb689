package billing_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
)

// postings returns the postings of entries as text: kind, account and amount.
func postings(entries []billing.Entry) []string {
	var out []string
	for _, e := range entries {
		for _, p := range e.Postings {
			out = append(out, fmt.Sprintf("%s %s %s", e.Kind, p.Account, p.Amount))
		}
	}
	return out
}

// books are the documents and the ledger of a story.
type books struct {
	entries  []billing.Entry
	invoices []billing.Invoice
	credits  []billing.CreditLot
}

// story is two days of a practice with two sites. On Monday at the harbour 44
// units are sold for USD 440.00 and used the same day with 6 more, a serum is
// sold at 10 % off, a tip is given, and USD 6.47 stay open; on the hill a
// consultation is given. On Tuesday the 6 units are corrected to 2 and what is
// owed is refunded, and it comes to light that the consultation was paid on
// Monday.
func story(t testing.TB) books {
	t.Helper()
	var b books
	mon, tue := writing("story", monday), writing("story", tuesday)
	sale := issue(t, draft("sale", flat("bank-44")))
	b.entries = append(b.entries, billing.IssueEntries(sale, mon)...)
	bank, _, err := sale.Grant(sale.Lines[0], *serviceOf(t, "bank-44").Bank, id[glabella.CreditLotID]("bank"), billing.Moved{})
	if err != nil {
		t.Fatal(err)
	}
	card := tender("sale/card", billing.Card, "440.00")
	sale = pay(t, sale, card)
	b.entries = append(b.entries, billing.TenderEntries(sale, mon, card)...)

	units := redeeming(t, "50", bank)
	d := draft("visit", units, flat("serum"))
	d.Discounts = []billing.Discount{{Code: "friends", Percent: number("10")}}
	d.Tips = []billing.Tip{{Provider: id[glabella.StaffID]("nurse"), Amount: usd("20.00")}}
	visit := issue(t, d)
	b.entries = append(b.entries, billing.IssueEntries(visit, mon)...)
	paid := []billing.Tender{tender("visit/cash", billing.Cash, "100.00"), tender("visit/card", billing.Card, "20.00")}
	visit = pay(t, visit, paid...)
	b.entries = append(b.entries, billing.TenderEntries(visit, mon, paid...)...)

	d = draft("hill", flat("consult"))
	d.Site = id[glabella.SiteID]("Hill")
	hill := issue(t, d)
	b.entries = append(b.entries, billing.IssueEntries(hill, mon)...)

	visit = correct(t, visit, line("visit", 2), "2")
	b.entries = append(b.entries, billing.CorrectionEntries(visit, tue, visit.Lines[len(visit.Lines)-1])...)
	back := refund("visit/back", "visit/cash", "38.53")
	if visit, err = visit.Refund(back); err != nil {
		t.Fatal(err)
	}
	b.entries = append(b.entries, billing.TenderEntries(visit, tue, back)...)
	late := writing("late", monday)
	late.At = tuesday.Start(time.UTC).Add(9 * time.Hour)
	check := tender("hill/check", billing.Check, "85.00")
	hill = pay(t, hill, check)
	b.entries = append(b.entries, billing.TenderEntries(hill, late, check)...)

	b.invoices = []billing.Invoice{sale, visit, hill, calculate(t, draft("not yet", flat("consult")))}
	b.credits = redeemed(t, units.Plan, bank)
	return b
}

func TestEntries(t *testing.T) {
	t.Parallel()
	d := draft("entries", redeeming(t, "50", credit("bank", "44", "44", "440.00", glabella.Date{})), flat("serum"), flat("bank-7"))
	d.Discounts = []billing.Discount{{Code: "friends", Percent: number("10")}}
	d.Tips = []billing.Tip{{Provider: id[glabella.StaffID]("nurse"), Amount: usd("20.00")}}
	inv := issue(t, d)
	w := writing("entries", monday)
	issued := billing.IssueEntries(inv, w)
	tenders := []billing.Tender{tender("a", billing.Cash, "50.00"), tender("b", billing.Card, "40.00"), tender("c", billing.Check, "30.00"), refund("r", "a", "5.00")}
	paid := billing.TenderEntries(inv, w, tenders...)
	inv = correct(t, inv, line("entries", 3), "0")
	corrected := billing.CorrectionEntries(inv, w, inv.Lines[len(inv.Lines)-1])
	for _, tt := range []struct {
		name    string
		entries []billing.Entry
		want    []string
	}{
		{"of issuing and redeeming", issued, []string{
			"issue receivable USD 440.00", "issue service-revenue USD -550.00", "issue voucher-adjustment USD 110.00",
			"issue receivable USD 67.50", "issue service-revenue USD -75.00", "issue discounts USD 7.50",
			"issue receivable USD 38.97", "issue product-revenue USD -40.00", "issue discounts USD 4.00", "issue tax-payable USD -2.97",
			// 10 % off prepaid units lowers what is owed for them. Tax is 8.25 % of 36.00 and 30.01 together.
			"issue receivable USD 32.49", "issue deferred-revenue USD -30.01", "issue tax-payable USD -2.48",
			"issue receivable USD 20.00", "issue tips-payable USD -20.00",
			"redemption deferred-revenue USD 440.00", "redemption receivable USD -440.00",
		}},
		{"of payments and refunds", paid, []string{
			"payment cash USD 50.00", "payment receivable USD -50.00", "payment card-clearing USD 40.00", "payment receivable USD -40.00",
			"payment check-clearing USD 30.00", "payment receivable USD -30.00", "refund cash USD -5.00", "refund receivable USD 5.00",
		}},
		{"of a correction", corrected, []string{
			"correction receivable USD -38.97", "correction product-revenue USD 40.00", "correction discounts USD -4.00", "correction tax-payable USD 2.97",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, postings(tt.entries)); diff != "" {
				t.Errorf("postings (-want +got):\n%s", diff)
			}
			for _, e := range tt.entries {
				if err := e.Validate(); err != nil || !balances(e) {
					t.Errorf("%s = %v, want it balanced", e.Kind, err)
				}
				if e.Invoice != inv.ID || e.Patient != inv.Patient || e.Site != inv.Site || e.EffectiveOn != monday || !e.RecordedAt.Equal(noon) {
					t.Errorf("entry = %+v, want the invoice, patient, site, day and time", e)
				}
			}
		})
	}
	if diff := cmp.Diff(postings(issued), postings(billing.IssueEntries(inv, w))); diff != "" {
		t.Errorf("IssueEntries once there is a correction (-before +after):\n%s", diff)
	}
	if got := billing.IssueEntries(issue(t, draft("nothing")), w); len(got) != 0 {
		t.Errorf("IssueEntries of nothing = %v, want none", got)
	}
	if p := paid[0].Postings; p[0].Tender != tenders[0].ID || issued[0].Postings[0].Line != line("entries", 1) || issued[1].Postings[0].Lot != id[glabella.CreditLotID]("bank") {
		t.Error("postings do not name their tender, line and credit")
	}
}

// balances sums the postings without the package's own help.
func balances(e billing.Entry) bool {
	var sum int64
	for _, p := range e.Postings {
		sum += p.Amount.Minor()
	}
	return sum == 0
}

func TestEntryValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*billing.Entry)
		want   []glabella.Code
	}{
		{"a balanced entry is in order", func(*billing.Entry) {}, nil},
		{"a cent too much", func(e *billing.Entry) { e.Postings[0].Amount = usd("85.01") }, []glabella.Code{billing.CodeUnbalanced}},
		{"one side only", func(e *billing.Entry) { e.Postings = e.Postings[:1] }, []glabella.Code{billing.CodeUnbalanced}},
		{"two currencies that would cancel out", func(e *billing.Entry) { e.Postings[1].Amount = money.New(-8500, money.EUR) }, []glabella.Code{billing.CodeUnbalanced}},
		{"no postings", func(e *billing.Entry) { e.Postings = nil }, []glabella.Code{glabella.CodeOutOfRange}},
		{"an unknown account and kind", func(e *billing.Entry) { e.Postings[0].Account, e.Kind = "mattress", "gift" }, []glabella.Code{glabella.CodeUnknownValue, glabella.CodeUnknownValue}},
		{"no day", func(e *billing.Entry) { e.EffectiveOn = glabella.Date{} }, []glabella.Code{glabella.CodeRequired}},
		{"no time", func(e *billing.Entry) { e.RecordedAt = time.Time{} }, []glabella.Code{glabella.CodeRequired}},
		{"no site, invoice or patient", func(e *billing.Entry) {
			e.Site, e.Invoice, e.Patient = glabella.SiteID{}, glabella.InvoiceID{}, glabella.PatientID{}
		}, []glabella.Code{glabella.CodeRequired, glabella.CodeRequired, glabella.CodeRequired}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := billing.IssueEntries(issue(t, draft("entry", flat("consult"))), writing("entry", monday))[0]
			tt.change(&e)
			if got := sortedCodes(e.Validate()); !cmp.Equal(got, tt.want) {
				t.Errorf("Validate = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestReconcile(t *testing.T) {
	t.Parallel()
	entries := story(t).entries
	type tenders = map[billing.TenderKind]money.Amount
	zero := money.Amount{}
	for _, tt := range []struct {
		name   string
		period billing.Period
		want   billing.Reconciliation
	}{
		{"Monday at the harbour", billing.Period{From: monday, To: monday, Site: id[glabella.SiteID]("Harbour")}, billing.Reconciliation{
			Entries: 6, GrossSales: usd("665.00"), Discounts: usd("11.50"), VoucherAdjustment: usd("110.00"), NetSales: usd("543.50"), Tax: usd("2.97"), Tips: usd("20.00"), CreditGranted: usd("440.00"), CreditRedeemed: usd("440.00"),
			Collections: usd("560.00"), ByTender: tenders{billing.Cash: usd("100.00"), billing.Card: usd("460.00")}, ReceivableChange: usd("6.47"), DeferredChange: usd("0.00"), Residual: usd("0.00"), CreditResidual: usd("0.00"),
		}},
		{"Tuesday at the harbour", billing.Period{From: tuesday, To: tuesday, Site: id[glabella.SiteID]("Harbour")}, billing.Reconciliation{
			Entries: 2, GrossSales: usd("-50.00"), Discounts: usd("-5.00"), NetSales: usd("-45.00"), Collections: usd("-38.53"), ByTender: tenders{billing.Cash: usd("-38.53")}, ReceivableChange: usd("-6.47"), Residual: usd("0.00"),
		}},
		{"both days at the harbour", billing.Period{Site: id[glabella.SiteID]("Harbour")}, billing.Reconciliation{
			Entries: 8, GrossSales: usd("615.00"), Discounts: usd("6.50"), VoucherAdjustment: usd("110.00"), NetSales: usd("498.50"), Tax: usd("2.97"), Tips: usd("20.00"), CreditGranted: usd("440.00"), CreditRedeemed: usd("440.00"),
			Collections: usd("521.47"), ByTender: tenders{billing.Cash: usd("61.47"), billing.Card: usd("460.00")}, ReceivableChange: usd("0.00"), DeferredChange: usd("0.00"), Residual: usd("0.00"), CreditResidual: usd("0.00"),
		}},
		{"Monday on the hill, as it was known on Monday", billing.Period{To: monday, Site: id[glabella.SiteID]("Hill"), KnownAt: noon}, billing.Reconciliation{
			Entries: 1, GrossSales: usd("85.00"), NetSales: usd("85.00"), ByTender: tenders{}, ReceivableChange: usd("85.00"), Residual: usd("0.00"),
		}},
		{"Monday on the hill, as it is known now", billing.Period{To: monday, Site: id[glabella.SiteID]("Hill")}, billing.Reconciliation{
			Entries: 2, GrossSales: usd("85.00"), NetSales: usd("85.00"), Collections: usd("85.00"), ByTender: tenders{billing.Check: usd("85.00")}, ReceivableChange: usd("0.00"), Residual: usd("0.00"),
		}},
		{"Tuesday at both", billing.Period{From: tuesday}, billing.Reconciliation{
			Entries: 2, GrossSales: usd("-50.00"), Discounts: usd("-5.00"), NetSales: usd("-45.00"), Collections: usd("-38.53"), ByTender: tenders{billing.Cash: usd("-38.53")}, ReceivableChange: usd("-6.47"), Residual: usd("0.00"),
		}},
		{"a moment before anything was known", billing.Period{KnownAt: noon.Add(-time.Nanosecond)}, billing.Reconciliation{ByTender: tenders{}, Residual: zero}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := billing.Reconcile(entries, tt.period)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, amounts); diff != "" {
				t.Errorf("Reconcile (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReconcileRefuses(t *testing.T) {
	t.Parallel()
	entries := story(t).entries
	broken := slices.Clone(entries)
	broken[0].Postings = slices.Clone(broken[0].Postings)
	broken[0].Postings[0].Amount = usd("440.01")
	if _, err := billing.Reconcile(broken, billing.Period{}); !cmp.Equal(codes(err), []glabella.Code{billing.CodeUnbalanced}) {
		t.Errorf("Reconcile of an unbalanced entry = %v, want %s", err, billing.CodeUnbalanced)
	}
	if _, err := billing.Reconcile(broken, billing.Period{From: tuesday}); err != nil {
		t.Errorf("Reconcile of a period without it = %v, want no error", err)
	}
	foreign := entries[0]
	foreign.Postings = []billing.Posting{{Account: billing.Receivable, Amount: money.New(1, money.EUR)}, {Account: billing.CashDrawer, Amount: money.New(-1, money.EUR)}}
	if _, err := billing.Reconcile(append(slices.Clone(entries), foreign), billing.Period{}); err == nil {
		t.Error("Reconcile of two currencies = nil, want an error")
	}
}

func TestCompareFindsEveryDifference(t *testing.T) {
	t.Parallel()
	post := func(b *books, kind billing.EntryKind, invoice glabella.InvoiceID, debit, credit billing.Account, amount string) {
		e := b.entries[0]
		e.Kind, e.Invoice = kind, invoice
		e.Postings = []billing.Posting{{Account: debit, Amount: usd(amount), Tender: id[glabella.TenderID]("planted")}, {Account: credit, Amount: usd(amount).Neg()}}
		b.entries = append(b.entries, e)
	}
	const (
		invoice = "billing.ledger.invoice /invoice/"
		revenue = "billing.ledger.revenue /invoice/"
		arrived = "billing.ledger.tender /tender/"
		prepaid = "billing.ledger.credit /"
	)
	sale, visit, hill, draft := id[glabella.InvoiceID]("sale").String(), id[glabella.InvoiceID]("visit").String(), id[glabella.InvoiceID]("hill").String(), id[glabella.InvoiceID]("not yet").String()
	tenderOf := func(name string) string { return id[glabella.TenderID](name).String() }
	bank := "credit-lot/" + id[glabella.CreditLotID]("bank").String()
	for _, tt := range []struct {
		name  string
		plant func(*books)
		want  []string
	}{
		{"the story has none", func(*books) {}, nil},
		{"a receivable that the invoice does not know", func(b *books) {
			post(b, billing.EntryCorrection, b.invoices[0].ID, billing.TipsPayable, billing.Receivable, "0.01")
		}, []string{invoice + sale}},
		{"a payment that the invoice does not know", func(b *books) {
			b.invoices[1].Tenders = b.invoices[1].Tenders[:2]
		}, []string{invoice + visit, arrived + tenderOf("visit/back")}},
		{"a payment that the ledger does not know", func(b *books) {
			b.entries = slices.DeleteFunc(b.entries, func(e billing.Entry) bool { return e.Postings[0].Account == billing.CheckClearing })
		}, []string{invoice + hill, arrived + tenderOf("hill/check")}},
		{"a payment in the wrong account", func(b *books) {
			for i := range b.entries {
				if p := &b.entries[i].Postings[0]; p.Account == billing.CheckClearing {
					p.Account = billing.CardClearing
				}
			}
		}, []string{arrived + tenderOf("hill/check"), arrived + tenderOf("hill/check")}},
		{"revenue that no line says", func(b *books) {
			post(b, billing.EntryIssue, b.invoices[2].ID, billing.TipsPayable, billing.ServiceRevenue, "0.01")
		}, []string{revenue + hill}},
		{"revenue that should have been tax", func(b *books) {
			post(b, billing.EntryIssue, b.invoices[1].ID, billing.TaxPayable, billing.ProductRevenue, "0.01")
		}, []string{revenue + visit, revenue + visit}},
		{"a credit of which a cent more is left", func(b *books) {
			m := slices.Clone(b.credits[0].Movements)
			m[1].Units, m[1].Value = units("-43.999"), usd("-439.99")
			b.credits[0].Movements = m
		}, []string{prepaid + bank}},
		{"a credit that is lost", func(b *books) { b.credits = nil }, []string{prepaid + bank, prepaid + "line/" + line("sale", 1).String()}},
		{"a credit that nobody sold", func(b *books) {
			b.credits = append(b.credits, credit("forged", "10", "10", "10.00", glabella.Date{}))
		}, []string{prepaid + "credit-lot/" + id[glabella.CreditLotID]("forged").String()}},
		{"an invoice that does not exist", func(b *books) { b.invoices = b.invoices[1:] }, []string{invoice + sale, arrived + tenderOf("sale/card")}},
		{"a draft that was posted and paid", func(b *books) {
			post(b, billing.EntryIssue, b.invoices[3].ID, billing.Receivable, billing.ServiceRevenue, "85.00")
			post(b, billing.EntryPayment, b.invoices[3].ID, billing.CashDrawer, billing.Receivable, "85.00")
		}, []string{revenue + draft, arrived + tenderOf("planted")}},
		{"a correction that was not posted", func(b *books) {
			b.entries = slices.DeleteFunc(b.entries, func(e billing.Entry) bool { return e.Kind == billing.EntryCorrection })
		}, []string{invoice + visit, revenue + visit}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := story(t)
			tt.plant(&b)
			issues, err := billing.Compare(b.entries, b.invoices, b.credits)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, i := range issues {
				got = append(got, string(i.Code)+" "+i.Path)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Compare (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCompareLeavesGiftsOutOfTheLiability(t *testing.T) {
	t.Parallel()
	b := story(t)
	gift := creditOf(billing.LotGoodwill, "gift", "10", "10", "0.00", glabella.Date{})
	b.credits = append(b.credits, gift)
	if issues, err := billing.Compare(b.entries, b.invoices, b.credits); err != nil || len(issues) > 0 {
		t.Errorf("Compare = %v, %v, want no difference", issues, err)
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	b := story(t)
	issued, err := issue(t, draft("event", flat("bank-44"), flat("serum"), flat("consult"))).Event()
	want := billing.Issued{
		Invoice: id[glabella.InvoiceID]("event"), Patient: id[glabella.PatientID]("Fictional Patient"), Encounter: id[glabella.EncounterID]("event"), Site: id[glabella.SiteID]("Harbour"), On: monday,
		Sold: usd("125.00"), Granted: usd("440.00"), Redeemed: usd("0.00"), Tax: usd("3.30"), Tips: usd("0.00"),
	}
	if err != nil || issued != want {
		t.Errorf("Event = %+v, %v, want %+v", issued, err, want)
	}
	visit := b.invoices[1]
	paid, err := visit.PaidEvent(tuesday, visit.Tenders[2])
	if err != nil {
		t.Fatal(err)
	}
	wantPaid := billing.Paid{Invoice: visit.ID, Site: visit.Site, On: tuesday, Tenders: []billing.PaidTender{{Tender: visit.Tenders[2].ID, Kind: billing.Cash, Amount: usd("-38.53")}}}
	if diff := cmp.Diff(wantPaid, paid, amounts); diff != "" {
		t.Errorf("PaidEvent (-want +got):\n%s", diff)
	}
}

// BenchmarkPost10 makes and checks the entries of an invoice of ten lines.
func BenchmarkPost10(b *testing.B) {
	charges := make([]billing.Charge, 10)
	for i := range charges {
		charges[i] = []billing.Charge{toxin("20"), flat("serum"), flat("consult")}[i%3]
	}
	d := draft("post", charges...)
	d.Discounts = []billing.Discount{{Code: "friends", Percent: number("10")}}
	fresh := id[glabella.EntryID]("post")
	inv, w := issue(b, d), billing.Writing{On: monday, At: noon, NewID: func() glabella.EntryID { return fresh }}
	paid := tender("a", billing.Card, "100.00")
	b.ReportAllocs()
	for b.Loop() {
		for _, e := range append(billing.IssueEntries(inv, w), billing.TenderEntries(inv, w, paid)...) {
			if err := e.Validate(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkReconcileMonth folds a month of 50,000 postings.
func BenchmarkReconcileMonth(b *testing.B) {
	charges := make([]billing.Charge, 4)
	for i := range charges {
		charges[i] = []billing.Charge{toxin("20"), flat("serum"), flat("consult")}[i%3]
	}
	inv := issue(b, draft("month", charges...))
	fresh := id[glabella.EntryID]("month")
	var entries []billing.Entry
	for postings := 0; postings < 50_000; {
		w := billing.Writing{On: monday.AddDays(len(entries) % 30), At: noon, NewID: func() glabella.EntryID { return fresh }}
		for _, e := range append(billing.IssueEntries(inv, w), billing.TenderEntries(inv, w, tender("a", billing.Card, "100.00"))...) {
			entries, postings = append(entries, e), postings+len(e.Postings)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		r, err := billing.Reconcile(entries, billing.Period{From: monday, To: monday.AddDays(29)})
		if err != nil || !r.Residual.IsZero() || r.Entries != len(entries) {
			b.Fatal(r, err)
		}
	}
}
