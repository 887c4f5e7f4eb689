package r4

// Patient is FHIR's Patient resource.
type Patient struct {
	ID                  string                 `json:"id,omitempty"`
	Meta                *Meta                  `json:"meta,omitempty"`
	Contained           []Resource             `json:"contained,omitempty"`
	Extension           []Extension            `json:"extension,omitempty"`
	Identifier          []Identifier           `json:"identifier,omitempty"`
	Active              *bool                  `json:"active,omitempty"`
	Name                []HumanName            `json:"name,omitempty"`
	Telecom             []ContactPoint         `json:"telecom,omitempty"`
	Gender              string                 `json:"gender,omitempty"`
	BirthDate           string                 `json:"birthDate,omitempty"`
	Address             []Address              `json:"address,omitempty"`
	Communication       []PatientCommunication `json:"communication,omitempty"`
	GeneralPractitioner []Reference            `json:"generalPractitioner,omitempty"`
}

// ResourceType returns "Patient".
func (Patient) ResourceType() string { return "Patient" }

// ResourceID returns the logical id.
func (r Patient) ResourceID() string { return r.ID }

// MarshalJSON writes the resource with its type first.
func (r Patient) MarshalJSON() ([]byte, error) {
	type plain Patient
	return marshalResource(r.ResourceType(), plain(r))
}

// Practitioner is FHIR's Practitioner resource.
type Practitioner struct {
	ID            string                      `json:"id,omitempty"`
	Meta          *Meta                       `json:"meta,omitempty"`
	Contained     []Resource                  `json:"contained,omitempty"`
	Extension     []Extension                 `json:"extension,omitempty"`
	Identifier    []Identifier                `json:"identifier,omitempty"`
	Active        *bool                       `json:"active,omitempty"`
	Name          []HumanName                 `json:"name,omitempty"`
	Qualification []PractitionerQualification `json:"qualification,omitempty"`
}

// ResourceType returns "Practitioner".
func (Practitioner) ResourceType() string { return "Practitioner" }

// ResourceID returns the logical id.
func (r Practitioner) ResourceID() string { return r.ID }

// MarshalJSON writes the resource with its type first.
func (r Practitioner) MarshalJSON() ([]byte, error) {
	type plain Practitioner
	return marshalResource(r.ResourceType(), plain(r))
}

// Location is FHIR's Location resource.
type Location struct {
	ID        string      `json:"id,omitempty"`
	Meta      *Meta       `json:"meta,omitempty"`
	Contained []Resource  `json:"contained,omitempty"`
	Extension []Extension `json:"extension,omitempty"`
	Status    string      `json:"status,omitempty"`
	Name      string      `json:"name,omitempty"`
	Address   *Address    `json:"address,omitempty"`
}

// ResourceType returns "Location".
func (Location) ResourceType() string { return "Location" }

// ResourceID returns the logical id.
func (r Location) ResourceID() string { return r.ID }

// MarshalJSON writes the resource with its type first.
func (r Location) MarshalJSON() ([]byte, error) {
	type plain Location
	return marshalResource(r.ResourceType(), plain(r))
}

// Appointment is FHIR's Appointment resource.
type Appointment struct {
	ID                string                   `json:"id,omitempty"`
	Meta              *Meta                    `json:"meta,omitempty"`
	Contained         []Resource               `json:"contained,omitempty"`
	Extension         []Extension              `json:"extension,omitempty"`
	Status            string                   `json:"status,omitempty"`
	CancelationReason *CodeableConcept         `json:"cancelationReason,omitempty"`
	ServiceType       []CodeableConcept        `json:"serviceType,omitempty"`
	Start             string                   `json:"start,omitempty"`
	End               string                   `json:"end,omitempty"`
	Participant       []AppointmentParticipant `json:"participant,omitempty"`
}

// ResourceType returns "Appointment".
func (Appointment) ResourceType() string { return "Appointment" }

// ResourceID returns the logical id.
func (r Appointment) ResourceID() string { return r.ID }

// MarshalJSON writes the resource with its type first.
func (r Appointment) MarshalJSON() ([]byte, error) {
	type plain Appointment
	return marshalResource(r.ResourceType(), plain(r))
}

// AllergyIntolerance is FHIR's AllergyIntolerance resource.
type AllergyIntolerance struct {
	ID                 string            `json:"id,omitempty"`
	Meta               *Meta             `json:"meta,omitempty"`
	Contained          []Resource        `json:"contained,omitempty"`
	Extension          []Extension       `json:"extension,omitempty"`
	ClinicalStatus     *CodeableConcept  `json:"clinicalStatus,omitempty"`
	VerificationStatus *CodeableConcept  `json:"verificationStatus,omitempty"`
	Type               string            `json:"type,omitempty"`
	Category           []string          `json:"category,omitempty"`
	Criticality        string            `json:"criticality,omitempty"`
	Code               *CodeableConcept  `json:"code,omitempty"`
	Patient            Reference         `json:"patient"`
	RecordedDate       string            `json:"recordedDate,omitempty"`
	Reaction           []AllergyReaction `json:"reaction,omitempty"`
}

// ResourceType returns "AllergyIntolerance".
func (AllergyIntolerance) ResourceType() string { return "AllergyIntolerance" }

// ResourceID returns the logical id.
func (r AllergyIntolerance) ResourceID() string { return r.ID }

// MarshalJSON writes the resource with its type first.
func (r AllergyIntolerance) MarshalJSON() ([]byte, error) {
	type plain AllergyIntolerance
	return marshalResource(r.ResourceType(), plain(r))
}

// MedicationStatement is FHIR's MedicationStatement resource.
type MedicationStatement struct {
	ID                        string           `json:"id,omitempty"`
	Meta                      *Meta            `json:"meta,omitempty"`
	Contained                 []Resource       `json:"contained,omitempty"`
	Extension                 []Extension      `json:"extension,omitempty"`
	Status                    string           `json:"status,omitempty"`
	MedicationCodeableConcept *CodeableConcept `json:"medicationCodeableConcept,omitempty"`
	Subject                   Reference        `json:"subject"`
	EffectivePeriod           *Period          `json:"effectivePeriod,omitempty"`
	DateAsserted              string           `json:"dateAsserted,omitempty"`
	Dosage                    []Dosage         `json:"dosage,omitempty"`
}

// ResourceType returns "MedicationStatement".
func (MedicationStatement) ResourceType() string { return "MedicationStatement" }

// ResourceID returns the logical id.
func (r MedicationStatement) ResourceID() string { return r.ID }

// MarshalJSON writes the resource with its type first.
func (r MedicationStatement) MarshalJSON() ([]byte, error) {
	type plain MedicationStatement
	return marshalResource(r.ResourceType(), plain(r))
}

// Consent is FHIR's Consent resource.
type Consent struct {
	ID               string            `json:"id,omitempty"`
	Meta             *Meta             `json:"meta,omitempty"`
	Contained        []Resource        `json:"contained,omitempty"`
	Extension        []Extension       `json:"extension,omitempty"`
	Identifier       []Identifier      `json:"identifier,omitempty"`
	Status           string            `json:"status,omitempty"`
	Scope            CodeableConcept   `json:"scope"`
	Category         []CodeableConcept `json:"category,omitempty"`
	Patient          *Reference        `json:"patient,omitempty"`
	DateTime         string            `json:"dateTime,omitempty"`
	SourceAttachment *Attachment       `json:"sourceAttachment,omitempty"`
	PolicyRule       *CodeableConcept  `json:"policyRule,omitempty"`
	Policy           []ConsentPolicy   `json:"policy,omitempty"`
	Provision        *ConsentProvision `json:"provision,omitempty"`
}

// ResourceType returns "Consent".
func (Consent) ResourceType() string { return "Consent" }

// ResourceID returns the logical id.
func (r Consent) ResourceID() string { return r.ID }

// MarshalJSON writes the resource with its type first.
func (r Consent) MarshalJSON() ([]byte, error) {
	type plain Consent
	return marshalResource(r.ResourceType(), plain(r))
}

// Encounter is FHIR's Encounter resource.
type Encounter struct {
	ID            string                   `json:"id,omitempty"`
	Meta          *Meta                    `json:"meta,omitempty"`
	Contained     []Resource               `json:"contained,omitempty"`
	Extension     []Extension              `json:"extension,omitempty"`
	Status        string                   `json:"status,omitempty"`
	StatusHistory []EncounterStatusHistory `json:"statusHistory,omitempty"`
	Class         Coding                   `json:"class"`
	Subject       *Reference               `json:"subject,omitempty"`
	Participant   []EncounterParticipant   `json:"participant,omitempty"`
	Appointment   []Reference              `json:"appointment,omitempty"`
	Period        *Period                  `json:"period,omitempty"`
	Location      []EncounterLocation      `json:"location,omitempty"`
}

// ResourceType returns "Encounter".
func (Encounter) ResourceType() string { return "Encounter" }

// ResourceID returns the logical id.
func (r Encounter) ResourceID() string { return r.ID }

// MarshalJSON writes the resource with its type first.
func (r Encounter) MarshalJSON() ([]byte, error) {
	type plain Encounter
	return marshalResource(r.ResourceType(), plain(r))
}

// Procedure is FHIR's Procedure resource.
type Procedure struct {
	ID                string               `json:"id,omitempty"`
	Meta              *Meta                `json:"meta,omitempty"`
	Contained         []Resource           `json:"contained,omitempty"`
	Extension         []Extension          `json:"extension,omitempty"`
	Status            string               `json:"status,omitempty"`
	Code              *CodeableConcept     `json:"code,omitempty"`
	Subject           Reference            `json:"subject"`
	Encounter         *Reference           `json:"encounter,omitempty"`
	PerformedDateTime string               `json:"performedDateTime,omitempty"`
	Performer         []ProcedurePerformer `json:"performer,omitempty"`
	BodySite          []CodeableConcept    `json:"bodySite,omitempty"`
	Outcome           *CodeableConcept     `json:"outcome,omitempty"`
	UsedReference     []Reference          `json:"usedReference,omitempty"`
	Note              []Annotation         `json:"note,omitempty"`
}

// ResourceType returns "Procedure".
func (Procedure) ResourceType() string { return "Procedure" }

// ResourceID returns the logical id.
func (r Procedure) ResourceID() string { return r.ID }

// MarshalJSON writes the resource with its type first.
func (r Procedure) MarshalJSON() ([]byte, error) {
	type plain Procedure
	return marshalResource(r.ResourceType(), plain(r))
}

// Device is FHIR's Device resource.
type Device struct {
	ID             string           `json:"id,omitempty"`
	Meta           *Meta            `json:"meta,omitempty"`
	Contained      []Resource       `json:"contained,omitempty"`
	Extension      []Extension      `json:"extension,omitempty"`
	Identifier     []Identifier     `json:"identifier,omitempty"`
	UdiCarrier     []UdiCarrier     `json:"udiCarrier,omitempty"`
	Status         string           `json:"status,omitempty"`
	ExpirationDate string           `json:"expirationDate,omitempty"`
	LotNumber      string           `json:"lotNumber,omitempty"`
	DeviceName     []DeviceName     `json:"deviceName,omitempty"`
	Type           *CodeableConcept `json:"type,omitempty"`
	Patient        *Reference       `json:"patient,omitempty"`
}

// ResourceType returns "Device".
func (Device) ResourceType() string { return "Device" }

// ResourceID returns the logical id.
func (r Device) ResourceID() string { return r.ID }

// MarshalJSON writes the resource with its type first.
func (r Device) MarshalJSON() ([]byte, error) {
	type plain Device
	return marshalResource(r.ResourceType(), plain(r))
}

// Medication is FHIR's Medication resource.
type Medication struct {
	ID         string           `json:"id,omitempty"`
	Meta       *Meta            `json:"meta,omitempty"`
	Contained  []Resource       `json:"contained,omitempty"`
	Extension  []Extension      `json:"extension,omitempty"`
	Identifier []Identifier     `json:"identifier,omitempty"`
	Code       *CodeableConcept `json:"code,omitempty"`
	Batch      *MedicationBatch `json:"batch,omitempty"`
}

// ResourceType returns "Medication".
func (Medication) ResourceType() string { return "Medication" }

// ResourceID returns the logical id.
func (r Medication) ResourceID() string { return r.ID }

// MarshalJSON writes the resource with its type first.
func (r Medication) MarshalJSON() ([]byte, error) {
	type plain Medication
	return marshalResource(r.ResourceType(), plain(r))
}

// MedicationAdministration is FHIR's MedicationAdministration resource.
type MedicationAdministration struct {
	ID                  string                `json:"id,omitempty"`
	Meta                *Meta                 `json:"meta,omitempty"`
	Contained           []Resource            `json:"contained,omitempty"`
	Extension           []Extension           `json:"extension,omitempty"`
	PartOf              []Reference           `json:"partOf,omitempty"`
	Status              string                `json:"status,omitempty"`
	MedicationReference *Reference            `json:"medicationReference,omitempty"`
	Subject             Reference             `json:"subject"`
	Context             *Reference            `json:"context,omitempty"`
	EffectiveDateTime   string                `json:"effectiveDateTime,omitempty"`
	Performer           []ProcedurePerformer  `json:"performer,omitempty"`
	Dosage              *AdministrationDosage `json:"dosage,omitempty"`
}

// ResourceType returns "MedicationAdministration".
func (MedicationAdministration) ResourceType() string { return "MedicationAdministration" }

// ResourceID returns the logical id.
func (r MedicationAdministration) ResourceID() string { return r.ID }

// MarshalJSON writes the resource with its type first.
func (r MedicationAdministration) MarshalJSON() ([]byte, error) {
	type plain MedicationAdministration
	return marshalResource(r.ResourceType(), plain(r))
}

// DocumentReference is FHIR's DocumentReference resource.
type DocumentReference struct {
	ID            string              `json:"id,omitempty"`
	Meta          *Meta               `json:"meta,omitempty"`
	Contained     []Resource          `json:"contained,omitempty"`
	Extension     []Extension         `json:"extension,omitempty"`
	Status        string              `json:"status,omitempty"`
	DocStatus     string              `json:"docStatus,omitempty"`
	Type          *CodeableConcept    `json:"type,omitempty"`
	Subject       *Reference          `json:"subject,omitempty"`
	Date          string              `json:"date,omitempty"`
	Author        []Reference         `json:"author,omitempty"`
	Authenticator *Reference          `json:"authenticator,omitempty"`
	RelatesTo     []DocumentRelatesTo `json:"relatesTo,omitempty"`
	Description   string              `json:"description,omitempty"`
	Content       []DocumentContent   `json:"content,omitempty"`
	Context       *DocumentContext    `json:"context,omitempty"`
}

// ResourceType returns "DocumentReference".
func (DocumentReference) ResourceType() string { return "DocumentReference" }

// ResourceID returns the logical id.
func (r DocumentReference) ResourceID() string { return r.ID }

// MarshalJSON writes the resource with its type first.
func (r DocumentReference) MarshalJSON() ([]byte, error) {
	type plain DocumentReference
	return marshalResource(r.ResourceType(), plain(r))
}

// Invoice is FHIR's Invoice resource.
type Invoice struct {
	ID                  string            `json:"id,omitempty"`
	Meta                *Meta             `json:"meta,omitempty"`
	Contained           []Resource        `json:"contained,omitempty"`
	Extension           []Extension       `json:"extension,omitempty"`
	Identifier          []Identifier      `json:"identifier,omitempty"`
	Status              string            `json:"status,omitempty"`
	Subject             *Reference        `json:"subject,omitempty"`
	Date                string            `json:"date,omitempty"`
	LineItem            []InvoiceLineItem `json:"lineItem,omitempty"`
	TotalPriceComponent []PriceComponent  `json:"totalPriceComponent,omitempty"`
	TotalNet            *Money            `json:"totalNet,omitempty"`
	TotalGross          *Money            `json:"totalGross,omitempty"`
}

// ResourceType returns "Invoice".
func (Invoice) ResourceType() string { return "Invoice" }

// ResourceID returns the logical id.
func (r Invoice) ResourceID() string { return r.ID }

// MarshalJSON writes the resource with its type first.
func (r Invoice) MarshalJSON() ([]byte, error) {
	type plain Invoice
	return marshalResource(r.ResourceType(), plain(r))
}

// Condition is FHIR's Condition resource.
type Condition struct {
	ID                string           `json:"id,omitempty"`
	Meta              *Meta            `json:"meta,omitempty"`
	Contained         []Resource       `json:"contained,omitempty"`
	Extension         []Extension      `json:"extension,omitempty"`
	ClinicalStatus    *CodeableConcept `json:"clinicalStatus,omitempty"`
	Code              *CodeableConcept `json:"code,omitempty"`
	Subject           Reference        `json:"subject"`
	OnsetDateTime     string           `json:"onsetDateTime,omitempty"`
	AbatementDateTime string           `json:"abatementDateTime,omitempty"`
	RecordedDate      string           `json:"recordedDate,omitempty"`
}

// ResourceType returns "Condition".
func (Condition) ResourceType() string { return "Condition" }

// ResourceID returns the logical id.
func (r Condition) ResourceID() string { return r.ID }

// MarshalJSON writes the resource with its type first.
func (r Condition) MarshalJSON() ([]byte, error) {
	type plain Condition
	return marshalResource(r.ResourceType(), plain(r))
}
