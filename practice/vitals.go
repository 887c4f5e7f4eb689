package practice

import (
	"context"
	"fmt"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
)

// RecordVitals is the input of [Practice.RecordVitals].
type RecordVitals struct {
	Command
	Patient      glabella.PatientID   `json:"patient"`
	Encounter    glabella.EncounterID `json:"encounter,omitzero"` // the visit in which they were taken
	At           time.Time            `json:"at,omitzero"`        // when; zero is now
	Measurements []Measure            `json:"measurements"`
}

// Measure is one vital sign as it was measured, in a unit of the clinic's choice
// that converts exactly to the one that is stored.
type Measure struct {
	Code   encounter.VitalSign `json:"code"`
	Value  quantity.Number     `json:"value"`
	Unit   string              `json:"unit"` // UCUM
	Method string              `json:"method,omitempty"`
	Site   string              `json:"site,omitempty"`
}

// VitalsRecorded is the receipt of [Practice.RecordVitals] and
// [Practice.AmendVitals].
type VitalsRecorded struct {
	Vitals  glabella.VitalsID `json:"vitals"`
	Version uint64            `json:"version"`
}

// RecordVitals records vital signs that the actor has measured.
func (p *Practice) RecordVitals(ctx context.Context, actor glabella.Actor, in RecordVitals) (VitalsRecorded, error) {
	return run(ctx, p, actor, access.VitalsRecord, in.Patient, in, func(ctx context.Context, w *work, in RecordVitals, out *VitalsRecorded) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		if _, err := w.Patients().Get(ctx, in.Patient); err != nil {
			return failed(err)
		}
		if err := w.visitOf(ctx, in.Encounter, in.Patient); err != nil {
			return failed(err)
		}
		v := encounter.Vitals{ID: glabella.VitalsID(w.NewUUID()), Patient: in.Patient, Encounter: in.Encounter, At: instant(in.At), By: by,
			Provenance: w.entered()}
		if in.At.IsZero() {
			v.At = w.Now()
		}
		if v.Measurements, err = measured(in.Measurements); err != nil {
			return failed(err)
		}
		if v, err = w.Vitals().Put(ctx, v); err != nil {
			return failed(err)
		}
		*out = VitalsRecorded{Vitals: v.ID, Version: v.Version}
		return recorded("encounter.vitals-recorded", v.Event())
	})
}

// AmendVitals is the input of [Practice.AmendVitals].
type AmendVitals struct {
	Command
	Vitals       glabella.VitalsID `json:"vitals"`
	Measurements []Measure         `json:"measurements"` // what is right; none retracts what was entered in error
	Reason       string            `json:"reason"`       // a code of the practice's own
}

// AmendVitals corrects vital signs, or retracts them. What stood before is kept
// as an earlier version.
func (p *Practice) AmendVitals(ctx context.Context, actor glabella.Actor, in AmendVitals) (VitalsRecorded, error) {
	return run(ctx, p, actor, access.VitalsRecord, glabella.PatientID{}, in, func(ctx context.Context, w *work, in AmendVitals, out *VitalsRecorded) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		v, err := w.Vitals().Get(ctx, in.Vitals)
		if err != nil {
			return failed(err)
		}
		w.Concerns(v.Patient)
		if err := w.expect(v.Ref(), v.Version); err != nil {
			return failed(err)
		}
		if err := reasonCode("/reason", in.Reason); err != nil {
			return failed(err)
		}
		a := encounter.RecordAmendment{By: by, At: w.Now(), Reason: in.Reason}
		if len(in.Measurements) == 0 {
			v, err = v.Retract(a)
		} else {
			var measurements []encounter.Measurement
			if measurements, err = measured(in.Measurements); err == nil {
				v, err = v.Amend(a, measurements)
			}
		}
		if err != nil {
			return failed(err)
		}
		if v, err = w.Vitals().Put(ctx, v); err != nil {
			return failed(err)
		}
		*out = VitalsRecorded{Vitals: v.ID, Version: v.Version}
		return recorded("encounter.vitals-amended", encounter.VitalsAmended{Vitals: v.ID, Patient: v.Patient, By: by, Retracted: v.Retracted})
	})
}

// measured reads measurements, with every problem at once.
func measured(in []Measure) ([]encounter.Measurement, error) {
	out := make([]encounter.Measurement, len(in))
	var issues []glabella.Issue
	for i, m := range in {
		path := fmt.Sprintf("/measurements/%d", i)
		v, err := encounter.NewMeasurement(m.Code, m.Value, m.Unit)
		switch {
		case !m.Code.Valid():
			issues = append(issues, glabella.Issue{Path: path + "/code", Code: glabella.CodeUnknownValue, Text: "not a vital sign that is measured"})
		case err != nil:
			issues = append(issues, glabella.Issue{Path: path + "/unit", Code: encounter.CodeVitalUnit, Text: "not a unit in which this vital sign is measured"})
		}
		v.Method, v.Site = m.Method, m.Site
		out[i] = v
	}
	return out, glabella.Invalid("vitals", issues...)
}
