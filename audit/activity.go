package audit

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
)

// ActivityQuery says which records of the journal are asked for: those of a user,
// those about a patient, or those of the one about the other. A zero part asks for
// all.
type ActivityQuery struct {
	Actor   glabella.Ref       `json:"actor,omitzero"` // a user, a patient, or a program
	Patient glabella.PatientID `json:"patient,omitzero"`
	From    time.Time          `json:"from,omitzero"` // the first instant
	To      time.Time          `json:"to,omitzero"`   // the instant after the last
}

// Activity yields, in the order of the journal, every record that the query asks
// for, whatever its outcome: all that a user touched, or all who touched a
// patient's record. A record is a user's if they acted, or if it reports an event
// about their account; it is about a patient if they are its subject, or among
// what it read or wrote, or acted themselves.
//
// It reads the journal once, decodes only the entries that name the user and the
// patient, and yields at most one error, last.
func Activity(ctx context.Context, j Journal, q ActivityQuery) iter.Seq2[Record, error] {
	user, patient := escaped(q.Actor.ID), escaped(q.Patient.String())
	return func(yield func(Record, error) bool) {
		for e, err := range j.Entries(ctx, 0, 0) {
			if err != nil {
				yield(Record{}, fmt.Errorf("journal entry: %w", err))
				return
			}
			if !bytes.Contains(e.Bytes, user) || !bytes.Contains(e.Bytes, patient) {
				continue
			}
			r, err := ParseRecord(e.Bytes)
			if err != nil {
				yield(Record{}, fmt.Errorf("journal entry %d: %w", e.Seq, err))
				return
			}
			if q.match(&r) && !yield(r, nil) {
				return
			}
		}
	}
}

// escaped returns the text as it stands within a string of the canonical form.
func escaped(s string) []byte {
	var e encoder
	b := e.str(nil, s)
	return b[1 : len(b)-1]
}

func (q *ActivityQuery) match(r *Record) bool {
	return (q.Actor.IsZero() || r.by(q.Actor)) && (q.Patient.IsZero() || slices.Contains(r.Patients(), q.Patient)) &&
		(q.From.IsZero() || !r.At.Before(q.From)) && (q.To.IsZero() || r.At.Before(q.To))
}

// by reports whether the record is of an actor, or about their account.
func (r *Record) by(actor glabella.Ref) bool {
	if r.Actor.Ref() == actor {
		return true
	}
	return slices.ContainsFunc(r.Events, func(v Event) bool {
		if !SecurityEventType(v.Type).Valid() {
			return false
		}
		e, err := ParseSecurityEvent(v)
		return err == nil && e.Account == actor
	})
}

// Patients returns the patients that the record is about, each once: its subject,
// those whose records it read or wrote, and the one who acted.
func (r Record) Patients() []glabella.PatientID {
	var out []glabella.PatientID
	add := func(ref glabella.Ref) {
		if id, ok := glabella.RefAs[glabella.PatientID](ref); ok && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	add(r.Subject)
	for _, ref := range r.Reads {
		add(ref)
	}
	for _, c := range r.Changes {
		add(c.Ref)
	}
	add(r.Actor.Ref())
	return out
}

// Contact sums up what one actor did with one patient's record.
type Contact struct {
	Actor     glabella.Ref       `json:"actor"`
	Patient   glabella.PatientID `json:"patient,omitzero"` // zero for what was about no patient
	Entries   int                `json:"entries"`
	Denied    int                `json:"denied"`    // of which the actor may not do
	Emergency int                `json:"emergency"` // of which were emergency access
	First     time.Time          `json:"first"`
	Last      time.Time          `json:"last"`
	Actions   map[string]int     `json:"actions"`
}

// Contacts sums up the records that the query asks for, by actor and patient: all
// patients of a user, or all users of a patient. The one who was there last comes
// first.
func Contacts(ctx context.Context, j Journal, q ActivityQuery) ([]Contact, error) {
	type key struct {
		actor   glabella.Ref
		patient glabella.PatientID
	}
	found := map[key]*Contact{}
	for r, err := range Activity(ctx, j, q) {
		if err != nil {
			return nil, err
		}
		patients := r.Patients()
		if len(patients) == 0 {
			patients = []glabella.PatientID{{}}
		}
		for _, p := range patients {
			if !q.Patient.IsZero() && p != q.Patient {
				continue
			}
			k := key{r.Actor.Ref(), p}
			c := found[k]
			if c == nil {
				c = &Contact{Actor: k.actor, Patient: p, First: r.At, Actions: map[string]int{}}
				found[k] = c
			}
			c.Entries++
			c.Last = r.At
			c.Actions[r.Action]++
			if r.Outcome == Denied {
				c.Denied++
			}
			if r.emergency() {
				c.Emergency++
			}
		}
	}
	out := make([]Contact, 0, len(found))
	for _, c := range found {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Contact) int {
		return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.Actor.String(), b.Actor.String()), cmp.Compare(a.Patient.String(), b.Patient.String()))
	})
	return out, nil
}

// inEmergency is the code with which the access policy opens a record in an
// emergency.
const inEmergency = "access.break-glass.in-use"

// emergency reports whether the record is of an access against the rules: the actor
// says so, or the access policy has opened the record.
func (r *Record) emergency() bool {
	return r.Actor.BreakGlass != "" || r.Actor.Purpose == glabella.PurposeBreakGlass ||
		slices.ContainsFunc(r.Reasons, func(x ReasonRef) bool { return x.Code == inEmergency })
}
