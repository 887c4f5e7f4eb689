package storagetest

import (
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

// privacy fills the records of what a patient allows and asks for.
func (r *Records) privacy() {
	signed := consent.Signature{
		Method: consent.Drawn, By: consent.SignerGuardian, Authority: "power-of-attorney-3", At: visit.AddDate(0, -1, 0), Device: "tablet-2",
		EvidenceSHA256: strings.Repeat("2c26b46b", 8), Signer: consent.Signer{Related: relatedID, Reference: "relation-3", Relationship: "GUARD"},
		NetworkAddress: "2001:db8::7", UserAgentSHA256: strings.Repeat("0123abcd", 8), Language: "en-US",
	}
	party := []consent.Party{{Ref: siteID.Ref(), Role: "health-plan", Name: "Example Plan"}}
	exception := consent.Provision{
		Effect: consent.EffectDeny, From: visit.AddDate(0, -1, 0), Until: visit.AddDate(1, 0, 0), Actors: party, Labels: []string{"R"}, Tags: []consent.Sensitivity{consent.SensitivityHIV},
		Purposes: []glabella.Purpose{glabella.PurposePayment}, Classes: []string{"Media"}, Codes: []glabella.Coding{{System: "urn:example:codes", Code: "7", Display: "a code"}},
		DataFrom: visit.AddDate(-1, 0, 0), DataUntil: visit.AddDate(1, 0, 0), Nested: []consent.Provision{},
	}
	root := exception
	root.Effect, root.Nested = "", []consent.Provision{exception}
	r.Directive = consent.Directive{
		ID: directiveID, Patient: patientID, Base: consent.EffectPermit, Root: root, Consent: consentID, Signature: &signed, State: consent.DirectiveSuperseded,
		SignedAt: visit.AddDate(0, -1, 0), EndedAt: visit, Next: nextDirectiveID, Provenance: imported(),
	}
	r.Restriction = consent.Restriction{
		ID: restrictionID, Patient: patientID, Kind: consent.RestrictDisclosure, Items: []glabella.Ref{encounterID.Ref()}, Recipients: party, HealthPlan: true,
		Purposes: []glabella.Purpose{glabella.PurposePayment}, OutOfPocket: &consent.OutOfPocket{Invoice: invoiceID, PaidAt: visit}, State: consent.RestrictionEnded,
		RequestedAt: visit, AnsweredAt: visit.Add(time.Hour), AnsweredBy: doctorID, EndedAt: visit.AddDate(0, 1, 0), Termination: consent.TerminationWritten, Document: "letter-9",
		Provenance: imported(),
	}
	r.Authorization = consent.Authorization{
		ID: authorizationID, Patient: patientID, Description: "photographs of the face", Classes: []string{"Media"}, Tags: []consent.Sensitivity{consent.SensitivityMinor},
		Disclosers: party, Recipients: party, Purposes: []consent.StatedPurpose{{Purpose: glabella.PurposeMarketing, Text: "the website"}}, ExpiresOn: day("2027-01-01"),
		ExpiryEvent: "end of the campaign", Signature: &signed,
		Statements: consent.AuthorizationStatements{Revocation: true, Conditioning: true, Redisclosure: true, Remuneration: true}, Paid: true, Condition: consent.ConditionResearch,
		Combined: []consent.CombinedKind{consent.CombinedResearch}, FalseSince: visit, State: consent.AuthorizationRevoked, RevokedAt: visit, RevokedDocument: "letter-8",
		Consent: consentID, Provenance: imported(),
	}
	r.Request = consent.NewRequest(consent.Request{
		ID: requestID, Patient: patientID, Kind: consent.RequestAccess, ReceivedOn: day("2026-01-05"), By: consent.SignerGuardian, Signer: signed.Signer, Format: "pdf",
		Records: []glabella.Ref{encounterID.Ref()}, Text: "all of it", Provenance: imported(),
	})
	r.Request.State = consent.RequestFulfilled
	r.Request.Extension = &consent.Extension{NotifiedOn: day("2026-02-01"), Reason: "archived", Until: day("2026-03-01"), By: nurseID}
	r.Request.Denial = &consent.Denial{
		On: day("2026-02-10"), By: doctorID, Reason: consent.DenialEndangers, Partial: true, Notice: noteID.Ref(),
		Review: &consent.Review{RequestedOn: day("2026-02-11"), Reviewer: nurseID, DecidedOn: day("2026-02-12"), Upheld: true},
	}
	r.Request.Fulfilment = &consent.Fulfilment{On: day("2026-02-20"), By: nurseID, Format: "paper", Agreed: true, Fee: usd(650), Notes: []glabella.Ref{noteID.Ref()}, Told: party}
	r.Permission = consent.Permission{
		ID: permissionID, Patient: patientID, Answer: consent.Accepted, GivenAt: visit.AddDate(0, -1, 0), Purposes: []consent.PhotoPurpose{consent.PhotoMarketing},
		Channels: []consent.PublicationChannel{consent.PublishSocial}, Platforms: []string{"example-gram"}, Photos: []glabella.PhotoID{photoID}, Regions: []string{"lips"},
		Conditions: consent.PhotoConditions{Deidentified: true, NoFace: true, NoTagging: true}, Conditioned: true, From: day("2026-01-01"), ExpiresOn: day("2027-01-01"),
		ExpiryEvent: "end-of-campaign", EventAt: visit, Consent: consentID, Authorization: authorizationID, ReplacedBy: nextPermissionID, ReplacedAt: visit,
		RevokedAt: visit, RevokedReason: "changed-mind", Provenance: imported(),
	}
	r.Publication = consent.Publication{
		ID: publicationID, Patient: patientID, Photo: photoID, Derivative: "sha256:" + strings.Repeat("2c26b46b", 8), Regions: []string{"lips"}, ShowsFace: true, Deidentified: true, Tagged: true,
		Remunerated: true, Purpose: consent.PhotoMarketing, Channel: consent.PublishSocial, Platform: "example-gram", Where: "https://example.com/7", State: consent.PublicationTakenDown,
		ScheduledFor: visit, PublishedAt: visit, By: nurseID, PublishedBy: doctorID, Permission: permissionID, Authorization: authorizationID,
		Takedown: consent.Takedown{Cause: consent.CodePhotoRevoked, RequiredAt: visit.Add(time.Hour), Owner: nurseID, DueOn: day("2026-02-01"), ConfirmedAt: visit.Add(2 * time.Hour), ConfirmedBy: nurseID,
			Evidence: "shot-7", EvidenceSHA256: strings.Repeat("2c26b46b", 8)},
		Copies: []consent.Copy{{Where: "https://example.org/9", FoundAt: visit.Add(time.Hour), InformedAt: visit.Add(2 * time.Hour)}}, Provenance: imported(),
	}
	r.ContactConsent = consent.ContactConsent{
		ID: contactConsentID, Patient: patientID, Channel: consent.ContactSMS, Purpose: consent.ContactMarketing, Granted: true, Address: consent.AddressDigest(patientID, "+15125550142"),
		Evidence: consent.ContactEvidence{Source: consent.ContactWebForm, At: visit.AddDate(0, -1, 0), TextVersion: "sms-3", TextSHA256: strings.Repeat("2c26b46b", 8), IP: "2001:db8::7", Recording: "call-7",
			Signature: &signed, StatesMarketing: true, StatesNotCondition: true, Conditioned: true},
		OptOut:     &consent.OptOut{At: visit, MessageID: "m-7", Keyword: consent.KeywordStop, By: consent.OptOutKeyword, All: true, HonourBy: day("2026-02-01"), HonouredAt: visit.Add(time.Hour)},
		Provenance: imported(),
	}
}
