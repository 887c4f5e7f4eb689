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
// Texts are written in a subset of CommonMark and shown as plain text
// ([Content.Text]) or as safe HTML ([Content.HTML]); both come from one parse, so
// that they say the same. A text may have sections ([Section]) that the signer
// initials or ticks one by one; [Consent.Missing] lists what is still to be done.
// [Requirements] lists what there is to sign for a treatment, [Changes] what
// differs between two versions, [Discussion] records who explained it, and
// [Delivery] that it was sent to the patient by a link that opens for one patient,
// for some versions and for some time.
//
// The main rule is [Evaluate]. It answers for any instant, past or future, and
// with all reasons:
//
//	d := consent.Evaluate(consent.Facts{Patient: id, Treatment: "botulinum-toxin", Forms: forms, Consents: consents, At: now, Zone: zone})
//	d.Codes() // [consent.missing]
//
// [EvaluateMinor] answers whether the age of a patient lets a treatment be booked
// or done, by the rules of the place as package config holds them.
//
// What a patient wants done with their information stands apart from the forms. A
// [Directive] says what may be shared, a [Restriction] what is kept from whom and
// where the patient is reached (45 CFR 164.522), an [Authorization] permits what
// needs one (164.508), and [MayShare] puts them together for one disclosure. A
// [Request] is for access, an amendment or an accounting (164.524 to 164.528);
// [Due] lists the clocks that run.
//
// The lengths of time that a form sets, for validity and for reflection, are the
// practice's own. No federal law of the United States makes consent to treatment
// expire.
//
// What it does not do: it does not write forms, send them, make the randomness of
// tokens, give legal advice, decide who may sign for a patient, or disclose
// anything and account for it.
package consent
