package encounter

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/glabella-ehr/glabella"
)

// AmendmentKind says what an amendment does to a signed note.
type AmendmentKind string

// The kinds of amendment.
const (
	Addendum   AmendmentKind = "addendum"   // adds to it
	Correction AmendmentKind = "correction" // says which passage of it is wrong, and what is right
	LateEntry  AmendmentKind = "late-entry" // adds what was known at the time
	Retraction AmendmentKind = "retraction" // takes it back as a whole
)

// AmendmentKinds returns every kind of amendment.
func AmendmentKinds() []AmendmentKind {
	return []AmendmentKind{Addendum, Correction, LateEntry, Retraction}
}

// Valid reports whether k is one of [AmendmentKinds].
func (k AmendmentKind) Valid() bool { return slices.Contains(AmendmentKinds(), k) }

// RetractionReason says why a note was taken back.
type RetractionReason string

// The reasons of a retraction.
const (
	RetractedWrongPatient   RetractionReason = "wrong-patient"
	RetractedWrongVisit     RetractionReason = "wrong-visit"
	RetractedDuplicate      RetractionReason = "duplicate"
	RetractedEnteredInError RetractionReason = "entered-in-error"
	RetractedOther          RetractionReason = "other"
)

// RetractionReasons returns every reason of a retraction.
func RetractionReasons() []RetractionReason {
	return []RetractionReason{RetractedWrongPatient, RetractedWrongVisit, RetractedDuplicate, RetractedEnteredInError, RetractedOther}
}

// Valid reports whether r is one of [RetractionReasons].
func (r RetractionReason) Valid() bool { return slices.Contains(RetractionReasons(), r) }

// Passage is a part of the text of a note: the bytes from Start up to End, and
// what they say.
type Passage struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Quote string `json:"quote"`
}

// IsZero reports whether the passage names nothing.
func (p Passage) IsZero() bool { return p == Passage{} }

// Amendment is what was said about a note after it was signed. Which members it
// has follows from its kind: a correction has a passage and its replacement, a
// late entry the time that it speaks of, a retraction its reason by code. Each
// amendment holds the hash of what stands before it, so that none can be taken
// out or changed unseen.
type Amendment struct {
	Kind       AmendmentKind    `json:"kind"`
	Text       string           `json:"text"`   // what is added; of a correction or retraction, what explains it
	Reason     string           `json:"reason"` // why it is said only now
	By         glabella.StaffID `json:"by"`
	Credential Credential       `json:"credential"` // the licence that they amend under
	At         time.Time        `json:"at"`

	Passage      Passage          `json:"passage,omitzero"`       // what a correction is about, in the signed text
	Replacement  string           `json:"replacement,omitempty"`  // what is right instead; empty strikes the passage
	OccurredAt   time.Time        `json:"occurredAt,omitzero"`    // when what a late entry tells took place
	RetractedFor RetractionReason `json:"retractedFor,omitempty"` // why a retraction takes the note back

	Previous string `json:"previous"` // hash of the signed text or the amendment before
	Hash     string `json:"hash"`     // [Amendment.Digest]
}

// Digest returns the hex SHA-256 of everything that the amendment says, and of
// what it follows.
func (a Amendment) Digest() string {
	instant := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return strconv.FormatInt(t.UnixMicro(), 10)
	}
	var b strings.Builder
	for _, part := range []string{
		a.Previous, string(a.Kind), a.Text, a.Reason, a.By.String(), a.Credential.Kind, a.Credential.Number, a.Credential.Jurisdiction, instant(a.At),
		strconv.Itoa(a.Passage.Start), strconv.Itoa(a.Passage.End), a.Passage.Quote, a.Replacement, instant(a.OccurredAt), string(a.RetractedFor),
	} {
		// With its length before each part, no two amendments read the same.
		b.WriteString(strconv.Itoa(len(part)) + ":" + part)
	}
	return HashText(b.String())
}

// Retracted reports whether the note was taken back.
func (n Note) Retracted() bool {
	return slices.ContainsFunc(n.Amendments, func(a Amendment) bool { return a.Kind == Retraction })
}

// Amend adds to a signed note what is to be said later. The text itself stays. A
// correction names its passage by a quote that occurs once, by its bytes, or by
// both; Amend fills in the other. An amendment that is not whole for its kind is
// a [*glabella.ValidationError]. To a note that was retracted, only addenda are
// added.
func (n Note) Amend(a Amendment) (Note, error) {
	return n.step("amend", func(n *Note) error {
		if n.Retracted() && a.Kind != Addendum {
			return glabella.Refuse(glabella.Decide(glabella.Denied(CodeNoteRetracted, "a note that was retracted takes addenda only").For(n.Ref()).WithFix("add an addendum, or write a new note")))
		}
		if a.Kind == Correction {
			a.Passage = n.locate(a.Passage)
		}
		if issues := n.against(len(n.Amendments), a, ""); len(issues) > 0 {
			return glabella.Invalid("amendment", issues...)
		}
		a.Previous = HashText(n.Text)
		if last := len(n.Amendments) - 1; last >= 0 {
			a.Previous = n.Amendments[last].Hash
		}
		a.Hash = a.Digest()
		n.Amendments = append(slices.Clone(n.Amendments), a)
		return nil
	})
}

// locate fills in what a passage leaves out. A passage that the text does not
// have, or has more than once, stays as it is.
func (n Note) locate(p Passage) Passage {
	switch {
	case p.Start == 0 && p.End == 0 && p.Quote != "":
		if at := strings.Index(n.Text, p.Quote); at >= 0 && at == strings.LastIndex(n.Text, p.Quote) {
			p.Start, p.End = at, at+len(p.Quote)
		}
	case p.Quote == "" && 0 <= p.Start && p.Start < p.End && p.End <= len(n.Text):
		p.Quote = n.Text[p.Start:p.End]
	}
	return p
}

// has reports whether the passage stands in the note as it says.
func (n Note) has(p Passage) bool {
	return 0 <= p.Start && p.Start < p.End && p.End <= len(n.Text) && n.Text[p.Start:p.End] == p.Quote && utf8.ValidString(p.Quote)
}

// against returns what is wrong with an amendment that is to stand, or stands, as
// number i of the note's, but for its hashes.
func (n Note) against(i int, a Amendment, path string) []glabella.Issue {
	var issues []glabella.Issue
	add := func(member string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path + member, Code: code, Text: text})
	}
	required := func(member string, missing bool) {
		if missing {
			add(member, glabella.CodeRequired, "must be given")
		}
	}
	foreign := func(member string, given bool) {
		if given {
			add(member, glabella.CodeMismatch, "not a part of this kind of amendment")
		}
	}
	if !a.Kind.Valid() {
		add("/kind", glabella.CodeUnknownValue, "not a kind of amendment")
	}
	required("/by", a.By.IsZero())
	required("/at", a.At.IsZero())
	required("/text", a.Text == "" && a.Kind != Correction && a.Kind != Retraction)
	required("/reason", a.Reason == "" && (a.Kind != Retraction || a.RetractedFor == RetractedOther))
	issues = append(issues, credentialIssues(path+"/credential", a.Credential)...)

	foreign("/passage", a.Kind != Correction && !a.Passage.IsZero())
	foreign("/replacement", a.Kind != Correction && a.Replacement != "")
	foreign("/occurredAt", a.Kind != LateEntry && !a.OccurredAt.IsZero())
	foreign("/retractedFor", a.Kind != Retraction && a.RetractedFor != "")
	signed := n.signedAt()
	switch a.Kind {
	case Correction:
		switch {
		case a.Passage.IsZero():
			add("/passage", glabella.CodeRequired, "a correction names the passage that is wrong")
		case !n.has(a.Passage):
			add("/passage", CodeNotePassage, "does not stand in the signed text, or not only once")
		case a.Passage.Quote == a.Replacement:
			add("/replacement", CodeNotePassage, "is what the passage says already")
		}
	case LateEntry:
		required("/occurredAt", a.OccurredAt.IsZero())
		if !a.OccurredAt.IsZero() && !a.OccurredAt.Before(signed) {
			add("/occurredAt", glabella.CodeOutOfRange, "a late entry tells what took place before the note was signed")
		}
	case Retraction:
		if !a.RetractedFor.Valid() {
			add("/retractedFor", glabella.CodeUnknownValue, "not a reason of a retraction")
		}
	}
	since := signed
	for _, earlier := range n.Amendments[:i] {
		since = earlier.At
		if earlier.Kind == Retraction && a.Kind != Addendum {
			add("/kind", CodeNoteRetracted, "a note that was retracted takes addenda only")
		}
	}
	if !a.At.IsZero() && a.At.Before(since) {
		add("/at", glabella.CodeOutOfRange, "is before what the amendment follows")
	}
	return issues
}

// signedAt returns when the author signed, and the zero time for a draft.
func (n Note) signedAt() time.Time {
	for _, s := range n.Signatures {
		if s.Role == AsAuthor {
			return s.At
		}
	}
	return time.Time{}
}
