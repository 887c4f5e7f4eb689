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

// A restricted record is closed to who takes no part in the patient's care. In an
// emergency they open it for an hour, and a colleague reviews that afterwards.
func ExampleBreakGlass() {
	policy := access.DefaultPolicy()
	now := time.Date(2026, time.November, 23, 16, 0, 0, 0, time.UTC)
	site := glabella.DeriveID[glabella.SiteID]("main street")
	doctor := access.Staff{ID: glabella.DeriveID[glabella.StaffID]("doctor"), Roles: []access.Role{access.Physician}}
	patient := glabella.DeriveID[glabella.PatientID]("jo")
	facts := access.Facts{Rules: policy.MustCompile(), Actor: glabella.StaffActor(doctor.ID, site), Staff: &doctor, Action: access.EncounterRead,
		Site: site, Jurisdiction: "US-TX", On: glabella.DateOf(now), Now: now, Patient: patient, Restricted: true}
	fmt.Println(access.Authorize(facts))

	opened := policy.Emergency.Open(access.BreakGlass{ID: glabella.DeriveID[glabella.BreakGlassID]("first"), Patient: patient, By: doctor.ID, Reason: "vascular-occlusion"}, now)
	facts.Emergency = opened.Emergency()
	fmt.Println(access.Authorize(facts))

	facts.Now = now.Add(time.Hour)
	fmt.Println(access.Authorize(facts))

	_, err := opened.Review(doctor.ID, access.FindingAppropriate, facts.Now)
	fmt.Println(err)
	reviewed, err := opened.Review(glabella.DeriveID[glabella.StaffID]("director"), access.FindingAppropriate, facts.Now)
	fmt.Println(reviewed.State, reviewed.Finding, err)
	// Output:
	// deny: access.rule.denied
	// warn: access.break-glass.in-use
	// deny: access.rule.denied, access.break-glass.void
	// refused: deny: access.break-glass.own-review
	// reviewed appropriate <nil>
}

// A practice lets its front desk see photographs of patients whose care they take
// part in. A decision that allows has no reasons: Explain names the rule.
func ExampleRule() {
	policy := access.DefaultPolicy()
	policy.Rules = append(policy.Rules, access.Rule{
		ID: "desk-photographs", Effect: access.EffectPermit, Source: "practice policy 12",
		Roles: []access.Role{access.FrontDesk}, Actions: []access.Action{access.PhotoRead},
		When: []access.Condition{{Kind: access.ConditionRelationship}},
	})
	desk := access.Staff{ID: glabella.DeriveID[glabella.StaffID]("desk"), Roles: []access.Role{access.FrontDesk}}
	facts := access.Facts{Rules: policy.MustCompile(), Actor: glabella.StaffActor(desk.ID, glabella.DeriveID[glabella.SiteID]("main street")), Staff: &desk,
		Action: access.PhotoRead, Patient: glabella.DeriveID[glabella.PatientID]("jo")}
	fmt.Println(access.Authorize(facts))

	facts.Relationship = true
	fmt.Println(access.Explain(facts))
	// Output:
	// deny: access.rule.condition
	// allow desk-photographs
}

// Before a practice puts another policy in force, it looks at what would change,
// in cases that it made up or took from its journal.
func ExampleSimulate() {
	now := time.Date(2026, time.November, 23, 16, 0, 0, 0, time.UTC)
	nurse := access.Staff{ID: glabella.DeriveID[glabella.StaffID]("nurse"), Roles: []access.Role{access.NurseInjector}}
	var cases []access.Facts
	for _, action := range []access.Action{access.PatientRead, access.NoteSign, access.EncounterChart} {
		cases = append(cases, access.Facts{Actor: glabella.StaffActor(nurse.ID, glabella.SiteID{}), Staff: &nurse, Action: action, On: glabella.DateOf(now), Now: now})
	}
	for _, d := range access.Simulate(access.DefaultPolicy().MustCompile(), access.StrictPolicy().MustCompile(), cases) {
		fmt.Printf("%s: %v, then %v\n", cases[d.Index].Action, d.Old, d.New)
	}
	// Output:
	// note.sign: allow, then deny: access.auth.level, access.auth.stale
}
