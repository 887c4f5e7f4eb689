package encounter_test

import (
	"testing"

	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

// chart60 is a record of sixty points, and the visit that charts it.
func chart60(t testing.TB) (encounter.Encounter, treatment.Record) {
	t.Helper()
	r := upperFace(t)
	m := &r.Maps[0]
	for i := 0; len(m.Points) < 60; i++ {
		p := m.Points[i]
		p.Seq = len(m.Points) + 1
		m.Points = append(m.Points, p)
	}
	r.Total = quantity.MustParse("240 [arb'U]{onabotulinumtoxinA}")
	administrations, err := encounter.AdministrationsOf(r)
	if err != nil {
		t.Fatal(err)
	}
	e := finished(t)
	e.Procedures = e.Procedures[:1]
	e.Procedures[0].Record, e.Procedures[0].Administrations = r, administrations
	return e, r
}

// BenchmarkValidateChart60 checks a chart of sixty points against its template,
// and the visit that holds it.
func BenchmarkValidateChart60(b *testing.B) {
	e, r := chart60(b)
	tmpl := template(b, "botulinum-toxin")
	product, _ := treatment.BuiltIn().Product(r.Product)
	b.ReportAllocs()
	for b.Loop() {
		if issues := tmpl.Check(r, product); len(issues) > 0 {
			b.Fatal(issues)
		}
		if err := e.Validate(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRenderNote renders the note of a visit with a toxin and a filler.
func BenchmarkRenderNote(b *testing.B) {
	e, n := finished(b), names(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := encounter.RenderNote(e, treatment.BuiltIn(), n, "All well."); err != nil {
			b.Fatal(err)
		}
	}
}
