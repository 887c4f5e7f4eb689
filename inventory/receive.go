package inventory

import (
	"errors"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
)

// Codes of reasons against taking in a delivery.
const (
	// CodeReceiveGTIN says that the scanned trade item is not the product that is received.
	CodeReceiveGTIN glabella.Code = "inventory.receive.gtin"
	// CodeReceiveLot says that a delivery contradicts what is on record of its lot.
	CodeReceiveLot glabella.Code = "inventory.receive.lot"
)

// Delivery is one line of a delivery: containers of one lot, as they were scanned
// or typed in.
type Delivery struct {
	ID         glabella.MovementID // of the movement
	Product    Product
	Site       glabella.SiteID
	Lot        Lot            // the lot if it is on record, else zero; found by product and number
	NewLot     glabella.LotID // identity of the lot if it is not on record
	Balance    Balance        // the lot's balance at the site, zero if there is none
	Number     string         // the lot number
	GTIN       string         // the trade item that was scanned, if any
	Expires    glabella.Date
	Containers int
	UnitCost   money.Amount // of one container; a lot that is on record keeps its first
	Supplier   string
	Document   string // number of the delivery note
	By         glabella.StaffID
	At         time.Time
	Zone       *time.Location // of the site, for the day of expiry; nil is UTC
}

// Scanned returns the delivery with what a scan says: the trade item, the lot
// number, the expiry, and the number of containers where it was not yet given.
func (d Delivery) Scanned(e ElementString) Delivery {
	d.GTIN, d.Number, d.Expires = e.GTIN(), e.Lot(), e.Expiry()
	if d.Containers == 0 {
		d.Containers = e.Count()
	}
	return d
}

// Receipt is what a delivery changes.
type Receipt struct {
	Lot      Lot
	New      bool // the lot was not on record
	Balance  Balance
	Movement Movement
}

// Receive takes in one line of a delivery. What is charted or used to
// reconstitute must have an expiry. A lot that is expired or recalled, a scan of
// another product, and a lot whose expiry or trade item contradicts the record are
// refused; a lot in quarantine is taken in and stays there.
func Receive(d Delivery) (Receipt, error) {
	if err := d.issues(); err != nil {
		return Receipt{}, err
	}
	if err := glabella.Refuse(glabella.Decide(d.reasons()...)); err != nil {
		return Receipt{}, err
	}
	out := Receipt{Lot: d.Lot, New: d.Lot.ID.IsZero()}
	if out.New {
		out.Lot = Lot{ID: d.NewLot, Product: d.Product.ID, Number: d.Number, GTIN: d.GTIN, Expires: d.Expires, Supplier: d.Supplier, State: LotAvailable, UnitCost: d.UnitCost}
	}
	out.Movement = Movement{
		ID: d.ID, Kind: MovementReceive, Lot: out.Lot.ID, Site: d.Site, Product: d.Product.ID,
		Quantity: d.Product.Nominal.Scale(decimal.NewFromInt(int64(d.Containers))), Containers: d.Containers,
		By: d.By, At: instant(d.At), Document: d.Document,
	}
	if !d.UnitCost.IsZero() { // one delivery of a lot may cost more than another
		cost, err := d.UnitCost.Mul(decimal.NewFromInt(int64(d.Containers)), money.HalfEven)
		if err != nil {
			return Receipt{}, err
		}
		out.Movement.Cost = &cost
	}
	if err := errors.Join(out.Lot.Validate(), out.Movement.Validate()); err != nil {
		return Receipt{}, err
	}
	var err error
	if out.Balance, err = d.Balance.Apply(out.Movement); err != nil {
		return Receipt{}, err
	}
	return out, nil
}

func (d Delivery) issues() error {
	var issues []glabella.Issue
	if d.Number == "" {
		issues = append(issues, glabella.Issue{Path: "/number", Code: glabella.CodeRequired, Text: "a lot has a number"})
	}
	if d.Containers < 1 {
		issues = append(issues, glabella.Issue{Path: "/containers", Code: glabella.CodeOutOfRange, Text: "a delivery has at least one container"})
	}
	if d.Expires.IsZero() && (d.Product.Class == ServiceItem || d.Product.Class == DiluentItem) {
		issues = append(issues, glabella.Issue{Path: "/expires", Code: glabella.CodeRequired, Text: "what is given to patients has an expiry"})
	}
	return glabella.Invalid("delivery", issues...)
}

func (d Delivery) reasons() []glabella.Reason {
	var out []glabella.Reason
	if d.GTIN != "" && !slices.Contains(d.Product.GTINs, d.GTIN) {
		out = append(out, glabella.Denied(CodeReceiveGTIN, "the trade item is not the product's").For(d.Product.Ref()).
			With("gtin", d.GTIN).WithFix("choose the product that was scanned, or add the GTIN to it"))
	}
	if !d.Expires.IsZero() && dayAt(d.At, d.Zone).After(d.Expires) {
		out = append(out, glabella.Denied(CodeLotExpired, "the lot is expired").For(d.Lot.Ref(), d.Product.Ref()).
			With("lot", d.Number).With("expires", d.Expires.String()).WithFix("send it back").CitedFrom(manufacturer))
	}
	if d.Lot.ID.IsZero() {
		return out
	}
	if d.Lot.State == LotRecalled {
		out = append(out, glabella.Denied(CodeLotRecalled, "the lot is recalled").For(d.Lot.Ref()).
			With("lot", d.Lot.Number).With("hold", d.Lot.Hold).WithFix("send it back").CitedFrom("recall "+d.Lot.Hold))
	}
	differs := d.Lot.Product != d.Product.ID || d.Lot.Number != d.Number || d.Lot.Expires != d.Expires ||
		d.Lot.GTIN != "" && d.GTIN != "" && d.Lot.GTIN != d.GTIN
	if differs {
		out = append(out, glabella.Denied(CodeReceiveLot, "the product, number, expiry or trade item is not that of the lot on record").For(d.Lot.Ref()).
			With("lot", d.Lot.Number).WithFix("compare the carton with the record"))
	}
	return out
}
