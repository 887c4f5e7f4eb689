package inventory

import (
	"slices"
	"strconv"
	"strings"

	"github.com/glabella-ehr/glabella"
)

// Element is one piece of data in a scan: what it is, and its value.
type Element struct {
	AI    string // GS1 Application Identifier: "01", "17"
	Value string
}

// ElementString is the content of a GS1 symbol, such as the Data Matrix on a
// carton that carries a device's UDI. It is made by [ParseGS1] and holds only
// what is well-formed; the zero ElementString is empty.
type ElementString struct {
	elements []Element
	year     int // the year that two-digit years are resolved against
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
		if i < len(e.elements)-1 && !identifiers()[el.AI].fixed {
			b.WriteByte(fnc1)
		}
	}
	return b.String()
}
