package practice

import (
	"context"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/storage"
)

// PublishForm is the input of [Practice.PublishForm].
type PublishForm struct {
	Command
	Form consent.Form `json:"form"` // its identity, version and times are given by the practice
}

// FormPublished is the receipt of [Practice.PublishForm] and
// [Practice.RetireForm].
type FormPublished struct {
	Form    glabella.FormID  `json:"form"`
	Version int              `json:"formVersion"`
	Changes []consent.Change `json:"changes"` // against the version before
}

// FormEvent is the event that a version of a form was published or retired.
type FormEvent struct {
	Form     glabella.FormID `json:"form"`
	Code     string          `json:"code"`
	Version  int             `json:"formVersion"`
	Material bool            `json:"material,omitempty"`
}

// CodeFormSame says that a version of a form says what the version before says.
const CodeFormSame glabella.Code = "practice.form.same"

// PublishForm publishes the next version of a form from now on. Whoever publishes
// says whether the change is material, so that patients sign anew; a dry run
// shows what has changed. Earlier versions stay readable, and what was signed
// stays bound to the text that was signed.
func (p *Practice) PublishForm(ctx context.Context, actor glabella.Actor, in PublishForm) (FormPublished, error) {
	return run(ctx, p, actor, access.FormPublish, glabella.PatientID{}, in, func(ctx context.Context, w *work, in PublishForm, out *FormPublished) (storage.Outcome, error) {
		forms, err := w.Forms().All(ctx, storage.FormQuery{})
		if err != nil {
			return failed(err)
		}
		var before *consent.Form
		for i := range forms {
			if f := &forms[i]; f.Code == in.Form.Code && (before == nil || f.Version > before.Version) {
				before = f
			}
		}
		form := in.Form
		form.ID, form.Meta, form.Version, form.PublishedAt = glabella.FormID(w.NewUUID()), glabella.Meta{}, 1, w.Now()
		for i, c := range form.Contents {
			form.Contents[i].SHA256 = c.Hash()
		}
		if before != nil {
			form.Version = before.Version + 1
			out.Changes = consent.Changes(*before, form)
			if len(out.Changes) == 0 && form.Material == before.Material && before.InForce(w.Now()) {
				return failed(glabella.Invalid("form", glabella.Issue{Code: CodeFormSame, Text: "says what the version before says"}))
			}
		}
		if form, err = w.Forms().Put(ctx, form); err != nil {
			return failed(err)
		}
		out.Form, out.Version = form.ID, form.Version
		return recorded("form.published", FormEvent{Form: form.ID, Code: form.Code, Version: form.Version, Material: form.Material})
	})
}

// RetireForm is the input of [Practice.RetireForm].
type RetireForm struct {
	Command
	Form glabella.FormID `json:"form"`
}

// RetireForm takes a version of a form out of force from now on.
func (p *Practice) RetireForm(ctx context.Context, actor glabella.Actor, in RetireForm) (FormPublished, error) {
	return run(ctx, p, actor, access.FormPublish, glabella.PatientID{}, in, func(ctx context.Context, w *work, in RetireForm, out *FormPublished) (storage.Outcome, error) {
		form, err := w.Forms().Get(ctx, in.Form)
		if err != nil {
			return failed(err)
		}
		if err := w.expect(form.Ref(), form.Meta.Version); err != nil {
			return failed(err)
		}
		if !form.InForce(w.Now()) {
			return failed(glabella.Invalid("form", glabella.Issue{Path: "/retiredAt", Code: consent.CodeFormRetired, Text: "the form is not in force"}))
		}
		form.RetiredAt = w.Now()
		if form, err = w.Forms().Put(ctx, form); err != nil {
			return failed(err)
		}
		*out = FormPublished{Form: form.ID, Version: form.Version}
		return recorded("form.retired", FormEvent{Form: form.ID, Code: form.Code, Version: form.Version})
	})
}

// ConsentQuestion is the question of [Practice.FormsFor].
type ConsentQuestion struct {
	Patient   glabella.PatientID
	Treatment string               // code of the template
	Product   string               // substance
	Services  []string             // codes of the price list
	Encounter glabella.EncounterID // the visit, for consents that are given per visit
}

// FormNeeded is a form that a patient is to sign or to be shown.
type FormNeeded struct {
	Form    consent.Form
	Reasons []glabella.Reason // what is left to do; none if it is met
}

// FormsFor returns which forms a patient signs for a treatment at the actor's
// site, those that must be accepted first, and what is left to do for each.
func (p *Practice) FormsFor(ctx context.Context, actor glabella.Actor, q ConsentQuestion) ([]FormNeeded, error) {
	return query(ctx, p, actor, access.TreatmentScreen, q.Patient, func(ctx context.Context, r *storage.Reading) ([]FormNeeded, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return nil, err
		}
		if p.template(q.Treatment) == nil {
			return nil, glabella.Invalid("treatment", glabella.Issue{Path: "/treatment", Code: CodeTreatmentUnknown, Text: "no published template has this code"})
		}
		who, err := personOf(ctx, r.Merges(), q.Patient)
		if err != nil {
			return nil, err
		}
		var k known
		for _, load := range []func() error{
			func() (err error) { k.patient, err = who.view(ctx, r.Patients()); return },
			func() (err error) { k.forms, err = r.Forms().All(ctx, storage.FormQuery{}); return },
			func() (err error) { k.consents, err = facts(ctx, who, r.Consents()); return },
			func() (err error) { k.discussions, err = facts(ctx, who, r.Discussions()); return },
		} {
			if err := load(); err != nil {
				return nil, err
			}
		}
		k.join(q.Patient)
		asked := p.consentFacts(k, site, MayTreat{Patient: q.Patient, Treatment: q.Treatment, Product: q.Product, Encounter: q.Encounter}, r.Now())
		asked.Services = q.Services
		asked.Minor = p.minorFacts(k.patient, site, site.today).IsMinor()
		open := consent.Evaluate(asked)
		needed := consent.Requirements(k.forms, consent.Act{
			Treatment: asked.Treatment, Classes: asked.Classes, Products: asked.Products, Services: asked.Services, Jurisdiction: asked.Jurisdiction,
		}, r.Now(), asked.Required...)
		var out []FormNeeded
		for _, form := range needed {
			f := FormNeeded{Form: form}
			for _, reason := range open.Reasons {
				if reason.Args["form"] == form.Code {
					f.Reasons = append(f.Reasons, reason)
				}
			}
			out = append(out, f)
		}
		return out, nil
	})
}

// ReadForms returns the forms that a delivery has sent, to be shown to whoever
// has opened it. The actor is the one of [Practice.OpenForms].
func (p *Practice) ReadForms(ctx context.Context, actor glabella.Actor, id glabella.DeliveryID) ([]consent.Form, error) {
	return query(ctx, p, actor, access.ConsentRecord, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]consent.Form, error) {
		d, err := r.Deliveries().Get(ctx, id)
		if err != nil {
			return nil, err
		}
		if !d.Active(r.Now()) || d.State == consent.DeliverySent {
			return nil, glabella.Invalid("delivery", glabella.Issue{Code: CodeDeliveryClosed, Text: "the delivery is not open"})
		}
		var out []consent.Form
		for _, f := range d.Forms {
			form, err := r.Forms().Get(ctx, f.Form)
			if err != nil {
				return nil, err
			}
			out = append(out, form)
		}
		return out, nil
	})
}

// CodeDeliveryClosed says that a delivery has not been opened with its token, or has ended.
const CodeDeliveryClosed glabella.Code = "practice.delivery.closed"
