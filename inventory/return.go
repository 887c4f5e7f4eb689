package inventory

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
)

// ReturnCondition says in what state a customer brings something back.
type ReturnCondition string

// The conditions of what comes back.
const (
	ReturnIntact  ReturnCondition = "intact"  // unopened, and kept as it must be
	ReturnDoubted ReturnCondition = "doubted" // opened, damaged, or nobody knows how it was kept
)

// ReturnConditions returns every condition.
func ReturnConditions() []ReturnCondition { return []ReturnCondition{ReturnIntact, ReturnDoubted} }

// Valid reports whether c is one of [ReturnConditions].
func (c ReturnCondition) Valid() bool { return slices.Contains(ReturnConditions(), c) }

// Codes of reasons against taking something back.
const (
	// CodeReturnSale says that what comes back was not sold or dispensed by the movement that is given, or the sale was taken back.
	CodeReturnSale glabella.Code = "inventory.return.sale"
	// CodeReturnOver says that more comes back than was sold.
	CodeReturnOver glabella.Code = "inventory.return.over"
)

// CustomerReturn is something that a customer brings back.
type CustomerReturn struct {
	ID         glabella.MovementID // of the movement that puts it back
	HoldID     glabella.MovementID // of the movement that sets it aside, if one is made
	Sale       Movement            // by which it left
	Later      []Movement          // whatever names the sale: earlier returns and a reversal
	Product    Product
	Lot        Lot
	Balance    Balance // of the lot at the site that takes it back
	Site       glabella.SiteID
	Containers int // how many come back, positive
	Condition  ReturnCondition
	By         glabella.StaffID
	At         time.Time
	Zone       *time.Location // of the site, for the day of expiry; nil is UTC
	Document   string         // number of the credit note
}

// TakeBack puts what a customer brings back on the books of the lot that it came
// from. It can be sold again only if it is intact, was sold and not dispensed, and its
// lot may be used; else it is set aside in the same step, out of what is on hand, until
// it is released or wasted.
func TakeBack(r CustomerReturn) (Balance, []Movement, error) {
	var issues []glabella.Issue
	if !r.Condition.Valid() {
		issues = append(issues, glabella.Issue{Path: "/condition", Code: glabella.CodeUnknownValue, Text: "not a condition of what comes back"})
	}
	if r.Containers < 1 {
		issues = append(issues, glabella.Issue{Path: "/containers", Code: glabella.CodeOutOfRange, Text: "at least one container comes back"})
	}
	if err := glabella.Invalid("return", issues...); err != nil {
		return r.Balance, nil, err
	}
	var reasons []glabella.Reason
	sold := r.Sale.Kind == MovementSell || r.Sale.Kind == MovementDispense
	if !sold || !r.Sale.Reverses.IsZero() || Reversed(r.Later, r.Sale.ID) {
		reasons = append(reasons, glabella.Denied(CodeReturnSale, "the movement is no sale that stands").For(r.Sale.Ref()).WithFix("find the sale that it came from"))
	}
	if r.Sale.Lot != r.Lot.ID || r.Lot.Product != r.Product.ID || r.Sale.Product != r.Product.ID {
		reasons = append(reasons, mismatch(r.Lot, r.Product, r.Balance))
	}
	left := -r.Sale.Containers
	for _, m := range r.Later {
		if m.Origin == r.Sale.ID {
			left -= m.Containers
		}
	}
	if r.Containers > left {
		reasons = append(reasons, glabella.Denied(CodeReturnOver, "more comes back than was sold").For(r.Sale.Ref()).WithFix("compare with the receipt"))
	}
	if err := glabella.Refuse(glabella.Decide(reasons...)); err != nil {
		return r.Balance, nil, err
	}
	back := Movement{
		ID: r.ID, Kind: MovementRestock, Lot: r.Lot.ID, Site: r.Site, Product: r.Product.ID,
		Quantity: r.Product.Nominal.Scale(decimal.NewFromInt(int64(r.Containers))), Containers: r.Containers,
		Patient: r.Sale.Patient, By: r.By, Reason: ReasonReturned, At: instant(r.At), Document: r.Document, Origin: r.Sale.ID,
	}
	w := stockOf([]Balance{r.Balance})
	if err := w.apply(back); err != nil {
		return r.Balance, nil, err
	}
	usable := glabella.Decide(lotReasons(r.Lot, dayAt(r.At, r.Zone))...).Outcome != glabella.Deny
	if r.Condition != ReturnIntact || r.Sale.Kind == MovementDispense || !usable {
		hold := back
		hold.ID, hold.Kind, hold.Quantity, hold.Containers, hold.Origin = r.HoldID, MovementHold, back.Quantity.Neg(), -back.Containers, glabella.MovementID{}
		if err := w.apply(hold); err != nil {
			return r.Balance, nil, err
		}
	}
	return w.changed[0], w.movements, nil
}
