package treatment

import (
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// Ref pins the exact template that a record was charted with: its code, its
// version, and the hash of its content. The zero Ref means none.
type Ref struct {
	Code    string `json:"code"`
	Version int    `json:"version"`
	Hash    string `json:"hash"` // see [Template.Hash]
}

// Record is what was charted of one treatment: the values of its template's
// fields, and the maps of where the product was placed.
type Record struct {
	Template Ref    `json:"template"`
	Product  string `json:"product,omitempty"` // the substance, a [Product.Code]
	// Values holds the fields by key, as text: a number is a decimal in the
	// field's unit, a date 2006-01-02, a datetime RFC 3339, a boolean true or
	// false, and several choices are separated by single spaces.
	Values map[string]string `json:"values"`
	Maps   []Map             `json:"maps"`
	Given  []Portion         `json:"given"` // what was given of each container, in a treatment without map
	Total  quantity.Quantity `json:"total"` // what the chart's header says was given
}

// Portion is what was given of one container where no map says so: an infusion,
// a weekly injection.
type Portion struct {
	Amount quantity.Quantity `json:"amount"`
	Lot    glabella.LotID    `json:"lot,omitzero"`
	Vial   glabella.VialID   `json:"vial,omitzero"`
}

// Map is a set of points on one version of a diagram.
type Map struct {
	Diagram        string  `json:"diagram"`
	DiagramVersion int     `json:"diagramVersion"`
	Points         []Point `json:"points"`
}

// Point is one placement of product: an injection, or a bolus or line that
// counts as one.
type Point struct {
	Seq       int               `json:"seq"`              // the number shown on the map, from 1
	X         float64           `json:"x"`                // 0 to 1 of the diagram's width, from the left
	Y         float64           `json:"y"`                // 0 to 1 of the diagram's height, from the top
	Region    string            `json:"region"`           // a [Region.Code]: "glabella"
	Muscle    string            `json:"muscle,omitempty"` // a muscle code: "procerus"
	Side      glabella.Side     `json:"side"`             // the patient's own side
	Amount    quantity.Quantity `json:"amount"`
	Vial      glabella.VialID   `json:"vial,omitzero"`
	Lot       glabella.LotID    `json:"lot,omitzero"`
	Depth     string            `json:"depth,omitempty"`
	Technique string            `json:"technique,omitempty"`
	Device    string            `json:"device,omitempty"`
	// Unconfirmed marks a point that was taken over from an earlier visit and that
	// nobody has confirmed for this one. A finished record has none.
	Unconfirmed bool `json:"unconfirmed,omitempty"`
}

// Points returns the points of all maps, in order.
func (r Record) Points() []Point {
	var out []Point
	for _, m := range r.Maps {
		out = append(out, m.Points...)
	}
	return out
}

// Regions returns the codes of the regions that have points, in order of
// appearance.
func (r Record) Regions() []string {
	var out []string
	for m := range r.Maps {
		for i := range r.Maps[m].Points {
			if p := &r.Maps[m].Points[i]; !slices.Contains(out, p.Region) {
				out = append(out, p.Region)
			}
		}
	}
	return out
}
