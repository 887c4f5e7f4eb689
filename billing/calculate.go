package billing

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// Charge is something that was done or sold, before it has a price.
type Charge struct {
	Service    string // code of the price list; empty charges for using Product
	Procedure  glabella.ProcedureID
	Product    string            // the substance that was used
	Quantity   quantity.Quantity // how much of it
	Containers int               // how many containers it came from, for prices per container
	Lots       []glabella.LotID
	Provider   glabella.StaffID
	Plan       *Plan // how credits pay for it, nil if none do
}

// Discount takes something off the lines that are not paid from credits: a
// share of each, or an amount that is allocated to them.
type Discount struct {
	Code    string          `json:"code"`
	Percent quantity.Number `json:"percent,omitzero"` // 10 is ten percent
	Amount  money.Amount    `json:"amount,omitzero"`
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
// sum to what was computed for all of them.
func Calculate(d Draft) (Invoice, error) {
	inv := Invoice{ID: d.ID, Number: d.Number, Patient: d.Patient, Encounter: d.Encounter, Site: d.Site, Currency: d.Currency, State: InvoiceDraft, On: d.On, Tips: slices.Clone(d.Tips)}
	var issues []glabella.Issue
	for n, c := range d.Charges {
		service, ok := PriceOf(d.Services, c.Service, d.On)
		if c.Service == "" {
			service, ok = PriceFor(d.Services, c.Product, d.On)
		}
		if !ok {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/charges/%d", n), Code: CodeNoPrice, Text: "the price list has no price for it on this day", Args: map[string]string{"service": c.Service, "product": c.Product}})
			continue
		}
		lines, err := d.price(service, c)
		if err != nil {
			return Invoice{}, fmt.Errorf("charge %d: %w", n, err)
		}
		inv.Lines = append(inv.Lines, lines...)
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

// price returns the lines of a charge: one that credits pay, and one for what
// they do not.
func (d Draft) price(s Service, c Charge) ([]Line, error) {
	line := func(n decimal.Decimal) (Line, error) {
		list, err := s.Price.Mul(n, money.HalfUp)
		return Line{
			ID: d.NewLine(), Kind: s.Kind, Service: s.Code, Name: s.Name, Product: s.Product, Procedure: c.Procedure, Provider: c.Provider, Lots: slices.Clone(c.Lots),
			Quantity: quantity.Number{Decimal: n}, UnitPrice: s.Price, List: list, Net: list, TaxClass: s.TaxClass, Tax: money.New(0, d.Currency), Total: list,
		}, err
	}
	switch s.Basis {
	case Flat:
		l, err := line(decimal.New(1, 0))
		return []Line{l}, err
	case PerContainer:
		l, err := line(decimal.New(int64(c.Containers), 0))
		return []Line{l}, err
	}
	var out []Line
	charged := c.Quantity
	if c.Plan != nil && len(c.Plan.Uses) > 0 {
		charged = c.Plan.Excess
		covered, err := c.Quantity.Sub(charged)
		if err != nil {
			return nil, err
		}
		l, err := line(covered.Value())
		if err != nil {
			return nil, err
		}
		l.Redeemed = slices.Clone(c.Plan.Uses)
		l.Net = money.New(0, d.Currency)
		for _, u := range l.Redeemed {
			if l.Net, err = l.Net.Add(u.Value); err != nil {
				return nil, err
			}
		}
		l.Total = l.Net
		out = append(out, l)
	}
	if charged.Sign() > 0 {
		l, err := line(charged.Value())
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

// charged returns the indexes of the lines that are not paid from credits and
// that f selects.
func (i *Invoice) charged(f func(Line) bool) []int {
	var out []int
	for n, l := range i.Lines {
		if len(l.Redeemed) == 0 && f(l) {
			out = append(out, n)
		}
	}
	return out
}

var hundred = decimal.New(100, 0)

func (i *Invoice) discount(off Discount) error {
	lines := i.charged(func(l Line) bool { return l.Net.Sign() > 0 })
	if len(lines) == 0 {
		return nil
	}
	amounts := make([]money.Amount, len(lines))
	weights := make([]int64, len(lines))
	var net money.Amount
	for k, n := range lines {
		l := i.Lines[n]
		weights[k] = l.Net.Minor()
		var err error
		if amounts[k], err = l.Net.MulDiv(off.Percent.Decimal, hundred, money.HalfUp); err != nil {
			return err
		}
		if net, err = net.Add(l.Net); err != nil {
			return err
		}
	}
	if off.Percent.IsZero() {
		more, err := off.Amount.Cmp(net)
		if err != nil {
			return err
		}
		if more > 0 {
			off.Amount = net // an invoice is never below zero
		}
		if amounts, err = off.Amount.Allocate(weights...); err != nil {
			return err
		}
	}
	if off.Percent.Sign() < 0 || off.Percent.GreaterThan(hundred) || off.Amount.Sign() < 0 {
		return glabella.Invalid("discount", glabella.Issue{Path: "/percent", Code: glabella.CodeOutOfRange, Text: "takes off between nothing and everything"})
	}
	for k, n := range lines {
		l := &i.Lines[n]
		var err error
		if l.Net, err = l.Net.Sub(amounts[k]); err != nil {
			return err
		}
		l.Total = l.Net
		l.Discounts = append(l.Discounts, Step{Code: off.Code, Amount: amounts[k]})
	}
	return nil
}

func (i *Invoice) tax(rules []config.TaxRule, on glabella.Date) error {
	for _, r := range rules {
		if !r.InForce(on) {
			continue
		}
		lines := i.charged(func(l Line) bool { return l.TaxClass == r.Class && l.Net.Sign() > 0 })
		if len(lines) == 0 {
			continue
		}
		var net money.Amount
		weights := make([]int64, len(lines))
		for k, n := range lines {
			weights[k] = i.Lines[n].Net.Minor()
			var err error
			if net, err = net.Add(i.Lines[n].Net); err != nil {
				return err
			}
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

// Issue makes the draft final. A line of it never changes afterwards.
func (i Invoice) Issue(now time.Time) (Invoice, error) {
	totals, err := i.Totals()
	if err != nil {
		return i, err
	}
	action := "issue"
	if totals.Due.Sign() <= 0 {
		action = "issue settled"
	}
	if i.State, err = InvoiceMachine().Next(i.State, action); err != nil {
		return i, err
	}
	i.IssuedAt = now
	return i, nil
}
