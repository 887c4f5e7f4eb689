package r4

import "strconv"

// Value is the value of a choice: a primitive type of this file, or a pointer to a
// data type. A choice whose types are fewer has an interface of its own.
type Value interface {
	suffix() string
	appendTo(b []byte) []byte
}

// Decimal is a number as it is written: 0.10 stays 0.10.
type Decimal string

// Valid says whether the text is a JSON number.
func (d Decimal) Valid() bool { return isNumber(string(d)) }

// MarshalJSON returns the number.
func (d Decimal) MarshalJSON() ([]byte, error) {
	if d == "" {
		return nil, errValue
	}
	return finish(nil, d.appendTo(nil))
}

// UnmarshalJSON reads a number.
func (d *Decimal) UnmarshalJSON(text []byte) error {
	dec := newDecoder(text, nil)
	*d = dec.literal()
	return dec.end("decimal")
}

//go:noinline
func (d Decimal) appendTo(b []byte) []byte {
	if d == "" {
		return b
	}
	if !d.Valid() {
		return append(b, poison)
	}
	return append(b, d...)
}

// The primitive types of FHIR as values of choices; fields that are no choice are
// string, *bool and *int, except for times.
type (
	// Boolean is a boolean.
	Boolean bool
	// Integer is a whole number of 32 bits.
	Integer int
	// UnsignedInt is a whole number from 0 on.
	UnsignedInt int
	// PositiveInt is a whole number from 1 on.
	PositiveInt int
	// String is a text.
	String string
	// Code is a code.
	Code string
	// URI is a URI.
	URI string
	// URL is a URL.
	URL string
	// Canonical is the URL of a definition, with its version after a bar.
	Canonical string
	// ID is a logical id.
	ID string
	// OID is an OID as a URI.
	OID string
	// UUID is a UUID as a URI.
	UUID string
	// Markdown is a text in Markdown.
	Markdown string
	// Base64Binary is bytes in base64.
	Base64Binary string
)

func (v Boolean) appendTo(b []byte) []byte     { return strconv.AppendBool(b, bool(v)) }
func (v Integer) appendTo(b []byte) []byte     { return strconv.AppendInt(b, int64(v), 10) }
func (v UnsignedInt) appendTo(b []byte) []byte { return strconv.AppendInt(b, int64(v), 10) }
func (v PositiveInt) appendTo(b []byte) []byte { return strconv.AppendInt(b, int64(v), 10) }

func (v String) appendTo(b []byte) []byte       { return appendValue(b, string(v)) }
func (v Code) appendTo(b []byte) []byte         { return appendValue(b, string(v)) }
func (v URI) appendTo(b []byte) []byte          { return appendValue(b, string(v)) }
func (v URL) appendTo(b []byte) []byte          { return appendValue(b, string(v)) }
func (v Canonical) appendTo(b []byte) []byte    { return appendValue(b, string(v)) }
func (v ID) appendTo(b []byte) []byte           { return appendValue(b, string(v)) }
func (v OID) appendTo(b []byte) []byte          { return appendValue(b, string(v)) }
func (v UUID) appendTo(b []byte) []byte         { return appendValue(b, string(v)) }
func (v Markdown) appendTo(b []byte) []byte     { return appendValue(b, string(v)) }
func (v Base64Binary) appendTo(b []byte) []byte { return appendValue(b, string(v)) }
func (v Date) appendTo(b []byte) []byte         { return appendValue(b, string(v)) }
func (v DateTime) appendTo(b []byte) []byte     { return appendValue(b, string(v)) }
func (v Instant) appendTo(b []byte) []byte      { return appendValue(b, string(v)) }
func (v Time) appendTo(b []byte) []byte         { return appendValue(b, string(v)) }
