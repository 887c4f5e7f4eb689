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
	Plan          *Redemption  // how credits pay for it, see [Draft.Want]; nil if none do
	Amount        money.Amount // of a gift card: what is asked for
	Complimentary string       // why nothing is charged, a code of the practice's own; empty charges
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
	c := calculation{draft: &d, zero: money.New(0, d.Currency)}
	issues := d.faults()
	priced := make([]*Service, len(d.Charges))
	count := 0
	for n := range d.Charges {
		charge := &d.Charges[n]
		service := d.priceOf(charge)
		if service == nil {
			issues = append(issues, glabella.Issue{Path: chargePath(n), Code: CodeNoPrice, Text: "the price list has no price for it on this day", Args: map[string]string{"service": charge.Service, "product": charge.Product}})
			continue
		}
		priced[n] = service
		issues = append(issues, charge.faults(n, service)...)
		if count++; charge.planned() {
			count++
		}
	}
	for n := range d.Discounts {
		issues = append(issues, d.Discounts[n].faults(n, priced)...)
	}
	if err := glabella.Invalid("invoice", issues...); err != nil {
		return Invoice{}, err
	}
	c.lines = make([]Line, 0, count)
	for n := range d.Charges {
		if err := c.price(priced[n], &d.Charges[n]); err != nil {
			return Invoice{}, fmt.Errorf("charge %d: %w", n, err)
		}
	}
	c.selected, c.weights = make([]int, 0, len(c.lines)), make([]int64, 0, len(c.lines))
	c.steps = make([]Step, 0, len(c.lines)*len(d.Discounts))
	for n := range d.Discounts {
		if err := c.discount(&d.Discounts[n], n); err != nil {
			return Invoice{}, fmt.Errorf("discount %s: %w", d.Discounts[n].Code, err)
		}
	}
	for n := range d.Taxes {
		if err := c.tax(&d.Taxes[n]); err != nil {
			return Invoice{}, fmt.Errorf("tax: %w", err)
		}
	}
	return Invoice{
		ID: d.ID, Number: d.Number, Patient: d.Patient, Encounter: d.Encounter, Site: d.Site, Currency: d.Currency, State: InvoiceDraft, On: d.On, Lines: c.lines, Tips: slices.Clone(d.Tips),
	}, c.duplicates()
}

// faults returns what is wrong with the draft beside its charges and discounts.
func (d *Draft) faults() []glabella.Issue {
	var issues []glabella.Issue
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	for _, given := range [...]struct {
		path string
		ok   bool
	}{{"/id", !d.ID.IsZero()}, {"/number", d.Number != ""}, {"/patient", !d.Patient.IsZero()}, {"/site", !d.Site.IsZero()}, {"/currency", d.Currency != ""}, {"/on", d.On.Valid()}} {
		if !given.ok {
			add(given.path, glabella.CodeRequired, "must be given")
		}
	}
	for n, t := range d.Tips {
		if t.Amount.Sign() < 0 || t.Amount.Currency() != d.Currency {
			add(fmt.Sprintf("/tips/%d/amount", n), glabella.CodeOutOfRange, "a tip is not negative, in the invoice's currency")
		}
		if t.Provider.IsZero() {
			add(fmt.Sprintf("/tips/%d/provider", n), glabella.CodeRequired, "must be given")
		}
	}
	return issues
}

func chargePath(n int) string { return fmt.Sprintf("/charges/%d", n) }

// priceOf returns the item of the price list that charges for it, and nil if
// there is none.
func (d *Draft) priceOf(c *Charge) *Service {
	if c.Service != "" {
		return priceOf(d.Services, c.Service, d.On)
	}
	return priceFor(d.Services, c.Treatment, c.Product, d.On)
}

// planned reports whether credits pay for some of the charge.
func (c *Charge) planned() bool { return c.Plan != nil && len(c.Plan.Takes) > 0 }

// count returns how much a charge is priced for: units of the product that was
// used, or a number of times.
func (s *Service) count(c *Charge) quantity.Quantity {
	switch {
	case s.Kind == UnitBank:
		if s.Basis == Flat {
			return Times(1)
		}
		return s.Bank.Units
	case s.Basis == PerContainer:
		return Times(int64(c.Containers))
	case s.Basis == PerArea:
		return Times(int64(c.Areas))
	case s.Basis == PerPulse:
		return Times(int64(c.Pulses))
	case s.Basis == Flat:
		return Times(1)
	}
	return c.Quantity
}

// Want returns what credits are asked to pay for a charge: units of a product for
// what is priced by the unit, else so many times the service. It reports false for
// what they do not pay for: what has no price, is for nothing, or is itself credit.
func (d Draft) Want(charge Charge) (Want, bool) {
	s := d.priceOf(&charge)
	if s == nil || s.Kind.Prepaid() || charge.Complimentary != "" {
		return Want{}, false
	}
	w := Want{Kind: ServiceLot, Purpose: ForService, Service: s.Code, Product: s.Product, Quantity: s.count(&charge), Currency: d.Currency}
	if s.Kind == ProductItem {
		w.Purpose = ForProduct
	}
	if s.byUse() {
		w.Kind = UnitsLot
	}
	return w, w.Quantity.Sign() > 0
}

// faults returns what is wrong with a charge that an item of the price list is
// to price.
func (c *Charge) faults(n int, s *Service) []glabella.Issue {
	var issues []glabella.Issue
	add := func(field string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: chargePath(n) + field, Code: code, Text: text})
	}
	if c.Quantity.Sign() < 0 {
		add("/quantity", glabella.CodeOutOfRange, "is not negative")
	}
	if c.Containers < 0 {
		add("/containers", glabella.CodeOutOfRange, "is not negative")
	}
	if c.Areas < 0 {
		add("/areas", glabella.CodeOutOfRange, "is not negative")
	}
	if c.Pulses < 0 {
		add("/pulses", glabella.CodeOutOfRange, "is not negative")
	}
	if (s.Kind == GiftItem) != (c.Amount.Sign() > 0) || s.Kind == GiftItem && c.Complimentary != "" {
		add("/amount", glabella.CodeMismatch, "a gift card, and only that, is for an amount")
	}
	if s.Kind == UnitBank && s.Bank == nil {
		add("/service", CodeBank, "the unit bank does not say what it grants")
	}
	if s.byUse() {
		if of := c.Quantity.Unit().Product(); of != "" && of != s.Product {
			add("/quantity", glabella.CodeMismatch, "is not in a unit of the product that is priced")
		}
	}
	if !c.planned() {
		return issues
	}
	covered, err := c.Plan.covered()
	if err == nil {
		covered, err = covered.Add(c.Plan.Excess)
	}
	switch {
	case s.Kind.Prepaid() || c.Complimentary != "":
		add("/plan", glabella.CodeMismatch, "what is itself credit, or for nothing, is not paid from credits")
	case err != nil || !covered.Equal(s.count(c)) || slices.ContainsFunc(c.Plan.Takes, func(t Take) bool { return t.Units.Sign() <= 0 || t.Covers.Sign() <= 0 }):
		add("/plan", glabella.CodeMismatch, "does not plan for the quantity that is charged")
	}
	return issues
}

// byUse reports whether the price is for the units that are used.
func (s *Service) byUse() bool { return s.Basis == PerUnit && s.Kind != UnitBank }

// faults returns what is wrong with a discount on items of the price list.
func (d *Discount) faults(n int, priced []*Service) []glabella.Issue {
	var issues []glabella.Issue
	add := func(field string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/discounts/%d%s", n, field), Code: code, Text: text})
	}
	if d.Code == "" {
		add("/code", glabella.CodeRequired, "a discount says why it is given")
	}
	switch {
	case d.Percent.Sign() < 0 || d.Percent.GreaterThan(hundred):
		add("/percent", glabella.CodeOutOfRange, "takes off between nothing and everything")
	case d.Amount.Sign() < 0:
		add("/amount", glabella.CodeOutOfRange, "is not negative")
	case d.Percent.IsZero() == d.Amount.IsZero():
		add("/percent", glabella.CodeMismatch, "a discount is either a share or an amount")
	}
	if d.Service != "" && !slices.ContainsFunc(priced, func(s *Service) bool { return s != nil && s.Code == d.Service }) {
		add("/service", glabella.CodeMismatch, "nothing is charged by this item of the price list")
	}
	return issues
}

var hundred = decimal.New(100, 0)

// calculation is an invoice that is being calculated.
type calculation struct {
	draft *Draft
	zero  money.Amount
	lines []Line
	steps []Step // of all lines: each line has a part of it

	selected []int   // the lines that a discount or a tax is taken of
	weights  []int64 // their net amounts, in minor units
}

// price adds the lines of a charge: one that credits pay, and one for what they
// do not.
func (c *calculation) price(s *Service, charge *Charge) error {
	if !charge.planned() {
		return c.line(s, charge, s.count(charge).Value())
	}
	covered, err := charge.Plan.covered()
	if err != nil {
		return err
	}
	if err := c.line(s, charge, covered.Value()); err != nil {
		return err
	}
	redeemed := &c.lines[len(c.lines)-1]
	redeemed.Redeemed = charge.Plan.uses()
	redeemed.Net = c.zero
	for _, u := range redeemed.Redeemed {
		if redeemed.Net, err = redeemed.Net.Add(u.Value); err != nil {
			return err
		}
	}
	redeemed.Total = redeemed.Net
	return c.line(s, charge, charge.Plan.Excess.Value())
}

// line adds a line for so much of an item of the price list, unless it is nothing.
func (c *calculation) line(s *Service, charge *Charge, n decimal.Decimal) error {
	if n.IsZero() {
		return nil
	}
	price := s.Price
	if s.Kind == GiftItem {
		price = charge.Amount
	}
	if charge.Complimentary != "" {
		price = money.New(0, s.Price.Currency())
	}
	list, err := price.Mul(n, money.HalfUp)
	if err != nil {
		return err
	}
	if _, err := c.zero.Add(list); err != nil { // of another currency
		return err
	}
	c.lines = append(c.lines, Line{
		ID: c.draft.NewLine(), Kind: s.Kind, Service: s.Code, Name: s.Name, Product: s.Product, Procedure: charge.Procedure, Provider: charge.Provider, Lots: slices.Clone(charge.Lots),
		Quantity: quantity.Number{Decimal: n}, UnitPrice: price, List: list, Net: list, TaxClass: s.TaxClass, Tax: c.zero, Total: list, Reason: charge.Complimentary,
	})
	return nil
}

// pick selects the lines that are not paid from credits and that f wants, and
// returns the sum of their net amounts.
func (c *calculation) pick(f func(*Line) bool) (money.Amount, error) {
	c.selected, c.weights = c.selected[:0], c.weights[:0]
	sum := c.zero
	s := summer{}
	for n := range c.lines {
		if l := &c.lines[n]; len(l.Redeemed) == 0 && l.Net.Sign() > 0 && f(l) {
			c.selected, c.weights = append(c.selected, n), append(c.weights, l.Net.Minor())
			s.add(&sum, l.Net)
		}
	}
	return sum, s.err
}

// discount takes off the nth discount.
func (c *calculation) discount(off *Discount, nth int) error {
	net, err := c.pick(func(l *Line) bool { return off.Service == "" || l.Service == off.Service })
	if err != nil || len(c.selected) == 0 {
		return err
	}
	var amounts []money.Amount // nil takes a share of each
	if off.Percent.IsZero() {
		amount := off.Amount
		more, err := amount.Cmp(net)
		if err != nil {
			return err
		}
		if more > 0 {
			amount = net
		}
		if amounts, err = amount.Allocate(c.weights...); err != nil {
			return err
		}
	}
	for k, n := range c.selected {
		l := &c.lines[n]
		step := Step{Code: off.Code}
		if amounts != nil {
			step.Amount = amounts[k]
		} else if step.Amount, err = l.Net.MulDiv(off.Percent.Decimal, hundred, money.HalfUp); err != nil {
			return err
		}
		if l.Net, err = l.Net.Sub(step.Amount); err != nil {
			return err
		}
		l.Total = l.Net
		if l.Discounts == nil {
			left := len(c.draft.Discounts) - nth // that may yet take off something
			from := len(c.steps)
			c.steps = c.steps[:from+left]
			l.Discounts = c.steps[from : from : from+left]
		}
		l.Discounts = append(l.Discounts, step)
	}
	return nil
}

// tax adds the tax of a rule that is in force: the rate of the net of all lines of
// its class, rounded once and allocated to them.
func (c *calculation) tax(r *config.TaxRule) error {
	if !r.InForce(c.draft.On) {
		return nil
	}
	net, err := c.pick(func(l *Line) bool { return l.TaxClass == r.Class })
	if err != nil || len(c.selected) == 0 {
		return err
	}
	tax, err := net.Mul(r.Rate.Decimal, money.HalfUp)
	if err != nil {
		return err
	}
	parts, err := tax.Allocate(c.weights...)
	if err != nil {
		return err
	}
	for k, n := range c.selected {
		l := &c.lines[n]
		if l.Tax, err = l.Tax.Add(parts[k]); err != nil {
			return err
		}
		if l.Total, err = l.Net.Add(l.Tax); err != nil {
			return err
		}
	}
	return nil
}

// duplicates reports lines without an identity of their own.
func (c *calculation) duplicates() error {
	var issues []glabella.Issue
	for n := range c.lines {
		for k := range n {
			if c.lines[n].ID == c.lines[k].ID {
				issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/lines/%d/id", n), Code: glabella.CodeDuplicate, Text: "a line has an identity of its own"})
				break
			}
		}
	}
	return glabella.Invalid("invoice", issues...)
}
