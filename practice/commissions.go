package practice

import (
	"context"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/storage"
)

// CodeCommissionPlan says that the practice has no plan of commissions of this code for this person.
const CodeCommissionPlan glabella.Code = "practice.commission.plan"

// SplitCommission is the input of [Practice.SplitCommission].
type SplitCommission struct {
	Command
	Invoice glabella.InvoiceID        `json:"invoice"`
	Line    glabella.LineID           `json:"line"`
	Shares  []billing.CommissionShare `json:"shares"`
	Reason  string                    `json:"reason"` // a code of the practice's own
}

// CommissionSplitDone is the receipt of [Practice.SplitCommission], and its event.
type CommissionSplitDone struct {
	Split   glabella.CommissionSplitID `json:"split"`
	Invoice glabella.InvoiceID         `json:"invoice"`
	Line    glabella.LineID            `json:"line"`
	Shares  []billing.CommissionShare  `json:"shares"`
	Reason  string                     `json:"reason"`
	Version uint64                     `json:"version"`
}

// SplitCommission says who earns by a line of an invoice, in place of who performed
// it: somebody else, or several who share it. Its corrections follow. Statements of
// months that are over change with it, and the journal shows why.
func (p *Practice) SplitCommission(ctx context.Context, actor glabella.Actor, in SplitCommission) (CommissionSplitDone, error) {
	return run(ctx, p, actor, access.InvoiceCorrect, glabella.PatientID{}, in, func(ctx context.Context, w *work, in SplitCommission, out *CommissionSplitDone) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		inv, err := w.Invoices().Get(ctx, in.Invoice)
		if err != nil {
			return failed(err)
		}
		w.Concerns(inv.Patient)
		i := slices.IndexFunc(inv.Lines, func(l billing.Line) bool { return l.ID == in.Line && l.Adjusts.IsZero() })
		if i < 0 {
			return failed(glabella.Invalid("commission split", glabella.Issue{Path: "/line", Code: billing.CodeLineUnknown, Text: "the invoice has no such line, or it is a correction"}))
		}
		for _, share := range in.Shares {
			if _, err := w.Staff().Get(ctx, share.Staff); err != nil {
				return failed(err)
			}
		}
		s := billing.CommissionSplit{ID: billing.CommissionSplitOf(in.Line)}
		old, err := w.CommissionSplits().Get(ctx, s.ID)
		switch known, err := found(err); {
		case err != nil:
			return failed(err)
		case known:
			s = old
		}
		if err := w.expect(s.Ref(), s.Version); err != nil {
			return failed(err)
		}
		s.Invoice, s.Line, s.Shares, s.By, s.At, s.Reason = inv.ID, in.Line, slices.Clone(in.Shares), by, w.Now(), in.Reason
		if s, err = w.CommissionSplits().Put(ctx, s); err != nil {
			return failed(err)
		}
		*out = CommissionSplitDone{Split: s.ID, Invoice: s.Invoice, Line: s.Line, Shares: s.Shares, Reason: s.Reason, Version: s.Version}
		return recorded("billing.commission-split", *out)
	})
}

// CommissionOf is the question of [Practice.CommissionOf].
type CommissionOf struct {
	Staff glabella.StaffID
	Plan  string        // its code
	Month glabella.Date // any day of it; the zero date is this month
}

// CommissionOf answers what somebody earned in a month by a plan, line by line, with
// what corrections of earlier sales took back. What was used up for a line is what
// its lots cost.
func (p *Practice) CommissionOf(ctx context.Context, actor glabella.Actor, q CommissionOf) (billing.CommissionStatement, error) {
	return query(ctx, p, actor, access.ReportRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (billing.CommissionStatement, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return billing.CommissionStatement{}, err
		}
		f := billing.CommissionFacts{Staff: q.Staff, Month: q.Month, Zone: site.zone}
		if f.Month.IsZero() {
			f.Month = site.today
		}
		plans, err := r.CommissionPlans().All(ctx, storage.CommissionPlanQuery{Code: q.Plan})
		if err != nil {
			return billing.CommissionStatement{}, err
		}
		i := slices.IndexFunc(plans, func(p billing.CommissionPlan) bool {
			ended := !p.To.IsZero() && p.To.Before(glabella.Date{Year: f.Month.Year, Month: f.Month.Month, Day: 1})
			return !ended && (len(p.Staff) == 0 || slices.Contains(p.Staff, q.Staff))
		})
		if i < 0 {
			return billing.CommissionStatement{}, glabella.Invalid("commission", glabella.Issue{Path: "/plan", Code: CodeCommissionPlan, Text: "there is no such plan for this person"})
		}
		f.Plan = plans[i]
		if f.Invoices, err = r.Invoices().All(ctx, storage.InvoiceQuery{}); err != nil {
			return billing.CommissionStatement{}, err
		}
		if f.Splits, err = r.CommissionSplits().All(ctx, storage.CommissionSplitQuery{}); err != nil {
			return billing.CommissionStatement{}, err
		}
		if f.Plan.Base == billing.CommissionOnMargin {
			if f.Costs, err = lineCosts(ctx, r, f.Invoices); err != nil {
				return billing.CommissionStatement{}, err
			}
		}
		return billing.Statement(f)
	})
}

// lineCosts returns what the stock cost that was used up for lines. What a procedure
// used of a substance stands on its first line of it.
func lineCosts(ctx context.Context, r *storage.Reading, invoices []billing.Invoice) (map[glabella.LineID]money.Amount, error) {
	type key struct {
		procedure glabella.ProcedureID
		substance string
	}
	costs := map[key]money.Amount{}
	movements, err := r.Movements().All(ctx, storage.MovementQuery{})
	if err != nil {
		return nil, err
	}
	for _, m := range movements {
		if m.Procedure.IsZero() {
			continue
		}
		lot, err := r.Lots().Get(ctx, m.Lot)
		if err != nil {
			return nil, err
		}
		product, err := r.Products().Get(ctx, m.Product)
		if err != nil {
			return nil, err
		}
		if !lot.UnitCost.Currency().Valid() || product.Nominal.Sign() <= 0 {
			continue
		}
		cost, err := lot.UnitCost.MulDiv(m.Quantity.Neg().Value(), product.Nominal.Value(), money.HalfUp)
		if err != nil {
			return nil, err
		}
		k := key{m.Procedure, product.Substance}
		if was, ok := costs[k]; ok {
			if cost, err = cost.Add(was); err != nil {
				return nil, err
			}
		}
		costs[k] = cost
	}
	out := map[glabella.LineID]money.Amount{}
	for _, i := range invoices {
		for _, l := range i.Lines {
			k := key{l.Procedure, l.Product}
			if cost, ok := costs[k]; ok && l.Adjusts.IsZero() && cost.Currency() == i.Currency {
				out[l.ID] = cost
				delete(costs, k)
			}
		}
	}
	return out, nil
}
