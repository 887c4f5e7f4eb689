package practice_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/treatment"
)

func TestAPatientIsDismissedAndReadmitted(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	id := c.register()
	today := glabella.DateOf(c.clock.Now())
	dismissed := must[practice.PatientChanged](t)(c.DismissPatient(ctx, c.Director, practice.DismissPatient{Patient: id, Reason: "repeated-no-show", NoticeOn: today, On: today, EmergencyUntil: today.AddDays(30)}))
	if dismissed.Standing != patient.StandingDismissed {
		t.Errorf("standing = %v", dismissed.Standing)
	}
	booking := c.booking(id, c.clock.Now().Add(48*time.Hour))
	if _, err := c.BookAppointment(ctx, c.Desk, booking); !slices.Contains(codesOf(err), patient.CodeBookDismissed) {
		t.Errorf("a dismissed patient is booked: %v", err)
	}
	booking.Emergency = true
	must[practice.Booked](t)(c.BookAppointment(ctx, c.Desk, booking))
	booking.Emergency, booking.Start, booking.End = false, booking.Start.Add(time.Hour), booking.End.Add(time.Hour)
	must[practice.PatientChanged](t)(c.ReadmitPatient(ctx, c.Director, practice.ReadmitPatient{Patient: id, Reason: "agreed"}))
	must[practice.Booked](t)(c.BookAppointment(ctx, c.Desk, booking))
	if _, err := c.DismissPatient(ctx, c.Desk, practice.DismissPatient{Patient: id, Reason: "rude", NoticeOn: today, On: today}); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("the desk dismisses a patient: %v", err)
	}
}

func TestStandingsOfAPatient(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	id := c.register()
	today := glabella.DateOf(c.clock.Now())
	booked := func() error {
		_, err := c.BookAppointment(ctx, c.Desk, c.booking(id, c.clock.Now().Add(48*time.Hour)))
		return err
	}
	must[practice.PatientChanged](t)(c.DeactivatePatient(ctx, c.Desk, practice.DeactivatePatient{Patient: id, Reason: "two-years"}))
	if err := booked(); !slices.Contains(codesOf(err), patient.CodeBookInactive) {
		t.Errorf("an inactive patient is booked without a warning: %v", err)
	}
	must[practice.PatientChanged](t)(c.ReactivatePatient(ctx, c.Desk, practice.ReactivatePatient{Patient: id}))
	must[practice.PatientChanged](t)(c.RecordDeath(ctx, c.Director, practice.RecordDeath{Patient: id, On: today}))
	if err := booked(); !slices.Contains(codesOf(err), patient.CodeBookDeceased) {
		t.Errorf("a patient who has died is booked: %v", err)
	}
	if d := must[glabella.Decision](t)(c.MayReach(ctx, c.Desk, practice.MayReach{Patient: id, Channel: patient.ChannelPost, Purpose: patient.ReachRecall})); !d.Has(patient.CodeReachDeceased) {
		t.Errorf("a patient who has died is written to: %v", d)
	}
	must[practice.PatientChanged](t)(c.CorrectDeath(ctx, c.Director, practice.CorrectDeath{Patient: id, Reason: "another-person"}))
	must[practice.PatientChanged](t)(c.RetractPatient(ctx, c.Director, practice.RetractPatient{Patient: id, Reason: "test-record"}))
	if err := booked(); !slices.Contains(codesOf(err), patient.CodeBookRetracted) {
		t.Errorf("a retracted record is booked: %v", err)
	}
	var transition *glabella.TransitionError
	if _, err := c.ReadmitPatient(ctx, c.Director, practice.ReadmitPatient{Patient: id, Reason: "again"}); !errors.As(err, &transition) {
		t.Errorf("a retracted record is readmitted: %v", err)
	}
	c.verified()
}

func TestALegalHoldKeepsARecord(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	id := c.register()
	today := glabella.DateOf(c.clock.Now())
	ask := practice.MayErase{Patient: id, Class: patient.RecordChart, Last: today.AddDays(-20 * 366)}
	if d := must[glabella.Decision](t)(c.MayErase(ctx, c.Director, ask)); !d.Allowed() {
		t.Errorf("after twenty years: %v", d)
	}
	must[practice.PatientChanged](t)(c.HoldPatient(ctx, c.Director, practice.HoldPatient{Patient: id, Reason: "litigation", From: today}))
	if d := must[glabella.Decision](t)(c.MayErase(ctx, c.Director, ask)); !d.Has(patient.CodeEraseHold) {
		t.Errorf("with a legal hold: %v", d)
	}
	must[practice.PatientChanged](t)(c.ReleaseHold(ctx, c.Director, practice.ReleaseHold{Patient: id, Hold: 0}))
	if d := must[glabella.Decision](t)(c.MayErase(ctx, c.Director, ask)); !d.Allowed() {
		t.Errorf("after the hold was released: %v", d)
	}
	ask.Last = today.AddDays(-1)
	if d := must[glabella.Decision](t)(c.MayErase(ctx, c.Director, ask)); !d.Has(patient.CodeEraseRetention) {
		t.Errorf("of yesterday: %v", d)
	}
}

func TestAPatientIsEdited(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	id := must[practice.Registered](t)(c.registers(person("Zoë", "Brontë", "1988-04-09", "+15125550142"))).Patient
	before := must[practice.Chart](t)(c.Chart(ctx, c.Nurse, id)).Patient
	edit := practice.EditOf(before)
	edit.Names[0].To = glabella.MustParseDate("2026-11-01")
	edit.Names = append(edit.Names, patient.Name{Use: patient.NameOfficial, Family: "Nicholls", Given: []string{"Zoë"}, From: glabella.MustParseDate("2026-11-02")})
	edit.Communication.Preferences = []patient.ChannelPreference{{Channel: patient.ChannelSMS, Wanted: patient.WishNo}}
	edit.Contacts[0].Use = "mobile"
	edit.Alerts = []patient.Alert{{Code: "needle-phobia", Level: patient.AlertInfo}}
	changed := must[practice.PatientChanged](t)(c.EditPatient(ctx, c.Nurse, edit))
	after := must[practice.Chart](t)(c.Chart(ctx, c.Nurse, id)).Patient
	if after.Version != changed.Version || after.DisplayName() != "Zoë Nicholls" || len(after.Names) != 2 {
		t.Errorf("after the edit: version %d, %q, %d names", after.Version, after.DisplayName(), len(after.Names))
	}
	if got := after.Names[1].Provenance; got.Source != glabella.SourceEntered || got.Author != c.Nurse.Ref() {
		t.Errorf("a new name comes from %v", got)
	}
	if diff := cmp.Diff(before.Names[0].Provenance, after.Names[0].Provenance); diff != "" {
		t.Errorf("an old name comes from elsewhere now (-before +after):\n%s", diff)
	}
	if found := must[[]practice.Found](t)(c.FindPatients(ctx, c.Desk, patient.Query{Text: "nicholls"})); len(found) != 1 {
		t.Errorf("the new name is not found: %v", found)
	}
	if d := must[glabella.Decision](t)(c.MayReach(ctx, c.Desk, practice.MayReach{Patient: id, Channel: patient.ChannelSMS, Purpose: patient.ReachAppointment})); !d.Has(patient.CodeReachOptedOut) {
		t.Errorf("a text message in spite of a no: %v", d)
	}
	if d := must[glabella.Decision](t)(c.MayReach(ctx, c.Desk, practice.MayReach{Patient: id, Channel: patient.ChannelPhone, Purpose: patient.ReachAppointment})); !d.Allowed() {
		t.Errorf("a call: %v", d)
	}
	if _, err := c.EditPatient(ctx, c.Desk, edit); !errors.Is(err, glabella.ErrConflict) {
		t.Errorf("an edit of a version that has changed: %v", err)
	}
	edit.IfVersion = 0
	if _, err := c.EditPatient(ctx, c.Desk, edit); !slices.Contains(codesOf(err), practice.CodeEditVersion) {
		t.Errorf("an edit of no version: %v", err)
	}
	edit = practice.EditOf(after)
	edit.Names = nil
	if _, err := c.EditPatient(ctx, c.Desk, edit); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("an edit that leaves no name: %v", err)
	}
}

// What a patient's history says counts when it is asked whether they may be
// treated.
func TestAHistoryCounts(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v := c.arrive(arrival{})
	nurse, _ := c.Nurse.Staff()
	ask := practice.MayTreat{Patient: v.Patient, Encounter: v.Encounter, Treatment: "botulinum-toxin", Product: "onabotulinumtoxinA", Performer: nurse}
	today := glabella.DateOf(c.clock.Now())
	unknown := must[glabella.Decision](t)(c.MayTreat(ctx, c.Nurse, ask))
	edited := must[practice.HistoryEdited](t)(c.EditHistory(ctx, c.Nurse, practice.EditHistory{Patient: v.Patient, Pregnancy: []patient.PregnancyStatus{{Status: patient.NotPregnant, On: today}}}))
	if not := must[glabella.Decision](t)(c.MayTreat(ctx, c.Nurse, ask)); !not.Allowed() || unknown.Allowed() {
		t.Errorf("nobody asked: %v, not pregnant: %v", unknown, not)
	}
	// A treatment elsewhere, remembered to the month, may be as late as today.
	elsewhere := practice.EditHistory{Command: practice.Command{IfVersion: edited.Version}, Patient: v.Patient, Pregnancy: []patient.PregnancyStatus{{Status: patient.NotPregnant, On: today}},
		Treatments: []patient.PriorTreatment{{Treatment: "botulinum-toxin", At: patient.PartialDate{Year: today.Year, Month: today.Month}}}}
	edited = must[practice.HistoryEdited](t)(c.EditHistory(ctx, c.Nurse, elsewhere))
	if d := must[glabella.Decision](t)(c.MayTreat(ctx, c.Nurse, ask)); !d.Has(treatment.CodeIntervalShort) {
		t.Errorf("treated elsewhere this month: %v, want %s", d, treatment.CodeIntervalShort)
	}
	elsewhere.IfVersion, elsewhere.Treatments = edited.Version, []patient.PriorTreatment{{Treatment: "botulinum-toxin", At: patient.PartialDate{Year: today.Year - 2}}, {Treatment: "dermal-filler", At: patient.PartialDate{Year: today.Year, Month: today.Month}}}
	edited = must[practice.HistoryEdited](t)(c.EditHistory(ctx, c.Nurse, elsewhere))
	if d := must[glabella.Decision](t)(c.MayTreat(ctx, c.Nurse, ask)); d.Has(treatment.CodeIntervalShort) {
		t.Errorf("treated elsewhere long ago, and with something else: %v", d)
	}
	pregnant := practice.EditHistory{Command: practice.Command{IfVersion: edited.Version}, Patient: v.Patient, Pregnancy: []patient.PregnancyStatus{{Status: patient.Pregnant, On: today}},
		Skin: []patient.SkinAssessment{{Type: patient.SkinTypeIV, At: c.clock.Now()}}}
	must[practice.HistoryEdited](t)(c.EditHistory(ctx, c.Nurse, pregnant))
	if d := must[glabella.Decision](t)(c.MayTreat(ctx, c.Nurse, ask)); d.Allowed() || d.Outcome == glabella.Allow {
		t.Errorf("pregnant: %v", d)
	}
	if _, err := c.EditHistory(ctx, c.Nurse, pregnant); !errors.Is(err, glabella.ErrConflict) {
		t.Errorf("an edit of a version that has changed: %v", err)
	}
	pregnant.IfVersion = 0
	if _, err := c.EditHistory(ctx, c.Nurse, pregnant); !slices.Contains(codesOf(err), practice.CodeEditVersion) {
		t.Errorf("an edit of no version: %v", err)
	}
	chart := must[practice.Chart](t)(c.Chart(ctx, c.Nurse, v.Patient))
	if len(chart.Histories) != 1 || chart.Histories[0].Skin[0].Provenance.Source != glabella.SourceEntered || chart.Histories[0].Skin[0].Provenance.Author != c.Nurse.Ref() {
		t.Errorf("the chart's history: %+v", chart.Histories)
	}
}

func TestAMinorDoesNotSignAlone(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	child := must[practice.Registered](t)(c.registers(person("Ana", "Okafor", glabella.DateOf(c.clock.Now()).AddDays(-17*365).String(), ""))).Patient
	sign := practice.RecordConsent{Patient: child, Form: c.Form, Language: "en", Decision: consent.Accepted, Signature: &consent.Signature{Method: consent.Checkbox, By: consent.SignerPatient, At: c.clock.Now()}}
	if _, err := c.RecordConsent(ctx, c.Nurse, sign); !slices.Contains(codesOf(err), patient.CodeSignerMinor) {
		t.Errorf("a minor signs: %v", err)
	}
	if _, err := c.RecordConsent(ctx, glabella.Actor{Kind: glabella.ActorPatient, ID: child.String(), Purpose: glabella.PurposePatient}, sign); !slices.Contains(codesOf(err), patient.CodeSignerMinor) {
		t.Errorf("a minor signs at home: %v", err)
	}
	edit := practice.EditOf(must[practice.Chart](t)(c.Chart(ctx, c.Nurse, child)).Patient)
	edit.Related = []patient.Related{{Name: patient.Name{Use: patient.NameOfficial, Family: "Okafor", Given: []string{"Chidi"}}, Relationship: patient.RelationFather, Roles: []patient.RelatedRole{patient.RoleEmergencyContact}}}
	must[practice.PatientChanged](t)(c.EditPatient(ctx, c.Desk, edit))
	chart := must[practice.Chart](t)(c.Chart(ctx, c.Nurse, child)).Patient
	sign.Signature.Signer.Related, sign.Signature.By, sign.Signature.Authority = chart.Related[0].ID, consent.SignerGuardian, "birth-certificate"
	if _, err := c.RecordConsent(ctx, c.Nurse, sign); !slices.Contains(codesOf(err), patient.CodeSignerRole) {
		t.Errorf("somebody who is no guardian signs: %v", err)
	}
	edit = practice.EditOf(chart)
	edit.Related[0].Roles, edit.Related[0].Authority = []patient.RelatedRole{patient.RoleGuardian}, "birth-certificate"
	must[practice.PatientChanged](t)(c.EditPatient(ctx, c.Desk, edit))
	must[practice.ConsentRecorded](t)(c.RecordConsent(ctx, c.Nurse, sign))
}
