package practice

import (
	"context"
	"regexp"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/scheduling"
	"github.com/glabella-ehr/glabella/storage"
)

// BookAppointment is the input of [Practice.BookAppointment].
type BookAppointment struct {
	Command
	Patient  glabella.PatientID `json:"patient"`
	Provider glabella.StaffID   `json:"provider"`
	Room     string             `json:"room"`
	Service  string             `json:"service"` // code of the price list
	Start    time.Time          `json:"start"`
	End      time.Time          `json:"end"`
	// Emergency books a dismissed patient within the time that was promised.
	Emergency bool `json:"emergency,omitempty"`
	// Therapeutic says that the purpose is medical: some age limits are for
	// cosmetic treatments only.
	Therapeutic bool `json:"therapeutic,omitempty"`
}

// Booked is the receipt of [Practice.BookAppointment].
type Booked struct {
	Appointment glabella.AppointmentID `json:"appointment"`
	Version     uint64                 `json:"version"`
}

// BookAppointment books a time with a provider and in a room. Overlaps of the
// provider, the room or the patient are refused, see [scheduling.MayBook], and so
// are patients whom the practice has dismissed, see [patient.MayBookPatient], and
// those whom the law keeps from the treatment at their age on that day, see
// [consent.EvaluateMinor]. A minor is booked by who acknowledges that a guardian
// has to sign before the treatment.
func (p *Practice) BookAppointment(ctx context.Context, actor glabella.Actor, in BookAppointment) (Booked, error) {
	return run(ctx, p, actor, access.AppointmentBook, in.Patient, in, func(ctx context.Context, w *work, in BookAppointment, out *Booked) (storage.Outcome, error) {
		site, err := w.place(ctx)
		if err != nil {
			return failed(err)
		}
		pat, err := w.Patients().Get(ctx, in.Patient)
		if err != nil {
			return failed(err)
		}
		provider, err := w.Staff().Get(ctx, in.Provider)
		if err != nil {
			return failed(err)
		}
		services, err := w.Services().All(ctx, storage.ServiceQuery{Code: in.Service})
		if err != nil {
			return failed(err)
		}
		day := glabella.DateOf(in.Start.In(site.zone))
		service, ok := billing.PriceOf(services, in.Service, day)
		if !ok {
			return failed(glabella.Invalid("appointment", glabella.Issue{Path: "/service", Code: billing.CodeNoPrice, Text: "the price list has nothing of this code on this day"}))
		}
		a := scheduling.Appointment{
			ID: glabella.AppointmentID(w.NewUUID()), Patient: in.Patient, Provider: in.Provider, Site: site.ID, Room: in.Room, Service: in.Service,
			Start: instant(in.Start), End: instant(in.End), State: scheduling.Booked,
		}
		// An appointment is shorter than a day, so whatever overlaps starts within
		// one day before its end.
		existing, err := w.Appointments().All(ctx, storage.AppointmentQuery{From: a.Start.Add(-24 * time.Hour), To: a.End})
		if err != nil {
			return failed(err)
		}
		if err := w.Require(patient.MayBookPatient(patient.BookFacts{Patient: pat.ID, Standing: pat.Standing, On: day, Emergency: in.Emergency})); err != nil {
			return failed(err)
		}
		age := p.minorFacts(pat, site, day)
		age.Stage, age.Classes, age.Cosmetic, age.Performer = consent.StageBooking, p.bookedClasses(service.Treatment, service.Product), !in.Therapeutic, provider.Kinds(site.Jurisdiction, day)
		orders, err := w.StandingOrders().All(ctx, storage.StandingOrderQuery{})
		if err != nil {
			return failed(err)
		}
		age.Directed = directed(encounter.DelegationFacts{Treatment: service.Treatment, Product: service.Product, Performer: in.Provider, PerformerKinds: age.Performer, Patient: in.Patient,
			Orders: orders, At: a.Start, Zone: site.zone}, age.Rules.Bans)
		if err := w.Require(consent.EvaluateMinor(age)); err != nil {
			return failed(err)
		}
		if err := w.Require(scheduling.MayBook(scheduling.Facts{Appointment: a, Existing: existing, Now: w.Now()})); err != nil {
			return failed(err)
		}
		if a, err = w.Appointments().Put(ctx, a); err != nil {
			return failed(err)
		}
		*out = Booked{Appointment: a.ID, Version: a.Version}
		return recorded("appointment.booked", scheduling.BookedEvent{Appointment: a.ID, Patient: a.Patient, Provider: a.Provider, Site: a.Site, Service: a.Service, Start: a.Start, End: a.End})
	})
}

// CheckIn is the input of [Practice.CheckIn].
type CheckIn struct {
	Command
	Appointment glabella.AppointmentID `json:"appointment"`
}

// CheckedIn is the receipt of [Practice.CheckIn].
type CheckedIn struct {
	Encounter glabella.EncounterID `json:"encounter"`
	Version   uint64               `json:"version"`
}

// CheckIn marks the patient of an appointment as arrived and opens the visit.
func (p *Practice) CheckIn(ctx context.Context, actor glabella.Actor, in CheckIn) (CheckedIn, error) {
	return run(ctx, p, actor, access.AppointmentCheckIn, glabella.PatientID{}, in, func(ctx context.Context, w *work, in CheckIn, out *CheckedIn) (storage.Outcome, error) {
		a, err := w.Appointments().Get(ctx, in.Appointment)
		if err != nil {
			return failed(err)
		}
		w.Concerns(a.Patient)
		if err := w.expect(a.Ref(), a.Version); err != nil {
			return failed(err)
		}
		e := encounter.Encounter{
			ID: glabella.EncounterID(w.NewUUID()), Patient: a.Patient, Site: a.Site, Appointment: a.ID, Provider: a.Provider, State: encounter.Planned,
		}
		if e, err = e.Arrive(w.Now()); err != nil {
			return failed(err)
		}
		if a, err = a.Arrive(e.ID); err != nil {
			return failed(err)
		}
		if _, err = w.Appointments().Put(ctx, a); err != nil {
			return failed(err)
		}
		if e, err = w.Encounters().Put(ctx, e); err != nil {
			return failed(err)
		}
		*out = CheckedIn{Encounter: e.ID, Version: e.Version}
		return recorded("encounter.arrived", encounter.Arrived{Encounter: e.ID, Patient: e.Patient, Site: e.Site, Appointment: a.ID})
	})
}

// CancelVisit is the input of [Practice.CancelVisit].
type CancelVisit struct {
	Command
	Encounter glabella.EncounterID `json:"encounter"`
	Reason    string               `json:"reason"` // a code of the practice's own
}

// reasonForm is the form of a reason: it is journaled, and so is no free text.
var reasonForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// VisitCancelled is the receipt of [Practice.CancelVisit].
type VisitCancelled struct {
	Version uint64 `json:"version"` // of the visit
}

// CancelVisit ends a visit in which nothing was done, and gives the time of its
// appointment back.
func (p *Practice) CancelVisit(ctx context.Context, actor glabella.Actor, in CancelVisit) (VisitCancelled, error) {
	return run(ctx, p, actor, access.EncounterCancel, glabella.PatientID{}, in, func(ctx context.Context, w *work, in CancelVisit, out *VisitCancelled) (storage.Outcome, error) {
		visit, err := w.visit(ctx, in.Encounter)
		if err != nil {
			return failed(err)
		}
		if in.Reason != "" && !reasonForm.MatchString(in.Reason) {
			return failed(glabella.Invalid("visit", glabella.Issue{Path: "/reason", Code: glabella.CodeFormat, Text: "a reason is a code of lower-case letters, digits and hyphens"}))
		}
		if visit, err = visit.Cancel(); err != nil {
			return failed(err)
		}
		if !visit.Appointment.IsZero() {
			a, err := w.Appointments().Get(ctx, visit.Appointment)
			if err != nil {
				return failed(err)
			}
			if a, err = a.Cancel(in.Reason); err != nil {
				return failed(err)
			}
			if _, err := w.Appointments().Put(ctx, a); err != nil {
				return failed(err)
			}
		}
		if visit, err = w.Encounters().Put(ctx, visit); err != nil {
			return failed(err)
		}
		*out = VisitCancelled{Version: visit.Version}
		return recorded("encounter.cancelled", encounter.CancelledEvent{Encounter: visit.ID, Patient: visit.Patient, Site: visit.Site, Reason: in.Reason})
	})
}

// instant returns t as stored: UTC, in microseconds.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
