package encounter

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

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
		{From: NoteCosignPending, Action: "cosign", To: NoteCosigned},
		{From: NoteSignedState, Action: "amend", To: NoteSignedState},
		{From: NoteCosignPending, Action: "amend", To: NoteCosignPending},
		{From: NoteCosigned, Action: "amend", To: NoteCosigned},
		{From: NoteSignedState, Action: "lock", To: NoteLocked},
		{From: NoteCosigned, Action: "lock", To: NoteLocked},
		{From: NoteLocked, Action: "amend", To: NoteLocked},
	}}
}

// SignatureRole says as what someone signed a note.
type SignatureRole string

// The roles of a signature.
const (
	AsAuthor   SignatureRole = "author"
	AsCosigner SignatureRole = "cosigner"
)

// SignatureRoles returns every role of a signature.
func SignatureRoles() []SignatureRole { return []SignatureRole{AsAuthor, AsCosigner} }

// Valid reports whether r is one of [SignatureRoles].
func (r SignatureRole) Valid() bool { return slices.Contains(SignatureRoles(), r) }

// AmendmentKind says what an amendment does to a signed note.
type AmendmentKind string

// The kinds of amendment.
const (
	Addendum   AmendmentKind = "addendum"   // adds to it
	Correction AmendmentKind = "correction" // says what in it is wrong, and what is right
	LateEntry  AmendmentKind = "late-entry" // adds what was known at the time
	Retraction AmendmentKind = "retraction" // takes it back as a whole
)

// AmendmentKinds returns every kind of amendment.
func AmendmentKinds() []AmendmentKind {
	return []AmendmentKind{Addendum, Correction, LateEntry, Retraction}
}

// Valid reports whether k is one of [AmendmentKinds].
func (k AmendmentKind) Valid() bool { return slices.Contains(AmendmentKinds(), k) }

// Codes of issues with and reasons against notes.
const (
	// CodeNoteHash says that the text of a signed note or amendment is not the text that was signed.
	CodeNoteHash glabella.Code = "encounter.note.hash"
	// CodeNoteAuthor says that someone other than the author signs a note as its author.
	CodeNoteAuthor glabella.Code = "encounter.note.author"
	// CodeNoteCosigner says that a note is cosigned by its author, or by someone it was not sent to.
	CodeNoteCosigner glabella.Code = "encounter.note.cosigner"
)

// Note is the clinical note of a visit. Once signed, its text never changes;
// what is to be said later is amended.
type Note struct {
	ID glabella.NoteID `json:"id" validate:"required"`
	glabella.Meta
	Encounter  glabella.EncounterID `json:"encounter" validate:"required"`
	Patient    glabella.PatientID   `json:"patient" validate:"required"`
	Author     glabella.StaffID     `json:"author" validate:"required"`
	State      NoteState            `json:"state"`
	Text       string               `json:"text" validate:"required"`
	Signatures []Signature          `json:"signatures"`
	Cosigner   glabella.StaffID     `json:"cosigner,omitzero"` // whom it was sent to
	Amendments []Amendment          `json:"amendments"`
}

// Signature says who signed which text, and when.
type Signature struct {
	By         glabella.StaffID `json:"by"`
	Role       SignatureRole    `json:"role"`
	At         time.Time        `json:"at"`
	Hash       string           `json:"hash"`       // [HashText] of the text that was signed
	Credential Credential       `json:"credential"` // the licence that they signed under
}

// Amendment is what was said about a note after it was signed.
type Amendment struct {
	Kind   AmendmentKind    `json:"kind"`
	Text   string           `json:"text"`
	Reason string           `json:"reason"`
	By     glabella.StaffID `json:"by"`
	At     time.Time        `json:"at"`
	Hash   string           `json:"hash"` // [HashText] of the text
}

// HashText returns the hex SHA-256 of a text: what a signature is bound to.
func HashText(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Ref returns the reference to the note.
func (n Note) Ref() glabella.Ref { return n.ID.Ref() }

// Validate reports everything that is wrong with the note: its shape, signatures
// that do not fit its state, and signatures and amendments whose hash is not that
// of their text.
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
		path := fmt.Sprintf("/signatures/%d", i)
		roles = append(roles, s.Role)
		if !s.Role.Valid() {
			add(path+"/role", glabella.CodeUnknownValue, "not a role of a signature")
		}
		switch {
		case s.By.IsZero():
			add(path+"/by", glabella.CodeRequired, "a signature is somebody's")
		case s.Role == AsAuthor && s.By != n.Author:
			add(path+"/by", CodeNoteAuthor, "not the author of the note")
		case s.Role == AsCosigner && s.By == n.Author:
			add(path+"/by", CodeNoteCosigner, "a note is not cosigned by its author")
		}
		if s.At.IsZero() {
			add(path+"/at", glabella.CodeRequired, "a signature has a time")
		}
		if s.Hash != HashText(n.Text) {
			add(path+"/hash", CodeNoteHash, "not the hash of the note's text")
		}
	}
	if n.State.Valid() && !n.State.fits(roles, !n.Cosigner.IsZero()) {
		add("/signatures", glabella.CodeMismatch, "not the signatures of a note in this state")
	}
	if n.State == NoteDraft && len(n.Amendments) > 0 {
		add("/amendments", glabella.CodeMismatch, "a draft is edited, not amended")
	}
	for i, a := range n.Amendments {
		path := fmt.Sprintf("/amendments/%d", i)
		if !a.Kind.Valid() {
			add(path+"/kind", glabella.CodeUnknownValue, "not a kind of amendment")
		}
		if a.Text == "" || a.Reason == "" || a.By.IsZero() || a.At.IsZero() {
			add(path, glabella.CodeRequired, "an amendment has a text, a reason, an author and a time")
		}
		if a.Hash != HashText(a.Text) {
			add(path+"/hash", CodeNoteHash, "not the hash of the amendment's text")
		}
	}
	return glabella.Invalid("note", issues...)
}

// fits reports whether a note in the state has signatures of these roles, and a
// cosigner whom it was sent to or not.
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

// Edit replaces the text of a draft.
func (n Note) Edit(text string) (Note, error) {
	return n.step("edit", func(n *Note) error {
		n.Text = text
		return nil
	})
}

// Sign signs the text as its author. A note that a cosigner is named for waits
// for their signature.
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
		s.Role, s.Hash = AsAuthor, HashText(n.Text)
		n.Signatures = append(slices.Clone(n.Signatures), s)
		n.Cosigner = cosigner
		return glabella.Refuse(glabella.Decide(reasons...))
	})
}

// Cosign adds the signature of the cosigner whom the note was sent to. An
// alternate stands in for them; the author never does.
func (n Note) Cosign(s Signature, alternate bool) (Note, error) {
	return n.step("cosign", func(n *Note) error {
		if s.By == n.Author || s.By != n.Cosigner && !alternate {
			return glabella.Refuse(glabella.Decide(glabella.Denied(CodeNoteCosigner, "the note waits for someone else's signature").
				For(n.Ref(), n.Cosigner.Ref()).WithFix("have the named cosigner or an alternate sign")))
		}
		s.Role, s.Hash = AsCosigner, HashText(n.Text)
		n.Signatures = append(slices.Clone(n.Signatures), s)
		return nil
	})
}

// Amend adds to a signed note what is to be said later. The text itself stays.
func (n Note) Amend(a Amendment) (Note, error) {
	return n.step("amend", func(n *Note) error {
		a.Hash = HashText(a.Text)
		n.Amendments = append(slices.Clone(n.Amendments), a)
		return nil
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
