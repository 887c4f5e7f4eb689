package glabella

import (
	"fmt"

	"github.com/google/uuid"
)

// Kind names the entity that an [ID] belongs to. It is implemented by the
// marker types of this package only.
type Kind interface {
	kind() string
}

// ID identifies one entity of kind K. IDs are UUIDs (version 7 where this
// library makes them, so that they sort by time of creation); two kinds are two
// types, so that a patient's ID cannot be passed where an encounter's is due.
// IDs are comparable and the zero ID means none.
type ID[K Kind] uuid.UUID

type (
	patientKind         struct{}
	allergyKind         struct{}
	medicationKind      struct{}
	staffKind           struct{}
	siteKind            struct{}
	appointmentKind     struct{}
	encounterKind       struct{}
	procedureKind       struct{}
	noteKind            struct{}
	clearanceKind       struct{}
	formKind            struct{}
	consentKind         struct{}
	productKind         struct{}
	lotKind             struct{}
	vialKind            struct{}
	balanceKind         struct{}
	movementKind        struct{}
	serviceKind         struct{}
	invoiceKind         struct{}
	lineKind            struct{}
	tenderKind          struct{}
	entryKind           struct{}
	commandKind         struct{}
	photoKind           struct{}
	vitalsKind          struct{}
	seriesKind          struct{}
	standingOrderKind   struct{}
	adverseEventKind    struct{}
	chartPolicyKind     struct{}
	reviewKind          struct{}
	historyKind         struct{}
	relatedKind         struct{}
	proposalKind        struct{}
	mergeKind           struct{}
	importKind          struct{}
	discussionKind      struct{}
	deliveryKind        struct{}
	permissionKind      struct{}
	publicationKind     struct{}
	contactConsentKind  struct{}
	directiveKind       struct{}
	restrictionKind     struct{}
	authorizationKind   struct{}
	requestKind         struct{}
	packageKind         struct{}
	membershipKind      struct{}
	giftCardKind        struct{}
	creditLotKind       struct{}
	transferKind        struct{}
	usageKind           struct{}
	recallCaseKind      struct{}
	purchaseOrderKind   struct{}
	countKind           struct{}
	excursionKind       struct{}
	storePolicyKind     struct{}
	commissionPlanKind  struct{}
	commissionSplitKind struct{}
	breakGlassKind      struct{}
	findingKind         struct{}
	disclosureKind      struct{}
	activityReviewKind  struct{}
	closingKind         struct{}
	estimateKind        struct{}
)

func (patientKind) kind() string         { return "patient" }
func (allergyKind) kind() string         { return "allergy" }
func (medicationKind) kind() string      { return "medication" }
func (staffKind) kind() string           { return "staff" }
func (siteKind) kind() string            { return "site" }
func (appointmentKind) kind() string     { return "appointment" }
func (encounterKind) kind() string       { return "encounter" }
func (procedureKind) kind() string       { return "procedure" }
func (noteKind) kind() string            { return "note" }
func (clearanceKind) kind() string       { return "clearance" }
func (formKind) kind() string            { return "form" }
func (consentKind) kind() string         { return "consent" }
func (productKind) kind() string         { return "product" }
func (lotKind) kind() string             { return "lot" }
func (vialKind) kind() string            { return "vial" }
func (balanceKind) kind() string         { return "balance" }
func (movementKind) kind() string        { return "movement" }
func (serviceKind) kind() string         { return "service" }
func (invoiceKind) kind() string         { return "invoice" }
func (lineKind) kind() string            { return "line" }
func (tenderKind) kind() string          { return "tender" }
func (entryKind) kind() string           { return "entry" }
func (commandKind) kind() string         { return "command" }
func (photoKind) kind() string           { return "photo" }
func (vitalsKind) kind() string          { return "vitals" }
func (seriesKind) kind() string          { return "series" }
func (standingOrderKind) kind() string   { return "standing-order" }
func (adverseEventKind) kind() string    { return "adverse-event" }
func (chartPolicyKind) kind() string     { return "chart-policy" }
func (reviewKind) kind() string          { return "review" }
func (historyKind) kind() string         { return "history" }
func (relatedKind) kind() string         { return "related-person" }
func (proposalKind) kind() string        { return "proposal" }
func (mergeKind) kind() string           { return "merge" }
func (importKind) kind() string          { return "import" }
func (discussionKind) kind() string      { return "discussion" }
func (deliveryKind) kind() string        { return "delivery" }
func (permissionKind) kind() string      { return "permission" }
func (publicationKind) kind() string     { return "publication" }
func (contactConsentKind) kind() string  { return "contact-consent" }
func (directiveKind) kind() string       { return "directive" }
func (restrictionKind) kind() string     { return "restriction" }
func (authorizationKind) kind() string   { return "authorization" }
func (requestKind) kind() string         { return "request" }
func (packageKind) kind() string         { return "package" }
func (membershipKind) kind() string      { return "membership" }
func (giftCardKind) kind() string        { return "gift-card" }
func (creditLotKind) kind() string       { return "credit-lot" }
func (transferKind) kind() string        { return "transfer" }
func (usageKind) kind() string           { return "unreconciled-usage" }
func (recallCaseKind) kind() string      { return "recall-case" }
func (purchaseOrderKind) kind() string   { return "purchase-order" }
func (countKind) kind() string           { return "count" }
func (excursionKind) kind() string       { return "excursion" }
func (storePolicyKind) kind() string     { return "store-policy" }
func (commissionPlanKind) kind() string  { return "commission-plan" }
func (commissionSplitKind) kind() string { return "commission-split" }
func (breakGlassKind) kind() string      { return "break-glass" }
func (findingKind) kind() string         { return "finding" }
func (disclosureKind) kind() string      { return "disclosure" }
func (activityReviewKind) kind() string  { return "activity-review" }
func (closingKind) kind() string         { return "closing" }
func (estimateKind) kind() string        { return "estimate" }

// The identities of this library's entities.
type (
	PatientID         = ID[patientKind]         // a person who is or may be treated
	AllergyID         = ID[allergyKind]         // one allergy or intolerance of a patient
	MedicationID      = ID[medicationKind]      // one medication that a patient takes or took
	StaffID           = ID[staffKind]           // a member of the practice's staff
	SiteID            = ID[siteKind]            // a place where the practice works
	AppointmentID     = ID[appointmentKind]     // a booked time
	EncounterID       = ID[encounterKind]       // a visit
	ProcedureID       = ID[procedureKind]       // one treatment within a visit
	NoteID            = ID[noteKind]            // a clinical note
	ClearanceID       = ID[clearanceKind]       // a good-faith exam
	FormID            = ID[formKind]            // one version of a consent form
	ConsentID         = ID[consentKind]         // one decision of a patient on a form
	ProductID         = ID[productKind]         // an item of the stock catalogue
	LotID             = ID[lotKind]             // a manufacturer's lot of a product
	VialID            = ID[vialKind]            // one opened container: a vial or a syringe
	BalanceID         = ID[balanceKind]         // the stock of one lot at one site
	MovementID        = ID[movementKind]        // one stock movement
	ServiceID         = ID[serviceKind]         // an item of the price list
	InvoiceID         = ID[invoiceKind]         // an invoice
	LineID            = ID[lineKind]            // a line of an invoice
	TenderID          = ID[tenderKind]          // a payment
	EntryID           = ID[entryKind]           // an entry of the ledger
	CommandID         = ID[commandKind]         // an accepted command, by its idempotency key
	PhotoID           = ID[photoKind]           // a photograph
	VitalsID          = ID[vitalsKind]          // one set of vital signs
	SeriesID          = ID[seriesKind]          // a plan of treatments
	StandingOrderID   = ID[standingOrderKind]   // an order that others act under
	AdverseEventID    = ID[adverseEventKind]    // an adverse event
	ChartPolicyID     = ID[chartPolicyKind]     // what a practice has decided on the charts of a site
	ReviewID          = ID[reviewKind]          // a review of a chart
	HistoryID         = ID[historyKind]         // what is known of a patient's history
	RelatedID         = ID[relatedKind]         // a person related to a patient
	ProposalID        = ID[proposalKind]        // a change to a patient that waits to be accepted
	MergeID           = ID[mergeKind]           // a link between two records of one patient
	ImportID          = ID[importKind]          // a batch of imported patients
	DiscussionID      = ID[discussionKind]      // a talk in which a consent was explained
	DeliveryID        = ID[deliveryKind]        // a form that was sent to be signed
	PermissionID      = ID[permissionKind]      // a permission to show photographs
	PublicationID     = ID[publicationKind]     // a photograph that was published
	ContactConsentID  = ID[contactConsentKind]  // a consent to be contacted
	DirectiveID       = ID[directiveKind]       // what a patient allows to be shared
	RestrictionID     = ID[restrictionKind]     // a restriction that a patient asked for
	AuthorizationID   = ID[authorizationKind]   // an authorization to disclose
	RequestID         = ID[requestKind]         // a request for access to records or their amendment
	PackageID         = ID[packageKind]         // what a practice sells as a bundle at one price
	MembershipID      = ID[membershipKind]      // a patient's membership
	GiftCardID        = ID[giftCardKind]        // a gift card
	CreditLotID       = ID[creditLotKind]       // a lot of prepaid or promised value
	TransferID        = ID[transferKind]        // a shipment of stock from one site to another
	UsageID           = ID[usageKind]           // something charted that no stock on record accounts for
	RecallCaseID      = ID[recallCaseKind]      // a recall and what is done about it
	PurchaseOrderID   = ID[purchaseOrderKind]   // an order at a supplier
	CountID           = ID[countKind]           // a count of the stock of a site
	ExcursionID       = ID[excursionKind]       // a time in which a storage was too warm or too cold
	CommissionPlanID  = ID[commissionPlanKind]  // what those who perform services earn by them
	CommissionSplitID = ID[commissionSplitKind] // who earns by a line in place of who performed it
	StorePolicyID     = ID[storePolicyKind]     // what a practice has decided on the store room of a site
	BreakGlassID      = ID[breakGlassKind]      // an access to a record in an emergency, against the rules
	FindingID         = ID[findingKind]         // something in the journal that somebody should look at
	DisclosureID      = ID[disclosureKind]      // a disclosure of what is known of a patient
	ActivityReviewID  = ID[activityReviewKind]  // a review of a part of the journal
	ClosingID         = ID[closingKind]         // the books of a site, closed up to a day
	EstimateID        = ID[estimateKind]        // a good faith estimate of what something will cost
)

// Identity is satisfied by every ID type, for functions that make one of a kind:
//
//	id, err := glabella.ParseID[glabella.PatientID](s)
type Identity interface {
	~[16]byte
	comparable
	Kind() string
}

func kindOf[I Identity]() string {
	var id I
	return id.Kind()
}

// ParseID reads an ID in the canonical 36-character form.
func ParseID[I Identity](s string) (I, error) {
	if len(s) != 36 {
		return I{}, fmt.Errorf("%s id: %w: want 36 characters, got %d", kindOf[I](), ErrInvalid, len(s))
	}
	u, err := uuid.Parse(s)
	if err != nil {
		return I{}, fmt.Errorf("%s id: %w: not a UUID", kindOf[I](), ErrInvalid)
	}
	return I(u), nil
}

// MustParseID is like [ParseID] and panics on a malformed ID. It is for
// constants and tests.
func MustParseID[I Identity](s string) I {
	id, err := ParseID[I](s)
	if err != nil {
		panic(err)
	}
	return id
}

// DeriveID returns the ID that is determined by name (UUID version 5). The same
// name gives the same ID: it serves records whose identity is a key, such as the
// stock of one lot at one site, or an accepted command.
func DeriveID[I Identity](name string) I {
	return I(uuid.NewSHA1(uuid.Nil, []byte(kindOf[I]()+"\x00"+name)))
}

// IsZero reports whether the ID names nothing.
func (id ID[K]) IsZero() bool { return id == ID[K]{} }

// String returns the canonical form, and "" for the zero ID.
func (id ID[K]) String() string {
	if id.IsZero() {
		return ""
	}
	return uuid.UUID(id).String()
}

// Kind returns the name of the entity's kind, such as "patient".
func (id ID[K]) Kind() string {
	var k K
	return k.kind()
}

// Ref returns the untyped reference to the same entity. The zero ID gives the
// zero Ref.
func (id ID[K]) Ref() Ref {
	if id.IsZero() {
		return Ref{}
	}
	return Ref{Kind: id.Kind(), ID: id.String()}
}

// MarshalText returns the canonical form; the zero ID is the empty text.
func (id ID[K]) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the canonical form; empty text is the zero ID.
func (id *ID[K]) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*id = ID[K]{}
		return nil
	}
	v, err := ParseID[ID[K]](string(b))
	if err != nil {
		return err
	}
	*id = v
	return nil
}

// Ref is a reference to an entity of any kind, as the journal, issues and
// exchange formats hold it. It is comparable; the zero Ref means none.
type Ref struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// Ref returns r, so that a reference serves where a record does.
func (r Ref) Ref() Ref { return r }

// IsZero reports whether the reference names nothing.
func (r Ref) IsZero() bool { return r == Ref{} }

// String returns "kind/id", and "" for the zero Ref.
func (r Ref) String() string {
	if r.IsZero() {
		return ""
	}
	return r.Kind + "/" + r.ID
}

// RefAs returns the typed ID behind a reference, and false when the reference is
// of another kind or malformed.
func RefAs[I Identity](r Ref) (I, bool) {
	if r.Kind != kindOf[I]() {
		return I{}, false
	}
	id, err := ParseID[I](r.ID)
	return id, err == nil
}
