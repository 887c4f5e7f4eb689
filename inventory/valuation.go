package inventory

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// ValuationLine is what a site has of a product, with what is set aside, and what it
// cost.
type ValuationLine struct {
	Site     glabella.SiteID    `json:"site,omitzero"` // none of what is on its way between sites
	Product  glabella.ProductID `json:"product"`
	Lot      glabella.LotID     `json:"lot,omitzero"` // under [CostSpecific] only
	Quantity quantity.Quantity  `json:"quantity"`
	Value    money.Amount       `json:"value"`
	Unpriced bool               `json:"unpriced,omitempty"` // some of it came in without a cost on record, and counts as nothing
}

// SiteValue is what everything at a site cost.
type SiteValue struct {
	Site     glabella.SiteID `json:"site,omitzero"` // none of what is on its way between sites
	Value    money.Amount    `json:"value"`
	Unpriced bool            `json:"unpriced,omitempty"`
}

// Valuation is what the stock of every site cost as at the end of a day.
type Valuation struct {
	On     glabella.Date   `json:"on"`
	Method CostMethod      `json:"method"`
	Lines  []ValuationLine `json:"lines"`
	Sites  []SiteValue     `json:"sites"`
	Total  money.Amount    `json:"total"` // the sum of the lines, and of the sites
}

// ValuationOf values the stock of every site as at the end of a day in a zone; nil is
// UTC. Costs are those of [CostOf], which knows no sites: what a lot or, under
// [CostFIFO] and [CostAverage], a product is worth is shared among the sites by what
// each has of it, rounded half to even to the minor unit so that the shares sum to
// the whole exactly.
func ValuationOf(method CostMethod, movements []Movement, lots []Lot, on glabella.Date, zone *time.Location) (Valuation, error) {
	if zone == nil {
		zone = time.UTC
	}
	end := on.AddDays(1).Start(zone).Add(-time.Microsecond)
	costs, err := CostOf(method, movements, lots, end)
	if err != nil {
		return Valuation{}, err
	}
	out := Valuation{On: on, Method: method, Lines: []ValuationLine{}, Sites: []SiteValue{}, Total: costs.Total()}
	pools, err := poolsAt(method, costs, movements, end)
	if err != nil {
		return Valuation{}, err
	}
	for _, p := range pools {
		lines, err := p.lines()
		if err != nil {
			return Valuation{}, err
		}
		out.Lines = append(out.Lines, lines...)
	}
	slices.SortFunc(out.Lines, func(a, b ValuationLine) int {
		return cmp.Or(bytes.Compare(a.Site[:], b.Site[:]), bytes.Compare(a.Product[:], b.Product[:]), bytes.Compare(a.Lot[:], b.Lot[:]))
	})
	for _, l := range out.Lines {
		if n := len(out.Sites); n == 0 || out.Sites[n-1].Site != l.Site {
			out.Sites = append(out.Sites, SiteValue{Site: l.Site})
		}
		s := &out.Sites[len(out.Sites)-1]
		if s.Value, err = s.Value.Add(l.Value); err != nil {
			return Valuation{}, err
		}
		s.Unpriced = s.Unpriced || l.Unpriced
	}
	return out, nil
}

// valuePool is what shares one cost: a lot or a product.
type valuePool struct {
	product  glabella.ProductID
	lot      glabella.LotID
	quantity quantity.Quantity // everywhere
	value    money.Amount
	unpriced bool
	sites    map[glabella.SiteID]quantity.Quantity
}

// poolsAt returns what is left and where it is.
func poolsAt(method CostMethod, costs Costing, movements []Movement, end time.Time) ([]*valuePool, error) {
	type key struct {
		product glabella.ProductID
		lot     glabella.LotID
	}
	pools := map[key]*valuePool{}
	var order []*valuePool
	pool := func(product glabella.ProductID, lot glabella.LotID) *valuePool {
		k := key{product, lot}
		if method != CostSpecific {
			k.lot = glabella.LotID{}
		}
		if pools[k] == nil {
			pools[k] = &valuePool{product: product, lot: k.lot, sites: map[glabella.SiteID]quantity.Quantity{}}
			order = append(order, pools[k])
		}
		return pools[k]
	}
	for _, l := range costs.layers {
		p := pool(l.Product, l.Lot)
		p.unpriced = p.unpriced || l.Unpriced
		var err error
		if p.value, err = p.value.Add(l.Value); err != nil {
			return nil, err
		}
		if err := addTo(&p.quantity, l.Quantity); err != nil {
			return nil, err
		}
	}
	for _, m := range movements {
		// What is set aside is at the site still.
		if m.At.After(end) || m.Kind == MovementHold || m.Kind == MovementRelease {
			continue
		}
		p := pool(m.Product, m.Lot)
		q := p.sites[m.Site]
		if err := addTo(&q, m.Quantity); err != nil {
			return nil, fmt.Errorf("%s: %w", m.Ref(), err)
		}
		p.sites[m.Site] = q
	}
	return order, nil
}

// lines shares the value of the pool. What no site has is on its way.
func (p *valuePool) lines() ([]ValuationLine, error) {
	away := p.quantity
	var out []ValuationLine
	for site, q := range p.sites {
		var err error
		if away, err = away.Sub(q); err != nil {
			return nil, err
		}
		if !q.IsZero() {
			out = append(out, ValuationLine{Site: site, Quantity: q})
		}
	}
	if !away.IsZero() {
		out = append(out, ValuationLine{Quantity: away})
	}
	slices.SortFunc(out, func(a, b ValuationLine) int { return bytes.Compare(a.Site[:], b.Site[:]) })
	// Each share is the step of a running total, which leaves no remainder.
	whole := p.quantity.Value()
	var sum decimal.Decimal
	var shared money.Amount
	for i := range out {
		out[i].Product, out[i].Lot, out[i].Unpriced = p.product, p.lot, p.unpriced
		sum = sum.Add(out[i].Quantity.Value())
		upTo := money.Amount{}
		if !whole.IsZero() {
			var err error
			if upTo, err = share(p.value, sum, whole); err != nil {
				return nil, err
			}
		}
		var err error
		if out[i].Value, err = upTo.Sub(shared); err != nil {
			return nil, err
		}
		shared = upTo
	}
	return out, nil
}
