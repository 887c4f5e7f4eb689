package consent_test

import (
	"fmt"
	"time"

	"github.com/glabella-ehr/glabella"
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
