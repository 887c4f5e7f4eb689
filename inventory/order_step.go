package inventory

import (
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
)

// Send records that the order went to the supplier.
func (o PurchaseOrder) Send(by glabella.StaffID, at time.Time) (PurchaseOrder, error) {
	next, err := PurchaseOrderMachine().Next(o.State, "send")
	if err != nil {
		return o, err
	}
	out := o
	out.State, out.Sent = next, OrderStep{By: by, At: instant(at)}
	if err := out.Validate(); err != nil {
		return o, err
	}
	return out, nil
}

// OrderArrival is a delivery for an order, as it was taken in with [Receive].
type OrderArrival struct {
	Movements []Movement // those of the delivery
	Over      string     // why more arrived than was to come: a code, such as [ReasonOverDelivered]
	By        glabella.StaffID
	At        time.Time
}

// Receive counts what arrived towards the order. What is more than was to come is
// accepted with a reason only, and stands apart from what was ordered.
func (o PurchaseOrder) Receive(a OrderArrival) (PurchaseOrder, error) {
	if _, err := PurchaseOrderMachine().Next(o.State, "receive the rest"); err != nil {
		return o, err
	}
	out := o
	out.Lines, out.Receipts = slices.Clone(o.Lines), slices.Clone(o.Receipts)
	var reasons []glabella.Reason
	if len(a.Movements) == 0 {
		reasons = append(reasons, glabella.Denied(CodeOrderMovement, "no movement is given").For(o.Ref()).WithFix("take the delivery in first"))
	}
	for _, m := range a.Movements {
		i := slices.IndexFunc(out.Lines, func(l OrderLine) bool { return l.Product == m.Product })
		counted := slices.ContainsFunc(out.Receipts, func(r OrderReceipt) bool { return r.Movement == m.ID })
		if i < 0 {
			reasons = append(reasons, glabella.Denied(CodeOrderProduct, "the product is not ordered").For(o.Ref(), m.Product.Ref()).WithFix("take it in without the order"))
			continue
		}
		if m.Kind != MovementReceive || !m.Reverses.IsZero() || m.Site != o.Site || m.Containers < 1 || counted {
			reasons = append(reasons, glabella.Denied(CodeOrderMovement, "the movement is no delivery for the site, or counts already").For(o.Ref(), m.Ref()).WithFix("give the movements of the delivery once"))
			continue
		}
		line := &out.Lines[i]
		part := min(m.Containers, line.Outstanding())
		if over := m.Containers - part; over > 0 {
			line.Over, line.Reason = line.Over+over, a.Over
			if a.Over == "" {
				reasons = append(reasons, glabella.Denied(CodeOrderOver, "more arrives than is to come").For(o.Ref(), m.Product.Ref()).WithFix("send back what is too many, or say why it is kept"))
			}
		}
		line.Received += part
		out.Receipts = append(out.Receipts, OrderReceipt{Movement: m.ID, Product: m.Product, Containers: m.Containers, Document: m.Document})
	}
	if err := glabella.Refuse(glabella.Decide(reasons...)); err != nil {
		return o, err
	}
	action := "receive the rest"
	if out.left() > 0 {
		action = "receive a part"
	}
	var err error
	if out.State, err = PurchaseOrderMachine().Next(o.State, action); err != nil {
		return o, err
	}
	out.Last = OrderStep{By: a.By, At: instant(a.At)}
	if err := out.Validate(); err != nil {
		return o, err
	}
	return out, nil
}

// left returns how many containers are to come.
func (o PurchaseOrder) left() int {
	n := 0
	for _, l := range o.Lines {
		n += l.Outstanding()
	}
	return n
}

// Withdraw takes a receipt off the order whose movement was taken back. The
// movement is the one that takes it back.
func (o PurchaseOrder) Withdraw(reversal Movement) (PurchaseOrder, error) {
	if _, err := PurchaseOrderMachine().Next(o.State, "withdraw a part"); err != nil {
		return o, err
	}
	j := slices.IndexFunc(o.Receipts, func(r OrderReceipt) bool { return r.Movement == reversal.Reverses })
	if j < 0 {
		return o, glabella.Refuse(glabella.Decide(glabella.Denied(CodeOrderMovement, "the movement takes back nothing of the order").For(o.Ref(), reversal.Ref()).WithFix("find the order of the delivery")))
	}
	out := o
	out.Lines, out.Receipts = slices.Clone(o.Lines), slices.Delete(slices.Clone(o.Receipts), j, j+1)
	i := slices.IndexFunc(out.Lines, func(l OrderLine) bool { return l.Product == o.Receipts[j].Product })
	line, n := &out.Lines[i], o.Receipts[j].Containers
	over := min(n, line.Over)
	line.Over, line.Received = line.Over-over, line.Received-(n-over)
	if line.Over == 0 {
		line.Reason = ""
	}
	action := "withdraw a part"
	switch {
	case len(out.Receipts) == 0:
		action, out.Last = "withdraw all", OrderStep{}
	case out.left() == 0:
		action = "withdraw what was over"
	}
	var err error
	if out.State, err = PurchaseOrderMachine().Next(o.State, action); err != nil {
		return o, err
	}
	if err := out.Validate(); err != nil {
		return o, err
	}
	return out, nil
}

// Close ends an order of which the rest will not come. The reason is a code, such
// as "out-of-stock".
func (o PurchaseOrder) Close(by glabella.StaffID, at time.Time, reason string) (PurchaseOrder, error) {
	return o.end("close", OrderStep{By: by, At: instant(at), Reason: reason})
}

// Cancel ends an order of which nothing arrived. The reason is a code.
func (o PurchaseOrder) Cancel(by glabella.StaffID, at time.Time, reason string) (PurchaseOrder, error) {
	return o.end("cancel", OrderStep{By: by, At: instant(at), Reason: reason})
}

func (o PurchaseOrder) end(action string, step OrderStep) (PurchaseOrder, error) {
	next, err := PurchaseOrderMachine().Next(o.State, action)
	if err != nil {
		return o, err
	}
	out := o
	out.Lines, out.State, out.Ended = slices.Clone(o.Lines), next, step
	for i := range out.Lines {
		out.Lines[i].Canceled += out.Lines[i].Outstanding()
	}
	if err := out.Validate(); err != nil {
		return o, err
	}
	return out, nil
}
