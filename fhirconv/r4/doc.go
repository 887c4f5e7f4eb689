// Package r4 holds types of HL7 FHIR R4 (4.0.1) and their JSON form.
//
// A resource is a struct whose fields are named after FHIR's elements; its JSON
// has the resource's type first. Dates, instants and decimals are kept as text,
// so that their precision survives. Nothing is invented: an element that is not
// set is not written.
//
//	b, err := json.Marshal(r4.Patient{ID: "p1", BirthDate: "1980-05-02"})
//	// {"resourceType":"Patient","id":"p1","birthDate":"1980-05-02"}
//
// What it does not do: it holds only the resources and elements that package
// fhirconv writes, it does not read FHIR, and it does not validate.
package r4
