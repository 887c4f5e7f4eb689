package encounter_test

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
)

var toxinID, laserID = id[glabella.ProcedureID](320), id[glabella.ProcedureID](321)

func rules(rs ...encounter.CompletenessRule) encounter.CompletenessPolicy {
	return encounter.CompletenessPolicy{Rules: rs}
}

func need(item encounter.ChartItem, level encounter.CompletenessLevel, template string) encounter.CompletenessRule {
	return encounter.CompletenessRule{Item: item, Level: level, Template: template, Source: "clinic policy 9"}
}

// chartFacts are those of a visit with a toxin and a laser treatment, of whose charts
// nothing is there.
func chartFacts() encounter.CompletenessFacts {
	return encounter.CompletenessFacts{Visit: visitID, Procedures: []encounter.ProcedureFacts{{Procedure: toxinID, Template: "botulinum-toxin"}, {Procedure: laserID, Template: "laser"}}}
}

func TestComplete(t *testing.T) {
	t.Parallel()
	const require, warn, exempt = encounter.LevelRequire, encounter.LevelWarn, encounter.LevelNone
	for _, tt := range []struct {
		name   string
		policy encounter.CompletenessPolicy
		change func(*encounter.CompletenessFacts)
		want   []encounter.Missing
		out    glabella.Outcome
	}{
		{name: "nothing is asked for", out: glabella.Allow},
		{name: "each procedure is asked for what is its own", policy: rules(need(encounter.ItemLots, require, "")), out: glabella.Deny, want: []encounter.Missing{
			{Item: encounter.ItemLots, Level: require, Procedure: toxinID, Path: "/procedures/0/administrations", Code: encounter.CodeIncompleteLots},
			{Item: encounter.ItemLots, Level: require, Procedure: laserID, Path: "/procedures/1/administrations", Code: encounter.CodeIncompleteLots},
		}},
		{name: "a rule for a template takes the place of that for all", policy: rules(need(encounter.ItemLots, require, ""), need(encounter.ItemLots, exempt, "laser"), need(encounter.ItemLots, warn, "botulinum-toxin")), out: glabella.Warn, want: []encounter.Missing{
			{Item: encounter.ItemLots, Level: warn, Procedure: toxinID, Path: "/procedures/0/administrations", Code: encounter.CodeIncompleteLots},
		}},
		{name: "in whatever order the rules stand", policy: rules(need(encounter.ItemLots, exempt, "laser"), need(encounter.ItemLots, warn, "botulinum-toxin"), need(encounter.ItemLots, require, "")), out: glabella.Warn, want: []encounter.Missing{
			{Item: encounter.ItemLots, Level: warn, Procedure: toxinID, Path: "/procedures/0/administrations", Code: encounter.CodeIncompleteLots},
		}},
		{name: "what is there or does not apply is not missing", policy: rules(need(encounter.ItemLots, require, "")), out: glabella.Allow, change: func(f *encounter.CompletenessFacts) {
			f.Procedures[0].Have = []encounter.ChartItem{encounter.ItemLots}
			f.Procedures[1].NotApplicable = []encounter.ChartItem{encounter.ItemLots}
		}},
		{name: "what does not apply to the visit does not to its procedures", policy: rules(need(encounter.ItemPhotosAfter, require, ""), need(encounter.ItemPayment, require, "")), out: glabella.Allow, change: func(f *encounter.CompletenessFacts) {
			f.NotApplicable = []encounter.ChartItem{encounter.ItemPhotosAfter, encounter.ItemPayment}
		}},
		{name: "what the visit has, a procedure does not have", policy: rules(need(encounter.ItemConsent, require, "laser")), out: glabella.Deny, change: func(f *encounter.CompletenessFacts) {
			f.Have = []encounter.ChartItem{encounter.ItemConsent}
		}, want: []encounter.Missing{{Item: encounter.ItemConsent, Level: require, Procedure: laserID, Path: "/procedures/1/consent", Code: encounter.CodeIncompleteConsent}}},
		{name: "each missing field is named", policy: rules(need(encounter.ItemFields, require, "")), out: glabella.Deny, change: func(f *encounter.CompletenessFacts) {
			f.Procedures[0].MissingFields = []string{"/record/values/plane", "/record/values/gauge"}
			f.Procedures[0].Have = []encounter.ChartItem{encounter.ItemFields} // what is missing counts
			f.Procedures[1].Have = []encounter.ChartItem{encounter.ItemFields}
		}, want: []encounter.Missing{
			{Item: encounter.ItemFields, Level: require, Procedure: toxinID, Path: "/procedures/0/record/values/plane", Code: encounter.CodeIncompleteFields},
			{Item: encounter.ItemFields, Level: require, Procedure: toxinID, Path: "/procedures/0/record/values/gauge", Code: encounter.CodeIncompleteFields},
		}},
		{name: "fields that nobody has checked are missing", policy: rules(need(encounter.ItemFields, warn, "laser")), out: glabella.Warn, want: []encounter.Missing{
			{Item: encounter.ItemFields, Level: warn, Procedure: laserID, Path: "/procedures/1/record/values", Code: encounter.CodeIncompleteFields},
		}},
		{name: "the visit is asked once, by the rule that demands most", policy: rules(need(encounter.ItemVitals, warn, ""), need(encounter.ItemVitals, require, "laser"), need(encounter.ItemVitals, exempt, "botulinum-toxin")), out: glabella.Deny, want: []encounter.Missing{
			{Item: encounter.ItemVitals, Level: require, Path: "/vitals", Code: encounter.CodeIncompleteVitals},
		}},
		{name: "a rule for a template that was not charted asks for nothing", policy: rules(need(encounter.ItemVitals, require, "glp-1"), need(encounter.ItemMap, require, "glp-1")), out: glabella.Allow},
		{name: "a visit without procedures", policy: rules(need(encounter.ItemAssessment, require, ""), need(encounter.ItemMap, require, ""), need(encounter.ItemPlan, require, "laser")), out: glabella.Deny, change: func(f *encounter.CompletenessFacts) {
			f.Procedures = nil
		}, want: []encounter.Missing{{Item: encounter.ItemAssessment, Level: require, Path: "/assessment", Code: encounter.CodeIncompleteAssessment}}},
		{name: "a level that is not known demands", policy: rules(need(encounter.ItemPayment, "", "")), out: glabella.Deny, want: []encounter.Missing{
			{Item: encounter.ItemPayment, Level: require, Path: "/payment", Code: encounter.CodeIncompletePayment},
		}},
		{name: "warnings stand behind denials in the decision", policy: rules(need(encounter.ItemPhotosBefore, warn, "laser"), need(encounter.ItemSignature, require, "")), out: glabella.Deny, want: []encounter.Missing{
			{Item: encounter.ItemPhotosBefore, Level: warn, Procedure: laserID, Path: "/procedures/1/photos/before", Code: encounter.CodeIncompletePhotosBefore},
			{Item: encounter.ItemSignature, Level: require, Path: "/note/signatures", Code: encounter.CodeIncompleteSignature},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := chartFacts()
			if tt.change != nil {
				tt.change(&f)
			}
			missing, d := encounter.Complete(tt.policy, f)
			if diff := cmp.Diff(tt.want, missing); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
			if d.Outcome != tt.out || len(d.Reasons) != len(tt.want) {
				t.Errorf("decision = %v, want %s with %d reasons", d, tt.out, len(tt.want))
			}
			for _, r := range d.Reasons {
				if r.Fix == "" || r.Source != "clinic policy 9" || len(r.Refs) == 0 || r.Args["path"] == "" {
					t.Errorf("reason %+v lacks a fix, source, path or what it is about", r)
				}
			}
		})
	}
}

func TestChartItems(t *testing.T) {
	t.Parallel()
	seen := map[glabella.Code]bool{}
	for _, item := range encounter.ChartItems() {
		missing, d := encounter.Complete(rules(need(item, encounter.LevelRequire, "laser")), chartFacts())
		if len(missing) != 1 || d.Outcome != glabella.Deny || missing[0].Item != item || seen[missing[0].Code] {
			t.Errorf("%s: missing = %v, %v, want the item once and a code of its own", item, missing, d)
			continue
		}
		if item.OfProcedure() != !missing[0].Procedure.IsZero() {
			t.Errorf("%s.OfProcedure() = %t", item, item.OfProcedure())
		}
		seen[missing[0].Code] = true
	}
	if encounter.ChartItem("").Valid() || encounter.ChartItem("").OfProcedure() {
		t.Error("the zero item is valid")
	}
}

func TestMoreOfAChartNeverLacksMore(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(20))
	items, levels, templates := encounter.ChartItems(), encounter.CompletenessLevels(), []string{"", "botulinum-toxin", "laser"}
	for range 500 {
		var p encounter.CompletenessPolicy
		for range r.Intn(12) {
			p.Rules = append(p.Rules, need(items[r.Intn(len(items))], levels[r.Intn(len(levels))], templates[r.Intn(len(templates))]))
		}
		f := chartFacts()
		before, d := encounter.Complete(p, f)
		required := slices.ContainsFunc(before, func(m encounter.Missing) bool { return m.Level == encounter.LevelRequire })
		if (d.Outcome == glabella.Deny) != required || d.Allowed() != (len(before) == 0) {
			t.Fatalf("decision %v for %v", d, before)
		}
		item := items[r.Intn(len(items))]
		f.Have = append(f.Have, item)
		for i := range f.Procedures {
			f.Procedures[i].Have = append(f.Procedures[i].Have, item)
		}
		after, _ := encounter.Complete(p, f)
		want := slices.DeleteFunc(slices.Clone(before), func(m encounter.Missing) bool { return m.Item == item })
		if !slices.Equal(want, after) {
			t.Fatalf("with %s, missing = %v, want %v", item, after, want)
		}
	}
}

func TestValidateCompletenessPolicy(t *testing.T) {
	t.Parallel()
	good := rules(need(encounter.ItemLots, encounter.LevelRequire, ""), need(encounter.ItemLots, encounter.LevelNone, "laser"))
	if err := good.Validate(); err != nil {
		t.Errorf("Validate = %v", err)
	}
	bad := rules(need("shoe-size", "perhaps", ""), need(encounter.ItemLots, encounter.LevelWarn, "laser"), need(encounter.ItemLots, encounter.LevelRequire, "laser"))
	if diff := cmp.Diff([]place{{"/rules/0/item", glabella.CodeUnknownValue}, {"/rules/0/level", glabella.CodeUnknownValue}, {"/rules/2", glabella.CodeDuplicate}}, placesOf(t, bad.Validate())); diff != "" {
		t.Errorf("Validate (-want +got):\n%s", diff)
	}
	roundTrip(t, good)
}

func TestFactsOf(t *testing.T) {
	t.Parallel()
	e := finished(t)
	got := encounter.FactsOf(e)
	if got.Visit != e.ID || len(got.Procedures) != len(e.Procedures) {
		t.Fatalf("FactsOf = %+v", got)
	}
	for i, p := range got.Procedures {
		if p.Procedure != e.Procedures[i].ID || p.Template != e.Procedures[i].Record.Template.Code || !slices.Equal(p.Have, []encounter.ChartItem{encounter.ItemMap, encounter.ItemLots}) {
			t.Errorf("procedure %d = %+v, want its map and its lots", i, p)
		}
	}
	e.Procedures = slices.Clone(e.Procedures[:1])
	e.Procedures[0].Record.Maps, e.Procedures[0].Administrations, e.Procedures[0].Record.Product = nil, nil, ""
	e.Assessment, e.Plan = &encounter.Assessment{}, &encounter.VisitPlan{}
	got = encounter.FactsOf(e)
	if !slices.Equal(got.Have, []encounter.ChartItem{encounter.ItemAssessment, encounter.ItemPlan}) || len(got.Procedures[0].Have) != 0 || !slices.Equal(got.Procedures[0].NotApplicable, []encounter.ChartItem{encounter.ItemLots}) {
		t.Errorf("FactsOf a visit with an assessment and a procedure without a product = %+v", got)
	}
}

// What a chart lacks is named thing by thing, for people and for machines.
func ExampleComplete() {
	policy := encounter.CompletenessPolicy{Rules: []encounter.CompletenessRule{
		{Item: encounter.ItemLots, Level: encounter.LevelRequire},
		{Item: encounter.ItemPhotosAfter, Level: encounter.LevelWarn},
	}}
	missing, decision := encounter.Complete(policy, encounter.CompletenessFacts{Procedures: []encounter.ProcedureFacts{{Template: "dermal-filler", Have: []encounter.ChartItem{encounter.ItemMap}}}})
	for _, m := range missing {
		fmt.Println(m.Level, m.Path)
	}
	fmt.Println(decision)
	// Output:
	// require /procedures/0/administrations
	// warn /procedures/0/photos/after
	// deny: encounter.incomplete.lots, encounter.incomplete.photos-after
}
