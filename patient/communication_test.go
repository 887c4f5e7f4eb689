package patient_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
)

func reported(at string) glabella.Provenance {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		panic(err)
	}
	return glabella.Provenance{Source: glabella.SourcePatient, RecordedAt: t}
}

func TestMayReach(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("clinic", -5*3600)
	noon := time.Date(2026, 5, 4, 12, 0, 0, 0, zone) // a Monday
	asked := reported("2026-01-01T10:00:00Z")
	for _, tt := range []struct {
		name   string
		change func(*patient.CommunicationFacts)
		want   []glabella.Code
	}{
		{name: "nothing stands against it", change: func(*patient.CommunicationFacts) {}},
		{name: "STOP ends text messages", want: []glabella.Code{patient.CodeReachOptedOut}, change: func(f *patient.CommunicationFacts) {
			f.Patient.Communication = f.Patient.Communication.OptOut(patient.ChannelSMS, asked)
		}},
		{name: "STOP leaves email alone", change: func(f *patient.CommunicationFacts) {
			f.Patient.Communication = f.Patient.Communication.OptOut(patient.ChannelSMS, asked)
			f.Channel = patient.ChannelEmail
		}},
		{name: "a yes for one purpose after STOP counts", change: func(f *patient.CommunicationFacts) {
			f.Patient.Communication = f.Patient.Communication.OptOut(patient.ChannelSMS, asked)
			f.Patient.Communication.Preferences = append(f.Patient.Communication.Preferences, patient.ChannelPreference{
				Channel: patient.ChannelSMS, Purpose: patient.ReachAppointment, Wanted: patient.WishYes, Provenance: reported("2026-02-01T10:00:00Z")})
		}},
		{name: "a yes for one purpose before STOP does not", want: []glabella.Code{patient.CodeReachOptedOut}, change: func(f *patient.CommunicationFacts) {
			f.Patient.Communication.Preferences = []patient.ChannelPreference{{
				Channel: patient.ChannelSMS, Purpose: patient.ReachAppointment, Wanted: patient.WishYes, Provenance: reported("2025-02-01T10:00:00Z")}}
			f.Patient.Communication = f.Patient.Communication.OptOut(patient.ChannelSMS, asked)
		}},
		{name: "no number for text messages", want: []glabella.Code{patient.CodeReachNoAddress}, change: func(f *patient.CommunicationFacts) {
			f.Patient.Contacts = f.Patient.Contacts[1:]
		}},
		{name: "another number than those on record", want: []glabella.Code{patient.CodeReachNoAddress}, change: func(f *patient.CommunicationFacts) {
			f.Address = "+15125550155"
		}},
		{name: "a number that has ended", want: []glabella.Code{patient.CodeReachNoAddress}, change: func(f *patient.CommunicationFacts) {
			f.Patient.Contacts[0].To = glabella.MustParseDate("2026-05-03")
		}},
		{name: "no address for post", want: []glabella.Code{patient.CodeReachNoAddress}, change: func(f *patient.CommunicationFacts) { f.Channel = patient.ChannelPost }},
		{name: "the app needs no address", change: func(f *patient.CommunicationFacts) { f.Channel = patient.ChannelApp }},
		{name: "marketing by text at 21:00", want: []glabella.Code{patient.CodeReachQuiet}, change: func(f *patient.CommunicationFacts) {
			f.Purpose, f.At = patient.ReachMarketing, noon.Add(9*time.Hour)
		}},
		{name: "marketing by text at 08:00 of the day", change: func(f *patient.CommunicationFacts) {
			f.Purpose, f.At = patient.ReachMarketing, noon.Add(-4*time.Hour)
		}},
		{name: "marketing by text a minute before 08:00", want: []glabella.Code{patient.CodeReachQuiet}, change: func(f *patient.CommunicationFacts) {
			f.Purpose, f.At = patient.ReachMarketing, noon.Add(-4*time.Hour-time.Minute)
		}},
		{name: "marketing by email at night", change: func(f *patient.CommunicationFacts) {
			f.Purpose, f.Channel, f.At = patient.ReachMarketing, patient.ChannelEmail, noon.Add(11*time.Hour)
		}},
		{name: "the patient's own quiet hours hold for every purpose", want: []glabella.Code{patient.CodeReachQuiet}, change: func(f *patient.CommunicationFacts) {
			f.Patient.Communication.Quiet = []patient.QuietHours{{From: "11:00", To: "13:00", Days: []string{"mon"}}}
		}},
		{name: "a message for the patient's safety goes through", change: func(f *patient.CommunicationFacts) {
			f.Patient.Communication.Quiet = []patient.QuietHours{{From: "11:00", To: "13:00"}}
			f.Urgent = true
		}},
		{name: "a confidential request bars other channels", want: []glabella.Code{patient.CodeReachConfidential}, change: func(f *patient.CommunicationFacts) {
			f.Patient.Communication.Confidential = []patient.ConfidentialRequest{{Channel: patient.ChannelEmail, Provenance: asked}}
		}},
		{name: "a confidential request that has ended does not", change: func(f *patient.CommunicationFacts) {
			f.Patient.Communication.Confidential = []patient.ConfidentialRequest{{Channel: patient.ChannelEmail, To: glabella.MustParseDate("2026-05-03"), Provenance: asked}}
		}},
		{name: "a dismissed patient is not reminded", want: []glabella.Code{patient.CodeReachDismissed}, change: func(f *patient.CommunicationFacts) {
			f.Patient.Standing.State = patient.StandingDismissed
		}},
		{name: "a dismissed patient gets what concerns care", change: func(f *patient.CommunicationFacts) {
			f.Patient.Standing.State, f.Purpose = patient.StandingDismissed, patient.ReachCare
		}},
		{name: "the dead get nothing, and every reason is given", want: []glabella.Code{patient.CodeReachDeceased, patient.CodeReachOptedOut}, change: func(f *patient.CommunicationFacts) {
			f.Patient.Standing.State = patient.StandingDeceased
			f.Patient.Communication = f.Patient.Communication.OptOut(patient.ChannelSMS, asked)
		}},
		{name: "a retracted record gets nothing", want: []glabella.Code{patient.CodeReachRetracted}, change: func(f *patient.CommunicationFacts) {
			f.Patient.Standing.State = patient.StandingRetracted
		}},
		{name: "no zone", want: []glabella.Code{patient.CodeReachUnknown}, change: func(f *patient.CommunicationFacts) { f.Zone = nil }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := patient.CommunicationFacts{
				Patient: patient.Patient{ID: glabella.DeriveID[glabella.PatientID]("p"), Contacts: []patient.Contact{
					{System: patient.Phone, Use: "mobile", Value: "+15125550100"}, {System: patient.Phone, Use: "home", Value: "+15125550101"}, {System: patient.Email, Value: "a@b.example"},
				}},
				Channel: patient.ChannelSMS, Purpose: patient.ReachAppointment, At: noon, Zone: zone, Policy: patient.DefaultReachPolicy(),
			}
			tt.change(&f)
			checkCodes(t, patient.MayReach(f), tt.want...)
		})
	}
}

func TestQuietHoursPastMidnightBelongToTheDayTheyBegin(t *testing.T) {
	t.Parallel()
	q := patient.QuietHours{From: "22:00", To: "06:00", Days: []string{"fri"}}
	friday := time.Date(2026, 5, 8, 0, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		at   time.Time
		want bool
	}{
		"friday at 23":    {friday.Add(23 * time.Hour), true},
		"saturday at 5":   {friday.Add(29 * time.Hour), true},
		"saturday at 6":   {friday.Add(30 * time.Hour), false},
		"friday at 5":     {friday.Add(5 * time.Hour), false},
		"saturday at 23":  {friday.Add(47 * time.Hour), false},
		"friday at 21:59": {friday.Add(22*time.Hour - time.Minute), false},
	} {
		if got := q.Covers(tt.at, time.UTC); got != tt.want {
			t.Errorf("%s: Covers = %t, want %t", name, got, tt.want)
		}
	}
	if q.Zone = "Nowhere/Land"; !q.Covers(friday.Add(12*time.Hour), time.UTC) {
		t.Error("quiet hours that cannot be read do not cover everything")
	}
}

func TestContactsForPutsThePreferredFirst(t *testing.T) {
	t.Parallel()
	p := patient.Patient{Contacts: []patient.Contact{
		{System: patient.Phone, Value: "+15125550100"}, {System: patient.Phone, Value: "+15125550101", Preferred: true}, {System: patient.Phone, Value: "+15125550102", Use: "old"},
	}}
	got := p.ContactsFor(patient.ChannelPhone, glabella.MustParseDate("2026-05-02"))
	if diff := cmp.Diff([]patient.Contact{p.Contacts[1], p.Contacts[0]}, got); diff != "" {
		t.Errorf("ContactsFor (-want +got):\n%s", diff)
	}
}
