package money

import "slices"

// CashRule says how a sum that is paid in coins and notes of a currency is
// rounded. Sums that are paid by other means are not.
type CashRule struct {
	Currency  Currency `json:"currency"`
	Increment int64    `json:"increment"` // in minor units: sums in cash are multiples of it
	Rounding  Rounding `json:"rounding"`
	Source    string   `json:"source"`
}

// cldr is where the increments come from. It is silent on halves, which occur with
// increments of 50 and 100 only.
const cldr = "Unicode CLDR 32, supplemental currency data: "

var cashRules = []CashRule{
	{"CAD", 5, HalfUp, cldr + "cashRounding of CAD is 5"},
	{"CHF", 5, HalfUp, cldr + "cashRounding of CHF is 5"},
	{"CZK", 100, HalfUp, cldr + "cashDigits of CZK is 0"},
	{"DKK", 50, HalfUp, cldr + "cashRounding of DKK is 50"},
	{"NOK", 100, HalfUp, cldr + "cashDigits of NOK is 0"},
	{"SEK", 100, HalfUp, cldr + "cashDigits of SEK is 0"},
}

// CashRules returns the rules for the currencies whose smallest coin is worth more
// than their minor unit, by currency. They are starting points for a practice's
// settings: nothing is rounded by them unless a caller does it. The source gives
// the increment; that halves are rounded away from zero is a default to be checked
// against the law of the place. A currency that several countries share, such as
// the euro, is rounded by the rules of each and is not among them.
func CashRules() []CashRule { return slices.Clone(cashRules) }

// CashRuleOf returns the rule for a currency, or false if none is known. Then cash
// is not rounded.
func CashRuleOf(c Currency) (CashRule, bool) {
	for _, r := range cashRules {
		if r.Currency == c {
			return r, true
		}
	}
	return CashRule{}, false
}

// Round returns what is paid in cash for a. The difference, a − Round(a), is a gain
// or loss of its own in the books.
func (r CashRule) Round(a Amount) (Amount, error) {
	if c := a.Currency(); c != r.Currency {
		return Amount{}, &CurrencyError{Have: c, Want: r.Currency}
	}
	return a.RoundTo(r.Increment, r.Rounding)
}
