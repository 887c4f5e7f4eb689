package patient

import (
	"slices"
	"strings"
)

// How many values of a field are compared: the official name's first, then in the
// order of the record.
const (
	maxNames       = 3 // family names, and first given names
	maxMiddles     = 2
	maxPhones      = 3
	maxEmails      = 2
	maxAddresses   = 2
	maxIdentifiers = 3
)

// vector is what a comparison sees of a patient, in six lines of memory of 64
// bytes: most comparisons read the first two, and the fifth.
type vector struct {
	birth           packed
	sex             uint8 // 0 if it is not known, or not what two records would agree in
	phoneCount      uint8
	identifierCount uint8
	familyCount     uint8
	givenCount      uint8
	middleCount     uint8
	emailCount      uint8
	addressCount    uint8
	phones          [maxPhones]uint64
	identifiers     [maxIdentifiers]uint64                    // the upper 24 bits are of the system
	names           [maxNames]struct{ family, given nameRef } // the given name is the first of a name
	emails          [maxEmails]struct{ whole, local uint64 }
	addresses       [maxAddresses]struct{ postal, street uint64 }
	middles         [maxMiddles]nameRef
}

// nameRef is a name with as much of it as tells most names apart.
type nameRef struct {
	word    *nameWord
	mask    uint32    // which letters it has
	keys    [2]uint32 // of a family name the hashes of its first parts, of a given name the nicknames it may be of, a bit for several rows
	weight  weight    // of agreement on it
	most    weight    // that agreement can add; the first of the names has that of all
	head    [2]byte   // what the letters begin with
	letters uint8
	parts   uint8 // words of a family name that tell families apart
}

// minLocal is from how many characters on what stands before the @ of an email
// address says anything without the rest.
const minLocal = 5

// vector returns what a comparison sees of the patient. Names that are known are
// not made again.
func (m *matcher) vector(p Patient, known map[nameKey]*nameWord) vector {
	v := vector{birth: pack(p.BirthDate), sex: sexOf(p)}
	official := p.Official()
	v.addName(m, official, known)
	for _, n := range p.Names {
		if n.Family != official.Family || !slices.Equal(n.Given, official.Given) {
			v.addName(m, n, known)
		}
	}
	for _, c := range p.Contacts {
		switch c.System {
		case Phone, SMS:
			if n := phoneNumber(c.Value); n != 0 && int(v.phoneCount) < maxPhones && !slices.Contains(v.phones[:v.phoneCount], n) {
				v.phones[v.phoneCount] = n
				v.phoneCount++
			}
		case Email:
			folded := foldEmail(c.Value)
			if folded == "" || int(v.emailCount) == maxEmails {
				continue
			}
			e := &v.emails[v.emailCount]
			v.emailCount++
			e.whole = hash(folded, "")
			if local, _, _ := strings.Cut(folded, "@"); len(local) >= minLocal {
				e.local = hash(local, "")
			}
		}
	}
	for _, a := range p.Addresses {
		postal, street := foldIdentifier(a.PostalCode), ""
		if len(a.Lines) > 0 {
			street = foldStreet(a.Lines[0])
		}
		if postal == "" && street == "" || int(v.addressCount) == maxAddresses {
			continue
		}
		to := &v.addresses[v.addressCount]
		v.addressCount++
		if postal != "" {
			to.postal = hash(postal, "")
		}
		if street != "" {
			to.street = hash(street, "")
		}
	}
	for _, id := range p.Identifiers {
		if value := foldIdentifier(id.Value); value != "" && int(v.identifierCount) < maxIdentifiers {
			v.identifiers[v.identifierCount] = hash(id.System, "")<<40 | hash(value, "")>>24
			v.identifierCount++
		}
	}
	return v
}

func (v *vector) addName(m *matcher, n Name, known map[nameKey]*nameWord) {
	name := func(field int, text string) nameRef {
		w := known[nameKey{field, text}]
		if w == nil {
			w = m.name(field, text)
		}
		return w.ref()
	}
	if text := FoldName(n.Family); text != "" && int(v.familyCount) < maxNames && !v.hasFamily(text) {
		r := name(inFamily, text)
		v.names[v.familyCount].family = r
		v.names[0].family.most = max(v.names[0].family.most, r.most)
		v.familyCount++
	}
	first := true
	for _, g := range n.Given {
		for text := range strings.FieldsSeq(FoldName(g)) {
			switch {
			case first:
				if int(v.givenCount) < maxNames && !v.hasGiven(text) {
					r := name(inGiven, text)
					v.names[v.givenCount].given = r
					v.names[0].given.most = max(v.names[0].given.most, r.most)
					v.givenCount++
				}
			case int(v.middleCount) < maxMiddles && !v.hasMiddle(text) && !particles[text]:
				v.middles[v.middleCount] = name(inGiven, text)
				v.middleCount++
			}
			first = false
		}
	}
}

func (v *vector) hasFamily(text string) bool {
	for i := range v.names[:v.familyCount] {
		if v.names[i].family.word.text == text {
			return true
		}
	}
	return false
}

func (v *vector) hasGiven(text string) bool {
	for i := range v.names[:v.givenCount] {
		if v.names[i].given.word.text == text {
			return true
		}
	}
	return false
}

func (v *vector) hasMiddle(text string) bool {
	return slices.ContainsFunc(v.middles[:v.middleCount], func(r nameRef) bool { return r.word.text == text })
}

// sexOf returns 1 for female and 2 for male, by the sex at birth or else the
// gender, and 0 if neither says so.
func sexOf(p Patient) uint8 {
	for _, g := range []Gender{p.SexAtBirth, p.Gender} {
		switch g {
		case Female:
			return 1
		case Male:
			return 2
		}
	}
	return 0
}

// phoneNumber returns the digits of a phone number as a number, 0 if there are
// too few of them or too many.
func phoneNumber(s string) uint64 {
	d := digits(s)
	if len(d) < 7 || len(d) > 15 {
		return 0
	}
	n := uint64(0)
	for i := range len(d) {
		n = n*10 + uint64(d[i]-'0')
	}
	return n
}

// streetWords holds the short forms of words in the first line of an address.
var streetWords = map[string]string{
	"street": "st", "avenue": "ave", "av": "ave", "avenida": "ave", "avda": "ave", "road": "rd", "drive": "dr", "boulevard": "blvd", "bulevar": "blvd",
	"lane": "ln", "court": "ct", "place": "pl", "plaza": "pl", "square": "sq", "highway": "hwy", "parkway": "pkwy", "terrace": "ter", "trail": "trl", "circle": "cir",
	"calle": "c", "carrera": "cra", "paseo": "po", "north": "n", "south": "s", "east": "e", "west": "w", "apartment": "apt", "unit": "apt", "suite": "ste", "number": "no", "numero": "no", "num": "no",
}

// foldStreet returns what is the same of the usual ways to write the first line
// of an address.
func foldStreet(s string) string {
	var b strings.Builder
	for w := range strings.FieldsSeq(FoldName(s)) {
		if short, ok := streetWords[w]; ok {
			w = short
		}
		b.WriteString(w)
		b.WriteByte(' ')
	}
	return b.String()
}

// intern replaces each name by what f returns for it.
func (v *vector) intern(f func(field int, w *nameWord) *nameWord) {
	for i := range v.names[:v.familyCount] {
		v.names[i].family.word = f(inFamily, v.names[i].family.word)
	}
	for i := range v.names[:v.givenCount] {
		v.names[i].given.word = f(inGiven, v.names[i].given.word)
	}
	for i := range v.middles[:v.middleCount] {
		v.middles[i].word = f(inGiven, v.middles[i].word)
	}
}

// blockKey is a key that two records are compared under. It is a hash with the
// number of its pass in the highest bits.
type blockKey uint64

// The passes. Each finds what the others miss: two records of one person are
// hardly wrong in all of them.
const (
	passBirth = iota
	passPhone
	passEmail
	passIdentifier
	passAddress // with how the given name sounds
	passYear    // how the names sound, and the year of birth
	passDay     // how the names sound, and the birthday
	passNames   // how the names sound
	passNoBirth // the same, of a record without birth date
)

func newKey(pass int, a, b uint64) blockKey {
	h := (a*0x9e3779b97f4a7c15 ^ b) * 0xbf58476d1ce4e5b9
	h ^= h >> 32
	return blockKey(uint64(pass)<<60 | h>>4)
}

// blocks adds the keys under which an index stores the record.
func (v *vector) blocks(keys []blockKey) []blockKey {
	return v.keys(keys, false)
}

// lookups adds the keys under which an index looks for records of the same
// person.
func (v *vector) lookups(keys []blockKey) []blockKey {
	return v.keys(keys, true)
}

func (v *vector) keys(keys []blockKey, lookup bool) []blockKey {
	add := func(k blockKey) {
		if !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	if v.birth != 0 {
		add(newKey(passBirth, uint64(v.birth), 0))
		if lookup {
			add(newKey(passBirth, uint64(v.birth.swap()), 0))
		}
	}
	for _, p := range v.phones[:v.phoneCount] {
		add(newKey(passPhone, p, 0))
	}
	for _, e := range v.emails[:v.emailCount] {
		add(newKey(passEmail, e.whole, 0))
	}
	for _, id := range v.identifiers[:v.identifierCount] {
		add(newKey(passIdentifier, id, 0))
	}
	var sounds [12]sound
	given := sounds[:0]
	for i := range v.names[:v.givenCount] {
		given = v.names[i].given.word.sounds(given)
	}
	for _, a := range v.addresses[:v.addressCount] {
		for _, g := range given {
			add(newKey(passAddress, a.postal^a.street<<1, uint64(g)))
		}
	}
	for i := range v.names[:v.familyCount] {
		for _, part := range v.names[i].family.word.parts {
			for _, g := range given {
				both := uint64(part.sound)<<16 | uint64(g)
				if v.birth != 0 {
					add(newKey(passYear, both, uint64(v.birth>>16)))
					add(newKey(passDay, both, uint64(v.birth&0xffff)))
				}
				// A record without birth date is looked up among all that have the names, a
				// record with one also among those that have none.
				if !lookup || v.birth == 0 {
					add(newKey(passNames, both, 0))
				}
				if !lookup && v.birth == 0 || lookup && v.birth != 0 {
					add(newKey(passNoBirth, both, 0))
				}
			}
		}
	}
	return keys
}

// sounds adds how a given name sounds, and how the full names sound that it
// stands for.
func (w *nameWord) sounds(to []sound) []sound {
	add := func(s sound) {
		if len(to) < cap(to) && !slices.Contains(to, s) {
			to = append(to, s)
		}
	}
	add(w.sound)
	for _, row := range w.rows {
		add(soundex(nicknamesOf(row)[0]))
	}
	return to
}
