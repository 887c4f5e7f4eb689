package i18n_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"

	"github.com/glabella-ehr/glabella/i18n"
	"github.com/glabella-ehr/glabella/money"
)

func TestAmount(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ lang, in, want string }{
		{"en", "USD 1234.50", "$1,234.50"},
		{"en-US", "USD -0.05", "-$0.05"},
		{"en-US", "USD -1234.05", "-$1,234.05"},
		{"en", "JPY 1234567", "¥1,234,567"},
		{"en", "JPY -7", "-¥7"},
		{"en", "KWD 1.005", "KWD\u00a01.005"},
		{"en", "CHF 12.30", "CHF\u00a012.30"},
		{"en-CA", "CAD 5.00", "$5.00"},
		{"en", "EUR 0.00", "€0.00"},
		{"en", "XCG 1.00", "XCG\u00a01.00"},
		{"en", "", "0"},
		{"es", "EUR 12345.67", "12.345,67\u00a0€"},
		{"es", "EUR -0.67", "-0,67\u00a0€"},
		{"es-MX", "MXN 1234.50", "$1,234.50"},
		{"es-US", "USD 1234.50", "$1,234.50"},
		{"de", "EUR 1234.50", "1.234,50\u00a0€"},
		{"pt-BR", "BRL 1234.50", "R$\u00a01.234,50"},
		{"und", "USD 1.00", "US$\u00a01.00"},
	} {
		var a money.Amount
		if err := a.UnmarshalText([]byte(tt.in)); err != nil {
			t.Fatal(err)
		}
		if got := i18n.Amount(language.MustParse(tt.lang), a); got != tt.want {
			t.Errorf("Amount(%s, %s) = %q, want %q", tt.lang, tt.in, got, tt.want)
		}
	}
}

func TestAmountShowsEveryDigit(t *testing.T) {
	t.Parallel()
	for minor, want := range map[int64]string{
		math.MaxInt64: "$92,233,720,368,547,758.07",
		math.MinInt64: "-$92,233,720,368,547,758.08",
	} {
		if got := i18n.Amount(language.AmericanEnglish, money.New(minor, money.USD)); got != want {
			t.Errorf("Amount = %q, want %q", got, want)
		}
	}
}

// The source that the rules cite is the one that golang.org/x/text carries.
func TestCashRulesAreThoseOfTheirSource(t *testing.T) {
	t.Parallel()
	if currency.CLDRVersion != "32" {
		t.Errorf("the data are of CLDR %s: check the rules against it and cite it", currency.CLDRVersion)
	}
	for _, r := range money.CashRules() {
		unit, err := currency.ParseISO(string(r.Currency))
		if err != nil {
			t.Error(err)
			continue
		}
		scale, increment := currency.Cash.Rounding(unit)
		minor := int64(increment)
		for range r.Currency.Digits() - scale {
			minor *= 10
		}
		if r.Increment != minor {
			t.Errorf("the increment of %s is %d, of its source %d", r.Currency, r.Increment, minor)
		}
	}
}

// In whatever digits and separators: what is shown is the amount.
func TestAmountIsReadBackInEveryLanguage(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(23, 24))
	for range 2000 {
		a := money.New(int64(r.Uint64())>>r.IntN(64), []money.Currency{money.USD, "JPY", "KWD", "CLF"}[r.IntN(4)])
		lang := []string{"en", "es", "es-419", "de", "fr", "ar", "fa", "hi", "sv", "und"}[r.IntN(10)]
		shown := i18n.Amount(language.MustParse(lang), a)
		var back uint64
		for _, c := range shown {
			if unicode.IsDigit(c) {
				zero := c
				for unicode.IsDigit(zero - 1) {
					zero--
				}
				back = back*10 + uint64((c-zero)%10)
			}
		}
		want := uint64(a.Minor())
		if a.Sign() < 0 {
			want = -want
		}
		if back != want || (strings.ContainsAny(shown, "-\u2212") != (a.Sign() < 0)) {
			t.Fatalf("Amount(%s, %v) = %q, which reads as %d", lang, a, shown, back)
		}
	}
}

func ExampleAmount() {
	fmt.Println(i18n.Amount(language.AmericanEnglish, money.MustParse("USD 1234.50")))
	fmt.Printf("%+q\n", i18n.Amount(language.EuropeanSpanish, money.MustParse("EUR 1234.50")))
	// Output:
	// $1,234.50
	// "1.234,50\u00a0\u20ac"
}
