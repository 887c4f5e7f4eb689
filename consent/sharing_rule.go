package consent

import (
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
)

// Codes of what keeps data from being shared.
const (
	// CodeSharePurpose says that it is not known for which purpose data is shared.
	CodeSharePurpose glabella.Code = "consent.share.purpose"
	// CodeShareDirective says that a directive of the patient denies it.
	CodeShareDirective glabella.Code = "consent.share.directive"
	// CodeShareRestriction says that a restriction which the practice must keep stands against it.
	CodeShareRestriction glabella.Code = "consent.share.restriction"
	// CodeShareEmergency says that restricted data is shared for emergency treatment.
	CodeShareEmergency glabella.Code = "consent.share.emergency"
	// CodeShareAuthorization says that it needs an authorization, and none that is valid reaches it.
	CodeShareAuthorization glabella.Code = "consent.share.authorization"
	// CodeSharePsychotherapy says that psychotherapy notes need an authorization of their own.
	CodeSharePsychotherapy glabella.Code = "consent.share.psychotherapy"
	// CodeSharePart2 says that records of a substance use disorder program need the patient's written consent.
	CodeSharePart2 glabella.Code = "consent.share.part2"
	// CodeSharePart2Emergency says that records of a substance use disorder program are shared for a medical emergency.
	CodeSharePart2Emergency glabella.Code = "consent.share.part2-emergency"
	// CodeShareCounselingNotes says that SUD counseling notes need a consent of their own.
	CodeShareCounselingNotes glabella.Code = "consent.share.counseling-notes"
	// CodeShareSensitive says that data is of a kind for which states may ask for the patient's own word, and there is none.
	CodeShareSensitive glabella.Code = "consent.share.sensitive"
)

// ShareFacts are what [MayShare] decides on: the disclosure, and what the patient
// has said. Records of other patients count for nothing.
type ShareFacts struct {
	Patient   glabella.PatientID
	Recipient glabella.Ref     // who would get the data; the patient's own reference for the patient or a personal representative
	Role      string           // code of the class of parties that the recipient is of, such as health-plan
	Purpose   glabella.Purpose // why
	Class     string           // type of FHIR resource; empty is not known
	Tags      []Sensitivity    // what sets the data apart
	Labels    []string         // codes of HL7's v3 security labels
	Codes     []glabella.Coding
	Items     []glabella.Ref // procedures, visits, lines of invoices that the data is about
	DataAt    time.Time      // when the data came about; zero is not known
	At        time.Time
	Zone      *time.Location // whose days count for authorizations; nil is UTC

	HealthPlan     bool // the recipient is a health plan, or acts for one
	PaidInFull     bool // the items were paid in full out of pocket
	RequiredByLaw  bool // 45 CFR 164.512(a)
	Originator     bool // the recipient wrote the notes that they are to use for treatment
	ResearchWaiver bool // a board has waived the authorization, 45 CFR 164.512(i)(1)(i)

	Directives     []Directive
	Restrictions   []Restriction
	Authorizations []Authorization
}

// MayShare decides whether data of a patient may be used by, or disclosed to, the
// recipient at the instant of the facts, with every reason why not. Treatment,
// payment and operations need no authorization; other purposes need one that is
// valid and reaches the disclosure; and data that the law sets apart needs one of
// its own for any purpose. Directives and restrictions come on top. What the law
// requires overrides the patient's wishes, though not 42 CFR Part 2.
// A disclosure to the patient needs nothing; whether patients may see all of their
// record is answered by a [Request].
//
// It does not look at how much of the data the purpose needs (45 CFR 164.502(b)),
// at family and friends who help the patient (164.510(b)), nor at who asks within
// the practice: that is for package access. [Rulings] says which provision of each
// directive decides.
func MayShare(f ShareFacts) glabella.Decision {
	if f.Recipient == f.Patient.Ref() && !f.Recipient.IsZero() {
		return glabella.Decide()
	}
	var reasons []glabella.Reason
	if !f.Purpose.Valid() {
		reasons = append(reasons, glabella.Denied(CodeSharePurpose, "the purpose is not known").
			WithFix("say for which purpose the data is shared").CitedFrom("45 CFR 164.502(a)"))
	}
	if !f.RequiredByLaw {
		reasons = f.directives(reasons)
		reasons = f.restrictions(reasons)
	}
	if f.free() && len(f.Tags) == 0 {
		return glabella.Decide(reasons...)
	}
	valid := make([]bool, len(f.Authorizations))
	for i := range f.Authorizations {
		a := &f.Authorizations[i]
		valid[i] = a.outside(&f) == "" && len(a.defects(f.At, f.Zone)) == 0
	}
	if !f.free() {
		reasons = f.authorization(reasons, valid)
	}
	for i, tag := range f.Tags {
		if !slices.Contains(f.Tags[:i], tag) {
			reasons = f.sensitive(reasons, tag, valid)
		}
	}
	return glabella.Decide(reasons...)
}

// free reports whether data that nothing sets apart may be shared without an
// authorization.
func (f *ShareFacts) free() bool {
	return f.RequiredByLaw || care(f.Purpose) || f.Purpose == glabella.PurposeResearch && f.ResearchWaiver
}

// emergency reports whether the purpose is emergency treatment.
func (f *ShareFacts) emergency() bool { return within(f.Purpose, glabella.PurposeEmergency) }

func (f *ShareFacts) directives(reasons []glabella.Reason) []glabella.Reason {
	for i := range f.Directives {
		d := &f.Directives[i]
		effect, path, ok := d.rule(f)
		switch {
		case !ok || effect != EffectDeny:
		case f.emergency():
			reasons = append(reasons, glabella.Warned(CodeShareEmergency, "the patient has restricted the data, which emergency treatment may need").For(d.ID.Ref()).
				With("provision", provisionPath(path)).WithFix("share what the emergency needs, and ask the recipient not to use or disclose it further").
				CitedFrom("45 CFR 164.522(a)(1)(iii) and (iv)"))
		default:
			reasons = append(reasons, glabella.Denied(CodeShareDirective, "a directive of the patient denies it").For(d.ID.Ref()).
				With("provision", provisionPath(path)).WithFix("ask the patient for a new directive").CitedFrom("45 CFR 164.506(b)(1)"))
		}
	}
	return reasons
}

func (f *ShareFacts) restrictions(reasons []glabella.Reason) []glabella.Reason {
	for i := range f.Restrictions {
		r := &f.Restrictions[i]
		if !r.covers(f) || !r.binds(f.At, f.DataAt, f.PaidInFull) {
			continue
		}
		switch {
		case f.emergency():
			reasons = append(reasons, glabella.Warned(CodeShareEmergency, "the patient has restricted the data, which emergency treatment may need").For(r.ID.Ref()).
				WithFix("share what the emergency needs, and ask the recipient not to use or disclose it further").CitedFrom("45 CFR 164.522(a)(1)(iii) and (iv)"))
		case f.HealthPlan && (r.mandatory() || f.PaidInFull && r.HealthPlan && len(r.Items) > 0):
			reasons = append(reasons, glabella.Denied(CodeShareRestriction, "what was paid in full out of pocket is kept from the health plan").For(r.ID.Ref()).
				WithFix("leave out the restricted items").CitedFrom("45 CFR 164.522(a)(1)(vi)"))
		default:
			reasons = append(reasons, glabella.Denied(CodeShareRestriction, "a restriction that the practice has accepted stands against it").For(r.ID.Ref()).
				WithFix("leave out the restricted items, or have the patient agree to the end of the restriction").CitedFrom("45 CFR 164.522(a)(1)(iii)"))
		}
	}
	return reasons
}

// authorization adds the reason that no authorization is there, together with what
// is wrong with those that would reach the disclosure.
func (f *ShareFacts) authorization(reasons []glabella.Reason, valid []bool) []glabella.Reason {
	if slices.Contains(valid, true) {
		return reasons
	}
	source := "45 CFR 164.508(a)(1)"
	if f.Purpose == glabella.PurposeMarketing {
		source = "45 CFR 164.508(a)(3)"
	}
	reasons = append(reasons, glabella.Denied(CodeShareAuthorization, "no valid authorization of the patient reaches the disclosure").
		With("purpose", string(f.Purpose)).WithFix("have the patient sign an authorization for the recipient, the purpose and the data").CitedFrom(source))
	for i := range f.Authorizations {
		if a := &f.Authorizations[i]; a.outside(f) == "" {
			reasons = append(reasons, a.reasons(f.At, f.Zone)...)
		}
	}
	return reasons
}

// sensitive adds the reason that data set apart lacks the patient's own word.
func (f *ShareFacts) sensitive(reasons []glabella.Reason, tag Sensitivity, valid []bool) []glabella.Reason {
	for i, ok := range valid {
		if ok && slices.Contains(f.Authorizations[i].Tags, tag) {
			return reasons
		}
	}
	switch tag {
	case SensitivityPsychotherapy:
		if f.RequiredByLaw || f.Originator && f.Purpose == glabella.PurposeTreatment {
			return reasons
		}
		return append(reasons, glabella.Denied(CodeSharePsychotherapy, "psychotherapy notes need an authorization of their own").With("sensitivity", string(tag)).
			WithFix("leave the notes out, or have the patient sign an authorization for them alone").CitedFrom("45 CFR 164.508(a)(2)"))
	case SensitivityPart2:
		if f.emergency() {
			return append(reasons, glabella.Warned(CodeSharePart2Emergency, "records of a substance use disorder program are shared for a medical emergency").With("sensitivity", string(tag)).
				WithFix("document the recipient, the time and the emergency").CitedFrom("42 CFR 2.51"))
		}
		return append(reasons, glabella.Denied(CodeSharePart2, "records of a substance use disorder program need the patient's written consent").With("sensitivity", string(tag)).
			WithFix("leave the records out, or have the patient sign a consent that names them").CitedFrom("42 CFR 2.31 and 2.33"))
	case SensitivityCounselingNotes:
		if f.Originator && f.Purpose == glabella.PurposeTreatment {
			return reasons
		}
		return append(reasons, glabella.Denied(CodeShareCounselingNotes, "SUD counseling notes need a consent of their own").With("sensitivity", string(tag)).
			WithFix("leave the notes out, or have the patient sign a consent for them alone").CitedFrom("42 CFR 2.31(b)"))
	}
	if !f.free() {
		return append(reasons, glabella.Denied(CodeShareSensitive, "no valid authorization names this kind of data").With("sensitivity", string(tag)).
			WithFix("leave the data out, or have the patient sign an authorization that describes it").CitedFrom("45 CFR 164.508(c)(1)(i)"))
	}
	if f.RequiredByLaw || f.permitted(tag) {
		return reasons
	}
	return append(reasons, glabella.Warned(CodeShareSensitive, "nothing that the patient signed names this kind of data").With("sensitivity", string(tag)).
		WithFix("check the law of the state, or have the patient sign for it").CitedFrom("45 CFR 160.203(b): stricter state law stands"))
}

// permitted reports whether a directive permits the disclosure by a provision
// that names the sensitivity.
func (f *ShareFacts) permitted(tag Sensitivity) bool {
	for i := range f.Directives {
		d := &f.Directives[i]
		effect, path, ok := d.rule(f)
		if !ok || effect != EffectPermit {
			continue
		}
		p := &d.Root
		if slices.Contains(p.Tags, tag) {
			return true
		}
		for _, n := range slices.Backward(path) {
			if p = &p.Nested[n]; slices.Contains(p.Tags, tag) {
				return true
			}
		}
	}
	return false
}
