package inventory

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
)

// CountOpening says what is to be counted, and who asks for it.
type CountOpening struct {
	ID    glabella.CountID
	Site  glabella.SiteID
	Kind  CountKind
	Blind bool
	Lots  []Lot // what is to be counted; others that are found may be added
	// Others are the counts of the site that are neither approved nor canceled.
	Others []Count
	By     glabella.StaffID
	At     time.Time
}

// OpenCount opens a count. It is refused while another count has one of the lots:
// each would book the same difference.
func OpenCount(o CountOpening) (Count, error) {
	c := Count{ID: o.ID, Site: o.Site, Kind: o.Kind, Blind: o.Blind, Lines: make([]CountLine, len(o.Lots)), OpenedBy: o.By, OpenedAt: instant(o.At), State: CountOpen}
	for i, l := range o.Lots {
		c.Lines[i] = CountLine{Lot: l.ID, Product: l.Product}
	}
	if err := c.Validate(); err != nil {
		return Count{}, err
	}
	var reasons []glabella.Reason
	for _, l := range o.Lots {
		reasons = append(reasons, c.busy(l.ID, o.Others)...)
	}
	if err := glabella.Refuse(glabella.Decide(reasons...)); err != nil {
		return Count{}, err
	}
	return c, nil
}

// busy returns what forbids counting the lot: it is in another count.
func (c Count) busy(lot glabella.LotID, others []Count) []glabella.Reason {
	var out []glabella.Reason
	for _, o := range others {
		over := o.State == CountApproved || o.State == CountCanceled
		if o.ID != c.ID && o.Site == c.Site && !over && slices.ContainsFunc(o.Lines, func(l CountLine) bool { return l.Lot == lot }) {
			out = append(out, glabella.Denied(CodeCountBusy, "another count of the lot is not finished").For(o.Ref(), lot.Ref()).WithFix("finish or cancel the other count"))
		}
	}
	return out
}

// Shelf is what the record has of one lot at the site of a count: the balance and
// the movements since the moment that is asked about, or earlier ones too.
type Shelf struct {
	Balance   Balance
	Movements []Movement
}

// At returns how many unopened containers were there at a moment: those of the
// balance less what came after, as far as it is recorded by now.
func (s Shelf) At(at time.Time) int {
	n := s.Balance.Sealed
	for _, m := range s.Movements {
		if m.Lot == s.Balance.Lot && m.Site == s.Balance.Site && m.At.After(at) {
			n -= m.Containers
		}
	}
	return n
}

// Tally is what somebody found of a lot.
type Tally struct {
	Lot   Lot
	Shelf Shelf // of the lot at the site; the zero Shelf if the site never had it
	Found int   // unopened containers
	// Others are as in [CountOpening], for a lot that the count did not ask for.
	Others []Count
	By     glabella.StaffID
	At     time.Time // when they were counted, which may be before it is entered
	Now    time.Time
}

// Tally enters what was found of a lot, beside what the record had at that moment.
// A lot that the count did not ask for is added to it.
func (c Count) Tally(t Tally) (Count, error) { return c.tally("tally", t) }

// Recount enters what was found of a lot when it was counted again. The new figure
// replaces the first, and another recount replaces this one. A count that was
// reconciled is to be reconciled again.
func (c Count) Recount(t Tally) (Count, error) { return c.tally("recount", t) }

func (c Count) tally(action string, t Tally) (Count, error) {
	next, err := CountMachine().Next(c.State, action)
	if err != nil {
		return c, err
	}
	out := c
	out.Lines, out.State = slices.Clone(c.Lines), next
	at := instant(t.At)
	f := CountFigure{Expected: t.Shelf.At(at), Found: t.Found, By: t.By, At: at}
	i := slices.IndexFunc(out.Lines, func(l CountLine) bool { return l.Lot == t.Lot.ID })
	var reasons []glabella.Reason
	deny := func(code glabella.Code, text, fix string) {
		reasons = append(reasons, glabella.Denied(code, text).For(c.Ref(), t.Lot.Ref()).WithFix(fix))
	}
	if t.At.Before(c.OpenedAt) || t.At.After(t.Now) {
		deny(CodeCountTime, "the time of counting is before the count or in the future", "correct the time")
	}
	if b := t.Shelf.Balance; !b.ID.IsZero() && b.ID != BalanceIDOf(t.Lot.ID, c.Site) {
		deny(CodeLotMismatch, "the balance is not that of the lot at the site", "give the balance of the lot at the site")
	}
	if i < 0 {
		reasons = append(reasons, c.busy(t.Lot.ID, t.Others)...)
	}
	switch again := action == "recount"; {
	case again && (i < 0 || out.Lines[i].First.IsZero()):
		deny(CodeCountLot, "the lot has not been counted yet", "count it for the first time")
	case again:
		out.Lines[i].Second = f
	case i < 0:
		out.Lines = append(out.Lines, CountLine{Lot: t.Lot.ID, Product: t.Lot.Product, First: f})
	case !out.Lines[i].First.IsZero():
		deny(CodeCountLot, "the lot is counted already", "count it again as a recount")
	default:
		out.Lines[i].First = f
	}
	if err := glabella.Refuse(glabella.Decide(reasons...)); err != nil {
		return c, err
	}
	out.Reconciled = CountStep{}
	if i >= 0 {
		out.Lines[i].Late, out.Lines[i].Reason = 0, ""
	}
	if err := out.Validate(); err != nil {
		return c, err
	}
	return out, nil
}

// CountSubmission says who is done with counting, and when.
type CountSubmission struct {
	Balances []Balance // all of the site, for a full count
	By       glabella.StaffID
	At       time.Time
}

// Submit ends the counting. It is refused while a line has no figure, and of a full
// count while the site has unopened containers of a lot that it does not mention.
func (c Count) Submit(s CountSubmission) (Count, error) {
	next, err := CountMachine().Next(c.State, "submit")
	if err != nil {
		return c, err
	}
	var reasons []glabella.Reason
	pending := func(lot glabella.LotID) {
		reasons = append(reasons, glabella.Denied(CodeCountPending, "the lot has not been counted").For(c.Ref(), lot.Ref()).WithFix("count the lot"))
	}
	for _, l := range c.Lines {
		if l.First.IsZero() {
			pending(l.Lot)
		}
	}
	for _, b := range s.Balances {
		mentioned := slices.ContainsFunc(c.Lines, func(l CountLine) bool { return l.Lot == b.Lot })
		if c.Kind == CountFull && b.Site == c.Site && b.Sealed > 0 && !mentioned {
			pending(b.Lot)
		}
	}
	if len(c.Lines) == 0 && len(reasons) == 0 && c.Kind != CountFull {
		reasons = append(reasons, glabella.Denied(CodeCountPending, "nothing has been counted").For(c.Ref()).WithFix("count a lot, or cancel the count"))
	}
	if err := glabella.Refuse(glabella.Decide(reasons...)); err != nil {
		return c, err
	}
	out := c
	out.State, out.Submitted = next, CountStep{By: s.By, At: instant(s.At)}
	if err := out.Validate(); err != nil {
		return c, err
	}
	return out, nil
}

// Reconciliation says why figures differ from the record, and who looked into it.
type Reconciliation struct {
	Shelves []Shelf // one for each line that the site has a balance of, with the movements since its figure at least
	// Reasons are codes by lot. Without one, what is missing is [ReasonUnaccounted]
	// and what is too many [ReasonRecount].
	Reasons map[glabella.LotID]string
	By      glabella.StaffID
	At      time.Time
}

// Reconcile compares the figures with the record once more: what had happened
// before a line was counted and was recorded afterwards is no difference. It gives a
// reason to every difference that stays. Who reconciles has counted nothing.
func (c Count) Reconcile(r Reconciliation) (Count, error) {
	next, err := CountMachine().Next(c.State, "reconcile")
	if err != nil {
		return c, err
	}
	if err := c.refuseHands(r.By, glabella.StaffID{}); err != nil {
		return c, err
	}
	now, err := c.expected(r.Shelves)
	if err != nil {
		return c, err
	}
	out := c
	out.Lines, out.State, out.Reconciled = slices.Clone(c.Lines), next, CountStep{By: r.By, At: instant(r.At)}
	for i := range out.Lines {
		l := &out.Lines[i]
		l.Late = now[i] - l.Figure().Expected
		switch n := l.Difference(); {
		case n == 0:
			l.Reason = ""
		case r.Reasons[l.Lot] != "":
			l.Reason = r.Reasons[l.Lot]
		case n < 0:
			l.Reason = ReasonUnaccounted
		default:
			l.Reason = ReasonRecount
		}
	}
	if err := out.Validate(); err != nil {
		return c, err
	}
	return out, nil
}

// expected returns what the record has now of the moment in which each line was
// counted.
func (c Count) expected(shelves []Shelf) ([]int, error) {
	out := make([]int, len(c.Lines))
	var issues []glabella.Issue
	for i, l := range c.Lines {
		j := slices.IndexFunc(shelves, func(s Shelf) bool { return s.Balance.ID == BalanceIDOf(l.Lot, c.Site) })
		switch {
		case j >= 0:
			out[i] = shelves[j].At(l.Figure().At)
		case l.Figure().Expected+l.Late != 0:
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/lines/%d", i), Code: glabella.CodeRequired, Text: "the balance of the lot at the site is not given"})
		}
	}
	return out, glabella.Invalid("count", issues...)
}

func (c Count) refuseHands(reconciler, approver glabella.StaffID) error {
	var reasons []glabella.Reason
	for _, code := range c.hands(reconciler, approver) {
		reasons = append(reasons, glabella.Denied(code, "the same person would count, check or approve").For(c.Ref()).WithFix("let somebody else do it"))
	}
	return glabella.Refuse(glabella.Decide(reasons...))
}

// CountVariance is how a line differs from the record, and what that is worth.
type CountVariance struct {
	Lot        glabella.LotID     `json:"lot"`
	Product    glabella.ProductID `json:"product"`
	Expected   int                `json:"expected"`
	Found      int                `json:"found"`
	Difference int                `json:"difference"`
	Value      money.Amount       `json:"value"`    // at the unit cost of the lot, negative for what is missing
	Unpriced   bool               `json:"unpriced"` // the unit cost is not on record
	Reason     string             `json:"reason,omitempty"`
}

// Variances returns the lines that were counted and differ from the record, in
// their order, and what they are worth together.
func (c Count) Variances(lots []Lot) ([]CountVariance, money.Amount, error) {
	var out []CountVariance
	var total money.Amount
	for _, l := range c.Lines {
		n := l.Difference()
		if n == 0 || l.First.IsZero() {
			continue
		}
		f := l.Figure()
		v := CountVariance{Lot: l.Lot, Product: l.Product, Expected: f.Expected + l.Late, Found: f.Found, Difference: n, Unpriced: true, Reason: l.Reason}
		if i := slices.IndexFunc(lots, func(lot Lot) bool { return lot.ID == l.Lot }); i >= 0 && lots[i].UnitCost.Currency() != "" {
			var err error
			v.Unpriced = false
			if v.Value, err = lots[i].UnitCost.Mul(decimal.NewFromInt(int64(n)), money.HalfEven); err != nil {
				return nil, money.Amount{}, err
			}
			if total, err = total.Add(v.Value); err != nil {
				return nil, money.Amount{}, fmt.Errorf("variances: %w", err)
			}
		}
		out = append(out, v)
	}
	return out, total, nil
}

// CountApproval says who approves the differences of a count.
type CountApproval struct {
	NewID   func() glabella.MovementID
	Shelves []Shelf // as in [Reconciliation], as of now
	By      glabella.StaffID
	At      time.Time
}

// Approve accepts the differences and returns the change for each, for
// [BookChanges]. Who approves makes it, at the time of approval, and who counted is
// the witness. It is refused with [CodeCountMoved] if the record of such a moment has
// changed since the count was reconciled.
//
// [Balance.Count] is not used: it sets a balance to what was found just now, and
// here stock has moved since.
func (c Count) Approve(a CountApproval) (Count, []PlannedChange, error) {
	next, err := CountMachine().Next(c.State, "approve")
	if err != nil {
		return c, nil, err
	}
	if err := c.refuseHands(c.Reconciled.By, a.By); err != nil {
		return c, nil, err
	}
	now, err := c.expected(a.Shelves)
	if err != nil {
		return c, nil, err
	}
	var reasons []glabella.Reason
	for i, l := range c.Lines {
		if now[i] != l.Figure().Expected+l.Late {
			reasons = append(reasons, glabella.Denied(CodeCountMoved, "the record of the time of counting has changed since").For(c.Ref(), l.Lot.Ref()).WithFix("reconcile the count again"))
		}
	}
	if err := glabella.Refuse(glabella.Decide(reasons...)); err != nil {
		return c, nil, err
	}
	out := c
	out.State, out.Approved = next, CountStep{By: a.By, At: instant(a.At)}
	if err := out.Validate(); err != nil {
		return c, nil, err
	}
	var changes []PlannedChange
	for _, l := range c.Lines {
		n := l.Difference()
		if n == 0 {
			continue
		}
		changes = append(changes, PlannedChange{Lot: l.Lot, Site: c.Site, Product: l.Product, Change: StockChange{
			ID: a.NewID(), Kind: MovementAdjust, Containers: n, Reason: l.Reason, By: a.By, Witness: l.Figure().By, At: a.At, Document: c.ID.String(),
		}})
	}
	return out, changes, nil
}

// Cancel drops the count with everything that was found. The reason is a code.
func (c Count) Cancel(by glabella.StaffID, at time.Time, reason string) (Count, error) {
	next, err := CountMachine().Next(c.State, "cancel")
	if err != nil {
		return c, err
	}
	out := c
	out.State, out.Canceled = next, CountStep{By: by, At: instant(at), Reason: reason}
	if err := out.Validate(); err != nil {
		return c, err
	}
	return out, nil
}
