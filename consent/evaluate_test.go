package consent_test

import (
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

func TestEvaluate(t *testing.T) {
	t.Parallel()
	at := day("2026-06-15")
	hour := at.Add(time.Hour)
	mustShow := func(f *consent.Form) { f.Strength = consent.MustShow }
	optional := func(f *consent.Form) { f.Strength = consent.Optional }
	material := func(f *consent.Form) { f.Material = true }
	perVisit := func(f *consent.Form) { f.Recurrence = consent.PerVisit }
	halfYear := func(f *consent.Form) { f.Recurrence, f.ValidFor = consent.Interval, glabella.Period{Months: 6} }
	threeDays := func(f *consent.Form) { f.CoolingOffDays = 3 }
	in := func(j ...string) func(*consent.Form) { return func(f *consent.Form) { f.Jurisdictions = j } }
	draft := func(f *consent.Form) { f.PublishedAt = time.Time{} }
	v1, v2 := toxinForm(1), toxinForm(2) // published on 1 January and 1 February
	laser := toxinForm(1, func(f *consent.Form) {
		f.ID, f.Code, f.Treatments = formID(50), "laser-consent", []string{"laser"}
	})
	photo := toxinForm(1, mustShow, func(f *consent.Form) { f.ID, f.Code = formID(51), "photo-notice" })

	type facts = consent.Facts
	for _, tt := range []struct {
		name  string
		facts facts
		want  []glabella.Code
	}{
		{name: "no form is required", facts: facts{Forms: []consent.Form{laser}}},
		{name: "there are no forms", facts: facts{}},
		{name: "a required code without a form", facts: facts{Required: []string{"toxin-consent", "gdpr"}, Forms: []consent.Form{v1}, Consents: []consent.Consent{accepted(1, v1, at)}}, want: []glabella.Code{consent.CodeFormMissing}},
		{name: "a required code reaches a form of other treatments", facts: facts{Required: []string{"laser-consent"}, Forms: []consent.Form{laser}}, want: []glabella.Code{consent.CodeMissing}},

		{name: "nothing was signed", facts: facts{Forms: []consent.Form{v1}}, want: []glabella.Code{consent.CodeMissing}},
		{name: "signed", facts: facts{Forms: []consent.Form{v1}, Consents: []consent.Consent{accepted(1, v1, at)}}},
		{name: "signed in Spanish", facts: facts{Forms: []consent.Form{v1}, Consents: []consent.Consent{accepted(1, v1, at, func(c *consent.Consent) {
			c.Language, c.SHA256 = "es-MX", v1.Contents[1].SHA256
		})}}},
		{name: "signed by someone else", facts: facts{Forms: []consent.Form{v1}, Consents: []consent.Consent{accepted(1, v1, at, func(c *consent.Consent) { c.Patient = other })}}, want: []glabella.Code{consent.CodeMissing}},
		{name: "another form was signed", facts: facts{Forms: []consent.Form{v1, laser}, Consents: []consent.Consent{accepted(1, laser, at)}}, want: []glabella.Code{consent.CodeMissing}},
		{name: "signed only later", facts: facts{Forms: []consent.Form{v1}, Consents: []consent.Consent{accepted(1, v1, hour)}}, want: []glabella.Code{consent.CodeMissing}},
		{name: "shown but signed only later", facts: facts{Forms: []consent.Form{v1}, Consents: []consent.Consent{accepted(1, v1, hour, informed(at))}}, want: []glabella.Code{consent.CodeUnsigned}},
		{name: "not signed", facts: facts{Forms: []consent.Form{v1}, Consents: []consent.Consent{accepted(1, v1, at, unsigned)}}, want: []glabella.Code{consent.CodeUnsigned}},
		{name: "shown again without a signature", facts: facts{Forms: []consent.Form{v1}, Consents: []consent.Consent{accepted(1, v1, day("2026-03-01")), accepted(2, v1, at, unsigned)}}},

		{name: "declined", facts: facts{Forms: []consent.Form{v1}, Consents: []consent.Consent{accepted(1, v1, at, declined)}}, want: []glabella.Code{consent.CodeDeclined}},
		{name: "accepted and later declined", facts: facts{Forms: []consent.Form{v1}, Consents: []consent.Consent{accepted(1, v1, day("2026-03-01")), accepted(2, v1, day("2026-04-01"), declined)}}, want: []glabella.Code{consent.CodeDeclined}},
		{name: "declined and later accepted", facts: facts{Forms: []consent.Form{v1}, Consents: []consent.Consent{accepted(1, v1, day("2026-04-01")), accepted(2, v1, day("2026-03-01"), declined)}}},
		{name: "accepted and declined at once", facts: facts{Forms: []consent.Form{v1}, Consents: []consent.Consent{accepted(1, v1, at), accepted(2, v1, at, declined)}}, want: []glabella.Code{consent.CodeDeclined}},
		{name: "shown but declined only later", facts: facts{Forms: []consent.Form{v1}, Consents: []consent.Consent{accepted(1, v1, hour, informed(at), declined)}}, want: []glabella.Code{consent.CodeUnsigned}},
		{name: "declined only later", facts: facts{Forms: []consent.Form{v1}, Consents: []consent.Consent{accepted(1, v1, at), accepted(2, v1, hour, informed(hour), declined)}}},

		{name: "withdrawn", facts: facts{Forms: []consent.Form{v1}, Consents: []consent.Consent{accepted(1, v1, day("2026-03-01"), withdrawnAt(at))}}, want: []glabella.Code{consent.CodeWithdrawn}},
		{name: "withdrawn only later", facts: facts{Forms: []consent.Form{v1}, Consents: []consent.Consent{accepted(1, v1, day("2026-03-01"), withdrawnAt(hour))}}},
		{name: "withdrawn and signed again", facts: facts{Forms: []consent.Form{v1}, Consents: []consent.Consent{accepted(1, v1, day("2026-03-01"), withdrawnAt(day("2026-04-01"))), accepted(2, v1, day("2026-05-01"))}}},
		{name: "an earlier one withdrawn after a later one was signed", facts: facts{Forms: []consent.Form{v1}, Consents: []consent.Consent{accepted(1, v1, day("2026-03-01"), withdrawnAt(day("2026-05-01"))), accepted(2, v1, day("2026-04-01"))}}, want: []glabella.Code{consent.CodeWithdrawn}},

		{name: "valid on the last day", facts: facts{Forms: []consent.Form{toxinForm(1, halfYear)}, Consents: []consent.Consent{accepted(1, v1, day("2025-12-16"))}}},
		{name: "expired when the period has passed", facts: facts{Forms: []consent.Form{toxinForm(1, halfYear)}, Consents: []consent.Consent{accepted(1, v1, day("2025-12-15"))}}, want: []glabella.Code{consent.CodeExpired}},
		{name: "expired and signed again", facts: facts{Forms: []consent.Form{toxinForm(1, halfYear)}, Consents: []consent.Consent{accepted(1, v1, day("2025-11-15")), accepted(2, v1, at)}}},

		{name: "an editorial new version keeps the earlier consent", facts: facts{Forms: []consent.Form{v1, v2}, Consents: []consent.Consent{accepted(1, v1, day("2026-01-15"))}}},
		{name: "a material new version ends the earlier consent", facts: facts{Forms: []consent.Form{v1, toxinForm(2, material)}, Consents: []consent.Consent{accepted(1, v1, day("2026-01-15"))}}, want: []glabella.Code{consent.CodeSuperseded}},
		{name: "a material version between ends the earlier consent", facts: facts{Forms: []consent.Form{v1, toxinForm(2, material), toxinForm(3)}, Consents: []consent.Consent{accepted(1, v1, day("2026-01-15"))}}, want: []glabella.Code{consent.CodeSuperseded}},
		{name: "the old text signed after the new one was published", facts: facts{Forms: []consent.Form{v1, toxinForm(2, material)}, Consents: []consent.Consent{accepted(1, v1, at)}}, want: []glabella.Code{consent.CodeSuperseded}},
		{name: "a material version that is published later", facts: facts{Forms: []consent.Form{v1, toxinForm(12, material)}, Consents: []consent.Consent{accepted(1, v1, at)}}},
		{name: "a material version that is a draft", facts: facts{Forms: []consent.Form{v1, toxinForm(2, material, draft)}, Consents: []consent.Consent{accepted(1, v1, at)}}},
		{name: "a material version that was taken back", facts: facts{Forms: []consent.Form{v1, toxinForm(2, material, func(f *consent.Form) { f.RetiredAt = day("2026-03-01") })}, Consents: []consent.Consent{accepted(1, v1, at)}}},
		{name: "every version is retired", facts: facts{Forms: []consent.Form{toxinForm(1, func(f *consent.Form) { f.RetiredAt = at })}}},

		{name: "the day before the time to reflect has passed", facts: facts{Forms: []consent.Form{toxinForm(1, threeDays)}, Consents: []consent.Consent{accepted(1, v1, at, informed(day("2026-06-13").Add(-11*time.Hour)))}}, want: []glabella.Code{consent.CodeCoolingOff}},
		{name: "the time to reflect has passed", facts: facts{Forms: []consent.Form{toxinForm(1, threeDays)}, Consents: []consent.Consent{accepted(1, v1, at, informed(day("2026-06-12").Add(11*time.Hour)))}}},

		{name: "another text", facts: facts{Forms: []consent.Form{v1}, Consents: []consent.Consent{accepted(1, v1, at, func(c *consent.Consent) { c.SHA256 = v1.Contents[1].SHA256 })}}, want: []glabella.Code{consent.CodeTextMismatch}},
		{name: "the text of another version", facts: facts{Forms: []consent.Form{v1, v2}, Consents: []consent.Consent{accepted(1, v1, at, func(c *consent.Consent) { c.SHA256 = v2.Contents[0].SHA256 })}}, want: []glabella.Code{consent.CodeTextMismatch}},
		{name: "a language that the form does not have", facts: facts{Forms: []consent.Form{v1}, Consents: []consent.Consent{accepted(1, v1, at, func(c *consent.Consent) { c.Language = "fr" })}}, want: []glabella.Code{consent.CodeTextMismatch}},
		{name: "a version that is not known", facts: facts{Forms: []consent.Form{v2}, Consents: []consent.Consent{accepted(1, v1, at)}}, want: []glabella.Code{consent.CodeTextMismatch}},
		{name: "a form changed since, hash and all", facts: facts{Forms: []consent.Form{toxinForm(1, func(f *consent.Form) { f.Contents[0] = consent.NewContent("en", "Consent", "Other.") })}, Consents: []consent.Consent{accepted(1, v1, at)}}, want: []glabella.Code{consent.CodeTextMismatch}},
		{name: "the form's number does not fit", facts: facts{Forms: []consent.Form{v1, v2}, Consents: []consent.Consent{accepted(1, v1, at, func(c *consent.Consent) { c.Version = 2 })}}, want: []glabella.Code{consent.CodeTextMismatch}},
		{name: "one of two is without fault", facts: facts{Forms: []consent.Form{v1}, Consents: []consent.Consent{accepted(1, v1, day("2026-03-01")), accepted(2, v1, at, func(c *consent.Consent) { c.Language = "fr" })}}},

		{name: "signed at this visit", facts: facts{Encounter: visit, Forms: []consent.Form{toxinForm(1, perVisit)}, Consents: []consent.Consent{accepted(1, v1, at, inVisit(visit))}}},
		{name: "signed at another visit", facts: facts{Encounter: visit, Forms: []consent.Form{toxinForm(1, perVisit)}, Consents: []consent.Consent{accepted(1, v1, at, inVisit(glabella.EncounterID{1}))}}, want: []glabella.Code{consent.CodeMissing}},
		{name: "no visit to sign for", facts: facts{Forms: []consent.Form{toxinForm(1, perVisit)}, Consents: []consent.Consent{accepted(1, v1, at)}}, want: []glabella.Code{consent.CodeMissing}},
		{name: "declined at an earlier visit", facts: facts{Encounter: visit, Forms: []consent.Form{toxinForm(1, perVisit)}, Consents: []consent.Consent{accepted(1, v1, at, inVisit(visit)), accepted(2, v1, at, declined, inVisit(glabella.EncounterID{1}))}}},

		{name: "an optional form that was not given", facts: facts{Forms: []consent.Form{toxinForm(1, optional)}}},
		{name: "an optional form that was declined, even if it is named", facts: facts{Required: []string{"toxin-consent"}, Forms: []consent.Form{toxinForm(1, optional)}, Consents: []consent.Consent{accepted(1, v1, at, declined)}}},
		{name: "a form that must be shown was not", facts: facts{Forms: []consent.Form{photo}}, want: []glabella.Code{consent.CodeMissing}},
		{name: "a form that must be shown was declined", facts: facts{Forms: []consent.Form{photo}, Consents: []consent.Consent{accepted(1, photo, at, declined, unsigned)}}},
		{name: "a form that must be shown was withdrawn", facts: facts{Forms: []consent.Form{photo}, Consents: []consent.Consent{accepted(1, photo, at, withdrawnAt(at))}}},
		{name: "a form that must be shown was another text", facts: facts{Forms: []consent.Form{photo}, Consents: []consent.Consent{accepted(1, photo, at, declined, func(c *consent.Consent) { c.SHA256 = v2.Contents[0].SHA256 })}}, want: []glabella.Code{consent.CodeTextMismatch}},

		{name: "a form of this state", facts: facts{Jurisdiction: "US-CA", Forms: []consent.Form{toxinForm(1, in("US-NY", "US-CA"))}}, want: []glabella.Code{consent.CodeMissing}},
		{name: "a form of the country", facts: facts{Jurisdiction: "US-CA", Forms: []consent.Form{toxinForm(1, in("US"))}}, want: []glabella.Code{consent.CodeMissing}},
		{name: "a form of another state", facts: facts{Jurisdiction: "US-CA", Forms: []consent.Form{toxinForm(1, in("US-NY"))}}},
		{name: "a form of a state when only the country is known", facts: facts{Jurisdiction: "US", Forms: []consent.Form{toxinForm(1, in("US-CA"))}}},

		{
			name: "all reasons of one consent at once",
			facts: facts{Forms: []consent.Form{v1, toxinForm(2, material, threeDays, halfYear)}, Consents: []consent.Consent{accepted(1, v1, day("2025-12-01"), informed(day("2026-06-14")), func(c *consent.Consent) {
				c.Language = "fr"
			})}},
			want: []glabella.Code{consent.CodeExpired, consent.CodeSuperseded, consent.CodeCoolingOff, consent.CodeTextMismatch},
		},
		{
			name:  "an unsigned consent has its other faults too",
			facts: facts{Forms: []consent.Form{v1, toxinForm(2, material)}, Consents: []consent.Consent{accepted(1, v1, at, unsigned)}},
			want:  []glabella.Code{consent.CodeUnsigned, consent.CodeSuperseded},
		},
		{
			name:  "all forms at once, by code",
			facts: facts{Required: []string{"zz", "laser-consent"}, Forms: []consent.Form{v1, photo, laser}, Consents: []consent.Consent{accepted(1, v1, at, declined)}},
			want:  []glabella.Code{consent.CodeFormMissing, consent.CodeMissing, consent.CodeMissing, consent.CodeDeclined},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := tt.facts
			f.Patient, f.Treatment, f.At = pat, "botulinum-toxin", at
			got := consent.Evaluate(f)
			want := glabella.Deny
			if tt.want == nil {
				want, tt.want = glabella.Allow, []glabella.Code{}
			}
			if diff := cmp.Diff(tt.want, got.Codes()); diff != "" || got.Outcome != want {
				t.Errorf("Evaluate = %v, want %s (-want +got):\n%s", got, want, diff)
			}
		})
	}
}

func TestEvaluateNamesWhatToSign(t *testing.T) {
	t.Parallel()
	v1, v2 := toxinForm(1), toxinForm(2, func(f *consent.Form) { f.Material = true })
	c := accepted(9, v1, day("2026-01-15"))
	d := consent.Evaluate(consent.Facts{Patient: pat, Treatment: "botulinum-toxin", Forms: []consent.Form{v1, v2}, Consents: []consent.Consent{c}, At: day("2026-06-15")})
	want := []glabella.Reason{{
		Outcome: glabella.Deny, Code: consent.CodeSuperseded, Text: "a material newer version of the form has been published",
		Args:   map[string]string{"form": "toxin-consent", "version": "2", "signedVersion": "1"},
		Refs:   []glabella.Ref{v2.Ref(), c.Ref()},
		Fix:    "sign form toxin-consent version 2",
		Source: "practice policy: form toxin-consent version 2",
	}}
	if diff := cmp.Diff(want, d.Reasons); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
	notice := toxinForm(1, func(f *consent.Form) { f.Strength = consent.MustShow })
	d = consent.Evaluate(consent.Facts{Patient: pat, Treatment: "botulinum-toxin", Forms: []consent.Form{notice}, At: day("2026-06-15")})
	if got, want := d.Reasons[0].Fix, "show form toxin-consent version 1"; got != want {
		t.Errorf("Fix = %q, want %q", got, want)
	}
	slow := toxinForm(1, func(f *consent.Form) { f.CoolingOffDays = 7 })
	d = consent.Evaluate(consent.Facts{Patient: pat, Treatment: "botulinum-toxin", Forms: []consent.Form{slow}, Consents: []consent.Consent{accepted(1, slow, day("2026-06-14"))}, At: day("2026-06-15")})
	if got, want := d.Reasons[0].Fix, "treat on 2026-06-21 or later"; got != want {
		t.Errorf("Fix = %q, want %q", got, want)
	}
}

func TestWholeDaysAreThoseOfTheSite(t *testing.T) {
	t.Parallel()
	west := time.FixedZone("west", -8*3600)
	slow := toxinForm(1, func(f *consent.Form) { f.CoolingOffDays = 1 })
	shown := time.Date(2026, time.June, 15, 2, 0, 0, 0, time.UTC) // still the 14th in the west
	facts := consent.Facts{
		Patient: pat, Treatment: "botulinum-toxin", Forms: []consent.Form{slow},
		Consents: []consent.Consent{accepted(1, slow, shown, informed(shown))}, At: shown.Add(7 * time.Hour),
	}
	if d := consent.Evaluate(facts); !d.Has(consent.CodeCoolingOff) {
		t.Errorf("Evaluate in UTC = %v, want cooling-off", d)
	}
	facts.Zone = west
	if d := consent.Evaluate(facts); !d.Allowed() {
		t.Errorf("Evaluate in the west = %v, want allowed", d)
	}
}

// TestEvaluateIsIndependentOfOrderAndOfTheFuture draws random histories: the
// order in which they are given does not matter, nor does anything after At.
func TestEvaluateIsIndependentOfOrderAndOfTheFuture(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(7))
	start := day("2026-01-01")
	some := func() time.Time { return start.Add(time.Duration(rng.Intn(365*24)) * time.Hour) }
	outcomes := map[string]int{}
	for range 3000 {
		var forms []consent.Form
		for v := 1; v <= 3; v++ {
			forms = append(forms, toxinForm(v, func(f *consent.Form) {
				f.PublishedAt, f.Material, f.CoolingOffDays = some(), rng.Intn(2) == 0, rng.Intn(3)
				if rng.Intn(2) == 0 {
					f.Recurrence, f.ValidFor = consent.Interval, glabella.Period{Months: 1 + rng.Intn(6)}
				}
			}))
		}
		var consents []consent.Consent
		for n := range rng.Intn(5) {
			c := accepted(byte(n), forms[rng.Intn(3)], some())
			switch rng.Intn(6) {
			case 0:
				c.Decision = consent.Declined
			case 1:
				c.WithdrawnAt = c.Signature.At.Add(time.Duration(rng.Intn(2000)) * time.Hour)
			case 2:
				c.Signature = nil
			}
			consents = append(consents, c)
		}
		facts := consent.Facts{Patient: pat, Treatment: "botulinum-toxin", Forms: forms, Consents: consents, At: some()}
		want := consent.Evaluate(facts)
		outcomes[want.String()]++

		shuffled := facts
		shuffled.Forms, shuffled.Consents = slices.Clone(forms), slices.Clone(consents)
		rng.Shuffle(len(shuffled.Forms), func(a, b int) {
			shuffled.Forms[a], shuffled.Forms[b] = shuffled.Forms[b], shuffled.Forms[a]
		})
		rng.Shuffle(len(shuffled.Consents), func(a, b int) {
			shuffled.Consents[a], shuffled.Consents[b] = shuffled.Consents[b], shuffled.Consents[a]
		})
		if diff := cmp.Diff(want, consent.Evaluate(shuffled)); diff != "" {
			t.Fatalf("Evaluate depends on the order (-given +shuffled):\n%s", diff)
		}

		known := facts
		known.Forms, known.Consents = nil, nil
		for _, f := range forms {
			if f.PublishedAt.After(facts.At) {
				f.PublishedAt = time.Time{}
			}
			known.Forms = append(known.Forms, f)
		}
		for _, c := range consents {
			if c.Informed.After(facts.At) {
				continue
			}
			if c.Signature != nil && c.Signature.At.After(facts.At) {
				c.Signature, c.Decision = nil, consent.Accepted
			}
			if c.WithdrawnAt.After(facts.At) {
				c.WithdrawnAt = time.Time{}
			}
			known.Consents = append(known.Consents, c)
		}
		if diff := cmp.Diff(want, consent.Evaluate(known)); diff != "" {
			t.Fatalf("Evaluate depends on what came after At (-all +known then):\n%s", diff)
		}
	}
	if len(outcomes) < 10 {
		t.Errorf("the histories gave only %d decisions: %v", len(outcomes), outcomes)
	}
}
