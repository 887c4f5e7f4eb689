package practice

import (
	"context"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/scheduling"
	"github.com/glabella-ehr/glabella/storage"
)

// CodePatientExists says that a patient with the same identity in the same
// system is registered already.
const CodePatientExists glabella.Code = "practice.patient.exists"

// RegisterPatient is the input of [Practice.RegisterPatient].
type RegisterPatient struct {
	Command
	Intake patient.Intake      `json:"intake"`
	Source glabella.Provenance `json:"source"` // where the intake comes from; the author and time of recording are filled in
}

// Registered is the receipt of [Practice.RegisterPatient].
type Registered struct {
	Patient     glabella.PatientID      `json:"patient"`
	Allergies   []glabella.AllergyID    `json:"allergies"`
	Medications []glabella.MedicationID `json:"medications"`
	Similar     []patient.Candidate     `json:"similar"` // patients who may be the same person, the likeliest first
}

// RegisterPatient registers a patient from an intake, with allergies and
// medications. A patient whose identity in some system is known already is
// refused with [CodePatientExists]; one who is probably registered under another
// identity takes an acknowledgement of [CodePatientDuplicate].
func (p *Practice) RegisterPatient(ctx context.Context, actor glabella.Actor, in RegisterPatient) (Registered, error) {
	if err := p.catchUp(ctx); err != nil {
		return Registered{}, err
	}
	return run(ctx, p, actor, access.PatientRegister, glabella.PatientID{}, in, func(ctx context.Context, w *work, in RegisterPatient, out *Registered) (storage.Outcome, error) {
		source := in.Source
		source.Author, source.RecordedAt = actor.Ref(), w.Now()
		ids := patient.IntakeIDs{Patient: glabella.PatientID(w.NewUUID())}
		for range in.Intake.Allergies {
			ids.Allergies = append(ids.Allergies, glabella.AllergyID(w.NewUUID()))
		}
		for range in.Intake.Medications {
			ids.Medications = append(ids.Medications, glabella.MedicationID(w.NewUUID()))
		}
		var err error
		if in.Intake.Contacts, in.Intake.Addresses, err = w.normal(ctx, in.Intake.Contacts, in.Intake.Addresses); err != nil {
			return failed(err)
		}
		built, err := in.Intake.Build(ids, source)
		if err != nil {
			return failed(err)
		}
		for _, id := range built.Patient.Identifiers {
			known, err := w.Patients().All(ctx, storage.PatientQuery{Identifier: storage.Identifier{System: id.System, Value: id.Value}})
			if err != nil {
				return failed(err)
			}
			for _, k := range known {
				return failed(&glabella.RefusedError{Decision: glabella.Decide(
					glabella.Denied(CodePatientExists, "a patient with this identity is registered already").For(k.Ref()).WithFix("open the registered patient"))})
			}
		}
		similar, err := p.similar(ctx, w.Patients().Seen, built.Patient)
		if err != nil {
			return failed(err)
		}
		if err := w.Require(duplicates(similar)); err != nil {
			return failed(err)
		}
		w.Concerns(ids.Patient)
		if _, err := w.Patients().Put(ctx, built.Patient); err != nil {
			return failed(err)
		}
		if err := w.putFacts(ctx, built); err != nil {
			return failed(err)
		}
		*out = Registered{Patient: ids.Patient, Allergies: ids.Allergies, Medications: ids.Medications, Similar: similar}
		return recorded("patient.registered", patient.Registered{Patient: ids.Patient, Source: source.Source})
	})
}

// duplicates warns of patients who are probably the same person.
func duplicates(similar []patient.Candidate) glabella.Decision {
	var reasons []glabella.Reason
	for _, c := range similar {
		if c.Match.Likelihood == patient.Probable {
			reasons = append(reasons, glabella.Warned(CodePatientDuplicate, "the patient is probably registered already").For(c.Patient.Ref()).
				WithFix("open the registered patient, or register and merge them later").CitedFrom("practice policy; comparison after Fellegi and Sunter (1969)"))
		}
	}
	return glabella.Decide(reasons...)
}

// Chart is all that the practice knows of one patient.
type Chart struct {
	Patient      patient.Patient // under all merges; what belongs to it keeps the record that it was recorded of
	Merges       []patient.Merge // that link the patient's records, also those that were taken back
	Allergies    []patient.Allergy
	Medications  []patient.Medication
	Histories    []patient.History  // one of each record of the patient that has one
	Proposals    []patient.Proposal // changes that were reported, also those that were decided on
	Consents     []consent.Consent
	Discussions  []consent.Discussion
	Deliveries   []consent.Delivery
	Preferences  consent.Preferences // what the patient allows and has asked for
	Clearances   []encounter.Clearance
	Appointments []scheduling.Appointment
	Encounters   []encounter.Encounter
	Notes        []encounter.Note
	Withheld     []glabella.NoteID // notes that their authors keep from the reader
	Vitals       []encounter.Vitals
	Series       []encounter.Series
	Events       []encounter.AdverseEvent
	Photos       []encounter.Photo
	Invoices     []billing.Invoice
	Credits      []billing.CreditLot
	GiftCards    []billing.GiftCard     // that the patient holds; what is on them is in the credits
	Estimates    []billing.Estimate     // of what something will cost, that were given
	Disclosures  []audit.Disclosure     // what was given to others
	Recalls      []inventory.RecallCase // of something that the patient received or may have, without the tasks of others
	Emergencies  []access.BreakGlass    // in which the record was opened against the rules
	Removed      []Removed              // what the reader's roles may not see and is not in the records above
}

// Chart returns all that the practice knows of one patient, as far as the actor's
// roles may see it; [Chart.Removed] says what they may not. A patient sees their own
// chart so, with every time that it was opened in an emergency.
func (p *Practice) Chart(ctx context.Context, actor glabella.Actor, id glabella.PatientID) (Chart, error) {
	return query(ctx, p, actor, access.PatientRead, id, func(ctx context.Context, r *storage.Reading) (Chart, error) {
		c, err := chartOf(ctx, r, id)
		if err != nil {
			return Chart{}, err
		}
		if c.Notes, c.Withheld, err = withhold(ctx, r, actor, c.Notes); err != nil {
			return Chart{}, err
		}
		may, _ := r.Sight()
		return c.seenBy(may), nil
	})
}

func chartOf(ctx context.Context, r *storage.Reading, id glabella.PatientID) (Chart, error) {
	c := Chart{}
	who, err := personOf(ctx, r.Merges(), id)
	if err != nil {
		return Chart{}, err
	}
	c.Merges = who.merges
	for _, load := range []func() error{
		func() (err error) { c.Patient, err = who.view(ctx, r.Patients()); return },
		func() (err error) { c.Allergies, err = facts(ctx, who, r.Allergies()); return },
		func() (err error) { c.Medications, err = facts(ctx, who, r.Medications()); return },
		func() (err error) { c.Histories, err = facts(ctx, who, r.Histories()); return },
		func() (err error) { c.Proposals, err = facts(ctx, who, r.Proposals()); return },
		func() (err error) { c.Consents, err = facts(ctx, who, r.Consents()); return },
		func() (err error) { c.Discussions, err = facts(ctx, who, r.Discussions()); return },
		func() (err error) { c.Deliveries, err = facts(ctx, who, r.Deliveries()); return },
		func() (err error) { c.Preferences.Permissions, err = facts(ctx, who, r.Permissions()); return },
		func() (err error) { c.Preferences.Publications, err = facts(ctx, who, r.Publications()); return },
		func() (err error) {
			c.Preferences.ContactConsents, err = facts(ctx, who, r.ContactConsents())
			return
		},
		func() (err error) { c.Preferences.Directives, err = facts(ctx, who, r.Directives()); return },
		func() (err error) { c.Preferences.Restrictions, err = facts(ctx, who, r.Restrictions()); return },
		func() (err error) {
			c.Preferences.Authorizations, err = facts(ctx, who, r.Authorizations())
			return
		},
		func() (err error) { c.Preferences.Requests, err = facts(ctx, who, r.Requests()); return },
		func() (err error) { c.Clearances, err = facts(ctx, who, r.Clearances()); return },
		func() (err error) {
			c.Appointments, err = across(who, func(id glabella.PatientID) ([]scheduling.Appointment, error) {
				return r.Appointments().All(ctx, storage.AppointmentQuery{Patient: id})
			})
			return
		},
		func() (err error) { c.Encounters, err = visitsOf(ctx, who, r.Encounters()); return },
		func() (err error) {
			c.Notes, err = across(who, func(id glabella.PatientID) ([]encounter.Note, error) {
				return r.Notes().All(ctx, storage.NoteQuery{Patient: id})
			})
			return
		},
		func() (err error) { c.Vitals, err = facts(ctx, who, r.Vitals()); return },
		func() (err error) { c.Series, err = facts(ctx, who, r.Series()); return },
		func() (err error) {
			c.Events, err = across(who, func(id glabella.PatientID) ([]encounter.AdverseEvent, error) {
				return r.AdverseEvents().All(ctx, storage.AdverseEventQuery{Patient: id})
			})
			return
		},
		func() (err error) { c.Photos, err = photosOf(ctx, who, r.Photos()); return },
		func() (err error) {
			c.Invoices, err = across(who, func(id glabella.PatientID) ([]billing.Invoice, error) {
				return r.Invoices().All(ctx, storage.InvoiceQuery{Patient: id})
			})
			return
		},
		func() (err error) { c.Credits, err = creditsOf(ctx, who, r.Credits()); return },
		func() (err error) { c.Estimates, err = facts(ctx, who, r.Estimates()); return },
		func() (err error) { c.GiftCards, err = facts(ctx, who, r.GiftCards()); return },
		func() (err error) { c.Disclosures, err = facts(ctx, who, r.Disclosures()); return },
		func() (err error) { c.Recalls, err = recallsOf(ctx, who, r.Recalls()); return },
		func() (err error) {
			c.Emergencies, err = across(who, func(id glabella.PatientID) ([]access.BreakGlass, error) {
				return r.Emergencies().All(ctx, storage.EmergencyQuery{Patient: id})
			})
			return
		},
	} {
		if err := load(); err != nil {
			return Chart{}, err
		}
	}
	return c, nil
}

func visitsOf(ctx context.Context, who person, visits storage.SeenEncounters) ([]encounter.Encounter, error) {
	return across(who, func(id glabella.PatientID) ([]encounter.Encounter, error) {
		return visits.All(ctx, storage.EncounterQuery{Patient: id})
	})
}

func photosOf(ctx context.Context, who person, photos storage.SeenPhotos) ([]encounter.Photo, error) {
	return across(who, func(id glabella.PatientID) ([]encounter.Photo, error) {
		return photos.All(ctx, storage.PhotoQuery{Patient: id})
	})
}
