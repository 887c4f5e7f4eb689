package encounter

import (
	"math"
	"strings"

	"github.com/glabella-ehr/glabella/quantity"
)

// legend draws what the symbols mean, with lots and totals, and returns where it
// ends.
func (c chart) legend(out *canvas, x, y float64) float64 {
	columns := [4]float64{x + panelWidth - 162, x + panelWidth - 118, x + panelWidth - 74, x + panelWidth}
	if len(c.layers) == 0 {
		out.label("gim-quiet", x, y, "No points.")
		y += rowHeight
	}
	open := false
	for i, l := range c.layers {
		fill := c.options.Theme.fillOf(i)
		out.openSymbol(fill, "")
		out.closeSymbol(i, fill, x+10, y-5, "")
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
		if seqs := l.unconfirmed.seqs; len(seqs) > 0 {
			open = true
			out.label("gim-strong", x+28, y, fit("Not confirmed: "+amount(l.unconfirmed.total)+", "+ranges(seqs), panelWidth-28, 13*boldWidth))
			y += rowHeight - 2
		}
		y += 6
		for k, head := range [...]string{"R", "Mid", "L", "Total"} {
			out.label("gim-small gim-quiet gim-end", columns[k], y, head)
		}
		out.label("gim-small gim-quiet", x, y, "Region")
		out.rule(x, y+6, x+panelWidth)
		y += rowHeight + 3
		for _, r := range l.regions {
			out.label("", x, y, fit(r.name, panelWidth-192, 13))
			for k, part := range [...]string{cell(r.right), cell(r.middle), cell(r.left)} {
				out.label("gim-end", columns[k], y, part)
			}
			out.label("gim-end", columns[3], y, amount(r.total))
			y += rowHeight
		}
		y += rowHeight
	}
	if open {
		y = c.openLegend(out, x, y)
	}
	out.label("gim-small gim-quiet", x, y, "R and L are the patient’s own right and left.")
	out.label("gim-small gim-quiet", x, y+15, "The drawing is schematic, not to scale.")
	return y + 15
}

// openLegend explains the symbols of points that nobody has confirmed.
func (c chart) openLegend(out *canvas, x, y float64) float64 {
	out.openSymbol(0, " gim-open")
	out.closeSymbol(0, 0, x+10, y-4, "")
	out.label("", x+28, y, "Taken over from an earlier visit, not confirmed")
	return y + rowHeight + 4
}

// cell is a number of the table, whose unit stands with the total.
func cell(q quantity.Quantity) string {
	if q.IsZero() {
		return ""
	}
	return q.Value().String()
}

// textWidth estimates the width of a text in a sans-serif face. It errs on the
// wide side.
func textWidth(s string, size float64) float64 {
	units := 0.0
	for _, r := range s {
		switch {
		case strings.ContainsRune(" .,:;'|!ilj()", r):
			units += 0.32
		case strings.ContainsRune("mwMW%@—+−→≠", r), r > 0x2e7f:
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
