package encounter

import (
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

// State is where a visit stands, in the words of FHIR's EncounterStatus.
type State string

// The states of a visit.
const (
	Planned    State = "planned"
	Present    State = "arrived"
	InProgress State = "in-progress"
	Finished   State = "finished"
	Cancelled  State = "cancelled"
)

// States returns every state of a visit.
func States() []State { return []State{Planned, Present, InProgress, Finished, Cancelled} }

// Valid reports whether s is one of [States].
func (s State) Valid() bool { return slices.Contains(States(), s) }

// Machine returns the state machine of a visit.
func Machine() state.Machine[State] {
	return state.Machine[State]{Name: "encounter", Arrows: []state.Arrow[State]{
		{From: Planned, Action: "arrive", To: Present},
		{From: Planned, Action: "cancel", To: Cancelled},
		{From: Present, Action: "assess", To: InProgress},
		{From: Present, Action: "chart", To: InProgress},
		{From: Present, Action: "cancel", To: Cancelled},
		{From: InProgress, Action: "assess", To: InProgress},
		{From: InProgress, Action: "chart", To: InProgress},
		{From: InProgress, Action: "complete", To: Finished},
	}}
}

// Codes of issues with and reasons against visits.
const (
	// CodeIncomplete says that a visit has nothing charted that could be completed.
	CodeIncomplete glabella.Code = "encounter.incomplete.procedure"
	// CodeAdministrations says that what was administered does not follow from the points of the map.
	CodeAdministrations glabella.Code = "encounter.administrations"
)

// Encounter is a visit of a patient.
type Encounter struct {
	ID glabella.EncounterID `json:"id" validate:"required"`
	glabella.Meta
	Patient     glabella.PatientID     `json:"patient" validate:"required"`
	Site        glabella.SiteID        `json:"site" validate:"required"`
	Appointment glabella.AppointmentID `json:"appointment,omitzero"`
	Provider    glabella.StaffID       `json:"provider" validate:"required"`
	State       State                  `json:"state"`
	ArrivedAt   time.Time              `json:"arrivedAt,omitzero"`
	StartedAt   time.Time              `json:"startedAt,omitzero"`
	CompletedAt time.Time              `json:"completedAt,omitzero"`
	Assessment  *Assessment            `json:"assessment"` // nil until the patient was assessed
	Plan        *VisitPlan             `json:"plan"`
	Procedures  []Procedure            `json:"procedures"`
}

// Procedure is one treatment within a visit.
type Procedure struct {
	ID              glabella.ProcedureID `json:"id" validate:"required"`
	Record          treatment.Record     `json:"record"`
	Performer       glabella.StaffID     `json:"performer" validate:"required"`
	PerformedAt     time.Time            `json:"performedAt" validate:"required"`
	Acknowledged    []glabella.Code      `json:"acknowledged"` // warnings that the performer took responsibility for
	Administrations []Administration     `json:"administrations"`
}

// Administration is what a patient received of one container: the part of a
// procedure that stock and billing go by.
type Administration struct {
	Product  string            `json:"product"` // the substance
	Lot      glabella.LotID    `json:"lot"`     // zero if it was not charted
	Vial     glabella.VialID   `json:"vial"`    // zero if it was not charted
	Quantity quantity.Quantity `json:"quantity"`
	Regions  []string          `json:"regions"`
}

func (p Procedure) clone() Procedure {
	p.Acknowledged = slices.Clone(p.Acknowledged)
	p.Administrations = cloneAdministrations(p.Administrations)
	return p
}

func cloneAdministrations(as []Administration) []Administration {
	as = slices.Clone(as)
	for i := range as {
		as[i].Regions = slices.Clone(as[i].Regions)
	}
	return as
}

// Ref returns the reference to the visit.
func (e Encounter) Ref() glabella.Ref { return e.ID.Ref() }

// Validate reports everything that is wrong with the visit.
func (e Encounter) Validate() error {
	issues := check.Struct(e)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if !e.State.Valid() {
		add("/state", glabella.CodeUnknownValue, "not a state of a visit")
	}
	for _, m := range []struct {
		path  string
		at    time.Time
		since []State
	}{
		{"/arrivedAt", e.ArrivedAt, []State{Present, InProgress, Finished}},
		{"/startedAt", e.StartedAt, []State{InProgress, Finished}},
		{"/completedAt", e.CompletedAt, []State{Finished}},
	} {
		if slices.Contains(m.since, e.State) && m.at.IsZero() {
			add(m.path, glabella.CodeRequired, "a visit in this state has the time at which it came to it")
		}
	}
	if !e.CompletedAt.IsZero() && e.CompletedAt.Before(e.StartedAt) {
		add("/completedAt", glabella.CodeOutOfRange, "a visit ends after it has started")
	}
	if e.Assessment != nil {
		issues = append(issues, e.Assessment.Validate("/assessment")...)
	}
	if e.Plan != nil {
		issues = append(issues, e.Plan.Validate("/plan", e.Assessment)...)
	}
	seen := map[glabella.ProcedureID]bool{}
	for i, p := range e.Procedures {
		path := fmt.Sprintf("/procedures/%d", i)
		issues = append(issues, prefix(path, check.Struct(p))...)
		if seen[p.ID] {
			add(path+"/id", glabella.CodeDuplicate, "given twice")
		}
		seen[p.ID] = true
		want, err := AdministrationsOf(p.Record)
		if err != nil || !slices.EqualFunc(want, p.Administrations, Administration.equal) {
			add(path+"/administrations", CodeAdministrations, "do not follow from the points of the map")
		}
	}
	return glabella.Invalid("encounter", issues...)
}

func prefix(path string, issues []glabella.Issue) []glabella.Issue {
	for i := range issues {
		issues[i].Path = path + issues[i].Path
	}
	return issues
}

func (a Administration) equal(b Administration) bool {
	return a.Product == b.Product && a.Lot == b.Lot && a.Vial == b.Vial && a.Quantity.Equal(b.Quantity) && slices.Equal(a.Regions, b.Regions)
}

// AdministrationsOf returns what was administered, by container, as the points
// of a record's maps say, or where there is no map, its portions. The amounts sum
// to that of the points exactly. What does not name its lot or container is an
// administration without it: stock has to be found for it later.
func AdministrationsOf(r treatment.Record) ([]Administration, error) {
	var out []Administration
	var sums []quantity.Total // of the containers in out
	var issues []glabella.Issue
	for m := range r.Maps {
		for i := range r.Maps[m].Points {
			p := &r.Maps[m].Points[i]
			wrong := func(member string, code glabella.Code, text string) {
				issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/maps/%d/points/%d/%s", m, i, member), Code: code, Text: text})
			}
			at := 0
			for at < len(out) && (out[at].Lot != p.Lot || out[at].Vial != p.Vial) {
				at++
			}
			if at == len(out) {
				out, sums = append(out, Administration{Product: r.Product, Lot: p.Lot, Vial: p.Vial}), append(sums, quantity.Total{})
			}
			if sums[at].Add(p.Amount) != nil {
				wrong("amount", glabella.CodeMismatch, "is of another unit than the container's other points")
				continue
			}
			if !slices.Contains(out[at].Regions, p.Region) {
				out[at].Regions = append(out[at].Regions, p.Region)
			}
		}
	}
	for i := range out {
		out[i].Quantity = sums[i].Sum()
	}
	for i, portion := range r.Given {
		wrong := func(member string, code glabella.Code, text string) {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/given/%d/%s", i, member), Code: code, Text: text})
		}
		if slices.ContainsFunc(out, func(a Administration) bool { return a.Lot == portion.Lot && a.Vial == portion.Vial }) {
			wrong("vial", glabella.CodeDuplicate, "the container is given twice")
		}
		out = append(out, Administration{Product: r.Product, Lot: portion.Lot, Vial: portion.Vial, Quantity: portion.Amount})
	}
	if len(issues) > 0 {
		return nil, glabella.Invalid("record", issues...)
	}
	return out, nil
}

// Lots returns the lots of which something was administered, each once.
func (e Encounter) Lots() []glabella.LotID {
	var out []glabella.LotID
	for _, p := range e.Procedures {
		for _, a := range p.Administrations {
			if !a.Lot.IsZero() && !slices.Contains(out, a.Lot) {
				out = append(out, a.Lot)
			}
		}
	}
	return out
}

// Arrive marks the patient as there.
func (e Encounter) Arrive(now time.Time) (Encounter, error) {
	return e.step("arrive", func(e *Encounter) { e.ArrivedAt = now })
}

// Assess records what was found and what is planned. It starts the visit, and
// takes the place of what was recorded before; earlier versions of the visit keep
// that.
func (e Encounter) Assess(a Assessment, plan *VisitPlan, now time.Time) (Encounter, error) {
	return e.step("assess", func(e *Encounter) {
		if e.StartedAt.IsZero() {
			e.StartedAt = now
		}
		e.Assessment, e.Plan = &a, plan
	})
}

// Chart adds a procedure; the first one starts the visit. What its template
// demands of the record, treatment.Template.Check has seen to before.
func (e Encounter) Chart(p Procedure) (Encounter, error) {
	return e.step("chart", func(e *Encounter) {
		if e.StartedAt.IsZero() {
			e.StartedAt = p.PerformedAt
		}
		e.Procedures = append(slices.Clone(e.Procedures), p.clone())
	})
}

// Complete ends the visit. A visit in which nothing was charted or assessed is
// refused.
func (e Encounter) Complete(now time.Time) (Encounter, error) {
	if e.State == Present {
		return e, glabella.Refuse(glabella.Decide(glabella.Denied(CodeIncomplete, "nothing was charted or assessed in the visit").For(e.Ref()).WithFix("chart what was done, or cancel the visit")))
	}
	return e.step("complete", func(e *Encounter) { e.CompletedAt = now })
}

// Cancel ends a visit in which nothing was done.
func (e Encounter) Cancel() (Encounter, error) { return e.step("cancel", func(*Encounter) {}) }

func (e Encounter) step(action string, change func(*Encounter)) (Encounter, error) {
	next, err := Machine().Next(e.State, action)
	if err != nil {
		return e, err
	}
	e.State = next
	change(&e)
	return e, nil
}
