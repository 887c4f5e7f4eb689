package encounter

import (
	"strconv"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/treatment"
)

// Measures of the picture, in its own units.
const (
	drawingWidth = 600.0
	margin       = 24.0
	panelWidth   = 340.0
	pictureWidth = margin + drawingWidth + margin + panelWidth + margin
	headHeight   = 62.0
	labelSize    = 12.5
	boldWidth    = 1.15 // how much wider the amounts are than plain text
	rowHeight    = 19.0
)

// chart is a picture in the making.
type chart struct {
	diagram       treatment.Diagram
	options       MapOptions
	layers        []layer
	scale         float64 // from the drawing's own coordinates
	width, height float64 // of the drawing on the picture
}

func (c chart) render() []byte {
	legend := &canvas{buf: make([]byte, 0, 6144)}
	bottom := c.legend(legend, margin+drawingWidth+margin, headHeight+margin)
	height := max(headHeight+c.height, bottom) + margin

	size := 5120 + len(c.diagram.Art) + len(legend.buf)
	for _, l := range c.layers {
		size += 384 * len(l.points)
	}
	out := &canvas{buf: make([]byte, 0, size)}
	c.head(out, pictureWidth, height, c.spoken(), false)
	out.write(`<g transform="translate(`).num(margin).write(" ").num(headHeight).write(`)">`)
	c.art(out)
	c.drawDots(out, c.dots())
	out.write("</g>")
	out.buf = append(out.buf, legend.buf...)
	out.write("</svg>\n")
	return out.buf
}

// head starts the picture: its size, its description, its styles and its heading.
func (c chart) head(out *canvas, width, height float64, spoken string, compared bool) {
	out.write(`<svg xmlns="http://www.w3.org/2000/svg" class="gim gim-`).write(string(c.options.Theme)).write(`" role="img" viewBox="0 0 `).num(width).write(" ").num(height).write(`">`)
	out.write("<title>").text(c.title()).write("</title><desc>").text(spoken).write("</desc><style>")
	c.stylesheet(out, compared)
	out.write(`</style><rect class="gim-ground" width="`).num(width).write(`" height="`).num(height).write(`"/>`)
	out.label("gim-title", margin, margin+18, fit(c.title(), width-2*margin, 21))
	out.rule(margin, headHeight-4, width-margin)
}

// art draws the diagram.
func (c chart) art(out *canvas) {
	out.write(`<g class="gim-art" transform="scale(`).write(strconv.FormatFloat(c.scale, 'f', -1, 64)).write(`)">`).write(c.diagram.Art).write("</g>")
	c.sides(out)
}

// sides marks the patient's sides. From the front, the patient's right is at the
// left of the picture, unless it is seen as in a mirror; from the back it is the
// other way round. A view of one side is named after it.
func (c chart) sides(out *canvas) {
	letters := map[glabella.Side][2]string{glabella.SideRight: {"R", "Patient’s right"}, glabella.SideLeft: {"L", "Patient’s left"}}
	y := c.height * 0.045
	if side, ok := c.diagram.View.Shows(); ok {
		out.label("gim-side", 4, y, letters[side][0])
		out.label("gim-small gim-quiet", 4, y+18, letters[side][1]+" side")
		return
	}
	near, far := letters[glabella.SideRight], letters[glabella.SideLeft]
	switch c.diagram.View {
	case treatment.ViewFront, treatment.ViewBack:
	default:
		return
	}
	if (c.diagram.View == treatment.ViewBack) != c.diagram.Mirrored {
		near, far = far, near
	}
	out.label("gim-side", 4, y, near[0])
	out.label("gim-small gim-quiet", 4, y+18, near[1])
	out.label("gim-side gim-end", c.width-4, y, far[0])
	out.label("gim-small gim-quiet gim-end", c.width-4, y+18, far[1])
}

// dot is a point on the picture.
type dot struct {
	marker
	point      *treatment.Point
	product    int    // the index of its layer
	region     string // its name
	amount     string
	text       string // of the label
	said       string // of the title, after the amount
	class      string // what sets the symbol apart, with a space before it
	quiet      bool   // whether the label is that of a point that is as it was
	mark       mark
	trailing   bool // whether a line leads to it from where it was
	oldX, oldY float64
}

// mark is what a comparison draws around a symbol.
type mark int

const (
	noMark mark = iota
	plus        // added
	cross       // removed
	ringed      // changed
)

// markReach is how far marks go from the middle of a symbol.
const markReach = 13.5

// at puts the dot's point and label where they belong on the picture.
func (c chart) at(d *dot, text string, bold float64) {
	d.text = text
	d.marker = marker{
		x: round(d.point.X * c.width), y: round(d.point.Y * c.height),
		w: textWidth(text, labelSize*bold)/2 + 2, h: labelSize * 0.52, reach: symbolReach,
	}
	if d.mark != noMark {
		d.reach = markReach
	}
}

// dots returns the points of all layers, with their labels in place.
func (c chart) dots() []dot {
	n := 0
	for _, l := range c.layers {
		n += len(l.points)
	}
	dots := make([]dot, 0, n)
	for i, l := range c.layers {
		for k, p := range l.points {
			d := dot{point: p, product: i, region: l.regions[l.where[k]].name, amount: l.amounts[k]}
			if p.Unconfirmed {
				d.class, d.said = " gim-open", ", not confirmed"
			}
			if k > 0 && l.amounts[k-1] == d.amount {
				last := dots[len(dots)-1].marker
				d.text, d.marker = d.amount, marker{x: round(p.X * c.width), y: round(p.Y * c.height), w: last.w, h: last.h, reach: last.reach}
			} else {
				c.at(&d, d.amount, boldWidth)
			}
			dots = append(dots, d)
		}
	}
	place(dots, c.width, c.height)
	return dots
}

// drawDots draws the lines first, then the symbols, then the labels, so that
// nothing to read is covered.
func (c chart) drawDots(out *canvas, dots []dot) {
	for i := range dots {
		d := &dots[i]
		if d.far {
			x, y := d.label.edge(d.x, d.y)
			out.line("gim-line", d.x, d.y, x, y)
		}
		if d.trailing {
			out.line("gim-mark", d.oldX, d.oldY, d.x, d.y)
			out.write(`<circle class="gim-mark" cx="`).num(d.oldX).write(`" cy="`).num(d.oldY).write(`" r="3"/>`)
		}
	}
	for i := range dots {
		d := &dots[i]
		fill := c.options.Theme.fillOf(d.product)
		number := strconv.Itoa(d.point.Seq)
		out.openSymbol(fill, d.class)
		out.write("<title>").write(number).write(": ").text(d.region).write(", ").text(string(d.point.Side)).write(", ").text(d.amount).write(d.said)
		sep := "; "
		for _, how := range [...]string{d.point.Depth, d.point.Technique, d.point.Device} {
			if how != "" {
				out.write(sep).text(words(how))
				sep = ", "
			}
		}
		out.write("</title>")
		out.closeSymbol(d.product, fill, d.x, d.y, number)
		out.mark(d.mark, d.x, d.y)
	}
	for i := range dots {
		d := &dots[i]
		class := "gim-amount gim-mid"
		if d.quiet {
			class = "gim-amount gim-pale gim-quiet gim-mid"
		}
		out.label(class, d.label.x, d.label.y+labelSize*0.36, d.text)
	}
}
