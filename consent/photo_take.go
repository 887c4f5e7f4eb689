package consent

import (
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
)

// TakeFacts are what [MayTake] decides on.
type TakeFacts struct {
	Patient     glabella.PatientID
	Purpose     PhotoPurpose
	Regions     []string // what is to be photographed
	At          time.Time
	Zone        *time.Location // in which the days of permissions are counted; nil is UTC
	Permissions []Permission
}

// MayTake decides whether photographs of a patient may be taken for a purpose at
// the instant At. For the record and for planning a treatment it needs no
// authorization, so that a patient who was never asked gives a warning; a no
// denies. For any other purpose there must be a yes.
func MayTake(f TakeFacts) glabella.Decision {
	if !f.Purpose.Valid() {
		return glabella.Decide(glabella.Denied(CodePhotoPurpose, "photographs are not taken for this purpose").
			With("purpose", string(f.Purpose)).WithFix("say for which purpose they are taken").CitedFrom(sourcePhotoPolicy))
	}
	yes, no := f.latest()
	switch {
	case yes:
		return glabella.Decide()
	case no != nil:
		r := no.stopped(f.At, f.Purpose)
		if f.Purpose.Clinical() {
			r.Source = sourceTreatment
		}
		return glabella.Decide(r)
	case f.Purpose.Clinical():
		return glabella.Decide(glabella.Warned(CodePhotoUnasked, "the patient has not been asked about photographs").For(f.Patient.Ref()).
			With("purpose", string(f.Purpose)).WithFix("ask the patient and record the answer").CitedFrom(sourceTreatment))
	default:
		return glabella.Decide(glabella.Denied(CodePhotoPermission, "there is no permission for this purpose").For(f.Patient.Ref()).
			With("purpose", string(f.Purpose)).WithFix("ask the patient").CitedFrom(sourcePhotoPolicy))
	}
}

// latest reports whether an answer permits the photographs, and returns the last
// refusal or revocation that is about them. No answer given before that counts.
func (f *TakeFacts) latest() (yes bool, no *Permission) {
	var stopped time.Time
	var given time.Time
	for i := range f.Permissions {
		p := &f.Permissions[i]
		if p.Patient != f.Patient || !slices.Contains(p.Purposes, f.Purpose) || !p.covers(glabella.PhotoID{}, f.Regions) {
			continue
		}
		if at, ok := p.stoppedAt(f.At); ok && (no == nil || at.After(stopped)) {
			no, stopped = p, at
		}
		if p.InForce(f.At, f.Zone) && (!yes || p.GivenAt.After(given)) && !p.Conditioned {
			yes, given = true, p.GivenAt
		}
	}
	return yes && (no == nil || given.After(stopped)), no
}

// MayCondition decides whether a practice may make treatment, its price or a
// booking depend on a patient's yes to photographs for a purpose. It may for the
// record and for planning; it may not for showing them to others (45 CFR
// 164.508(b)(4)). Whoever builds the list of what must be signed before a treatment
// asks it.
func MayCondition(purpose PhotoPurpose) glabella.Decision {
	if purpose.Clinical() {
		return glabella.Decide()
	}
	return glabella.Decide(glabella.Denied(CodePhotoConditioned, "treatment may not depend on showing photographs").
		With("purpose", string(purpose)).WithFix("make the permission optional").CitedFrom(sourceConditioned))
}

// PhotoStance is where a patient stands on photographs as a whole.
type PhotoStance string

// The stances.
const (
	StanceUnasked      PhotoStance = "unasked"       // the patient has not answered
	StanceNoPhotos     PhotoStance = "no-photos"     // none are taken, not even for the record
	StanceClinicalOnly PhotoStance = "clinical-only" // for the record and planning; shown to nobody else
	StanceShared       PhotoStance = "shared"        // some may be shown to others
)

// PhotoStances returns every stance.
func PhotoStances() []PhotoStance {
	return []PhotoStance{StanceUnasked, StanceNoPhotos, StanceClinicalOnly, StanceShared}
}

// Valid reports whether s is one of [PhotoStances].
func (s PhotoStance) Valid() bool { return slices.Contains(PhotoStances(), s) }

// StanceOf returns where a patient stands on photographs at the instant at, for a
// line at the top of a chart; where answers overlap it errs towards the narrower
// one. It says nothing on whether one photograph may be
// shown; see [MayPublish]. Days are counted in zone; nil is UTC.
func StanceOf(patient glabella.PatientID, permissions []Permission, at time.Time, zone *time.Location) PhotoStance {
	var clinical, refused bool
	for _, purpose := range PhotoPurposes() {
		yes, no := answered(patient, permissions, purpose, at, zone)
		switch {
		case purpose.Clinical():
			clinical, refused = clinical || yes, refused || no
		case yes:
			return StanceShared
		}
	}
	switch {
	case clinical:
		return StanceClinicalOnly
	case refused:
		return StanceNoPhotos
	default:
		return StanceUnasked
	}
}

// answered reports whether the patient's answers on a purpose, whatever they are
// limited to, hold a yes given after every no, and whether they hold a no.
func answered(patient glabella.PatientID, permissions []Permission, purpose PhotoPurpose, at time.Time, zone *time.Location) (yes, no bool) {
	var given, stopped time.Time
	for i := range permissions {
		p := &permissions[i]
		if p.Patient != patient || !slices.Contains(p.Purposes, purpose) {
			continue
		}
		whole := p.Answer == Accepted || len(p.Channels) == 0 && len(p.Platforms) == 0 && len(p.Photos) == 0 && len(p.Regions) == 0
		if t, ok := p.stoppedAt(at); ok && whole && (!no || t.After(stopped)) {
			no, stopped = true, t
		}
		if p.InForce(at, zone) && !p.Conditioned && (!yes || p.GivenAt.After(given)) {
			yes, given = true, p.GivenAt
		}
	}
	return yes && (!no || given.After(stopped)), no
}
