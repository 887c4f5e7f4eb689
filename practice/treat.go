package practice

import (
	"context"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/treatment"
)

// CodeTreatmentUnknown says that no published template has this code.
const CodeTreatmentUnknown glabella.Code = "practice.treatment.unknown"

// MayTreat is the question of [Practice.MayTreat].
type MayTreat struct {
	Patient   glabella.PatientID
	Encounter glabella.EncounterID // the visit, for consents that are given per visit
	Treatment string               // code of the template
	Product   string               // substance, code of [treatment.Product]
	Performer glabella.StaffID
	At        time.Time // when; zero is now
}

// MayTreat answers whether a performer may treat a patient: consents, the
// good-faith exam, contraindications, the interval since the last treatment, and
// the performer's licence and trainings. It evaluates everything; a refusal
// carries all of its reasons and what would settle each. It never says that a
// treatment is safe.
func (p *Practice) MayTreat(ctx context.Context, actor glabella.Actor, q MayTreat) (glabella.Decision, error) {
	return query(ctx, p, actor, access.TreatmentScreen, q.Patient, func(ctx context.Context, r *storage.Reading) (glabella.Decision, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return glabella.Decision{}, err
		}
		when := q.At
		if when.IsZero() {
			when = r.Now()
		}
		return p.mayTreat(ctx, readerOf(r), site, q, when)
	})
}

// chartReader is what the question needs to read; both kinds of transaction
// offer it.
type chartReader struct {
	patients    storage.SeenPatients
	allergies   storage.SeenAllergies
	medications storage.SeenMedications
	forms       storage.SeenForms
	consents    storage.SeenConsents
	clearances  storage.SeenClearances
	encounters  storage.SeenEncounters
	staff       storage.SeenStaff
	policy      access.Policy
}

func readerOf(r *storage.Reading) chartReader {
	return chartReader{r.Patients(), r.Allergies(), r.Medications(), r.Forms(), r.Consents(), r.Clearances(), r.Encounters(), r.Staff(), r.Policy()}
}

func readerIn(w *work) chartReader {
	return chartReader{w.Patients().Seen, w.Allergies().Seen, w.Medications().Seen, w.Forms().Seen, w.Consents().Seen, w.Clearances().Seen, w.Encounters().Seen, w.Staff().Seen, w.Policy()}
}

func (p *Practice) mayTreat(ctx context.Context, r chartReader, site place, q MayTreat, when time.Time) (glabella.Decision, error) {
	template, ok := p.treatments.Latest(q.Treatment)
	if !ok {
		return glabella.Decision{}, glabella.Invalid("treatment", glabella.Issue{Path: "/treatment", Code: CodeTreatmentUnknown, Text: "no published template has this code"})
	}
	on := glabella.DateOf(when.In(site.zone))
	facts := storage.FactQuery{Patient: q.Patient}

	pat, err := r.patients.Get(ctx, q.Patient)
	if err != nil {
		return glabella.Decision{}, err
	}
	allergies, err := r.allergies.All(ctx, facts)
	if err != nil {
		return glabella.Decision{}, err
	}
	medications, err := r.medications.All(ctx, facts)
	if err != nil {
		return glabella.Decision{}, err
	}
	visits, err := r.encounters.All(ctx, storage.EncounterQuery{Patient: q.Patient})
	if err != nil {
		return glabella.Decision{}, err
	}
	forms, err := r.forms.All(ctx, storage.FormQuery{})
	if err != nil {
		return glabella.Decision{}, err
	}
	consents, err := r.consents.All(ctx, facts)
	if err != nil {
		return glabella.Decision{}, err
	}
	clearances, err := r.clearances.All(ctx, facts)
	if err != nil {
		return glabella.Decision{}, err
	}
	performer, err := r.staff.Get(ctx, q.Performer)
	if err != nil {
		return glabella.Decision{}, err
	}

	screening := p.screening(template, pat, allergies, medications, visits, q, on)
	return glabella.Join(
		access.AuthorizeTreatment(access.TreatmentFacts{Policy: r.policy, Staff: performer, Treatment: template.Code, Jurisdiction: site.Jurisdiction, On: on}),
		consent.Evaluate(consent.Facts{Patient: q.Patient, Treatment: template.Code, Required: template.Consents, Jurisdiction: site.Jurisdiction,
			Forms: forms, Consents: consents, Encounter: q.Encounter, At: when, Zone: site.zone}),
		encounter.EvaluateClearance(encounter.ClearanceFacts{Required: template.Clearance, Treatment: template.Code, Product: q.Product, Clearances: clearances,
			On: on, Zone: site.zone, MaterialChangeAt: lastHealthChange(allergies, medications), Examiners: site.Policy.Examiners, Source: site.Policy.ClearanceSource}),
		template.Screen(screening),
	), nil
}

// screening gathers what the template's contraindications are asked about.
func (p *Practice) screening(template treatment.Template, pat patient.Patient, allergies []patient.Allergy, medications []patient.Medication, visits []encounter.Encounter, q MayTreat, on glabella.Date) treatment.Facts {
	f := treatment.Facts{On: on, Age: -1, Product: q.Product}
	if !pat.BirthDate.IsZero() {
		f.Age = pat.BirthDate.Age(on)
	}
	for _, a := range allergies {
		if a.Active() {
			f.Allergies = append(f.Allergies, treatment.Finding{Classes: a.Classes, Ref: a.Ref()})
		}
	}
	for _, m := range medications {
		if m.ActiveOn(on) {
			f.Medications = append(f.Medications, treatment.Finding{Classes: m.Classes, Ref: m.Ref()})
		}
	}
	for _, v := range visits {
		if v.State != encounter.Completed || v.ID == q.Encounter {
			continue
		}
		day := glabella.DateOf(v.CompletedAt)
		for _, proc := range v.Procedures {
			if proc.Record.Product != q.Product {
				continue
			}
			if day.After(f.LastTreated) {
				f.LastTreated = day
			}
		}
	}
	return f
}

// lastHealthChange returns when the allergies or medications last changed: an
// exam from before that does not know of it.
func lastHealthChange(allergies []patient.Allergy, medications []patient.Medication) time.Time {
	var last time.Time
	for _, a := range allergies {
		last = later(last, a.CreatedAt)
	}
	for _, m := range medications {
		last = later(last, m.CreatedAt)
	}
	return last
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// classesOf adds to the classes that were given those that follow from the
// substance's code.
func (p *Practice) classesOf(substance glabella.Coding, given []string) []string {
	out := slices.Clone(given)
	for _, c := range treatment.ClassesOf(substance) {
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

var _ = inventory.Open
var _ quantity.Quantity
