package patient

import (
	"fmt"
	"slices"

	"github.com/glabella-ehr/glabella"
)

// Relationship is what a related person is to the patient: a code of HL7's
// RoleCode (http://terminology.hl7.org/CodeSystem/v3-RoleCode).
type Relationship string

// The relationships.
const (
	RelationMother             Relationship = "MTH"
	RelationFather             Relationship = "FTH"
	RelationParent             Relationship = "PRN"
	RelationStepParent         Relationship = "STPPRN"
	RelationGrandparent        Relationship = "GRPRN"
	RelationSpouse             Relationship = "SPS"
	RelationPartner            Relationship = "DOMPART"
	RelationChild              Relationship = "CHILD"
	RelationSibling            Relationship = "SIB"
	RelationFamily             Relationship = "FAMMEMB"
	RelationFriend             Relationship = "FRND"
	RelationGuardian           Relationship = "GUARD"
	RelationAttorney           Relationship = "POWATT"
	RelationHealthcareAttorney Relationship = "HPOWATT"
)

// Relationships returns every relationship.
func Relationships() []Relationship {
	return []Relationship{
		RelationMother, RelationFather, RelationParent, RelationStepParent, RelationGrandparent, RelationSpouse, RelationPartner,
		RelationChild, RelationSibling, RelationFamily, RelationFriend, RelationGuardian, RelationAttorney, RelationHealthcareAttorney,
	}
}

// Valid reports whether r is one of [Relationships].
func (r Relationship) Valid() bool { return slices.Contains(Relationships(), r) }

// RelatedRole is what a related person does for the patient.
type RelatedRole string

// The roles of a related person.
const (
	RoleGuardian         RelatedRole = "guardian"          // decides for a minor
	RoleRepresentative   RelatedRole = "representative"    // decides for an adult who cannot
	RoleEmergencyContact RelatedRole = "emergency-contact" // is called in an emergency
	RolePayer            RelatedRole = "payer"             // pays in the patient's stead
	RoleHousehold        RelatedRole = "household"         // lives with the patient
	RoleInterpreter      RelatedRole = "interpreter"       // interprets for the patient
)

// RelatedRoles returns every role of a related person.
func RelatedRoles() []RelatedRole {
	return []RelatedRole{RoleGuardian, RoleRepresentative, RoleEmergencyContact, RolePayer, RoleHousehold, RoleInterpreter}
}

// Valid reports whether r is one of [RelatedRoles].
func (r RelatedRole) Valid() bool { return slices.Contains(RelatedRoles(), r) }

// Related is a person related to the patient, as FHIR's RelatedPerson. A role
// gives no access to the record: that is for package access.
type Related struct {
	ID           glabella.RelatedID  `json:"id"`
	Patient      glabella.PatientID  `json:"patient,omitzero"` // set if they are a patient here too
	Name         Name                `json:"name,omitzero"`    // may be empty if they are a patient here
	Relationship Relationship        `json:"relationship"`
	Contacts     []Contact           `json:"contacts"`
	Roles        []RelatedRole       `json:"roles"`
	Authority    string              `json:"authority,omitempty"` // reference of the document that a guardian or representative acts under
	From         glabella.Date       `json:"from,omitzero"`
	To           glabella.Date       `json:"to,omitzero"` // the last day
	Provenance   glabella.Provenance `json:"provenance,omitzero"`
}

// Ref returns the reference to the related person.
func (r Related) Ref() glabella.Ref { return r.ID.Ref() }

// Holds reports whether the person stands in this relation on a day.
func (r Related) Holds(on glabella.Date) bool { return holds(r.From, r.To, on) }

// Guardians returns those who are a guardian of the patient on a day.
func (p Patient) Guardians(on glabella.Date) []Related { return p.relatedAs(RoleGuardian, on) }

// Payers returns those who pay in the patient's stead on a day. If there is
// nobody, the patient pays.
func (p Patient) Payers(on glabella.Date) []Related { return p.relatedAs(RolePayer, on) }

// EmergencyContacts returns those to be called in an emergency on a day.
func (p Patient) EmergencyContacts(on glabella.Date) []Related {
	return p.relatedAs(RoleEmergencyContact, on)
}

func (p Patient) relatedAs(role RelatedRole, on glabella.Date) []Related {
	var out []Related
	for _, r := range p.Related {
		if slices.Contains(r.Roles, role) && r.Holds(on) {
			out = append(out, r)
		}
	}
	return out
}

// CodeRelatedSelf says that a patient is given as a person related to themselves.
const CodeRelatedSelf glabella.Code = "patient.related.self"

func relatedIssues(at string, p Patient) []glabella.Issue {
	var issues []glabella.Issue
	seen := map[glabella.RelatedID]bool{}
	for i, r := range p.Related {
		path := fmt.Sprintf("%s/%d", at, i)
		add := func(member string, code glabella.Code, text string) {
			issues = append(issues, glabella.Issue{Path: path + member, Code: code, Text: text})
		}
		switch {
		case r.ID.IsZero():
			add("/id", glabella.CodeRequired, "must be given")
		case seen[r.ID]:
			add("/id", glabella.CodeDuplicate, "given twice")
		}
		seen[r.ID] = true
		if r.Patient.IsZero() && r.Name.String() == "" {
			add("/name", glabella.CodeRequired, "a related person has a name or a record of their own")
		}
		if !r.Patient.IsZero() && r.Patient == p.ID {
			add("/patient", CodeRelatedSelf, "is the patient")
		}
		if r.Name.Use != "" && !r.Name.Use.Valid() {
			add("/name/use", glabella.CodeUnknownValue, "not a use of a name")
		}
		if !r.Relationship.Valid() {
			add("/relationship", glabella.CodeUnknownValue, "not a relationship")
		}
		if len(r.Roles) == 0 {
			add("/roles", glabella.CodeRequired, "must have at least one entry")
		}
		for k, role := range r.Roles {
			if !role.Valid() {
				add(fmt.Sprintf("/roles/%d", k), glabella.CodeUnknownValue, "not a role")
			} else if slices.Contains(r.Roles[:k], role) {
				add(fmt.Sprintf("/roles/%d", k), glabella.CodeDuplicate, "given twice")
			}
		}
		issues = append(issues, contactIssues(path+"/contacts", r.Contacts)...)
		issues = append(issues, periodIssues(path, r.From, r.To)...)
		issues = append(issues, partProvenance(r.Provenance, path+"/provenance")...)
	}
	return issues
}
