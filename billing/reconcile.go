package billing

import (
	"fmt"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
)

// Period selects entries by the day on which they count. The zero value of each
// field selects all.
type Period struct {
	From, To glabella.Date // both inclusive
	Site     glabella.SiteID
	KnownAt  time.Time // entries that were written down later are left out
}

func (p Period) selects(e Entry) bool {
	return (p.From.IsZero() || !e.EffectiveOn.Before(p.From)) && (p.To.IsZero() || !e.EffectiveOn.After(p.To)) &&
		(p.Site.IsZero() || e.Site == p.Site) && (p.KnownAt.IsZero() || !e.RecordedAt.After(p.KnownAt))
}

// Reconciliation is what a period's entries amount to. The figures on the left
// of the identity come from what invoices and corrections post to revenue and
// liabilities, and redemptions to prepaid units; those on the right from the
// accounts that payments arrive in, and from the receivable:
//
//	NetSales + Tax + Tips + CreditGranted − CreditRedeemed − CreditRefunded = Collections + ReceivableChange
//
// What the practice owes in prepaid value moves by an identity of its own:
//
//	DeferredChange = CreditGranted − CreditRedeemed − CreditRefunded − Upfront − Breakage − Unclaimed − Suspense + Moved
//
// An entry that balances but posts where its kind has no business, such as a
// payment straight to revenue, leaves a residual.
type Reconciliation struct {
	Entries           int                         `json:"entries"`
	GrossSales        money.Amount                `json:"grossSales"`        // services and products at list price
	Discounts         money.Amount                `json:"discounts"`         // what discounts took off it
	VoucherAdjustment money.Amount                `json:"voucherAdjustment"` // what prepaid units were cheaper than the list price
	NetSales          money.Amount                `json:"netSales"`          // gross less both: redeemed units are at their value; no tax, no tip
	Tax               money.Amount                `json:"tax"`
	Tips              money.Amount                `json:"tips"`
	CreditGranted     money.Amount                `json:"creditGranted"`    // prepaid units that were sold
	CreditRedeemed    money.Amount                `json:"creditRedeemed"`   // the value of those that were used
	Collections       money.Amount                `json:"collections"`      // payments less refunds
	ByTender          map[TenderKind]money.Amount `json:"byTender"`         // the same by means of payment
	ReceivableChange  money.Amount                `json:"receivableChange"` // how much more patients owe
	DeferredChange    money.Amount                `json:"deferredChange"`   // how much more the practice owes in prepaid units
	Residual          money.Amount                `json:"residual"`         // left − right: zero
	CreditRefunded    money.Amount                `json:"creditRefunded"`   // paid out for prepaid value that was not used
	Upfront           money.Amount                `json:"upfront"`          // of prepaid value: revenue at the sale, less what uses and refunds took back of it
	Breakage          money.Amount                `json:"breakage"`         // expired and became revenue
	Unclaimed         money.Amount                `json:"unclaimed"`        // expired and is owed to whom it must be turned over
	Suspense          money.Amount                `json:"suspense"`         // of refunds: the value less what was paid out
	Moved             money.Amount                `json:"moved"`            // between lots: zero where both are of the period
	CreditResidual    money.Amount                `json:"creditResidual"`   // of the second identity: zero
}

// Reconcile folds the entries of a period. An entry that is not valid, and
// several currencies, are an error.
func Reconcile(entries []Entry, p Period) (Reconciliation, error) {
	r := Reconciliation{ByTender: map[TenderKind]money.Amount{}}
	s := summer{}
	for _, e := range entries {
		if !p.selects(e) {
			continue
		}
		if err := e.Validate(); err != nil {
			return Reconciliation{}, fmt.Errorf("%s: %w", e.Ref(), err)
		}
		r.Entries++
		for _, post := range e.Postings {
			switch post.Account {
			case Receivable:
				s.add(&r.ReceivableChange, post.Amount)
			case DeferredRevenue:
				s.add(&r.DeferredChange, post.Amount.Neg())
			}
			switch e.Kind {
			case EntryIssue, EntryCorrection:
				r.charge(&s, post)
			case EntryRedemption:
				switch post.Account {
				case DeferredRevenue:
					s.add(&r.CreditRedeemed, post.Amount)
				case VoucherAdjustment: // of store credit that cost less than it is worth
					s.add(&r.VoucherAdjustment, post.Amount)
				}
			case EntryPayment, EntryRefund:
				r.collect(&s, post)
			case EntryCredit:
				r.credit(&s, post)
			}
		}
	}
	for _, a := range []money.Amount{r.GrossSales, r.Discounts.Neg(), r.VoucherAdjustment.Neg()} {
		s.add(&r.NetSales, a)
	}
	for _, a := range []money.Amount{r.NetSales, r.Tax, r.Tips, r.CreditGranted, r.CreditRedeemed.Neg(), r.CreditRefunded.Neg(), r.Collections.Neg(), r.ReceivableChange.Neg()} {
		s.add(&r.Residual, a)
	}
	for _, a := range []money.Amount{r.DeferredChange, r.CreditGranted.Neg(), r.CreditRedeemed, r.CreditRefunded, r.Upfront, r.Breakage, r.Unclaimed, r.Suspense, r.Moved.Neg()} {
		s.add(&r.CreditResidual, a)
	}
	return r, s.err
}

// charge folds a posting of an invoice or a correction.
func (r *Reconciliation) charge(s *summer, p Posting) {
	switch p.Account {
	case ServiceRevenue, ProductRevenue:
		s.add(&r.GrossSales, p.Amount.Neg())
	case DiscountsGiven:
		s.add(&r.Discounts, p.Amount)
	case VoucherAdjustment:
		s.add(&r.VoucherAdjustment, p.Amount)
	case TaxPayable:
		s.add(&r.Tax, p.Amount.Neg())
	case TipsPayable:
		s.add(&r.Tips, p.Amount.Neg())
	case DeferredRevenue:
		s.add(&r.CreditGranted, p.Amount.Neg())
	}
}

// credit folds a posting of a movement of credit.
func (r *Reconciliation) credit(s *summer, p Posting) {
	switch p.Account {
	case UpfrontRevenue:
		s.add(&r.Upfront, p.Amount.Neg())
	case BreakageIncome:
		s.add(&r.Breakage, p.Amount.Neg())
	case UnclaimedProperty:
		s.add(&r.Unclaimed, p.Amount.Neg())
	case SuspenseIncome, SuspenseCost:
		s.add(&r.Suspense, p.Amount.Neg())
	case TransferClearing:
		s.add(&r.Moved, p.Amount)
	case CashDrawer, CardClearing, CheckClearing:
		s.add(&r.CreditRefunded, p.Amount.Neg())
		r.collect(s, p)
	}
}

// collect folds a posting of a payment or a refund.
func (r *Reconciliation) collect(s *summer, p Posting) {
	for _, k := range TenderKinds() {
		if k.account() == p.Account && k != StoreCredit {
			sum := r.ByTender[k]
			s.add(&sum, p.Amount)
			r.ByTender[k] = sum
			s.add(&r.Collections, p.Amount)
		}
	}
}
