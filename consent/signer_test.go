package consent_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

var (
	nurse  = glabella.MustParseID[glabella.StaffID]("01890000-0000-7000-8000-0000000000aa")
	mother = glabella.MustParseID[glabella.RelatedID]("01890000-0000-7000-8000-0000000000bb")
	talkID = glabella.MustParseID[glabella.DiscussionID]("01890000-0000-7000-8000-0000000000cc")
)

// marked is a consent to [sectioned] with everything that a form may ask for.
func marked(at time.Time, change ...func(*consent.Consent)) consent.Consent {
	return accepted(1, sectioned(), at, func(c *consent.Consent) {
		c.Informed = at.Add(-48 * time.Hour)
		c.Initials = []consent.Initial{{Section: "rare-risks", At: at.Add(-time.Second)}}
		c.Acknowledged = []string{"common-risks"}
		c.Witness = nurse.Ref()
		c.WitnessSignature = &consent.WitnessSignature{Method: consent.Checkbox, At: at.Add(time.Second)}
		c.Interpreter, c.InterpreterLanguage = "interpreter 7", "vi"
		c.Capacity = &consent.Capacity{Outcome: consent.CapacityHas, By: nurse, At: at}
		c.Discussion, c.RenderedSHA256 = talkID, strings.Repeat("ab", 32)
		c.Signature.NetworkAddress, c.Signature.UserAgentSHA256, c.Signature.Language = "192.0.2.0/24", strings.Repeat("cd", 32), "en-US"
		for _, ch := range change {
			ch(c)
		}
	})
}

func TestMarksAreValidated(t *testing.T) {
	t.Parallel()
	at := day("2026-03-01")
	for _, tt := range []struct {
		name   string
		change func(*consent.Consent)
		want   []string
	}{
		{name: "every mark at once is valid", change: func(*consent.Consent) {}},
		{name: "a guardian who is on record", change: func(c *consent.Consent) {
			c.Signature.By, c.Signature.Authority = consent.SignerGuardian, "document-7"
			c.Signature.Signer = consent.Signer{Related: mother, Relationship: "MTH"}
		}},
		{name: "the patient with another signer", change: func(c *consent.Consent) { c.Signature.Signer.Reference = "x" }, want: []string{"/signature/signer mismatch"}},
		{name: "a relationship that is none", change: func(c *consent.Consent) {
			c.Signature.By, c.Signature.Authority, c.Signature.Signer.Relationship = consent.SignerGuardian, "document-7", "mother of the patient"
		}, want: []string{"/signature/signer/relationship format"}},
		{name: "malformed hashes and languages", change: func(c *consent.Consent) {
			c.RenderedSHA256, c.Signature.UserAgentSHA256, c.WitnessSignature.EvidenceSHA256 = "x", "y", "z"
			c.Signature.Language, c.InterpreterLanguage = "english!", "und"
		}, want: []string{"/interpreterLanguage format", "/renderedSHA256 format", "/signature/language format", "/signature/userAgentSHA256 format", "/witnessSignature/evidenceSHA256 format"}},
		{name: "initials without a section or a time", change: func(c *consent.Consent) {
			c.Initials = []consent.Initial{{}, {Section: "rare-risks", At: at}, {Section: "rare-risks", At: at}}
		}, want: []string{"/initials/0/at required", "/initials/0/section format", "/initials/2/section duplicate"}},
		{name: "initials before the text was shown", change: func(c *consent.Consent) { c.Initials[0].At = c.Informed.Add(-1) }, want: []string{"/initials/0/at consent.order"}},
		{name: "initials after the signature", change: func(c *consent.Consent) { c.Initials[0].At = at.Add(1) }, want: []string{"/initials/0/at consent.order"}},
		{name: "boxes that are ticked twice", change: func(c *consent.Consent) { c.Acknowledged = []string{"a", "", "a"} }, want: []string{"/acknowledged/1 required", "/acknowledged/2 duplicate"}},
		{name: "a witness who is not named", change: func(c *consent.Consent) { c.Witness = glabella.Ref{} }, want: []string{"/witness required"}},
		{name: "the patient as their own witness", change: func(c *consent.Consent) { c.Witness = pat.Ref() }, want: []string{"/witness mismatch"}},
		{name: "the signer as their own witness", change: func(c *consent.Consent) {
			c.Signature.By, c.Signature.Authority, c.Signature.Signer.Related = consent.SignerGuardian, "document-7", mother
			c.Witness = mother.Ref()
		}, want: []string{"/witness mismatch"}},
		{name: "witnessed before it was signed", change: func(c *consent.Consent) { c.WitnessSignature.At = at.Add(-1) }, want: []string{"/witnessSignature/at consent.order"}},
		{name: "a witness of nothing", change: func(c *consent.Consent) { c.Signature = nil }, want: []string{"/witnessSignature mismatch"}},
		{name: "a witness without evidence", change: func(c *consent.Consent) { c.WitnessSignature.Method = consent.Drawn }, want: []string{"/witnessSignature/evidenceSHA256 required"}},
		{name: "an empty witness signature", change: func(c *consent.Consent) { *c.WitnessSignature = consent.WitnessSignature{} }, want: []string{"/witnessSignature/at required", "/witnessSignature/method unknown-value"}},
		{name: "an interpreter who is not named", change: func(c *consent.Consent) { c.Interpreter = "" }, want: []string{"/interpreter required"}},
		{name: "an assessment by nobody", change: func(c *consent.Consent) { *c.Capacity = consent.Capacity{Outcome: consent.CapacityLacks} }, want: []string{"/capacity/at required", "/capacity/by required"}},
		{name: "no assessment needs nobody", change: func(c *consent.Consent) { *c.Capacity = consent.Capacity{Outcome: consent.CapacityNotAssessed} }},
		{name: "an outcome that is none", change: func(c *consent.Consent) { c.Capacity.Outcome = "good" }, want: []string{"/capacity/outcome unknown-value"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, issuesOf(t, marked(at, tt.change).Validate())); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	at := day("2026-03-01")
	strict := func(f *consent.Form) {
		f.WitnessRequired, f.DiscussionRequired, f.RequiresInitials, f.SignGapHours = true, true, true, 24
		f.Interpreter = consent.InterpreterUnspoken
	}
	bare := func(c *consent.Consent) {
		c.Initials, c.Acknowledged, c.WitnessSignature, c.Interpreter, c.InterpreterLanguage = nil, nil, nil, "", ""
		c.Discussion, c.Informed = glabella.DiscussionID{}, at.Add(-23*time.Hour)
	}
	for _, tt := range []struct {
		name      string
		form      func(*consent.Form)
		consent   func(*consent.Consent)
		languages []string
		want      []consent.Gap
	}{
		{name: "a complete consent", form: strict, languages: []string{"vi"}},
		{name: "everything, in the order in which it is done", form: strict, consent: bare, languages: []string{"vi"}, want: []consent.Gap{
			{Kind: consent.GapAcknowledgement, Section: "common-risks"}, {Kind: consent.GapInitials, Section: "rare-risks"},
			{Kind: consent.GapWitness}, {Kind: consent.GapInterpreter}, {Kind: consent.GapDiscussion}, {Kind: consent.GapTooSoon},
		}},
		{name: "a form that asks for little", consent: bare, want: []consent.Gap{
			{Kind: consent.GapAcknowledgement, Section: "common-risks"}, {Kind: consent.GapInitials, Section: "rare-risks"},
		}},
		{name: "the patient speaks a variety of the text's language", form: func(f *consent.Form) { f.Interpreter = consent.InterpreterUnspoken }, consent: func(c *consent.Consent) {
			c.Interpreter, c.InterpreterLanguage = "", ""
		}, languages: []string{"vi", "en-GB"}},
		{name: "nobody knows what the patient speaks", form: func(f *consent.Form) { f.Interpreter = consent.InterpreterUnspoken }, consent: func(c *consent.Consent) {
			c.Interpreter, c.InterpreterLanguage = "", ""
		}, languages: []string{"english!"}, want: []consent.Gap{{Kind: consent.GapInterpreter}}},
		{name: "an interpreter in any case", form: func(f *consent.Form) { f.Interpreter = consent.InterpreterAlways }, consent: func(c *consent.Consent) {
			c.Interpreter, c.InterpreterLanguage = "", ""
		}, languages: []string{"en"}, want: []consent.Gap{{Kind: consent.GapInterpreter}}},
		{name: "initials that are voluntary", form: func(f *consent.Form) {
			f.Contents[0].Sections[1].Required, f.Contents[1].Sections[1].Required = false, false
		}, consent: func(c *consent.Consent) { c.Initials = nil }},
		{name: "initials that the form asks for everywhere", form: func(f *consent.Form) {
			f.RequiresInitials = true
			f.Contents[0].Sections[1].Required, f.Contents[1].Sections[1].Required = false, false
		}, consent: func(c *consent.Consent) { c.Initials = nil }, want: []consent.Gap{{Kind: consent.GapInitials, Section: "rare-risks"}}},
		{name: "not signed", consent: func(c *consent.Consent) { c.Signature = nil }, want: []consent.Gap{{Kind: consent.GapSignature}}},
		{name: "a text that the form does not have", consent: func(c *consent.Consent) { c.Language = "fr" }, want: []consent.Gap{{Kind: consent.GapText}}},
		{name: "what was declined lacks nothing", form: strict, consent: func(c *consent.Consent) {
			bare(c)
			c.Decision = consent.Declined
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			change := []func(*consent.Consent){}
			if tt.consent != nil {
				change = append(change, tt.consent)
			}
			form := sectioned()
			if tt.form != nil {
				form = sectioned(tt.form)
			}
			c := marked(at, change...)
			got := c.Missing(form, tt.languages...)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Missing (-want +got):\n%s", diff)
			}
			if complete := c.Complete(form, tt.languages...); complete != (len(tt.want) == 0) {
				t.Errorf("Complete = %t with %d gaps", complete, len(got))
			}
			for _, g := range got {
				if !g.Kind.Valid() {
					t.Errorf("%q is no kind of gap", g.Kind)
				}
			}
		})
	}
}

func TestCapacityAssessed(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[consent.CapacityOutcome]bool{consent.CapacityHas: true, consent.CapacityLacks: true, consent.CapacityFluctuating: true, consent.CapacityNotAssessed: false, "": false} {
		if got := (consent.Capacity{Outcome: outcome}).Assessed(); got != want {
			t.Errorf("Assessed of %q = %t", outcome, got)
		}
	}
}

func TestGuardianConsent(t *testing.T) {
	t.Parallel()
	at := day("2026-06-15")
	form := toxinForm(1)
	byGuardian := func(c *consent.Consent) {
		c.Signature.By, c.Signature.Authority = consent.SignerGuardian, "document-7"
	}
	for _, tt := range []struct {
		name     string
		forms    []consent.Form
		consents []consent.Consent
		want     bool
	}{
		{name: "a guardian has signed", forms: []consent.Form{form}, consents: []consent.Consent{accepted(1, form, at, byGuardian)}, want: true},
		{name: "the patient has signed", forms: []consent.Form{form}, consents: []consent.Consent{accepted(1, form, at)}},
		{name: "a guardian has signed and withdrawn", forms: []consent.Form{form}, consents: []consent.Consent{accepted(1, form, at, byGuardian, withdrawnAt(at))}},
		{name: "nobody has signed", forms: []consent.Form{form}},
		{name: "there is nothing to sign"},
		{name: "there is nothing that has to be accepted", forms: []consent.Form{toxinForm(1, func(f *consent.Form) { f.Strength = consent.Optional })}},
	} {
		if got := consent.GuardianConsent(consent.Facts{Patient: pat, Treatment: "botulinum-toxin", Forms: tt.forms, Consents: tt.consents, At: at}); got != tt.want {
			t.Errorf("GuardianConsent when %s = %t", tt.name, got)
		}
	}
}
