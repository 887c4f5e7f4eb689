package practice

import (
	"context"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/storage"
)

// PatientChanged is the receipt of the commands on a patient's record.
type PatientChanged struct {
	Patient  glabella.PatientID    `json:"patient"`
	Standing patient.StandingState `json:"standing"`
	Version  uint64                `json:"version"`
}

// patientChanged is the event of a change of a patient's record.
type patientChanged struct {
	Patient  glabella.PatientID    `json:"patient"`
	Action   string                `json:"action"`
	Standing patient.StandingState `json:"standing,omitempty"`
	Reason   string                `json:"reason,omitempty"`
}

// changePatient changes one patient's record.
func changePatient[In input](ctx context.Context, p *Practice, actor glabella.Actor, action access.Action, in In, id glabella.PatientID, name, reason string,
	change func(w *work, old patient.Patient) (patient.Patient, error),
) (PatientChanged, error) {
	return run(ctx, p, actor, action, id, in, func(ctx context.Context, w *work, _ In, out *PatientChanged) (storage.Outcome, error) {
		old, err := w.Patients().Get(ctx, id)
		if err != nil {
			return failed(err)
		}
		if err := w.expect(old.Ref(), old.Version); err != nil {
			return failed(err)
		}
		if reason != "" {
			if err := reasonCode("/reason", reason); err != nil {
				return failed(err)
			}
		}
		changed, err := change(w, old)
		if err != nil {
			return failed(err)
		}
		if changed, err = w.Patients().Put(ctx, changed); err != nil {
			return failed(err)
		}
		*out = PatientChanged{Patient: id, Standing: changed.Standing.Current(), Version: changed.Version}
		return recorded("patient.changed", patientChanged{Patient: id, Action: name, Standing: out.Standing, Reason: reason})
	})
}

// DismissPatient is the input of [Practice.DismissPatient].
type DismissPatient struct {
	Command
	Patient        glabella.PatientID `json:"patient"`
	Reason         string             `json:"reason"`                  // a code of the practice's own
	NoticeOn       glabella.Date      `json:"noticeOn"`                // when the patient was told
	On             glabella.Date      `json:"on"`                      // when it takes effect
	EmergencyUntil glabella.Date      `json:"emergencyUntil,omitzero"` // the last day of emergency care; zero is that there is none
}

// DismissPatient ends the practice's relationship with a patient. The record
// stays, and takes no booking from that day on but for emergencies.
func (p *Practice) DismissPatient(ctx context.Context, actor glabella.Actor, in DismissPatient) (PatientChanged, error) {
	return changePatient(ctx, p, actor, access.PatientStanding, in, in.Patient, "dismiss", in.Reason, func(w *work, old patient.Patient) (patient.Patient, error) {
		return old.Dismiss(patient.Dismissal{Reason: in.Reason, NoticeOn: in.NoticeOn, On: in.On, EmergencyUntil: in.EmergencyUntil}, w.entered())
	})
}

// ReadmitPatient is the input of [Practice.ReadmitPatient].
type ReadmitPatient struct {
	Command
	Patient glabella.PatientID `json:"patient"`
	Reason  string             `json:"reason"` // a code of the practice's own
}

// ReadmitPatient takes a dismissed patient on again.
func (p *Practice) ReadmitPatient(ctx context.Context, actor glabella.Actor, in ReadmitPatient) (PatientChanged, error) {
	return changePatient(ctx, p, actor, access.PatientStanding, in, in.Patient, "readmit", in.Reason, func(w *work, old patient.Patient) (patient.Patient, error) {
		return old.Readmit(in.Reason, w.entered())
	})
}

// DeactivatePatient is the input of [Practice.DeactivatePatient].
type DeactivatePatient struct {
	Command
	Patient glabella.PatientID `json:"patient"`
	Reason  string             `json:"reason"` // a code of the practice's own
}

// DeactivatePatient marks the record of a patient who has not come for long.
func (p *Practice) DeactivatePatient(ctx context.Context, actor glabella.Actor, in DeactivatePatient) (PatientChanged, error) {
	return changePatient(ctx, p, actor, access.PatientUpdate, in, in.Patient, "deactivate", in.Reason, func(w *work, old patient.Patient) (patient.Patient, error) {
		return old.Deactivate(in.Reason, w.entered())
	})
}

// ReactivatePatient is the input of [Practice.ReactivatePatient].
type ReactivatePatient struct {
	Command
	Patient glabella.PatientID `json:"patient"`
}

// ReactivatePatient returns an inactive patient to active.
func (p *Practice) ReactivatePatient(ctx context.Context, actor glabella.Actor, in ReactivatePatient) (PatientChanged, error) {
	return changePatient(ctx, p, actor, access.PatientUpdate, in, in.Patient, "reactivate", "", func(w *work, old patient.Patient) (patient.Patient, error) {
		return old.Reactivate(w.entered())
	})
}

// RecordDeath is the input of [Practice.RecordDeath].
type RecordDeath struct {
	Command
	Patient glabella.PatientID `json:"patient"`
	On      glabella.Date      `json:"on,omitzero"` // zero is not known
}

// RecordDeath records that a patient has died. Nothing is sent to them any more.
func (p *Practice) RecordDeath(ctx context.Context, actor glabella.Actor, in RecordDeath) (PatientChanged, error) {
	return changePatient(ctx, p, actor, access.PatientStanding, in, in.Patient, "decease", "", func(w *work, old patient.Patient) (patient.Patient, error) {
		return old.Decease(in.On, w.entered())
	})
}

// CorrectDeath is the input of [Practice.CorrectDeath].
type CorrectDeath struct {
	Command
	Patient glabella.PatientID `json:"patient"`
	Reason  string             `json:"reason"` // a code of the practice's own
}

// CorrectDeath takes back that a patient has died.
func (p *Practice) CorrectDeath(ctx context.Context, actor glabella.Actor, in CorrectDeath) (PatientChanged, error) {
	return changePatient(ctx, p, actor, access.PatientStanding, in, in.Patient, "correct-death", in.Reason, func(w *work, old patient.Patient) (patient.Patient, error) {
		return old.CorrectDeath(in.Reason, w.entered())
	})
}

// RetractPatient is the input of [Practice.RetractPatient].
type RetractPatient struct {
	Command
	Patient glabella.PatientID `json:"patient"`
	Reason  string             `json:"reason"` // a code of the practice's own
}

// RetractPatient marks a record that was opened in error. It stays, with all that
// hangs on it, and takes no booking. Two records of one person are rather merged.
func (p *Practice) RetractPatient(ctx context.Context, actor glabella.Actor, in RetractPatient) (PatientChanged, error) {
	return changePatient(ctx, p, actor, access.PatientStanding, in, in.Patient, "retract", in.Reason, func(w *work, old patient.Patient) (patient.Patient, error) {
		return old.Retract(in.Reason, w.entered())
	})
}

// HoldPatient is the input of [Practice.HoldPatient].
type HoldPatient struct {
	Command
	Patient glabella.PatientID `json:"patient"`
	Reason  string             `json:"reason"` // a code, such as litigation
	From    glabella.Date      `json:"from"`
}

// HoldPatient puts a legal hold on a patient's record: nothing of it may be
// destroyed until the hold is released.
func (p *Practice) HoldPatient(ctx context.Context, actor glabella.Actor, in HoldPatient) (PatientChanged, error) {
	return changePatient(ctx, p, actor, access.PatientStanding, in, in.Patient, "hold", in.Reason, func(_ *work, old patient.Patient) (patient.Patient, error) {
		return old.Hold(patient.Hold{Reason: in.Reason, By: actor.Ref(), From: in.From})
	})
}

// ReleaseHold is the input of [Practice.ReleaseHold].
type ReleaseHold struct {
	Command
	Patient glabella.PatientID `json:"patient"`
	Hold    int                `json:"hold"` // its place among the patient's holds, from 0
}

// ReleaseHold ends a legal hold.
func (p *Practice) ReleaseHold(ctx context.Context, actor glabella.Actor, in ReleaseHold) (PatientChanged, error) {
	return changePatient(ctx, p, actor, access.PatientStanding, in, in.Patient, "release-hold", "", func(w *work, old patient.Patient) (patient.Patient, error) {
		return old.ReleaseHold(in.Hold, actor.Ref(), w.Now())
	})
}

// MayErase is the question of [Practice.MayErase].
type MayErase struct {
	Patient   glabella.PatientID
	Class     patient.RecordClass
	Last      glabella.Date            // the last entry, or the last day on which the document was in effect
	Policy    *patient.RetentionPolicy // nil is [patient.DefaultRetention]
	Requested bool                     // the patient asks for erasure under the GDPR
}

// MayErase answers whether records of a class may be destroyed today: legal holds
// and times of keeping refuse, with the law behind each.
func (p *Practice) MayErase(ctx context.Context, actor glabella.Actor, q MayErase) (glabella.Decision, error) {
	return query(ctx, p, actor, access.PatientStanding, q.Patient, func(ctx context.Context, r *storage.Reading) (glabella.Decision, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return glabella.Decision{}, err
		}
		who, err := personOf(ctx, r.Merges(), q.Patient)
		if err != nil {
			return glabella.Decision{}, err
		}
		f := patient.RetentionFacts{Patient: q.Patient, Policy: patient.DefaultRetention(), Class: q.Class, Last: q.Last, On: site.today, Requested: q.Requested}
		if q.Policy != nil {
			f.Policy = *q.Policy
		}
		for _, id := range who.members { // a hold on any record of the person is one on all
			record, err := r.Patients().Get(ctx, id)
			if err != nil {
				return glabella.Decision{}, err
			}
			f.Holds = append(f.Holds, record.Holds...)
			if f.BirthDate.IsZero() || record.BirthDate.After(f.BirthDate) {
				f.BirthDate = record.BirthDate // the later one keeps longer
			}
		}
		return patient.MayErase(f), nil
	})
}

// MayReach is the question of [Practice.MayReach].
type MayReach struct {
	Patient glabella.PatientID
	Channel patient.Channel
	Purpose patient.ReachPurpose
	Address string               // the contact's value; empty is any of the channel
	Urgent  bool                 // a message for the patient's safety: quiet hours do not hold it back
	Policy  *patient.ReachPolicy // nil is [patient.DefaultReachPolicy]
}

// MayReach answers whether a message may go to a patient now: their wishes, quiet
// hours, requests for confidential communication, and whether there is an address.
func (p *Practice) MayReach(ctx context.Context, actor glabella.Actor, q MayReach) (glabella.Decision, error) {
	return query(ctx, p, actor, access.PatientContact, q.Patient, func(ctx context.Context, r *storage.Reading) (glabella.Decision, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return glabella.Decision{}, err
		}
		who, err := personOf(ctx, r.Merges(), q.Patient)
		if err != nil {
			return glabella.Decision{}, err
		}
		seen, err := who.view(ctx, r.Patients())
		if err != nil {
			return glabella.Decision{}, err
		}
		f := patient.CommunicationFacts{Patient: seen, Channel: q.Channel, Purpose: q.Purpose, Address: q.Address, At: r.Now(), Zone: site.zone, Urgent: q.Urgent, Policy: patient.DefaultReachPolicy()}
		if q.Policy != nil {
			f.Policy = *q.Policy
		}
		return patient.MayReach(f), nil
	})
}
