package patient

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"github.com/glabella-ehr/glabella"
)

// Candidate is a patient who may be the one that was asked about.
type Candidate struct {
	Patient glabella.PatientID `json:"patient"`
	Match   Match              `json:"match"`
}

// Pair is two patients who may be one. A is the one whose ID sorts first.
type Pair struct {
	A     glabella.PatientID `json:"a"`
	B     glabella.PatientID `json:"b"`
	Match Match              `json:"match"`
}

// maxBlock is how many records may share a key. A key that more share, such as a
// number that stands for none or the first of January 1900, tells nobody apart
// and finds nobody; the other keys of a record still do.
const maxBlock = 512

// Duplicates returns the patients who are possibly or probably the same person as
// p, the likeliest first, at most limit of them; 0 is 20. The patient need not be
// in the index, and is not among the candidates. Records are compared if they
// share a key: the birth date also with day and month exchanged, a phone number,
// an email address, an identifier, address and sound of the given name, or the
// sounds of both names with the year or the day of birth.
func (x *Index) Duplicates(p Patient, limit int) []Candidate {
	if limit <= 0 {
		limit = 20
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	v := x.model.vector(p, x.names)
	found := x.alike(&v, x.model.possible, func(r *record) bool { return r.id != p.ID })
	out := make([]Candidate, min(limit, len(found)))
	for i := range out {
		out[i] = Candidate{Patient: found[i].record.id, Match: x.model.explain(&found[i].comparison)}
	}
	return out
}

// AllDuplicates returns every two indexed patients who are possibly or probably
// the same person, the likeliest first, by the keys of [Index.Duplicates]. What is
// put into the index meanwhile may or may not be among them.
func (x *Index) AllDuplicates() []Pair {
	x.mu.RLock()
	ids := make([]glabella.PatientID, 0, len(x.slots))
	for id := range x.slots {
		ids = append(ids, id)
	}
	x.mu.RUnlock()
	var out []Pair
	for _, id := range ids {
		out = x.pairs(id, out)
	}
	slices.SortFunc(out, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(b.Match.Weight, a.Match.Weight), bytes.Compare(a.A[:], b.A[:]), bytes.Compare(a.B[:], b.B[:]))
	})
	return out
}

// pairs adds the pairs in which the patient's ID sorts first. It locks for one
// patient only, so that writers do not wait for the sweep.
func (x *Index) pairs(id glabella.PatientID, out []Pair) []Pair {
	x.mu.RLock()
	defer x.mu.RUnlock()
	slot, ok := x.slots[id]
	if !ok {
		return out
	}
	found := x.alike(&x.vectors[slot], x.model.possible, func(r *record) bool { return bytes.Compare(r.id[:], id[:]) > 0 })
	for i := range found {
		out = append(out, Pair{A: id, B: found[i].record.id, Match: x.model.explain(&found[i].comparison)})
	}
	return out
}

// likeness is a record that reaches the floor.
type likeness struct {
	record     *record
	comparison comparison
}

// alike returns the records that reach the floor and that want wants, the likeliest
// first.
func (x *Index) alike(v *vector, floor weight, want func(*record) bool) []likeness {
	s := x.scratch.Get().(*scratch)
	defer x.scratch.Put(s)
	s.slots = x.sharing(s, v)
	s.sink += x.fetch(s.slots)
	var found []likeness
	var c comparison
	for _, slot := range s.slots {
		if x.model.compare(v, &x.vectors[slot], floor, &c) && want(&x.records[slot]) {
			found = append(found, likeness{&x.records[slot], c})
		}
	}
	slices.SortFunc(found, func(a, b likeness) int {
		return cmp.Or(cmp.Compare(b.comparison.total, a.comparison.total), cmp.Compare(a.record.sort, b.record.sort), bytes.Compare(a.record.id[:], b.record.id[:]))
	})
	return found
}

// sharing returns the records that share a key with a patient, each once.
func (x *Index) sharing(s *scratch, v *vector) []uint32 {
	s.begin(len(x.records))
	s.keys = v.lookups(s.keys[:0])
	out := s.slots[:0]
	for _, key := range s.keys {
		block := x.blocks[key]
		if len(block) > maxBlock {
			continue
		}
		for _, slot := range block {
			if s.first(slot) {
				out = append(out, slot)
			}
		}
	}
	return out
}

// fetch reads a little of each line of memory that comparisons with the records
// mostly read. The processor waits for all of them at once, and not in each comparison
// anew. What it returns means nothing.
func (x *Index) fetch(slots []uint32) uint64 {
	sum := uint64(0)
	for _, slot := range slots {
		v := &x.vectors[slot]
		sum += uint64(v.birth) + uint64(v.names[0].family.mask)
	}
	return sum
}

// noFloor is below every weight that a comparison can reach.
const noFloor = weight(math.MinInt32 / 2)
