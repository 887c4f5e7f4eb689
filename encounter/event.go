package encounter

import "github.com/glabella-ehr/glabella"

// Arrived is the business event of a patient's arrival.
type Arrived struct {
	Encounter   glabella.EncounterID   `json:"encounter"`
	Patient     glabella.PatientID     `json:"patient"`
	Site        glabella.SiteID        `json:"site"`
	Appointment glabella.AppointmentID `json:"appointment,omitzero"`
}

// CancelledEvent is the business event of a visit in which nothing was done.
type CancelledEvent struct {
	Encounter glabella.EncounterID `json:"encounter"`
	Patient   glabella.PatientID   `json:"patient"`
	Site      glabella.SiteID      `json:"site"`
	Reason    string               `json:"reason"`
}

// Charted is the business event of a procedure that was charted.
type Charted struct {
	Encounter glabella.EncounterID `json:"encounter"`
	Procedure glabella.ProcedureID `json:"procedure"`
	Template  string               `json:"template"`
	Product   string               `json:"product"`
}

// Assessed is the business event of a patient's assessment within a visit.
type Assessed struct {
	Encounter glabella.EncounterID `json:"encounter"`
	Patient   glabella.PatientID   `json:"patient"`
	Problems  int                  `json:"problems"` // how many were found
	Planned   int                  `json:"planned"`  // how many things are planned
}

// Completed is the business event of a visit that has ended.
type Completed struct {
	Encounter  glabella.EncounterID `json:"encounter"`
	Patient    glabella.PatientID   `json:"patient"`
	Site       glabella.SiteID      `json:"site"`
	Provider   glabella.StaffID     `json:"provider"`
	Procedures []CompletedProcedure `json:"procedures"`
}

// CompletedProcedure is a procedure of a visit that has ended.
type CompletedProcedure struct {
	Procedure       glabella.ProcedureID `json:"procedure"`
	Template        string               `json:"template"`
	Product         string               `json:"product"`
	Performer       glabella.StaffID     `json:"performer"`
	Administrations []Administration     `json:"administrations"`
}

// Event returns the business event of the visit's end.
func (e Encounter) Event() Completed {
	out := Completed{Encounter: e.ID, Patient: e.Patient, Site: e.Site, Provider: e.Provider}
	for _, p := range e.Procedures {
		out.Procedures = append(out.Procedures, CompletedProcedure{Procedure: p.ID, Template: p.Record.Template.Code, Product: p.Record.Product, Performer: p.Performer, Administrations: cloneAdministrations(p.Administrations)})
	}
	return out
}

// Cleared is the business event of a good-faith exam.
type Cleared struct {
	Clearance glabella.ClearanceID `json:"clearance"`
	Patient   glabella.PatientID   `json:"patient"`
	Scope     []string             `json:"scope"`
	Decision  ClearanceDecision    `json:"decision"`
}

// NoteSigned is the business event of a signature under a note.
type NoteSigned struct {
	Note      glabella.NoteID      `json:"note"`
	Encounter glabella.EncounterID `json:"encounter"`
	By        glabella.StaffID     `json:"by"`
	Role      SignatureRole        `json:"role"`
	State     NoteState            `json:"state"`
	Hash      string               `json:"hash"`
}

// NoteAmended is the business event of an amendment to a note.
type NoteAmended struct {
	Note glabella.NoteID  `json:"note"`
	By   glabella.StaffID `json:"by"`
	Kind AmendmentKind    `json:"kind"`
	Hash string           `json:"hash"`
}

// ClearanceRevoked is the business event of a good-faith exam that holds no more.
type ClearanceRevoked struct {
	Clearance glabella.ClearanceID `json:"clearance"`
	Patient   glabella.PatientID   `json:"patient"`
	Reason    string               `json:"reason"`
}
