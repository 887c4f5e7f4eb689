package ordered

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestSetAgreesWithASortedSlice(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 7))
		s := New(cmp.Compare[int])
		want := map[int]bool{}
		for i := range 5000 {
			v := r.IntN(4000)
			if seed%4 == 0 {
				v = i // ascending
			}
			if r.IntN(3) == 0 {
				if got := s.Delete(v); got != want[v] {
					t.Fatalf("Delete(%d) = %v, want %v", v, got, want[v])
				}
				delete(want, v)
			} else {
				if got := s.Insert(v); got == want[v] {
					t.Fatalf("Insert(%d) = %v, want %v", v, got, !want[v])
				}
				want[v] = true
			}
		}
		var sorted []int
		for v := range want {
			sorted = append(sorted, v)
		}
		slices.Sort(sorted)
		if s.Len() != len(sorted) {
			t.Errorf("Len() = %d, want %d", s.Len(), len(sorted))
		}
		for _, from := range []int{-1, 0, 17, 2000, 3999, 9999} {
			i, _ := slices.BinarySearch(sorted, from)
			if got := slices.Collect(s.From(from)); !slices.Equal(got, sorted[i:]) {
				t.Errorf("seed %d: From(%d) has %d members, want %d", seed, from, len(got), len(sorted)-i)
			}
		}
	}
}
