package encounter_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

func botox(s string) quantity.Quantity {
	return quantity.MustParse(s + " [arb'U]{onabotulinumtoxinA}")
}

// nextVisit is the upper face a visit later: point 1 with more, 4 with less, 6
// moved, 11 moved and with more, 15 left out, 17 new.
func nextVisit(t testing.TB) treatment.Record {
	r := upperFace(t)
	points := r.Maps[0].Points
	points[0].Amount, points[3].Amount = botox("6"), botox("2.5")
	points[5].Y -= 0.03
	points[10].X += 0.02
	points[10].Amount = botox("5")
	chin := points[1]
	chin.Seq, chin.Region, chin.Muscle, chin.X, chin.Y, chin.Amount = 17, "chin", "mentalis", 0.46, 0.7, botox("3")
	r.Maps[0].Points = append(points[:14:14], points[15], chin)
	return r
}

// told is a difference in short: the numbers of points, and the rows of totals.
type told struct {
	added, removed, moved, changed []int
	unchanged                      int
	regions, products              []string
}

func tell(d encounter.MapDelta) told {
	out := told{unchanged: d.Unchanged}
	for _, p := range d.Added {
		out.added = append(out.added, p.Point.Seq)
	}
	for _, p := range d.Removed {
		out.removed = append(out.removed, p.Point.Seq)
	}
	for _, c := range d.Moved {
		out.moved = append(out.moved, c.After.Point.Seq)
	}
	for _, c := range d.Changed {
		out.changed = append(out.changed, c.After.Point.Seq)
	}
	row := func(r encounter.RegionDelta) string {
		return strings.TrimSpace(fmt.Sprintf("%s %s: %s, %s, %s", r.Product, r.Region, r.Before.Value(), r.After.Value(), r.Difference.Value()))
	}
	for _, r := range d.Regions {
		out.regions = append(out.regions, row(r))
	}
	for _, r := range d.Products {
		out.products = append(out.products, row(r))
	}
	return out
}

func TestDelta(t *testing.T) {
	t.Parallel()
	one := func(change func(p *treatment.Point)) treatment.Record {
		r := upperFace(t)
		r.Maps[0].Points = slices.Clone(r.Maps[0].Points[:1])
		change(&r.Maps[0].Points[0])
		return r
	}
	same := one(func(*treatment.Point) {})
	onaRow := []string{"onabotulinumtoxinA glabella: 4, 4, 0"}
	onaTotal := []string{"onabotulinumtoxinA : 4, 4, 0"}
	for _, tt := range []struct {
		name          string
		before, after []treatment.Record
		want          told
	}{
		{name: "nothing", want: told{}},
		{name: "numbers, lots and techniques do not count", before: []treatment.Record{same},
			after: []treatment.Record{one(func(p *treatment.Point) {
				p.Seq, p.Lot, p.Vial, p.Technique, p.Unconfirmed = 9, glabella.LotID{}, vialB, "bolus", true
			})},
			want: told{unchanged: 1, regions: onaRow, products: onaTotal}},
		{name: "as far as a hundredth is the same place", before: []treatment.Record{same},
			after: []treatment.Record{one(func(p *treatment.Point) { p.X += 0.01 })},
			want:  told{unchanged: 1, regions: onaRow, products: onaTotal}},
		{name: "farther is moved", before: []treatment.Record{same},
			after: []treatment.Record{one(func(p *treatment.Point) { p.X += 0.011 })},
			want:  told{moved: []int{1}, regions: onaRow, products: onaTotal}},
		{name: "a tenth is moved", before: []treatment.Record{same},
			after: []treatment.Record{one(func(p *treatment.Point) { p.Y += 0.1 })},
			want:  told{moved: []int{1}, regions: onaRow, products: onaTotal}},
		{name: "beyond a tenth is another point", before: []treatment.Record{same},
			after: []treatment.Record{one(func(p *treatment.Point) { p.Y += 0.101 })},
			want:  told{added: []int{1}, removed: []int{1}, regions: onaRow, products: onaTotal}},
		{name: "the other side is another point", before: []treatment.Record{same},
			after: []treatment.Record{one(func(p *treatment.Point) { p.Side = left })},
			want:  told{added: []int{1}, removed: []int{1}, regions: onaRow, products: onaTotal}},
		{name: "another region is another point", before: []treatment.Record{same},
			after: []treatment.Record{one(func(p *treatment.Point) { p.Region = "forehead" })},
			want: told{added: []int{1}, removed: []int{1}, products: onaTotal,
				regions: []string{"onabotulinumtoxinA glabella: 4, 0, -4", "onabotulinumtoxinA forehead: 0, 4, 4"}}},
		{name: "another version of the diagram has other points", before: []treatment.Record{same},
			after: func() []treatment.Record {
				r := one(func(*treatment.Point) {})
				r.Maps[0].DiagramVersion = 2
				return []treatment.Record{r}
			}(),
			want: told{added: []int{1}, removed: []int{1}, regions: onaRow, products: onaTotal}},
		{name: "a visit and the next", before: []treatment.Record{upperFace(t)}, after: []treatment.Record{nextVisit(t)},
			want: told{added: []int{17}, removed: []int{15}, moved: []int{6, 11}, changed: []int{1, 4, 11}, unchanged: 11,
				regions: []string{"onabotulinumtoxinA glabella: 20, 20.5, 0.5", "onabotulinumtoxinA forehead: 20, 20, 0",
					"onabotulinumtoxinA lateral-canthal: 24, 21, -3", "onabotulinumtoxinA chin: 0, 3, 3"},
				products: []string{"onabotulinumtoxinA : 64, 64.5, 0.5"}}},
		{name: "products are apart", before: []treatment.Record{same},
			after: func() []treatment.Record {
				r := one(func(p *treatment.Point) { p.Amount = quantity.MustParse("10 [arb'U]{abobotulinumtoxinA}") })
				r.Product = "abobotulinumtoxinA"
				return []treatment.Record{r}
			}(),
			want: told{changed: []int{1},
				regions:  []string{"onabotulinumtoxinA glabella: 4, 0, -4", "abobotulinumtoxinA glabella: 0, 10, 10"},
				products: []string{"onabotulinumtoxinA : 4, 0, -4", "abobotulinumtoxinA : 0, 10, 10"}}},
		{name: "units of a product are apart", before: []treatment.Record{same},
			after: []treatment.Record{one(func(p *treatment.Point) { p.Amount = quantity.MustParse("1 mL{onabotulinumtoxinA}") })},
			want: told{changed: []int{1},
				regions:  []string{"onabotulinumtoxinA glabella: 4, 0, -4", "onabotulinumtoxinA glabella: 0, 1, 1"},
				products: []string{"onabotulinumtoxinA : 4, 0, -4", "onabotulinumtoxinA : 0, 1, 1"}}},
		{name: "one product moves rather than turns into another", before: []treatment.Record{same},
			after: func() []treatment.Record {
				r := one(func(p *treatment.Point) { p.Seq, p.Amount = 2, quantity.MustParse("0.1 mL{juvederm-voluma-xc}") })
				r.Product = "juvederm-voluma-xc"
				return []treatment.Record{r, one(func(p *treatment.Point) { p.Y += 0.03 })}
			}(),
			want: told{added: []int{2}, moved: []int{1},
				regions:  []string{"onabotulinumtoxinA glabella: 4, 4, 0", "juvederm-voluma-xc glabella: 0, 0.1, 0.1"},
				products: []string{"onabotulinumtoxinA : 4, 4, 0", "juvederm-voluma-xc : 0, 0.1, 0.1"}}},
		{name: "a product charted in two records is one", before: []treatment.Record{same, one(func(p *treatment.Point) { p.Seq, p.X = 2, 0.7 })}, after: nil,
			want: told{removed: []int{1, 2}, regions: []string{"onabotulinumtoxinA glabella: 8, 0, -8"}, products: []string{"onabotulinumtoxinA : 8, 0, -8"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := encounter.Delta(tt.before, tt.after)
			want := tt.want
			trim := func(rows []string) (out []string) {
				for _, r := range rows {
					out = append(out, strings.TrimSpace(r))
				}
				return out
			}
			want.products, want.regions = trim(want.products), trim(want.regions)
			if diff := cmp.Diff(want, tell(got), cmp.AllowUnexported(told{})); diff != "" {
				t.Errorf("Delta (-want +got):\n%s", diff)
			}
			a, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			b, err := json.Marshal(encounter.Delta(tt.before, tt.after))
			if err != nil || string(a) != string(b) || strings.Contains(string(a), "null") {
				t.Errorf("Delta as JSON: %s and %s, %v", a, b, err)
			}
			var back encounter.MapDelta
			if err := json.Unmarshal(a, &back); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, back); diff != "" {
				t.Errorf("there and back (-want +got):\n%s", diff)
			}
		})
	}
}

// A change carries its distance and, of one product and unit only, its difference.
func TestDeltaOfOnePoint(t *testing.T) {
	t.Parallel()
	d := encounter.Delta([]treatment.Record{upperFace(t)}, []treatment.Record{nextVisit(t)})
	c := d.Changed[2]
	if c.Distance != 0.02 || !c.SameProduct() || !c.Difference.Equal(botox("1")) {
		t.Errorf("point 11 is %v away and %v more, want 0.02 and 1 U", c.Distance, c.Difference)
	}
	after := upperFace(t)
	after.Product = "abobotulinumtoxinA"
	for i := range after.Maps[0].Points {
		after.Maps[0].Points[i].Amount = quantity.MustParse("10 [arb'U]{abobotulinumtoxinA}")
	}
	for _, c := range encounter.Delta([]treatment.Record{upperFace(t)}, []treatment.Record{after}).Changed {
		if c.SameProduct() || !c.Difference.Equal(quantity.Quantity{}) {
			t.Errorf("amounts of two products have a difference of %v", c.Difference)
		}
	}
}

// For any two sets of points: every point is told of once, rows are after less
// before and add up to the products' rows, and swapping the visits turns the rows'
// signs.
func TestDeltaAddsUp(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewSource(7))
	d := face(t)
	visit := func() []treatment.Record {
		var out []treatment.Record
		for _, product := range []string{"a", "b"} {
			m := treatment.Map{Diagram: d.Code, DiagramVersion: 1}
			for n := rnd.Intn(25); len(m.Points) < n; {
				x, y := math.Round(rnd.Float64()*50)/50, math.Round(rnd.Float64()*50)/50
				if region, side, ok := d.RegionAt(x, y); ok {
					m.Points = append(m.Points, treatment.Point{Seq: len(m.Points) + 1, X: x, Y: y, Region: region.Code, Side: side,
						Amount: quantity.Of(int64(rnd.Intn(4)), quantity.MustUnit("[arb'U]{"+product+"}"))})
				}
			}
			out = append(out, treatment.Record{Product: product, Maps: []treatment.Map{m}})
		}
		return out
	}
	count := func(rs []treatment.Record) (n int) {
		for _, r := range rs {
			n += len(r.Points())
		}
		return n
	}
	for range 300 {
		before, after := visit(), visit()
		delta := encounter.Delta(before, after)
		kept := delta.Unchanged + len(delta.Moved)
		for _, c := range delta.Changed {
			if c.Distance <= encounter.SamePlace {
				kept++
			}
		}
		if kept+len(delta.Removed) != count(before) || kept+len(delta.Added) != count(after) {
			t.Fatalf("%d kept, %d removed of %d, %d added of %d", kept, len(delta.Removed), count(before), len(delta.Added), count(after))
		}
		sums := map[string]quantity.Quantity{}
		for _, r := range delta.Regions {
			diff, err := r.After.Sub(r.Before)
			if err != nil || !diff.Equal(r.Difference) {
				t.Fatalf("%+v: the difference is %v, %v", r, diff, err)
			}
			if sums[r.Product], err = sums[r.Product].Add(r.Difference); err != nil {
				t.Fatal(err)
			}
		}
		for _, p := range delta.Products {
			if !sums[p.Product].Equal(p.Difference) {
				t.Fatalf("the regions of %s add up to %v, want %v", p.Product, sums[p.Product], p.Difference)
			}
		}
		rows := map[[2]string]quantity.Quantity{}
		for _, r := range encounter.Delta(after, before).Regions {
			rows[[2]string{r.Product, r.Region}] = r.Difference.Neg()
		}
		for _, r := range delta.Regions {
			if got := rows[[2]string{r.Product, r.Region}]; !got.Equal(r.Difference) {
				t.Fatalf("the other way round, %s %s is %v, want %v", r.Product, r.Region, got, r.Difference)
			}
		}
		if same := encounter.Delta(before, before); same.Unchanged != count(before) || len(same.Changed)+len(same.Moved)+len(same.Added)+len(same.Removed) > 0 {
			t.Fatalf("a visit differs from itself: %+v", same)
		}
	}
}
