package billing

import (
	"cmp"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
)

func decimalOf(n int) decimal.Decimal { return decimal.NewFromInt(int64(n)) }

// Dunning is the schedule by which a payment that fails is tried again.
type Dunning struct {
	Attempts []int  `json:"attempts"`                 // hours after the term began, the first try included
	CatchUp  int    `json:"catchUp" validate:"min=0"` // hours between the terms that are charged after a new card
	Source   string `json:"source,omitempty"`
}

// DefaultDunning returns a schedule to begin with: at once, after three days and
// after six; after a new card, one outstanding term a day. It is common practice
// and the practice's own to change.
func DefaultDunning() Dunning {
	return Dunning{Attempts: []int{0, 72, 144}, CatchUp: 24, Source: "common practice"}
}

// ActionKind says what is to be done about a membership.
type ActionKind string

// The kinds of action, in the order in which they are done.
const (
	ActionStart      ActionKind = "start"
	ActionChangePlan ActionKind = "change-plan"
	ActionOpenTerm   ActionKind = "open-term"
	ActionSkipTerm   ActionKind = "skip-term"
	ActionCharge     ActionKind = "charge"
	ActionFreezeFee  ActionKind = "freeze-fee"
	ActionGiveUp     ActionKind = "give-up"
	ActionGrant      ActionKind = "grant"
	ActionEnd        ActionKind = "end"
)

// ActionKinds returns every kind of action, in order.
func ActionKinds() []ActionKind {
	return []ActionKind{ActionStart, ActionChangePlan, ActionOpenTerm, ActionSkipTerm, ActionCharge, ActionFreezeFee, ActionGiveUp, ActionGrant, ActionEnd}
}

// Valid reports whether k is one of [ActionKinds].
func (k ActionKind) Valid() bool { return slices.Contains(ActionKinds(), k) }

// Action is something that is to be done about a membership now.
type Action struct {
	Kind   ActionKind   `json:"kind"`
	Term   int          `json:"term,omitempty"`
	Amount money.Amount `json:"amount,omitzero"` // of a charge or a fee
	At     time.Time    `json:"at,omitzero"`     // since when a charge is due
}

// Due returns what is to be done about the membership now, in the site's time:
// its days begin there. It is asked again once that is done, until nothing is
// due; so each answer holds only what the record as it stands calls for.
func (m Membership) Due(now time.Time) []Action {
	today := glabella.DateOf(now)
	var out []Action
	switch m.State {
	case MembershipScheduled:
		if !today.Before(m.Anchor) {
			out = append(out, Action{Kind: ActionStart})
		}
		return out
	case MembershipCancelled:
		if today.After(m.EndsOn) {
			out = append(out, Action{Kind: ActionEnd})
		}
	case MembershipFrozen:
		if m.Plan.Freeze == FreezePayments && !today.Before(m.termStart(len(m.Terms)+1)) {
			out = append(out, Action{Kind: ActionOpenTerm, Term: len(m.Terms) + 1})
		}
		if !m.Plan.FreezeFee.IsZero() && m.FreezeFees < m.freezeFees(today) {
			out = append(out, Action{Kind: ActionFreezeFee, Amount: m.Plan.FreezeFee})
		}
	case MembershipActive, MembershipRetrying, MembershipPastDue, MembershipCardNeeded:
		next := m.termStart(len(m.Terms) + 1)
		if m.Change != nil && !today.Before(m.Change.EffectiveOn) {
			return []Action{{Kind: ActionChangePlan}} // terms that begin today are of the new plan
		}
		if !today.Before(next) {
			out = append(out, Action{Kind: ActionOpenTerm, Term: len(m.Terms) + 1})
		}
		out = append(out, m.dueCharges(now)...)
	}
	for _, t := range m.Terms {
		if t.State == TermPaid && !t.Granted && m.State != MembershipEnded {
			out = append(out, Action{Kind: ActionGrant, Term: t.Number})
		}
	}
	slices.SortStableFunc(out, func(a, b Action) int {
		return cmp.Compare(slices.Index(ActionKinds(), a.Kind), slices.Index(ActionKinds(), b.Kind))
	})
	return out
}

// freezeFees returns how many fees a freeze has come to by a day.
func (m Membership) freezeFees(today glabella.Date) int {
	if today.Before(m.FrozenOn) {
		return 0
	}
	n := 1
	for m.Plan.FeeEachTerm && !today.Before(m.FrozenOn.Add(times(m.Plan.Term, n))) {
		n++
	}
	return n
}

// chased returns the places of the terms that are to be charged, oldest first.
func (m Membership) chased() []int {
	var out []int
	for i, t := range m.Terms {
		if t.State == TermDue && (m.Plan.Missed == CatchUp || i == len(m.Terms)-1) {
			out = append(out, i)
		}
	}
	return out
}

func (m Membership) dueCharges(now time.Time) []Action {
	var out []Action
	if m.Plan.Missed == SkipMissed {
		for i, t := range m.Terms {
			if t.State == TermDue && i < len(m.Terms)-1 {
				out = append(out, Action{Kind: ActionSkipTerm, Term: t.Number})
			}
		}
	}
	chased := m.chased()
	switch m.State {
	case MembershipPastDue:
		return append(out, m.catchUp(chased, now)...)
	case MembershipCardNeeded:
		return out
	}
	exhausted := false
	for _, i := range chased {
		t := m.Terms[i]
		if len(t.Attempts) >= len(m.Plan.Dunning.Attempts) {
			exhausted = true
			continue
		}
		at := t.From.Start(now.Location()).Add(time.Duration(m.Plan.Dunning.Attempts[len(t.Attempts)]) * time.Hour)
		if !now.Before(at) {
			out = append(out, Action{Kind: ActionCharge, Term: t.Number, Amount: t.Price, At: at})
		}
	}
	if exhausted && m.State == MembershipRetrying {
		out = append(out, Action{Kind: ActionGiveUp})
	}
	return out
}

// catchUp returns the charge that is due after a new card: the newest term at
// once, and one more each time the interval has passed. Each is tried once a
// card. A term that began since the card is charged when it began.
func (m Membership) catchUp(chased []int, now time.Time) []Action {
	var out []Action
	slot := m.CardUpdatedAt
	wait := time.Duration(m.Plan.Dunning.CatchUp) * time.Hour
	tried := 0
	for _, t := range m.Terms {
		for _, a := range t.Attempts {
			if !slot.IsZero() && !a.Before(slot) {
				tried++
			}
		}
		if t.State == TermPaid && !slot.IsZero() && !t.PaidAt.Before(slot) {
			tried++
		}
	}
	at := slot.Add(wait * time.Duration(tried))
	for _, i := range slices.Backward(chased) {
		t := m.Terms[i]
		again := slices.ContainsFunc(t.Attempts, func(a time.Time) bool { return !a.Before(slot) })
		begins := t.From.Start(now.Location())
		switch {
		case slot.IsZero() && len(t.Attempts) == 0 && !now.Before(begins):
			// A new term is tried once with the card that failed before.
			out = append(out, Action{Kind: ActionCharge, Term: t.Number, Amount: t.Price, At: begins})
		case !slot.IsZero() && !again && !now.Before(at):
			return append(out, Action{Kind: ActionCharge, Term: t.Number, Amount: t.Price, At: at})
		}
	}
	return out
}
