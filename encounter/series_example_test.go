package encounter_test

import (
	"fmt"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

// A course of sessions tells when the next one may be booked.
func ExampleMayBookStep() {
	session := encounter.SeriesStep{Treatment: "deoxycholic-acid", MinDays: 28, Basis: treatment.BasisLabel, Source: "Kybella prescribing information: at least 1 month apart", State: encounter.StepPending}
	s := encounter.Series{State: encounter.SeriesDraft, Steps: []encounter.SeriesStep{session, session}}
	s, _ = s.Start(glabella.MustParseDate("2026-11-01"))
	s, _ = s.RecordStep(0, glabella.EncounterID{}, glabella.MustParseDate("2026-11-03"))

	due, _ := s.Next(glabella.MustParseDate("2026-11-04"))
	fmt.Println("earliest:", due.Earliest)
	d := encounter.MayBookStep(s, due.Index, glabella.MustParseDate("2026-11-24"))
	fmt.Println(d)
	fmt.Println(d.Reasons[0].Fix, "-", d.Reasons[0].Source)
	// Output:
	// earliest: 2026-12-01
	// warn: encounter.series.early
	// book it on 2026-12-01 or later - Kybella prescribing information: at least 1 month apart
}

// A nurse acts under the order of a prescriber, and learns why it does not cover
// what is planned.
func ExampleEvaluateDelegation() {
	most := quantity.MustParse("20 [arb'U]{onabotulinumtoxinA}")
	at := time.Date(2026, time.November, 3, 15, 30, 0, 0, time.UTC)
	order := encounter.StandingOrder{
		Treatments: []string{"botulinum-toxin"}, DelegateKinds: []string{"RN"}, Supervision: encounter.SupervisionNone,
		Limits:   []encounter.OrderLimit{{Product: "onabotulinumtoxinA", Max: most}},
		IssuedAt: at.AddDate(0, -1, 0), ValidFrom: glabella.MustParseDate("2026-10-01"), ValidTo: glabella.MustParseDate("2027-09-30"),
	}
	d := encounter.EvaluateDelegation(encounter.DelegationFacts{
		Required: true, Treatment: "botulinum-toxin", Product: "onabotulinumtoxinA", PerformerKinds: []string{"RN"}, At: at,
		Amounts: map[string]quantity.Quantity{"glabella": quantity.MustParse("24 [arb'U]{onabotulinumtoxinA}")},
		Orders:  []encounter.StandingOrder{order},
	})
	fmt.Println(d)
	fmt.Println(d.Reasons[0].Fix)
	// Output:
	// deny: encounter.order.amount
	// give no more than the order allows, or ask the prescriber
}

// What is typed in pounds is stored in kilograms, and comes back as it was typed.
func ExampleNewMeasurement() {
	m, err := encounter.NewMeasurement(encounter.BodyWeight, quantity.MustParseNumber("150"), encounter.UnitPound)
	if err != nil {
		fmt.Println(err)
		return
	}
	pounds, _ := m.In(encounter.UnitPound, 1)
	fmt.Println(m.Value, "=", pounds, "lb")
	// Output:
	// 68.0388555 kg = 150 lb
}

// The checklist of an event says what is still to be done.
func ExampleChecklist_Progress() {
	noticed := time.Date(2026, time.November, 3, 15, 30, 0, 0, time.UTC)
	list, _ := encounter.ChecklistFor(encounter.Checklists(), "vascular-occlusion")
	taken := []encounter.StepTaken{{Code: "stop", At: noticed}, {Code: "vision", At: noticed}, {Code: "assess", At: noticed.Add(time.Minute)}, {Code: "lead", At: noticed.Add(time.Minute)}}
	_, overdue := list.Progress(noticed, taken, noticed.Add(2*time.Minute))
	for _, step := range overdue {
		fmt.Println(step.Code, "-", step.Source)
	}
	// Output:
	// reversal - CMAC, Guideline for the Management of Hyaluronic Acid Filler-induced Vascular Occlusion, J Clin Aesthet Dermatol 2021;14(5):E61-E69
}
