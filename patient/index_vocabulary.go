package patient

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// vocabulary holds every token of the indexed patients once, and finds tokens by
// what they begin with and by what they are like.
type vocabulary struct {
	ids     map[token]uint32
	tokens  []tokenInfo
	free    []uint32
	sorted  [lastKind + 1]map[uint16][]uint32 // the first two bytes → tokens in order
	deleted map[uint64][]uint32               // hash of a name with one letter left out, or none → tokens
}

type tokenInfo struct {
	token
	records []uint32 // in no order
}

func newVocabulary() vocabulary {
	v := vocabulary{ids: map[token]uint32{}, deleted: map[uint64][]uint32{}}
	for k := range v.sorted {
		v.sorted[k] = map[uint16][]uint32{}
	}
	return v
}

// bucket returns the first two bytes of a text; a shorter text is filled up with
// zero.
func bucket(text string) uint16 {
	out := uint16(text[0]) << 8
	if len(text) > 1 {
		out |= uint16(text[1])
	}
	return out
}

// add notes that a record has the token, and returns the token's number.
func (v *vocabulary) add(t token, slot uint32) uint32 {
	id, ok := v.ids[t]
	if !ok {
		if n := len(v.free); n > 0 {
			id, v.free = v.free[n-1], v.free[:n-1]
		} else {
			id = uint32(len(v.tokens))
			v.tokens = append(v.tokens, tokenInfo{})
		}
		t.text = strings.Clone(t.text)
		v.tokens[id] = tokenInfo{token: t}
		v.ids[t] = id
		b := bucket(t.text)
		list := v.sorted[t.kind][b]
		i, _ := slices.BinarySearchFunc(list, t.text, v.compare)
		v.sorted[t.kind][b] = slices.Insert(list, i, id)
		for _, h := range v.variants(t) {
			v.deleted[h] = append(v.deleted[h], id)
		}
	}
	v.tokens[id].records = append(v.tokens[id].records, slot)
	return id
}

// remove notes that a record no longer has the token. A token that no record has
// is forgotten.
func (v *vocabulary) remove(id, slot uint32) {
	info := &v.tokens[id]
	info.records = without(info.records, slot)
	if len(info.records) > 0 {
		return
	}
	t := info.token
	b := bucket(t.text)
	list := v.sorted[t.kind][b]
	if i, ok := slices.BinarySearchFunc(list, t.text, v.compare); ok {
		if list = slices.Delete(list, i, i+1); len(list) > 0 {
			v.sorted[t.kind][b] = list
		} else {
			delete(v.sorted[t.kind], b)
		}
	}
	for _, h := range v.variants(t) {
		drop(v.deleted, h, id)
	}
	delete(v.ids, t)
	*info = tokenInfo{}
	v.free = append(v.free, id)
}

func (v *vocabulary) compare(id uint32, text string) int {
	return strings.Compare(v.tokens[id].text, text)
}

// variants returns the hashes under which a token of a name is found by a word
// with a typing error.
func (v *vocabulary) variants(t token) []uint64 {
	if !t.kind.name() || utf8.RuneCountInString(t.text) < minTypo-1 {
		return nil
	}
	return deletions(t.text)
}

// prefix returns the tokens of a kind that begin with text, which has two bytes or
// more.
func (v *vocabulary) prefix(k kind, text string) []uint32 {
	list := v.sorted[k][bucket(text)]
	from, _ := slices.BinarySearchFunc(list, text, v.compare)
	list = list[from:]
	to, _ := slices.BinarySearchFunc(list, text, func(id uint32, text string) int {
		if strings.HasPrefix(v.tokens[id].text, text) {
			return -1
		}
		return 1
	})
	return list[:to]
}

// similar calls f for each token of a name that may be one typing error away: two
// words are, only if they are the same once at most one letter of each is left out.
func (v *vocabulary) similar(text string, f func(id uint32)) {
	for _, h := range deletions(text) {
		for _, id := range v.deleted[h] {
			f(id)
		}
	}
}

// deletions returns the hashes of a word and of what is left of it without one of
// its letters, each once.
func deletions(text string) []uint64 {
	out := make([]uint64, 1, len(text)+1)
	out[0] = hash(text, "")
	for i, r := range text {
		out = append(out, hash(text[:i], text[i+utf8.RuneLen(r):]))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// hash returns the 64-bit FNV-1a hash of a text that comes in two pieces.
func hash(a, b string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(a) {
		h = (h ^ uint64(a[i])) * 1099511628211
	}
	for i := range len(b) {
		h = (h ^ uint64(b[i])) * 1099511628211
	}
	return h
}

// lane holds how well each record fits one word of a query.
type lane struct {
	scores  []uint8  // by record
	touched []uint32 // the records with a score
}

// mark notes a score of the records; of several the highest counts.
func (l *lane) mark(records []uint32, score int) {
	if score <= 0 {
		return
	}
	for _, slot := range records {
		l.markOne(slot, uint8(score))
	}
}

func (l *lane) markOne(slot uint32, score uint8) {
	was := l.scores[slot]
	if was == 0 {
		l.touched = append(l.touched, slot)
	}
	l.scores[slot] = max(was, score)
}

// scratch is the working memory of one search.
type scratch struct {
	seen  []uint32 // by record: the search that saw it last
	keys  []blockKey
	slots []uint32
	sink  uint64
	now   uint32
	lanes []*lane
	used  int
}

func (s *scratch) begin(records int) {
	if len(s.seen) < records {
		s.seen = make([]uint32, records+records/4)
		s.now = 0
	}
	if s.now++; s.now == 0 {
		clear(s.seen)
		s.now = 1
	}
}

// lane returns an empty lane for so many records.
func (s *scratch) lane(records int) *lane {
	if s.used == len(s.lanes) {
		s.lanes = append(s.lanes, new(lane))
	}
	l := s.lanes[s.used]
	s.used++
	if len(l.scores) < records {
		l.scores = make([]uint8, records+records/4)
	}
	return l
}

// end wipes the lanes for the next search.
func (s *scratch) end() {
	for _, l := range s.lanes[:s.used] {
		for _, id := range l.touched {
			l.scores[id] = 0
		}
		l.touched = l.touched[:0]
	}
	s.used = 0
}

// first reports whether the search sees the record for the first time.
func (s *scratch) first(slot uint32) bool {
	if s.seen[slot] == s.now {
		return false
	}
	s.seen[slot] = s.now
	return true
}
