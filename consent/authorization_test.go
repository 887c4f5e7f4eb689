package consent_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

func authorizationID(n byte) glabella.AuthorizationID { return glabella.AuthorizationID{0: 10, 15: n} }

var journal = glabella.Ref{Kind: "organization", ID: "journal"}

// authorization returns a valid authorization of [pat], signed on 1 March, to give
// images to a fictional publisher for marketing until the end of the year.
func authorization(n byte, change ...func(*consent.Authorization)) consent.Authorization {
	at := day("2026-03-01")
	a := consent.Authorization{
		ID: authorizationID(n), Patient: pat, Description: "photographs of the face before and after treatment", Classes: []string{"Media"},
		Disclosers: []consent.Party{{Name: "Example Clinic"}}, Recipients: []consent.Party{{Ref: journal}},
		Purposes:   []consent.StatedPurpose{{Purpose: glabella.PurposeMarketing, Text: "a brochure"}},
		ExpiresOn:  glabella.MustParseDate("2026-12-31"),
		Signature:  &consent.Signature{Method: consent.Drawn, By: consent.SignerPatient, At: at},
		Statements: consent.AuthorizationStatements{Revocation: true, Conditioning: true, Redisclosure: true},
		State:      consent.AuthorizationSigned,
		Provenance: glabella.Provenance{Source: glabella.SourceEntered, RecordedAt: at},
	}
	for _, c := range change {
		c(&a)
	}
	return a
}

func purposes(list ...glabella.Purpose) func(*consent.Authorization) {
	return func(a *consent.Authorization) {
		a.Purposes = nil
		for _, p := range list {
			a.Purposes = append(a.Purposes, consent.StatedPurpose{Purpose: p})
		}
	}
}

func tagged(tags ...consent.Sensitivity) func(*consent.Authorization) {
	return func(a *consent.Authorization) { a.Tags = tags }
}

func TestAuthorizationMissing(t *testing.T) {
	t.Parallel()
	noExpiry := func(a *consent.Authorization) { a.ExpiresOn, a.NoExpiry = glabella.Date{}, true }
	for _, tt := range []struct {
		name   string
		change []func(*consent.Authorization)
		want   []consent.AuthorizationElement
	}{
		{name: "complete"},
		{name: "everything", change: []func(*consent.Authorization){func(a *consent.Authorization) { *a = consent.Authorization{Paid: true} }}, want: []consent.AuthorizationElement{
			"description", "discloser", "recipient", "purpose", "expiry", "signature", "revocation-statement", "conditioning-statement", "redisclosure-statement", "remuneration-statement",
		}},
		{name: "a blank description", change: []func(*consent.Authorization){func(a *consent.Authorization) { a.Description = " " }}, want: []consent.AuthorizationElement{"description"}},
		{name: "a recipient that is not identified", change: []func(*consent.Authorization){func(a *consent.Authorization) { a.Recipients = append(a.Recipients, consent.Party{}) }}, want: []consent.AuthorizationElement{"recipient"}},
		{name: "an event instead of a day", change: []func(*consent.Authorization){func(a *consent.Authorization) {
			a.ExpiresOn, a.ExpiryEvent = glabella.Date{}, "end of the campaign"
		}}},
		{name: "no expiry for marketing", change: []func(*consent.Authorization){noExpiry}, want: []consent.AuthorizationElement{"expiry"}},
		{name: "no expiry for research", change: []func(*consent.Authorization){noExpiry, purposes("HRESCH")}},
		{name: "no expiry for no purpose", change: []func(*consent.Authorization){noExpiry, purposes()}, want: []consent.AuthorizationElement{"purpose", "expiry"}},
		{name: "no expiry for research and marketing", change: []func(*consent.Authorization){noExpiry, purposes("HRESCH", "HMARKT")}, want: []consent.AuthorizationElement{"expiry"}},
		{name: "no expiry for treatment, payment and operations under Part 2", change: []func(*consent.Authorization){noExpiry, purposes("TREAT", "HPAYMT", "HOPERAT"), tagged("part2")}},
		{name: "no expiry for treatment outside of Part 2", change: []func(*consent.Authorization){noExpiry, purposes("TREAT")}, want: []consent.AuthorizationElement{"expiry"}},
		{name: "no expiry for marketing of Part 2 records", change: []func(*consent.Authorization){noExpiry, tagged("part2")}, want: []consent.AuthorizationElement{"expiry"}},
		{name: "a representative without authority", change: []func(*consent.Authorization){func(a *consent.Authorization) { a.Signature.By = consent.SignerGuardian }}, want: []consent.AuthorizationElement{"authority"}},
		{name: "a representative with authority", change: []func(*consent.Authorization){func(a *consent.Authorization) {
			a.Signature.By, a.Signature.Authority = consent.SignerGuardian, "mother"
		}}},
		{name: "paid and silent on it", change: []func(*consent.Authorization){func(a *consent.Authorization) { a.Paid = true }}, want: []consent.AuthorizationElement{"remuneration-statement"}},
		{name: "paid and says so", change: []func(*consent.Authorization){func(a *consent.Authorization) { a.Paid, a.Statements.Remuneration = true, true }}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, authorization(1, tt.change...).Missing()); diff != "" {
				t.Errorf("Missing (-want +got):\n%s", diff)
			}
		})
	}
	for _, e := range consent.AuthorizationElements() {
		if !strings.HasPrefix(e.Source(), "45 CFR 164.508(") {
			t.Errorf("%s has the source %q", e, e.Source())
		}
	}
}

func TestAuthorizationDefects(t *testing.T) {
	t.Parallel()
	at := day("2026-06-15")
	type change = []func(*consent.Authorization)
	combined := func(k ...consent.CombinedKind) func(*consent.Authorization) {
		return func(a *consent.Authorization) { a.Combined = k }
	}
	depends := func(c consent.AuthorizationCondition) func(*consent.Authorization) {
		return func(a *consent.Authorization) { a.Condition = c }
	}
	for _, tt := range []struct {
		name   string
		change change
		at     time.Time
		want   []consent.AuthorizationDefect
	}{
		{name: "valid", at: at},
		{name: "on its last day", at: day("2026-12-31")},
		{name: "after its last day", at: day("2027-01-01"), want: []consent.AuthorizationDefect{"expired"}},
		{name: "before it was signed", at: day("2026-02-01"), want: []consent.AuthorizationDefect{"incomplete"}},
		{name: "before it was signed, and treatment depends on it", at: day("2026-02-01"), change: change{depends("treatment")}, want: []consent.AuthorizationDefect{"incomplete", "conditioned"}},
		{name: "not signed", at: at, change: change{func(a *consent.Authorization) { a.Signature = nil }}, want: []consent.AuthorizationDefect{"incomplete"}},
		{name: "its event has not occurred", at: at, change: change{func(a *consent.Authorization) { a.ExpiryEvent, a.EventAt = "end of the campaign", at.Add(1) }}},
		{name: "its event has occurred", at: at, change: change{func(a *consent.Authorization) { a.ExpiryEvent, a.EventAt = "end of the campaign", at }}, want: []consent.AuthorizationDefect{"expired"}},
		{name: "revoked later", at: at, change: change{func(a *consent.Authorization) { a.RevokedAt = at.Add(1) }}},
		{name: "revoked", at: at, change: change{func(a *consent.Authorization) { a.RevokedAt = at }}, want: []consent.AuthorizationDefect{"revoked"}},
		{name: "found false later", at: at, change: change{func(a *consent.Authorization) { a.FalseSince = at.Add(1) }}},
		{name: "known to be false", at: at, change: change{func(a *consent.Authorization) { a.FalseSince = at }}, want: []consent.AuthorizationDefect{"false"}},
		{name: "treatment depends on it", at: at, change: change{depends("treatment")}, want: []consent.AuthorizationDefect{"conditioned"}},
		{name: "research treatment depends on marketing", at: at, change: change{depends("research-treatment")}, want: []consent.AuthorizationDefect{"conditioned"}},
		{name: "research treatment depends on research", at: at, change: change{depends("research-treatment"), purposes("HRESCH")}},
		{name: "an examination for someone else depends on it", at: at, change: change{depends("third-party-treatment")}},
		{name: "combined with another authorization", at: at, change: change{combined("authorization")}},
		{name: "combined with another authorization and conditioned", at: at, change: change{combined("authorization"), depends("third-party-treatment")}, want: []consent.AuthorizationDefect{"combined"}},
		{name: "combined with a consent to treatment", at: at, change: change{combined("treatment-consent-or-other")}, want: []consent.AuthorizationDefect{"combined"}},
		{name: "research with a consent to treatment", at: at, change: change{combined("treatment-consent-or-other"), purposes("HRESCH")}, want: []consent.AuthorizationDefect{"combined"}},
		{name: "research with a consent to the study", at: at, change: change{combined("research-permission", "authorization"), purposes("HRESCH")}},
		{name: "marketing with a consent to a study", at: at, change: change{combined("research-permission")}, want: []consent.AuthorizationDefect{"combined"}},
		{name: "notes with notes", at: at, change: change{combined("psychotherapy-notes"), tagged("psychotherapy")}},
		{name: "notes with another authorization", at: at, change: change{combined("authorization"), tagged("psychotherapy")}, want: []consent.AuthorizationDefect{"combined"}},
		{name: "notes with research", at: at, change: change{combined("research-permission"), tagged("psychotherapy"), purposes("HRESCH")}, want: []consent.AuthorizationDefect{"combined"}},
		{name: "notes and other data in one", at: at, change: change{tagged("psychotherapy", "hiv")}, want: []consent.AuthorizationDefect{"combined"}},
		{name: "other data with notes", at: at, change: change{combined("psychotherapy-notes")}, want: []consent.AuthorizationDefect{"combined"}},
		{name: "counseling notes with counseling notes", at: at, change: change{combined("sud-counseling-notes"), tagged("sud-counseling-notes")}},
		{name: "counseling notes and records in one", at: at, change: change{tagged("part2", "sud-counseling-notes")}, want: []consent.AuthorizationDefect{"combined"}},
		{name: "records with counseling notes", at: at, change: change{combined("sud-counseling-notes"), tagged("part2")}, want: []consent.AuthorizationDefect{"combined"}},
		{name: "sensitive data together", at: at, change: change{tagged("part2", "hiv")}},
		{name: "combined with something unknown", at: at, change: change{combined("x")}, want: []consent.AuthorizationDefect{"combined"}},
		{name: "everything", at: day("2027-06-15"), change: change{combined("x"), depends("treatment"), func(a *consent.Authorization) {
			a.Description, a.RevokedAt, a.FalseSince = "", at, at
		}}, want: consent.AuthorizationDefects()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := authorization(1, tt.change...)
			if diff := cmp.Diff(tt.want, a.Defects(tt.at, nil)); diff != "" {
				t.Errorf("Defects (-want +got):\n%s", diff)
			}
			d := consent.EvaluateAuthorization(consent.AuthorizationFacts{Authorization: a, Patient: pat, Recipient: journal, Purpose: a.Purposes[0].Purpose, Class: "Media", Tags: a.Tags, At: tt.at})
			if len(d.Reasons) != len(tt.want) || d.Allowed() != (len(tt.want) == 0) {
				t.Errorf("EvaluateAuthorization = %v, want %d reasons", d, len(tt.want))
			}
			for _, r := range d.Reasons {
				if !strings.HasPrefix(r.Source, "45 CFR 164.508(b)(2)(") || r.Fix == "" || len(r.Refs) != 1 || r.Refs[0] != a.Ref() {
					t.Errorf("reason without a source, a fix or the authorization: %+v", r)
				}
			}
		})
	}
}

func TestTheLastDayEndsInTheZone(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("UTC-8", -8*3600)
	lastHour := time.Date(2027, time.January, 1, 7, 59, 0, 0, time.UTC)
	a := authorization(1)
	if got := a.Defects(lastHour, zone); len(got) != 0 {
		t.Errorf("Defects in the last hour of the zone = %v", got)
	}
	if got := a.Defects(lastHour, nil); len(got) != 1 {
		t.Errorf("Defects in UTC = %v, want one", got)
	}
	if got := a.Defects(lastHour.Add(time.Minute), zone); len(got) != 1 {
		t.Errorf("Defects after the last hour = %v, want one", got)
	}
}

func TestWindowIsWhereNothingHasExpired(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("UTC-8", -8*3600)
	event := func(a *consent.Authorization) { a.ExpiryEvent, a.EventAt = "end of the campaign", day("2026-04-01") }
	for _, tt := range []struct {
		name   string
		change func(*consent.Authorization)
		zone   *time.Location
		until  time.Time
	}{
		{name: "a day", change: func(*consent.Authorization) {}, until: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)},
		{name: "a day in a zone", change: func(*consent.Authorization) {}, zone: zone, until: time.Date(2027, 1, 1, 8, 0, 0, 0, time.UTC)},
		{name: "an event before the day", change: event, zone: zone, until: day("2026-04-01")},
		{name: "an event alone", change: func(a *consent.Authorization) { event(a); a.ExpiresOn = glabella.Date{} }, until: day("2026-04-01")},
		{name: "a day before the event", change: func(a *consent.Authorization) { event(a); a.ExpiresOn = glabella.MustParseDate("2026-03-15") }, until: time.Date(2026, 3, 16, 0, 0, 0, 0, time.UTC)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := authorization(1, tt.change)
			from, until := a.Window(tt.zone)
			if !from.Equal(a.Signature.At) || !until.Equal(tt.until) {
				t.Errorf("Window = %v to %v, want until %v", from, until, tt.until)
			}
			for at, want := range map[time.Time]int{from: 0, until.Add(-1): 0, until: 1} {
				if got := a.Defects(at, tt.zone); len(got) != want {
					t.Errorf("Defects at %v = %v, want %d", at, got, want)
				}
			}
		})
	}
	if from, until := (consent.Authorization{}).Window(nil); !from.IsZero() || !until.IsZero() {
		t.Errorf("Window of nothing = %v to %v", from, until)
	}
}

func TestEvaluateAuthorizationLooksAtItsReach(t *testing.T) {
	t.Parallel()
	base := consent.AuthorizationFacts{Authorization: authorization(1), Patient: pat, Recipient: journal, Purpose: "HMARKT", Class: "Media", At: day("2026-06-15")}
	for _, tt := range []struct {
		name   string
		change func(*consent.AuthorizationFacts)
		want   string
	}{
		{name: "reached", change: func(*consent.AuthorizationFacts) {}},
		{name: "another patient", change: func(f *consent.AuthorizationFacts) { f.Patient = other }, want: "patient"},
		{name: "another purpose", change: func(f *consent.AuthorizationFacts) { f.Purpose = "HRESCH" }, want: "purpose"},
		{name: "another recipient", change: func(f *consent.AuthorizationFacts) { f.Recipient.ID = "x" }, want: "recipient"},
		{name: "another class", change: func(f *consent.AuthorizationFacts) { f.Class = "Observation" }, want: "class"},
		{name: "an unknown class", change: func(f *consent.AuthorizationFacts) { f.Class = "" }, want: "class"},
		{name: "a sensitivity that it does not name", change: func(f *consent.AuthorizationFacts) { f.Tags = []consent.Sensitivity{"hiv"} }, want: "sensitivity"},
		{name: "other data than the notes that it is for", change: func(f *consent.AuthorizationFacts) { f.Authorization.Tags = []consent.Sensitivity{"psychotherapy"} }, want: "sensitivity"},
		{name: "all classes", change: func(f *consent.AuthorizationFacts) { f.Authorization.Classes, f.Class = nil, "Observation" }},
		{name: "a class of recipients", change: func(f *consent.AuthorizationFacts) {
			f.Authorization.Recipients, f.Role = []consent.Party{{Role: "publisher"}}, "publisher"
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := base
			tt.change(&f)
			d := consent.EvaluateAuthorization(f)
			got := ""
			if len(d.Reasons) == 1 && d.Reasons[0].Code == consent.CodeAuthorizationScope {
				got = d.Reasons[0].Args["part"]
			}
			if got != tt.want || d.Allowed() != (tt.want == "") {
				t.Errorf("EvaluateAuthorization = %v with part %q, want %q", d, got, tt.want)
			}
		})
	}
}

func TestAuthorizationVerbs(t *testing.T) {
	t.Parallel()
	at := day("2026-03-01")
	draft := authorization(1, func(a *consent.Authorization) {
		a.State, a.Signature, a.ExpiresOn, a.ExpiryEvent = consent.AuthorizationDraft, nil, glabella.Date{}, "end of the campaign"
	})
	signed, err := draft.Sign(consent.Signature{Method: consent.Typed, By: consent.SignerPatient, At: at})
	if err != nil {
		t.Fatal(err)
	}
	if draft.Signature != nil || draft.State != consent.AuthorizationDraft {
		t.Error("Sign changed its argument")
	}
	revoked, err := signed.Revoke(at.Add(time.Hour), "letter-1")
	if err != nil {
		t.Fatal(err)
	}
	if len(revoked.Defects(at.Add(time.Minute), nil)) != 0 || len(revoked.Defects(at.Add(time.Hour), nil)) != 1 {
		t.Error("a revocation reaches back, or does not take effect")
	}
	ended, err := signed.End(at.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	discarded, err := draft.Discard()
	if err != nil {
		t.Fatal(err)
	}
	all := []consent.Authorization{draft, signed, revoked, ended, discarded}
	for _, a := range all {
		if err := a.Validate(); err != nil {
			t.Errorf("%s: %v", a.State, err)
		}
		for action, do := range map[string]func() (consent.Authorization, error){
			"sign":    func() (consent.Authorization, error) { return a.Sign(consent.Signature{At: at}) },
			"discard": a.Discard,
			"revoke":  func() (consent.Authorization, error) { return a.Revoke(at, "letter-2") },
			"end":     func() (consent.Authorization, error) { return a.End(at) },
		} {
			want, refusal := consent.AuthorizationMachine().Next(a.State, action)
			got, err := do()
			var transition *glabella.TransitionError
			if got.State != want || (err == nil) != (refusal == nil) || err != nil && !errors.As(err, &transition) {
				t.Errorf("%s of %s = %s, %v, want %s", action, a.State, got.State, err, want)
			}
		}
	}
	if _, err := signed.Revoke(at, ""); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Revoke without a document = %v", err)
	}
	if _, err := authorization(1).End(at); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("End without an event = %v", err)
	}
	early := signed.KnownFalse(at.Add(2)).KnownFalse(at.Add(time.Hour))
	if !early.FalseSince.Equal(at) || !signed.FalseSince.IsZero() {
		t.Errorf("FalseSince = %v, want the first instant in whole microseconds", early.FalseSince)
	}
}

func TestAuthorizationValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*consent.Authorization)
		want   []string
	}{
		{name: "a valid authorization", change: func(*consent.Authorization) {}},
		{name: "one that lacks every element can be stored", change: func(a *consent.Authorization) {
			*a = consent.Authorization{ID: a.ID, Patient: pat, State: consent.AuthorizationDraft, Provenance: a.Provenance}
		}},
		{name: "parts that are not known", change: func(a *consent.Authorization) {
			a.Classes, a.Tags, a.Combined, a.Condition = []string{"media"}, []consent.Sensitivity{"x"}, []consent.CombinedKind{"x"}, "x"
			a.Purposes[0].Purpose, a.State = "x", "x"
			a.Disclosers, a.Recipients = []consent.Party{{}}, []consent.Party{{Role: "A B"}}
			a.ExpiresOn = glabella.Date{Year: 2026, Month: 2, Day: 30}
		}, want: []string{
			"/classes/0 format", "/combined/0 unknown-value", "/condition unknown-value", "/disclosers/0 required", "/expiresOn format",
			"/purposes/0/purpose unknown-value", "/recipients/0/role format", "/sensitivity/0 unknown-value", "/state unknown-value",
		}},
		{name: "a purpose that is not given", change: func(a *consent.Authorization) { a.Purposes[0].Purpose = "" }, want: []string{"/purposes/0/purpose required"}},
		{name: "expires and does not", change: func(a *consent.Authorization) { a.NoExpiry = true }, want: []string{"/noExpiry mismatch"}},
		{name: "signed without a signature", change: func(a *consent.Authorization) { a.Signature = nil }, want: []string{"/signature mismatch"}},
		{name: "a draft with a signature", change: func(a *consent.Authorization) { a.State = consent.AuthorizationDraft }, want: []string{"/signature mismatch"}},
		{name: "revoked by nothing at no time", change: func(a *consent.Authorization) { a.State = consent.AuthorizationRevoked }, want: []string{"/revokedAt mismatch"}},
		{name: "revoked orally before it was signed", change: func(a *consent.Authorization) {
			a.State, a.RevokedAt = consent.AuthorizationRevoked, day("2026-02-01")
		}, want: []string{"/revokedAt consent.order", "/revokedDocument consent.authorization.writing"}},
		{name: "ended without an event", change: func(a *consent.Authorization) { a.State = consent.AuthorizationEnded }, want: []string{"/eventAt mismatch"}},
		{name: "an event without a name", change: func(a *consent.Authorization) {
			a.State, a.EventAt = consent.AuthorizationEnded, day("2026-04-01")
		}, want: []string{"/expiryEvent required"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := authorization(1)
			tt.change(&a)
			if diff := cmp.Diff(tt.want, issuesOf(t, a.Validate())); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStoredAuthorizationRoundTrips(t *testing.T) {
	t.Parallel()
	at := day("2026-05-01")
	full := authorization(1, tagged("hiv"), func(a *consent.Authorization) {
		a.Meta = glabella.Meta{Version: 2, CreatedAt: at, UpdatedAt: at, Nonce: "n"}
		a.ExpiryEvent, a.NoExpiry, a.EventAt, a.Paid, a.Condition, a.FalseSince = "e", true, at, true, consent.ConditionThirdParty, at
		a.Combined, a.Statements.Remuneration = []consent.CombinedKind{consent.CombinedAuthorization}, true
		a.State, a.RevokedAt, a.RevokedDocument, a.Consent = consent.AuthorizationRevoked, at, "letter", glabella.ConsentID{1}
	})
	for _, a := range []consent.Authorization{full, {}, {Classes: []string{}, Recipients: []consent.Party{}}} {
		b, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var got consent.Authorization
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a, got); diff != "" {
			t.Errorf("authorization after JSON (-want +got):\n%s", diff)
		}
	}
}
