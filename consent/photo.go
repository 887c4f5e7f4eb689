package consent

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
)

// PhotoPurpose is what photographs of a patient are taken or used for.
type PhotoPurpose string

// The purposes of a photograph. The first two are treatment (45 CFR 164.506); the
// others show it to somebody beyond those who treat the patient.
const (
	PhotoClinicalRecord PhotoPurpose = "clinical-record"
	PhotoPlanning       PhotoPurpose = "treatment-planning"
	PhotoEducation      PhotoPurpose = "education" // of professionals
	PhotoPublication    PhotoPurpose = "publication"
	PhotoMarketing      PhotoPurpose = "marketing"
	PhotoTrainingAI     PhotoPurpose = "training-ai" // of programs that learn from pictures
)

// PhotoPurposes returns every purpose of a photograph.
func PhotoPurposes() []PhotoPurpose {
	return []PhotoPurpose{PhotoClinicalRecord, PhotoPlanning, PhotoEducation, PhotoPublication, PhotoMarketing, PhotoTrainingAI}
}

// Valid reports whether p is one of [PhotoPurposes].
func (p PhotoPurpose) Valid() bool { return slices.Contains(PhotoPurposes(), p) }

// Clinical reports whether photographs of the purpose stay with those who treat
// the patient.
func (p PhotoPurpose) Clinical() bool { return p == PhotoClinicalRecord || p == PhotoPlanning }

// PublicationChannel is where a photograph is shown.
type PublicationChannel string

// The channels of a publication.
const (
	PublishWebsite     PublicationChannel = "website"
	PublishSocial      PublicationChannel = "social"
	PublishPrint       PublicationChannel = "print"
	PublishInClinic    PublicationChannel = "in-clinic" // to visitors or staff on the premises
	PublishAdvertising PublicationChannel = "advertising"
)

// PublicationChannels returns every channel of a publication.
func PublicationChannels() []PublicationChannel {
	return []PublicationChannel{PublishWebsite, PublishSocial, PublishPrint, PublishInClinic, PublishAdvertising}
}

// Valid reports whether c is one of [PublicationChannels].
func (c PublicationChannel) Valid() bool { return slices.Contains(PublicationChannels(), c) }

// PhotoConditions are what a patient makes a permission depend on.
type PhotoConditions struct {
	Deidentified bool `json:"deidentified,omitempty"` // only pictures that do not say whose they are
	NoFace       bool `json:"noFace,omitempty"`
	NoTagging    bool `json:"noTagging,omitempty"` // the patient is neither named nor linked to
}

// PermissionState is where a permission stands, but for its dates; see
// [Permission.InForce].
type PermissionState string

// The states of a permission.
const (
	PermissionAccepted PermissionState = "accepted"
	PermissionDeclined PermissionState = "declined"
	PermissionRevoked  PermissionState = "revoked"
	PermissionReplaced PermissionState = "replaced"
)

// PermissionMachine returns the state machine of a permission. A patient who
// changes their mind gives another answer, which replaces this one.
func PermissionMachine() state.Machine[PermissionState] {
	return state.Machine[PermissionState]{Name: "permission", Arrows: []state.Arrow[PermissionState]{
		{From: PermissionAccepted, Action: "revoke", To: PermissionRevoked},
		{From: PermissionAccepted, Action: "replace", To: PermissionReplaced},
		{From: PermissionDeclined, Action: "replace", To: PermissionReplaced},
	}}
}

// PermissionStates returns every state of a permission.
func PermissionStates() []PermissionState { return PermissionMachine().States() }

// Valid reports whether s is one of [PermissionStates].
func (s PermissionState) Valid() bool { return slices.Contains(PermissionStates(), s) }

// Permission is a patient's answer on photographs for some purposes: a yes within
// limits, or a no. It is separate from the consent to treatment, and whether the
// patient is treated never depends on one that shows photographs to others (45 CFR
// 164.508(b)(4)). It is revoked or replaced, never deleted.
type Permission struct {
	ID glabella.PermissionID `json:"id" validate:"required"`
	glabella.Meta
	Patient       glabella.PatientID       `json:"patient" validate:"required"`
	Answer        Answer                   `json:"answer" validate:"oneof=accepted declined"`
	GivenAt       time.Time                `json:"givenAt" validate:"required"` // when the patient answered
	Purposes      []PhotoPurpose           `json:"purposes" validate:"min=1,unique,dive,oneof=clinical-record treatment-planning education publication marketing training-ai"`
	Channels      []PublicationChannel     `json:"channels" validate:"unique,dive,oneof=website social print in-clinic advertising"` // empty in a no is every channel
	Platforms     []string                 `json:"platforms"`                                                                        // codes, such as that of one social network; empty is every platform of the channels
	Photos        []glabella.PhotoID       `json:"photos" validate:"unique"`                                                         // with Regions empty too, every photograph
	Regions       []string                 `json:"regions"`                                                                          // codes; photographs that show nothing else
	Conditions    PhotoConditions          `json:"conditions"`
	Conditioned   bool                     `json:"conditioned,omitempty"` // whether treatment, or its price, was made to depend on it
	From          glabella.Date            `json:"from" validate:"required"`
	ExpiresOn     glabella.Date            `json:"expiresOn,omitzero"`    // the last day
	ExpiryEvent   string                   `json:"expiryEvent,omitempty"` // a code, such as end-of-campaign
	EventAt       time.Time                `json:"eventAt,omitzero"`      // when that event came
	Consent       glabella.ConsentID       `json:"consent,omitzero"`      // the signed form that it rests on
	Authorization glabella.AuthorizationID `json:"authorization,omitzero"`
	ReplacedBy    glabella.PermissionID    `json:"replacedBy,omitzero"`
	ReplacedAt    time.Time                `json:"replacedAt,omitzero"`
	RevokedAt     time.Time                `json:"revokedAt,omitzero"`
	RevokedReason string                   `json:"revokedReason,omitempty"`
	Provenance    glabella.Provenance      `json:"provenance"`
}

// Ref returns the reference to the permission.
func (p Permission) Ref() glabella.Ref { return p.ID.Ref() }

// State returns where the permission stands.
func (p Permission) State() PermissionState {
	switch {
	case !p.RevokedAt.IsZero():
		return PermissionRevoked
	case !p.ReplacedBy.IsZero():
		return PermissionReplaced
	case p.Answer == Declined:
		return PermissionDeclined
	default:
		return PermissionAccepted
	}
}

// shows reports whether it is about showing photographs to others.
func (p *Permission) shows() bool {
	return slices.ContainsFunc(p.Purposes, func(u PhotoPurpose) bool { return !u.Clinical() })
}

// Validate reports everything that is wrong with the permission by itself. A yes
// to showing photographs names its channels and the signed form or authorization
// that it rests on; one to marketing names an authorization (45 CFR
// 164.508(a)(3)).
func (p Permission) Validate() error {
	issues := check.Struct(p)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	codeIssues(add, "/platforms", p.Platforms)
	codeIssues(add, "/regions", p.Regions)
	if p.ExpiryEvent != "" && !codePattern.MatchString(p.ExpiryEvent) {
		add("/expiryEvent", glabella.CodeFormat, "a code is lower-case words joined by hyphens")
	}
	if p.Answer == Accepted && p.shows() {
		if len(p.Channels) == 0 {
			add("/channels", glabella.CodeRequired, "a permission to show photographs says where")
		}
		if p.Consent.IsZero() && p.Authorization.IsZero() {
			add("/consent", glabella.CodeRequired, "a permission to show photographs rests on a signed form or an authorization")
		}
		if slices.Contains(p.Purposes, PhotoMarketing) && p.Authorization.IsZero() {
			add("/authorization", glabella.CodeRequired, "marketing needs an authorization")
		}
	}
	if !p.ExpiresOn.IsZero() && p.ExpiresOn.Before(p.From) {
		add("/expiresOn", CodeOrder, "expires before it begins")
	}
	if !p.EventAt.IsZero() && (p.ExpiryEvent == "" || p.EventAt.Before(p.GivenAt)) {
		add("/eventAt", CodeOrder, "the time of an event belongs to an event after the answer")
	}
	if p.ReplacedBy.IsZero() != p.ReplacedAt.IsZero() || !p.ReplacedBy.IsZero() && p.ReplacedBy == p.ID {
		add("/replacedBy", glabella.CodeMismatch, "a permission is replaced by another at some time")
	}
	if !p.ReplacedAt.IsZero() && p.ReplacedAt.Before(p.GivenAt) {
		add("/replacedAt", CodeOrder, "replaced before it was given")
	}
	switch {
	case p.RevokedAt.IsZero() && p.RevokedReason != "":
		add("/revokedReason", glabella.CodeMismatch, "a reason belongs to a revocation")
	case !p.RevokedAt.IsZero() && p.Answer == Declined:
		add("/revokedAt", glabella.CodeMismatch, "a no cannot be revoked")
	case !p.RevokedAt.IsZero() && p.RevokedAt.Before(p.GivenAt):
		add("/revokedAt", CodeOrder, "revoked before it was given")
	}
	issues = append(issues, p.Provenance.Validate("/provenance")...)
	return glabella.Invalid("permission", issues...)
}

// codeIssues reports codes that are empty, malformed or given twice.
func codeIssues(add func(path string, code glabella.Code, text string), path string, list []string) {
	for i, c := range list {
		at := fmt.Sprintf("%s/%d", path, i)
		switch {
		case strings.TrimSpace(c) == "":
			add(at, glabella.CodeRequired, "must be given")
		case !codePattern.MatchString(c):
			add(at, glabella.CodeFormat, "a code is lower-case words joined by hyphens")
		case slices.Contains(list[:i], c):
			add(at, glabella.CodeDuplicate, "must not repeat")
		}
	}
}

// Revoke returns the permission revoked as of at; the reason may be empty. What
// was done in reliance on it before at stays covered (45 CFR 164.508(b)(5)); what
// is still shown is found by [Sweep]. One that is not an accepted answer gives a
// [*glabella.TransitionError], an instant before it was given a
// [*glabella.ValidationError].
func (p Permission) Revoke(at time.Time, reason string) (Permission, error) {
	if _, err := PermissionMachine().Next(p.State(), "revoke"); err != nil {
		return p, err
	}
	if at.IsZero() || at.Before(p.GivenAt) {
		return p, glabella.Invalid("permission", glabella.Issue{Path: "/revokedAt", Code: CodeOrder, Text: "revoked before it was given"})
	}
	p.RevokedAt, p.RevokedReason = instant(at), reason
	return p, nil
}

// Replace returns the permission replaced by the patient's next answer, as of when
// they gave it. The answer that is replaced is kept. One of another patient, or
// given earlier, gives a [*glabella.ValidationError]; one that has ended a
// [*glabella.TransitionError].
func (p Permission) Replace(next Permission) (Permission, error) {
	if _, err := PermissionMachine().Next(p.State(), "replace"); err != nil {
		return p, err
	}
	var issues []glabella.Issue
	if next.Patient != p.Patient || next.ID == p.ID || next.ID.IsZero() {
		issues = append(issues, glabella.Issue{Path: "/replacedBy", Code: glabella.CodeMismatch, Text: "a permission is replaced by another one of the same patient"})
	}
	if next.GivenAt.Before(p.GivenAt) {
		issues = append(issues, glabella.Issue{Path: "/replacedAt", Code: CodeOrder, Text: "replaced before it was given"})
	}
	if err := glabella.Invalid("permission", issues...); err != nil {
		return p, err
	}
	p.ReplacedBy, p.ReplacedAt = next.ID, instant(next.GivenAt)
	return p, nil
}

// InForce reports whether the permission is a yes that stood at the instant t,
// whatever happened later. Its dates are days in zone; nil is UTC.
func (p Permission) InForce(t time.Time, zone *time.Location) bool {
	return p.Answer == Accepted && !t.Before(p.GivenAt) && p.lapse(t, local(t, zone)) == 0
}

// lapse returns what the permission lacks by its times at t, which is on the day
// today.
func (p *Permission) lapse(t time.Time, today glabella.Date) lack {
	var out lack
	if today.Before(p.From) {
		out |= lackEarly
	}
	if !p.ExpiresOn.IsZero() && today.After(p.ExpiresOn) || past(p.EventAt, t) {
		out |= lackExpired
	}
	if past(p.RevokedAt, t) {
		out |= lackRevoked
	}
	if past(p.ReplacedAt, t) {
		out |= lackReplaced
	}
	return out
}

// past reports whether the event at is known and not later than t.
func past(at, t time.Time) bool { return !at.IsZero() && !t.Before(at) }

// local returns the day of an instant in a zone; nil is UTC.
func local(t time.Time, zone *time.Location) glabella.Date {
	if zone == nil {
		zone = time.UTC
	}
	return glabella.DateOf(t.In(zone))
}
