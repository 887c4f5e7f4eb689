package config_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/google/go-cmp/cmp"
)

func site() config.Site {
	return config.Site{
		ID:       glabella.MustParseID[glabella.SiteID]("0190a000-0000-7000-8000-000000000001"),
		Name:     "Example Clinic",
		Zone:     "America/Chicago",
		Currency: money.USD, Jurisdiction: "US-TX", Language: "en-US",
		Policy: config.Policy{
			AdultAge: 18, AdultAgeSource: "practice policy",
			Examiners: []string{"MD", "NP"}, ExaminersSource: "practice policy",
			ClearanceValid: glabella.Period{Years: 1}, ClearanceSource: "practice policy",
			Cosign: []string{"RN"}, CosignSource: "practice policy",
			Taxes: []config.TaxRule{{Class: "retail", Rate: quantity.MustParseNumber("0.0825"), From: glabella.MustParseDate("2026-01-01"), Source: "example adviser"}},
		},
	}
}

func codesOf(t *testing.T, err error) map[string]glabella.Code {
	t.Helper()
	if err == nil {
		return map[string]glabella.Code{}
	}
	var invalid *glabella.ValidationError
	if !errors.As(err, &invalid) {
		t.Fatalf("%v is not a validation error", err)
	}
	out := map[string]glabella.Code{}
	for _, i := range invalid.Issues {
		out[i.Path] = i.Code
	}
	return out
}

func TestSiteValidateReportsEverything(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*config.Site)
		want   map[string]glabella.Code
	}{
		{"a complete site is valid", func(*config.Site) {}, map[string]glabella.Code{}},
		{"a country is a jurisdiction", func(s *config.Site) { s.Jurisdiction = "GB" }, map[string]glabella.Code{}},
		{"an empty site misses everything", func(s *config.Site) { *s = config.Site{} }, map[string]glabella.Code{
			"/id": glabella.CodeRequired, "/name": glabella.CodeRequired, "/zone": glabella.CodeRequired, "/jurisdiction": glabella.CodeRequired,
			"/currency": glabella.CodeRequired, "/language": glabella.CodeRequired, "/policy/adultAge": glabella.CodeOutOfRange,
			"/policy/adultAgeSource": glabella.CodeRequired, "/policy/examiners": glabella.CodeOutOfRange, "/policy/examinersSource": glabella.CodeRequired,
			"/policy/clearanceSource": glabella.CodeRequired, "/policy/clearanceValid": glabella.CodeOutOfRange,
		}},
		{"malformed settings", func(s *config.Site) {
			s.Zone, s.Jurisdiction, s.Currency, s.Language = "Chicago", "Texas", "XXQ", "english!"
		}, map[string]glabella.Code{"/zone": config.CodeZone, "/jurisdiction": config.CodeJurisdiction, "/currency": glabella.CodeUnknownValue, "/language": glabella.CodeFormat}},
		{"the zone of the machine is no zone", func(s *config.Site) { s.Zone = "Local" }, map[string]glabella.Code{"/zone": config.CodeZone}},
		{"rules without a source", func(s *config.Site) {
			s.Policy.CosignSource, s.Policy.Taxes[0].Source = "", ""
		}, map[string]glabella.Code{"/policy/cosignSource": glabella.CodeRequired, "/policy/taxes/0/source": glabella.CodeRequired}},
		{"impossible rules", func(s *config.Site) {
			s.Policy.AdultAge, s.Policy.Examiners = 26, []string{""}
			s.Policy.ClearanceValid = glabella.Period{Years: 1, Months: -1}
			s.Policy.Taxes[0].Class, s.Policy.Taxes[0].Rate, s.Policy.Taxes[0].To = "", quantity.MustParseNumber("8"), glabella.MustParseDate("2025-12-31")
		}, map[string]glabella.Code{
			"/policy/adultAge": glabella.CodeOutOfRange, "/policy/examiners/0": glabella.CodeRequired, "/policy/clearanceValid": glabella.CodeOutOfRange,
			"/policy/taxes/0/class": glabella.CodeRequired, "/policy/taxes/0/rate": glabella.CodeOutOfRange, "/policy/taxes/0/to": glabella.CodeOutOfRange,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := site()
			tt.change(&s)
			if diff := cmp.Diff(tt.want, codesOf(t, s.Validate())); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSiteRoundTripsThroughJSON(t *testing.T) {
	t.Parallel()
	unset := site()
	unset.Policy.Cosign, unset.Policy.CosignSource, unset.Policy.Taxes = nil, "", []config.TaxRule{}
	for _, want := range []config.Site{site(), unset, {}} {
		b, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got config.Site
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("round trip (-want +got):\n%s", diff)
		}
	}
}

func TestTodayIsTheDayAtTheSite(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, zone, now, want string }{
		{"before midnight in Chicago it is the next day in UTC", "America/Chicago", "2026-11-24T03:30:00Z", "2026-11-23"},
		{"London in winter", "Europe/London", "2026-11-23T23:59:59Z", "2026-11-23"},
		{"London in summer is an hour ahead", "Europe/London", "2026-07-01T23:30:00Z", "2026-07-02"},
		{"the hour that Chicago repeats in autumn", "America/Chicago", "2026-11-01T06:30:00Z", "2026-11-01"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			now, err := time.Parse(time.RFC3339, tt.now)
			if err != nil {
				t.Fatal(err)
			}
			got, err := config.Site{Zone: tt.zone}.Today(now)
			if err != nil || got.String() != tt.want {
				t.Errorf("Today(%s) in %s = %v, %v, want %s", tt.now, tt.zone, got, err, tt.want)
			}
		})
	}
	for _, zone := range []string{"", "Local", "Nowhere/Special", "../etc/passwd"} {
		if got, err := (config.Site{Zone: zone}).Today(time.Unix(0, 0)); !errors.Is(err, glabella.ErrInvalid) || !got.IsZero() {
			t.Errorf("Today in %q = %v, %v, want an invalid zone", zone, got, err)
		}
	}
}

func TestNeedsCosign(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name          string
		cosign, kinds []string
		want          bool
	}{
		{"a listed kind", []string{"RN", "LVN"}, []string{"RN"}, true},
		{"a kind that is not listed", []string{"RN"}, []string{"NP"}, false},
		{"one that is not listed is enough", []string{"RN"}, []string{"RN", "NP"}, false},
		{"no credential at all", []string{"RN"}, nil, true},
		{"a practice without the rule", nil, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := (config.Policy{Cosign: tt.cosign}).NeedsCosign(tt.kinds); got != tt.want {
				t.Errorf("NeedsCosign(%v) = %t, want %t", tt.kinds, got, tt.want)
			}
		})
	}
}

func TestTaxRuleInForce(t *testing.T) {
	t.Parallel()
	r := config.TaxRule{From: glabella.MustParseDate("2026-01-01"), To: glabella.MustParseDate("2026-06-30")}
	for on, want := range map[string]bool{"2025-12-31": false, "2026-01-01": true, "2026-06-30": true, "2026-07-01": false} {
		if got := r.InForce(glabella.MustParseDate(on)); got != want {
			t.Errorf("InForce(%s) = %t, want %t", on, got, want)
		}
	}
	if open := (config.TaxRule{}); !open.InForce(glabella.MustParseDate("2099-01-01")) {
		t.Error("a rule without bounds is not in force")
	}
}
