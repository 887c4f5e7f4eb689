package consent_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

func contactID(n byte) glabella.ContactConsentID { return glabella.ContactConsentID{0: 13, 15: n} }

// mobile is the number that the patient gave, as records name it.
var mobile = consent.AddressDigest(pat, "+12025550123")

// agrees returns a complete written consent to marketing by text message.
func agrees(n byte, change ...func(*consent.ContactConsent)) consent.ContactConsent {
	at := day("2026-03-01")
	c := consent.ContactConsent{
		ID: contactID(n), Patient: pat, Channel: consent.ContactSMS, Purpose: consent.ContactMarketing, Granted: true, Address: mobile,
		Evidence: consent.ContactEvidence{
			Source: consent.ContactWebForm, At: at, TextVersion: "sms-1", TextSHA256: strings.Repeat("ab", 32), IP: "203.0.113.0",
			Signature:       &consent.Signature{Method: consent.Checkbox, By: consent.SignerPatient, At: at},
			StatesMarketing: true, StatesNotCondition: true,
		},
		Provenance: glabella.Provenance{Source: glabella.SourceEntered, RecordedAt: at},
	}
	for _, ch := range change {
		ch(&c)
	}
	return c
}

func saidOn(date string) func(*consent.ContactConsent) {
	return func(c *consent.ContactConsent) { c.Evidence.At = day(date) }
}

func about(p consent.ContactPurpose) func(*consent.ContactConsent) {
	return func(c *consent.ContactConsent) { c.Purpose = p }
}

func stop(date string) consent.OptOut {
	return consent.OptOut{At: day(date), MessageID: "in-1", Keyword: consent.KeywordStop, By: consent.OptOutKeyword, HonourBy: consent.HonourBy(day(date), nil)}
}

func optedOut(o consent.OptOut) func(*consent.ContactConsent) {
	return func(c *consent.ContactConsent) { c.OptOut = &o }
}

func TestContactConsentValidate(t *testing.T) {
	t.Parallel()
	type contact = consent.ContactConsent
	for _, tt := range []struct {
		name   string
		change func(*contact)
		want   []string
	}{
		{name: "a consent is valid", change: func(*contact) {}},
		{name: "a refusal of everything is valid", change: func(c *contact) { c.Granted, c.Purpose, c.Evidence.Source = false, "", consent.ContactVerbal }},
		{name: "an opt-out by keyword is valid", change: optedOut(stop("2026-04-01"))},
		{name: "an empty one lacks everything", change: func(c *contact) { *c = contact{} }, want: []string{
			"/channel unknown-value", "/evidence/at required", "/evidence/source unknown-value", "/id required", "/patient required",
			"/provenance/recordedAt required", "/provenance/source unknown-value",
		}},
		{name: "a yes to nothing in particular", change: about(""), want: []string{"/purpose required"}},
		{name: "an unknown purpose", change: about("fun"), want: []string{"/purpose unknown-value"}},
		{name: "an address as it is written", change: func(c *contact) { c.Address = "+12025550123" }, want: []string{"/address format"}},
		{name: "a text without a version and a hash that is none", change: func(c *contact) { c.Evidence.TextVersion, c.Evidence.TextSHA256 = "", "ab" },
			want: []string{"/evidence/textSHA256 format", "/evidence/textVersion required"}},
		{name: "a signature that is none", change: func(c *contact) { c.Evidence.Signature = &consent.Signature{} },
			want: []string{"/evidence/signature/at required", "/evidence/signature/by unknown-value", "/evidence/signature/method unknown-value"}},
		{name: "an empty opt-out", change: optedOut(consent.OptOut{}), want: []string{"/optOut/at required", "/optOut/by unknown-value", "/optOut/honourBy required"}},
		{name: "an opt-out before the consent, honoured before it was said", change: func(c *contact) {
			o := stop("2026-02-01")
			o.HonouredAt = o.At.Add(-1)
			c.OptOut = &o
		}, want: []string{"/optOut/at consent.order", "/optOut/honouredAt consent.order"}},
		{name: "a keyword that is not stop", change: func(c *contact) {
			o := stop("2026-04-01")
			o.Keyword = consent.KeywordHelp
			c.OptOut = &o
		}, want: []string{"/optOut/keyword mismatch"}},
		{name: "a keyword in a call", change: func(c *contact) {
			o := stop("2026-04-01")
			o.By = consent.OptOutCall
			c.OptOut = &o
		}, want: []string{"/optOut/keyword mismatch"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, issuesOf(t, agrees(1, tt.change).Validate())); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRevokeAll(t *testing.T) {
	t.Parallel()
	work := consent.AddressDigest(pat, "+12025550199")
	consents := []consent.ContactConsent{
		agrees(1), agrees(2, about(consent.ContactAppointment)),
		agrees(3, func(c *consent.ContactConsent) { c.Address = work }),
		agrees(4, func(c *consent.ContactConsent) { c.Address = "" }),
		agrees(5, func(c *consent.ContactConsent) { c.Channel = consent.ContactEmail }),
		agrees(6, func(c *consent.ContactConsent) { c.Patient = other }),
		agrees(7, func(c *consent.ContactConsent) { c.Granted = false }),
		agrees(8, optedOut(stop("2026-03-15"))),
		agrees(9, saidOn("2026-06-01")),
	}
	ids := func(list []consent.ContactConsent) []byte {
		var out []byte
		for _, c := range list {
			out = append(out, c.ID[15])
			if c.OptOut == nil || !c.OptOut.At.Equal(day("2026-04-01")) {
				t.Errorf("consent %d has the opt-out %v", c.ID[15], c.OptOut)
			}
		}
		return out
	}
	if got := ids(consent.RevokeAll(consents, pat, consent.ContactSMS, mobile, stop("2026-04-01"))); !slices.Equal(got, []byte{1, 2, 4}) {
		t.Errorf("one number: %v", got)
	}
	if got := ids(consent.RevokeAll(consents, pat, consent.ContactSMS, "", stop("2026-04-01"))); !slices.Equal(got, []byte{1, 2, 3, 4}) {
		t.Errorf("every number: %v", got)
	}
	if consents[0].OptOut != nil {
		t.Error("the consents given were changed")
	}
	if got := consent.RevokeAll(consents, pat, consent.ContactSMS, mobile, consent.OptOut{At: day("2026-04-01")}); len(got) != 0 {
		t.Errorf("an opt-out that is not valid ended %v", ids(got))
	}
}

func TestRevokeKeepsTheFirstOptOut(t *testing.T) {
	t.Parallel()
	o := stop("2026-04-01")
	o.HonouredAt = o.At.Add(time.Hour + 1)
	c, err := agrees(1).Revoke(o)
	if err != nil || !c.OptOut.HonouredAt.Equal(o.At.Add(time.Hour)) {
		t.Fatalf("Revoke = %+v, %v, want instants of microseconds", c.OptOut, err)
	}
	again, err := c.Revoke(stop("2026-05-01"))
	if err != nil || !again.OptOut.At.Equal(o.At) {
		t.Errorf("revoked again: %+v, %v", again.OptOut, err)
	}
	if c, err := agrees(1, func(c *consent.ContactConsent) { c.Provenance = glabella.Provenance{} }).Revoke(o); err != nil || c.OptOut == nil {
		t.Errorf("a consent that is not valid cannot be revoked: %v", err)
	}
	kept, err := agrees(1).Revoke(stop("2026-02-01"))
	if got := issuesOf(t, err); kept.OptOut != nil || !slices.Equal(got, []string{"/optOut/at consent.order"}) {
		t.Errorf("revoked before it was given: %v", got)
	}
}

func TestHonourBy(t *testing.T) {
	t.Parallel()
	far := time.FixedZone("far", 13*3600)
	for _, tt := range []struct {
		name     string
		at       time.Time
		zone     *time.Location
		holidays []glabella.Date
		want     string
	}{
		{name: "from a Monday", at: day("2026-03-02"), want: "2026-03-16"},
		{name: "from a Friday", at: day("2026-03-06"), want: "2026-03-20"},
		{name: "from a Saturday", at: day("2026-03-07"), want: "2026-03-20"},
		{name: "from a Sunday", at: day("2026-03-08"), want: "2026-03-20"},
		{name: "a holiday on a working day", at: day("2026-03-02"), holidays: []glabella.Date{glabella.MustParseDate("2026-03-10")}, want: "2026-03-17"},
		{name: "a holiday on a Saturday", at: day("2026-03-02"), holidays: []glabella.Date{glabella.MustParseDate("2026-03-07")}, want: "2026-03-16"},
		{name: "a day that has begun there", at: day("2026-03-02"), zone: far, want: "2026-03-17"},
	} {
		if got := consent.HonourBy(tt.at, tt.zone, tt.holidays...).String(); got != tt.want {
			t.Errorf("%s: HonourBy = %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestUnhonoured(t *testing.T) {
	t.Parallel()
	late, later := agrees(1, optedOut(stop("2026-04-06"))), agrees(2, optedOut(stop("2026-04-01")))
	done := agrees(3, optedOut(stop("2026-04-01"))).Honoured(day("2026-04-02"))
	all := []consent.ContactConsent{late, later, done, agrees(4)}
	if got := consent.Unhonoured(all, later.OptOut.HonourBy); len(got) != 0 {
		t.Errorf("on the last day: %v", got)
	}
	got := consent.Unhonoured(all, late.OptOut.HonourBy.AddDays(1))
	if len(got) != 2 || got[0].ID != later.ID || got[1].ID != late.ID {
		t.Errorf("Unhonoured = %v", got)
	}
	if again := done.Honoured(day("2026-05-01")); !again.OptOut.HonouredAt.Equal(day("2026-04-02")) {
		t.Errorf("honoured again at %v", again.OptOut.HonouredAt)
	}
	if late.Honoured(day("2026-05-01")); !late.OptOut.HonouredAt.IsZero() {
		t.Error("Honoured changed the consent that it was called on")
	}
	if agrees(4).Honoured(day("2026-05-01")).OptOut != nil {
		t.Error("Honoured made an opt-out")
	}
}

func TestAddressDigestTellsPatientsAndNumbersApart(t *testing.T) {
	t.Parallel()
	a := consent.AddressDigest(pat, "+12025550123")
	if a != mobile || a == consent.AddressDigest(pat, "+12025550124") || a == consent.AddressDigest(other, "+12025550123") || len(a) != 64 {
		t.Errorf("digest = %s", a)
	}
}

func TestStoredContactConsentRoundTrips(t *testing.T) {
	t.Parallel()
	o := stop("2026-04-01")
	o.All, o.HonouredAt = true, day("2026-04-02")
	for _, c := range []consent.ContactConsent{{}, agrees(1, optedOut(o), func(c *consent.ContactConsent) {
		c.Meta = glabella.Meta{Version: 2, CreatedAt: c.Evidence.At}
		c.Evidence.Recording, c.Evidence.Conditioned = "call-1", true
	})} {
		b, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var got consent.ContactConsent
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestPreferencesAreReferredTo(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]glabella.Ref{"permission": permits(1).Ref(), "publication": draft(1).Ref(), "contact-consent": agrees(1).Ref()} {
		if got.Kind != want || got.ID == "" {
			t.Errorf("ref = %v, want one of a %s", got, want)
		}
	}
}

func TestPreferenceEnumsListTheirValues(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{
		"purposes of photographs": listed(consent.PhotoPurposes(), 6), "channels of a publication": listed(consent.PublicationChannels(), 5),
		"states of a permission": listed(consent.PermissionStates(), 4), "states of a publication": listed(consent.PublicationStates(), 6),
		"stances": listed(consent.PhotoStances(), 4), "kinds of step": listed(consent.StepKinds(), 3),
		"channels of contact": listed(consent.ContactChannels(), 5), "purposes of contact": listed(consent.ContactPurposes(), 6),
		"sources": listed(consent.ContactSources(), 5), "means": listed(consent.OptOutMeansList(), 6), "contents": listed(consent.ContactContents(), 5),
		"elements": listed(consent.ConsentElements(), 5), "conditions": listed(consent.ExemptionConditions(), 10), "keywords": listed(consent.Keywords(), 3),
	} {
		if !ok {
			t.Errorf("the %s are not as listed", name)
		}
	}
}

// listed reports whether there are n values, each valid, and neither the zero value
// nor another one is.
func listed[E interface {
	~string
	Valid() bool
}](all []E, n int) bool {
	return len(all) == n && len(slices.Compact(slices.Sorted(slices.Values(all)))) == n &&
		!slices.ContainsFunc(all, func(e E) bool { return !e.Valid() }) && !E("").Valid() && !E("other").Valid()
}
