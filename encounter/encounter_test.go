package encounter_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

// place is the part of an issue that callers rely on.
type place struct {
	Path string
	Code glabella.Code
}

func placesOf(t testing.TB, err error) []place {
	t.Helper()
	if err == nil {
		return nil
	}
	var invalid *glabella.ValidationError
	if !errors.As(err, &invalid) {
		t.Fatalf("%v is no validation error", err)
	}
	var out []place
	for _, i := range invalid.Issues {
		out = append(out, place{i.Path, i.Code})
	}
	return out
}

func codesOf(t testing.TB, err error) []glabella.Code {
	t.Helper()
	if err == nil {
		return nil
	}
	var refused *glabella.RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("%v is no refusal", err)
	}
	for _, r := range refused.Decision.Reasons {
		if r.Fix == "" || len(r.Refs) == 0 {
			t.Errorf("reason %s has no fix or is about nothing", r.Code)
		}
	}
	return refused.Decision.Codes()
}

func checkEnum[T interface {
	~string
	comparable
	Valid() bool
}](t *testing.T, values []T) {
	t.Helper()
	seen := map[T]bool{}
	for _, v := range values {
		if !v.Valid() || v == "" || seen[v] {
			t.Errorf("%q of %v is not valid, empty or there twice", v, values)
		}
		seen[v] = true
	}
	var none T
	if none.Valid() || (none + "x").Valid() {
		t.Errorf("%T takes values that are not in its list", none)
	}
}

func TestEnums(t *testing.T) {
	t.Parallel()
	checkEnum(t, encounter.States())
	checkEnum(t, encounter.Modalities())
	checkEnum(t, encounter.ClearanceDecisions())
	checkEnum(t, encounter.NoteStates())
	checkEnum(t, encounter.SignatureRoles())
	checkEnum(t, encounter.AmendmentKinds())
}

func procedure(t testing.TB, n int, r treatment.Record) encounter.Procedure {
	t.Helper()
	administrations, err := encounter.AdministrationsOf(r)
	if err != nil {
		t.Fatal(err)
	}
	return encounter.Procedure{ID: id[glabella.ProcedureID](100 + n), Record: r, Performer: nurse, PerformedAt: morning.Add(time.Duration(n) * 5 * time.Minute), Administrations: administrations}
}

// planned is a visit that is to come.
func planned() encounter.Encounter {
	return encounter.Encounter{ID: visitID, Patient: patientID, Site: siteID, Provider: nurse, State: encounter.Planned}
}

// finished is a visit in which the upper face and the cheeks were treated.
func finished(t testing.TB) encounter.Encounter {
	t.Helper()
	e, err := planned().Arrive(morning)
	for i, r := range []treatment.Record{upperFace(t), cheeks(t)} {
		if err != nil {
			t.Fatal(err)
		}
		e, err = e.Chart(procedure(t, i+1, r))
	}
	if err != nil {
		t.Fatal(err)
	}
	if e, err = e.Complete(morning.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestVisit(t *testing.T) {
	t.Parallel()
	e := finished(t)
	if err := e.Validate(); err != nil {
		t.Error(err)
	}
	if e.State != encounter.Finished || !e.ArrivedAt.Equal(morning) || !e.StartedAt.Equal(morning.Add(5*time.Minute)) || !e.CompletedAt.Equal(morning.Add(time.Hour)) {
		t.Errorf("the visit is %s, arrived %v, started %v, completed %v", e.State, e.ArrivedAt, e.StartedAt, e.CompletedAt)
	}
	if got, want := e.Lots(), []glabella.LotID{lotA, lotB, lotC}; !cmp.Equal(got, want) {
		t.Errorf("Lots() = %v, want %v", got, want)
	}
	if got, want := e.Ref(), visitID.Ref(); got != want {
		t.Errorf("Ref() = %v, want %v", got, want)
	}
}

// Every action is tried in every state: what the table has an arrow for is
// done, and nothing else.
func TestVerbsFollowTheTable(t *testing.T) {
	t.Parallel()
	p := procedure(t, 1, upperFace(t))
	verbs := map[string]func(encounter.Encounter) (encounter.Encounter, error){
		"arrive": func(e encounter.Encounter) (encounter.Encounter, error) { return e.Arrive(morning) },
		"assess": func(e encounter.Encounter) (encounter.Encounter, error) {
			return e.Assess(encounter.Assessment{}, nil, morning)
		},
		"chart":    func(e encounter.Encounter) (encounter.Encounter, error) { return e.Chart(p) },
		"complete": func(e encounter.Encounter) (encounter.Encounter, error) { return e.Complete(morning) },
		"cancel":   func(e encounter.Encounter) (encounter.Encounter, error) { return e.Cancel() },
	}
	machine := encounter.Machine()
	for _, a := range machine.Arrows {
		if verbs[a.Action] == nil {
			t.Errorf("the table has %q, which no verb does", a.Action)
		}
	}
	for _, from := range encounter.States() {
		for action, verb := range verbs {
			e := planned()
			e.State = from
			got, err := verb(e)
			want, illegal := machine.Next(from, action)
			var transition *glabella.TransitionError
			switch {
			case illegal == nil && (err != nil || got.State != want):
				t.Errorf("%s when %s = %s, %v, want %s", action, from, got.State, err, want)
			case illegal != nil && from == encounter.Present && action == "complete": // refused with a reason
			case illegal != nil && !errors.As(err, &transition):
				t.Errorf("%s when %s: %v, want a transition error", action, from, err)
			case illegal != nil && !cmp.Equal(got, e):
				t.Errorf("%s when %s changed the visit", action, from)
			}
		}
	}
}

func TestCompleteDemandsThatSomethingWasCharted(t *testing.T) {
	t.Parallel()
	e, err := planned().Arrive(morning)
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.Complete(morning.Add(time.Hour))
	if diff := cmp.Diff([]glabella.Code{encounter.CodeIncomplete}, codesOf(t, err)); diff != "" {
		t.Errorf("Complete without procedures (-want +got):\n%s", diff)
	}
	if !cmp.Equal(got, e) {
		t.Error("a refused completion changed the visit")
	}
}

func TestChartSharesNothing(t *testing.T) {
	t.Parallel()
	e, err := planned().Arrive(morning)
	if err != nil {
		t.Fatal(err)
	}
	p := procedure(t, 1, upperFace(t))
	first, err := e.Chart(p)
	if err != nil {
		t.Fatal(err)
	}
	second, err := first.Chart(procedure(t, 2, cheeks(t)))
	if err != nil {
		t.Fatal(err)
	}
	third, err := first.Chart(procedure(t, 3, cheeks(t)))
	if err != nil {
		t.Fatal(err)
	}
	p.Administrations[0].Regions[0] = "changed"
	third.Event().Procedures[0].Administrations[0].Regions[0] = "changed"
	if len(first.Procedures) != 1 || second.Procedures[1].ID != id[glabella.ProcedureID](102) || third.Procedures[1].ID != id[glabella.ProcedureID](103) {
		t.Error("charting changed another value of the visit")
	}
	if third.Procedures[0].Administrations[0].Regions[0] != "glabella" {
		t.Error("the visit changed with what was passed in or handed out")
	}
}

func TestValidateVisit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*encounter.Encounter)
		want   []place
	}{
		{name: "finished", change: func(e *encounter.Encounter) {}},
		{name: "planned", change: func(e *encounter.Encounter) { *e = planned() }},
		{name: "nothing is given", change: func(e *encounter.Encounter) { *e = encounter.Encounter{} }, want: []place{
			{"/id", glabella.CodeRequired}, {"/patient", glabella.CodeRequired}, {"/provider", glabella.CodeRequired}, {"/site", glabella.CodeRequired}, {"/state", glabella.CodeUnknownValue},
		}},
		{name: "finished without its times", change: func(e *encounter.Encounter) {
			e.ArrivedAt, e.StartedAt, e.CompletedAt = time.Time{}, time.Time{}, time.Time{}
		}, want: []place{{"/arrivedAt", glabella.CodeRequired}, {"/completedAt", glabella.CodeRequired}, {"/startedAt", glabella.CodeRequired}}},
		{name: "completed before it started", change: func(e *encounter.Encounter) { e.CompletedAt = e.StartedAt.Add(-time.Minute) }, want: []place{{"/completedAt", glabella.CodeOutOfRange}}},
		{name: "a procedure stands twice", change: func(e *encounter.Encounter) { e.Procedures[1].ID = e.Procedures[0].ID }, want: []place{{"/procedures/1/id", glabella.CodeDuplicate}}},
		{name: "a procedure without performer and time", change: func(e *encounter.Encounter) {
			e.Procedures[1].Performer, e.Procedures[1].PerformedAt = glabella.StaffID{}, time.Time{}
		}, want: []place{{"/procedures/1/performedAt", glabella.CodeRequired}, {"/procedures/1/performer", glabella.CodeRequired}}},
		{name: "more was administered than the points say", change: func(e *encounter.Encounter) {
			e.Procedures[0].Administrations[0].Quantity = quantity.MustParse("65 [arb'U]{onabotulinumtoxinA}")
		}, want: []place{{"/procedures/0/administrations", encounter.CodeAdministrations}}},
		{name: "an administration is missing", change: func(e *encounter.Encounter) {
			e.Procedures[1].Administrations = e.Procedures[1].Administrations[:1]
		}, want: []place{{"/procedures/1/administrations", encounter.CodeAdministrations}}},
		{name: "another container was administered", change: func(e *encounter.Encounter) { e.Procedures[0].Administrations[0].Vial = vialB }, want: []place{{"/procedures/0/administrations", encounter.CodeAdministrations}}},
		{name: "another region was treated", change: func(e *encounter.Encounter) { e.Procedures[0].Administrations[0].Regions[0] = "chin" }, want: []place{{"/procedures/0/administrations", encounter.CodeAdministrations}}},
		{name: "a point without its lot", change: func(e *encounter.Encounter) { e.Procedures[0].Record.Maps[0].Points[3].Lot = glabella.LotID{} }, want: []place{{"/procedures/0/administrations", encounter.CodeAdministrations}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := finished(t)
			tt.change(&e)
			if diff := cmp.Diff(tt.want, placesOf(t, e.Validate())); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAdministrationsOf(t *testing.T) {
	t.Parallel()
	const dose = "4 [arb'U]{onabotulinumtoxinA}"
	point := func(region string, lot glabella.LotID, vial glabella.VialID, amount string) treatment.Point {
		return treatment.Point{Region: region, Lot: lot, Vial: vial, Amount: quantity.MustParse(amount)}
	}
	given := func(lot glabella.LotID, vial glabella.VialID, amount string, regions ...string) encounter.Administration {
		return encounter.Administration{Product: "onabotulinumtoxinA", Lot: lot, Vial: vial, Quantity: quantity.MustParse(amount), Regions: regions}
	}
	for _, tt := range []struct {
		name   string
		points []treatment.Point
		want   []encounter.Administration
		issues []place
	}{
		{name: "no points"},
		{name: "one container in two regions", points: []treatment.Point{point("glabella", lotA, vialA, dose), point("forehead", lotA, vialA, dose), point("glabella", lotA, vialA, dose)},
			want: []encounter.Administration{given(lotA, vialA, "12 [arb'U]{onabotulinumtoxinA}", "glabella", "forehead")}},
		{name: "two containers of a lot", points: []treatment.Point{point("glabella", lotA, vialA, dose), point("glabella", lotA, vialB, dose)},
			want: []encounter.Administration{given(lotA, vialA, dose, "glabella"), given(lotA, vialB, dose, "glabella")}},
		{name: "containers of two lots", points: []treatment.Point{point("glabella", lotA, vialA, dose), point("glabella", lotB, vialB, dose), point("forehead", lotA, vialA, dose)},
			want: []encounter.Administration{given(lotA, vialA, "8 [arb'U]{onabotulinumtoxinA}", "glabella", "forehead"), given(lotB, vialB, dose, "glabella")}},
		{name: "no lot, no container", points: []treatment.Point{point("glabella", lotA, vialA, dose), point("glabella", glabella.LotID{}, glabella.VialID{}, dose)},
			want: []encounter.Administration{given(lotA, vialA, dose, "glabella"), given(glabella.LotID{}, glabella.VialID{}, dose, "glabella")}},
		{name: "units of two toxins out of one container", points: []treatment.Point{point("glabella", lotA, vialA, dose), point("glabella", lotA, vialA, "4 [arb'U]{abobotulinumtoxinA}")},
			issues: []place{{"/maps/0/points/1/amount", glabella.CodeMismatch}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := encounter.AdministrationsOf(treatment.Record{Product: "onabotulinumtoxinA", Maps: []treatment.Map{{Points: tt.points}}})
			if diff := cmp.Diff(tt.issues, placesOf(t, err)); diff != "" {
				t.Errorf("AdministrationsOf, issues (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("AdministrationsOf (-want +got):\n%s", diff)
			}
		})
	}
}

// The parts sum to the whole, no container stands twice, and the order of the
// points changes no amount.
func TestAdministrationsSumToThePointsProperty(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewSource(11))
	unit := quantity.MustUnit("[arb'U]{onabotulinumtoxinA}")
	for range 300 {
		r := treatment.Record{Product: "onabotulinumtoxinA", Maps: make([]treatment.Map, 1+rnd.Intn(3))}
		var whole quantity.Quantity
		for range rnd.Intn(40) {
			amount := quantity.New(decimal.New(rnd.Int63n(2000), -2), unit)
			sum, err := whole.Add(amount)
			if err != nil {
				t.Fatal(err)
			}
			whole = sum
			m := &r.Maps[rnd.Intn(len(r.Maps))]
			n := rnd.Intn(4)
			m.Points = append(m.Points, treatment.Point{Region: fmt.Sprint(rnd.Intn(3)), Lot: id[glabella.LotID](n / 2), Vial: id[glabella.VialID](n), Amount: amount})
		}
		amounts := func() map[glabella.VialID]string {
			t.Helper()
			got, err := encounter.AdministrationsOf(r)
			if err != nil {
				t.Fatal(err)
			}
			out := map[glabella.VialID]string{}
			var sum quantity.Quantity
			for _, a := range got {
				if out[a.Vial] != "" {
					t.Fatalf("container %v stands twice", a.Vial)
				}
				out[a.Vial] = a.Quantity.String()
				if sum, err = sum.Add(a.Quantity); err != nil {
					t.Fatal(err)
				}
			}
			if !sum.Equal(whole) {
				t.Fatalf("administrations sum to %v, the points to %v", sum, whole)
			}
			return out
		}
		before := amounts()
		for _, m := range r.Maps {
			rnd.Shuffle(len(m.Points), func(i, j int) { m.Points[i], m.Points[j] = m.Points[j], m.Points[i] })
		}
		if diff := cmp.Diff(before, amounts()); diff != "" {
			t.Fatalf("amounts in another order (-before +after):\n%s", diff)
		}
	}
}

func TestEvent(t *testing.T) {
	t.Parallel()
	e := finished(t)
	want := encounter.Completed{Encounter: visitID, Patient: patientID, Site: siteID, Provider: nurse, Procedures: []encounter.CompletedProcedure{
		{Procedure: id[glabella.ProcedureID](101), Template: "botulinum-toxin", Product: "onabotulinumtoxinA", Performer: nurse, Administrations: []encounter.Administration{
			{Product: "onabotulinumtoxinA", Lot: lotA, Vial: vialA, Quantity: quantity.MustParse("64 [arb'U]{onabotulinumtoxinA}"), Regions: []string{"glabella", "forehead", "lateral-canthal"}},
		}},
		{Procedure: id[glabella.ProcedureID](102), Template: "dermal-filler", Product: "juvederm-voluma-xc", Performer: nurse, Administrations: []encounter.Administration{
			{Product: "juvederm-voluma-xc", Lot: lotB, Vial: vialB, Quantity: quantity.MustParse("1 mL{juvederm-voluma-xc}"), Regions: []string{"cheek"}},
			{Product: "juvederm-voluma-xc", Lot: lotC, Vial: syringe, Quantity: quantity.MustParse("1 mL{juvederm-voluma-xc}"), Regions: []string{"cheek"}},
		}},
	}}
	if diff := cmp.Diff(want, e.Event()); diff != "" {
		t.Errorf("Event (-want +got):\n%s", diff)
	}
}

func roundTrip[T any](t *testing.T, v T) {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var got T
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(v, got); diff != "" {
		t.Errorf("%T after a round trip (-want +got):\n%s", v, diff)
	}
}

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	roundTrip(t, finished(t))
	roundTrip(t, planned())
	empty := planned()
	empty.Procedures = []encounter.Procedure{}
	roundTrip(t, empty)
	roundTrip(t, exam(1))
	roundTrip(t, slices.Collect(func(yield func(encounter.Note) bool) { yield(cosigned(t)) }))
}
