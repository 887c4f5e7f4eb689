package money_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/glabella-ehr/glabella/money"
)

func TestCashRules(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, want string }{
		{"CHF 10.02", "CHF 10.00"},
		{"CHF 10.03", "CHF 10.05"},
		{"CAD -10.03", "CAD -10.05"},
		{"DKK 10.24", "DKK 10.00"},
		{"DKK 10.25", "DKK 10.50"},
		{"SEK 10.49", "SEK 10.00"},
		{"SEK 10.50", "SEK 11.00"},
		{"NOK 0.00", "NOK 0.00"},
		{"CZK 99.99", "CZK 100.00"},
	} {
		a := money.MustParse(tt.in)
		rule, ok := money.CashRuleOf(a.Currency())
		got, err := rule.Round(a)
		if !ok || err != nil || got.String() != tt.want {
			t.Errorf("Round(%s) = %v, %v, want %s", tt.in, got, err, tt.want)
		}
	}
	for _, c := range []money.Currency{money.USD, money.EUR, money.GBP, "JPY", ""} {
		if rule, ok := money.CashRuleOf(c); ok {
			t.Errorf("CashRuleOf(%q) = %v, want none", c, rule)
		}
	}
	rules := money.CashRules()
	for _, r := range rules {
		if !r.Currency.Valid() || r.Increment < 2 || !r.Rounding.Valid() || r.Source == "" {
			t.Errorf("rule %+v is not complete", r)
		}
	}
	if !slices.IsSortedFunc(rules, func(a, b money.CashRule) int { return int(a.Currency[0]) - int(b.Currency[0]) }) {
		t.Error("the rules are not in the order of their currencies")
	}
	rules[0].Increment = 7
	if money.CashRules()[0].Increment == 7 {
		t.Error("CashRules hands out its own table")
	}
}

func TestCashOfAnotherCurrencyIsRefused(t *testing.T) {
	t.Parallel()
	rule, _ := money.CashRuleOf("CHF")
	var ce *money.CurrencyError
	if got, err := rule.Round(money.New(3, money.USD)); !errors.As(err, &ce) || ce.Want != "CHF" {
		t.Errorf("Round of dollars by the rule of francs = %v, %v, want a CurrencyError", got, err)
	}
}
