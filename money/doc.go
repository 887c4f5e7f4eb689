// Package money holds exact amounts of money: whole minor units of a currency.
//
// An [Amount] is a small comparable value. The zero Amount is nothing of no
// currency, and a usable accumulator. Currencies do not mix ([*CurrencyError])
// and nothing overflows silently ([*OverflowError]).
//
//	price := money.MustParse("USD 14.00")
//	total, err := price.Mul(decimal.RequireFromString("20.5"), money.HalfUp) // USD 287.00
//	parts, err := total.Allocate(2, 1)                                       // USD 191.33, USD 95.67
//
// A product of money and a rate is computed exactly and rounded once, by a named
// [Rounding]. Splitting never loses or makes a cent: see [Amount.Allocate]. What is
// used for many amounts, such as a rate of tax, is made a [Factor] first; products
// by factors are as fast as integers allow. What is paid in cash is rounded to the
// coins that there are by a [CashRule], if the caller asks for it.
//
// What it does not do: it does not convert between currencies and it does not
// format for people, which package i18n does.
package money
