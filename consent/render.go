package consent

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// Format is a way in which a text is shown.
type Format string

// The formats.
const (
	FormatText Format = "text"
	FormatHTML Format = "html"
)

// Formats returns every format.
func Formats() []Format { return []Format{FormatText, FormatHTML} }

// Valid reports whether f is one of [Formats].
func (f Format) Valid() bool { return f == FormatText || f == FormatHTML }

// HTML returns the form's text in the language as HTML, and false if the form
// has no text in it; see [Form.Content].
func (f Form) HTML(lang string) (string, bool) {
	c, ok := f.Content(lang)
	if !ok {
		return "", false
	}
	return c.HTML(), true
}

// HTML returns the title, the body and the sections as an article element that
// is safe to put into a page: of elements it has article, section, h1 to h6, p,
// ol, ul, li, strong and em only, and of attributes lang on the article, data-key
// on a section and start on an ordered list. All else is escaped, HTML in the
// source included. The headings of the body are one level below the title, and
// those of a section two.
//
// Links and images are not part of the subset: what a patient signs is on the
// page, not behind an address that may change.
func (c Content) HTML() string {
	var b strings.Builder
	b.WriteString("<article")
	if c.Language != "" {
		b.WriteString(` lang="` + escaped(c.Language) + `"`)
	}
	b.WriteString(">\n<h1>" + escaped(strings.TrimSpace(c.Title)) + "</h1>\n")
	writeBody(&b, c.Body, 1)
	for _, s := range c.Sections {
		b.WriteString(`<section data-key="` + escaped(s.Key) + "\">\n<h2>" + escaped(strings.TrimSpace(s.Title)) + "</h2>\n")
		writeBody(&b, s.Body, 2)
		b.WriteString("</section>\n")
	}
	b.WriteString("</article>\n")
	return b.String()
}

// Shown returns the text in a format, as [Content.Text] and [Content.HTML] do,
// with the hex SHA-256 of its bytes: the value of [Consent].RenderedSHA256 for a
// host that shows these bytes. It reports false for a format that is none.
func (c Content) Shown(format Format) (shown, sha256 string, ok bool) {
	switch format {
	case FormatText:
		shown = c.Text()
	case FormatHTML:
		shown = c.HTML()
	default:
		return "", "", false
	}
	return shown, hashOf(shown), true
}

// RenderedAs returns the format in which this version of the library shows the
// text as bytes with the hash, and false if there is none. Bytes that another
// version showed, or a host that renders by itself, are not recognised; the hash
// of the source, [Content.Hash], binds a signature in any case.
func (c Content) RenderedAs(sha256 string) (Format, bool) {
	for _, format := range Formats() {
		if _, hash, _ := c.Shown(format); hash == sha256 {
			return format, true
		}
	}
	return "", false
}

func hashOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// escaped returns s as HTML text or an attribute in double quotes. It is valid
// UTF-8 without characters that HTML forbids.
func escaped(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n':
			return r
		case r < ' ' || r >= 0x7f && r < 0xa0 || r&0xfffe == 0xfffe:
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return html.EscapeString(s)
}

func writeBody(b *strings.Builder, body string, below int) {
	root, source := parse(body)
	writeBlocks(b, root, source, below)
}

// writeBlocks writes the blocks below a node. Nodes that the subset does not
// have are written as paragraphs.
func writeBlocks(b *strings.Builder, parent ast.Node, source []byte, below int) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Heading:
			if n.FirstChild() == nil {
				continue
			}
			writeElement(b, fmt.Sprintf("h%d", min(n.Level+below, 6)), n, source)
		case *ast.TextBlock:
			writeInline(b, n, source)
			b.WriteString("\n")
		case *ast.List:
			writeList(b, n, source, below)
		default:
			writeElement(b, "p", n, source)
		}
	}
}

func writeElement(b *strings.Builder, name string, n ast.Node, source []byte) {
	b.WriteString("<" + name + ">")
	writeInline(b, n, source)
	b.WriteString("</" + name + ">\n")
}

func writeList(b *strings.Builder, list *ast.List, source []byte, below int) {
	name := "ul"
	if list.IsOrdered() {
		name = "ol"
	}
	b.WriteString("<" + name)
	if list.IsOrdered() && list.Start != 1 {
		fmt.Fprintf(b, ` start="%d"`, list.Start)
	}
	b.WriteString(">\n")
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		b.WriteString("<li>")
		writeBlocks(b, item, source, below)
		b.WriteString("</li>\n")
	}
	b.WriteString("</" + name + ">\n")
}

func writeInline(b *strings.Builder, block ast.Node, source []byte) {
	inlines(block, source, func(s string) { b.WriteString(escaped(s)) }, func(level int, begins bool) {
		name := "em>"
		if level > 1 {
			name = "strong>"
		}
		if begins {
			b.WriteString("<" + name)
		} else {
			b.WriteString("</" + name)
		}
	})
}
