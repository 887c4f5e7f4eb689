package practice_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
)

func TestATimelineHasEverythingInOneOrder(t *testing.T) {
	t.Parallel()
	c := open(t)
	v := must[practicetest.Visit](t)(c.Visit(t.Context(), 1))
	chart := must[practice.Chart](t)(c.Chart(t.Context(), c.Director, v.Patient))
	moments := chart.Timeline(time.UTC)
	if !slices.IsSortedFunc(moments, func(a, b practice.Moment) int { return b.At.Compare(a.At) }) {
		t.Error("the latest does not come first")
	}
	counts := map[string]int{}
	for _, m := range moments {
		counts[m.Event]++
		switch m.Event {
		case "treated":
			if m.Within != v.Encounter.Ref() || m.Code != "botulinum-toxin" || !slices.Equal(m.Lots, []glabella.LotID{v.Lot}) {
				t.Errorf("treated: %+v", m)
			}
		case "paid", "charged":
			of := v.Encounter.Ref()
			if m.Of != v.Invoice.Ref() { // the bank was sold before the visit
				of = glabella.Ref{}
			}
			if m.Amount.IsZero() || m.Within != of {
				t.Errorf("%s: %+v", m.Event, m)
			}
		}
	}
	want := map[string]int{"accepted": 1, "appointment-completed": 1, "arrived": 1, "charged": 2, "cleared": 1, "completed": 1, "cosigned": 1, "paid": 3, "treated": 1}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("what happened (-want +got):\n%s", diff)
	}
	if got := (practice.Chart{}).Timeline(nil); len(got) != 0 {
		t.Errorf("nothing happened with nobody, got %v", got)
	}
}
