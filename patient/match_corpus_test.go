package patient

import (
	"testing"

	"github.com/glabella-ehr/glabella"
)

func indexOf(tb testing.TB, patients []Patient) *Index {
	tb.Helper()
	x := NewIndex()
	for _, p := range patients {
		x.Put(p)
	}
	if x.Len() != len(patients) {
		tb.Fatalf("Len() = %d, want %d", x.Len(), len(patients))
	}
	return x
}

func TestTheShippedModelFindsTheDuplicatesOfTheCorpus(t *testing.T) {
	t.Parallel()
	c := newCorpus(1, 20_000, 0.15)
	person := map[glabella.PatientID]int{}
	for i, p := range c.patients {
		person[p.ID] = c.person[i]
	}
	var right, wrong, possibleRight, possible int
	for _, p := range indexOf(t, c.patients).AllDuplicates() {
		same := person[p.A] == person[p.B]
		if same {
			possibleRight++
		}
		possible++
		switch {
		case p.Match.Likelihood != Probable:
		case same:
			right++
		default:
			wrong++
		}
	}
	pairs := c.pairs()
	precision, recall := float64(right)/float64(right+wrong), float64(right)/float64(pairs)
	t.Logf("%d records, %d pairs of one person: at probable precision %.4f, recall %.4f; at possible precision %.4f, recall %.4f",
		len(c.patients), pairs, precision, recall, float64(possibleRight)/float64(possible), float64(possibleRight)/float64(pairs))
	if precision < 0.98 || recall < 0.93 {
		t.Errorf("precision %.4f and recall %.4f, want at least 0.98 and 0.93", precision, recall)
	}
	if got := float64(possibleRight) / float64(pairs); got < 0.96 {
		t.Errorf("recall at possible %.4f, want at least 0.96", got)
	}
}
