package patient

import (
	"slices"
	"strings"
	"unicode"
)

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
