package consent

import (
	"slices"
	"strconv"
	"time"

	"github.com/glabella-ehr/glabella"
)

// Codes of what keeps a patient from being contacted.
const (
	// CodeContactKind says that a message has no known channel or purpose.
	CodeContactKind glabella.Code = "consent.contact.kind"
	// CodeContactConfidential says that the patient asked to be reached only in other ways.
	CodeContactConfidential glabella.Code = "consent.contact.confidential"
	// CodeContactOptedOut says that the patient has opted out or refused.
	CodeContactOptedOut glabella.Code = "consent.contact.opted-out"
	// CodeContactUnwanted says that the patient does not wish to be reached so.
	CodeContactUnwanted glabella.Code = "consent.contact.unwanted"
	// CodeContactQuiet says that the patient does not wish to be reached at this hour.
	CodeContactQuiet glabella.Code = "consent.contact.quiet"
	// CodeContactHours says that it is too early or too late for a call or text where the patient is.
	CodeContactHours glabella.Code = "consent.contact.hours"
	// CodeContactZone says that the local time of the patient is not known.
	CodeContactZone glabella.Code = "consent.contact.zone"
	// CodeContactConsent says that the patient has not consented to such messages.
	CodeContactConsent glabella.Code = "consent.contact.consent"
	// CodeContactWritten says that there is no written consent to marketing by calls or texts.
	CodeContactWritten glabella.Code = "consent.contact.written"
	// CodeContactElement says that a consent to marketing lacks an element that it must have.
	CodeContactElement glabella.Code = "consent.contact.element"
	// CodeContactConditioned says that a purchase was made to depend on a consent to marketing.
	CodeContactConditioned glabella.Code = "consent.contact.conditioned"
	// CodeContactExemption says that a message does not meet a condition of the exemption for health-care messages.
	CodeContactExemption glabella.Code = "consent.contact.exemption"
	// CodeContactConfirmation says that there is no opt-out to confirm, or that it is confirmed again or with other content.
	CodeContactConfirmation glabella.Code = "consent.contact.confirmation"
)

// Where the rules on contact come from. The rules of 64.1200 were carried over from
// secondary readings; the text in force is to be checked before relying on them.
const (
	sourceConfidential  = "45 CFR 164.522(b)"
	sourceContactPolicy = "practice policy: patients are reached as they wish"
	sourceOptOut        = "47 CFR 64.1200(a)(10) (as issued in 2024; the application of parts was delayed, check the text in force)"
	sourceConfirmation  = "47 CFR 64.1200(a)(12)"
	sourceHours         = "47 CFR 64.1200(c)(1)"
	sourceExpress       = "47 CFR 64.1200(a)(1)"
	sourceWritten       = "47 CFR 64.1200(a)(2)"
	sourceElements      = "47 CFR 64.1200(f)(9)"
	sourceExemption     = "47 CFR 64.1200(a)(9)(iv) (conditions as secondary sources give them; check the text in force)"
)

// ContactContent is what a message holds, beside what it is for. A message may hold
// several.
type ContactContent string

// The contents of a message.
const (
	ContentHealth             ContactContent = "health"
	ContentAdvertising        ContactContent = "advertising" // offers, prices, invitations to buy
	ContentFinancial          ContactContent = "financial"   // billing, accounts, debts
	ContentEmergency          ContactContent = "emergency"   // what cannot wait for the sake of health or safety
	ContentOptOutConfirmation ContactContent = "opt-out-confirmation"
)

// ContactContents returns every content of a message.
func ContactContents() []ContactContent {
	return []ContactContent{ContentHealth, ContentAdvertising, ContentFinancial, ContentEmergency, ContentOptOutConfirmation}
}

// Valid reports whether c is one of [ContactContents].
func (c ContactContent) Valid() bool { return slices.Contains(ContactContents(), c) }

// ContactWishes are the patient's preferences as they bear on one message.
type ContactWishes struct {
	Unwanted bool // the patient said no to the channel for the purpose
	Quiet    bool // the instant lies in hours in which the patient wants quiet
}

// ConfidentialChannel is a way to which a patient asked to be confined.
type ConfidentialChannel struct {
	Channel ContactChannel
	Address string // [AddressDigest]; empty is any of the channel
}

// Message is what the exemption for health-care messages looks at.
type Message struct {
	Length       int  // characters of a text, seconds of a call
	Identifies   bool // it names the practice and how to reach it
	OffersOptOut bool // it says how to opt out
	Free         bool // the patient is not charged for it
}

// SentCounts says how many messages went to the patient's number lately; see
// [CountSent].
type SentCounts struct {
	Day           int // on the same day
	Week          int // on the same day and the six before
	Confirmations int // of the patient's last opt-out
}

// CountSent counts the messages of a day and a week by when they were sent, for a
// message at the instant at. Messages later than that do not count. Days are
// counted in zone; nil is UTC.
func CountSent(sent []time.Time, at time.Time, zone *time.Location) SentCounts {
	today := local(at, zone)
	var out SentCounts
	for _, t := range sent {
		if t.After(at) {
			continue
		}
		days := today.DaysSince(local(t, zone))
		if days == 0 {
			out.Day++
		}
		if days < 7 {
			out.Week++
		}
	}
	return out
}

// ContactFacts are what [MayContact] decides on.
type ContactFacts struct {
	Patient           glabella.PatientID
	Channel           ContactChannel
	Purpose           ContactPurpose
	Content           []ContactContent
	Address           string // [AddressDigest] of where it goes
	Live              bool   // a person dials and speaks: neither a machine that dials nor a recorded voice
	At                time.Time
	Zone              *time.Location // of the place where the patient is; nil is not known
	Message           Message
	Sent              SentCounts
	CoveredEntity     bool // the practice, or who sends for it, is bound by HIPAA
	NumberFromPatient bool // the patient gave the number to the practice
	Consents          []ContactConsent
	Wishes            ContactWishes
	Confidential      []ConfidentialChannel // accepted requests in force at At; none is no limit
}

// The hours in which calls and texts with marketing may be made, on the patient's
// clock (47 CFR 64.1200(c)(1)).
const (
	contactFromHour = 8
	contactToHour   = 21
)

// Limits of the exemption for health-care messages (47 CFR 64.1200(a)(9)(iv)).
const (
	ExemptPerDay     = 1
	ExemptPerWeek    = 3
	ExemptCharacters = 160 // of a text
	ExemptSeconds    = 60  // of a call
)

// MayContact decides whether a message may go to a patient at the instant At, by
// what the patient had answered by then. All reasons are given.
//
// A message that holds advertising is marketing, whatever it is for. Marketing by
// call or text needs prior express written consent with all its elements, and keeps
// to the hours of the patient's clock; this holds here also for calls that a person
// dials, which is stricter than the rule. Other calls and texts by machine need a
// consent for their purpose, or must meet every condition of the exemption for
// health-care messages. A call by a person on other matters needs none.
//
// An opt-out ends what was granted before it; the keyword ends it for every purpose
// of the channel. What cannot wait for the sake of health or safety meets at most
// warnings.
func MayContact(f ContactFacts) glabella.Decision {
	if !f.Channel.Valid() || !f.Purpose.Valid() {
		return glabella.Decide(f.reason(glabella.Deny, CodeContactKind, "the message has no known channel or purpose", "say by which channel and for what it is sent", sourceContactPolicy))
	}
	emergency := slices.Contains(f.Content, ContentEmergency) && !f.marketing()
	strength := glabella.Deny
	if emergency {
		strength = glabella.Warn
	}
	var reasons []glabella.Reason
	if f.confined() {
		reasons = append(reasons, f.reason(strength, CodeContactConfidential, "the patient asked to be reached only in other ways", "use a channel and an address that the patient asked for", sourceConfidential))
	}
	best, no := f.answers()
	if slices.Contains(f.Content, ContentOptOutConfirmation) {
		return glabella.Decide(append(reasons, f.confirmation(no)...)...)
	}
	if f.Wishes.Unwanted {
		reasons = append(reasons, f.reason(strength, CodeContactUnwanted, "the patient does not wish to be reached so", "use another channel, or leave it", sourceContactPolicy))
	}
	if f.Wishes.Quiet && !emergency {
		reasons = append(reasons, f.reason(glabella.Deny, CodeContactQuiet, "the patient does not wish to be reached at this hour", "send it later", sourceContactPolicy))
	}
	if no != nil {
		r := f.reason(strength, CodeContactOptedOut, "the patient has opted out or refused", "respect the answer; only the patient can change it", sourceContactPolicy).For(no.Ref())
		if f.Channel.telephone() {
			r.Source = sourceOptOut
		}
		reasons = append(reasons, r)
	}
	if !emergency {
		reasons = append(reasons, f.hours()...)
		reasons = append(reasons, f.consented(best, no != nil)...)
	}
	return glabella.Decide(reasons...)
}

func (f *ContactFacts) marketing() bool {
	return f.Purpose == ContactMarketing || slices.Contains(f.Content, ContentAdvertising)
}

// needs returns the purpose that a consent must be for.
func (f *ContactFacts) needs() ContactPurpose {
	if f.marketing() {
		return ContactMarketing
	}
	return f.Purpose
}

// confined reports whether the patient asked to be reached only in other ways.
func (f *ContactFacts) confined() bool {
	return len(f.Confidential) > 0 && !slices.ContainsFunc(f.Confidential, func(c ConfidentialChannel) bool {
		return c.Channel == f.Channel && (c.Address == "" || c.Address == f.Address)
	})
}

// answers returns the consent that counts, if one does, and the refusal or opt-out
// that stands, if one does: that no consent was given after.
func (f *ContactFacts) answers() (yes, no *ContactConsent) {
	var stopped time.Time
	purpose := f.needs()
	for i := range f.Consents {
		c := &f.Consents[i]
		if c.Patient != f.Patient || c.Channel != f.Channel || !c.about(f.Address) {
			continue
		}
		if at, ok := c.stoppedAt(f.At, f.Purpose, purpose); ok && (no == nil || at.After(stopped)) {
			no, stopped = c, at
		}
	}
	for i := range f.Consents {
		c := &f.Consents[i]
		if c.Patient != f.Patient || c.Channel != f.Channel || !c.about(f.Address) || !c.Granted || c.Purpose != purpose || !past(c.Evidence.At, f.At) ||
			no != nil && !c.Evidence.At.After(stopped) {
			continue
		}
		if yes == nil || f.lacking(c) < f.lacking(yes) || f.lacking(c) == f.lacking(yes) && c.Evidence.At.After(yes.Evidence.At) {
			yes = c
		}
	}
	if yes != nil {
		no = nil
	}
	return yes, no
}

// stoppedAt returns since when the answer is a no at t for one of the purposes, if
// it is one.
func (c *ContactConsent) stoppedAt(t time.Time, purposes ...ContactPurpose) (time.Time, bool) {
	about := c.Purpose == "" || slices.Contains(purposes, c.Purpose)
	if o := c.OptOut; o != nil && past(o.At, t) && (about || o.All || o.Keyword == KeywordStop) {
		return o.At, true
	}
	return c.Evidence.At, !c.Granted && about && past(c.Evidence.At, t)
}

// hours returns what the time of the day has against a call or text.
func (f *ContactFacts) hours() []glabella.Reason {
	switch {
	case !f.Channel.telephone() || f.Zone == nil && !f.marketing():
		return nil
	case f.Zone == nil:
		return []glabella.Reason{f.reason(glabella.Deny, CodeContactZone, "the local time of the patient is not known", "say in which time zone the patient is", sourceHours)}
	}
	if hour := f.At.In(f.Zone).Hour(); hour >= contactFromHour && hour < contactToHour {
		return nil
	}
	r := f.reason(glabella.Deny, CodeContactHours, "it is too early or too late where the patient is", "send it between the hours", sourceHours)
	if !f.marketing() {
		r.Outcome, r.Source = glabella.Warn, sourceContactPolicy
	}
	return []glabella.Reason{r.With("from", strconv.Itoa(contactFromHour)).With("to", strconv.Itoa(contactToHour))}
}

// consented returns what is lacking in the patient's consent.
func (f *ContactFacts) consented(best *ContactConsent, refused bool) []glabella.Reason {
	switch {
	case refused:
		return nil // the refusal says it
	case f.Channel.telephone() && f.marketing():
		if best == nil {
			return []glabella.Reason{f.reason(glabella.Deny, CodeContactWritten, "there is no written consent to marketing by this channel", "have the patient sign one", sourceWritten)}
		}
		return f.elements(best)
	case best != nil:
		return nil
	case !f.Channel.telephone():
		if !f.marketing() {
			return nil
		}
		return []glabella.Reason{f.reason(glabella.Warn, CodeContactConsent, "the patient has not agreed to marketing by this channel", "ask the patient", sourceContactPolicy)}
	case f.Live && f.Channel == ContactPhone:
		return nil
	}
	failed := f.exemption()
	if len(failed) == 0 {
		return nil
	}
	return append([]glabella.Reason{f.reason(glabella.Deny, CodeContactConsent, "the patient has not consented to such calls or texts", "ask the patient", sourceExpress)}, failed...)
}

// confirmation returns what is against the one text that confirms the answer no, if
// it is an answer.
func (f *ContactFacts) confirmation(no *ContactConsent) []glabella.Reason {
	if no != nil && f.Sent.Confirmations == 0 && len(f.Content) == 1 && !f.marketing() {
		return nil
	}
	return []glabella.Reason{f.reason(glabella.Deny, CodeContactConfirmation, "an opt-out is confirmed once and with nothing else", "send no more", sourceConfirmation)}
}

func (f *ContactFacts) reason(o glabella.Outcome, code glabella.Code, text, fix, source string) glabella.Reason {
	return glabella.Reason{Outcome: o, Code: code, Text: text}.For(f.Patient.Ref()).
		With("channel", string(f.Channel)).With("purpose", string(f.needs())).WithFix(fix).CitedFrom(source)
}
