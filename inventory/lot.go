package inventory

import (
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
	"github.com/glabella-ehr/glabella/money"
)

// LotState says whether a lot may be used.
type LotState string

// The states of a lot.
const (
	LotAvailable   LotState = "available"
	LotQuarantined LotState = "quarantined" // held until somebody decides: a temperature excursion, a complaint
	LotRecalled    LotState = "recalled"    // taken back by the manufacturer or an authority
)

// LotStates returns every state of a lot.
func LotStates() []LotState { return []LotState{LotAvailable, LotQuarantined, LotRecalled} }

// Valid reports whether s is one of [LotStates].
func (s LotState) Valid() bool { return slices.Contains(LotStates(), s) }

// LotMachine returns the state machine of a lot.
func LotMachine() state.Machine[LotState] {
	return state.Machine[LotState]{Name: "lot", Arrows: []state.Arrow[LotState]{
		{From: LotAvailable, Action: "quarantine", To: LotQuarantined},
		{From: LotQuarantined, Action: "release", To: LotAvailable},
		{From: LotAvailable, Action: "recall", To: LotRecalled},
		{From: LotQuarantined, Action: "recall", To: LotRecalled},
	}}
}

// Lot is a manufacturer's lot of a product. It is one lot wherever it is kept:
// each site has its own [Balance], and a hold or a recall concerns them all.
type Lot struct {
	ID glabella.LotID `json:"id" validate:"required"`
	glabella.Meta
	Product  glabella.ProductID `json:"product" validate:"required"`
	Number   string             `json:"number" validate:"required"` // as printed
	GTIN     string             `json:"gtin,omitempty"`             // 14 digits
	Expires  glabella.Date      `json:"expires,omitzero"`           // the last day on which it may be used
	Supplier string             `json:"supplier,omitempty"`
	State    LotState           `json:"state"`
	Hold     string             `json:"hold,omitempty"` // why it is held: a reason code, or the number of the recall
	UnitCost money.Amount       `json:"unitCost"`       // what one container cost
}

// Ref returns the reference to the lot.
func (l Lot) Ref() glabella.Ref { return l.ID.Ref() }

// Validate reports everything that is wrong with the lot as a record.
func (l Lot) Validate() error {
	issues := check.Struct(l)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if !l.State.Valid() {
		add("/state", glabella.CodeUnknownValue, "not a state of a lot")
	}
	if held := l.State == LotQuarantined || l.State == LotRecalled; held && l.Hold == "" {
		add("/hold", glabella.CodeRequired, "a lot that is held says why")
	} else if l.State == LotAvailable && l.Hold != "" {
		add("/hold", glabella.CodeMismatch, "the lot is not held")
	}
	if l.GTIN != "" {
		if full, err := ParseGTIN(l.GTIN); err != nil || full != l.GTIN {
			add("/gtin", glabella.CodeFormat, "not a GTIN of 14 digits")
		}
	}
	if !l.Expires.IsZero() && !l.Expires.Valid() {
		add("/expires", glabella.CodeOutOfRange, "no such day")
	}
	if l.UnitCost.Sign() < 0 {
		add("/unitCost", glabella.CodeOutOfRange, "a cost is not negative")
	}
	return glabella.Invalid("lot", issues...)
}

// Quarantine holds the lot until it is released or recalled. The reason is a
// code, such as "temperature-excursion".
func (l Lot) Quarantine(reason string) (Lot, error) { return l.hold("quarantine", reason) }

// Recall takes the lot out of use for good. The reference is the number of the
// recall.
func (l Lot) Recall(reference string) (Lot, error) { return l.hold("recall", reference) }

// Release ends a quarantine.
func (l Lot) Release() (Lot, error) {
	next, err := LotMachine().Next(l.State, "release")
	if err != nil {
		return l, err
	}
	l.State, l.Hold = next, ""
	return l, nil
}

func (l Lot) hold(action, why string) (Lot, error) {
	next, err := LotMachine().Next(l.State, action)
	if err != nil {
		return l, err
	}
	if why == "" {
		return l, glabella.Invalid("lot", glabella.Issue{Path: "/hold", Code: glabella.CodeRequired, Text: "a lot that is held says why"})
	}
	l.State, l.Hold = next, why
	return l, nil
}
