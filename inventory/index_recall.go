package inventory

import (
	"cmp"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
)

// Recall returns who received something of the lot, each once, by ID: by the
// movements that stand, by what is charted with the lot, and by containers that
// were reconstituted with it. [Index.Trace] says more, and who may have.
func (x *Index) Recall(lot glabella.LotID) []glabella.PatientID {
	x.mu.RLock()
	defer x.mu.RUnlock()
	slot, ok := x.lotSlots[lot]
	if !ok || x.lots[slot].trail == nil {
		return nil
	}
	tr := x.lots[slot].trail
	out := slices.Clone(tr.patients)
	if len(tr.diluted) == 0 {
		return out
	}
	for e := range x.through(tr.diluted) {
		if !e.Patient.IsZero() {
			out = append(out, e.Patient)
		}
	}
	slices.SortFunc(out, byBytes)
	return slices.Compact(out)
}

// Lots returns the lots that the patient received something of, also those that
// it was reconstituted with, each once, by ID.
func (x *Index) Lots(who glabella.PatientID) []glabella.LotID {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var out []glabella.LotID
	for slot := x.people[who]; slot != 0; slot = x.edges[slot-1].next {
		l := &x.lots[x.edges[slot-1].lot]
		out = append(out, l.id)
		diluent := func(vial uint32) {
			if vial != 0 && x.vials[vial-1].diluent != 0 {
				out = append(out, x.lots[x.vials[vial-1].diluent-1].id)
			}
		}
		for i := range l.trail.doses {
			if d := &l.trail.doses[i]; d.patient == who && d.stands() {
				diluent(d.vial)
			}
		}
		for _, u := range l.trail.charted {
			if u.usage.Patient == who {
				diluent(u.vial)
			}
		}
	}
	slices.SortFunc(out, byBytes)
	return slices.Compact(out)
}

// through yields what was given out of containers, which are of any lots.
func (x *Index) through(vials []uint32) func(func(Exposure) bool) {
	return func(yield func(Exposure) bool) {
		in := make(map[uint32]bool, len(vials))
		lots := make([]uint32, 0, len(vials))
		for _, v := range vials {
			in[v+1] = true
			lots = append(lots, x.vials[v].lot-1)
		}
		slices.Sort(lots)
		for _, lot := range slices.Compact(lots) {
			tr := x.trailOf(lot)
			for i := range tr.doses {
				if d := &tr.doses[i]; d.stands() && in[d.vial] && !yield(x.exposure(d, ExposureDiluent)) {
					return
				}
			}
			for _, u := range tr.charted {
				if in[u.vial] && !yield(u.exposure(ExposureDiluent)) {
					return
				}
			}
		}
	}
}

func (x *Index) exposure(d *dose, basis ExposureBasis) Exposure {
	e := Exposure{
		Patient: d.patient, Basis: basis, Kind: giving[d.kind], Movement: d.movement, Site: x.sites[d.site],
		At: moment(d.at), Quantity: x.quantityOf(d.amount),
	}
	if d.vial != 0 {
		e.Vial = x.vials[d.vial-1].id
	}
	if u := x.settled[d.movement]; u != nil { // it left the books later than it was given
		e.Usage, e.At = u.usage.ID, instant(u.usage.At)
	}
	return e
}

func (u *indexedUsage) exposure(basis ExposureBasis) Exposure {
	return Exposure{
		Patient: u.usage.Patient, Basis: basis, Kind: MovementAdminister, Usage: u.usage.ID, Vial: u.usage.Vial, Site: u.usage.Site,
		At: instant(u.usage.At), Quantity: u.open,
	}
}

// Trace returns all that is known of where a lot went, and what may have been it.
// A lot that the index does not have gives an empty trace.
func (x *Index) Trace(lot glabella.LotID) LotTrace {
	x.mu.RLock()
	defer x.mu.RUnlock()
	out := LotTrace{Lot: lot}
	slot, ok := x.lotSlots[lot]
	if !ok {
		return out
	}
	l := &x.lots[slot]
	for s := l.stock; s != 0; s = x.stock[s-1].next {
		out.Stock = append(out.Stock, x.tracedStock(&x.stock[s-1]))
	}
	slices.SortFunc(out.Stock, func(a, b TracedStock) int { return byBytes(a.Site, b.Site) })
	if l.trail != nil {
		x.traceTrail(l.trail, lot, &out)
	}
	for _, s := range out.Stock {
		out.Suspects = append(out.Suspects, x.suspects(l, s)...)
	}
	slices.SortFunc(out.Suspects, func(a, b Suspect) int { return cmp.Or(a.At.Compare(b.At), byBytes(a.Usage, b.Usage)) })
	return out
}

func (x *Index) traceTrail(tr *trail, lot glabella.LotID, out *LotTrace) {
	add := func(e Exposure) bool {
		if e.Patient.IsZero() {
			out.Unnamed = append(out.Unnamed, e)
		} else {
			out.Exposures = append(out.Exposures, e)
		}
		return true
	}
	out.Exposures = slices.Grow(out.Exposures, len(tr.doses)+len(tr.charted))
	for i := range tr.doses {
		if d := &tr.doses[i]; d.stands() {
			add(x.exposure(d, ExposureMoved))
		}
	}
	for _, u := range tr.charted {
		add(u.exposure(ExposureCharted))
	}
	x.through(tr.diluted)(add)
	slices.SortFunc(out.Exposures, byMoment)
	slices.SortFunc(out.Unnamed, byMoment)
	for _, list := range [][]uint32{tr.vials, tr.diluted} {
		for _, v := range list {
			r := &x.vials[v]
			out.Vials = append(out.Vials, TracedVial{Vial: r.id, Lot: x.lots[r.lot-1].id, Site: x.sites[r.site], State: r.state, Remaining: x.quantityOf(r.left)})
		}
	}
	slices.SortFunc(out.Vials, func(a, b TracedVial) int { return byBytes(a.Vial, b.Vial) })
	out.Vials = slices.CompactFunc(out.Vials, func(a, b TracedVial) bool { return a.Vial == b.Vial })
	for _, t := range tr.transfers {
		for _, line := range t.Lines {
			if line.Lot != lot || t.State == TransferPlanned || t.State == TransferCanceled {
				continue
			}
			out.Transfers = append(out.Transfers, TracedTransfer{
				Transfer: t.ID, From: t.From, To: t.To, Sent: line.Sent, Received: line.Received, InTransit: line.InTransit(), At: t.ShippedAt,
			})
		}
	}
	slices.SortFunc(out.Transfers, func(a, b TracedTransfer) int { return cmp.Or(a.At.Compare(b.At), byBytes(a.Transfer, b.Transfer)) })
}

func byMoment(a, b Exposure) int {
	return cmp.Or(a.At.Compare(b.At), byBytes(a.Movement, b.Movement), byBytes(a.Usage, b.Usage), cmp.Compare(a.Basis, b.Basis))
}

func (x *Index) tracedStock(s *indexedStock) TracedStock {
	out := TracedStock{Site: x.sites[s.site], Balance: BalanceIDOf(x.lots[s.lot].id, x.sites[s.site]), Sealed: int(s.sealed), Held: int(s.held)}
	switch {
	case s.moved:
		out.Since = moment(s.first)
	case s.known:
		out.Since = moment(s.received)
	}
	if s.known {
		out.OnHand = x.quantityOf(s.onHand)
	}
	if s.moved && s.known && out.Gone() {
		out.Until = moment(s.last)
	}
	return out
}

// suspects returns what was charted without a lot at a site while something of
// the lot was there.
func (x *Index) suspects(l *indexedLot, at TracedStock) []Suspect {
	if !l.known {
		return nil
	}
	lists := [][]*indexedUsage{x.loose[looseKey{site: at.Site, product: l.product}]}
	substance := at.OnHand.Unit().Product()
	if p, ok := x.products[l.product]; ok {
		substance = p.substance
	}
	if substance != "" {
		lists = append(lists, x.loose[looseKey{site: at.Site, substance: substance}])
	}
	var out []Suspect
	for _, list := range lists {
		i, _ := slices.BinarySearchFunc(list, at.Since, func(u *indexedUsage, since time.Time) int {
			if u.usage.At.Before(since) {
				return -1
			}
			return 1
		})
		for _, u := range list[i:] {
			if !at.Until.IsZero() && u.usage.At.After(at.Until) {
				break
			}
			out = append(out, Suspect{
				Usage: u.usage.ID, Patient: u.usage.Patient, Site: at.Site, At: instant(u.usage.At), Quantity: u.open,
				Expired: expiredAnywhere(l.expires.date(), u.usage.At),
			})
		}
	}
	return out
}
