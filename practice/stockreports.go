package practice

import (
	"context"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/storage"
)

// ReportUsage is the question of [Practice.ReportUsage].
type ReportUsage struct {
	From, To time.Time // To not included; the zero time is no bound
}

// ReportUsage compares what was charted with what left the stock, of every site by
// who performed it and for which treatment, and says what became of every opened
// container.
func (p *Practice) ReportUsage(ctx context.Context, actor glabella.Actor, q ReportUsage) (inventory.UsageReport, error) {
	return query(ctx, p, actor, access.StockTrace, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (inventory.UsageReport, error) {
		f := inventory.UsageFacts{From: q.From, To: q.To}
		lots := map[glabella.LotID]glabella.ProductID{}
		all, err := r.Lots().All(ctx, storage.LotQuery{})
		if err != nil {
			return inventory.UsageReport{}, err
		}
		for _, l := range all {
			lots[l.ID] = l.Product
		}
		visits, err := r.Encounters().All(ctx, storage.EncounterQuery{})
		if err != nil {
			return inventory.UsageReport{}, err
		}
		for _, v := range visits {
			for _, proc := range v.Procedures {
				for _, a := range proc.Administrations {
					f.Charted = append(f.Charted, inventory.ChartedAmount{
						Encounter: v.ID, Procedure: proc.ID, Treatment: proc.Record.Template.Code, Injector: proc.Performer, Site: v.Site, Product: lots[a.Lot], Quantity: a.Quantity, At: proc.PerformedAt,
					})
				}
			}
		}
		if f.Movements, err = r.Movements().All(ctx, storage.MovementQuery{}); err != nil {
			return inventory.UsageReport{}, err
		}
		if f.Vials, err = r.Vials().All(ctx, storage.VialQuery{}); err != nil {
			return inventory.UsageReport{}, err
		}
		if f.Usages, err = r.Usages().All(ctx, storage.UsageQuery{}); err != nil {
			return inventory.UsageReport{}, err
		}
		return inventory.UsageReportOf(f)
	})
}

// ValueSites is the question of [Practice.ValueSites].
type ValueSites struct {
	Method inventory.CostMethod
	On     glabella.Date // as at the end of the day; the zero date is today
}

// ValueSites answers what the stock of each site cost as at the end of a day of the
// actor's site, by a method, with what is on its way between them.
func (p *Practice) ValueSites(ctx context.Context, actor glabella.Actor, q ValueSites) (inventory.Valuation, error) {
	return query(ctx, p, actor, access.ReportRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (inventory.Valuation, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return inventory.Valuation{}, err
		}
		if q.On.IsZero() {
			q.On = site.today
		}
		movements, err := r.Movements().All(ctx, storage.MovementQuery{})
		if err != nil {
			return inventory.Valuation{}, err
		}
		slices.SortStableFunc(movements, func(a, b inventory.Movement) int { return a.At.Compare(b.At) })
		lots, err := r.Lots().All(ctx, storage.LotQuery{})
		if err != nil {
			return inventory.Valuation{}, err
		}
		return inventory.ValuationOf(q.Method, movements, lots, q.On, site.zone)
	})
}
