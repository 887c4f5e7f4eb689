package money

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/glabella-ehr/glabella"
)

// Allocate splits a in proportion to the weights, so that the parts sum to a
// exactly. Each part is at first rounded towards zero; the minor units that
// remain go one each to the parts that lost the most (largest remainder), earlier
// ones first. Weights are not negative and not all zero.
func (a Amount) Allocate(weights ...int64) ([]Amount, error) {
	var total uint64
	even := true
	for _, w := range weights {
		if w < 0 {
			return nil, fmt.Errorf("allocate: %w: a weight is negative", glabella.ErrInvalid)
		}
		if total += uint64(w); total > math.MaxInt64 {
			return nil, &OverflowError{Operation: "allocation"}
		}
		even = even && w == weights[0]
	}
	if total == 0 {
		return nil, fmt.Errorf("allocate: %w: nothing to allocate to", glabella.ErrInvalid)
	}
	parts := make([]Amount, len(weights))
	if even {
		a.spread(parts)
		return parts, nil
	}
	whole, negative := abs(a.minor), a.minor < 0
	var small [16]uint64
	rests := small[:0]
	left := whole
	for i, w := range weights {
		hi, lo := bits.Mul64(whole, uint64(w))
		q, rest := quoRem(hi, lo, total) // the quotient fits: w ≤ total
		parts[i] = portion(q, negative, a.code)
		rests = append(rests, rest)
		left -= q
	}
	extra := int64(1)
	if negative {
		extra = -1
	}
	if len(rests) > len(small) {
		for _, i := range largest(rests)[:left] {
			parts[i].minor += extra
		}
		return parts, nil
	}
	for ; left > 0; left-- {
		most := 0
		for i, rest := range rests {
			if rest > rests[most] {
				most = i
			}
		}
		rests[most] = 0
		parts[most].minor += extra
	}
	return parts, nil
}

// spread fills parts with a in equal shares. What remains goes to the first.
func (a Amount) spread(parts []Amount) {
	each, left := a.minor/int64(len(parts)), a.minor%int64(len(parts))
	extra := int64(1)
	if left < 0 {
		extra, left = -1, -left
	}
	for i := range parts[:left] {
		parts[i] = Amount{each + extra, a.code}
	}
	for i := range parts[left:] {
		parts[int(left)+i] = Amount{each, a.code}
	}
}

// largest returns the places of v from the largest, among equals the earlier one
// first.
func largest(v []uint64) []int {
	places := make([]int, len(v))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(i, j int) int { return cmp.Compare(v[j], v[i]) })
	return places
}

func portion(v uint64, negative bool, c code) Amount {
	if negative {
		return Amount{-int64(v), c}
	}
	return Amount{int64(v), c}
}

// Split divides a into n parts that differ by at most one minor unit and sum to
// a exactly; the larger parts come first.
func (a Amount) Split(n int) ([]Amount, error) {
	if n < 1 {
		return nil, fmt.Errorf("split: %w: into less than one part", glabella.ErrInvalid)
	}
	parts := make([]Amount, n)
	a.spread(parts)
	return parts, nil
}
