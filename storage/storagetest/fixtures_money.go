package storagetest

import (
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

func (r *Records) money() {
	r.Service = billing.Service{
		ID: serviceID, Code: "botulinum-toxin-bank", Name: "Forty units, prepaid", Kind: billing.UnitBank, Product: "onabotulinumtoxinA",
		Basis: billing.PerUnit, Price: usd(1200), TaxClass: "treatment",
		Bank: &billing.BankTerms{Units: units("40"), ValidFor: glabella.Period{Years: 1}}, From: day("2026-01-01"), To: day("2026-12-31"),
	}
	moved := billing.Moved{On: day("2026-03-02"), At: visit, By: nurseID, Reason: "sold", Invoice: invoiceID, Line: lineID}
	r.Credit = billing.CreditLot{
		ID: creditID, Patient: patientID, Origin: billing.LotPaid, Kind: billing.UnitsLot, Granted: units("40"), Price: usd(44000), Upfront: usd(400),
		Limits: billing.LotLimits{Services: []string{"botulinum-toxin-unit"}, Products: []string{"onabotulinumtoxinA"}, Brands: []string{"a brand"}, Sites: []glabella.SiteID{siteID},
			Excludes: []billing.Purpose{billing.ForTip}},
		Transferable: true,
		Source:       billing.LotSource{Package: packageID, Membership: membershipID, Term: 2, GiftCard: giftCardID, Lot: otherCreditID, Invoice: invoiceID, Line: lineID},
		Movements: []billing.CreditMovement{
			{Kind: billing.MoveTransferIn, Moved: moved, Units: units("40"), Value: usd(44000), ExpiresOn: day("2027-03-01"), Other: otherCreditID},
			{Kind: billing.MoveRedeem, Moved: moved, Units: units("-20"), Value: usd(-22000)},
			{Kind: billing.MoveReinstate, Moved: moved, Units: units("20"), Value: usd(22000), Reverses: 2},
			{Kind: billing.MoveRefund, Moved: moved, Units: units("-20"), Value: usd(-22000), Cash: usd(20000)},
		},
	}
	charged := billing.Line{
		ID: lineID, Kind: billing.ServiceItem, Service: "botulinum-toxin-unit", Name: "One unit", Product: "onabotulinumtoxinA", Procedure: procedureID, Provider: nurseID,
		Lots: []glabella.LotID{lotID}, Quantity: quantity.MustParseNumber("20"), UnitPrice: usd(1200), List: usd(24000), Discounts: []billing.Step{{Code: "spring", Amount: usd(1000)}},
		Redeemed: []billing.Use{}, Net: usd(23000), TaxClass: "treatment", Tax: usd(1898), Total: usd(24898),
	}
	redeemed := charged
	redeemed.ID, redeemed.Discounts, redeemed.Redeemed = secondLineID, []billing.Step{}, []billing.Use{{Lot: creditID, Units: units("20"), Value: usd(22000)}}
	redeemed.Net, redeemed.Tax, redeemed.Total = usd(22000), usd(0), usd(22000)
	correction := charged
	correction.ID, correction.Adjusts, correction.Reason, correction.At = thirdLineID, lineID, "miscounted", visit.Add(24*time.Hour)
	correction.Quantity, correction.List, correction.Discounts = quantity.MustParseNumber("-2.5"), usd(-3000), []billing.Step{{Code: "spring", Amount: usd(-125)}}
	correction.Net, correction.Tax, correction.Total = usd(-2875), usd(-237), usd(-3112)
	r.Invoice = billing.Invoice{
		ID: invoiceID, Number: "2026-0042", Patient: patientID, Encounter: encounterID, Site: siteID, Currency: money.USD, State: billing.InvoicePaid,
		On: day("2026-03-02"), IssuedAt: visit.Add(time.Hour), Lines: []billing.Line{charged, redeemed, correction}, Tips: []billing.Tip{{Provider: nurseID, Amount: usd(2000)}},
		Tenders: []billing.Tender{
			{ID: creditTenderID, Kind: billing.StoreCredit, Amount: usd(1000), Reference: "card-0042", Uses: []billing.Use{{Lot: otherCreditID, Units: billing.CreditOf(usd(1000)), Value: usd(900)}}, At: visit.Add(time.Hour)},
			{ID: tenderID, Kind: billing.Card, Amount: usd(25898), Reference: "auth-0042", At: visit.Add(time.Hour)},
			{ID: refundID, Kind: billing.Card, Amount: usd(-3112), Reference: "refund-0042", Refunds: tenderID, At: visit.Add(25 * time.Hour)},
		},
	}
	r.Package = billing.Package{
		ID: packageID, Code: "glow", Name: "A year of glow", Price: usd(90000), Credit: usd(5000), CreditShare: usd(4000), Allocation: billing.Explicit,
		ValidFor: glabella.Period{Years: 1}, Transferable: true, From: day("2026-01-01"), To: day("2026-12-31"),
		Groups: []billing.PackageGroup{
			{Name: "One of two", Choose: 1, AtUse: true, Share: usd(46000), Items: []billing.PackageItem{
				{Service: "hydrafacial", Quantity: billing.Times(3), StandAlone: usd(60000)}, {Service: "peel", Quantity: billing.Times(3), StandAlone: usd(50000)},
			}},
			{Name: "Any toxin", AtUse: true, AnyUnits: quantity.New(quantity.MustParseNumber("40").Decimal, quantity.MustUnit("U")), Share: usd(40000), Items: []billing.PackageItem{
				{Product: "onabotulinumtoxinA", Quantity: units("40"), StandAlone: usd(48000)},
			}},
		},
	}
	r.CommissionPlan = billing.CommissionPlan{
		ID: commissionPlanID, Code: "injectors", Staff: []glabella.StaffID{nurseID}, Base: billing.CommissionOnNet, Marginal: true, Services: []string{"botulinum-toxin-unit"}, From: day("2026-01-01"), To: day("2026-12-31"),
		Tiers: []billing.CommissionTier{{From: usd(10000), Rate: quantity.MustParseNumber("0.075")}, {From: usd(500000), Rate: quantity.MustParseNumber("0.1")}},
	}
	r.CommissionSplit = billing.CommissionSplit{
		ID: billing.CommissionSplitOf(lineID), Invoice: invoiceID, Line: lineID, Shares: []billing.CommissionShare{{Staff: nurseID, Weight: 2}, {Staff: doctorID, Weight: 1}}, By: doctorID, At: visit, Reason: "shared",
	}
	r.Estimate = billing.Estimate{
		ID: glabella.MustParseID[glabella.EstimateID]("018f0000-0000-7000-8000-0000000e5700"), Patient: patientID, Site: siteID, Appointment: appointmentID, AskedOn: day("2026-02-20"), For: day("2026-03-02"),
		Diagnoses: []string{"L57.4"}, Total: usd(40000), Method: billing.EstimateOnPaper, By: nurseID, At: visit, ValidThrough: day("2027-03-01"),
		Lines: []billing.EstimateLine{{Service: "botulinum-toxin-unit", Name: "Botulinum toxin, per unit", Codes: []string{"J0585"}, Provider: nurseID, Quantity: quantity.MustParseNumber("40"), Amount: usd(40000)}},
	}
	r.Closing = billing.Closing{
		ID: glabella.MustParseID[glabella.ClosingID]("018f0000-0000-7000-8000-00000000c105"), Site: siteID, Through: day("2026-02-28"), By: nurseID, At: visit, State: billing.ClosingReopened,
		ReopenedBy: doctorID, ReopenedAt: visit.Add(time.Hour), Reason: "late-invoice",
	}
	r.GiftCard = billing.GiftCard{
		ID: giftCardID, Holder: patientID, Purchaser: secondPatientID, Invoice: invoiceID, Price: usd(10000), Tax: usd(909), Value: usd(9091), Bonus: usd(1000),
		TaxPoint: billing.SinglePurpose, SoldOn: day("2026-03-02"), Lots: []glabella.CreditLotID{creditID, otherCreditID},
	}
	r.Entry = billing.Entry{
		ID: entryID, EffectiveOn: day("2026-03-02"), RecordedAt: visit.Add(time.Hour), Site: siteID, Kind: billing.EntryPayment, Invoice: invoiceID, Patient: patientID,
		Postings: []billing.Posting{
			{Account: billing.CardClearing, Amount: usd(26898), Line: lineID, Tender: tenderID, Lot: creditID},
			{Account: billing.Receivable, Amount: usd(-26898), Line: lineID, Tender: tenderID, Lot: creditID},
		},
	}
}
