package treatment_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand"
	"path/filepath"
	"regexp"
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

// diagrams returns every diagram that comes with the library.
func diagrams(t testing.TB) []treatment.Diagram {
	t.Helper()
	files, err := filepath.Glob("data/*-v*.svg")
	if err != nil || len(files) < 9 {
		t.Fatalf("drawings = %q, %v; want at least 9", files, err)
	}
	var out []treatment.Diagram
	for _, file := range files {
		code, number, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".svg"), "-v")
		var version int
		if _, err := fmt.Sscan(number, &version); err != nil {
			t.Fatalf("%s: no version: %v", file, err)
		}
		out = append(out, diagram(t, code, version))
	}
	return out
}

func diagram(t testing.TB, code string, version int) treatment.Diagram {
	t.Helper()
	d, ok := treatment.BuiltIn().Diagram(code, version)
	if !ok || d.Code != code || d.Version != version {
		t.Fatalf("Diagram(%q, %d) = %q, %d, %v; want the diagram", code, version, d.Code, d.Version, ok)
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
		{"a profile is the side that it shows", diagram(t, "face-left", 1), 130.0 / 300, 250.0 / 400, "masseter", glabella.SideLeft},
		{"the other profile is the other side", diagram(t, "face-right", 1), 170.0 / 300, 250.0 / 400, "masseter", glabella.SideRight},
		{"the midline in profile counts to the side that is shown", diagram(t, "face-left", 1), 0.19, 0.74, "chin", glabella.SideLeft},
		{"the back of the head in profile is no region", diagram(t, "face-left", 1), 0.8, 0.3, "", ""},
		{"the near half of an oblique forehead", diagram(t, "face-oblique-left", 1), 0.4, 0.26, "forehead", glabella.SideLeft},
		{"the far half of an oblique forehead is the other side", diagram(t, "face-oblique-left", 1), 0.21, 0.3, "forehead", glabella.SideRight},
		{"below the chin", diagram(t, "neck", 1), 0.5, 0.29, "submental", glabella.SideMidline},
		{"right platysma", diagram(t, "neck", 1), 0.43, 0.4, "platysma-bands", glabella.SideRight},
		{"the right jaw line on the neck", diagram(t, "neck", 1), 0.373, 0.2, "jawline", glabella.SideRight},
		{"upper chest", diagram(t, "neck", 1), 0.6, 0.7, "decolletage", glabella.SideLeft},
		{"back of the left hand", diagram(t, "hands", 1), 0.25, 0.7, "hand-dorsum", glabella.SideLeft},
		{"right thumb", diagram(t, "hands", 1), 0.59, 0.55, "thumb", glabella.SideRight},
		{"right armpit", diagram(t, "body-front", 1), 0.335, 0.265, "axilla", glabella.SideRight},
		{"left outer thigh from the front", diagram(t, "body-front", 1), 0.655, 0.56, "thigh-outer", glabella.SideLeft},
		{"the chest does not cover the areola", diagram(t, "body-front", 1), 119.0 / 300, 166.0 / 600, "areola", glabella.SideRight},
		{"left calf from behind", diagram(t, "body-back", 1), 0.4, 0.8, "calf", glabella.SideLeft},
		{"lower back", diagram(t, "body-back", 1), 0.5, 0.4, "lower-back", glabella.SideMidline},
		{"between arm and trunk is no region", diagram(t, "body-back", 1), 0.3, 0.38, "", ""},
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

var opposite = map[glabella.Side]glabella.Side{glabella.SideLeft: glabella.SideRight, glabella.SideRight: glabella.SideLeft, glabella.SideMidline: glabella.SideMidline}

// mirrors returns the pairs of diagrams of which one is the mirror image of the
// other: those of one side, and each view of both sides with itself.
func mirrors(t testing.TB) [][2]treatment.Diagram {
	t.Helper()
	var out [][2]treatment.Diagram
	for _, d := range diagrams(t) {
		side, one := d.View.Shows()
		switch {
		case !one:
			out = append(out, [2]treatment.Diagram{d, d})
		case side == glabella.SideLeft:
			out = append(out, [2]treatment.Diagram{d, diagram(t, strings.TrimSuffix(d.Code, "left")+"right", d.Version)})
		}
	}
	return out
}

// A place and its mirror image are in the same region, on opposite sides; and
// every place that has a region and a side passes as one.
func TestRegionAtIsSymmetricProperty(t *testing.T) {
	t.Parallel()
	for _, pair := range mirrors(t) {
		t.Run(pair[0].Code, func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewSource(3))
			hits := map[string]bool{}
			for range 40000 {
				// Outlines are rounded to 4 digits; places are apart from their edges.
				x, y := (math.Floor(rnd.Float64()*2000)+0.4)/2000, rnd.Float64()
				a, side, ok := pair[0].RegionAt(x, y)
				b, other, okToo := pair[1].RegionAt(1-x, y)
				if nearEdge(pair[0], treatment.Position{X: x, Y: y}) {
					continue
				}
				if ok != okToo || a.Code != b.Code || ok && opposite[side] != other {
					t.Fatalf("RegionAt(%v, %v) = %q %q, its mirror image %q %q", x, y, a.Code, side, b.Code, other)
				}
				if ok && !a.HasSide(side) {
					t.Fatalf("region %s has no side %s, where RegionAt(%v, %v) put it", a.Code, side, x, y)
				}
				hits[a.Code] = true
			}
			for _, r := range pair[0].Regions {
				if !hits[r.Code] {
					t.Errorf("no place is in region %s", r.Code)
				}
			}
		})
	}
}

// nearEdge reports whether a place is so near to the edge of a region that the
// rounding of its outline may decide.
func nearEdge(d treatment.Diagram, p treatment.Position) bool {
	const near = 0.0003
	for _, r := range d.Regions {
		for _, s := range r.Shapes {
			for i, a := range s.Outline {
				b := s.Outline[(i+1)%len(s.Outline)]
				dx, dy := b.X-a.X, b.Y-a.Y
				along := max(0, min(1, ((p.X-a.X)*dx+(p.Y-a.Y)*dy)/(dx*dx+dy*dy)))
				if math.Hypot(p.X-a.X-along*dx, p.Y-a.Y-along*dy) < near {
					return true
				}
			}
		}
	}
	return false
}

func TestMirroredRegionsAreMirrorImages(t *testing.T) {
	t.Parallel()
	for _, pair := range mirrors(t) {
		t.Run(pair[0].Code, func(t *testing.T) {
			t.Parallel()
			if pair[0].Width != pair[1].Width || pair[0].Height != pair[1].Height || len(pair[0].Regions) != len(pair[1].Regions) {
				t.Fatalf("%s and %s differ in size or number of regions", pair[0].Code, pair[1].Code)
			}
			for i, r := range pair[0].Regions {
				twin := pair[1].Regions[i]
				if r.Code != twin.Code || r.Name != twin.Name || !slices.Equal(r.Muscles, twin.Muscles) || len(r.Shapes) != len(twin.Shapes) {
					t.Fatalf("region %s: its twin is %s", r.Code, twin.Code)
				}
				for _, s := range r.Shapes {
					j := slices.IndexFunc(twin.Shapes, func(o treatment.Shape) bool { return o.Side == opposite[s.Side] })
					if j < 0 {
						t.Errorf("region %s: side %s has no mirror image", r.Code, s.Side)
						continue
					}
					if o := twin.Shapes[j]; !reflects(s.Outline, o.Outline) || !reflects([]treatment.Position{s.Label}, []treatment.Position{o.Label}) {
						t.Errorf("region %s: side %s is not the mirror image of side %s", r.Code, s.Side, o.Side)
					}
				}
			}
		})
	}
}

// reflects reports whether two lists have the same positions, but for left and
// right, in any order.
func reflects(a, b []treatment.Position) bool {
	const rounding = 0.00021
	if len(a) != len(b) {
		return false
	}
	for _, p := range a {
		if !slices.ContainsFunc(b, func(q treatment.Position) bool { return math.Abs(1-p.X-q.X) < rounding && math.Abs(p.Y-q.Y) < rounding }) {
			return false
		}
	}
	return true
}

func TestDiagramRegionsAreWellFormed(t *testing.T) {
	t.Parallel()
	code := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	inside := func(p treatment.Position) bool { return p.X >= 0 && p.X <= 1 && p.Y >= 0 && p.Y <= 1 }
	views, called := map[treatment.View]bool{}, map[string]string{}
	for _, d := range diagrams(t) {
		views[d.View] = true
		for _, r := range d.Regions {
			if name, ok := called[r.Code]; ok && name != r.Name {
				t.Errorf("%s: region %s is called %q, elsewhere %q", d.Code, r.Code, r.Name, name)
			}
			called[r.Code] = r.Name
		}
		t.Run(d.Code, func(t *testing.T) {
			t.Parallel()
			if !code.MatchString(d.Code) || d.Name == "" || !d.View.Valid() || d.Mirrored || d.Width <= 0 || d.Height <= 0 {
				t.Errorf("diagram %q %q, view %q, mirrored %v, %d by %d is not a drawing", d.Code, d.Name, d.View, d.Mirrored, d.Width, d.Height)
			}
			codes, names := map[string]bool{}, map[string]bool{}
			for _, r := range d.Regions {
				if codes[r.Code] || names[r.Name] || !code.MatchString(r.Code) || r.Name == "" || r.Muscles == nil || len(r.Shapes) == 0 {
					t.Errorf("region %q %q is no region of its own", r.Code, r.Name)
				}
				codes[r.Code], names[r.Name] = true, true
				for _, s := range r.Shapes {
					if len(s.Outline) < 3 || !inside(s.Label) || slices.ContainsFunc(s.Outline, func(p treatment.Position) bool { return !inside(p) }) {
						t.Errorf("region %s: a shape is no area within the diagram", r.Code)
					}
					if a, b, crossed := crossing(s.Outline); crossed {
						t.Errorf("region %s, %s: edges %d and %d of the outline cross", r.Code, s.Side, a, b)
					}
				}
			}
		})
	}
	for _, v := range treatment.Views() {
		if !views[v] {
			t.Errorf("no diagram has view %s", v)
		}
	}
}

// crossing returns two edges of an outline that cross or touch without being
// neighbours.
func crossing(outline []treatment.Position) (int, int, bool) {
	n := len(outline)
	turn := func(a, b, c treatment.Position) float64 { return (b.X-a.X)*(c.Y-a.Y) - (b.Y-a.Y)*(c.X-a.X) }
	for i := range n {
		for j := i + 2; j < n; j++ {
			if (j+1)%n == i {
				continue
			}
			a, b, c, d := outline[i], outline[i+1], outline[j], outline[(j+1)%n]
			apart := max(a.X, b.X) < min(c.X, d.X) || max(c.X, d.X) < min(a.X, b.X) || max(a.Y, b.Y) < min(c.Y, d.Y) || max(c.Y, d.Y) < min(a.Y, b.Y)
			if !apart && turn(a, b, c)*turn(a, b, d) <= 0 && turn(c, d, a)*turn(c, d, b) <= 0 {
				return i, j, true
			}
		}
	}
	return 0, 0, false
}

func TestShapesAreOnTheirSideOfTheView(t *testing.T) {
	t.Parallel()
	for _, d := range diagrams(t) {
		t.Run(d.Code, func(t *testing.T) {
			t.Parallel()
			shown, one := d.View.Shows()
			oblique := d.View == treatment.ViewObliqueLeft || d.View == treatment.ViewObliqueRight
			for _, r := range d.Regions {
				var sides []glabella.Side
				for _, s := range r.Shapes {
					sides = append(sides, s.Side)
					for _, p := range s.Outline {
						if !one && s.Side != glabella.SideMidline && (p.X < 0.5) != ((s.Side == glabella.SideRight) == (d.View == treatment.ViewFront)) {
							t.Errorf("region %s: side %s has a corner at x %v", r.Code, s.Side, p.X)
						}
					}
				}
				slices.Sort(sides)
				allowed := [][]glabella.Side{{glabella.SideMidline}, {glabella.SideLeft, glabella.SideRight}}
				switch {
				case oblique:
					allowed = [][]glabella.Side{{shown}, {glabella.SideLeft, glabella.SideMidline, glabella.SideRight}}
				case one:
					allowed = [][]glabella.Side{{glabella.SideMidline}, {shown}}
				}
				if !slices.ContainsFunc(allowed, func(a []glabella.Side) bool { return slices.Equal(a, sides) }) {
					t.Errorf("region %s has sides %v, want one of %v on view %s", r.Code, sides, allowed, d.View)
				}
			}
		})
	}
}

// A label stands within its own shape, where no earlier region takes its place.
// Version 1 of the front of the face is older than this rule.
func TestLabelsStandInTheirShape(t *testing.T) {
	t.Parallel()
	for _, d := range diagrams(t) {
		if d.Code == "face-front" && d.Version == 1 {
			continue
		}
		for _, r := range d.Regions {
			for _, s := range r.Shapes {
				at, side, ok := d.RegionAt(s.Label.X, s.Label.Y)
				if !ok || at.Code != r.Code || s.Side != glabella.SideMidline && side != s.Side {
					t.Errorf("%s: the label of %s, %s, is in %q, %s", d.Code, r.Code, s.Side, at.Code, side)
				}
				if _, one := d.View.Shows(); !one && side != s.Side {
					t.Errorf("%s: the label of %s is on side %s, want %s", d.Code, r.Code, side, s.Side)
				}
			}
		}
	}
}

// The art goes into documents of the host, next to other art: it must be
// well-formed, and must not bring style, code, references or names.
func TestArtIsPlainDrawing(t *testing.T) {
	t.Parallel()
	elements := []string{"g", "path", "circle"}
	attributes := []string{"class", "d", "cx", "cy", "r", "fill", "fill-opacity", "opacity", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin"}
	fine := regexp.MustCompile(`\.\d{2}`)
	for _, d := range diagrams(t) {
		t.Run(d.Code, func(t *testing.T) {
			t.Parallel()
			dec := xml.NewDecoder(strings.NewReader("<svg>" + d.Art + "</svg>"))
			strokes := 0
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
				if !slices.Contains(elements, start.Name.Local) {
					t.Errorf("art has element %s", start.Name.Local)
				}
				for _, a := range start.Attr {
					if !slices.Contains(attributes, a.Name.Local) {
						t.Errorf("art has attribute %s", a.Name.Local)
					}
					switch a.Name.Local {
					case "fill", "stroke":
						if a.Value != "none" && a.Value != "currentColor" {
							t.Errorf("art has colour %s, want currentColor", a.Value)
						}
					case "d":
						strokes += strings.Count(a.Value, "M")
						if fine.MatchString(a.Value) {
							t.Errorf("a path has more than one decimal: %.40s", a.Value)
						}
					}
				}
			}
			if strokes < 35 || len(d.Art) > 7000 {
				t.Errorf("art has %d strokes in %d bytes, want at least 35 in at most 7000", strokes, len(d.Art))
			}
		})
	}
}
