package billing

import (
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
)

// CreditRefundBasis says how much of a part-used credit is refunded.
type CreditRefundBasis string

// The bases of a refund.
const (
	// RefundPaidValue refunds what was paid for what is left.
	RefundPaidValue CreditRefundBasis = "paid-value"
	// RefundListOfUsed refunds what was paid less the list price of what was used.
	RefundListOfUsed CreditRefundBasis = "list-price-of-used"
)

// CreditRefundBases returns every basis of a refund.
func CreditRefundBases() []CreditRefundBasis {
	return []CreditRefundBasis{RefundPaidValue, RefundListOfUsed}
}

// Valid reports whether b is one of [CreditRefundBases].
func (b CreditRefundBasis) Valid() bool { return slices.Contains(CreditRefundBases(), b) }

// CreditRefundFacts are what the refund of part-used lots depends on.
type CreditRefundFacts struct {
	Lots  []CreditLot // of one sale, such as those of a package
	Basis CreditRefundBasis
	// ListPrices is what one unit of each lot costs on its own, for the basis that
	// needs it.
	ListPrices map[glabella.CreditLotID]money.Amount
	Fee        money.Amount // that the terms keep
}

// Codes of the steps of a refund, and of issues with it.
const (
	// CodeCreditRefundPaid says that the step is what was paid for the credit.
	CodeCreditRefundPaid glabella.Code = "billing.credit-refund.paid"
	// CodeCreditRefundUsed says that the step takes off what was used of the credit.
	CodeCreditRefundUsed glabella.Code = "billing.credit-refund.used"
	// CodeCreditRefundGone says that the step takes off what left the credit in another way, such as by expiry or a transfer.
	CodeCreditRefundGone glabella.Code = "billing.credit-refund.gone"
	// CodeCreditRefundFee says that the step takes off the fee of the terms.
	CodeCreditRefundFee glabella.Code = "billing.credit-refund.fee"
	// CodeCreditRefundFloor says that the step lifts a refund below nothing to nothing.
	CodeCreditRefundFloor glabella.Code = "billing.credit-refund.floor"
	// CodeCreditRefundNothing says that nothing is left of the credit that could be refunded.
	CodeCreditRefundNothing glabella.Code = "billing.credit-refund.nothing"
)

// RefundStep is one step of the figure of a refund.
type RefundStep struct {
	Code   glabella.Code        `json:"code"`
	Lot    glabella.CreditLotID `json:"lot,omitzero"`
	Amount money.Amount         `json:"amount"` // added; negative takes off
}

// LotAmount is an amount that belongs to one lot, such as its part of a refund.
type LotAmount struct {
	Lot    glabella.CreditLotID `json:"lot"`
	Amount money.Amount         `json:"amount"`
}

// CreditRefund is the refund of part-used lots, with the steps that sum to it.
// Suspense is the value of what was left, less the refund: what is over is
// revenue, what falls short is a cost of the practice.
type CreditRefund struct {
	Refund   money.Amount `json:"refund"`
	Value    money.Amount `json:"value"` // of what was left
	Suspense money.Amount `json:"suspense"`
	Steps    []RefundStep `json:"steps"`
	Parts    []LotAmount  `json:"parts"` // of the lots that have something left
}

// QuoteCreditRefund returns what would be refunded for what is left of lots, step
// by step. It changes nothing. Promotional and goodwill lots refund nothing, but
// their units are taken back with the rest.
func QuoteCreditRefund(f CreditRefundFacts) (CreditRefund, error) {
	if !f.Basis.Valid() || len(f.Lots) == 0 || f.Fee.Sign() < 0 {
		return CreditRefund{}, glabella.Invalid("credit-refund", glabella.Issue{Code: glabella.CodeRequired, Text: "needs lots, a basis and a fee that is not negative"})
	}
	zero := money.New(0, f.Lots[0].Price.Currency())
	q := CreditRefund{Refund: zero, Value: zero, Suspense: zero, Steps: []RefundStep{}, Parts: []LotAmount{}}
	s := summer{}
	step := func(code glabella.Code, lot glabella.CreditLotID, a money.Amount) {
		if !a.IsZero() {
			q.Steps = append(q.Steps, RefundStep{Code: code, Lot: lot, Amount: a})
			s.add(&q.Refund, a)
		}
	}
	var values []int64
	for _, l := range f.Lots {
		b, err := l.Balance()
		if err != nil {
			return CreditRefund{}, err
		}
		if b.Remaining.Sign() > 0 {
			q.Parts = append(q.Parts, LotAmount{Lot: l.ID})
			values = append(values, b.Value.Minor())
			s.add(&q.Value, b.Value)
		}
		used, gone, err := l.left(f)
		if err != nil {
			return CreditRefund{}, err
		}
		step(CodeCreditRefundPaid, l.ID, l.Price)
		step(CodeCreditRefundUsed, l.ID, used.Neg())
		step(CodeCreditRefundGone, l.ID, gone.Neg())
	}
	if len(q.Parts) == 0 {
		return CreditRefund{}, glabella.Refuse(glabella.Decide(glabella.Denied(CodeCreditRefundNothing, "nothing is left to refund").For(f.Lots[0].Ref())))
	}
	step(CodeCreditRefundFee, glabella.CreditLotID{}, f.Fee.Neg())
	if q.Refund.Sign() < 0 {
		step(CodeCreditRefundFloor, glabella.CreditLotID{}, q.Refund.Neg())
	}
	if s.err != nil {
		return CreditRefund{}, s.err
	}
	var err error
	if q.Suspense, err = q.Value.Sub(q.Refund); err != nil {
		return CreditRefund{}, err
	}
	var parts []money.Amount
	if q.Value.IsZero() {
		parts, err = q.Refund.Split(len(values))
	} else {
		parts, err = q.Refund.Allocate(values...)
	}
	if err != nil {
		return CreditRefund{}, err
	}
	for i := range q.Parts {
		q.Parts[i].Amount = parts[i]
	}
	return q, nil
}

// left returns what uses take off the price of the lot, and what else did.
func (l CreditLot) left(f CreditRefundFacts) (used, gone money.Amount, err error) {
	used, gone = money.New(0, l.Price.Currency()), money.New(0, l.Price.Currency())
	s := summer{}
	for _, m := range l.Movements[1:] {
		of := m
		if m.Kind == MoveReinstate {
			of = l.Movements[m.Reverses-1]
		}
		a := m.Value.Neg()
		switch of.Kind {
		case MoveRedeem:
			if f.Basis == RefundListOfUsed && !l.Origin.Free() {
				list, ok := f.ListPrices[l.ID]
				if !ok || list.Sign() < 0 {
					return used, gone, glabella.Invalid("credit-refund", glabella.Issue{Path: "/listPrices", Code: CodeNoPrice, Text: "a lot that was used has no list price"})
				}
				if a, err = list.Mul(m.Units.Value().Neg(), money.HalfUp); err != nil {
					return used, gone, err
				}
			}
			s.add(&used, a)
		default:
			s.add(&gone, a)
		}
	}
	return used, gone, s.err
}

// PayCreditRefund takes everything that is left from the lots of a quote, and
// records what each of them refunds. It returns those that changed. A lot that is
// missing, or that changed since the quote, is an error.
func PayCreditRefund(q CreditRefund, lots []CreditLot, w Moved) ([]CreditLot, error) {
	out := make([]CreditLot, 0, len(q.Parts))
	s, taken := summer{}, money.New(0, q.Value.Currency())
	for _, part := range q.Parts {
		i := slices.IndexFunc(lots, func(l CreditLot) bool { return l.ID == part.Lot })
		if i < 0 {
			return nil, glabella.Invalid("credit-refund", glabella.Issue{Path: "/parts", Code: glabella.CodeMismatch, Text: "names a lot that is not given"})
		}
		b, err := lots[i].Balance()
		if err != nil {
			return nil, err
		}
		next, value, err := lots[i].take(b.Remaining, CreditMovement{Kind: MoveRefund, Moved: w, Cash: part.Amount})
		if err != nil {
			return nil, err
		}
		s.add(&taken, value)
		out = append(out, next)
	}
	if s.err == nil && taken != q.Value {
		return nil, glabella.Invalid("credit-refund", glabella.Issue{Path: "/value", Code: CodeLotJournal, Text: "a lot changed since the quote"})
	}
	return out, s.err
}
