package encounter

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
)

// NoteState is where a note stands.
type NoteState string

// The states of a note.
const (
	NoteDraft         NoteState = "draft"
	NoteSignedState   NoteState = "signed"
	NoteCosignPending NoteState = "cosign-pending"
	NoteCosigned      NoteState = "cosigned"
	NoteLocked        NoteState = "locked"
)

// NoteStates returns every state of a note.
func NoteStates() []NoteState {
	return []NoteState{NoteDraft, NoteSignedState, NoteCosignPending, NoteCosigned, NoteLocked}
}

// Valid reports whether s is one of [NoteStates].
func (s NoteState) Valid() bool { return slices.Contains(NoteStates(), s) }

// NoteMachine returns the state machine of a note.
func NoteMachine() state.Machine[NoteState] {
	return state.Machine[NoteState]{Name: "note", Arrows: []state.Arrow[NoteState]{
		{From: NoteDraft, Action: "edit", To: NoteDraft},
		{From: NoteDraft, Action: "sign", To: NoteSignedState},
		{From: NoteDraft, Action: "sign for cosignature", To: NoteCosignPending},
		{From: NoteCosignPending, Action: "request information", To: NoteCosignPending},
		{From: NoteCosignPending, Action: "answer", To: NoteCosignPending},
		{From: NoteCosignPending, Action: "cosign", To: NoteCosigned},
		{From: NoteSignedState, Action: "consult", To: NoteSignedState},
		{From: NoteCosignPending, Action: "consult", To: NoteCosignPending},
		{From: NoteCosigned, Action: "consult", To: NoteCosigned},
		{From: NoteSignedState, Action: "amend", To: NoteSignedState},
		{From: NoteCosignPending, Action: "amend", To: NoteCosignPending},
		{From: NoteCosigned, Action: "amend", To: NoteCosigned},
		{From: NoteSignedState, Action: "lock", To: NoteLocked},
		{From: NoteCosigned, Action: "lock", To: NoteLocked},
		{From: NoteLocked, Action: "amend", To: NoteLocked},
	}}
}

// Codes of issues with and reasons against notes.
const (
	// CodeNoteHash says that the text of a signed note or amendment is not the text that was signed.
	CodeNoteHash glabella.Code = "encounter.note.hash"
	// CodeNoteChanged says that a draft has changed since its signer read it.
	CodeNoteChanged glabella.Code = "encounter.note.changed"
	// CodeNoteAuthor says that someone other than the author signs a note as its author.
	CodeNoteAuthor glabella.Code = "encounter.note.author"
	// CodeNoteCosigner says that a note is cosigned by its author, or by someone it was not sent to.
	CodeNoteCosigner glabella.Code = "encounter.note.cosigner"
	// CodeNoteConsultant says that a note's author signs it as a consultant.
	CodeNoteConsultant glabella.Code = "encounter.note.consultant"
	// CodeNoteChain says that an amendment does not follow what stands before it.
	CodeNoteChain glabella.Code = "encounter.note.chain"
	// CodeNotePassage says that a correction does not name a passage of the signed text, or leaves it as it is.
	CodeNotePassage glabella.Code = "encounter.note.passage"
	// CodeNoteRetracted says that a note was retracted, and takes nothing more than addenda.
	CodeNoteRetracted glabella.Code = "encounter.note.retracted"
)

// Note is the clinical note of a visit. While it is a draft it is saved as
// revisions. Once signed, its text never changes; what is to be said later is
// amended.
type Note struct {
	ID glabella.NoteID `json:"id" validate:"required"`
	glabella.Meta
	Encounter  glabella.EncounterID `json:"encounter" validate:"required"`
	Patient    glabella.PatientID   `json:"patient" validate:"required"`
	Author     glabella.StaffID     `json:"author" validate:"required"`
	Discipline string               `json:"discipline,omitempty"` // of the author, in the host's words
	Privacy    Privacy              `json:"privacy,omitempty"`    // empty is [PrivacyAllStaff]
	SharedWith []glabella.StaffID   `json:"sharedWith"`           // who else may read it
	State      NoteState            `json:"state"`
	Text       string               `json:"text" validate:"required"`
	Revisions  []Revision           `json:"revisions"` // of a draft; none once it is signed
	Signatures []Signature          `json:"signatures"`
	Cosigner   glabella.StaffID     `json:"cosigner,omitzero"` // whom it was sent to
	Queries    []Query              `json:"queries"`           // what was asked before cosigning
	Amendments []Amendment          `json:"amendments"`
}

// HashText returns the hex SHA-256 of a text: what a signature is bound to.
func HashText(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Ref returns the reference to the note.
func (n Note) Ref() glabella.Ref { return n.ID.Ref() }

// Validate reports everything that is wrong with the note: its shape, signatures
// that do not fit its state, signatures whose hash is not that of the text, and
// amendments that were changed, are not whole, or do not follow each other.
func (n Note) Validate() error {
	issues := check.Struct(n)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if !n.State.Valid() {
		add("/state", glabella.CodeUnknownValue, "not a state of a note")
	}
	var roles []SignatureRole
	for i, s := range n.Signatures {
		issues = append(issues, s.issues(fmt.Sprintf("/signatures/%d", i), n.Author)...)
		if s.Role != AsConsultant {
			roles = append(roles, s.Role)
		}
	}
	if n.State.Valid() && (!n.State.fits(roles, !n.Cosigner.IsZero()) || n.State == NoteDraft && len(n.Signatures) > 0) {
		add("/signatures", glabella.CodeMismatch, "not the signatures of a note in this state")
	}
	if n.State == NoteDraft && len(n.Amendments) > 0 {
		add("/amendments", glabella.CodeMismatch, "a draft is edited, not amended")
	}
	for i, a := range n.Amendments {
		issues = append(issues, n.against(i, a, fmt.Sprintf("/amendments/%d", i))...)
	}
	issues = append(issues, VerifySignatures(n)...)
	issues = append(issues, n.privacyIssues()...)
	issues = append(issues, n.revisionIssues()...)
	issues = append(issues, n.queryIssues()...)
	return glabella.Invalid("note", issues...)
}

// fits reports whether a note in the state has signatures of these roles, leaving
// out those of consultants, and a cosigner whom it was sent to or not.
func (s NoteState) fits(roles []SignatureRole, sent bool) bool {
	author, both := []SignatureRole{AsAuthor}, []SignatureRole{AsAuthor, AsCosigner}
	switch s {
	case NoteDraft:
		return len(roles) == 0
	case NoteSignedState:
		return slices.Equal(roles, author) && !sent
	case NoteCosignPending:
		return slices.Equal(roles, author) && sent
	case NoteCosigned:
		return slices.Equal(roles, both) && sent
	default: // locked, after either
		return slices.Equal(roles, author) && !sent || slices.Equal(roles, both) && sent
	}
}

// Edit replaces the text of a draft that is written at one go. A draft that was
// saved before is a [*DraftConflictError]: [Note.Save] says which revision the
// text is based on.
func (n Note) Edit(text string) (Note, error) {
	return n.step("edit", func(n *Note) error {
		if latest := n.Revision(); latest > 0 {
			return n.conflict(Revision{Text: text})
		}
		n.Text = text
		return nil
	})
}

// Sign signs the text as its author. A note that a cosigner is named for waits
// for their signature. A signature that comes with a hash is of the text with
// that hash: it is refused if the draft has changed since. The revisions of the
// draft end with it.
func (n Note) Sign(s Signature, cosigner glabella.StaffID) (Note, error) {
	action := "sign"
	if !cosigner.IsZero() {
		action = "sign for cosignature"
	}
	return n.step(action, func(n *Note) error {
		var reasons []glabella.Reason
		if s.By != n.Author {
			reasons = append(reasons, glabella.Denied(CodeNoteAuthor, "a note is signed by its author").For(n.Ref(), s.By.Ref()).WithFix("have the author sign"))
		}
		if cosigner == n.Author {
			reasons = append(reasons, glabella.Denied(CodeNoteCosigner, "a note is not cosigned by its author").For(n.Ref(), cosigner.Ref()).WithFix("name someone else as cosigner"))
		}
		reasons = append(reasons, n.changedSince(s)...)
		s.Role, s.Hash = AsAuthor, HashText(n.Text)
		n.Signatures = append(slices.Clone(n.Signatures), s)
		n.Cosigner = cosigner
		n.Revisions = nil
		return glabella.Refuse(glabella.Decide(reasons...))
	})
}

func (n Note) changedSince(s Signature) []glabella.Reason {
	if s.Hash == "" || s.Hash == HashText(n.Text) {
		return nil
	}
	return []glabella.Reason{glabella.Denied(CodeNoteChanged, "the text is not the one that the signer read").For(n.Ref()).WithFix("read the note as it is now, and sign that")}
}

// Cosign adds the signature of the cosigner whom the note was sent to. An
// alternate stands in for them; the author never does. [Cosignable] says what
// stands against it.
func (n Note) Cosign(s Signature, alternate bool) (Note, error) {
	return n.step("cosign", func(n *Note) error {
		// The step has moved the note on already; the check is of where it was.
		before := *n
		before.State = NoteCosignPending
		d := glabella.Join(Cosignable(before, s.By, alternate), glabella.Decide(n.changedSince(s)...))
		s.Role, s.Hash = AsCosigner, HashText(n.Text)
		n.Signatures = append(slices.Clone(n.Signatures), s)
		return glabella.Refuse(d)
	})
}

// Consult adds the signature of somebody who was consulted. It is not a
// cosignature: a note that waits for one goes on waiting.
func (n Note) Consult(s Signature) (Note, error) {
	return n.step("consult", func(n *Note) error {
		reasons := n.changedSince(s)
		if s.By == n.Author {
			reasons = append(reasons, glabella.Denied(CodeNoteConsultant, "an author does not consult themself").For(n.Ref(), s.By.Ref()).WithFix("have the consultant sign"))
		}
		s.Role, s.Hash = AsConsultant, HashText(n.Text)
		n.Signatures = append(slices.Clone(n.Signatures), s)
		return glabella.Refuse(glabella.Decide(reasons...))
	})
}

// Lock closes the note. It can still be amended.
func (n Note) Lock() (Note, error) { return n.step("lock", func(*Note) error { return nil }) }

// step takes an action that is legal in the note's state. If the change is
// refused, the note comes back as it was.
func (n Note) step(action string, change func(*Note) error) (Note, error) {
	next, err := NoteMachine().Next(n.State, action)
	if err != nil {
		return n, err
	}
	changed := n
	changed.State = next
	if err := change(&changed); err != nil {
		return n, err
	}
	return changed, nil
}
