package validation

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/glabella-ehr/glabella/fhirconv/r4"
)

// forms are the patterns of primitive types.
var forms = map[string]*regexp.Regexp{
	"code": regexp.MustCompile(`^[^\s]+(\s[^\s]+)*$`),
	"id":   regexp.MustCompile(`^[A-Za-z0-9\-.]{1,64}$`),
	"oid":  regexp.MustCompile(`^urn:oid:[0-2](\.(0|[1-9][0-9]*))+$`),
	"uuid": regexp.MustCompile(`^urn:uuid:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`),
}

// typedReference is a reference that names its type.
var typedReference = regexp.MustCompile(`(^|^https?://.*/)([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(/_history/[A-Za-z0-9\-.]{1,64})?$`)

// lexical says whether a primitive value has the form of its type.
func lexical(typ, s string) bool {
	switch typ {
	case "boolean":
		return s == "true" || s == "false"
	case "integer", "positiveInt", "unsignedInt":
		n, err := strconv.ParseInt(s, 10, 32)
		return err == nil && (typ == "integer" || n > 0 || n == 0 && typ == "unsignedInt")
	case "decimal":
		return r4.Decimal(s).Valid()
	case "date":
		return r4.Date(s).Valid()
	case "dateTime":
		return r4.DateTime(s).Valid()
	case "instant":
		return r4.Instant(s).Valid()
	case "time":
		return r4.Time(s).Valid()
	case "code", "id", "oid", "uuid":
		return forms[typ].MatchString(s)
	case "uri", "url", "canonical":
		return s != "" && !strings.ContainsFunc(s, unicode.IsSpace)
	case "base64Binary":
		s = strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) {
				return -1
			}
			return r
		}, s)
		_, err := base64.StdEncoding.DecodeString(s)
		return err == nil
	case "string", "markdown", "xhtml":
		return len(s) <= 1<<20 && strings.TrimSpace(s) != "" &&
			!strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' })
	}
	return true
}

// references checks to which types the references below a node are. Those within a
// Bundle's entry that name another entry by its fullUrl are resolved.
func (v *validation) references(n, resource *node) {
	for _, c := range n.children {
		inner := resource
		if v.s.known[c.typ] && c.typ != "" && !strings.Contains(c.typ, ".") {
			inner = c
			if c.name == "contained" {
				inner = resource // a # is about the container's
			}
		}
		v.references(c, inner)
		if c.typ != "Reference" {
			continue
		}
		targets := v.targets(c)
		kind, path := "", c.path+".reference"
		ref := text(c.child("reference"))
		switch m := typedReference.FindStringSubmatch(ref); {
		case ref == "":
			kind, path = text(c.child("type")), c.path+".type"
			kind = kind[strings.LastIndexByte(kind, '/')+1:]
		case ref[0] == '#':
			if ref == "#" {
				kind = resource.typ
			}
			for _, o := range resource.child("contained") {
				if text(o.child("id")) == ref[1:] {
					kind = o.typ
				}
			}
		case m != nil && (m[1] == "" || v.s.known[m[2]]):
			kind = m[2]
			if said := text(c.child("type")); said != "" && said != kind && v.s.known[said] {
				v.issue("error", "structure", c.path+".type", "is not the type of the reference")
			}
		case strings.HasPrefix(ref, "urn:"):
			kind = v.entry(n, ref)
		}
		if kind != "" && len(targets) > 0 && !slices.Contains(targets, kind) {
			v.issue("error", "structure", path, "a reference to "+safe(kind)+", and may be to "+strings.Join(targets, ", "))
		}
	}
}

// safe returns the name of a type if it is one.
func safe(kind string) string {
	if len(kind) > 40 || strings.ContainsFunc(kind, func(r rune) bool { return r > 'z' || r < 'A' }) {
		return "another type"
	}
	return kind
}

// entry returns the type of the entry of the Bundle around n that has a fullUrl.
func (v *validation) entry(n *node, url string) string {
	for ; n != nil; n = n.parent {
		if n.typ != "Bundle" {
			continue
		}
		for _, e := range n.child("entry") {
			if text(e.child("fullUrl")) == url {
				for _, r := range e.child("resource") {
					return r.typ
				}
			}
		}
	}
	return ""
}

// targets returns the types that a reference may be to; none is any.
func (v *validation) targets(n *node) []string {
	if n.parent == nil {
		return nil
	}
	for _, e := range v.s.order[n.parent.typ] {
		if e.name != n.name {
			continue
		}
		for _, t := range e.Types {
			if t.Code == "Reference" {
				return t.Targets
			}
		}
	}
	return nil
}

// jsonTree is a JSON value.
type jsonTree struct {
	kind    byte // { [ s for strings, n for null, v for others
	value   string
	members []jsonMember
	list    []*jsonTree
}

type jsonMember struct {
	name  string
	value *jsonTree
}

func (t *jsonTree) member(name string) *jsonTree {
	for _, m := range t.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

func (t *jsonTree) text(name string) string {
	if m := t.member(name); m != nil {
		return m.value
	}
	return ""
}

func (t *jsonTree) items() []*jsonTree {
	if t == nil {
		return nil
	}
	return t.list
}

// parseTree reads a document that package r4 has written.
func parseTree(text []byte) (*jsonTree, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return tree(d)
}

func tree(d *json.Decoder) (*jsonTree, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case json.Delim:
		t := &jsonTree{kind: byte(v)}
		for d.More() {
			var name json.Token
			if v == '{' {
				if name, err = d.Token(); err != nil {
					return nil, err
				}
			}
			item, err := tree(d)
			if err != nil {
				return nil, err
			}
			if key, ok := name.(string); ok {
				t.members = append(t.members, jsonMember{key, item})
			} else {
				t.list = append(t.list, item)
			}
		}
		_, err := d.Token()
		return t, err
	case string:
		return &jsonTree{kind: 's', value: v}, nil
	case nil:
		return &jsonTree{kind: 'n'}, nil
	default:
		return &jsonTree{kind: 'v', value: fmt.Sprint(v)}, nil
	}
}
