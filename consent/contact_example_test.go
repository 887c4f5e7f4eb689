package consent_test

import (
	"fmt"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

// A reminder may go out without consent while it meets the conditions for
// health-care messages; an offer may not.
func ExampleMayContact() {
	facts := consent.ContactFacts{
		Patient: glabella.PatientID{1}, Channel: consent.ContactSMS, Purpose: consent.ContactAppointment,
		Address: consent.AddressDigest(glabella.PatientID{1}, "+12025550123"),
		At:      time.Date(2026, time.March, 2, 17, 0, 0, 0, time.UTC), Zone: time.FixedZone("EST", -5*3600),
		Message:       consent.Message{Length: 120, Identifies: true, OffersOptOut: true, Free: true},
		CoveredEntity: true, NumberFromPatient: true,
	}
	fmt.Println(consent.MayContact(facts))

	facts.Sent.Day = 1
	for _, r := range consent.MayContact(facts).Reasons {
		fmt.Println(r.Code, "–", r.Text)
	}
	facts.Content = []consent.ContactContent{consent.ContentAdvertising}
	fmt.Println(consent.MayContact(facts))
	// Output:
	// allow
	// consent.contact.consent – the patient has not consented to such calls or texts
	// consent.contact.exemption – as many messages as a day allows went out
	// deny: consent.contact.written
}

func ExampleParseKeyword() {
	for _, text := range []string{"Stop!", "No más", "help", "please stop texting me"} {
		k, ok := consent.ParseKeyword(text)
		fmt.Println(k, ok, consent.MentionsStop(text))
	}
	// Output:
	// stop true true
	// stop true true
	// help true false
	//  false true
}

func ExampleHonourBy() {
	friday := time.Date(2026, time.March, 6, 12, 0, 0, 0, time.UTC)
	fmt.Println(consent.HonourBy(friday, nil))
	fmt.Println(consent.HonourBy(friday, nil, glabella.MustParseDate("2026-03-17")))
	// Output:
	// 2026-03-20
	// 2026-03-23
}
