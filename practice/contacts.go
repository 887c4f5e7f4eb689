package practice

import (
	"context"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/storage"
)

// RecordContactConsent is the input of [Practice.RecordContactConsent].
type RecordContactConsent struct {
	Command
	Patient  glabella.PatientID      `json:"patient"`
	Channel  consent.ContactChannel  `json:"channel"`
	Purpose  consent.ContactPurpose  `json:"purpose,omitempty"` // empty, in a no, is every purpose
	Granted  bool                    `json:"granted"`
	Address  string                  `json:"address,omitempty"` // the number or address as the record has it; empty is any of the channel
	Evidence consent.ContactEvidence `json:"evidence"`
}

// ContactConsentRecorded is the receipt of [Practice.RecordContactConsent].
type ContactConsentRecorded struct {
	PreferenceChanged
	Consent glabella.ContactConsentID `json:"consent"`
	Lacking []consent.ConsentElement  `json:"lacking"` // what consent to marketing by call or text must have
}

// RecordContactConsent records a patient's yes or no to being contacted by a channel
// for a purpose, with what proves it. One that lacks what marketing needs is kept and
// does not count; what it lacks is in the receipt. The address is stored as a digest.
func (p *Practice) RecordContactConsent(ctx context.Context, actor glabella.Actor, in RecordContactConsent) (ContactConsentRecorded, error) {
	return run(ctx, p, actor, access.PreferenceRecord, in.Patient, in, func(ctx context.Context, w *work, in RecordContactConsent, out *ContactConsentRecorded) (storage.Outcome, error) {
		if _, err := w.Patients().Get(ctx, in.Patient); err != nil {
			return failed(err)
		}
		c := consent.ContactConsent{
			ID: glabella.ContactConsentID(w.NewUUID()), Patient: in.Patient, Channel: in.Channel, Purpose: in.Purpose, Granted: in.Granted,
			Address: digestFor(in.Patient, in.Address), Evidence: in.Evidence, Provenance: w.entered(),
		}
		if c.Evidence.At.IsZero() {
			c.Evidence.At = w.Now()
		}
		c.Evidence.At = instant(c.Evidence.At)
		out.Consent = c.ID
		if c.Granted && c.Purpose == consent.ContactMarketing {
			out.Lacking = c.LackingElements()
		}
		return w.contactConsent(ctx, c, "recorded", &out.PreferenceChanged)
	})
}

func (w *work) contactConsent(ctx context.Context, c consent.ContactConsent, action string, out *PreferenceChanged) (storage.Outcome, error) {
	state := "declined"
	switch {
	case c.OptOut != nil:
		state = "opted-out"
	case c.Granted:
		state = "granted"
	}
	return preference(ctx, w.ContactConsents(), c, PreferenceEvent{Patient: c.Patient, Action: action, State: state}, out)
}

// digestFor returns the digest of an address, none for none.
func digestFor(id glabella.PatientID, address string) string {
	if address == "" {
		return ""
	}
	return consent.AddressDigest(id, address)
}

// RecordOptOut is the input of [Practice.RecordOptOut].
type RecordOptOut struct {
	Command
	Patient   glabella.PatientID     `json:"patient"`
	Channel   consent.ContactChannel `json:"channel"`
	Address   string                 `json:"address,omitempty"` // empty is every address of the channel
	By        consent.OptOutMeans    `json:"by"`
	MessageID string                 `json:"messageID,omitempty"`
}

// OptedOut is the receipt of [Practice.RecordOptOut] and [Practice.RecordReply].
type OptedOut struct {
	Keyword  consent.Keyword             `json:"keyword,omitempty"` // that the reply was
	Review   bool                        `json:"review,omitempty"`  // the reply may mean stop: a person reads it
	Ended    []glabella.ContactConsentID `json:"ended"`             // the consents that it ends, or the refusal that was recorded
	HonourBy glabella.Date               `json:"honourBy,omitzero"` // the last day for lists and services outside
}

// OptedOutEvent is the event that a patient does not want to be contacted by a
// channel.
type OptedOutEvent struct {
	Patient  glabella.PatientID          `json:"patient"`
	Channel  consent.ContactChannel      `json:"channel"`
	By       consent.OptOutMeans         `json:"by"`
	Ended    []glabella.ContactConsentID `json:"ended"`
	HonourBy glabella.Date               `json:"honourBy"`
}

// RecordOptOut ends every consent of a patient to be contacted by a channel, for
// every purpose. It counts at once; the receipt has the last day for lists and
// services outside to follow. Where there was no consent, a refusal is recorded, so
// that the answer is kept. The wishes on the patient's record follow.
func (p *Practice) RecordOptOut(ctx context.Context, actor glabella.Actor, in RecordOptOut) (OptedOut, error) {
	return run(ctx, p, actor, access.PreferenceRecord, in.Patient, in, func(ctx context.Context, w *work, in RecordOptOut, out *OptedOut) (storage.Outcome, error) {
		return w.optOut(ctx, in.Patient, in.Channel, in.Address, consent.OptOut{By: in.By, MessageID: in.MessageID, All: true}, out)
	})
}

func (w *work) optOut(ctx context.Context, id glabella.PatientID, channel consent.ContactChannel, address string, o consent.OptOut, out *OptedOut) (storage.Outcome, error) {
	site, err := w.strictest(ctx)
	if err != nil {
		return failed(err)
	}
	who, err := personOf(ctx, w.Merges().Seen, id)
	if err != nil {
		return failed(err)
	}
	o.At, o.HonourBy = w.Now(), consent.HonourBy(w.Now(), site.zone)
	for _, member := range who.members {
		given, err := w.ContactConsents().All(ctx, storage.FactQuery{Patient: member})
		if err != nil {
			return failed(err)
		}
		for _, c := range consent.RevokeAll(given, member, channel, digestFor(member, address), o) {
			if _, err := w.ContactConsents().Put(ctx, c); err != nil {
				return failed(err)
			}
			out.Ended = append(out.Ended, c.ID)
		}
	}
	if len(out.Ended) == 0 {
		refusal := consent.ContactConsent{
			ID: glabella.ContactConsentID(w.NewUUID()), Patient: id, Channel: channel, Address: digestFor(id, address), Evidence: consent.ContactEvidence{Source: refusedBy[o.By], At: w.Now()},
			OptOut: &o, Provenance: w.entered(),
		}
		if _, err := w.ContactConsents().Put(ctx, refusal); err != nil {
			return failed(err)
		}
		out.Ended = append(out.Ended, refusal.ID)
	}
	if err := w.unwanted(ctx, id, channel); err != nil {
		return failed(err)
	}
	out.HonourBy = o.HonourBy
	return recorded("privacy.opted-out", OptedOutEvent{Patient: id, Channel: channel, By: o.By, Ended: out.Ended, HonourBy: o.HonourBy})
}

// refusedBy is how a refusal without an earlier consent came about.
var refusedBy = map[consent.OptOutMeans]consent.ContactSource{
	consent.OptOutKeyword: consent.ContactSMSKeyword, consent.OptOutMessage: consent.ContactWebForm, consent.OptOutCall: consent.ContactVerbal,
	consent.OptOutInPerson: consent.ContactVerbal, consent.OptOutLink: consent.ContactWebForm, consent.OptOutProvider: consent.ContactImport,
}

// unwanted has the wishes of the record say no to a channel.
func (w *work) unwanted(ctx context.Context, id glabella.PatientID, channel consent.ContactChannel) error {
	p, err := w.Patients().Get(ctx, id)
	if err != nil {
		return err
	}
	p.Communication = p.Communication.OptOut(patient.Channel(channel), w.entered())
	_, err = w.Patients().Put(ctx, p)
	return err
}

// RecordReply is the input of [Practice.RecordReply]: a text that a patient sent.
type RecordReply struct {
	Command
	Patient   glabella.PatientID     `json:"patient"`
	Channel   consent.ContactChannel `json:"channel"`
	Address   string                 `json:"address,omitempty"` // from which it came
	Text      string                 `json:"text"`              // which is not stored
	MessageID string                 `json:"messageID,omitempty"`
}

// ReplyEvent is the event that a patient answered a message with a keyword, or with
// words that may mean stop.
type ReplyEvent struct {
	Patient   glabella.PatientID     `json:"patient"`
	Channel   consent.ContactChannel `json:"channel"`
	Keyword   consent.Keyword        `json:"keyword,omitempty"`
	Review    bool                   `json:"review,omitempty"`
	MessageID string                 `json:"messageID,omitempty"`
}

// RecordReply reads what a patient has sent in answer to a message: stop ends every
// consent of the channel as [Practice.RecordOptOut] does; other words that may mean
// it are for a person to read (47 CFR 64.1200(a)(10)). START grants nothing by
// itself, because consent to marketing needs a signature. The text is not stored.
func (p *Practice) RecordReply(ctx context.Context, actor glabella.Actor, in RecordReply) (OptedOut, error) {
	return run(ctx, p, actor, access.PreferenceRecord, in.Patient, in, func(ctx context.Context, w *work, in RecordReply, out *OptedOut) (storage.Outcome, error) {
		word, ok := consent.ParseKeyword(in.Text)
		out.Keyword = word
		if ok && word == consent.KeywordStop {
			return w.optOut(ctx, in.Patient, in.Channel, in.Address, consent.OptOut{By: consent.OptOutKeyword, Keyword: word, MessageID: in.MessageID}, out)
		}
		if _, err := w.Patients().Get(ctx, in.Patient); err != nil {
			return failed(err)
		}
		out.Review = !ok && consent.MentionsStop(in.Text)
		return recorded("privacy.reply", ReplyEvent{Patient: in.Patient, Channel: in.Channel, Keyword: word, Review: out.Review, MessageID: in.MessageID})
	})
}

// HonourOptOut is the input of [Practice.HonourOptOut].
type HonourOptOut struct {
	Command
	Consent glabella.ContactConsentID `json:"consent"`
}

// HonourOptOut records that every list and service outside follows an opt-out.
func (p *Practice) HonourOptOut(ctx context.Context, actor glabella.Actor, in HonourOptOut) (PreferenceChanged, error) {
	return run(ctx, p, actor, access.PreferenceRecord, glabella.PatientID{}, in, func(ctx context.Context, w *work, in HonourOptOut, out *PreferenceChanged) (storage.Outcome, error) {
		c, err := preferenceOf(ctx, w, w.ContactConsents(), in.Consent, func(c consent.ContactConsent) glabella.PatientID { return c.Patient })
		if err != nil {
			return failed(err)
		}
		return w.contactConsent(ctx, c.Honoured(w.Now()), "honoured", out)
	})
}

// OverdueOptOuts returns the opt-outs that lists and services outside should follow
// by now and are not recorded to, the oldest first.
func (p *Practice) OverdueOptOuts(ctx context.Context, actor glabella.Actor) ([]consent.ContactConsent, error) {
	return query(ctx, p, actor, access.PatientContact, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]consent.ContactConsent, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return nil, err
		}
		all, err := r.ContactConsents().All(ctx, storage.FactQuery{})
		if err != nil {
			return nil, err
		}
		return consent.Unhonoured(all, site.today), nil
	})
}

// MayContact is the question of [Practice.MayContact]: a message.
type MayContact struct {
	Patient           glabella.PatientID
	Channel           consent.ContactChannel
	Purpose           consent.ContactPurpose
	Content           []consent.ContactContent
	Address           string          // where it goes, as the record has it; empty is any of the channel
	Live              bool            // a person dials and speaks
	Zone              *time.Location  // of the place where the patient is; nil is that of the site
	Message           consent.Message // for the exemption of health-care messages
	Sent              []time.Time     // when messages went to the number lately
	Confirmations     int             // of the patient's last opt-out that were sent
	CoveredEntity     bool            // the practice is bound by HIPAA
	NumberFromPatient bool            // the patient gave the number to the practice
	At                time.Time       // when it would go; zero is now
	Policy            *patient.ReachPolicy
}

// MayContact answers whether a message may go to a patient, at any time: their
// consents and opt-outs with the rules on calls and texts, accepted requests to be
// reached in another way, and, as [Practice.MayReach] does, their wishes, quiet
// hours, standing and whether there is an address, as the record has them now. It
// gives every reason.
func (p *Practice) MayContact(ctx context.Context, actor glabella.Actor, q MayContact) (glabella.Decision, error) {
	return query(ctx, p, actor, access.PatientContact, q.Patient, func(ctx context.Context, r *storage.Reading) (glabella.Decision, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return glabella.Decision{}, err
		}
		who, err := personOf(ctx, r.Merges(), q.Patient)
		if err != nil {
			return glabella.Decision{}, err
		}
		seen, err := who.view(ctx, r.Patients())
		if err != nil {
			return glabella.Decision{}, err
		}
		now, zone := instantOr(q.At, r.Now()), q.Zone
		if zone == nil {
			zone = site.zone
		}
		f := consent.ContactFacts{
			Patient: q.Patient, Channel: q.Channel, Purpose: q.Purpose, Content: q.Content, Address: digestFor(q.Patient, q.Address), Live: q.Live, At: now, Zone: zone, Message: q.Message,
			Sent: consent.CountSent(q.Sent, now, zone), CoveredEntity: q.CoveredEntity, NumberFromPatient: q.NumberFromPatient,
		}
		f.Sent.Confirmations = q.Confirmations
		if err := contactFacts(ctx, r, who, q, &f); err != nil {
			return glabella.Decision{}, err
		}
		reach := patient.CommunicationFacts{
			Patient: seen, Channel: patient.Channel(q.Channel), Purpose: patient.ReachPurpose(q.Purpose), Address: q.Address, At: now, Zone: zone,
			Urgent: slices.Contains(q.Content, consent.ContentEmergency), Policy: patient.DefaultReachPolicy(),
		}
		if q.Policy != nil {
			reach.Policy = *q.Policy
		}
		reasons := consent.MayContact(f).Reasons
		if !slices.Contains(q.Content, consent.ContentOptOutConfirmation) { // which goes to who wants nothing more
			reasons = append(reasons, patient.MayReach(reach).Reasons...)
		}
		return glabella.Decide(reasons...), nil
	})
}

// contactFacts fills in what a person has answered, as of the record that is asked
// for: the digest of an address is of one record, so that the same address of a
// merged one is known by its own.
func contactFacts(ctx context.Context, r *storage.Reading, who person, q MayContact, f *consent.ContactFacts) error {
	for _, member := range who.members {
		given, err := r.ContactConsents().All(ctx, storage.FactQuery{Patient: member})
		if err != nil {
			return err
		}
		mine := digestFor(member, q.Address)
		for _, c := range given {
			c.Patient = q.Patient
			if c.Address != "" && c.Address == mine {
				c.Address = f.Address
			}
			f.Consents = append(f.Consents, c)
		}
		asked, err := r.Restrictions().All(ctx, storage.FactQuery{Patient: member})
		if err != nil {
			return err
		}
		for _, a := range consent.AlternativeContacts(asked, member, f.At) {
			channel, ok := alternatives[a.Contact.Channel]
			if ok {
				f.Confidential = append(f.Confidential, consent.ConfidentialChannel{Channel: channel, Address: digestFor(q.Patient, a.Contact.Address)})
			}
		}
	}
	return nil
}

// alternatives are the channels of accepted requests to be reached in another way.
var alternatives = map[consent.AlternativeChannel]consent.ContactChannel{
	consent.AlternativeEmail: consent.ContactEmail, consent.AlternativeSMS: consent.ContactSMS, consent.AlternativePhone: consent.ContactPhone,
	consent.AlternativeMail: consent.ContactPost, consent.AlternativePortal: consent.ContactApp,
}
