package practice_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/storage"
)

// chartsBeyond charts a visit as the change says, with the missing stock
// acknowledged, and completes it.
func (c *clinic) chartsBeyond(v practicetest.Visit, change func(*practice.ChartTreatment)) (practice.Charted, practice.VisitCompleted) {
	t, ctx := c.t, c.t.Context()
	t.Helper()
	chart := practicetest.Chart(v)
	change(&chart)
	if _, err := c.ChartTreatment(ctx, c.Nurse, chart); !slices.Contains(codesOf(err), inventory.CodeUsageOpened) || !errors.Is(err, glabella.ErrRefused) {
		t.Errorf("missing stock is not told of: %v", err)
	}
	chart.Acknowledge = append(chart.Acknowledge, inventory.CodeUsageOpened)
	charted := must[practice.Charted](t)(c.ChartTreatment(ctx, c.Nurse, chart))
	return charted, must[practice.VisitCompleted](t)(c.CompleteVisit(ctx, c.Nurse, practice.CompleteVisit{Encounter: v.Encounter}))
}

func unnamed(chart *practice.ChartTreatment) {
	for i := range chart.Maps[0].Points {
		chart.Maps[0].Points[i].Lot, chart.Maps[0].Points[i].Vial = glabella.LotID{}, glabella.VialID{}
	}
}

func TestMissingStockBlocksNoChartAndIsFoundLater(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v := c.arrive(arrival{})
	charted, done := c.chartsBeyond(v, unnamed)
	if len(charted.Administrations) != 1 || !charted.Administrations[0].Lot.IsZero() || len(done.Movements) != 0 || len(done.Usages) != 1 || done.Invoice.IsZero() {
		t.Fatalf("charted %+v, completed %+v: want one administration of no lot, one usage, and an invoice", charted.Administrations, done)
	}
	last := c.last()
	if !slices.ContainsFunc(last.Events, func(e audit.Event) bool { return e.Type == "inventory.usage-opened" }) {
		t.Errorf("the journal does not tell of it: %+v", last.Events)
	}
	list := must[[]practice.OpenUsage](t)(c.OpenUsages(ctx, c.Store))
	if len(list) != 1 || list[0].Usage.ID != done.Usages[0] || list[0].Outstanding.String() != "64 [arb'U]{onabotulinumtoxinA}" || len(list[0].Candidates) == 0 {
		t.Fatalf("the list: %+v", list)
	}
	if i := slices.IndexFunc(list[0].Candidates, func(k inventory.UsageCandidate) bool { return k.Vial == v.Vial }); i < 0 {
		t.Errorf("the opened container is no candidate: %+v", list[0].Candidates)
	}
	// The exposure is not known before it is matched.
	trace := must[practice.Trace](t)(c.TraceLot(ctx, c.Store, v.LotNumber))
	if len(trace.Exposures) != 0 || len(trace.Trails) != 1 || len(trace.Trails[0].Exposures) != 0 || len(trace.Trails[0].Suspects) != 1 || trace.Trails[0].Suspects[0].Patient != v.Patient {
		t.Errorf("before matching the lot has %d exposures and the trail %+v, want nobody who received it and one who may have", len(trace.Exposures), trace.Trails)
	}
	match := practice.MatchUsage{Usage: done.Usages[0], Lot: v.Lot, Vial: v.Vial}
	if _, err := c.MatchUsage(ctx, c.Desk, match); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("the front desk matches: %v", err)
	}
	settled := must[practice.UsageSettled](t)(c.MatchUsage(ctx, c.Store, match))
	if settled.State != inventory.UsageMatched || len(settled.Movements) != 1 || settled.Outstanding.Sign() != 0 {
		t.Errorf("matched: %+v", settled)
	}
	vial := stored(c, func(ctx context.Context, tx storage.Tx) (inventory.Vial, error) { return tx.Vials().Get(ctx, v.Vial) })
	if vial.Remaining.String() != "36 [arb'U]{onabotulinumtoxinA}" {
		t.Errorf("the container has %v left, want 36", vial.Remaining)
	}
	trace = must[practice.Trace](t)(c.TraceLot(ctx, c.Store, v.LotNumber))
	if len(trace.Trails[0].Suspects) != 0 || len(trace.Trails[0].Exposures) != 1 || trace.Trails[0].Exposures[0].Patient != v.Patient {
		t.Errorf("after matching the trail is %+v", trace.Trails[0])
	}
	if diluent := must[practice.Trace](t)(c.TraceLot(ctx, c.Store, "S1")); len(diluent.Trails[0].Exposures) != 1 || diluent.Trails[0].Exposures[0].Basis != inventory.ExposureDiluent {
		t.Errorf("the trail of the diluent is %+v", diluent.Trails[0])
	}
	if list := must[[]practice.OpenUsage](t)(c.OpenUsages(ctx, c.Store)); len(list) != 0 {
		t.Errorf("after matching the list has %d", len(list))
	}
	if _, err := c.MatchUsage(ctx, c.Store, match); err == nil {
		t.Error("matched twice")
	}
	// Notes, maps and exports do without the lot.
	must[practice.NoteSigned](t)(c.SignNote(ctx, c.Nurse, practice.SignNote{Encounter: v.Encounter, Cosigner: staffID(c.Director)}))
	must[[]byte](t)(c.DrawMap(ctx, c.Nurse, practice.DrawMap{Encounter: v.Encounter, Diagram: "face-front", DiagramVersion: 1}))
	must[practice.Export](t)(c.ExportPatient(ctx, c.Director, v.Patient))
	c.verified()
	if books := must[practice.Agreement](t)(c.CheckBooks(ctx, c.Director)); len(books.Differences) > 0 {
		t.Errorf("the books: %+v", books.Differences)
	}
}

func TestMoreThanTheContainerHeldIsAUsageOfTheRest(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v := c.arrive(arrival{})
	must[practice.Charted](t)(c.ChartTreatment(ctx, c.Nurse, practicetest.Chart(v)))
	_, done := c.chartsBeyond(v, func(*practice.ChartTreatment) {}) // 64 and 64 of 100
	if len(done.Movements) != 2 || len(done.Usages) != 1 {
		t.Fatalf("completed %+v, want two movements and one usage", done)
	}
	u := stored(c, func(ctx context.Context, tx storage.Tx) (inventory.Usage, error) {
		return tx.Usages().Get(ctx, done.Usages[0])
	})
	if u.Quantity.String() != "28 [arb'U]{onabotulinumtoxinA}" || u.Cause != inventory.UsageBeyondStock || u.Vial != v.Vial {
		t.Errorf("the usage: %+v", u)
	}
	c.clock.advance(time.Hour)
	off := must[practice.UsageSettled](t)(c.WriteOffUsage(ctx, c.Store, practice.WriteOffUsage{Usage: u.ID, Reason: inventory.ReasonSample, Witness: staffID(c.Director)}))
	if off.State != inventory.UsageWrittenOff {
		t.Errorf("written off: %+v", off)
	}
	if _, err := c.WriteOffUsage(ctx, c.Store, practice.WriteOffUsage{Usage: u.ID, Reason: inventory.ReasonSample}); err == nil {
		t.Error("written off twice")
	}
	again := must[practice.UsageSettled](t)(c.ReopenUsage(ctx, c.Store, practice.ReopenUsage{Command: practice.Command{IfVersion: off.Version}, Usage: u.ID}))
	if again.State != inventory.UsageOpen {
		t.Errorf("reopened: %+v", again)
	}
	// Another container of the lot, whose opening nobody recorded.
	must[practice.Received](t)(c.ReceiveStock(ctx, c.Store, delivery(v.LotNumber)))
	settled := must[practice.UsageSettled](t)(c.MatchUsage(ctx, c.Store, practice.MatchUsage{Usage: u.ID, Lot: v.Lot}))
	if settled.State != inventory.UsageMatched || len(settled.Movements) != 2 {
		t.Errorf("matched: %+v, want an opening and a dose", settled)
	}
	c.verified()
}

func TestWhatMayNotBeUsedIsNotChartedAsMissing(t *testing.T) {
	t.Parallel()
	c := open(t)
	v := c.arrive(arrival{})
	chart := practicetest.Chart(v)
	for i := range chart.Maps[0].Points {
		chart.Maps[0].Points[i].Vial = glabella.VialID{}
	}
	chart.Acknowledge = []glabella.Code{inventory.CodeUsageOpened}
	c.clock.advance(20 * 365 * 24 * time.Hour)
	if _, err := c.ChartTreatment(t.Context(), c.Nurse, chart); !slices.Contains(codesOf(err), inventory.CodeLotExpired) {
		t.Errorf("a lot that has expired, without its container: %v", err)
	}
}
