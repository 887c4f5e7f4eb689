package practice_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/storage/memory"
)

// Somebody is registered twice, is noticed, and is one person again; then it turns
// out that they were two.
func ExamplePractice_MergePatients() {
	ctx := context.Background()
	clinic, err := practicetest.Open(ctx, memory.New(), &practice.Options{Now: func() time.Time { return time.Date(2026, time.November, 23, 15, 0, 0, 0, time.UTC) }})
	if err != nil {
		fmt.Println(err)
		return
	}
	register := func(given, family string, acknowledge ...glabella.Code) (practice.Registered, error) {
		return clinic.RegisterPatient(ctx, clinic.Desk, practice.RegisterPatient{
			Command: practice.Command{Acknowledge: acknowledge}, Source: glabella.Provenance{Source: glabella.SourcePatient},
			Intake: patient.Intake{Names: []patient.Name{{Use: patient.NameOfficial, Family: family, Given: []string{given}}}, BirthDate: glabella.MustParseDate("1988-04-09"),
				Contacts: []patient.Contact{{System: patient.Phone, Value: "+15125550142"}}},
		})
	}
	first, _ := register("Zoë", "Brontë")
	_, err = register("Zoe", "Bronte")
	fmt.Println(err, errors.Is(err, glabella.ErrRefused))
	second, _ := register("Zoe", "Bronte", practice.CodePatientDuplicate) // whoever is at the desk knows better

	twins, _ := clinic.FindDuplicates(ctx, clinic.Director, 1)
	for _, a := range twins[0].Match.Agreements {
		fmt.Println(a.Field, a.Level)
	}
	linked, err := clinic.MergePatients(ctx, clinic.Director, practice.MergePatients{Survivor: first.Patient, Merged: second.Patient, Reason: patient.MergeRegisteredTwice})
	fmt.Println(linked.State, err)
	found, _ := clinic.FindPatients(ctx, clinic.Desk, patient.Query{Text: "bronte zoe 0142"})
	fmt.Println(len(found), found[0].Patient.DisplayName())

	linked, err = clinic.UnmergePatients(ctx, clinic.Director, practice.UnmergePatients{Merge: linked.Merge, Reason: patient.UnmergeDifferentPeople})
	fmt.Println(linked.State, err)
	found, _ = clinic.FindPatients(ctx, clinic.Desk, patient.Query{Text: "bronte zoe 0142"})
	fmt.Println(len(found))
	// Output:
	// refused: warn: practice.patient.duplicate true
	// family exact
	// given exact
	// birth-date exact
	// phone exact
	// linked <nil>
	// 1 Zoë Brontë
	// unlinked <nil>
	// 2
}
