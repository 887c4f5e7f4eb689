package encounter

import (
	"slices"
	"strconv"
	"strings"

	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

// Measures of the picture of a comparison.
const (
	halfWidth     = 520.0
	halvesWidth   = 3*margin + 2*halfWidth
	captionHeight = 30.0
	rightHalf     = margin + halfWidth + margin // where it begins
)

// CompareMaps draws the points of two visits side by side on a diagram as one SVG
// picture, with a table of the totals by region. Points of other diagrams are left
// out. What counts as the same point is said at [Delta].
//
// Points that are as they were are pale. Of the others, a new one has ticks around
// it and the label "+ 4 U"; one that was left out is hollow, with ticks at its
// corners and the label "− 4 U"; one of another amount or product is ringed and
// labelled "4 → 6 U" or "≠ 10 U"; and a line leads to a point from where it was. So
// the picture is read without seeing colours. Amounts of different products are
// never subtracted.
//
// In all else it is like the picture of [InjectionMap], and it refuses the same.
func CompareMaps(d treatment.Diagram, before, after []treatment.Record, o *MapOptions) ([]byte, error) {
	picture, err := newChart(d, o, halfWidth)
	if err != nil {
		return nil, err
	}
	c := comparison{chart: picture}
	var points [2][]MapPoint
	for i, visit := range [...]struct {
		kind    string
		records []treatment.Record
	}{{"records before", before}, {"records after", after}} {
		layers, err := layersOf(d, visit.records, visit.kind)
		if err != nil {
			return nil, err
		}
		for _, l := range layers {
			if c.product(l.product) < 0 {
				c.layers = append(c.layers, layer{product: l.product})
			}
		}
		points[i] = slices.DeleteFunc(placed(visit.records), func(p MapPoint) bool { return p.Diagram != d.Code || p.DiagramVersion != d.Version })
	}
	c.pairing = compare(points[0], points[1])
	c.delta = c.pairing.delta()
	return c.render(), nil
}

// comparison is a picture of two visits in the making. The layers of its chart
// name the products and have no points.
type comparison struct {
	chart
	pairing
	delta MapDelta
}

// product returns the index of a product's layer, or −1.
func (c comparison) product(code string) int {
	return slices.IndexFunc(c.layers, func(l layer) bool { return l.product == code })
}

func (c comparison) render() []byte {
	top := headHeight + captionHeight
	foot := &canvas{buf: make([]byte, 0, 8192)}
	y := top + c.height + margin
	bottom := max(c.table(foot, margin, y, halfWidth), c.key(foot, rightHalf, y))
	out := &canvas{buf: make([]byte, 0, 8192+2*len(c.diagram.Art)+len(foot.buf)+400*(len(c.before)+len(c.after)))}
	c.head(out, halvesWidth, bottom+margin, c.spoken(), true)
	captions := c.captions()
	for i, dots := range [...][]dot{c.dotsBefore(), c.dotsAfter()} {
		x := margin + float64(i)*(halfWidth+margin)
		out.label("gim-name gim-mid", x+halfWidth/2, headHeight+18, fit(captions[i], halfWidth, 15*boldWidth))
		out.write(`<g transform="translate(`).num(x).write(" ").num(top).write(`)">`)
		c.art(out)
		c.drawDots(out, dots)
		out.write("</g>")
	}
	out.buf = append(out.buf, foot.buf...)
	out.write("</svg>\n")
	return out.buf
}

func (c comparison) captions() [2]string {
	out := [2]string{"Before", "Now"}
	if c.options.Before != "" {
		out[0] = c.options.Before
	}
	if c.options.After != "" {
		out[1] = c.options.After
	}
	return out
}

// dot returns a point without its label.
func (c comparison) dot(p *MapPoint) dot {
	d := dot{point: &p.Point, product: c.product(p.Product), region: regionName(c.diagram, p.Point.Region), amount: amount(p.Point.Amount)}
	if d.point.Unconfirmed {
		d.class, d.said = " gim-open", ", not confirmed"
	}
	return d
}

// still makes a point that is as it was a quiet one.
func (c comparison) still(d *dot) {
	d.class, d.quiet = " gim-still"+d.class, true
	c.at(d, d.amount, 1)
}

func (c comparison) dotsBefore() []dot {
	dots := make([]dot, len(c.before))
	for i := range c.before {
		d := c.dot(&c.before[i])
		if j := c.toAfter[i]; j < 0 {
			d.class, d.mark, d.said = " gim-gone"+d.class, cross, d.said+", not at the later visit"
			c.at(&d, "− "+d.amount, boldWidth)
		} else if c.changes[j].IsMove() || c.changes[j].IsChange() {
			c.at(&d, d.amount, boldWidth)
		} else {
			c.still(&d)
		}
		dots[i] = d
	}
	place(dots, c.width, c.height)
	return dots
}

func (c comparison) dotsAfter() []dot {
	dots := make([]dot, len(c.after))
	for j := range c.after {
		d := c.dot(&c.after[j])
		if c.toBefore[j] < 0 {
			d.mark, d.said = plus, d.said+", new"
			c.at(&d, "+ "+d.amount, boldWidth)
			dots[j] = d
			continue
		}
		change := c.changes[j]
		was, text := change.Before.Point, d.amount
		if change.IsChange() {
			d.mark = ringed
			d.said += ", before " + amount(was.Amount)
			text = arrow(was.Amount, d.point.Amount)
			if !change.SameProduct() {
				d.said += " of another product"
				text = "≠ " + d.amount
			}
		}
		if change.IsMove() {
			d.trailing, d.oldX, d.oldY = true, was.X*c.width, was.Y*c.height
			d.said += ", moved"
			text = "moved " + text
		}
		if change.IsMove() || change.IsChange() {
			c.at(&d, text, boldWidth)
		} else {
			c.still(&d)
		}
		dots[j] = d
	}
	place(dots, c.width, c.height)
	return dots
}

// arrow writes how an amount changed, with the unit once if it is the same.
func arrow(was, is quantity.Quantity) string {
	if was.Unit() == is.Unit() {
		return was.Value().String() + " → " + amount(is)
	}
	return amount(was) + " → " + amount(is)
}

// signed writes a difference.
func signed(q quantity.Quantity) string {
	switch q.Sign() {
	case 1:
		return "+" + amount(q)
	case -1:
		return "−" + amount(q.Neg())
	}
	return amount(q)
}

// table draws the totals, and returns where it ends.
func (c comparison) table(out *canvas, x, y, width float64) float64 {
	columns := [3]float64{x + width - 240, x + width - 110, x + width}
	cells := func(class string, r RegionDelta) {
		for k, text := range [...]string{amount(r.Before), amount(r.After), signed(r.Difference)} {
			out.label(class, columns[k], y, text)
		}
	}
	captions := c.captions()
	for k, head := range [...]string{captions[0], captions[1], "Difference"} {
		out.label("gim-small gim-quiet gim-end", columns[k], y, fit(head, 120, 11.5))
	}
	out.label("gim-small gim-quiet", x, y, "Region")
	out.rule(x, y+6, x+width)
	y += rowHeight + 5
	if len(c.before)+len(c.after) == 0 {
		out.label("gim-quiet", x, y, "No points.")
		y += rowHeight
	}
	for _, total := range c.delta.Products {
		i := c.product(total.Product)
		fill := c.options.Theme.fillOf(i)
		out.openSymbol(fill, "")
		out.closeSymbol(i, fill, x+10, y-5, "")
		out.label("gim-strong", x+28, y, fit(c.productName(total.Product), width-28-320, 13*boldWidth))
		cells("gim-strong gim-end", total)
		y += rowHeight + 1
		for _, r := range c.delta.Regions {
			if r.Product != total.Product || r.Before.Unit() != total.Before.Unit() {
				continue
			}
			out.label("", x+28, y, fit(regionName(c.diagram, r.Region), width-28-320, 13))
			cells("gim-end", r)
			y += rowHeight
		}
		y += 10
	}
	if len(c.delta.Products) > 1 {
		out.label("gim-small gim-quiet", x, y, "Amounts of different products are not comparable, and are not added up.")
		y += 15
	}
	return y
}

// key explains the marks that the picture has, with how many points have them,
// and returns where it ends.
func (c comparison) key(out *canvas, x, y float64) float64 {
	amounts, products := 0, 0
	for _, ch := range c.delta.Changed {
		if ch.SameProduct() {
			amounts++
		} else {
			products++
		}
	}
	open := 0
	for _, p := range slices.Concat(c.before, c.after) {
		if p.Point.Unconfirmed {
			open++
		}
	}
	out.label("gim-small gim-quiet", x, y, "What changed")
	out.rule(x, y+6, x+halfWidth)
	y += rowHeight + 9
	for _, row := range []struct {
		n     int
		class string
		mark  mark
		moved bool
		sign  string
		text  string
	}{
		{n: c.delta.Unchanged, class: " gim-still", text: "as before"},
		{n: len(c.delta.Added), mark: plus, sign: "+", text: "new"},
		{n: len(c.delta.Removed), class: " gim-gone", mark: cross, sign: "−", text: "left out"},
		{n: amounts, mark: ringed, sign: "→", text: "with another amount"},
		{n: products, mark: ringed, sign: "≠", text: "with another product, whose amounts are not comparable"},
		{n: len(c.delta.Moved), moved: true, sign: "moved", text: "moved, with a line from where they were"},
		{n: open, class: " gim-open", text: "taken over from an earlier visit, not confirmed"},
	} {
		if row.n == 0 {
			continue
		}
		at := x + 14
		if row.moved {
			at += 10
			out.line("gim-mark", x+4, y-5, at, y-5)
			out.write(`<circle class="gim-mark" cx="`).num(x + 4).write(`" cy="`).num(y - 5).write(`" r="3"/>`)
		}
		out.openSymbol(c.options.Theme.fillOf(0), row.class)
		out.closeSymbol(0, 0, at, y-5, "")
		out.mark(row.mark, at, y-5)
		out.label("gim-strong gim-mid", x+66, y, row.sign)
		out.label("", x+100, y, points(row.n)+" "+row.text)
		y += 30
	}
	out.label("gim-small gim-quiet", x, y, "R and L are the patient’s own right and left.")
	out.label("gim-small gim-quiet", x, y+15, "The drawing is schematic, not to scale.")
	return y + 15
}

// spoken is the comparison in words.
func (c comparison) spoken() string {
	if len(c.before)+len(c.after) == 0 {
		return "No points."
	}
	var b strings.Builder
	captions := c.captions()
	b.WriteString(captions[0] + ": " + points(len(c.before)) + ". " + captions[1] + ": " + points(len(c.after)) + ".")
	for _, part := range []struct {
		n    int
		text string
	}{{c.delta.Unchanged, "as before"}, {len(c.delta.Added), "new"}, {len(c.delta.Removed), "left out"}, {len(c.delta.Changed), "changed"}, {len(c.delta.Moved), "moved"}} {
		if part.n > 0 {
			b.WriteString(" " + strconv.Itoa(part.n) + " " + part.text + ".")
		}
	}
	said := func(r RegionDelta) string {
		return amount(r.Before) + " before, " + amount(r.After) + " now, difference " + signed(r.Difference) + "."
	}
	for _, total := range c.delta.Products {
		b.WriteString(" " + c.productName(total.Product) + ": " + said(total))
		for _, r := range c.delta.Regions {
			if r.Product == total.Product && r.Before.Unit() == total.Before.Unit() {
				b.WriteString(" " + regionName(c.diagram, r.Region) + " " + said(r))
			}
		}
	}
	return b.String()
}
