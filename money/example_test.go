package money_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella/money"
)

func Example() {
	price := money.MustParse("USD 14.00") // a unit of a toxin
	total, err := price.Mul(decimal.RequireFromString("20.5"), money.HalfUp)
	if err != nil {
		fmt.Println(err)
		return
	}
	parts, err := total.Split(3)
	fmt.Println(total, parts, err)
	// Output: USD 287.00 [USD 95.67 USD 95.67 USD 95.66] <nil>
}

func ExampleParse() {
	for _, s := range []string{"USD 12.34", "JPY 500", "KWD 1.005", "USD 1.005"} {
		a, err := money.Parse(s)
		fmt.Println(a.Minor(), err)
	}
	// Output:
	// 1234 <nil>
	// 500 <nil>
	// 1005 <nil>
	// 0 amount: invalid: more decimals than USD has
}

func ExampleNew() {
	fmt.Println(money.New(1234, money.USD), money.New(1234, "JPY"))
	// Output: USD 12.34 JPY 1234
}

func ExampleParseCurrency() {
	c, err := money.ParseCurrency("GBP")
	fmt.Println(c, err)
	_, err = money.ParseCurrency("gbp")
	fmt.Println(err)
	// Output:
	// GBP <nil>
	// currency: invalid: not an active ISO 4217 code
}

func ExampleCurrency_Digits() {
	fmt.Println(money.USD.Digits(), money.Currency("JPY").Digits(), money.Currency("KWD").Digits())
	// Output: 2 0 3
}

func ExampleAmount_Add() {
	sum, err := money.MustParse("USD 12.34").Add(money.MustParse("USD 0.66"))
	fmt.Println(sum, err)
	_, err = sum.Add(money.MustParse("EUR 1.00"))
	var mixed *money.CurrencyError
	fmt.Println(errors.As(err, &mixed), err)
	// Output:
	// USD 13.00 <nil>
	// true currency EUR where USD is due
}

func ExampleAmount_Sub() {
	fmt.Println(money.MustParse("USD 5.00").Sub(money.MustParse("USD 7.50")))
	// Output: USD -2.50 <nil>
}

func ExampleAmount_Neg() {
	fmt.Println(money.MustParse("USD 5.00").Neg())
	// Output: USD -5.00
}

func ExampleAmount_Cmp() {
	fmt.Println(money.MustParse("USD 5.00").Cmp(money.MustParse("USD 7.50")))
	// Output: -1 <nil>
}

func ExampleAmount_Sign() {
	fmt.Println(money.MustParse("USD -5.00").Sign(), money.Amount{}.Sign())
	// Output: -1 0
}

func ExampleAmount_IsZero() {
	fmt.Println(money.Amount{}.IsZero(), money.MustParse("USD 0.00").IsZero())
	// Output: true true
}

func ExampleAmount_Decimal() {
	fmt.Println(money.MustParse("USD 12.34").Decimal(), money.MustParse("JPY 500").Decimal())
	// Output: 12.34 500
}

func ExampleAmount_Mul() {
	fee := money.MustParse("USD 0.10")
	for _, r := range money.Roundings() {
		got, err := fee.Mul(decimal.RequireFromString("2.25"), r)
		fmt.Println(r, got, err)
	}
	// Output:
	// half-even USD 0.22 <nil>
	// half-up USD 0.23 <nil>
	// down USD 0.22 <nil>
	// up USD 0.23 <nil>
}

func ExampleAmount_MulDiv() {
	// Seven of twelve months of a prepaid year are left.
	left, err := money.MustParse("USD 1000.00").MulDiv(decimal.NewFromInt(7), decimal.NewFromInt(12), money.HalfEven)
	fmt.Println(left, err)
	// Output: USD 583.33 <nil>
}

func ExampleFactorOf() {
	rate, err := money.FactorOf(decimal.RequireFromString("0.0825"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, net := range []string{"USD 10.00", "USD 20.00", "USD 30.00"} {
		fmt.Println(money.MustParse(net).Times(rate, money.HalfEven))
	}
	// Output:
	// USD 0.82 <nil>
	// USD 1.65 <nil>
	// USD 2.48 <nil>
}

func ExampleAmount_Extend() {
	// 20.5 units at USD 14.00, less 15 %.
	line, err := money.MustParse("USD 14.00").Extend(money.MustFactor("20.5"), money.MustFactor("0.15"), money.HalfEven)
	fmt.Println(line, err)
	// Output: USD 243.95 <nil>
}

func ExampleCashRuleOf() {
	due := money.MustParse("CHF 287.52")
	if rule, ok := money.CashRuleOf(due.Currency()); ok {
		fmt.Println(rule.Round(due))
	}
	_, ok := money.CashRuleOf(money.USD)
	fmt.Println(ok)
	// Output:
	// CHF 287.50 <nil>
	// false
}

func ExampleAmount_RoundTo() {
	// Canada has no coin of one cent.
	fmt.Println(money.MustParse("CAD 10.02").RoundTo(5, money.HalfUp))
	fmt.Println(money.MustParse("CAD 10.03").RoundTo(5, money.HalfUp))
	// Output:
	// CAD 10.00 <nil>
	// CAD 10.05 <nil>
}

func ExampleAmount_Allocate() {
	// A discount on three lines, in proportion to their prices.
	fmt.Println(money.MustParse("USD 50.00").Allocate(45000, 30000, 9900))
	// Output: [USD 26.50 USD 17.67 USD 5.83] <nil>
}

func ExampleAmount_Split() {
	fmt.Println(money.MustParse("USD 100.00").Split(7))
	// Output: [USD 14.29 USD 14.29 USD 14.29 USD 14.29 USD 14.28 USD 14.28 USD 14.28] <nil>
}

func ExampleSum() {
	fmt.Println(money.Sum(money.MustParse("USD 1.10"), money.MustParse("USD 2.20"), money.MustParse("USD -0.30")))
	// Output: USD 3.00 <nil>
}

func ExampleAmount_MarshalText() {
	b, err := json.Marshal(map[string]money.Amount{"due": money.MustParse("USD 12.34")})
	fmt.Println(string(b), err)
	// Output: {"due":"USD 12.34"} <nil>
}
