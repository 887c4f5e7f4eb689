package practice

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/storage"
)

// AnswerPhotos is the input of [Practice.AnswerPhotos]: what a patient says about
// photographs.
type AnswerPhotos struct {
	Command
	Patient       glabella.PatientID           `json:"patient"`
	Answer        consent.Answer               `json:"answer"`
	Purposes      []consent.PhotoPurpose       `json:"purposes"`
	Channels      []consent.PublicationChannel `json:"channels"`  // empty in a no is every channel
	Platforms     []string                     `json:"platforms"` // codes; empty is every platform of the channels
	Photos        []glabella.PhotoID           `json:"photos"`    // with Regions empty too, every photograph
	Regions       []string                     `json:"regions"`
	Conditions    consent.PhotoConditions      `json:"conditions"`
	Conditioned   bool                         `json:"conditioned,omitempty"` // treatment was made to depend on it
	From          glabella.Date                `json:"from,omitzero"`         // zero is today
	ExpiresOn     glabella.Date                `json:"expiresOn,omitzero"`
	ExpiryEvent   string                       `json:"expiryEvent,omitempty"`
	Consent       glabella.ConsentID           `json:"consent,omitzero"`
	Authorization glabella.AuthorizationID     `json:"authorization,omitzero"`
	Replaces      []glabella.PermissionID      `json:"replaces"` // answers that this one takes the place of
}

// PhotosAnswered is the receipt of the commands on a patient's answers on
// photographs.
type PhotosAnswered struct {
	PreferenceChanged
	Permission glabella.PermissionID `json:"permission,omitzero"`
	Swept      []SweptPublication    `json:"swept"` // what is not permitted any more
}

// SweptPublication is what was or is to be done about one publication.
type SweptPublication struct {
	Publication glabella.PublicationID   `json:"publication"`
	Step        consent.StepKind         `json:"step"`
	State       consent.PublicationState `json:"state"`
	Cause       glabella.Code            `json:"cause"`
	Owner       glabella.StaffID         `json:"owner,omitzero"`
	DueOn       glabella.Date            `json:"dueOn,omitzero"`
	Copies      int                      `json:"copies,omitempty"` // whose holders are to be asked
	Relied      bool                     `json:"relied,omitempty"` // it was permitted when it was published
}

// AnswerPhotos records a patient's yes within limits, or no, to photographs for
// some purposes. Whatever is shown or planned and not permitted any more is canceled
// or due to be taken down in the same step.
func (p *Practice) AnswerPhotos(ctx context.Context, actor glabella.Actor, in AnswerPhotos) (PhotosAnswered, error) {
	return run(ctx, p, actor, access.PreferenceRecord, in.Patient, in, func(ctx context.Context, w *work, in AnswerPhotos, out *PhotosAnswered) (storage.Outcome, error) {
		site, err := w.strictest(ctx)
		if err != nil {
			return failed(err)
		}
		if err := w.formOf(ctx, in.Patient, in.Consent); err != nil {
			return failed(err)
		}
		if !in.Authorization.IsZero() {
			a, err := w.Authorizations().Get(ctx, in.Authorization)
			if err != nil {
				return failed(err)
			}
			if a.Patient != in.Patient {
				return failed(glabella.Invalid("permission", glabella.Issue{Path: "/authorization", Code: glabella.CodeMismatch, Text: "the authorization is of another patient"}))
			}
		}
		answer := consent.Permission{
			ID: glabella.PermissionID(w.NewUUID()), Patient: in.Patient, Answer: in.Answer, GivenAt: w.Now(), Purposes: in.Purposes, Channels: in.Channels, Platforms: in.Platforms,
			Photos: in.Photos, Regions: in.Regions, Conditions: in.Conditions, Conditioned: in.Conditioned, From: in.From, ExpiresOn: in.ExpiresOn, ExpiryEvent: in.ExpiryEvent,
			Consent: in.Consent, Authorization: in.Authorization, Provenance: w.entered(),
		}
		if answer.From.IsZero() {
			answer.From = glabella.DateOf(w.Now().In(site.zone))
		}
		for _, id := range in.Replaces {
			old, err := w.Permissions().Get(ctx, id)
			if err != nil {
				return failed(err)
			}
			if old, err = old.Replace(answer); err != nil {
				return failed(err)
			}
			if _, err := w.Permissions().Put(ctx, old); err != nil {
				return failed(err)
			}
		}
		return w.answered(ctx, site, answer, "answered", out)
	})
}

// answered stores an answer on photographs and sweeps.
func (w *work) answered(ctx context.Context, site place, answer consent.Permission, action string, out *PhotosAnswered) (storage.Outcome, error) {
	out.Permission = answer.ID
	e := PreferenceEvent{Patient: answer.Patient, Action: action, State: string(answer.State()), Reason: answer.RevokedReason}
	outcome, err := preference(ctx, w.Permissions(), answer, e, &out.PreferenceChanged)
	if err != nil {
		return failed(err)
	}
	out.Swept, err = w.sweep(ctx, site, answer.Patient)
	return outcome, err
}

// RevokePhotos is the input of [Practice.RevokePhotos].
type RevokePhotos struct {
	Command
	Permission glabella.PermissionID `json:"permission"`
	Reason     string                `json:"reason,omitempty"`
}

// RevokePhotos ends a permission to show photographs. What was done in reliance on
// it before stays covered (45 CFR 164.508(b)(5)); what is still shown by it is due to
// be taken down.
func (p *Practice) RevokePhotos(ctx context.Context, actor glabella.Actor, in RevokePhotos) (PhotosAnswered, error) {
	return run(ctx, p, actor, access.PreferenceRecord, glabella.PatientID{}, in, func(ctx context.Context, w *work, in RevokePhotos, out *PhotosAnswered) (storage.Outcome, error) {
		site, err := w.strictest(ctx)
		if err != nil {
			return failed(err)
		}
		answer, err := preferenceOf(ctx, w, w.Permissions(), in.Permission, func(p consent.Permission) glabella.PatientID { return p.Patient })
		if err != nil {
			return failed(err)
		}
		if answer, err = answer.Revoke(w.Now(), in.Reason); err != nil {
			return failed(err)
		}
		return w.answered(ctx, site, answer, "revoked", out)
	})
}

// SweepPublications is the input of [Practice.SweepPublications].
type SweepPublications struct {
	Command
	Patient glabella.PatientID `json:"patient"`
}

// SweepPublications cancels what is planned, and makes due to be taken down what is
// shown, that is not permitted any more because a permission or an authorization has
// ended by its date, event or revocation, or a photograph was retracted.
func (p *Practice) SweepPublications(ctx context.Context, actor glabella.Actor, in SweepPublications) (PhotosAnswered, error) {
	return run(ctx, p, actor, access.PhotoPublish, in.Patient, in, func(ctx context.Context, w *work, in SweepPublications, out *PhotosAnswered) (storage.Outcome, error) {
		site, err := w.strictest(ctx)
		if err != nil {
			return failed(err)
		}
		if out.Swept, err = w.sweep(ctx, site, in.Patient); err != nil {
			return failed(err)
		}
		return recorded("privacy.publications-swept", PublicationsSwept{Patient: in.Patient, Swept: out.Swept})
	})
}

// PublicationsSwept is the event that publications were looked at after something
// had changed.
type PublicationsSwept struct {
	Patient glabella.PatientID `json:"patient"`
	Swept   []SweptPublication `json:"swept"`
}

// sweep applies what follows for the publications of a patient.
func (w *work) sweep(ctx context.Context, site place, id glabella.PatientID) ([]SweptPublication, error) {
	who, err := personOf(ctx, w.Merges().Seen, id)
	if err != nil {
		return nil, err
	}
	publications, err := facts(ctx, who, w.Publications().Seen)
	if err != nil || len(publications) == 0 {
		return nil, err
	}
	retracted, err := w.retracted(ctx, publications)
	if err != nil {
		return nil, err
	}
	shown := shownBy(w.Permissions().Seen, w.Authorizations().Seen, w.Consents().Seen)
	var out []SweptPublication
	for _, p := range publications {
		f := consent.SweepFacts{Publications: []consent.Publication{p}, Retracted: retracted}
		if f.Publish, err = shown.facts(ctx, who, p.Patient, w.Now(), site); err != nil {
			return nil, err
		}
		for _, step := range consent.Sweep(f) {
			step.Owner = cmp.Or(step.Owner, p.By)
			next, err := p.Apply(step, w.Now())
			if err != nil {
				return nil, err
			}
			if next.State != p.State {
				if next, err = w.Publications().Put(ctx, next); err != nil {
					return nil, err
				}
			}
			p = next
			out = append(out, SweptPublication{
				Publication: p.ID, Step: step.Kind, State: p.State, Cause: step.Cause(), Owner: step.Owner, DueOn: step.DueOn, Copies: len(step.Copies), Relied: step.Relied,
			})
		}
	}
	return out, nil
}

// retracted returns the photographs of publications that are not to be used.
func (w *work) retracted(ctx context.Context, publications []consent.Publication) ([]glabella.PhotoID, error) {
	var out []glabella.PhotoID
	for _, p := range publications {
		photo, err := w.Photos().Get(ctx, p.Photo)
		if err != nil {
			return nil, err
		}
		if photo.Retracted != "" && !slices.Contains(out, photo.ID) {
			out = append(out, photo.ID)
		}
	}
	return out, nil
}

// shownRecords are the records by which photographs may be shown.
type shownRecords struct {
	permissions    storage.SeenPermissions
	authorizations storage.SeenAuthorizations
	consents       storage.SeenConsents
}

func shownBy(p storage.SeenPermissions, a storage.SeenAuthorizations, c storage.SeenConsents) shownRecords {
	return shownRecords{p, a, c}
}

// facts returns what a person has answered, as of one of their records: the records
// of who was merged are those of one person.
func (s shownRecords) facts(ctx context.Context, who person, as glabella.PatientID, now time.Time, site place) (consent.PublishFacts, error) {
	f := consent.PublishFacts{Patient: as, At: now, Zone: site.zone}
	var err error
	if f.Permissions, err = facts(ctx, who, s.permissions); err != nil {
		return f, err
	}
	for i := range f.Permissions {
		f.Permissions[i].Patient = as
	}
	signed, err := facts(ctx, who, s.authorizations)
	if err != nil {
		return f, err
	}
	for _, a := range signed {
		f.Authorizations = append(f.Authorizations, a.PhotoFact(now, site.zone))
	}
	if f.Consents, err = facts(ctx, who, s.consents); err != nil {
		return f, err
	}
	for i := range f.Consents {
		f.Consents[i].Patient = as
	}
	return f, nil
}

// PreparePublication is the input of [Practice.PreparePublication].
type PreparePublication struct {
	Command
	Photo         glabella.PhotoID           `json:"photo"`
	Picture       encounter.DerivativeKind   `json:"picture,omitempty"` // which picture made of it; empty is the one for display
	ShowsFace     bool                       `json:"showsFace"`
	Deidentified  bool                       `json:"deidentified,omitempty"`
	Tagged        bool                       `json:"tagged,omitempty"`
	Remunerated   bool                       `json:"remunerated,omitempty"`
	Purpose       consent.PhotoPurpose       `json:"purpose"`
	Channel       consent.PublicationChannel `json:"channel"`
	Platform      string                     `json:"platform,omitempty"`
	Permission    glabella.PermissionID      `json:"permission"`
	Authorization glabella.AuthorizationID   `json:"authorization,omitzero"`
}

// PublicationChanged is the receipt of the commands on publications.
type PublicationChanged struct {
	Publication glabella.PublicationID   `json:"publication"`
	State       consent.PublicationState `json:"state"`
	Picture     string                   `json:"picture"` // digest of the picture that may be shown
	May         glabella.Decision        `json:"may"`     // whether it might be shown now
	Version     uint64                   `json:"version"`
}

// PreparePublication drafts the showing of one picture in one place. Only a picture
// without the camera's metadata is shown, never the original. Whether it may be shown
// is in the receipt, and is decided when it is published.
func (p *Practice) PreparePublication(ctx context.Context, actor glabella.Actor, in PreparePublication) (PublicationChanged, error) {
	return run(ctx, p, actor, access.PhotoPublish, glabella.PatientID{}, in, func(ctx context.Context, w *work, in PreparePublication, out *PublicationChanged) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		photo, err := w.Photos().Get(ctx, in.Photo)
		if err != nil {
			return failed(err)
		}
		w.Concerns(photo.Patient)
		picture, ok := photo.Derivative(cmp.Or(in.Picture, encounter.DerivativeDisplay))
		if !ok {
			return failed(glabella.Invalid("publication", glabella.Issue{Path: "/picture", Code: CodePhotoNoDerivative, Text: "there is no such picture of the photograph"}))
		}
		if answer, err := w.Permissions().Get(ctx, in.Permission); err != nil {
			return failed(err)
		} else if err := w.samePerson(ctx, answer.Patient, photo.Patient); err != nil {
			return failed(err)
		}
		return w.published(ctx, site, consent.Publication{
			ID: glabella.PublicationID(w.NewUUID()), Patient: photo.Patient, Photo: photo.ID, Derivative: picture.Digest, Regions: photo.Regions, ShowsFace: in.ShowsFace, Deidentified: in.Deidentified,
			Tagged: in.Tagged, Remunerated: in.Remunerated, Purpose: in.Purpose, Channel: in.Channel, Platform: in.Platform, State: consent.PublicationDraft, By: by,
			Permission: in.Permission, Authorization: in.Authorization, Copies: []consent.Copy{}, Provenance: w.entered(),
		}, "drafted", out)
	})
}

// samePerson sees that two records of patients are of one person.
func (w *work) samePerson(ctx context.Context, a, b glabella.PatientID) error {
	who, err := personOf(ctx, w.Merges().Seen, a)
	if err == nil && !slices.Contains(who.members, b) {
		err = glabella.Invalid("publication", glabella.Issue{Path: "/permission", Code: glabella.CodeMismatch, Text: "the permission is of another patient"})
	}
	return err
}

// published stores a step of a publication.
func (w *work) published(ctx context.Context, site place, p consent.Publication, action string, out *PublicationChanged) (storage.Outcome, error) {
	f, err := w.showing(ctx, site, p)
	if err != nil {
		return failed(err)
	}
	var stored PreferenceChanged
	outcome, err := preference(ctx, w.Publications(), p, PreferenceEvent{Patient: p.Patient, Action: action, State: string(p.State)}, &stored)
	*out = PublicationChanged{Publication: p.ID, State: p.State, Picture: p.Derivative, May: consent.MayPublish(p.Facts(f)), Version: stored.Version}
	return outcome, err
}

// showing returns the facts for a publication now.
func (w *work) showing(ctx context.Context, site place, p consent.Publication) (consent.PublishFacts, error) {
	who, err := personOf(ctx, w.Merges().Seen, p.Patient)
	if err != nil {
		return consent.PublishFacts{}, err
	}
	f, err := shownBy(w.Permissions().Seen, w.Authorizations().Seen, w.Consents().Seen).facts(ctx, who, p.Patient, w.Now(), site)
	if err != nil {
		return f, err
	}
	gone, err := w.retracted(ctx, []consent.Publication{p})
	f.Retracted = len(gone) > 0
	return f, err
}

// StepPublication is the input of [Practice.StepPublication]: exactly one step.
type StepPublication struct {
	Command
	Publication glabella.PublicationID `json:"publication"`
	Schedule    time.Time              `json:"schedule,omitzero"`
	Unschedule  bool                   `json:"unschedule,omitempty"`
	Publish     string                 `json:"publish,omitempty"` // where it is shown now: an address or a reference
	Cancel      bool                   `json:"cancel,omitempty"`
	TakenDown   *TakenDown             `json:"takenDown,omitempty"`
	Keep        bool                   `json:"keep,omitempty"`  // the patient has permitted it anew before it was taken down
	Found       string                 `json:"found,omitempty"` // a copy that the practice cannot take down itself
	Asked       string                 `json:"asked,omitempty"` // the copy whose holder was asked to remove it
}

// TakenDown is the proof that a publication was taken down.
type TakenDown struct {
	Evidence       string `json:"evidence,omitempty"` // reference, such as a screenshot's
	EvidenceSHA256 string `json:"evidenceSHA256,omitempty"`
}

// StepPublication takes a publication one step further. It is published, and kept
// when it was due to be taken down, only if [Practice.MayPublish] allows it at that
// moment; every reason against it is given.
func (p *Practice) StepPublication(ctx context.Context, actor glabella.Actor, in StepPublication) (PublicationChanged, error) {
	return run(ctx, p, actor, access.PhotoPublish, glabella.PatientID{}, in, func(ctx context.Context, w *work, in StepPublication, out *PublicationChanged) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		pub, err := preferenceOf(ctx, w, w.Publications(), in.Publication, func(p consent.Publication) glabella.PatientID { return p.Patient })
		if err != nil {
			return failed(err)
		}
		f, err := w.showing(ctx, site, pub)
		if err != nil {
			return failed(err)
		}
		type step struct {
			name  string
			given bool
			take  func() (consent.Publication, error)
		}
		steps := slices.DeleteFunc([]step{
			{"scheduled", !in.Schedule.IsZero(), func() (consent.Publication, error) { return pub.Schedule(in.Schedule) }},
			{"unscheduled", in.Unschedule, pub.Unschedule},
			{"published", in.Publish != "", func() (consent.Publication, error) { return pub.Publish(f, in.Publish, by) }},
			{"canceled", in.Cancel, func() (consent.Publication, error) { return pub.Cancel(w.Now(), "") }},
			{"taken-down", in.TakenDown != nil, func() (consent.Publication, error) {
				return pub.TakeDown(w.Now(), by, in.TakenDown.Evidence, in.TakenDown.EvidenceSHA256)
			}},
			{"kept", in.Keep, func() (consent.Publication, error) { return pub.Keep(f) }},
			{"copy-found", in.Found != "", func() (consent.Publication, error) {
				return pub.Found(consent.Copy{Where: in.Found, FoundAt: w.Now()}), nil
			}},
			{"copy-asked", in.Asked != "", func() (consent.Publication, error) { return pub.Informed(in.Asked, w.Now()), nil }},
		}, func(s step) bool { return !s.given })
		if len(steps) != 1 {
			return failed(glabella.Invalid("publication", glabella.Issue{Path: "", Code: glabella.CodeMismatch, Text: "a publication takes exactly one step at a time"}))
		}
		if pub, err = steps[0].take(); err != nil {
			return failed(err)
		}
		return w.published(ctx, site, pub, steps[0].name, out)
	})
}

// MayPublish is the question of [Practice.MayPublish].
type MayPublish struct {
	Photo        glabella.PhotoID
	ShowsFace    bool
	Deidentified bool
	Tagged       bool
	Remunerated  bool
	Purpose      consent.PhotoPurpose
	Channel      consent.PublicationChannel
	Platform     string
	At           time.Time // zero is now
}

// MayPublish answers whether a photograph may be shown, at any time, by what the
// patient had answered by then.
func (p *Practice) MayPublish(ctx context.Context, actor glabella.Actor, q MayPublish) (glabella.Decision, error) {
	return query(ctx, p, actor, access.PhotoPublish, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (glabella.Decision, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return glabella.Decision{}, err
		}
		photo, err := r.Photos().Get(ctx, q.Photo)
		if err != nil {
			return glabella.Decision{}, err
		}
		r.Concerns(photo.Patient)
		who, err := personOf(ctx, r.Merges(), photo.Patient)
		if err != nil {
			return glabella.Decision{}, err
		}
		f, err := shownBy(r.Permissions(), r.Authorizations(), r.Consents()).facts(ctx, who, photo.Patient, instantOr(q.At, r.Now()), site)
		if err != nil {
			return glabella.Decision{}, err
		}
		f.Photo, f.Regions, f.Retracted = photo.ID, photo.Regions, photo.Retracted != ""
		f.ShowsFace, f.Deidentified, f.Tagged, f.Remunerated = q.ShowsFace, q.Deidentified, q.Tagged, q.Remunerated
		f.Purpose, f.Channel, f.Platform = q.Purpose, q.Channel, q.Platform
		return consent.MayPublish(f), nil
	})
}

// mayTake refuses a photograph for the record that the patient has said no to. That
// they were never asked is no reason to lose it.
func (w *work) mayTake(ctx context.Context, site place, id glabella.PatientID, regions []string) error {
	who, err := personOf(ctx, w.Merges().Seen, id)
	if err != nil {
		return err
	}
	answers, err := facts(ctx, who, w.Permissions().Seen)
	if err != nil {
		return err
	}
	for i := range answers {
		answers[i].Patient = id
	}
	d := consent.MayTake(consent.TakeFacts{Patient: id, Purpose: consent.PhotoClinicalRecord, Regions: regions, At: w.Now(), Zone: site.zone, Permissions: answers})
	if d.Outcome == glabella.Deny {
		return w.Require(d)
	}
	return nil
}

// PhotoWishes is the answer of [Practice.PhotoWishes].
type PhotoWishes struct {
	Stance       consent.PhotoStance
	MayTake      glabella.Decision // for the record
	Permissions  []consent.Permission
	Publications []consent.Publication
	Due          []consent.Publication // that are to be taken down
}

// PhotoWishes answers where a patient stands on photographs, what is shown of them,
// and what is to be taken down.
func (p *Practice) PhotoWishes(ctx context.Context, actor glabella.Actor, id glabella.PatientID) (PhotoWishes, error) {
	return query(ctx, p, actor, access.PhotoRead, id, func(ctx context.Context, r *storage.Reading) (PhotoWishes, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return PhotoWishes{}, err
		}
		who, err := personOf(ctx, r.Merges(), id)
		if err != nil {
			return PhotoWishes{}, err
		}
		var out PhotoWishes
		if out.Permissions, err = facts(ctx, who, r.Permissions()); err != nil {
			return PhotoWishes{}, err
		}
		if out.Publications, err = facts(ctx, who, r.Publications()); err != nil {
			return PhotoWishes{}, err
		}
		for _, p := range out.Publications {
			if p.State == consent.PublicationTakedownDue {
				out.Due = append(out.Due, p)
			}
		}
		answers := slices.Clone(out.Permissions)
		for i := range answers {
			answers[i].Patient = id
		}
		out.Stance = consent.StanceOf(id, answers, r.Now(), site.zone)
		out.MayTake = consent.MayTake(consent.TakeFacts{Patient: id, Purpose: consent.PhotoClinicalRecord, At: r.Now(), Zone: site.zone, Permissions: answers})
		return out, nil
	})
}
