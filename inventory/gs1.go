package inventory

import (
	"errors"
	"fmt"
	"slices"
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
	AI       string // the Application Identifier of the element, if one was read
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
// in which a parenthesis within a value is written \(. Line ends after the data
// are ignored. An EAN or UPC symbol is not a GS1 element string: it carries a bare
// number, which [ParseGTIN] reads. Where a label carries its data in two symbols, parse both joined by
// 0x1D: an element is refused without the one that it belongs to.
//
// Two-digit years are resolved against year, the current one, by the sliding
// window of the GS1 General Specifications: at most 49 years ahead and 50 back.
//
// Lengths, character sets, check digits, dates, duplicates and the rules of which
// elements must and must not stand together are checked. A missing separator is
// found where it makes a value too long; where it does not, the next element is
// indistinguishable from the value's own text. The error is a [*ScanError], or
// several joined.
func ParseGS1(s string, year int) (ElementString, error) {
	p := scan{data: strings.TrimRight(s, "\r\n"), year: year}
	p.skipSymbology()
	switch {
	case p.done():
		p.fail("", CodeScanEmpty, "no data")
	case p.data[p.at] == '(':
		p.bracketed()
	default:
		p.raw()
	}
	if len(p.errs) == 0 {
		p.together()
	}
	switch len(p.errs) {
	case 0:
		return ElementString{elements: p.elements, year: year}, nil
	case 1:
		return ElementString{}, p.errs[0]
	default:
		return ElementString{}, errors.Join(p.errs...)
	}
}

// scan is the state of one reading.
type scan struct {
	data     string
	at       int
	year     int
	elements []Element
	places   []int // where each element begins
	errs     []error
}

func (p *scan) done() bool { return p.at >= len(p.data) }

func (p *scan) failAt(at int, ai string, code glabella.Code, text string) {
	p.errs = append(p.errs, &ScanError{Position: at, AI: ai, Code: code, Text: text})
}

func (p *scan) fail(ai string, code glabella.Code, text string) { p.failAt(p.at, ai, code, text) }

// skipSymbology passes over a symbology identifier of ISO/IEC 15424 that says
// GS1, and the FNC1 that some scanners send for the one that opens the symbol.
func (p *scan) skipSymbology() {
	for _, prefix := range []string{"]d2", "]C1", "]Q3", "]e0", "]J1"} {
		if strings.HasPrefix(p.data, prefix) {
			p.at = len(prefix)
		}
	}
	if !p.done() && p.data[p.at] == fnc1 {
		p.at++
	}
}

// raw reads elements as they stand in the symbol.
func (p *scan) raw() {
	for !p.done() {
		start := p.at
		id, ok := identifierAt(p.data[p.at:])
		if !ok {
			if p.data[p.at] == fnc1 {
				p.fail("", CodeScanSeparator, "a separator where no element ends")
			} else {
				p.fail("", CodeScanUnknownAI, "no application identifier")
			}
			return
		}
		p.at += len(id.ai)
		rest := p.data[p.at:]
		end := strings.IndexByte(rest, fnc1)
		separated := end >= 0
		if !separated {
			end = len(rest)
		}
		if id.fixed && end > id.max() {
			end, separated = id.max(), len(rest) > id.max() && rest[id.max()] == fnc1
		}
		if end > id.max() {
			p.failAt(start, id.ai, CodeScanSeparator, fmt.Sprintf("no separator within %d characters", id.max()))
			return
		}
		value := rest[:end]
		from := p.at
		p.add(id, value, start, func(i int) int { return from + i })
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
			p.fail("", CodeScanUnknownAI, "the parenthesis is not closed")
			return
		}
		ai := p.data[p.at+1 : p.at+shut]
		id, ok := identifiers()[ai]
		if !ok {
			p.fail("", CodeScanUnknownAI, "no application identifier")
			return
		}
		p.at += shut + 1
		var value []byte
		var places []int
		for ; !p.done() && p.data[p.at] != '('; p.at++ {
			if strings.HasPrefix(p.data[p.at:], `\(`) {
				p.at++
			}
			value, places = append(value, p.data[p.at]), append(places, p.at)
		}
		places = append(places, p.at)
		p.add(id, string(value), start, func(i int) int { return places[i] })
	}
}

// add checks an element by itself and takes it in. It began at start; place
// says where byte i of its value stood.
func (p *scan) add(id identifier, value string, start int, place func(i int) int) {
	if slices.ContainsFunc(p.elements, func(e Element) bool { return e.AI == id.ai }) {
		p.failAt(start, id.ai, CodeScanDuplicate, "the element stands twice")
	}
	p.elements = append(p.elements, Element{AI: id.ai, Value: value})
	p.places = append(p.places, start)

	if n := len(value); n < id.min() || n > id.max() {
		text := fmt.Sprintf("%d characters where %d to %d are due", n, id.min(), id.max())
		if id.min() == id.max() {
			text = fmt.Sprintf("%d characters where %d are due", n, id.max())
		}
		p.failAt(place(0), id.ai, CodeScanLength, text)
		return
	}
	rest := value
	for _, c := range id.components {
		if c.optional && rest == "" {
			continue
		}
		part := rest[:min(c.max, len(rest))]
		at := len(value) - len(rest)
		rest = rest[len(part):]
		if len(part) < c.min {
			p.failAt(place(at), id.ai, CodeScanLength, fmt.Sprintf("%d characters where %d are due", len(part), c.min))
			return
		}
		if i := slices.IndexFunc([]byte(part), func(b byte) bool { return !inSet(c.set, b) }); i >= 0 {
			p.failAt(place(at+i), id.ai, CodeScanCharacter, "a character that the element may not have")
			continue
		}
		for _, rule := range c.rules {
			switch rule {
			case "csum":
				if checkDigit(part[:len(part)-1]) != part[len(part)-1] {
					p.failAt(place(at+len(part)-1), id.ai, CodeScanCheckDigit, "wrong check digit")
				}
			case "yymmd0", "yymmdd":
				if _, ok := gs1Date(part, p.year); !ok || rule == "yymmdd" && part[4:] == "00" {
					p.failAt(place(at), id.ai, CodeScanDate, "no such date")
				}
			}
		}
	}
}

// together checks which elements stand beside which.
func (p *scan) together() {
	present := func(pattern, except string) bool {
		return slices.ContainsFunc(p.elements, func(e Element) bool { return e.AI != except && matches(pattern, e.AI) })
	}
	for i, e := range p.elements {
		id := identifiers()[e.AI]
		for _, x := range id.excludes {
			if present(x, e.AI) {
				p.failAt(p.places[i], e.AI, CodeScanExclusive, "must not stand together with "+x)
			}
		}
		if len(id.requires) > 0 && !slices.ContainsFunc(id.requires, func(all []string) bool {
			return !slices.ContainsFunc(all, func(r string) bool { return !present(r, "") })
		}) {
			var want []string
			for _, all := range id.requires {
				want = append(want, strings.Join(all, " and "))
			}
			p.failAt(p.places[i], e.AI, CodeScanIncomplete, "stands without "+strings.Join(want, " or "))
		}
	}
}
