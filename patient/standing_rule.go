package patient

import (
	"slices"
	"strconv"

	"github.com/glabella-ehr/glabella"
)

// Codes of what keeps a patient from being booked or a record from being erased.
const (
	// CodeBookDismissed says that the patient was dismissed and is not booked.
	CodeBookDismissed glabella.Code = "patient.book.dismissed"
	// CodeBookDeceased says that the patient has died.
	CodeBookDeceased glabella.Code = "patient.book.deceased"
	// CodeBookRetracted says that the record was retracted and takes no booking.
	CodeBookRetracted glabella.Code = "patient.book.retracted"
	// CodeBookInactive says that the patient is inactive and their data may be out of date.
	CodeBookInactive glabella.Code = "patient.book.inactive"
	// CodeEraseHold says that a legal hold is on the record.
	CodeEraseHold glabella.Code = "patient.erase.hold"
	// CodeEraseRetention says that the record must be kept until a later day.
	CodeEraseRetention glabella.Code = "patient.erase.retention"
	// CodeEraseNoRule says that the policy has no rule for this class of record.
	CodeEraseNoRule glabella.Code = "patient.erase.no-rule"
	// CodeEraseUnknown says that a date on which the time of keeping depends is not known.
	CodeEraseUnknown glabella.Code = "patient.erase.unknown"
)

// BookFacts are what [MayBookPatient] asks for.
type BookFacts struct {
	Patient   glabella.PatientID
	Standing  Standing
	On        glabella.Date // the day of the appointment
	Emergency bool
}

// MayBookPatient answers whether the standing of the record lets the patient be
// booked for a day. A dismissal refuses from the day on which it takes effect,
// save for an emergency within the time that was promised.
func MayBookPatient(f BookFacts) glabella.Decision {
	var reasons []glabella.Reason
	switch f.Standing.Current() {
	case StandingActive:
	case StandingInactive:
		reasons = append(reasons, glabella.Warned(CodeBookInactive, "the patient is inactive").For(f.Patient.Ref()).WithFix("check the patient's data and make the record active"))
	case StandingDeceased:
		reasons = append(reasons, glabella.Denied(CodeBookDeceased, "the patient has died").For(f.Patient.Ref()).WithFix("correct the record, if this is an error"))
	case StandingDismissed:
		promised := f.Emergency && !f.On.IsZero() && !f.Standing.EmergencyUntil.IsZero() && !f.On.After(f.Standing.EmergencyUntil)
		if !promised && (f.On.IsZero() || !f.On.Before(f.Standing.On)) {
			reasons = append(reasons, glabella.Denied(CodeBookDismissed, "the patient was dismissed").For(f.Patient.Ref()).
				With("on", f.Standing.On.String()).WithFix("take the patient on again"))
		}
	default:
		reasons = append(reasons, glabella.Denied(CodeBookRetracted, "the record was retracted").For(f.Patient.Ref()).WithFix("use the patient's own record"))
	}
	return glabella.Decide(reasons...)
}

// RecordClass is a class of records that are kept for the same time.
type RecordClass string

// The classes of records.
const (
	RecordChart     RecordClass = "chart"     // what documents care
	RecordPhoto     RecordClass = "photo"     // photographs of the patient
	RecordConsent   RecordClass = "consent"   // consents and authorizations
	RecordPrivacy   RecordClass = "privacy"   // notices, requests, complaints, disclosures
	RecordFinancial RecordClass = "financial" // invoices and payments
)

// RecordClasses returns every class of records.
func RecordClasses() []RecordClass {
	return []RecordClass{RecordChart, RecordPhoto, RecordConsent, RecordPrivacy, RecordFinancial}
}

// Valid reports whether c is one of [RecordClasses].
func (c RecordClass) Valid() bool { return slices.Contains(RecordClasses(), c) }

// Confidence is how firm the source of a figure is.
type Confidence string

// The confidences, the firmest first.
const (
	ConfidenceRegulation Confidence = "regulation"      // stands in a law or regulation
	ConfidencePractice   Confidence = "common-practice" // is a habit that a practice must check for its place
)

// Confidences returns every confidence.
func Confidences() []Confidence { return []Confidence{ConfidenceRegulation, ConfidencePractice} }

// Valid reports whether c is one of [Confidences].
func (c Confidence) Valid() bool { return slices.Contains(Confidences(), c) }

// RetentionRule says for how long records of a class are kept.
type RetentionRule struct {
	Class      RecordClass `json:"class"`
	Years      int         `json:"years"`                // from the last entry or the last day in effect
	AfterAdult bool        `json:"afterAdult,omitempty"` // a minor's years count from the day of majority at the earliest
	Source     string      `json:"source"`
	Confidence Confidence  `json:"confidence"`
}

// RetentionPolicy says for how long a practice keeps its records. Of several
// rules for a class, the longest counts.
type RetentionPolicy struct {
	Rules    []RetentionRule `json:"rules"`
	AdultAge int             `json:"adultAge"`
}

// DefaultRetention returns a policy to start from: the six years for which HIPAA
// wants its own documents kept, and for everything else ten years that a practice
// must check against the law of its state, which sets the time for medical
// records.
func DefaultRetention() RetentionPolicy {
	const hipaa = "45 CFR 164.316(b)(2)(i), 164.530(j)(2)"
	p := RetentionPolicy{AdultAge: 18, Rules: []RetentionRule{
		{Class: RecordPrivacy, Years: 6, Source: hipaa, Confidence: ConfidenceRegulation},
		{Class: RecordConsent, Years: 6, Source: hipaa, Confidence: ConfidenceRegulation},
	}}
	for _, c := range []RecordClass{RecordChart, RecordPhoto, RecordConsent, RecordFinancial} {
		p.Rules = append(p.Rules, RetentionRule{Class: c, Years: 10, AfterAdult: true, Source: "practice policy; state law on medical records decides", Confidence: ConfidencePractice})
	}
	return p
}

// RetentionFacts are what [MayErase] asks for.
type RetentionFacts struct {
	Patient   glabella.PatientID
	Policy    RetentionPolicy
	Class     RecordClass
	Last      glabella.Date // the last entry, or the last day on which the document was in effect
	BirthDate glabella.Date
	Holds     []Hold
	On        glabella.Date
	Requested bool // the patient asks for erasure under the GDPR
}

// MayErase answers whether records of a class may be destroyed that day. A legal
// hold and a time of keeping refuse, and so does a class without a rule.
func MayErase(f RetentionFacts) glabella.Decision {
	var reasons []glabella.Reason
	for _, h := range f.Holds {
		if h.ReleasedAt.IsZero() {
			source := ""
			if f.Requested {
				source = "GDPR Art. 17(3)(e)"
			}
			reasons = append(reasons, glabella.Denied(CodeEraseHold, "a legal hold is on the record").For(f.Patient.Ref(), h.By).
				With("reason", h.Reason).WithFix("have the hold released").CitedFrom(source))
		}
	}
	ruled := false
	for _, r := range f.Policy.Rules {
		if r.Class != f.Class {
			continue
		}
		ruled = true
		if f.Last.IsZero() || f.On.IsZero() || r.AfterAdult && (f.BirthDate.IsZero() || f.Policy.AdultAge <= 0) {
			reasons = append(reasons, glabella.Denied(CodeEraseUnknown, "a date is not known").For(f.Patient.Ref()).
				With("class", string(f.Class)).WithFix("record the last entry, the date of birth and the age of majority").CitedFrom(r.Source))
			continue
		}
		start := f.Last
		if r.AfterAdult {
			if adult := f.BirthDate.Add(glabella.Period{Years: f.Policy.AdultAge}); adult.After(start) {
				start = adult
			}
		}
		until := start.Add(glabella.Period{Years: r.Years})
		if f.On.Before(until) {
			source := r.Source
			if f.Requested {
				source += "; GDPR Art. 17(3)(b) and (c)"
			}
			reasons = append(reasons, glabella.Denied(CodeEraseRetention, "the record must still be kept").For(f.Patient.Ref()).
				With("class", string(f.Class)).With("until", until.String()).With("years", strconv.Itoa(r.Years)).
				WithFix("keep the record until the day is reached").CitedFrom(source))
		}
	}
	if !ruled {
		reasons = append(reasons, glabella.Denied(CodeEraseNoRule, "no rule says for how long it is kept").For(f.Patient.Ref()).
			With("class", string(f.Class)).WithFix("set a time of keeping for this class of record"))
	}
	return glabella.Decide(reasons...)
}
