package inventory

import (
	"cmp"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// trail is where something of a lot went.
type trail struct {
	doses     []dose               // by movement
	patients  []glabella.PatientID // who received something, by ID
	counts    []uint32             // how often each of them did
	vials     []uint32             // containers of the lot that were opened
	diluted   []uint32             // containers that were reconstituted with it
	charted   []*indexedUsage      // charted with this lot, and no stock of it accounts for that
	transfers []*Transfer
}

// dose is one movement that gave something to a patient.
type dose struct {
	movement glabella.MovementID
	patient  glabella.PatientID // none of what was sold to nobody on record
	at       int64              // µs
	amount   amount             // more than nothing
	vial     uint32             // plus one
	site     uint32
	kind     uint8 // of [giving]
	known    bool  // the movement itself was put, and not only its reversal
	reversed bool
}

// giving are the kinds of movement by which something reaches a patient.
var giving = []MovementKind{MovementAdminister, MovementDispense, MovementSell, MovementConsume}

// indexedVial is what the index holds of an opened container.
type indexedVial struct {
	id      glabella.VialID
	version uint64
	lot     uint32 // plus one
	diluent uint32 // lot of it, plus one
	site    uint32
	state   VialState
	left    amount
	known   bool
}

// indexedUsage is what the index holds of an unreconciled usage.
type indexedUsage struct {
	usage Usage  // without its matches
	lot   uint32 // as charted, plus one
	vial  uint32 // as charted, plus one
	open  quantity.Quantity
}

// looseKey is where something charted without a lot belongs: to a product, or if
// none was charted to a substance.
type looseKey struct {
	site      glabella.SiteID
	product   glabella.ProductID
	substance string
}

func (x *Index) trailOf(lot uint32) *trail {
	l := &x.lots[lot]
	if l.trail == nil {
		l.trail = new(trail)
	}
	return l.trail
}

func (x *Index) vialSlot(id glabella.VialID) uint32 {
	slot, ok := x.vialSlots[id]
	if !ok {
		slot = uint32(len(x.vials))
		x.vialSlots[id] = slot
		x.vials = append(x.vials, indexedVial{id: id})
	}
	return slot
}

// PutMovement takes up a movement. A movement never changes, so that one that the
// index has already is nothing.
func (x *Index) PutMovement(m Movement) {
	if m.ID.IsZero() || m.Lot.IsZero() || m.Site.IsZero() {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	lot := x.lotSlot(m.Lot)
	slot := x.stockSlot(lot, m.Site)
	s, at := &x.stock[slot], m.At.UnixMicro()
	if !s.moved || at < s.first {
		s.first = at
	}
	if !s.moved || at > s.last {
		s.last = at
	}
	s.moved = true
	kind := slices.Index(giving, m.Kind)
	if kind < 0 {
		return
	}
	id := m.ID
	if !m.Reverses.IsZero() {
		id = m.Reverses
	}
	tr := x.trailOf(lot)
	i, found := slices.BinarySearchFunc(tr.doses, id, func(d dose, id glabella.MovementID) int { return byBytes(d.movement, id) })
	if !found {
		tr.doses = slices.Insert(tr.doses, i, dose{movement: id})
	}
	d := &tr.doses[i]
	stood := d.stands()
	switch {
	case !m.Reverses.IsZero():
		d.reversed = true
	case !d.known:
		d.known, d.patient, d.at, d.amount, d.site, d.kind = true, m.Patient, at, x.amountOf(m.Quantity.Neg()), s.site, uint8(kind)
		if !m.Vial.IsZero() {
			d.vial = x.vialSlot(m.Vial) + 1
		}
	}
	switch stands := d.stands(); {
	case stands && !stood:
		x.gave(lot, d.patient)
	case stood && !stands:
		x.took(lot, d.patient)
	}
}

func (d *dose) stands() bool { return d.known && !d.reversed }

// gave counts that the patient received something of the lot.
func (x *Index) gave(lot uint32, who glabella.PatientID) {
	if who.IsZero() {
		return
	}
	tr := x.trailOf(lot)
	i, found := slices.BinarySearchFunc(tr.patients, who, byBytes)
	if found {
		tr.counts[i]++
		return
	}
	tr.patients, tr.counts = slices.Insert(tr.patients, i, who), slices.Insert(tr.counts, i, 1)
	e := edge{lot: lot, next: x.people[who]}
	slot := x.free
	if slot == 0 {
		x.edges = append(x.edges, edge{})
		slot = uint32(len(x.edges))
	} else {
		x.free = x.edges[slot-1].next
	}
	x.edges[slot-1] = e
	x.people[who] = slot
}

// took takes back one count of [Index.gave].
func (x *Index) took(lot uint32, who glabella.PatientID) {
	if who.IsZero() {
		return
	}
	tr := x.trailOf(lot)
	i, _ := slices.BinarySearchFunc(tr.patients, who, byBytes)
	if tr.counts[i]--; tr.counts[i] > 0 {
		return
	}
	tr.patients, tr.counts = slices.Delete(tr.patients, i, i+1), slices.Delete(tr.counts, i, i+1)
	var last uint32
	for slot := x.people[who]; slot != 0; last, slot = slot, x.edges[slot-1].next {
		if x.edges[slot-1].lot != lot {
			continue
		}
		next := x.edges[slot-1].next
		switch {
		case last != 0:
			x.edges[last-1].next = next
		case next != 0:
			x.people[who] = next
		default:
			delete(x.people, who)
		}
		x.edges[slot-1], x.free = edge{next: x.free}, slot
		return
	}
}

// PutVial takes up an opened container.
func (x *Index) PutVial(v Vial) {
	if v.ID.IsZero() || v.Lot.IsZero() {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	slot := x.vialSlot(v.ID)
	old := &x.vials[slot]
	if old.known && v.Version < old.version {
		return
	}
	drop := func(lot uint32, list func(*trail) *[]uint32) {
		if lot != 0 {
			of := list(x.trailOf(lot - 1))
			*of = slices.DeleteFunc(*of, func(s uint32) bool { return s == slot })
		}
	}
	opened, diluted := func(t *trail) *[]uint32 { return &t.vials }, func(t *trail) *[]uint32 { return &t.diluted }
	put := func(was, lot uint32, list func(*trail) *[]uint32) {
		if was == lot {
			return
		}
		drop(was, list)
		if lot != 0 {
			of := list(x.trailOf(lot - 1))
			*of = append(*of, slot)
		}
	}
	lot, diluent := x.lotSlot(v.Lot)+1, uint32(0)
	if v.Diluent != nil && !v.Diluent.Lot.IsZero() {
		diluent = x.lotSlot(v.Diluent.Lot) + 1
	}
	put(old.lot, lot, opened)
	put(old.diluent, diluent, diluted)
	*old = indexedVial{id: v.ID, version: v.Version, lot: lot, diluent: diluent, site: x.siteSlot(v.Site), state: v.State, left: x.amountOf(v.Remaining), known: true}
}

// PutUsage takes up an unreconciled usage: what was charted without a lot, or
// with one that stock does not account for. It counts as long as it was given,
// whether it is open or written off, for what no stock accounts for.
func (x *Index) PutUsage(u Usage) {
	if u.ID.IsZero() {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	old := x.usages[u.ID]
	if old != nil {
		if u.Version < old.usage.Version {
			return
		}
		x.dropUsage(old)
	}
	next := &indexedUsage{usage: u, open: openOf(u)}
	next.usage.Matches = nil
	for _, m := range u.Matches {
		x.settled[m.Movement] = next
	}
	if !u.Lot.IsZero() {
		next.lot = x.lotSlot(u.Lot) + 1
	}
	if !u.Vial.IsZero() {
		next.vial = x.vialSlot(u.Vial) + 1
	}
	x.usages[u.ID] = next
	switch {
	case !next.counts():
	case next.lot != 0:
		tr := x.trailOf(next.lot - 1)
		tr.charted = append(tr.charted, next)
		x.gave(next.lot-1, u.Patient)
	default:
		key := looseKeyOf(u)
		i, _ := slices.BinarySearchFunc(x.loose[key], next, byTime)
		x.loose[key] = slices.Insert(x.loose[key], i, next)
	}
}

func (x *Index) dropUsage(u *indexedUsage) {
	is := func(o *indexedUsage) bool { return o == u }
	switch {
	case !u.counts():
	case u.lot != 0:
		tr := x.trailOf(u.lot - 1)
		tr.charted = slices.DeleteFunc(tr.charted, is)
		x.took(u.lot-1, u.usage.Patient)
	default:
		key := looseKeyOf(u.usage)
		if x.loose[key] = slices.DeleteFunc(x.loose[key], is); len(x.loose[key]) == 0 {
			delete(x.loose, key)
		}
	}
}

func (u *indexedUsage) counts() bool { return u.usage.State != UsageVoided && u.open.Sign() > 0 }

func looseKeyOf(u Usage) looseKey {
	if u.Product.IsZero() {
		return looseKey{site: u.Site, substance: u.Substance}
	}
	return looseKey{site: u.Site, product: u.Product}
}

func byTime(a, b *indexedUsage) int {
	return cmp.Or(a.usage.At.Compare(b.usage.At), byBytes(a.usage.ID, b.usage.ID))
}

// openOf returns what no stock accounts for: of a usage that was charted with a
// lot, no stock of that lot. A sum that cannot be made counts as nothing matched.
func openOf(u Usage) quantity.Quantity {
	open := u.Quantity
	for _, m := range u.Matches {
		if !m.TakenBack.IsZero() || !u.Lot.IsZero() && m.Lot != u.Lot {
			continue
		}
		rest, err := open.Sub(m.Quantity)
		if err != nil {
			return u.Quantity
		}
		open = rest
	}
	return open
}
