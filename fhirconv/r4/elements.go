package r4

// PatientCommunication is FHIR's Patient.communication.
type PatientCommunication struct {
	Extension []Extension     `json:"extension,omitempty"`
	Language  CodeableConcept `json:"language"`
	Preferred *bool           `json:"preferred,omitempty"`
}

// PractitionerQualification is FHIR's Practitioner.qualification.
type PractitionerQualification struct {
	Extension  []Extension     `json:"extension,omitempty"`
	Identifier []Identifier    `json:"identifier,omitempty"`
	Code       CodeableConcept `json:"code"`
	Period     *Period         `json:"period,omitempty"`
}

// AppointmentParticipant is FHIR's Appointment.participant.
type AppointmentParticipant struct {
	Extension []Extension `json:"extension,omitempty"`
	Actor     *Reference  `json:"actor,omitempty"`
	Status    string      `json:"status,omitempty"`
}

// AllergyReaction is FHIR's AllergyIntolerance.reaction.
type AllergyReaction struct {
	Extension     []Extension       `json:"extension,omitempty"`
	Manifestation []CodeableConcept `json:"manifestation,omitempty"`
	Onset         string            `json:"onset,omitempty"`
	Severity      string            `json:"severity,omitempty"`
}

// Dosage is FHIR's Dosage.
type Dosage struct {
	Extension []Extension `json:"extension,omitempty"`
	Text      string      `json:"text,omitempty"`
}

// ConsentPolicy is FHIR's Consent.policy.
type ConsentPolicy struct {
	Extension []Extension `json:"extension,omitempty"`
	URI       string      `json:"uri,omitempty"`
}

// ConsentProvision is FHIR's Consent.provision.
type ConsentProvision struct {
	Extension []Extension `json:"extension,omitempty"`
	Type      string      `json:"type,omitempty"`
	Period    *Period     `json:"period,omitempty"`
}

// EncounterParticipant is FHIR's Encounter.participant.
type EncounterParticipant struct {
	Extension  []Extension `json:"extension,omitempty"`
	Individual *Reference  `json:"individual,omitempty"`
}

// EncounterLocation is FHIR's Encounter.location.
type EncounterLocation struct {
	Extension []Extension `json:"extension,omitempty"`
	Location  Reference   `json:"location"`
}

// ProcedurePerformer is FHIR's Procedure.performer and MedicationAdministration.performer.
type ProcedurePerformer struct {
	Extension []Extension `json:"extension,omitempty"`
	Actor     Reference   `json:"actor"`
}

// UdiCarrier is FHIR's Device.udiCarrier.
type UdiCarrier struct {
	Extension        []Extension `json:"extension,omitempty"`
	DeviceIdentifier string      `json:"deviceIdentifier,omitempty"`
	Issuer           string      `json:"issuer,omitempty"`
	CarrierHRF       string      `json:"carrierHRF,omitempty"`
}

// DeviceName is FHIR's Device.deviceName.
type DeviceName struct {
	Extension []Extension `json:"extension,omitempty"`
	Name      string      `json:"name,omitempty"`
	Type      string      `json:"type,omitempty"`
}

// MedicationBatch is FHIR's Medication.batch.
type MedicationBatch struct {
	Extension      []Extension `json:"extension,omitempty"`
	LotNumber      string      `json:"lotNumber,omitempty"`
	ExpirationDate string      `json:"expirationDate,omitempty"`
}

// AdministrationDosage is FHIR's MedicationAdministration.dosage.
type AdministrationDosage struct {
	Extension []Extension      `json:"extension,omitempty"`
	Text      string           `json:"text,omitempty"`
	Site      *CodeableConcept `json:"site,omitempty"`
	Dose      *Quantity        `json:"dose,omitempty"`
}

// DocumentContent is FHIR's DocumentReference.content.
type DocumentContent struct {
	Extension  []Extension `json:"extension,omitempty"`
	Attachment Attachment  `json:"attachment"`
}

// DocumentContext is FHIR's DocumentReference.context.
type DocumentContext struct {
	Extension []Extension `json:"extension,omitempty"`
	Encounter []Reference `json:"encounter,omitempty"`
}

// InvoiceLineItem is FHIR's Invoice.lineItem.
type InvoiceLineItem struct {
	Extension                 []Extension      `json:"extension,omitempty"`
	Sequence                  int              `json:"sequence,omitempty"`
	ChargeItemCodeableConcept *CodeableConcept `json:"chargeItemCodeableConcept,omitempty"`
	PriceComponent            []PriceComponent `json:"priceComponent,omitempty"`
}

// PriceComponent is FHIR's Invoice.lineItem.priceComponent.
type PriceComponent struct {
	Extension []Extension      `json:"extension,omitempty"`
	Type      string           `json:"type,omitempty"`
	Code      *CodeableConcept `json:"code,omitempty"`
	Factor    *Decimal         `json:"factor,omitempty"`
	Amount    *Money           `json:"amount,omitempty"`
}

// EncounterStatusHistory is FHIR's Encounter.statusHistory.
type EncounterStatusHistory struct {
	Extension []Extension `json:"extension,omitempty"`
	Status    string      `json:"status"`
	Period    Period      `json:"period"`
}

// DocumentRelatesTo is FHIR's DocumentReference.relatesTo.
type DocumentRelatesTo struct {
	Extension []Extension `json:"extension,omitempty"`
	Code      string      `json:"code"`
	Target    Reference   `json:"target"`
}
