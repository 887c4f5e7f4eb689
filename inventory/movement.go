package inventory

import (
	"regexp"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// MovementKind says why stock changed.
type MovementKind string

// The kinds of movement. What each demands is its [MovementRule].
const (
	MovementReceive     MovementKind = "receive"      // a delivery came in
	MovementOpen        MovementKind = "open"         // a container was opened; nothing left the stock yet
	MovementAdminister  MovementKind = "administer"   // given to a patient out of an opened container
	MovementWaste       MovementKind = "waste"        // thrown away or lost
	MovementAdjust      MovementKind = "adjust"       // a count found more or less than was on record
	MovementReturn      MovementKind = "return"       // sent back to the supplier
	MovementTransferOut MovementKind = "transfer-out" // left for another site; see [Transfer]
	MovementTransferIn  MovementKind = "transfer-in"  // arrived from another site, or came back
	MovementDispense    MovementKind = "dispense"     // handed to a patient to take home
	MovementSell        MovementKind = "sell"         // sold over the counter
	MovementConsume     MovementKind = "consume"      // used up as whole pieces: gloves, threads
	MovementRestock     MovementKind = "restock"      // came back from a customer; see [TakeBack]
	MovementHold        MovementKind = "hold"         // set aside at the site: a complaint, a recall
	MovementRelease     MovementKind = "release"      // taken out of what was set aside
)

// MovementKinds returns every kind of movement.
func MovementKinds() []MovementKind {
	return []MovementKind{MovementReceive, MovementOpen, MovementAdminister, MovementWaste, MovementAdjust, MovementReturn,
		MovementTransferOut, MovementTransferIn, MovementDispense, MovementSell, MovementConsume, MovementRestock, MovementHold, MovementRelease}
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
	ReasonTheft          = "theft"
	ReasonDrawnUnused    = "drawn-not-used" // in the syringe and not given
	ReasonExcursion      = "temperature-excursion"
	ReasonComplaint      = "complaint"
	ReasonReturned       = "returned"          // a customer brought it back
	ReasonTransitLoss    = "lost-in-transit"   // sent and never arrived
	ReasonTransitBroken  = "broken-in-transit" // arrived unfit for use
	ReasonOverDelivered  = "over-delivered"    // more arrived than was sent
	ReasonUnaccounted    = "unaccounted"       // a count found less, and nobody knows why
	ReasonSample         = "sample"            // a manufacturer's sample, never in stock
	ReasonPatientOwn     = "patient-own"       // brought by the patient, never in stock
	ReasonCounted        = "counted-before"    // a count had taken it off the books
)

// Reasons returns the reason codes that are known here.
func Reasons() []string {
	return []string{ReasonExpired, ReasonBeyondUse, ReasonUnused, ReasonBroken, ReasonLost, ReasonRecalled, ReasonRecount, ReasonEnteredInError,
		ReasonTheft, ReasonDrawnUnused, ReasonExcursion, ReasonComplaint, ReasonReturned, ReasonTransitLoss, ReasonTransitBroken, ReasonOverDelivered,
		ReasonUnaccounted, ReasonSample, ReasonPatientOwn, ReasonCounted}
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
	// CodeMovementField says that a movement names something that its kind has nothing to do with.
	CodeMovementField glabella.Code = "inventory.movement.field"
	// CodeReversalTransfer says that a movement of a transfer is not taken back by itself.
	CodeReversalTransfer glabella.Code = "inventory.movement.transfer"
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
	Transfer   glabella.TransferID  `json:"transfer,omitzero"`  // the transfer that it belongs to
	Usage      glabella.UsageID     `json:"usage,omitzero"`     // the unreconciled usage that it settles
	Origin     glabella.MovementID  `json:"origin,omitzero"`    // the sale whose goods came back
	Cost       *money.Amount        `json:"cost,omitempty"`     // what all that came in cost; without it the lot's unit cost counts, see [CostOf]
}

// Ref returns the reference to the movement.
func (m Movement) Ref() glabella.Ref { return m.ID.Ref() }

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
	issues = append(issues, ruleOf(m.Kind).issues(m)...)
	if m.Reason != "" && !reasonForm.MatchString(m.Reason) {
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
	ID      glabella.MovementID // of the movement that does it
	By      glabella.StaffID
	Witness glabella.StaffID // the second person, where the practice or the law wants one
	At      time.Time
	Reason  string // a code, such as [ReasonEnteredInError]
}

// Reverse returns the exact opposite of a movement: the same lot, site, container
// and patient, the opposite quantity. Store it with the balance that
// [Balance.Apply] gives, and the opened container that [Vial.Restore] gives. A
// movement is taken back once at most; [Verify] reports a second time, and the
// caller who has the lot's movements at hand asks [Reversed] first. The reversal of a
// reversal is refused: the movement is made again instead. So is that of a movement
// of a transfer, which would leave the [Transfer] behind.
func Reverse(m Movement, r Reversal) (Movement, error) {
	if !m.Reverses.IsZero() {
		return Movement{}, glabella.Refuse(glabella.Decide(glabella.Denied(CodeReversalOfReversal, "the movement takes back another").
			For(m.Ref()).WithFix("make the first movement again")))
	}
	if !m.Transfer.IsZero() {
		return Movement{}, glabella.Refuse(glabella.Decide(glabella.Denied(CodeReversalTransfer, "the movement belongs to a transfer").
			For(m.Ref(), m.Transfer.Ref()).WithFix("settle the transfer, or count the stock")))
	}
	out := m
	out.ID, out.Meta = r.ID, glabella.Meta{}
	out.Quantity, out.Containers = m.Quantity.Neg(), -m.Containers
	out.By, out.Witness = r.By, r.Witness
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
