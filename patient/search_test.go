package patient

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
)

func patientID(name string) glabella.PatientID { return glabella.DeriveID[glabella.PatientID](name) }

// desk is a few patients, by the name of their ID.
func desk() map[string]Patient {
	out := map[string]Patient{}
	add := func(key, given, family, born string, contacts ...Contact) {
		p := Patient{ID: patientID(key), Names: []Name{{Use: NameOfficial, Family: family, Given: strings.Fields(given)}}, Contacts: contacts}
		if born != "" {
			p.BirthDate = glabella.MustParseDate(born)
		}
		out[key] = p
	}
	add("maria", "María José", "García Núñez", "1990-02-01", Contact{System: Phone, Value: "+15125550134"}, Contact{System: Email, Value: "mj.garcia@example.com"})
	add("mario", "Mario", "Garcia", "1985-12-31", Contact{System: SMS, Value: "+34600123456"})
	add("garza", "Marta", "Garza", "1990-01-02", Contact{System: Email, Value: "garza@example.com"})
	add("bill", "William Henry", "O'Brien", "1970-07-15", Contact{System: Phone, Value: "+15125550199"})
	add("smith", "Zoë", "Smith-Jones", "2001-11-23")
	add("delacruz", "Ana", "de la Cruz", "")
	smith := out["smith"]
	smith.Names = append(smith.Names, Name{Use: NameMaiden, Family: "Kowalski", Given: []string{"Zoë"}})
	smith.Identifiers = []Identifier{{System: "https://example.com/mrn", Value: "MRN-0042"}}
	out["smith"] = smith
	return out
}

func TestSearch(t *testing.T) {
	t.Parallel()
	x := NewIndex()
	var all []Patient
	name := map[glabella.PatientID]string{}
	for key, p := range desk() {
		x.Put(p)
		all = append(all, p)
		name[p.ID] = key
	}
	for _, tt := range []struct {
		name    string
		query   Query
		want    []string
		matched []Field // of the first
	}{
		{name: "nothing finds nobody", query: Query{Text: " - "}},
		{name: "a family name, without its accents", query: Query{Text: "nunez"}, want: []string{"maria"}, matched: []Field{FieldFamily}},
		{name: "a family name, with other accents", query: Query{Text: "GÀRZA"}, want: []string{"garza"}, matched: []Field{FieldFamily}},
		{name: "first letters of both, closest first", query: Query{Text: "mar gar"}, want: []string{"garza", "mario", "maria"}, matched: []Field{FieldGiven, FieldFamily}},
		{name: "in the other order", query: Query{Text: "gar, mar"}, want: []string{"garza", "mario", "maria"}, matched: []Field{FieldFamily, FieldGiven}},
		{name: "the exact name before one a letter apart", query: Query{Text: "Mario Garcia"}, want: []string{"mario", "maria"}},
		{name: "two letters that changed places", query: Query{Text: "Graza"}, want: []string{"garza"}, matched: []Field{FieldFamily}},
		{name: "a letter missing", query: Query{Text: "Gaza"}, want: []string{"garza"}},
		{name: "a letter too many", query: Query{Text: "Kowallski"}, want: []string{"smith"}, matched: []Field{FieldFormer}},
		{name: "a wrong first letter", query: Query{Text: "zarcia"}, want: []string{"mario", "maria"}},
		{name: "two errors are too many", query: Query{Text: "Kowelsky"}},
		{name: "an error in a short word is too many", query: Query{Text: "Zoa"}},
		{name: "a nickname", query: Query{Text: "bill obrien"}, want: []string{"bill"}, matched: []Field{FieldGiven, FieldFamily}},
		{name: "a family name is no nickname", query: Query{Text: "pepe"}, want: []string{"maria"}, matched: []Field{FieldGiven}},
		{name: "an apostrophe", query: Query{Text: "O’BRIEN"}, want: []string{"bill"}},
		{name: "initials", query: Query{Text: "who"}, want: []string{"bill"}, matched: []Field{FieldInitials}},
		{name: "initials with points are first letters", query: Query{Text: "W.O."}, want: []string{"bill"}, matched: []Field{FieldGiven, FieldFamily}},
		{name: "a name before marriage", query: Query{Text: "zoe kowal"}, want: []string{"smith"}, matched: []Field{FieldGiven, FieldFormer}},
		{name: "a hyphenated name", query: Query{Text: "Smith-Jones"}, want: []string{"smith"}},
		{name: "its second part", query: Query{Text: "jones"}, want: []string{"smith"}},
		{name: "a name written as one", query: Query{Text: "Delacruz"}, want: []string{"delacruz"}, matched: []Field{FieldFamily}},
		{name: "a name of several words", query: Query{Text: "ana de la cruz"}, want: []string{"delacruz"}, matched: []Field{FieldGiven, FieldFamily}},
		{name: "two given names written as one", query: Query{Text: "mariajose"}, want: []string{"maria"}, matched: []Field{FieldGiven}},
		{name: "the last digits of a phone", query: Query{Text: "0134"}, want: []string{"maria"}, matched: []Field{FieldPhone}},
		{name: "a run of digits of two phones", query: Query{Text: "25550"}, want: []string{"maria", "bill"}},
		{name: "a phone with its signs", query: Query{Text: "(512) 555-0134"}, want: []string{"maria"}, matched: []Field{FieldPhone}},
		{name: "a phone in the international form", query: Query{Text: "+1 512 555 0134"}, want: []string{"maria"}},
		{name: "a phone with a trunk zero", query: Query{Text: "0600 123456"}, want: []string{"mario"}},
		{name: "three digits are too few", query: Query{Text: "134"}},
		{name: "a phone and a name", query: Query{Text: "555 0134 garcia"}, want: []string{"maria"}, matched: []Field{FieldPhone, FieldFamily}},
		{name: "the phone of another", query: Query{Text: "0134 obrien"}},
		{name: "the beginning of an email address", query: Query{Text: "mj.gar"}, want: []string{"maria"}, matched: []Field{FieldEmail}},
		{name: "an email address", query: Query{Text: "Garza@Example.COM"}, want: []string{"garza"}, matched: []Field{FieldEmail}},
		{name: "an identifier", query: Query{Text: "mrn 0042"}},
		{name: "an identifier as it is written", query: Query{Text: "mrn-0042"}, want: []string{"smith"}, matched: []Field{FieldIdentifier}},
		{name: "a part of an identifier", query: Query{Text: "mrn-004"}},
		{name: "a date, year first", query: Query{Text: "1985-12-31"}, want: []string{"mario"}, matched: []Field{FieldBirthDate}},
		{name: "a date of digits", query: Query{Text: "19851231"}, want: []string{"mario"}},
		{name: "a date, month first", query: Query{Text: "12/31/1985"}, want: []string{"mario"}},
		{name: "a date, day first", query: Query{Text: "31.12.1985"}, want: []string{"mario"}},
		{name: "a date that may be two", query: Query{Text: "2/1/1990"}, want: []string{"maria", "garza"}},
		{name: "a date of two digits a year", query: Query{Text: "12/31/85"}, want: []string{"mario"}},
		{name: "a date in English", query: Query{Text: "Dec 31st, 1985"}, want: []string{"mario"}},
		{name: "a date in Spanish", query: Query{Text: "31 de diciembre de 1985"}, want: []string{"mario"}},
		{name: "a name, and a date in English", query: Query{Text: "garcia 31 december 1985"}, want: []string{"mario"}},
		{name: "a year and a name", query: Query{Text: "gar 1990"}, want: []string{"garza", "maria"}, matched: []Field{FieldFamily, FieldBirthDate}},
		{name: "a birth date alone", query: Query{BirthDate: glabella.MustParseDate("1985-12-31")}, want: []string{"mario"}, matched: []Field{FieldBirthDate}},
		{name: "a birth date and a name", query: Query{Text: "mar", BirthDate: glabella.MustParseDate("1990-01-02")}, want: []string{"garza"}},
		{name: "a birth date that is none", query: Query{Text: "mar", BirthDate: glabella.Date{Year: 1990, Month: 13, Day: 1}}},
		{name: "a limit", query: Query{Text: "mar gar", Limit: 2}, want: []string{"garza", "mario"}},
		{name: "those to skip", query: Query{Text: "mar gar", Skip: func(id glabella.PatientID) bool { return id == patientID("mario") }}, want: []string{"garza", "maria"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			hits := x.Search(tt.query)
			var got []string
			for _, h := range hits {
				got = append(got, name[h.Patient])
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Search(%q) (-want +got):\n%s", tt.query.Text, diff)
			}
			if tt.matched != nil && len(hits) > 0 {
				if diff := cmp.Diff(tt.matched, hits[0].Matched); diff != "" {
					t.Errorf("Search(%q) matched (-want +got):\n%s", tt.query.Text, diff)
				}
			}
			if diff := cmp.Diff(hits, Rank(tt.query, all)); diff != "" && len(hits) > 0 {
				t.Errorf("Rank(%q) (-index +rank):\n%s", tt.query.Text, diff)
			}
		})
	}
}

func TestIndexFindsWhatRankFinds(t *testing.T) {
	t.Parallel()
	c := newCorpus(3, 1500, 0.2)
	x := NewIndex()
	held := map[glabella.PatientID]Patient{}
	r := rand.New(rand.NewSource(5))
	contactless := func(p Patient) bool { return len(p.Contacts) == 0 }
	qs := queries(corpus{patients: slices.DeleteFunc(slices.Clone(c.patients), contactless)}, 400)
	for i, p := range c.patients {
		x.Put(p)
		held[p.ID] = p
		switch r.Intn(4) {
		case 0:
			old := c.patients[r.Intn(i+1)]
			x.Remove(old.ID)
			delete(held, old.ID)
		case 1: // another person's record under a known ID
			old := c.patients[r.Intn(i+1)]
			changed := c.patients[r.Intn(len(c.patients))]
			changed.ID = old.ID
			x.Put(changed)
			held[old.ID] = changed
		}
	}
	var all []Patient
	for _, p := range held {
		all = append(all, p)
	}
	if x.Len() != len(all) {
		t.Fatalf("Len() = %d, want %d", x.Len(), len(all))
	}
	found := 0
	for i, q := range qs {
		q.Limit = []int{0, 1, 5, 3000}[i%4]
		got, want := x.Search(q), Rank(q, all)
		found += len(got)
		if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
			t.Fatalf("Search(%q), limit %d (-rank +index):\n%s", q.Text, q.Limit, diff)
		}
	}
	if found < len(qs) {
		t.Errorf("%d queries found %d patients in all: too few to compare", len(qs), found)
	}
}

func TestARemovedPatientLeavesNothingInTheIndex(t *testing.T) {
	t.Parallel()
	c := newCorpus(4, 300, 0.2)
	x := NewIndex()
	for range 2 {
		for _, p := range c.patients {
			x.Put(p)
		}
	}
	for _, p := range c.patients {
		x.Remove(p.ID)
		x.Remove(p.ID)
	}
	if x.Len() != 0 || len(x.vocab.ids)+len(x.vocab.deleted)+len(x.grams)+len(x.dates)+len(x.years)+len(x.names)+len(x.blocks) != 0 {
		t.Errorf("an empty index holds %d tokens, %d hashes, %d digits, %d dates, %d years, %d names, %d keys",
			len(x.vocab.ids), len(x.vocab.deleted), len(x.grams), len(x.dates), len(x.years), len(x.names), len(x.blocks))
	}
	for _, r := range x.records {
		if diff := cmp.Diff(record{}, r, cmp.AllowUnexported(record{}, entry{}, token{})); diff != "" {
			t.Fatalf("a removed record (-want +got):\n%s", diff)
		}
	}
	for k := range x.vocab.sorted {
		if len(x.vocab.sorted[k]) != 0 {
			t.Errorf("%d lists of tokens of kind %d are left", len(x.vocab.sorted[k]), k)
		}
	}
	if x.Put(Patient{}); x.Len() != 0 {
		t.Error("a patient without ID is in the index")
	}
}

func TestTheMostSelectiveKeyIsFirst(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, want string }{
		{"garcia nunez", "garcia"},
		{"ma kowalski", "kowalski"},
		{"garcia (512) 555-0134", "5125550134"},
		{"garcia 1985-12-31", "19851231"},
		{"mj.garcia@ex", "mj.garcia@ex"},
		{"bill obri", "bill"},
		{"gar 1985", "1985"},
		{"who", "who"},
	} {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			if keys := (Query{Text: tt.text}).Keys(); len(keys) == 0 || keys[0] != tt.want {
				t.Errorf("Keys(%q) = %q, want %q first", tt.text, keys, tt.want)
			}
		})
	}
	if keys := (Query{Text: "--"}).Keys(); keys != nil {
		t.Errorf("Keys of nothing = %q, want none", keys)
	}
}

func TestTheKeysTogetherLeadToEveryHit(t *testing.T) {
	t.Parallel()
	c := newCorpus(6, 300, 0.2)
	for _, p := range desk() {
		c.patients = append(c.patients, p)
	}
	keysOf := make([][]string, len(c.patients))
	for i, p := range c.patients {
		keysOf[i] = SearchKeys(p)
	}
	// scan returns the patients who have a search key that begins with the prefix.
	scan := func(prefix string) []Patient {
		var out []Patient
		for i, keys := range keysOf {
			at, _ := slices.BinarySearch(keys, prefix)
			if at < len(keys) && strings.HasPrefix(keys[at], prefix) {
				out = append(out, c.patients[i])
			}
		}
		return out
	}
	withContact := slices.DeleteFunc(slices.Clone(c.patients[:300]), func(p Patient) bool { return len(p.Contacts) == 0 })
	qs := queries(corpus{patients: withContact}, 300)
	for _, text := range []string{"Kovalski", "graza", "bill obrien", "mrn-0042", "mj.gar", "0600 123456", "Smith-Jonse", "who", "2/1/1990", "garcia 555 0134", "gar 1985"} {
		qs = append(qs, Query{Text: text}, Query{Text: text, BirthDate: glabella.MustParseDate("1990-02-01")})
	}
	found := 0
	for _, q := range qs {
		q.Limit = 1000
		led := map[glabella.PatientID]bool{}
		for _, k := range q.Keys() {
			for _, h := range Rank(q, scan(k)) {
				led[h.Patient] = true
			}
		}
		hits := Rank(q, c.patients)
		found += len(hits)
		for _, h := range hits {
			if !led[h.Patient] {
				t.Errorf("no key of %q leads to a patient matched by %v: %q", q.Text, h.Matched, q.Keys())
			}
		}
	}
	if found < len(qs) {
		t.Errorf("%d queries found %d patients in all: too few to compare", len(qs), found)
	}
}

func FuzzQuery(f *testing.F) {
	x := NewIndex()
	var all []Patient
	for _, p := range desk() {
		x.Put(p)
		all = append(all, p)
	}
	for _, s := range []string{"", "mar gar", "2/1/1990", "1 de", "+", "0000 0000", "31 de diciembre de 1985", "a@", "@", "00000", "\xff\xfe", "99999999", "1-1-1-1", "é", "-.-/1", "1999 sept 9", "ｇａｒ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q := Query{Text: s}
		got, want := x.Search(q), Rank(q, all)
		if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
			t.Errorf("Search(%q) (-rank +index):\n%s", s, diff)
		}
		for _, k := range q.Keys() {
			if k == "" {
				t.Errorf("Keys of %q has an empty one", s)
			}
		}
	})
}

func TestSearchesAndWritesAtTheSameTime(t *testing.T) {
	t.Parallel()
	c := newCorpus(9, 400, 0.2)
	x := NewIndex()
	for i := range 4 {
		t.Run(fmt.Sprint("at once ", i), func(t *testing.T) {
			t.Parallel()
			for j, p := range c.patients {
				switch {
				case i == 0:
					x.Put(p)
				case i == 1 && j%3 == 0:
					x.Remove(p.ID)
				case j%4 == 0:
					x.Search(Query{Text: p.Names[0].Family})
					x.Duplicates(p, 3)
				}
			}
		})
	}
}
