package peers

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	gomoney "github.com/Rhymond/go-money"
	bojanz "github.com/bojanz/currency"
	"github.com/cockroachdb/apd/v3"
	govalues "github.com/govalues/decimal"
	shopspring "github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella/money"
)

// A line of an invoice as text: what each library reads in its own way before the
// work that is measured.
type line struct{ price, quantity, discount string }

// The sums of an invoice in cents: of the net amounts, of the taxes, and of both.
type totals struct{ net, tax, gross int64 }

const taxRate = "0.0825"

// invoicer prepares lines and returns what computes their invoice: for each line
// price × quantity × (1 − discount), rounded half to even to cents, and its tax,
// rounded alike, and the sums.
type invoicer func([]line) (func() error, func() (totals, error), error)

var invoicers = []struct {
	name    string
	prepare invoicer
}{
	{"glabella", glabellaInvoice},
	{"glabella-decimals", glabellaDecimals},
	{"govalues", govaluesInvoice},
	{"go-money", goMoneyInvoice},
	{"apd", apdInvoice},
	{"shopspring", shopspringInvoice},
	{"bojanz", bojanzInvoice},
}

func glabellaInvoice(lines []line) (func() error, func() (totals, error), error) {
	type ready struct {
		price              money.Amount
		quantity, discount money.Factor
	}
	in := make([]ready, len(lines))
	for i, l := range lines {
		price, err := money.Parse("USD " + l.price)
		if err != nil {
			return nil, nil, err
		}
		in[i] = ready{price, money.MustFactor(l.quantity), money.MustFactor(l.discount)}
	}
	rate := money.MustFactor(taxRate)
	var net, tax, gross money.Amount
	run := func() error {
		net, tax = money.Amount{}, money.Amount{}
		for i := range in {
			l := &in[i]
			amount, err := l.price.Extend(l.quantity, l.discount, money.HalfEven)
			if err != nil {
				return err
			}
			due, err := amount.Times(rate, money.HalfEven)
			if err != nil {
				return err
			}
			if net, err = net.Add(amount); err != nil {
				return err
			}
			if tax, err = tax.Add(due); err != nil {
				return err
			}
		}
		var err error
		gross, err = net.Add(tax)
		return err
	}
	return run, func() (totals, error) { return totals{net.Minor(), tax.Minor(), gross.Minor()}, nil }, nil
}

// glabellaDecimals is the same from decimals that are made factors line by line, for
// a caller who uses each of them once.
func glabellaDecimals(lines []line) (func() error, func() (totals, error), error) {
	type ready struct {
		price              money.Amount
		quantity, discount shopspring.Decimal
	}
	in := make([]ready, len(lines))
	for i, l := range lines {
		price, err := money.Parse("USD " + l.price)
		if err != nil {
			return nil, nil, err
		}
		in[i] = ready{price, shopspring.RequireFromString(l.quantity), shopspring.RequireFromString(l.discount)}
	}
	rate := money.MustFactor(taxRate)
	var net, tax, gross money.Amount
	run := func() error {
		net, tax = money.Amount{}, money.Amount{}
		for i := range in {
			l := &in[i]
			quantity, err := money.FactorOf(l.quantity)
			if err != nil {
				return err
			}
			discount, err := money.FactorOf(l.discount)
			if err != nil {
				return err
			}
			amount, err := l.price.Extend(quantity, discount, money.HalfEven)
			if err != nil {
				return err
			}
			due, err := amount.Times(rate, money.HalfEven)
			if err != nil {
				return err
			}
			if net, err = net.Add(amount); err != nil {
				return err
			}
			if tax, err = tax.Add(due); err != nil {
				return err
			}
		}
		var err error
		gross, err = net.Add(tax)
		return err
	}
	return run, func() (totals, error) { return totals{net.Minor(), tax.Minor(), gross.Minor()}, nil }, nil
}

func govaluesInvoice(lines []line) (func() error, func() (totals, error), error) {
	type ready struct{ price, quantity, discount govalues.Decimal }
	in := make([]ready, len(lines))
	for i, l := range lines {
		in[i] = ready{govalues.MustParse(l.price), govalues.MustParse(l.quantity), govalues.MustParse(l.discount)}
	}
	rate := govalues.MustParse(taxRate)
	var net, tax, gross govalues.Decimal
	run := func() error {
		net, tax = govalues.Zero, govalues.Zero
		for i := range in {
			l := &in[i]
			keep, err := govalues.One.Sub(l.discount)
			if err != nil {
				return err
			}
			amount, err := l.price.Mul(l.quantity)
			if err != nil {
				return err
			}
			if amount, err = amount.Mul(keep); err != nil {
				return err
			}
			amount = amount.Round(2)
			due, err := amount.Mul(rate)
			if err != nil {
				return err
			}
			if net, err = net.Add(amount); err != nil {
				return err
			}
			if tax, err = tax.Add(due.Round(2)); err != nil {
				return err
			}
		}
		var err error
		gross, err = net.Add(tax)
		return err
	}
	return run, func() (totals, error) { return cents(net.String(), tax.String(), gross.String()) }, nil
}

// go-money multiplies by whole numbers only and does not divide: what the others
// do for their callers, the caller does here with its minor units. Its products
// overflow silently.
func goMoneyInvoice(lines []line) (func() error, func() (totals, error), error) {
	type ready struct {
		price              *gomoney.Money
		quantity, discount int64
		unit               int64 // 1 of the quantity
		whole              int64 // 1 of the discount
	}
	in := make([]ready, len(lines))
	for i, l := range lines {
		price, _, err := scaled(l.price)
		if err != nil {
			return nil, nil, err
		}
		in[i].price = gomoney.New(price, gomoney.USD)
		if in[i].quantity, in[i].unit, err = scaled(l.quantity); err != nil {
			return nil, nil, err
		}
		if in[i].discount, in[i].whole, err = scaled(l.discount); err != nil {
			return nil, nil, err
		}
	}
	rate, unit, err := scaled(taxRate)
	if err != nil {
		return nil, nil, err
	}
	var net, tax, gross *gomoney.Money
	run := func() error {
		net, tax = gomoney.New(0, gomoney.USD), gomoney.New(0, gomoney.USD)
		for i := range in {
			l := &in[i]
			product := l.price.Multiply(l.quantity, l.whole-l.discount)
			amount := gomoney.New(halfEven(product.Amount(), l.unit*l.whole), gomoney.USD)
			due := gomoney.New(halfEven(amount.Multiply(rate).Amount(), unit), gomoney.USD)
			var err error
			if net, err = net.Add(amount); err != nil {
				return err
			}
			if tax, err = tax.Add(due); err != nil {
				return err
			}
		}
		var err error
		gross, err = net.Add(tax)
		return err
	}
	return run, func() (totals, error) { return totals{net.Amount(), tax.Amount(), gross.Amount()}, nil }, nil
}

func halfEven(v, unit int64) int64 {
	q, rest := v/unit, v%unit
	if twice := 2 * rest; twice > unit || twice == unit && q%2 == 1 {
		q++
	}
	return q
}

func apdInvoice(lines []line) (func() error, func() (totals, error), error) {
	type ready struct{ price, quantity, discount *apd.Decimal }
	read := func(s string) *apd.Decimal {
		d, _, err := apd.NewFromString(s)
		if err != nil {
			panic(err)
		}
		return d
	}
	in := make([]ready, len(lines))
	for i, l := range lines {
		in[i] = ready{read(l.price), read(l.quantity), read(l.discount)}
	}
	rate, one := read(taxRate), apd.New(1, 0)
	ctx := apd.BaseContext.WithPrecision(34)
	ctx.Rounding = apd.RoundHalfEven
	var net, tax, gross apd.Decimal
	run := func() error {
		ed := apd.MakeErrDecimal(ctx)
		net, tax = apd.Decimal{}, apd.Decimal{}
		for i := range in {
			l := &in[i]
			var amount, due, keep apd.Decimal
			ed.Sub(&keep, one, l.discount)
			ed.Mul(&amount, l.price, l.quantity)
			ed.Mul(&amount, &amount, &keep)
			ed.Quantize(&amount, &amount, -2)
			ed.Mul(&due, &amount, rate)
			ed.Quantize(&due, &due, -2)
			ed.Add(&net, &net, &amount)
			ed.Add(&tax, &tax, &due)
		}
		ed.Add(&gross, &net, &tax)
		return ed.Err()
	}
	return run, func() (totals, error) { return cents(net.Text('f'), tax.Text('f'), gross.Text('f')) }, nil
}

func shopspringInvoice(lines []line) (func() error, func() (totals, error), error) {
	type ready struct{ price, quantity, discount shopspring.Decimal }
	in := make([]ready, len(lines))
	for i, l := range lines {
		in[i] = ready{shopspring.RequireFromString(l.price), shopspring.RequireFromString(l.quantity), shopspring.RequireFromString(l.discount)}
	}
	rate, one := shopspring.RequireFromString(taxRate), shopspring.New(1, 0)
	var net, tax, gross shopspring.Decimal
	run := func() error {
		net, tax = shopspring.Decimal{}, shopspring.Decimal{}
		for i := range in {
			l := &in[i]
			amount := l.price.Mul(l.quantity).Mul(one.Sub(l.discount)).RoundBank(2)
			net, tax = net.Add(amount), tax.Add(amount.Mul(rate).RoundBank(2))
		}
		gross = net.Add(tax)
		return nil
	}
	return run, func() (totals, error) { return cents(net.String(), tax.String(), gross.String()) }, nil
}

func bojanzInvoice(lines []line) (func() error, func() (totals, error), error) {
	type ready struct {
		price              bojanz.Amount
		quantity, discount string // factors are text
	}
	in := make([]ready, len(lines))
	for i, l := range lines {
		price, err := bojanz.NewAmount(l.price, "USD")
		if err != nil {
			return nil, nil, err
		}
		in[i] = ready{price, l.quantity, l.discount}
	}
	zero, err := bojanz.NewAmount("0", "USD")
	if err != nil {
		return nil, nil, err
	}
	var net, tax, gross bojanz.Amount
	run := func() error {
		net, tax = zero, zero
		for i := range in {
			l := &in[i]
			amount, err := l.price.Mul(l.quantity)
			if err != nil {
				return err
			}
			off, err := amount.Mul(l.discount)
			if err != nil {
				return err
			}
			if amount, err = amount.Sub(off); err != nil {
				return err
			}
			amount = amount.RoundTo(2, bojanz.RoundHalfEven)
			due, err := amount.Mul(taxRate)
			if err != nil {
				return err
			}
			if net, err = net.Add(amount); err != nil {
				return err
			}
			if tax, err = tax.Add(due.RoundTo(2, bojanz.RoundHalfEven)); err != nil {
				return err
			}
		}
		var err error
		gross, err = net.Add(tax)
		return err
	}
	return run, func() (totals, error) { return cents(net.Number(), tax.Number(), gross.Number()) }, nil
}

// scaled reads 2.50 as 250 and 100.
func scaled(s string) (n, unit int64, err error) {
	d, err := shopspring.NewFromString(s)
	if err != nil {
		return 0, 0, err
	}
	unit = 1
	for range -d.Exponent() {
		unit *= 10
	}
	return d.CoefficientInt64(), unit, nil
}

// cents reads dollars.
func cents(net, tax, gross string) (totals, error) {
	var out [3]int64
	for i, s := range []string{net, tax, gross} {
		d, err := shopspring.NewFromString(s)
		if err != nil {
			return totals{}, err
		}
		if d = d.Shift(2); !d.IsInteger() {
			return totals{}, errors.New(s + " is not rounded to cents")
		}
		out[i] = d.IntPart()
	}
	return totals{out[0], out[1], out[2]}, nil
}

// invoice20 returns the lines of the benchmark.
func invoice20() []line {
	quantities := []string{"1", "2.5", "20", "12.75", "3", "0.5", "42", "1", "6.25", "2"}
	discounts := []string{"0", "0.10", "0.15", "0", "0.125", "0.333"}
	lines := make([]line, 20)
	for i := range lines {
		lines[i] = line{dollars(int64(1395 + i*731)), quantities[i%len(quantities)], discounts[i%len(discounts)]}
	}
	return lines
}

func dollars(cents int64) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }

func TestPeersAgreeOnInvoices(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 500 {
		lines := invoice20()
		if n > 0 {
			for i := range lines {
				lines[i] = line{dollars(r.Int64N(1_000_000)), dollars(r.Int64N(10_000)), "0." + strconv.Itoa(r.IntN(1000))}
				if r.IntN(2) == 0 { // halves of a cent are the hard cases
					lines[i] = line{dollars(r.Int64N(100_000)), "0.5", "0"}
				}
			}
		}
		var want totals
		for i, v := range invoicers {
			run, result, err := v.prepare(lines)
			if err != nil {
				t.Fatalf("%s: %v", v.name, err)
			}
			if err := run(); err != nil {
				t.Fatalf("%s: %v", v.name, err)
			}
			got, err := result()
			if err != nil {
				t.Fatalf("%s: %v", v.name, err)
			}
			if i == 0 {
				want = got
			}
			if got != want {
				t.Fatalf("%v: %s has %+v, %s %+v", lines, v.name, got, invoicers[0].name, want)
			}
		}
		if want.net == 0 || want.gross != want.net+want.tax {
			t.Fatalf("sums are %+v", want)
		}
	}
}

func BenchmarkInvoice20(b *testing.B) {
	for _, v := range invoicers {
		b.Run(v.name, func(b *testing.B) {
			run, _, err := v.prepare(invoice20())
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
