package consent_test

import (
	"fmt"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/consent"
)

// A treatment needs a form; the decision says which one, and changes as the
// patient signs and withdraws.
func ExampleEvaluate() {
	noon := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	patient := glabella.MustParseID[glabella.PatientID]("01890000-0000-7000-8000-000000000001")
	form := consent.Form{
		ID: glabella.FormID{1}, Code: "toxin-consent", Version: 3, Treatments: []string{"botulinum-toxin"},
		Strength: consent.MustAccept, Recurrence: consent.Interval, ValidFor: glabella.Period{Years: 1},
		Contents:    []consent.Content{consent.NewContent("en", "Toxin treatment", "I have read the risks.")},
		PublishedAt: noon.AddDate(0, -1, 0),
	}
	facts := consent.Facts{Patient: patient, Treatment: "botulinum-toxin", Forms: []consent.Form{form}, At: noon}
	d := consent.Evaluate(facts)
	fmt.Println(d, "–", d.Reasons[0].Fix)

	signed := consent.Consent{
		ID: glabella.ConsentID{2}, Patient: patient, Form: form.ID, Code: form.Code, Version: form.Version,
		Language: "en", SHA256: form.Contents[0].SHA256, Decision: consent.Accepted, Informed: noon.Add(-time.Hour),
		Signature: &consent.Signature{Method: consent.Checkbox, By: consent.SignerPatient, At: noon},
	}
	facts.Consents = []consent.Consent{signed}
	fmt.Println(consent.Evaluate(facts).Outcome)

	withdrawn, err := signed.Withdraw(noon.Add(time.Hour), "")
	if err != nil {
		fmt.Println(err)
		return
	}
	facts.Consents = []consent.Consent{withdrawn}
	fmt.Println("then:", consent.Evaluate(facts))
	facts.At = noon.Add(2 * time.Hour)
	fmt.Println("now:", consent.Evaluate(facts))
	// Output:
	// deny: consent.missing – sign form toxin-consent version 3
	// allow
	// then: allow
	// now: deny: consent.withdrawn
}

// The body of a form is written in a subset of Markdown.
func ExampleContent_Text() {
	c := consent.NewContent("en", "Fillers", "## Risks\n\n**Rare** but serious:\n\n- blocked vessels\n- loss of sight")
	fmt.Println(c.Text())
	// Output:
	// Fillers
	//
	// Risks
	//
	// Rare but serious:
	//
	// - blocked vessels
	// - loss of sight
}

// A text with sections is shown as HTML, and a consent says what it still lacks.
func ExampleConsent_Missing() {
	text := consent.NewContent("en", "Fillers", "Read each part.",
		consent.Section{Key: "vessels", Title: "Blocked vessels", Body: "**Rare**, and an emergency.", Initials: true, Required: true})
	form := consent.Form{Code: "filler-consent", Version: 1, Contents: []consent.Content{text}, WitnessRequired: true}
	fmt.Print(text.HTML())

	noon := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	signed := consent.Consent{
		Language: "en", Decision: consent.Accepted, Informed: noon.Add(-time.Hour),
		Signature: &consent.Signature{Method: consent.Checkbox, By: consent.SignerPatient, At: noon},
	}
	for _, gap := range signed.Missing(form) {
		fmt.Println(gap.Kind, gap.Section)
	}
	// Output:
	// <article lang="en">
	// <h1>Fillers</h1>
	// <p>Read each part.</p>
	// <section data-key="vessels">
	// <h2>Blocked vessels</h2>
	// <p><strong>Rare</strong>, and an emergency.</p>
	// </section>
	// </article>
	// initials vessels
	// witness
}

// A form is sent as a link. Only the hash of its token is stored, and a newer
// link ends an older one.
func ExampleDelivery_Redeem() {
	noon := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	var random [32]byte // from crypto/rand in a program
	token, hash := consent.NewToken(random)
	first := consent.Delivery{
		ID: glabella.DeliveryID{1}, Patient: glabella.PatientID{1}, Forms: []consent.FormVersion{{Form: glabella.FormID{1}, Code: "filler-consent", Version: 1}},
		Language: "en", Channel: consent.ChannelEmail, TokenSHA256: hash, SentAt: noon, ExpiresAt: noon.AddDate(0, 0, 3), State: consent.DeliverySent,
	}
	opened, err := first.Redeem(token, noon.Add(time.Hour))
	fmt.Println(opened.State, opened.Opens, err)

	second := first
	second.ID, second.SentAt = glabella.DeliveryID{2}, noon.Add(2*time.Hour)
	for _, ended := range consent.Superseding(second, []consent.Delivery{opened}) {
		_, err = ended.Redeem(token, noon.Add(3*time.Hour))
		fmt.Println(ended.State, err)
	}
	// Output:
	// opened 1 <nil>
	// superseded refused: deny: consent.delivery.superseded
}

// The age of a patient counts on the day of the treatment, where it takes place.
func ExampleEvaluateMinor() {
	england, _ := config.PackFor("GB-ENG")
	facts := consent.MinorFacts{
		BirthDate: glabella.MustParseDate("2009-05-02"), On: glabella.MustParseDate("2026-06-15"), Stage: consent.StageBooking,
		Jurisdiction: "GB-ENG", Rules: england.Minors, Classes: []string{"botulinum-toxin"}, Cosmetic: true, Guardian: true,
	}
	d := consent.EvaluateMinor(facts)
	fmt.Println(d)
	fmt.Println(d.Reasons[0].Source)
	facts.On = glabella.MustParseDate("2027-05-02")
	fmt.Println(consent.EvaluateMinor(facts))
	// Output:
	// deny: consent.minor.ban
	// Botulinum Toxin and Cosmetic Fillers (Children) Act 2021, ss. 1-2
	// allow
}
