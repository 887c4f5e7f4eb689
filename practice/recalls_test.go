package practice_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/fhirconv"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/storage"
)

func TestARecallReachesWhoReceivedTheLotAndWhoMayHave(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	known := c.arrive(arrival{})
	must[practice.Charted](t)(c.ChartTreatment(ctx, c.Nurse, practicetest.Chart(known)))
	must[practice.VisitCompleted](t)(c.CompleteVisit(ctx, c.Nurse, practice.CompleteVisit{Encounter: known.Encounter}))
	c.clock.advance(time.Hour)
	maybe := c.arrive(arrival{})
	_, done := c.chartsBeyond(maybe, unnamed)
	if known.Patient == maybe.Patient {
		t.Fatal("the visits are of one patient")
	}

	notice := practice.OpenRecall{Reference: "Z-0042-2026", Class: inventory.RecallClassII, Lots: []string{known.LotNumber, "NEVER-HERE"}}
	if _, err := c.OpenRecall(ctx, c.Nurse, notice); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("a nurse opens a recall: %v", err)
	}
	if _, err := c.OpenRecall(ctx, c.Store, practice.OpenRecall{Reference: "Z-1", Lots: []string{"NEVER-HERE"}}); !slices.Contains(codesOf(err), practice.CodeLotUnknown) {
		t.Errorf("a recall of lots that were never received: %v", err)
	}
	opened := must[practice.RecallChanged](t)(c.OpenRecall(ctx, c.Store, notice))
	if !slices.Contains(opened.Lots, known.Lot) || !slices.Equal(opened.Unknown, []string{"NEVER-HERE"}) || opened.Progress != (inventory.RecallProgress{Pending: 2, Exposed: 1, Suspected: 1}) {
		t.Fatalf("opened: %+v", opened)
	}
	lot := stored(c, func(ctx context.Context, tx storage.Tx) (inventory.Lot, error) { return tx.Lots().Get(ctx, known.Lot) })
	if lot.State != inventory.LotRecalled || lot.Hold != "Z-0042-2026" {
		t.Errorf("the lot is %s (%s)", lot.State, lot.Hold)
	}

	status := must[practice.RecallStatus](t)(c.Recall(ctx, c.Store, opened.Recall))
	if len(status.Worklist) != 2 || status.Worklist[0].Task.Patient != known.Patient || status.Worklist[0].Patient.ID != known.Patient || status.Worklist[1].Task.Certainty != inventory.RecallSuspected {
		t.Errorf("the list: %+v", status.Worklist)
	}
	want := []glabella.Code{inventory.CodeRecallPending, inventory.CodeRecallStock, inventory.CodeRecallVial}
	for _, code := range want {
		if !slices.ContainsFunc(status.Closable.Reasons, func(r glabella.Reason) bool { return r.Code == code }) {
			t.Errorf("%s does not keep the recall open: %+v", code, status.Closable.Reasons)
		}
	}
	if all := must[[]inventory.RecallCase](t)(c.Recalls(ctx, c.Store)); len(all) != 1 || all[0].ID != opened.Recall {
		t.Errorf("the recalls: %+v", all)
	}

	letters := must[practice.RecallLetters](t)(c.RecallLetter(ctx, c.Store, practice.RecallLetter{Recall: opened.Recall, Patient: maybe.Patient, Channel: patient.ChannelSMS, Language: "es", Contact: "+1 512 555 0100"}))
	if len(letters.Letters) != 1 || !strings.Contains(letters.Letters[0].Body, "no consta qué lote") || !strings.Contains(letters.Letters[0].Body, known.LotNumber) {
		t.Errorf("the letter: %+v", letters.Letters)
	}
	if _, err := c.RecallLetter(ctx, c.Store, practice.RecallLetter{Recall: opened.Recall, Patient: maybe.Patient}); err == nil {
		t.Error("a letter that does not say whom to call")
	}
	other := c.register()
	if _, err := c.RecallLetter(ctx, c.Store, practice.RecallLetter{Recall: opened.Recall, Patient: other, Contact: "x"}); !slices.Contains(codesOf(err), inventory.CodeRecallNobody) {
		t.Errorf("a letter to somebody who is not concerned: %v", err)
	}

	// The lot of the second patient turns up: who only may have been concerned is certain.
	if _, err := c.MatchUsage(ctx, c.Store, practice.MatchUsage{Usage: done.Usages[0], Lot: known.Lot, Vial: known.Vial, Quantity: toxin("30")}); err != nil {
		var refused *glabella.RefusedError
		if !errors.As(err, &refused) {
			t.Fatal(err)
		}
		must[practice.UsageSettled](t)(c.MatchUsage(ctx, c.Store, practice.MatchUsage{Command: practice.Command{Acknowledge: codesOf(err)}, Usage: done.Usages[0], Lot: known.Lot, Vial: known.Vial, Quantity: toxin("30")}))
	}
	traced := must[practice.RecallChanged](t)(c.RetraceRecall(ctx, c.Store, practice.RetraceRecall{Recall: opened.Recall}))
	if traced.Progress.Exposed != 2 || traced.Progress.Suspected != 0 {
		t.Errorf("after the match: %+v", traced.Progress)
	}

	step := func(who glabella.PatientID, in practice.StepRecallTask) practice.RecallChanged {
		t.Helper()
		c.clock.advance(time.Minute)
		in.Recall, in.Patient = opened.Recall, who
		return must[practice.RecallChanged](t)(c.StepRecallTask(ctx, c.Store, in))
	}
	if got := step(known.Patient, practice.StepRecallTask{Step: practice.RecallContact, Channel: inventory.RecallByPhone, Outcome: inventory.ContactNoAnswer}); got.Progress.Pending != 2 {
		t.Errorf("after a call without an answer: %+v", got.Progress)
	}
	step(known.Patient, practice.StepRecallTask{Step: practice.RecallContact, Channel: inventory.RecallByPhone, Outcome: inventory.ContactInformed})
	if got := step(known.Patient, practice.StepRecallTask{Step: practice.RecallAcknowledge}); got.Progress.Acknowledged != 1 {
		t.Errorf("after the confirmation: %+v", got.Progress)
	}
	step(maybe.Patient, practice.StepRecallTask{Step: practice.RecallContact, Channel: inventory.RecallByPost, Outcome: inventory.ContactUndeliverable, Document: "letter-1"})
	step(maybe.Patient, practice.StepRecallTask{Step: practice.RecallGiveUp, Reason: "moved-away"})
	step(maybe.Patient, practice.StepRecallTask{Step: practice.RecallReopenTask})
	step(maybe.Patient, practice.StepRecallTask{Step: practice.RecallExcuse, Reason: "deceased"})
	if _, err := c.StepRecallTask(ctx, c.Store, practice.StepRecallTask{Recall: opened.Recall, Patient: maybe.Patient, Step: "shrug"}); !slices.Contains(codesOf(err), glabella.CodeUnknownValue) {
		t.Errorf("a step that does not exist: %v", err)
	}

	// The record of a patient says it of them, and of nobody else.
	chart := must[practice.Chart](t)(c.Chart(ctx, c.Nurse, known.Patient))
	if len(chart.Recalls) != 1 || len(chart.Recalls[0].Tasks) != 1 || chart.Recalls[0].Tasks[0].Patient != known.Patient || chart.Recalls[0].Tasks[0].State != inventory.TaskAcknowledged {
		t.Errorf("the chart has the recalls %+v, want the one with the patient's own task", chart.Recalls)
	}
	export := must[practice.Export](t)(c.ExportPatient(ctx, c.Director, known.Patient))
	if !slices.ContainsFunc(export.Losses, func(l fhirconv.Loss) bool { return l.Path == "/recalls/0" }) {
		t.Errorf("the export does not name the recall: %v", export.Losses)
	}
	if len(must[practice.Chart](t)(c.Chart(ctx, c.Nurse, other)).Recalls) != 0 {
		t.Error("who is not concerned has a recall")
	}

	before := c.last()
	step(maybe.Patient, practice.StepRecallTask{Step: practice.RecallReopenTask})
	if last := c.last(); last.Seq == before.Seq || last.Subject != maybe.Patient.Ref() {
		t.Errorf("the journal holds the step for %v, want the patient", last.Subject)
	}
	excused := step(maybe.Patient, practice.StepRecallTask{Step: practice.RecallExcuse, Reason: "deceased"})

	// What is left stands in the way of the end.
	if _, err := c.CloseRecall(ctx, c.Store, practice.EndRecall{Recall: opened.Recall}); !slices.Contains(codesOf(err), inventory.CodeRecallStock) || !errors.Is(err, glabella.ErrRefused) {
		t.Errorf("closed with stock left: %v", err)
	}
	for _, vial := range status.Traces[0].Vials {
		must[practice.Discarded](t)(c.DiscardVial(ctx, c.Store, practice.DiscardVial{Vial: vial.Vial, Reason: inventory.ReasonRecalled, Witness: staffID(c.Director)}))
	}
	if left := stored(c, func(ctx context.Context, tx storage.Tx) (inventory.Balance, error) {
		return tx.Balances().Get(ctx, inventory.BalanceIDOf(known.Lot, c.Site.ID))
	}); left.Sealed > 0 {
		must[practice.StockChanged](t)(c.ChangeStock(ctx, c.Store, practice.ChangeStock{Lot: known.LotNumber, Kind: inventory.MovementReturn, Containers: -left.Sealed, Reason: inventory.ReasonRecalled, Document: "RMA-1"}))
	}
	closed := must[practice.RecallChanged](t)(c.CloseRecall(ctx, c.Store, practice.EndRecall{Command: practice.Command{IfVersion: excused.Version}, Recall: opened.Recall}))
	if closed.State != inventory.RecallClosed {
		t.Errorf("closed: %+v", closed)
	}
	if _, err := c.RetraceRecall(ctx, c.Store, practice.RetraceRecall{Recall: opened.Recall}); err == nil {
		t.Error("a closed recall is retraced")
	}
	again := must[practice.RecallChanged](t)(c.ReopenRecall(ctx, c.Store, practice.EndRecall{Recall: opened.Recall}))
	if again.State != inventory.RecallOpen {
		t.Errorf("reopened: %+v", again)
	}
	if _, err := c.CancelRecall(ctx, c.Store, practice.EndRecall{Recall: opened.Recall}); err == nil {
		t.Error("canceled without a reason")
	}
	if got := must[practice.RecallChanged](t)(c.CancelRecall(ctx, c.Store, practice.EndRecall{Recall: opened.Recall, Reason: "not-concerned"})); got.State != inventory.RecallCanceled {
		t.Errorf("canceled: %+v", got)
	}
	c.verified()
}

func TestARecallTellsAMergedPatientOnce(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	var visits []practicetest.Visit
	for range 2 {
		v := c.arrive(arrival{})
		must[practice.Charted](t)(c.ChartTreatment(ctx, c.Nurse, practicetest.Chart(v)))
		must[practice.VisitCompleted](t)(c.CompleteVisit(ctx, c.Nurse, practice.CompleteVisit{Encounter: v.Encounter}))
		visits = append(visits, v)
		c.clock.advance(time.Hour)
	}
	a, b := visits[0].Patient, visits[1].Patient
	merge := practice.MergePatients{Survivor: a, Merged: b, Reason: patient.MergeRegisteredTwice}
	if _, err := c.MergePatients(ctx, c.Director, merge); err != nil {
		merge.Acknowledge = codesOf(err)
		must[practice.PatientsLinked](t)(c.MergePatients(ctx, c.Director, merge))
	}
	opened := must[practice.RecallChanged](t)(c.OpenRecall(ctx, c.Store, practice.OpenRecall{Reference: "Z-7", Lots: []string{visits[0].LotNumber, visits[1].LotNumber}}))
	if opened.Progress.Exposed != 1 {
		t.Errorf("opened: %+v, want one patient", opened.Progress)
	}
	if chart := must[practice.Chart](t)(c.Chart(ctx, c.Nurse, b)); len(chart.Recalls) != 1 || len(chart.Recalls[0].Tasks) != 1 {
		t.Errorf("the chart of both records: %+v, want the recall once", chart.Recalls)
	}
	status := must[practice.RecallStatus](t)(c.Recall(ctx, c.Store, opened.Recall))
	if len(status.Worklist) != 1 || status.Worklist[0].Task.Patient != a {
		t.Errorf("the list: %+v", status.Worklist)
	}
}
