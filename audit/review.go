package audit

import (
	"bytes"
	"container/heap"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
)

// ReviewState says whether an activity review has been done.
type ReviewState string

// The states of an activity review.
const (
	ReviewDue    ReviewState = "due"
	ReviewSigned ReviewState = "signed"
)

// ReviewStates returns every state.
func ReviewStates() []ReviewState { return []ReviewState{ReviewDue, ReviewSigned} }

// Valid reports whether s is one of [ReviewStates].
func (s ReviewState) Valid() bool { return slices.Contains(ReviewStates(), s) }

var activityReviewMachine = state.Machine[ReviewState]{Name: "activity review", Arrows: []state.Arrow[ReviewState]{
	{From: ReviewDue, Action: "sign", To: ReviewSigned},
}}

// ActivityReviewMachine returns the table of the states of an activity review.
func ActivityReviewMachine() state.Machine[ReviewState] { return activityReviewMachine }

// ActivityReview is the regular look into the journal that 45 CFR
// 164.308(a)(1)(ii)(D) asks for: a sample of what was done in a time, and what the
// anomaly rules found in it. How often and how much is the practice's to decide.
type ActivityReview struct {
	ID glabella.ActivityReviewID `json:"id" validate:"required"`
	glabella.Meta
	Reviewer glabella.StaffID `json:"reviewer" validate:"required"`
	From     time.Time        `json:"from" validate:"required"` // the first instant; UTC, microseconds
	To       time.Time        `json:"to" validate:"required"`   // the instant after the last
	// Size and Root are those of the journal that the sample was drawn from. The
	// sample follows from them, so that it can be drawn again and nobody chose it.
	Size     uint64               `json:"size"`
	Root     string               `json:"root" validate:"required"`
	Wanted   int                  `json:"wanted" validate:"min=1"` // how many entries the sample should have
	Sample   []uint64             `json:"sample"`                  // numbers of entries of the journal, ascending
	Findings []glabella.FindingID `json:"findings"`                // of that time; they are decided on one by one
	State    ReviewState          `json:"state"`
	SignedAt time.Time            `json:"signedAt,omitzero"` // UTC, microseconds
	Remark   string               `json:"remark,omitempty"`
}

// Codes of reasons against signing an activity review.
const (
	// CodeFindingsOpen says that findings of the review have not been decided on.
	CodeFindingsOpen glabella.Code = "audit.review.open"
	// CodeNoSample says that a review has nothing to look at.
	CodeNoSample glabella.Code = "audit.review.sample"
	// CodeReviewer says that a review is signed by the one who was to do it.
	CodeReviewer glabella.Code = "audit.review.reviewer"
)

// DrawReview returns the review that is due for a time, with a sample of wanted
// entries of staff from the journal. Entries of the reviewer are left out: others
// review those. It reads the journal once and keeps no more than the sample. The
// findings are the caller's to add.
func DrawReview(ctx context.Context, j Journal, id glabella.ActivityReviewID, reviewer glabella.StaffID, from, to time.Time, wanted int) (ActivityReview, error) {
	head, err := j.Head(ctx)
	if err != nil {
		return ActivityReview{}, fmt.Errorf("journal head: %w", err)
	}
	root, err := head.Root()
	if err != nil {
		return ActivityReview{}, fmt.Errorf("draw review: %w", err)
	}
	r := ActivityReview{
		ID: id, Reviewer: reviewer, From: toMicrosecond(from), To: toMicrosecond(to), Size: head.Size, Root: root.String(), Wanted: wanted,
		Sample: []uint64{}, Findings: []glabella.FindingID{}, State: ReviewDue,
	}
	if err := r.Validate(); err != nil {
		return ActivityReview{}, err
	}
	var drawn lottery
	for rec, err := range Activity(ctx, j, ActivityQuery{From: r.From, To: r.To}) {
		if err != nil {
			return ActivityReview{}, err
		}
		if rec.Seq >= head.Size || rec.Actor.Kind != glabella.ActorStaff || rec.Actor.ID == reviewer.String() {
			continue
		}
		t := ticket{seq: rec.Seq, lot: sha256.Sum256(binary.BigEndian.AppendUint64(slices.Clone(root[:]), rec.Seq))}
		switch {
		case len(drawn) < wanted:
			heap.Push(&drawn, t)
		case bytes.Compare(t.lot[:], drawn[0].lot[:]) < 0:
			drawn[0] = t
			heap.Fix(&drawn, 0)
		}
	}
	for _, t := range drawn {
		r.Sample = append(r.Sample, t.seq)
	}
	slices.Sort(r.Sample)
	return r, nil
}

// ticket is an entry and the lot that decides whether it is in the sample: the
// lowest are.
type ticket struct {
	seq uint64
	lot [sha256.Size]byte
}

// lottery is a heap with the highest lot on top.
type lottery []ticket

func (l lottery) Len() int           { return len(l) }
func (l lottery) Less(i, j int) bool { return bytes.Compare(l[i].lot[:], l[j].lot[:]) > 0 }
func (l lottery) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *lottery) Push(x any)        { *l = append(*l, x.(ticket)) }
func (l *lottery) Pop() any {
	last := (*l)[len(*l)-1]
	*l = (*l)[:len(*l)-1]
	return last
}

// Ref returns the reference to the review.
func (r ActivityReview) Ref() glabella.Ref { return r.ID.Ref() }

// MaySign decides whether somebody may sign the review. It is its reviewer who
// does, once every finding of it that is given has been decided on; findings
// about the reviewer are for others, and do not hold the review up.
func (r ActivityReview) MaySign(by glabella.StaffID, findings []Finding) glabella.Decision {
	var reasons []glabella.Reason
	if by != r.Reviewer {
		reasons = append(reasons, glabella.Denied(CodeReviewer, "the review is somebody else's").For(r.Ref(), r.Reviewer.Ref()).
			WithFix("have the reviewer sign it, or draw a review for somebody else").CitedFrom(activityReview))
	}
	if len(r.Sample) == 0 && len(r.Findings) == 0 {
		reasons = append(reasons, glabella.Warned(CodeNoSample, "there is nothing to look at").For(r.Ref()).WithFix("see whether the time of the review is the right one"))
	}
	open := 0
	var refs []glabella.Ref
	for _, id := range r.Findings {
		i := slices.IndexFunc(findings, func(f Finding) bool { return f.ID == id })
		if i < 0 || findings[i].State == FindingOpen && findings[i].Staff != r.Reviewer {
			open++
			refs = append(refs, id.Ref())
		}
	}
	if open > 0 {
		reasons = append(reasons, glabella.Denied(CodeFindingsOpen, "findings have not been decided on").For(refs...).With("count", fmt.Sprint(open)).
			WithFix("dismiss or confirm each finding").CitedFrom(activityReview))
	}
	return glabella.Decide(reasons...)
}

// Sign returns the review, signed. The findings are those that the review names,
// as they are stored. The error is a [*glabella.RefusedError], a
// [*glabella.ValidationError] or a [*glabella.TransitionError].
func (r ActivityReview) Sign(by glabella.StaffID, at time.Time, remark string, findings []Finding, acknowledged ...glabella.Code) (ActivityReview, error) {
	next, err := activityReviewMachine.Next(r.State, "sign")
	if err != nil {
		return r, err
	}
	if err := glabella.Refuse(r.MaySign(by, findings), acknowledged...); err != nil {
		return r, err
	}
	signed := r
	signed.State, signed.SignedAt, signed.Remark = next, toMicrosecond(at), strings.TrimSpace(remark)
	if err := signed.Validate(); err != nil {
		return r, err
	}
	return signed, nil
}

// Validate reports everything that is wrong with the review.
func (r ActivityReview) Validate() error {
	issues := check.Struct(r)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if !r.To.After(r.From) {
		add("/to", glabella.CodeOutOfRange, "the time of a review ends after it begins")
	}
	if _, err := parseHash(r.Root); r.Root != "" && err != nil {
		add("/root", glabella.CodeFormat, "a root is a hash in base64")
	}
	for i, seq := range r.Sample {
		if i > 0 && seq <= r.Sample[i-1] || seq >= r.Size {
			add(fmt.Sprintf("/sample/%d", i), glabella.CodeMismatch, "the entries ascend and are of the journal")
		}
	}
	switch {
	case !r.State.Valid():
		add("/state", glabella.CodeUnknownValue, "not a state of a review")
	case (r.State == ReviewSigned) == r.SignedAt.IsZero():
		add("/signedAt", glabella.CodeMismatch, "a review that is signed has a time of that, and no other does")
	case r.State == ReviewSigned && r.SignedAt.Before(r.To):
		add("/signedAt", CodeReviewEarly, "a review is later than what it is about")
	}
	return glabella.Invalid("activity review", issues...)
}
