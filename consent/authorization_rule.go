package consent

import (
	"slices"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
)

// AuthorizationElement is something that 45 CFR 164.508 asks an authorization to hold.
type AuthorizationElement string

// The elements, in the order of 45 CFR 164.508(c)(1)(i) to (vi), (c)(2)(i) to
// (iii) and (a)(3)(ii).
const (
	AuthorizationElementDescription  AuthorizationElement = "description"
	AuthorizationElementDiscloser    AuthorizationElement = "discloser"
	AuthorizationElementRecipient    AuthorizationElement = "recipient"
	AuthorizationElementPurpose      AuthorizationElement = "purpose"
	AuthorizationElementExpiry       AuthorizationElement = "expiry"
	AuthorizationElementSignature    AuthorizationElement = "signature"
	AuthorizationElementAuthority    AuthorizationElement = "authority"
	AuthorizationElementRevocation   AuthorizationElement = "revocation-statement"
	AuthorizationElementConditioning AuthorizationElement = "conditioning-statement"
	AuthorizationElementRedisclosure AuthorizationElement = "redisclosure-statement"
	AuthorizationElementRemuneration AuthorizationElement = "remuneration-statement"
)

// AuthorizationElements returns every element, in the order of the regulation.
func AuthorizationElements() []AuthorizationElement {
	return []AuthorizationElement{
		AuthorizationElementDescription, AuthorizationElementDiscloser, AuthorizationElementRecipient,
		AuthorizationElementPurpose, AuthorizationElementExpiry, AuthorizationElementSignature,
		AuthorizationElementAuthority, AuthorizationElementRevocation, AuthorizationElementConditioning,
		AuthorizationElementRedisclosure, AuthorizationElementRemuneration,
	}
}

// Valid reports whether e is one of [AuthorizationElements].
func (e AuthorizationElement) Valid() bool { return slices.Contains(AuthorizationElements(), e) }

// Source returns the paragraph that asks for the element.
func (e AuthorizationElement) Source() string {
	switch e {
	case AuthorizationElementDescription:
		return "45 CFR 164.508(c)(1)(i)"
	case AuthorizationElementDiscloser:
		return "45 CFR 164.508(c)(1)(ii)"
	case AuthorizationElementRecipient:
		return "45 CFR 164.508(c)(1)(iii)"
	case AuthorizationElementPurpose:
		return "45 CFR 164.508(c)(1)(iv)"
	case AuthorizationElementExpiry:
		return "45 CFR 164.508(c)(1)(v)"
	case AuthorizationElementSignature, AuthorizationElementAuthority:
		return "45 CFR 164.508(c)(1)(vi)"
	case AuthorizationElementRevocation:
		return "45 CFR 164.508(c)(2)(i)"
	case AuthorizationElementConditioning:
		return "45 CFR 164.508(c)(2)(ii)"
	case AuthorizationElementRedisclosure:
		return "45 CFR 164.508(c)(2)(iii)"
	case AuthorizationElementRemuneration:
		return "45 CFR 164.508(a)(3)(ii) and (a)(4)"
	}
	return ""
}

// AuthorizationDefect is why an authorization is not valid, by 45 CFR 164.508(b)(2).
type AuthorizationDefect string

// The defects, in the order of 45 CFR 164.508(b)(2)(i) to (v).
const (
	DefectExpired     AuthorizationDefect = "expired"
	DefectIncomplete  AuthorizationDefect = "incomplete"
	DefectRevoked     AuthorizationDefect = "revoked"
	DefectCombined    AuthorizationDefect = "combined"    // with what it may not be, (b)(3)
	DefectConditioned AuthorizationDefect = "conditioned" // on it depends what may not, (b)(4)
	DefectFalse       AuthorizationDefect = "false"
)

// AuthorizationDefects returns every defect.
func AuthorizationDefects() []AuthorizationDefect {
	return []AuthorizationDefect{DefectExpired, DefectIncomplete, DefectRevoked, DefectCombined, DefectConditioned, DefectFalse}
}

// Valid reports whether d is one of [AuthorizationDefects].
func (d AuthorizationDefect) Valid() bool { return slices.Contains(AuthorizationDefects(), d) }

// Codes of what is wrong with an authorization.
const (
	// CodeAuthorizationExpired says that the day or the event that an authorization was to last until has passed.
	CodeAuthorizationExpired glabella.Code = "consent.authorization.expired"
	// CodeAuthorizationIncomplete says that an authorization lacks elements or statements.
	CodeAuthorizationIncomplete glabella.Code = "consent.authorization.incomplete"
	// CodeAuthorizationRevoked says that an authorization has been revoked.
	CodeAuthorizationRevoked glabella.Code = "consent.authorization.revoked"
	// CodeAuthorizationCombined says that an authorization is combined with a document that it may not be combined with.
	CodeAuthorizationCombined glabella.Code = "consent.authorization.combined"
	// CodeAuthorizationConditioned says that treatment was made to depend on an authorization.
	CodeAuthorizationConditioned glabella.Code = "consent.authorization.conditioned"
	// CodeAuthorizationFalse says that material information in an authorization is known to be false.
	CodeAuthorizationFalse glabella.Code = "consent.authorization.false"
	// CodeAuthorizationUnsigned says that an authorization is not signed, or was signed only later.
	CodeAuthorizationUnsigned glabella.Code = "consent.authorization.unsigned"
	// CodeAuthorizationScope says that an authorization does not reach the recipient, the purpose or the data.
	CodeAuthorizationScope glabella.Code = "consent.authorization.scope"
)

// Missing returns the elements and statements that the authorization lacks, in
// the order of [AuthorizationElements].
func (a Authorization) Missing() []AuthorizationElement { return a.missing() }

func (a *Authorization) missing() []AuthorizationElement {
	var out []AuthorizationElement
	for _, m := range []struct {
		missing bool
		element AuthorizationElement
	}{
		{strings.TrimSpace(a.Description) == "", AuthorizationElementDescription},
		{!identified(a.Disclosers), AuthorizationElementDiscloser},
		{!identified(a.Recipients), AuthorizationElementRecipient},
		{len(a.Purposes) == 0, AuthorizationElementPurpose},
		{!a.expires(), AuthorizationElementExpiry},
		{a.Signature == nil || a.Signature.At.IsZero(), AuthorizationElementSignature},
		{a.Signature != nil && a.Signature.By != SignerPatient && strings.TrimSpace(a.Signature.Authority) == "", AuthorizationElementAuthority},
		{!a.Statements.Revocation, AuthorizationElementRevocation},
		{!a.Statements.Conditioning, AuthorizationElementConditioning},
		{!a.Statements.Redisclosure, AuthorizationElementRedisclosure},
		{a.Paid && !a.Statements.Remuneration, AuthorizationElementRemuneration},
	} {
		if m.missing {
			out = append(out, m.element)
		}
	}
	return out
}

func identified(parties []Party) bool {
	return len(parties) > 0 && !slices.ContainsFunc(parties, Party.IsZero)
}

// expires reports whether the authorization says when it expires, or says none
// where that is enough: for research, and for a consent to all treatment, payment
// and operations under 42 CFR 2.31(a)(7).
func (a *Authorization) expires() bool {
	if !a.ExpiresOn.IsZero() || strings.TrimSpace(a.ExpiryEvent) != "" {
		return true
	}
	return a.NoExpiry && (a.research() || a.onlyPart2Care())
}

func (a *Authorization) research() bool {
	return len(a.Purposes) > 0 && !slices.ContainsFunc(a.Purposes, func(p StatedPurpose) bool { return p.Purpose != glabella.PurposeResearch })
}

func (a *Authorization) onlyPart2Care() bool {
	return len(a.Tags) == 1 && a.Tags[0] == SensitivityPart2 && len(a.Purposes) > 0 &&
		!slices.ContainsFunc(a.Purposes, func(p StatedPurpose) bool { return !care(p.Purpose) })
}

// care reports whether the purpose is treatment, payment or operations, which
// need no authorization.
func care(p glabella.Purpose) bool {
	return within(p, glabella.PurposeTreatment) || p == glabella.PurposePayment || p == glabella.PurposeOperations
}

// Defects returns why the authorization is not valid at the instant t, in the
// order of the regulation. The day of its expiry ends in the zone; nil is UTC.
func (a Authorization) Defects(t time.Time, zone *time.Location) []AuthorizationDefect {
	return a.defects(t, zone)
}

func (a *Authorization) defects(t time.Time, zone *time.Location) []AuthorizationDefect {
	var out []AuthorizationDefect
	if a.expired(t, zone) {
		out = append(out, DefectExpired)
	}
	if len(a.missing()) > 0 || t.Before(a.Signature.At) {
		out = append(out, DefectIncomplete)
	}
	if !a.RevokedAt.IsZero() && !t.Before(a.RevokedAt) {
		out = append(out, DefectRevoked)
	}
	if a.badlyCombined() {
		out = append(out, DefectCombined)
	}
	if a.Condition == ConditionTreatment || a.Condition == ConditionResearch && !a.research() {
		out = append(out, DefectConditioned)
	}
	if !a.FalseSince.IsZero() && !t.Before(a.FalseSince) {
		out = append(out, DefectFalse)
	}
	return out
}

// Window returns from when to before when the authorization holds as far as its
// signature and its expiry go: from is zero before it is signed, until where no
// end is known. The day of its expiry ends in the zone; nil is UTC.
func (a Authorization) Window(zone *time.Location) (from, until time.Time) {
	if zone == nil {
		zone = time.UTC
	}
	if a.Signature != nil {
		from = a.Signature.At
	}
	if !a.ExpiresOn.IsZero() {
		until = instant(a.ExpiresOn.AddDays(1).Start(zone))
	}
	if !a.EventAt.IsZero() && (until.IsZero() || a.EventAt.Before(until)) {
		until = a.EventAt
	}
	return from, until
}

func (a *Authorization) expired(t time.Time, zone *time.Location) bool {
	if zone == nil {
		zone = time.UTC
	}
	return !a.ExpiresOn.IsZero() && glabella.DateOf(t.In(zone)).After(a.ExpiresOn) || !a.EventAt.IsZero() && !t.Before(a.EventAt)
}

// badlyCombined reports whether the authorization is in one document with what
// 45 CFR 164.508(b)(3) does not allow, or 42 CFR 2.31(b) for SUD counseling
// notes. An authorization for notes and other data is two in one.
func (a *Authorization) badlyCombined() bool {
	notes := slices.Contains(a.Tags, SensitivityPsychotherapy)
	counseling := slices.Contains(a.Tags, SensitivityCounselingNotes)
	if (notes || counseling) && len(a.Tags) > 1 {
		return true
	}
	return slices.ContainsFunc(a.Combined, func(k CombinedKind) bool {
		switch k {
		case CombinedAuthorization:
			return notes || counseling || a.Condition != ""
		case CombinedPsychotherapy:
			return !notes
		case CombinedCounseling:
			return !counseling
		case CombinedResearch:
			return notes || counseling || !a.research()
		}
		return true
	})
}

// AuthorizationFacts are what [EvaluateAuthorization] decides on: the
// authorization, and the use or disclosure that is to rest on it.
type AuthorizationFacts struct {
	Authorization Authorization
	Patient       glabella.PatientID
	Recipient     glabella.Ref
	Role          string // the class of parties that the recipient is of
	Purpose       glabella.Purpose
	Class         string // type of FHIR resource
	Tags          []Sensitivity
	At            time.Time
	Zone          *time.Location // whose days count for the expiry; nil is UTC
}

// EvaluateAuthorization decides whether a use or disclosure may rest on the
// authorization at the instant of the facts, with every defect of it and
// everything that it does not reach.
func EvaluateAuthorization(f AuthorizationFacts) glabella.Decision {
	a := &f.Authorization
	reasons := a.reasons(f.At, f.Zone)
	share := ShareFacts{Patient: f.Patient, Recipient: f.Recipient, Role: f.Role, Purpose: f.Purpose, Class: f.Class, Tags: f.Tags}
	outside := a.outside(&share)
	if outside == "" && slices.ContainsFunc(f.Tags, func(t Sensitivity) bool { return !slices.Contains(a.Tags, t) }) {
		outside = "sensitivity"
	}
	if outside != "" {
		reasons = append(reasons, glabella.Denied(CodeAuthorizationScope, "the authorization does not reach the disclosure").For(a.Ref()).
			With("part", outside).WithFix("have the patient sign an authorization for it").CitedFrom("45 CFR 164.508(a)(1)"))
	}
	return glabella.Decide(reasons...)
}

// reasons returns the defects as reasons.
func (a *Authorization) reasons(t time.Time, zone *time.Location) []glabella.Reason {
	var out []glabella.Reason
	for _, d := range a.defects(t, zone) {
		add := func(code glabella.Code, text, fix, source string) {
			out = append(out, glabella.Denied(code, text).For(a.Ref()).WithFix(fix).CitedFrom(source))
		}
		const again = "have the patient sign a new authorization"
		switch d {
		case DefectExpired:
			add(CodeAuthorizationExpired, "the authorization has expired", again, "45 CFR 164.508(b)(2)(i)")
		case DefectRevoked:
			add(CodeAuthorizationRevoked, "the authorization has been revoked", again, "45 CFR 164.508(b)(2)(iii) and (b)(5)")
		case DefectCombined:
			add(CodeAuthorizationCombined, "the authorization is combined with another document", "have the patient sign it by itself", "45 CFR 164.508(b)(2)(iv) and (b)(3)")
		case DefectConditioned:
			add(CodeAuthorizationConditioned, "treatment was made to depend on the authorization", "have the patient sign one that nothing depends on", "45 CFR 164.508(b)(2)(iv) and (b)(4)")
		case DefectFalse:
			add(CodeAuthorizationFalse, "material information in the authorization is known to be false", again, "45 CFR 164.508(b)(2)(v)")
		case DefectIncomplete:
			missing := a.missing()
			if len(missing) == 0 {
				add(CodeAuthorizationUnsigned, "the authorization was signed only later", "wait until it is signed", "45 CFR 164.508(b)(2)(ii) and (c)(1)(vi)")
				continue
			}
			names := make([]string, len(missing))
			for i, e := range missing {
				names[i] = string(e)
			}
			add(CodeAuthorizationIncomplete, "the authorization lacks elements", "complete it and have it signed", "45 CFR 164.508(b)(2)(ii) and (c)")
			out[len(out)-1] = out[len(out)-1].With("missing", strings.Join(names, ", "))
		}
	}
	return out
}

// outside returns the first part of a disclosure that the authorization does not
// reach: patient, purpose, recipient, class, or sensitivity for one that is for
// notes alone; empty if it reaches all of it, whatever else sets the data apart.
func (a *Authorization) outside(f *ShareFacts) string {
	switch {
	case a.Patient != f.Patient:
		return "patient"
	case !slices.ContainsFunc(a.Purposes, func(p StatedPurpose) bool { return within(f.Purpose, p.Purpose) }):
		return "purpose"
	case !slices.ContainsFunc(a.Recipients, func(p Party) bool { return p.is(f.Recipient, f.Role) }):
		return "recipient"
	case len(a.Classes) > 0 && !slices.Contains(a.Classes, f.Class):
		return "class"
	}
	for _, notes := range []Sensitivity{SensitivityPsychotherapy, SensitivityCounselingNotes} {
		if slices.Contains(a.Tags, notes) && !slices.Contains(f.Tags, notes) {
			return "sensitivity"
		}
	}
	return ""
}
