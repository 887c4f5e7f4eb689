package practice

import (
	"context"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/analytics"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/storage"
)

// DayReport is the report of one day at the actor's site.
type DayReport struct {
	Day    analytics.Day          // folded from the journal's events
	Ledger billing.Reconciliation // folded from the ledger
	// Differences are what the journal, the ledger, the invoices and credits, and
	// the stock and its movements do not agree on. There are none unless the store
	// was tampered with.
	Differences []glabella.Issue
}

// ReportDay returns the report of one day at the actor's site. Its money comes
// from the ledger and from the journal's events independently, and both are
// compared with each other and with the documents.
func (p *Practice) ReportDay(ctx context.Context, actor glabella.Actor, on glabella.Date) (DayReport, error) {
	return query(ctx, p, actor, access.ReportRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (DayReport, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return DayReport{}, err
		}
		report := DayReport{Day: analytics.Day{On: on, Site: site.ID, Zone: site.zone}}
		for e, err := range r.Journal().Entries(ctx, 0, 0) {
			if err != nil {
				return DayReport{}, err
			}
			rec, err := audit.ParseRecord(e.Bytes)
			if err != nil {
				return DayReport{}, err
			}
			if err := report.Day.Apply(rec); err != nil {
				return DayReport{}, err
			}
		}
		entries, err := r.Ledger().All(ctx, storage.EntryQuery{})
		if err != nil {
			return DayReport{}, err
		}
		if report.Ledger, err = billing.Reconcile(entries, billing.Period{From: on, To: on, Site: site.ID}); err != nil {
			return DayReport{}, err
		}
		report.Differences = report.Day.Compare(report.Ledger)
		documents, err := differences(ctx, r, entries)
		report.Differences = append(report.Differences, documents...)
		return report, err
	})
}

// differences compares the documents with the ledger and the stock with its
// movements.
func differences(ctx context.Context, r *storage.Reading, entries []billing.Entry) ([]glabella.Issue, error) {
	invoices, err := r.Invoices().All(ctx, storage.InvoiceQuery{})
	if err != nil {
		return nil, err
	}
	credits, err := r.Credits().All(ctx, storage.CreditQuery{})
	if err != nil {
		return nil, err
	}
	issues, err := billing.Compare(entries, invoices, credits)
	if err != nil {
		return nil, err
	}
	movements, err := r.Movements().All(ctx, storage.MovementQuery{})
	if err != nil {
		return nil, err
	}
	balances, err := r.Balances().All(ctx, storage.BalanceQuery{})
	if err != nil {
		return nil, err
	}
	vials, err := r.Vials().All(ctx, storage.VialQuery{})
	if err != nil {
		return nil, err
	}
	return append(issues, inventory.Verify(movements, balances, vials)...), nil
}

// Agreement is the answer of [Practice.CheckBooks].
type Agreement struct {
	Ledger      billing.Reconciliation // of all time
	Differences []glabella.Issue
	CheckedAt   time.Time
}

// CheckBooks compares everything that must agree, over all time: the documents
// with the ledger, and the stock with its movements.
func (p *Practice) CheckBooks(ctx context.Context, actor glabella.Actor) (Agreement, error) {
	return query(ctx, p, actor, access.ReportRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (Agreement, error) {
		entries, err := r.Ledger().All(ctx, storage.EntryQuery{})
		if err != nil {
			return Agreement{}, err
		}
		a := Agreement{CheckedAt: r.Now()}
		if a.Ledger, err = billing.Reconcile(entries, billing.Period{}); err != nil {
			return Agreement{}, err
		}
		a.Differences, err = differences(ctx, r, entries)
		return a, err
	})
}
