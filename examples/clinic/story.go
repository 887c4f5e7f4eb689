package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/treatment"
)

// story plays the clinic's days. Each day is the patients' next visit, 13 weeks
// after the one before. The clock is the story's own, so that every step has its
// time of day; every command has a key that is made of the day and the step, so
// that a day that broke off is taken up where it stopped.
type story struct {
	*practice.Practice
	files clinicFiles
	o     options
	w     *writer

	number int           // of the day, from 1
	date   glabella.Date // its date
	zone   *time.Location
	now    time.Time

	director, nurse, lapsed, desk, biller, stock glabella.Actor

	ada, beatriz glabella.PatientID
	visit        glabella.EncounterID // Ada's
	hers         glabella.EncounterID // Beatriz's
	vials        map[string]opened    // by the lot on the container
	invoice      glabella.InvoiceID
	lines        []glabella.LineID
}

type opened struct {
	vial glabella.VialID
	lot  glabella.LotID
}

// firstDay is the date of the first day.
var firstDay = glabella.Date{Year: 2026, Month: time.November, Day: 23}

func newStory(b storage.Backend, files clinicFiles, o options, w *writer) (*story, error) {
	s := &story{files: files, o: o, w: w, date: firstDay, vials: map[string]opened{}}
	var err error
	if s.zone, err = files.settings.Site.Location(); err != nil {
		return nil, err
	}
	s.Practice, err = practice.New(b, &practice.Options{Now: func() time.Time { return s.now }, NewUUID: o.newUUID, Nonce: o.nonce})
	for i, actor := range []*glabella.Actor{&s.director, &s.nurse, &s.desk, &s.biller, &s.stock, &s.lapsed} {
		*actor = glabella.StaffActor(files.settings.Staff[i].ID, files.settings.Site.ID)
	}
	return s, err
}

func staffID(a glabella.Actor) glabella.StaffID {
	id, _ := a.Staff()
	return id
}

// at sets the clock and begins a step.
func (s *story) at(clock, title string) {
	t, err := time.ParseInLocation("2006-01-02 15:04", s.date.String()+" "+clock, s.zone)
	if err != nil {
		panic(err) // the clock is written in this file
	}
	s.now = t
	s.w.step(clock, title)
}

// once returns the key of a command that is carried out once for all days.
func once(step string) practice.Command { return practice.Command{Key: "clinic/" + step} }

// today returns the key of a command of this day.
func (s *story) today(step string) practice.Command {
	return practice.Command{Key: fmt.Sprintf("clinic/day-%d/%s", s.number, step)}
}

// day plays the next day.
func (s *story) day(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		s.open, s.receive, s.prepay, s.bookAndArrive, s.ask, s.consentAndExam, s.askAgain, s.treat, s.note, s.checkOut, s.correct, s.trace, s.export, s.report, s.proveAudit,
	} {
		if err := step(ctx); err != nil {
			return err
		}
		if s.w.err != nil {
			return s.w.err
		}
	}
	return nil
}

// open sets the practice up, registers the patients, and finds out which day it
// is. All of it happens once: on later days the receipts of the first come back.
func (s *story) open(ctx context.Context) error {
	s.at("08:30", "The practice is set up from its settings, and both patients are registered from their intakes")
	set := s.files.settings
	system := glabella.SystemActor("clinic-setup")
	system.Site = set.Site.ID
	done, err := s.SetUp(ctx, system, practice.SetUp{Command: once("set-up"), Sites: []config.Site{set.Site}, Staff: set.Staff, Services: set.Services, Products: set.Products, Forms: s.files.forms,
		Charts: []encounter.ChartPolicy{{ID: encounter.ChartPolicyOf(set.Site.ID), Site: set.Site.ID, Completeness: set.Charts}}})
	if err != nil {
		return fmt.Errorf("set up: %w", err)
	}
	s.w.result("set-up", done)
	for _, p := range []struct {
		key    string
		intake patient.Intake
		id     *glabella.PatientID
	}{{"ada", s.files.ada, &s.ada}, {"beatriz", s.files.beatriz, &s.beatriz}} {
		r, err := s.RegisterPatient(ctx, s.desk, practice.RegisterPatient{Command: once("register-" + p.key), Intake: p.intake, Source: glabella.Provenance{Source: glabella.SourcePatient, Document: "intake-" + p.key + ".json"}})
		if err != nil {
			return fmt.Errorf("register: %w", err)
		}
		*p.id = r.Patient
		s.w.result("register", r)
		s.w.line("registered %s with %s and %s", p.intake.Names[0], count(len(r.Allergies), "allergy", "allergies"), count(len(r.Medications), "medication", "medications"))
	}
	chart, err := s.Chart(ctx, s.director, s.ada)
	if err != nil {
		return err
	}
	// A day is over once its invoice has been corrected.
	s.number = 1
	for _, inv := range chart.Invoices {
		for _, l := range inv.Lines {
			if !l.Adjusts.IsZero() {
				s.number++
			}
		}
	}
	s.date = firstDay.AddDays(91 * (s.number - 1))
	s.w.line("%s, %s: day %d of the story, %s", set.Site.Name, set.Site.Jurisdiction, s.number, s.date)
	return nil
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// receive books a delivery from what the scanner read.
func (s *story) receive(ctx context.Context) error {
	s.at("08:45", "A delivery is received by scanning its packs")
	in := practice.ReceiveStock{Command: s.today("receive"), Document: fmt.Sprintf("DN-2026-%04d", 880+s.number), Supplier: "Example Medical Supply"}
	costs := []string{"USD 420.00", "USD 310.00", "USD 2.10"}
	for i, scan := range s.files.delivery {
		in.Lines = append(in.Lines, practice.ReceiveLine{Scan: scan, UnitCost: money.MustParse(costs[i])})
	}
	received, err := s.ReceiveStock(ctx, s.stock, in)
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	s.w.result("receive", received)
	for i, l := range received.Lines {
		s.w.line("%-44s → %s, on hand %s", strings.ReplaceAll(s.files.delivery[i], "\x1d", "␝"), count(l.Containers, "container", "containers"), people(l.OnHand))
	}
	return nil
}

// people writes a quantity as people read it.
func people(q quantity.Quantity) string {
	unit := q.Unit().Code()
	if unit == "[arb'U]" {
		unit = "U"
	}
	return q.Value().String() + " " + unit
}

// prepay sells Ada a bank of units.
func (s *story) prepay(ctx context.Context) error {
	s.at("09:00", "Ada buys 50 units ahead")
	sold, err := s.SellCredit(ctx, s.desk, practice.SellCredit{Command: s.today("bank"), Patient: s.ada, Service: "bank-50", Payments: []practice.Payment{{Kind: billing.Card, Amount: money.MustParse("USD 600.00"), Reference: "AUTH-7001"}}})
	if err != nil {
		return fmt.Errorf("sell units: %w", err)
	}
	s.w.result("prepay", sold)
	s.w.line("%s prepaid until %s, due %s", people(sold.Lots[0].Granted), sold.Lots[0].ExpiresOn, sold.Due)
	return nil
}

// bookAndArrive books both patients and checks Ada in.
func (s *story) bookAndArrive(ctx context.Context) error {
	s.at("09:05", "Both are booked; a double booking is refused; both arrive")
	start := s.now.Add(25 * time.Minute)
	book := practice.BookAppointment{Command: s.today("book-ada"), Patient: s.ada, Provider: staffID(s.nurse), Room: "1", Service: "neurotoxin", Start: start, End: start.Add(45 * time.Minute)}
	booked, err := s.BookAppointment(ctx, s.desk, book)
	if err != nil {
		return fmt.Errorf("book: %w", err)
	}
	book.Command, book.Patient, book.Room = s.today("book-beatriz-early"), s.beatriz, "2"
	_, err = s.BookAppointment(ctx, s.desk, book)
	refused, err := refusal(err)
	if err != nil {
		return fmt.Errorf("the double booking: %w", err)
	}
	s.w.line("Beatriz at the same time: %s", refused)
	book.Command, book.Start, book.End = s.today("book-beatriz"), start.Add(time.Hour), start.Add(105*time.Minute)
	later, err := s.BookAppointment(ctx, s.desk, book)
	if err != nil {
		return fmt.Errorf("book: %w", err)
	}
	for _, a := range []struct {
		key         string
		appointment glabella.AppointmentID
		visit       *glabella.EncounterID
	}{{"ada", booked.Appointment, &s.visit}, {"beatriz", later.Appointment, &s.hers}} {
		arrived, err := s.CheckIn(ctx, s.desk, practice.CheckIn{Command: s.today("check-in-" + a.key), Appointment: a.appointment})
		if err != nil {
			return fmt.Errorf("check in: %w", err)
		}
		*a.visit = arrived.Encounter
		s.w.result("check-in", arrived)
	}
	return nil
}

// ask asks whether Ada and Beatriz may be treated, and shows every reason why
// not.
func (s *story) ask(ctx context.Context) error {
	s.at("09:30", "May they be treated? Not yet")
	for _, q := range []struct {
		who  string
		lang language.Tag
		q    practice.MayTreat
	}{
		{"Ada, neurotoxin by a nurse whose licence has lapsed:", language.English, practice.MayTreat{Patient: s.ada, Encounter: s.visit, Treatment: "botulinum-toxin", Product: "onabotulinumtoxinA", Performer: staffID(s.lapsed), Pregnant: treatment.PregnantNo}},
		{"Beatriz, cheek filler:", language.Spanish, practice.MayTreat{Patient: s.beatriz, Encounter: s.hers, Treatment: "dermal-filler", Product: "juvederm-voluma-xc", Performer: staffID(s.nurse), Pregnant: treatment.PregnantNo}},
	} {
		d, err := s.MayTreat(ctx, s.nurse, q.q)
		if err != nil {
			return fmt.Errorf("may treat: %w", err)
		}
		s.w.result("may-treat", d)
		s.w.decision(q.who, d, q.lang)
	}
	return nil
}

// consentAndExam records what was missing: Ada's consents in English, Beatriz's
// in Spanish, and the good-faith exams.
func (s *story) consentAndExam(ctx context.Context) error {
	s.at("09:35", "Consents are signed and the physician examines the patients")
	for i, form := range s.files.forms {
		for _, c := range []struct {
			key, lang string
			patient   glabella.PatientID
			visit     glabella.EncounterID
		}{{"ada", "en", s.ada, s.visit}, {"beatriz", "es", s.beatriz, s.hers}} {
			if c.key == "beatriz" && i > 0 {
				continue // she came for the neurotoxin in the end
			}
			content, _ := form.Content(c.lang)
			r, err := s.RecordConsent(ctx, s.nurse, practice.RecordConsent{
				Command: s.today("consent-" + form.Code + "-" + c.key), Patient: c.patient, Form: form.ID, Language: c.lang, Decision: consent.Accepted, Encounter: c.visit,
				Signature: &consent.Signature{Method: consent.Drawn, By: consent.SignerPatient, At: s.now.UTC(), Device: "tablet-1", EvidenceSHA256: encounter.HashText("signature of " + c.key + " on " + s.date.String())},
			})
			if err != nil {
				return fmt.Errorf("consent: %w", err)
			}
			s.w.result("consent", r)
			s.w.line("signed in %s: %s (text %s…)", c.lang, content.Title, content.SHA256[:12])
		}
	}
	for _, p := range []struct {
		key     string
		patient glabella.PatientID
		scope   []string
	}{{"ada", s.ada, []string{"botulinum-toxin", "dermal-filler"}}, {"beatriz", s.beatriz, []string{"botulinum-toxin"}}} {
		r, err := s.RecordClearance(ctx, s.director, practice.RecordClearance{Command: s.today("clear-" + p.key), Patient: p.patient, Scope: p.scope, Modality: encounter.InPerson, Decision: encounter.ClearedFor, Findings: "examined, no findings"})
		if err != nil {
			return fmt.Errorf("exam: %w", err)
		}
		s.w.result("clear", r)
		s.w.line("cleared for %s until %s", strings.Join(p.scope, " and "), r.ValidUntil)
	}
	return nil
}

// askAgain shows the allowed case, and the one that stays refused.
func (s *story) askAgain(ctx context.Context) error {
	s.at("09:40", "May they be treated now?")
	for _, q := range []struct {
		who  string
		lang language.Tag
		q    practice.MayTreat
	}{
		{"Ada, neurotoxin:", language.English, practice.MayTreat{Patient: s.ada, Encounter: s.visit, Treatment: "botulinum-toxin", Product: "onabotulinumtoxinA", Performer: staffID(s.nurse), Pregnant: treatment.PregnantNo}},
		{"Ada, cheek filler:", language.English, practice.MayTreat{Patient: s.ada, Encounter: s.visit, Treatment: "dermal-filler", Product: "juvederm-voluma-xc", Performer: staffID(s.nurse), Pregnant: treatment.PregnantNo}},
		{"Beatriz, neurotoxin:", language.Spanish, practice.MayTreat{Patient: s.beatriz, Encounter: s.hers, Treatment: "botulinum-toxin", Product: "onabotulinumtoxinA", Performer: staffID(s.nurse), Pregnant: treatment.PregnantNo}},
	} {
		d, err := s.MayTreat(ctx, s.nurse, q.q)
		if err != nil {
			return fmt.Errorf("may treat: %w", err)
		}
		s.w.result("may-treat", d)
		s.w.decision(q.who, d, q.lang)
	}
	cancelled, err := s.CancelVisit(ctx, s.nurse, practice.CancelVisit{Command: s.today("cancel-beatriz"), Encounter: s.hers, Reason: "wait-for-medication"})
	if err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	s.w.result("cancel", cancelled)
	s.w.line("Beatriz will come back when the antibiotic is over; her visit is cancelled")
	return nil
}

// save writes a result to the folder for results, if there is one.
func (s *story) save(name string, data []byte) error {
	if s.o.out == "" {
		return nil
	}
	if err := os.MkdirAll(s.o.out, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.o.out, name), data, 0o644); err != nil {
		return err
	}
	s.w.line("written: %s", name)
	return nil
}
