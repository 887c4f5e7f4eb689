package encounter

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

// MapOptions are the choices of [InjectionMap]. The zero value of each field is
// its default.
type MapOptions struct {
	Title    string                  // the heading; the default is the diagram's name
	Products map[string]string       // what products are called, by code; the default is the code
	Labels   map[glabella.Ref]string // what lots are called, as in [Names]; the default is the identity
}

// InjectionMap draws the points of records on a diagram as an SVG picture.
// Points of other diagrams, or of other versions of it, are left out.
//
// Each product has a symbol of its own shape and colour, so that the picture is
// read without seeing colours. A point shows its number and amount; the legend
// shows the lots and the totals by region and side. Right and left are the
// patient's own. On screens that prefer a dark background the picture is dark; on
// paper it is always light. It holds no script and refers to nothing outside of
// itself. The same input gives the same bytes.
//
// A position outside of the diagram, amounts of one product in different units,
// and a diagram whose drawing is more than plain shapes are refused with a
// [*glabella.ValidationError].
func InjectionMap(d treatment.Diagram, records []treatment.Record, o *MapOptions) ([]byte, error) {
	if o == nil {
		o = &MapOptions{}
	}
	if d.Width <= 0 || d.Height <= 0 {
		return nil, glabella.Invalid("diagram", glabella.Issue{Path: "/width", Code: glabella.CodeOutOfRange, Text: "a diagram has a width and a height"})
	}
	if err := checkArt(d.Art); err != nil {
		return nil, err
	}
	layers, err := layersOf(d, records)
	if err != nil {
		return nil, err
	}
	c := chart{diagram: d, options: *o, layers: layers, scale: drawingWidth / float64(d.Width)}
	return c.render(), nil
}

// layer is what a picture shows of one product.
type layer struct {
	product string
	points  []*treatment.Point
	amounts []string // of the points, as people read them
	lots    []lotTotal
	regions []regionTotal
	total   quantity.Quantity
}

type lotTotal struct {
	lot   glabella.LotID
	total quantity.Quantity
	seqs  []int
}

type regionTotal struct {
	name                       string
	right, left, middle, total quantity.Quantity
}

// layersOf gathers the points that are on the diagram by product, in order of
// appearance.
func layersOf(d treatment.Diagram, records []treatment.Record) ([]layer, error) {
	var layers []layer
	var issues []glabella.Issue
	for i, r := range records {
		for j, m := range r.Maps {
			if m.Diagram != d.Code || m.DiagramVersion != d.Version {
				continue
			}
			at := slices.IndexFunc(layers, func(l layer) bool { return l.product == r.Product })
			if at < 0 {
				at = len(layers)
				layers = append(layers, layer{product: r.Product})
			}
			for k := range m.Points {
				p := &m.Points[k]
				issue := func(path string, code glabella.Code, text string) {
					issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/%d/maps/%d/points/%d%s", i, j, k, path), Code: code, Text: text})
				}
				if !(p.X >= 0 && p.X <= 1 && p.Y >= 0 && p.Y <= 1) { // also what is not a number
					issue("", glabella.CodeOutOfRange, "the point is not on the diagram")
				} else if layers[at].add(d, p) != nil {
					issue("/amount", glabella.CodeMismatch, "is of another unit than the product's other points")
				}
			}
		}
	}
	return slices.DeleteFunc(layers, func(l layer) bool { return len(l.points) == 0 }), glabella.Invalid("records", issues...)
}

// add adds a point to all totals that it counts in.
func (l *layer) add(d treatment.Diagram, p *treatment.Point) error {
	at := slices.IndexFunc(l.lots, func(t lotTotal) bool { return t.lot == p.Lot })
	if at < 0 {
		at = len(l.lots)
		l.lots = append(l.lots, lotTotal{lot: p.Lot})
	}
	lot := &l.lots[at]
	name := regionName(d, p.Region)
	at = slices.IndexFunc(l.regions, func(t regionTotal) bool { return t.name == name })
	if at < 0 {
		at = len(l.regions)
		l.regions = append(l.regions, regionTotal{name: name})
	}
	region := &l.regions[at]
	side := &region.middle
	switch p.Side {
	case glabella.SideRight:
		side = &region.right
	case glabella.SideLeft:
		side = &region.left
	}
	for _, part := range []*quantity.Quantity{&l.total, &lot.total, &region.total, side} {
		sum, err := part.Add(p.Amount)
		if err != nil {
			return err
		}
		*part = sum
	}
	lot.seqs = append(lot.seqs, p.Seq)
	l.points, l.amounts = append(l.points, p), append(l.amounts, amount(p.Amount))
	return nil
}

// regionName returns what a diagram calls a region, or its code.
func regionName(d treatment.Diagram, code string) string {
	if r, ok := d.Region(code); ok {
		return r.Name
	}
	return code
}

// ranges names points as people list them: points 1–5, 8.
func ranges(seqs []int) string {
	seqs = slices.Clone(seqs)
	slices.Sort(seqs)
	var parts []string
	for i := 0; i < len(seqs); {
		j := i
		for j+1 < len(seqs) && seqs[j+1] <= seqs[j]+1 {
			j++
		}
		switch {
		case seqs[i] == seqs[j]:
			parts = append(parts, fmt.Sprint(seqs[i]))
		case seqs[i]+1 == seqs[j]:
			parts = append(parts, fmt.Sprint(seqs[i]), fmt.Sprint(seqs[j]))
		default:
			parts = append(parts, fmt.Sprintf("%d–%d", seqs[i], seqs[j]))
		}
		i = j + 1
	}
	if len(seqs) == 1 {
		return "point " + parts[0]
	}
	return "points " + strings.Join(parts, ", ")
}

// spoken is the picture in words, for those who cannot see it.
func (c chart) spoken() string {
	var b strings.Builder
	if len(c.layers) == 0 {
		b.WriteString("No points.")
	}
	for _, l := range c.layers {
		fmt.Fprintf(&b, "%s: %s, %s.", c.productName(l.product), points(len(l.points)), amount(l.total))
		for _, r := range l.regions {
			fmt.Fprintf(&b, " %s %s", r.name, amount(r.total))
			fmt.Fprintf(&b, " (%s).", bySide(r.right, r.middle, r.left))
		}
		for _, lot := range l.lots {
			fmt.Fprintf(&b, " %s: %s, %s.", c.lotName(lot.lot), amount(lot.total), ranges(lot.seqs))
		}
		b.WriteByte(' ')
	}
	return strings.TrimSuffix(b.String(), " ")
}

func points(n int) string {
	if n == 1 {
		return "1 point"
	}
	return fmt.Sprintf("%d points", n)
}

func (c chart) title() string {
	if c.options.Title != "" {
		return c.options.Title
	}
	return c.diagram.Name
}

func (c chart) productName(code string) string {
	if name, ok := c.options.Products[code]; ok {
		return name
	}
	if code == "" {
		return "No product"
	}
	return code
}

func (c chart) lotName(id glabella.LotID) string {
	if id.IsZero() {
		return "Lot not charted"
	}
	if label, ok := c.options.Labels[id.Ref()]; ok {
		return "Lot " + label
	}
	return "Lot " + id.String()
}

// markers returns the points of all layers with their labels in place.
func (c chart) markers() [][]marker {
	var all []marker
	for _, l := range c.layers {
		for i, p := range l.points {
			all = append(all, marker{
				x: round(p.X * drawingWidth), y: round(p.Y * float64(c.diagram.Height) * c.scale),
				w: textWidth(l.amounts[i], labelSize*boldWidth)/2 + 2, h: labelSize * 0.52, reach: symbolReach,
			})
		}
	}
	place(all, drawingWidth, float64(c.diagram.Height)*c.scale)
	out := make([][]marker, len(c.layers))
	for i, l := range c.layers {
		out[i], all = all[:len(l.points)], all[len(l.points):]
	}
	return out
}

// textWidth estimates the width of a text in a sans-serif face. It errs on the
// wide side.
func textWidth(s string, size float64) float64 {
	units := 0.0
	for _, r := range s {
		switch {
		case strings.ContainsRune(" .,:;'|!ilj()", r):
			units += 0.32
		case strings.ContainsRune("mwMW%@—", r), r > 0x2e7f:
			units += 1
		case r >= 'A' && r <= 'Z':
			units += 0.72
		default:
			units += 0.58
		}
	}
	return units * size
}

// fit shortens a text to a width.
func fit(s string, width, size float64) string {
	if textWidth(s, size) <= width {
		return s
	}
	width -= size // for the ellipsis
	for i, r := range s {
		if width -= textWidth(string(r), size); width < 0 {
			return strings.TrimRight(s[:i], " ,") + "…"
		}
	}
	return s
}

func round(v float64) float64 { return math.Round(v*10) / 10 }
