package glabella

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Code is the stable name of a reason, an issue or an event, such as
// "consent.expired". Codes are public: they are never reused for another
// meaning. Every Code constant of this module has a translation in package i18n
// and a row in docs/RULES.md; a test compares them.
type Code string

// Outcome is the answer of a rule. Only [Allow] and [Warn] let an action
// proceed, and Warn only once its reasons are acknowledged.
type Outcome string

// The outcomes, from the strongest. The zero Outcome counts as Deny, so that a
// rule that says nothing permits nothing.
const (
	Deny  Outcome = "deny"
	Warn  Outcome = "warn"
	Allow Outcome = "allow"
)

// Outcomes returns every outcome, from the strongest.
func Outcomes() []Outcome { return []Outcome{Deny, Warn, Allow} }

// Valid reports whether o is one of [Outcomes].
func (o Outcome) Valid() bool { return slices.Contains(Outcomes(), o) }

func (o Outcome) rank() int {
	switch o {
	case Allow:
		return 0
	case Warn:
		return 1
	default:
		return 2
	}
}

// Reason says why a rule denies or warns. Text is English for engineers and
// holds no personal data; a host shows users the translation of Code, into which
// Args are substituted.
type Reason struct {
	Outcome Outcome           `json:"outcome"`
	Code    Code              `json:"code"`
	Text    string            `json:"text"`
	Args    map[string]string `json:"args,omitempty"` // values for the translation: codes, dates and amounts
	Refs    []Ref             `json:"refs,omitempty"` // the records that the reason is about
	Fix     string            `json:"fix,omitempty"`  // what would make the rule pass
	Source  string            `json:"source,omitempty"`
}

// Denied returns a reason that denies.
func Denied(code Code, text string) Reason { return Reason{Outcome: Deny, Code: code, Text: text} }

// Warned returns a reason that warns.
func Warned(code Code, text string) Reason { return Reason{Outcome: Warn, Code: code, Text: text} }

// For returns the reason with references added; zero references are dropped.
func (r Reason) For(refs ...Ref) Reason {
	r.Refs = slices.Clone(r.Refs)
	for _, ref := range refs {
		if !ref.IsZero() {
			r.Refs = append(r.Refs, ref)
		}
	}
	return r
}

// With returns the reason with one more argument for its translation.
func (r Reason) With(key, value string) Reason {
	args := maps.Clone(r.Args)
	if args == nil {
		args = map[string]string{}
	}
	args[key] = value
	r.Args = args
	return r
}

// WithFix returns the reason with what would make the rule pass.
func (r Reason) WithFix(fix string) Reason {
	r.Fix = fix
	return r
}

// CitedFrom returns the reason with the source of its rule: a label section, a
// paragraph of law, a standard, or the clinic's own policy.
func (r Reason) CitedFrom(source string) Reason {
	r.Source = source
	return r
}

// Decision is what a rule, or several rules together, answer. The zero Decision
// denies.
type Decision struct {
	Outcome Outcome  `json:"outcome"`
	Reasons []Reason `json:"reasons,omitempty"`
}

// Decide returns the decision that the reasons amount to: denied if one of them
// denies, else a warning if one warns, else allowed. Reasons stay in order,
// those that deny before those that warn.
func Decide(reasons ...Reason) Decision {
	d := Decision{Outcome: Allow, Reasons: slices.Clone(reasons)}
	slices.SortStableFunc(d.Reasons, func(a, b Reason) int { return cmp.Compare(b.Outcome.rank(), a.Outcome.rank()) })
	if len(d.Reasons) > 0 {
		d.Outcome = d.Reasons[0].Outcome
	}
	if !d.Outcome.Valid() {
		d.Outcome = Deny
	}
	return d
}

// Join returns the decision of all of ds together: deny beats warn beats allow,
// and every reason is kept. A zero decision among them denies. Joining nothing
// denies.
func Join(ds ...Decision) Decision {
	if len(ds) == 0 {
		return Decision{Outcome: Deny}
	}
	var reasons []Reason
	strongest := Allow
	for _, d := range ds {
		reasons = append(reasons, d.Reasons...)
		if d.Outcome.rank() > strongest.rank() {
			strongest = d.Outcome
		}
	}
	out := Decide(reasons...)
	switch {
	case strongest.rank() <= out.Outcome.rank():
	case strongest == Warn:
		out.Outcome = Warn
	default:
		out.Outcome = Deny
	}
	return out
}

// Allowed reports whether nothing denies and nothing warns.
func (d Decision) Allowed() bool { return d.Outcome == Allow }

// Permits reports whether the action may proceed once every warning whose code
// is in acknowledged counts as settled. A denial cannot be acknowledged.
func (d Decision) Permits(acknowledged ...Code) bool {
	if d.Outcome == Allow {
		return true
	}
	return d.Outcome == Warn && len(d.Unacknowledged(acknowledged...)) == 0
}

// Unacknowledged returns the codes of the warnings that are not in acknowledged.
func (d Decision) Unacknowledged(acknowledged ...Code) []Code {
	var out []Code
	for _, r := range d.Reasons {
		if r.Outcome == Warn && !slices.Contains(acknowledged, r.Code) && !slices.Contains(out, r.Code) {
			out = append(out, r.Code)
		}
	}
	return out
}

// Codes returns the codes of all reasons, in order.
func (d Decision) Codes() []Code {
	out := make([]Code, len(d.Reasons))
	for i, r := range d.Reasons {
		out[i] = r.Code
	}
	return out
}

// Has reports whether one of the reasons has the code.
func (d Decision) Has(code Code) bool { return slices.Contains(d.Codes(), code) }

// String returns the outcome and the codes, such as "deny: consent.missing".
func (d Decision) String() string {
	o := d.Outcome
	if o == "" {
		o = Deny
	}
	if len(d.Reasons) == 0 {
		return string(o)
	}
	codes := make([]string, len(d.Reasons))
	for i, r := range d.Reasons {
		codes[i] = string(r.Code)
	}
	return string(o) + ": " + strings.Join(codes, ", ")
}
