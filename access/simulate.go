package access

import (
	"maps"
	"slices"

	"github.com/glabella-ehr/glabella"
)

// Difference is a case in which two policies decide differently.
type Difference struct {
	Index int // of the case
	Old   glabella.Decision
	New   glabella.Decision
}

// Simulate returns the cases in which a new policy decides differently from an
// old one: in what the reasons are and say, and so in the outcome. The rules that
// the cases name themselves are not asked.
func Simulate(old, proposed Rules, cases []Facts) []Difference {
	var out []Difference
	for i, f := range cases {
		f.Rules = old
		before := Authorize(f)
		f.Rules = proposed
		after := Authorize(f)
		if !slices.EqualFunc(before.Reasons, after.Reasons, same) {
			out = append(out, Difference{Index: i, Old: before, New: after})
		}
	}
	return out
}

// same reports whether two reasons tell users the same.
func same(a, b glabella.Reason) bool {
	return a.Outcome == b.Outcome && a.Code == b.Code && maps.Equal(a.Args, b.Args)
}
