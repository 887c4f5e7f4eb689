package billing

import (
	"fmt"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
)

// CreditWriting says how the entries of movements of credit are written.
type CreditWriting struct {
	Writing
	Site         glabella.SiteID
	Policy       RecognitionPolicy
	Jurisdiction string     // of the site, ISO 3166
	Paid         TenderKind // how a refund was paid out
}

// MovementEntries returns the entries of the movements that a lot of credit has
// gained since before, which has none for a new lot. What a sale grants and a
// redemption uses is posted with their invoices ([IssueEntries]), at full value: for
// these there is an entry only for the part that was revenue at the sale.
func MovementEntries(before, after CreditLot, w CreditWriting) ([]Entry, error) {
	all, err := Recognise([]CreditLot{after}, w.Policy, w.Jurisdiction)
	if err != nil {
		return nil, err
	}
	var out []Entry
	for _, r := range all {
		if r.Number <= len(before.Movements) {
			continue
		}
		m := after.Movements[r.Number-1]
		e := Entry{EffectiveOn: w.On, RecordedAt: w.At, Site: w.Site, Kind: EntryCredit, Invoice: m.Invoice, Patient: after.Patient}
		sums := map[Account]money.Amount{}
		var order []Account
		s := summer{}
		for _, p := range r.Postings {
			account := p.Account
			if account == PrepaidClearing {
				if account, err = clearedBy(r.Of, w.Paid); err != nil {
					return nil, err
				}
			}
			sum, ok := sums[account]
			if !ok {
				order = append(order, account)
			}
			s.add(&sum, p.Amount)
			sums[account] = sum
		}
		if s.err != nil {
			return nil, s.err
		}
		for _, a := range order {
			e.post(Posting{Account: a, Amount: sums[a], Lot: after.ID})
		}
		if len(e.Postings) > 0 {
			e.ID = w.NewID()
			out = append(out, e)
		}
	}
	return out, nil
}

// clearedBy returns the account that a movement is cleared against: what the
// invoice has posted of a grant or a redemption, or how a refund was paid.
func clearedBy(kind CreditMovementKind, paid TenderKind) (Account, error) {
	switch kind {
	case MoveRefund:
		if !paid.Valid() {
			return "", glabella.Invalid("entry", glabella.Issue{Path: "/paid", Code: glabella.CodeUnknownValue, Text: "a refund says how it was paid out"})
		}
		return paid.account(), nil
	case MoveGrant, MoveRedeem:
		return DeferredRevenue, nil
	}
	return "", fmt.Errorf("a movement of the kind %s is cleared against nothing", kind)
}
