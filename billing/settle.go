package billing

import (
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// Pay records payments, in any split and order. More than what is due is
// refused.
func (i Invoice) Pay(tenders ...Tender) (Invoice, error) {
	next := i
	next.Tenders = append(slices.Clone(i.Tenders), tenders...)
	totals, err := next.Totals()
	if err != nil {
		return i, err
	}
	if totals.Due.Sign() < 0 {
		return i, glabella.Refuse(glabella.Decide(glabella.Denied(CodeOverpaid, "the payments are more than what is due").For(i.Ref()).
			With("over", totals.Due.Neg().String()).WithFix("take what is due")))
	}
	action := "pay"
	if totals.Due.Sign() > 0 {
		action = "pay in part"
	}
	if next.State, err = InvoiceMachine().Next(i.State, action); err != nil {
		return i, err
	}
	return next, next.Validate()
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
// and what it should have said. The line itself stays as it is. Net and tax are
// those of the line in proportion, rounded half up; corrections of one line add
// up to what a single one would have given. What is due afterwards may be
// negative: then it is refunded.
func (i Invoice) Correct(c Correction) (Invoice, error) {
	at := slices.IndexFunc(i.Lines, func(l Line) bool { return l.ID == c.Line && l.Adjusts.IsZero() })
	if at < 0 {
		return i, glabella.Invalid("correction", glabella.Issue{Path: "/line", Code: CodeLineUnknown, Text: "the invoice has no such line"})
	}
	original := i.Lines[at]
	if len(original.Redeemed) > 0 {
		return i, glabella.Refuse(glabella.Decide(glabella.Denied(CodeLineRedeemed, "the line was paid from credits").For(original.ID.Ref()).WithFix("give the units back to the credits")))
	}
	if c.Quantity.Sign() < 0 || original.Quantity.Sign() <= 0 {
		return i, glabella.Invalid("correction", glabella.Issue{Path: "/quantity", Code: glabella.CodeOutOfRange, Text: "is not negative"})
	}
	adjustment := original
	adjustment.ID, adjustment.Adjusts, adjustment.Reason, adjustment.At = c.ID, c.Line, c.Reason, c.At
	adjustment.Discounts = nil
	var err error
	share := func(whole money.Amount) money.Amount {
		var part money.Amount
		if err == nil {
			part, err = whole.MulDiv(c.Quantity.Decimal, original.Quantity.Decimal, money.HalfUp)
		}
		return part
	}
	adjustment.Quantity, adjustment.Net, adjustment.Tax = c.Quantity, share(original.Net), share(original.Tax)
	if err != nil {
		return i, err
	}
	for _, l := range i.Lines {
		if l.ID != c.Line && l.Adjusts != c.Line {
			continue
		}
		adjustment.Quantity.Decimal = adjustment.Quantity.Sub(l.Quantity.Decimal)
		if adjustment.Net, err = adjustment.Net.Sub(l.Net); err != nil {
			return i, err
		}
		if adjustment.Tax, err = adjustment.Tax.Sub(l.Tax); err != nil {
			return i, err
		}
	}
	if adjustment.Quantity.IsZero() {
		return i, glabella.Refuse(glabella.Decide(glabella.Denied(CodeNoChange, "the line says this already").For(original.ID.Ref()).WithFix("leave it, or give another quantity")))
	}
	adjustment.List = adjustment.Net
	if adjustment.Total, err = adjustment.Net.Add(adjustment.Tax); err != nil {
		return i, err
	}
	next := i
	next.Lines = append(slices.Clone(i.Lines), adjustment)
	return next.settle("correct to more than was paid", "correct to what was paid", "correct to less than was paid")
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
			r.Kind = t.Kind
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
	return next.settle("", "refund", "refund in part")
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

// settle takes the step that fits to what is due.
func (i Invoice) settle(owing, even, owed string) (Invoice, error) {
	totals, err := i.Totals()
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
	if i.State, err = InvoiceMachine().Next(i.State, action); err != nil {
		return i, err
	}
	return i, i.Validate()
}

// Grant returns the credit that a line of an issued invoice sells, and false if
// the line is not a unit bank.
func (i Invoice) Grant(l Line, terms BankTerms, id glabella.CreditID) (Credit, bool) {
	if l.Kind != UnitBank || !l.Adjusts.IsZero() {
		return Credit{}, false
	}
	c := Credit{
		ID: id, Patient: i.Patient, Origin: OriginPaid, Product: terms.Units.Unit().Product(), Granted: terms.Units, Remaining: terms.Units,
		Price: l.Net, Invoice: i.ID, Line: l.ID, GrantedOn: i.On,
	}
	if !terms.ValidFor.IsZero() {
		c.ExpiresOn = i.On.Add(terms.ValidFor)
	}
	return c, true
}
