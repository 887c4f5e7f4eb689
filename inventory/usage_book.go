package inventory

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// CodePieces says that an amount of what is used as whole pieces is not a whole number of them.
const CodePieces glabella.Code = "inventory.pieces"

// Charted is an administration as it was charted, with what is on record of its
// lot and its container. Either may be missing.
type Charted struct {
	Draw                          // what was given; Lot and Balance are zero where the lot is not known
	Site         glabella.SiteID  // where it was given
	Vial         Vial             // the container, zero if it is not known
	Unreconciled glabella.UsageID // identity of the usage, if one has to be opened
}

// Booked is what an administration changes. A part that did not change is zero
// or as it was given.
type Booked struct {
	Vial     Vial
	Balance  Balance
	Movement Movement          // what left the stock; zero if nothing did
	Usage    Usage             // what stock does not account for; zero if it accounts for all
	Notice   glabella.Decision // a warning with [CodeUsageOpened] if a usage is open
}

// Book takes what was charted out of stock as far as the stock on record goes, and
// opens an unreconciled usage for the rest: missing stock neither blocks charting nor
// goes unnoticed. What forbids the use itself, such as an expired or recalled lot or
// a container of another patient, is refused as by [Vial.Draw].
func Book(c Charted) (Booked, error) {
	out := Booked{Vial: c.Vial, Balance: c.Balance, Notice: glabella.Decide()}
	if err := c.refuse(); err != nil {
		return Booked{}, err
	}
	taken, err := c.take(&out)
	if err != nil {
		return Booked{}, err
	}
	rest, err := c.Quantity.Sub(taken)
	if err != nil {
		return Booked{}, err
	}
	if rest.Sign() <= 0 {
		return out, nil
	}
	out.Usage = Usage{
		ID: c.Unreconciled, Site: c.Site, Product: c.Product.ID, Substance: c.Product.Substance, Patient: c.Patient,
		Encounter: c.Encounter, Procedure: c.Procedure, By: c.By, At: instant(c.At), Quantity: rest,
		Cause: UsageBeyondStock, Lot: c.Use.Lot.ID, Vial: c.Vial.ID, State: UsageOpen, Matches: []UsageMatch{},
	}
	if out.Usage.Substance == "" {
		out.Usage.Substance = c.Product.Code
	}
	if out.Usage.Substance == "" { // nothing but the substance was charted
		out.Usage.Substance = rest.Unit().Product()
	}
	switch {
	case c.Use.Lot.ID.IsZero():
		out.Usage.Cause = UsageNoLot
	case c.Vial.ID.IsZero() && c.Product.Container != NoContainer:
		out.Usage.Cause = UsageNoContainer
	}
	if err := out.Usage.Validate(); err != nil {
		return Booked{}, err
	}
	out.Notice = glabella.Decide(glabella.Warned(CodeUsageOpened, "stock on record does not account for what was charted").
		For(out.Usage.Ref(), c.Use.Lot.Ref(), c.Vial.Ref()).With("quantity", rest.String()).WithFix("match it to a lot, or write it off"))
	return out, nil
}

// refuse returns the refusal of what may not be used, without regard to how much
// of it is there.
func (c Charted) refuse() error {
	var reasons []glabella.Reason
	if c.Vial.ID.IsZero() {
		if !c.Use.Lot.ID.IsZero() {
			reasons = lotReasons(c.Use.Lot, dayAt(c.At, c.Zone))
			if c.Use.Lot.Product != c.Product.ID || !c.Balance.ID.IsZero() && c.Balance.Lot != c.Use.Lot.ID {
				reasons = append(reasons, mismatch(c.Use.Lot, c.Product, c.Balance))
			}
		}
		if c.Patient.IsZero() {
			reasons = append(reasons, glabella.Denied(CodeVialNoPatient, "what is given is given to a patient").WithFix("name the patient"))
		}
		reasons = append(reasons, amountReasons(c.Quantity, c.Quantity)...)
		if !c.Product.ID.IsZero() && c.Product.Nominal.Unit() != c.Quantity.Unit() {
			reasons = append(reasons, glabella.Denied(CodeUnit, "the amount is in another unit than the stock").For(c.Product.Ref()).
				With("have", c.Product.Nominal.Unit().String()).With("need", c.Quantity.Unit().String()).WithFix("give the amount in the stock's own unit"))
		}
	} else {
		reasons = VialUsable(c.Vial, c.Use).Reasons
		if c.Vial.Site != c.Site || !c.Balance.ID.IsZero() && c.Balance.ID != BalanceIDOf(c.Vial.Lot, c.Vial.Site) {
			reasons = append(reasons, mismatch(c.Use.Lot, c.Product, c.Balance))
		}
	}
	reasons = slices.DeleteFunc(reasons, func(r glabella.Reason) bool { return r.Code == CodeShort || r.Code == CodeVialClosed })
	return glabella.Refuse(glabella.Decide(reasons...), c.Acknowledged...)
}

func mismatch(l Lot, p Product, b Balance) glabella.Reason {
	return glabella.Denied(CodeLotMismatch, "the balance, the lot, the product and the site do not belong together").
		For(b.Ref(), l.Ref(), p.Ref()).WithFix("give the lot's own balance and product")
}

// take books what the stock on record holds and returns how much that was.
func (c Charted) take(out *Booked) (quantity.Quantity, error) {
	nothing := quantity.Of(0, c.Quantity.Unit())
	switch {
	case c.Use.Lot.ID.IsZero(), c.Balance.ID.IsZero():
		return nothing, nil
	case c.Product.Container == NoContainer:
		n, ok := pieces(c.Product, c.Quantity)
		if !ok {
			return nothing, glabella.Refuse(glabella.Decide(notWhole(c.Product)))
		}
		n = min(n, c.Balance.Sealed)
		if n == 0 {
			return nothing, nil
		}
		var err error
		out.Balance, out.Movement, err = c.Balance.Change(c.Product, StockChange{ID: c.ID, Kind: MovementConsume, Containers: -n,
			By: c.By, At: c.At, Encounter: c.Encounter, Procedure: c.Procedure, Patient: c.Patient})
		return out.Movement.Quantity.Neg(), err
	case c.Vial.ID.IsZero(), c.Vial.State != VialOpen && c.Vial.State != VialReconstituted:
		return nothing, nil
	}
	d := c.Draw
	for _, have := range []quantity.Quantity{c.Vial.Remaining, c.Balance.OnHand} {
		if over, err := d.Quantity.Cmp(have); err != nil {
			return nothing, err
		} else if over > 0 {
			d.Quantity = have
		}
	}
	if d.Quantity.Sign() <= 0 {
		return nothing, nil
	}
	var err error
	out.Vial, out.Balance, out.Movement, err = c.Vial.Draw(d)
	return d.Quantity, err
}

// pieces returns how many pieces of the product an amount is, and false if that
// is no whole number.
func pieces(p Product, q quantity.Quantity) (int, bool) {
	if p.Nominal.Sign() <= 0 || q.Unit() != p.Nominal.Unit() {
		return 0, false
	}
	n, rest := q.Value().QuoRem(p.Nominal.Value(), 0)
	if !rest.IsZero() || n.GreaterThan(decimal.NewFromInt(1<<31-1)) {
		return 0, false
	}
	return int(n.IntPart()), true
}

func notWhole(p Product) glabella.Reason {
	return glabella.Denied(CodePieces, "the amount is not a whole number of pieces").For(p.Ref()).WithFix("give the amount in whole pieces")
}
