package consent

import (
	"errors"
	"regexp"
	"slices"
	"time"

	"golang.org/x/text/language"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
)

// Answer is what a patient decided on a form.
type Answer string

// The answers.
const (
	Accepted Answer = "accepted"
	Declined Answer = "declined"
)

// Answers returns every answer.
func Answers() []Answer { return []Answer{Accepted, Declined} }

// Valid reports whether a is one of [Answers].
func (a Answer) Valid() bool { return slices.Contains(Answers(), a) }

// Method is how a signature was made.
type Method string

// The methods of signature.
const (
	Drawn    Method = "drawn"    // by hand on a screen
	Typed    Method = "typed"    // a typed name
	Checkbox Method = "checkbox" // a ticked box
	Paper    Method = "paper"    // on paper that was scanned
)

// Methods returns every method of signature.
func Methods() []Method { return []Method{Drawn, Typed, Checkbox, Paper} }

// Valid reports whether m is one of [Methods].
func (m Method) Valid() bool { return slices.Contains(Methods(), m) }

// SignerRole says in what capacity someone signed.
type SignerRole string

// The roles of a signer.
const (
	SignerPatient        SignerRole = "patient"        // the patient
	SignerGuardian       SignerRole = "guardian"       // a parent or legal guardian
	SignerRepresentative SignerRole = "representative" // another personal representative
)

// SignerRoles returns every role of a signer.
func SignerRoles() []SignerRole {
	return []SignerRole{SignerPatient, SignerGuardian, SignerRepresentative}
}

// Valid reports whether r is one of [SignerRoles].
func (r SignerRole) Valid() bool { return slices.Contains(SignerRoles(), r) }

// Signature is the evidence that someone signed.
type Signature struct {
	Method         Method     `json:"method" validate:"oneof=drawn typed checkbox paper"`
	By             SignerRole `json:"by" validate:"oneof=patient guardian representative"`
	Authority      string     `json:"authority,omitempty"` // the document that lets someone else sign for the patient
	At             time.Time  `json:"at" validate:"required"`
	Device         string     `json:"device,omitempty"`         // the device or address that it was made on
	EvidenceSHA256 string     `json:"evidenceSHA256,omitempty"` // of the image, the scan or the typed name

	Signer          Signer `json:"signer,omitzero"`           // who signed, if not the patient
	NetworkAddress  string `json:"networkAddress,omitempty"`  // as the host gives it, which may have shortened it
	UserAgentSHA256 string `json:"userAgentSHA256,omitempty"` // of what the browser or program says it is
	Language        string `json:"language,omitempty"`        // of the program that it was made with, BCP 47
}

// State is where a consent stands.
type State string

// The states of a consent.
const (
	StateAccepted  State = "accepted"
	StateDeclined  State = "declined"
	StateWithdrawn State = "withdrawn"
)

// Machine returns the state machine of a consent. One that was declined stays
// so: a change of mind is a new consent.
func Machine() state.Machine[State] {
	return state.Machine[State]{Name: "consent", Arrows: []state.Arrow[State]{
		{From: StateAccepted, Action: "withdraw", To: StateWithdrawn},
	}}
}

// Codes of issues with consents.
const (
	// CodeOrder says that a consent was signed before the text was shown, or withdrawn before it was signed.
	CodeOrder glabella.Code = "consent.order"
	// CodeAuthority says that someone signed for the patient without a document that lets them.
	CodeAuthority glabella.Code = "consent.authority"
)

// Consent is a patient's answer to one version of a form. Its own Version is
// that of the form; the count of its stored revisions is Meta.Version.
type Consent struct {
	ID glabella.ConsentID `json:"id" validate:"required"`
	glabella.Meta
	Patient     glabella.PatientID `json:"patient" validate:"required"`
	Form        glabella.FormID    `json:"form" validate:"required"`
	Code        string             `json:"code" validate:"required"`     // the form's code
	Version     int                `json:"formVersion" validate:"min=1"` // the form's version
	Language    string             `json:"language" validate:"required"` // of the text that was shown
	SHA256      string             `json:"sha256" validate:"required"`   // [Content.Hash] of the text that was shown
	Decision    Answer             `json:"decision" validate:"oneof=accepted declined"`
	Informed    time.Time          `json:"informed" validate:"required"` // when the text was shown; the cooling-off period runs from here
	Signature   *Signature         `json:"signature,omitempty"`
	Witness     glabella.Ref       `json:"witness,omitzero"`
	Interpreter string             `json:"interpreter,omitempty"` // name or number of the interpreter, if there was one

	Initials            []Initial             `json:"initials"`
	Acknowledged        []string              `json:"acknowledged"` // keys of the sections whose box was ticked
	WitnessSignature    *WitnessSignature     `json:"witnessSignature,omitempty"`
	InterpreterLanguage string                `json:"interpreterLanguage,omitempty"` // into which it was interpreted, BCP 47
	Capacity            *Capacity             `json:"capacity,omitempty"`
	Discussion          glabella.DiscussionID `json:"discussion,omitzero"`
	Delivery            glabella.DeliveryID   `json:"delivery,omitzero"`        // by which the form reached the patient
	RenderedSHA256      string                `json:"renderedSHA256,omitempty"` // of the bytes that were shown; see [Content.Shown]

	Encounter       glabella.EncounterID `json:"encounter,omitzero"` // for a form that is signed at each visit
	WithdrawnAt     time.Time            `json:"withdrawnAt,omitzero"`
	WithdrawnReason string               `json:"withdrawnReason,omitempty"`
	Provenance      glabella.Provenance  `json:"provenance"`
}

// Ref returns the reference to the consent.
func (c Consent) Ref() glabella.Ref { return c.ID.Ref() }

// State returns where the consent stands.
func (c Consent) State() State {
	switch {
	case !c.WithdrawnAt.IsZero():
		return StateWithdrawn
	case c.Decision == Declined:
		return StateDeclined
	default:
		return StateAccepted
	}
}

var hashPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Validate reports everything that is wrong with the consent by itself. A
// consent that is accepted but not signed is valid; [Evaluate] does not count it.
func (c Consent) Validate() error {
	issues := check.Struct(c)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if tag, err := language.Parse(c.Language); c.Language != "" && (err != nil || tag == language.Und) {
		add("/language", glabella.CodeFormat, "not a BCP 47 language tag")
	}
	if c.SHA256 != "" && !hashPattern.MatchString(c.SHA256) {
		add("/sha256", glabella.CodeFormat, "a hash is 64 lower-case hexadecimal digits")
	}
	if s := c.Signature; s != nil {
		if s.EvidenceSHA256 != "" && !hashPattern.MatchString(s.EvidenceSHA256) {
			add("/signature/evidenceSHA256", glabella.CodeFormat, "a hash is 64 lower-case hexadecimal digits")
		}
		if s.EvidenceSHA256 == "" && s.Method.Valid() && s.Method != Checkbox {
			add("/signature/evidenceSHA256", glabella.CodeRequired, "a signature other than a checkbox leaves evidence")
		}
		if s.By.Valid() && s.By != SignerPatient && s.Authority == "" {
			add("/signature/authority", CodeAuthority, "someone else signs for the patient by a document")
		}
		if !s.At.IsZero() && s.At.Before(c.Informed) {
			add("/signature/at", CodeOrder, "signed before the text was shown")
		}
	}
	if !c.WithdrawnAt.IsZero() {
		if c.Decision == Declined {
			add("/withdrawnAt", glabella.CodeMismatch, "what was declined cannot be withdrawn")
		}
		if c.WithdrawnAt.Before(c.givenAt()) {
			add("/withdrawnAt", CodeOrder, "withdrawn before it was given")
		}
	} else if c.WithdrawnReason != "" {
		add("/withdrawnReason", glabella.CodeMismatch, "a reason belongs to a withdrawal")
	}
	issues = append(issues, c.markIssues()...)
	issues = append(issues, c.Provenance.Validate("/provenance")...)
	return glabella.Invalid("consent", issues...)
}

// givenAt returns when the patient answered: when they signed, or were shown the
// text if they did not.
func (c *Consent) givenAt() time.Time {
	if c.Signature != nil {
		return c.Signature.At
	}
	return c.Informed
}

// Withdraw returns the consent withdrawn as of at; the reason may be empty. What
// was done in reliance on the consent before at stays covered; see
// [Consent.ValidAt]. A consent that is not accepted gives a
// [*glabella.TransitionError], an instant before it was given a
// [*glabella.ValidationError].
func (c Consent) Withdraw(at time.Time, reason string) (Consent, error) {
	if _, err := Machine().Next(c.State(), "withdraw"); err != nil {
		return c, err
	}
	if at.IsZero() || at.Before(c.givenAt()) {
		return c, glabella.Invalid("consent", glabella.Issue{Path: "/withdrawnAt", Code: CodeOrder, Text: "withdrawn before it was given"})
	}
	c.WithdrawnAt = at.UTC().Truncate(time.Microsecond)
	c.WithdrawnReason = reason
	return c, nil
}

// ValidAt reports whether the patient's agreement stood at t: accepted and
// signed by then, and not yet withdrawn. Whether it is also recent enough and
// for the right text depends on the forms; see [Evaluate].
func (c Consent) ValidAt(t time.Time) bool { return c.validAt(t) }

func (c *Consent) validAt(t time.Time) bool {
	return c.Decision == Accepted && c.Signature != nil && !t.Before(c.Signature.At) && !c.withdrawnBy(t)
}

func (c *Consent) withdrawnBy(t time.Time) bool {
	return !c.WithdrawnAt.IsZero() && !t.Before(c.WithdrawnAt)
}

// Recorded is the event that a patient has answered a form.
type Recorded struct {
	Consent     glabella.ConsentID `json:"consent"`
	Patient     glabella.PatientID `json:"patient"`
	Form        glabella.FormID    `json:"form"`
	Code        string             `json:"code"`
	FormVersion int                `json:"formVersion"`
	Decision    Answer             `json:"decision"`
}

// Withdrawn is the event that a patient has withdrawn a consent.
type Withdrawn struct {
	Consent glabella.ConsentID `json:"consent"`
	Patient glabella.PatientID `json:"patient"`
	Form    glabella.FormID    `json:"form"`
	Code    string             `json:"code"`
}

// issuesAt returns the issues of a validation error with their paths below path.
func issuesAt(path string, err error) []glabella.Issue {
	var invalid *glabella.ValidationError
	if !errors.As(err, &invalid) {
		return nil
	}
	out := slices.Clone(invalid.Issues)
	for i := range out {
		out[i].Path = path + out[i].Path
	}
	return out
}
