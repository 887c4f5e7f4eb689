package encounter

import (
	"bytes"
	"encoding/xml"
	"math"
	"strconv"
	"strings"
)

// canvas is an SVG document in the making.
type canvas struct{ buf []byte }

// write adds markup.
func (c *canvas) write(s string) *canvas {
	c.buf = append(c.buf, s...)
	return c
}

// undirected replaces the characters that turn the direction of the text around
// them, with which a text can be made to read as something else.
func undirected(r rune) rune {
	if r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
		return '\ufffd'
	}
	return r
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
	out := bytes.NewBuffer(c.buf)
	_ = xml.EscapeText(out, []byte(strings.Map(undirected, s))) // a bytes.Buffer takes all writes
	c.buf = out.Bytes()
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
