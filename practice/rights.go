package practice

import (
	"context"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/storage"
)

// AskRestriction is the input of [Practice.AskRestriction].
type AskRestriction struct {
	Command
	Patient     glabella.PatientID          `json:"patient"`
	Kind        consent.RestrictionKind     `json:"kind"`
	Items       []glabella.Ref              `json:"items"`                // procedures, visits, lines of invoices; none are everything
	Recipients  []consent.Party             `json:"recipients"`           // from whom it is kept; none are everyone
	HealthPlan  bool                        `json:"healthPlan,omitempty"` // it is kept from health plans
	Purposes    []glabella.Purpose          `json:"purposes"`
	OutOfPocket *consent.OutOfPocket        `json:"outOfPocket,omitempty"`
	Contact     *consent.AlternativeContact `json:"contact,omitempty"` // for a restriction of communication
}

// AskRestriction records that a patient asks to keep information from somebody
// (45 CFR 164.522(a)), or to be reached in another way (164.522(b)).
func (p *Practice) AskRestriction(ctx context.Context, actor glabella.Actor, in AskRestriction) (PreferenceChanged, error) {
	return run(ctx, p, actor, access.PreferenceRecord, in.Patient, in, func(ctx context.Context, w *work, in AskRestriction, out *PreferenceChanged) (storage.Outcome, error) {
		if _, err := w.Patients().Get(ctx, in.Patient); err != nil {
			return failed(err)
		}
		if in.OutOfPocket != nil {
			paid := *in.OutOfPocket
			paid.PaidAt = instantOrZero(paid.PaidAt)
			in.OutOfPocket = &paid
			inv, err := w.Invoices().Get(ctx, paid.Invoice)
			if err != nil {
				return failed(err)
			}
			if inv.Patient != in.Patient {
				return failed(glabella.Invalid("restriction", glabella.Issue{Path: "/outOfPocket/invoice", Code: glabella.CodeMismatch, Text: "the invoice is of another patient"}))
			}
		}
		r := consent.Restriction{
			ID: glabella.RestrictionID(w.NewUUID()), Patient: in.Patient, Kind: in.Kind, Items: in.Items, Recipients: in.Recipients, HealthPlan: in.HealthPlan, Purposes: in.Purposes,
			OutOfPocket: in.OutOfPocket, Contact: in.Contact, State: consent.RestrictionRequested, RequestedAt: w.Now(), Provenance: w.entered(),
		}
		return preference(ctx, w.Restrictions(), r, PreferenceEvent{Patient: r.Patient, Action: "requested", State: string(r.State)}, out)
	})
}

// AnswerRestriction is the input of [Practice.AnswerRestriction].
type AnswerRestriction struct {
	Command
	Restriction   glabella.RestrictionID `json:"restriction"`
	Accept        bool                   `json:"accept"`
	Reason        string                 `json:"reason,omitempty"` // of a refusal, a code
	RequiredByLaw bool                   `json:"requiredByLaw,omitempty"`
}

// AnswerRestriction accepts or refuses what a patient asked for. What was paid in
// full out of pocket must be kept from health plans (45 CFR 164.522(a)(1)(vi)); a
// reasonable request to be reached in another way is accommodated, so that a
// refusal warns.
func (p *Practice) AnswerRestriction(ctx context.Context, actor glabella.Actor, in AnswerRestriction) (PreferenceChanged, error) {
	return run(ctx, p, actor, access.PrivacyManage, glabella.PatientID{}, in, func(ctx context.Context, w *work, in AnswerRestriction, out *PreferenceChanged) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		r, err := w.restriction(ctx, in.Restriction)
		if err != nil {
			return failed(err)
		}
		action := "accepted"
		if in.Accept {
			r, err = r.Accept(by, w.Now())
		} else {
			action = "refused"
			err = w.acknowledged(func(settled []glabella.Code) (err error) {
				r, err = r.Refuse(consent.Refusal{By: by, Reason: in.Reason, RequiredByLaw: in.RequiredByLaw, Acknowledged: settled, At: w.Now()})
				return err
			})
		}
		if err != nil {
			return failed(err)
		}
		return preference(ctx, w.Restrictions(), r, PreferenceEvent{Patient: r.Patient, Action: action, State: string(r.State), Reason: in.Reason}, out)
	})
}

// EndRestriction is the input of [Practice.EndRestriction].
type EndRestriction struct {
	Command
	Restriction glabella.RestrictionID `json:"restriction"`
	How         consent.Termination    `json:"how,omitempty"` // empty withdraws a request that was not answered
	Document    string                 `json:"document,omitempty"`
}

// EndRestriction ends a restriction in one of the ways of 45 CFR 164.522(a)(2), or
// withdraws one that was not answered yet.
func (p *Practice) EndRestriction(ctx context.Context, actor glabella.Actor, in EndRestriction) (PreferenceChanged, error) {
	return run(ctx, p, actor, access.PreferenceRecord, glabella.PatientID{}, in, func(ctx context.Context, w *work, in EndRestriction, out *PreferenceChanged) (storage.Outcome, error) {
		r, err := w.restriction(ctx, in.Restriction)
		if err != nil {
			return failed(err)
		}
		action := "ended"
		if in.How == "" {
			action = "withdrawn"
			r, err = r.Withdraw(w.Now())
		} else {
			r, err = r.End(in.How, in.Document, w.Now())
		}
		if err != nil {
			return failed(err)
		}
		return preference(ctx, w.Restrictions(), r, PreferenceEvent{Patient: r.Patient, Action: action, State: string(r.State)}, out)
	})
}

func (w *work) restriction(ctx context.Context, id glabella.RestrictionID) (consent.Restriction, error) {
	return preferenceOf(ctx, w, w.Restrictions(), id, func(r consent.Restriction) glabella.PatientID { return r.Patient })
}

// ReceiveRequest is the input of [Practice.ReceiveRequest].
type ReceiveRequest struct {
	Command
	Patient glabella.PatientID  `json:"patient"`
	Kind    consent.RequestKind `json:"kind"`
	On      glabella.Date       `json:"on,omitzero"` // when it reached the practice; zero is today
	By      consent.SignerRole  `json:"by"`
	Signer  consent.Signer      `json:"signer,omitzero"`
	Format  string              `json:"format,omitempty"` // code of the form that was asked for
	Records []glabella.Ref      `json:"records"`          // what it is about; none are all
	From    glabella.Date       `json:"from,omitzero"`    // of an accounting
	Until   glabella.Date       `json:"until,omitzero"`
	Text    string              `json:"text,omitempty"` // in the patient's words
}

// ReceiveRequest records that a patient asks to see or get their records
// (45 CFR 164.524), to have them amended (164.526), or for an accounting of
// disclosures (164.528), and starts the clock.
func (p *Practice) ReceiveRequest(ctx context.Context, actor glabella.Actor, in ReceiveRequest) (PreferenceChanged, error) {
	return run(ctx, p, actor, access.PreferenceRecord, in.Patient, in, func(ctx context.Context, w *work, in ReceiveRequest, out *PreferenceChanged) (storage.Outcome, error) {
		if _, err := w.Patients().Get(ctx, in.Patient); err != nil {
			return failed(err)
		}
		if in.On.IsZero() {
			site, err := w.strictest(ctx)
			if err != nil {
				return failed(err)
			}
			in.On = glabella.DateOf(w.Now().In(site.zone))
		}
		r := consent.NewRequest(consent.Request{
			ID: glabella.RequestID(w.NewUUID()), Patient: in.Patient, Kind: in.Kind, ReceivedOn: in.On, By: in.By, Signer: in.Signer, Format: in.Format, Records: in.Records,
			From: in.From, Until: in.Until, Text: in.Text, Provenance: w.entered(),
		})
		return preference(ctx, w.Requests(), r, PreferenceEvent{Patient: r.Patient, Action: "received", State: string(r.State)}, out)
	})
}

// StepRequest is the input of [Practice.StepRequest]: exactly one step. Who takes it
// and when are the actor and today, where the step does not say.
type StepRequest struct {
	Command
	Request      glabella.RequestID  `json:"request"`
	Extend       *consent.Extension  `json:"extend,omitempty"`
	Fulfil       *consent.Fulfilment `json:"fulfil,omitempty"`
	Deny         *consent.Denial     `json:"deny,omitempty"`
	Review       *consent.Review     `json:"review,omitempty"`
	Disagreement *consent.Statement  `json:"disagreement,omitempty"`
	Rebuttal     *consent.Statement  `json:"rebuttal,omitempty"`
	Withdraw     bool                `json:"withdraw,omitempty"`
}

// StepRequest records what became of a request: its one extension, that it was met,
// denied in whole or in part, and what follows a denial.
func (p *Practice) StepRequest(ctx context.Context, actor glabella.Actor, in StepRequest) (PreferenceChanged, error) {
	return run(ctx, p, actor, access.PrivacyManage, glabella.PatientID{}, in, func(ctx context.Context, w *work, in StepRequest, out *PreferenceChanged) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		r, err := preferenceOf(ctx, w, w.Requests(), in.Request, func(r consent.Request) glabella.PatientID { return r.Patient })
		if err != nil {
			return failed(err)
		}
		type step struct {
			name  string
			given bool
			take  func() (consent.Request, error)
		}
		steps := slices.DeleteFunc([]step{
			{"extended", in.Extend != nil, func() (consent.Request, error) {
				e := *in.Extend
				fill(&e.By, by, &e.NotifiedOn, site.today)
				return r.Extend(e)
			}},
			{"fulfilled", in.Fulfil != nil, func() (consent.Request, error) {
				f := *in.Fulfil
				fill(&f.By, by, &f.On, site.today)
				return r.Fulfil(f)
			}},
			{"denied", in.Deny != nil, func() (consent.Request, error) {
				d := *in.Deny
				fill(&d.By, by, &d.On, site.today)
				return r.Deny(d)
			}},
			{"reviewed", in.Review != nil, func() (consent.Request, error) { return r.Reviewed(*in.Review) }},
			{"disagreed", in.Disagreement != nil, func() (consent.Request, error) { return r.Disagree(*in.Disagreement) }},
			{"rebutted", in.Rebuttal != nil, func() (consent.Request, error) { return r.Rebut(*in.Rebuttal) }},
			{"withdrawn", in.Withdraw, func() (consent.Request, error) { return r.Withdraw(site.today) }},
		}, func(s step) bool { return !s.given })
		if len(steps) != 1 {
			return failed(glabella.Invalid("request", glabella.Issue{Path: "", Code: glabella.CodeMismatch, Text: "a request takes exactly one step at a time"}))
		}
		if r, err = steps[0].take(); err != nil {
			return failed(err)
		}
		return preference(ctx, w.Requests(), r, PreferenceEvent{Patient: r.Patient, Action: steps[0].name, State: string(r.State)}, out)
	})
}

// fill completes who did something and when.
func fill(by *glabella.StaffID, who glabella.StaffID, on *glabella.Date, day glabella.Date) {
	if by.IsZero() {
		*by = who
	}
	if on.IsZero() {
		*on = day
	}
}

// RequestsDue is the answer of [Practice.DueRequests].
type RequestsDue struct {
	Due      []consent.DueRequest // the most urgent first
	Standing glabella.Decision    // warns of each
}

// DueRequests answers which requests of patients are overdue or due within the days
// ahead.
func (p *Practice) DueRequests(ctx context.Context, actor glabella.Actor, ahead int) (RequestsDue, error) {
	return query(ctx, p, actor, access.PrivacyManage, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (RequestsDue, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return RequestsDue{}, err
		}
		all, err := r.Requests().All(ctx, storage.FactQuery{})
		if err != nil {
			return RequestsDue{}, err
		}
		return RequestsDue{Due: consent.Due(all, site.today, ahead), Standing: consent.EvaluateRequests(all, site.today, ahead)}, nil
	})
}

// MayShare is the question of [Practice.MayShare]: a disclosure.
type MayShare struct {
	Patient        glabella.PatientID
	Recipient      glabella.Ref          // who would get the data
	Role           string                // code of the class of parties that the recipient is of, such as health-plan
	Purpose        glabella.Purpose      // why; empty is that of the actor
	Class          string                // type of FHIR resource; empty is not known
	Tags           []consent.Sensitivity // what sets the data apart
	Labels         []string              // codes of HL7's v3 security labels
	Codes          []glabella.Coding
	Items          []glabella.Ref // procedures, visits, lines of invoices that the data is about
	DataAt         time.Time      // when the data came about; zero is not known
	HealthPlan     bool           // the recipient is a health plan, or acts for one
	PaidInFull     bool           // the items were paid in full out of pocket
	RequiredByLaw  bool           // 45 CFR 164.512(a)
	Originator     bool           // the recipient wrote the notes that they are to use for treatment
	At             time.Time      // of the disclosure; zero is now
	ResearchWaiver bool           // a board has waived the authorization, 45 CFR 164.512(i)(1)(i)
}

// Shareable is the answer of [Practice.MayShare].
type Shareable struct {
	Decision glabella.Decision
	Rulings  []consent.Ruling // what each directive that is not silent makes of it, and by which provision
}

// MayShare answers whether data of a patient may be disclosed, at any time: what the patient
// allows, the restrictions that the practice keeps, and the authorizations that are
// needed and valid. It gives every reason.
func (p *Practice) MayShare(ctx context.Context, actor glabella.Actor, q MayShare) (Shareable, error) {
	return query(ctx, p, actor, access.PatientShare, q.Patient, func(ctx context.Context, r *storage.Reading) (Shareable, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return Shareable{}, err
		}
		who, err := personOf(ctx, r.Merges(), q.Patient)
		if err != nil {
			return Shareable{}, err
		}
		f := consent.ShareFacts{
			Patient: q.Patient, Recipient: q.Recipient, Role: q.Role, Purpose: q.Purpose, Class: q.Class, Tags: q.Tags, Labels: q.Labels, Codes: q.Codes, Items: q.Items, DataAt: q.DataAt,
			At: instantOr(q.At, r.Now()), Zone: site.zone, HealthPlan: q.HealthPlan, PaidInFull: q.PaidInFull, RequiredByLaw: q.RequiredByLaw, Originator: q.Originator, ResearchWaiver: q.ResearchWaiver,
		}
		if f.Purpose == "" {
			f.Purpose = actor.Purpose
		}
		if f.Directives, err = facts(ctx, who, r.Directives()); err != nil {
			return Shareable{}, err
		}
		if f.Restrictions, err = facts(ctx, who, r.Restrictions()); err != nil {
			return Shareable{}, err
		}
		if f.Authorizations, err = facts(ctx, who, r.Authorizations()); err != nil {
			return Shareable{}, err
		}
		// The records of who was merged are those of one person.
		for i := range f.Directives {
			f.Directives[i].Patient = q.Patient
		}
		for i := range f.Restrictions {
			f.Restrictions[i].Patient = q.Patient
		}
		for i := range f.Authorizations {
			f.Authorizations[i].Patient = q.Patient
		}
		return Shareable{Decision: consent.MayShare(f), Rulings: consent.Rulings(f)}, nil
	})
}
