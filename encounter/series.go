package encounter

import (
	"fmt"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
	"github.com/glabella-ehr/glabella/treatment"
)

// SeriesState is where a plan of treatments stands.
type SeriesState string

// The states of a plan of treatments.
const (
	SeriesDraft     SeriesState = "draft"
	SeriesActive    SeriesState = "active"
	SeriesOnHold    SeriesState = "on-hold"
	SeriesCompleted SeriesState = "completed"
	SeriesCancelled SeriesState = "cancelled"
)

// SeriesStates returns every state of a plan of treatments.
func SeriesStates() []SeriesState {
	return []SeriesState{SeriesDraft, SeriesActive, SeriesOnHold, SeriesCompleted, SeriesCancelled}
}

// Valid reports whether s is one of [SeriesStates].
func (s SeriesState) Valid() bool { return slices.Contains(SeriesStates(), s) }

// SeriesMachine returns the state machine of a plan of treatments.
func SeriesMachine() state.Machine[SeriesState] {
	return state.Machine[SeriesState]{Name: "series", Arrows: []state.Arrow[SeriesState]{
		{From: SeriesDraft, Action: "revise", To: SeriesDraft},
		{From: SeriesDraft, Action: "start", To: SeriesActive},
		{From: SeriesDraft, Action: "cancel", To: SeriesCancelled},
		{From: SeriesActive, Action: "revise", To: SeriesActive},
		{From: SeriesActive, Action: "plan", To: SeriesActive},
		{From: SeriesActive, Action: "settle", To: SeriesActive},
		{From: SeriesActive, Action: "complete", To: SeriesCompleted},
		{From: SeriesActive, Action: "hold", To: SeriesOnHold},
		{From: SeriesActive, Action: "cancel", To: SeriesCancelled},
		{From: SeriesOnHold, Action: "resume", To: SeriesActive},
		{From: SeriesOnHold, Action: "cancel", To: SeriesCancelled},
	}}
}

// StepState is where a step of a plan stands.
type StepState string

// The states of a step. Done and skipped steps are settled: they do not change.
const (
	StepPending StepState = "pending"
	StepDone    StepState = "done"
	StepSkipped StepState = "skipped"
)

// StepStates returns every state of a step.
func StepStates() []StepState { return []StepState{StepPending, StepDone, StepSkipped} }

// Valid reports whether s is one of [StepStates].
func (s StepState) Valid() bool { return slices.Contains(StepStates(), s) }

// Series is a plan of treatments for one patient: a course of the same treatment,
// or several treatments in order.
type Series struct {
	ID glabella.SeriesID `json:"id" validate:"required"`
	glabella.Meta
	Patient    glabella.PatientID  `json:"patient" validate:"required"`
	Author     glabella.StaffID    `json:"author" validate:"required"`
	Name       string              `json:"name" validate:"required"`
	State      SeriesState         `json:"state"`
	Steps      []SeriesStep        `json:"steps" validate:"min=1"`
	Limits     []SessionLimit      `json:"limits"`
	Goals      []Goal              `json:"goals"`
	StartedOn  glabella.Date       `json:"startedOn,omitzero"`
	EndedOn    glabella.Date       `json:"endedOn,omitzero"`
	Reason     string              `json:"reason,omitempty"` // code: why the plan is on hold or was cancelled
	Provenance glabella.Provenance `json:"provenance"`
}

// SeriesStep is one visit of a plan. MinDays and MaxDays count from the step that
// was done before it.
type SeriesStep struct {
	Treatment string               `json:"treatment"` // code of the template
	Product   string               `json:"product,omitempty"`
	Regions   []string             `json:"regions"`
	MinDays   int                  `json:"minDays,omitempty"` // 0 is no least delay
	MaxDays   int                  `json:"maxDays,omitempty"` // 0 is no greatest delay
	Basis     treatment.Basis      `json:"basis,omitempty"`   // what stands behind the delays
	Source    string               `json:"source,omitempty"`  // the citation, unless the basis is common practice
	State     StepState            `json:"state"`
	PlannedOn glabella.Date        `json:"plannedOn,omitzero"`
	DoneOn    glabella.Date        `json:"doneOn,omitzero"`
	Encounter glabella.EncounterID `json:"encounter,omitzero"`
	Reason    string               `json:"reason,omitempty"` // code: why it was skipped
}

// SessionLimit says how many sessions of a treatment a plan may hold.
type SessionLimit struct {
	Treatment string          `json:"treatment"`
	Sessions  int             `json:"sessions"`
	Basis     treatment.Basis `json:"basis"`
	Source    string          `json:"source,omitempty"`
}

// Codes of issues with and reasons about plans of treatments.
const (
	// CodeSeriesInactive says that the plan of treatments is not active.
	CodeSeriesInactive glabella.Code = "encounter.series.inactive"
	// CodeSeriesStep says that the plan of treatments has no such step that is still to be done.
	CodeSeriesStep glabella.Code = "encounter.series.step"
	// CodeSeriesOrder says that an earlier step of the plan of treatments is still to be done.
	CodeSeriesOrder glabella.Code = "encounter.series.order"
	// CodeSeriesEarly says that the step comes sooner after the one before than the plan of treatments allows.
	CodeSeriesEarly glabella.Code = "encounter.series.early"
	// CodeSeriesLate says that the step comes later after the one before than the plan of treatments provides for.
	CodeSeriesLate glabella.Code = "encounter.series.late"
	// CodeSeriesSessions says that the plan of treatments has as many sessions of the treatment as it may hold.
	CodeSeriesSessions glabella.Code = "encounter.series.sessions"
)

// Ref returns the reference to the plan.
func (s Series) Ref() glabella.Ref { return s.ID.Ref() }

// Validate reports everything that is wrong with the plan.
func (s Series) Validate() error {
	issues := append(check.Struct(s), s.Provenance.Validate("/provenance")...)
	issues = append(issues, validateGoals("", s.Goals)...)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if !s.State.Valid() {
		add("/state", glabella.CodeUnknownValue, "not a state of a plan of treatments")
	}
	started := s.State == SeriesActive || s.State == SeriesOnHold || s.State == SeriesCompleted
	if started && !s.StartedOn.Valid() {
		add("/startedOn", glabella.CodeRequired, "a plan that was started has a first day")
	}
	if ended := s.State == SeriesCompleted || s.State == SeriesCancelled; ended != s.EndedOn.Valid() {
		add("/endedOn", glabella.CodeMismatch, "a plan that has ended has a last day, and no other has one")
	}
	if why := s.State == SeriesOnHold || s.State == SeriesCancelled; why != (s.Reason != "") {
		add("/reason", glabella.CodeMismatch, "a plan on hold or cancelled has a reason, and no other has one")
	}
	for i, step := range s.Steps {
		path := fmt.Sprintf("/steps/%d", i)
		issues = append(issues, step.validate(path)...)
		if step.State == StepPending && s.State == SeriesCompleted || step.State != StepPending && s.State == SeriesDraft {
			add(path+"/state", glabella.CodeMismatch, "not the state of a step of such a plan")
		}
	}
	seen := map[string]bool{}
	for i, l := range s.Limits {
		path := fmt.Sprintf("/limits/%d", i)
		if l.Treatment == "" {
			add(path+"/treatment", glabella.CodeRequired, "a limit names its treatment")
		}
		if seen[l.Treatment] {
			add(path+"/treatment", glabella.CodeDuplicate, "given twice")
		}
		seen[l.Treatment] = true
		if l.Sessions < 1 {
			add(path+"/sessions", glabella.CodeOutOfRange, "must be at least 1")
		}
		issues = append(issues, validateBasis(path, l.Basis, l.Source)...)
	}
	return glabella.Invalid("series", issues...)
}

func validateBasis(path string, b treatment.Basis, source string) []glabella.Issue {
	switch {
	case !b.Valid():
		return []glabella.Issue{{Path: path + "/basis", Code: glabella.CodeUnknownValue, Text: "not a basis"}}
	case b != treatment.BasisCommonPractice && source == "":
		return []glabella.Issue{{Path: path + "/source", Code: glabella.CodeRequired, Text: "a rule that is more than common practice cites its source"}}
	}
	return nil
}

func (s SeriesStep) validate(path string) []glabella.Issue {
	var issues []glabella.Issue
	add := func(member string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path + member, Code: code, Text: text})
	}
	if s.Treatment == "" {
		add("/treatment", glabella.CodeRequired, "a step names its treatment")
	}
	if s.MinDays < 0 {
		add("/minDays", glabella.CodeOutOfRange, "must be at least 0")
	}
	if s.MaxDays < 0 || s.MaxDays > 0 && s.MaxDays < s.MinDays {
		add("/maxDays", glabella.CodeOutOfRange, "must not be less than the least delay")
	}
	if s.MinDays != 0 || s.MaxDays != 0 || s.Basis != "" {
		issues = append(issues, validateBasis(path, s.Basis, s.Source)...)
	}
	if !s.State.Valid() {
		add("/state", glabella.CodeUnknownValue, "not a state of a step")
	}
	if !s.PlannedOn.IsZero() && !s.PlannedOn.Valid() {
		add("/plannedOn", glabella.CodeOutOfRange, "not a day that exists")
	}
	if (s.State == StepDone) != s.DoneOn.Valid() {
		add("/doneOn", glabella.CodeMismatch, "a step that was done has its day, and no other has one")
	}
	if (s.State == StepDone) != !s.Encounter.IsZero() {
		add("/encounter", glabella.CodeMismatch, "a step that was done names its visit, and no other does")
	}
	if (s.State == StepSkipped) != (s.Reason != "") {
		add("/reason", glabella.CodeMismatch, "a step that was skipped has a reason, and no other has one")
	}
	return issues
}

func (s SeriesStep) clone() SeriesStep {
	s.Regions = slices.Clone(s.Regions)
	return s
}

// Start makes a draft the plan that is followed.
func (s Series) Start(on glabella.Date) (Series, error) {
	return s.act("start", func(s *Series) error {
		s.StartedOn = on
		return nil
	})
}

// Revise replaces the steps that are still to be done. Settled steps stay as they
// are; there must be something left to do.
func (s Series) Revise(pending []SeriesStep) (Series, error) {
	return s.act("revise", func(s *Series) error {
		if len(pending) == 0 {
			return glabella.Invalid("series", glabella.Issue{Path: "/steps", Code: glabella.CodeRequired, Text: "a plan has steps that are to be done"})
		}
		s.Steps = slices.DeleteFunc(s.Steps, func(step SeriesStep) bool { return step.State == StepPending })
		for _, step := range pending {
			step = step.clone()
			step.State, step.DoneOn, step.Encounter, step.Reason = StepPending, glabella.Date{}, glabella.EncounterID{}, ""
			s.Steps = append(s.Steps, step)
		}
		return nil
	})
}

// PlanStep sets the day that a step is booked on; the zero day takes it back.
// Whether the day fits, [MayBookStep] says.
func (s Series) PlanStep(step int, on glabella.Date) (Series, error) {
	return s.act("plan", func(s *Series) error {
		return s.settle(step, func(step *SeriesStep) { step.PlannedOn = on })
	})
}

// RecordStep says in which visit, and on which day, a step was done. The last
// step to be settled completes the plan.
func (s Series) RecordStep(step int, visit glabella.EncounterID, on glabella.Date) (Series, error) {
	return s.settled(step, on, func(step *SeriesStep) { step.State, step.Encounter, step.DoneOn = StepDone, visit, on })
}

// Skip leaves a step out. The last step to be settled completes the plan.
func (s Series) Skip(step int, on glabella.Date, reason string) (Series, error) {
	return s.settled(step, on, func(step *SeriesStep) { step.State, step.Reason = StepSkipped, reason })
}

// Hold stops the plan for the time being.
func (s Series) Hold(reason string) (Series, error) {
	return s.act("hold", func(s *Series) error {
		s.Reason = reason
		return nil
	})
}

// Resume takes the plan up again.
func (s Series) Resume() (Series, error) {
	return s.act("resume", func(s *Series) error {
		s.Reason = ""
		return nil
	})
}

// Cancel ends the plan before it is completed.
func (s Series) Cancel(on glabella.Date, reason string) (Series, error) {
	return s.act("cancel", func(s *Series) error {
		s.EndedOn, s.Reason = on, reason
		return nil
	})
}

func (s Series) settled(step int, on glabella.Date, change func(*SeriesStep)) (Series, error) {
	out, err := s.act("settle", func(s *Series) error { return s.settle(step, change) })
	if err != nil || slices.ContainsFunc(out.Steps, func(step SeriesStep) bool { return step.State == StepPending }) {
		return out, err
	}
	return out.act("complete", func(s *Series) error {
		s.EndedOn = on
		return nil
	})
}

// settle changes a step that is still to be done, or refuses.
func (s *Series) settle(step int, change func(*SeriesStep)) error {
	if step < 0 || step >= len(s.Steps) || s.Steps[step].State != StepPending {
		return glabella.Refuse(glabella.Decide(s.noSuchStep()))
	}
	change(&s.Steps[step])
	return nil
}

func (s Series) noSuchStep() glabella.Reason {
	return glabella.Denied(CodeSeriesStep, "the plan has no such step that is still to be done").For(s.Ref()).WithFix("choose a step that is still to be done, or add one")
}

// act takes an action that is legal in the plan's state. If the change is
// refused, the plan comes back as it was.
func (s Series) act(action string, change func(*Series) error) (Series, error) {
	next, err := SeriesMachine().Next(s.State, action)
	if err != nil {
		return s, err
	}
	out := s
	out.State = next
	out.Steps = slices.Clone(s.Steps)
	if err := change(&out); err != nil {
		return s, err
	}
	return out, nil
}
