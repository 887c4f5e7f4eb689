package fhirconv

import (
	"fmt"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/fhirconv/r4"
	"github.com/glabella-ehr/glabella/patient"
)

// birthSex are the codes of US Core's birth sex.
var birthSex = map[patient.Gender]string{patient.Female: "F", patient.Male: "M", patient.Unknown: "UNK"}

// provenance returns where a fact comes from, as an extension.
func (b *builder) provenance(path string, p glabella.Provenance) []r4.Extension {
	author := textPart("author", p.Author.String())
	if b.known[p.Author] {
		author = refPart("author", b.ref(path+"/author", p.Author))
	}
	return extension("provenance",
		codePart("source", p.Source),
		author,
		textPart("system", p.System),
		textPart("document", p.Document),
		timePart("recordedAt", p.RecordedAt),
		timePart("effectiveAt", p.EffectiveAt),
	)
}

// classes returns the classes of substance or condition, as extensions.
func classes(codes []string) []r4.Extension {
	var out []r4.Extension
	for _, c := range codes {
		out = append(out, single("class", textPart("class", c))...)
	}
	return out
}

func (b *builder) patient() {
	p := b.r.Patient
	out := r4.Patient{
		ID:                  p.ID.String(),
		Meta:                confidential(meta(p.Meta), p.Restricted),
		BirthDate:           r4.Date(p.BirthDate.String()),
		GeneralPractitioner: b.refs("/patient/preferredProvider", p.PreferredProvider.Ref()),
	}
	if code, ok := birthSex[p.SexAtBirth]; ok {
		out.Extension = append(out.Extension, r4.Extension{URL: extensionBirth, Value: r4.Code(code)})
	}
	b.lose(p.SexAtBirth == patient.Other, "/patient/sexAtBirth", LossNoElement, "US Core's birth sex has no code for it")
	if p.SexAtBirth != "" && !p.SexAtBirth.Valid() {
		b.issue("/patient/sexAtBirth", glabella.CodeUnknownValue, "no FHIR code stands for it")
	}
	out.Extension = append(out.Extension, single("pronouns", textPart("pronouns", p.Pronouns))...)
	out.Extension = append(out.Extension, single("legalSex", codePart("legalSex", p.LegalSex))...)
	for i, g := range p.GenderIdentity {
		parts := []r4.Extension{
			textPart("system", g.Concept.System), textPart("code", g.Concept.Code), textPart("display", g.Concept.Display),
			datePart("from", g.From.String()), datePart("to", g.To.String()),
		}
		parts = append(parts, b.provenance(fmt.Sprintf("/patient/genderIdentity/%d/provenance", i), g.Provenance)...)
		out.Extension = append(out.Extension, extension("genderIdentity", parts...)...)
	}
	out.Extension = append(out.Extension, b.provenance("/patient/provenance", p.Provenance)...)
	b.standing(&out)
	for i, id := range p.Identifiers {
		out.Identifier = append(out.Identifier, r4.Identifier{Use: id.Use, System: id.System, Value: id.Value})
		b.losePeriod(fmt.Sprintf("/patient/identifiers/%d", i), id.From, id.To)
	}
	for i, n := range p.Names {
		path := fmt.Sprintf("/patient/names/%d", i)
		name := r4.HumanName{
			Extension: b.provenance(path+"/provenance", n.Provenance),
			Use:       coded(b, path+"/use", same(patient.NameUses()), n.Use),
			Family:    n.Family,
			Given:     n.Given,
			Period:    period(n.From.String(), n.To.String()),
		}
		if n.Prefix != "" {
			name.Prefix = []string{n.Prefix}
		}
		if n.Suffix != "" {
			name.Suffix = []string{n.Suffix}
		}
		out.Name = append(out.Name, name)
	}
	if p.Gender != "" {
		out.Gender = coded(b, "/patient/gender", same(patient.Genders()), p.Gender)
	}
	for i, c := range p.Contacts {
		path := fmt.Sprintf("/patient/contacts/%d", i)
		contact := r4.ContactPoint{
			Extension: b.provenance(path+"/provenance", c.Provenance),
			System:    coded(b, path+"/system", same(patient.Systems()), c.System),
			Value:     c.Value,
		}
		switch c.Use {
		case "home", "work", "temp", "old", "mobile":
			contact.Use = c.Use
		default:
			b.lose(c.Use != "", path+"/use", LossNoElement, "not a use that FHIR has")
		}
		if c.Preferred {
			contact.Rank = new(1)
		}
		contact.Extension = append(contact.Extension, single("phoneExtension", textPart("phoneExtension", c.Extension))...)
		b.losePeriod(path, c.From, c.To)
		out.Telecom = append(out.Telecom, contact)
	}
	for i, a := range p.Addresses {
		out.Address = append(out.Address, r4.Address{
			Extension: b.provenance(fmt.Sprintf("/patient/addresses/%d/provenance", i), a.Provenance),
			Use:       a.Use,
			Line:      a.Lines, City: a.City, State: a.State, PostalCode: a.PostalCode, Country: a.Country,
		})
		b.losePeriod(fmt.Sprintf("/patient/addresses/%d", i), a.From, a.To)
	}
	for i, l := range p.Languages {
		language := r4.PatientCommunication{Language: concept(systemLanguage, l, "")}
		if i == 0 {
			preferred := true
			language.Preferred = &preferred
		}
		out.Communication = append(out.Communication, language)
	}
	for i := range p.Tags {
		b.lose(true, fmt.Sprintf("/patient/tags/%d", i), LossNoElement, "a tag is the practice's own")
	}
	b.add("/patient", &out)
	b.conditions()
}

// standing writes whether the record is in use, and lists what of its standing is
// not written.
func (b *builder) standing(out *r4.Patient) {
	p := b.r.Patient
	if p.Standing.Current() != patient.StandingActive {
		active := false
		out.Active = &active
		b.lose(true, "/patient/standing", LossBroader, "written as a record that is not in use")
	}
	for i := range p.Alerts {
		b.lose(true, fmt.Sprintf("/patient/alerts/%d", i), LossNoElement, "alerts are not written as flags")
	}
	for i := range p.Related {
		b.lose(true, fmt.Sprintf("/patient/related/%d", i), LossNoElement, "related persons are not written")
	}
	c := p.Communication
	b.lose(len(c.Preferences)+len(c.Quiet)+len(c.Confidential) > 0, "/patient/communication", LossNoElement, "how the patient wants to be reached is not written")
	b.lose(len(p.Holds) > 0, "/patient/holds", LossNoElement, "legal holds are not written")
}

// losePeriod lists a period that this package does not write.
func (b *builder) losePeriod(path string, from, to glabella.Date) {
	b.lose(!from.IsZero(), path+"/from", LossNoElement, "the first day is not written")
	b.lose(!to.IsZero(), path+"/to", LossNoElement, "the last day is not written")
}

func (b *builder) conditions() {
	today := glabella.DateOf(b.at.UTC())
	for i, c := range b.r.Patient.Conditions {
		path := fmt.Sprintf("/patient/conditions/%d", i)
		out := r4.Condition{
			ID:           derived("condition", b.r.Patient.ID.String(), fmt.Sprint(i)),
			Extension:    append(classes(c.Classes), b.provenance(path+"/provenance", c.Provenance)...),
			Code:         conceptOf(c.Concept),
			Subject:      b.subject(),
			Onset:        r4.DateTime(c.From.String()),
			RecordedDate: r4.DateTime(instant(c.Provenance.RecordedAt)),
		}
		status := "active"
		if !c.To.IsZero() && today.After(c.To) {
			// FHIR has an end only for what is over (invariant con-4).
			status, out.Abatement = "resolved", r4.DateTime(c.To.String())
		} else {
			b.lose(!c.To.IsZero(), path+"/to", LossNoElement, "FHIR has no end for a condition that lasts")
		}
		out.ClinicalStatus = concept(terminologyStart+"condition-clinical", status, "")
		b.add(path, &out)
	}
}

func (b *builder) allergies() {
	for i, a := range b.r.Allergies {
		path := fmt.Sprintf("/allergies/%d", i)
		b.owned(path, a.Patient)
		out := r4.AllergyIntolerance{
			ID:                 a.ID.String(),
			Meta:               meta(a.Meta),
			Extension:          append(classes(a.Classes), b.provenance(path+"/provenance", a.Provenance)...),
			VerificationStatus: concept(terminologyStart+"allergyintolerance-verification", coded(b, path+"/verification", same(patient.Verifications()), a.Verification), ""),
			Type:               coded(b, path+"/kind", same([]string{"allergy", "intolerance"}), a.Kind),
			Criticality:        coded(b, path+"/criticality", same([]string{"low", "high", "unable-to-assess"}), a.Criticality),
			Code:               conceptOf(a.Substance),
			Patient:            b.subject(),
			RecordedDate:       r4.DateTime(instant(a.Provenance.RecordedAt)),
		}
		// Invariants ait-1 and ait-2: a clinical status unless entered in error.
		switch {
		case a.Active():
			out.ClinicalStatus = concept(terminologyStart+"allergyintolerance-clinical", "active", "")
		case a.Verification == patient.Refuted:
			out.ClinicalStatus = concept(terminologyStart+"allergyintolerance-clinical", "inactive", "")
		}
		for k, r := range a.Reactions {
			reaction := r4.AllergyIntoleranceReaction{Manifestation: []r4.CodeableConcept{{Text: r.Manifestation}}, Onset: r4.DateTime(r.Onset.String())}
			if r.Severity != "" {
				reaction.Severity = coded(b, fmt.Sprintf("%s/reactions/%d/severity", path, k), same([]string{"mild", "moderate", "severe"}), r.Severity)
			}
			out.Reaction = append(out.Reaction, reaction)
		}
		b.add(path, &out)
	}
}

func (b *builder) medications() {
	for i, m := range b.r.Medications {
		path := fmt.Sprintf("/medications/%d", i)
		b.owned(path, m.Patient)
		out := r4.MedicationStatement{
			ID:           m.ID.String(),
			Meta:         meta(m.Meta),
			Extension:    append(classes(m.Classes), b.provenance(path+"/provenance", m.Provenance)...),
			Status:       coded(b, path+"/status", same(patient.MedicationStatuses()), m.Status),
			Medication:   conceptOf(m.Substance),
			Subject:      b.subject(),
			Effective:    period(m.From.String(), m.To.String()),
			DateAsserted: r4.DateTime(instant(m.Provenance.RecordedAt)),
		}
		if m.Substance.IsZero() {
			b.issue(path+"/substance", glabella.CodeRequired, "must be given")
		}
		if m.Dose != "" {
			out.Dosage = []r4.Dosage{{Text: m.Dose}}
		}
		b.add(path, &out)
	}
}

// confidential adds the security label of a restricted record, HL7 v3
// Confidentiality R.
func confidential(m *r4.Meta, restricted bool) *r4.Meta {
	if !restricted {
		return m
	}
	if m == nil {
		m = &r4.Meta{}
	}
	m.Security = append(m.Security, r4.Coding{System: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", Code: "R", Display: "restricted"})
	return m
}
