package inventory

import (
	"slices"
	"strings"
)

// ISBTKind says what a data structure of ISBT 128, the standard of ICCBBA for
// products of human origin, is about.
type ISBTKind string

// The kinds of data structure that are told apart.
const (
	ISBTDonation      ISBTKind = "donation-number"
	ISBTProduct       ISBTKind = "product-code"
	ISBTDevice        ISBTKind = "device-identifier" // the processor's product code, the device identifier of a UDI
	ISBTExpiry        ISBTKind = "expiry"
	ISBTProduced      ISBTKind = "production-date"
	ISBTSerial        ISBTKind = "serial-number"
	ISBTLot           ISBTKind = "lot-number"
	ISBTBloodGroup    ISBTKind = "blood-group"
	ISBTCompound      ISBTKind = "compound-message"
	ISBTOtherStandard ISBTKind = "other" // assigned by the standard, and not told apart here
)

// ISBTKinds returns every kind.
func ISBTKinds() []ISBTKind {
	return []ISBTKind{ISBTDonation, ISBTProduct, ISBTDevice, ISBTExpiry, ISBTProduced, ISBTSerial, ISBTLot, ISBTBloodGroup, ISBTCompound, ISBTOtherStandard}
}

// Valid reports whether k is one of [ISBTKinds].
func (k ISBTKind) Valid() bool { return slices.Contains(ISBTKinds(), k) }

// ISBT is what was scanned of an ISBT 128 symbol. It is recognised by its data
// identifier, the first two characters, and kept as it is: its content is not
// checked, and a compound message is not taken apart.
type ISBT struct {
	Kind ISBTKind
	Raw  string
}

// isbtIdentifiers are the data identifiers that are told apart.
var isbtIdentifiers = []struct {
	prefix string
	kind   ISBTKind
}{
	{"=<", ISBTProduct}, {"=/", ISBTDevice}, {"=>", ISBTExpiry}, {"&>", ISBTExpiry}, {"=}", ISBTProduced}, {"&}", ISBTProduced},
	{"=,", ISBTSerial}, {"&,1", ISBTLot}, {"=%", ISBTBloodGroup}, {"=+", ISBTCompound},
}

// ParseISBT recognises a symbol of ISBT 128. What does not begin with one of its
// data identifiers, or has a character that such a symbol cannot carry, is a
// [*ScanError].
func ParseISBT(s string) (ISBT, error) {
	s = strings.TrimRight(s, "\r\n")
	if len(s) == 0 || s[0] != '=' && s[0] != '&' {
		return ISBT{}, &ScanError{Code: CodeScanUnknownAI, Text: "no data identifier of isbt 128"}
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return ISBT{}, &ScanError{Position: i, AI: s[:min(2, i)], Code: CodeScanCharacter, Text: "a character that the symbol may not have"}
		}
	}
	if len(s) < 4 {
		return ISBT{}, &ScanError{Position: len(s), AI: s[:min(2, len(s))], Code: CodeScanLength, Text: "no data after the identifier"}
	}
	for _, id := range isbtIdentifiers {
		if strings.HasPrefix(s, id.prefix) {
			return ISBT{Kind: id.kind, Raw: s}, nil
		}
	}
	if s[0] == '=' && strings.IndexByte(upper+digits, s[1]) >= 0 {
		return ISBT{Kind: ISBTDonation, Raw: s}, nil
	}
	return ISBT{Kind: ISBTOtherStandard, Raw: s}, nil
}
