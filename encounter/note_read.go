package encounter

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
)

// Privacy says who among the staff may read a note.
type Privacy string

// The levels of privacy of a note.
const (
	PrivacyAllStaff   Privacy = "all-staff"
	PrivacyDiscipline Privacy = "discipline" // staff of the author's discipline
	PrivacyAuthor     Privacy = "author"
)

// Privacies returns every level of privacy.
func Privacies() []Privacy { return []Privacy{PrivacyAllStaff, PrivacyDiscipline, PrivacyAuthor} }

// Valid reports whether p is one of [Privacies].
func (p Privacy) Valid() bool { return slices.Contains(Privacies(), p) }

// CodeNotePrivate says that a note is kept from the reader by its author.
const CodeNotePrivate glabella.Code = "encounter.note.private"

// Reader is who wants to read a note.
type Reader struct {
	Staff      glabella.StaffID
	Discipline string // in the same words as [Note.Discipline]
	Supervisor bool   // whether they answer for the author's notes
}

// MayRead decides whether the note's own privacy lets somebody read it. Its
// author, those who signed it or are to cosign it, those it is shared with, and
// supervisors always may. It does not replace the host's rules on who may see
// the patient at all.
func MayRead(n Note, reader Reader) glabella.Decision {
	known := !reader.Staff.IsZero()
	switch {
	case n.Privacy == "" || n.Privacy == PrivacyAllStaff,
		reader.Supervisor,
		n.Privacy == PrivacyDiscipline && n.Discipline != "" && n.Discipline == reader.Discipline,
		known && (reader.Staff == n.Author || reader.Staff == n.Cosigner),
		known && slices.Contains(n.SharedWith, reader.Staff),
		known && slices.ContainsFunc(n.Signatures, func(s Signature) bool { return s.By == reader.Staff }):
		return glabella.Decide()
	}
	return glabella.Decide(glabella.Denied(CodeNotePrivate, "the note is kept from this reader").For(n.Ref(), reader.Staff.Ref()).
		With("privacy", string(n.Privacy)).WithFix("ask the author to share the note"))
}

// Restrict changes who may read the note. It does not touch what was signed, and
// is possible in every state.
func (n Note) Restrict(p Privacy, sharedWith ...glabella.StaffID) (Note, error) {
	changed := n
	changed.Privacy, changed.SharedWith = p, slices.Clone(sharedWith)
	if issues := changed.privacyIssues(); len(issues) > 0 {
		return n, glabella.Invalid("note", issues...)
	}
	return changed, nil
}

func (n Note) privacyIssues() []glabella.Issue {
	var issues []glabella.Issue
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if n.Privacy != "" && !n.Privacy.Valid() {
		add("/privacy", glabella.CodeUnknownValue, "not a level of privacy")
	}
	if n.Privacy == PrivacyDiscipline && n.Discipline == "" {
		add("/discipline", glabella.CodeRequired, "a note that is kept to a discipline names it")
	}
	for i, staff := range n.SharedWith {
		path := fmt.Sprintf("/sharedWith/%d", i)
		switch {
		case staff.IsZero():
			add(path, glabella.CodeRequired, "must be given")
		case slices.Contains(n.SharedWith[:i], staff):
			add(path, glabella.CodeDuplicate, "given twice")
		}
	}
	return issues
}

// Read renders the note as it stood at an instant: first the text that was
// signed, unaltered, then each amendment made until then, in order. A note that
// was retracted by then begins with a line that says so. People are named by
// their references and times are in UTC; see [Note.ReadWith]. The same note gives
// the same bytes.
func (n Note) Read(now time.Time) string { return n.ReadWith(Names{}, now) }

// ReadWith is like [Note.Read], with the names of people and the time zone of the
// site.
func (n Note) ReadWith(names Names, now time.Time) string {
	if names.Zone == nil {
		names.Zone = time.UTC
	}
	instant := func(t time.Time) string { return t.In(names.Zone).Format("2006-01-02 15:04 MST") }
	w := &noteWriter{names: names}
	made := slices.Clone(n.Amendments)
	made = slices.DeleteFunc(made, func(a Amendment) bool { return a.At.After(now) })
	for _, a := range made {
		if a.Kind == Retraction {
			w.line(0, "RETRACTED %s by %s: %s", instant(a.At), names.of(a.By.Ref()), words(string(a.RetractedFor)))
			w.line(0, "")
		}
	}
	w.WriteString(n.Text)
	if len(made) > 0 && !strings.HasSuffix(n.Text, "\n") {
		w.WriteString("\n")
	}
	for i, a := range made {
		w.line(0, "")
		by := names.of(a.By.Ref())
		if c := a.Credential; c != (Credential{}) {
			by += " (" + oneLine(c.Kind+" "+c.Number+" "+c.Jurisdiction) + ")"
		}
		w.line(0, "Amendment %d: %s, %s, %s", i+1, words(string(a.Kind)), instant(a.At), by)
		w.quoted("Reason", a.Reason)
		switch a.Kind {
		case Correction:
			w.quoted("Instead of", a.Passage.Quote)
			if a.Replacement == "" {
				w.line(1, "Read: nothing, the passage is struck")
			} else {
				w.quoted("Read", a.Replacement)
			}
		case LateEntry:
			w.line(1, "Speaks of: %s", instant(a.OccurredAt))
		case Retraction:
			w.line(1, "Retracted for: %s", words(string(a.RetractedFor)))
		}
		w.quoted("Text", a.Text)
	}
	return w.String()
}

// quoted writes a text of one or more lines, indented so that none of it passes
// for the heading of an amendment.
func (w *noteWriter) quoted(label, text string) {
	if text == "" {
		return
	}
	lines := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\n\r\v\f\u0085\u2028\u2029", r) })
	if len(lines) == 1 {
		w.line(1, "%s: %s", label, lines[0])
		return
	}
	w.line(1, "%s:", label)
	for _, line := range lines {
		w.line(2, "%s", line)
	}
}
