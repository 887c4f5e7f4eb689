package encounter

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// canvas is an SVG document in the making.
type canvas struct{ buf []byte }

// write adds markup.
func (c *canvas) write(s string) *canvas {
	c.buf = append(c.buf, s...)
	return c
}

// num adds a coordinate with at most one digit after the point.
func (c *canvas) num(v float64) *canvas {
	tenths := int64(math.Round(v * 10))
	if tenths < 0 {
		c.buf, tenths = append(c.buf, '-'), -tenths
	}
	c.buf = strconv.AppendInt(c.buf, tenths/10, 10)
	if tenths%10 != 0 {
		c.buf = append(c.buf, '.', byte('0'+tenths%10))
	}
	return c
}

// text adds text, escaped. Characters that XML does not have are replaced.
func (c *canvas) text(s string) *canvas {
	if plain(s) {
		return c.write(s)
	}
	from := 0
	for i := 0; i < len(s); {
		r, n := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		if as := escape(r, n); as != "" {
			c.buf = append(append(c.buf, s[from:i]...), as...)
			from = i + n
		}
		i += n
	}
	c.buf = append(c.buf, s[from:]...)
	return c
}

// plain reports whether a text is printable ASCII that needs no escape.
func plain(s string) bool {
	for i := range len(s) {
		switch b := s[i]; {
		case b < ' ', b > '~', b == '<', b == '>', b == '&', b == '"', b == '\'':
			return false
		}
	}
	return true
}

// escape returns what stands for a character of n bytes, or "" for itself.
// Characters that turn the direction of the text around them are replaced, because
// with them a text can be made to read as something else.
func escape(r rune, n int) string {
	const replacement = "\ufffd"
	switch {
	case r == '<':
		return "&lt;"
	case r == '>':
		return "&gt;"
	case r == '&':
		return "&amp;"
	case r == '"':
		return "&#34;"
	case r == '\'':
		return "&#39;"
	case r == '\t', r == '\n', r == '\r':
		return " "
	case r < ' ', r == utf8.RuneError && n == 1, r == '\ufffe', r == '\uffff':
		return replacement
	case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
		return replacement
	}
	return ""
}

// label adds a text at a place.
func (c *canvas) label(class string, x, y float64, s string) {
	c.write("<text")
	if class != "" {
		c.write(` class="`).write(class).write(`"`)
	}
	c.write(` x="`).num(x).write(`" y="`).num(y).write(`">`).text(s).write("</text>")
}

// openSymbol starts the symbol of a product. What it is called may come next.
func (c *canvas) openSymbol(fill int, class string) {
	c.write(`<g class="gim-symbol gim-f`).write(strconv.Itoa(fill)).write(class).write(`">`)
}

// closeSymbol draws the symbol of the i-th product, with a number on it.
func (c *canvas) closeSymbol(i, fill int, x, y float64, number string) {
	shapes[i%len(shapes)](c, x, y)
	if number != "" {
		drop := 3.4
		if i%len(shapes) == triangleShape {
			drop = 5
		}
		c.write(`<text class="gim-n`).write(strconv.Itoa(fill)).write(`" x="`).num(x).write(`" y="`).num(y + drop).write(`">`).write(number).write("</text>")
	}
	c.write("</g>")
}

// mark adds what a comparison draws around a symbol.
func (c *canvas) mark(m mark, x, y float64) {
	switch m {
	case plus:
		c.write(`<path class="gim-mark" d="M`).num(x - markReach).write(" ").num(y).write("h4.5m18 0h4.5m-13.5 -13.5v4.5m0 18v4.5").write(`"/>`)
	case cross:
		c.write(`<path class="gim-mark" d="M`).num(x - 11.5).write(" ").num(y - 11.5).write("l6 6m11 11l6 6m0 -23l-6 6m-11 11l-6 6").write(`"/>`)
	case ringed:
		c.write(`<circle class="gim-mark" cx="`).num(x).write(`" cy="`).num(y).write(`" r="12.5"/>`)
	}
}

// The symbols cover about the same area each.
const triangleShape = 3

func (c *canvas) circle(x, y float64) {
	c.write(`<circle cx="`).num(x).write(`" cy="`).num(y).write(`" r="`).num(symbolRadius).write(`"/>`)
}

func (c *canvas) square(x, y float64) { c.path(x-7.2, y-7.2, "h14.4v14.4h-14.4z") }

func (c *canvas) diamond(x, y float64) { c.path(x, y-10, "l10 10l-10 10l-10 -10z") }

func (c *canvas) triangle(x, y float64) { c.path(x, y-10.4, "l10.6 17.6h-21.2z") }

func (c *canvas) hexagon(x, y float64) { c.path(x, y-9, "l7.8 4.5v9l-7.8 4.5l-7.8 -4.5v-9z") }

func (c *canvas) path(x, y float64, rest string) {
	c.write(`<path d="M`).num(x).write(" ").num(y).write(rest).write(`"/>`)
}

// line adds a straight line.
func (c *canvas) line(class string, x1, y1, x2, y2 float64) {
	c.write(`<path class="`).write(class).write(`" d="M`).num(x1).write(" ").num(y1).write("L").num(x2).write(" ").num(y2).write(`"/>`)
}

// rule adds a straight line across.
func (c *canvas) rule(x, y, end float64) {
	c.write(`<path class="gim-rule" d="M`).num(x).write(" ").num(y).write("H").num(end).write(`"/>`)
}
