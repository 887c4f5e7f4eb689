package encounter

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
)

// Codes of reasons against cosignatures, and against the choice of a cosigner.
const (
	// CodeNoteNotPending says that a note does not wait for a cosignature.
	CodeNoteNotPending glabella.Code = "encounter.note.not-pending"
	// CodeNoteQuery says that a note is not cosigned before what was asked about it is answered.
	CodeNoteQuery glabella.Code = "encounter.note.query"
	// CodeCosignerNone says that no cosigner is named, or that the author is the only one.
	CodeCosignerNone glabella.Code = "encounter.cosigner.none"
	// CodeCosignerAbsent says that the cosigner and all alternates are absent.
	CodeCosignerAbsent glabella.Code = "encounter.cosigner.absent"
)

// Absence is a time, in whole days, in which somebody does not cosign.
type Absence struct {
	Staff glabella.StaffID `json:"staff"`
	From  glabella.Date    `json:"from"`
	To    glabella.Date    `json:"to"` // the last day
}

// CosignPolicy says whose notes are cosigned, by whom, and how soon.
type CosignPolicy struct {
	Required   bool               `json:"required,omitempty"` // whether everybody's are
	Kinds      []string           `json:"kinds"`              // else, the kinds of credential whose notes are
	Default    glabella.StaffID   `json:"default,omitzero"`   // who cosigns
	Alternates []glabella.StaffID `json:"alternates"`         // who stand in, in this order
	Absences   []Absence          `json:"absences"`
	DueHours   int                `json:"dueHours,omitempty"` // from the author's signature; 0 is no limit
	Source     string             `json:"source,omitempty"`   // citation of the law or policy behind it
}

// Validate reports absences that name nobody or end before they begin, alternates
// that are given twice, and a time limit that is negative.
func (p CosignPolicy) Validate() error {
	var issues []glabella.Issue
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	for i, staff := range p.Alternates {
		path := fmt.Sprintf("/alternates/%d", i)
		switch {
		case staff.IsZero():
			add(path, glabella.CodeRequired, "must be given")
		case staff == p.Default || slices.Contains(p.Alternates[:i], staff):
			add(path, glabella.CodeDuplicate, "given twice")
		}
	}
	for i, a := range p.Absences {
		path := fmt.Sprintf("/absences/%d", i)
		if a.Staff.IsZero() {
			add(path+"/staff", glabella.CodeRequired, "must be given")
		}
		if !a.From.Valid() || !a.To.Valid() || a.To.Before(a.From) {
			add(path+"/to", glabella.CodeOutOfRange, "an absence has a first day, and a last one that is not before it")
		}
	}
	if p.DueHours < 0 {
		add("/dueHours", glabella.CodeOutOfRange, "must not be negative")
	}
	return glabella.Invalid("cosign policy", issues...)
}

// Requires reports whether a note is cosigned whose author holds credentials of
// these kinds.
func (p CosignPolicy) Requires(kinds []string) bool {
	return p.Required || slices.ContainsFunc(kinds, func(kind string) bool { return slices.Contains(p.Kinds, kind) })
}

// Absent reports whether somebody is absent on a day.
func (p CosignPolicy) Absent(staff glabella.StaffID, on glabella.Date) bool {
	return slices.ContainsFunc(p.Absences, func(a Absence) bool {
		return a.Staff == staff && !on.Before(a.From) && !on.After(a.To)
	})
}

// StandsIn reports whether somebody may cosign in the place of a cosigner on a
// day: they are an alternate and there, and the cosigner is absent.
func (p CosignPolicy) StandsIn(by, cosigner glabella.StaffID, on glabella.Date) bool {
	return slices.Contains(p.Alternates, by) && !p.Absent(by, on) && p.Absent(cosigner, on)
}

// ChooseCosigner returns who is to cosign a note of the author on a day: the
// default, or the first alternate who is there. It is never the author. If there
// is nobody, the decision says why; if an alternate stands in, that is no reason
// against it.
func ChooseCosigner(p CosignPolicy, author glabella.StaffID, on glabella.Date) (glabella.StaffID, glabella.Decision) {
	absent := false
	for _, staff := range append([]glabella.StaffID{p.Default}, p.Alternates...) {
		switch {
		case staff.IsZero() || staff == author:
		case p.Absent(staff, on):
			absent = true
		default:
			return staff, glabella.Decide()
		}
	}
	reason := glabella.Denied(CodeCosignerNone, "no cosigner is named but the author").WithFix("name a cosigner, and an alternate")
	if absent {
		reason = glabella.Denied(CodeCosignerAbsent, "everybody is absent who could cosign").With("day", on.String()).WithFix("name an alternate who is there")
	}
	return glabella.StaffID{}, glabella.Decide(reason.For(author.Ref(), p.Default.Ref()).CitedFrom(p.Source))
}

// Due is a note that waits for a cosignature.
type Due struct {
	Note      glabella.NoteID    `json:"note"`
	Patient   glabella.PatientID `json:"patient"`
	Author    glabella.StaffID   `json:"author"`
	Cosigner  glabella.StaffID   `json:"cosigner"` // whom it was sent to
	SignedAt  time.Time          `json:"signedAt"`
	DueAt     time.Time          `json:"dueAt,omitzero"`
	Overdue   bool               `json:"overdue"`
	Alternate bool               `json:"alternate"` // whether the queue's owner stands in for the cosigner
	Waiting   bool               `json:"waiting"`   // whether something asked about it is open
}

// Queue returns the notes that wait for somebody's cosignature, those that have
// waited longest first: the notes that were sent to them and, where they are an
// alternate, those of cosigners who are absent. Absences are by the day of now in
// its own location, which is the site's. Notes that were retracted wait for
// nobody.
func Queue(notes []Note, cosigner glabella.StaffID, p CosignPolicy, now time.Time) []Due {
	today := glabella.DateOf(now)
	var out []Due
	for _, n := range notes {
		alternate := n.Cosigner != cosigner
		if n.State != NoteCosignPending || n.Retracted() || n.Author == cosigner || alternate && !p.StandsIn(cosigner, n.Cosigner, today) {
			continue
		}
		d := Due{Note: n.ID, Patient: n.Patient, Author: n.Author, Cosigner: n.Cosigner, SignedAt: n.signedAt(), Alternate: alternate, Waiting: len(n.open()) > 0}
		if p.DueHours > 0 {
			d.DueAt = d.SignedAt.Add(time.Duration(p.DueHours) * time.Hour)
			d.Overdue = now.After(d.DueAt)
		}
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b Due) int {
		return cmp.Or(a.SignedAt.Compare(b.SignedAt), cmp.Compare(a.Note.String(), b.Note.String()))
	})
	return out
}

// Cosignable decides whether somebody may cosign a note now: it waits for it, was
// sent to them (or they stand in as an alternate), is not their own, was not
// retracted, is as its author signed it, and nothing asked about it is open.
func Cosignable(n Note, by glabella.StaffID, alternate bool) glabella.Decision {
	var reasons []glabella.Reason
	add := func(r glabella.Reason) { reasons = append(reasons, r.For(n.Ref())) }
	if n.State != NoteCosignPending {
		add(glabella.Denied(CodeNoteNotPending, "the note does not wait for a cosignature").With("state", string(n.State)).WithFix("cosign only what is sent for it"))
	}
	if by.IsZero() || by == n.Author || by != n.Cosigner && !alternate {
		add(glabella.Denied(CodeNoteCosigner, "the note waits for someone else's signature").For(n.Cosigner.Ref()).WithFix("have the named cosigner or an alternate sign"))
	}
	if n.Retracted() {
		add(glabella.Denied(CodeNoteRetracted, "the note was retracted").WithFix("leave it as it is; it needs no cosignature"))
	}
	if open := n.open(); len(open) > 0 {
		add(glabella.Denied(CodeNoteQuery, "something that was asked about the note is not answered").With("open", fmt.Sprint(len(open))).WithFix("have the author answer"))
	}
	if len(VerifySignatures(n)) > 0 {
		add(glabella.Denied(CodeNoteHash, "the note is not as its author signed it").WithFix("restore the note as it was signed"))
	}
	return glabella.Decide(reasons...)
}

// Query is what a cosigner asked about a note before signing it. Until it is
// answered, the note is not cosigned.
type Query struct {
	Text  string           `json:"text"`
	By    glabella.StaffID `json:"by"`
	At    time.Time        `json:"at"`
	Reply *Reply           `json:"reply"` // nil until it is answered
}

// Reply is the answer to a [Query].
type Reply struct {
	Text string           `json:"text"`
	By   glabella.StaffID `json:"by"`
	At   time.Time        `json:"at"`
}

// RequestInformation asks something about a note that waits for a cosignature,
// which is then not given before the answer. The note's author cannot ask.
func (n Note) RequestInformation(q Query) (Note, error) {
	return n.step("request information", func(n *Note) error {
		q.Reply = nil
		if issues := n.againstQuery(q, ""); len(issues) > 0 {
			return glabella.Invalid("query", issues...)
		}
		n.Queries = append(slices.Clone(n.Queries), q)
		return nil
	})
}

// Answer answers the query with the index. An index that names none is a
// [glabella.ErrNotFound]; a query that was answered is a [glabella.ErrConflict].
func (n Note) Answer(query int, r Reply) (Note, error) {
	return n.step("answer", func(n *Note) error {
		if query < 0 || query >= len(n.Queries) {
			return fmt.Errorf("answer query %d of %s: %w", query, n.Ref(), glabella.ErrNotFound)
		}
		q := n.Queries[query]
		if q.Reply != nil {
			return fmt.Errorf("answer query %d of %s again: %w", query, n.Ref(), glabella.ErrConflict)
		}
		q.Reply = &r
		if issues := n.againstQuery(q, ""); len(issues) > 0 {
			return glabella.Invalid("query", issues...)
		}
		n.Queries = slices.Clone(n.Queries)
		n.Queries[query] = q
		return nil
	})
}

// open returns the indices of the queries that are not answered.
func (n Note) open() []int {
	var out []int
	for i, q := range n.Queries {
		if q.Reply == nil {
			out = append(out, i)
		}
	}
	return out
}

func (n Note) againstQuery(q Query, path string) []glabella.Issue {
	var issues []glabella.Issue
	add := func(member string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path + member, Code: code, Text: text})
	}
	said := func(member, text string, by glabella.StaffID, at, since time.Time) {
		if text == "" {
			add(member+"/text", glabella.CodeRequired, "must be given")
		}
		if by.IsZero() {
			add(member+"/by", glabella.CodeRequired, "must be given")
		}
		switch {
		case at.IsZero():
			add(member+"/at", glabella.CodeRequired, "must be given")
		case at.Before(since):
			add(member+"/at", glabella.CodeOutOfRange, "is before what it follows")
		}
	}
	said("", q.Text, q.By, q.At, n.signedAt())
	if q.By == n.Author && !q.By.IsZero() {
		add("/by", CodeNoteCosigner, "an author does not query their own note")
	}
	if q.Reply != nil {
		said("/reply", q.Reply.Text, q.Reply.By, q.Reply.At, q.At)
	}
	return issues
}

func (n Note) queryIssues() []glabella.Issue {
	var issues []glabella.Issue
	if len(n.Queries) > 0 && (n.State == NoteDraft || n.Cosigner.IsZero()) {
		issues = append(issues, glabella.Issue{Path: "/queries", Code: glabella.CodeMismatch, Text: "only a note that was sent for cosignature is asked about"})
	}
	for i, q := range n.Queries {
		path := fmt.Sprintf("/queries/%d", i)
		issues = append(issues, n.againstQuery(q, path)...)
		if q.Reply == nil && (n.State == NoteCosigned || n.State == NoteLocked) {
			issues = append(issues, glabella.Issue{Path: path + "/reply", Code: CodeNoteQuery, Text: "a note is not cosigned before the answer"})
		}
	}
	return issues
}
