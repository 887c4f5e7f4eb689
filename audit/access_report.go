package audit

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
)

// Codes of what a patient reads about accesses to their own record. Their
// translations are in plain words.
const (
	// CodeSawRecord says that somebody looked at the patient's record.
	CodeSawRecord glabella.Code = "audit.access.saw-record"
	// CodeSawPhotos says that somebody looked at the patient's photographs.
	CodeSawPhotos glabella.Code = "audit.access.saw-photos"
	// CodeSawBills says that somebody looked at the patient's bills.
	CodeSawBills glabella.Code = "audit.access.saw-bills"
	// CodeFoundInSearch says that the patient was in the result of a search or a list.
	CodeFoundInSearch glabella.Code = "audit.access.found"
	// CodeDetails says that somebody wrote into the patient's personal details.
	CodeDetails glabella.Code = "audit.access.details"
	// CodeAppointments says that somebody worked on the patient's appointments.
	CodeAppointments glabella.Code = "audit.access.appointments"
	// CodeCare says that somebody wrote down something about the patient's treatment.
	CodeCare glabella.Code = "audit.access.care"
	// CodePhotos says that somebody took or changed photographs of the patient.
	CodePhotos glabella.Code = "audit.access.photos"
	// CodeConsents says that somebody recorded a consent or a wish of the patient.
	CodeConsents glabella.Code = "audit.access.consents"
	// CodeBills says that somebody worked on the patient's bills.
	CodeBills glabella.Code = "audit.access.bills"
	// CodeExported says that somebody made a copy of the patient's data.
	CodeExported glabella.Code = "audit.access.exported"
	// CodeOtherUse says that somebody used the patient's record in another way.
	CodeOtherUse glabella.Code = "audit.access.other"
	// CodeTried says that somebody tried to use the patient's record and was not allowed to.
	CodeTried glabella.Code = "audit.access.tried"
	// CodeEmergencyUse says that the access was made under the rule for emergencies.
	CodeEmergencyUse glabella.Code = "audit.access.emergency"
)

// Codes of the purposes of use, as a patient reads them.
const (
	// CodeForTreatment says that the purpose was the patient's care.
	CodeForTreatment glabella.Code = "audit.purpose.treatment"
	// CodeForEmergency says that the purpose was emergency care.
	CodeForEmergency glabella.Code = "audit.purpose.emergency"
	// CodeForPayment says that the purpose was billing.
	CodeForPayment glabella.Code = "audit.purpose.payment"
	// CodeForOperations says that the purpose was running the practice.
	CodeForOperations glabella.Code = "audit.purpose.operations"
	// CodeForMarketing says that the purpose was marketing.
	CodeForMarketing glabella.Code = "audit.purpose.marketing"
	// CodeForResearch says that the purpose was research.
	CodeForResearch glabella.Code = "audit.purpose.research"
	// CodeForPatient says that the patient asked for it.
	CodeForPatient glabella.Code = "audit.purpose.patient"
	// CodeForUnknown says that no purpose was given.
	CodeForUnknown glabella.Code = "audit.purpose.unknown"
)

// AccessLine is a line of a patient's access report: what somebody did with the
// patient's record on one day.
type AccessLine struct {
	On        glabella.Date `json:"on"`
	Who       glabella.Ref  `json:"who"` // staff, the patient, or a program; the host has their names
	What      glabella.Code `json:"what"`
	Why       glabella.Code `json:"why"`
	Emergency bool          `json:"emergency"` // against the rules, for a reason that was given
	Times     int           `json:"times"`
	First     time.Time     `json:"first"` // UTC, microseconds
	Last      time.Time     `json:"last"`  // UTC, microseconds
}

// Words returns the codes whose translations make up the line: what was done,
// why, and that it was an emergency if it was.
func (l AccessLine) Words() []glabella.Code {
	out := []glabella.Code{l.What, l.Why}
	if l.Emergency {
		out = append(out, CodeEmergencyUse)
	}
	return out
}

// AccessReport returns who used a patient's record, in a form for the patient: by
// day, with the newest first, what each did and why, including what they tried
// and were not allowed to. Zone is where the days begin; nil is UTC.
func AccessReport(ctx context.Context, j Journal, patient glabella.PatientID, from, to time.Time, zone *time.Location) ([]AccessLine, error) {
	if patient.IsZero() {
		return nil, glabella.Invalid("access report", glabella.Issue{Path: "/patient", Code: glabella.CodeRequired, Text: "the report is for one patient"})
	}
	if zone == nil {
		zone = time.UTC
	}
	type key struct {
		on        glabella.Date
		who       glabella.Ref
		what, why glabella.Code
		emergency bool
	}
	found := map[key]*AccessLine{}
	for r, err := range Activity(ctx, j, ActivityQuery{Patient: patient, From: from, To: to}) {
		if err != nil {
			return nil, err
		}
		if r.Outcome == Failed {
			continue
		}
		k := key{glabella.DateOf(r.At.In(zone)), r.Actor.Ref(), whatOf(&r, patient), whyOf(r.Actor.Purpose), r.emergency() && r.Outcome != Denied}
		l := found[k]
		if l == nil {
			l = &AccessLine{On: k.on, Who: k.who, What: k.what, Why: k.why, Emergency: k.emergency, First: r.At}
			found[k] = l
		}
		l.Times++
		l.Last = r.At
	}
	out := make([]AccessLine, 0, len(found))
	for _, l := range found {
		out = append(out, *l)
	}
	slices.SortFunc(out, func(a, b AccessLine) int {
		return cmp.Or(b.On.Compare(a.On), b.Last.Compare(a.Last), cmp.Compare(a.Who.String(), b.Who.String()), cmp.Compare(a.What, b.What), cmp.Compare(a.Why, b.Why))
	})
	return out, nil
}

// whatOf puts an action into words for the patient. Actions of a host's own are
// told by what they begin with.
func whatOf(r *Record, patient glabella.PatientID) glabella.Code {
	area, _, _ := strings.Cut(r.Action, ".")
	switch {
	case r.Outcome == Denied:
		return CodeTried
	case r.exports():
		return CodeExported
	case r.Subject != patient.Ref() && r.Outcome == Read && r.Actor.Ref() != patient.Ref():
		return CodeFoundInSearch
	case r.Outcome == Done:
		return wrote(area)
	}
	switch area {
	case "photo":
		return CodeSawPhotos
	case "invoice", "credit":
		return CodeSawBills
	}
	return CodeSawRecord
}

func wrote(area string) glabella.Code {
	switch area {
	case "patient":
		return CodeDetails
	case "appointment":
		return CodeAppointments
	case "encounter", "treatment", "vitals", "series", "order", "clearance", "note", "adverse-event":
		return CodeCare
	case "photo":
		return CodePhotos
	case "consent", "form", "preference", "privacy":
		return CodeConsents
	case "invoice", "credit":
		return CodeBills
	}
	return CodeOtherUse
}

// exports reports whether data left the system.
func (r *Record) exports() bool {
	return r.Action == "patient.export" || slices.ContainsFunc(r.Events, func(v Event) bool {
		return v.Type == string(Exported) || v.Type == string(Printed)
	})
}

func whyOf(p glabella.Purpose) glabella.Code {
	switch p {
	case glabella.PurposeTreatment:
		return CodeForTreatment
	case glabella.PurposeEmergency, glabella.PurposeBreakGlass:
		return CodeForEmergency
	case glabella.PurposePayment:
		return CodeForPayment
	case glabella.PurposeOperations:
		return CodeForOperations
	case glabella.PurposeMarketing:
		return CodeForMarketing
	case glabella.PurposeResearch:
		return CodeForResearch
	case glabella.PurposePatient:
		return CodeForPatient
	}
	return CodeForUnknown
}
