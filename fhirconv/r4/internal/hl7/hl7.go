// Package hl7 holds what the generator of package r4 and the validation need
// of HL7's definitions of FHIR R4, which are in the public domain (CC0).
package hl7

import _ "embed"

// Definitions is the definitions as JSON, packed with gzip.
//
//go:embed definitions.json.gz
var Definitions []byte
