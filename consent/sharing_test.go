package consent_test

import (
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
)

func TestMayShare(t *testing.T) {
	t.Parallel()
	at := day("2026-06-15")
	plan := glabella.Ref{Kind: "organization", ID: "plan"}
	item := glabella.Ref{Kind: "procedure", ID: "1"}
	type facts = consent.ShareFacts
	tags := func(list ...consent.Sensitivity) []consent.Sensitivity { return list }
	auths := func(change ...func(*consent.Authorization)) []consent.Authorization {
		return []consent.Authorization{authorization(1, change...)}
	}
	denies := []consent.Directive{directive(1, consent.EffectDeny, consent.Provision{})}
	permitsHIV := []consent.Directive{directive(1, consent.EffectDeny, consent.Provision{Nested: []consent.Provision{
		except(consent.EffectPermit, consent.Provision{Tags: tags("hiv")}),
	}})}
	paid := []consent.Restriction{restriction(1, paidInFull)}
	for _, tt := range []struct {
		name string
		f    facts
		want string
	}{
		{name: "treatment needs no authorization", f: facts{Purpose: "TREAT"}, want: "allow"},
		{name: "payment needs no authorization", f: facts{Purpose: "HPAYMT"}, want: "allow"},
		{name: "operations need no authorization", f: facts{Purpose: "HOPERAT"}, want: "allow"},
		{name: "emergency treatment needs no authorization", f: facts{Purpose: "ETREAT"}, want: "allow"},
		{name: "no purpose", f: facts{}, want: "deny: consent.share.purpose, consent.share.authorization"},
		{name: "the patient's own data", f: facts{Recipient: pat.Ref(), Purpose: "PATRQT", Directives: denies, Tags: tags("part2")}, want: "allow"},
		{name: "another patient", f: facts{Recipient: other.Ref(), Purpose: "PATRQT"}, want: "deny: consent.share.authorization"},

		{name: "marketing without an authorization", f: facts{Purpose: "HMARKT"}, want: "deny: consent.share.authorization"},
		{name: "marketing with one", f: facts{Recipient: journal, Purpose: "HMARKT", Class: "Media", Authorizations: auths()}, want: "allow"},
		{name: "marketing with one of another patient", f: facts{Recipient: journal, Purpose: "HMARKT", Class: "Media", Authorizations: auths(func(a *consent.Authorization) { a.Patient = other })}, want: "deny: consent.share.authorization"},
		{name: "marketing with one that has expired", f: facts{Recipient: journal, Purpose: "HMARKT", Class: "Media", Authorizations: auths(func(a *consent.Authorization) { a.ExpiresOn = glabella.MustParseDate("2026-06-14") })}, want: "deny: consent.share.authorization, consent.authorization.expired"},
		{name: "marketing with one that lapsed and one that holds", f: facts{Recipient: journal, Purpose: "HMARKT", Class: "Media", Authorizations: append(auths(func(a *consent.Authorization) { a.RevokedAt = at }), authorization(2))}, want: "allow"},
		{name: "research with one for marketing", f: facts{Recipient: journal, Purpose: "HRESCH", Class: "Media", Authorizations: auths()}, want: "deny: consent.share.authorization"},
		{name: "research that a board has let go without", f: facts{Purpose: "HRESCH", ResearchWaiver: true}, want: "allow"},
		{name: "marketing that a board has let go without", f: facts{Purpose: "HMARKT", ResearchWaiver: true}, want: "deny: consent.share.authorization"},
		{name: "a directive does not authorize", f: facts{Purpose: "HMARKT", Directives: []consent.Directive{directive(1, consent.EffectPermit, consent.Provision{})}}, want: "deny: consent.share.authorization"},
		{name: "required by law", f: facts{Purpose: "PATRQT", RequiredByLaw: true, Directives: denies}, want: "allow"},

		{name: "a directive denies treatment", f: facts{Purpose: "TREAT", Directives: denies}, want: "deny: consent.share.directive"},
		{name: "a directive and an emergency", f: facts{Purpose: "ETREAT", Directives: denies}, want: "warn: consent.share.emergency"},
		{name: "two directives", f: facts{Purpose: "TREAT", Directives: append([]consent.Directive{directive(2, consent.EffectPermit, consent.Provision{})}, denies...)}, want: "deny: consent.share.directive"},
		{name: "a directive denies what is authorized", f: facts{Recipient: journal, Purpose: "HMARKT", Class: "Media", Authorizations: auths(), Directives: denies}, want: "deny: consent.share.directive"},

		{name: "paid in full, to the plan", f: facts{Recipient: plan, HealthPlan: true, Purpose: "HPAYMT", Items: []glabella.Ref{item}, Restrictions: paid}, want: "deny: consent.share.restriction"},
		{name: "paid in full, to the plan, required by law", f: facts{HealthPlan: true, Purpose: "HPAYMT", Items: []glabella.Ref{item}, Restrictions: paid, RequiredByLaw: true}, want: "allow"},
		{name: "paid in full, to another practice", f: facts{Purpose: "TREAT", Items: []glabella.Ref{item}, Restrictions: paid}, want: "allow"},
		{name: "paid in full, another item", f: facts{HealthPlan: true, Purpose: "HPAYMT", Items: []glabella.Ref{{Kind: "procedure", ID: "2"}}, Restrictions: paid}, want: "allow"},
		{name: "paid in full as the host knows", f: facts{HealthPlan: true, Purpose: "HPAYMT", PaidInFull: true, Items: []glabella.Ref{item}, Restrictions: []consent.Restriction{restriction(1)}}, want: "deny: consent.share.restriction"},
		{name: "not paid and not accepted", f: facts{HealthPlan: true, Purpose: "HPAYMT", Items: []glabella.Ref{item}, Restrictions: []consent.Restriction{restriction(1)}}, want: "allow"},
		{name: "accepted, in an emergency", f: facts{Purpose: "ETREAT", Restrictions: []consent.Restriction{restriction(1, everyone, acceptedRestriction)}}, want: "warn: consent.share.emergency"},
		{name: "accepted, for treatment", f: facts{Purpose: "TREAT", Restrictions: []consent.Restriction{restriction(1, everyone, acceptedRestriction)}}, want: "deny: consent.share.restriction"},

		{name: "psychotherapy notes for treatment by someone else", f: facts{Purpose: "TREAT", Tags: tags("psychotherapy")}, want: "deny: consent.share.psychotherapy"},
		{name: "psychotherapy notes for treatment by who wrote them", f: facts{Purpose: "TREAT", Originator: true, Tags: tags("psychotherapy")}, want: "allow"},
		{name: "psychotherapy notes for billing by who wrote them", f: facts{Purpose: "HPAYMT", Originator: true, Tags: tags("psychotherapy")}, want: "deny: consent.share.psychotherapy"},
		{name: "psychotherapy notes in an emergency", f: facts{Purpose: "ETREAT", Tags: tags("psychotherapy")}, want: "deny: consent.share.psychotherapy"},
		{name: "psychotherapy notes as the law requires", f: facts{Purpose: "HOPERAT", RequiredByLaw: true, Tags: tags("psychotherapy")}, want: "allow"},
		{name: "psychotherapy notes with an authorization for them", f: facts{Recipient: journal, Class: "Media", Purpose: "TREAT", Tags: tags("psychotherapy"), Authorizations: auths(purposes("TREAT"), tagged("psychotherapy"))}, want: "allow"},
		{name: "psychotherapy notes with an authorization for more", f: facts{Recipient: journal, Class: "Media", Purpose: "TREAT", Tags: tags("psychotherapy"), Authorizations: auths(purposes("TREAT"), tagged("psychotherapy", "hiv"))}, want: "deny: consent.share.psychotherapy"},
		{name: "an authorization for notes does not reach the rest", f: facts{Recipient: journal, Class: "Media", Purpose: "HMARKT", Authorizations: auths(tagged("psychotherapy"))}, want: "deny: consent.share.authorization"},

		{name: "Part 2 records without consent", f: facts{Purpose: "TREAT", Tags: tags("part2")}, want: "deny: consent.share.part2"},
		{name: "Part 2 records as state law requires", f: facts{Purpose: "HOPERAT", RequiredByLaw: true, Tags: tags("part2")}, want: "deny: consent.share.part2"},
		{name: "Part 2 records in an emergency", f: facts{Purpose: "ETREAT", Tags: tags("part2")}, want: "warn: consent.share.part2-emergency"},
		{name: "Part 2 records with one consent for all care", f: facts{Recipient: journal, Role: "provider", Purpose: "HPAYMT", Tags: tags("part2"), Authorizations: auths(purposes("TREAT", "HPAYMT", "HOPERAT"), tagged("part2"), func(a *consent.Authorization) {
			a.Classes, a.ExpiresOn, a.NoExpiry, a.Recipients = nil, glabella.Date{}, true, []consent.Party{{Role: "provider"}}
		})}, want: "allow"},
		{name: "Part 2 records with an authorization that does not name them", f: facts{Recipient: journal, Class: "Media", Purpose: "HMARKT", Tags: tags("part2"), Authorizations: auths()}, want: "deny: consent.share.part2"},
		{name: "counseling notes with a consent to Part 2 records", f: facts{Recipient: journal, Class: "Media", Purpose: "TREAT", Tags: tags("sud-counseling-notes"), Authorizations: auths(purposes("TREAT"), tagged("part2"))}, want: "deny: consent.share.counseling-notes"},
		{name: "counseling notes in an emergency", f: facts{Purpose: "ETREAT", Tags: tags("sud-counseling-notes")}, want: "deny: consent.share.counseling-notes"},
		{name: "counseling notes for treatment by who wrote them", f: facts{Purpose: "TREAT", Originator: true, Tags: tags("sud-counseling-notes")}, want: "allow"},

		{name: "other sensitive data for treatment", f: facts{Purpose: "TREAT", Tags: tags("hiv", "minor", "hiv")}, want: "warn: consent.share.sensitive, consent.share.sensitive"},
		{name: "other sensitive data that a directive names", f: facts{Purpose: "TREAT", Tags: tags("hiv"), Directives: permitsHIV}, want: "allow"},
		{name: "a directive that names other data", f: facts{Purpose: "TREAT", Tags: tags("hiv", "reproductive"), Directives: permitsHIV}, want: "warn: consent.share.sensitive"},
		{name: "other sensitive data in a permission without its name", f: facts{Purpose: "TREAT", Tags: tags("hiv"), Directives: []consent.Directive{directive(1, consent.EffectPermit, consent.Provision{})}}, want: "warn: consent.share.sensitive"},
		{name: "other sensitive data that the root names", f: facts{Purpose: "TREAT", Tags: tags("hiv"), Directives: []consent.Directive{directive(1, consent.EffectPermit, consent.Provision{Tags: tags("hiv")})}}, want: "allow"},
		{name: "other sensitive data for marketing under an authorization without its name", f: facts{Recipient: journal, Class: "Media", Purpose: "HMARKT", Tags: tags("hiv"), Authorizations: auths(), Directives: permitsHIV}, want: "deny: consent.share.sensitive"},
		{name: "other sensitive data for marketing under one that names it", f: facts{Recipient: journal, Class: "Media", Purpose: "HMARKT", Tags: tags("hiv"), Authorizations: auths(tagged("hiv"))}, want: "allow"},
		{name: "everything at once", f: facts{Purpose: "HMARKT", Tags: tags("part2", "hiv"), Directives: denies, Restrictions: []consent.Restriction{restriction(1, everyone, acceptedRestriction, func(r *consent.Restriction) { r.Purposes = []glabella.Purpose{"HMARKT"} })}},
			want: "deny: consent.share.directive, consent.share.restriction, consent.share.authorization, consent.share.part2, consent.share.sensitive"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.f.Patient, tt.f.At = pat, at
			d := consent.MayShare(tt.f)
			if d.String() != tt.want {
				t.Errorf("MayShare = %v, want %s", d, tt.want)
			}
			for _, r := range d.Reasons {
				if !strings.Contains(r.Source, " CFR ") || r.Fix == "" {
					t.Errorf("reason without a source or a fix: %+v", r)
				}
			}
		})
	}
}

func TestMayShareNamesTheProvision(t *testing.T) {
	t.Parallel()
	d := directive(1, consent.EffectPermit, consent.Provision{Nested: []consent.Provision{
		except(consent.EffectDeny, consent.Provision{Classes: []string{"Observation"}}),
		except(consent.EffectDeny, consent.Provision{Classes: []string{"Media"}}),
	}})
	got := consent.MayShare(consent.ShareFacts{Patient: pat, Purpose: "TREAT", Class: "Media", At: day("2026-06-15"), Directives: []consent.Directive{d}})
	if len(got.Reasons) != 1 || got.Reasons[0].Args["provision"] != "provision.provision[1]" || !slices.Equal(got.Reasons[0].Refs, []glabella.Ref{d.Ref()}) {
		t.Errorf("MayShare = %+v", got)
	}
}

func TestMayShareAgreesWithTheRulings(t *testing.T) {
	t.Parallel()
	w := shareWorld{rand.New(rand.NewSource(522))}
	denied := 0
	for range 3000 {
		f := w.facts()
		for i := range w.Intn(4) {
			base := consent.Effects()[w.Intn(2)]
			f.Directives = append(f.Directives, directive(byte(i), base, w.provision(base, "", 2)))
		}
		want := slices.ContainsFunc(consent.Rulings(f), func(r consent.Ruling) bool { return r.Effect == consent.EffectDeny })
		before := consent.MayShare(f)
		code := consent.CodeShareDirective
		if f.Purpose == glabella.PurposeEmergency || f.Purpose == glabella.PurposeBreakGlass {
			code = consent.CodeShareEmergency
		}
		if before.Has(code) != want {
			t.Fatalf("MayShare = %v, while the rulings are %v", before, consent.Rulings(f))
		}
		if want {
			denied++
		}
		w.Shuffle(len(f.Directives), func(i, j int) { f.Directives[i], f.Directives[j] = f.Directives[j], f.Directives[i] })
		if after := consent.MayShare(f); after.Outcome != before.Outcome || len(after.Reasons) != len(before.Reasons) {
			t.Fatalf("MayShare = %v in another order, %v before", after, before)
		}
	}
	if denied < 300 {
		t.Errorf("only %d of the facts were denied by a directive", denied)
	}
}

func TestMayShareKeepsItsFacts(t *testing.T) {
	t.Parallel()
	make := func() consent.ShareFacts {
		return consent.ShareFacts{
			Patient: pat, Purpose: "HMARKT", Tags: []consent.Sensitivity{"hiv"}, At: day("2026-06-15"),
			Directives: []consent.Directive{directive(1, consent.EffectDeny, consent.Provision{})}, Authorizations: []consent.Authorization{authorization(1)},
			Restrictions: []consent.Restriction{restriction(1, paidInFull)},
		}
	}
	f := make()
	consent.MayShare(f)
	consent.Rulings(f)
	if diff := cmp.Diff(make(), f); diff != "" {
		t.Errorf("facts after MayShare (-want +got):\n%s", diff)
	}
}

func BenchmarkMayShare(b *testing.B) {
	f := consent.ShareFacts{Patient: pat, Recipient: journal, Purpose: glabella.PurposeMarketing, Class: "Media", Tags: []consent.Sensitivity{"hiv"}, DataAt: day("2026-04-01"), At: day("2026-06-15"), Zone: time.UTC}
	for i := range byte(20) {
		f.Directives = append(f.Directives, directive(i, consent.EffectPermit, consent.Provision{Nested: []consent.Provision{
			except(consent.EffectDeny, consent.Provision{Classes: []string{"Observation"}}),
			except(consent.EffectDeny, consent.Provision{Purposes: []glabella.Purpose{"HRESCH"}, Nested: []consent.Provision{
				except(consent.EffectPermit, consent.Provision{Actors: []consent.Party{{Role: "registry"}}}),
			}}),
		}}))
		f.Authorizations = append(f.Authorizations, authorization(i, tagged("hiv")))
	}
	for i := range byte(10) {
		f.Restrictions = append(f.Restrictions, restriction(i, paidInFull))
	}
	if d := consent.MayShare(f); !d.Allowed() {
		b.Fatal(d)
	}
	b.ReportAllocs()
	for b.Loop() {
		consent.MayShare(f)
	}
}
