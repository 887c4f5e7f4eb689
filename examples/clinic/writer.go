package main

import (
	"encoding/json"
	"fmt"
	"io"

	"golang.org/x/text/language"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/i18n"
)

// writer tells the story to people, or to machines as one JSON object a step.
type writer struct {
	out   io.Writer
	json  bool
	color bool
	err   error // the first failure to write
}

func (w *writer) printf(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.out, format, args...)
	}
}

// step begins a step of the story.
func (w *writer) step(clock, title string) {
	switch {
	case w.json:
	case w.color:
		w.printf("\n\x1b[1m%s  %s\x1b[0m\n", clock, title)
	default:
		w.printf("\n%s  %s\n", clock, title)
	}
}

// line adds a line to the step.
func (w *writer) line(format string, args ...any) {
	if !w.json {
		w.printf("       "+format+"\n", args...)
	}
}

// result hands a step's result to machines.
func (w *writer) result(step string, v any) {
	if !w.json || w.err != nil {
		return
	}
	b, err := json.Marshal(map[string]any{"step": step, "result": v})
	if err != nil {
		w.err = err
		return
	}
	w.printf("%s\n", b)
}

// decision tells a decision with all of its reasons, in the reader's language,
// and what would settle each.
func (w *writer) decision(who string, d glabella.Decision, lang language.Tag) {
	mark := map[glabella.Outcome]string{glabella.Allow: "may be treated", glabella.Warn: "may be treated once the warnings are acknowledged", glabella.Deny: "may not be treated"}[d.Outcome]
	w.line("%s %s", who, mark)
	for _, r := range d.Reasons {
		w.line("  %-5s %s  [%s]", r.Outcome, i18n.Message(lang, r), r.Code)
		if r.Fix != "" {
			w.line("        to settle it: %s", r.Fix)
		}
		if r.Source != "" {
			w.line("        source: %s", r.Source)
		}
	}
}
