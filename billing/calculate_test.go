package billing_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// priced is a line as the tests write it: what, how much, and its amounts.
type priced struct{ Service, Quantity, List, Net, Tax, Total string }

func pricedLines(inv billing.Invoice) []priced {
	var out []priced
	plain := func(a money.Amount) string { return a.Decimal().StringFixed(2) }
	for _, l := range inv.Lines {
		out = append(out, priced{l.Service, l.Quantity.String(), plain(l.List), plain(l.Net), plain(l.Tax), plain(l.Total)})
	}
	return out
}

func TestCalculatePrices(t *testing.T) {
	t.Parallel()
	bank := credit("bank", "44", "44", "440.00", glabella.Date{})
	promo := creditOf(billing.LotPromo, "promo", "10", "10", "0.00", glabella.Date{})
	percent := func(p string) billing.Discount { return billing.Discount{Code: "friends", Percent: number(p)} }
	off := func(a string) billing.Discount { return billing.Discount{Code: "voucher", Amount: usd(a)} }
	syringes := billing.Charge{Product: "hyaluronic acid", Quantity: units("0.1"), Containers: 2}
	for _, tt := range []struct {
		name      string
		charges   []billing.Charge
		discounts []billing.Discount
		taxes     []config.TaxRule // nil is the tax on goods
		want      []priced
	}{
		{name: "a price per unit times the units", charges: []billing.Charge{toxin("20")}, want: []priced{{"neurotoxin-ona", "20", "250.00", "250.00", "0.00", "250.00"}}},
		{name: "half a cent is rounded up", charges: []billing.Charge{{Service: "enzyme", Quantity: quantity.MustParse("2.5 [arb'U]{hyaluronidase}")}}, want: []priced{{"enzyme", "2.5", "0.83", "0.83", "0.00", "0.83"}}},
		{name: "a price per container, however much of it was used", charges: []billing.Charge{syringes}, want: []priced{{"filler", "2", "1300.00", "1300.00", "0.00", "1300.00"}}},
		{name: "a flat price, once", charges: []billing.Charge{{Service: "consult", Quantity: units("20"), Containers: 3}}, want: []priced{{"consult", "1", "85.00", "85.00", "0.00", "85.00"}}},
		{name: "nothing used is no line", charges: []billing.Charge{toxin("0"), {Service: "filler"}, flat("consult")}, want: []priced{{"consult", "1", "85.00", "85.00", "0.00", "85.00"}}},
		{name: "of 50 units 44 are prepaid and 6 are billed", charges: []billing.Charge{redeeming(t, "50", bank)}, want: []priced{
			{"neurotoxin-ona", "44", "550.00", "440.00", "0.00", "440.00"}, {"neurotoxin-ona", "6", "75.00", "75.00", "0.00", "75.00"}}},
		{name: "credits that cover everything leave nothing to bill", charges: []billing.Charge{redeeming(t, "44", bank)}, want: []priced{{"neurotoxin-ona", "44", "550.00", "440.00", "0.00", "440.00"}}},
		{name: "a plan without credits bills everything", charges: []billing.Charge{redeeming(t, "4")}, want: []priced{{"neurotoxin-ona", "4", "50.00", "50.00", "0.00", "50.00"}}},
		{name: "units that were given away are worth nothing", charges: []billing.Charge{redeeming(t, "12", promo)}, want: []priced{
			{"neurotoxin-ona", "10", "125.00", "0.00", "0.00", "0.00"}, {"neurotoxin-ona", "2", "25.00", "25.00", "0.00", "25.00"}}},
		{name: "a percentage is rounded up at half a cent, line by line", charges: []billing.Charge{flat("balm"), toxin("0.1")}, discounts: []billing.Discount{percent("50")}, taxes: []config.TaxRule{}, want: []priced{
			{"balm", "1", "0.99", "0.49", "0.00", "0.49"}, {"neurotoxin-ona", "0.1", "1.25", "0.62", "0.00", "0.62"}}},
		{name: "an amount off goes first to the lines that lose most by rounding", charges: []billing.Charge{flat("ten"), flat("twenty"), flat("serum")}, discounts: []billing.Discount{off("1.00")}, taxes: []config.TaxRule{}, want: []priced{
			{"ten", "1", "10.00", "9.86", "0.00", "9.86"}, {"twenty", "1", "20.00", "19.71", "0.00", "19.71"}, {"serum", "1", "40.00", "39.43", "0.00", "39.43"}}},
		{name: "an amount off that splits evenly goes first to the first line", charges: []billing.Charge{flat("consult"), flat("consult"), flat("consult")}, discounts: []billing.Discount{off("1.00")}, want: []priced{
			{"consult", "1", "85.00", "84.66", "0.00", "84.66"}, {"consult", "1", "85.00", "84.67", "0.00", "84.67"}, {"consult", "1", "85.00", "84.67", "0.00", "84.67"}}},
		{name: "an amount off takes no more than there is", charges: []billing.Charge{flat("consult"), flat("serum")}, discounts: []billing.Discount{off("999.00")}, want: []priced{
			{"consult", "1", "85.00", "0.00", "0.00", "0.00"}, {"serum", "1", "40.00", "0.00", "0.00", "0.00"}}},
		{name: "a percentage before an amount", charges: []billing.Charge{flat("serum")}, discounts: []billing.Discount{percent("10"), off("5.00")}, taxes: []config.TaxRule{}, want: []priced{{"serum", "1", "40.00", "31.00", "0.00", "31.00"}}},
		{name: "an amount before a percentage", charges: []billing.Charge{flat("serum")}, discounts: []billing.Discount{off("5.00"), percent("10")}, taxes: []config.TaxRule{}, want: []priced{{"serum", "1", "40.00", "31.50", "0.00", "31.50"}}},
		{name: "a discount leaves prepaid units alone", charges: []billing.Charge{redeeming(t, "50", bank)}, discounts: []billing.Discount{percent("100")}, want: []priced{
			{"neurotoxin-ona", "44", "550.00", "440.00", "0.00", "440.00"}, {"neurotoxin-ona", "6", "75.00", "0.00", "0.00", "0.00"}}},
		{name: "a discount is confined to one item", charges: []billing.Charge{flat("consult"), flat("serum")}, discounts: []billing.Discount{{Code: "launch", Percent: number("25"), Service: "serum"}}, taxes: []config.TaxRule{}, want: []priced{
			{"consult", "1", "85.00", "85.00", "0.00", "85.00"}, {"serum", "1", "40.00", "30.00", "0.00", "30.00"}}},
		{name: "what is complimentary costs nothing", charges: []billing.Charge{{Service: "serum", Complimentary: "goodwill"}, flat("ten")}, want: []priced{
			{"serum", "1", "0.00", "0.00", "0.00", "0.00"}, {"ten", "1", "10.00", "10.00", "0.83", "10.83"}}},
		{name: "the tax of a class is computed once and allocated", charges: []billing.Charge{flat("balm"), flat("balm"), flat("consult"), flat("balm")}, want: []priced{
			{"balm", "1", "0.99", "0.99", "0.09", "1.08"}, {"balm", "1", "0.99", "0.99", "0.08", "1.07"}, {"consult", "1", "85.00", "85.00", "0.00", "85.00"}, {"balm", "1", "0.99", "0.99", "0.08", "1.07"}}},
		{name: "tax is on what is left after discounts", charges: []billing.Charge{flat("serum")}, discounts: []billing.Discount{percent("10")}, want: []priced{{"serum", "1", "40.00", "36.00", "2.97", "38.97"}}},
		{name: "the taxes of a class add up", charges: []billing.Charge{flat("ten")}, taxes: []config.TaxRule{goodsTax(), {Class: "goods", Rate: number("0.01")}, {Class: "luxury", Rate: number("0.5")}}, want: []priced{{"ten", "1", "10.00", "10.00", "0.93", "10.93"}}},
		{name: "a tax that is not in force is not taken", charges: []billing.Charge{flat("ten")}, taxes: []config.TaxRule{{Class: "goods", Rate: number("0.1"), From: tuesday}, {Class: "goods", Rate: number("0.2"), To: monday.AddDays(-1)}}, want: []priced{{"ten", "1", "10.00", "10.00", "0.00", "10.00"}}},
		{name: "prepaid units are taxed when they are sold", charges: []billing.Charge{flat("bank-7")}, want: []priced{{"bank-7", "1", "33.34", "33.34", "2.75", "36.09"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := draft("calculate", tt.charges...)
			d.Discounts = tt.discounts
			if tt.taxes != nil {
				d.Taxes = tt.taxes
			}
			inv := calculate(t, d)
			if diff := cmp.Diff(tt.want, pricedLines(inv)); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
			if inv.State != billing.InvoiceDraft {
				t.Errorf("State = %s, want a draft", inv.State)
			}
		})
	}
}

func TestCalculateTakesThePriceOfTheDay(t *testing.T) {
	t.Parallel()
	d := draft("yesterday", toxin("20"))
	d.On = monday.AddDays(-1)
	if diff := cmp.Diff([]priced{{"neurotoxin-ona", "20", "220.00", "220.00", "0.00", "220.00"}}, pricedLines(calculate(t, d))); diff != "" {
		t.Errorf("lines of the day before the price changed (-want +got):\n%s", diff)
	}
}

func TestCalculateKeepsWhatWasDone(t *testing.T) {
	t.Parallel()
	c := redeeming(t, "50", credit("bank", "44", "44", "440.00", glabella.Date{}))
	c.Procedure, c.Lots = id[glabella.ProcedureID]("forehead"), []glabella.LotID{id[glabella.LotID]("FICTION-1")}
	d := draft("kept", c)
	d.Tips = []billing.Tip{{Provider: c.Provider, Amount: usd("20.00")}}
	inv := calculate(t, d)
	for n, l := range inv.Lines {
		if l.ID != line("kept", n+1) || l.Procedure != c.Procedure || l.Provider != c.Provider || !cmp.Equal(l.Lots, c.Lots) || l.Product != c.Product || l.UnitPrice != usd("12.50") {
			t.Errorf("line %d = %+v, want the procedure, provider, lots and product of the charge", n, l)
		}
	}
	if diff := cmp.Diff([]billing.Use{{Lot: id[glabella.CreditLotID]("bank"), Units: units("44"), Value: usd("440.00")}}, inv.Lines[0].Redeemed, amounts); diff != "" {
		t.Errorf("redeemed (-want +got):\n%s", diff)
	}
	want := billing.Totals{
		List: usd("625.00"), Discounts: usd("0.00"), Net: usd("515.00"), Tax: usd("0.00"), Tips: usd("20.00"),
		Gross: usd("535.00"), Redeemed: usd("440.00"), Paid: usd("0.00"), Due: usd("95.00"),
	}
	if got := totals(t, inv); got != want {
		t.Errorf("Totals = %+v, want %+v: a tip is due and neither taxed nor revenue", got, want)
	}
	c.Lots[0], d.Tips[0] = glabella.LotID{}, billing.Tip{}
	if inv.Lines[0].Lots[0].IsZero() || inv.Tips[0].Amount.IsZero() {
		t.Error("the invoice shares memory with the draft")
	}
}

func TestCalculateRefuses(t *testing.T) {
	t.Parallel()
	euros := priceList()
	for i := range euros {
		euros[i].Price = money.New(euros[i].Price.Minor(), money.EUR)
	}
	for _, tt := range []struct {
		name   string
		change func(*billing.Draft)
		want   []glabella.Code
	}{
		{"every charge without a price", func(d *billing.Draft) {
			d.Charges = []billing.Charge{flat("dreams"), flat("consult"), {Product: "unobtainium"}}
		}, []glabella.Code{billing.CodeNoPrice, billing.CodeNoPrice}},
		{"a price that is not in force", func(d *billing.Draft) { d.Services[4].From = tuesday }, []glabella.Code{billing.CodeNoPrice}},
		{"more than a hundred percent off", func(d *billing.Draft) { d.Discounts = []billing.Discount{{Code: "friends", Percent: number("100.01")}} }, []glabella.Code{glabella.CodeOutOfRange}},
		{"less than nothing off", func(d *billing.Draft) { d.Discounts = []billing.Discount{{Code: "friends", Percent: number("-1")}} }, []glabella.Code{glabella.CodeOutOfRange}},
		{"a negative amount off", func(d *billing.Draft) { d.Discounts = []billing.Discount{{Code: "voucher", Amount: usd("-1.00")}} }, []glabella.Code{glabella.CodeOutOfRange}},
		{"a discount of nothing, for no reason", func(d *billing.Draft) { d.Discounts = []billing.Discount{{}} }, []glabella.Code{glabella.CodeRequired, glabella.CodeMismatch}},
		{"a share and an amount at once", func(d *billing.Draft) {
			d.Discounts = []billing.Discount{{Code: "both", Percent: number("5"), Amount: usd("1.00")}}
		}, []glabella.Code{glabella.CodeMismatch}},
		{"a discount on what is not charged", func(d *billing.Draft) {
			d.Discounts = []billing.Discount{{Code: "friends", Percent: number("5"), Service: "serum"}}
		}, []glabella.Code{glabella.CodeMismatch}},
		{"less than nothing used", func(d *billing.Draft) { d.Charges = []billing.Charge{toxin("-1")} }, []glabella.Code{glabella.CodeOutOfRange}},
		{"fewer than no containers", func(d *billing.Draft) { d.Charges = []billing.Charge{{Service: "filler", Containers: -1}} }, []glabella.Code{glabella.CodeOutOfRange}},
		{"units of another toxin", func(d *billing.Draft) {
			d.Charges = []billing.Charge{{Service: "neurotoxin-ona", Quantity: quantity.MustParse("20 [arb'U]{abobotulinumtoxinA}")}}
		}, []glabella.Code{glabella.CodeMismatch}},
		{"a plan that uses nothing of a credit", func(d *billing.Draft) {
			c := toxin("20")
			c.Plan = &billing.Redemption{Takes: []billing.Take{{Lot: id[glabella.CreditLotID]("bank"), Units: units("0"), Covers: units("0")}}, Excess: units("20")}
			d.Charges = []billing.Charge{c}
		}, []glabella.Code{glabella.CodeMismatch}},
		{"a plan for another quantity", func(d *billing.Draft) {
			c := redeeming(t, "50", credit("bank", "44", "44", "440.00", glabella.Date{}))
			c.Quantity = units("49")
			d.Charges = []billing.Charge{c}
		}, []glabella.Code{glabella.CodeMismatch}},
		{"a plan for what is not charged by the unit", func(d *billing.Draft) {
			c := redeeming(t, "50", credit("bank", "44", "44", "440.00", glabella.Date{}))
			c.Service = "consult"
			d.Charges = []billing.Charge{c}
		}, []glabella.Code{glabella.CodeMismatch}},
		{"a negative tip for nobody", func(d *billing.Draft) { d.Tips = []billing.Tip{{Amount: usd("-1.00")}} }, []glabella.Code{glabella.CodeOutOfRange, glabella.CodeRequired}},
		{"lines without an identity of their own", func(d *billing.Draft) {
			d.Charges = append(d.Charges, flat("ten"))
			d.NewLine = func() glabella.LineID { return line("same", 1) }
		}, []glabella.Code{glabella.CodeDuplicate}},
		{"no number", func(d *billing.Draft) { d.Number = "" }, []glabella.Code{glabella.CodeRequired}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := draft("refused", flat("consult"))
			tt.change(&d)
			_, err := billing.Calculate(d)
			if diff := cmp.Diff(tt.want, codes(err)); diff != "" {
				t.Errorf("Calculate = %v (-want +got):\n%s", err, diff)
			}
		})
	}
	d := draft("euros", flat("consult"))
	d.Services = euros
	if _, err := billing.Calculate(d); err == nil {
		t.Error("Calculate of prices in another currency = nil, want an error")
	}
	d = draft("voucher", flat("consult"))
	d.Discounts = []billing.Discount{{Code: "voucher", Amount: money.New(100, money.EUR)}}
	if _, err := billing.Calculate(d); err == nil {
		t.Error("Calculate with a discount in another currency = nil, want an error")
	}
}

func TestServiceValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		of     string
		change func(*billing.Service)
		want   []glabella.Code
	}{
		{"a treatment is in order", "neurotoxin-ona", func(*billing.Service) {}, nil},
		{"a unit bank is in order", "bank-44", func(*billing.Service) {}, nil},
		{"a negative price", "consult", func(s *billing.Service) { s.Price = usd("-0.01") }, []glabella.Code{glabella.CodeOutOfRange}},
		{"a price of no currency", "consult", func(s *billing.Service) { s.Price = money.Amount{} }, []glabella.Code{glabella.CodeOutOfRange}},
		{"a unit bank that grants nothing", "bank-44", func(s *billing.Service) { s.Bank = nil }, []glabella.Code{billing.CodeBank}},
		{"a unit bank of no units", "bank-44", func(s *billing.Service) { s.Bank = &billing.BankTerms{Units: units("0")} }, []glabella.Code{billing.CodeBank}},
		{"a treatment that grants units", "consult", func(s *billing.Service) { s.Bank = &billing.BankTerms{Units: units("1")} }, []glabella.Code{billing.CodeBank}},
		{"a price per unit of nothing", "neurotoxin-ona", func(s *billing.Service) { s.Product = "" }, []glabella.Code{glabella.CodeRequired}},
		{"an unknown basis and kind", "consult", func(s *billing.Service) { s.Basis, s.Kind, s.Product = "per-moon", "wish", "x" }, []glabella.Code{glabella.CodeUnknownValue, glabella.CodeUnknownValue}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := serviceOf(t, tt.of)
			tt.change(&s)
			if err := s.Validate(); !cmp.Equal(codes(err), tt.want) {
				t.Errorf("Validate = %v, want %v", err, tt.want)
			}
		})
	}
}

func BenchmarkCalculate20(b *testing.B) {
	charges := make([]billing.Charge, 20)
	for i := range charges {
		switch i % 4 {
		case 0:
			charges[i] = redeeming(b, "50", credit("bank", "44", "44", "440.00", glabella.Date{}))
		case 1:
			charges[i] = toxin("12.5")
		case 2:
			charges[i] = flat("serum")
		default:
			charges[i] = flat("consult")
		}
	}
	d := draft("benchmark", charges...)
	d.Discounts = []billing.Discount{{Code: "friends", Percent: number("10")}, {Code: "voucher", Amount: usd("25.00")}}
	fresh := glabella.LineID{}
	d.NewLine = func() glabella.LineID {
		for i := range fresh {
			if fresh[i]++; fresh[i] != 0 {
				break
			}
		}
		return fresh
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := billing.Calculate(d); err != nil {
			b.Fatal(err)
		}
	}
}
