package r4

import (
	"bytes"
	"slices"
	"strings"
)

// Extra is what an element has beside its fields: the ids and extensions of its
// primitive elements, and elements that FHIR R4 does not have, which are kept and
// written back. Nil is none.
type Extra struct {
	Primitives []Primitive
	Unknown    []Unknown
}

// Primitive is what FHIR's JSON has under the name of a primitive element with an
// underscore before it.
type Primitive struct {
	Name     string // such as birthDate, or valueString for a choice
	List     bool   // whether the element may repeat
	Elements []*Element
}

// Element is the id and the extensions of a primitive element.
type Element struct {
	ID        string
	Extension []Extension
	Extra     *Extra
}

// Unknown is an element that FHIR R4 does not have.
type Unknown struct {
	Name string
	JSON string
}

// Of returns what is noted of the element's i-th value, nil if nothing is. For an
// element that does not repeat, i is 0.
func (x *Extra) Of(name string, i int) *Element {
	if x == nil {
		return nil
	}
	for _, p := range x.Primitives {
		if p.Name == name && i >= 0 && i < len(p.Elements) {
			return p.Elements[i]
		}
	}
	return nil
}

// With returns the extra with a primitive, in the place of one of the same name.
// An element that does not repeat has one of elements; in a list, nil says nothing
// of that value.
func (x *Extra) With(name string, list bool, elements ...*Element) *Extra {
	out := &Extra{}
	if x != nil {
		*out = Extra{Primitives: slices.Clone(x.Primitives), Unknown: slices.Clone(x.Unknown)}
	}
	p := Primitive{Name: name, List: list, Elements: slices.Clone(elements)}
	if i := slices.IndexFunc(out.Primitives, func(p Primitive) bool { return p.Name == name }); i >= 0 {
		out.Primitives[i] = p
	} else {
		out.Primitives = append(out.Primitives, p)
	}
	return out
}

// object ends an object whose members begin at start, each with a comma.
func (x *Extra) object(b []byte, start int) []byte {
	if x != nil {
		b = x.appendTo(b)
	}
	if len(b) == start {
		return append(b, "{}"...)
	}
	b[start] = '{'
	return append(b, '}')
}

// end ends a resource.
func (x *Extra) end(b []byte) []byte {
	if x != nil {
		b = x.appendTo(b)
	}
	return append(b, '}')
}

func (x *Extra) appendTo(b []byte) []byte {
	for _, p := range x.Primitives {
		if len(p.Elements) == 0 {
			continue
		}
		b = append(b, `,"_`...)
		b = append(b, p.Name...)
		b = append(b, `":`...)
		if !p.List {
			b = p.Elements[0].appendTo(b)
			continue
		}
		for i, e := range p.Elements {
			if i == 0 {
				b = append(b, '[')
			} else {
				b = append(b, ',')
			}
			b = e.appendTo(b)
		}
		b = append(b, ']')
	}
	for _, u := range x.Unknown {
		b = append(appendQuoted(append(b, ','), u.Name), ':')
		b = appendRaw(b, u.JSON)
	}
	return b
}

func (e *Element) appendTo(b []byte) []byte {
	if e == nil {
		return append(b, "null"...)
	}
	start := len(b)
	if e.ID != "" {
		b = appendText(b, `,"id":`, e.ID)
	}
	if len(e.Extension) > 0 {
		b = appendExtensionList(appendKey(b, `,"extension":`), e.Extension)
	}
	return e.Extra.object(b, start)
}

func (e *Element) decode(d *decoder) {
	f := d.object(&e.Extra)
	for key := f.next(); key != nil; key = f.next() {
		switch string(key) {
		case "id":
			f.text(&e.ID)
		case "extension":
			decodeExtensionList(&f, &e.Extension)
		default:
			f.unknown()
		}
	}
}

func extraOf(x **Extra) *Extra {
	if *x == nil {
		*x = &Extra{}
	}
	return *x
}

// extra reads what is noted of a primitive element that does not repeat.
func (f *frame) extra() {
	e := &Element{}
	e.decode(f.d)
	x := extraOf(f.x)
	x.Primitives = append(x.Primitives, Primitive{Name: string(f.key()), Elements: []*Element{e}})
}

// extras reads what is noted of a primitive element that repeats.
func (f *frame) extras() {
	p := Primitive{Name: string(f.key()), List: true}
	for l := f.d.array(); l.next(); {
		if f.d.peek() == 'n' {
			f.d.word("null")
			p.Elements = append(p.Elements, nil)
			continue
		}
		e := &Element{}
		e.decode(f.d)
		p.Elements = append(p.Elements, e)
	}
	x := extraOf(f.x)
	x.Primitives = append(x.Primitives, p)
}

// unknown reads an element that FHIR R4 does not have.
func (f *frame) unknown() {
	value := f.d.raw()
	x := extraOf(f.x)
	x.Unknown = append(x.Unknown, Unknown{Name: f.name(), JSON: value})
}

// unique refuses what is noted twice.
func (d *decoder) unique(x *Extra) {
	if d.err != nil || len(x.Primitives)+len(x.Unknown) < 2 {
		return
	}
	names := make([]string, 0, len(x.Primitives)+len(x.Unknown))
	for _, p := range x.Primitives {
		names = append(names, "_"+p.Name)
	}
	for _, u := range x.Unknown {
		names = append(names, u.Name)
	}
	if name, twice := repetition(names); twice {
		d.fail("given twice")
		d.err.Path = "." + name
	}
}

// choice reads a value of the choice of that name, whose value so far is old, or
// what is noted of a primitive one. It returns nil unless there is a value.
func (f *frame) choice(name string, old Value) Value {
	suffix := string(f.key()[len(name):])
	free := old == nil || f.under && old.suffix() == suffix
	if *f.x != nil {
		for _, p := range (*f.x).Primitives {
			other, ok := strings.CutPrefix(p.Name, name)
			free = free && (!ok || other == suffix || typeOf(other) == 0)
		}
	}
	switch {
	case !free:
		f.d.fail("a choice has two values")
	case f.under:
		f.extra()
	default:
		return decodeValue(f.d, typeOf(suffix))
	}
	return nil
}

// open is choice for a choice of any type. It returns false if the member is not
// of the choice.
func (f *frame) open(name string, v *Value) bool {
	suffix, ok := bytes.CutPrefix(f.key(), []byte(name))
	if !ok || typeOf(string(suffix)) == 0 {
		return false
	}
	if c := f.choice(name, *v); c != nil {
		*v = c
	}
	return true
}
