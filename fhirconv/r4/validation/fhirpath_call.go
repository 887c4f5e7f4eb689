package validation

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// call evaluates a function on a collection; around is what its arguments that are
// no criteria are evaluated on.
func (s scope) call(e *expr, on, around nodes) nodes {
	arg := func() nodes { return s.eval(e.args[1], around) }
	each := func(want bool) nodes {
		var out nodes
		for _, n := range on {
			if v, _ := boolean(s.eval(e.args[1], nodes{n})); v == want {
				out = append(out, n)
			}
		}
		return out
	}
	switch e.text {
	case "exists":
		if len(e.args) == 2 {
			on = each(true)
		}
		return truth(len(on) > 0)
	case "empty":
		return truth(len(on) == 0)
	case "not":
		if v, known := boolean(on); known {
			return truth(!v)
		}
		return nil
	case "count":
		return nodes{{typ: "integer", value: strconv.Itoa(len(on)), has: true}}
	case "all":
		return truth(len(each(false)) == 0)
	case "where":
		return each(true)
	case "select":
		var out nodes
		for _, n := range on {
			out = append(out, s.eval(e.args[1], nodes{n})...)
		}
		return out
	case "first":
		return on[:min(1, len(on))]
	case "tail":
		return on[min(1, len(on)):]
	case "is", "as":
		return typed(e.text, on, e.args[1].text)
	case "isDistinct":
		return truth(isDistinct(on))
	case "combine":
		return slices.Concat(on, arg())
	case "intersect":
		other := arg()
		return slices.DeleteFunc(distinct(on), func(n *node) bool {
			return !slices.ContainsFunc(other, func(o *node) bool { return same(n, o) })
		})
	case "children":
		var out nodes
		for _, n := range on {
			out = append(out, n.children...)
		}
		return out
	case "descendants":
		var out nodes
		for _, n := range on {
			out = n.descend(out)
		}
		return out
	case "trace":
		return on
	case "hasValue":
		return truth(len(on) == 1 && on[0].has)
	case "iif":
		if v, _ := boolean(s.eval(e.args[1], on)); v {
			return s.eval(e.args[2], on)
		}
		if len(e.args) > 3 {
			return s.eval(e.args[3], on)
		}
		return nil
	}
	if len(on) != 1 {
		return nil
	}
	return s.text(e, on[0], arg)
}

func (n *node) descend(out nodes) nodes {
	for _, c := range n.children {
		out = c.descend(append(out, c))
	}
	return out
}

func isDistinct(in nodes) bool {
	seen := map[string]bool{}
	for _, n := range in {
		if len(n.children) > 0 {
			return len(distinct(in)) == len(in)
		}
		if seen[n.value] {
			return false
		}
		seen[n.value] = true
	}
	return true
}

// text evaluates a function on a string.
func (s scope) text(e *expr, on *node, arg func() nodes) nodes {
	str := func(v string) nodes { return nodes{{typ: "string", value: v, has: true}} }
	switch e.text {
	case "matches":
		re, err := regexp.Compile("^(?:" + text(arg()) + ")$")
		return truth(err == nil && re.MatchString(on.value))
	case "replaceMatches":
		re, err := regexp.Compile(text(arg()))
		if err != nil {
			return nil
		}
		return str(re.ReplaceAllString(on.value, text(s.eval(e.args[2], nil))))
	case "contains":
		return truth(strings.Contains(on.value, text(arg())))
	case "startsWith":
		return truth(strings.HasPrefix(on.value, text(arg())))
	case "substring":
		if n, err := strconv.Atoi(text(arg())); err == nil && n <= len(on.value) {
			return str(on.value[n:])
		}
	case "toString":
		return str(on.value)
	case "toInteger":
		if n, err := strconv.Atoi(on.value); err == nil {
			return nodes{{typ: "integer", value: strconv.Itoa(n), has: true}}
		}
	case "htmlChecks":
		return truth(narrative(on.value))
	}
	return nil
}
