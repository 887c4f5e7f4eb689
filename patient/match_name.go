package patient

import (
	"math"
	"math/bits"
	"slices"
	"strings"
)

// nameWord is a family name, or a given name, as it is compared.
type nameWord struct {
	text   string // folded
	joined string // without blanks
	runes  []rune // of joined
	parts  []namePart
	rows   []uint16 // of nicknames
	sound  sound    // of the whole
	weight weight   // of agreement on it
	most   weight   // that agreement with any name can add
	uses   int      // in the index
}

// namePart is a word of a family name that tells families apart.
type namePart struct {
	text   string
	sound  sound
	weight weight // of agreement on no more than this word
}

// maxLetters is how many letters of a name are compared.
const maxLetters = 64

// name returns a folded family or given name as it is compared.
func (m *matcher) name(field int, text string) *nameWord {
	w := &nameWord{text: text, joined: strings.ReplaceAll(text, " ", ""), weight: m.named(field, exact, text), most: m.highest[field]}
	w.runes = []rune(w.joined)
	w.runes = w.runes[:min(len(w.runes), maxLetters)]
	w.sound = soundex(w.joined)
	w.most = max(w.most, w.weight)
	if field == inGiven {
		w.rows = nicknameRows()[text]
		return w
	}
	words := strings.Fields(text)
	for _, part := range words {
		if len(words) > 1 && (particles[part] || len(part) < 2) || slices.ContainsFunc(w.parts, func(p namePart) bool { return p.text == part }) {
			continue
		}
		p := namePart{text: part, sound: soundex(part), weight: m.named(inFamily, partial, part)}
		w.parts = append(w.parts, p)
		w.most = max(w.most, p.weight)
	}
	if len(w.parts) == 0 {
		w.parts = []namePart{{text: w.joined, sound: w.sound, weight: m.weights[inFamily][partial]}}
	}
	return w
}

// ref returns the name with as much of it as tells most names apart.
func (w *nameWord) ref() nameRef {
	r := nameRef{word: w, weight: w.weight, most: w.most, letters: uint8(len(w.runes)), parts: uint8(min(len(w.parts), math.MaxUint8))}
	for i, letter := range w.runes {
		r.mask |= 1 << (uint32(letter) & 31)
		if i < len(r.head) {
			r.head[i] = byte(letter)
		}
	}
	for i, p := range w.parts[:min(len(w.parts), len(r.keys))] {
		r.keys[i] = uint32(hash(p.text, ""))
	}
	for _, row := range w.rows {
		r.keys[0] |= 1 << (row & 31)
	}
	return r
}

// same reports whether two names have the same letters.
func (r *nameRef) same(s *nameRef) bool {
	return r.word == s.word || r.mask == s.mask && r.letters == s.letters && r.word.joined == s.word.joined
}

// familyLevel returns the best level in which two family names, of all that the
// two have, agree.
func (m *matcher) familyLevel(a, b *vector) (uint8, weight) {
	if a.familyCount == 0 || b.familyCount == 0 {
		return missing, 0
	}
	level, best := uint8(different), weight(0)
	for i := range a.names[:a.familyCount] {
		x := &a.names[i].family
		for j := range b.names[:b.familyCount] {
			y := &b.names[j].family
			if x.same(y) {
				// The same letters may be written apart, and be listed in one form only.
				if w := min(x.weight, y.weight); level != exact || w > best {
					level, best = exact, w
				}
				continue
			}
			if level == exact {
				continue
			}
			if mayShare(x, y) {
				for _, p := range x.word.parts {
					for _, q := range y.word.parts {
						if p.text == q.text && (level != partial || p.weight > best) {
							level, best = partial, p.weight
						}
					}
				}
			}
			if level > closeTo {
				if l := similarity(x, y); l < level {
					level = l
				}
			}
		}
	}
	if level != exact && level != partial {
		best = m.weights[inFamily][level]
	}
	return level, best
}

// mayShare reports whether two family names, one of which has several words, may
// have one of them in common.
func mayShare(x, y *nameRef) bool {
	if x.parts < 2 && y.parts < 2 {
		return false
	}
	if x.parts > 2 || y.parts > 2 {
		return true
	}
	for _, k := range x.keys[:x.parts] {
		for _, l := range y.keys[:y.parts] {
			if k == l {
				return true
			}
		}
	}
	return false
}

// givenLevel returns the best level in which two given names, of all that the
// two have, agree.
func (m *matcher) givenLevel(a, b *vector) (uint8, weight) {
	if a.givenCount == 0 || b.givenCount == 0 {
		return missing, 0
	}
	level, best := uint8(different), weight(0)
	for i := range a.names[:a.givenCount] {
		x := &a.names[i].given
		for j := range b.names[:b.givenCount] {
			l := givenPair(x, &b.names[j].given)
			if l == exact && (level != exact || x.weight > best) {
				best = x.weight
			}
			if rank(l) < rank(level) {
				level = l
			}
		}
	}
	switch {
	case level == exact && middlesDiffer(a, b):
		level = partial
	case a.middleCount+b.middleCount > 0 && rank(level) > rank(partial) && (crossed(a, b) || crossed(b, a)):
		level = partial
	}
	if level != exact {
		best = m.weights[inGiven][level]
	}
	return level, best
}

// rank orders the levels of given names, the strongest first.
func rank(level uint8) int {
	switch level {
	case exact, nickname, initial:
		return int(level)
	case closeTo:
		return 3
	case partial:
		return 4
	case near:
		return 5
	}
	return 6
}

func givenPair(x, y *nameRef) uint8 {
	switch {
	case x.same(y):
		return exact
	case x.keys[0]&y.keys[0] != 0 && shareRow(x.word.rows, y.word.rows):
		return nickname
	case x.letters == 1 || y.letters == 1:
		if x.word.runes[0] == y.word.runes[0] {
			return initial
		}
		return different
	}
	return similarity(x, y)
}

// middlesDiffer reports whether both have further given names, and none of one is
// like any of the other.
func middlesDiffer(a, b *vector) bool {
	if a.middleCount == 0 || b.middleCount == 0 {
		return false
	}
	for i := range a.middles[:a.middleCount] {
		for j := range b.middles[:b.middleCount] {
			if givenPair(&a.middles[i], &b.middles[j]) != different {
				return false
			}
		}
	}
	return true
}

// crossed reports whether a first given name of a is a further one of b.
func crossed(a, b *vector) bool {
	for i := range a.names[:a.givenCount] {
		for j := range b.middles[:b.middleCount] {
			if x := &a.names[i].given; x.letters > 1 && x.same(&b.middles[j]) {
				return true
			}
		}
	}
	return false
}

// changed reports whether a family name of each is a given name of the other.
func changed(a, b *vector) bool { return familyIsGiven(a, b) && familyIsGiven(b, a) }

func familyIsGiven(a, b *vector) bool {
	for i := range a.names[:a.familyCount] {
		for j := range b.names[:b.givenCount] {
			if a.names[i].family.same(&b.names[j].given) {
				return true
			}
		}
	}
	return false
}

// The Jaro–Winkler similarities from which two names are close, and near.
const (
	closeFrom = 0.92
	nearFrom  = 0.85
)

// similarity returns the level of two different names: close, near or different.
// One typing error in a short name moves the similarity far, and is close all the
// same; of three letters it is near.
func similarity(x, y *nameRef) uint8 {
	shorter := min(x.letters, y.letters)
	most := min(int(x.letters)-bits.OnesCount32(x.mask&^y.mask), int(y.letters)-bits.OnesCount32(y.mask&^x.mask))
	if !reaches(x, y, most) && most+1 < int(max(x.letters, y.letters)) {
		return different
	}
	s := jaroWinkler(x.word.runes, y.word.runes)
	switch {
	case s >= closeFrom:
		return closeTo
	case shorter >= minTypo-1 && oneTypo(x.word.runes, y.word.runes):
		if shorter < minTypo {
			return near
		}
		return closeTo
	case s >= nearFrom:
		return near
	}
	return different
}

// reaches reports whether two names may be near, if at most so many letters of
// one have a match in the other: a letter that only one name has has none.
func reaches(x, y *nameRef, most int) bool {
	prefix := 0
	switch {
	case x.head == y.head:
		prefix = 4 // the letters after the head may be the same too
	case x.head[0] == y.head[0]:
		prefix = 1
	}
	if x.letters < tabled && y.letters < tabled {
		return most >= int(fewest[prefix][x.letters][y.letters])
	}
	return enough(most, prefix, int(x.letters), int(y.letters))
}

// enough reports whether names of so many letters with so many matches, none of
// them moved, and so many letters of common prefix are near.
func enough(matches, prefix, a, b int) bool {
	j := jaro(matches, 0, a, b)
	return j+0.1*float64(prefix)*(1-j) >= nearFrom
}

// tabled is below how many letters names have a row in the table of [fewest].
const tabled = 20

// fewest holds, by common prefix and the letters of both names, how many matches
// it takes to be near.
var fewest = func() (out [5][tabled][tabled]uint8) {
	for prefix := range out {
		for a := range tabled {
			for b := range tabled {
				n := 0
				for n <= min(a, b) && !enough(n, prefix, a, b) {
					n++
				}
				out[prefix][a][b] = uint8(n)
			}
		}
	}
	return out
}()

// jaroWinkler returns the similarity of Jaro and Winkler of two names, with up to
// four letters of common prefix at a tenth each.
func jaroWinkler(a, b []rune) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	prefix := 0
	for prefix < min(4, len(a), len(b)) && a[prefix] == b[prefix] {
		prefix++
	}
	window := max(max(len(a), len(b))/2-1, 0)
	var usedA, usedB uint64
	matches := 0
	for i, r := range a {
		for j := max(0, i-window); j < min(len(b), i+window+1); j++ {
			if b[j] == r && usedB&(1<<j) == 0 {
				usedA |= 1 << i
				usedB |= 1 << j
				matches++
				break
			}
		}
	}
	if matches == 0 {
		return 0
	}
	moved := 0
	for usedA != 0 {
		if a[bits.TrailingZeros64(usedA)] != b[bits.TrailingZeros64(usedB)] {
			moved++
		}
		usedA &= usedA - 1
		usedB &= usedB - 1
	}
	j := jaro(matches, moved, len(a), len(b))
	return j + 0.1*float64(prefix)*(1-j)
}

// jaro returns the similarity of Jaro of two lengths with so many matches, of
// which some are not in order.
func jaro(matches, moved, a, b int) float64 {
	if matches <= 0 {
		return 0
	}
	m := float64(matches)
	return (m/float64(a) + m/float64(b) + (m-float64(moved/2))/m) / 3
}
