// Package ordered holds a sorted set in memory: the index of the in-memory
// backend. It is a list of short sorted chunks, so that an insertion moves at
// most one chunk.
package ordered

import (
	"iter"
	"slices"
	"sort"
)

const chunkSize = 512

// Set is a sorted set of T under a comparison function. It is not safe for
// concurrent writing.
type Set[T any] struct {
	compare func(a, b T) int
	chunks  [][]T // none empty, each sorted, each below the next
	size    int
}

// New returns an empty set that orders its members by compare.
func New[T any](compare func(a, b T) int) *Set[T] { return &Set[T]{compare: compare} }

// Len returns the number of members.
func (s *Set[T]) Len() int { return s.size }

// chunk returns the index of the chunk where v belongs.
func (s *Set[T]) chunk(v T) int {
	i := sort.Search(len(s.chunks), func(i int) bool {
		c := s.chunks[i]
		return s.compare(c[len(c)-1], v) >= 0
	})
	return min(i, max(len(s.chunks)-1, 0))
}

// Insert adds v and reports whether it was not yet there.
func (s *Set[T]) Insert(v T) bool {
	if len(s.chunks) == 0 {
		s.chunks = append(s.chunks, append(make([]T, 0, chunkSize), v))
		s.size = 1
		return true
	}
	i := s.chunk(v)
	at, found := slices.BinarySearchFunc(s.chunks[i], v, s.compare)
	if found {
		return false
	}
	c := slices.Insert(s.chunks[i], at, v)
	s.chunks[i] = c
	s.size++
	if len(c) >= chunkSize {
		half := len(c) / 2
		if i == len(s.chunks)-1 && at == len(c)-1 {
			half = len(c) - 1 // ascending insertion leaves full chunks behind
		}
		upper := append(make([]T, 0, chunkSize), c[half:]...)
		clear(c[half:])
		s.chunks[i] = c[:half:half]
		s.chunks = slices.Insert(s.chunks, i+1, upper)
	}
	return true
}

// Delete removes v and reports whether it was there.
func (s *Set[T]) Delete(v T) bool {
	if len(s.chunks) == 0 {
		return false
	}
	i := s.chunk(v)
	at, found := slices.BinarySearchFunc(s.chunks[i], v, s.compare)
	if !found {
		return false
	}
	s.chunks[i] = slices.Delete(s.chunks[i], at, at+1)
	if len(s.chunks[i]) == 0 {
		s.chunks = slices.Delete(s.chunks, i, i+1)
	}
	s.size--
	return true
}

// From yields the members from v on, ascending. The set must not change
// meanwhile.
func (s *Set[T]) From(v T) iter.Seq[T] {
	return func(yield func(T) bool) {
		if len(s.chunks) == 0 {
			return
		}
		i := s.chunk(v)
		at, _ := slices.BinarySearchFunc(s.chunks[i], v, s.compare)
		for ; i < len(s.chunks); i, at = i+1, 0 {
			for _, m := range s.chunks[i][at:] {
				if !yield(m) {
					return
				}
			}
		}
	}
}
