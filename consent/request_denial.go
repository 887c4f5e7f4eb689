package consent

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/glabella-ehr/glabella"
)

// DenialReason is why a practice denies a request.
type DenialReason string

// The reasons. Those of access that are not marked are final; reviewable ones
// rest on the judgment of a licensed health care professional.
const (
	DenialExcluded     DenialReason = "excluded"     // psychotherapy notes, or made for a legal proceeding
	DenialInmate       DenialReason = "inmate"       // a copy would endanger someone at a correctional institution
	DenialResearch     DenialReason = "research"     // access was suspended for a study by agreement, while it lasts
	DenialPrivacyAct   DenialReason = "privacy-act"  // the Privacy Act allows it
	DenialConfidential DenialReason = "confidential" // given by someone else under a promise of confidentiality
	DenialEndangers    DenialReason = "endangers"    // likely to endanger life or physical safety; reviewable
	DenialOther        DenialReason = "other-person" // refers to another person, who is likely to be harmed; reviewable
	DenialRecipient    DenialReason = "requester"    // a representative's access is likely to harm someone; reviewable
	DenialNotOurs      DenialReason = "not-created"  // the practice did not create the record
	DenialNotInSet     DenialReason = "not-in-set"   // not part of the designated record set
	DenialNotAccess    DenialReason = "no-access"    // could not be inspected either
	DenialAccurate     DenialReason = "accurate"     // accurate and complete
)

// DenialReasons returns every reason.
func DenialReasons() []DenialReason {
	out := make([]DenialReason, len(denials))
	for i, d := range denials {
		out[i] = d.reason
	}
	return out
}

// denials are the reasons of 45 CFR 164.524(a)(1) to (3) and 164.526(a)(2).
var denials = [...]struct {
	reason     DenialReason
	kind       RequestKind
	reviewable bool
	source     string
}{
	{DenialExcluded, RequestAccess, false, "45 CFR 164.524(a)(1) and (2)(i)"},
	{DenialInmate, RequestAccess, false, "45 CFR 164.524(a)(2)(ii)"},
	{DenialResearch, RequestAccess, false, "45 CFR 164.524(a)(2)(iii)"},
	{DenialPrivacyAct, RequestAccess, false, "45 CFR 164.524(a)(2)(iv)"},
	{DenialConfidential, RequestAccess, false, "45 CFR 164.524(a)(2)(v)"},
	{DenialEndangers, RequestAccess, true, "45 CFR 164.524(a)(3)(i)"},
	{DenialOther, RequestAccess, true, "45 CFR 164.524(a)(3)(ii)"},
	{DenialRecipient, RequestAccess, true, "45 CFR 164.524(a)(3)(iii)"},
	{DenialNotOurs, RequestAmendment, false, "45 CFR 164.526(a)(2)(i)"},
	{DenialNotInSet, RequestAmendment, false, "45 CFR 164.526(a)(2)(ii)"},
	{DenialNotAccess, RequestAmendment, false, "45 CFR 164.526(a)(2)(iii)"},
	{DenialAccurate, RequestAmendment, false, "45 CFR 164.526(a)(2)(iv)"},
}

// Valid reports whether r is one of [DenialReasons].
func (r DenialReason) Valid() bool { return slices.Contains(DenialReasons(), r) }

// Denies reports whether a request of the kind can be denied for the reason. An
// accounting of disclosures cannot be denied.
func (r DenialReason) Denies(k RequestKind) bool {
	for _, d := range denials {
		if d.reason == r {
			return d.kind == k
		}
	}
	return false
}

// Reviewable reports whether the patient may have a denial for the reason
// reviewed (45 CFR 164.524(a)(4)).
func (r DenialReason) Reviewable() bool {
	for _, d := range denials {
		if d.reason == r {
			return d.reviewable
		}
	}
	return false
}

// Source returns the paragraph that allows to deny for the reason.
func (r DenialReason) Source() string {
	for _, d := range denials {
		if d.reason == r {
			return d.source
		}
	}
	return ""
}

// Statement is a written statement that is kept with a denial.
type Statement struct {
	On      glabella.Date `json:"on" validate:"required"`
	Record  glabella.Ref  `json:"record" validate:"required"` // the note or document that holds it
	Patient bool          `json:"patient,omitempty"`          // a copy went to the patient
}

// Review is the second look at a denial that the patient asked for.
type Review struct {
	RequestedOn glabella.Date    `json:"requestedOn" validate:"required"`
	Reviewer    glabella.StaffID `json:"reviewer,omitzero"` // a licensed health care professional who took no part in the denial
	DecidedOn   glabella.Date    `json:"decidedOn,omitzero"`
	Upheld      bool             `json:"upheld,omitempty"`
}

// Denial is why and when a practice denied a request or a part of it, in writing
// and plain language, and what followed.
type Denial struct {
	On           glabella.Date    `json:"on" validate:"required"` // when the written denial went out
	By           glabella.StaffID `json:"by" validate:"required"`
	Reason       DenialReason     `json:"reason" validate:"required"`
	Partial      bool             `json:"partial,omitempty"` // the rest is given
	Notice       glabella.Ref     `json:"notice,omitzero"`   // the written denial
	Review       *Review          `json:"review,omitempty"`
	Disagreement *Statement       `json:"disagreement,omitempty"` // the patient's, 45 CFR 164.526(d)(2)
	Rebuttal     *Statement       `json:"rebuttal,omitempty"`     // the practice's, 45 CFR 164.526(d)(3)
}

func (d Denial) issues(kind RequestKind, received glabella.Date) []glabella.Issue {
	var issues []glabella.Issue
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: "/denial" + path, Code: code, Text: text})
	}
	if kind.Valid() && !d.Reason.Denies(kind) {
		add("/reason", CodeRequestDenial, "not a reason to deny this kind of request")
	}
	if d.On.Before(received) {
		add("/on", CodeOrder, "denied before the request was received")
	}
	if r := d.Review; r != nil {
		if !d.Reason.Reviewable() {
			add("/review", CodeRequestReview, "a denial for this reason is not reviewed")
		}
		if !r.Reviewer.IsZero() && r.Reviewer == d.By {
			add("/review/reviewer", CodeRequestReview, "a denial is reviewed by someone who took no part in it")
		}
		if r.Reviewer.IsZero() && !r.DecidedOn.IsZero() {
			add("/review/reviewer", glabella.CodeRequired, "a review names who made it")
		}
		if r.Upheld && r.DecidedOn.IsZero() {
			add("/review/decidedOn", glabella.CodeRequired, "a review that has been decided has a day")
		}
		if r.RequestedOn.Before(d.On) || !r.DecidedOn.IsZero() && r.DecidedOn.Before(r.RequestedOn) {
			add("/review", CodeOrder, "a review is asked for after the denial and decided after that")
		}
	}
	if d.Disagreement != nil && kind != RequestAmendment {
		add("/disagreement", CodeRequestStatement, "only the denial of an amendment is disagreed with")
	}
	if d.Disagreement != nil && d.Disagreement.On.Before(d.On) {
		add("/disagreement/on", CodeOrder, "disagreed with before it was denied")
	}
	if r := d.Rebuttal; r != nil {
		switch {
		case d.Disagreement == nil:
			add("/rebuttal", CodeRequestStatement, "a rebuttal answers a disagreement")
		case r.On.Before(d.Disagreement.On):
			add("/rebuttal/on", CodeOrder, "rebutted before it was disagreed with")
		}
		if !r.Patient {
			add("/rebuttal/patient", CodeRequestStatement, "the patient gets a copy of a rebuttal")
		}
	}
	return issues
}

// Deny returns the request denied, or still waiting if the denial is of a part. A
// reason that the law does not give for the kind gives a
// [*glabella.ValidationError], a request that has ended or was denied in part
// before a [*glabella.TransitionError].
func (r Request) Deny(d Denial) (Request, error) {
	action := "deny"
	if d.Partial {
		action = "deny-part"
	}
	next, err := RequestMachine().Next(r.State, action)
	if err == nil && r.Denial != nil {
		err = &glabella.TransitionError{Machine: "request", From: string(r.State), Action: action}
	}
	if err != nil {
		return r, err
	}
	d.Review, d.Disagreement, d.Rebuttal = nil, nil, nil
	if err := glabella.Invalid("request", d.issues(r.Kind, r.ReceivedOn)...); err != nil {
		return r, err
	}
	r.State, r.Denial = next, &d
	return r, nil
}

// Reviewed returns the request with the review of its denial, asked for or
// decided. One that is not upheld opens the request again, and the practice acts
// at once: the day by which it is due does not move. A review that does not fit
// gives a [*glabella.ValidationError]; a request without a denial, or whose
// denial has been reviewed, a [*glabella.TransitionError].
func (r Request) Reviewed(review Review) (Request, error) {
	refused := &glabella.TransitionError{Machine: "request", From: string(r.State), Action: "review"}
	if r.Denial == nil || r.Denial.Review != nil && !r.Denial.Review.DecidedOn.IsZero() {
		return r, refused
	}
	d := *r.Denial
	d.Review = &review
	if err := glabella.Invalid("request", d.issues(r.Kind, r.ReceivedOn)...); err != nil {
		return r, err
	}
	if r.State == RequestDenied && !review.DecidedOn.IsZero() && !review.Upheld {
		next, err := RequestMachine().Next(r.State, "overturn")
		if err != nil {
			return r, err
		}
		r.State = next
	}
	r.Denial = &d
	return r, nil
}

// Disagree returns the request with the patient's statement of disagreement,
// which goes with later disclosures of the disputed record
// (45 CFR 164.526(d)(4) and (5)). What is no denied amendment gives a
// [*glabella.ValidationError] or a [*glabella.TransitionError].
func (r Request) Disagree(s Statement) (Request, error) {
	return r.withStatement("disagree", func(d *Denial) bool { return d.Disagreement == nil }, func(d *Denial) { d.Disagreement = &s })
}

// Rebut returns the request with the practice's rebuttal of the disagreement, of
// which the patient gets a copy. Without a disagreement it gives a
// [*glabella.ValidationError], without a denial a [*glabella.TransitionError].
func (r Request) Rebut(s Statement) (Request, error) {
	return r.withStatement("rebut", func(d *Denial) bool { return d.Rebuttal == nil }, func(d *Denial) { d.Rebuttal = &s })
}

func (r Request) withStatement(action string, free func(*Denial) bool, set func(*Denial)) (Request, error) {
	if r.Denial == nil || !free(r.Denial) {
		return r, &glabella.TransitionError{Machine: "request", From: string(r.State), Action: action}
	}
	d := *r.Denial
	set(&d)
	if err := glabella.Invalid("request", d.issues(r.Kind, r.ReceivedOn)...); err != nil {
		return r, err
	}
	r.Denial = &d
	return r, nil
}

// DueRequest is an open request and how much time there is.
type DueRequest struct {
	Request    glabella.RequestID `json:"request"`
	Patient    glabella.PatientID `json:"patient"`
	Kind       RequestKind        `json:"kind"`
	On         glabella.Date      `json:"on"`         // the last day to act in time
	Days       int                `json:"days"`       // left until then; less than 0 is overdue
	Extendable bool               `json:"extendable"` // it can still be extended today
}

// Due returns the open requests that are overdue today or due within the days
// ahead, the most urgent first.
func Due(requests []Request, today glabella.Date, ahead int) []DueRequest {
	var out []DueRequest
	for i := range requests {
		r := &requests[i]
		if !r.State.Open() {
			continue
		}
		on := r.Due()
		left := on.DaysSince(today)
		if left > ahead && left >= 0 {
			continue
		}
		out = append(out, DueRequest{
			Request: r.ID, Patient: r.Patient, Kind: r.Kind, On: on, Days: left,
			Extendable: r.State == RequestReceived && r.Extension == nil && left >= 0,
		})
	}
	slices.SortStableFunc(out, func(a, b DueRequest) int {
		return cmp.Or(a.On.Compare(b.On), cmp.Compare(a.Request.String(), b.Request.String()))
	})
	return out
}

// EvaluateRequests decides how a practice stands with its requests today: it
// warns of each that is overdue and of each that is due within the days ahead.
func EvaluateRequests(requests []Request, today glabella.Date, ahead int) glabella.Decision {
	var reasons []glabella.Reason
	for _, d := range Due(requests, today, ahead) {
		_, source := d.Kind.Days()
		fix := "act on the request"
		if d.Extendable {
			fix += fmt.Sprintf(", or tell the patient in writing why it takes up to %d days longer", extensionDays)
		}
		code, text := CodeRequestNear, "the time to act on a request is about to end"
		if d.Days < 0 {
			code, text = CodeRequestOverdue, "the practice has not acted on a request in time"
		}
		reasons = append(reasons, glabella.Warned(code, text).For(d.Request.Ref()).
			With("kind", string(d.Kind)).With("on", d.On.String()).With("days", strconv.Itoa(max(d.Days, -d.Days))).WithFix(fix).CitedFrom(source))
	}
	return glabella.Decide(reasons...)
}
