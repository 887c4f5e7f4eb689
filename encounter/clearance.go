package encounter

import (
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
)

// Modality is how an examiner saw the patient.
type Modality string

// The modalities of an exam.
const (
	InPerson  Modality = "in-person"
	SyncVideo Modality = "sync-video"
	Async     Modality = "async" // by pictures and text
)

// Modalities returns every modality.
func Modalities() []Modality { return []Modality{InPerson, SyncVideo, Async} }

// Valid reports whether m is one of [Modalities].
func (m Modality) Valid() bool { return slices.Contains(Modalities(), m) }

// ClearanceDecision is what an examiner decided.
type ClearanceDecision string

// The decisions of an exam.
const (
	ClearedFor ClearanceDecision = "cleared"
	NotCleared ClearanceDecision = "not-cleared"
	Deferred   ClearanceDecision = "deferred"
)

// ClearanceDecisions returns every decision of an exam.
func ClearanceDecisions() []ClearanceDecision {
	return []ClearanceDecision{ClearedFor, NotCleared, Deferred}
}

// Valid reports whether d is one of [ClearanceDecisions].
func (d ClearanceDecision) Valid() bool { return slices.Contains(ClearanceDecisions(), d) }

// Credential is the licence that a clinician acted under.
type Credential struct {
	Kind         string `json:"kind" validate:"required"`
	Number       string `json:"number" validate:"required"`
	Jurisdiction string `json:"jurisdiction" validate:"required"`
}

// Clearance is a good-faith exam: a clinician who may diagnose and prescribe has
// examined the patient for certain treatments.
type Clearance struct {
	ID glabella.ClearanceID `json:"id" validate:"required"`
	glabella.Meta
	Patient       glabella.PatientID  `json:"patient" validate:"required"`
	Scope         []string            `json:"scope" validate:"min=1"` // codes of treatment templates
	Products      []string            `json:"products"`               // substances; empty is all of the scope
	Examiner      glabella.StaffID    `json:"examiner" validate:"required"`
	Credential    Credential          `json:"credential"`
	Modality      Modality            `json:"modality" validate:"oneof=in-person sync-video async"`
	Decision      ClearanceDecision   `json:"decision" validate:"oneof=cleared not-cleared deferred"`
	Findings      string              `json:"findings,omitempty"`
	ExaminedAt    time.Time           `json:"examinedAt" validate:"required"`
	ValidUntil    glabella.Date       `json:"validUntil"` // the last day
	RevokedAt     time.Time           `json:"revokedAt,omitzero"`
	RevokedReason string              `json:"revokedReason,omitempty"`
	Provenance    glabella.Provenance `json:"provenance"`
}

// Codes of reasons for which no good-faith exam covers a treatment.
const (
	// CodeClearanceMissing says that the patient has had no good-faith exam.
	CodeClearanceMissing glabella.Code = "encounter.clearance.missing"
	// CodeClearanceExpired says that the good-faith exam is out of date.
	CodeClearanceExpired glabella.Code = "encounter.clearance.expired"
	// CodeClearanceScope says that the good-faith exam does not cover this treatment or product.
	CodeClearanceScope glabella.Code = "encounter.clearance.scope"
	// CodeClearanceRevoked says that the good-faith exam was revoked.
	CodeClearanceRevoked glabella.Code = "encounter.clearance.revoked"
	// CodeClearanceExaminer says that whoever examined may not do so in this jurisdiction.
	CodeClearanceExaminer glabella.Code = "encounter.clearance.examiner"
	// CodeClearanceHealth says that the patient's allergies or medications have changed since the good-faith exam.
	CodeClearanceHealth glabella.Code = "encounter.clearance.health-changed"
	// CodeNotCleared says that the examiner did not clear the patient.
	CodeNotCleared glabella.Code = "encounter.clearance.not-cleared"
)

// Ref returns the reference to the exam.
func (c Clearance) Ref() glabella.Ref { return c.ID.Ref() }

// Validate reports everything that is wrong with the exam.
func (c Clearance) Validate() error {
	issues := append(check.Struct(c), c.Provenance.Validate("/provenance")...)
	if !c.ValidUntil.Valid() {
		issues = append(issues, glabella.Issue{Path: "/validUntil", Code: glabella.CodeRequired, Text: "an exam has a last day"})
	}
	return glabella.Invalid("clearance", issues...)
}

// Revoke ends the exam's validity from now on.
func (c Clearance) Revoke(now time.Time, reason string) (Clearance, error) {
	if !c.RevokedAt.IsZero() {
		return c, &glabella.TransitionError{Machine: "clearance", From: "revoked", Action: "revoke"}
	}
	c.RevokedAt, c.RevokedReason = now, reason
	return c, nil
}

// ClearanceFacts are what the decision on a good-faith exam is made on.
type ClearanceFacts struct {
	Required         bool   // whether the treatment demands one
	Treatment        string // code of the template
	Product          string // substance
	Patient          glabella.PatientID
	Clearances       []Clearance // of the patient; those of others are ignored
	At               time.Time   // when the treatment takes place
	Zone             *time.Location
	MaterialChangeAt time.Time // when allergies or medications last changed
	Examiners        []string  // kinds of credential that may examine
	Source           string    // citation of who may examine and how long an exam holds
}

// EvaluateClearance decides whether a good-faith exam covers a treatment. If
// none does, the reasons are those against the exam that comes nearest.
func EvaluateClearance(f ClearanceFacts) glabella.Decision {
	if !f.Required {
		return glabella.Decide()
	}
	reason := func(code glabella.Code, text, fix string) glabella.Reason {
		return glabella.Denied(code, text).With("treatment", f.Treatment).WithFix(fix).CitedFrom(f.Source)
	}
	const examine = "have the patient examined for this treatment"
	var best []glabella.Reason
	found := false
	// Later exams come later, and win where they are no worse.
	for _, c := range slices.SortedStableFunc(slices.Values(f.Clearances), func(a, b Clearance) int { return a.ExaminedAt.Compare(b.ExaminedAt) }) {
		if c.Patient != f.Patient || c.ExaminedAt.After(f.At) {
			continue
		}
		var reasons []glabella.Reason
		against := func(code glabella.Code, text, fix string) {
			reasons = append(reasons, reason(code, text, fix).For(c.Ref()))
		}
		if c.Decision != ClearedFor {
			against(CodeNotCleared, "the examiner did not clear the patient", "follow the examiner's decision, or have the patient examined again")
		}
		if !slices.Contains(c.Scope, f.Treatment) || len(c.Products) > 0 && !slices.Contains(c.Products, f.Product) {
			against(CodeClearanceScope, "the exam does not cover this treatment or product", examine)
		}
		if on := glabella.DateOf(f.At.In(f.Zone)); on.After(c.ValidUntil) {
			against(CodeClearanceExpired, "the exam is out of date", examine)
		}
		if !c.RevokedAt.IsZero() && !c.RevokedAt.After(f.At) {
			against(CodeClearanceRevoked, "the exam was revoked", examine)
		}
		if len(f.Examiners) > 0 && !slices.Contains(f.Examiners, c.Credential.Kind) {
			against(CodeClearanceExaminer, "the examiner's credential may not examine here", "have a clinician examine the patient who may")
		}
		if f.MaterialChangeAt.After(c.ExaminedAt) {
			against(CodeClearanceHealth, "allergies or medications have changed since the exam", examine)
		}
		if len(reasons) == 0 {
			return glabella.Decide()
		}
		if !found || len(reasons) <= len(best) {
			best, found = reasons, true
		}
	}
	if !found {
		return glabella.Decide(reason(CodeClearanceMissing, "the patient has had no good-faith exam", examine).For(f.Patient.Ref()))
	}
	return glabella.Decide(best...)
}
