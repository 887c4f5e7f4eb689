package practice_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/storage"
)

// policy sets up a policy on the charts of the clinic's site.
func (c *clinic) policy(edit func(*encounter.ChartPolicy)) {
	c.t.Helper()
	p := encounter.ChartPolicy{ID: encounter.ChartPolicyOf(c.Site.ID), Site: c.Site.ID}
	if err := c.backend.View(context.Background(), func(ctx context.Context, tx storage.Tx) error {
		got, err := tx.ChartPolicies().Get(ctx, p.ID)
		if err == nil {
			p = got
		} else if !errors.Is(err, glabella.ErrNotFound) {
			return err
		}
		return nil
	}); err != nil {
		c.t.Fatal(err)
	}
	edit(&p)
	setup := glabella.SystemActor("test")
	setup.Site = c.Site.ID
	must[practice.SetUpDone](c.t)(c.SetUp(c.t.Context(), setup, practice.SetUp{Charts: []encounter.ChartPolicy{p}}))
}

// completed is a visit that waits for its note.
func (c *clinic) completed(n int) practicetest.Visit {
	c.t.Helper()
	v := must[practicetest.Visit](c.t)(c.Prepare(c.t.Context(), n))
	must[practice.VisitCompleted](c.t)(c.CompleteVisit(c.t.Context(), c.Nurse, practice.CompleteVisit{Encounter: v.Encounter}))
	return v
}

func staffID(a glabella.Actor) glabella.StaffID {
	id, _ := a.Staff()
	return id
}

func TestNothingTypedInADraftIsLost(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v := c.completed(1)
	save := func(text string, base int) (practice.DraftSaved, error) {
		return c.SaveDraft(ctx, c.Nurse, practice.SaveDraft{Encounter: v.Encounter, Text: text, Base: base})
	}
	first := must[practice.DraftSaved](t)(save("Tolerated well.", 0))
	second := must[practice.DraftSaved](t)(save("Tolerated well.\nNo bruise.", first.Revision))
	_, err := save("Tolerated well.\nIce given.", first.Revision)
	var conflict *encounter.DraftConflictError
	if !errors.As(err, &conflict) || !errors.Is(err, glabella.ErrConflict) {
		t.Fatalf("a text that was written on an older revision: %v", err)
	}
	merged, conflicts := encounter.Merge3(conflict.Texts())
	if !strings.Contains(merged, "No bruise.") || !strings.Contains(merged, "Ice given.") || len(conflicts) != 1 {
		t.Errorf("merged %q with %d conflicts", merged, len(conflicts))
	}
	if strings.Contains(fmt.Sprint(err), "bruise") {
		t.Errorf("the error tells what was typed: %v", err)
	}
	third := must[practice.DraftSaved](t)(save(merged, second.Revision))

	sign := practice.SignNote{Encounter: v.Encounter, Cosigner: staffID(c.Director), Revision: second.Revision}
	if _, err := c.SignNote(ctx, c.Nurse, sign); !errors.As(err, &conflict) {
		t.Errorf("a draft that has changed since it was read is signed: %v", err)
	}
	sign.Revision, sign.Remarks = third.Revision, "Something else."
	if _, err := c.SignNote(ctx, c.Nurse, sign); !slices.Contains(codesOf(err), glabella.CodeMismatch) {
		t.Errorf("remarks beside a draft: %v", err)
	}
	sign.Remarks = ""
	signed := must[practice.NoteSigned](t)(c.SignNote(ctx, c.Nurse, sign))
	note := must[encounter.Note](t)(c.ReadNote(ctx, c.Nurse, signed.Note))
	if signed.Note != first.Note || !strings.Contains(note.Text, "Ice given.\nNo bruise.") || len(note.Revisions) > 0 {
		t.Errorf("the signed note has %d revisions and says:\n%s", len(note.Revisions), note.Text)
	}
	if history := c.historyOf(first.Note); len(history) != 4 || len(history[1].Revisions) != 2 {
		t.Errorf("%d versions of the note are kept", len(history))
	}
}

func (c *clinic) historyOf(id glabella.NoteID) []encounter.Note {
	return stored(c, func(ctx context.Context, tx storage.Tx) ([]encounter.Note, error) {
		var out []encounter.Note
		for n, err := range tx.Notes().History(ctx, id) {
			if err != nil {
				return nil, err
			}
			out = append(out, n)
		}
		return out, nil
	})
}

func TestACosignerAsksAndSignsInBulk(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	c.policy(func(p *encounter.ChartPolicy) {
		p.Cosign = encounter.CosignPolicy{Kinds: []string{"RN"}, Default: staffID(c.Director), DueHours: 24, Source: "clinic policy"}
	})
	var notes []glabella.NoteID
	for n := range 3 {
		notes = append(notes, must[practice.NoteSigned](t)(c.SignNote(ctx, c.Nurse, practice.SignNote{Encounter: c.completed(n + 1).Encounter})).Note)
	}
	must[practice.NoteChanged](t)(c.AskAboutNote(ctx, c.Director, practice.AskAboutNote{Note: notes[1], Text: "Which side?"}))
	c.clock.advance(25 * time.Hour)
	queue := must[[]encounter.Due](t)(c.CosignQueue(ctx, c.Director))
	if len(queue) != 3 || !queue[0].Overdue || !queue[1].Waiting || queue[0].Note != notes[0] {
		t.Errorf("queue: %+v", queue)
	}
	done := must[practice.NotesCosigned](t)(c.CosignNotes(ctx, c.Director, practice.CosignNotes{Notes: notes}))
	if !slices.Equal(done.Cosigned, []glabella.NoteID{notes[0], notes[2]}) || len(done.Refused) != 1 || !slices.Contains(done.Refused[0].Decision.Codes(), encounter.CodeNoteQuery) {
		t.Errorf("bulk cosignature: %+v", done)
	}
	must[practice.NoteChanged](t)(c.AnswerAboutNote(ctx, c.Nurse, practice.AnswerAboutNote{Note: notes[1], Query: 0, Text: "The left."}))
	must[practice.NoteSigned](t)(c.CosignNote(ctx, c.Director, practice.CosignNote{Note: notes[1]}))
	if left := must[[]encounter.Due](t)(c.CosignQueue(ctx, c.Director)); len(left) > 0 {
		t.Errorf("left in the queue: %+v", left)
	}
	if locked := must[practice.NoteChanged](t)(c.LockNote(ctx, c.Nurse, practice.LockNote{Note: notes[0]})); locked.State != encounter.NoteLocked {
		t.Errorf("the note is %s", locked.State)
	}
	if _, err := c.CosignQueue(ctx, c.Nurse); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("a nurse's queue of cosignatures: %v", err)
	}
}

func TestAnAlternateStandsInForWhoIsAbsent(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	director := staffID(c.Director)
	c.policy(func(p *encounter.ChartPolicy) {
		p.Cosign = encounter.CosignPolicy{Kinds: []string{"RN"}, Default: director, Absences: []encounter.Absence{{Staff: director, From: glabella.DateOf(opening), To: glabella.DateOf(opening).AddDays(3)}}}
	})
	v := c.completed(1)
	if _, err := c.SignNote(ctx, c.Nurse, practice.SignNote{Encounter: v.Encounter}); !slices.Contains(codesOf(err), encounter.CodeCosignerAbsent) {
		t.Errorf("nobody is there to cosign: %v", err)
	}
	// A cosigner whom the policy does not name as alternate does not stand in.
	c.policy(func(p *encounter.ChartPolicy) {
		p.Cosign.Absences, p.Cosign.Default, p.Cosign.Alternates = nil, staffID(c.Store), []glabella.StaffID{staffID(c.Desk)}
	})
	signed := must[practice.NoteSigned](t)(c.SignNote(ctx, c.Nurse, practice.SignNote{Encounter: v.Encounter}))
	cosign := practice.CosignNote{Note: signed.Note, Alternate: true}
	if _, err := c.CosignNote(ctx, c.Director, cosign); !slices.Contains(codesOf(err), encounter.CodeNoteCosigner) {
		t.Errorf("somebody who is no alternate cosigns: %v", err)
	}
	c.policy(func(p *encounter.ChartPolicy) {
		p.Cosign.Alternates = []glabella.StaffID{director}
		p.Cosign.Absences = []encounter.Absence{{Staff: staffID(c.Store), From: glabella.DateOf(opening), To: glabella.DateOf(opening)}}
	})
	must[practice.NoteSigned](t)(c.CosignNote(ctx, c.Director, practice.CosignNote{Note: signed.Note}))
}

func TestAChartIsCompleteBeforeItsNoteIsSigned(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	c.policy(func(p *encounter.ChartPolicy) {
		p.Completeness.Rules = append(p.Completeness.Rules, []encounter.CompletenessRule{
			{Item: encounter.ItemVitals, Level: encounter.LevelRequire, Source: "clinic policy"}, {Item: encounter.ItemPlan, Level: encounter.LevelWarn, Source: "clinic policy"},
			{Item: encounter.ItemFields, Level: encounter.LevelRequire}, {Item: encounter.ItemMap, Level: encounter.LevelRequire}, {Item: encounter.ItemLots, Level: encounter.LevelRequire},
			{Item: encounter.ItemConsent, Level: encounter.LevelRequire}, {Item: encounter.ItemClearance, Level: encounter.LevelRequire}, {Item: encounter.ItemAftercare, Level: encounter.LevelRequire},
			{Item: encounter.ItemNoteText, Level: encounter.LevelRequire}, {Item: encounter.ItemPayment, Level: encounter.LevelWarn},
		}...)
	})
	v := c.completed(1)
	before := must[practice.Completeness](t)(c.CheckChart(ctx, c.Nurse, v.Encounter))
	want := []glabella.Code{encounter.CodeIncompleteVitals, encounter.CodeIncompletePlan, encounter.CodeIncompleteNote, encounter.CodeIncompletePayment}
	if diff := cmp.Diff(sortedCodes(want), sortedCodes(before.Decision.Codes())); diff != "" {
		t.Errorf("CheckChart (-want +got):\n%s", diff)
	}
	sign := practice.SignNote{Encounter: v.Encounter, Cosigner: staffID(c.Director)}
	if _, err := c.SignNote(ctx, c.Nurse, sign); !slices.Contains(codesOf(err), encounter.CodeIncompleteVitals) {
		t.Errorf("a note without vital signs: %v", err)
	}
	must[practice.VitalsRecorded](t)(c.RecordVitals(ctx, c.Nurse, practice.RecordVitals{Patient: v.Patient, Encounter: v.Encounter, Measurements: []practice.Measure{measure(encounter.HeartRate, "64", "/min")}}))
	if _, err := c.SignNote(ctx, c.Nurse, sign); !errors.Is(err, glabella.ErrRefused) {
		t.Errorf("warnings that nobody has acknowledged: %v", err)
	}
	sign.Acknowledge = []glabella.Code{encounter.CodeIncompletePlan, encounter.CodeIncompletePayment}
	signed := must[practice.NoteSigned](t)(c.SignNote(ctx, c.Nurse, sign))
	if len(signed.Missing) != 2 || signed.Missing[0].Path != "/plan" {
		t.Errorf("missing: %+v", signed.Missing)
	}
}

func TestASignatureNeedsTheEvidenceThatThePolicyDemands(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	c.policy(func(p *encounter.ChartPolicy) {
		p.Sign = encounter.SignPolicy{MaxAuthAge: 5 * time.Minute, Methods: []encounter.SignatureMethod{encounter.ByPasskey, encounter.ByTOTP}, Assurances: []string{"aal2"}, Licensed: true, Statement: true, Source: "clinic policy"}
	})
	v := c.completed(1)
	sign := practice.SignNote{Encounter: v.Encounter, Cosigner: staffID(c.Director)}
	_, err := c.SignNote(ctx, c.Nurse, sign)
	want := []glabella.Code{encounter.CodeSignatureAssurance, encounter.CodeSignatureMethod, encounter.CodeSignatureStale, encounter.CodeSignatureStatement}
	if diff := cmp.Diff(want, sortedCodes(codesOf(err))); diff != "" {
		t.Errorf("without evidence (-want +got):\n%s", diff)
	}
	nurse := c.Nurse
	nurse.Auth = glabella.Authentication{Method: "hwk", Level: 2, At: c.clock.Now().Add(-time.Minute)}
	sign.Statement = "I wrote this note, and it is true."
	signed := must[practice.NoteSigned](t)(c.SignNote(ctx, nurse, sign))
	note := must[encounter.Note](t)(c.ReadNote(ctx, nurse, signed.Note))
	if s := note.Signatures[0]; s.Method != encounter.ByPasskey || s.Assurance != "aal2" || s.Credential.Kind != "RN" || s.Statement != sign.Statement || !s.AuthenticatedAt.Equal(nurse.Auth.At) {
		t.Errorf("evidence: %+v", s)
	}
}

func TestAmendmentsAreOfFourKindsAndTheOriginalStays(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v := c.completed(1)
	signed := must[practice.NoteSigned](t)(c.SignNote(ctx, c.Nurse, practice.SignNote{Encounter: v.Encounter, Remarks: "Tolerated well.", Cosigner: staffID(c.Director)}))
	original := must[encounter.Note](t)(c.ReadNote(ctx, c.Nurse, signed.Note)).Text
	amend := func(in practice.AmendNote) error {
		c.clock.advance(time.Hour)
		in.Note = signed.Note
		_, err := c.AmendNote(ctx, c.Nurse, in)
		return err
	}
	if err := amend(practice.AmendNote{Kind: encounter.Correction, Passage: encounter.Passage{Quote: "nobody wrote this"}, Replacement: "x", Reason: "misread"}); !slices.Contains(codesOf(err), encounter.CodeNotePassage) {
		t.Errorf("a correction of what is not there: %v", err)
	}
	for _, in := range []practice.AmendNote{
		{Kind: encounter.Correction, Passage: encounter.Passage{Quote: "Tolerated well."}, Replacement: "Slight bruise.", Reason: "seen later"},
		{Kind: encounter.LateEntry, Text: "Ice was given.", OccurredAt: opening.Add(-time.Minute), Reason: "forgotten"},
		{Kind: encounter.Addendum, Text: "Called on day two.", Reason: "follow-up"},
	} {
		if err := amend(in); err != nil {
			t.Fatal(err)
		}
	}
	between := c.clock.Now()
	if err := amend(practice.AmendNote{Kind: encounter.Retraction, RetractedFor: encounter.RetractedDuplicate}); err != nil {
		t.Fatal(err)
	}
	if err := amend(practice.AmendNote{Kind: encounter.LateEntry, Text: "x", OccurredAt: opening, Reason: "y"}); !slices.Contains(codesOf(err), encounter.CodeNoteRetracted) {
		t.Errorf("a late entry to a retracted note: %v", err)
	}
	now := must[string](t)(c.PrintNote(ctx, c.Nurse, practice.PrintNote{Note: signed.Note}))
	then := must[string](t)(c.PrintNote(ctx, c.Nurse, practice.PrintNote{Note: signed.Note, At: between}))
	for _, want := range []string{"RETRACTED", original, "Instead of: Tolerated well.", "Read: Slight bruise.", "Ice was given.", "Called on day two.", "Test nurse"} {
		if !strings.Contains(now, want) {
			t.Errorf("the note does not say %q:\n%s", want, now)
		}
	}
	if strings.Contains(then, "RETRACTED") || !strings.Contains(then, original) {
		t.Errorf("the note before it was retracted:\n%s", then)
	}
}

func TestAnAuthorKeepsANoteFromOthers(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v := c.completed(1)
	// The director wrote it, and shares it with nobody.
	signed := must[practice.NoteSigned](t)(c.SignNote(ctx, c.Director, practice.SignNote{Encounter: v.Encounter, Remarks: "Between us.", Privacy: encounter.PrivacyAuthor}))
	if _, err := c.ReadNote(ctx, c.Nurse, signed.Note); !slices.Contains(codesOf(err), encounter.CodeNotePrivate) {
		t.Errorf("a nurse reads it: %v", err)
	}
	if _, err := c.PrintNote(ctx, c.Nurse, practice.PrintNote{Note: signed.Note}); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("a nurse prints it: %v", err)
	}
	if _, err := c.RestrictNote(ctx, c.Nurse, practice.RestrictNote{Note: signed.Note, Privacy: encounter.PrivacyAllStaff}); !slices.Contains(codesOf(err), encounter.CodeNotePrivate) {
		t.Errorf("a nurse opens it: %v", err)
	}
	chart := must[practice.Chart](t)(c.Chart(ctx, c.Nurse, v.Patient))
	if len(chart.Notes) != 0 || !slices.Equal(chart.Withheld, []glabella.NoteID{signed.Note}) {
		t.Errorf("the chart has %d notes, and withholds %v", len(chart.Notes), chart.Withheld)
	}
	must[practice.NoteChanged](t)(c.RestrictNote(ctx, c.Director, practice.RestrictNote{Note: signed.Note, Privacy: encounter.PrivacyAuthor, SharedWith: []glabella.StaffID{staffID(c.Nurse)}}))
	must[encounter.Note](t)(c.ReadNote(ctx, c.Nurse, signed.Note))
	must[practice.NoteSigned](t)(c.ConsultNote(ctx, c.Nurse, practice.ConsultNote{Note: signed.Note, Statement: "I was asked."}))
}

func TestChartsAreDrawnForReviewAndReviewed(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	for n := range 8 {
		must[practice.NoteSigned](t)(c.SignNote(ctx, c.Nurse, practice.SignNote{Encounter: c.completed(n + 1).Encounter, Cosigner: staffID(c.Director)}))
	}
	today := glabella.DateOf(opening)
	plan := encounter.SamplePlan{Percent: 25, Minimum: 1, Seed: "november", From: today, To: today, Reviewers: []glabella.StaffID{staffID(c.Director)}}
	first := must[practice.SampleDrawn](t)(c.DrawSample(ctx, c.Director, practice.DrawSample{Command: practice.Command{DryRun: true}, Plan: plan}))
	drawn := must[practice.SampleDrawn](t)(c.DrawSample(ctx, c.Director, practice.DrawSample{Plan: plan}))
	if len(drawn.Reviews) != 2 || first.Sample != drawn.Sample {
		t.Fatalf("drawn: %+v", drawn)
	}
	must[practice.ChartReviewed](t)(c.ReviewChart(ctx, c.Director, practice.ReviewChart{Review: drawn.Reviews[0], Outcome: encounter.ReviewMeets}))
	if _, err := c.ReviewChart(ctx, c.Director, practice.ReviewChart{Review: drawn.Reviews[0], Outcome: encounter.ReviewConcern}); !errors.As(err, new(*glabella.TransitionError)) {
		t.Errorf("reviewed twice: %v", err)
	}
	progress := must[practice.SampleProgress](t)(c.SampleProgress(ctx, c.Director, drawn.Sample))
	if len(progress.Reviews) != 2 || len(progress.Providers) != 1 || progress.Providers[0].Done != 1 || progress.Providers[0].Complete() {
		t.Errorf("progress: %+v", progress.Providers)
	}
	plan.Seed = ""
	if _, err := c.DrawSample(ctx, c.Director, practice.DrawSample{Plan: plan}); !slices.Contains(codesOf(err), glabella.CodeRequired) {
		t.Errorf("a plan without a seed: %v", err)
	}
}
