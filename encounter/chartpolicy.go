package encounter

import (
	"errors"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
)

// ChartPolicy is what a practice has decided on the charts of one site. A site
// without one demands nothing but what its templates do.
type ChartPolicy struct {
	ID glabella.ChartPolicyID `json:"id" validate:"required"` // [ChartPolicyOf] the site
	glabella.Meta
	Site         glabella.SiteID    `json:"site" validate:"required"`
	Completeness CompletenessPolicy `json:"completeness"`
	Cosign       CosignPolicy       `json:"cosign"`
	Sign         SignPolicy         `json:"sign"`
	PhotoBytes   int64              `json:"photoBytes,omitempty" validate:"min=0"` // the size of the largest photograph that is taken; 0 is any
}

// ChartPolicyOf returns the identity of a site's policy: a site has one.
func ChartPolicyOf(site glabella.SiteID) glabella.ChartPolicyID {
	return glabella.DeriveID[glabella.ChartPolicyID]("chart-policy/" + site.String())
}

// Ref returns the reference to the policy.
func (p ChartPolicy) Ref() glabella.Ref { return p.ID.Ref() }

// Validate reports everything that is wrong with the policy.
func (p ChartPolicy) Validate() error {
	issues := check.Struct(p)
	if p.ID != ChartPolicyOf(p.Site) {
		issues = append(issues, glabella.Issue{Path: "/id", Code: glabella.CodeMismatch, Text: "not the identity of the site's policy"})
	}
	for path, err := range map[string]error{"/completeness": p.Completeness.Validate(), "/cosign": p.Cosign.Validate(), "/sign": p.Sign.Validate()} {
		var wrong *glabella.ValidationError
		if errors.As(err, &wrong) {
			issues = append(issues, prefix(path, wrong.Issues)...)
		}
	}
	return glabella.Invalid("chart policy", issues...)
}

// ChartReview is a review of one chart, as it is stored.
type ChartReview struct {
	ID glabella.ReviewID `json:"id" validate:"required"`
	glabella.Meta
	Patient glabella.PatientID `json:"patient" validate:"required"`
	Sample  string             `json:"sample" validate:"required"` // hash of the plan that drew it
	Review
}

// Ref returns the reference to the review.
func (r ChartReview) Ref() glabella.Ref { return r.ID.Ref() }

// Validate reports everything that is wrong with the review.
func (r ChartReview) Validate() error {
	issues := check.Struct(r)
	var wrong *glabella.ValidationError
	if errors.As(r.Review.Validate(), &wrong) {
		issues = append(issues, wrong.Issues...)
	}
	return glabella.Invalid("chart review", issues...)
}

// Drawn is the business event of a sample of charts that was drawn for review.
type Drawn struct {
	Sample string `json:"sample"`
	Charts int    `json:"charts"`
}

// Reviewed is the business event of a review that is done.
type Reviewed struct {
	Review   glabella.ReviewID `json:"review"`
	Note     glabella.NoteID   `json:"note"`
	Reviewer glabella.StaffID  `json:"reviewer"`
	Outcome  ReviewOutcome     `json:"outcome"`
}

// NoteSaved is the business event of a draft that was saved.
type NoteSaved struct {
	Note      glabella.NoteID      `json:"note"`
	Encounter glabella.EncounterID `json:"encounter"`
	Revision  int                  `json:"revision"`
}

// NoteChanged is the business event of a step of a note that is neither a
// signature nor an amendment.
type NoteChanged struct {
	Note   glabella.NoteID `json:"note"`
	Action string          `json:"action"`
	State  NoteState       `json:"state"`
}
