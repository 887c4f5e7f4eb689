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

// symbol adds the symbol of the i-th product, with a number on it, and a title
// that browsers show under the pointer.
func (c *canvas) symbol(i int, x, y float64, number, title string) {
	fill := i % len(fills)
	c.write(`<g class="gim-symbol gim-f`).write(strconv.Itoa(fill)).write(`">`)
	if title != "" {
		c.write("<title>").text(title).write("</title>")
	}
	shapes[i%len(shapes)](c, x, y)
	if number != "" {
		drop := 3.4
		if i%len(shapes) == triangleShape {
			drop = 5
		}
		c.label("gim-n"+strconv.Itoa(fill), x, y+drop, number)
	}
	c.write("</g>")
}

// The symbols cover about the same area each. Five shapes and six colours give
// thirty products a symbol of their own.
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

// rule adds a straight line across.
func (c *canvas) rule(x, y, end float64) {
	c.write(`<path class="gim-rule" d="M`).num(x).write(" ").num(y).write("H").num(end).write(`"/>`)
}
