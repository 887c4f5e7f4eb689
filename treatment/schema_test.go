package treatment_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

// schemer writes the JSON Schema of Go types.
type schemer struct{ defs map[string]any }

// named are the types whose form reflection does not show.
var named = map[reflect.Type]map[string]any{
	reflect.TypeFor[quantity.Number]():     {"type": "string", "pattern": `^-?[0-9]{1,12}(\.[0-9]{1,9})?$`},
	reflect.TypeFor[treatment.Basis]():     enum(treatment.Bases()),
	reflect.TypeFor[treatment.FieldKind](): enum(treatment.FieldKinds()),
	reflect.TypeFor[treatment.Operation](): enum(treatment.Operations()),
	reflect.TypeFor[treatment.PhotoView](): enum(treatment.PhotoViews()),
	reflect.TypeFor[treatment.Demand]():    enum(treatment.Demands()),
	reflect.TypeFor[treatment.ChargeBy]():  enum(treatment.ChargesBy()),
	reflect.TypeFor[treatment.Level]():     enum(treatment.Levels()),
}

// demanded are the members without which an object is nothing.
var demanded = map[reflect.Type][]string{
	reflect.TypeFor[treatment.Template]():         {"code", "version", "name"},
	reflect.TypeFor[treatment.Field]():            {"key", "label", "kind", "basis"},
	reflect.TypeFor[treatment.Base]():             {"code", "version"},
	reflect.TypeFor[treatment.Phase]():            {"code", "name"},
	reflect.TypeFor[treatment.Formula]():          {"op", "of"},
	reflect.TypeFor[treatment.MapSpec]():          {"diagrams", "unit", "tolerance"},
	reflect.TypeFor[treatment.Contraindication](): {"code", "match", "level", "basis", "text", "fix"},
	reflect.TypeFor[treatment.Advice]():           {"text", "basis"},
	reflect.TypeFor[treatment.Interval]():         {"days", "basis"},
	reflect.TypeFor[treatment.PhotoSpec]():        {"level"},
	reflect.TypeFor[treatment.Duration]():         {"code", "name", "minutes", "basis"},
	reflect.TypeFor[treatment.ChargeRule]():       {"by"},
	reflect.TypeFor[treatment.Prerequisite]():     {"treatments", "withinDays", "basis"},
	reflect.TypeFor[treatment.Migration]():        {"from"},
}

func enum[E ~string](values []E) map[string]any {
	return map[string]any{"type": "string", "enum": values}
}

func (s schemer) of(t reflect.Type) any {
	if form, ok := named[t]; ok {
		return form
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.orNull(s.of(t.Elem()))
	case reflect.Slice:
		return map[string]any{"type": []string{"array", "null"}, "items": s.of(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": []string{"object", "null"}, "additionalProperties": s.of(t.Elem())}
	case reflect.Struct:
		if _, done := s.defs[t.Name()]; !done {
			s.defs[t.Name()] = nil // a type may hold itself
			s.defs[t.Name()] = s.object(t)
		}
		return map[string]any{"$ref": "#/$defs/" + t.Name()}
	case reflect.Int:
		return map[string]any{"type": "integer"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.String:
		return map[string]any{"type": "string"}
	}
	panic(fmt.Sprint("no schema for ", t))
}

func (s schemer) orNull(form any) any {
	return map[string]any{"anyOf": []any{form, map[string]any{"type": "null"}}}
}

func (s schemer) object(t reflect.Type) any {
	members := map[string]any{}
	for f := range slices.Values(reflect.VisibleFields(t)) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			continue
		}
		members[name] = s.of(f.Type)
		if name == "code" || name == "key" {
			members[name] = map[string]any{"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}
		}
	}
	out := map[string]any{"type": "object", "additionalProperties": false, "properties": members}
	if required := demanded[t]; required != nil {
		out["required"] = required
	}
	return out
}

// The schema that is shipped is the one of the types.
func TestSchemaIsOfTheTypes(t *testing.T) {
	s := schemer{defs: map[string]any{}}
	root := s.of(reflect.TypeFor[treatment.Template]())
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Glabella treatment template", "$ref": root.(map[string]any)["$ref"], "$defs": s.defs,
	}); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("data/template.schema.json", out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(out.Bytes(), treatment.Schema()) {
		t.Error("data/template.schema.json is not the schema of the types; go test ./treatment -update writes it")
	}
}

func FuzzDecodeRecord(f *testing.F) {
	f.Add([]byte(`{"template":{"code":"a","version":1,"hash":""},"values":{"settings/0/fluence":"2"},"maps":[{"diagram":"face-front","diagramVersion":1,"points":[{"seq":1,"x":0.5,"y":0.4,"region":"glabella","side":"midline","amount":{"value":"4","unit":"[arb'U]{onabotulinumtoxinA}"}}]}],"total":null}`))
	set := treatment.BuiltIn()
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := treatment.DecodeRecord("record", text)
		if err != nil {
			if !errors.Is(err, glabella.ErrInvalid) {
				t.Fatalf("an error that is not about the input: %v", err)
			}
			return
		}
		again, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		back, err := treatment.DecodeRecord("record", again)
		if err != nil || !reflect.DeepEqual(back, r) {
			t.Fatalf("%s came back as %+v, %v", again, back, err)
		}
		for _, code := range set.Codes() {
			template, _ := set.Latest(code)
			product, _ := set.Product(r.Product)
			template.Check(template.Fill(r), product)
			template.Advise(r, product, treatment.Facts{})
		}
	})
}
