package storage

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/config"
)

// Codes of reasons that the store raises.
const (
	// CodeNoOutcome says that a command ended without saying what it did.
	CodeNoOutcome glabella.Code = "storage.outcome.missing"
	// CodeTampered says that a stored record is not what the journal says was stored.
	CodeTampered glabella.Code = "storage.record.tampered"
	// CodeUnjournaled says that a record or a version is stored that the journal does not know.
	CodeUnjournaled glabella.Code = "storage.record.unjournaled"
	// CodeMissing says that a version that the journal knows is not stored.
	CodeMissing glabella.Code = "storage.record.missing"
	// CodeTransition says that the action is not possible in the state that the record is in.
	CodeTransition glabella.Code = "storage.transition"
	// CodeNotFound says that a record that the command names does not exist.
	CodeNotFound glabella.Code = "storage.not-found"
	// CodeConflict says that a record has changed since the caller read it.
	CodeConflict glabella.Code = "storage.conflict"
	// CodeFailed says that the command failed for a technical reason.
	CodeFailed glabella.Code = "storage.failed"
)

// Store is the only way for use cases to a [Backend]. It asks for an access
// decision, validates, stamps, notes and journals. A Store is safe for
// concurrent use.
type Store struct {
	backend Backend
	env     Env
	rules   access.Rules
	broken  error // what is wrong with the policy; nothing is permitted then
}

// Env is where a store gets time and chance from. The zero value of each field
// is the real one.
type Env struct {
	Now     func() time.Time // the time; the default is time.Now
	NewUUID func() uuid.UUID // fresh identities; the default is UUID version 7
	Nonce   func() string    // fresh chance for record stamps; the default is 128 bits of crypto/rand
	Policy  *access.Policy   // who may do what; the default is access.DefaultPolicy
	// Circumstances finds what rules of the policy ask about a patient's record and
	// who acts. It is only called for actions that such a rule is about. Without it,
	// nobody takes part in anybody's care and no record is restricted.
	Circumstances func(ctx context.Context, tx Tx, a Asked) (access.Circumstances, error)
}

// NewStore returns the store over a backend. A nil env is the real environment.
func NewStore(b Backend, env *Env) *Store {
	s := &Store{backend: b}
	if env != nil {
		s.env = *env
	}
	if s.env.Now == nil {
		s.env.Now = time.Now
	}
	if s.env.NewUUID == nil {
		s.env.NewUUID = func() uuid.UUID { return uuid.Must(uuid.NewV7()) }
	}
	if s.env.Nonce == nil {
		s.env.Nonce = func() string {
			var b [16]byte
			rand.Read(b[:])
			return hex.EncodeToString(b[:])
		}
	}
	if s.env.Policy == nil {
		p := access.DefaultPolicy()
		s.env.Policy = &p
	}
	s.rules, s.broken = s.env.Policy.Compile()
	return s
}

// Now returns the store's time as it is stamped: UTC, in microseconds.
func (s *Store) Now() time.Time { return s.env.Now().UTC().Truncate(time.Microsecond) }

// Policy returns the access policy in force.
func (s *Store) Policy() access.Policy { return s.rules.Policy() }

// Session says who acts, in which action, and whom it concerns.
type Session struct {
	Actor   glabella.Actor
	Action  access.Action
	Patient glabella.PatientID // whom the action concerns, if it is one patient
	Key     string             // digest of the idempotency key, if there is one
}

// Outcome says that a command was carried out, and which business events follow
// from it. Only [Recorded] makes one; a command that returns the zero Outcome is
// rolled back.
type Outcome struct {
	recorded bool
	done     bool
	dryRun   bool
	events   []audit.Event
}

// Recorded returns the outcome of a command that was carried out.
func Recorded(events ...audit.Event) Outcome { return Outcome{recorded: true, events: events} }

// Tried returns the outcome of the same command if it was only tried: the
// transaction is rolled back, and the journal holds that it was tried.
func (o Outcome) Tried() Outcome {
	o.dryRun = true
	return o
}

// AlreadyDone returns the outcome of a command that had been carried out before
// under the same idempotency key: nothing is written, not even a journal record.
func AlreadyDone() Outcome { return Outcome{done: true} }

// Work is a transaction of a command: tracked repositories, the time, fresh
// identities, and the decisions that the command asked for.
type Work struct {
	tx    Tx
	store *Store
	trail *trail

	patient      glabella.PatientID
	concerned    []glabella.PatientID
	doneBy       []glabella.StaffID
	roles        []access.Role // that the actor acts in
	reasons      []glabella.Reason
	acknowledged []glabella.Code
	settled      []glabella.Code
}

// Now returns the time of the command, the same throughout: UTC, microseconds.
func (w *Work) Now() time.Time { return w.trail.now }

// NewUUID returns a fresh identity; convert it to the ID type that it is for.
func (w *Work) NewUUID() uuid.UUID { return w.store.env.NewUUID() }

// Rules returns the rules of the access policy in force.
func (w *Work) Rules() access.Rules { return w.store.rules }

// Concerns says which patient the command concerns, once that is known.
func (w *Work) Concerns(id glabella.PatientID) {
	w.patient = id
	w.concerned = append(w.concerned, id)
}

// DoneBy says who did what went before and may be kept from what the command does,
// once that is known.
func (w *Work) DoneBy(who ...glabella.StaffID) { w.doneBy = append(w.doneBy, who...) }

// Journal returns the journal for reading, as it is without what the command does.
func (w *Work) Journal() audit.Journal { return w.tx.Journal() }

// Sight returns what the actor may see of records, and what they may change.
func (w *Work) Sight() (read, write access.Classes) { return w.store.rules.Sight(w.roles) }

// Acknowledge says which warnings the actor has acknowledged.
func (w *Work) Acknowledge(codes ...glabella.Code) { w.acknowledged = append(w.acknowledged, codes...) }

// Require returns a [*glabella.RefusedError] unless the decision permits the
// action with the warnings that the actor has acknowledged. The acknowledged
// warnings are journaled.
func (w *Work) Require(d glabella.Decision) error {
	if err := glabella.Refuse(d, w.acknowledged...); err != nil {
		return err
	}
	w.reasons = append(w.reasons, d.Reasons...)
	for _, r := range d.Reasons {
		w.settled = append(w.settled, r.Code)
	}
	return nil
}

// Settled returns the codes of the warnings that were acknowledged so far.
func (w *Work) Settled() []glabella.Code { return slices.Clone(w.settled) }

// Reading is a transaction of a query.
type Reading struct {
	tx    Tx
	store *Store
	trail *trail

	patient   glabella.PatientID
	concerned []glabella.PatientID
	roles     []access.Role // that the actor acts in
}

// Now returns the time of the query, the same throughout: UTC, microseconds.
func (r *Reading) Now() time.Time { return r.trail.now }

// Rules returns the rules of the access policy in force.
func (r *Reading) Rules() access.Rules { return r.store.rules }

// Concerns says which patient the query concerns, once that is known.
func (r *Reading) Concerns(id glabella.PatientID) {
	r.patient = id
	r.concerned = append(r.concerned, id)
}

// Sight returns what the actor may see of records, and what they may change.
func (r *Reading) Sight() (read, write access.Classes) { return r.store.rules.Sight(r.roles) }

// Journal returns the journal for reading.
func (r *Reading) Journal() audit.Journal { return r.tx.Journal() }

func (s *Store) newTrail(now time.Time) *trail {
	return &trail{now: now, nonce: s.env.Nonce, seen: map[glabella.Ref]bool{}, current: map[glabella.Ref]any{}}
}

// errRolledBack ends the transaction of a dry run.
var errRolledBack = errors.New("rolled back")

// Update carries out a command: it decides on access, runs fn, and appends the
// journal record, all in one transaction. It returns the journal record. fn may
// run again and must have no effect outside w.
//
// Whatever goes wrong leaves nothing written but a journal record that says so:
// a denial ([*glabella.DeniedError]), a refusal ([glabella.ErrRefused]), invalid
// input and conflicts. If that record cannot be written either, the error says
// so too.
func (s *Store) Update(ctx context.Context, ses Session, fn func(ctx context.Context, w *Work) (Outcome, error)) (audit.Record, error) {
	now := s.Now()
	var rec audit.Record
	var w *Work
	var asked authorization
	err := s.backend.Update(ctx, func(ctx context.Context, tx Tx) error {
		w = &Work{tx: tx, store: s, trail: s.newTrail(now), patient: ses.Patient}
		rec = s.record(ses, now, audit.Done)
		var err error
		if asked, err = s.authorize(ctx, tx, ses, now); err != nil {
			return err
		}
		w.roles = access.RolesOf(ses.Actor, asked.facts.Staff)
		out, err := fn(ctx, w)
		if err != nil {
			return asked.before(err)
		}
		if err := asked.again(ctx, tx, w.concerned, w.doneBy); err != nil {
			return err
		}
		w.reasons = append(w.reasons, asked.reasons...)
		if out.done {
			rec = audit.Record{}
			return nil
		}
		if !out.recorded {
			return glabella.Invalid("command", glabella.Issue{Code: CodeNoOutcome, Text: "the command did not say what it did"})
		}
		w.describe(&rec)
		if out.dryRun {
			rec.Outcome, rec.Changes = audit.DryRun, nil
			return errRolledBack
		}
		rec.Events = out.events
		rec, err = audit.Add(ctx, tx.Journal(), rec)
		return err
	})
	switch {
	case err == nil:
		return rec, nil
	case errors.Is(err, errRolledBack):
		return s.journal(ctx, rec)
	}
	failed := s.record(ses, now, outcomeOf(err))
	if w != nil {
		failed.Subject = w.patient.Ref()
	}
	failed.Reasons = reasonsOf(err)
	if _, jerr := s.journal(ctx, failed); jerr != nil {
		return audit.Record{}, errors.Join(err, fmt.Errorf("journal the failure: %w", jerr))
	}
	return audit.Record{}, err
}

// View answers a query: it decides on access, runs fn, and appends to the
// journal which records were read. Only then does it return nil; if the journal
// cannot be written, it returns an error and the caller must not hand out what
// fn has gathered.
func (s *Store) View(ctx context.Context, ses Session, fn func(ctx context.Context, r *Reading) error) error {
	now := s.Now()
	rec := s.record(ses, now, audit.Read)
	var r *Reading
	var asked authorization
	err := s.backend.View(ctx, func(ctx context.Context, tx Tx) error {
		r = &Reading{tx: tx, store: s, trail: s.newTrail(now), patient: ses.Patient}
		var err error
		if asked, err = s.authorize(ctx, tx, ses, now); err != nil {
			return err
		}
		r.roles = access.RolesOf(ses.Actor, asked.facts.Staff)
		if err := fn(ctx, r); err != nil {
			return asked.before(err)
		}
		return asked.again(ctx, tx, r.concerned, nil)
	})
	rec.Reasons = audit.ReasonRefs(glabella.Decide(asked.reasons...))
	if r != nil {
		rec.Reads, rec.Subject = r.trail.reads, r.patient.Ref()
	}
	if err != nil {
		rec.Outcome, rec.Reasons, rec.Reads = outcomeOf(err), reasonsOf(err), nil
	}
	if _, jerr := s.journal(ctx, rec); jerr != nil {
		return errors.Join(err, fmt.Errorf("journal the access: %w", jerr))
	}
	return err
}

func today(site config.Site, now time.Time) (glabella.Date, error) {
	loc, err := site.Location()
	if err != nil {
		return glabella.Date{}, err
	}
	return glabella.DateOf(now.In(loc)), nil
}

func (s *Store) record(ses Session, now time.Time, o audit.Outcome) audit.Record {
	return audit.Record{At: now, Action: string(ses.Action), Outcome: o, Actor: ses.Actor, Site: ses.Actor.Site, Subject: ses.Patient.Ref(), Key: ses.Key}
}

// describe adds to the record what the command did.
func (w *Work) describe(rec *audit.Record) {
	rec.Subject = w.patient.Ref()
	rec.Changes = w.trail.changes
	rec.Acknowledged = w.settled
	rec.Reasons = audit.ReasonRefs(glabella.Decide(w.reasons...))
}

// journal appends a record in a transaction of its own, even when the caller's
// context has just been cancelled.
func (s *Store) journal(ctx context.Context, rec audit.Record) (audit.Record, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	var out audit.Record
	err := s.backend.Update(ctx, func(ctx context.Context, tx Tx) (err error) {
		out, err = audit.Add(ctx, tx.Journal(), rec)
		return err
	})
	return out, err
}

func outcomeOf(err error) audit.Outcome {
	switch {
	case errors.Is(err, glabella.ErrDenied):
		return audit.Denied
	case errors.Is(err, glabella.ErrRefused):
		return audit.Refused
	default:
		return audit.Failed
	}
}

// reasonsOf returns the codes that an error carries: of its reasons or issues,
// or the kind of error. Texts are not journaled.
func reasonsOf(err error) []audit.ReasonRef {
	var out []audit.ReasonRef
	var denied *glabella.DeniedError
	var refused *glabella.RefusedError
	var invalid *glabella.ValidationError
	var transition *glabella.TransitionError
	switch {
	case errors.As(err, &denied):
		return audit.ReasonRefs(denied.Decision)
	case errors.As(err, &refused):
		return audit.ReasonRefs(refused.Decision)
	case errors.As(err, &invalid):
		for _, i := range invalid.Issues {
			out = append(out, audit.ReasonRef{Code: i.Code, Outcome: glabella.Deny})
		}
	case errors.As(err, &transition):
		out = append(out, audit.ReasonRef{Code: CodeTransition, Outcome: glabella.Deny})
	case errors.Is(err, glabella.ErrNotFound):
		out = append(out, audit.ReasonRef{Code: CodeNotFound, Outcome: glabella.Deny})
	case errors.Is(err, glabella.ErrConflict):
		out = append(out, audit.ReasonRef{Code: CodeConflict, Outcome: glabella.Deny})
	default:
		out = append(out, audit.ReasonRef{Code: CodeFailed, Outcome: glabella.Deny})
	}
	return out
}

// Tail calls fn with every journal entry from the number from on, in commit order
// and without gaps, and then asks for further ones every interval. It returns
// when ctx ends or fn fails. The access is decided and journaled once, at the
// start: journaling each batch would feed the journal with its own reading.
func (s *Store) Tail(ctx context.Context, ses Session, from uint64, interval time.Duration, fn func(audit.Entry) error) error {
	if err := s.View(ctx, ses, func(context.Context, *Reading) error { return nil }); err != nil {
		return err
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		var batch []audit.Entry
		err := s.backend.View(ctx, func(ctx context.Context, tx Tx) error {
			batch = nil
			for e, err := range tx.Journal().Entries(ctx, from, tailBatch) {
				if err != nil {
					return err
				}
				batch = append(batch, e)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, e := range batch {
			if err := fn(e); err != nil {
				return err
			}
			from = e.Seq + 1
		}
		if len(batch) == tailBatch {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// tailBatch is how many entries are read in one transaction.
const tailBatch = 256
