package encounter_test

import (
	"fmt"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

// A visit: the patient arrives, a treatment is charted, the visit is completed.
func Example() {
	visit := encounter.Encounter{ID: visitID, Patient: patientID, Site: siteID, Provider: nurse, State: encounter.Planned}
	record := treatment.Record{Product: "onabotulinumtoxinA", Maps: []treatment.Map{
		onFace("4 [arb'U]{onabotulinumtoxinA}", lotA, vialA, glabellarLines, foreheadLines),
	}}
	administrations, err := encounter.AdministrationsOf(record)
	if err != nil {
		fmt.Println(err)
		return
	}
	if visit, err = visit.Arrive(morning); err != nil {
		fmt.Println(err)
		return
	}
	_, err = visit.Complete(morning)
	fmt.Println(err)

	if visit, err = visit.Chart(encounter.Procedure{ID: id[glabella.ProcedureID](1), Record: record, Performer: nurse, PerformedAt: morning, Administrations: administrations}); err != nil {
		fmt.Println(err)
		return
	}
	if visit, err = visit.Complete(morning.Add(time.Hour)); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(visit.State)
	for _, p := range visit.Event().Procedures {
		for _, a := range p.Administrations {
			fmt.Println(a.Quantity, a.Regions)
		}
	}
	// Output:
	// refused: deny: encounter.incomplete.procedure
	// finished
	// 40 [arb'U]{onabotulinumtoxinA} [glabella forehead]
}

// A decision names all reasons against the exam that comes nearest, and what
// would settle each.
func ExampleEvaluateClearance() {
	d := encounter.EvaluateClearance(encounter.ClearanceFacts{
		Required: true, Treatment: "botulinum-toxin", Product: "onabotulinumtoxinA", Patient: patientID, At: morning, Zone: time.UTC,
		Clearances: []encounter.Clearance{{
			ID: id[glabella.ClearanceID](1), Patient: patientID, Scope: []string{"botulinum-toxin"}, Examiner: otherStaff, Credential: encounter.Credential{Kind: "RN", Number: "000042", Jurisdiction: "US-TX"},
			Modality: encounter.InPerson, Decision: encounter.ClearedFor, ExaminedAt: morning.AddDate(-1, 0, -1), ValidUntil: glabella.MustParseDate("2026-11-02"),
		}},
		Examiners: []string{"MD", "DO", "NP", "PA"}, Source: "the clinic's policy",
	})
	fmt.Println(d.Outcome)
	for _, r := range d.Reasons {
		fmt.Printf("%s: %s\n", r.Code, r.Fix)
	}
	// Output:
	// deny
	// encounter.clearance.expired: have the patient examined for this treatment
	// encounter.clearance.examiner: have a clinician examine the patient who may
}

// A signed note is amended, never edited.
func ExampleNote_Amend() {
	note := encounter.Note{ID: noteID, Encounter: visitID, Patient: patientID, Author: nurse, State: encounter.NoteDraft, Text: "Twenty units to the glabella."}
	note, err := note.Sign(encounter.Signature{By: nurse, At: morning}, doctor)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = note.Edit("Twelve units to the glabella.")
	fmt.Println(err)

	note, err = note.Amend(encounter.Amendment{Kind: encounter.Correction, Passage: encounter.Passage{Quote: "Twenty units"}, Replacement: "Twelve units", Reason: "misread", By: nurse, At: morning.Add(time.Hour)})
	if err != nil {
		fmt.Println(err)
		return
	}
	if note, err = note.Cosign(encounter.Signature{By: doctor, At: morning.Add(2 * time.Hour)}, false); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(note.State, len(note.Signatures), note.Amendments[0].Kind)
	// Output:
	// note: cannot edit when cosign-pending
	// cosigned 2 correction
}

// The picture of a record, for the chart and for the patient.
func ExampleInjectionMap() {
	face, _ := treatment.BuiltIn().Diagram("face-front", 1)
	svg, err := encounter.InjectionMap(face, []treatment.Record{{Product: "onabotulinumtoxinA", Maps: []treatment.Map{{
		Diagram: "face-front", DiagramVersion: 1, Points: []treatment.Point{
			{Seq: 1, X: 0.5, Y: 0.375, Region: "glabella", Side: glabella.SideMidline, Amount: quantity.MustParse("4 [arb'U]{onabotulinumtoxinA}"), Lot: lotA, Vial: vialA},
		},
	}}}}, &encounter.MapOptions{Title: "3 November 2026", Products: map[string]string{"onabotulinumtoxinA": "Botox Cosmetic"}})
	fmt.Println(len(svg) > 0, err)
	// Output: true <nil>
}
