package consent

import (
	"slices"
	"strconv"

	"github.com/glabella-ehr/glabella"
)

// ConsentElement is something that a consent to marketing by call or text must have
// (47 CFR 64.1200(f)(9)).
type ConsentElement string

// The elements of a consent to marketing.
const (
	ElementWriting      ConsentElement = "writing"       // the text that was agreed to, in writing
	ElementSignature    ConsentElement = "signature"     // the patient's, on paper or electronic
	ElementNumber       ConsentElement = "number"        // to which messages may go
	ElementMarketing    ConsentElement = "marketing"     // it says that marketing is authorized
	ElementNotCondition ConsentElement = "not-condition" // it says that it is no condition of a purchase
)

// ConsentElements returns every element of a consent to marketing.
func ConsentElements() []ConsentElement {
	return []ConsentElement{ElementWriting, ElementSignature, ElementNumber, ElementMarketing, ElementNotCondition}
}

// Valid reports whether e is one of [ConsentElements].
func (e ConsentElement) Valid() bool { return slices.Contains(ConsentElements(), e) }

// has reports whether the consent has the element.
func (c *ContactConsent) has(e ConsentElement) bool {
	v := &c.Evidence
	switch e {
	case ElementWriting:
		return v.TextSHA256 != "" && v.Source != ContactVerbal
	case ElementSignature:
		return v.Signature != nil
	case ElementNumber:
		return c.Address != ""
	case ElementMarketing:
		return v.StatesMarketing
	default:
		return v.StatesNotCondition
	}
}

// LackingElements returns the elements that the consent lacks for marketing by call
// or text, for a form that asks for them.
func (c ContactConsent) LackingElements() []ConsentElement {
	var out []ConsentElement
	for _, e := range ConsentElements() {
		if !c.has(e) {
			out = append(out, e)
		}
	}
	return out
}

// lacking counts what keeps the consent from covering marketing by call or text.
func (f *ContactFacts) lacking(c *ContactConsent) int {
	if !f.Channel.telephone() || !f.marketing() {
		return 0
	}
	n := 0
	for _, e := range [...]ConsentElement{ElementWriting, ElementSignature, ElementNumber, ElementMarketing, ElementNotCondition} {
		if !c.has(e) {
			n++
		}
	}
	if c.Evidence.Conditioned {
		n++
	}
	return n
}

// elements returns what is lacking in a consent to marketing as reasons.
func (f *ContactFacts) elements(c *ContactConsent) []glabella.Reason {
	var out []glabella.Reason
	for _, e := range c.LackingElements() {
		out = append(out, f.reason(glabella.Deny, CodeContactElement, "the consent to marketing lacks an element", "have the patient sign a complete one", sourceElements).
			For(c.Ref()).With("element", string(e)))
	}
	if c.Evidence.Conditioned {
		out = append(out, f.reason(glabella.Deny, CodeContactConditioned, "a purchase was made to depend on the consent to marketing", "ask again and say that no purchase depends on it", sourceElements).For(c.Ref()))
	}
	return out
}

// ExemptionCondition is something that a health-care message must meet to go out
// without consent (47 CFR 64.1200(a)(9)(iv)).
type ExemptionCondition string

// The conditions of the exemption.
const (
	ExemptCoveredEntity ExemptionCondition = "covered-entity"
	ExemptPurpose       ExemptionCondition = "purpose" // an appointment or care
	ExemptContent       ExemptionCondition = "content" // nothing about money
	ExemptNumber        ExemptionCondition = "number"  // that the patient gave
	ExemptIdentity      ExemptionCondition = "identity"
	ExemptLength        ExemptionCondition = "length"
	ExemptDaily         ExemptionCondition = "daily"
	ExemptWeekly        ExemptionCondition = "weekly"
	ExemptOptOut        ExemptionCondition = "opt-out"
	ExemptFree          ExemptionCondition = "free"
)

// ExemptionConditions returns every condition of the exemption.
func ExemptionConditions() []ExemptionCondition {
	return []ExemptionCondition{ExemptCoveredEntity, ExemptPurpose, ExemptContent, ExemptNumber, ExemptIdentity, ExemptLength, ExemptDaily, ExemptWeekly, ExemptOptOut, ExemptFree}
}

// Valid reports whether c is one of [ExemptionConditions].
func (c ExemptionCondition) Valid() bool { return slices.Contains(ExemptionConditions(), c) }

// exemption returns the conditions of the exemption that the message does not meet.
// A limit counts the messages that went out before this one.
func (f *ContactFacts) exemption() []glabella.Reason {
	var out []glabella.Reason
	fail := func(failed bool, c ExemptionCondition, text, fix string) {
		if failed {
			out = append(out, f.reason(glabella.Deny, CodeContactExemption, text, fix, sourceExemption).With("condition", string(c)))
		}
	}
	limit := ExemptCharacters
	if f.Channel == ContactPhone {
		limit = ExemptSeconds
	}
	m := f.Message
	fail(!f.CoveredEntity, ExemptCoveredEntity, "who sends is not bound by HIPAA", "ask the patient for consent")
	fail(f.Purpose != ContactAppointment && f.Purpose != ContactCare, ExemptPurpose, "the message is about neither an appointment nor care", "ask the patient for consent")
	fail(slices.Contains(f.Content, ContentFinancial), ExemptContent, "the message is about money", "leave that out")
	fail(!f.NumberFromPatient, ExemptNumber, "the patient did not give the number", "use a number that the patient gave")
	fail(!m.Identifies, ExemptIdentity, "the message does not say who sends it and how to reach them", "say so")
	fail(m.Length <= 0 || m.Length > limit, ExemptLength, "the message has no known length or is longer than "+strconv.Itoa(limit), "shorten it")
	fail(f.Sent.Day >= ExemptPerDay, ExemptDaily, "as many messages as a day allows went out", "send it on another day")
	fail(f.Sent.Week >= ExemptPerWeek, ExemptWeekly, "as many messages as a week allows went out", "send it later")
	fail(!m.OffersOptOut, ExemptOptOut, "the message does not say how to opt out", "say so")
	fail(!m.Free, ExemptFree, "the patient is charged for the message", "use a service that does not charge the patient")
	return out
}
