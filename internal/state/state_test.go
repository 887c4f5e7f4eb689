package state_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/state"
)

type door string

var doors = state.Machine[door]{Name: "door", Arrows: []state.Arrow[door]{
	{From: "shut", Action: "open", To: "wide-open"},
	{From: "wide-open", Action: "shut", To: "shut"},
	{From: "shut", Action: "lock", To: "locked"},
	{From: "wide-open", Action: "hold", To: "wide-open"},
}}

func TestNext(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		from   door
		action string
		want   door
		legal  bool
	}{
		{name: "an arrow is followed", from: "shut", action: "open", want: "wide-open", legal: true},
		{name: "the same action in another state is another arrow", from: "wide-open", action: "shut", want: "shut", legal: true},
		{name: "an arrow may lead back to its own state", from: "wide-open", action: "hold", want: "wide-open", legal: true},
		{name: "an action that the state does not have is refused", from: "shut", action: "hold", want: "shut"},
		{name: "a state without arrows out refuses everything", from: "locked", action: "open", want: "locked"},
		{name: "an unknown action is refused", from: "shut", action: "paint", want: "shut"},
		{name: "an unknown state is refused", from: "gone", action: "open", want: "gone"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := doors.Next(tt.from, tt.action)
			if got != tt.want {
				t.Errorf("Next(%s, %s) = %s, want %s", tt.from, tt.action, got, tt.want)
			}
			if tt.legal {
				if err != nil {
					t.Errorf("Next(%s, %s) = %v, want no error", tt.from, tt.action, err)
				}
				return
			}
			var refused *glabella.TransitionError
			want := glabella.TransitionError{Machine: "door", From: string(tt.from), Action: tt.action}
			if !errors.As(err, &refused) || *refused != want || !errors.Is(err, glabella.ErrRefused) {
				t.Errorf("Next(%s, %s) = %v, want %v", tt.from, tt.action, err, &want)
			}
		})
	}
}

func TestStatesAreInOrderOfAppearanceAndOnce(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]door{"shut", "wide-open", "locked"}, doors.States()); diff != "" {
		t.Errorf("States (-want +got):\n%s", diff)
	}
	if got := (state.Machine[door]{}).States(); len(got) != 0 {
		t.Errorf("States of no arrows = %v, want none", got)
	}
}

func TestMermaid(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		machine state.Machine[door]
		want    string
	}{
		{"a start, an end, and names that Mermaid would not read", doors, `stateDiagram-v2
    state "shut" as shut
    state "wide-open" as wide_open
    state "locked" as locked
    [*] --> shut
    shut --> wide_open: open
    wide_open --> shut: shut
    shut --> locked: lock
    wide_open --> wide_open: hold
    locked --> [*]
`},
		{"no arrows", state.Machine[door]{Name: "wall"}, "stateDiagram-v2\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, tt.machine.Mermaid()); diff != "" {
				t.Errorf("Mermaid (-want +got):\n%s", diff)
			}
		})
	}
}
