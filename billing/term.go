package billing

import (
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
)

// TermState is where a term of a membership stands.
type TermState string

// The states of a term.
const (
	TermDue     TermState = "due"
	TermPaid    TermState = "paid"
	TermSkipped TermState = "skipped" // neither charged nor granted
)

// TermStates returns every state of a term.
func TermStates() []TermState { return []TermState{TermDue, TermPaid, TermSkipped} }

// Valid reports whether s is one of [TermStates].
func (s TermState) Valid() bool { return slices.Contains(TermStates(), s) }

// MembershipTerm is one term of a membership.
type MembershipTerm struct {
	Number   int           `json:"number"` // from 1
	From     glabella.Date `json:"from"`
	To       glabella.Date `json:"to"` // the last day
	Price    money.Amount  `json:"price"`
	State    TermState     `json:"state"`
	Attempts []time.Time   `json:"attempts"` // tries to charge it that failed
	PaidAt   time.Time     `json:"paidAt,omitzero"`
	Granted  bool          `json:"granted,omitempty"` // its benefits are granted
}

func times(p glabella.Period, n int) glabella.Period {
	return glabella.Period{Years: p.Years * n, Months: p.Months * n, Days: p.Days * n}
}

// termStart returns the day on which a term begins that has not begun yet.
func (m Membership) termStart(n int) glabella.Date {
	return m.Anchor.Add(times(m.Plan.Term, n-m.AnchorTerm))
}

// OpenTerm begins the next term. While payments are frozen it is a skipped one.
func (m Membership) OpenTerm() (Membership, error) {
	if !slices.Contains([]MembershipState{MembershipActive, MembershipRetrying, MembershipPastDue, MembershipCardNeeded, MembershipFrozen}, m.State) ||
		m.State == MembershipFrozen && m.Plan.Freeze != FreezePayments {
		return m, &glabella.TransitionError{Machine: "membership", From: string(m.State), Action: "open a term"}
	}
	n := len(m.Terms) + 1
	t := MembershipTerm{Number: n, From: m.termStart(n), To: m.termStart(n + 1).AddDays(-1), Price: m.Plan.Price, State: TermDue, Attempts: []time.Time{}}
	if m.State == MembershipFrozen {
		t.State = TermSkipped
	}
	next := m
	next.Terms = append(slices.Clone(m.Terms), t)
	return next, nil
}

// term returns the place of a term in a state.
func (m Membership) term(number int, s TermState) (int, error) {
	if number < 1 || number > len(m.Terms) || m.Terms[number-1].State != s {
		return 0, glabella.Invalid("membership", glabella.Issue{Path: "/terms", Code: CodeMembershipTerm, Text: "has no such term in this state"})
	}
	return number - 1, nil
}

// SkipTerm lets a term go that was not paid: it is neither charged nor granted.
func (m Membership) SkipTerm(number int) (Membership, error) {
	i, err := m.term(number, TermDue)
	if err != nil {
		return m, err
	}
	return m.settle(i, func(t *MembershipTerm) { t.State = TermSkipped })
}

// PayTerm records that a term was paid.
func (m Membership) PayTerm(number int, at time.Time) (Membership, error) {
	i, err := m.term(number, TermDue)
	if err != nil {
		return m, err
	}
	return m.settle(i, func(t *MembershipTerm) { t.State, t.PaidAt = TermPaid, at })
}

// settle changes a term that is due, and the state of the membership by whether a
// try for another one that is chased has failed. What a cancelled membership owed
// may still be paid. Skipping a term brings no new card.
func (m Membership) settle(i int, change func(*MembershipTerm)) (Membership, error) {
	next := m
	next.Terms = slices.Clone(m.Terms)
	change(&next.Terms[i])
	switch m.State {
	case MembershipCancelled, MembershipEnded, MembershipFrozen:
		return next, nil
	}
	action := "settle"
	failed := slices.ContainsFunc(next.chased(), func(k int) bool { return len(next.Terms[k].Attempts) > 0 })
	if failed || m.State == MembershipCardNeeded && next.Terms[i].State == TermSkipped {
		action = "pay in part"
	}
	var err error
	if next.State, err = MembershipMachine().Next(m.State, action); err != nil {
		return m, err
	}
	return next, nil
}

// FailCharge records that a try to charge a term failed. A failure that no
// further try can mend, such as a card that expired, asks for a new card.
func (m Membership) FailCharge(number int, needsCard bool, at time.Time) (Membership, error) {
	i, err := m.term(number, TermDue)
	if err != nil {
		return m, err
	}
	action := "fail"
	if needsCard {
		action = "need card"
	}
	next, err := m.step(action)
	if err != nil {
		return m, err
	}
	next.Terms[i].Attempts = append(slices.Clone(m.Terms[i].Attempts), at)
	return next, nil
}

// GiveUp records that every try of the schedule failed.
func (m Membership) GiveUp() (Membership, error) { return m.step("give up") }

// AddCard records a new card. What is past due is charged again from then on.
func (m Membership) AddCard(at time.Time) (Membership, error) {
	next := m
	if m.State == MembershipCardNeeded || m.State == MembershipPastDue {
		var err error
		if next, err = m.step("add card"); err != nil {
			return m, err
		}
	}
	next.CardUpdatedAt = at
	return next, nil
}

// PayFreezeFee records that a fee of the freeze was charged.
func (m Membership) PayFreezeFee() (Membership, error) {
	if m.State != MembershipFrozen {
		return m, &glabella.TransitionError{Machine: "membership", From: string(m.State), Action: "pay a freeze fee"}
	}
	m.FreezeFees++
	return m, nil
}

// Benefits says how the benefits of a term are granted.
type Benefits struct {
	Term        int
	Recognition RecognitionPolicy
	Moved       Moved
	NewID       func() glabella.CreditLotID
}

// Grant returns the membership with the benefits of a paid term granted, and
// their lots. The price of the term is shared among them by what they cost on
// their own; the plan's rollover decides when they expire.
func (m Membership) Grant(g Benefits) (Membership, []CreditLot, error) {
	i, err := m.term(g.Term, TermPaid)
	if err != nil {
		return m, nil, err
	}
	if m.Terms[i].Granted {
		return m, nil, glabella.Invalid("membership", glabella.Issue{Path: "/terms", Code: CodeMembershipTerm, Text: "its benefits are granted already"})
	}
	next := m
	next.Terms = slices.Clone(m.Terms)
	next.Terms[i].Granted = true
	if len(m.Plan.Benefits) == 0 {
		return next, nil, nil
	}
	bundle := Package{Price: m.Terms[i].Price, Allocation: StandAlone, Groups: []PackageGroup{{Items: m.Plan.Benefits}}}
	parcels, groups, err := bundle.parcels(nil)
	if err != nil {
		return m, nil, err
	}
	if groups[0].StandAlone.IsZero() {
		bundle.Allocation = EqualGroups
	}
	prices, err := bundle.prices(bundle.Price, parcels, groups)
	if err != nil {
		return m, nil, err
	}
	var lots []CreditLot
	for k, part := range parcels {
		l := CreditLot{ID: g.NewID(), Patient: m.Patient, Origin: LotPaid, Kind: part.kind, Granted: part.amount, Price: prices[k], Limits: part.limits,
			Source: LotSource{Membership: m.ID, Term: g.Term, Invoice: g.Moved.Invoice, Line: g.Moved.Line}}
		if l.Upfront, err = g.Recognition.Upfront(l.Price); err != nil {
			return m, nil, err
		}
		if l, err = l.Grant(m.benefitEnd(m.Terms[i]), g.Moved); err != nil {
			return m, nil, err
		}
		lots = append(lots, l)
	}
	return next, lots, nil
}

// benefitEnd returns the last day of the benefits of a term; zero is none.
func (m Membership) benefitEnd(t MembershipTerm) glabella.Date {
	switch m.Plan.Rollover {
	case RolloverNone:
		return t.To
	case RolloverTerms:
		if last := t.Number + m.Plan.Carried; last <= len(m.Terms) {
			return m.Terms[last-1].To
		}
		return m.termStart(t.Number + m.Plan.Carried + 1).AddDays(-1)
	}
	return glabella.Date{}
}

// CapForfeits returns what the lots of a membership lose to the cap of its
// rollover, oldest first: what is left of each benefit beyond what the cap's
// number of terms grants. Other rollovers lose nothing.
func (m Membership) CapForfeits(lots []CreditLot) ([]Take, error) {
	out := []Take{}
	if m.Plan.Rollover != RolloverCap {
		return out, nil
	}
	sorted := slices.SortedStableFunc(slices.Values(lots), func(a, b CreditLot) int { return b.GrantedOn().Compare(a.GrantedOn()) })
	for _, benefit := range m.Plan.Benefits {
		room := benefit.Quantity.Scale(decimalOf(m.Plan.Carried))
		for _, l := range sorted { // the newest are kept
			if l.Source.Membership != m.ID || !l.grants(benefit) {
				continue
			}
			b, err := l.Balance()
			if err != nil {
				return nil, err
			}
			over, err := b.Remaining.Sub(room)
			if err != nil {
				return nil, err
			}
			if over.Sign() <= 0 {
				if room, err = room.Sub(b.Remaining); err != nil {
					return nil, err
				}
				continue
			}
			if room, err = room.Sub(room); err != nil {
				return nil, err
			}
			value, err := l.valueOf(b, over)
			if err != nil {
				return nil, err
			}
			out = append(out, Take{Lot: l.ID, Units: over, Covers: over, Value: value})
		}
	}
	slices.Reverse(out)
	return out, nil
}

func (l CreditLot) grants(item PackageItem) bool {
	if item.Product != "" {
		return l.Kind == UnitsLot && slices.Contains(l.Limits.Products, item.Product) && l.Granted.Unit() == item.Quantity.Unit()
	}
	return l.Kind == ServiceLot && slices.Contains(l.Limits.Services, item.Service)
}

// Prorate splits the price of a term at a day: what falls on the days before it,
// and what falls on it and the days after. The two sum to the price exactly.
func Prorate(price money.Amount, from, to, on glabella.Date) (used, unused money.Amount, err error) {
	days := to.DaysSince(from) + 1
	if days < 1 {
		return used, unused, glabella.Invalid("proration", glabella.Issue{Path: "/to", Code: glabella.CodeOutOfRange, Text: "is before the first day"})
	}
	gone := min(max(on.DaysSince(from), 0), days)
	parts, err := price.Allocate(int64(gone), int64(days-gone))
	if err != nil {
		return used, unused, err
	}
	return parts[0], parts[1], nil
}

// PlanChange is a change of a membership to another plan, up or down.
type PlanChange struct {
	Plan        MembershipPlan `json:"plan"`
	EffectiveOn glabella.Date  `json:"effectiveOn"`
}

// PlanChangeQuote is what a change of plan within a term costs: the new plan for
// the rest of the term, less what was paid for it on the old one. A negative net
// is owed to the patient.
type PlanChangeQuote struct {
	Unused money.Amount `json:"unused"` // of the old price, if the term is paid
	Charge money.Amount `json:"charge"` // of the new price
	Net    money.Amount `json:"net"`
}

// QuoteChange returns what a change of plan costs for the term that it falls in.
// One that takes effect after the last term that began costs nothing now.
func (m Membership) QuoteChange(c PlanChange) (PlanChangeQuote, error) {
	if issues := c.Plan.issues("/plan"); len(issues) > 0 {
		return PlanChangeQuote{}, glabella.Invalid("membership", issues...)
	}
	zero := money.New(0, c.Plan.Price.Currency())
	q := PlanChangeQuote{Unused: zero, Charge: zero, Net: zero}
	n := slices.IndexFunc(m.Terms, func(t MembershipTerm) bool {
		return !c.EffectiveOn.Before(t.From) && !c.EffectiveOn.After(t.To)
	})
	if n < 0 || m.Terms[n].State != TermPaid {
		return q, nil
	}
	t := m.Terms[n]
	var err error
	if _, q.Unused, err = Prorate(t.Price, t.From, t.To, c.EffectiveOn); err != nil {
		return q, err
	}
	if _, q.Charge, err = Prorate(c.Plan.Price, t.From, t.To, c.EffectiveOn); err != nil {
		return q, err
	}
	q.Net, err = q.Charge.Sub(q.Unused)
	return q, err
}

// ScheduleChange records a change of plan that waits for its day.
func (m Membership) ScheduleChange(c PlanChange) (Membership, error) {
	issues := c.Plan.issues("/plan")
	if !c.EffectiveOn.Valid() {
		issues = append(issues, glabella.Issue{Path: "/effectiveOn", Code: glabella.CodeRequired, Text: "a change has a day"})
	}
	if err := glabella.Invalid("membership", issues...); err != nil {
		return m, err
	}
	if m.State == MembershipCancelled || m.State == MembershipEnded {
		return m, &glabella.TransitionError{Machine: "membership", From: string(m.State), Action: "change the plan"}
	}
	m.Change = &c
	return m, nil
}

// ApplyChange puts the waiting change of plan into force. The term that runs
// keeps its days; later ones are of the new plan.
func (m Membership) ApplyChange() (Membership, error) {
	if m.Change == nil {
		return m, &glabella.TransitionError{Machine: "membership", From: string(m.State), Action: "change the plan"}
	}
	n := len(m.Terms) + 1
	next := m
	next.Anchor, next.AnchorTerm = m.termStart(n), n
	next.Plan, next.Change = m.Change.Plan, nil
	return next, nil
}
