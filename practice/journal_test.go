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
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/docstore"
	"github.com/glabella-ehr/glabella/storage/memory"
	"github.com/glabella-ehr/glabella/treatment"
)

func TestAReadIsJournaledWithWhatWasHandedOut(t *testing.T) {
	t.Parallel()
	c := open(t)
	v := must[practicetest.Visit](t)(c.Visit(t.Context(), 1))
	from := len(c.journal())
	chart := must[practice.Chart](t)(c.Chart(t.Context(), c.Nurse, v.Patient))
	records := c.journal()[from:]
	if len(records) != 1 {
		t.Fatalf("%d journal records, want 1", len(records))
	}
	r := records[0]
	if r.Outcome != audit.Read || r.Action != string(access.PatientRead) || r.Subject != v.Patient.Ref() || r.Actor.ID != c.Nurse.ID || len(r.Changes) != 0 {
		t.Errorf("journal record = %+v, want a read of the patient by the nurse", r)
	}
	want := []glabella.Ref{chart.Patient.Ref()}
	for _, x := range chart.Consents {
		want = append(want, x.Ref())
	}
	for _, x := range chart.Clearances {
		want = append(want, x.Ref())
	}
	for _, x := range chart.Appointments {
		want = append(want, x.Ref())
	}
	want = append(want, chart.Encounters[0].Ref(), chart.Notes[0].Ref())
	for _, x := range chart.Invoices {
		want = append(want, x.Ref())
	}
	want = append(want, chart.Credits[0].Ref())
	if diff := cmp.Diff(want, r.Reads); diff != "" {
		t.Errorf("reads (-handed out +journaled):\n%s", diff)
	}
}

func TestReadsFailClosed(t *testing.T) {
	t.Parallel()
	b := &failing{Backend: memory.New()}
	c := openOn(t, b)
	v := must[practicetest.Visit](t)(c.Visit(t.Context(), 1))
	ctx := t.Context()
	b.set(true)
	defer b.set(false)
	for _, tt := range []struct {
		name string
		ask  func() (empty bool, err error)
	}{
		{"Chart", func() (bool, error) {
			got, err := c.Chart(ctx, c.Nurse, v.Patient)
			return cmp.Equal(got, practice.Chart{}), err
		}},
		{"PrintInvoice", func() (bool, error) {
			got, err := c.PrintInvoice(ctx, c.Biller, v.Invoice)
			return got == "", err
		}},
		{"MayTreat", func() (bool, error) {
			nurse, _ := c.Nurse.Staff()
			got, err := c.MayTreat(ctx, c.Nurse, practice.MayTreat{Patient: v.Patient, Treatment: "botulinum-toxin", Product: "onabotulinumtoxinA", Performer: nurse})
			return cmp.Equal(got, glabella.Decision{}), err
		}},
		{"TraceLot", func() (bool, error) {
			got, err := c.TraceLot(ctx, c.Store, v.LotNumber)
			return got.Exposures == nil && got.Lots == nil, err
		}},
		{"Journal", func() (bool, error) {
			got, err := c.Journal(ctx, c.Director, 0, 0)
			return got == nil, err
		}},
		{"ExportPatient", func() (bool, error) {
			got, err := c.ExportPatient(ctx, c.Director, v.Patient)
			return got.Bundle.Entry == nil, err
		}},
	} {
		t.Run(tt.name+" hands out nothing that cannot be journaled", func(t *testing.T) {
			empty, err := tt.ask()
			if !errors.Is(err, errDisk) || !empty {
				t.Errorf("empty = %t, err = %v, want nothing and the backend's error", empty, err)
			}
		})
	}
	t.Run("Follow delivers nothing", func(t *testing.T) {
		err := c.Follow(ctx, c.Director, 0, time.Millisecond, func(audit.Record) error {
			t.Error("a record was delivered")
			return errDisk
		})
		if !errors.Is(err, errDisk) {
			t.Errorf("Follow = %v, want the backend's error", err)
		}
	})
}

func TestADeniedReadIsJournaledWithoutReads(t *testing.T) {
	t.Parallel()
	c := open(t)
	id := c.register()
	left := c.leaves(func() {
		if got, err := c.Chart(t.Context(), c.Store, id); !errors.Is(err, glabella.ErrDenied) || !cmp.Equal(got, practice.Chart{}) {
			t.Errorf("the store room reads a chart: %v, want a denial and nothing", err)
		}
	})
	c.refusal(left, audit.Denied, access.CodeRole)
}

func TestAVersionPutBehindTheStoresBackIsFound(t *testing.T) {
	t.Parallel()
	driver := memory.NewDriver()
	c := openOn(t, docstore.New(driver))
	v := must[practicetest.Visit](t)(c.Visit(t.Context(), 1))
	c.verified()
	var altered string
	err := driver.Update(t.Context(), func(ctx context.Context, tx docstore.DriverTx) error {
		d, err := tx.Get(ctx, "patient", v.Patient.String(), 0)
		if err != nil {
			return err
		}
		altered = strings.NewReplacer(`"version":1`, `"version":2`, practicetest.Somebody(1).BirthDate.String(), "1975-05-02").Replace(string(d.Body))
		return tx.Put(ctx, docstore.Document{Kind: d.Kind, ID: d.ID, Version: 2, Body: []byte(altered), Keys: []docstore.Key{{Index: "", Value: ""}}})
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(altered, "1975-05-02") || !strings.Contains(altered, `"version":2`) {
		t.Fatal("the record was not altered: the test is out of date")
	}
	_, err = c.VerifyAudit(t.Context(), c.Director, nil)
	var invalid *glabella.ValidationError
	if !errors.As(err, &invalid) || len(invalid.Issues) != 1 {
		t.Fatalf("VerifyAudit = %v, want one issue", err)
	}
	if got := invalid.Issues[0]; got.Code != storage.CodeUnjournaled || got.Path != "/"+v.Patient.Ref().String() {
		t.Errorf("issue = %v, want %s at the patient", got, storage.CodeUnjournaled)
	}
	if got := c.last(); got.Outcome != audit.Failed || !slices.Contains(journaledCodes(got), storage.CodeUnjournaled) {
		t.Errorf("the journal says %s %v, want the finding", got.Outcome, journaledCodes(got))
	}
}

func TestFollowDeliversEveryRecordOnceInOrder(t *testing.T) {
	t.Parallel()
	c := open(t)
	must[practicetest.Visit](t)(c.Visit(t.Context(), 1))
	from := uint64(3)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	play := func() { // while the first records are delivered
		for n := range 3 {
			if _, err := c.Visit(t.Context(), n+2); err != nil {
				t.Error(err)
			}
		}
		if _, err := c.Chart(t.Context(), c.Nurse, glabella.PatientID{}); !errors.Is(err, glabella.ErrNotFound) {
			t.Errorf("nobody's chart: %v, want ErrNotFound", err)
		}
	}
	var got []uint64
	err := c.Follow(ctx, c.Director, from, time.Millisecond, func(r audit.Record) error {
		if len(got) == 0 {
			go play()
		}
		got = append(got, r.Seq)
		if r.Action == string(access.PatientRead) {
			stop()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("Follow = %v, want that it was cancelled", err)
	}
	if want := len(c.journal()) - int(from); len(got) != want {
		t.Errorf("%d records delivered, want %d", len(got), want)
	}
	for i, seq := range got {
		if seq != from+uint64(i) {
			t.Fatalf("record %d has the number %d, want %d", i, seq, from+uint64(i))
		}
	}
}

func TestFollowReturnsTheErrorOfItsFunction(t *testing.T) {
	t.Parallel()
	c := open(t)
	n := 0
	err := c.Follow(t.Context(), c.Director, 0, time.Hour, func(audit.Record) error {
		n++
		return errDisk
	})
	if !errors.Is(err, errDisk) || n != 1 {
		t.Errorf("Follow = %v after %d records, want the function's error after the first", err, n)
	}
	if err := c.Follow(t.Context(), c.Desk, 0, time.Hour, func(audit.Record) error { return nil }); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("the front desk follows the journal: %v, want a denial", err)
	}
}

// canaries are personal data that must be nowhere but in the records.
var canaries = []string{
	"Zyxwvut", "Quillfeather", "Mx-Canary", "+15125550177", "canary@example.org", "1971-03-09", "Canarystrasse", "Birdtown", "78799", "CAN-ID-31337",
	"canary-allergen", "canary-reaction", "canary-drug", "canary-dose", "canary-condition", "canary-findings", "canary-remarks", "canary-amendment",
	"canary-signer", "canary-field", "canary-key", "canary-reason",
}

func canaryIntake() patient.Intake {
	return patient.Intake{
		Names:       []patient.Name{{Use: patient.NameOfficial, Family: "Quillfeather", Given: []string{"Zyxwvut"}, Prefix: "Mx-Canary"}},
		BirthDate:   glabella.MustParseDate("1971-03-09"),
		Contacts:    []patient.Contact{{System: patient.Phone, Value: "+15125550177"}, {System: patient.Email, Value: "canary@example.org"}},
		Addresses:   []patient.Address{{Lines: []string{"1 Canarystrasse"}, City: "Birdtown", PostalCode: "78799", Country: "US"}},
		Identifiers: []patient.Identifier{{System: "https://example.org/canary", Value: "CAN-ID-31337"}},
		Allergies:   []patient.IntakeAllergy{{Substance: glabella.Coding{Display: "canary-allergen"}, Kind: "allergy", Criticality: "low", Reactions: []patient.Reaction{{Manifestation: "canary-reaction"}}}},
		Medications: []patient.IntakeMedication{{Substance: glabella.Coding{Display: "canary-drug"}, Dose: "canary-dose"}},
		Conditions:  []patient.IntakeCondition{{Concept: glabella.Coding{Display: "canary-condition"}}},
	}
}

func TestPersonalDataIsNeitherInErrorsNorInTheJournal(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v := c.arrive(arrival{
		intake: func(in *patient.Intake) { *in = canaryIntake() },
		consent: func(in *practice.RecordConsent) {
			in.Signature.Device = "canary-signer"
		},
	})
	must[practice.Charted](t)(c.ChartTreatment(ctx, c.Nurse, practicetest.Chart(v)))
	must[practice.VisitCompleted](t)(c.CompleteVisit(ctx, c.Nurse, practice.CompleteVisit{Command: practice.Command{Key: "canary-key"}, Encounter: v.Encounter}))
	director, _ := c.Director.Staff()
	note := must[practice.NoteSigned](t)(c.SignNote(ctx, c.Nurse, practice.SignNote{Encounter: v.Encounter, Remarks: "canary-remarks", Cosigner: director}))
	must[practice.NoteSigned](t)(c.CosignNote(ctx, c.Director, practice.CosignNote{Note: note.Note}))
	must[practice.NoteAmended](t)(c.AmendNote(ctx, c.Nurse, practice.AmendNote{Note: note.Note, Kind: encounter.Addendum, Text: "canary-amendment", Reason: "canary-reason"}))
	must[practice.CheckedOut](t)(c.CheckOut(ctx, c.Desk, practice.CheckOut{Encounter: v.Encounter}))
	chart := must[practice.Chart](t)(c.Chart(ctx, c.Nurse, v.Patient))
	must[practice.Export](t)(c.ExportPatient(ctx, c.Director, v.Patient))
	must[practice.ConsentRecorded](t)(c.WithdrawConsent(ctx, c.Nurse, practice.WithdrawConsent{Consent: chart.Consents[0].ID, Reason: "canary-reason"}))

	c.clock.advance(time.Hour)
	next := c.arrive(arrival{lot: "A2"})

	bad := func(change func(in *patient.Intake)) error {
		in := canaryIntake()
		in.Identifiers[0].Value += "-2"
		change(&in)
		_, err := c.RegisterPatient(ctx, c.Desk, practice.RegisterPatient{Command: practice.Command{Key: "canary-key-2"}, Intake: in, Source: glabella.Provenance{Source: glabella.SourcePatient}})
		return err
	}
	charted := func(change func(in *practice.ChartTreatment)) error {
		in := practicetest.Chart(v)
		change(&in)
		_, err := c.ChartTreatment(ctx, c.Nurse, in)
		return err
	}
	for name, err := range map[string]error{
		"the same patient again": func() error {
			_, err := c.RegisterPatient(ctx, c.Desk, practice.RegisterPatient{Intake: canaryIntake(), Source: glabella.Provenance{Source: glabella.SourcePatient}})
			return err
		}(),
		"a phone number that is none":   bad(func(in *patient.Intake) { in.Contacts[0].Value = "canary-reason" }),
		"an email address that is none": bad(func(in *patient.Intake) { in.Contacts[1].Value = "Quillfeather" }),
		"a contact of an unknown kind":  bad(func(in *patient.Intake) { in.Contacts[1].System = "canary-field" }),
		"a birth date in the future":    bad(func(in *patient.Intake) { in.BirthDate.Year = 2971 }),
		"a gender that is none":         bad(func(in *patient.Intake) { in.Gender = "canary-field" }),
		"a language that is none":       bad(func(in *patient.Intake) { in.Languages = []string{"canary-field!"} }),
		"text that is not UTF-8":        bad(func(in *patient.Intake) { in.Names[0].Family = "Quillfeather\xff" }),
		"a name that ends before it begins": bad(func(in *patient.Intake) {
			in.Names[0].From, in.Names[0].To = glabella.MustParseDate("2020-01-01"), in.BirthDate
		}),
		"a reaction of unknown severity": bad(func(in *patient.Intake) { in.Allergies[0].Reactions[0].Severity = "canary-field" }),
		"a reused key": func() error {
			in := delivery("A1")
			in.Key = "canary-key"
			_, err := c.ReceiveStock(ctx, c.Store, in)
			return err
		}(),
		"a treatment that is none": charted(func(in *practice.ChartTreatment) { in.Treatment = "canary-field" }),
		"a product that is none":   charted(func(in *practice.ChartTreatment) { in.Product = "canary-field" }),
		"a field that is none":     charted(func(in *practice.ChartTreatment) { in.Values["aftercare"] = "canary-reason" }),
		"a value that is none":     charted(func(in *practice.ChartTreatment) { in.Values["diluent"] = "canary-field" }),
		"a region that is none":    charted(func(in *practice.ChartTreatment) { in.Maps[0].Points[0].Region = "canary-field" }),
		"a finished visit":         charted(func(in *practice.ChartTreatment) { in.Conditions = []string{"canary-condition"} }),
		"a lot that is none": func() error {
			_, err := c.OpenVial(ctx, c.Nurse, practice.OpenVial{Lot: "canary-field"})
			return err
		}(),
		"a trace of a lot that is none": func() error {
			_, err := c.TraceLot(ctx, c.Director, "canary-field")
			return err
		}(),
		"a scan that is none": func() error {
			_, err := c.ReceiveStock(ctx, c.Store, practice.ReceiveStock{Document: "DN-2", Lines: []practice.ReceiveLine{{Scan: "canary-field"}}})
			return err
		}(),
		"a form in an unknown language": func() error {
			_, err := c.RecordConsent(ctx, c.Nurse, practice.RecordConsent{Patient: v.Patient, Form: c.Form, Language: "canary-field", Decision: consent.Accepted})
			return err
		}(),
		"a payment of an unknown kind": func() error {
			_, err := c.SellCredit(ctx, c.Desk, practice.SellCredit{Patient: v.Patient, Service: "bank-50", Payments: []practice.Payment{{Kind: "canary-field", Amount: money.MustParse("USD 1.00"), Reference: "canary-reason"}}})
			return err
		}(),
		"an exam with an unknown modality": func() error {
			_, err := c.RecordClearance(ctx, c.Director, practice.RecordClearance{Patient: v.Patient, Scope: []string{"botulinum-toxin"}, Modality: "canary-field", Decision: encounter.ClearedFor, Findings: "canary-findings"})
			return err
		}(),
		"a second signature": func() error {
			_, err := c.CosignNote(ctx, c.Director, practice.CosignNote{Note: note.Note})
			return err
		}(),
		"a second withdrawal": func() error {
			_, err := c.WithdrawConsent(ctx, c.Nurse, practice.WithdrawConsent{Consent: chart.Consents[0].ID, Reason: "canary-reason"})
			return err
		}(),
		"an amendment of an unknown kind": func() error {
			_, err := c.AmendNote(ctx, c.Nurse, practice.AmendNote{Note: note.Note, Kind: "canary-field", Text: "canary-amendment", Reason: "canary-reason"})
			return err
		}(),
		"a reason to discard that is none": func() error {
			_, err := c.DiscardVial(ctx, c.Nurse, practice.DiscardVial{Vial: v.Vial, Reason: "Quillfeather left"})
			return err
		}(),
		"a reason to cancel that is none": func() error {
			_, err := c.CancelVisit(ctx, c.Nurse, practice.CancelVisit{Encounter: next.Encounter, Reason: "Quillfeather rang"})
			return err
		}(),
		"a service that is none": func() error {
			in := c.booking(v.Patient, opening.Add(time.Hour))
			in.Service = "for Quillfeather"
			_, err := c.BookAppointment(ctx, c.Desk, in)
			return err
		}(),
		"a correction of no line": func() error {
			_, err := c.CorrectInvoice(ctx, c.Biller, practice.CorrectInvoice{Invoice: chart.Invoices[0].ID, Reason: "canary-reason", Quantity: quantity.MustParseNumber("0")})
			return err
		}(),
		"a patient's question about somebody else": func() error {
			_, err := c.Chart(ctx, glabella.Actor{Kind: glabella.ActorPatient, ID: glabella.DeriveID[glabella.PatientID]("other").String(), Purpose: glabella.PurposePatient}, v.Patient)
			return err
		}(),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		for _, word := range canaries {
			if strings.Contains(err.Error(), word) {
				t.Errorf("%s: the error has %q: %v", name, word, err)
			}
		}
	}

	// The records themselves do hold the data, or this test would prove nothing.
	if chart.Patient.Names[0].Family != "Quillfeather" || !strings.Contains(chart.Notes[0].Text, "canary-remarks") {
		t.Error("the chart does not have what was recorded")
	}
	for seq, b := range c.journalBytes() {
		for _, word := range canaries {
			if strings.Contains(string(b), word) {
				t.Errorf("journal record %d has %q: %s", seq, word, b)
			}
		}
	}
	c.consistent()
}

func TestReceiptsOfKeyedCommandsHoldNoPersonalData(t *testing.T) {
	t.Parallel()
	c := open(t)
	in := practice.RegisterPatient{Command: practice.Command{Key: "canary-key"}, Intake: canaryIntake(), Source: glabella.Provenance{Source: glabella.SourcePatient}}
	must[practice.Registered](t)(c.RegisterPatient(t.Context(), c.Desk, in))
	found := 0
	if err := c.backend.View(t.Context(), func(ctx context.Context, tx storage.Tx) error {
		for cmd, err := range tx.Commands().List(ctx, storage.CommandQuery{}) {
			if err != nil {
				return err
			}
			found++
			for _, word := range canaries {
				if strings.Contains(string(cmd.Receipt)+cmd.Input+cmd.ID.String(), word) {
					t.Errorf("the stored command has %q", word)
				}
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if found < 2 {
		t.Errorf("%d commands are stored, want that of the registration too", found)
	}
}

func TestMayTreatAnswersWithEveryReason(t *testing.T) {
	t.Parallel()
	c := open(t)
	id := c.register()
	nurse, _ := c.Nurse.Staff()
	q := practice.MayTreat{Patient: id, Treatment: "botulinum-toxin", Product: "onabotulinumtoxinA", Performer: nurse, Pregnant: treatment.PregnantNo, Conditions: []string{"infection-at-site"}}
	d := must[glabella.Decision](t)(c.MayTreat(t.Context(), c.Nurse, q))
	for _, want := range []glabella.Code{consent.CodeMissing, encounter.CodeClearanceMissing, treatment.CodeInfectionAtSite} {
		if !d.Has(want) {
			t.Errorf("MayTreat = %v, want %s among the reasons", d, want)
		}
	}
	if d.Outcome != glabella.Deny {
		t.Errorf("MayTreat = %s, want deny", d.Outcome)
	}
	q.Treatment = "bloodletting"
	if _, err := c.MayTreat(t.Context(), c.Nurse, q); !slices.Contains(codesOf(err), practice.CodeTreatmentUnknown) {
		t.Errorf("MayTreat of an unknown treatment: %v, want %s", err, practice.CodeTreatmentUnknown)
	}
}

func TestPrintInvoiceShowsWhatThePatientGets(t *testing.T) {
	t.Parallel()
	c := open(t)
	v := must[practicetest.Visit](t)(c.Visit(t.Context(), 1))
	text := must[string](t)(c.PrintInvoice(t.Context(), c.Biller, v.Invoice))
	for _, want := range []string{"Test Clinic", "Beatriz", "Example", "USD 832.17"} {
		if !strings.Contains(text, want) {
			t.Errorf("the invoice does not have %q:\n%s", want, text)
		}
	}
	if got := c.last(); got.Subject != v.Patient.Ref() || got.Action != string(access.InvoiceRead) {
		t.Errorf("journaled: %s of %v, want %s of the patient", got.Action, got.Subject, access.InvoiceRead)
	}
}
