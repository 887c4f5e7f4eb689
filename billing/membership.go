package billing

import (
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// MembershipState is where a membership stands.
type MembershipState string

// The states of a membership.
const (
	MembershipScheduled  MembershipState = "scheduled"
	MembershipActive     MembershipState = "active"
	MembershipRetrying   MembershipState = "retrying" // a payment failed and is tried again
	MembershipPastDue    MembershipState = "past-due" // every try failed
	MembershipCardNeeded MembershipState = "card-needed"
	MembershipFrozen     MembershipState = "frozen"
	MembershipCancelled  MembershipState = "cancelled-active-until"
	MembershipEnded      MembershipState = "ended"
)

// MembershipStates returns every state of a membership.
func MembershipStates() []MembershipState {
	return []MembershipState{MembershipScheduled, MembershipActive, MembershipRetrying, MembershipPastDue, MembershipCardNeeded, MembershipFrozen, MembershipCancelled, MembershipEnded}
}

// Valid reports whether s is one of [MembershipStates].
func (s MembershipState) Valid() bool { return slices.Contains(MembershipStates(), s) }

// MembershipMachine returns the state machine of a membership. Whether a payment
// settles everything or only part of what is outstanding decides which of its
// arrows is taken.
func MembershipMachine() state.Machine[MembershipState] {
	m := state.Machine[MembershipState]{Name: "membership", Arrows: []state.Arrow[MembershipState]{
		{From: MembershipScheduled, Action: "start", To: MembershipActive},
		{From: MembershipScheduled, Action: "end", To: MembershipEnded},
		{From: MembershipActive, Action: "freeze", To: MembershipFrozen},
		{From: MembershipFrozen, Action: "unfreeze", To: MembershipActive},
		{From: MembershipCardNeeded, Action: "add card", To: MembershipPastDue},
		{From: MembershipPastDue, Action: "add card", To: MembershipPastDue},
		{From: MembershipCancelled, Action: "resume", To: MembershipActive},
		{From: MembershipCancelled, Action: "end", To: MembershipEnded},
		{From: MembershipActive, Action: "fail", To: MembershipRetrying},
		{From: MembershipRetrying, Action: "fail", To: MembershipRetrying},
		{From: MembershipPastDue, Action: "fail", To: MembershipPastDue},
		{From: MembershipRetrying, Action: "give up", To: MembershipPastDue},
	}}
	for _, from := range []MembershipState{MembershipActive, MembershipRetrying, MembershipPastDue, MembershipCardNeeded} {
		m.Arrows = append(m.Arrows,
			state.Arrow[MembershipState]{From: from, Action: "settle", To: MembershipActive},
			state.Arrow[MembershipState]{From: from, Action: "pay in part", To: from},
			state.Arrow[MembershipState]{From: from, Action: "need card", To: MembershipCardNeeded},
			state.Arrow[MembershipState]{From: from, Action: "cancel", To: MembershipCancelled})
	}
	m.Arrows = append(m.Arrows, state.Arrow[MembershipState]{From: MembershipFrozen, Action: "cancel", To: MembershipCancelled})
	return m
}

// MissedPolicy says what becomes of terms that were not paid when due.
type MissedPolicy string

// The policies.
const (
	CatchUp        MissedPolicy = "catch-up"         // every missed term is charged
	SkipMissed     MissedPolicy = "skip"             // once the next term begins, a missed one is neither charged nor granted
	GrantOnPayment MissedPolicy = "grant-on-payment" // only the newest is charged; an older one is granted if the patient pays it
)

// MissedPolicies returns every policy on missed terms.
func MissedPolicies() []MissedPolicy { return []MissedPolicy{CatchUp, SkipMissed, GrantOnPayment} }

// Valid reports whether p is one of [MissedPolicies].
func (p MissedPolicy) Valid() bool { return slices.Contains(MissedPolicies(), p) }

// RolloverKind says how long the benefits of a term hold.
type RolloverKind string

// The kinds of rollover.
const (
	RolloverNone      RolloverKind = "none"      // to the end of the term
	RolloverTerms     RolloverKind = "terms"     // for a number of further terms
	RolloverCap       RolloverKind = "cap"       // without end, but no more than a number of terms' worth together
	RolloverUnlimited RolloverKind = "unlimited" // without end
)

// RolloverKinds returns every kind of rollover.
func RolloverKinds() []RolloverKind {
	return []RolloverKind{RolloverNone, RolloverTerms, RolloverCap, RolloverUnlimited}
}

// Valid reports whether k is one of [RolloverKinds].
func (k RolloverKind) Valid() bool { return slices.Contains(RolloverKinds(), k) }

// FreezeMode says what a freeze of a membership holds.
type FreezeMode string

// The modes of a freeze.
const (
	FreezeBenefits FreezeMode = "hold-benefits" // nothing may be used, and the next payment moves by the length of the freeze
	FreezePayments FreezeMode = "skip-payments" // benefits may be used, and the terms that begin are not charged
)

// FreezeModes returns every mode of a freeze.
func FreezeModes() []FreezeMode { return []FreezeMode{FreezeBenefits, FreezePayments} }

// Valid reports whether m is one of [FreezeModes].
func (m FreezeMode) Valid() bool { return slices.Contains(FreezeModes(), m) }

// MembershipPlan is what a membership costs and grants.
type MembershipPlan struct {
	Code         string                  `json:"code" validate:"required"`
	Name         string                  `json:"name" validate:"required"`
	Price        money.Amount            `json:"price"` // of a term, without tax
	Term         glabella.Period         `json:"term"`
	Benefits     []PackageItem           `json:"benefits" validate:"dive"` // of each term
	Discount     quantity.Number         `json:"discount,omitzero"`        // off what is not on the list of member prices: 0.10
	MemberPrices map[string]money.Amount `json:"memberPrices"`             // by code of the price list
	Missed       MissedPolicy            `json:"missed" validate:"oneof=catch-up skip grant-on-payment"`
	Rollover     RolloverKind            `json:"rollover" validate:"oneof=none terms cap unlimited"`
	Carried      int                     `json:"carried,omitempty" validate:"min=0"` // terms, of a rollover by terms or to a cap
	Freeze       FreezeMode              `json:"freeze" validate:"oneof=hold-benefits skip-payments"`
	FreezeFee    money.Amount            `json:"freezeFee,omitzero"`
	FeeEachTerm  bool                    `json:"feeEachTerm,omitempty"` // or else once for each freeze
	HoldPastDue  bool                    `json:"holdPastDue,omitempty"` // benefits may not be used while a payment is past due
	Dunning      Dunning                 `json:"dunning"`
}

// Membership is a patient's membership, on the plan as it was agreed.
type Membership struct {
	ID glabella.MembershipID `json:"id" validate:"required"`
	glabella.Meta
	Patient glabella.PatientID `json:"patient" validate:"required"`
	Site    glabella.SiteID    `json:"site" validate:"required"`
	Plan    MembershipPlan     `json:"plan"`
	State   MembershipState    `json:"state"`
	// Anchor is the day on which term AnchorTerm begins. Later terms count from it,
	// so that a term that begins on the 31st does not drift.
	Anchor        glabella.Date    `json:"anchor"`
	AnchorTerm    int              `json:"anchorTerm" validate:"min=1"`
	Terms         []MembershipTerm `json:"terms" validate:"dive"`
	FrozenOn      glabella.Date    `json:"frozenOn,omitzero"`
	FreezeFees    int              `json:"freezeFees,omitempty"` // charged for this freeze
	EndsOn        glabella.Date    `json:"endsOn,omitzero"`      // the last day of a cancelled one
	CardUpdatedAt time.Time        `json:"cardUpdatedAt,omitzero"`
	Change        *PlanChange      `json:"change"` // that waits for its day
}

// Codes of issues with memberships.
const (
	// CodeMembershipPlan says that the price, term, benefits or fee of a membership plan are not possible.
	CodeMembershipPlan glabella.Code = "billing.membership.plan"
	// CodeMembershipTerm says that a term of a membership is not the one that is due or does not allow this.
	CodeMembershipTerm glabella.Code = "billing.membership.term"
)

// Ref returns the reference to the membership.
func (m Membership) Ref() glabella.Ref { return m.ID.Ref() }

// Validate reports everything that is wrong with the membership.
func (m Membership) Validate() error {
	issues := check.Struct(m)
	issues = append(issues, m.Plan.issues("/plan")...)
	if !m.State.Valid() {
		issues = append(issues, glabella.Issue{Path: "/state", Code: glabella.CodeUnknownValue, Text: "not a state of a membership"})
	}
	if !m.Anchor.Valid() {
		issues = append(issues, glabella.Issue{Path: "/anchor", Code: glabella.CodeRequired, Text: "a membership has a first day"})
	}
	if (m.State == MembershipFrozen) == m.FrozenOn.IsZero() {
		issues = append(issues, glabella.Issue{Path: "/frozenOn", Code: glabella.CodeMismatch, Text: "is given if and only if the membership is frozen"})
	}
	for i, t := range m.Terms {
		if t.Number != i+1 || t.To.Before(t.From) || !t.State.Valid() || t.Granted && t.State != TermPaid {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/terms/%d", i), Code: CodeMembershipTerm, Text: "terms are numbered from 1, end after they begin, and are granted once paid"})
		}
	}
	return glabella.Invalid("membership", issues...)
}

func (p MembershipPlan) issues(path string) []glabella.Issue {
	var issues []glabella.Issue
	add := func(field, text string) {
		issues = append(issues, glabella.Issue{Path: path + field, Code: CodeMembershipPlan, Text: text})
	}
	if p.Price.Sign() < 0 || !p.Price.Currency().Valid() {
		add("/price", "is an amount of a currency and not negative")
	}
	start := glabella.Date{Year: 2000, Month: time.January, Day: 1}
	if !start.Add(p.Term).After(start) {
		add("/term", "is more than nothing")
	}
	if d := p.Discount; d.Sign() < 0 || d.GreaterThan(quantity.MustParseNumber("1").Decimal) {
		add("/discount", "is between 0 and 1")
	}
	if f := p.FreezeFee; f.Sign() < 0 || !f.IsZero() && f.Currency() != p.Price.Currency() {
		add("/freezeFee", "is in the currency of the price and not negative")
	}
	if (p.Rollover == RolloverTerms || p.Rollover == RolloverCap) != (p.Carried > 0) {
		add("/carried", "is given if and only if the rollover counts terms")
	}
	for i, b := range p.Benefits {
		unit, product := b.Quantity.Unit(), b.Product != ""
		if product == (b.Service != "") || b.Quantity.Sign() <= 0 || !product && unit != each || product && unit.Product() != b.Product || b.StandAlone.Sign() < 0 || b.StandAlone.Currency() != p.Price.Currency() {
			add(fmt.Sprintf("/benefits/%d", i), "is a service some number of times, or units of a product, with a list price")
		}
	}
	for i, d := range p.Dunning.Attempts {
		if d < 0 || i > 0 && d <= p.Dunning.Attempts[i-1] {
			add("/dunning/attempts", "are hours that rise")
			break
		}
	}
	if len(p.Dunning.Attempts) == 0 {
		add("/dunning/attempts", "name at least one try")
	}
	return issues
}

// MemberPrice returns what a member pays for something at a list price: the
// member price, or else the list price less the discount, rounded half up. It is
// never above the list price.
func (p MembershipPlan) MemberPrice(service string, list money.Amount) (money.Amount, error) {
	price, ok := p.MemberPrices[service]
	if !ok {
		off, err := list.Mul(p.Discount.Decimal, money.HalfUp)
		if err != nil {
			return money.Amount{}, err
		}
		return list.Sub(off)
	}
	over, err := price.Cmp(list)
	if err == nil && over > 0 {
		price = list
	}
	return price, err
}

// BenefitsUsable reports whether the benefits of the membership may be used on a
// day.
func (m Membership) BenefitsUsable(on glabella.Date) bool {
	switch m.State {
	case MembershipActive, MembershipRetrying:
		return true
	case MembershipPastDue, MembershipCardNeeded:
		return !m.Plan.HoldPastDue
	case MembershipFrozen:
		return m.Plan.Freeze == FreezePayments || on.Before(m.FrozenOn)
	case MembershipCancelled:
		return !on.After(m.EndsOn)
	}
	return false
}

func (m Membership) step(action string) (Membership, error) {
	next := m
	next.Terms = slices.Clone(m.Terms)
	var err error
	next.State, err = MembershipMachine().Next(m.State, action)
	if err != nil {
		return m, err
	}
	return next, nil
}

// Start begins a scheduled membership.
func (m Membership) Start() (Membership, error) { return m.step("start") }

// Freeze holds the membership from a day on. Where the plan holds benefits, their
// lots are to be frozen too.
func (m Membership) Freeze(on glabella.Date) (Membership, error) {
	next, err := m.step("freeze")
	if err != nil {
		return m, err
	}
	next.FrozenOn, next.FreezeFees = on, 0
	return next, nil
}

// Unfreeze resumes the membership on a day. Where the plan holds benefits, the
// end of the term and the next payment move by the days of the freeze.
func (m Membership) Unfreeze(on glabella.Date) (Membership, error) {
	next, err := m.step("unfreeze")
	if err != nil {
		return m, err
	}
	days := on.DaysSince(m.FrozenOn)
	if days < 0 {
		return m, glabella.Invalid("membership", glabella.Issue{Path: "/frozenOn", Code: glabella.CodeOutOfRange, Text: "is before the freeze began"})
	}
	if n := len(next.Terms); m.Plan.Freeze == FreezeBenefits {
		next.Anchor, next.AnchorTerm = m.termStart(n+1).AddDays(days), n+1
		if n > 0 {
			next.Terms[n-1].To = next.Anchor.AddDays(-1)
		}
	}
	next.FrozenOn, next.FreezeFees = glabella.Date{}, 0
	return next, nil
}

// Cancel ends the membership after a day, until which its benefits may be used.
// No term begins any more, and what is outstanding is not chased.
func (m Membership) Cancel(until glabella.Date) (Membership, error) {
	if m.State == MembershipScheduled {
		return m.step("end")
	}
	next, err := m.step("cancel")
	if err != nil {
		return m, err
	}
	next.EndsOn, next.FrozenOn, next.Change = until, glabella.Date{}, nil
	return next, nil
}

// Resume takes back a cancellation.
func (m Membership) Resume() (Membership, error) {
	next, err := m.step("resume")
	if err != nil {
		return m, err
	}
	next.EndsOn = glabella.Date{}
	return next, nil
}

// End ends a cancelled membership.
func (m Membership) End() (Membership, error) { return m.step("end") }
