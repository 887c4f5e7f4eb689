package billing

import (
	"cmp"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// CreditOrigin says how a patient came by a credit. Only a paid one is a
// liability of the practice.
type CreditOrigin string

// The origins of a credit.
const (
	OriginPaid     CreditOrigin = "paid"
	OriginPromo    CreditOrigin = "promo"
	OriginGoodwill CreditOrigin = "goodwill"
)

// CreditOrigins returns every origin of a credit.
func CreditOrigins() []CreditOrigin { return []CreditOrigin{OriginPaid, OriginPromo, OriginGoodwill} }

// Valid reports whether o is one of [CreditOrigins].
func (o CreditOrigin) Valid() bool { return slices.Contains(CreditOrigins(), o) }

// Credit is a lot of prepaid units of a product.
type Credit struct {
	ID glabella.CreditID `json:"id" validate:"required"`
	glabella.Meta
	Patient   glabella.PatientID `json:"patient" validate:"required"`
	Origin    CreditOrigin       `json:"origin" validate:"oneof=paid promo goodwill"`
	Product   string             `json:"product" validate:"required"` // the substance
	Granted   quantity.Quantity  `json:"granted"`
	Remaining quantity.Quantity  `json:"remaining"`
	Price     money.Amount       `json:"price"`              // what was paid for all of it, without tax
	ExpiresOn glabella.Date      `json:"expiresOn,omitzero"` // the last day; zero does not expire
	Invoice   glabella.InvoiceID `json:"invoice,omitzero"`   // by which it was sold
	Line      glabella.LineID    `json:"line,omitzero"`
	GrantedOn glabella.Date      `json:"grantedOn"`
}

// CodeCreditRange says that a credit has more left than was granted, or less than nothing.
const CodeCreditRange glabella.Code = "billing.credit.range"

// Ref returns the reference to the credit.
func (c Credit) Ref() glabella.Ref { return c.ID.Ref() }

// Validate reports everything that is wrong with the credit.
func (c Credit) Validate() error {
	issues := check.Struct(c)
	over, err := c.Remaining.Cmp(c.Granted)
	if err != nil || over > 0 || c.Remaining.Sign() < 0 || c.Granted.Sign() <= 0 || c.Granted.Unit().Product() != c.Product {
		issues = append(issues, glabella.Issue{Path: "/remaining", Code: CodeCreditRange, Text: "is between nothing and what was granted, in the product's unit"})
	}
	if c.Price.Sign() < 0 || c.Origin != OriginPaid && !c.Price.IsZero() {
		issues = append(issues, glabella.Issue{Path: "/price", Code: glabella.CodeOutOfRange, Text: "only a paid credit has a price, and it is not negative"})
	}
	return glabella.Invalid("credit", issues...)
}

// Outstanding returns what the practice owes for the units that are left: their
// share of the price, rounded half up. It telescopes: the values of all uses of
// a credit sum to its price exactly.
func (c Credit) Outstanding() (money.Amount, error) {
	return c.Price.MulDiv(c.Remaining.Value(), c.Granted.Value(), money.HalfUp)
}

// Usable reports whether the credit has units left and holds on a day.
func (c Credit) Usable(on glabella.Date) bool {
	return c.Remaining.Sign() > 0 && (c.ExpiresOn.IsZero() || !on.After(c.ExpiresOn))
}

// Use takes units from the credit. It returns the credit and the value of the
// units.
func (c Credit) Use(units quantity.Quantity) (Credit, money.Amount, error) {
	before, err := c.Outstanding()
	if err != nil {
		return c, money.Amount{}, err
	}
	next := c
	if next.Remaining, err = c.Remaining.Sub(units); err != nil {
		return c, money.Amount{}, err
	}
	if units.Sign() <= 0 || next.Remaining.Sign() < 0 {
		return c, money.Amount{}, glabella.Invalid("credit", glabella.Issue{Path: "/units", Code: CodeCreditRange, Text: "more than the credit has left, or nothing"})
	}
	after, err := next.Outstanding()
	if err != nil {
		return c, money.Amount{}, err
	}
	value, err := before.Sub(after)
	return next, value, err
}

// Use is a number of units that a line takes from a credit, and their value.
type Use struct {
	Credit glabella.CreditID `json:"credit"`
	Units  quantity.Quantity `json:"units"`
	Value  money.Amount      `json:"value"`
}

// Plan says which credits pay for units that were used, and what remains to be
// charged.
type Plan struct {
	Uses    []Use
	Excess  quantity.Quantity
	Credits []Credit // those that are used, as they are afterwards
}

// PlanRedemption plans how credits pay for units that were used on a day: those
// that expire first come first, then those whose unit is worth least, then by
// ID. It changes nothing, and so serves as the preview too. What no credit covers
// is the excess.
func PlanRedemption(credits []Credit, used quantity.Quantity, on glabella.Date) (Plan, error) {
	if used.Sign() < 0 {
		return Plan{}, glabella.Invalid("redemption", glabella.Issue{Path: "/used", Code: glabella.CodeOutOfRange, Text: "is not negative"})
	}
	plan := Plan{Excess: used}
	usable := slices.DeleteFunc(slices.Clone(credits), func(c Credit) bool {
		return !c.Usable(on) || c.Remaining.Unit() != used.Unit()
	})
	slices.SortFunc(usable, func(a, b Credit) int {
		return cmp.Or(compareExpiry(a.ExpiresOn, b.ExpiresOn), compareUnitValue(a, b), cmp.Compare(a.ID.String(), b.ID.String()))
	})
	for _, c := range usable {
		if plan.Excess.Sign() <= 0 {
			break
		}
		units := c.Remaining
		if over, err := units.Cmp(plan.Excess); err != nil {
			return Plan{}, err
		} else if over > 0 {
			units = plan.Excess
		}
		after, value, err := c.Use(units)
		if err != nil {
			return Plan{}, err
		}
		if plan.Excess, err = plan.Excess.Sub(units); err != nil {
			return Plan{}, err
		}
		plan.Uses = append(plan.Uses, Use{Credit: c.ID, Units: units, Value: value})
		plan.Credits = append(plan.Credits, after)
	}
	return plan, nil
}

func compareExpiry(a, b glabella.Date) int {
	switch {
	case a == b:
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	}
	return a.Compare(b)
}

// compareUnitValue compares price ÷ granted without dividing.
func compareUnitValue(a, b Credit) int {
	return a.Price.Decimal().Mul(b.Granted.Value()).Cmp(b.Price.Decimal().Mul(a.Granted.Value()))
}
