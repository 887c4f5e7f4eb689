package consent_test

import (
	"slices"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

func TestAnAuthorizationAsPhotographsSeeIt(t *testing.T) {
	t.Parallel()
	signed := time.Date(2026, time.March, 2, 15, 0, 0, 0, time.UTC)
	whole := consent.Authorization{
		ID: glabella.DeriveID[glabella.AuthorizationID]("a"), Patient: glabella.DeriveID[glabella.PatientID]("p"), Description: "photographs of the face",
		Disclosers: []consent.Party{{Role: "practice"}}, Recipients: []consent.Party{{Role: "public"}}, Purposes: []consent.StatedPurpose{{Purpose: glabella.PurposeMarketing}},
		ExpiresOn: glabella.MustParseDate("2026-12-31"), Signature: &consent.Signature{Method: consent.Drawn, By: consent.SignerPatient, At: signed},
		Statements: consent.AuthorizationStatements{Revocation: true, Conditioning: true, Redisclosure: true, Remuneration: true}, State: consent.AuthorizationSigned,
	}
	for _, c := range []struct {
		name      string
		change    func(*consent.Authorization)
		at        time.Time
		defective bool
		purposes  []consent.PhotoPurpose
	}{
		{"a whole one for marketing is for publication too", func(*consent.Authorization) {}, signed.AddDate(0, 1, 0), false, []consent.PhotoPurpose{consent.PhotoMarketing, consent.PhotoPublication}},
		{"that it has expired is no defect of the document", func(*consent.Authorization) {}, signed.AddDate(2, 0, 0), false, []consent.PhotoPurpose{consent.PhotoMarketing, consent.PhotoPublication}},
		{"one that lacks a statement is defective", func(a *consent.Authorization) { a.Statements.Revocation = false }, signed.AddDate(0, 1, 0), true, []consent.PhotoPurpose{consent.PhotoMarketing, consent.PhotoPublication}},
		{"a draft is defective", func(a *consent.Authorization) { a.Signature, a.State = nil, consent.AuthorizationDraft }, signed.AddDate(0, 1, 0), true, []consent.PhotoPurpose{consent.PhotoMarketing, consent.PhotoPublication}},
		{"research is education and training", func(a *consent.Authorization) { a.Purposes[0].Purpose = glabella.PurposeResearch }, signed.AddDate(0, 1, 0), false, []consent.PhotoPurpose{consent.PhotoTrainingAI, consent.PhotoEducation}},
		{"payment shows nobody a photograph", func(a *consent.Authorization) { a.Purposes[0].Purpose = glabella.PurposePayment }, signed.AddDate(0, 1, 0), false, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := whole
			a.Purposes = slices.Clone(whole.Purposes)
			c.change(&a)
			f := a.PhotoFact(c.at, time.UTC)
			if f.ID != a.ID || f.Defective != c.defective || !slices.Equal(f.Purposes, c.purposes) || !f.Remuneration {
				t.Errorf("the fact: %+v, want defective %v and %v", f, c.defective, c.purposes)
			}
			if a.Signature != nil && (!f.From.Equal(signed) || !f.Until.Equal(time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC))) {
				t.Errorf("it holds from %v until %v", f.From, f.Until)
			}
		})
	}
}
