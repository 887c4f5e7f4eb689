package encounter_test

import (
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/treatment"
)

const aDay = 24 * time.Hour

// taken is a photograph of the glabella that frowns, some days after the morning.
func taken(n int, days float64, change ...func(*encounter.Photo)) encounter.Photo {
	p := photo(n)
	p.TakenAt = morning.Add(time.Duration(days * float64(aDay)))
	if days > 0 {
		p.Stage = encounter.StageFollowUp
	}
	for _, c := range change {
		c(&p)
	}
	return p
}

func treated(n int, days float64, regions ...string) encounter.Treated {
	return encounter.Treated{Procedure: id[glabella.ProcedureID](n), At: morning.Add(time.Duration(days * float64(aDay))), Regions: regions}
}

func pair(procedure, before, after, daysBefore, daysAfter int) encounter.Pair {
	return encounter.Pair{
		Procedure: id[glabella.ProcedureID](procedure), Before: id[glabella.PhotoID](before), After: id[glabella.PhotoID](after),
		View: treatment.PhotoFront, Pose: encounter.PoseFrown, Regions: []string{"glabella"}, DaysBefore: daysBefore, DaysAfter: daysAfter, SameDevice: true,
	}
}

func TestPairPhotos(t *testing.T) {
	t.Parallel()
	with := func(p encounter.Pair, change func(*encounter.Pair)) encounter.Pair { change(&p); return p }
	once := []encounter.Treated{treated(500, 0, "glabella")}
	for _, tt := range []struct {
		name       string
		photos     []encounter.Photo
		treatments []encounter.Treated
		want       []encounter.Pair
	}{
		{"one before and one after are a pair", []encounter.Photo{taken(1, -1), taken(2, 14)}, once, []encounter.Pair{pair(500, 1, 2, 1, 14)}},
		{"the last one before is taken", []encounter.Photo{taken(1, -30), taken(2, -2), taken(3, 14)}, once, []encounter.Pair{pair(500, 2, 3, 2, 14)}},
		{"each one after has its pair, by day", []encounter.Photo{taken(1, 0), taken(2, 90), taken(3, 14)}, once, []encounter.Pair{pair(500, 1, 3, 0, 14), pair(500, 1, 2, 0, 90)}},
		{"one that only says that it is from before is not after", []encounter.Photo{taken(1, -1), taken(2, 14, func(p *encounter.Photo) { p.Stage = encounter.StageBefore })}, once, nil},
		{"another view is no pair", []encounter.Photo{taken(1, -1), taken(2, 14, func(p *encounter.Photo) { p.View = treatment.PhotoLeft })}, once, nil},
		{"another pose is no pair", []encounter.Photo{taken(1, -1), taken(2, 14, func(p *encounter.Photo) { p.Pose = encounter.PoseRest })}, once, nil},
		{"another side is no pair", []encounter.Photo{taken(1, -1), taken(2, 14, func(p *encounter.Photo) { p.Side = glabella.SideLeft })}, once, nil},
		{"another region is no pair", []encounter.Photo{taken(1, -1), taken(2, 14, func(p *encounter.Photo) { p.Regions = []string{"chin"} })}, once, nil},
		{"a retracted photograph is no pair", []encounter.Photo{taken(1, -1), taken(2, 14, func(p *encounter.Photo) { p.Retracted = "blurred" })}, once, nil},
		{"of a retracted one, the one before it is taken", []encounter.Photo{taken(1, -3), taken(2, -1, func(p *encounter.Photo) { p.Retracted = "blurred" }), taken(3, 14)}, once, []encounter.Pair{pair(500, 1, 3, 3, 14)}},
		{"a photograph of the whole view shows every region", []encounter.Photo{taken(1, -1, func(p *encounter.Photo) { p.Regions = nil }), taken(2, 14)}, once, []encounter.Pair{pair(500, 1, 2, 1, 14)}},
		{"two cameras are told", []encounter.Photo{taken(1, -1), taken(2, 14, func(p *encounter.Photo) { p.Device = "camera-8" })}, once, []encounter.Pair{with(pair(500, 1, 2, 1, 14), func(p *encounter.Pair) { p.SameDevice = false })}},
		{"cameras that nobody named are not the same", []encounter.Photo{taken(1, -1, func(p *encounter.Photo) { p.Device = "" }), taken(2, 14, func(p *encounter.Photo) { p.Device = "" })}, once, []encounter.Pair{with(pair(500, 1, 2, 1, 14), func(p *encounter.Pair) { p.SameDevice = false })}},
		{"after a second treatment of the region only that one is shown", []encounter.Photo{taken(1, -1), taken(2, 14), taken(3, 28)}, []encounter.Treated{treated(500, 0, "glabella"), treated(501, 20, "glabella")},
			[]encounter.Pair{pair(500, 1, 2, 1, 14), pair(501, 2, 3, 6, 8)}},
		{"what else was treated since the first photograph is told", []encounter.Photo{taken(1, -1), taken(2, 28)}, []encounter.Treated{treated(500, 0, "glabella"), treated(501, 20, "glabella")},
			[]encounter.Pair{with(pair(501, 1, 2, 21, 8), func(p *encounter.Pair) { p.Others = []glabella.ProcedureID{id[glabella.ProcedureID](500)} })}},
		{"a treatment of another region is not in the way", []encounter.Photo{taken(1, -1), taken(2, 28)}, []encounter.Treated{treated(500, 0, "glabella"), treated(501, 20, "chin")}, []encounter.Pair{pair(500, 1, 2, 1, 28)}},
		{"without photographs there are no pairs", nil, once, nil},
		{"without treatments there are no pairs", []encounter.Photo{taken(1, -1), taken(2, 14)}, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, encounter.PairPhotos(tt.photos, tt.treatments)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Pairs hold what they say, whatever was photographed and in whatever order it is
// given.
func TestPairsOfRandomPhotographs(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewSource(5))
	regions := []string{"glabella", "forehead", "chin"}
	pairs := 0
	for range 200 {
		photos := map[glabella.PhotoID]encounter.Photo{}
		var list []encounter.Photo
		for n := range 12 {
			p := taken(n+1, rnd.Float64()*60-20, func(p *encounter.Photo) {
				p.View = treatment.PhotoViews()[rnd.Intn(2)]
				p.Pose = encounter.Poses()[rnd.Intn(2)]
				p.Regions = regions[:rnd.Intn(4)]
				if rnd.Intn(6) == 0 {
					p.Retracted = "blurred"
				}
			})
			photos[p.ID], list = p, append(list, p)
		}
		treatments := map[glabella.ProcedureID]encounter.Treated{}
		var given []encounter.Treated
		for n := range 3 {
			tr := treated(500+n, rnd.Float64()*40-10, regions[rnd.Intn(3)])
			treatments[tr.Procedure], given = tr, append(given, tr)
		}
		got := encounter.PairPhotos(list, given)
		pairs += len(got)
		for _, p := range got {
			before, after, tr := photos[p.Before], photos[p.After], treatments[p.Procedure]
			switch {
			case before.TakenAt.After(tr.At) || !after.TakenAt.After(tr.At) || after.Stage == encounter.StageBefore:
				t.Errorf("pair %+v is not around its treatment", p)
			case before.View != after.View || before.Pose != after.Pose || before.View != p.View || before.Pose != p.Pose:
				t.Errorf("pair %+v does not match", p)
			case before.Retracted != "" || after.Retracted != "":
				t.Errorf("pair %+v has a retracted photograph", p)
			case p.DaysBefore < 0 || p.DaysAfter < 0 || !slices.Equal(p.Regions, tr.Regions):
				t.Errorf("pair %+v says what is not so", p)
			}
		}
		rnd.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		rnd.Shuffle(len(given), func(i, j int) { given[i], given[j] = given[j], given[i] })
		if diff := cmp.Diff(got, encounter.PairPhotos(list, given)); diff != "" {
			t.Fatalf("the order of what is given matters (-want +got):\n%s", diff)
		}
	}
	if pairs < 100 {
		t.Errorf("only %d pairs were looked at", pairs)
	}
}

func shot(v treatment.PhotoView, p encounter.Pose) encounter.Shot {
	return encounter.Shot{View: v, Pose: p}
}

func TestStandardShots(t *testing.T) {
	t.Parallel()
	rest := func(views ...treatment.PhotoView) []encounter.Shot {
		var out []encounter.Shot
		for _, v := range views {
			out = append(out, shot(v, encounter.PoseRest))
		}
		return out
	}
	face := rest(treatment.PhotoFront, treatment.PhotoObliqueLeft, treatment.PhotoObliqueRight, treatment.PhotoLeft, treatment.PhotoRight)
	body := rest(treatment.PhotoBodyFront, treatment.PhotoBodyBack, treatment.PhotoCloseUp)
	for _, tt := range []struct {
		name    string
		regions []string
		want    []encounter.Shot
	}{
		{"a region of the face without animation", []string{"temple"}, face},
		{"a region of the face that only a side shows", []string{"ear-lobe"}, face},
		{"the face as a region of the body", []string{"face"}, face},
		{"a region with animation", []string{"glabella"}, append(slices.Clone(face), shot(treatment.PhotoFront, encounter.PoseFrown))},
		{"each shot once", []string{"perioral", "lip-upper"}, append(slices.Clone(face), shot(treatment.PhotoFront, encounter.PosePucker))},
		{"under the chin", []string{"submental"}, rest(treatment.PhotoFront, treatment.PhotoLeft, treatment.PhotoRight, treatment.PhotoBase)},
		{"the neck", []string{"neck-front", "decolletage"}, rest(treatment.PhotoNeck)},
		{"the scalp", []string{"scalp"}, rest(treatment.PhotoFront, treatment.PhotoVertex)},
		{"a finger is a hand", []string{"ring-finger", "hand"}, rest(treatment.PhotoHands)},
		{"the body", []string{"flank"}, body},
		{"a region that no diagram has", []string{"navel-of-fiction"}, body},
		{"no region", nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, encounter.StandardShots(tt.regions)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Every region of a diagram has standard photographs that are valid, and those of
// the diagrams of the face are of a face.
func TestEveryRegionHasStandardShots(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"face-front", "face-left", "face-right", "face-oblique-left", "face-oblique-right", "neck", "hands", "body-front", "body-back"} {
		d, ok := treatment.BuiltIn().Diagram(code, 1)
		if !ok {
			t.Fatalf("no diagram %s", code)
		}
		for _, r := range d.Regions {
			shots := encounter.StandardShots([]string{r.Code})
			if len(shots) == 0 {
				t.Errorf("%s: no photograph shows %s", code, r.Code)
			}
			for _, s := range shots {
				if !s.View.Valid() || !s.Pose.Valid() || s.View == treatment.PhotoBodyFront && code != "body-front" && code != "body-back" && r.Code != "trapezius" {
					t.Errorf("%s: %s is photographed as %+v", code, r.Code, s)
				}
			}
		}
	}
}

func TestMissingShotsAndViews(t *testing.T) {
	t.Parallel()
	want := []encounter.Shot{shot(treatment.PhotoFront, encounter.PoseRest), shot(treatment.PhotoFront, encounter.PoseFrown), shot(treatment.PhotoLeft, encounter.PoseRest)}
	views := []treatment.PhotoView{treatment.PhotoFront, treatment.PhotoLeft}
	for _, tt := range []struct {
		name  string
		taken []encounter.Photo
		shots []encounter.Shot
		views []treatment.PhotoView
	}{
		{"nothing was taken", nil, want, views},
		{"one of another pose is a view and not the shot", []encounter.Photo{photo(1)}, []encounter.Shot{want[0], want[2]}, views[1:]},
		{"one of another stage does not count", []encounter.Photo{taken(1, 14)}, want, views},
		{"a retracted one does not count", []encounter.Photo{taken(1, 0, func(p *encounter.Photo) { p.Retracted = "blurred" })}, want, views},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.shots, encounter.MissingShots(tt.taken, encounter.StageBefore, want)); diff != "" {
				t.Errorf("shots (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.views, encounter.MissingViews(tt.taken, encounter.StageBefore, views)); diff != "" {
				t.Errorf("views (-want +got):\n%s", diff)
			}
		})
	}
}

// procedureOn is a procedure that treated regions.
func procedureOn(n int, regions ...string) encounter.Procedure {
	var points []treatment.Point
	for _, r := range regions {
		points = append(points, treatment.Point{Region: r})
	}
	return encounter.Procedure{ID: id[glabella.ProcedureID](n), Record: treatment.Record{Maps: []treatment.Map{{Points: points}}}}
}

func TestOrphanPhotos(t *testing.T) {
	t.Parallel()
	consultation := id[glabella.EncounterID](20)
	visits := []encounter.Encounter{{ID: visitID, Procedures: []encounter.Procedure{procedureOn(500, "glabella")}}, {ID: consultation}}
	unbound := func(visit glabella.EncounterID) func(*encounter.Photo) {
		return func(p *encounter.Photo) { p.Encounter, p.Procedure = visit, glabella.ProcedureID{} }
	}
	photos := []encounter.Photo{
		taken(1, 0), // bound
		taken(2, 0, unbound(visitID)),
		taken(3, 0, unbound(glabella.EncounterID{})),
		taken(4, 0, unbound(consultation)), // of a visit without treatment
		taken(5, 0, unbound(visitID), func(p *encounter.Photo) { p.Retracted = "blurred" }),
	}
	want := []glabella.PhotoID{id[glabella.PhotoID](2), id[glabella.PhotoID](3)}
	if diff := cmp.Diff(want, encounter.OrphanPhotos(photos, visits)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBindingFor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		shows      []string
		procedures []encounter.Procedure
		want       int // 0 is none
	}{
		{"the treatment of what it shows", []string{"chin"}, []encounter.Procedure{procedureOn(500, "glabella"), procedureOn(501, "chin", "jawline")}, 501},
		{"one treatment of two that it shows", []string{"chin", "glabella"}, []encounter.Procedure{procedureOn(500, "glabella"), procedureOn(501, "chin")}, 0},
		{"none that it shows", []string{"temple"}, []encounter.Procedure{procedureOn(500, "glabella")}, 0},
		{"the only treatment, where it shows the whole view", nil, []encounter.Procedure{procedureOn(500, "glabella")}, 500},
		{"one of two, where it shows the whole view", nil, []encounter.Procedure{procedureOn(500, "glabella"), procedureOn(501, "chin")}, 0},
		{"the only treatment, which charts no region", []string{"chin"}, []encounter.Procedure{procedureOn(500)}, 500},
		{"no treatment", []string{"chin"}, nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := photo(1)
			p.Regions = tt.shows
			got, ok := encounter.BindingFor(p, encounter.Encounter{ID: visitID, Procedures: tt.procedures})
			if ok != (tt.want != 0) || ok && got != id[glabella.ProcedureID](tt.want) {
				t.Errorf("BindingFor = %v, %t, want %d", got, ok, tt.want)
			}
		})
	}
}
