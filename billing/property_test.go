package billing_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// history is a practice to which random things happen.
type history struct {
	*books
	t        *testing.T
	r        *rand.Rand
	n        int // identities given out
	on       glabella.Date
	done     map[string]int // commands by name
	received int64          // payments less refunds, in cents
	tipped   int64
	used     map[glabella.CreditLotID]int64 // the value of what was used, in cents
}

func (h *history) name() string {
	h.n++
	return fmt.Sprintf("history/%d", h.n)
}

func (h *history) writing() billing.Writing {
	return billing.Writing{On: h.on, At: h.on.Start(time.UTC).Add(12 * time.Hour), NewID: func() glabella.EntryID { return id[glabella.EntryID](h.name()) }}
}

func (h *history) post(entries ...billing.Entry) {
	for _, e := range entries {
		if err := e.Validate(); err != nil || !balances(e) {
			h.t.Fatalf("entry %+v = %v, want it balanced", e, err)
		}
	}
	h.entries = append(h.entries, entries...)
}

func (h *history) draft(charges ...billing.Charge) billing.Draft {
	d := draft(h.name(), charges...)
	d.On, d.Site = h.on, id[glabella.SiteID]([]string{"Harbour", "Hill"}[h.r.IntN(2)])
	d.NewLine = func() glabella.LineID { return id[glabella.LineID](h.name()) }
	if h.r.IntN(3) == 0 {
		d.Discounts = append(d.Discounts, billing.Discount{Code: "friends", Percent: number(fmt.Sprintf("%d.%d", 1+h.r.IntN(40), h.r.IntN(10)))})
	}
	if h.r.IntN(3) == 0 {
		d.Discounts = append(d.Discounts, billing.Discount{Code: "voucher", Amount: money.New(1+h.r.Int64N(15000), money.USD)})
	}
	if h.r.IntN(4) == 0 {
		d.Tips = []billing.Tip{{Provider: id[glabella.StaffID]("nurse"), Amount: money.New(1+h.r.Int64N(5000), money.USD)}}
	}
	return d
}

// book issues an invoice and books it.
func (h *history) book(d billing.Draft) billing.Invoice {
	h.t.Helper()
	inv := issue(h.t, d)
	h.wholes(d, inv)
	h.post(billing.IssueEntries(inv, h.writing())...)
	for _, tip := range d.Tips {
		h.tipped += tip.Amount.Minor()
	}
	return inv
}

// wholes checks that the parts of an invoice sum to what is computed for all of
// it, without the help of package money.
func (h *history) wholes(d billing.Draft, inv billing.Invoice) {
	h.t.Helper()
	var goods, taxed, off, most int64
	for _, l := range inv.Lines {
		steps := int64(0)
		for _, s := range l.Discounts {
			steps += s.Amount.Minor()
			if s.Code == "voucher" {
				off += s.Amount.Minor()
			}
		}
		if l.Net.Sign() < 0 || steps < 0 || len(l.Redeemed) == 0 && l.Net.Minor() != l.List.Minor()-steps || l.Total.Minor() != l.Net.Minor()+l.Tax.Minor() {
			h.t.Fatalf("line %+v does not add up", l)
		}
		if len(l.Redeemed) > 0 {
			continue
		}
		for _, s := range l.Discounts {
			if s.Code == "friends" {
				steps -= s.Amount.Minor()
			}
		}
		most += l.Net.Minor() + steps
		if l.TaxClass == "goods" {
			goods += l.Net.Minor()
			taxed += l.Tax.Minor()
		} else if !l.Tax.IsZero() {
			h.t.Fatalf("line %+v is taxed", l)
		}
	}
	if want := (goods*825 + 5000) / 10000; taxed != want {
		h.t.Fatalf("tax of the lines = %d, want 8.25 %% of %d = %d", taxed, goods, want)
	}
	for _, x := range d.Discounts {
		if want := min(x.Amount.Minor(), most); x.Code == "voucher" && off != want {
			h.t.Fatalf("the voucher took off %d, want %d", off, want)
		}
	}
}

// pay pays a random part of what is due in a random split.
func (h *history) pay(inv billing.Invoice) billing.Invoice {
	h.t.Helper()
	due := totals(h.t, inv).Due.Minor()
	if due <= 0 {
		return inv
	}
	left := due
	if h.r.IntN(3) == 0 {
		left = 1 + h.r.Int64N(due)
	}
	var tenders []billing.Tender
	for left > 0 {
		part := left
		if len(tenders) < 3 && h.r.IntN(2) == 0 {
			part = 1 + h.r.Int64N(left)
		}
		kind := billing.TenderKinds()[h.r.IntN(3)]
		tenders = append(tenders, billing.Tender{ID: id[glabella.TenderID](h.name()), Kind: kind, Amount: money.New(part, money.USD), At: noon})
		left -= part
		h.received += part
	}
	if _, err := inv.Pay(append(slices.Clone(tenders), tender(h.name(), billing.Cash, "99999.00"))...); !cmp.Equal(codes(err), []glabella.Code{billing.CodeOverpaid}) {
		h.t.Fatalf("Pay of too much = %v", err)
	}
	next := pay(h.t, inv, tenders...)
	shuffled := slices.Clone(tenders)
	h.r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	other := inv
	for _, x := range shuffled {
		other = pay(h.t, other, x)
	}
	if totals(h.t, other) != totals(h.t, next) || other.State != next.State {
		h.t.Fatalf("Pay in another order = %s, %+v, want %s, %+v", other.State, totals(h.t, other), next.State, totals(h.t, next))
	}
	h.post(billing.TenderEntries(next, h.writing(), tenders...)...)
	return next
}

func (h *history) sell() bool {
	bank := serviceOf(h.t, []string{"bank-44", "bank-7"}[h.r.IntN(2)])
	inv := h.book(h.draft(flat(bank.Code)))
	c, ok, err := inv.Grant(inv.Lines[0], *bank.Bank, id[glabella.CreditLotID](h.name()), billing.Moved{})
	if !ok || err != nil || c.Validate() != nil {
		h.t.Fatalf("Grant = %t, %v, %v", ok, err, c.Validate())
	}
	h.credits = append(h.credits, c)
	h.invoices = append(h.invoices, h.pay(inv))
	return true
}

func (h *history) give() bool {
	h.credits = append(h.credits, creditOf(billing.LotGoodwill, h.name(), "5", "5", "0.00", h.on.AddDays(h.r.IntN(20))))
	return true
}

func (h *history) visit() bool {
	c := toxin(fmt.Sprintf("%d.%d", 1+h.r.IntN(60), h.r.IntN(2)*5))
	if h.r.IntN(4) > 0 {
		plan, err := planned(h.credits, c, h.on)
		if err != nil {
			h.t.Fatal(err)
		}
		sum := plan.Excess
		for _, u := range plan.Takes {
			if sum, err = sum.Add(u.Units); err != nil || u.Value.Sign() < 0 {
				h.t.Fatalf("take %+v: %v", u, err)
			}
			h.used[u.Lot] += u.Value.Minor()
		}
		if !sum.Equal(c.Quantity) {
			h.t.Fatalf("units taken and excess = %s, want %s", sum, c.Quantity)
		}
		h.credits = redeemed(h.t, &plan, h.credits...)
		c.Plan = &plan
	}
	charges := []billing.Charge{c}
	for range h.r.IntN(4) {
		charges = append(charges, []billing.Charge{flat("serum"), flat("balm"), flat("consult"), {Service: "enzyme", Quantity: enzymeUnits("2.5")}, {Service: "filler", Containers: 2}, {Service: "ten", Complimentary: "goodwill"}}[h.r.IntN(6)])
	}
	inv := h.book(h.draft(charges...))
	if h.r.IntN(4) > 0 {
		inv = h.pay(inv)
	}
	h.invoices = append(h.invoices, inv)
	return true
}

func (h *history) payLater() bool {
	at := h.r.IntN(len(h.invoices))
	before := len(h.entries)
	h.invoices[at] = h.pay(h.invoices[at])
	return len(h.entries) > before
}

func (h *history) correct() bool {
	at := h.r.IntN(len(h.invoices))
	inv := h.invoices[at]
	l := inv.Lines[h.r.IntN(len(inv.Lines))]
	c := billing.Correction{ID: id[glabella.LineID](h.name()), Line: l.ID, Quantity: number(fmt.Sprintf("%d.%02d", h.r.IntN(30), h.r.IntN(100))), Reason: "miscounted", At: noon}
	if h.r.IntN(3) == 0 {
		c.Quantity = quantity.Number{}
	}
	next, err := inv.Correct(c)
	switch {
	case !l.Adjusts.IsZero() || len(l.Redeemed) > 0 || l.Kind == billing.UnitBank:
		if err == nil {
			h.t.Fatalf("Correct of %+v = nil, want it refused", l)
		}
		return false
	case cmp.Equal(codes(err), []glabella.Code{billing.CodeNoChange}):
		return false
	case err != nil:
		h.t.Fatalf("Correct: %v", err)
	}
	if diff := cmp.Diff(inv.Lines, next.Lines[:len(inv.Lines)], amounts); diff != "" {
		h.t.Fatalf("lines that were issued (-before +after):\n%s", diff)
	}
	h.post(billing.CorrectionEntries(next, h.writing(), next.Lines[len(inv.Lines)])...)
	h.invoices[at] = next
	return true
}

func (h *history) refund() bool {
	start := h.r.IntN(len(h.invoices))
	for k := range h.invoices {
		at := (start + k) % len(h.invoices)
		inv := h.invoices[at]
		owed := -totals(h.t, inv).Due.Minor()
		if owed <= 0 {
			continue
		}
		for _, payment := range inv.Tenders {
			left, err := inv.RefundableTo(payment.ID)
			if err != nil {
				h.t.Fatal(err)
			}
			if payment.Amount.Sign() < 0 || left.Sign() <= 0 {
				continue
			}
			back := 1 + h.r.Int64N(min(owed, left.Minor()))
			r := billing.Tender{ID: id[glabella.TenderID](h.name()), Kind: payment.Kind, Amount: money.New(-back, money.USD), Refunds: payment.ID, At: noon}
			next, err := inv.Refund(r)
			if err != nil {
				h.t.Fatalf("Refund: %v", err)
			}
			h.received -= back
			h.post(billing.TenderEntries(next, h.writing(), r)...)
			h.invoices[at] = next
			return true
		}
		h.t.Fatalf("%d are owed and no payment is left to refund", owed)
	}
	return false
}

// check compares everything with everything.
func (h *history) check(from glabella.Date) {
	h.t.Helper()
	if issues, err := billing.Compare(h.entries, h.invoices, h.credits); err != nil || len(issues) > 0 {
		h.t.Fatalf("Compare = %v, %v, want no difference", issues, err)
	}
	all, err := billing.Reconcile(h.entries, billing.Period{})
	if err != nil || !all.Residual.IsZero() {
		h.t.Fatalf("Reconcile = %+v, %v, want no residual", all, err)
	}
	var net, tax, due, deferred, days, sites int64
	for _, inv := range h.invoices {
		if err := inv.Validate(); err != nil {
			h.t.Fatalf("%s: %v", inv.Number, err)
		}
		for _, l := range inv.Lines {
			if l.Kind != billing.UnitBank {
				net += l.Net.Minor()
			}
			tax += l.Tax.Minor()
		}
		due += totals(h.t, inv).Due.Minor()
	}
	for _, c := range h.credits {
		b, err := c.Balance()
		left := b.Value
		if err != nil || b.Remaining.Sign() < 0 || left.Sign() < 0 {
			h.t.Fatalf("credit %+v: %v", c, err)
		}
		if left.Minor()+h.used[c.ID] != c.Price.Minor() {
			h.t.Fatalf("credit %s: used %d and left %s, want %s together", c.ID, h.used[c.ID], left, c.Price)
		}
		deferred += left.Minor()
	}
	type figures struct{ Net, Tax, Tips, Collections, Receivable, Deferred int64 }
	want := figures{net, tax, h.tipped, h.received, due, deferred}
	got := figures{all.NetSales.Minor(), all.Tax.Minor(), all.Tips.Minor(), all.Collections.Minor(), all.ReceivableChange.Minor(), all.DeferredChange.Minor()}
	if got != want {
		h.t.Fatalf("Reconcile = %+v, want the sums of the documents %+v", got, want)
	}
	for on := from; !on.After(h.on); on = on.AddDays(1) {
		day, err := billing.Reconcile(h.entries, billing.Period{From: on, To: on})
		if err != nil || !day.Residual.IsZero() {
			h.t.Fatalf("Reconcile of %s = %+v, %v, want no residual", on, day, err)
		}
		days += day.Collections.Minor()
	}
	for _, site := range []string{"Harbour", "Hill"} {
		one, err := billing.Reconcile(h.entries, billing.Period{Site: id[glabella.SiteID](site)})
		if err != nil || !one.Residual.IsZero() {
			h.t.Fatalf("Reconcile of %s = %+v, %v, want no residual", site, one, err)
		}
		sites += one.NetSales.Minor()
	}
	if days != h.received || sites != net {
		h.t.Fatalf("days collect %d and sites sell %d, want %d and %d", days, sites, h.received, net)
	}
}

func TestBooksBalanceWhateverHappens(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			h := &history{books: &books{}, t: t, r: rand.New(rand.NewPCG(seed, 7)), on: monday, done: map[string]int{}, used: map[glabella.CreditLotID]int64{}}
			h.sell()
			commands := []struct {
				name string
				do   func() bool
			}{{"sell", h.sell}, {"give", h.give}, {"visit", h.visit}, {"visit", h.visit}, {"visit", h.visit}, {"pay later", h.payLater}, {"correct", h.correct}, {"correct", h.correct}, {"refund", h.refund}}
			for n := 0; n < 2100; {
				c := commands[h.r.IntN(len(commands))]
				if !c.do() {
					continue
				}
				n++
				h.done[c.name]++
				if n%60 == 0 {
					h.on = h.on.AddDays(1)
				}
				if n%700 == 0 {
					h.check(monday)
				}
			}
			for _, c := range commands {
				if h.done[c.name] < 50 {
					t.Errorf("only %d times: %s", h.done[c.name], c.name)
				}
			}
		})
	}
}
