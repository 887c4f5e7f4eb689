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
	shown := v
	w := walk{may: may}
	w.show(reflect.ValueOf(&shown).Elem(), reflect.ValueOf(&v).Elem(), planOf(reflect.TypeFor[T](), kind))
	return shown, w.removed
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

// show makes of the view, which is a copy of v that still refers to what v refers
// to, what may be seen of v.
func (w *walk) show(view, v reflect.Value, p *plan) {
	if p.fields == nil && p.elem == nil {
		switch {
		case w.may&p.class == 0:
			if !empty(v) {
				w.remove(p)
			}
			view.SetZero()
		case !p.flat:
			copyDeep(view, v, p.copier)
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range p.fields {
			if f := &p.fields[i]; !f.plan.simple || w.may&f.plan.class == 0 {
				w.show(view.Field(f.index), v.Field(f.index), f.plan)
			}
		}
	case reflect.Slice:
		own(view, v)
		w.elements(v.Len(), func(i int) { w.show(view.Index(i), v.Index(i), p.elem) })
	case reflect.Pointer:
		if !v.IsNil() {
			own(view, v)
			w.show(view.Elem(), v.Elem(), p.elem)
		}
	}
}

// own makes the view refer to a copy of what v refers to, one level deep.
func own(view, v reflect.Value) {
	switch v.Kind() {
	case reflect.Slice:
		if v.IsNil() {
			return
		}
		if texts, ok := view.Addr().Interface().(*[]string); ok { // the most frequent list, copied without reflection
			*texts = slices.Clone(*texts)
			return
		}
		n := v.Len()
		view.SetZero()
		view.Grow(max(n, 1)) // one that is empty stays one
		view.SetLen(n)
		reflect.Copy(view, v)
	case reflect.Pointer:
		view.Set(reflect.New(v.Type().Elem()))
		view.Elem().Set(v.Elem())
	}
}

// copyDeep makes the view refer to a copy of what v refers to, all the way down.
func copyDeep(view, v reflect.Value, c *copier) {
	switch c.kind {
	case reflect.Struct:
		for _, f := range c.fields {
			copyDeep(view.Field(f.index), v.Field(f.index), f.copier)
		}
	case reflect.Slice:
		own(view, v)
		if !c.elem.flat {
			for i := range v.Len() {
				copyDeep(view.Index(i), v.Index(i), c.elem)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			own(view, v)
			if !c.elem.flat {
				copyDeep(view.Elem(), v.Elem(), c.elem)
			}
		}
	case reflect.Map:
		if v.IsNil() {
			return
		}
		view.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
		for entries := v.MapRange(); entries.Next(); {
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(entries.Value())
			copyDeep(value, entries.Value(), c.elem)
			view.SetMapIndex(entries.Key(), value)
		}
	}
}

// empty reports whether there is nothing in v to be removed.
func empty(v reflect.Value) bool {
	if k := v.Kind(); k == reflect.Slice || k == reflect.Map {
		return v.Len() == 0
	}
	return v.IsZero()
}
