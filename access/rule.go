package access

import (
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
)

// Effect is what a rule does where it applies.
type Effect string

// The effects. A rule that denies beats every grant and every rule that permits.
const (
	EffectPermit Effect = "permit"
	EffectDeny   Effect = "deny"
)

// Effects returns every effect.
func Effects() []Effect { return []Effect{EffectPermit, EffectDeny} }

// Valid reports whether e is one of [Effects].
func (e Effect) Valid() bool { return slices.Contains(Effects(), e) }

// Rule permits or denies actions to roles where all of its conditions hold.
type Rule struct {
	ID      string      `json:"id"` // a code of the practice's own, which decisions name
	Effect  Effect      `json:"effect"`
	Roles   []Role      `json:"roles"`   // whom it is about; empty is everyone
	Actions []Action    `json:"actions"` // what it is about; empty is every action
	When    []Condition `json:"when"`    // all of which must hold; empty is always
	Source  string      `json:"source,omitempty"`
}

// ConditionKind is what a condition asks.
type ConditionKind string

// The kinds of condition.
const (
	ConditionRelationship ConditionKind = "relationship" // the actor takes part in the patient's care
	ConditionRestricted   ConditionKind = "restricted"   // the patient's record is restricted
	ConditionOwnRecord    ConditionKind = "own-record"   // the actor is the patient
	ConditionPurpose      ConditionKind = "purpose"      // the actor's purpose of use is one of those given
	ConditionStepUp       ConditionKind = "step-up"      // the actor proved who they are strongly and lately enough
)

// ConditionKinds returns every kind of condition.
func ConditionKinds() []ConditionKind {
	return []ConditionKind{ConditionRelationship, ConditionRestricted, ConditionOwnRecord, ConditionPurpose, ConditionStepUp}
}

// Valid reports whether k is one of [ConditionKinds].
func (k ConditionKind) Valid() bool { return slices.Contains(ConditionKinds(), k) }

// Condition is one condition of a rule.
type Condition struct {
	Kind       ConditionKind      `json:"kind"`
	Not        bool               `json:"not,omitempty"`        // it holds where it otherwise would not
	Purposes   []glabella.Purpose `json:"purposes"`             // of a condition on the purpose
	MinLevel   int                `json:"minLevel,omitempty"`   // of a step-up: the least level, see [Requirement]
	MaxAuthAge time.Duration      `json:"maxAuthAge,omitempty"` // of a step-up: the longest age, see [Requirement]
}

// holds reports whether the condition holds. In an emergency the actor counts as
// one who takes part in the care, and the record as one that is not restricted.
func (c *Condition) holds(f *Facts, emergency bool) bool {
	var is bool
	switch c.Kind {
	case ConditionRelationship:
		is = f.Relationship || emergency
	case ConditionRestricted:
		is = f.Restricted && !emergency
	case ConditionOwnRecord:
		is = f.own()
	case ConditionPurpose:
		is = slices.Contains(c.Purposes, f.Actor.Purpose)
	case ConditionStepUp:
		is = f.Actor.Auth.Level >= c.MinLevel && (c.MaxAuthAge == 0 || fresh(&f.Actor.Auth, c.MaxAuthAge, f.Now))
	}
	return is != c.Not
}

// name returns the kind, led by "not-" where the condition is turned round.
func (c *Condition) name() string {
	if c.Not {
		return "not-" + string(c.Kind)
	}
	return string(c.Kind)
}

// remedy returns what would make the condition hold or not hold, and nothing where
// that is not in the actor's hands.
func (c *Condition) remedy(hold bool) string {
	switch is := hold != c.Not; {
	case c.Kind == ConditionRelationship && is:
		return "have someone do it who takes part in the patient's care, or open the record for an emergency"
	case c.Kind == ConditionRestricted && !is:
		return "open the record for an emergency"
	case c.Kind == ConditionStepUp && is:
		return "authenticate again, as strongly as the rule demands"
	}
	return ""
}

// applied is a rule made ready to be asked.
type applied struct {
	Rule
	roles roleSet
}

// asks reports whether the rule has a condition of the kind.
func (r *applied) asks(kind ConditionKind) bool {
	return slices.ContainsFunc(r.When, func(c Condition) bool { return c.Kind == kind })
}

// lacks returns the first condition that does not hold, and nil if all do.
func (r *applied) lacks(f *Facts, emergency bool) *Condition {
	for i := range r.When {
		if c := &r.When[i]; !c.holds(f, emergency) {
			return c
		}
	}
	return nil
}

// remedy returns what would keep the rule from denying the action.
func (r *applied) remedy() string {
	for i := range r.When {
		if fix := r.When[i].remedy(false); fix != "" {
			return fix
		}
	}
	return "have someone do it whom the rule does not keep from it, or change the policy"
}

// weigh returns the first rule that permits the action and the first that denies
// it to those in the roles.
func (f *Facts) weigh(r *ruling, roles roleSet, emergency bool) (permits, denies *applied) {
	for _, rule := range r.rules {
		if rule.roles&roles == 0 || rule.lacks(f, emergency) != nil {
			continue
		}
		switch {
		case rule.Effect == EffectDeny && denies == nil:
			denies = rule
		case rule.Effect == EffectPermit && permits == nil:
			permits = rule
		}
	}
	return permits, denies
}

// compile returns the rule made ready. No role is every role.
func (r Rule) compile() *applied {
	a := &applied{Rule: r, roles: setOf(r.Roles...)}
	if len(r.Roles) == 0 {
		a.roles = setOf(Roles()...)
	}
	return a
}

func (r Rule) clone() Rule {
	r.Roles, r.Actions, r.When = slices.Clone(r.Roles), slices.Clone(r.Actions), slices.Clone(r.When)
	for i := range r.When {
		r.When[i].Purposes = slices.Clone(r.When[i].Purposes)
	}
	return r
}

// ruleIssues returns what is wrong with the rules of a policy.
func (p Policy) ruleIssues() []glabella.Issue {
	var issues []glabella.Issue
	add := func(code glabella.Code, text, format string, args ...any) {
		issues = append(issues, glabella.Issue{Path: fmt.Sprintf(format, args...), Code: code, Text: text})
	}
	seen := map[string]bool{}
	for i, r := range p.Rules {
		switch {
		case r.ID == "":
			add(glabella.CodeRequired, "a rule has a code", "/rules/%d/id", i)
		case seen[r.ID]:
			add(glabella.CodeDuplicate, "another rule has the code", "/rules/%d/id", i)
		}
		seen[r.ID] = true
		if !r.Effect.Valid() {
			add(glabella.CodeUnknownValue, "not an effect", "/rules/%d/effect", i)
		}
		for j, role := range r.Roles {
			if !role.Valid() {
				add(glabella.CodeUnknownValue, "not a role", "/rules/%d/roles/%d", i, j)
			}
		}
		for j, a := range r.Actions {
			if !a.Valid() {
				add(glabella.CodeUnknownValue, "not an action", "/rules/%d/actions/%d", i, j)
			}
		}
		for j, c := range r.When {
			for _, issue := range c.issues() {
				add(issue.Code, issue.Text, "/rules/%d/when/%d%s", i, j, issue.Path)
			}
		}
	}
	return issues
}

// issues returns what is wrong with the condition.
func (c Condition) issues() []glabella.Issue {
	var issues []glabella.Issue
	add := func(wrong bool, code glabella.Code, path, text string) {
		if wrong {
			issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
		}
	}
	add(!c.Kind.Valid(), glabella.CodeUnknownValue, "/kind", "not a kind of condition")
	purpose, stepUp := c.Kind == ConditionPurpose, c.Kind == ConditionStepUp
	add(purpose && len(c.Purposes) == 0, glabella.CodeRequired, "/purposes", "the condition names purposes")
	add(!purpose && len(c.Purposes) > 0, glabella.CodeMismatch, "/purposes", "the condition is not on the purpose")
	for i, p := range c.Purposes {
		add(!p.Valid(), glabella.CodeUnknownValue, fmt.Sprintf("/purposes/%d", i), "not a purpose of use")
	}
	add(c.MinLevel < 0 || c.MinLevel > 3, glabella.CodeOutOfRange, "/minLevel", "an assurance level is 1 to 3")
	add(c.MaxAuthAge < 0, glabella.CodeOutOfRange, "/maxAuthAge", "an age is not negative")
	add(stepUp && c.MinLevel == 0 && c.MaxAuthAge == 0, glabella.CodeRequired, "/minLevel", "the condition names a level or an age")
	add(!stepUp && (c.MinLevel != 0 || c.MaxAuthAge != 0), glabella.CodeMismatch, "/minLevel", "the condition is not a step-up")
	return issues
}
