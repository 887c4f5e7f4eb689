package consent

import (
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
)

// AuthorizationState is where an authorization stands.
type AuthorizationState string

// The states of an authorization.
const (
	AuthorizationDraft     AuthorizationState = "draft"
	AuthorizationSigned    AuthorizationState = "signed"
	AuthorizationRevoked   AuthorizationState = "revoked"
	AuthorizationEnded     AuthorizationState = "ended" // the event that it was to last until has occurred
	AuthorizationDiscarded AuthorizationState = "discarded"
)

// AuthorizationMachine returns the state machine of an authorization. One whose
// date has passed stays signed: [Authorization.Defects] looks at the date.
func AuthorizationMachine() state.Machine[AuthorizationState] {
	return state.Machine[AuthorizationState]{Name: "authorization", Arrows: []state.Arrow[AuthorizationState]{
		{From: AuthorizationDraft, Action: "sign", To: AuthorizationSigned},
		{From: AuthorizationDraft, Action: "discard", To: AuthorizationDiscarded},
		{From: AuthorizationSigned, Action: "revoke", To: AuthorizationRevoked},
		{From: AuthorizationSigned, Action: "end", To: AuthorizationEnded},
	}}
}

// AuthorizationStates returns every state of an authorization.
func AuthorizationStates() []AuthorizationState { return AuthorizationMachine().States() }

// Valid reports whether s is one of [AuthorizationStates].
func (s AuthorizationState) Valid() bool { return slices.Contains(AuthorizationStates(), s) }

// StatedPurpose is a purpose of disclosure as the authorization states it. "At the
// request of the individual" is enough when the patient asks for it and gives no
// other (45 CFR 164.508(c)(1)(iv)).
type StatedPurpose struct {
	Purpose glabella.Purpose `json:"purpose" validate:"required"`
	Text    string           `json:"text,omitempty"`
}

// AuthorizationCondition is what a practice makes depend on an authorization.
type AuthorizationCondition string

// The conditions. The first is not allowed to a provider; the others are, for
// what 45 CFR 164.508(b)(4)(i) and (iii) describe.
const (
	ConditionTreatment  AuthorizationCondition = "treatment"             // treatment, payment, enrollment or eligibility
	ConditionResearch   AuthorizationCondition = "research-treatment"    // treatment that is part of the research
	ConditionThirdParty AuthorizationCondition = "third-party-treatment" // care given only to make information for someone else
)

// AuthorizationConditions returns every condition.
func AuthorizationConditions() []AuthorizationCondition {
	return []AuthorizationCondition{ConditionTreatment, ConditionResearch, ConditionThirdParty}
}

// Valid reports whether c is one of [AuthorizationConditions].
func (c AuthorizationCondition) Valid() bool { return slices.Contains(AuthorizationConditions(), c) }

// CombinedKind is what an authorization was combined with into one document.
type CombinedKind string

// What an authorization may be found combined with.
const (
	CombinedAuthorization CombinedKind = "authorization"              // another authorization under 45 CFR 164.508
	CombinedPsychotherapy CombinedKind = "psychotherapy-notes"        // another authorization for psychotherapy notes
	CombinedResearch      CombinedKind = "research-permission"        // another permission for the same or another study
	CombinedCounseling    CombinedKind = "sud-counseling-notes"       // another consent for SUD counseling notes
	CombinedOther         CombinedKind = "treatment-consent-or-other" // a document that is no authorization
)

// CombinedKinds returns everything that an authorization may be found combined
// with.
func CombinedKinds() []CombinedKind {
	return []CombinedKind{CombinedAuthorization, CombinedPsychotherapy, CombinedResearch, CombinedCounseling, CombinedOther}
}

// Valid reports whether k is one of [CombinedKinds].
func (k CombinedKind) Valid() bool { return slices.Contains(CombinedKinds(), k) }

// AuthorizationStatements says which of the statements that 45 CFR 164.508(c)(2) asks for the
// document makes.
type AuthorizationStatements struct {
	Revocation   bool `json:"revocation,omitempty"`   // (i): that it can be revoked in writing, the exceptions, and how
	Conditioning bool `json:"conditioning,omitempty"` // (ii): whether treatment depends on it
	Redisclosure bool `json:"redisclosure,omitempty"` // (iii): that the recipient may disclose it further
	Remuneration bool `json:"remuneration,omitempty"` // (a)(3)(ii), (a)(4): that the practice is paid for it
}

// Authorization is a patient's permission to use or disclose health information
// for what needs one under 45 CFR 164.508. With the sensitivity part2 it is the
// written consent of 42 CFR 2.31 as well. It is revoked, never deleted.
type Authorization struct {
	ID glabella.AuthorizationID `json:"id" validate:"required"`
	glabella.Meta
	Patient     glabella.PatientID `json:"patient" validate:"required"`
	Description string             `json:"description,omitempty"` // of the information, specific and meaningful
	Classes     []string           `json:"classes"`               // of FHIR resources that the description means; none are all
	Tags        []Sensitivity      `json:"sensitivity"`           // data set apart that it names
	Disclosers  []Party            `json:"disclosers"`
	Recipients  []Party            `json:"recipients"`
	Purposes    []StatedPurpose    `json:"purposes" validate:"dive"`

	ExpiresOn   glabella.Date `json:"expiresOn,omitzero"`    // the last day on which it holds
	ExpiryEvent string        `json:"expiryEvent,omitempty"` // relating to the patient or the purpose, such as end of the research study
	NoExpiry    bool          `json:"noExpiry,omitempty"`    // says none, which research may, and a single Part 2 consent for treatment, payment and operations
	EventAt     time.Time     `json:"eventAt,omitzero"`      // when the event is known to have occurred

	Signature  *Signature              `json:"signature,omitempty"` // with the signer's authority
	Statements AuthorizationStatements `json:"statements"`
	Paid       bool                    `json:"paid,omitempty"` // the practice is paid by others for the marketing or the data
	Condition  AuthorizationCondition  `json:"condition,omitempty" validate:"omitempty,oneof=treatment research-treatment third-party-treatment"`
	Combined   []CombinedKind          `json:"combined"`
	FalseSince time.Time               `json:"falseSince,omitzero"` // when material information in it was known to be false

	State           AuthorizationState  `json:"state" validate:"oneof=draft signed revoked ended discarded"`
	RevokedAt       time.Time           `json:"revokedAt,omitzero"`        // when the practice received the revocation
	RevokedDocument string              `json:"revokedDocument,omitempty"` // the host's number of the written revocation
	Consent         glabella.ConsentID  `json:"consent,omitzero"`          // the signed form, if it is one of the practice's
	Provenance      glabella.Provenance `json:"provenance"`
}

// CodeAuthorizationWriting says that a revocation of an authorization has no document.
const CodeAuthorizationWriting glabella.Code = "consent.authorization.writing"

// Ref returns the reference to the authorization.
func (a Authorization) Ref() glabella.Ref { return a.ID.Ref() }

// Validate reports everything that is wrong with the record by itself. An
// authorization that lacks an element can be stored, since patients bring such
// documents; see [Authorization.Missing].
func (a Authorization) Validate() error {
	issues := check.Struct(a)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	for i, c := range a.Classes {
		if !classPattern.MatchString(c) {
			add(fmt.Sprintf("/classes/%d", i), glabella.CodeFormat, "not the name of a type of resource")
		}
	}
	for i, t := range a.Tags {
		if !t.Valid() {
			add(fmt.Sprintf("/sensitivity/%d", i), glabella.CodeUnknownValue, "not a sensitivity")
		}
	}
	for i, k := range a.Combined {
		if !k.Valid() {
			add(fmt.Sprintf("/combined/%d", i), glabella.CodeUnknownValue, "not a kind of document")
		}
	}
	for i, p := range a.Purposes {
		if p.Purpose != "" && !p.Purpose.Valid() {
			add(fmt.Sprintf("/purposes/%d/purpose", i), glabella.CodeUnknownValue, "not a purpose of use")
		}
	}
	parties := func(path string, list []Party) {
		for i, p := range list {
			at := fmt.Sprintf("%s/%d", path, i)
			if p.IsZero() {
				add(at, glabella.CodeRequired, "a party is identified")
			}
			if p.Role != "" && !codePattern.MatchString(p.Role) {
				add(at+"/role", glabella.CodeFormat, "not a code")
			}
		}
	}
	parties("/disclosers", a.Disclosers)
	parties("/recipients", a.Recipients)
	if !a.ExpiresOn.IsZero() && !a.ExpiresOn.Valid() {
		add("/expiresOn", glabella.CodeFormat, "not a day that exists")
	}
	if a.NoExpiry && (!a.ExpiresOn.IsZero() || a.ExpiryEvent != "") {
		add("/noExpiry", glabella.CodeMismatch, "an authorization that expires does not say none")
	}
	signed := a.Signature != nil
	if a.State.Valid() {
		if before := a.State == AuthorizationDraft || a.State == AuthorizationDiscarded; before == signed {
			add("/signature", glabella.CodeMismatch, "an authorization has a signature exactly when it got beyond a draft")
		}
		if (a.State == AuthorizationRevoked) == a.RevokedAt.IsZero() {
			add("/revokedAt", glabella.CodeMismatch, "an authorization has a time of revocation exactly when it is revoked")
		}
		if (a.State == AuthorizationEnded) == a.EventAt.IsZero() {
			add("/eventAt", glabella.CodeMismatch, "an authorization has the time of its event exactly when that ended it")
		}
	}
	if !a.EventAt.IsZero() && a.ExpiryEvent == "" {
		add("/expiryEvent", glabella.CodeRequired, "an event that occurred is named")
	}
	if !a.RevokedAt.IsZero() && a.RevokedDocument == "" {
		add("/revokedDocument", CodeAuthorizationWriting, "an authorization is revoked in writing")
	}
	if signed && !a.RevokedAt.IsZero() && a.RevokedAt.Before(a.Signature.At) {
		add("/revokedAt", CodeOrder, "revoked before it was signed")
	}
	issues = append(issues, a.Provenance.Validate("/provenance")...)
	return glabella.Invalid("authorization", issues...)
}

// Sign returns the authorization signed. A copy goes to the patient
// (45 CFR 164.508(c)(4)). What is no draft gives a [*glabella.TransitionError].
func (a Authorization) Sign(s Signature) (Authorization, error) {
	next, err := AuthorizationMachine().Next(a.State, "sign")
	if err != nil {
		return a, err
	}
	s.At = instant(s.At)
	a.State, a.Signature = next, &s
	return a, nil
}

// Discard returns a draft that nobody will sign discarded; what is no draft gives
// a [*glabella.TransitionError].
func (a Authorization) Discard() (Authorization, error) {
	next, err := AuthorizationMachine().Next(a.State, "discard")
	if err != nil {
		return a, err
	}
	a.State = next
	return a, nil
}

// Revoke returns the authorization revoked by a document that the practice
// received at the instant. What was done in reliance on it before stands
// (45 CFR 164.508(b)(5)). Without a document it gives a
// [*glabella.ValidationError], in a state that cannot be revoked a
// [*glabella.TransitionError].
func (a Authorization) Revoke(received time.Time, document string) (Authorization, error) {
	next, err := AuthorizationMachine().Next(a.State, "revoke")
	if err != nil {
		return a, err
	}
	if document == "" {
		return a, glabella.Invalid("authorization", glabella.Issue{Path: "/revokedDocument", Code: CodeAuthorizationWriting, Text: "an authorization is revoked in writing"})
	}
	a.State, a.RevokedAt, a.RevokedDocument = next, instant(received), document
	return a, nil
}

// End returns the authorization ended by its event, which is known to have
// occurred at the instant. One that names no event gives a
// [*glabella.ValidationError], one in another state a
// [*glabella.TransitionError].
func (a Authorization) End(occurred time.Time) (Authorization, error) {
	next, err := AuthorizationMachine().Next(a.State, "end")
	if err != nil {
		return a, err
	}
	if a.ExpiryEvent == "" {
		return a, glabella.Invalid("authorization", glabella.Issue{Path: "/expiryEvent", Code: glabella.CodeRequired, Text: "an event that occurred is named"})
	}
	a.State, a.EventAt = next, instant(occurred)
	return a, nil
}

// KnownFalse returns the authorization with the instant since when material
// information in it is known to be false. The first such instant is kept.
func (a Authorization) KnownFalse(since time.Time) Authorization {
	if a.FalseSince.IsZero() || since.Before(a.FalseSince) {
		a.FalseSince = instant(since)
	}
	return a
}
