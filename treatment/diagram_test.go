package treatment_test

import (
	"encoding/xml"
	"errors"
	"io"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/treatment"
)

func face(t testing.TB) treatment.Diagram {
	t.Helper()
	d, ok := treatment.BuiltIn().Diagram("face-front", 1)
	if !ok {
		t.Fatal("no diagram face-front version 1")
	}
	return d
}

func TestRegionAt(t *testing.T) {
	t.Parallel()
	mirrored := face(t)
	mirrored.Mirrored = true
	for _, tt := range []struct {
		name    string
		diagram treatment.Diagram
		x, y    float64
		region  string
		side    glabella.Side
	}{
		{"procerus", face(t), 0.5, 0.375, "glabella", glabella.SideMidline},
		{"the patient's right corrugator is on the left of the picture", face(t), 0.44, 0.37, "glabella", glabella.SideRight},
		{"the same place on a mirrored picture is the left", mirrored, 0.44, 0.37, "glabella", glabella.SideLeft},
		{"frontalis", face(t), 0.5, 0.265, "forehead", glabella.SideMidline},
		{"right lateral canthus", face(t), 0.285, 0.425, "lateral-canthal", glabella.SideRight},
		{"left lateral canthus", face(t), 0.715, 0.425, "lateral-canthal", glabella.SideLeft},
		{"left cheek", face(t), 0.68, 0.52, "cheek", glabella.SideLeft},
		{"upper lip", face(t), 0.5, 0.63, "lip-upper", glabella.SideMidline},
		{"lower lip", face(t), 0.47, 0.66, "lip-lower", glabella.SideRight},
		{"around the mouth", face(t), 0.5, 0.6, "perioral", glabella.SideMidline},
		{"chin", face(t), 0.5, 0.73, "chin", glabella.SideMidline},
		{"the pupil is no region", face(t), 0.39, 0.426, "", ""},
		{"outside of the head", face(t), 0.02, 0.02, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			region, side, ok := tt.diagram.RegionAt(tt.x, tt.y)
			if region.Code != tt.region || side != tt.side || ok != (tt.region != "") {
				t.Errorf("RegionAt(%v, %v) = %q, %q, %v; want %q, %q", tt.x, tt.y, region.Code, side, ok, tt.region, tt.side)
			}
		})
	}
}

// A place and its mirror image are in the same region, on opposite sides; and
// every place that has a region and a side passes as one.
func TestRegionAtIsSymmetricProperty(t *testing.T) {
	t.Parallel()
	d := face(t)
	opposite := map[glabella.Side]glabella.Side{glabella.SideLeft: glabella.SideRight, glabella.SideRight: glabella.SideLeft, glabella.SideMidline: glabella.SideMidline}
	rnd := rand.New(rand.NewSource(3))
	hits := map[string]bool{}
	for range 20000 {
		x, y := rnd.Float64(), rnd.Float64()
		a, side, ok := d.RegionAt(x, y)
		b, other, okToo := d.RegionAt(1-x, y)
		if ok != okToo || a.Code != b.Code || ok && opposite[side] != other {
			t.Fatalf("RegionAt(%v, %v) = %q %q, its mirror image %q %q", x, y, a.Code, side, b.Code, other)
		}
		if ok && !a.HasSide(side) {
			t.Fatalf("region %s has no side %s, where RegionAt(%v, %v) put it", a.Code, side, x, y)
		}
		hits[a.Code] = true
	}
	for _, r := range d.Regions {
		if !hits[r.Code] {
			t.Errorf("no place is in region %s", r.Code)
		}
	}
}

func TestDiagramRegionsAreWellFormed(t *testing.T) {
	t.Parallel()
	d := face(t)
	if d.View != treatment.ViewFront || !slices.Contains(treatment.Views(), d.View) || d.Mirrored {
		t.Errorf("view, mirrored = %q, %v; want a front view that is not mirrored", d.View, d.Mirrored)
	}
	inside := func(p treatment.Position) bool { return p.X >= 0 && p.X <= 1 && p.Y >= 0 && p.Y <= 1 }
	for _, r := range d.Regions {
		var sides []glabella.Side
		for _, s := range r.Shapes {
			sides = append(sides, s.Side)
			if len(s.Outline) < 3 || !inside(s.Label) || slices.ContainsFunc(s.Outline, func(p treatment.Position) bool { return !inside(p) }) {
				t.Errorf("region %s: a shape is no area within the diagram", r.Code)
			}
		}
		slices.Sort(sides)
		if !slices.Equal(sides, []glabella.Side{glabella.SideMidline}) && !slices.Equal(sides, []glabella.Side{glabella.SideLeft, glabella.SideRight}) {
			t.Errorf("region %s has sides %v, want midline alone or both left and right", r.Code, sides)
		}
	}
}

// The art goes into documents of the host, next to other art: it must be
// well-formed, and must not bring style, code, references or names.
func TestArtIsPlainDrawing(t *testing.T) {
	t.Parallel()
	d := face(t)
	elements := []string{"g", "path", "circle"}
	attributes := []string{"class", "d", "cx", "cy", "r", "fill", "fill-opacity", "opacity", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin"}
	dec := xml.NewDecoder(strings.NewReader("<svg>" + d.Art + "</svg>"))
	drawn := 0
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("art is not well-formed: %v", err)
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local == "svg" {
			continue
		}
		drawn++
		if !slices.Contains(elements, start.Name.Local) {
			t.Errorf("art has element %s", start.Name.Local)
		}
		for _, a := range start.Attr {
			if !slices.Contains(attributes, a.Name.Local) {
				t.Errorf("art has attribute %s", a.Name.Local)
			}
			if a.Name.Local == "fill" || a.Name.Local == "stroke" {
				if a.Value != "none" && a.Value != "currentColor" {
					t.Errorf("art has colour %s, want currentColor", a.Value)
				}
			}
		}
	}
	if drawn < 50 || len(d.Art) > 12_000 {
		t.Errorf("art has %d elements in %d bytes, want a face in at most 12000", drawn, len(d.Art))
	}
}
