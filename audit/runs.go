package audit

import "slices"

// runs is a set of numbers that mostly follow each other, kept as runs that do.
type runs struct{ list []Gap } // by number, apart from each other

// add puts a number into the set.
func (s *runs) add(n uint64) {
	if last := len(s.list) - 1; last >= 0 && s.list[last].To == n {
		s.list[last].To++
		return
	}
	i, found := slices.BinarySearchFunc(s.list, n, func(r Gap, n uint64) int {
		switch {
		case n < r.From:
			return 1
		case n >= r.To:
			return -1
		}
		return 0
	})
	if found {
		return
	}
	before := i > 0 && s.list[i-1].To == n
	after := i < len(s.list) && s.list[i].From == n+1
	switch {
	case before && after:
		s.list[i-1].To = s.list[i].To
		s.list = slices.Delete(s.list, i, i+1)
	case before:
		s.list[i-1].To++
	case after:
		s.list[i].From--
	default:
		s.list = slices.Insert(s.list, i, Gap{n, n + 1})
	}
}

// missing returns the runs of numbers below size that are not in the set.
func (s *runs) missing(size uint64) []Gap {
	out := []Gap{}
	var next uint64
	for _, r := range s.list {
		if r.From >= size {
			break
		}
		if r.From > next {
			out = append(out, Gap{next, r.From})
		}
		next = r.To
	}
	if next < size {
		out = append(out, Gap{next, size})
	}
	return out
}
