package practice

import (
	"context"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/storage"
)

// ReadNote returns a note. One that its author keeps from the actor is denied.
func (p *Practice) ReadNote(ctx context.Context, actor glabella.Actor, id glabella.NoteID) (encounter.Note, error) {
	return query(ctx, p, actor, access.EncounterRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (encounter.Note, error) {
		return readNote(ctx, r, actor, id)
	})
}

func readNote(ctx context.Context, r *storage.Reading, actor glabella.Actor, id glabella.NoteID) (encounter.Note, error) {
	n, err := r.Notes().Get(ctx, id)
	if err != nil {
		return n, err
	}
	r.Concerns(n.Patient)
	reader, err := readerOfNotes(ctx, r, actor)
	if err != nil {
		return n, err
	}
	if d := encounter.MayRead(n, reader); d.Outcome == glabella.Deny {
		return encounter.Note{}, &glabella.DeniedError{Decision: d}
	}
	return n, nil
}

// readerOfNotes returns the actor as a reader of notes. Patients and programs are
// of no discipline.
func readerOfNotes(ctx context.Context, r *storage.Reading, actor glabella.Actor) (encounter.Reader, error) {
	by, ok := actor.Staff()
	if !ok {
		return encounter.Reader{}, nil
	}
	staff, err := r.Staff().Get(ctx, by)
	if err != nil {
		return encounter.Reader{}, err
	}
	return readerFor(staff, r.Rules()), nil
}

// PrintNote is the question of [Practice.PrintNote].
type PrintNote struct {
	Note glabella.NoteID
	At   time.Time // as it stood then; zero is now
}

// PrintNote returns a note as people read it, as it stood at an instant: the text
// that was signed, unaltered, and what was amended until then.
func (p *Practice) PrintNote(ctx context.Context, actor glabella.Actor, q PrintNote) (string, error) {
	return query(ctx, p, actor, access.EncounterRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (string, error) {
		n, err := readNote(ctx, r, actor, q.Note)
		if err != nil {
			return "", err
		}
		visit, err := r.Encounters().Get(ctx, n.Encounter)
		if err != nil {
			return "", err
		}
		site, err := r.Sites().Get(ctx, visit.Site)
		if err != nil {
			return "", err
		}
		names := encounter.Names{Labels: map[glabella.Ref]string{}}
		if names.Zone, err = site.Location(); err != nil {
			return "", err
		}
		for _, a := range n.Amendments {
			staff, err := r.Staff().Get(ctx, a.By)
			if err != nil {
				return "", err
			}
			names.Labels[staff.Ref()] = staff.Name
		}
		when := q.At
		if when.IsZero() {
			when = r.Now()
		}
		return n.ReadWith(names, when), nil
	})
}

// withhold takes the notes out of a chart that the actor may not read, and returns
// their identities.
func withhold(ctx context.Context, r *storage.Reading, actor glabella.Actor, notes []encounter.Note) ([]encounter.Note, []glabella.NoteID, error) {
	if !slices.ContainsFunc(notes, func(n encounter.Note) bool { return n.Privacy != "" && n.Privacy != encounter.PrivacyAllStaff }) {
		return notes, nil, nil
	}
	reader, err := readerOfNotes(ctx, r, actor)
	if err != nil {
		return nil, nil, err
	}
	var kept []encounter.Note
	var withheld []glabella.NoteID
	for _, n := range notes {
		if encounter.MayRead(n, reader).Outcome == glabella.Deny {
			withheld = append(withheld, n.ID)
		} else {
			kept = append(kept, n)
		}
	}
	return kept, withheld, nil
}
