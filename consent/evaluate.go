package consent

import (
	"bytes"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
)

// Facts are what [Evaluate] decides on.
type Facts struct {
	Patient      glabella.PatientID
	Treatment    string               // code of the treatment template
	Classes      []string             // of the procedure or its products, such as botulinum-toxin
	Products     []string             // codes of the products
	Services     []string             // codes of the price list
	Required     []string             // codes of further forms that the treatment requires, whatever they say themselves
	Jurisdiction string               // where the treatment takes place, such as US-CA
	Forms        []Form               // every version of the practice's forms, as [Form.Validate] accepts them
	Consents     []Consent            // of the patient; those of others are ignored
	Discussions  []Discussion         // of the patient; nil is not looked at
	Languages    []string             // that the patient speaks, as BCP 47 tags
	Minor        bool                 // whether the patient may not sign alone
	Encounter    glabella.EncounterID // for forms that are signed at each visit
	At           time.Time            // when the treatment takes place
	Zone         *time.Location       // of the site, for whole days; nil is UTC
}

// Evaluate decides whether the patient's consents cover the treatment at the
// instant At, from what was known then: forms published, consents given, marks
// made and withdrawals made after At do not count.
//
// The version that binds is, for each code, the highest one that is in force at
// At. Its times apply; what is to be initialled, ticked, witnessed, interpreted
// and explained is what the version says that was signed. A patient's last word
// on a form counts: whoever declined or withdrew must have signed again since. Of
// several signed consents one that meets everything is enough; otherwise the
// reasons are those of the last one. An optional form gives no reason, and one
// that must be shown is met by any answer to it.
//
// Texts are compared by their stored hashes, which [Form.Validate] checks.
func Evaluate(f Facts) glabella.Decision {
	e := evaluation{Facts: &f}
	if f.Zone == nil {
		f.Zone = time.UTC
	}
	e.today = glabella.DateOf(f.At.In(f.Zone))
	a := f.act()
	bound := binding(f.Forms, f.At, func(form *Form) bool {
		return form.requires(&a) || slices.Contains(f.Required, form.Code)
	})
	var reasons []glabella.Reason
	for _, code := range f.Required {
		if !slices.ContainsFunc(bound, func(i int) bool { return f.Forms[i].Code == code }) {
			reasons = append(reasons, glabella.Denied(CodeFormMissing, "no version of a required consent form is in force").
				With("form", code).WithFix("publish form "+code))
		}
	}
	e.demands = make([]demand, 0, len(bound))
	for _, i := range bound {
		if form := &f.Forms[i]; form.Strength != Optional {
			e.codes.add(form.Code)
			e.demands = append(e.demands, demand{form: form})
		}
	}
	e.read()
	for i := range e.demands {
		reasons = append(reasons, e.reasons(&e.demands[i])...)
	}
	return glabella.Decide(reasons...)
}

func (f *Facts) act() Act {
	return Act{Treatment: f.Treatment, Classes: f.Classes, Products: f.Products, Services: f.Services, Jurisdiction: f.Jurisdiction}
}

// evaluation is one run of [Evaluate].
type evaluation struct {
	*Facts
	today   glabella.Date
	codes   codes
	demands []demand // in the places of their codes
}

// demand is a form that the patient's consents have to meet, with what was found
// among them.
type demand struct {
	form     *Form
	material int       // the highest material version that was published, up to that of the form
	last     *Consent  // the last one that was shown
	lastAt   time.Time // when it was answered
	refused  *Consent  // the patient's last refusal, declined or withdrawn
	refusal  time.Time // when that was
	signed   *Consent  // the last agreement that stands
}

// demand returns what is asked by forms of the code, or nil.
func (e *evaluation) demand(code string) *demand {
	if i := e.codes.find(code); i >= 0 {
		return &e.demands[i]
	}
	return nil
}

// read goes through the forms and consents once and keeps what decides.
func (e *evaluation) read() {
	if len(e.demands) == 0 {
		return
	}
	for i := range e.Forms {
		if v := &e.Forms[i]; v.Material && !v.PublishedAt.IsZero() && !v.PublishedAt.After(e.At) {
			if d := e.demand(v.Code); d != nil && v.Version <= d.form.Version {
				d.material = max(d.material, v.Version)
			}
		}
	}
	for i := range e.Consents {
		c := &e.Consents[i]
		d := e.shown(c)
		if d == nil {
			continue
		}
		at := e.answeredAt(c)
		if d.last == nil || later(c, at, d.last, d.lastAt) {
			d.last, d.lastAt = c, at
		}
		if c.validAt(e.At) && (d.signed == nil || later(c, at, d.signed, d.signed.Signature.At)) {
			d.signed = c
		}
		switch {
		case c.withdrawnBy(e.At):
			at = c.WithdrawnAt
		case !e.declined(c):
			continue
		}
		if d.refused == nil || at.After(d.refusal) || at.Equal(d.refusal) && later(c, e.answeredAt(c), d.refused, e.answeredAt(d.refused)) {
			d.refused, d.refusal = c, at
		}
	}
	for i := range e.demands {
		if d := &e.demands[i]; d.signed != nil && !e.agreed(d, d.signed) {
			d.signed = nil // nor does an earlier one stand
		}
	}
}

// shown returns the demand whose form the consent answers, in any version and as
// far as was known at At, or nil.
func (e *evaluation) shown(c *Consent) *demand {
	if c.Patient != e.Patient || c.Informed.After(e.At) {
		return nil
	}
	d := e.demand(c.Code)
	if d != nil && d.form.Recurrence == PerVisit && (e.Encounter.IsZero() || c.Encounter != e.Encounter) {
		return nil
	}
	return d
}

// agreed reports whether the consent is an agreement that stands at At and is
// later than the patient's last refusal.
func (e *evaluation) agreed(d *demand, c *Consent) bool {
	return c.validAt(e.At) && (d.refused == nil || c.Signature.At.After(d.refusal))
}

// later reports whether a, answered at the instant atA, came after b. Of two that
// were answered at once the one with the higher ID is the later.
func later(a *Consent, atA time.Time, b *Consent, atB time.Time) bool {
	if order := atA.Compare(atB); order != 0 {
		return order > 0
	}
	return bytes.Compare(a.ID[:], b.ID[:]) > 0
}

// answeredAt returns when the consent was answered as far as was known at At.
func (e *evaluation) answeredAt(c *Consent) time.Time {
	if c.Signature != nil && !c.Signature.At.After(e.At) {
		return c.Signature.At
	}
	return c.Informed
}

// declined reports whether the patient had said no by At. Without a signature
// that was when the text was shown.
func (e *evaluation) declined(c *Consent) bool {
	return c.Decision == Declined && !c.givenAt().After(e.At)
}

// reasons returns what keeps the patient's consents from meeting a demand.
func (e *evaluation) reasons(d *demand) []glabella.Reason {
	last := d.signed
	switch {
	case d.last == nil:
		return []glabella.Reason{reason(d.form, nil, CodeMissing, "a required consent form has not been given to the patient")}
	case d.form.Strength == MustShow:
		last = d.last
	case last == nil && d.refused != nil && d.refused.withdrawnBy(e.At):
		return []glabella.Reason{reason(d.form, d.refused, CodeWithdrawn, "the patient has withdrawn a required consent")}
	case last == nil && d.refused != nil:
		return []glabella.Reason{reason(d.form, d.refused, CodeDeclined, "the patient has declined a required consent")}
	case last == nil:
		reasons := []glabella.Reason{reason(d.form, d.last, CodeUnsigned, "a required consent is not signed")}
		return append(reasons, e.explain(d, d.last, e.faults(d, d.last))...)
	}
	faults := e.faults(d, last)
	if len(faults) == 0 {
		return nil
	}
	for i := range e.Consents {
		c := &e.Consents[i]
		if c == last || e.shown(c) != d || d.form.Strength != MustShow && !e.agreed(d, c) {
			continue
		}
		if len(e.faults(d, c)) == 0 {
			return nil
		}
	}
	return e.explain(d, last, faults)
}
