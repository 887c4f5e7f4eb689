package practice_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/scheduling"
)

func TestACheckpointKeptOutsideProvesTheJournalLater(t *testing.T) {
	t.Parallel()
	const origin = "example.org/clinic"
	private, public, err := note.GenerateKey(nil, origin)
	if err != nil {
		t.Fatal(err)
	}
	signer := must[note.Signer](t)(note.NewSigner(private))
	verifiers := note.VerifierList(must[note.Verifier](t)(note.NewVerifier(public)))
	c := open(t)
	ctx := t.Context()
	checkpoint := func() audit.Checkpoint {
		t.Helper()
		return must[audit.Checkpoint](t)(audit.OpenCheckpoint(must[[]byte](t)(c.Checkpoint(ctx, c.Director, origin, signer)), verifiers))
	}
	must[practicetest.Visit](t)(c.Visit(ctx, 1))
	n := uint64(len(c.journal()))
	older := checkpoint()
	if older.Size != n || older.Origin != origin {
		t.Errorf("checkpoint = %+v, want size %d of %s", older, n, origin)
	}
	must[practicetest.Visit](t)(c.Visit(ctx, 2))
	newer := checkpoint()
	if err := must[audit.Consistency](t)(c.ProveConsistency(ctx, c.Director, older.Size, newer.Size)).Verify(older.Root, newer.Root); err != nil {
		t.Errorf("the newer journal does not begin with the older: %v", err)
	}
	inclusion := must[audit.Inclusion](t)(c.ProveInclusion(ctx, c.Director, 3, newer.Size))
	entries := c.journalBytes()
	if err := inclusion.Verify(entries[3], newer.Root); err != nil {
		t.Errorf("record 3 is not in the journal: %v", err)
	}
	if err := inclusion.Verify(entries[4], newer.Root); err == nil {
		t.Error("the proof of record 3 holds for record 4")
	}
	if _, err := c.Checkpoint(ctx, c.Desk, origin, signer); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("the front desk signs the journal: %v, want a denial", err)
	}
	if got := c.last(); got.Action != string(access.AuditRead) || got.Outcome != audit.Denied {
		t.Errorf("journaled: %s %s, want the denial", got.Action, got.Outcome)
	}
}

func TestJournalReturnsThePartThatIsAskedFor(t *testing.T) {
	t.Parallel()
	c := open(t)
	must[practicetest.Visit](t)(c.Visit(t.Context(), 1))
	got := must[[]audit.Record](t)(c.Journal(t.Context(), c.Director, 4, 3))
	if len(got) != 3 || got[0].Seq != 4 || got[2].Seq != 6 {
		t.Errorf("Journal(4, 3) = %d records from %d, want 4 to 6", len(got), got[0].Seq)
	}
}

func TestACancelledVisitGivesItsTimeBack(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	id, other := c.register(), c.register()
	start := opening.Add(time.Hour)
	booked := must[practice.Booked](t)(c.BookAppointment(ctx, c.Desk, c.booking(id, start)))
	arrived := must[practice.CheckedIn](t)(c.CheckIn(ctx, c.Desk, practice.CheckIn{Appointment: booked.Appointment}))
	if _, err := c.BookAppointment(ctx, c.Desk, c.booking(other, start)); !errors.Is(err, glabella.ErrRefused) {
		t.Errorf("the time is taken: %v, want a refusal", err)
	}
	must[practice.VisitCancelled](t)(c.CancelVisit(ctx, c.Nurse, practice.CancelVisit{Encounter: arrived.Encounter, Reason: "patient-left"}))
	if got := c.last(); len(got.Events) != 1 || got.Events[0].Type != "encounter.cancelled" || got.Subject != id.Ref() {
		t.Errorf("journaled: %+v, want that the patient's visit was cancelled", got)
	}
	chart := must[practice.Chart](t)(c.Chart(ctx, c.Nurse, id))
	if chart.Encounters[0].State != encounter.Cancelled || chart.Appointments[0].State != scheduling.Cancelled || chart.Appointments[0].Reason != "patient-left" {
		t.Errorf("visit %s, appointment %s for %q, want both cancelled", chart.Encounters[0].State, chart.Appointments[0].State, chart.Appointments[0].Reason)
	}
	if _, err := c.BookAppointment(ctx, c.Desk, c.booking(other, start)); err != nil {
		t.Errorf("the time that was given back: %v, want it to be booked", err)
	}
}

func TestAChartedVisitIsNotCancelled(t *testing.T) {
	t.Parallel()
	c := open(t)
	v := must[practicetest.Visit](t)(c.Prepare(t.Context(), 1))
	left := c.leaves(func() {
		if _, err := c.CancelVisit(t.Context(), c.Nurse, practice.CancelVisit{Encounter: v.Encounter, Reason: "patient-left"}); !errors.Is(err, glabella.ErrRefused) {
			t.Errorf("err = %v, want a refusal", err)
		}
	})
	if len(left) != 1 || left[0].Outcome != audit.Refused {
		t.Errorf("journal = %+v, want one refusal", left)
	}
}

func TestTheMapOfAVisitIsDrawnAndTheAccessJournaled(t *testing.T) {
	t.Parallel()
	c := open(t)
	v := must[practicetest.Visit](t)(c.Prepare(t.Context(), 1))
	svg := must[[]byte](t)(c.DrawMap(t.Context(), c.Nurse, practice.DrawMap{Encounter: v.Encounter, Diagram: "face-front", DiagramVersion: 1}))
	if !strings.HasPrefix(string(svg), "<svg") && !strings.HasPrefix(string(svg), "<?xml") {
		t.Errorf("DrawMap = %.60q, want an SVG picture", svg)
	}
	if got := c.last(); got.Action != string(access.EncounterRead) || got.Subject != v.Patient.Ref() {
		t.Errorf("journaled: %s of %v, want %s of the patient", got.Action, got.Subject, access.EncounterRead)
	}
	if _, err := c.DrawMap(t.Context(), c.Nurse, practice.DrawMap{Encounter: v.Encounter, Diagram: "elbow", DiagramVersion: 1}); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("a diagram that is none: %v, want ErrInvalid", err)
	}
}
