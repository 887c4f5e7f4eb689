package r4

import (
	"bytes"
	"errors"
	"math/bits"
	"slices"
	"strconv"
	"unicode/utf8"
)

// poison is written in the place of what has no JSON form. No JSON has that byte.
const poison = 0

var errValue = errors.New("a decimal is not a number, a string is not UTF-8, or an unknown element is not JSON")

// finish returns b, which is old with a document appended, or an error if a value
// could not be written.
//
//go:noinline
func finish(old, b []byte) ([]byte, error) {
	if bytes.IndexByte(b[len(old):], poison) >= 0 {
		return old, errValue
	}
	return b, nil
}

//go:noinline
func appendKey(b []byte, key string) []byte { return append(b, key...) }

//go:noinline
func appendBool(b []byte, key string, v bool) []byte {
	return strconv.AppendBool(append(b, key...), v)
}

//go:noinline
func appendInt(b []byte, key string, v int) []byte {
	return strconv.AppendInt(append(b, key...), int64(v), 10)
}

const hexDigits = "0123456789abcdef"

// appendText appends a member that is a string.
//
//go:noinline
func appendText(b []byte, name, s string) []byte { return appendQuoted(append(b, name...), s) }

// appendValue appends a string that is the value of a choice.
//
//go:noinline
func appendValue(b []byte, s string) []byte {
	if s == "" {
		return b
	}
	return appendQuoted(b, s)
}

func appendQuoted(b []byte, s string) []byte {
	i := usual(s)
	if i == len(s) {
		b = slices.Grow(b, len(s)+2)
		n := len(b)
		b = b[:n+len(s)+2]
		b[n] = '"'
		copy(b[n+1:], s)
		b[n+1+len(s)] = '"'
		return b
	}
	if !utf8.ValidString(s[i:]) {
		return append(b, poison)
	}
	b = append(b, '"')
	from := 0
	for ; i < len(s); i = escaped(s, i+1) {
		c := s[i]
		if c >= utf8.RuneSelf {
			continue
		}
		b = append(b, s[from:i]...)
		switch c {
		case '"', '\\':
		case '\n':
			c = 'n'
		case '\r':
			c = 'r'
		case '\t':
			c = 't'
		default:
			b = append(b, `\u00`...)
			b = append(b, hexDigits[c>>4], hexDigits[c&15])
			from = i + 1
			continue
		}
		b = append(b, '\\', c)
		from = i + 1
	}
	return append(append(b, s[from:]...), '"')
}

// appendTexts appends a member that is a list of strings, in which "" is null.
func appendTexts[S ~string](b []byte, name string, list []S) []byte {
	b = append(b, name...)
	for i, s := range list {
		if i == 0 {
			b = append(b, '[')
		} else {
			b = append(b, ',')
		}
		if s == "" {
			b = append(b, "null"...)
		} else {
			b = appendQuoted(b, string(s))
		}
	}
	return append(b, ']')
}

// separate appends what stands before the i-th item of a list.
//
//go:noinline
func separate(b []byte, i int) []byte {
	if i == 0 {
		return append(b, '[')
	}
	return append(b, ',')
}

// usual returns the index of the first byte of s that is not ASCII or
// needs an escape.
func usual(s string) int {
	i := 0
	for i+8 <= len(s) {
		w := word(s[i:])
		// The lowest of the bits is of the first such byte.
		if stop := (w | special(w)) & highs; stop != 0 {
			return i + bits.TrailingZeros64(stop)/8
		}
		if i += 8; i+8 > len(s) && i < len(s) {
			i = len(s) - 8
		}
	}
	if n := len(s); n >= 4 && n < 8 {
		w := uint64(half(s)) | uint64(half(s[n-4:]))<<32
		if (w|special(w))&highs == 0 {
			return n
		}
	}
	for i < len(s) && s[i] >= 0x20 && s[i] < utf8.RuneSelf && s[i] != '"' && s[i] != '\\' {
		i++
	}
	return i
}

// escaped returns the index, from i on, of the first byte of s that needs an escape.
func escaped(s string, i int) int {
	for len(s)-i >= 32 {
		w, x, y, z := word(s[i:]), word(s[i+8:]), word(s[i+16:]), word(s[i+24:])
		if (special(w)|special(x)|special(y)|special(z))&highs != 0 {
			break
		}
		i += 32
	}
	for len(s)-i >= 8 {
		w := word(s[i:])
		if stop := special(w) &^ w & highs; stop != 0 {
			return i + bits.TrailingZeros64(stop)/8
		}
		i += 8
	}
	for i < len(s) && s[i] >= 0x20 && s[i] != '"' && s[i] != '\\' {
		i++
	}
	return i
}

// word returns the first 8 bytes, the first lowest.
func word(b string) uint64 {
	_ = b[7]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 | uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// half returns the first 4 bytes, the first lowest.
func half(b string) uint32 {
	_ = b[3]
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

func appendResources(b []byte, key string, list []Resource) []byte {
	b = append(appendKey(b, key), '[')
	for i, r := range list {
		if i > 0 {
			b = append(b, ',')
		}
		if r == nil {
			b = append(b, poison)
			continue
		}
		b = r.appendTo(b)
	}
	return append(b, ']')
}

// appendChoice appends the value of a choice under the name of its type. A nil
// pointer and an empty string are no value.
func appendChoice(b []byte, name string, v Value) []byte {
	start := len(b)
	b = append(b, name...)
	b = append(b, v.suffix()...)
	b = append(b, '"', ':')
	value := len(b)
	if b = v.appendTo(b); len(b) == value {
		return b[:start]
	}
	return b
}

// appendRaw appends JSON that was kept, if it is JSON.
func appendRaw(b []byte, text string) []byte {
	d := newDecoder([]byte(text), nil)
	raw := d.raw()
	if d.end("") != nil {
		return append(b, poison)
	}
	return append(b, raw...)
}
