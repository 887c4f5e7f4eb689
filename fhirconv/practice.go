package fhirconv

import (
	"fmt"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/fhirconv/r4"
	"github.com/glabella-ehr/glabella/scheduling"
)

// practitioners writes the members of staff who were referred to.
func (b *builder) practitioners() {
	today := glabella.DateOf(b.at.UTC())
	for i, s := range b.r.Staff {
		if !b.used[s.Ref()] {
			continue
		}
		active := s.TerminatedOn.IsZero() || today.Before(s.TerminatedOn)
		out := r4.Practitioner{ID: s.ID.String(), Meta: meta(s.Meta), Active: &active, Name: []r4.HumanName{{Text: s.Name}}}
		for _, c := range s.Credentials {
			out.Qualification = append(out.Qualification, r4.PractitionerQualification{
				Extension:  single("jurisdiction", textPart("jurisdiction", c.Jurisdiction)),
				Identifier: []r4.Identifier{{Value: c.Number}},
				Code:       concept(SystemCredential, c.Kind, ""),
				Period:     period(c.ValidFrom.String(), c.ValidTo.String()),
			})
		}
		b.add(fmt.Sprintf("/staff/%d", i), &out)
	}
}

// locations writes the sites that were referred to.
func (b *builder) locations() {
	for i, s := range b.r.Sites {
		if b.used[s.Ref()] {
			b.add(fmt.Sprintf("/sites/%d", i), &r4.Location{ID: s.ID.String(), Meta: meta(s.Meta), Status: "active", Name: s.Name})
		}
	}
}

var appointmentStatus = map[scheduling.State]string{
	scheduling.Pending:   "pending",
	scheduling.Booked:    "booked",
	scheduling.Arrived:   "arrived",
	scheduling.Completed: "fulfilled",
	scheduling.Cancelled: "cancelled",
	scheduling.NoShow:    "noshow",
}

func (b *builder) appointments() {
	for i, a := range b.r.Appointments {
		path := fmt.Sprintf("/appointments/%d", i)
		b.owned(path, a.Patient)
		out := r4.Appointment{
			ID:        a.ID.String(),
			Meta:      meta(a.Meta),
			Extension: single("encounter", refPart("encounter", b.ref(path+"/encounter", a.Encounter.Ref()))),
			Status:    coded(b, path+"/state", appointmentStatus, a.State),
			Start:     r4.Instant(instant(a.Start)),
			End:       r4.Instant(instant(a.End)),
		}
		// FHIR has a reason for what was cancelled only (invariant app-4).
		if a.State == scheduling.Cancelled {
			out.CancelationReason = concept(SystemCancellation, a.Reason, "")
		} else {
			out.Extension = append(out.Extension, single("appointment-reason", textPart("appointment-reason", a.Reason))...)
		}
		if c := concept(SystemService, a.Service, ""); c != nil {
			out.ServiceType = []r4.CodeableConcept{*c}
		}
		// One that is not confirmed still waits for the practice.
		answer := "accepted"
		if a.State == scheduling.Pending {
			answer = "needs-action"
		}
		subject := b.subject()
		out.Participant = append(out.Participant, r4.AppointmentParticipant{Actor: subject, Status: "accepted"})
		for _, ref := range []*r4.Reference{b.ref(path+"/provider", a.Provider.Ref()), b.ref(path+"/site", a.Site.Ref())} {
			if ref != nil {
				out.Participant = append(out.Participant, r4.AppointmentParticipant{Actor: ref, Status: answer})
			}
		}
		b.lose(a.Room != "", path+"/room", LossNoElement, "rooms are not written as locations")
		b.add(path, &out)
	}
}
