package storage

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
)

// Asked is what the circumstances of a decision are asked for: who does what to
// whose record, and by which rules.
type Asked struct {
	Rules   access.Rules
	Actor   glabella.Actor
	Action  access.Action
	Patient glabella.PatientID
	Now     time.Time
}

// authorization is the decision on one command or query. Whose record it is about
// is often known only while it runs; then it is decided again at its end, before
// anything is committed or handed out.
type authorization struct {
	store   *Store
	facts   access.Facts
	session glabella.PatientID
	pending error             // a denial that depends on whose record it is
	reasons []glabella.Reason // warnings, which are journaled
}

// authorize asks the access policy. The actor's staff record and site are read
// for the decision only, and so are not noted as accesses.
func (s *Store) authorize(ctx context.Context, tx Tx, ses Session, now time.Time) (authorization, error) {
	a := authorization{store: s, session: ses.Patient}
	if s.broken != nil {
		return a, s.broken
	}
	a.facts = access.Facts{Rules: s.rules, Actor: ses.Actor, Action: ses.Action, Site: ses.Actor.Site, Now: now, On: glabella.DateOf(now)}
	if id, ok := ses.Actor.Staff(); ok {
		staff, err := tx.Staff().Get(ctx, id)
		switch {
		case err == nil:
			a.facts.Staff = &staff
		case !errors.Is(err, glabella.ErrNotFound):
			return a, err
		}
	}
	if !ses.Actor.Site.IsZero() {
		site, err := tx.Sites().Get(ctx, ses.Actor.Site)
		switch {
		case err == nil:
			a.facts.Jurisdiction = site.Jurisdiction
			if a.facts.On, err = today(site, now); err != nil {
				return a, err
			}
		case !errors.Is(err, glabella.ErrNotFound):
			return a, err
		}
	}
	err := a.decide(ctx, tx, ses.Patient, nil)
	var denied *glabella.DeniedError
	if ses.Patient.IsZero() && errors.As(err, &denied) && !slices.ContainsFunc(denied.Decision.Reasons, func(r glabella.Reason) bool {
		return r.Outcome == glabella.Deny && r.Code != access.CodeRule && r.Code != access.CodeCondition
	}) {
		a.pending, err = err, nil
	}
	return a, err
}

// asks reports whether a rule on the action asks about the patient's record.
func (a *authorization) asks() bool {
	r, action := a.facts.Rules, a.facts.Action
	return r.AsksRestricted(action) || r.AsksRelationship(action, false)
}

// decide decides on one patient's record.
func (a *authorization) decide(ctx context.Context, tx Tx, patient glabella.PatientID, doneBy []glabella.StaffID) error {
	f := a.facts
	f.Patient, f.DoneBy = patient, doneBy
	if find := a.store.env.Circumstances; find != nil && a.asks() && !patient.IsZero() {
		c, err := find(ctx, tx, Asked{f.Rules, f.Actor, f.Action, patient, f.Now})
		if err != nil {
			return err
		}
		f = f.In(c)
	}
	d := access.Authorize(f)
	if !d.Permits(access.CodeBreakGlass) {
		return &glabella.DeniedError{Decision: d}
	}
	for _, r := range d.Reasons {
		if !slices.ContainsFunc(a.reasons, func(known glabella.Reason) bool { return known.Code == r.Code && slices.Equal(known.Refs, r.Refs) }) {
			a.reasons = append(a.reasons, r)
		}
	}
	return nil
}

// again decides on the records that turned out to be concerned.
func (a *authorization) again(ctx context.Context, tx Tx, concerned []glabella.PatientID, doneBy []glabella.StaffID) error {
	if len(concerned) == 0 && a.pending != nil {
		return a.pending
	}
	if len(doneBy) > 0 && a.facts.Rules.KeepsApart(a.facts.Action) {
		concerned = slices.Clone(concerned)
		if !a.session.IsZero() || len(concerned) == 0 {
			concerned = append(concerned, a.session)
		}
	} else {
		doneBy = nil
	}
	if a.pending == nil && doneBy == nil && (a.facts.Actor.Kind == glabella.ActorPatient || !a.asks()) {
		return nil
	}
	for i, id := range concerned {
		if doneBy == nil && id == a.session || slices.Contains(concerned[:i], id) {
			continue
		}
		if err := a.decide(ctx, tx, id, doneBy); err != nil {
			return err
		}
	}
	return nil
}

// before returns the denial that a failure would otherwise hide.
func (a *authorization) before(err error) error {
	if a.pending != nil {
		return a.pending
	}
	return err
}
