package encounter

import (
	"embed"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/strict"
	"github.com/glabella-ehr/glabella/treatment"
)

// CodeChecklistStep says that a step does not belong to the checklist that the adverse event is managed by.
const CodeChecklistStep glabella.Code = "encounter.checklist.step"

// StepTiming says when a step of a checklist is due.
type StepTiming string

// The timings of a step.
const (
	StepAtOnce StepTiming = "at-once" // due from the first moment
	StepWithin StepTiming = "within"  // due within the step's minutes
	StepLater  StepTiming = "later"   // part of the care, at no fixed time
)

// StepTimings returns every timing of a step.
func StepTimings() []StepTiming { return []StepTiming{StepAtOnce, StepWithin, StepLater} }

// Valid reports whether t is one of [StepTimings].
func (t StepTiming) Valid() bool { return slices.Contains(StepTimings(), t) }

// Checklist is one version of what a clinic does about a kind of adverse event.
// It keeps a record of care and reminds of it. It replaces neither training nor
// the judgement of a clinician, and it names no doses: those stand in the clinic's
// own emergency protocol.
type Checklist struct {
	Code    string          `json:"code"`
	Version int             `json:"version"` // from 1
	Name    string          `json:"name"`
	Kinds   []string        `json:"kinds"` // the kinds of adverse event that it is for
	Steps   []ChecklistStep `json:"steps"`
}

// ChecklistStep is one thing to do or to observe.
type ChecklistStep struct {
	Code     string          `json:"code"`
	Text     string          `json:"text"`
	When     StepTiming      `json:"when"`
	Minutes  int             `json:"minutes,omitempty"` // after the event was noticed; of a step that is due within a time
	Required bool            `json:"required"`
	Basis    treatment.Basis `json:"basis"`
	Source   string          `json:"source,omitempty"` // the citation, unless the basis is common practice
}

// ChecklistRef pins one version of a checklist. The zero ChecklistRef is none.
type ChecklistRef struct {
	Code    string `json:"code"`
	Version int    `json:"version"`
}

// IsZero reports whether no checklist is pinned.
func (r ChecklistRef) IsZero() bool { return r == ChecklistRef{} }

// StepTaken says who took which step of a checklist, and when.
type StepTaken struct {
	Code string           `json:"code"`
	At   time.Time        `json:"at"`
	By   glabella.StaffID `json:"by"`
	Note string           `json:"note,omitempty"` // what was observed
}

// Ref returns the reference that pins this version.
func (c Checklist) Ref() ChecklistRef { return ChecklistRef{Code: c.Code, Version: c.Version} }

// Step returns the step with the code, and false if there is none.
func (c Checklist) Step(code string) (ChecklistStep, bool) {
	i := slices.IndexFunc(c.Steps, func(s ChecklistStep) bool { return s.Code == code })
	if i < 0 {
		return ChecklistStep{}, false
	}
	return c.Steps[i], true
}

// Validate reports everything that is wrong with the checklist.
func (c Checklist) Validate() error {
	var issues []glabella.Issue
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if c.Code == "" {
		add("/code", glabella.CodeRequired, "must be given")
	}
	if c.Name == "" {
		add("/name", glabella.CodeRequired, "must be given")
	}
	if c.Version < 1 {
		add("/version", glabella.CodeOutOfRange, "must be at least 1")
	}
	if len(c.Kinds) == 0 {
		add("/kinds", glabella.CodeRequired, "a checklist is for some kind of adverse event")
	}
	if len(c.Steps) == 0 {
		add("/steps", glabella.CodeRequired, "a checklist has steps")
	}
	seen := map[string]bool{}
	for i, s := range c.Steps {
		path := fmt.Sprintf("/steps/%d", i)
		if s.Code == "" || s.Text == "" {
			add(path, glabella.CodeRequired, "a step has a code and a text")
		}
		if seen[s.Code] {
			add(path+"/code", glabella.CodeDuplicate, "given twice")
		}
		seen[s.Code] = true
		if !s.When.Valid() {
			add(path+"/when", glabella.CodeUnknownValue, "not a timing")
		}
		if s.Minutes < 0 || (s.When == StepWithin) != (s.Minutes > 0) {
			add(path+"/minutes", glabella.CodeMismatch, "a step that is due within a time has minutes, and no other has")
		}
		issues = append(issues, validateBasis(path, s.Basis, s.Source)...)
	}
	return glabella.Invalid("checklist", issues...)
}

// Progress returns the steps that are still to be taken at now, in order, and
// those of them that are required and late. Minutes count from when the event was
// noticed; steps of other checklists count for nothing.
func (c Checklist) Progress(noticed time.Time, taken []StepTaken, now time.Time) (missing, overdue []ChecklistStep) {
	for _, s := range c.Steps {
		if slices.ContainsFunc(taken, func(t StepTaken) bool { return t.Code == s.Code && !t.At.After(now) }) {
			continue
		}
		missing = append(missing, s)
		late := s.When == StepAtOnce || s.When == StepWithin && now.After(noticed.Add(time.Duration(s.Minutes)*time.Minute))
		if s.Required && late {
			overdue = append(overdue, s)
		}
	}
	return missing, overdue
}

//go:embed data/checklists.json
var checklistFile embed.FS

var checklists = sync.OnceValues(func() ([]Checklist, error) {
	text, err := checklistFile.ReadFile("data/checklists.json")
	if err != nil {
		return nil, err
	}
	return ParseChecklists("checklists.json", text)
})

// ParseChecklists reads a JSON list of checklists, such as the clinic's own. The
// error is a [*glabella.ValidationError] about name with every problem of its form,
// or those of the first checklist that is not sound.
func ParseChecklists(name string, data []byte) ([]Checklist, error) {
	var out []Checklist
	if err := strict.Decode(name, data, &out); err != nil {
		return nil, err
	}
	for _, c := range out {
		if err := c.Validate(); err != nil {
			return nil, fmt.Errorf("%s: checklist %q: %w", name, c.Code, err)
		}
	}
	return out, nil
}

// Checklists returns the built-in checklists. They are starting points for the
// clinic's own emergency protocol.
func Checklists() []Checklist {
	all, err := checklists()
	if err != nil {
		panic(err) // the embedded file is read by this package's tests
	}
	out := slices.Clone(all)
	for i, c := range out {
		out[i].Kinds = slices.Clone(c.Kinds)
		out[i].Steps = slices.Clone(c.Steps)
	}
	return out
}

// ChecklistFor returns the first of the checklists that is for the kind of
// adverse event, and false if none is.
func ChecklistFor(all []Checklist, kind string) (Checklist, bool) {
	for _, c := range all {
		if slices.Contains(c.Kinds, kind) {
			return c, true
		}
	}
	return Checklist{}, false
}
