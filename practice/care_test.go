package practice_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/treatment"
)

// stored returns the newest version of a record, without leaving a trace.
func stored[T any](c *clinic, get func(ctx context.Context, tx storage.Tx) (T, error)) T {
	c.t.Helper()
	var out T
	if err := c.backend.View(context.Background(), func(ctx context.Context, tx storage.Tx) (err error) {
		out, err = get(ctx, tx)
		return err
	}); err != nil {
		c.t.Fatal(err)
	}
	return out
}

// change changes the policy of the clinic's site.
func (c *clinic) change(edit func(*config.Policy)) {
	c.t.Helper()
	c.changeSite(func(s *config.Site) { edit(&s.Policy) })
}

// changeSite changes the settings of the clinic's site.
func (c *clinic) changeSite(edit func(*config.Site)) {
	c.t.Helper()
	s := stored(c, func(ctx context.Context, tx storage.Tx) (config.Site, error) { return tx.Sites().Get(ctx, c.Site.ID) })
	edit(&s)
	setup := glabella.SystemActor("test")
	setup.Site = c.Site.ID
	must[practice.SetUpDone](c.t)(c.SetUp(c.t.Context(), setup, practice.SetUp{Sites: []config.Site{s}}))
}

func measure(code encounter.VitalSign, value, unit string) practice.Measure {
	return practice.Measure{Code: code, Value: quantity.MustParseNumber(value), Unit: unit}
}

func TestVitalsAreRecordedAmendedAndRetracted(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	id := c.register()
	v := must[practice.VitalsRecorded](t)(c.RecordVitals(ctx, c.Nurse, practice.RecordVitals{Patient: id, Measurements: []practice.Measure{
		measure(encounter.BodyWeight, "150", encounter.UnitPound), measure(encounter.SystolicPressure, "120", "mm[Hg]"), measure(encounter.DiastolicPressure, "80", "mm[Hg]"),
	}}))
	amended := must[practice.VitalsRecorded](t)(c.AmendVitals(ctx, c.Nurse, practice.AmendVitals{Command: practice.Command{IfVersion: v.Version}, Vitals: v.Vitals, Reason: "misread",
		Measurements: []practice.Measure{measure(encounter.BodyWeight, "68", "kg")}}))
	if amended.Version != 2 {
		t.Errorf("version %d, want 2", amended.Version)
	}
	chart := must[practice.Chart](t)(c.Chart(ctx, c.Nurse, id))
	if kg, _, ok := encounter.WeightOn(chart.Vitals, id, glabella.DateOf(opening), time.UTC); !ok || kg.Value().String() != "68" {
		t.Errorf("weight %v, %t, want 68 kg", kg, ok)
	}
	must[practice.VitalsRecorded](t)(c.AmendVitals(ctx, c.Nurse, practice.AmendVitals{Vitals: v.Vitals, Reason: "wrong-patient"}))
	if again := must[practice.Chart](t)(c.Chart(ctx, c.Nurse, id)); !again.Vitals[0].Retracted {
		t.Error("the vitals are not retracted")
	}
	_, err := c.RecordVitals(ctx, c.Nurse, practice.RecordVitals{Patient: id, Measurements: []practice.Measure{measure(encounter.BodyWeight, "11", "[stone_av]"), measure("0000-0", "1", "kg")}})
	if diff := cmp.Diff([]glabella.Code{encounter.CodeVitalUnit, glabella.CodeUnknownValue}, sortedCodes(codesOf(err))); diff != "" {
		t.Errorf("wrong measurements (-want +got):\n%s", diff)
	}
	if _, err := c.AmendVitals(ctx, c.Nurse, practice.AmendVitals{Vitals: v.Vitals, Reason: "Free text!"}); !slices.Contains(codesOf(err), glabella.CodeFormat) {
		t.Errorf("a reason in prose: %v", err)
	}
	if _, err := c.RecordVitals(ctx, c.Desk, practice.RecordVitals{Patient: id}); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("the front desk records vital signs: %v", err)
	}
}

func sortedCodes(codes []glabella.Code) []glabella.Code {
	slices.Sort(codes)
	return codes
}

func TestAConsultationIsAVisitWithoutInvoice(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	id := c.register()
	booked := must[practice.Booked](t)(c.BookAppointment(ctx, c.Desk, c.booking(id, c.clock.Now().Add(time.Minute))))
	visit := must[practice.CheckedIn](t)(c.CheckIn(ctx, c.Desk, practice.CheckIn{Appointment: booked.Appointment})).Encounter
	series := must[practice.SeriesPlanned](t)(c.PlanSeries(ctx, c.Nurse, practice.PlanSeries{Patient: id, Name: "toxin twice", Steps: []encounter.SeriesStep{{Treatment: "botulinum-toxin"}}})).Series
	other := must[practice.SeriesPlanned](t)(c.PlanSeries(ctx, c.Nurse, practice.PlanSeries{Patient: c.register(), Name: "another's", Steps: []encounter.SeriesStep{{Treatment: "botulinum-toxin"}}})).Series
	assess := practice.Assess{Encounter: visit, Assessment: encounter.Assessment{Problems: []encounter.Problem{{Text: "frown lines", Region: "glabella"}}},
		Plan: &encounter.VisitPlan{Series: other, Items: []encounter.PlanItem{{Kind: encounter.PlanTreatment, Treatment: "botulinum-toxin", Problem: 1}}}}
	if _, err := c.Assess(ctx, c.Nurse, assess); !slices.Contains(codesOf(err), practice.CodeOtherPatient) {
		t.Errorf("a plan of another patient: %v", err)
	}
	assess.Plan.Series = series
	must[practice.Assessed](t)(c.Assess(ctx, c.Nurse, assess))
	done := must[practice.VisitCompleted](t)(c.CompleteVisit(ctx, c.Nurse, practice.CompleteVisit{Encounter: visit}))
	if !done.Invoice.IsZero() || len(done.Movements) > 0 {
		t.Errorf("a consultation leaves %+v", done)
	}
	nurse, _ := c.Director.Staff()
	note := must[practice.NoteSigned](t)(c.SignNote(ctx, c.Nurse, practice.SignNote{Encounter: visit, Cosigner: nurse}))
	read := must[encounter.Note](t)(c.ReadNote(ctx, c.Nurse, note.Note))
	for _, want := range []string{"Assessment", "frown lines", "Plan", "Treatment: Botulinum toxin"} {
		if !containsLine(read.Text, want) {
			t.Errorf("the note does not say %q:\n%s", want, read.Text)
		}
	}
	if _, err := c.Assess(ctx, c.Nurse, assess); !errors.As(err, new(*glabella.TransitionError)) {
		t.Errorf("an assessment after the visit: %v", err)
	}
}

func TestASeriesIsPlannedBookedAndDone(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v := c.arrive(arrival{})
	plan := practice.PlanSeries{Patient: v.Patient, Name: "toxin twice", Steps: []encounter.SeriesStep{
		{Treatment: "botulinum-toxin", Product: "onabotulinumtoxinA"},
		{Treatment: "botulinum-toxin", MinDays: 90, Basis: treatment.BasisLabel, Source: "label, section 2"},
		{Treatment: "botulinum-toxin"},
	}}
	wrong := plan
	wrong.Steps = []encounter.SeriesStep{{Treatment: "no-such-thing"}}
	if _, err := c.PlanSeries(ctx, c.Nurse, wrong); !slices.Contains(codesOf(err), practice.CodeTreatmentUnknown) {
		t.Errorf("a plan of an unknown treatment: %v", err)
	}
	s := must[practice.SeriesPlanned](t)(c.PlanSeries(ctx, c.Nurse, plan)).Series
	settle := practice.SettleStep{Series: s, Step: 0, Encounter: v.Encounter}
	if _, err := c.SettleStep(ctx, c.Nurse, settle); !slices.Contains(codesOf(err), practice.CodeStepVisit) {
		t.Errorf("a step that was not done yet: %v", err)
	}
	must[practice.Charted](t)(c.ChartTreatment(ctx, c.Nurse, practicetest.Chart(v)))
	must[practice.VisitCompleted](t)(c.CompleteVisit(ctx, c.Nurse, practice.CompleteVisit{Encounter: v.Encounter}))
	must[practice.SeriesPlanned](t)(c.SettleStep(ctx, c.Nurse, settle))
	today := glabella.DateOf(opening)
	if _, err := c.PlanStep(ctx, c.Nurse, practice.PlanStep{Series: s, Step: 1, On: today.AddDays(30)}); !errors.Is(err, glabella.ErrRefused) {
		t.Errorf("a step that is planned too early: %v", err)
	}
	must[practice.SeriesPlanned](t)(c.PlanStep(ctx, c.Nurse, practice.PlanStep{Series: s, Step: 1, On: today.AddDays(91)}))
	must[practice.SeriesPlanned](t)(c.HoldSeries(ctx, c.Nurse, practice.HoldSeries{Series: s, Reason: "pregnancy"}))
	if _, err := c.PlanStep(ctx, c.Nurse, practice.PlanStep{Series: s, Step: 1}); !errors.As(err, new(*glabella.TransitionError)) {
		t.Errorf("a step of a plan on hold: %v", err)
	}
	must[practice.SeriesPlanned](t)(c.ResumeSeries(ctx, c.Nurse, practice.ResumeSeries{Series: s}))
	must[practice.SeriesPlanned](t)(c.ReviseSeries(ctx, c.Nurse, practice.ReviseSeries{Series: s, Steps: []encounter.SeriesStep{{Treatment: "botulinum-toxin"}}}))
	if _, err := c.SettleStep(ctx, c.Nurse, practice.SettleStep{Series: s, Step: 7}); !slices.Contains(codesOf(err), glabella.CodeOutOfRange) {
		t.Errorf("a step that is not there: %v", err)
	}
	if got := must[practice.SeriesPlanned](t)(c.SettleStep(ctx, c.Nurse, practice.SettleStep{Series: s, Step: 1, Reason: "patient-request"})); got.State != encounter.SeriesCompleted {
		t.Errorf("after its last step the plan is %s", got.State)
	}
	again := must[practice.SeriesPlanned](t)(c.PlanSeries(ctx, c.Nurse, plan)).Series
	if got := must[practice.SeriesPlanned](t)(c.CancelSeries(ctx, c.Nurse, practice.CancelSeries{Series: again, Reason: "moved-away"})); got.State != encounter.SeriesCancelled {
		t.Errorf("a plan that was cancelled is %s", got.State)
	}
}

func TestANurseTreatsUnderAnOrder(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	c.change(func(p *config.Policy) { p.Orders, p.OrdersSource = []string{"RN"}, "clinic policy" })
	v := c.arrive(arrival{})
	nurse, _ := c.Nurse.Staff()
	question := practice.MayTreat{Patient: v.Patient, Encounter: v.Encounter, Treatment: "botulinum-toxin", Product: "onabotulinumtoxinA", Performer: nurse, Pregnant: treatment.PregnantNo,
		Supervision: encounter.SupervisionAvailable}
	ask := func() []glabella.Code {
		t.Helper()
		return must[glabella.Decision](t)(c.MayTreat(ctx, c.Nurse, question)).Codes()
	}
	if diff := cmp.Diff([]glabella.Code{encounter.CodeOrderMissing}, ask()); diff != "" {
		t.Errorf("without an order (-want +got):\n%s", diff)
	}
	order := practice.IssueOrder{Treatments: []string{"botulinum-toxin"}, Products: []string{"onabotulinumtoxinA"}, DelegateKinds: []string{"RN"}, Supervision: encounter.SupervisionAvailable,
		ValidTo: glabella.DateOf(opening).AddDays(365), Protocol: "toxin protocol 3", Source: "clinic policy",
		Limits: []encounter.OrderLimit{{Product: "onabotulinumtoxinA", Max: quantity.MustParse("60 [arb'U]{onabotulinumtoxinA}")}}}
	if _, err := c.IssueOrder(ctx, c.Nurse, order); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("a nurse gives an order: %v", err)
	}
	issued := must[practice.OrderIssued](t)(c.IssueOrder(ctx, c.Director, order))
	if got := ask(); len(got) > 0 {
		t.Errorf("under the order: %v", got)
	}
	chart := practicetest.Chart(v) // 64 units
	chart.Supervision = encounter.SupervisionAvailable
	if _, err := c.ChartTreatment(ctx, c.Nurse, chart); !slices.Contains(codesOf(err), encounter.CodeOrderAmount) {
		t.Errorf("more than the order allows: %v", err)
	}
	must[practice.OrderIssued](t)(c.RevokeOrder(ctx, c.Director, practice.RevokeOrder{Order: issued.Order, Reason: "superseded"}))
	if diff := cmp.Diff([]glabella.Code{encounter.CodeOrderRevoked}, ask()); diff != "" {
		t.Errorf("after the order was revoked (-want +got):\n%s", diff)
	}
	order.Limits[0].Max = quantity.MustParse("64 [arb'U]{onabotulinumtoxinA}")
	must[practice.OrderIssued](t)(c.IssueOrder(ctx, c.Director, order))
	must[practice.Charted](t)(c.ChartTreatment(ctx, c.Nurse, chart))
}

func TestMayTreatSaysEverythingAtOnce(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	id := c.register()
	nurse, _ := c.Nurse.Staff()
	c.change(func(p *config.Policy) { p.Orders, p.OrdersSource = []string{"RN"}, "clinic policy" })
	d := must[glabella.Decision](t)(c.MayTreat(ctx, c.Nurse, practice.MayTreat{Patient: id, Treatment: "botulinum-toxin", Product: "onabotulinumtoxinA", Performer: nurse, Conditions: []string{"infection-at-site"}}))
	want := []glabella.Code{"consent.missing", encounter.CodeClearanceMissing, encounter.CodeOrderMissing, treatment.CodeInfectionAtSite, treatment.CodePregnancyUnknown, practice.CodeNoStock}
	if diff := cmp.Diff(sortedCodes(want), sortedCodes(d.Codes())); diff != "" {
		t.Errorf("MayTreat (-want +got):\n%s", diff)
	}
	for _, r := range d.Reasons {
		if r.Fix == "" {
			t.Errorf("%s does not say what would settle it", r.Code)
		}
	}
}

func TestAnExamThatWasRevokedHoldsNoMore(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	id := c.register()
	exam := must[practice.ClearanceRecorded](t)(c.RecordClearance(ctx, c.Director, practice.RecordClearance{Patient: id, Scope: []string{"botulinum-toxin"}, Modality: encounter.SyncVideo, Decision: encounter.ClearedFor}))
	nurse, _ := c.Nurse.Staff()
	ask := func() []glabella.Code {
		t.Helper()
		return must[glabella.Decision](t)(c.MayTreat(ctx, c.Nurse, practice.MayTreat{Patient: id, Treatment: "botulinum-toxin", Product: "onabotulinumtoxinA", Performer: nurse, Pregnant: treatment.PregnantNo})).Codes()
	}
	if got := ask(); slices.ContainsFunc(got, func(c glabella.Code) bool { return c[:len("encounter")] == "encounter" }) {
		t.Errorf("with an exam: %v", got)
	}
	c.change(func(p *config.Policy) { p.Modalities, p.ModalitiesSource = []string{"in-person"}, "clinic policy" })
	if got := ask(); !slices.Contains(got, encounter.CodeClearanceModality) {
		t.Errorf("an exam by video where it does not count: %v", got)
	}
	c.clock.advance(time.Minute)
	must[practice.ClearanceRecorded](t)(c.RevokeClearance(ctx, c.Director, practice.RevokeClearance{Clearance: exam.Clearance, Reason: "health-changed"}))
	c.clock.advance(time.Minute)
	if got := ask(); !slices.Contains(got, encounter.CodeClearanceRevoked) {
		t.Errorf("after the exam was revoked: %v", got)
	}
	if _, err := c.RevokeClearance(ctx, c.Director, practice.RevokeClearance{Clearance: exam.Clearance, Reason: "again"}); !errors.As(err, new(*glabella.TransitionError)) {
		t.Errorf("revoked twice: %v", err)
	}
}

func TestAnAdverseEventIsTiedToItsLotsAndManaged(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v := c.arrive(arrival{})
	procedure := must[practice.Charted](t)(c.ChartTreatment(ctx, c.Nurse, practicetest.Chart(v))).Procedure
	must[practice.VisitCompleted](t)(c.CompleteVisit(ctx, c.Nurse, practice.CompleteVisit{Encounter: v.Encounter}))
	c.clock.advance(72 * time.Hour)
	report := practice.ReportAdverseEvent{Patient: v.Patient, Encounter: v.Encounter, Procedure: procedure, Details: encounter.EventDetails{
		Kind: "visual-loss", NoticedBy: encounter.NoticedByPatient, Grade: 3, Relation: encounter.Possible, Serious: true, Region: "glabella", Side: glabella.SideLeft,
	}}
	lost := report
	lost.Procedure = glabella.MustParseID[glabella.ProcedureID]("01900000-0000-7000-8000-000000000001")
	if _, err := c.ReportAdverseEvent(ctx, c.Nurse, lost); !slices.Contains(codesOf(err), practice.CodeProcedureUnknown) {
		t.Errorf("an event after another procedure: %v", err)
	}
	e := must[practice.AdverseEventReported](t)(c.ReportAdverseEvent(ctx, c.Nurse, report))
	if e.Checklist == "" || len(e.Missing) == 0 || len(e.Duties) == 0 {
		t.Fatalf("the receipt does not say what to do: %+v", e)
	}
	traced := must[[]encounter.AdverseEvent](t)(c.TraceAdverseEvents(ctx, c.Director, v.Lot))
	if len(traced) != 1 || !slices.Equal(traced[0].Lots, []glabella.LotID{v.Lot}) || !slices.Equal(traced[0].Products, []string{"onabotulinumtoxinA"}) || traced[0].Treatment != "botulinum-toxin" {
		t.Errorf("events of the lot: %+v", traced)
	}
	c.clock.advance(25 * time.Hour)
	managed := must[practice.AdverseEventReported](t)(c.ManageAdverseEvent(ctx, c.Nurse, practice.ManageAdverseEvent{Event: e.Event,
		Steps: []practice.TakenStep{{Code: e.Missing[0].Code, Note: "normal"}}, Actions: []practice.TakenAction{{Code: "referred"}}, Reports: []practice.FiledReport{{To: e.Duties[0].Rule.To, Reference: "42"}}}))
	if len(managed.Missing) != len(e.Missing)-1 || len(managed.Duties) != len(e.Duties)-1 {
		t.Errorf("after a step and a report: %+v", managed)
	}
	if _, err := c.ManageAdverseEvent(ctx, c.Nurse, practice.ManageAdverseEvent{Event: e.Event, Steps: []practice.TakenStep{{Code: "no-such-step"}}}); !errors.Is(err, glabella.ErrRefused) {
		t.Errorf("a step that the checklist does not have: %v", err)
	}
	resolved := must[practice.AdverseEventReported](t)(c.ManageAdverseEvent(ctx, c.Nurse, practice.ManageAdverseEvent{Event: e.Event, Outcome: encounter.OutcomeResolved}))
	if resolved.State != encounter.EventResolved {
		t.Errorf("the event is %s", resolved.State)
	}
	details := report.Details
	details.NoticedAt, details.Grade = c.clock.Now(), 2
	amended := must[practice.AdverseEventReported](t)(c.AmendAdverseEvent(ctx, c.Nurse, practice.AmendAdverseEvent{Event: e.Event, Details: details, Reopen: true, Reason: "came-back"}))
	if amended.State == encounter.EventResolved {
		t.Error("the event was not reopened")
	}
	closed := must[practice.AdverseEventReported](t)(c.ManageAdverseEvent(ctx, c.Nurse, practice.ManageAdverseEvent{Event: e.Event, Outcome: encounter.OutcomeOngoing, Close: "lost-to-follow-up"}))
	if closed.State != encounter.EventClosed {
		t.Errorf("the event is %s", closed.State)
	}
	if _, err := c.TraceAdverseEvents(ctx, c.Nurse, v.Lot); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("a nurse traces the events of a lot: %v", err)
	}
}

func containsLine(text, want string) bool {
	return slices.ContainsFunc(strings.Split(text, "\n"), func(line string) bool { return strings.Contains(line, want) })
}
