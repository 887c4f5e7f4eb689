package audit_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
)

// shelf holds disclosures.
type shelf map[glabella.DisclosureID]audit.Disclosure

func (s shelf) Get(_ context.Context, id glabella.DisclosureID) (audit.Disclosure, error) {
	d, ok := s[id]
	if !ok {
		return d, fmt.Errorf("%s: %w", id.Ref(), glabella.ErrNotFound)
	}
	return d, nil
}

func on(y int, m time.Month, d int) glabella.Date { return glabella.Date{Year: y, Month: m, Day: d} }

// disclosed returns a report to a health department on a day.
func disclosed(n int, at glabella.Date) audit.Disclosure {
	return audit.Disclosure{
		ID: number[glabella.DisclosureID](3, n), Patient: ada, At: time.Date(at.Year, at.Month, at.Day, 12, 0, 0, 0, time.UTC),
		Recipient: audit.Recipient{Name: "Health Department of Example", Address: "1 Example Street"}, Description: "laboratory result",
		Basis: audit.DisclosedForPublicHealth, Purpose: "reportable disease", Suspensions: []audit.Suspension{}, By: nurse.Ref(),
	}
}

// recorded returns a store with the disclosures, and the journal that says so.
func recorded(t testing.TB, ds ...audit.Disclosure) (shelf, *memJournal) {
	t.Helper()
	s, j := shelf{}, &memJournal{}
	for _, d := range ds {
		if err := d.Validate(); err != nil {
			t.Fatal(err)
		}
		s[d.ID] = d
		for range 2 { // made, and changed once
			_, err := audit.Add(t.Context(), j, audit.Record{
				At: d.At, Action: "privacy.manage", Outcome: audit.Done, Actor: by(nurse, glabella.PurposeOperations),
				Subject: d.Patient.Ref(), Changes: []audit.Change{{Ref: d.Ref(), After: 1}},
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return s, j
}

func TestAnAccountingHasWhatTheRuleAsksFor(t *testing.T) {
	t.Parallel()
	ds := []audit.Disclosure{
		disclosed(0, on(2020, 3, 8)), // a day too early
		disclosed(1, on(2020, 3, 9)), // the first day of the six years
		disclosed(2, on(2023, 5, 1)),
		disclosed(3, on(2024, 6, 2)),
		disclosed(4, on(2024, 6, 3)), // to somebody else
		disclosed(5, on(2024, 7, 1)), // for treatment
		disclosed(6, on(2025, 1, 1)), // suspended
		disclosed(7, on(2026, 3, 10)),
		disclosed(8, on(2025, 2, 2)), // suspended until the day before
		disclosed(9, on(2025, 2, 2)), // of somebody else
	}
	ds[4].Recipient = audit.Recipient{Name: "Court of Example"}
	ds[4].Basis, ds[4].Purpose, ds[4].Request = audit.DisclosedForCourt, "", "order 17"
	ds[5].Basis = audit.DisclosedForTreatment
	ds[6].Suspensions = []audit.Suspension{{Agency: "Police of Example", From: on(2026, 3, 1), To: on(2026, 3, 20)}}
	ds[8].Suspensions = []audit.Suspension{{Agency: "Police of Example", From: on(2026, 3, 1), To: on(2026, 3, 19)}}
	ds[9].Patient = betty
	store, j := recorded(t, ds...)
	got, err := audit.Account(t.Context(), j, store, audit.AccountingRequest{Patient: ada, RequestedOn: on(2026, 3, 9), On: on(2026, 3, 20)})
	if err != nil {
		t.Fatal(err)
	}
	want := audit.Accounting{
		Patient: ada, From: on(2020, 3, 9), To: on(2026, 3, 9), Due: on(2026, 5, 8), Extended: on(2026, 6, 7),
		Entries: []audit.AccountingEntry{
			{On: on(2020, 3, 9), Recipient: ds[1].Recipient, Description: "laboratory result", Basis: audit.DisclosedForPublicHealth, Purpose: "reportable disease", Count: 4, Last: on(2025, 2, 2), Disclosures: []glabella.DisclosureID{ds[1].ID, ds[2].ID, ds[3].ID, ds[8].ID}},
			{On: on(2024, 6, 3), Recipient: ds[4].Recipient, Description: "laboratory result", Basis: audit.DisclosedForCourt, Request: "order 17", Count: 1, Last: on(2024, 6, 3), Disclosures: []glabella.DisclosureID{ds[4].ID}},
		},
		Withheld: []glabella.DisclosureID{ds[6].ID},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Account (-want +got):\n%s", diff)
	}

	got, err = audit.Account(t.Context(), j, store, audit.AccountingRequest{Patient: ada, RequestedOn: on(2026, 3, 9), On: on(2026, 3, 9), From: on(2024, 6, 3)})
	if err != nil || got.From != on(2024, 6, 3) || len(got.Entries) != 1 || len(got.Withheld) != 2 {
		t.Errorf("Account from a later day = %+v, %v", got, err)
	}
}

func TestADisclosureThatWasRemovedFromTheStoreIsMissed(t *testing.T) {
	t.Parallel()
	store, j := recorded(t, disclosed(1, on(2025, 3, 9)), disclosed(2, on(2025, 5, 1)))
	delete(store, number[glabella.DisclosureID](3, 1))
	_, err := audit.Account(t.Context(), j, store, audit.AccountingRequest{Patient: ada, RequestedOn: on(2026, 3, 9), On: on(2026, 3, 9)})
	var invalid *glabella.ValidationError
	if !errors.As(err, &invalid) || len(invalid.Issues) != 1 || invalid.Issues[0].Code != audit.CodeDisclosureMissing {
		t.Errorf("Account = %v, want %s", err, audit.CodeDisclosureMissing)
	}
}

func TestRequestsForAnAccountingThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		req  audit.AccountingRequest
		path string
	}{
		{"for nobody", audit.AccountingRequest{RequestedOn: on(2026, 3, 9), On: on(2026, 3, 9)}, "/patient"},
		{"without a day", audit.AccountingRequest{Patient: ada, On: on(2026, 3, 9)}, "/requestedOn"},
		{"answered before it was made", audit.AccountingRequest{Patient: ada, RequestedOn: on(2026, 3, 9), On: on(2026, 3, 8)}, "/on"},
		{"from a day after it", audit.AccountingRequest{Patient: ada, RequestedOn: on(2026, 3, 9), On: on(2026, 3, 9), From: on(2026, 3, 10)}, "/from"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := audit.Account(t.Context(), &memJournal{}, shelf{}, tt.req)
			var invalid *glabella.ValidationError
			if !errors.As(err, &invalid) || len(invalid.Issues) != 1 || invalid.Issues[0].Path != tt.path {
				t.Errorf("Account = %v, want an issue at %s", err, tt.path)
			}
		})
	}
}

func TestDisclosuresThatAreNotValid(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*audit.Disclosure)
		path   string
		code   glabella.Code
	}{
		{"to nobody", func(d *audit.Disclosure) { d.Recipient.Name = "" }, "/recipient/name", glabella.CodeRequired},
		{"of nothing", func(d *audit.Disclosure) { d.Description = "" }, "/description", glabella.CodeRequired},
		{"on no basis", func(d *audit.Disclosure) { d.Basis = "" }, "/basis", glabella.CodeUnknownValue},
		{"for no purpose", func(d *audit.Disclosure) { d.Purpose = "" }, "/purpose", audit.CodeDisclosurePurpose},
		{"by an authorization that is not named", func(d *audit.Disclosure) { d.Basis = audit.DisclosedByAuthorization }, "/authorization", audit.CodeDisclosureAuthorization},
		{"with an authorization that is not the basis", func(d *audit.Disclosure) { d.Authorization = number[glabella.AuthorizationID](4, 0) }, "/authorization", audit.CodeDisclosureAuthorization},
		{"by nobody", func(d *audit.Disclosure) { d.By = glabella.Ref{} }, "/by", glabella.CodeRequired},
		{"suspended by nobody", func(d *audit.Disclosure) {
			d.Suspensions = []audit.Suspension{{From: on(2026, 1, 1), To: on(2026, 1, 2)}}
		}, "/suspensions/0/agency", glabella.CodeRequired},
		{"suspended for ever", func(d *audit.Disclosure) { d.Suspensions = []audit.Suspension{{Agency: "x", From: on(2026, 1, 1)}} }, "/suspensions/0/to", glabella.CodeRequired},
		{"suspended backwards", func(d *audit.Disclosure) {
			d.Suspensions = []audit.Suspension{{Agency: "x", From: on(2026, 1, 2), To: on(2026, 1, 1)}}
		}, "/suspensions/0/to", glabella.CodeOutOfRange},
		{"suspended by word of mouth for 31 days", func(d *audit.Disclosure) {
			d.Suspensions = []audit.Suspension{{Agency: "x", Oral: true, From: on(2026, 1, 1), To: on(2026, 1, 31)}}
		}, "/suspensions/0/to", audit.CodeDisclosureOral},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := disclosed(1, on(2026, 1, 1))
			tt.change(&d)
			var invalid *glabella.ValidationError
			if err := d.Validate(); !errors.As(err, &invalid) || len(invalid.Issues) != 1 || invalid.Issues[0].Path != tt.path || invalid.Issues[0].Code != tt.code {
				t.Errorf("Validate() = %v, want %s at %s only", err, tt.code, tt.path)
			}
		})
	}
	d := disclosed(1, on(2026, 1, 1))
	d.Suspensions = []audit.Suspension{{Agency: "x", Oral: true, From: on(2026, 1, 1), To: on(2026, 1, 30)}}
	if err := d.Validate(); err != nil {
		t.Errorf("30 days by word of mouth: %v", err)
	}
}

func TestWhatBelongsIntoAnAccounting(t *testing.T) {
	t.Parallel()
	n := 0
	for _, b := range audit.DisclosureBases() {
		if b.Accountable() {
			n++
		}
	}
	if n != 14 || audit.DisclosedForTreatment.Accountable() || audit.DisclosedByAuthorization.Accountable() || !audit.DisclosedImpermissibly.Accountable() || !audit.DisclosureBasis("new").Accountable() {
		t.Errorf("%d bases are accountable, want 14", n)
	}
}
