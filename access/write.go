package access

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/glabella-ehr/glabella"
)

// CodeClass says that a field was changed whose class the actor's roles may not change.
const CodeClass glabella.Code = "access.class.forbidden"

// MayWrite decides whether those who change the classes may make one record of
// another. It names every field that differs and is of another class. A change is
// one of the stored form: an amount that is written differently is the same.
func MayWrite[T any](before, after T, kind string, may Classes) glabella.Decision {
	w := walk{may: may}
	w.compare(reflect.ValueOf(&before).Elem(), reflect.ValueOf(&after).Elem(), planOf(reflect.TypeFor[T](), kind))
	reasons := make([]glabella.Reason, len(w.removed))
	for i, r := range w.removed {
		reasons[i] = glabella.Denied(CodeClass, "the actor's roles may not change the field").
			With("class", string(r.Class)).With("field", r.Path).WithFix("have someone change it whose role may, or change the policy")
	}
	return glabella.Decide(reasons...)
}

// compare notes what differs and may not be written.
func (w *walk) compare(a, b reflect.Value, p *plan) {
	if p.fields == nil && p.elem == nil {
		if w.may&p.class == 0 && !equal(a, b) {
			w.remove(p)
		}
		return
	}
	switch a.Kind() {
	case reflect.Struct:
		for i := range p.fields {
			f := &p.fields[i]
			w.compare(a.Field(f.index), b.Field(f.index), f.plan)
		}
	case reflect.Slice:
		none := reflect.Zero(a.Type().Elem())
		at := func(v reflect.Value, i int) reflect.Value {
			if i < v.Len() {
				return v.Index(i)
			}
			return none
		}
		w.elements(max(a.Len(), b.Len()), func(i int) { w.compare(at(a, i), at(b, i), p.elem) })
	case reflect.Pointer:
		target := func(v reflect.Value) reflect.Value {
			if v.IsNil() {
				return reflect.Zero(v.Type().Elem())
			}
			return v.Elem()
		}
		w.compare(target(a), target(b), p.elem)
	}
}

// equal reports whether the stored forms are the same; a list that is empty and
// one that is not there are.
func equal(a, b reflect.Value) bool {
	if empty(a) && empty(b) {
		return true
	}
	x, y := a.Interface(), b.Interface()
	if reflect.DeepEqual(x, y) {
		return true
	}
	before, err := json.Marshal(x)
	if err != nil {
		return false
	}
	now, err := json.Marshal(y)
	return err == nil && bytes.Equal(before, now)
}
