package audit

import (
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
)

// DisclosureBasis says under which rule something about a patient was disclosed to
// somebody outside of the practice.
type DisclosureBasis string

// The bases of a disclosure. The first ones are what 45 CFR 164.528(a)(1) leaves
// out of an accounting; all others belong into it.
const (
	DisclosedForTreatment     DisclosureBasis = "treatment"
	DisclosedForPayment       DisclosureBasis = "payment"
	DisclosedForOperations    DisclosureBasis = "operations"
	DisclosedToIndividual     DisclosureBasis = "to-individual" // or to who acts for them
	DisclosedIncidentally     DisclosureBasis = "incidental"    // to another use that is allowed
	DisclosedByAuthorization  DisclosureBasis = "authorization"
	DisclosedToInvolved       DisclosureBasis = "involved-in-care" // and notification, 164.510
	DisclosedForSecurity      DisclosureBasis = "national-security"
	DisclosedInCustody        DisclosureBasis = "custody" // to who holds the patient in lawful custody, 164.512(k)(5)
	DisclosedLimitedData      DisclosureBasis = "limited-data-set"
	DisclosedByLaw            DisclosureBasis = "required-by-law"
	DisclosedForPublicHealth  DisclosureBasis = "public-health"
	DisclosedOfAbuse          DisclosureBasis = "abuse-report"
	DisclosedForOversight     DisclosureBasis = "health-oversight"
	DisclosedForCourt         DisclosureBasis = "judicial"
	DisclosedToPolice         DisclosureBasis = "law-enforcement"
	DisclosedOfDecedent       DisclosureBasis = "decedent" // to coroners, medical examiners, funeral directors
	DisclosedForDonation      DisclosureBasis = "organ-donation"
	DisclosedForResearch      DisclosureBasis = "research" // without the patient's authorization
	DisclosedAgainstThreat    DisclosureBasis = "threat"
	DisclosedToGovernment     DisclosureBasis = "government-function"
	DisclosedForCompensation  DisclosureBasis = "workers-compensation"
	DisclosedImpermissibly    DisclosureBasis = "impermissible" // by mistake or against the rules
	DisclosedForAnotherReason DisclosureBasis = "other"
)

// DisclosureBases returns every basis.
func DisclosureBases() []DisclosureBasis {
	return []DisclosureBasis{
		DisclosedForTreatment, DisclosedForPayment, DisclosedForOperations, DisclosedToIndividual, DisclosedIncidentally, DisclosedByAuthorization,
		DisclosedToInvolved, DisclosedForSecurity, DisclosedInCustody, DisclosedLimitedData,
		DisclosedByLaw, DisclosedForPublicHealth, DisclosedOfAbuse, DisclosedForOversight, DisclosedForCourt, DisclosedToPolice, DisclosedOfDecedent, DisclosedForDonation,
		DisclosedForResearch, DisclosedAgainstThreat, DisclosedToGovernment, DisclosedForCompensation, DisclosedImpermissibly, DisclosedForAnotherReason,
	}
}

// Valid reports whether b is one of [DisclosureBases].
func (b DisclosureBasis) Valid() bool { return slices.Contains(DisclosureBases(), b) }

// Accountable reports whether a disclosure on the basis belongs into an
// accounting: whether 45 CFR 164.528(a)(1) does not leave it out. A basis that is
// not known is accountable.
func (b DisclosureBasis) Accountable() bool {
	switch b {
	case DisclosedForTreatment, DisclosedForPayment, DisclosedForOperations, DisclosedToIndividual, DisclosedIncidentally, DisclosedByAuthorization,
		DisclosedToInvolved, DisclosedForSecurity, DisclosedInCustody, DisclosedLimitedData:
		return false
	}
	return true
}

// Recipient is who received a disclosure.
type Recipient struct {
	Name    string `json:"name" validate:"required"` // of the entity or person
	Address string `json:"address,omitempty"`        // if it is known
}

// Suspension keeps a disclosure out of accountings for a time, because a health
// oversight agency or a law enforcement official has said that it would impede
// their activities: 45 CFR 164.528(a)(2).
type Suspension struct {
	Agency string        `json:"agency"`
	Oral   bool          `json:"oral"` // said and not written: for 30 days at most
	From   glabella.Date `json:"from"`
	To     glabella.Date `json:"to"` // the last day
}

// oralDays is for how long an oral statement suspends, 45 CFR 164.528(a)(2)(ii)(C).
const oralDays = 30

// Disclosure is that something about a patient was given to somebody outside of
// the practice. Its elements are those of 45 CFR 164.528(b)(2).
type Disclosure struct {
	ID glabella.DisclosureID `json:"id" validate:"required"`
	glabella.Meta
	Patient     glabella.PatientID `json:"patient" validate:"required"`
	At          time.Time          `json:"at" validate:"required"` // UTC, microseconds
	Recipient   Recipient          `json:"recipient"`
	Description string             `json:"description" validate:"required"` // of what was disclosed, briefly
	Basis       DisclosureBasis    `json:"basis"`
	// Purpose says briefly why, so that the patient understands the basis. Request
	// names the written request instead, if there was one.
	Purpose       string                   `json:"purpose,omitempty"`
	Request       string                   `json:"request,omitempty"`
	Authorization glabella.AuthorizationID `json:"authorization,omitzero"` // if that is the basis
	Suspensions   []Suspension             `json:"suspensions"`
	By            glabella.Ref             `json:"by"` // who disclosed it
}

// Codes of issues of disclosures.
const (
	// CodeDisclosurePurpose says that a disclosure needs its purpose or the request that it answers.
	CodeDisclosurePurpose glabella.Code = "audit.disclosure.purpose"
	// CodeDisclosureAuthorization says that a disclosure by authorization names the authorization, and no other does.
	CodeDisclosureAuthorization glabella.Code = "audit.disclosure.authorization"
	// CodeDisclosureOral says that an oral statement suspends the accounting for thirty days at most.
	CodeDisclosureOral glabella.Code = "audit.disclosure.oral"
	// CodeDisclosureMissing says that the journal names a disclosure that is not stored.
	CodeDisclosureMissing glabella.Code = "audit.disclosure.missing"
)

// Ref returns the reference to the disclosure.
func (d Disclosure) Ref() glabella.Ref { return d.ID.Ref() }

// Validate reports everything that is wrong with the disclosure.
func (d Disclosure) Validate() error {
	issues := check.Struct(d)
	add := func(code glabella.Code, text, format string, args ...any) {
		issues = append(issues, glabella.Issue{Path: fmt.Sprintf(format, args...), Code: code, Text: text})
	}
	if !d.Basis.Valid() {
		add(glabella.CodeUnknownValue, "not a basis of a disclosure", "/basis")
	}
	if d.Purpose == "" && d.Request == "" {
		add(CodeDisclosurePurpose, "a disclosure has a purpose, or a request that it answers", "/purpose")
	}
	if (d.Basis == DisclosedByAuthorization) == d.Authorization.IsZero() {
		add(CodeDisclosureAuthorization, "an authorization is named if it is the basis", "/authorization")
	}
	if d.By.IsZero() {
		add(glabella.CodeRequired, "somebody disclosed it", "/by")
	}
	for i, s := range d.Suspensions {
		path := fmt.Sprintf("/suspensions/%d", i)
		if s.Agency == "" {
			add(glabella.CodeRequired, "an agency asked for it", "%s/agency", path)
		}
		if !s.From.Valid() || !s.To.Valid() {
			add(glabella.CodeRequired, "a suspension has a first and a last day", "%s/to", path)
			continue
		}
		if s.To.Before(s.From) {
			add(glabella.CodeOutOfRange, "ends before it begins", "%s/to", path)
		}
		if s.Oral && s.To.DaysSince(s.From) >= oralDays {
			add(CodeDisclosureOral, "an oral statement suspends for 30 days at most", "%s/to", path)
		}
	}
	return glabella.Invalid("disclosure", issues...)
}

// Suspended reports whether the disclosure is to be kept out of an accounting
// that is given on the day.
func (d Disclosure) Suspended(on glabella.Date) bool {
	return slices.ContainsFunc(d.Suspensions, func(s Suspension) bool { return !on.Before(s.From) && !on.After(s.To) })
}
