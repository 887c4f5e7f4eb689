package storagetest

import (
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/treatment"
)

func (r *Records) care() {
	licence := encounter.Credential{Kind: "NP", Number: "000007", Jurisdiction: "US-TX"}
	r.Clearance = encounter.Clearance{
		ID: clearanceID, Patient: patientID, Scope: []string{"botulinum-toxin"}, Products: []string{"onabotulinumtoxinA"},
		Examiner: doctorID, Credential: licence, Modality: encounter.SyncVideo, Decision: encounter.ClearedFor, Findings: "nothing against it",
		ExaminedAt: visit.AddDate(0, 0, -2), ValidUntil: day("2027-05-03"), RevokedAt: visit.AddDate(0, 2, 0), RevokedReason: "superseded", Provenance: imported(),
	}
	r.Encounter = encounter.Encounter{
		ID: encounterID, Patient: patientID, Site: siteID, Appointment: appointmentID, Provider: nurseID, State: encounter.Finished,
		ArrivedAt: visit.Add(-10 * time.Minute), StartedAt: visit, CompletedAt: visit.Add(40 * time.Minute),
		Procedures: []encounter.Procedure{procedure(procedureID, lotID)},
	}
	text := "Twenty units to the glabella."
	correction := "Twenty units to the glabella, the patient's left side first."
	r.Note = encounter.Note{
		ID: noteID, Encounter: encounterID, Patient: patientID, Author: nurseID, State: encounter.NoteCosigned, Text: text,
		Signatures: []encounter.Signature{
			{By: nurseID, Role: encounter.AsAuthor, At: visit.Add(time.Hour), Hash: encounter.HashText(text), Credential: encounter.Credential{Kind: "RN", Number: "000042", Jurisdiction: "US-TX"}},
			{By: doctorID, Role: encounter.AsCosigner, At: visit.Add(2 * time.Hour), Hash: encounter.HashText(text), Credential: licence},
		},
		Cosigner: doctorID,
		Amendments: []encounter.Amendment{{
			Kind: encounter.Correction, Text: correction, Reason: "incomplete", By: nurseID, At: visit.Add(24 * time.Hour), Hash: encounter.HashText(correction),
		}},
	}
}

// procedure is a treatment of the glabella with two points out of one lot.
func procedure(id glabella.ProcedureID, lot glabella.LotID) encounter.Procedure {
	point := treatment.Point{
		Seq: 1, X: 0.4375, Y: 0.3125, Region: "glabella", Muscle: "corrugator", Side: glabella.SideRight, Amount: units("12.5"),
		Vial: vialID, Lot: lot, Depth: "intramuscular", Technique: "bolus", Device: "needle-30g",
	}
	second := point
	second.Seq, second.X, second.Side, second.Amount = 2, 0.5625, glabella.SideLeft, units("7.5")
	p := encounter.Procedure{
		ID: id, Performer: nurseID, PerformedAt: visit.Add(5 * time.Minute), Acknowledged: []glabella.Code{"treatment.interval.short"},
		Record: treatment.Record{
			Template: treatment.Ref{Code: "botulinum-toxin", Version: 1, Hash: encounter.HashText("a template")},
			Product:  "onabotulinumtoxinA", Values: map[string]string{"diluent-volume": "2.5", "indication": "frown-lines"},
			Maps:  []treatment.Map{{Diagram: "face-front", DiagramVersion: 1, Points: []treatment.Point{point, second}}},
			Total: units("20"),
		},
	}
	p.Administrations = []encounter.Administration{{Product: p.Record.Product, Lot: lot, Vial: vialID, Quantity: units("20"), Regions: []string{"glabella"}}}
	return p
}
