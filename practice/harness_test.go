package practice_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/memory"
)

// opening is when the test clinic opens: a Monday morning in Chicago.
var opening = time.Date(2026, time.November, 23, 15, 0, 0, 0, time.UTC)

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// clinic is the practicetest clinic with its clock and a way around the store.
type clinic struct {
	*practicetest.Clinic
	t       testing.TB
	clock   *clock
	backend storage.Backend
	met     int // people
}

func open(t testing.TB) *clinic {
	t.Helper()
	return openOn(t, memory.New())
}

func openOn(t testing.TB, b storage.Backend) *clinic {
	t.Helper()
	k := &clock{now: opening}
	c, err := practicetest.Open(t.Context(), b, &practice.Options{Now: k.Now})
	if err != nil {
		t.Fatal(err)
	}
	return &clinic{Clinic: c, t: t, clock: k, backend: b}
}

// journal returns the journal without leaving a trace in it.
func (c *clinic) journal() []audit.Record {
	c.t.Helper()
	var out []audit.Record
	for _, b := range c.journalBytes() {
		rec, err := audit.ParseRecord(b)
		if err != nil {
			c.t.Fatal(err)
		}
		out = append(out, rec)
	}
	return out
}

func (c *clinic) journalBytes() [][]byte {
	c.t.Helper()
	var out [][]byte
	if err := c.backend.View(context.Background(), func(ctx context.Context, tx storage.Tx) error {
		out = nil
		for e, err := range tx.Journal().Entries(ctx, 0, 0) {
			if err != nil {
				return err
			}
			out = append(out, slices.Clone(e.Bytes))
		}
		return nil
	}); err != nil {
		c.t.Fatal(err)
	}
	return out
}

func (c *clinic) last() audit.Record {
	c.t.Helper()
	all := c.journal()
	return all[len(all)-1]
}

// size is how much is stored.
type size struct{ Records, Versions int }

// verified verifies the store and returns how much is in it.
func (c *clinic) verified() size {
	c.t.Helper()
	r, err := c.VerifyAudit(c.t.Context(), c.Director, nil)
	if err != nil {
		c.t.Fatalf("VerifyAudit: %v", err)
	}
	return size{r.Records, r.Versions}
}

// leaves runs do and reports whatever it leaves behind but journal records,
// which it returns.
func (c *clinic) leaves(do func()) []audit.Record {
	c.t.Helper()
	before, from := c.verified(), len(c.journal())
	do()
	records := c.journal()[from:]
	if diff := cmp.Diff(before, c.verified()); diff != "" {
		c.t.Errorf("stored (-before +after):\n%s", diff)
	}
	return records
}

// refusal checks that exactly one journal record was left, with the outcome and
// the code and without changes or events.
func (c *clinic) refusal(records []audit.Record, outcome audit.Outcome, code glabella.Code) {
	c.t.Helper()
	if len(records) != 1 {
		c.t.Fatalf("%d journal records, want 1", len(records))
	}
	r := records[0]
	if r.Outcome != outcome || !slices.Contains(journaledCodes(r), code) || len(r.Changes) != 0 || len(r.Events) != 0 || len(r.Reads) != 0 {
		c.t.Errorf("journal record: outcome %s, reasons %v, %d changes, %d events, %d reads; want %s, %s and nothing else",
			r.Outcome, journaledCodes(r), len(r.Changes), len(r.Events), len(r.Reads), outcome, code)
	}
}

func journaledCodes(r audit.Record) []glabella.Code {
	var out []glabella.Code
	for _, reason := range r.Reasons {
		out = append(out, reason.Code)
	}
	return out
}

// codesOf returns the codes that an error carries.
func codesOf(err error) []glabella.Code {
	var refused *glabella.RefusedError
	var denied *glabella.DeniedError
	var invalid *glabella.ValidationError
	var out []glabella.Code
	switch {
	case errors.As(err, &refused):
		return refused.Decision.Codes()
	case errors.As(err, &denied):
		return denied.Decision.Codes()
	case errors.As(err, &invalid):
		for _, i := range invalid.Issues {
			out = append(out, i.Code)
		}
	}
	return out
}

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// arrival says how a patient comes to be treated.
type arrival struct {
	lot     string
	intake  func(in *patient.Intake)
	consent func(in *practice.RecordConsent)
}

// arrive has a patient come who is ready to be charted.
func (c *clinic) arrive(a arrival) practicetest.Visit {
	t, ctx := c.t, c.t.Context()
	t.Helper()
	if a.lot == "" {
		a.lot = "A1"
	}
	v := practicetest.Visit{LotNumber: a.lot}
	v.Lot = must[practice.Received](t)(c.ReceiveStock(ctx, c.Store, delivery(a.lot))).Lines[0].Lot
	in := c.somebody()
	if a.intake != nil {
		a.intake(&in)
	}
	v.Patient = must[practice.Registered](t)(c.RegisterPatient(ctx, c.Desk, practice.RegisterPatient{Intake: in, Source: glabella.Provenance{Source: glabella.SourcePatient}})).Patient
	booked := must[practice.Booked](t)(c.BookAppointment(ctx, c.Desk, c.booking(v.Patient, c.clock.Now().Add(time.Minute))))
	v.Encounter = must[practice.CheckedIn](t)(c.CheckIn(ctx, c.Desk, practice.CheckIn{Appointment: booked.Appointment})).Encounter
	given := practice.RecordConsent{Patient: v.Patient, Form: c.Form, Language: "en", Decision: consent.Accepted, Encounter: v.Encounter,
		Signature: &consent.Signature{Method: consent.Checkbox, By: consent.SignerPatient, At: c.clock.Now()}}
	if a.consent != nil {
		a.consent(&given)
	}
	must[practice.ConsentRecorded](t)(c.RecordConsent(ctx, c.Nurse, given))
	must[practice.ClearanceRecorded](t)(c.RecordClearance(ctx, c.Director, practice.RecordClearance{
		Patient: v.Patient, Scope: []string{"botulinum-toxin"}, Modality: encounter.InPerson, Decision: encounter.ClearedFor, Findings: "no findings"}))
	v.Vial = must[practice.Opened](t)(c.OpenVial(ctx, c.Nurse, practice.OpenVial{Lot: a.lot, DiluentLot: "S1", DiluentVolume: quantity.MustParse("2.5 mL")})).Vial
	return v
}

// somebody returns the intake of somebody else at each call.
func (c *clinic) somebody() patient.Intake {
	c.met++
	in := practicetest.Somebody(1000 + c.met)
	in.Identifiers = nil
	return in
}

func intake() patient.Intake {
	return patient.Intake{Names: []patient.Name{{Use: patient.NameOfficial, Family: "Example", Given: []string{"Ada"}}}, BirthDate: glabella.MustParseDate("1985-05-02")}
}

func delivery(lot string) practice.ReceiveStock {
	return practice.ReceiveStock{Document: "DN-" + lot, Supplier: "Test Supplier", Lines: []practice.ReceiveLine{
		{Scan: "]d201" + practicetest.ToxinGTIN + "1731123110" + lot},
		{Scan: "]d201" + practicetest.SalineGTIN + "1731123110S1"},
	}}
}

func (c *clinic) booking(id glabella.PatientID, start time.Time) practice.BookAppointment {
	nurse, _ := c.Nurse.Staff()
	return practice.BookAppointment{Patient: id, Provider: nurse, Room: "1", Service: "neurotoxin", Start: start, End: start.Add(30 * time.Second)}
}

// register registers a patient of no further interest.
func (c *clinic) register() glabella.PatientID {
	c.t.Helper()
	return must[practice.Registered](c.t)(c.RegisterPatient(c.t.Context(), c.Desk, practice.RegisterPatient{Intake: c.somebody(), Source: glabella.Provenance{Source: glabella.SourcePatient}})).Patient
}

// failing is a backend whose writes fail while the switch is on.
type failing struct {
	storage.Backend
	mu sync.Mutex
	on bool
}

var errDisk = errors.New("disk full")

func (f *failing) set(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.on = on
}

func (f *failing) Update(ctx context.Context, fn func(ctx context.Context, tx storage.Tx) error) error {
	f.mu.Lock()
	on := f.on
	f.mu.Unlock()
	if on {
		return errDisk
	}
	return f.Backend.Update(ctx, fn)
}

// rerunning is a backend that runs every closure twice; the effects of the first
// time are rolled back.
type rerunning struct{ storage.Backend }

var errAgain = errors.New("again")

func (r rerunning) Update(ctx context.Context, fn func(ctx context.Context, tx storage.Tx) error) error {
	err := r.Backend.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		if err := fn(ctx, tx); err != nil {
			return err
		}
		return errAgain
	})
	if !errors.Is(err, errAgain) {
		return err
	}
	return r.Backend.Update(ctx, fn)
}

func (r rerunning) View(ctx context.Context, fn func(ctx context.Context, tx storage.Tx) error) error {
	if err := r.Backend.View(ctx, fn); err != nil {
		return err
	}
	return r.Backend.View(ctx, fn)
}
