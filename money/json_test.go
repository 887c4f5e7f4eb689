package money_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/money"
)

func TestAmountsAreJSONText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in string
		want     money.Amount
		bad      bool
	}{
		{name: "an amount", in: `"USD 12.34"`, want: money.New(1234, money.USD)},
		{name: "escapes", in: `"\u0055SD 1.00"`, want: money.New(100, money.USD)},
		{name: "nothing", in: `""`},
		{name: "null changes nothing", in: `null`, want: money.New(7, money.EUR)},
		{name: "a number", in: `12.34`, bad: true},
		{name: "a number with a great exponent", in: `1e1000000`, bad: true},
		{name: "an exponent in the text", in: `"USD 1e1000000"`, bad: true},
		{name: "an object", in: `{"amount":1}`, bad: true},
		{name: "a number of a million digits", in: strings.Repeat("9", 1_000_000), bad: true},
		{name: "text of a million digits", in: `"USD ` + strings.Repeat("9", 1_000_000) + `"`, bad: true},
		{name: "a million decimals", in: `"USD 1.` + strings.Repeat("0", 1_000_000) + `"`, bad: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := money.New(7, money.EUR)
			start := time.Now()
			err := json.Unmarshal([]byte(tt.in), &got)
			if d := time.Since(start); d > 2*time.Second {
				t.Errorf("took %v", d)
			}
			if tt.bad {
				if !errors.Is(err, glabella.ErrInvalid) || got != money.New(7, money.EUR) {
					t.Errorf("Unmarshal = %v, %v, want an error and the amount as it was", got, err)
				}
				return
			}
			if err != nil || got != tt.want {
				t.Errorf("Unmarshal = %v, %v, want %v", got, err, tt.want)
			}
		})
	}
}

func TestAmountsAreKeysAndFieldsAlike(t *testing.T) {
	t.Parallel()
	type record struct {
		Due  money.Amount           `json:"due"`
		None money.Amount           `json:"none"`
		Left money.Amount           `json:"left,omitzero"`
		By   map[money.Amount]int64 `json:"by"`
	}
	in := record{Due: money.New(-5, "KWD"), By: map[money.Amount]int64{money.New(100, money.USD): 1}}
	b, err := json.Marshal(in)
	const want = `{"due":"KWD -0.005","none":"","by":{"USD 1.00":1}}`
	if err != nil || string(b) != want {
		t.Fatalf("Marshal = %s, %v, want %s", b, err, want)
	}
	var out record
	if err := json.Unmarshal(b, &out); err != nil || out.Due != in.Due || out.By[money.New(100, money.USD)] != 1 {
		t.Errorf("Unmarshal = %+v, %v", out, err)
	}
}

// A caller reads rates as decimals, whose exponent can be anything.
func TestExtremeRatesAreRefusedQuickly(t *testing.T) {
	t.Parallel()
	a := money.New(1234, money.USD)
	for name, d := range map[string]decimal.Decimal{
		"1e1000000":      decimal.New(1, 1_000_000),
		"1e-1000000":     decimal.New(1, -1_000_000),
		"1e2147483647":   decimal.New(1, math.MaxInt32),
		"1e-2147483648":  decimal.New(1, math.MinInt32),
		"10000 digits":   decimal.RequireFromString(strings.Repeat("9", 10_000)),
		"10000 decimals": decimal.RequireFromString("0." + strings.Repeat("0", 9_999) + "1"),
	} {
		start := time.Now()
		for what, f := range map[string]func() error{
			"Mul":    func() error { _, err := a.Mul(d, money.HalfEven); return err },
			"MulDiv": func() error { _, err := a.MulDiv(d, decimal.New(3, 0), money.HalfEven); return err },
			"ratio":  func() error { _, err := a.MulDiv(decimal.New(3, 0), d, money.HalfEven); return err },
			"Factor": func() error { _, err := money.FactorOf(d); return err },
		} {
			err := f()
			var oe *money.OverflowError
			small := what == "ratio" && name == "10000 digits" // a quotient that rounds to nothing
			if !small && !errors.As(err, &oe) {
				t.Errorf("%s by %s = %v, want an OverflowError", what, name, err)
			}
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

func FuzzUnmarshalJSON(f *testing.F) {
	for _, s := range []string{`"USD 1.00"`, `null`, `""`, `1e1000000`, `1e-1000000`, `"USD 1e1000000"`, `"KWD -0.001"`, `["USD 1.00"]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var a money.Amount
		if err := a.UnmarshalJSON(b); err != nil {
			if !errors.Is(err, glabella.ErrInvalid) {
				t.Errorf("UnmarshalJSON(%q) = %v, want ErrInvalid", b, err)
			}
			return
		}
		out, err := json.Marshal(a)
		var again money.Amount
		if err == nil {
			err = json.Unmarshal(out, &again)
		}
		if again != a || err != nil {
			t.Errorf("UnmarshalJSON(%q) = %v, written as %s, read as %v, %v", b, a, out, again, err)
		}
	})
}
