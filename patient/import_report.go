package patient

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/glabella-ehr/glabella"
)

// ImportReport sums an import over its chunks. It holds no personal data. The
// zero report is of no chunk.
type ImportReport struct {
	Chunks   int                   `json:"chunks"`
	Rows     int                   `json:"rows"`
	Outcomes map[ImportOutcome]int `json:"outcomes"`
	Actions  map[ImportAction]int  `json:"actions"`  // of the rows that were decided
	Codes    map[glabella.Code]int `json:"codes"`    // how many rows have each
	Problems []int                 `json:"problems"` // the numbers of refused rows, at most [MaxProblems]
}

// MaxProblems is how many refused rows an [ImportReport] names.
const MaxProblems = 1000

// Add returns the report with one more chunk.
func (r ImportReport) Add(m Import) ImportReport {
	r.Outcomes, r.Actions, r.Codes = countsOf(r.Outcomes), countsOf(r.Actions), countsOf(r.Codes)
	r.Problems = slices.Clone(r.Problems)
	r.Chunks++
	r.Rows += len(m.Rows)
	for _, row := range m.Rows {
		r.Outcomes[row.Outcome]++
		if row.Action != "" {
			r.Actions[row.Action]++
		}
		for _, c := range row.Codes {
			r.Codes[c]++
		}
		if row.Outcome == OutcomeRefused && len(r.Problems) < MaxProblems {
			r.Problems = append(r.Problems, row.Number)
		}
	}
	return r
}

func countsOf[K comparable](m map[K]int) map[K]int {
	out := maps.Clone(m)
	if out == nil {
		out = map[K]int{}
	}
	return out
}

// String returns the report as text, the most frequent codes first.
func (r ImportReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d rows in %d chunks\n", r.Rows, r.Chunks)
	for _, o := range ImportOutcomes() {
		if n := r.Outcomes[o]; n > 0 {
			fmt.Fprintf(&b, "%8d  %s\n", n, o)
		}
	}
	codes := slices.SortedFunc(maps.Keys(r.Codes), func(x, y glabella.Code) int {
		return cmp.Or(cmp.Compare(r.Codes[y], r.Codes[x]), cmp.Compare(x, y))
	})
	if len(codes) > 0 {
		b.WriteString("issues and notes, by rows that have them\n")
	}
	for _, c := range codes {
		fmt.Fprintf(&b, "%8d  %s\n", r.Codes[c], c)
	}
	return b.String()
}
