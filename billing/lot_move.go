package billing

import (
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// CreditMovementKind says what happened to a lot of credit.
type CreditMovementKind string

// The kinds of movement.
const (
	MoveGrant       CreditMovementKind = "grant"
	MoveRedeem      CreditMovementKind = "redeem"
	MoveExpire      CreditMovementKind = "expire"
	MoveForfeit     CreditMovementKind = "forfeit"
	MoveExtend      CreditMovementKind = "extend"
	MoveFreeze      CreditMovementKind = "freeze"
	MoveUnfreeze    CreditMovementKind = "unfreeze"
	MoveTransferOut CreditMovementKind = "transfer-out"
	MoveTransferIn  CreditMovementKind = "transfer-in"
	MoveRefund      CreditMovementKind = "refund"
	MoveReinstate   CreditMovementKind = "reinstate"
	MoveConvert     CreditMovementKind = "convert"
)

// CreditMovementKinds returns every kind of movement.
func CreditMovementKinds() []CreditMovementKind {
	return []CreditMovementKind{MoveGrant, MoveRedeem, MoveExpire, MoveForfeit, MoveExtend, MoveFreeze, MoveUnfreeze, MoveTransferOut, MoveTransferIn, MoveRefund, MoveReinstate, MoveConvert}
}

// Valid reports whether k is one of [CreditMovementKinds].
func (k CreditMovementKind) Valid() bool { return slices.Contains(CreditMovementKinds(), k) }

// CreditMovement is one entry of the journal of a lot. It is never changed; what
// was wrong is made good by a further one.
type CreditMovement struct {
	Kind CreditMovementKind `json:"kind" validate:"required"`
	Moved
	Units     quantity.Quantity    `json:"units"`              // added to what remains; negative is taken
	Value     money.Amount         `json:"value"`              // added to its value
	Cash      money.Amount         `json:"cash,omitzero"`      // of a refund: what the patient gets
	ExpiresOn glabella.Date        `json:"expiresOn,omitzero"` // of a grant, an extension or the end of a freeze
	Reverses  int                  `json:"reverses,omitempty"` // of a reinstatement: the number of the movement, from 1
	Other     glabella.CreditLotID `json:"other,omitzero"`     // of a transfer or conversion: the other lot
}

// fits reports whether the movement may follow the balance as number n, from 0.
func (m CreditMovement) fits(l CreditLot, b LotBalance, n int) bool {
	if starts := m.Kind == MoveGrant || m.Kind == MoveTransferIn; starts || n == 0 {
		return starts && n == 0 && m.Units.Equal(l.Granted) && m.Value == l.Price
	}
	taken := m.Units.Sign() < 0 && m.Value.Sign() <= 0
	still := m.Units.IsZero() && m.Value.IsZero()
	switch m.Kind {
	case MoveRedeem, MoveTransferOut, MoveConvert, MoveRefund, MoveForfeit, MoveExpire:
		paid := m.Cash == money.Amount{}
		if m.Kind == MoveRefund {
			paid = m.Cash.Currency() == l.Price.Currency() && m.Cash.Sign() >= 0
		}
		return taken && paid
	case MoveExtend:
		return still && (m.ExpiresOn.IsZero() || !b.ExpiresOn.IsZero() && m.ExpiresOn.After(b.ExpiresOn))
	case MoveFreeze:
		return still && b.FrozenSince.IsZero()
	case MoveUnfreeze:
		return still && !b.FrozenSince.IsZero() && !m.On.Before(b.FrozenSince)
	case MoveReinstate:
		if m.Reverses < 1 || m.Reverses > n {
			return false
		}
		of := l.Movements[m.Reverses-1]
		again := slices.ContainsFunc(l.Movements[:n], func(o CreditMovement) bool { return o.Reverses == m.Reverses })
		back := of.Kind == MoveRedeem || of.Kind == MoveExpire || of.Kind == MoveForfeit
		return back && !again && m.Units.Equal(of.Units.Neg()) && m.Value == of.Value.Neg()
	}
	return false
}

// Grant returns the lot with its first movement. The lot says what is granted and
// at what price.
func (l CreditLot) Grant(expires glabella.Date, w Moved) (CreditLot, error) {
	return l.start(MoveGrant, expires, w, glabella.CreditLotID{})
}

func (l CreditLot) start(kind CreditMovementKind, expires glabella.Date, w Moved, other glabella.CreditLotID) (CreditLot, error) {
	next := l
	next.Limits = l.Limits.clone()
	next.Movements = []CreditMovement{{Kind: kind, Moved: w, Units: l.Granted, Value: l.Price, ExpiresOn: expires, Other: other}}
	if err := next.Validate(); err != nil {
		return l, err
	}
	if len(l.Movements) > 0 {
		return l, glabella.Invalid("credit-lot", glabella.Issue{Path: "/movements", Code: CodeLotJournal, Text: "the lot has been granted before"})
	}
	return next, nil
}

func (l CreditLot) move(m CreditMovement) (CreditLot, error) {
	next := l
	if m.Units.Unit().IsZero() {
		m.Units = quantity.Of(0, l.Granted.Unit())
	}
	if m.Value == (money.Amount{}) {
		m.Value = money.New(0, l.Price.Currency())
	}
	next.Movements = append(slices.Clone(l.Movements), m)
	if _, err := next.Balance(); err != nil {
		return l, err
	}
	return next, nil
}

// take moves units and their value out of the lot.
func (l CreditLot) take(units quantity.Quantity, m CreditMovement) (CreditLot, money.Amount, error) {
	b, err := l.Balance()
	if err != nil {
		return l, money.Amount{}, err
	}
	value, err := l.valueOf(b, units)
	if err != nil {
		return l, money.Amount{}, err
	}
	m.Units, m.Value = units.Neg(), value.Neg()
	next, err := l.move(m)
	return next, value, err
}

// hand takes units out of the lot for another one. It returns their value too,
// and what of it was revenue at the sale.
func (l CreditLot) hand(units quantity.Quantity, m CreditMovement) (next CreditLot, value, upfront money.Amount, err error) {
	b, err := l.Balance()
	if err != nil {
		return l, value, upfront, err
	}
	if next, value, err = l.take(units, m); err != nil {
		return l, value, upfront, err
	}
	upfront, err = l.upfront(b.Value, value)
	return next, value, upfront, err
}

// Redeem takes units from the lot to pay for something. It returns the lot and
// the value of the units. A lot that is empty, expired or frozen on the day is
// refused.
func (l CreditLot) Redeem(units quantity.Quantity, w Moved) (CreditLot, money.Amount, error) {
	d, err := l.Usable(w.On)
	if err != nil {
		return l, money.Amount{}, err
	}
	if err := glabella.Refuse(d); err != nil {
		return l, money.Amount{}, err
	}
	return l.take(units, CreditMovement{Kind: MoveRedeem, Moved: w})
}

// Reinstate undoes a redemption, an expiry or a forfeiture, by the number of its
// movement from 1. The units and exactly their value return to this lot; the day
// on which it expires stays.
func (l CreditLot) Reinstate(number int, w Moved) (CreditLot, error) {
	if number < 1 || number > len(l.Movements) {
		return l, glabella.Invalid("credit-lot", glabella.Issue{Path: "/reverses", Code: CodeLotJournal, Text: "the lot has no such movement"})
	}
	of := l.Movements[number-1]
	return l.move(CreditMovement{Kind: MoveReinstate, Moved: w, Units: of.Units.Neg(), Value: of.Value.Neg(), Reverses: number})
}

// GiveBack returns to the lot units that an invoice took from it, the latest first,
// and returns their value too. The day on which the lot expires stays. More than the
// invoice took, less what it gave back before, is an error.
func (l CreditLot) GiveBack(invoice glabella.InvoiceID, units quantity.Quantity, w Moved) (CreditLot, money.Amount, error) {
	value, left := money.New(0, l.Price.Currency()), units
	w.Invoice = invoice
	for n := len(l.Movements); n > 0 && left.Sign() > 0; n-- {
		m := l.Movements[n-1]
		if m.Kind != MoveRedeem || m.Invoice != invoice || slices.ContainsFunc(l.Movements, func(o CreditMovement) bool { return o.Reverses == n }) {
			continue
		}
		next, err := l.Reinstate(n, w)
		if err != nil {
			return l, value, err
		}
		back, rest := m.Units.Neg(), m.Value.Neg()
		over, err := back.Sub(left)
		if err != nil {
			return l, value, err
		}
		if over.Sign() > 0 {
			var again money.Amount
			if next, again, err = next.take(over, CreditMovement{Kind: MoveRedeem, Moved: w}); err != nil {
				return l, value, err
			}
			if rest, err = rest.Sub(again); err != nil {
				return l, value, err
			}
			back = left
		}
		if left, err = left.Sub(back); err != nil {
			return l, value, err
		}
		if value, err = value.Add(rest); err != nil {
			return l, value, err
		}
		l = next
	}
	if left.Sign() > 0 {
		return l, value, glabella.Invalid("credit-lot", glabella.Issue{Path: "/units", Code: CodeLotRange, Text: "more than the invoice took from the lot"})
	}
	return l, value, nil
}

// Expire takes what is left of a lot whose last day is past. A lot that is not
// past it, or frozen, is refused.
func (l CreditLot) Expire(w Moved) (CreditLot, money.Amount, error) {
	b, err := l.Balance()
	if err != nil {
		return l, money.Amount{}, err
	}
	if !b.expired(w.On) || b.Remaining.Sign() <= 0 {
		return l, money.Amount{}, glabella.Invalid("credit-lot", glabella.Issue{Path: "/expiresOn", Code: CodeLotJournal, Text: "the lot has not expired or has nothing left"})
	}
	return l.take(b.Remaining, CreditMovement{Kind: MoveExpire, Moved: w})
}

// Forfeit takes units that the patient loses under the terms, such as those above
// the cap of a membership.
func (l CreditLot) Forfeit(units quantity.Quantity, w Moved) (CreditLot, money.Amount, error) {
	return l.take(units, CreditMovement{Kind: MoveForfeit, Moved: w})
}

// Extend moves the last day of the lot to a later one, or to none if it is zero.
func (l CreditLot) Extend(to glabella.Date, w Moved) (CreditLot, error) {
	return l.move(CreditMovement{Kind: MoveExtend, Moved: w, ExpiresOn: to})
}

// Freeze keeps the lot from being used and its time from running.
func (l CreditLot) Freeze(w Moved) (CreditLot, error) {
	return l.move(CreditMovement{Kind: MoveFreeze, Moved: w})
}

// Unfreeze lets the lot be used again. Its last day moves by the days that it was
// frozen for.
func (l CreditLot) Unfreeze(w Moved) (CreditLot, error) {
	b, err := l.Balance()
	if err != nil {
		return l, err
	}
	expires := b.ExpiresOn
	if !expires.IsZero() && !b.FrozenSince.IsZero() {
		expires = expires.AddDays(w.On.DaysSince(b.FrozenSince))
	}
	return l.move(CreditMovement{Kind: MoveUnfreeze, Moved: w, ExpiresOn: expires})
}

// LotTarget says where a transfer or a conversion goes.
type LotTarget struct {
	ID        glabella.CreditLotID
	Patient   glabella.PatientID // of a transfer
	ExpiresOn glabella.Date      // the new lot's own last day; zero does not expire
	Kind      LotKind            // of a conversion
	Granted   quantity.Quantity  // of a conversion
	Limits    LotLimits          // of a conversion
}

// Transfer moves units of the lot to another patient, as a lot of their own that
// cannot be transferred on or back. It returns this lot and the new one.
func (l CreditLot) Transfer(units quantity.Quantity, to LotTarget, w Moved) (from, given CreditLot, err error) {
	d, err := l.Usable(w.On)
	if err != nil {
		return l, CreditLot{}, err
	}
	var also []glabella.Reason
	if !l.Transferable || to.Patient == l.Patient {
		also = append(also, glabella.Denied(CodeLotTransfer, "the lot may not be transferred to this patient").For(l.Ref()).WithFix("sell the other patient a credit of their own"))
	}
	if err := glabella.Refuse(glabella.Join(d, glabella.Decide(also...))); err != nil {
		return l, CreditLot{}, err
	}
	from, value, upfront, err := l.hand(units, CreditMovement{Kind: MoveTransferOut, Moved: w, Other: to.ID})
	if err != nil {
		return l, CreditLot{}, err
	}
	given = CreditLot{ID: to.ID, Patient: to.Patient, Origin: l.Origin, Kind: l.Kind, Granted: units, Price: value, Upfront: upfront, Limits: l.Limits, Source: l.Source}
	given.Source.Lot = l.ID
	given, err = given.start(MoveTransferIn, to.ExpiresOn, w, l.ID)
	if err != nil {
		return l, CreditLot{}, err
	}
	return from, given, nil
}

// Convert changes units of the lot into a new lot of another kind or of other
// services. The value goes with them. What was given for nothing stays so.
func (l CreditLot) Convert(units quantity.Quantity, to LotTarget, w Moved) (from, made CreditLot, err error) {
	d, err := l.Usable(w.On)
	if err != nil {
		return l, CreditLot{}, err
	}
	if err := glabella.Refuse(d); err != nil {
		return l, CreditLot{}, err
	}
	from, value, upfront, err := l.hand(units, CreditMovement{Kind: MoveConvert, Moved: w, Other: to.ID})
	if err != nil {
		return l, CreditLot{}, err
	}
	made = CreditLot{ID: to.ID, Patient: l.Patient, Origin: LotConversion, Kind: to.Kind, Granted: to.Granted, Price: value, Upfront: upfront, Limits: to.Limits, Transferable: l.Transferable, Source: l.Source}
	if l.Origin.Free() {
		made.Origin = l.Origin
	}
	made.Source.Lot = l.ID
	if made, err = made.Grant(to.ExpiresOn, w); err != nil {
		return l, CreditLot{}, err
	}
	return from, made, nil
}
