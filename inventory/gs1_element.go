package inventory

import (
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// Element is one piece of data in a scan: what it is, and its value.
type Element struct {
	AI    string // GS1 Application Identifier: "01", "17"
	Value string
}

// Title returns the name of the data that the standard gives, such as BATCH/LOT,
// for showing beside the value, or "" if there is none.
func (e Element) Title() string {
	if id := identifiers().find(e.AI); id != nil {
		return id.title
	}
	return ""
}

// Number returns the value of a measure or an amount, whose identifier's fourth
// digit says how many of its digits stand after the point: (3103)001250 is 1.25. It
// is false for every other element. The currency of an amount is its first three
// digits, and is not part of the number.
func (e Element) Number() (quantity.Number, bool) {
	id := identifiers().find(e.AI)
	if id == nil || len(e.AI) != 4 {
		return quantity.Number{}, false
	}
	value := e.Value
	switch p := e.AI[:3]; {
	case p >= "310" && p <= "369", p == "390", p == "392", p == "394", p == "395":
	case p == "391", p == "393":
		if len(value) < 4 {
			return quantity.Number{}, false
		}
		value = value[3:]
	default:
		return quantity.Number{}, false
	}
	n, err := strconv.ParseUint(value, 10, 62)
	if err != nil {
		return quantity.Number{}, false
	}
	return quantity.Number{Decimal: decimal.New(int64(n), -int32(e.AI[3]-'0'))}, true
}

// ElementString is the content of a GS1 symbol, such as the Data Matrix on a
// carton that carries a device's UDI. It is made by [ParseGS1], [ParseDigitalLink] or
// [Build] and holds only what is well-formed; the zero ElementString is empty.
type ElementString struct {
	elements []Element
	year     int // the year that two-digit years are resolved against
}

// Build makes the content of a symbol from elements, such as those of a label that
// a practice prints. A trade item number of 8, 12 or 13 digits is filled up to 14.
// Everything that [ParseGS1] checks is checked; the position of a fault is the byte
// of [ElementString.Raw]. The year is that against which two-digit years are
// resolved.
func Build(year int, elements ...Element) (ElementString, error) {
	p := scan{table: identifiers(), year: year}
	for _, e := range elements {
		id := p.table.find(e.AI)
		if id == nil {
			p.fail(p.at, "", CodeScanUnknownAI, "no application identifier")
			continue
		}
		value := e.Value
		if e.AI == "01" || e.AI == "02" || e.AI == "03" {
			value = fill(value)
		}
		p.add(id, value, p.at, p.at+len(id.ai), nil)
		p.at += len(id.ai) + len(value)
		if !id.fixed {
			p.at++
		}
	}
	if len(elements) == 0 {
		p.fail(0, "", CodeScanEmpty, "no data")
	}
	return p.result()
}

// Elements returns the elements in the order in which they stand.
func (e ElementString) Elements() []Element { return slices.Clone(e.elements) }

// Get returns the value of an element by its Application Identifier, and false
// if there is none.
func (e ElementString) Get(ai string) (string, bool) {
	for _, el := range e.elements {
		if el.AI == ai {
			return el.Value, true
		}
	}
	return "", false
}

func (e ElementString) first(ais ...string) string {
	for _, ai := range ais {
		if v, ok := e.Get(ai); ok {
			return v
		}
	}
	return ""
}

// IsZero reports whether there are no elements.
func (e ElementString) IsZero() bool { return len(e.elements) == 0 }

// GTIN returns the 14-digit trade item number (01, else that of the contents,
// 02), the device identifier of a UDI, or "".
func (e ElementString) GTIN() string { return e.first("01", "02") }

// Lot returns the batch or lot number (10), or "".
func (e ElementString) Lot() string { return e.first("10") }

// Serial returns the serial number (21), or "".
func (e ElementString) Serial() string { return e.first("21") }

// Expiry returns the last day on which the item may be used (17, else the day of
// the expiry time 7003), or the zero Date.
func (e ElementString) Expiry() glabella.Date { return e.date("17", "7003") }

// Produced returns the day of manufacture (11), or the zero Date.
func (e ElementString) Produced() glabella.Date { return e.date("11") }

func (e ElementString) date(ais ...string) glabella.Date {
	v := e.first(ais...)
	if v == "" {
		return glabella.Date{}
	}
	d, _ := gs1Date(v[:6], e.year)
	return d
}

// NDC returns the ten or more digits of the National Drug Code that the national
// number (715) or the trade item number of a drug of the United States carries,
// without hyphens, or "". Its segments are not said: see [NDCsOf]. A trade item
// number in the same range may be that of another health product.
func (e ElementString) NDC() string {
	if v, ok := e.Get("715"); ok {
		return strings.ReplaceAll(v, "-", "")
	}
	digits, _ := NDCDigits(e.GTIN())
	return digits
}

// Count returns the number of items (30, else 37), or 0 if it is not said.
func (e ElementString) Count() int {
	n, err := strconv.Atoi(e.first("30", "37"))
	if err != nil {
		return 0
	}
	return n
}

// String returns the form that is printed for people, which [ParseGS1] reads.
func (e ElementString) String() string {
	var b strings.Builder
	for _, el := range e.elements {
		b.WriteString("(" + el.AI + ")" + strings.ReplaceAll(el.Value, "(", `\(`))
	}
	return b.String()
}

// Raw returns the data as it stands in a symbol, without symbology identifier:
// an element of variable length that is not the last ends with the byte 0x1D.
// [ParseGS1] reads it.
func (e ElementString) Raw() string {
	var b strings.Builder
	for i, el := range e.elements {
		b.WriteString(el.AI + el.Value)
		if i < len(e.elements)-1 && !identifiers().find(el.AI).fixed {
			b.WriteByte(fnc1)
		}
	}
	return b.String()
}
