package practice_test

import (
	"testing"

	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
)

// BenchmarkCompleteVisit measures the completion of one visit with one
// administration: six records and the journal record, in memory. Each batch of
// visits is played in a clinic of its own, so that the time does not depend on
// how often the benchmark runs.
func BenchmarkCompleteVisit(b *testing.B) {
	const batch = 64
	b.ReportAllocs()
	var c *clinic
	var prepared []practicetest.Visit
	for b.Loop() {
		if len(prepared) == 0 {
			b.StopTimer()
			c = open(b)
			for n := range batch {
				prepared = append(prepared, must[practicetest.Visit](b)(c.Prepare(b.Context(), n+1)))
			}
			b.StartTimer()
		}
		v := prepared[0]
		prepared = prepared[1:]
		if _, err := c.CompleteVisit(b.Context(), c.Nurse, practice.CompleteVisit{Encounter: v.Encounter}); err != nil {
			b.Fatal(err)
		}
	}
}
