package encounter_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
)

func rhytids() encounter.Assessment {
	return encounter.Assessment{
		Problems: []encounter.Problem{{
			Coding: glabella.Coding{System: encounter.ICD10CM, Code: "L98.8"}, Text: "glabellar lines", Region: "glabella", Side: midline,
			Severity: score(encounter.ScaleWrinkle, "4-point", "2"),
		}},
		Findings: []encounter.ExamFinding{{Code: "skin-intact", Region: "glabella"}},
		Goals:    []encounter.Goal{{Text: "softer lines", Target: score(encounter.ScaleWrinkle, "4-point", "1"), By: day("2026-12-03")}},
		Scores:   []encounter.Score{score(encounter.ScaleFitzpatrick, "1988", "3")},
	}
}

func TestAssessmentValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*encounter.Assessment)
		want   []string
	}{
		{name: "complete", change: func(*encounter.Assessment) {}},
		{name: "empty", change: func(a *encounter.Assessment) { *a = encounter.Assessment{} }},
		{name: "a code of another form", change: func(a *encounter.Assessment) { a.Problems[0].Coding.Code = "wrinkles" }, want: []string{"/a/problems/0/coding/code encounter.assessment.icd10cm"}},
		{name: "a category alone", change: func(a *encounter.Assessment) { a.Problems[0].Coding.Code = "L98" }},
		{name: "a code with seven characters", change: func(a *encounter.Assessment) { a.Problems[0].Coding.Code = "T78.2XXA" }},
		{name: "a code of another system", change: func(a *encounter.Assessment) {
			a.Problems[0].Coding = glabella.Coding{System: "https://clinic.example/problems", Code: "wrinkles"}
		}},
		{name: "a code of no system", change: func(a *encounter.Assessment) { a.Problems[0].Coding.System = "" }, want: []string{"/a/problems/0/coding/system required"}},
		{name: "a text alone", change: func(a *encounter.Assessment) { a.Problems[0].Coding = glabella.Coding{} }},
		{name: "a problem that says nothing", change: func(a *encounter.Assessment) { a.Problems[0] = encounter.Problem{Region: "glabella"} }, want: []string{"/a/problems/0 required"}},
		{name: "a severity off its scale", change: func(a *encounter.Assessment) {
			a.Problems[0].Severity = score(encounter.ScaleWrinkle, "4-point", "4")
		}, want: []string{"/a/problems/0/severity/value out-of-range"}},
		{name: "no such side of a finding", change: func(a *encounter.Assessment) { a.Findings[0].Side = "top" }, want: []string{"/a/findings/0/side unknown-value"}},
		{name: "a finding that says nothing", change: func(a *encounter.Assessment) { a.Findings[0] = encounter.ExamFinding{} }, want: []string{"/a/findings/0 required"}},
		{name: "a goal without words", change: func(a *encounter.Assessment) { a.Goals[0].Text = "" }, want: []string{"/a/goals/0/text required"}},
		{name: "a score off its scale", change: func(a *encounter.Assessment) {
			a.Scores[0] = score(encounter.ScaleFitzpatrick, "1988", "0")
		}, want: []string{"/a/scores/0/value out-of-range"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := rhytids()
			tt.change(&a)
			if diff := cmp.Diff(tt.want, issuesAt(a.Validate("/a"))); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
	roundTrip(t, rhytids())
}

func TestVisitPlanValidate(t *testing.T) {
	t.Parallel()
	a := rhytids()
	for _, tt := range []struct {
		name string
		item encounter.PlanItem
		a    *encounter.Assessment
		want []string
	}{
		{name: "a treatment", item: encounter.PlanItem{Kind: encounter.PlanTreatment, Treatment: "botulinum-toxin", Problem: 1}, a: &a},
		{name: "a treatment without a template", item: encounter.PlanItem{Kind: encounter.PlanTreatment, Text: "toxin"}, want: []string{"/p/items/0/treatment required"}},
		{name: "a follow-up", item: encounter.PlanItem{Kind: encounter.PlanFollowUp, DueOn: day("2026-11-17")}},
		{name: "a follow-up at no time", item: encounter.PlanItem{Kind: encounter.PlanFollowUp, Text: "see again"}, want: []string{"/p/items/0/dueOn required"}},
		{name: "a referral to nowhere", item: encounter.PlanItem{Kind: encounter.PlanReferral}, want: []string{"/p/items/0/text required"}},
		{name: "no such kind", item: encounter.PlanItem{Kind: "surgery", Text: "no"}, want: []string{"/p/items/0/kind unknown-value"}},
		{name: "a problem that is not there", item: encounter.PlanItem{Kind: encounter.PlanEducation, Text: "sun protection", Problem: 2}, a: &a, want: []string{"/p/items/0/problem out-of-range"}},
		{name: "a problem of no assessment", item: encounter.PlanItem{Kind: encounter.PlanEducation, Text: "sun protection", Problem: 1}, want: []string{"/p/items/0/problem out-of-range"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := encounter.VisitPlan{Items: []encounter.PlanItem{tt.item}}
			if diff := cmp.Diff(tt.want, issuesAt(p.Validate("/p", tt.a))); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
			roundTrip(t, p)
		})
	}
}
