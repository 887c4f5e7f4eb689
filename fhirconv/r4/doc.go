// Package r4 holds the types of HL7 FHIR R4 (4.0.1) and their JSON form, generated
// from HL7's definitions.
//
// A resource is a struct whose fields are named after FHIR's elements. What is not
// set is not written, and nothing is invented:
//
//	p := r4.Patient{ID: "p1", BirthDate: "1980-05", Deceased: r4.Boolean(false)}
//	b, err := p.AppendJSON(nil)
//	// {"resourceType":"Patient","id":"p1","birthDate":"1980-05","deceasedBoolean":false}
//
// Decimals and times keep the text that they were written with. A choice such as
// value[x] is one field of an interface type, which holds a primitive such as
// [String] or a pointer to a data type such as [*Quantity]. What has no field is in
// [Extra]: ids and extensions of primitive elements, with their places in a list,
// and elements that FHIR R4 does not have. They are written at the end of the
// object that they stood in.
//
// [Unmarshal] reads a resource of any type, and UnmarshalJSON one of a given type.
// Resources within it are typed too: those of a Bundle always, and contained ones
// if the container's references may be to their type. Others, and those of a type
// that the package does not have, are [*Raw], which is written back as it is.
// [ReadBundle], [WriteBundle], [ReadNDJSON] and [WriteNDJSON] stream what is too
// large for memory.
//
// Reading is strict: a name given twice, two values of a choice, an empty object,
// list or string, a null that stands for no item, a value of the wrong JSON type,
// and text that is not UTF-8 are a [*SyntaxError] with the path of the element.
// Whether a document keeps to FHIR's definitions is another question, which
// package validation answers.
//
// The strings of a resource that was read are parts of a few larger ones; who keeps
// one of them for long clones it.
//
// What it does not do: it has no XML and no FHIRPath, and it does not know
// profiles.
package r4

//go:generate go run ./internal/gen
