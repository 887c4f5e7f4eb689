package money_test

import (
	"cmp"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/glabella-ehr/glabella/money"
)

// hamilton allocates by the words of the definition, with rational numbers.
func hamilton(minor int64, weights []int64) []int64 {
	total := new(big.Int)
	for _, w := range weights {
		total.Add(total, big.NewInt(w))
	}
	whole := new(big.Int).Abs(big.NewInt(minor))
	parts, rests, places := make([]*big.Int, len(weights)), make([]*big.Int, len(weights)), make([]int, len(weights))
	left := new(big.Int).Set(whole)
	for i, w := range weights {
		parts[i], rests[i] = new(big.Int).QuoRem(new(big.Int).Mul(whole, big.NewInt(w)), total, new(big.Int))
		left.Sub(left, parts[i])
		places[i] = i
	}
	slices.SortStableFunc(places, func(i, j int) int { return rests[j].Cmp(rests[i]) })
	for _, i := range places[:left.Int64()] {
		parts[i].Add(parts[i], big.NewInt(1))
	}
	out := make([]int64, len(parts))
	for i, p := range parts {
		if minor < 0 {
			p.Neg(p)
		}
		out[i] = p.Int64()
	}
	return out
}

func minors(parts []money.Amount) []int64 {
	out := make([]int64, len(parts))
	for i, p := range parts {
		out[i] = p.Minor()
	}
	return out
}

func TestAllocateAgreesWithItsDefinition(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(17, 18))
	for range 20000 {
		a := money.New(int64(r.Uint64())>>r.IntN(64), money.USD)
		weights := make([]int64, 1+r.IntN(24))
		some := r.Int64N(1 << (1 + r.IntN(50)))
		for i := range weights {
			switch r.IntN(4) {
			case 0: // of no weight
			case 1:
				weights[i] = some // equal ones
			default:
				weights[i] = r.Int64N(1 << (1 + r.IntN(50)))
			}
		}
		weights[r.IntN(len(weights))]++
		got, err := a.Allocate(weights...)
		if want := hamilton(a.Minor(), weights); err != nil || !slices.Equal(minors(got), want) {
			t.Fatalf("%v by %v = %v, %v, want %v", a, weights, minors(got), err, want)
		}
		for i, w := range weights {
			if w == 0 && got[i].Minor() != 0 {
				t.Fatalf("%v by %v = %v: a part of no weight is not empty", a, weights, got)
			}
		}
	}
	for _, minor := range []int64{math.MinInt64, math.MinInt64 + 1, math.MaxInt64} {
		for _, weights := range [][]int64{{1, 1, 1}, {math.MaxInt64}, {math.MaxInt64 - 1, 1}, {0, 5, 0}, {1, 2, 3, 4, 5, 6, 7}} {
			got, err := money.New(minor, money.USD).Allocate(weights...)
			if want := hamilton(minor, weights); err != nil || !slices.Equal(minors(got), want) {
				t.Errorf("%d by %v = %v, %v, want %v", minor, weights, minors(got), err, want)
			}
		}
	}
}

// Unless parts of different weights tie for the last minor unit, which the order
// decides, each weight gets the same in whatever order they stand.
func TestAllocateDoesNotDependOnTheOrder(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(19, 20))
	compared := 0
	for range 5000 {
		a := money.New(r.Int64N(2e9)-1e9, money.USD)
		weights := make([]int64, 1+r.IntN(20))
		weights[0] = 1
		for i := range weights {
			weights[i] += r.Int64N(30)
		}
		shuffled := slices.Clone(weights)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		type share struct{ weight, minor int64 }
		shares := func(weights []int64) []share {
			parts, err := a.Allocate(weights...)
			if err != nil {
				t.Fatal(err)
			}
			var out []share
			for i, p := range parts {
				out = append(out, share{weights[i], p.Minor()})
			}
			slices.SortFunc(out, func(x, y share) int {
				return cmp.Or(cmp.Compare(x.weight, y.weight), cmp.Compare(x.minor, y.minor))
			})
			return out
		}
		if ambiguous(a.Minor(), weights) {
			continue
		}
		compared++
		if before, after := shares(weights), shares(shuffled); !slices.Equal(before, after) {
			t.Fatalf("%v by %v gives %v, by %v %v", a, weights, before, shuffled, after)
		}
	}
	if compared < 1000 {
		t.Errorf("only %d allocations had no ties", compared)
	}
}

// ambiguous reports whether two parts of different weights have the same
// remainder: the tie between them is broken by order.
func ambiguous(minor int64, weights []int64) bool {
	var total int64
	for _, w := range weights {
		total += w
	}
	seen := map[int64]int64{}
	for _, w := range weights {
		rest := minor * w % total
		if other, ok := seen[rest]; ok && other != w {
			return true
		}
		seen[rest] = w
	}
	return false
}

func TestSplitIsAllocateByEqualWeights(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(21, 22))
	for range 5000 {
		a := money.New(int64(r.Uint64())>>r.IntN(64), "JPY")
		n := 1 + r.IntN(30)
		split, err := a.Split(n)
		if want := hamilton(a.Minor(), slices.Repeat([]int64{1}, n)); err != nil || !slices.Equal(minors(split), want) {
			t.Fatalf("%v in %d = %v, %v, want %v", a, n, split, err, want)
		}
		for _, p := range split {
			if p.Currency() != "JPY" {
				t.Fatalf("a part of %v is %v", a, p)
			}
		}
	}
}
