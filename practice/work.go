package practice

import (
	"context"
	"strings"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/patient"
)

// place returns the site that the actor works at.
func (w *work) place(ctx context.Context) (place, error) {
	return at(ctx, w.Sites(), w.actor, w.Now())
}

// staff returns the actor's staff identity. Use cases that record who did
// something ask for one.
func (w *work) staff() (glabella.StaffID, error) {
	id, ok := w.actor.Staff()
	if !ok {
		return id, staffRequired()
	}
	return id, nil
}

func staffRequired() error {
	return &glabella.DeniedError{Decision: glabella.Decide(
		glabella.Denied(CodeStaffRequired, "only a member of staff may do this").WithFix("act as a member of staff"))}
}

// performer returns the site that the actor works at and the actor's staff
// identity.
func (w *work) performer(ctx context.Context) (place, glabella.StaffID, error) {
	site, err := w.place(ctx)
	if err != nil {
		return site, glabella.StaffID{}, err
	}
	id, err := w.staff()
	return site, id, err
}

// visit returns the visit that a command is about, at the version that the
// caller has seen.
func (w *work) visit(ctx context.Context, id glabella.EncounterID) (encounter.Encounter, error) {
	v, err := w.Encounters().Get(ctx, id)
	if err != nil {
		return v, err
	}
	w.Concerns(v.Patient)
	return v, w.expect(v.Ref(), v.Version)
}

// note returns the note that a command is about, at the version that the caller
// has seen.
func (w *work) note(ctx context.Context, id glabella.NoteID) (encounter.Note, error) {
	n, err := w.Notes().Get(ctx, id)
	if err != nil {
		return n, err
	}
	w.Concerns(n.Patient)
	return n, w.expect(n.Ref(), n.Version)
}

// visitOf sees that a visit, if one is named, is the patient's.
func (w *work) visitOf(ctx context.Context, id glabella.EncounterID, of glabella.PatientID) error {
	if id.IsZero() {
		return nil
	}
	v, err := w.Encounters().Get(ctx, id)
	if err != nil {
		return err
	}
	if v.Patient != of {
		return glabella.Invalid("visit", glabella.Issue{Path: "/encounter", Code: CodeOtherPatient, Text: "the visit is another patient's"})
	}
	return nil
}

// CodeOtherPatient says that a record belongs to another patient than the one it is used for.
const CodeOtherPatient glabella.Code = "practice.patient.other"

// reasonCode sees that a reason is a code: reasons are journaled, and so is no
// free text.
func reasonCode(path, reason string) error {
	if reasonForm.MatchString(reason) {
		return nil
	}
	return glabella.Invalid("reason", glabella.Issue{Path: path, Code: glabella.CodeFormat, Text: "a reason is a code of lower-case letters, digits and hyphens"})
}

// normal returns contacts and addresses in the form in which they are stored:
// numbers are dialled where the actor works.
func (w *work) normal(ctx context.Context, contacts []patient.Contact, addresses []patient.Address) ([]patient.Contact, []patient.Address, error) {
	region := ""
	if !w.actor.Site.IsZero() {
		site, err := w.Sites().Get(ctx, w.actor.Site)
		if err != nil {
			return nil, nil, err
		}
		region, _, _ = strings.Cut(site.Jurisdiction, "-")
	}
	return patient.NormalizeContacts(contacts, w.p.phones, region), patient.NormalizeAddresses(addresses), nil
}

// entered is the provenance of what the actor enters now.
func (w *work) entered() glabella.Provenance {
	return glabella.Provenance{Source: glabella.SourceEntered, Author: w.actor.Ref(), RecordedAt: w.Now()}
}
