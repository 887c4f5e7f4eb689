package fhirconv_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/fhirconv"
	"github.com/glabella-ehr/glabella/patient"
)

func ExamplePatientBundle() {
	record := fhirconv.Record{Patient: patient.Patient{
		ID:        glabella.MustParseID[glabella.PatientID]("01890000-0000-7000-8000-000000000001"),
		Names:     []patient.Name{{Use: patient.NameOfficial, Family: "Testcase", Given: []string{"Annabel"}}},
		BirthDate: glabella.MustParseDate("1980-05-02"),
		Tags:      []string{"newsletter"},
	}}
	bundle, losses, err := fhirconv.PatientBundle(record, time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, entry := range bundle.Entry {
		fmt.Println(entry.Request.Method, entry.Request.URL)
	}
	for _, loss := range losses {
		fmt.Println(loss)
	}
	// Output:
	// PUT Patient/01890000-0000-7000-8000-000000000001
	// /patient/tags/0: no-element: a tag is the practice's own
}

func ExampleEncode() {
	record := fhirconv.Record{Patient: patient.Patient{ID: glabella.MustParseID[glabella.PatientID]("01890000-0000-7000-8000-000000000001"), Gender: patient.Female}}
	bundle, _, err := fhirconv.PatientBundle(record, time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := fhirconv.Encode(bundle)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, entry, _ := strings.Cut(string(text), `"entry":`)
	fmt.Println(entry)
	// Output:
	// [{"fullUrl":"urn:uuid:01890000-0000-7000-8000-000000000001","resource":{"resourceType":"Patient","id":"01890000-0000-7000-8000-000000000001","gender":"female"},"request":{"method":"PUT","url":"Patient/01890000-0000-7000-8000-000000000001"}}]}
}
