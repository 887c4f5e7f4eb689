package patient

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
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
