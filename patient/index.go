package patient

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/glabella-ehr/glabella"
)

// Index finds patients in memory: those that a search means, and those who may be
// one person recorded twice. A host fills it from its store when it opens, and
// then puts every patient that is written. It holds personal data.
//
// All methods are safe for concurrent use; readers do not wait for one another.
type Index struct {
	mu    sync.RWMutex
	model *matcher

	slots   map[glabella.PatientID]uint32
	records []record
	vectors []vector // of the records
	free    []uint32 // of the records

	vocab vocabulary
	grams map[uint16][]uint32 // four digits that follow one another in a phone number → records
	dates map[packed][]uint32 // birth date → records
	years map[int][]uint32    // year of birth → records

	names  map[nameKey]*nameWord // as they are compared
	blocks map[blockKey][]uint32

	scratch sync.Pool // of *scratch
}

// record is what the index holds of one patient.
type record struct {
	entry
	ids    []uint32 // of the tokens
	blocks []blockKey
}

// nameKey is a name in the place of a family name or a given name.
type nameKey struct {
	field int
	text  string
}

// NewIndex returns an empty index that compares patients by [DefaultModel].
func NewIndex() *Index { return newIndex(defaultMatcher()) }

// NewIndexOf returns an empty index that compares patients by the model.
func NewIndexOf(m Model) (*Index, error) {
	compiled, err := m.compile()
	if err != nil {
		return nil, err
	}
	return newIndex(compiled), nil
}

func newIndex(m *matcher) *Index {
	return &Index{
		model: m, slots: map[glabella.PatientID]uint32{}, vocab: newVocabulary(), grams: map[uint16][]uint32{}, dates: map[packed][]uint32{},
		years: map[int][]uint32{}, names: map[nameKey]*nameWord{}, blocks: map[blockKey][]uint32{},
		scratch: sync.Pool{New: func() any { return new(scratch) }},
	}
}

// Len returns how many patients the index holds.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.slots)
}

// Put adds the patient, or replaces what the index held of the same ID. A patient
// without ID is left out.
func (x *Index) Put(p Patient) {
	if p.ID.IsZero() {
		return
	}
	e := newEntry(p)
	v := x.model.vector(p, nil)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(p.ID)
	var slot uint32
	if n := len(x.free); n > 0 {
		slot, x.free = x.free[n-1], x.free[:n-1]
	} else {
		slot = uint32(len(x.records))
		x.records, x.vectors = append(x.records, record{}), append(x.vectors, vector{})
	}
	x.slots[p.ID] = slot
	r := &x.records[slot]
	*r = record{entry: e}
	for i, t := range e.tokens {
		id := x.vocab.add(t, slot)
		r.ids = append(r.ids, id)
		r.tokens[i].text = x.vocab.tokens[id].text // one copy of each text
	}
	for _, g := range gramsOf(e.phones) {
		x.grams[g] = append(x.grams[g], slot)
	}
	if e.birth != 0 {
		x.dates[e.birth] = append(x.dates[e.birth], slot)
		x.years[e.birth.year()] = append(x.years[e.birth.year()], slot)
	}
	v.intern(func(field int, w *nameWord) *nameWord {
		key := nameKey{field, w.text}
		known := x.names[key]
		if known == nil {
			known = w
			x.names[key] = w
		}
		known.uses++
		return known
	})
	x.vectors[slot] = v
	r.blocks = v.blocks(nil)
	for _, b := range r.blocks {
		x.blocks[b] = append(x.blocks[b], slot)
	}
}

// Remove takes the patient out of the index. It is nothing if the index does not
// hold the patient.
func (x *Index) Remove(id glabella.PatientID) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(id)
}

func (x *Index) remove(id glabella.PatientID) {
	slot, ok := x.slots[id]
	if !ok {
		return
	}
	r := &x.records[slot]
	for _, t := range r.ids {
		x.vocab.remove(t, slot)
	}
	for _, g := range gramsOf(r.phones) {
		drop(x.grams, g, slot)
	}
	if r.birth != 0 {
		drop(x.dates, r.birth, slot)
		drop(x.years, r.birth.year(), slot)
	}
	for _, b := range r.blocks {
		drop(x.blocks, b, slot)
	}
	x.vectors[slot].intern(func(field int, w *nameWord) *nameWord {
		if w.uses--; w.uses == 0 {
			delete(x.names, nameKey{field, w.text})
		}
		return w
	})
	*r, x.vectors[slot] = record{}, vector{}
	delete(x.slots, id)
	x.free = append(x.free, slot)
}

// drop takes a record out of the list of a key.
func drop[K comparable](lists map[K][]uint32, key K, slot uint32) {
	if list := without(lists[key], slot); len(list) > 0 {
		lists[key] = list
	} else {
		delete(lists, key)
	}
}

func without(list []uint32, slot uint32) []uint32 {
	i := slices.Index(list, slot)
	if i < 0 {
		return list
	}
	list[i] = list[len(list)-1]
	return list[:len(list)-1]
}

// gramsOf returns every four digits that follow one another in one of the phone
// numbers, each once.
func gramsOf(phones []string) []uint16 {
	var out []uint16
	for _, p := range phones {
		for i := 0; i+minRun <= len(p); i++ {
			out = append(out, gram(p[i:]))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// gram returns the number of the first four digits.
func gram(s string) uint16 {
	return uint16(s[0]-'0')*1000 + uint16(s[1]-'0')*100 + uint16(s[2]-'0')*10 + uint16(s[3]-'0')
}

// Search returns the patients that the query finds, the best first: those who
// match more closely, and of equals by family and given name.
func (x *Index) Search(q Query) []Hit {
	parsed := parseQuery(q)
	if len(parsed.terms) == 0 {
		return nil
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	s := x.scratch.Get().(*scratch)
	defer x.scratch.Put(s)
	s.begin(len(x.records))
	defer s.end()

	best, fewest := 0, -1
	lanes := make([][]*lane, len(parsed.terms))
	for i := range parsed.terms {
		lanes[i] = x.mark(s, &parsed.terms[i])
		if n := candidates(lanes[i]); fewest < 0 || n < fewest {
			best, fewest = i, n
		}
	}
	found := newTop(q.Limit)
	visit := func(slot uint32) {
		total := 0
		for _, of := range lanes {
			score := scoreOf(of, slot)
			if score == 0 {
				return
			}
			total += score
		}
		if r := &x.records[slot]; q.Skip == nil || !q.Skip(r.id) {
			found.add(total, &r.entry)
		}
	}
	words, whole := split(lanes[best])
	if len(words) > 0 {
		for _, slot := range narrowest(words).touched {
			visit(slot)
		}
	}
	for _, slot := range whole.touched {
		// Those that the words find as well were visited.
		if len(words) == 0 || narrowest(words).scores[slot] == 0 {
			visit(slot)
		}
	}
	return found.hits(parsed)
}

// split returns the lanes of the words of a term, and that of the undivided term.
func split(lanes []*lane) ([]*lane, *lane) {
	return lanes[:len(lanes)-1], lanes[len(lanes)-1]
}

// narrowest returns the lane that marks the fewest records.
func narrowest(lanes []*lane) *lane {
	return slices.MinFunc(lanes, func(a, b *lane) int { return cmp.Compare(len(a.touched), len(b.touched)) })
}

// candidates returns how many records a term may find.
func candidates(lanes []*lane) int {
	words, whole := split(lanes)
	if len(words) == 0 {
		return len(whole.touched)
	}
	return len(whole.touched) + len(narrowest(words).touched)
}

// scoreOf is [term.score] by the marks of a record.
func scoreOf(lanes []*lane, slot uint32) int {
	words, whole := split(lanes)
	sum := 0
	for _, l := range words {
		s := int(l.scores[slot])
		if s == 0 {
			sum = 0
			break
		}
		sum += s
	}
	if len(words) > 0 {
		sum /= len(words)
	}
	return max(sum, int(whole.scores[slot]))
}

// mark marks the records that a term fits: one lane for each of its words, and
// the last for the undivided term.
func (x *Index) mark(s *scratch, t *term) []*lane {
	lanes := make([]*lane, 0, len(t.words)+1)
	for _, w := range t.words {
		l := s.lane(len(x.records))
		x.markWord(l, w)
		lanes = append(lanes, l)
	}
	whole := s.lane(len(x.records))
	if t.email != "" {
		for _, id := range x.vocab.prefix(kindEmail, t.email) {
			token := &x.vocab.tokens[id]
			whole.mark(token.records, emailScore(len(t.email), len(token.text)))
		}
	}
	if id, ok := x.vocab.ids[token{kindIdentifier, t.ident}]; ok {
		whole.mark(x.vocab.tokens[id].records, fullScore)
	}
	for _, d := range t.dates {
		whole.mark(x.dates[d], fullScore)
	}
	if t.year != 0 {
		whole.mark(x.years[t.year], yearScore)
	}
	for _, run := range t.runs {
		for _, slot := range x.grams[x.rarestGram(run)] {
			for _, phone := range x.records[slot].phones {
				if score := phoneScore(run, phone); score > 0 {
					whole.markOne(slot, uint8(score))
				}
			}
		}
	}
	return append(lanes, whole)
}

// markWord marks the records that have a name which the word fits.
func (x *Index) markWord(l *lane, w word) {
	mark := func(id uint32) {
		t := &x.vocab.tokens[id]
		l.mark(t.records, w.score(t.token))
	}
	for k := kindFamily; k <= kindGivenJoined; k++ {
		if len(w.text) > 1 {
			for _, id := range x.vocab.prefix(k, w.text) {
				mark(id)
			}
			continue
		}
		for second := range 256 {
			for _, id := range x.vocab.sorted[k][uint16(w.text[0])<<8|uint16(second)] {
				mark(id)
			}
		}
	}
	if id, ok := x.vocab.ids[token{kindInitials, w.text}]; ok {
		mark(id)
	}
	// What begins with the word was marked.
	other := func(id uint32) {
		if !strings.HasPrefix(x.vocab.tokens[id].text, w.text) {
			mark(id)
		}
	}
	for _, row := range w.rows {
		for _, name := range nicknamesOf(row) {
			for _, k := range [...]kind{kindGiven, kindFormer} {
				if id, ok := x.vocab.ids[token{k, name}]; ok {
					other(id)
				}
			}
		}
	}
	if len(w.runes) >= minTypo {
		x.vocab.similar(w.text, other)
	}
}

// rarestGram returns those four digits of a run that the fewest phone numbers
// have.
func (x *Index) rarestGram(run string) uint16 {
	best := gram(run)
	for i := 1; i+minRun <= len(run); i++ {
		if g := gram(run[i:]); len(x.grams[g]) < len(x.grams[best]) {
			best = g
		}
	}
	return best
}
