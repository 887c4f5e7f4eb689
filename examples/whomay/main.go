// Whomay tells a day of who may do what in a clinic: a nurse whose laser training
// has run out, a chart as the front desk sees it, a record that is opened in an
// emergency, and the review that follows.
//
//	go run ./examples/whomay
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/storage/memory"
)

func main() {
	if err := tell(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// day is the clinic and its clock.
type day struct {
	*practicetest.Clinic
	now time.Time
	out io.Writer
}

func (d *day) say(format string, args ...any) { fmt.Fprintf(d.out, format+"\n", args...) }

// tell plays the day.
func tell(ctx context.Context, out io.Writer) error {
	d := &day{now: time.Date(2026, time.November, 23, 15, 0, 0, 0, time.UTC), out: out}
	clinic, err := practicetest.Open(ctx, memory.New(), &practice.Options{Now: func() time.Time { return d.now }})
	if err != nil {
		return err
	}
	d.Clinic = clinic
	for _, part := range []func(context.Context) error{d.training, d.frontDesk, d.emergency} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// training refuses a nurse until the director has recorded that she renewed what had
// run out.
func (d *day) training(ctx context.Context) error {
	d.say("A laser treatment by a nurse")
	nurse, _ := d.Nurse.Staff()
	today := glabella.DateOf(d.now)
	qualify := practice.QualifyStaff{Staff: nurse, Trainings: []access.Training{{Course: "laser-safety", Completed: today.AddDays(-400), ValidTo: today.AddDays(-35)}}}
	if _, err := d.QualifyStaff(ctx, d.Director, qualify); err != nil {
		return err
	}
	ada, err := d.RegisterPatient(ctx, d.Desk, practice.RegisterPatient{Intake: practicetest.Somebody(0), Source: glabella.Provenance{Source: glabella.SourcePatient}})
	if err != nil {
		return err
	}
	ask := func() error {
		may, err := d.MayTreat(ctx, d.Nurse, practice.MayTreat{Patient: ada.Patient, Treatment: "laser-hair-removal", Performer: nurse})
		if err != nil {
			return err
		}
		said := false
		for _, r := range may.Reasons {
			if r.Code == access.CodeTrainingExpired {
				d.say("  %s: %s (%s). To settle it: %s.", r.Code, r.Text, r.Args["course"], r.Fix)
				said = true
			}
		}
		if !said {
			d.say("  nothing is said of her training any more")
		}
		return nil
	}
	if err := ask(); err != nil {
		return err
	}
	qualify.Trainings[0].Completed, qualify.Trainings[0].ValidTo = today, today.AddDays(365)
	if _, err := d.QualifyStaff(ctx, d.Director, qualify); err != nil {
		return err
	}
	d.say("  the director records the renewed training")
	return ask()
}

// frontDesk reads a chart as the front desk sees it.
func (d *day) frontDesk(ctx context.Context) error {
	d.say("A chart at the front desk")
	v, err := d.Visit(ctx, 1)
	if err != nil {
		return err
	}
	for _, who := range []struct {
		name  string
		actor glabella.Actor
	}{{"the director", d.Director}, {"the front desk", d.Desk}} {
		chart, err := d.Chart(ctx, who.actor, v.Patient)
		if err != nil {
			return err
		}
		procedures, classes := 0, map[access.Class]int{}
		for _, e := range chart.Encounters {
			procedures += len(e.Procedures)
		}
		for _, r := range chart.Removed {
			classes[r.Class]++
		}
		d.say("  %s sees %s, %d treatments, %d invoices; kept back: %d clinical parts, %d sensitive ones", who.name, chart.Patient.DisplayName(), procedures, len(chart.Invoices),
			classes[access.ClassClinical], classes[access.ClassSensitive])
	}
	return nil
}

// emergency opens a restricted record against the rules.
func (d *day) emergency(ctx context.Context) error {
	d.say("A restricted record")
	colleague, err := d.RegisterPatient(ctx, d.Desk, practice.RegisterPatient{Intake: practicetest.Somebody(30), Source: glabella.Provenance{Source: glabella.SourcePatient}})
	if err != nil {
		return err
	}
	if _, err := d.RestrictPatient(ctx, d.Director, practice.RestrictPatient{Patient: colleague.Patient, Restricted: true, Reason: "colleague"}); err != nil {
		return err
	}
	_, err = d.Chart(ctx, d.Nurse, colleague.Patient)
	var denied *glabella.DeniedError
	if !errors.As(err, &denied) {
		return fmt.Errorf("the record is open: %w", err)
	}
	r := denied.Decision.Reasons[0]
	d.say("  the nurse is refused by the rule %s. To settle it: %s.", r.Args["rule"], r.Fix)
	opened, err := d.OpenRecord(ctx, d.Nurse, practice.OpenRecord{Patient: colleague.Patient, Reason: "emergency-care"})
	if err != nil {
		return err
	}
	if _, err := d.Chart(ctx, d.Nurse, colleague.Patient); err != nil {
		return err
	}
	d.say("  she opens it in an emergency, until %s, and reads it", opened.Until.Format("15:04"))
	d.now = opened.Until.Add(time.Hour)
	tasks, err := d.UnreviewedEmergencies(ctx, d.Director)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		d.say("  to review by %s: %s, %d records read", t.ReviewDue.Format("2006-01-02 15:04"), t.Reason, len(t.Read))
	}
	if _, err := d.ReviewEmergency(ctx, d.Director, practice.ReviewEmergency{Emergency: opened.Emergency, Finding: access.FindingAppropriate}); err != nil {
		return err
	}
	self := glabella.Actor{Kind: glabella.ActorPatient, ID: colleague.Patient.String(), Site: d.Site.ID, Purpose: glabella.PurposePatient}
	lines, err := d.AccessReport(ctx, self, practice.AccessReport{Patient: colleague.Patient})
	if err != nil {
		return err
	}
	emergencies := 0
	for _, l := range lines {
		if l.Emergency {
			emergencies++
		}
	}
	d.say("  the patient's own report has %d lines, %d of an emergency", len(lines), emergencies)
	return d.verify(ctx)
}

// verify checks the journal of the day.
func (d *day) verify(ctx context.Context) error {
	report, err := d.VerifyAudit(ctx, d.Director, &audit.VerifyOptions{})
	if err != nil {
		return err
	}
	d.say("The journal of the day is intact: %d entries", report.Journal.Size)
	return nil
}
