package inventory

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// CostMethod says which of several costs leaves the books first.
type CostMethod string

// The methods of costing.
const (
	CostSpecific CostMethod = "specific" // the cost of the lot itself (specific identification)
	CostFIFO     CostMethod = "fifo"     // of the product, what came in first leaves first
	CostAverage  CostMethod = "average"  // the weighted average of the product, moving with each delivery
)

// CostMethods returns every method.
func CostMethods() []CostMethod { return []CostMethod{CostSpecific, CostFIFO, CostAverage} }

// Valid reports whether m is one of [CostMethods].
func (m CostMethod) Valid() bool { return slices.Contains(CostMethods(), m) }

// CodeCostShort says that a movement takes out more than the movements before it brought in.
const CodeCostShort glabella.Code = "inventory.cost.short"

// CostLayer is what is left of one movement that came in, or under [CostAverage]
// of all of a product together.
type CostLayer struct {
	Product  glabella.ProductID  `json:"product"`
	Lot      glabella.LotID      `json:"lot,omitzero"`      // none under CostAverage
	Movement glabella.MovementID `json:"movement,omitzero"` // none under CostAverage
	Quantity quantity.Quantity   `json:"quantity"`
	Value    money.Amount        `json:"value"`
	Unpriced bool                `json:"unpriced,omitempty"` // some of it came in without a cost on record, and counts as nothing
}

// Costing is what stock cost, by a method, from the first movement on. It covers
// all sites and what is in transit together: moving stock between sites changes no
// cost.
type Costing struct {
	layers []CostLayer
	costs  map[glabella.MovementID]money.Amount
	total  money.Amount
}

// Layers returns what is left, in the order in which it came in.
func (c Costing) Layers() []CostLayer { return slices.Clone(c.layers) }

// Total returns what everything that is left cost.
func (c Costing) Total() money.Amount { return c.total }

// Of returns what a movement added to the cost of the stock, negative for what
// left, and false for a movement that is not in it. The sum of all is [Costing.Total].
func (c Costing) Of(id glabella.MovementID) (money.Amount, bool) {
	a, ok := c.costs[id]
	return a, ok
}

// piece is a part of a layer that a movement took (positive) or brought.
type piece struct {
	layer *layer
	qty   decimal.Decimal
	value money.Amount
}

type layer struct {
	CostLayer
	qty decimal.Decimal
}

// books is the state of a costing while movements are read.
type books struct {
	method CostMethod
	lots   map[glabella.LotID]Lot
	pools  map[string][]*layer
	all    []*layer
	out    map[glabella.MovementID][]piece // what each movement took and has not been given back
	in     map[glabella.MovementID][]piece // what each movement brought
	costs  map[glabella.MovementID]money.Amount
}

// CostOf costs the movements of the ledger, in its order, up to and including a
// time; the zero time is all of them. What came in cost what its movement says, else
// the unit cost of its lot times the containers; where neither is on record it counts
// as nothing and the layer says so.
//
// What leaves takes its share of what its layer is worth, rounded half to even to
// the minor unit, and the last to leave takes what is left, so that the parts sum to
// the whole exactly. What is taken back returns at the cost at which it left, to the
// layers that it left; a customer's return brings back its share of that. Costs in two
// currencies are a [*money.CurrencyError].
func CostOf(method CostMethod, movements []Movement, lots []Lot, at time.Time) (Costing, error) {
	if !method.Valid() {
		return Costing{}, glabella.Invalid("costing", glabella.Issue{Path: "/method", Code: glabella.CodeUnknownValue, Text: "not a method of costing"})
	}
	b := books{
		method: method, lots: make(map[glabella.LotID]Lot, len(lots)), pools: map[string][]*layer{},
		out: map[glabella.MovementID][]piece{}, in: map[glabella.MovementID][]piece{}, costs: map[glabella.MovementID]money.Amount{},
	}
	for _, l := range lots {
		b.lots[l.ID] = l
	}
	for i, m := range movements {
		if !at.IsZero() && m.At.After(at) {
			continue
		}
		if err := b.read(m); err != nil {
			return Costing{}, fmt.Errorf("costing: movement %d, %s: %w", i, m.Ref(), err)
		}
	}
	c := Costing{costs: b.costs}
	for _, l := range b.all {
		if l.qty.IsZero() {
			continue
		}
		l.CostLayer.Quantity = quantity.New(l.qty, l.CostLayer.Quantity.Unit())
		c.layers = append(c.layers, l.CostLayer)
		var err error
		if c.total, err = c.total.Add(l.Value); err != nil {
			return Costing{}, err
		}
	}
	return c, nil
}

func (b *books) pool(m Movement) string {
	if b.method == CostSpecific {
		return string(m.Lot[:])
	}
	return string(m.Product[:])
}

// read takes one movement.
func (b *books) read(m Movement) error {
	switch m.Kind {
	case MovementOpen, MovementTransferOut, MovementTransferIn, MovementHold, MovementRelease:
		b.costs[m.ID] = money.Amount{}
		return nil
	}
	q := m.Quantity.Value()
	switch {
	case !m.Reverses.IsZero() && q.IsPositive():
		return b.giveBack(m, m.Reverses, q)
	case !m.Reverses.IsZero():
		return b.takeBack(m, q.Neg())
	case !m.Origin.IsZero():
		return b.giveBack(m, m.Origin, q)
	case q.IsPositive():
		return b.bring(m, q)
	case q.IsNegative():
		pieces, err := b.take(b.pools[b.pool(m)], q.Neg())
		if err != nil {
			return err
		}
		b.out[m.ID] = pieces
		return b.note(m, pieces, true)
	}
	b.costs[m.ID] = money.Amount{}
	return nil
}

// note records what a movement cost.
func (b *books) note(m Movement, pieces []piece, out bool) error {
	var sum money.Amount
	for _, p := range pieces {
		var err error
		if sum, err = sum.Add(p.value); err != nil {
			return err
		}
	}
	if out {
		sum = sum.Neg()
	}
	b.costs[m.ID] = sum
	return nil
}

// bring adds what came in as a layer, or under the average to the product's one.
func (b *books) bring(m Movement, q decimal.Decimal) error {
	lot := b.lots[m.Lot]
	var value money.Amount
	unpriced := false
	switch {
	case m.Cost != nil:
		value = *m.Cost
	case lot.UnitCost.Currency() == "":
		unpriced = true
	default:
		var err error
		if value, err = lot.UnitCost.Mul(decimal.NewFromInt(int64(m.Containers)), money.HalfEven); err != nil {
			return err
		}
	}
	key := b.pool(m)
	if b.method == CostAverage && len(b.pools[key]) > 0 {
		l := b.pools[key][0]
		sum, err := l.Value.Add(value)
		if err != nil {
			return err
		}
		l.Unpriced = unpriced || l.Unpriced && !l.qty.IsZero()
		l.qty, l.Value = l.qty.Add(q), sum
		b.in[m.ID] = []piece{{l, q, value}}
		return b.note(m, b.in[m.ID], false)
	}
	l := &layer{CostLayer: CostLayer{Product: m.Product, Lot: m.Lot, Movement: m.ID, Quantity: m.Quantity, Value: value, Unpriced: unpriced}, qty: q}
	if b.method == CostAverage {
		l.Lot, l.Movement = glabella.LotID{}, glabella.MovementID{}
	}
	b.pools[key] = append(b.pools[key], l)
	b.all = append(b.all, l)
	b.in[m.ID] = []piece{{l, q, value}}
	return b.note(m, b.in[m.ID], false)
}

// share returns the value of a part of what is worth whole.
func share(whole money.Amount, part, of decimal.Decimal) (money.Amount, error) {
	if part.Equal(of) {
		return whole, nil
	}
	return whole.MulDiv(part, of, money.HalfEven)
}

// take takes an amount out of the layers, the first first.
func (b *books) take(layers []*layer, q decimal.Decimal) ([]piece, error) {
	var out []piece
	for _, l := range layers {
		if q.IsZero() {
			break
		}
		part := decimal.Min(q, l.qty)
		if part.IsZero() {
			continue
		}
		value, err := share(l.Value, part, l.qty)
		if err != nil {
			return nil, err
		}
		left, err := l.Value.Sub(value)
		if err != nil {
			return nil, err
		}
		l.qty, l.Value = l.qty.Sub(part), left
		q = q.Sub(part)
		out = append(out, piece{l, part, value})
	}
	if !q.IsZero() {
		return nil, glabella.Invalid("ledger", glabella.Issue{Path: "/quantity", Code: CodeCostShort, Text: "more leaves than came in before"})
	}
	return out, nil
}

// giveBack returns to the layers what a movement took out of them, the last taken
// first.
func (b *books) giveBack(m Movement, from glabella.MovementID, q decimal.Decimal) error {
	taken := b.out[from]
	var back []piece
	for q.IsPositive() && len(taken) > 0 {
		p := &taken[len(taken)-1]
		part := decimal.Min(q, p.qty)
		value, err := share(p.value, part, p.qty)
		if err != nil {
			return err
		}
		if p.value, err = p.value.Sub(value); err != nil {
			return err
		}
		if p.layer.Value, err = p.layer.Value.Add(value); err != nil {
			return err
		}
		p.layer.qty, p.qty, q = p.layer.qty.Add(part), p.qty.Sub(part), q.Sub(part)
		back = append(back, piece{p.layer, part, value})
		if p.qty.IsZero() {
			taken = taken[:len(taken)-1]
		}
	}
	if q.IsPositive() {
		return glabella.Invalid("ledger", glabella.Issue{Path: "/quantity", Code: glabella.CodeMismatch, Text: "more comes back than left"})
	}
	b.out[from] = taken
	b.in[m.ID] = back
	return b.note(m, back, false)
}

// takeBack takes out again what a movement brought: of its own layers as far as
// they hold it, then of the others of its pool.
func (b *books) takeBack(m Movement, q decimal.Decimal) error {
	var pieces []piece
	for _, p := range b.in[m.Reverses] {
		got, err := b.take([]*layer{p.layer}, decimal.Min(q, p.qty, p.layer.qty))
		if err != nil {
			return err
		}
		pieces = append(pieces, got...)
		for _, g := range got {
			q = q.Sub(g.qty)
		}
	}
	rest, err := b.take(b.pools[b.pool(m)], q)
	if err != nil {
		return err
	}
	pieces = append(pieces, rest...)
	delete(b.in, m.Reverses)
	if !m.Origin.IsZero() { // the sale stands again for what it had taken
		b.out[m.Origin] = append(b.out[m.Origin], pieces...)
	}
	return b.note(m, pieces, true)
}

// ProductCost is what is left of a product and what it cost.
type ProductCost struct {
	Product  glabella.ProductID `json:"product"`
	Quantity quantity.Quantity  `json:"quantity"`
	Value    money.Amount       `json:"value"`
	Unpriced bool               `json:"unpriced,omitempty"`
}

// Products returns what is left by product. The values sum to [Costing.Total].
func (c Costing) Products() ([]ProductCost, error) {
	sums := map[glabella.ProductID]ProductCost{}
	for _, l := range c.layers {
		p := sums[l.Product]
		p.Product, p.Unpriced = l.Product, p.Unpriced || l.Unpriced
		var err error
		if p.Quantity, err = p.Quantity.Add(l.Quantity); err != nil {
			return nil, err
		}
		if p.Value, err = p.Value.Add(l.Value); err != nil {
			return nil, err
		}
		sums[l.Product] = p
	}
	return slices.SortedFunc(maps.Values(sums), func(a, b ProductCost) int { return bytes.Compare(a.Product[:], b.Product[:]) }), nil
}
