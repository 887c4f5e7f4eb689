package consent

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/config"
)

// Codes of the reasons of [EvaluateMinor].
const (
	// CodeMinorDay says that the day of the treatment is not given.
	CodeMinorDay glabella.Code = "consent.minor.day"
	// CodeMinorBirthDate says that the patient's date of birth is not known, so that nobody can tell whether they are a minor.
	CodeMinorBirthDate glabella.Code = "consent.minor.birth-date"
	// CodeMinorRules says that no age of majority is known for the place of treatment.
	CodeMinorRules glabella.Code = "consent.minor.rules"
	// CodeMinorBan says that the law keeps patients of this age from the treatment, whatever their guardians say.
	CodeMinorBan glabella.Code = "consent.minor.ban"
	// CodeMinorException says that a minor is treated under an exception to a ban.
	CodeMinorException glabella.Code = "consent.minor.exception"
	// CodeMinorGuardian says that a minor needs the consent of a guardian.
	CodeMinorGuardian glabella.Code = "consent.minor.guardian"
	// CodeMinorAlone says that a minor is of an age at which the law lets them agree to health care alone.
	CodeMinorAlone glabella.Code = "consent.minor.alone"
	// CodeMinorPolicy says that the practice asks for a guardian's consent at this age.
	CodeMinorPolicy glabella.Code = "consent.minor.policy"
)

// Stage is the point at which the age of a patient is looked at.
type Stage string

// The stages. Where a rule is stricter for treatment, it warns at booking.
const (
	StageBooking   Stage = "booking"
	StageTreatment Stage = "treatment"
)

// Stages returns every stage.
func Stages() []Stage { return []Stage{StageBooking, StageTreatment} }

// Valid reports whether s is one of [Stages].
func (s Stage) Valid() bool { return slices.Contains(Stages(), s) }

// MinorFacts are what [EvaluateMinor] decides on.
type MinorFacts struct {
	Patient      glabella.PatientID
	BirthDate    glabella.Date
	On           glabella.Date // the day of the treatment at the site, at booking too
	Stage        Stage         // anything else counts as treatment
	Jurisdiction string        // for the reasons
	Rules        config.Minors // of the jurisdiction
	AdultAge     int           // the age from which the practice treats without a guardian; 0 adds nothing to the rules
	AgeSource    string        // the source of AdultAge

	Classes   []string // of the treatment: the code of its template and the families and classes of its products
	Cosmetic  bool     // whether its purpose is cosmetic
	Performer []string // kinds of the performer's credentials that hold that day; none if nobody is chosen yet
	Directed  bool     // whether a doctor directs this treatment of this patient
	Guardian  bool     // whether a guardian's consent stands; see [GuardianConsent]
}

// EvaluateMinor decides whether the age of a patient lets a treatment be booked
// or done. It gives all reasons, each with its source, the facts that it rests on
// as arguments, and what would make it pass. The age is that of the day of
// treatment; who is born on 29 February completes a year on 1 March of a common
// year.
//
// A ban denies at booking as at treatment, and a guardian's consent does not lift
// it. A missing guardian's consent and an unknown date of birth deny a treatment
// and warn at booking. A rule whose source nobody has read ([config.Recalled])
// only warns, and the practice's own age denies whatever the law allows.
func EvaluateMinor(f MinorFacts) glabella.Decision {
	var reasons []glabella.Reason
	add := func(r glabella.Reason, fix, source string) {
		r = r.For(f.Patient.Ref()).With("stage", string(f.stage())).With("jurisdiction", f.Jurisdiction).WithFix(fix).CitedFrom(source)
		reasons = append(reasons, r)
	}
	if !f.On.Valid() {
		add(glabella.Denied(CodeMinorDay, "the day of the treatment is not given"), "give the day", "practice policy: the age counts on the day of treatment")
		return glabella.Decide(reasons...)
	}
	majority, known := f.Rules.Age(config.AgeMajority, f.On)
	if !known && f.AdultAge <= 0 {
		add(glabella.Warned(CodeMinorRules, "no age of majority is known for the place of treatment"),
			"set the age from which the site treats without a guardian", "practice policy: each site has an adult age")
	}
	if !f.BirthDate.Valid() || f.BirthDate.After(f.On) {
		source := "practice policy: the age of each patient is established"
		if bans := f.bans(); len(bans) > 0 {
			source = bans[0].Source
		}
		add(f.atTreatment(CodeMinorBirthDate, "the date of birth is not known"), "establish the date of birth from a document", source)
		return glabella.Decide(reasons...)
	}
	age := f.BirthDate.Age(f.On)
	for _, b := range f.bans() {
		if age >= b.Under {
			continue
		}
		r, fix := f.underBan(b)
		add(r.With("class", f.class(b)).With("under", strconv.Itoa(b.Under)).With("confidence", string(b.Confidence)), fix, b.Source)
	}
	if known && age < majority.Years && !f.Guardian {
		r, fix, rule := f.withoutGuardian(age, majority)
		add(r.With("age", strconv.Itoa(rule.Years)).With("confidence", string(rule.Confidence)), fix, rule.Source)
	}
	if age < f.AdultAge && !f.Guardian {
		add(f.atTreatment(CodeMinorPolicy, "the practice asks for a guardian's consent at this age").With("age", strconv.Itoa(f.AdultAge)),
			"have a guardian sign", cited(f.AgeSource))
	}
	return glabella.Decide(reasons...)
}

// IsMinor reports whether a patient may not sign alone on the day, by the age of
// majority, or the lower one for health care where there is one, and by the
// practice's own age. It reports true if the date of birth is not known.
func (f MinorFacts) IsMinor() bool {
	if !f.BirthDate.Valid() || !f.On.Valid() || f.BirthDate.After(f.On) {
		return true
	}
	years := f.AdultAge
	if r, ok := f.Rules.Age(config.AgeHealthCare, f.On); ok {
		years = max(years, r.Years)
	} else if r, ok := f.Rules.Age(config.AgeMajority, f.On); ok {
		years = max(years, r.Years)
	}
	return f.BirthDate.Age(f.On) < years
}

// withoutGuardian returns what is said of a minor without a guardian's consent,
// what would make it pass, and the rule that decides: the age for health care if
// there is one, or else that of majority.
func (f MinorFacts) withoutGuardian(age int, majority config.AgeRule) (glabella.Reason, string, config.AgeRule) {
	rule, lower := f.Rules.Age(config.AgeHealthCare, f.On)
	if lower && age >= rule.Years {
		return glabella.Warned(CodeMinorAlone, "a minor is of an age at which the law lets them agree to health care alone").
			With("majority", strconv.Itoa(majority.Years)), "confirm that the law reaches this treatment, or have a guardian sign too", rule
	}
	if !lower {
		rule = majority
	}
	r := f.atTreatment(CodeMinorGuardian, "a minor needs the consent of a guardian")
	if rule.Confidence == config.Recalled {
		r.Outcome = glabella.Warn
	}
	return r, "have a guardian sign", rule
}

// underBan returns what a ban says of a patient below its age, and what would
// make it pass.
func (f MinorFacts) underBan(b config.Ban) (glabella.Reason, string) {
	switch {
	case meet(f.Performer, b.Doctors):
		return glabella.Warned(CodeMinorException, "a minor is treated under an exception to a ban").With("performer", "doctor"),
			"record why the treatment is in the patient's interest"
	case meet(f.Performer, b.Directed) && f.Directed:
		return glabella.Warned(CodeMinorException, "a minor is treated under an exception to a ban").With("performer", "directed"),
			"record the doctor's directions and why the treatment is in the patient's interest"
	}
	performer := "other"
	switch {
	case len(f.Performer) == 0:
		performer = "unknown"
	case meet(f.Performer, b.Directed):
		performer = "undirected"
	}
	r := glabella.Denied(CodeMinorBan, "the law keeps patients of this age from the treatment").With("performer", performer)
	if b.Confidence == config.Recalled {
		r.Outcome = glabella.Warn
	}
	fix := fmt.Sprintf("wait until the patient is %d; a guardian's consent does not lift the ban", b.Under)
	if len(b.Doctors) > 0 {
		fix += ", a doctor's treatment or directions do"
	}
	return r, fix
}

// bans returns the bans on the treatment that hold on the day.
func (f MinorFacts) bans() []config.Ban {
	var out []config.Ban
	for _, b := range f.Rules.Bans {
		if b.Holds(f.On) && meet(f.Classes, b.Classes) && (f.Cosmetic || !b.CosmeticOnly) {
			out = append(out, b)
		}
	}
	return out
}

// class returns the first class of the treatment that a ban names.
func (f MinorFacts) class(b config.Ban) string {
	for _, c := range f.Classes {
		if slices.Contains(b.Classes, c) {
			return c
		}
	}
	return ""
}

func (f MinorFacts) stage() Stage {
	if f.Stage == StageBooking {
		return StageBooking
	}
	return StageTreatment
}

// atTreatment returns a reason that denies a treatment and warns at booking.
func (f MinorFacts) atTreatment(code glabella.Code, text string) glabella.Reason {
	if f.stage() == StageBooking {
		return glabella.Warned(code, text)
	}
	return glabella.Denied(code, text)
}

func cited(source string) string {
	if source == "" {
		return "practice policy"
	}
	return source
}
