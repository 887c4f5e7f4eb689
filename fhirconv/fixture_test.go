package fhirconv_test

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/fhirconv"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/scheduling"
	"github.com/glabella-ehr/glabella/treatment"
)

func id[I glabella.Identity](n int) I {
	return glabella.MustParseID[I](fmt.Sprintf("01890000-0000-7000-8000-%012d", n))
}

var (
	exported = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	noon     = time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC)

	ann      = id[glabella.PatientID](1)
	injector = id[glabella.StaffID](10)
	doctor   = id[glabella.StaffID](11)
	site     = id[glabella.SiteID](20)
	booking  = id[glabella.AppointmentID](30)
	visit    = id[glabella.EncounterID](40)
	toxin    = id[glabella.ProcedureID](50)
	filler   = id[glabella.ProcedureID](51)
	toxinLot = id[glabella.LotID](60)
	gelLot   = id[glabella.LotID](61)
	toxinVL  = id[glabella.VialID](70)
	gelVL    = id[glabella.VialID](71)
	invoice  = id[glabella.InvoiceID](80)
	line     = id[glabella.LineID](90)
)

func stamped(version uint64) glabella.Meta {
	return glabella.Meta{Version: version, UpdatedAt: noon.Add(-time.Hour)}
}

func told() glabella.Provenance {
	return glabella.Provenance{Source: glabella.SourceImported, Author: injector.Ref(), System: "oldchart", Document: "intake-0042", RecordedAt: noon.Add(-2 * time.Hour), EffectiveAt: noon.Add(-3 * time.Hour)}
}

func point(seq int, x, y float64, region string, side glabella.Side, amount string, lot glabella.LotID, vial glabella.VialID) treatment.Point {
	return treatment.Point{Seq: seq, X: x, Y: y, Region: region, Side: side, Amount: quantity.MustParse(amount), Lot: lot, Vial: vial, Muscle: "procerus", Depth: "intramuscular", Technique: "bolus", Device: "needle-30g"}
}

func procedure(id glabella.ProcedureID, template, product string, points ...treatment.Point) encounter.Procedure {
	record := treatment.Record{
		Template: treatment.Ref{Code: template, Version: 3, Hash: "5f1d"},
		Product:  product,
		Values:   map[string]string{"anesthesia": "topical <ice & cream>", "severity-before": "3"},
		Maps:     []treatment.Map{{Diagram: "face-front", DiagramVersion: 1, Points: points}},
	}
	administrations, err := encounter.AdministrationsOf(record)
	if err != nil {
		panic(err)
	}
	for _, a := range administrations {
		if record.Total, err = record.Total.Add(a.Quantity); err != nil {
			panic(err)
		}
	}
	return encounter.Procedure{ID: id, Record: record, Performer: injector, PerformedAt: noon, Acknowledged: []glabella.Code{"treatment.dose.label"}, Administrations: administrations}
}

// sample returns a record in which every field of the patient's own records says
// something. All of it is fiction.
func sample() fhirconv.Record {
	usd := money.MustParse
	form := consent.Form{
		ID: id[glabella.FormID](2), Meta: stamped(1), Code: "neurotoxin", Version: 2,
		Contents: []consent.Content{consent.NewContent("en-US", "Consent to neurotoxin", "You may **bruise**.")},
	}
	number, _ := decimal.NewFromString("22.50")
	note := encounter.Note{
		ID: id[glabella.NoteID](3), Meta: stamped(4), Encounter: visit, Patient: ann, Author: injector, State: encounter.NoteLocked, Cosigner: doctor,
		Text: "Tolerated well.\nNo <complaints> & no bleeding.",
	}
	license := encounter.Credential{Kind: "RN", Number: "RN-0001", Jurisdiction: "US-TX"}
	note.Signatures = []encounter.Signature{
		{By: injector, Role: encounter.AsAuthor, At: noon.Add(time.Hour), Hash: encounter.HashText(note.Text), Credential: license},
		{By: doctor, Role: encounter.AsCosigner, At: noon.Add(2 * time.Hour), Hash: encounter.HashText(note.Text), Credential: encounter.Credential{Kind: "MD", Number: "MD-0001", Jurisdiction: "US-TX"}},
	}
	a := encounter.Amendment{Kind: encounter.Addendum, Text: "Called on day two.", Reason: "follow-up call", By: doctor, At: noon.Add(48 * time.Hour), Previous: encounter.HashText(note.Text)}
	a.Hash = a.Digest()
	note.Amendments = []encounter.Amendment{a}

	return fhirconv.Record{
		Patient: patient.Patient{
			ID: ann, Meta: stamped(7), Pronouns: "she/her", BirthDate: glabella.MustParseDate("1980-05-02"), SexAtBirth: patient.Female, Gender: patient.Other,
			Names:             []patient.Name{{Use: patient.NameOfficial, Family: "Testcase", Given: []string{"Annabel", "Quux"}, Prefix: "Prof.", Suffix: "III", From: glabella.MustParseDate("2001-01-01"), To: glabella.MustParseDate("2030-01-01"), Provenance: told()}},
			Contacts:          []patient.Contact{{System: patient.SMS, Value: "+15125550100", Use: "mobile", Preferred: true, Provenance: told()}, {System: patient.Email, Value: "annabel@example.org", Use: "newsletter"}},
			Addresses:         []patient.Address{{Lines: []string{"1 Sample Way"}, City: "Exampleton", State: "TX", PostalCode: "00000", Country: "US", Provenance: told()}},
			Languages:         []string{"en-US", "es"},
			Identifiers:       []patient.Identifier{{System: "urn:example:mrn", Value: "MRN-778899"}},
			PreferredProvider: injector,
			Tags:              []string{"vip-lounge"},
			Conditions: []patient.Condition{
				{Concept: glabella.Coding{System: "http://snomed.info/sct", Code: "77386006", Display: "Pregnant"}, Classes: []string{"pregnancy"}, From: glabella.MustParseDate("2024-01-01"), To: glabella.MustParseDate("2024-09-30"), Provenance: told()},
				{Concept: glabella.Coding{Display: "Keloid scars"}, Classes: []string{"keloid"}, To: glabella.MustParseDate("2027-01-01")},
			},
			Provenance: told(),
		},
		Allergies: []patient.Allergy{{
			ID: id[glabella.AllergyID](4), Meta: stamped(1), Patient: ann, Substance: glabella.Coding{System: "http://www.nlm.nih.gov/research/umls/rxnorm", Code: "6387", Display: "Lidocaine"},
			Classes: []string{"amide-local-anaesthetic"}, Kind: "allergy", Criticality: "high", Verification: patient.Confirmed,
			Reactions: []patient.Reaction{{Manifestation: "Hives", Severity: "moderate", Onset: glabella.MustParseDate("2019-07-01")}}, Provenance: told(),
		}},
		Medications: []patient.Medication{{
			ID: id[glabella.MedicationID](5), Meta: stamped(2), Patient: ann, Substance: glabella.Coding{Display: "Fish oil"}, Classes: []string{"antiplatelet"},
			Status: patient.MedicationStopped, From: glabella.MustParseDate("2020-01-01"), To: glabella.MustParseDate("2020-02-01"), Dose: "1 capsule daily", Provenance: told(),
		}},
		Consents: []consent.Consent{{
			ID: id[glabella.ConsentID](6), Meta: stamped(2), Patient: ann, Form: form.ID, Code: form.Code, Version: form.Version, Language: "en-US", SHA256: form.Contents[0].SHA256,
			Decision: consent.Accepted, Informed: noon.Add(-90 * time.Minute),
			Signature: &consent.Signature{Method: consent.Drawn, By: consent.SignerGuardian, Authority: "court order 17", At: noon.Add(-80 * time.Minute), Device: "tablet-3", EvidenceSHA256: encounter.HashText("evidence"),
				Signer: consent.Signer{Reference: "relation-17", Relationship: "GUARD"}, NetworkAddress: "192.0.2.7", UserAgentSHA256: encounter.HashText("program"), Language: "fr"},
			Initials: []consent.Initial{{Section: "ptosis", At: noon.Add(-81 * time.Minute)}}, Acknowledged: []string{"ptosis"},
			WitnessSignature: &consent.WitnessSignature{Method: consent.Checkbox, At: noon.Add(-79 * time.Minute)}, InterpreterLanguage: "ko",
			Capacity:   &consent.Capacity{Outcome: consent.CapacityFluctuating, By: doctor, At: noon.Add(-95 * time.Minute)},
			Discussion: id[glabella.DiscussionID](61), Delivery: id[glabella.DeliveryID](62), RenderedSHA256: encounter.HashText("shown"),
			Witness: injector.Ref(), Interpreter: "interpreter 5551", Encounter: visit, WithdrawnAt: noon.Add(72 * time.Hour), WithdrawnReason: "moved away", Provenance: told(),
		}},
		Clearances: []encounter.Clearance{{
			ID: id[glabella.ClearanceID](7), Meta: stamped(1), Patient: ann, Scope: []string{"neurotoxin-face"}, Products: []string{"onabotulinumtoxinA"}, Examiner: doctor,
			Credential: encounter.Credential{Kind: "MD", Number: "MD-0001", Jurisdiction: "US-TX"}, Modality: encounter.SyncVideo, Decision: encounter.ClearedFor, Findings: "Fit for treatment.",
			ExaminedAt: noon.Add(-24 * time.Hour), ValidUntil: glabella.MustParseDate("2027-03-01"), RevokedAt: noon.Add(96 * time.Hour), RevokedReason: "superseded", Provenance: told(),
		}},
		Appointments: []scheduling.Appointment{{
			ID: booking, Meta: stamped(3), Patient: ann, Provider: injector, Site: site, Room: "room-9", Service: "neurotoxin-ona", Start: noon, End: noon.Add(30 * time.Minute),
			State: scheduling.Completed, Reason: "patient-late", Encounter: visit,
		}},
		Encounters: []encounter.Encounter{{
			ID: visit, Meta: stamped(5), Patient: ann, Site: site, Appointment: booking, Provider: injector, State: encounter.Finished,
			ArrivedAt: noon.Add(-10 * time.Minute), StartedAt: noon, CompletedAt: noon.Add(time.Hour),
			Procedures: []encounter.Procedure{
				procedure(toxin, "neurotoxin-face", "onabotulinumtoxinA",
					point(1, 0.5, 0.3125, "glabella", glabella.SideMidline, "4 [arb'U]{onabotulinumtoxinA}", toxinLot, toxinVL),
					point(2, 0.4375, 0.29, "frontalis", glabella.SideRight, "2.5 [arb'U]{onabotulinumtoxinA}", toxinLot, toxinVL)),
				procedure(filler, "filler-lips", "juvederm-ultra",
					point(1, 0.48, 0.7, "lips", glabella.SideRight, "0.35 mL", gelLot, gelVL)),
			},
		}},
		Notes: []encounter.Note{note},
		Invoices: []billing.Invoice{{
			ID: invoice, Meta: stamped(2), Number: "INV-0001", Patient: ann, Encounter: visit, Site: site, Currency: "USD", State: billing.InvoicePartPaid, On: glabella.MustParseDate("2026-03-02"), IssuedAt: noon.Add(time.Hour),
			Lines: []billing.Line{
				{ID: line, Kind: billing.ServiceItem, Service: "neurotoxin-ona", Name: "Neurotoxin, per unit", Product: "onabotulinumtoxinA", Procedure: toxin, Provider: injector, Lots: []glabella.LotID{toxinLot},
					Quantity: quantity.Number{Decimal: number}, UnitPrice: usd("USD 12.00"), List: usd("USD 270.00"), Discounts: []billing.Step{{Code: "spring", Amount: usd("USD 27.00")}}, Net: usd("USD 243.00"), TaxClass: "exempt", Tax: usd("USD 0.10"), Total: usd("USD 243.10"),
					Adjusts: id[glabella.LineID](91), Reason: "price-error", At: noon.Add(90 * time.Minute)},
				{ID: id[glabella.LineID](91), Kind: billing.ServiceItem, Service: "filler", Name: "Filler", Quantity: quantity.Number{Decimal: decimal.New(1, 0)}, UnitPrice: usd("USD 600.00"), List: usd("USD 600.00"),
					Redeemed: []billing.Use{{Lot: id[glabella.CreditLotID](92), Value: usd("USD 550.00")}}, Net: usd("USD 550.00"), Total: usd("USD 550.00")},
			},
			Tips:    []billing.Tip{{Provider: injector, Amount: usd("USD 20.00")}},
			Tenders: []billing.Tender{{ID: id[glabella.TenderID](93), Kind: billing.Card, Amount: usd("USD 100.00"), Reference: "auth-424242", At: noon}},
		}},
		Staff: []access.Staff{
			{ID: injector, Meta: stamped(1), Name: "Ines Injector", Roles: []access.Role{access.NurseInjector}, Credentials: []access.Credential{{Kind: "RN", Number: "RN-0001", Jurisdiction: "US-TX", ValidFrom: glabella.MustParseDate("2020-01-01"), ValidTo: glabella.MustParseDate("2028-01-01"), Supervisor: doctor}}},
			{ID: doctor, Meta: stamped(1), Name: "Dora Doctor", Roles: []access.Role{access.Physician}, Credentials: []access.Credential{{Kind: "MD", Number: "MD-0001", Jurisdiction: "US-TX", ValidFrom: glabella.MustParseDate("2010-01-01")}}},
			{ID: id[glabella.StaffID](12), Name: "Uma Unrelated"},
		},
		Sites: []config.Site{{ID: site, Meta: stamped(1), Name: "Glabella Test Clinic", Zone: "America/Chicago"}},
		Products: []inventory.Product{
			{ID: id[glabella.ProductID](94), Code: "onabotulinumtoxinA-100", Name: "Testotox 100 U", Substance: "onabotulinumtoxinA", NDC: "0000-0000-01"},
			{ID: id[glabella.ProductID](95), Code: "juvederm-ultra-1", Name: "Testogel 1 mL", Substance: "juvederm-ultra"},
		},
		Lots: []inventory.Lot{
			{ID: toxinLot, Product: id[glabella.ProductID](94), Number: "TX<1>&2", GTIN: "00000000000017", Expires: glabella.MustParseDate("2027-06-30"), State: inventory.LotAvailable},
			{ID: gelLot, Product: id[glabella.ProductID](95), Number: "GEL-7", GTIN: "00000000000024", Expires: glabella.MustParseDate("2028-01-31"), State: inventory.LotAvailable},
		},
		Vials: []inventory.Vial{
			{ID: toxinVL, Lot: toxinLot, Concentration: quantity.MustParse("40 [arb'U]{onabotulinumtoxinA}/mL"), OpenedAt: noon.Add(-time.Hour), ReconstitutedAt: noon.Add(-time.Hour)},
			{ID: gelVL, Lot: gelLot, OpenedAt: noon},
		},
		Forms: []consent.Form{form},
	}
}
