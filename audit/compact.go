package audit

import (
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds the nesting of event data.
const maxDepth = 32

// appendCompact appends one JSON value without white space and with the shortest
// string escapes. Members keep their order and numbers their text. It reports
// false, with dst as far as it got, for anything but one well-formed value whose
// objects have no member twice and whose strings are UTF-8 without NUL.
func appendCompact(dst, src []byte) ([]byte, bool) {
	c := compactor{src: src, dst: dst}
	ok := c.value(0)
	c.space()
	return c.dst, ok && c.pos == len(c.src)
}

type compactor struct {
	src, dst []byte
	pos      int
}

func (c *compactor) space() {
	for c.pos < len(c.src) {
		switch c.src[c.pos] {
		case ' ', '\t', '\n', '\r':
			c.pos++
		default:
			return
		}
	}
}

// peek returns the next character that is not white space, 0 at the end.
func (c *compactor) peek() byte {
	c.space()
	if c.pos == len(c.src) {
		return 0
	}
	return c.src[c.pos]
}

// take copies the next character if it is b.
func (c *compactor) take(b byte) bool {
	if c.peek() != b {
		return false
	}
	c.dst = append(c.dst, b)
	c.pos++
	return true
}

func (c *compactor) value(depth int) bool {
	if depth > maxDepth {
		return false
	}
	switch c.peek() {
	case '{':
		return c.object(depth)
	case '[':
		return c.array(depth)
	case '"':
		return c.str()
	case 't':
		return c.literal("true")
	case 'f':
		return c.literal("false")
	case 'n':
		return c.literal("null")
	default:
		return c.number()
	}
}

func (c *compactor) object(depth int) bool {
	c.take('{')
	if c.take('}') {
		return true
	}
	var names nameSet
	for {
		c.space()
		start := len(c.dst)
		if !c.str() || !names.add(c.dst[start:]) || !c.take(':') || !c.value(depth+1) {
			return false
		}
		if !c.take(',') {
			return c.take('}')
		}
	}
}

func (c *compactor) array(depth int) bool {
	c.take('[')
	if c.take(']') {
		return true
	}
	for {
		if !c.value(depth + 1) {
			return false
		}
		if !c.take(',') {
			return c.take(']')
		}
	}
}

func (c *compactor) literal(word string) bool {
	end := c.pos + len(word)
	if end > len(c.src) || string(c.src[c.pos:end]) != word {
		return false
	}
	c.dst = append(c.dst, word...)
	c.pos = end
	return true
}

// number copies a number of RFC 8259, section 6.
func (c *compactor) number() bool {
	start := c.pos
	c.accept('-')
	switch {
	case c.accept('0'):
	case !c.digits():
		return false
	}
	if c.accept('.') && !c.digits() {
		return false
	}
	if c.accept('e') || c.accept('E') {
		if !c.accept('+') {
			c.accept('-')
		}
		if !c.digits() {
			return false
		}
	}
	c.dst = append(c.dst, c.src[start:c.pos]...)
	return true
}

func (c *compactor) accept(b byte) bool {
	if c.pos < len(c.src) && c.src[c.pos] == b {
		c.pos++
		return true
	}
	return false
}

func (c *compactor) digits() bool {
	start := c.pos
	for c.pos < len(c.src) && '0' <= c.src[c.pos] && c.src[c.pos] <= '9' {
		c.pos++
	}
	return c.pos > start
}

func (c *compactor) str() bool {
	if !c.accept('"') {
		return false
	}
	c.dst = append(c.dst, '"')
	for c.pos < len(c.src) {
		switch b := c.src[c.pos]; {
		case b == '"':
			c.pos++
			c.dst = append(c.dst, '"')
			return true
		case b == '\\':
			r, ok := c.escape()
			if !ok || r == 0 {
				return false
			}
			if r < utf8.RuneSelf && !plain[r] {
				c.dst = appendEscaped(c.dst, byte(r))
			} else {
				c.dst = utf8.AppendRune(c.dst, r)
			}
		case b < ' ':
			return false
		case b < utf8.RuneSelf:
			c.dst = append(c.dst, b)
			c.pos++
		default:
			r, size := utf8.DecodeRune(c.src[c.pos:])
			if r == utf8.RuneError && size == 1 {
				return false
			}
			c.dst = append(c.dst, c.src[c.pos:c.pos+size]...)
			c.pos += size
		}
	}
	return false
}

// escape reads an escape sequence; a surrogate must be one of a pair.
func (c *compactor) escape() (rune, bool) {
	if c.pos+1 >= len(c.src) {
		return 0, false
	}
	kind := c.src[c.pos+1]
	c.pos += 2
	switch kind {
	case '"', '\\', '/':
		return rune(kind), true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'u':
	default:
		return 0, false
	}
	r, ok := c.hex4()
	if !ok || !utf16.IsSurrogate(r) {
		return r, ok
	}
	if !c.accept('\\') || !c.accept('u') {
		return 0, false
	}
	low, ok := c.hex4()
	r = utf16.DecodeRune(r, low)
	return r, ok && r != utf8.RuneError
}

func (c *compactor) hex4() (rune, bool) {
	if c.pos+4 > len(c.src) {
		return 0, false
	}
	var r rune
	for _, b := range c.src[c.pos : c.pos+4] {
		switch {
		case '0' <= b && b <= '9':
			r = r<<4 | rune(b-'0')
		case 'a' <= b && b <= 'f':
			r = r<<4 | rune(b-'a'+10)
		case 'A' <= b && b <= 'F':
			r = r<<4 | rune(b-'A'+10)
		default:
			return 0, false
		}
	}
	c.pos += 4
	return r, true
}

// nameSet holds the member names of one object. It stays off the heap for the
// few members that events have.
type nameSet struct {
	few  [12][]byte
	n    int
	many map[string]bool
}

// add reports whether the name is new.
func (s *nameSet) add(name []byte) bool {
	if s.many == nil {
		for _, other := range s.few[:s.n] {
			if string(other) == string(name) {
				return false
			}
		}
		if s.n < len(s.few) {
			s.few[s.n] = name
			s.n++
			return true
		}
		s.many = make(map[string]bool, 2*s.n)
		for _, other := range s.few {
			s.many[string(other)] = true
		}
	}
	if s.many[string(name)] {
		return false
	}
	s.many[string(name)] = true
	return true
}
