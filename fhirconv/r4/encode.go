package r4

import (
	"bytes"
	"errors"
	"math/bits"
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
func appendValue(b []byte, s string) []byte {
	if s == "" {
		return b
	}
	return appendQuoted(b, s)
}

func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; ; i++ {
		if i = usual(s, i); i == len(s) {
			break
		}
		c := s[i]
		if c >= utf8.RuneSelf {
			if r, size := utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || size > 1 {
				i += size - 1
				continue
			}
			return append(b, poison)
		}
		b = append(b, s[from:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
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

// usual returns the index, from i on, of the first byte of s that is not ASCII or
// needs an escape.
func usual(s string, i int) int {
	for i+8 <= len(s) {
		b := s[i : i+8]
		w := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 | uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		quote, slash := w^(ones*'"'), w^(ones*'\\')
		// The lowest of the high bits that are set is that of the first such byte.
		if stop := (w | (w - ones*0x20) | (quote - ones) | (slash - ones)) & highs; stop != 0 {
			return i + bits.TrailingZeros64(stop)/8
		}
		i += 8
	}
	for i < len(s) && s[i] >= 0x20 && s[i] < utf8.RuneSelf && s[i] != '"' && s[i] != '\\' {
		i++
	}
	return i
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
