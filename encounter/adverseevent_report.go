package encounter

import (
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/treatment"
)

// The recipients of reports that the built-in rules name. A host adds its own,
// such as the board of its state.
const (
	ReportToFDA          = "fda-medwatch"
	ReportToMHRA         = "mhra-yellow-card"
	ReportToManufacturer = "manufacturer"
)

// SafetyReport says that an adverse event was reported, to whom, and under which
// number.
type SafetyReport struct {
	To        string           `json:"to"` // code of the recipient
	At        time.Time        `json:"at"`
	By        glabella.StaffID `json:"by"`
	Reference string           `json:"reference,omitempty"` // the recipient's number
}

// ReportRule says which adverse events are reported to whom.
type ReportRule struct {
	To           string          `json:"to"`
	Jurisdiction string          `json:"jurisdiction,omitempty"` // ISO 3166: "US", "GB"; empty is everywhere
	Kinds        []string        `json:"kinds"`                  // kinds of adverse event; empty is all
	Treatments   []string        `json:"treatments"`             // codes of templates; empty is all
	SeriousOnly  bool            `json:"seriousOnly,omitempty"`
	ProductOnly  bool            `json:"productOnly,omitempty"` // only events that name a product or a lot
	Mandatory    bool            `json:"mandatory,omitempty"`   // a duty; otherwise reporting is voluntary
	Days         int             `json:"days,omitempty"`        // until when, from the day that it was noticed; 0 is no term
	Basis        treatment.Basis `json:"basis"`
	Source       string          `json:"source,omitempty"`
}

// ReportDuty is a report that a rule asks for and that has not been filed.
type ReportDuty struct {
	Rule  ReportRule    `json:"rule"`
	DueOn glabella.Date `json:"dueOn,omitzero"` // the last day, in UTC; zero is no term
}

// Validate reports what is wrong with the rule; path is where it stands.
func (r ReportRule) Validate(path string) []glabella.Issue {
	issues := validateBasis(path, r.Basis, r.Source)
	if r.To == "" {
		issues = append(issues, glabella.Issue{Path: path + "/to", Code: glabella.CodeRequired, Text: "a rule names a recipient"})
	}
	if r.Days < 0 {
		issues = append(issues, glabella.Issue{Path: path + "/days", Code: glabella.CodeOutOfRange, Text: "must be at least 0"})
	}
	if r.Mandatory && r.Basis != treatment.BasisRegulation {
		issues = append(issues, glabella.Issue{Path: path + "/mandatory", Code: glabella.CodeMismatch, Text: "only a regulation makes a report a duty"})
	}
	return issues
}

// ReportRules returns the built-in rules for a jurisdiction, an ISO 3166 code of a
// country with or without its subdivision: "US", "US-TX". None of them is a duty:
// clinicians report to these recipients voluntarily. Duties of a state, and those
// of facilities that are more than a clinician's office (21 CFR 803), are the
// host's to add.
func ReportRules(jurisdiction string) []ReportRule {
	all := []ReportRule{
		{To: ReportToFDA, Jurisdiction: "US", SeriousOnly: true, Basis: treatment.BasisGuideline,
			Source: "US FDA, MedWatch: voluntary reporting by health professionals, Form FDA 3500"},
		{To: ReportToFDA, Jurisdiction: "US", Treatments: []string{"rf-microneedling"}, Kinds: []string{"burn", "scar", "fat-loss", "disfigurement", "nerve-injury"}, Basis: treatment.BasisGuideline,
			Source: "US FDA, safety communication on radiofrequency microneedling, 15 October 2025"},
		{To: ReportToMHRA, Jurisdiction: "GB", SeriousOnly: true, Basis: treatment.BasisGuideline,
			Source: "UK MHRA, Yellow Card scheme: voluntary reporting by health professionals"},
		{To: ReportToManufacturer, ProductOnly: true, Basis: treatment.BasisCommonPractice},
	}
	return slices.DeleteFunc(all, func(r ReportRule) bool {
		country := jurisdiction[:min(2, len(jurisdiction))]
		return r.Jurisdiction != "" && r.Jurisdiction != jurisdiction && r.Jurisdiction != country
	})
}

// covers reports whether the rule asks for a report of the event.
func (r ReportRule) covers(e AdverseEvent) bool {
	return (len(r.Kinds) == 0 || slices.Contains(r.Kinds, e.Kind)) &&
		(len(r.Treatments) == 0 || slices.Contains(r.Treatments, e.Treatment)) &&
		(!r.SeriousOnly || e.Serious) &&
		(!r.ProductOnly || len(e.Products)+len(e.Lots) > 0)
}

// ReportDue returns the reports of the event that the rules ask for and that have
// not been filed: one for each recipient, by the strictest of its rules. Events
// that are unrelated to the treatment are not reported.
func ReportDue(e AdverseEvent, rules []ReportRule) []ReportDuty {
	if e.Relation == Unrelated {
		return nil
	}
	var out []ReportDuty
	for _, r := range rules {
		if !r.covers(e) || slices.ContainsFunc(e.Reports, func(filed SafetyReport) bool { return filed.To == r.To }) {
			continue
		}
		duty := ReportDuty{Rule: r}
		if r.Days > 0 {
			duty.DueOn = glabella.DateOf(e.NoticedAt.UTC()).AddDays(r.Days)
		}
		at := slices.IndexFunc(out, func(d ReportDuty) bool { return d.Rule.To == r.To })
		switch {
		case at < 0:
			out = append(out, duty)
		case duty.stricter(out[at]):
			out[at] = duty
		}
	}
	return out
}

// stricter reports whether a is a duty and b is not, or is due before b.
func (a ReportDuty) stricter(b ReportDuty) bool {
	if a.Rule.Mandatory != b.Rule.Mandatory {
		return a.Rule.Mandatory
	}
	return !a.DueOn.IsZero() && (b.DueOn.IsZero() || a.DueOn.Before(b.DueOn))
}

// String names the recipient and the term.
func (a ReportDuty) String() string {
	if a.DueOn.IsZero() {
		return a.Rule.To
	}
	return fmt.Sprintf("%s by %s", a.Rule.To, a.DueOn)
}

// AdverseEventReported is the business event of an adverse event that the clinic
// has learned of.
type AdverseEventReported struct {
	Event     glabella.AdverseEventID `json:"event"`
	Patient   glabella.PatientID      `json:"patient"`
	Encounter glabella.EncounterID    `json:"encounter,omitzero"`
	Procedure glabella.ProcedureID    `json:"procedure,omitzero"`
	Kind      string                  `json:"kind"`
	Grade     int                     `json:"grade"`
	Serious   bool                    `json:"serious"`
	Lots      []glabella.LotID        `json:"lots"`
}

// AdverseEventChanged is the business event of an adverse event whose care has
// come to another state.
type AdverseEventChanged struct {
	Event   glabella.AdverseEventID `json:"event"`
	Patient glabella.PatientID      `json:"patient"`
	State   AdverseEventState       `json:"state"`
	Outcome EventOutcome            `json:"outcome"`
}

// AdverseEventFiled is the business event of a report to an authority or a
// manufacturer.
type AdverseEventFiled struct {
	Event     glabella.AdverseEventID `json:"event"`
	To        string                  `json:"to"`
	Reference string                  `json:"reference,omitempty"`
}

// Event returns the business event of the adverse event's discovery.
func (e AdverseEvent) Event() AdverseEventReported {
	return AdverseEventReported{
		Event: e.ID, Patient: e.Patient, Encounter: e.Encounter, Procedure: e.Procedure,
		Kind: e.Kind, Grade: e.Grade, Serious: e.Serious, Lots: slices.Clone(e.Lots),
	}
}
