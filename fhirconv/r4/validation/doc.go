// Package validation checks resources of package r4 against HL7's definitions of
// FHIR R4 (4.0.1). [Check] returns what there is to say as an OperationOutcome,
// with the path of each element.
//
// The invariants are HL7's own, in FHIRPath; the package evaluates as much of that
// language as they use. It does not know profiles, and a terminology server it is
// not: a code is checked where its binding is required and the definitions list
// the value set.
//
// It is apart from package r4 so that a program that only reads and writes links
// neither the definitions nor what evaluates them.
package validation
