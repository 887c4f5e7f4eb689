package practicetest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/memory"
)

var opening = time.Date(2026, time.November, 23, 15, 0, 0, 0, time.UTC)

func open(t *testing.T, b storage.Backend) *practicetest.Clinic {
	t.Helper()
	c, err := practicetest.Open(t.Context(), b, &practice.Options{Now: func() time.Time { return opening }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func play(t *testing.T, c *practicetest.Clinic, n int) practicetest.Visit {
	t.Helper()
	v, err := c.Visit(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func verify(t *testing.T, c *practicetest.Clinic) storage.Report {
	t.Helper()
	r, err := c.VerifyAudit(t.Context(), c.Director, nil)
	if err != nil {
		t.Fatalf("VerifyAudit: %v", err)
	}
	return r
}

func agree(t *testing.T, c *practicetest.Clinic) practice.Agreement {
	t.Helper()
	books, err := c.CheckBooks(t.Context(), c.Biller)
	if err != nil {
		t.Fatal(err)
	}
	if len(books.Differences) != 0 || !books.Ledger.Residual.IsZero() {
		t.Errorf("the books do not agree: residual %v, %v", books.Ledger.Residual, books.Differences)
	}
	return books
}

// stored returns the stored form of a value.
func stored(t *testing.T, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAVisitThatIsPlayedAgainChangesNothing(t *testing.T) {
	t.Parallel()
	b := memory.New()
	c := open(t, b)
	first := play(t, c, 1)
	before := verify(t, c)
	for name, again := range map[string]*practicetest.Clinic{"by the same clinic": c, "by one that is opened again": open(t, b)} {
		if diff := cmp.Diff(first, play(t, again, 1)); diff != "" {
			t.Errorf("the visit played again %s (-first +second):\n%s", name, diff)
		}
	}
	after := verify(t, c)
	if before.Records != after.Records || before.Versions != after.Versions {
		t.Errorf("%d records and %d versions became %d and %d", before.Records, before.Versions, after.Records, after.Versions)
	}
	// What has been journaled in between is the first verification.
	if got := after.Journal.Size - before.Journal.Size; got != 1 {
		t.Errorf("%d journal records were written, want 1", got)
	}
}

func TestAVisitThatWasInterruptedIsContinued(t *testing.T) {
	t.Parallel()
	c := open(t, memory.New())
	prepared, err := c.Prepare(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	v := play(t, c, 1)
	if v.Encounter != prepared.Encounter || v.Vial != prepared.Vial || v.Patient != prepared.Patient || v.Invoice.IsZero() {
		t.Errorf("prepared as %+v, continued as %+v", prepared, v)
	}
	agree(t, c)
}

func TestFiveVisitsAgreeInEveryReport(t *testing.T) {
	t.Parallel()
	c := open(t, memory.New())
	var visits []practicetest.Visit
	for n := range 5 {
		visits = append(visits, play(t, c, n+1))
	}
	report, err := c.ReportDay(t.Context(), c.Biller, glabella.DateOf(opening))
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Differences) != 0 || !report.Ledger.Residual.IsZero() {
		t.Errorf("the day does not agree: residual %v, %v", report.Ledger.Residual, report.Differences)
	}
	type counts struct{ Registered, Booked, Arrived, Completed, Notes, Refused, Denied int }
	got := counts{report.Day.Registered, report.Day.Booked, report.Day.Arrived, report.Day.Completed, report.Day.Notes, report.Day.Refused, report.Day.Denied}
	if diff := cmp.Diff(counts{Registered: 5, Booked: 5, Arrived: 5, Completed: 5, Notes: 10}, got); diff != "" {
		t.Errorf("counts of the day (-want +got):\n%s", diff)
	}
	// A visit brings in 600.00 for the bank and 232.17 at the checkout, of which
	// 16.17 is tax and 20.00 the tip.
	for name, amount := range map[string]struct {
		got  money.Amount
		want string
	}{
		"collections": {report.Day.Collections, "USD 4160.85"},
		"tax":         {report.Day.Tax, "USD 80.85"},
		"tips":        {report.Day.Tips, "USD 100.00"},
		"redeemed":    {report.Day.Redeemed, "USD 3000.00"},
		"granted":     {report.Day.Granted, "USD 3000.00"},
		"sold":        {report.Day.Sold, "USD 3980.00"},
	} {
		if amount.got.String() != amount.want {
			t.Errorf("%s of the day = %v, want %s", name, amount.got, amount.want)
		}
	}
	if used := report.Day.Used; len(used) != 1 || used["onabotulinumtoxinA"].String() != "320 [arb'U]{onabotulinumtoxinA}" {
		t.Errorf("used = %v, want 320 units of toxin", used)
	}
	agree(t, c)
	verify(t, c)
	for _, v := range visits {
		trace, err := c.TraceLot(t.Context(), c.Director, v.LotNumber)
		if err != nil {
			t.Fatal(err)
		}
		if len(trace.Exposures) != 1 || trace.Lots[0].ID != v.Lot || len(trace.Vials) != 1 || len(trace.Balances) != 1 {
			t.Fatalf("trace of %s = %+v, want one patient, one vial and one balance", v.LotNumber, trace)
		}
		e := trace.Exposures[0]
		if e.Patient != v.Patient || e.Encounter != v.Encounter || e.On != glabella.DateOf(opening) || e.Amount.String() != "64 [arb'U]{onabotulinumtoxinA}" {
			t.Errorf("exposure to %s = %+v, want 64 units on the day", v.LotNumber, e)
		}
		if got := trace.Balances[0].OnHand.String(); got != "36 [arb'U]{onabotulinumtoxinA}" {
			t.Errorf("on hand of %s = %s, want 36 units", v.LotNumber, got)
		}
	}
	if day, err := c.ReportDay(t.Context(), c.Biller, glabella.DateOf(opening).AddDays(1)); err != nil || day.Day.Completed != 0 || !day.Day.Collections.IsZero() {
		t.Errorf("the day after = %+v, %v, want an empty one", day.Day, err)
	}
}

func TestACorrectionWithRefundKeepsTheLineAndTheBooksAgree(t *testing.T) {
	t.Parallel()
	c := open(t, memory.New())
	v := play(t, c, 1)
	invoice := func() billing.Invoice {
		t.Helper()
		chart, err := c.Chart(t.Context(), c.Director, v.Patient)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range chart.Invoices {
			if i.ID == v.Invoice {
				return i
			}
		}
		t.Fatal("the chart does not have the invoice")
		return billing.Invoice{}
	}
	before := invoice()
	excess := before.Lines[len(before.Lines)-1]
	if excess.Net.String() != "USD 196.00" || len(excess.Redeemed) != 0 {
		t.Fatalf("the last line is %v, want the 14 units beyond the bank", excess.Net)
	}
	got, err := c.CorrectInvoice(t.Context(), c.Biller, practice.CorrectInvoice{
		Command: practice.Command{IfVersion: before.Version}, Invoice: v.Invoice, Line: excess.ID, Quantity: quantity.MustParseNumber("10"), Reason: "counted-wrong", Refund: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	after := invoice()
	if diff := cmp.Diff(stored(t, before.Lines), stored(t, after.Lines[:len(before.Lines)])); diff != "" {
		t.Errorf("the lines that were issued (-before +after):\n%s", diff)
	}
	if len(after.Lines) != len(before.Lines)+1 {
		t.Fatalf("%d lines, want one more than %d", len(after.Lines), len(before.Lines))
	}
	// 4 units at 14.00 are 56.00, and 4/14 of the tax of 16.17 are 4.62.
	adjustment := after.Lines[len(after.Lines)-1]
	if adjustment.Adjusts != excess.ID || adjustment.Net.String() != "USD -56.00" || adjustment.Tax.String() != "USD -4.62" {
		t.Errorf("the correction is %v net and %v tax of %v, want USD -56.00 and USD -4.62 of the excess", adjustment.Net, adjustment.Tax, adjustment.Adjusts)
	}
	var back []string
	for _, tender := range after.Tenders[len(before.Tenders):] {
		back = append(back, fmt.Sprint(tender.Kind, " ", tender.Amount))
	}
	// The cash was paid last and is given back first.
	if diff := cmp.Diff([]string{"cash USD -32.17", "card USD -28.45"}, back); diff != "" {
		t.Errorf("refunds (-want +got):\n%s", diff)
	}
	if got.State != billing.InvoicePaid || !got.Totals.Due.IsZero() || got.Version != after.Version {
		t.Errorf("receipt = %+v, want a paid invoice with nothing due", got)
	}
	agree(t, c)
	verify(t, c)
}

func TestWithoutItsRefundACorrectionLeavesTheRefundDue(t *testing.T) {
	t.Parallel()
	c := open(t, memory.New())
	v := play(t, c, 1)
	got, err := c.CorrectInvoice(t.Context(), c.Biller, practice.CorrectInvoice{Invoice: v.Invoice, Line: v.Lines[len(v.Lines)-1], Quantity: quantity.MustParseNumber("0"), Reason: "counted-wrong"})
	if err != nil {
		t.Fatal(err)
	}
	if got.State != billing.InvoiceRefunds || got.Totals.Due.String() != "USD -212.17" {
		t.Errorf("after the correction: %s, due %v, want %s and USD -212.17", got.State, got.Totals.Due, billing.InvoiceRefunds)
	}
	agree(t, c)
}

func TestADiscardedVialIsWasteInTheReport(t *testing.T) {
	t.Parallel()
	c := open(t, memory.New())
	v := play(t, c, 1)
	if _, err := c.DiscardVial(t.Context(), c.Nurse, practice.DiscardVial{Vial: v.Vial, Reason: "opened-not-used"}); err != nil {
		t.Fatal(err)
	}
	report, err := c.ReportDay(t.Context(), c.Biller, glabella.DateOf(opening))
	if err != nil {
		t.Fatal(err)
	}
	if got := report.Day.Wasted["onabotulinumtoxinA"].String(); got != "36 [arb'U]{onabotulinumtoxinA}" || len(report.Differences) != 0 {
		t.Errorf("wasted = %s with differences %v, want 36 units and none", got, report.Differences)
	}
	agree(t, c)
}

func TestAnOpenedClinicSaysWhatWentWrong(t *testing.T) {
	t.Parallel()
	c := open(t, memory.New())
	c.Nurse = c.Desk
	_, err := c.Visit(t.Context(), 7)
	if err == nil || !strings.HasPrefix(err.Error(), "visit 7: ") {
		t.Errorf("a visit with the front desk as the nurse: %v, want an error that names the visit and the step", err)
	}
	if _, err := practicetest.Open(t.Context(), nil, nil); err == nil {
		t.Error("Open without a backend succeeded")
	}
}

func TestTheJournalTellsOfEveryStep(t *testing.T) {
	t.Parallel()
	c := open(t, memory.New())
	play(t, c, 1)
	records, err := c.Journal(t.Context(), c.Director, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	for _, r := range records {
		if r.Outcome != audit.Done {
			t.Errorf("journal record %d: %s was %s", r.Seq, r.Action, r.Outcome)
		}
		for _, e := range r.Events {
			events = append(events, e.Type)
		}
	}
	want := []string{
		"inventory.received", "patient.registered", "billing.issued", "billing.paid", "billing.credit-sold", "appointment.booked", "encounter.arrived",
		"consent.recorded", "encounter.cleared", "inventory.opened", "encounter.charted", "encounter.completed", "encounter.note-signed", "encounter.note-signed",
		"billing.issued", "billing.paid",
	}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func Example() {
	ctx := context.Background()
	clinic, err := practicetest.Open(ctx, memory.New(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	visit, err := clinic.Visit(ctx, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	trace, err := clinic.TraceLot(ctx, clinic.Director, visit.LotNumber)
	fmt.Println(len(trace.Exposures), "patient,", trace.Exposures[0].Amount, err)
	// Output: 1 patient, 64 [arb'U]{onabotulinumtoxinA} <nil>
}
