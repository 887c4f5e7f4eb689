package billing_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
)

// The cases are those of 45 CFR 149.610(b)(1): Monday is 2 March 2026.
func TestWhenAnEstimateIsDue(t *testing.T) {
	t.Parallel()
	day := glabella.MustParseDate
	for _, tt := range []struct {
		name     string
		on, of   string
		holidays []string
		want     string // none if empty
	}{
		{"booked for tomorrow", "2026-03-02", "2026-03-03", nil, ""},
		{"booked two business days ahead", "2026-03-02", "2026-03-04", nil, ""},
		{"booked three business days ahead", "2026-03-02", "2026-03-05", nil, "2026-03-03"},
		{"booked three business days ahead, over a weekend", "2026-03-05", "2026-03-10", nil, "2026-03-06"},
		{"booked on a Friday, for Wednesday", "2026-03-06", "2026-03-11", nil, "2026-03-09"},
		{"booked nine business days ahead", "2026-03-02", "2026-03-13", nil, "2026-03-03"},
		{"booked ten business days ahead", "2026-03-02", "2026-03-16", nil, "2026-03-05"},
		{"asked for", "2026-03-02", "", nil, "2026-03-05"},
		{"asked for on a Thursday", "2026-03-05", "", nil, "2026-03-10"},
		{"a holiday is no business day", "2026-03-02", "2026-03-05", []string{"2026-03-03"}, ""},
		{"a holiday moves the clock", "2026-03-02", "", []string{"2026-03-03"}, "2026-03-06"},
	} {
		r := billing.EstimateRequest{On: day(tt.on), Holidays: func(d glabella.Date) bool { return slices.Contains(tt.holidays, d.String()) }}
		if tt.of != "" {
			r.For = day(tt.of)
		}
		got, must := r.Due()
		if must != (tt.want != "") || must && got.String() != tt.want {
			t.Errorf("%s: due on %v (%v), want %q", tt.name, got, must, tt.want)
		}
	}
}

func estimate() billing.Estimate {
	nurse, doctor := glabella.DeriveID[glabella.StaffID]("nurse"), glabella.DeriveID[glabella.StaffID]("doctor")
	return billing.Estimate{
		ID: glabella.DeriveID[glabella.EstimateID]("estimate"), Patient: glabella.DeriveID[glabella.PatientID]("ann"), Site: glabella.DeriveID[glabella.SiteID]("main"),
		AskedOn: glabella.MustParseDate("2026-03-02"), For: glabella.MustParseDate("2026-03-16"), Diagnoses: []string{"Z41.1"}, Total: usd("900"), Method: billing.EstimateOnPaper, By: nurse,
		At: time.Date(2026, 3, 3, 15, 0, 0, 0, time.UTC), ValidThrough: glabella.MustParseDate("2027-03-02"),
		Lines: []billing.EstimateLine{
			{Service: "toxin", Name: "Toxin", Codes: []string{"J0585"}, Provider: nurse, Quantity: number("40"), Amount: usd("600")},
			{Service: "consult", Name: "Consultation", Codes: []string{}, Provider: doctor, Quantity: number("1"), Amount: usd("300")},
		},
	}
}

func TestEstimateValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*billing.Estimate)
		want   []glabella.Code
	}{
		{"one in order", func(*billing.Estimate) {}, nil},
		{"a total that is not the sum", func(e *billing.Estimate) { e.Total = usd("899.99") }, []glabella.Code{billing.CodeEstimateTotal}},
		{"a diagnosis that is no code", func(e *billing.Estimate) { e.Diagnoses[0] = "wrinkles" }, []glabella.Code{glabella.CodeFormat}},
		{"a service code that is none", func(e *billing.Estimate) { e.Lines[0].Codes = []string{"J58"} }, []glabella.Code{glabella.CodeFormat}},
		{"a code of the form of CPT", func(e *billing.Estimate) { e.Lines[0].Codes = []string{"0001T"} }, nil},
		{"nobody's charge", func(e *billing.Estimate) { e.Lines[0].Provider = glabella.StaffID{} }, []glabella.Code{glabella.CodeRequired}},
		{"less than nothing", func(e *billing.Estimate) { e.Lines[0].Amount, e.Total = usd("-1"), usd("299") }, []glabella.Code{glabella.CodeOutOfRange}},
		{"another currency", func(e *billing.Estimate) { e.Lines[0].Amount = money.New(1, money.EUR) }, []glabella.Code{billing.CodeEstimateTotal}},
		{"for a day that is over", func(e *billing.Estimate) { e.For = glabella.MustParseDate("2026-03-01") }, []glabella.Code{glabella.CodeOutOfRange}},
		{"by smoke signal", func(e *billing.Estimate) { e.Method = "smoke" }, []glabella.Code{glabella.CodeUnknownValue}},
	} {
		e := estimate()
		tt.change(&e)
		if got := codes(e.Validate()); !cmp.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestABillIsComparedWithItsEstimateByProvider(t *testing.T) {
	t.Parallel()
	nurse, doctor := glabella.DeriveID[glabella.StaffID]("nurse"), glabella.DeriveID[glabella.StaffID]("doctor")
	bill := func(nurses, doctors string) billing.Invoice {
		return billing.Invoice{Currency: money.USD, Lines: []billing.Line{{Provider: nurse, Total: usd(nurses)}, {Provider: doctor, Total: usd(doctors)}}, Tips: []billing.Tip{{Provider: nurse, Amount: usd("999")}}}
	}
	for _, tt := range []struct {
		name  string
		bills []billing.Invoice
		over  []string // of the nurse and the doctor
		who   []glabella.StaffID
	}{
		{"as estimated", []billing.Invoice{bill("600", "300")}, []string{"0.00", "0.00"}, nil},
		{"a cent short of the threshold", []billing.Invoice{bill("999.99", "300")}, []string{"399.99", "0.00"}, nil},
		{"at the threshold", []billing.Invoice{bill("1000", "300")}, []string{"400.00", "0.00"}, []glabella.StaffID{nurse}},
		{"over by two bills", []billing.Invoice{bill("600", "300"), bill("100", "400")}, []string{"100.00", "400.00"}, []glabella.StaffID{doctor}},
		{"together, and neither by itself", []billing.Invoice{bill("900", "600")}, []string{"300.00", "300.00"}, nil},
		{"less", []billing.Invoice{bill("1", "1")}, []string{"-599.00", "-299.00"}, nil},
	} {
		got, decision, err := estimate().Compare(tt.bills...)
		if err != nil || len(got) != 2 {
			t.Fatalf("%s: %+v, %v", tt.name, got, err)
		}
		for _, c := range got {
			k := slices.Index([]glabella.StaffID{nurse, doctor}, c.Provider)
			if c.Over != usd(tt.over[k]) || c.Disputed != slices.Contains(tt.who, c.Provider) {
				t.Errorf("%s: %+v, want %s over", tt.name, c, tt.over[k])
			}
		}
		if warned := len(decision.Reasons); warned != len(tt.who) {
			t.Errorf("%s: %d are warned of, want %d", tt.name, warned, len(tt.who))
		}
	}
}
