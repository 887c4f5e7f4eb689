package storage

import (
	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/scheduling"
)

// The tracked repositories, one for each kind of record.
type (
	TrackedSites            = Tracked[glabella.SiteID, config.Site, SiteQuery, *config.Site]
	TrackedStaff            = Tracked[glabella.StaffID, access.Staff, StaffQuery, *access.Staff]
	TrackedServices         = Tracked[glabella.ServiceID, billing.Service, ServiceQuery, *billing.Service]
	TrackedPackages         = Tracked[glabella.PackageID, billing.Package, PackageQuery, *billing.Package]
	TrackedCommissionPlans  = Tracked[glabella.CommissionPlanID, billing.CommissionPlan, CommissionPlanQuery, *billing.CommissionPlan]
	TrackedCommissionSplits = Tracked[glabella.CommissionSplitID, billing.CommissionSplit, CommissionSplitQuery, *billing.CommissionSplit]
	TrackedClosings         = Tracked[glabella.ClosingID, billing.Closing, ClosingQuery, *billing.Closing]
	TrackedForms            = Tracked[glabella.FormID, consent.Form, FormQuery, *consent.Form]
	TrackedProducts         = Tracked[glabella.ProductID, inventory.Product, ProductQuery, *inventory.Product]
	TrackedStorePolicies    = Tracked[glabella.StorePolicyID, inventory.StorePolicy, StorePolicyQuery, *inventory.StorePolicy]
	TrackedCounts           = Tracked[glabella.CountID, inventory.Count, CountQuery, *inventory.Count]
	TrackedPurchaseOrders   = Tracked[glabella.PurchaseOrderID, inventory.PurchaseOrder, PurchaseOrderQuery, *inventory.PurchaseOrder]
	TrackedExcursions       = Tracked[glabella.ExcursionID, inventory.Excursion, ExcursionQuery, *inventory.Excursion]
	TrackedLots             = Tracked[glabella.LotID, inventory.Lot, LotQuery, *inventory.Lot]
	TrackedBalances         = Tracked[glabella.BalanceID, inventory.Balance, BalanceQuery, *inventory.Balance]
	TrackedVials            = Tracked[glabella.VialID, inventory.Vial, VialQuery, *inventory.Vial]
	TrackedMovements        = Tracked[glabella.MovementID, inventory.Movement, MovementQuery, *inventory.Movement]
	TrackedTransfers        = Tracked[glabella.TransferID, inventory.Transfer, TransferQuery, *inventory.Transfer]
	TrackedUsages           = Tracked[glabella.UsageID, inventory.Usage, UsageQuery, *inventory.Usage]
	TrackedRecalls          = Tracked[glabella.RecallCaseID, inventory.RecallCase, RecallQuery, *inventory.RecallCase]
	TrackedPatients         = Tracked[glabella.PatientID, patient.Patient, PatientQuery, *patient.Patient]
	TrackedEmergencies      = Tracked[glabella.BreakGlassID, access.BreakGlass, EmergencyQuery, *access.BreakGlass]
	TrackedFindings         = Tracked[glabella.FindingID, audit.Finding, FindingQuery, *audit.Finding]
	TrackedActivityReviews  = Tracked[glabella.ActivityReviewID, audit.ActivityReview, ActivityReviewQuery, *audit.ActivityReview]
	TrackedAllergies        = Tracked[glabella.AllergyID, patient.Allergy, FactQuery, *patient.Allergy]
	TrackedMedications      = Tracked[glabella.MedicationID, patient.Medication, FactQuery, *patient.Medication]
	TrackedHistories        = Tracked[glabella.HistoryID, patient.History, FactQuery, *patient.History]
	TrackedProposals        = Tracked[glabella.ProposalID, patient.Proposal, FactQuery, *patient.Proposal]
	TrackedDiscussions      = Tracked[glabella.DiscussionID, consent.Discussion, FactQuery, *consent.Discussion]
	TrackedDeliveries       = Tracked[glabella.DeliveryID, consent.Delivery, FactQuery, *consent.Delivery]
	TrackedPermissions      = Tracked[glabella.PermissionID, consent.Permission, FactQuery, *consent.Permission]
	TrackedPublications     = Tracked[glabella.PublicationID, consent.Publication, FactQuery, *consent.Publication]
	TrackedContactConsents  = Tracked[glabella.ContactConsentID, consent.ContactConsent, FactQuery, *consent.ContactConsent]
	TrackedDirectives       = Tracked[glabella.DirectiveID, consent.Directive, FactQuery, *consent.Directive]
	TrackedRestrictions     = Tracked[glabella.RestrictionID, consent.Restriction, FactQuery, *consent.Restriction]
	TrackedAuthorizations   = Tracked[glabella.AuthorizationID, consent.Authorization, FactQuery, *consent.Authorization]
	TrackedRequests         = Tracked[glabella.RequestID, consent.Request, FactQuery, *consent.Request]
	TrackedDisclosures      = Tracked[glabella.DisclosureID, audit.Disclosure, FactQuery, *audit.Disclosure]
	TrackedMerges           = Tracked[glabella.MergeID, patient.Merge, MergeQuery, *patient.Merge]
	TrackedImports          = Tracked[glabella.ImportID, patient.Import, ImportQuery, *patient.Import]
	TrackedConsents         = Tracked[glabella.ConsentID, consent.Consent, FactQuery, *consent.Consent]
	TrackedClearances       = Tracked[glabella.ClearanceID, encounter.Clearance, FactQuery, *encounter.Clearance]
	TrackedAppointments     = Tracked[glabella.AppointmentID, scheduling.Appointment, AppointmentQuery, *scheduling.Appointment]
	TrackedEncounters       = Tracked[glabella.EncounterID, encounter.Encounter, EncounterQuery, *encounter.Encounter]
	TrackedNotes            = Tracked[glabella.NoteID, encounter.Note, NoteQuery, *encounter.Note]
	TrackedVitals           = Tracked[glabella.VitalsID, encounter.Vitals, FactQuery, *encounter.Vitals]
	TrackedSeries           = Tracked[glabella.SeriesID, encounter.Series, FactQuery, *encounter.Series]
	TrackedStandingOrders   = Tracked[glabella.StandingOrderID, encounter.StandingOrder, StandingOrderQuery, *encounter.StandingOrder]
	TrackedAdverseEvents    = Tracked[glabella.AdverseEventID, encounter.AdverseEvent, AdverseEventQuery, *encounter.AdverseEvent]
	TrackedChartPolicies    = Tracked[glabella.ChartPolicyID, encounter.ChartPolicy, ChartPolicyQuery, *encounter.ChartPolicy]
	TrackedReviews          = Tracked[glabella.ReviewID, encounter.ChartReview, ReviewQuery, *encounter.ChartReview]
	TrackedPhotos           = Tracked[glabella.PhotoID, encounter.Photo, PhotoQuery, *encounter.Photo]
	TrackedInvoices         = Tracked[glabella.InvoiceID, billing.Invoice, InvoiceQuery, *billing.Invoice]
	TrackedCredits          = Tracked[glabella.CreditLotID, billing.CreditLot, CreditQuery, *billing.CreditLot]
	TrackedGiftCards        = Tracked[glabella.GiftCardID, billing.GiftCard, FactQuery, *billing.GiftCard]
	TrackedEstimates        = Tracked[glabella.EstimateID, billing.Estimate, FactQuery, *billing.Estimate]
	TrackedLedger           = Tracked[glabella.EntryID, billing.Entry, EntryQuery, *billing.Entry]
	TrackedCommands         = Tracked[glabella.CommandID, Command, CommandQuery, *Command]
)

// The readers, one for each kind of record.
type (
	SeenSites            = Seen[glabella.SiteID, config.Site, SiteQuery, *config.Site]
	SeenStaff            = Seen[glabella.StaffID, access.Staff, StaffQuery, *access.Staff]
	SeenServices         = Seen[glabella.ServiceID, billing.Service, ServiceQuery, *billing.Service]
	SeenPackages         = Seen[glabella.PackageID, billing.Package, PackageQuery, *billing.Package]
	SeenCommissionPlans  = Seen[glabella.CommissionPlanID, billing.CommissionPlan, CommissionPlanQuery, *billing.CommissionPlan]
	SeenCommissionSplits = Seen[glabella.CommissionSplitID, billing.CommissionSplit, CommissionSplitQuery, *billing.CommissionSplit]
	SeenClosings         = Seen[glabella.ClosingID, billing.Closing, ClosingQuery, *billing.Closing]
	SeenForms            = Seen[glabella.FormID, consent.Form, FormQuery, *consent.Form]
	SeenProducts         = Seen[glabella.ProductID, inventory.Product, ProductQuery, *inventory.Product]
	SeenStorePolicies    = Seen[glabella.StorePolicyID, inventory.StorePolicy, StorePolicyQuery, *inventory.StorePolicy]
	SeenCounts           = Seen[glabella.CountID, inventory.Count, CountQuery, *inventory.Count]
	SeenPurchaseOrders   = Seen[glabella.PurchaseOrderID, inventory.PurchaseOrder, PurchaseOrderQuery, *inventory.PurchaseOrder]
	SeenExcursions       = Seen[glabella.ExcursionID, inventory.Excursion, ExcursionQuery, *inventory.Excursion]
	SeenLots             = Seen[glabella.LotID, inventory.Lot, LotQuery, *inventory.Lot]
	SeenBalances         = Seen[glabella.BalanceID, inventory.Balance, BalanceQuery, *inventory.Balance]
	SeenVials            = Seen[glabella.VialID, inventory.Vial, VialQuery, *inventory.Vial]
	SeenMovements        = Seen[glabella.MovementID, inventory.Movement, MovementQuery, *inventory.Movement]
	SeenTransfers        = Seen[glabella.TransferID, inventory.Transfer, TransferQuery, *inventory.Transfer]
	SeenUsages           = Seen[glabella.UsageID, inventory.Usage, UsageQuery, *inventory.Usage]
	SeenRecalls          = Seen[glabella.RecallCaseID, inventory.RecallCase, RecallQuery, *inventory.RecallCase]
	SeenPatients         = Seen[glabella.PatientID, patient.Patient, PatientQuery, *patient.Patient]
	SeenEmergencies      = Seen[glabella.BreakGlassID, access.BreakGlass, EmergencyQuery, *access.BreakGlass]
	SeenFindings         = Seen[glabella.FindingID, audit.Finding, FindingQuery, *audit.Finding]
	SeenActivityReviews  = Seen[glabella.ActivityReviewID, audit.ActivityReview, ActivityReviewQuery, *audit.ActivityReview]
	SeenAllergies        = Seen[glabella.AllergyID, patient.Allergy, FactQuery, *patient.Allergy]
	SeenMedications      = Seen[glabella.MedicationID, patient.Medication, FactQuery, *patient.Medication]
	SeenHistories        = Seen[glabella.HistoryID, patient.History, FactQuery, *patient.History]
	SeenProposals        = Seen[glabella.ProposalID, patient.Proposal, FactQuery, *patient.Proposal]
	SeenDiscussions      = Seen[glabella.DiscussionID, consent.Discussion, FactQuery, *consent.Discussion]
	SeenDeliveries       = Seen[glabella.DeliveryID, consent.Delivery, FactQuery, *consent.Delivery]
	SeenPermissions      = Seen[glabella.PermissionID, consent.Permission, FactQuery, *consent.Permission]
	SeenPublications     = Seen[glabella.PublicationID, consent.Publication, FactQuery, *consent.Publication]
	SeenContactConsents  = Seen[glabella.ContactConsentID, consent.ContactConsent, FactQuery, *consent.ContactConsent]
	SeenDirectives       = Seen[glabella.DirectiveID, consent.Directive, FactQuery, *consent.Directive]
	SeenRestrictions     = Seen[glabella.RestrictionID, consent.Restriction, FactQuery, *consent.Restriction]
	SeenAuthorizations   = Seen[glabella.AuthorizationID, consent.Authorization, FactQuery, *consent.Authorization]
	SeenRequests         = Seen[glabella.RequestID, consent.Request, FactQuery, *consent.Request]
	SeenDisclosures      = Seen[glabella.DisclosureID, audit.Disclosure, FactQuery, *audit.Disclosure]
	SeenMerges           = Seen[glabella.MergeID, patient.Merge, MergeQuery, *patient.Merge]
	SeenImports          = Seen[glabella.ImportID, patient.Import, ImportQuery, *patient.Import]
	SeenConsents         = Seen[glabella.ConsentID, consent.Consent, FactQuery, *consent.Consent]
	SeenClearances       = Seen[glabella.ClearanceID, encounter.Clearance, FactQuery, *encounter.Clearance]
	SeenAppointments     = Seen[glabella.AppointmentID, scheduling.Appointment, AppointmentQuery, *scheduling.Appointment]
	SeenEncounters       = Seen[glabella.EncounterID, encounter.Encounter, EncounterQuery, *encounter.Encounter]
	SeenNotes            = Seen[glabella.NoteID, encounter.Note, NoteQuery, *encounter.Note]
	SeenVitals           = Seen[glabella.VitalsID, encounter.Vitals, FactQuery, *encounter.Vitals]
	SeenSeries           = Seen[glabella.SeriesID, encounter.Series, FactQuery, *encounter.Series]
	SeenStandingOrders   = Seen[glabella.StandingOrderID, encounter.StandingOrder, StandingOrderQuery, *encounter.StandingOrder]
	SeenAdverseEvents    = Seen[glabella.AdverseEventID, encounter.AdverseEvent, AdverseEventQuery, *encounter.AdverseEvent]
	SeenChartPolicies    = Seen[glabella.ChartPolicyID, encounter.ChartPolicy, ChartPolicyQuery, *encounter.ChartPolicy]
	SeenReviews          = Seen[glabella.ReviewID, encounter.ChartReview, ReviewQuery, *encounter.ChartReview]
	SeenPhotos           = Seen[glabella.PhotoID, encounter.Photo, PhotoQuery, *encounter.Photo]
	SeenInvoices         = Seen[glabella.InvoiceID, billing.Invoice, InvoiceQuery, *billing.Invoice]
	SeenCredits          = Seen[glabella.CreditLotID, billing.CreditLot, CreditQuery, *billing.CreditLot]
	SeenGiftCards        = Seen[glabella.GiftCardID, billing.GiftCard, FactQuery, *billing.GiftCard]
	SeenEstimates        = Seen[glabella.EstimateID, billing.Estimate, FactQuery, *billing.Estimate]
	SeenLedger           = Seen[glabella.EntryID, billing.Entry, EntryQuery, *billing.Entry]
	SeenCommands         = Seen[glabella.CommandID, Command, CommandQuery, *Command]
)

// Sites reads and writes the practice's sites.
func (w *Work) Sites() TrackedSites {
	return track[glabella.SiteID, config.Site, SiteQuery, *config.Site](w.tx.Sites(), w.trail)
}

// Staff reads and writes its staff.
func (w *Work) Staff() TrackedStaff {
	return track[glabella.StaffID, access.Staff, StaffQuery, *access.Staff](w.tx.Staff(), w.trail)
}

// Services reads and writes its price list.
func (w *Work) Services() TrackedServices {
	return track[glabella.ServiceID, billing.Service, ServiceQuery, *billing.Service](w.tx.Services(), w.trail)
}

// Packages reads and writes bundles that are sold at one price.
func (w *Work) Packages() TrackedPackages {
	return track[glabella.PackageID, billing.Package, PackageQuery, *billing.Package](w.tx.Packages(), w.trail)
}

// CommissionPlans reads and writes plans of commissions.
func (w *Work) CommissionPlans() TrackedCommissionPlans {
	return track[glabella.CommissionPlanID, billing.CommissionPlan, CommissionPlanQuery, *billing.CommissionPlan](w.tx.CommissionPlans(), w.trail)
}

// CommissionSplits reads and writes who earns by lines in place of who performed them.
func (w *Work) CommissionSplits() TrackedCommissionSplits {
	return track[glabella.CommissionSplitID, billing.CommissionSplit, CommissionSplitQuery, *billing.CommissionSplit](w.tx.CommissionSplits(), w.trail)
}

// Closings reads and writes closings of the books.
func (w *Work) Closings() TrackedClosings {
	return track[glabella.ClosingID, billing.Closing, ClosingQuery, *billing.Closing](w.tx.Closings(), w.trail)
}

// Forms reads and writes its consent forms.
func (w *Work) Forms() TrackedForms {
	return track[glabella.FormID, consent.Form, FormQuery, *consent.Form](w.tx.Forms(), w.trail)
}

// Products reads and writes its stock catalogue.
func (w *Work) Products() TrackedProducts {
	return track[glabella.ProductID, inventory.Product, ProductQuery, *inventory.Product](w.tx.Products(), w.trail)
}

// StorePolicies reads and writes what a practice has decided on the store rooms of sites.
func (w *Work) StorePolicies() TrackedStorePolicies {
	return track[glabella.StorePolicyID, inventory.StorePolicy, StorePolicyQuery, *inventory.StorePolicy](w.tx.StorePolicies(), w.trail)
}

// Counts reads and writes counts of stock.
func (w *Work) Counts() TrackedCounts {
	return track[glabella.CountID, inventory.Count, CountQuery, *inventory.Count](w.tx.Counts(), w.trail)
}

// PurchaseOrders reads and writes orders at suppliers.
func (w *Work) PurchaseOrders() TrackedPurchaseOrders {
	return track[glabella.PurchaseOrderID, inventory.PurchaseOrder, PurchaseOrderQuery, *inventory.PurchaseOrder](w.tx.PurchaseOrders(), w.trail)
}

// Excursions reads and writes times in which a storage was too warm or too cold.
func (w *Work) Excursions() TrackedExcursions {
	return track[glabella.ExcursionID, inventory.Excursion, ExcursionQuery, *inventory.Excursion](w.tx.Excursions(), w.trail)
}

// Lots reads and writes lots.
func (w *Work) Lots() TrackedLots {
	return track[glabella.LotID, inventory.Lot, LotQuery, *inventory.Lot](w.tx.Lots(), w.trail)
}

// Balances reads and writes stock balances.
func (w *Work) Balances() TrackedBalances {
	return track[glabella.BalanceID, inventory.Balance, BalanceQuery, *inventory.Balance](w.tx.Balances(), w.trail)
}

// Vials reads and writes opened containers.
func (w *Work) Vials() TrackedVials {
	return track[glabella.VialID, inventory.Vial, VialQuery, *inventory.Vial](w.tx.Vials(), w.trail)
}

// Movements reads and writes stock movements.
func (w *Work) Movements() TrackedMovements {
	return track[glabella.MovementID, inventory.Movement, MovementQuery, *inventory.Movement](w.tx.Movements(), w.trail)
}

// Transfers reads and writes shipments of stock between sites.
func (w *Work) Transfers() TrackedTransfers {
	return track[glabella.TransferID, inventory.Transfer, TransferQuery, *inventory.Transfer](w.tx.Transfers(), w.trail)
}

// Usages reads and writes what was charted and no stock accounts for.
func (w *Work) Usages() TrackedUsages {
	return track[glabella.UsageID, inventory.Usage, UsageQuery, *inventory.Usage](w.tx.Usages(), w.trail)
}

// Recalls reads and writes recalls and what is done about them.
func (w *Work) Recalls() TrackedRecalls {
	return track[glabella.RecallCaseID, inventory.RecallCase, RecallQuery, *inventory.RecallCase](w.tx.Recalls(), w.trail)
}

// Patients reads and writes patients.
func (w *Work) Patients() TrackedPatients {
	return track[glabella.PatientID, patient.Patient, PatientQuery, *patient.Patient](w.tx.Patients(), w.trail)
}

// Emergencies reads and writes records opened in an emergency.
func (w *Work) Emergencies() TrackedEmergencies {
	return track[glabella.BreakGlassID, access.BreakGlass, EmergencyQuery, *access.BreakGlass](w.tx.Emergencies(), w.trail)
}

// Findings reads and writes what looks odd in the journal.
func (w *Work) Findings() TrackedFindings {
	return track[glabella.FindingID, audit.Finding, FindingQuery, *audit.Finding](w.tx.Findings(), w.trail)
}

// ActivityReviews reads and writes regular reviews of the journal.
func (w *Work) ActivityReviews() TrackedActivityReviews {
	return track[glabella.ActivityReviewID, audit.ActivityReview, ActivityReviewQuery, *audit.ActivityReview](w.tx.ActivityReviews(), w.trail)
}

// Allergies reads and writes allergies.
func (w *Work) Allergies() TrackedAllergies {
	return track[glabella.AllergyID, patient.Allergy, FactQuery, *patient.Allergy](w.tx.Allergies(), w.trail)
}

// Medications reads and writes medications.
func (w *Work) Medications() TrackedMedications {
	return track[glabella.MedicationID, patient.Medication, FactQuery, *patient.Medication](w.tx.Medications(), w.trail)
}

// Histories reads and writes patients' histories.
func (w *Work) Histories() TrackedHistories {
	return track[glabella.HistoryID, patient.History, FactQuery, *patient.History](w.tx.Histories(), w.trail)
}

// Proposals reads and writes changes to patients that wait to be accepted.
func (w *Work) Proposals() TrackedProposals {
	return track[glabella.ProposalID, patient.Proposal, FactQuery, *patient.Proposal](w.tx.Proposals(), w.trail)
}

// Discussions reads and writes talks in which consent was explained.
func (w *Work) Discussions() TrackedDiscussions {
	return track[glabella.DiscussionID, consent.Discussion, FactQuery, *consent.Discussion](w.tx.Discussions(), w.trail)
}

// Deliveries reads and writes consent forms that were sent to patients.
func (w *Work) Deliveries() TrackedDeliveries {
	return track[glabella.DeliveryID, consent.Delivery, FactQuery, *consent.Delivery](w.tx.Deliveries(), w.trail)
}

// Permissions reads and writes answers of patients on photographs.
func (w *Work) Permissions() TrackedPermissions {
	return track[glabella.PermissionID, consent.Permission, FactQuery, *consent.Permission](w.tx.Permissions(), w.trail)
}

// Publications reads and writes pictures that are, were or are to be shown.
func (w *Work) Publications() TrackedPublications {
	return track[glabella.PublicationID, consent.Publication, FactQuery, *consent.Publication](w.tx.Publications(), w.trail)
}

// ContactConsents reads and writes answers of patients on being contacted.
func (w *Work) ContactConsents() TrackedContactConsents {
	return track[glabella.ContactConsentID, consent.ContactConsent, FactQuery, *consent.ContactConsent](w.tx.ContactConsents(), w.trail)
}

// Directives reads and writes what patients allow to be shared.
func (w *Work) Directives() TrackedDirectives {
	return track[glabella.DirectiveID, consent.Directive, FactQuery, *consent.Directive](w.tx.Directives(), w.trail)
}

// Restrictions reads and writes restrictions that patients asked for.
func (w *Work) Restrictions() TrackedRestrictions {
	return track[glabella.RestrictionID, consent.Restriction, FactQuery, *consent.Restriction](w.tx.Restrictions(), w.trail)
}

// Authorizations reads and writes permissions to disclose.
func (w *Work) Authorizations() TrackedAuthorizations {
	return track[glabella.AuthorizationID, consent.Authorization, FactQuery, *consent.Authorization](w.tx.Authorizations(), w.trail)
}

// Requests reads and writes what patients asked of their records.
func (w *Work) Requests() TrackedRequests {
	return track[glabella.RequestID, consent.Request, FactQuery, *consent.Request](w.tx.Requests(), w.trail)
}

// Disclosures reads and writes what was given to others about patients.
func (w *Work) Disclosures() TrackedDisclosures {
	return track[glabella.DisclosureID, audit.Disclosure, FactQuery, *audit.Disclosure](w.tx.Disclosures(), w.trail)
}

// Merges reads and writes links between records of one patient.
func (w *Work) Merges() TrackedMerges {
	return track[glabella.MergeID, patient.Merge, MergeQuery, *patient.Merge](w.tx.Merges(), w.trail)
}

// Imports reads and writes chunks of imports of patients.
func (w *Work) Imports() TrackedImports {
	return track[glabella.ImportID, patient.Import, ImportQuery, *patient.Import](w.tx.Imports(), w.trail)
}

// Consents reads and writes patients' decisions on consent forms.
func (w *Work) Consents() TrackedConsents {
	return track[glabella.ConsentID, consent.Consent, FactQuery, *consent.Consent](w.tx.Consents(), w.trail)
}

// Clearances reads and writes good-faith exams.
func (w *Work) Clearances() TrackedClearances {
	return track[glabella.ClearanceID, encounter.Clearance, FactQuery, *encounter.Clearance](w.tx.Clearances(), w.trail)
}

// Appointments reads and writes appointments.
func (w *Work) Appointments() TrackedAppointments {
	return track[glabella.AppointmentID, scheduling.Appointment, AppointmentQuery, *scheduling.Appointment](w.tx.Appointments(), w.trail)
}

// Encounters reads and writes visits.
func (w *Work) Encounters() TrackedEncounters {
	return track[glabella.EncounterID, encounter.Encounter, EncounterQuery, *encounter.Encounter](w.tx.Encounters(), w.trail)
}

// Notes reads and writes notes.
func (w *Work) Notes() TrackedNotes {
	return track[glabella.NoteID, encounter.Note, NoteQuery, *encounter.Note](w.tx.Notes(), w.trail)
}

// Vitals reads and writes vital signs.
func (w *Work) Vitals() TrackedVitals {
	return track[glabella.VitalsID, encounter.Vitals, FactQuery, *encounter.Vitals](w.tx.Vitals(), w.trail)
}

// Series reads and writes plans of treatments.
func (w *Work) Series() TrackedSeries {
	return track[glabella.SeriesID, encounter.Series, FactQuery, *encounter.Series](w.tx.Series(), w.trail)
}

// StandingOrders reads and writes standing orders.
func (w *Work) StandingOrders() TrackedStandingOrders {
	return track[glabella.StandingOrderID, encounter.StandingOrder, StandingOrderQuery, *encounter.StandingOrder](w.tx.StandingOrders(), w.trail)
}

// AdverseEvents reads and writes adverse events.
func (w *Work) AdverseEvents() TrackedAdverseEvents {
	return track[glabella.AdverseEventID, encounter.AdverseEvent, AdverseEventQuery, *encounter.AdverseEvent](w.tx.AdverseEvents(), w.trail)
}

// ChartPolicies reads and writes policies on charts.
func (w *Work) ChartPolicies() TrackedChartPolicies {
	return track[glabella.ChartPolicyID, encounter.ChartPolicy, ChartPolicyQuery, *encounter.ChartPolicy](w.tx.ChartPolicies(), w.trail)
}

// Reviews reads and writes reviews of charts.
func (w *Work) Reviews() TrackedReviews {
	return track[glabella.ReviewID, encounter.ChartReview, ReviewQuery, *encounter.ChartReview](w.tx.Reviews(), w.trail)
}

// Photos reads and writes photographs.
func (w *Work) Photos() TrackedPhotos {
	return track[glabella.PhotoID, encounter.Photo, PhotoQuery, *encounter.Photo](w.tx.Photos(), w.trail)
}

// Invoices reads and writes invoices.
func (w *Work) Invoices() TrackedInvoices {
	return track[glabella.InvoiceID, billing.Invoice, InvoiceQuery, *billing.Invoice](w.tx.Invoices(), w.trail)
}

// Credits reads and writes prepaid credits.
func (w *Work) Credits() TrackedCredits {
	return track[glabella.CreditLotID, billing.CreditLot, CreditQuery, *billing.CreditLot](w.tx.Credits(), w.trail)
}

// GiftCards reads and writes gift cards.
func (w *Work) GiftCards() TrackedGiftCards {
	return track[glabella.GiftCardID, billing.GiftCard, FactQuery, *billing.GiftCard](w.tx.GiftCards(), w.trail)
}

// Estimates reads and writes good faith estimates.
func (w *Work) Estimates() TrackedEstimates {
	return track[glabella.EstimateID, billing.Estimate, FactQuery, *billing.Estimate](w.tx.Estimates(), w.trail)
}

// Ledger reads and writes the ledger.
func (w *Work) Ledger() TrackedLedger {
	return track[glabella.EntryID, billing.Entry, EntryQuery, *billing.Entry](w.tx.Ledger(), w.trail)
}

// Commands reads and writes accepted commands.
func (w *Work) Commands() TrackedCommands {
	return track[glabella.CommandID, Command, CommandQuery, *Command](w.tx.Commands(), w.trail)
}

// Sites reads the practice's sites.
func (r *Reading) Sites() SeenSites { return SeenSites{reader: r.tx.Sites(), trail: r.trail} }

// Staff reads its staff.
func (r *Reading) Staff() SeenStaff { return SeenStaff{reader: r.tx.Staff(), trail: r.trail} }

// Services reads its price list.
func (r *Reading) Services() SeenServices {
	return SeenServices{reader: r.tx.Services(), trail: r.trail}
}

// Packages reads bundles that are sold at one price.
func (r *Reading) Packages() SeenPackages {
	return SeenPackages{reader: r.tx.Packages(), trail: r.trail}
}

// CommissionPlans reads plans of commissions.
func (r *Reading) CommissionPlans() SeenCommissionPlans {
	return SeenCommissionPlans{reader: r.tx.CommissionPlans(), trail: r.trail}
}

// CommissionSplits reads who earns by lines in place of who performed them.
func (r *Reading) CommissionSplits() SeenCommissionSplits {
	return SeenCommissionSplits{reader: r.tx.CommissionSplits(), trail: r.trail}
}

// Closings reads closings of the books.
func (r *Reading) Closings() SeenClosings {
	return SeenClosings{reader: r.tx.Closings(), trail: r.trail}
}

// Forms reads its consent forms.
func (r *Reading) Forms() SeenForms { return SeenForms{reader: r.tx.Forms(), trail: r.trail} }

// Products reads its stock catalogue.
func (r *Reading) Products() SeenProducts {
	return SeenProducts{reader: r.tx.Products(), trail: r.trail}
}

// StorePolicies reads what a practice has decided on the store rooms of sites.
func (r *Reading) StorePolicies() SeenStorePolicies {
	return SeenStorePolicies{reader: r.tx.StorePolicies(), trail: r.trail}
}

// Counts reads counts of stock.
func (r *Reading) Counts() SeenCounts {
	return SeenCounts{reader: r.tx.Counts(), trail: r.trail}
}

// PurchaseOrders reads orders at suppliers.
func (r *Reading) PurchaseOrders() SeenPurchaseOrders {
	return SeenPurchaseOrders{reader: r.tx.PurchaseOrders(), trail: r.trail}
}

// Excursions reads times in which a storage was too warm or too cold.
func (r *Reading) Excursions() SeenExcursions {
	return SeenExcursions{reader: r.tx.Excursions(), trail: r.trail}
}

// Lots reads lots.
func (r *Reading) Lots() SeenLots { return SeenLots{reader: r.tx.Lots(), trail: r.trail} }

// Balances reads stock balances.
func (r *Reading) Balances() SeenBalances {
	return SeenBalances{reader: r.tx.Balances(), trail: r.trail}
}

// Vials reads opened containers.
func (r *Reading) Vials() SeenVials { return SeenVials{reader: r.tx.Vials(), trail: r.trail} }

// Movements reads stock movements.
func (r *Reading) Movements() SeenMovements {
	return SeenMovements{reader: r.tx.Movements(), trail: r.trail}
}

// Transfers reads shipments of stock between sites.
func (r *Reading) Transfers() SeenTransfers {
	return SeenTransfers{reader: r.tx.Transfers(), trail: r.trail}
}

// Usages reads what was charted and no stock accounts for.
func (r *Reading) Usages() SeenUsages {
	return SeenUsages{reader: r.tx.Usages(), trail: r.trail}
}

// Recalls reads recalls and what is done about them.
func (r *Reading) Recalls() SeenRecalls {
	return SeenRecalls{reader: r.tx.Recalls(), trail: r.trail}
}

// Patients reads patients.
func (r *Reading) Patients() SeenPatients {
	return SeenPatients{reader: r.tx.Patients(), trail: r.trail}
}

// Emergencies reads records opened in an emergency.
func (r *Reading) Emergencies() SeenEmergencies {
	return SeenEmergencies{reader: r.tx.Emergencies(), trail: r.trail}
}

// Findings reads what looks odd in the journal.
func (r *Reading) Findings() SeenFindings {
	return SeenFindings{reader: r.tx.Findings(), trail: r.trail}
}

// ActivityReviews reads regular reviews of the journal.
func (r *Reading) ActivityReviews() SeenActivityReviews {
	return SeenActivityReviews{reader: r.tx.ActivityReviews(), trail: r.trail}
}

// Allergies reads allergies.
func (r *Reading) Allergies() SeenAllergies {
	return SeenAllergies{reader: r.tx.Allergies(), trail: r.trail}
}

// Medications reads medications.
func (r *Reading) Medications() SeenMedications {
	return SeenMedications{reader: r.tx.Medications(), trail: r.trail}
}

// Histories reads patients' histories.
func (r *Reading) Histories() SeenHistories {
	return SeenHistories{reader: r.tx.Histories(), trail: r.trail}
}

// Proposals reads changes to patients that wait to be accepted.
func (r *Reading) Proposals() SeenProposals {
	return SeenProposals{reader: r.tx.Proposals(), trail: r.trail}
}

// Discussions reads talks in which consent was explained.
func (r *Reading) Discussions() SeenDiscussions {
	return SeenDiscussions{reader: r.tx.Discussions(), trail: r.trail}
}

// Deliveries reads consent forms that were sent to patients.
func (r *Reading) Deliveries() SeenDeliveries {
	return SeenDeliveries{reader: r.tx.Deliveries(), trail: r.trail}
}

// Permissions reads answers of patients on photographs.
func (r *Reading) Permissions() SeenPermissions {
	return SeenPermissions{reader: r.tx.Permissions(), trail: r.trail}
}

// Publications reads pictures that are, were or are to be shown.
func (r *Reading) Publications() SeenPublications {
	return SeenPublications{reader: r.tx.Publications(), trail: r.trail}
}

// ContactConsents reads answers of patients on being contacted.
func (r *Reading) ContactConsents() SeenContactConsents {
	return SeenContactConsents{reader: r.tx.ContactConsents(), trail: r.trail}
}

// Directives reads what patients allow to be shared.
func (r *Reading) Directives() SeenDirectives {
	return SeenDirectives{reader: r.tx.Directives(), trail: r.trail}
}

// Restrictions reads restrictions that patients asked for.
func (r *Reading) Restrictions() SeenRestrictions {
	return SeenRestrictions{reader: r.tx.Restrictions(), trail: r.trail}
}

// Authorizations reads permissions to disclose.
func (r *Reading) Authorizations() SeenAuthorizations {
	return SeenAuthorizations{reader: r.tx.Authorizations(), trail: r.trail}
}

// Requests reads what patients asked of their records.
func (r *Reading) Requests() SeenRequests {
	return SeenRequests{reader: r.tx.Requests(), trail: r.trail}
}

// Disclosures reads what was given to others about patients.
func (r *Reading) Disclosures() SeenDisclosures {
	return SeenDisclosures{reader: r.tx.Disclosures(), trail: r.trail}
}

// Merges reads links between records of one patient.
func (r *Reading) Merges() SeenMerges {
	return SeenMerges{reader: r.tx.Merges(), trail: r.trail}
}

// Imports reads chunks of imports of patients.
func (r *Reading) Imports() SeenImports {
	return SeenImports{reader: r.tx.Imports(), trail: r.trail}
}

// Consents reads patients' decisions on consent forms.
func (r *Reading) Consents() SeenConsents {
	return SeenConsents{reader: r.tx.Consents(), trail: r.trail}
}

// Clearances reads good-faith exams.
func (r *Reading) Clearances() SeenClearances {
	return SeenClearances{reader: r.tx.Clearances(), trail: r.trail}
}

// Appointments reads appointments.
func (r *Reading) Appointments() SeenAppointments {
	return SeenAppointments{reader: r.tx.Appointments(), trail: r.trail}
}

// Encounters reads visits.
func (r *Reading) Encounters() SeenEncounters {
	return SeenEncounters{reader: r.tx.Encounters(), trail: r.trail}
}

// Notes reads notes.
func (r *Reading) Notes() SeenNotes { return SeenNotes{reader: r.tx.Notes(), trail: r.trail} }

// Vitals reads vital signs.
func (r *Reading) Vitals() SeenVitals {
	return SeenVitals{reader: r.tx.Vitals(), trail: r.trail}
}

// Series reads plans of treatments.
func (r *Reading) Series() SeenSeries {
	return SeenSeries{reader: r.tx.Series(), trail: r.trail}
}

// StandingOrders reads standing orders.
func (r *Reading) StandingOrders() SeenStandingOrders {
	return SeenStandingOrders{reader: r.tx.StandingOrders(), trail: r.trail}
}

// AdverseEvents reads adverse events.
func (r *Reading) AdverseEvents() SeenAdverseEvents {
	return SeenAdverseEvents{reader: r.tx.AdverseEvents(), trail: r.trail}
}

// ChartPolicies reads policies on charts.
func (r *Reading) ChartPolicies() SeenChartPolicies {
	return SeenChartPolicies{reader: r.tx.ChartPolicies(), trail: r.trail}
}

// Reviews reads reviews of charts.
func (r *Reading) Reviews() SeenReviews {
	return SeenReviews{reader: r.tx.Reviews(), trail: r.trail}
}

// Photos reads photographs.
func (r *Reading) Photos() SeenPhotos {
	return SeenPhotos{reader: r.tx.Photos(), trail: r.trail}
}

// Invoices reads invoices.
func (r *Reading) Invoices() SeenInvoices {
	return SeenInvoices{reader: r.tx.Invoices(), trail: r.trail}
}

// Credits reads prepaid credits.
func (r *Reading) Credits() SeenCredits { return SeenCredits{reader: r.tx.Credits(), trail: r.trail} }

// GiftCards reads gift cards.
func (r *Reading) GiftCards() SeenGiftCards {
	return SeenGiftCards{reader: r.tx.GiftCards(), trail: r.trail}
}

// Estimates reads good faith estimates.
func (r *Reading) Estimates() SeenEstimates {
	return SeenEstimates{reader: r.tx.Estimates(), trail: r.trail}
}

// Ledger reads the ledger.
func (r *Reading) Ledger() SeenLedger { return SeenLedger{reader: r.tx.Ledger(), trail: r.trail} }

// Commands reads accepted commands.
func (r *Reading) Commands() SeenCommands {
	return SeenCommands{reader: r.tx.Commands(), trail: r.trail}
}

// eachKind calls f with every kind of record of a transaction, in a fixed order.
func eachKind(tx Tx, f func(kind string, versions versions) error) error {
	for _, k := range []struct {
		kind string
		versions
	}{
		{glabella.SiteID{}.Kind(), versionsOf[glabella.SiteID, config.Site, SiteQuery, *config.Site](tx.Sites())},
		{glabella.StaffID{}.Kind(), versionsOf[glabella.StaffID, access.Staff, StaffQuery, *access.Staff](tx.Staff())},
		{glabella.ServiceID{}.Kind(), versionsOf[glabella.ServiceID, billing.Service, ServiceQuery, *billing.Service](tx.Services())},
		{glabella.PackageID{}.Kind(), versionsOf[glabella.PackageID, billing.Package, PackageQuery, *billing.Package](tx.Packages())},
		{glabella.CommissionPlanID{}.Kind(), versionsOf[glabella.CommissionPlanID, billing.CommissionPlan, CommissionPlanQuery, *billing.CommissionPlan](tx.CommissionPlans())},
		{glabella.CommissionSplitID{}.Kind(), versionsOf[glabella.CommissionSplitID, billing.CommissionSplit, CommissionSplitQuery, *billing.CommissionSplit](tx.CommissionSplits())},
		{glabella.ClosingID{}.Kind(), versionsOf[glabella.ClosingID, billing.Closing, ClosingQuery, *billing.Closing](tx.Closings())},
		{glabella.FormID{}.Kind(), versionsOf[glabella.FormID, consent.Form, FormQuery, *consent.Form](tx.Forms())},
		{glabella.ProductID{}.Kind(), versionsOf[glabella.ProductID, inventory.Product, ProductQuery, *inventory.Product](tx.Products())},
		{glabella.StorePolicyID{}.Kind(), versionsOf[glabella.StorePolicyID, inventory.StorePolicy, StorePolicyQuery, *inventory.StorePolicy](tx.StorePolicies())},
		{glabella.CountID{}.Kind(), versionsOf[glabella.CountID, inventory.Count, CountQuery, *inventory.Count](tx.Counts())},
		{glabella.PurchaseOrderID{}.Kind(), versionsOf[glabella.PurchaseOrderID, inventory.PurchaseOrder, PurchaseOrderQuery, *inventory.PurchaseOrder](tx.PurchaseOrders())},
		{glabella.ExcursionID{}.Kind(), versionsOf[glabella.ExcursionID, inventory.Excursion, ExcursionQuery, *inventory.Excursion](tx.Excursions())},
		{glabella.LotID{}.Kind(), versionsOf[glabella.LotID, inventory.Lot, LotQuery, *inventory.Lot](tx.Lots())},
		{glabella.BalanceID{}.Kind(), versionsOf[glabella.BalanceID, inventory.Balance, BalanceQuery, *inventory.Balance](tx.Balances())},
		{glabella.VialID{}.Kind(), versionsOf[glabella.VialID, inventory.Vial, VialQuery, *inventory.Vial](tx.Vials())},
		{glabella.MovementID{}.Kind(), versionsOf[glabella.MovementID, inventory.Movement, MovementQuery, *inventory.Movement](tx.Movements())},
		{glabella.TransferID{}.Kind(), versionsOf[glabella.TransferID, inventory.Transfer, TransferQuery, *inventory.Transfer](tx.Transfers())},
		{glabella.UsageID{}.Kind(), versionsOf[glabella.UsageID, inventory.Usage, UsageQuery, *inventory.Usage](tx.Usages())},
		{glabella.RecallCaseID{}.Kind(), versionsOf[glabella.RecallCaseID, inventory.RecallCase, RecallQuery, *inventory.RecallCase](tx.Recalls())},
		{glabella.PatientID{}.Kind(), versionsOf[glabella.PatientID, patient.Patient, PatientQuery, *patient.Patient](tx.Patients())},
		{glabella.BreakGlassID{}.Kind(), versionsOf[glabella.BreakGlassID, access.BreakGlass, EmergencyQuery, *access.BreakGlass](tx.Emergencies())},
		{glabella.FindingID{}.Kind(), versionsOf[glabella.FindingID, audit.Finding, FindingQuery, *audit.Finding](tx.Findings())},
		{glabella.ActivityReviewID{}.Kind(), versionsOf[glabella.ActivityReviewID, audit.ActivityReview, ActivityReviewQuery, *audit.ActivityReview](tx.ActivityReviews())},
		{glabella.AllergyID{}.Kind(), versionsOf[glabella.AllergyID, patient.Allergy, FactQuery, *patient.Allergy](tx.Allergies())},
		{glabella.MedicationID{}.Kind(), versionsOf[glabella.MedicationID, patient.Medication, FactQuery, *patient.Medication](tx.Medications())},
		{glabella.HistoryID{}.Kind(), versionsOf[glabella.HistoryID, patient.History, FactQuery, *patient.History](tx.Histories())},
		{glabella.ProposalID{}.Kind(), versionsOf[glabella.ProposalID, patient.Proposal, FactQuery, *patient.Proposal](tx.Proposals())},
		{glabella.DiscussionID{}.Kind(), versionsOf[glabella.DiscussionID, consent.Discussion, FactQuery, *consent.Discussion](tx.Discussions())},
		{glabella.DeliveryID{}.Kind(), versionsOf[glabella.DeliveryID, consent.Delivery, FactQuery, *consent.Delivery](tx.Deliveries())},
		{glabella.PermissionID{}.Kind(), versionsOf[glabella.PermissionID, consent.Permission, FactQuery, *consent.Permission](tx.Permissions())},
		{glabella.PublicationID{}.Kind(), versionsOf[glabella.PublicationID, consent.Publication, FactQuery, *consent.Publication](tx.Publications())},
		{glabella.ContactConsentID{}.Kind(), versionsOf[glabella.ContactConsentID, consent.ContactConsent, FactQuery, *consent.ContactConsent](tx.ContactConsents())},
		{glabella.DirectiveID{}.Kind(), versionsOf[glabella.DirectiveID, consent.Directive, FactQuery, *consent.Directive](tx.Directives())},
		{glabella.RestrictionID{}.Kind(), versionsOf[glabella.RestrictionID, consent.Restriction, FactQuery, *consent.Restriction](tx.Restrictions())},
		{glabella.AuthorizationID{}.Kind(), versionsOf[glabella.AuthorizationID, consent.Authorization, FactQuery, *consent.Authorization](tx.Authorizations())},
		{glabella.RequestID{}.Kind(), versionsOf[glabella.RequestID, consent.Request, FactQuery, *consent.Request](tx.Requests())},
		{glabella.DisclosureID{}.Kind(), versionsOf[glabella.DisclosureID, audit.Disclosure, FactQuery, *audit.Disclosure](tx.Disclosures())},
		{glabella.MergeID{}.Kind(), versionsOf[glabella.MergeID, patient.Merge, MergeQuery, *patient.Merge](tx.Merges())},
		{glabella.ImportID{}.Kind(), versionsOf[glabella.ImportID, patient.Import, ImportQuery, *patient.Import](tx.Imports())},
		{glabella.ConsentID{}.Kind(), versionsOf[glabella.ConsentID, consent.Consent, FactQuery, *consent.Consent](tx.Consents())},
		{glabella.ClearanceID{}.Kind(), versionsOf[glabella.ClearanceID, encounter.Clearance, FactQuery, *encounter.Clearance](tx.Clearances())},
		{glabella.AppointmentID{}.Kind(), versionsOf[glabella.AppointmentID, scheduling.Appointment, AppointmentQuery, *scheduling.Appointment](tx.Appointments())},
		{glabella.EncounterID{}.Kind(), versionsOf[glabella.EncounterID, encounter.Encounter, EncounterQuery, *encounter.Encounter](tx.Encounters())},
		{glabella.NoteID{}.Kind(), versionsOf[glabella.NoteID, encounter.Note, NoteQuery, *encounter.Note](tx.Notes())},
		{glabella.VitalsID{}.Kind(), versionsOf[glabella.VitalsID, encounter.Vitals, FactQuery, *encounter.Vitals](tx.Vitals())},
		{glabella.SeriesID{}.Kind(), versionsOf[glabella.SeriesID, encounter.Series, FactQuery, *encounter.Series](tx.Series())},
		{glabella.StandingOrderID{}.Kind(), versionsOf[glabella.StandingOrderID, encounter.StandingOrder, StandingOrderQuery, *encounter.StandingOrder](tx.StandingOrders())},
		{glabella.AdverseEventID{}.Kind(), versionsOf[glabella.AdverseEventID, encounter.AdverseEvent, AdverseEventQuery, *encounter.AdverseEvent](tx.AdverseEvents())},
		{glabella.ChartPolicyID{}.Kind(), versionsOf[glabella.ChartPolicyID, encounter.ChartPolicy, ChartPolicyQuery, *encounter.ChartPolicy](tx.ChartPolicies())},
		{glabella.ReviewID{}.Kind(), versionsOf[glabella.ReviewID, encounter.ChartReview, ReviewQuery, *encounter.ChartReview](tx.Reviews())},
		{glabella.PhotoID{}.Kind(), versionsOf[glabella.PhotoID, encounter.Photo, PhotoQuery, *encounter.Photo](tx.Photos())},
		{glabella.InvoiceID{}.Kind(), versionsOf[glabella.InvoiceID, billing.Invoice, InvoiceQuery, *billing.Invoice](tx.Invoices())},
		{glabella.CreditLotID{}.Kind(), versionsOf[glabella.CreditLotID, billing.CreditLot, CreditQuery, *billing.CreditLot](tx.Credits())},
		{glabella.GiftCardID{}.Kind(), versionsOf[glabella.GiftCardID, billing.GiftCard, FactQuery, *billing.GiftCard](tx.GiftCards())},
		{glabella.EstimateID{}.Kind(), versionsOf[glabella.EstimateID, billing.Estimate, FactQuery, *billing.Estimate](tx.Estimates())},
		{glabella.EntryID{}.Kind(), versionsOf[glabella.EntryID, billing.Entry, EntryQuery, *billing.Entry](tx.Ledger())},
		{glabella.CommandID{}.Kind(), versionsOf[glabella.CommandID, Command, CommandQuery, *Command](tx.Commands())},
	} {
		if err := f(k.kind, k.versions); err != nil {
			return err
		}
	}
	return nil
}
