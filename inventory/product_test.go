package inventory_test

import (
	"testing"

	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
)

func TestProductValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		base   inventory.Product
		change func(*inventory.Product)
		want   []string
	}{
		{name: "a toxin vial is in order", base: toxin()},
		{name: "a filler syringe is in order", base: filler()},
		{name: "a diluent is in order", base: saline()},
		{name: "a supply is in order", base: gloves()},
		{name: "everything that is missing is reported at once", base: inventory.Product{},
			want: []string{"/class unknown-value", "/code required", "/container unknown-value", "/id required", "/name required", "/nominal out-of-range"}},
		{name: "units of another substance are refused", base: toxin(),
			change: func(p *inventory.Product) {
				p.Nominal = quantity.MustParse("100 [arb'U]{abobotulinumtoxinA}")
			},
			want: []string{"/nominal inventory.product.unit"}},
		{name: "a charted item without substance is refused", base: toxin(),
			change: func(p *inventory.Product) { p.Substance, p.Nominal = "", quantity.MustParse("100 [arb'U]") },
			want:   []string{"/substance required"}},
		{name: "a short GTIN, a wrong check digit and a repetition are refused", base: toxin(),
			change: func(p *inventory.Product) {
				p.GTINs = []string{"4006381333931", "09506000134353", "09506000134352", "09506000134352"}
			},
			want: []string{"/gtins/0 format", "/gtins/1 format", "/gtins/3 duplicate"}},
		{name: "an NDC without hyphens is refused", base: toxin(),
			change: func(p *inventory.Product) { p.NDC = "0023114501" },
			want:   []string{"/ndc format"}},
		{name: "a twelve-digit NDC is in order", base: toxin(),
			change: func(p *inventory.Product) { p.NDC = "000023-1145-01" }},
		{name: "what is reconstituted states its time of use", base: toxin(),
			change: func(p *inventory.Product) { p.InUse = inventory.InUse{} },
			want:   []string{"/inUse/hours required"}},
		{name: "a time of use without source is refused", base: toxin(),
			change: func(p *inventory.Product) { p.InUse.Source = "" },
			want:   []string{"/inUse/source required"}},
		{name: "a rule of one patient without source is refused", base: filler(),
			change: func(p *inventory.Product) { p.InUse.Source = "" },
			want:   []string{"/inUse/source required"}},
		{name: "a negative time of use is refused", base: filler(),
			change: func(p *inventory.Product) { p.InUse.Hours = -1 },
			want:   []string{"/inUse/hours out-of-range"}},
		{name: "what comes without container cannot be reconstituted", base: toxin(),
			change: func(p *inventory.Product) { p.Container = inventory.NoContainer },
			want:   []string{"/container mismatch"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := tt.base
			if tt.change != nil {
				tt.change(&p)
			}
			if d := diff(tt.want, places(p.Validate())); d != "" {
				t.Errorf("Validate() (-want +got):\n%s", d)
			}
		})
	}
}

func TestEnumsKnowTheirValues(t *testing.T) {
	t.Parallel()
	checkEnum(t, inventory.ItemClasses())
	checkEnum(t, inventory.ContainerKinds())
	checkEnum(t, inventory.LotStates())
	checkEnum(t, inventory.VialStates())
	checkEnum(t, inventory.MovementKinds())
}

func checkEnum[E interface {
	~string
	Valid() bool
}](t *testing.T, values []E) {
	t.Helper()
	for _, v := range values {
		if !v.Valid() {
			t.Errorf("%T(%q).Valid() = false, want true", v, v)
		}
	}
	for _, v := range []E{"", "nonsense"} {
		if v.Valid() {
			t.Errorf("%T(%q).Valid() = true, want false", v, v)
		}
	}
}
