package inventory

import (
	"errors"
	"fmt"
	"strings"

	"github.com/glabella-ehr/glabella"
)

// Codes of faults in a scan. Their source is the GS1 General Specifications.
const (
	// CodeScanEmpty says that a scan holds no data.
	CodeScanEmpty glabella.Code = "inventory.scan.empty"
	// CodeScanUnknownAI says that a scan does not continue with a GS1 Application Identifier.
	CodeScanUnknownAI glabella.Code = "inventory.scan.unknown-ai"
	// CodeScanLength says that an element of a scan is too short or too long.
	CodeScanLength glabella.Code = "inventory.scan.length"
	// CodeScanCharacter says that an element of a scan has a character that it may not have.
	CodeScanCharacter glabella.Code = "inventory.scan.character"
	// CodeScanSeparator says that the separator at the end of an element is missing, or stands where no element ends.
	CodeScanSeparator glabella.Code = "inventory.scan.separator"
	// CodeScanCheckDigit says that the check digit of a scanned number is wrong.
	CodeScanCheckDigit glabella.Code = "inventory.scan.check-digit"
	// CodeScanValue says that an element of a scan has a value that its kind of data does not have.
	CodeScanValue glabella.Code = "inventory.scan.value"
	// CodeScanDate says that a scanned date does not exist.
	CodeScanDate glabella.Code = "inventory.scan.date"
	// CodeScanDuplicate says that a scan has the same element twice.
	CodeScanDuplicate glabella.Code = "inventory.scan.duplicate"
	// CodeScanIncomplete says that an element of a scan stands without the one that it belongs to.
	CodeScanIncomplete glabella.Code = "inventory.scan.incomplete"
	// CodeScanExclusive says that two elements of a scan must not stand together.
	CodeScanExclusive glabella.Code = "inventory.scan.exclusive"
)

// fnc1 is what a scanner sends for the Function 1 symbol character that ends an
// element of variable length.
const fnc1 = '\x1d'

// ScanError is a fault in a scan. It unwraps to [glabella.ErrInvalid]. It does
// not repeat what was scanned.
type ScanError struct {
	Position int    // the byte of the input, from 0
	AI       string // the GS1 Application Identifier, or the name of the field, that was being read, if one was
	Code     glabella.Code
	Text     string
}

// Error names the place, the element and the fault.
func (e *ScanError) Error() string {
	at := fmt.Sprintf("scan: byte %d", e.Position)
	if e.AI != "" {
		at += ": element " + e.AI
	}
	return at + ": " + e.Text
}

// Unwrap returns [glabella.ErrInvalid].
func (e *ScanError) Unwrap() error { return glabella.ErrInvalid }

// ParseGS1 reads what a scanner sends for a GS1 symbol, with or without a
// symbology identifier (]d2, ]C1, ]Q3, ]e0, ]J1) and with the byte 0x1D between
// elements, or the form that is printed for people, (01)09506000134352(10)A1,
// in which a parenthesis within a value is written \( and blanks around values are
// ignored. Where a scanner is set to show the separator, {GS}, <GS>, {FNC1},
// <FNC1>, ^], \u001d, \x1d and the picture U+241D are read as 0x1D. Line ends after
// the data are ignored. An EAN or UPC symbol is not a GS1 element string: it carries
// a bare number, which [ParseGTIN] reads; a GS1 Digital Link is read by
// [ParseDigitalLink], and any of them by [Scan]. Where a label carries its data in
// two symbols, parse both joined by 0x1D: an element is refused without the one that
// it belongs to.
//
// Two-digit years are resolved against year, the current one, by the sliding
// window of the GS1 General Specifications, section 7.12: at most 50 years ahead
// and 50 back.
//
// Lengths, character sets, check digits, dates, duplicates and the rules of which
// elements must and must not stand together are checked. A missing separator is
// found where it makes a value too long; where it does not, the next element is
// indistinguishable from the value's own text. The error is a [*ScanError], or
// several joined.
func ParseGS1(s string, year int) (ElementString, error) {
	p := scan{table: identifiers(), data: strings.TrimRight(s, "\r\n"), year: year}
	p.at = symbologyLength(p.data)
	if p.at < len(p.data) && p.data[p.at] != '(' && disguised(p.data) {
		p.data, p.origin = undisguise(p.data)
	}
	if !p.done() && p.data[p.at] == fnc1 {
		p.at++ // some scanners send the FNC1 that opens the symbol
	}
	switch {
	case p.done():
		p.fail(p.at, "", CodeScanEmpty, "no data")
	case p.data[p.at] == '(':
		p.bracketed()
	default:
		p.raw()
	}
	return p.result()
}

// symbologyLength returns the length of the symbology identifier of ISO/IEC 15424
// that s begins with, if it is one that says GS1.
func symbologyLength(s string) int {
	if len(s) < 3 || s[0] != ']' {
		return 0
	}
	switch s[:3] {
	case "]d2", "]C1", "]Q3", "]e0", "]J1":
		return 3
	}
	return 0
}

// placed is where an element begins.
type placed struct {
	id *identifier
	at int
}

// scan is the state of one reading.
type scan struct {
	table    *identifierTable
	data     string
	at       int
	origin   []int // where each byte of data stood in the input, if it has been rewritten
	year     int
	elements []Element
	placed   [8]placed // of the first elements
	more     []placed  // of the others
	errs     []error
}

func (p *scan) done() bool { return p.at >= len(p.data) }

// fail notes a fault at a byte of the data.
func (p *scan) fail(at int, ai string, code glabella.Code, text string) {
	if p.origin != nil {
		at = p.origin[min(at, len(p.origin)-1)]
	}
	p.errs = append(p.errs, &ScanError{Position: at, AI: ai, Code: code, Text: text})
}

// result returns what was read, or everything that was wrong.
func (p *scan) result() (ElementString, error) {
	if len(p.errs) == 0 {
		p.together()
	}
	switch len(p.errs) {
	case 0:
		return ElementString{elements: p.elements, year: p.year}, nil
	case 1:
		return ElementString{}, p.errs[0]
	default:
		return ElementString{}, errors.Join(p.errs...)
	}
}

// raw reads elements as they stand in the symbol.
func (p *scan) raw() {
	for !p.done() {
		start := p.at
		id := p.table.at(p.data[p.at:])
		if id == nil {
			if p.data[p.at] == fnc1 {
				p.fail(p.at, "", CodeScanSeparator, "a separator where no element ends")
			} else {
				p.fail(p.at, "", CodeScanUnknownAI, "no application identifier")
			}
			return
		}
		p.at += len(id.ai)
		rest := p.data[p.at:]
		end := min(len(rest), id.max)
		if i := strings.IndexByte(rest[:end], fnc1); i >= 0 {
			end = i
		}
		separated := end < len(rest) && rest[end] == fnc1
		if !separated && end < len(rest) && !id.fixed {
			p.fail(start, id.ai, CodeScanSeparator, fmt.Sprintf("no separator within %d characters", id.max))
			return
		}
		p.add(id, rest[:end], start, p.at, nil)
		p.at += end
		if separated {
			p.at++
		}
	}
}

// bracketed reads elements as they are printed for people.
func (p *scan) bracketed() {
	for !p.done() {
		start := p.at
		shut := strings.IndexByte(p.data[p.at:], ')')
		if shut < 0 {
			p.fail(p.at, "", CodeScanUnknownAI, "the parenthesis is not closed")
			return
		}
		id := p.table.find(p.data[p.at+1 : p.at+shut])
		if id == nil {
			p.fail(p.at, "", CodeScanUnknownAI, "no application identifier")
			return
		}
		p.at += shut + 1
		for !p.done() && p.data[p.at] == ' ' {
			p.at++
		}
		from, escaped := p.at, false
		for ; !p.done() && p.data[p.at] != '('; p.at++ {
			if strings.HasPrefix(p.data[p.at:], `\(`) {
				escaped = true
				p.at++
			}
		}
		value := strings.TrimRight(p.data[from:p.at], " ")
		if !escaped {
			p.add(id, value, start, from, nil)
			continue
		}
		plain, places := unescape(value, from)
		p.add(id, plain, start, from, places)
	}
}

// unescape returns a value whose parentheses are written \( and where each of its
// bytes stood, the value itself beginning at from.
func unescape(value string, from int) (string, []int) {
	var plain []byte
	var places []int
	for i := 0; i < len(value); i++ {
		if strings.HasPrefix(value[i:], `\(`) {
			i++
		}
		plain, places = append(plain, value[i]), append(places, from+i)
	}
	return string(plain), append(places, from+len(value))
}

// add checks an element by itself and takes it in. It began at start and its value
// at from; places says where each byte of the value stood, nil if one after the
// other.
func (p *scan) add(id *identifier, value string, start, from int, places []int) {
	for i := range p.elements {
		if p.place(i).id == id {
			p.fail(start, id.ai, CodeScanDuplicate, "the element stands twice")
			break
		}
	}
	if p.elements == nil {
		p.elements = make([]Element, 0, 4)
	}
	if n := len(p.elements); n < len(p.placed) {
		p.placed[n] = placed{id, start}
	} else {
		p.more = append(p.more, placed{id, start})
	}
	p.elements = append(p.elements, Element{AI: id.ai, Value: value})

	if at, code, text := id.fault(value, p.year); code != "" {
		if places != nil {
			at = places[at]
		} else {
			at += from
		}
		p.fail(at, id.ai, code, text)
	}
}

// place returns where the element with the index begins.
func (p *scan) place(i int) placed {
	if i < len(p.placed) {
		return p.placed[i]
	}
	return p.more[i-len(p.placed)]
}

// present reports whether there is an element of the span other than except.
func (p *scan) present(s *span, except int) bool {
	for i := range p.elements {
		if n := p.place(i).id.number; n >= s.from && n <= s.to && n != except {
			return true
		}
	}
	return false
}

// together checks which elements stand beside which.
func (p *scan) together() {
	for i := range p.elements {
		at := p.place(i)
		for j := range at.id.excludes {
			if x := &at.id.excludes[j]; p.present(x, at.id.number) {
				p.fail(at.at, at.id.ai, CodeScanExclusive, "must not stand together with "+x.text)
			}
		}
		if !p.complete(at.id) {
			p.fail(at.at, at.id.ai, CodeScanIncomplete, "stands without "+at.id.wants())
		}
	}
}

// complete reports whether what an element belongs to is there.
func (p *scan) complete(id *identifier) bool {
	for _, all := range id.requires {
		complete := true
		for i := range all {
			complete = complete && p.present(&all[i], -1)
		}
		if complete {
			return true
		}
	}
	return len(id.requires) == 0
}
