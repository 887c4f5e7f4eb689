package consent

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
)

// ContactChannel is a way in which a message travels to a patient.
type ContactChannel string

// The channels of contact.
const (
	ContactSMS   ContactChannel = "sms"
	ContactPhone ContactChannel = "phone" // a call
	ContactEmail ContactChannel = "email"
	ContactPost  ContactChannel = "post"
	ContactApp   ContactChannel = "app" // a notice in the host's own app
)

// ContactChannels returns every channel of contact.
func ContactChannels() []ContactChannel {
	return []ContactChannel{ContactSMS, ContactPhone, ContactEmail, ContactPost, ContactApp}
}

// Valid reports whether c is one of [ContactChannels].
func (c ContactChannel) Valid() bool { return slices.Contains(ContactChannels(), c) }

// telephone reports whether the rules on calls and texts apply.
func (c ContactChannel) telephone() bool { return c == ContactSMS || c == ContactPhone }

// ContactPurpose is what a message is for.
type ContactPurpose string

// The purposes of a message.
const (
	ContactAppointment ContactPurpose = "appointment"
	ContactCare        ContactPurpose = "care"   // instructions, results, safety notices
	ContactRecall      ContactPurpose = "recall" // an invitation to the next treatment
	ContactBilling     ContactPurpose = "billing"
	ContactMarketing   ContactPurpose = "marketing"
	ContactSurvey      ContactPurpose = "survey"
)

// ContactPurposes returns every purpose of a message.
func ContactPurposes() []ContactPurpose {
	return []ContactPurpose{ContactAppointment, ContactCare, ContactRecall, ContactBilling, ContactMarketing, ContactSurvey}
}

// Valid reports whether p is one of [ContactPurposes].
func (p ContactPurpose) Valid() bool { return slices.Contains(ContactPurposes(), p) }

// ContactSource is how a consent to be contacted was given.
type ContactSource string

// The sources of a consent to be contacted.
const (
	ContactWebForm    ContactSource = "web-form"
	ContactPaper      ContactSource = "paper"
	ContactVerbal     ContactSource = "verbal"
	ContactSMSKeyword ContactSource = "sms-keyword"
	ContactImport     ContactSource = "import"
)

// ContactSources returns every source of a consent to be contacted.
func ContactSources() []ContactSource {
	return []ContactSource{ContactWebForm, ContactPaper, ContactVerbal, ContactSMSKeyword, ContactImport}
}

// Valid reports whether s is one of [ContactSources].
func (s ContactSource) Valid() bool { return slices.Contains(ContactSources(), s) }

// ContactEvidence is what proves how a patient answered.
type ContactEvidence struct {
	Source      ContactSource `json:"source" validate:"oneof=web-form paper verbal sms-keyword import"`
	At          time.Time     `json:"at" validate:"required"`
	TextVersion string        `json:"textVersion,omitempty"` // code of the text that was agreed to
	TextSHA256  string        `json:"textSHA256,omitempty"`
	IP          string        `json:"ip,omitempty"`        // as the host gives it, which may have shortened it
	Recording   string        `json:"recording,omitempty"` // reference to the sound of what was said
	Signature   *Signature    `json:"signature,omitempty"`
	// What the text told the patient, clearly and conspicuously (47 CFR
	// 64.1200(f)(9)): that they authorize calls or texts with marketing, and that
	// signing is no condition of a purchase.
	StatesMarketing    bool `json:"statesMarketing,omitempty"`
	StatesNotCondition bool `json:"statesNotCondition,omitempty"`
	// Conditioned says that a purchase or treatment was made to depend on it all the
	// same.
	Conditioned bool `json:"conditioned,omitempty"`
}

// OptOutMeans is how a patient revoked a consent to be contacted. Any reasonable
// means counts (47 CFR 64.1200(a)(10)).
type OptOutMeans string

// The means of opting out.
const (
	OptOutKeyword  OptOutMeans = "keyword"  // a word in answer to a message
	OptOutMessage  OptOutMeans = "message"  // other words in writing
	OptOutCall     OptOutMeans = "call"     // said, or a key pressed, in a call
	OptOutInPerson OptOutMeans = "person"   // said at the practice
	OptOutLink     OptOutMeans = "link"     // a link or a page of the practice
	OptOutProvider OptOutMeans = "provider" // the service that carries the messages reported it
)

// OptOutMeansList returns every means of opting out.
func OptOutMeansList() []OptOutMeans {
	return []OptOutMeans{OptOutKeyword, OptOutMessage, OptOutCall, OptOutInPerson, OptOutLink, OptOutProvider}
}

// Valid reports whether m is one of [OptOutMeansList].
func (m OptOutMeans) Valid() bool { return slices.Contains(OptOutMeansList(), m) }

// OptOut is a patient's revocation of a consent to be contacted. [MayContact]
// honours it at once. HonourBy is the day by which every list and service outside
// must follow.
type OptOut struct {
	At         time.Time     `json:"at"`
	MessageID  string        `json:"messageID,omitempty"` // of the message that said so
	Keyword    Keyword       `json:"keyword,omitempty"`
	By         OptOutMeans   `json:"by"`
	All        bool          `json:"all,omitempty"` // for every purpose of the channel, as the keyword always is
	HonourBy   glabella.Date `json:"honourBy"`      // see [HonourBy]
	HonouredAt time.Time     `json:"honouredAt,omitzero"`
}

// ContactConsent is a patient's answer on being contacted by one channel for one
// purpose, with its evidence. It is a legal consent, not the preference that package
// patient keeps. It is revoked by an opt-out, never deleted.
type ContactConsent struct {
	ID glabella.ContactConsentID `json:"id" validate:"required"`
	glabella.Meta
	Patient    glabella.PatientID  `json:"patient" validate:"required"`
	Channel    ContactChannel      `json:"channel" validate:"oneof=sms phone email post app"`
	Purpose    ContactPurpose      `json:"purpose,omitempty" validate:"omitempty,oneof=appointment care recall billing marketing survey"` // empty, in a no, is every purpose
	Granted    bool                `json:"granted"`
	Address    string              `json:"address,omitempty"` // [AddressDigest] of the number or address; empty is any of the channel
	Evidence   ContactEvidence     `json:"evidence"`
	OptOut     *OptOut             `json:"optOut,omitempty"`
	Provenance glabella.Provenance `json:"provenance"`
}

// Ref returns the reference to the consent.
func (c ContactConsent) Ref() glabella.Ref { return c.ID.Ref() }

// AddressDigest returns the digest of a number or address of a patient, by which
// consents name it: SHA-256 in hex over the patient and the address in the form in
// which it is stored. It proves which number was agreed to; it does not hide the
// number from somebody who tries them all.
func AddressDigest(patient glabella.PatientID, address string) string {
	sum := sha256.Sum256([]byte(patient.String() + "\x00" + address))
	return hex.EncodeToString(sum[:])
}

// Validate reports everything that is wrong with the consent by itself. One that
// lacks what marketing needs is valid; [MayContact] does not count it.
func (c ContactConsent) Validate() error {
	issues := check.Struct(c)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if c.Granted && c.Purpose == "" {
		add("/purpose", glabella.CodeRequired, "a consent is for one purpose")
	}
	for path, h := range map[string]string{"/address": c.Address, "/evidence/textSHA256": c.Evidence.TextSHA256} {
		if h != "" && !hashPattern.MatchString(h) {
			add(path, glabella.CodeFormat, "a hash is 64 lower-case hexadecimal digits")
		}
	}
	if c.Evidence.TextSHA256 != "" && c.Evidence.TextVersion == "" {
		add("/evidence/textVersion", glabella.CodeRequired, "a text that was agreed to has a version")
	}
	if c.OptOut != nil {
		issues = append(issues, c.OptOut.issues(c.Evidence.At)...)
	}
	issues = append(issues, c.Provenance.Validate("/provenance")...)
	return glabella.Invalid("contact consent", issues...)
}

// issues reports what is wrong with an opt-out of a consent given at the instant
// given.
func (o *OptOut) issues(given time.Time) []glabella.Issue {
	var issues []glabella.Issue
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: "/optOut" + path, Code: code, Text: text})
	}
	if o.At.IsZero() {
		add("/at", glabella.CodeRequired, "must be given")
	} else if o.At.Before(given) {
		add("/at", CodeOrder, "revoked before it was given")
	}
	if !o.By.Valid() {
		add("/by", glabella.CodeUnknownValue, "not a means of opting out")
	}
	if o.By == OptOutKeyword && o.Keyword != KeywordStop || o.By != OptOutKeyword && o.Keyword != "" {
		add("/keyword", glabella.CodeMismatch, "a patient opts out by the keyword stop or by other means")
	}
	if o.HonourBy.IsZero() {
		add("/honourBy", glabella.CodeRequired, "must be given")
	}
	if !o.HonouredAt.IsZero() && o.HonouredAt.Before(o.At) {
		add("/honouredAt", CodeOrder, "honoured before it was said")
	}
	return issues
}

// Revoke returns the consent revoked. One that was revoked before keeps its first
// opt-out; an opt-out that is not valid, or before the answer, gives a
// [*glabella.ValidationError]. What else may be wrong with the consent does not keep
// it from being revoked.
func (c ContactConsent) Revoke(o OptOut) (ContactConsent, error) {
	if c.OptOut != nil {
		return c, nil
	}
	o.At = instant(o.At)
	if !o.HonouredAt.IsZero() {
		o.HonouredAt = instant(o.HonouredAt)
	}
	if err := glabella.Invalid("contact consent", o.issues(c.Evidence.At)...); err != nil {
		return c, err
	}
	c.OptOut = &o
	return c, nil
}

// Honoured returns the consent with its opt-out carried out by every list and
// service outside, as of at. One without an opt-out is not changed.
func (c ContactConsent) Honoured(at time.Time) ContactConsent {
	if c.OptOut == nil || !c.OptOut.HonouredAt.IsZero() {
		return c
	}
	o := *c.OptOut
	o.HonouredAt = instant(at)
	c.OptOut = &o
	return c
}

// RevokeAll returns the consents that an opt-out by a channel ends, each revoked:
// those granted by the patient for the channel and the address, for every purpose.
// An empty address is every address, and an opt-out that is not valid ends none.
// Where nothing was granted the host records a refusal instead, so that the answer
// is kept.
func RevokeAll(consents []ContactConsent, patient glabella.PatientID, channel ContactChannel, address string, o OptOut) []ContactConsent {
	var out []ContactConsent
	for _, c := range consents {
		if c.Patient != patient || c.Channel != channel || !c.Granted || c.OptOut != nil || !c.about(address) && address != "" {
			continue
		}
		if next, err := c.Revoke(o); err == nil { // one given later cannot be revoked by it
			out = append(out, next)
		}
	}
	return out
}

// about reports whether the answer is about the address, which is a digest.
func (c *ContactConsent) about(address string) bool { return c.Address == "" || c.Address == address }

// HonourDays is how many business days a practice has at most to honour an opt-out
// (47 CFR 64.1200(a)(10) and (d)(3)).
const HonourDays = 10

// HonourBy returns the last day on which an opt-out received at the instant at is to
// be honoured: the tenth business day after it. Saturdays, Sundays and the given
// holidays are no business days. Days are counted in zone; nil is UTC.
func HonourBy(at time.Time, zone *time.Location, holidays ...glabella.Date) glabella.Date {
	day := local(at, zone)
	for left := HonourDays; left > 0; {
		day = day.AddDays(1)
		weekday := day.Start(time.UTC).Weekday()
		if weekday != time.Saturday && weekday != time.Sunday && !slices.Contains(holidays, day) {
			left--
		}
	}
	return day
}

// Unhonoured returns the consents whose opt-out is not carried out everywhere though
// its last day has passed, in order of that day.
func Unhonoured(consents []ContactConsent, today glabella.Date) []ContactConsent {
	var out []ContactConsent
	for _, c := range consents {
		if o := c.OptOut; o != nil && o.HonouredAt.IsZero() && today.After(o.HonourBy) {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b ContactConsent) int {
		if n := a.OptOut.HonourBy.Compare(b.OptOut.HonourBy); n != 0 {
			return n
		}
		return strings.Compare(a.ID.String(), b.ID.String())
	})
	return out
}
