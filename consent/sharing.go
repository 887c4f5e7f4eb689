package consent

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
)

// DirectiveState is where a directive stands.
type DirectiveState string

// The states of a directive.
const (
	DirectiveActive     DirectiveState = "active"
	DirectiveRevoked    DirectiveState = "revoked"
	DirectiveSuperseded DirectiveState = "superseded" // by a newer one of the same patient
)

// DirectiveMachine returns the state machine of a directive. A change of mind is
// a new directive.
func DirectiveMachine() state.Machine[DirectiveState] {
	return state.Machine[DirectiveState]{Name: "directive", Arrows: []state.Arrow[DirectiveState]{
		{From: DirectiveActive, Action: "revoke", To: DirectiveRevoked},
		{From: DirectiveActive, Action: "supersede", To: DirectiveSuperseded},
	}}
}

// DirectiveStates returns every state of a directive.
func DirectiveStates() []DirectiveState { return DirectiveMachine().States() }

// Valid reports whether s is one of [DirectiveStates].
func (s DirectiveState) Valid() bool { return slices.Contains(DirectiveStates(), s) }

// Directive is what a patient allows to be shared, in the shape of FHIR R4's
// Consent.provision: a base rule for what the root reaches, exceptions to it,
// exceptions to those, and so on. The innermost that reaches the data decides;
// where two exceptions at one level disagree, deny does. A directive says nothing
// of what its root does not reach.
//
// A practice that takes a directive keeps it (45 CFR 164.506(b)(1)). What a
// directive permits is not an authorization (164.506(b)(2)).
type Directive struct {
	ID glabella.DirectiveID `json:"id" validate:"required"`
	glabella.Meta
	Patient    glabella.PatientID   `json:"patient" validate:"required"`
	Base       Effect               `json:"base" validate:"oneof=permit deny"`
	Root       Provision            `json:"provision"`
	Consent    glabella.ConsentID   `json:"consent,omitzero"` // the signed form that it rests on
	Signature  *Signature           `json:"signature,omitempty"`
	State      DirectiveState       `json:"state" validate:"oneof=active revoked superseded"`
	SignedAt   time.Time            `json:"signedAt" validate:"required"` // it holds from then on
	EndedAt    time.Time            `json:"endedAt,omitzero"`             // when it was revoked or superseded
	Next       glabella.DirectiveID `json:"next,omitzero"`                // the directive that superseded it
	Provenance glabella.Provenance  `json:"provenance"`
}

// Ref returns the reference to the directive.
func (d Directive) Ref() glabella.Ref { return d.ID.Ref() }

// Validate reports everything that is wrong with the directive by itself.
func (d Directive) Validate() error {
	issues := check.Struct(d)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	issues = append(issues, d.Root.issues("/provision", "", d.Base, 0)...)
	if d.State.Valid() {
		if (d.State == DirectiveActive) != d.EndedAt.IsZero() {
			add("/endedAt", glabella.CodeMismatch, "a directive has an end exactly when it is not active")
		}
		if (d.State == DirectiveSuperseded) == d.Next.IsZero() {
			add("/next", glabella.CodeMismatch, "a directive has a successor exactly when it is superseded")
		}
	}
	if !d.EndedAt.IsZero() && d.EndedAt.Before(d.SignedAt) {
		add("/endedAt", CodeOrder, "ended before it was signed")
	}
	if s := d.Signature; s != nil && s.By.Valid() && s.By != SignerPatient && s.Authority == "" {
		add("/signature/authority", CodeAuthority, "someone who signs for the patient needs a document that lets them")
	}
	issues = append(issues, d.Provenance.Validate("/provenance")...)
	return glabella.Invalid("directive", issues...)
}

// Active reports whether the directive held at the instant t, as far as is known
// now.
func (d Directive) Active(t time.Time) bool { return d.active(t) }

func (d *Directive) active(t time.Time) bool {
	return !t.Before(d.SignedAt) && (d.EndedAt.IsZero() || t.Before(d.EndedAt))
}

// Revoke returns the directive revoked. One that has ended gives a
// [*glabella.TransitionError].
func (d Directive) Revoke(now time.Time) (Directive, error) { return d.end("revoke", now) }

// Supersede returns the directive superseded by another. One that has ended gives
// a [*glabella.TransitionError].
func (d Directive) Supersede(by glabella.DirectiveID, now time.Time) (Directive, error) {
	out, err := d.end("supersede", now)
	if err != nil {
		return d, err
	}
	out.Next = by
	return out, nil
}

func (d Directive) end(action string, now time.Time) (Directive, error) {
	next, err := DirectiveMachine().Next(d.State, action)
	if err != nil {
		return d, err
	}
	d.State, d.EndedAt = next, instant(now)
	return d, nil
}

// Ruling is what one directive makes of the data, and which of its provisions
// decides, as a FHIRPath such as provision.provision[1].
type Ruling struct {
	Directive glabella.DirectiveID `json:"directive"`
	Effect    Effect               `json:"effect"`
	Path      string               `json:"path"`
}

// Rule returns what the directive makes of the data. It reports false where the
// directive is silent: it is of another patient, did not hold at the instant of
// the facts, or its root does not reach the data.
func (d Directive) Rule(f ShareFacts) (Ruling, bool) {
	effect, path, ok := d.rule(&f)
	if !ok {
		return Ruling{}, false
	}
	return Ruling{Directive: d.ID, Effect: effect, Path: provisionPath(path)}, true
}

func (d *Directive) rule(f *ShareFacts) (Effect, []int, bool) {
	if d.Patient != f.Patient || !d.active(f.At) {
		return "", nil, false
	}
	return d.Root.rule(f, d.Base)
}

// Rulings returns what each directive of the facts that is not silent makes of
// the data, in their order. It explains [MayShare].
func Rulings(f ShareFacts) []Ruling {
	var out []Ruling
	for i := range f.Directives {
		if effect, path, ok := f.Directives[i].rule(&f); ok {
			out = append(out, Ruling{Directive: f.Directives[i].ID, Effect: effect, Path: provisionPath(path)})
		}
	}
	return out
}

// provisionPath returns the FHIRPath of the provision that is reached by the
// numbers, innermost first.
func provisionPath(numbers []int) string {
	var b strings.Builder
	b.WriteString("provision")
	for _, n := range slices.Backward(numbers) {
		b.WriteString(".provision[" + strconv.Itoa(n) + "]")
	}
	return b.String()
}
