package treatment

import (
	"math"
	"slices"

	"github.com/glabella-ehr/glabella"
)

// View says from where a diagram shows the body.
type View string

// The views. A profile or oblique view is named after the side of the patient
// that it shows.
const (
	ViewFront        View = "front"
	ViewBack         View = "back"
	ViewLeft         View = "left"
	ViewRight        View = "right"
	ViewObliqueLeft  View = "oblique-left"
	ViewObliqueRight View = "oblique-right"
)

// Views returns every view.
func Views() []View {
	return []View{ViewFront, ViewBack, ViewLeft, ViewRight, ViewObliqueLeft, ViewObliqueRight}
}

// Valid reports whether v is one of [Views].
func (v View) Valid() bool { return slices.Contains(Views(), v) }

// MidlineBand is how far from the middle of a front or back view, as a fraction of its
// width, a point may stand and still be on the midline.
const MidlineBand = 0.02

// Diagram is one version of a drawing that injection points are placed on. Points
// are stored as fractions of its width and height, so a version's drawing and
// regions do not change; a new drawing is a new version.
type Diagram struct {
	Code     string   `json:"code"`
	Version  int      `json:"version"`
	Name     string   `json:"name"`
	View     View     `json:"view"`
	Mirrored bool     `json:"mirrored"` // shown as in a mirror; if not, a front view has the patient's right at x < 0.5, and a back view the left
	Width    int      `json:"width"`    // of the drawing's own coordinates
	Height   int      `json:"height"`
	Regions  []Region `json:"regions"` // where regions overlap, the earlier one counts
	// Art is the drawing as an SVG fragment in coordinates from 0 0 to Width
	// Height. It draws in currentColor, and has no style sheet, script, reference
	// or identifier of its own.
	Art string `json:"art"`
}

// Region is a named area of a diagram.
type Region struct {
	Code    string   `json:"code"` // "glabella"
	Name    string   `json:"name"`
	Muscles []string `json:"muscles"` // the muscles that are treated there; may be empty
	Shapes  []Shape  `json:"shapes"`
}

// Shape is the outline of a region, on one side or across the midline.
type Shape struct {
	Side    glabella.Side `json:"side"` // midline is a shape that covers both sides
	Outline []Position    `json:"outline"`
	Label   Position      `json:"label"` // where a label of the region may stand
}

// Position is a place on a diagram, in fractions of its width and height from
// the top left.
type Position struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// Region returns the region with the code, and false if there is none.
func (d Diagram) Region(code string) (Region, bool) {
	for i := range d.Regions {
		if d.Regions[i].Code == code {
			return d.Regions[i], true
		}
	}
	return Region{}, false
}

// RegionAt returns the region at a position and the side of the body that it is
// on, and false if there is none.
func (d Diagram) RegionAt(x, y float64) (Region, glabella.Side, bool) {
	for _, r := range d.Regions {
		for _, s := range r.Shapes {
			if !s.contains(Position{x, y}) {
				continue
			}
			if s.Side != glabella.SideMidline {
				return r, s.Side, true
			}
			return r, d.sideAt(x), true
		}
	}
	return Region{}, "", false
}

// HasSide reports whether a point of the region can be on the side.
func (r Region) HasSide(side glabella.Side) bool {
	return slices.ContainsFunc(r.Shapes, func(s Shape) bool { return s.Side == side || s.Side == glabella.SideMidline })
}

// Shows returns the side of the body that a profile or oblique view shows, and
// false for a view of both sides.
func (v View) Shows() (glabella.Side, bool) {
	switch v {
	case ViewLeft, ViewObliqueLeft:
		return glabella.SideLeft, true
	case ViewRight, ViewObliqueRight:
		return glabella.SideRight, true
	}
	return "", false
}

// rightFirst reports whether the patient's right is at x < 0.5, on a view of both
// sides.
func (d Diagram) rightFirst() bool { return (d.View == ViewBack) == d.Mirrored }

// sideAt returns the side of the body at a fraction of the width.
func (d Diagram) sideAt(x float64) glabella.Side {
	switch side, ok := d.View.Shows(); {
	case ok && (d.View == ViewObliqueLeft || d.View == ViewObliqueRight):
		return glabella.SideMidline // an oblique view has shapes of their own for both sides
	case ok:
		return side
	}
	switch {
	case math.Abs(x-0.5) <= MidlineBand:
		return glabella.SideMidline
	case (x < 0.5) == d.rightFirst():
		return glabella.SideRight
	default:
		return glabella.SideLeft
	}
}

// fits reports whether a point at a fraction of the width can be on the side: on
// the midline within [MidlineBand], and else strictly on its half. A view that
// shows one side takes points of that side and of the midline; an oblique view
// takes those of the other side too, as far as its regions have them.
func (d Diagram) fits(side glabella.Side, x float64) bool {
	if shown, ok := d.View.Shows(); ok {
		return side == shown || side == glabella.SideMidline || d.View == ViewObliqueLeft || d.View == ViewObliqueRight
	}
	right := x < 0.5 == d.rightFirst() && x != 0.5
	switch side {
	case glabella.SideMidline:
		return math.Abs(x-0.5) <= MidlineBand
	case glabella.SideLeft:
		return !right && x != 0.5
	default:
		return right
	}
}

// contains reports whether the position is inside the outline, by the parity of
// the edges that a ray from it crosses.
func (s Shape) contains(p Position) bool {
	inside := false
	for i, a := range s.Outline {
		b := s.Outline[(i+1)%len(s.Outline)]
		if (a.Y > p.Y) != (b.Y > p.Y) && p.X < (b.X-a.X)*(p.Y-a.Y)/(b.Y-a.Y)+a.X {
			inside = !inside
		}
	}
	return inside
}

func (d Diagram) clone() Diagram {
	d.Regions = slices.Clone(d.Regions)
	for i, r := range d.Regions {
		r.Muscles = slices.Clone(r.Muscles)
		r.Shapes = slices.Clone(r.Shapes)
		for j, s := range r.Shapes {
			r.Shapes[j].Outline = slices.Clone(s.Outline)
		}
		d.Regions[i] = r
	}
	return d
}
