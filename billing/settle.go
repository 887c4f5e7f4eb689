package billing

import (
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// Issue makes the draft final. A line of it never changes afterwards.
func (i Invoice) Issue(now time.Time) (Invoice, error) {
	next := i
	next.IssuedAt = now
	return i.become(next, "issue", "issue settled", "issue settled")
}

// Pay records payments, in any split and order. More than what is due is
// refused; [Invoice.MakeChange] takes the change off cash first.
func (i Invoice) Pay(tenders ...Tender) (Invoice, error) {
	if err := payments(tenders); err != nil {
		return i, err
	}
	next := i
	next.Tenders = append(slices.Clone(i.Tenders), tenders...)
	totals, err := next.Totals()
	if err != nil {
		return i, err
	}
	if totals.Due.Sign() < 0 {
		return i, i.overpaid(totals.Due.Neg())
	}
	return i.become(next, "pay in part", "pay", "")
}

func payments(tenders []Tender) error {
	var issues []glabella.Issue
	if len(tenders) == 0 {
		issues = append(issues, glabella.Issue{Path: "/tenders", Code: glabella.CodeRequired, Text: "nothing is paid"})
	}
	for n, t := range tenders {
		if t.Amount.Sign() <= 0 || !t.Refunds.IsZero() {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/tenders/%d/amount", n), Code: glabella.CodeOutOfRange, Text: "a payment is more than nothing"})
		}
	}
	return glabella.Invalid("payment", issues...)
}

func (i Invoice) overpaid(over money.Amount) error {
	return glabella.Refuse(glabella.Decide(glabella.Denied(CodeOverpaid, "the payments are more than what is due").For(i.Ref()).
		With("over", over.String()).WithFix("take what is due")))
}

// MakeChange returns payments of which the change is taken off, and the change:
// what they are more than what is due goes back out of the largest cash payment.
// It is refused if that payment is not more than the change, and so whenever
// nothing is paid in cash. The invoice is not changed; pay with what is returned.
func (i Invoice) MakeChange(tenders ...Tender) ([]Tender, money.Amount, error) {
	if err := payments(tenders); err != nil {
		return nil, money.Amount{}, err
	}
	totals, err := i.Totals()
	if err != nil {
		return nil, money.Amount{}, err
	}
	over := totals.Due.Neg()
	s := summer{}
	for _, t := range tenders {
		s.add(&over, t.Amount)
	}
	if s.err != nil {
		return nil, money.Amount{}, s.err
	}
	out := slices.Clone(tenders)
	if over.Sign() <= 0 {
		return out, money.New(0, i.Currency), nil
	}
	largest := -1
	for n, t := range out {
		if t.Kind == Cash && (largest < 0 || t.Amount.Minor() > out[largest].Amount.Minor()) {
			largest = n
		}
	}
	if largest < 0 || out[largest].Amount.Minor() <= over.Minor() {
		return nil, money.Amount{}, i.overpaid(over)
	}
	out[largest].Amount, err = out[largest].Amount.Sub(over)
	return out, over, err
}

// Correction says how a line of an issued invoice is corrected.
type Correction struct {
	ID       glabella.LineID // of the correcting line
	Line     glabella.LineID // the line that is corrected
	Quantity quantity.Number // what the line should have said; 0 takes it back
	Reason   string          // a code of the practice's own
	At       time.Time
}

// Correct adds the line that makes up the difference between what a line says
// and what it should have said. The line itself stays as it is. List price, net
// and tax are those of the line in proportion, each rounded half up, and its
// discounts share the difference of list price and net by largest remainder;
// corrections of one line add up to what a single one would have given. What is
// due afterwards may be negative: then it is refunded. Lines that sell prepaid
// units or are paid from them are not corrected this way.
func (i Invoice) Correct(c Correction) (Invoice, error) {
	at := slices.IndexFunc(i.Lines, func(l Line) bool { return l.ID == c.Line && l.Adjusts.IsZero() })
	if at < 0 {
		return i, glabella.Invalid("correction", glabella.Issue{Path: "/line", Code: CodeLineUnknown, Text: "the invoice has no such line"})
	}
	original := i.Lines[at]
	if err := original.correctable(c); err != nil {
		return i, err
	}
	adjustment, err := original.scaled(c.Quantity)
	if err != nil {
		return i, err
	}
	s := summer{}
	for _, l := range i.Lines {
		if l.ID != c.Line && l.Adjusts != c.Line {
			continue
		}
		adjustment.Quantity.Decimal = adjustment.Quantity.Sub(l.Quantity.Decimal)
		s.add(&adjustment.List, l.List.Neg())
		for k, d := range l.Discounts {
			s.add(&adjustment.Discounts[k].Amount, d.Amount.Neg())
		}
		s.add(&adjustment.Net, l.Net.Neg())
		s.add(&adjustment.Tax, l.Tax.Neg())
	}
	adjustment.Total = adjustment.Net
	s.add(&adjustment.Total, adjustment.Tax)
	if s.err != nil {
		return i, s.err
	}
	if adjustment.Quantity.IsZero() {
		return i, glabella.Refuse(glabella.Decide(glabella.Denied(CodeNoChange, "the line says this already").For(original.ID.Ref()).WithFix("leave it, or give another quantity")))
	}
	adjustment.ID, adjustment.Adjusts, adjustment.Reason, adjustment.At = c.ID, c.Line, c.Reason, c.At
	next := i
	next.Lines = append(slices.Clone(i.Lines), adjustment)
	owing := "correct to more than was paid"
	if len(i.Tenders) == 0 {
		owing = "correct before payment"
	}
	return i.become(next, owing, "correct to what was paid", "correct to less than was paid")
}

// correctable reports why the line cannot be corrected in this way.
func (l Line) correctable(c Correction) error {
	var reasons []glabella.Reason
	if len(l.Redeemed) > 0 {
		reasons = append(reasons, glabella.Denied(CodeLineRedeemed, "the line was paid from credits").For(l.ID.Ref()).WithFix("give the units back to the credits"))
	}
	if l.Kind.Prepaid() {
		reasons = append(reasons, glabella.Denied(CodeLineBank, "the line sold credit, of which some may have been used").For(l.ID.Ref()).WithFix("refund what is left of the credit"))
	}
	if err := glabella.Refuse(glabella.Decide(reasons...)); err != nil {
		return err
	}
	var issues []glabella.Issue
	if c.Quantity.Sign() < 0 || l.Quantity.Sign() <= 0 {
		issues = append(issues, glabella.Issue{Path: "/quantity", Code: glabella.CodeOutOfRange, Text: "is not negative"})
	}
	if c.Reason == "" {
		issues = append(issues, glabella.Issue{Path: "/reason", Code: glabella.CodeRequired, Text: "a correction says why"})
	}
	return glabella.Invalid("correction", issues...)
}

// scaled returns the line as it would be with another quantity. Its amounts
// depend on nothing else, which is why corrections of it add up.
func (l Line) scaled(to quantity.Number) (Line, error) {
	out := l
	out.Quantity, out.Lots = to, slices.Clone(l.Lots)
	out.Discounts = slices.Clone(l.Discounts)
	var err error
	share := func(whole money.Amount) money.Amount {
		var part money.Amount
		if err == nil {
			part, err = whole.MulDiv(to.Decimal, l.Quantity.Decimal, money.HalfUp)
		}
		return part
	}
	out.List, out.Net, out.Tax = share(l.List), share(l.Net), share(l.Tax)
	if err != nil || len(l.Discounts) == 0 {
		return out, err
	}
	off, err := out.List.Sub(out.Net)
	if err != nil {
		return out, err
	}
	weights := make([]int64, len(l.Discounts))
	for k, d := range l.Discounts {
		weights[k] = d.Amount.Minor()
	}
	if l.List == l.Net {
		weights[0] = 1 // discounts of nothing share nothing
	}
	parts, err := off.Allocate(weights...)
	if err != nil {
		return out, err
	}
	for k := range parts {
		out.Discounts[k].Amount = parts[k]
	}
	return out, nil
}

// Refund gives back part of an earlier payment, by the same means. It is refused
// beyond what is owed to the patient, and beyond what was paid that way.
func (i Invoice) Refund(r Tender) (Invoice, error) {
	totals, err := i.Totals()
	if err != nil {
		return i, err
	}
	left, err := i.RefundableTo(r.Refunds)
	if err != nil {
		return i, err
	}
	for _, t := range i.Tenders {
		if t.ID == r.Refunds {
			r.Kind = t.Kind // a refund takes the way of its payment
		}
	}
	s := summer{}
	s.add(&left, r.Amount)
	owed := totals.Due
	s.add(&owed, r.Amount.Neg())
	if s.err != nil {
		return i, s.err
	}
	if r.Amount.Sign() >= 0 || left.Sign() < 0 || owed.Sign() > 0 {
		return i, glabella.Refuse(glabella.Decide(glabella.Denied(CodeRefundDue, "the refund is more than is owed, or than was paid this way").For(i.Ref(), r.Refunds.Ref()).
			WithFix("refund what is owed, to the payments that were made")))
	}
	next := i
	next.Tenders = append(slices.Clone(i.Tenders), r)
	return i.become(next, "", "refund", "refund in part")
}

// RefundableTo returns what is left of a payment after its refunds.
func (i Invoice) RefundableTo(payment glabella.TenderID) (money.Amount, error) {
	left := money.New(0, i.Currency)
	s := summer{}
	for _, t := range i.Tenders {
		if t.ID == payment || t.Refunds == payment {
			s.add(&left, t.Amount)
		}
	}
	return left, s.err
}

// become returns next in the state that fits to what is due then: by the action
// owing if something is, even if nothing is, owed if the patient is owed. With an
// error it returns i.
func (i Invoice) become(next Invoice, owing, even, owed string) (Invoice, error) {
	totals, err := next.Totals()
	if err != nil {
		return i, err
	}
	action := even
	switch totals.Due.Sign() {
	case 1:
		action = owing
	case -1:
		action = owed
	}
	if next.State, err = InvoiceMachine().Next(i.State, action); err != nil {
		return i, err
	}
	if err := next.Validate(); err != nil {
		return i, err
	}
	return next, nil
}

// Grant returns the lot of credit that a line of an issued invoice sells, and false
// if the line is not a unit bank.
func (i Invoice) Grant(l Line, terms BankTerms, id glabella.CreditLotID, w Moved) (CreditLot, bool, error) {
	if l.Kind != UnitBank || !l.Adjusts.IsZero() {
		return CreditLot{}, false, nil
	}
	lot := CreditLot{
		ID: id, Patient: i.Patient, Origin: LotPaid, Kind: UnitsLot, Granted: terms.Units, Price: l.Net, Limits: LotLimits{Products: []string{terms.Units.Unit().Product()}},
		Source: LotSource{Invoice: i.ID, Line: l.ID},
	}
	var expires glabella.Date
	if !terms.ValidFor.IsZero() {
		expires = i.On.Add(terms.ValidFor)
	}
	w.On, w.Invoice, w.Line = i.On, i.ID, l.ID
	lot, err := lot.Grant(expires, w)
	return lot, err == nil, err
}
