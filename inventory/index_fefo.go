package inventory

import (
	"cmp"
	"math"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// rackKey is where the lots of a product stand at a site.
type rackKey struct {
	product glabella.ProductID
	site    glabella.SiteID
}

// rack is the usable stock of one product at one site, by the days of expiry.
// Whatever expires on one day is a short list, so that taking one in or out does
// not move the rest.
type rack struct {
	expires []day // sorted, each once
	stock   []rackDay
}

// rackDay is the stock that expires on one day; what was received first comes
// first. There is seldom more than one.
type rackDay struct {
	first racked
	more  []uint32
}

// racked is what a suggestion says of a stock, beside the day: it stands in the
// rack, so that suggesting what comes first touches nothing else.
type racked struct {
	balance   glabella.BalanceID
	id        glabella.LotID
	onHand    amount
	slot, lot uint32
}

func (x *Index) racked(slot uint32) racked {
	s := &x.stock[slot]
	return racked{balance: s.id, id: x.lots[s.lot].id, onHand: s.onHand, slot: slot, lot: s.lot}
}

const never day = math.MaxInt32 // stands for a lot without expiry, which comes last

func (x *Index) rackKeyOf(s *indexedStock) rackKey {
	return rackKey{x.lots[s.lot].product, x.sites[s.site]}
}

func (x *Index) before(a, b uint32) int {
	s, t := &x.stock[a], &x.stock[b]
	return cmp.Or(cmp.Compare(s.received, t.received), byBytes(s.id, t.id))
}

// rack puts a stock where it is looked for, if anything is there to be used.
func (x *Index) rack(slot uint32) {
	s := &x.stock[slot]
	l := &x.lots[s.lot]
	if s.onHand.n <= 0 || !l.known || !l.available {
		return
	}
	s.inRack = true
	key := x.rackKeyOf(s)
	r := x.racks[key]
	i, found := r.find(l.expires)
	if !found {
		r.expires, r.stock = slices.Insert(r.expires, i, cmp.Or(l.expires, never)), slices.Insert(r.stock, i, rackDay{first: x.racked(slot)})
		x.racks[key] = r
		return
	}
	d := &r.stock[i]
	if x.before(slot, d.first.slot) < 0 {
		first := x.racked(slot)
		slot, d.first = d.first.slot, first
	}
	j, _ := slices.BinarySearchFunc(d.more, slot, x.before)
	d.more = slices.Insert(d.more, j, slot)
}

// unrack takes a stock out. It is called before anything that it is sorted by
// changes.
func (x *Index) unrack(slot uint32) {
	s := &x.stock[slot]
	if !s.inRack {
		return
	}
	s.inRack = false
	key := x.rackKeyOf(s)
	r := x.racks[key]
	i, _ := r.find(x.lots[s.lot].expires)
	d := &r.stock[i]
	switch {
	case d.first.slot != slot:
		j, _ := slices.BinarySearchFunc(d.more, slot, x.before)
		d.more = slices.Delete(d.more, j, j+1)
	case len(d.more) > 0:
		d.first = x.racked(d.more[0])
		d.more = slices.Delete(d.more, 0, 1)
	case len(r.stock) > 1:
		r.expires, r.stock = slices.Delete(r.expires, i, i+1), slices.Delete(r.stock, i, i+1)
		x.racks[key] = r
	default:
		delete(x.racks, key)
	}
}

// find returns where a day of expiry stands or would stand.
func (r rack) find(d day) (int, bool) {
	d = cmp.Or(d, never)
	lo, hi := 0, len(r.expires)
	for lo < hi {
		if mid := int(uint(lo+hi) / 2); r.expires[mid] < d {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(r.expires) && r.expires[lo] == d
}

// FEFO suggests which lots of a product to take an amount from at a site: it
// gives what the function [FEFO] gives for the same records.
func (x *Index) FEFO(product glabella.ProductID, site glabella.SiteID, qty quantity.Quantity, on glabella.Date) []Suggestion {
	x.mu.RLock()
	defer x.mu.RUnlock()
	t := taking{qty: qty}
	t.n, t.scale, t.fast = digitsOf(qty.Value())
	return x.takeRack(&t, rackKey{product, site}, on, nil, nil)
}

// takeRack takes first expired, first out what is still to be taken, and leaves
// out the lots in skip.
func (x *Index) takeRack(t *taking, key rackKey, on glabella.Date, skip []uint32, out []Suggestion) []Suggestion {
	r := x.racks[key]
	unit := t.qty.Unit()
	i := 0
	if !on.IsZero() {
		i, _ = r.find(dayOf(on))
	}
	for ; i < len(r.stock); i++ {
		d := &r.stock[i]
		expires := r.expires[i]
		if expires == never {
			expires = 0
		}
		for j := range 1 + len(d.more) {
			if t.done() {
				return out
			}
			s := &d.first
			if j > 0 {
				other := x.racked(d.more[j-1])
				s = &other
			}
			if x.units[s.onHand.unit] == unit && (skip == nil || !slices.Contains(skip, s.lot)) {
				out = x.suggest(out, t, s, expires)
			}
		}
	}
	return out
}

// suggest takes from a stock.
func (x *Index) suggest(out []Suggestion, t *taking, s *racked, expires day) []Suggestion {
	next := Suggestion{Lot: s.id, Balance: s.balance, Expires: expires.date(), Quantity: t.take(x, s.onHand)}
	if out == nil && !t.done() {
		out = make([]Suggestion, 0, 8) // an amount that one lot does not cover takes a few
	}
	return append(out, next)
}

// taking is what is still to be taken of an amount.
type taking struct {
	qty   quantity.Quantity // the amount, unless stale
	n     int64             // the same as n·10^-scale, if fast
	scale uint8
	fast  bool
	stale bool // only n and scale are right
}

func (t *taking) done() bool {
	if t.fast {
		return t.n <= 0
	}
	return t.qty.Sign() <= 0
}

// rest returns what is still to be taken.
func (t *taking) rest() quantity.Quantity {
	if t.stale {
		t.qty, t.stale = quantity.New(decimal.New(t.n, -int32(t.scale)), t.qty.Unit()), false
	}
	return t.qty
}

// take takes what is there, and at most what is still to be taken.
func (t *taking) take(x *Index, have amount) quantity.Quantity {
	if t.fast {
		need, there, scale, ok := align(t.n, t.scale, have.n, have.scale)
		switch {
		case ok && there >= need:
			out := t.rest()
			t.n, t.stale = 0, true
			return out
		case ok:
			t.n, t.scale, t.stale = need-there, scale, true
			return x.quantityOf(have)
		}
		t.rest()
		t.fast = false
	}
	out := x.quantityOf(have)
	if out.Value().GreaterThan(t.qty.Value()) {
		out = t.qty
	}
	t.qty = quantity.New(t.qty.Value().Sub(out.Value()), t.qty.Unit())
	return out
}

// Draw says from which lots to take an amount, and whether that is possible. Lots
// that somebody scanned come first, in the order in which they were scanned, as far
// as they may be used and have something; the rest is suggested like [Index.FEFO].
//
// Every scanned lot that may not be used on the day, is of another product or was
// never at the site is a reason against, and so is an amount that the site does
// not have. The suggestions are what could be taken all the same; a caller that
// gets a denial takes nothing.
func (x *Index) Draw(product glabella.ProductID, site glabella.SiteID, qty quantity.Quantity, on glabella.Date, scanned ...glabella.LotID) ([]Suggestion, glabella.Decision) {
	if qty.Sign() <= 0 {
		return nil, glabella.Decide(glabella.Denied(CodeNotPositive, "the amount is not more than nothing").For(product.Ref()).WithFix("give an amount"))
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	t := taking{qty: qty}
	t.n, t.scale, t.fast = digitsOf(qty.Value())
	var reasons []glabella.Reason
	var out []Suggestion
	var seen []uint32
	for i, id := range scanned {
		slot, ok := x.lotSlots[id]
		if slices.Contains(scanned[:i], id) {
			continue
		}
		if !ok || !x.lots[slot].known {
			reasons = append(reasons, glabella.Denied(CodeLotUnknown, "the lot is not on record").For(id.Ref()).WithFix("receive the lot"))
			continue
		}
		seen = append(seen, slot)
		s, against := x.scannedStock(slot, product, site, qty.Unit(), on)
		reasons = append(reasons, against...)
		if s != nil && s.onHand.n > 0 && !t.done() {
			out = x.suggest(out, &t, s, x.lots[slot].expires)
		}
	}
	taken := len(out)
	out = x.takeRack(&t, rackKey{product, site}, on, seen, out)
	for _, s := range out[taken:] {
		if s.Expires.IsZero() {
			reasons = append(reasons, lotReasons(x.lotAt(x.lotSlots[s.Lot]), on)...)
		}
	}
	if !t.done() {
		rest := t.rest()
		have := quantity.New(qty.Value().Sub(rest.Value()), qty.Unit())
		reasons = append(reasons, glabella.Denied(CodeShort, "less is there than is asked for").For(product.Ref(), site.Ref()).
			With("have", have.String()).With("need", qty.String()).WithFix("take less, or receive more"))
	}
	return out, glabella.Decide(reasons...)
}

// scannedStock returns the stock of a scanned lot at the site, if it can be taken
// from, and what is to be said against it.
func (x *Index) scannedStock(slot uint32, product glabella.ProductID, site glabella.SiteID, unit quantity.Unit, on glabella.Date) (*racked, []glabella.Reason) {
	l := x.lotAt(slot)
	reasons := lotReasons(l, on)
	if l.Product != product {
		reasons = append(reasons, glabella.Denied(CodeLotMismatch, "the lot is of another product").For(l.Ref(), product.Ref()).WithFix("scan a lot of the product"))
	}
	var at *indexedStock
	for s := x.lots[slot].stock; s != 0; s = x.stock[s-1].next {
		if x.stock[s-1].known && x.sites[x.stock[s-1].site] == site {
			at = &x.stock[s-1]
		}
	}
	switch {
	case at == nil:
		reasons = append(reasons, glabella.Denied(CodeLotUnknown, "the site has never had the lot").For(l.Ref()).WithFix("receive the lot at the site"))
	case x.units[at.onHand.unit] != unit:
		reasons = append(reasons, glabella.Denied(CodeUnit, "the amount is in another unit than the stock").
			With("have", x.units[at.onHand.unit].String()).With("need", unit.String()).WithFix("give the amount in the stock's own unit").For(at.id.Ref(), l.Ref()))
	}
	if glabella.Decide(reasons...).Outcome == glabella.Deny {
		return nil, reasons
	}
	return &racked{balance: at.id, id: l.ID, onHand: at.onHand, lot: slot}, reasons
}
