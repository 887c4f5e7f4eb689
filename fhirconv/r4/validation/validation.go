package validation

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/glabella-ehr/glabella/fhirconv/r4"
	"github.com/glabella-ehr/glabella/fhirconv/r4/internal/hl7"
)

// schema is HL7's definitions.
type schema struct {
	elements    map[string]map[string]*schemaElement // by the path of the object and the name in JSON
	order       map[string][]*schemaElement
	roots       map[string]*schemaElement
	constraints map[string]*rule
	valueSets   map[string]map[string]map[string]bool
	known       map[string]bool // names of resource types
}

type schemaElement struct {
	Path  string `json:"path"`
	Min   int    `json:"min"`
	Max   string `json:"max"`
	Types []struct {
		Code    string   `json:"code"`
		Targets []string `json:"targets"`
	} `json:"types"`
	Like        string   `json:"like"`
	Binding     string   `json:"binding"`
	Constraints []string `json:"constraints"`

	name string // in FHIRPath
}

type rule struct {
	Severity   string `json:"severity"`
	Human      string `json:"human"`
	Expression string `json:"expression"`
	expr       *expr
}

// definitions reads the definitions when they are first needed.
var definitions = sync.OnceValues(loadDefinitions)

func loadDefinitions() (*schema, error) {
	var in struct {
		Types []struct {
			Name     string           `json:"name"`
			Resource bool             `json:"resource"`
			Elements []*schemaElement `json:"elements"`
		} `json:"types"`
		Constraints map[string]*rule               `json:"constraints"`
		ValueSets   map[string]map[string][]string `json:"valueSets"`
	}
	z, err := gzip.NewReader(bytes.NewReader(hl7.Definitions))
	if err != nil {
		return nil, err
	}
	if err := json.NewDecoder(z).Decode(&in); err != nil {
		return nil, err
	}
	s := &schema{
		elements: map[string]map[string]*schemaElement{}, order: map[string][]*schemaElement{}, roots: map[string]*schemaElement{},
		constraints: in.Constraints, valueSets: map[string]map[string]map[string]bool{}, known: map[string]bool{},
	}
	for key, r := range in.Constraints {
		if r.expr, err = parsePath(r.Expression); err != nil {
			return nil, fmt.Errorf("invariant %s: %w", key, err)
		}
	}
	for url, systems := range in.ValueSets {
		s.valueSets[url] = map[string]map[string]bool{}
		for system, codes := range systems {
			set := map[string]bool{}
			for _, c := range codes {
				set[c] = true
			}
			s.valueSets[url][system] = set
		}
	}
	for _, t := range in.Types {
		s.roots[t.Name] = t.Elements[0]
		s.known[t.Name] = t.Resource
		for _, e := range t.Elements[1:] {
			i := strings.LastIndexByte(e.Path, '.')
			parent, name := e.Path[:i], e.Path[i+1:]
			e.name = strings.TrimSuffix(name, "[x]")
			if s.elements[parent] == nil {
				s.elements[parent] = map[string]*schemaElement{}
			}
			s.order[parent] = append(s.order[parent], e)
			for _, ty := range e.Types {
				for _, target := range ty.Targets {
					s.known[target] = true
				}
				if e.name != name {
					s.elements[parent][e.name+strings.ToUpper(ty.Code[:1])+ty.Code[1:]] = e
				}
			}
			if e.name == name {
				s.elements[parent][name] = e
			}
		}
	}
	s.elements["primitive"] = map[string]*schemaElement{"id": s.elements["Period"]["id"], "extension": s.elements["Period"]["extension"]}
	return s, nil
}

// Check checks a resource against HL7's definitions of FHIR R4: which elements
// are there and how often, the form of primitive values, codes of required
// bindings as far as the definitions list them, the types that references are to,
// and the invariants. It returns nil if there is nothing to say. Issues have the
// element as FHIRPath, and nothing of its content. A resource that cannot be
// written is an issue too.
func Check(r r4.Resource) *r4.OperationOutcome {
	v := &validation{}
	var err error
	if v.s, err = definitions(); err == nil {
		err = v.resource(r)
	}
	if err != nil {
		v.issue("fatal", "exception", "", err.Error())
	}
	if len(v.issues) == 0 {
		return nil
	}
	return &r4.OperationOutcome{Issue: v.issues}
}

type validation struct {
	s      *schema
	issues []r4.OperationOutcomeIssue
	checks []check
}

// check is an invariant to evaluate once the document is known.
type check struct {
	key   string
	at    *node
	scope scope
}

func (v *validation) issue(severity, code, path, text string) {
	i := r4.OperationOutcomeIssue{Severity: severity, Code: code, Diagnostics: text}
	if path != "" {
		i.Expression = []string{path}
	}
	v.issues = append(v.issues, i)
}

func (v *validation) resource(r r4.Resource) error {
	text, err := r.AppendJSON(nil)
	if err != nil {
		return err
	}
	doc, err := parseTree(text)
	if err != nil {
		return err
	}
	root := v.within(doc, r.ResourceType(), scope{}, nil)
	for _, c := range v.checks {
		rule := v.s.constraints[c.key]
		if !c.scope.holds(rule.expr, c.at) {
			key, _, _ := strings.Cut(c.key, "@")
			v.issue(rule.Severity, "invariant", c.at.path, key+": "+rule.Human)
		}
	}
	v.references(root, root)
	return nil
}

// within makes the node of a resource.
func (v *validation) within(doc *jsonTree, path string, outer scope, parent *node) *node {
	kind := doc.text("resourceType")
	n := &node{path: path, typ: kind, parent: parent}
	inner := scope{resource: n, root: outer.root}
	if inner.root == nil || parent != nil && parent.typ != "" && strings.HasSuffix(parent.typ, ".entry") {
		inner.root = n
	}
	root := v.s.roots[kind]
	if root == nil || !slices.Contains(r4.ResourceTypes(), kind) {
		v.issue("warning", "not-supported", path, "a resource of a type that is not checked")
		n.untyped(doc)
		return n
	}
	keys := root.Constraints
	if parent != nil && strings.Contains(path[len(parent.path):], ".contained[") {
		// The narrative of the container is about what is contained, too.
		keys = slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return key == "dom-6" })
	}
	v.constrain(keys, n, inner)
	v.object(doc, kind, n, inner, true)
	return n
}

// untyped adds the children of an object that has no definition.
func (n *node) untyped(doc *jsonTree) {
	for _, m := range doc.members {
		list := []*jsonTree{m.value}
		if m.value.kind == '[' {
			list = m.value.list
		}
		for _, t := range list {
			c := &node{name: strings.TrimPrefix(m.name, "_"), path: n.path + "." + m.name, value: t.value, has: t.kind == 's' || t.kind == 'v', parent: n}
			c.untyped(t)
			n.children = append(n.children, c)
		}
	}
}

func (v *validation) constrain(keys []string, at *node, sc scope) {
	for _, key := range keys {
		if !slices.ContainsFunc(v.checks[max(0, len(v.checks)-12):], func(c check) bool { return c.key == key && c.at == at }) {
			v.checks = append(v.checks, check{key, at, sc})
		}
	}
}

// object adds the children of an object whose definition stands at a path.
func (v *validation) object(doc *jsonTree, def string, n *node, sc scope, resource bool) {
	elements := v.s.elements[def]
	count := map[string]int{}
	add := func(e *schemaElement, key string, value, under *jsonTree) {
		list := e.Max != ""
		values, unders := []*jsonTree{value}, []*jsonTree{under}
		if list {
			values, unders = value.items(), under.items()
		}
		if value != nil && under != nil && len(values) != len(unders) {
			v.issue("error", "structure", n.path+"."+e.name, "the list of extensions is not as long as that of the values")
		}
		for i := range max(len(values), len(unders)) {
			path := n.path + "." + e.name
			if list {
				path += "[" + strconv.Itoa(i) + "]"
			}
			var a, b *jsonTree
			if i < len(values) && values[i] != nil && values[i].kind != 'n' {
				a = values[i]
			}
			if i < len(unders) && unders[i] != nil && unders[i].kind != 'n' {
				b = unders[i]
			}
			if a == nil && b == nil {
				v.issue("error", "structure", path, "neither a value nor an extension")
				continue
			}
			count[e.name]++
			v.element(e, strings.TrimPrefix(key, e.name), a, b, path, n, sc)
		}
	}
	for _, m := range doc.members {
		key := strings.TrimPrefix(m.name, "_")
		e := elements[key]
		switch {
		case resource && m.name == "resourceType":
		case e == nil:
			v.issue("error", "structure", n.path, "an element that FHIR R4 does not have")
		case m.name == key:
			add(e, key, m.value, doc.member("_"+key))
		case doc.member(key) == nil:
			add(e, key, nil, m.value)
		}
	}
	for _, e := range v.s.order[def] {
		if count[e.name] < e.Min {
			v.issue("error", "required", n.path+"."+e.name, "is required")
		}
		if most, err := strconv.Atoi(e.Max); err == nil && count[e.name] > most {
			v.issue("error", "structure", n.path+"."+e.name, "is given more than "+e.Max+" times")
		}
	}
}

// element adds one value of an element.
func (v *validation) element(e *schemaElement, suffix string, value, under *jsonTree, path string, parent *node, sc scope) {
	n := &node{name: e.name, path: path, parent: parent}
	code := ""
	for _, t := range e.Types {
		if len(e.Types) == 1 || strings.EqualFold(t.Code, suffix) {
			code = t.Code
		}
	}
	def := e.Path
	switch {
	case e.Like != "":
		def, n.typ = e.Like, e.Like
	case code == "Resource":
		if value == nil {
			return
		}
		if w := v.within(value, path, sc, parent); w != nil {
			w.name = e.name
			parent.children = append(parent.children, w)
		}
		return
	case v.s.elements[e.Path] != nil:
		n.typ = e.Path
	case v.s.elements[code] != nil:
		def, n.typ = code, code
		v.constrain(v.s.roots[code].Constraints, n, sc)
	default:
		def, n.typ = "", code
	}
	parent.children = append(parent.children, n)
	v.constrain(e.Constraints, n, sc)
	if def != "" {
		if value != nil {
			v.object(value, def, n, sc, false)
		}
		v.bound(e, n)
		return
	}
	if under != nil {
		v.object(under, "primitive", n, sc, false)
	}
	if value != nil {
		n.value, n.has = value.value, true
		if !lexical(code, value.value) {
			v.issue("error", "value", path, "has not the form of a "+code)
		}
	}
	v.bound(e, n)
}

// bound checks the code of a required binding.
func (v *validation) bound(e *schemaElement, n *node) {
	set := v.s.valueSets[e.Binding]
	if set == nil {
		return
	}
	in := func(system, code string, any bool) bool {
		for s, codes := range set {
			if (any || s == system) && codes[code] {
				return true
			}
		}
		return false
	}
	coded := func(c *node) bool { return in(text(c.child("system")), text(c.child("code")), false) }
	ok := true
	switch n.typ {
	case "Coding":
		ok = coded(n)
	case "CodeableConcept":
		ok = slices.ContainsFunc(n.child("coding"), coded)
	case "code", "string", "uri":
		ok = !n.has || in("", n.value, true)
	}
	if !ok {
		v.issue("error", "code-invalid", n.path, "is not a code of "+e.Binding)
	}
}
