package practice

import (
	"context"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
)

// CodeSettled says that the visit has been checked out already.
const CodeSettled glabella.Code = "practice.invoice.settled"

// Payment is one part of what a patient pays.
type Payment struct {
	Kind      billing.TenderKind `json:"kind"`
	Amount    money.Amount       `json:"amount"`
	Reference string             `json:"reference,omitempty"` // the processor's
}

// CheckOut is the input of [Practice.CheckOut].
type CheckOut struct {
	Command
	Encounter   glabella.EncounterID `json:"encounter"`
	KeepCredits bool                 `json:"keepCredits"` // leave the patient's prepaid units alone
	Discounts   []billing.Discount   `json:"discounts"`
	Tips        []billing.Tip        `json:"tips"`
	Payments    []Payment            `json:"payments"`
}

// CheckedOut is the receipt of [Practice.CheckOut].
type CheckedOut struct {
	Invoice glabella.InvoiceID   `json:"invoice"`
	Number  string               `json:"number"`
	Lines   []glabella.LineID    `json:"lines"`
	State   billing.InvoiceState `json:"state"`
	Totals  billing.Totals       `json:"totals"`
	Change  money.Amount         `json:"change"` // given back out of cash
	Version uint64               `json:"version"`
}

// CheckOut issues the invoice of a completed visit and takes payment: prepaid
// units pay for what they cover and the excess is charged, discounts, tax and
// tips are added, and the payments may be split. What is paid in cash beyond what
// is due is given back as change. A dry run is the preview.
func (p *Practice) CheckOut(ctx context.Context, actor glabella.Actor, in CheckOut) (CheckedOut, error) {
	return run(ctx, p, actor, access.InvoiceIssue, glabella.PatientID{}, in, func(ctx context.Context, w *work, in CheckOut, out *CheckedOut) (storage.Outcome, error) {
		site, err := w.place(ctx)
		if err != nil {
			return failed(err)
		}
		visit, err := w.Encounters().Get(ctx, in.Encounter)
		if err != nil {
			return failed(err)
		}
		w.Concerns(visit.Patient)
		invoices, err := w.Invoices().All(ctx, storage.InvoiceQuery{Encounter: visit.ID})
		if err != nil {
			return failed(err)
		}
		if len(invoices) == 0 {
			return failed(&glabella.TransitionError{Machine: "encounter", From: string(visit.State), Action: "check out"})
		}
		before := invoices[0]
		if before.State != billing.InvoiceDraft {
			return failed(&glabella.RefusedError{Decision: glabella.Decide(glabella.Denied(CodeSettled, "the visit has been checked out").For(before.Ref()).WithFix("correct the invoice instead"))})
		}
		if err := w.expect(before.Ref(), before.Version); err != nil {
			return failed(err)
		}
		draft, err := w.draft(ctx, visit, site, before.ID)
		if err != nil {
			return failed(err)
		}
		draft.Discounts, draft.Tips = in.Discounts, in.Tips
		credits, err := w.purse(ctx, visit.Patient)
		if err != nil {
			return failed(err)
		}
		if !in.KeepCredits {
			if err := credits.redeem(w, site, &draft); err != nil {
				return failed(err)
			}
		}
		inv, err := billing.Calculate(draft)
		if err != nil {
			return failed(err)
		}
		inv.Meta = before.Meta
		paid, err := w.settle(ctx, site, inv, in.Payments, credits)
		if err != nil {
			return failed(err)
		}
		if !visit.Appointment.IsZero() {
			a, err := w.Appointments().Get(ctx, visit.Appointment)
			if err != nil {
				return failed(err)
			}
			if a, err = a.Complete(); err != nil {
				return failed(err)
			}
			if _, err := w.Appointments().Put(ctx, a); err != nil {
				return failed(err)
			}
		}
		*out, err = checkedOut(paid.invoice)
		out.Change = paid.change
		return storage.Recorded(paid.events...), err
	})
}

func checkedOut(inv billing.Invoice) (CheckedOut, error) {
	totals, err := inv.Totals()
	out := CheckedOut{Invoice: inv.ID, Number: inv.Number, State: inv.State, Totals: totals, Version: inv.Version}
	for _, l := range inv.Lines {
		out.Lines = append(out.Lines, l.ID)
	}
	return out, err
}

// settlement is an invoice that was issued and paid as far as it was.
type settlement struct {
	invoice billing.Invoice
	events  []audit.Event
	change  money.Amount // given back out of cash
}

// settle issues an invoice, takes its payments, and stores it with the ledger
// entries of both, and the credit that has paid for it.
func (w *work) settle(ctx context.Context, site place, inv billing.Invoice, payments []Payment, credits *purse) (settlement, error) {
	var s settlement
	inv, err := inv.Issue(w.Now())
	if err != nil {
		return s, err
	}
	entries := billing.IssueEntries(inv, w.writing(site))
	issued, err := inv.Event()
	if err != nil {
		return s, err
	}
	if err := s.tell("billing.issued", issued); err != nil {
		return s, err
	}
	if len(payments) > 0 {
		more, err := w.collect(site, &s, &inv, payments, credits)
		if err != nil {
			return s, err
		}
		entries = append(entries, more...)
	}
	if s.invoice, err = w.Invoices().Put(ctx, inv); err != nil {
		return s, err
	}
	if err := w.post(ctx, entries); err != nil {
		return s, err
	}
	return s, credits.keep(ctx, w, site)
}

// collect takes payments on an invoice, and returns their entries.
func (w *work) collect(site place, s *settlement, inv *billing.Invoice, payments []Payment, credits *purse) ([]billing.Entry, error) {
	tenders := make([]billing.Tender, len(payments))
	var err error
	for i, p := range payments {
		tenders[i] = billing.Tender{ID: glabella.TenderID(w.NewUUID()), Kind: p.Kind, Amount: p.Amount, Reference: p.Reference, At: w.Now()}
		if p.Kind != billing.StoreCredit {
			continue
		}
		if tenders[i].Uses, err = credits.pay(w, site, *inv, p.Amount); err != nil {
			return nil, err
		}
	}
	if tenders, s.change, err = inv.MakeChange(tenders...); err != nil {
		return nil, err
	}
	if *inv, err = inv.Pay(tenders...); err != nil {
		return nil, err
	}
	paid, err := inv.PaidEvent(site.today, tenders...)
	if err != nil {
		return nil, err
	}
	return billing.TenderEntries(*inv, w.writing(site), tenders...), s.tell("billing.paid", paid)
}

func (s *settlement) tell(name string, payload any) error {
	e, err := event(name, payload)
	s.events = append(s.events, e)
	return err
}

func (w *work) writing(site place) billing.Writing {
	return billing.Writing{On: site.today, At: w.Now(), NewID: func() glabella.EntryID { return glabella.EntryID(w.NewUUID()) }}
}

// post writes entries. What would count on a day whose books are closed counts on the
// first open one.
func (w *work) post(ctx context.Context, entries []billing.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	closings, err := w.Closings().All(ctx, storage.ClosingQuery{Site: entries[0].Site})
	if err != nil {
		return err
	}
	for _, e := range entries {
		e.EffectiveOn = billing.OpenOn(closings, e.Site, e.EffectiveOn)
		if _, err := w.Ledger().Put(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// CorrectInvoice is the input of [Practice.CorrectInvoice].
type CorrectInvoice struct {
	Command
	Invoice  glabella.InvoiceID `json:"invoice"`
	Line     glabella.LineID    `json:"line"`
	Quantity quantity.Number    `json:"quantity"` // what the line should have said; 0 takes it back
	Reason   string             `json:"reason"`   // a code of the practice's own
	Refund   bool               `json:"refund"`   // give back what is owed then, to the latest payments first
}

// CorrectInvoice corrects a line of an issued invoice, paid or not. The line
// stays as it is: a further line makes up the difference, with its own ledger
// entry on the day of the correction.
func (p *Practice) CorrectInvoice(ctx context.Context, actor glabella.Actor, in CorrectInvoice) (CheckedOut, error) {
	return run(ctx, p, actor, access.InvoiceCorrect, glabella.PatientID{}, in, func(ctx context.Context, w *work, in CorrectInvoice, out *CheckedOut) (storage.Outcome, error) {
		site, err := w.place(ctx)
		if err != nil {
			return failed(err)
		}
		inv, err := w.Invoices().Get(ctx, in.Invoice)
		if err != nil {
			return failed(err)
		}
		w.Concerns(inv.Patient)
		if err := w.expect(inv.Ref(), inv.Version); err != nil {
			return failed(err)
		}
		if inv, err = inv.Correct(billing.Correction{ID: glabella.LineID(w.NewUUID()), Line: in.Line, Quantity: in.Quantity, Reason: in.Reason, At: w.Now()}); err != nil {
			return failed(err)
		}
		adjustment := inv.Lines[len(inv.Lines)-1]
		entries := billing.CorrectionEntries(inv, w.writing(site), adjustment)
		corrected, err := event("billing.corrected", billing.Corrected{Invoice: inv.ID, Line: adjustment.ID, Adjusts: adjustment.Adjusts, Site: inv.Site, On: site.today, Net: adjustment.Net, Tax: adjustment.Tax, Kind: adjustment.Kind})
		if err != nil {
			return failed(err)
		}
		events := []audit.Event{corrected}
		if in.Refund {
			var refunds []billing.Tender
			credits, err := w.purse(ctx, inv.Patient)
			if err != nil {
				return failed(err)
			}
			if inv, refunds, err = w.refund(site, inv, credits); err != nil {
				return failed(err)
			}
			if len(refunds) > 0 {
				entries = append(entries, billing.TenderEntries(inv, w.writing(site), refunds...)...)
				given, err := inv.PaidEvent(site.today, refunds...)
				if err != nil {
					return failed(err)
				}
				paid, err := event("billing.paid", given)
				if err != nil {
					return failed(err)
				}
				events = append(events, paid)
			}
			if err := credits.keep(ctx, w, site); err != nil {
				return failed(err)
			}
		}
		if inv, err = w.Invoices().Put(ctx, inv); err != nil {
			return failed(err)
		}
		if err := w.post(ctx, entries); err != nil {
			return failed(err)
		}
		*out, err = checkedOut(inv)
		return storage.Recorded(events...), err
	})
}

// refund gives back what is owed to the patient, to the latest payments first,
// each up to what is left of it. What was paid by store credit goes back to the lots
// that it was taken from.
func (w *work) refund(site place, inv billing.Invoice, credits *purse) (billing.Invoice, []billing.Tender, error) {
	var refunds []billing.Tender
	for i := len(inv.Tenders) - 1; i >= 0; i-- {
		totals, err := inv.Totals()
		if err != nil {
			return inv, nil, err
		}
		if totals.Due.Sign() >= 0 {
			break
		}
		payment := inv.Tenders[i]
		if payment.Amount.Sign() < 0 {
			continue
		}
		back, err := inv.RefundableTo(payment.ID)
		if err != nil {
			return inv, nil, err
		}
		if more, err := back.Cmp(totals.Due.Neg()); err != nil {
			return inv, nil, err
		} else if more > 0 {
			back = totals.Due.Neg()
		}
		if back.Sign() <= 0 {
			continue
		}
		r := billing.Tender{ID: glabella.TenderID(w.NewUUID()), Kind: payment.Kind, Amount: back.Neg(), Refunds: payment.ID, At: w.Now()}
		if payment.Kind == billing.StoreCredit {
			if r.Uses, err = credits.giveBack(w, site, inv, payment, back); err != nil {
				return inv, nil, err
			}
		}
		if inv, err = inv.Refund(r); err != nil {
			return inv, nil, err
		}
		refunds = append(refunds, r)
	}
	return inv, refunds, nil
}

// ReadInvoice returns an invoice with its lines, payments and refunds, as far as the
// actor's roles may see it.
func (p *Practice) ReadInvoice(ctx context.Context, actor glabella.Actor, id glabella.InvoiceID) (billing.Invoice, error) {
	return query(ctx, p, actor, access.InvoiceRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (billing.Invoice, error) {
		inv, err := r.Invoices().Get(ctx, id)
		if err != nil {
			return inv, err
		}
		r.Concerns(inv.Patient)
		may, _ := r.Sight()
		return seen([]billing.Invoice{inv}, may, new([]Removed))[0], nil
	})
}

// PrintInvoice returns an invoice as text, as the patient gets it.
func (p *Practice) PrintInvoice(ctx context.Context, actor glabella.Actor, id glabella.InvoiceID) (string, error) {
	return query(ctx, p, actor, access.InvoiceRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (string, error) {
		inv, err := r.Invoices().Get(ctx, id)
		if err != nil {
			return "", err
		}
		r.Concerns(inv.Patient)
		site, err := r.Sites().Get(ctx, inv.Site)
		if err != nil {
			return "", err
		}
		pat, err := r.Patients().Get(ctx, inv.Patient)
		if err != nil {
			return "", err
		}
		return inv.Text(billing.Heading{Practice: site.Name, Patient: pat.Name().String()})
	})
}
