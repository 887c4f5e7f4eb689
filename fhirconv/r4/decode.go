package r4

import (
	"bytes"
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

// decoder reads one document.
type decoder struct {
	b       []byte
	values  strings.Builder // of which the strings of the resource are parts
	pos     int
	to      int // where the last name of a member ends
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
	if d.pos < len(d.b) {
		if c := d.b[d.pos]; c > ' ' {
			return c
		}
	}
	return d.space()
}

// space skips white space, and returns the byte after it.
func (d *decoder) space() byte {
	b, i := d.b, d.pos
	for i < len(b) {
		if i+8 <= len(b) {
			// Mostly it is a run of spaces.
			other := binary.LittleEndian.Uint64(b[i:]) ^ ones*' '
			i += bits.TrailingZeros64(other) / 8
			if other == 0 {
				continue
			}
		}
		if c := b[i]; c > ' ' || c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			d.pos = i
			return c
		}
		i++
	}
	d.pos = i
	return 0
}

// frame is an object that is being read.
type frame struct {
	d     *decoder
	x     **Extra // where what has no field goes
	from  int     // where the key of the member is that is being read, without the underscore
	to    int
	odd   *[]byte // the key, if it has escapes
	under bool    // whether its name has an underscore before it
	n     int     // members begun
	typed bool    // whether the type of the resource was met
}

func (d *decoder) object(x **Extra) frame {
	if d.err == nil {
		if d.peek() == '{' {
			d.enter()
		} else {
			d.fail("an object is expected")
		}
	}
	return frame{d: d, x: x}
}

func (d *decoder) enter() {
	d.pos++
	if d.depth++; d.depth > MaxDepth {
		d.fail("nested too deep")
	}
}

// next reads the name of the next member and returns it without the underscore, or
// nil at the end of the object.
func (f *frame) next() []byte {
	d := f.d
	if d.err != nil {
		if f.n > 0 {
			d.err.Path = "." + f.name() + d.err.Path
		}
		return nil
	}
	c := d.peek()
	switch {
	case c == '}':
		f.end()
		return nil
	case f.n > 0 && c != ',':
		d.fail("a comma or the end of the object is expected")
		return nil
	case f.n > 0:
		d.pos++
		if c = d.b[min(d.pos, len(d.b)-1)]; c != '"' {
			c = d.space()
		}
	}
	if c != '"' {
		d.fail("a name is expected")
		return nil
	}
	from := d.pos + 1
	odd := d.member()
	if d.err != nil {
		return nil
	}
	f.n++
	f.from, f.to = from, d.to
	key := d.b[from:d.to]
	if odd != nil {
		key = odd
	}
	if f.under = key[0] == '_' && len(key) > 1; f.under {
		key = key[1:]
		f.from++
	}
	// Pointers are written only then; that is dear while garbage is collected.
	switch {
	case odd != nil:
		f.odd = new(key)
	case f.odd != nil:
		f.odd = nil
	}
	return key
}

// key returns the name of the member, without the underscore.
func (f *frame) key() []byte {
	if f.odd != nil {
		return *f.odd
	}
	return f.d.b[f.from:f.to]
}

//go:noinline
func (f *frame) name() string {
	if f.under {
		return "_" + string(f.key())
	}
	return string(f.key())
}

// end ends the object.
func (f *frame) end() {
	d := f.d
	switch {
	case f.n == 0:
		d.fail("an object is not empty in FHIR")
	case *f.x != nil:
		d.unique(*f.x)
	}
	d.pos++
	d.depth--
}

// resourceType reads the type of a resource.
func (f *frame) resourceType(name string) {
	d := f.d
	if f.begin(f.typed) {
		f.typed = true
		if d.text() != name {
			d.fail("the type of the resource is not " + name)
		}
	}
}

// typedEnd says that a resource which ends here has not said its type.
func (f *frame) typedEnd() {
	if !f.typed {
		f.d.fail("resourceType is missing")
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
	d := f.d
	from := d.pos + 1
	if from < len(d.b) && d.b[from-1] == ' ' {
		from++
	}
	if from < len(d.b) && d.b[from-1] == '"' && *p == "" && !f.under && d.err == nil {
		if i := plain(d.b, from); i > from && i < len(d.b) && d.b[i] == '"' {
			d.pos = i + 1
			*p = d.keep(d.b[from:i])
			return
		}
	}
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

//go:noinline
func (d *decoder) word(w string) {
	if !bytes.HasPrefix(d.b[d.pos:], []byte(w)) {
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
	end := d.pos
	for end < len(d.b) && (d.b[end] > ',' || d.b[end] == '+') && d.b[end] != ']' && d.b[end] != '}' {
		end++
	}
	if s := Decimal(d.keep(d.b[d.pos:end])); s.Valid() {
		d.pos = end
		return s
	}
	d.fail("a number is expected")
	return ""
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

// isNumber says whether s is a JSON number.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	n := digits(s)
	if n == 0 || n > 1 && s[0] == '0' {
		return false
	}
	if s = s[n:]; s != "" && s[0] == '.' {
		if n = digits(s[1:]); n == 0 {
			return false
		}
		s = s[1+n:]
	}
	if s == "" || s[0]|0x20 != 'e' {
		return s == ""
	}
	if s = s[1:]; s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	return s != "" && digits(s) == len(s)
}

// digits returns how many digits s begins with.
//
//go:noinline
func digits(s string) int {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return i
		}
	}
	return len(s)
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special sets a bit of highs for each byte of w that is a quote, a backslash or a
// control character, and for some others after it or that are not ASCII.
func special(w uint64) uint64 {
	return (w - ones*0x20) | (w ^ ones*'"' - ones) | (w ^ ones*'\\' - ones)
}

// plain returns the index, from i on, of the first byte of b that is a quote, a
// backslash or a control character.
func plain(b []byte, i int) int {
	for n := 0; i+8 <= len(b); n++ {
		if n > 1 && i+32 <= len(b) {
			p := b[i : i+32 : i+32]
			w, x := binary.LittleEndian.Uint64(p), binary.LittleEndian.Uint64(p[8:])
			y, z := binary.LittleEndian.Uint64(p[16:]), binary.LittleEndian.Uint64(p[24:])
			if (special(w)|special(x)|special(y)|special(z))&highs == 0 {
				i += 32
				continue
			}
		}
		w := binary.LittleEndian.Uint64(b[i:])
		// The lowest of the bits is of the first such byte.
		if stop := special(w) &^ w & highs; stop != 0 {
			return i + bits.TrailingZeros64(stop)/8
		}
		i += 8
	}
	for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= 0x20 {
		i++
	}
	return i
}

// piece is how many bytes of values stand together at most, unless one is longer.
const piece = 8192

// room makes room for a value of n bytes, of which there is not enough.
func (d *decoder) room(n int) {
	// About half of a document is values.
	d.values.Reset()
	d.values.Grow(max(n, min(piece, (len(d.b)-d.pos)/2+64)))
}

// keep returns a part of the document as a string of its own.
func (d *decoder) keep(part []byte) string {
	if d.values.Cap()-d.values.Len() < len(part) {
		d.room(len(part))
	}
	from := d.values.Len()
	d.values.Write(part)
	return d.values.String()[from:]
}

// member reads the name of a member and its colon; the next byte is its quote. The
// name ends at d.to. Only if it has escapes it is returned.
func (d *decoder) member() []byte {
	from := d.pos + 1
	i := plain(d.b, from)
	d.to = i
	if i+1 < len(d.b) && d.b[i] == '"' && d.b[i+1] == ':' && i > from {
		d.pos = i + 2
		return nil
	}
	key := d.quoted()
	switch {
	case d.err != nil:
	case key == "":
		d.fail("a name is empty")
	case d.peek() != ':':
		d.fail("a colon is expected")
	default:
		d.pos++
		if d.b[i] != '"' {
			return []byte(key)
		}
	}
	return nil
}

// quoted reads a string; the next byte is its quote.
func (d *decoder) quoted() string {
	from := d.pos + 1
	i := plain(d.b, from)
	if i < len(d.b) && d.b[i] == '"' {
		d.pos = i + 1
		return d.keep(d.b[from:i])
	}
	if n := d.closing(i) - from; d.values.Cap()-d.values.Len() < n {
		d.room(n)
	}
	out := &d.values
	begin := out.Len()
	for {
		out.Write(d.b[from:i])
		d.pos = i
		switch {
		case i >= len(d.b):
			d.fail("a string does not end")
			return ""
		case d.b[i] == '"':
			d.pos++
			return out.String()[begin:]
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
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			r, n := d.escape(i)
			if n == 0 {
				d.fail("an escape that is no character")
				return ""
			}
			out.WriteRune(r)
			i += n
			from = i
			i = plain(d.b, from)
			continue
		default:
			d.fail("an escape that JSON does not have")
			return ""
		}
		out.WriteByte(c)
		from = i
		i = plain(d.b, from)
	}
}

// closing returns where the quote may be that closes the string in which i is.
func (d *decoder) closing(i int) int {
	for {
		n := bytes.IndexByte(d.b[i:], '"')
		if n < 0 {
			return len(d.b)
		}
		escaped := false
		for end := i + n; end > i && d.b[end-1] == '\\'; end-- {
			escaped = !escaped
		}
		if !escaped {
			return i + n
		}
		i += n + 1
	}
}

// escape returns the character whose hexadecimal digits begin at i, and how many
// bytes say so; 0 if they say none, as half of a pair of surrogates.
func (d *decoder) escape(i int) (rune, int) {
	hex := func(i int) (r rune, ok bool) {
		for _, c := range d.b[i:min(i+4, len(d.b))] {
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
		return r, i+4 <= len(d.b)
	}
	r, ok := hex(i)
	switch {
	case !ok || r >= 0xdc00 && r < 0xe000:
		return 0, 0
	case r < 0xd800 || r >= 0xe000:
		return r, 4
	}
	if !bytes.HasPrefix(d.b[i+4:], []byte(`\u`)) {
		return 0, 0
	}
	low, ok := hex(i + 6)
	if !ok || low < 0xdc00 || low >= 0xe000 {
		return 0, 0
	}
	return (r-0xd800)<<10 | (low - 0xdc00) + 0x10000, 10
}
