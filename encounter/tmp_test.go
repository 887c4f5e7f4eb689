package encounter_test

import (
	"fmt"
	"math/rand"
	"os"
	"strings"
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

func TestTmp(t *testing.T) {
	b, err := encounter.InjectionMap(face(t), []treatment.Record{upperFace(t), cheeks(t)}, &mapOptions)
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile("/tmp/enc/a.svg", b, 0o644)
	d := strings.Replace(string(b), "@media screen and (prefers-color-scheme:dark){", "", 1)
	d = strings.Replace(d, "}}@media print", "}@media print", 1)
	os.WriteFile("/tmp/enc/dark.svg", []byte(d), 0o644)
	t.Log(len(b))
	rnd := rand.New(rand.NewSource(5))
	f := face(t)
	var rs []treatment.Record
	n := 0
	for i := range 6 {
		r := treatment.Record{Product: fmt.Sprintf("product-%d", i), Maps: []treatment.Map{{Diagram: "face-front", DiagramVersion: 1}}}
		for len(r.Maps[0].Points) < 10 {
			x, y := rnd.Float64(), rnd.Float64()
			reg, side, ok := f.RegionAt(x, y)
			if !ok || (i < 3 && !(y < 0.45 && y > .2)) {
				continue
			}
			n++
			r.Maps[0].Points = append(r.Maps[0].Points, treatment.Point{Seq: n, X: x, Y: y, Region: reg.Code, Side: side, Amount: quantity.MustParse("2.5 [arb'U]{x}"), Lot: id[glabella.LotID](100 + i)})
		}
		rs = append(rs, r)
	}
	b, err = encounter.InjectionMap(f, rs, nil)
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile("/tmp/enc/b.svg", b, 0o644)
	t.Log(len(b))
}

func BenchmarkTmp(b *testing.B) {
	rnd := rand.New(rand.NewSource(5))
	f := face(b)
	var rs []treatment.Record
	n := 0
	for i := range 6 {
		r := treatment.Record{Product: fmt.Sprintf("product-%d", i), Maps: []treatment.Map{{Diagram: "face-front", DiagramVersion: 1}}}
		for len(r.Maps[0].Points) < 10 {
			x, y := rnd.Float64(), rnd.Float64()
			reg, side, ok := f.RegionAt(x, y)
			if !ok || (i < 3 && !(y < 0.45 && y > .2)) {
				continue
			}
			n++
			r.Maps[0].Points = append(r.Maps[0].Points, treatment.Point{Seq: n, X: x, Y: y, Region: reg.Code, Side: side, Amount: quantity.MustParse("2.5 [arb'U]{x}"), Lot: id[glabella.LotID](100 + i)})
		}
		rs = append(rs, r)
	}
	for b.Loop() {
		encounter.InjectionMap(f, rs, nil)
	}
}
