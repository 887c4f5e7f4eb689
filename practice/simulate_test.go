package practice_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/storage"
)

func TestAProposedPolicyIsTriedOnTheJournal(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v := c.arrive(arrival{})
	must[practice.Charted](t)(c.ChartTreatment(ctx, c.Nurse, practicetest.Chart(v)))
	must[practice.VisitCompleted](t)(c.CompleteVisit(ctx, c.Nurse, practice.CompleteVisit{Encounter: v.Encounter}))
	must[practice.Chart](t)(c.Chart(ctx, c.Nurse, v.Patient))
	stranger := c.register()
	must[practice.Chart](t)(c.Chart(ctx, c.Nurse, stranger)) // of no patient of hers
	if _, err := c.Chart(ctx, c.Store, v.Patient); !errors.Is(err, glabella.ErrDenied) {
		t.Fatalf("who keeps the store reads a chart: %v", err)
	}
	ask := func(q practice.SimulatePolicy) practice.PolicySimulation {
		t.Helper()
		return must[practice.PolicySimulation](t)(c.SimulatePolicy(ctx, c.Owner, q))
	}

	same := ask(practice.SimulatePolicy{Policy: access.DefaultPolicy()})
	if len(same.Differences) != 0 || same.Asked < 10 || same.Otherwise != 0 {
		t.Errorf("the policy in force: %+v, want every decision made again as it was", same)
	}

	type change struct {
		Action    access.Action
		Subject   glabella.Ref
		From, To  glabella.Outcome
		Different bool
	}
	changes := func(s practice.PolicySimulation) []change {
		var out []change
		for _, d := range s.Differences {
			out = append(out, change{d.Action, d.Subject, d.Old.Outcome, d.New.Outcome, d.Outcome()})
		}
		return out
	}
	wider := access.DefaultPolicy()
	wider.Grants[access.InventoryManager] = append(wider.Grants[access.InventoryManager], access.PatientRead)
	got := changes(ask(practice.SimulatePolicy{Policy: wider}))
	if want := []change{{access.PatientRead, v.Patient.Ref(), glabella.Deny, glabella.Allow, true}}; !cmp.Equal(got, want) {
		t.Errorf("with the chart open to the store room: %+v, want %+v", got, want)
	}

	// Only who takes part in the care reads charts: the nurse did so of one patient.
	own := access.DefaultPolicy()
	own.Rules = append(own.Rules, access.Rule{ID: "own-patients", Effect: access.EffectDeny, Roles: []access.Role{access.NurseInjector}, Actions: []access.Action{access.PatientRead},
		When: []access.Condition{{Kind: access.ConditionRelationship, Not: true, Purposes: []glabella.Purpose{}}}})
	got = changes(ask(practice.SimulatePolicy{Policy: own}))
	reads := slices.DeleteFunc(got, func(ch change) bool { return ch.Action != access.PatientRead || ch.From != glabella.Allow })
	if want := []change{{access.PatientRead, stranger.Ref(), glabella.Allow, glabella.Deny, true}}; !cmp.Equal(reads, want) {
		t.Errorf("with charts of own patients only: %+v, want %+v", reads, want)
	}

	if none := ask(practice.SimulatePolicy{Policy: wider, From: c.clock.Now().Add(time.Hour)}); none.Asked != 0 {
		t.Errorf("of what is to come %d were asked", none.Asked)
	}
	broken := access.DefaultPolicy()
	broken.Grants["nobody"] = []access.Action{access.PatientRead}
	if _, err := c.SimulatePolicy(ctx, c.Owner, practice.SimulatePolicy{Policy: broken}); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("a policy that is none: %v", err)
	}
	if _, err := c.SimulatePolicy(ctx, c.Desk, practice.SimulatePolicy{Policy: wider}); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("the front desk tries a policy: %v", err)
	}
	c.verified()
}

func TestATriedPolicyAsksForTheStaffOfThatTime(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	who := c.register()
	must[practice.Chart](t)(c.Chart(ctx, c.Nurse, who))
	c.clock.advance(time.Hour)
	nurse := stored(c, func(ctx context.Context, tx storage.Tx) (access.Staff, error) {
		return tx.Staff().Get(ctx, staffID(c.Nurse))
	})
	nurse.Roles = []access.Role{access.Auditor}
	must[practice.SetUpDone](t)(c.SetUp(ctx, c.Owner, practice.SetUp{Staff: []access.Staff{nurse}}))
	narrower := access.DefaultPolicy()
	narrower.Grants[access.NurseInjector] = slices.DeleteFunc(slices.Clone(narrower.Grants[access.NurseInjector]), func(a access.Action) bool { return a == access.PatientRead })
	got := must[practice.PolicySimulation](t)(c.SimulatePolicy(ctx, c.Owner, practice.SimulatePolicy{Policy: narrower}))
	if len(got.Differences) != 1 || got.Differences[0].Action != access.PatientRead || got.Differences[0].New.Outcome != glabella.Deny || got.Otherwise != 0 {
		t.Errorf("what she read as a nurse: %+v", got)
	}
}
