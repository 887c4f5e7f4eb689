package practice

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/fhirconv"
	"github.com/glabella-ehr/glabella/fhirconv/r4"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/storage"
)

// Export is one patient's record in FHIR R4, and what had no place in it.
type Export struct {
	Bundle r4.Bundle
	Losses []fhirconv.Loss
}

// ExportPatient returns the whole record of one patient as a FHIR R4 transaction
// Bundle. The export is journaled with everything that it hands out.
func (p *Practice) ExportPatient(ctx context.Context, actor glabella.Actor, id glabella.PatientID) (Export, error) {
	return query(ctx, p, actor, access.PatientExport, id, func(ctx context.Context, r *storage.Reading) (Export, error) {
		return exportOf(ctx, r, id)
	})
}

// ExportRecord is [Practice.ExportPatient] with the whole record beside what FHIR has
// elements for, so that [fhirconv.FromFHIR] gives it back exactly: for who moves to
// another system that has this library, and for an archive. The losses are what a
// receiver without it does not learn. Of the practice's own records only those that
// the patient's refer to are in it, and of staff their names and credentials.
func (p *Practice) ExportRecord(ctx context.Context, actor glabella.Actor, id glabella.PatientID) (Export, error) {
	return query(ctx, p, actor, access.PatientExport, id, func(ctx context.Context, r *storage.Reading) (Export, error) {
		rec, moved, err := recordOf(ctx, r, id)
		if err != nil {
			return Export{}, err
		}
		if err := onlyReferred(&rec); err != nil {
			return Export{}, err
		}
		bundle, losses, err := fhirconv.ToFHIR(rec, r.Now())
		return Export{Bundle: bundle, Losses: append(losses, moved...)}, err
	})
}

// ExportDeidentified is the question of [Practice.ExportDeidentified].
type ExportDeidentified struct {
	Patient glabella.PatientID
	Zip3    []string                       // see [fhirconv.DeidentifyOptions]
	Known   func(system, code string) bool // see [fhirconv.DeidentifyOptions]
}

// ExportDeidentified returns a copy of one patient's record without what
// identifies them, by the Safe Harbor rule of 45 CFR 164.514(b)(2), with the proof
// of what was left out. The copy says less than the record: only what is known to
// be safe stays. Keep its Codes apart from it. The export is journaled like any.
func (p *Practice) ExportDeidentified(ctx context.Context, actor glabella.Actor, q ExportDeidentified) (fhirconv.Deidentified, error) {
	return query(ctx, p, actor, access.PatientDeidentify, q.Patient, func(ctx context.Context, r *storage.Reading) (fhirconv.Deidentified, error) {
		export, err := exportOf(ctx, r, q.Patient)
		if err != nil {
			return fhirconv.Deidentified{}, err
		}
		whole, err := fhirconv.Encode(export.Bundle)
		if err != nil {
			return fhirconv.Deidentified{}, err
		}
		return fhirconv.Deidentify(whole, fhirconv.DeidentifyOptions{On: glabella.DateOf(r.Now()), Zip3: q.Zip3, Known: q.Known})
	})
}

func exportOf(ctx context.Context, r *storage.Reading, id glabella.PatientID) (Export, error) {
	rec, moved, err := recordOf(ctx, r, id)
	if err != nil {
		return Export{}, err
	}
	bundle, losses, err := fhirconv.PatientBundle(rec, r.Now())
	return Export{Bundle: bundle, Losses: append(losses, moved...)}, err
}

// recordOf gathers what an export is made from, and what of it was recorded of
// another record of the patient.
func recordOf(ctx context.Context, r *storage.Reading, id glabella.PatientID) (fhirconv.Record, []fhirconv.Loss, error) {
	c, err := chartOf(ctx, r, id)
	if err != nil {
		return fhirconv.Record{}, nil, err
	}
	moved := c.ofOne()
	rec := fhirconv.Record{
		Patient: c.Patient, Allergies: c.Allergies, Medications: c.Medications, Consents: c.Consents, Discussions: c.Discussions, Deliveries: c.Deliveries, Preferences: c.Preferences, Clearances: c.Clearances,
		Appointments: c.Appointments, Encounters: c.Encounters, Notes: c.Notes, Invoices: c.Invoices, Vitals: c.Vitals, Series: c.Series, Events: c.Events, Photos: c.Photos, Histories: c.Histories, Proposals: c.Proposals,
		Credits: c.Credits, GiftCards: c.GiftCards, Estimates: c.Estimates, Disclosures: c.Disclosures, Recalls: c.Recalls, Emergencies: c.Emergencies,
	}
	for _, load := range []func() error{
		func() (err error) { rec.Staff, err = r.Staff().All(ctx, storage.StaffQuery{}); return },
		func() (err error) { rec.Sites, err = r.Sites().All(ctx, storage.SiteQuery{}); return },
		func() (err error) { rec.Forms, err = r.Forms().All(ctx, storage.FormQuery{}); return },
		func() (err error) { rec.Products, err = r.Products().All(ctx, storage.ProductQuery{}); return },
	} {
		if err := load(); err != nil {
			return fhirconv.Record{}, nil, err
		}
	}
	seen := map[glabella.Ref]bool{}
	for _, visit := range c.Encounters {
		for _, proc := range visit.Procedures {
			for _, a := range proc.Administrations {
				if !a.Lot.IsZero() && !seen[a.Lot.Ref()] {
					lot, err := r.Lots().Get(ctx, a.Lot)
					if err != nil {
						return fhirconv.Record{}, nil, err
					}
					rec.Lots = append(rec.Lots, lot)
				}
				if !a.Vial.IsZero() && !seen[a.Vial.Ref()] {
					vial, err := r.Vials().Get(ctx, a.Vial)
					if err != nil {
						return fhirconv.Record{}, nil, err
					}
					rec.Vials = append(rec.Vials, vial)
				}
				seen[a.Lot.Ref()], seen[a.Vial.Ref()] = true, true
			}
		}
	}
	return rec, moved, nil
}

// onlyReferred drops the practice's own records that nothing of the patient's refers
// to, and what is nobody's business of the others.
func onlyReferred(rec *fhirconv.Record) error {
	patients := *rec
	patients.Staff, patients.Sites, patients.Products, patients.Forms = nil, nil, nil, nil
	text, err := json.Marshal(patients)
	if err != nil {
		return err
	}
	referred := func(ref glabella.Ref) bool { return bytes.Contains(text, []byte(ref.ID)) }
	rec.Staff = slices.DeleteFunc(rec.Staff, func(s access.Staff) bool { return !referred(s.Ref()) })
	for i, s := range rec.Staff {
		rec.Staff[i] = access.Staff{ID: s.ID, Name: s.Name, Credentials: s.Credentials}
	}
	rec.Sites = slices.DeleteFunc(rec.Sites, func(s config.Site) bool { return !referred(s.Ref()) })
	rec.Products = slices.DeleteFunc(rec.Products, func(p inventory.Product) bool { return !referred(p.Ref()) })
	rec.Forms = slices.DeleteFunc(rec.Forms, func(f consent.Form) bool { return !referred(f.Ref()) })
	return nil
}

// ofOne has everything on the chart be of the record that the patient goes by, and
// returns what was of another record of theirs.
func (c *Chart) ofOne() []fhirconv.Loss {
	var out []fhirconv.Loss
	move := func(kind string, i int, of *glabella.PatientID) {
		if *of != c.Patient.ID {
			*of = c.Patient.ID
			out = append(out, fhirconv.Loss{Path: fmt.Sprintf("/%s/%d/patient", kind, i), Kind: fhirconv.LossBroader, Text: "was recorded of another record of the patient"})
		}
	}
	for i := range c.Allergies {
		move("allergies", i, &c.Allergies[i].Patient)
	}
	for i := range c.Medications {
		move("medications", i, &c.Medications[i].Patient)
	}
	for i := range c.Consents {
		move("consents", i, &c.Consents[i].Patient)
	}
	for i := range c.Discussions {
		move("discussions", i, &c.Discussions[i].Patient)
	}
	for i := range c.Deliveries {
		move("deliveries", i, &c.Deliveries[i].Patient)
	}
	c.Preferences.Each(func(path string, of *glabella.PatientID) {
		if *of != c.Patient.ID {
			*of = c.Patient.ID
			out = append(out, fhirconv.Loss{Path: "/preferences" + path + "/patient", Kind: fhirconv.LossBroader, Text: "was recorded of another record of the patient"})
		}
	})
	for i := range c.Credits {
		move("credits", i, &c.Credits[i].Patient)
	}
	for i := range c.Estimates {
		move("estimates", i, &c.Estimates[i].Patient)
	}
	for i := range c.GiftCards {
		move("giftCards", i, &c.GiftCards[i].Holder)
	}
	for i := range c.Disclosures {
		move("disclosures", i, &c.Disclosures[i].Patient)
	}
	for i := range c.Recalls {
		for k := range c.Recalls[i].Tasks {
			move("recalls", i, &c.Recalls[i].Tasks[k].Patient)
		}
	}
	for i := range c.Emergencies {
		move("emergencies", i, &c.Emergencies[i].Patient)
	}
	for i := range c.Clearances {
		move("clearances", i, &c.Clearances[i].Patient)
	}
	for i := range c.Appointments {
		move("appointments", i, &c.Appointments[i].Patient)
	}
	for i := range c.Encounters {
		move("encounters", i, &c.Encounters[i].Patient)
	}
	for i := range c.Notes {
		move("notes", i, &c.Notes[i].Patient)
	}
	for i := range c.Vitals {
		move("vitals", i, &c.Vitals[i].Patient)
	}
	for i := range c.Series {
		move("series", i, &c.Series[i].Patient)
	}
	for i := range c.Events {
		move("events", i, &c.Events[i].Patient)
	}
	for i := range c.Photos {
		move("photos", i, &c.Photos[i].Patient)
	}
	for i := range c.Proposals {
		move("proposals", i, &c.Proposals[i].Patient)
	}
	for i := range c.Histories {
		move("histories", i, &c.Histories[i].Patient)
	}
	for i := range c.Invoices {
		move("invoices", i, &c.Invoices[i].Patient)
	}
	return out
}
