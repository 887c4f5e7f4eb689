package fhirconv

import (
	"fmt"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/fhirconv/r4"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
)

var invoiceStatus = map[billing.InvoiceState]string{
	billing.InvoiceDraft:    "draft",
	billing.InvoiceIssued:   "issued",
	billing.InvoicePartPaid: "issued",
	billing.InvoicePaid:     "balanced",
	billing.InvoiceRefunds:  "issued",
}

func (b *builder) invoices() {
	for i, inv := range b.r.Invoices {
		path := fmt.Sprintf("/invoices/%d", i)
		b.owned(path, inv.Patient)
		subject := b.subject()
		totals, err := inv.Totals()
		if err != nil {
			b.issue(path+"/lines", billing.CodeTotals, "the amounts cannot be summed")
		}
		out := r4.Invoice{
			ID:   inv.ID.String(),
			Meta: meta(inv.Meta),
			Extension: extension("invoice",
				refPart("encounter", b.ref(path+"/encounter", inv.Encounter.Ref())),
				refPart("site", b.ref(path+"/site", inv.Site.Ref())),
				timePart("issuedAt", inv.IssuedAt),
			),
			Identifier: []r4.Identifier{{System: systemInvoice, Value: inv.Number}},
			Status:     coded(b, path+"/state", invoiceStatus, inv.State),
			Subject:    subject,
			Date:       r4.DateTime(inv.On.String()),
			TotalNet:   moneyOf(totals.Net),
			TotalGross: moneyOf(totals.Gross),
		}
		b.lose(inv.State == billing.InvoicePartPaid || inv.State == billing.InvoiceRefunds, path+"/state", LossBroader, "FHIR has no status for what is paid in part or owed back")
		for k := range inv.Lines {
			out.LineItem = append(out.LineItem, b.line(fmt.Sprintf("%s/lines/%d", path, k), inv, k))
		}
		for k, tip := range inv.Tips {
			component := price("surcharge", "tip", tip.Amount)
			component.Extension = single("provider", refPart("provider", b.ref(fmt.Sprintf("%s/tips/%d/provider", path, k), tip.Provider.Ref())))
			out.TotalPriceComponent = append(out.TotalPriceComponent, component)
		}
		for k := range inv.Tenders {
			b.lose(true, fmt.Sprintf("%s/tenders/%d", path, k), LossNoElement, "payments are not written")
		}
		b.add(path, &out)
	}
}

// line writes a line. Its components sum to its total: what is taken off is
// negative.
func (b *builder) line(path string, inv billing.Invoice, k int) r4.InvoiceLineItem {
	l := inv.Lines[k]
	if l.Service == "" {
		b.issue(path+"/service", glabella.CodeRequired, "must be given")
	}
	parts := []r4.Extension{
		textPart("id", l.ID.String()),
		codePart("kind", l.Kind),
		textPart("product", l.Product),
		refPart("procedure", b.ref(path+"/procedure", l.Procedure.Ref())),
		refPart("provider", b.ref(path+"/provider", l.Provider.Ref())),
	}
	for n, id := range l.Lots {
		lot := slices.IndexFunc(b.r.Lots, func(o inventory.Lot) bool { return o.ID == id })
		if lot < 0 {
			b.lose(true, fmt.Sprintf("%s/lots/%d", path, n), LossUnresolved, "the lot was not given")
			continue
		}
		parts = append(parts, textPart("lot", b.r.Lots[lot].Number))
	}
	parts = append(parts, textPart("adjusts", l.Adjusts.String()), textPart("reason", l.Reason), timePart("at", l.At))

	base := price("base", "", l.List)
	base.Factor = number(l.Quantity.Decimal)
	base.Extension = single("unit-price", textPart("unit-price", amountText(l.UnitPrice)))
	out := r4.InvoiceLineItem{
		Extension:      extension("invoice-line", parts...),
		Sequence:       new(k + 1),
		ChargeItem:     concept(SystemService, l.Service, l.Name),
		PriceComponent: []r4.InvoiceLineItemPriceComponent{base},
	}
	net := l.List
	for _, d := range l.Discounts {
		out.PriceComponent = append(out.PriceComponent, price("discount", d.Code, d.Amount.Neg()))
		net = b.less(path, net, d.Amount)
	}
	// A line that credits pay has their value as its net.
	if off := b.less(path, l.Net, net); !off.IsZero() {
		kind := "deduction"
		if off.Sign() > 0 {
			kind = "surcharge"
		}
		out.PriceComponent = append(out.PriceComponent, price(kind, "credit-value", off))
	}
	for n := range l.Redeemed {
		b.lose(true, fmt.Sprintf("%s/redeemed/%d", path, n), LossNoElement, "prepaid credits are not written")
	}
	if !l.Tax.IsZero() || l.TaxClass != "" {
		out.PriceComponent = append(out.PriceComponent, price("tax", l.TaxClass, l.Tax))
	}
	return out
}

// less returns x − y.
func (b *builder) less(path string, x, y money.Amount) money.Amount {
	out, err := x.Sub(y)
	if err != nil {
		b.issue(path, billing.CodeTotals, "the amounts cannot be summed")
	}
	return out
}

func price(kind, code string, a money.Amount) r4.InvoiceLineItemPriceComponent {
	return r4.InvoiceLineItemPriceComponent{Type: kind, Code: concept(SystemPrice, code, ""), Amount: moneyOf(a)}
}

func amountText(a money.Amount) string {
	if a.Currency() == "" {
		return ""
	}
	return a.String()
}
