package practice_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
)

// snoops has the nurse read the record of somebody with her surname, whom she has
// nothing to do with, and lets the time pass in which an explanation may come.
func (c *clinic) snoops() glabella.PatientID {
	c.t.Helper()
	id := must[practice.Registered](c.t)(c.registers(person("Hana", "Nurse", "1990-05-06", ""))).Patient
	must[practice.PatientChanged](c.t)(c.RestrictPatient(c.t.Context(), c.Director, practice.RestrictPatient{Patient: id, Restricted: true, Reason: "vip"}))
	must[practice.EmergencyChanged](c.t)(c.OpenRecord(c.t.Context(), c.Nurse, practice.OpenRecord{Patient: id, Reason: "curious"}))
	must[practice.Chart](c.t)(c.Chart(c.t.Context(), c.Nurse, id))
	c.clock.advance(5 * 24 * time.Hour)
	return id
}

func TestAnAccessThatNothingExplainsIsFoundOnceAndDecidedOn(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v := must[practicetest.Visit](t)(c.Visit(ctx, 1)) // the nurse treats and reads: nothing to find
	must[practice.Chart](t)(c.Chart(ctx, c.Nurse, v.Patient))
	id := c.snoops()
	auditor := c.Director
	first := must[practice.JournalSearched](t)(c.SearchJournal(ctx, auditor, practice.SearchJournal{}))
	i := slices.IndexFunc(first.New, func(f audit.Finding) bool { return f.Patient == id && f.Staff == staffID(c.Nurse) })
	if i < 0 || !slices.ContainsFunc(first.New[i].Signals, func(s audit.Signal) bool { return s.Rule == audit.CodeSameSurname }) {
		t.Fatalf("found = %+v, want the nurse in the record of her surname", first.New)
	}
	if slices.ContainsFunc(first.New, func(f audit.Finding) bool { return f.Patient == v.Patient || f.Staff == staffID(c.Desk) }) {
		t.Errorf("found the nurse in the record of whom she treated: %+v", first.New)
	}
	again := must[practice.JournalSearched](t)(c.SearchJournal(ctx, auditor, practice.SearchJournal{}))
	if len(again.New) != 0 || again.Known != len(first.New) {
		t.Errorf("searched again: %d new and %d known, want none new and %d known", len(again.New), again.Known, len(first.New))
	}
	if _, err := c.Findings(ctx, c.Nurse, ""); !denied(err) {
		t.Errorf("the nurse reads findings: %v", err)
	}
	f := first.New[i]
	decide := practice.DecideFinding{Finding: f.ID, Action: "confirm"}
	_, err := c.DecideFinding(ctx, c.Director, decide)
	invalidAt(t, err, "/reason", audit.CodeReviewReason)
	decide.Reason = "She is a cousin."
	if got := must[practice.FindingDecided](t)(c.DecideFinding(ctx, c.Director, decide)); got.State != audit.FindingConfirmed {
		t.Errorf("state = %s, want confirmed", got.State)
	}
	if bytes.Contains(slices.Concat(c.journalBytes()...), []byte("cousin")) {
		t.Error("the reviewer's words are in the journal")
	}
	must[practice.JournalSearched](t)(c.SearchJournal(ctx, auditor, practice.SearchJournal{}))
	if confirmed := must[[]audit.Finding](t)(c.Findings(ctx, c.Director, audit.FindingConfirmed)); len(confirmed) != 1 || confirmed[0].ID != f.ID {
		t.Errorf("confirmed = %+v, want that a search leaves what was decided", confirmed)
	}
	_, err = c.DecideFinding(ctx, c.Director, practice.DecideFinding{Finding: f.ID, Action: "burn", Reason: "x"})
	invalidAt(t, err, "/action", practice.CodeFindingAction)
	c.verified()
}

func TestAWatchHandsOutEachFindingOnce(t *testing.T) {
	t.Parallel()
	c := open(t)
	id := c.snoops()
	ctx, stop := context.WithCancel(t.Context())
	var got []audit.Finding
	err := c.WatchJournal(ctx, c.Director, time.Millisecond, func(f audit.Finding) error {
		got = append(got, f)
		stop()
		return nil
	})
	if !errors.Is(err, context.Canceled) || len(got) == 0 || got[0].Patient != id {
		t.Errorf("WatchJournal = %+v, %v", got, err)
	}
}

func TestTheRegularReviewIsDrawnAndSigned(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	from := c.clock.Now()
	c.snoops()
	must[practice.JournalSearched](t)(c.SearchJournal(ctx, c.Owner, practice.SearchJournal{}))
	drawn := must[practice.ActivityReviewed](t)(c.DrawActivityReview(ctx, c.Owner, practice.DrawActivityReview{Reviewer: staffID(c.Director), From: from, To: c.clock.Now(), Size: 3}))
	if len(drawn.Sample) == 0 || len(drawn.Findings) == 0 {
		t.Fatalf("drawn = %+v, want a sample and what was found", drawn)
	}
	if _, err := c.SignActivityReview(ctx, c.Director, practice.SignActivityReview{Review: drawn.Review}); !refusedFor(err, audit.CodeFindingsOpen) {
		t.Errorf("signed with open findings: %v, want %s", err, audit.CodeFindingsOpen)
	}
	for _, id := range drawn.Findings {
		must[practice.FindingDecided](t)(c.DecideFinding(ctx, c.Owner, practice.DecideFinding{Finding: id, Action: "dismiss", Reason: "asked for help"}))
	}
	if _, err := c.SignActivityReview(ctx, c.Owner, practice.SignActivityReview{Review: drawn.Review}); !refusedFor(err, audit.CodeReviewer) {
		t.Errorf("signed by another: %v, want %s", err, audit.CodeReviewer)
	}
	signed := must[practice.ActivityReviewed](t)(c.SignActivityReview(ctx, c.Director, practice.SignActivityReview{Review: drawn.Review, Remark: "seen"}))
	if signed.State != audit.ReviewSigned {
		t.Errorf("state = %s, want signed", signed.State)
	}
	if due := must[[]audit.ActivityReview](t)(c.ActivityReviews(ctx, c.Director, audit.ReviewDue)); len(due) != 0 {
		t.Errorf("due = %+v, want none", due)
	}
}

func TestAPatientSeesWhoUsedTheirRecord(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	id := c.snoops()
	self := glabella.Actor{Kind: glabella.ActorPatient, ID: id.String(), Site: c.Site.ID, Purpose: glabella.PurposePatient}
	lines := must[[]audit.AccessLine](t)(c.AccessReport(ctx, self, practice.AccessReport{Patient: id}))
	if !slices.ContainsFunc(lines, func(l audit.AccessLine) bool { return l.Who == c.Nurse.Ref() && l.Emergency }) {
		t.Errorf("lines = %+v, want the nurse's emergency", lines)
	}
	if _, err := c.AccessReport(ctx, self, practice.AccessReport{Patient: c.register()}); !denied(err) {
		t.Errorf("the report of another: %v, want denied", err)
	}
	contacts := must[[]audit.Contact](t)(c.Contacts(ctx, c.Director, audit.ActivityQuery{Patient: id}))
	if !slices.ContainsFunc(contacts, func(x audit.Contact) bool { return x.Actor == c.Nurse.Ref() }) {
		t.Errorf("contacts = %+v, want the nurse", contacts)
	}
	records := must[[]audit.Record](t)(c.Activity(ctx, c.Director, audit.ActivityQuery{Actor: c.Nurse.Ref()}))
	if len(records) != 2 || records[0].Action != string(access.EmergencyOpen) || records[1].Action != string(access.PatientRead) {
		t.Errorf("the nurse's records: %+v, want that she opened and read", records)
	}
}

func TestDisclosuresAreAccountedFor(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	id := c.register()
	disclose := practice.RecordDisclosure{Patient: id, Recipient: audit.Recipient{Name: "County Health"}, Description: "a reportable event", Basis: audit.DisclosedForPublicHealth}
	_, err := c.RecordDisclosure(ctx, c.Nurse, disclose)
	invalidAt(t, err, "/purpose", audit.CodeDisclosurePurpose)
	disclose.Purpose = "required report"
	if got := must[practice.DisclosureRecorded](t)(c.RecordDisclosure(ctx, c.Nurse, disclose)); !got.Accountable {
		t.Error("a public health report is not accountable")
	}
	treated := disclose
	treated.Basis, treated.Purpose = audit.DisclosedForTreatment, "referral"
	must[practice.DisclosureRecorded](t)(c.RecordDisclosure(ctx, c.Nurse, treated))
	c.clock.advance(time.Hour)
	today := glabella.DateOf(c.clock.Now())
	got := must[audit.Accounting](t)(c.AccountDisclosures(ctx, c.Director, audit.AccountingRequest{Patient: id, RequestedOn: today, On: today}))
	if len(got.Entries) != 1 || got.Entries[0].Recipient.Name != "County Health" || got.Due != today.AddDays(60) {
		t.Errorf("accounting = %+v, want the one that is accountable, due in 60 days", got)
	}
	if bytes.Contains(slices.Concat(c.journalBytes()...), []byte("County Health")) {
		t.Error("the recipient is in the journal")
	}
	if chart := must[practice.Chart](t)(c.Chart(ctx, c.Director, id)); len(chart.Disclosures) != 2 {
		t.Errorf("the chart has %d disclosures, want 2", len(chart.Disclosures))
	}
}

func TestAnExportedLogIsVerifiedOnItsOwn(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	must[practicetest.Visit](t)(c.Visit(ctx, 1))
	if err := c.ReportSecurity(ctx, c.Owner, practice.ReportSecurity{Event: audit.LoginFailed, SecurityEvent: audit.SecurityEvent{Account: c.Nurse.Ref(), Cause: "wrong-secret"}}); err != nil {
		t.Fatal(err)
	}
	if err := c.ReportSecurity(ctx, c.Desk, practice.ReportSecurity{Event: audit.LoginFailed, SecurityEvent: audit.SecurityEvent{Account: c.Nurse.Ref()}}); !denied(err) {
		t.Errorf("the front desk reports log-ins: %v", err)
	}
	skey, vkey, err := note.GenerateKey(rand.Reader, "test.example")
	if err != nil {
		t.Fatal(err)
	}
	signer := must[note.Signer](t)(note.NewSigner(skey))
	checkpoint := must[[]byte](t)(c.Checkpoint(ctx, c.Director, "test.example", signer))
	head := must[audit.Checkpoint](t)(audit.OpenCheckpoint(checkpoint, note.VerifierList(must[note.Verifier](t)(note.NewVerifier(vkey)))))
	var log bytes.Buffer
	if n := must[uint64](t)(c.ExportLog(ctx, c.Director, &log, head.Size)); n != head.Size {
		t.Errorf("ExportLog wrote %d entries, want %d", n, head.Size)
	}
	if _, err := audit.VerifyLog(ctx, bytes.NewReader(log.Bytes()), &audit.VerifyOptions{Checkpoints: []audit.Checkpoint{head}}); err != nil {
		t.Errorf("VerifyLog = %v", err)
	}
	altered := bytes.Replace(log.Bytes(), []byte("patient.register"), []byte("patient.registeR"), 1)
	var tampered *audit.TamperError
	if _, err := audit.VerifyLog(ctx, bytes.NewReader(altered), &audit.VerifyOptions{Checkpoints: []audit.Checkpoint{head}}); !errors.As(err, &tampered) {
		t.Errorf("VerifyLog of an altered log = %v, want that it was tampered with", err)
	}
}
