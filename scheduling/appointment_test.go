package scheduling_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/scheduling"
)

var update = flag.Bool("update", false, "write the golden files")

func id[I glabella.Identity](name string) I { return glabella.DeriveID[I](name) }

var (
	ten   = time.Date(2026, time.November, 23, 16, 0, 0, 0, time.UTC) // 10:00 in Chicago
	visit = id[glabella.EncounterID]("visit")
)

// appointment lasts an hour from ten o'clock, delayed by after.
func appointment(name string, after time.Duration) scheduling.Appointment {
	return scheduling.Appointment{
		ID: id[glabella.AppointmentID](name), Patient: id[glabella.PatientID]("patient of " + name), Provider: id[glabella.StaffID]("provider of " + name),
		Site: id[glabella.SiteID]("site"), Room: "room of " + name, Service: "toxin", Start: ten.Add(after), End: ten.Add(after + time.Hour), State: scheduling.Booked,
	}
}

func TestMachine(t *testing.T) {
	t.Parallel()
	verbs := map[string]func(scheduling.Appointment) (scheduling.Appointment, error){
		"confirm":  scheduling.Appointment.Confirm,
		"arrive":   func(a scheduling.Appointment) (scheduling.Appointment, error) { return a.Arrive(visit) },
		"complete": scheduling.Appointment.Complete,
		"cancel":   func(a scheduling.Appointment) (scheduling.Appointment, error) { return a.Cancel("patient-asked") },
		"miss":     scheduling.Appointment.Miss,
	}
	legal := map[scheduling.State]map[string]scheduling.State{
		scheduling.Pending: {"confirm": scheduling.Booked, "cancel": scheduling.Cancelled},
		scheduling.Booked:  {"arrive": scheduling.Arrived, "cancel": scheduling.Cancelled, "miss": scheduling.NoShow},
		scheduling.Arrived: {"complete": scheduling.Completed, "cancel": scheduling.Cancelled},
	}
	for _, from := range scheduling.States() {
		for verb, do := range verbs {
			t.Run(verb+" when "+string(from), func(t *testing.T) {
				t.Parallel()
				a := appointment("a", 0)
				a.State = from
				got, err := do(a)
				want, ok := legal[from][verb]
				if !ok {
					var te *glabella.TransitionError
					if !errors.As(err, &te) || te.Action != verb || te.From != string(from) || got != a {
						t.Errorf("%s = %+v, %v, want the appointment as it was and a transition error", verb, got, err)
					}
					return
				}
				if err != nil || got.State != want {
					t.Fatalf("%s = %s, %v, want %s", verb, got.State, err, want)
				}
				if arrived := verb == "arrive"; (got.Encounter == visit) != arrived {
					t.Errorf("%s leaves the visit %q", verb, got.Encounter)
				}
				if cancelled := verb == "cancel"; (got.Reason == "patient-asked") != cancelled {
					t.Errorf("%s leaves the reason %q", verb, got.Reason)
				}
			})
		}
	}
}

func TestMachineDiagram(t *testing.T) {
	t.Parallel()
	golden := filepath.Join("testdata", "appointment.mermaid")
	got := scheduling.Machine().Mermaid()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("Mermaid (-want +got):\n%s", diff)
	}
	for _, s := range scheduling.Machine().States() {
		if !s.Valid() {
			t.Errorf("the machine has the state %q, which is not one of States", s)
		}
	}
}

func TestHolds(t *testing.T) {
	t.Parallel()
	want := map[scheduling.State]bool{scheduling.Pending: true, scheduling.Booked: true, scheduling.Arrived: true, scheduling.Completed: true, scheduling.Cancelled: false, scheduling.NoShow: false}
	for _, s := range scheduling.States() {
		if got := (scheduling.Appointment{State: s}).Holds(); got != want[s] {
			t.Errorf("%s: Holds() = %t, want %t", s, got, want[s])
		}
	}
}

func TestAppointmentValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*scheduling.Appointment)
		want   map[string]glabella.Code
	}{
		{"a complete appointment is valid", func(*scheduling.Appointment) {}, nil},
		{"one of a whole day is valid", func(a *scheduling.Appointment) { a.End = a.Start.Add(24 * time.Hour) }, nil},
		{"one that takes no room is valid", func(a *scheduling.Appointment) { a.Room = "" }, nil},
		{"one of more than a day", func(a *scheduling.Appointment) { a.End = a.Start.Add(24*time.Hour + 1) }, map[string]glabella.Code{"/end": scheduling.CodeSpan}},
		{"one of no length", func(a *scheduling.Appointment) { a.End = a.Start }, map[string]glabella.Code{"/end": scheduling.CodeSpan}},
		{"one that ends first", func(a *scheduling.Appointment) { a.End = a.Start.Add(-time.Hour) }, map[string]glabella.Code{"/end": scheduling.CodeSpan}},
		{"an empty one", func(a *scheduling.Appointment) { *a = scheduling.Appointment{} }, map[string]glabella.Code{
			"/id": glabella.CodeRequired, "/patient": glabella.CodeRequired, "/provider": glabella.CodeRequired, "/site": glabella.CodeRequired,
			"/service": glabella.CodeRequired, "/start": glabella.CodeRequired, "/end": glabella.CodeRequired, "/state": glabella.CodeUnknownValue,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := appointment("a", 0)
			tt.change(&a)
			var got map[string]glabella.Code
			var invalid *glabella.ValidationError
			if errors.As(a.Validate(), &invalid) {
				got = map[string]glabella.Code{}
				for _, i := range invalid.Issues {
					got[i.Path] = i.Code
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAppointmentRoundTripsThroughJSON(t *testing.T) {
	t.Parallel()
	full := appointment("a", 0)
	full.Encounter, full.Reason, full.Version = visit, "patient-asked", 3
	for _, want := range []scheduling.Appointment{full, {}} {
		b, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got scheduling.Appointment
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("round trip (-want +got):\n%s", diff)
		}
	}
}
