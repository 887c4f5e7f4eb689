package encounter

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

// Names are what a rendered note calls things by.
type Names struct {
	Site   string
	Zone   *time.Location          // of the site; nil is UTC
	In     language.Tag            // the language of the templates' words; the zero Tag is their own
	Labels map[glabella.Ref]string // of the patient, the staff, lots and containers
}

func (n Names) of(ref glabella.Ref) string {
	if label, ok := n.Labels[ref]; ok {
		return oneLine(label)
	}
	return ref.String()
}

// RenderNote renders the note of a visit from what was charted: the assessment
// and the plan, and for each procedure its product, containers, points and totals, then the values of its
// fields, in the template's order and words, then the advice for afterwards and
// the follow-up. The author's remarks stand at the end. The same facts give the
// same bytes.
//
// A record whose exact template is not in the set is a [glabella.ErrNotFound]: a
// note is rendered with the words that were charted with. Amounts that do not
// add up because their units differ are a [*quantity.UnitError].
func RenderNote(e Encounter, templates *treatment.Set, names Names, remarks string) (string, error) {
	if names.Zone == nil {
		names.Zone = time.UTC
	}
	w := &noteWriter{names: names, templates: templates}
	w.line(0, "%s", oneLine(names.Site))
	w.line(0, "Visit of %s", names.of(e.Patient.Ref()))
	if !e.StartedAt.IsZero() {
		w.line(0, "%s", e.StartedAt.In(names.Zone).Format("2006-01-02 15:04 MST"))
	}
	w.assessment(e.Assessment)
	w.plan(e.Plan)
	for i, p := range e.Procedures {
		if err := w.procedure(i+1, p); err != nil {
			return "", fmt.Errorf("render the note of %s: %w", e.Ref(), err)
		}
	}
	if remarks != "" {
		w.line(0, "")
		w.line(0, "Remarks")
		w.line(0, "%s", strings.TrimRight(remarks, "\n"))
	}
	return w.String(), nil
}

// noteWriter is a note in the making.
type noteWriter struct {
	strings.Builder
	names     Names
	templates *treatment.Set
}

// diagram returns a version of a diagram, and one without regions if there is
// none.
func (w *noteWriter) diagram(code string, version int) *treatment.Diagram {
	if d := w.templates.SharedDiagram(code, version); d != nil {
		return d
	}
	return &treatment.Diagram{Code: code, Version: version}
}

// line writes a line at a depth of indentation.
func (w *noteWriter) line(depth int, format string, args ...any) {
	for range depth {
		w.WriteString("  ")
	}
	if len(args) == 0 {
		w.WriteString(format)
	} else {
		fmt.Fprintf(w, format, args...)
	}
	w.WriteByte('\n')
}

func (w *noteWriter) procedure(number int, p Procedure) error {
	r := p.Record
	shared := w.templates.Shared(r.Template.Code, r.Template.Version)
	if shared == nil || shared.Ref() != r.Template {
		return fmt.Errorf("template %s version %d: %w", r.Template.Code, r.Template.Version, glabella.ErrNotFound)
	}
	t := shared.In(w.names.In)
	product, known := w.templates.Product(r.Product)
	computed, err := treatment.Compute(r, product)
	if err != nil {
		return err
	}
	w.line(0, "")
	w.line(0, "%d. %s (template %s, version %d)", number, t.Name, t.Code, t.Version)
	switch {
	case known:
		w.line(1, "Product: %s (%s)", product.Brand, r.Product)
	case r.Product != "":
		w.line(1, "Product: %s", oneLine(r.Product))
	}
	w.line(1, "Performed by %s at %s", w.names.of(p.Performer.Ref()), p.PerformedAt.In(w.names.Zone).Format("15:04"))
	for _, a := range p.Administrations {
		w.line(1, "Drawn: %s from %s; lot %s", amount(a.Quantity), w.names.of(a.Vial.Ref()), w.names.of(a.Lot.Ref()))
	}
	if !computed.Concentration.IsZero() {
		w.line(1, "Concentration: %s", amount(computed.Concentration))
	}
	w.points(r)
	w.totals(r, computed)
	w.values(t, r)
	if len(p.Acknowledged) > 0 {
		codes := make([]string, len(p.Acknowledged))
		for i, c := range p.Acknowledged {
			codes[i] = string(c)
		}
		w.line(1, "Warnings acknowledged: %s", strings.Join(codes, ", "))
	}
	w.advice("Advice for afterwards", t.PostCare)
	w.advice("When to get help", t.RedFlags)
	if !t.FollowUp.IsZero() {
		w.line(1, "Follow-up in %d days", t.FollowUp.Days)
	}
	return nil
}

// table writes rows with their columns in line. A column is as wide as its widest
// cell; the columns that right names are set flush right.
func (w *noteWriter) table(depth int, rows [][]string, right ...bool) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		last := len(row) - 1
		for last > 0 && row[last] == "" {
			last--
		}
		for range depth {
			w.WriteString("  ")
		}
		for i, cell := range row[:last+1] {
			space := widths[i] - utf8.RuneCountInString(cell)
			flush := i < len(right) && right[i]
			if flush {
				w.spaces(space)
			}
			w.WriteString(cell)
			if i < last {
				if !flush {
					w.spaces(space)
				}
				w.WriteString("  ")
			}
		}
		w.WriteByte('\n')
	}
}

func (w *noteWriter) spaces(n int) {
	for range n {
		w.WriteByte(' ')
	}
}

func (w *noteWriter) points(r treatment.Record) {
	for _, m := range r.Maps {
		d := w.diagram(m.Diagram, m.DiagramVersion)
		w.line(1, "Points on %s, version %d:", oneLine(m.Diagram), m.DiagramVersion)
		rows := make([][]string, 0, len(m.Points))
		cells := make([]string, 0, 5*len(m.Points))
		for i := range m.Points {
			p := &m.Points[i]
			details := ""
			for _, s := range [...]string{p.Muscle, p.Depth, p.Technique, p.Device} {
				switch {
				case s == "":
				case details == "":
					details = words(s)
				default:
					details += ", " + words(s)
				}
			}
			cells = append(cells, strconv.Itoa(p.Seq), oneLine(regionName(*d, p.Region)), string(p.Side), amount(p.Amount), details)
			rows = append(rows, cells[5*i:5*i+5:5*i+5])
		}
		w.table(2, rows, true, false, false, true)
	}
}

func (w *noteWriter) totals(r treatment.Record, c treatment.Computed) {
	if len(c.Regions) > 0 {
		w.line(1, "Totals:")
	}
	var rows [][]string
	for _, region := range c.Regions {
		rows = append(rows, []string{w.regionName(r, region.Region), amount(region.Total), bySide(region.Right, region.Midline, region.Left)})
	}
	w.table(2, rows, false, true)
	if !r.Total.IsZero() {
		w.line(1, "Total: %s", amount(r.Total))
	}
}

// regionName returns what the record's diagrams call a region.
func (w *noteWriter) regionName(r treatment.Record, code string) string {
	for _, m := range r.Maps {
		d := w.diagram(m.Diagram, m.DiagramVersion)
		if region, ok := d.Region(code); ok {
			return region.Name
		}
	}
	return oneLine(code)
}

// bySide writes what was given on each side, leaving out where nothing was.
func bySide(right, midline, left quantity.Quantity) string {
	var parts []string
	for _, part := range []struct {
		side   glabella.Side
		amount quantity.Quantity
	}{{glabella.SideRight, right}, {glabella.SideMidline, midline}, {glabella.SideLeft, left}} {
		if !part.amount.IsZero() {
			parts = append(parts, string(part.side)+" "+amount(part.amount))
		}
	}
	return strings.Join(parts, ", ")
}

// values writes the fields that are filled in, under the sections of the
// template. A row of a group is one line.
func (w *noteWriter) values(t treatment.Template, r treatment.Record) {
	for _, phase := range t.Phases {
		headed := false
		line := func(label, text string) {
			if !headed {
				w.line(1, "%s:", phase.Name)
				headed = true
			}
			w.line(2, "%s: %s", label, text)
		}
		for i := range t.Fields {
			f := &t.Fields[i]
			switch text := r.Values[f.Key]; {
			case f.Phase != phase.Code:
			case f.Kind == treatment.FieldGroup:
				for row := range r.Rows(f.Key) {
					line(f.Label+" "+strconv.Itoa(row+1), w.row(f, r, row))
				}
			case text != "":
				line(f.Label, w.value(f, text))
			}
		}
	}
}

func (w *noteWriter) row(f *treatment.Field, r treatment.Record, row int) string {
	var parts []string
	for i := range f.Fields {
		g := &f.Fields[i]
		if text := r.Values[treatment.RowKey(f.Key, row, g.Key)]; text != "" {
			parts = append(parts, g.Label+" "+w.value(g, text))
		}
	}
	return strings.Join(parts, "; ")
}

// value writes the value of a field as people read it.
func (w *noteWriter) value(f *treatment.Field, text string) string {
	switch f.Kind {
	case treatment.FieldBoolean:
		if text == "true" {
			return "yes"
		}
		return "no"
	case treatment.FieldChoice:
		return oneLine(f.ChoiceLabel(text))
	case treatment.FieldMulti:
		parts := strings.Split(text, " ")
		for i, part := range parts {
			parts[i] = oneLine(f.ChoiceLabel(part))
		}
		return strings.Join(parts, ", ")
	case treatment.FieldNumber, treatment.FieldComputed:
		return strings.TrimSpace(text + " " + unitText(f.Unit))
	case treatment.FieldDatetime:
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			return at.In(w.names.Zone).Format("2006-01-02 15:04 MST")
		}
	case treatment.FieldPoints:
		return w.places(f, text)
	case treatment.FieldPhoto:
		ids := strings.Split(text, " ")
		return fmt.Sprintf("%d (%s)", len(ids), strings.Join(ids, ", "))
	}
	return oneLine(text)
}

// places writes where the places of a points field are.
func (w *noteWriter) places(f *treatment.Field, text string) string {
	d, ok := w.templates.On(*f)
	var parts []string
	for place := range strings.SplitSeq(text, " ") {
		p, valid := treatment.ParsePlace(place)
		region, side, found := d.RegionAt(p.X, p.Y)
		if !ok || !valid || !found {
			parts = append(parts, oneLine(place))
			continue
		}
		parts = append(parts, region.Name+" "+string(side))
	}
	return strings.Join(parts, ", ")
}

func (w *noteWriter) advice(title string, advice []treatment.Advice) {
	if len(advice) == 0 {
		return
	}
	w.line(1, "%s:", title)
	for _, a := range advice {
		w.line(2, "- %s", a.Text)
	}
}

// amount writes a quantity as people read it, without the product that a heading
// has named.
func amount(q quantity.Quantity) string {
	return strings.TrimSpace(q.Value().String() + " " + unitText(q.Unit().Code()))
}

// unitText writes a UCUM code as people read it: arbitrary units of a product are
// its units, and a bare count or score has none.
func unitText(code string) string {
	if code == "1" || strings.HasPrefix(code, "{") {
		return ""
	}
	return strings.ReplaceAll(code, "[arb'U]", "U")
}

// words writes a code as words.
func words(code string) string { return oneLine(strings.ReplaceAll(code, "-", " ")) }

// oneLine keeps a text from looking like another line of the note.
func oneLine(s string) string {
	if plain(s) && !strings.Contains(s, "  ") && strings.TrimSpace(s) == s {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return r == ' ' || unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	}), " ")
}
