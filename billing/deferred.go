package billing

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// BreakagePolicy says what becomes of the value of credits that expire unused.
type BreakagePolicy string

// The policies.
const (
	// BreakageRevenue makes it revenue when it expires (ASC 606-10-55-48).
	BreakageRevenue BreakagePolicy = "revenue"
	// KeepLiability keeps it as a liability to whom it must be turned over
	// (ASC 606-10-55-49).
	KeepLiability BreakagePolicy = "keep-liability"
)

// BreakagePolicies returns every policy.
func BreakagePolicies() []BreakagePolicy { return []BreakagePolicy{BreakageRevenue, KeepLiability} }

// Valid reports whether p is one of [BreakagePolicies].
func (p BreakagePolicy) Valid() bool { return slices.Contains(BreakagePolicies(), p) }

// RecognitionPolicy is what a practice has decided with its accountant on when
// prepaid value becomes revenue. The library has no table of states.
type RecognitionPolicy struct {
	// InitialShare is the share of a price that is revenue at the sale. It counts
	// for lots that are sold under the policy, never for earlier ones.
	InitialShare quantity.Number `json:"initialShare,omitzero"`
	// Breakage is by jurisdiction (ISO 3166); those that are not listed keep the
	// liability.
	Breakage map[string]BreakagePolicy `json:"breakage"`
	Source   string                    `json:"source,omitempty"`
}

// Upfront returns what of a price is revenue at the sale, for
// [CreditLot].Upfront. It is rounded half up.
func (p RecognitionPolicy) Upfront(price money.Amount) (money.Amount, error) {
	if s := p.InitialShare.Decimal; s.Sign() < 0 || s.GreaterThan(decimal.NewFromInt(1)) {
		return money.Amount{}, glabella.Invalid("recognition", glabella.Issue{Path: "/initialShare", Code: glabella.CodeOutOfRange, Text: "is between 0 and 1"})
	}
	if p.InitialShare.IsZero() {
		return money.Amount{}, nil
	}
	return price.Mul(p.InitialShare.Decimal, money.HalfUp)
}

// BreakageIn returns what becomes of expired value in a jurisdiction.
func (p RecognitionPolicy) BreakageIn(jurisdiction string) BreakagePolicy {
	if b, ok := p.Breakage[jurisdiction]; ok {
		return b
	}
	return KeepLiability
}

// The accounts of prepaid value.
const (
	// PrepaidClearing is what the sale, the use or the refund of a credit is
	// cleared against: the receivable of an invoice, or the payment of a refund.
	PrepaidClearing   Account = "prepaid-clearing"
	UpfrontRevenue    Account = "prepaid-upfront-revenue" // revenue at the sale; taken back where the service is delivered or refunded
	BreakageIncome    Account = "breakage"                // revenue
	UnclaimedProperty Account = "unclaimed-property"      // liability: expired value that is kept
	SuspenseIncome    Account = "prepaid-suspense-income" // revenue: value that was not refunded
	SuspenseCost      Account = "prepaid-suspense-cost"   // cost: refunds above the value
	TransferClearing  Account = "prepaid-transfer"        // between two lots; nothing once both are posted
)

// LotPosting is an amount on an account: positive is a debit, negative a credit.
type LotPosting struct {
	Account Account      `json:"account"`
	Amount  money.Amount `json:"amount"`
}

// LotEntry is the entry of one movement of a lot in the books. Its postings sum
// to zero.
type LotEntry struct {
	Lot      glabella.CreditLotID `json:"lot"`
	Number   int                  `json:"number"` // of the movement, from 1
	Kind     CreditMovementKind   `json:"kind"`   // of the movement
	Of       CreditMovementKind   `json:"of"`     // what a reinstatement reverses, or else Kind
	On       glabella.Date        `json:"on"`
	Postings []LotPosting         `json:"postings"`
}

// Recognise returns the entries of every movement of the lots that has a value,
// in the order of the lots and of their movements. Breakage follows the policy of
// the jurisdiction; what was revenue at the sale follows each lot.
//
// The value that a redemption clears is the whole of it. The part that was revenue at
// the sale is taken back from there, so that delivery is revenue at full value
// and nothing counts twice.
func Recognise(lots []CreditLot, p RecognitionPolicy, jurisdiction string) ([]LotEntry, error) {
	out := []LotEntry{}
	for _, l := range lots {
		b := LotBalance{Remaining: quantity.Of(0, l.Granted.Unit()), Value: money.New(0, l.Price.Currency())}
		for n, m := range l.Movements {
			next, err := l.apply(b, n)
			if err != nil {
				return nil, err
			}
			e := LotEntry{Lot: l.ID, Number: n + 1, Kind: m.Kind, Of: m.Kind, On: m.On, Postings: []LotPosting{}}
			if m.Kind == MoveReinstate {
				e.Of = l.Movements[m.Reverses-1].Kind
			}
			if err := e.recognise(l, b.Value, next.Value, m.Cash, p.BreakageIn(jurisdiction)); err != nil {
				return nil, err
			}
			if len(e.Postings) > 0 {
				out = append(out, e)
			}
			b = next
		}
	}
	return out, nil
}

// recognise posts what a movement makes of the deferred part of the lot's value
// and of the part that was revenue at the sale.
func (e *LotEntry) recognise(l CreditLot, before, after, cash money.Amount, breakage BreakagePolicy) error {
	s := summer{}
	post := func(a Account, amount money.Amount) {
		if !amount.IsZero() {
			e.Postings = append(e.Postings, LotPosting{Account: a, Amount: amount})
		}
	}
	was, err := l.deferred(before)
	if err != nil {
		return err
	}
	is, err := l.deferred(after)
	if err != nil {
		return err
	}
	delta, err := was.Sub(is) // released from the liability
	if err != nil {
		return err
	}
	value, err := before.Sub(after)
	if err != nil {
		return err
	}
	early, err := value.Sub(delta) // of the value, what was revenue at the sale
	if err != nil {
		return err
	}
	post(DeferredRevenue, delta)
	switch e.Of {
	case MoveExpire, MoveForfeit:
		// What was revenue at the sale stays so.
		if breakage == BreakageRevenue {
			post(BreakageIncome, delta.Neg())
		} else {
			post(UnclaimedProperty, delta.Neg())
		}
	case MoveTransferOut, MoveTransferIn, MoveConvert:
		post(TransferClearing, delta.Neg())
	case MoveRefund:
		post(UpfrontRevenue, early)
		post(PrepaidClearing, cash.Neg())
		rest := value.Neg()
		s.add(&rest, cash)
		if rest.Sign() <= 0 {
			post(SuspenseIncome, rest)
		} else {
			post(SuspenseCost, rest)
		}
	case MoveGrant:
		if !l.Source.Lot.IsZero() {
			post(TransferClearing, delta.Neg())
			break
		}
		fallthrough
	default:
		post(UpfrontRevenue, early)
		post(PrepaidClearing, value.Neg())
	}
	return s.err
}

// RollForward is how the deferred revenue of lots moved in a period:
//
//	End = Begin + Granted − Redeemed − Refunded − Breakage − Unclaimed + Moved − Suspense
//
// Each figure is of the deferred part only. Suspense is negative where refunds
// exceed it. End is also the sum of what each lot carries on the last day.
type RollForward struct {
	Begin     money.Amount `json:"begin"`
	Granted   money.Amount `json:"granted"`   // sales, and refunds to credit
	Redeemed  money.Amount `json:"redeemed"`  // less reinstatements
	Refunded  money.Amount `json:"refunded"`  // paid out
	Breakage  money.Amount `json:"breakage"`  // became revenue
	Unclaimed money.Amount `json:"unclaimed"` // became a liability of another kind
	Moved     money.Amount `json:"moved"`     // between lots; nothing if all lots are given
	Suspense  money.Amount `json:"suspense"`  // of refunds: the deferred part less what was paid out
	End       money.Amount `json:"end"`
	ByLot     []LotAmount  `json:"byLot"` // what each lot carries at the end
	Residual  money.Amount `json:"residual"`
}

// Roll returns how deferred revenue moved from one day to another, both
// inclusive, from the entries that [Recognise] returns; a zero from begins with
// the first. Residual is the sum of the entries less the sum of the lots' own
// balances on the last day: anything but zero says that the books and the lots
// differ.
func Roll(lots []CreditLot, entries []LotEntry, from, to glabella.Date, c money.Currency) (RollForward, error) {
	zero := money.New(0, c)
	r := RollForward{Begin: zero, Granted: zero, Redeemed: zero, Refunded: zero, Breakage: zero, Unclaimed: zero, Moved: zero, Suspense: zero, End: zero, ByLot: []LotAmount{}, Residual: zero}
	s := summer{}
	for _, e := range entries {
		if e.On.After(to) {
			continue
		}
		change, cash, unclaimed := zero, zero, false
		for _, p := range e.Postings {
			switch p.Account {
			case DeferredRevenue:
				s.add(&change, p.Amount.Neg())
			case PrepaidClearing:
				s.add(&cash, p.Amount.Neg())
			case UnclaimedProperty:
				unclaimed = true
			}
		}
		if e.On.Before(from) {
			s.add(&r.Begin, change)
			continue
		}
		off := change.Neg()
		switch {
		case e.Of == MoveRedeem:
			s.add(&r.Redeemed, off)
		case e.Of == MoveRefund:
			s.add(&r.Refunded, cash)
			s.add(&r.Suspense, off)
			s.add(&r.Suspense, cash.Neg())
		case unclaimed:
			s.add(&r.Unclaimed, off)
		case e.Of == MoveExpire || e.Of == MoveForfeit:
			s.add(&r.Breakage, off)
		case slices.ContainsFunc(e.Postings, func(p LotPosting) bool { return p.Account == TransferClearing }):
			s.add(&r.Moved, change)
		default:
			s.add(&r.Granted, change)
		}
	}
	for _, a := range []money.Amount{r.Begin, r.Granted, r.Redeemed.Neg(), r.Refunded.Neg(), r.Breakage.Neg(), r.Unclaimed.Neg(), r.Moved, r.Suspense.Neg()} {
		s.add(&r.End, a)
	}
	r.Residual = r.End
	for _, l := range lots {
		b, err := l.BalanceOn(to)
		if err != nil {
			return RollForward{}, err
		}
		carried, err := l.deferred(b.Value)
		if err != nil {
			return RollForward{}, err
		}
		r.ByLot = append(r.ByLot, LotAmount{Lot: l.ID, Amount: carried})
		s.add(&r.Residual, carried.Neg())
	}
	return r, s.err
}
