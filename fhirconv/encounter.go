package fhirconv

import (
	"fmt"
	"maps"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/fhirconv/r4"
	"github.com/glabella-ehr/glabella/inventory"
)

// credential returns the licence that someone acted under.
func credential(c encounter.Credential) []r4.Extension {
	return []r4.Extension{textPart("credential", c.Kind), textPart("number", c.Number), textPart("jurisdiction", c.Jurisdiction)}
}

// clearances writes good-faith exams. The exam has taken place whatever it
// decided, so the procedure is completed and the decision is its outcome.
func (b *builder) clearances() {
	for i, c := range b.r.Clearances {
		path := fmt.Sprintf("/clearances/%d", i)
		b.owned(path, c.Patient)
		parts := []r4.Extension{codePart("modality", c.Modality), datePart("validUntil", c.ValidUntil.String())}
		for _, s := range c.Scope {
			parts = append(parts, textPart("treatment", s))
		}
		for _, p := range c.Products {
			parts = append(parts, textPart("product", p))
		}
		parts = append(parts, credential(c.Credential)...)
		parts = append(parts, timePart("revokedAt", c.RevokedAt), textPart("revokedReason", c.RevokedReason))
		out := r4.Procedure{
			ID:        c.ID.String(),
			Meta:      meta(c.Meta),
			Extension: append(extension("clearance", parts...), b.provenance(path+"/provenance", c.Provenance)...),
			Status:    "completed",
			Code:      concept(SystemTreatment, "good-faith-exam", "Good-faith exam"),
			Subject:   b.subject(),
			Performed: r4.DateTime(instant(c.ExaminedAt)),
			Performer: b.performer(path+"/examiner", c.Examiner.Ref()),
			Outcome:   concept(SystemDecision, coded(b, path+"/decision", same(encounter.ClearanceDecisions()), c.Decision), ""),
		}
		if c.Findings != "" {
			out.Note = []r4.Annotation{{Text: c.Findings}}
		}
		b.add(path, &out)
	}
}

func (b *builder) encounters() {
	for i, e := range b.r.Encounters {
		path := fmt.Sprintf("/encounters/%d", i)
		b.owned(path, e.Patient)
		subject := b.subject()
		began := e.ArrivedAt
		if began.IsZero() {
			began = e.StartedAt
		}
		out := r4.Encounter{
			ID:          e.ID.String(),
			Meta:        meta(e.Meta),
			Status:      coded(b, path+"/state", same(encounter.States()), e.State),
			Class:       &r4.Coding{System: systemActCode, Code: "AMB", Display: "ambulatory"},
			Subject:     subject,
			Appointment: b.refs(path+"/appointment", e.Appointment.Ref()),
			Period:      period(instant(began), instant(e.CompletedAt)),
		}
		if !e.ArrivedAt.IsZero() && !e.StartedAt.IsZero() {
			out.StatusHistory = append(out.StatusHistory, r4.EncounterStatusHistory{Status: "arrived", Period: period(instant(e.ArrivedAt), instant(e.StartedAt))})
		}
		if !e.StartedAt.IsZero() && !e.CompletedAt.IsZero() {
			out.StatusHistory = append(out.StatusHistory, r4.EncounterStatusHistory{Status: "in-progress", Period: period(instant(e.StartedAt), instant(e.CompletedAt))})
		}
		if ref := b.ref(path+"/provider", e.Provider.Ref()); ref != nil {
			out.Participant = []r4.EncounterParticipant{{Individual: ref}}
		}
		if ref := b.ref(path+"/site", e.Site.Ref()); ref != nil {
			out.Location = []r4.EncounterLocation{{Location: ref}}
		}
		b.add(path, &out)
		for k, p := range e.Procedures {
			b.procedure(fmt.Sprintf("%s/procedures/%d", path, k), e, p)
		}
	}
}

// procedure writes a procedure and what was given in it.
func (b *builder) procedure(path string, e encounter.Encounter, p encounter.Procedure) {
	out := r4.Procedure{
		ID:        p.ID.String(),
		Status:    "completed",
		Code:      concept(SystemTreatment, p.Record.Template.Code, ""),
		Subject:   b.subject(),
		Encounter: b.ref(path, e.Ref()),
		Performed: r4.DateTime(instant(p.PerformedAt)),
		Performer: b.performer(path+"/performer", p.Performer.Ref()),
	}
	if out.Code != nil {
		out.Code.Coding[0].Version = fmt.Sprint(p.Record.Template.Version)
	}
	given := map[container]*r4.Reference{}
	var entries []r4.Resource
	for k, a := range p.Administrations {
		r, drug := b.administration(fmt.Sprintf("%s/administrations/%d", path, k), e, p, a)
		ref := r4.Reference{Reference: urn(r.ResourceID())}
		given[container{a.Lot, a.Vial}] = &ref
		if !drug {
			out.UsedReference = append(out.UsedReference, ref)
		}
		entries = append(entries, r)
	}
	for _, region := range regions(p) {
		out.BodySite = append(out.BodySite, r4.Concept(SystemRegion, region, ""))
	}
	out.Extension = append(out.Extension, extension("chart",
		textPart("templateHash", p.Record.Template.Hash),
		textPart("product", p.Record.Product),
		quantityPart("total", p.Record.Total),
	)...)
	for _, key := range slices.Sorted(maps.Keys(p.Record.Values)) {
		out.Extension = append(out.Extension, extension("chart-value", textPart("key", key), textPart("value", p.Record.Values[key]))...)
	}
	for _, code := range p.Acknowledged {
		out.Extension = append(out.Extension, single("acknowledged-warning", textPart("code", string(code)))...)
	}
	for m, chart := range p.Record.Maps {
		for k, point := range chart.Points {
			at := fmt.Sprintf("%s/record/maps/%d/points/%d", path, m, k)
			ref := given[container{point.Lot, point.Vial}]
			b.lose(ref == nil && (!point.Lot.IsZero() || !point.Vial.IsZero()), at+"/lot", LossUnresolved, "no administration is of the point's lot and container")
			out.Extension = append(out.Extension, extension("injection-point",
				intPart("sequence", point.Seq),
				decimalPart("x", b.fraction(at+"/x", point.X)),
				decimalPart("y", b.fraction(at+"/y", point.Y)),
				textPart("region", point.Region),
				codePart("side", point.Side),
				quantityPart("amount", point.Amount),
				textPart("muscle", point.Muscle),
				textPart("depth", point.Depth),
				textPart("technique", point.Technique),
				textPart("device", point.Device),
				textPart("diagram", chart.Diagram),
				intPart("diagramVersion", chart.DiagramVersion),
				refPart("administration", ref),
			)...)
		}
	}
	b.add(path, &out)
	for k, r := range entries {
		b.add(fmt.Sprintf("%s/administrations/%d", path, k), r)
	}
}

// container is what a point was drawn from.
type container struct {
	lot  glabella.LotID
	vial glabella.VialID
}

// regions returns the regions of a procedure, each once, in order of appearance.
func regions(p encounter.Procedure) []string {
	out := p.Record.Regions()
	for _, a := range p.Administrations {
		for _, r := range a.Regions {
			if !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	return out
}

// administration writes what was given of one container: a drug as a
// MedicationAdministration, and what is not one, such as a filler, as a Device.
// Whatever has a National Drug Code or is measured in units of activity is a drug.
func (b *builder) administration(path string, e encounter.Encounter, p encounter.Procedure, a encounter.Administration) (r r4.Resource, drug bool) {
	id := derived("administration", p.ID.String(), a.Lot.String(), a.Vial.String())
	var lot inventory.Lot
	if i := slices.IndexFunc(b.r.Lots, func(l inventory.Lot) bool { return l.ID == a.Lot && !a.Lot.IsZero() }); i >= 0 {
		lot = b.r.Lots[i]
	} else {
		b.lose(!a.Lot.IsZero(), path+"/lot", LossUnresolved, "the lot was not given")
	}
	var product inventory.Product
	if i := slices.IndexFunc(b.r.Products, func(p inventory.Product) bool { return p.ID == lot.Product && !lot.Product.IsZero() }); i >= 0 {
		product = b.r.Products[i]
	} else {
		b.lose(!lot.ID.IsZero(), path+"/lot", LossUnresolved, "the product of the lot was not given")
	}
	var vial inventory.Vial
	if i := slices.IndexFunc(b.r.Vials, func(v inventory.Vial) bool { return v.ID == a.Vial && !a.Vial.IsZero() }); i >= 0 {
		vial = b.r.Vials[i]
	} else {
		b.lose(!a.Vial.IsZero(), path+"/vial", LossUnresolved, "the container was not given")
	}

	var identifiers []r4.Identifier
	if !a.Vial.IsZero() {
		identifiers = []r4.Identifier{{System: systemContainer, Value: a.Vial.String()}}
	}
	code := r4.CodeableConcept{Text: product.Name}
	if product.NDC != "" {
		code.Coding = append(code.Coding, r4.Coding{System: systemNDC, Code: product.NDC})
	}
	if a.Product != "" {
		code.Coding = append(code.Coding, r4.Coding{System: SystemSubstance, Code: a.Product})
	}
	contents := extension("container",
		quantityPart("concentration", vial.Concentration),
		timePart("openedAt", vial.OpenedAt),
		timePart("reconstitutedAt", vial.ReconstitutedAt),
	)

	if product.NDC == "" && a.Quantity.Unit().Code() != "[arb'U]" {
		subject := b.subject()
		device := r4.Device{
			ID:             id,
			Extension:      append(single("amount", quantityPart("amount", a.Quantity)), contents...),
			Identifier:     identifiers,
			Status:         "active",
			ExpirationDate: r4.DateTime(lot.Expires.String()),
			LotNumber:      lot.Number,
			Type:           &code,
			Patient:        subject,
		}
		if lot.GTIN != "" {
			device.UdiCarrier = []r4.DeviceUdiCarrier{{DeviceIdentifier: lot.GTIN, Issuer: systemGS1}}
		}
		if product.Name != "" {
			device.DeviceName = []r4.DeviceDeviceName{{Name: product.Name, Type: "user-friendly-name"}}
		}
		return &device, false
	}
	medication := r4.Medication{ID: "medication", Extension: contents, Identifier: identifiers, Code: &code}
	if lot.GTIN != "" {
		medication.Identifier = append(medication.Identifier, r4.Identifier{System: systemGTIN, Value: lot.GTIN})
	}
	if !lot.ID.IsZero() {
		medication.Batch = &r4.MedicationBatch{LotNumber: lot.Number, ExpirationDate: r4.DateTime(lot.Expires.String())}
	}
	out := r4.MedicationAdministration{
		ID:         id,
		Contained:  []r4.Resource{&medication},
		PartOf:     []r4.Reference{{Reference: urn(p.ID.String())}},
		Status:     "completed",
		Medication: &r4.Reference{Reference: "#medication"},
		Subject:    b.subject(),
		Context:    b.ref(path, e.Ref()),
		Effective:  r4.DateTime(instant(p.PerformedAt)),
		Dosage:     &r4.MedicationAdministrationDosage{Dose: quantityOf(a.Quantity)},
	}
	if ref := b.ref(path+"/performer", p.Performer.Ref()); ref != nil {
		out.Performer = []r4.MedicationAdministrationPerformer{{Actor: ref}}
	}
	// FHIR has room for one site; several regions are sites of the procedure.
	if len(a.Regions) == 1 {
		out.Dosage.Site = concept(SystemRegion, a.Regions[0], "")
	}
	return &out, true
}
