package practice

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/storage"
)

// Codes of reasons against opening a record in an emergency, and of issues with it.
const (
	// CodeEmergencyTerms says that the practice's policy opens no records in an emergency.
	CodeEmergencyTerms glabella.Code = "practice.emergency.terms"
)

// RestrictPatient is the input of [Practice.RestrictPatient].
type RestrictPatient struct {
	Command
	Patient    glabella.PatientID `json:"patient"`
	Restricted bool               `json:"restricted"`
	Reason     string             `json:"reason"` // a code of the practice's own, such as vip or colleague
}

// RestrictPatient keeps a record to those who take part in the patient's care, as the
// rules of the policy say, or opens it to all again. In an emergency it is opened by
// [Practice.OpenRecord].
func (p *Practice) RestrictPatient(ctx context.Context, actor glabella.Actor, in RestrictPatient) (PatientChanged, error) {
	name := "restrict"
	if !in.Restricted {
		name = "unrestrict"
	}
	return changePatient(ctx, p, actor, access.PatientRestrict, in, in.Patient, name, in.Reason, func(_ *work, old patient.Patient) (patient.Patient, error) {
		if err := reasonCode("/reason", in.Reason); err != nil {
			return old, err
		}
		old.Restricted = in.Restricted
		return old, nil
	})
}

// OpenRecord is the input of [Practice.OpenRecord].
type OpenRecord struct {
	Command
	Patient glabella.PatientID `json:"patient"`
	Reason  string             `json:"reason"` // a code of the practice's own, such as emergency-care
	Text    string             `json:"text,omitempty"`
}

// EmergencyChanged is the receipt of the commands on records that were opened in an
// emergency, and the event that one changed.
type EmergencyChanged struct {
	Emergency glabella.BreakGlassID  `json:"emergency"`
	Patient   glabella.PatientID     `json:"patient"`
	By        glabella.StaffID       `json:"by"`
	State     access.BreakGlassState `json:"state"`
	Until     time.Time              `json:"until"`
	ReviewDue time.Time              `json:"reviewDue"`
	Finding   access.Finding         `json:"finding,omitempty"`
	Version   uint64                 `json:"version"`
}

func emergencyChanged(b access.BreakGlass) EmergencyChanged {
	return EmergencyChanged{Emergency: b.ID, Patient: b.Patient, By: b.By, State: b.State, Until: b.Until, ReviewDue: b.ReviewDue, Finding: b.Finding, Version: b.Version}
}

// OpenRecord opens a patient's record to the actor in an emergency, against the rules
// on who takes part in the care and on restricted records: for reading, for as long as
// the policy's terms say. Whatever is read then is journaled as read in an emergency,
// and somebody else reviews it.
func (p *Practice) OpenRecord(ctx context.Context, actor glabella.Actor, in OpenRecord) (EmergencyChanged, error) {
	return run(ctx, p, actor, access.EmergencyOpen, in.Patient, in, func(ctx context.Context, w *work, in OpenRecord, out *EmergencyChanged) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		if err := reasonCode("/reason", in.Reason); err != nil {
			return failed(err)
		}
		if _, err := w.Patients().Get(ctx, in.Patient); err != nil {
			return failed(err)
		}
		terms := w.Rules().Policy().Emergency
		if terms.Length <= 0 {
			return failed(glabella.Refuse(glabella.Decide(glabella.Denied(CodeEmergencyTerms, "the policy opens no records in an emergency").For(in.Patient.Ref()).WithFix("ask somebody who takes part in the care"))))
		}
		b := terms.Open(access.BreakGlass{ID: glabella.BreakGlassID(w.NewUUID()), Patient: in.Patient, By: by, Site: actor.Site, Reason: in.Reason, Text: in.Text}, w.Now())
		if b, err = w.Emergencies().Put(ctx, b); err != nil {
			return failed(err)
		}
		*out = emergencyChanged(b)
		return recorded("access.record-opened", *out)
	})
}

// CloseRecord is the input of [Practice.CloseRecord].
type CloseRecord struct {
	Command
	Emergency glabella.BreakGlassID `json:"emergency"`
}

// CloseRecord closes a record before the time of the emergency is over.
func (p *Practice) CloseRecord(ctx context.Context, actor glabella.Actor, in CloseRecord) (EmergencyChanged, error) {
	return stepEmergency(ctx, p, actor, access.EmergencyOpen, in, in.Emergency, "access.record-closed", func(w *work, b access.BreakGlass, _ glabella.StaffID) (access.BreakGlass, error) {
		return b.End(w.Now())
	})
}

// ReviewEmergency is the input of [Practice.ReviewEmergency].
type ReviewEmergency struct {
	Command
	Emergency glabella.BreakGlassID `json:"emergency"`
	Finding   access.Finding        `json:"finding"`
}

// ReviewEmergency records what the review of an access in an emergency came to. Nobody
// reviews their own.
func (p *Practice) ReviewEmergency(ctx context.Context, actor glabella.Actor, in ReviewEmergency) (EmergencyChanged, error) {
	return stepEmergency(ctx, p, actor, access.EmergencyReview, in, in.Emergency, "access.emergency-reviewed", func(w *work, b access.BreakGlass, by glabella.StaffID) (access.BreakGlass, error) {
		w.DoneBy(b.By)
		return b.Review(by, in.Finding, w.Now())
	})
}

func stepEmergency[In input](ctx context.Context, p *Practice, actor glabella.Actor, action access.Action, in In, id glabella.BreakGlassID, name string,
	step func(w *work, b access.BreakGlass, by glabella.StaffID) (access.BreakGlass, error),
) (EmergencyChanged, error) {
	return run(ctx, p, actor, action, glabella.PatientID{}, in, func(ctx context.Context, w *work, _ In, out *EmergencyChanged) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		b, err := w.Emergencies().Get(ctx, id)
		if err != nil {
			return failed(err)
		}
		w.Concerns(b.Patient)
		if err := w.expect(b.Ref(), b.Version); err != nil {
			return failed(err)
		}
		if b, err = step(w, b, by); err != nil {
			return failed(err)
		}
		if b, err = w.Emergencies().Put(ctx, b); err != nil {
			return failed(err)
		}
		*out = emergencyChanged(b)
		return recorded(name, *out)
	})
}

// EmergencyTask is an access in an emergency that waits for its review.
type EmergencyTask struct {
	access.BreakGlass
	Overdue bool
	Read    []glabella.Ref // what was read while the record was open
}

// UnreviewedEmergencies returns the accesses in an emergency that wait for their
// review, in the order in which they are due, each with what was read.
func (p *Practice) UnreviewedEmergencies(ctx context.Context, actor glabella.Actor) ([]EmergencyTask, error) {
	return query(ctx, p, actor, access.EmergencyReview, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]EmergencyTask, error) {
		opened, err := r.Emergencies().All(ctx, storage.EmergencyQuery{Unreviewed: true})
		if err != nil {
			return nil, err
		}
		return emergencyTasks(ctx, r, opened)
	})
}

// emergencyTasks adds to accesses in an emergency what the journal says was read.
func emergencyTasks(ctx context.Context, r *storage.Reading, opened []access.BreakGlass) ([]EmergencyTask, error) {
	out := make([]EmergencyTask, len(opened))
	tasks := map[glabella.Ref]*EmergencyTask{}
	for i, b := range opened {
		out[i] = EmergencyTask{BreakGlass: b, Overdue: b.Overdue(r.Now())}
		tasks[b.Ref()] = &out[i]
	}
	for e, err := range r.Journal().Entries(ctx, 0, 0) {
		if err != nil {
			return nil, err
		}
		rec, err := audit.ParseRecord(e.Bytes)
		if err != nil {
			return nil, err
		}
		for _, reason := range rec.Reasons {
			if reason.Code != access.CodeBreakGlass {
				continue
			}
			for _, ref := range reason.Refs {
				if task := tasks[ref]; task != nil {
					task.Read = append(task.Read, rec.Reads...)
				}
			}
		}
	}
	for i := range out {
		slices.SortFunc(out[i].Read, func(a, b glabella.Ref) int { return strings.Compare(a.String(), b.String()) })
		out[i].Read = slices.Compact(out[i].Read)
	}
	slices.SortStableFunc(out, func(a, b EmergencyTask) int { return a.ReviewDue.Compare(b.ReviewDue) })
	return out, nil
}
