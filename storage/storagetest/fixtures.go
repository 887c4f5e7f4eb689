package storagetest

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/scheduling"
	"github.com/glabella-ehr/glabella/storage"
)

// Records is one record of every kind: those of one visit to an invented
// practice.
type Records struct {
	Site    config.Site
	Staff   access.Staff
	Service billing.Service
	Form    consent.Form

	Product  inventory.Product
	Lot      inventory.Lot
	Balance  inventory.Balance
	Vial     inventory.Vial
	Movement inventory.Movement

	Patient    patient.Patient
	Allergy    patient.Allergy
	Medication patient.Medication
	Consent    consent.Consent
	Clearance  encounter.Clearance

	Appointment     scheduling.Appointment
	Encounter       encounter.Encounter
	Note            encounter.Note
	Estimate        billing.Estimate
	Closing         billing.Closing
	CommissionSplit billing.CommissionSplit
	CommissionPlan  billing.CommissionPlan
	Disclosure      audit.Disclosure
	ActivityReview  audit.ActivityReview
	Finding         audit.Finding
	Emergency       access.BreakGlass
	Excursion       inventory.Excursion
	PurchaseOrder   inventory.PurchaseOrder
	Count           inventory.Count
	StorePolicy     inventory.StorePolicy
	GiftCard        billing.GiftCard
	Package         billing.Package
	ContactConsent  consent.ContactConsent
	Publication     consent.Publication
	Permission      consent.Permission
	Request         consent.Request
	Authorization   consent.Authorization
	Restriction     consent.Restriction
	Directive       consent.Directive
	Recall          inventory.RecallCase
	Usage           inventory.Usage
	Transfer        inventory.Transfer
	Delivery        consent.Delivery
	Discussion      consent.Discussion
	Proposal        patient.Proposal
	History         patient.History
	Import          patient.Import
	Merge           patient.Merge
	Photo           encounter.Photo
	ChartPolicy     encounter.ChartPolicy
	Review          encounter.ChartReview
	AdverseEvent    encounter.AdverseEvent
	StandingOrder   encounter.StandingOrder
	Series          encounter.Series
	Vitals          encounter.Vitals

	Invoice billing.Invoice
	Credit  billing.CreditLot
	Entry   billing.Entry
	Command storage.Command
}

// The identities of the fixtures, and of records that they refer to.
var (
	siteID           = glabella.MustParseID[glabella.SiteID]("01950001-0000-7000-8000-000000000001")
	doctorID         = glabella.MustParseID[glabella.StaffID]("01950002-0000-7000-8000-000000000001")
	nurseID          = glabella.MustParseID[glabella.StaffID]("01950002-0000-7000-8000-000000000002")
	serviceID        = glabella.MustParseID[glabella.ServiceID]("01950003-0000-7000-8000-000000000001")
	formID           = glabella.MustParseID[glabella.FormID]("01950004-0000-7000-8000-000000000001")
	productID        = glabella.MustParseID[glabella.ProductID]("01950005-0000-7000-8000-000000000001")
	salineID         = glabella.MustParseID[glabella.ProductID]("01950005-0000-7000-8000-000000000002")
	lotID            = glabella.MustParseID[glabella.LotID]("01950006-0000-7000-8000-000000000001")
	salineLotID      = glabella.MustParseID[glabella.LotID]("01950006-0000-7000-8000-000000000002")
	vialID           = glabella.MustParseID[glabella.VialID]("01950007-0000-7000-8000-000000000001")
	movementID       = glabella.MustParseID[glabella.MovementID]("01950008-0000-7000-8000-000000000001")
	reversedID       = glabella.MustParseID[glabella.MovementID]("01950008-0000-7000-8000-000000000002")
	patientID        = glabella.MustParseID[glabella.PatientID]("01950009-0000-7000-8000-000000000001")
	secondPatientID  = glabella.MustParseID[glabella.PatientID]("01950026-0000-7000-8000-000000000002")
	allergyID        = glabella.MustParseID[glabella.AllergyID]("0195000a-0000-7000-8000-000000000001")
	medicationID     = glabella.MustParseID[glabella.MedicationID]("0195000b-0000-7000-8000-000000000001")
	consentID        = glabella.MustParseID[glabella.ConsentID]("0195000c-0000-7000-8000-000000000001")
	clearanceID      = glabella.MustParseID[glabella.ClearanceID]("0195000d-0000-7000-8000-000000000001")
	appointmentID    = glabella.MustParseID[glabella.AppointmentID]("0195000e-0000-7000-8000-000000000001")
	encounterID      = glabella.MustParseID[glabella.EncounterID]("0195000f-0000-7000-8000-000000000001")
	procedureID      = glabella.MustParseID[glabella.ProcedureID]("01950010-0000-7000-8000-000000000001")
	noteID           = glabella.MustParseID[glabella.NoteID]("01950011-0000-7000-8000-000000000001")
	invoiceID        = glabella.MustParseID[glabella.InvoiceID]("01950012-0000-7000-8000-000000000001")
	lineID           = glabella.MustParseID[glabella.LineID]("01950013-0000-7000-8000-000000000001")
	secondLineID     = glabella.MustParseID[glabella.LineID]("01950013-0000-7000-8000-000000000002")
	thirdLineID      = glabella.MustParseID[glabella.LineID]("01950013-0000-7000-8000-000000000003")
	refundID         = glabella.MustParseID[glabella.TenderID]("01950014-0000-7000-8000-000000000002")
	creditTenderID   = glabella.MustParseID[glabella.TenderID]("01950014-0000-7000-8000-000000000003")
	tenderID         = glabella.MustParseID[glabella.TenderID]("01950014-0000-7000-8000-000000000001")
	countID          = glabella.MustParseID[glabella.CountID]("01950060-0000-7000-8000-000000000001")
	purchaseOrderID  = glabella.MustParseID[glabella.PurchaseOrderID]("01950061-0000-7000-8000-000000000001")
	excursionID      = glabella.MustParseID[glabella.ExcursionID]("01950062-0000-7000-8000-000000000001")
	breakGlassID     = glabella.MustParseID[glabella.BreakGlassID]("01950063-0000-7000-8000-000000000001")
	findingID        = glabella.MustParseID[glabella.FindingID]("01950064-0000-7000-8000-000000000001")
	activityReviewID = glabella.MustParseID[glabella.ActivityReviewID]("01950065-0000-7000-8000-000000000001")
	disclosureID     = glabella.MustParseID[glabella.DisclosureID]("01950066-0000-7000-8000-000000000001")
	commissionPlanID = glabella.MustParseID[glabella.CommissionPlanID]("01950067-0000-7000-8000-000000000001")
	packageID        = glabella.MustParseID[glabella.PackageID]("01950034-0000-7000-8000-000000000001")
	membershipID     = glabella.MustParseID[glabella.MembershipID]("01950035-0000-7000-8000-000000000001")
	giftCardID       = glabella.MustParseID[glabella.GiftCardID]("01950036-0000-7000-8000-000000000001")
	otherCreditID    = glabella.MustParseID[glabella.CreditLotID]("01950015-0000-7000-8000-000000000002")
	creditID         = glabella.MustParseID[glabella.CreditLotID]("01950015-0000-7000-8000-000000000001")
	vitalsID         = glabella.MustParseID[glabella.VitalsID]("01950017-0000-7000-8000-000000000001")
	seriesID         = glabella.MustParseID[glabella.SeriesID]("01950018-0000-7000-8000-000000000001")
	orderID          = glabella.MustParseID[glabella.StandingOrderID]("01950019-0000-7000-8000-000000000001")
	eventID          = glabella.MustParseID[glabella.AdverseEventID]("0195001a-0000-7000-8000-000000000001")
	photoID          = glabella.MustParseID[glabella.PhotoID]("0195001b-0000-7000-8000-000000000001")
	chartPolicyID    = encounter.ChartPolicyOf(siteID)
	reviewID         = glabella.MustParseID[glabella.ReviewID]("0195001d-0000-7000-8000-000000000001")
	mergeID          = glabella.MustParseID[glabella.MergeID]("0195001e-0000-7000-8000-000000000001")
	importID         = glabella.MustParseID[glabella.ImportID]("0195001f-0000-7000-8000-000000000001")
	relatedID        = glabella.MustParseID[glabella.RelatedID]("01950020-0000-7000-8000-000000000001")
	proposalID       = glabella.MustParseID[glabella.ProposalID]("01950021-0000-7000-8000-000000000001")
	discussionID     = glabella.MustParseID[glabella.DiscussionID]("01950022-0000-7000-8000-000000000001")
	deliveryID       = glabella.MustParseID[glabella.DeliveryID]("01950023-0000-7000-8000-000000000001")
	directiveID      = glabella.MustParseID[glabella.DirectiveID]("01950027-0000-7000-8000-000000000001")
	nextDirectiveID  = glabella.MustParseID[glabella.DirectiveID]("01950027-0000-7000-8000-000000000002")
	restrictionID    = glabella.MustParseID[glabella.RestrictionID]("01950028-0000-7000-8000-000000000001")
	authorizationID  = glabella.MustParseID[glabella.AuthorizationID]("01950029-0000-7000-8000-000000000001")
	requestID        = glabella.MustParseID[glabella.RequestID]("01950030-0000-7000-8000-000000000001")
	permissionID     = glabella.MustParseID[glabella.PermissionID]("01950031-0000-7000-8000-000000000001")
	nextPermissionID = glabella.MustParseID[glabella.PermissionID]("01950031-0000-7000-8000-000000000002")
	publicationID    = glabella.MustParseID[glabella.PublicationID]("01950032-0000-7000-8000-000000000001")
	contactConsentID = glabella.MustParseID[glabella.ContactConsentID]("01950033-0000-7000-8000-000000000001")
	recallID         = glabella.MustParseID[glabella.RecallCaseID]("01950026-0000-7000-8000-000000000001")
	usageID          = glabella.MustParseID[glabella.UsageID]("01950025-0000-7000-8000-000000000001")
	transferID       = glabella.MustParseID[glabella.TransferID]("01950024-0000-7000-8000-000000000001")
	secondSiteID     = glabella.MustParseID[glabella.SiteID]("01950001-0000-7000-8000-000000000002")
	mergedID         = glabella.MustParseID[glabella.PatientID]("01950009-0000-7000-8000-000000000002")
	entryID          = glabella.MustParseID[glabella.EntryID]("01950016-0000-7000-8000-000000000001")
)

// visit is the afternoon of the fixtures.
var visit = time.Date(2026, 3, 2, 20, 0, 0, 0, time.UTC)

func day(s string) glabella.Date { return glabella.MustParseDate(s) }

func usd(minor int64) money.Amount { return money.New(minor, money.USD) }

func units(s string) quantity.Quantity {
	return quantity.MustParse(s + " [arb'U]{onabotulinumtoxinA}")
}

func partial(s string) patient.PartialDate {
	d, err := patient.ParsePartialDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// imported is a provenance with every field.
func imported() glabella.Provenance {
	return glabella.Provenance{
		Source: glabella.SourceImported, Author: nurseID.Ref(), System: "urn:example:intake", Document: "intake-0042",
		RecordedAt: visit, EffectiveAt: visit.Add(-24 * time.Hour),
	}
}

// Fixtures returns a valid record of every kind with its fields filled, as it is
// before it is first stored: see [Stamped]. The records refer to each other, and
// every call returns fresh ones.
func Fixtures() Records {
	var r Records
	r.practice()
	r.stock()
	r.person()
	r.care()
	r.course()
	r.money()
	r.store()
	r.emergency()
	r.audits()
	return r
}

func (r *Records) practice() {
	r.Site = config.Site{
		ID: siteID, Name: "Example Street", Zone: "America/Chicago", Jurisdiction: "US-TX", Currency: money.USD, Language: "en-US",
		Policy: config.Policy{
			AdultAge: 18, AdultAgeSource: "house rule",
			Examiners: []string{"MD", "NP"}, ExaminersSource: "house rule",
			ClearanceValid: glabella.Period{Years: 1, Months: 2, Days: 3}, ClearanceSource: "house rule", Modalities: []string{"in-person"}, ModalitiesSource: "house rule", Orders: []string{"RN"}, OrdersSource: "house rule",
			Cosign: []string{"RN"}, CosignSource: "house rule",
			Taxes: []config.TaxRule{{Class: "treatment", Rate: quantity.MustParseNumber("0.0825"), From: day("2026-01-01"), To: day("2026-12-31"), Source: "house rule"}},
		},
	}
	r.Staff = access.Staff{
		ID: nurseID, Name: "Robin Example", Roles: []access.Role{access.NurseInjector}, Sites: []glabella.SiteID{siteID},
		Credentials: []access.Credential{{
			Kind: "RN", Number: "000042", Jurisdiction: "US-TX", ValidFrom: day("2020-01-01"), ValidTo: day("2028-12-31"), Supervisor: doctorID,
		}},
		Trainings:    []access.Training{{Course: "botulinum-toxin", Completed: day("2025-05-01"), ValidTo: day("2027-04-30"), Evidence: "certificate-17"}},
		TerminatedOn: day("2030-01-01"),
	}
	r.Form = consent.Form{
		ID: formID, Code: "botulinum-toxin-consent", Version: 3, Treatments: []string{"botulinum-toxin"}, Classes: []string{"botulinum-toxin"}, Products: []string{"onabotulinumtoxinA"},
		Services: []string{"botulinum-toxin-unit"}, Jurisdictions: []string{"US-TX"},
		Strength: consent.MustAccept, Recurrence: consent.Interval, ValidFor: glabella.Period{Years: 1}, Material: true, CoolingOffDays: 1,
		SignGapHours: 1, BeforeTreatmentHours: 2, DiscussionRequired: true, WitnessRequired: true, Interpreter: consent.InterpreterUnspoken, RequiresInitials: true,
		Contents: []consent.Content{
			consent.NewContent("en", "Treatment with botulinum toxin", "I have **read** this.\n\n- It may bruise.",
				consent.Section{Key: "ptosis", Title: "The eyelid may droop", Body: "For some weeks.", Initials: true, Acknowledge: true, Required: true}),
			consent.NewContent("es", "Tratamiento con toxina botulínica", "Lo he **leído**.\n\n- Pueden salir moretones.",
				consent.Section{Key: "ptosis", Title: "El párpado puede caer", Body: "Durante semanas.", Initials: true, Acknowledge: true, Required: true}),
		},
		PublishedAt: visit.AddDate(0, -3, 0), RetiredAt: visit.AddDate(5, 0, 0),
	}
	actor := glabella.StaffActor(nurseID, siteID)
	r.Command = storage.Command{
		ID: storage.CommandIDOf("front-desk-0042"), Action: access.PatientRegister, Actor: actor.Ref(),
		Input:   "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		Receipt: json.RawMessage(`{"patient":"` + patientID.String() + `"}`),
	}
}

func (r *Records) stock() {
	r.Product = inventory.Product{
		ID: productID, Code: "onabotulinumtoxinA-100", Name: "OnabotulinumtoxinA 100 U", Substance: "onabotulinumtoxinA",
		Class: inventory.ServiceItem, GTINs: []string{"00399999000017", "10399999000014"}, NDC: "99999-0001-1",
		Container: inventory.VialContainer, Nominal: units("100"), Reconstitute: true,
		InUse: inventory.InUse{Hours: 24, SinglePatient: true, Source: "house rule"},
	}
	r.Lot = inventory.Lot{
		ID: lotID, Product: productID, Number: "C0042X", GTIN: "00399999000017", Expires: day("2027-06-30"), Supplier: "Example Supplies",
		State: inventory.LotQuarantined, Hold: "temperature-excursion", UnitCost: usd(41250),
	}
	r.Balance = inventory.Balance{
		ID: inventory.BalanceIDOf(lotID, siteID), Lot: lotID, Site: siteID, Product: productID, OnHand: units("380"), Sealed: 3, Held: 1, ReceivedAt: visit.AddDate(0, -1, 0),
	}
	r.Vial = inventory.Vial{
		ID: vialID, Lot: lotID, Site: siteID, Product: productID, Nominal: units("100"), Remaining: units("80"),
		OpenedAt: visit.Add(-2 * time.Hour), OpenedBy: nurseID,
		Diluent:         &inventory.Diluent{Product: salineID, Lot: salineLotID, Volume: quantity.MustParse("2.5 mL")},
		ReconstitutedAt: visit.Add(-time.Hour), Concentration: quantity.MustParse("40 [arb'U]{onabotulinumtoxinA}/mL"),
		BeyondUse: visit.Add(23 * time.Hour), BeyondUseSource: "house rule", Patient: patientID, State: inventory.VialReconstituted,
	}
	unitCost := money.MustParse("USD 412.50")
	r.Movement = inventory.Movement{
		ID: movementID, Kind: inventory.MovementAdjust, Lot: lotID, Site: siteID, Product: productID, Vial: vialID,
		Quantity: units("20"), Containers: 0, Encounter: encounterID, Procedure: procedureID, Patient: patientID,
		By: nurseID, Witness: doctorID, Reason: inventory.ReasonEnteredInError, Reverses: reversedID, At: visit, Document: "waste-log-7",
		Transfer: transferID, Usage: usageID, Cost: &unitCost,
	}
	r.Usage = inventory.Usage{
		ID: usageID, Site: siteID, Product: productID, Substance: "onabotulinumtoxinA", Patient: patientID, Encounter: encounterID, Procedure: procedureID,
		By: nurseID, At: visit, Quantity: units("20"), Cause: inventory.UsageBeyondStock, Lot: lotID, Vial: vialID, State: inventory.UsageWrittenOff,
		Matches: []inventory.UsageMatch{{Movement: movementID, Lot: lotID, Vial: vialID, Quantity: units("4"), By: nurseID, At: visit.Add(time.Hour), TakenBack: reversedID}},
		Closing: inventory.UsageClosing{Reason: inventory.ReasonSample, By: doctorID, Witness: nurseID, At: visit.Add(2 * time.Hour)},
	}
	r.Recall = inventory.RecallCase{
		ID: recallID, Reference: "Z-0042-2026", Class: inventory.RecallClassII, Lots: []glabella.LotID{lotID}, OpenedBy: doctorID, OpenedAt: visit,
		TracedAt: visit.Add(time.Hour), State: inventory.RecallCanceled,
		Tasks: []inventory.RecallTask{
			{Patient: patientID, Certainty: inventory.RecallExposed, Lots: []glabella.LotID{lotID}, State: inventory.TaskAcknowledged,
				Attempts:     []inventory.ContactAttempt{{Channel: inventory.RecallByPhone, Outcome: inventory.ContactInformed, By: nurseID, At: visit.Add(2 * time.Hour), Document: "call-7"}},
				Acknowledged: inventory.RecallStep{Reason: "by-phone", By: nurseID, At: visit.Add(2 * time.Hour)}},
			{Patient: secondPatientID, Certainty: inventory.RecallSuspected, Lots: []glabella.LotID{lotID}, State: inventory.TaskCleared,
				Attempts: []inventory.ContactAttempt{}, Settled: inventory.RecallStep{Reason: "other-lot", By: doctorID, At: visit.Add(time.Hour)}},
		},
		Closing: inventory.RecallStep{Reason: "not-concerned", By: doctorID, At: visit.Add(3 * time.Hour)},
	}
	r.Transfer = inventory.Transfer{
		ID: transferID, From: siteID, To: secondSiteID, State: inventory.TransferSettled, Document: "van-7",
		Lines:     []inventory.TransferLine{{Product: productID, Lot: lotID, Content: units("100"), Sent: 5, Received: 2, Back: 2, Lost: 1, Over: 1, Reason: inventory.ReasonTransitBroken}},
		ShippedBy: nurseID, ShippedAt: visit.AddDate(0, 0, -2), SettledBy: doctorID, SettledAt: visit.AddDate(0, 0, -1),
	}
}

func (r *Records) person() {
	r.Patient = patient.Patient{
		ID: patientID,
		Names: []patient.Name{
			{Use: patient.NameOfficial, Family: "Example-Núñez", Given: []string{"Avery", "Lee"}, Prefix: "Dr", Suffix: "Jr", From: day("2010-01-01"), To: day("2040-01-01"), Provenance: imported()},
			{Use: patient.NameNickname, Given: []string{"Ave"}},
		},
		Pronouns: "they/them", BirthDate: day("1990-02-28"), SexAtBirth: patient.Female, LegalSex: patient.Unknown, Gender: patient.Other,
		GenderIdentity: []patient.GenderIdentity{{Concept: glabella.Coding{System: "http://example.org/gender", Code: "nb", Display: "non-binary"}, From: day("2015-01-01"), To: day("2039-01-01"), Provenance: imported()}},
		Contacts: []patient.Contact{
			{System: patient.Phone, Value: "+15125550142", Extension: "17", Use: "mobile", Preferred: true, From: day("2020-01-01"), To: day("2039-01-01"), Provenance: imported()},
			{System: patient.Email, Value: "avery@example.com", Use: "home"},
		},
		Addresses: []patient.Address{{Use: "home", From: day("2020-01-01"), To: day("2039-01-01"), Lines: []string{"1 Example Street", "Unit 2"}, City: "Exampleville", State: "TX", PostalCode: "00000", Country: "US", Provenance: imported()}},
		Languages: []string{"en-US", "es"}, Identifiers: []patient.Identifier{{System: "urn:example:mrn", Value: "0042", Use: "usual", From: day("2020-01-01"), To: day("2039-01-01")}, {System: "urn:example:crm", Value: "A-7"}},
		PreferredProvider: nurseID, Tags: []string{"vip"},
		Conditions: []patient.Condition{{
			Concept: glabella.Coding{System: "http://snomed.info/sct", Code: "91637004", Display: "Myasthenia gravis"}, Classes: []string{"neuromuscular-disorder"},
			From: day("2020-05-01"), To: day("2020-06-01"), Provenance: imported(),
		}},
		Alerts: []patient.Alert{{Code: "needle-phobia", Text: "sits down first", Level: patient.AlertInfo, From: day("2020-01-01"), To: day("2039-01-01"), Provenance: imported()}},
		Related: []patient.Related{{
			ID: relatedID, Patient: mergedID, Name: patient.Name{Use: patient.NameUsual, Family: "Example", Given: []string{"Robin"}, Prefix: "Ms", Suffix: "Sr", From: day("2020-01-01"), To: day("2039-01-01"), Provenance: imported()}, Relationship: patient.RelationParent,
			Contacts: []patient.Contact{{System: patient.Phone, Value: "+15125550143", Extension: "3", Use: "work", Preferred: true, From: day("2020-01-01"), To: day("2039-01-01"), Provenance: imported()}}, Roles: []patient.RelatedRole{patient.RoleEmergencyContact}, Authority: "document-7",
			From: day("2020-01-01"), To: day("2039-01-01"), Provenance: imported(),
		}},
		Communication: patient.Communication{
			Preferences:  []patient.ChannelPreference{{Channel: patient.ChannelSMS, Purpose: patient.ReachMarketing, Wanted: patient.WishNo, Address: "+15125550142", Provenance: imported()}},
			Quiet:        []patient.QuietHours{{From: "20:00", To: "09:00", Days: []string{"sat", "sun"}, Zone: "America/Chicago"}},
			Confidential: []patient.ConfidentialRequest{{Channel: patient.ChannelEmail, Address: "avery@example.com", From: day("2020-01-01"), To: day("2039-01-01"), Provenance: imported()}},
		},
		Standing:   patient.Standing{State: patient.StandingDismissed, Reason: "repeated-no-show", On: day("2026-02-01"), NoticeOn: day("2026-01-02"), EmergencyUntil: day("2026-03-01"), Provenance: imported()},
		Holds:      []patient.Hold{{Reason: "litigation", By: doctorID.Ref(), From: day("2026-01-01"), ReleasedAt: visit, ReleasedBy: doctorID.Ref()}},
		Restricted: true,
		Provenance: imported(),
	}
	reported := patient.Intake{
		Names: r.Patient.Names[:1], Pronouns: "she/her", BirthDate: day("1990-02-27"), SexAtBirth: patient.Male, Gender: patient.Female, Contacts: r.Patient.Contacts, Addresses: r.Patient.Addresses,
		Languages: []string{"fr"}, Identifiers: r.Patient.Identifiers,
		Allergies:   []patient.IntakeAllergy{{Substance: glabella.Coding{System: "urn:example", Code: "1", Display: "latex"}, Classes: []string{"latex"}, Kind: "allergy", Criticality: "high", Reactions: []patient.Reaction{{Manifestation: "hives", Severity: "mild", Onset: day("2015-07-01")}}}},
		Medications: []patient.IntakeMedication{{Substance: glabella.Coding{System: "urn:example", Code: "2", Display: "aspirin"}, Classes: []string{"antiplatelet"}, From: day("2025-01-01"), Dose: "81 mg"}},
		Conditions:  []patient.IntakeCondition{{Concept: glabella.Coding{System: "urn:example", Code: "3", Display: "keloid"}, Classes: []string{"keloid-history"}, From: day("2020-01-01"), To: day("2020-02-01")}},
	}
	r.Proposal = patient.Proposal{
		ID: proposalID, Patient: patientID, State: patient.ProposalSettled, Intake: reported, Provenance: imported(),
		Changes: []patient.Change{{Part: patient.ChangeIdentifier, Index: 1, Before: "0123456789abcdef", Verdict: patient.ChangeDeclined, By: nurseID.Ref(), At: visit, Rule: "front-desk", Reason: "not-ours"}},
	}
	r.History = patient.History{
		ID: patient.HistoryIDOf(patientID), Patient: patientID,
		Family:     []patient.FamilyFact{{Relationship: patient.RelationMother, Condition: glabella.Coding{System: "http://hl7.org/fhir/sid/icd-10-cm", Code: "L91.0", Display: "keloid"}, Classes: []string{"keloid-history"}, AgeAtOnset: 31, Provenance: imported()}},
		Social:     []patient.SocialFact{{Kind: patient.SocialKinds()[0], Value: "former", Amount: quantity.MustParse("0.5 g"), AmountPer: "day", From: partial("2010-04-09"), To: partial("2015-06-07"), Provenance: imported()}},
		Treatments: []patient.PriorTreatment{{Treatment: "dermal-filler", Product: glabella.Coding{System: "urn:example:products", Code: "7", Display: "a filler"}, Regions: []string{"lips"}, At: partial("2019-03-02"), Where: "elsewhere", Provenance: imported()}},
		Pregnancy:  []patient.PregnancyStatus{{Status: patient.Pregnant, On: day("2026-01-05"), DueDate: day("2026-08-01"), Provenance: imported()}},
		Skin:       []patient.SkinAssessment{{Type: patient.SkinTypes()[2], Answers: []patient.SkinAnswer{{Question: "sunburn", Answer: "sometimes"}}, At: visit, Provenance: imported()}},
	}
	lidocaine := glabella.Coding{System: "http://www.nlm.nih.gov/research/umls/rxnorm", Code: "6387", Display: "lidocaine"}
	r.Allergy = patient.Allergy{
		ID: allergyID, Patient: patientID, Substance: lidocaine, Classes: []string{"amide-local-anaesthetic"}, Kind: "allergy", Criticality: "high",
		Verification: patient.Confirmed, Reactions: []patient.Reaction{{Manifestation: "urticaria", Severity: "moderate", Onset: day("2015-07-01")}}, Provenance: imported(),
	}
	r.Medication = patient.Medication{
		ID: medicationID, Patient: patientID, Substance: lidocaine, Classes: []string{"amide-local-anaesthetic"}, Status: patient.MedicationCompleted,
		From: day("2025-01-01"), To: day("2025-02-01"), Dose: "4 % cream", Provenance: imported(),
	}
	r.privacy()
	text, _ := r.Form.Content("en")
	r.Consent = consent.Consent{
		ID: consentID, Patient: patientID, Form: formID, Code: r.Form.Code, Version: r.Form.Version, Language: "en", SHA256: text.SHA256,
		Decision: consent.Accepted, Informed: visit.AddDate(0, 0, -2),
		Signature: &consent.Signature{
			Method: consent.Drawn, By: consent.SignerGuardian, Authority: "power-of-attorney-3", At: visit.Add(-time.Hour), Device: "tablet-2",
			EvidenceSHA256: "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
			Signer:         consent.Signer{Related: relatedID, Reference: "relation-3", Relationship: "GUARD"}, NetworkAddress: "2001:db8::7", UserAgentSHA256: strings.Repeat("0123abcd", 8), Language: "en-US",
		},
		Initials: []consent.Initial{{Section: "ptosis", At: visit.Add(-61 * time.Minute)}}, Acknowledged: []string{"ptosis"},
		Witness: doctorID.Ref(), WitnessSignature: &consent.WitnessSignature{Method: consent.Drawn, At: visit.Add(-59 * time.Minute), EvidenceSHA256: strings.Repeat("89abcdef", 8)},
		Interpreter: "interpreter 7", InterpreterLanguage: "es", Capacity: &consent.Capacity{Outcome: consent.CapacityLacks, By: doctorID, At: visit.Add(-2 * time.Hour)},
		Discussion: discussionID, Delivery: deliveryID, RenderedSHA256: strings.Repeat("fedcba98", 8), Encounter: encounterID,
		WithdrawnAt: visit.AddDate(0, 1, 0), WithdrawnReason: "patient-request", Provenance: imported(),
	}
	r.Discussion = consent.Discussion{
		ID: discussionID, Patient: patientID, Treatment: "botulinum-toxin", Encounter: encounterID, By: doctorID, At: visit.Add(-3 * time.Hour), Minutes: 15,
		Risks: []string{"ptosis"}, Alternatives: []string{"no-treatment"}, Questions: true, Note: noteID, Language: "en", Interpreter: "interpreter 7",
		Amendments: []consent.Amendment{{Version: 1, By: doctorID, At: visit, Reason: "risk-left-out"}}, Provenance: imported(),
	}
	r.Delivery = consent.Delivery{
		ID: deliveryID, Patient: patientID, Forms: []consent.FormVersion{{Form: formID, Code: r.Form.Code, Version: 3}}, Language: "en", Channel: consent.ChannelEmail,
		TokenSHA256: strings.Repeat("0011aabb", 8), SentAt: visit.AddDate(0, 0, -3), ExpiresAt: visit.AddDate(0, 0, 3), State: consent.DeliveryCompleted,
		Opens: 2, OpenedAt: visit.AddDate(0, 0, -2), EndedAt: visit.Add(-time.Hour), CompletedBy: []glabella.ConsentID{consentID}, Encounter: encounterID, Provenance: imported(),
	}
	r.Appointment = scheduling.Appointment{
		ID: appointmentID, Patient: patientID, Provider: nurseID, Site: siteID, Room: "2", Service: "botulinum-toxin-unit",
		Start: visit, End: visit.Add(45 * time.Minute), State: scheduling.Cancelled, Reason: "weather", Encounter: encounterID,
	}
	digest := strings.Repeat("0123456789abcdef", 4)
	r.Import = patient.Import{
		ID: importID, Source: "urn:example:legacy", File: digest, Layout: "legacy.json", LayoutDigest: digest, Chunk: 1, Batch: importID, State: patient.ImportApplied,
		Rows: []patient.ImportedRow{
			{Number: 1001, Key: "0042", Digest: digest, Outcome: patient.OutcomeNew, Action: patient.ActionImport, Patient: patientID, Codes: []glabella.Code{patient.CodeImportUnread}},
			{Number: 1002, Outcome: patient.OutcomeRefused, Action: patient.ActionSkip, Codes: []glabella.Code{patient.CodeImportDate}},
		},
		StartedAt: visit.Add(-time.Hour), FinishedAt: visit, By: nurseID, FinishedBy: doctorID, Provenance: imported(),
	}
	r.Merge = patient.Merge{
		ID: mergeID, Survivor: patientID, Merged: mergedID, State: patient.MergeUnlinked, At: visit.Add(-time.Hour), By: nurseID, Reason: patient.MergeRegisteredTwice,
		Choices: []patient.MergeChoice{{Part: patient.PartBirthDate, From: patient.FromMerged}}, UnmergedAt: visit, UnmergedBy: doctorID, UnmergeReason: patient.UnmergeDifferentPeople,
		Provenance: imported(),
	}
}
