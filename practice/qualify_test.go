package practice_test

import (
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/practice"
)

func TestARenewedTrainingReplacesTheOneBefore(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	id := c.register()
	asks := func() glabella.Decision {
		t.Helper()
		return must[glabella.Decision](t)(c.MayTreat(ctx, c.Nurse, practice.MayTreat{Patient: id, Treatment: "laser-hair-removal", Performer: staffID(c.Nurse)}))
	}
	today := glabella.DateOf(c.clock.Now())
	qualify := practice.QualifyStaff{Staff: staffID(c.Nurse), Trainings: []access.Training{{Course: "laser-safety", Completed: today.AddDays(-400), ValidTo: today.AddDays(-35)}}}
	if d := asks(); !d.Has(access.CodeTrainingMissing) {
		t.Fatalf("without the training: %v, want %s", d.Codes(), access.CodeTrainingMissing)
	}
	must[practice.StaffQualified](t)(c.QualifyStaff(ctx, c.Director, qualify))
	if d := asks(); !d.Has(access.CodeTrainingExpired) {
		t.Errorf("with an old training: %v, want %s", d.Codes(), access.CodeTrainingExpired)
	}
	if _, err := c.QualifyStaff(ctx, c.Nurse, qualify); !denied(err) {
		t.Errorf("a nurse records trainings: %v", err)
	}
	qualify.Staff = staffID(c.Director)
	if _, err := c.QualifyStaff(ctx, c.Director, qualify); !refusedFor(err, practice.CodeQualifyOwn) {
		t.Errorf("one's own: %v, want %s", err, practice.CodeQualifyOwn)
	}
	qualify.Staff, qualify.Trainings[0].Completed, qualify.Trainings[0].ValidTo = staffID(c.Nurse), today, today.AddDays(365)
	qualify.Credentials = []access.Credential{{Kind: "LSO", Number: "LSO-7", Jurisdiction: "US-TX", ValidFrom: today}}
	must[practice.StaffQualified](t)(c.QualifyStaff(ctx, c.Director, qualify))
	if d := asks(); d.Has(access.CodeTrainingExpired) || d.Has(access.CodeTrainingMissing) {
		t.Errorf("with the renewed training: %v", d.Codes())
	}
}
