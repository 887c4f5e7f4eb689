package storagetest

import (
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
)

// store fills the records of a store room.
func (r *Records) store() {
	celsius := func(s string) quantity.Quantity { return quantity.MustParse(s + " Cel") }
	ndc, err := inventory.ParseNDC("0023-1145-01")
	if err != nil {
		panic(err)
	}
	r.StorePolicy = inventory.StorePolicy{
		ID: inventory.StorePolicyOf(siteID), Site: siteID, UseDays: 90, Horizons: []int{30, 90},
		Levels:   []inventory.ParLevel{{Product: productID, Site: siteID, Min: 4, Par: 12, LeadDays: 5, Unit: "vial", Pack: "box"}},
		Storages: []inventory.Storage{{Code: "fridge-2", Limits: inventory.StorageLimits{Lowest: celsius("2"), Highest: celsius("8"), Source: "section 16 of the label"}, Products: []glabella.ProductID{productID}}},
		Items: []inventory.CatalogueItem{{
			Product: productID, Code: "toxin-100", Name: "Toxin, 100 units", Class: inventory.ServiceItem, Aliases: []string{"tox 100"}, GTINs: []string{"00399999001014"},
			NDC: ndc, DIs: []string{"B123"}, Packs: []inventory.Pack{{Unit: "box", Contains: inventory.Whole(10), Of: "vial"}},
		}},
	}
	r.Count = inventory.Count{
		ID: countID, Site: siteID, Kind: inventory.CountCycle, Blind: true, OpenedBy: doctorID, OpenedAt: visit.Add(-3 * time.Hour), State: inventory.CountCanceled,
		Lines: []inventory.CountLine{{
			Lot: lotID, Product: productID, First: inventory.CountFigure{Expected: 7, Found: 5, By: nurseID, At: visit.Add(-2 * time.Hour)},
			Second: inventory.CountFigure{Expected: 7, Found: 6, By: nurseID, At: visit.Add(-time.Hour)}, Late: -2, Reason: inventory.ReasonRecount,
		}},
		Submitted: inventory.CountStep{By: nurseID, At: visit}, Reconciled: inventory.CountStep{By: doctorID, At: visit},
		Canceled: inventory.CountStep{By: doctorID, At: visit.Add(time.Hour), Reason: "wrong-site"},
	}
	r.PurchaseOrder = inventory.PurchaseOrder{
		ID: purchaseOrderID, Site: siteID, Supplier: "A supplier", Number: "PO-0042", Expected: day("2026-03-09"), DraftedBy: nurseID, State: inventory.OrderClosed,
		Lines:    []inventory.OrderLine{{Product: productID, Pack: "box", PackSize: 10, Ordered: 2, Received: 12, Canceled: 8, UnitCost: usd(420000), Reason: "short-dated"}},
		Receipts: []inventory.OrderReceipt{{Movement: movementID, Product: productID, Containers: 12, Document: "DN-7"}},
		Sent:     inventory.OrderStep{By: doctorID, At: visit.Add(-48 * time.Hour)}, Last: inventory.OrderStep{By: nurseID, At: visit},
		Ended: inventory.OrderStep{By: doctorID, At: visit.Add(time.Hour), Reason: "out-of-stock"},
	}
	r.Excursion = inventory.Excursion{
		ID: excursionID, Site: siteID, Storage: "fridge-2", From: visit.Add(-5 * time.Hour), To: visit.Add(-time.Hour), Lowest: celsius("6.5"), Highest: celsius("14"),
		ReportedBy: nurseID, ReportedAt: visit, State: inventory.ExcursionHeld, Held: inventory.ExcursionStep{By: nurseID, At: visit},
		Lots: []inventory.ExcursionLot{{
			Lot: lotID, Product: productID, Containers: 3, Vials: []glabella.VialID{vialID}, Given: []glabella.MovementID{movementID}, Sent: []glabella.MovementID{reversedID},
			Disposition: inventory.DispositionWaste, Basis: inventory.BasisManufacturer, Document: "answer-77", By: doctorID, At: visit.Add(time.Hour),
		}},
	}
}

// emergency fills the record of an access in an emergency.
func (r *Records) emergency() {
	r.Emergency = access.BreakGlass{
		ID: breakGlassID, Patient: patientID, By: nurseID, Site: siteID, Reason: "bleeding", Text: "Called from home.", State: access.BreakGlassReviewed,
		From: visit, Until: visit.Add(time.Hour), ReviewDue: visit.Add(72 * time.Hour), ReviewedBy: doctorID, ReviewedAt: visit.Add(24 * time.Hour), Finding: access.FindingAppropriate,
	}
}
