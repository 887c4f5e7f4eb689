package patient

import (
	"errors"
	"fmt"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/strict"
)

// Intake is what an intake form or another system hands over about one person.
// Where its facts come from is said to [Intake.Build]; a provenance within it does
// not count.
type Intake struct {
	Names       []Name             `json:"names"`
	Pronouns    string             `json:"pronouns"`
	BirthDate   glabella.Date      `json:"birthDate"`
	SexAtBirth  Gender             `json:"sexAtBirth"`
	Gender      Gender             `json:"gender"`
	Contacts    []Contact          `json:"contacts"`
	Addresses   []Address          `json:"addresses"`
	Languages   []string           `json:"languages"`
	Identifiers []Identifier       `json:"identifiers"`
	Allergies   []IntakeAllergy    `json:"allergies"`
	Medications []IntakeMedication `json:"medications"`
	Conditions  []IntakeCondition  `json:"conditions"`
}

// IntakeAllergy is an allergy as an intake states it.
type IntakeAllergy struct {
	Substance   glabella.Coding `json:"substance"`
	Classes     []string        `json:"classes"` // as on [Allergy], where the form asks for a class: "a local anaesthetic"
	Kind        string          `json:"kind"`
	Criticality string          `json:"criticality"`
	Reactions   []Reaction      `json:"reactions"`
}

// IntakeMedication is a medication as an intake states it.
type IntakeMedication struct {
	Substance glabella.Coding `json:"substance"`
	Classes   []string        `json:"classes"` // as on [Medication]
	From      glabella.Date   `json:"from"`
	Dose      string          `json:"dose"`
}

// IntakeCondition is a condition as an intake states it.
type IntakeCondition struct {
	Concept glabella.Coding `json:"concept"`
	Classes []string        `json:"classes"` // as on [Condition]
	From    glabella.Date   `json:"from"`
	To      glabella.Date   `json:"to"`
}

// ParseIntake reads an intake file: JSON, without unknown members. The error is
// a [*glabella.ValidationError] about name, with line and column.
func ParseIntake(name string, data []byte) (Intake, error) {
	var in Intake
	err := strict.Decode(name, data, &in)
	return in, err
}

// IntakeIDs are the identities of the records that an intake becomes.
type IntakeIDs struct {
	Patient     glabella.PatientID
	Allergies   []glabella.AllergyID    // one for each of the intake's allergies
	Medications []glabella.MedicationID // one for each of the intake's medications
}

// Built are the records that an intake becomes.
type Built struct {
	Patient     Patient
	Allergies   []Allergy
	Medications []Medication
}

// Build returns the records that the intake becomes, each with the given
// provenance. Allergies are unconfirmed until someone confirms them. The error
// is a [*glabella.ValidationError] with everything that is wrong, by its place in
// the intake.
func (in Intake) Build(ids IntakeIDs, from glabella.Provenance) (Built, error) {
	if len(ids.Allergies) != len(in.Allergies) || len(ids.Medications) != len(in.Medications) {
		return Built{}, fmt.Errorf("intake: %w: one identity is needed for each allergy and medication", glabella.ErrInvalid)
	}
	out := Built{Patient: Patient{
		ID: ids.Patient, Names: slices.Clone(in.Names), Pronouns: in.Pronouns, BirthDate: in.BirthDate, SexAtBirth: in.SexAtBirth, Gender: in.Gender,
		Contacts: slices.Clone(in.Contacts), Addresses: slices.Clone(in.Addresses), Languages: slices.Clone(in.Languages),
		Identifiers: slices.Clone(in.Identifiers), Provenance: from,
	}}
	for i := range out.Patient.Names {
		out.Patient.Names[i].Provenance = from
		out.Patient.Names[i].Given = slices.Clone(in.Names[i].Given)
	}
	for i := range out.Patient.Contacts {
		out.Patient.Contacts[i].Provenance = from
	}
	for i := range out.Patient.Addresses {
		out.Patient.Addresses[i].Provenance = from
		out.Patient.Addresses[i].Lines = slices.Clone(in.Addresses[i].Lines)
	}
	for _, c := range in.Conditions {
		out.Patient.Conditions = append(out.Patient.Conditions, Condition{Concept: c.Concept, Classes: slices.Clone(c.Classes), From: c.From, To: c.To, Provenance: from})
	}
	issues := issuesOf("", out.Patient.Validate())
	for i, a := range in.Allergies {
		record := Allergy{ID: ids.Allergies[i], Patient: ids.Patient, Substance: a.Substance, Classes: slices.Clone(a.Classes), Kind: a.Kind, Criticality: a.Criticality,
			Verification: Unconfirmed, Reactions: slices.Clone(a.Reactions), Provenance: from}
		issues = append(issues, issuesOf(fmt.Sprintf("/allergies/%d", i), record.Validate())...)
		out.Allergies = append(out.Allergies, record)
	}
	for i, m := range in.Medications {
		record := Medication{ID: ids.Medications[i], Patient: ids.Patient, Substance: m.Substance, Classes: slices.Clone(m.Classes),
			Status: MedicationActive, From: m.From, Dose: m.Dose, Provenance: from}
		issues = append(issues, issuesOf(fmt.Sprintf("/medications/%d", i), record.Validate())...)
		out.Medications = append(out.Medications, record)
	}
	if err := glabella.Invalid("intake", issues...); err != nil {
		return Built{}, err
	}
	return out, nil
}

func issuesOf(path string, err error) []glabella.Issue {
	var invalid *glabella.ValidationError
	if !errors.As(err, &invalid) {
		return nil
	}
	out := slices.Clone(invalid.Issues)
	for i := range out {
		out[i].Path = path + out[i].Path
	}
	return out
}
