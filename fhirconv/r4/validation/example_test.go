package validation_test

import (
	"fmt"

	"github.com/glabella-ehr/glabella/fhirconv/r4"
	"github.com/glabella-ehr/glabella/fhirconv/r4/validation"
)

func ExampleCheck() {
	p := &r4.Patient{
		Text:   &r4.Narrative{Status: "generated", Div: `<div xmlns="http://www.w3.org/1999/xhtml">Ann Testcase</div>`},
		Gender: "f", BirthDate: "1980-02-30",
		Communication: []r4.PatientCommunication{{Preferred: new(true)}},
	}
	if outcome := validation.Check(p); outcome != nil {
		for _, issue := range outcome.Issue {
			fmt.Println(issue.Severity, issue.Code, issue.Expression, issue.Diagnostics)
		}
	}
	// Output:
	// error code-invalid [Patient.gender] is not a code of http://hl7.org/fhir/ValueSet/administrative-gender
	// error value [Patient.birthDate] has not the form of a date
	// error required [Patient.communication[0].language] is required
}
