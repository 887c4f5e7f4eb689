package practice

import (
	"context"
	"reflect"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/storage"
)

// EditPatient is the input of [Practice.EditPatient]: the record as it is to be.
// What is not said here is kept: its standing, legal holds and where it came
// from.
type EditPatient struct {
	Command
	Patient           glabella.PatientID       `json:"patient"`
	Names             []patient.Name           `json:"names"`
	Pronouns          string                   `json:"pronouns"`
	BirthDate         glabella.Date            `json:"birthDate"`
	SexAtBirth        patient.Gender           `json:"sexAtBirth"`
	LegalSex          patient.Gender           `json:"legalSex"`
	Gender            patient.Gender           `json:"gender"`
	GenderIdentity    []patient.GenderIdentity `json:"genderIdentity"`
	Contacts          []patient.Contact        `json:"contacts"`
	Addresses         []patient.Address        `json:"addresses"`
	Languages         []string                 `json:"languages"`
	Identifiers       []patient.Identifier     `json:"identifiers"`
	PreferredProvider glabella.StaffID         `json:"preferredProvider"`
	Tags              []string                 `json:"tags"`
	Conditions        []patient.Condition      `json:"conditions"`
	Alerts            []patient.Alert          `json:"alerts"`
	Related           []patient.Related        `json:"related"`
	Communication     patient.Communication    `json:"communication"`
}

// EditOf returns the edit that leaves a record as it is, to be changed: the
// command then fails if the record has changed since.
func EditOf(p patient.Patient) EditPatient {
	return EditPatient{
		Command: Command{IfVersion: p.Version}, Patient: p.ID,
		Names: slices.Clone(p.Names), Pronouns: p.Pronouns, BirthDate: p.BirthDate, SexAtBirth: p.SexAtBirth, LegalSex: p.LegalSex, Gender: p.Gender,
		GenderIdentity: slices.Clone(p.GenderIdentity), Contacts: slices.Clone(p.Contacts), Addresses: slices.Clone(p.Addresses), Languages: slices.Clone(p.Languages),
		Identifiers: slices.Clone(p.Identifiers), PreferredProvider: p.PreferredProvider, Tags: slices.Clone(p.Tags), Conditions: slices.Clone(p.Conditions),
		Alerts: slices.Clone(p.Alerts), Related: slices.Clone(p.Related), Communication: p.Communication,
	}
}

// CodeEditVersion says that an edit does not say which version of the record it is of.
const CodeEditVersion glabella.Code = "practice.patient.edit-version"

// EditPatient changes what is known of a patient. What the record did not have
// before and says nothing of where it comes from was entered by the actor now;
// everything else keeps its provenance. An edit names the version that it is of
// ([EditOf]), so that nobody overwrites what they have not seen. Earlier versions
// of the record stay readable.
func (p *Practice) EditPatient(ctx context.Context, actor glabella.Actor, in EditPatient) (PatientChanged, error) {
	return changePatient(ctx, p, actor, access.PatientUpdate, in, in.Patient, "edit", "", func(w *work, old patient.Patient) (patient.Patient, error) {
		if in.IfVersion == 0 {
			return old, glabella.Invalid("patient", glabella.Issue{Path: "/ifVersion", Code: CodeEditVersion, Text: "an edit is of a version of the record"})
		}
		edited := old
		now := w.entered()
		var err error
		if in.Contacts, in.Addresses, err = w.normal(ctx, in.Contacts, in.Addresses); err != nil {
			return old, err
		}
		edited.Names = sourced(in.Names, old.Names, now, func(n *patient.Name) *glabella.Provenance { return &n.Provenance })
		edited.GenderIdentity = sourced(in.GenderIdentity, old.GenderIdentity, now, func(g *patient.GenderIdentity) *glabella.Provenance { return &g.Provenance })
		edited.Contacts = sourced(in.Contacts, old.Contacts, now, func(c *patient.Contact) *glabella.Provenance { return &c.Provenance })
		edited.Addresses = sourced(in.Addresses, old.Addresses, now, func(a *patient.Address) *glabella.Provenance { return &a.Provenance })
		edited.Conditions = sourced(in.Conditions, old.Conditions, now, func(c *patient.Condition) *glabella.Provenance { return &c.Provenance })
		edited.Alerts = sourced(in.Alerts, old.Alerts, now, func(a *patient.Alert) *glabella.Provenance { return &a.Provenance })
		edited.Related = sourced(in.Related, old.Related, now, func(r *patient.Related) *glabella.Provenance { return &r.Provenance })
		for i := range edited.Related {
			if edited.Related[i].ID.IsZero() {
				edited.Related[i].ID = glabella.RelatedID(w.NewUUID())
			}
		}
		edited.Communication = in.Communication
		edited.Communication.Preferences = sourced(in.Communication.Preferences, old.Communication.Preferences, now, func(c *patient.ChannelPreference) *glabella.Provenance { return &c.Provenance })
		edited.Communication.Confidential = sourced(in.Communication.Confidential, old.Communication.Confidential, now, func(c *patient.ConfidentialRequest) *glabella.Provenance { return &c.Provenance })
		edited.Pronouns, edited.BirthDate, edited.SexAtBirth, edited.LegalSex, edited.Gender = in.Pronouns, in.BirthDate, in.SexAtBirth, in.LegalSex, in.Gender
		if read, _ := w.Sight(); !read.Has(access.ClassClinical) && len(in.Conditions)+len(in.Alerts) == 0 {
			edited.Conditions, edited.Alerts = old.Conditions, old.Alerts // who does not see them does not take them away
		}
		edited.Languages, edited.Identifiers, edited.Tags, edited.PreferredProvider = slices.Clone(in.Languages), slices.Clone(in.Identifiers), slices.Clone(in.Tags), in.PreferredProvider
		return edited, w.mayWrite(access.MayWrite(old, edited, old.Ref().Kind, w.writes()))
	})
}

// EditHistory is the input of [Practice.EditHistory]: the history as it is to be.
type EditHistory struct {
	Command
	Patient    glabella.PatientID        `json:"patient"`
	Family     []patient.FamilyFact      `json:"family"`
	Social     []patient.SocialFact      `json:"social"`
	Treatments []patient.PriorTreatment  `json:"treatments"` // elsewhere, or before the record began
	Pregnancy  []patient.PregnancyStatus `json:"pregnancy"`
	Skin       []patient.SkinAssessment  `json:"skin"`
}

// HistoryEdited is the receipt of [Practice.EditHistory].
type HistoryEdited struct {
	History glabella.HistoryID `json:"history"`
	Version uint64             `json:"version"`
}

// EditHistory writes down what is known of a patient's past: family and social
// history, treatments elsewhere, pregnancy, skin type. Facts that are new and say
// nothing of where they come from were entered by the actor now. A history that is
// there is edited by its version. What it says counts when it is asked whether the
// patient may be treated.
func (p *Practice) EditHistory(ctx context.Context, actor glabella.Actor, in EditHistory) (HistoryEdited, error) {
	return run(ctx, p, actor, access.PatientReview, in.Patient, in, func(ctx context.Context, w *work, in EditHistory, out *HistoryEdited) (storage.Outcome, error) {
		if _, err := w.Patients().Get(ctx, in.Patient); err != nil {
			return failed(err)
		}
		h, err := w.Histories().Get(ctx, patient.HistoryIDOf(in.Patient))
		switch ok, err := found(err); {
		case err != nil:
			return failed(err)
		case !ok:
			h = patient.NewHistory(in.Patient)
			w.versionChecked = true
		case in.IfVersion == 0:
			return failed(glabella.Invalid("history", glabella.Issue{Path: "/ifVersion", Code: CodeEditVersion, Text: "an edit is of a version of the record"}))
		default:
			if err := w.expect(h.Ref(), h.Version); err != nil {
				return failed(err)
			}
		}
		old, now := h, w.entered()
		h.Family = sourced(in.Family, h.Family, now, func(f *patient.FamilyFact) *glabella.Provenance { return &f.Provenance })
		h.Social = sourced(in.Social, h.Social, now, func(f *patient.SocialFact) *glabella.Provenance { return &f.Provenance })
		h.Treatments = sourced(in.Treatments, h.Treatments, now, func(f *patient.PriorTreatment) *glabella.Provenance { return &f.Provenance })
		h.Pregnancy = sourced(in.Pregnancy, h.Pregnancy, now, func(f *patient.PregnancyStatus) *glabella.Provenance { return &f.Provenance })
		h.Skin = sourced(in.Skin, h.Skin, now, func(f *patient.SkinAssessment) *glabella.Provenance { return &f.Provenance })
		if err := w.mayWrite(access.MayWrite(old, h, h.Ref().Kind, w.writes())); err != nil {
			return failed(err)
		}
		if h, err = w.Histories().Put(ctx, h); err != nil {
			return failed(err)
		}
		*out = HistoryEdited{History: h.ID, Version: h.Version}
		return recorded("patient.changed", patientChanged{Patient: in.Patient, Action: "edit-history"})
	})
}

// sourced returns the parts of a record as they are to be: those that say nothing
// of where they come from and are not among the old ones were entered now.
func sourced[T any](parts, old []T, now glabella.Provenance, of func(*T) *glabella.Provenance) []T {
	out := slices.Clone(parts)
	for i := range out {
		if from := of(&out[i]); *from == (glabella.Provenance{}) && !slices.ContainsFunc(old, func(o T) bool { return reflect.DeepEqual(o, out[i]) }) {
			*from = now
		}
	}
	return out
}
