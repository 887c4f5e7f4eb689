package inventory

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// Index answers from memory what would otherwise be a scan of the stock: which
// lots to take from, who received a lot, and what is left of it. It is derived: a
// host puts into it every stored record of the kinds that it takes, when it opens
// and whenever one is written, and may throw it away at any time.
//
// Records may be put in any order and more than once; of two versions of a record
// the newer one counts. What a record refers to need not be there yet. [Index.FEFO]
// and [Index.Draw] need the lots and balances; [Index.Recall], [Index.Trace] and
// [Index.Lots] need the movements, opened containers, unreconciled usages and
// transfers too, and the products for what was charted by its substance only.
//
// All methods are safe for concurrent use; readers do not wait for one another. It
// holds identities of patients.
type Index struct {
	mu sync.RWMutex

	lotSlots map[glabella.LotID]uint32
	lots     []indexedLot
	held     map[uint32]heldLot // of the lots that are not available
	stock    []indexedStock
	racks    map[rackKey]rack

	siteSlots map[glabella.SiteID]uint32
	sites     []glabella.SiteID
	unitSlots map[quantity.Unit]uint16
	units     []quantity.Unit

	products  map[glabella.ProductID]indexedProduct
	vialSlots map[glabella.VialID]uint32
	vials     []indexedVial
	usages    map[glabella.UsageID]*indexedUsage
	loose     map[looseKey][]*indexedUsage          // what was charted without a lot, by time
	settled   map[glabella.MovementID]*indexedUsage // by movements that account for it
	transfers map[glabella.TransferID]*Transfer

	people map[glabella.PatientID]uint32 // the first of the patient's edges, plus one
	edges  []edge
	free   uint32 // the first edge that is not in use, plus one
}

// indexedLot is what the index holds of one lot.
type indexedLot struct {
	id        glabella.LotID
	product   glabella.ProductID
	number    string
	version   uint64
	trail     *trail
	expires   day
	stock     uint32 // the first of its stocks, plus one
	known     bool   // the lot itself was put, and not only something of it
	available bool
}

// heldLot says why a lot may not be used.
type heldLot struct {
	state LotState
	hold  string
}

// indexedStock is what the index holds of one lot at one site.
type indexedStock struct {
	id          glabella.BalanceID
	onHand      amount
	received    int64 // µs
	lot, site   uint32
	version     uint64
	first, last int64  // µs; of its movements
	next        uint32 // the lot's stock at another site, plus one
	sealed      int32
	held        int32
	known       bool // the balance itself was put
	moved       bool // a movement was put
	inRack      bool
}

// indexedProduct is what the index holds of a product.
type indexedProduct struct {
	substance string
	version   uint64
}

// edge says that a patient received something of a lot.
type edge struct {
	lot, next uint32
}

// NewIndex returns an empty index.
func NewIndex() *Index {
	return &Index{
		lotSlots: map[glabella.LotID]uint32{}, held: map[uint32]heldLot{}, racks: map[rackKey]rack{},
		siteSlots: map[glabella.SiteID]uint32{}, unitSlots: map[quantity.Unit]uint16{}, products: map[glabella.ProductID]indexedProduct{},
		vialSlots: map[glabella.VialID]uint32{}, usages: map[glabella.UsageID]*indexedUsage{}, loose: map[looseKey][]*indexedUsage{},
		settled: map[glabella.MovementID]*indexedUsage{}, transfers: map[glabella.TransferID]*Transfer{}, people: map[glabella.PatientID]uint32{},
	}
}

// Apply puts a record of any kind that the index takes: [Product], [Lot],
// [Balance], [Movement], [Vial], [Usage] or [Transfer]. It reports false, and does
// nothing, for a record of another kind.
func (x *Index) Apply(record any) bool {
	switch r := record.(type) {
	case Product:
		x.PutProduct(r)
	case Lot:
		x.PutLot(r)
	case Balance:
		x.PutBalance(r)
	case Movement:
		x.PutMovement(r)
	case Vial:
		x.PutVial(r)
	case Usage:
		x.PutUsage(r)
	case Transfer:
		x.PutTransfer(r)
	default:
		return false
	}
	return true
}

// PutProduct takes up a product: the substance by which its lots are found for
// what was charted by the substance only.
func (x *Index) PutProduct(p Product) {
	if p.ID.IsZero() {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if old, ok := x.products[p.ID]; ok && p.Version < old.version {
		return
	}
	x.products[p.ID] = indexedProduct{substance: strings.Clone(cmp.Or(p.Substance, p.Code)), version: p.Version}
}

// PutLot takes up a lot.
func (x *Index) PutLot(l Lot) {
	if l.ID.IsZero() {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	slot := x.lotSlot(l.ID)
	old := &x.lots[slot]
	if old.known && l.Version < old.version {
		return
	}
	for s := old.stock; s != 0; s = x.stock[s-1].next {
		x.unrack(s - 1)
	}
	old.product, old.version, old.expires, old.known, old.available = l.Product, l.Version, dayOf(l.Expires), true, l.State == LotAvailable
	if old.number != l.Number {
		old.number = strings.Clone(l.Number)
	}
	delete(x.held, slot)
	if !old.available {
		x.held[slot] = heldLot{state: l.State, hold: strings.Clone(l.Hold)}
	}
	for s := old.stock; s != 0; s = x.stock[s-1].next {
		x.rack(s - 1)
	}
}

// PutBalance takes up what is on hand of a lot at a site.
func (x *Index) PutBalance(b Balance) {
	if b.Lot.IsZero() || b.Site.IsZero() {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	slot := x.stockSlot(x.lotSlot(b.Lot), b.Site)
	s := &x.stock[slot]
	if s.known && b.Version < s.version {
		return
	}
	x.unrack(slot)
	s.id, s.version, s.received, s.known = b.ID, b.Version, b.ReceivedAt.UnixMicro(), true
	s.onHand, s.sealed, s.held = x.amountOf(b.OnHand), int32(b.Sealed), int32(b.Held)
	x.rack(slot)
}

// PutTransfer takes up a transfer.
func (x *Index) PutTransfer(t Transfer) {
	if t.ID.IsZero() {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	t.Lines = slices.Clone(t.Lines)
	old := x.transfers[t.ID]
	if old == nil {
		old = new(Transfer)
		x.transfers[t.ID] = old
	} else if t.Version < old.Version {
		return
	}
	for _, l := range old.Lines {
		tr := x.trailOf(x.lotSlot(l.Lot))
		tr.transfers = slices.DeleteFunc(tr.transfers, func(t *Transfer) bool { return t == old })
	}
	*old = t
	for _, l := range t.Lines {
		tr := x.trailOf(x.lotSlot(l.Lot))
		tr.transfers = append(tr.transfers, old)
	}
}

func (x *Index) lotSlot(id glabella.LotID) uint32 {
	slot, ok := x.lotSlots[id]
	if !ok {
		slot = uint32(len(x.lots))
		x.lotSlots[id] = slot
		x.lots = append(x.lots, indexedLot{id: id})
	}
	return slot
}

func (x *Index) siteSlot(id glabella.SiteID) uint32 {
	slot, ok := x.siteSlots[id]
	if !ok {
		slot = uint32(len(x.sites))
		x.siteSlots[id] = slot
		x.sites = append(x.sites, id)
	}
	return slot
}

func (x *Index) stockSlot(lot uint32, site glabella.SiteID) uint32 {
	at := x.siteSlot(site)
	for s := x.lots[lot].stock; s != 0; s = x.stock[s-1].next {
		if x.stock[s-1].site == at {
			return s - 1
		}
	}
	slot := uint32(len(x.stock))
	x.stock = append(x.stock, indexedStock{lot: lot, site: at, next: x.lots[lot].stock})
	x.lots[lot].stock = slot + 1
	return slot
}

// lotAt returns the lot as far as rules ask for it.
func (x *Index) lotAt(slot uint32) Lot {
	l := &x.lots[slot]
	if !l.known {
		return Lot{}
	}
	out := Lot{ID: l.id, Product: l.product, Number: l.number, Expires: l.expires.date(), State: LotAvailable}
	if !l.available {
		h := x.held[slot]
		out.State, out.Hold = h.state, h.hold
	}
	return out
}

// day is a date as a number that sorts like it; 0 is none.
type day int32

func dayOf(d glabella.Date) day {
	if d.IsZero() {
		return 0
	}
	return day(d.Year<<9 | int(d.Month)<<5 | d.Day)
}

func (d day) date() glabella.Date {
	return glabella.Date{Year: int(d >> 9), Month: time.Month(d >> 5 & 15), Day: int(d & 31)}
}

// moment returns the time of µs since 1970, which are those of the zero time for
// the zero time.
func moment(us int64) time.Time { return time.UnixMicro(us).UTC() }

func byBytes[I ~[16]byte](a, b I) int {
	p, q := [16]byte(a), [16]byte(b)
	return bytes.Compare(p[:], q[:])
}
