package patient_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
)

var (
	importedPatient = glabella.DeriveID[glabella.PatientID]("imported")
	likePatient     = glabella.DeriveID[glabella.PatientID]("like")
	importer        = glabella.DeriveID[glabella.StaffID]("importer")
)

// planned is a plan of five rows, one of each outcome, in the order of
// [patient.ImportOutcomes].
func planned(t *testing.T) []patient.PlannedRow {
	t.Helper()
	text := csvHeader + "1,Ana,Adams,,,,,,,,\n2,Bo,Berg,,,,,,,,\n3,Cy,Cole,,,,,,,,\n4,Di,Dahl,,,,,,,,\n1,Ed,Eames,,,,,,,,\n"
	rows := patient.ReadCSV(strings.NewReader(text), layout(t), patient.Reading{Provenance: imported})
	same, err := readCSV(t, layout(t), strings.NewReader(csvHeader+"2,Bo,Berg,,,,,,,,"))
	if err != nil {
		t.Fatal(err)
	}
	known := func(key string) (patient.KnownRow, bool, error) {
		switch key {
		case "2":
			return patient.KnownRow{Patient: importedPatient, Digest: same[0].Digest}, true, nil
		case "3":
			return patient.KnownRow{Patient: importedPatient, Digest: strings.Repeat("0", 64)}, true, nil
		}
		return patient.KnownRow{}, false, nil
	}
	like := func(in patient.Intake) ([]patient.Candidate, error) {
		if in.Names[0].Family == "Dahl" {
			return []patient.Candidate{{Patient: likePatient}}, nil
		}
		return nil, nil
	}
	var out []patient.PlannedRow
	for row, err := range patient.Plan(rows, known, like) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, row)
	}
	return out
}

func staged(t *testing.T) patient.Import {
	t.Helper()
	m := patient.Import{ID: glabella.DeriveID[glabella.ImportID]("1"), Source: "old", File: strings.Repeat("a", 64), Layout: "old system", Batch: glabella.DeriveID[glabella.ImportID]("1"), State: patient.ImportStaged,
		StartedAt: imported.RecordedAt, By: importer, Provenance: imported}
	for _, p := range planned(t) {
		m.Rows = append(m.Rows, p.Kept())
	}
	if err := m.Validate(); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestPlanSaysWhatARowIs(t *testing.T) {
	t.Parallel()
	var got []patient.ImportOutcome
	for _, p := range planned(t) {
		got = append(got, p.Outcome)
	}
	want := []patient.ImportOutcome{patient.OutcomeNew, patient.OutcomeSame, patient.OutcomeChanged, patient.OutcomeDuplicate, patient.OutcomeRefused}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}

func TestPlanEndsWithAnErrorOfALookup(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	rows := patient.ReadCSV(strings.NewReader(csvHeader+"1,Ana,Adams,,,,,,,,\n"), layout(t), patient.Reading{Provenance: imported})
	for _, err := range patient.Plan(rows, func(string) (patient.KnownRow, bool, error) { return patient.KnownRow{}, false, broken }, nil) {
		if !errors.Is(err, broken) {
			t.Errorf("Plan = %v", err)
		}
	}
}

func TestDecisions(t *testing.T) {
	t.Parallel()
	rows := planned(t)
	link := func(p glabella.PatientID) map[int]patient.RowDecision {
		return map[int]patient.RowDecision{4: {Action: patient.ActionLink, Patient: p}}
	}
	for _, tt := range []struct {
		name string
		d    patient.Decisions
		row  patient.PlannedRow
		want patient.RowDecision
		ok   bool
	}{
		{"nothing decided imports nothing", patient.Decisions{}, rows[0], patient.RowDecision{}, false},
		{"a new row is imported", patient.Decisions{New: patient.ActionImport}, rows[0], patient.RowDecision{Action: patient.ActionImport}, true},
		{"the same row is skipped", patient.Decisions{}, rows[1], patient.RowDecision{Action: patient.ActionSkip}, true},
		{"a change is proposed to its patient", patient.Decisions{Changed: patient.ActionPropose}, rows[2], patient.RowDecision{Action: patient.ActionPropose, Patient: importedPatient}, true},
		{"a change is not imported", patient.Decisions{Changed: patient.ActionImport}, rows[2], patient.RowDecision{}, false},
		{"a duplicate is held", patient.Decisions{Duplicate: patient.ActionHold}, rows[3], patient.RowDecision{Action: patient.ActionHold}, true},
		{"a class is not linked", patient.Decisions{Duplicate: patient.ActionLink}, rows[3], patient.RowDecision{}, false},
		{"a row is linked to its candidate", patient.Decisions{Rows: link(likePatient)}, rows[3], patient.RowDecision{Action: patient.ActionLink, Patient: likePatient}, true},
		{"a row is linked to nobody else", patient.Decisions{Rows: link(importedPatient)}, rows[3], patient.RowDecision{}, false},
		{"a refused row is skipped", patient.Decisions{New: patient.ActionImport}, rows[4], patient.RowDecision{Action: patient.ActionSkip}, true},
		{"a refused row is not imported", patient.Decisions{Rows: map[int]patient.RowDecision{5: {Action: patient.ActionImport}}}, rows[4], patient.RowDecision{}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.d.For(tt.row)
			if got != tt.want || (err == nil) != tt.ok || err != nil && !errors.Is(err, glabella.ErrInvalid) {
				t.Errorf("For = %v, %v; want %v", got, err, tt.want)
			}
		})
	}
}

func TestApplyNeedsAnActionForEachStagedRow(t *testing.T) {
	t.Parallel()
	m, later := staged(t), imported.RecordedAt.Add(time.Hour)
	if _, err := m.Apply(m.Rows, importer, later); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Apply without actions = %v", err)
	}
	rows := staged(t).Rows
	for i, action := range []patient.ImportAction{patient.ActionImport, patient.ActionSkip, patient.ActionPropose, patient.ActionHold, patient.ActionSkip} {
		rows[i].Action = action
	}
	if _, err := m.Apply(rows, importer, later); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Apply without the new patient = %v", err)
	}
	rows[0].Patient = glabella.DeriveID[glabella.PatientID]("new")
	done, err := m.Apply(rows, importer, later)
	if err != nil || done.State != patient.ImportApplied || m.State != patient.ImportStaged || m.Rows[0].Action != "" {
		t.Fatalf("Apply = %v, %v", done.State, err)
	}
	var refused *glabella.TransitionError
	if _, err := done.Discard(importer, later); !errors.As(err, &refused) {
		t.Errorf("Discard of what is applied = %v", err)
	}
	rows[1].Key = "other"
	if _, err := m.Apply(rows, importer, later); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Apply of other rows = %v", err)
	}
	gone, err := m.Discard(importer, later)
	if err != nil || gone.Validate() != nil {
		t.Errorf("Discard = %v, %v", err, gone.Validate())
	}
}

func TestImportKeepsNoPersonalDataAndRoundTrips(t *testing.T) {
	t.Parallel()
	m := staged(t)
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Ana", "Adams", "Eames"} {
		if strings.Contains(string(text), name) {
			t.Errorf("the import has the name %s", name)
		}
	}
	var back patient.Import
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, back); diff != "" {
		t.Errorf("round trip (-want +got):\n%s", diff)
	}
}

func TestReportSumsChunks(t *testing.T) {
	t.Parallel()
	one := patient.ImportReport{}.Add(staged(t))
	two := one.Add(staged(t))
	if one.Rows != 5 || two.Rows != 10 || two.Chunks != 2 || one.Outcomes[patient.OutcomeNew] != 1 || two.Outcomes[patient.OutcomeNew] != 2 {
		t.Errorf("reports %+v and %+v", one, two)
	}
	want := "10 rows in 2 chunks\n       2  new\n       2  same\n       2  changed\n       2  duplicate-possible\n       2  refused\nissues and notes, by rows that have them\n       2  duplicate\n"
	if diff := cmp.Diff(want, two.String()); diff != "" {
		t.Errorf("String (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{5, 5}, two.Problems); diff != "" {
		t.Errorf("Problems (-want +got):\n%s", diff)
	}
}

func TestChunksAreOfTheSizeAsked(t *testing.T) {
	t.Parallel()
	rows := func(yield func(patient.PlannedRow, error) bool) {
		for range 2500 {
			if !yield(patient.PlannedRow{}, nil) {
				return
			}
		}
	}
	for size, want := range map[int]string{0: "[1000 1000 500]", 5000: "[1000 1000 500]", 900: "[900 900 700]"} {
		var got []int
		for chunk, err := range patient.Chunks(rows, size) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, len(chunk))
		}
		if fmt.Sprint(got) != want {
			t.Errorf("Chunks(%d) = %v, want %s", size, got, want)
		}
	}
}
