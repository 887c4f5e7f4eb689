package practice_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/fhirconv"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/treatment"
)

// photographed returns a patient and a photograph of them.
func (c *clinic) photographed() (glabella.PatientID, glabella.PhotoID) {
	c.t.Helper()
	who := c.register()
	taken := must[practice.PhotoTaken](c.t)(c.TakePhoto(c.t.Context(), c.Nurse, practice.TakePhoto{Patient: who, Digest: c.upload(600), View: treatment.PhotoFront, Pose: encounter.PoseRest, Stage: encounter.StageBefore}))
	return who, taken.Photo
}

// authorizes has a patient sign an authorization for marketing.
func (c *clinic) authorizes(who glabella.PatientID) glabella.AuthorizationID {
	c.t.Helper()
	return must[practice.AuthorizationRecorded](c.t)(c.RecordAuthorization(c.t.Context(), c.Desk, practice.RecordAuthorization{
		Patient: who, Description: "photographs of the face", Disclosers: []consent.Party{{Role: "practice"}}, Recipients: []consent.Party{{Role: "public"}},
		Purposes: []consent.StatedPurpose{{Purpose: glabella.PurposeMarketing}}, ExpiresOn: glabella.MustParseDate("2029-12-31"),
		Statements: consent.AuthorizationStatements{Revocation: true, Redisclosure: true, Conditioning: true},
		Signature:  &consent.Signature{Method: consent.Drawn, By: consent.SignerPatient, At: c.clock.Now()},
	})).Authorization
}

func TestAPhotographIsShownAsLongAsThePatientPermits(t *testing.T) {
	t.Parallel()
	c := openWithPhotos(t)
	ctx := t.Context()
	who, photo := c.photographed()
	ask := practice.MayPublish{Photo: photo, ShowsFace: true, Purpose: consent.PhotoMarketing, Channel: consent.PublishSocial, Platform: "example-gram"}
	may := func() glabella.Decision {
		t.Helper()
		return must[glabella.Decision](t)(c.MayPublish(ctx, c.Director, ask))
	}
	if d := may(); d.Outcome != glabella.Deny || d.Reasons[0].Code != consent.CodePhotoPermission {
		t.Errorf("nobody was asked: %+v", d)
	}
	yes := practice.AnswerPhotos{Patient: who, Answer: consent.Accepted, Purposes: []consent.PhotoPurpose{consent.PhotoMarketing},
		Channels: []consent.PublicationChannel{consent.PublishSocial}, Platforms: []string{"example-gram"}, Authorization: c.authorizes(who)}
	other := yes
	other.Authorization = c.authorizes(c.register())
	if _, err := c.AnswerPhotos(ctx, c.Desk, other); !slices.Contains(codesOf(err), glabella.CodeMismatch) {
		t.Errorf("with another patient's authorization: %v", err)
	}
	answered := must[practice.PhotosAnswered](t)(c.AnswerPhotos(ctx, c.Desk, yes))
	c.clock.advance(time.Hour)
	if d := may(); d.Outcome != glabella.Allow {
		t.Errorf("permitted: %+v", d)
	}
	early := ask
	early.At = c.clock.Now().AddDate(0, 0, -1)
	if d := must[glabella.Decision](t)(c.MayPublish(ctx, c.Director, early)); d.Outcome != glabella.Deny {
		t.Errorf("the day before: %+v", d)
	}

	prepare := practice.PreparePublication{Photo: photo, ShowsFace: true, Purpose: ask.Purpose, Channel: ask.Channel, Platform: ask.Platform, Permission: answered.Permission}
	if _, err := c.PreparePublication(ctx, c.Desk, prepare); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("the front desk publishes: %v", err)
	}
	draft := must[practice.PublicationChanged](t)(c.PreparePublication(ctx, c.Director, prepare))
	photos := must[practice.Photos](t)(c.PatientPhotos(ctx, c.Nurse, who))
	if draft.May.Outcome != glabella.Allow || draft.Picture == photos.Photos[0].Original.Digest || !strings.HasPrefix(draft.Picture, "sha256:") {
		t.Errorf("the draft: %+v, want a picture that is not the original", draft)
	}
	second := must[practice.PublicationChanged](t)(c.PreparePublication(ctx, c.Director, prepare))
	step := func(in practice.StepPublication) practice.PublicationChanged {
		t.Helper()
		c.clock.advance(time.Minute)
		in.Publication = draft.Publication
		return must[practice.PublicationChanged](t)(c.StepPublication(ctx, c.Director, in))
	}
	if _, err := c.StepPublication(ctx, c.Director, practice.StepPublication{Publication: draft.Publication, Keep: true, Cancel: true}); !slices.Contains(codesOf(err), glabella.CodeMismatch) {
		t.Errorf("two steps: %v", err)
	}
	step(practice.StepPublication{Schedule: c.clock.Now().Add(time.Hour)})
	live := step(practice.StepPublication{Publish: "https://example.com/7"})
	if live.State != consent.PublicationLive {
		t.Errorf("published: %+v", live)
	}
	step(practice.StepPublication{Found: "https://example.org/copy"})

	c.clock.advance(time.Hour)
	revoked := must[practice.PhotosAnswered](t)(c.RevokePhotos(ctx, c.Desk, practice.RevokePhotos{Permission: answered.Permission, Reason: "changed-mind"}))
	got := map[glabella.PublicationID][]consent.StepKind{}
	for _, s := range revoked.Swept {
		got[s.Publication] = append(got[s.Publication], s.Step)
		if s.Step == consent.StepTakeDown && (!s.Relied || s.Owner != staffID(c.Director) || s.Cause != consent.CodePhotoRevoked) {
			t.Errorf("the task: %+v", s)
		}
	}
	if !slices.Equal(got[draft.Publication], []consent.StepKind{consent.StepTakeDown, consent.StepCopies}) || !slices.Equal(got[second.Publication], []consent.StepKind{consent.StepCancel}) {
		t.Errorf("swept: %+v", revoked.Swept)
	}
	if _, err := c.StepPublication(ctx, c.Director, practice.StepPublication{Publication: draft.Publication, Keep: true}); !slices.Contains(codesOf(err), consent.CodePhotoRevoked) {
		t.Errorf("kept without a permission: %v", err)
	}
	wishes := must[practice.PhotoWishes](t)(c.PhotoWishes(ctx, c.Nurse, who))
	if len(wishes.Due) != 1 || wishes.Due[0].ID != draft.Publication {
		t.Errorf("to be taken down: %+v", wishes.Due)
	}
	step(practice.StepPublication{Asked: "https://example.org/copy"})
	down := step(practice.StepPublication{TakenDown: &practice.TakenDown{Evidence: "shot-1"}})
	if down.State != consent.PublicationTakenDown {
		t.Errorf("taken down: %+v", down)
	}
	if swept := must[practice.PhotosAnswered](t)(c.SweepPublications(ctx, c.Director, practice.SweepPublications{Patient: who})); len(swept.Swept) != 0 {
		t.Errorf("swept again: %+v", swept.Swept)
	}

	chart := must[practice.Chart](t)(c.Chart(ctx, c.Director, who))
	if len(chart.Preferences.Permissions) != 1 || len(chart.Preferences.Publications) != 2 || len(chart.Preferences.Authorizations) != 1 {
		t.Errorf("the chart: %+v", chart.Preferences)
	}
	var events []string
	for _, m := range chart.Timeline(time.UTC) {
		events = append(events, m.Event)
	}
	for _, want := range []string{"authorized", "photos-accepted", "published", "photos-revoked", "taken-down"} {
		if !slices.Contains(events, want) {
			t.Errorf("the timeline has no %s: %v", want, events)
		}
	}
	export := must[practice.Export](t)(c.ExportPatient(ctx, c.Director, who))
	if !slices.ContainsFunc(export.Losses, func(l fhirconv.Loss) bool { return l.Path == "/preferences/publications/1" }) {
		t.Errorf("the export does not say what it leaves out: %v", export.Losses)
	}
	c.verified()
}

func TestWhatIsRetractedIsTakenDown(t *testing.T) {
	t.Parallel()
	c := openWithPhotos(t)
	ctx := t.Context()
	who, photo := c.photographed()
	answered := must[practice.PhotosAnswered](t)(c.AnswerPhotos(ctx, c.Desk, practice.AnswerPhotos{Patient: who, Answer: consent.Accepted, Purposes: []consent.PhotoPurpose{consent.PhotoMarketing},
		Channels: []consent.PublicationChannel{consent.PublishWebsite}, Authorization: c.authorizes(who)}))
	c.clock.advance(time.Minute)
	draft := must[practice.PublicationChanged](t)(c.PreparePublication(ctx, c.Director, practice.PreparePublication{Photo: photo, Purpose: consent.PhotoMarketing, Channel: consent.PublishWebsite, Permission: answered.Permission}))
	must[practice.PublicationChanged](t)(c.StepPublication(ctx, c.Director, practice.StepPublication{Publication: draft.Publication, Publish: "https://example.com/8"}))
	retracted := must[practice.PhotoTaken](t)(c.RetractPhoto(ctx, c.Director, practice.RetractPhoto{Photo: photo, Reason: "wrong-patient"}))
	if len(retracted.Swept) != 1 || retracted.Swept[0].State != consent.PublicationTakedownDue || retracted.Swept[0].Cause != consent.CodePhotoRetracted {
		t.Errorf("swept: %+v", retracted.Swept)
	}
}

func TestWhoRefusesPhotographsIsNotPhotographed(t *testing.T) {
	t.Parallel()
	c := openWithPhotos(t)
	ctx := t.Context()
	who, _ := c.photographed()
	if w := must[practice.PhotoWishes](t)(c.PhotoWishes(ctx, c.Nurse, who)); w.Stance != consent.StanceUnasked || w.MayTake.Outcome != glabella.Warn {
		t.Errorf("before asking: %+v", w)
	}
	no := must[practice.PhotosAnswered](t)(c.AnswerPhotos(ctx, c.Desk, practice.AnswerPhotos{Patient: who, Answer: consent.Declined, Purposes: consent.PhotoPurposes()}))
	c.clock.advance(time.Minute)
	take := practice.TakePhoto{Patient: who, Digest: c.upload(640), View: treatment.PhotoFront, Pose: encounter.PoseRest, Stage: encounter.StageBefore}
	if _, err := c.TakePhoto(ctx, c.Nurse, take); !slices.Contains(codesOf(err), consent.CodePhotoRefused) || !errors.Is(err, glabella.ErrRefused) {
		t.Errorf("photographed after a no: %v", err)
	}
	must[practice.PhotosAnswered](t)(c.AnswerPhotos(ctx, c.Desk, practice.AnswerPhotos{Patient: who, Answer: consent.Accepted,
		Purposes: []consent.PhotoPurpose{consent.PhotoClinicalRecord, consent.PhotoPlanning}, Replaces: []glabella.PermissionID{no.Permission}}))
	c.clock.advance(time.Minute)
	must[practice.PhotoTaken](t)(c.TakePhoto(ctx, c.Nurse, take))
	if w := must[practice.PhotoWishes](t)(c.PhotoWishes(ctx, c.Nurse, who)); w.Stance != consent.StanceClinicalOnly || len(w.Permissions) != 2 {
		t.Errorf("after another answer: %+v", w)
	}
}

func TestMarketingByTextNeedsWrittenConsentAndStopsAtStop(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	const number = "+15125550142"
	in := c.somebody()
	in.Contacts = append(in.Contacts, patient.Contact{System: patient.Phone, Value: number, Use: "mobile"})
	who := must[practice.Registered](t)(c.RegisterPatient(ctx, c.Desk, practice.RegisterPatient{Intake: in, Source: glabella.Provenance{Source: glabella.SourcePatient}})).Patient
	ask := practice.MayContact{Patient: who, Channel: consent.ContactSMS, Purpose: consent.ContactMarketing, Address: number, Content: []consent.ContactContent{consent.ContentAdvertising}}
	expect := func(when string, want ...glabella.Code) {
		t.Helper()
		d := must[glabella.Decision](t)(c.MayContact(ctx, c.Desk, ask))
		if len(want) == 0 && d.Outcome == glabella.Deny {
			t.Errorf("%s: %+v", when, d.Reasons)
		}
		for _, code := range want {
			if d.Outcome != glabella.Deny || !slices.ContainsFunc(d.Reasons, func(r glabella.Reason) bool { return r.Code == code }) {
				t.Errorf("%s: %+v, want %s", when, d.Reasons, code)
			}
		}
	}
	expect("without consent", consent.CodeContactWritten)
	given := practice.RecordContactConsent{Patient: who, Channel: consent.ContactSMS, Purpose: consent.ContactMarketing, Granted: true, Address: number,
		Evidence: consent.ContactEvidence{Source: consent.ContactWebForm, TextVersion: "sms-1", TextSHA256: strings.Repeat("0123abcd", 8)}}
	if got := must[practice.ContactConsentRecorded](t)(c.RecordContactConsent(ctx, c.Desk, given)); len(got.Lacking) == 0 {
		t.Errorf("a consent without a signature lacks nothing")
	}
	c.clock.advance(time.Minute)
	expect("by a consent that lacks elements", consent.CodeContactElement)
	given.Evidence.StatesMarketing, given.Evidence.StatesNotCondition = true, true
	given.Evidence.Signature = &consent.Signature{Method: consent.Typed, By: consent.SignerPatient, At: c.clock.Now()}
	whole := must[practice.ContactConsentRecorded](t)(c.RecordContactConsent(ctx, c.Desk, given))
	if len(whole.Lacking) != 0 {
		t.Errorf("it lacks %v", whole.Lacking)
	}
	c.clock.advance(time.Minute)
	expect("by written consent")

	reply := practice.RecordReply{Patient: who, Channel: consent.ContactSMS, Address: number, Text: "please stop texting me", MessageID: "m-1"}
	if got := must[practice.OptedOut](t)(c.RecordReply(ctx, c.Desk, reply)); !got.Review || len(got.Ended) != 0 {
		t.Errorf("words that may mean stop: %+v", got)
	}
	reply.Text = " Stop! "
	out := must[practice.OptedOut](t)(c.RecordReply(ctx, c.Desk, reply))
	if out.Keyword != consent.KeywordStop || !slices.Contains(out.Ended, whole.Consent) || out.HonourBy.IsZero() {
		t.Errorf("stop: %+v", out)
	}
	if strings.Contains(string(slices.Concat(c.journalBytes()...)), "texting") {
		t.Error("the journal holds the words of the reply")
	}
	c.clock.advance(time.Minute)
	expect("after stop", consent.CodeContactOptedOut)
	before := ask
	before.At = c.clock.Now().Add(-90 * time.Second)
	if d := must[glabella.Decision](t)(c.MayContact(ctx, c.Desk, before)); slices.ContainsFunc(d.Reasons, func(r glabella.Reason) bool { return strings.HasPrefix(string(r.Code), "consent.") }) {
		t.Errorf("just before stop: %+v", d.Reasons)
	}
	if got := must[[]consent.ContactConsent](t)(c.OverdueOptOuts(ctx, c.Director)); len(got) != 0 {
		t.Errorf("overdue at once: %+v", got)
	}
	c.clock.advance(30 * 24 * time.Hour)
	late := must[[]consent.ContactConsent](t)(c.OverdueOptOuts(ctx, c.Director))
	if len(late) != len(out.Ended) {
		t.Errorf("overdue after a month: %d, want %d", len(late), len(out.Ended))
	}
	for _, l := range late {
		must[practice.PreferenceChanged](t)(c.HonourOptOut(ctx, c.Desk, practice.HonourOptOut{Consent: l.ID}))
	}
	if got := must[[]consent.ContactConsent](t)(c.OverdueOptOuts(ctx, c.Director)); len(got) != 0 {
		t.Errorf("overdue after it was honoured: %+v", got)
	}
	// A refusal is kept where there was no consent.
	refused := must[practice.OptedOut](t)(c.RecordOptOut(ctx, c.Desk, practice.RecordOptOut{Patient: who, Channel: consent.ContactEmail, By: consent.OptOutInPerson}))
	if len(refused.Ended) != 1 {
		t.Errorf("refused: %+v", refused)
	}
	ask.Channel, ask.Address = consent.ContactEmail, ""
	c.clock.advance(time.Minute)
	expect("after a refusal", consent.CodeContactOptedOut)
	c.verified()
}

func TestAnAcceptedRequestConfinesContact(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	who := c.register()
	ask := practice.MayContact{Patient: who, Channel: consent.ContactPhone, Purpose: consent.ContactCare, Live: true}
	confined := func() bool {
		t.Helper()
		return slices.ContainsFunc(must[glabella.Decision](t)(c.MayContact(ctx, c.Desk, ask)).Reasons, func(r glabella.Reason) bool { return r.Code == consent.CodeContactConfidential })
	}
	asked := must[practice.PreferenceChanged](t)(c.AskRestriction(ctx, c.Desk, practice.AskRestriction{Patient: who, Kind: consent.RestrictCommunication,
		Contact: &consent.AlternativeContact{Channel: consent.AlternativeEmail, Address: "ada@example.com"}}))
	if confined() {
		t.Error("confined before it was accepted")
	}
	must[practice.PreferenceChanged](t)(c.AnswerRestriction(ctx, c.Director, practice.AnswerRestriction{Restriction: glabella.MustParseID[glabella.RestrictionID](asked.Record.ID), Accept: true}))
	c.clock.advance(time.Minute)
	if !confined() {
		t.Error("not confined after it was accepted")
	}
}
