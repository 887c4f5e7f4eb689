package practice_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
)

// marked is a form with a section to initial that is explained and witnessed.
func marked() consent.Form {
	return consent.Form{
		Code: "botulinum-toxin", Treatments: []string{"botulinum-toxin"}, Strength: consent.MustAccept, Recurrence: consent.Once, Material: true,
		DiscussionRequired: true, WitnessRequired: true,
		Contents: []consent.Content{consent.NewContent("en", "Consent to botulinum toxin", "I have been told what may happen.",
			consent.Section{Key: "ptosis", Title: "Eyelid", Body: "It may droop.", Initials: true, Required: true})},
	}
}

// publish publishes a form and returns its identity.
func (c *clinic) publish(f consent.Form) glabella.FormID {
	c.t.Helper()
	return must[practice.FormPublished](c.t)(c.PublishForm(c.t.Context(), c.Director, practice.PublishForm{Form: f})).Form
}

func (c *clinic) asks(v practicetest.Visit) glabella.Decision {
	c.t.Helper()
	return must[glabella.Decision](c.t)(c.MayTreat(c.t.Context(), c.Nurse, practice.MayTreat{Patient: v.Patient, Encounter: v.Encounter, Treatment: "botulinum-toxin",
		Product: "onabotulinumtoxinA", Performer: staffID(c.Nurse), Pregnant: "no", Supervision: encounter.SupervisionAvailable}))
}

func TestAMaterialVersionIsSignedWithAllItsMarks(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v := c.arrive(arrival{})
	if d := c.asks(v); d.Has(consent.CodeSuperseded) {
		t.Fatalf("before the new version: %v", d)
	}
	form := c.publish(marked())
	if d := c.asks(v); !d.Has(consent.CodeMissing) && !d.Has(consent.CodeSuperseded) {
		t.Errorf("after a material version: %v, want that it is signed anew", d)
	}
	if _, err := c.PublishForm(ctx, c.Director, practice.PublishForm{Form: marked()}); !slices.Contains(codesOf(err), practice.CodeFormSame) {
		t.Errorf("a version that says the same: %v", err)
	}
	sign := func(change func(*practice.RecordConsent)) practice.ConsentRecorded {
		t.Helper()
		c.clock.advance(time.Minute)
		in := practice.RecordConsent{Patient: v.Patient, Form: form, Language: "en", Decision: consent.Accepted,
			Signature: &consent.Signature{Method: consent.Checkbox, By: consent.SignerPatient, At: c.clock.Now()}}
		if change != nil {
			change(&in)
		}
		return must[practice.ConsentRecorded](t)(c.RecordConsent(ctx, c.Nurse, in))
	}
	bare := sign(nil)
	if diff := cmp.Diff([]consent.Gap{{Kind: consent.GapInitials, Section: "ptosis"}, {Kind: consent.GapWitness}, {Kind: consent.GapDiscussion}}, bare.Missing); diff != "" {
		t.Errorf("a bare signature lacks (-want +got):\n%s", diff)
	}
	d := c.asks(v)
	for _, code := range []glabella.Code{consent.CodeSection, consent.CodeWitness, consent.CodeDiscussion} {
		if !d.Has(code) {
			t.Errorf("after a bare signature: %v, want %s", d, code)
		}
	}
	needed := must[[]practice.FormNeeded](t)(c.FormsFor(ctx, c.Nurse, practice.ConsentQuestion{Patient: v.Patient, Treatment: "botulinum-toxin", Product: "onabotulinumtoxinA"}))
	if len(needed) != 1 || needed[0].Form.ID != form || len(needed[0].Reasons) != 3 {
		t.Errorf("FormsFor = %+v, want the new version with three reasons", needed)
	}

	talk := must[practice.DiscussionRecorded](t)(c.RecordDiscussion(ctx, c.Nurse, practice.RecordDiscussion{Patient: v.Patient,
		Discussed: practice.Discussed{Treatment: "botulinum-toxin", Encounter: v.Encounter, Minutes: 10, Risks: []string{"ptosis"}, Alternatives: []string{"no-treatment"}, Language: "en"}}))
	whole := sign(func(in *practice.RecordConsent) {
		now := in.Signature.At
		in.Informed = now.Add(-time.Second)
		in.Initials = []consent.Initial{{Section: "ptosis", At: now}}
		in.Witness, in.WitnessSignature = c.Desk.Ref(), &consent.WitnessSignature{Method: consent.Checkbox, At: now}
		in.Discussion = talk.Discussion
	})
	if len(whole.Missing) != 0 {
		t.Errorf("a whole consent lacks %v", whole.Missing)
	}
	if d := c.asks(v); slices.ContainsFunc(d.Codes(), func(code glabella.Code) bool { return len(code) > 8 && code[:8] == "consent." }) {
		t.Errorf("after a whole consent: %v", d)
	}
	retired := must[practice.FormPublished](t)(c.RetireForm(ctx, c.Director, practice.RetireForm{Form: form}))
	if _, err := c.RetireForm(ctx, c.Director, practice.RetireForm{Form: form}); retired.Version != 2 || !slices.Contains(codesOf(err), consent.CodeFormRetired) {
		t.Errorf("retired version %d, and again: %v", retired.Version, err)
	}
}

func TestADiscussionIsAmendedByWhoLedIt(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v := c.arrive(arrival{})
	c.clock.advance(2 * time.Hour)
	other := c.arrive(arrival{lot: "B2"})
	said := practice.Discussed{Treatment: "botulinum-toxin", Risks: []string{"ptosis"}, Language: "en"}
	talk := must[practice.DiscussionRecorded](t)(c.RecordDiscussion(ctx, c.Nurse, practice.RecordDiscussion{Patient: v.Patient, Discussed: said})).Discussion
	said.Risks = append(said.Risks, "bruising")
	if _, err := c.AmendDiscussion(ctx, c.Director, practice.AmendDiscussion{Discussion: talk, Reason: "left-out", Discussed: said}); !slices.Contains(codesOf(err), practice.CodeDiscussionOther) {
		t.Errorf("somebody else amends: %v", err)
	}
	must[practice.DiscussionRecorded](t)(c.AmendDiscussion(ctx, c.Nurse, practice.AmendDiscussion{Discussion: talk, Reason: "left-out", Discussed: said}))
	chart := must[practice.Chart](t)(c.Chart(ctx, c.Nurse, v.Patient))
	if len(chart.Discussions) != 1 || len(chart.Discussions[0].Risks) != 2 || len(chart.Discussions[0].Amendments) != 1 || chart.Discussions[0].Amendments[0].Version != 1 {
		t.Errorf("the discussion as amended: %+v", chart.Discussions)
	}
	for name, tt := range map[string]struct {
		change func(*practice.Discussed)
		want   glabella.Code
	}{
		"another patient's visit":      {func(d *practice.Discussed) { d.Encounter = other.Encounter }, practice.CodeOtherPatient},
		"a time to come":               {func(d *practice.Discussed) { d.At = c.clock.Now().Add(time.Hour) }, glabella.CodeOutOfRange},
		"a treatment that nobody does": {func(d *practice.Discussed) { d.Treatment = "trepanation" }, practice.CodeTreatmentUnknown},
	} {
		in := practice.RecordDiscussion{Patient: v.Patient, Discussed: said}
		tt.change(&in.Discussed)
		if _, err := c.RecordDiscussion(ctx, c.Nurse, in); !slices.Contains(codesOf(err), tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	sign := practice.RecordConsent{Patient: other.Patient, Form: c.Form, Language: "en", Decision: consent.Accepted, Discussion: talk,
		Signature: &consent.Signature{Method: consent.Checkbox, By: consent.SignerPatient, At: c.clock.Now().Add(time.Second)}}
	if _, err := c.RecordConsent(ctx, c.Nurse, sign); !slices.Contains(codesOf(err), practice.CodeOtherPatient) {
		t.Errorf("a consent that names another patient's discussion: %v", err)
	}
}

func TestFormsAreSignedByTheNewestAddressOnly(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v := c.arrive(arrival{})
	aftercare := consent.Form{Code: "aftercare", Strength: consent.MustShow, Recurrence: consent.Once,
		Contents: []consent.Content{consent.NewContent("en", "Afterwards", "Do not rub.")}}
	c.publish(aftercare)
	send := func(n byte, codes ...string) (practice.FormsSent, string) {
		t.Helper()
		c.clock.advance(time.Minute)
		token, hash := consent.NewToken([32]byte{n})
		return must[practice.FormsSent](t)(c.SendForms(ctx, c.Desk, practice.SendForms{Patient: v.Patient, Forms: codes, Language: "en", Channel: consent.ChannelEmail, TokenSHA256: hash})), token
	}
	first, old := send(1, "botulinum-toxin")
	second, token := send(2, "botulinum-toxin", "aftercare")
	if !slices.Contains(second.Superseded, first.Delivery) {
		t.Errorf("the second delivery supersedes %v, want %v", second.Superseded, first.Delivery)
	}
	if _, err := c.OpenForms(ctx, c.Desk, practice.OpenForms{Delivery: first.Delivery, Token: old}); !slices.Contains(codesOf(err), consent.CodeDeliverySuperseded) {
		t.Errorf("the old address: %v", err)
	}
	if _, err := c.OpenForms(ctx, c.Desk, practice.OpenForms{Delivery: second.Delivery, Token: old}); !slices.Contains(codesOf(err), consent.CodeDeliveryToken) {
		t.Errorf("the wrong token: %v", err)
	}
	if _, err := c.ReadForms(ctx, c.Desk, second.Delivery); !slices.Contains(codesOf(err), practice.CodeDeliveryClosed) {
		t.Errorf("forms that nobody has opened: %v", err)
	}
	opened := must[practice.FormsOpened](t)(c.OpenForms(ctx, c.Desk, practice.OpenForms{Delivery: second.Delivery, Token: token}))
	shown := must[[]consent.Form](t)(c.ReadForms(ctx, c.Desk, second.Delivery))
	if opened.Patient != v.Patient || len(shown) != 2 {
		t.Fatalf("opened %+v, shown %d forms", opened, len(shown))
	}
	for i, form := range shown {
		c.clock.advance(time.Minute)
		content, _ := form.Content("en")
		_, hash, _ := content.Shown(consent.FormatHTML)
		must[practice.ConsentRecorded](t)(c.RecordConsent(ctx, c.Desk, practice.RecordConsent{Patient: v.Patient, Form: form.ID, Language: "en", Decision: consent.Accepted,
			Delivery: second.Delivery, RenderedSHA256: hash, Encounter: v.Encounter, Signature: &consent.Signature{Method: consent.Checkbox, By: consent.SignerPatient, At: c.clock.Now()}}))
		want := consent.DeliveryOpened
		if i == len(shown)-1 {
			want = consent.DeliveryCompleted
		}
		deliveries := must[practice.Chart](t)(c.Chart(ctx, c.Nurse, v.Patient)).Deliveries
		if k := slices.IndexFunc(deliveries, func(d consent.Delivery) bool { return d.ID == second.Delivery }); k < 0 || deliveries[k].State != want {
			t.Errorf("after %d answers: %+v, want %s", i+1, deliveries, want)
		}
	}
	if _, err := c.OpenForms(ctx, c.Desk, practice.OpenForms{Delivery: second.Delivery, Token: token}); !slices.Contains(codesOf(err), consent.CodeDeliveryCompleted) {
		t.Errorf("an address that was answered: %v", err)
	}
	third, token := send(3, "aftercare")
	must[practice.FormsSent](t)(c.RevokeForms(ctx, c.Desk, practice.RevokeForms{Delivery: third.Delivery}))
	if _, err := c.OpenForms(ctx, c.Desk, practice.OpenForms{Delivery: third.Delivery, Token: token}); !slices.Contains(codesOf(err), consent.CodeDeliveryRevoked) {
		t.Errorf("an address that was revoked: %v", err)
	}
	_, hash := consent.NewToken([32]byte{4})
	if _, err := c.SendForms(ctx, c.Desk, practice.SendForms{Patient: v.Patient, Forms: []string{"no-such"}, Language: "en", Channel: consent.ChannelSMS, TokenSHA256: hash}); !slices.Contains(codesOf(err), consent.CodeFormMissing) {
		t.Errorf("a form that is not in force: %v", err)
	}
}

func TestAMinorIsBookedByTheRulesOfThePlace(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	young := c.somebody()
	young.BirthDate = glabella.DateOf(c.clock.Now()).AddDays(-17*365 - 30)
	child := must[practice.Registered](t)(c.RegisterPatient(ctx, c.Desk, practice.RegisterPatient{Intake: young, Source: glabella.Provenance{Source: glabella.SourcePatient}})).Patient
	book := c.booking(child, c.clock.Now().Add(time.Hour))
	_, err := c.BookAppointment(ctx, c.Desk, book)
	if !slices.Contains(codesOf(err), consent.CodeMinorPolicy) {
		t.Fatalf("a minor books in Texas: %v, want that a guardian's consent is asked for", err)
	}
	var refused *glabella.RefusedError
	if !errors.As(err, &refused) || refused.Decision.Outcome != glabella.Warn {
		t.Errorf("a minor books in Texas: %v, want a warning", err)
	}
	book.Acknowledge = codesOf(err)
	must[practice.Booked](t)(c.BookAppointment(ctx, c.Desk, book))

	// England's law bans the treatment itself, whoever agrees.
	c.changeSite(func(site *config.Site) { site.Jurisdiction, site.Zone = "GB-ENG", "Europe/London" })
	book = c.booking(child, c.clock.Now().Add(3*time.Hour))
	book.Acknowledge = []glabella.Code{consent.CodeMinorGuardian, consent.CodeMinorPolicy}
	if _, err := c.BookAppointment(ctx, c.Desk, book); !slices.Contains(codesOf(err), consent.CodeMinorBan) {
		t.Errorf("a minor books in England: %v, want %s", err, consent.CodeMinorBan)
	}
	if d := c.asks(practicetest.Visit{Patient: child}); d.Outcome != glabella.Deny || !d.Has(consent.CodeMinorBan) {
		t.Errorf("a minor is to be treated in England: %v, want %s", d, consent.CodeMinorBan)
	}
}
