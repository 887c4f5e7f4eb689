package storagetest

import (
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/quantity"
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
		Assessment: &encounter.Assessment{
			Problems: []encounter.Problem{{Coding: glabella.Coding{System: encounter.ICD10CM, Code: "L98.8", Display: "other disorder of the skin"}, Text: "lines", Region: "glabella", Side: glabella.SideMidline, Severity: rated()}},
			Findings: []encounter.ExamFinding{{Code: "skin-intact", Text: "no lesion", Region: "glabella", Side: glabella.SideMidline}},
			Goals:    []encounter.Goal{{Text: "softer lines", By: day("2026-04-01"), Target: rated()}},
			Scores:   []encounter.Score{rated()},
		},
		Plan: &encounter.VisitPlan{Series: seriesID, Items: []encounter.PlanItem{{
			Kind: encounter.PlanTreatment, Text: "three areas", Treatment: "botulinum-toxin", Product: "onabotulinumtoxinA", Regions: []string{"glabella"}, DueOn: day("2026-06-02"), Problem: 1,
		}}},
	}
	r.Note = note()
}

// note is a note that was cosigned and amended in every way.
func note() encounter.Note {
	text := "Twenty units to the glabella."
	rn := encounter.Credential{Kind: "RN", Number: "000042", Jurisdiction: "US-TX"}
	digest := encounter.HashText("a device")
	n := encounter.Note{ID: noteID, Encounter: encounterID, Patient: patientID, Author: nurseID, Discipline: "nurse-injector", Privacy: encounter.PrivacyDiscipline,
		SharedWith: []glabella.StaffID{doctorID}, State: encounter.NoteDraft, Text: text}
	must := func(next encounter.Note, err error) {
		if err != nil {
			panic(err) // the fixture is written wrong
		}
		n = next
	}
	signed := encounter.Signature{By: nurseID, At: visit.Add(time.Hour), Credential: rn, Method: encounter.ByTOTP, AuthenticatedAt: visit.Add(59 * time.Minute), Assurance: "aal2",
		Statement: "I wrote this note.", Device: digest, Address: digest}
	must(n.Sign(signed, doctorID))
	must(n.RequestInformation(encounter.Query{Text: "Which side first?", By: doctorID, At: visit.Add(90 * time.Minute)}))
	must(n.Answer(0, encounter.Reply{Text: "The left.", By: nurseID, At: visit.Add(100 * time.Minute)}))
	signed.By, signed.At, signed.Credential = doctorID, visit.Add(2*time.Hour), encounter.Credential{Kind: "NP", Number: "000007", Jurisdiction: "US-TX"}
	must(n.Cosign(signed, false))
	must(n.Amend(encounter.Amendment{Kind: encounter.Correction, Text: "miscounted", Passage: encounter.Passage{Quote: "units"}, Replacement: "Speywood units", Reason: "misread", By: nurseID, Credential: rn, At: visit.Add(24 * time.Hour)}))
	must(n.Amend(encounter.Amendment{Kind: encounter.LateEntry, Text: "Ice before.", OccurredAt: visit, Reason: "forgotten", By: nurseID, Credential: rn, At: visit.Add(25 * time.Hour)}))
	must(n.Amend(encounter.Amendment{Kind: encounter.Retraction, RetractedFor: encounter.RetractedDuplicate, Reason: "written twice", By: nurseID, Credential: rn, At: visit.Add(26 * time.Hour)}))
	return n
}

// procedure is a treatment of the glabella with two points out of one lot.
func procedure(id glabella.ProcedureID, lot glabella.LotID) encounter.Procedure {
	point := treatment.Point{
		Seq: 1, X: 0.4375, Y: 0.3125, Region: "glabella", Muscle: "corrugator", Side: glabella.SideRight, Amount: units("12.5"),
		Vial: vialID, Lot: lot, Depth: "intramuscular", Technique: "bolus", Device: "needle-30g", Unconfirmed: true,
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

// rated is a score with every field.
func rated() encounter.Score {
	return encounter.Score{Scale: encounter.ScaleGAIS, Version: "5-point", Value: quantity.MustParseNumber("2"), Rater: encounter.RaterProvider, At: visit, By: nurseID, Region: "cheek", Side: glabella.SideLeft}
}

// course is what belongs to the care around the visit.
func (r *Records) course() {
	rn := encounter.Credential{Kind: "NP", Number: "000007", Jurisdiction: "US-TX"}
	amended := []encounter.RecordAmendment{{By: nurseID, At: visit.Add(time.Hour), Reason: "misread"}}
	r.Vitals = encounter.Vitals{
		ID: vitalsID, Patient: patientID, Encounter: encounterID, At: visit, By: nurseID, Retracted: true, Amendments: amended, Provenance: imported(),
		Measurements: []encounter.Measurement{{
			Code: encounter.BodyWeight, Value: quantity.MustParse("68.0388555 kg"), Entered: encounter.Entered{Value: quantity.MustParseNumber("150"), Unit: "[lb_av]"}, Method: "scale", Site: "standing",
		}},
	}
	r.Series = encounter.Series{
		ID: seriesID, Patient: patientID, Author: nurseID, Name: "three peels", State: encounter.SeriesCancelled, StartedOn: day("2026-03-02"), EndedOn: day("2026-04-02"), Reason: "moved-away", Provenance: imported(),
		Steps: []encounter.SeriesStep{{
			Treatment: "chemical-peel", Product: "glycolic-acid", Regions: []string{"cheek"}, MinDays: 14, MaxDays: 28, Basis: treatment.BasisGuideline, Source: "an invented guideline",
			State: encounter.StepDone, PlannedOn: day("2026-03-02"), DoneOn: day("2026-03-02"), Encounter: encounterID,
		}, {Treatment: "chemical-peel", MinDays: 14, Basis: treatment.BasisCommonPractice, State: encounter.StepSkipped, Reason: "patient-request"}},
		Limits: []encounter.SessionLimit{{Treatment: "chemical-peel", Sessions: 6, Basis: treatment.BasisGuideline, Source: "an invented guideline"}},
		Goals:  []encounter.Goal{{Text: "even skin", By: day("2026-06-01"), Target: rated()}},
	}
	r.StandingOrder = encounter.StandingOrder{
		ID: orderID, Orderer: doctorID, Credential: rn, Patient: patientID, Treatments: []string{"botulinum-toxin"}, Products: []string{"onabotulinumtoxinA"}, Regions: []string{"glabella"},
		Limits: []encounter.OrderLimit{{Product: "onabotulinumtoxinA", Region: "glabella", Max: units("20")}}, Delegates: []glabella.StaffID{nurseID}, DelegateKinds: []string{"RN"},
		Supervision: encounter.SupervisionAvailable, ValidFrom: day("2026-01-01"), ValidTo: day("2026-12-31"), Protocol: "toxin protocol, version 3", State: encounter.OrderRevoked,
		IssuedAt: visit.AddDate(0, -1, 0), RevokedAt: visit.AddDate(0, 1, 0), RevokedReason: "superseded", Source: "house rule", Provenance: imported(),
	}
	original := encounter.Image{Digest: "sha256:" + encounter.HashText("a picture"), MediaType: "image/jpeg", Bytes: 2048, Width: 400, Height: 300}
	r.Photo = encounter.Photo{
		ID: photoID, Patient: patientID, Encounter: encounterID, Procedure: procedureID, TakenAt: visit, By: nurseID, View: treatment.PhotoFront, Pose: encounter.PoseFrown, Stage: encounter.StageBefore,
		Regions: []string{"glabella"}, Side: glabella.SideMidline, Device: "camera-1", Original: original, Retracted: "blurred", Provenance: imported(),
		Derived: []encounter.Derivative{{Image: encounter.Image{Digest: "sha256:" + encounter.HashText("a smaller one"), MediaType: "image/jpeg", Bytes: 512, Width: 40, Height: 30},
			Kind: encounter.DerivativeThumbnail, From: original.Digest, At: visit}},
	}
	r.ChartPolicy = encounter.ChartPolicy{
		ID: chartPolicyID, Site: siteID, PhotoBytes: 1 << 26,
		Completeness: encounter.CompletenessPolicy{Rules: []encounter.CompletenessRule{{Item: encounter.ItemVitals, Level: encounter.LevelWarn, Template: "iv-therapy", Source: "house rule"}}},
		Cosign: encounter.CosignPolicy{Required: true, Kinds: []string{"RN"}, Default: doctorID, Alternates: []glabella.StaffID{nurseID}, DueHours: 72, Source: "house rule",
			Absences: []encounter.Absence{{Staff: doctorID, From: day("2026-03-02"), To: day("2026-03-09")}}},
		Sign: encounter.SignPolicy{MaxAuthAge: 5 * time.Minute, Methods: []encounter.SignatureMethod{encounter.ByPasskey}, Assurances: []string{"aal2"}, Credentials: []string{"RN"},
			Licensed: true, Statement: true, Device: true, ClockSkew: time.Second, Source: "house rule"},
	}
	r.Review = encounter.ChartReview{
		ID: reviewID, Patient: patientID, Sample: encounter.HashText("a plan"),
		Review: encounter.Review{Note: noteID, Provider: nurseID, Reviewer: doctorID, DoneAt: visit.AddDate(0, 1, 0), Outcome: encounter.ReviewImprove},
	}
	r.AdverseEvent = encounter.AdverseEvent{
		ID: eventID, Patient: patientID, Encounter: encounterID, Procedure: procedureID,
		EventDetails: encounter.EventDetails{
			Kind: "eyelid-ptosis", Treatment: "botulinum-toxin", Region: "glabella", Side: glabella.SideLeft, Lots: []glabella.LotID{lotID}, Products: []string{"onabotulinumtoxinA"},
			OnsetAt: visit.AddDate(0, 0, 4), NoticedAt: visit.AddDate(0, 0, 5), NoticedBy: encounter.NoticedByPatient, Grade: 2, Relation: encounter.Probable, Serious: true,
		},
		State:     encounter.EventClosed,
		Actions:   []encounter.EventAction{{Code: "reassure", Text: "seen and reassured", Product: "onabotulinumtoxinA", Lot: lotID, By: nurseID, At: visit.AddDate(0, 0, 5)}},
		Checklist: encounter.ChecklistRef{Code: "eyelid-ptosis", Version: 1}, Steps: []encounter.StepTaken{{Code: "examine", At: visit.AddDate(0, 0, 5), By: nurseID, Note: "2 mm"}},
		Outcome: encounter.OutcomeOngoing, EndedAt: visit.AddDate(0, 2, 0), Reason: "lost-to-follow-up",
		Reports:    []encounter.SafetyReport{{To: "fda-medwatch", At: visit.AddDate(0, 0, 6), By: nurseID, Reference: "00042"}},
		Amendments: []encounter.RecordAmendment{{By: nurseID, At: visit.AddDate(0, 0, 7), Reason: "side corrected"}}, Provenance: imported(),
	}
}
