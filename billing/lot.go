package billing

import (
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// LotKind says what a lot of credit is counted in.
type LotKind string

// The kinds of lot.
const (
	MoneyLot   LotKind = "money"   // an amount of its currency
	UnitsLot   LotKind = "units"   // units of a product
	ServiceLot LotKind = "service" // times that a service is done
)

// LotKinds returns every kind of lot.
func LotKinds() []LotKind { return []LotKind{MoneyLot, UnitsLot, ServiceLot} }

// Valid reports whether k is one of [LotKinds].
func (k LotKind) Valid() bool { return slices.Contains(LotKinds(), k) }

// LotOrigin says how a patient came by a lot of credit. Promotional and goodwill
// lots cost the patient nothing, and so are no liability.
type LotOrigin string

// The origins of a lot.
const (
	LotPaid       LotOrigin = "paid"
	LotRefund     LotOrigin = "refund"     // an invoice was refunded to credit
	LotConversion LotOrigin = "conversion" // another lot was changed into it
	LotGoodwill   LotOrigin = "goodwill"
	LotPromo      LotOrigin = "promo"
)

// LotOrigins returns every origin of a lot.
func LotOrigins() []LotOrigin {
	return []LotOrigin{LotPaid, LotRefund, LotConversion, LotGoodwill, LotPromo}
}

// Valid reports whether o is one of [LotOrigins].
func (o LotOrigin) Valid() bool { return slices.Contains(LotOrigins(), o) }

// Free reports whether a lot of this origin was given for nothing.
func (o LotOrigin) Free() bool { return o == LotPromo || o == LotGoodwill }

// CreditLot is one lot of prepaid or promised value of a patient: what it was
// granted as, and the journal of everything that happened to it since. What is
// left is never stored; [CreditLot.Balance] folds the journal.
type CreditLot struct {
	ID glabella.CreditLotID `json:"id" validate:"required"`
	glabella.Meta
	Patient glabella.PatientID `json:"patient" validate:"required"`
	Origin  LotOrigin          `json:"origin" validate:"oneof=paid refund conversion goodwill promo"`
	Kind    LotKind            `json:"kind" validate:"oneof=money units service"`
	// Granted is what the lot was granted as: units of a product, a count of
	// services in the unit 1, or an amount of money as [CreditOf] counts it.
	Granted quantity.Quantity `json:"granted"`
	// Price is what was paid for all of it, without tax. It has a currency even if
	// it is nothing.
	Price money.Amount `json:"price"`
	// Upfront is the part of the price that was revenue at the sale, by the policy
	// of that day; a later policy does not change it. The rest is deferred.
	Upfront      money.Amount     `json:"upfront,omitzero"`
	Limits       LotLimits        `json:"limits"`
	Transferable bool             `json:"transferable,omitempty"`
	Source       LotSource        `json:"source"`
	Movements    []CreditMovement `json:"movements" validate:"dive"`
}

// LotLimits say what a lot pays for. An empty list is no limit.
type LotLimits struct {
	Services []string          `json:"services"` // codes of the price list
	Products []string          `json:"products"` // substances
	Brands   []string          `json:"brands"`
	Sites    []glabella.SiteID `json:"sites"`
	Excludes []Purpose         `json:"excludes"`
}

func (l LotLimits) clone() LotLimits {
	return LotLimits{Services: slices.Clone(l.Services), Products: slices.Clone(l.Products), Brands: slices.Clone(l.Brands), Sites: slices.Clone(l.Sites), Excludes: slices.Clone(l.Excludes)}
}

// LotSource says what a lot was granted by.
type LotSource struct {
	Package    glabella.PackageID    `json:"package,omitzero"`
	Membership glabella.MembershipID `json:"membership,omitzero"`
	Term       int                   `json:"term,omitempty"` // of the membership, from 1
	GiftCard   glabella.GiftCardID   `json:"giftCard,omitzero"`
	Lot        glabella.CreditLotID  `json:"lot,omitzero"` // that it was transferred or converted from
	Invoice    glabella.InvoiceID    `json:"invoice,omitzero"`
	Line       glabella.LineID       `json:"line,omitzero"`
}

// Codes of issues with lots of credit.
const (
	// CodeLotRange says that a lot of credit would have less left than nothing or more than was granted.
	CodeLotRange glabella.Code = "billing.lot.range"
	// CodeLotJournal says that a movement does not fit the lot of credit or what happened to it before.
	CodeLotJournal glabella.Code = "billing.lot.journal"
	// CodeLotTransfer says that a lot of credit may not be transferred to this patient.
	CodeLotTransfer glabella.Code = "billing.lot.transfer"
	// CodeLotPrice says that a lot of credit that was given for nothing has a price, or the price is negative.
	CodeLotPrice glabella.Code = "billing.lot.price"
)

var each = quantity.MustUnit("1")

// CreditOf returns an amount as a lot of money counts it: in the main unit of
// its currency.
func CreditOf(a money.Amount) quantity.Quantity { return quantity.New(a.Decimal(), each) }

// Times returns a count of services as a lot of services counts it.
func Times(n int64) quantity.Quantity {
	if n >= 0 && n < int64(len(fewTimes)) {
		return fewTimes[n]
	}
	return quantity.Of(n, each)
}

// fewTimes are the counts that nearly every line has.
var fewTimes = func() (out [33]quantity.Quantity) {
	for n := range out {
		out[n] = quantity.Of(int64(n), each)
	}
	return out
}()

// LotBalance is what the journal of a lot amounts to.
type LotBalance struct {
	Remaining   quantity.Quantity
	Value       money.Amount  // of what remains, at what was paid for it
	ExpiresOn   glabella.Date // the last day; zero does not expire
	FrozenSince glabella.Date // zero is not frozen
}

// Ref returns the reference to the lot.
func (l CreditLot) Ref() glabella.Ref { return l.ID.Ref() }

// GrantedOn returns the day on which the lot was granted.
func (l CreditLot) GrantedOn() glabella.Date {
	if len(l.Movements) == 0 {
		return glabella.Date{}
	}
	return l.Movements[0].On
}

// Validate reports everything that is wrong with the lot and its journal.
func (l CreditLot) Validate() error {
	issues := check.Struct(l)
	if l.Granted.Sign() <= 0 || l.Kind != UnitsLot && l.Granted.Unit() != each {
		issues = append(issues, glabella.Issue{Path: "/granted", Code: glabella.CodeOutOfRange, Text: "is more than nothing, and money and services are counted in the unit 1"})
	}
	if !l.Price.Currency().Valid() || l.Price.Sign() < 0 || l.Origin.Free() && !l.Price.IsZero() {
		issues = append(issues, glabella.Issue{Path: "/price", Code: CodeLotPrice, Text: "is in a currency and not negative, and nothing where nothing was paid"})
	}
	if u := l.Upfront; (u != money.Amount{}) {
		if over, err := u.Cmp(l.Price); err != nil || over > 0 || u.Sign() < 0 {
			issues = append(issues, glabella.Issue{Path: "/upfront", Code: glabella.CodeOutOfRange, Text: "is between nothing and the price"})
		}
	}
	if l.Kind == ServiceLot && len(l.Limits.Services) == 0 {
		issues = append(issues, glabella.Issue{Path: "/limits/services", Code: glabella.CodeRequired, Text: "a lot of services says which"})
	}
	if l.Granted.Sign() > 0 && l.Price.Currency().Valid() {
		if _, err := l.Balance(); err != nil {
			issues = append(issues, journalIssues(err)...)
		}
	}
	return glabella.Invalid("credit-lot", issues...)
}

func journalIssues(err error) []glabella.Issue {
	if v, ok := err.(*glabella.ValidationError); ok {
		return v.Issues
	}
	return []glabella.Issue{{Path: "/movements", Code: CodeLotJournal, Text: "do not add up in one unit and currency"}}
}

// Balance folds the journal. A journal that at any point leaves less than
// nothing or more than was granted is an error.
func (l CreditLot) Balance() (LotBalance, error) {
	b := LotBalance{Remaining: quantity.Of(0, l.Granted.Unit()), Value: money.New(0, l.Price.Currency())}
	for n := range l.Movements {
		var err error
		if b, err = l.apply(b, n); err != nil {
			return LotBalance{}, err
		}
	}
	return b, nil
}

// BalanceOn returns the balance as the movements up to and including a day make
// it.
func (l CreditLot) BalanceOn(on glabella.Date) (LotBalance, error) {
	l.Movements = slices.DeleteFunc(slices.Clone(l.Movements), func(m CreditMovement) bool { return m.On.After(on) })
	b := LotBalance{Remaining: quantity.Of(0, l.Granted.Unit()), Value: money.New(0, l.Price.Currency())}
	var err error
	for _, m := range l.Movements {
		if b, err = b.add(m); err != nil {
			return LotBalance{}, err
		}
	}
	return b, nil
}

func (b LotBalance) add(m CreditMovement) (LotBalance, error) {
	var err error
	if b.Remaining, err = b.Remaining.Add(m.Units); err != nil {
		return b, err
	}
	if b.Value, err = b.Value.Add(m.Value); err != nil {
		return b, err
	}
	switch m.Kind {
	case MoveGrant, MoveTransferIn, MoveExtend:
		b.ExpiresOn = m.ExpiresOn
	case MoveFreeze:
		b.FrozenSince = m.On
	case MoveUnfreeze:
		b.ExpiresOn, b.FrozenSince = m.ExpiresOn, glabella.Date{}
	}
	return b, nil
}

// apply adds movement n to the balance before it, and checks what follows.
func (l CreditLot) apply(b LotBalance, n int) (LotBalance, error) {
	m, path := l.Movements[n], fmt.Sprintf("/movements/%d", n)
	issue := func(field string, code glabella.Code, text string) error {
		return glabella.Invalid("credit-lot", glabella.Issue{Path: path + field, Code: code, Text: text})
	}
	if !m.fits(l, b, n) {
		return b, issue("/kind", CodeLotJournal, "does not fit the lot or what happened to it before")
	}
	next, err := b.add(m)
	if err != nil {
		return b, err
	}
	over, err := next.Remaining.Cmp(l.Granted)
	if err != nil {
		return b, err
	}
	if over > 0 || next.Remaining.Sign() < 0 {
		return b, issue("/units", CodeLotRange, "leaves less than nothing or more than was granted")
	}
	dear, err := next.Value.Cmp(l.Price)
	if err != nil {
		return b, err
	}
	if dear > 0 || next.Value.Sign() < 0 || next.Remaining.IsZero() && !next.Value.IsZero() {
		return b, issue("/value", CodeLotRange, "leaves a value below nothing or above the price, or one of nothing")
	}
	return next, nil
}

// valueOf returns the value of units that are taken from the balance: what the
// journal still carries, less the share of the price of what is left then. The
// values of any uses in any order therefore sum to the price exactly.
func (l CreditLot) valueOf(b LotBalance, units quantity.Quantity) (money.Amount, error) {
	left, err := b.Remaining.Sub(units)
	if err != nil {
		return money.Amount{}, err
	}
	if units.Sign() <= 0 || left.Sign() < 0 {
		return money.Amount{}, glabella.Invalid("credit-lot", glabella.Issue{Path: "/units", Code: CodeLotRange, Text: "more than the lot has left, or nothing"})
	}
	share, err := l.Price.MulDiv(left.Value(), l.Granted.Value(), money.HalfUp)
	if err != nil {
		return money.Amount{}, err
	}
	v, err := b.Value.Sub(share)
	if err == nil && v.Sign() < 0 {
		v = money.New(0, l.Price.Currency())
	}
	return v, err
}

// deferred returns the part of a value of the lot that is not yet revenue. It is
// the whole of the deferred part of the price for the price, and nothing for
// nothing, so that what movements release of it telescopes.
func (l CreditLot) deferred(value money.Amount) (money.Amount, error) {
	if l.Upfront.IsZero() || l.Price.IsZero() {
		return value, nil
	}
	rest, err := l.Price.Sub(l.Upfront)
	if err != nil {
		return money.Amount{}, err
	}
	return rest.MulDiv(value.Decimal(), l.Price.Decimal(), money.HalfUp)
}

// upfront returns the part of a value that leaves the lot which was revenue at
// the sale, where before is what the lot carried.
func (l CreditLot) upfront(before, value money.Amount) (money.Amount, error) {
	after, err := before.Sub(value)
	if err != nil {
		return money.Amount{}, err
	}
	high, err := l.deferred(before)
	if err != nil {
		return money.Amount{}, err
	}
	low, err := l.deferred(after)
	if err != nil {
		return money.Amount{}, err
	}
	released, err := high.Sub(low)
	if err != nil {
		return money.Amount{}, err
	}
	return value.Sub(released)
}

// Moved says when a movement counts and was written down, by whom and why.
type Moved struct {
	On      glabella.Date      `json:"on"`
	At      time.Time          `json:"at,omitzero"`
	By      glabella.StaffID   `json:"by,omitzero"`
	Reason  string             `json:"reason,omitempty"` // a code of the practice's own
	Invoice glabella.InvoiceID `json:"invoice,omitzero"`
	Line    glabella.LineID    `json:"line,omitzero"`
}
