package billing

import (
	"regexp"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
)

// ClosingState says whether a closing of the books stands.
type ClosingState string

// The states of a closing.
const (
	ClosingStands   ClosingState = "closed"
	ClosingReopened ClosingState = "reopened"
)

// ClosingStates returns every state of a closing.
func ClosingStates() []ClosingState { return []ClosingState{ClosingStands, ClosingReopened} }

// Valid reports whether s is one of [ClosingStates].
func (s ClosingState) Valid() bool { return slices.Contains(ClosingStates(), s) }

// ClosingMachine returns the state machine of a closing.
func ClosingMachine() state.Machine[ClosingState] {
	return state.Machine[ClosingState]{Name: "closing", Arrows: []state.Arrow[ClosingState]{{From: ClosingStands, Action: "reopen", To: ClosingReopened}}}
}

// Closing says that the books of a site are closed up to a day: nothing that counts
// on it or before is written any more. What comes late counts on the first open day,
// and the entry keeps when it was written down.
type Closing struct {
	ID glabella.ClosingID `json:"id" validate:"required"`
	glabella.Meta
	Site       glabella.SiteID  `json:"site" validate:"required"`
	Through    glabella.Date    `json:"through"` // the last day that is closed
	By         glabella.StaffID `json:"by" validate:"required"`
	At         time.Time        `json:"at" validate:"required"`
	State      ClosingState     `json:"state"`
	ReopenedBy glabella.StaffID `json:"reopenedBy,omitzero"`
	ReopenedAt time.Time        `json:"reopenedAt,omitzero"`
	Reason     string           `json:"reason,omitempty"` // why it was reopened: a code of the practice's own
}

// Codes of issues with closings, and of reasons against closing and reopening.
const (
	// CodeClosingDay says that the books are closed up to that day or a later one already, or that the day is not over.
	CodeClosingDay glabella.Code = "billing.closing.day"
	// CodeClosingResidual says that the books do not agree up to that day, so that they are not closed.
	CodeClosingResidual glabella.Code = "billing.closing.residual"
	// CodeClosingLater says that a later closing stands, which is reopened first.
	CodeClosingLater glabella.Code = "billing.closing.later"
)

var closingReason = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Ref returns the reference to the closing.
func (c Closing) Ref() glabella.Ref { return c.ID.Ref() }

// Validate reports everything that is wrong with the closing as a record.
func (c Closing) Validate() error {
	issues := check.Struct(c)
	add := func(wrong bool, path string, code glabella.Code, text string) {
		if wrong {
			issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
		}
	}
	add(!c.Through.Valid(), "/through", glabella.CodeRequired, "the books are closed up to a day")
	add(!c.State.Valid(), "/state", glabella.CodeUnknownValue, "not a state of a closing")
	reopened := c.State == ClosingReopened
	add(reopened != (!c.ReopenedBy.IsZero() && !c.ReopenedAt.IsZero()), "/reopenedBy", glabella.CodeMismatch, "what was reopened, and only that, says by whom and when")
	add(reopened != (c.Reason != ""), "/reason", glabella.CodeMismatch, "what was reopened, and only that, says why")
	add(c.Reason != "" && !closingReason.MatchString(c.Reason), "/reason", glabella.CodeFormat, "a reason is a code in kebab-case")
	return glabella.Invalid("closing", issues...)
}

// ClosedThrough returns the last day up to which the books of a site are closed, and
// the zero date if they never were.
func ClosedThrough(closings []Closing, site glabella.SiteID) glabella.Date {
	var out glabella.Date
	for _, c := range closings {
		if c.State == ClosingStands && c.Site == site && c.Through.After(out) {
			out = c.Through
		}
	}
	return out
}

// OpenOn returns the day on which something counts at a site that happened on a day:
// the day itself, or the first open one if it is closed.
func OpenOn(closings []Closing, site glabella.SiteID, day glabella.Date) glabella.Date {
	if last := ClosedThrough(closings, site); !last.IsZero() && !day.After(last) {
		return last.AddDays(1)
	}
	return day
}

// ClosingFacts are what is asked before the books of a site are closed.
type ClosingFacts struct {
	Site     glabella.SiteID
	Through  glabella.Date
	Today    glabella.Date  // at the site
	Closings []Closing      // of the site
	Books    Reconciliation // of the site, up to the day
}

// MayClose says whether the books of a site may be closed up to a day: it is not in
// the future, it is not closed already, and the books agree. Today may be closed; what
// comes after that counts tomorrow.
func MayClose(f ClosingFacts) glabella.Decision {
	var out []glabella.Reason
	last := ClosedThrough(f.Closings, f.Site)
	if f.Through.After(f.Today) || !last.IsZero() && !f.Through.After(last) {
		r := glabella.Denied(CodeClosingDay, "the day is not over, or is closed already").For(f.Site.Ref()).With("through", f.Through.String()).WithFix("close up to a day that is over and open")
		out = append(out, r)
	}
	if !f.Books.Residual.IsZero() || !f.Books.CreditResidual.IsZero() {
		out = append(out, glabella.Denied(CodeClosingResidual, "the books do not agree").For(f.Site.Ref()).WithFix("look for what is missing in the report of differences"))
	}
	return glabella.Decide(out...)
}

// Reopen opens the days of the closing again, for a reason. Only the last closing that
// stands is reopened.
func (c Closing) Reopen(closings []Closing, by glabella.StaffID, at time.Time, reason string) (Closing, error) {
	next, err := ClosingMachine().Next(c.State, "reopen")
	if err != nil {
		return c, err
	}
	if ClosedThrough(closings, c.Site).After(c.Through) {
		return c, glabella.Refuse(glabella.Decide(glabella.Denied(CodeClosingLater, "a later closing stands").For(c.Ref()).WithFix("reopen the later one first")))
	}
	c.State, c.ReopenedBy, c.ReopenedAt, c.Reason = next, by, at.UTC().Truncate(time.Microsecond), reason
	if err := c.Validate(); err != nil {
		return Closing{}, err
	}
	return c, nil
}
