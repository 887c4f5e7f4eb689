package billing_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

func TestMakeChange(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		tenders []billing.Tender // for USD 250.00
		want    []string         // what is kept of each
		change  string
		codes   []glabella.Code
	}{
		{name: "cash that is more than what is due", tenders: []billing.Tender{tender("a", billing.Cash, "300.00")}, want: []string{"250.00"}, change: "50.00"},
		{name: "cash on top of a card", tenders: []billing.Tender{tender("a", billing.Card, "200.00"), tender("b", billing.Cash, "60.00")}, want: []string{"200.00", "50.00"}, change: "10.00"},
		{name: "the larger of two in cash", tenders: []billing.Tender{tender("a", billing.Cash, "100.00"), tender("b", billing.Cash, "200.00")}, want: []string{"100.00", "150.00"}, change: "50.00"},
		{name: "what is due gives no change", tenders: []billing.Tender{tender("a", billing.Cash, "250.00")}, want: []string{"250.00"}, change: "0.00"},
		{name: "less than what is due gives no change", tenders: []billing.Tender{tender("a", billing.Cash, "20.00")}, want: []string{"20.00"}, change: "0.00"},
		{name: "a card gives no change", tenders: []billing.Tender{tender("a", billing.Card, "250.01")}, codes: []glabella.Code{billing.CodeOverpaid}},
		{name: "a check gives no change for a card", tenders: []billing.Tender{tender("a", billing.Check, "100.00"), tender("b", billing.Card, "200.00")}, codes: []glabella.Code{billing.CodeOverpaid}},
		{name: "cash that would all be change is not taken", tenders: []billing.Tender{tender("a", billing.Card, "250.00"), tender("b", billing.Cash, "20.00")}, codes: []glabella.Code{billing.CodeOverpaid}},
		{name: "a payment of nothing", tenders: []billing.Tender{tender("a", billing.Cash, "0.00")}, codes: []glabella.Code{glabella.CodeOutOfRange}},
		{name: "no payment", codes: []glabella.Code{glabella.CodeRequired}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inv := issue(t, draft("change", toxin("20")))
			given := slices.Clone(tt.tenders)
			kept, change, err := inv.MakeChange(given...)
			if !cmp.Equal(codes(err), tt.codes) {
				t.Fatalf("MakeChange = %v, want %v", err, tt.codes)
			}
			if diff := cmp.Diff(tt.tenders, given, amounts); diff != "" {
				t.Errorf("MakeChange changed what was given (-want +got):\n%s", diff)
			}
			if err != nil {
				return
			}
			var got []string
			for _, k := range kept {
				got = append(got, k.Amount.Decimal().StringFixed(2))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || change != usd(tt.change) {
				t.Errorf("MakeChange gives back %s, want %s; it keeps (-want +got):\n%s", change, tt.change, diff)
			}
			pay(t, inv, kept...)
		})
	}
	inv := issue(t, draft("order", toxin("20")))
	permute([]billing.Tender{tender("a", billing.Cash, "100.00"), tender("b", billing.Card, "70.00"), tender("c", billing.Cash, "120.00")}, func(order []billing.Tender) {
		kept, change, err := inv.MakeChange(order...)
		if err != nil || change != usd("40.00") {
			t.Fatalf("MakeChange = %s, %v, want USD 40.00", change, err)
		}
		if paid := pay(t, inv, kept...); paid.State != billing.InvoicePaid {
			t.Errorf("Pay of what was kept = %s, want %s", paid.State, billing.InvoicePaid)
		}
	})
}

func TestCalculateRefusesPlansThatDoNotFit(t *testing.T) {
	t.Parallel()
	bank := credit("bank", "44", "44", "440.00", glabella.Date{})
	for _, tt := range []struct {
		name   string
		change func(*billing.Charge)
	}{
		{"with a use that is missing", func(c *billing.Charge) { c.Plan.Takes[0].Covers = units("43") }},
		{"with units of another product", func(c *billing.Charge) {
			c.Plan.Takes[0].Covers = quantity.MustParse("44 [arb'U]{abobotulinumtoxinA}")
		}},
		{"for a price per container", func(c *billing.Charge) { c.Service, c.Containers = "filler", 1 }},
		{"for what is complimentary", func(c *billing.Charge) { c.Complimentary = "goodwill" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := redeeming(t, "50", bank)
			c.Plan.Takes = slices.Clone(c.Plan.Takes)
			tt.change(&c)
			if _, err := billing.Calculate(draft("plan", c)); !slices.Contains(codes(err), glabella.CodeMismatch) {
				t.Errorf("Calculate = %v, want %s", err, glabella.CodeMismatch)
			}
		})
	}
}

func TestUnitBanksArePricedAsAWholeOrByTheirUnits(t *testing.T) {
	t.Parallel()
	bank := *serviceOf(t, "bank-44").Bank
	byUnit := item("bank-by-unit", "44 prepaid units", billing.UnitBank, billing.PerUnit, "9.99")
	byUnit.Product, byUnit.Bank = "onabotulinumtoxinA", &bank
	d := draft("banks", flat("bank-by-unit"))
	d.Services = append(d.Services, byUnit)
	inv := issue(t, d)
	if diff := cmp.Diff([]priced{{"bank-by-unit", "44", "439.56", "439.56", "0.00", "439.56"}}, pricedLines(inv)); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if c, ok, err := inv.Grant(inv.Lines[0], bank, id[glabella.CreditLotID]("by unit"), billing.Moved{}); !ok || err != nil || c.Price != usd("439.56") {
		t.Errorf("Grant = %s, %t, %v, want the price of the line", c.Price, ok, err)
	}
	byUnit.Bank = nil
	d.Services[len(d.Services)-1] = byUnit
	if _, err := billing.Calculate(d); !cmp.Equal(codes(err), []glabella.Code{billing.CodeBank}) {
		t.Errorf("Calculate of a bank that grants nothing = %v, want %s", err, billing.CodeBank)
	}
}

func TestServiceValidateTerms(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		of     string
		change func(*billing.Service)
		want   []glabella.Code
	}{
		{"a bank for any product is in order", "bank-44", func(s *billing.Service) { s.Product = "" }, nil},
		{"a bank that grants units of another product", "bank-44", func(s *billing.Service) { s.Product = "abobotulinumtoxinA" }, []glabella.Code{billing.CodeBank}},
		{"a bank that grants units of no product", "bank-44", func(s *billing.Service) { s.Bank.Units = quantity.MustParse("44 mL") }, []glabella.Code{billing.CodeBank}},
		{"a bank that is priced by containers", "bank-44", func(s *billing.Service) { s.Basis = billing.PerContainer }, []glabella.Code{billing.CodeBank}},
		{"a price for one day is in order", "consult", func(s *billing.Service) { s.From, s.To = monday, monday }, nil},
		{"a price that ends before it begins", "consult", func(s *billing.Service) { s.From, s.To = tuesday, monday }, []glabella.Code{glabella.CodeOutOfRange}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := serviceOf(t, tt.of)
			if s.Bank != nil {
				terms := *s.Bank
				s.Bank = &terms
			}
			tt.change(&s)
			if err := s.Validate(); !cmp.Equal(codes(err), tt.want) {
				t.Errorf("Validate = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestTheLatestOfSeveralPricesHolds(t *testing.T) {
	t.Parallel()
	price := func(name, amount string, from glabella.Date) billing.Service {
		s := item(name, "Consultation", billing.ServiceItem, billing.PerUnit, amount)
		s.Code, s.Product, s.From = "consult", "onabotulinumtoxinA", from
		return s
	}
	list := []billing.Service{price("first", "80.00", glabella.Date{}), price("next", "95.00", tuesday), price("second", "85.00", monday)}
	permute(list, func(list []billing.Service) {
		for on, want := range map[glabella.Date]string{monday.AddDays(-1): "80.00", monday: "85.00", tuesday: "95.00"} {
			byCode, _ := billing.PriceOf(list, "consult", on)
			byUse, _ := billing.PriceFor(list, "", "onabotulinumtoxinA", on)
			if byCode.Price != usd(want) || byUse.Price != usd(want) {
				t.Errorf("on %s PriceOf = %s and PriceFor = %s, want %s", on, byCode.Price, byUse.Price, want)
			}
		}
	})
	if s, ok := billing.PriceFor(priceList(), "", "", monday); ok {
		t.Errorf("PriceFor of no product = %s, want none", s.Code)
	}
}

func TestInvoiceValidateSaysWhere(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*billing.Invoice)
		want   string // the path of an issue, and its code
	}{
		{"no day", func(i *billing.Invoice) { i.On = glabella.Date{} }, "/on required"},
		{"an unknown state", func(i *billing.Invoice) { i.State = "lost" }, "/state unknown-value"},
		{"a state that does not fit to what is due", func(i *billing.Invoice) { i.State = billing.InvoicePartPaid }, "/state mismatch"},
		{"a draft that was paid", func(i *billing.Invoice) { i.State = billing.InvoiceDraft }, "/state mismatch"},
		{"a net that is not the list price less the discounts", func(i *billing.Invoice) { i.Lines[1].Net = usd("67.49") }, "/lines/1 billing.totals"},
		{"a total that is not net and tax", func(i *billing.Invoice) { i.Lines[2].Total = usd("38.98") }, "/lines/2 billing.totals"},
		{"a value that is not that of the credits", func(i *billing.Invoice) { i.Lines[0].Redeemed[0].Value = usd("439.99") }, "/lines/0 billing.totals"},
		{"a line without an identity", func(i *billing.Invoice) { i.Lines[2].ID = glabella.LineID{} }, "/lines/2/id required"},
		{"a line that nothing on the price list is for", func(i *billing.Invoice) { i.Lines[2].Service = "" }, "/lines/2/service required"},
		{"a line in another currency", func(i *billing.Invoice) { i.Lines[2].Tax = money.New(0, money.EUR) }, "/lines/2 mismatch"},
		{"a correction of nothing", func(i *billing.Invoice) { i.Lines[3].Adjusts = line("other", 1) }, "/lines/3/adjusts billing.line.unknown"},
		{"a correction of a correction", func(i *billing.Invoice) { i.Lines[3].Adjusts = i.Lines[3].ID }, "/lines/3/adjusts billing.line.unknown"},
		{"a correction without the discounts of its line", func(i *billing.Invoice) { i.Lines[3].Discounts = nil }, "/lines/3/discounts mismatch"},
		{"a payment without an identity", func(i *billing.Invoice) { i.Tenders[0].ID = glabella.TenderID{} }, "/tenders/0/id required"},
		{"a payment twice", func(i *billing.Invoice) { i.Tenders[1].ID = i.Tenders[0].ID }, "/tenders/1/id duplicate"},
		{"a payment of less than nothing", func(i *billing.Invoice) { i.Tenders[1].Amount = usd("-20.00") }, "/tenders/1/amount out-of-range"},
		{"a refund of more than nothing", func(i *billing.Invoice) { i.Tenders[2].Amount = usd("38.53") }, "/tenders/2/amount out-of-range"},
		{"a refund by other means", func(i *billing.Invoice) { i.Tenders[2].Kind = billing.Card }, "/tenders/2/refunds mismatch"},
		{"a refund of a payment that was not made", func(i *billing.Invoice) { i.Tenders[2].Refunds = id[glabella.TenderID]("other") }, "/tenders/2/refunds mismatch"},
		{"a tip for nobody", func(i *billing.Invoice) { i.Tips[0].Provider = glabella.StaffID{} }, "/tips/0/provider required"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inv := story(t).invoices[1]
			inv.Lines[0].Redeemed = slices.Clone(inv.Lines[0].Redeemed)
			if err := inv.Validate(); err != nil {
				t.Fatalf("Validate of the story = %v", err)
			}
			tt.change(&inv)
			if got := placed(inv.Validate()); !slices.Contains(got, tt.want) {
				t.Errorf("Validate = %v, want %s among them", got, tt.want)
			}
		})
	}
}

func TestReconcileShowsEntriesThatHaveNoBusiness(t *testing.T) {
	t.Parallel()
	e := story(t).entries[0]
	e.Kind = billing.EntryPayment
	e.Postings = []billing.Posting{{Account: billing.CashDrawer, Amount: usd("5.00")}, {Account: billing.ServiceRevenue, Amount: usd("-5.00")}}
	r, err := billing.Reconcile([]billing.Entry{e}, billing.Period{})
	if err != nil || r.Residual != usd("-5.00") {
		t.Errorf("Residual of a payment straight to revenue = %s, %v, want USD -5.00", r.Residual, err)
	}
}

// A day: units are prepaid and used, the excess is paid with change given, and
// one unit turns out to be too many.
func ExampleReconcile() {
	today := glabella.MustParseDate("2026-11-23")
	now := today.Start(time.UTC).Add(10 * time.Hour)
	names := 0
	name := func() string { names++; return fmt.Sprint("example/", names) }
	w := billing.Writing{On: today, At: now, NewID: func() glabella.EntryID { return glabella.DeriveID[glabella.EntryID](name()) }}
	open := func(charges ...billing.Charge) billing.Invoice {
		inv, err := billing.Calculate(billing.Draft{
			ID: glabella.DeriveID[glabella.InvoiceID](name()), Number: name(), Patient: glabella.DeriveID[glabella.PatientID]("patient"),
			Site: glabella.DeriveID[glabella.SiteID]("site"), Currency: money.USD, On: today, Charges: charges, Services: priceList(),
			NewLine: func() glabella.LineID { return glabella.DeriveID[glabella.LineID](name()) },
		})
		if err != nil {
			fmt.Println(err)
		}
		inv, err = inv.Issue(now)
		if err != nil {
			fmt.Println(err)
		}
		return inv
	}
	cash := func(amount string) billing.Tender {
		return billing.Tender{ID: glabella.DeriveID[glabella.TenderID](name()), Kind: billing.Cash, Amount: money.MustParse(amount), At: now}
	}

	sale := open(billing.Charge{Service: "bank-44"})
	bank, _, err := sale.Grant(sale.Lines[0], billing.BankTerms{Units: quantity.MustParse("44 [arb'U]{onabotulinumtoxinA}")}, glabella.DeriveID[glabella.CreditLotID]("bank"), billing.Moved{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ledger := billing.IssueEntries(sale, w)

	charge := billing.Charge{Product: "onabotulinumtoxinA", Quantity: quantity.MustParse("50 [arb'U]{onabotulinumtoxinA}")}
	want, _ := billing.Draft{Services: priceList(), On: today, Currency: money.USD}.Want(charge)
	plan, err := billing.Preview(billing.RedeemFacts{Patient: sale.Patient, Site: sale.Site, On: today, Want: want, Lots: []billing.CreditLot{bank}, Policy: billing.RedeemPolicy{Order: billing.OrderExpiry}})
	if err != nil {
		fmt.Println(err)
		return
	}
	charge.Plan = &plan
	visit := open(charge)
	lots, err := billing.Redeem(plan, []billing.CreditLot{bank}, billing.Moved{On: today, Invoice: visit.ID})
	if err != nil {
		fmt.Println(err)
		return
	}
	ledger = append(ledger, billing.IssueEntries(visit, w)...)
	kept, change, err := visit.MakeChange(cash("USD 80.00"))
	if err != nil {
		fmt.Println(err)
		return
	}
	if visit, err = visit.Pay(kept...); err != nil {
		fmt.Println(err)
		return
	}
	ledger = append(ledger, billing.TenderEntries(visit, w, kept...)...)

	visit, err = visit.Correct(billing.Correction{ID: glabella.DeriveID[glabella.LineID](name()), Line: visit.Lines[1].ID, Quantity: quantity.MustParseNumber("5"), Reason: "miscounted", At: now})
	if err != nil {
		fmt.Println(err)
		return
	}
	ledger = append(ledger, billing.CorrectionEntries(visit, w, visit.Lines[2])...)

	r, err := billing.Reconcile(ledger, billing.Period{From: today, To: today})
	if err != nil {
		fmt.Println(err)
		return
	}
	differences, err := billing.Compare(ledger, []billing.Invoice{sale, visit}, lots)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("change:", change)
	fmt.Println("sold:", r.NetSales, "and prepaid units for", r.CreditGranted)
	fmt.Println("redeemed:", r.CreditRedeemed)
	fmt.Println("collected:", r.Collections, "of which cash", r.ByTender[billing.Cash])
	fmt.Println("still due:", r.ReceivableChange)
	fmt.Println("residual:", r.Residual, "differences:", len(differences))
	fmt.Println("the visit is", visit.State)
	// Output:
	// change: USD 5.00
	// sold: USD 502.50 and prepaid units for USD 440.00
	// redeemed: USD 440.00
	// collected: USD 75.00 of which cash USD 75.00
	// still due: USD 427.50
	// residual: USD 0.00 differences: 0
	// the visit is refund-due
}

// placed returns the issues of an error as path and code.
func placed(err error) []string {
	var out []string
	var invalid *glabella.ValidationError
	if errors.As(err, &invalid) {
		for _, i := range invalid.Issues {
			out = append(out, i.Path+" "+string(i.Code))
		}
	}
	return out
}
