package encounter

import (
	"fmt"
	"slices"
	"strconv"
)

// Theme says for what ground a picture is coloured.
type Theme string

// The themes of pictures.
const (
	// ThemeAuto is dark on screens of people who prefer that, and light on all
	// others and on paper.
	ThemeAuto Theme = "auto"
	// ThemeLight is light everywhere.
	ThemeLight Theme = "light"
	// ThemeDark is dark everywhere but on paper.
	ThemeDark Theme = "dark"
	// ThemePrint is black on white: only where a diagram's own drawing is shaded is
	// it grey. Products differ by shape, then by how the shape is filled and
	// outlined, so that fifteen are told apart.
	ThemePrint Theme = "print"
)

// Themes returns every theme.
func Themes() []Theme { return []Theme{ThemeAuto, ThemeLight, ThemeDark, ThemePrint} }

// Valid reports whether t is one of [Themes].
func (t Theme) Valid() bool { return slices.Contains(Themes(), t) }

// palette is the colours of everything but the symbols.
type palette struct{ ground, ink, quiet, art, rule string }

var (
	light = palette{ground: "#fff", ink: "#1c2530", quiet: "#56616e", art: "#6b5a50", rule: "#d6dbe1"}
	dark  = palette{ground: "#14181d", ink: "#e9edf2", quiet: "#a5b0bd", art: "#b5a497", rule: "#39434e"}
	black = palette{ground: "#fff", ink: "#000", quiet: "#000", art: "#000", rule: "#000"}
)

// symbolFill is how a symbol is filled and outlined, and the colour of a number
// that is read on it.
type symbolFill struct{ fill, outline, number string }

var (
	// The colours are of the palette of Okabe and Ito, which people tell apart with
	// any kind of colour vision.
	colours = []symbolFill{
		{fill: "#0072b2", number: "#fff"}, {fill: "#d55e00", number: "#000"}, {fill: "#009e73", number: "#000"},
		{fill: "#cc79a7", number: "#000"}, {fill: "#e69f00", number: "#000"}, {fill: "#56b4e9", number: "#000"},
	}
	blacks = []symbolFill{
		{fill: "#000", number: "#fff"}, {fill: "#fff", outline: ";stroke:#000", number: "#000"}, {fill: "#fff", outline: ";stroke:#000;stroke-width:3.5px", number: "#000"},
	}
	shapes = []func(c *canvas, x, y float64){(*canvas).circle, (*canvas).square, (*canvas).diamond, (*canvas).triangle, (*canvas).hexagon}
)

// fillOf returns which filling the symbol of the i-th product has. On screen, five
// shapes and six colours give thirty products a symbol of their own.
func (t Theme) fillOf(i int) int {
	if t == ThemePrint {
		return i / len(shapes) % len(blacks)
	}
	return i % len(colours)
}

// ground writes the colours of all that is not a symbol's. Selectors start with the
// theme, because pictures that stand within one page share its styles.
func (t Theme) ground(out *canvas, p palette) {
	root := ".gim-" + string(t)
	for _, rule := range [...][3]string{
		{" .gim-ground", "fill:", p.ground}, {" .gim-art", "color:", p.art}, {" text", "fill:", p.ink}, {" .gim-quiet", "fill:", p.quiet},
		{" .gim-rule", "stroke:", p.rule}, {" .gim-line", "stroke:", p.quiet}, {" .gim-symbol", "stroke:", p.ground}, {" .gim-amount", "stroke:", p.ground},
	} {
		out.write(root).write(rule[0]).write("{").write(rule[1]).write(rule[2]).write("}")
	}
}

// fills writes the fillings of the symbols of n products.
func (t Theme) fills(out *canvas, n int) {
	root, all := ".gim-"+string(t), colours
	if t == ThemePrint {
		n, all = (n+len(shapes)-1)/len(shapes), blacks
	}
	for i := range min(n, len(all)) {
		digit := strconv.Itoa(i)
		out.write(root).write(" .gim-f").write(digit).write("{fill:").write(all[i].fill).write(all[i].outline).write("}")
		out.write(root).write(" .gim-n").write(digit).write("{fill:").write(all[i].number).write("}")
	}
}

// states writes what sets symbols apart that are not plainly given: those that
// nobody has confirmed, and in a comparison those that are as before or were left
// out, with the marks around symbols.
func (t Theme) states(out *canvas, p palette, n int, compared bool) {
	root := ".gim-" + string(t)
	if compared {
		for i := range min(n, len(colours)) {
			pale := p.ground
			if t != ThemePrint {
				pale = mix(colours[i].fill, p.ground)
			}
			out.write(root).write(" .gim-still.gim-f").write(strconv.Itoa(i)).write("{fill:").write(pale).write(";stroke:").write(p.quiet).write(";stroke-width:1px}")
		}
		out.write(root).write(" .gim-still text{fill:").write(p.ink).write(";font-weight:400}")
		out.write(root).write(" .gim-gone{fill:").write(p.ground).write(";stroke:").write(p.ink).write("}")
		out.write(root).write(" .gim-gone text{fill:").write(p.ink).write("}")
		out.write(root).write(" .gim-mark{stroke:").write(p.ink).write("}")
	}
	out.write(root).write(" .gim-symbol.gim-open{fill:").write(p.ground).write(";stroke:").write(p.ink).write(";stroke-width:1.5px}")
	out.write(root).write(" .gim-open text{fill:").write(p.ink).write("}")
}

// mix returns a quarter of a colour in three quarters of the ground. It covers the
// drawing, which a transparent colour would not.
func mix(colour, ground string) string {
	if len(ground) == 4 {
		ground = string([]byte{'#', ground[1], ground[1], ground[2], ground[2], ground[3], ground[3]})
	}
	out := []byte("#")
	for i := 1; i < 7; i += 2 {
		a, _ := strconv.ParseUint(colour[i:i+2], 16, 8) // palettes hold nothing but hexadecimal digits
		b, _ := strconv.ParseUint(ground[i:i+2], 16, 8)
		out = fmt.Appendf(out, "%02x", (a+3*b)/4)
	}
	return string(out)
}

// stylesheet writes the styles of a picture.
func (c chart) stylesheet(out *canvas, compared bool) {
	t, p := c.options.Theme, light
	switch t {
	case ThemeDark:
		p = dark
	case ThemePrint:
		p = black
	}
	out.write(".gim text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;font-size:13px}")
	out.write(".gim .gim-title{font-size:21px;font-weight:600}.gim .gim-name{font-size:15px;font-weight:600}.gim .gim-side{font-size:22px;font-weight:600}")
	out.write(".gim .gim-amount{font-size:").write(strconv.FormatFloat(labelSize, 'f', -1, 64)).write("px;font-weight:600;stroke-width:3px;stroke-linejoin:round;paint-order:stroke}")
	out.write(".gim .gim-small{font-size:11.5px}.gim .gim-mid{text-anchor:middle}.gim .gim-end{text-anchor:end}.gim-symbol{stroke-width:1.5px}.gim-line{stroke-width:1px}.gim-rule{stroke-width:1px}")
	out.write(".gim .gim-symbol text{stroke:none;font-size:9.5px;font-weight:700;text-anchor:middle}.gim-open{stroke-dasharray:3 2}.gim-mark{fill:none;stroke-width:2px}.gim .gim-strong{font-weight:600}.gim .gim-pale{font-size:11.5px;font-weight:400}")
	t.ground(out, p)
	t.fills(out, len(c.layers))
	t.states(out, p, len(c.layers), compared)
	switch t {
	case ThemeAuto:
		out.write("@media screen and (prefers-color-scheme:dark){")
		t.ground(out, dark)
		t.states(out, dark, len(c.layers), compared)
		out.write("}")
	case ThemeDark:
		out.write("@media print{")
		t.ground(out, light)
		t.states(out, light, len(c.layers), compared)
		out.write("}")
	}
	out.write("@media print{.gim{print-color-adjust:exact;-webkit-print-color-adjust:exact}}")
}
