// Charting plays a laser visit on templates and device ranges of a clinic's own:
// a wrong template and its problems, a form in two languages, a setting outside of
// the device's manual, photographs, a draft that is typed in two windows, the
// questions of a cosigner, and an adverse event with its checklist.
//
//	go run ./examples/charting
package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"io/fs"
	"os"
	"time"

	_ "time/tzdata" // zones, for machines that have none

	"golang.org/x/text/language"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/memory"
	"github.com/glabella-ehr/glabella/treatment"
)

//go:embed testdata
var files embed.FS

func main() {
	if err := play(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "charting:", err)
		os.Exit(1)
	}
}

// play tells the story.
func play(ctx context.Context, out io.Writer) error {
	s := &story{out: out, now: time.Date(2026, time.November, 23, 15, 0, 0, 0, time.UTC)}
	for _, scene := range []func(context.Context) error{s.templates, s.form, s.open, s.treat, s.note, s.event} {
		if err := scene(ctx); err != nil {
			return err
		}
	}
	return s.err
}

type story struct {
	out       io.Writer
	err       error // the first failure to write
	now       time.Time
	set       *treatment.Set
	clinic    *practicetest.Clinic
	director  glabella.StaffID
	patient   glabella.PatientID
	visit     glabella.EncounterID
	procedure glabella.ProcedureID
}

func (s *story) say(format string, args ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.out, format+"\n", args...)
	}
}

// templates loads what the clinic has written, and shows what is wrong with a file
// that does not work.
func (s *story) templates(context.Context) error {
	own, err := fs.Sub(files, "testdata")
	if err != nil {
		return err
	}
	_, err = treatment.BuiltIn().Load(own, "templates/*.txt")
	s.say("A template that does not work:\n  %v\n", err)

	set, err := treatment.BuiltIn().Load(own, "templates/*.json")
	if err != nil {
		return err
	}
	if set, err = set.LoadManuals(own, "manuals/*.json"); err != nil {
		return err
	}
	s.set, err = set.LoadLimits(own, "limits.json")
	return err
}

// form shows the clinic's form in Spanish.
func (s *story) form(context.Context) error {
	template, _ := s.set.Latest("axilla-laser")
	s.say("%s, a template of the clinic's that extends %s, in Spanish (%d fields):", template.Name, template.Extends.Code, len(template.Fields))
	es := template.In(language.Spanish)
	for _, key := range []string{"skin-type", "shaved", "settings", "endpoint"} {
		if f, ok := es.Field(key); ok {
			s.say("  %-10s %-10s %s", key, f.Kind, f.Label)
			for _, choice := range f.Choices {
				s.say("    %-10s %s", choice, f.ChoiceLabel(choice))
			}
		}
	}
	return nil
}

// open opens the clinic with the clinic's templates, and registers the patient.
func (s *story) open(ctx context.Context) error {
	policy := access.DefaultPolicy()
	policy.Treatments["axilla-laser"] = access.Requirement{Trainings: []string{"neurotoxin"}, Source: "clinic policy 3"}
	clinic, err := practicetest.Open(ctx, memory.New(), &practice.Options{Now: func() time.Time { return s.now }, Policy: &policy, Treatments: s.set, Blobs: memory.NewBlobs()})
	if err != nil {
		return err
	}
	s.clinic = clinic
	s.director, _ = clinic.Director.Staff()
	setup := glabella.SystemActor("charting")
	setup.Site = clinic.Site.ID
	form := consent.Form{ID: glabella.DeriveID[glabella.FormID]("laser"), Code: "laser-hair-removal", Version: 1, Treatments: []string{"axilla-laser"}, Strength: consent.MustAccept, Recurrence: consent.Once, Material: true,
		Contents: []consent.Content{consent.NewContent("en", "Consent to laser hair removal", "I have been told what may happen.")}, PublishedAt: s.now.AddDate(0, -6, 0)}
	service := billing.Service{ID: glabella.DeriveID[glabella.ServiceID]("laser"), Code: "laser-area", Name: "Laser hair removal, per area", Kind: billing.ServiceItem, Treatment: "axilla-laser", Basis: billing.PerArea, Price: money.MustParse("USD 90.00")}
	if _, err := clinic.SetUp(ctx, setup, practice.SetUp{Forms: []consent.Form{form}, Services: []billing.Service{service}}); err != nil {
		return err
	}
	registered, err := clinic.RegisterPatient(ctx, clinic.Desk, practice.RegisterPatient{Source: glabella.Provenance{Source: glabella.SourcePatient},
		Intake: patient.Intake{Names: []patient.Name{{Use: patient.NameOfficial, Family: "Example", Given: []string{"Robin"}}}, BirthDate: glabella.MustParseDate("1990-04-01")}})
	if err != nil {
		return err
	}
	s.patient = registered.Patient
	nurse, _ := clinic.Nurse.Staff()
	booked, err := clinic.BookAppointment(ctx, clinic.Desk, practice.BookAppointment{Patient: s.patient, Provider: nurse, Room: "laser", Service: "laser-area", Start: s.now.Add(time.Hour), End: s.now.Add(2 * time.Hour)})
	if err != nil {
		return err
	}
	arrived, err := clinic.CheckIn(ctx, clinic.Desk, practice.CheckIn{Appointment: booked.Appointment})
	if err != nil {
		return err
	}
	s.visit = arrived.Encounter
	if _, err := clinic.RecordConsent(ctx, clinic.Nurse, practice.RecordConsent{Patient: s.patient, Form: form.ID, Language: "en", Decision: consent.Accepted,
		Signature: &consent.Signature{Method: consent.Checkbox, By: consent.SignerPatient, At: s.now}}); err != nil {
		return err
	}
	_, err = clinic.RecordClearance(ctx, clinic.Director, practice.RecordClearance{Patient: s.patient, Scope: []string{"axilla-laser"}, Modality: encounter.InPerson, Decision: encounter.ClearedFor})
	return err
}

// treat charts the treatment, at first with settings that the manual and the
// clinic do not allow.
func (s *story) treat(ctx context.Context) error {
	if _, err := s.clinic.RecordVitals(ctx, s.clinic.Nurse, practice.RecordVitals{Patient: s.patient, Encounter: s.visit,
		Measurements: []practice.Measure{{Code: encounter.BodyWeight, Value: quantity.MustParseNumber("150"), Unit: encounter.UnitPound}}}); err != nil {
		return err
	}
	chart := practice.ChartTreatment{Encounter: s.visit, Treatment: "axilla-laser", Pregnant: treatment.PregnantNo, Values: map[string]string{
		"allergies-reviewed": "true", "medications-reviewed": "true", "photosensitisers-reviewed": "true", "skin-type": "3", "tan-status": "none", "test-spot": "done-before", "test-spot-on": "2026-11-09", "test-spot-reaction": "erythema",
		"room-safety": "true", "eye-protection": "true", "areas": "axillae", "device": "fictional-1064", "device-serial": "0001", "device-type": "nd-yag", "shaved": "yes", "aftercare-given": "true",
		"settings/0/wavelength": "1064", "settings/0/fluence": "35", "settings/0/pulse-width": "20", "settings/0/spot-size": "12", "settings/0/passes": "3", "settings/0/pulses": "60", "settings/0/cooling": "contact-sapphire",
		"settings/0/endpoint": "perifollicular-erythema",
	}}
	_, err := s.clinic.ChartTreatment(ctx, s.clinic.Nurse, chart)
	s.say("\nCharted with 35 J/cm2 in three passes:")
	s.reasons(err)
	chart.Values["settings/0/passes"] = "1"
	_, err = s.clinic.ChartTreatment(ctx, s.clinic.Nurse, chart)
	s.say("With one pass:")
	s.reasons(err)
	chart.Values["settings/0/fluence"] = "28"
	done, err := s.clinic.ChartTreatment(ctx, s.clinic.Nurse, chart)
	if err != nil {
		return err
	}
	s.procedure = done.Procedure
	s.say("With 28 J/cm2: charted")
	return s.photographs(ctx)
}

// reasons tells why something was refused.
func (s *story) reasons(err error) {
	var refused *glabella.RefusedError
	if !errors.As(err, &refused) {
		s.say("  %v", err)
		return
	}
	for _, r := range refused.Decision.Reasons {
		s.say("  %-5s %s", r.Outcome, r.Text)
		if r.Source != "" {
			s.say("        source: %s", r.Source)
		}
	}
}

// photographs takes the pictures that the template asks for.
func (s *story) photographs(ctx context.Context) error {
	var picture bytes.Buffer
	if err := jpeg.Encode(&picture, image.NewGray(image.Rect(0, 0, 2400, 1600)), nil); err != nil {
		return err
	}
	blob := storage.Blob{Digest: storage.BlobDigestOf(picture.Bytes()), Size: int64(picture.Len())}
	if err := storage.PutBlob(ctx, s.clinic.Blobs(), blob, bytes.NewReader(picture.Bytes())); err != nil {
		return err
	}
	for _, stage := range []encounter.Stage{encounter.StageBefore, encounter.StageAfter} {
		taken, err := s.clinic.TakePhoto(ctx, s.clinic.Nurse, practice.TakePhoto{Patient: s.patient, Encounter: s.visit, View: treatment.PhotoCloseUp, Pose: encounter.PoseRest, Stage: stage, Digest: blob.Digest})
		if err != nil {
			return err
		}
		s.say("Photograph %s: bound to the treatment %t, %d pictures without the camera's metadata", stage, taken.Procedure == s.procedure, taken.Derived)
	}
	done, err := s.clinic.CompleteVisit(ctx, s.clinic.Nurse, practice.CompleteVisit{Encounter: s.visit})
	if err != nil {
		return err
	}
	s.say("Completed; a draft invoice was made: %t", !done.Invoice.IsZero())
	return nil
}

// note types a draft in two windows, signs it and has it cosigned.
func (s *story) note(ctx context.Context) error {
	first, err := s.clinic.SaveDraft(ctx, s.clinic.Nurse, practice.SaveDraft{Encounter: s.visit, Text: "Tolerated well."})
	if err != nil {
		return err
	}
	second, err := s.clinic.SaveDraft(ctx, s.clinic.Nurse, practice.SaveDraft{Encounter: s.visit, Text: "Tolerated well.\nCooled for ten minutes.", Base: first.Revision})
	if err != nil {
		return err
	}
	_, err = s.clinic.SaveDraft(ctx, s.clinic.Nurse, practice.SaveDraft{Encounter: s.visit, Text: "No pain.\nTolerated well.", Base: first.Revision})
	var conflict *encounter.DraftConflictError
	if !errors.As(err, &conflict) {
		return fmt.Errorf("a draft from another window was not refused: %w", err)
	}
	merged, conflicts := encounter.Merge3(conflict.Texts())
	s.say("\nThe other window wrote on revision %d of %d; both texts were merged with %d conflicts:\n  %q", conflict.Base, conflict.Latest, len(conflicts), merged)
	third, err := s.clinic.SaveDraft(ctx, s.clinic.Nurse, practice.SaveDraft{Encounter: s.visit, Text: merged, Base: second.Revision})
	if err != nil {
		return err
	}
	signed, err := s.clinic.SignNote(ctx, s.clinic.Nurse, practice.SignNote{Encounter: s.visit, Revision: third.Revision, Cosigner: s.director})
	if err != nil {
		return err
	}
	if _, err := s.clinic.AskAboutNote(ctx, s.clinic.Director, practice.AskAboutNote{Note: signed.Note, Text: "Was the test spot read?"}); err != nil {
		return err
	}
	_, err = s.clinic.CosignNote(ctx, s.clinic.Director, practice.CosignNote{Note: signed.Note})
	s.say("The cosigner has asked something:")
	s.reasons(err)
	if _, err := s.clinic.AnswerAboutNote(ctx, s.clinic.Nurse, practice.AnswerAboutNote{Note: signed.Note, Text: "After two weeks; erythema only."}); err != nil {
		return err
	}
	if _, err := s.clinic.CosignNote(ctx, s.clinic.Director, practice.CosignNote{Note: signed.Note}); err != nil {
		return err
	}
	s.now = s.now.Add(time.Hour)
	if _, err := s.clinic.AmendNote(ctx, s.clinic.Nurse, practice.AmendNote{Note: signed.Note, Kind: encounter.Correction, Passage: encounter.Passage{Quote: "Cooled for ten minutes."}, Replacement: "Cooled for fifteen minutes.", Reason: "timer read again"}); err != nil {
		return err
	}
	text, err := s.clinic.PrintNote(ctx, s.clinic.Nurse, practice.PrintNote{Note: signed.Note})
	s.say("The note, cosigned and corrected:\n\n%s", text)
	return err
}

// event reports a burn and shows what is to be done about it.
func (s *story) event(ctx context.Context) error {
	s.now = s.now.Add(20 * time.Hour)
	e, err := s.clinic.ReportAdverseEvent(ctx, s.clinic.Nurse, practice.ReportAdverseEvent{Patient: s.patient, Encounter: s.visit, Procedure: s.procedure, Details: encounter.EventDetails{
		Kind: "burn", NoticedBy: encounter.NoticedByPatient, Grade: 2, Relation: encounter.Probable, Region: "axilla", Side: glabella.SideLeft,
	}})
	if err != nil {
		return err
	}
	s.say("The next day the patient reports a burn. Checklist %s:", e.Checklist)
	for _, step := range e.Missing {
		s.say("  - %s", step.Text)
	}
	return nil
}
