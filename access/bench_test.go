package access_test

import (
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
)

// staffed is a policy of sixty rules and facts about a member of staff with three
// credentials and six trainings that it allows.
func staffed(tb testing.TB) access.Facts {
	tb.Helper()
	p := access.Policy{Grants: map[access.Role][]access.Action{}, Actions: map[access.Action]access.Requirement{}}
	roles := []access.Role{access.Owner, access.MedicalDirector, access.Physician, access.NP, access.NurseInjector}
	for i, a := range access.Actions()[:60] {
		p.Grants[roles[i%len(roles)]] = append(p.Grants[roles[i%len(roles)]], a)
	}
	p.Grants[access.NurseInjector] = append(p.Grants[access.NurseInjector], access.VialOpen)
	p.Actions[access.VialOpen] = access.Requirement{Credentials: []string{"MD", "DO", "NP", "PA", "RN"}, Trainings: []string{"neurotoxin"}}
	s := injector()
	s.Roles = []access.Role{access.FrontDesk, access.NurseInjector}
	s.Credentials = []access.Credential{
		{Kind: "BLS", Number: "1", Jurisdiction: "US", ValidFrom: day("2020-01-01")},
		{Kind: "LE", Number: "2", Jurisdiction: "US-TX", ValidFrom: day("2020-01-01")},
		{Kind: "RN", Number: "3", Jurisdiction: "US-TX", ValidFrom: day("2020-01-01"), ValidTo: day("2026-12-31")},
	}
	s.Trainings = nil
	for _, course := range []string{"privacy", "laser-safety", "dermal-filler", "microneedling", "chemical-peel", "neurotoxin"} {
		s.Trainings = append(s.Trainings, access.Training{Course: course, Completed: day("2025-02-01"), ValidTo: day("2027-02-01")})
	}
	return access.Facts{Rules: p.MustCompile(), Actor: glabella.StaffActor(nurse, main), Staff: &s, Action: access.VialOpen,
		Site: main, Jurisdiction: "US-TX", On: day("2026-11-23"), Now: noon, Patient: jo}
}

func BenchmarkAuthorize(b *testing.B) {
	f := staffed(b)
	if d := access.Authorize(f); !d.Allowed() {
		b.Fatal(d)
	}
	b.ReportAllocs()
	for b.Loop() {
		access.Authorize(f)
	}
}

func TestAuthorizeAllocatesNothing(t *testing.T) {
	ruled := reading()
	ruled.Restricted, ruled.Relationship = true, true
	for name, f := range map[string]access.Facts{"by a grant": staffed(t), "by a grant and a rule that does not deny it": ruled} {
		if n := testing.AllocsPerRun(100, func() {
			if d := access.Authorize(f); !d.Allowed() {
				t.Fatal(d)
			}
		}); n != 0 {
			t.Errorf("a decision allowed %s allocates %v times, want never", name, n)
		}
	}
}
