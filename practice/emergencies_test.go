package practice_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/quantity"
)

// restricted returns a patient whose record is kept to those who take part in the care.
func (c *clinic) restricted() glabella.PatientID {
	c.t.Helper()
	id := c.register()
	must[practice.PatientChanged](c.t)(c.RestrictPatient(c.t.Context(), c.Director, practice.RestrictPatient{Patient: id, Restricted: true, Reason: "colleague"}))
	return id
}

func TestARestrictedRecordIsForThoseWhoTakePartInTheCare(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	id := c.restricted()
	for name, actor := range map[string]glabella.Actor{"a nurse": c.Nurse, "the front desk": c.Desk, "the director": c.Director} {
		if _, err := c.Chart(ctx, actor, id); !refusedFor(err, access.CodeRule) || !denied(err) {
			t.Errorf("%s without a part in the care reads the chart: %v, want denied by %s", name, err, access.CodeRule)
		}
	}
	self := glabella.Actor{Kind: glabella.ActorPatient, ID: id.String(), Site: c.Site.ID, Purpose: glabella.PurposePatient}
	if _, err := c.Chart(ctx, self, id); err != nil {
		t.Errorf("the patient reads the chart: %v", err)
	}
	must[practice.Booked](t)(c.BookAppointment(ctx, c.Desk, c.booking(id, c.clock.Now().Add(time.Hour))))
	if _, err := c.Chart(ctx, c.Nurse, id); err != nil {
		t.Errorf("the nurse who is booked for the patient reads the chart: %v", err)
	}
	must[practice.PatientChanged](t)(c.RestrictPatient(ctx, c.Director, practice.RestrictPatient{Patient: id, Reason: "asked-for"}))
	if _, err := c.Chart(ctx, c.Desk, id); err != nil {
		t.Errorf("the front desk reads a chart that is open again: %v", err)
	}
}

func TestWhoseRecordItIsMayTurnUpLater(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	sold := c.sell(c.restricted(), practice.SellCredit{Service: "bank-50"})
	if text, err := c.PrintInvoice(ctx, c.Biller, sold.Invoice); !refusedFor(err, access.CodeRule) || text != "" {
		t.Errorf("the invoice of a restricted record is printed: %q, %v", text, err)
	}
	if last := c.last(); last.Outcome != "denied" || len(last.Reads) != 0 {
		t.Errorf("journal: %s with %d reads, want denied and none handed out", last.Outcome, len(last.Reads))
	}
}

func TestARecordIsOpenedInAnEmergencyForATimeAndReviewed(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	id := c.restricted()
	if _, err := c.OpenRecord(ctx, c.Desk, practice.OpenRecord{Patient: id, Reason: "emergency-care"}); !denied(err) {
		t.Errorf("OpenRecord by the front desk = %v, want denied", err)
	}
	if _, err := c.OpenRecord(ctx, c.Nurse, practice.OpenRecord{Patient: id}); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("OpenRecord without a reason = %v, want invalid", err)
	}
	opened := must[practice.EmergencyChanged](t)(c.OpenRecord(ctx, c.Nurse, practice.OpenRecord{Patient: id, Reason: "emergency-care", Text: "Came in bleeding."}))
	must[practice.Chart](t)(c.Chart(ctx, c.Nurse, id))
	if last := c.last(); len(last.Reasons) != 1 || last.Reasons[0].Code != access.CodeBreakGlass || !slices.Contains(last.Reasons[0].Refs, opened.Emergency.Ref()) {
		t.Errorf("journal: reasons %v, want that it was read in this emergency", last.Reasons)
	}
	if _, err := c.EditPatient(ctx, c.Nurse, practice.EditPatient{Patient: id}); err == nil {
		t.Error("an emergency opens the record for writing an invalid edit")
	}
	if _, err := c.ReviewEmergency(ctx, c.Director, practice.ReviewEmergency{Emergency: opened.Emergency, Finding: access.FindingAppropriate}); !refusedFor(err, access.CodeReviewEarly) {
		t.Errorf("ReviewEmergency while it is open = %v, want %s", err, access.CodeReviewEarly)
	}
	c.clock.advance(opened.Until.Sub(c.clock.Now()))
	if _, err := c.Chart(ctx, c.Nurse, id); !refusedFor(err, access.CodeRule) {
		t.Errorf("after its time the record is still open: %v", err)
	}
	tasks := must[[]practice.EmergencyTask](t)(c.UnreviewedEmergencies(ctx, c.Director))
	if len(tasks) != 1 || tasks[0].ID != opened.Emergency || tasks[0].Overdue || !slices.Contains(tasks[0].Read, id.Ref()) {
		t.Fatalf("UnreviewedEmergencies = %+v, want the one with the patient among what was read", tasks)
	}
	c.clock.advance(80 * time.Hour)
	if tasks := must[[]practice.EmergencyTask](t)(c.UnreviewedEmergencies(ctx, c.Director)); !tasks[0].Overdue {
		t.Error("a review that is late is not overdue")
	}
	must[practice.EmergencyChanged](t)(c.ReviewEmergency(ctx, c.Director, practice.ReviewEmergency{Emergency: opened.Emergency, Finding: access.FindingInappropriate}))
	if tasks := must[[]practice.EmergencyTask](t)(c.UnreviewedEmergencies(ctx, c.Director)); len(tasks) != 0 {
		t.Errorf("after the review %d wait for one", len(tasks))
	}
	self := glabella.Actor{Kind: glabella.ActorPatient, ID: id.String(), Site: c.Site.ID, Purpose: glabella.PurposePatient}
	chart := must[practice.Chart](t)(c.Chart(ctx, self, id))
	if len(chart.Emergencies) != 1 || chart.Emergencies[0].By != staffID(c.Nurse) || chart.Emergencies[0].Finding != access.FindingInappropriate {
		t.Errorf("the patient sees %+v, want who opened the record and what the review came to", chart.Emergencies)
	}
	c.verified()
}

func TestAnEmergencyIsClosedEarly(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	id := c.restricted()
	opened := must[practice.EmergencyChanged](t)(c.OpenRecord(ctx, c.Director, practice.OpenRecord{Patient: id, Reason: "emergency-care"}))
	c.clock.advance(time.Minute)
	closed := must[practice.EmergencyChanged](t)(c.CloseRecord(ctx, c.Director, practice.CloseRecord{Emergency: opened.Emergency}))
	if closed.State != access.BreakGlassEnded || !closed.Until.Equal(c.clock.Now()) {
		t.Errorf("CloseRecord = %s until %s, want ended now", closed.State, closed.Until)
	}
	if _, err := c.Chart(ctx, c.Director, id); !denied(err) {
		t.Errorf("a closed record is read: %v", err)
	}
	if _, err := c.ReviewEmergency(ctx, c.Director, practice.ReviewEmergency{Emergency: opened.Emergency, Finding: access.FindingAppropriate}); !refusedFor(err, access.CodeReviewOwn) {
		t.Errorf("a review of one's own = %v, want %s", err, access.CodeReviewOwn)
	}
	policy := access.DefaultPolicy()
	policy.Emergency = access.EmergencyTerms{}
	strict := must[*practice.Practice](t)(practice.New(c.backend, &practice.Options{Now: c.clock.Now, Policy: &policy}))
	if _, err := strict.OpenRecord(ctx, c.Nurse, practice.OpenRecord{Patient: id, Reason: "emergency-care"}); !refusedFor(err, practice.CodeEmergencyTerms) {
		t.Errorf("OpenRecord without terms = %v, want %s", err, practice.CodeEmergencyTerms)
	}
}

func TestTheFrontDeskSeesAChartWithoutWhatIsClinical(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v := must[practicetest.Visit](t)(c.Visit(ctx, 1))
	all := must[practice.Chart](t)(c.Chart(ctx, c.Director, v.Patient))
	if len(all.Removed) != 0 || len(all.Encounters[0].Procedures) == 0 {
		t.Fatalf("the director sees %d procedures and lacks %v", len(all.Encounters[0].Procedures), all.Removed)
	}
	desk := must[practice.Chart](t)(c.Chart(ctx, c.Desk, v.Patient))
	if desk.Patient.DisplayName() != all.Patient.DisplayName() || len(desk.Encounters) != 1 || len(desk.Encounters[0].Procedures) != 0 || len(desk.Invoices) != 2 || desk.Invoices[0].Lines[0].Net.IsZero() {
		t.Errorf("the front desk sees %+v", desk.Encounters)
	}
	for _, n := range desk.Notes {
		if n.Text != "" {
			t.Error("the front desk sees the text of a note")
		}
	}
	gone := practice.Removed{Record: v.Encounter.Ref(), Removed: access.Removed{Path: "/procedures", Class: access.ClassClinical}}
	if !slices.Contains(desk.Removed, gone) {
		t.Errorf("removed = %v, want among it %v", desk.Removed, gone)
	}
	again := must[practice.Chart](t)(c.Chart(ctx, c.Director, v.Patient))
	if diff := cmp.Diff(all.Encounters, again.Encounters, cmp.Comparer(quantity.Quantity.Equal), cmp.Comparer(func(a, b quantity.Number) bool { return a.Equal(b.Decimal) })); diff != "" {
		t.Errorf("a view changed the record:\n%s", diff)
	}
}

func TestWhoDoesNotSeeAPartNeitherChangesNorRemovesIt(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	id := must[practice.Registered](t)(c.registers(person("Zoë", "Brontë", "1988-04-09", "+15125550142"))).Patient
	edit := practice.EditOf(must[practice.Chart](t)(c.Chart(ctx, c.Nurse, id)).Patient)
	edit.Alerts = append(edit.Alerts, patient.Alert{Code: "needle-phobia", Level: patient.AlertInfo})
	must[practice.PatientChanged](t)(c.EditPatient(ctx, c.Nurse, edit))
	edit = practice.EditOf(must[practice.Chart](t)(c.Chart(ctx, c.Desk, id)).Patient)
	if len(edit.Alerts) != 0 {
		t.Fatalf("the front desk sees alerts: %v", edit.Alerts)
	}
	edit.Pronouns = "she/her"
	must[practice.PatientChanged](t)(c.EditPatient(ctx, c.Desk, edit))
	after := must[practice.Chart](t)(c.Chart(ctx, c.Nurse, id)).Patient
	if after.Pronouns != "she/her" || len(after.Alerts) != 1 {
		t.Errorf("after an edit by who does not see alerts: %q, %d alerts; want the alert kept", after.Pronouns, len(after.Alerts))
	}
	edit.IfVersion, edit.Alerts = after.Version, append(edit.Alerts, patient.Alert{Code: "latex", Level: patient.AlertInfo})
	if _, err := c.EditPatient(ctx, c.Desk, edit); !refusedFor(err, access.CodeClass) || !denied(err) {
		t.Errorf("the front desk writes an alert: %v, want denied by %s", err, access.CodeClass)
	}
}

func TestAStrictPolicyKeepsDutiesApart(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	id := c.restricted()
	opened := must[practice.EmergencyChanged](t)(c.OpenRecord(ctx, c.Director, practice.OpenRecord{Patient: id, Reason: "emergency-care"}))
	c.clock.advance(2 * time.Hour)
	policy := access.StrictPolicy()
	strict := must[*practice.Practice](t)(practice.New(c.backend, &practice.Options{Now: c.clock.Now, Policy: &policy}))
	review := practice.ReviewEmergency{Emergency: opened.Emergency, Finding: access.FindingAppropriate}
	director := c.Director
	director.Auth = glabella.Authentication{Method: "passkey", Level: 2, At: c.clock.Now()}
	// The record says who opened it; the policy asks whoever that was.
	if _, err := strict.ReviewEmergency(ctx, director, review); err == nil {
		t.Error("who opened a record reviews it")
	}
	sign := practice.OpenRecord{Patient: id, Reason: "emergency-care"}
	if _, err := strict.OpenRecord(ctx, c.Nurse, sign); !refusedFor(err, access.CodeAuthLevel) {
		t.Errorf("without a second factor: %v, want %s", err, access.CodeAuthLevel)
	}
	nurse := c.Nurse
	nurse.Auth = glabella.Authentication{Method: "passkey", Level: 2, At: c.clock.Now().Add(-20 * time.Minute)}
	if _, err := strict.OpenRecord(ctx, nurse, sign); !refusedFor(err, access.CodeAuthStale) {
		t.Errorf("with an old one: %v, want %s", err, access.CodeAuthStale)
	}
	nurse.Auth.At = c.clock.Now()
	must[practice.EmergencyChanged](t)(strict.OpenRecord(ctx, nurse, sign))
}
