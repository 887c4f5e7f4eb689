package billing

import (
	"cmp"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
)

// Codes of differences between documents and the ledger.
const (
	// CodeLedgerInvoice says that an invoice and the ledger do not say the same of what is due.
	CodeLedgerInvoice glabella.Code = "billing.ledger.invoice"
	// CodeLedgerTender says that a payment and the ledger do not say the same of what came in and where.
	CodeLedgerTender glabella.Code = "billing.ledger.tender"
	// CodeLedgerCredit says that a credit and the ledger do not say the same of what is outstanding.
	CodeLedgerCredit glabella.Code = "billing.ledger.credit"
	// CodeLedgerRevenue says that the lines of an invoice and the ledger do not say the same of what was sold.
	CodeLedgerRevenue glabella.Code = "billing.ledger.revenue"
)

// Compare compares all invoices and credits of a practice with all entries of
// its ledger, as [CheckInvoices] and [CheckCredits] do, and returns every
// difference.
func Compare(entries []Entry, invoices []Invoice, lots []CreditLot) ([]glabella.Issue, error) {
	issues, err := CheckInvoices(entries, invoices)
	if err != nil {
		return nil, err
	}
	more, err := CheckCredits(entries, lots)
	return append(issues, more...), err
}

// differences collects issues about records whose amount in the ledger is not
// that in the document.
type differences struct{ issues []glabella.Issue }

func (d *differences) compare(ref glabella.Ref, code glabella.Code, text string, ledger, document money.Amount) {
	if ledger.Minor() != document.Minor() {
		d.issues = append(d.issues, glabella.Issue{Path: "/" + ref.String(), Code: code, Text: text, Args: map[string]string{"ledger": ledger.String(), "document": document.String()}})
	}
}

func (d *differences) sorted() []glabella.Issue {
	slices.SortStableFunc(d.issues, func(a, b glabella.Issue) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Text, b.Text))
	})
	return d.issues
}

// tally is what the ledger says of an invoice or a payment, by subject.
type tally[K comparable] map[K]money.Amount

func (t tally[K]) add(s *summer, k K, a money.Amount) {
	sum := t[k]
	s.add(&sum, a)
	t[k] = sum
}

// arrival is a payment and the account that it arrives in.
type arrival struct {
	tender  glabella.TenderID
	account Account
}

// CheckInvoices compares all invoices of a practice with all entries of its
// ledger, and returns every difference: what each leaves due with its
// receivable, the net and tax of its lines with revenue, prepaid units sold and
// tax, and each payment with what arrived and in which account.
func CheckInvoices(entries []Entry, invoices []Invoice) ([]glabella.Issue, error) {
	receivable, sold, tax, arrived := tally[glabella.InvoiceID]{}, tally[glabella.InvoiceID]{}, tally[glabella.InvoiceID]{}, tally[arrival]{}
	unknown := map[glabella.InvoiceID]bool{}
	s := summer{}
	for _, e := range entries {
		if e.Kind == EntryCredit { // which says nothing of an invoice
			continue
		}
		unknown[e.Invoice] = true
		for _, p := range e.Postings {
			switch p.Account {
			case Receivable:
				receivable.add(&s, e.Invoice, p.Amount)
			case ServiceRevenue, ProductRevenue, DiscountsGiven:
				sold.add(&s, e.Invoice, p.Amount.Neg())
			case VoucherAdjustment:
				if p.Tender.IsZero() {
					sold.add(&s, e.Invoice, p.Amount.Neg())
				} else {
					arrived.add(&s, arrival{p.Tender, DeferredRevenue}, p.Amount)
				}
			case TaxPayable:
				tax.add(&s, e.Invoice, p.Amount.Neg())
			case DeferredRevenue:
				switch {
				case !p.Tender.IsZero():
					arrived.add(&s, arrival{p.Tender, DeferredRevenue}, p.Amount)
				case e.Kind != EntryRedemption:
					sold.add(&s, e.Invoice, p.Amount.Neg())
				}
			case CashDrawer, CardClearing, CheckClearing:
				arrived.add(&s, arrival{p.Tender, p.Account}, p.Amount)
			}
		}
	}
	var d differences
	for _, i := range invoices {
		var t Totals
		if i.State != InvoiceDraft { // a draft has no entries
			var err error
			if t, err = i.Totals(); err != nil {
				return nil, err
			}
		}
		delete(unknown, i.ID)
		d.compare(i.Ref(), CodeLedgerInvoice, "what is due is not the receivable", receivable[i.ID], t.Due)
		d.compare(i.Ref(), CodeLedgerRevenue, "the net of the lines is not what was sold", sold[i.ID], t.Net)
		d.compare(i.Ref(), CodeLedgerRevenue, "the tax of the lines is not the tax payable", tax[i.ID], t.Tax)
		for _, tender := range i.Tenders {
			at := arrival{tender.ID, tender.Kind.account()}
			d.compare(tender.ID.Ref(), CodeLedgerTender, "the payment is not what arrived in its account", arrived[at], tender.Amount)
			delete(arrived, at)
		}
	}
	for id := range unknown {
		d.issues = append(d.issues, glabella.Issue{Path: "/" + id.Ref().String(), Code: CodeLedgerInvoice, Text: "the ledger has entries of an invoice that does not exist"})
	}
	for at, a := range arrived {
		d.compare(at.tender.Ref(), CodeLedgerTender, "the ledger has a payment that no invoice has in this account", a, money.Amount{})
	}
	return d.sorted(), s.err
}

// CheckCredits compares all lots of credit of a practice with all entries of its
// ledger, and returns every difference: what each lot defers with what its sale
// granted and its movements released.
func CheckCredits(entries []Entry, lots []CreditLot) ([]glabella.Issue, error) {
	granted, moved := tally[glabella.LineID]{}, tally[glabella.CreditLotID]{}
	s := summer{}
	for _, e := range entries {
		for _, p := range e.Postings {
			switch {
			case p.Account != DeferredRevenue:
			case p.Lot.IsZero():
				granted.add(&s, p.Line, p.Amount.Neg())
			default:
				moved.add(&s, p.Lot, p.Amount.Neg())
			}
		}
	}
	var d differences
	sold := tally[glabella.LineID]{} // what the lots of a line defer when they are granted
	for _, l := range lots {
		b, err := l.Balance()
		if err != nil {
			return nil, err
		}
		left, err := l.deferred(b.Value)
		if err != nil {
			return nil, err
		}
		deferred := moved[l.ID]
		if line := l.Source.Line; !line.IsZero() && l.Source.Lot.IsZero() {
			s.add(&deferred, l.Price)
			sold.add(&s, line, l.Price)
		}
		d.compare(l.Ref(), CodeLedgerCredit, "what the lot carries is not the deferred revenue", deferred, left)
		delete(moved, l.ID)
	}
	for line, a := range sold {
		d.compare(line.Ref(), CodeLedgerCredit, "the lots of the line are not what the ledger has as sold", granted[line], a)
		delete(granted, line)
	}
	for line, a := range granted {
		d.compare(line.Ref(), CodeLedgerCredit, "the ledger has a sale of credit that no lot is of", a, money.Amount{})
	}
	for id, a := range moved {
		d.compare(id.Ref(), CodeLedgerCredit, "the ledger has a movement of a lot of credit that does not exist", a, money.Amount{})
	}
	return d.sorted(), s.err
}
