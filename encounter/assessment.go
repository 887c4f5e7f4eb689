package encounter

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/glabella-ehr/glabella"
)

// ICD10CM is the URI of ICD-10-CM, in which problems are coded in the United
// States.
const ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"

// CodeProblemCode says that the code of a problem does not have the form of an ICD-10-CM code.
const CodeProblemCode glabella.Code = "encounter.assessment.icd10cm"

// icd10cm is the form of a code: a category of three characters and up to four
// more after a point.
var icd10cm = regexp.MustCompile(`^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$`)

// Assessment is what was found in a visit, and what the patient wants to reach.
type Assessment struct {
	Problems []Problem     `json:"problems"`
	Findings []ExamFinding `json:"findings"`
	Goals    []Goal        `json:"goals"`
	Scores   []Score       `json:"scores"` // ratings that belong to no single problem
}

// Problem is what is treated, or stands in the way of a treatment. It has a code,
// a text, or both.
type Problem struct {
	Coding   glabella.Coding `json:"coding,omitzero"`
	Text     string          `json:"text,omitempty"`
	Region   string          `json:"region,omitempty"`
	Side     glabella.Side   `json:"side,omitempty"`
	Severity Score           `json:"severity,omitzero"`
}

// ExamFinding is what was seen or felt in an examination.
type ExamFinding struct {
	Code   string        `json:"code,omitempty"`
	Text   string        `json:"text,omitempty"`
	Region string        `json:"region,omitempty"`
	Side   glabella.Side `json:"side,omitempty"`
}

// Goal is what the patient wants to reach, in their words or as a score to come
// to.
type Goal struct {
	Text   string        `json:"text"`
	Target Score         `json:"target,omitzero"` // the score to reach; its time is when the goal was agreed
	By     glabella.Date `json:"by,omitzero"`     // until when
}

// Validate reports what is wrong with the assessment; path is where it stands.
func (a Assessment) Validate(path string) []glabella.Issue {
	var issues []glabella.Issue
	for i, p := range a.Problems {
		issues = append(issues, p.validate(fmt.Sprintf("%s/problems/%d", path, i))...)
	}
	for i, f := range a.Findings {
		at := fmt.Sprintf("%s/findings/%d", path, i)
		if f.Code == "" && f.Text == "" {
			issues = append(issues, glabella.Issue{Path: at, Code: glabella.CodeRequired, Text: "a finding has a code or a text"})
		}
		issues = append(issues, validSide(at, f.Side)...)
	}
	issues = append(issues, validateGoals(path, a.Goals)...)
	for i, s := range a.Scores {
		issues = append(issues, s.Validate(fmt.Sprintf("%s/scores/%d", path, i))...)
	}
	return issues
}

func (p Problem) validate(path string) []glabella.Issue {
	issues := validSide(path, p.Side)
	add := func(at string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path + at, Code: code, Text: text})
	}
	if p.Coding.Code == "" && p.Text == "" {
		add("", glabella.CodeRequired, "a problem has a code or a text")
	}
	if p.Coding.Code != "" && p.Coding.System == "" {
		add("/coding/system", glabella.CodeRequired, "a code names its system")
	}
	if p.Coding.System == ICD10CM && !icd10cm.MatchString(p.Coding.Code) {
		add("/coding/code", CodeProblemCode, "not of the form of ICD-10-CM")
	}
	if !p.Severity.IsZero() {
		issues = append(issues, p.Severity.Validate(path+"/severity")...)
	}
	return issues
}

func validSide(path string, s glabella.Side) []glabella.Issue {
	if s == "" || s.Valid() {
		return nil
	}
	return []glabella.Issue{{Path: path + "/side", Code: glabella.CodeUnknownValue, Text: "not a side of the body"}}
}

func validateGoals(path string, goals []Goal) []glabella.Issue {
	var issues []glabella.Issue
	for i, g := range goals {
		at := fmt.Sprintf("%s/goals/%d", path, i)
		if g.Text == "" {
			issues = append(issues, glabella.Issue{Path: at + "/text", Code: glabella.CodeRequired, Text: "a goal has a text"})
		}
		if !g.Target.IsZero() {
			issues = append(issues, g.Target.Validate(at+"/target")...)
		}
		if !g.By.IsZero() && !g.By.Valid() {
			issues = append(issues, glabella.Issue{Path: at + "/by", Code: glabella.CodeOutOfRange, Text: "not a day that exists"})
		}
	}
	return issues
}

// PlanKind says what an item of a visit's plan is.
type PlanKind string

// The kinds of item of a plan.
const (
	PlanTreatment  PlanKind = "treatment"
	PlanMedication PlanKind = "medication"
	PlanTest       PlanKind = "test"
	PlanReferral   PlanKind = "referral"
	PlanEducation  PlanKind = "education"
	PlanFollowUp   PlanKind = "follow-up"
)

// PlanKinds returns every kind of item of a plan.
func PlanKinds() []PlanKind {
	return []PlanKind{PlanTreatment, PlanMedication, PlanTest, PlanReferral, PlanEducation, PlanFollowUp}
}

// Valid reports whether k is one of [PlanKinds].
func (k PlanKind) Valid() bool { return slices.Contains(PlanKinds(), k) }

// VisitPlan is what a visit ends with: what is to be done next.
type VisitPlan struct {
	Items  []PlanItem        `json:"items"`
	Series glabella.SeriesID `json:"series,omitzero"` // the plan of treatments that the visit is or becomes part of
}

// PlanItem is one thing to be done.
type PlanItem struct {
	Kind      PlanKind      `json:"kind"`
	Text      string        `json:"text,omitempty"`
	Treatment string        `json:"treatment,omitempty"` // code of the template
	Product   string        `json:"product,omitempty"`
	Regions   []string      `json:"regions"`
	DueOn     glabella.Date `json:"dueOn,omitzero"`
	Problem   int           `json:"problem,omitempty"` // the problem that it answers, counted from 1; 0 is none
}

// Validate reports what is wrong with the plan; path is where it stands. The
// assessment that the items' problems are counted in may be nil.
func (p VisitPlan) Validate(path string, a *Assessment) []glabella.Issue {
	problems := 0
	if a != nil {
		problems = len(a.Problems)
	}
	var issues []glabella.Issue
	for i, item := range p.Items {
		at := fmt.Sprintf("%s/items/%d", path, i)
		add := func(member string, code glabella.Code, text string) {
			issues = append(issues, glabella.Issue{Path: at + member, Code: code, Text: text})
		}
		if !item.Kind.Valid() {
			add("/kind", glabella.CodeUnknownValue, "not a kind of plan")
		}
		switch {
		case item.Kind == PlanTreatment && item.Treatment == "":
			add("/treatment", glabella.CodeRequired, "a planned treatment names its template")
		case item.Kind == PlanFollowUp && item.DueOn.IsZero():
			add("/dueOn", glabella.CodeRequired, "a follow-up has a day")
		case item.Text == "" && item.Treatment == "" && item.Kind != PlanFollowUp:
			add("/text", glabella.CodeRequired, "says what is to be done")
		}
		if !item.DueOn.IsZero() && !item.DueOn.Valid() {
			add("/dueOn", glabella.CodeOutOfRange, "not a day that exists")
		}
		if item.Problem < 0 || item.Problem > problems {
			add("/problem", glabella.CodeOutOfRange, "not a problem of the assessment")
		}
	}
	return issues
}
