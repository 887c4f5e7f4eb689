// Package state models state machines as tables: the arrows of a machine stand
// in one place, and everything else (the verbs, the documentation, the tests)
// reads them from there.
package state

import (
	"fmt"
	"slices"
	"strings"

	"github.com/glabella-ehr/glabella"
)

// Arrow is one legal step: in state From, the verb Action leads to To.
type Arrow[S ~string] struct {
	From   S
	Action string
	To     S
}

// Machine is a named table of arrows. The first arrow's From is the start.
type Machine[S ~string] struct {
	Name   string
	Arrows []Arrow[S]
}

// Next returns the state that the action leads to, or a
// [*glabella.TransitionError] if the action is not legal in that state.
func (m Machine[S]) Next(from S, action string) (S, error) {
	for _, a := range m.Arrows {
		if a.From == from && a.Action == action {
			return a.To, nil
		}
	}
	return from, &glabella.TransitionError{Machine: m.Name, From: string(from), Action: action}
}

// States returns every state of the machine, in order of appearance.
func (m Machine[S]) States() []S {
	var out []S
	for _, a := range m.Arrows {
		for _, s := range []S{a.From, a.To} {
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}

// Mermaid returns the machine as a Mermaid state diagram.
func (m Machine[S]) Mermaid() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	id := func(s S) string { return strings.ReplaceAll(string(s), "-", "_") }
	for _, s := range m.States() {
		fmt.Fprintf(&b, "    state %q as %s\n", s, id(s))
	}
	if len(m.Arrows) > 0 {
		fmt.Fprintf(&b, "    [*] --> %s\n", id(m.Arrows[0].From))
	}
	for _, a := range m.Arrows {
		fmt.Fprintf(&b, "    %s --> %s: %s\n", id(a.From), id(a.To), a.Action)
	}
	for _, s := range m.States() {
		if !slices.ContainsFunc(m.Arrows, func(a Arrow[S]) bool { return a.From == s }) {
			fmt.Fprintf(&b, "    %s --> [*]\n", id(s))
		}
	}
	return b.String()
}
