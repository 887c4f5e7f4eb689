package inventory

import (
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
)

// CountKind says how much of a site is counted.
type CountKind string

// The kinds of count.
const (
	CountFull  CountKind = "full"  // everything that the site has
	CountCycle CountKind = "cycle" // a part in its turn
	CountSpot  CountKind = "spot"  // what somebody asked for
)

// CountKinds returns every kind of count.
func CountKinds() []CountKind { return []CountKind{CountFull, CountCycle, CountSpot} }

// Valid reports whether k is one of [CountKinds].
func (k CountKind) Valid() bool { return slices.Contains(CountKinds(), k) }

// CountState says how far a count is.
type CountState string

// The states of a count.
const (
	CountOpen       CountState = "open"
	CountCounted    CountState = "counted"    // every line has its figure
	CountReconciled CountState = "reconciled" // every difference has its reason
	CountApproved   CountState = "approved"   // the differences are booked
	CountCanceled   CountState = "canceled"   // nothing of it counts
)

// CountStates returns every state of a count.
func CountStates() []CountState {
	return []CountState{CountOpen, CountCounted, CountReconciled, CountApproved, CountCanceled}
}

// Valid reports whether s is one of [CountStates].
func (s CountState) Valid() bool { return slices.Contains(CountStates(), s) }

// CountMachine returns the state machine of a count.
func CountMachine() state.Machine[CountState] {
	return state.Machine[CountState]{Name: "count", Arrows: []state.Arrow[CountState]{
		{From: CountOpen, Action: "tally", To: CountOpen},
		{From: CountOpen, Action: "recount", To: CountOpen},
		{From: CountOpen, Action: "submit", To: CountCounted},
		{From: CountOpen, Action: "cancel", To: CountCanceled},
		{From: CountCounted, Action: "recount", To: CountCounted},
		{From: CountCounted, Action: "reconcile", To: CountReconciled},
		{From: CountCounted, Action: "cancel", To: CountCanceled},
		{From: CountReconciled, Action: "recount", To: CountCounted},
		{From: CountReconciled, Action: "reconcile", To: CountReconciled},
		{From: CountReconciled, Action: "approve", To: CountApproved},
		{From: CountReconciled, Action: "cancel", To: CountCanceled},
	}}
}

// CountFigure is what somebody found of a lot, beside what was expected at that
// moment. The zero CountFigure is none.
type CountFigure struct {
	Expected int              `json:"expected"` // unopened containers that the record had at the time
	Found    int              `json:"found"`    // unopened containers
	By       glabella.StaffID `json:"by,omitzero"`
	At       time.Time        `json:"at,omitzero"` // when they were counted, UTC, microseconds
}

// IsZero reports whether nothing was counted.
func (f CountFigure) IsZero() bool { return f.At.IsZero() }

// CountLine is the unopened containers of one lot. Those that are set aside are
// not counted.
type CountLine struct {
	Lot     glabella.LotID     `json:"lot"`
	Product glabella.ProductID `json:"product"`
	First   CountFigure        `json:"first"`
	Second  CountFigure        `json:"second,omitzero"` // of the recount, which replaces the first
	Late    int                `json:"late"`            // the change by what happened before the figure and was recorded after it
	Reason  string             `json:"reason,omitempty"`
}

// Figure returns the figure that counts: the second if there is one, else the
// first.
func (l CountLine) Figure() CountFigure {
	if !l.Second.IsZero() {
		return l.Second
	}
	return l.First
}

// Difference returns how many containers were found beyond those that were there
// by the record, negative if some are missing.
func (l CountLine) Difference() int {
	f := l.Figure()
	return f.Found - f.Expected - l.Late
}

// CountStep says who brought a count a step further, and when.
type CountStep struct {
	By     glabella.StaffID `json:"by,omitzero"`
	At     time.Time        `json:"at,omitzero"`      // UTC, microseconds
	Reason string           `json:"reason,omitempty"` // a code in kebab-case, of a count that is canceled
}

// Count is a count of the unopened containers of a site. Each line is compared
// with the record as of the moment in which that line was counted, so that stock is
// used while the count goes on. Opened containers are counted lot by lot with
// [Balance.Count].
type Count struct {
	ID glabella.CountID `json:"id" validate:"required"`
	glabella.Meta
	Site       glabella.SiteID  `json:"site" validate:"required"`
	Kind       CountKind        `json:"kind"`
	Blind      bool             `json:"blind"` // who counts does not see what is expected, see [Count.Sheet]
	Lines      []CountLine      `json:"lines"`
	OpenedBy   glabella.StaffID `json:"openedBy" validate:"required"`
	OpenedAt   time.Time        `json:"openedAt" validate:"required"` // UTC, microseconds
	Submitted  CountStep        `json:"submitted,omitzero"`
	Reconciled CountStep        `json:"reconciled,omitzero"`
	Approved   CountStep        `json:"approved,omitzero"`
	Canceled   CountStep        `json:"canceled,omitzero"`
	State      CountState       `json:"state"`
}

// Codes of issues with counts, and of reasons against a step of one.
const (
	// CodeCountLot says that a count has a lot twice, has no such lot, or has counted it already.
	CodeCountLot glabella.Code = "inventory.count.lot"
	// CodeCountPending says that something of a count has not been counted yet.
	CodeCountPending glabella.Code = "inventory.count.pending"
	// CodeCountHands says that somebody would check or approve their own part of a count.
	CodeCountHands glabella.Code = "inventory.count.hands"
	// CodeCountMoved says that what a count expects has changed since it was reconciled.
	CodeCountMoved glabella.Code = "inventory.count.moved"
	// CodeCountBusy says that another count of a lot is not finished.
	CodeCountBusy glabella.Code = "inventory.count.busy"
	// CodeCountTime says that something would be counted before the count was opened, or after the present moment.
	CodeCountTime glabella.Code = "inventory.count.time"
)

// Ref returns the reference to the count.
func (c Count) Ref() glabella.Ref { return c.ID.Ref() }

// Validate reports everything that is wrong with the count as a record.
func (c Count) Validate() error {
	issues := check.Struct(c)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if !c.Kind.Valid() {
		add("/kind", glabella.CodeUnknownValue, "not a kind of count")
	}
	if !c.State.Valid() {
		add("/state", glabella.CodeUnknownValue, "not a state of a count")
	}
	for i, l := range c.Lines {
		path := fmt.Sprintf("/lines/%d", i)
		switch {
		case l.Lot.IsZero():
			add(path+"/lot", glabella.CodeRequired, "a line is of a lot")
		case slices.ContainsFunc(c.Lines[:i], func(m CountLine) bool { return m.Lot == l.Lot }):
			add(path+"/lot", CodeCountLot, "the lot stands twice")
		}
		if l.Product.IsZero() {
			add(path+"/product", glabella.CodeRequired, "a line is of a product")
		}
		for _, f := range []struct {
			name string
			CountFigure
		}{{"/first", l.First}, {"/second", l.Second}} {
			if f.Found < 0 {
				add(path+f.name+"/found", glabella.CodeOutOfRange, "there is never less than nothing on hand")
			}
			if f.By.IsZero() != f.IsZero() {
				add(path+f.name+"/by", glabella.CodeMismatch, "what was counted, and only that, says by whom and when")
			}
		}
		if !l.Second.IsZero() && l.First.IsZero() {
			add(path+"/second", glabella.CodeMismatch, "what is counted again was counted before")
		}
		if c.State == CountCounted || c.State == CountReconciled || c.State == CountApproved {
			if l.First.IsZero() {
				add(path+"/first", CodeCountPending, "the line has not been counted")
			}
		}
		if l.Reason != "" && !reasonForm.MatchString(l.Reason) {
			add(path+"/reason", glabella.CodeFormat, "a reason is a code in kebab-case")
		}
		if (c.State == CountReconciled || c.State == CountApproved) && (l.Reason != "") != (l.Difference() != 0) {
			add(path+"/reason", glabella.CodeMismatch, "a difference, and only that, has a reason")
		}
	}
	for _, s := range []struct {
		path string
		step CountStep
		want bool
	}{
		{"/submitted", c.Submitted, c.State == CountCounted || c.State == CountReconciled || c.State == CountApproved},
		{"/reconciled", c.Reconciled, c.State == CountReconciled || c.State == CountApproved},
		{"/approved", c.Approved, c.State == CountApproved},
		{"/canceled", c.Canceled, c.State == CountCanceled},
	} {
		done := !s.step.By.IsZero() && !s.step.At.IsZero()
		// What a canceled count had come to stays on record.
		if s.want && !done || !s.want && s.step != (CountStep{}) && c.State != CountCanceled {
			add(s.path, glabella.CodeMismatch, "a step that was taken, and only that, says by whom and when")
		}
	}
	if c.State == CountCanceled && c.Canceled.Reason == "" {
		add("/canceled/reason", glabella.CodeRequired, "what is canceled has a reason")
	}
	for _, r := range c.hands(c.Reconciled.By, c.Approved.By) {
		add("/approved/by", r, "who checks has not counted, and who approves has neither counted nor checked")
	}
	return glabella.Invalid("count", issues...)
}

// hands returns [CodeCountHands] unless whoever counted, reconciles and approves
// are different people. A zero identity is nobody.
func (c Count) hands(reconciler, approver glabella.StaffID) []glabella.Code {
	counted := func(who glabella.StaffID) bool {
		return !who.IsZero() && slices.ContainsFunc(c.Lines, func(l CountLine) bool { return l.First.By == who || l.Second.By == who })
	}
	if counted(reconciler) || counted(approver) || !approver.IsZero() && approver == reconciler {
		return []glabella.Code{CodeCountHands}
	}
	return nil
}

// CountSheetLine is a line of a count as it is shown to who counts.
type CountSheetLine struct {
	Lot      glabella.LotID     `json:"lot"`
	Product  glabella.ProductID `json:"product"`
	Counted  bool               `json:"counted"`
	Expected *int               `json:"expected,omitempty"` // none where it is hidden or not yet known
	Found    *int               `json:"found,omitempty"`
}

// Sheet returns the lines as who counts may see them: of a blind count that is not
// reconciled neither what is expected nor what anybody found. A blind count is
// blind only if those who count are given the sheet and not the record.
func (c Count) Sheet() []CountSheetLine {
	hidden := c.Blind && (c.State == CountOpen || c.State == CountCounted)
	out := make([]CountSheetLine, len(c.Lines))
	for i, l := range c.Lines {
		f := l.Figure()
		out[i] = CountSheetLine{Lot: l.Lot, Product: l.Product, Counted: !f.IsZero()}
		if !hidden && !f.IsZero() {
			expected := f.Expected + l.Late
			out[i].Expected, out[i].Found = &expected, &f.Found
		}
	}
	return out
}
