package validation

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/glabella-ehr/glabella/fhirconv/r4"
)

// node is an element of a document that is validated.
type node struct {
	name     string // of the element, without the type of a choice
	path     string // as FHIRPath, with indexes
	typ      string // of FHIR's, or the path of a backbone element
	value    string // of a primitive
	has      bool   // whether it has a value
	children []*node
	parent   *node
}

// expr is a part of an invariant, in the language FHIRPath. Only what HL7's
// invariants of R4 use is there.
type expr struct {
	op   string // name, literal, number, call, index, or an operator
	text string
	args []*expr
}

type pathParser struct {
	tokens []string
	err    error
}

var pathToken = regexp.MustCompile("'(?:[^'\\\\]|\\\\.)*'|`[^`]*`|%[a-zA-Z]+|\\$[a-z]+|[A-Za-z_][A-Za-z0-9_]*|[0-9]+(?:\\.[0-9]+)?|<=|>=|!=|\\S")

func parsePath(text string) (*expr, error) {
	p := &pathParser{tokens: pathToken.FindAllString(text, -1)}
	e := p.binary(0)
	if p.err == nil && len(p.tokens) > 0 {
		p.err = fmt.Errorf("unexpected %s", p.tokens[0])
	}
	return e, p.err
}

func (p *pathParser) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

func (p *pathParser) take(want string) string {
	t := p.peek()
	if t == "" || want != "" && t != want {
		if p.err == nil {
			p.err = fmt.Errorf("%q where %q is expected", t, want)
		}
		return ""
	}
	p.tokens = p.tokens[1:]
	return t
}

// operators are the operators by how loosely they bind.
var operators = [][]string{{"implies"}, {"or", "xor"}, {"and"}, {"in", "contains"}, {"=", "!="}, {"<", "<=", ">", ">="}, {"|"}, {"is", "as"}, {"+", "-", "&"}}

func (p *pathParser) binary(level int) *expr {
	if level == len(operators) {
		return p.postfix()
	}
	left := p.binary(level + 1)
	for p.err == nil && slices.Contains(operators[level], p.peek()) {
		op := p.take("")
		left = &expr{op: op, args: []*expr{left, p.binary(level + 1)}}
	}
	return left
}

func (p *pathParser) postfix() *expr {
	left := p.term(nil)
	for p.err == nil {
		switch p.peek() {
		case ".":
			p.take(".")
			left = p.term(left)
		case "[":
			p.take("[")
			left = &expr{op: "index", args: []*expr{left, p.binary(0)}}
			p.take("]")
		default:
			return left
		}
	}
	return left
}

func (p *pathParser) term(on *expr) *expr {
	t := p.take("")
	switch {
	case p.err != nil:
		return &expr{}
	case t == "(" && on == nil:
		e := p.binary(0)
		p.take(")")
		return e
	case t[0] == '\'':
		return &expr{op: "literal", text: unquote(t)}
	case t[0] >= '0' && t[0] <= '9':
		return &expr{op: "number", text: t}
	}
	t = strings.Trim(t, "`")
	if p.peek() != "(" {
		return &expr{op: "name", text: t, args: []*expr{on}}
	}
	p.take("(")
	e := &expr{op: "call", text: t, args: []*expr{on}}
	for p.peek() != ")" && p.err == nil {
		e.args = append(e.args, p.binary(0))
		if p.peek() == "," {
			p.take(",")
		}
	}
	p.take(")")
	if want, ok := functions[t]; p.err == nil && (!ok || len(e.args)-1 < want[0] || len(e.args)-1 > want[1]) {
		p.err = fmt.Errorf("%s with %d arguments is not there", t, len(e.args)-1)
	}
	return e
}

// functions are the functions that are there, with how many arguments they have.
var functions = map[string][2]int{
	"exists": {0, 1}, "empty": {0, 0}, "not": {0, 0}, "count": {0, 0}, "all": {1, 1}, "where": {1, 1}, "select": {1, 1}, "first": {0, 0}, "tail": {0, 0},
	"is": {1, 1}, "as": {1, 1}, "matches": {1, 1}, "contains": {1, 1}, "startsWith": {1, 1}, "replaceMatches": {2, 2}, "substring": {1, 1}, "isDistinct": {0, 0},
	"combine": {1, 1}, "intersect": {1, 1}, "children": {0, 0}, "descendants": {0, 0}, "trace": {1, 2}, "hasValue": {0, 0}, "htmlChecks": {0, 0},
	"toString": {0, 0}, "toInteger": {0, 0}, "iif": {2, 3},
}

func unquote(t string) string {
	t = t[1 : len(t)-1]
	var out strings.Builder
	for i := 0; i < len(t); i++ {
		if t[i] == '\\' && i+1 < len(t) {
			i++
			if n := strings.IndexByte("nrt", t[i]); n >= 0 {
				out.WriteByte("\n\r\t"[n])
				continue
			}
		}
		out.WriteByte(t[i])
	}
	return out.String()
}

type nodes = []*node

func truth(v bool) nodes {
	if v {
		return nodes{{typ: "boolean", value: "true", has: true}}
	}
	return nodes{{typ: "boolean", value: "false", has: true}}
}

// boolean returns what a collection says, in the logic of three values.
func boolean(n nodes) (value, known bool) {
	switch {
	case len(n) == 0:
		return false, false
	case len(n) == 1 && n[0].typ == "boolean":
		return n[0].value == "true", true
	default:
		return true, true
	}
}

// scope is where an invariant is evaluated.
type scope struct {
	resource, root *node
}

// holds says whether an invariant holds at a node. One that says nothing holds.
func (s scope) holds(e *expr, at *node) bool {
	v, known := boolean(s.eval(e, nodes{at}))
	return v || !known
}

func (s scope) eval(e *expr, in nodes) nodes {
	switch e.op {
	case "name":
		return s.name(e, in)
	case "literal":
		return nodes{{typ: "string", value: e.text, has: true}}
	case "number":
		return nodes{{typ: "decimal", value: e.text, has: true}}
	case "call":
		on := in
		if e.args[0] != nil {
			on = s.eval(e.args[0], in)
		}
		return s.call(e, on, in)
	case "index":
		list := s.eval(e.args[0], in)
		for i := range list {
			if at := s.eval(e.args[1], in); len(at) == 1 && at[0].value == fmt.Sprint(i) {
				return list[i : i+1]
			}
		}
		return nil
	case "is", "as":
		return typed(e.op, s.eval(e.args[0], in), e.args[1].text)
	}
	left := s.eval(e.args[0], in)
	right := s.eval(e.args[1], in)
	a, aKnown := boolean(left)
	b, bKnown := boolean(right)
	switch e.op {
	case "and":
		switch {
		case aKnown && !a || bKnown && !b:
			return truth(false)
		case aKnown && bKnown:
			return truth(true)
		}
	case "or":
		switch {
		case a || b:
			return truth(true)
		case aKnown && bKnown:
			return truth(false)
		}
	case "xor":
		if aKnown && bKnown {
			return truth(a != b)
		}
	case "implies":
		switch {
		case aKnown && !a || b:
			return truth(true)
		case aKnown && bKnown:
			return truth(false)
		}
	case "=", "!=":
		if len(left) > 0 && len(right) > 0 {
			return truth(slices.EqualFunc(left, right, same) == (e.op == "="))
		}
	case "<", "<=", ">", ">=":
		if c, ok := compare(left, right); ok {
			return truth(e.op[0] == '<' && c < 0 || e.op[0] == '>' && c > 0 || len(e.op) == 2 && c == 0)
		}
	case "in":
		if len(left) > 0 {
			return truth(slices.ContainsFunc(right, func(n *node) bool { return same(left[0], n) }))
		}
	case "contains":
		if len(right) > 0 {
			return truth(slices.ContainsFunc(left, func(n *node) bool { return same(right[0], n) }))
		}
	case "|":
		return distinct(slices.Concat(left, right))
	case "&":
		return nodes{{typ: "string", value: text(left) + text(right), has: true}}
	case "+", "-":
		x, ok := number(left)
		y, too := number(right)
		if ok && too {
			if e.op == "-" {
				y.Neg(y)
			}
			return nodes{{typ: "decimal", value: x.Add(x, y).RatString(), has: true}}
		}
		if e.op == "+" && len(left) == 1 && len(right) == 1 {
			return nodes{{typ: "string", value: left[0].value + right[0].value, has: true}}
		}
	}
	return nil
}

func text(n nodes) string {
	if len(n) != 1 {
		return ""
	}
	return n[0].value
}

func number(n nodes) (*big.Rat, bool) {
	if len(n) != 1 || !numeric(n[0].typ) || len(n[0].value) > 64 {
		return nil, false
	}
	if i := strings.IndexAny(n[0].value, "eE"); i >= 0 && len(n[0].value)-i > 4 {
		return nil, false
	}
	return new(big.Rat).SetString(n[0].value)
}

func numeric(typ string) bool {
	return typ == "decimal" || typ == "integer" || typ == "positiveInt" || typ == "unsignedInt"
}

// same says whether two nodes are equal.
func same(a, b *node) bool {
	x, ok := number(nodes{a})
	y, too := number(nodes{b})
	if ok && too {
		return x.Cmp(y) == 0
	}
	return a.value == b.value && a.has == b.has && slices.EqualFunc(a.children, b.children, func(x, y *node) bool { return x.name == y.name && same(x, y) })
}

// compare orders two nodes, if they can be.
func compare(left, right nodes) (int, bool) {
	if len(left) != 1 || len(right) != 1 {
		return 0, false
	}
	x, ok := number(left)
	y, too := number(right)
	a, b := left[0], right[0]
	switch {
	case ok && too:
		return x.Cmp(y), true
	case a.typ == "Quantity" && b.typ == "Quantity":
		for _, part := range []string{"system", "code", "unit"} {
			if text(a.child(part)) != text(b.child(part)) {
				return 0, false
			}
		}
		return compare(a.child("value"), b.child("value"))
	case a.typ == "instant" || a.typ == "dateTime" || a.typ == "date":
		from, exact, err := r4.DateTime(a.value).Parse()
		to, exactly, wrong := r4.DateTime(b.value).Parse()
		if err != nil || wrong != nil || exact != exactly && from.Year() == to.Year() {
			return 0, false
		}
		return from.Compare(to), true
	case a.typ == "string" || a.typ == "time":
		return strings.Compare(a.value, b.value), true
	}
	return 0, false
}

func distinct(in nodes) nodes {
	var out nodes
	for _, n := range in {
		if !slices.ContainsFunc(out, func(o *node) bool { return same(n, o) }) {
			out = append(out, n)
		}
	}
	return out
}

func (n *node) child(name string) nodes {
	var out nodes
	for _, c := range n.children {
		if c.name == name {
			out = append(out, c)
		}
	}
	return out
}

func (s scope) name(e *expr, in nodes) nodes {
	switch e.text {
	case "$this":
		return in
	case "%resource":
		return nodes{s.resource}
	case "%rootResource":
		return nodes{s.root}
	case "%ucum":
		return nodes{{typ: "string", value: "http://unitsofmeasure.org", has: true}}
	case "true", "false":
		return truth(e.text == "true")
	}
	if e.args[0] != nil {
		in = s.eval(e.args[0], in)
	}
	var out nodes
	for _, n := range in {
		if n.typ == e.text && e.args[0] == nil {
			out = append(out, n)
			continue
		}
		out = append(out, n.child(e.text)...)
	}
	return out
}

// typed is the operators is and as.
func typed(op string, in nodes, want string) nodes {
	is := func(n *node) bool { return strings.EqualFold(n.typ, want) }
	if op == "is" {
		if len(in) == 0 {
			return nil
		}
		return truth(is(in[0]))
	}
	var out nodes
	for _, n := range in {
		if is(n) {
			out = append(out, n)
		}
	}
	return out
}
