package encounter

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/glabella-ehr/glabella/quantity"
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

// symbolFill is a colour of the palette of Okabe and Ito, which people tell apart
// with any kind of colour vision, and the colour of a number that is read on it.
type symbolFill struct{ fill, number string }

var (
	fills  = []symbolFill{{"#0072b2", "#fff"}, {"#d55e00", "#000"}, {"#009e73", "#000"}, {"#cc79a7", "#000"}, {"#e69f00", "#000"}, {"#56b4e9", "#000"}}
	shapes = []func(c *canvas, x, y float64){(*canvas).circle, (*canvas).square, (*canvas).diamond, (*canvas).triangle, (*canvas).hexagon}
)

// theme is the colours of everything but the symbols.
type theme struct{ ground, ink, quiet, art, rule string }

var (
	light = theme{ground: "#fff", ink: "#1c2530", quiet: "#56616e", art: "#6b5a50", rule: "#d6dbe1"}
	dark  = theme{ground: "#14181d", ink: "#e9edf2", quiet: "#a5b0bd", art: "#b5a497", rule: "#39434e"}
)

func (t theme) css() string {
	return fmt.Sprintf(".gim-ground{fill:%s}.gim-art{color:%s}.gim text{fill:%s}.gim .gim-quiet{fill:%s}.gim-rule{stroke:%s}.gim-line{stroke:%s}.gim-symbol{stroke:%s}.gim .gim-amount{stroke:%s}",
		t.ground, t.art, t.ink, t.quiet, t.rule, t.quiet, t.ground, t.ground)
}

// stylesheet has names of its own, because a picture that stands within a page
// shares the page's styles. Colours for the dark are for screens only, so that
// paper stays white.
func (c chart) stylesheet() string {
	var b strings.Builder
	b.WriteString(".gim text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;font-size:13px}")
	b.WriteString(".gim .gim-title{font-size:21px;font-weight:600}.gim .gim-name{font-size:15px;font-weight:600}.gim .gim-side{font-size:22px;font-weight:600}")
	fmt.Fprintf(&b, ".gim .gim-amount{font-size:%vpx;font-weight:600;stroke-width:3px;stroke-linejoin:round;paint-order:stroke}", labelSize)
	b.WriteString(".gim .gim-small{font-size:11.5px}.gim .gim-mid{text-anchor:middle}.gim .gim-end{text-anchor:end}.gim-symbol{stroke-width:1.5px}.gim-line{stroke-width:1px}.gim-rule{stroke-width:1px}")
	b.WriteString(light.css())
	for i := range min(len(c.layers), len(fills)) {
		fmt.Fprintf(&b, ".gim-f%d{fill:%s}.gim .gim-n%d{fill:%s;stroke:none;font-size:9.5px;font-weight:700;text-anchor:middle}", i, fills[i].fill, i, fills[i].number)
	}
	b.WriteString("@media screen and (prefers-color-scheme:dark){" + dark.css() + "}")
	b.WriteString("@media print{.gim{print-color-adjust:exact;-webkit-print-color-adjust:exact}}")
	return b.String()
}

// chart is a picture in the making.
type chart struct {
	diagram treatment.Diagram
	options MapOptions
	layers  []layer
	scale   float64
}

func (c chart) render() []byte {
	drawingHeight := float64(c.diagram.Height) * c.scale
	legend := &canvas{}
	bottom := c.legend(legend, margin+drawingWidth+margin, headHeight+margin)
	height := max(headHeight+drawingHeight, bottom) + margin

	size := 4096 + len(c.diagram.Art) + len(legend.buf)
	for _, l := range c.layers {
		size += 384 * len(l.points)
	}
	out := &canvas{buf: make([]byte, 0, size)}
	out.write(`<svg xmlns="http://www.w3.org/2000/svg" class="gim" role="img" viewBox="0 0 `).num(pictureWidth).write(" ").num(height)
	out.write(`" width="`).num(pictureWidth).write(`" height="`).num(height).write(`">`)
	out.write("<title>").text(c.title()).write("</title><desc>").text(c.spoken()).write("</desc>")
	out.write("<style>").write(c.stylesheet()).write("</style>")
	out.write(`<rect class="gim-ground" width="`).num(pictureWidth).write(`" height="`).num(height).write(`"/>`)
	out.label("gim-title", margin, margin+18, fit(c.title(), pictureWidth-2*margin, 21))
	out.rule(margin, headHeight-4, pictureWidth-margin)
	out.write(`<g transform="translate(`).num(margin).write(" ").num(headHeight).write(`)">`)
	out.write(`<g class="gim-art" transform="scale(`).write(strconv.FormatFloat(c.scale, 'f', -1, 64)).write(`)">`).write(c.diagram.Art).write("</g>")
	c.sides(out, drawingHeight)
	c.drawPoints(out)
	out.write("</g>")
	out.buf = append(out.buf, legend.buf...)
	out.write("</svg>\n")
	return out.buf
}

// sides marks the patient's sides, which are those of the picture only if it is
// seen as in a mirror.
func (c chart) sides(out *canvas, height float64) {
	if c.diagram.View != treatment.ViewFront {
		return
	}
	near, far := [2]string{"R", "Patient’s right"}, [2]string{"L", "Patient’s left"}
	if c.diagram.Mirrored {
		near, far = far, near
	}
	y := height * 0.045
	out.label("gim-side", 4, y, near[0])
	out.label("gim-small gim-quiet", 4, y+18, near[1])
	out.label("gim-side gim-end", drawingWidth-4, y, far[0])
	out.label("gim-small gim-quiet gim-end", drawingWidth-4, y+18, far[1])
}

// drawPoints draws the lines first, then the symbols, then the labels, so that
// nothing to read is covered.
func (c chart) drawPoints(out *canvas) {
	layers := c.markers()
	for _, markers := range layers {
		for _, m := range markers {
			if m.far {
				out.write(`<path class="gim-line" d="M`).num(m.x).write(" ").num(m.y).write("L").num(m.label.x).write(" ").num(m.label.y).write(`"/>`)
			}
		}
	}
	for i, l := range c.layers {
		for k, m := range layers[i] {
			p := l.points[k]
			out.symbol(i, m.x, m.y, strconv.Itoa(p.Seq), strconv.Itoa(p.Seq)+": "+regionName(c.diagram, p.Region)+", "+string(p.Side)+", "+l.amounts[k])
		}
	}
	for i, l := range c.layers {
		for k, m := range layers[i] {
			out.label("gim-amount gim-mid", m.label.x, m.label.y+labelSize*0.36, l.amounts[k])
		}
	}
}

// legend draws what the symbols mean, with lots and totals, and returns where it
// ends.
func (c chart) legend(out *canvas, x, y float64) float64 {
	columns := [4]float64{x + panelWidth - 162, x + panelWidth - 118, x + panelWidth - 74, x + panelWidth}
	if len(c.layers) == 0 {
		out.label("gim-quiet", x, y, "No points.")
		y += rowHeight
	}
	for i, l := range c.layers {
		out.symbol(i, x+10, y-5, "", "")
		total := amount(l.total)
		out.label("gim-name", x+28, y, fit(c.productName(l.product), panelWidth-44-textWidth(total, 15), 15))
		out.label("gim-name gim-end", x+panelWidth, y, total)
		y += rowHeight + 2
		for _, lot := range l.lots {
			out.label("gim-quiet", x+28, y, fit(c.lotName(lot.lot), panelWidth-28, 13))
			y += rowHeight - 2
			if len(l.lots) > 1 {
				out.label("gim-quiet", x+28, y, fit(amount(lot.total)+", "+ranges(lot.seqs), panelWidth-28, 13))
				y += rowHeight - 2
			}
		}
		y += 6
		for k, head := range []string{"R", "Mid", "L", "Total"} {
			out.label("gim-small gim-quiet gim-end", columns[k], y, head)
		}
		out.label("gim-small gim-quiet", x, y, "Region")
		out.rule(x, y+6, x+panelWidth)
		y += rowHeight + 3
		for _, r := range l.regions {
			out.label("", x, y, fit(r.name, panelWidth-192, 13))
			for k, part := range []string{cell(r.right), cell(r.middle), cell(r.left)} {
				out.label("gim-end", columns[k], y, part)
			}
			out.label("gim-end", columns[3], y, amount(r.total))
			y += rowHeight
		}
		y += rowHeight
	}
	out.label("gim-small gim-quiet", x, y, "R and L are the patient’s own right and left.")
	out.label("gim-small gim-quiet", x, y+15, "The drawing is schematic, not to scale.")
	return y + 15
}

// cell is a number of the table, whose unit stands with the total.
func cell(q quantity.Quantity) string {
	if q.IsZero() {
		return ""
	}
	return q.Value().String()
}
