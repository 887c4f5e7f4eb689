package encounter

import (
	"fmt"
	"strconv"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/treatment"
)

// DueStep is the step of a plan that comes next, and when.
type DueStep struct {
	Index    int           `json:"index"`
	Step     SeriesStep    `json:"step"`
	Earliest glabella.Date `json:"earliest"`        // never before today
	Latest   glabella.Date `json:"latest,omitzero"` // zero is no latest day
	Overdue  bool          `json:"overdue"`         // the latest day has passed
}

// Next returns the first step that is still to be done, and false if there is
// none or the plan is not active.
func (s Series) Next(today glabella.Date) (DueStep, bool) {
	if s.State != SeriesActive {
		return DueStep{}, false
	}
	for i, step := range s.Steps {
		if step.State != StepPending {
			continue
		}
		due := DueStep{Index: i, Step: step.clone(), Earliest: today}
		if before, ok := s.before(i); ok {
			if earliest := before.AddDays(step.MinDays); earliest.After(today) {
				due.Earliest = earliest
			}
			if step.MaxDays > 0 {
				due.Latest = before.AddDays(step.MaxDays)
				due.Overdue = due.Latest.Before(today)
			}
		}
		return due, true
	}
	return DueStep{}, false
}

// before returns the day that a step's delays count from: that of the last step
// before it that was done or is booked. A step that was skipped leaves no trace.
func (s Series) before(index int) (glabella.Date, bool) {
	for i := index - 1; i >= 0; i-- {
		switch step := s.Steps[i]; {
		case step.State == StepDone:
			return step.DoneOn, true
		case step.State == StepPending && !step.PlannedOn.IsZero():
			return step.PlannedOn, true
		}
	}
	return glabella.Date{}, false
}

// after returns the next step that is booked, and false if the step after this
// one, leaving out those that were skipped, is not booked.
func (s Series) after(index int) (SeriesStep, bool) {
	for _, step := range s.Steps[index+1:] {
		if step.State != StepSkipped {
			return step, step.State == StepPending && !step.PlannedOn.IsZero()
		}
	}
	return SeriesStep{}, false
}

// MayBookStep decides whether a step of a plan may be booked on a day. A delay or
// a number of sessions that a regulation demands is refused when it is not kept;
// any other is a warning, with what stands behind it.
func MayBookStep(s Series, step int, on glabella.Date) glabella.Decision {
	var reasons []glabella.Reason
	add := func(r glabella.Reason) { reasons = append(reasons, r.For(s.Ref())) }
	if s.State != SeriesActive {
		add(glabella.Denied(CodeSeriesInactive, "the plan of treatments is not active").With("state", string(s.State)).WithFix("start or resume the plan, or book outside of it"))
	}
	if step < 0 || step >= len(s.Steps) || s.Steps[step].State != StepPending {
		reasons = append(reasons, s.noSuchStep())
		return glabella.Decide(reasons...)
	}
	booked := s.Steps[step]
	for _, earlier := range s.Steps[:step] {
		if earlier.State == StepPending && (earlier.PlannedOn.IsZero() || earlier.PlannedOn.After(on)) {
			add(glabella.Warned(CodeSeriesOrder, "an earlier step of the plan is still to be done").With("treatment", earlier.Treatment).WithFix("book the earlier step first, or skip it with a reason"))
			break
		}
	}
	if before, ok := s.before(step); ok {
		if earliest := before.AddDays(booked.MinDays); booked.MinDays > 0 && on.Before(earliest) {
			add(byBasis(booked.Basis, booked.Source, CodeSeriesEarly, fmt.Sprintf("the step is less than %d days after the one before", booked.MinDays)).
				With("treatment", booked.Treatment).With("days", strconv.Itoa(booked.MinDays)).With("earliest", earliest.String()).
				WithFix(fmt.Sprintf("book it on %s or later", earliest)))
		}
		if latest := before.AddDays(booked.MaxDays); booked.MaxDays > 0 && on.After(latest) {
			add(glabella.Warned(CodeSeriesLate, fmt.Sprintf("the step is more than %d days after the one before", booked.MaxDays)).
				CitedFrom(basisCitation(booked.Basis, booked.Source)).
				With("treatment", booked.Treatment).With("days", strconv.Itoa(booked.MaxDays)).With("latest", latest.String()).
				WithFix(fmt.Sprintf("book it on %s or earlier, or revise the plan", latest)))
		}
	}
	if next, ok := s.after(step); ok && next.MinDays > 0 && next.PlannedOn.DaysSince(on) < next.MinDays {
		latest := next.PlannedOn.AddDays(-next.MinDays)
		add(byBasis(next.Basis, next.Source, CodeSeriesEarly, fmt.Sprintf("the step that is booked after it would be less than %d days later", next.MinDays)).
			With("treatment", next.Treatment).With("days", strconv.Itoa(next.MinDays)).With("earliest", on.AddDays(next.MinDays).String()).
			WithFix(fmt.Sprintf("book it on %s or earlier, or move the step after it", latest)))
	}
	for _, l := range s.Limits {
		if l.Treatment == booked.Treatment && s.sessions(l.Treatment, step) >= l.Sessions {
			add(byBasis(l.Basis, l.Source, CodeSeriesSessions, fmt.Sprintf("the plan has %d sessions of the treatment already", l.Sessions)).
				With("treatment", l.Treatment).With("sessions", strconv.Itoa(l.Sessions)).WithFix("leave the session out, or record why there is one more"))
		}
	}
	return glabella.Decide(reasons...)
}

// sessions counts the sessions of a treatment that were done or are booked, other
// than the step.
func (s Series) sessions(code string, except int) int {
	n := 0
	for i, step := range s.Steps {
		if i != except && step.Treatment == code && (step.State == StepDone || step.State == StepPending && !step.PlannedOn.IsZero()) {
			n++
		}
	}
	return n
}

func byBasis(b treatment.Basis, source string, code glabella.Code, text string) glabella.Reason {
	r := glabella.Warned(code, text)
	if b == treatment.BasisRegulation {
		r = glabella.Denied(code, text)
	}
	return r.CitedFrom(basisCitation(b, source))
}

func basisCitation(b treatment.Basis, source string) string {
	switch {
	case source == "":
		return "common practice; edit to the clinic's own policy"
	case b == treatment.BasisCommonPractice:
		return "common practice: " + source
	default:
		return source
	}
}

// SeriesStarted is the business event of a plan of treatments that is followed
// from now on.
type SeriesStarted struct {
	Series     glabella.SeriesID  `json:"series"`
	Patient    glabella.PatientID `json:"patient"`
	Treatments []string           `json:"treatments"` // one for each step
}

// SeriesStepDone is the business event of a step of a plan that was done or
// skipped.
type SeriesStepDone struct {
	Series    glabella.SeriesID    `json:"series"`
	Patient   glabella.PatientID   `json:"patient"`
	Step      int                  `json:"step"` // its index
	Treatment string               `json:"treatment"`
	State     StepState            `json:"state"`
	Encounter glabella.EncounterID `json:"encounter,omitzero"`
}

// SeriesChanged is the business event of a plan that is on hold, taken up again,
// completed or cancelled.
type SeriesChanged struct {
	Series  glabella.SeriesID  `json:"series"`
	Patient glabella.PatientID `json:"patient"`
	State   SeriesState        `json:"state"`
	Reason  string             `json:"reason,omitempty"`
}

// Event returns the business event of the plan's start.
func (s Series) Event() SeriesStarted {
	out := SeriesStarted{Series: s.ID, Patient: s.Patient}
	for _, step := range s.Steps {
		out.Treatments = append(out.Treatments, step.Treatment)
	}
	return out
}
