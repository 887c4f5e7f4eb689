package inventory

import (
	"slices"

	"github.com/glabella-ehr/glabella"
)

// MovementShape is one combination that a movement of a kind may have: whether it
// is about an opened container, and the signs of the two changes.
type MovementShape struct {
	Vial       bool
	Quantity   int // −1, 0 or +1
	Containers int // −1, 0 or +1
}

// Need says whether a movement has a field.
type Need string

// The needs.
const (
	NeedNever  Need = "never"
	NeedMay    Need = "may"
	NeedAlways Need = "always"
)

// Needs returns every need.
func Needs() []Need { return []Need{NeedNever, NeedMay, NeedAlways} }

// Valid reports whether n is one of [Needs].
func (n Need) Valid() bool { return slices.Contains(Needs(), n) }

// MovementRule says what a kind of movement demands. A reversal has the opposite
// signs and always a reason.
type MovementRule struct {
	Kind     MovementKind
	Shapes   []MovementShape
	Reason   Need
	Patient  Need
	Transfer Need
	Origin   Need
	Cost     Need // what came in may say what it cost
}

// MovementRules returns what every kind of movement demands.
func MovementRules() []MovementRule {
	in, out := MovementShape{Quantity: 1, Containers: 1}, MovementShape{Quantity: -1, Containers: -1}
	part := MovementShape{Vial: true, Quantity: -1}
	rules := []MovementRule{
		{Kind: MovementReceive, Shapes: []MovementShape{in}, Cost: NeedMay},
		{Kind: MovementOpen, Shapes: []MovementShape{{Vial: true, Containers: -1}}},
		{Kind: MovementAdminister, Shapes: []MovementShape{part}, Patient: NeedAlways},
		{Kind: MovementWaste, Shapes: []MovementShape{part, out}, Reason: NeedAlways, Transfer: NeedMay},
		{Kind: MovementAdjust, Shapes: []MovementShape{in, out, part}, Reason: NeedAlways, Transfer: NeedMay, Cost: NeedMay},
		{Kind: MovementReturn, Shapes: []MovementShape{out}, Reason: NeedAlways},
		{Kind: MovementTransferOut, Shapes: []MovementShape{out}, Transfer: NeedAlways},
		{Kind: MovementTransferIn, Shapes: []MovementShape{in}, Transfer: NeedAlways},
		{Kind: MovementDispense, Shapes: []MovementShape{out}, Patient: NeedAlways},
		{Kind: MovementSell, Shapes: []MovementShape{out}},
		{Kind: MovementConsume, Shapes: []MovementShape{out}},
		{Kind: MovementRestock, Shapes: []MovementShape{in}, Reason: NeedAlways, Origin: NeedAlways},
		{Kind: MovementHold, Shapes: []MovementShape{out}, Reason: NeedAlways},
		{Kind: MovementRelease, Shapes: []MovementShape{in}, Reason: NeedAlways},
	}
	for i := range rules {
		r := &rules[i]
		for _, n := range []*Need{&r.Transfer, &r.Origin, &r.Cost} {
			if *n == "" {
				*n = NeedNever
			}
		}
		for _, n := range []*Need{&r.Reason, &r.Patient} {
			if *n == "" {
				*n = NeedMay
			}
		}
	}
	return rules
}

var movementRules = MovementRules()

// ruleOf returns the rule of a kind, and the zero rule of one that is not known.
func ruleOf(k MovementKind) MovementRule {
	i := slices.IndexFunc(movementRules, func(r MovementRule) bool { return r.Kind == k })
	if i < 0 {
		return MovementRule{}
	}
	return movementRules[i]
}

func sign(n int) int { return min(max(n, -1), 1) }

// issues returns what the rule has against the movement; the zero rule has
// nothing.
func (r MovementRule) issues(m Movement) []glabella.Issue {
	var out []glabella.Issue
	add := func(path string, code glabella.Code, text string) {
		out = append(out, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if r.Kind == "" {
		return nil
	}
	q, n, vial := m.Quantity.Sign(), sign(m.Containers), !m.Vial.IsZero()
	if !m.Reverses.IsZero() {
		q, n = -q, -n
	}
	may := func(vial bool) bool {
		return slices.ContainsFunc(r.Shapes, func(s MovementShape) bool { return s.Vial == vial })
	}
	// A kind that is never about an opened container, or never without one, says so,
	// and its signs are judged by what it should have been.
	if !may(vial) {
		vial = !vial
		text := "the movement is about an opened container"
		if !vial {
			text = "the movement is about unopened containers"
		}
		add("/vial", CodeMovementVial, text)
	}
	if !slices.Contains(r.Shapes, MovementShape{Vial: vial, Quantity: q, Containers: n}) || m.Kind == MovementOpen && m.Containers != -1 && m.Containers != 1 {
		add("/quantity", CodeMovementSign, "the quantity and the containers do not fit the kind of movement")
	}
	need := func(n Need, present bool, path, missing string) {
		switch {
		case n == NeedAlways && !present:
			add(path, glabella.CodeRequired, missing)
		case n == NeedNever && present:
			add(path, CodeMovementField, "the kind of movement has none")
		}
	}
	reason := r.Reason
	if !m.Reverses.IsZero() {
		reason = NeedAlways
	}
	need(reason, m.Reason != "", "/reason", "the movement has a reason")
	need(r.Patient, !m.Patient.IsZero(), "/patient", "what is given is given to a patient")
	need(r.Transfer, !m.Transfer.IsZero(), "/transfer", "the movement belongs to a transfer")
	need(r.Origin, !m.Origin.IsZero(), "/origin", "what comes back comes from a sale")
	need(r.Cost, m.Cost != nil, "/cost", "")
	switch {
	case m.Cost == nil:
	case m.Cost.Sign() < 0:
		add("/cost", glabella.CodeOutOfRange, "a cost is not negative")
	case m.Cost.Currency() == "":
		add("/cost", glabella.CodeRequired, "a cost has a currency")
	}
	return out
}
