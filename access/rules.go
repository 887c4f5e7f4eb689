package access

import (
	"maps"
	"slices"
)

// Rules are a [Policy] made ready to decide by: what each action takes is found
// in one step. They are a copy and do not change, serve concurrent use, and are
// meant to be made once for each policy. The zero Rules permit nothing.
type Rules struct{ c *compiled }

// compiled is what rules are made of.
type compiled struct {
	policy     Policy
	actions    []ruling // by the place of the action; the first is of what is no action
	treatments map[string]*demands
	sights     []sight // by the place of the role
}

// ruling is what the policy says of one action.
type ruling struct {
	granted roleSet
	demands demands
	rules   []*applied
}

// roleSet is a set of roles, one bit each.
type roleSet uint32

// setOf returns the roles as a set, without those that do not exist.
func setOf(roles ...Role) roleSet {
	var out roleSet
	for _, r := range roles {
		out |= 1 << r.place() >> 1
	}
	return out
}

// none is the ruling of the zero Rules: it is granted to nobody.
var none ruling

// Compile returns the rules of the policy, or what is wrong with it.
func (p Policy) Compile() (Rules, error) {
	if err := p.Validate(); err != nil {
		return Rules{}, err
	}
	p = p.clone()
	c := &compiled{policy: p, actions: make([]ruling, 1+len(Actions())), treatments: map[string]*demands{}, sights: make([]sight, 1+len(Roles()))}
	for _, a := range Actions() {
		c.actions[a.place()].demands = p.Actions[a].compile()
	}
	for role, actions := range p.Grants {
		for _, a := range actions {
			c.actions[a.place()].granted |= setOf(role)
		}
	}
	for _, r := range p.Rules {
		rule, about := r.compile(), r.Actions
		if len(about) == 0 {
			about = Actions()
		}
		for i, a := range about {
			if !slices.Contains(about[:i], a) {
				c.actions[a.place()].rules = append(c.actions[a.place()].rules, rule)
			}
		}
	}
	for code, r := range p.Treatments {
		d := r.compile()
		c.treatments[code] = &d
	}
	for role, v := range p.Views {
		c.sights[role.place()] = sight{ClassSet(v.Read...), ClassSet(v.Write...)}
	}
	return Rules{c}, nil
}

// MustCompile is like [Policy.Compile] and panics on a policy that is not valid.
// It is for policies that are written in a program, and for tests.
func (p Policy) MustCompile() Rules {
	r, err := p.Compile()
	if err != nil {
		panic(err)
	}
	return r
}

// Policy returns the policy that the rules were made of.
func (r Rules) Policy() Policy {
	if r.c == nil {
		return Policy{}
	}
	return r.c.policy.clone()
}

// May reports whether one of the roles is granted the action, whatever else is
// demanded of who does it. Rules with conditions are not asked.
func (r Rules) May(roles []Role, a Action) bool {
	return r.ruling(a).granted&setOf(roles...) != 0
}

// ruling returns what the rules say of an action.
func (r Rules) ruling(a Action) *ruling {
	if r.c == nil {
		return &none
	}
	return &r.c.actions[a.place()]
}

// AsksRestricted reports whether a rule on the action asks for the restriction of
// the patient's record.
func (r Rules) AsksRestricted(a Action) bool {
	return r.asks(a, func(rule *applied) bool { return rule.asks(ConditionRestricted) })
}

// AsksRelationship reports whether a rule on the action depends on the care
// relationship, where the patient's record is restricted or not.
func (r Rules) AsksRelationship(a Action, restricted bool) bool {
	return r.asks(a, func(rule *applied) bool {
		return rule.asks(ConditionRelationship) && !slices.ContainsFunc(rule.When, func(c Condition) bool { return c.Kind == ConditionRestricted && restricted == c.Not })
	})
}

// KeepsApart reports whether the action is kept from who did what went before.
func (r Rules) KeepsApart(a Action) bool { return r.ruling(a).demands.Distinct }

func (r Rules) asks(a Action, rule func(*applied) bool) bool {
	return slices.ContainsFunc(r.ruling(a).rules, rule)
}

// treatment returns what the rules demand of who performs a treatment, and nil
// if they say nothing of it.
func (r Rules) treatment(code string) *demands {
	if r.c == nil {
		return nil
	}
	return r.c.treatments[code]
}

// clone returns a copy that shares nothing with p. What is nil stays nil.
func (p Policy) clone() Policy {
	p.Grants = maps.Clone(p.Grants)
	for role, actions := range p.Grants {
		p.Grants[role] = slices.Clone(actions)
	}
	p.Actions, p.Treatments = maps.Clone(p.Actions), maps.Clone(p.Treatments)
	for a, r := range p.Actions {
		p.Actions[a] = r.clone()
	}
	for code, r := range p.Treatments {
		p.Treatments[code] = r.clone()
	}
	p.Rules = slices.Clone(p.Rules)
	for i, r := range p.Rules {
		p.Rules[i] = r.clone()
	}
	p.Views = maps.Clone(p.Views)
	for role, v := range p.Views {
		p.Views[role] = Sight{slices.Clone(v.Read), slices.Clone(v.Write)}
	}
	return p
}

func (r Requirement) clone() Requirement {
	r.Credentials, r.Trainings = slices.Clone(r.Credentials), slices.Clone(r.Trainings)
	return r
}
