package billing

import (
	"cmp"
	"fmt"
	"slices"
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
// of the identity come from the accounts of revenue and liability, those on the
// right from those of assets:
//
//	NetSales + Tax + Tips + CreditGranted − CreditRedeemed = Collections + ReceivableChange
type Reconciliation struct {
	Entries          int                         `json:"entries"`
	NetSales         money.Amount                `json:"netSales"` // services and products at what was agreed, redeemed units at their value; no tax, no tip
	Tax              money.Amount                `json:"tax"`
	Tips             money.Amount                `json:"tips"`
	CreditGranted    money.Amount                `json:"creditGranted"`    // prepaid units that were sold
	CreditRedeemed   money.Amount                `json:"creditRedeemed"`   // the value of those that were used
	Collections      money.Amount                `json:"collections"`      // payments less refunds
	ByTender         map[TenderKind]money.Amount `json:"byTender"`         // the same by means of payment
	ReceivableChange money.Amount                `json:"receivableChange"` // how much more patients owe
	DeferredChange   money.Amount                `json:"deferredChange"`   // how much more the practice owes in prepaid units
	Residual         money.Amount                `json:"residual"`         // left − right: zero
}

// Reconcile folds the entries of a period. An entry that does not balance, or
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
			case ServiceRevenue, ProductRevenue, DiscountsGiven:
				s.add(&r.NetSales, post.Amount.Neg())
			case TaxPayable:
				s.add(&r.Tax, post.Amount.Neg())
			case TipsPayable:
				s.add(&r.Tips, post.Amount.Neg())
			case DeferredRevenue:
				s.add(&r.DeferredChange, post.Amount.Neg())
				if e.Kind == EntryRedemption {
					s.add(&r.CreditRedeemed, post.Amount)
				} else {
					s.add(&r.CreditGranted, post.Amount.Neg())
				}
			case Receivable:
				s.add(&r.ReceivableChange, post.Amount)
			default:
				for _, k := range TenderKinds() {
					if k.account() == post.Account {
						sum := r.ByTender[k]
						s.add(&sum, post.Amount)
						r.ByTender[k] = sum
					}
				}
				s.add(&r.Collections, post.Amount)
			}
		}
	}
	for _, a := range []money.Amount{r.NetSales, r.Tax, r.Tips, r.CreditGranted, r.CreditRedeemed.Neg(), r.Collections.Neg(), r.ReceivableChange.Neg()} {
		s.add(&r.Residual, a)
	}
	return r, s.err
}

// Codes of differences between documents and the ledger.
const (
	// CodeLedgerInvoice says that an invoice and the ledger do not say the same of what is due.
	CodeLedgerInvoice glabella.Code = "billing.ledger.invoice"
	// CodeLedgerCredit says that a credit and the ledger do not say the same of what is outstanding.
	CodeLedgerCredit glabella.Code = "billing.ledger.credit"
	// CodeLedgerRevenue says that the lines of the invoices and the ledger do not say the same of what was sold.
	CodeLedgerRevenue glabella.Code = "billing.ledger.revenue"
)

// Compare compares all invoices and credits of a practice with all entries of
// its ledger: what each invoice leaves due with its receivable, the net and tax of
// its lines with revenue and tax, and what all paid credits leave outstanding with
// the deferred revenue. It returns every difference.
func Compare(entries []Entry, invoices []Invoice, credits []Credit) ([]glabella.Issue, error) {
	type sums struct{ receivable, sold, tax money.Amount }
	ledger := map[glabella.InvoiceID]*sums{}
	of := func(id glabella.InvoiceID) *sums {
		if ledger[id] == nil {
			ledger[id] = &sums{}
		}
		return ledger[id]
	}
	var deferred, outstanding money.Amount
	s := summer{}
	for _, e := range entries {
		in := of(e.Invoice)
		for _, p := range e.Postings {
			switch p.Account {
			case Receivable:
				s.add(&in.receivable, p.Amount)
			case ServiceRevenue, ProductRevenue, DiscountsGiven:
				s.add(&in.sold, p.Amount.Neg())
			case TaxPayable:
				s.add(&in.tax, p.Amount.Neg())
			case DeferredRevenue:
				s.add(&deferred, p.Amount.Neg())
				if e.Kind != EntryRedemption {
					s.add(&in.sold, p.Amount.Neg())
				}
			}
		}
	}
	var issues []glabella.Issue
	differ := func(ref glabella.Ref, code glabella.Code, text string, have, want money.Amount) {
		if have.Minor() != want.Minor() {
			issues = append(issues, glabella.Issue{Path: "/" + ref.String(), Code: code, Text: text, Args: map[string]string{"ledger": have.String(), "document": want.String()}})
		}
	}
	for _, i := range invoices {
		in := of(i.ID)
		delete(ledger, i.ID)
		if i.State == InvoiceDraft {
			differ(i.Ref(), CodeLedgerInvoice, "a draft has entries", in.receivable, money.Amount{})
			continue
		}
		t, err := i.Totals()
		if err != nil {
			return nil, err
		}
		differ(i.Ref(), CodeLedgerInvoice, "what is due is not the receivable", in.receivable, t.Due)
		differ(i.Ref(), CodeLedgerRevenue, "the net of the lines is not what was sold", in.sold, t.Net)
		differ(i.Ref(), CodeLedgerRevenue, "the tax of the lines is not the tax payable", in.tax, t.Tax)
	}
	for id := range ledger {
		issues = append(issues, glabella.Issue{Path: "/" + id.Ref().String(), Code: CodeLedgerInvoice, Text: "the ledger has entries of an invoice that does not exist"})
	}
	for _, c := range credits {
		if c.Origin != OriginPaid {
			continue
		}
		left, err := c.Outstanding()
		if err != nil {
			return nil, err
		}
		s.add(&outstanding, left)
	}
	differ(glabella.Ref{Kind: "account", ID: string(DeferredRevenue)}, CodeLedgerCredit, "the credits do not sum to the deferred revenue", deferred, outstanding)
	slices.SortFunc(issues, func(a, b glabella.Issue) int { return cmp.Compare(a.Path, b.Path) })
	return issues, s.err
}
