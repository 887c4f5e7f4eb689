package inventory

import (
	"regexp"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/quantity"
)

// MovementKind says why stock changed.
type MovementKind string

// The kinds of movement.
const (
	MovementReceive    MovementKind = "receive"    // a delivery came in
	MovementOpen       MovementKind = "open"       // a container was opened; nothing left the stock yet
	MovementAdminister MovementKind = "administer" // given to a patient out of an opened container
	MovementWaste      MovementKind = "waste"      // thrown away or lost
	MovementAdjust     MovementKind = "adjust"     // a count found more or less than was on record
	MovementReturn     MovementKind = "return"     // sent back to the supplier
)

// MovementKinds returns every kind of movement.
func MovementKinds() []MovementKind {
	return []MovementKind{MovementReceive, MovementOpen, MovementAdminister, MovementWaste, MovementAdjust, MovementReturn}
}

// Valid reports whether k is one of [MovementKinds].
func (k MovementKind) Valid() bool { return slices.Contains(MovementKinds(), k) }

// Reason codes of movements that this library's own verbs and stories use. A
// practice may have more: a reason is any code in kebab-case.
const (
	ReasonExpired        = "expired"
	ReasonBeyondUse      = "beyond-use"
	ReasonUnused         = "opened-not-used"
	ReasonBroken         = "broken"
	ReasonLost           = "lost"
	ReasonRecalled       = "recalled"
	ReasonRecount        = "recount"
	ReasonEnteredInError = "entered-in-error"
)

// Reasons returns the reason codes that are known here.
func Reasons() []string {
	return []string{ReasonExpired, ReasonBeyondUse, ReasonUnused, ReasonBroken, ReasonLost, ReasonRecalled, ReasonRecount, ReasonEnteredInError}
}

var reasonForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Codes of issues with movements.
const (
	// CodeMovementSign says that a movement has a sign that its kind cannot have.
	CodeMovementSign glabella.Code = "inventory.movement.sign"
	// CodeMovementVial says that a movement of this kind is about an opened container and names none, or the other way round.
	CodeMovementVial glabella.Code = "inventory.movement.vial"
	// CodeReversalOfReversal says that a movement that takes another back cannot be taken back itself.
	CodeReversalOfReversal glabella.Code = "inventory.movement.reversal"
	// CodeWitness says that nobody can witness their own act.
	CodeWitness glabella.Code = "inventory.movement.witness"
)

// Movement is one change of the stock of a lot at a site. It is written once and
// never changed; see [Reverse].
type Movement struct {
	ID glabella.MovementID `json:"id" validate:"required"`
	glabella.Meta
	Kind       MovementKind         `json:"kind"`
	Lot        glabella.LotID       `json:"lot" validate:"required"`
	Site       glabella.SiteID      `json:"site" validate:"required"`
	Product    glabella.ProductID   `json:"product" validate:"required"`
	Vial       glabella.VialID      `json:"vial,omitzero"` // the opened container
	Quantity   quantity.Quantity    `json:"quantity"`      // the signed change of what is on hand, in the base unit
	Containers int                  `json:"containers"`    // the signed change of the unopened containers
	Encounter  glabella.EncounterID `json:"encounter,omitzero"`
	Procedure  glabella.ProcedureID `json:"procedure,omitzero"`
	Patient    glabella.PatientID   `json:"patient,omitzero"`
	By         glabella.StaffID     `json:"by" validate:"required"`
	Witness    glabella.StaffID     `json:"witness,omitzero"`
	Reason     string               `json:"reason,omitempty"`   // a code, see [Reasons]
	Reverses   glabella.MovementID  `json:"reverses,omitzero"`  // the movement that this one takes back
	At         time.Time            `json:"at"`                 // UTC, microseconds
	Document   string               `json:"document,omitempty"` // number of the delivery note or the return
}

// Ref returns the reference to the movement.
func (m Movement) Ref() glabella.Ref { return m.ID.Ref() }

// signsFit reports whether the signs of the quantity and the containers are
// those of the kind, or for a reversal their opposites.
func (m Movement) signsFit() bool {
	q, n := m.Quantity.Sign(), m.Containers
	if !m.Reverses.IsZero() {
		q, n = -q, -n
	}
	switch m.Kind {
	case MovementReceive:
		return q > 0 && n > 0
	case MovementOpen:
		return q == 0 && n == -1
	case MovementAdminister:
		return q < 0 && n == 0
	case MovementWaste:
		return q < 0 && (n < 0) == m.Vial.IsZero() && n <= 0
	case MovementReturn:
		return q < 0 && n < 0
	case MovementAdjust:
		return q > 0 && n > 0 || q < 0 && n < 0
	default:
		return true
	}
}

// Validate reports everything that is wrong with the movement as a record.
func (m Movement) Validate() error {
	issues := check.Struct(m)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if !m.Kind.Valid() {
		add("/kind", glabella.CodeUnknownValue, "not a kind of movement")
	}
	if m.Quantity.Unit().IsZero() {
		add("/quantity/unit", glabella.CodeRequired, "a movement has a unit, also of nothing")
	}
	if !m.signsFit() {
		add("/quantity", CodeMovementSign, "the quantity and the containers do not fit the kind of movement")
	}
	switch m.Kind {
	case MovementOpen, MovementAdminister:
		if m.Vial.IsZero() {
			add("/vial", CodeMovementVial, "the movement is about an opened container")
		}
	case MovementReceive, MovementReturn, MovementAdjust:
		if !m.Vial.IsZero() {
			add("/vial", CodeMovementVial, "the movement is about unopened containers")
		}
	}
	if m.Kind == MovementAdminister && m.Patient.IsZero() {
		add("/patient", glabella.CodeRequired, "what is given is given to a patient")
	}
	needsReason := m.Kind == MovementWaste || m.Kind == MovementAdjust || m.Kind == MovementReturn || !m.Reverses.IsZero()
	switch {
	case m.Reason == "" && needsReason:
		add("/reason", glabella.CodeRequired, "the movement has a reason")
	case m.Reason != "" && !reasonForm.MatchString(m.Reason):
		add("/reason", glabella.CodeFormat, "a reason is a code in kebab-case")
	}
	if !m.Witness.IsZero() && m.Witness == m.By {
		add("/witness", CodeWitness, "the witness is somebody else")
	}
	if m.At.IsZero() {
		add("/at", glabella.CodeRequired, "a movement has a time")
	}
	return glabella.Invalid("movement", issues...)
}

// Reversal says who takes a movement back, when and why.
type Reversal struct {
	ID     glabella.MovementID // of the movement that does it
	By     glabella.StaffID
	At     time.Time
	Reason string // a code, such as [ReasonEnteredInError]
}

// Reverse returns the exact opposite of a movement: the same lot, site, container
// and patient, the opposite quantity. Store it with the balance that
// [Balance.Apply] gives, and the opened container that [Vial.Restore] gives. A
// movement is taken back once at most; [Verify] reports a second time, and the
// caller who has the lot's movements at hand asks [Reversed] first. The reversal of a
// reversal is refused: the movement is made again instead.
func Reverse(m Movement, r Reversal) (Movement, error) {
	if !m.Reverses.IsZero() {
		return Movement{}, glabella.Refuse(glabella.Decide(glabella.Denied(CodeReversalOfReversal, "the movement takes back another").
			For(m.Ref()).WithFix("make the first movement again")))
	}
	out := m
	out.ID, out.Meta = r.ID, glabella.Meta{}
	out.Quantity, out.Containers = m.Quantity.Neg(), -m.Containers
	out.By, out.Witness = r.By, glabella.StaffID{}
	out.Reason, out.Reverses, out.At = r.Reason, m.ID, instant(r.At)
	if err := out.Validate(); err != nil {
		return Movement{}, err
	}
	return out, nil
}

// Reversed reports whether one of the movements takes back the one with the ID.
func Reversed(movements []Movement, id glabella.MovementID) bool {
	return slices.ContainsFunc(movements, func(m Movement) bool { return m.Reverses == id })
}

// instant returns t as it is stored: UTC, microseconds.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
