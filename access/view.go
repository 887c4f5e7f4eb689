package access

import (
	"reflect"
	"slices"
	"strconv"
)

// Removed is a part of a record that a view does not show.
type Removed struct {
	Path  string // JSON Pointer into the record
	Class Class  // empty for a field that has no class
}

// View returns what of a record those may see who see the classes: a copy that
// shares nothing with v and lacks the rest, and what it lacks. What is empty in
// the record is not said to be removed. Kind is the kind of the record's
// identity, such as "patient"; of a kind that has no classes nothing is shown.
//
//	read, _ := rules.Sight(staff.Roles)
//	shown, removed := access.View(chart, "patient", read)
func View[T any](v T, kind string, may Classes) (T, []Removed) {
	w := walk{may: may}
	w.show(reflect.ValueOf(&v).Elem(), planOf(reflect.TypeFor[T](), kind))
	return v, w.removed
}

// walk goes through a record and keeps in which elements of lists it is.
type walk struct {
	may     Classes
	at      []int
	removed []Removed
}

// remove notes a part that is not shown.
func (w *walk) remove(p *plan) {
	path := p.path[0]
	for i, rest := range p.path[1:] {
		path += "/" + strconv.Itoa(w.at[i]) + rest
	}
	w.removed = append(w.removed, Removed{Path: path, Class: p.name})
}

// elements calls f for each position of a list.
func (w *walk) elements(n int, f func(i int)) {
	for i := range n {
		w.at = append(w.at, i)
		f(i)
		w.at = w.at[:len(w.at)-1]
	}
}

// show makes v, whose memory is the view's own but for what v refers to, into
// what may be seen of it.
func (w *walk) show(v reflect.Value, p *plan) {
	if p.fields == nil && p.elem == nil {
		switch {
		case w.may&p.class != 0:
			if !p.flat {
				copyDeep(v, p.copier)
			}
		case !empty(v):
			w.remove(p)
			v.SetZero()
		default:
			v.SetZero()
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range p.fields {
			f := &p.fields[i]
			if f.plan.fields == nil && f.plan.elem == nil && f.plan.flat && w.may&f.plan.class != 0 {
				continue
			}
			w.show(v.Field(f.index), f.plan)
		}
	case reflect.Slice:
		own(v)
		w.elements(v.Len(), func(i int) { w.show(v.Index(i), p.elem) })
	case reflect.Pointer:
		if !v.IsNil() {
			own(v)
			w.show(v.Elem(), p.elem)
		}
	}
}

// own gives v memory of its own, one level deep.
func own(v reflect.Value) {
	switch v.Kind() {
	case reflect.Slice:
		if texts, ok := v.Addr().Interface().(*[]string); ok { // the most frequent list, copied without reflection
			*texts = slices.Clone(*texts)
			return
		}
		if n := v.Len(); n > 0 {
			fresh := reflect.MakeSlice(v.Type(), n, n)
			reflect.Copy(fresh, v)
			v.Set(fresh)
		} else if !v.IsNil() {
			v.Set(v.Slice3(0, 0, 0))
		}
	case reflect.Pointer:
		fresh := reflect.New(v.Type().Elem())
		fresh.Elem().Set(v.Elem())
		v.Set(fresh)
	}
}

// copyDeep gives v memory of its own all the way down.
func copyDeep(v reflect.Value, c *copier) {
	switch c.kind {
	case reflect.Struct:
		for _, f := range c.fields {
			copyDeep(v.Field(f.index), f.copier)
		}
	case reflect.Slice:
		own(v)
		if !c.elem.flat {
			for i := range v.Len() {
				copyDeep(v.Index(i), c.elem)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			own(v)
			if !c.elem.flat {
				copyDeep(v.Elem(), c.elem)
			}
		}
	case reflect.Map:
		if v.IsNil() {
			return
		}
		fresh := reflect.MakeMapWithSize(v.Type(), v.Len())
		for entries := v.MapRange(); entries.Next(); {
			value := entries.Value()
			if !c.elem.flat {
				value = reflect.New(v.Type().Elem()).Elem()
				value.Set(entries.Value())
				copyDeep(value, c.elem)
			}
			fresh.SetMapIndex(entries.Key(), value)
		}
		v.Set(fresh)
	}
}

// empty reports whether there is nothing in v to be removed.
func empty(v reflect.Value) bool {
	if k := v.Kind(); k == reflect.Slice || k == reflect.Map {
		return v.Len() == 0
	}
	return v.IsZero()
}
