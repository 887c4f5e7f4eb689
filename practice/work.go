package practice

import (
	"context"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
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
		return id, &glabella.DeniedError{Decision: glabella.Decide(
			glabella.Denied(CodeStaffRequired, "only a member of staff may do this").WithFix("act as a member of staff"))}
	}
	return id, nil
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
