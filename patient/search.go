package patient

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/glabella-ehr/glabella"
)

// Field names a part of a patient's identity that a search or a comparison looks
// at.
type Field string

// The fields.
const (
	FieldFamily     Field = "family"
	FieldGiven      Field = "given"
	FieldFormer     Field = "former-name" // a name that has ended
	FieldInitials   Field = "initials"
	FieldBirthDate  Field = "birth-date"
	FieldSex        Field = "sex"
	FieldPhone      Field = "phone"
	FieldEmail      Field = "email"
	FieldAddress    Field = "address"
	FieldIdentifier Field = "identifier"
)

// Fields returns every field.
func Fields() []Field {
	return []Field{FieldFamily, FieldGiven, FieldFormer, FieldInitials, FieldBirthDate, FieldSex, FieldPhone, FieldEmail, FieldAddress, FieldIdentifier}
}

// Valid reports whether f is one of [Fields].
func (f Field) Valid() bool { return slices.Contains(Fields(), f) }

// Query is a search for patients, as somebody at a desk types it.
type Query struct {
	// Text is words of any order, all of which must be found: names or their first
	// letters, initials, a run of four or more digits of a phone number, the first
	// three or more characters of an email address, an identifier in full, or a birth
	// date or year. A date is written 1990-02-01, 2/1/1990, 1.2.1990, 19900201,
	// 1 Feb 1990 or 1 de febrero de 1990; where day and month can be told apart in no
	// way, both readings count. Case, accents and punctuation do not matter. A name of
	// four or more letters is also found with one wrong, missing, added or exchanged
	// letter, and under its nicknames. The first eight words count.
	Text string
	// BirthDate, if given, must be the patient's.
	BirthDate glabella.Date
	// Limit is how many hits are wanted; 0 is 20.
	Limit int
	// Skip, if given, leaves out patients: those retracted, or merged into others. An
	// index calls it while it is locked for reading, so it must not call the index.
	Skip func(glabella.PatientID) bool
}

// Hit is a patient that a search found.
type Hit struct {
	Patient glabella.PatientID `json:"patient"`
	Score   int                `json:"score"`   // the higher the better; comparable within one search only
	Matched []Field            `json:"matched"` // by what it was found, one field per word of the query, each once
}

// Rank returns the patients that the query finds among the given ones, the best
// first, as [Index.Search] would if it held these patients. It serves backends
// that look up candidates by [Query.Keys].
func Rank(q Query, patients []Patient) []Hit {
	parsed := parseQuery(q)
	best := newTop(q.Limit)
	entries := make([]entry, len(patients))
	for i, p := range patients {
		if q.Skip != nil && q.Skip(p.ID) {
			continue
		}
		entries[i] = newEntry(p)
		if score, ok := parsed.score(&entries[i], nil); ok {
			best.add(score, &entries[i])
		}
	}
	return best.hits(parsed)
}

// SearchKeys returns the tokens under which a backend stores the patient: a range
// scan for the tokens that begin with one of [Query.Keys] finds candidates. They
// are sorted, and are personal data.
func SearchKeys(p Patient) []string {
	e := newEntry(p)
	var keys []string
	for _, t := range e.tokens {
		keys = append(keys, t.text)
		if t.kind.name() && utf8.RuneCountInString(t.text) >= minTypo-1 {
			keys = append(keys, backwards([]rune(t.text)))
		}
	}
	for _, phone := range e.phones {
		for i := 0; i+minRun <= len(phone); i++ {
			keys = append(keys, phone[i:])
		}
	}
	if e.birth != 0 {
		keys = append(keys, e.birth.digits())
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Keys returns prefixes of [SearchKeys] that lead to what the query finds, the
// most selective first. A backend scans one after the other and gives the
// candidates to [Rank], until that finds any. The first keys each lead to every
// patient who has a word as it is written. Those after them are nicknames, then
// the first letters of a word, and behind a tilde its last ones backwards: a typing
// error spares the ones or the others, so that all keys together lead to every hit.
func (q Query) Keys() []string {
	parsed := parseQuery(q)
	type key struct {
		text string
		rank int // the lower the more selective
	}
	var keys []key
	add := func(text string, rank int) {
		if text != "" {
			keys = append(keys, key{text, rank})
		}
	}
	for _, t := range parsed.terms {
		for _, d := range t.dates {
			add(d.digits(), 2)
		}
		for _, run := range t.runs {
			add(run, 12-min(len(run), 10))
		}
		if t.year != 0 {
			add(t.ident, 20)
		}
		if len(t.runs)+len(t.dates) == 0 && t.year == 0 && len(t.words) == 0 {
			add(t.ident, 1)
		}
		switch {
		case strings.Contains(t.email, "@"):
			add(t.email, 1)
		case len(t.words) == 0 && t.email != t.ident:
			add(t.email, 60) // an address that begins with a number
		}
		for _, w := range t.words {
			add(w.text, 18-min(len(w.runes), 12))
			for _, row := range w.rows {
				for _, name := range nicknamesOf(row) {
					if name != w.text {
						add(name, 30)
					}
				}
			}
			if n := len(w.runes); n >= minTypo {
				half := (n - 1) / 2
				add(string(w.runes[:half]), 50-min(half, 10))
				add(backwards(w.runes[n-half:]), 50-min(half, 10))
			}
		}
	}
	slices.SortStableFunc(keys, func(a, b key) int { return cmp.Compare(a.rank, b.rank) })
	var out []string
	for _, k := range keys {
		if !slices.Contains(out, k.text) {
			out = append(out, k.text)
		}
	}
	return out
}

// backwards is the search key of a name from its end. No folded text begins with
// a tilde.
func backwards(name []rune) string {
	name = slices.Clone(name)
	slices.Reverse(name)
	return "~" + string(name)
}

// The lengths from which parts of a query count.
const (
	minTypo  = 4 // letters of a word that may have a typing error
	minRun   = 4 // digits of a phone number
	minEmail = 3 // characters of an email address
	maxTerms = 8
)

// kind is what a token of a patient is.
type kind byte

const (
	kindFamily kind = iota + 1
	kindGiven
	kindFormer
	kindFamilyJoined // the words of a family name written as one
	kindGivenJoined
	kindInitials
	kindEmail
	kindIdentifier
	lastKind = kindIdentifier
)

// name reports whether tokens of the kind are whole words of a name.
func (k kind) name() bool { return k >= kindFamily && k <= kindFormer }

// field returns the field that a token of the kind is of.
func (k kind) field() Field {
	switch k {
	case kindFamily, kindFamilyJoined:
		return FieldFamily
	case kindGiven, kindGivenJoined:
		return FieldGiven
	case kindFormer:
		return FieldFormer
	case kindInitials:
		return FieldInitials
	case kindEmail:
		return FieldEmail
	default:
		return FieldIdentifier
	}
}

// token is one folded text under which a patient is found.
type token struct {
	kind kind
	text string
}

// entry is what a search sees of a patient.
type entry struct {
	id     glabella.PatientID
	sort   string // folded family name, given names: the order of equals
	tokens []token
	phones []string
	birth  packed
}

func newEntry(p Patient) entry {
	e := entry{id: p.ID, birth: pack(p.BirthDate)}
	add := func(k kind, text string) {
		if text != "" && !slices.Contains(e.tokens, token{k, text}) {
			e.tokens = append(e.tokens, token{k, text})
		}
	}
	for _, n := range p.Names {
		family, given := kindFamily, kindGiven
		if former(n) {
			family, given = kindFormer, kindFormer
		}
		folded := FoldName(n.Family)
		initial := firstRune(folded)
		words := 0
		for w := range strings.FieldsSeq(folded) {
			add(family, w)
			words++
		}
		if words > 1 {
			add(kindFamilyJoined, strings.ReplaceAll(folded, " ", ""))
		}
		joined, initials := "", ""
		words = 0
		for _, g := range n.Given {
			for w := range strings.FieldsSeq(FoldName(g)) {
				add(given, w)
				if words++; words <= 2 {
					joined += w
				}
				initials += firstRune(w)
			}
		}
		if words > 1 {
			add(kindGivenJoined, joined)
		}
		if initials != "" && initial != "" {
			add(kindInitials, firstRune(initials)+initial)
			add(kindInitials, initials+initial)
		}
	}
	for _, c := range p.Contacts {
		switch c.System {
		case Email:
			add(kindEmail, foldEmail(c.Value))
		case Phone, SMS:
			if d := digits(c.Value); d != "" && !slices.Contains(e.phones, d) {
				e.phones = append(e.phones, d)
			}
		}
	}
	for _, id := range p.Identifiers {
		add(kindIdentifier, foldIdentifier(id.Value))
	}
	n := p.Official()
	e.sort = FoldName(n.Family) + "\x00" + FoldName(strings.Join(n.Given, " "))
	return e
}

// former reports whether a name is one that the person had.
func former(n Name) bool { return !n.To.IsZero() || n.Use == NameMaiden || n.Use == NameOld }

func firstRune(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return s[:n]
}

// word is a word of a query that may be of a name.
type word struct {
	text  string
	runes []rune
	rows  []uint16 // of nicknames
}

// term is one word of a query, with the ways to read it.
type term struct {
	words []word // its folded parts, all of which must be found
	email string
	ident string
	runs  []string // digits of a phone number, in either form
	dates []packed
	year  int
}

// parsedQuery is a query that was read.
type parsedQuery struct{ terms []term }

// score returns how well the patient fits the query, and false if it does not.
// The fields by which it fits are added to matched, if that is not nil.
func (q parsedQuery) score(e *entry, matched *[]Field) (int, bool) {
	total := 0
	for i := range q.terms {
		s, by := q.terms[i].score(e)
		if s == 0 {
			return 0, false
		}
		total += s
		if matched != nil {
			for _, f := range by {
				if !slices.Contains(*matched, f) {
					*matched = append(*matched, f)
				}
			}
		}
	}
	return total, len(q.terms) > 0
}

// score returns how well the term fits the patient in its best reading, 0 if it
// does not, and the fields of that reading.
func (t *term) score(e *entry) (int, []Field) {
	best, by := t.other(e)
	names, sum := []Field(nil), 0
	for _, w := range t.words {
		s, f := 0, Field("")
		for _, tok := range e.tokens {
			if v := w.score(tok); v > s {
				s, f = v, tok.kind.field()
			}
		}
		if s == 0 {
			sum = 0
			break
		}
		sum, names = sum+s, append(names, f)
	}
	if n := len(t.words); n > 0 && sum/n > best {
		best, by = sum/n, names
	}
	for _, tok := range e.tokens {
		if s := t.whole(tok); s > best {
			best, by = s, []Field{tok.kind.field()}
		}
	}
	return best, by
}

// score returns how well a word fits a token of a name, 0 if it does not.
func (w word) score(t token) int {
	if t.kind > kindInitials {
		return 0
	}
	bonus := 0
	switch t.kind {
	case kindFamily, kindFamilyJoined:
		bonus = 9
	case kindGiven, kindGivenJoined:
		bonus = 6
	}
	switch {
	case t.kind == kindInitials:
		if t.text == w.text {
			return 40
		}
		return 0
	case t.text == w.text:
		return 100 + bonus
	case strings.HasPrefix(t.text, w.text):
		return 60 + 20*len(w.text)/len(t.text) + bonus
	case !t.kind.name():
		return 0
	case t.kind != kindFamily && len(w.rows) > 0 && shareRow(w.rows, nicknameRows()[t.text]):
		return 50 + bonus
	case len(w.runes) >= minTypo && oneTypo(w.runes, []rune(t.text)):
		return 40 + bonus
	}
	return 0
}

// whole returns how well the undivided term fits a token that is no name.
func (t *term) whole(tok token) int {
	switch tok.kind {
	case kindEmail:
		switch {
		case t.email == "":
		case strings.HasPrefix(tok.text, t.email):
			return emailScore(len(t.email), len(tok.text))
		}
	case kindIdentifier:
		if t.ident != "" && tok.text == t.ident {
			return fullScore
		}
	}
	return 0
}

// other returns how well the term fits what has no tokens: phones and the birth
// date.
func (t *term) other(e *entry) (int, []Field) {
	best, by := 0, []Field(nil)
	for _, run := range t.runs {
		for _, phone := range e.phones {
			if s := phoneScore(run, phone); s > best {
				best, by = s, []Field{FieldPhone}
			}
		}
	}
	if e.birth != 0 {
		switch {
		case slices.Contains(t.dates, e.birth):
			best, by = max(best, fullScore), []Field{FieldBirthDate}
		case t.year != 0 && t.year == e.birth.year() && best < yearScore:
			best, by = yearScore, []Field{FieldBirthDate}
		}
	}
	return best, by
}

// The scores of a term that is found in full, and of a year of birth.
const (
	fullScore = 110
	yearScore = 55
)

// emailScore returns how well the first characters of an email address fit it.
func emailScore(given, of int) int {
	if given == of {
		return fullScore
	}
	return 45 + 20*given/of
}

func phoneScore(run, phone string) int {
	if len(run) > len(phone) || !strings.Contains(phone, run) {
		return 0
	}
	s := 50 + 3*min(len(run), 15)
	if strings.HasSuffix(phone, run) {
		s += 10
	}
	return s
}

// oneTypo reports whether two different words are one wrong, missing, added or
// exchanged letter apart: a restricted Damerau distance of one.
func oneTypo(x, y []rune) bool {
	if len(x) > len(y) {
		x, y = y, x
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	switch len(y) - len(x) {
	case 0:
		if i == len(x) {
			return false
		}
		if slices.Equal(x[i+1:], y[i+1:]) {
			return true
		}
		return i+1 < len(x) && x[i] == y[i+1] && x[i+1] == y[i] && slices.Equal(x[i+2:], y[i+2:])
	case 1:
		return slices.Equal(x[i:], y[i+1:])
	}
	return false
}

// top keeps the best of what is added.
type top struct {
	limit int
	items []scored
}

type scored struct {
	score int
	entry *entry
}

func newTop(limit int) *top {
	if limit <= 0 {
		limit = 20
	}
	return &top{limit: limit}
}

// compare orders the better first, and equals by name and ID.
func (a scored) compare(b scored) int {
	if c := cmp.Compare(b.score, a.score); c != 0 {
		return c
	}
	if c := cmp.Compare(a.entry.sort, b.entry.sort); c != 0 {
		return c
	}
	return bytes.Compare(a.entry.id[:], b.entry.id[:])
}

func (t *top) add(score int, e *entry) {
	item := scored{score, e}
	if len(t.items) == t.limit && t.items[t.limit-1].compare(item) <= 0 {
		return
	}
	i, _ := slices.BinarySearchFunc(t.items, item, scored.compare)
	if len(t.items) == t.limit {
		t.items = t.items[:t.limit-1]
	}
	t.items = slices.Insert(t.items, i, item)
}

func (t *top) hits(q parsedQuery) []Hit {
	out := make([]Hit, len(t.items))
	for i, item := range t.items {
		out[i] = Hit{Patient: item.entry.id, Score: item.score}
		q.score(item.entry, &out[i].Matched)
	}
	return out
}

// wordsOf returns the folded parts of a word of a query that may be of a name.
func wordsOf(raw string) []word {
	var out []word
	for w := range strings.FieldsSeq(FoldName(raw)) {
		if strings.IndexFunc(w, unicode.IsLetter) >= 0 {
			out = append(out, word{text: w, runes: []rune(w), rows: nicknameRows()[w]})
		}
	}
	return out
}
