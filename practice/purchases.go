package practice

import (
	"context"
	"errors"
	"fmt"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/storage"
)

// OrderStock is the input of [Practice.OrderStock].
type OrderStock struct {
	Command
	Supplier string        `json:"supplier"`
	Number   string        `json:"number,omitempty"` // by which the supplier knows the order
	Expected glabella.Date `json:"expected,omitzero"`
	Lines    []OrderedLine `json:"lines"`
	Send     bool          `json:"send"` // or else it is a draft
}

// OrderedLine is what is ordered of one product.
type OrderedLine struct {
	Product  string       `json:"product"`           // code of the catalogue
	Pack     string       `json:"pack,omitempty"`    // in which it is ordered; none is the single container
	Unit     string       `json:"unit,omitempty"`    // what the catalogue calls one container, of a pack
	Packs    int          `json:"packs"`             // or containers
	UnitCost money.Amount `json:"unitCost,omitzero"` // of one pack, as agreed
}

// OrderChanged is the receipt of the commands on orders, and the event that one
// changed.
type OrderChanged struct {
	Order    glabella.PurchaseOrderID `json:"order"`
	Site     glabella.SiteID          `json:"site"`
	State    inventory.OrderState     `json:"state"`
	Supplier string                   `json:"supplier"`
	Version  uint64                   `json:"version"`
}

func orderChanged(o inventory.PurchaseOrder) OrderChanged {
	return OrderChanged{Order: o.ID, Site: o.Site, State: o.State, Supplier: o.Supplier, Version: o.Version}
}

// Codes of issues with orders.
const (
	// CodeOrderAction says that nothing of this name can be done to an order.
	CodeOrderAction glabella.Code = "practice.order.action"
)

// OrderStock writes an order at a supplier for the actor's site. Packs are those of
// the site's catalogue.
func (p *Practice) OrderStock(ctx context.Context, actor glabella.Actor, in OrderStock) (OrderChanged, error) {
	return run(ctx, p, actor, access.StockOrder, glabella.PatientID{}, in, func(ctx context.Context, w *work, in OrderStock, out *OrderChanged) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		policy, err := storePolicyOf(ctx, w.StorePolicies(), site.ID)
		if err != nil {
			return failed(err)
		}
		products, err := w.Products().All(ctx, storage.ProductQuery{})
		if err != nil {
			return failed(err)
		}
		items := policy.Catalogue(products)
		o := inventory.PurchaseOrder{
			ID: glabella.PurchaseOrderID(w.NewUUID()), Site: site.ID, Supplier: in.Supplier, Number: in.Number, Expected: in.Expected,
			DraftedBy: by, State: inventory.OrderDraft, Lines: []inventory.OrderLine{}, Receipts: []inventory.OrderReceipt{},
		}
		var issues []glabella.Issue
		for i, line := range in.Lines {
			path := fmt.Sprintf("/lines/%d", i)
			product := productOf(products, line.Product)
			if product.ID.IsZero() {
				issues = append(issues, glabella.Issue{Path: path + "/product", Code: CodeProductUnknown, Text: "no product of the catalogue has this code"})
				continue
			}
			size, err := inventory.PackSize(items, product.ID, line.Pack, line.Unit)
			var conversion *inventory.ConversionError
			switch {
			case errors.As(err, &conversion):
				issues = append(issues, glabella.Issue{Path: path + "/pack", Code: conversion.Code, Text: conversion.Text})
			case err != nil:
				return failed(err)
			}
			o.Lines = append(o.Lines, inventory.OrderLine{Product: product.ID, Pack: line.Pack, PackSize: size, Ordered: line.Packs, UnitCost: line.UnitCost})
		}
		if err := glabella.Invalid("order", issues...); err != nil {
			return failed(err)
		}
		if in.Send {
			if err := o.Validate(); err != nil {
				return failed(err)
			}
			if o, err = o.Send(by, w.Now()); err != nil {
				return failed(err)
			}
		}
		if o, err = w.PurchaseOrders().Put(ctx, o); err != nil {
			return failed(err)
		}
		*out = orderChanged(o)
		return recorded("inventory.order-changed", *out)
	})
}

func productOf(products []inventory.Product, code string) inventory.Product {
	for _, p := range products {
		if p.Code == code {
			return p
		}
	}
	return inventory.Product{}
}

// OrderAction names what a command does to an order.
type OrderAction string

// What is done to an order.
const (
	OrderSend   OrderAction = "send"
	OrderClose  OrderAction = "close"  // something arrived, and the rest will not come
	OrderCancel OrderAction = "cancel" // nothing arrived, and nothing will
)

// ChangeOrder is the input of [Practice.ChangeOrder].
type ChangeOrder struct {
	Command
	Order  glabella.PurchaseOrderID `json:"order"`
	Action OrderAction              `json:"action"`
	Reason string                   `json:"reason,omitempty"` // of an order that ends early: a code
}

// ChangeOrder sends an order, or ends it early.
func (p *Practice) ChangeOrder(ctx context.Context, actor glabella.Actor, in ChangeOrder) (OrderChanged, error) {
	return run(ctx, p, actor, access.StockOrder, glabella.PatientID{}, in, func(ctx context.Context, w *work, in ChangeOrder, out *OrderChanged) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		o, err := w.PurchaseOrders().Get(ctx, in.Order)
		if err != nil {
			return failed(err)
		}
		if err := w.expect(o.Ref(), o.Version); err != nil {
			return failed(err)
		}
		switch in.Action {
		case OrderSend:
			o, err = o.Send(by, w.Now())
		case OrderClose:
			o, err = o.Close(by, w.Now(), in.Reason)
		case OrderCancel:
			o, err = o.Cancel(by, w.Now(), in.Reason)
		default:
			err = glabella.Invalid("order", glabella.Issue{Path: "/action", Code: CodeOrderAction, Text: "is one of send, close and cancel"})
		}
		if err != nil {
			return failed(err)
		}
		if o, err = w.PurchaseOrders().Put(ctx, o); err != nil {
			return failed(err)
		}
		*out = orderChanged(o)
		return recorded("inventory.order-changed", *out)
	})
}

// arrived counts a delivery towards the order that it was ordered by.
func (w *work) arrived(ctx context.Context, in ReceiveStock, lines []inventory.ReceivedLine, by glabella.StaffID) error {
	if in.Order.IsZero() {
		return nil
	}
	o, err := w.PurchaseOrders().Get(ctx, in.Order)
	if err != nil {
		return err
	}
	a := inventory.OrderArrival{Over: in.Over, By: by, At: w.Now()}
	for _, line := range lines {
		m, err := w.Movements().Get(ctx, line.Movement)
		if err != nil {
			return err
		}
		a.Movements = append(a.Movements, m)
	}
	if o, err = o.Receive(a); err != nil {
		return err
	}
	_, err = w.PurchaseOrders().Put(ctx, o)
	return err
}

// OpenOrders returns the orders of the actor's site of which more may come.
func (p *Practice) OpenOrders(ctx context.Context, actor glabella.Actor) ([]inventory.PurchaseOrder, error) {
	return query(ctx, p, actor, access.StockRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]inventory.PurchaseOrder, error) {
		return r.PurchaseOrders().All(ctx, storage.PurchaseOrderQuery{Site: actor.Site, Open: true})
	})
}

// CompareOrder is the question of [Practice.CompareOrder].
type CompareOrder struct {
	Order     glabella.PurchaseOrderID
	Invoices  []inventory.SupplierInvoice // of the supplier for the order, all of them
	Tolerance money.Amount                // per product; zero is none
}

// OrderCompared is the answer of [Practice.CompareOrder].
type OrderCompared struct {
	Lines    []inventory.OrderComparison
	Decision glabella.Decision // whether the invoices may be paid
}

// CompareOrder sets an order beside what arrived of it and what the supplier
// charges.
func (p *Practice) CompareOrder(ctx context.Context, actor glabella.Actor, q CompareOrder) (OrderCompared, error) {
	return query(ctx, p, actor, access.StockOrder, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (OrderCompared, error) {
		var out OrderCompared
		o, err := r.PurchaseOrders().Get(ctx, q.Order)
		if err != nil {
			return out, err
		}
		out.Lines, out.Decision, err = o.Compare(q.Invoices, q.Tolerance)
		return out, err
	})
}
