// Package quantity holds exact amounts with a unit: 20 units of a toxin, 0.6 mL
// of a gel, 2.5 mL of saline.
//
// A [Quantity] is a decimal and a [Unit]. A Unit is a code of UCUM, the Unified
// Code for Units of Measure, and may belong to a product, written as UCUM's
// annotation: [arb'U]{onabotulinumtoxinA}. Units of one toxin are not units of
// another; adding them is a [*UnitError].
//
//	a := quantity.MustParse("20 [arb'U]{onabotulinumtoxinA}")
//	b := quantity.MustParse("12 [arb'U]{onabotulinumtoxinA}")
//	sum, err := a.Add(b) // 32 [arb'U]{onabotulinumtoxinA}
//
// What it does not do: it does not convert between units. There is no factor
// between the units of two toxins, and a conversion such as vials to units
// belongs to the stock catalogue.
package quantity
