package inventory

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
)

// Codes of what a comparison of an order with its deliveries and the supplier's
// invoices finds.
const (
	// CodeOrderInvoicedMore says that a supplier charges more containers than arrived.
	CodeOrderInvoicedMore glabella.Code = "inventory.order.quantity-invoiced"
	// CodeOrderPrice says that a supplier charges another price than was agreed.
	CodeOrderPrice glabella.Code = "inventory.order.price"
	// CodeOrderUninvoiced says that more containers arrived than the supplier has charged so far.
	CodeOrderUninvoiced glabella.Code = "inventory.order.uninvoiced"
	// CodeOrderUnpriced says that no price was agreed with which a charge could be compared.
	CodeOrderUnpriced glabella.Code = "inventory.order.unpriced"
	// CodeOrderCurrency says that a supplier charges in another currency than was agreed.
	CodeOrderCurrency glabella.Code = "inventory.order.currency"
	// CodeOrderSupplier says that an invoice is from another supplier than the order.
	CodeOrderSupplier glabella.Code = "inventory.order.supplier"
	// CodeOrderInvoiceTwice says that an invoice of a supplier is given twice.
	CodeOrderInvoiceTwice glabella.Code = "inventory.order.invoice-twice"
)

// SupplierInvoiceLine is what a supplier charges for one product.
type SupplierInvoiceLine struct {
	Product    glabella.ProductID `json:"product"`
	Containers int                `json:"containers"` // negative on a credit note
	Amount     money.Amount       `json:"amount"`     // of the line, without tax and freight
}

// SupplierInvoice is an invoice or a credit note of a supplier for one order.
type SupplierInvoice struct {
	Supplier string                `json:"supplier"`
	Number   string                `json:"number"`
	Lines    []SupplierInvoiceLine `json:"lines"`
}

// OrderComparison is one product of an order: what was agreed, what arrived, and
// what is charged.
type OrderComparison struct {
	Product  glabella.ProductID `json:"product"`
	Ordered  int                `json:"ordered"`  // containers
	Received int                `json:"received"` // containers, with those beyond the order
	Invoiced int                `json:"invoiced"` // containers
	Agreed   money.Amount       `json:"agreed"`   // what was ordered costs
	Due      money.Amount       `json:"due"`      // what arrived costs, as agreed
	Charged  money.Amount       `json:"charged"`  // what the supplier charges
}

// Compare sets an order beside its receipts and the supplier's invoices. It denies
// a payment where more is charged than arrived, in number, or where the price of what
// is charged differs from what was agreed by more than the tolerance per product, and
// warns of what arrived and is not charged yet. The tolerance is the practice's; the
// zero Amount is none. The lines are those of the order, in their order, then
// products that were charged and not ordered.
func (o PurchaseOrder) Compare(invoices []SupplierInvoice, tolerance money.Amount) ([]OrderComparison, glabella.Decision, error) {
	var out []OrderComparison
	var reasons []glabella.Reason
	for _, l := range o.Lines {
		c := OrderComparison{Product: l.Product, Ordered: l.Containers(), Received: l.Received + l.Over}
		var err error
		if c.Agreed, err = l.Cost(c.Ordered); err != nil {
			return nil, glabella.Decision{}, err
		}
		if c.Due, err = l.Cost(c.Received); err != nil {
			return nil, glabella.Decision{}, err
		}
		out = append(out, c)
	}
	deny := func(code glabella.Code, text, fix string, refs ...glabella.Ref) {
		reasons = append(reasons, glabella.Denied(code, text).For(append(refs, o.Ref())...).WithFix(fix))
	}
	mixed := map[glabella.ProductID]bool{}
	for i, v := range invoices {
		if v.Supplier != o.Supplier {
			deny(CodeOrderSupplier, "the invoice is from another supplier", "find the order that it belongs to")
		}
		if slices.ContainsFunc(invoices[:i], func(w SupplierInvoice) bool { return w.Supplier == v.Supplier && w.Number == v.Number }) {
			deny(CodeOrderInvoiceTwice, "the invoice is given twice", "give it once")
		}
		for _, l := range v.Lines {
			j := slices.IndexFunc(out, func(c OrderComparison) bool { return c.Product == l.Product })
			if j < 0 {
				j = len(out)
				out = append(out, OrderComparison{Product: l.Product})
				deny(CodeOrderProduct, "a product is charged that is not ordered", "ask the supplier", l.Product.Ref())
			}
			if have := out[j].Charged.Currency(); have != "" && l.Amount.Currency() != "" && have != l.Amount.Currency() {
				mixed[l.Product] = true
				continue
			}
			var err error
			if out[j].Charged, err = out[j].Charged.Add(l.Amount); err != nil {
				return nil, glabella.Decision{}, fmt.Errorf("invoice %d: %w", i, err)
			}
			out[j].Invoiced += l.Containers
		}
	}
	for i, c := range out {
		switch {
		case c.Invoiced > c.Received:
			reasons = append(reasons, glabella.Denied(CodeOrderInvoicedMore, "more is charged than arrived").For(c.Product.Ref(), o.Ref()).
				With("invoiced", strconv.Itoa(c.Invoiced)).With("received", strconv.Itoa(c.Received)).WithFix("pay for what arrived, or look for the rest"))
		case c.Invoiced < c.Received:
			reasons = append(reasons, glabella.Warned(CodeOrderUninvoiced, "more arrived than is charged so far").For(c.Product.Ref(), o.Ref()).
				With("invoiced", strconv.Itoa(c.Invoiced)).With("received", strconv.Itoa(c.Received)).WithFix("wait for the next invoice, or ask the supplier"))
		}
		if i >= len(o.Lines) || c.Invoiced == 0 && c.Charged.IsZero() && !mixed[c.Product] {
			continue
		}
		price, err := o.priceReasons(o.Lines[i], c, mixed[c.Product], tolerance)
		if err != nil {
			return nil, glabella.Decision{}, err
		}
		reasons = append(reasons, price...)
	}
	return out, glabella.Decide(reasons...), nil
}

// priceReasons compares what is charged for a line with what the same number of
// containers costs as agreed.
func (o PurchaseOrder) priceReasons(l OrderLine, c OrderComparison, mixed bool, tolerance money.Amount) ([]glabella.Reason, error) {
	agreed, err := l.Cost(c.Invoiced)
	switch {
	case err != nil:
		return nil, err
	case l.UnitCost.Currency() == "":
		return []glabella.Reason{glabella.Warned(CodeOrderUnpriced, "no price was agreed").For(c.Product.Ref(), o.Ref()).WithFix("agree on a price, or accept the charge")}, nil
	case mixed || c.Charged.Currency() != "" && c.Charged.Currency() != l.UnitCost.Currency():
		return []glabella.Reason{glabella.Denied(CodeOrderCurrency, "the charge is in another currency").For(c.Product.Ref(), o.Ref()).WithFix("ask for an invoice in the currency of the order")}, nil
	}
	off, err := c.Charged.Sub(agreed)
	if err != nil {
		return nil, err
	}
	if off.Sign() < 0 {
		off = off.Neg()
	}
	over, err := off.Cmp(tolerance)
	if err != nil {
		return nil, err
	}
	if over <= 0 {
		return nil, nil
	}
	return []glabella.Reason{glabella.Denied(CodeOrderPrice, "the price differs from what was agreed").For(c.Product.Ref(), o.Ref()).
		With("invoiced", c.Charged.String()).With("agreed", agreed.String()).WithFix("ask the supplier, or correct the order")}, nil
}
