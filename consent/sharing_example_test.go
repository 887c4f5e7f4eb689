package consent_test

import (
	"fmt"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

// A patient shares everything but images with other practices; a brochure needs an
// authorization whatever the directive says.
func ExampleMayShare() {
	noon := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	patient := glabella.MustParseID[glabella.PatientID]("01890000-0000-7000-8000-000000000001")
	directive := consent.Directive{
		ID: glabella.DirectiveID{1}, Patient: patient, Base: consent.EffectPermit, State: consent.DirectiveActive, SignedAt: noon,
		Root: consent.Provision{Nested: []consent.Provision{
			{Effect: consent.EffectDeny, Classes: []string{"Media"}, Nested: []consent.Provision{
				{Effect: consent.EffectPermit, Actors: []consent.Party{{Role: "dermatology"}}},
			}},
		}},
	}
	facts := consent.ShareFacts{Patient: patient, Purpose: glabella.PurposeTreatment, Class: "Media", At: noon.Add(time.Hour), Directives: []consent.Directive{directive}}
	d := consent.MayShare(facts)
	fmt.Println(d, "by", d.Reasons[0].Args["provision"])

	facts.Role = "dermatology"
	fmt.Println(consent.MayShare(facts), "by", consent.Rulings(facts)[0].Path)

	facts.Purpose = glabella.PurposeMarketing
	d = consent.MayShare(facts)
	fmt.Println(d, "-", d.Reasons[0].Source)
	// Output:
	// deny: consent.share.directive by provision.provision[0]
	// allow by provision.provision[0].provision[0]
	// deny: consent.share.authorization - 45 CFR 164.508(a)(3)
}

// An authorization says what it lacks.
func ExampleAuthorization_Missing() {
	a := consent.Authorization{
		Description: "before and after photographs", Disclosers: []consent.Party{{Name: "Example Clinic"}}, Recipients: []consent.Party{{Name: "Example Magazine"}},
		Purposes:   []consent.StatedPurpose{{Purpose: glabella.PurposeMarketing}},
		Statements: consent.AuthorizationStatements{Revocation: true, Redisclosure: true},
	}
	for _, e := range a.Missing() {
		fmt.Println(e, "-", e.Source())
	}
	// Output:
	// expiry - 45 CFR 164.508(c)(1)(v)
	// signature - 45 CFR 164.508(c)(1)(vi)
	// conditioning-statement - 45 CFR 164.508(c)(2)(ii)
}

// A request for records is due in thirty days, and can be extended once.
func ExampleRequest_Extend() {
	r := consent.NewRequest(consent.Request{Kind: consent.RequestAccess, ReceivedOn: glabella.MustParseDate("2026-03-02")})
	fmt.Println("due on", r.Due())
	r, err := r.Extend(consent.Extension{
		NotifiedOn: glabella.MustParseDate("2026-03-30"), Reason: "records-in-archive", Until: glabella.MustParseDate("2026-04-20"), By: glabella.StaffID{1},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range consent.Due([]consent.Request{r}, glabella.MustParseDate("2026-04-22"), 7) {
		fmt.Println(d.Kind, "was due on", d.On, "and is", -d.Days, "days late")
	}
	// Output:
	// due on 2026-04-01
	// access was due on 2026-04-20 and is 2 days late
}
