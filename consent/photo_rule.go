package consent

import (
	"math/bits"
	"slices"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
)

// Codes of what keeps photographs from being taken or shown.
const (
	// CodePhotoUnasked says that the patient has not been asked whether photographs may be taken.
	CodePhotoUnasked glabella.Code = "consent.photo.unasked"
	// CodePhotoRefused says that the patient said no to photographs for a purpose.
	CodePhotoRefused glabella.Code = "consent.photo.refused"
	// CodePhotoRevoked says that the patient has revoked the permission.
	CodePhotoRevoked glabella.Code = "consent.photo.revoked"
	// CodePhotoPermission says that there is no permission for a purpose.
	CodePhotoPermission glabella.Code = "consent.photo.permission"
	// CodePhotoPurpose says that a purpose is none for which photographs are shown.
	CodePhotoPurpose glabella.Code = "consent.photo.purpose"
	// CodePhotoEarly says that a permission has not begun.
	CodePhotoEarly glabella.Code = "consent.photo.early"
	// CodePhotoExpired says that a permission has expired by its date or event.
	CodePhotoExpired glabella.Code = "consent.photo.expired"
	// CodePhotoReplaced says that a permission was replaced by another answer.
	CodePhotoReplaced glabella.Code = "consent.photo.replaced"
	// CodePhotoChannel says that a permission does not cover the channel.
	CodePhotoChannel glabella.Code = "consent.photo.channel"
	// CodePhotoPlatform says that a permission does not cover the platform.
	CodePhotoPlatform glabella.Code = "consent.photo.platform"
	// CodePhotoScope says that a permission does not cover the photograph.
	CodePhotoScope glabella.Code = "consent.photo.scope"
	// CodePhotoFace says that the picture shows the face though the permission excludes it.
	CodePhotoFace glabella.Code = "consent.photo.face"
	// CodePhotoIdentified says that the picture is not de-identified though it must be.
	CodePhotoIdentified glabella.Code = "consent.photo.identified"
	// CodePhotoFullFace says that a picture of the full face is called de-identified.
	CodePhotoFullFace glabella.Code = "consent.photo.full-face"
	// CodePhotoTagged says that the patient is named or linked to though the permission excludes it.
	CodePhotoTagged glabella.Code = "consent.photo.tagged"
	// CodePhotoConditioned says that treatment was made to depend on showing photographs.
	CodePhotoConditioned glabella.Code = "consent.photo.conditioned"
	// CodePhotoUnsigned says that the form that a permission rests on is not signed or was withdrawn.
	CodePhotoUnsigned glabella.Code = "consent.photo.unsigned"
	// CodePhotoRetracted says that the photograph was retracted.
	CodePhotoRetracted glabella.Code = "consent.photo.retracted"
	// CodePhotoAuthorization says that an authorization is needed and there is none.
	CodePhotoAuthorization glabella.Code = "consent.photo.authorization"
	// CodePhotoAuthorizationEnded says that the authorization has not begun, has expired or was revoked.
	CodePhotoAuthorizationEnded glabella.Code = "consent.photo.authorization.ended"
	// CodePhotoAuthorizationPurpose says that the authorization is for other purposes.
	CodePhotoAuthorizationPurpose glabella.Code = "consent.photo.authorization.purpose"
	// CodePhotoAuthorizationDefective says that the authorization is defective.
	CodePhotoAuthorizationDefective glabella.Code = "consent.photo.authorization.defective"
	// CodePhotoRemuneration says that the authorization does not state that the practice is paid for the marketing.
	CodePhotoRemuneration glabella.Code = "consent.photo.remuneration"
)

// Where the rules on photographs come from.
const (
	sourcePhotoPolicy   = "practice policy: photographs are taken and shown as the patient permits"
	sourceTreatment     = "45 CFR 164.506(c): treatment needs no authorization; practice policy: clinical photographs are taken with the patient's agreement"
	sourceAuthorization = "45 CFR 164.508(a)(1)"
	sourceMarketing     = "45 CFR 164.508(a)(3)"
	sourceRemuneration  = "45 CFR 164.508(a)(3)(ii)"
	sourceDefective     = "45 CFR 164.508(b)(2)"
	sourceConditioned   = "45 CFR 164.508(b)(4)"
	sourceRevoked       = "45 CFR 164.508(b)(5)"
	sourceExpiry        = "45 CFR 164.508(c)(1)(v)"
	sourceFullFace      = "45 CFR 164.514(b)(2)(i)(Q)"
)

// AuthorizationFact is what [MayPublish] looks at in an authorization to disclose
// health information (45 CFR 164.508).
type AuthorizationFact struct {
	ID        glabella.AuthorizationID
	Purposes  []PhotoPurpose
	From      time.Time // when it was signed
	Until     time.Time // when it ends by its date or event; zero is open
	RevokedAt time.Time
	Defective bool // it lacks an element or statement (45 CFR 164.508(b)(2))
	// Remuneration says that it states that a third party pays for the marketing.
	Remuneration bool
}

// PublishFacts are what [MayPublish] decides on.
type PublishFacts struct {
	Patient        glabella.PatientID
	Photo          glabella.PhotoID
	Regions        []string // what the photograph shows
	ShowsFace      bool     // the full face or a comparable picture
	Deidentified   bool     // the picture and what is written with it do not say whose it is
	Tagged         bool     // the patient is named or linked to
	Retracted      bool     // the photograph is not to be used
	Purpose        PhotoPurpose
	Channel        PublicationChannel
	Platform       string // code; empty where the channel has none
	Remunerated    bool   // a third party pays for the marketing
	At             time.Time
	Zone           *time.Location // in which the days of permissions are counted; nil is UTC
	Permissions    []Permission
	Authorizations []AuthorizationFact
	Consents       []Consent // the signed forms that permissions rest on
}

// lack is a set of what a permission lacks for one act.
type lack uint32

const (
	lackEarly lack = 1 << iota
	lackExpired
	lackReplaced
	lackRevoked
	lackChannel
	lackPlatform
	lackScope
	lackFace
	lackIdentified
	lackTagged
	lackConditioned
	lackUnsigned
	lackAuthorization
	lackAuthorizationEnded
	lackAuthorizationPurpose
	lackDefective
	lackRemuneration
)

// MayPublish decides whether a photograph may be shown at the instant At, by what
// the patient had answered by then. One permission must cover it in every respect.
// If none does, the reasons are those of the one that comes nearest. A refusal or
// revocation counts against every answer given before it.
//
// Showing an identifiable picture beyond treatment and the practice's own
// operations needs an authorization (45 CFR 164.508(a)(1)), and marketing always
// does (164.508(a)(3)), here even for a picture that is called de-identified.
// Teaching the practice's own staff on its premises is among its operations
// (164.501).
func MayPublish(f PublishFacts) glabella.Decision {
	var reasons []glabella.Reason
	add := func(code glabella.Code, text, fix, source string) {
		reasons = append(reasons, glabella.Denied(code, text).For(f.Photo.Ref()).With("purpose", string(f.Purpose)).WithFix(fix).CitedFrom(source))
	}
	if f.Retracted {
		add(CodePhotoRetracted, "the photograph was retracted", "show another photograph", sourcePhotoPolicy)
	}
	if f.Deidentified && f.ShowsFace {
		add(CodePhotoFullFace, "a picture of the full face is not de-identified", "cover or crop the face, or treat the picture as identifiable", sourceFullFace)
	}
	if !f.Purpose.Valid() || f.Purpose.Clinical() {
		add(CodePhotoPurpose, "photographs are not shown for this purpose", "say for which purpose it is shown", sourcePhotoPolicy)
		return glabella.Decide(reasons...)
	}
	best, lacks, stop := f.nearest()
	switch {
	case best == nil && stop == nil:
		add(CodePhotoPermission, "there is no permission for this purpose", "ask the patient", sourcePhotoPolicy)
	case best == nil:
		reasons = append(reasons, stop.stopped(f.At, f.Purpose).For(f.Photo.Ref()))
	default:
		reasons = append(reasons, f.reasons(best, lacks)...)
	}
	return glabella.Decide(reasons...)
}

// nearest returns the patient's answer that covers the act best, and what it
// lacks; and the last refusal or revocation that is about the act. No answer given
// before that counts.
func (f *PublishFacts) nearest() (best *Permission, lacks lack, stop *Permission) {
	var stopped time.Time
	for i := range f.Permissions {
		p := &f.Permissions[i]
		if p.Patient != f.Patient || !slices.Contains(p.Purposes, f.Purpose) {
			continue
		}
		at, ok := p.stoppedAt(f.At)
		if ok && (stop == nil || at.After(stopped)) && f.within(p) == 0 {
			stop, stopped = p, at
		}
	}
	today := local(f.At, f.Zone)
	for i := range f.Permissions {
		p := &f.Permissions[i]
		if p.Answer != Accepted || p.Patient != f.Patient || f.At.Before(p.GivenAt) || !slices.Contains(p.Purposes, f.Purpose) ||
			stop != nil && !p.GivenAt.After(stopped) {
			continue
		}
		// What it lacks only grows, so that the dearer half is left out for one that has lost.
		mine := p.lapse(f.At, today) | f.within(p)
		if best == nil || p.nearer(mine, best, lacks) {
			mine |= f.against(p)
			if best == nil || p.nearer(mine, best, lacks) {
				best, lacks = p, mine
			}
		}
	}
	return best, lacks, stop
}

// nearer reports whether a permission lacks less than best, or is newer and lacks as
// much.
func (p *Permission) nearer(mine lack, best *Permission, lacks lack) bool {
	n, least := bits.OnesCount32(uint32(mine)), bits.OnesCount32(uint32(lacks))
	return n < least || n == least && p.GivenAt.After(best.GivenAt)
}

// stoppedAt returns since when the answer is a no at t, if it is one: a refusal, or
// a permission that was revoked.
func (p *Permission) stoppedAt(t time.Time) (time.Time, bool) {
	if p.Answer == Declined {
		return p.GivenAt, past(p.GivenAt, t)
	}
	return p.RevokedAt, past(p.RevokedAt, t)
}

// within returns what is lacking in a permission that is not about the channel, the
// platform or the photograph.
func (f *PublishFacts) within(p *Permission) lack {
	var out lack
	if !slices.Contains(p.Channels, f.Channel) && (p.Answer == Accepted || len(p.Channels) > 0) {
		out |= lackChannel
	}
	if len(p.Platforms) > 0 && !slices.Contains(p.Platforms, f.Platform) {
		out |= lackPlatform
	}
	if !p.covers(f.Photo, f.Regions) {
		out |= lackScope
	}
	return out
}

// covers reports whether the answer is about the photograph.
func (p *Permission) covers(photo glabella.PhotoID, regions []string) bool {
	if len(p.Photos) == 0 && len(p.Regions) == 0 || slices.Contains(p.Photos, photo) {
		return true
	}
	if len(p.Regions) == 0 {
		return false
	}
	outside := func(r string) bool { return !slices.Contains(p.Regions, r) }
	if p.Answer == Declined { // a no to a region is a no to whatever shows it, or may
		return len(regions) == 0 || slices.ContainsFunc(regions, func(r string) bool { return !outside(r) })
	}
	return len(regions) > 0 && !slices.ContainsFunc(regions, outside)
}

// against returns what a permission lacks by its conditions, the form and the
// authorization that it rests on.
func (f *PublishFacts) against(p *Permission) lack {
	var out lack
	if p.Conditions.NoFace && f.ShowsFace {
		out |= lackFace
	}
	if p.Conditions.Deidentified && (!f.Deidentified || f.ShowsFace) {
		out |= lackIdentified
	}
	if p.Conditions.NoTagging && f.Tagged {
		out |= lackTagged
	}
	if p.Conditioned {
		out |= lackConditioned
	}
	if !p.Consent.IsZero() {
		i := slices.IndexFunc(f.Consents, func(c Consent) bool { return c.ID == p.Consent })
		if i < 0 || f.Consents[i].Patient != p.Patient || !f.Consents[i].validAt(f.At) {
			out |= lackUnsigned
		}
	}
	return out | f.authorized(p)
}

func (f *PublishFacts) authorized(p *Permission) lack {
	if p.Authorization.IsZero() {
		if f.needsAuthorization() {
			return lackAuthorization
		}
		return 0
	}
	i := slices.IndexFunc(f.Authorizations, func(a AuthorizationFact) bool { return a.ID == p.Authorization })
	if i < 0 {
		return lackAuthorization
	}
	a := &f.Authorizations[i]
	var out lack
	if f.At.Before(a.From) || past(a.Until, f.At) || past(a.RevokedAt, f.At) {
		out |= lackAuthorizationEnded
	}
	if !slices.Contains(a.Purposes, f.Purpose) {
		out |= lackAuthorizationPurpose
	}
	if a.Defective {
		out |= lackDefective
	}
	if f.Remunerated && f.marketing() && !a.Remuneration {
		out |= lackRemuneration
	}
	return out
}

func (f *PublishFacts) marketing() bool {
	return f.Purpose == PhotoMarketing || f.Channel == PublishAdvertising
}

func (f *PublishFacts) needsAuthorization() bool {
	if f.marketing() {
		return true
	}
	operations := f.Purpose == PhotoEducation && f.Channel == PublishInClinic
	return !operations && (!f.Deidentified || f.ShowsFace)
}

var lackTable = []struct {
	lack              lack
	code              glabella.Code
	text, fix, source string
}{
	{lackRevoked, CodePhotoRevoked, "the patient has revoked the permission", "ask the patient", sourceRevoked},
	{lackReplaced, CodePhotoReplaced, "the permission was replaced by another answer", "ask the patient", sourcePhotoPolicy},
	{lackExpired, CodePhotoExpired, "the permission has expired", "ask the patient again", sourceExpiry},
	{lackEarly, CodePhotoEarly, "the permission has not begun", "wait until it begins", sourcePhotoPolicy},
	{lackChannel, CodePhotoChannel, "the permission does not cover the channel", "ask the patient, or show it where they permit", sourcePhotoPolicy},
	{lackPlatform, CodePhotoPlatform, "the permission does not cover the platform", "ask the patient, or show it where they permit", sourcePhotoPolicy},
	{lackScope, CodePhotoScope, "the permission does not cover the photograph", "ask the patient, or show one that they permit", sourcePhotoPolicy},
	{lackFace, CodePhotoFace, "the permission excludes the face", "crop or cover the face", sourcePhotoPolicy},
	{lackIdentified, CodePhotoIdentified, "the permission is for de-identified pictures", "remove what says whose picture it is", sourcePhotoPolicy},
	{lackTagged, CodePhotoTagged, "the permission excludes naming or linking to the patient", "remove the name and the link", sourcePhotoPolicy},
	{lackConditioned, CodePhotoConditioned, "treatment was made to depend on the permission", "ask again and say that treatment does not depend on it", sourceConditioned},
	{lackUnsigned, CodePhotoUnsigned, "the form that the permission rests on is not signed or was withdrawn", "have the form signed", sourcePhotoPolicy},
	{lackAuthorization, CodePhotoAuthorization, "the permission rests on no authorization that is known", "have the patient sign an authorization", sourceAuthorization},
	{lackAuthorizationEnded, CodePhotoAuthorizationEnded, "the authorization has not begun, has expired or was revoked", "have the patient sign an authorization", sourceDefective},
	{lackAuthorizationPurpose, CodePhotoAuthorizationPurpose, "the authorization is for other purposes", "have the patient sign one that names the purpose", "45 CFR 164.508(c)(1)(iv)"},
	{lackDefective, CodePhotoAuthorizationDefective, "the authorization is defective", "have a complete one signed", sourceDefective},
	{lackRemuneration, CodePhotoRemuneration, "the authorization does not state that a third party pays", "have one signed that states it", sourceRemuneration},
}

// reasons returns what is lacking in a permission as reasons.
func (f *PublishFacts) reasons(p *Permission, lacks lack) []glabella.Reason {
	var out []glabella.Reason
	for _, row := range lackTable {
		if lacks&row.lack == 0 {
			continue
		}
		r := glabella.Denied(row.code, row.text).For(f.Photo.Ref(), p.Ref()).With("purpose", string(f.Purpose)).WithFix(row.fix).CitedFrom(row.source)
		switch row.lack {
		case lackEarly:
			r = r.With("from", p.From.String())
		case lackChannel:
			r = r.With("channel", string(f.Channel))
		case lackPlatform:
			r = r.With("platform", f.Platform)
		case lackScope:
			r = r.With("regions", strings.Join(f.Regions, ", "))
		case lackExpired:
			if p.Authorization.IsZero() {
				r.Source = sourcePhotoPolicy
			}
		case lackUnsigned:
			r = r.For(p.Consent.Ref())
		case lackAuthorization:
			if f.marketing() {
				r.Source = sourceMarketing
			}
			r = r.For(p.Authorization.Ref())
		case lackAuthorizationEnded, lackAuthorizationPurpose, lackDefective, lackRemuneration:
			r = r.For(p.Authorization.Ref())
		}
		out = append(out, r)
	}
	return out
}

// stopped returns the reason that the answer is a no at t.
func (p *Permission) stopped(t time.Time, purpose PhotoPurpose) glabella.Reason {
	r := glabella.Denied(CodePhotoRefused, "the patient said no to photographs for this purpose").CitedFrom(sourcePhotoPolicy)
	if p.Answer == Accepted && past(p.RevokedAt, t) {
		r = glabella.Denied(CodePhotoRevoked, "the patient has revoked the permission").CitedFrom(sourceRevoked)
	}
	return r.For(p.Ref()).With("purpose", string(purpose)).WithFix("respect the answer; only the patient can change it")
}
