package layers

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/storage"
)

var (
	textual = reflect.TypeFor[encoding.TextMarshaler]()
	encoded = reflect.TypeFor[json.Marshaler]()
)

// storedTypes returns the type of each kind of record that is stored.
func storedTypes(t *testing.T) map[string]reflect.Type {
	t.Helper()
	out := map[string]reflect.Type{}
	tx := reflect.TypeFor[storage.Tx]()
	for i := range tx.NumMethod() {
		m := tx.Method(i).Type
		if m.NumOut() != 1 || m.Out(0).Kind() != reflect.Interface {
			continue
		}
		get, ok := m.Out(0).MethodByName("Get")
		if !ok || get.Type.NumIn() != 2 {
			continue
		}
		id := reflect.Zero(get.Type.In(1)).Interface()
		kind, ok := id.(interface{ Kind() string })
		if !ok {
			t.Fatalf("%s: the identity of its records has no kind", tx.Method(i).Name)
		}
		out[kind.Kind()] = get.Type.Out(0)
	}
	if len(out) < 30 {
		t.Fatalf("%d kinds of record found, too few to be all of them", len(out))
	}
	return out
}

// within returns the type that a list, a map or a pointer is of, and whether it
// has fields of its own in the stored form.
func within(t reflect.Type) (reflect.Type, bool) {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer || t.Kind() == reflect.Map {
		if t.Implements(textual) || t.Implements(encoded) {
			return t, false
		}
		t = t.Elem()
	}
	return t, t.Kind() == reflect.Struct && !t.Implements(textual) && !t.Implements(encoded)
}

// fieldsOf calls f with the place and the type of each field of a record, those
// within fields too.
func fieldsOf(t reflect.Type, prefix string, above []reflect.Type, f func(place string, t reflect.Type)) {
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && name == "" {
			fieldsOf(field.Type, prefix, above, f)
			continue
		}
		if !field.IsExported() || name == "-" {
			continue
		}
		place := prefix + name
		f(place, field.Type)
		if inner, has := within(field.Type); has && !slices.Contains(above, inner) {
			fieldsOf(inner, place+".", append(slices.Clone(above), inner), f)
		}
	}
}

// Every field of what is stored has a class, so that no new field is shown to a
// role by oversight, and no class is given to a field that does not exist.
func TestEveryStoredFieldHasAClass(t *testing.T) {
	t.Parallel()
	for kind, stored := range storedTypes(t) {
		classes := access.FieldClasses(kind)
		exists := map[string]bool{}
		fieldsOf(stored, "", []reflect.Type{stored}, func(place string, _ reflect.Type) {
			exists[place] = true
			covered := false
			for at := place; at != ""; {
				if classes[at].Valid() {
					covered = true
				}
				i := strings.LastIndexByte(at, '.')
				at = at[:max(i, 0)]
			}
			if !covered {
				t.Errorf("%s: the field %s has no class", kind, place)
			}
		})
		for place, class := range classes {
			if !exists[place] {
				t.Errorf("%s: there is no field %s, which is said to be %s", kind, place, class)
			}
		}
	}
}

// A view copies what it shows, which it can only do of what it can see into.
func TestStoredFieldsCanBeCopied(t *testing.T) {
	t.Parallel()
	for kind, stored := range storedTypes(t) {
		fieldsOf(stored, "", []reflect.Type{stored}, func(place string, t2 reflect.Type) {
			for t2.Kind() == reflect.Slice || t2.Kind() == reflect.Pointer {
				t2 = t2.Elem()
			}
			if slices.Contains([]reflect.Kind{reflect.Interface, reflect.Func, reflect.Chan, reflect.UnsafePointer}, t2.Kind()) {
				t.Errorf("%s: %s is a %s", kind, place, t2.Kind())
			}
		})
	}
}
