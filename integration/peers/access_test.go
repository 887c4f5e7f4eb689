package peers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	"github.com/cedar-policy/cedar-go"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
)

// asker prepares the grants of the practice and the members of staff, each in one
// role and licensed as a nurse, and returns what asks whether one of them may do
// something.
//
// All three know the same roles and grants. Glabella and Cedar also ask for the
// licence, the training and the site; Glabella, which alone knows days and
// jurisdictions, for theirs too, and for who the actor is. Casbin's cache answers
// from what it was asked before, without a look at the rest.
type asker func(tb testing.TB, grants []grant, staff []access.Staff) func(who int, a access.Action) bool

// grant is one rule.
type grant struct {
	role   access.Role
	action access.Action
}

var askers = []struct {
	name    string
	prepare asker
}{
	{"glabella", glabellaAsker},
	{"cedar-go", cedarAsker},
	{"casbin cached", casbinAsker},
}

const (
	licence = "RN"
	course  = "neurotoxin"
)

// sixtyGrants are sixty rules, each an action for a role, and one member of staff
// for each role, with three credentials and six trainings.
func sixtyGrants() ([]grant, []access.Staff) {
	roles := []access.Role{access.NurseInjector, access.FrontDesk, access.Biller, access.NP, access.Physician, access.InventoryManager}
	var grants []grant
	for i := range 60 {
		grants = append(grants, grant{roles[i%len(roles)], access.Actions()[i*7%len(access.Actions())]})
	}
	since := glabella.MustParseDate("2024-01-01")
	site := glabella.DeriveID[glabella.SiteID]("main street")
	var staff []access.Staff
	for _, role := range roles {
		s := access.Staff{ID: glabella.DeriveID[glabella.StaffID](string(role)), Roles: []access.Role{role}, Sites: []glabella.SiteID{site}}
		for _, kind := range []string{"BLS", "LE", licence} {
			s.Credentials = append(s.Credentials, access.Credential{Kind: kind, Number: "1", Jurisdiction: "US-TX", ValidFrom: since})
		}
		for _, c := range []string{"privacy", "laser-safety", "dermal-filler", "microneedling", "chemical-peel", course} {
			s.Trainings = append(s.Trainings, access.Training{Course: c, Completed: since})
		}
		staff = append(staff, s)
	}
	return grants, staff
}

func glabellaAsker(tb testing.TB, grants []grant, staff []access.Staff) func(int, access.Action) bool {
	p := access.Policy{Grants: map[access.Role][]access.Action{}, Actions: map[access.Action]access.Requirement{}}
	for _, g := range grants {
		p.Grants[g.role] = append(p.Grants[g.role], g.action)
		p.Actions[g.action] = access.Requirement{Credentials: []string{licence}, Trainings: []string{course}}
	}
	rules, err := p.Compile()
	if err != nil {
		tb.Fatal(err)
	}
	now := time.Date(2026, time.November, 23, 18, 0, 0, 0, time.UTC)
	facts := make([]access.Facts, len(staff))
	for i := range staff {
		site := staff[i].Sites[0]
		facts[i] = access.Facts{Rules: rules, Actor: glabella.StaffActor(staff[i].ID, site), Staff: &staff[i], Site: site, Jurisdiction: "US-TX", On: glabella.DateOf(now), Now: now}
	}
	return func(who int, a access.Action) bool {
		facts[who].Action = a
		return access.Authorize(facts[who]).Allowed()
	}
}

func cedarAsker(tb testing.TB, grants []grant, staff []access.Staff) func(int, access.Action) bool {
	var text strings.Builder
	for _, g := range grants {
		fmt.Fprintf(&text, "permit (principal in Role::%q, action == Action::%q, resource) when { principal.licences.contains(%q) && principal.trainings.contains(%q) && principal.sites.contains(resource) };\n",
			g.role, g.action, licence, course)
	}
	policies, err := cedar.NewPolicySetFromBytes("grants.cedar", []byte(text.String()))
	if err != nil {
		tb.Fatal(err)
	}
	entities := cedar.EntityMap{}
	site := cedar.NewEntityUID("Site", "main street")
	requests := make([]cedar.Request, len(staff))
	for i, s := range staff {
		who := cedar.NewEntityUID("Staff", cedar.String(s.ID.String()))
		var licences, trainings []cedar.Value
		for _, c := range s.Credentials {
			licences = append(licences, cedar.String(c.Kind))
		}
		for _, t := range s.Trainings {
			trainings = append(trainings, cedar.String(t.Course))
		}
		entities[who] = cedar.Entity{UID: who, Parents: cedar.NewEntityUIDSet(cedar.NewEntityUID("Role", cedar.String(s.Roles[0]))),
			Attributes: cedar.NewRecord(cedar.RecordMap{"licences": cedar.NewSet(licences...), "trainings": cedar.NewSet(trainings...), "sites": cedar.NewSet(site)})}
		requests[i] = cedar.Request{Principal: who, Resource: site}
	}
	actions := map[access.Action]cedar.EntityUID{}
	for _, a := range access.Actions() {
		actions[a] = cedar.NewEntityUID("Action", cedar.String(a))
	}
	return func(who int, a access.Action) bool {
		req := requests[who]
		req.Action = actions[a]
		decision, _ := cedar.Authorize(policies, entities, req)
		return decision == cedar.Allow
	}
}

const casbinModel = `
[request_definition]
r = sub, act
[policy_definition]
p = sub, act
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = g(r.sub, p.sub) && r.act == p.act
`

func casbinAsker(tb testing.TB, grants []grant, staff []access.Staff) func(int, access.Action) bool {
	m, err := model.NewModelFromString(casbinModel)
	if err != nil {
		tb.Fatal(err)
	}
	e, err := casbin.NewCachedEnforcer(m)
	if err != nil {
		tb.Fatal(err)
	}
	for _, g := range grants {
		if _, err := e.AddPolicy(string(g.role), string(g.action)); err != nil {
			tb.Fatal(err)
		}
	}
	who := make([]string, len(staff))
	for i, s := range staff {
		who[i] = s.ID.String()
		if _, err := e.AddGroupingPolicy(who[i], string(s.Roles[0])); err != nil {
			tb.Fatal(err)
		}
	}
	return func(i int, a access.Action) bool {
		ok, err := e.Enforce(who[i], string(a))
		return ok && err == nil
	}
}

func TestAskersAgree(t *testing.T) {
	t.Parallel()
	grants, staff := sixtyGrants()
	for _, asker := range askers {
		may := asker.prepare(t, grants, staff)
		for who, s := range staff {
			for _, a := range access.Actions() {
				if got, want := may(who, a), slices.Contains(grants, grant{s.Roles[0], a}); got != want {
					t.Errorf("%s: %s, %s = %t, want %t", asker.name, s.Roles[0], a, got, want)
				}
			}
		}
	}
}

func BenchmarkAuthorize(b *testing.B) {
	grants, staff := sixtyGrants()
	for _, asker := range askers {
		b.Run(asker.name, func(b *testing.B) {
			may := asker.prepare(b, grants, staff)
			if !may(0, grants[0].action) {
				b.Fatal("denied")
			}
			b.ReportAllocs()
			for b.Loop() {
				may(0, grants[0].action)
			}
		})
	}
}
