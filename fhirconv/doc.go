// Package fhirconv writes one patient's record as HL7 FHIR R4 (4.0.1), and reads
// it back.
//
// [PatientBundle] takes a [Record], what the practice holds about a patient
// together with the staff, sites, lots and forms that it refers to, and returns
// a transaction Bundle whose references all resolve inside it. [Encode] writes
// the Bundle as JSON. The same input gives the same bytes.
//
//	bundle, losses, err := fhirconv.PatientBundle(record, at)
//	if err != nil {
//		return err
//	}
//	text, err := fhirconv.Encode(bundle)
//
// What FHIR has no element for is written as an extension or in a code system
// below [Base] where a receiver may need it. What is left out, written with a
// broader code, or referred to without being given is reported as a [Loss], and
// never dropped in silence. Losses say where, not what: they hold no personal
// data. docs/FHIR.md lists where each field goes.
//
// [ToFHIR] puts the whole record beside it, and [FromFHIR] gives that back exactly,
// names what others have changed of the rest, and keeps what others have added, which
// comes out with the record again. [ReadPatients] reads patients of other systems.
//
// Of staff, sites, products, lots, containers and forms only what the patient's
// records refer to is written; the practice's own particulars about them are not
// part of a patient's record and no loss.
//
// [Deidentify] makes a copy of a Bundle without what identifies the patient, by the
// Safe Harbor rule of 45 CFR 164.514(b)(2), and proves what it left out.
//
// What it does not do: of other systems' resources it reads patients only and keeps
// the others as they are; it sends nothing, and it conforms to base R4, not to a
// national profile.
package fhirconv
