package quantity_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella/quantity"
)

func Example() {
	glabella := quantity.MustParse("20 [arb'U]{onabotulinumtoxinA}")
	frontalis := quantity.MustParse("12 [arb'U]{onabotulinumtoxinA}")
	fmt.Println(glabella.Add(frontalis))
	// Output: 32 [arb'U]{onabotulinumtoxinA} <nil>
}

func ExampleParse() {
	q, err := quantity.Parse("0.60 mL")
	fmt.Println(q, q.Unit().Code(), err)
	_, err = quantity.Parse("0.6 ml")
	fmt.Println(err)
	// Output:
	// 0.6 mL mL <nil>
	// unit: invalid: not a unit that is measured in
}

func ExampleParseUnit() {
	u, err := quantity.ParseUnit("[arb'U]{abobotulinumtoxinA}/mL")
	fmt.Println(u.Code(), u.Product(), err)
	// Output: [arb'U]/mL abobotulinumtoxinA <nil>
}

func ExampleUnit_Of() {
	fmt.Println(quantity.MustUnit("[arb'U]").Of("prabotulinumtoxinA"))
	// Output: [arb'U]{prabotulinumtoxinA}
}

func ExampleUnit_Per() {
	fmt.Println(quantity.MustUnit("J").Per(quantity.MustUnit("cm2")))
	// Output: J/cm2 <nil>
}

func ExampleNew() {
	fmt.Println(quantity.New(decimal.New(25, -1), quantity.MustUnit("mL")))
	// Output: 2.5 mL
}

func ExampleOf() {
	fmt.Println(quantity.Of(4, quantity.MustUnit("[arb'U]").Of("incobotulinumtoxinA")))
	// Output: 4 [arb'U]{incobotulinumtoxinA}
}

func ExampleQuantity_Add() {
	a := quantity.MustParse("20 [arb'U]{onabotulinumtoxinA}")
	_, err := a.Add(quantity.MustParse("50 [arb'U]{abobotulinumtoxinA}"))
	var units *quantity.UnitError
	fmt.Println(errors.As(err, &units), err)
	// Output: true unit [arb'U]{abobotulinumtoxinA} where [arb'U]{onabotulinumtoxinA} is due
}

func ExampleQuantity_Sub() {
	vial := quantity.MustParse("100 [arb'U]{onabotulinumtoxinA}")
	fmt.Println(vial.Sub(quantity.MustParse("64 [arb'U]{onabotulinumtoxinA}")))
	// Output: 36 [arb'U]{onabotulinumtoxinA} <nil>
}

func ExampleQuantity_Scale() {
	fmt.Println(quantity.MustParse("0.8 mL").Scale(decimal.NewFromInt(3)))
	// Output: 2.4 mL
}

func ExampleQuantity_Neg() {
	fmt.Println(quantity.MustParse("0.8 mL").Neg())
	// Output: -0.8 mL
}

func ExampleQuantity_Cmp() {
	fmt.Println(quantity.MustParse("1.0 mL").Cmp(quantity.MustParse("1 mL")))
	fmt.Println(quantity.MustParse("1 mL").Cmp(quantity.MustParse("1 mg")))
	// Output:
	// 0 <nil>
	// 0 unit mg where mL is due
}

func ExampleQuantity_Equal() {
	fmt.Println(quantity.MustParse("1.0 mL").Equal(quantity.MustParse("1 mL")))
	// Output: true
}

func ExampleDiv() {
	// A vial of 100 units in 2.5 mL of saline, and what 0.1 mL of it holds.
	c, err := quantity.Div(quantity.MustParse("100 [arb'U]{onabotulinumtoxinA}"), quantity.MustParse("2.5 mL"), 4)
	fmt.Println(c, err)
	// Output: 40 [arb'U]{onabotulinumtoxinA}/mL <nil>
}

func ExampleSum() {
	fmt.Println(quantity.Sum(quantity.MustParse("0.4 mL"), quantity.MustParse("0.6 mL")))
	// Output: 1 mL <nil>
}

func ExampleQuantity_MarshalJSON() {
	b, err := json.Marshal(quantity.MustParse("20 [arb'U]{onabotulinumtoxinA}"))
	fmt.Println(string(b), err)
	// Output: {"value":"20","unit":"[arb'U]{onabotulinumtoxinA}"} <nil>
}

func ExampleParseNumber() {
	fmt.Println(quantity.ParseNumber("8.250"))
	_, err := quantity.ParseNumber("8.25%")
	fmt.Println(err)
	// Output:
	// 8.25 <nil>
	// number: invalid: want a decimal number of at most 12 digits before the point and 9 after it
}
