package access_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
)

func id[I glabella.Identity](name string) I { return glabella.DeriveID[I](name) }

func day(s string) glabella.Date { return glabella.MustParseDate(s) }

var (
	noon  = time.Date(2026, time.November, 23, 18, 0, 0, 0, time.UTC)
	main  = id[glabella.SiteID]("main street")
	nurse = id[glabella.StaffID]("nurse")
	jo    = id[glabella.PatientID]("patient")
)

// injector is a nurse with everything that the default policy demands.
func injector() access.Staff {
	return access.Staff{
		ID: nurse, Name: "Nora Example", Roles: []access.Role{access.NurseInjector}, Sites: []glabella.SiteID{main},
		Credentials: []access.Credential{{Kind: "RN", Number: "TX-0001", Jurisdiction: "US-TX", ValidFrom: day("2020-01-01"), ValidTo: day("2026-12-31")}},
		Trainings: []access.Training{
			{Course: "neurotoxin", Completed: day("2025-02-01"), ValidTo: day("2027-02-01")},
			{Course: "dermal-filler", Completed: day("2025-02-01")},
		},
	}
}

func TestAuthorizeStaff(t *testing.T) {
	t.Parallel()
	type facts = access.Facts
	for _, tt := range []struct {
		name   string
		change func(f *facts, s *access.Staff)
		want   []glabella.Code
	}{
		{"what is granted and met is allowed", func(*facts, *access.Staff) {}, nil},
		{"an actor without a purpose", func(f *facts, _ *access.Staff) { f.Actor.Purpose = "" }, []glabella.Code{access.CodeActor}},
		{"an action that does not exist", func(f *facts, _ *access.Staff) { f.Action = "encounter.compleet" }, []glabella.Code{access.CodeAction, access.CodeRole}},
		{"a staff identity without a record", func(f *facts, _ *access.Staff) { f.Staff = nil }, []glabella.Code{access.CodeStaffUnknown, access.CodeRole}},
		{"the record of someone else", func(_ *facts, s *access.Staff) { s.ID = id[glabella.StaffID]("other") }, []glabella.Code{access.CodeStaffUnknown, access.CodeRole}},
		{"the last day of work", func(_ *facts, s *access.Staff) { s.TerminatedOn = day("2026-11-24") }, nil},
		{"the day of leaving", func(_ *facts, s *access.Staff) { s.TerminatedOn = day("2026-11-23") }, []glabella.Code{access.CodeTerminated}},
		{"a day that is not known is held against the actor", func(f *facts, s *access.Staff) { f.On, s.TerminatedOn = glabella.Date{}, day("2026-11-24") }, []glabella.Code{access.CodeTerminated, access.CodeLicenceExpired}},
		{"a role without the action", func(_ *facts, s *access.Staff) { s.Roles = []access.Role{access.FrontDesk} }, []glabella.Code{access.CodeRole}},
		{"one role of two is enough", func(_ *facts, s *access.Staff) {
			s.Roles = []access.Role{access.FrontDesk, access.NurseInjector}
		}, nil},
		{"no role", func(_ *facts, s *access.Staff) { s.Roles = nil }, []glabella.Code{access.CodeRole}},
		{"another site", func(f *facts, _ *access.Staff) { f.Site = id[glabella.SiteID]("elsewhere") }, []glabella.Code{access.CodeSite}},
		{"no site", func(f *facts, _ *access.Staff) { f.Site = glabella.SiteID{} }, []glabella.Code{access.CodeSite}},
		{"someone who works at every site", func(f *facts, s *access.Staff) { f.Site, s.Sites = id[glabella.SiteID]("elsewhere"), nil }, nil},
		{"no licence", func(_ *facts, s *access.Staff) { s.Credentials = nil }, []glabella.Code{access.CodeLicenceMissing}},
		{"a licence of another kind", func(_ *facts, s *access.Staff) { s.Credentials[0].Kind = "LE" }, []glabella.Code{access.CodeLicenceMissing}},
		{"the last day of the licence", func(f *facts, _ *access.Staff) { f.On = day("2026-12-31") }, nil},
		{"the day after the last of the licence", func(f *facts, _ *access.Staff) { f.On = day("2027-01-01") }, []glabella.Code{access.CodeLicenceExpired}},
		{"a licence that is not yet valid", func(f *facts, _ *access.Staff) { f.On = day("2019-12-31") }, []glabella.Code{access.CodeLicenceExpired}},
		{"a licence of another state", func(f *facts, _ *access.Staff) { f.Jurisdiction = "US-CA" }, []glabella.Code{access.CodeLicenceJurisdiction}},
		{"no jurisdiction", func(f *facts, _ *access.Staff) { f.Jurisdiction = "" }, []glabella.Code{access.CodeLicenceJurisdiction}},
		{"a licence of the whole country", func(_ *facts, s *access.Staff) { s.Credentials[0].Jurisdiction = "US" }, nil},
		{"a licence of a state does not hold in the country", func(f *facts, _ *access.Staff) { f.Jurisdiction = "US" }, []glabella.Code{access.CodeLicenceJurisdiction}},
		{"codes that only begin alike are two jurisdictions", func(f *facts, s *access.Staff) {
			f.Jurisdiction, s.Credentials[0].Jurisdiction = "GB-ENG", "GB-EN"
		}, []glabella.Code{access.CodeLicenceJurisdiction}},
		{"a second licence that holds is enough", func(_ *facts, s *access.Staff) {
			s.Credentials[0].Jurisdiction = "US-CA"
			s.Credentials = append(s.Credentials, access.Credential{Kind: "NP", Number: "2", Jurisdiction: "US-TX", ValidFrom: day("2026-01-01")})
		}, nil},
		{"everything at once", func(f *facts, s *access.Staff) {
			f.Actor.Purpose, f.Site, s.Roles, s.Credentials, s.TerminatedOn = "", id[glabella.SiteID]("elsewhere"), nil, nil, day("2026-01-01")
		}, []glabella.Code{access.CodeActor, access.CodeTerminated, access.CodeSite, access.CodeLicenceMissing, access.CodeRole}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := injector()
			f := facts{Rules: access.DefaultPolicy().MustCompile(), Actor: glabella.StaffActor(nurse, main), Staff: &s, Action: access.VialOpen,
				Site: main, Jurisdiction: "US-TX", On: day("2026-11-23"), Now: noon, Patient: jo}
			tt.change(&f, &s)
			compare(t, access.Authorize(f), tt.want)
		})
	}
}

func compare(t *testing.T, got glabella.Decision, want []glabella.Code) {
	t.Helper()
	outcome := glabella.Allow
	if len(want) > 0 {
		outcome = glabella.Deny
	}
	if diff := cmp.Diff(append([]glabella.Code{}, want...), got.Codes()); diff != "" || got.Outcome != outcome {
		t.Errorf("decision = %v (-want +got):\n%s", got, diff)
	}
}

func TestAuthorizeAsksForAuthentication(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		auth glabella.Authentication
		want []glabella.Code
	}{
		{"strong and fresh", glabella.Authentication{Level: 2, At: noon.Add(-15 * time.Minute)}, nil},
		{"too weak", glabella.Authentication{Level: 1, At: noon}, []glabella.Code{access.CodeAuthLevel}},
		{"too old", glabella.Authentication{Level: 3, At: noon.Add(-15*time.Minute - 1)}, []glabella.Code{access.CodeAuthStale}},
		{"a clock that is a little ahead", glabella.Authentication{Level: 2, At: noon.Add(time.Minute)}, nil},
		{"from the future", glabella.Authentication{Level: 2, At: noon.Add(time.Hour)}, []glabella.Code{access.CodeAuthStale}},
		{"none", glabella.Authentication{}, []glabella.Code{access.CodeAuthLevel, access.CodeAuthStale}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := access.DefaultPolicy()
			p.Actions[access.NoteSign] = access.Requirement{MinLevel: 2, MaxAuthAge: 15 * time.Minute}
			s := injector()
			actor := glabella.StaffActor(nurse, main)
			actor.Auth = tt.auth
			compare(t, access.Authorize(access.Facts{Rules: p.MustCompile(), Actor: actor, Staff: &s, Action: access.NoteSign, Site: main, Jurisdiction: "US-TX", On: day("2026-11-23"), Now: noon}), tt.want)
		})
	}
}

func TestAuthorizePatientsAndPrograms(t *testing.T) {
	t.Parallel()
	patient := glabella.Actor{Kind: glabella.ActorPatient, ID: jo.String(), Purpose: glabella.PurposePatient}
	licensed := access.DefaultPolicy()
	licensed.Grants[access.System] = append(licensed.Grants[access.System], access.VialOpen)
	for _, tt := range []struct {
		name    string
		policy  access.Policy
		actor   glabella.Actor
		action  access.Action
		patient glabella.PatientID
		want    []glabella.Code
	}{
		{"a patient reads their own record", access.DefaultPolicy(), patient, access.PatientRead, jo, nil},
		{"a patient exports their own record", access.DefaultPolicy(), patient, access.PatientExport, jo, nil},
		{"a patient signs their own consent", access.DefaultPolicy(), patient, access.ConsentRecord, jo, nil},
		{"a patient does not read another's", access.DefaultPolicy(), patient, access.PatientRead, id[glabella.PatientID]("other"), []glabella.Code{access.CodeNotOwn}},
		{"a patient does not read nobody's", access.DefaultPolicy(), patient, access.PatientRead, glabella.PatientID{}, []glabella.Code{access.CodeNotOwn}},
		{"a patient does not sign notes", access.DefaultPolicy(), patient, access.NoteSign, jo, []glabella.Code{access.CodeRole}},
		{"a program sets up the practice", access.DefaultPolicy(), glabella.SystemActor("setup"), access.SetupPractice, glabella.PatientID{}, nil},
		{"a program does not read patients", access.DefaultPolicy(), glabella.SystemActor("import"), access.PatientRead, jo, []glabella.Code{access.CodeRole}},
		{"a program holds no licence", licensed, glabella.SystemActor("robot"), access.VialOpen, glabella.PatientID{}, []glabella.Code{access.CodeLicenceMissing}},
		{"an actor of no kind", access.DefaultPolicy(), glabella.Actor{ID: "x", Purpose: glabella.PurposeTreatment}, access.PatientRead, jo, []glabella.Code{access.CodeActor, access.CodeRole}},
		{"the zero policy grants nothing", access.Policy{}, glabella.SystemActor("setup"), access.SetupPractice, glabella.PatientID{}, []glabella.Code{access.CodeRole}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			compare(t, access.Authorize(access.Facts{Rules: tt.policy.MustCompile(), Actor: tt.actor, Action: tt.action, Jurisdiction: "US-TX", On: day("2026-11-23"), Now: noon, Patient: tt.patient}), tt.want)
		})
	}
}

// A staff record is no evidence for an actor of another kind.
func TestAuthorizeIgnoresStaffOfOtherKinds(t *testing.T) {
	t.Parallel()
	s := injector()
	f := access.Facts{Rules: access.DefaultPolicy().MustCompile(), Actor: glabella.SystemActor(nurse.String()), Staff: &s, Action: access.VialOpen, Site: main, Jurisdiction: "US-TX", On: day("2026-11-23"), Now: noon}
	compare(t, access.Authorize(f), []glabella.Code{access.CodeLicenceMissing, access.CodeRole})
}

func TestAuthorizeTreatment(t *testing.T) {
	t.Parallel()
	type facts = access.TreatmentFacts
	for _, tt := range []struct {
		name   string
		change func(f *facts)
		want   []glabella.Code
	}{
		{"licensed and trained", func(*facts) {}, nil},
		{"a training that does not run out", func(f *facts) { f.Treatment, f.On = "dermal-filler", day("2026-12-31") }, nil},
		{"a training that is missing", func(f *facts) { f.Performer.Trainings = nil }, []glabella.Code{access.CodeTrainingMissing}},
		{"a training in something else", func(f *facts) { f.Performer.Trainings = f.Performer.Trainings[1:] }, []glabella.Code{access.CodeTrainingMissing}},
		{"a training that is out of date", func(f *facts) { f.Performer.Trainings[0].ValidTo = day("2026-11-22") }, []glabella.Code{access.CodeTrainingExpired}},
		{"the last day of a training", func(f *facts) { f.Performer.Trainings[0].ValidTo = day("2026-11-23") }, nil},
		{"a training that is completed only later", func(f *facts) { f.Performer.Trainings[0].Completed = day("2026-11-24") }, []glabella.Code{access.CodeTrainingMissing}},
		{"a training that was renewed", func(f *facts) {
			f.Performer.Trainings = append([]access.Training{{Course: "neurotoxin", Completed: day("2020-01-01"), ValidTo: day("2022-01-01")}}, f.Performer.Trainings...)
		}, nil},
		{"licence and training at once", func(f *facts) { f.Jurisdiction, f.Performer.Trainings = "US-CA", nil }, []glabella.Code{access.CodeLicenceJurisdiction, access.CodeTrainingMissing}},
		{"someone who has left", func(f *facts) { f.Performer.TerminatedOn = day("2026-01-01") }, []glabella.Code{access.CodeTerminated}},
		{"someone of another site", func(f *facts) { f.Site = id[glabella.SiteID]("elsewhere") }, []glabella.Code{access.CodeSite}},
		{"a treatment of which the policy says nothing", func(f *facts) { f.Treatment = "fire-cupping" }, []glabella.Code{access.CodeTreatmentUnlisted}},
		{"nobody", func(f *facts) { f.Performer = access.Staff{} }, []glabella.Code{access.CodeLicenceMissing, access.CodeTrainingMissing}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := facts{Rules: access.DefaultPolicy().MustCompile(), Performer: injector(), Treatment: "botulinum-toxin", Site: main, Jurisdiction: "US-TX", On: day("2026-11-23")}
			tt.change(&f)
			compare(t, access.AuthorizeTreatment(f), tt.want)
		})
	}
}

// Every denial of the library names what it is about, and its arguments are codes
// and dates, never the name of a person or the number of a licence.
func TestReasonsHoldNoPersonalData(t *testing.T) {
	t.Parallel()
	s := injector()
	s.Trainings[0].ValidTo, s.Credentials[0].ValidTo, s.TerminatedOn, s.Roles = day("2026-01-01"), day("2026-01-01"), day("2026-11-01"), nil
	d := access.Authorize(access.Facts{Rules: access.DefaultPolicy().MustCompile(), Actor: glabella.StaffActor(nurse, main), Staff: &s, Action: access.VialOpen, Site: main, Jurisdiction: "US-TX", On: day("2026-11-23"), Now: noon})
	d = glabella.Join(d, access.AuthorizeTreatment(access.TreatmentFacts{Rules: access.DefaultPolicy().MustCompile(), Performer: s, Treatment: "botulinum-toxin", Site: main, Jurisdiction: "US-TX", On: day("2026-11-23")}))
	want := []glabella.Code{access.CodeTerminated, access.CodeLicenceExpired, access.CodeRole, access.CodeTerminated, access.CodeLicenceExpired, access.CodeTrainingExpired}
	if diff := cmp.Diff(want, d.Codes()); diff != "" {
		t.Fatalf("codes (-want +got):\n%s", diff)
	}
	args := map[glabella.Code]map[string]string{
		access.CodeTerminated:      {"since": "2026-11-01"},
		access.CodeLicenceExpired:  {"kind": "RN", "day": "2026-11-23", "kinds": "MD, DO, NP, PA, RN"},
		access.CodeRole:            {"action": "vial.open"},
		access.CodeTrainingExpired: {"course": "neurotoxin"},
	}
	for _, r := range d.Reasons {
		if diff := cmp.Diff(args[r.Code], r.Args); diff != "" {
			t.Errorf("%s: arguments (-want +got):\n%s", r.Code, diff)
		}
		if len(r.Refs) != 1 || r.Refs[0] != nurse.Ref() {
			t.Errorf("%s is about %v, want the member of staff", r.Code, r.Refs)
		}
	}
}
