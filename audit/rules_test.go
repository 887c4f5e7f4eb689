package audit_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
)

// told are facts that a test sets one by one.
type told struct {
	audit.NoFacts
	linked, surname, household, own, coworker, prominent, onDuty, left, list, reviewed bool
	unknown                                                                            bool // whether anything links the two
	last                                                                               time.Time
	department                                                                         string
	services                                                                           map[glabella.PatientID][]string
}

func (f told) Relationship(_ glabella.StaffID, p glabella.PatientID, _, _ time.Time) ([]glabella.Ref, bool) {
	if f.linked || slices.Contains(f.services[p], "usual") {
		return []glabella.Ref{{Kind: "appointment", ID: "1"}}, true
	}
	return nil, !f.unknown
}
func (f told) SameSurname(glabella.StaffID, glabella.PatientID) bool   { return f.surname }
func (f told) SameHousehold(glabella.StaffID, glabella.PatientID) bool { return f.household }
func (f told) SamePerson(glabella.StaffID, glabella.PatientID) bool    { return f.own }
func (f told) Coworker(glabella.PatientID) bool                        { return f.coworker }
func (f told) Prominent(glabella.PatientID) bool                       { return f.prominent }
func (f told) OnDuty(glabella.StaffID, time.Time) (on, known bool)     { return f.onDuty, true }
func (f told) Terminated(glabella.StaffID, time.Time) bool             { return f.left }
func (f told) Department(glabella.StaffID) string                      { return f.department }
func (f told) Services(p glabella.PatientID) []string                  { return f.services[p] }
func (f told) Reviewed(uint64) bool                                    { return f.reviewed }
func (f told) Follows(a, b glabella.PatientID) bool                    { return f.list && b[15] == a[15]+1 }
func (f told) LastEvent(glabella.PatientID, time.Time) (time.Time, bool) {
	return f.last, !f.last.IsZero()
}

// opens returns n accesses to the records of as many patients, one every gap.
func opens(at time.Time, gap time.Duration, first, n int) []audit.Record {
	var out []audit.Record
	for i := range n {
		out = append(out, audit.Record{
			At: at.Add(time.Duration(i) * gap), Action: "patient.read", Outcome: audit.Read,
			Actor: glabella.Actor{Kind: glabella.ActorStaff, ID: nurse.String(), Purpose: glabella.PurposeTreatment}, Subject: number[glabella.PatientID](1, first+i).Ref(),
		})
	}
	return out
}

// happens returns a record with a security event about the nurse.
func happens(t testing.TB, at time.Time, e audit.SecurityEvent) audit.Record {
	t.Helper()
	e.Account = nurse.Ref()
	v, err := e.Event()
	if err != nil {
		t.Fatal(err)
	}
	return audit.Record{At: at, Action: "security.report", Outcome: audit.Done, Actor: glabella.SystemActor("sign-in"), Events: []audit.Event{v}}
}

// emergencies returns n emergency accesses, one a day.
func emergencies(at time.Time, n int) []audit.Record {
	out := opens(at, 24*time.Hour, 0, n)
	for i := range out {
		out[i].Actor.BreakGlass = "emergency"
	}
	return out
}

func TestRulesFindWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	noon := noon.Truncate(time.Hour)
	one := opens(noon, 0, 0, 1)
	logins := func(n int, last audit.SecurityEvent) []audit.Record {
		var out []audit.Record
		for i := range n {
			out = append(out, happens(t, noon.AddDate(0, 0, i), audit.SecurityEvent{Type: audit.LoginSucceeded, Place: "desk"}))
		}
		return append(out, happens(t, noon.AddDate(0, 0, n), last))
	}
	attempts := func(n int, gap time.Duration) []audit.Record {
		var out []audit.Record
		for i := range n {
			out = append(out, happens(t, noon.Add(time.Duration(i)*gap), audit.SecurityEvent{Type: audit.LoginFailed}))
		}
		return append(out, happens(t, noon.Add(time.Duration(n)*gap), audit.SecurityEvent{Type: audit.LoginSucceeded}))
	}
	exports := func(n int) []audit.Record {
		out := opens(noon, time.Minute, 0, n)
		for i := range out {
			out[i].Action = "patient.export"
		}
		return out
	}
	denied := opens(noon, 0, 0, 1)
	denied[0].Outcome = audit.Denied
	usual := map[glabella.PatientID][]string{number[glabella.PatientID](1, 999): {"laser"}}
	for i := range 200 {
		usual[number[glabella.PatientID](1, i)] = []string{"usual"}
	}
	habit := slices.Concat(opens(noon, time.Hour, 0, 200), opens(noon.AddDate(0, 0, 10), 0, 999, 1))
	weeks := func(today int) []audit.Record {
		var out []audit.Record
		for d := range 20 {
			out = append(out, opens(noon.AddDate(0, 0, d), 100*time.Second, 0, 22+d%3)...)
		}
		return append(out, opens(noon.AddDate(0, 0, 20), 100*time.Second, 0, today)...)
	}
	var hours []audit.Record
	for d := range 20 {
		hours = append(hours, opens(noon.AddDate(0, 0, d), 12*time.Minute, 0, 30)...)
	}

	for _, tt := range []struct {
		name    string
		facts   told
		records []audit.Record
		want    []glabella.Code // of all signals
	}{
		{"an access with nothing odd about it", told{linked: true, onDuty: true}, one, nil},
		{"an access that nothing explains", told{onDuty: true}, one, []glabella.Code{audit.CodeNoRelationship}},
		{"an access that is odd and explained", told{linked: true, surname: true, household: true, coworker: true, prominent: true, last: noon.AddDate(-3, 0, 0)}, one, nil},
		{"an access that was denied", told{surname: true}, denied, nil},
		{"a namesake", told{onDuty: true, unknown: true, surname: true}, one, []glabella.Code{audit.CodeSameSurname}},
		{"somebody of the household", told{onDuty: true, unknown: true, household: true}, one, []glabella.Code{audit.CodeSameHousehold}},
		{"a coworker", told{onDuty: true, unknown: true, coworker: true}, one, []glabella.Code{audit.CodeCoworker}},
		{"themselves", told{onDuty: true, own: true, coworker: true, household: true}, one, []glabella.Code{audit.CodeOwnRecord}},
		{"somebody prominent", told{onDuty: true, unknown: true, prominent: true}, one, []glabella.Code{audit.CodeProminent}},
		{"off duty", told{unknown: true}, one, []glabella.Code{audit.CodeOffDuty}},
		{"a record that was dormant", told{onDuty: true, unknown: true, last: noon.AddDate(0, 0, -366)}, one, []glabella.Code{audit.CodeDormant}},
		{"a record of last year", told{onDuty: true, unknown: true, last: noon.AddDate(0, 0, -365)}, one, nil},
		{"two accesses on one day are one", told{onDuty: true}, slices.Concat(one, one, one), []glabella.Code{audit.CodeNoRelationship}},
		{"another department", told{onDuty: true, department: "skin", services: usual}, habit, []glabella.Code{audit.CodeNoRelationship, audit.CodeOtherDepartment}},
		{"a department that is not known yet", told{onDuty: true, department: "skin", services: usual}, habit[2:], []glabella.Code{audit.CodeNoRelationship}},
		{"after leaving", told{onDuty: true, linked: true, left: true}, one, []glabella.Code{audit.CodeTerminated}},
		{"a day as usual", told{onDuty: true, linked: true}, weeks(24), nil},
		{"a day that is more than usual", told{onDuty: true, linked: true}, weeks(30), []glabella.Code{audit.CodeVolume, audit.CodeHourVolume}},
		{"a busy hour of a quiet day", told{onDuty: true, linked: true}, slices.Concat(hours, opens(noon.AddDate(0, 0, 20), 100*time.Second, 0, 22)), []glabella.Code{audit.CodeHourVolume}},
		{"as much as somebody new may open", told{onDuty: true, linked: true}, opens(noon, 6*time.Minute, 0, 60), nil},
		{"more than somebody new opens", told{onDuty: true, linked: true}, opens(noon, 6*time.Minute, 0, 61), []glabella.Code{audit.CodeVolume}},
		{"five in the order of a list", told{onDuty: true, linked: true, list: true}, opens(noon, time.Minute, 0, 5), []glabella.Code{audit.CodeSequence}},
		{"four in the order of a list", told{onDuty: true, linked: true, list: true}, opens(noon, time.Minute, 0, 4), nil},
		{"a list that is read slowly", told{onDuty: true, linked: true, list: true}, opens(noon, 3*time.Minute, 0, 9), nil},
		{"ten that are left at once", told{onDuty: true, linked: true}, opens(noon, 4*time.Second, 0, 11), []glabella.Code{audit.CodeRapid}},
		{"nine that are left at once", told{onDuty: true, linked: true}, opens(noon, 4*time.Second, 0, 10), nil},
		{"ten that are looked at", told{onDuty: true, linked: true}, opens(noon, 5*time.Second, 0, 11), nil},
		{"five exports", told{onDuty: true, linked: true}, exports(5), nil},
		{"six exports", told{onDuty: true, linked: true}, exports(6), []glabella.Code{audit.CodeExports}},
		{"emergencies that were reviewed", told{onDuty: true, linked: true, reviewed: true}, emergencies(noon, 3), nil},
		{"too many emergencies", told{onDuty: true, linked: true, reviewed: true}, emergencies(noon, 4), []glabella.Code{audit.CodeBreakGlassRate}},
		{"an emergency that nobody reviewed", told{onDuty: true, linked: true}, emergencies(noon, 1), []glabella.Code{audit.CodeBreakGlassUnreviewed}},
		{"a known place", told{}, logins(10, audit.SecurityEvent{Type: audit.LoginSucceeded, Place: "desk"}), nil},
		{"a new place", told{}, logins(10, audit.SecurityEvent{Type: audit.LoginSucceeded, Place: "abroad"}), []glabella.Code{audit.CodeNewPlace}},
		{"a new place in the first days", told{}, logins(9, audit.SecurityEvent{Type: audit.LoginSucceeded, Place: "abroad"}), nil},
		{"four attempts before a log-in", told{}, attempts(4, time.Minute), nil},
		{"five attempts before a log-in", told{}, attempts(5, time.Minute), []glabella.Code{audit.CodeFailedLogins}},
		{"five attempts in an afternoon", told{}, attempts(5, 10*time.Minute), nil},
		{"a log-in after leaving", told{left: true}, attempts(0, 0), []glabella.Code{audit.CodeTerminated}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			thresholds := audit.DefaultThresholds()
			thresholds.MinScore = 0
			w, err := audit.NewWatch(tt.facts, &audit.WatchOptions{Thresholds: &thresholds})
			if err != nil {
				t.Fatal(err)
			}
			var found []audit.Finding
			for i, r := range tt.records {
				r.Seq = uint64(i)
				found = append(found, w.See(r)...)
			}
			found = append(found, w.Tick(noon.AddDate(0, 1, 0))...)
			var got []glabella.Code
			for _, f := range found {
				if err := f.Validate(); err != nil {
					t.Error(err)
				}
				for _, s := range f.Signals {
					got = append(got, s.Rule)
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("signals (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnAccessWaitsForItsExplanation(t *testing.T) {
	t.Parallel()
	facts := &told{onDuty: true, surname: true}
	w, err := audit.NewWatch(facts, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := opens(noon, 0, 0, 1)[0]
	if got := w.See(r); len(got) != 0 {
		t.Fatalf("See = %v before the access has settled", got)
	}
	if got := w.Tick(noon.Add(24*time.Hour - time.Microsecond)); len(got) != 0 {
		t.Fatalf("Tick = %v before the access has settled", got)
	}
	facts.linked = true
	if got := w.Tick(noon.Add(24 * time.Hour)); len(got) != 0 {
		t.Errorf("Tick = %v although an appointment was booked meanwhile", got)
	}
	facts.linked = false
	r.At = r.At.AddDate(0, 0, 2)
	w.See(r)
	if got := w.Tick(r.At.Add(24 * time.Hour)); len(got) != 1 || got[0].Rule != audit.CodeSameSurname || got[0].Score != 65 {
		t.Errorf("Tick = %+v, want one finding of 65", got)
	}
}

func TestTheSameIsRaisedAgainOnlyAfterAWhileOrIfItIsWorse(t *testing.T) {
	t.Parallel()
	facts := &told{onDuty: true, surname: true}
	thresholds := audit.DefaultThresholds()
	thresholds.Repeats = 50
	w, err := audit.NewWatch(facts, &audit.WatchOptions{Thresholds: &thresholds})
	if err != nil {
		t.Fatal(err)
	}
	see := func(day int) int {
		at := noon.AddDate(0, 0, day)
		w.See(opens(at, 0, 0, 1)[0])
		return len(w.Tick(at.AddDate(0, 0, 1)))
	}
	if n := see(0); n != 1 {
		t.Errorf("the first access gives %d findings, want 1", n)
	}
	if n := see(5); n != 0 {
		t.Errorf("an access five days later gives %d findings, want none", n)
	}
	facts.household = true
	if n := see(8); n != 1 {
		t.Errorf("an access with one signal more gives %d findings, want 1", n)
	}
	if n := see(39); n != 1 {
		t.Errorf("an access after a month gives %d findings, want 1", n)
	}
}

func TestRepeatedAccessesAreASignal(t *testing.T) {
	t.Parallel()
	w, err := audit.NewWatch(told{onDuty: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var found []audit.Finding
	for d := range 3 {
		found = append(found, w.See(opens(noon.AddDate(0, 0, 3*d), 0, 0, 1)[0])...)
	}
	if len(found) != 0 {
		t.Fatalf("two accesses give %+v", found)
	}
	found = w.Finish()
	if len(found) != 1 || found[0].Score != 50 || len(found[0].Signals) != 2 || found[0].Signals[1].Args["count"] != "3" {
		t.Errorf("three accesses give %+v, want one finding of 50", found)
	}
}

func TestNoFactsFindNothingInOrdinaryAccesses(t *testing.T) {
	t.Parallel()
	w, err := audit.NewWatch(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range opens(noon, time.Hour, 0, 300) {
		if got := w.See(r); len(got) > 0 {
			t.Fatalf("See = %+v", got)
		}
	}
	if got := w.Finish(); len(got) > 0 {
		t.Errorf("Finish = %+v", got)
	}
}

func TestThresholdsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	if err := audit.DefaultThresholds().Validate(); err != nil {
		t.Fatal(err)
	}
	var invalid *glabella.ValidationError
	if err := (audit.Thresholds{}).Validate(); !errors.As(err, &invalid) || len(invalid.Issues) < 15 {
		t.Errorf("Validate of nothing = %v", err)
	}
	bad := audit.DefaultThresholds()
	bad.WindowDays, bad.RapidDwell, bad.ExportActions = 91, -1, []string{""}
	err := bad.Validate()
	if !errors.As(err, &invalid) {
		t.Fatal(err)
	}
	var paths []string
	for _, i := range invalid.Issues {
		paths = append(paths, i.Path)
	}
	if diff := cmp.Diff([]string{"/exportActions", "/rapidDwell", "/windowDays"}, paths); diff != "" {
		t.Errorf("issues (-want +got):\n%s", diff)
	}
}
