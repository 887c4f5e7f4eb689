package scheduling_test

import (
	"fmt"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/scheduling"
)

func ExampleMayBook() {
	ten := time.Date(2026, time.November, 23, 16, 0, 0, 0, time.UTC)
	provider := glabella.DeriveID[glabella.StaffID]("nurse")
	booked := scheduling.Appointment{
		ID: glabella.DeriveID[glabella.AppointmentID]("first"), Patient: glabella.DeriveID[glabella.PatientID]("one"), Provider: provider,
		Start: ten, End: ten.Add(30 * time.Minute), State: scheduling.Booked,
	}
	request := scheduling.Appointment{
		ID: glabella.DeriveID[glabella.AppointmentID]("second"), Patient: glabella.DeriveID[glabella.PatientID]("two"), Provider: provider,
		Start: ten.Add(15 * time.Minute), End: ten.Add(45 * time.Minute), State: scheduling.Booked,
	}
	facts := scheduling.Facts{Appointment: request, Existing: []scheduling.Appointment{booked}, Now: ten.Add(-time.Hour)}
	fmt.Println(scheduling.MayBook(facts))

	facts.Appointment.Start, facts.Appointment.End = booked.End, booked.End.Add(30*time.Minute)
	fmt.Println(scheduling.MayBook(facts))
	// Output:
	// deny: scheduling.overlap.provider
	// allow
}

func ExampleAppointment_Arrive() {
	a := scheduling.Appointment{State: scheduling.Booked}
	a, err := a.Arrive(glabella.DeriveID[glabella.EncounterID]("visit"))
	fmt.Println(a.State, err)
	_, err = a.Miss()
	fmt.Println(err)
	// Output:
	// arrived <nil>
	// appointment: cannot miss when arrived
}
