package billing

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// Purpose says what a credit is used to pay for.
type Purpose string

// The purposes.
const (
	ForService    Purpose = "service"
	ForProduct    Purpose = "product"
	ForTip        Purpose = "tip"
	ForGiftCard   Purpose = "gift-card"
	ForMembership Purpose = "membership"
	ForPackage    Purpose = "package"
)

// Purposes returns every purpose.
func Purposes() []Purpose {
	return []Purpose{ForService, ForProduct, ForTip, ForGiftCard, ForMembership, ForPackage}
}

// Valid reports whether p is one of [Purposes].
func (p Purpose) Valid() bool { return slices.Contains(Purposes(), p) }

// RedeemOrder says which of several usable lots is used first.
type RedeemOrder string

// The orders. Where one does not decide, the others do: what expires first, what
// is worth least, what was granted first, and in the end the lot's ID.
const (
	OrderExpiry RedeemOrder = "earliest-expiry"
	OrderValue  RedeemOrder = "lowest-value"
	OrderFIFO   RedeemOrder = "fifo"
	OrderOrigin RedeemOrder = "origin" // by the list of origins
)

// RedeemOrders returns every order.
func RedeemOrders() []RedeemOrder {
	return []RedeemOrder{OrderExpiry, OrderValue, OrderFIFO, OrderOrigin}
}

// Valid reports whether o is one of [RedeemOrders].
func (o RedeemOrder) Valid() bool { return slices.Contains(RedeemOrders(), o) }

// RedeemPolicy is what a practice has decided on the use of credits.
type RedeemPolicy struct {
	Order      RedeemOrder `json:"order"`
	Origins    []LotOrigin `json:"origins"`    // first to last; those that are not listed come last
	OpenLots   bool        `json:"openLots"`   // lots of an invoice that is not paid may be used
	Equalities []Equality  `json:"equalities"` // services that stand for one another
}

// Equality says that a lot of one service pays for another: Has times the one are
// worth Wants times the other, such as one session of 60 minutes two of 30.
type Equality struct {
	Service string          `json:"service"` // of the lot
	Has     quantity.Number `json:"has"`
	Pays    string          `json:"pays"` // the service that it pays for
	Wants   quantity.Number `json:"wants"`
}

// Want is what is to be paid for.
type Want struct {
	Kind     LotKind // what it is to be paid in
	Purpose  Purpose
	Service  string // code of the price list
	Product  string // the substance
	Brand    string
	Quantity quantity.Quantity // units, a count of services, or [CreditOf] an amount
	Currency money.Currency    // of an amount
}

// RedeemFacts are what the use of credits depends on.
type RedeemFacts struct {
	Patient     glabella.PatientID
	Site        glabella.SiteID
	On          glabella.Date
	Want        Want
	Lots        []CreditLot
	Memberships []Membership         // those that granted some of the lots
	Unpaid      []glabella.InvoiceID // invoices on which something is due
	Policy      RedeemPolicy
}

// Codes of reasons why a lot of credit does not pay for something.
const (
	// CodeRedeemOwner says that a lot of credit is another patient's.
	CodeRedeemOwner glabella.Code = "billing.redeem.owner"
	// CodeRedeemCovered says that a lot of credit does not cover what is to be paid for.
	CodeRedeemCovered glabella.Code = "billing.redeem.covered"
	// CodeRedeemEmpty says that a lot of credit has nothing left.
	CodeRedeemEmpty glabella.Code = "billing.redeem.empty"
	// CodeRedeemExpired says that a lot of credit has expired.
	CodeRedeemExpired glabella.Code = "billing.redeem.expired"
	// CodeRedeemFrozen says that a lot of credit is frozen.
	CodeRedeemFrozen glabella.Code = "billing.redeem.frozen"
	// CodeRedeemEarly says that a lot of credit was granted only later.
	CodeRedeemEarly glabella.Code = "billing.redeem.early"
	// CodeRedeemSite says that a lot of credit may not be used at this site.
	CodeRedeemSite glabella.Code = "billing.redeem.site"
	// CodeRedeemPurpose says that a lot of credit may not pay for this kind of thing, such as tips.
	CodeRedeemPurpose glabella.Code = "billing.redeem.purpose"
	// CodeRedeemUnpaid says that the invoice of a lot of credit is not paid.
	CodeRedeemUnpaid glabella.Code = "billing.redeem.unpaid"
	// CodeRedeemShort says that a patient's store credit does not suffice for what is to be paid from it.
	CodeRedeemShort glabella.Code = "billing.redeem.short"
	// CodeRedeemMembership says that the membership of a lot of credit is on hold or over.
	CodeRedeemMembership glabella.Code = "billing.redeem.membership"
)

func (b LotBalance) expired(on glabella.Date) bool {
	return !b.ExpiresOn.IsZero() && on.After(b.ExpiresOn) && b.FrozenSince.IsZero()
}

// Usable decides whether the lot has something left that may be used on a day.
func (l CreditLot) Usable(on glabella.Date) (glabella.Decision, error) {
	b, err := l.Balance()
	if err != nil {
		return glabella.Decision{}, err
	}
	return glabella.Decide(l.unusable(b, on)...), nil
}

func (l CreditLot) unusable(b LotBalance, on glabella.Date) []glabella.Reason {
	var out []glabella.Reason
	deny := func(code glabella.Code, text, fix string) {
		out = append(out, glabella.Denied(code, text).For(l.Ref()).WithFix(fix))
	}
	if b.Remaining.Sign() <= 0 {
		deny(CodeRedeemEmpty, "nothing is left of the lot", "use another credit or charge it")
	}
	if on.Before(l.GrantedOn()) {
		deny(CodeRedeemEarly, "the lot was granted after this day", "charge it")
	}
	if b.expired(on) {
		deny(CodeRedeemExpired, "the lot has expired", "extend the lot, if the terms allow it")
		out[len(out)-1] = out[len(out)-1].With("expired", b.ExpiresOn.String())
	}
	if !b.FrozenSince.IsZero() {
		deny(CodeRedeemFrozen, "the lot is frozen", "end the freeze")
	}
	return out
}

// Take is what one lot pays.
type Take struct {
	Lot    glabella.CreditLotID `json:"lot"`
	Units  quantity.Quantity    `json:"units"`  // taken from the lot
	Covers quantity.Quantity    `json:"covers"` // of what is wanted; differs for services that stand for one another
	Value  money.Amount         `json:"value"`
}

// UnusableLot is a lot that does not pay, with every reason why.
type UnusableLot struct {
	Lot      glabella.CreditLotID `json:"lot"`
	Decision glabella.Decision    `json:"decision"`
}

// Redemption says which lots pay for what is wanted, what remains to be charged,
// and why the other lots do not pay.
type Redemption struct {
	Patient  glabella.PatientID `json:"patient"`
	On       glabella.Date      `json:"on"`
	Takes    []Take             `json:"takes"`
	Excess   quantity.Quantity  `json:"excess"`
	Unusable []UnusableLot      `json:"unusable"`
}

// Preview plans how lots of credit pay for what is wanted. It changes nothing.
// Lots that are not needed are in neither list of the result.
func Preview(f RedeemFacts) (Redemption, error) {
	var issues []glabella.Issue
	add := func(path string, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: glabella.CodeOutOfRange, Text: text})
	}
	if f.Want.Quantity.Sign() < 0 {
		add("/want/quantity", "is not negative")
	}
	if !f.Want.Kind.Valid() || !f.Want.Purpose.Valid() {
		add("/want", "says what it is to be paid in, and for what")
	}
	if !f.Policy.Order.Valid() {
		add("/policy/order", "is one of the orders")
	}
	for _, e := range f.Policy.Equalities {
		if e.Has.Sign() <= 0 || e.Wants.Sign() <= 0 {
			add("/policy/equalities", "are of more than nothing")
		}
	}
	if err := glabella.Invalid("redemption", issues...); err != nil {
		return Redemption{}, err
	}
	out := Redemption{Patient: f.Patient, On: f.On, Takes: []Take{}, Excess: f.Want.Quantity, Unusable: []UnusableLot{}}
	var lots []usable
	for i, l := range f.Lots {
		if slices.ContainsFunc(f.Lots[:i], func(o CreditLot) bool { return o.ID == l.ID }) {
			return Redemption{}, glabella.Invalid("redemption", glabella.Issue{Path: "/lots", Code: glabella.CodeDuplicate, Text: "a lot is given twice"})
		}
		b, err := l.Balance()
		if err != nil {
			return Redemption{}, err
		}
		has, wants, covered := f.covers(l)
		if reasons := f.reasons(l, b, covered); len(reasons) > 0 {
			out.Unusable = append(out.Unusable, UnusableLot{Lot: l.ID, Decision: glabella.Decide(reasons...)})
			continue
		}
		lots = append(lots, usable{lot: l, balance: b, has: has, wants: wants})
	}
	slices.SortFunc(out.Unusable, func(a, b UnusableLot) int { return cmp.Compare(a.Lot.String(), b.Lot.String()) })
	slices.SortFunc(lots, f.Policy.compare)
	for _, u := range lots {
		if out.Excess.Sign() <= 0 {
			break
		}
		t, err := u.pay(out.Excess)
		if err != nil {
			return Redemption{}, err
		}
		if t.Units.Sign() <= 0 {
			continue
		}
		if out.Excess, err = out.Excess.Sub(t.Covers); err != nil {
			return Redemption{}, err
		}
		out.Takes = append(out.Takes, t)
	}
	return out, nil
}

// Redeem takes what was planned from the lots, and returns those that changed. A
// lot that is missing, or was used in between, is an error; nothing is changed
// then.
func Redeem(r Redemption, lots []CreditLot, w Moved) ([]CreditLot, error) {
	out := make([]CreditLot, 0, len(r.Takes))
	for _, t := range r.Takes {
		i := slices.IndexFunc(lots, func(l CreditLot) bool { return l.ID == t.Lot && l.Patient == r.Patient })
		if i < 0 {
			return nil, glabella.Invalid("redemption", glabella.Issue{Path: "/takes", Code: CodeRedeemOwner, Text: "names a lot that the patient does not have"})
		}
		next, value, err := lots[i].Redeem(t.Units, w)
		if err != nil {
			return nil, err
		}
		if value != t.Value {
			return nil, glabella.Invalid("redemption", glabella.Issue{Path: "/takes", Code: CodeLotJournal, Text: "the lot was used since the preview"})
		}
		out = append(out, next)
	}
	return out, nil
}

type usable struct {
	lot        CreditLot
	balance    LotBalance
	has, wants decimal.Decimal // has of the lot are wants of what is wanted
}

// pay takes as much of the lot as what is wanted needs. Services that stand for
// one another pay for whole times of what is wanted, and exactly: where that does
// not come out in the lot's own count, only whole multiples of the ratio are
// taken.
func (u usable) pay(want quantity.Quantity) (Take, error) {
	left, need := u.balance.Remaining.Value(), want.Value()
	units, covers := decimal.Min(left, need), decimal.Min(left, need)
	if !u.has.Equal(u.wants) {
		units, covers = need.Mul(u.has).Div(u.wants), need
		if units.GreaterThan(left) {
			covers, _ = left.Mul(u.wants).QuoRem(u.has, 0)
			units = covers.Mul(u.has).Div(u.wants)
		}
		if !units.Mul(u.wants).Equal(covers.Mul(u.has)) {
			byNeed, _ := need.QuoRem(u.wants, 0)
			byLeft, _ := left.QuoRem(u.has, 0)
			n := decimal.Min(byNeed, byLeft)
			units, covers = n.Mul(u.has), n.Mul(u.wants)
		}
	}
	t := Take{Lot: u.lot.ID, Units: quantity.New(units, u.lot.Granted.Unit()), Covers: quantity.New(covers, want.Unit()), Value: money.New(0, u.lot.Price.Currency())}
	if t.Units.Sign() <= 0 {
		return t, nil
	}
	var err error
	t.Value, err = u.lot.valueOf(u.balance, t.Units)
	return t, err
}

// covers reports whether a lot pays for what is wanted by what it is, and how
// much of it is worth how much of that.
func (f RedeemFacts) covers(l CreditLot) (has, wants decimal.Decimal, ok bool) {
	has, wants = decimal.NewFromInt(1), decimal.NewFromInt(1)
	w := f.Want
	fits := func(list []string, v string) bool { return len(list) == 0 || v != "" && slices.Contains(list, v) }
	if l.Kind != w.Kind || !fits(l.Limits.Products, w.Product) || !fits(l.Limits.Brands, w.Brand) {
		return has, wants, false
	}
	switch unit, want := l.Granted.Unit(), w.Quantity.Unit(); l.Kind {
	case MoneyLot:
		return has, wants, l.Price.Currency() == w.Currency && want == each && fits(l.Limits.Services, w.Service)
	case UnitsLot:
		return has, wants, unit.Code() == want.Code() && (unit.Product() == "" || unit == want) && fits(l.Limits.Services, w.Service)
	}
	if fits(l.Limits.Services, w.Service) {
		return has, wants, true
	}
	for _, e := range f.Policy.Equalities {
		if e.Pays == w.Service && slices.Contains(l.Limits.Services, e.Service) {
			return e.Has.Decimal, e.Wants.Decimal, true
		}
	}
	return has, wants, false
}

// reasons returns everything that keeps a lot from paying.
func (f RedeemFacts) reasons(l CreditLot, b LotBalance, covered bool) []glabella.Reason {
	var out []glabella.Reason
	deny := func(code glabella.Code, text, fix string) {
		out = append(out, glabella.Denied(code, text).For(l.Ref()).WithFix(fix))
	}
	if l.Patient != f.Patient {
		deny(CodeRedeemOwner, "the lot is another patient's", "transfer it first, if the terms allow it")
	}
	if !covered {
		deny(CodeRedeemCovered, "the lot does not cover what is to be paid for", "use another credit or charge it")
	}
	out = append(out, l.unusable(b, f.On)...)
	if len(l.Limits.Sites) > 0 && !slices.Contains(l.Limits.Sites, f.Site) {
		deny(CodeRedeemSite, "the lot may not be used at this site", "use it at one of its sites")
	}
	if slices.Contains(l.Limits.Excludes, f.Want.Purpose) {
		deny(CodeRedeemPurpose, "the lot may not pay for this", "take another payment")
		out[len(out)-1] = out[len(out)-1].With("purpose", string(f.Want.Purpose))
	}
	if !f.Policy.OpenLots && !l.Source.Invoice.IsZero() && slices.Contains(f.Unpaid, l.Source.Invoice) {
		deny(CodeRedeemUnpaid, "the invoice that sold the lot is not paid", "collect what is due on it")
		out[len(out)-1] = out[len(out)-1].For(l.Source.Invoice.Ref())
	}
	for _, m := range f.Memberships {
		if m.ID == l.Source.Membership && !m.BenefitsUsable(f.On) {
			deny(CodeRedeemMembership, "the membership that granted the lot is on hold or over", "settle or resume the membership")
			out[len(out)-1] = out[len(out)-1].For(m.Ref())
		}
	}
	return out
}

func (p RedeemPolicy) compare(a, b usable) int {
	origin := func(u usable) int {
		if i := slices.Index(p.Origins, u.lot.Origin); i >= 0 {
			return i
		}
		return len(p.Origins)
	}
	expiry := compareExpiry(a.balance.ExpiresOn, b.balance.ExpiresOn)
	// Price ÷ granted is compared without dividing. What a lot is worth is counted
	// in what it pays for.
	value := a.lot.Price.Decimal().Mul(b.lot.Granted.Value()).Mul(a.has).Mul(b.wants).
		Cmp(b.lot.Price.Decimal().Mul(a.lot.Granted.Value()).Mul(b.has).Mul(a.wants))
	granted := a.lot.GrantedOn().Compare(b.lot.GrantedOn())
	id := cmp.Compare(a.lot.ID.String(), b.lot.ID.String())
	switch p.Order {
	case OrderValue:
		return cmp.Or(value, expiry, granted, id)
	case OrderFIFO:
		return cmp.Or(granted, expiry, value, id)
	case OrderOrigin:
		return cmp.Or(cmp.Compare(origin(a), origin(b)), expiry, value, granted, id)
	}
	return cmp.Or(expiry, value, granted, id)
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
