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
	label box     // where the label came to stand
	far   bool    // whether a line leads to it
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

// place finds a place for the label of every marker: as near as possible, away
// from the neighbours, and free of symbols and of labels that already stand. The
// most crowded ones choose first. Where nothing is free, the label stands where
// it covers least.
func place(markers []marker, width, height float64) {
	symbols := make([]box, len(markers))
	order := make([]int, len(markers))
	neighbours := make([]int, len(markers))
	leanX, leanY := make([]float64, len(markers)), make([]float64, len(markers))
	for i, m := range markers {
		symbols[i] = box{m.x, m.y, symbolReach, symbolReach}
		order[i] = i
		for j, n := range markers {
			dx, dy := m.x-n.x, m.y-n.y
			if d2 := dx*dx + dy*dy; i != j && d2 < crowd*crowd {
				neighbours[i]++
				leanX[i] += dx / max(d2, 1) * 20
				leanY[i] += dy / max(d2, 1) * 20
			}
		}
		switch offset := m.x - width/2; {
		case neighbours[i] == 0 || math.Abs(offset) < width/12:
			leanY[i] -= 0.4
		default:
			leanX[i] += math.Copysign(0.9, offset)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(neighbours[b], neighbours[a]) })
	var placed []box
	for _, i := range order {
		m := &markers[i]
		m.label, m.far = m.seek(leanX[i], leanY[i], symbols, placed, width, height)
		placed = append(placed, m.label)
	}
}

func (m marker) seek(leanX, leanY float64, symbols, placed []box, width, height float64) (box, bool) {
	type candidate struct {
		box  box
		ring int
		cost float64
	}
	norm := max(math.Hypot(leanX, leanY), 1e-6)
	var best candidate
	least := math.Inf(1)
	for ring := range labelRings {
		var tries [len(directions)]candidate
		for k, d := range directions {
			reach := symbolReach + labelGap + float64(ring)*labelStep
			b := box{m.x + d.x*(reach+m.w), m.y + d.y*(reach+m.h), m.w, m.h}
			tries[k] = candidate{b, ring, d.slant - (d.x*leanX+d.y*leanY)/norm}
		}
		// The order of equal costs is that of the directions, so that the same
		// points always give the same picture.
		slices.SortStableFunc(tries[:], func(a, b candidate) int { return cmp.Compare(a.cost, b.cost) })
		for _, c := range tries {
			if !c.box.within(width, height) {
				continue
			}
			covered := 0.0
			for _, others := range [][]box{symbols, placed} {
				for _, o := range others {
					if c.box.overlaps(o) {
						covered++
					}
				}
			}
			if covered == 0 {
				return c.box, ring > 0
			}
			if covered < least {
				best, least = c, covered
			}
		}
	}
	if math.IsInf(least, 1) { // a label wider than the picture
		return box{m.x, m.y, m.w, m.h}, false
	}
	return best.box, best.ring > 0
}
