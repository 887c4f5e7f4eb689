package consent_test

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

func directiveID(n byte) glabella.DirectiveID { return glabella.DirectiveID{0: 9, 15: n} }

// directive returns an active directive of [pat], signed on 1 January.
func directive(n byte, base consent.Effect, root consent.Provision, change ...func(*consent.Directive)) consent.Directive {
	at := day("2026-01-01")
	d := consent.Directive{
		ID: directiveID(n), Patient: pat, Base: base, Root: root, State: consent.DirectiveActive, SignedAt: at,
		Signature:  &consent.Signature{Method: consent.Drawn, By: consent.SignerPatient, At: at},
		Provenance: glabella.Provenance{Source: glabella.SourceEntered, RecordedAt: at},
	}
	for _, c := range change {
		c(&d)
	}
	return d
}

func except(effect consent.Effect, p consent.Provision) consent.Provision {
	p.Effect = effect
	return p
}

func TestProvisionReaches(t *testing.T) {
	t.Parallel()
	at := day("2026-06-15")
	registry := glabella.Ref{Kind: "organization", ID: "registry"}
	hiv := glabella.Coding{System: "http://hl7.org/fhir/sid/icd-10-cm", Code: "B20", Display: "one display"}
	type provision = consent.Provision
	type facts = consent.ShareFacts
	for _, tt := range []struct {
		name   string
		p      provision
		f      facts
		want   bool // by a provision that denies
		permit bool // by a provision that permits
	}{
		{name: "no bounds", want: true, permit: true},
		{name: "from this instant", p: provision{From: at}, want: true, permit: true},
		{name: "from later", p: provision{From: at.Add(1)}},
		{name: "until later", p: provision{Until: at.Add(1)}, want: true, permit: true},
		{name: "until this instant", p: provision{Until: at}},
		{name: "the purpose", p: provision{Purposes: []glabella.Purpose{"HRESCH", "TREAT"}}, f: facts{Purpose: "TREAT"}, want: true, permit: true},
		{name: "another purpose", p: provision{Purposes: []glabella.Purpose{"HRESCH"}}, f: facts{Purpose: "TREAT"}},
		{name: "emergency treatment is treatment", p: provision{Purposes: []glabella.Purpose{"TREAT"}}, f: facts{Purpose: "ETREAT"}, want: true, permit: true},
		{name: "breaking the glass is emergency treatment", p: provision{Purposes: []glabella.Purpose{"ETREAT"}}, f: facts{Purpose: "BTG"}, want: true, permit: true},
		{name: "treatment is no emergency", p: provision{Purposes: []glabella.Purpose{"ETREAT"}}, f: facts{Purpose: "TREAT"}},
		{name: "the recipient", p: provision{Actors: []consent.Party{{Ref: registry}}}, f: facts{Recipient: registry, Role: "registry"}, want: true, permit: true},
		{name: "another recipient", p: provision{Actors: []consent.Party{{Ref: registry}}}, f: facts{Recipient: glabella.Ref{Kind: "organization", ID: "x"}, Role: "registry"}},
		{name: "the recipient's role", p: provision{Actors: []consent.Party{{Role: "registry"}}}, f: facts{Recipient: registry, Role: "registry"}, want: true, permit: true},
		{name: "the recipient in another role", p: provision{Actors: []consent.Party{{Ref: registry, Role: "health-plan"}}}, f: facts{Recipient: registry, Role: "registry"}},
		{name: "a name alone is nobody", p: provision{Actors: []consent.Party{{Name: "Registry"}}}, f: facts{Recipient: registry, Role: "registry"}},
		{name: "the class", p: provision{Classes: []string{"Media"}}, f: facts{Class: "Media"}, want: true, permit: true},
		{name: "another class", p: provision{Classes: []string{"Media"}}, f: facts{Class: "Observation"}},
		{name: "an unknown class is denied and not permitted", p: provision{Classes: []string{"Media"}}, want: true},
		{name: "one of the tags", p: provision{Tags: []consent.Sensitivity{"hiv", "part2"}}, f: facts{Tags: []consent.Sensitivity{"minor", "hiv"}}, want: true, permit: true},
		{name: "none of the tags", p: provision{Tags: []consent.Sensitivity{"hiv"}}, f: facts{Tags: []consent.Sensitivity{"minor"}}},
		{name: "the label", p: provision{Labels: []string{"R"}}, f: facts{Labels: []string{"R"}}, want: true, permit: true},
		{name: "another label", p: provision{Labels: []string{"R"}}, f: facts{Labels: []string{"N"}}},
		{name: "the code under another display", p: provision{Codes: []glabella.Coding{hiv}}, f: facts{Codes: []glabella.Coding{{System: hiv.System, Code: "B20", Display: "other"}}}, want: true, permit: true},
		{name: "the code in another system", p: provision{Codes: []glabella.Coding{hiv}}, f: facts{Codes: []glabella.Coding{{System: "x", Code: "B20"}}}},
		{name: "the first instant of the data", p: provision{DataFrom: at, DataUntil: at.Add(1)}, f: facts{DataAt: at}, want: true, permit: true},
		{name: "data from before", p: provision{DataFrom: at}, f: facts{DataAt: at.Add(-1)}},
		{name: "data from after", p: provision{DataUntil: at}, f: facts{DataAt: at}},
		{name: "data of an unknown time is denied and not permitted", p: provision{DataUntil: at}, want: true},
		{name: "all bounds have to hold", p: provision{Classes: []string{"Media"}, Purposes: []glabella.Purpose{"TREAT"}}, f: facts{Class: "Media", Purpose: "HRESCH"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.f.Patient, tt.f.At = pat, at
			for _, base := range consent.Effects() {
				want := tt.want
				if base == consent.EffectPermit {
					want = tt.permit
				}
				_, ok := directive(1, base, tt.p).Rule(tt.f)
				if ok != want {
					t.Errorf("a root that would %s reaches it: %v, want %v", base, ok, want)
				}
			}
		})
	}
}

func TestTheInnermostProvisionDecides(t *testing.T) {
	t.Parallel()
	// Nothing is shared, except images and laboratory results, but no images for
	// research unless it is the registry's; and nothing with the health plan.
	root := consent.Provision{Nested: []consent.Provision{
		except(consent.EffectPermit, consent.Provision{Classes: []string{"Observation"}}),
		except(consent.EffectPermit, consent.Provision{Classes: []string{"Media"}, Nested: []consent.Provision{
			except(consent.EffectDeny, consent.Provision{Purposes: []glabella.Purpose{glabella.PurposeResearch}, Nested: []consent.Provision{
				except(consent.EffectPermit, consent.Provision{Actors: []consent.Party{{Role: "registry"}}}),
			}}),
		}}),
		except(consent.EffectPermit, consent.Provision{Nested: []consent.Provision{
			except(consent.EffectDeny, consent.Provision{Actors: []consent.Party{{Role: "health-plan"}}}),
		}, Classes: []string{"Observation", "Media"}}),
	}}
	d := directive(1, consent.EffectDeny, root)
	if err := d.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, class, role string
		purpose           glabella.Purpose
		want              consent.Ruling
	}{
		{name: "what no exception reaches", class: "Claim", purpose: "TREAT", want: consent.Ruling{Effect: consent.EffectDeny, Path: "provision"}},
		{name: "an exception", class: "Observation", purpose: "TREAT", want: consent.Ruling{Effect: consent.EffectPermit, Path: "provision.provision[0]"}},
		{name: "an exception to it", class: "Media", purpose: "HRESCH", want: consent.Ruling{Effect: consent.EffectDeny, Path: "provision.provision[1].provision[0]"}},
		{name: "an exception to that", class: "Media", purpose: "HRESCH", role: "registry", want: consent.Ruling{Effect: consent.EffectPermit, Path: "provision.provision[1].provision[0].provision[0]"}},
		{name: "exceptions that disagree", class: "Observation", purpose: "HPAYMT", role: "health-plan", want: consent.Ruling{Effect: consent.EffectDeny, Path: "provision.provision[2].provision[0]"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := consent.ShareFacts{Patient: pat, Class: tt.class, Role: tt.role, Purpose: tt.purpose, At: day("2026-06-15"), Directives: []consent.Directive{d}}
			tt.want.Directive = d.ID
			got, ok := d.Rule(f)
			if !ok || got != tt.want {
				t.Errorf("Rule = %+v, %v, want %+v", got, ok, tt.want)
			}
			if diff := cmp.Diff([]consent.Ruling{tt.want}, consent.Rulings(f)); diff != "" {
				t.Errorf("Rulings (-want +got):\n%s", diff)
			}
		})
	}
}

// shareWorld draws provisions and facts from few values, so that they often meet.
type shareWorld struct{ *rand.Rand }

func (w shareWorld) provision(effect, own consent.Effect, depth int) consent.Provision {
	p := consent.Provision{Effect: own}
	if w.Intn(3) == 0 {
		p.Purposes = []glabella.Purpose{w.purpose()}
	}
	if w.Intn(3) == 0 {
		p.Classes = []string{w.class()}
	}
	if w.Intn(4) == 0 {
		p.Actors = []consent.Party{{Role: w.role()}}
	}
	if w.Intn(5) == 0 {
		p.Tags = []consent.Sensitivity{consent.Sensitivities()[w.Intn(2)]}
	}
	if w.Intn(6) == 0 {
		p.DataFrom = day("2026-03-01")
	}
	other := consent.EffectPermit
	if effect == consent.EffectPermit {
		other = consent.EffectDeny
	}
	if depth > 0 {
		for range w.Intn(4) {
			p.Nested = append(p.Nested, w.provision(other, other, depth-1))
		}
	}
	return p
}

func (w shareWorld) purpose() glabella.Purpose { return glabella.Purposes()[w.Intn(4)] }
func (w shareWorld) class() string             { return []string{"Media", "Observation"}[w.Intn(2)] }
func (w shareWorld) role() string              { return []string{"registry", "health-plan"}[w.Intn(2)] }

func (w shareWorld) facts() consent.ShareFacts {
	f := consent.ShareFacts{Patient: pat, Purpose: w.purpose(), Class: w.class(), Role: w.role(), At: day("2026-06-15"), DataAt: day("2026-02-01").AddDate(0, w.Intn(3), 0)}
	if w.Intn(2) == 0 {
		f.Tags = []consent.Sensitivity{consent.Sensitivities()[w.Intn(2)]}
	}
	return f
}

// reference decides by listing every path from the root down which all provisions
// reach the data, and keeping those that cannot be made longer.
func reference(d consent.Directive, f consent.ShareFacts) (consent.Effect, []string) {
	alone := func(p consent.Provision, effect consent.Effect) bool {
		p.Nested, p.Effect = nil, ""
		_, ok := directive(0, effect, p).Rule(f)
		return ok
	}
	type path struct {
		node   consent.Provision
		effect consent.Effect
		name   string
	}
	var longest []path
	open := []path{{d.Root, d.Base, "provision"}}
	for len(open) > 0 {
		at := open[0]
		open = open[1:]
		if !alone(at.node, at.effect) {
			continue
		}
		end := true
		for i, n := range at.node.Nested {
			if alone(n, n.Effect) {
				end = false
				open = append(open, path{n, n.Effect, fmt.Sprintf("%s.provision[%d]", at.name, i)})
			}
		}
		if end {
			longest = append(longest, at)
		}
	}
	var permits, denies []string
	for _, p := range longest {
		if p.effect == consent.EffectDeny {
			denies = append(denies, p.name)
		} else {
			permits = append(permits, p.name)
		}
	}
	switch {
	case len(denies) > 0:
		return consent.EffectDeny, denies
	case len(permits) > 0:
		return consent.EffectPermit, permits
	}
	return "", nil
}

func TestRuleIsThatOfTheReference(t *testing.T) {
	t.Parallel()
	w := shareWorld{rand.New(rand.NewSource(164508))}
	seen := map[string]int{}
	for range 20000 {
		base := consent.Effects()[w.Intn(2)]
		d := directive(1, base, w.provision(base, "", 3))
		f := w.facts()
		want, paths := reference(d, f)
		got, ok := d.Rule(f)
		if ok != (want != "") || ok && (got.Effect != want || !slices.Contains(paths, got.Path)) {
			b, _ := json.MarshalIndent(d.Root, "", " ")
			t.Fatalf("Rule = %+v, %v, want %s by one of %v; base %s, facts %+v\n%s", got, ok, want, paths, base, f, b)
		}
		seen[fmt.Sprint(want, strings.Count(got.Path, "."))]++
	}
	for _, k := range []string{"0", "deny0", "permit0", "deny1", "permit1", "deny2", "permit2", "deny3", "permit3"} {
		if seen[k] < 50 {
			t.Errorf("%d of the random trees are decided as %q: too few to say anything", seen[k], k)
		}
	}
}

func TestStoredDirectiveRoundTrips(t *testing.T) {
	t.Parallel()
	w := shareWorld{rand.New(rand.NewSource(4))}
	full := directive(1, consent.EffectPermit, consent.Provision{
		From: day("2026-01-01"), Until: day("2027-01-01"), Actors: []consent.Party{{Ref: visit.Ref(), Role: "registry", Name: "A"}}, Labels: []string{"R"},
		Tags: []consent.Sensitivity{"hiv"}, Purposes: []glabella.Purpose{"TREAT"}, Classes: []string{"Media"}, Codes: []glabella.Coding{{System: "s", Code: "c", Display: "d"}},
		DataFrom: day("2025-01-01"), DataUntil: day("2026-01-01"), Nested: []consent.Provision{{}},
	}, func(d *consent.Directive) {
		d.Meta = glabella.Meta{Version: 2, CreatedAt: day("2026-01-01"), UpdatedAt: day("2026-01-02"), Nonce: "n"}
		d.Consent, d.State, d.EndedAt, d.Next = glabella.ConsentID{1}, consent.DirectiveSuperseded, day("2026-03-01"), directiveID(2)
	})
	all := []consent.Directive{full, {}, {Root: consent.Provision{Classes: []string{}, Nested: []consent.Provision{}}}}
	for range 200 {
		all = append(all, directive(3, consent.EffectDeny, w.provision(consent.EffectDeny, "", 4)))
	}
	for _, d := range all {
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var got consent.Directive
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(d, got); diff != "" {
			t.Fatalf("directive after JSON (-want +got):\n%s", diff)
		}
	}
}

func TestDirectiveValidate(t *testing.T) {
	t.Parallel()
	deep := consent.Provision{}
	for i := range 20 {
		deep = consent.Provision{Effect: consent.Effects()[i%2], Nested: []consent.Provision{deep}}
	}
	deep.Effect = ""
	for _, tt := range []struct {
		name   string
		change func(*consent.Directive)
		want   []string
	}{
		{name: "a directive", change: func(*consent.Directive) {}},
		{name: "an ended one", change: func(d *consent.Directive) { d.State, d.EndedAt = consent.DirectiveRevoked, day("2026-02-01") }},
		{name: "no base", change: func(d *consent.Directive) { d.Base = "" }, want: []string{"/base unknown-value"}},
		{name: "a root with an effect", change: func(d *consent.Directive) { d.Root.Effect = consent.EffectPermit }, want: []string{"/provision/type consent.provision.effect"}},
		{name: "an exception of the same effect", change: func(d *consent.Directive) {
			d.Root.Nested = []consent.Provision{except(consent.EffectPermit, consent.Provision{})}
		}, want: []string{"/provision/provision/0/type consent.provision.effect"}},
		{name: "an exception to an exception of the same effect", change: func(d *consent.Directive) {
			d.Root.Nested = []consent.Provision{except(consent.EffectDeny, consent.Provision{Nested: []consent.Provision{except(consent.EffectDeny, consent.Provision{})}})}
		}, want: []string{"/provision/provision/0/provision/0/type consent.provision.effect"}},
		{name: "everything is wrong with a provision", change: func(d *consent.Directive) {
			d.Root = consent.Provision{
				From: day("2026-01-02"), Until: day("2026-01-01"), DataFrom: day("2026-01-02"), DataUntil: day("2026-01-02"),
				Actors: []consent.Party{{Name: "x"}, {Role: "Not A Code"}}, Labels: []string{""}, Tags: []consent.Sensitivity{"x"},
				Purposes: []glabella.Purpose{"x"}, Classes: []string{"media"}, Codes: []glabella.Coding{{Display: "x"}},
			}
		}, want: []string{
			"/provision/actor/0 required", "/provision/actor/1/role format", "/provision/class/0 format", "/provision/code/0/code required",
			"/provision/dataUntil consent.order", "/provision/purpose/0 unknown-value", "/provision/securityLabel/0 format",
			"/provision/sensitivity/0 unknown-value", "/provision/until consent.order",
		}},
		{name: "too deep", change: func(d *consent.Directive) { d.Root, d.Base = deep, consent.EffectDeny }, want: []string{"/provision" + strings.Repeat("/provision/0", 17) + " out-of-range"}},
		{name: "active with an end", change: func(d *consent.Directive) { d.EndedAt = day("2026-02-01") }, want: []string{"/endedAt mismatch"}},
		{name: "superseded by nothing before it was signed", change: func(d *consent.Directive) {
			d.State, d.EndedAt = consent.DirectiveSuperseded, day("2025-02-01")
		}, want: []string{"/endedAt consent.order", "/next mismatch"}},
		{name: "a representative without a document", change: func(d *consent.Directive) { d.Signature.By = consent.SignerRepresentative }, want: []string{"/signature/authority consent.authority"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := directive(1, consent.EffectPermit, consent.Provision{})
			tt.change(&d)
			if diff := cmp.Diff(tt.want, issuesOf(t, d.Validate())); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDirectiveHoldsUntilItEnds(t *testing.T) {
	t.Parallel()
	d := directive(1, consent.EffectDeny, consent.Provision{})
	end := day("2026-03-01")
	revoked, err := d.Revoke(end)
	if err != nil {
		t.Fatal(err)
	}
	superseded, err := d.Supersede(directiveID(2), end)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []consent.Directive{revoked, superseded} {
		if err := e.Validate(); err != nil {
			t.Errorf("%s: %v", e.State, err)
		}
		for _, tt := range []struct {
			at   time.Time
			want bool
		}{{d.SignedAt.Add(-1), false}, {d.SignedAt, true}, {end.Add(-1), true}, {end, false}} {
			_, ruled := e.Rule(consent.ShareFacts{Patient: pat, At: tt.at})
			if e.Active(tt.at) != tt.want || ruled != tt.want {
				t.Errorf("%s at %s: active %v, rules %v, want %v", e.State, tt.at, e.Active(tt.at), ruled, tt.want)
			}
		}
		if _, err := e.Revoke(end); err == nil {
			t.Errorf("%s was revoked", e.State)
		}
		if got, err := e.Supersede(directiveID(3), end); err == nil || got.Next != e.Next {
			t.Errorf("%s was superseded: %v", e.State, got.Next)
		}
	}
	if _, ok := d.Rule(consent.ShareFacts{Patient: other, At: end}); ok {
		t.Error("a directive rules on another patient")
	}
}
