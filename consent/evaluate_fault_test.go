package consent_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

func TestEvaluateAsksForEveryMark(t *testing.T) {
	t.Parallel()
	at := day("2026-06-15")
	strict := func(f *consent.Form) {
		f.WitnessRequired, f.DiscussionRequired, f.SignGapHours, f.BeforeTreatmentHours = true, true, 24, 24
		f.Interpreter = consent.InterpreterUnspoken
	}
	signed := at.Add(-48 * time.Hour)
	talk := consent.Discussion{ID: talkID, Patient: pat, At: signed.Add(-time.Hour)}
	for _, tt := range []struct {
		name    string
		form    func(*consent.Form)
		consent func(*consent.Consent)
		facts   func(*consent.Facts)
		want    []glabella.Code
		outcome glabella.Outcome // "" follows from want
	}{
		{name: "complete"},
		{name: "a section that is not initialled", consent: func(c *consent.Consent) { c.Initials = nil }, want: []glabella.Code{consent.CodeSection}},
		{name: "a box that is not ticked", consent: func(c *consent.Consent) { c.Acknowledged = nil }, want: []glabella.Code{consent.CodeSection}},
		{name: "no witness", consent: func(c *consent.Consent) { c.WitnessSignature = nil }, want: []glabella.Code{consent.CodeWitness}},
		{name: "a witness who signs only after the treatment", consent: func(c *consent.Consent) { c.WitnessSignature.At = at.Add(1) }, want: []glabella.Code{consent.CodeWitness}},
		{name: "no interpreter", consent: func(c *consent.Consent) { c.Interpreter, c.InterpreterLanguage = "", "" }, want: []glabella.Code{consent.CodeInterpreter}},
		{name: "no interpreter for someone who speaks the language", consent: func(c *consent.Consent) { c.Interpreter, c.InterpreterLanguage = "", "" }, facts: func(f *consent.Facts) { f.Languages = []string{"en-AU"} }},
		{name: "nobody explained it", consent: func(c *consent.Consent) { c.Discussion = glabella.DiscussionID{} }, want: []glabella.Code{consent.CodeDiscussion}},
		{name: "it was explained to someone else", facts: func(f *consent.Facts) {
			f.Discussions = []consent.Discussion{{ID: talkID, Patient: other, At: talk.At}}
		}, want: []glabella.Code{consent.CodeDiscussion}},
		{name: "there is no such discussion", facts: func(f *consent.Facts) { f.Discussions = []consent.Discussion{} }, want: []glabella.Code{consent.CodeDiscussion}},
		{name: "the discussions are not looked at", facts: func(f *consent.Facts) { f.Discussions = nil }},
		{name: "it was explained after it was signed", facts: func(f *consent.Facts) {
			f.Discussions = []consent.Discussion{{ID: talkID, Patient: pat, At: signed.Add(1)}}
		}, want: []glabella.Code{consent.CodeDiscussionOrder}},
		{name: "it was explained only after the treatment", facts: func(f *consent.Facts) {
			f.Discussions = []consent.Discussion{{ID: talkID, Patient: pat, At: at.Add(1)}}
		}, want: []glabella.Code{consent.CodeDiscussion}},
		{name: "signed a second too early", consent: func(c *consent.Consent) {
			c.Informed = signed.Add(-24*time.Hour + time.Second)
		}, want: []glabella.Code{consent.CodeSignedEarly}},
		{name: "signed when it may be", consent: func(c *consent.Consent) { c.Informed = signed.Add(-24 * time.Hour) }},
		{name: "treated a second too early", facts: func(f *consent.Facts) { f.At = signed.Add(24*time.Hour - time.Second) }, want: []glabella.Code{consent.CodeSignedLate}},
		{name: "treated when it may be", facts: func(f *consent.Facts) { f.At = signed.Add(24 * time.Hour) }},
		{name: "a minor has signed", facts: func(f *consent.Facts) { f.Minor = true }, want: []glabella.Code{consent.CodeGuardian}},
		{name: "a minor's guardian has signed", facts: func(f *consent.Facts) { f.Minor = true }, consent: func(c *consent.Consent) {
			c.Signature.By, c.Signature.Authority = consent.SignerGuardian, "document-7"
		}},
		{name: "the patient cannot decide", consent: func(c *consent.Consent) { c.Capacity.Outcome = consent.CapacityLacks }, want: []glabella.Code{consent.CodeCapacityLacking}},
		{name: "a representative signs for a patient who cannot decide", consent: func(c *consent.Consent) {
			c.Capacity.Outcome, c.Signature.By, c.Signature.Authority = consent.CapacityLacks, consent.SignerRepresentative, "document-7"
		}},
		{name: "the patient was found unable only later", consent: func(c *consent.Consent) {
			c.Capacity.Outcome, c.Capacity.At = consent.CapacityLacks, at.Add(1)
		}},
		{name: "the patient can decide at times", consent: func(c *consent.Consent) { c.Capacity.Outcome = consent.CapacityFluctuating }, want: []glabella.Code{consent.CodeCapacityFluctuating}, outcome: glabella.Warn},
		{name: "nobody has assessed the patient", consent: func(c *consent.Consent) { c.Capacity.Outcome = consent.CapacityNotAssessed }},
		{name: "a form that is only shown needs no marks", form: func(f *consent.Form) { f.Strength = consent.MustShow }, consent: func(c *consent.Consent) {
			c.Initials, c.WitnessSignature, c.Signature = nil, nil, nil
		}},
		{name: "an unsigned consent lacks no witness", consent: func(c *consent.Consent) { c.Signature, c.WitnessSignature, c.Initials = nil, nil, nil }, want: []glabella.Code{consent.CodeUnsigned, consent.CodeSection}},
		{name: "everything at once", consent: func(c *consent.Consent) {
			c.Informed, c.Initials, c.WitnessSignature, c.Interpreter, c.Discussion = signed.Add(-time.Hour), nil, nil, "", glabella.DiscussionID{}
			c.Capacity.Outcome = consent.CapacityFluctuating
		}, facts: func(f *consent.Facts) { f.Minor, f.At = true, signed.Add(time.Hour) }, want: []glabella.Code{
			consent.CodeSignedEarly, consent.CodeSignedLate, consent.CodeSection, consent.CodeWitness, consent.CodeInterpreter, consent.CodeDiscussion,
			consent.CodeGuardian, consent.CodeCapacityFluctuating,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			form := sectioned(strict)
			if tt.form != nil {
				form = sectioned(strict, tt.form)
			}
			c := marked(signed)
			if tt.consent != nil {
				tt.consent(&c)
			}
			f := consent.Facts{
				Patient: pat, Treatment: "botulinum-toxin", Forms: []consent.Form{form}, Consents: []consent.Consent{c},
				Discussions: []consent.Discussion{talk}, Languages: []string{"vi"}, At: at,
			}
			if tt.facts != nil {
				tt.facts(&f)
			}
			want := tt.outcome
			switch {
			case want != "":
			case tt.want == nil:
				want = glabella.Allow
			default:
				want = glabella.Deny
			}
			got := consent.Evaluate(f)
			if diff := cmp.Diff(append([]glabella.Code{}, tt.want...), got.Codes()); diff != "" || got.Outcome != want {
				t.Errorf("Evaluate = %v, want %s (-want +got):\n%s", got, want, diff)
			}
			for _, r := range got.Reasons {
				if r.Fix == "" || r.Source == "" || r.Text == "" || len(r.Refs) == 0 || r.Args["form"] != form.Code {
					t.Errorf("the reason %+v does not say all", r)
				}
			}
		})
	}
}

// TestMarksAreThoseOfTheVersionThatWasSigned publishes an editorial version that
// asks for more than the one that was signed.
func TestMarksAreThoseOfTheVersionThatWasSigned(t *testing.T) {
	t.Parallel()
	v1 := toxinForm(1)
	v2 := toxinForm(2, func(f *consent.Form) { f.WitnessRequired = true })
	facts := consent.Facts{Patient: pat, Treatment: "botulinum-toxin", Forms: []consent.Form{v1, v2}, Consents: []consent.Consent{accepted(1, v1, day("2026-01-15"))}, At: day("2026-06-15")}
	if d := consent.Evaluate(facts); !d.Allowed() {
		t.Errorf("Evaluate = %v, want allow", d)
	}
	facts.Consents = []consent.Consent{accepted(1, v2, day("2026-02-15"))}
	if d := consent.Evaluate(facts); !d.Has(consent.CodeWitness) {
		t.Errorf("Evaluate = %v, want a witness", d)
	}
}

// crowd returns facts with 50 forms, 25 codes in two versions, of which the
// treatment needs some, and 200 signatures.
func crowd(needed int) consent.Facts {
	at := day("2026-06-15")
	f := consent.Facts{Patient: pat, Treatment: "botulinum-toxin", Jurisdiction: "US-CA", At: at, Zone: time.FixedZone("", -7*3600), Languages: []string{"en"}}
	for i := range 25 {
		for v := 1; v <= 2; v++ {
			f.Forms = append(f.Forms, toxinForm(v, func(form *consent.Form) {
				form.ID, form.Code = formID(byte(2*i+v)), fmt.Sprintf("consent-form-%02d", i)
				form.Jurisdictions = []string{"US"}
				form.Recurrence, form.ValidFor, form.CoolingOffDays = consent.Interval, glabella.Period{Years: 1}, 1
				if i >= needed {
					form.Treatments = []string{"laser-hair-removal", "chemical-peel"}
				}
			}))
		}
	}
	for n := range 200 {
		form := f.Forms[n%50]
		signed := at.AddDate(0, 0, -3-n/10)
		f.Consents = append(f.Consents, accepted(byte(n), form, signed, informed(signed.AddDate(0, 0, -1))))
	}
	return f
}

func TestCrowdIsCovered(t *testing.T) {
	t.Parallel()
	for _, needed := range []int{5, 25} {
		f := crowd(needed)
		if d := consent.Evaluate(f); !d.Allowed() || len(f.Forms) != 50 || len(f.Consents) != 200 {
			t.Errorf("Evaluate with %d forms and %d consents = %v", len(f.Forms), len(f.Consents), d)
		}
		f.Consents = nil
		if d := consent.Evaluate(f); len(d.Reasons) != needed {
			t.Errorf("Evaluate without consents gives %d reasons, want %d", len(d.Reasons), needed)
		}
	}
}

func BenchmarkEvaluate(b *testing.B) {
	for _, needed := range []int{5, 25} {
		b.Run(fmt.Sprintf("50 forms, 200 signatures, %d needed", needed), func(b *testing.B) {
			f := crowd(needed)
			b.ReportAllocs()
			for b.Loop() {
				if !consent.Evaluate(f).Allowed() {
					b.Fatal("not allowed")
				}
			}
		})
	}
}
