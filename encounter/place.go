package encounter

import (
	"cmp"
	"math"
	"slices"
)

// box is a rectangle of a picture by its middle and half its extent.
type box struct{ x, y, w, h float64 }

func (b box) overlaps(c box) bool {
	return math.Abs(b.x-c.x) < b.w+c.w && math.Abs(b.y-c.y) < b.h+c.h
}

// within reports whether b lies inside a picture of that width and height.
func (b box) within(width, height float64) bool {
	return b.x >= b.w && b.y >= b.h && b.x+b.w <= width && b.y+b.h <= height
}

// edge returns where a line from a place outside of b to its middle meets it.
func (b box) edge(x, y float64) (float64, float64) {
	dx, dy := x-b.x, y-b.y
	t := min(b.w/max(math.Abs(dx), 1e-6), b.h/max(math.Abs(dy), 1e-6), 1)
	return b.x + dx*t, b.y + dy*t
}

// Measures of a point's symbol and label, in units of the picture.
const (
	symbolRadius = 8.0
	symbolReach  = symbolRadius + 1.5 // with its outline
	labelGap     = 2.0                // between a symbol and the label next to it
	labelStep    = 13.0               // from one ring of places to the next
	labelRings   = 7
	crowd        = 52.0 // points nearer than this push each other's labels away
)

// marker is a point on the picture, with the label that belongs to it.
type marker struct {
	x, y  float64
	w, h  float64 // half the extent of the label
	reach float64 // of the symbol, from its middle
	label box     // where the label came to stand
	far   bool    // whether a line leads to it
}

// boxes holds boxes in bands by the height that they stand at, so that only those
// around a place are looked at.
type boxes struct {
	bands  [][]box
	extent float64 // half the height of the highest
}

const bandHeight = 16.0

func newBoxes(height float64) *boxes {
	b := &boxes{bands: make([][]box, max(int(height/bandHeight), 0)+1)}
	room := make([]box, 4*len(b.bands)) // for what most bands come to hold
	for i := range b.bands {
		b.bands[i] = room[4*i : 4*i : 4*i+4]
	}
	return b
}

func (bs *boxes) band(y float64) int {
	return min(max(int(y/bandHeight), 0), len(bs.bands)-1)
}

func (bs *boxes) add(b box) {
	i := bs.band(b.y)
	bs.bands[i] = append(bs.bands[i], b)
	bs.extent = max(bs.extent, b.h)
}

// covered counts the boxes that b overlaps, up to a limit.
func (bs *boxes) covered(b box, limit int) int {
	n := 0
	for i := bs.band(b.y - b.h - bs.extent); i <= bs.band(b.y+b.h+bs.extent); i++ {
		for k := range bs.bands[i] {
			if b.overlaps(bs.bands[i][k]) {
				if n++; n >= limit {
					return n
				}
			}
		}
	}
	return n
}

// directions are the sixteen directions in which a label is tried, and how much
// those are disfavoured that are neither level nor upright.
var directions = func() (out [16]struct{ x, y, slant float64 }) {
	for i := range out {
		angle := float64(i) * math.Pi / 8
		out[i].x, out[i].y = math.Round(math.Cos(angle)*1e6)/1e6, math.Round(math.Sin(angle)*1e6)/1e6
		out[i].slant = []float64{0, 0.2, 0.1, 0.2}[i%4]
	}
	return out
}()

// place finds a place for the label of every point: as near as possible, away
// from the neighbours, and free of symbols and of labels that already stand. The
// most crowded ones choose first. Where nothing is free, the label stands where
// it covers least.
func place(dots []dot, width, height float64) {
	standing := newBoxes(height) // what a label may not cover
	order := make([]int, len(dots))
	neighbours := make([]int, len(dots))
	leanX, leanY := make([]float64, len(dots)), make([]float64, len(dots))
	for i := range dots {
		m := &dots[i].marker
		standing.add(box{m.x, m.y, m.reach, m.reach})
		order[i] = i
		for j := range dots {
			dx, dy := m.x-dots[j].x, m.y-dots[j].y
			if d2 := dx*dx + dy*dy; i != j && d2 < crowd*crowd {
				neighbours[i]++
				leanX[i] += dx / max(d2, 1) * 20
				leanY[i] += dy / max(d2, 1) * 20
			}
		}
		// Alone, a label stands above its point; on the midline, below those of its
		// neighbours; and else on the outer side.
		switch offset := m.x - width/2; {
		case neighbours[i] == 0:
			leanY[i] -= 0.4
		case math.Abs(offset) < width/30:
			leanY[i] += 0.4
		case math.Abs(offset) < width/12:
			leanY[i] -= 0.4
		default:
			leanX[i] += math.Copysign(0.9, offset)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(neighbours[b], neighbours[a]) })
	for _, i := range order {
		m := &dots[i].marker
		m.label, m.far = m.seek(leanX[i], leanY[i], standing, width, height)
		standing.add(m.label)
	}
}

// seek returns the place of a marker's label, and whether that is so far off that
// a line leads to it.
func (m marker) seek(leanX, leanY float64, standing *boxes, width, height float64) (box, bool) {
	type direction struct{ x, y, cost float64 }
	norm := max(math.Hypot(leanX, leanY), 1e-6)
	outward := math.Copysign(1, m.x-width/2) // both halves of a picture prefer alike
	// In order of their cost. Equal costs keep their order, so that the same points
	// always give the same picture.
	var tries [len(directions)]direction
	for i, d := range directions {
		x := d.x * outward
		try := direction{x, d.y, d.slant - (x*leanX+d.y*leanY)/norm}
		k := i
		for ; k > 0 && tries[k-1].cost > try.cost; k-- {
			tries[k] = tries[k-1]
		}
		tries[k] = try
	}
	best, far := box{m.x, m.y, m.w, m.h}, false // for a label that is wider than the picture
	least := math.MaxInt
	for ring := range labelRings {
		reach := m.reach + labelGap + float64(ring)*labelStep
		for _, d := range tries {
			b := box{m.x + d.x*(reach+m.w), m.y + d.y*(reach+m.h), m.w, m.h}
			if !b.within(width, height) {
				continue
			}
			switch covered := standing.covered(b, least); {
			case covered == 0:
				return b, ring > 0
			case covered < least:
				best, far, least = b, ring > 0, covered
			}
		}
	}
	return best, far
}
