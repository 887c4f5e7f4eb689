package billing

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// Charge is something that was done or sold, before it has a price.
type Charge struct {
	Service       string // code of the price list; empty charges for using Product in Treatment
	Treatment     string // code of the template
	Procedure     glabella.ProcedureID
	Product       string            // the substance that was used
	Quantity      quantity.Quantity // how much of it
	Containers    int               // how many containers it came from, for prices per container
	Areas         int               // how many areas were treated, for prices per area
	Pulses        int               // how many pulses were given, for prices per pulse
	Lots          []glabella.LotID
	Provider      glabella.StaffID
	Plan          *Plan  // how credits pay for it, nil if none do
	Complimentary string // why nothing is charged, a code of the practice's own; empty charges
}

// Discount takes something off the lines that are not paid from credits: a
// share of each, or an amount that is allocated to them.
type Discount struct {
	Code    string          `json:"code"`
	Percent quantity.Number `json:"percent,omitzero"` // 10 is ten percent
	Amount  money.Amount    `json:"amount,omitzero"`
	Service string          `json:"service,omitempty"` // the item of the price list that it is confined to; empty is every line
}

// Draft is what an invoice is calculated from.
type Draft struct {
	ID        glabella.InvoiceID
	Number    string
	Patient   glabella.PatientID
	Encounter glabella.EncounterID
	Site      glabella.SiteID
	Currency  money.Currency
	On        glabella.Date // the day, at the site
	Charges   []Charge
	Services  []Service // the price list
	Discounts []Discount
	Taxes     []config.TaxRule
	Tips      []Tip
	NewLine   func() glabella.LineID // fresh identities of lines
}

// Calculate prices the charges and returns the draft invoice. The order is
// fixed: price, redemption, discounts in the order given, tax. Rounding is half
// up at each of price × quantity, percentage, and tax; an amount off and the tax
// of a class are allocated to the lines by largest remainder, so that the lines
// sum to what was computed for all of them. A discount never takes a line below
// zero. A charge for nothing, such as no units used, gives no line.
func Calculate(d Draft) (Invoice, error) {
	inv := Invoice{ID: d.ID, Number: d.Number, Patient: d.Patient, Encounter: d.Encounter, Site: d.Site, Currency: d.Currency, State: InvoiceDraft, On: d.On, Tips: slices.Clone(d.Tips)}
	var issues []glabella.Issue
	var priced []string // codes of the price list
	for n, c := range d.Charges {
		path := fmt.Sprintf("/charges/%d", n)
		service, ok := PriceOf(d.Services, c.Service, d.On)
		if c.Service == "" {
			service, ok = PriceFor(d.Services, c.Treatment, c.Product, d.On)
		}
		if !ok {
			issues = append(issues, glabella.Issue{Path: path, Code: CodeNoPrice, Text: "the price list has no price for it on this day", Args: map[string]string{"service": c.Service, "product": c.Product}})
			continue
		}
		priced = append(priced, service.Code)
		if faults := c.faults(path, service); len(faults) > 0 {
			issues = append(issues, faults...)
			continue
		}
		lines, err := d.price(service, c)
		if err != nil {
			return Invoice{}, fmt.Errorf("charge %d: %w", n, err)
		}
		inv.Lines = append(inv.Lines, lines...)
	}
	for n, off := range d.Discounts {
		issues = append(issues, off.faults(fmt.Sprintf("/discounts/%d", n), priced)...)
	}
	if err := glabella.Invalid("invoice", issues...); err != nil {
		return Invoice{}, err
	}
	for _, off := range d.Discounts {
		if err := inv.discount(off); err != nil {
			return Invoice{}, fmt.Errorf("discount %s: %w", off.Code, err)
		}
	}
	if err := inv.tax(d.Taxes, d.On); err != nil {
		return Invoice{}, fmt.Errorf("tax: %w", err)
	}
	return inv, inv.Validate()
}

// faults returns what is wrong with a charge that an item of the price list is
// to price.
func (c Charge) faults(path string, s Service) []glabella.Issue {
	var issues []glabella.Issue
	add := func(field string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path + field, Code: code, Text: text})
	}
	if c.Quantity.Sign() < 0 {
		add("/quantity", glabella.CodeOutOfRange, "is not negative")
	}
	for _, count := range []struct {
		path string
		n    int
	}{{"/containers", c.Containers}, {"/areas", c.Areas}, {"/pulses", c.Pulses}} {
		if count.n < 0 {
			add(count.path, glabella.CodeOutOfRange, "is not negative")
		}
	}
	if s.Kind == UnitBank && s.Bank == nil {
		add("/service", CodeBank, "the unit bank does not say what it grants")
	}
	if of := c.Quantity.Unit().Product(); s.byUse() && of != "" && of != s.Product {
		add("/quantity", glabella.CodeMismatch, "is not in a unit of the product that is priced")
	}
	if c.Plan != nil && len(c.Plan.Uses) > 0 {
		planned := c.Plan.Excess
		var err error
		for _, u := range c.Plan.Uses {
			if planned, err = planned.Add(u.Units); err != nil {
				break
			}
		}
		switch {
		case !s.byUse() || c.Complimentary != "":
			add("/plan", glabella.CodeMismatch, "only what is charged by the unit is paid from prepaid units")
		case err != nil || !planned.Equal(c.Quantity) || slices.ContainsFunc(c.Plan.Uses, func(u Use) bool { return u.Units.Sign() <= 0 }):
			add("/plan", glabella.CodeMismatch, "does not plan for the quantity that is charged")
		}
	}
	return issues
}

// byUse reports whether the price is for the units that are used.
func (s Service) byUse() bool { return s.Basis == PerUnit && s.Kind != UnitBank }

// price returns the lines of a charge: one that credits pay, and one for what
// they do not.
func (d Draft) price(s Service, c Charge) ([]Line, error) {
	price := s.Price
	if c.Complimentary != "" {
		price = money.New(0, s.Price.Currency())
	}
	var out []Line
	line := func(n decimal.Decimal) error {
		if n.IsZero() {
			return nil
		}
		list, err := price.Mul(n, money.HalfUp)
		out = append(out, Line{
			ID: d.NewLine(), Kind: s.Kind, Service: s.Code, Name: s.Name, Product: s.Product, Procedure: c.Procedure, Provider: c.Provider, Lots: slices.Clone(c.Lots),
			Quantity: quantity.Number{Decimal: n}, UnitPrice: price, List: list, Net: list, TaxClass: s.TaxClass, Tax: money.New(0, d.Currency), Total: list, Reason: c.Complimentary,
		})
		return err
	}
	switch {
	case s.Basis == Flat:
		return out, line(decimal.New(1, 0))
	case s.Basis == PerContainer:
		return out, line(decimal.New(int64(c.Containers), 0))
	case s.Basis == PerArea:
		return out, line(decimal.New(int64(c.Areas), 0))
	case s.Basis == PerPulse:
		return out, line(decimal.New(int64(c.Pulses), 0))
	case s.Kind == UnitBank:
		return out, line(s.Bank.Units.Value())
	case c.Plan == nil || len(c.Plan.Uses) == 0:
		return out, line(c.Quantity.Value())
	}
	covered, err := c.Quantity.Sub(c.Plan.Excess)
	if err != nil {
		return nil, err
	}
	if err := line(covered.Value()); err != nil {
		return nil, err
	}
	redeemed := &out[0]
	redeemed.Redeemed = slices.Clone(c.Plan.Uses)
	redeemed.Net = money.New(0, d.Currency)
	for _, u := range redeemed.Redeemed {
		if redeemed.Net, err = redeemed.Net.Add(u.Value); err != nil {
			return nil, err
		}
	}
	redeemed.Total = redeemed.Net
	return out, line(c.Plan.Excess.Value())
}

// charged returns the indexes of the lines that are not paid from credits and
// that f selects.
func (i *Invoice) charged(f func(Line) bool) []int {
	var out []int
	for n, l := range i.Lines {
		if len(l.Redeemed) == 0 && l.Net.Sign() > 0 && f(l) {
			out = append(out, n)
		}
	}
	return out
}

// net returns the net amounts of lines, in minor units, and their sum.
func (i *Invoice) net(lines []int) ([]int64, money.Amount, error) {
	weights := make([]int64, len(lines))
	sum := money.New(0, i.Currency)
	s := summer{}
	for k, n := range lines {
		weights[k] = i.Lines[n].Net.Minor()
		s.add(&sum, i.Lines[n].Net)
	}
	return weights, sum, s.err
}

var hundred = decimal.New(100, 0)

// faults returns what is wrong with a discount on items of the price list.
func (d Discount) faults(path string, priced []string) []glabella.Issue {
	var issues []glabella.Issue
	add := func(field string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path + field, Code: code, Text: text})
	}
	if d.Code == "" {
		add("/code", glabella.CodeRequired, "a discount says why it is given")
	}
	switch share, amount := d.Percent, d.Amount; {
	case share.Sign() < 0 || share.GreaterThan(hundred):
		add("/percent", glabella.CodeOutOfRange, "takes off between nothing and everything")
	case amount.Sign() < 0:
		add("/amount", glabella.CodeOutOfRange, "is not negative")
	case share.IsZero() == amount.IsZero():
		add("/percent", glabella.CodeMismatch, "a discount is either a share or an amount")
	}
	if d.Service != "" && !slices.Contains(priced, d.Service) {
		add("/service", glabella.CodeMismatch, "nothing is charged by this item of the price list")
	}
	return issues
}

func (i *Invoice) discount(off Discount) error {
	lines := i.charged(func(l Line) bool { return off.Service == "" || l.Service == off.Service })
	if len(lines) == 0 {
		return nil
	}
	weights, net, err := i.net(lines)
	if err != nil {
		return err
	}
	var amounts []money.Amount
	if off.Percent.IsZero() {
		more, err := off.Amount.Cmp(net)
		if err != nil {
			return err
		}
		if more > 0 {
			off.Amount = net
		}
		if amounts, err = off.Amount.Allocate(weights...); err != nil {
			return err
		}
	} else {
		for _, n := range lines {
			a, err := i.Lines[n].Net.MulDiv(off.Percent.Decimal, hundred, money.HalfUp)
			if err != nil {
				return err
			}
			amounts = append(amounts, a)
		}
	}
	for k, n := range lines {
		l := &i.Lines[n]
		if l.Net, err = l.Net.Sub(amounts[k]); err != nil {
			return err
		}
		l.Total = l.Net
		l.Discounts = append(l.Discounts, Step{Code: off.Code, Amount: amounts[k]})
	}
	return nil
}

// tax adds the tax of each rule in force: the rate of the net of all lines of
// its class, rounded once and allocated to them.
func (i *Invoice) tax(rules []config.TaxRule, on glabella.Date) error {
	for _, r := range rules {
		lines := i.charged(func(l Line) bool { return r.InForce(on) && l.TaxClass == r.Class })
		if len(lines) == 0 {
			continue
		}
		weights, net, err := i.net(lines)
		if err != nil {
			return err
		}
		tax, err := net.Mul(r.Rate.Decimal, money.HalfUp)
		if err != nil {
			return err
		}
		parts, err := tax.Allocate(weights...)
		if err != nil {
			return err
		}
		for k, n := range lines {
			l := &i.Lines[n]
			if l.Tax, err = l.Tax.Add(parts[k]); err != nil {
				return err
			}
			if l.Total, err = l.Net.Add(l.Tax); err != nil {
				return err
			}
		}
	}
	return nil
}
