package main

import (
	"fmt"
	"strings"
)

// plainTypes returns structs with tags of the given types and of what they reach.
// A choice has a field for each of its types, as encoders that work by tags need.
func plainTypes(d definitions, names ...string) ([]byte, error) {
	g := &generator{}
	byName := map[string]definition{}
	for _, t := range d.Types {
		byName[t.Name] = t
	}
	done := map[string]bool{}
	plain := func(typ string) string {
		head := typ[:strings.LastIndexAny(typ, "*]")+1]
		if typ = typ[len(head):]; strings.ToLower(typ[:1]) == typ[:1] {
			return head + typ
		}
		return head + "plain" + typ
	}
	for len(names) > 0 {
		t := byName[names[0]]
		names = names[1:]
		if done[t.Name] {
			continue
		}
		done[t.Name] = true
		for _, e := range t.Elements {
			for _, ty := range e.Types {
				if _, ok := byName[ty.Code]; ok && !done[ty.Code] {
					names = append(names, ty.Code)
				}
			}
			if e.Path != t.Name && !hasChildren(t, e.Path) {
				continue
			}
			g.f("\ntype plain%s struct {\n", structName(e.Path))
			if t.Resource && e.Path == t.Name {
				g.f("ResourceType string `json:\"resourceType\"`\n")
			}
			for _, f := range fields(t, e.Path) {
				if f.kind != "choice" && f.kind != "open" {
					typ := f.typ
					switch {
					case f.kind == "resource" || f.kind == "sresource":
						typ = "[]map[string]any"
					case strings.HasSuffix(f.kind, "text"):
						typ = strings.Repeat("[]", strings.Count(typ, "[]")) + "string"
					case f.kind == "number":
						typ = "json.Number"
					}
					if typ != "json.Number" {
						typ = plain(typ)
					}
					g.f("%s %s `json:\"%s,omitempty\"`\n", f.name, typ, f.json)
					continue
				}
				for _, ty := range f.elem.Types {
					typ := "*plain" + ty.Code
					if p := primitives[ty.Code]; p != nil {
						typ = map[string]string{"*bool": "*bool", "*int": "*int", "Decimal": "json.Number"}[p.field]
						if typ == "" {
							typ = "string"
						}
					}
					g.f("%s%s %s `json:\"%s%s,omitempty\"`\n", f.name, upper(ty.Code), typ, f.json, upper(ty.Code))
				}
			}
			g.f("}\n")
		}
	}
	out, err := g.file()
	if err != nil {
		return nil, fmt.Errorf("plain: %w", err)
	}
	return []byte(strings.Replace(string(out), "package r4\n", "package peers\n\nimport \"encoding/json\"\n", 1)), nil
}
