package patient

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/glabella-ehr/glabella"
)

// ReadCSV reads a file of comma-separated values (RFC 4180) row by row, as the
// layout says; its memory does not grow with the file. A row that is wrong comes
// with its issues, each with line and column, and the next ones are read all the
// same. An error ends the sequence: the layout or the header is wrong, the file
// has too many rows (each a [*glabella.ValidationError]), or the reader failed.
func ReadCSV(r io.Reader, l Layout, how Reading) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		how := how.limits()
		if err := l.Validate(); err != nil {
			yield(Row{}, err)
			return
		}
		f := &csvFile{layout: l, how: how, line: 1, r: l.Encoding.reader(r), delimiter: l.Delimiter[0], genders: map[string]Gender{}}
		for v, g := range l.Genders {
			f.genders[header(v)] = g
		}
		if err := f.header(); err != nil {
			yield(Row{}, err)
			return
		}
		for n := 1; ; {
			rec, err := f.next()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(Row{}, fmt.Errorf("read row %d: %w", n, err))
				return
			}
			if len(rec.cells) == 1 && rec.cells[0].text == "" && len(rec.issues) == 0 {
				continue
			}
			if n > how.MaxRows {
				yield(Row{}, glabella.Invalid(l.Name, glabella.Issue{Code: CodeImportRows, Text: "more rows than the limit", Line: rec.line, Column: 1}))
				return
			}
			if !yield(f.row(n, rec), nil) {
				return
			}
			n++
		}
	}
}

func (e Encoding) reader(r io.Reader) io.Reader {
	var enc encoding.Encoding
	switch e {
	case UTF16:
		enc = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case Windows1252:
		enc = charmap.Windows1252
	case Latin1:
		enc = charmap.ISO8859_1
	case Macintosh:
		enc = charmap.Macintosh
	default:
		return r
	}
	return enc.NewDecoder().Reader(r)
}

// cell is one value and where it begins.
type cell struct {
	text         string
	line, column int
}

// csvRecord is one row of a file as it is divided into cells.
type csvRecord struct {
	line   int
	cells  []cell
	issues []glabella.Issue
}

type csvFile struct {
	fields   []ColumnField
	values   map[ColumnField]string // of the row that is read
	places   map[ColumnField]cell
	required map[ColumnField]bool

	layout    Layout
	how       Reading
	genders   map[string]Gender
	r         io.Reader
	delimiter byte
	buf       []byte // read and not yet used
	start     int    // where in buf the unused part begins
	err       error  // of the reader
	line      int    // of the unused part
	width     int    // columns of the header
	columns   map[ColumnField]int
	key       []int
}

// more reads on; it reports whether there is more.
func (f *csvFile) more() bool {
	if f.err != nil {
		return false
	}
	if f.start > 0 {
		f.buf = f.buf[:copy(f.buf, f.buf[f.start:])]
		f.start = 0
	}
	f.buf = slices.Grow(f.buf, 32<<10)
	n, err := f.r.Read(f.buf[len(f.buf) : len(f.buf)+32<<10])
	f.buf, f.err = f.buf[:len(f.buf)+n], err
	return n > 0 || err == nil
}

// next returns the next record. One that is not well-formed ends with its first
// line, so that a quotation mark without its pair does not swallow the rows that
// follow.
func (f *csvFile) next() (csvRecord, error) {
	rec := csvRecord{line: f.line}
	for {
		n, lines, issue, done := f.split(&rec)
		if !done && n <= f.how.MaxRow && f.err == nil {
			f.more()
			rec = csvRecord{line: f.line}
			continue
		}
		if f.err != nil && f.err != io.EOF {
			return csvRecord{}, f.err
		}
		rest := f.buf[f.start:]
		if len(rest) == 0 {
			return csvRecord{}, io.EOF
		}
		if n > f.how.MaxRow {
			issue = &glabella.Issue{Code: CodeImportSize, Text: "longer than a row may be", Line: f.line, Column: 1}
		}
		if issue == nil {
			f.start, f.line = f.start+n, f.line+lines
			return rec, nil
		}
		rec.issues = append(rec.issues, *issue)
		f.skipLine()
		return rec, nil
	}
}

// skipLine drops what is left of the current line, however long it is.
func (f *csvFile) skipLine() {
	for {
		if i := bytes.IndexByte(f.buf[f.start:], '\n'); i >= 0 {
			f.start, f.line = f.start+i+1, f.line+1
			return
		}
		f.start = len(f.buf)
		if !f.more() {
			return
		}
	}
}

// split divides the unused part up to the end of a record. It returns how long
// the record is and how many lines it ends, and false if its end is not there yet.
func (f *csvFile) split(rec *csvRecord) (n, lines int, issue *glabella.Issue, done bool) {
	b := f.buf[f.start:]
	limit := min(len(b), f.how.MaxRow+1)
	bol, i := 0, 0 // the beginning of the line, and the place
	at := func(code glabella.Code, text string, i int) *glabella.Issue {
		return &glabella.Issue{Code: code, Text: text, Line: f.line + lines, Column: utf8.RuneCount(b[bol:i]) + 1}
	}
	for {
		c := cell{line: f.line + lines, column: utf8.RuneCount(b[bol:i]) + 1}
		var text []byte
		if i < limit && b[i] == '"' {
			begin := at(CodeImportQuote, "a quotation mark is not closed", i)
			for i++; ; {
				k := bytes.IndexByte(b[i:limit], '"')
				if k < 0 {
					return limit, lines, begin, false
				}
				if nl := bytes.Count(b[i:i+k], []byte{'\n'}); nl > 0 {
					lines += nl
					bol = i + bytes.LastIndexByte(b[i:i+k], '\n') + 1
				}
				if i+k+1 < limit && b[i+k+1] == '"' {
					text = append(text, b[i:i+k+1]...)
					i += k + 2
					continue
				}
				text = append(text, b[i:i+k]...)
				i += k + 1
				break
			}
			if i >= limit && (f.err == nil || len(b) > limit) {
				return limit, lines, begin, false
			}
			if i < limit && b[i] != f.delimiter && b[i] != '\n' && b[i] != '\r' {
				if begin.Line != f.line+lines { // it closes nothing, but opens a value of a later row
					return i, lines, begin, true
				}
				return i, lines, at(CodeImportQuote, "text after a closing quotation mark", i), true
			}
		} else {
			k := bytes.IndexFunc(b[i:limit], func(r rune) bool { return r == rune(f.delimiter) || r == '\n' || r == '"' })
			if k >= 0 && b[i+k] == '"' {
				return i + k, lines, at(CodeImportQuote, "a quotation mark within a value", i+k), true
			}
			if k < 0 {
				if k = limit - i; f.err == nil || len(b) > limit {
					return limit, lines, nil, false
				}
			}
			text = b[i : i+k]
			i += k
		}
		if i < limit && b[i] == '\r' {
			i++
		}
		text = bytes.TrimSuffix(text, []byte{'\r'})
		c.text = string(text)
		rec.cells = append(rec.cells, c)
		switch {
		case i >= limit:
			return i, lines, nil, f.err != nil && len(b) <= limit
		case b[i] == '\n':
			return i + 1, lines + 1, nil, true
		case b[i] == f.delimiter:
			i++
		default:
			return i, lines, at(CodeImportQuote, "a carriage return within a row", i), true
		}
	}
}

func (f *csvFile) header() error {
	if f.layout.Encoding == UTF8 {
		for len(f.buf) < 3 && f.more() {
		}
		f.buf = bytes.TrimPrefix(f.buf, []byte("\ufeff"))
	}
	bad := func(issues ...glabella.Issue) error { return glabella.Invalid(f.layout.Name, issues...) }
	rec, err := f.next()
	if err == io.EOF {
		return bad(glabella.Issue{Code: CodeImportHeader, Text: "the file is empty", Line: 1, Column: 1})
	}
	if err != nil {
		return fmt.Errorf("read header: %w", err)
	}
	if len(rec.issues) > 0 {
		return bad(rec.issues...)
	}
	var issues []glabella.Issue
	f.width = len(rec.cells)
	f.columns = map[ColumnField]int{}
	if f.width == 1 {
		for _, d := range []string{",", ";", "|", "\t"} {
			if d != f.layout.Delimiter && strings.Contains(rec.cells[0].text, d) {
				return bad(glabella.Issue{Code: CodeImportDelimiter, Text: "the header is divided by another character", Line: 1, Column: 1})
			}
		}
	}
	where := map[string]int{}
	for i, c := range rec.cells {
		issues = append(issues, textIssues(c)...)
		name := header(c.text)
		if _, ok := where[name]; ok && name != "" {
			issues = append(issues, glabella.Issue{Code: glabella.CodeDuplicate, Text: "two columns have this header", Line: c.line, Column: c.column})
		}
		where[name] = i
	}
	for i, col := range f.layout.Columns {
		for _, h := range col.Headers {
			k, ok := where[header(h)]
			if !ok {
				continue
			}
			if _, twice := f.columns[col.Field]; twice {
				issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/columns/%d", i), Code: CodeImportHeader, Text: "two columns are of this field", Line: 1, Column: rec.cells[k].column})
			}
			f.columns[col.Field] = k
		}
		if _, ok := f.columns[col.Field]; !ok && col.Required {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/columns/%d", i), Code: CodeImportHeader, Text: "no such column", Line: 1, Column: 1})
		}
	}
	for i, h := range f.layout.Key {
		k, ok := where[header(h)]
		if !ok {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/key/%d", i), Code: CodeImportHeader, Text: "no such column", Line: 1, Column: 1})
			continue
		}
		f.key = append(f.key, k)
	}
	return bad(issues...)
}

// textIssues reports characters that are not text: bytes that the encoding does
// not have, what a former conversion has lost, and NUL, which databases do not
// hold.
func textIssues(c cell) []glabella.Issue {
	if i := strings.IndexAny(c.text, "\x00\ufffd"); !utf8.ValidString(c.text) || i >= 0 {
		return []glabella.Issue{{Code: glabella.CodeText, Text: "has bytes that are no character", Line: c.line, Column: c.column}}
	}
	return nil
}
