package inventory

import (
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
)

// RecallClass is how serious an authority judges a recall to be: the classes of
// 21 CFR 7.3(m).
type RecallClass string

// The classes of recall.
const (
	RecallClassI   RecallClass = "class-1" // serious harm or death is reasonably probable
	RecallClassII  RecallClass = "class-2" // harm may be temporary or reversible, or serious harm is remote
	RecallClassIII RecallClass = "class-3" // harm is not likely
)

// RecallClasses returns every class of recall.
func RecallClasses() []RecallClass {
	return []RecallClass{RecallClassI, RecallClassII, RecallClassIII}
}

// Valid reports whether c is one of [RecallClasses].
func (c RecallClass) Valid() bool { return slices.Contains(RecallClasses(), c) }

// RecallState says how far a recall case is.
type RecallState string

// The states of a recall case.
const (
	RecallOpen     RecallState = "open"
	RecallClosed   RecallState = "closed"   // everybody is told, and nothing is left
	RecallCanceled RecallState = "canceled" // it does not concern the practice
)

// RecallStates returns every state of a recall case.
func RecallStates() []RecallState { return []RecallState{RecallOpen, RecallClosed, RecallCanceled} }

// Valid reports whether s is one of [RecallStates].
func (s RecallState) Valid() bool { return slices.Contains(RecallStates(), s) }

// RecallMachine returns the state machine of a recall case.
func RecallMachine() state.Machine[RecallState] {
	return state.Machine[RecallState]{Name: "recall case", Arrows: []state.Arrow[RecallState]{
		{From: RecallOpen, Action: "close", To: RecallClosed},
		{From: RecallOpen, Action: "cancel", To: RecallCanceled},
		{From: RecallClosed, Action: "reopen", To: RecallOpen},
		{From: RecallCanceled, Action: "reopen", To: RecallOpen},
	}}
}

// RecallStep says who did something about a recall, when and why.
type RecallStep struct {
	Reason string           `json:"reason,omitempty"` // a code in kebab-case
	By     glabella.StaffID `json:"by,omitzero"`
	At     time.Time        `json:"at,omitzero"` // UTC, microseconds
}

// RecallCase is a recall and what the practice does about it: for each patient
// who received something of its lots, or may have, there is one task. Holding the
// lots is done with [Lot.Recall], and what is left is in the [LotTrace].
type RecallCase struct {
	ID glabella.RecallCaseID `json:"id" validate:"required"`
	glabella.Meta
	Reference string           `json:"reference" validate:"required"` // number of the recall, as on the lots
	Class     RecallClass      `json:"class,omitempty"`               // none until an authority gives one
	Lots      []glabella.LotID `json:"lots" validate:"min=1"`
	OpenedBy  glabella.StaffID `json:"openedBy" validate:"required"`
	OpenedAt  time.Time        `json:"openedAt" validate:"required"` // UTC, microseconds
	TracedAt  time.Time        `json:"tracedAt,omitzero"`            // when the tasks were last brought up to date
	State     RecallState      `json:"state"`
	Tasks     []RecallTask     `json:"tasks"`            // by patient
	Closing   RecallStep       `json:"closing,omitzero"` // of a case that is closed or canceled
}

// Codes of issues with recall cases, and of reasons against closing one.
const (
	// CodeRecallTasks says that the tasks of a recall contradict themselves or each other.
	CodeRecallTasks glabella.Code = "inventory.recall.tasks"
	// CodeRecallTrace says that a lot of a recall was not traced.
	CodeRecallTrace glabella.Code = "inventory.recall.trace"
	// CodeRecallLot says that a lot of a recall is not held for it.
	CodeRecallLot glabella.Code = "inventory.recall.lot"
	// CodeRecallNoTask says that somebody received something of a recalled lot, or may have, and is not on the list of the recall.
	CodeRecallNoTask glabella.Code = "inventory.recall.no-task"
	// CodeRecallPending says that patients have not been told of a recall yet.
	CodeRecallPending glabella.Code = "inventory.recall.pending"
	// CodeRecallUnacknowledged says that patients were told of a recall and have not confirmed it.
	CodeRecallUnacknowledged glabella.Code = "inventory.recall.unacknowledged"
	// CodeRecallUnreachable says that patients could not be reached about a recall.
	CodeRecallUnreachable glabella.Code = "inventory.recall.unreachable"
	// CodeRecallUnnamed says that something of a recalled lot went to nobody on record.
	CodeRecallUnnamed glabella.Code = "inventory.recall.unnamed"
	// CodeRecallStock says that something of a recalled lot is still at a site.
	CodeRecallStock glabella.Code = "inventory.recall.stock"
	// CodeRecallTransit says that something of a recalled lot is on its way between two sites.
	CodeRecallTransit glabella.Code = "inventory.recall.transit"
	// CodeRecallVial says that a container that holds something of a recalled lot is still in use.
	CodeRecallVial glabella.Code = "inventory.recall.vial"
	// CodeRecallNobody says that a patient has no task in a recall.
	CodeRecallNobody glabella.Code = "inventory.recall.nobody"
)

// Ref returns the reference to the case.
func (c RecallCase) Ref() glabella.Ref { return c.ID.Ref() }

// Validate reports everything that is wrong with the case as a record.
func (c RecallCase) Validate() error {
	issues := check.Struct(c)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if c.Class != "" && !c.Class.Valid() {
		add("/class", glabella.CodeUnknownValue, "not a class of recall")
	}
	if !c.State.Valid() {
		add("/state", glabella.CodeUnknownValue, "not a state of a recall case")
	}
	for i, lot := range c.Lots {
		if lot.IsZero() {
			add(fmt.Sprintf("/lots/%d", i), glabella.CodeRequired, "a recall is of a lot")
		} else if slices.Contains(c.Lots[:i], lot) {
			add(fmt.Sprintf("/lots/%d", i), glabella.CodeDuplicate, "the lot stands twice")
		}
	}
	if over := c.State == RecallClosed || c.State == RecallCanceled; over != (!c.Closing.At.IsZero() && !c.Closing.By.IsZero()) {
		add("/closing", glabella.CodeMismatch, "a case that is over, and only that, says by whom and when")
	}
	if c.State == RecallCanceled && c.Closing.Reason == "" {
		add("/closing/reason", glabella.CodeRequired, "what is canceled has a reason")
	}
	for i, t := range c.Tasks {
		issues = append(issues, t.issues(fmt.Sprintf("/tasks/%d", i), c.Lots)...)
		if i > 0 && byBytes(c.Tasks[i-1].Patient, t.Patient) >= 0 {
			add(fmt.Sprintf("/tasks/%d/patient", i), CodeRecallTasks, "the tasks are sorted by patient, and each has one")
		}
	}
	return glabella.Invalid("recall case", issues...)
}

// About returns the case with nobody's tasks but those of the patients, as what one
// patient's record says of the recall.
func (c RecallCase) About(patients ...glabella.PatientID) RecallCase {
	c.Tasks = slices.DeleteFunc(slices.Clone(c.Tasks), func(t RecallTask) bool { return !slices.Contains(patients, t.Patient) })
	return c
}

// RecallOpening says who opens a recall case, and for what.
type RecallOpening struct {
	ID        glabella.RecallCaseID
	Reference string // number of the recall
	Class     RecallClass
	Lots      []glabella.LotID
	By        glabella.StaffID
	At        time.Time
}

// OpenRecall opens a recall case for lots with a task for everybody whom the
// traces of the lots name. Every lot needs its trace.
func OpenRecall(o RecallOpening, traces ...LotTrace) (RecallCase, error) {
	c := RecallCase{
		ID: o.ID, Reference: o.Reference, Class: o.Class, Lots: slices.Clone(o.Lots), OpenedBy: o.By, OpenedAt: instant(o.At),
		State: RecallOpen, Tasks: []RecallTask{},
	}
	return c.Retrace(o.At, traces...)
}

// Retrace brings the tasks of an open case up to date with newer traces of all of
// its lots. Whoever is found anew gets a task. Who was a suspect and is now known
// to have received something is told again. A suspicion that is gone is cleared, if
// nobody has spoken to the patient yet; a task is never dropped.
func (c RecallCase) Retrace(at time.Time, traces ...LotTrace) (RecallCase, error) {
	if c.State != RecallOpen {
		return c, &glabella.TransitionError{Machine: RecallMachine().Name, From: string(c.State), Action: "retrace"}
	}
	if issues := c.untraced(traces); len(issues) > 0 {
		return c, glabella.Invalid("recall case", issues...)
	}
	found := c.found(traces)
	tasks := make([]RecallTask, 0, len(c.Tasks)+len(found))
	for _, t := range c.Tasks {
		now, still := found[t.Patient]
		delete(found, t.Patient)
		tasks = append(tasks, t.retrace(now, still, at))
	}
	for _, t := range found {
		tasks = append(tasks, t)
	}
	slices.SortFunc(tasks, func(a, b RecallTask) int { return byBytes(a.Patient, b.Patient) })
	out := c
	out.Tasks, out.TracedAt = tasks, instant(at)
	if err := out.Validate(); err != nil {
		return c, err
	}
	return out, nil
}

// untraced returns an issue for every lot of the case that has no trace.
func (c RecallCase) untraced(traces []LotTrace) []glabella.Issue {
	var issues []glabella.Issue
	for i, lot := range c.Lots {
		if !slices.ContainsFunc(traces, func(t LotTrace) bool { return t.Lot == lot }) {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/lots/%d", i), Code: CodeRecallTrace, Text: "the lot was not traced"})
		}
	}
	return issues
}

// found returns the task of everybody whom the traces of the case's lots name.
func (c RecallCase) found(traces []LotTrace) map[glabella.PatientID]RecallTask {
	out := map[glabella.PatientID]RecallTask{}
	for _, t := range traces {
		if !slices.Contains(c.Lots, t.Lot) {
			continue
		}
		add := func(who glabella.PatientID, certainty RecallCertainty) {
			task, ok := out[who]
			if !ok {
				task = RecallTask{Patient: who, Certainty: certainty, Lots: []glabella.LotID{}, Attempts: []ContactAttempt{}, State: TaskPending}
			}
			if certainty == RecallExposed && task.Certainty == RecallSuspected { // only the lots that are known count
				task.Certainty, task.Lots = certainty, []glabella.LotID{}
			}
			if task.Certainty == certainty && !slices.Contains(task.Lots, t.Lot) {
				task.Lots = append(task.Lots, t.Lot)
				slices.SortFunc(task.Lots, byBytes)
			}
			out[who] = task
		}
		for _, who := range t.Patients() {
			add(who, RecallExposed)
		}
		for _, who := range t.Uncertain() {
			add(who, RecallSuspected)
		}
	}
	return out
}

// RecallFacts are what is asked before a recall case is closed.
type RecallFacts struct {
	Case   RecallCase
	Lots   []Lot      // of the case
	Traces []LotTrace // of them, as of now
}

// RecallClosable says whether a recall case can be closed: the lots are held and
// traced, everybody on the list is told, and nothing is left anywhere. That somebody
// could not be reached or has not confirmed, and that something went to nobody on
// record, warns.
func RecallClosable(f RecallFacts) glabella.Decision {
	var out []glabella.Reason
	add := func(r glabella.Reason) { out = append(out, r.For(f.Case.Ref())) }
	for _, lot := range f.Case.Lots {
		if !slices.ContainsFunc(f.Lots, func(l Lot) bool { return l.ID == lot && l.State == LotRecalled }) {
			add(glabella.Denied(CodeRecallLot, "the lot is not held for the recall").For(lot.Ref()).WithFix("recall the lot"))
		}
		if !slices.ContainsFunc(f.Traces, func(t LotTrace) bool { return t.Lot == lot }) {
			add(glabella.Denied(CodeRecallTrace, "the lot was not traced").For(lot.Ref()).WithFix("trace the lot"))
		}
	}
	var missing int
	for who, task := range f.Case.found(f.Traces) {
		i := slices.IndexFunc(f.Case.Tasks, func(t RecallTask) bool { return t.Patient == who })
		if i < 0 || task.Certainty == RecallExposed && f.Case.Tasks[i].Certainty == RecallSuspected {
			missing++
		}
	}
	count := func(n int, r glabella.Reason) {
		if n > 0 {
			add(r.With("count", fmt.Sprint(n)))
		}
	}
	p := f.Case.Progress()
	count(missing, glabella.Denied(CodeRecallNoTask, "somebody whom the trace names is not on the list").WithFix("bring the list up to date"))
	count(p.Pending, glabella.Denied(CodeRecallPending, "patients have not been told yet").WithFix("tell them, or record that they cannot be reached"))
	count(p.Unreachable, glabella.Warned(CodeRecallUnreachable, "patients could not be reached").WithFix("try another way"))
	count(p.Informed, glabella.Warned(CodeRecallUnacknowledged, "patients were told and have not confirmed it").WithFix("ask them to confirm"))
	for _, t := range f.Traces {
		if slices.Contains(f.Case.Lots, t.Lot) {
			for _, r := range t.leftReasons() {
				add(r)
			}
		}
	}
	return glabella.Decide(out...)
}

// leftReasons returns what is left of the lot, or went where it cannot be
// followed.
func (t LotTrace) leftReasons() []glabella.Reason {
	var out []glabella.Reason
	for _, s := range t.Stock {
		if !s.Gone() {
			out = append(out, glabella.Denied(CodeRecallStock, "something of the lot is still at the site").For(t.Lot.Ref(), s.Site.Ref()).
				With("onHand", s.OnHand.String()).With("held", fmt.Sprint(s.Held)).WithFix("send it back or destroy it"))
		}
	}
	for _, tr := range t.Transfers {
		if tr.InTransit > 0 {
			out = append(out, glabella.Denied(CodeRecallTransit, "something of the lot is on its way").For(t.Lot.Ref(), tr.Transfer.Ref()).
				With("count", fmt.Sprint(tr.InTransit)).WithFix("settle the transfer"))
		}
	}
	for _, v := range t.Vials {
		if v.InUse() {
			out = append(out, glabella.Denied(CodeRecallVial, "a container with something of the lot is still in use").For(t.Lot.Ref(), v.Vial.Ref()).WithFix("discard the container"))
		}
	}
	if n := len(t.Unnamed); n > 0 {
		out = append(out, glabella.Warned(CodeRecallUnnamed, "something of the lot went to nobody on record").For(t.Lot.Ref()).
			With("count", fmt.Sprint(n)).WithFix("find out to whom, or put up a notice"))
	}
	return out
}

// Close closes the case, if [RecallClosable] says so. The facts' case is c itself.
func (c RecallCase) Close(f RecallFacts, s RecallStep, acknowledged ...glabella.Code) (RecallCase, error) {
	next, err := RecallMachine().Next(c.State, "close")
	if err != nil {
		return c, err
	}
	f.Case = c
	if err := glabella.Refuse(RecallClosable(f), acknowledged...); err != nil {
		return c, err
	}
	return c.end(next, s)
}

// Cancel ends a case that does not concern the practice, with a reason.
func (c RecallCase) Cancel(s RecallStep) (RecallCase, error) {
	next, err := RecallMachine().Next(c.State, "cancel")
	if err != nil {
		return c, err
	}
	return c.end(next, s)
}

func (c RecallCase) end(next RecallState, s RecallStep) (RecallCase, error) {
	out := c
	s.At = instant(s.At)
	out.State, out.Closing = next, s
	if err := out.Validate(); err != nil {
		return c, err
	}
	return out, nil
}

// Reopen opens a case again that was closed or canceled.
func (c RecallCase) Reopen() (RecallCase, error) {
	next, err := RecallMachine().Next(c.State, "reopen")
	if err != nil {
		return c, err
	}
	c.State, c.Closing = next, RecallStep{}
	return c, nil
}
