package r4_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/glabella-ehr/glabella/fhirconv/r4"
)

func ExampleUnmarshal() {
	r, err := r4.Unmarshal([]byte(`{"resourceType":"Observation","status":"final","code":{"text":"Dose"},"valueQuantity":{"value":4.50,"unit":"U"}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	o := r.(*r4.Observation)
	switch v := o.Value.(type) {
	case *r4.Quantity:
		fmt.Println(v.Value, v.Unit)
	case r4.String:
		fmt.Println("in words:", v)
	}
	// Output: 4.50 U
}

func ExampleUnmarshal_refused() {
	_, err := r4.Unmarshal([]byte(`{"resourceType":"Patient","name":[{"family":"Testcase","family":"Example"}]}`))
	fmt.Println(err)
	// Output: Patient.name[0].family: given twice, at byte 64
}

func ExamplePatient_AppendJSON() {
	p := r4.Patient{ID: "p1", BirthDate: "1980-05", Deceased: r4.Boolean(false), Name: []r4.HumanName{{Family: "Testcase", Given: []string{"Ann"}}}}
	b, err := p.AppendJSON(nil)
	fmt.Println(string(b), err)
	// Output: {"resourceType":"Patient","id":"p1","name":[{"family":"Testcase","given":["Ann"]}],"birthDate":"1980-05","deceasedBoolean":false} <nil>
}

func ExampleExtra_With() {
	masked := &r4.Element{Extension: []r4.Extension{{URL: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", Value: r4.Code("masked")}}}
	p := r4.Patient{}
	p.Extra = p.Extra.With("birthDate", false, masked)
	b, err := p.AppendJSON(nil)
	fmt.Println(string(b), err)
	// Output: {"resourceType":"Patient","_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"masked"}]}} <nil>
}

func ExampleDateTime_Parse() {
	for _, d := range []r4.DateTime{"1974", "1974-12-25T14:35:45-05:00", "25.12.1974"} {
		t, precision, err := d.Parse()
		fmt.Println(t, precision == r4.Year, err != nil)
	}
	// Output:
	// 1974-01-01 00:00:00 +0000 UTC true false
	// 1974-12-25 14:35:45 -0500 -0500 false false
	// 0001-01-01 00:00:00 +0000 UTC false true
}

func ExampleReadNDJSON() {
	const file = `{"resourceType":"Patient","id":"1"}
{"resourceType":"Patient","id":"2","gender":7}
{"resourceType":"Lens","id":"3"}
`
	for r, err := range r4.ReadNDJSON(strings.NewReader(file)) {
		if err != nil {
			fmt.Println(err)
			continue
		}
		_, raw := r.(*r4.Raw)
		fmt.Println(r.ResourceType(), r.ResourceID(), raw)
	}
	// Output:
	// Patient 1 false
	// line 2: Patient.gender: a string is expected, at byte 44
	// Lens 3 true
}

func ExampleWriteBundle() {
	entries := func(yield func(r4.BundleEntry, error) bool) {
		for _, id := range []string{"1", "2"} {
			if !yield(r4.BundleEntry{Resource: &r4.Patient{ID: id}}, nil) {
				return
			}
		}
	}
	if err := r4.WriteBundle(os.Stdout, r4.Bundle{Type: "collection"}, entries); err != nil {
		fmt.Println(err)
	}
	// Output: {"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","id":"1"}},{"resource":{"resourceType":"Patient","id":"2"}}]}
}
