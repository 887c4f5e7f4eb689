package practice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/treatment"
)

// Practice carries out the use cases of one practice (one tenant). It is safe
// for concurrent use.
type Practice struct {
	store      *storage.Store
	treatments *treatment.Set
	blobs      storage.Blobs                  // nil keeps none
	templates  map[string]*treatment.Template // the newest versions, by code
	products   map[string]*treatment.Product
	people     *people
	shelves    *shelves
	autoAccept []patient.ChangePart
	phones     patient.PhoneParser
	control    *inventory.ControlPolicy
	credits    CreditPolicy
	thresholds *audit.Thresholds
}

// Options configures a [Practice]. The zero value of each field is its default.
type Options struct {
	Now        func() time.Time // the time; the default is time.Now
	NewUUID    func() uuid.UUID // fresh identities; the default is UUID version 7
	Nonce      func() string    // fresh chance for record stamps; the default is crypto/rand
	Policy     *access.Policy   // who may do what; the default is access.DefaultPolicy
	Treatments *treatment.Set   // treatment templates and products; the default is treatment.BuiltIn
	Blobs      storage.Blobs    // where photographs are kept; without it none are taken
	// NoIndex keeps no index of patients and of stock in memory, for processes that
	// live shortly: patients are then looked up by the keys in the store, which
	// forgives fewer typing errors.
	NoIndex bool
	// AutoAccept are the parts of a patient's record whose proposed changes are taken
	// over without anybody's looking, such as contacts; see [Practice.ProposeChanges].
	// Every change that is so is marked with the rule.
	AutoAccept []patient.ChangePart
	Phones     patient.PhoneParser // reads telephone numbers; the default is patient.BuiltinPhones
	// Control is what the practice demands for products that it keeps under control,
	// such as controlled substances: witnesses and counts. The default demands nothing
	// beyond what each kind of movement does.
	Control    *inventory.ControlPolicy
	Thresholds *audit.Thresholds // what is odd in the journal; the default is [audit.DefaultThresholds]
	Credits    *CreditPolicy     // on prepaid value; the default is [DefaultCreditPolicy]
}

// New returns the practice whose records are in the backend. A nil o is the
// default.
func New(b storage.Backend, o *Options) (*Practice, error) {
	if b == nil {
		return nil, fmt.Errorf("practice: no backend: %w", glabella.ErrInvalid)
	}
	if o == nil {
		o = &Options{}
	}
	if o.Control != nil {
		if err := o.Control.Validate(); err != nil {
			return nil, err
		}
	}
	if o.Thresholds != nil {
		if err := o.Thresholds.Validate(); err != nil {
			return nil, fmt.Errorf("practice: %w", err)
		}
	}
	if o.Policy != nil {
		if err := o.Policy.Validate(); err != nil {
			return nil, fmt.Errorf("practice: %w", err)
		}
	}
	p := &Practice{
		store:      storage.NewStore(b, &storage.Env{Now: o.Now, NewUUID: o.NewUUID, Nonce: o.Nonce, Policy: o.Policy, Circumstances: circumstances}),
		treatments: o.Treatments, blobs: o.Blobs, autoAccept: slices.Clone(o.AutoAccept), phones: o.Phones, control: o.Control, credits: DefaultCreditPolicy(),
	}
	p.thresholds = o.Thresholds
	if o.Credits != nil {
		p.credits = *o.Credits
	}
	if p.treatments == nil {
		p.treatments = treatment.BuiltIn()
	}
	if !o.NoIndex {
		p.people, p.shelves = newPeople(), newShelves()
	}
	p.templates, p.products = map[string]*treatment.Template{}, map[string]*treatment.Product{}
	for _, code := range p.treatments.Codes() {
		t, _ := p.treatments.Latest(code)
		p.templates[code] = &t
	}
	for _, product := range p.treatments.Products() {
		p.products[product.Code] = &product
	}
	return p, nil
}

// template returns the newest version of a template, which is not to be changed,
// and nil if there is none.
func (p *Practice) template(code string) *treatment.Template { return p.templates[code] }

// product returns what is known of a substance, which is not to be changed, and
// nil if nothing is.
func (p *Practice) product(code string) *treatment.Product { return p.products[code] }

// CodeSiteRequired says that the actor did not say at which site it acts.
const CodeSiteRequired glabella.Code = "practice.site.required"

// place is the site that an actor works at.
type place struct {
	config.Site
	zone  *time.Location
	today glabella.Date
}

// at returns the site that the actor works at.
func at(ctx context.Context, sites interface {
	Get(context.Context, glabella.SiteID) (config.Site, error)
}, actor glabella.Actor, now time.Time) (place, error) {
	if actor.Site.IsZero() {
		return place{}, glabella.Invalid("actor", glabella.Issue{Path: "/site", Code: CodeSiteRequired, Text: "the action takes place at a site"})
	}
	site, err := sites.Get(ctx, actor.Site)
	if err != nil {
		return place{}, err
	}
	zone, err := site.Location()
	if err != nil {
		return place{}, err
	}
	return place{Site: site, zone: zone, today: glabella.DateOf(now.In(zone))}, nil
}

// CodeStaffRequired says that only a member of staff may do it.
const CodeStaffRequired glabella.Code = "practice.staff.required"

// event returns a business event with its payload in stored form.
func event(name string, payload any) (audit.Event, error) {
	data, err := json.Marshal(payload)
	if err != nil {
		return audit.Event{}, fmt.Errorf("event %s: %w", name, err)
	}
	return audit.Event{Type: name, Data: data}, nil
}

// recorded returns the outcome of a command with one event.
func recorded(name string, payload any) (storage.Outcome, error) {
	e, err := event(name, payload)
	if err != nil {
		return storage.Outcome{}, err
	}
	return storage.Recorded(e), nil
}

// found reports whether a record was found, and passes on any error but its
// absence.
func found(err error) (bool, error) {
	if errors.Is(err, glabella.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
