package consent

import (
	"fmt"
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
	// CodeSignedEarly says that a consent was signed sooner after the text was shown than the form allows.
	CodeSignedEarly glabella.Code = "consent.signed-early"
	// CodeSignedLate says that the time between signature and treatment is shorter than the form asks for.
	CodeSignedLate glabella.Code = "consent.signed-late"
	// CodeSection says that a required section of a consent is not initialled or acknowledged.
	CodeSection glabella.Code = "consent.section"
	// CodeWitness says that a signature that needs a witness has none.
	CodeWitness glabella.Code = "consent.witness"
	// CodeInterpreter says that a consent that needs an interpreter was given without one.
	CodeInterpreter glabella.Code = "consent.interpreter"
	// CodeDiscussion says that nobody has explained to the patient what the consent is about.
	CodeDiscussion glabella.Code = "consent.discussion"
	// CodeDiscussionOrder says that the consent was signed before it was explained.
	CodeDiscussionOrder glabella.Code = "consent.discussion.order"
	// CodeGuardian says that a patient who may not sign alone has signed alone.
	CodeGuardian glabella.Code = "consent.guardian"
	// CodeCapacityLacking says that the patient signed although they were found unable to decide.
	CodeCapacityLacking glabella.Code = "consent.capacity.lacking"
	// CodeCapacityFluctuating says that the patient signed although their ability to decide was found to come and go.
	CodeCapacityFluctuating glabella.Code = "consent.capacity.fluctuating"
)

// fault is something that is wrong with a consent other than the patient's
// answer, not yet put into words.
type fault struct {
	code    glabella.Code
	day     glabella.Date
	instant time.Time
	gap     Gap
}

// faults returns what is wrong with a consent other than the patient's answer.
func (e *evaluation) faults(d *demand, c *Consent) []fault {
	var out []fault
	answered := e.answeredAt(c)
	if d.form.Recurrence == Interval && e.At.Sub(answered) >= surely(d.form.ValidFor) {
		if until := glabella.DateOf(answered.In(e.Zone)).Add(d.form.ValidFor); !e.today.Before(until) {
			out = append(out, fault{code: CodeExpired, day: until})
		}
	}
	if c.Version < d.material {
		out = append(out, fault{code: CodeSuperseded})
	}
	if days := d.form.CoolingOffDays; days > 0 && e.At.Sub(c.Informed) < time.Duration(days+2)*24*time.Hour {
		if from := glabella.DateOf(c.Informed.In(e.Zone)).AddDays(d.form.CoolingOffDays); e.today.Before(from) {
			out = append(out, fault{code: CodeCoolingOff, day: from})
		}
	}
	own, ok := e.own(c)
	if !ok {
		out = append(out, fault{code: CodeTextMismatch})
	}
	if d.form.Strength == MustShow || c.Decision == Declined {
		return out
	}
	signed := c.Signature != nil && !c.Signature.At.After(e.At)
	if signed && d.form.SignGapHours > 0 {
		if from := d.form.mayBeSigned(c.Informed); c.Signature.At.Before(from) {
			out = append(out, fault{code: CodeSignedEarly, instant: from})
		}
	}
	if signed && d.form.BeforeTreatmentHours > 0 {
		if from := c.Signature.At.Add(time.Duration(d.form.BeforeTreatmentHours) * time.Hour); e.At.Before(from) {
			out = append(out, fault{code: CodeSignedLate, instant: from})
		}
	}
	if ok {
		out = append(out, e.incomplete(own, c, signed)...)
	}
	if signed && c.Signature.By == SignerPatient {
		if e.Minor {
			out = append(out, fault{code: CodeGuardian})
		}
		if k := c.Capacity; k != nil && !k.At.After(e.At) {
			switch k.Outcome {
			case CapacityLacks:
				out = append(out, fault{code: CodeCapacityLacking})
			case CapacityFluctuating:
				out = append(out, fault{code: CodeCapacityFluctuating})
			}
		}
	}
	return out
}

// surely returns a time that a period lasts whatever days it is made of, so that
// the calendar is needed only after it.
func surely(p glabella.Period) time.Duration {
	days := p.Years*365 + p.Months*28 + p.Days - 2
	return time.Duration(min(max(days, 0), 100_000)) * 24 * time.Hour
}

// own returns the version of the form that the consent answers, if its text in
// the language of the consent is the one that was answered.
func (e *evaluation) own(c *Consent) (*Form, bool) {
	for i := range e.Forms {
		v := &e.Forms[i]
		if v.ID != c.Form || v.Code != c.Code || v.Version != c.Version {
			continue
		}
		if text, ok := v.content(c.Language); ok && text.SHA256 == c.SHA256 {
			return v, true
		}
	}
	return nil, false
}

// incomplete returns what the consent lacks of what its own version asks for. A
// signature that is not there yet cannot be witnessed.
func (e *evaluation) incomplete(own *Form, c *Consent, signed bool) []fault {
	var out []fault
	for _, gap := range c.gaps(own, e.Languages, e.At) {
		code := gapCode(gap.Kind)
		if code == "" || gap.Kind == GapWitness && !signed {
			continue
		}
		out = append(out, fault{code: code, gap: gap})
	}
	if own.DiscussionRequired && !c.Discussion.IsZero() && e.Discussions != nil {
		switch talk := e.discussion(c.Discussion); {
		case talk == nil:
			out = append(out, fault{code: CodeDiscussion})
		case signed && talk.At.After(c.Signature.At):
			out = append(out, fault{code: CodeDiscussionOrder})
		}
	}
	return out
}

// gapCode returns the code of a gap that [Evaluate] reports; the others it
// reports in other ways.
func gapCode(k GapKind) glabella.Code {
	switch k {
	case GapInitials, GapAcknowledgement:
		return CodeSection
	case GapWitness:
		return CodeWitness
	case GapInterpreter:
		return CodeInterpreter
	case GapDiscussion:
		return CodeDiscussion
	}
	return ""
}

func (e *evaluation) discussion(id glabella.DiscussionID) *Discussion {
	for i := range e.Discussions {
		if d := &e.Discussions[i]; d.ID == id && d.Patient == e.Patient && !d.At.After(e.At) {
			return d
		}
	}
	return nil
}

// explain puts the faults of a consent into words.
func (e *evaluation) explain(d *demand, c *Consent, faults []fault) []glabella.Reason {
	out := make([]glabella.Reason, 0, len(faults))
	for _, f := range faults {
		r := reason(d.form, c, f.code, faultTexts[f.code])
		from := f.instant.In(e.Zone).Format(time.RFC3339)
		switch f.code {
		case CodeExpired:
			r = r.With("until", f.day.String())
		case CodeSuperseded:
			r = r.With("signedVersion", strconv.Itoa(c.Version))
		case CodeCoolingOff:
			r = r.With("from", f.day.String()).WithFix(fmt.Sprintf("treat on %s or later", f.day))
		case CodeSignedEarly:
			r = r.With("from", from).WithFix("have it signed again at " + from + " or later")
		case CodeSignedLate:
			r = r.With("from", from).WithFix("treat at " + from + " or later")
		case CodeSection:
			r = r.With("section", f.gap.Section).With("mark", string(f.gap.Kind)).WithFix("have the section marked and the consent signed")
		case CodeWitness:
			r = r.WithFix("have it signed again before a witness")
		case CodeInterpreter:
			r = r.With("language", c.Language).WithFix("have it signed with an interpreter, or in a language that the patient speaks")
		case CodeDiscussion, CodeDiscussionOrder:
			r = r.For(c.Discussion.Ref()).WithFix("explain it to the patient, record that, and have it signed again")
		case CodeGuardian:
			r = r.WithFix("have a guardian sign")
		case CodeCapacityLacking:
			r = r.WithFix("have a representative sign").CitedFrom("45 CFR 164.502(g): personal representatives; practice policy")
		case CodeCapacityFluctuating:
			r.Outcome = glabella.Warn
			r = r.WithFix("assess the patient again before treatment")
		}
		out = append(out, r)
	}
	return out
}

var faultTexts = map[glabella.Code]string{
	CodeExpired:             "a consent is older than its form allows",
	CodeSuperseded:          "a material newer version of the form has been published",
	CodeCoolingOff:          "the patient has not yet had the time to reflect that the form grants",
	CodeTextMismatch:        "the text that was answered is not that of the form's version and language",
	CodeSignedEarly:         "a consent was signed sooner after it was shown than the form allows",
	CodeSignedLate:          "the time between signature and treatment is shorter than the form asks for",
	CodeSection:             "a required section is not initialled or acknowledged",
	CodeWitness:             "a signature that needs a witness has none",
	CodeInterpreter:         "a consent that needs an interpreter was given without one",
	CodeDiscussion:          "nobody has explained to the patient what the consent is about",
	CodeDiscussionOrder:     "the consent was signed before it was explained",
	CodeGuardian:            "a patient who may not sign alone has signed alone",
	CodeCapacityLacking:     "the patient signed although they were found unable to decide",
	CodeCapacityFluctuating: "the patient signed although their ability to decide was found to come and go",
}

// reason denies because of the form, and of the consent if there is one. Unless
// it is given another fix, that is to sign the version that binds.
func reason(form *Form, c *Consent, code glabella.Code, text string) glabella.Reason {
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
