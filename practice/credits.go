package practice

import (
	"context"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/storage"
)

// CreditPolicy is what a practice has decided on prepaid value.
type CreditPolicy struct {
	Redeem      billing.RedeemPolicy      // which lots are used first, and what stands for what
	Recognition billing.RecognitionPolicy // when prepaid value becomes revenue
}

// DefaultCreditPolicy uses what expires first, and makes prepaid value revenue when
// it is used. What expires unused stays a liability: whether it becomes revenue is for
// the practice and its accountant.
func DefaultCreditPolicy() CreditPolicy {
	return CreditPolicy{Redeem: billing.RedeemPolicy{Order: billing.OrderExpiry}}
}

// purse is the credit of one person in a command: the lots as they are stored, and
// as they are after what was taken from them.
type purse struct {
	who    glabella.PatientID
	before []billing.CreditLot
	after  []billing.CreditLot
	unpaid []glabella.InvoiceID
}

// purse returns the credit of a person, of all their records.
func (w *work) purse(ctx context.Context, id glabella.PatientID) (*purse, error) {
	who, err := personOf(ctx, w.Merges().Seen, id)
	if err != nil {
		return nil, err
	}
	p := &purse{who: id}
	if p.before, err = creditsOf(ctx, who, w.Credits().Seen); err != nil {
		return nil, err
	}
	p.after = make([]billing.CreditLot, len(p.before))
	for i, l := range p.before {
		l.Patient = id // the lots of merged records are of one person
		p.after[i] = l
	}
	p.unpaid, err = w.unpaid(ctx, p.before)
	return p, err
}

// creditsOf returns the lots of credit of a person.
func creditsOf(ctx context.Context, who person, of storage.SeenCredits) ([]billing.CreditLot, error) {
	return across(who, func(id glabella.PatientID) ([]billing.CreditLot, error) {
		return of.All(ctx, storage.CreditQuery{Patient: id})
	})
}

// unpaid returns the invoices of lots on which something is due.
func (w *work) unpaid(ctx context.Context, lots []billing.CreditLot) ([]glabella.InvoiceID, error) {
	var out []glabella.InvoiceID
	seen := map[glabella.InvoiceID]bool{}
	for _, l := range lots {
		id := l.Source.Invoice
		if id.IsZero() || seen[id] {
			continue
		}
		seen[id] = true
		inv, err := w.Invoices().Get(ctx, id)
		if err != nil {
			return nil, err
		}
		t, err := inv.Totals()
		if err != nil {
			return nil, err
		}
		if t.Due.Sign() > 0 {
			out = append(out, id)
		}
	}
	return out, nil
}

// take plans how the lots pay for something, and takes it from them.
func (p *purse) take(w *work, site place, want billing.Want, invoice glabella.InvoiceID) (billing.Redemption, error) {
	plan, err := billing.Preview(billing.RedeemFacts{
		Patient: p.who, Site: site.ID, On: site.today, Want: want, Lots: p.after, Unpaid: p.unpaid, Policy: w.p.credits.Redeem,
	})
	if err != nil {
		return plan, err
	}
	moved := w.movedNow(site)
	moved.Invoice = invoice
	changed, err := billing.Redeem(plan, p.after, moved)
	if err != nil {
		return plan, err
	}
	p.after = billing.After(p.after, changed)
	return plan, nil
}

// redeem has the lots pay for the charges of a draft, as far as they cover them.
func (p *purse) redeem(w *work, site place, d *billing.Draft) error {
	if len(p.after) == 0 {
		return nil
	}
	for i, c := range d.Charges {
		want, ok := d.Want(c)
		if !ok {
			continue
		}
		plan, err := p.take(w, site, want, d.ID)
		if err != nil {
			return err
		}
		d.Charges[i].Plan = &plan
	}
	return nil
}

// pay takes an amount of store credit for an invoice. What is not for tips comes
// first: most credit pays for none.
func (p *purse) pay(w *work, site place, inv billing.Invoice, amount money.Amount) ([]billing.Use, error) {
	t, err := inv.Totals()
	if err != nil {
		return nil, err
	}
	rest, err := t.Due.Sub(t.Tips)
	if err != nil {
		return nil, err
	}
	part := amount
	if over, err := amount.Cmp(rest); err != nil {
		return nil, err
	} else if over > 0 {
		part = rest
	}
	tips, err := amount.Sub(part)
	if err != nil {
		return nil, err
	}
	var out []billing.Use
	for _, x := range []struct {
		purpose billing.Purpose
		amount  money.Amount
	}{{purposeOf(inv), part}, {billing.ForTip, tips}} {
		if x.amount.Sign() <= 0 {
			continue
		}
		plan, err := p.take(w, site, billing.Want{Kind: billing.MoneyLot, Purpose: x.purpose, Quantity: billing.CreditOf(x.amount), Currency: inv.Currency}, inv.ID)
		if err != nil {
			return nil, err
		}
		if plan.Excess.Sign() > 0 {
			reasons := []glabella.Reason{glabella.Denied(billing.CodeRedeemShort, "the store credit does not suffice").For(inv.Ref()).
				With("short", plan.Excess.Value().String()).WithFix("take less of it, or another payment")}
			for _, u := range plan.Unusable {
				reasons = append(reasons, u.Decision.Reasons...)
			}
			return nil, glabella.Refuse(glabella.Decide(reasons...))
		}
		for _, take := range plan.Takes {
			out = append(out, billing.Use{Lot: take.Lot, Units: take.Covers, Value: take.Value})
		}
	}
	return out, nil
}

// purposeOf returns what store credit is asked to pay for on an invoice.
func purposeOf(inv billing.Invoice) billing.Purpose {
	for _, l := range inv.Lines {
		switch l.Kind {
		case billing.GiftItem:
			return billing.ForGiftCard
		case billing.BundleItem:
			return billing.ForPackage
		case billing.ProductItem:
			return billing.ForProduct
		}
	}
	return billing.ForService
}

// giveBack returns part of a payment by store credit to the lots that it was taken
// from, the last first.
func (p *purse) giveBack(w *work, site place, inv billing.Invoice, payment billing.Tender, amount money.Amount) ([]billing.Use, error) {
	left := billing.CreditOf(amount)
	var out []billing.Use
	for i := len(payment.Uses) - 1; i >= 0 && left.Sign() > 0; i-- {
		u := payment.Uses[i]
		for n := range p.after {
			if p.after[n].ID != u.Lot {
				continue
			}
			back := u.Units
			for _, t := range inv.Tenders { // less what went back before
				if t.Refunds != payment.ID {
					continue
				}
				for _, r := range t.Uses {
					if r.Lot == u.Lot {
						var err error
						if back, err = back.Add(r.Units); err != nil {
							return nil, err
						}
					}
				}
			}
			if over, err := back.Cmp(left); err != nil {
				return nil, err
			} else if over > 0 {
				back = left
			}
			if back.Sign() <= 0 {
				continue
			}
			next, value, err := p.after[n].GiveBack(inv.ID, back, w.movedNow(site))
			if err != nil {
				return nil, err
			}
			p.after[n] = next
			out = append(out, billing.Use{Lot: u.Lot, Units: back.Neg(), Value: value.Neg()})
			if left, err = left.Sub(back); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// keep stores the lots that changed, with their entries in the ledger.
func (p *purse) keep(ctx context.Context, w *work, site place) error {
	for i, after := range p.after {
		before := p.before[i]
		if len(after.Movements) == len(before.Movements) {
			continue
		}
		after.Patient = before.Patient
		if _, err := w.keepLot(ctx, site, before, after, ""); err != nil {
			return err
		}
	}
	return nil
}

// keepLot stores a lot, and posts what its new movements mean beyond what the
// invoice posts of them. Paid says how a refund was paid out.
func (w *work) keepLot(ctx context.Context, site place, before, after billing.CreditLot, paid billing.TenderKind) (billing.CreditLot, error) {
	entries, err := billing.MovementEntries(before, after, billing.CreditWriting{
		Writing: w.writing(site), Site: site.ID, Policy: w.p.credits.Recognition, Jurisdiction: site.Jurisdiction, Paid: paid,
	})
	if err != nil {
		return after, err
	}
	if after, err = w.Credits().Put(ctx, after); err != nil {
		return after, err
	}
	return after, w.post(ctx, entries)
}

// movedNow says that a movement of a lot of credit counts today.
func (w *work) movedNow(site place) billing.Moved {
	m := billing.Moved{On: site.today, At: w.Now()}
	m.By, _ = w.actor.Staff()
	return m
}
