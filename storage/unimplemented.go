package storage

import (
	"context"
	"iter"

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

// Unimplemented is a [Tx] without anything in it: every read and write fails with
// [glabella.ErrUnimplemented]. A host that implements the port itself embeds it, so
// that it can begin with a few kinds of record, and goes on compiling when the port
// gains one.
type Unimplemented struct{}

var _ Tx = Unimplemented{}

type unimplemented[ID, T, Q any] struct{}

func (unimplemented[ID, T, Q]) Get(context.Context, ID) (T, error) {
	return *new(T), glabella.ErrUnimplemented
}

func (unimplemented[ID, T, Q]) List(context.Context, Q) iter.Seq2[T, error] { return fails[T] }

func (unimplemented[ID, T, Q]) History(context.Context, ID) iter.Seq2[T, error] { return fails[T] }

func (unimplemented[ID, T, Q]) Put(context.Context, T) error { return glabella.ErrUnimplemented }

func fails[T any](yield func(T, error) bool) { yield(*new(T), glabella.ErrUnimplemented) }

type unimplementedJournal struct{}

func (unimplementedJournal) Head(context.Context) (audit.Head, error) {
	return audit.Head{}, glabella.ErrUnimplemented
}

func (unimplementedJournal) Append(context.Context, audit.Entry, audit.Head) error {
	return glabella.ErrUnimplemented
}

func (unimplementedJournal) Entries(context.Context, uint64, int) iter.Seq2[audit.Entry, error] {
	return fails[audit.Entry]
}

// Sites implements [Tx].
func (Unimplemented) Sites() Repo[glabella.SiteID, config.Site, SiteQuery] {
	return unimplemented[glabella.SiteID, config.Site, SiteQuery]{}
}

// Staff implements [Tx].
func (Unimplemented) Staff() Repo[glabella.StaffID, access.Staff, StaffQuery] {
	return unimplemented[glabella.StaffID, access.Staff, StaffQuery]{}
}

// Services implements [Tx].
func (Unimplemented) Services() Repo[glabella.ServiceID, billing.Service, ServiceQuery] {
	return unimplemented[glabella.ServiceID, billing.Service, ServiceQuery]{}
}

// Packages implements [Tx].
func (Unimplemented) Packages() Repo[glabella.PackageID, billing.Package, PackageQuery] {
	return unimplemented[glabella.PackageID, billing.Package, PackageQuery]{}
}

// CommissionPlans implements [Tx].
func (Unimplemented) CommissionPlans() Repo[glabella.CommissionPlanID, billing.CommissionPlan, CommissionPlanQuery] {
	return unimplemented[glabella.CommissionPlanID, billing.CommissionPlan, CommissionPlanQuery]{}
}

// CommissionSplits implements [Tx].
func (Unimplemented) CommissionSplits() Repo[glabella.CommissionSplitID, billing.CommissionSplit, CommissionSplitQuery] {
	return unimplemented[glabella.CommissionSplitID, billing.CommissionSplit, CommissionSplitQuery]{}
}

// Closings implements [Tx].
func (Unimplemented) Closings() Repo[glabella.ClosingID, billing.Closing, ClosingQuery] {
	return unimplemented[glabella.ClosingID, billing.Closing, ClosingQuery]{}
}

// Forms implements [Tx].
func (Unimplemented) Forms() Repo[glabella.FormID, consent.Form, FormQuery] {
	return unimplemented[glabella.FormID, consent.Form, FormQuery]{}
}

// Products implements [Tx].
func (Unimplemented) Products() Repo[glabella.ProductID, inventory.Product, ProductQuery] {
	return unimplemented[glabella.ProductID, inventory.Product, ProductQuery]{}
}

// StorePolicies implements [Tx].
func (Unimplemented) StorePolicies() Repo[glabella.StorePolicyID, inventory.StorePolicy, StorePolicyQuery] {
	return unimplemented[glabella.StorePolicyID, inventory.StorePolicy, StorePolicyQuery]{}
}

// Counts implements [Tx].
func (Unimplemented) Counts() Repo[glabella.CountID, inventory.Count, CountQuery] {
	return unimplemented[glabella.CountID, inventory.Count, CountQuery]{}
}

// PurchaseOrders implements [Tx].
func (Unimplemented) PurchaseOrders() Repo[glabella.PurchaseOrderID, inventory.PurchaseOrder, PurchaseOrderQuery] {
	return unimplemented[glabella.PurchaseOrderID, inventory.PurchaseOrder, PurchaseOrderQuery]{}
}

// Excursions implements [Tx].
func (Unimplemented) Excursions() Repo[glabella.ExcursionID, inventory.Excursion, ExcursionQuery] {
	return unimplemented[glabella.ExcursionID, inventory.Excursion, ExcursionQuery]{}
}

// Lots implements [Tx].
func (Unimplemented) Lots() Repo[glabella.LotID, inventory.Lot, LotQuery] {
	return unimplemented[glabella.LotID, inventory.Lot, LotQuery]{}
}

// Balances implements [Tx].
func (Unimplemented) Balances() Repo[glabella.BalanceID, inventory.Balance, BalanceQuery] {
	return unimplemented[glabella.BalanceID, inventory.Balance, BalanceQuery]{}
}

// Vials implements [Tx].
func (Unimplemented) Vials() Repo[glabella.VialID, inventory.Vial, VialQuery] {
	return unimplemented[glabella.VialID, inventory.Vial, VialQuery]{}
}

// Movements implements [Tx].
func (Unimplemented) Movements() Repo[glabella.MovementID, inventory.Movement, MovementQuery] {
	return unimplemented[glabella.MovementID, inventory.Movement, MovementQuery]{}
}

// Transfers implements [Tx].
func (Unimplemented) Transfers() Repo[glabella.TransferID, inventory.Transfer, TransferQuery] {
	return unimplemented[glabella.TransferID, inventory.Transfer, TransferQuery]{}
}

// Usages implements [Tx].
func (Unimplemented) Usages() Repo[glabella.UsageID, inventory.Usage, UsageQuery] {
	return unimplemented[glabella.UsageID, inventory.Usage, UsageQuery]{}
}

// Recalls implements [Tx].
func (Unimplemented) Recalls() Repo[glabella.RecallCaseID, inventory.RecallCase, RecallQuery] {
	return unimplemented[glabella.RecallCaseID, inventory.RecallCase, RecallQuery]{}
}

// Patients implements [Tx].
func (Unimplemented) Patients() Repo[glabella.PatientID, patient.Patient, PatientQuery] {
	return unimplemented[glabella.PatientID, patient.Patient, PatientQuery]{}
}

// Emergencies implements [Tx].
func (Unimplemented) Emergencies() Repo[glabella.BreakGlassID, access.BreakGlass, EmergencyQuery] {
	return unimplemented[glabella.BreakGlassID, access.BreakGlass, EmergencyQuery]{}
}

// Findings implements [Tx].
func (Unimplemented) Findings() Repo[glabella.FindingID, audit.Finding, FindingQuery] {
	return unimplemented[glabella.FindingID, audit.Finding, FindingQuery]{}
}

// ActivityReviews implements [Tx].
func (Unimplemented) ActivityReviews() Repo[glabella.ActivityReviewID, audit.ActivityReview, ActivityReviewQuery] {
	return unimplemented[glabella.ActivityReviewID, audit.ActivityReview, ActivityReviewQuery]{}
}

// Allergies implements [Tx].
func (Unimplemented) Allergies() Repo[glabella.AllergyID, patient.Allergy, FactQuery] {
	return unimplemented[glabella.AllergyID, patient.Allergy, FactQuery]{}
}

// Medications implements [Tx].
func (Unimplemented) Medications() Repo[glabella.MedicationID, patient.Medication, FactQuery] {
	return unimplemented[glabella.MedicationID, patient.Medication, FactQuery]{}
}

// Histories implements [Tx].
func (Unimplemented) Histories() Repo[glabella.HistoryID, patient.History, FactQuery] {
	return unimplemented[glabella.HistoryID, patient.History, FactQuery]{}
}

// Proposals implements [Tx].
func (Unimplemented) Proposals() Repo[glabella.ProposalID, patient.Proposal, FactQuery] {
	return unimplemented[glabella.ProposalID, patient.Proposal, FactQuery]{}
}

// Discussions implements [Tx].
func (Unimplemented) Discussions() Repo[glabella.DiscussionID, consent.Discussion, FactQuery] {
	return unimplemented[glabella.DiscussionID, consent.Discussion, FactQuery]{}
}

// Deliveries implements [Tx].
func (Unimplemented) Deliveries() Repo[glabella.DeliveryID, consent.Delivery, FactQuery] {
	return unimplemented[glabella.DeliveryID, consent.Delivery, FactQuery]{}
}

// Permissions implements [Tx].
func (Unimplemented) Permissions() Repo[glabella.PermissionID, consent.Permission, FactQuery] {
	return unimplemented[glabella.PermissionID, consent.Permission, FactQuery]{}
}

// Publications implements [Tx].
func (Unimplemented) Publications() Repo[glabella.PublicationID, consent.Publication, FactQuery] {
	return unimplemented[glabella.PublicationID, consent.Publication, FactQuery]{}
}

// ContactConsents implements [Tx].
func (Unimplemented) ContactConsents() Repo[glabella.ContactConsentID, consent.ContactConsent, FactQuery] {
	return unimplemented[glabella.ContactConsentID, consent.ContactConsent, FactQuery]{}
}

// Directives implements [Tx].
func (Unimplemented) Directives() Repo[glabella.DirectiveID, consent.Directive, FactQuery] {
	return unimplemented[glabella.DirectiveID, consent.Directive, FactQuery]{}
}

// Restrictions implements [Tx].
func (Unimplemented) Restrictions() Repo[glabella.RestrictionID, consent.Restriction, FactQuery] {
	return unimplemented[glabella.RestrictionID, consent.Restriction, FactQuery]{}
}

// Authorizations implements [Tx].
func (Unimplemented) Authorizations() Repo[glabella.AuthorizationID, consent.Authorization, FactQuery] {
	return unimplemented[glabella.AuthorizationID, consent.Authorization, FactQuery]{}
}

// Requests implements [Tx].
func (Unimplemented) Requests() Repo[glabella.RequestID, consent.Request, FactQuery] {
	return unimplemented[glabella.RequestID, consent.Request, FactQuery]{}
}

// Disclosures implements [Tx].
func (Unimplemented) Disclosures() Repo[glabella.DisclosureID, audit.Disclosure, FactQuery] {
	return unimplemented[glabella.DisclosureID, audit.Disclosure, FactQuery]{}
}

// Merges implements [Tx].
func (Unimplemented) Merges() Repo[glabella.MergeID, patient.Merge, MergeQuery] {
	return unimplemented[glabella.MergeID, patient.Merge, MergeQuery]{}
}

// Imports implements [Tx].
func (Unimplemented) Imports() Repo[glabella.ImportID, patient.Import, ImportQuery] {
	return unimplemented[glabella.ImportID, patient.Import, ImportQuery]{}
}

// Consents implements [Tx].
func (Unimplemented) Consents() Repo[glabella.ConsentID, consent.Consent, FactQuery] {
	return unimplemented[glabella.ConsentID, consent.Consent, FactQuery]{}
}

// Clearances implements [Tx].
func (Unimplemented) Clearances() Repo[glabella.ClearanceID, encounter.Clearance, FactQuery] {
	return unimplemented[glabella.ClearanceID, encounter.Clearance, FactQuery]{}
}

// Appointments implements [Tx].
func (Unimplemented) Appointments() Repo[glabella.AppointmentID, scheduling.Appointment, AppointmentQuery] {
	return unimplemented[glabella.AppointmentID, scheduling.Appointment, AppointmentQuery]{}
}

// Encounters implements [Tx].
func (Unimplemented) Encounters() Repo[glabella.EncounterID, encounter.Encounter, EncounterQuery] {
	return unimplemented[glabella.EncounterID, encounter.Encounter, EncounterQuery]{}
}

// Notes implements [Tx].
func (Unimplemented) Notes() Repo[glabella.NoteID, encounter.Note, NoteQuery] {
	return unimplemented[glabella.NoteID, encounter.Note, NoteQuery]{}
}

// Vitals implements [Tx].
func (Unimplemented) Vitals() Repo[glabella.VitalsID, encounter.Vitals, FactQuery] {
	return unimplemented[glabella.VitalsID, encounter.Vitals, FactQuery]{}
}

// Series implements [Tx].
func (Unimplemented) Series() Repo[glabella.SeriesID, encounter.Series, FactQuery] {
	return unimplemented[glabella.SeriesID, encounter.Series, FactQuery]{}
}

// StandingOrders implements [Tx].
func (Unimplemented) StandingOrders() Repo[glabella.StandingOrderID, encounter.StandingOrder, StandingOrderQuery] {
	return unimplemented[glabella.StandingOrderID, encounter.StandingOrder, StandingOrderQuery]{}
}

// AdverseEvents implements [Tx].
func (Unimplemented) AdverseEvents() Repo[glabella.AdverseEventID, encounter.AdverseEvent, AdverseEventQuery] {
	return unimplemented[glabella.AdverseEventID, encounter.AdverseEvent, AdverseEventQuery]{}
}

// ChartPolicies implements [Tx].
func (Unimplemented) ChartPolicies() Repo[glabella.ChartPolicyID, encounter.ChartPolicy, ChartPolicyQuery] {
	return unimplemented[glabella.ChartPolicyID, encounter.ChartPolicy, ChartPolicyQuery]{}
}

// Reviews implements [Tx].
func (Unimplemented) Reviews() Repo[glabella.ReviewID, encounter.ChartReview, ReviewQuery] {
	return unimplemented[glabella.ReviewID, encounter.ChartReview, ReviewQuery]{}
}

// Photos implements [Tx].
func (Unimplemented) Photos() Repo[glabella.PhotoID, encounter.Photo, PhotoQuery] {
	return unimplemented[glabella.PhotoID, encounter.Photo, PhotoQuery]{}
}

// Invoices implements [Tx].
func (Unimplemented) Invoices() Repo[glabella.InvoiceID, billing.Invoice, InvoiceQuery] {
	return unimplemented[glabella.InvoiceID, billing.Invoice, InvoiceQuery]{}
}

// Credits implements [Tx].
func (Unimplemented) Credits() Repo[glabella.CreditLotID, billing.CreditLot, CreditQuery] {
	return unimplemented[glabella.CreditLotID, billing.CreditLot, CreditQuery]{}
}

// GiftCards implements [Tx].
func (Unimplemented) GiftCards() Repo[glabella.GiftCardID, billing.GiftCard, FactQuery] {
	return unimplemented[glabella.GiftCardID, billing.GiftCard, FactQuery]{}
}

// Estimates implements [Tx].
func (Unimplemented) Estimates() Repo[glabella.EstimateID, billing.Estimate, FactQuery] {
	return unimplemented[glabella.EstimateID, billing.Estimate, FactQuery]{}
}

// Ledger implements [Tx].
func (Unimplemented) Ledger() Repo[glabella.EntryID, billing.Entry, EntryQuery] {
	return unimplemented[glabella.EntryID, billing.Entry, EntryQuery]{}
}

// Commands implements [Tx].
func (Unimplemented) Commands() Repo[glabella.CommandID, Command, CommandQuery] {
	return unimplemented[glabella.CommandID, Command, CommandQuery]{}
}

// Journal implements [Tx].
func (Unimplemented) Journal() audit.Journal { return unimplementedJournal{} }
