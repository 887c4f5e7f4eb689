package billing

import (
	"fmt"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// Package is a bundle that a practice sells at one price: groups of services or
// units, and perhaps an amount of money to spend. A group whose items are given
// for nothing (buy one, get one) is simply a group: what it costs on its own
// decides its share of the price.
type Package struct {
	ID glabella.PackageID `json:"id" validate:"required"`
	glabella.Meta
	Code         string          `json:"code" validate:"required"`
	Name         string          `json:"name" validate:"required"`
	Price        money.Amount    `json:"price"`
	Groups       []PackageGroup  `json:"groups" validate:"dive"`
	Credit       money.Amount    `json:"credit,omitzero"`      // an amount to spend
	CreditShare  money.Amount    `json:"creditShare,omitzero"` // its stated share of the price
	Allocation   VoucherPolicy   `json:"allocation" validate:"oneof=standalone equal-groups explicit"`
	ValidFor     glabella.Period `json:"validFor,omitzero"` // zero does not expire
	Transferable bool            `json:"transferable,omitempty"`
	From         glabella.Date   `json:"from,omitzero"`
	To           glabella.Date   `json:"to,omitzero"` // the last day on which it is sold
}

// PackageGroup is a part of a package. Where Choose is 0 the patient gets every
// item; otherwise that many of them, chosen at the sale, or at each visit if
// AtUse is set.
type PackageGroup struct {
	Name   string        `json:"name"`
	Choose int           `json:"choose,omitempty" validate:"min=0"`
	AtUse  bool          `json:"atUse,omitempty"`
	Items  []PackageItem `json:"items" validate:"min=1,dive"`
	// AnyUnits is what a group of products that is chosen from at each visit grants,
	// such as 100 units of any of them, in a unit without a product.
	AnyUnits quantity.Quantity `json:"anyUnits,omitzero"`
	Share    money.Amount      `json:"share,omitzero"` // the stated share of the price
}

// PackageItem is an item of a group: a service some number of times, or units of
// a product.
type PackageItem struct {
	Service    string            `json:"service,omitempty"` // code of the price list
	Product    string            `json:"product,omitempty"` // the substance
	Quantity   quantity.Quantity `json:"quantity"`
	StandAlone money.Amount      `json:"standAlone"` // what all of it costs on its own
}

// Codes of issues with packages.
const (
	// CodePackageItem says that an item of a package is not a service or units of a product.
	CodePackageItem glabella.Code = "billing.package.item"
	// CodePackageChoice says that a choice from a group of a package is not one that the group offers.
	CodePackageChoice glabella.Code = "billing.package.choice"
	// CodePackageSold says that a package is not sold on this day.
	CodePackageSold glabella.Code = "billing.package.sold"
)

// Ref returns the reference to the package.
func (p Package) Ref() glabella.Ref { return p.ID.Ref() }

// Validate reports everything that is wrong with the package.
func (p Package) Validate() error {
	issues := check.Struct(p)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	currency := p.Price.Currency()
	if p.Price.Sign() < 0 || !currency.Valid() {
		add("/price", glabella.CodeOutOfRange, "is an amount of a currency and not negative")
	}
	if p.Credit.Sign() < 0 || !p.Credit.IsZero() && p.Credit.Currency() != currency {
		add("/credit", glabella.CodeOutOfRange, "is in the currency of the price and not negative")
	}
	if len(p.Groups) == 0 && p.Credit.IsZero() {
		add("/groups", glabella.CodeRequired, "a package grants something")
	}
	if !p.To.IsZero() && p.To.Before(p.From) {
		add("/to", glabella.CodeOutOfRange, "is before the first day")
	}
	for i, g := range p.Groups {
		at := fmt.Sprintf("/groups/%d", i)
		if g.Choose > len(g.Items) && !g.AtUse || g.AtUse && g.Choose == 0 && g.AnyUnits.Sign() <= 0 {
			add(at+"/choose", CodePackageChoice, "is no more than there is to choose from, and something where it is chosen at use")
		}
		if g.AnyUnits.Sign() < 0 || g.AnyUnits.Sign() > 0 && (!g.AtUse || g.Choose > 0 || g.AnyUnits.Unit().Product() != "") {
			add(at+"/anyUnits", CodePackageChoice, "are of no one product, and chosen at use")
		}
		for j, item := range g.Items {
			path := fmt.Sprintf("%s/items/%d", at, j)
			unit, product := item.Quantity.Unit(), item.Product != ""
			if product == (item.Service != "") || item.Quantity.Sign() <= 0 || !product && unit != each || product && unit.Product() != item.Product {
				add(path, CodePackageItem, "is a service some number of times, or units of a product")
			}
			if g.AtUse && product != (g.AnyUnits.Sign() > 0) {
				add(path, CodePackageItem, "is a product where any units are granted, and a service where a number of times is")
			}
			if item.StandAlone.Sign() < 0 || item.StandAlone.Currency() != currency {
				add(path+"/standAlone", glabella.CodeOutOfRange, "is in the currency of the price and not negative")
			}
		}
	}
	return glabella.Invalid("package", issues...)
}

// PackageSale says how a package is sold.
type PackageSale struct {
	Patient glabella.PatientID
	Price   money.Amount // what is paid for it, without tax: its price less discounts
	// Choices are the places of the chosen items within each group, from 0. A group
	// without a choice has none.
	Choices     [][]int
	Recognition RecognitionPolicy
	Moved       Moved
	NewID       func() glabella.CreditLotID
}

// parcel is what one lot of a package grants.
type parcel struct {
	kind   LotKind
	amount quantity.Quantity
	limits LotLimits
	list   money.Amount
	within int // the group
}

// Sell returns the lots of credit that a sale of the package grants: one for each
// item, one for each group that is chosen from at use, and one for money to
// spend. Their prices sum to what is paid exactly.
func (p Package) Sell(s PackageSale) ([]CreditLot, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if on := s.Moved.On; on.Before(p.From) || !p.To.IsZero() && on.After(p.To) {
		return nil, glabella.Refuse(glabella.Decide(glabella.Denied(CodePackageSold, "the package is not sold on this day").For(p.Ref()).WithFix("choose a package that is on sale")))
	}
	if s.Price.Sign() < 0 || s.Price.Currency() != p.Price.Currency() {
		return nil, glabella.Invalid("package", glabella.Issue{Path: "/price", Code: glabella.CodeOutOfRange, Text: "what is paid is in the package's currency and not negative"})
	}
	parcels, groups, err := p.parcels(s.Choices)
	if err != nil {
		return nil, err
	}
	prices, err := p.prices(s.Price, parcels, groups)
	if err != nil {
		return nil, err
	}
	expires := glabella.Date{}
	if !p.ValidFor.IsZero() {
		expires = s.Moved.On.Add(p.ValidFor)
	}
	out := make([]CreditLot, len(parcels))
	for i, part := range parcels {
		l := CreditLot{ID: s.NewID(), Patient: s.Patient, Origin: LotPaid, Kind: part.kind, Granted: part.amount, Price: prices[i], Limits: part.limits, Transferable: p.Transferable,
			Source: LotSource{Package: p.ID, Invoice: s.Moved.Invoice, Line: s.Moved.Line}}
		if l.Upfront, err = s.Recognition.Upfront(l.Price); err != nil {
			return nil, err
		}
		if out[i], err = l.Grant(expires, s.Moved); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// parcels returns what the package grants by the choices, and its groups as
// their prices are shared.
func (p Package) parcels(choices [][]int) ([]parcel, []VoucherGroup, error) {
	var parcels []parcel
	var groups []VoucherGroup
	zero := money.New(0, p.Price.Currency())
	for i, g := range p.Groups {
		first := len(parcels)
		chosen, err := g.chosen(i, choices)
		if err != nil {
			return nil, nil, err
		}
		if g.AtUse {
			part, err := g.any(zero)
			if err != nil {
				return nil, nil, err
			}
			part.within = len(groups)
			parcels = append(parcels, part)
		}
		for _, j := range chosen {
			item := g.Items[j]
			part := parcel{kind: ServiceLot, amount: item.Quantity, list: item.StandAlone, within: len(groups)}
			if item.Product != "" {
				part.kind, part.limits.Products = UnitsLot, []string{item.Product}
			} else {
				part.limits.Services = []string{item.Service}
			}
			parcels = append(parcels, part)
		}
		group := VoucherGroup{Count: len(parcels) - first, StandAlone: zero, Explicit: g.Share}
		for _, part := range parcels[first:] {
			if group.StandAlone, err = group.StandAlone.Add(part.list); err != nil {
				return nil, nil, err
			}
		}
		groups = append(groups, group)
	}
	for i := range p.Groups {
		if i >= len(choices) && p.Groups[i].Choose > 0 && !p.Groups[i].AtUse {
			return nil, nil, choiceIssue(i)
		}
	}
	if !p.Credit.IsZero() {
		parcels = append(parcels, parcel{kind: MoneyLot, amount: CreditOf(p.Credit), list: p.Credit, within: len(groups)})
		groups = append(groups, VoucherGroup{Count: 1, StandAlone: p.Credit, Explicit: p.CreditShare})
	}
	return parcels, groups, nil
}

// chosen returns the places of the items of group i that the patient gets at the
// sale.
func (g PackageGroup) chosen(i int, choices [][]int) ([]int, error) {
	var choice []int
	if i < len(choices) {
		choice = choices[i]
	}
	switch {
	case g.AtUse && len(choice) == 0:
		return nil, nil
	case g.Choose == 0 && len(choice) == 0:
		all := make([]int, len(g.Items))
		for j := range all {
			all[j] = j
		}
		return all, nil
	case g.AtUse || g.Choose == 0 || len(choice) != g.Choose:
		return nil, choiceIssue(i)
	}
	sorted := slices.Sorted(slices.Values(choice))
	if sorted[0] < 0 || sorted[len(sorted)-1] >= len(g.Items) || len(slices.Compact(slices.Clone(sorted))) != len(sorted) {
		return nil, choiceIssue(i)
	}
	return sorted, nil
}

func choiceIssue(group int) error {
	return glabella.Invalid("package", glabella.Issue{Path: fmt.Sprintf("/choices/%d", group), Code: CodePackageChoice, Text: "is not one that the group offers"})
}

// any returns the one parcel of a group that is chosen from at use. It costs on
// its own what the dearest way of using it would.
func (g PackageGroup) any(zero money.Amount) (parcel, error) {
	part := parcel{kind: ServiceLot, amount: Times(int64(g.Choose)), list: zero}
	if g.AnyUnits.Sign() > 0 {
		part.kind, part.amount = UnitsLot, g.AnyUnits
	}
	for _, item := range g.Items {
		if item.Product != "" {
			part.limits.Products = append(part.limits.Products, item.Product)
		} else {
			part.limits.Services = append(part.limits.Services, item.Service)
		}
		list, err := item.StandAlone.MulDiv(part.amount.Value(), item.Quantity.Value(), money.HalfUp)
		if err != nil {
			return part, err
		}
		if over, err := list.Cmp(part.list); err != nil {
			return part, err
		} else if over > 0 {
			part.list = list
		}
	}
	return part, nil
}

// prices shares what is paid among the groups by the package's policy, and each
// group's share among its parcels by what they cost on their own.
func (p Package) prices(paid money.Amount, parcels []parcel, groups []VoucherGroup) ([]money.Amount, error) {
	policy := p.Allocation
	if policy == Explicit && paid != p.Price {
		// Stated shares are of the price; a discount takes from each in proportion.
		if _, err := AllocateVouchers(p.Price, groups, Explicit); err != nil {
			return nil, err
		}
		for i := range groups {
			groups[i].StandAlone = groups[i].Explicit
		}
		policy = StandAlone
	}
	shares, err := AllocateVouchers(paid, groups, policy)
	if err != nil {
		return nil, err
	}
	var out []money.Amount
	for i, share := range shares {
		var weights []int64
		whole := int64(0)
		for _, part := range parcels {
			if part.within == i {
				weights = append(weights, part.list.Minor())
				whole += part.list.Minor()
			}
		}
		var parts []money.Amount
		if whole == 0 {
			parts, err = share.Split(len(weights))
		} else {
			parts, err = share.Allocate(weights...)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, parts...)
	}
	return out, nil
}
