package patient

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/glabella-ehr/glabella"
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
