package quantity_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

func TestParseNumber(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in, want string
	}{
		{"0", "0"}, {"-2.5", "-2.5"}, {"2.500", "2.5"}, {"007", "7"}, {"999999999999.999999999", "999999999999.999999999"},
		{"", ""}, {"1e2", ""}, {"+1", ""}, {".5", ""}, {"5.", ""}, {"1 ", ""}, {"1,5", ""}, {"٣", ""}, {"NaN", ""},
		{"1.0000000001", ""}, {"1234567890123", ""}, {strings.Repeat("9", 100_000), ""},
	} {
		got, err := quantity.ParseNumber(tt.in)
		switch {
		case tt.want == "" && !errors.Is(err, glabella.ErrInvalid):
			t.Errorf("ParseNumber(%.20q) = %s, %v; want invalid", tt.in, got, err)
		case tt.want != "" && (err != nil || got.String() != tt.want):
			t.Errorf("ParseNumber(%q) = %s, %v; want %s", tt.in, got, err, tt.want)
		}
	}
}

func TestNumberJSON(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(quantity.MustParseNumber("0.05"))
	if err != nil || string(text) != `"0.05"` {
		t.Errorf("Marshal(0.05) = %s, %v; want text", text, err)
	}
	var n quantity.Number
	for _, in := range []string{`0.05`, `"x"`, `null`, `""`} {
		if err := json.Unmarshal([]byte(in), &n); !errors.Is(err, glabella.ErrInvalid) {
			t.Errorf("Unmarshal(%s) = %v, want invalid", in, err)
		}
	}
}

func TestMustParseNumberPanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("MustParseNumber(x) did not panic")
		}
	}()
	quantity.MustParseNumber("x")
}
