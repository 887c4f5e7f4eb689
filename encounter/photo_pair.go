package encounter

import (
	"cmp"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/treatment"
)

// Shot is a photograph that is to be taken.
type Shot struct {
	View treatment.PhotoView `json:"view"`
	Pose Pose                `json:"pose"`
}

// StandardShots returns the photographs that document regions of a face or body:
// at rest, and for regions whose lines come with animation, animated. They are
// common practice, for a clinic to edit.
func StandardShots(regions []string) []Shot {
	var out []Shot
	add := func(shots ...Shot) {
		for _, s := range shots {
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	face := []Shot{
		{treatment.PhotoFront, PoseRest}, {treatment.PhotoObliqueLeft, PoseRest}, {treatment.PhotoObliqueRight, PoseRest}, {treatment.PhotoLeft, PoseRest}, {treatment.PhotoRight, PoseRest},
	}
	animated := map[string]Pose{
		"glabella": PoseFrown, "forehead": PoseBrowRaise, "lateral-canthal": PoseSquint, "platysma-bands": PoseGrimace, "masseter": PoseClench,
		"lip-upper": PosePucker, "lip-lower": PosePucker, "perioral": PosePucker, "nasolabial-fold": PoseSmile, "marionette": PoseSmile,
	}
	for _, region := range regions {
		switch region {
		case "submental":
			add(Shot{treatment.PhotoFront, PoseRest}, Shot{treatment.PhotoLeft, PoseRest}, Shot{treatment.PhotoRight, PoseRest}, Shot{treatment.PhotoBase, PoseRest})
		case "neck-front", "neck-side", "decolletage":
			add(Shot{treatment.PhotoNeck, PoseRest})
		case "scalp":
			add(Shot{treatment.PhotoFront, PoseRest}, Shot{treatment.PhotoVertex, PoseRest})
		case "face":
			add(face...)
		case "hand":
			add(Shot{treatment.PhotoHands, PoseRest})
		default:
			switch {
			case drawnOn(region, "face-front", "face-left", "face-right"):
				add(face...)
			case drawnOn(region, "hands"):
				add(Shot{treatment.PhotoHands, PoseRest})
			default:
				add(Shot{treatment.PhotoBodyFront, PoseRest}, Shot{treatment.PhotoBodyBack, PoseRest}, Shot{treatment.PhotoCloseUp, PoseRest})
			}
		}
		if pose, ok := animated[region]; ok {
			add(Shot{treatment.PhotoFront, pose})
		}
	}
	return out
}

// drawnOn reports whether one of the diagrams has a region.
func drawnOn(region string, diagrams ...string) bool {
	return slices.ContainsFunc(diagrams, func(code string) bool {
		d := treatment.BuiltIn().SharedDiagram(code, 1)
		if d == nil {
			return false
		}
		_, ok := d.Region(region)
		return ok
	})
}

// MissingShots returns which photographs of those wanted have not been taken at
// a stage.
func MissingShots(taken []Photo, stage Stage, want []Shot) []Shot {
	var out []Shot
	for _, s := range want {
		if !slices.ContainsFunc(taken, func(p Photo) bool {
			return p.Retracted == "" && p.Stage == stage && p.View == s.View && p.Pose == s.Pose
		}) {
			out = append(out, s)
		}
	}
	return out
}

// MissingViews returns which of the views have no photograph at a stage, whatever
// the pose.
func MissingViews(taken []Photo, stage Stage, want []treatment.PhotoView) []treatment.PhotoView {
	var out []treatment.PhotoView
	for _, v := range want {
		if !slices.ContainsFunc(taken, func(p Photo) bool { return p.Retracted == "" && p.Stage == stage && p.View == v }) {
			out = append(out, v)
		}
	}
	return out
}

// Treated is a treatment that photographs are paired around.
type Treated struct {
	Procedure glabella.ProcedureID
	At        time.Time
	Regions   []string
}

// Pair is a photograph from before a treatment and one from after it, of the same
// view, pose and side.
type Pair struct {
	Procedure  glabella.ProcedureID `json:"procedure"`
	Before     glabella.PhotoID     `json:"before"`
	After      glabella.PhotoID     `json:"after"`
	View       treatment.PhotoView  `json:"view"`
	Pose       Pose                 `json:"pose"`
	Regions    []string             `json:"regions"`    // of the treatment that both show
	DaysBefore int                  `json:"daysBefore"` // from the first photograph to the treatment
	DaysAfter  int                  `json:"daysAfter"`  // from the treatment to the second
	SameDevice bool                 `json:"sameDevice"` // whether one camera took both
	// Others are treatments of those regions between the first photograph and this
	// treatment: what the pair shows may be theirs too.
	Others []glabella.ProcedureID `json:"others"`
}

// PairPhotos pairs the photographs around each treatment: for each that was taken
// after it, the last one of the same view, pose and side before it. A photograph
// that names regions shows no others. Between the treatment and the later
// photograph there is no other treatment of a region that both would show; its
// result could be the other's. Pairs are in the order of treatments, views and
// days.
func PairPhotos(photos []Photo, treatments []Treated) []Pair {
	treatments = slices.SortedStableFunc(slices.Values(treatments), func(a, b Treated) int { return a.At.Compare(b.At) })
	photos = slices.SortedStableFunc(slices.Values(photos), func(a, b Photo) int {
		return cmp.Or(a.TakenAt.Compare(b.TakenAt), cmp.Compare(a.ID.String(), b.ID.String()))
	})
	photos = slices.DeleteFunc(photos, func(p Photo) bool { return p.Retracted != "" })
	var out []Pair
	for i, t := range treatments {
		var found []Pair
		for _, after := range photos {
			shown := shows(after, t.Regions)
			if !after.TakenAt.After(t.At) || after.Stage == StageBefore || len(shown) == 0 || slices.ContainsFunc(treatments[i+1:], func(later Treated) bool {
				return later.At.Before(after.TakenAt) && len(shows(after, common(later.Regions, shown))) > 0
			}) {
				continue
			}
			for _, before := range slices.Backward(photos) {
				both := common(shows(before, t.Regions), shown)
				if before.TakenAt.After(t.At) || before.View != after.View || before.Pose != after.Pose || before.Side != after.Side || len(both) == 0 {
					continue
				}
				pair := Pair{
					Procedure: t.Procedure, Before: before.ID, After: after.ID, View: after.View, Pose: after.Pose, Regions: both,
					DaysBefore: days(before.TakenAt, t.At), DaysAfter: days(t.At, after.TakenAt), SameDevice: before.Device != "" && before.Device == after.Device,
				}
				for _, earlier := range treatments[:i] {
					if earlier.At.After(before.TakenAt) && len(common(earlier.Regions, both)) > 0 {
						pair.Others = append(pair.Others, earlier.Procedure)
					}
				}
				found = append(found, pair)
				break
			}
		}
		slices.SortStableFunc(found, func(a, b Pair) int { return cmp.Or(cmp.Compare(a.View, b.View), cmp.Compare(a.DaysAfter, b.DaysAfter)) })
		out = append(out, found...)
	}
	return out
}

// shows returns which of the regions a photograph shows.
func shows(p Photo, regions []string) []string {
	if len(p.Regions) == 0 {
		return regions
	}
	return common(regions, p.Regions)
}

func common(a, b []string) []string {
	var out []string
	for _, s := range a {
		if slices.Contains(b, s) {
			out = append(out, s)
		}
	}
	return out
}

func days(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }

// OrphanPhotos returns the photographs that document no treatment although their
// visit has one, or that belong to no visit, so that none is lost from sight.
func OrphanPhotos(photos []Photo, visits []Encounter) []glabella.PhotoID {
	var out []glabella.PhotoID
	for _, p := range photos {
		if p.Retracted != "" || !p.Procedure.IsZero() {
			continue
		}
		treated := slices.ContainsFunc(visits, func(e Encounter) bool { return e.ID == p.Encounter && len(e.Procedures) > 0 })
		if p.Encounter.IsZero() || treated {
			out = append(out, p.ID)
		}
	}
	return out
}

// BindingFor returns the procedure of a visit that a photograph documents, and
// false where none or several could be meant: the one that treated a region that
// the photograph shows.
func BindingFor(p Photo, visit Encounter) (glabella.ProcedureID, bool) {
	var out glabella.ProcedureID
	n := 0
	for _, proc := range visit.Procedures {
		regions := proc.Record.Regions()
		if len(p.Regions) == 0 || len(regions) == 0 || len(common(regions, p.Regions)) > 0 {
			out = proc.ID
			n++
		}
	}
	return out, n == 1
}
