package encounter

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

// Names are what a rendered note or picture calls things by.
type Names struct {
	Site   string
	Zone   *time.Location          // of the site
	Labels map[glabella.Ref]string // of the patient, the staff, lots and containers
}

func (n Names) of(ref glabella.Ref) string {
	if label, ok := n.Labels[ref]; ok {
		return label
	}
	return ref.String()
}

// RenderNote renders the note of a visit from what was charted: for each
// procedure its product, container, points, totals and values, in the template's
// order and words, then the advice for afterwards, then the author's remarks. The
// same facts give the same bytes. A record whose template is not in the set is an
// error: a note is rendered with the words that were charted with.
func RenderNote(e Encounter, templates *treatment.Set, names Names, remarks string) (string, error) {
	zone := names.Zone
	if zone == nil {
		zone = time.UTC
	}
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%s", names.Site)
	line("Visit of %s", names.of(e.Patient.Ref()))
	line("%s", e.StartedAt.In(zone).Format("2006-01-02 15:04 MST"))
	for i, p := range e.Procedures {
		t, ok := templates.Template(p.Record.Template.Code, p.Record.Template.Version)
		if !ok || t.Ref() != p.Record.Template {
			return "", fmt.Errorf("render the note of %s: template %s version %d: %w", e.Ref(), p.Record.Template.Code, p.Record.Template.Version, glabella.ErrNotFound)
		}
		line("")
		line("%d. %s (template %s, version %d)", i+1, t.Name, t.Code, t.Version)
		product, _ := templates.Product(p.Record.Product)
		line("   Product: %s (%s)", product.Brand, p.Record.Product)
		line("   Performed by %s at %s", names.of(p.Performer.Ref()), p.PerformedAt.In(zone).Format("15:04"))
		for _, a := range p.Administrations {
			line("   Drawn: %s from %s; lot %s", amount(a.Quantity), names.of(a.Vial.Ref()), names.of(a.Lot.Ref()))
		}
		if err := renderPoints(line, p.Record, templates); err != nil {
			return "", err
		}
		for _, f := range t.Fields {
			if v, ok := p.Record.Values[f.Key]; ok {
				line("   %s: %s", f.Label, strings.TrimSpace(v+" "+unitName(f.Unit)))
			}
		}
		if len(p.Acknowledged) > 0 {
			codes := make([]string, len(p.Acknowledged))
			for k, c := range p.Acknowledged {
				codes[k] = string(c)
			}
			line("   Warnings acknowledged: %s", strings.Join(codes, ", "))
		}
		for _, group := range []struct {
			title  string
			advice []treatment.Advice
		}{{"Afterwards", t.PostCare}, {"Get help", t.RedFlags}} {
			for k, a := range group.advice {
				if k == 0 {
					line("   %s:", group.title)
				}
				line("     - %s", a.Text)
			}
		}
		if !t.FollowUp.IsZero() {
			line("   Follow-up in %d days.", t.FollowUp.Days)
		}
	}
	if remarks != "" {
		line("")
		line("Remarks")
		line("%s", remarks)
	}
	return b.String(), nil
}

// amount writes a quantity as people read it, without the product that the
// heading has named.
func amount(q quantity.Quantity) string {
	return q.Value().String() + " " + unitName(q.Unit().Code())
}

// unitName returns what people read for a UCUM code.
func unitName(code string) string {
	switch {
	case code == "[arb'U]":
		return "U"
	case strings.HasPrefix(code, "{"): // a count of something that the label names
		return ""
	}
	return code
}

func renderPoints(line func(string, ...any), r treatment.Record, templates *treatment.Set) error {
	totals := map[string]quantity.Quantity{}
	for _, m := range r.Maps {
		d, _ := templates.Diagram(m.Diagram, m.DiagramVersion)
		line("   Points on %s, version %d:", m.Diagram, m.DiagramVersion)
		for _, p := range m.Points {
			name := p.Region
			if region, ok := d.Region(p.Region); ok {
				name = region.Name
			}
			details := slices.DeleteFunc([]string{p.Muscle, p.Depth, p.Technique, p.Device}, func(s string) bool { return s == "" })
			line("     %2d  %-22s %-8s %8s  %s", p.Seq, name, p.Side, amount(p.Amount), strings.Join(details, ", "))
			sum, err := totals[name].Add(p.Amount)
			if err != nil {
				return fmt.Errorf("sum the points of %s: %w", p.Region, err)
			}
			totals[name] = sum
		}
	}
	for _, name := range slices.Sorted(maps.Keys(totals)) {
		line("   Total, %s: %s", name, amount(totals[name]))
	}
	if !r.Total.IsZero() {
		line("   Total: %s", amount(r.Total))
	}
	return nil
}
