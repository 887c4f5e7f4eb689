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

// Reader reads the records of one kind. It is valid only inside the transaction
// that it came from.
type Reader[ID, T, Q any] interface {
	// Get returns the newest version of a record, or an error that wraps
	// [glabella.ErrNotFound]. The value is the caller's own: changing it changes
	// nothing stored.
	Get(ctx context.Context, id ID) (T, error)
	// List yields the newest version of every record that matches all fields set
	// in q, ordered as the query's type says. It yields at most one error, last.
	// Writing to the same kind of record while the sequence is read is not
	// supported.
	List(ctx context.Context, q Q) iter.Seq2[T, error]
	// History yields every version of a record, oldest first, and nothing for a
	// record that does not exist.
	History(ctx context.Context, id ID) iter.Seq2[T, error]
}

// Repo reads and writes the records of one kind.
type Repo[ID, T, Q any] interface {
	Reader[ID, T, Q]
	// Put stores v as the next version of its record. It is a compare-and-set:
	// the version in v must be exactly one above the newest stored version (1 for
	// a record that does not exist), otherwise the error wraps
	// [glabella.ErrConflict] and nothing is written. A value whose text is not
	// valid UTF-8 is refused with an error that wraps [glabella.ErrInvalid].
	Put(ctx context.Context, v T) error
}

// Tx is one transaction: a consistent view of all records and the journal.
// It must not be used by several goroutines at once, nor after the closure that
// it was given to has returned.
type Tx interface {
	Sites() Repo[glabella.SiteID, config.Site, SiteQuery]
	Staff() Repo[glabella.StaffID, access.Staff, StaffQuery]
	Services() Repo[glabella.ServiceID, billing.Service, ServiceQuery]
	Packages() Repo[glabella.PackageID, billing.Package, PackageQuery]
	CommissionPlans() Repo[glabella.CommissionPlanID, billing.CommissionPlan, CommissionPlanQuery]
	CommissionSplits() Repo[glabella.CommissionSplitID, billing.CommissionSplit, CommissionSplitQuery]
	Closings() Repo[glabella.ClosingID, billing.Closing, ClosingQuery]
	Forms() Repo[glabella.FormID, consent.Form, FormQuery]

	Products() Repo[glabella.ProductID, inventory.Product, ProductQuery]
	StorePolicies() Repo[glabella.StorePolicyID, inventory.StorePolicy, StorePolicyQuery]
	Counts() Repo[glabella.CountID, inventory.Count, CountQuery]
	PurchaseOrders() Repo[glabella.PurchaseOrderID, inventory.PurchaseOrder, PurchaseOrderQuery]
	Excursions() Repo[glabella.ExcursionID, inventory.Excursion, ExcursionQuery]
	Lots() Repo[glabella.LotID, inventory.Lot, LotQuery]
	Balances() Repo[glabella.BalanceID, inventory.Balance, BalanceQuery]
	Vials() Repo[glabella.VialID, inventory.Vial, VialQuery]
	Movements() Repo[glabella.MovementID, inventory.Movement, MovementQuery]
	Transfers() Repo[glabella.TransferID, inventory.Transfer, TransferQuery]
	Usages() Repo[glabella.UsageID, inventory.Usage, UsageQuery]
	Recalls() Repo[glabella.RecallCaseID, inventory.RecallCase, RecallQuery]

	Patients() Repo[glabella.PatientID, patient.Patient, PatientQuery]
	Emergencies() Repo[glabella.BreakGlassID, access.BreakGlass, EmergencyQuery]
	Findings() Repo[glabella.FindingID, audit.Finding, FindingQuery]
	ActivityReviews() Repo[glabella.ActivityReviewID, audit.ActivityReview, ActivityReviewQuery]
	Allergies() Repo[glabella.AllergyID, patient.Allergy, FactQuery]
	Medications() Repo[glabella.MedicationID, patient.Medication, FactQuery]
	Histories() Repo[glabella.HistoryID, patient.History, FactQuery]
	Proposals() Repo[glabella.ProposalID, patient.Proposal, FactQuery]
	Discussions() Repo[glabella.DiscussionID, consent.Discussion, FactQuery]
	Deliveries() Repo[glabella.DeliveryID, consent.Delivery, FactQuery]
	Permissions() Repo[glabella.PermissionID, consent.Permission, FactQuery]
	Publications() Repo[glabella.PublicationID, consent.Publication, FactQuery]
	ContactConsents() Repo[glabella.ContactConsentID, consent.ContactConsent, FactQuery]
	Directives() Repo[glabella.DirectiveID, consent.Directive, FactQuery]
	Restrictions() Repo[glabella.RestrictionID, consent.Restriction, FactQuery]
	Authorizations() Repo[glabella.AuthorizationID, consent.Authorization, FactQuery]
	Requests() Repo[glabella.RequestID, consent.Request, FactQuery]
	Disclosures() Repo[glabella.DisclosureID, audit.Disclosure, FactQuery]
	Merges() Repo[glabella.MergeID, patient.Merge, MergeQuery]
	Imports() Repo[glabella.ImportID, patient.Import, ImportQuery]
	Consents() Repo[glabella.ConsentID, consent.Consent, FactQuery]
	Clearances() Repo[glabella.ClearanceID, encounter.Clearance, FactQuery]

	Appointments() Repo[glabella.AppointmentID, scheduling.Appointment, AppointmentQuery]
	Encounters() Repo[glabella.EncounterID, encounter.Encounter, EncounterQuery]
	Notes() Repo[glabella.NoteID, encounter.Note, NoteQuery]
	Vitals() Repo[glabella.VitalsID, encounter.Vitals, FactQuery]
	Series() Repo[glabella.SeriesID, encounter.Series, FactQuery]
	StandingOrders() Repo[glabella.StandingOrderID, encounter.StandingOrder, StandingOrderQuery]
	AdverseEvents() Repo[glabella.AdverseEventID, encounter.AdverseEvent, AdverseEventQuery]
	ChartPolicies() Repo[glabella.ChartPolicyID, encounter.ChartPolicy, ChartPolicyQuery]
	Reviews() Repo[glabella.ReviewID, encounter.ChartReview, ReviewQuery]
	Photos() Repo[glabella.PhotoID, encounter.Photo, PhotoQuery]

	Invoices() Repo[glabella.InvoiceID, billing.Invoice, InvoiceQuery]
	Credits() Repo[glabella.CreditLotID, billing.CreditLot, CreditQuery]
	GiftCards() Repo[glabella.GiftCardID, billing.GiftCard, FactQuery]
	Estimates() Repo[glabella.EstimateID, billing.Estimate, FactQuery]
	Ledger() Repo[glabella.EntryID, billing.Entry, EntryQuery]

	Commands() Repo[glabella.CommandID, Command, CommandQuery]
	Journal() audit.Journal
}

// Backend is what a host implements: a place for the records of one practice
// (one tenant). A Backend is safe for concurrent use.
//
// Transactions are serializable: their effects are those of running them one
// after the other. Closures of one backend value must not be nested.
type Backend interface {
	// Update runs fn in a transaction that may write. If fn returns nil, all of its
	// writes become visible and durable together; otherwise, or if fn panics, none
	// do. A context that ends before fn has returned leaves nothing written either.
	// fn may run again when the backend resolves a collision with another
	// transaction: it must have no effect outside its transaction. An error of fn
	// is returned as it is.
	Update(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error
	// View runs fn in a transaction that does not write; Put and Append fail. fn
	// sees one consistent state throughout.
	View(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error
}
