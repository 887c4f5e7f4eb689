package practice_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/quantity"
)

const toxinCode = "onabotulinumtoxinA-100"

// keepsStore gives the clinic a policy on its store room.
func (c *clinic) keepsStore() glabella.ProductID {
	c.t.Helper()
	toxin := inventory.Product{ID: glabella.DeriveID[glabella.ProductID]("practicetest/toxin"), Code: toxinCode, Name: "Botox Cosmetic 100 U", Class: inventory.ServiceItem, GTINs: []string{practicetest.ToxinGTIN}}
	cel := func(s string) quantity.Quantity { return quantity.MustParse(s + " Cel") }
	must[practice.SetUpDone](c.t)(c.SetUp(c.t.Context(), c.Owner, practice.SetUp{Stores: []inventory.StorePolicy{{
		ID: inventory.StorePolicyOf(c.Site.ID), Site: c.Site.ID, UseDays: 30, Horizons: []int{30, 90},
		Levels:   []inventory.ParLevel{{Product: toxin.ID, Site: c.Site.ID, Min: 4, Par: 12, LeadDays: 3, Unit: "vial", Pack: "box"}},
		Storages: []inventory.Storage{{Code: "fridge-1", Limits: inventory.StorageLimits{Lowest: cel("2"), Highest: cel("8"), Source: "the label"}, Products: []glabella.ProductID{toxin.ID}}},
		Items: []inventory.CatalogueItem{{Product: toxin.ID, Code: toxin.Code, Name: toxin.Name, Class: toxin.Class, Aliases: []string{}, GTINs: toxin.GTINs, DIs: []string{},
			Packs: []inventory.Pack{{Unit: "box", Contains: inventory.Whole(5), Of: "vial"}}}},
	}}}))
	return toxin.ID
}

// gets takes in a delivery of containers of toxin.
func (c *clinic) gets(in practice.ReceiveStock, lot, expires string, n string) glabella.LotID {
	c.t.Helper()
	got := must[practice.Received](c.t)(c.receives(in, lot, expires, n))
	return got.Lines[0].Lot
}

func (c *clinic) receives(in practice.ReceiveStock, lot, expires string, n string) (practice.Received, error) {
	in.Document, in.Supplier = "DN-"+lot, "Test Supplier"
	in.Lines = []practice.ReceiveLine{{Scan: "]d201" + practicetest.ToxinGTIN + "17" + expires + "10" + lot + "\x1d30" + n, UnitCost: money.MustParse("USD 400.00")}}
	return c.ReceiveStock(c.t.Context(), c.Store, in)
}

func (c *clinic) onShelf(lot glabella.LotID) (sealed, held int) {
	c.t.Helper()
	return c.shelf(lot, c.Site.ID)
}

func TestWhatRunsOutIsOrderedArrivesInPartsAndIsCompared(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	toxin := c.keepsStore()
	review := must[practice.StockReview](t)(c.ReviewStock(ctx, c.Store))
	want := []inventory.ReorderSuggestion{{Product: toxin, Site: c.Site.ID, Packs: 3, Pack: "box", PackSize: 5, Containers: 15}}
	if diff := cmp.Diff(want, review.Reorder); diff != "" {
		t.Fatalf("what to order of nothing on hand (-want +got):\n%s", diff)
	}
	order := practice.OrderStock{Supplier: "Test Supplier", Number: "PO-1", Lines: []practice.OrderedLine{{Product: toxinCode, Pack: "box", Unit: "vial", Packs: 3, UnitCost: money.MustParse("USD 2000.00")}}}
	bad := order
	bad.Lines = []practice.OrderedLine{{Product: "nothing", Packs: 1}, {Product: toxinCode, Pack: "crate", Unit: "vial", Packs: 1}}
	_, err := c.OrderStock(ctx, c.Store, bad)
	invalidAt(t, err, "/lines/0/product", practice.CodeProductUnknown)
	invalidAt(t, err, "/lines/1/pack", inventory.CodePackUnknownUnit)
	if _, err := c.OrderStock(ctx, c.Desk, order); !denied(err) {
		t.Errorf("OrderStock by the front desk = %v, want denied", err)
	}
	drafted := must[practice.OrderChanged](t)(c.OrderStock(ctx, c.Store, order))
	if review := must[practice.StockReview](t)(c.ReviewStock(ctx, c.Store)); len(review.Reorder) != 1 {
		t.Error("a draft counts as on its way")
	}
	sent := must[practice.OrderChanged](t)(c.ChangeOrder(ctx, c.Store, practice.ChangeOrder{Order: drafted.Order, Action: practice.OrderSend}))
	if sent.State != inventory.OrderSent {
		t.Fatalf("state = %s, want sent", sent.State)
	}
	if review := must[practice.StockReview](t)(c.ReviewStock(ctx, c.Store)); len(review.Reorder) != 0 {
		t.Errorf("what is on its way is ordered again: %+v", review.Reorder)
	}
	c.gets(practice.ReceiveStock{Order: sent.Order}, "A1", "271231", "10")
	if _, err := c.receives(practice.ReceiveStock{Order: sent.Order}, "A2", "261130", "8"); !refusedFor(err, inventory.CodeOrderOver) {
		t.Errorf("more than is to come = %v, want %s", err, inventory.CodeOrderOver)
	}
	second := must[practice.Received](t)(c.receives(practice.ReceiveStock{Order: sent.Order, Over: inventory.ReasonOverDelivered}, "A2", "261130", "8"))
	if open := must[[]inventory.PurchaseOrder](t)(c.OpenOrders(ctx, c.Store)); len(open) != 0 {
		t.Errorf("open orders = %+v, want none", open)
	}
	// The second delivery was somebody else's.
	must[practice.StockChanged](t)(c.ReverseMovement(ctx, c.Store, practice.ReverseMovement{Movement: second.Lines[0].Movement, Reason: inventory.ReasonEnteredInError}))
	open := must[[]inventory.PurchaseOrder](t)(c.OpenOrders(ctx, c.Store))
	if len(open) != 1 || open[0].State != inventory.OrderPartial || open[0].Outstanding(toxin) != 5 {
		t.Fatalf("after the reversal: %+v, want five to come", open)
	}
	invoice := inventory.SupplierInvoice{Supplier: "Test Supplier", Number: "INV-1", Lines: []inventory.SupplierInvoiceLine{{Product: toxin, Containers: 15, Amount: money.MustParse("USD 6000.00")}}}
	compared := must[practice.OrderCompared](t)(c.CompareOrder(ctx, c.Store, practice.CompareOrder{Order: sent.Order, Invoices: []inventory.SupplierInvoice{invoice}}))
	if !compared.Decision.Has(inventory.CodeOrderInvoicedMore) || compared.Decision.Outcome != glabella.Deny || compared.Lines[0].Received != 10 {
		t.Errorf("CompareOrder = %+v, want that more is charged than arrived", compared)
	}
	closed := must[practice.OrderChanged](t)(c.ChangeOrder(ctx, c.Store, practice.ChangeOrder{Order: sent.Order, Action: practice.OrderClose, Reason: "out-of-stock"}))
	if closed.State != inventory.OrderClosed {
		t.Errorf("state = %s, want closed", closed.State)
	}
	_, err = c.ChangeOrder(ctx, c.Store, practice.ChangeOrder{Order: sent.Order, Action: "burn"})
	invalidAt(t, err, "/action", practice.CodeOrderAction)
}

func TestWhatExpiresSoonIsToldOf(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.keepsStore()
	soon := c.clock.Now().AddDate(0, 0, 20).Format("060102")
	later := c.clock.Now().AddDate(0, 0, 200).Format("060102")
	first := c.gets(practice.ReceiveStock{}, "S1", soon, "05")
	c.gets(practice.ReceiveStock{}, "S2", later, "05")
	got := must[practice.StockReview](t)(c.ReviewStock(t.Context(), c.Store)).Expiring
	if len(got) != 1 || got[0].Lot != first || got[0].Horizon != 30 || got[0].Left != 5 {
		t.Errorf("expiring = %+v, want the five of the first lot within 30 days", got)
	}
}

func TestThreePeopleCountTheStoreWhileItIsInUse(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	lot := c.gets(practice.ReceiveStock{}, "C1", "271231", "06")
	opened := must[practice.CountStepped](t)(c.OpenCount(ctx, c.Nurse, practice.OpenCount{Kind: inventory.CountFull, Blind: true}))
	if _, err := c.OpenCount(ctx, c.Nurse, practice.OpenCount{Kind: inventory.CountFull}); !refusedFor(err, inventory.CodeCountBusy) {
		t.Errorf("a second count of the same = %v, want %s", err, inventory.CodeCountBusy)
	}
	if _, err := c.SubmitCount(ctx, c.Nurse, practice.SubmitCount{Count: opened.Count}); !refusedFor(err, inventory.CodeCountPending) {
		t.Errorf("SubmitCount of nothing counted = %v, want %s", err, inventory.CodeCountPending)
	}
	c.clock.advance(time.Minute)
	must[practice.CountStepped](t)(c.TallyCount(ctx, c.Nurse, practice.TallyCount{Count: opened.Count, Lot: lot, Found: 3}))
	must[practice.CountStepped](t)(c.TallyCount(ctx, c.Nurse, practice.TallyCount{Count: opened.Count, Lot: lot, Found: 5, Again: true}))
	sheet := must[[]inventory.CountSheetLine](t)(c.CountSheet(ctx, c.Nurse, opened.Count))
	if len(sheet) != 1 || !sheet[0].Counted || sheet[0].Expected != nil || sheet[0].Found != nil {
		t.Errorf("the sheet of a blind count = %+v, want that it is counted and nothing else", sheet)
	}
	c.clock.advance(time.Minute)
	must[practice.StockChanged](t)(c.ChangeStock(ctx, c.Store, practice.ChangeStock{Lot: "C1", Kind: inventory.MovementWaste, Containers: -1, Reason: inventory.ReasonBroken}))
	must[practice.CountStepped](t)(c.SubmitCount(ctx, c.Nurse, practice.SubmitCount{Count: opened.Count}))
	if _, err := c.ReconcileCount(ctx, c.Nurse, practice.ReconcileCount{Count: opened.Count}); !denied(err) {
		t.Errorf("ReconcileCount by a nurse = %v, want denied", err)
	}
	must[practice.CountStepped](t)(c.ReconcileCount(ctx, c.Store, practice.ReconcileCount{Count: opened.Count, Reasons: map[glabella.LotID]string{lot: inventory.ReasonTheft}}))
	review := must[practice.CountReview](t)(c.ReviewCount(ctx, c.Director, opened.Count))
	if len(review.Variances) != 1 || review.Variances[0].Difference != -1 || review.Value != money.MustParse("USD -400.00") {
		t.Errorf("ReviewCount = %+v, want one missing at USD 400.00", review)
	}
	if open := must[[]inventory.Count](t)(c.OpenCounts(ctx, c.Director)); len(open) != 1 {
		t.Errorf("open counts = %d, want 1", len(open))
	}
	approved := must[practice.CountStepped](t)(c.ApproveCount(ctx, c.Director, practice.ApproveCount{Count: opened.Count}))
	if approved.State != inventory.CountApproved || len(approved.Movements) != 1 {
		t.Fatalf("ApproveCount = %+v, want one movement", approved)
	}
	if sealed, _ := c.onShelf(lot); sealed != 4 {
		t.Errorf("on the shelf = %d, want 6 less the broken and the missing one", sealed)
	}
	if books := must[practice.Agreement](t)(c.CheckBooks(ctx, c.Director)); len(books.Differences) > 0 {
		t.Errorf("the books differ: %v", books.Differences)
	}
	again := must[practice.CountStepped](t)(c.OpenCount(ctx, c.Store, practice.OpenCount{Kind: inventory.CountSpot, Lots: []glabella.LotID{lot}}))
	c.clock.advance(time.Minute)
	must[practice.CountStepped](t)(c.TallyCount(ctx, c.Nurse, practice.TallyCount{Count: again.Count, Lot: lot, Found: 4}))
	if got := must[practice.CountStepped](t)(c.CancelCount(ctx, c.Store, practice.CancelCount{Count: again.Count, Reason: "wrong-shelf"})); got.State != inventory.CountCanceled {
		t.Errorf("state = %s, want canceled", got.State)
	}
}

func TestWhatAWarmFridgeHeldIsSetAsideAndDecidedLotByLot(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	c.keepsStore()
	kept := c.gets(practice.ReceiveStock{}, "W1", "271231", "06")
	wasted := c.gets(practice.ReceiveStock{}, "W2", "271231", "02")
	c.clock.advance(24 * time.Hour)
	cel := func(s string) quantity.Quantity { return quantity.MustParse(s + " Cel") }
	reading := func(hours int, low, high string) inventory.StorageReading {
		return inventory.StorageReading{At: c.clock.Now().Add(time.Duration(hours-10) * time.Hour), Lowest: cel(low), Highest: cel(high)}
	}
	outside := must[[]inventory.OutsideLimits](t)(c.CheckStorage(ctx, c.Nurse, practice.CheckStorage{Storage: "fridge-1", Readings: []inventory.StorageReading{reading(0, "4", "5"), reading(1, "4", "13.5"), reading(2, "5", "6")}}))
	if len(outside) != 1 || !outside[0].Highest.Equal(cel("13.5")) {
		t.Fatalf("CheckStorage = %+v, want one time up to 13.5", outside)
	}
	report := practice.ReportExcursion{Storage: "fridge-9", From: outside[0].From, To: outside[0].To, Lowest: outside[0].Lowest, Highest: outside[0].Highest}
	_, err := c.ReportExcursion(ctx, c.Nurse, report)
	invalidAt(t, err, "/storage", inventory.CodeStorage)
	report.Storage = "fridge-1"
	reported := must[practice.ExcursionStepped](t)(c.ReportExcursion(ctx, c.Nurse, report))
	if len(reported.Lots) != 2 {
		t.Fatalf("ReportExcursion names %d lots, want both", len(reported.Lots))
	}
	held := must[practice.ExcursionStepped](t)(c.HoldExcursion(ctx, c.Store, practice.HoldExcursion{Excursion: reported.Excursion}))
	if sealed, aside := c.onShelf(kept); sealed != 0 || aside != 6 || len(held.Movements) != 2 {
		t.Errorf("after the hold %d on the shelf and %d set aside, want 0 and 6", sealed, aside)
	}
	if _, err := c.EndExcursion(ctx, c.Store, practice.EndExcursion{Excursion: reported.Excursion}); !refusedFor(err, inventory.CodeExcursionPending) {
		t.Errorf("EndExcursion before decisions = %v, want %s", err, inventory.CodeExcursionPending)
	}
	decide := practice.DecideExcursion{Excursion: reported.Excursion, Lot: kept, Disposition: inventory.DispositionRelease}
	_, err = c.DecideExcursion(ctx, c.Store, decide)
	if !slices.Contains(codesOf(err), inventory.CodeExcursionBasis) {
		t.Errorf("a release without a basis = %v, want %s", err, inventory.CodeExcursionBasis)
	}
	decide.Basis, decide.Document = inventory.BasisManufacturer, "answer-7"
	must[practice.ExcursionStepped](t)(c.DecideExcursion(ctx, c.Store, decide))
	must[practice.ExcursionStepped](t)(c.DecideExcursion(ctx, c.Store, practice.DecideExcursion{Excursion: reported.Excursion, Lot: wasted, Disposition: inventory.DispositionWaste, Basis: inventory.BasisManufacturer, Document: "answer-8"}))
	if sealed, aside := c.onShelf(kept); sealed != 6 || aside != 0 {
		t.Errorf("released: %d on the shelf and %d set aside", sealed, aside)
	}
	if sealed, aside := c.onShelf(wasted); sealed != 0 || aside != 0 {
		t.Errorf("wasted: %d on the shelf and %d set aside", sealed, aside)
	}
	if open := must[[]inventory.Excursion](t)(c.OpenExcursions(ctx, c.Nurse)); len(open) != 1 {
		t.Errorf("open excursions = %d, want 1", len(open))
	}
	ended := must[practice.ExcursionStepped](t)(c.EndExcursion(ctx, c.Store, practice.EndExcursion{Excursion: reported.Excursion}))
	if ended.State != inventory.ExcursionClosed {
		t.Errorf("state = %s, want closed", ended.State)
	}
	fault := must[practice.ExcursionStepped](t)(c.ReportExcursion(ctx, c.Nurse, report))
	if got := must[practice.ExcursionStepped](t)(c.EndExcursion(ctx, c.Store, practice.EndExcursion{Excursion: fault.Excursion, Cancel: "sensor-fault"})); got.State != inventory.ExcursionCanceled {
		t.Errorf("state = %s, want canceled", got.State)
	}
	if books := must[practice.Agreement](t)(c.CheckBooks(ctx, c.Director)); len(books.Differences) > 0 {
		t.Errorf("the books differ: %v", books.Differences)
	}
}

func TestUsageIsReportedByWhoAndForWhat(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v := must[practicetest.Visit](t)(c.Visit(ctx, 1))
	report := must[inventory.UsageReport](t)(c.ReportUsage(ctx, c.Director, practice.ReportUsage{}))
	if len(report.Rows) != 1 {
		t.Fatalf("rows = %+v, want one", report.Rows)
	}
	row := report.Rows[0]
	if row.Injector != staffID(c.Nurse) || row.Treatment != "botulinum-toxin" || row.Charted.Value().String() != "64" || row.Drawn.Value().String() != "64" || !row.Difference.IsZero() {
		t.Errorf("row = %+v, want 64 units charted and drawn by the nurse", row)
	}
	if len(report.Vials) == 0 || report.Vials[0].Vial != v.Vial || report.Vials[0].Yield.String() != "0.64" {
		t.Errorf("vials = %+v, want the visit's with a yield of 0.64", report.Vials)
	}
	review := must[practice.StockReview](t)(c.ReviewStock(ctx, c.Store))
	if len(review.Reorder) != 0 {
		t.Errorf("a site without levels orders %+v", review.Reorder)
	}
	value := must[inventory.Valuation](t)(c.ValueSites(ctx, c.Director, practice.ValueSites{Method: inventory.CostFIFO}))
	total := must[practice.StockValue](t)(c.ValueStock(ctx, c.Director, practice.ValueStock{Method: inventory.CostFIFO})).Costing.Total()
	if len(value.Sites) != 1 || value.Sites[0].Site != c.Site.ID || value.Total != total || total.IsZero() {
		t.Errorf("ValueSites = %+v, want all of %s at the one site", value, total)
	}
}
