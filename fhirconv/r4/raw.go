package r4

import (
	"bytes"
	"strconv"
)

// raw reads any JSON value and returns it without white space between its tokens.
func (d *decoder) raw() string {
	if d.err != nil {
		return ""
	}
	d.peek()
	from := d.pos
	d.skip()
	if d.err != nil {
		return ""
	}
	return compact(d.b[from:d.pos])
}

// skip reads any JSON value.
func (d *decoder) skip() {
	switch c := d.peek(); c {
	case '"':
		d.quoted()
	case 't':
		d.word("true")
	case 'f':
		d.word("false")
	case 'n':
		d.word("null")
	case '{', '[':
		d.skipInside(c)
	default:
		d.literal()
	}
}

func (d *decoder) skipInside(open byte) {
	d.enter()
	first := len(d.keys)
	for n := 0; d.err == nil; n++ {
		c := d.peek()
		if c == open+2 { // the closing bracket
			d.pos++
			d.depth--
			break
		}
		if n > 0 {
			if c != ',' {
				d.fail("a comma or the end is expected")
				return
			}
			d.pos++
		}
		if open == '{' {
			if d.peek() != '"' {
				d.fail("a name is expected")
				return
			}
			from := d.pos + 1
			key := d.member()
			if d.err != nil {
				return
			}
			if key == nil {
				key = d.b[from:d.to]
			}
			d.keys = append(d.keys, string(key))
		}
		d.skip()
		if d.err != nil {
			if open == '{' {
				d.err.Path = "." + d.keys[len(d.keys)-1] + d.err.Path
			} else {
				d.err.Path = "[" + strconv.Itoa(n) + "]" + d.err.Path
			}
		}
	}
	if d.err == nil {
		if name, twice := repetition(d.keys[first:]); twice {
			d.fail("given twice")
			d.err.Path = "." + name
		}
	}
	d.keys = d.keys[:first]
}

// repetition returns a name that is in the list twice, in linear time.
func repetition(names []string) (string, bool) {
	if len(names) > 8 {
		seen := make(map[string]struct{}, len(names))
		for i, n := range names {
			if seen[n] = struct{}{}; len(seen) <= i {
				return n, true
			}
		}
		return "", false
	}
	for i, n := range names {
		for _, other := range names[:i] {
			if n == other {
				return n, true
			}
		}
	}
	return "", false
}

// compact returns JSON without the white space between its tokens.
func compact(s []byte) string {
	if !bytes.ContainsAny(s, " \n\r\t") {
		return string(s)
	}
	out := make([]byte, 0, len(s))
	in := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case in && c == '\\':
			out = append(out, c)
			i++
			c = s[i]
		case c == '"':
			in = !in
		case !in && (c == ' ' || c == '\n' || c == '\r' || c == '\t'):
			continue
		}
		out = append(out, c)
	}
	return string(out)
}
