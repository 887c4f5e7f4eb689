package consent

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text returns the form's title and body in the language as plain text, and
// false if the form has no text in it; see [Form.Content].
func (f Form) Text(lang string) (string, bool) {
	c, ok := f.Content(lang)
	if !ok {
		return "", false
	}
	return c.Text(), true
}

// Text returns the title and the body as plain text: without the marks of
// headings and emphasis, each paragraph on one line, lists with their bullets or
// numbers, and an empty line between blocks.
func (c Content) Text() string {
	return strings.TrimSpace(c.Title) + "\n\n" + plainText(c.Body)
}

var (
	headingLine = regexp.MustCompile(`^#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?$`)
	itemLine    = regexp.MustCompile(`^([-*]|[0-9]{1,9}\.)[ \t]+(.*)$`)
)

type blockKind int

const (
	noBlock blockKind = iota
	paragraphBlock
	itemBlock
)

// plainText reads the subset of Markdown that [Content] allows.
func plainText(body string) string {
	var blocks []string
	open := noBlock // what a further line would continue
	list := false   // whether the last block is an item that another may follow closely
	var out strings.Builder
	flush := func() {
		if len(blocks) > 0 {
			out.WriteString(plainInline(strings.Join(blocks, " ")))
			blocks = blocks[:0]
		}
		open = noBlock
	}
	start := func(kind blockKind) {
		flush()
		switch {
		case out.Len() == 0:
		case kind == itemBlock && list:
			out.WriteString("\n")
		default:
			out.WriteString("\n\n")
		}
		open, list = kind, kind == itemBlock
	}
	for line := range strings.SplitSeq(strings.ReplaceAll(body, "\r\n", "\n"), "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			flush()
			continue
		}
		if m := headingLine.FindStringSubmatch(line); m != nil {
			start(paragraphBlock)
			blocks = append(blocks, m[1])
			flush()
			continue
		}
		if m := itemLine.FindStringSubmatch(line); m != nil {
			start(itemBlock)
			mark := m[1]
			if mark == "*" {
				mark = "-"
			}
			out.WriteString(mark + " ")
			line = m[2]
		} else if open == noBlock {
			start(paragraphBlock)
		}
		blocks = append(blocks, line)
	}
	flush()
	return out.String()
}

// delimiter is a run of one or two asterisks in a line.
type delimiter struct {
	at, width int
	drop      bool
}

// plainInline drops the asterisks that mark bold and italic text, and the
// backslashes that keep a mark from being one. An asterisk without its
// counterpart stays.
func plainInline(s string) string {
	var marks []delimiter
	var openers []int // indexes into marks
	var standing [3]int
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && isMark(s[i+1]):
			i++
			continue
		case s[i] != '*':
			continue
		}
		run := 1
		for run < 4 && i+run < len(s) && s[i+run] == '*' {
			run++
		}
		width := min(run, 2)
		if n := len(openers); run == 3 && n > 0 && marks[openers[n-1]].width == 1 {
			width = 1 // three asterisks end the inner span first
		}
		mark := delimiter{at: i, width: width}
		if standing[width] > 0 && !spaceBefore(s, i) {
			// The spans that are still open inside the one that ends here are not
			// spans.
			for {
				top := openers[len(openers)-1]
				openers = openers[:len(openers)-1]
				standing[marks[top].width]--
				if marks[top].width == width {
					marks[top].drop, mark.drop = true, true
					break
				}
			}
		}
		marks = append(marks, mark)
		if !mark.drop && !spaceAfter(s, i+width) {
			openers = append(openers, len(marks)-1)
			standing[width]++
		}
		i += width - 1
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if len(marks) > 0 && marks[0].at == i {
			mark := marks[0]
			marks = marks[1:]
			if !mark.drop {
				out.WriteString(s[i : i+mark.width])
			}
			i += mark.width - 1
			continue
		}
		if s[i] == '\\' && i+1 < len(s) && isMark(s[i+1]) {
			i++
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

func isMark(c byte) bool { return strings.IndexByte(`\*#-.`, c) >= 0 }

func spaceBefore(s string, i int) bool {
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	return i == 0 || unicode.IsSpace(r)
}

func spaceAfter(s string, i int) bool {
	r, _ := utf8.DecodeRuneInString(s[i:])
	return i == len(s) || unicode.IsSpace(r)
}
