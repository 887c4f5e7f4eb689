package practice

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/storage"
)

// RecallEvent is the event that a recall was opened, brought up to date or ended,
// or that a patient's task in it took a step.
type RecallEvent struct {
	Recall    glabella.RecallCaseID `json:"recall"`
	Reference string                `json:"reference"`
	State     inventory.RecallState `json:"state"`
	Lots      []glabella.LotID      `json:"lots"`
	Patient   glabella.PatientID    `json:"patient,omitzero"`
	Task      inventory.TaskState   `json:"task,omitempty"` // of the patient
	Pending   int                   `json:"pending"`        // patients who are still to be told
}

// RecallChanged is the receipt of the commands on recalls.
type RecallChanged struct {
	Recall   glabella.RecallCaseID    `json:"recall"`
	State    inventory.RecallState    `json:"state"`
	Lots     []glabella.LotID         `json:"lots"`
	Unknown  []string                 `json:"unknown"` // numbers of lots that were never received
	Progress inventory.RecallProgress `json:"progress"`
	Version  uint64                   `json:"version"`
}

// OpenRecall is the input of [Practice.OpenRecall]: the manufacturer's notice.
type OpenRecall struct {
	Command
	Reference string                `json:"reference"`         // number of the recall
	Class     inventory.RecallClass `json:"class,omitempty"`   // none until an authority gives one
	Product   string                `json:"product,omitempty"` // code of the catalogue; empty is every product that has lots of these numbers
	Lots      []string              `json:"lots"`              // numbers as printed
}

// OpenRecall takes lots out of use for good, at every site, and opens a case with a
// task for each patient who received something of them or, because no lot is on
// record, may have. Numbers that were never received are named in the receipt; if
// none was, there is nothing to open.
func (p *Practice) OpenRecall(ctx context.Context, actor glabella.Actor, in OpenRecall) (RecallChanged, error) {
	return run(ctx, p, actor, access.RecallManage, glabella.PatientID{}, in, func(ctx context.Context, w *work, in OpenRecall, out *RecallChanged) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		o := inventory.RecallOpening{ID: glabella.RecallCaseID(w.NewUUID()), Reference: in.Reference, Class: in.Class, By: by, At: w.Now()}
		for _, number := range in.Lots {
			held, err := w.recallLots(ctx, number, in.Product, in.Reference)
			if err != nil {
				return failed(err)
			}
			if len(held) == 0 {
				out.Unknown = append(out.Unknown, number)
			}
			for _, id := range held {
				if !slices.Contains(o.Lots, id) {
					o.Lots = append(o.Lots, id)
				}
			}
		}
		if len(o.Lots) == 0 {
			return failed(glabella.Invalid("recall case", glabella.Issue{Path: "/lots", Code: CodeLotUnknown, Text: "no lot of these numbers has been received"}))
		}
		traces, err := w.recallTraces(ctx, o.Lots)
		if err != nil {
			return failed(err)
		}
		c, err := inventory.OpenRecall(o, traces...)
		if err != nil {
			return failed(err)
		}
		return w.recalled(ctx, c, "inventory.recall-opened", glabella.PatientID{}, out)
	})
}

// recallLots holds every lot of a number, and returns them.
func (w *work) recallLots(ctx context.Context, number, product, reference string) ([]glabella.LotID, error) {
	if number == "" {
		return nil, nil
	}
	lots, err := w.Lots().All(ctx, storage.LotQuery{Number: number})
	if err != nil {
		return nil, err
	}
	var out []glabella.LotID
	for _, lot := range lots {
		if product != "" {
			of, err := w.Products().Get(ctx, lot.Product)
			if err != nil {
				return nil, err
			}
			if of.Code != product {
				continue
			}
		}
		if lot.State != inventory.LotRecalled {
			if lot, err = lot.Recall(reference); err != nil {
				return nil, err
			}
			if _, err := w.Lots().Put(ctx, lot); err != nil {
				return nil, err
			}
		}
		out = append(out, lot.ID)
	}
	return out, nil
}

// recallTraces returns where lots went. Who was merged stands under the record that
// is kept, so that nobody is told twice.
func (w *work) recallTraces(ctx context.Context, lots []glabella.LotID) ([]inventory.LotTrace, error) {
	traces, err := w.stock().traces(ctx, lots)
	if err != nil {
		return nil, err
	}
	return traces, survivors(ctx, w.Merges().Seen, traces)
}

func survivors(ctx context.Context, merges storage.SeenMerges, traces []inventory.LotTrace) error {
	known := map[glabella.PatientID]glabella.PatientID{}
	of := func(id *glabella.PatientID) error {
		if _, ok := known[*id]; !ok {
			who, err := personOf(ctx, merges, *id)
			if err != nil {
				return err
			}
			known[*id] = who.survivor
		}
		*id = known[*id]
		return nil
	}
	for _, t := range traces {
		for i := range t.Exposures {
			if err := of(&t.Exposures[i].Patient); err != nil {
				return err
			}
		}
		for i := range t.Suspects {
			if err := of(&t.Suspects[i].Patient); err != nil {
				return err
			}
		}
	}
	return nil
}

// recalled stores a step of a recall, of one patient's task if a patient is named.
func (w *work) recalled(ctx context.Context, c inventory.RecallCase, event string, who glabella.PatientID, out *RecallChanged) (storage.Outcome, error) {
	c, err := w.Recalls().Put(ctx, c)
	if err != nil {
		return failed(err)
	}
	out.Recall, out.State, out.Lots, out.Progress, out.Version = c.ID, c.State, c.Lots, c.Progress(), c.Version
	e := RecallEvent{Recall: c.ID, Reference: c.Reference, State: c.State, Lots: c.Lots, Pending: out.Progress.Pending}
	if i := taskOf(c, who); i >= 0 {
		e.Patient, e.Task = who, c.Tasks[i].State
	}
	return recorded(event, e)
}

func taskOf(c inventory.RecallCase, who glabella.PatientID) int {
	return slices.IndexFunc(c.Tasks, func(t inventory.RecallTask) bool { return t.Patient == who })
}

// recall returns a recall at the version that the caller has seen, and who works
// on it.
func (w *work) recall(ctx context.Context, id glabella.RecallCaseID) (inventory.RecallCase, glabella.StaffID, error) {
	by, err := w.staff()
	if err != nil {
		return inventory.RecallCase{}, by, err
	}
	c, err := w.Recalls().Get(ctx, id)
	if err != nil {
		return c, by, err
	}
	return c, by, w.expect(c.Ref(), c.Version)
}

// RetraceRecall is the input of [Practice.RetraceRecall].
type RetraceRecall struct {
	Command
	Recall glabella.RecallCaseID `json:"recall"`
}

// RetraceRecall brings the tasks of an open recall up to date: a lot that was found
// for what was charted without one names patients who were not on the list, or
// makes certain who only may have been concerned.
func (p *Practice) RetraceRecall(ctx context.Context, actor glabella.Actor, in RetraceRecall) (RecallChanged, error) {
	return run(ctx, p, actor, access.RecallManage, glabella.PatientID{}, in, func(ctx context.Context, w *work, in RetraceRecall, out *RecallChanged) (storage.Outcome, error) {
		c, _, err := w.recall(ctx, in.Recall)
		if err != nil {
			return failed(err)
		}
		traces, err := w.recallTraces(ctx, c.Lots)
		if err != nil {
			return failed(err)
		}
		if c, err = c.Retrace(w.Now(), traces...); err != nil {
			return failed(err)
		}
		return w.recalled(ctx, c, "inventory.recall-retraced", glabella.PatientID{}, out)
	})
}

// RecallTaskStep is what is done about a patient's task in a recall.
type RecallTaskStep string

// The steps.
const (
	RecallContact     RecallTaskStep = "contact"     // an attempt to tell the patient
	RecallAcknowledge RecallTaskStep = "acknowledge" // the patient has confirmed being told
	RecallGiveUp      RecallTaskStep = "give-up"     // the patient cannot be reached
	RecallExcuse      RecallTaskStep = "excuse"      // the patient need not be told
	RecallClear       RecallTaskStep = "clear"       // the patient received nothing of the lots after all
	RecallReopenTask  RecallTaskStep = "reopen"
)

// RecallTaskSteps returns every step.
func RecallTaskSteps() []RecallTaskStep {
	return []RecallTaskStep{RecallContact, RecallAcknowledge, RecallGiveUp, RecallExcuse, RecallClear, RecallReopenTask}
}

// StepRecallTask is the input of [Practice.StepRecallTask].
type StepRecallTask struct {
	Command
	Recall   glabella.RecallCaseID    `json:"recall"`
	Patient  glabella.PatientID       `json:"patient"`
	Step     RecallTaskStep           `json:"step"`
	Channel  inventory.RecallChannel  `json:"channel,omitempty"`  // of a contact
	Outcome  inventory.ContactOutcome `json:"outcome,omitempty"`  // of a contact
	Document string                   `json:"document,omitempty"` // number of the letter or message
	Reason   string                   `json:"reason,omitempty"`   // of the other steps, a code in kebab-case
}

// StepRecallTask records what was done about one patient's task in a recall: an
// attempt to tell them and what came of it, that they have confirmed it, or why
// nobody tries any more. Whether a channel may be used is asked with
// [Practice.RecallLetter] or [Practice.MayReach].
func (p *Practice) StepRecallTask(ctx context.Context, actor glabella.Actor, in StepRecallTask) (RecallChanged, error) {
	return run(ctx, p, actor, access.RecallManage, in.Patient, in, func(ctx context.Context, w *work, in StepRecallTask, out *RecallChanged) (storage.Outcome, error) {
		c, by, err := w.recall(ctx, in.Recall)
		if err != nil {
			return failed(err)
		}
		step := inventory.RecallStep{Reason: in.Reason, By: by, At: w.Now()}
		switch in.Step {
		case RecallContact:
			c, err = c.Contact(in.Patient, inventory.ContactAttempt{Channel: in.Channel, Outcome: in.Outcome, By: by, At: w.Now(), Document: in.Document})
		case RecallAcknowledge:
			c, err = c.Acknowledge(in.Patient, step)
		case RecallGiveUp:
			c, err = c.GiveUp(in.Patient, step)
		case RecallExcuse:
			c, err = c.Excuse(in.Patient, step)
		case RecallClear:
			c, err = c.Clear(in.Patient, step)
		case RecallReopenTask:
			c, err = c.ReopenTask(in.Patient)
		default:
			err = glabella.Invalid("recall task", glabella.Issue{Path: "/step", Code: glabella.CodeUnknownValue, Text: "not a step of a task"})
		}
		if err != nil {
			return failed(err)
		}
		return w.recalled(ctx, c, "inventory.recall-task", in.Patient, out)
	})
}

// EndRecall is the input of [Practice.CloseRecall], [Practice.CancelRecall] and
// [Practice.ReopenRecall].
type EndRecall struct {
	Command
	Recall glabella.RecallCaseID `json:"recall"`
	Reason string                `json:"reason,omitempty"` // a code in kebab-case; needed to cancel
}

// CloseRecall closes a recall when everybody is told and nothing of the lots is
// left at any site, in transit or in an opened container. That patients could not
// be reached or have not confirmed it, and that something went to nobody on record,
// warns.
func (p *Practice) CloseRecall(ctx context.Context, actor glabella.Actor, in EndRecall) (RecallChanged, error) {
	return run(ctx, p, actor, access.RecallManage, glabella.PatientID{}, in, func(ctx context.Context, w *work, in EndRecall, out *RecallChanged) (storage.Outcome, error) {
		c, by, err := w.recall(ctx, in.Recall)
		if err != nil {
			return failed(err)
		}
		f := inventory.RecallFacts{Case: c}
		for _, id := range c.Lots {
			lot, err := w.Lots().Get(ctx, id)
			if err != nil {
				return failed(err)
			}
			f.Lots = append(f.Lots, lot)
		}
		if f.Traces, err = w.recallTraces(ctx, c.Lots); err != nil {
			return failed(err)
		}
		if err := w.acknowledged(func(settled []glabella.Code) (err error) {
			c, err = c.Close(f, inventory.RecallStep{Reason: in.Reason, By: by, At: w.Now()}, settled...)
			return err
		}); err != nil {
			return failed(err)
		}
		return w.recalled(ctx, c, "inventory.recall-closed", glabella.PatientID{}, out)
	})
}

// CancelRecall ends a recall that does not concern the practice, with a reason. The
// lots stay out of use: a recall of a lot is final.
func (p *Practice) CancelRecall(ctx context.Context, actor glabella.Actor, in EndRecall) (RecallChanged, error) {
	return run(ctx, p, actor, access.RecallManage, glabella.PatientID{}, in, func(ctx context.Context, w *work, in EndRecall, out *RecallChanged) (storage.Outcome, error) {
		c, by, err := w.recall(ctx, in.Recall)
		if err != nil {
			return failed(err)
		}
		if c, err = c.Cancel(inventory.RecallStep{Reason: in.Reason, By: by, At: w.Now()}); err != nil {
			return failed(err)
		}
		return w.recalled(ctx, c, "inventory.recall-canceled", glabella.PatientID{}, out)
	})
}

// ReopenRecall opens a recall again that was closed or canceled.
func (p *Practice) ReopenRecall(ctx context.Context, actor glabella.Actor, in EndRecall) (RecallChanged, error) {
	return run(ctx, p, actor, access.RecallManage, glabella.PatientID{}, in, func(ctx context.Context, w *work, in EndRecall, out *RecallChanged) (storage.Outcome, error) {
		c, _, err := w.recall(ctx, in.Recall)
		if err != nil {
			return failed(err)
		}
		if c, err = c.Reopen(); err != nil {
			return failed(err)
		}
		return w.recalled(ctx, c, "inventory.recall-reopened", glabella.PatientID{}, out)
	})
}

// RecallStatus is the answer of [Practice.Recall].
type RecallStatus struct {
	Case     inventory.RecallCase
	Progress inventory.RecallProgress
	Traces   []inventory.LotTrace // as of now, in the order of the case's lots
	Closable glabella.Decision
	Worklist []RecallWork // patients who are still to be told
}

// RecallWork is a patient who is to be told of a recall.
type RecallWork struct {
	Task    inventory.RecallTask
	Patient patient.Patient
}

// Recall returns a recall as it stands: where the lots are now, what keeps it from
// being closed, and who is still to be told, those who are known to be concerned
// first.
func (p *Practice) Recall(ctx context.Context, actor glabella.Actor, id glabella.RecallCaseID) (RecallStatus, error) {
	return query(ctx, p, actor, access.RecallManage, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (RecallStatus, error) {
		c, err := r.Recalls().Get(ctx, id)
		if err != nil {
			return RecallStatus{}, err
		}
		out := RecallStatus{Case: c, Progress: c.Progress()}
		f := inventory.RecallFacts{Case: c}
		for _, id := range c.Lots {
			lot, err := r.Lots().Get(ctx, id)
			if err != nil {
				return RecallStatus{}, err
			}
			f.Lots = append(f.Lots, lot)
		}
		if out.Traces, err = seenStock(r).traces(ctx, c.Lots); err != nil {
			return RecallStatus{}, err
		}
		if err := survivors(ctx, r.Merges(), out.Traces); err != nil {
			return RecallStatus{}, err
		}
		f.Traces = out.Traces
		out.Closable = inventory.RecallClosable(f)
		for _, task := range c.Worklist() {
			who, err := viewOf(ctx, r, task.Patient)
			if err != nil {
				return RecallStatus{}, err
			}
			out.Worklist = append(out.Worklist, RecallWork{Task: task, Patient: who})
		}
		return out, nil
	})
}

// recallsOf returns the recalls in which a person has a task, without the tasks of
// others.
func recallsOf(ctx context.Context, who person, recalls storage.SeenRecalls) ([]inventory.RecallCase, error) {
	var out []inventory.RecallCase
	for _, id := range who.members {
		cases, err := recalls.All(ctx, storage.RecallQuery{Patient: id})
		if err != nil {
			return nil, err
		}
		for _, c := range cases {
			if !slices.ContainsFunc(out, func(known inventory.RecallCase) bool { return known.ID == c.ID }) {
				out = append(out, c.About(who.members...))
			}
		}
	}
	return out, nil
}

// Recalls returns every recall, the newest last.
func (p *Practice) Recalls(ctx context.Context, actor glabella.Actor) ([]inventory.RecallCase, error) {
	return query(ctx, p, actor, access.RecallManage, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]inventory.RecallCase, error) {
		return r.Recalls().All(ctx, storage.RecallQuery{})
	})
}

// RecallLetter is the question of [Practice.RecallLetter].
type RecallLetter struct {
	Recall   glabella.RecallCaseID
	Patient  glabella.PatientID
	Channel  patient.Channel      // by which it is to go; empty is by post
	Language string               // of [inventory.RecallLetterLanguages]; empty is the first of them that the patient prefers
	Contact  string               // where the patient is to call or write
	Policy   *patient.ReachPolicy // nil is [patient.DefaultReachPolicy]
}

// RecallMail is a letter to a patient about one lot of a recall.
type RecallMail struct {
	Lot           glabella.LotID
	Language      string
	Subject, Body string
}

// RecallLetters is the answer of [Practice.RecallLetter].
type RecallLetters struct {
	Letters []RecallMail
	MayGo   glabella.Decision // by the channel, at this time
}

// RecallLetter returns the letters to a patient about a recall, one for each lot,
// and whether they may go by the channel now. A recall is a matter of safety, for
// which quiet hours do not hold; a request for confidential communication does.
func (p *Practice) RecallLetter(ctx context.Context, actor glabella.Actor, q RecallLetter) (RecallLetters, error) {
	return query(ctx, p, actor, access.RecallManage, q.Patient, func(ctx context.Context, r *storage.Reading) (RecallLetters, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return RecallLetters{}, err
		}
		c, err := r.Recalls().Get(ctx, q.Recall)
		if err != nil {
			return RecallLetters{}, err
		}
		i := taskOf(c, q.Patient)
		if i < 0 {
			return RecallLetters{}, glabella.Invalid("recall letter", glabella.Issue{Path: "/patient", Code: inventory.CodeRecallNobody, Text: "the patient has no task in the recall"})
		}
		who, err := viewOf(ctx, r, q.Patient)
		if err != nil {
			return RecallLetters{}, err
		}
		var out RecallLetters
		f := patient.CommunicationFacts{Patient: who, Channel: cmp.Or(q.Channel, patient.ChannelPost), Purpose: patient.ReachCare, At: r.Now(), Zone: site.zone, Urgent: true, Policy: patient.DefaultReachPolicy()}
		if q.Policy != nil {
			f.Policy = *q.Policy
		}
		out.MayGo = patient.MayReach(f)
		traces, err := seenStock(r).traces(ctx, c.Tasks[i].Lots)
		if err != nil {
			return RecallLetters{}, err
		}
		if err := survivors(ctx, r.Merges(), traces); err != nil {
			return RecallLetters{}, err
		}
		language := cmp.Or(q.Language, letterLanguage(who.Languages))
		for _, t := range traces {
			lot, err := r.Lots().Get(ctx, t.Lot)
			if err != nil {
				return RecallLetters{}, err
			}
			product, err := r.Products().Get(ctx, lot.Product)
			if err != nil {
				return RecallLetters{}, err
			}
			letter := inventory.RecallLetter{
				Patient: who.DisplayName(), Practice: site.Name, Contact: q.Contact, Product: product.Name, Lot: lot.Number, Reference: c.Reference,
				Given: givenOn(t, q.Patient, site), Certainty: c.Tasks[i].Certainty,
			}
			mail := RecallMail{Lot: lot.ID, Language: language}
			if mail.Subject, mail.Body, err = letter.Text(language); err != nil {
				return RecallLetters{}, fmt.Errorf("%s: %w", c.Ref(), err)
			}
			out.Letters = append(out.Letters, mail)
		}
		return out, nil
	})
}

// givenOn returns the last day on which the patient received something of the lot,
// or may have.
func givenOn(t inventory.LotTrace, who glabella.PatientID, site place) string {
	var day glabella.Date
	for _, e := range t.Exposures {
		if e.Patient == who {
			day = glabella.DateOf(e.At.In(site.zone))
		}
	}
	if day.IsZero() {
		for _, s := range t.Suspects {
			if s.Patient == who {
				day = glabella.DateOf(s.At.In(site.zone))
			}
		}
	}
	return day.String()
}

// letterLanguage returns the first of the patient's languages in which there is a
// letter, and English if there is none.
func letterLanguage(languages []string) string {
	for _, tag := range languages {
		for _, have := range inventory.RecallLetterLanguages() {
			if tag == have || len(tag) > len(have) && tag[:len(have)+1] == have+"-" {
				return have
			}
		}
	}
	return inventory.RecallLetterLanguages()[0]
}

// viewOf returns a patient as they are seen, with what belongs to merged records.
func viewOf(ctx context.Context, r *storage.Reading, id glabella.PatientID) (patient.Patient, error) {
	who, err := personOf(ctx, r.Merges(), id)
	if err != nil {
		return patient.Patient{}, err
	}
	return who.view(ctx, r.Patients())
}
