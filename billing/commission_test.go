package billing_test

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

var (
	nora = id[glabella.StaffID]("nora")
	omar = id[glabella.StaffID]("omar")
)

func tiers(marginal bool, of ...string) billing.CommissionPlan {
	p := billing.CommissionPlan{ID: id[glabella.CommissionPlanID]("plan"), Code: "injectors", Base: billing.CommissionOnNet, Marginal: marginal}
	for i := 0; i < len(of); i += 2 {
		p.Tiers = append(p.Tiers, billing.CommissionTier{From: usd(of[i]), Rate: quantity.MustParseNumber(of[i+1])})
	}
	return p
}

// did is an invoice with one line for what somebody did on a day.
func did(name string, who glabella.StaffID, on glabella.Date, net string) billing.Invoice {
	amount := usd(net)
	return billing.Invoice{ID: id[glabella.InvoiceID](name), Number: name, Currency: money.USD, State: billing.InvoiceIssued, On: on, IssuedAt: on.Start(time.UTC), Lines: []billing.Line{{
		ID: id[glabella.LineID](name), Kind: billing.ServiceItem, Service: "peel", Provider: who, Quantity: quantity.MustParseNumber("1"), UnitPrice: amount, List: amount, Net: amount, Tax: usd("0.00"), Total: amount,
	}}}
}

// takenBack adds a correction that takes a part of the first line back.
func takenBack(i billing.Invoice, name string, at time.Time, net string) billing.Invoice {
	l := i.Lines[0]
	l.ID, l.Adjusts, l.At, l.Reason = id[glabella.LineID](name), i.Lines[0].ID, at, "refund"
	l.List, l.Net, l.Total = usd(net).Neg(), usd(net).Neg(), usd(net).Neg()
	i.Lines = append(slices.Clone(i.Lines), l)
	return i
}

func statement(t *testing.T, p billing.CommissionPlan, who glabella.StaffID, month glabella.Date, splits []billing.CommissionSplit, invoices ...billing.Invoice) billing.CommissionStatement {
	t.Helper()
	s, err := billing.Statement(billing.CommissionFacts{Plan: p, Staff: who, Month: month, Invoices: invoices, Splits: splits})
	if err != nil {
		t.Fatal(err)
	}
	sum := usd("0.00")
	for _, l := range s.Lines {
		if sum, err = sum.Add(l.Amount); err != nil {
			t.Fatal(err)
		}
	}
	if sum != s.Amount {
		t.Errorf("the lines sum to %s, the statement to %s", sum, s.Amount)
	}
	return s
}

func TestCommissionByTiers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		plan billing.CommissionPlan
		net  string
		want string
	}{
		{"nothing", tiers(false, "0.00", "0.10"), "0.00", "0.00"},
		{"one rate", tiers(false, "0.00", "0.10"), "1234.56", "123.46"},
		{"below the first tier", tiers(false, "1000.00", "0.10"), "999.99", "0.00"},
		{"all at the rate that is reached", tiers(false, "0.00", "0.05", "1000.00", "0.10"), "1000.00", "100.00"},
		{"each part at its own rate", tiers(true, "0.00", "0.05", "1000.00", "0.10"), "1500.00", "100.00"},
		{"three tiers", tiers(true, "0.00", "0.05", "1000.00", "0.10", "2000.00", "0.20"), "2500.00", "250.00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := statement(t, tt.plan, nora, monday, nil, did("one", nora, monday, tt.net), did("other", omar, monday, "777.00"))
			if s.Amount != usd(tt.want) || s.Base != usd(tt.net) {
				t.Errorf("commission on %s = %s, want %s", s.Base, s.Amount, tt.want)
			}
		})
	}
}

func TestARefundTakesBackWhatTheSaleEarned(t *testing.T) {
	t.Parallel()
	plan := tiers(false, "0.00", "0.05", "1000.00", "0.10")
	next := monday.AddDays(40)
	first, second := did("first", nora, monday, "900.00"), did("second", nora, monday, "300.00")
	if s := statement(t, plan, nora, monday, nil, first, second); s.Amount != usd("120.00") {
		t.Fatalf("before the refund %s, want 10 %% of 1200", s.Amount)
	}
	second = takenBack(second, "back", next.Start(time.UTC), "300.00")
	if s := statement(t, plan, nora, monday, nil, first, second); s.Amount != usd("120.00") {
		t.Errorf("a later refund changes the month of the sale: %s", s.Amount)
	}
	s := statement(t, plan, nora, next, nil, first, second)
	if s.Amount != usd("-75.00") || len(s.Lines) != 1 || !s.Lines[0].Clawback || !s.Base.IsZero() {
		t.Errorf("the month of the refund = %+v, want 75.00 taken back: 900 alone earn 45.00", s)
	}
}

func TestLinesAreSharedAndReassigned(t *testing.T) {
	t.Parallel()
	plan := tiers(false, "0.00", "0.10")
	sale := did("one", nora, monday, "100.01")
	split := billing.CommissionSplit{ID: billing.CommissionSplitOf(sale.Lines[0].ID), Invoice: sale.ID, Line: sale.Lines[0].ID, Shares: []billing.CommissionShare{{Staff: nora, Weight: 1}, {Staff: omar, Weight: 1}}, By: nora, At: noon, Reason: "shared"}
	if err := split.Validate(); err != nil {
		t.Fatal(err)
	}
	a, b := statement(t, plan, nora, monday, []billing.CommissionSplit{split}, sale), statement(t, plan, omar, monday, []billing.CommissionSplit{split}, sale)
	if sum, err := a.Base.Add(b.Base); err != nil || sum != usd("100.01") {
		t.Errorf("the shares are %s and %s, want that they sum to the line", a.Base, b.Base)
	}
	split.Shares = []billing.CommissionShare{{Staff: omar, Weight: 1}}
	if s := statement(t, plan, nora, monday, []billing.CommissionSplit{split}, sale); len(s.Lines) != 0 {
		t.Errorf("a line that was reassigned still counts: %+v", s.Lines)
	}
	split.Shares = []billing.CommissionShare{{Staff: omar, Weight: 1}, {Staff: omar, Weight: 2}}
	if err := split.Validate(); !hasCode(err, glabella.CodeDuplicate) {
		t.Errorf("two shares of one = %v", err)
	}
}

func TestCommissionOnOtherBases(t *testing.T) {
	t.Parallel()
	sale := did("one", nora, monday, "80.00")
	sale.Lines[0].List = usd("100.00")
	plan := tiers(false, "0.00", "0.10")
	for base, want := range map[billing.CommissionBase]string{billing.CommissionOnList: "10.00", billing.CommissionOnNet: "8.00", billing.CommissionOnMargin: "5.00", billing.CommissionOnCollected: "0.00"} {
		plan.Base = base
		s, err := billing.Statement(billing.CommissionFacts{Plan: plan, Staff: nora, Month: monday, Invoices: []billing.Invoice{sale}, Costs: map[glabella.LineID]money.Amount{sale.Lines[0].ID: usd("30.00")}})
		if err != nil || s.Amount != usd(want) {
			t.Errorf("%s: %s, %v; want %s", base, s.Amount, err, want)
		}
	}
	later := monday.AddDays(35)
	sale.Tenders = []billing.Tender{{ID: id[glabella.TenderID]("a"), Kind: billing.Card, Amount: usd("50.00"), At: noon}, {ID: id[glabella.TenderID]("b"), Kind: billing.Cash, Amount: usd("30.00"), At: later.Start(time.UTC)}}
	plan.Base = billing.CommissionOnCollected
	if s := statement(t, plan, nora, monday, nil, sale); len(s.Lines) != 0 {
		t.Errorf("a line counts before it is paid: %+v", s.Lines)
	}
	if s := statement(t, plan, nora, later, nil, sale); s.Amount != usd("8.00") {
		t.Errorf("when it is paid it earns %s, want 8.00", s.Amount)
	}
}

func TestPrepaidAndOtherDaysDoNotCount(t *testing.T) {
	t.Parallel()
	plan := tiers(false, "0.00", "0.10")
	plan.From, plan.To = monday, tuesday
	bank := did("bank", nora, monday, "600.00")
	bank.Lines[0].Kind = billing.UnitBank
	draft := did("draft", nora, monday, "1.00")
	draft.State = billing.InvoiceDraft
	if s := statement(t, plan, nora, monday, nil, bank, draft, did("early", nora, monday.AddDays(-1), "1.00"), did("late", nora, tuesday.AddDays(1), "1.00"), did("in", nora, tuesday, "2.00")); s.Base != usd("2.00") {
		t.Errorf("base = %s, want what was done within the plan's days", s.Base)
	}
	plan.Services = []string{"facial"}
	if s := statement(t, plan, nora, monday, nil, did("in", nora, tuesday, "2.00")); len(s.Lines) != 0 {
		t.Errorf("another service counts: %+v", s.Lines)
	}
}

func TestCommissionPlanIsChecked(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]billing.CommissionPlan{
		"a rate above one": tiers(false, "0.00", "1.01"), "a negative rate": tiers(false, "0.00", "-0.01"), "tiers that do not ascend": tiers(false, "10.00", "0.1", "10.00", "0.2"),
	} {
		if err := p.Validate(); !hasCode(err, billing.CodeCommissionTier) {
			t.Errorf("%s: %v, want %s", name, err, billing.CodeCommissionTier)
		}
	}
}

// Whatever was sold, corrected and refunded, in any order of the invoices: a month's
// statement is the same, and when everything is taken back nothing was earned.
func TestCommissionOverRandomHistories(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(7))
	for run := range 300 {
		plan := tiers(run%2 == 0, "0.00", "0.05", "500.00", "0.11", "1500.00", "0.175")
		var gone []billing.Invoice
		for n := range 1 + r.Intn(12) {
			on := monday.AddDays(r.Intn(60))
			cents := 1 + r.Int63n(40_000)
			net := fmt.Sprintf("%d.%02d", cents/100, cents%100)
			i := did(fmt.Sprint(n), nora, on, net)
			part := r.Int63n(cents)
			i = takenBack(i, fmt.Sprint("part", n), on.AddDays(r.Intn(50)).Start(time.UTC).Add(time.Hour), fmt.Sprintf("%d.%02d", part/100, part%100))
			rest := cents - part
			gone = append(gone, takenBack(i, fmt.Sprint("rest", n), on.AddDays(50+r.Intn(50)).Start(time.UTC), fmt.Sprintf("%d.%02d", rest/100, rest%100)))
		}
		total := usd("0.00")
		for month := range 7 {
			day := glabella.Date{Year: monday.Year, Month: monday.Month, Day: 1}.Add(glabella.Period{Months: month})
			one := statement(t, plan, nora, day, nil, gone...)
			mixed := slices.Clone(gone)
			r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
			if diff := cmp.Diff(one, statement(t, plan, nora, day, nil, mixed...), cmp.Comparer(func(a, b money.Amount) bool { return a == b })); diff != "" {
				t.Fatalf("run %d: another order gives another statement:\n%s", run, diff)
			}
			var err error
			if total, err = total.Add(one.Amount); err != nil {
				t.Fatal(err)
			}
		}
		if !total.IsZero() {
			t.Fatalf("run %d: all was taken back and %s was earned", run, total)
		}
	}
}
