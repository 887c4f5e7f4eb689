package consent

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"golang.org/x/text/language"

	"github.com/glabella-ehr/glabella"
)

// Signer is who signed for the patient. Who may do so is decided when it is
// signed, from what is known of the patient's relations; the document that lets
// them is [Signature].Authority.
type Signer struct {
	Related      glabella.RelatedID `json:"related,omitzero"`
	Reference    string             `json:"reference,omitempty"`    // the host's own number for someone who is not on record
	Relationship string             `json:"relationship,omitempty"` // code of HL7's RoleCode: MTH, GUARD
}

// IsZero reports whether the signer is not named.
func (s Signer) IsZero() bool { return s == Signer{} }

// Initial is the mark of the signer at a section.
type Initial struct {
	Section string    `json:"section"` // its key
	At      time.Time `json:"at"`
}

// WitnessSignature is the evidence that the witness, [Consent].Witness, saw the
// consent being signed.
type WitnessSignature struct {
	Method         Method    `json:"method" validate:"oneof=drawn typed checkbox paper"`
	At             time.Time `json:"at" validate:"required"`
	EvidenceSHA256 string    `json:"evidenceSHA256,omitempty"` // of the image, the scan or the typed name
}

// CapacityOutcome is what an assessment of capacity found.
type CapacityOutcome string

// The outcomes of an assessment.
const (
	CapacityHas         CapacityOutcome = "has"
	CapacityLacks       CapacityOutcome = "lacks"
	CapacityFluctuating CapacityOutcome = "fluctuating"
	CapacityNotAssessed CapacityOutcome = "not-assessed"
)

// CapacityOutcomes returns every outcome.
func CapacityOutcomes() []CapacityOutcome {
	return []CapacityOutcome{CapacityHas, CapacityLacks, CapacityFluctuating, CapacityNotAssessed}
}

// Valid reports whether o is one of [CapacityOutcomes].
func (o CapacityOutcome) Valid() bool { return slices.Contains(CapacityOutcomes(), o) }

// Capacity is what was found on whether the patient can decide on this matter.
type Capacity struct {
	Outcome CapacityOutcome  `json:"outcome" validate:"oneof=has lacks fluctuating not-assessed"`
	By      glabella.StaffID `json:"by,omitzero"`
	At      time.Time        `json:"at,omitzero"`
}

// Assessed reports whether someone has looked.
func (c Capacity) Assessed() bool { return c.Outcome.Valid() && c.Outcome != CapacityNotAssessed }

// rolePattern is the form of a code of HL7's RoleCode.
var rolePattern = regexp.MustCompile(`^[A-Z][A-Z0-9_-]{0,31}$`)

// markIssues returns what is wrong with the marks around the signature.
func (c Consent) markIssues() []glabella.Issue {
	var issues []glabella.Issue
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	tag := func(path, lang string) {
		if lang == "" {
			return
		}
		if t, err := language.Parse(lang); err != nil || t == language.Und {
			add(path, glabella.CodeFormat, "not a BCP 47 language tag")
		}
	}
	hash := func(path, sum string) {
		if sum != "" && !hashPattern.MatchString(sum) {
			add(path, glabella.CodeFormat, "a hash is 64 lower-case hexadecimal digits")
		}
	}
	if s := c.Signature; s != nil {
		hash("/signature/userAgentSHA256", s.UserAgentSHA256)
		tag("/signature/language", s.Language)
		if s.By == SignerPatient && !s.Signer.IsZero() {
			add("/signature/signer", glabella.CodeMismatch, "the patient needs no other signer")
		}
		if r := s.Signer.Relationship; r != "" && !rolePattern.MatchString(r) {
			add("/signature/signer/relationship", glabella.CodeFormat, "not a code of HL7's RoleCode")
		}
	}
	seen := map[string]bool{}
	for i, m := range c.Initials {
		at := fmt.Sprintf("/initials/%d", i)
		switch {
		case !codePattern.MatchString(m.Section):
			add(at+"/section", glabella.CodeFormat, "not the key of a section")
		case seen[m.Section]:
			add(at+"/section", glabella.CodeDuplicate, "given twice")
		}
		seen[m.Section] = true
		switch {
		case m.At.IsZero():
			add(at+"/at", glabella.CodeRequired, "must be given")
		case m.At.Before(c.Informed):
			add(at+"/at", CodeOrder, "initialled before the text was shown")
		case c.Signature != nil && m.At.After(c.Signature.At):
			add(at+"/at", CodeOrder, "initialled after it was signed")
		}
	}
	unique(add, "/acknowledged", c.Acknowledged)
	if w := c.WitnessSignature; w != nil {
		hash("/witnessSignature/evidenceSHA256", w.EvidenceSHA256)
		if w.EvidenceSHA256 == "" && w.Method.Valid() && w.Method != Checkbox {
			add("/witnessSignature/evidenceSHA256", glabella.CodeRequired, "a signature other than a checkbox leaves evidence")
		}
		switch {
		case c.Witness.IsZero():
			add("/witness", glabella.CodeRequired, "the witness who signed is named")
		case c.Witness == c.Patient.Ref():
			add("/witness", glabella.CodeMismatch, "the patient does not witness their own signature")
		case c.Signature != nil && !c.Signature.Signer.Related.IsZero() && c.Witness == c.Signature.Signer.Related.Ref():
			add("/witness", glabella.CodeMismatch, "the signer does not witness their own signature")
		}
		switch {
		case c.Signature == nil:
			add("/witnessSignature", glabella.CodeMismatch, "there is no signature to witness")
		case !w.At.IsZero() && w.At.Before(c.Signature.At):
			add("/witnessSignature/at", CodeOrder, "witnessed before it was signed")
		}
	}
	tag("/interpreterLanguage", c.InterpreterLanguage)
	if c.InterpreterLanguage != "" && c.Interpreter == "" {
		add("/interpreter", glabella.CodeRequired, "the interpreter is named")
	}
	if k := c.Capacity; k != nil && k.Assessed() {
		if k.By.IsZero() {
			add("/capacity/by", glabella.CodeRequired, "an assessment names who made it")
		}
		if k.At.IsZero() {
			add("/capacity/at", glabella.CodeRequired, "an assessment has a time")
		}
	}
	hash("/renderedSHA256", c.RenderedSHA256)
	return issues
}

// GapKind says what a consent lacks.
type GapKind string

// The kinds of gap.
const (
	GapText            GapKind = "text"            // the form has no text in the language of the consent
	GapSignature       GapKind = "signature"       // it is not signed
	GapInitials        GapKind = "initials"        // a section is not initialled
	GapAcknowledgement GapKind = "acknowledgement" // the box of a section is not ticked
	GapWitness         GapKind = "witness"         // nobody has witnessed the signature
	GapInterpreter     GapKind = "interpreter"     // nobody interpreted
	GapDiscussion      GapKind = "discussion"      // nobody has explained it
	GapTooSoon         GapKind = "too-soon"        // it was signed before the time to read it had passed
)

// GapKinds returns every kind of gap.
func GapKinds() []GapKind {
	return []GapKind{GapText, GapSignature, GapInitials, GapAcknowledgement, GapWitness, GapInterpreter, GapDiscussion, GapTooSoon}
}

// Valid reports whether k is one of [GapKinds].
func (k GapKind) Valid() bool { return slices.Contains(GapKinds(), k) }

// Gap is one thing that a consent lacks. Section is set for initials and
// acknowledgements.
type Gap struct {
	Kind    GapKind `json:"kind"`
	Section string  `json:"section,omitempty"`
}

// Missing returns what the consent lacks of what its version of the form asks
// for, in the order in which it is done. The languages are those that the patient
// is known to speak, as BCP 47 tags. A consent that was declined lacks nothing.
func (c Consent) Missing(f Form, languages ...string) []Gap {
	if c.Decision == Declined {
		return nil
	}
	var out []Gap
	if _, ok := f.Content(c.Language); !ok {
		out = append(out, Gap{Kind: GapText})
	}
	if c.Signature == nil {
		out = append(out, Gap{Kind: GapSignature})
	}
	return append(out, c.gaps(&f, languages, time.Time{})...)
}

// Complete reports whether [Consent.Missing] is empty.
func (c Consent) Complete(f Form, languages ...string) bool {
	return len(c.Missing(f, languages...)) == 0
}

// gaps returns what the consent lacked at the instant at, zero for what it lacks
// now, apart from the text and the signature.
func (c *Consent) gaps(f *Form, languages []string, at time.Time) []Gap {
	known := func(t time.Time) bool { return at.IsZero() || !t.After(at) }
	var out []Gap
	for i := range f.Contents {
		if f.Contents[i].Sections != nil {
			if text, ok := f.content(c.Language); ok {
				out = c.sectionGaps(f, text, known)
			}
			break
		}
	}
	if f.WitnessRequired && (c.WitnessSignature == nil || !known(c.WitnessSignature.At)) {
		out = append(out, Gap{Kind: GapWitness})
	}
	if f.needsInterpreter(c.Language, languages) && c.Interpreter == "" {
		out = append(out, Gap{Kind: GapInterpreter})
	}
	if f.DiscussionRequired && c.Discussion.IsZero() {
		out = append(out, Gap{Kind: GapDiscussion})
	}
	if f.SignGapHours > 0 && c.Signature != nil && c.Signature.At.Before(f.mayBeSigned(c.Informed)) {
		out = append(out, Gap{Kind: GapTooSoon})
	}
	return out
}

func (c *Consent) sectionGaps(f *Form, text *Content, known func(time.Time) bool) []Gap {
	var out []Gap
	for i := range text.Sections {
		s := &text.Sections[i]
		if s.Initials && (s.Required || f.RequiresInitials) &&
			!slices.ContainsFunc(c.Initials, func(m Initial) bool { return m.Section == s.Key && known(m.At) }) {
			out = append(out, Gap{Kind: GapInitials, Section: s.Key})
		}
		if s.Acknowledge && s.Required && !slices.Contains(c.Acknowledged, s.Key) {
			out = append(out, Gap{Kind: GapAcknowledgement, Section: s.Key})
		}
	}
	return out
}

// mayBeSigned returns from when the form may be signed by someone who was shown
// it at the instant informed.
func (f *Form) mayBeSigned(informed time.Time) time.Time {
	return informed.Add(time.Duration(f.SignGapHours) * time.Hour)
}

// needsInterpreter reports whether the form asks for an interpreter for a text in
// the language and a patient who speaks the languages. Varieties of a language
// are one; a patient of whom no language is known does not speak that of the
// text.
func (f *Form) needsInterpreter(text string, languages []string) bool {
	switch f.Interpreter {
	case InterpreterAlways:
		return true
	case InterpreterUnspoken:
		return !slices.ContainsFunc(languages, func(l string) bool { return sameLanguage(l, text) })
	}
	return false
}

func sameLanguage(a, b string) bool {
	if a == b {
		return true
	}
	x, err := language.Parse(a)
	if err != nil {
		return false
	}
	y, err := language.Parse(b)
	if err != nil {
		return false
	}
	baseX, _ := x.Base()
	baseY, _ := y.Base()
	return baseX == baseY
}

// GuardianConsent reports whether someone else's agreement to the act stands at
// the instant of the facts: at least one form has to be accepted for it, and all
// that have to be are met by consents that a guardian or another representative
// signed.
func GuardianConsent(f Facts) bool {
	f.Minor = true
	must := slices.ContainsFunc(Requirements(f.Forms, f.act(), f.At, f.Required...), func(form Form) bool { return form.Strength == MustAccept })
	return must && Evaluate(f).Outcome != glabella.Deny
}
