package practice

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/storage"
)

// SendForms is the input of [Practice.SendForms]. The host draws 32 random bytes
// and makes the token with [consent.NewToken]: it sends the token to the patient,
// and gives the hash here. The token itself is stored nowhere.
type SendForms struct {
	Command
	Patient     glabella.PatientID   `json:"patient"`
	Forms       []string             `json:"forms"` // codes; the version in force is sent
	Language    string               `json:"language"`
	Channel     consent.Channel      `json:"channel"`
	TokenSHA256 string               `json:"tokenSHA256"`
	ValidFor    time.Duration        `json:"validFor,omitempty"` // zero is a week
	Encounter   glabella.EncounterID `json:"encounter,omitzero"` // the visit that per-visit forms are for
}

// FormsSent is the receipt of [Practice.SendForms] and [Practice.RevokeForms].
type FormsSent struct {
	Delivery   glabella.DeliveryID   `json:"delivery"`
	Superseded []glabella.DeliveryID `json:"superseded"` // earlier ones whose tokens open nothing any more
	ExpiresAt  time.Time             `json:"expiresAt"`
	Version    uint64                `json:"version"`
}

const deliveryValidFor = 7 * 24 * time.Hour

// SendForms sends forms to a patient to be signed: whoever opens the address with
// the token reads them. Of one form of a patient at most one token is open, so a
// newer delivery ends an older one.
func (p *Practice) SendForms(ctx context.Context, actor glabella.Actor, in SendForms) (FormsSent, error) {
	return run(ctx, p, actor, access.ConsentDeliver, in.Patient, in, func(ctx context.Context, w *work, in SendForms, out *FormsSent) (storage.Outcome, error) {
		who, err := personOf(ctx, w.Merges().Seen, in.Patient)
		if err != nil {
			return failed(err)
		}
		if err := w.visitOf(ctx, in.Encounter, in.Patient); err != nil {
			return failed(err)
		}
		forms, err := w.Forms().All(ctx, storage.FormQuery{})
		if err != nil {
			return failed(err)
		}
		sent, err := versionsInForce(forms, in.Forms, in.Language, w.Now())
		if err != nil {
			return failed(err)
		}
		valid := in.ValidFor
		if valid == 0 {
			valid = deliveryValidFor
		}
		d := consent.Delivery{
			ID: glabella.DeliveryID(w.NewUUID()), Patient: in.Patient, Forms: sent, Language: in.Language, Channel: in.Channel, TokenSHA256: in.TokenSHA256,
			SentAt: w.Now(), ExpiresAt: instant(w.Now().Add(valid)), State: consent.DeliverySent, Encounter: in.Encounter, Provenance: w.entered(),
		}
		earlier, err := facts(ctx, who, w.Deliveries().Seen)
		if err != nil {
			return failed(err)
		}
		if d, err = w.Deliveries().Put(ctx, d); err != nil {
			return failed(err)
		}
		*out = FormsSent{Delivery: d.ID, ExpiresAt: d.ExpiresAt, Version: d.Version}
		for _, old := range consent.Superseding(d, earlier) {
			if _, err := w.Deliveries().Put(ctx, old); err != nil {
				return failed(err)
			}
			out.Superseded = append(out.Superseded, old.ID)
		}
		return recorded("consent.sent", FormsChanged{Delivery: d.ID, Patient: d.Patient, State: d.State})
	})
}

// versionsInForce returns the versions of forms that there are to sign in a
// language.
func versionsInForce(forms []consent.Form, codes []string, language string, at time.Time) ([]consent.FormVersion, error) {
	bind := consent.Requirements(forms, consent.Act{}, at, codes...)
	var out []consent.FormVersion
	var issues []glabella.Issue
	for i, code := range codes {
		k := slices.IndexFunc(bind, func(f consent.Form) bool { return f.Code == code })
		if k < 0 {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/forms/%d", i), Code: consent.CodeFormMissing, Text: "no version of the form is in force"})
			continue
		}
		if _, ok := bind[k].Content(language); !ok {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/forms/%d", i), Code: glabella.CodeUnknownValue, Text: "the form is not published in this language"})
			continue
		}
		out = append(out, consent.FormVersion{Form: bind[k].ID, Code: code, Version: bind[k].Version})
	}
	return out, glabella.Invalid("delivery", issues...)
}

// FormsChanged is the event that forms were sent, opened, completed or revoked.
type FormsChanged struct {
	Delivery glabella.DeliveryID   `json:"delivery"`
	Patient  glabella.PatientID    `json:"patient"`
	State    consent.DeliveryState `json:"state"`
}

// OpenForms is the input of [Practice.OpenForms].
type OpenForms struct {
	Command
	Delivery glabella.DeliveryID `json:"delivery"` // from the address that was sent
	Token    string              `json:"token"`
}

// FormsOpened is the receipt of [Practice.OpenForms].
type FormsOpened struct {
	Patient   glabella.PatientID    `json:"patient"`
	Forms     []consent.FormVersion `json:"forms"` // to be shown, see [Practice.ReadForms]
	Language  string                `json:"language"`
	ExpiresAt time.Time             `json:"expiresAt"`
	Version   uint64                `json:"version"` // of the delivery
}

// OpenForms opens a delivery for whoever holds its token. The actor is the
// system that serves the page, or the patient who has signed in to it. A token
// that is wrong, spent or out of time is refused with the reasons of
// [consent.EvaluateDelivery].
func (p *Practice) OpenForms(ctx context.Context, actor glabella.Actor, in OpenForms) (FormsOpened, error) {
	return run(ctx, p, actor, access.ConsentRecord, glabella.PatientID{}, in, func(ctx context.Context, w *work, in OpenForms, out *FormsOpened) (storage.Outcome, error) {
		d, err := w.delivery(ctx, in.Delivery)
		if err != nil {
			return failed(err)
		}
		if d, err = d.Redeem(in.Token, w.Now()); err != nil {
			return failed(err)
		}
		if d, err = w.Deliveries().Put(ctx, d); err != nil {
			return failed(err)
		}
		*out = FormsOpened{Patient: d.Patient, Forms: d.Forms, Language: d.Language, ExpiresAt: d.ExpiresAt, Version: d.Version}
		return recorded("consent.opened", FormsChanged{Delivery: d.ID, Patient: d.Patient, State: d.State})
	})
}

// RevokeForms is the input of [Practice.RevokeForms].
type RevokeForms struct {
	Command
	Delivery glabella.DeliveryID `json:"delivery"`
}

// RevokeForms takes a delivery back: its token opens nothing any more.
func (p *Practice) RevokeForms(ctx context.Context, actor glabella.Actor, in RevokeForms) (FormsSent, error) {
	return run(ctx, p, actor, access.ConsentDeliver, glabella.PatientID{}, in, func(ctx context.Context, w *work, in RevokeForms, out *FormsSent) (storage.Outcome, error) {
		d, err := w.delivery(ctx, in.Delivery)
		if err != nil {
			return failed(err)
		}
		if d, err = d.Revoke(w.Now()); err != nil {
			return failed(err)
		}
		if d, err = w.Deliveries().Put(ctx, d); err != nil {
			return failed(err)
		}
		*out = FormsSent{Delivery: d.ID, ExpiresAt: d.ExpiresAt, Version: d.Version}
		return recorded("consent.revoked", FormsChanged{Delivery: d.ID, Patient: d.Patient, State: d.State})
	})
}

func (w *work) delivery(ctx context.Context, id glabella.DeliveryID) (consent.Delivery, error) {
	d, err := w.Deliveries().Get(ctx, id)
	if err != nil {
		return d, err
	}
	w.Concerns(d.Patient)
	return d, w.expect(d.Ref(), d.Version)
}

// answers sees that a consent answers the delivery that it names, and completes
// the delivery with the last answer.
func (w *work) answers(ctx context.Context, c consent.Consent) error {
	if c.Delivery.IsZero() {
		return nil
	}
	d, err := w.Deliveries().Get(ctx, c.Delivery)
	if err != nil {
		return err
	}
	forms, err := w.Forms().All(ctx, storage.FormQuery{})
	if err != nil {
		return err
	}
	if err := w.Require(consent.EvaluateDelivery(consent.DeliveryFacts{Delivery: d, Patient: c.Patient, Signing: true, Forms: forms, At: w.Now()})); err != nil {
		return err
	}
	consents, err := w.Consents().All(ctx, storage.FactQuery{Patient: d.Patient})
	if err != nil {
		return err
	}
	given := make([]consent.Consent, 0, len(d.Forms)) // the last answer to each form
	for _, f := range d.Forms {
		k := -1
		for i := range consents {
			if o := &consents[i]; o.Delivery == d.ID && o.Form == f.Form && o.Version == f.Version && (k < 0 || !o.Informed.Before(consents[k].Informed)) {
				k = i
			}
		}
		if k >= 0 {
			given = append(given, consents[k])
		}
	}
	if !slices.ContainsFunc(d.Forms, func(f consent.FormVersion) bool { return f.Form == c.Form }) {
		return glabella.Invalid("consent", glabella.Issue{Path: "/delivery", Code: consent.CodeDeliveryAnswer, Text: "the form was not sent by this delivery"})
	}
	if len(given) < len(d.Forms) {
		return nil
	}
	if d, err = d.Complete(w.Now(), forms, given...); err != nil {
		return err
	}
	_, err = w.Deliveries().Put(ctx, d)
	return err
}
