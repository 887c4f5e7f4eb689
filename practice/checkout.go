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

// SellUnitBank is the input of [Practice.SellUnitBank].
type SellUnitBank struct {
	Command
	Patient  glabella.PatientID `json:"patient"`
	Service  string             `json:"service"` // code of a unit bank on the price list
	Payments []Payment          `json:"payments"`
}

// UnitBankSold is the receipt of [Practice.SellUnitBank].
type UnitBankSold struct {
	Invoice   glabella.InvoiceID   `json:"invoice"`
	Lot       glabella.CreditLotID `json:"lot"`
	Units     quantity.Quantity    `json:"units"`
	ExpiresOn glabella.Date        `json:"expiresOn,omitzero"`
	Due       money.Amount         `json:"due"`
	Change    money.Amount         `json:"change"` // given back out of cash
}

// SellUnitBank sells prepaid units. What is paid for them is a liability until
// they are used.
func (p *Practice) SellUnitBank(ctx context.Context, actor glabella.Actor, in SellUnitBank) (UnitBankSold, error) {
	return run(ctx, p, actor, access.CreditSell, in.Patient, in, func(ctx context.Context, w *work, in SellUnitBank, out *UnitBankSold) (storage.Outcome, error) {
		site, err := w.place(ctx)
		if err != nil {
			return failed(err)
		}
		if _, err := w.Patients().Get(ctx, in.Patient); err != nil {
			return failed(err)
		}
		services, err := w.Services().All(ctx, storage.ServiceQuery{Code: in.Service})
		if err != nil {
			return failed(err)
		}
		service, ok := billing.PriceOf(services, in.Service, site.today)
		if !ok || service.Kind != billing.UnitBank {
			return failed(glabella.Invalid("sale", glabella.Issue{Path: "/service", Code: billing.CodeNoPrice, Text: "the price list has no unit bank of this code on this day"}))
		}
		id := glabella.InvoiceID(w.NewUUID())
		inv, err := billing.Calculate(billing.Draft{
			ID: id, Number: invoiceNumber(site.today, id), Patient: in.Patient, Site: site.ID, Currency: site.Currency, On: site.today,
			Charges: []billing.Charge{{Service: in.Service}}, Services: services, Taxes: site.Policy.Taxes,
			NewLine: func() glabella.LineID { return glabella.LineID(w.NewUUID()) },
		})
		if err != nil {
			return failed(err)
		}
		paid, err := w.settle(ctx, site, inv, in.Payments)
		if err != nil {
			return failed(err)
		}
		inv = paid.invoice
		lot, _, err := inv.Grant(inv.Lines[0], *service.Bank, glabella.CreditLotID(w.NewUUID()), w.movedNow(site))
		if err != nil {
			return failed(err)
		}
		if lot.Upfront, err = p.credits.Recognition.Upfront(lot.Price); err != nil {
			return failed(err)
		}
		if lot, err = w.keepLot(ctx, site, billing.CreditLot{}, lot); err != nil {
			return failed(err)
		}
		balance, err := lot.Balance()
		if err != nil {
			return failed(err)
		}
		totals, err := inv.Totals()
		if err != nil {
			return failed(err)
		}
		sold, err := event("billing.bank-sold", billing.BankSold{Lot: lot.ID, Invoice: inv.ID, Patient: in.Patient, Units: lot.Granted, Price: lot.Price})
		*out = UnitBankSold{Invoice: inv.ID, Lot: lot.ID, Units: lot.Granted, ExpiresOn: balance.ExpiresOn, Due: totals.Due, Change: paid.change}
		return storage.Recorded(append(paid.events, sold)...), err
	})
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
		var used usedLots
		if !in.KeepCredits {
			if used, err = w.redeem(ctx, site, visit.Patient, &draft); err != nil {
				return failed(err)
			}
		}
		inv, err := billing.Calculate(draft)
		if err != nil {
			return failed(err)
		}
		inv.Meta = before.Meta
		paid, err := w.settle(ctx, site, inv, in.Payments)
		if err != nil {
			return failed(err)
		}
		if err := used.keep(ctx, w, site); err != nil {
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
// entries of both.
func (w *work) settle(ctx context.Context, site place, inv billing.Invoice, payments []Payment) (settlement, error) {
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
		tenders := make([]billing.Tender, len(payments))
		for i, p := range payments {
			tenders[i] = billing.Tender{ID: glabella.TenderID(w.NewUUID()), Kind: p.Kind, Amount: p.Amount, Reference: p.Reference, At: w.Now()}
		}
		if tenders, s.change, err = inv.MakeChange(tenders...); err != nil {
			return s, err
		}
		if inv, err = inv.Pay(tenders...); err != nil {
			return s, err
		}
		entries = append(entries, billing.TenderEntries(inv, w.writing(site), tenders...)...)
		if err := s.tell("billing.paid", inv.PaidEvent(site.today, tenders...)); err != nil {
			return s, err
		}
	}
	if s.invoice, err = w.Invoices().Put(ctx, inv); err != nil {
		return s, err
	}
	return s, w.post(ctx, entries)
}

func (s *settlement) tell(name string, payload any) error {
	e, err := event(name, payload)
	s.events = append(s.events, e)
	return err
}

func (w *work) writing(site place) billing.Writing {
	return billing.Writing{On: site.today, At: w.Now(), NewID: func() glabella.EntryID { return glabella.EntryID(w.NewUUID()) }}
}

func (w *work) post(ctx context.Context, entries []billing.Entry) error {
	for _, e := range entries {
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
			if inv, refunds, err = w.refund(inv); err != nil {
				return failed(err)
			}
			if len(refunds) > 0 {
				entries = append(entries, billing.TenderEntries(inv, w.writing(site), refunds...)...)
				paid, err := event("billing.paid", inv.PaidEvent(site.today, refunds...))
				if err != nil {
					return failed(err)
				}
				events = append(events, paid)
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
// each up to what is left of it.
func (w *work) refund(inv billing.Invoice) (billing.Invoice, []billing.Tender, error) {
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
		if inv, err = inv.Refund(r); err != nil {
			return inv, nil, err
		}
		refunds = append(refunds, r)
	}
	return inv, refunds, nil
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
