package consent_test

import (
	"fmt"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

// A patient permits pictures on the practice's website but not of the face, and
// takes the permission back later. What was shown before stays covered; what is
// still shown becomes a task.
func ExampleMayPublish() {
	noon := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	patient := glabella.PatientID{1}
	signed := consent.AuthorizationFact{ID: glabella.AuthorizationID{2}, Purposes: []consent.PhotoPurpose{consent.PhotoMarketing}, From: noon}
	permission := consent.Permission{
		ID: glabella.PermissionID{3}, Patient: patient, Answer: consent.Accepted, GivenAt: noon, From: glabella.DateOf(noon), Authorization: signed.ID,
		Purposes: []consent.PhotoPurpose{consent.PhotoMarketing}, Channels: []consent.PublicationChannel{consent.PublishWebsite},
		Conditions: consent.PhotoConditions{NoFace: true},
	}
	facts := consent.PublishFacts{
		Patient: patient, Photo: glabella.PhotoID{4}, ShowsFace: true, Purpose: consent.PhotoMarketing, Channel: consent.PublishSocial, At: noon,
		Permissions: []consent.Permission{permission}, Authorizations: []consent.AuthorizationFact{signed},
	}
	for _, r := range consent.MayPublish(facts).Reasons {
		fmt.Println(r.Code, "–", r.Fix)
	}
	facts.ShowsFace, facts.Channel = false, consent.PublishWebsite
	fmt.Println(consent.MayPublish(facts))

	revoked, err := permission.Revoke(noon.AddDate(0, 1, 0), "")
	if err != nil {
		fmt.Println(err)
		return
	}
	facts.Permissions = []consent.Permission{revoked}
	fmt.Println("then:", consent.MayPublish(facts))
	facts.At = noon.AddDate(0, 2, 0)
	fmt.Println("now:", consent.MayPublish(facts))
	// Output:
	// consent.photo.channel – ask the patient, or show it where they permit
	// consent.photo.face – crop or cover the face
	// allow
	// then: allow
	// now: deny: consent.photo.revoked
}

// A sweep after a revocation cancels what is planned and asks for what is shown to
// be taken down.
func ExampleSweep() {
	noon := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	patient, staff := glabella.PatientID{1}, glabella.StaffID{7}
	shown := consent.Publication{
		ID: glabella.PublicationID{1}, Patient: patient, Photo: glabella.PhotoID{4}, Purpose: consent.PhotoPublication, Channel: consent.PublishWebsite,
		State: consent.PublicationLive, PublishedAt: noon, PublishedBy: staff, Where: "https://clinic.example/gallery/4",
	}
	planned := shown
	planned.ID, planned.State = glabella.PublicationID{2}, consent.PublicationDraft
	facts := consent.SweepFacts{
		Publish:      consent.PublishFacts{At: noon.AddDate(0, 1, 0)}, // the patient permits nothing any more
		Publications: []consent.Publication{shown, planned},
		TakedownDays: 2,
	}
	steps := consent.Sweep(facts)
	for _, s := range steps {
		fmt.Println(s.Kind, s.Cause())
	}
	fmt.Println("by", steps[0].DueOn)
	fmt.Println(consent.Progress(steps, facts.Publications, steps[0].DueOn).Done())
	// Output:
	// take-down consent.photo.permission
	// cancel consent.photo.permission
	// by 2026-04-04
	// false
}

func ExampleMayTake() {
	facts := consent.TakeFacts{Patient: glabella.PatientID{1}, Purpose: consent.PhotoClinicalRecord, At: time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)}
	fmt.Println(consent.MayTake(facts))
	facts.Purpose = consent.PhotoMarketing
	fmt.Println(consent.MayTake(facts))
	fmt.Println(consent.MayCondition(consent.PhotoMarketing))
	// Output:
	// warn: consent.photo.unasked
	// deny: consent.photo.permission
	// deny: consent.photo.conditioned
}
