package patient

import (
	"slices"

	"github.com/glabella-ehr/glabella"
)

// Codes of what keeps a person from signing for a patient.
const (
	// CodeSignerBirthDate says that the patient's date of birth is not known, so that nobody can tell who must sign.
	CodeSignerBirthDate glabella.Code = "patient.signer.birth-date"
	// CodeSignerMinor says that the patient is a minor and cannot sign alone.
	CodeSignerMinor glabella.Code = "patient.signer.minor"
	// CodeSignerIncapable says that the patient cannot decide and a representative must sign.
	CodeSignerIncapable glabella.Code = "patient.signer.incapable"
	// CodeSignerUnknown says that the person who signs is not related to the patient.
	CodeSignerUnknown glabella.Code = "patient.signer.unknown"
	// CodeSignerRole says that the related person has no role in which they may sign for this patient.
	CodeSignerRole glabella.Code = "patient.signer.role"
	// CodeSignerPeriod says that the relation does not hold on the day of signing.
	CodeSignerPeriod glabella.Code = "patient.signer.period"
	// CodeSignerAuthority says that no document shows the authority of the person who signs.
	CodeSignerAuthority glabella.Code = "patient.signer.authority"
	// CodeSignerAdult says that the patient is an adult who decides for themselves.
	CodeSignerAdult glabella.Code = "patient.signer.adult"
	// CodeSignerAge says that no age of majority is set for the place of treatment.
	CodeSignerAge glabella.Code = "patient.signer.adult-age"
	// CodeSignerDay says that the day of signing is not given.
	CodeSignerDay glabella.Code = "patient.signer.day"
)

const sourceSigner = "45 CFR 164.502(g): personal representatives; the age of majority is that of the place of treatment"

// SignerFacts are what [EvaluateSigner] asks for.
type SignerFacts struct {
	Patient   glabella.PatientID
	BirthDate glabella.Date
	On        glabella.Date
	AdultAge  int  // the age from which a person signs alone where the treatment takes place
	Incapable bool // someone has established that the adult patient cannot decide
	Related   []Related
	By        glabella.RelatedID // who signs; zero is the patient
}

// EvaluateSigner answers whether the person may sign for the patient that day: an
// adult for themselves, for a minor a guardian, and for an adult who cannot
// decide a representative, these with a documented authority that has not ended.
// It does not answer whether a minor may be treated at all: that is for the
// age limits of the treatment.
func EvaluateSigner(f SignerFacts) glabella.Decision {
	var reasons []glabella.Reason
	add := func(code glabella.Code, text, fix string, refs ...glabella.Ref) {
		reasons = append(reasons, glabella.Denied(code, text).For(refs...).WithFix(fix).CitedFrom(sourceSigner))
	}
	if f.On.IsZero() {
		add(CodeSignerDay, "the day of signing is not given", "give the day", f.Patient.Ref())
	}
	if f.AdultAge <= 0 {
		add(CodeSignerAge, "no age of majority is set", "set the age of majority of the place of treatment", f.Patient.Ref())
	}
	if f.BirthDate.IsZero() {
		add(CodeSignerBirthDate, "the date of birth is not known", "record the date of birth", f.Patient.Ref())
	}
	known := !f.On.IsZero() && f.AdultAge > 0 && !f.BirthDate.IsZero()
	minor := known && f.BirthDate.Age(f.On) < f.AdultAge
	if f.By.IsZero() {
		if minor {
			add(CodeSignerMinor, "the patient is a minor", "have a guardian sign", f.Patient.Ref())
		}
		if f.Incapable {
			add(CodeSignerIncapable, "the patient cannot decide", "have a representative sign", f.Patient.Ref())
		}
		return glabella.Decide(reasons...)
	}
	i := slices.IndexFunc(f.Related, func(r Related) bool { return r.ID == f.By })
	if i < 0 {
		add(CodeSignerUnknown, "the signer is not related to the patient", "record the person and their authority first", f.Patient.Ref(), f.By.Ref())
		return glabella.Decide(reasons...)
	}
	signer := f.Related[i]
	guardian, representative := slices.Contains(signer.Roles, RoleGuardian), slices.Contains(signer.Roles, RoleRepresentative)
	switch {
	case !guardian && !representative, minor && !guardian, known && !minor && f.Incapable && !representative:
		add(CodeSignerRole, "the signer has no role to sign in", "record the role and the document that shows it", f.Patient.Ref(), signer.Ref())
	}
	if known && !minor && !f.Incapable {
		add(CodeSignerAdult, "the patient is an adult who decides", "have the patient sign", f.Patient.Ref(), signer.Ref())
	}
	if !f.On.IsZero() && !signer.Holds(f.On) {
		add(CodeSignerPeriod, "the relation does not hold on that day", "record who holds the authority now", f.Patient.Ref(), signer.Ref())
	}
	if signer.Authority == "" {
		add(CodeSignerAuthority, "no document shows the authority", "record the document", f.Patient.Ref(), signer.Ref())
	}
	return glabella.Decide(reasons...)
}
