package patient

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/glabella-ehr/glabella"
)

// packed is a date as eight decimal digits of four bits each, year first. Dates
// compare digit by digit with a few instructions. Zero is no date.
type packed uint32

// pack packs a date; one that does not exist is no date.
func pack(d glabella.Date) packed {
	if !d.Valid() {
		return 0
	}
	out := packed(0)
	for _, n := range [...]int{d.Year / 1000, d.Year / 100, d.Year / 10, d.Year, int(d.Month) / 10, int(d.Month), d.Day / 10, d.Day} {
		out = out<<4 | packed(n%10)
	}
	return out
}

// digits returns the form 20060102.
func (p packed) digits() string {
	var out [8]byte
	for i := range out {
		out[i] = '0' + byte(p>>(28-4*i)&15)
	}
	return string(out[:])
}

func (p packed) year() int {
	return int(p>>28)*1000 + int(p>>24&15)*100 + int(p>>20&15)*10 + int(p>>16&15)
}

// The years that a number of four digits is read as.
const (
	firstYear = 1880
	lastYear  = 2100
)

// parseQuery reads a query in all the ways that it may be meant.
func parseQuery(q Query) parsedQuery {
	var out parsedQuery
	if b := pack(q.BirthDate); b != 0 {
		out.terms = append(out.terms, term{dates: []packed{b}})
	} else if !q.BirthDate.IsZero() {
		out.terms = append(out.terms, term{}) // found nowhere
	}
	raw := strings.Fields(q.Text)
	for i := 0; i < len(raw) && len(out.terms) < maxTerms; {
		if d, n := spelledDate(raw[i:]); n > 0 {
			out.terms = append(out.terms, term{dates: d})
			i += n
			continue
		}
		n := 1
		t := parseTerm(raw[i])
		if numeric(raw[i]) && len(t.dates) == 0 {
			// The groups of a number that is written with blanks.
			for i+n < len(raw) && numeric(raw[i+n]) && len(numericDates(raw[i+n])) == 0 {
				n++
			}
			if n > 1 {
				t = parseTerm(strings.Join(raw[i:i+n], " "))
			}
		}
		if t.email != "" || t.ident != "" || len(t.words) > 0 || len(t.runs) > 0 || len(t.dates) > 0 {
			out.terms = append(out.terms, t)
		}
		i += n
	}
	return out
}

// parseTerm reads one word, or the groups of one number.
func parseTerm(raw string) term {
	t := term{ident: foldIdentifier(raw)}
	if email := foldEmail(raw); len(email) >= minEmail && !strings.Contains(email, " ") {
		t.email = email
	}
	if strings.Contains(raw, "@") {
		t.ident = ""
		return t
	}
	t.words = wordsOf(raw)
	if !numeric(raw) {
		return t
	}
	t.dates = numericDates(raw)
	run := digits(raw)
	if len(run) >= minRun && len(run) <= 15 {
		t.runs = []string{run}
		// Numbers are stored in the international form, without the trunk prefix.
		for _, trunk := range []string{"00", "0"} {
			if cut := strings.TrimPrefix(run, trunk); cut != run && len(cut) >= minRun {
				t.runs = append(t.runs, cut)
			}
		}
	}
	if len(run) == 4 && run == raw {
		if y := number(run); y >= firstYear && y <= lastYear {
			t.year = y
		}
	}
	return t
}

// numeric reports whether a word is digits and what separates them.
func numeric(s string) bool {
	found := false
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			found = true
		case !strings.ContainsRune("+-./() ", r):
			return false
		}
	}
	return found
}

// number returns the value of up to eight digits, and -1 for other text.
func number(s string) int {
	if s == "" || len(s) > 8 {
		return -1
	}
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// numericDates returns the dates that a word may mean: 1990-02-01, 2/1/1990,
// 1.2.90, 19900201 or 02011990.
func numericDates(s string) []packed {
	var out []packed
	add := func(y, m, d int) {
		if y < firstYear || y > lastYear {
			return
		}
		if p := pack(glabella.Date{Year: y, Month: time.Month(m), Day: d}); p != 0 && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	sep := strings.IndexAny(s, "-/.")
	if sep < 0 {
		if n := number(s); len(s) == 8 && n >= 0 {
			add(n/10000, n/100%100, n%100)
			add(n%10000, n/1000000, n/10000%100)
			add(n%10000, n/10000%100, n/1000000)
		}
		return out
	}
	parts := strings.Split(s, s[sep:sep+1])
	if len(parts) != 3 {
		return nil
	}
	a, b, c := number(parts[0]), number(parts[1]), number(parts[2])
	switch {
	case a < 0 || b < 0 || c < 0:
	case len(parts[0]) == 4:
		add(a, b, c)
	case len(parts[0]) > 2 || len(parts[1]) > 2:
	case len(parts[2]) == 4:
		add(c, a, b)
		add(c, b, a)
	case len(parts[2]) == 2:
		for _, century := range []int{1900, 2000} {
			add(century+c, a, b)
			add(century+c, b, a)
		}
	}
	return out
}

// spelledDate returns the date that the first words spell, such as 1 Feb 1990,
// Feb 1st, 1990 or 1 de febrero de 1990, and how many words that are; 0 if they
// spell none.
func spelledDate(raw []string) ([]packed, int) {
	var month, day, year int
	found := 0
	for i, r := range raw {
		w := FoldName(r)
		if found > 0 && (w == "de" || w == "del" || w == "of") {
			continue
		}
		m, n := monthNames()[w], number(strings.TrimRight(w, "stndrh"))
		switch {
		case m != 0 && month == 0:
			month = m
		case n > 0 && n <= 31 && day == 0:
			day = n
		case n >= firstYear && n <= lastYear && found == 2 && len(w) == 4:
			year = n
		default:
			return nil, 0
		}
		if found++; found == 3 {
			if d := pack(glabella.Date{Year: year, Month: time.Month(month), Day: day}); d != 0 {
				return []packed{d}, i + 1
			}
			return nil, 0
		}
	}
	return nil, 0
}

// monthNames holds the folded names of the months, in English and Spanish, and
// their first three letters.
var monthNames = sync.OnceValue(func() map[string]int {
	out := map[string]int{"sept": 9, "set": 9, "setiembre": 9}
	for i, name := range strings.Fields("january february march april may june july august september october november december" +
		" enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre") {
		out[name], out[name[:3]] = i%12+1, i%12+1
	}
	return out
})
