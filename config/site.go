package config

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/language"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// Codes of issues with settings.
const (
	// CodeZone says that a site's time zone is not in the IANA time zone database.
	CodeZone glabella.Code = "config.zone"
	// CodeJurisdiction says that a jurisdiction is not an ISO 3166 code.
	CodeJurisdiction glabella.Code = "config.jurisdiction"
)

// Site is a place where the practice works, with the settings that hold there.
type Site struct {
	ID glabella.SiteID `json:"id" validate:"required"`
	glabella.Meta
	Name         string         `json:"name" validate:"required"`
	Zone         string         `json:"zone" validate:"required"`         // IANA time zone: America/Chicago
	Jurisdiction string         `json:"jurisdiction" validate:"required"` // ISO 3166-1 or 3166-2: US-TX
	Currency     money.Currency `json:"currency" validate:"required"`
	Language     string         `json:"language" validate:"required"` // BCP 47, of the staff
	Policy       Policy         `json:"policy"`
}

// Policy is what a practice has decided for a site. Each rule carries its
// source: a citation, or that it is the practice's own choice.
type Policy struct {
	AdultAge       int    `json:"adultAge" validate:"min=1,max=25"` // completed years from which a patient is treated without a guardian
	AdultAgeSource string `json:"adultAgeSource" validate:"required"`

	Examiners       []string `json:"examiners" validate:"min=1"` // kinds of credential that may do a good-faith exam
	ExaminersSource string   `json:"examinersSource" validate:"required"`

	ClearanceValid  glabella.Period `json:"clearanceValid"` // how long a good-faith exam holds
	ClearanceSource string          `json:"clearanceSource" validate:"required"`

	// Modalities are the ways in which a good-faith exam may be done: in-person,
	// sync-video, async. Empty is any.
	Modalities       []string `json:"modalities"`
	ModalitiesSource string   `json:"modalitiesSource,omitempty"`

	// Orders lists the kinds of credential that treat only under another's standing
	// order. A performer needs one who holds none but these.
	Orders       []string `json:"orders"`
	OrdersSource string   `json:"ordersSource,omitempty"`

	// Cosign lists the kinds of credential whose notes are cosigned. A note is
	// cosigned if its author holds none but these.
	Cosign       []string `json:"cosign"`
	CosignSource string   `json:"cosignSource,omitempty"`

	Taxes []TaxRule `json:"taxes"` // the library ships none
}

// TaxRule is a rate of sales tax that the practice's own adviser has named.
type TaxRule struct {
	Class  string          `json:"class"` // the tax class of items of the price list
	Rate   quantity.Number `json:"rate"`  // of the net amount: 0.0825
	From   glabella.Date   `json:"from,omitzero"`
	To     glabella.Date   `json:"to,omitzero"` // the last day
	Source string          `json:"source"`
}

// InForce reports whether the rule holds on a day.
func (r TaxRule) InForce(on glabella.Date) bool {
	return !on.Before(r.From) && (r.To.IsZero() || !on.After(r.To))
}

// NeedsCosign reports whether a note is cosigned whose author holds credentials
// of these kinds: all of them are on the list, or there are none.
func (p Policy) NeedsCosign(kinds []string) bool { return onlyOf(kinds, p.Cosign) }

// NeedsOrder reports whether a performer with credentials of these kinds treats
// only under a standing order: all of them are on the list, or there are none.
func (p Policy) NeedsOrder(kinds []string) bool { return onlyOf(kinds, p.Orders) }

func onlyOf(kinds, list []string) bool {
	return len(list) > 0 && !slices.ContainsFunc(kinds, func(k string) bool { return !slices.Contains(list, k) })
}

// Ref returns the reference to the site.
func (s Site) Ref() glabella.Ref { return s.ID.Ref() }

var jurisdictionPattern = regexp.MustCompile(`^[A-Z]{2}(-[A-Z0-9]{1,3})?$`)

// Validate reports everything that is wrong with the settings.
func (s Site) Validate() error {
	issues := check.Struct(s)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if _, err := s.Location(); s.Zone != "" && err != nil {
		add("/zone", CodeZone, "not a zone of the IANA time zone database")
	}
	if s.Jurisdiction != "" && !jurisdictionPattern.MatchString(s.Jurisdiction) {
		add("/jurisdiction", CodeJurisdiction, "not an ISO 3166 code")
	}
	if s.Currency != "" && !s.Currency.Valid() {
		add("/currency", glabella.CodeUnknownValue, "not an active ISO 4217 code")
	}
	if tag, err := language.Parse(s.Language); s.Language != "" && (err != nil || tag == language.Und) {
		add("/language", glabella.CodeFormat, "not a BCP 47 language tag")
	}
	for i, kind := range s.Policy.Examiners {
		if kind == "" {
			add(fmt.Sprintf("/policy/examiners/%d", i), glabella.CodeRequired, "must be given")
		}
	}
	for _, rule := range []struct {
		path, source string
		list         []string
	}{
		{"/policy/cosignSource", s.Policy.CosignSource, s.Policy.Cosign}, {"/policy/ordersSource", s.Policy.OrdersSource, s.Policy.Orders},
		{"/policy/modalitiesSource", s.Policy.ModalitiesSource, s.Policy.Modalities},
	} {
		if len(rule.list) > 0 && rule.source == "" {
			add(rule.path, glabella.CodeRequired, "a rule has a source")
		}
	}
	for i, m := range s.Policy.Modalities {
		if !slices.Contains([]string{"in-person", "sync-video", "async"}, m) {
			add(fmt.Sprintf("/policy/modalities/%d", i), glabella.CodeUnknownValue, "not a way of doing an exam")
		}
	}
	for i, r := range s.Policy.Taxes {
		path := fmt.Sprintf("/policy/taxes/%d", i)
		if r.Class == "" {
			add(path+"/class", glabella.CodeRequired, "must be given")
		}
		if r.Rate.IsNegative() || r.Rate.GreaterThan(decimal.NewFromInt(1)) || r.Rate.Exponent() < -6 {
			add(path+"/rate", glabella.CodeOutOfRange, "a rate is from 0 to 1, with at most six decimals")
		}
		if !r.To.IsZero() && r.To.Before(r.From) {
			add(path+"/to", glabella.CodeOutOfRange, "ends before it begins")
		}
		if r.Source == "" {
			add(path+"/source", glabella.CodeRequired, "a rule has a source")
		}
	}
	if p := s.Policy.ClearanceValid; p.IsZero() || p.Years < 0 || p.Months < 0 || p.Days < 0 {
		add("/policy/clearanceValid", glabella.CodeOutOfRange, "a good-faith exam holds for some time")
	}
	return glabella.Invalid("site", issues...)
}

// Location returns the site's time zone. The database of zones is the operating
// system's, unless the program embeds one by importing time/tzdata.
func (s Site) Location() (*time.Location, error) {
	if s.Zone == "" || s.Zone == "Local" {
		return nil, glabella.Invalid("site", glabella.Issue{Path: "/zone", Code: CodeZone, Text: "a site has a zone of the IANA time zone database"})
	}
	loc, err := time.LoadLocation(s.Zone)
	if err != nil {
		return nil, fmt.Errorf("zone of %s: %w", s.Ref(), glabella.Invalid("site", glabella.Issue{Path: "/zone", Code: CodeZone, Text: "not a zone of the IANA time zone database that this program has"}))
	}
	return loc, nil
}

// Today returns the date at the site at the instant now.
func (s Site) Today(now time.Time) (glabella.Date, error) {
	loc, err := s.Location()
	if err != nil {
		return glabella.Date{}, err
	}
	return glabella.DateOf(now.In(loc)), nil
}
