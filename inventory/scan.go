package inventory

import (
	"errors"
	"slices"
	"strings"

	"github.com/glabella-ehr/glabella"
)

// System is a system of identification that a barcode belongs to.
type System string

// The systems that [Scan] tells apart.
const (
	SystemGS1  System = "gs1"      // an element string or a Digital Link
	SystemGTIN System = "gtin"     // a bare trade item number: EAN, UPC, ITF-14
	SystemHIBC System = "hibc"     // Health Industry Bar Code
	SystemISBT System = "isbt-128" // products of human origin
	SystemNDC  System = "ndc"      // a National Drug Code with hyphens, typed in
)

// Systems returns every system.
func Systems() []System { return []System{SystemGS1, SystemGTIN, SystemHIBC, SystemISBT, SystemNDC} }

// Valid reports whether s is one of [Systems].
func (s System) Valid() bool { return slices.Contains(Systems(), s) }

// Scanned is what a barcode says, whatever its system. What it does not say is
// zero.
type Scanned struct {
	System   System
	GTIN     string // 14 digits
	NDC      string // with hyphens where the segments are known, else ten digits: see [NDCsOf]
	Lot      string
	Serial   string
	Expires  glabella.Date // the last day of use
	Produced glabella.Date
	Quantity int // of items, 0 if it is not said
	// DI and PI are the two parts of a Unique Device Identification (21 CFR 801.40):
	// the device identifier as databases keep it, and the production identifier in the
	// form that is printed for people.
	DI, PI   string
	Elements []Element // of GS1
	HIBC     HIBC
	ISBT     ISBT
}

// Scan reads what a scanner sends or somebody types in, and tells by itself which
// system it belongs to: a symbology identifier of ISO/IEC 15424 is used and passed
// over; then the first characters decide. Bare digits are a trade item number if
// they are 8, 12, 13 or 14, and GS1 elements if they are more; ten or eleven are a
// National Drug Code whose segments are not known, which is an [*NDCError] with the
// candidates. A Health Industry Bar Code may be a secondary structure by itself,
// which says no item: see [HIBC.Join]. Two-digit years are resolved against year.
//
// Every other error is a [*ScanError] with the byte of text, or several joined.
func Scan(text string, year int) (Scanned, error) {
	s := strings.TrimRight(text, "\r\n")
	at := 0
	if symbologyLength(s) == 0 && len(s) >= 3 && s[0] == ']' && strings.IndexByte(upper+lower, s[1]) >= 0 {
		at = 3
	}
	out, err := scanPlain(s[at:], year)
	if err != nil {
		return Scanned{}, shifted(err, at)
	}
	return out, nil
}

// scanPlain reads what stands after a symbology identifier that does not say GS1.
// What it returns beside an error is of no use.
func scanPlain(s string, year int) (Scanned, error) {
	switch {
	case s == "":
		return Scanned{}, &ScanError{Code: CodeScanEmpty, Text: "no data"}
	case isDigitalLink(s):
		e, err := ParseDigitalLink(s, year)
		return e.scanned(), err
	case s[0] == '+' || strings.HasPrefix(s, "*+"):
		return scanHIBC(s, year)
	case s[0] == '=' || s[0] == '&':
		i, err := ParseISBT(s)
		return Scanned{System: SystemISBT, ISBT: i}, err
	case !allDigits(strings.ReplaceAll(s, "-", "")):
		return scanGS1(s, year)
	case strings.Contains(s, "-"), len(s) == 10, len(s) == 11:
		n, err := ParseNDC(s)
		if err != nil {
			return Scanned{}, err
		}
		out := Scanned{System: SystemNDC, NDC: n.String()}
		if n.Format().isTen() {
			out.GTIN, err = n.GTIN()
		}
		return out, err
	case slices.Contains([]int{8, 12, 13, 14}, len(s)):
		gtin, err := ParseGTIN(s)
		ndc, _ := NDCDigits(gtin)
		return Scanned{System: SystemGTIN, GTIN: gtin, NDC: ndc, DI: gtin}, err
	default:
		return scanGS1(s, year)
	}
}

func scanGS1(s string, year int) (Scanned, error) {
	e, err := ParseGS1(s, year)
	return e.scanned(), err
}

func (e ElementString) scanned() Scanned {
	gtin, _ := e.Get("01")
	out := Scanned{
		System: SystemGS1, GTIN: e.GTIN(), NDC: e.NDC(), Lot: e.Lot(), Serial: e.Serial(), Expires: e.Expiry(), Produced: e.Produced(),
		Quantity: e.Count(), DI: gtin, Elements: e.Elements(),
	}
	if gtin != "" {
		var production ElementString
		for _, el := range e.elements {
			if slices.Contains([]string{"10", "11", "17", "21"}, el.AI) {
				production.elements = append(production.elements, el)
			}
		}
		out.PI = production.String()
	}
	return out
}

func scanHIBC(s string, year int) (Scanned, error) {
	h, err := ParseHIBC(s, year)
	return h.Scanned(), err
}

// Scanned returns what the symbol says in the form that is common to all systems.
func (h HIBC) Scanned() Scanned {
	return Scanned{
		System: SystemHIBC, Lot: h.Lot, Serial: h.Serial, Expires: h.Expires, Produced: h.Produced, Quantity: h.Quantity,
		DI: h.DI(), PI: h.production(), HIBC: h,
	}
}

// shifted returns the error with the positions of its faults moved on.
func shifted(err error, by int) error {
	if by == 0 {
		return err
	}
	var fault *ScanError
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, one := range joined.Unwrap() {
			all = append(all, shifted(one, by))
		}
		return errors.Join(all...)
	}
	if !errors.As(err, &fault) {
		return err
	}
	moved := *fault
	moved.Position += by
	return &moved
}

// String returns the content in the canonical form of its system, which [Scan]
// reads.
func (s Scanned) String() string {
	switch s.System {
	case SystemGS1:
		return ElementString{elements: s.Elements}.String()
	case SystemGTIN:
		return s.GTIN
	case SystemHIBC:
		return s.HIBC.String()
	case SystemISBT:
		return s.ISBT.Raw
	default:
		return s.NDC
	}
}

// ScannedAs returns the delivery with what a scan of any system says, as
// [Delivery.Scanned] does for GS1.
func (d Delivery) ScannedAs(s Scanned) Delivery {
	d.GTIN, d.Number, d.Expires = s.GTIN, s.Lot, s.Expires
	if d.Containers == 0 {
		d.Containers = s.Quantity
	}
	return d
}
