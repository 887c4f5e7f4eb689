package practice

import (
	"context"
	"fmt"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/storage"
)

// PreferenceChanged is the receipt of the commands on what a patient allows and
// asks for: directives, authorizations, restrictions and requests.
type PreferenceChanged struct {
	Record  glabella.Ref `json:"record"`
	State   string       `json:"state"`
	Version uint64       `json:"version"`
}

// PreferenceEvent is the event that such a record took a step.
type PreferenceEvent struct {
	Record  glabella.Ref       `json:"record"`
	Patient glabella.PatientID `json:"patient"`
	Action  string             `json:"action"`
	State   string             `json:"state"`
	Reason  string             `json:"reason,omitempty"`
}

// preference stores a new record of a patient, or a step of one.
func preference[ID, T any, P storage.Entity[T]](
	ctx context.Context, records storage.Tracked[ID, T, storage.FactQuery, P], v T, e PreferenceEvent, out *PreferenceChanged,
) (storage.Outcome, error) {
	v, err := records.Put(ctx, v)
	if err != nil {
		return failed(err)
	}
	e.Record = P(&v).Ref()
	*out = PreferenceChanged{Record: e.Record, State: e.State, Version: P(&v).Stamp().Version}
	return recorded(fmt.Sprintf("privacy.%s-%s", e.Record.Kind, e.Action), e)
}

// preferenceOf returns a record of a patient at the version that the caller has
// seen.
func preferenceOf[ID, T any, P storage.Entity[T]](
	ctx context.Context, w *work, records storage.Tracked[ID, T, storage.FactQuery, P], id ID, patient func(T) glabella.PatientID,
) (T, error) {
	v, err := records.Get(ctx, id)
	if err != nil {
		return v, err
	}
	w.Concerns(patient(v))
	return v, w.expect(P(&v).Ref(), P(&v).Stamp().Version)
}

// RecordDirective is the input of [Practice.RecordDirective].
type RecordDirective struct {
	Command
	Patient   glabella.PatientID   `json:"patient"`
	Base      consent.Effect       `json:"base"`      // what the root does with what it reaches
	Root      consent.Provision    `json:"provision"` // with its exceptions
	Consent   glabella.ConsentID   `json:"consent,omitzero"`
	Signature *consent.Signature   `json:"signature,omitempty"`
	SignedAt  time.Time            `json:"signedAt,omitzero"` // zero is when it was signed, or now
	Replaces  glabella.DirectiveID `json:"replaces,omitzero"` // the directive that ends by this one
}

// RecordDirective records what a patient allows to be shared, with whom and for
// what. One that it replaces ends at the same time, and what was done by it stands.
func (p *Practice) RecordDirective(ctx context.Context, actor glabella.Actor, in RecordDirective) (PreferenceChanged, error) {
	return run(ctx, p, actor, access.PreferenceRecord, in.Patient, in, func(ctx context.Context, w *work, in RecordDirective, out *PreferenceChanged) (storage.Outcome, error) {
		if err := w.formOf(ctx, in.Patient, in.Consent); err != nil {
			return failed(err)
		}
		d := consent.Directive{
			ID: glabella.DirectiveID(w.NewUUID()), Patient: in.Patient, Base: in.Base, Root: in.Root, Consent: in.Consent, Signature: in.Signature,
			State: consent.DirectiveActive, SignedAt: w.signedAt(in.SignedAt, in.Signature), Provenance: w.entered(),
		}
		if !in.Replaces.IsZero() {
			old, err := preferenceOf(ctx, w, w.Directives(), in.Replaces, func(d consent.Directive) glabella.PatientID { return d.Patient })
			if err != nil {
				return failed(err)
			}
			if old.Patient != in.Patient {
				return failed(glabella.Invalid("directive", glabella.Issue{Path: "/replaces", Code: glabella.CodeMismatch, Text: "the directive is of another patient"}))
			}
			if old, err = old.Supersede(d.ID, w.Now()); err != nil {
				return failed(err)
			}
			if _, err := w.Directives().Put(ctx, old); err != nil {
				return failed(err)
			}
		}
		return preference(ctx, w.Directives(), d, PreferenceEvent{Patient: d.Patient, Action: "recorded", State: string(d.State)}, out)
	})
}

// RevokeDirective is the input of [Practice.RevokeDirective].
type RevokeDirective struct {
	Command
	Directive glabella.DirectiveID `json:"directive"`
}

// RevokeDirective ends a directive. What was shared by it before stands.
func (p *Practice) RevokeDirective(ctx context.Context, actor glabella.Actor, in RevokeDirective) (PreferenceChanged, error) {
	return run(ctx, p, actor, access.PreferenceRecord, glabella.PatientID{}, in, func(ctx context.Context, w *work, in RevokeDirective, out *PreferenceChanged) (storage.Outcome, error) {
		d, err := preferenceOf(ctx, w, w.Directives(), in.Directive, func(d consent.Directive) glabella.PatientID { return d.Patient })
		if err != nil {
			return failed(err)
		}
		if d, err = d.Revoke(w.Now()); err != nil {
			return failed(err)
		}
		return preference(ctx, w.Directives(), d, PreferenceEvent{Patient: d.Patient, Action: "revoked", State: string(d.State)}, out)
	})
}

// formOf sees that the patient is on record, and that a consent that something
// rests on is theirs.
func (w *work) formOf(ctx context.Context, who glabella.PatientID, id glabella.ConsentID) error {
	if _, err := w.Patients().Get(ctx, who); err != nil || id.IsZero() {
		return err
	}
	c, err := w.Consents().Get(ctx, id)
	if err != nil {
		return err
	}
	if c.Patient != who {
		return glabella.Invalid("consent", glabella.Issue{Path: "/consent", Code: glabella.CodeMismatch, Text: "the consent is of another patient"})
	}
	return nil
}

// signedAt returns when something was signed: as stated, as the signature has it,
// or now.
func (w *work) signedAt(stated time.Time, s *consent.Signature) time.Time {
	switch {
	case !stated.IsZero():
		return instant(stated)
	case s != nil:
		return instant(s.At)
	}
	return w.Now()
}

// RecordAuthorization is the input of [Practice.RecordAuthorization].
type RecordAuthorization struct {
	Command
	Patient     glabella.PatientID              `json:"patient"`
	Description string                          `json:"description"` // of the information, specific and meaningful
	Classes     []string                        `json:"classes"`     // types of FHIR resources that the description means; none are all
	Tags        []consent.Sensitivity           `json:"sensitivity"` // data set apart that it names
	Disclosers  []consent.Party                 `json:"disclosers"`
	Recipients  []consent.Party                 `json:"recipients"`
	Purposes    []consent.StatedPurpose         `json:"purposes"`
	ExpiresOn   glabella.Date                   `json:"expiresOn,omitzero"`
	ExpiryEvent string                          `json:"expiryEvent,omitempty"`
	NoExpiry    bool                            `json:"noExpiry,omitempty"`
	Statements  consent.AuthorizationStatements `json:"statements"` // that the document makes
	Paid        bool                            `json:"paid,omitempty"`
	Condition   consent.AuthorizationCondition  `json:"condition,omitempty"`
	Combined    []consent.CombinedKind          `json:"combined"`
	Consent     glabella.ConsentID              `json:"consent,omitzero"`
	Signature   *consent.Signature              `json:"signature,omitempty"` // without one it is a draft
}

// AuthorizationRecorded is the receipt of [Practice.RecordAuthorization] and
// [Practice.SignAuthorization].
type AuthorizationRecorded struct {
	PreferenceChanged
	Authorization glabella.AuthorizationID       `json:"authorization"`
	Missing       []consent.AuthorizationElement `json:"missing"` // what 45 CFR 164.508 asks for and it lacks
}

// RecordAuthorization records a permission to disclose: a draft, or one that was
// signed. One that lacks an element is kept, because patients bring such documents,
// and permits nothing; what it lacks is in the receipt.
func (p *Practice) RecordAuthorization(ctx context.Context, actor glabella.Actor, in RecordAuthorization) (AuthorizationRecorded, error) {
	return run(ctx, p, actor, access.PreferenceRecord, in.Patient, in, func(ctx context.Context, w *work, in RecordAuthorization, out *AuthorizationRecorded) (storage.Outcome, error) {
		if err := w.formOf(ctx, in.Patient, in.Consent); err != nil {
			return failed(err)
		}
		a := consent.Authorization{
			ID: glabella.AuthorizationID(w.NewUUID()), Patient: in.Patient, Description: in.Description, Classes: in.Classes, Tags: in.Tags, Disclosers: in.Disclosers, Recipients: in.Recipients,
			Purposes: in.Purposes, ExpiresOn: in.ExpiresOn, ExpiryEvent: in.ExpiryEvent, NoExpiry: in.NoExpiry, Statements: in.Statements, Paid: in.Paid, Condition: in.Condition,
			Combined: in.Combined, Consent: in.Consent, State: consent.AuthorizationDraft, Provenance: w.entered(),
		}
		action := "drafted"
		if in.Signature != nil {
			var err error
			if a, err = a.Sign(*in.Signature); err != nil {
				return failed(err)
			}
			action = "signed"
		}
		return w.authorized(ctx, a, action, out)
	})
}

func (w *work) authorized(ctx context.Context, a consent.Authorization, action string, out *AuthorizationRecorded) (storage.Outcome, error) {
	out.Authorization, out.Missing = a.ID, a.Missing()
	return preference(ctx, w.Authorizations(), a, PreferenceEvent{Patient: a.Patient, Action: action, State: string(a.State)}, &out.PreferenceChanged)
}

func (w *work) authorization(ctx context.Context, id glabella.AuthorizationID) (consent.Authorization, error) {
	return preferenceOf(ctx, w, w.Authorizations(), id, func(a consent.Authorization) glabella.PatientID { return a.Patient })
}

// SignAuthorization is the input of [Practice.SignAuthorization].
type SignAuthorization struct {
	Command
	Authorization glabella.AuthorizationID `json:"authorization"`
	Signature     consent.Signature        `json:"signature"`
}

// SignAuthorization records the signature under a draft. The patient gets a copy
// (45 CFR 164.508(c)(4)).
func (p *Practice) SignAuthorization(ctx context.Context, actor glabella.Actor, in SignAuthorization) (AuthorizationRecorded, error) {
	return run(ctx, p, actor, access.PreferenceRecord, glabella.PatientID{}, in, func(ctx context.Context, w *work, in SignAuthorization, out *AuthorizationRecorded) (storage.Outcome, error) {
		a, err := w.authorization(ctx, in.Authorization)
		if err != nil {
			return failed(err)
		}
		if a, err = a.Sign(in.Signature); err != nil {
			return failed(err)
		}
		return w.authorized(ctx, a, "signed", out)
	})
}

// EndAuthorization is the input of [Practice.EndAuthorization]: exactly one of the
// ways in which an authorization stops to hold.
type EndAuthorization struct {
	Command
	Authorization glabella.AuthorizationID `json:"authorization"`
	Document      string                   `json:"document,omitempty"` // number of the written revocation
	Occurred      time.Time                `json:"occurred,omitzero"`  // when the event that it was to last until occurred
	FalseSince    time.Time                `json:"falseSince,omitzero"`
	Discard       bool                     `json:"discard,omitempty"` // of a draft that nobody will sign
}

// EndAuthorization records that an authorization was revoked in writing, that the
// event that it was to last until has occurred, that something material in it is
// known to be false, or that a draft is not wanted any more. What was done in
// reliance on it before stands (45 CFR 164.508(b)(5)).
func (p *Practice) EndAuthorization(ctx context.Context, actor glabella.Actor, in EndAuthorization) (AuthorizationRecorded, error) {
	return run(ctx, p, actor, access.PreferenceRecord, glabella.PatientID{}, in, func(ctx context.Context, w *work, in EndAuthorization, out *AuthorizationRecorded) (storage.Outcome, error) {
		a, err := w.authorization(ctx, in.Authorization)
		if err != nil {
			return failed(err)
		}
		ways := 0
		for _, given := range []bool{in.Document != "", !in.Occurred.IsZero(), !in.FalseSince.IsZero(), in.Discard} {
			if given {
				ways++
			}
		}
		if ways != 1 {
			return failed(glabella.Invalid("authorization", glabella.Issue{Path: "", Code: glabella.CodeMismatch, Text: "an authorization ends in exactly one way: by a document, an event, what is false, or as a draft"}))
		}
		action := "revoked"
		switch {
		case in.Discard:
			action = "discarded"
			a, err = a.Discard()
		case !in.Occurred.IsZero():
			action = "ended"
			a, err = a.End(in.Occurred)
		case !in.FalseSince.IsZero():
			action = "found-false"
			a = a.KnownFalse(in.FalseSince)
		default:
			a, err = a.Revoke(w.Now(), in.Document)
		}
		if err != nil {
			return failed(err)
		}
		return w.authorized(ctx, a, action, out)
	})
}
