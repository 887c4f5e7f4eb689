package patient_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/quantity"
)

func past() patient.History {
	from, day := reported("2026-05-02T10:00:00Z"), glabella.MustParseDate
	h := patient.NewHistory(glabella.DeriveID[glabella.PatientID]("p"))
	h.Family = []patient.FamilyFact{{Relationship: patient.RelationMother, Classes: []string{"keloid"}, AgeAtOnset: 30, Provenance: from}}
	h.Social = []patient.SocialFact{{Kind: patient.SocialTobacco, Value: "former", Amount: quantity.MustParse("10 mL"), AmountPer: "day", From: patient.PartialDate{Year: 2010}, To: patient.PartialDate{Year: 2020, Month: 3}, Provenance: from}}
	h.Treatments = []patient.PriorTreatment{{Treatment: "dermal-filler", Product: glabella.Coding{Display: "not known"}, Regions: []string{"lips"}, At: patient.PartialDate{Year: 2019, Month: 5}, Where: "elsewhere", Provenance: from}}
	h.Pregnancy = []patient.PregnancyStatus{{Status: patient.Pregnant, On: day("2026-01-10"), DueDate: day("2026-08-01"), Provenance: from}}
	h.Skin = []patient.SkinAssessment{{Type: patient.SkinTypeIII, Answers: []patient.SkinAnswer{{Question: "burns", Answer: "at-times"}}, At: from.RecordedAt, Provenance: from}}
	return h
}

func TestAHistoryIsValidAndReadBackAsItIs(t *testing.T) {
	t.Parallel()
	h := past()
	if err := h.Validate(); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	var got patient.History
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(h, got, cmp.Comparer(func(a, b quantity.Quantity) bool { return a.String() == b.String() })); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func TestValidateOfAHistoryNamesThePlace(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		path   string
		code   glabella.Code
		change func(*patient.History)
	}{
		{"/id", glabella.CodeMismatch, func(h *patient.History) { h.ID = glabella.DeriveID[glabella.HistoryID]("other") }},
		{"/family/0/relationship", glabella.CodeUnknownValue, func(h *patient.History) { h.Family[0].Relationship = "x" }},
		{"/family/0/condition", glabella.CodeRequired, func(h *patient.History) { h.Family[0].Classes = nil }},
		{"/family/0/ageAtOnset", glabella.CodeOutOfRange, func(h *patient.History) { h.Family[0].AgeAtOnset = -1 }},
		{"/social/0/kind", glabella.CodeUnknownValue, func(h *patient.History) { h.Social[0].Kind = "x" }},
		{"/social/0/value", glabella.CodeRequired, func(h *patient.History) { h.Social[0].Value = "" }},
		{"/social/0/from", glabella.CodeFormat, func(h *patient.History) { h.Social[0].From = patient.PartialDate{Year: 2010, Day: 4} }},
		{"/social/0/to", patient.CodePeriod, func(h *patient.History) { h.Social[0].To = patient.PartialDate{Year: 2009, Month: 12} }},
		{"/treatments/0/treatment", glabella.CodeRequired, func(h *patient.History) { h.Treatments[0].Treatment = "" }},
		{"/treatments/0/at", glabella.CodeFormat, func(h *patient.History) { h.Treatments[0].At = patient.PartialDate{Year: 2019, Month: 13} }},
		{"/treatments/0/regions/1", glabella.CodeDuplicate, func(h *patient.History) { h.Treatments[0].Regions = []string{"lips", "lips"} }},
		{"/pregnancy/0/status", glabella.CodeUnknownValue, func(h *patient.History) {
			h.Pregnancy[0] = patient.PregnancyStatus{Status: "x", On: h.Pregnancy[0].On, Provenance: h.Pregnancy[0].Provenance}
		}},
		{"/pregnancy/0/dueDate", glabella.CodeMismatch, func(h *patient.History) { h.Pregnancy[0].Status = patient.NotPregnant }},
		{"/skin/0/type", glabella.CodeUnknownValue, func(h *patient.History) { h.Skin[0].Type = "VII" }},
		{"/skin/0/at", glabella.CodeRequired, func(h *patient.History) { h.Skin[0].At = time.Time{} }},
		{"/skin/0/answers/0", glabella.CodeRequired, func(h *patient.History) { h.Skin[0].Answers[0].Answer = "" }},
	} {
		h := past()
		tt.change(&h)
		var invalid *glabella.ValidationError
		if err := h.Validate(); !errors.As(err, &invalid) || len(invalid.Issues) != 1 || invalid.Issues[0].Path != tt.path || invalid.Issues[0].Code != tt.code {
			t.Errorf("%s: %v, want %s alone", tt.path, err, tt.code)
		}
	}
}

func TestPregnancyOn(t *testing.T) {
	t.Parallel()
	day := glabella.MustParseDate
	h := patient.History{Pregnancy: []patient.PregnancyStatus{
		{Status: patient.NotPregnant, On: day("2026-03-01"), Provenance: reported("2026-03-01T12:00:00Z")},
		{Status: patient.Pregnant, On: day("2026-03-01"), Provenance: reported("2026-03-01T09:00:00Z")},
		{Status: patient.PossiblyPregnant, On: day("2026-02-01"), Provenance: reported("2026-02-01T09:00:00Z")},
	}}
	for _, tt := range []struct {
		name, on string
		fresh    int
		want     patient.Pregnancy
		age      int
		stale    bool
	}{
		{name: "before anyone asked", on: "2026-01-31", stale: true},
		{name: "on the day", on: "2026-02-01", want: patient.PossiblyPregnant},
		{name: "the next day is stale without a policy", on: "2026-02-02", want: patient.PossiblyPregnant, age: 1, stale: true},
		{name: "of one day the later answer counts", on: "2026-03-01", want: patient.NotPregnant},
		{name: "on the last day of the policy", on: "2026-03-08", fresh: 7, want: patient.NotPregnant, age: 7},
		{name: "a day later", on: "2026-03-09", fresh: 7, want: patient.NotPregnant, age: 8, stale: true},
	} {
		got := h.PregnancyOn(day(tt.on), patient.PregnancyPolicy{FreshDays: tt.fresh})
		if got.Status.Status != tt.want || got.AgeDays != tt.age || got.Stale != tt.stale {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}

func TestConditionsOf(t *testing.T) {
	t.Parallel()
	h := past()
	on := glabella.MustParseDate("2026-03-01")
	got := patient.ConditionsOf(h, on)
	want := []patient.Condition{{Classes: []string{"pregnant"}, From: glabella.MustParseDate("2026-01-10"), Provenance: glabella.Provenance{
		Source: glabella.SourceDerived, Author: h.Ref(), RecordedAt: h.Pregnancy[0].Provenance.RecordedAt}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ConditionsOf (-want +got):\n%s", diff)
	}
	if got := patient.ConditionsOf(h, glabella.MustParseDate("2026-01-09")); got != nil {
		t.Errorf("before the answer: %v", got)
	}
	h.Pregnancy[0].Status = patient.NotPregnant
	if got := patient.ConditionsOf(h, on); got != nil {
		t.Errorf("not pregnant: %v", got)
	}
}

func TestSocialOnCountsTheWholeOfAMonth(t *testing.T) {
	t.Parallel()
	h := past()
	for day, want := range map[string]int{"2009-12-31": 0, "2010-01-01": 1, "2020-03-31": 1, "2020-04-01": 0} {
		if got := len(h.SocialOn(patient.SocialTobacco, glabella.MustParseDate(day))); got != want {
			t.Errorf("on %s: %d facts, want %d", day, got, want)
		}
	}
	if got := h.SocialOn(patient.SocialAlcohol, glabella.MustParseDate("2015-01-01")); got != nil {
		t.Errorf("another kind: %v", got)
	}
}

func TestSkinAt(t *testing.T) {
	t.Parallel()
	h := past()
	h.Skin = append(h.Skin, patient.SkinAssessment{Type: patient.SkinTypeIV, At: h.Skin[0].At.Add(time.Hour)})
	if got, ok := h.SkinAt(h.Skin[0].At); !ok || got.Type != patient.SkinTypeIII {
		t.Errorf("at the first: %v, %t", got.Type, ok)
	}
	if got, ok := h.SkinAt(h.Skin[1].At.Add(time.Hour)); !ok || got.Type != patient.SkinTypeIV {
		t.Errorf("after the second: %v, %t", got.Type, ok)
	}
	if _, ok := h.SkinAt(h.Skin[0].At.Add(-1)); ok {
		t.Error("there is an assessment before the first")
	}
}

func TestPartialDate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, first, last string }{
		{"2024", "2024-01-01", "2024-12-31"},
		{"2024-02", "2024-02-01", "2024-02-29"},
		{"2024-12", "2024-12-01", "2024-12-31"},
		{"2024-02-03", "2024-02-03", "2024-02-03"},
	} {
		d, err := patient.ParsePartialDate(tt.text)
		if err != nil || !d.Valid() || d.String() != tt.text || d.Earliest().String() != tt.first || d.Latest().String() != tt.last {
			t.Errorf("ParsePartialDate(%s) = %s from %s to %s, %v", tt.text, d, d.Earliest(), d.Latest(), err)
		}
	}
	for _, text := range []string{"", "24", "2024-13", "2024-02-30", "0000", "2024-2", "2024/02"} {
		if d, err := patient.ParsePartialDate(text); !errors.Is(err, glabella.ErrInvalid) || !d.IsZero() {
			t.Errorf("ParsePartialDate(%q) = %v, %v", text, d, err)
		}
	}
}

func FuzzParsePartialDate(f *testing.F) {
	f.Add("2024-02")
	f.Add("2024-02-30")
	f.Fuzz(func(t *testing.T, s string) {
		d, err := patient.ParsePartialDate(s)
		if err == nil && (d.String() != s || !d.Valid() || d.Latest().Before(d.Earliest())) {
			t.Errorf("ParsePartialDate(%q) = %v", s, d)
		}
	})
}
