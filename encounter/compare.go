package encounter

import (
	"cmp"
	"math"
	"slices"

	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

const (
	// SamePlace is how far apart, in fractions of a diagram's width and height, two
	// points may be and still be at the same place for [Delta].
	SamePlace = 0.01
	// MovedReach is how far apart two points of one product, region and side may be
	// and still be one point that was moved; what is farther apart is one point
	// removed and another one added.
	MovedReach = 0.1
)

// MapDelta says how the points of one visit differ from those of another.
type MapDelta struct {
	Added     []MapPoint    `json:"added"`
	Removed   []MapPoint    `json:"removed"`
	Moved     []PointChange `json:"moved"`     // by more than [SamePlace]
	Changed   []PointChange `json:"changed"`   // in amount or product; a point may have moved as well
	Unchanged int           `json:"unchanged"` // how many points are at the same place with the same amount
	Regions   []RegionDelta `json:"regions"`   // by product, and by region in order of appearance
	Products  []RegionDelta `json:"products"`  // over all regions, in order of appearance; the region is empty
}

// MapPoint is a point with the product that was placed there and the diagram that
// it is on.
type MapPoint struct {
	Product        string          `json:"product"`
	Diagram        string          `json:"diagram"`
	DiagramVersion int             `json:"diagramVersion"`
	Point          treatment.Point `json:"point"`
}

// PointChange is a point as it was and as it is.
type PointChange struct {
	Before   MapPoint `json:"before"`
	After    MapPoint `json:"after"`
	Distance float64  `json:"distance"` // in fractions of the diagram, to 4 digits
	// Difference is by how much more is given now. It is nothing of no unit if the
	// products or units are not the same, whose amounts have no difference.
	Difference quantity.Quantity `json:"difference"`
}

// SameProduct reports whether both are of one product.
func (c PointChange) SameProduct() bool { return c.Before.Product == c.After.Product }

// IsMove reports whether the point is at another place than it was.
func (c PointChange) IsMove() bool { return c.Distance > SamePlace }

// IsChange reports whether the point has another amount or product than it had.
func (c PointChange) IsChange() bool {
	return !c.SameProduct() || !c.Before.Point.Amount.Equal(c.After.Point.Amount)
}

// RegionDelta is how much of one product a region was given at either visit.
type RegionDelta struct {
	Product    string            `json:"product"`
	Region     string            `json:"region,omitempty"` // a [treatment.Region.Code]
	Before     quantity.Quantity `json:"before"`
	After      quantity.Quantity `json:"after"`
	Difference quantity.Quantity `json:"difference"` // after less before
}

// Delta compares the maps of two visits. Points are the same if they are on the
// same version of a diagram, in the same region, on the same side and within
// [SamePlace]; or, of the same product, within [MovedReach], in which case they
// have moved. The nearest belong together. The numbers of points do not count:
// they are given anew at each visit.
//
// Amounts of different products, or of different units, are never added to or
// subtracted from one another: they have rows of their own. The same records give
// the same result.
func Delta(before, after []treatment.Record) MapDelta {
	return compare(placed(before), placed(after)).delta()
}

// placed returns the points of records, each with its product and diagram.
func placed(records []treatment.Record) []MapPoint {
	var out []MapPoint
	for _, r := range records {
		for _, m := range r.Maps {
			for _, p := range m.Points {
				out = append(out, MapPoint{r.Product, m.Diagram, m.DiagramVersion, p})
			}
		}
	}
	return out
}

// pairing is two sets of points, with what became of each point.
type pairing struct {
	before, after     []MapPoint
	toAfter, toBefore []int         // which point of the other set each one is, or −1
	changes           []PointChange // by the index of the point in after, if it was before
}

func compare(before, after []MapPoint) pairing {
	c := pairing{before: before, after: after, changes: make([]PointChange, len(after))}
	c.toAfter, c.toBefore = match(before, after)
	for j, i := range c.toBefore {
		if i >= 0 {
			c.changes[j] = before[i].becomes(after[j])
		}
	}
	return c
}

func (c pairing) delta() MapDelta {
	d := MapDelta{Added: []MapPoint{}, Removed: []MapPoint{}, Moved: []PointChange{}, Changed: []PointChange{}}
	for i, p := range c.before {
		if c.toAfter[i] < 0 {
			d.Removed = append(d.Removed, p)
		}
	}
	for j, q := range c.after {
		if c.toBefore[j] < 0 {
			d.Added = append(d.Added, q)
			continue
		}
		change := c.changes[j]
		if change.IsMove() {
			d.Moved = append(d.Moved, change)
		}
		if change.IsChange() {
			d.Changed = append(d.Changed, change)
		}
		if !change.IsMove() && !change.IsChange() {
			d.Unchanged++
		}
	}
	d.Regions = totals(c.before, c.after, func(p MapPoint) string { return p.Point.Region })
	d.Products = totals(c.before, c.after, func(MapPoint) string { return "" })
	return d
}

func (p MapPoint) becomes(q MapPoint) PointChange {
	c := PointChange{Before: p, After: q, Distance: p.distance(q)}
	if c.SameProduct() && p.Point.Amount.Unit() == q.Point.Amount.Unit() {
		if diff, err := q.Point.Amount.Sub(p.Point.Amount); err == nil { // of one unit, an error is beyond what a quantity holds
			c.Difference = diff
		}
	}
	return c
}

// distance is rounded, so that places that were written with two digits are as far
// apart as people reckon.
func (p MapPoint) distance(q MapPoint) float64 {
	return math.Round(math.Hypot(p.Point.X-q.Point.X, p.Point.Y-q.Point.Y)*1e4) / 1e4
}

// match pairs the points of two sets: first those of the same product at the same
// place, then those that can have moved, and last those of another product.
func match(before, after []MapPoint) (toAfter, toBefore []int) {
	type pair struct {
		i, j     int
		distance float64
		rank     int // the lower, the more alike
	}
	toAfter, toBefore = make([]int, len(before)), make([]int, len(after))
	var pairs []pair
	for j := range after {
		toBefore[j] = -1
	}
	for i, p := range before {
		toAfter[i] = -1
		for j, q := range after {
			if p.Diagram != q.Diagram || p.DiagramVersion != q.DiagramVersion || p.Point.Region != q.Point.Region || p.Point.Side != q.Point.Side {
				continue
			}
			same := p.Product == q.Product
			c := pair{i: i, j: j, distance: p.distance(q)}
			switch {
			case c.distance <= SamePlace && same:
			case c.distance <= MovedReach && same:
				c.rank = 1
			case c.distance <= SamePlace:
				c.rank = 2
			default:
				continue
			}
			pairs = append(pairs, c)
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.distance, b.distance), cmp.Compare(a.i, b.i), cmp.Compare(a.j, b.j))
	})
	for _, c := range pairs {
		if toAfter[c.i] < 0 && toBefore[c.j] < 0 {
			toAfter[c.i], toBefore[c.j] = c.j, c.i
		}
	}
	return toAfter, toBefore
}

// totals adds the amounts up by product, unit and what by returns.
func totals(before, after []MapPoint, by func(MapPoint) string) []RegionDelta {
	type key struct {
		product string
		unit    quantity.Unit
		region  string
	}
	rows := []RegionDelta{}
	at := map[key]int{}
	order := map[string]int{} // of the products
	add := func(points []MapPoint, sign int) {
		for _, p := range points {
			a := p.Point.Amount
			if a.IsZero() && a.Unit().IsZero() { // of any unit
				continue
			}
			k := key{p.Product, a.Unit(), by(p)}
			i, ok := at[k]
			if !ok {
				zero := quantity.Of(0, k.unit)
				i = len(rows)
				at[k], rows = i, append(rows, RegionDelta{p.Product, k.region, zero, zero, zero})
				if _, ok := order[p.Product]; !ok {
					order[p.Product] = len(order)
				}
			}
			// Sums of decimals do not fail. One beyond the digits that a quantity may
			// have is refused where it is stored.
			r := &rows[i]
			if sign < 0 {
				r.Before = quantity.New(r.Before.Value().Add(a.Value()), k.unit)
				r.Difference = quantity.New(r.Difference.Value().Sub(a.Value()), k.unit)
			} else {
				r.After = quantity.New(r.After.Value().Add(a.Value()), k.unit)
				r.Difference = quantity.New(r.Difference.Value().Add(a.Value()), k.unit)
			}
		}
	}
	add(before, -1)
	add(after, 1)
	slices.SortStableFunc(rows, func(a, b RegionDelta) int { return cmp.Compare(order[a.Product], order[b.Product]) })
	return rows
}
