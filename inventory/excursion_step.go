package inventory

import (
	"bytes"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
)

// StoragePlace says in which storage of a site a lot was kept, and when.
type StoragePlace struct {
	Lot     glabella.LotID  `json:"lot"`
	Site    glabella.SiteID `json:"site"`
	Storage string          `json:"storage"`
	From    time.Time       `json:"from"`        // UTC, microseconds
	To      time.Time       `json:"to,omitzero"` // zero while it is there
}

// StorageFacts is what is on record of the stock of a site.
type StorageFacts struct {
	Places    []StoragePlace
	Movements []Movement // of the lots in the storage, all of them
	Vials     []Vial     // of those lots
}

// Affected returns the lots that were in the storage at some time of the excursion
// and of which the site had something then: each with the containers that were open
// at the time or were opened since, with what was given, sold or used up since the
// lot was exposed, and with what left the site. It finds what is on record, and a lot
// that stood in the storage without being on record is added by hand.
func (e Excursion) Affected(f StorageFacts) []ExcursionLot {
	since := map[glabella.LotID]time.Time{}
	for _, p := range f.Places {
		if p.Site != e.Site || p.Storage != e.Storage || !e.To.IsZero() && p.From.After(e.To) || !p.To.IsZero() && p.To.Before(e.From) {
			continue
		}
		at := e.From
		if p.From.After(at) {
			at = p.From
		}
		if was, ok := since[p.Lot]; !ok || at.Before(was) {
			since[p.Lot] = at
		}
	}
	reversed := map[glabella.MovementID]bool{}
	for _, m := range f.Movements {
		if !m.Reverses.IsZero() {
			reversed[m.Reverses] = true
		}
	}
	there := map[glabella.LotID]bool{}
	had := map[glabella.LotID]Balance{}
	lots := map[glabella.LotID]*ExcursionLot{}
	touched := map[glabella.VialID]bool{}
	for _, m := range f.Movements {
		at, ok := since[m.Lot]
		if !ok || m.Site != e.Site {
			continue
		}
		if lots[m.Lot] == nil {
			lots[m.Lot] = &ExcursionLot{Lot: m.Lot, Product: m.Product, Vials: []glabella.VialID{}, Given: []glabella.MovementID{}, Sent: []glabella.MovementID{}}
		}
		stands := m.Reverses.IsZero() && !reversed[m.ID]
		switch {
		case !m.At.After(at):
			if b, err := had[m.Lot].add(m); err == nil {
				had[m.Lot] = b
			}
		case m.Quantity.Sign() > 0 && stands && (e.To.IsZero() || !m.At.After(e.To)):
			there[m.Lot] = true // it came in while the storage was too warm or too cold
		}
		if !stands || m.At.Before(at) {
			continue
		}
		touched[m.Vial] = true
		switch m.Kind {
		case MovementAdminister, MovementDispense, MovementSell, MovementConsume:
			lots[m.Lot].Given = append(lots[m.Lot].Given, m.ID)
		case MovementTransferOut, MovementReturn:
			lots[m.Lot].Sent = append(lots[m.Lot].Sent, m.ID)
		}
	}
	for _, v := range f.Vials {
		if l := lots[v.Lot]; l != nil && v.Site == e.Site && v.State != VialVoided && (v.inUse() || touched[v.ID]) {
			l.Vials = append(l.Vials, v.ID)
		}
	}
	var out []ExcursionLot
	for id, l := range lots {
		if b := had[id]; there[id] || b.OnHand.Sign() > 0 || b.Held > 0 {
			out = append(out, *l)
		}
	}
	slices.SortFunc(out, func(a, b ExcursionLot) int { return bytes.Compare(a.Lot[:], b.Lot[:]) })
	return out
}

// ExcursionHold says who sets aside what was in the storage.
type ExcursionHold struct {
	Lots     []ExcursionLot // see [Excursion.Affected]
	Balances []Balance      // of the lots at the site, as they are now
	NewID    func() glabella.MovementID
	By       glabella.StaffID
	At       time.Time
}

// Hold sets aside every unopened container of the lots at the site, also those that
// came in since: containers of a lot are not told apart. The lots themselves stay as
// they are, for other sites have them too. Lots that are found later are set aside in
// the same way, beside those before. It returns the changes for [BookChanges].
func (e Excursion) Hold(h ExcursionHold) (Excursion, []PlannedChange, error) {
	next, err := ExcursionMachine().Next(e.State, "hold")
	if err != nil {
		return e, nil, err
	}
	out := e
	out.State, out.Held, out.Lots = next, ExcursionStep{By: h.By, At: instant(h.At)}, append([]ExcursionLot{}, e.Lots...)
	var changes []PlannedChange
	for _, l := range h.Lots {
		l = ExcursionLot{Lot: l.Lot, Product: l.Product, Vials: append([]glabella.VialID{}, l.Vials...),
			Given: append([]glabella.MovementID{}, l.Given...), Sent: append([]glabella.MovementID{}, l.Sent...)}
		if j := slices.IndexFunc(h.Balances, func(b Balance) bool { return b.ID == BalanceIDOf(l.Lot, e.Site) }); j >= 0 && h.Balances[j].Sealed > 0 {
			l.Containers = h.Balances[j].Sealed
			changes = append(changes, e.change(l, MovementHold, -l.Containers, StockChange{ID: h.NewID(), By: h.By, At: h.At}))
		}
		out.Lots = append(out.Lots, l)
	}
	if err := out.Validate(); err != nil {
		return e, nil, err
	}
	return out, changes, nil
}

func (e Excursion) change(l ExcursionLot, kind MovementKind, n int, c StockChange) PlannedChange {
	c.Kind, c.Containers, c.Reason, c.Document = kind, n, ReasonExcursion, e.ID.String()
	return PlannedChange{Lot: l.Lot, Site: e.Site, Product: l.Product, Change: c}
}

// ExcursionDecision says what is done with one lot, and on what basis.
type ExcursionDecision struct {
	Lot         glabella.LotID
	Disposition Disposition
	Basis       DispositionBasis
	Document    string // the number of the answer, the section of the label or of the policy
	NewID       func() glabella.MovementID
	By          glabella.StaffID
	Witness     glabella.StaffID // the second person, where the practice or the law wants one
	At          time.Time
}

// Decide says what is done with a lot that is set aside, and returns the changes for
// [BookChanges]: what is wasted or sent back is first taken out of what is set aside.
// That a lot is released is somebody's decision on the basis that they state, and no
// statement of this library that it may be used.
func (e Excursion) Decide(d ExcursionDecision) (Excursion, []PlannedChange, error) {
	next, err := ExcursionMachine().Next(e.State, "decide")
	if err != nil {
		return e, nil, err
	}
	i := slices.IndexFunc(e.Lots, func(l ExcursionLot) bool { return l.Lot == d.Lot })
	if i < 0 || e.Lots[i].Disposition != "" {
		return e, nil, glabella.Refuse(glabella.Decide(glabella.Denied(CodeExcursionLot, "the lot is not part of the excursion, or is decided on").For(e.Ref(), d.Lot.Ref()).WithFix("choose a lot that is not decided on")))
	}
	out := e
	out.State, out.Lots = next, slices.Clone(e.Lots)
	l := &out.Lots[i]
	l.Disposition, l.Basis, l.Document, l.By, l.At = d.Disposition, d.Basis, d.Document, d.By, instant(d.At)
	if d.Disposition == "" {
		return e, nil, glabella.Invalid("excursion", glabella.Issue{Path: "/disposition", Code: glabella.CodeRequired, Text: "a decision has a disposition"})
	}
	if err := out.Validate(); err != nil {
		return e, nil, err
	}
	if l.Containers == 0 {
		return out, nil, nil
	}
	by := func() StockChange { return StockChange{ID: d.NewID(), By: d.By, Witness: d.Witness, At: d.At} }
	changes := []PlannedChange{e.change(*l, MovementRelease, l.Containers, by())}
	switch d.Disposition {
	case DispositionWaste:
		changes = append(changes, e.change(*l, MovementWaste, -l.Containers, by()))
	case DispositionReturn:
		changes = append(changes, e.change(*l, MovementReturn, -l.Containers, by()))
	}
	return out, changes, nil
}

// ExcursionClosing says who is done with an excursion.
type ExcursionClosing struct {
	Vials []Vial    // those that the excursion names, as they are now
	To    time.Time // when it ended, if that is not on record yet
	By    glabella.StaffID
	At    time.Time
}

// Close ends the work on the excursion. It is refused while it goes on, while a lot
// is not decided on, and while a container of a lot that was not released is in use.
// A container that is not among the vials counts as in use.
func (e Excursion) Close(c ExcursionClosing) (Excursion, error) {
	next, err := ExcursionMachine().Next(e.State, "close")
	if err != nil {
		return e, err
	}
	out := e
	if out.To.IsZero() {
		out.To = c.To
	}
	var reasons []glabella.Reason
	if out.To.IsZero() {
		reasons = append(reasons, glabella.Denied(CodeExcursionTime, "the excursion goes on").For(e.Ref()).WithFix("say when it ended"))
	}
	for _, l := range e.Lots {
		if l.Disposition == "" {
			reasons = append(reasons, glabella.Denied(CodeExcursionPending, "the lot is not decided on").For(e.Ref(), l.Lot.Ref()).WithFix("ask the manufacturer, and decide"))
		}
		if l.Disposition == DispositionRelease {
			continue
		}
		for _, id := range l.Vials {
			if !slices.ContainsFunc(c.Vials, func(v Vial) bool { return v.ID == id && !v.inUse() }) {
				reasons = append(reasons, glabella.Denied(CodeExcursionVial, "the container is in use").For(e.Ref(), id.Ref(), l.Lot.Ref()).WithFix("discard the container, or release its lot"))
			}
		}
	}
	if err := glabella.Refuse(glabella.Decide(reasons...)); err != nil {
		return e, err
	}
	out.To, out.State, out.Ended = instant(out.To), next, ExcursionStep{By: c.By, At: instant(c.At)}
	if err := out.Validate(); err != nil {
		return e, err
	}
	return out, nil
}

// Cancel says that there was no excursion. The reason is a code, such as
// "sensor-fault".
func (e Excursion) Cancel(by glabella.StaffID, at time.Time, reason string) (Excursion, error) {
	next, err := ExcursionMachine().Next(e.State, "cancel")
	if err != nil {
		return e, err
	}
	out := e
	out.State, out.Ended = next, ExcursionStep{By: by, At: instant(at), Reason: reason}
	if err := out.Validate(); err != nil {
		return e, err
	}
	return out, nil
}
