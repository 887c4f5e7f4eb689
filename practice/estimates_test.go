package practice_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/quantity"
)

func TestAPatientIsGivenAnEstimateAndTheBillIsComparedWithIt(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v, err := c.Prepare(ctx, 1) // is in the room
	if err != nil {
		t.Fatal(err)
	}
	later := c.register()
	booked := must[practice.Booked](t)(c.BookAppointment(ctx, c.Desk, c.booking(later, c.clock.Now().AddDate(0, 0, 28))))
	due := must[[]practice.EstimateWanted](t)(c.DueEstimates(ctx, c.Desk, nil))
	if len(due) != 1 || due[0].Appointment.ID != booked.Appointment || due[0].Reason.Code != billing.CodeEstimateDue {
		t.Fatalf("due: %+v, want one for the appointment in four weeks", due)
	}
	toxinFor := func(units string) []practice.EstimateItem {
		return []practice.EstimateItem{{Service: "neurotoxin", Quantity: quantity.MustParse(units + " [arb'U]{onabotulinumtoxinA}"), Codes: []string{"J0585"}}}
	}
	give := practice.GiveEstimate{Patient: later, Appointment: booked.Appointment, Items: toxinFor("40"), Diagnoses: []string{"Z41.1"}, Method: billing.EstimateOnPaper}
	if _, err := c.GiveEstimate(ctx, c.Store, give); !denied(err) {
		t.Errorf("who keeps the store gives an estimate: %v", err)
	}
	wrong := give
	wrong.Patient = v.Patient
	_, err = c.GiveEstimate(ctx, c.Desk, wrong)
	invalidAt(t, err, "/appointment", glabella.CodeMismatch)
	given := must[practice.EstimateGiven](t)(c.GiveEstimate(ctx, c.Desk, give))
	if given.Total != usd("606.20") { // 40 at 14.00, and 8.25 % tax
		t.Errorf("estimated %s, want USD 606.20", given.Total)
	}
	if due := must[[]practice.EstimateWanted](t)(c.DueEstimates(ctx, c.Desk, nil)); len(due) != 0 {
		t.Errorf("still due: %+v", due)
	}
	if _, err := c.CompareEstimate(ctx, c.Biller, given.Estimate); !errors.Is(err, glabella.ErrNotFound) {
		t.Errorf("compared before the visit: %v", err)
	}
	chart := must[practice.Chart](t)(c.Chart(ctx, c.Desk, later))
	if len(chart.Estimates) != 1 || len(chart.Estimates[0].Diagnoses) != 0 || chart.Estimates[0].Total != given.Total {
		t.Errorf("the front desk sees %+v, want the total and no diagnosis", chart.Estimates)
	}

	// Another patient asks in the room, and is charged for 64 units.
	asked := must[practice.EstimateGiven](t)(c.GiveEstimate(ctx, c.Desk, practice.GiveEstimate{Patient: v.Patient, Items: toxinFor("20"), Diagnoses: []string{}, Method: billing.EstimateElectronic}))
	must[practice.VisitCompleted](t)(c.CompleteVisit(ctx, c.Nurse, practice.CompleteVisit{Encounter: v.Encounter}))
	got := must[practice.EstimateComparison](t)(c.CompareEstimate(ctx, c.Biller, asked.Estimate))
	desk, nurse := staffID(c.Desk), staffID(c.Nurse)
	i := slices.IndexFunc(got.Providers, func(p billing.EstimateCompared) bool { return p.Provider == nurse })
	if i < 0 || !got.Providers[i].Disputed || !slices.ContainsFunc(got.Decision.Reasons, func(r glabella.Reason) bool { return r.Code == billing.CodeEstimateExcess }) {
		t.Errorf("compared: %+v, want the nurse's bill to be substantially more", got.Providers)
	}
	if !slices.ContainsFunc(got.Providers, func(p billing.EstimateCompared) bool { return p.Provider == desk && p.Billed.IsZero() }) {
		t.Errorf("what was estimated for who gave it and not billed is missing: %+v", got.Providers)
	}
	c.clock.advance(time.Minute)
	c.verified()
}
