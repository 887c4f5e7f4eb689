package encounter

import (
	"cmp"
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
	// CodeClearanceModality says that the good-faith exam was not done in a way that counts in this jurisdiction.
	CodeClearanceModality glabella.Code = "encounter.clearance.modality"
	// CodeNotCleared says that the examiner did not clear the patient.
	CodeNotCleared glabella.Code = "encounter.clearance.not-cleared"
)

// Ref returns the reference to the exam.
func (c Clearance) Ref() glabella.Ref { return c.ID.Ref() }

// Validate reports everything that is wrong with the exam.
func (c Clearance) Validate() error {
	issues := append(check.Struct(c), c.Provenance.Validate("/provenance")...)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	switch {
	case !c.ValidUntil.Valid():
		add("/validUntil", glabella.CodeRequired, "an exam has a last day")
	case c.ValidUntil.Before(glabella.DateOf(c.ExaminedAt.UTC()).AddDays(-1)): // the site's day may be the one before
		add("/validUntil", glabella.CodeOutOfRange, "the last day is before the exam")
	}
	if !c.RevokedAt.IsZero() && c.RevokedAt.Before(c.ExaminedAt) {
		add("/revokedAt", glabella.CodeOutOfRange, "the exam was revoked before it took place")
	}
	if c.RevokedAt.IsZero() != (c.RevokedReason == "") {
		add("/revokedReason", glabella.CodeRequired, "an exam that was revoked has a reason for it, and no other has one")
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
	Clearances       []Clearance    // of the patient; those of others are ignored
	At               time.Time      // when the treatment takes place
	Zone             *time.Location // of the site; nil is UTC
	MaterialChangeAt time.Time      // when allergies or medications last changed
	Examiners        []string       // kinds of credential that may examine; empty is any
	Modalities       []string       // ways of examining that count; empty is any
	ModalitySource   string         // citation of them
	Source           string         // citation of who may examine and how long an exam holds
}

// EvaluateClearance decides whether a good-faith exam covers a treatment. An exam
// of the same treatment that did not clear the patient stands against every
// earlier one. If none covers the treatment, the reasons are those against the
// exam that comes nearest.
func EvaluateClearance(f ClearanceFacts) glabella.Decision {
	if !f.Required {
		return glabella.Decide()
	}
	if f.Zone == nil {
		f.Zone = time.UTC
	}
	var exams []Clearance
	for _, c := range f.Clearances {
		if c.Patient == f.Patient && !c.ExaminedAt.After(f.At) {
			exams = append(exams, c)
		}
	}
	// Later exams come later, and win where they are no worse. Of several at once,
	// one that did not clear comes last.
	slices.SortStableFunc(exams, func(a, b Clearance) int {
		return cmp.Or(a.ExaminedAt.Compare(b.ExaminedAt), cmp.Compare(a.rank(), b.rank()))
	})
	if len(exams) == 0 {
		return glabella.Decide(f.reason(CodeClearanceMissing, "the patient has had no good-faith exam", examine).For(f.Patient.Ref()))
	}
	var best []glabella.Reason
	for i, c := range exams {
		reasons := f.against(c)
		if len(reasons) > 0 && (i == 0 || len(reasons) <= len(best)) || f.forbids(c) {
			best = reasons
		}
		if len(reasons) == 0 && !slices.ContainsFunc(exams[i+1:], f.forbids) {
			return glabella.Decide()
		}
	}
	return glabella.Decide(best...)
}

// examine is what settles most reasons.
const examine = "have the patient examined for this treatment"

func (c Clearance) rank() int {
	if c.Decision == ClearedFor {
		return 0
	}
	return 1
}

func (f ClearanceFacts) reason(code glabella.Code, text, fix string) glabella.Reason {
	return glabella.Denied(code, text).With("treatment", f.Treatment).WithFix(fix).CitedFrom(f.Source)
}

func (f ClearanceFacts) covers(c Clearance) bool {
	return slices.Contains(c.Scope, f.Treatment) && (len(c.Products) == 0 || slices.Contains(c.Products, f.Product))
}

func (f ClearanceFacts) revoked(c Clearance) bool {
	return !c.RevokedAt.IsZero() && !c.RevokedAt.After(f.At)
}

// forbids reports whether the exam stands against earlier ones.
func (f ClearanceFacts) forbids(c Clearance) bool {
	return c.Decision != ClearedFor && f.covers(c) && !f.revoked(c)
}

// against returns every reason for which an exam does not cover the treatment.
func (f ClearanceFacts) against(c Clearance) []glabella.Reason {
	var reasons []glabella.Reason
	add := func(r glabella.Reason) { reasons = append(reasons, r.For(c.Ref())) }
	if c.Decision != ClearedFor {
		add(f.reason(CodeNotCleared, "the examiner did not clear the patient", "follow the examiner's decision, or have the patient examined again"))
	}
	if !f.covers(c) {
		add(f.reason(CodeClearanceScope, "the exam does not cover this treatment or product", examine))
	}
	if glabella.DateOf(f.At.In(f.Zone)).After(c.ValidUntil) {
		add(f.reason(CodeClearanceExpired, "the exam is out of date", examine).With("until", c.ValidUntil.String()))
	}
	if f.revoked(c) {
		add(f.reason(CodeClearanceRevoked, "the exam was revoked", examine))
	}
	if len(f.Examiners) > 0 && !slices.Contains(f.Examiners, c.Credential.Kind) {
		add(f.reason(CodeClearanceExaminer, "the examiner's credential may not examine here", "have a clinician examine the patient who may").With("credential", c.Credential.Kind))
	}
	if len(f.Modalities) > 0 && !slices.Contains(f.Modalities, string(c.Modality)) {
		add(f.reason(CodeClearanceModality, "the exam was not done in a way that counts here", "have the patient examined in person").With("modality", string(c.Modality)).CitedFrom(f.ModalitySource))
	}
	if f.MaterialChangeAt.After(c.ExaminedAt) {
		add(f.reason(CodeClearanceHealth, "allergies or medications have changed since the exam", examine))
	}
	return reasons
}
