package access_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
)

// reading is a nurse who would read the record of Jo under the default policy
// with more rules.
func reading(rules ...access.Rule) access.Facts {
	s := injector()
	p := access.DefaultPolicy()
	p.Rules = append(p.Rules, rules...)
	return access.Facts{Rules: p.MustCompile(), Actor: glabella.StaffActor(nurse, main), Staff: &s, Action: access.PatientRead,
		Site: main, Jurisdiction: "US-TX", On: day("2026-11-23"), Now: noon, Patient: jo}
}

func TestRules(t *testing.T) {
	t.Parallel()
	type facts = access.Facts
	rule := func(e access.Effect, when ...access.Condition) access.Rule {
		return access.Rule{ID: "ours", Effect: e, Roles: []access.Role{access.NurseInjector}, Actions: []access.Action{access.PatientRead, access.AuditRead}, When: when}
	}
	marketing := access.Condition{Kind: access.ConditionPurpose, Purposes: []glabella.Purpose{glabella.PurposeMarketing, glabella.PurposeResearch}}
	stepUp := access.Condition{Kind: access.ConditionStepUp, MinLevel: 2, MaxAuthAge: 15 * time.Minute}
	notStepUp := stepUp
	notStepUp.Not = true
	audit := func(f *facts) { f.Action = access.AuditRead }
	for _, tt := range []struct {
		name   string
		rules  []access.Rule
		change func(f *facts)
		want   []glabella.Code
		rule   string
	}{
		{"no rule applies", nil, func(*facts) {}, nil, ""},
		{"a restricted record is closed", nil, func(f *facts) { f.Restricted = true }, []glabella.Code{access.CodeRule}, "restricted-record"},
		{"and open to those who take part in the care", nil, func(f *facts) { f.Restricted, f.Relationship = true, true }, nil, ""},
		{"a rule that denies beats the grant", []access.Rule{rule(access.EffectDeny)}, func(*facts) {}, []glabella.Code{access.CodeRule}, "ours"},
		{"a rule that denies beats a rule that permits", []access.Rule{rule(access.EffectPermit), {ID: "never", Effect: access.EffectDeny}}, audit, []glabella.Code{access.CodeRule}, "never"},
		{"a rule about everyone and everything", []access.Rule{{ID: "closed", Effect: access.EffectDeny}}, func(*facts) {}, []glabella.Code{access.CodeRule}, "closed"},
		{"a rule about another action", []access.Rule{rule(access.EffectDeny)}, func(f *facts) { f.Action = access.EncounterRead }, nil, ""},
		{"a rule about another role", []access.Rule{rule(access.EffectDeny)}, func(f *facts) { f.Staff.Roles = []access.Role{access.NP} }, nil, ""},
		{"a rule permits what no grant does", []access.Rule{rule(access.EffectPermit)}, audit, nil, "ours"},
		{"a rule permits what a grant does too", []access.Rule{rule(access.EffectPermit)}, func(*facts) {}, nil, ""},
		{"the first rule that permits is named", []access.Rule{rule(access.EffectPermit, stepUp), {ID: "second", Effect: access.EffectPermit}, {ID: "third", Effect: access.EffectPermit}}, audit, nil, "second"},
		{"a rule permits under a condition that is not met", []access.Rule{rule(access.EffectPermit, stepUp)}, audit, []glabella.Code{access.CodeCondition}, ""},
		{"and that is met", []access.Rule{rule(access.EffectPermit, stepUp)}, func(f *facts) {
			f.Action, f.Actor.Auth = access.AuditRead, glabella.Authentication{Level: 2, At: noon.Add(-15 * time.Minute)}
		}, nil, "ours"},
		{"a proof of identity that is too old", []access.Rule{rule(access.EffectPermit, stepUp)}, func(f *facts) {
			f.Action, f.Actor.Auth = access.AuditRead, glabella.Authentication{Level: 2, At: noon.Add(-15*time.Minute - 1)}
		}, []glabella.Code{access.CodeCondition}, ""},
		{"a rule denies without a step-up", []access.Rule{rule(access.EffectDeny, notStepUp)}, func(*facts) {}, []glabella.Code{access.CodeRule}, "ours"},
		{"a rule denies for a purpose", []access.Rule{rule(access.EffectDeny, marketing)}, func(f *facts) { f.Actor.Purpose = glabella.PurposeResearch }, []glabella.Code{access.CodeRule}, "ours"},
		{"and not for another", []access.Rule{rule(access.EffectDeny, marketing)}, func(*facts) {}, nil, ""},
		{"all conditions of a rule have to hold", []access.Rule{rule(access.EffectDeny, marketing, notStepUp)}, func(*facts) {}, nil, ""},
		{"every rule that denies is a reason", []access.Rule{rule(access.EffectDeny)}, func(f *facts) { f.Restricted = true }, []glabella.Code{access.CodeRule, access.CodeRule}, "restricted-record"},
		{"no rule is named where something else speaks against it", []access.Rule{rule(access.EffectPermit)}, func(f *facts) { f.Action, f.Site = access.AuditRead, glabella.SiteID{} }, []glabella.Code{access.CodeSite}, ""},
		{"a rule does not settle a training", []access.Rule{{ID: "any", Effect: access.EffectPermit}}, func(f *facts) { f.Action, f.Staff.Credentials = access.VialOpen, nil }, []glabella.Code{access.CodeLicenceMissing}, ""},
		{"a rule permits nothing to a stranger", []access.Rule{{ID: "any", Effect: access.EffectPermit}}, func(f *facts) { f.Staff = nil }, []glabella.Code{access.CodeStaffUnknown, access.CodeRole}, ""},
		{"a rule permits no action that does not exist", []access.Rule{{ID: "any", Effect: access.EffectPermit}}, func(f *facts) { f.Action = "patient.raed" }, []glabella.Code{access.CodeAction, access.CodeRole}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := reading(tt.rules...)
			tt.change(&f)
			d, rule := access.Explain(f)
			compare(t, d, tt.want)
			if rule != tt.rule {
				t.Errorf("Explain names the rule %q, want %q", rule, tt.rule)
			}
			if diff := cmp.Diff(access.Authorize(f), d); diff != "" {
				t.Errorf("Explain decides otherwise than Authorize (-Authorize +Explain):\n%s", diff)
			}
		})
	}
}

// A patient's own record is theirs whatever the rules on staff say.
func TestRulesOnTheOwnRecord(t *testing.T) {
	t.Parallel()
	own := access.Rule{ID: "own", Effect: access.EffectPermit, Roles: []access.Role{access.Patient}, Actions: []access.Action{access.InvoiceRead}, When: []access.Condition{{Kind: access.ConditionOwnRecord}}}
	p := access.DefaultPolicy()
	p.Rules = append(p.Rules, own)
	f := access.Facts{Rules: p.MustCompile(), Actor: glabella.Actor{Kind: glabella.ActorPatient, ID: jo.String(), Purpose: glabella.PurposePatient}, Action: access.InvoiceRead, On: day("2026-11-23"), Now: noon, Patient: jo, Restricted: true}
	d, rule := access.Explain(f)
	compare(t, d, nil)
	if rule != "own" {
		t.Errorf("Explain names the rule %q, want own", rule)
	}
	f.Patient = id[glabella.PatientID]("other")
	compare(t, access.Authorize(f), []glabella.Code{access.CodeNotOwn, access.CodeCondition})
}

// A denial by a rule names the rule, its source and what would settle it.
func TestReasonsOfRules(t *testing.T) {
	t.Parallel()
	f := reading(
		access.Rule{ID: "office-only", Effect: access.EffectDeny, When: []access.Condition{{Kind: access.ConditionStepUp, Not: true, MinLevel: 2}}, Source: "practice policy 7"},
		access.Rule{ID: "no-research", Effect: access.EffectDeny, When: []access.Condition{{Kind: access.ConditionPurpose, Not: true, Purposes: []glabella.Purpose{glabella.PurposeResearch}}}},
	)
	f.Restricted = true
	var got []string
	for _, r := range access.Authorize(f).Reasons {
		got = append(got, fmt.Sprintf("%s %s %s: %s; %s", r.Code, r.Args["action"], r.Args["rule"], r.Fix, r.Source))
		if diff := cmp.Diff([]glabella.Ref{nurse.Ref()}, r.Refs); diff != "" {
			t.Errorf("references (-want +got):\n%s", diff)
		}
	}
	want := []string{
		"access.rule.denied patient.read restricted-record: open the record for an emergency; practice policy; common practice",
		"access.rule.denied patient.read office-only: authenticate again, as strongly as the rule demands; practice policy 7",
		"access.rule.denied patient.read no-research: have someone do it whom the rule does not keep from it, or change the policy; ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}

	f = reading(access.Rule{ID: "carers", Effect: access.EffectPermit, Actions: []access.Action{access.AuditRead}, When: []access.Condition{{Kind: access.ConditionRelationship}}},
		access.Rule{ID: "payers", Effect: access.EffectPermit, Actions: []access.Action{access.AuditRead}, When: []access.Condition{{Kind: access.ConditionPurpose, Not: true, Purposes: []glabella.Purpose{glabella.PurposeTreatment}}}})
	f.Action, got = access.AuditRead, nil
	for _, r := range access.Authorize(f).Reasons {
		got = append(got, fmt.Sprintf("%s %s %s: %s", r.Code, r.Args["rule"], r.Args["condition"], r.Fix))
	}
	want = []string{
		"access.rule.condition carers relationship: have someone do it who takes part in the patient's care, or open the record for an emergency",
		"access.rule.condition payers not-purpose: have someone do it for whom the condition holds",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}

func TestDutiesAreKeptApart(t *testing.T) {
	t.Parallel()
	f := reading()
	p := access.DefaultPolicy()
	p.Actions[access.PatientRead] = access.Requirement{Distinct: true, Source: "two-person rule"}
	other := id[glabella.StaffID]("other")
	for _, tt := range []struct {
		name   string
		rules  access.Rules
		doneBy []glabella.StaffID
		want   []glabella.Code
	}{
		{"another person does it", p.MustCompile(), []glabella.StaffID{other}, nil},
		{"nobody did anything before", p.MustCompile(), nil, nil},
		{"the same person", p.MustCompile(), []glabella.StaffID{other, nurse}, []glabella.Code{access.CodeSamePerson}},
		{"the same person where it is not demanded", f.Rules, []glabella.StaffID{nurse}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := f
			f.Rules, f.DoneBy = tt.rules, tt.doneBy
			d := access.Authorize(f)
			compare(t, d, tt.want)
			if len(tt.want) > 0 && d.Reasons[0].Source != "two-person rule" {
				t.Errorf("source = %q", d.Reasons[0].Source)
			}
		})
	}
}

func TestPolicyValidateReportsItsRules(t *testing.T) {
	t.Parallel()
	when := []access.Condition{
		{Kind: "mood"},
		{Kind: access.ConditionPurpose},
		{Kind: access.ConditionPurpose, Purposes: []glabella.Purpose{glabella.PurposeTreatment, "FUN"}},
		{Kind: access.ConditionStepUp},
		{Kind: access.ConditionStepUp, MinLevel: 4, MaxAuthAge: -1},
		{Kind: access.ConditionRestricted, MinLevel: 1, Purposes: []glabella.Purpose{glabella.PurposeTreatment}},
		{Kind: access.ConditionStepUp, MaxAuthAge: time.Minute},
	}
	p := access.Policy{
		Rules: []access.Rule{
			{ID: "a", Effect: access.EffectPermit, Roles: []access.Role{access.NP, "nurse"}, Actions: []access.Action{"note.sing"}, When: when},
			{ID: "a", Effect: access.EffectDeny},
			{Effect: "allow"},
		},
		Emergency: access.EmergencyTerms{Length: -1, ReviewWithin: -1},
	}
	got := map[string]glabella.Code{}
	var invalid *glabella.ValidationError
	if !errors.As(p.Validate(), &invalid) {
		t.Fatal("the policy is valid, want issues")
	}
	for _, i := range invalid.Issues {
		got[i.Path] = i.Code
	}
	want := map[string]glabella.Code{
		"/rules/0/roles/1":           glabella.CodeUnknownValue,
		"/rules/0/actions/0":         glabella.CodeUnknownValue,
		"/rules/0/when/0/kind":       glabella.CodeUnknownValue,
		"/rules/0/when/1/purposes":   glabella.CodeRequired,
		"/rules/0/when/2/purposes/1": glabella.CodeUnknownValue,
		"/rules/0/when/3/minLevel":   glabella.CodeRequired,
		"/rules/0/when/4/minLevel":   glabella.CodeOutOfRange,
		"/rules/0/when/4/maxAuthAge": glabella.CodeOutOfRange,
		"/rules/0/when/5/minLevel":   glabella.CodeMismatch,
		"/rules/0/when/5/purposes":   glabella.CodeMismatch,
		"/rules/1/id":                glabella.CodeDuplicate,
		"/rules/2/id":                glabella.CodeRequired,
		"/rules/2/effect":            glabella.CodeUnknownValue,
		"/emergency/length":          glabella.CodeOutOfRange,
		"/emergency/reviewWithin":    glabella.CodeOutOfRange,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("issues (-want +got):\n%s", diff)
	}
	unreviewed := access.Policy{Emergency: access.EmergencyTerms{Length: time.Hour}}
	if !errors.As(unreviewed.Validate(), &invalid) || invalid.Issues[0].Path != "/emergency/reviewWithin" {
		t.Errorf("emergencies without a review: %v", unreviewed.Validate())
	}
}

// What the strict policy adds to the default one: a second factor for what cannot
// be taken back, and two persons where one would check themselves.
func TestStrictPolicy(t *testing.T) {
	t.Parallel()
	rules := access.StrictPolicy().MustCompile()
	s := injector()
	s.Roles = []access.Role{access.MedicalDirector, access.Biller, access.Owner}
	ask := func(a access.Action, auth glabella.Authentication, doneBy ...glabella.StaffID) glabella.Decision {
		actor := glabella.StaffActor(nurse, main)
		actor.Auth = auth
		return access.Authorize(access.Facts{Rules: rules, Actor: actor, Staff: &s, Action: a, Site: main, Jurisdiction: "US-TX", On: day("2026-11-23"), Now: noon, DoneBy: doneBy})
	}
	strong := glabella.Authentication{Level: 2, At: noon.Add(-15 * time.Minute)}
	for _, a := range []access.Action{access.NoteSign, access.NoteAmend, access.InvoiceCorrect, access.PatientExport, access.EmergencyOpen} {
		compare(t, ask(a, glabella.Authentication{Level: 1, At: noon}), []glabella.Code{access.CodeAuthLevel})
		compare(t, ask(a, glabella.Authentication{Level: 2, At: noon.Add(-16 * time.Minute)}), []glabella.Code{access.CodeAuthStale})
		compare(t, ask(a, strong), nil)
	}
	for _, a := range []access.Action{access.NoteCosign, access.NoteReview, access.StockApprove, access.EmergencyReview} {
		compare(t, ask(a, strong, nurse), []glabella.Code{access.CodeSamePerson})
	}
	compare(t, ask(access.PatientRead, glabella.Authentication{}), nil)
	for _, r := range access.DefaultPolicy().Actions {
		if r.MinLevel != 0 || r.MaxAuthAge != 0 || r.Distinct {
			t.Errorf("the default policy demands %+v, which a host may not be able to ask for", r)
		}
	}
	for _, a := range access.Actions() {
		if !rules.May(access.Roles(), a) {
			t.Errorf("nobody may do %s", a)
		}
	}
}
