package practice

import (
	"context"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/storage"
)

// RecordConsent is the input of [Practice.RecordConsent]. Who signs for the
// patient is named in the signature: [consent.Signer].Related is one of the
// patient's related persons.
type RecordConsent struct {
	Command
	Patient   glabella.PatientID   `json:"patient"`
	Form      glabella.FormID      `json:"form"`
	Language  string               `json:"language"` // BCP 47, the language that the form was shown in
	Decision  consent.Answer       `json:"decision"`
	Informed  time.Time            `json:"informed,omitzero"` // when the text was shown; the default is the time of the signature
	Signature *consent.Signature   `json:"signature"`
	Encounter glabella.EncounterID `json:"encounter,omitzero"` // the visit that a per-visit consent is for

	Initials            []consent.Initial         `json:"initials"`
	Acknowledged        []string                  `json:"acknowledged"` // keys of the sections whose box was ticked
	Witness             glabella.Ref              `json:"witness,omitzero"`
	WitnessSignature    *consent.WitnessSignature `json:"witnessSignature"`
	Interpreter         string                    `json:"interpreter,omitempty"`         // name or number
	InterpreterLanguage string                    `json:"interpreterLanguage,omitempty"` // BCP 47
	Capacity            *consent.Capacity         `json:"capacity"`
	Discussion          glabella.DiscussionID     `json:"discussion,omitzero"`      // in which it was explained
	Delivery            glabella.DeliveryID       `json:"delivery,omitzero"`        // by which the form reached the patient
	RenderedSHA256      string                    `json:"renderedSHA256,omitempty"` // of the bytes that were shown, see [consent.Content.Shown]
}

// ConsentRecorded is the receipt of [Practice.RecordConsent].
type ConsentRecorded struct {
	Consent glabella.ConsentID `json:"consent"`
	Version uint64             `json:"version"`
	Missing []consent.Gap      `json:"missing"` // what it lacks of what the form asks for
}

// RecordConsent records a patient's decision on a published form, pinned to the
// exact text that was shown, with the marks around the signature. A minor does not
// sign alone, and who signs for a patient is somebody on record whose role and
// document let them; see [patient.EvaluateSigner]. What the form asks for and the
// patient has not done yet is in the receipt: such a consent is kept, and
// [Practice.MayTreat] does not count it. An answer to the last open form of a
// delivery completes the delivery.
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
			Initials: in.Initials, Acknowledged: in.Acknowledged, Witness: in.Witness, WitnessSignature: in.WitnessSignature,
			Interpreter: in.Interpreter, InterpreterLanguage: in.InterpreterLanguage, Capacity: in.Capacity,
			Discussion: in.Discussion, Delivery: in.Delivery, RenderedSHA256: in.RenderedSHA256,
			Provenance: w.entered(),
		}
		if err := w.explained(ctx, who, c); err != nil {
			return failed(err)
		}
		if c, err = w.Consents().Put(ctx, c); err != nil {
			return failed(err)
		}
		if err := w.answers(ctx, c); err != nil {
			return failed(err)
		}
		*out = ConsentRecorded{Consent: c.ID, Version: c.Meta.Version, Missing: c.Missing(form, signs.Languages...)}
		return recorded("consent.recorded", consent.Recorded{Consent: c.ID, Patient: c.Patient, Form: c.Form, Code: c.Code, FormVersion: c.Version, Decision: c.Decision})
	})
}

// maySign sees that whoever signs may. Where the actor names no site, as a patient
// at home, the highest age of the practice's sites counts.
func (w *work) maySign(ctx context.Context, in RecordConsent, signs patient.Patient) error {
	s := in.Signature
	if s == nil || s.Signer.Related.IsZero() && (signs.BirthDate.IsZero() || s.By != consent.SignerPatient) {
		return nil
	}
	site, err := w.strictest(ctx)
	if err != nil {
		return err
	}
	return w.Require(patient.EvaluateSigner(patient.SignerFacts{Patient: in.Patient, BirthDate: signs.BirthDate, On: glabella.DateOf(s.At.In(site.zone)), AdultAge: site.Policy.AdultAge,
		Incapable: s.By == consent.SignerRepresentative || in.Capacity != nil && in.Capacity.Outcome == consent.CapacityLacks, Related: signs.Related, By: s.Signer.Related}))
}

// strictest returns the site that the actor works at, or else the one with the
// highest age of majority.
func (w *work) strictest(ctx context.Context) (place, error) {
	if !w.actor.Site.IsZero() {
		return w.place(ctx)
	}
	sites, err := w.Sites().All(ctx, storage.SiteQuery{})
	if err != nil || len(sites) == 0 {
		return place{zone: time.UTC}, err
	}
	site := slices.MaxFunc(sites, func(a, b config.Site) int { return a.Policy.AdultAge - b.Policy.AdultAge })
	zone, err := site.Location()
	return place{Site: site, zone: zone}, err
}

// explained sees that the discussion that a consent names is the patient's, and
// was over when they signed.
func (w *work) explained(ctx context.Context, who person, c consent.Consent) error {
	if c.Discussion.IsZero() {
		return nil
	}
	talk, err := w.Discussions().Get(ctx, c.Discussion)
	if err != nil {
		return err
	}
	switch {
	case !slices.Contains(who.members, talk.Patient):
		return glabella.Invalid("consent", glabella.Issue{Path: "/discussion", Code: CodeOtherPatient, Text: "the discussion was with another patient"})
	case c.Signature != nil && talk.At.After(c.Signature.At):
		return glabella.Invalid("consent", glabella.Issue{Path: "/discussion", Code: consent.CodeDiscussionOrder, Text: "the consent was signed before it was explained"})
	}
	return nil
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
