package treatment_test

import (
	"errors"
	"math/rand"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

// The dilutions that labels and dilution cards print.
func TestComputeConcentration(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, product, vial, diluent string
		concentration, perTenth      string
	}{
		{"Botox 100 U in 2.5 mL", "onabotulinumtoxinA", "100", "2.5", "40", "4"},
		{"Botox 50 U in 1.25 mL", "onabotulinumtoxinA", "50", "1.25", "40", "4"},
		{"Dysport 300 U in 2.5 mL", "abobotulinumtoxinA", "300", "2.5", "120", "12"},
		{"Dysport 300 U in 1.5 mL", "abobotulinumtoxinA", "300", "1.5", "200", "20"},
		{"Daxxify 100 U in 1.2 mL does not divide", "daxibotulinumtoxinA", "100", "1.2", "83.3333", "8.3333"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := treatment.Record{Product: tt.product, Values: map[string]string{treatment.FieldVialUnits: tt.vial, treatment.FieldDiluentVolume: tt.diluent}}
			got, err := treatment.Compute(r, product(t, tt.product))
			if err != nil {
				t.Fatal(err)
			}
			unit := "[arb'U]{" + tt.product + "}"
			if want := quantity.MustParse(tt.concentration + " " + unit + "/mL"); !got.Concentration.Equal(want) {
				t.Errorf("concentration = %s, want %s", got.Concentration, want)
			}
			if want := quantity.MustParse(tt.perTenth + " " + unit); !got.PerTenth.Equal(want) {
				t.Errorf("in 0.1 mL = %s, want %s", got.PerTenth, want)
			}
		})
	}
}

func TestCompute(t *testing.T) {
	t.Parallel()
	got, err := treatment.Compute(glabellarLines(t), product(t, "onabotulinumtoxinA"))
	if err != nil {
		t.Fatal(err)
	}
	const u = " [arb'U]{onabotulinumtoxinA}"
	ml := quantity.MustParse("0.1 mL")
	want := treatment.Computed{
		Concentration: quantity.MustParse("40" + u + "/mL"), PerTenth: quantity.MustParse("4" + u),
		Points: []treatment.PointVolume{{Seq: 1, Volume: ml}, {Seq: 2, Volume: ml}, {Seq: 3, Volume: ml}, {Seq: 4, Volume: ml}, {Seq: 5, Volume: ml}},
		Regions: []treatment.RegionTotal{{Region: "glabella", Points: 5, Total: quantity.MustParse("20" + u),
			Right: quantity.MustParse("8" + u), Left: quantity.MustParse("8" + u), Midline: quantity.MustParse("4" + u), Volume: quantity.MustParse("0.5 mL")}},
		Total: quantity.MustParse("20" + u), Volume: quantity.MustParse("0.5 mL"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Compute(glabellar lines) (-want +got):\n%s", diff)
	}
}

func TestComputeFillerVolumesAreTheAmounts(t *testing.T) {
	t.Parallel()
	got, err := treatment.Compute(cheeks(t), product(t, "juvederm-voluma-xc"))
	if err != nil {
		t.Fatal(err)
	}
	if want := quantity.MustParse("2 mL"); !got.Volume.Equal(want) || !got.Concentration.IsZero() {
		t.Errorf("volume, concentration = %s, %s; want %s and none", got.Volume, got.Concentration, want)
	}
	if len(got.Points) != 2 || !got.Points[1].Volume.Equal(quantity.MustParse("1 mL")) {
		t.Errorf("points = %v, want two of 1 mL", got.Points)
	}
}

func TestComputeWithoutDilutionHasNoVolumes(t *testing.T) {
	t.Parallel()
	r := glabellarLines(t)
	delete(r.Values, treatment.FieldVialUnits)
	delete(r.Values, treatment.FieldDiluentVolume)
	got, err := treatment.Compute(r, product(t, r.Product))
	if err != nil {
		t.Fatal(err)
	}
	if !got.Volume.IsZero() || len(got.Points) != 0 || !got.Total.Equal(r.Total) {
		t.Errorf("Compute() = %+v, want no volumes and a total of %s", got, r.Total)
	}
}

func TestComputeRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name          string
		vial, diluent string
		want          []place
	}{
		{"half a dilution", "100", "", []place{{"/values/diluent-volume", glabella.CodeRequired}}},
		{"no diluent", "100", "0", []place{{"/values/diluent-volume", glabella.CodeOutOfRange}}},
		{"an empty vial and words", "-1", "much", []place{{"/values/diluent-volume", glabella.CodeFormat}, {"/values/vial-units", glabella.CodeOutOfRange}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := glabellarLines(t)
			r.Values[treatment.FieldVialUnits], r.Values[treatment.FieldDiluentVolume] = tt.vial, tt.diluent
			_, err := treatment.Compute(r, product(t, r.Product))
			var invalid *glabella.ValidationError
			if !errors.As(err, &invalid) {
				t.Fatalf("Compute() error = %v, want a validation error", err)
			}
			if diff := cmp.Diff(tt.want, placesOf(invalid.Issues)); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("points of two products", func(t *testing.T) {
		t.Parallel()
		r := glabellarLines(t)
		r.Maps[0].Points[1].Amount = quantity.MustParse("4 [arb'U]{abobotulinumtoxinA}")
		var mixed *quantity.UnitError
		if _, err := treatment.Compute(r, product(t, r.Product)); !errors.As(err, &mixed) {
			t.Errorf("Compute() error = %v, want a unit error", err)
		}
	})
}

// The regions sum to the total, the sides of a region to the region, and the
// volumes of the points to the volume, but for the rounding of each.
func TestComputeProperty(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewSource(2))
	p := product(t, "daxibotulinumtoxinA")
	sides := glabella.Sides()
	for range 200 {
		r := treatment.Record{Product: p.Code, Maps: []treatment.Map{{}, {}}, Values: map[string]string{
			treatment.FieldVialUnits: "100", treatment.FieldDiluentVolume: decimal.New(10+rnd.Int63n(500), -2).String(),
		}}
		n := 1 + rnd.Intn(40)
		for seq := 1; seq <= n; seq++ {
			m := &r.Maps[rnd.Intn(2)]
			m.Points = append(m.Points, treatment.Point{
				Seq: seq, Region: []string{"glabella", "forehead", "chin"}[rnd.Intn(3)], Side: sides[rnd.Intn(3)],
				Amount: quantity.New(decimal.New(1+rnd.Int63n(2000), -2), p.Unit),
			})
		}
		got, err := treatment.Compute(r, p)
		if err != nil {
			t.Fatal(err)
		}
		var regions, volumes quantity.Quantity
		points := 0
		for _, region := range got.Regions {
			parts, err := quantity.Sum(region.Right, region.Left, region.Midline)
			if err != nil || !parts.Equal(region.Total) {
				t.Fatalf("sides of %s sum to %s, want %s", region.Region, parts, region.Total)
			}
			if regions, err = regions.Add(region.Total); err != nil {
				t.Fatal(err)
			}
			points += region.Points
		}
		if !regions.Equal(got.Total) || points != n {
			t.Fatalf("regions sum to %s of %d points, want %s of %d", regions, points, got.Total, n)
		}
		for _, pt := range got.Points {
			if volumes, err = volumes.Add(pt.Volume); err != nil {
				t.Fatal(err)
			}
		}
		diff, err := volumes.Sub(got.Volume)
		if err != nil {
			t.Fatal(err)
		}
		if slack := decimal.New(int64(n+1), -treatment.ComputedScale); diff.Value().Abs().GreaterThan(slack) {
			t.Fatalf("volumes of %d points sum to %s, want %s within %s", n, volumes, got.Volume, slack)
		}
	}
}
