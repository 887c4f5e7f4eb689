package practice

import (
	"context"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/treatment"
)

// CodeTreatmentUnknown says that no published template has this code.
const CodeTreatmentUnknown glabella.Code = "practice.treatment.unknown"

// MayTreat is the question of [Practice.MayTreat].
type MayTreat struct {
	Patient    glabella.PatientID
	Encounter  glabella.EncounterID // the visit, for consents that are given per visit
	Treatment  string               // code of the template
	Product    string               // substance, code of [treatment.Product]
	Performer  glabella.StaffID
	Pregnant   string    // one of the answers such as treatment.PregnantNo; empty is unknown
	Conditions []string  // codes of conditions that were found today: "infection-at-site"
	At         time.Time // when; zero is now
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
		d, _, err := p.mayTreat(ctx, readerOf(r), site, q, when)
		return d, err
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

// mayTreat returns the decision, and the facts that the template was screened
// with.
func (p *Practice) mayTreat(ctx context.Context, r chartReader, site place, q MayTreat, when time.Time) (glabella.Decision, treatment.Facts, error) {
	template, ok := p.treatments.Latest(q.Treatment)
	if !ok {
		return glabella.Decision{}, treatment.Facts{}, glabella.Invalid("treatment", glabella.Issue{Path: "/treatment", Code: CodeTreatmentUnknown, Text: "no published template has this code"})
	}
	on := glabella.DateOf(when.In(site.zone))
	facts := storage.FactQuery{Patient: q.Patient}

	pat, err := r.patients.Get(ctx, q.Patient)
	if err != nil {
		return glabella.Decision{}, treatment.Facts{}, err
	}
	allergies, err := r.allergies.All(ctx, facts)
	if err != nil {
		return glabella.Decision{}, treatment.Facts{}, err
	}
	medications, err := r.medications.All(ctx, facts)
	if err != nil {
		return glabella.Decision{}, treatment.Facts{}, err
	}
	visits, err := r.encounters.All(ctx, storage.EncounterQuery{Patient: q.Patient})
	if err != nil {
		return glabella.Decision{}, treatment.Facts{}, err
	}
	forms, err := r.forms.All(ctx, storage.FormQuery{})
	if err != nil {
		return glabella.Decision{}, treatment.Facts{}, err
	}
	consents, err := r.consents.All(ctx, facts)
	if err != nil {
		return glabella.Decision{}, treatment.Facts{}, err
	}
	clearances, err := r.clearances.All(ctx, facts)
	if err != nil {
		return glabella.Decision{}, treatment.Facts{}, err
	}
	performer, err := r.staff.Get(ctx, q.Performer)
	if err != nil {
		return glabella.Decision{}, treatment.Facts{}, err
	}

	screening, err := p.screening(site, pat, allergies, medications, visits, q, on)
	if err != nil {
		return glabella.Decision{}, treatment.Facts{}, err
	}
	return glabella.Join(
		access.AuthorizeTreatment(access.TreatmentFacts{Policy: r.policy, Performer: performer, Treatment: template.Code, Site: site.ID, Jurisdiction: site.Jurisdiction, On: on}),
		consent.Evaluate(consent.Facts{Patient: q.Patient, Treatment: template.Code, Required: template.Consents, Jurisdiction: site.Jurisdiction,
			Forms: forms, Consents: consents, Encounter: q.Encounter, At: when, Zone: site.zone}),
		encounter.EvaluateClearance(encounter.ClearanceFacts{Required: template.Clearance, Treatment: template.Code, Product: q.Product, Patient: q.Patient, Clearances: clearances,
			At: when, Zone: site.zone, MaterialChangeAt: lastHealthChange(allergies, medications), Examiners: site.Policy.Examiners, Source: site.Policy.ClearanceSource}),
		template.Screen(screening),
	), screening, nil
}

// screening gathers what the template's contraindications are asked about.
func (p *Practice) screening(site place, pat patient.Patient, allergies []patient.Allergy, medications []patient.Medication, visits []encounter.Encounter, q MayTreat, on glabella.Date) (treatment.Facts, error) {
	f := treatment.Facts{On: on, Age: treatment.AgeUnknown, Product: q.Product, Pregnant: q.Pregnant}
	if f.Pregnant == "" {
		f.Pregnant = treatment.PregnantUnknown
	}
	for _, c := range q.Conditions {
		f.Conditions = append(f.Conditions, treatment.Finding{Classes: []string{c}, Ref: pat.Ref()})
	}
	for _, c := range pat.Conditions {
		if c.ActiveOn(on) {
			f.Conditions = append(f.Conditions, treatment.Finding{Classes: c.Classes, Ref: pat.Ref()})
		}
	}
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
	product, _ := p.treatments.Product(q.Product)
	period := product.Cumulative.Period
	window := on.Add(glabella.Period{Years: -period.Years, Months: -period.Months, Days: -period.Days})
	for _, v := range visits {
		if v.ID == q.Encounter && v.State == encounter.Finished {
			continue
		}
		for _, proc := range v.Procedures {
			other, _ := p.treatments.Product(proc.Record.Product)
			day := glabella.DateOf(proc.PerformedAt.In(site.zone))
			if other.Family == product.Family && v.ID != q.Encounter && day.After(f.LastTreated) {
				f.LastTreated = day
			}
			if proc.Record.Product != q.Product || product.Cumulative.IsZero() || !day.After(window) {
				continue
			}
			for _, a := range proc.Administrations {
				var err error
				if f.WindowUnits, err = f.WindowUnits.Add(a.Quantity); err != nil {
					return f, err
				}
			}
		}
	}
	return f, nil
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
