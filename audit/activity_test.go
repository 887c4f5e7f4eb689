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

var (
	ada   = number[glabella.PatientID](1, 0)
	betty = number[glabella.PatientID](1, 1)
)

// by returns an actor of the staff.
func by(id glabella.StaffID, purpose glabella.Purpose) glabella.Actor {
	return glabella.Actor{Kind: glabella.ActorStaff, ID: id.String(), Purpose: purpose}
}

// office is a journal of some days with two users and two patients.
func office(t testing.TB) *memJournal {
	t.Helper()
	locked, err := audit.SecurityEvent{Type: audit.LockedOut, Account: nurse.Ref()}.Event()
	if err != nil {
		t.Fatal(err)
	}
	emergency := by(nurse, glabella.PurposeTreatment)
	emergency.BreakGlass = "unconscious"
	day := func(d int, h int) time.Time { return time.Date(2026, time.March, d, h, 0, 0, 0, time.UTC) }
	j := &memJournal{}
	for _, r := range []audit.Record{
		{At: day(2, 9), Action: "patient.read", Outcome: audit.Read, Actor: by(nurse, glabella.PurposeTreatment), Subject: ada.Ref()},
		{At: day(2, 10), Action: "encounter.chart", Outcome: audit.Done, Actor: by(nurse, glabella.PurposeTreatment), Subject: ada.Ref()},
		{At: day(2, 11), Action: "patient.search", Outcome: audit.Read, Actor: by(officer, glabella.PurposeOperations), Reads: []glabella.Ref{ada.Ref(), betty.Ref()}},
		{At: day(2, 12), Action: "patient.read", Outcome: audit.Denied, Actor: by(nurse, glabella.PurposeTreatment), Subject: betty.Ref()},
		{At: day(3, 9), Action: "patient.read", Outcome: audit.Read, Actor: by(nurse, glabella.PurposeTreatment), Subject: ada.Ref()},
		{At: day(3, 10), Action: "patient.read", Outcome: audit.Read, Actor: by(nurse, glabella.PurposeTreatment), Subject: ada.Ref()},
		{At: day(3, 11), Action: "security.report", Outcome: audit.Done, Actor: glabella.SystemActor(`sign-"in"`), Events: []audit.Event{locked}},
		{At: day(4, 9), Action: "patient.read", Outcome: audit.Read, Actor: emergency, Subject: betty.Ref()},
		{At: day(4, 10), Action: "patient.export", Outcome: audit.Read, Actor: glabella.Actor{Kind: glabella.ActorPatient, ID: ada.String(), Purpose: glabella.PurposePatient}, Subject: ada.Ref()},
		{At: day(5, 9), Action: "stock.read", Outcome: audit.Read, Actor: by(nurse, glabella.PurposeTreatment)},
		{At: day(5, 23), Action: "invoice.read", Outcome: audit.Read, Actor: by(officer, glabella.PurposePayment), Subject: ada.Ref()},
	} {
		if _, err := audit.Add(t.Context(), j, r); err != nil {
			t.Fatal(err)
		}
	}
	return j
}

func TestActivityInBothDirections(t *testing.T) {
	t.Parallel()
	j := office(t)
	march := func(d int) time.Time { return time.Date(2026, time.March, d, 0, 0, 0, 0, time.UTC) }
	for _, tt := range []struct {
		name string
		q    audit.ActivityQuery
		want []uint64
	}{
		{"all that a user touched", audit.ActivityQuery{Actor: nurse.Ref()}, []uint64{0, 1, 3, 4, 5, 6, 7, 9}},
		{"all who touched a patient", audit.ActivityQuery{Patient: betty}, []uint64{2, 3, 7}},
		{"what the patient did", audit.ActivityQuery{Actor: ada.Ref()}, []uint64{8}},
		{"a user and a patient", audit.ActivityQuery{Actor: nurse.Ref(), Patient: ada}, []uint64{0, 1, 4, 5}},
		{"a time", audit.ActivityQuery{From: march(3), To: march(4)}, []uint64{4, 5, 6}},
		{"a program with quotes in its name", audit.ActivityQuery{Actor: glabella.SystemActor(`sign-"in"`).Ref()}, []uint64{6}},
		{"somebody who did nothing", audit.ActivityQuery{Actor: number[glabella.StaffID](2, 9).Ref()}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []uint64
			for r, err := range audit.Activity(t.Context(), j, tt.q) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, r.Seq)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Activity (-want +got):\n%s", diff)
			}
		})
	}
}

func TestContactsSumUp(t *testing.T) {
	t.Parallel()
	got, err := audit.Contacts(t.Context(), office(t), audit.ActivityQuery{Patient: betty})
	if err != nil {
		t.Fatal(err)
	}
	day := func(d, h int) time.Time { return time.Date(2026, time.March, d, h, 0, 0, 0, time.UTC) }
	want := []audit.Contact{
		{Actor: nurse.Ref(), Patient: betty, Entries: 2, Denied: 1, Emergency: 1, First: day(2, 12), Last: day(4, 9), Actions: map[string]int{"patient.read": 2}},
		{Actor: officer.Ref(), Patient: betty, Entries: 1, First: day(2, 11), Last: day(2, 11), Actions: map[string]int{"patient.search": 1}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Contacts (-want +got):\n%s", diff)
	}
}

// Every contact of one direction is one of the other, and together they count
// every entry.
func TestContactsOfUsersAndPatientsAgree(t *testing.T) {
	t.Parallel()
	j := office(t)
	all, err := audit.Contacts(t.Context(), j, audit.ActivityQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []glabella.PatientID{ada, betty} {
		of, err := audit.Contacts(t.Context(), j, audit.ActivityQuery{Patient: p})
		if err != nil {
			t.Fatal(err)
		}
		want := slices.DeleteFunc(slices.Clone(all), func(c audit.Contact) bool { return c.Patient != p })
		if diff := cmp.Diff(want, of); diff != "" || len(of) == 0 {
			t.Errorf("contacts of %s (-want +got):\n%s", p, diff)
		}
	}
}

func TestAPatientReadsWhoUsedTheirRecord(t *testing.T) {
	t.Parallel()
	// In this zone the last entry is of the sixth.
	lines, err := audit.AccessReport(t.Context(), office(t), ada, time.Time{}, time.Time{}, time.FixedZone("", 2*3600))
	if err != nil {
		t.Fatal(err)
	}
	type line struct {
		Day   int
		Who   glabella.Ref
		Words []glabella.Code
		Times int
	}
	var got []line
	for _, l := range lines {
		got = append(got, line{l.On.Day, l.Who, l.Words(), l.Times})
	}
	want := []line{
		{6, officer.Ref(), []glabella.Code{audit.CodeSawBills, audit.CodeForPayment}, 1},
		{4, ada.Ref(), []glabella.Code{audit.CodeExported, audit.CodeForPatient}, 1},
		{3, nurse.Ref(), []glabella.Code{audit.CodeSawRecord, audit.CodeForTreatment}, 2},
		{2, officer.Ref(), []glabella.Code{audit.CodeFoundInSearch, audit.CodeForOperations}, 1},
		{2, nurse.Ref(), []glabella.Code{audit.CodeCare, audit.CodeForTreatment}, 1},
		{2, nurse.Ref(), []glabella.Code{audit.CodeSawRecord, audit.CodeForTreatment}, 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("AccessReport of Ada (-want +got):\n%s", diff)
	}

	lines, err = audit.AccessReport(t.Context(), office(t), betty, time.Time{}, time.Time{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != 3 || !lines[0].Emergency || !slices.Contains(lines[0].Words(), audit.CodeEmergencyUse) || lines[1].What != audit.CodeTried {
		t.Errorf("AccessReport of Betty = %+v, want an emergency and an attempt", lines)
	}
	if _, err := audit.AccessReport(t.Context(), office(t), glabella.PatientID{}, time.Time{}, time.Time{}, time.UTC); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("AccessReport of nobody = %v", err)
	}
}

func TestReportsPassOnErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk gone")
	j := brokenJournal{office(t), 2, broken}
	if _, err := audit.Contacts(t.Context(), j, audit.ActivityQuery{}); !errors.Is(err, broken) {
		t.Errorf("Contacts = %v, want %v", err, broken)
	}
	if _, err := audit.AccessReport(t.Context(), j, ada, time.Time{}, time.Time{}, time.UTC); !errors.Is(err, broken) {
		t.Errorf("AccessReport = %v, want %v", err, broken)
	}
	if _, err := audit.Account(t.Context(), j, shelf{}, audit.AccountingRequest{Patient: ada, RequestedOn: glabella.Date{Year: 2026, Month: 3, Day: 9}, On: glabella.Date{Year: 2026, Month: 3, Day: 9}}); !errors.Is(err, broken) {
		t.Errorf("Account = %v, want %v", err, broken)
	}
}
