package practice

import (
	"context"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/storage"
)

// RecordConsent is the input of [Practice.RecordConsent].
type RecordConsent struct {
	Command
	Patient   glabella.PatientID   `json:"patient"`
	Form      glabella.FormID      `json:"form"`
	Language  string               `json:"language"` // BCP 47, the language that the form was shown in
	Decision  consent.Answer       `json:"decision"`
	Informed  time.Time            `json:"informed,omitzero"` // when the text was shown; the default is the time of the signature
	Signature *consent.Signature   `json:"signature"`
	Signer    glabella.RelatedID   `json:"signer,omitzero"`    // who signs for the patient, one of their related persons; zero is the patient, or somebody who is not on record
	Encounter glabella.EncounterID `json:"encounter,omitzero"` // the visit that a per-visit consent is for
}

// ConsentRecorded is the receipt of [Practice.RecordConsent].
type ConsentRecorded struct {
	Consent glabella.ConsentID `json:"consent"`
	Version uint64             `json:"version"`
}

// RecordConsent records a patient's decision on a published form, pinned to the
// exact text that was shown. A minor does not sign alone, and who signs for a
// patient is somebody on record whose role and document let them; see
// [patient.EvaluateSigner].
func (p *Practice) RecordConsent(ctx context.Context, actor glabella.Actor, in RecordConsent) (ConsentRecorded, error) {
	return run(ctx, p, actor, access.ConsentRecord, in.Patient, in, func(ctx context.Context, w *work, in RecordConsent, out *ConsentRecorded) (storage.Outcome, error) {
		who, err := personOf(ctx, w.Merges().Seen, in.Patient)
		if err != nil {
			return failed(err)
		}
		signs, err := who.view(ctx, w.Patients().Seen)
		if err != nil {
			return failed(err)
		}
		if err := w.maySign(ctx, in, signs); err != nil {
			return failed(err)
		}
		form, err := w.Forms().Get(ctx, in.Form)
		if err != nil {
			return failed(err)
		}
		content, ok := form.Content(in.Language)
		if !ok {
			return failed(glabella.Invalid("consent", glabella.Issue{Path: "/language", Code: glabella.CodeUnknownValue, Text: "the form is not published in this language"}))
		}
		informed := in.Informed
		switch {
		case !informed.IsZero():
		case in.Signature != nil:
			informed = in.Signature.At
		default:
			informed = w.Now()
		}
		c := consent.Consent{
			ID: glabella.ConsentID(w.NewUUID()), Patient: in.Patient, Form: form.ID, Code: form.Code, Version: form.Version,
			Language: content.Language, SHA256: content.SHA256, Decision: in.Decision, Informed: informed, Signature: in.Signature, Encounter: in.Encounter,
			Provenance: glabella.Provenance{Source: glabella.SourceEntered, Author: actor.Ref(), RecordedAt: w.Now()},
		}
		if c, err = w.Consents().Put(ctx, c); err != nil {
			return failed(err)
		}
		*out = ConsentRecorded{Consent: c.ID, Version: c.Meta.Version}
		return recorded("consent.recorded", consent.Recorded{Consent: c.ID, Patient: c.Patient, Form: c.Form, Code: c.Code, FormVersion: c.Version, Decision: c.Decision})
	})
}

// maySign sees that whoever signs may. Where the actor names no site, the age of
// majority is not known, and nor is it asked.
func (w *work) maySign(ctx context.Context, in RecordConsent, signs patient.Patient) error {
	if in.Signature == nil || w.actor.Site.IsZero() || in.Signer.IsZero() && (signs.BirthDate.IsZero() || in.Signature.By != consent.SignerPatient) {
		return nil
	}
	site, err := w.place(ctx)
	if err != nil {
		return err
	}
	return w.Require(patient.EvaluateSigner(patient.SignerFacts{Patient: in.Patient, BirthDate: signs.BirthDate, On: glabella.DateOf(in.Signature.At.In(site.zone)), AdultAge: site.Policy.AdultAge,
		Incapable: in.Signature.By == consent.SignerRepresentative, Related: signs.Related, By: in.Signer}))
}

// WithdrawConsent is the input of [Practice.WithdrawConsent].
type WithdrawConsent struct {
	Command
	Consent glabella.ConsentID `json:"consent"`
	Reason  string             `json:"reason"` // a code of the practice's own
}

// WithdrawConsent withdraws a consent from now on. What was done in reliance on
// it before stays valid.
func (p *Practice) WithdrawConsent(ctx context.Context, actor glabella.Actor, in WithdrawConsent) (ConsentRecorded, error) {
	return run(ctx, p, actor, access.ConsentWithdraw, glabella.PatientID{}, in, func(ctx context.Context, w *work, in WithdrawConsent, out *ConsentRecorded) (storage.Outcome, error) {
		c, err := w.Consents().Get(ctx, in.Consent)
		if err != nil {
			return failed(err)
		}
		w.Concerns(c.Patient)
		if err := w.expect(c.Ref(), c.Meta.Version); err != nil {
			return failed(err)
		}
		if c, err = c.Withdraw(w.Now(), in.Reason); err != nil {
			return failed(err)
		}
		if c, err = w.Consents().Put(ctx, c); err != nil {
			return failed(err)
		}
		*out = ConsentRecorded{Consent: c.ID, Version: c.Meta.Version}
		return recorded("consent.withdrawn", consent.Withdrawn{Consent: c.ID, Patient: c.Patient, Form: c.Form, Code: c.Code})
	})
}

// RecordClearance is the input of [Practice.RecordClearance]: a good-faith exam.
type RecordClearance struct {
	Command
	Patient  glabella.PatientID          `json:"patient"`
	Scope    []string                    `json:"scope"`    // codes of the treatments that the patient was examined for
	Products []string                    `json:"products"` // substances that it covers; empty is all of the scope
	Modality encounter.Modality          `json:"modality"`
	Decision encounter.ClearanceDecision `json:"decision"`
	Findings string                      `json:"findings"`
}

// ClearanceRecorded is the receipt of [Practice.RecordClearance].
type ClearanceRecorded struct {
	Clearance  glabella.ClearanceID `json:"clearance"`
	ValidUntil glabella.Date        `json:"validUntil"`
	Version    uint64               `json:"version"`
}

// CodeExaminer says that the actor has no credential with which the site's
// jurisdiction lets them examine a patient.
const CodeExaminer glabella.Code = "practice.examiner.credential"

// RecordClearance records a good-faith exam by the actor. Who may examine, and
// how long the exam holds, is the site's policy.
func (p *Practice) RecordClearance(ctx context.Context, actor glabella.Actor, in RecordClearance) (ClearanceRecorded, error) {
	return run(ctx, p, actor, access.ClearanceRecord, in.Patient, in, func(ctx context.Context, w *work, in RecordClearance, out *ClearanceRecorded) (storage.Outcome, error) {
		site, err := w.place(ctx)
		if err != nil {
			return failed(err)
		}
		id, err := w.staff()
		if err != nil {
			return failed(err)
		}
		examiner, err := w.Staff().Get(ctx, id)
		if err != nil {
			return failed(err)
		}
		if _, err := w.Patients().Get(ctx, in.Patient); err != nil {
			return failed(err)
		}
		credential, ok := examiner.Credential(site.Policy.Examiners, site.Jurisdiction, site.today)
		if !ok {
			return failed(&glabella.RefusedError{Decision: glabella.Decide(
				glabella.Denied(CodeExaminer, "the examiner has no valid credential that may examine here").For(id.Ref()).
					With("jurisdiction", site.Jurisdiction).WithFix("let a clinician who may diagnose and prescribe examine the patient").CitedFrom(site.Policy.ExaminersSource))})
		}
		c := encounter.Clearance{
			ID: glabella.ClearanceID(w.NewUUID()), Patient: in.Patient, Scope: in.Scope, Products: in.Products, Examiner: id,
			Credential: encounter.Credential{Kind: credential.Kind, Number: credential.Number, Jurisdiction: credential.Jurisdiction},
			Modality:   in.Modality, Decision: in.Decision, Findings: in.Findings, ExaminedAt: w.Now(), ValidUntil: site.today.Add(site.Policy.ClearanceValid),
			Provenance: glabella.Provenance{Source: glabella.SourceEntered, Author: actor.Ref(), RecordedAt: w.Now()},
		}
		if c, err = w.Clearances().Put(ctx, c); err != nil {
			return failed(err)
		}
		*out = ClearanceRecorded{Clearance: c.ID, ValidUntil: c.ValidUntil, Version: c.Version}
		return recorded("encounter.cleared", encounter.Cleared{Clearance: c.ID, Patient: c.Patient, Scope: c.Scope, Decision: c.Decision})
	})
}
