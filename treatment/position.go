package treatment

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// places holds where the values of a JSON text begin, by JSON Pointer.
type places struct {
	text    []byte
	offsets map[string]int
}

// positions finds where the values of a well-formed JSON text begin.
func positions(text []byte) places {
	p := places{text: text, offsets: map[string]int{}}
	p.value(json.NewDecoder(bytes.NewReader(text)), "")
	return p
}

// value notes the next value and those inside it, and reports whether there was
// one.
func (p places) value(dec *json.Decoder, path string) bool {
	start := int(dec.InputOffset())
	for start < len(p.text) && strings.IndexByte(" \t\r\n,:", p.text[start]) >= 0 {
		start++
	}
	p.offsets[path] = start
	token, err := dec.Token()
	if err != nil {
		return false
	}
	open, ok := token.(json.Delim)
	if !ok {
		return true
	}
	for i := 0; dec.More(); i++ {
		key := fmt.Sprint(i)
		if open == '{' {
			name, err := dec.Token()
			if err != nil {
				return false
			}
			key = pointer(fmt.Sprint(name))
		}
		if !p.value(dec, path+"/"+key) {
			return false
		}
	}
	_, err = dec.Token()
	return err == nil
}

// of returns the line and column of a value, counted from 1. What is not there
// has the place of what it is missing from.
func (p places) of(path string) (line, column int) {
	offset, ok := p.offsets[path]
	for !ok && path != "" {
		path = path[:strings.LastIndexByte(path, '/')]
		offset, ok = p.offsets[path]
	}
	before := p.text[:offset]
	return bytes.Count(before, []byte("\n")) + 1, offset - bytes.LastIndexByte(before, '\n')
}
