package encounter

import (
	"strings"

	"github.com/glabella-ehr/glabella"
)

// assessment writes what was found.
func (w *noteWriter) assessment(a *Assessment) {
	if a == nil {
		return
	}
	w.line(0, "")
	w.line(0, "Assessment")
	for i, p := range a.Problems {
		text := oneLine(p.Text)
		if !p.Coding.IsZero() {
			text = joinWords(", ", text, oneLine(p.Coding.Display)+" ("+oneLine(p.Coding.Code)+")")
		}
		w.line(1, "%d. %s", i+1, joinWords("; ", text, where(p.Region, p.Side), scored(p.Severity)))
	}
	for _, f := range a.Findings {
		w.line(1, "Finding: %s", joinWords("; ", joinWords(", ", words(f.Code), oneLine(f.Text)), where(f.Region, f.Side)))
	}
	for _, s := range a.Scores {
		w.line(1, "%s", joinWords("; ", scored(s), where(s.Region, s.Side)))
	}
	for _, g := range a.Goals {
		by := ""
		if !g.By.IsZero() {
			by = "by " + g.By.String()
		}
		w.line(1, "Goal: %s", joinWords("; ", oneLine(g.Text), scored(g.Target), by))
	}
}

// plan writes what is to be done.
func (w *noteWriter) plan(p *VisitPlan) {
	if p == nil {
		return
	}
	w.line(0, "")
	w.line(0, "Plan")
	for _, item := range p.Items {
		name := words(item.Treatment)
		if t, ok := w.templates.Latest(item.Treatment); ok {
			name = t.In(w.names.In).Name
		}
		due := ""
		if !item.DueOn.IsZero() {
			due = "on " + item.DueOn.String()
		}
		regions := make([]string, len(item.Regions))
		for i, r := range item.Regions {
			regions[i] = words(r)
		}
		kind := words(string(item.Kind))
		if kind != "" {
			kind = strings.ToUpper(kind[:1]) + kind[1:]
		}
		w.line(1, "%s: %s", kind, joinWords("; ", joinWords(", ", name, oneLine(item.Product)), strings.Join(regions, ", "), oneLine(item.Text), due))
	}
	if !p.Series.IsZero() {
		w.line(1, "Part of the plan of treatments %s", w.names.of(p.Series.Ref()))
	}
}

// scored writes a score with its scale.
func scored(s Score) string {
	if s.IsZero() {
		return ""
	}
	name := words(s.Scale)
	scale, ok := FindScale(s.Scale)
	if !ok {
		return name + " " + s.Value.String()
	}
	label := ""
	if l, ok := scale.Label(s.Value); ok {
		label = l.Name
	}
	return joinWords(", ", scale.Name+" "+s.Value.String(), label)
}

func where(region string, side glabella.Side) string {
	return joinWords(" ", words(region), string(side))
}

// joinWords joins what is not empty.
func joinWords(separator string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, separator)
}
