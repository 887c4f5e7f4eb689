package billing

import (
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
)

// Account is an account of the ledger.
type Account string

// The accounts. Debits are positive postings, credits negative ones.
const (
	Receivable        Account = "receivable"         // asset: what patients owe
	CashDrawer        Account = "cash"               // asset
	CardClearing      Account = "card-clearing"      // asset: what the card processor owes
	CheckClearing     Account = "check-clearing"     // asset
	ServiceRevenue    Account = "service-revenue"    // revenue, at list price
	ProductRevenue    Account = "product-revenue"    // revenue, at list price
	DiscountsGiven    Account = "discounts"          // contra revenue
	VoucherAdjustment Account = "voucher-adjustment" // contra revenue: list price less the value of the prepaid units that were used
	TaxPayable        Account = "tax-payable"        // liability
	TipsPayable       Account = "tips-payable"       // liability to staff
	DeferredRevenue   Account = "deferred-revenue"   // liability: prepaid value
)

// Accounts returns every account.
func Accounts() []Account {
	return []Account{Receivable, CashDrawer, CardClearing, CheckClearing, ServiceRevenue, ProductRevenue, DiscountsGiven, VoucherAdjustment, TaxPayable, TipsPayable, DeferredRevenue,
		UpfrontRevenue, BreakageIncome, UnclaimedProperty, SuspenseIncome, SuspenseCost, TransferClearing}
}

// Valid reports whether a is one of [Accounts].
func (a Account) Valid() bool {
	switch a {
	case Receivable, CashDrawer, CardClearing, CheckClearing, ServiceRevenue, ProductRevenue, DiscountsGiven, VoucherAdjustment, TaxPayable, TipsPayable, DeferredRevenue,
		UpfrontRevenue, BreakageIncome, UnclaimedProperty, SuspenseIncome, SuspenseCost, TransferClearing:
		return true
	}
	return false
}

// account returns the account that a means of payment arrives in.
func (k TenderKind) account() Account {
	switch k {
	case Cash:
		return CashDrawer
	case Check:
		return CheckClearing
	case StoreCredit:
		return DeferredRevenue
	default:
		return CardClearing
	}
}

// revenue returns the account that a line is revenue in.
func (l Line) revenue() Account {
	if l.Kind == ProductItem {
		return ProductRevenue
	}
	return ServiceRevenue
}

// EntryKind says what an entry records.
type EntryKind string

// The kinds of entry.
const (
	EntryIssue      EntryKind = "issue"      // an invoice was issued
	EntryRedemption EntryKind = "redemption" // credits paid for part of it
	EntryPayment    EntryKind = "payment"
	EntryCorrection EntryKind = "correction"
	EntryRefund     EntryKind = "refund"
	EntryCredit     EntryKind = "credit" // a lot of credit moved other than by a sale or a use
)

// EntryKinds returns every kind of entry.
func EntryKinds() []EntryKind {
	return []EntryKind{EntryIssue, EntryRedemption, EntryPayment, EntryCorrection, EntryRefund, EntryCredit}
}

// Valid reports whether k is one of [EntryKinds].
func (k EntryKind) Valid() bool { return slices.Contains(EntryKinds(), k) }

// Entry is an entry of the ledger: postings that sum to zero. It is never
// changed; what was wrong is made good by a further one. It has two times: the
// day on which it counts, and the moment at which it was written down.
type Entry struct {
	ID glabella.EntryID `json:"id"`
	glabella.Meta
	EffectiveOn glabella.Date      `json:"effectiveOn"`
	RecordedAt  time.Time          `json:"recordedAt"`
	Site        glabella.SiteID    `json:"site"`
	Kind        EntryKind          `json:"kind"`
	Invoice     glabella.InvoiceID `json:"invoice,omitzero"` // none of a credit that moved by itself
	Patient     glabella.PatientID `json:"patient"`
	Postings    []Posting          `json:"postings"`
}

// Posting is an amount on an account: positive is a debit, negative a credit.
type Posting struct {
	Account Account              `json:"account"`
	Amount  money.Amount         `json:"amount"`
	Line    glabella.LineID      `json:"line,omitzero"`
	Tender  glabella.TenderID    `json:"tender,omitzero"`
	Lot     glabella.CreditLotID `json:"lot,omitzero"`
}

// CodeUnbalanced says that the postings of a ledger entry do not sum to zero.
const CodeUnbalanced glabella.Code = "billing.entry.unbalanced"

// Ref returns the reference to the entry.
func (e Entry) Ref() glabella.Ref { return e.ID.Ref() }

// Validate reports everything that is wrong with the entry, and that it does not
// balance above all.
func (e Entry) Validate() error {
	var issues []glabella.Issue
	// By hand, as entries are many: the validator takes longer than all the rest.
	for _, given := range [...]struct {
		path string
		ok   bool
	}{
		{"/id", !e.ID.IsZero()}, {"/recordedAt", !e.RecordedAt.IsZero()}, {"/site", !e.Site.IsZero()}, {"/invoice", !e.Invoice.IsZero() || e.Kind == EntryCredit}, {"/patient", !e.Patient.IsZero()},
		{"/effectiveOn", e.EffectiveOn.Valid()},
	} {
		if !given.ok {
			issues = append(issues, glabella.Issue{Path: given.path, Code: glabella.CodeRequired, Text: "must be given"})
		}
	}
	if len(e.Postings) == 0 {
		issues = append(issues, glabella.Issue{Path: "/postings", Code: glabella.CodeOutOfRange, Text: "an entry has postings"})
	}
	if !e.Kind.Valid() {
		issues = append(issues, glabella.Issue{Path: "/kind", Code: glabella.CodeUnknownValue, Text: "not a kind of entry"})
	}
	var sum money.Amount
	s := summer{}
	for i, p := range e.Postings {
		if !p.Account.Valid() {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/postings/%d/account", i), Code: glabella.CodeUnknownValue, Text: "not an account"})
		}
		s.add(&sum, p.Amount)
	}
	if s.err != nil || !sum.IsZero() {
		issues = append(issues, glabella.Issue{Path: "/postings", Code: CodeUnbalanced, Text: "do not sum to zero in one currency"})
	}
	return glabella.Invalid("entry", issues...)
}

// Writing says when an entry is written and counts. NewID gives fresh identities
// of entries.
type Writing struct {
	On    glabella.Date
	At    time.Time
	NewID func() glabella.EntryID
}

func (w Writing) entry(i Invoice, kind EntryKind) Entry {
	return Entry{ID: w.NewID(), EffectiveOn: w.On, RecordedAt: w.At, Site: i.Site, Kind: kind, Invoice: i.ID, Patient: i.Patient}
}

// post adds a posting unless its amount is nothing.
func (e *Entry) post(p Posting) {
	if !p.Amount.IsZero() {
		e.Postings = append(e.Postings, p)
	}
}

// line posts a line: revenue at list price, what is taken off it, and tax, against
// the receivable. A discount on prepaid units lowers the liability: what is sold
// is not yet revenue.
func (e *Entry) line(l Line) {
	e.post(Posting{Account: Receivable, Amount: l.Total, Line: l.ID})
	if l.Kind.Prepaid() {
		e.post(Posting{Account: DeferredRevenue, Amount: l.Net.Neg(), Line: l.ID})
	} else {
		e.post(Posting{Account: l.revenue(), Amount: l.List.Neg(), Line: l.ID})
		for _, d := range l.Discounts {
			e.post(Posting{Account: DiscountsGiven, Amount: d.Amount, Line: l.ID})
		}
		if len(l.Redeemed) > 0 {
			// Both are of one currency and not negative, or else the entry does not balance.
			off, _ := l.List.Sub(l.Net)
			e.post(Posting{Account: VoucherAdjustment, Amount: off, Line: l.ID})
		}
	}
	e.post(Posting{Account: TaxPayable, Amount: l.Tax.Neg(), Line: l.ID})
}

// IssueEntries returns the entries of issuing the invoice: what it charges, and
// what credits pay of it.
func IssueEntries(i Invoice, w Writing) []Entry {
	issue := w.entry(i, EntryIssue)
	issue.Postings = make([]Posting, 0, 4*len(i.Lines)+2*len(i.Tips))
	redemption := w.entry(i, EntryRedemption)
	for _, l := range i.Lines {
		if !l.Adjusts.IsZero() {
			continue
		}
		issue.line(l)
		for _, u := range l.Redeemed {
			redemption.post(Posting{Account: DeferredRevenue, Amount: u.Value, Line: l.ID, Lot: u.Lot})
			redemption.post(Posting{Account: Receivable, Amount: u.Value.Neg(), Line: l.ID, Lot: u.Lot})
		}
	}
	for _, t := range i.Tips {
		issue.post(Posting{Account: Receivable, Amount: t.Amount})
		issue.post(Posting{Account: TipsPayable, Amount: t.Amount.Neg()})
	}
	return nonEmpty(issue, redemption)
}

// TenderEntries returns the entries of payments or refunds.
func TenderEntries(i Invoice, w Writing, tenders ...Tender) []Entry {
	var out []Entry
	for _, t := range tenders {
		kind := EntryPayment
		if t.Amount.Sign() < 0 {
			kind = EntryRefund
		}
		if t.Kind == StoreCredit {
			kind = EntryRedemption
		}
		e := w.entry(i, kind)
		e.tender(t)
		e.post(Posting{Account: Receivable, Amount: t.Amount.Neg(), Tender: t.ID})
		out = append(out, e)
	}
	return nonEmpty(out...)
}

// tender posts what a payment brings in, or of store credit what it releases: the
// value of what is taken. Where that is less than the amount, such as of a promotion,
// the rest is taken off the price.
func (e *Entry) tender(t Tender) {
	if t.Kind != StoreCredit {
		e.post(Posting{Account: t.Kind.account(), Amount: t.Amount, Tender: t.ID})
		return
	}
	s, off := summer{}, t.Amount
	for _, u := range t.Uses {
		e.post(Posting{Account: DeferredRevenue, Amount: u.Value, Tender: t.ID, Lot: u.Lot})
		s.add(&off, u.Value.Neg())
	}
	e.post(Posting{Account: VoucherAdjustment, Amount: off, Tender: t.ID})
}

// CorrectionEntries returns the entries of a correcting line.
func CorrectionEntries(i Invoice, w Writing, adjustment Line) []Entry {
	e := w.entry(i, EntryCorrection)
	e.line(adjustment)
	return nonEmpty(e)
}

func nonEmpty(entries ...Entry) []Entry {
	return slices.DeleteFunc(entries, func(e Entry) bool { return len(e.Postings) == 0 })
}
