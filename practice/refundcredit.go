package practice

import (
	"context"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/storage"
)

// CreditRefundTerms say how part-used credit is refunded.
type CreditRefundTerms struct {
	Lots  []glabella.CreditLotID    `json:"lots"` // of one sale
	Basis billing.CreditRefundBasis `json:"basis"`
	Fee   money.Amount              `json:"fee,omitzero"` // that the terms keep
}

// QuoteCreditRefund returns what would be refunded for what is left of lots of
// credit, step by step. List prices are those of the price list today.
func (p *Practice) QuoteCreditRefund(ctx context.Context, actor glabella.Actor, terms CreditRefundTerms) (billing.CreditRefund, error) {
	return query(ctx, p, actor, access.InvoiceRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (billing.CreditRefund, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return billing.CreditRefund{}, err
		}
		facts, err := refundFacts(ctx, r.Credits(), r.Services(), site, terms)
		if err != nil {
			return billing.CreditRefund{}, err
		}
		for _, l := range facts.Lots {
			r.Concerns(l.Patient)
		}
		return billing.QuoteCreditRefund(facts)
	})
}

// refundFacts reads what the refund of lots depends on.
func refundFacts(ctx context.Context, credits storage.SeenCredits, prices storage.SeenServices, site place, terms CreditRefundTerms) (billing.CreditRefundFacts, error) {
	f := billing.CreditRefundFacts{Basis: terms.Basis, ListPrices: map[glabella.CreditLotID]money.Amount{}, Fee: terms.Fee}
	services, err := prices.All(ctx, storage.ServiceQuery{})
	if err != nil {
		return f, err
	}
	for _, id := range terms.Lots {
		if slices.ContainsFunc(f.Lots, func(l billing.CreditLot) bool { return l.ID == id }) {
			continue
		}
		l, err := credits.Get(ctx, id)
		if err != nil {
			return f, err
		}
		f.Lots = append(f.Lots, l)
		if price, ok := listPrice(services, l, site.today); ok {
			f.ListPrices[id] = price
		}
	}
	return f, nil
}

// listPrice returns what one unit of a lot costs on its own, where the price list
// says so.
func listPrice(services []billing.Service, l billing.CreditLot, on glabella.Date) (money.Amount, bool) {
	switch l.Kind {
	case billing.MoneyLot:
		unit := int64(1)
		for range l.Price.Currency().Digits() {
			unit *= 10
		}
		return money.New(unit, l.Price.Currency()), true
	case billing.ServiceLot:
		if len(l.Limits.Services) == 1 {
			s, ok := billing.PriceOf(services, l.Limits.Services[0], on)
			return s.Price, ok
		}
	case billing.UnitsLot:
		if len(l.Limits.Products) == 1 {
			s, ok := billing.PriceFor(services, "", l.Limits.Products[0], on)
			return s.Price, ok && s.Basis == billing.PerUnit
		}
	}
	return money.Amount{}, false
}

// RefundCredit is the input of [Practice.RefundCredit].
type RefundCredit struct {
	Command
	CreditRefundTerms
	Payment glabella.TenderID `json:"payment"` // of the sale, that is refunded
	Quoted  money.Amount      `json:"quoted"`  // what [Practice.QuoteCreditRefund] said
	Reason  string            `json:"reason"`  // a code of the practice's own
}

// CreditRefundPaid is the receipt of [Practice.RefundCredit].
type CreditRefundPaid struct {
	Refund billing.CreditRefund `json:"refund"`
	Kind   billing.TenderKind   `json:"kind"` // the way it is paid out
	Lots   []CreditChanged      `json:"lots"`
}

// RefundCredit refunds what is left of lots of one sale to a payment of that sale,
// never more than the payment has left beside earlier refunds. The refund must be
// the one that was quoted. What was paid by store credit is not refunded in money:
// it is converted, see [Practice.ChangeCredit].
func (p *Practice) RefundCredit(ctx context.Context, actor glabella.Actor, in RefundCredit) (CreditRefundPaid, error) {
	return run(ctx, p, actor, access.CreditManage, glabella.PatientID{}, in, func(ctx context.Context, w *work, in RefundCredit, out *CreditRefundPaid) (storage.Outcome, error) {
		site, err := w.place(ctx)
		if err != nil {
			return failed(err)
		}
		facts, err := refundFacts(ctx, w.Credits().Seen, w.Services().Seen, site, in.CreditRefundTerms)
		if err != nil {
			return failed(err)
		}
		for _, l := range facts.Lots {
			w.Concerns(l.Patient)
		}
		if out.Refund, err = billing.QuoteCreditRefund(facts); err != nil {
			return failed(err)
		}
		var issues []glabella.Issue
		if out.Refund.Refund != in.Quoted {
			issues = append(issues, glabella.Issue{Path: "/quoted", Code: CodeCreditRefundQuote, Text: "is not what is refunded now"})
		}
		if in.Reason == "" {
			issues = append(issues, glabella.Issue{Path: "/reason", Code: glabella.CodeRequired, Text: "must be given"})
		}
		if err := glabella.Invalid("credit-refund", issues...); err != nil {
			return failed(err)
		}
		inv, kind, err := w.refundable(ctx, facts.Lots, in.Payment, out.Refund.Refund)
		if err != nil {
			return failed(err)
		}
		moved := w.movedNow(site)
		moved.Reason = in.Reason
		paid, err := billing.PayCreditRefund(out.Refund, facts.Lots, moved)
		if err != nil {
			return failed(err)
		}
		out.Kind, out.Lots = kind, []CreditChanged{}
		for _, after := range paid {
			i := slices.IndexFunc(facts.Lots, func(l billing.CreditLot) bool { return l.ID == after.ID })
			if after, err = w.keepLot(ctx, site, facts.Lots[i], after, kind); err != nil {
				return failed(err)
			}
			changed, err := creditChanged(after, CreditRefunded, in.Reason)
			if err != nil {
				return failed(err)
			}
			out.Lots = append(out.Lots, changed)
		}
		told, err := event("billing.credit-refunded", *out)
		if err != nil {
			return failed(err)
		}
		given, err := event("billing.paid", billing.Paid{Invoice: inv, Site: site.ID, On: site.today, Tenders: []billing.PaidTender{{Tender: in.Payment, Kind: kind, Amount: out.Refund.Refund.Neg()}}})
		return storage.Recorded(told, given), err
	})
}

// refundable returns the invoice that sold lots of credit, and the kind of the
// payment on it that an amount may be refunded to.
func (w *work) refundable(ctx context.Context, lots []billing.CreditLot, payment glabella.TenderID, amount money.Amount) (glabella.InvoiceID, billing.TenderKind, error) {
	sale := lots[0].Source.Invoice
	refuse := func(text string, refs ...glabella.Ref) error {
		return glabella.Refuse(glabella.Decide(glabella.Denied(CodeCreditRefundPayment, text).For(refs...).WithFix("name a payment of the sale")))
	}
	for _, l := range lots {
		if sale.IsZero() || l.Source.Invoice != sale {
			return sale, "", refuse("the lots are not of one sale", l.Ref())
		}
	}
	inv, err := w.Invoices().Get(ctx, sale)
	if err != nil {
		return sale, "", err
	}
	i := slices.IndexFunc(inv.Tenders, func(t billing.Tender) bool { return t.ID == payment && t.Refunds.IsZero() })
	if i < 0 || inv.Tenders[i].Kind == billing.StoreCredit {
		return sale, "", refuse("the sale has no such payment that money goes back to", inv.Ref())
	}
	// What credit of this sale was refunded before counts against its payments.
	all, err := w.Credits().All(ctx, storage.CreditQuery{Invoice: sale})
	if err != nil {
		return sale, "", err
	}
	captured, before := money.New(0, inv.Currency), amount
	for _, t := range inv.Tenders {
		if t.Kind == billing.StoreCredit {
			continue
		}
		if captured, err = captured.Add(t.Amount); err != nil {
			return sale, "", err
		}
	}
	for _, l := range all {
		for _, m := range l.Movements {
			if m.Kind != billing.MoveRefund {
				continue
			}
			if before, err = before.Add(m.Cash); err != nil {
				return sale, "", err
			}
		}
	}
	left, err := inv.RefundableTo(payment)
	if err != nil {
		return sale, "", err
	}
	over, err := before.Cmp(captured)
	if err != nil {
		return sale, "", err
	}
	more, err := amount.Cmp(left)
	if err != nil {
		return sale, "", err
	}
	if over > 0 || more > 0 {
		return sale, "", glabella.Refuse(glabella.Decide(glabella.Denied(billing.CodeRefundDue, "the refund is more than was paid this way").For(inv.Ref(), payment.Ref()).WithFix("refund to the other payments of the sale too, or convert the credit")))
	}
	return sale, inv.Tenders[i].Kind, nil
}
