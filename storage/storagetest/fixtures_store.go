package storagetest

import (
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
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

// audits fills the records of looks into the journal.
func (r *Records) audits() {
	r.Finding = audit.Finding{
		ID: findingID, Rule: audit.CodeNoRelationship, Score: 60, Staff: nurseID, Patient: patientID, At: visit, Evidence: []uint64{7, 9}, Entries: 2, State: audit.FindingDismissed,
		Signals: []audit.Signal{{Rule: audit.CodeNoRelationship, Weight: 60, Args: map[string]string{"count": "2"}}},
		Reviews: []audit.Review{{Action: "dismiss", By: doctorID, At: visit.Add(time.Hour), Reason: "A favour to the front desk."}},
	}
	r.ActivityReview = audit.ActivityReview{
		ID: activityReviewID, Reviewer: doctorID, From: visit.Add(-24 * time.Hour), To: visit, Size: 12, Root: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", Wanted: 2, Sample: []uint64{3, 8},
		Findings: []glabella.FindingID{findingID}, State: audit.ReviewSigned, SignedAt: visit.Add(time.Hour), Remark: "Nothing else.",
	}
	r.Disclosure = audit.Disclosure{
		ID: disclosureID, Patient: patientID, At: visit, Recipient: audit.Recipient{Name: "An insurer", Address: "1 Example Street"}, Description: "The chart of March.",
		Basis: audit.DisclosedByAuthorization, Purpose: "A claim.", Request: "letter-7", Authorization: authorizationID,
		Suspensions: []audit.Suspension{{Agency: "An agency", Oral: true, From: day("2026-03-02"), To: day("2026-03-20")}}, By: doctorID.Ref(),
	}
}
