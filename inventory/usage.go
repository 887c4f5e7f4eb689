package inventory

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
	"github.com/glabella-ehr/glabella/quantity"
)

// UsageCause says why stock could not account for what was charted.
type UsageCause string

// The causes of an unreconciled usage.
const (
	UsageNoLot       UsageCause = "no-lot"       // no lot was charted
	UsageNoContainer UsageCause = "no-container" // a lot was charted, and not which container
	UsageBeyondStock UsageCause = "beyond-stock" // more was charted than the container or the stock held
	UsageTakenBack   UsageCause = "taken-back"   // the stock that accounted for it was booked in error
)

// UsageCauses returns every cause.
func UsageCauses() []UsageCause {
	return []UsageCause{UsageNoLot, UsageNoContainer, UsageBeyondStock, UsageTakenBack}
}

// Valid reports whether c is one of [UsageCauses].
func (c UsageCause) Valid() bool { return slices.Contains(UsageCauses(), c) }

// UsageState says how far an unreconciled usage is.
type UsageState string

// The states of an unreconciled usage.
const (
	UsageOpen       UsageState = "open"
	UsageMatched    UsageState = "matched"     // stock accounts for all of it
	UsageWrittenOff UsageState = "written-off" // somebody decided that stock never will
	UsageVoided     UsageState = "voided"      // the charting was taken back
)

// UsageStates returns every state of an unreconciled usage.
func UsageStates() []UsageState {
	return []UsageState{UsageOpen, UsageMatched, UsageWrittenOff, UsageVoided}
}

// Valid reports whether s is one of [UsageStates].
func (s UsageState) Valid() bool { return slices.Contains(UsageStates(), s) }

// UsageMachine returns the state machine of an unreconciled usage.
func UsageMachine() state.Machine[UsageState] {
	return state.Machine[UsageState]{Name: "unreconciled usage", Arrows: []state.Arrow[UsageState]{
		{From: UsageOpen, Action: "match", To: UsageOpen},
		{From: UsageOpen, Action: "match the rest", To: UsageMatched},
		{From: UsageOpen, Action: "write off", To: UsageWrittenOff},
		{From: UsageOpen, Action: "void", To: UsageVoided},
		{From: UsageOpen, Action: "unmatch", To: UsageOpen},
		{From: UsageMatched, Action: "unmatch", To: UsageOpen},
		{From: UsageWrittenOff, Action: "unmatch", To: UsageOpen},
		{From: UsageWrittenOff, Action: "reopen", To: UsageOpen},
	}}
}

// UsageMatch says which stock accounts for a part of a usage.
type UsageMatch struct {
	Movement  glabella.MovementID `json:"movement"`
	Lot       glabella.LotID      `json:"lot"`
	Vial      glabella.VialID     `json:"vial,omitzero"` // none of what is used as whole pieces
	Quantity  quantity.Quantity   `json:"quantity"`
	By        glabella.StaffID    `json:"by"`
	At        time.Time           `json:"at"`
	TakenBack glabella.MovementID `json:"takenBack,omitzero"` // the movement that took it back; then it counts no more
}

// UsageClosing says who wrote a usage off or voided it, and why.
type UsageClosing struct {
	Reason  string           `json:"reason,omitempty"` // a code, see [Reasons]
	By      glabella.StaffID `json:"by,omitzero"`
	Witness glabella.StaffID `json:"witness,omitzero"`
	At      time.Time        `json:"at,omitzero"`
}

// Usage is something that was given to a patient and that no stock on record
// accounts for. Charting opens it instead of being blocked, and it stays on the
// work-list until stock is found for it or somebody writes it off.
type Usage struct {
	ID glabella.UsageID `json:"id" validate:"required"`
	glabella.Meta
	Site      glabella.SiteID      `json:"site" validate:"required"`
	Product   glabella.ProductID   `json:"product,omitzero"`              // none if only the substance was charted
	Substance string               `json:"substance" validate:"required"` // the product of the unit, or the item's code
	Patient   glabella.PatientID   `json:"patient" validate:"required"`
	Encounter glabella.EncounterID `json:"encounter,omitzero"`
	Procedure glabella.ProcedureID `json:"procedure,omitzero"`
	By        glabella.StaffID     `json:"by" validate:"required"` // who gave it
	At        time.Time            `json:"at" validate:"required"` // when it was given; UTC, microseconds
	Quantity  quantity.Quantity    `json:"quantity"`               // what stock does not account for, more than nothing
	Cause     UsageCause           `json:"cause"`
	Lot       glabella.LotID       `json:"lot,omitzero"`  // as charted
	Vial      glabella.VialID      `json:"vial,omitzero"` // as charted
	State     UsageState           `json:"state"`
	Matches   []UsageMatch         `json:"matches"`
	Closing   UsageClosing         `json:"closing,omitzero"` // of what is written off or voided
}

// Codes of issues with unreconciled usages, and of reasons against settling them.
const (
	// CodeUsageOpened says that stock on record does not account for what was charted, so that an unreconciled usage is open.
	CodeUsageOpened glabella.Code = "inventory.usage.opened"
	// CodeUsageCause says that the lot or the container that is given does not fit the cause of an unreconciled usage.
	CodeUsageCause glabella.Code = "inventory.usage.cause"
	// CodeUsageMatched says that the matches of an unreconciled usage do not fit its amount or its state.
	CodeUsageMatched glabella.Code = "inventory.usage.matched"
	// CodeUsageOver says that more would be matched than is open.
	CodeUsageOver glabella.Code = "inventory.usage.over"
	// CodeUsageProduct says that the stock is not of the product or the site that was charted.
	CodeUsageProduct glabella.Code = "inventory.usage.product"
	// CodeUsageOtherLot says that the stock is of another lot than was charted.
	CodeUsageOtherLot glabella.Code = "inventory.usage.other-lot"
	// CodeUsageBeforeReceipt says that the site is on record as receiving the lot only after it was given.
	CodeUsageBeforeReceipt glabella.Code = "inventory.usage.before-receipt"
	// CodeUsageStands says that something matched stands and must be taken back first.
	CodeUsageStands glabella.Code = "inventory.usage.stands"
)

// Ref returns the reference to the usage.
func (u Usage) Ref() glabella.Ref { return u.ID.Ref() }

// matched returns what standing matches account for.
func (u Usage) matched() (quantity.Quantity, error) {
	sum := quantity.Of(0, u.Quantity.Unit())
	for _, m := range u.Matches {
		if !m.TakenBack.IsZero() {
			continue
		}
		var err error
		if sum, err = sum.Add(m.Quantity); err != nil {
			return quantity.Quantity{}, err
		}
	}
	return sum, nil
}

// Outstanding returns what nothing accounts for yet: none of a usage that is
// matched, written off or voided.
func (u Usage) Outstanding() quantity.Quantity {
	none := quantity.Of(0, u.Quantity.Unit())
	if u.State != UsageOpen {
		return none
	}
	sum, err := u.matched()
	if err != nil {
		return u.Quantity
	}
	left, err := u.Quantity.Sub(sum)
	if err != nil {
		return u.Quantity
	}
	return left
}

// Validate reports everything that is wrong with the usage as a record.
func (u Usage) Validate() error {
	issues := check.Struct(u)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if u.Quantity.Unit().IsZero() {
		add("/quantity/unit", glabella.CodeRequired, "a usage has a unit")
	}
	if u.Quantity.Sign() <= 0 {
		add("/quantity", CodeNotPositive, "a usage is of more than nothing")
	}
	if !u.State.Valid() {
		add("/state", glabella.CodeUnknownValue, "not a state of a usage")
	}
	switch {
	case !u.Cause.Valid():
		add("/cause", glabella.CodeUnknownValue, "not a cause of a usage")
	case u.Cause == UsageNoLot && !(u.Lot.IsZero() && u.Vial.IsZero()),
		u.Cause == UsageNoContainer && (u.Lot.IsZero() || !u.Vial.IsZero()),
		(u.Cause == UsageBeyondStock || u.Cause == UsageTakenBack) && u.Lot.IsZero():
		add("/cause", CodeUsageCause, "the lot and the container do not fit the cause")
	}
	for i, m := range u.Matches {
		path := fmt.Sprintf("/matches/%d", i)
		if m.Movement.IsZero() || m.Lot.IsZero() || m.By.IsZero() || m.At.IsZero() {
			add(path, glabella.CodeRequired, "a match names the movement, the lot, who made it and when")
		}
		if m.Quantity.Sign() <= 0 {
			add(path+"/quantity", CodeNotPositive, "a match is of more than nothing")
		}
	}
	sum, err := u.matched()
	over := 0
	if err == nil {
		over, err = sum.Cmp(u.Quantity)
	}
	switch {
	case err != nil:
		add("/matches", CodeUnit, "a match is in another unit than the usage")
	case over > 0, u.State == UsageMatched && over < 0, u.State == UsageOpen && over == 0 && u.Quantity.Sign() > 0, u.State == UsageVoided && sum.Sign() > 0:
		add("/matches", CodeUsageMatched, "the matches do not fit the amount and the state")
	}
	closed := u.State == UsageWrittenOff || u.State == UsageVoided
	switch {
	case closed && !reasonForm.MatchString(u.Closing.Reason):
		add("/closing/reason", glabella.CodeRequired, "what is closed has a reason, a code in kebab-case")
	case !closed && u.Closing != (UsageClosing{}):
		add("/closing", glabella.CodeMismatch, "the usage is not closed")
	}
	if closed && (u.Closing.By.IsZero() || u.Closing.At.IsZero()) {
		add("/closing", glabella.CodeRequired, "what is closed names who did it and when")
	}
	if !u.Closing.Witness.IsZero() && u.Closing.Witness == u.Closing.By {
		add("/closing/witness", CodeWitness, "the witness is somebody else")
	}
	return glabella.Invalid("unreconciled usage", issues...)
}

// WriteOff ends a usage for which no stock will be found: a sample, what the
// patient brought, or what a count took off the books before. Nothing leaves the
// stock.
func (u Usage) WriteOff(c UsageClosing) (Usage, error) { return u.close("write off", c) }

// Void ends a usage whose charting was taken back. What was matched is taken back
// first; see [Usage.Unmatch].
func (u Usage) Void(c UsageClosing) (Usage, error) {
	if sum, err := u.matched(); err != nil || sum.Sign() > 0 {
		return u, errors.Join(err, glabella.Refuse(glabella.Decide(glabella.Denied(CodeUsageStands, "something matched stands").
			For(u.Ref()).WithFix("take the matched movements back first"))))
	}
	return u.close("void", c)
}

func (u Usage) close(action string, c UsageClosing) (Usage, error) {
	next, err := UsageMachine().Next(u.State, action)
	if err != nil {
		return u, err
	}
	out := u
	c.At = instant(c.At)
	out.State, out.Closing = next, c
	if err := out.Validate(); err != nil {
		return u, err
	}
	return out, nil
}

// Reopen puts a usage that was written off back on the work-list.
func (u Usage) Reopen() (Usage, error) {
	next, err := UsageMachine().Next(u.State, "reopen")
	if err != nil {
		return u, err
	}
	u.State, u.Closing = next, UsageClosing{}
	return u, nil
}

// Unmatch returns the usage after the movement of one of its matches was taken
// back by the reversal; it is open again. The reversal is stored as any other, see
// [Reverse].
func (u Usage) Unmatch(reversal Movement) (Usage, error) {
	i := slices.IndexFunc(u.Matches, func(m UsageMatch) bool { return m.Movement == reversal.Reverses && m.TakenBack.IsZero() })
	if reversal.Reverses.IsZero() || i < 0 {
		return u, glabella.Invalid("movement", glabella.Issue{Path: "/reverses", Code: glabella.CodeMismatch, Text: "not the reversal of a movement that is matched"})
	}
	next, err := UsageMachine().Next(u.State, "unmatch")
	if err != nil {
		return u, err
	}
	u.Matches = slices.Clone(u.Matches)
	u.Matches[i].TakenBack = reversal.ID
	u.State, u.Closing = next, UsageClosing{}
	return u, nil
}
