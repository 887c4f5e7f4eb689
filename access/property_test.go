package access_test

import (
	"math/rand"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
)

// reference decides as the policy reads, one sentence after the other, and
// returns the codes of what speaks against it, sorted.
func reference(p access.Policy, f access.Facts) []glabella.Code {
	out := []glabella.Code{}
	add := func(wrong bool, code glabella.Code) {
		if wrong {
			out = append(out, code)
		}
	}
	demands := p.Actions[f.Action]
	add(f.Actor.Validate() != nil, access.CodeActor)
	add(!slices.Contains(access.Actions(), f.Action), access.CodeAction)
	var roles []access.Role
	var held access.Staff
	asked := true
	switch f.Actor.Kind {
	case glabella.ActorStaff:
		if f.Staff == nil || !strings.EqualFold(f.Staff.ID.String(), f.Actor.ID) {
			out, asked = append(out, access.CodeStaffUnknown), false
			break
		}
		held, roles = *f.Staff, f.Staff.Roles
		add(!held.TerminatedOn.IsZero() && (f.On.IsZero() || !f.On.Before(held.TerminatedOn)), access.CodeTerminated)
		add(len(held.Sites) > 0 && !slices.Contains(held.Sites, f.Site), access.CodeSite)
	case glabella.ActorPatient:
		roles = []access.Role{access.Patient}
		add(f.Patient.IsZero() || f.Patient.String() != f.Actor.ID, access.CodeNotOwn)
	case glabella.ActorSystem:
		roles = []access.Role{access.System}
	}
	if asked && len(demands.Credentials) > 0 {
		worst := access.CodeLicenceMissing
		for _, c := range held.Credentials {
			within := c.Jurisdiction != "" && (c.Jurisdiction == f.Jurisdiction || strings.HasPrefix(f.Jurisdiction, c.Jurisdiction+"-"))
			switch {
			case !slices.Contains(demands.Credentials, c.Kind) || worst == "":
			case within && !f.On.Before(c.ValidFrom) && (c.ValidTo.IsZero() || !f.On.After(c.ValidTo)):
				worst = ""
			case within:
				worst = access.CodeLicenceExpired
			case worst == access.CodeLicenceMissing:
				worst = access.CodeLicenceJurisdiction
			}
		}
		add(worst != "", worst)
	}
	for _, course := range demands.Trainings {
		done, current := false, false
		for _, t := range held.Trainings {
			if t.Course == course && !t.Completed.After(f.On) {
				done = true
				current = current || t.ValidTo.IsZero() || !f.On.After(t.ValidTo)
			}
		}
		add(asked && !done, access.CodeTrainingMissing)
		add(asked && done && !current, access.CodeTrainingExpired)
	}
	out = append(out, referenceRules(p, f, roles)...)
	add(asked && f.Actor.Kind == glabella.ActorStaff && demands.Distinct && slices.Contains(f.DoneBy, held.ID), access.CodeSamePerson)
	add(f.Actor.Auth.Level < demands.MinLevel, access.CodeAuthLevel)
	since := f.Now.Sub(f.Actor.Auth.At)
	add(demands.MaxAuthAge > 0 && (f.Actor.Auth.At.IsZero() || since > demands.MaxAuthAge || since < -time.Minute), access.CodeAuthStale)
	slices.Sort(out)
	return out
}

// referenceRules decides as the grants and the rules of the policy read.
func referenceRules(p access.Policy, f access.Facts, roles []access.Role) []glabella.Code {
	granted := false
	for _, r := range roles {
		granted = granted || slices.Contains(p.Grants[r], f.Action)
	}
	holds := func(c access.Condition, relationship, restricted bool) bool {
		since := f.Now.Sub(f.Actor.Auth.At)
		lately := !f.Actor.Auth.At.IsZero() && since <= c.MaxAuthAge && since >= -time.Minute
		return c.Not != map[access.ConditionKind]bool{
			access.ConditionRelationship: relationship,
			access.ConditionRestricted:   restricted,
			access.ConditionOwnRecord:    f.Actor.Kind == glabella.ActorPatient && f.Patient == jo && f.Actor.ID == jo.String(),
			access.ConditionPurpose:      slices.Contains(c.Purposes, f.Actor.Purpose),
			access.ConditionStepUp:       f.Actor.Auth.Level >= c.MinLevel && (c.MaxAuthAge == 0 || lately),
		}[c.Kind]
	}
	decide := func(relationship, restricted bool) []glabella.Code {
		var against, near []glabella.Code
		permitted := granted
		for _, rule := range p.Rules {
			about := len(rule.Actions) == 0 && slices.Contains(access.Actions(), f.Action) || slices.Contains(rule.Actions, f.Action)
			whom := len(rule.Roles) == 0 && len(roles) > 0 || slices.ContainsFunc(roles, func(r access.Role) bool { return slices.Contains(rule.Roles, r) })
			all := !slices.ContainsFunc(rule.When, func(c access.Condition) bool { return !holds(c, relationship, restricted) })
			switch {
			case !about || !whom:
			case rule.Effect == access.EffectDeny && all:
				against = append(against, access.CodeRule)
			case rule.Effect == access.EffectPermit && all:
				permitted = true
			case rule.Effect == access.EffectPermit:
				near = append(near, access.CodeCondition)
			}
		}
		switch {
		case permitted:
			return against
		case len(near) > 0:
			return append(against, near...)
		}
		return append(against, access.CodeRole)
	}
	out := decide(f.Relationship, f.Restricted)
	if e := f.Emergency; len(out) > 0 && e != nil && len(decide(true, false)) == 0 {
		reading := slices.Contains([]access.Action{access.PatientRead, access.EncounterRead, access.PhotoRead, access.TreatmentScreen, access.InvoiceRead}, f.Action)
		theirs := f.Actor.Kind == glabella.ActorStaff && e.By == nurse && f.Patient == jo && e.Patient == jo
		if reading && theirs && e.Reason != "" && !e.At.After(f.Now) && e.Until.After(f.Now) && !e.Until.After(e.At.Add(p.Emergency.Length)) {
			return []glabella.Code{access.CodeBreakGlass}
		}
		return append(out, access.CodeBreakGlassVoid)
	}
	return out
}

// pick returns one of the choices by chance.
func pick[T any](r *rand.Rand, choices ...T) T { return choices[r.Intn(len(choices))] }

// some returns a few of the choices, each by chance.
func some[T any](r *rand.Rand, choices ...T) []T {
	var out []T
	for _, c := range choices {
		if r.Intn(2) == 0 {
			out = append(out, c)
		}
	}
	return out
}

var (
	somewhere = []glabella.SiteID{main, id[glabella.SiteID]("elsewhere")}
	kinds     = []string{"MD", "RN", "LE", "PA", "certified nurse", "registered nurse"}
	courses   = []string{"neurotoxin", "dermal-filler", "laser"}
	someRoles = []access.Role{access.Owner, access.NP, access.NurseInjector, access.FrontDesk, access.Patient, access.System}
	someActs  = []access.Action{access.VialOpen, access.NoteSign, access.PatientRead, access.EncounterRead, access.PatientExport}
)

func randomPolicy(r *rand.Rand) access.Policy {
	p := access.Policy{Grants: map[access.Role][]access.Action{}, Actions: map[access.Action]access.Requirement{}}
	for _, role := range someRoles {
		p.Grants[role] = some(r, someActs...)
	}
	for _, a := range some(r, someActs...) {
		p.Actions[a] = access.Requirement{Credentials: some(r, kinds...), Trainings: some(r, courses[0]), MinLevel: r.Intn(3), MaxAuthAge: pick(r, 0, 15*time.Minute), Distinct: r.Intn(2) == 0}
	}
	for i := range r.Intn(5) {
		rule := access.Rule{ID: strconv.Itoa(i), Effect: pick(r, access.Effects()...), Roles: some(r, someRoles...), Actions: some(r, someActs...)}
		about := some(r, access.ConditionKinds()...)
		if r.Intn(2) == 0 {
			about = []access.ConditionKind{pick(r, access.ConditionRelationship, access.ConditionRestricted)}
		}
		for _, kind := range about {
			c := access.Condition{Kind: kind, Not: r.Intn(2) == 0}
			switch kind {
			case access.ConditionPurpose:
				c.Purposes = []glabella.Purpose{pick(r, glabella.PurposePayment, glabella.PurposeTreatment), glabella.PurposeEmergency}
			case access.ConditionStepUp:
				c.MinLevel, c.MaxAuthAge = 1+r.Intn(2), pick(r, 0, 15*time.Minute)
			}
			rule.When = append(rule.When, c)
		}
		p.Rules = append(p.Rules, rule)
	}
	p.Emergency = access.EmergencyTerms{Length: pick(r, time.Hour, time.Hour, time.Hour, 0), ReviewWithin: time.Hour}
	return p
}

func randomDay(r *rand.Rand) glabella.Date { return day("2026-11-23").AddDays(r.Intn(5) - 2) }

func randomFacts(r *rand.Rand) access.Facts {
	s := access.Staff{ID: nurse, Name: "Nora Example", Roles: some(r, someRoles[:4]...), Sites: some(r, somewhere...)}
	for _, kind := range some(r, kinds...) {
		s.Credentials = append(s.Credentials, access.Credential{Kind: kind, Number: "1", Jurisdiction: pick(r, "US", "US-TX", "US-T", "US-CA"), ValidFrom: randomDay(r), ValidTo: pick(r, glabella.Date{}, day("2026-11-24"))})
	}
	for _, course := range some(r, courses...) {
		s.Trainings = append(s.Trainings, access.Training{Course: course, Completed: randomDay(r), ValidTo: pick(r, glabella.Date{}, day("2026-11-24"))})
	}
	if r.Intn(8) == 0 {
		s.TerminatedOn = randomDay(r)
	}
	f := access.Facts{Actor: glabella.StaffActor(nurse, main), Staff: &s, Action: pick(r, append([]access.Action{"note.sing", access.StockRead}, someActs...)...),
		Site: pick(r, somewhere...), Jurisdiction: pick(r, "US-TX", "US-TX", "US-CA", ""), On: randomDay(r), Now: noon, Patient: pick(r, jo, glabella.PatientID{})}
	f.Relationship, f.Restricted, f.DoneBy = r.Intn(3) == 0, r.Intn(2) == 0, some(r, nurse)
	if r.Intn(3) > 0 {
		e := access.Emergency{Grant: id[glabella.BreakGlassID]("grant"), Patient: jo, By: nurse, Reason: "reaction", At: noon.Add(-time.Hour + 1), Until: noon.Add(1)}
		switch r.Intn(12) {
		case 0:
			e.Patient = pick(r, glabella.PatientID{}, id[glabella.PatientID]("other"))
		case 1:
			e.By = id[glabella.StaffID]("other")
		case 2:
			e.Reason = ""
		case 3:
			e.At, e.Until = e.At.Add(-1), e.Until.Add(-1)
		case 4:
			e.At, e.Until = noon.Add(1), noon.Add(time.Minute)
		case 5:
			e.Until = e.Until.Add(1)
		case 6:
			e.At = noon
		}
		f.Emergency, f.Patient = &e, pick(r, jo, jo, jo, f.Patient)
	}
	f.Actor.Auth = glabella.Authentication{Level: r.Intn(3), At: pick(r, noon, noon.Add(-time.Hour), noon.Add(time.Hour), time.Time{})}
	if r.Intn(2) == 0 { // nothing is wrong with the actor, so that the rules decide
		s.Sites, s.TerminatedOn, s.Credentials, s.Trainings = nil, glabella.Date{}, nil, []access.Training{{Course: courses[0], Completed: day("2026-01-01")}}
		for _, kind := range kinds {
			s.Credentials = append(s.Credentials, access.Credential{Kind: kind, Number: "1", Jurisdiction: "US", ValidFrom: day("2026-01-01")})
		}
		f.Jurisdiction, f.Action, f.Actor.Auth, f.DoneBy = "US-TX", pick(r, someActs...), glabella.Authentication{Level: 2, At: noon}, nil
		if f.Emergency != nil {
			f.Action = pick(r, access.PatientRead, access.EncounterRead, f.Action)
		}
	}
	switch r.Intn(16) {
	case 0:
		f.Staff = nil
	case 1:
		f.Actor = glabella.StaffActor(id[glabella.StaffID]("other"), main)
	case 2:
		f.Actor.ID = strings.ToUpper(f.Actor.ID)
	case 3:
		f.Actor.Kind, f.Actor.ID = glabella.ActorPatient, jo.String()
	case 4:
		f.Actor.Kind = glabella.ActorSystem
	case 5:
		f.Actor.Purpose = pick(r, "", glabella.PurposePayment)
	case 6:
		f.Actor.ID = "nobody"
	case 7:
		f.Actor.Kind = "robot"
	}
	return f
}

// The compiled rules decide as the policy reads.
func TestRulesDecideAsThePolicyReads(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(1))
	outcomes := map[glabella.Outcome]int{}
	seen := map[glabella.Code]int{}
	for range 30_000 {
		p, f := randomPolicy(r), randomFacts(r)
		f.Rules = p.MustCompile()
		d := access.Authorize(f)
		got := d.Codes()
		slices.Sort(got)
		want := reference(p, f)
		outcome := glabella.Deny
		switch {
		case len(want) == 0:
			outcome = glabella.Allow
		case len(want) == 1 && want[0] == access.CodeBreakGlass:
			outcome = glabella.Warn
		}
		if !slices.Equal(want, got) || d.Outcome != outcome {
			t.Fatalf("%v, want %s, for %+v under %+v (-want +got):\n%s", d, outcome, f, p, cmp.Diff(want, got))
		}
		outcomes[d.Outcome]++
		for _, code := range want {
			seen[code]++
		}
	}
	for _, o := range glabella.Outcomes() {
		if outcomes[o] < 60 {
			t.Errorf("%d of the random cases are %s, too few to tell", outcomes[o], o)
		}
	}
	for _, code := range []glabella.Code{access.CodeRule, access.CodeCondition, access.CodeRole, access.CodeBreakGlassVoid, access.CodeSamePerson} {
		if seen[code] < 60 {
			t.Errorf("%s is among the reasons of %d random cases, too few to tell", code, seen[code])
		}
	}
}

func TestRulesAreACopy(t *testing.T) {
	t.Parallel()
	p := access.DefaultPolicy()
	rules := p.MustCompile()
	p.Grants[access.Marketer] = []access.Action{access.PatientRead}
	p.Grants[access.FrontDesk][0] = access.AuditRead
	p.Actions[access.VialOpen].Credentials[0] = "LE"
	p.Treatments["botulinum-toxin"].Trainings[0] = "none"
	p.Rules[0].Roles[0], p.Rules[0].Actions[0], p.Rules[0].When[0].Not, p.Rules[0].ID = access.System, access.NoteSign, true, "other"
	if diff := cmp.Diff(access.DefaultPolicy(), rules.Policy()); diff != "" {
		t.Errorf("a change to the policy changes its rules (-want +got):\n%s", diff)
	}
	handed := rules.Policy()
	handed.Grants[access.Marketer] = []access.Action{access.PatientRead}
	if rules.May([]access.Role{access.Marketer}, access.PatientRead) || len(rules.Policy().Grants[access.Marketer]) > 0 {
		t.Error("a change to what the rules hand out changes them")
	}
}

func TestRulesOfAPolicyThatIsNotValid(t *testing.T) {
	t.Parallel()
	rules, err := access.Policy{Grants: map[access.Role][]access.Action{"nurse": {access.NoteSign}}}.Compile()
	if err == nil || rules.May(access.Roles(), access.NoteSign) {
		t.Errorf("Compile = %v, %v, want an error and rules that permit nothing", rules, err)
	}
	defer func() {
		if recover() == nil {
			t.Error("MustCompile of a policy that is not valid does not panic")
		}
	}()
	access.Policy{Treatments: map[string]access.Requirement{"": {}}}.MustCompile()
}

func TestTheZeroRulesPermitNothing(t *testing.T) {
	t.Parallel()
	f := staffed(t)
	f.Rules = access.Rules{}
	if d := access.Authorize(f); !d.Has(access.CodeRole) || d.Permits() {
		t.Errorf("Authorize under no rules = %v", d)
	}
	d := access.AuthorizeTreatment(access.TreatmentFacts{Performer: injector(), Treatment: "botulinum-toxin", Site: main, Jurisdiction: "US-TX", On: day("2026-11-23")})
	if !d.Has(access.CodeTreatmentUnlisted) {
		t.Errorf("AuthorizeTreatment under no rules = %v", d)
	}
	if diff := cmp.Diff(access.Policy{}, access.Rules{}.Policy()); diff != "" {
		t.Errorf("the policy of no rules (-want +got):\n%s", diff)
	}
}

// An identity is one whether it is written in small letters or in capitals; what
// only looks like it is another.
func TestAnActorIsRecognisedByTheirIdentity(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(2))
	for range 2_000 {
		f := staffed(t)
		for i := range f.Staff.ID {
			f.Staff.ID[i] = byte(r.Intn(256))
		}
		text := f.Staff.ID.String()
		f.Actor.ID = pick(r, text, strings.ToUpper(text))
		if d := access.Authorize(f); !d.Allowed() {
			t.Fatalf("actor %s, staff %s: %v", f.Actor.ID, text, d)
		}
		at := r.Intn(len(text))
		changed := []byte(text)
		changed[at] ^= byte(1 + r.Intn(127))
		f.Actor.ID = string(changed)
		if d := access.Authorize(f); d.Allowed() && !strings.EqualFold(f.Actor.ID, text) {
			t.Fatalf("actor %q passes for staff %s", f.Actor.ID, text)
		}
	}
}
