package practice

import (
	"context"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
)

// SellCredit is the input of [Practice.SellCredit].
type SellCredit struct {
	Command
	Patient   glabella.PatientID `json:"patient"`            // who pays
	Service   string             `json:"service"`            // code of a unit bank, package or gift card on the price list
	Holder    glabella.PatientID `json:"holder,omitzero"`    // who may use it; zero is who pays
	Choices   [][]int            `json:"choices"`            // of a package, see [billing.PackageSale]
	Amount    money.Amount       `json:"amount,omitzero"`    // of a gift card
	Bonus     money.Amount       `json:"bonus,omitzero"`     // of a gift card: added for nothing
	ExpiresOn glabella.Date      `json:"expiresOn,omitzero"` // of a gift card; zero does not expire
	Discounts []billing.Discount `json:"discounts"`
	Payments  []Payment          `json:"payments"`
}

// CreditSold is the receipt of [Practice.SellCredit].
type CreditSold struct {
	Invoice  glabella.InvoiceID  `json:"invoice"`
	Lots     []SoldLot           `json:"lots"`
	GiftCard glabella.GiftCardID `json:"giftCard,omitzero"`
	Due      money.Amount        `json:"due"`
	Change   money.Amount        `json:"change"` // given back out of cash
}

// SoldLot is one lot of credit that was sold.
type SoldLot struct {
	Lot       glabella.CreditLotID `json:"lot"`
	Kind      billing.LotKind      `json:"kind"`
	Granted   quantity.Quantity    `json:"granted"`
	Price     money.Amount         `json:"price"` // its part of what was paid, without tax
	ExpiresOn glabella.Date        `json:"expiresOn,omitzero"`
}

// CreditSoldEvent is the event that credit was sold.
type CreditSoldEvent struct {
	Invoice  glabella.InvoiceID  `json:"invoice"`
	Patient  glabella.PatientID  `json:"patient"`
	Holder   glabella.PatientID  `json:"holder"`
	Service  string              `json:"service"`
	GiftCard glabella.GiftCardID `json:"giftCard,omitzero"`
	Lots     []SoldLot           `json:"lots"`
}

// CodeCreditItem says that the item of the price list is not prepaid, or that there is no package of its code on this day.
const CodeCreditItem glabella.Code = "practice.credit.item"

// SellCredit sells prepaid units, a package or a gift card by the price list. What is
// paid for it is a liability until it is used, in lots of credit whose prices sum to
// what was paid. What is paid for a gift card is taxed when it buys something.
func (p *Practice) SellCredit(ctx context.Context, actor glabella.Actor, in SellCredit) (CreditSold, error) {
	return run(ctx, p, actor, access.CreditSell, in.Patient, in, func(ctx context.Context, w *work, in SellCredit, out *CreditSold) (storage.Outcome, error) {
		site, err := w.place(ctx)
		if err != nil {
			return failed(err)
		}
		if in.Holder.IsZero() {
			in.Holder = in.Patient
		}
		for _, id := range []glabella.PatientID{in.Patient, in.Holder} {
			if _, err := w.Patients().Get(ctx, id); err != nil {
				return failed(err)
			}
		}
		services, err := w.Services().All(ctx, storage.ServiceQuery{Code: in.Service})
		if err != nil {
			return failed(err)
		}
		service, ok := billing.PriceOf(services, in.Service, site.today)
		if !ok {
			return failed(glabella.Invalid("sale", glabella.Issue{Path: "/service", Code: billing.CodeNoPrice, Text: "the price list has no such item on this day"}))
		}
		if !service.Kind.Prepaid() {
			return failed(glabella.Invalid("sale", glabella.Issue{Path: "/service", Code: CodeCreditItem, Text: "is not prepaid"}))
		}
		id := glabella.InvoiceID(w.NewUUID())
		inv, err := billing.Calculate(billing.Draft{
			ID: id, Number: invoiceNumber(site.today, id), Patient: in.Patient, Site: site.ID, Currency: site.Currency, On: site.today,
			Charges: []billing.Charge{{Service: in.Service, Amount: in.Amount}}, Services: services, Taxes: site.Policy.Taxes, Discounts: in.Discounts,
			NewLine: func() glabella.LineID { return glabella.LineID(w.NewUUID()) },
		})
		if err != nil {
			return failed(err)
		}
		credits, err := w.purse(ctx, in.Patient)
		if err != nil {
			return failed(err)
		}
		paid, err := w.settle(ctx, site, inv, in.Payments, credits)
		if err != nil {
			return failed(err)
		}
		lots, card, err := w.granted(ctx, site, in, service, paid.invoice)
		if err != nil {
			return failed(err)
		}
		for _, lot := range lots {
			if lot, err = w.keepLot(ctx, site, billing.CreditLot{}, lot, ""); err != nil {
				return failed(err)
			}
			out.Lots = append(out.Lots, SoldLot{Lot: lot.ID, Kind: lot.Kind, Granted: lot.Granted, Price: lot.Price, ExpiresOn: lot.Movements[0].ExpiresOn})
		}
		totals, err := paid.invoice.Totals()
		if err != nil {
			return failed(err)
		}
		out.Invoice, out.GiftCard, out.Due, out.Change = paid.invoice.ID, card, totals.Due, paid.change
		sold, err := event("billing.credit-sold", CreditSoldEvent{Invoice: out.Invoice, Patient: in.Patient, Holder: in.Holder, Service: in.Service, GiftCard: card, Lots: out.Lots})
		return storage.Recorded(append(paid.events, sold)...), err
	})
}

// granted returns the lots of credit that a sale grants, and the gift card that it
// is of, if it is of one, which is stored.
func (w *work) granted(ctx context.Context, site place, in SellCredit, service billing.Service, inv billing.Invoice) ([]billing.CreditLot, glabella.GiftCardID, error) {
	moved := w.movedNow(site)
	line := inv.Lines[0]
	moved.Invoice, moved.Line = inv.ID, line.ID
	newLot := func() glabella.CreditLotID { return glabella.CreditLotID(w.NewUUID()) }
	recognition := w.p.credits.Recognition
	switch service.Kind {
	case billing.BundleItem:
		packages, err := w.Packages().All(ctx, storage.PackageQuery{Code: in.Service})
		if err != nil {
			return nil, glabella.GiftCardID{}, err
		}
		for _, p := range packages {
			if site.today.Before(p.From) || !p.To.IsZero() && site.today.After(p.To) {
				continue
			}
			lots, err := p.Sell(billing.PackageSale{Patient: in.Holder, Price: line.Net, Choices: in.Choices, Recognition: recognition, Moved: moved, NewID: newLot})
			return lots, glabella.GiftCardID{}, err
		}
		return nil, glabella.GiftCardID{}, glabella.Invalid("sale", glabella.Issue{Path: "/service", Code: CodeCreditItem, Text: "there is no package of this code on this day"})
	case billing.GiftItem:
		card, lots, err := billing.SellGiftCard(billing.GiftCardSale{
			ID: glabella.GiftCardID(w.NewUUID()), Holder: in.Holder, Purchaser: in.Patient, Amount: line.Net, Bonus: in.Bonus, TaxPoint: billing.MultiPurpose,
			ExpiresOn: in.ExpiresOn, BonusExpiresOn: in.ExpiresOn, Recognition: recognition, Moved: moved, NewID: newLot,
		})
		if err != nil {
			return nil, glabella.GiftCardID{}, err
		}
		d, err := billing.EvaluateGiftCard(card, lots, site.Jurisdiction)
		if err != nil {
			return nil, glabella.GiftCardID{}, err
		}
		if err := w.Require(d); err != nil {
			return nil, glabella.GiftCardID{}, err
		}
		_, err = w.GiftCards().Put(ctx, card)
		return lots, card.ID, err
	}
	lot, _, err := inv.Grant(line, *service.Bank, newLot(), moved)
	if err != nil {
		return nil, glabella.GiftCardID{}, err
	}
	lot.Patient = in.Holder
	lot.Upfront, err = recognition.Upfront(lot.Price)
	return []billing.CreditLot{lot}, glabella.GiftCardID{}, err
}

// PayInvoice is the input of [Practice.PayInvoice].
type PayInvoice struct {
	Command
	Invoice  glabella.InvoiceID `json:"invoice"`
	Payments []Payment          `json:"payments"`
}

// PayInvoice takes payments on an invoice that was issued before, in any split and
// order. What is paid in cash beyond what is due is given back as change.
func (p *Practice) PayInvoice(ctx context.Context, actor glabella.Actor, in PayInvoice) (CheckedOut, error) {
	return run(ctx, p, actor, access.InvoiceIssue, glabella.PatientID{}, in, func(ctx context.Context, w *work, in PayInvoice, out *CheckedOut) (storage.Outcome, error) {
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
		credits, err := w.purse(ctx, inv.Patient)
		if err != nil {
			return failed(err)
		}
		var s settlement
		entries, err := w.collect(site, &s, &inv, in.Payments, credits)
		if err != nil {
			return failed(err)
		}
		if inv, err = w.Invoices().Put(ctx, inv); err != nil {
			return failed(err)
		}
		if err := w.post(ctx, entries); err != nil {
			return failed(err)
		}
		if err := credits.keep(ctx, w, site); err != nil {
			return failed(err)
		}
		*out, err = checkedOut(inv)
		out.Change = s.change
		return storage.Recorded(s.events...), err
	})
}
