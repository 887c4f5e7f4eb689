package inventory

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/state"
)

// RecallCertainty says whether a patient is known to have received something of a
// recalled lot.
type RecallCertainty string

// The certainties.
const (
	RecallExposed   RecallCertainty = "exposed"   // something of the lot is on record for the patient
	RecallSuspected RecallCertainty = "suspected" // something without a lot is, which may have been of it
)

// RecallCertainties returns every certainty.
func RecallCertainties() []RecallCertainty {
	return []RecallCertainty{RecallExposed, RecallSuspected}
}

// Valid reports whether c is one of [RecallCertainties].
func (c RecallCertainty) Valid() bool { return slices.Contains(RecallCertainties(), c) }

// RecallChannel is a way to tell a patient.
type RecallChannel string

// The channels.
const (
	RecallByPhone  RecallChannel = "phone"
	RecallBySMS    RecallChannel = "sms"
	RecallByEmail  RecallChannel = "email"
	RecallByPost   RecallChannel = "post"
	RecallByApp    RecallChannel = "app" // a notice in the host's own app
	RecallInPerson RecallChannel = "in-person"
)

// RecallChannels returns every channel.
func RecallChannels() []RecallChannel {
	return []RecallChannel{RecallByPhone, RecallBySMS, RecallByEmail, RecallByPost, RecallByApp, RecallInPerson}
}

// Valid reports whether c is one of [RecallChannels].
func (c RecallChannel) Valid() bool { return slices.Contains(RecallChannels(), c) }

// ContactOutcome says what came of an attempt to tell a patient.
type ContactOutcome string

// The outcomes.
const (
	ContactSent          ContactOutcome = "sent" // and nobody knows whether it was read
	ContactNoAnswer      ContactOutcome = "no-answer"
	ContactMessageLeft   ContactOutcome = "message-left"
	ContactUndeliverable ContactOutcome = "undeliverable"
	ContactInformed      ContactOutcome = "informed" // the patient, or who acts for them, was told
)

// ContactOutcomes returns every outcome.
func ContactOutcomes() []ContactOutcome {
	return []ContactOutcome{ContactSent, ContactNoAnswer, ContactMessageLeft, ContactUndeliverable, ContactInformed}
}

// Valid reports whether o is one of [ContactOutcomes].
func (o ContactOutcome) Valid() bool { return slices.Contains(ContactOutcomes(), o) }

// TaskState says how far telling a patient is.
type TaskState string

// The states of a recall task.
const (
	TaskPending      TaskState = "pending"
	TaskAttempted    TaskState = "attempted"    // not known to have been told
	TaskInformed     TaskState = "informed"     // told
	TaskAcknowledged TaskState = "acknowledged" // and has confirmed it
	TaskUnreachable  TaskState = "unreachable"  // given up
	TaskExcused      TaskState = "excused"      // need not be told, such as who has died
	TaskCleared      TaskState = "cleared"      // received nothing of the lots after all
)

// TaskStates returns every state of a recall task.
func TaskStates() []TaskState {
	return []TaskState{TaskPending, TaskAttempted, TaskInformed, TaskAcknowledged, TaskUnreachable, TaskExcused, TaskCleared}
}

// Valid reports whether s is one of [TaskStates].
func (s TaskState) Valid() bool { return slices.Contains(TaskStates(), s) }

// RecallTaskMachine returns the state machine of a recall task. Reopen is also
// what happens to who was told of a suspicion that has become certain.
func RecallTaskMachine() state.Machine[TaskState] {
	return state.Machine[TaskState]{Name: "recall task", Arrows: []state.Arrow[TaskState]{
		{From: TaskPending, Action: "attempt", To: TaskAttempted},
		{From: TaskPending, Action: "inform", To: TaskInformed},
		{From: TaskPending, Action: "excuse", To: TaskExcused},
		{From: TaskPending, Action: "clear", To: TaskCleared},
		{From: TaskAttempted, Action: "attempt", To: TaskAttempted},
		{From: TaskAttempted, Action: "inform", To: TaskInformed},
		{From: TaskAttempted, Action: "acknowledge", To: TaskAcknowledged},
		{From: TaskAttempted, Action: "give up", To: TaskUnreachable},
		{From: TaskAttempted, Action: "excuse", To: TaskExcused},
		{From: TaskAttempted, Action: "clear", To: TaskCleared},
		{From: TaskInformed, Action: "attempt", To: TaskInformed},
		{From: TaskInformed, Action: "inform", To: TaskInformed},
		{From: TaskInformed, Action: "acknowledge", To: TaskAcknowledged},
		{From: TaskInformed, Action: "reopen", To: TaskPending},
		{From: TaskAcknowledged, Action: "reopen", To: TaskPending},
		{From: TaskUnreachable, Action: "attempt", To: TaskAttempted},
		{From: TaskUnreachable, Action: "inform", To: TaskInformed},
		{From: TaskUnreachable, Action: "acknowledge", To: TaskAcknowledged},
		{From: TaskUnreachable, Action: "excuse", To: TaskExcused},
		{From: TaskUnreachable, Action: "clear", To: TaskCleared},
		{From: TaskUnreachable, Action: "reopen", To: TaskPending},
		{From: TaskExcused, Action: "reopen", To: TaskPending},
		{From: TaskCleared, Action: "reopen", To: TaskPending},
	}}
}

// ContactAttempt is one attempt to tell a patient.
type ContactAttempt struct {
	Channel  RecallChannel    `json:"channel"`
	Outcome  ContactOutcome   `json:"outcome"`
	By       glabella.StaffID `json:"by"`
	At       time.Time        `json:"at"`                 // UTC, microseconds
	Document string           `json:"document,omitempty"` // number of the letter or message
}

// RecallTask is what is done to tell one patient of a recall.
type RecallTask struct {
	Patient      glabella.PatientID `json:"patient"`
	Certainty    RecallCertainty    `json:"certainty"`
	Lots         []glabella.LotID   `json:"lots"` // of the recall, that the certainty is about
	State        TaskState          `json:"state"`
	Attempts     []ContactAttempt   `json:"attempts"`              // in order; they stay when the task is reopened
	Acknowledged RecallStep         `json:"acknowledged,omitzero"` // who recorded that the patient has confirmed it
	Settled      RecallStep         `json:"settled,omitzero"`      // why nobody tries any more; by nobody if a new trace has cleared it
}

// Open reports whether the patient is still to be told.
func (t RecallTask) Open() bool { return t.State == TaskPending || t.State == TaskAttempted }

func (t RecallTask) issues(path string, lots []glabella.LotID) []glabella.Issue {
	var out []glabella.Issue
	add := func(at string, code glabella.Code, text string) {
		out = append(out, glabella.Issue{Path: path + at, Code: code, Text: text})
	}
	if t.Patient.IsZero() {
		add("/patient", glabella.CodeRequired, "a task is about a patient")
	}
	if !t.Certainty.Valid() {
		add("/certainty", glabella.CodeUnknownValue, "not a certainty")
	}
	if !t.State.Valid() {
		add("/state", glabella.CodeUnknownValue, "not a state of a task")
	}
	if len(t.Lots) == 0 {
		add("/lots", glabella.CodeRequired, "a task is about a lot")
	}
	for i, lot := range t.Lots {
		if !slices.Contains(lots, lot) || slices.Contains(t.Lots[:i], lot) {
			add(fmt.Sprintf("/lots/%d", i), CodeRecallTasks, "a lot of a task is one of the recall, and stands once")
		}
	}
	for i, a := range t.Attempts {
		at := fmt.Sprintf("/attempts/%d", i)
		if !a.Channel.Valid() {
			add(at+"/channel", glabella.CodeUnknownValue, "not a channel")
		}
		if !a.Outcome.Valid() {
			add(at+"/outcome", glabella.CodeUnknownValue, "not an outcome")
		}
		if a.By.IsZero() || a.At.IsZero() {
			add(at, glabella.CodeRequired, "an attempt says by whom and when")
		}
	}
	if (t.State == TaskAcknowledged) != !t.Acknowledged.At.IsZero() || !t.Acknowledged.At.IsZero() && t.Acknowledged.By.IsZero() {
		add("/acknowledged", CodeRecallTasks, "what was confirmed, and only that, says by whom it was recorded and when")
	}
	settled := t.State == TaskUnreachable || t.State == TaskExcused || t.State == TaskCleared
	if settled != (!t.Settled.At.IsZero() && t.Settled.Reason != "") {
		add("/settled", CodeRecallTasks, "what nobody tries any more, and only that, says when and why")
	} else if t.Settled.Reason != "" && !reasonForm.MatchString(t.Settled.Reason) {
		add("/settled/reason", glabella.CodeFormat, "a reason is a code in kebab-case")
	}
	if t.State == TaskAttempted && len(t.Attempts) == 0 {
		add("/attempts", CodeRecallTasks, "what was attempted has an attempt")
	}
	return out
}

// reasonTraced is the reason of a task that a new trace has cleared.
const reasonTraced = "not-in-trace"

// retrace returns the task as a new trace has it.
func (t RecallTask) retrace(now RecallTask, found bool, at time.Time) RecallTask {
	if !found {
		if t.State == TaskPending { // nobody was told anything yet
			t.State, t.Settled = TaskCleared, RecallStep{Reason: reasonTraced, At: instant(at)}
		}
		return t
	}
	surer := t.Certainty == RecallSuspected && now.Certainty == RecallExposed
	told := t.State == TaskInformed || t.State == TaskAcknowledged
	if told && !surer && !slices.Equal(t.Lots, now.Lots) && slices.ContainsFunc(now.Lots, func(l glabella.LotID) bool { return !slices.Contains(t.Lots, l) }) {
		surer = true // of one more lot
	}
	if t.State == TaskCleared && (surer || t.Settled.Reason == reasonTraced) || told && surer {
		t.State, t.Settled, t.Acknowledged = TaskPending, RecallStep{}, RecallStep{}
	}
	t.Certainty, t.Lots = now.Certainty, now.Lots
	return t
}

// step changes the task of a patient by an action of the machine.
func (c RecallCase) step(who glabella.PatientID, action string, change func(*RecallTask)) (RecallCase, error) {
	if c.State != RecallOpen {
		return c, &glabella.TransitionError{Machine: RecallMachine().Name, From: string(c.State), Action: action}
	}
	i, ok := slices.BinarySearchFunc(c.Tasks, who, func(t RecallTask, who glabella.PatientID) int { return byBytes(t.Patient, who) })
	if !ok {
		return c, glabella.Invalid("recall case", glabella.Issue{Path: "/tasks", Code: CodeRecallNobody, Text: "the patient has no task in the recall"})
	}
	t := c.Tasks[i]
	next, err := RecallTaskMachine().Next(t.State, action)
	if err != nil {
		return c, err
	}
	t.State, t.Settled, t.Acknowledged = next, RecallStep{}, RecallStep{}
	change(&t)
	out := c
	out.Tasks = slices.Clone(c.Tasks)
	out.Tasks[i] = t
	if err := out.Validate(); err != nil {
		return c, err
	}
	return out, nil
}

// Contact records an attempt to tell a patient. Whether the channel is one that
// the patient wants is asked before; a recall may be reason enough to use another.
func (c RecallCase) Contact(who glabella.PatientID, a ContactAttempt) (RecallCase, error) {
	action := "attempt"
	if a.Outcome == ContactInformed {
		action = "inform"
	}
	a.At = instant(a.At)
	return c.step(who, action, func(t *RecallTask) { t.Attempts = append(slices.Clone(t.Attempts), a) })
}

// Acknowledge records that the patient has confirmed being told.
func (c RecallCase) Acknowledge(who glabella.PatientID, s RecallStep) (RecallCase, error) {
	s.At = instant(s.At)
	return c.step(who, "acknowledge", func(t *RecallTask) { t.Acknowledged = s })
}

// GiveUp records that a patient cannot be reached, after at least one attempt.
func (c RecallCase) GiveUp(who glabella.PatientID, s RecallStep) (RecallCase, error) {
	return c.settle(who, "give up", s)
}

// Excuse records that a patient need not be told, with the reason.
func (c RecallCase) Excuse(who glabella.PatientID, s RecallStep) (RecallCase, error) {
	return c.settle(who, "excuse", s)
}

// Clear records that a patient received nothing of the lots after all, with the
// reason.
func (c RecallCase) Clear(who glabella.PatientID, s RecallStep) (RecallCase, error) {
	return c.settle(who, "clear", s)
}

func (c RecallCase) settle(who glabella.PatientID, action string, s RecallStep) (RecallCase, error) {
	s.At = instant(s.At)
	return c.step(who, action, func(t *RecallTask) { t.Settled = s })
}

// ReopenTask puts a patient back on the list.
func (c RecallCase) ReopenTask(who glabella.PatientID) (RecallCase, error) {
	return c.step(who, "reopen", func(*RecallTask) {})
}

// RecallProgress counts the tasks of a recall. Every task is in one of the first
// six counts.
type RecallProgress struct {
	Pending      int // nobody has told them, whether it was tried or not
	Informed     int // told, not confirmed
	Acknowledged int
	Unreachable  int
	Excused      int
	Cleared      int
	Exposed      int // of those who are not cleared
	Suspected    int // of those who are not cleared
}

// Told returns how many were told, whether they confirmed it or not.
func (p RecallProgress) Told() int { return p.Informed + p.Acknowledged }

// Progress counts the tasks.
func (c RecallCase) Progress() RecallProgress {
	var p RecallProgress
	for _, t := range c.Tasks {
		switch t.State {
		case TaskInformed:
			p.Informed++
		case TaskAcknowledged:
			p.Acknowledged++
		case TaskUnreachable:
			p.Unreachable++
		case TaskExcused:
			p.Excused++
		case TaskCleared:
			p.Cleared++
			continue
		default:
			p.Pending++
		}
		if t.Certainty == RecallExposed {
			p.Exposed++
		} else {
			p.Suspected++
		}
	}
	return p
}

// Worklist returns the tasks of patients who are still to be told: those who are
// known to be exposed first, and then those whom nobody has tried for the longest
// time.
func (c RecallCase) Worklist() []RecallTask {
	out := slices.DeleteFunc(slices.Clone(c.Tasks), func(t RecallTask) bool { return !t.Open() })
	last := func(t RecallTask) time.Time {
		if n := len(t.Attempts); n > 0 {
			return t.Attempts[n-1].At
		}
		return time.Time{}
	}
	slices.SortStableFunc(out, func(a, b RecallTask) int {
		return cmp.Or(cmp.Compare(a.Certainty, b.Certainty), last(a).Compare(last(b)), byBytes(a.Patient, b.Patient))
	})
	return out
}
