package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
)

// FindingState says what has become of a finding.
type FindingState string

// The states of a finding.
const (
	FindingOpen      FindingState = "open"      // nobody has looked at it yet
	FindingDismissed FindingState = "dismissed" // there is a good reason
	FindingConfirmed FindingState = "confirmed" // there is none
)

// FindingStates returns every state.
func FindingStates() []FindingState {
	return []FindingState{FindingOpen, FindingDismissed, FindingConfirmed}
}

// Valid reports whether s is one of [FindingStates].
func (s FindingState) Valid() bool { return slices.Contains(FindingStates(), s) }

var findingMachine = state.Machine[FindingState]{Name: "finding", Arrows: []state.Arrow[FindingState]{
	{From: FindingOpen, Action: "dismiss", To: FindingDismissed},
	{From: FindingOpen, Action: "confirm", To: FindingConfirmed},
	{From: FindingDismissed, Action: "reopen", To: FindingOpen},
	{From: FindingConfirmed, Action: "reopen", To: FindingOpen},
}}

// FindingMachine returns the table of the states of a finding.
func FindingMachine() state.Machine[FindingState] { return findingMachine }

// Codes of reasons against reviewing.
const (
	// CodeReviewOwn says that nobody reviews what is about themselves.
	CodeReviewOwn glabella.Code = "audit.review.own"
	// CodeReviewReason says that a review gives the reason for its result.
	CodeReviewReason glabella.Code = "audit.review.reason"
	// CodeReviewEarly says that a review cannot be earlier than what it is about.
	CodeReviewEarly glabella.Code = "audit.review.early"
)

// Signal is one rule's part in a finding.
type Signal struct {
	Rule   glabella.Code     `json:"rule"`
	Weight int               `json:"weight"`
	Args   map[string]string `json:"args"` // counts and limits, for the translation of the rule
}

// Finding is something in the journal that somebody should look at, with the
// entries that it rests on. It accuses nobody: Hedda et al. (2017) found simple
// reasons behind a good part of what rules of this kind flag.
type Finding struct {
	ID glabella.FindingID `json:"id" validate:"required"`
	glabella.Meta
	Rule     glabella.Code      `json:"rule" validate:"required"` // the heaviest signal
	Signals  []Signal           `json:"signals" validate:"min=1"` // the heaviest first
	Score    int                `json:"score" validate:"min=0,max=100"`
	Staff    glabella.StaffID   `json:"staff" validate:"required"` // whose access it is
	Patient  glabella.PatientID `json:"patient,omitzero"`          // whose record it is about, if it is about one
	At       time.Time          `json:"at" validate:"required"`    // of the first entry; UTC, microseconds
	Evidence []uint64           `json:"evidence" validate:"min=1"` // numbers of entries of the journal, ascending
	Entries  int                `json:"entries"`                   // how many there are, if more than Evidence names
	State    FindingState       `json:"state"`
	Reviews  []Review           `json:"reviews"` // the newest last
}

// Review is what somebody decided on a finding, signed by them.
type Review struct {
	Action string           `json:"action"` // "dismiss", "confirm" or "reopen"
	By     glabella.StaffID `json:"by"`
	At     time.Time        `json:"at"` // UTC, microseconds
	// Reason is why, in the reviewer's words. It belongs to the stored finding and
	// never to the journal.
	Reason string `json:"reason"`
}

// maxEvidence bounds the entries that a finding names.
const maxEvidence = 50

// newFinding returns the finding that the signals amount to. Its identity follows
// from its rule, its user and its first entry, so that the journal read again
// gives the same findings.
func newFinding(user glabella.StaffID, patient glabella.PatientID, at time.Time, evidence []uint64, entries int, signals ...Signal) Finding {
	slices.SortStableFunc(signals, func(a, b Signal) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Rule, b.Rule))
	})
	score := 0
	for _, s := range signals {
		score += s.Weight
	}
	rule := signals[0].Rule
	return Finding{
		ID: glabella.DeriveID[glabella.FindingID](fmt.Sprintf("%s\x00%s\x00%s\x00%d", rule, user, patient, evidence[0])), Rule: rule, Signals: signals, Score: min(score, 100),
		Staff: user, Patient: patient, At: toMicrosecond(at), Evidence: slices.Clone(evidence), Entries: entries, State: FindingOpen, Reviews: []Review{},
	}
}

// signal returns a rule's sign with arguments as pairs of name and value.
func signal(code glabella.Code, args ...string) Signal {
	m := map[string]string{}
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i]] = args[i+1]
	}
	return Signal{Rule: code, Weight: anomalyRules[code].Weight, Args: m}
}

// Ref returns the reference to the finding.
func (f Finding) Ref() glabella.Ref { return f.ID.Ref() }

// Decision returns the signals as reasons: what each rule says, the duty or study
// behind it, and what to do.
func (f Finding) Decision() glabella.Decision {
	var reasons []glabella.Reason
	for _, s := range f.Signals {
		rule := anomalyRules[s.Rule]
		r := glabella.Warned(s.Rule, rule.Text).For(f.Staff.Ref(), f.Patient.Ref()).WithFix(rule.Fix).CitedFrom(rule.Source)
		for k, v := range s.Args {
			r = r.With(k, v)
		}
		reasons = append(reasons, r)
	}
	return glabella.Decide(reasons...)
}

// ReviewedBy returns who decided on the finding last, and when; the zero values
// if nobody has.
func (f Finding) ReviewedBy() (glabella.StaffID, time.Time) {
	if len(f.Reviews) == 0 {
		return glabella.StaffID{}, time.Time{}
	}
	last := f.Reviews[len(f.Reviews)-1]
	return last.By, last.At
}

// MayReview decides whether somebody may review the finding. The one whose access
// it is may not, nor may one who is not named.
func (f Finding) MayReview(by glabella.StaffID) glabella.Decision {
	if by.IsZero() || by == f.Staff {
		return glabella.Decide(glabella.Denied(CodeReviewOwn, "nobody reviews what is about themselves").For(f.Ref()).
			WithFix("have somebody else review it").CitedFrom(activityReview))
	}
	return glabella.Decide()
}

// Dismiss returns the finding with the decision that there is a good reason for
// the access. The error is a [*glabella.RefusedError], a
// [*glabella.ValidationError] or a [*glabella.TransitionError].
func (f Finding) Dismiss(by glabella.StaffID, at time.Time, reason string) (Finding, error) {
	return f.review("dismiss", by, at, reason)
}

// Confirm returns the finding with the decision that there is no good reason for
// the access. What follows, such as whether there was a breach, is for others to
// decide. Errors are those of [Finding.Dismiss].
func (f Finding) Confirm(by glabella.StaffID, at time.Time, reason string) (Finding, error) {
	return f.review("confirm", by, at, reason)
}

// Reopen returns the finding to be decided on again. Errors are those of
// [Finding.Dismiss].
func (f Finding) Reopen(by glabella.StaffID, at time.Time, reason string) (Finding, error) {
	return f.review("reopen", by, at, reason)
}

func (f Finding) review(action string, by glabella.StaffID, at time.Time, reason string) (Finding, error) {
	next, err := findingMachine.Next(f.State, action)
	if err != nil {
		return f, err
	}
	if err := glabella.Refuse(f.MayReview(by)); err != nil {
		return f, err
	}
	r := Review{Action: action, By: by, At: toMicrosecond(at), Reason: strings.TrimSpace(reason)}
	earliest := f.At
	if _, last := f.ReviewedBy(); !last.IsZero() {
		earliest = last
	}
	if err := glabella.Invalid("review", r.issues("", earliest)...); err != nil {
		return f, err
	}
	f.State, f.Reviews = next, append(slices.Clone(f.Reviews), r)
	return f, nil
}

func (r Review) issues(path string, earliest time.Time) []glabella.Issue {
	var out []glabella.Issue
	if r.Reason == "" {
		out = append(out, glabella.Issue{Path: path + "/reason", Code: CodeReviewReason, Text: "a review gives its reason"})
	}
	if r.At.Before(earliest) {
		out = append(out, glabella.Issue{Path: path + "/at", Code: CodeReviewEarly, Text: "a review is later than what it is about"})
	}
	return out
}

// Validate reports everything that is wrong with the finding: with its shape, its
// signals, its evidence, and a state that its reviews do not lead to.
func (f Finding) Validate() error {
	issues := check.Struct(f)
	add := func(code glabella.Code, text, format string, args ...any) {
		issues = append(issues, glabella.Issue{Path: fmt.Sprintf(format, args...), Code: code, Text: text})
	}
	score := 0
	for i, s := range f.Signals {
		if _, ok := anomalyRules[s.Rule]; !ok {
			add(glabella.CodeUnknownValue, "not a rule", "/signals/%d/rule", i)
		}
		if s.Weight < 0 || s.Weight > 100 {
			add(glabella.CodeOutOfRange, "a weight is from 0 to 100", "/signals/%d/weight", i)
		}
		score += s.Weight
	}
	if len(f.Signals) > 0 && f.Rule != f.Signals[0].Rule {
		add(glabella.CodeMismatch, "the rule is that of the first signal", "/rule")
	}
	if f.Score != min(score, 100) {
		add(glabella.CodeMismatch, "the score is the sum of the weights, up to 100", "/score")
	}
	for i := range f.Evidence {
		if i > 0 && f.Evidence[i] <= f.Evidence[i-1] {
			add(glabella.CodeMismatch, "the entries ascend", "/evidence/%d", i)
		}
	}
	if f.Entries < len(f.Evidence) {
		add(glabella.CodeMismatch, "there are at least as many entries as are named", "/entries")
	}
	at, earliest := FindingOpen, f.At
	for i, r := range f.Reviews {
		path := fmt.Sprintf("/reviews/%d", i)
		next, err := findingMachine.Next(at, r.Action)
		if err != nil {
			add(glabella.CodeMismatch, "not what can be decided on at that point", "%s/action", path)
		}
		if !f.MayReview(r.By).Allowed() {
			add(CodeReviewOwn, "nobody reviews what is about themselves", "%s/by", path)
		}
		issues = append(issues, r.issues(path, earliest)...)
		at, earliest = next, r.At
	}
	switch {
	case !f.State.Valid():
		add(glabella.CodeUnknownValue, "not a state of a finding", "/state")
	case f.State != at:
		add(glabella.CodeMismatch, "not the state that the reviews lead to", "/state")
	}
	return glabella.Invalid("finding", issues...)
}
