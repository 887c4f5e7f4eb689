package practice_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

// twice is a patient who was registered twice: with a visit and prepaid units
// under one record, and an allergy under the other.
type twice struct {
	visit practicetest.Visit // of the first record
	other glabella.PatientID // the second record
}

func (c *clinic) twice() twice {
	c.t.Helper()
	v := must[practicetest.Visit](c.t)(c.Visit(c.t.Context(), 1))
	in := practicetest.Somebody(1)
	in.Identifiers, in.Pronouns = nil, "she/her"
	in.Allergies = []patient.IntakeAllergy{{Substance: glabella.Coding{Display: "botulinum toxin"}, Classes: []string{"botulinum-toxin"}, Kind: "allergy", Criticality: "high"}}
	other := must[practice.Registered](c.t)(c.registers(in, practice.CodePatientDuplicate))
	return twice{v, other.Patient}
}

func (c *clinic) merge(survivor, merged glabella.PatientID, acknowledge ...glabella.Code) (practice.PatientsLinked, error) {
	return c.MergePatients(c.t.Context(), c.Director, practice.MergePatients{Command: practice.Command{Acknowledge: acknowledge}, Survivor: survivor, Merged: merged, Reason: patient.MergeRegisteredTwice})
}

func TestAMergedPatientHasOneChart(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	p := c.twice()
	nurse, _ := c.Nurse.Staff()
	ask := practice.MayTreat{Patient: p.visit.Patient, Encounter: p.visit.Encounter, Treatment: "botulinum-toxin", Product: "onabotulinumtoxinA", Performer: nurse, Pregnant: treatment.PregnantNo}
	before := must[glabella.Decision](t)(c.MayTreat(ctx, c.Nurse, ask))
	left, right := must[practice.Chart](t)(c.Chart(ctx, c.Nurse, p.visit.Patient)), must[practice.Chart](t)(c.Chart(ctx, c.Nurse, p.other))

	linked := must[practice.PatientsLinked](t)(c.merge(p.visit.Patient, p.other))
	for _, id := range []glabella.PatientID{p.visit.Patient, p.other} {
		chart := must[practice.Chart](t)(c.Chart(ctx, c.Nurse, id))
		if chart.Patient.ID != p.visit.Patient || chart.Patient.Pronouns != "she/her" || len(chart.Encounters) != 1 || len(chart.Allergies) != 1 || chart.Allergies[0].Patient != p.other || len(chart.Invoices) != 2 {
			t.Errorf("the chart of %v: patient %v, pronouns %q, %d visits, allergies %v, %d invoices", id, chart.Patient.ID, chart.Patient.Pronouns, len(chart.Encounters), chart.Allergies, len(chart.Invoices))
		}
	}
	// The allergy of the other record counts.
	after := must[glabella.Decision](t)(c.MayTreat(ctx, c.Nurse, ask))
	if before.Outcome == glabella.Deny || after.Outcome != glabella.Deny || !slices.ContainsFunc(after.Reasons, func(r glabella.Reason) bool {
		return slices.ContainsFunc(r.Refs, func(ref glabella.Ref) bool { return ref.Kind == "allergy" })
	}) {
		t.Errorf("may treat before the merge: %v, after: %v", before, after)
	}
	ask.Patient = p.other
	if asked := must[glabella.Decision](t)(c.MayTreat(ctx, c.Nurse, ask)); !cmp.Equal(asked.Codes(), after.Codes()) {
		t.Errorf("asked of the merged record: %v, of the survivor: %v", asked.Codes(), after.Codes())
	}
	found := must[[]practice.Found](t)(c.FindPatients(ctx, c.Desk, patient.Query{Text: "beatriz example"}))
	if len(found) != 1 || found[0].Patient.ID != p.visit.Patient {
		t.Errorf("a search finds %d people", len(found))
	}
	if twins := must[[]practice.Twins](t)(c.FindDuplicates(ctx, c.Director, 0)); len(twins) != 0 {
		t.Errorf("who was merged is a duplicate still: %v", twins)
	}

	must[practice.PatientsLinked](t)(c.UnmergePatients(ctx, c.Director, practice.UnmergePatients{Merge: linked.Merge, Reason: patient.UnmergeDifferentPeople}))
	for id, want := range map[glabella.PatientID]practice.Chart{p.visit.Patient: left, p.other: right} {
		got := must[practice.Chart](t)(c.Chart(ctx, c.Nurse, id))
		if len(got.Merges) != 1 || got.Merges[0].State != patient.MergeUnlinked {
			t.Errorf("the merge that was taken back is not on the chart: %v", got.Merges)
		}
		got.Merges = nil
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b money.Amount) bool { return a == b }), cmp.Comparer(quantity.Quantity.Equal), cmp.Comparer(func(a, b quantity.Number) bool { return a.Equal(b.Decimal) })); diff != "" {
			t.Errorf("the chart before the merge and after it was taken back (-before +after):\n%s", diff)
		}
	}
	if again := must[glabella.Decision](t)(c.MayTreat(ctx, c.Nurse, practice.MayTreat{Patient: p.visit.Patient, Encounter: p.visit.Encounter, Treatment: "botulinum-toxin", Product: "onabotulinumtoxinA", Performer: nurse, Pregnant: treatment.PregnantNo})); !cmp.Equal(again.Codes(), before.Codes()) {
		t.Errorf("may treat after the merge was taken back: %v, want %v", again.Codes(), before.Codes())
	}
	c.verified()
}

// Consents and exams of either record count, and prepaid units of either pay.
func TestAMergedPatientUsesWhatEitherRecordHas(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v := c.arrive(arrival{})
	other := must[practice.Registered](t)(c.registers(c.somebody())).Patient
	sold := must[practice.CreditSold](t)(c.SellCredit(ctx, c.Desk, practice.SellCredit{Patient: other, Service: "bank-50", Payments: []practice.Payment{{Kind: billing.Cash, Amount: money.MustParse("USD 600.00")}}}))
	must[practice.PatientsLinked](t)(c.merge(v.Patient, other, patient.CodeMergeBirthDate, patient.CodeMergeUnlike, patient.CodeMergeSex))
	c.clock.advance(time.Minute)
	must[practice.Charted](t)(c.ChartTreatment(ctx, c.Nurse, practicetest.Chart(v)))
	must[practice.VisitCompleted](t)(c.CompleteVisit(ctx, c.Nurse, practice.CompleteVisit{Encounter: v.Encounter}))
	out := must[practice.CheckedOut](t)(c.CheckOut(ctx, c.Desk, practice.CheckOut{Encounter: v.Encounter, Payments: []practice.Payment{{Kind: billing.Cash, Amount: money.MustParse("USD 212.17")}}}))
	if out.Totals.Redeemed.IsZero() {
		t.Error("the prepaid units of the merged record do not pay")
	}
	chart := must[practice.Chart](t)(c.Chart(ctx, c.Nurse, v.Patient))
	if len(chart.Credits) != 1 || chart.Credits[0].ID != sold.Lots[0].Lot || chart.Credits[0].Patient != other || !must[billing.LotBalance](t)(chart.Credits[0].Balance()).Remaining.IsZero() {
		t.Errorf("the credit: %+v", chart.Credits)
	}
	// What was recorded since names itself when the merge is taken back.
	merge := chart.Merges[0].ID
	_, err := c.UnmergePatients(ctx, c.Director, practice.UnmergePatients{Merge: merge, Reason: patient.UnmergeDifferentPeople})
	if !slices.Contains(codesOf(err), patient.CodeUnmergeRecorded) {
		t.Errorf("taken back in spite of an invoice since: %v", err)
	}
	must[practice.PatientsLinked](t)(c.UnmergePatients(ctx, c.Director, practice.UnmergePatients{Command: practice.Command{Acknowledge: []glabella.Code{patient.CodeUnmergeRecorded}}, Merge: merge, Reason: patient.UnmergeDifferentPeople}))
	c.verified()
}

func TestBadMerges(t *testing.T) {
	t.Parallel()
	c := open(t)
	a, b := c.register(), c.register()
	settle := []glabella.Code{patient.CodeMergeBirthDate, patient.CodeMergeUnlike, patient.CodeMergeSex}
	if _, err := c.merge(a, b); !slices.Contains(codesOf(err), patient.CodeMergeBirthDate) {
		t.Errorf("people with different birth dates are merged: %v", err)
	}
	linked := must[practice.PatientsLinked](t)(c.merge(a, b, settle...))
	for name, try := range map[string]struct {
		survivor, merged glabella.PatientID
		want             glabella.Code
	}{
		"into itself":         {a, a, patient.CodeMergeSelf},
		"twice":               {c.register(), b, patient.CodeMergeMerged},
		"back":                {b, a, patient.CodeMergeCycle},
		"into a merged":       {b, c.register(), patient.CodeMergeSurvivor},
		"with nobody's chart": {a, glabella.DeriveID[glabella.PatientID]("nobody"), ""},
	} {
		_, err := c.merge(try.survivor, try.merged, settle...)
		if try.want == "" && !errors.Is(err, glabella.ErrNotFound) || try.want != "" && !slices.Contains(codesOf(err), try.want) {
			t.Errorf("merged %s: %v, want %s", name, err, try.want)
		}
	}
	if _, err := c.UnmergePatients(t.Context(), c.Nurse, practice.UnmergePatients{Merge: linked.Merge, Reason: patient.UnmergeOther}); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("a nurse takes a merge back: %v", err)
	}
	must[practice.PatientsLinked](t)(c.UnmergePatients(t.Context(), c.Director, practice.UnmergePatients{Merge: linked.Merge, Reason: patient.UnmergeOther}))
	if _, err := c.UnmergePatients(t.Context(), c.Director, practice.UnmergePatients{Merge: linked.Merge, Reason: patient.UnmergeOther}); !slices.Contains(codesOf(err), patient.CodeUnmergeUnlinked) {
		t.Errorf("taken back twice: %v", err)
	}
}
