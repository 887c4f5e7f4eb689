package patient_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
)

func TestEveryVerbOfTheStanding(t *testing.T) {
	t.Parallel()
	from, day := reported("2026-05-02T10:00:00Z"), glabella.MustParseDate
	verbs := map[string]func(patient.Patient) (patient.Patient, error){
		"deactivate": func(p patient.Patient) (patient.Patient, error) { return p.Deactivate("moved-away", from) },
		"reactivate": func(p patient.Patient) (patient.Patient, error) { return p.Reactivate(from) },
		"decease":    func(p patient.Patient) (patient.Patient, error) { return p.Decease(day("2026-05-01"), from) },
		"correct":    func(p patient.Patient) (patient.Patient, error) { return p.CorrectDeath("wrong-patient", from) },
		"dismiss": func(p patient.Patient) (patient.Patient, error) {
			return p.Dismiss(patient.Dismissal{Reason: "repeated-no-show", NoticeOn: day("2026-05-02"), On: day("2026-06-02")}, from)
		},
		"readmit": func(p patient.Patient) (patient.Patient, error) { return p.Readmit("agreed", from) },
		"retract": func(p patient.Patient) (patient.Patient, error) { return p.Retract("opened-twice", from) },
	}
	machine := patient.StandingMachine()
	for _, state := range patient.StandingStates() {
		for name, verb := range verbs {
			before := patient.Patient{Standing: patient.Standing{State: state}}
			want, refused := machine.Next(state, name)
			got, err := verb(before)
			var transition *glabella.TransitionError
			if refused != nil {
				if !errors.As(err, &transition) || got.Standing != before.Standing {
					t.Errorf("%s when %s: %v, %s; want a refusal and no change", name, state, err, got.Standing.State)
				}
				continue
			}
			if err != nil || got.Standing.State != want || got.Standing.Provenance != from {
				t.Errorf("%s when %s = %+v, %v; want %s", name, state, got.Standing, err, want)
			}
		}
	}
	for _, a := range machine.Arrows {
		if verbs[a.Action] == nil {
			t.Errorf("no verb for %s", a.Action)
		}
	}
}

func TestADismissalSaysWhyAndIsAnnounced(t *testing.T) {
	t.Parallel()
	from, day := reported("2026-05-02T10:00:00Z"), glabella.MustParseDate
	good := patient.Dismissal{Reason: "abuse", NoticeOn: day("2026-05-02"), On: day("2026-06-01"), EmergencyUntil: day("2026-06-30")}
	for _, tt := range []struct {
		name   string
		change func(*patient.Dismissal)
		path   string
	}{
		{"no reason", func(d *patient.Dismissal) { d.Reason = "" }, "/standing/reason"},
		{"no day", func(d *patient.Dismissal) { d.On = glabella.Date{} }, "/standing/on"},
		{"no notice", func(d *patient.Dismissal) { d.NoticeOn = glabella.Date{} }, "/standing/noticeOn"},
		{"before the notice", func(d *patient.Dismissal) { d.On = day("2026-05-01") }, "/standing/on"},
		{"emergency care ends too early", func(d *patient.Dismissal) { d.EmergencyUntil = day("2026-05-31") }, "/standing/emergencyUntil"},
	} {
		d := good
		tt.change(&d)
		_, err := patient.Patient{}.Dismiss(d, from)
		var invalid *glabella.ValidationError
		if !errors.As(err, &invalid) || invalid.Issues[0].Path != tt.path {
			t.Errorf("%s: %v, want an issue at %s", tt.name, err, tt.path)
		}
	}
	if _, err := (patient.Patient{}).Dismiss(good, from); err != nil {
		t.Errorf("a good dismissal: %v", err)
	}
	if _, err := (patient.Patient{}).Retract("", from); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("a retraction without a reason: %v", err)
	}
}

func TestMayBookPatient(t *testing.T) {
	t.Parallel()
	day := glabella.MustParseDate
	dismissed := patient.Standing{State: patient.StandingDismissed, On: day("2026-06-01"), EmergencyUntil: day("2026-06-30")}
	for _, tt := range []struct {
		name      string
		standing  patient.Standing
		on        string
		emergency bool
		want      []glabella.Code
	}{
		{name: "active", on: "2026-05-02"},
		{name: "before the dismissal takes effect", standing: dismissed, on: "2026-05-31"},
		{name: "once it has taken effect", standing: dismissed, on: "2026-06-01", want: []glabella.Code{patient.CodeBookDismissed}},
		{name: "an emergency within the time that was promised", standing: dismissed, on: "2026-06-30", emergency: true},
		{name: "an emergency after it", standing: dismissed, on: "2026-07-01", emergency: true, want: []glabella.Code{patient.CodeBookDismissed}},
		{name: "inactive warns", standing: patient.Standing{State: patient.StandingInactive}, on: "2026-05-02", want: []glabella.Code{patient.CodeBookInactive}},
		{name: "deceased", standing: patient.Standing{State: patient.StandingDeceased}, on: "2026-05-02", want: []glabella.Code{patient.CodeBookDeceased}},
		{name: "retracted", standing: patient.Standing{State: patient.StandingRetracted}, on: "2026-05-02", want: []glabella.Code{patient.CodeBookRetracted}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := patient.MayBookPatient(patient.BookFacts{Patient: glabella.DeriveID[glabella.PatientID]("p"), Standing: tt.standing, On: day(tt.on), Emergency: tt.emergency})
			checkCodes(t, d, tt.want...)
			if inactive := tt.standing.State == patient.StandingInactive; inactive != (d.Outcome == glabella.Warn) {
				t.Errorf("outcome %s", d.Outcome)
			}
		})
	}
}

func TestMayErase(t *testing.T) {
	t.Parallel()
	day := glabella.MustParseDate
	id, staff := glabella.DeriveID[glabella.PatientID]("p"), glabella.DeriveID[glabella.StaffID]("s").Ref()
	hold := patient.Hold{Reason: "litigation", By: staff, From: day("2026-01-01")}
	released := hold
	released.ReleasedAt, released.ReleasedBy = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), staff
	for _, tt := range []struct {
		name  string
		facts patient.RetentionFacts
		want  []glabella.Code
	}{
		{name: "a privacy document after six years", facts: patient.RetentionFacts{Class: patient.RecordPrivacy, Last: day("2020-05-02"), On: day("2026-05-02")}},
		{name: "a privacy document a day earlier", facts: patient.RetentionFacts{Class: patient.RecordPrivacy, Last: day("2020-05-02"), On: day("2026-05-01")}, want: []glabella.Code{patient.CodeEraseRetention}},
		{name: "a chart within ten years", facts: patient.RetentionFacts{Class: patient.RecordChart, BirthDate: day("1980-01-01"), Last: day("2017-01-01"), On: day("2026-05-02")}, want: []glabella.Code{patient.CodeEraseRetention}},
		{name: "a chart after ten years", facts: patient.RetentionFacts{Class: patient.RecordChart, BirthDate: day("1980-01-01"), Last: day("2016-05-02"), On: day("2026-05-02")}},
		{name: "a minor's chart counts from majority", facts: patient.RetentionFacts{Class: patient.RecordChart, BirthDate: day("2000-06-01"), Last: day("2012-01-01"), On: day("2026-05-02")}, want: []glabella.Code{patient.CodeEraseRetention}},
		{name: "the longest rule counts", facts: patient.RetentionFacts{Class: patient.RecordConsent, BirthDate: day("1980-01-01"), Last: day("2019-01-01"), On: day("2026-05-02")}, want: []glabella.Code{patient.CodeEraseRetention}},
		{name: "a hold refuses", facts: patient.RetentionFacts{Class: patient.RecordPrivacy, Last: day("2010-01-01"), On: day("2026-05-02"), Holds: []patient.Hold{released, hold}}, want: []glabella.Code{patient.CodeEraseHold}},
		{name: "a released hold does not", facts: patient.RetentionFacts{Class: patient.RecordPrivacy, Last: day("2010-01-01"), On: day("2026-05-02"), Holds: []patient.Hold{released}}},
		{name: "a hold and the time of keeping are both said", facts: patient.RetentionFacts{Class: patient.RecordPrivacy, Last: day("2024-01-01"), On: day("2026-05-02"), Holds: []patient.Hold{hold}}, want: []glabella.Code{patient.CodeEraseHold, patient.CodeEraseRetention}},
		{name: "no rule refuses", facts: patient.RetentionFacts{Class: "letters", Last: day("2000-01-01"), On: day("2026-05-02")}, want: []glabella.Code{patient.CodeEraseNoRule}},
		{name: "no date of birth refuses where it matters", facts: patient.RetentionFacts{Class: patient.RecordChart, Last: day("2000-01-01"), On: day("2026-05-02")}, want: []glabella.Code{patient.CodeEraseUnknown}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.facts.Patient, tt.facts.Policy = id, patient.DefaultRetention()
			checkCodes(t, patient.MayErase(tt.facts), tt.want...)
			tt.facts.Requested = true
			checkCodes(t, patient.MayErase(tt.facts), tt.want...)
		})
	}
	for _, r := range patient.DefaultRetention().Rules {
		if r.Source == "" || !r.Confidence.Valid() || !r.Class.Valid() {
			t.Errorf("the rule for %s has no source, confidence or class", r.Class)
		}
	}
}

func TestHolds(t *testing.T) {
	t.Parallel()
	staff := glabella.DeriveID[glabella.StaffID]("s").Ref()
	p, err := patient.Patient{}.Hold(patient.Hold{Reason: "litigation", By: staff, From: glabella.MustParseDate("2026-01-01")})
	if err != nil || !p.Held() {
		t.Fatalf("Hold: %v", err)
	}
	q, err := p.ReleaseHold(0, staff, time.Date(2026, 2, 1, 9, 0, 0, 1, time.UTC))
	if err != nil || q.Held() || !p.Held() {
		t.Errorf("ReleaseHold: %v; released %t, and the argument %t", err, !q.Held(), !p.Held())
	}
	if q.Holds[0].ReleasedAt.Nanosecond() != 0 {
		t.Error("the instant is finer than microseconds")
	}
	var transition *glabella.TransitionError
	if _, err := q.ReleaseHold(0, staff, time.Now()); !errors.As(err, &transition) {
		t.Errorf("a second release: %v", err)
	}
	if _, err := q.ReleaseHold(1, staff, time.Now()); !errors.Is(err, glabella.ErrNotFound) {
		t.Errorf("a hold that does not exist: %v", err)
	}
	if _, err := (patient.Patient{}).Hold(patient.Hold{}); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("an empty hold: %v", err)
	}
}

// detailed returns a patient with something in each of the newer parts.
func detailed() patient.Patient {
	from, day := reported("2026-05-02T10:00:00Z"), glabella.MustParseDate
	return patient.Patient{
		ID: glabella.DeriveID[glabella.PatientID]("detailed"), Names: []patient.Name{{Use: patient.NameOfficial, Family: "Example", Given: []string{"Ana"}}},
		LegalSex: patient.Female, GenderIdentity: []patient.GenderIdentity{{Concept: glabella.Coding{System: "http://snomed.info/sct", Code: "446141000124107"}, From: day("2020-01-01"), Provenance: from}},
		Contacts:    []patient.Contact{{System: patient.Phone, Value: "+15125550100", Extension: "42", Use: "work", From: day("2020-01-01"), To: day("2026-01-01")}},
		Addresses:   []patient.Address{{Use: "billing", Lines: []string{"1 Example St"}, Country: "US", From: day("2020-01-01"), To: day("2026-01-01")}},
		Identifiers: []patient.Identifier{{System: "urn:example", Value: "1", Use: "secondary", From: day("2020-01-01"), To: day("2026-01-01")}},
		Alerts:      []patient.Alert{{Code: "needle-phobia", Text: "count to three", Level: patient.AlertWarn, From: day("2020-01-01"), Provenance: from}},
		Related: []patient.Related{{ID: relatedID("r"), Name: patient.Name{Use: patient.NameOfficial, Family: "Example", Given: []string{"Bea"}}, Relationship: patient.RelationMother,
			Contacts: []patient.Contact{{System: patient.Email, Value: "bea@b.example"}}, Roles: []patient.RelatedRole{patient.RoleGuardian}, Authority: "doc-1", From: day("2020-01-01"), Provenance: from}},
		Communication: patient.Communication{
			Preferences:  []patient.ChannelPreference{{Channel: patient.ChannelSMS, Purpose: patient.ReachRecall, Wanted: patient.WishNo, Provenance: from}},
			Quiet:        []patient.QuietHours{{From: "21:00", To: "08:00", Days: []string{"mon"}, Zone: "America/Chicago"}},
			Confidential: []patient.ConfidentialRequest{{Channel: patient.ChannelEmail, Address: "a@b.example", Provenance: from}},
		},
		Standing:   patient.Standing{State: patient.StandingInactive, Reason: "moved-away", Provenance: from},
		Holds:      []patient.Hold{{Reason: "litigation", By: glabella.DeriveID[glabella.StaffID]("s").Ref(), From: day("2026-01-01")}},
		Provenance: from,
	}
}

func TestADetailedPatientIsValidAndReadBackAsItIs(t *testing.T) {
	t.Parallel()
	p := detailed()
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var got patient.Patient
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p, got); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func TestValidateNamesThePlaceInTheNewerParts(t *testing.T) {
	t.Parallel()
	early := glabella.MustParseDate("2000-01-01")
	for _, tt := range []struct {
		path   string
		code   glabella.Code
		change func(*patient.Patient)
	}{
		{"/legalSex", glabella.CodeUnknownValue, func(p *patient.Patient) { p.LegalSex = "x" }},
		{"/genderIdentity/0/concept", glabella.CodeRequired, func(p *patient.Patient) { p.GenderIdentity[0].Concept = glabella.Coding{} }},
		{"/genderIdentity/0/to", patient.CodePeriod, func(p *patient.Patient) { p.GenderIdentity[0].To = early }},
		{"/contacts/0/use", glabella.CodeUnknownValue, func(p *patient.Patient) { p.Contacts[0].Use = "x" }},
		{"/contacts/0/to", patient.CodePeriod, func(p *patient.Patient) { p.Contacts[0].To = early }},
		{"/contacts/0/extension", patient.CodePhone, func(p *patient.Patient) { p.Contacts[0].Extension = "x" }},
		{"/addresses/0/use", glabella.CodeUnknownValue, func(p *patient.Patient) { p.Addresses[0].Use = "x" }},
		{"/addresses/0/to", patient.CodePeriod, func(p *patient.Patient) { p.Addresses[0].To = early }},
		{"/identifiers/0/use", glabella.CodeUnknownValue, func(p *patient.Patient) { p.Identifiers[0].Use = "x" }},
		{"/identifiers/0/to", patient.CodePeriod, func(p *patient.Patient) { p.Identifiers[0].To = early }},
		{"/alerts/0/code", glabella.CodeRequired, func(p *patient.Patient) { p.Alerts[0].Code = "" }},
		{"/alerts/0/level", glabella.CodeUnknownValue, func(p *patient.Patient) { p.Alerts[0].Level = "x" }},
		{"/related/0/id", glabella.CodeRequired, func(p *patient.Patient) { p.Related[0].ID = glabella.RelatedID{} }},
		{"/related/1/id", glabella.CodeDuplicate, func(p *patient.Patient) { p.Related = append(p.Related, p.Related[0]) }},
		{"/related/0/name", glabella.CodeRequired, func(p *patient.Patient) { p.Related[0].Name = patient.Name{} }},
		{"/related/0/patient", patient.CodeRelatedSelf, func(p *patient.Patient) { p.Related[0].Patient = p.ID }},
		{"/related/0/relationship", glabella.CodeUnknownValue, func(p *patient.Patient) { p.Related[0].Relationship = "x" }},
		{"/related/0/roles", glabella.CodeRequired, func(p *patient.Patient) { p.Related[0].Roles = nil }},
		{"/related/0/roles/0", glabella.CodeUnknownValue, func(p *patient.Patient) { p.Related[0].Roles[0] = "x" }},
		{"/related/0/contacts/0/value", patient.CodeEmail, func(p *patient.Patient) { p.Related[0].Contacts[0].Value = "x" }},
		{"/communication/preferences/0/channel", glabella.CodeUnknownValue, func(p *patient.Patient) { p.Communication.Preferences[0].Channel = "x" }},
		{"/communication/preferences/0/purpose", glabella.CodeUnknownValue, func(p *patient.Patient) { p.Communication.Preferences[0].Purpose = "x" }},
		{"/communication/preferences/0/wanted", glabella.CodeUnknownValue, func(p *patient.Patient) { p.Communication.Preferences[0].Wanted = "" }},
		{"/communication/quiet/0/from", glabella.CodeFormat, func(p *patient.Patient) { p.Communication.Quiet[0].From = "9:00" }},
		{"/communication/quiet/0/to", glabella.CodeFormat, func(p *patient.Patient) { p.Communication.Quiet[0].To = "24:00" }},
		{"/communication/quiet/0/days/0", glabella.CodeUnknownValue, func(p *patient.Patient) { p.Communication.Quiet[0].Days[0] = "x" }},
		{"/communication/quiet/0/zone", glabella.CodeUnknownValue, func(p *patient.Patient) { p.Communication.Quiet[0].Zone = "Local" }},
		{"/communication/confidential/0/channel", glabella.CodeUnknownValue, func(p *patient.Patient) { p.Communication.Confidential[0].Channel = "x" }},
		{"/standing/state", glabella.CodeUnknownValue, func(p *patient.Patient) { p.Standing.State = "x" }},
		{"/holds/0/by", glabella.CodeRequired, func(p *patient.Patient) { p.Holds[0].By = glabella.Ref{} }},
	} {
		p := detailed()
		tt.change(&p)
		var invalid *glabella.ValidationError
		if err := p.Validate(); !errors.As(err, &invalid) || len(invalid.Issues) != 1 || invalid.Issues[0].Path != tt.path || invalid.Issues[0].Code != tt.code {
			t.Errorf("%s: %v, want %s alone", tt.path, err, tt.code)
		}
	}
}

func TestAlertsOnShowsWarningsFirst(t *testing.T) {
	t.Parallel()
	day := glabella.MustParseDate("2026-05-02")
	p := patient.Patient{Alerts: []patient.Alert{
		{Code: "info", Level: patient.AlertInfo}, {Code: "over", Level: patient.AlertWarn, To: day.AddDays(-1)}, {Code: "warn", Level: patient.AlertWarn, To: day},
	}}
	if diff := cmp.Diff([]patient.Alert{p.Alerts[2], p.Alerts[0]}, p.AlertsOn(day)); diff != "" {
		t.Errorf("AlertsOn (-want +got):\n%s", diff)
	}
}
