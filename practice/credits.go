package practice

import (
	"context"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
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

// usedLots are lots of credit before and after they paid for something.
type usedLots struct {
	before, after []billing.CreditLot
}

// redeem plans how a patient's lots of credit pay for the charges of a draft, and
// takes it from them. Of one person's merged records, the lots are theirs.
func (w *work) redeem(ctx context.Context, site place, id glabella.PatientID, d *billing.Draft) (usedLots, error) {
	who, err := personOf(ctx, w.Merges().Seen, id)
	if err != nil {
		return usedLots{}, err
	}
	lots, err := facts(ctx, who, w.Credits().Seen)
	if err != nil {
		return usedLots{}, err
	}
	used := usedLots{before: lots, after: lots}
	if len(lots) == 0 {
		return used, nil
	}
	f := billing.RedeemFacts{Patient: id, Site: site.ID, On: d.On, Policy: w.p.credits.Redeem}
	if f.Unpaid, err = w.unpaid(ctx, lots); err != nil {
		return usedLots{}, err
	}
	for i, c := range d.Charges {
		var ok bool
		if f.Want, ok = d.Want(c); !ok {
			continue
		}
		f.Lots = as(id, used.after)
		plan, err := billing.Preview(f)
		if err != nil {
			return usedLots{}, err
		}
		moved := w.movedNow(site)
		moved.Invoice = d.ID
		changed, err := billing.Redeem(plan, f.Lots, moved)
		if err != nil {
			return usedLots{}, err
		}
		used.after = billing.After(used.after, owned(lots, changed))
		d.Charges[i].Plan = &plan
	}
	return used, nil
}

// as returns lots as those of one record of a person.
func as(id glabella.PatientID, lots []billing.CreditLot) []billing.CreditLot {
	out := make([]billing.CreditLot, len(lots))
	for i, l := range lots {
		l.Patient = id
		out[i] = l
	}
	return out
}

// owned returns lots as those of the records that they were granted to.
func owned(before, lots []billing.CreditLot) []billing.CreditLot {
	out := make([]billing.CreditLot, len(lots))
	for i, l := range lots {
		for _, b := range before {
			if b.ID == l.ID {
				l.Patient = b.Patient
			}
		}
		out[i] = l
	}
	return out
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

// keep stores the lots that changed, with their entries in the ledger.
func (u usedLots) keep(ctx context.Context, w *work, site place) error {
	for i, after := range u.after {
		if len(after.Movements) == len(u.before[i].Movements) {
			continue
		}
		if _, err := w.keepLot(ctx, site, u.before[i], after); err != nil {
			return err
		}
	}
	return nil
}

// keepLot stores a lot, and posts what its new movements mean beyond what the
// invoice posts of them.
func (w *work) keepLot(ctx context.Context, site place, before, after billing.CreditLot) (billing.CreditLot, error) {
	entries, err := billing.MovementEntries(before, after, billing.CreditWriting{
		Writing: w.writing(site), Site: site.ID, Policy: w.p.credits.Recognition, Jurisdiction: site.Jurisdiction,
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
