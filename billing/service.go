package billing

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// ServiceKind says what an item of the price list is.
type ServiceKind string

// The kinds of item.
const (
	ServiceItem ServiceKind = "service"   // a treatment
	ProductItem ServiceKind = "product"   // something that is sold
	UnitBank    ServiceKind = "unit-bank" // prepaid units of a product
	BundleItem  ServiceKind = "package"   // a [Package] of the same code
	GiftItem    ServiceKind = "gift-card" // a gift card, for the amount that is asked for
)

// ServiceKinds returns every kind of item.
func ServiceKinds() []ServiceKind {
	return []ServiceKind{ServiceItem, ProductItem, UnitBank, BundleItem, GiftItem}
}

// Prepaid reports whether what is sold is credit, which is no revenue before it is
// used.
func (k ServiceKind) Prepaid() bool { return k == UnitBank || k == BundleItem || k == GiftItem }

// Valid reports whether k is one of [ServiceKinds].
func (k ServiceKind) Valid() bool { return slices.Contains(ServiceKinds(), k) }

// Basis says what the price of an item is for.
type Basis string

// The bases of a price.
const (
	Flat         Basis = "flat"          // the item
	PerUnit      Basis = "per-unit"      // one unit of the product
	PerContainer Basis = "per-container" // one container, such as a syringe, however much of it is used
	PerArea      Basis = "per-area"      // one area that was treated
	PerPulse     Basis = "per-pulse"     // one pulse of a device
)

// Bases returns every basis of a price.
func Bases() []Basis { return []Basis{Flat, PerUnit, PerContainer, PerArea, PerPulse} }

// Valid reports whether b is one of [Bases].
func (b Basis) Valid() bool { return slices.Contains(Bases(), b) }

// Service is an item of the price list, for the time in which its price holds.
type Service struct {
	ID glabella.ServiceID `json:"id" validate:"required"`
	glabella.Meta
	Code      string        `json:"code" validate:"required"` // stable: "neurotoxin-ona"
	Name      string        `json:"name" validate:"required"`
	Kind      ServiceKind   `json:"kind" validate:"oneof=service product unit-bank package gift-card"`
	Product   string        `json:"product,omitempty"`   // the substance that it charges for
	Treatment string        `json:"treatment,omitempty"` // code of the template that it charges for, where no product is
	Basis     Basis         `json:"basis" validate:"oneof=flat per-unit per-container per-area per-pulse"`
	Price     money.Amount  `json:"price"`
	TaxClass  string        `json:"taxClass,omitempty"`
	Bank      *BankTerms    `json:"bank"` // of a unit bank
	From      glabella.Date `json:"from,omitzero"`
	To        glabella.Date `json:"to,omitzero"` // the last day
}

// BankTerms are what a unit bank grants.
type BankTerms struct {
	Units    quantity.Quantity `json:"units"`
	ValidFor glabella.Period   `json:"validFor,omitzero"` // zero does not expire
}

// grants reports whether the terms grant units of a product, or of any if the
// item does not name one.
func (b BankTerms) grants(product string) bool {
	of := b.Units.Unit().Product()
	return b.Units.Sign() > 0 && of != "" && (product == "" || product == of)
}

// Codes of issues with and reasons about prices.
const (
	// CodeNoPrice says that there is no price on the price list for what was done.
	CodeNoPrice glabella.Code = "billing.price.missing"
	// CodeBank says that a unit bank does not say what it grants, or another item does.
	CodeBank glabella.Code = "billing.bank"
)

// Ref returns the reference to the item.
func (s Service) Ref() glabella.Ref { return s.ID.Ref() }

// Validate reports everything that is wrong with the item.
func (s Service) Validate() error {
	issues := check.Struct(s)
	if s.Price.Sign() < 0 || !s.Price.Currency().Valid() {
		issues = append(issues, glabella.Issue{Path: "/price", Code: glabella.CodeOutOfRange, Text: "a price is an amount of a currency and not negative"})
	}
	if (s.Kind == UnitBank) != (s.Bank != nil) || s.Bank != nil && !s.Bank.grants(s.Product) {
		issues = append(issues, glabella.Issue{Path: "/bank", Code: CodeBank, Text: "a unit bank grants units of its product, and only a unit bank does"})
	}
	if s.Kind == UnitBank && s.Basis == PerContainer {
		issues = append(issues, glabella.Issue{Path: "/basis", Code: CodeBank, Text: "a unit bank is priced as a whole or by its units"})
	}
	if (s.Kind == BundleItem || s.Kind == GiftItem) && (s.Basis != Flat || s.Product != "" || s.Treatment != "") {
		issues = append(issues, glabella.Issue{Path: "/basis", Code: CodeBank, Text: "a package or a gift card is priced as a whole"})
	}
	if s.Product != "" && s.Treatment != "" {
		issues = append(issues, glabella.Issue{Path: "/treatment", Code: glabella.CodeMismatch, Text: "a price is for a product or for a treatment"})
	}
	if s.Product == "" && (s.Basis == PerUnit || s.Basis == PerContainer) {
		issues = append(issues, glabella.Issue{Path: "/product", Code: glabella.CodeRequired, Text: "a price per unit or container names the product"})
	}
	if s.Treatment == "" && (s.Basis == PerArea || s.Basis == PerPulse) {
		issues = append(issues, glabella.Issue{Path: "/treatment", Code: glabella.CodeRequired, Text: "a price per area or pulse names the treatment"})
	}
	if !s.To.IsZero() && s.To.Before(s.From) {
		issues = append(issues, glabella.Issue{Path: "/to", Code: glabella.CodeOutOfRange, Text: "is before the first day"})
	}
	return glabella.Invalid("service", issues...)
}

// InForce reports whether the price holds on a day.
func (s Service) InForce(on glabella.Date) bool {
	return !on.Before(s.From) && (s.To.IsZero() || !on.After(s.To))
}

// PriceFor returns the item of the price list that charges for using a product in
// a treatment on a day: the product's own, or else the treatment's. Where several
// hold, it is the one that came into force last.
func PriceFor(services []Service, treatment, product string, on glabella.Date) (Service, bool) {
	return copied(priceFor(services, treatment, product, on))
}

// PriceOf returns the item of the price list with a code on a day. Where several
// hold, it is the one that came into force last.
func PriceOf(services []Service, code string, on glabella.Date) (Service, bool) {
	return copied(priceOf(services, code, on))
}

func copied(s *Service) (Service, bool) {
	if s == nil {
		return Service{}, false
	}
	return *s, true
}

func priceFor(services []Service, treatment, product string, on glabella.Date) *Service {
	var out *Service
	if product != "" {
		for i := range services {
			if s := &services[i]; s.Product == product && s.Kind == ServiceItem {
				out = s.later(out, on)
			}
		}
	}
	if out != nil || treatment == "" {
		return out
	}
	for i := range services {
		if s := &services[i]; s.Treatment == treatment && s.Kind == ServiceItem {
			out = s.later(out, on)
		}
	}
	return out
}

func priceOf(services []Service, code string, on glabella.Date) *Service {
	var out *Service
	for i := range services {
		if s := &services[i]; s.Code == code {
			out = s.later(out, on)
		}
	}
	return out
}

// later returns s if it holds on the day and came into force after the other.
func (s *Service) later(other *Service, on glabella.Date) *Service {
	if on.Before(s.From) || !s.To.IsZero() && on.After(s.To) || other != nil && cmp.Or(s.From.Compare(other.From), bytes.Compare(s.ID[:], other.ID[:])) <= 0 {
		return other
	}
	return s
}
