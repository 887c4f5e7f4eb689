package consent

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/glabella-ehr/glabella"
)

// Codes of the reasons of [Evaluate].
const (
	// CodeFormMissing says that a treatment requires a form of which no version is in force.
	CodeFormMissing glabella.Code = "consent.form.missing"
	// CodeMissing says that the patient has not been given a required form.
	CodeMissing glabella.Code = "consent.missing"
	// CodeUnsigned says that a required consent has not been signed.
	CodeUnsigned glabella.Code = "consent.unsigned"
	// CodeDeclined says that the patient has declined a required consent.
	CodeDeclined glabella.Code = "consent.declined"
	// CodeWithdrawn says that the patient has withdrawn a required consent.
	CodeWithdrawn glabella.Code = "consent.withdrawn"
	// CodeExpired says that a consent is older than its form allows.
	CodeExpired glabella.Code = "consent.expired"
	// CodeSuperseded says that a material newer version of the form has been published.
	CodeSuperseded glabella.Code = "consent.superseded"
	// CodeCoolingOff says that the patient has not yet had the time to reflect that the form grants.
	CodeCoolingOff glabella.Code = "consent.cooling-off"
	// CodeTextMismatch says that the text that the patient answered is not that of the form's version and language.
	CodeTextMismatch glabella.Code = "consent.text-mismatch"
)

// Facts are what [Evaluate] decides on.
type Facts struct {
	Patient      glabella.PatientID
	Treatment    string               // code of the treatment template
	Required     []string             // codes of further forms that the treatment requires, whatever their Treatments say
	Jurisdiction string               // where the treatment takes place, such as US-CA
	Forms        []Form               // every version of the practice's forms
	Consents     []Consent            // of the patient; those of others are ignored
	Encounter    glabella.EncounterID // for forms that are signed at each visit
	At           time.Time            // when the treatment takes place
	Zone         *time.Location       // of the site, for whole days; nil is UTC
}

// Evaluate decides whether the patient's consents cover the treatment at the
// instant At, from what was known then: forms published, consents given and
// withdrawals made after At do not count.
//
// The version that binds is, for each code, the highest one that is in force at
// At. A patient's last word on a form counts: whoever declined or withdrew must
// have signed again since. Of several signed consents one that meets everything
// is enough; otherwise the reasons are those of the last one. An optional form
// gives no reason, and one that must be shown is met by any answer to it.
func Evaluate(f Facts) glabella.Decision {
	if f.Zone == nil {
		f.Zone = time.UTC
	}
	var reasons []glabella.Reason
	binding := f.binding()
	for _, code := range f.Required {
		if !slices.ContainsFunc(binding, func(form Form) bool { return form.Code == code }) {
			reasons = append(reasons, glabella.Denied(CodeFormMissing, "no version of a required consent form is in force").
				With("form", code).WithFix(fmt.Sprintf("publish form %s", code)))
		}
	}
	for _, form := range binding {
		if form.Strength == Optional || !form.RequiredFor(f.Treatment, f.Jurisdiction) && !slices.Contains(f.Required, form.Code) {
			continue
		}
		reasons = append(reasons, f.against(form)...)
	}
	return glabella.Decide(reasons...)
}

// binding returns the version of each form that is in force, by code.
func (f Facts) binding() []Form {
	newest := map[string]Form{}
	for _, form := range f.Forms {
		if best, ok := newest[form.Code]; form.InForce(f.At) && (!ok || form.Version > best.Version) {
			newest[form.Code] = form
		}
	}
	out := make([]Form, 0, len(newest))
	for _, form := range newest {
		out = append(out, form)
	}
	slices.SortFunc(out, func(a, b Form) int { return cmp.Compare(a.Code, b.Code) })
	return out
}

// against returns what keeps the patient's consents from meeting the form.
func (f Facts) against(form Form) []glabella.Reason {
	shown := f.shown(form)
	if len(shown) == 0 {
		return []glabella.Reason{f.reason(form, nil, CodeMissing, "a required consent form has not been given to the patient")}
	}
	if form.Strength == MustShow {
		return f.best(form, shown)
	}
	signed, last := f.signed(shown)
	if len(signed) > 0 {
		return f.best(form, signed)
	}
	switch {
	case last.withdrawnBy(f.At):
		return []glabella.Reason{f.reason(form, last, CodeWithdrawn, "the patient has withdrawn a required consent")}
	case f.declined(last):
		return []glabella.Reason{f.reason(form, last, CodeDeclined, "the patient has declined a required consent")}
	default:
		reasons := []glabella.Reason{f.reason(form, last, CodeUnsigned, "a required consent is not signed")}
		return append(reasons, f.faults(form, last)...)
	}
}

// shown returns the patient's consents to any version of the form by At, in the
// order in which they were given.
func (f Facts) shown(form Form) []*Consent {
	var out []*Consent
	for i := range f.Consents {
		c := &f.Consents[i]
		if c.Patient != f.Patient || c.Code != form.Code || c.Informed.After(f.At) {
			continue
		}
		if form.Recurrence == PerVisit && (f.Encounter.IsZero() || c.Encounter != f.Encounter) {
			continue
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b *Consent) int {
		return cmp.Or(f.answeredAt(a).Compare(f.answeredAt(b)), cmp.Compare(a.ID.String(), b.ID.String()))
	})
	return out
}

// answeredAt returns when the consent was answered as far as was known at At.
func (f Facts) answeredAt(c *Consent) time.Time {
	if c.Signature != nil && !c.Signature.At.After(f.At) {
		return c.Signature.At
	}
	return c.Informed
}

// declined reports whether the patient had said no by At. Without a signature
// that was when the text was shown.
func (f Facts) declined(c *Consent) bool {
	return c.Decision == Declined && !c.givenAt().After(f.At)
}

// signed returns the agreements that stand at At and are later than the
// patient's last refusal, and the consent that is to be named if there is none:
// that refusal, or else the last one.
func (f Facts) signed(shown []*Consent) (signed []*Consent, last *Consent) {
	var refusal time.Time
	for _, c := range shown {
		at := f.answeredAt(c)
		switch {
		case c.withdrawnBy(f.At):
			at = c.WithdrawnAt
		case !f.declined(c):
			continue
		}
		if last == nil || !at.Before(refusal) {
			last, refusal = c, at
		}
	}
	for _, c := range shown {
		if c.ValidAt(f.At) && (last == nil || c.Signature.At.After(refusal)) {
			signed = append(signed, c)
		}
	}
	if last == nil {
		last = shown[len(shown)-1]
	}
	return signed, last
}

// best returns no reason if one of the consents is without fault, and otherwise
// the faults of the last one.
func (f Facts) best(form Form, consents []*Consent) []glabella.Reason {
	var faults []glabella.Reason
	for _, c := range consents {
		if faults = f.faults(form, c); len(faults) == 0 {
			return nil
		}
	}
	return faults
}

// faults returns what is wrong with a consent other than the patient's answer.
func (f Facts) faults(form Form, c *Consent) []glabella.Reason {
	var out []glabella.Reason
	today := glabella.DateOf(f.At.In(f.Zone))
	if form.Recurrence == Interval {
		if until := glabella.DateOf(f.answeredAt(c).In(f.Zone)).Add(form.ValidFor); !today.Before(until) {
			out = append(out, f.reason(form, c, CodeExpired, "a consent is older than its form allows").With("until", until.String()))
		}
	}
	if f.superseded(form, c) {
		out = append(out, f.reason(form, c, CodeSuperseded, "a material newer version of the form has been published").
			With("signedVersion", strconv.Itoa(c.Version)))
	}
	if from := glabella.DateOf(c.Informed.In(f.Zone)).AddDays(form.CoolingOffDays); today.Before(from) {
		out = append(out, f.reason(form, c, CodeCoolingOff, "the patient has not yet had the time to reflect that the form grants").
			With("from", from.String()).WithFix(fmt.Sprintf("treat on %s or later", from)))
	}
	if !f.textMatches(c) {
		out = append(out, f.reason(form, c, CodeTextMismatch, "the text that was answered is not that of the form's version and language"))
	}
	return out
}

// superseded reports whether a version above that of the consent, up to the one
// that binds, was material and published by At.
func (f Facts) superseded(form Form, c *Consent) bool {
	return slices.ContainsFunc(f.Forms, func(v Form) bool {
		return v.Code == form.Code && v.Material && v.Version > c.Version && v.Version <= form.Version &&
			!v.PublishedAt.IsZero() && !v.PublishedAt.After(f.At)
	})
}

// textMatches reports whether the consent's hash is that of the text of its
// form's version in its language.
func (f Facts) textMatches(c *Consent) bool {
	return slices.ContainsFunc(f.Forms, func(v Form) bool {
		if v.ID != c.Form || v.Code != c.Code || v.Version != c.Version {
			return false
		}
		text, ok := v.Content(c.Language)
		return ok && text.Hash() == c.SHA256
	})
}

// reason denies because of the form, and of the consent if there is one. Unless
// it is given another fix, that is to sign the version that binds.
func (f Facts) reason(form Form, c *Consent, code glabella.Code, text string) glabella.Reason {
	verb := "sign"
	if form.Strength == MustShow {
		verb = "show"
	}
	name := fmt.Sprintf("form %s version %d", form.Code, form.Version)
	r := glabella.Denied(code, text).
		With("form", form.Code).With("version", strconv.Itoa(form.Version)).
		For(form.Ref()).
		WithFix(verb + " " + name).
		CitedFrom("practice policy: " + name)
	if c != nil {
		r = r.For(c.Ref())
	}
	return r
}
