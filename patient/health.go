package patient

import (
	"fmt"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
)

// Verification is how sure a reported allergy is, as FHIR's
// AllergyIntoleranceVerificationStatus.
type Verification string

// The verifications.
const (
	Unconfirmed    Verification = "unconfirmed"
	Confirmed      Verification = "confirmed"
	Refuted        Verification = "refuted"
	EnteredInError Verification = "entered-in-error"
)

// Verifications returns every verification.
func Verifications() []Verification {
	return []Verification{Unconfirmed, Confirmed, Refuted, EnteredInError}
}

// Valid reports whether v is one of [Verifications].
func (v Verification) Valid() bool { return slices.Contains(Verifications(), v) }

// Allergy is an allergy or intolerance of a patient.
type Allergy struct {
	ID glabella.AllergyID `json:"id" validate:"required"`
	glabella.Meta
	Patient      glabella.PatientID  `json:"patient" validate:"required"`
	Substance    glabella.Coding     `json:"substance" validate:"required"`
	Classes      []string            `json:"classes"`                                                // classes of substance that it extends to, such as amide-local-anaesthetic
	Kind         string              `json:"kind" validate:"oneof=allergy intolerance"`              // FHIR AllergyIntoleranceType
	Criticality  string              `json:"criticality" validate:"oneof=low high unable-to-assess"` // FHIR AllergyIntoleranceCriticality
	Verification Verification        `json:"verification" validate:"oneof=unconfirmed confirmed refuted entered-in-error"`
	Reactions    []Reaction          `json:"reactions" validate:"dive"`
	Provenance   glabella.Provenance `json:"provenance"`
}

// Reaction is how an allergy has shown itself.
type Reaction struct {
	Manifestation string        `json:"manifestation" validate:"required"`
	Severity      string        `json:"severity,omitempty" validate:"omitempty,oneof=mild moderate severe"` // FHIR AllergyIntoleranceSeverity
	Onset         glabella.Date `json:"onset,omitzero"`
}

// Ref returns the reference to the allergy.
func (a Allergy) Ref() glabella.Ref { return a.ID.Ref() }

// Validate reports everything that is wrong with the allergy.
func (a Allergy) Validate() error {
	issues := append(check.Struct(a), a.Provenance.Validate("/provenance")...)
	issues = append(issues, classIssues("/classes", a.Classes)...)
	for i, r := range a.Reactions {
		if !r.Onset.IsZero() && !r.Onset.Valid() {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/reactions/%d/onset", i), Code: glabella.CodeFormat, Text: "not a day that exists"})
		}
	}
	return glabella.Invalid("allergy", issues...)
}

// Active reports whether the allergy counts: unconfirmed ones do, refuted and
// mistaken ones do not.
func (a Allergy) Active() bool { return a.Verification == Unconfirmed || a.Verification == Confirmed }

// MedicationStatus is whether a medication is taken, as FHIR's
// MedicationStatementStatus.
type MedicationStatus string

// The statuses of a medication.
const (
	MedicationActive         MedicationStatus = "active"
	MedicationCompleted      MedicationStatus = "completed"
	MedicationStopped        MedicationStatus = "stopped"
	MedicationEnteredInError MedicationStatus = "entered-in-error"
)

// MedicationStatuses returns every status of a medication.
func MedicationStatuses() []MedicationStatus {
	return []MedicationStatus{MedicationActive, MedicationCompleted, MedicationStopped, MedicationEnteredInError}
}

// Valid reports whether s is one of [MedicationStatuses].
func (s MedicationStatus) Valid() bool { return slices.Contains(MedicationStatuses(), s) }

// Medication is a medication that a patient takes or took.
type Medication struct {
	ID glabella.MedicationID `json:"id" validate:"required"`
	glabella.Meta
	Patient    glabella.PatientID  `json:"patient" validate:"required"`
	Substance  glabella.Coding     `json:"substance" validate:"required"`
	Classes    []string            `json:"classes"` // classes of substance that it belongs to, such as aminoglycoside
	Status     MedicationStatus    `json:"status" validate:"oneof=active completed stopped entered-in-error"`
	From       glabella.Date       `json:"from,omitzero"`
	To         glabella.Date       `json:"to,omitzero"` // the last day
	Dose       string              `json:"dose,omitempty"`
	Provenance glabella.Provenance `json:"provenance"`
}

// Ref returns the reference to the medication.
func (m Medication) Ref() glabella.Ref { return m.ID.Ref() }

// CodeMedicationPeriod says that a medication ends before it begins.
const CodeMedicationPeriod glabella.Code = "patient.medication.period"

// Validate reports everything that is wrong with the medication.
func (m Medication) Validate() error {
	issues := append(check.Struct(m), m.Provenance.Validate("/provenance")...)
	if !m.To.IsZero() && m.To.Before(m.From) {
		issues = append(issues, glabella.Issue{Path: "/to", Code: CodeMedicationPeriod, Text: "ends before it begins"})
	}
	return glabella.Invalid("medication", append(issues, classIssues("/classes", m.Classes)...)...)
}

func classIssues(at string, classes []string) []glabella.Issue {
	var issues []glabella.Issue
	for i, c := range classes {
		path := fmt.Sprintf("%s/%d", at, i)
		if c == "" {
			issues = append(issues, glabella.Issue{Path: path, Code: glabella.CodeRequired, Text: "must be given"})
		}
		if slices.Contains(classes[:i], c) {
			issues = append(issues, glabella.Issue{Path: path, Code: glabella.CodeDuplicate, Text: "given twice"})
		}
	}
	return issues
}

// ActiveOn reports whether the medication is taken on a day, as far as known.
func (m Medication) ActiveOn(on glabella.Date) bool {
	switch m.Status {
	case MedicationEnteredInError:
		return false
	case MedicationActive:
		return on.Compare(m.From) >= 0 && (m.To.IsZero() || !on.After(m.To))
	default: // over, but it may have been taken on that day
		return !m.To.IsZero() && !on.Before(m.From) && !on.After(m.To)
	}
}

// Condition is a condition of a patient that bears on treatment: a disease, a
// pregnancy, a scar that grows.
type Condition struct {
	Concept    glabella.Coding     `json:"concept"`
	Classes    []string            `json:"classes"`       // what contraindications ask for, such as neuromuscular-disorder
	From       glabella.Date       `json:"from,omitzero"` // zero is unknown
	To         glabella.Date       `json:"to,omitzero"`   // the last day; zero is that it lasts
	Provenance glabella.Provenance `json:"provenance,omitzero"`
}

// ActiveOn reports whether the patient has the condition on a day, as far as
// known.
func (c Condition) ActiveOn(on glabella.Date) bool {
	return !on.Before(c.From) && (c.To.IsZero() || !on.After(c.To))
}

func (c Condition) validate(path string) []glabella.Issue {
	issues := append(classIssues(path+"/classes", c.Classes), partProvenance(c.Provenance, path+"/provenance")...)
	if c.Concept.IsZero() && len(c.Classes) == 0 {
		issues = append(issues, glabella.Issue{Path: path + "/concept", Code: glabella.CodeRequired, Text: "a condition has a concept or a class"})
	}
	if !c.To.IsZero() && c.To.Before(c.From) {
		issues = append(issues, glabella.Issue{Path: path + "/to", Code: CodePeriod, Text: "ends before it begins"})
	}
	return issues
}
