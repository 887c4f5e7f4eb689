package audit_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
)

// The thresholds and weights were chosen on the first year; the second was not
// looked at before they were.
const tuned, unseen = 1, 2

var years = map[int64]func() *year{
	tuned:  sync.OnceValue(func() *year { return yearOf(tuned) }),
	unseen: sync.OnceValue(func() *year { return yearOf(unseen) }),
}

func watched(t testing.TB, y *year, thresholds audit.Thresholds) []audit.Finding {
	t.Helper()
	w, err := audit.NewWatch(y, &audit.WatchOptions{Thresholds: &thresholds})
	if err != nil {
		t.Fatal(err)
	}
	var out []audit.Finding
	for _, r := range y.records {
		out = append(out, w.See(r)...)
	}
	return append(out, w.Finish()...)
}

func TestAYearWithPlantedCases(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name              string
		seed              int64
		precision, recall float64
	}{
		{"the year that the thresholds were chosen on", tuned, 0.65, 0.85},
		{"a year that was not used for that", unseen, 0.65, 0.8},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			y := years[tt.seed]()
			for _, score := range []int{0, 50, 60} {
				thresholds := audit.DefaultThresholds()
				thresholds.MinScore = score
				m := y.mark(watched(t, y, thresholds))
				t.Logf("least score %d: %d records, %d findings of which %d right: precision %.2f; %d cases of which %d found: recall %.2f; missed %v; wrong %v",
					score, len(y.records), m.findings, m.right, m.precision(), m.cases, m.found, m.recall(), m.missed, m.wrong)
				if score == 50 && (m.precision() < tt.precision || m.recall() < tt.recall) {
					t.Errorf("precision %.2f and recall %.2f, want at least %.2f and %.2f", m.precision(), m.recall(), tt.precision, tt.recall)
				}
			}
		})
	}
}

func TestTheJournalReadAgainGivesTheSameFindings(t *testing.T) {
	t.Parallel()
	y := years[tuned]()
	j := &memJournal{}
	for _, r := range y.records[:15000] {
		if _, err := audit.Add(t.Context(), j, r); err != nil {
			t.Fatal(err)
		}
	}
	w, err := audit.NewWatch(y, nil)
	if err != nil {
		t.Fatal(err)
	}
	var want []audit.Finding
	for _, r := range y.records[:15000] {
		// That time passes between two entries changes when something is found, and
		// not what.
		want = append(want, w.Tick(r.At.Add(-time.Microsecond))...)
		want = append(want, w.See(r)...)
	}
	want = append(want, w.Finish()...)
	var got []audit.Finding
	for f, err := range audit.Anomalies(t.Context(), j, 0, y, nil) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, f)
	}
	if len(want) == 0 {
		t.Fatal("nothing was found")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Anomalies (-live +again):\n%s", diff)
	}
	ids := map[glabella.FindingID]bool{}
	for _, f := range got {
		if err := f.Validate(); err != nil {
			t.Errorf("%s: %v", f.Rule, err)
		}
		if ids[f.ID] {
			t.Errorf("%s was found twice", f.ID)
		}
		ids[f.ID] = true
	}
}

func TestAnomaliesPassesOnErrors(t *testing.T) {
	t.Parallel()
	j := journalOf(t, 3)
	j.entries[1].Bytes = []byte("{}")
	bad := audit.DefaultThresholds()
	bad.Repeats = 0
	for _, tt := range []struct {
		name string
		j    audit.Journal
		o    *audit.WatchOptions
		want error
	}{
		{"an entry that is no record", j, nil, glabella.ErrInvalid},
		{"a journal that breaks off", brokenJournal{journalOf(t, 3), 1, context.Canceled}, nil, context.Canceled},
		{"thresholds without sense", journalOf(t, 3), &audit.WatchOptions{Thresholds: &bad}, glabella.ErrInvalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got error
			for _, err := range audit.Anomalies(t.Context(), tt.j, 0, nil, tt.o) {
				got = err
			}
			if !errors.Is(got, tt.want) {
				t.Errorf("Anomalies ended with %v, want %v", got, tt.want)
			}
		})
	}
}

// BenchmarkWatch is what a watch needs for one record of a clinic's year, with
// facts that are at hand.
func BenchmarkWatch(b *testing.B) {
	y := years[tuned]()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		w, err := audit.NewWatch(y, nil)
		if err != nil {
			b.Fatal(err)
		}
		for _, r := range y.records {
			w.See(r)
		}
		w.Finish()
		n += len(y.records)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/record")
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
}
