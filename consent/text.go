package consent

import (
	"strconv"
	"strings"
	"sync"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Text returns the form's text in the language as plain text, and false if the
// form has no text in it; see [Form.Content].
func (f Form) Text(lang string) (string, bool) {
	c, ok := f.Content(lang)
	if !ok {
		return "", false
	}
	return c.Text(), true
}

// Text returns the title, the body and the sections as plain text: without the
// marks of headings and emphasis, each paragraph on one line, lists with their
// bullets or numbers, and an empty line between blocks.
func (c Content) Text() string {
	out := strings.TrimSpace(c.Title) + "\n\n" + plainText(c.Body)
	for _, s := range c.Sections {
		out += "\n\n" + strings.TrimSpace(s.Title) + "\n\n" + plainText(s.Body)
	}
	return out
}

// markdown reads the subset of CommonMark that [Content] allows. What is not of
// the subset is text: code, quotes, links, images, HTML, entities, underscores.
var markdown = sync.OnceValue(func() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(shallow{parser.NewListParser()}, 100),
			util.Prioritized(parser.NewListItemParser(), 200),
			util.Prioritized(parser.NewATXHeadingParser(), 300),
			util.Prioritized(indented{parser.NewParagraphParser()}, 400),
		),
		parser.WithInlineParsers(util.Prioritized(asterisks{parser.NewEmphasisParser()}, 100)),
	)
})

// shallow keeps lists from standing more than maxDepth deep in each other: the
// marks of deeper ones are text. No form needs them, and the time that the parser
// takes grows with the square of the depth.
type shallow struct{ parser.BlockParser }

const maxDepth = 6

// Open begins a list unless it would stand too deep.
func (p shallow) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	depth := 0
	for n := parent; n != nil; n = n.Parent() {
		if n.Kind() == ast.KindList {
			depth++
		}
	}
	if depth >= maxDepth {
		return nil, parser.NoChildren
	}
	return p.BlockParser.Open(parent, reader, pc)
}

// indented lets a paragraph begin with an indented line, which CommonMark reads
// as code.
type indented struct{ parser.BlockParser }

// CanAcceptIndentedLine reports true.
func (indented) CanAcceptIndentedLine() bool { return true }

// asterisks keeps underscores, which forms use as blanks to fill in, from being
// marks of emphasis.
type asterisks struct{ parser.InlineParser }

// Trigger returns the only mark of emphasis.
func (asterisks) Trigger() []byte { return []byte{'*'} }

// parse returns the syntax tree of a body and the source that it points into.
func parse(body string) (ast.Node, []byte) {
	source := []byte(strings.ReplaceAll(strings.ReplaceAll(body, "\r\n", "\n"), "\x00", "\uFFFD"))
	return markdown().Parse(text.NewReader(source)), source
}

func plainText(body string) string {
	root, source := parse(body)
	return plainBlocks(root, source)
}

// plainBlocks returns the blocks below a node that say something. Lists that
// follow each other closely, and the items of one, are not set apart.
func plainBlocks(parent ast.Node, source []byte) string {
	var out strings.Builder
	var before ast.Node
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		list, isList := n.(*ast.List)
		var block string
		if isList {
			block = plainList(list, source)
		} else {
			block = plainInline(n, source)
		}
		if block == "" {
			continue
		}
		switch {
		case before == nil:
		case isList && (before.Kind() == ast.KindList || parent.Kind() == ast.KindListItem):
			out.WriteString("\n")
		default:
			out.WriteString("\n\n")
		}
		out.WriteString(block)
		before = n
	}
	return out.String()
}

func plainList(list *ast.List, source []byte) string {
	var items []string
	number := list.Start
	for n := list.FirstChild(); n != nil; n = n.NextSibling() {
		mark := "-"
		if list.IsOrdered() {
			mark = strconv.Itoa(number) + string(list.Marker)
			number++
		}
		indent := "\n" + strings.Repeat(" ", len(mark)+1)
		item := mark + " " + strings.ReplaceAll(plainBlocks(n, source), "\n", indent)
		lines := strings.Split(item, "\n")
		for i, line := range lines {
			lines[i] = strings.TrimRight(line, " ")
		}
		items = append(items, strings.Join(lines, "\n"))
	}
	return strings.Join(items, "\n")
}

// plainInline returns the text of a block without the marks of emphasis and the
// backslashes that keep a mark from being one.
func plainInline(block ast.Node, source []byte) string {
	var out strings.Builder
	inlines(block, source, func(s string) { out.WriteString(s) }, func(int, bool) {})
	return strings.TrimSpace(out.String())
}

// inlines walks what a block says: its runs of text, and where emphasis of a
// level, 1 or 2, begins and ends.
func inlines(parent ast.Node, source []byte, run func(string), emphasis func(level int, begins bool)) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Emphasis:
			emphasis(n.Level, true)
			inlines(n, source, run, emphasis)
			emphasis(n.Level, false)
		case *ast.Text:
			run(unescape(string(n.Segment.Value(source))))
			if n.SoftLineBreak() || n.HardLineBreak() {
				run(" ")
			}
		default:
			// The parsers of the subset make no other nodes; should one appear, its
			// text is kept.
			inlines(n, source, run, emphasis)
		}
	}
}

// unescape drops the backslashes before ASCII punctuation.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && util.IsPunct(s[i+1]) {
			i++
		}
		out.WriteByte(s[i])
	}
	return out.String()
}
