package practice_test

import (
	"context"
	"fmt"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/storage/memory"
)

func ExampleNew() {
	ctx := context.Background()
	clinic, _ := practice.New(memory.New(), nil)
	pack, _ := config.PackFor("US-TX")
	site := config.Site{ID: glabella.DeriveID[glabella.SiteID]("main"), Name: "Example Clinic", Zone: "America/Chicago", Jurisdiction: "US-TX", Currency: "USD", Language: "en", Policy: pack.Policy()}
	nurse := access.Staff{ID: glabella.DeriveID[glabella.StaffID]("nurse"), Name: "Nora Nurse", Roles: []access.Role{access.NurseInjector}}
	if _, err := clinic.SetUp(ctx, glabella.SystemActor("installer"), practice.SetUp{Sites: []config.Site{site}, Staff: []access.Staff{nurse}}); err != nil {
		fmt.Println(err)
	}
	actor := glabella.StaffActor(nurse.ID, site.ID)
	ada, err := clinic.RegisterPatient(ctx, actor, practice.RegisterPatient{
		Command: practice.Command{Key: "intake-4711"}, // sent twice, it registers once
		Source:  glabella.Provenance{Source: glabella.SourcePatient},
		Intake: patient.Intake{
			Names:     []patient.Name{{Use: patient.NameOfficial, Family: "Example", Given: []string{"Ada"}}},
			Allergies: []patient.IntakeAllergy{{Substance: glabella.Coding{Display: "lidocaine"}, Kind: "allergy", Criticality: "high"}},
		}})
	chart, _ := clinic.Chart(ctx, actor, ada.Patient) // journaled before it is handed out
	fmt.Println(chart.Patient.DisplayName(), "is allergic to", chart.Allergies[0].Substance.Display, err)
	// Output: Ada Example is allergic to lidocaine <nil>
}
