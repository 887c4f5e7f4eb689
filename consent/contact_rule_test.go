package consent_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

// message returns the facts of a text with marketing to the patient's mobile at noon
// of 15 June, with nothing on record.
func message(change ...func(*consent.ContactFacts)) consent.ContactFacts {
	f := consent.ContactFacts{
		Patient: pat, Channel: consent.ContactSMS, Purpose: consent.ContactMarketing, Address: mobile, At: day("2026-06-15"), Zone: time.UTC,
		Message:       consent.Message{Length: 160, Identifies: true, OffersOptOut: true, Free: true},
		CoveredEntity: true, NumberFromPatient: true,
	}
	for _, c := range change {
		c(&f)
	}
	return f
}

func onRecord(c ...consent.ContactConsent) func(*consent.ContactFacts) {
	return func(f *consent.ContactFacts) { f.Consents = c }
}

func reminds(f *consent.ContactFacts) {
	f.Purpose, f.Content = consent.ContactAppointment, []consent.ContactContent{consent.ContentHealth}
}

func urgent(f *consent.ContactFacts) {
	f.Purpose, f.Content = consent.ContactCare, []consent.ContactContent{consent.ContentEmergency}
}

func calls(f *consent.ContactFacts) { f.Channel, f.Message.Length = consent.ContactPhone, 60 }

func emails(f *consent.ContactFacts) { f.Channel, f.Zone = consent.ContactEmail, nil }

func byEmail(c *consent.ContactConsent) { c.Channel, c.Address = consent.ContactEmail, "" }

func byPhone(c *consent.ContactConsent) { c.Channel = consent.ContactPhone }

func no(c *consent.ContactConsent) { c.Granted = false }

func TestMayContact(t *testing.T) {
	t.Parallel()
	type facts = consent.ContactFacts
	type contact = consent.ContactConsent
	said := func(c ...glabella.Code) []glabella.Code { return c }
	warned := glabella.Warn
	for _, tt := range []struct {
		name   string
		change []func(*facts)
		want   []glabella.Code
		as     glabella.Outcome // of what there is to say; empty is deny
	}{
		{name: "no channel", change: []func(*facts){func(f *facts) { f.Channel = "" }}, want: said(consent.CodeContactKind)},
		{name: "an unknown purpose", change: []func(*facts){func(f *facts) { f.Purpose = "fun" }}, want: said(consent.CodeContactKind)},

		{name: "marketing with written consent", change: []func(*facts){onRecord(agrees(1))}},
		{name: "marketing without any", want: said(consent.CodeContactWritten)},
		{name: "marketing with consent to reminders", change: []func(*facts){onRecord(agrees(1, about(consent.ContactAppointment)))}, want: said(consent.CodeContactWritten)},
		{name: "marketing with another patient's consent", change: []func(*facts){onRecord(agrees(1, func(c *contact) { c.Patient = other }))}, want: said(consent.CodeContactWritten)},
		{name: "marketing with consent to another number", change: []func(*facts){onRecord(agrees(1, func(c *contact) { c.Address = consent.AddressDigest(pat, "+12025550199") }))}, want: said(consent.CodeContactWritten)},
		{name: "marketing with consent by email", change: []func(*facts){onRecord(agrees(1, byEmail))}, want: said(consent.CodeContactWritten)},
		{name: "marketing with consent given later", change: []func(*facts){onRecord(agrees(1, saidOn("2026-06-16")))}, want: said(consent.CodeContactWritten)},
		{name: "marketing calls need it as well", change: []func(*facts){calls}, want: said(consent.CodeContactWritten)},
		{name: "also those that a person dials", change: []func(*facts){calls, func(f *facts) { f.Live = true }}, want: said(consent.CodeContactWritten)},
		{name: "a marketing call with written consent", change: []func(*facts){calls, onRecord(agrees(1, byPhone))}},
		{name: "a reminder with an offer is marketing", change: []func(*facts){reminds, onRecord(agrees(1, about(consent.ContactAppointment))), func(f *facts) {
			f.Content = append(f.Content, consent.ContentAdvertising)
		}}, want: said(consent.CodeContactWritten)},
		{name: "a consent without any element", change: []func(*facts){onRecord(agrees(1, func(c *contact) {
			c.Address, c.Evidence = "", consent.ContactEvidence{Source: consent.ContactImport, At: day("2026-03-01"), Conditioned: true}
		}))}, want: said(consent.CodeContactElement, consent.CodeContactElement, consent.CodeContactElement, consent.CodeContactElement, consent.CodeContactElement, consent.CodeContactConditioned)},
		{name: "a consent that was spoken", change: []func(*facts){onRecord(agrees(1, func(c *contact) { c.Evidence.Source = consent.ContactVerbal }))}, want: said(consent.CodeContactElement)},
		{name: "a purchase depended on it", change: []func(*facts){onRecord(agrees(1, func(c *contact) { c.Evidence.Conditioned = true }))}, want: said(consent.CodeContactConditioned)},
		{name: "the more complete of two counts", change: []func(*facts){onRecord(agrees(1), agrees(2, saidOn("2026-04-01"), func(c *contact) { c.Evidence.Signature = nil }))}},

		{name: "one that no purchase depended on counts", change: []func(*facts){onRecord(agrees(1), agrees(2, saidOn("2026-04-01"), func(c *contact) { c.Evidence.Conditioned = true }))}},

		{name: "the keyword ends it", change: []func(*facts){onRecord(agrees(1, optedOut(stop("2026-06-15"))))}, want: said(consent.CodeContactOptedOut)},
		{name: "until then it stands", change: []func(*facts){onRecord(agrees(1, optedOut(stop("2026-06-16"))))}},
		{name: "it can be given again", change: []func(*facts){onRecord(agrees(1, optedOut(stop("2026-04-01"))), agrees(2, saidOn("2026-05-01")))}},
		{name: "one granted with the opt-out does not outlive it", change: []func(*facts){onRecord(agrees(1, optedOut(stop("2026-04-01"))), agrees(2, saidOn("2026-04-01")))}, want: said(consent.CodeContactOptedOut)},
		{name: "the last of two opt-outs counts", change: []func(*facts){onRecord(agrees(1, optedOut(stop("2026-04-01"))), agrees(2, optedOut(stop("2026-06-01"))), agrees(3, saidOn("2026-05-01")))}, want: said(consent.CodeContactOptedOut)},
		{name: "a refusal counts against what was granted before", change: []func(*facts){onRecord(agrees(1), agrees(2, no, saidOn("2026-04-01")))}, want: said(consent.CodeContactOptedOut)},
		{name: "a refusal before does not", change: []func(*facts){onRecord(agrees(1, saidOn("2026-04-01")), agrees(2, no))}},
		{name: "a refusal of another purpose does not matter", change: []func(*facts){onRecord(agrees(1), agrees(2, no, saidOn("2026-04-01"), about(consent.ContactSurvey)))}},
		{name: "a refusal of everything does", change: []func(*facts){onRecord(agrees(1), agrees(2, no, saidOn("2026-04-01"), about("")))}, want: said(consent.CodeContactOptedOut)},
		{name: "a refusal of another number does not matter", change: []func(*facts){onRecord(agrees(1), agrees(2, no, saidOn("2026-04-01"), func(c *contact) { c.Address = consent.AddressDigest(pat, "x") }))}},
		{name: "a refusal of reminders covers a reminder with an offer", change: []func(*facts){reminds, func(f *facts) { f.Content = append(f.Content, consent.ContentAdvertising) },
			onRecord(agrees(1), agrees(2, no, saidOn("2026-04-01"), about(consent.ContactAppointment)))}, want: said(consent.CodeContactOptedOut)},
		{name: "the keyword in answer to a survey ends reminders too", change: []func(*facts){reminds, onRecord(agrees(1, about(consent.ContactSurvey), optedOut(stop("2026-04-01"))))}, want: said(consent.CodeContactOptedOut)},
		{name: "an opt-out of surveys in person does not", change: []func(*facts){reminds, onRecord(agrees(1, about(consent.ContactSurvey), optedOut(consent.OptOut{At: day("2026-04-01"), By: consent.OptOutInPerson})))}},
		{name: "an opt-out in person of everything does", change: []func(*facts){reminds, onRecord(agrees(1, about(consent.ContactSurvey), optedOut(consent.OptOut{At: day("2026-04-01"), By: consent.OptOutInPerson, All: true})))}, want: said(consent.CodeContactOptedOut)},

		{name: "a reminder meets the exemption", change: []func(*facts){reminds}},
		{name: "a reminder by an automatic call meets it", change: []func(*facts){reminds, calls}},
		{name: "a consent makes the conditions needless", change: []func(*facts){reminds, onRecord(agrees(1, about(consent.ContactAppointment))), func(f *facts) { f.Message, f.Sent.Day = consent.Message{}, 9 }}},
		{name: "a survey is not exempt", change: []func(*facts){reminds, func(f *facts) { f.Purpose = consent.ContactSurvey }}, want: said(consent.CodeContactConsent, consent.CodeContactExemption)},
		{name: "a second text on one day", change: []func(*facts){reminds, func(f *facts) { f.Sent = consent.SentCounts{Day: 1, Week: 1} }}, want: said(consent.CodeContactConsent, consent.CodeContactExemption)},
		{name: "a third text in a week", change: []func(*facts){reminds, func(f *facts) { f.Sent = consent.SentCounts{Week: 2} }}},
		{name: "a fourth text in a week", change: []func(*facts){reminds, func(f *facts) { f.Sent = consent.SentCounts{Week: 3} }}, want: said(consent.CodeContactConsent, consent.CodeContactExemption)},
		{name: "a text that is too long", change: []func(*facts){reminds, func(f *facts) { f.Message.Length = 161 }}, want: said(consent.CodeContactConsent, consent.CodeContactExemption)},
		{name: "a call that is too long", change: []func(*facts){reminds, calls, func(f *facts) { f.Message.Length = 61 }}, want: said(consent.CodeContactConsent, consent.CodeContactExemption)},
		{name: "a call that a person dials needs none", change: []func(*facts){reminds, calls, func(f *facts) { f.Live, f.CoveredEntity = true, false }}},
		{name: "a text is never live", change: []func(*facts){reminds, func(f *facts) { f.Live, f.CoveredEntity = true, false }}, want: said(consent.CodeContactConsent, consent.CodeContactExemption)},

		{name: "the first minute of the day's hours", change: []func(*facts){onRecord(agrees(1)), func(f *facts) { f.At = day("2026-06-15").Add(-4 * time.Hour) }}},
		{name: "before the hours", change: []func(*facts){onRecord(agrees(1)), func(f *facts) { f.At = day("2026-06-15").Add(-4*time.Hour - 1) }}, want: said(consent.CodeContactHours)},
		{name: "the last moment of the hours", change: []func(*facts){onRecord(agrees(1)), func(f *facts) { f.At = day("2026-06-15").Add(9*time.Hour - 1) }}},
		{name: "after the hours", change: []func(*facts){onRecord(agrees(1)), func(f *facts) { f.At = day("2026-06-15").Add(9 * time.Hour) }}, want: said(consent.CodeContactHours)},
		{name: "the hours are those of the patient's clock", change: []func(*facts){onRecord(agrees(1)), func(f *facts) { f.Zone = time.FixedZone("west", -5*3600) }}, want: said(consent.CodeContactHours)},
		{name: "nobody knows what time it is there", change: []func(*facts){onRecord(agrees(1)), func(f *facts) { f.Zone = nil }}, want: said(consent.CodeContactZone)},
		{name: "a reminder at night gives a warning", change: []func(*facts){reminds, func(f *facts) { f.At = day("2026-06-15").Add(10 * time.Hour) }}, want: said(consent.CodeContactHours), as: warned},
		{name: "a reminder needs no time zone", change: []func(*facts){reminds, func(f *facts) { f.Zone = nil }}},
		{name: "an email may come at night", change: []func(*facts){emails, reminds, func(f *facts) { f.At = day("2026-06-15").Add(10 * time.Hour) }}},

		{name: "a reminder by email", change: []func(*facts){emails, reminds}},
		{name: "marketing by email to someone who was not asked", change: []func(*facts){emails}, want: said(consent.CodeContactConsent), as: warned},
		{name: "marketing by email with a plain consent", change: []func(*facts){emails, onRecord(agrees(1, byEmail, func(c *contact) { c.Evidence.Signature = nil }))}},
		{name: "marketing by email after a no", change: []func(*facts){emails, onRecord(agrees(1, byEmail, no))}, want: said(consent.CodeContactOptedOut)},

		{name: "the patient prefers otherwise", change: []func(*facts){reminds, func(f *facts) { f.Wishes.Unwanted = true }}, want: said(consent.CodeContactUnwanted)},
		{name: "the patient wants quiet", change: []func(*facts){reminds, func(f *facts) { f.Wishes.Quiet = true }}, want: said(consent.CodeContactQuiet)},
		{name: "the patient is reached by post only", change: []func(*facts){reminds, func(f *facts) { f.Confidential = []consent.ConfidentialChannel{{Channel: consent.ContactPost}} }}, want: said(consent.CodeContactConfidential)},
		{name: "the patient is reached at one number only", change: []func(*facts){reminds, func(f *facts) {
			f.Confidential = []consent.ConfidentialChannel{{Channel: consent.ContactPost}, {Channel: consent.ContactSMS, Address: mobile}}
		}}},
		{name: "the patient is reached at another number only", change: []func(*facts){reminds, func(f *facts) {
			f.Confidential = []consent.ConfidentialChannel{{Channel: consent.ContactSMS, Address: "other"}}
		}}, want: said(consent.CodeContactConfidential)},
		{name: "everything at once", change: []func(*facts){onRecord(agrees(1, optedOut(stop("2026-04-01")))), func(f *facts) {
			f.Wishes = consent.ContactWishes{Unwanted: true, Quiet: true}
			f.Confidential = []consent.ConfidentialChannel{{Channel: consent.ContactPost}}
			f.Zone = nil
		}}, want: said(consent.CodeContactConfidential, consent.CodeContactUnwanted, consent.CodeContactQuiet, consent.CodeContactOptedOut, consent.CodeContactZone)},

		{name: "what cannot wait needs nothing", change: []func(*facts){urgent, func(f *facts) {
			f.At, f.CoveredEntity, f.Wishes.Quiet = day("2026-06-15").Add(11*time.Hour), false, true
		}}},
		{name: "what cannot wait warns of what the patient said", change: []func(*facts){urgent, onRecord(agrees(1, optedOut(stop("2026-04-01")))), func(f *facts) {
			f.Wishes.Unwanted = true
			f.Confidential = []consent.ConfidentialChannel{{Channel: consent.ContactPost}}
		}}, want: said(consent.CodeContactConfidential, consent.CodeContactUnwanted, consent.CodeContactOptedOut), as: warned},
		{name: "an offer can wait", change: []func(*facts){urgent, func(f *facts) { f.Content = append(f.Content, consent.ContentAdvertising) }}, want: said(consent.CodeContactWritten)},

		{name: "an opt-out is confirmed", change: []func(*facts){reminds, onRecord(agrees(1, optedOut(stop("2026-06-15")))), func(f *facts) {
			f.Content = []consent.ContactContent{consent.ContentOptOutConfirmation}
		}}},
		{name: "no opt-out is confirmed where there is none", change: []func(*facts){reminds, onRecord(agrees(1)), func(f *facts) {
			f.Content = []consent.ContactContent{consent.ContentOptOutConfirmation}
		}}, want: said(consent.CodeContactConfirmation)},
		{name: "an opt-out is confirmed once", change: []func(*facts){reminds, onRecord(agrees(1, optedOut(stop("2026-06-15")))), func(f *facts) {
			f.Content, f.Sent.Confirmations = []consent.ContactContent{consent.ContentOptOutConfirmation}, 1
		}}, want: said(consent.CodeContactConfirmation)},
		{name: "an opt-out is confirmed with nothing else", change: []func(*facts){reminds, onRecord(agrees(1, optedOut(stop("2026-06-15")))), func(f *facts) {
			f.Content = append(f.Content, consent.ContentOptOutConfirmation)
		}}, want: said(consent.CodeContactConfirmation)},
		{name: "an opt-out is not confirmed with marketing", change: []func(*facts){onRecord(agrees(1, optedOut(stop("2026-06-15")))), func(f *facts) {
			f.Content = []consent.ContactContent{consent.ContentOptOutConfirmation}
		}}, want: said(consent.CodeContactConfirmation)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := consent.MayContact(message(tt.change...))
			got := d.Codes()
			if len(got) == 0 {
				got = nil
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("reasons (-want +got):\n%s", diff)
			}
			want := glabella.Deny
			switch {
			case len(tt.want) == 0:
				want = glabella.Allow
			case tt.as != "":
				want = tt.as
			}
			if d.Outcome != want {
				t.Errorf("outcome = %s, want %s", d.Outcome, want)
			}
			for _, r := range d.Reasons {
				if r.Fix == "" || r.Source == "" || len(r.Refs) == 0 {
					t.Errorf("the reason %s lacks a fix, a source or its records", r.Code)
				}
			}
		})
	}
}

func TestEveryConditionOfTheExemptionIsNamed(t *testing.T) {
	t.Parallel()
	d := consent.MayContact(message(func(f *consent.ContactFacts) {
		f.Purpose, f.Content = consent.ContactBilling, []consent.ContactContent{consent.ContentFinancial}
		f.Message, f.Sent = consent.Message{}, consent.SentCounts{Day: 1, Week: 3}
		f.CoveredEntity, f.NumberFromPatient = false, false
	}))
	var got []consent.ExemptionCondition
	for _, r := range d.Reasons[1:] {
		got = append(got, consent.ExemptionCondition(r.Args["condition"]))
		if !strings.HasPrefix(r.Source, "47 CFR 64.1200(a)(9)(iv)") {
			t.Errorf("%v is cited from %q", r.Args, r.Source)
		}
	}
	if diff := cmp.Diff(consent.ExemptionConditions(), got); diff != "" {
		t.Errorf("conditions (-want +got):\n%s", diff)
	}
}

func TestEachElementIsMissed(t *testing.T) {
	t.Parallel()
	for want, change := range map[consent.ConsentElement]func(*consent.ContactConsent){
		consent.ElementWriting:      func(c *consent.ContactConsent) { c.Evidence.TextSHA256 = "" },
		consent.ElementSignature:    func(c *consent.ContactConsent) { c.Evidence.Signature = nil },
		consent.ElementNumber:       func(c *consent.ContactConsent) { c.Address = "" },
		consent.ElementMarketing:    func(c *consent.ContactConsent) { c.Evidence.StatesMarketing = false },
		consent.ElementNotCondition: func(c *consent.ContactConsent) { c.Evidence.StatesNotCondition = false },
	} {
		c := agrees(1, change)
		if got := c.LackingElements(); !slices.Equal(got, []consent.ConsentElement{want}) {
			t.Errorf("without the %s, LackingElements = %v", want, got)
		}
		d := consent.MayContact(message(onRecord(c)))
		if len(d.Reasons) != 1 || d.Reasons[0].Args["element"] != string(want) {
			t.Errorf("without the %s, MayContact = %v", want, d.Reasons)
		}
	}
	if got := agrees(1).LackingElements(); len(got) != 0 {
		t.Errorf("a complete consent lacks %v", got)
	}
}

func TestCountSent(t *testing.T) {
	t.Parallel()
	at := day("2026-06-15") // noon
	far := time.FixedZone("far", 13*3600)
	sent := []time.Time{at, at.Add(-11 * time.Hour), at.Add(-13 * time.Hour), at.AddDate(0, 0, -6), at.AddDate(0, 0, -7), at.Add(time.Hour)}
	if got, want := consent.CountSent(sent, at, nil), (consent.SentCounts{Day: 2, Week: 4}); got != want {
		t.Errorf("CountSent = %+v, want %+v", got, want)
	}
	// There it is one o'clock of the next day.
	if got, want := consent.CountSent(sent, at, far), (consent.SentCounts{Day: 1, Week: 4}); got != want {
		t.Errorf("CountSent far away = %+v, want %+v", got, want)
	}
}

func TestNoMarketingAfterAnOptOut(t *testing.T) {
	t.Parallel()
	granted := []consent.ContactConsent{agrees(1), agrees(2, saidOn("2026-03-10")), agrees(3, about(consent.ContactAppointment))}
	after := consent.RevokeAll(granted, pat, consent.ContactSMS, mobile, stop("2026-04-01"))
	for _, purpose := range consent.ContactPurposes() {
		for hour := range 24 {
			f := message(onRecord(after...), func(f *consent.ContactFacts) {
				f.Purpose, f.At = purpose, day("2026-04-01").Add(time.Duration(hour)*time.Hour)
			})
			if d := consent.MayContact(f); !d.Has(consent.CodeContactOptedOut) || d.Outcome != glabella.Deny {
				t.Fatalf("%s at %v: %v", purpose, f.At, d)
			}
		}
	}
}

func BenchmarkMayContact(b *testing.B) {
	f := message()
	for n := range byte(50) {
		f.Consents = append(f.Consents, agrees(n+1, func(c *consent.ContactConsent) {
			c.Evidence.At = c.Evidence.At.AddDate(0, 0, int(n))
			switch n % 5 {
			case 0:
				c.Purpose = consent.ContactAppointment
			case 1:
				c.Channel = consent.ContactEmail
			case 2:
				c.Evidence.Signature = nil
			case 3:
				o := stop("2026-03-02")
				o.At = c.Evidence.At
				c.OptOut = &o
			}
		}))
	}
	b.ReportAllocs()
	for b.Loop() {
		if d := consent.MayContact(f); !d.Allowed() {
			b.Fatal(d)
		}
	}
}
