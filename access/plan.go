package access

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// plan says of which class the parts of a type are. A plan without fields and
// without an element is of one class all the way down.
type plan struct {
	class  Classes // a set of one class, or of none
	name   Class
	path   []string // where it is, as a JSON Pointer in pieces: positions in lists go between them
	flat   bool     // holds nothing by reference
	copier *copier
	fields []planned
	simple bool  // of one class and flat: if it may be seen, there is nothing to be done
	elem   *plan // of a list or a pointer whose parts are of several classes
}

// planned is a field of a struct.
type planned struct {
	index int
	plan  *plan
}

// copier says how the values of a type are copied.
type copier struct {
	kind   reflect.Kind
	flat   bool
	fields []copied // those that are not flat
	elem   *copier
}

type copied struct {
	index  int
	copier *copier
}

// planKey names a plan: what is a patient's name in one kind of record may be
// something else in another.
type planKey struct {
	of   reflect.Type
	kind string
}

// plans holds the plans that were made. A plan is made once for each type.
var plans sync.Map

func planOf(t reflect.Type, kind string) *plan {
	key := planKey{t, kind}
	if p, ok := plans.Load(key); ok {
		return p.(*plan)
	}
	m := planner{classes: fieldClasses()[kind], copiers: map[reflect.Type]*copier{}}
	p, _ := plans.LoadOrStore(key, m.plan(t, "", []string{""}, ""))
	return p.(*plan)
}

// planner makes the plan of one type.
type planner struct {
	classes map[string]Class
	copiers map[reflect.Type]*copier
}

// plan returns the plan of what stands at a place, whose class is that of what it
// is in unless it has its own.
func (m *planner) plan(t reflect.Type, place string, path []string, class Class) *plan {
	if own, ok := m.classes[place]; ok {
		class = own
	}
	p := &plan{class: ClassSet(class), name: class, path: path, copier: m.copier(t)}
	p.flat = p.copier.flat
	if !m.mixed(place) {
		p.simple = p.flat
		return p
	}
	switch p.copier.kind {
	case reflect.Struct:
		p.fields = []planned{}
		for i := range t.NumField() {
			f := t.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case f.Anonymous && name == "":
				p.fields = append(p.fields, planned{i, m.plan(f.Type, place, path, class)})
			case f.IsExported() && name != "-":
				within := slices.Clone(path)
				within[len(within)-1] += "/" + pointerEscape.Replace(name)
				p.fields = append(p.fields, planned{i, m.plan(f.Type, strings.TrimPrefix(place+"."+name, "."), within, class)})
			}
		}
	case reflect.Slice:
		p.elem = m.plan(t.Elem(), place, append(slices.Clone(path), ""), class)
	case reflect.Pointer:
		p.elem = m.plan(t.Elem(), place, path, class)
	}
	return p
}

// pointerEscape writes a name as a part of a JSON Pointer, RFC 6901 section 3.
var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")

// mixed reports whether something within the place has a class of its own.
func (m *planner) mixed(place string) bool {
	for other := range m.classes {
		if place == "" || strings.HasPrefix(other, place+".") {
			return true
		}
	}
	return false
}

var (
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
)

// copier returns how values of the type are copied. Values that write themselves,
// such as times and amounts, are not changed by anyone and so are flat, unless
// they are lists of bytes.
func (m *planner) copier(t reflect.Type) *copier {
	if c, ok := m.copiers[t]; ok {
		return c
	}
	c := &copier{kind: t.Kind()}
	m.copiers[t] = c
	switch {
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		c.elem = &copier{kind: reflect.Uint8, flat: true}
	case t.Implements(textMarshaler) || t.Implements(jsonMarshaler):
		c.flat, c.kind = true, reflect.Invalid
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			if field := m.copier(t.Field(i).Type); !field.flat && (t.Field(i).IsExported() || t.Field(i).Anonymous) {
				c.fields = append(c.fields, copied{i, field})
			}
		}
		c.flat = len(c.fields) == 0
	case t.Kind() == reflect.Slice, t.Kind() == reflect.Pointer, t.Kind() == reflect.Map:
		c.elem = m.copier(t.Elem())
	default:
		c.flat = true
	}
	return c
}
