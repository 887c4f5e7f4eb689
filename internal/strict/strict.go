// Package strict reads JSON that people and other systems write: it refuses what
// encoding/json lets pass (unknown and repeated members, names in another case,
// trailing data) and says where everything is that is wrong.
package strict

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"github.com/glabella-ehr/glabella"
)

// maxDepth bounds the nesting of a document.
const maxDepth = 64

// Decode reads one JSON value into v, a non-nil pointer. The error is a
// [*glabella.ValidationError] about name with every problem: its JSON Pointer,
// line and column, and one of the codes [glabella.CodeSyntax],
// [glabella.CodeUnknownField], [glabella.CodeDuplicate], [glabella.CodeFormat] and
// [glabella.CodeText]. Its texts name members and never values. After an error, v
// is unchanged.
func Decode(name string, data []byte, v any) error {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return fmt.Errorf("decode %s: %w: not a pointer", name, glabella.ErrInvalid)
	}
	w := walker{data: data, dec: json.NewDecoder(bytes.NewReader(data))}
	w.dec.UseNumber()
	for i, c := range data {
		if c == '\n' {
			w.lines = append(w.lines, i+1)
		}
	}
	if err := w.value("", target.Type().Elem(), 0); err == nil {
		end := w.skipSpace()
		if _, err := w.dec.Token(); !errors.Is(err, io.EOF) {
			w.add(end, "", glabella.CodeSyntax, "more data after the value")
		}
	}
	if err := glabella.Invalid(name, w.issues...); err != nil {
		return err
	}
	fresh := reflect.New(target.Type().Elem())
	if err := json.Unmarshal(data, fresh.Interface()); err != nil {
		return glabella.Invalid(name, glabella.Issue{Code: glabella.CodeFormat, Text: "does not have the form of the file"})
	}
	target.Elem().Set(fresh.Elem())
	return nil
}

type walker struct {
	data   []byte
	dec    *json.Decoder
	lines  []int // offsets at which the second and later lines begin
	issues []glabella.Issue
}

// errStop ends the walk of a document that is not well-formed.
var errStop = errors.New("stop")

func (w *walker) add(offset int, path string, code glabella.Code, text string) {
	line := sort.SearchInts(w.lines, offset+1)
	start := 0
	if line > 0 {
		start = w.lines[line-1]
	}
	w.issues = append(w.issues, glabella.Issue{Path: path, Code: code, Text: text, Line: line + 1, Column: offset - start + 1})
}

// skipSpace returns the offset of the next token.
func (w *walker) skipSpace() int {
	i := int(w.dec.InputOffset())
	for i < len(w.data) && strings.IndexByte(" \t\r\n,:", w.data[i]) >= 0 {
		i++
	}
	return i
}

func (w *walker) syntax(path string, err error) error {
	offset := w.skipSpace()
	text := "not well-formed JSON"
	var se *json.SyntaxError
	switch {
	case errors.As(err, &se):
		offset = max(int(se.Offset)-1, 0)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		offset, text = len(w.data), "the file ends early"
	}
	w.add(offset, path, glabella.CodeSyntax, text)
	return errStop
}

var (
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// custom reports whether values of the type read themselves.
func custom(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(jsonUnmarshaler) || p.Implements(textUnmarshaler)
}

// value walks one value that is to become a t.
func (w *walker) value(path string, t reflect.Type, depth int) error {
	if depth > maxDepth {
		w.add(w.skipSpace(), path, glabella.CodeSyntax, "nested too deeply")
		return errStop
	}
	start := w.skipSpace()
	if t != nil {
		for t.Kind() == reflect.Pointer && !custom(t) {
			t = t.Elem()
		}
	}
	if t != nil && custom(t) {
		if err := w.value(path, nil, depth); err != nil {
			return err
		}
		w.leaf(start, path, t)
		return nil
	}
	tok, err := w.dec.Token()
	if err != nil {
		return w.syntax(path, err)
	}
	switch tok {
	case json.Delim('{'):
		return w.object(start, path, t, depth)
	case json.Delim('['):
		return w.array(start, path, t, depth)
	}
	w.text(start, path, tok)
	if t != nil && tok != nil {
		w.leaf(start, path, t)
	}
	return nil
}

// text refuses text that does not survive: a NUL character, which databases do not
// hold, and bytes or escapes that are no character, which encoding/json replaces.
func (w *walker) text(start int, path string, tok json.Token) {
	s, ok := tok.(string)
	if !ok {
		return
	}
	if strings.ContainsRune(s, 0) {
		w.add(start, path, glabella.CodeText, "text has a NUL character")
	}
	if replaced := strings.Count(s, "\uFFFD"); replaced > 0 {
		raw := w.data[start:w.dec.InputOffset()]
		if replaced > bytes.Count(raw, []byte("\uFFFD"))+len(escapedReplacement.FindAll(raw, -1)) {
			w.add(start, path, glabella.CodeText, "text has what is no character")
		}
	}
}

// escapedReplacement is U+FFFD as an escape, which a document may hold as itself.
var escapedReplacement = regexp.MustCompile(`\\u[fF]{3}[dD]`)

// leaf tries to read the value that began at start as a t.
func (w *walker) leaf(start int, path string, t reflect.Type) {
	raw := w.data[start:w.dec.InputOffset()]
	if err := json.Unmarshal(raw, reflect.New(t).Interface()); err != nil {
		w.add(start, path, glabella.CodeFormat, "not a "+describe(t))
	}
}

func describe(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "whole number"
	case reflect.Float32, reflect.Float64:
		return "number"
	case reflect.String:
		return "text"
	case reflect.Slice:
		return "list"
	}
	name, _, _ := strings.Cut(t.Name(), "[")
	if name == "" {
		name = "value of this form"
	}
	return strings.ToLower(name)
}

func (w *walker) object(start int, path string, t reflect.Type, depth int) error {
	var fields map[string]reflect.Type
	var members reflect.Type
	switch {
	case t == nil, t.Kind() == reflect.Interface:
	case t.Kind() == reflect.Struct:
		fields = map[string]reflect.Type{}
		collect(t, fields)
	case t.Kind() == reflect.Map:
		members = t.Elem()
	default:
		w.add(start, path, glabella.CodeFormat, "not a "+describe(t))
	}
	seen := map[string]bool{}
	for w.dec.More() {
		at := w.skipSpace()
		tok, err := w.dec.Token()
		if err != nil {
			return w.syntax(path, err)
		}
		name, ok := tok.(string)
		if !ok {
			return w.syntax(path, nil)
		}
		w.text(at, path, tok)
		to := path + "/" + pointerEscape.Replace(name)
		if seen[name] {
			w.add(at, to, glabella.CodeDuplicate, "the member is given twice")
		}
		seen[name] = true
		next := members
		if fields != nil {
			if next, ok = fields[name]; !ok {
				w.add(at, to, glabella.CodeUnknownField, "no such member")
			}
		}
		if err := w.value(to, next, depth+1); err != nil {
			return err
		}
	}
	return w.close(path)
}

var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")

func (w *walker) array(start int, path string, t reflect.Type, depth int) error {
	var element reflect.Type
	switch {
	case t == nil, t.Kind() == reflect.Interface:
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Array:
		element = t.Elem()
	default:
		w.add(start, path, glabella.CodeFormat, "not a "+describe(t))
	}
	for i := 0; w.dec.More(); i++ {
		if err := w.value(path+"/"+strconv.Itoa(i), element, depth+1); err != nil {
			return err
		}
	}
	return w.close(path)
}

func (w *walker) close(path string) error {
	if _, err := w.dec.Token(); err != nil {
		return w.syntax(path, err)
	}
	return nil
}

// collect adds the members of a struct by their JSON names, those of embedded
// structs included; outer ones win.
func collect(t reflect.Type, fields map[string]reflect.Type) {
	var embedded []reflect.Type
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case name == "-":
		case f.Anonymous && name == "" && inner.Kind() == reflect.Struct:
			embedded = append(embedded, inner)
		case !f.IsExported():
		case name == "":
			fields[f.Name] = f.Type
		default:
			fields[name] = f.Type
		}
	}
	for _, e := range embedded {
		inner := map[string]reflect.Type{}
		collect(e, inner)
		for name, typ := range inner {
			if _, ok := fields[name]; !ok {
				fields[name] = typ
			}
		}
	}
}
