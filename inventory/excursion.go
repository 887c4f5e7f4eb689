package inventory

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
	"github.com/glabella-ehr/glabella/quantity"
)

// ExcursionState says how far the work on an excursion is.
type ExcursionState string

// The states of an excursion.
const (
	ExcursionOpen     ExcursionState = "open"
	ExcursionHeld     ExcursionState = "held"     // what was in the storage is set aside
	ExcursionClosed   ExcursionState = "closed"   // every lot is decided on
	ExcursionCanceled ExcursionState = "canceled" // there was none: the sensor was wrong
)

// ExcursionStates returns every state of an excursion.
func ExcursionStates() []ExcursionState {
	return []ExcursionState{ExcursionOpen, ExcursionHeld, ExcursionClosed, ExcursionCanceled}
}

// Valid reports whether s is one of [ExcursionStates].
func (s ExcursionState) Valid() bool { return slices.Contains(ExcursionStates(), s) }

// ExcursionMachine returns the state machine of an excursion.
func ExcursionMachine() state.Machine[ExcursionState] {
	return state.Machine[ExcursionState]{Name: "excursion", Arrows: []state.Arrow[ExcursionState]{
		{From: ExcursionOpen, Action: "hold", To: ExcursionHeld},
		{From: ExcursionOpen, Action: "cancel", To: ExcursionCanceled},
		{From: ExcursionHeld, Action: "hold", To: ExcursionHeld},
		{From: ExcursionHeld, Action: "decide", To: ExcursionHeld},
		{From: ExcursionHeld, Action: "close", To: ExcursionClosed},
	}}
}

// Disposition is what is done with a lot after an excursion. Which of them is right
// is never said here: it is the decision of who answers for it, on a stated basis.
type Disposition string

// The dispositions.
const (
	DispositionRelease Disposition = "release" // put back on the shelf
	DispositionWaste   Disposition = "waste"
	DispositionReturn  Disposition = "return" // to the supplier
)

// Dispositions returns every disposition.
func Dispositions() []Disposition {
	return []Disposition{DispositionRelease, DispositionWaste, DispositionReturn}
}

// Valid reports whether d is one of [Dispositions].
func (d Disposition) Valid() bool { return slices.Contains(Dispositions(), d) }

// DispositionBasis is what a disposition rests on.
type DispositionBasis string

// The bases of a disposition.
const (
	BasisManufacturer DispositionBasis = "manufacturer" // the manufacturer's answer on this excursion
	BasisLabel        DispositionBasis = "label"        // what the label permits
	BasisPolicy       DispositionBasis = "policy"       // the practice's policy
)

// DispositionBases returns every basis.
func DispositionBases() []DispositionBasis {
	return []DispositionBasis{BasisManufacturer, BasisLabel, BasisPolicy}
}

// Valid reports whether b is one of [DispositionBases].
func (b DispositionBasis) Valid() bool { return slices.Contains(DispositionBases(), b) }

// ExcursionLot is a lot that was in the storage.
type ExcursionLot struct {
	Lot         glabella.LotID        `json:"lot"`
	Product     glabella.ProductID    `json:"product"`
	Containers  int                   `json:"containers"` // unopened ones that were set aside
	Vials       []glabella.VialID     `json:"vials"`      // containers that were open at the time or were opened since
	Given       []glabella.MovementID `json:"given"`      // what was given, sold or used up since the lot was exposed
	Sent        []glabella.MovementID `json:"sent"`       // what left for another site or the supplier since then
	Disposition Disposition           `json:"disposition,omitempty"`
	Basis       DispositionBasis      `json:"basis,omitempty"`
	Document    string                `json:"document,omitempty"` // the answer, the section of the label or the policy
	By          glabella.StaffID      `json:"by,omitzero"`
	At          time.Time             `json:"at,omitzero"` // UTC, microseconds
}

// ExcursionStep says who brought an excursion a step further, and when.
type ExcursionStep struct {
	By     glabella.StaffID `json:"by,omitzero"`
	At     time.Time        `json:"at,omitzero"`      // UTC, microseconds
	Reason string           `json:"reason,omitempty"` // a code in kebab-case, of one that is canceled
}

// Excursion is a time in which a storage was warmer or colder than it must be, and
// what was done with the stock in it.
type Excursion struct {
	ID glabella.ExcursionID `json:"id" validate:"required"`
	glabella.Meta
	Site       glabella.SiteID   `json:"site" validate:"required"`
	Storage    string            `json:"storage" validate:"required"` // a code of the practice: "fridge-2"
	From       time.Time         `json:"from" validate:"required"`    // UTC, microseconds
	To         time.Time         `json:"to,omitzero"`                 // zero while it goes on
	Lowest     quantity.Quantity `json:"lowest"`                      // in Cel
	Highest    quantity.Quantity `json:"highest"`                     // in Cel
	Lots       []ExcursionLot    `json:"lots"`
	ReportedBy glabella.StaffID  `json:"reportedBy" validate:"required"`
	ReportedAt time.Time         `json:"reportedAt" validate:"required"` // UTC, microseconds
	Held       ExcursionStep     `json:"held,omitzero"`
	Ended      ExcursionStep     `json:"ended,omitzero"` // of one that is closed or canceled
	State      ExcursionState    `json:"state"`
}

// Codes of issues with excursions, and of reasons against a step of one.
const (
	// CodeExcursionTime says that an excursion ends before it begins, or has not ended.
	CodeExcursionTime glabella.Code = "inventory.excursion.time"
	// CodeExcursionReading says that the readings of an excursion are not two temperatures in order.
	CodeExcursionReading glabella.Code = "inventory.excursion.reading"
	// CodeExcursionLot says that a lot stands twice in an excursion, is not part of it, or is decided on already.
	CodeExcursionLot glabella.Code = "inventory.excursion.lot"
	// CodeExcursionBasis says that a disposition does not state what it rests on.
	CodeExcursionBasis glabella.Code = "inventory.excursion.basis"
	// CodeExcursionPending says that a lot of an excursion is not decided on.
	CodeExcursionPending glabella.Code = "inventory.excursion.pending"
	// CodeExcursionVial says that a container that an excursion concerns is still in use.
	CodeExcursionVial glabella.Code = "inventory.excursion.vial"
)

func celsius() quantity.Unit { return quantity.MustUnit("Cel") }

// Ref returns the reference to the excursion.
func (e Excursion) Ref() glabella.Ref { return e.ID.Ref() }

// Validate reports everything that is wrong with the excursion as a record.
func (e Excursion) Validate() error {
	issues := check.Struct(e)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if !e.State.Valid() {
		add("/state", glabella.CodeUnknownValue, "not a state of an excursion")
	}
	if !e.To.IsZero() && e.To.Before(e.From) || e.To.IsZero() && e.State == ExcursionClosed {
		add("/to", CodeExcursionTime, "the excursion ends after it began, and before it is closed")
	}
	if order, err := e.Lowest.Cmp(e.Highest); err != nil || order > 0 || e.Lowest.Unit() != celsius() || e.Highest.Unit() != celsius() {
		add("/lowest", CodeExcursionReading, "the lowest and the highest reading are temperatures in Cel, in this order")
	}
	for i, l := range e.Lots {
		path := fmt.Sprintf("/lots/%d", i)
		switch {
		case l.Lot.IsZero() || l.Product.IsZero():
			add(path+"/lot", glabella.CodeRequired, "what was in the storage is a lot of a product")
		case slices.ContainsFunc(e.Lots[:i], func(m ExcursionLot) bool { return m.Lot == l.Lot }):
			add(path+"/lot", CodeExcursionLot, "the lot stands twice")
		}
		if l.Containers < 0 {
			add(path+"/containers", glabella.CodeOutOfRange, "there is never less than nothing set aside")
		}
		if l.Disposition == "" {
			if l.Basis != "" || l.Document != "" || !l.By.IsZero() || !l.At.IsZero() {
				add(path+"/disposition", glabella.CodeMismatch, "the lot is not decided on")
			}
			if e.State == ExcursionClosed {
				add(path+"/disposition", CodeExcursionPending, "the lot is not decided on")
			}
			continue
		}
		if !l.Disposition.Valid() {
			add(path+"/disposition", glabella.CodeUnknownValue, "not a disposition")
		}
		if !l.Basis.Valid() || l.Document == "" {
			add(path+"/basis", CodeExcursionBasis, "a disposition states what it rests on, and where that stands")
		}
		if l.By.IsZero() || l.At.IsZero() {
			add(path+"/by", glabella.CodeRequired, "a disposition says by whom and when")
		}
	}
	done := func(s ExcursionStep) bool { return !s.By.IsZero() && !s.At.IsZero() }
	if (e.State == ExcursionHeld || e.State == ExcursionClosed) != done(e.Held) {
		add("/held", glabella.CodeMismatch, "what was set aside, and only that, says by whom and when")
	}
	if (e.State == ExcursionClosed || e.State == ExcursionCanceled) != done(e.Ended) {
		add("/ended", glabella.CodeMismatch, "an excursion that is over, and only that, says by whom and when")
	}
	if e.State == ExcursionCanceled && !reasonForm.MatchString(e.Ended.Reason) {
		add("/ended/reason", glabella.CodeRequired, "what is canceled has a reason, a code in kebab-case")
	}
	return glabella.Invalid("excursion", issues...)
}

// StorageLimits are the temperatures between which a storage is kept, as the labels
// of what is in it or the practice's policy have them.
type StorageLimits struct {
	Lowest  quantity.Quantity `json:"lowest"`  // in Cel
	Highest quantity.Quantity `json:"highest"` // in Cel
	Source  string            `json:"source"`  // the basis of the figures
}

// Validate reports everything that is wrong with the limits.
func (l StorageLimits) Validate() error {
	var issues []glabella.Issue
	if order, err := l.Lowest.Cmp(l.Highest); err != nil || order > 0 || l.Lowest.Unit() != celsius() || l.Highest.Unit() != celsius() {
		issues = append(issues, glabella.Issue{Path: "/lowest", Code: CodeExcursionReading, Text: "the limits are temperatures in Cel, the lowest first"})
	}
	if l.Source == "" {
		issues = append(issues, glabella.Issue{Path: "/source", Code: glabella.CodeRequired, Text: "limits state their source"})
	}
	return glabella.Invalid("storage limits", issues...)
}

// StorageReading is one entry of the log of a storage.
type StorageReading struct {
	At      time.Time         `json:"at"`
	Lowest  quantity.Quantity `json:"lowest"`  // since the entry before, in Cel
	Highest quantity.Quantity `json:"highest"` // since the entry before, in Cel
}

// OutsideLimits is a time in which the readings were outside the limits.
type OutsideLimits struct {
	From    time.Time // of the last reading within the limits, which is the earliest that it can have begun
	To      time.Time // of the last reading outside; zero if no reading within the limits follows
	Lowest  quantity.Quantity
	Highest quantity.Quantity
}

// Outside finds the times in which the readings were outside the limits, for each
// of which an [Excursion] is reported. A reading outside the limits may have begun
// right after the reading before it. The error is of limits that are invalid and of
// readings in another unit.
func (l StorageLimits) Outside(readings []StorageReading) ([]OutsideLimits, error) {
	if err := l.Validate(); err != nil {
		return nil, err
	}
	readings = slices.Clone(readings)
	slices.SortStableFunc(readings, func(a, b StorageReading) int { return a.At.Compare(b.At) })
	var out []OutsideLimits
	going := false
	for i, r := range readings {
		low, err := r.Lowest.Cmp(l.Lowest)
		high, also := r.Highest.Cmp(l.Highest)
		if err := cmp.Or(err, also); err != nil {
			return nil, fmt.Errorf("reading %d: %w", i, err)
		}
		if low >= 0 && high <= 0 {
			if going {
				out[len(out)-1].To = instant(readings[i-1].At)
			}
			going = false
			continue
		}
		if !going {
			out = append(out, OutsideLimits{From: instant(readings[max(i-1, 0)].At), Lowest: r.Lowest, Highest: r.Highest})
			going = true
		}
		at := &out[len(out)-1]
		if r.Lowest.Value().LessThan(at.Lowest.Value()) {
			at.Lowest = r.Lowest
		}
		if r.Highest.Value().GreaterThan(at.Highest.Value()) {
			at.Highest = r.Highest
		}
	}
	return out, nil
}
