package encounter_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/quantity"
)

func score(scale, version, value string, changes ...func(*encounter.Score)) encounter.Score {
	s := encounter.Score{Scale: scale, Version: version, Value: quantity.MustParseNumber(value), Rater: encounter.RaterProvider, At: morning, By: nurse}
	for _, change := range changes {
		change(&s)
	}
	return s
}

func issuesAt(issues []glabella.Issue) []string {
	var out []string
	for _, i := range issues {
		out = append(out, i.Path+" "+string(i.Code))
	}
	return out
}

func TestScore(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		score encounter.Score
		want  []string
	}{
		{"lowest phototype", score(encounter.ScaleFitzpatrick, "1988", "1"), nil},
		{"highest phototype", score(encounter.ScaleFitzpatrick, "1988", "6"), nil},
		{"no seventh phototype", score(encounter.ScaleFitzpatrick, "1988", "7"), []string{"/s/value out-of-range"}},
		{"between two phototypes", score(encounter.ScaleFitzpatrick, "1988", "2.5"), []string{"/s/value encounter.scale.step"}},
		{"worse on the improvement scale", score(encounter.ScaleGAIS, "5-point", "-1"), nil},
		{"much worse is not on the five point scale", score(encounter.ScaleGAIS, "5-point", "-2"), []string{"/s/value out-of-range"}},
		{"another version of the improvement scale", score(encounter.ScaleGAIS, "7-point", "1"), []string{"/s/version encounter.scale.version"}},
		{"a scale of the host", score("acme-lip-fullness", "2", "99"), nil},
		{"the patient needs nobody to rate", score(encounter.ScalePain, "0-10", "10", func(s *encounter.Score) { s.Rater, s.By = encounter.RaterPatient, glabella.StaffID{} }), nil},
		{"a provider's score is somebody's", score(encounter.ScalePain, "0-10", "3", func(s *encounter.Score) { s.By = glabella.StaffID{} }), []string{"/s/by required"}},
		{"nothing at all", encounter.Score{}, []string{"/s/scale required", "/s/version required", "/s/rater unknown-value", "/s/at required"}},
		{"no such side", score(encounter.ScaleWrinkle, "4-point", "3", func(s *encounter.Score) { s.Side = "top" }), []string{"/s/side unknown-value"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, issuesAt(tt.score.Validate("/s"))); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}

// Every built-in scale says what stands behind it, and labels what it names.
func TestBuiltInScales(t *testing.T) {
	t.Parallel()
	var codes []string
	for _, s := range encounter.Scales() {
		if slices.Contains(codes, s.Code) {
			t.Errorf("scale %s is there twice", s.Code)
		}
		codes = append(codes, s.Code)
		if s.Version == "" || s.Name == "" || s.Licence == "" || s.Source == "" || !s.Basis.Valid() || s.Step.Sign() <= 0 || len(s.Labels) == 0 {
			t.Errorf("scale %s is incomplete", s.Code)
		}
		if _, err := quantity.ParseUnit(s.Unit); err != nil {
			t.Errorf("scale %s: %v", s.Code, err)
		}
		for _, l := range s.Labels {
			if issues := s.Check("", encounter.Score{Scale: s.Code, Version: s.Version, Value: l.Value}); len(issues) > 0 {
				t.Errorf("scale %s labels %s: %v", s.Code, l.Value, issues)
			}
		}
		for _, end := range []quantity.Number{s.Min, s.Max} {
			if l, ok := s.Label(end); !ok || l.Name == "" {
				t.Errorf("scale %s has no label for its end %s", s.Code, end)
			}
		}
	}
	if gais, ok := encounter.FindScale(encounter.ScaleGAIS); !ok || len(gais.Labels) != 5 {
		t.Errorf("FindScale(GAIS) = %v, %v, want five labels", gais, ok)
	}
	if _, ok := encounter.FindScale("face-q"); ok {
		t.Error("FindScale found a licensed scale")
	}
}
