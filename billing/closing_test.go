package billing_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
)

func closedThrough(name, day string) billing.Closing {
	return billing.Closing{
		ID: glabella.DeriveID[glabella.ClosingID](name), Site: glabella.DeriveID[glabella.SiteID]("main"), Through: glabella.MustParseDate(day),
		By: glabella.DeriveID[glabella.StaffID]("biller"), At: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), State: billing.ClosingStands,
	}
}

func TestOpenOn(t *testing.T) {
	t.Parallel()
	reopened := closedThrough("march", "2026-03-31")
	reopened.State = billing.ClosingReopened
	all := []billing.Closing{closedThrough("january", "2026-01-31"), closedThrough("february", "2026-02-28"), reopened}
	for _, tt := range []struct {
		name, on, want string
		site           string
	}{
		{"an open day", "2026-03-01", "2026-03-01", "main"},
		{"the last closed day", "2026-02-28", "2026-03-01", "main"},
		{"a day of an earlier closing", "2026-01-02", "2026-03-01", "main"},
		{"a day that was reopened", "2026-03-15", "2026-03-15", "main"},
		{"a day at another site", "2026-01-02", "2026-01-02", "second"},
	} {
		if got := billing.OpenOn(all, glabella.DeriveID[glabella.SiteID](tt.site), glabella.MustParseDate(tt.on)); got.String() != tt.want {
			t.Errorf("%s: counts on %s, want %s", tt.name, got, tt.want)
		}
	}
	if got := billing.ClosedThrough(nil, all[0].Site); !got.IsZero() {
		t.Errorf("books that were never closed are closed through %s", got)
	}
}

func TestMayClose(t *testing.T) {
	t.Parallel()
	february := closedThrough("february", "2026-02-28")
	f := billing.ClosingFacts{Site: february.Site, Through: glabella.MustParseDate("2026-03-05"), Today: glabella.MustParseDate("2026-03-05"), Closings: []billing.Closing{february}}
	for _, tt := range []struct {
		name   string
		change func(*billing.ClosingFacts)
		want   []glabella.Code
	}{
		{"today", func(*billing.ClosingFacts) {}, nil},
		{"tomorrow", func(f *billing.ClosingFacts) { f.Through = f.Through.AddDays(1) }, []glabella.Code{billing.CodeClosingDay}},
		{"a day that is closed", func(f *billing.ClosingFacts) { f.Through = february.Through }, []glabella.Code{billing.CodeClosingDay}},
		{"books that do not agree", func(f *billing.ClosingFacts) { f.Books.Residual = usd("0.01") }, []glabella.Code{billing.CodeClosingResidual}},
		{"prepaid value that does not agree", func(f *billing.ClosingFacts) { f.Books.CreditResidual = usd("-1") }, []glabella.Code{billing.CodeClosingResidual}},
	} {
		g := f
		tt.change(&g)
		var got []glabella.Code
		for _, r := range billing.MayClose(g).Reasons {
			got = append(got, r.Code)
		}
		if !cmp.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestOnlyTheLastClosingIsReopened(t *testing.T) {
	t.Parallel()
	january, february := closedThrough("january", "2026-01-31"), closedThrough("february", "2026-02-28")
	all := []billing.Closing{january, february}
	by, at := glabella.DeriveID[glabella.StaffID]("owner"), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	if _, err := january.Reopen(all, by, at, "late-invoice"); !slices.Equal(codes(err), []glabella.Code{billing.CodeClosingLater}) {
		t.Errorf("the earlier one: %v", err)
	}
	got, err := february.Reopen(all, by, at, "late-invoice")
	if err != nil || got.State != billing.ClosingReopened || got.ReopenedBy != by || got.Validate() != nil {
		t.Errorf("the last one: %+v, %v", got, err)
	}
	if _, err := got.Reopen(all, by, at, "again"); err == nil {
		t.Error("reopened twice")
	}
	if _, err := february.Reopen(all, by, at, ""); !slices.Contains(codes(err), glabella.CodeMismatch) {
		t.Errorf("reopened without a reason: %v", err)
	}
}
