package scheduling_test

import (
	"math/rand"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/scheduling"
)

func TestMayBook(t *testing.T) {
	t.Parallel()
	other := func(after time.Duration, change func(a scheduling.Appointment, b *scheduling.Appointment)) []scheduling.Appointment {
		b := appointment("b", after)
		change(appointment("a", 0), &b)
		return []scheduling.Appointment{b}
	}
	all := func(a scheduling.Appointment, b *scheduling.Appointment) {
		b.Provider, b.Room, b.Patient = a.Provider, a.Room, a.Patient
	}
	for _, tt := range []struct {
		name     string
		change   func(*scheduling.Facts)
		existing []scheduling.Appointment
		want     []glabella.Code
	}{
		{name: "a free time is allowed"},
		{name: "others at the same time do no harm", existing: other(0, func(_ scheduling.Appointment, _ *scheduling.Appointment) {})},
		{name: "the provider is elsewhere", existing: other(30*time.Minute, func(a scheduling.Appointment, b *scheduling.Appointment) {
			b.Provider, b.Site = a.Provider, id[glabella.SiteID]("other")
		}), want: []glabella.Code{scheduling.CodeOverlapProvider}},
		{name: "the room is taken", existing: other(-30*time.Minute, func(a scheduling.Appointment, b *scheduling.Appointment) { b.Room = a.Room }), want: []glabella.Code{scheduling.CodeOverlapRoom}},
		{name: "a room of the same name at another site is another room", existing: other(0, func(a scheduling.Appointment, b *scheduling.Appointment) {
			b.Room, b.Site = a.Room, id[glabella.SiteID]("other")
		})},
		{name: "two appointments without a room share none", change: func(f *scheduling.Facts) { f.Appointment.Room = "" },
			existing: other(0, func(_ scheduling.Appointment, b *scheduling.Appointment) { b.Room = "" })},
		{name: "the patient is elsewhere", existing: other(59*time.Minute, func(a scheduling.Appointment, b *scheduling.Appointment) { b.Patient = a.Patient }), want: []glabella.Code{scheduling.CodeOverlapPatient}},
		{name: "every clash is given", existing: other(0, all), want: []glabella.Code{scheduling.CodeOverlapProvider, scheduling.CodeOverlapRoom, scheduling.CodeOverlapPatient}},
		{name: "one that ends when this starts", existing: other(-time.Hour, all)},
		{name: "one that starts when this ends", existing: other(time.Hour, all)},
		{name: "one that lies within", existing: other(20*time.Minute, func(a scheduling.Appointment, b *scheduling.Appointment) {
			all(a, b)
			b.End = b.Start.Add(time.Minute)
		}), want: []glabella.Code{scheduling.CodeOverlapProvider, scheduling.CodeOverlapRoom, scheduling.CodeOverlapPatient}},
		{name: "a pending one holds its time", existing: other(0, func(a scheduling.Appointment, b *scheduling.Appointment) {
			b.Provider, b.State = a.Provider, scheduling.Pending
		}), want: []glabella.Code{scheduling.CodeOverlapProvider}},
		{name: "a cancelled one does not", existing: other(0, func(a scheduling.Appointment, b *scheduling.Appointment) {
			all(a, b)
			b.State = scheduling.Cancelled
		})},
		{name: "one that was missed does not", existing: other(0, func(a scheduling.Appointment, b *scheduling.Appointment) {
			all(a, b)
			b.State = scheduling.NoShow
		})},
		{name: "an appointment does not clash with itself when it is moved", existing: []scheduling.Appointment{appointment("a", 30*time.Minute)}},
		{name: "yesterday", change: func(f *scheduling.Facts) { f.Now = ten.Add(24 * time.Hour) }, want: []glabella.Code{scheduling.CodePast}},
		{name: "a minute ago", change: func(f *scheduling.Facts) { f.Now = ten.Add(time.Minute) }, want: []glabella.Code{scheduling.CodePast}},
		{name: "a walk-in within the running minute", change: func(f *scheduling.Facts) { f.Now = ten.Add(59 * time.Second) }},
		{name: "an end before the start", change: func(f *scheduling.Facts) { f.Appointment.End = ten.Add(-time.Minute) }, want: []glabella.Code{scheduling.CodeSpan}},
		{name: "two days", change: func(f *scheduling.Facts) { f.Appointment.End = ten.Add(48 * time.Hour) }, want: []glabella.Code{scheduling.CodeSpan}},
		{name: "everything at once", change: func(f *scheduling.Facts) { f.Now = ten.Add(time.Hour) }, existing: other(0, all),
			want: []glabella.Code{scheduling.CodePast, scheduling.CodeOverlapProvider, scheduling.CodeOverlapRoom, scheduling.CodeOverlapPatient}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := scheduling.Facts{Appointment: appointment("a", 0), Existing: tt.existing, Now: ten.Add(-time.Hour)}
			if tt.change != nil {
				tt.change(&f)
			}
			got := scheduling.MayBook(f)
			want := glabella.Allow
			if len(tt.want) > 0 {
				want = glabella.Deny
			}
			if got.Outcome != want || !cmp.Equal(append([]glabella.Code{}, tt.want...), got.Codes()) {
				t.Errorf("MayBook = %v, want %s %v", got, want, tt.want)
			}
			for _, r := range got.Reasons {
				if r.Fix == "" || len(r.Refs) == 0 {
					t.Errorf("%s says neither what it is about nor what would settle it: %+v", r.Code, r)
				}
			}
		})
	}
}

// Whatever order requests come in, those that are accepted never share an instant
// of a provider, a room or a patient; and what is refused clashes with something
// that was accepted.
func TestAcceptedAppointmentsNeverOverlap(t *testing.T) {
	t.Parallel()
	pick := func(rng *rand.Rand, kind string, n int) string { return kind + string(rune('0'+rng.Intn(n))) }
	clash := func(a, b scheduling.Appointment) bool {
		return a.Start.Before(b.End) && b.Start.Before(a.End) && (a.Provider == b.Provider || a.Patient == b.Patient || a.Site == b.Site && a.Room == b.Room && a.Room != "")
	}
	for seed := range int64(40) {
		rng := rand.New(rand.NewSource(seed))
		var accepted []scheduling.Appointment
		refused := 0
		for n := range 150 {
			start := ten.Add(time.Duration(rng.Intn(14*12)) * 5 * time.Minute)
			a := scheduling.Appointment{
				ID: id[glabella.AppointmentID](string(rune(n)) + "th"), Patient: id[glabella.PatientID](pick(rng, "p", 9)), Provider: id[glabella.StaffID](pick(rng, "s", 4)),
				Site: id[glabella.SiteID](pick(rng, "site", 2)), Room: pick(rng, "room", 3), Service: "toxin", Start: start,
				End: start.Add(time.Duration(1+rng.Intn(18)) * 5 * time.Minute), State: []scheduling.State{scheduling.Pending, scheduling.Booked}[rng.Intn(2)],
			}
			if rng.Intn(5) == 0 {
				a.Room = ""
			}
			if len(accepted) > 0 && rng.Intn(6) == 0 { // a request to move one
				a.ID = accepted[rng.Intn(len(accepted))].ID
			}
			d := scheduling.MayBook(scheduling.Facts{Appointment: a, Existing: accepted, Now: ten})
			others := make([]scheduling.Appointment, 0, len(accepted)+1)
			clashes := false
			for _, b := range accepted {
				if b.ID != a.ID {
					others = append(others, b)
					clashes = clashes || clash(a, b)
				}
			}
			if d.Allowed() == clashes {
				t.Fatalf("seed %d: MayBook = %v, but clashes = %t", seed, d, clashes)
			}
			if d.Allowed() {
				accepted = append(others, a)
			} else {
				refused++
			}
		}
		for i, a := range accepted {
			for _, b := range accepted[:i] {
				if clash(a, b) {
					t.Fatalf("seed %d: two accepted appointments overlap: %v and %v", seed, a, b)
				}
			}
		}
		if len(accepted) < 10 || refused < 10 {
			t.Fatalf("seed %d: %d accepted and %d refused prove little", seed, len(accepted), refused)
		}
	}
}

func TestOverlapsIsSymmetricAndHalfOpen(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(1))
	span := func() scheduling.Appointment {
		start := ten.Add(time.Duration(rng.Intn(10)) * time.Minute)
		return scheduling.Appointment{Start: start, End: start.Add(time.Duration(1+rng.Intn(5)) * time.Minute)}
	}
	for range 2000 {
		a, b := span(), span()
		shared := false
		for at := a.Start; at.Before(a.End); at = at.Add(time.Minute) {
			shared = shared || !at.Before(b.Start) && at.Before(b.End)
		}
		if a.Overlaps(b) != shared || b.Overlaps(a) != shared {
			t.Fatalf("%v to %v and %v to %v: Overlaps = %t, want %t", a.Start, a.End, b.Start, b.End, a.Overlaps(b), shared)
		}
	}
}
