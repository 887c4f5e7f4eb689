package inventory

import "github.com/glabella-ehr/glabella"

// MovementCorrection says which movement is taken back, with everything that it
// changed as it is now.
type MovementCorrection struct {
	Reversal
	Movement     Movement         // that was entered in error
	Product      Product          // of the movement
	Balance      Balance          // of its lot at its site
	Vial         Vial             // the container that it is about; zero of one about unopened containers
	Usage        Usage            // that it settled; zero if it settled none
	Unreconciled glabella.UsageID // identity of the usage that is opened if what was charted loses its stock
}

// MovementCorrected is what taking a movement back changes.
type MovementCorrected struct {
	Movement Movement // the opposite
	Balance  Balance
	Vial     Vial  // zero if none is concerned
	Usage    Usage // the one that is open again, or was opened; zero if none is concerned
}

// TakeBackMovement takes a movement back: the same lot, container and balance are
// as they were before, with cost and expiry. What a movement was matched to is open
// again. What was charted was given all the same: if the movement accounted for it,
// an unreconciled usage is opened, which waits for the stock that it really came
// from. See [Reverse] for what is refused, and [Vial.Restore].
func TakeBackMovement(c MovementCorrection) (MovementCorrected, error) {
	m := c.Movement
	if m.Vial != c.Vial.ID || m.Usage != c.Usage.ID || m.Product != c.Product.ID {
		return MovementCorrected{}, glabella.Invalid("movement", glabella.Issue{Path: "/movement", Code: glabella.CodeMismatch, Text: "the container, the usage or the product is not the movement's"})
	}
	back, err := Reverse(m, c.Reversal)
	if err != nil {
		return MovementCorrected{}, err
	}
	out := MovementCorrected{Movement: back}
	if out.Balance, err = c.Balance.Apply(back); err != nil {
		return MovementCorrected{}, err
	}
	if !m.Vial.IsZero() {
		if out.Vial, err = c.Vial.Restore(back); err != nil {
			return MovementCorrected{}, err
		}
	}
	switch {
	case m.Kind == MovementOpen: // what left the container are other movements
	case !m.Usage.IsZero():
		out.Usage, err = c.Usage.Unmatch(back)
	case !m.Procedure.IsZero():
		out.Usage = m.lost(c.Product, c.Unreconciled)
		err = out.Usage.Validate()
	}
	if err != nil {
		return MovementCorrected{}, err
	}
	return out, nil
}

// lost returns the usage of something charted whose stock was taken back.
func (m Movement) lost(p Product, id glabella.UsageID) Usage {
	u := Usage{
		ID: id, Site: m.Site, Product: p.ID, Substance: p.Substance, Patient: m.Patient, Encounter: m.Encounter, Procedure: m.Procedure,
		By: m.By, At: m.At, Quantity: m.Quantity.Neg(), Cause: UsageTakenBack, Lot: m.Lot, Vial: m.Vial, State: UsageOpen, Matches: []UsageMatch{},
	}
	if u.Substance == "" {
		u.Substance = p.Code
	}
	return u
}
