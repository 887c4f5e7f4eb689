package glabella

import (
	"slices"
	"time"
)

// ActorKind says what kind of party acts.
type ActorKind string

// The kinds of actor.
const (
	ActorStaff   ActorKind = "staff"   // a member of staff
	ActorPatient ActorKind = "patient" // the patient, through a portal of the host
	ActorSystem  ActorKind = "system"  // a program: an import, an interface, a scheduled job
)

// ActorKinds returns every kind of actor.
func ActorKinds() []ActorKind { return []ActorKind{ActorStaff, ActorPatient, ActorSystem} }

// Valid reports whether k is one of [ActorKinds].
func (k ActorKind) Valid() bool { return slices.Contains(ActorKinds(), k) }

// Purpose is the purpose of use of an access, in the terms of HL7's v3
// ActReason (PurposeOfUse).
type Purpose string

// The purposes of use.
const (
	PurposeTreatment  Purpose = "TREAT"   // care of the patient
	PurposeEmergency  Purpose = "ETREAT"  // emergency care
	PurposeBreakGlass Purpose = "BTG"     // access against the rules, for a stated reason
	PurposePayment    Purpose = "HPAYMT"  // billing
	PurposeOperations Purpose = "HOPERAT" // running the practice
	PurposeMarketing  Purpose = "HMARKT"  // marketing
	PurposeResearch   Purpose = "HRESCH"  // research
	PurposePatient    Purpose = "PATRQT"  // the patient asked for it
)

// Purposes returns every purpose of use.
func Purposes() []Purpose {
	return []Purpose{PurposeTreatment, PurposeEmergency, PurposeBreakGlass, PurposePayment, PurposeOperations, PurposeMarketing, PurposeResearch, PurposePatient}
}

// Valid reports whether p is one of [Purposes].
func (p Purpose) Valid() bool {
	switch p {
	case PurposeTreatment, PurposeEmergency, PurposeBreakGlass, PurposePayment, PurposeOperations, PurposeMarketing, PurposeResearch, PurposePatient:
		return true
	}
	return false
}

// Actor is who acts, as the host has authenticated them. The library does not
// authenticate: it decides on what the host vouches for, and journals it.
type Actor struct {
	Kind       ActorKind      `json:"kind"`
	ID         string         `json:"id"`                   // a [StaffID], a [PatientID], or the name of a program
	OnBehalfOf Ref            `json:"onBehalfOf,omitzero"`  // whom the actor stands for: a guardian's child, a proxy's prescriber
	Site       SiteID         `json:"site,omitzero"`        // where the actor is
	Purpose    Purpose        `json:"purpose"`              // why
	Auth       Authentication `json:"auth,omitzero"`        // how the host knows
	BreakGlass string         `json:"breakGlass,omitempty"` // the reason code for access against the rules
}

// Authentication is the host's evidence of who the actor is.
type Authentication struct {
	Method string    `json:"method,omitempty"` // authentication method reference, RFC 8176: "pwd", "otp", "hwk"
	Level  int       `json:"level,omitempty"`  // authenticator assurance level, NIST SP 800-63B: 1 to 3
	At     time.Time `json:"at,omitzero"`      // when the actor last proved it
}

// StaffActor returns the actor for a member of staff who gives care at a site.
func StaffActor(id StaffID, site SiteID) Actor {
	return Actor{Kind: ActorStaff, ID: id.String(), Site: site, Purpose: PurposeTreatment}
}

// SystemActor returns the actor for a program of the practice.
func SystemActor(name string) Actor {
	return Actor{Kind: ActorSystem, ID: name, Purpose: PurposeOperations}
}

// Staff returns the actor's staff identity, and false if it is not staff.
func (a Actor) Staff() (StaffID, bool) {
	if a.Kind != ActorStaff {
		return StaffID{}, false
	}
	id, err := ParseID[StaffID](a.ID)
	return id, err == nil
}

// Ref returns the reference to the actor.
func (a Actor) Ref() Ref {
	if a.Kind == "" {
		return Ref{}
	}
	return Ref{Kind: string(a.Kind), ID: a.ID}
}

// Validate reports an actor that cannot be held to account: no kind, no
// identity or no purpose.
func (a Actor) Validate() error {
	var issues []Issue
	if !a.Kind.Valid() {
		issues = append(issues, Issue{Path: "/kind", Code: CodeUnknownValue, Text: "not a kind of actor"})
	}
	switch _, isStaff := a.Staff(); {
	case a.ID == "":
		issues = append(issues, Issue{Path: "/id", Code: CodeRequired, Text: "an actor has an identity"})
	case a.Kind == ActorStaff && !isStaff:
		issues = append(issues, Issue{Path: "/id", Code: CodeFormat, Text: "not a staff id"})
	}
	if !a.Purpose.Valid() {
		issues = append(issues, Issue{Path: "/purpose", Code: CodeUnknownValue, Text: "not a purpose of use"})
	}
	return Invalid("actor", issues...)
}
