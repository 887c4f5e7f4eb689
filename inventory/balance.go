package inventory

import (
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/quantity"
)

// CodeHeldShort says that fewer containers are set aside than are asked for.
const CodeHeldShort glabella.Code = "inventory.held.short"

// Balance is what is on hand of one lot at one site: the sum of its movements,
// kept live.
type Balance struct {
	ID glabella.BalanceID `json:"id" validate:"required"` // [BalanceIDOf] the lot and the site
	glabella.Meta
	Lot        glabella.LotID     `json:"lot" validate:"required"`
	Site       glabella.SiteID    `json:"site" validate:"required"`
	Product    glabella.ProductID `json:"product" validate:"required"`
	OnHand     quantity.Quantity  `json:"onHand"`                          // in the base unit, with what is left in opened containers
	Sealed     int                `json:"sealed" validate:"min=0"`         // unopened containers
	Held       int                `json:"held,omitempty" validate:"min=0"` // unopened containers that are set aside; neither in OnHand nor in Sealed
	ReceivedAt time.Time          `json:"receivedAt,omitzero"`             // the first delivery
}

// BalanceIDOf returns the identity of the stock of a lot at a site.
func BalanceIDOf(lot glabella.LotID, site glabella.SiteID) glabella.BalanceID {
	return glabella.DeriveID[glabella.BalanceID](lot.String() + "\x00" + site.String())
}

// Ref returns the reference to the balance.
func (b Balance) Ref() glabella.Ref { return b.ID.Ref() }

// Validate reports everything that is wrong with the balance as a record.
func (b Balance) Validate() error {
	issues := check.Struct(b)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if !b.ID.IsZero() && b.ID != BalanceIDOf(b.Lot, b.Site) {
		add("/id", glabella.CodeMismatch, "not the identity of this lot at this site")
	}
	if b.OnHand.Unit().IsZero() {
		add("/onHand/unit", glabella.CodeRequired, "a balance has a unit, also of nothing")
	}
	if b.OnHand.Sign() < 0 {
		add("/onHand", glabella.CodeOutOfRange, "there is never less than nothing on hand")
	}
	return glabella.Invalid("balance", issues...)
}

// Apply returns the balance after a movement. The zero Balance becomes the
// balance of the movement's lot and site. A movement that would leave less than
// nothing is refused with [CodeShort], [CodeNoSealed] or [CodeHeldShort], one of another lot or site
// is invalid, and one in another unit is a [*quantity.UnitError].
func (b Balance) Apply(m Movement) (Balance, error) {
	next, err := b.add(m)
	if err != nil {
		return b, err
	}
	var reasons []glabella.Reason
	if next.OnHand.Sign() < 0 {
		reasons = append(reasons, short(b.OnHand, m.Quantity.Neg()).For(next.Ref(), m.Lot.Ref()))
	}
	if next.Sealed < 0 {
		reasons = append(reasons, noSealed(b.Sealed, -m.Containers).For(next.Ref(), m.Lot.Ref()))
	}
	if next.Held < 0 {
		reasons = append(reasons, glabella.Denied(CodeHeldShort, "fewer containers are set aside than are asked for").For(next.Ref(), m.Lot.Ref()).
			With("have", strconv.Itoa(b.Held)).With("need", strconv.Itoa(b.Held-next.Held)).WithFix("release what is set aside, or count the stock"))
	}
	if err := glabella.Refuse(glabella.Decide(reasons...)); err != nil {
		return b, err
	}
	return next, nil
}

// add sums without asking whether the result is possible, so that the order of
// movements does not matter.
func (b Balance) add(m Movement) (Balance, error) {
	if b.ID.IsZero() {
		b.ID, b.Lot, b.Site, b.Product = BalanceIDOf(m.Lot, m.Site), m.Lot, m.Site, m.Product
	}
	if b.Lot != m.Lot || b.Site != m.Site || b.Product != m.Product {
		return b, glabella.Invalid("movement", glabella.Issue{Code: glabella.CodeMismatch, Text: "the movement is of another lot, site or product"})
	}
	onHand, err := b.OnHand.Add(m.Quantity)
	if err != nil {
		return b, err
	}
	b.OnHand = onHand
	b.Sealed += m.Containers
	if m.Kind == MovementHold || m.Kind == MovementRelease {
		b.Held -= m.Containers
	}
	if m.Kind == MovementReceive && m.Reverses.IsZero() && (b.ReceivedAt.IsZero() || m.At.Before(b.ReceivedAt)) {
		b.ReceivedAt = m.At
	}
	return b, nil
}

// Fold returns the balances that the movements amount to, in whatever order they
// are given. It does not judge them: a sum below nothing is returned as it is. The
// error is of movements that cannot be summed, of two products or two units in one
// lot.
func Fold(movements []Movement) (map[glabella.BalanceID]Balance, error) {
	out := map[glabella.BalanceID]Balance{}
	for _, m := range movements {
		id := BalanceIDOf(m.Lot, m.Site)
		b, err := out[id].add(m)
		if err != nil {
			return nil, err
		}
		out[id] = b
	}
	return out, nil
}

// StockChange is a change of unopened containers that is neither a delivery nor a
// transfer: waste, a return to the supplier, the result of a count, what is sold,
// dispensed or used up, and what is set aside.
type StockChange struct {
	ID         glabella.MovementID
	Kind       MovementKind // one of [ChangeKinds]
	Containers int          // the signed change: −2 for two that broke
	Reason     string       // a code, see [Reasons]
	By         glabella.StaffID
	Witness    glabella.StaffID
	At         time.Time
	Document   string
	Encounter  glabella.EncounterID
	Procedure  glabella.ProcedureID
	Patient    glabella.PatientID // whom it was dispensed or sold to
}

// ChangeKinds returns the kinds of movement that [Balance.Change] makes.
func ChangeKinds() []MovementKind {
	return []MovementKind{MovementWaste, MovementReturn, MovementAdjust, MovementDispense, MovementSell, MovementConsume, MovementHold, MovementRelease}
}

// Change makes a change of unopened containers. It asks nothing about the lot:
// what is expired or recalled is thrown away or sent back. Who sells, dispenses or
// uses up asks [Usable] first.
func (b Balance) Change(p Product, c StockChange) (Balance, Movement, error) {
	if !slices.Contains(ChangeKinds(), c.Kind) {
		return b, Movement{}, glabella.Invalid("stock change", glabella.Issue{Path: "/kind", Code: glabella.CodeUnknownValue, Text: "not a kind of change of unopened containers"})
	}
	m := Movement{
		ID: c.ID, Kind: c.Kind, Lot: b.Lot, Site: b.Site, Product: p.ID,
		Quantity: p.Nominal.Scale(decimal.NewFromInt(int64(c.Containers))), Containers: c.Containers,
		By: c.By, Witness: c.Witness, Reason: c.Reason, At: instant(c.At), Document: c.Document,
		Encounter: c.Encounter, Procedure: c.Procedure, Patient: c.Patient,
	}
	if err := m.Validate(); err != nil {
		return b, Movement{}, err
	}
	next, err := b.Apply(m)
	if err != nil {
		return b, Movement{}, err
	}
	return next, m, nil
}
