package billing

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// GiftCardTax says when tax on what a gift card buys is due.
type GiftCardTax string

// The tax points of a gift card. The names are those of the European rules
// (Directive 2006/112/EC, articles 30a and 30b).
const (
	// SinglePurpose is a card whose tax is known when it is sold, and due then.
	SinglePurpose GiftCardTax = "single-purpose"
	// MultiPurpose is a card whose tax is due on what it buys, when it buys it.
	MultiPurpose GiftCardTax = "multi-purpose"
)

// GiftCardTaxes returns every tax point of a gift card.
func GiftCardTaxes() []GiftCardTax { return []GiftCardTax{SinglePurpose, MultiPurpose} }

// Valid reports whether t is one of [GiftCardTaxes].
func (t GiftCardTax) Valid() bool { return slices.Contains(GiftCardTaxes(), t) }

// GiftCard is a gift card that was sold. What is on it is in its lots of credit:
// one for what was paid, and a promotional one for what was added for nothing.
type GiftCard struct {
	ID glabella.GiftCardID `json:"id" validate:"required"`
	glabella.Meta
	Holder    glabella.PatientID     `json:"holder" validate:"required"` // who may use it
	Purchaser glabella.PatientID     `json:"purchaser,omitzero"`
	Invoice   glabella.InvoiceID     `json:"invoice,omitzero"`
	Price     money.Amount           `json:"price"` // what was paid for it, with tax
	Tax       money.Amount           `json:"tax"`   // of the price, due at the sale
	Value     money.Amount           `json:"value"` // what it buys, without what was added for nothing
	Bonus     money.Amount           `json:"bonus"` // what was added for nothing
	TaxPoint  GiftCardTax            `json:"taxPoint" validate:"oneof=single-purpose multi-purpose"`
	SoldOn    glabella.Date          `json:"soldOn"`
	Lots      []glabella.CreditLotID `json:"lots" validate:"min=1"`
}

// Codes of issues with and reasons about gift cards.
const (
	// CodeGiftCardValue says that the price, tax and value of a gift card do not agree.
	CodeGiftCardValue glabella.Code = "billing.gift-card.value"
	// CodeGiftCardExpiry says that what was paid for a gift card expires sooner than five years after it was last loaded.
	CodeGiftCardExpiry glabella.Code = "billing.gift-card.expiry"
)

// Ref returns the reference to the card.
func (g GiftCard) Ref() glabella.Ref { return g.ID.Ref() }

// Validate reports everything that is wrong with the card.
func (g GiftCard) Validate() error {
	issues := check.Struct(g)
	net, err := g.Price.Sub(g.Tax)
	if err != nil || net != g.Value || g.Value.Sign() <= 0 || g.Tax.Sign() < 0 || g.Bonus.Sign() < 0 || g.Bonus.Currency() != g.Price.Currency() || g.TaxPoint == MultiPurpose && !g.Tax.IsZero() {
		issues = append(issues, glabella.Issue{Path: "/value", Code: CodeGiftCardValue, Text: "is the price without the tax that is due at the sale, in one currency"})
	}
	return glabella.Invalid("gift-card", issues...)
}

// GiftCardSale says how a gift card is sold.
type GiftCardSale struct {
	ID             glabella.GiftCardID
	Holder         glabella.PatientID
	Purchaser      glabella.PatientID
	Amount         money.Amount // what is asked for: with tax if TaxInclusive, or else without
	Bonus          money.Amount // added for nothing
	TaxPoint       GiftCardTax
	TaxInclusive   bool            // of a single-purpose card
	Rate           quantity.Number // of a single-purpose card: 0.10
	Rounding       money.Rounding  // of the value of a tax-inclusive card, or else of the tax
	ExpiresOn      glabella.Date   // of what is paid; zero does not expire
	BonusExpiresOn glabella.Date
	Limits         LotLimits // beside tips and gift cards, which no card pays for
	Recognition    RecognitionPolicy
	Moved          Moved
	NewID          func() glabella.CreditLotID
}

// SellGiftCard returns a gift card and its lots of credit. A tax-inclusive
// single-purpose card of 100.00 at 10 % buys 90.91 rounded half up, or 90.90
// rounded down; the rest is tax, so that the two sum to what is paid.
func SellGiftCard(s GiftCardSale) (GiftCard, []CreditLot, error) {
	c := s.Amount.Currency()
	zero := money.New(0, c)
	var issues []glabella.Issue
	if s.Amount.Sign() <= 0 || s.Bonus.Sign() < 0 || !s.Bonus.IsZero() && s.Bonus.Currency() != c {
		issues = append(issues, glabella.Issue{Path: "/amount", Code: glabella.CodeOutOfRange, Text: "is more than nothing, and a bonus is in its currency"})
	}
	if s.Rate.Sign() < 0 || s.TaxPoint == MultiPurpose && (s.TaxInclusive || !s.Rate.IsZero()) {
		issues = append(issues, glabella.Issue{Path: "/rate", Code: CodeGiftCardValue, Text: "only a single-purpose card is taxed at the sale"})
	}
	if s.TaxPoint == SinglePurpose && !s.Rounding.Valid() {
		issues = append(issues, glabella.Issue{Path: "/rounding", Code: glabella.CodeUnknownValue, Text: "is one of the roundings"})
	}
	if err := glabella.Invalid("gift-card", issues...); err != nil {
		return GiftCard{}, nil, err
	}
	g := GiftCard{ID: s.ID, Holder: s.Holder, Purchaser: s.Purchaser, Invoice: s.Moved.Invoice, Price: s.Amount, Tax: zero, Value: s.Amount, Bonus: zero, TaxPoint: s.TaxPoint, SoldOn: s.Moved.On}
	var err error
	switch {
	case s.TaxPoint == SinglePurpose && s.TaxInclusive:
		if g.Value, err = s.Amount.MulDiv(decimal.NewFromInt(1), s.Rate.Add(decimal.NewFromInt(1)), s.Rounding); err == nil {
			g.Tax, err = s.Amount.Sub(g.Value)
		}
	case s.TaxPoint == SinglePurpose:
		if g.Tax, err = s.Amount.Mul(s.Rate.Decimal, s.Rounding); err == nil {
			g.Price, err = s.Amount.Add(g.Tax)
		}
	}
	if err != nil {
		return GiftCard{}, nil, err
	}
	limits := s.Limits.clone()
	for _, p := range []Purpose{ForTip, ForGiftCard} {
		if !slices.Contains(limits.Excludes, p) {
			limits.Excludes = append(limits.Excludes, p)
		}
	}
	source := LotSource{GiftCard: s.ID, Invoice: s.Moved.Invoice, Line: s.Moved.Line}
	paid := CreditLot{ID: s.NewID(), Patient: s.Holder, Origin: LotPaid, Kind: MoneyLot, Granted: CreditOf(g.Value), Price: g.Value, Limits: limits, Transferable: true, Source: source}
	if paid.Upfront, err = s.Recognition.Upfront(g.Value); err != nil {
		return GiftCard{}, nil, err
	}
	if paid, err = paid.Grant(s.ExpiresOn, s.Moved); err != nil {
		return GiftCard{}, nil, err
	}
	lots := []CreditLot{paid}
	if !s.Bonus.IsZero() {
		g.Bonus = s.Bonus
		bonus := CreditLot{ID: s.NewID(), Patient: s.Holder, Origin: LotPromo, Kind: MoneyLot, Granted: CreditOf(s.Bonus), Price: zero, Limits: limits.clone(), Source: source}
		if bonus, err = bonus.Grant(s.BonusExpiresOn, s.Moved); err != nil {
			return GiftCard{}, nil, err
		}
		lots = append(lots, bonus)
	}
	for _, l := range lots {
		g.Lots = append(g.Lots, l.ID)
	}
	if err := g.Validate(); err != nil {
		return GiftCard{}, nil, err
	}
	return g, lots, nil
}

// giftCardYears is how long what was paid for a gift card holds at least in the
// United States (12 CFR 1005.20). Promotional value is exempt.
const giftCardYears = 5

// EvaluateGiftCard warns of what was paid for a gift card and expires too soon
// where the federal rule of the United States holds. The time runs from the last
// day on which the card was loaded. State law may ask for more.
func EvaluateGiftCard(g GiftCard, lots []CreditLot, jurisdiction string) (glabella.Decision, error) {
	if jurisdiction != "US" && !strings.HasPrefix(jurisdiction, "US-") {
		return glabella.Decide(), nil
	}
	var loaded glabella.Date
	paid := slices.DeleteFunc(slices.Clone(lots), func(l CreditLot) bool {
		return l.Source.GiftCard != g.ID || l.Origin.Free()
	})
	for _, l := range paid {
		if l.GrantedOn().After(loaded) {
			loaded = l.GrantedOn()
		}
	}
	least := loaded.Add(glabella.Period{Years: giftCardYears})
	var reasons []glabella.Reason
	for _, l := range paid {
		b, err := l.Balance()
		if err != nil {
			return glabella.Decision{}, err
		}
		if b.Remaining.Sign() > 0 && !b.ExpiresOn.IsZero() && b.ExpiresOn.Before(least) {
			reasons = append(reasons, glabella.Warned(CodeGiftCardExpiry, "the funds expire sooner than five years after the last load").For(g.Ref(), l.Ref()).
				With("expires", b.ExpiresOn.String()).With("least", least.String()).WithFix("extend the funds, or let them not expire").CitedFrom("12 CFR 1005.20"))
		}
	}
	return glabella.Decide(reasons...), nil
}
