package storage

import (
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/encounter"
)

// Page limits a list. Lists are ordered by ID unless the query's type says
// otherwise.
type Page struct {
	Limit int // at most so many records; 0 is all
}

// SiteQuery selects sites: all of them.
type SiteQuery struct{ Page }

// StaffQuery selects staff: all of them.
type StaffQuery struct{ Page }

// ServiceQuery selects items of the price list.
type ServiceQuery struct {
	Page
	Code string
}

// FormQuery selects versions of consent forms.
type FormQuery struct {
	Page
	Code string
}

// ProductQuery selects products of the stock catalogue.
type ProductQuery struct {
	Page
	Code string
	GTIN string // GTIN-14
}

// LotQuery selects lots.
type LotQuery struct {
	Page
	Product glabella.ProductID
	Number  string
}

// BalanceQuery selects stock balances.
type BalanceQuery struct {
	Page
	Lot     glabella.LotID
	Product glabella.ProductID
	Site    glabella.SiteID
}

// VialQuery selects opened containers.
type VialQuery struct {
	Page
	Lot     glabella.LotID
	Diluent glabella.LotID // of what it was reconstituted with
}

// MovementQuery selects stock movements.
type MovementQuery struct {
	Page
	Lot       glabella.LotID
	Vial      glabella.VialID
	Encounter glabella.EncounterID
	Patient   glabella.PatientID // who received it
}

// PatientQuery selects patients. With SearchKey, Limit bounds how many keys are
// looked at.
type PatientQuery struct {
	Page
	Identifier Identifier // a patient's identity in a system, exactly
	SearchKey  string     // what one of the patient's search keys begins with, see [patient.SearchKeys]
}

// Identifier is an identity that some system gave to a patient.
type Identifier struct{ System, Value string }

// FactQuery selects records that belong to a patient: allergies, medications,
// consents, clearances.
type FactQuery struct {
	Page
	Patient glabella.PatientID
}

// CreditQuery selects lots of credit. Ended selects those that have something left
// and whose last day is before it; what is frozen has none.
type CreditQuery struct {
	Page
	Patient glabella.PatientID
	Invoice glabella.InvoiceID // of the sale
	Ended   glabella.Date
}

// AppointmentQuery selects appointments, ordered by start, then by ID. From and
// To select those that start at or after From and before To.
type AppointmentQuery struct {
	Page
	Patient  glabella.PatientID
	Provider glabella.StaffID
	From, To time.Time
}

// EncounterQuery selects visits.
type EncounterQuery struct {
	Page
	Patient     glabella.PatientID
	Appointment glabella.AppointmentID
	Lot         glabella.LotID // visits in which something of the lot was administered
}

// NoteQuery selects notes.
type NoteQuery struct {
	Page
	Patient   glabella.PatientID
	Encounter glabella.EncounterID
	State     encounter.NoteState
}

// InvoiceQuery selects invoices.
type InvoiceQuery struct {
	Page
	Patient   glabella.PatientID
	Encounter glabella.EncounterID
}

// EntryQuery selects ledger entries, ordered by effective date, then by ID. From
// and To, both inclusive, bound the effective date.
type EntryQuery struct {
	Page
	Site     glabella.SiteID
	From, To glabella.Date
}

// StandingOrderQuery selects standing orders: all of them.
type StandingOrderQuery struct{ Page }

// AdverseEventQuery selects adverse events.
type AdverseEventQuery struct {
	Page
	Patient glabella.PatientID
	Lot     glabella.LotID // that something of was given before the event
}

// ChartPolicyQuery selects policies on charts: all of them.
type ChartPolicyQuery struct{ Page }

// ReviewQuery selects reviews of charts.
type ReviewQuery struct {
	Page
	Sample string // hash of the plan that drew them
	Note   glabella.NoteID
}

// PhotoQuery selects photographs.
type PhotoQuery struct {
	Page
	Patient   glabella.PatientID
	Encounter glabella.EncounterID
}

// MergeQuery selects links between the records of one patient.
type MergeQuery struct {
	Page
	Patient glabella.PatientID // on either side
}

// ImportQuery selects chunks of imports.
type ImportQuery struct {
	Page
	Source string // the system that they come from
	File   string // SHA-256 of the file
}

// TransferQuery selects shipments between sites.
type TransferQuery struct {
	Page
	Site glabella.SiteID // at either end
}

// UsageQuery selects what was charted and no stock accounts for.
type UsageQuery struct {
	Page
	Site    glabella.SiteID
	Patient glabella.PatientID
	Lot     glabella.LotID // that was charted
}

// RecallQuery selects recalls.
type RecallQuery struct {
	Page
	Lot     glabella.LotID     // one of its lots
	Patient glabella.PatientID // who has a task in it
}

// PackageQuery selects bundles.
type PackageQuery struct {
	Page
	Code string
}

// StorePolicyQuery selects policies on store rooms: all of them.
type StorePolicyQuery struct{ Page }

// CountQuery selects counts of stock.
type CountQuery struct {
	Page
	Site glabella.SiteID
	Open bool // neither approved nor canceled
}

// PurchaseOrderQuery selects orders at suppliers.
type PurchaseOrderQuery struct {
	Page
	Site     glabella.SiteID
	Movement glabella.MovementID // by which something of it came in
	Open     bool                // more may come of it
}

// ExcursionQuery selects excursions of storages.
type ExcursionQuery struct {
	Page
	Site glabella.SiteID
	Open bool // neither closed nor canceled
}

// EmergencyQuery selects records that were opened in an emergency.
type EmergencyQuery struct {
	Page
	Patient    glabella.PatientID
	By         glabella.StaffID
	Unreviewed bool
}

// FindingQuery selects findings in the journal.
type FindingQuery struct {
	Page
	Staff glabella.StaffID // whose access it is
	State audit.FindingState
}

// ActivityReviewQuery selects regular reviews of the journal.
type ActivityReviewQuery struct {
	Page
	State audit.ReviewState
}

// CommissionPlanQuery selects plans of commissions.
type CommissionPlanQuery struct {
	Page
	Code string
}

// CommissionSplitQuery selects who earns by lines.
type CommissionSplitQuery struct {
	Page
	Invoice glabella.InvoiceID
}

// ClosingQuery selects closings of the books.
type ClosingQuery struct {
	Page
	Site glabella.SiteID
}

// CommandQuery selects accepted commands: all of them.
type CommandQuery struct{ Page }
