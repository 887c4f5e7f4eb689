package r4

import (
	"encoding/binary"
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxDepth is how deep the objects and lists of a document may nest.
const MaxDepth = 32

// SyntaxError says that a document is not FHIR JSON, and where.
type SyntaxError struct {
	Path   string // the element, such as Patient.name[0].given[1]
	Offset int    // in bytes
	Reason string
}

// Error returns the path and the reason. It has nothing of the document's content
// but names of its members.
func (e *SyntaxError) Error() string {
	return e.Path + ": " + e.Reason + ", at byte " + strconv.Itoa(e.Offset)
}

// decoder reads one document. The strings that it returns are parts of one copy of
// the document.
type decoder struct {
	b       []byte
	s       string // the same as b
	pos     int
	depth   int
	invalid bool // b ends where bytes are not UTF-8
	types   func(string) Resource
	err     *SyntaxError
	keys    []string // of the raw objects that are open
}

// decodable is a type that this package generates.
type decodable interface{ decode(*decoder) }

// unmarshal reads a whole document into v.
func unmarshal(text []byte, v decodable, root string, types func(string) Resource) error {
	d := newDecoder(text, types)
	v.decode(d)
	return d.end(root)
}

func newDecoder(text []byte, types func(string) Resource) *decoder {
	d := &decoder{types: types}
	if !utf8.Valid(text) {
		d.invalid = true
		n := 0
		for {
			r, size := utf8.DecodeRune(text[n:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			n += size
		}
		text = text[:n]
	}
	d.s = string(text)
	d.b = text
	return d
}

// end returns the error, or that something follows the document.
func (d *decoder) end(root string) error {
	if d.err == nil {
		if d.peek(); d.pos < len(d.b) {
			d.fail("something follows the document")
		}
	}
	if d.err == nil && d.invalid {
		d.fail("not UTF-8")
	}
	if d.err == nil {
		return nil
	}
	d.err.Path = root + d.err.Path
	return d.err
}

// fail notes the first error. Its path grows while the objects around it end.
//
//go:noinline
func (d *decoder) fail(reason string) {
	if d.err != nil {
		return
	}
	if d.pos >= len(d.b) && d.invalid {
		reason = "not UTF-8"
	}
	d.err = &SyntaxError{Offset: d.pos, Reason: reason}
}

// peek returns the next byte that is not white space, or 0 at the end.
func (d *decoder) peek() byte {
	for d.pos < len(d.b) {
		c := d.b[d.pos]
		if c > ' ' || c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c
		}
		d.pos++
	}
	return 0
}

// frame is an object that is being read.
type frame struct {
	d     *decoder
	x     **Extra // where what has no field goes
	key   string  // of the member being read, without the underscore
	under bool    // whether its name has an underscore before it
	n     int     // members begun
	kind  string  // the type that the object must say that it has
	typed bool    // whether it said so
}

func (d *decoder) object(x **Extra) frame {
	if d.err == nil && d.peek() != '{' {
		d.fail("an object is expected")
	}
	if d.err == nil {
		d.enter()
	}
	return frame{d: d, x: x}
}

func (d *decoder) resourceObject(name string, x **Extra) frame {
	f := d.object(x)
	f.kind = name
	return f
}

func (d *decoder) enter() {
	d.pos++
	if d.depth++; d.depth > MaxDepth {
		d.fail("nested too deep")
	}
}

// next reads the key of the next member, and returns false at the end of the
// object.
func (f *frame) next() bool {
	d := f.d
	if d.err != nil {
		if f.n > 0 {
			d.err.Path = "." + f.name() + d.err.Path
		}
		return false
	}
	c := d.peek()
	if c == '}' {
		f.end()
		return false
	}
	if f.n > 0 {
		if c != ',' {
			d.fail("a comma or the end of the object is expected")
			return false
		}
		d.pos++
		c = d.peek()
	}
	if c != '"' {
		d.fail("a name is expected")
		return false
	}
	key := d.quoted()
	if d.err == nil && d.peek() != ':' {
		d.fail("a colon is expected")
	}
	if d.err != nil {
		return false
	}
	d.pos++
	f.under = len(key) > 1 && key[0] == '_'
	if f.under {
		key = key[1:]
	}
	f.key = key
	f.n++
	if f.kind != "" && !f.under && key == "resourceType" {
		f.resourceType()
		return f.next()
	}
	return true
}

func (f *frame) name() string {
	if f.under {
		return "_" + f.key
	}
	return f.key
}

// end ends the object.
func (f *frame) end() {
	d := f.d
	switch {
	case f.n == 0:
		d.fail("an object is not empty in FHIR")
	case f.kind != "" && !f.typed:
		d.fail("resourceType is missing")
	case *f.x != nil:
		d.unique(*f.x)
	}
	d.pos++
	d.depth--
}

// resourceType reads the type of a resource.
func (f *frame) resourceType() {
	if f.typed {
		f.d.fail("given twice")
		return
	}
	f.typed = true
	if f.d.text() != f.kind {
		f.d.fail("the type of the resource is not " + f.kind)
	}
}

// begin says whether the value of the element is to be read now. It is not if the
// element has been met, or if the member is what is noted of a primitive element.
func (f *frame) begin(again bool) bool {
	if f.under {
		f.unknown()
		return false
	}
	if again {
		f.d.fail("given twice")
		return false
	}
	return f.d.err == nil
}

// primitive is begin for an element that is primitive.
func (f *frame) primitive(again bool) bool {
	if f.under {
		f.extra()
		return false
	}
	return f.begin(again)
}

// list is a list that is being read.
type list struct {
	d *decoder
	n int // items begun
}

func (d *decoder) array() list {
	if d.err == nil && d.peek() != '[' {
		d.fail("a list is expected")
	}
	if d.err == nil {
		d.enter()
	}
	return list{d: d}
}

// next returns false at the end of the list.
func (l *list) next() bool {
	d := l.d
	if d.err != nil {
		if l.n > 0 {
			d.err.Path = "[" + strconv.Itoa(l.n-1) + "]" + d.err.Path
		}
		return false
	}
	c := d.peek()
	if c == ']' {
		if l.n == 0 {
			d.fail("a list is not empty in FHIR")
		}
		d.pos++
		d.depth--
		return false
	}
	if l.n > 0 {
		if c != ',' {
			d.fail("a comma or the end of the list is expected")
			return false
		}
		d.pos++
	}
	l.n++
	return true
}

func (f *frame) text(p *string) {
	if f.primitive(*p != "") {
		*p = f.d.text()
	}
}

// texts reads a list of strings in which null is "".
func texts[S ~string](f *frame, p *[]S) {
	if f.under {
		f.extras()
		return
	}
	if !f.begin(*p != nil) {
		return
	}
	for l := f.d.array(); l.next(); {
		if f.d.peek() == 'n' {
			f.d.word("null")
			*p = append(*p, "")
			continue
		}
		*p = append(*p, S(f.d.text()))
	}
}

func (f *frame) decimal(p *Decimal) {
	if f.primitive(*p != "") {
		*p = f.d.literal()
	}
}

func (f *frame) flag(p **bool) {
	if f.primitive(*p != nil) {
		*p = new(f.d.boolean())
	}
}

func (f *frame) whole(p **int) {
	if f.primitive(*p != nil) {
		*p = new(f.d.integer())
	}
}

func (d *decoder) text() string {
	if d.err != nil {
		return ""
	}
	if d.peek() != '"' {
		d.fail("a string is expected")
		return ""
	}
	s := d.quoted()
	if s == "" {
		d.fail("a string is not empty in FHIR")
	}
	return s
}

func (d *decoder) boolean() bool {
	switch d.peek() {
	case 't':
		d.word("true")
		return true
	case 'f':
		d.word("false")
	default:
		d.fail("true or false is expected")
	}
	return false
}

func (d *decoder) word(w string) {
	if !strings.HasPrefix(d.s[d.pos:], w) {
		d.fail(w + " is expected")
		return
	}
	d.pos += len(w)
}

// literal reads a number as it is written.
func (d *decoder) literal() Decimal {
	if d.err != nil {
		return ""
	}
	d.peek()
	n := numberEnd(d.s[d.pos:])
	if n == 0 {
		d.fail("a number is expected")
		return ""
	}
	s := d.s[d.pos : d.pos+n]
	d.pos += n
	return Decimal(s)
}

// integer reads a FHIR integer, of 32 bits.
func (d *decoder) integer() int {
	at := d.pos
	s := string(d.literal())
	if d.err != nil {
		return 0
	}
	n, ok := wholeNumber(s)
	if !ok {
		d.pos = at
		d.fail("an integer of 32 bits is expected")
	}
	return n
}

// wholeNumber returns the number that a JSON number is, if it is one of 32 bits.
func wholeNumber(s string) (int, bool) {
	digits, negative := strings.CutPrefix(s, "-")
	n := int64(0)
	for i := range len(digits) {
		c := digits[i] - '0'
		if c > 9 || i > 9 {
			return 0, false
		}
		n = n*10 + int64(c)
	}
	if negative {
		n = -n
	}
	return int(n), n == int64(int32(n)) && !(negative && n == 0)
}

// numberEnd returns how long the JSON number is that s begins with, 0 if it begins
// with none.
func numberEnd(s string) int {
	i := 0
	digits := func() bool {
		from := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(s) && s[i] == '-' {
		i++
	}
	if i < len(s) && s[i] == '0' {
		i++
	} else if !digits() {
		return 0
	}
	if i < len(s) && s[i] == '.' {
		i++
		if !digits() {
			return 0
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if !digits() {
			return 0
		}
	}
	// A letter or a digit right after it, as in 01 or 1a, makes it no number.
	if i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] == '.' || s[i] == '_' || s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z') {
		return 0
	}
	return i
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// plain returns how many bytes of b, from i on, are neither a quote, a backslash
// nor a control character.
func plain(b []byte, i int) int {
	for i+8 <= len(b) {
		w := binary.LittleEndian.Uint64(b[i:])
		quote, slash := w^(ones*'"'), w^(ones*'\\')
		stop := (w-ones*0x20)&^w | (quote-ones)&^quote | (slash-ones)&^slash
		if stop &= highs; stop != 0 {
			return i + bits.TrailingZeros64(stop)/8
		}
		i += 8
	}
	for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= 0x20 {
		i++
	}
	return i
}

// quoted reads a string; the next byte is its quote.
func (d *decoder) quoted() string {
	from := d.pos + 1
	i := plain(d.b, from)
	if i < len(d.b) && d.b[i] == '"' {
		d.pos = i + 1
		return d.s[from:i]
	}
	end := i
	for end < len(d.b) && d.b[end] == '\\' {
		end = plain(d.b, min(end+2, len(d.b)))
	}
	var out strings.Builder
	out.Grow(end - from)
	for {
		out.WriteString(d.s[from:i])
		d.pos = i
		switch {
		case i >= len(d.b):
			d.fail("a string does not end")
			return ""
		case d.b[i] == '"':
			d.pos++
			return out.String()
		case d.b[i] != '\\':
			d.fail("a control character in a string")
			return ""
		case i+1 >= len(d.b):
			d.pos = len(d.b)
			d.fail("a string does not end")
			return ""
		}
		c := d.b[i+1]
		i += 2
		switch c {
		case '"', '\\', '/':
			out.WriteByte(c)
		case 'b':
			out.WriteByte('\b')
		case 'f':
			out.WriteByte('\f')
		case 'n':
			out.WriteByte('\n')
		case 'r':
			out.WriteByte('\r')
		case 't':
			out.WriteByte('\t')
		case 'u':
			r, n := d.escape(i)
			if n == 0 {
				d.fail("an escape that is no character")
				return ""
			}
			out.WriteRune(r)
			i += n
		default:
			d.fail("an escape that JSON does not have")
			return ""
		}
		from = i
		i = plain(d.b, from)
	}
}

// escape returns the character whose hexadecimal digits begin at i, and how many
// bytes say so; 0 if they say none, as half of a pair of surrogates.
func (d *decoder) escape(i int) (rune, int) {
	hex := func(i int) (r rune, ok bool) {
		for _, c := range []byte(d.s[i:min(i+4, len(d.s))]) {
			switch {
			case c >= '0' && c <= '9':
				c -= '0'
			case c|0x20 >= 'a' && c|0x20 <= 'f':
				c = c | 0x20 - 'a' + 10
			default:
				return 0, false
			}
			r = r<<4 | rune(c)
		}
		return r, i+4 <= len(d.s)
	}
	r, ok := hex(i)
	switch {
	case !ok || r >= 0xdc00 && r < 0xe000:
		return 0, 0
	case r < 0xd800 || r >= 0xe000:
		return r, 4
	}
	if !strings.HasPrefix(d.s[i+4:], `\u`) {
		return 0, 0
	}
	low, ok := hex(i + 6)
	if !ok || low < 0xdc00 || low >= 0xe000 {
		return 0, 0
	}
	return (r-0xd800)<<10 | (low - 0xdc00) + 0x10000, 10
}
