package encounter_test

import (
	"errors"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/quantity"
)

func units(s string) quantity.Quantity {
	return quantity.MustParse(s + " [arb'U]{onabotulinumtoxinA}")
}

// order is the n-th standing order: the doctor lets nurses give up to 64 U of the
// toxin to the upper face, and up to 20 U to the glabella, until the end of 2026.
func order(n int, changes ...func(*encounter.StandingOrder)) encounter.StandingOrder {
	o := encounter.StandingOrder{
		ID: id[glabella.StandingOrderID](500 + n), Orderer: doctor, Credential: encounter.Credential{Kind: "MD", Number: "000001", Jurisdiction: "US-TX"},
		Treatments: []string{"botulinum-toxin"}, Products: []string{"onabotulinumtoxinA"}, Regions: []string{"glabella", "forehead"},
		Limits:        []encounter.OrderLimit{{Product: "onabotulinumtoxinA", Max: units("64")}, {Product: "onabotulinumtoxinA", Region: "glabella", Max: units("20")}},
		DelegateKinds: []string{"RN"}, Supervision: encounter.SupervisionAvailable,
		ValidFrom: day("2026-01-01"), ValidTo: day("2026-12-31"), State: encounter.OrderActive, IssuedAt: morning.AddDate(0, 0, n-100),
		Source:     "clinic protocol 7",
		Provenance: glabella.Provenance{Source: glabella.SourceEntered, Author: doctor.Ref(), RecordedAt: morning},
	}
	for _, change := range changes {
		change(&o)
	}
	return o
}

func delegated(orders ...encounter.StandingOrder) encounter.DelegationFacts {
	return encounter.DelegationFacts{
		Required: true, Treatment: "botulinum-toxin", Product: "onabotulinumtoxinA", Regions: []string{"glabella", "forehead"},
		Amounts:   map[string]quantity.Quantity{"glabella": units("20"), "forehead": units("44")},
		Performer: nurse, PerformerKinds: []string{"RN"}, Patient: patientID, Orders: orders, At: morning,
		Supervision: encounter.SupervisionOnSite,
	}
}

func TestEvaluateDelegation(t *testing.T) {
	t.Parallel()
	forOther := func(o *encounter.StandingOrder) { o.Patient = id[glabella.PatientID](99) }
	for _, tt := range []struct {
		name   string
		orders []encounter.StandingOrder
		change func(*encounter.DelegationFacts)
		want   []glabella.Code
		about  int
	}{
		{name: "everything as ordered"},
		{name: "not required", orders: []encounter.StandingOrder{}, change: func(f *encounter.DelegationFacts) { f.Required = false }},
		{name: "no order", orders: []encounter.StandingOrder{}, want: []glabella.Code{encounter.CodeOrderMissing}},
		{name: "an order for another patient", orders: []encounter.StandingOrder{order(1, forOther)}, want: []glabella.Code{encounter.CodeOrderMissing}},
		{name: "an order for this patient", orders: []encounter.StandingOrder{order(1, func(o *encounter.StandingOrder) { o.Patient = patientID })}},
		{name: "a draft", orders: []encounter.StandingOrder{order(1, func(o *encounter.StandingOrder) { o.State, o.IssuedAt = encounter.OrderDraft, time.Time{} })}, want: []glabella.Code{encounter.CodeOrderDraft}, about: 1},
		{name: "issued only later", orders: []encounter.StandingOrder{order(1, func(o *encounter.StandingOrder) { o.IssuedAt = morning.Add(time.Minute) })}, want: []glabella.Code{encounter.CodeOrderDraft}, about: 1},
		{name: "revoked", orders: []encounter.StandingOrder{order(1, func(o *encounter.StandingOrder) { o.RevokedAt = morning })}, want: []glabella.Code{encounter.CodeOrderRevoked}, about: 1},
		{name: "revoked only later", orders: []encounter.StandingOrder{order(1, func(o *encounter.StandingOrder) { o.RevokedAt = morning.Add(time.Minute) })}},
		{name: "the last day", orders: []encounter.StandingOrder{order(1, func(o *encounter.StandingOrder) { o.ValidTo = day("2026-11-03") })}},
		{name: "the day after the last", orders: []encounter.StandingOrder{order(1, func(o *encounter.StandingOrder) { o.ValidTo = day("2026-11-02") })}, want: []glabella.Code{encounter.CodeOrderExpired}, about: 1},
		{name: "the day before the first", orders: []encounter.StandingOrder{order(1, func(o *encounter.StandingOrder) { o.ValidFrom = day("2026-11-04") })}, want: []glabella.Code{encounter.CodeOrderNotYet}, about: 1},
		{name: "the last day at the site, the next one in UTC", orders: []encounter.StandingOrder{order(1, func(o *encounter.StandingOrder) { o.ValidTo = day("2026-11-03") })},
			change: func(f *encounter.DelegationFacts) {
				f.At, f.Zone = time.Date(2026, 11, 4, 3, 0, 0, 0, time.UTC), time.FixedZone("UTC-6", -6*60*60)
			}},
		{name: "another treatment", change: func(f *encounter.DelegationFacts) { f.Treatment = "dermal-filler" }, want: []glabella.Code{encounter.CodeOrderTreatment}, about: 1},
		{name: "another product", change: func(f *encounter.DelegationFacts) { f.Product = "incobotulinumtoxinA" }, want: []glabella.Code{encounter.CodeOrderProduct}, about: 1},
		{name: "any product of the treatment", orders: []encounter.StandingOrder{order(1, func(o *encounter.StandingOrder) { o.Products = nil })}, change: func(f *encounter.DelegationFacts) { f.Product = "incobotulinumtoxinA" }},
		{name: "two other regions", change: func(f *encounter.DelegationFacts) { f.Regions = []string{"masseter", "forehead", "neck", "masseter"} }, want: []glabella.Code{encounter.CodeOrderRegion, encounter.CodeOrderRegion}, about: 1},
		{name: "an amount in another region", change: func(f *encounter.DelegationFacts) {
			f.Amounts = map[string]quantity.Quantity{"neck": units("10")}
		}, want: []glabella.Code{encounter.CodeOrderRegion}, about: 1},
		{name: "one unit too many in all", change: func(f *encounter.DelegationFacts) { f.Amounts["forehead"] = units("45") }, want: []glabella.Code{encounter.CodeOrderAmount}, about: 1},
		{name: "a fraction too much in one region", change: func(f *encounter.DelegationFacts) {
			f.Amounts["glabella"], f.Amounts["forehead"] = units("20.1"), units("10")
		}, want: []glabella.Code{encounter.CodeOrderAmount}, about: 1},
		{name: "the units of another product", change: func(f *encounter.DelegationFacts) {
			f.Amounts = map[string]quantity.Quantity{"glabella": quantity.MustParse("20 [arb'U]{abobotulinumtoxinA}")}
		}, want: []glabella.Code{encounter.CodeOrderUnit, encounter.CodeOrderUnit}, about: 1},
		{name: "a credential that is not named", change: func(f *encounter.DelegationFacts) { f.PerformerKinds = []string{"LE"} }, want: []glabella.Code{encounter.CodeOrderDelegate}, about: 1},
		{name: "a person who is named", orders: []encounter.StandingOrder{order(1, func(o *encounter.StandingOrder) { o.Delegates = []glabella.StaffID{nurse} })}, change: func(f *encounter.DelegationFacts) { f.PerformerKinds = nil }},
		{name: "an orderer who may not prescribe here", change: func(f *encounter.DelegationFacts) { f.Orderers = []string{"NP"} }, want: []glabella.Code{encounter.CodeOrderOrderer}, about: 1},
		{name: "an orderer who may", change: func(f *encounter.DelegationFacts) { f.Orderers = []string{"NP", "MD"} }},
		{name: "the prescriber out of reach", change: func(f *encounter.DelegationFacts) { f.Supervision = encounter.SupervisionNone }, want: []glabella.Code{encounter.CodeOrderSupervision}, about: 1},
		{name: "the prescriber in reach", change: func(f *encounter.DelegationFacts) { f.Supervision = encounter.SupervisionAvailable }},
		{name: "every reason at once", orders: []encounter.StandingOrder{order(1, func(o *encounter.StandingOrder) { o.ValidTo, o.RevokedAt = day("2026-10-01"), morning })},
			change: func(f *encounter.DelegationFacts) { f.PerformerKinds = nil }, want: []glabella.Code{encounter.CodeOrderRevoked, encounter.CodeOrderExpired, encounter.CodeOrderDelegate}, about: 1},
		{name: "the order that comes nearest is explained", orders: []encounter.StandingOrder{
			order(1, func(o *encounter.StandingOrder) { o.ValidTo, o.DelegateKinds = day("2026-10-01"), []string{"PA"} }),
			order(2, func(o *encounter.StandingOrder) { o.ValidTo = day("2026-10-01") }),
			order(3, func(o *encounter.StandingOrder) { o.Treatments = []string{"dermal-filler"} }),
		}, want: []glabella.Code{encounter.CodeOrderExpired}, about: 2},
		{name: "of two as near the one issued last", orders: []encounter.StandingOrder{
			order(2, func(o *encounter.StandingOrder) { o.ValidTo = day("2026-10-01") }),
			order(1, func(o *encounter.StandingOrder) { o.ValidTo = day("2026-10-01") }),
		}, want: []glabella.Code{encounter.CodeOrderExpired}, about: 2},
		{name: "one order that covers is enough", orders: []encounter.StandingOrder{order(3, func(o *encounter.StandingOrder) { o.ValidTo = day("2026-10-01") }), order(1), order(2, forOther)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			orders := tt.orders
			if orders == nil {
				orders = []encounter.StandingOrder{order(1)}
			}
			f := delegated(orders...)
			if tt.change != nil {
				tt.change(&f)
			}
			d := encounter.EvaluateDelegation(f)
			if diff := cmp.Diff(tt.want, append([]glabella.Code(nil), d.Codes()...)); diff != "" {
				t.Errorf("EvaluateDelegation (-want +got):\n%s", diff)
			}
			if d.Allowed() != (len(tt.want) == 0) {
				t.Errorf("EvaluateDelegation = %v", d)
			}
			for _, r := range d.Reasons {
				if r.Fix == "" || r.Args["treatment"] != f.Treatment {
					t.Errorf("reason %+v has no fix or does not name the treatment", r)
				}
				if tt.about > 0 && (!slices.Contains(r.Refs, order(tt.about).Ref()) || r.Source != "clinic protocol 7") {
					t.Errorf("reason %s is about %v by %q, want %v by the order's own source", r.Code, r.Refs, r.Source, order(tt.about).Ref())
				}
			}
			slices.Reverse(f.Orders)
			if diff := cmp.Diff(d, encounter.EvaluateDelegation(f)); diff != "" {
				t.Errorf("the order of the orders matters:\n%s", diff)
			}
		})
	}
	unknown := delegated(order(1))
	unknown.Supervision = ""
	if d := encounter.EvaluateDelegation(unknown); d.Outcome != glabella.Warn || !d.Has(encounter.CodeOrderSupervision) {
		t.Errorf("with supervision not known: %v, want a warning", d)
	}
}

// However an amount is split over the regions, the limit of the session holds
// exactly.
func TestDelegationLimitIsExact(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewSource(7))
	for range 500 {
		tenths := 600 + rnd.Int63n(80)
		f := delegated(order(1, func(o *encounter.StandingOrder) { o.Limits, o.Regions = o.Limits[:1], nil }))
		f.Amounts = map[string]quantity.Quantity{}
		for i, left := 0, tenths; left > 0; i++ {
			part := 1 + rnd.Int63n(left)
			left -= part
			f.Amounts[string(rune('a'+i))] = quantity.New(quantity.Of(part, quantity.Unit{}).Value().Shift(-1), units("1").Unit())
		}
		if got, want := encounter.EvaluateDelegation(f).Has(encounter.CodeOrderAmount), tenths > 640; got != want {
			t.Fatalf("%d tenths of a unit in %v: above the order = %v, want %v", tenths, f.Amounts, got, want)
		}
	}
}

func TestStandingOrderValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*encounter.StandingOrder)
		want   []string
	}{
		{name: "complete", change: func(*encounter.StandingOrder) {}},
		{name: "for nobody", change: func(o *encounter.StandingOrder) { o.DelegateKinds = nil }, want: []string{"/delegates required"}},
		{name: "no treatments", change: func(o *encounter.StandingOrder) { o.Treatments = nil }, want: []string{"/treatments out-of-range"}},
		{name: "no last day", change: func(o *encounter.StandingOrder) { o.ValidTo = glabella.Date{} }, want: []string{"/validTo required"}},
		{name: "ends before it begins", change: func(o *encounter.StandingOrder) { o.ValidTo = day("2025-12-31") }, want: []string{"/validTo out-of-range"}},
		{name: "a limit of a product that is not ordered", change: func(o *encounter.StandingOrder) { o.Limits[0].Product = "incobotulinumtoxinA" }, want: []string{"/limits/0/product mismatch"}},
		{name: "a limit in a region that is not ordered", change: func(o *encounter.StandingOrder) { o.Limits[1].Region = "neck" }, want: []string{"/limits/1/region mismatch"}},
		{name: "a limit of nothing", change: func(o *encounter.StandingOrder) { o.Limits[0].Max = units("0") }, want: []string{"/limits/0/max out-of-range"}},
		{name: "two limits of the same", change: func(o *encounter.StandingOrder) { o.Limits[1].Region = "" }, want: []string{"/limits/1 duplicate"}},
		{name: "in force and never issued", change: func(o *encounter.StandingOrder) { o.IssuedAt = time.Time{} }, want: []string{"/issuedAt mismatch"}},
		{name: "revoked without a reason", change: func(o *encounter.StandingOrder) { o.State, o.RevokedAt = encounter.OrderRevoked, morning }, want: []string{"/revokedAt mismatch"}},
		{name: "no such supervision", change: func(o *encounter.StandingOrder) { o.Supervision = "" }, want: []string{"/supervision unknown-value"}},
		{name: "a licence of no kind", change: func(o *encounter.StandingOrder) { o.Credential.Kind = "" }, want: []string{"/credential/kind required"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := order(1, tt.change)
			if diff := cmp.Diff(tt.want, issuePlaces(t, o.Validate())); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
	roundTrip(t, order(1))
}

func TestStandingOrderVerbs(t *testing.T) {
	t.Parallel()
	draft := order(1, func(o *encounter.StandingOrder) { o.State, o.IssuedAt = encounter.OrderDraft, time.Time{} })
	issued := must[encounter.StandingOrder](t)(draft.Issue(morning))
	if issued.State != encounter.OrderActive || issued.IssuedAt != morning || issued.Validate() != nil || draft.State != encounter.OrderDraft {
		t.Errorf("Issue = %+v", issued)
	}
	revoked := must[encounter.StandingOrder](t)(issued.Revoke(morning, "orderer-left"))
	if err := revoked.Validate(); err != nil {
		t.Error(err)
	}
	var transition *glabella.TransitionError
	if _, err := revoked.Issue(morning); !errors.As(err, &transition) {
		t.Errorf("Issue of a revoked order: error %v, want a TransitionError", err)
	}
	want := encounter.OrderIssued{Order: issued.ID, Orderer: doctor, Treatments: []string{"botulinum-toxin"}, Products: []string{"onabotulinumtoxinA"}, ValidTo: day("2026-12-31")}
	if diff := cmp.Diff(want, issued.Event()); diff != "" {
		t.Errorf("Event (-want +got):\n%s", diff)
	}
}
