package encounter_test

import (
	"errors"
	"flag"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

var updateNotes = flag.Bool("update-notes", false, "write the golden notes")

func toxinPoint(seq int, amount string, lot glabella.LotID, vial glabella.VialID, region string) treatment.Point {
	return treatment.Point{Seq: seq, X: 0.5, Y: 0.375, Region: region, Muscle: "procerus", Side: midline, Amount: quantity.MustParse(amount + " [arb'U]{onabotulinumtoxinA}"), Lot: lot, Vial: vial}
}

func toxinRecord(points ...treatment.Point) treatment.Record {
	t, _ := treatment.BuiltIn().Latest("botulinum-toxin")
	return treatment.Record{Template: t.Ref(), Product: "onabotulinumtoxinA", Values: map[string]string{"diluent": "preservative-free-saline", "vial-units": "100", "diluent-volume": "2.5"},
		Maps: []treatment.Map{{Diagram: "face-front", DiagramVersion: 1, Points: points}}}
}

func TestAdministrationsFollowFromThePoints(t *testing.T) {
	t.Parallel()
	r := toxinRecord(
		toxinPoint(1, "4", lotA, vialA, "glabella"), toxinPoint(2, "2.5", lotB, vialB, "glabella"),
		toxinPoint(3, "4", lotA, vialA, "forehead"), toxinPoint(4, "4", lotA, vialA, "glabella"))
	got, err := encounter.AdministrationsOf(r)
	if err != nil {
		t.Fatal(err)
	}
	want := []encounter.Administration{
		{Product: "onabotulinumtoxinA", Lot: lotA, Vial: vialA, Quantity: quantity.MustParse("12 [arb'U]{onabotulinumtoxinA}"), Regions: []string{"glabella", "forehead"}},
		{Product: "onabotulinumtoxinA", Lot: lotB, Vial: vialB, Quantity: quantity.MustParse("2.5 [arb'U]{onabotulinumtoxinA}"), Regions: []string{"glabella"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("AdministrationsOf (-want +got):\n%s", diff)
	}
	r.Maps[0].Points[2].Lot, r.Maps[0].Points[3].Vial = glabella.LotID{}, glabella.VialID{}
	r.Maps[0].Points[0].Amount = quantity.MustParse("1 mL")
	var invalid *glabella.ValidationError
	if _, err := encounter.AdministrationsOf(r); !errors.As(err, &invalid) || len(invalid.Issues) < 2 {
		t.Errorf("AdministrationsOf = %v, want an issue for the lot and one for the container", err)
	}
}

func TestAVisitGoesFromArrivalToItsEnd(t *testing.T) {
	t.Parallel()
	v := encounter.Encounter{ID: visitID, Patient: patientID, Site: siteID, Provider: nurse, State: encounter.Planned}
	var transition *glabella.TransitionError
	if _, err := v.Complete(morning); !errors.As(err, &transition) {
		t.Errorf("Complete of a planned visit = %v, want a TransitionError", err)
	}
	v, err := v.Arrive(morning)
	if err != nil || v.ArrivedAt != morning {
		t.Fatalf("Arrive = %+v, %v", v, err)
	}
	var refused *glabella.RefusedError
	if _, err := v.Complete(morning); !errors.As(err, &refused) || !refused.Decision.Has(encounter.CodeIncomplete) {
		t.Errorf("Complete of a visit without a procedure = %v, want %s", err, encounter.CodeIncomplete)
	}
	r := toxinRecord(toxinPoint(1, "4", lotA, vialA, "glabella"))
	given, err := encounter.AdministrationsOf(r)
	if err != nil {
		t.Fatal(err)
	}
	p := encounter.Procedure{ID: id[glabella.ProcedureID](20), Record: r, Performer: nurse, PerformedAt: morning, Administrations: given}
	before := v
	if v, err = v.Chart(p); err != nil || v.StartedAt != morning || len(before.Procedures) != 0 {
		t.Fatalf("Chart = %+v, %v; before %+v", v, err, before)
	}
	if err := v.Validate(); err != nil {
		t.Errorf("Validate = %v", err)
	}
	if _, err := v.Cancel(); !errors.As(err, &transition) {
		t.Errorf("Cancel of a charted visit = %v, want a TransitionError", err)
	}
	end := morning.Add(time.Hour)
	if v, err = v.Complete(end); err != nil || v.CompletedAt != end {
		t.Fatalf("Complete = %+v, %v", v, err)
	}
	if _, err := v.Chart(p); !errors.As(err, &transition) {
		t.Errorf("Chart in a finished visit = %v, want a TransitionError", err)
	}
	if diff := cmp.Diff([]glabella.LotID{lotA}, v.Lots()); diff != "" {
		t.Errorf("Lots (-want +got):\n%s", diff)
	}
	if e := v.Event(); len(e.Procedures) != 1 || e.Procedures[0].Template != "botulinum-toxin" || len(e.Procedures[0].Administrations) != 1 {
		t.Errorf("Event = %+v", e)
	}

	tampered := v
	tampered.Procedures = []encounter.Procedure{p}
	tampered.Procedures[0].Administrations = []encounter.Administration{{Product: "onabotulinumtoxinA", Lot: lotB, Vial: vialA, Quantity: given[0].Quantity}}
	var invalid *glabella.ValidationError
	if err := tampered.Validate(); !errors.As(err, &invalid) || invalid.Issues[0].Code != encounter.CodeAdministrations {
		t.Errorf("Validate with another lot than the points' = %v, want %s", err, encounter.CodeAdministrations)
	}
}

func clearance(change func(*encounter.Clearance)) encounter.Clearance {
	c := encounter.Clearance{
		ID: id[glabella.ClearanceID](30), Patient: patientID, Scope: []string{"botulinum-toxin"}, Examiner: doctor, Credential: encounter.Credential{Kind: "MD", Number: "1", Jurisdiction: "US-TX"},
		Modality: encounter.InPerson, Decision: encounter.ClearedFor, ExaminedAt: morning, ValidUntil: glabella.MustParseDate("2027-11-03"),
		Provenance: glabella.Provenance{Source: glabella.SourceEntered, RecordedAt: morning},
	}
	change(&c)
	return c
}

func TestEvaluateClearance(t *testing.T) {
	t.Parallel()
	chicago, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	same := func(*encounter.Clearance) {}
	facts := func(change func(*encounter.ClearanceFacts), clearances ...encounter.Clearance) encounter.ClearanceFacts {
		f := encounter.ClearanceFacts{Required: true, Treatment: "botulinum-toxin", Product: "onabotulinumtoxinA", Patient: patientID, Clearances: clearances,
			At: morning.Add(time.Hour), Zone: chicago, Examiners: []string{"MD", "NP"}, Source: "clinic policy"}
		change(&f)
		return f
	}
	asIs := func(*encounter.ClearanceFacts) {}
	for _, tt := range []struct {
		name  string
		facts encounter.ClearanceFacts
		want  []glabella.Code
	}{
		{name: "an exam that covers it", facts: facts(asIs, clearance(same))},
		{name: "none is demanded", facts: facts(func(f *encounter.ClearanceFacts) { f.Required = false })},
		{name: "no exam", facts: facts(asIs), want: []glabella.Code{encounter.CodeClearanceMissing}},
		{name: "an exam of someone else", facts: facts(asIs, clearance(func(c *encounter.Clearance) { c.Patient = id[glabella.PatientID](99) })), want: []glabella.Code{encounter.CodeClearanceMissing}},
		{name: "an exam that is still to come", facts: facts(asIs, clearance(func(c *encounter.Clearance) { c.ExaminedAt = morning.Add(2 * time.Hour) })), want: []glabella.Code{encounter.CodeClearanceMissing}},
		{name: "another treatment", facts: facts(func(f *encounter.ClearanceFacts) { f.Treatment = "dermal-filler" }, clearance(same)), want: []glabella.Code{encounter.CodeClearanceScope}},
		{name: "another product", facts: facts(asIs, clearance(func(c *encounter.Clearance) { c.Products = []string{"abobotulinumtoxinA"} })), want: []glabella.Code{encounter.CodeClearanceScope}},
		{name: "the last day, in the site's zone", facts: facts(func(f *encounter.ClearanceFacts) { f.At = time.Date(2027, 11, 4, 4, 30, 0, 0, time.UTC) }, clearance(same))},
		{name: "the day after", facts: facts(func(f *encounter.ClearanceFacts) { f.At = time.Date(2027, 11, 4, 5, 30, 0, 0, time.UTC) }, clearance(same)), want: []glabella.Code{encounter.CodeClearanceExpired}},
		{name: "revoked", facts: facts(asIs, clearance(func(c *encounter.Clearance) { c.RevokedAt = morning.Add(time.Minute) })), want: []glabella.Code{encounter.CodeClearanceRevoked}},
		{name: "revoked later", facts: facts(asIs, clearance(func(c *encounter.Clearance) { c.RevokedAt = morning.Add(2 * time.Hour) }))},
		{name: "an examiner who may not", facts: facts(asIs, clearance(func(c *encounter.Clearance) { c.Credential.Kind = "RN" })), want: []glabella.Code{encounter.CodeClearanceExaminer}},
		{name: "health has changed since", facts: facts(func(f *encounter.ClearanceFacts) { f.MaterialChangeAt = morning.Add(time.Minute) }, clearance(same)), want: []glabella.Code{encounter.CodeClearanceHealth}},
		{name: "not cleared", facts: facts(asIs, clearance(func(c *encounter.Clearance) { c.Decision = encounter.NotCleared })), want: []glabella.Code{encounter.CodeNotCleared}},
		{name: "all reasons of one exam", facts: facts(func(f *encounter.ClearanceFacts) { f.Treatment = "dermal-filler" }, clearance(func(c *encounter.Clearance) { c.Decision, c.Credential.Kind = encounter.Deferred, "RN" })),
			want: []glabella.Code{encounter.CodeNotCleared, encounter.CodeClearanceScope, encounter.CodeClearanceExaminer}},
		{name: "an exam that did not clear stands against another", facts: facts(asIs, clearance(func(c *encounter.Clearance) { c.Decision, c.Credential.Kind = encounter.Deferred, "RN" }), clearance(func(c *encounter.Clearance) { c.RevokedAt = morning })),
			want: []glabella.Code{encounter.CodeNotCleared, encounter.CodeClearanceExaminer}},
		{name: "the nearest of two exams", facts: facts(asIs, clearance(func(c *encounter.Clearance) { c.RevokedAt, c.Credential.Kind = morning, "RN" }), clearance(func(c *encounter.Clearance) { c.RevokedAt = morning })),
			want: []glabella.Code{encounter.CodeClearanceRevoked}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := encounter.EvaluateClearance(tt.facts)
			got := d.Codes()
			if len(got)+len(tt.want) > 0 {
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("EvaluateClearance (-want +got):\n%s", diff)
				}
			}
			if d.Allowed() != (len(tt.want) == 0) {
				t.Errorf("EvaluateClearance = %v", d)
			}
			for _, r := range d.Reasons {
				if r.Fix == "" || r.Source == "" {
					t.Errorf("reason %s has fix %q and source %q", r.Code, r.Fix, r.Source)
				}
			}
		})
	}
}

func TestANoteIsSignedCosignedAndAmendedAndNeverEdited(t *testing.T) {
	t.Parallel()
	draft := encounter.Note{ID: id[glabella.NoteID](40), Encounter: visitID, Patient: patientID, Author: nurse, State: encounter.NoteDraft, Text: "first"}
	credential := encounter.Credential{Kind: "RN", Number: "1", Jurisdiction: "US-TX"}
	sign := func(by glabella.StaffID) encounter.Signature {
		return encounter.Signature{By: by, At: morning, Credential: credential}
	}
	refusedWith := func(err error, code glabella.Code) bool {
		var refused *glabella.RefusedError
		return errors.As(err, &refused) && refused.Decision.Has(code)
	}
	var transition *glabella.TransitionError

	edited, err := draft.Edit("second")
	if err != nil || edited.Text != "second" || draft.Text != "first" {
		t.Fatalf("Edit = %+v, %v", edited, err)
	}
	if _, err := edited.Sign(sign(doctor), glabella.StaffID{}); !refusedWith(err, encounter.CodeNoteAuthor) {
		t.Errorf("Sign by someone else = %v, want %s", err, encounter.CodeNoteAuthor)
	}
	if _, err := edited.Sign(sign(nurse), nurse); !refusedWith(err, encounter.CodeNoteCosigner) {
		t.Errorf("Sign for one's own cosignature = %v, want %s", err, encounter.CodeNoteCosigner)
	}
	signed, err := edited.Sign(sign(nurse), doctor)
	if err != nil || signed.State != encounter.NoteCosignPending || signed.Signatures[0].Hash != encounter.HashText("second") {
		t.Fatalf("Sign = %+v, %v", signed, err)
	}
	if _, err := signed.Edit("third"); !errors.As(err, &transition) {
		t.Errorf("Edit of a signed note = %v, want a TransitionError", err)
	}
	for name, by := range map[string]glabella.StaffID{"the author": nurse, "someone else": otherStaff} {
		if _, err := signed.Cosign(sign(by), false); !refusedWith(err, encounter.CodeNoteCosigner) {
			t.Errorf("Cosign by %s = %v, want %s", name, err, encounter.CodeNoteCosigner)
		}
	}
	if _, err := signed.Cosign(sign(otherStaff), true); err != nil {
		t.Errorf("Cosign by an alternate = %v", err)
	}
	cosigned, err := signed.Cosign(sign(doctor), false)
	if err != nil || cosigned.State != encounter.NoteCosigned || cosigned.Signatures[1].Role != encounter.AsCosigner || len(signed.Signatures) != 1 {
		t.Fatalf("Cosign = %+v, %v", cosigned, err)
	}
	amended, err := cosigned.Amend(encounter.Amendment{Kind: encounter.Correction, Text: "it was the left side", Reason: "misread", By: nurse, At: morning})
	if err != nil || amended.Text != "second" || len(amended.Amendments) != 1 {
		t.Fatalf("Amend = %+v, %v", amended, err)
	}
	locked, err := amended.Lock()
	if err != nil || locked.State != encounter.NoteLocked {
		t.Fatalf("Lock = %+v, %v", locked, err)
	}
	if err := locked.Validate(); err != nil {
		t.Errorf("Validate = %v", err)
	}
	for name, change := range map[string]func(*encounter.Note){
		"a text that was changed after signing": func(n *encounter.Note) { n.Text = "other" },
		"an amendment that was changed": func(n *encounter.Note) {
			n.Amendments = []encounter.Amendment{n.Amendments[0]}
			n.Amendments[0].Text = "other"
		},
	} {
		n := locked
		change(&n)
		var invalid *glabella.ValidationError
		if err := n.Validate(); !errors.As(err, &invalid) || invalid.Issues[0].Code != encounter.CodeNoteHash {
			t.Errorf("Validate of %s = %v, want %s", name, err, encounter.CodeNoteHash)
		}
	}
}

func TestTheSameFactsGiveTheSameNote(t *testing.T) {
	t.Parallel()
	r := toxinRecord(toxinPoint(1, "4", lotA, vialA, "glabella"), toxinPoint(2, "2.5", lotA, vialA, "forehead"))
	r.Total = quantity.MustParse("6.5 [arb'U]{onabotulinumtoxinA}")
	given, err := encounter.AdministrationsOf(r)
	if err != nil {
		t.Fatal(err)
	}
	v := encounter.Encounter{ID: visitID, Patient: patientID, Site: siteID, Provider: nurse, State: encounter.Finished, StartedAt: morning,
		Procedures: []encounter.Procedure{{ID: id[glabella.ProcedureID](20), Record: r, Performer: nurse, PerformedAt: morning, Administrations: given, Acknowledged: []glabella.Code{"treatment.interval.short"}}}}
	names := encounter.Names{Site: "Example Clinic", Labels: map[glabella.Ref]string{patientID.Ref(): "Ada Example", nurse.Ref(): "Noor Nurse, RN", lotA.Ref(): "A1"}}
	text, err := encounter.RenderNote(v, treatment.BuiltIn(), names, "Tolerated well.")
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		again, err := encounter.RenderNote(v, treatment.BuiltIn(), names, "Tolerated well.")
		if err != nil || again != text {
			t.Fatalf("a second rendering differs (%v):\n%s", err, cmp.Diff(text, again))
		}
	}
	const file = "testdata/note.golden"
	if *updateNotes {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("RenderNote (-want +got):\n%s", diff)
	}
	v.Procedures[0].Record.Template.Hash = "another"
	if _, err := encounter.RenderNote(v, treatment.BuiltIn(), names, ""); !errors.Is(err, glabella.ErrNotFound) {
		t.Errorf("RenderNote with another template than the set's = %v, want not found", err)
	}
}
