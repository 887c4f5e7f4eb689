package inventory

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
	"github.com/glabella-ehr/glabella/money"
)

// OrderState says how far a purchase order is.
type OrderState string

// The states of a purchase order.
const (
	OrderDraft    OrderState = "draft"
	OrderSent     OrderState = "sent"     // nothing of it has arrived
	OrderPartial  OrderState = "partial"  // something arrived, and more is to come
	OrderReceived OrderState = "received" // all of it arrived
	OrderClosed   OrderState = "closed"   // something arrived, and the rest will not come
	OrderCanceled OrderState = "canceled" // nothing arrived, and nothing will
)

// OrderStates returns every state of a purchase order.
func OrderStates() []OrderState {
	return []OrderState{OrderDraft, OrderSent, OrderPartial, OrderReceived, OrderClosed, OrderCanceled}
}

// Valid reports whether s is one of [OrderStates].
func (s OrderState) Valid() bool { return slices.Contains(OrderStates(), s) }

// PurchaseOrderMachine returns the state machine of a purchase order. What is
// withdrawn is a receipt that was an error.
func PurchaseOrderMachine() state.Machine[OrderState] {
	return state.Machine[OrderState]{Name: "purchase order", Arrows: []state.Arrow[OrderState]{
		{From: OrderDraft, Action: "send", To: OrderSent},
		{From: OrderDraft, Action: "cancel", To: OrderCanceled},
		{From: OrderSent, Action: "receive a part", To: OrderPartial},
		{From: OrderSent, Action: "receive the rest", To: OrderReceived},
		{From: OrderSent, Action: "cancel", To: OrderCanceled},
		{From: OrderPartial, Action: "receive a part", To: OrderPartial},
		{From: OrderPartial, Action: "receive the rest", To: OrderReceived},
		{From: OrderPartial, Action: "withdraw a part", To: OrderPartial},
		{From: OrderPartial, Action: "withdraw all", To: OrderSent},
		{From: OrderPartial, Action: "close", To: OrderClosed},
		{From: OrderReceived, Action: "receive the rest", To: OrderReceived},
		{From: OrderReceived, Action: "withdraw what was over", To: OrderReceived},
		{From: OrderReceived, Action: "withdraw a part", To: OrderPartial},
		{From: OrderReceived, Action: "withdraw all", To: OrderSent},
	}}
}

// OrderLine is what is ordered of one product. It is ordered in packs and arrives
// in containers: what was ordered is what was received, canceled, and is to come.
type OrderLine struct {
	Product  glabella.ProductID `json:"product"`
	Pack     string             `json:"pack,omitempty"` // in which it is ordered, in the catalogue's words: "box"; none is the single container
	PackSize int                `json:"packSize"`       // containers in one pack
	Ordered  int                `json:"ordered"`        // packs
	Received int                `json:"received"`       // containers, up to those that were ordered
	Canceled int                `json:"canceled"`       // containers that will not come
	Over     int                `json:"over"`           // containers beyond what was ordered
	UnitCost money.Amount       `json:"unitCost"`       // of one pack, as agreed; none if it is not known
	Reason   string             `json:"reason,omitempty"`
}

// Containers returns how many containers are ordered.
func (l OrderLine) Containers() int { return l.Ordered * l.PackSize }

// Outstanding returns how many containers are to come.
func (l OrderLine) Outstanding() int { return l.Containers() - l.Received - l.Canceled }

// Cost returns what a number of containers cost as agreed, rounded half to even to
// the minor unit.
func (l OrderLine) Cost(containers int) (money.Amount, error) {
	if l.UnitCost.Currency() == "" || l.PackSize == 0 {
		return money.Amount{}, nil
	}
	return l.UnitCost.MulDiv(decimal.NewFromInt(int64(containers)), decimal.NewFromInt(int64(l.PackSize)), money.HalfEven)
}

// OrderReceipt is one movement by which something of an order came in.
type OrderReceipt struct {
	Movement   glabella.MovementID `json:"movement"`
	Product    glabella.ProductID  `json:"product"`
	Containers int                 `json:"containers"`
	Document   string              `json:"document,omitempty"` // number of the delivery note
}

// OrderStep says who brought an order a step further, and when.
type OrderStep struct {
	By     glabella.StaffID `json:"by,omitzero"`
	At     time.Time        `json:"at,omitzero"`      // UTC, microseconds
	Reason string           `json:"reason,omitempty"` // a code in kebab-case, of an order that is closed or canceled
}

// PurchaseOrder is an order at a supplier for one site.
type PurchaseOrder struct {
	ID glabella.PurchaseOrderID `json:"id" validate:"required"`
	glabella.Meta
	Site      glabella.SiteID  `json:"site" validate:"required"`
	Supplier  string           `json:"supplier" validate:"required"`
	Number    string           `json:"number,omitempty"` // by which the supplier knows the order
	Lines     []OrderLine      `json:"lines" validate:"min=1"`
	Receipts  []OrderReceipt   `json:"receipts"`
	Expected  glabella.Date    `json:"expected,omitzero"` // the day on which it should arrive
	DraftedBy glabella.StaffID `json:"draftedBy" validate:"required"`
	Sent      OrderStep        `json:"sent,omitzero"`
	Last      OrderStep        `json:"last,omitzero"`  // the last receipt
	Ended     OrderStep        `json:"ended,omitzero"` // of an order that is closed or canceled
	State     OrderState       `json:"state"`
}

// Codes of issues with purchase orders, and of reasons against a receipt.
const (
	// CodeOrderCount says that what was received or canceled of an order does not fit what was ordered.
	CodeOrderCount glabella.Code = "inventory.order.count"
	// CodeOrderProduct says that a product stands twice in an order, or is not ordered.
	CodeOrderProduct glabella.Code = "inventory.order.product"
	// CodeOrderMovement says that a movement is no delivery for the site of an order, or counts already.
	CodeOrderMovement glabella.Code = "inventory.order.movement"
	// CodeOrderOver says that more arrives than is to come of an order, and no reason is given.
	CodeOrderOver glabella.Code = "inventory.order.over"
)

// Ref returns the reference to the order.
func (o PurchaseOrder) Ref() glabella.Ref { return o.ID.Ref() }

// Validate reports everything that is wrong with the order as a record.
func (o PurchaseOrder) Validate() error {
	issues := check.Struct(o)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if !o.State.Valid() {
		add("/state", glabella.CodeUnknownValue, "not a state of an order")
	}
	if !o.Expected.IsZero() && !o.Expected.Valid() {
		add("/expected", glabella.CodeOutOfRange, "no such day")
	}
	var currency money.Currency
	open := 0
	for i, l := range o.Lines {
		path := fmt.Sprintf("/lines/%d", i)
		switch {
		case l.Product.IsZero():
			add(path+"/product", glabella.CodeRequired, "a line is of a product")
		case slices.ContainsFunc(o.Lines[:i], func(m OrderLine) bool { return m.Product == l.Product }):
			add(path+"/product", CodeOrderProduct, "the product stands twice")
		}
		if l.Ordered < 1 || l.PackSize < 1 || l.Ordered > 1_000_000 || l.PackSize > 1_000_000 {
			add(path+"/ordered", glabella.CodeOutOfRange, "a number of packs, and of containers in one, is from one to a million")
			continue
		}
		arrived := 0
		for _, r := range o.Receipts {
			if r.Product == l.Product {
				arrived += r.Containers
			}
		}
		if min(l.Received, l.Canceled, l.Over) < 0 || l.Outstanding() < 0 || l.Received+l.Over != arrived || l.Over > 0 && l.Received < l.Containers() {
			add(path+"/received", CodeOrderCount, "what was received and canceled does not fit what was ordered and the receipts")
		}
		if l.Over > 0 && l.Reason == "" {
			add(path+"/reason", glabella.CodeRequired, "what came beyond the order has a reason")
		}
		if l.Reason != "" && !reasonForm.MatchString(l.Reason) {
			add(path+"/reason", glabella.CodeFormat, "a reason is a code in kebab-case")
		}
		if l.UnitCost.Sign() < 0 {
			add(path+"/unitCost", glabella.CodeOutOfRange, "a cost is not negative")
		}
		if c := l.UnitCost.Currency(); c != "" {
			if currency != "" && c != currency {
				add(path+"/unitCost", glabella.CodeMismatch, "an order is in one currency")
			}
			currency = c
		}
		open += max(l.Outstanding(), 0)
	}
	for i, r := range o.Receipts {
		path := fmt.Sprintf("/receipts/%d", i)
		if !slices.ContainsFunc(o.Lines, func(l OrderLine) bool { return l.Product == r.Product }) {
			add(path+"/product", CodeOrderProduct, "the product is not ordered")
		}
		if r.Movement.IsZero() || slices.ContainsFunc(o.Receipts[:i], func(s OrderReceipt) bool { return s.Movement == r.Movement }) {
			add(path+"/movement", CodeOrderMovement, "a receipt has its own movement")
		}
		if r.Containers < 1 {
			add(path+"/containers", glabella.CodeOutOfRange, "a receipt is of at least one container")
		}
	}
	o.stateIssues(open, add)
	return glabella.Invalid("purchase order", issues...)
}

// stateIssues reports what does not fit the state, with a number of containers to
// come.
func (o PurchaseOrder) stateIssues(open int, add func(path string, code glabella.Code, text string)) {
	some := len(o.Receipts) > 0
	fits := true
	switch o.State {
	case OrderDraft, OrderSent, OrderCanceled:
		fits = !some
	case OrderPartial:
		fits = some && open > 0
	case OrderReceived, OrderClosed:
		fits = some && open == 0
	}
	if !fits {
		add("/state", CodeOrderCount, "the state does not fit what arrived and is to come")
	}
	done := func(s OrderStep) bool { return !s.By.IsZero() && !s.At.IsZero() }
	if was := o.State != OrderDraft && o.State != OrderCanceled; was && !done(o.Sent) || o.State == OrderDraft && o.Sent != (OrderStep{}) {
		add("/sent", glabella.CodeMismatch, "an order that was sent, and only that, says by whom and when")
	}
	if some != done(o.Last) {
		add("/last", glabella.CodeMismatch, "an order of which something arrived, and only that, says by whom and when")
	}
	ended := o.State == OrderClosed || o.State == OrderCanceled
	if ended != done(o.Ended) {
		add("/ended", glabella.CodeMismatch, "an order that has ended, and only that, says by whom and when")
	}
	if ended && !reasonForm.MatchString(o.Ended.Reason) {
		add("/ended/reason", glabella.CodeRequired, "an order that ended early has a reason, a code in kebab-case")
	}
}

// Outstanding returns how many containers of a product are to come. Nothing is to
// come of a draft or of an order that has ended.
func (o PurchaseOrder) Outstanding(product glabella.ProductID) int {
	n := 0
	if o.State == OrderSent || o.State == OrderPartial {
		for _, l := range o.Lines {
			if l.Product == product {
				n += l.Outstanding()
			}
		}
	}
	return n
}
