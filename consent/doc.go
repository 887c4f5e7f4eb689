// Package consent models what a practice asks its patients to agree to, what
// they answered, and whether that answer covers a treatment at some instant.
//
// A [Form] is one version of a text, in one or more languages, together with
// when it is required: for which treatments, where, how strongly and how often.
// Once published a version does not change; a new text is a new version, which
// says whether it is material, that is, whether it ends what was agreed to under
// earlier ones. A [Consent] is the answer of one patient to one version: which
// text was shown (by its hash), when, what the patient decided, and the evidence
// of the signature. It is withdrawn, never deleted.
//
// The main rule is [Evaluate]. It answers for any instant, past or future, and
// with all reasons:
//
//	d := consent.Evaluate(consent.Facts{Patient: id, Treatment: "botulinum-toxin", Forms: forms, Consents: consents, At: now, Zone: zone})
//	d.Codes() // [consent.missing]
//
// The lengths of time that a form sets, for validity and for reflection, are the
// practice's own. No federal law of the United States makes consent to treatment
// expire.
//
// What it does not do: it does not write forms, give legal advice, decide who
// may sign for a minor, or handle authorizations to disclose health information
// (45 CFR 164.508).
package consent
