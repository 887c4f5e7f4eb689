package access_test

import (
	"fmt"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
)

func ExampleAuthorize() {
	site := glabella.DeriveID[glabella.SiteID]("main street")
	staff := access.Staff{
		ID: glabella.DeriveID[glabella.StaffID]("nurse"), Name: "Nora Example", Roles: []access.Role{access.NurseInjector}, Sites: []glabella.SiteID{site},
		Credentials: []access.Credential{{Kind: "RN", Number: "0001", Jurisdiction: "US-TX", ValidFrom: glabella.MustParseDate("2024-11-01"), ValidTo: glabella.MustParseDate("2026-10-31")}},
	}
	d := access.Authorize(access.Facts{
		Rules: access.DefaultPolicy().MustCompile(), Actor: glabella.StaffActor(staff.ID, site), Staff: &staff, Action: access.VialOpen,
		Site: site, Jurisdiction: "US-TX", On: glabella.MustParseDate("2026-11-23"), Now: time.Date(2026, time.November, 23, 16, 0, 0, 0, time.UTC),
	})
	fmt.Println(d)
	fmt.Println(d.Reasons[0].Fix)
	// Output:
	// deny: access.licence.expired
	// renew the credential
}

// A practice that wants a fresh proof of identity before a note is signed says
// so in its policy.
func ExampleRequirement() {
	policy := access.DefaultPolicy()
	policy.Actions[access.NoteSign] = access.Requirement{MinLevel: 2, MaxAuthAge: 15 * time.Minute, Source: "practice policy"}

	now := time.Date(2026, time.November, 23, 16, 0, 0, 0, time.UTC)
	site := glabella.DeriveID[glabella.SiteID]("main street")
	staff := access.Staff{ID: glabella.DeriveID[glabella.StaffID]("doctor"), Roles: []access.Role{access.Physician}}
	actor := glabella.StaffActor(staff.ID, site)
	actor.Auth = glabella.Authentication{Method: "otp", Level: 2, At: now.Add(-time.Hour)}
	facts := access.Facts{Rules: policy.MustCompile(), Actor: actor, Staff: &staff, Action: access.NoteSign, Site: site, Jurisdiction: "US-TX", On: glabella.DateOf(now), Now: now}
	fmt.Println(access.Authorize(facts))

	facts.Actor.Auth.At = now.Add(-time.Minute)
	fmt.Println(access.Authorize(facts))
	// Output:
	// deny: access.auth.stale
	// allow
}
