package billing

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// CommissionBase says what a commission is a share of.
type CommissionBase string

// The bases of a commission.
const (
	CommissionOnList      CommissionBase = "list"        // before discounts
	CommissionOnNet       CommissionBase = "net"         // after discounts, without tax; redeemed credit at its value
	CommissionOnMargin    CommissionBase = "net-of-cost" // the net less what was used up for it
	CommissionOnCollected CommissionBase = "collected"   // the net, once the invoice is paid
)

// CommissionBases returns every base.
func CommissionBases() []CommissionBase {
	return []CommissionBase{CommissionOnList, CommissionOnNet, CommissionOnMargin, CommissionOnCollected}
}

// Valid reports whether b is one of [CommissionBases].
func (b CommissionBase) Valid() bool { return slices.Contains(CommissionBases(), b) }

// CommissionTier is the rate from an amount of the month on.
type CommissionTier struct {
	From money.Amount    `json:"from"` // of the base of the month
	Rate quantity.Number `json:"rate"` // 0.08 is 8 %
}

// CommissionPlan says what those who perform services earn by them. Months are those
// of the days on which the lines count.
type CommissionPlan struct {
	ID glabella.CommissionPlanID `json:"id" validate:"required"`
	glabella.Meta
	Code  string             `json:"code" validate:"required"`
	Staff []glabella.StaffID `json:"staff"` // whose plan it is; empty is everyone's
	Base  CommissionBase     `json:"base" validate:"oneof=list net net-of-cost collected"`
	// Tiers ascend. Where Marginal is set each part of the month's base earns the rate
	// of its own tier, and otherwise all of it that of the tier that the month reached.
	Tiers    []CommissionTier `json:"tiers" validate:"min=1"`
	Marginal bool             `json:"marginal,omitempty"`
	Services []string         `json:"services"` // codes of the price list; empty is all that is not prepaid
	From     glabella.Date    `json:"from,omitzero"`
	To       glabella.Date    `json:"to,omitzero"` // the last day
}

// CodeCommissionTier says that the tiers of a commission do not ascend, are in several currencies, or have a rate that is no share.
const CodeCommissionTier glabella.Code = "billing.commission.tier"

// Ref returns the reference to the plan.
func (p CommissionPlan) Ref() glabella.Ref { return p.ID.Ref() }

// Validate reports everything that is wrong with the plan.
func (p CommissionPlan) Validate() error {
	issues := check.Struct(p)
	for i, t := range p.Tiers {
		path := fmt.Sprintf("/tiers/%d", i)
		bad := !t.From.Currency().Valid() || t.From.Sign() < 0
		if i > 0 && !bad {
			order, err := t.From.Cmp(p.Tiers[i-1].From)
			bad = err != nil || order <= 0
		}
		if bad {
			issues = append(issues, glabella.Issue{Path: path + "/from", Code: CodeCommissionTier, Text: "ascends from nothing or more, in one currency"})
		}
		if t.Rate.Sign() < 0 || t.Rate.GreaterThan(decimal.NewFromInt(1)) {
			issues = append(issues, glabella.Issue{Path: path + "/rate", Code: CodeCommissionTier, Text: "is a share, from 0 to 1"})
		}
	}
	if !p.To.IsZero() && p.To.Before(p.From) {
		issues = append(issues, glabella.Issue{Path: "/to", Code: glabella.CodeOutOfRange, Text: "is before the first day"})
	}
	return glabella.Invalid("commission plan", issues...)
}

// of returns the commission on the base of a month, rounded half up. There is none on
// nothing or less.
func (p CommissionPlan) of(base money.Amount) (money.Amount, error) {
	sum := money.New(0, base.Currency())
	if base.Sign() <= 0 {
		return sum, nil
	}
	exact := decimal.Decimal{}
	for i, t := range p.Tiers {
		reached, err := base.Cmp(t.From)
		if err != nil {
			return sum, err
		}
		if reached < 0 {
			break
		}
		part := base.Decimal()
		if !p.Marginal {
			exact = part.Mul(t.Rate.Decimal)
			continue
		}
		if i+1 < len(p.Tiers) {
			if over, err := base.Cmp(p.Tiers[i+1].From); err != nil {
				return sum, err
			} else if over > 0 {
				part = p.Tiers[i+1].From.Decimal()
			}
		}
		exact = exact.Add(part.Sub(t.From.Decimal()).Mul(t.Rate.Decimal))
	}
	return base.MulDiv(exact, base.Decimal(), money.HalfUp)
}

// CommissionShare is somebody's part of a line.
type CommissionShare struct {
	Staff  glabella.StaffID `json:"staff" validate:"required"`
	Weight int64            `json:"weight" validate:"min=1"`
}

// CommissionSplit says who earns by a line, in place of who performed it: one person
// it is reassigned to, or several who share it. Its corrections follow it.
type CommissionSplit struct {
	ID glabella.CommissionSplitID `json:"id" validate:"required"` // [CommissionSplitOf] the line
	glabella.Meta
	Invoice glabella.InvoiceID `json:"invoice" validate:"required"`
	Line    glabella.LineID    `json:"line" validate:"required"`
	Shares  []CommissionShare  `json:"shares" validate:"min=1,dive"`
	By      glabella.StaffID   `json:"by" validate:"required"`
	At      time.Time          `json:"at" validate:"required"`
	Reason  string             `json:"reason" validate:"required"` // a code of the practice's own
}

// CommissionSplitOf returns the identity of the split of a line: a line has one.
func CommissionSplitOf(line glabella.LineID) glabella.CommissionSplitID {
	return glabella.DeriveID[glabella.CommissionSplitID]("commission-split/" + line.String())
}

// Ref returns the reference to the split.
func (s CommissionSplit) Ref() glabella.Ref { return s.ID.Ref() }

// Validate reports everything that is wrong with the split.
func (s CommissionSplit) Validate() error {
	issues := check.Struct(s)
	if s.ID != CommissionSplitOf(s.Line) {
		issues = append(issues, glabella.Issue{Path: "/id", Code: glabella.CodeMismatch, Text: "not the identity of the line's split"})
	}
	for i, share := range s.Shares {
		if slices.ContainsFunc(s.Shares[:i], func(t CommissionShare) bool { return t.Staff == share.Staff }) {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/shares/%d/staff", i), Code: glabella.CodeDuplicate, Text: "has a share already"})
		}
	}
	return glabella.Invalid("commission split", issues...)
}

// CommissionFacts are what a statement is made of. Invoices are all those whose lines
// may count, also those of earlier months that were corrected in this one.
type CommissionFacts struct {
	Plan     CommissionPlan
	Staff    glabella.StaffID
	Month    glabella.Date // any day of it
	Zone     *time.Location
	Invoices []Invoice
	Splits   []CommissionSplit
	Costs    map[glabella.LineID]money.Amount // what was used up for lines, for the base that needs it
}

// CommissionLine is a line of a statement.
type CommissionLine struct {
	Invoice  glabella.InvoiceID `json:"invoice"`
	Line     glabella.LineID    `json:"line"`
	Service  string             `json:"service"`
	On       glabella.Date      `json:"on"`       // the day on which it counts
	Base     money.Amount       `json:"base"`     // this person's part
	Amount   money.Amount       `json:"amount"`   // what it adds to the commission of its month
	Clawback bool               `json:"clawback"` // a correction of what had earned a commission
}

// CommissionStatement is what somebody earned in a month. Its amount is the sum of its
// lines exactly.
type CommissionStatement struct {
	Plan   glabella.CommissionPlanID `json:"plan"`
	Staff  glabella.StaffID          `json:"staff"`
	From   glabella.Date             `json:"from"`
	To     glabella.Date             `json:"to"`
	Base   money.Amount              `json:"base"` // of the lines of the month, without clawbacks
	Amount money.Amount              `json:"amount"`
	Lines  []CommissionLine          `json:"lines"`
}

// earned is a line as it counts.
type earned struct {
	CommissionLine
	month glabella.Date // of the base that it adds to or takes from
	at    time.Time
}

// Statement returns what somebody earned in a month. A correction counts in the month
// in which it was made, and takes back exactly what the commission of the month of its
// line would have been less: when all of a sale is taken back, so is all that it
// earned, whatever the tiers.
func Statement(f CommissionFacts) (CommissionStatement, error) {
	if err := f.Plan.Validate(); err != nil {
		return CommissionStatement{}, err
	}
	if f.Zone == nil {
		f.Zone = time.UTC
	}
	all, err := f.earned()
	if err != nil {
		return CommissionStatement{}, err
	}
	first := glabella.Date{Year: f.Month.Year, Month: f.Month.Month, Day: 1}
	zero := money.New(0, f.Plan.Tiers[0].From.Currency())
	out := CommissionStatement{Plan: f.Plan.ID, Staff: f.Staff, From: first, To: first.Add(glabella.Period{Months: 1}).AddDays(-1), Base: zero, Amount: zero, Lines: []CommissionLine{}}
	sums, s := map[glabella.Date]money.Amount{}, summer{}
	for _, e := range all {
		before, ok := sums[e.month]
		if !ok {
			before = zero
		}
		after, err := before.Add(e.Base)
		if err != nil {
			return CommissionStatement{}, err
		}
		sums[e.month] = after
		was, err := f.Plan.of(before)
		if err != nil {
			return CommissionStatement{}, err
		}
		is, err := f.Plan.of(after)
		if err != nil {
			return CommissionStatement{}, err
		}
		if e.On.Before(out.From) || e.On.After(out.To) {
			continue
		}
		if e.Amount, err = is.Sub(was); err != nil {
			return CommissionStatement{}, err
		}
		if !e.Clawback {
			s.add(&out.Base, e.Base)
		}
		s.add(&out.Amount, e.Amount)
		out.Lines = append(out.Lines, e.CommissionLine)
	}
	return out, s.err
}

// earned returns the lines that count for the person, in the order in which they do:
// those of each month before its corrections.
func (f CommissionFacts) earned() ([]earned, error) {
	var out []earned
	for _, i := range f.Invoices {
		if i.State == InvoiceDraft {
			continue
		}
		paidOn, paid := i.paidOn(f.Zone)
		roots := map[glabella.LineID]glabella.LineID{}
		days := map[glabella.LineID]glabella.Date{}
		for _, l := range i.Lines {
			root, on := l.ID, i.On
			if !l.Adjusts.IsZero() {
				root = roots[l.Adjusts]
			}
			roots[l.ID] = root
			if f.Plan.Base == CommissionOnCollected {
				if !paid {
					continue
				}
				on = paidOn
			}
			e := earned{CommissionLine: CommissionLine{Invoice: i.ID, Line: l.ID, Service: l.Service, On: on}, at: l.At}
			if root != l.ID {
				if day := glabella.DateOf(l.At.In(f.Zone)); day.After(on) {
					e.On = day
				}
				e.Clawback, on = true, days[root]
			}
			days[l.ID] = on
			if !f.Plan.counts(l, on) {
				continue
			}
			e.month = glabella.Date{Year: on.Year, Month: on.Month, Day: 1}
			base, mine, err := f.part(l, root)
			if err != nil {
				return nil, err
			}
			if e.Base = base; mine {
				out = append(out, e)
			}
		}
	}
	slices.SortFunc(out, func(a, b earned) int {
		claw := func(c bool) int {
			if c {
				return 1
			}
			return 0
		}
		return cmp.Or(a.month.Compare(b.month), cmp.Compare(claw(a.Clawback), claw(b.Clawback)), a.On.Compare(b.On), a.at.Compare(b.at), bytes.Compare(a.Invoice[:], b.Invoice[:]), bytes.Compare(a.Line[:], b.Line[:]))
	})
	return out, nil
}

// counts reports whether a line counts that is of a day.
func (p CommissionPlan) counts(l Line, on glabella.Date) bool {
	if on.Before(p.From) || !p.To.IsZero() && on.After(p.To) {
		return false
	}
	if len(p.Services) > 0 {
		return slices.Contains(p.Services, l.Service)
	}
	return !l.Kind.Prepaid()
}

// part returns the person's part of what a line counts, and whether they have one.
func (f CommissionFacts) part(l Line, root glabella.LineID) (money.Amount, bool, error) {
	base := l.Net
	switch f.Plan.Base {
	case CommissionOnList:
		base = l.List
	case CommissionOnMargin:
		if cost, ok := f.Costs[l.ID]; ok {
			var err error
			if base, err = l.Net.Sub(cost); err != nil {
				return base, false, err
			}
		}
	}
	i := slices.IndexFunc(f.Splits, func(s CommissionSplit) bool { return s.Line == root })
	if i < 0 {
		return base, l.Provider == f.Staff, nil
	}
	var weights []int64
	mine := -1
	for n, share := range f.Splits[i].Shares {
		weights = append(weights, share.Weight)
		if share.Staff == f.Staff {
			mine = n
		}
	}
	if mine < 0 {
		return base, false, nil
	}
	parts, err := base.Allocate(weights...)
	if err != nil {
		return base, false, err
	}
	return parts[mine], true, nil
}

// paidOn returns the day on which the invoice, as it was issued, was paid.
func (i Invoice) paidOn(zone *time.Location) (glabella.Date, bool) {
	t, err := i.Totals()
	if err != nil {
		return glabella.Date{}, false
	}
	due, s := t.Due, summer{}
	s.add(&due, t.Paid)
	for _, l := range i.Lines { // what was corrected later was due before
		if !l.Adjusts.IsZero() {
			s.add(&due, l.Total.Neg())
		}
	}
	if due.Sign() <= 0 {
		return i.On, s.err == nil
	}
	for _, p := range i.Tenders {
		s.add(&due, p.Amount.Neg())
		if s.err == nil && due.Sign() <= 0 {
			return glabella.DateOf(p.At.In(zone)), true
		}
	}
	if t.Due.Sign() > 0 {
		return glabella.Date{}, false
	}
	last := i.IssuedAt // a correction has made it paid
	for _, l := range i.Lines {
		if l.At.After(last) {
			last = l.At
		}
	}
	return glabella.DateOf(last.In(zone)), s.err == nil
}
