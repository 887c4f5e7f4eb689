package inventory

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// Matching says which stock accounts for a usage.
type Matching struct {
	ID           glabella.MovementID // of the movement
	Product      Product
	Lot          Lot
	Balance      Balance             // of the lot at the site of the usage
	Vial         Vial                // the container that it came from; zero if its opening was never recorded
	NewVial      glabella.VialID     // identity of the container that is then put on record as opened
	Opening      glabella.MovementID // of the movement that opens it
	Quantity     quantity.Quantity   // the zero Quantity is all that is outstanding
	By           glabella.StaffID
	At           time.Time       // when it is matched, which is when it leaves the books
	Zone         *time.Location  // of the site, for the day of expiry; nil is UTC
	Acknowledged []glabella.Code // warnings that are settled
}

// Matched is what matching a usage changes.
type Matched struct {
	Usage     Usage
	Vial      Vial // zero of what is used as whole pieces
	Balance   Balance
	Movements []Movement // the opening, if there is one, before what was given
}

// softened are the reasons that forbid a use to come and only warn of one that is
// over: the record says what happened, and somebody has to say that they saw it.
var softened = []glabella.Code{CodeLotExpired, CodeLotQuarantined, CodeLotRecalled, CodeVialBeyondUse, CodeVialOtherPatient, CodeVialNotReconstituted}

func soften(reasons []glabella.Reason) []glabella.Reason {
	for i := range reasons {
		if slices.Contains(softened, reasons[i].Code) {
			reasons[i].Outcome = glabella.Warn
		}
	}
	return reasons
}

// amount returns how much is to be matched.
func (m Matching) amount(u Usage) quantity.Quantity {
	if m.Quantity.Unit().IsZero() && m.Quantity.IsZero() {
		return u.Outstanding()
	}
	return m.Quantity
}

// Matchable says whether the stock can account for the usage. Stock that is not
// there denies; that the lot was expired or held, or the container beyond use or
// bound to another patient, when it was given, warns.
func (u Usage) Matchable(m Matching) glabella.Decision {
	need := m.amount(u)
	var reasons []glabella.Reason
	if !u.Product.IsZero() && u.Product != m.Product.ID || m.Product.Substance != u.Substance && m.Product.Code != u.Substance || !m.Balance.ID.IsZero() && m.Balance.Site != u.Site {
		reasons = append(reasons, glabella.Denied(CodeUsageProduct, "the stock is of another product or site than was charted").
			For(u.Ref(), m.Product.Ref(), m.Balance.Ref()).WithFix("choose stock of the site and the product, or correct the chart"))
	}
	if !u.Lot.IsZero() && u.Lot != m.Lot.ID {
		reasons = append(reasons, glabella.Warned(CodeUsageOtherLot, "the stock is of another lot than was charted").
			For(u.Ref(), u.Lot.Ref(), m.Lot.Ref()).WithFix("match the charted lot, or correct the chart"))
	}
	if c, err := need.Cmp(u.Outstanding()); err == nil && c > 0 {
		reasons = append(reasons, glabella.Denied(CodeUsageOver, "more would be matched than is open").For(u.Ref()).
			With("have", u.Outstanding().String()).With("need", need.String()).WithFix("match what is open"))
	}
	switch {
	case m.Balance.ID.IsZero() && !m.Lot.ID.IsZero():
		reasons = append(reasons, glabella.Denied(CodeLotUnknown, "the site has never had the lot").For(m.Lot.Ref()).WithFix("receive the lot at the site"))
	case m.Balance.Lot != m.Lot.ID || m.Lot.Product != m.Product.ID:
		reasons = append(reasons, mismatch(m.Lot, m.Product, m.Balance))
	case m.Balance.ReceivedAt.After(u.At):
		reasons = append(reasons, glabella.Warned(CodeUsageBeforeReceipt, "the site received the lot only after it was given").
			For(u.Ref(), m.Lot.Ref()).WithFix("correct the time of the delivery, or match another lot"))
	}
	if !m.Vial.ID.IsZero() && m.Product.Container != NoContainer {
		reasons = append(reasons, VialUsable(m.Vial, Use{Lot: m.Lot, Product: m.Product, Patient: u.Patient, Quantity: need, At: u.At, Zone: m.Zone}).Reasons...)
		if c, err := need.Cmp(m.Balance.OnHand); err == nil && c > 0 && !m.Balance.ID.IsZero() {
			reasons = append(reasons, short(m.Balance.OnHand, need).For(m.Balance.Ref()))
		}
		if m.Vial.Site != u.Site {
			reasons = append(reasons, mismatch(m.Lot, m.Product, m.Balance))
		}
		return glabella.Decide(soften(reasons)...)
	}
	reasons = append(reasons, lotReasons(m.Lot, dayAt(u.At, m.Zone))...)
	sealed := 1
	if m.Product.Container == NoContainer {
		var whole bool
		if sealed, whole = pieces(m.Product, need); !whole {
			reasons = append(reasons, notWhole(m.Product))
		}
		reasons = append(reasons, amountReasons(need, need, u.Ref())...)
	} else {
		reasons = append(reasons, amountReasons(m.Product.Nominal, need, m.Product.Ref())...)
	}
	if m.Balance.Sealed < sealed && !m.Balance.ID.IsZero() {
		reasons = append(reasons, noSealed(m.Balance.Sealed, sealed).For(m.Balance.Ref(), m.Lot.Ref()))
	}
	return glabella.Decide(soften(reasons)...)
}

// Match takes what a usage is open for, or a part of it, out of stock: out of the
// container that it came from, or out of an unopened one that is put on record as
// opened when it was given. It leaves the books when it is matched; the usage keeps
// the time at which it was given. See [Usage.Matchable] for what is refused.
func (u Usage) Match(m Matching) (Matched, error) {
	need := m.amount(u)
	left := u.Outstanding()
	action := "match"
	if need.Equal(left) {
		action = "match the rest"
	}
	next, err := UsageMachine().Next(u.State, action)
	if err != nil {
		return Matched{}, err
	}
	if err := glabella.Refuse(u.Matchable(m), m.Acknowledged...); err != nil {
		return Matched{}, err
	}
	out := Matched{Usage: u, Vial: m.Vial, Balance: m.Balance}
	given := Movement{
		ID: m.ID, Kind: MovementAdminister, Lot: m.Lot.ID, Site: u.Site, Product: m.Product.ID, Quantity: need.Neg(),
		Encounter: u.Encounter, Procedure: u.Procedure, Patient: u.Patient, By: m.By, At: instant(m.At), Usage: u.ID,
	}
	switch {
	case m.Product.Container == NoContainer:
		n, _ := pieces(m.Product, need)
		given.Kind, given.Containers = MovementConsume, -n
		out.Vial = Vial{}
	case m.Vial.ID.IsZero():
		if err := out.open(u, m); err != nil {
			return Matched{}, err
		}
	}
	given.Vial = out.Vial.ID
	if err := out.book(given); err != nil {
		return Matched{}, err
	}
	if !out.Vial.ID.IsZero() {
		if out.Vial, err = out.Vial.without(need); err != nil {
			return Matched{}, err
		}
		if m.Product.InUse.SinglePatient && out.Vial.Patient.IsZero() {
			out.Vial.Patient = u.Patient
		}
	}
	out.Usage.State = next
	out.Usage.Matches = append(slices.Clone(u.Matches), UsageMatch{Movement: m.ID, Lot: m.Lot.ID, Vial: out.Vial.ID, Quantity: need, By: m.By, At: instant(m.At)})
	if err := out.Usage.Validate(); err != nil {
		return Matched{}, err
	}
	return out, nil
}

// open puts a container on record that was opened when the usage was given.
func (out *Matched) open(u Usage, m Matching) error {
	opened := Movement{
		ID: m.Opening, Kind: MovementOpen, Lot: m.Lot.ID, Site: u.Site, Product: m.Product.ID, Vial: m.NewVial,
		Quantity: quantity.Of(0, m.Product.Nominal.Unit()), Containers: -1, By: m.By, At: instant(m.At), Usage: u.ID,
	}
	out.Vial = Vial{
		ID: m.NewVial, Lot: m.Lot.ID, Site: u.Site, Product: m.Product.ID, Nominal: m.Product.Nominal, Remaining: m.Product.Nominal,
		OpenedAt: u.At, OpenedBy: u.By, State: VialOpen,
	}
	if !m.Product.Reconstitute {
		out.Vial = out.Vial.limit(m.Product.InUse, u.At)
	}
	if err := out.Vial.Validate(); err != nil {
		return err
	}
	return out.book(opened)
}

func (out *Matched) book(m Movement) error {
	if err := m.Validate(); err != nil {
		return err
	}
	var err error
	if out.Balance, err = out.Balance.Apply(m); err != nil {
		return err
	}
	out.Movements = append(out.Movements, m)
	return nil
}

// without returns the container with an amount less in it.
func (v Vial) without(q quantity.Quantity) (Vial, error) {
	remaining, err := v.Remaining.Sub(q)
	if err != nil {
		return v, err
	}
	action := "draw"
	if remaining.IsZero() {
		action = "finish"
	}
	next, err := VialMachine().Next(v.State, action)
	if err != nil {
		return v, err
	}
	v.Remaining, v.State = remaining, next
	return v, nil
}

// UsageTask is a line of the work-list of what stock does not account for.
type UsageTask struct {
	Usage       Usage             `json:"usage"`
	Outstanding quantity.Quantity `json:"outstanding"`
	Age         time.Duration     `json:"age"` // since it was given
}

// UsageWorklist returns the usages that are open, the oldest first.
func UsageWorklist(usages []Usage, now time.Time) []UsageTask {
	var out []UsageTask
	for _, u := range usages {
		if u.State == UsageOpen {
			out = append(out, UsageTask{Usage: u, Outstanding: u.Outstanding(), Age: now.Sub(u.At)})
		}
	}
	slices.SortFunc(out, func(a, b UsageTask) int {
		return cmp.Or(a.Usage.At.Compare(b.Usage.At), bytes.Compare(a.Usage.ID[:], b.Usage.ID[:]))
	})
	return out
}

// UsageCandidate is stock that may account for a usage.
type UsageCandidate struct {
	Lot       glabella.LotID    `json:"lot"`
	Vial      glabella.VialID   `json:"vial,omitzero"` // the opened container; none is an unopened one
	Available quantity.Quantity `json:"available"`
	Decision  glabella.Decision `json:"decision"` // on matching as much as is available and open
}

// UsageCandidates returns the stock of the product at the site of the usage that
// may account for it, the likeliest first: the charted lot before others, what raises
// no warning before what does, opened containers before unopened ones, and what
// expires first. What cannot be matched at all is left out.
func UsageCandidates(u Usage, p Product, lots []Lot, balances []Balance, vials []Vial, zone *time.Location) []UsageCandidate {
	byID := make(map[glabella.LotID]Lot, len(lots))
	for _, l := range lots {
		byID[l.ID] = l
	}
	var out []UsageCandidate
	consider := func(b Balance, v Vial, have quantity.Quantity) {
		if c, err := have.Cmp(u.Outstanding()); err != nil || have.Sign() <= 0 {
			return
		} else if c > 0 {
			have = u.Outstanding()
		}
		d := u.Matchable(Matching{Product: p, Lot: byID[b.Lot], Balance: b, Vial: v, Quantity: have, Zone: zone})
		if d.Outcome != glabella.Deny {
			out = append(out, UsageCandidate{Lot: b.Lot, Vial: v.ID, Available: have, Decision: d})
		}
	}
	for _, b := range balances {
		if b.Site != u.Site || b.Product != p.ID {
			continue
		}
		for _, v := range vials {
			if v.Lot == b.Lot && v.Site == b.Site {
				consider(b, v, v.Remaining)
			}
		}
		switch {
		case b.Sealed < 1:
		case p.Container == NoContainer:
			consider(b, Vial{}, b.OnHand)
		default:
			consider(b, Vial{}, p.Nominal)
		}
	}
	first := func(yes bool) int {
		if yes {
			return 0
		}
		return 1
	}
	slices.SortFunc(out, func(a, b UsageCandidate) int {
		return cmp.Or(
			cmp.Compare(first(a.Lot == u.Lot), first(b.Lot == u.Lot)),
			cmp.Compare(first(a.Decision.Allowed()), first(b.Decision.Allowed())),
			cmp.Compare(first(!a.Vial.IsZero()), first(!b.Vial.IsZero())),
			cmp.Compare(first(!byID[a.Lot].Expires.IsZero()), first(!byID[b.Lot].Expires.IsZero())),
			byID[a.Lot].Expires.Compare(byID[b.Lot].Expires),
			bytes.Compare(a.Lot[:], b.Lot[:]), bytes.Compare(a.Vial[:], b.Vial[:]))
	})
	return out
}
