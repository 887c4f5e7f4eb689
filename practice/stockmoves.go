package practice

import (
	"context"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
)

// ChangeStock is the input of [Practice.ChangeStock].
type ChangeStock struct {
	Command
	Lot        string                 `json:"lot"`               // the number printed on the containers
	Product    string                 `json:"product,omitempty"` // code of the catalogue, where lots of several products have the number
	Kind       inventory.MovementKind `json:"kind"`              // see [inventory.ChangeKinds]
	Containers int                    `json:"containers"`        // the signed change: -2 for two that broke
	Reason     string                 `json:"reason,omitempty"`  // a code, see [inventory.Reasons]
	Witness    glabella.StaffID       `json:"witness,omitzero"`
	Document   string                 `json:"document,omitempty"` // number of the return or of the count
	Patient    glabella.PatientID     `json:"patient,omitzero"`   // whom it was dispensed or sold to
}

// StockChanged is the receipt of [Practice.ChangeStock] and
// [Practice.ReverseMovement].
type StockChanged struct {
	Movement glabella.MovementID `json:"movement"`
	Lot      glabella.LotID      `json:"lot"`
	Sealed   int                 `json:"sealed"`         // unopened containers that are left, without those set aside
	Held     int                 `json:"held"`           // unopened containers that are set aside
	Usage    glabella.UsageID    `json:"usage,omitzero"` // what was charted and has no stock now
}

// ChangeStock changes the unopened containers of a lot at the actor's site other
// than by a delivery or a transfer: waste, a return to the supplier, the result of
// a count, what is sold or dispensed, and what is set aside and released. What is
// expired, held or recalled is not sold or dispensed, see [inventory.Usable]; stock
// never becomes less than nothing.
func (p *Practice) ChangeStock(ctx context.Context, actor glabella.Actor, in ChangeStock) (StockChanged, error) {
	return run(ctx, p, actor, access.StockAdjust, in.Patient, in, func(ctx context.Context, w *work, in ChangeStock, out *StockChanged) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		lot, product, err := w.lotNumbered(ctx, "/lot", in.Lot, func(p inventory.Product) bool { return in.Product == "" || p.Code == in.Product })
		if err != nil {
			return failed(err)
		}
		if !in.Patient.IsZero() {
			if _, err := w.Patients().Get(ctx, in.Patient); err != nil {
				return failed(err)
			}
		}
		balance, err := w.balanceOf(ctx, lot, product, site)
		if err != nil {
			return failed(err)
		}
		change := inventory.StockChange{
			ID: glabella.MovementID(w.NewUUID()), Kind: in.Kind, Containers: in.Containers, Reason: in.Reason, By: by, Witness: in.Witness, At: w.Now(), Document: in.Document, Patient: in.Patient,
		}
		if slices.Contains([]inventory.MovementKind{inventory.MovementSell, inventory.MovementDispense, inventory.MovementConsume}, in.Kind) {
			if err := w.Require(inventory.Usable(lot, balance, product.Nominal.Scale(decimal.NewFromInt(int64(-in.Containers))), site.today)); err != nil {
				return failed(err)
			}
		}
		balance, movement, err := balance.Change(product, change)
		if err != nil {
			return failed(err)
		}
		if err := w.move(ctx, balance, movement); err != nil {
			return failed(err)
		}
		*out = StockChanged{Movement: movement.ID, Lot: lot.ID, Sealed: balance.Sealed, Held: balance.Held}
		return recorded("inventory.changed", StockEvent{Movement: movement.ID, Lot: lot.ID, Site: site.ID, Kind: movement.Kind, Containers: movement.Containers, Reason: movement.Reason})
	})
}

// balanceOf returns what is on hand of a lot at a site: nothing, if the site has
// never had it.
func (w *work) balanceOf(ctx context.Context, lot inventory.Lot, product inventory.Product, site place) (inventory.Balance, error) {
	b, err := w.balance(ctx, lot.ID, site.ID)
	if err == nil && b.ID.IsZero() {
		b = inventory.Balance{ID: inventory.BalanceIDOf(lot.ID, site.ID), Lot: lot.ID, Site: site.ID, Product: product.ID, OnHand: quantity.Of(0, product.Nominal.Unit())}
	}
	return b, err
}

// StockEvent is the event that unopened containers were moved.
type StockEvent struct {
	Movement   glabella.MovementID    `json:"movement"`
	Lot        glabella.LotID         `json:"lot"`
	Site       glabella.SiteID        `json:"site"`
	Kind       inventory.MovementKind `json:"kind"`
	Containers int                    `json:"containers"`
	Reason     string                 `json:"reason,omitempty"`
	Usage      glabella.UsageID       `json:"usage,omitzero"` // what waits for other stock since
}

// ReverseMovement is the input of [Practice.ReverseMovement].
type ReverseMovement struct {
	Command
	Movement glabella.MovementID `json:"movement"`
	Reason   string              `json:"reason"` // a code, see [inventory.Reasons]
	Witness  glabella.StaffID    `json:"witness,omitzero"`
}

// ReverseMovement takes back a movement of stock that was entered in error: the
// same lot and container are as they were before, with cost and expiry. What was
// charted and had this stock, or was matched to it, waits for other stock after
// that, see [Practice.OpenUsages]; the chart stays as it is. The opening of a
// container is taken back only if nothing that left it stands; a transfer is
// settled instead.
func (p *Practice) ReverseMovement(ctx context.Context, actor glabella.Actor, in ReverseMovement) (StockChanged, error) {
	return run(ctx, p, actor, access.StockAdjust, glabella.PatientID{}, in, func(ctx context.Context, w *work, in ReverseMovement, out *StockChanged) (storage.Outcome, error) {
		c, err := w.correction(ctx, in)
		if err != nil {
			return failed(err)
		}
		corrected, err := inventory.TakeBackMovement(c)
		if err != nil {
			return failed(err)
		}
		first, back, balance := c.Movement, corrected.Movement, corrected.Balance
		if err := w.move(ctx, balance, back); err != nil {
			return failed(err)
		}
		if !corrected.Vial.ID.IsZero() {
			if _, err := w.Vials().Put(ctx, corrected.Vial); err != nil {
				return failed(err)
			}
		}
		if !corrected.Usage.ID.IsZero() {
			if _, err := w.Usages().Put(ctx, corrected.Usage); err != nil {
				return failed(err)
			}
		}
		orders, err := w.PurchaseOrders().All(ctx, storage.PurchaseOrderQuery{Movement: first.ID})
		if err != nil {
			return failed(err)
		}
		for _, o := range orders {
			if o, err = o.Withdraw(back); err != nil {
				return failed(err)
			}
			if _, err := w.PurchaseOrders().Put(ctx, o); err != nil {
				return failed(err)
			}
		}
		*out = StockChanged{Movement: back.ID, Lot: back.Lot, Sealed: balance.Sealed, Held: balance.Held, Usage: corrected.Usage.ID}
		return recorded("inventory.reversed", StockEvent{Movement: back.ID, Lot: back.Lot, Site: back.Site, Kind: back.Kind, Containers: back.Containers, Reason: back.Reason, Usage: corrected.Usage.ID})
	})
}

// correction gathers what a movement changed, as it is now.
func (w *work) correction(ctx context.Context, in ReverseMovement) (inventory.MovementCorrection, error) {
	var c inventory.MovementCorrection
	by, err := w.staff()
	if err != nil {
		return c, err
	}
	c.Reversal = inventory.Reversal{ID: glabella.MovementID(w.NewUUID()), Reason: in.Reason, By: by, Witness: in.Witness, At: w.Now()}
	c.Unreconciled = glabella.UsageID(w.NewUUID())
	if c.Movement, err = w.Movements().Get(ctx, in.Movement); err != nil {
		return c, err
	}
	m := c.Movement
	w.Concerns(m.Patient)
	others, err := w.Movements().All(ctx, storage.MovementQuery{Lot: m.Lot})
	if err != nil {
		return c, err
	}
	if inventory.Reversed(others, m.ID) {
		return c, fmt.Errorf("%s: taken back already: %w", m.Ref(), glabella.ErrConflict)
	}
	if c.Balance, err = w.balance(ctx, m.Lot, m.Site); err != nil {
		return c, err
	}
	if c.Product, err = w.Products().Get(ctx, m.Product); err != nil {
		return c, err
	}
	if !m.Vial.IsZero() {
		if c.Vial, err = w.Vials().Get(ctx, m.Vial); err != nil {
			return c, err
		}
	}
	if !m.Usage.IsZero() {
		c.Usage, err = w.Usages().Get(ctx, m.Usage)
	}
	return c, err
}

// ShipStock is the input of [Practice.ShipStock]: unopened containers that leave
// the actor's site for another.
type ShipStock struct {
	Command
	To       glabella.SiteID `json:"to"`
	Document string          `json:"document,omitempty"` // number of the delivery note
	Lines    []ShipLine      `json:"lines"`
}

// ShipLine is containers of one lot.
type ShipLine struct {
	Lot        string `json:"lot"`               // the number printed on the containers
	Product    string `json:"product,omitempty"` // code of the catalogue, where lots of several products have the number
	Containers int    `json:"containers"`
}

// StockTransferred is the receipt of [Practice.ShipStock] and
// [Practice.SettleTransfer].
type StockTransferred struct {
	Transfer  glabella.TransferID     `json:"transfer"`
	State     inventory.TransferState `json:"state"`
	Movements []glabella.MovementID   `json:"movements"`
	Version   uint64                  `json:"version"`
}

// TransferEvent is the event that a shipment left or arrived.
type TransferEvent struct {
	Transfer glabella.TransferID     `json:"transfer"`
	From     glabella.SiteID         `json:"from"`
	To       glabella.SiteID         `json:"to"`
	State    inventory.TransferState `json:"state"`
}

// ShipStock sends unopened containers to another site. They leave the books of the
// actor's site at once and are in transit until [Practice.SettleTransfer] says what
// became of them. A lot that is expired or held warns; what is not there is refused,
// with every line.
func (p *Practice) ShipStock(ctx context.Context, actor glabella.Actor, in ShipStock) (StockTransferred, error) {
	return run(ctx, p, actor, access.StockTransfer, glabella.PatientID{}, in, func(ctx context.Context, w *work, in ShipStock, out *StockTransferred) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		if _, err := w.Sites().Get(ctx, in.To); err != nil {
			return failed(err)
		}
		t := inventory.Transfer{ID: glabella.TransferID(w.NewUUID()), From: site.ID, To: in.To, State: inventory.TransferPlanned, Document: in.Document}
		s := inventory.Shipment{By: by, At: w.Now(), Zone: site.zone}
		for i, line := range in.Lines {
			lot, product, err := w.lotNumbered(ctx, fmt.Sprintf("/lines/%d/lot", i), line.Lot, func(p inventory.Product) bool { return line.Product == "" || p.Code == line.Product })
			if err != nil {
				return failed(err)
			}
			balance, err := w.balance(ctx, lot.ID, site.ID)
			if err != nil {
				return failed(err)
			}
			t.Lines = append(t.Lines, inventory.TransferLine{Product: product.ID, Lot: lot.ID, Content: product.Nominal, Sent: line.Containers})
			s.Lots, s.Balances, s.Movements = append(s.Lots, lot), append(s.Balances, balance), append(s.Movements, glabella.MovementID(w.NewUUID()))
		}
		if err := t.Validate(); err != nil {
			return failed(err)
		}
		var moved inventory.Moved
		if err := w.acknowledged(func(settled []glabella.Code) (err error) {
			s.Acknowledged = settled
			moved, err = t.Ship(s)
			return err
		}); err != nil {
			return failed(err)
		}
		return w.transferred(ctx, moved, "inventory.shipped", out)
	})
}

// SettleTransfer is the input of [Practice.SettleTransfer].
type SettleTransfer struct {
	Command
	Transfer glabella.TransferID `json:"transfer"`
	Arrivals []inventory.Arrival `json:"arrivals"`
}

// SettleTransfer says what became of containers that were sent: what arrived goes
// on the books of the receiving site, what came back on those of the sender, and
// what is lost is wasted there, with a reason. More than was sent is taken in as the
// result of a count. What is not mentioned stays in transit.
func (p *Practice) SettleTransfer(ctx context.Context, actor glabella.Actor, in SettleTransfer) (StockTransferred, error) {
	return run(ctx, p, actor, access.StockTransfer, glabella.PatientID{}, in, func(ctx context.Context, w *work, in SettleTransfer, out *StockTransferred) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		t, err := w.Transfers().Get(ctx, in.Transfer)
		if err != nil {
			return failed(err)
		}
		if err := w.expect(t.Ref(), t.Version); err != nil {
			return failed(err)
		}
		if site.ID != t.From && site.ID != t.To {
			return failed(glabella.Invalid("transfer", glabella.Issue{Path: "/transfer", Code: inventory.CodeTransferSite, Text: "the transfer is between other sites"}))
		}
		s := inventory.Settlement{Arrivals: in.Arrivals, NewID: func() glabella.MovementID { return glabella.MovementID(w.NewUUID()) }, By: by, At: w.Now()}
		for _, line := range t.Lines {
			for _, at := range []glabella.SiteID{t.From, t.To} {
				balance, err := w.balance(ctx, line.Lot, at)
				if err != nil {
					return failed(err)
				}
				if !balance.ID.IsZero() {
					s.Balances = append(s.Balances, balance)
				}
			}
		}
		moved, err := t.Settle(s)
		if err != nil {
			return failed(err)
		}
		return w.transferred(ctx, moved, "inventory.settled", out)
	})
}

// transferred stores a step of a transfer.
func (w *work) transferred(ctx context.Context, moved inventory.Moved, event string, out *StockTransferred) (storage.Outcome, error) {
	t, err := w.Transfers().Put(ctx, moved.Transfer)
	if err != nil {
		return failed(err)
	}
	for _, b := range moved.Balances {
		if _, err := w.Balances().Put(ctx, b); err != nil {
			return failed(err)
		}
	}
	for _, m := range moved.Movements {
		if err := w.moved(ctx, m); err != nil {
			return failed(err)
		}
		out.Movements = append(out.Movements, m.ID)
	}
	out.Transfer, out.State, out.Version = t.ID, t.State, t.Version
	return recorded(event, TransferEvent{Transfer: t.ID, From: t.From, To: t.To, State: t.State})
}

// Transfers returns the shipments from and to the actor's site, also those that
// are settled.
func (p *Practice) Transfers(ctx context.Context, actor glabella.Actor) ([]inventory.Transfer, error) {
	return query(ctx, p, actor, access.StockRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]inventory.Transfer, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return nil, err
		}
		return r.Transfers().All(ctx, storage.TransferQuery{Site: site.ID})
	})
}
