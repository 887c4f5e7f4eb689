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

// InvoiceState is where an invoice stands.
type InvoiceState string

// The states of an invoice.
const (
	InvoiceDraft    InvoiceState = "draft"
	InvoiceIssued   InvoiceState = "issued"
	InvoicePartPaid InvoiceState = "part-paid"
	InvoicePaid     InvoiceState = "paid"
	InvoiceRefunds  InvoiceState = "refund-due" // more was paid than is now owed
)

// InvoiceStates returns every state of an invoice.
func InvoiceStates() []InvoiceState {
	return []InvoiceState{InvoiceDraft, InvoiceIssued, InvoicePartPaid, InvoicePaid, InvoiceRefunds}
}

// Valid reports whether s is one of [InvoiceStates].
func (s InvoiceState) Valid() bool { return slices.Contains(InvoiceStates(), s) }

// InvoiceMachine returns the state machine of an invoice. Which of the states
// after a payment, a correction or a refund is reached follows from what is due.
func InvoiceMachine() state.Machine[InvoiceState] {
	m := state.Machine[InvoiceState]{Name: "invoice", Arrows: []state.Arrow[InvoiceState]{
		{From: InvoiceDraft, Action: "issue", To: InvoiceIssued},
		{From: InvoiceDraft, Action: "issue settled", To: InvoicePaid},
	}}
	for _, from := range []InvoiceState{InvoiceIssued, InvoicePartPaid} {
		m.Arrows = append(m.Arrows,
			state.Arrow[InvoiceState]{From: from, Action: "pay in part", To: InvoicePartPaid},
			state.Arrow[InvoiceState]{From: from, Action: "pay", To: InvoicePaid})
	}
	for _, from := range []InvoiceState{InvoiceIssued, InvoicePaid} {
		m.Arrows = append(m.Arrows, state.Arrow[InvoiceState]{From: from, Action: "correct before payment", To: InvoiceIssued})
	}
	m.Arrows = append(m.Arrows, state.Arrow[InvoiceState]{From: InvoiceIssued, Action: "correct to what was paid", To: InvoicePaid})
	for _, from := range []InvoiceState{InvoicePartPaid, InvoicePaid, InvoiceRefunds} {
		m.Arrows = append(m.Arrows,
			state.Arrow[InvoiceState]{From: from, Action: "correct to more than was paid", To: InvoicePartPaid},
			state.Arrow[InvoiceState]{From: from, Action: "correct to what was paid", To: InvoicePaid},
			state.Arrow[InvoiceState]{From: from, Action: "correct to less than was paid", To: InvoiceRefunds})
	}
	m.Arrows = append(m.Arrows,
		state.Arrow[InvoiceState]{From: InvoiceRefunds, Action: "refund in part", To: InvoiceRefunds},
		state.Arrow[InvoiceState]{From: InvoiceRefunds, Action: "refund", To: InvoicePaid})
	return m
}

// Invoice is what a patient is charged for and has paid.
type Invoice struct {
	ID glabella.InvoiceID `json:"id" validate:"required"`
	glabella.Meta
	Number    string               `json:"number" validate:"required"`
	Patient   glabella.PatientID   `json:"patient" validate:"required"`
	Encounter glabella.EncounterID `json:"encounter,omitzero"`
	Site      glabella.SiteID      `json:"site" validate:"required"`
	Currency  money.Currency       `json:"currency" validate:"required"`
	State     InvoiceState         `json:"state"`
	On        glabella.Date        `json:"on"` // the tax point
	IssuedAt  time.Time            `json:"issuedAt,omitzero"`
	Lines     []Line               `json:"lines" validate:"dive"`
	Tips      []Tip                `json:"tips" validate:"dive"`
	Tenders   []Tender             `json:"tenders" validate:"dive"`
}

// Line is a line of an invoice. Its amounts are in the order in which they were
// computed: List − the discounts = Net; Net + Tax = Total. A line that is paid
// from credits has their value as its net, and no tax: that was due when the
// credits were sold.
type Line struct {
	ID        glabella.LineID      `json:"id" validate:"required"`
	Kind      ServiceKind          `json:"kind"`
	Service   string               `json:"service" validate:"required"` // code of the price list
	Name      string               `json:"name"`                        // as on the price list when it was charged
	Product   string               `json:"product,omitempty"`
	Procedure glabella.ProcedureID `json:"procedure,omitzero"`
	Provider  glabella.StaffID     `json:"provider,omitzero"`
	Lots      []glabella.LotID     `json:"lots"`
	Quantity  quantity.Number      `json:"quantity"`
	UnitPrice money.Amount         `json:"unitPrice"`
	List      money.Amount         `json:"list"`
	Discounts []Step               `json:"discounts"`
	Redeemed  []Use                `json:"redeemed"` // credits that pay the whole line
	Net       money.Amount         `json:"net"`
	TaxClass  string               `json:"taxClass,omitempty"`
	Tax       money.Amount         `json:"tax"`
	Total     money.Amount         `json:"total"`
	Adjusts   glabella.LineID      `json:"adjusts,omitzero"` // the line that this one corrects
	Reason    string               `json:"reason,omitempty"` // why it is corrected or complimentary, a code of the practice's own
	At        time.Time            `json:"at,omitzero"`      // of a correction
}

// Step is one step of the discounts of a line.
type Step struct {
	Code   string       `json:"code"`
	Amount money.Amount `json:"amount"` // what it takes off
}

// Tip is a tip for a member of staff. It is not revenue.
type Tip struct {
	Provider glabella.StaffID `json:"provider" validate:"required"`
	Amount   money.Amount     `json:"amount"`
}

// TenderKind is a means of payment.
type TenderKind string

// The means of payment.
const (
	Cash  TenderKind = "cash"
	Card  TenderKind = "card"
	Check TenderKind = "check"
	// StoreCredit takes the amount from lots of money that the patient has: gift
	// cards, credit for a refund, promotions. It brings nothing in.
	StoreCredit TenderKind = "store-credit"
)

// TenderKinds returns every means of payment.
func TenderKinds() []TenderKind { return []TenderKind{Cash, Card, Check, StoreCredit} }

// Valid reports whether k is one of [TenderKinds].
func (k TenderKind) Valid() bool { return slices.Contains(TenderKinds(), k) }

// Tender is one payment, or one refund of it.
type Tender struct {
	ID        glabella.TenderID `json:"id" validate:"required"`
	Kind      TenderKind        `json:"kind"`
	Amount    money.Amount      `json:"amount"`              // without the change; negative for a refund
	Reference string            `json:"reference,omitempty"` // the processor's, such as an authorisation
	Refunds   glabella.TenderID `json:"refunds,omitzero"`    // the payment that a refund gives back
	Uses      []Use             `json:"uses"`                // of store credit: the lots that it is taken from, or goes back to
	At        time.Time         `json:"at"`
}

// Codes of issues with and reasons against invoices.
const (
	// CodeTotals says that the amounts of an invoice do not add up.
	CodeTotals glabella.Code = "billing.totals"
	// CodeOverpaid says that a payment is more than what is due.
	CodeOverpaid glabella.Code = "billing.overpaid"
	// CodeRefundDue says that a refund is more than what is due back, or more than was paid that way.
	CodeRefundDue glabella.Code = "billing.refund.exceeds"
	// CodeLineUnknown says that the invoice has no such line, or that it is itself a correction.
	CodeLineUnknown glabella.Code = "billing.line.unknown"
	// CodeLineRedeemed says that a line that was paid from credits is not corrected by amount.
	CodeLineRedeemed glabella.Code = "billing.line.redeemed"
	// CodeLineBank says that a line that sold prepaid units is not corrected by amount.
	CodeLineBank glabella.Code = "billing.line.unit-bank"
	// CodeNoChange says that a correction changes nothing.
	CodeNoChange glabella.Code = "billing.correction.none"
)

// Ref returns the reference to the invoice.
func (i Invoice) Ref() glabella.Ref { return i.ID.Ref() }

// Validate reports everything that is wrong with the invoice: amounts that do
// not add up above all.
func (i Invoice) Validate() error {
	issues := check.Struct(i)
	add := func(code glabella.Code, text, format string, args ...any) {
		issues = append(issues, glabella.Issue{Path: fmt.Sprintf(format, args...), Code: code, Text: text})
	}
	if !i.State.Valid() {
		add(glabella.CodeUnknownValue, "not a state of an invoice", "/state")
	}
	if !i.On.Valid() {
		add(glabella.CodeRequired, "an invoice counts on a day", "/on")
	}
	for n, l := range i.Lines {
		if !l.ID.IsZero() && slices.ContainsFunc(i.Lines[:n], func(o Line) bool { return o.ID == l.ID }) {
			add(glabella.CodeDuplicate, "a line has an identity of its own", "/lines/%d/id", n)
		}
		if !l.Adjusts.IsZero() && !slices.ContainsFunc(i.Lines[:n], func(o Line) bool { return o.ID == l.Adjusts && o.Adjusts.IsZero() }) {
			add(CodeLineUnknown, "corrects a line that the invoice does not have", "/lines/%d/adjusts", n)
		}
		if !l.Adjusts.IsZero() && slices.ContainsFunc(i.Lines[:n], func(o Line) bool { return o.ID == l.Adjusts && len(o.Discounts) != len(l.Discounts) }) {
			add(glabella.CodeMismatch, "a correction has the discounts of its line", "/lines/%d/discounts", n)
		}
		if !l.addsUp() {
			add(CodeTotals, "the line's amounts do not add up", "/lines/%d", n)
		}
		for _, a := range []money.Amount{l.List, l.Net, l.Tax, l.Total} {
			if a.Currency() != i.Currency && a != (money.Amount{}) {
				add(glabella.CodeMismatch, "is of another currency than the invoice", "/lines/%d", n)
				break
			}
		}
	}
	for n, t := range i.Tenders {
		if !t.ID.IsZero() && slices.ContainsFunc(i.Tenders[:n], func(o Tender) bool { return o.ID == t.ID }) {
			add(glabella.CodeDuplicate, "a payment has an identity of its own", "/tenders/%d/id", n)
		}
		if !t.Kind.Valid() {
			add(glabella.CodeUnknownValue, "not a means of payment", "/tenders/%d/kind", n)
		}
		if t.Amount.IsZero() || (t.Amount.Sign() < 0) == t.Refunds.IsZero() || t.Amount.Currency() != i.Currency {
			add(glabella.CodeOutOfRange, "a payment is positive and a refund negative, in the invoice's currency", "/tenders/%d/amount", n)
		}
		if !t.fromCredit() {
			add(CodeTotals, "store credit, and only that, is taken from lots that sum to it", "/tenders/%d/uses", n)
		}
		if !t.Refunds.IsZero() && !slices.ContainsFunc(i.Tenders[:n], func(o Tender) bool { return o.ID == t.Refunds && o.Refunds.IsZero() && o.Kind == t.Kind }) {
			add(glabella.CodeMismatch, "a refund gives back an earlier payment by the same means", "/tenders/%d/refunds", n)
		}
	}
	for n, t := range i.Tips {
		if t.Amount.Sign() < 0 || t.Amount.Currency() != i.Currency {
			add(glabella.CodeOutOfRange, "a tip is not negative, in the invoice's currency", "/tips/%d/amount", n)
		}
	}
	if totals, err := i.Totals(); err != nil {
		add(CodeTotals, "the amounts cannot be summed", "")
	} else if i.State.Valid() && !i.State.fits(totals.Due, len(i.Tenders) > 0) {
		add(glabella.CodeMismatch, "does not fit to what is due", "/state")
	}
	return glabella.Invalid("invoice", issues...)
}

// fromCredit reports whether the lots that a payment names fit it.
func (t Tender) fromCredit() bool {
	if (t.Kind == StoreCredit) != (len(t.Uses) > 0) {
		return false
	}
	if len(t.Uses) == 0 {
		return true
	}
	sum := quantity.Of(0, each)
	for _, u := range t.Uses {
		var err error
		if sum, err = sum.Add(u.Units); err != nil || u.Lot.IsZero() {
			return false
		}
	}
	return sum.Equal(CreditOf(t.Amount))
}

// fits reports whether an invoice of which so much is due can be in the state.
func (s InvoiceState) fits(due money.Amount, paid bool) bool {
	switch s {
	case InvoiceIssued:
		return due.Sign() > 0 && !paid
	case InvoicePartPaid:
		return due.Sign() > 0 && paid
	case InvoicePaid:
		return due.IsZero()
	case InvoiceRefunds:
		return due.Sign() < 0
	default:
		return !paid
	}
}

// addsUp reports whether the line's amounts follow from each other.
func (l Line) addsUp() bool {
	net := l.List
	var err error
	for _, s := range l.Discounts {
		if net, err = net.Sub(s.Amount); err != nil {
			return false
		}
	}
	if len(l.Redeemed) > 0 {
		net = money.New(0, l.Net.Currency()) // credits that were given away are worth nothing of no currency
		for _, u := range l.Redeemed {
			if net, err = net.Add(u.Value); err != nil {
				return false
			}
		}
	}
	total, err := l.Net.Add(l.Tax)
	return err == nil && net == l.Net && total == l.Total
}

// Totals are the sums of an invoice.
type Totals struct {
	List      money.Amount // of all lines, at list price
	Discounts money.Amount
	Net       money.Amount
	Tax       money.Amount
	Tips      money.Amount
	Gross     money.Amount // Net + Tax + Tips
	Redeemed  money.Amount // paid from credits
	Paid      money.Amount // by tenders, less refunds
	Due       money.Amount // Gross − Redeemed − Paid; negative is owed to the patient
}

// Totals returns the sums of the invoice.
func (i Invoice) Totals() (Totals, error) {
	zero := money.New(0, i.Currency)
	t := Totals{List: zero, Discounts: zero, Net: zero, Tax: zero, Tips: zero, Redeemed: zero, Paid: zero}
	s := summer{}
	for _, l := range i.Lines {
		s.add(&t.List, l.List)
		s.add(&t.Net, l.Net)
		s.add(&t.Tax, l.Tax)
		for _, d := range l.Discounts {
			s.add(&t.Discounts, d.Amount)
		}
		for _, u := range l.Redeemed {
			s.add(&t.Redeemed, u.Value)
		}
	}
	for _, tip := range i.Tips {
		s.add(&t.Tips, tip.Amount)
	}
	for _, tender := range i.Tenders {
		s.add(&t.Paid, tender.Amount)
	}
	s.add(&t.Gross, t.Net)
	s.add(&t.Gross, t.Tax)
	s.add(&t.Gross, t.Tips)
	s.add(&t.Due, t.Gross)
	s.add(&t.Due, t.Redeemed.Neg())
	s.add(&t.Due, t.Paid.Neg())
	return t, s.err
}

// summer adds amounts and keeps the first error.
type summer struct{ err error }

func (s *summer) add(sum *money.Amount, a money.Amount) {
	if s.err == nil {
		*sum, s.err = sum.Add(a)
	}
}
