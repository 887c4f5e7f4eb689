package encounter

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

// MapOptions are the choices of [InjectionMap] and [CompareMaps]. The zero value
// of each field is its default.
type MapOptions struct {
	Title    string                  // the heading; the default is the diagram's name
	Products map[string]string       // what products are called, by code; the default is the code
	Labels   map[glabella.Ref]string // what lots are called, as in [Names]; the default is the identity
	Theme    Theme                   // the default is [ThemeAuto]
	Before   string                  // what [CompareMaps] calls the earlier visit, such as its date; the default is "Before"
	After    string                  // what it calls the later one; the default is "Now"
}

// InjectionMap draws the points of records on a diagram as an SVG picture.
// Points of other diagrams, or of other versions of it, are left out.
//
// Each product has a symbol of its own shape and colour, so that the picture is
// read without seeing colours. A point shows its number and amount; the legend
// shows the lots and the totals by region and side. A point that was taken over
// from an earlier visit and not confirmed is hollow with a dashed outline, and
// counts in the totals; the legend says how much of them it is. Depth, technique
// and device are in the title of the point, which browsers show under the pointer.
// Right and left are the patient's own. It holds no script and refers to nothing
// outside of itself. The same input gives the same bytes.
//
// A position outside of the diagram, amounts of one product in different units,
// an unknown theme, and a diagram whose drawing is more than plain shapes are
// refused with a [*glabella.ValidationError].
func InjectionMap(d treatment.Diagram, records []treatment.Record, o *MapOptions) ([]byte, error) {
	c, err := newChart(d, o, drawingWidth)
	if err != nil {
		return nil, err
	}
	if c.layers, err = layersOf(d, records, "records"); err != nil {
		return nil, err
	}
	return c.render(), nil
}

// newChart returns a picture of a diagram without points. The diagram's drawing
// is that wide on it.
func newChart(d treatment.Diagram, o *MapOptions, width float64) (chart, error) {
	c := chart{diagram: d, width: width}
	if o != nil {
		c.options = *o
	}
	if c.options.Theme == "" {
		c.options.Theme = ThemeAuto
	}
	if !c.options.Theme.Valid() {
		return c, glabella.Invalid("map options", glabella.Issue{Path: "/theme", Code: glabella.CodeUnknownValue, Text: "not a theme of a picture"})
	}
	if d.Width <= 0 || d.Height <= 0 {
		return c, glabella.Invalid("diagram", glabella.Issue{Path: "/width", Code: glabella.CodeOutOfRange, Text: "a diagram has a width and a height"})
	}
	c.scale = width / float64(d.Width)
	c.height = float64(d.Height) * c.scale
	return c, checkArt(d.Art)
}

// layer is what a picture shows of one product.
type layer struct {
	product     string
	unit        quantity.Unit
	points      []*treatment.Point
	amounts     []string // of the points, as people read them
	where       []int    // which of the regions the points are in
	lots        []lotTotal
	regions     []regionTotal
	total       quantity.Quantity
	unconfirmed lotTotal // of no lot
}

// lotTotal is how much of a product came out of a lot, and at which points.
type lotTotal struct {
	lot   glabella.LotID
	total quantity.Quantity
	seqs  []int
}

type regionTotal struct {
	code, name                 string
	right, left, middle, total quantity.Quantity
}

// layersOf gathers the points that are on the diagram by product, in order of
// appearance.
func layersOf(d treatment.Diagram, records []treatment.Record, kind string) ([]layer, error) {
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
			l := &layers[at]
			l.points, l.amounts = slices.Grow(l.points, len(m.Points)), slices.Grow(l.amounts, len(m.Points))
			for k := range m.Points {
				p := &m.Points[k]
				issue := func(path string, code glabella.Code, text string) {
					issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/%d/maps/%d/points/%d%s", i, j, k, path), Code: code, Text: text})
				}
				if !(p.X >= 0 && p.X <= 1 && p.Y >= 0 && p.Y <= 1) { // also what is not a number
					issue("", glabella.CodeOutOfRange, "the point is not on the diagram")
				} else if !l.measures(p.Amount) {
					issue("/amount", glabella.CodeMismatch, "is of another unit than the product's other points")
				} else if l.add(d, p) != nil {
					issue("/amount", glabella.CodeOutOfRange, "the amounts of the product are too large to add up")
				}
			}
		}
	}
	for i := range layers {
		if err := layers[i].sum(); err != nil {
			issues = append(issues, glabella.Issue{Path: "", Code: glabella.CodeOutOfRange, Text: "the amounts of a product are too large to add up"})
		}
	}
	return slices.DeleteFunc(layers, func(l layer) bool { return len(l.points) == 0 }), glabella.Invalid(kind, issues...)
}

// measures reports whether an amount is of the unit of the product's other points.
// Nothing of no unit is of any.
func (l *layer) measures(q quantity.Quantity) bool {
	if q.Unit().IsZero() && q.IsZero() {
		return true
	}
	if l.unit.IsZero() {
		l.unit = q.Unit()
	}
	return l.unit == q.Unit()
}

// add adds a point to the totals of its lot and its side.
func (l *layer) add(d treatment.Diagram, p *treatment.Point) error {
	at := slices.IndexFunc(l.lots, func(t lotTotal) bool { return t.lot == p.Lot })
	if at < 0 {
		at = len(l.lots)
		l.lots = append(l.lots, lotTotal{lot: p.Lot})
	}
	if err := l.lots[at].add(p); err != nil {
		return err
	}
	if p.Unconfirmed {
		if err := l.unconfirmed.add(p); err != nil {
			return err
		}
	}
	at = slices.IndexFunc(l.regions, func(t regionTotal) bool { return t.code == p.Region })
	if at < 0 {
		at = len(l.regions)
		l.regions = append(l.regions, regionTotal{code: p.Region, name: regionName(d, p.Region)})
	}
	side := &l.regions[at].middle
	switch p.Side {
	case glabella.SideRight:
		side = &l.regions[at].right
	case glabella.SideLeft:
		side = &l.regions[at].left
	}
	sum, err := side.Add(p.Amount)
	if err != nil {
		return err
	}
	*side = sum
	// Most points have the amount of the one before.
	if n := len(l.points); n > 0 && l.points[n-1].Amount.Equal(p.Amount) {
		l.amounts = append(l.amounts, l.amounts[n-1])
	} else {
		l.amounts = append(l.amounts, amount(p.Amount))
	}
	l.points, l.where = append(l.points, p), append(l.where, at)
	return nil
}

// sum adds up what the sides of the regions come to.
func (l *layer) sum() error {
	var errs [2]error
	for i := range l.regions {
		r := &l.regions[i]
		r.total, errs[0] = quantity.Sum(r.right, r.middle, r.left)
		l.total, errs[1] = quantity.Sum(l.total, r.total)
		if err := errors.Join(errs[:]...); err != nil {
			return err
		}
	}
	return nil
}

func (t *lotTotal) add(p *treatment.Point) error {
	sum, err := t.total.Add(p.Amount)
	if err != nil {
		return err
	}
	t.total = sum
	t.seqs = append(t.seqs, p.Seq)
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
	if len(seqs) == 1 {
		return "point " + strconv.Itoa(seqs[0])
	}
	seqs = slices.Clone(seqs)
	slices.Sort(seqs)
	out := []byte("points ")
	for i := 0; i < len(seqs); {
		j := i
		for j+1 < len(seqs) && seqs[j+1] <= seqs[j]+1 {
			j++
		}
		if i > 0 {
			out = append(out, ", "...)
		}
		out = strconv.AppendInt(out, int64(seqs[i]), 10)
		if last := seqs[j]; last == seqs[i]+1 {
			out = strconv.AppendInt(append(out, ", "...), int64(last), 10)
		} else if last > seqs[i] {
			out = strconv.AppendInt(append(out, "–"...), int64(last), 10)
		}
		i = j + 1
	}
	return string(out)
}

// spoken is the picture in words, for those who cannot see it.
func (c chart) spoken() string {
	if len(c.layers) == 0 {
		return "No points."
	}
	var b strings.Builder
	say := func(parts ...string) {
		for _, p := range parts {
			b.WriteString(p)
		}
	}
	for i, l := range c.layers {
		if i > 0 {
			say(" ")
		}
		say(c.productName(l.product), ": ", points(len(l.points)), ", ", amount(l.total), ".")
		for _, r := range l.regions {
			say(" ", r.name, " ", amount(r.total), " (", bySide(r.right, r.middle, r.left), ").")
		}
		for _, lot := range l.lots {
			say(" ", c.lotName(lot.lot), ": ", amount(lot.total), ", ", ranges(lot.seqs), ".")
		}
		if len(l.unconfirmed.seqs) > 0 {
			say(" Not confirmed: ", amount(l.unconfirmed.total), ", ", ranges(l.unconfirmed.seqs), ".")
		}
	}
	return b.String()
}

func points(n int) string {
	if n == 1 {
		return "1 point"
	}
	return strconv.Itoa(n) + " points"
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
